"""Forms as data: the shipped ones, and what a wrong file is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsgen.derive import catalogue
from newsgen.discover import templates_root
from newsgen.errors import ConfigError
from newsgen.plan import load_forms

FORM = """
name = "short"
words = [10, 50]
paragraphs = [1, 2]
floor = 45

[[part]]
role = "lede"
from = "lead"
blocks = ["lede"]
"""


def told(folder: Path, text: str) -> str:
    (folder / "short.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_forms(folder)
    return str(caught.value)


def test_a_form_is_read_with_its_defaults(tmp_path: Path) -> None:
    (tmp_path / "short.toml").write_text(FORM, "utf-8")
    (form,) = load_forms(tmp_path).values()
    assert (form.words, form.paragraphs, form.floor, form.supports) == ((10, 50), (1, 2), 45, 3)
    (part,) = form.part
    assert (part.source, part.blocks, part.messages, part.join, part.required, part.drop) == ("lead", ("lede",), (), None, False, 0)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ("floor = 45", "floor = 45\ncolour = 1", "colour"),
        ("floor = 45", "", "floor"),
        ("words = [10, 50]", "words = [10]", "words.1"),
        ('role = "lede"', 'role = "intro"', "part.0.role"),
        ('from = "lead"', 'from = "moon"', "part.0.from"),
        ('from = "lead"', 'from = "lead"\njoin = "page"', "part.0.join"),
    ],
)
def test_a_wrong_key_is_named_with_its_file(tmp_path: Path, before: str, after: str, key: str) -> None:
    message = told(tmp_path, FORM.replace(before, after))
    assert message.startswith("forms/short.toml: ")
    assert key in message


def test_a_name_that_is_not_the_files_is_refused(tmp_path: Path) -> None:
    assert told(tmp_path, FORM.replace('"short"', '"long"')) == "forms/short.toml: name is 'long', the file's name says 'short'"


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    assert told(tmp_path, "name = ").startswith("forms/short.toml: ")


def test_every_shipped_form_begins_with_a_required_part_that_stays() -> None:
    forms = load_forms(templates_root() / "forms")
    assert {"flash", "brief", "standard"} <= set(forms)
    for form in forms.values():
        assert form.part[0].role == "lede"
        assert form.part[0].required
        assert form.part[0].drop == 0
        assert form.words[0] < form.words[1]
        assert form.paragraphs[0] <= form.paragraphs[1]


def test_every_shipped_message_has_a_template() -> None:
    root = templates_root()
    for form in load_forms(root / "forms").values():
        for part in form.part:
            for name in part.messages:
                kind, figure = name.partition("@")[0].partition("=")[0], name.partition("=")[2]
                assert (root / "messages" / kind / "en.j2").is_file(), (form.name, name)
                assert (figure in catalogue()) == (part.source == "counter"), (form.name, name)
            assert bool(part.messages) == (part.source in ("messages", "counter"))
            assert bool(part.blocks) == (part.source in ("lead", "top", "supports"))
