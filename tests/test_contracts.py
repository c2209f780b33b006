"""What every plugin, angle and message has: its constant under its own name, a docstring, a test, a template; and the public names."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import get_type_hints

import pytest

import newsgen
from newsgen import derive
from newsgen.check import Check
from newsgen.detect.cases import load_cases
from newsgen.discover import angle_folders, templates_root
from newsgen.gather import Source
from newsgen.market import FigureSpec
from newsgen.plan import load_forms
from newsgen.publish import Publisher
from newsgen.write import REQUIRED_BLOCKS

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "newsgen"
PLUGINS = {"gather": ("SOURCE", Source), "derive": ("FIGURES", tuple), "check": ("CHECK", Check), "publish": ("PUBLISHER", Publisher)}
# Modules that share a test file: families of one daily value each, worked on one made market.
TOLD_IN = {f"derive/{name}": "test_dailies.py" for name in ("clock", "index", "positioning")}
BLOCKS = {"headline", "dek", "lede", "background"}


def _modules() -> Iterable[tuple[str, str]]:
    for stage in PLUGINS:
        package = importlib.import_module(f"newsgen.{stage}")
        yield from ((stage, m.name) for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_") and not m.ispkg)


MODULES = [pytest.param(stage, name, id=f"{stage}/{name}") for stage, name in _modules()]
ANGLES = [pytest.param(folder, id=folder.name) for folder in angle_folders(templates_root())]
MESSAGES = [pytest.param(folder, id=folder.name) for folder in sorted((templates_root() / "messages").iterdir()) if folder.is_dir()]


def _load(stage: str, name: str) -> ModuleType:
    return importlib.import_module(f"newsgen.{stage}.{name}")


# Plugins


@pytest.mark.parametrize(("stage", "name"), MODULES)
def test_a_plugin_has_its_constant_under_its_own_name(stage: str, name: str) -> None:
    constant, kind = PLUGINS[stage]
    value = getattr(_load(stage, name), constant, None)
    assert isinstance(value, kind)
    if stage == "derive":
        assert value
        assert all(isinstance(spec, FigureSpec) for spec in value)
    else:
        assert value.name == name


@pytest.mark.parametrize(("stage", "name"), MODULES)
def test_a_plugin_offers_nothing_but_its_constant_to_other_stages(stage: str, name: str) -> None:
    """Plugins of one kind do not import each other: what siblings share is in the underscore files."""
    tree = ast.parse((PACKAGE / stage / f"{name}.py").read_text("utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    siblings = {f"newsgen.{s}.{n}" for s, n in _modules() if s == stage}
    assert not imported & siblings


@pytest.mark.parametrize(("stage", "name"), MODULES)
def test_a_plugin_says_in_its_docstring_what_it_is(stage: str, name: str) -> None:
    text = _load(stage, name).__doc__ or ""
    first = text.split("\n")[0]
    assert re.match(r"\S.{20,}[.:]", first), first
    if stage == "gather":
        told = " ".join(text.split())
        for word in ("Host: ", "ndpoint", "imit", "Terms: ", "Verified", "Diary:"):
            assert word in told or (word == "ndpoint" and "pages " in told), f"{name}'s docstring does not say {word.strip()}"
        assert re.search(r"Verified .*\d{4}-\d\d-\d\d", told), f"{name}'s docstring does not say when it was verified"
    else:
        assert "in:" in text.lower(), f"the docstring of {name} does not say what comes in"
        assert "out:" in text.lower(), f"the docstring of {name} does not say what goes out"


@pytest.mark.parametrize(("stage", "name"), MODULES)
def test_a_plugin_has_its_test(stage: str, name: str) -> None:
    where = TOLD_IN.get(f"{stage}/{name}", f"test_{name}.py")
    text = (TESTS / stage / where).read_text("utf-8")
    if stage == "derive":  # the figures are asked for by name
        assert any(spec.name in text or spec.name.partition(".")[2] in text for spec in _load(stage, name).FIGURES)
    else:
        assert name in text


def test_the_list_of_shared_tests_names_only_modules_without_their_own() -> None:
    for module in TOLD_IN:
        stage, name = module.split("/")
        assert (PACKAGE / stage / f"{name}.py").is_file()
        assert not (TESTS / stage / f"test_{name}.py").exists(), f"{module} has a test of its own now: strike it from TOLD_IN"


# Angles, messages, forms


@pytest.mark.parametrize("folder", ANGLES)
def test_an_angle_has_its_rule_and_the_blocks_of_a_story(folder: Path) -> None:
    assert (folder / "rule.toml").is_file()
    text = (folder / "en.j2").read_text("utf-8")
    blocks = set(re.findall(r"{%-? block (\w+)", text))
    assert blocks >= BLOCKS
    assert "nut_graf" in blocks or re.search(r"{#[^#]*no nut_graf: \w", text), "a nut graf, or a comment that says why there is none"
    assert text.startswith("{#"), "a comment says what the angle is about and what its subject is"


@pytest.mark.parametrize("folder", ANGLES)
@pytest.mark.parametrize("block", ["headline", "lede"])
def test_an_angle_has_three_headlines_and_three_ledes(folder: Path, block: str) -> None:
    text = (folder / "en.j2").read_text("utf-8")
    own = text[text.index(f"{{% block {block} %}}") :].partition("{% endblock %}")[0]
    most = max((part.count("{% or %}") + 1 for part in own.split("{% vary %}")[1:]), default=0)
    assert most >= 3, f"{block} of {folder.name} has {most} wordings"


@pytest.mark.parametrize("folder", ANGLES)
def test_an_angle_has_what_any_form_may_ask_for(folder: Path) -> None:
    text = (folder / "en.j2").read_text("utf-8")
    assert all(f"{{% block {block} %}}" in text for block in REQUIRED_BLOCKS)


@pytest.mark.parametrize("folder", ANGLES)
def test_an_angle_is_tested_to_fire_and_not_to(folder: Path) -> None:
    cases, _ = load_cases(folder / "cases.toml", derive.catalogue())
    assert {case.fires for case in cases} == {True, False}


@pytest.mark.parametrize("folder", MESSAGES)
def test_a_message_has_its_words_and_a_form_that_uses_it(folder: Path) -> None:
    assert re.search(r"{%-? block \w+", (folder / "en.j2").read_text("utf-8"))
    forms = load_forms(templates_root() / "forms").values()
    used = {message.partition("@")[0].partition("=")[0] for form in forms for part in form.part for message in part.messages}
    assert folder.name in used | {"update"}  # what has changed since the last version is the dek of a later one


# Public names


def test_the_public_names_are_these() -> None:
    assert newsgen.__all__ == ["Article", "NewsgenError", "Settings", "__version__", "preview", "run"]
    for name in newsgen.__all__:
        assert getattr(newsgen, name) is not None
    assert set(newsgen.__all__) <= set(dir(newsgen))
    assert get_type_hints(newsgen.preview)["return"].__name__ == "Outcome"
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = newsgen.nonsense


def test_the_package_is_imported_at_once_and_its_names_when_used() -> None:
    program = (
        "import sys, newsgen; print(*(m for m in sys.modules if m.startswith('newsgen.') or m in ('pydantic', 'jinja2', 'click')));"
        "from newsgen import NewsgenError, preview; print(preview.__module__, 'sqlalchemy' in sys.modules, callable(newsgen.preview))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout == "\nnewsgen.draft False True\n"
