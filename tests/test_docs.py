"""What README.md, docs/ and the shipped settings say is what the code does."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from pydantic import BaseModel
from readme_tables import README, tables, with_tables

from newsgen.cli import main
from newsgen.config import (
    BrakeSettings,
    DisclosureSettings,
    EditionSettings,
    Settings,
    SiteSettings,
    SourceSettings,
    StalenessSettings,
    StreamSettings,
    TargetSettings,
)
from newsgen.derive import catalogue
from newsgen.detect import load_rules
from newsgen.discover import templates_root
from newsgen.target_settings import KINDS
from tests.check.checks_page import page as checks_page

PAGES = [README, *sorted((README.parent / "docs").glob("*.md"))]
TABLES: Mapping[str, type[BaseModel]] = {
    "": Settings, "sites": SiteSettings, "targets": TargetSettings, "editions": EditionSettings, "sources": SourceSettings,
    "streams": StreamSettings, "disclosures": DisclosureSettings, "staleness": StalenessSettings,
    "brake": BrakeSettings,
}  # fmt: skip


# The tables of the README


@pytest.mark.parametrize("name", ["article", "sources", "angles", "targets"])
def test_what_the_readme_shows_is_what_the_code_gives(name: str) -> None:
    text = README.read_text("utf-8")
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
    assert found, f"README.md has no <!-- {name} --> and <!-- /{name} -->"
    assert found[1] == tables()[name], "python tests/readme_tables.py writes it anew"


def test_the_script_writes_what_stands_between_the_markers_and_nothing_else() -> None:
    for old in ("", "old\n"):
        text = f"before\n<!-- targets -->\n{old}<!-- /targets -->\nafter\n"
        assert with_tables(text) == f"before\n<!-- targets -->\n{tables()['targets']}\n<!-- /targets -->\nafter\n"


# Commands


def _commands(group: click.Group, path: str = "newsgen") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(_commands(main))
GROUPS = {"newsgen sources", "newsgen stop"}  # a group that does something by itself


def _command_tables() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for table in re.findall(r"^\| command +\|.*\n(?:\|.*\n?)+", page.read_text("utf-8"), re.MULTILINE):
            yield page, table


def test_a_table_of_commands_has_every_command() -> None:
    for page, table in _command_tables():
        missing = [name for name in COMMANDS if f"`{name}" not in table]
        assert not missing, f"{page.name} does not tell {', '.join(missing)}"


def test_every_command_and_option_that_a_page_shows_is_there() -> None:
    for page in PAGES:
        for line in re.findall(r"(?:^ {4}|^\$ |`|&& |uv run )(newsgen [^\n`|&]+)", page.read_text("utf-8"), re.MULTILINE):
            if re.match(r"newsgen (\.\.\.|[A-Z])", line):  # any command
                continue
            name = _named(line)
            assert name in COMMANDS or name == "newsgen", f"{page.name}: {line}"
            known = {option for command in (main, COMMANDS.get(name, main)) for p in command.params for option in (*p.opts, "--help")}
            for option in re.findall(r"(?<!\S)--[a-z-]+", line):
                assert option in known, f"{page.name}: {line}: there is no {option}"


def _named(line: str) -> str:
    """The command of a line: the longest beginning of its words that is one."""
    words = [w for w in re.sub(r"\s--(config|db) \S+", "", line).split() if not w.startswith("-")]
    for length in (3, 2):
        if " ".join(words[:length]) in COMMANDS:
            return " ".join(words[:length])
    return "newsgen" if len(words) == 1 or " ".join(words[:2]) in GROUPS else " ".join(words[:2])


# Settings


def _shown() -> dict[str, set[str]]:
    """The keys that the shipped newsgen.toml shows, also those in comments, by table."""
    found: dict[str, set[str]] = {name: set() for name in TABLES}
    table = ""
    for line in (templates_root() / "desk" / "newsgen.toml").read_text("utf-8").splitlines():
        head = re.match(r"(?:# )?\[+(\w+)", line)
        key = re.match(r"(?:# )?(\w+) = ", line)
        if head:
            table = head[1]
            found[""].add(table)
        elif key and table in found:
            found[table].add(key[1])
    return found


@pytest.mark.parametrize("table", sorted(set(TABLES) - {"targets"}))
def test_the_shipped_settings_show_every_key_and_no_other(table: str) -> None:
    assert _shown()[table] == set(TABLES[table].model_fields)


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_settings_show_a_target_of_each_kind_with_every_key(kind: str) -> None:
    text = (templates_root() / "desk" / "newsgen.toml").read_text("utf-8")
    [shown] = [t for t in re.split(r"\n\s*\n", text) if f'\nkind = "{kind}"' in t or f'\n# kind = "{kind}"' in t]
    keys = set(re.findall(r"^(?:# )?(\w+) = ", shown, re.MULTILINE))
    assert keys | {"expiry", "allow_private"} == set(KINDS[kind].model_fields)


def test_the_examples_of_targets_are_settings_that_load() -> None:
    text = (templates_root() / "desk" / "newsgen.toml").read_text("utf-8")
    tables = [t for t in re.split(r"\n\s*\n", text) if re.search(r"^# \[\[targets\]\]", t, re.MULTILINE)]
    assert len(tables) == len(KINDS) - 1
    for table in tables:
        lines = [line.removeprefix("# ") for line in table.splitlines() if re.match(r"# (\[\[|\w+ = )", line)]
        [target] = tomllib.loads("\n".join(lines))["targets"]
        if target["kind"] == "ninjs":
            del target["url"]
        KINDS[target["kind"]].model_validate({k: tuple(v) if isinstance(v, list) else v for k, v in target.items()})


def test_a_default_that_the_shipped_settings_show_is_the_default() -> None:
    shown: dict[str, Any] = tomllib.loads((templates_root() / "desk" / "newsgen.toml").read_text("utf-8"))
    [site] = shown["sites"]
    for key in ("name", "base_url", "locale", "style", "zone", "desk", "legal_foot"):
        assert site[key] == SiteSettings.model_fields[key].default, key
    assert shown["database_url"] == Settings.model_fields["database_url"].default
    assert shown["commercial"] is Settings.model_fields["commercial"].default


def test_every_variable_of_the_environment_is_told() -> None:
    from newsgen.config import _FROM_ENVIRONMENT

    text = (templates_root() / "desk" / "newsgen.toml").read_text("utf-8")
    for variable in _FROM_ENVIRONMENT:
        assert variable in text


# Links


def _bench(name: str) -> ModuleType:
    """A bench as a module."""
    spec = importlib.util.spec_from_file_location(name, PAGES[0].parent / "bench" / f"{name}.py")
    assert spec
    assert spec.loader
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    return bench


def test_the_table_of_prose_was_made_with_these_rules_templates_and_words() -> None:
    prose = _bench("prose")
    told = re.search(r"<!-- rules, templates and words ([0-9a-f]{64}) -->", prose.PAGE.read_text("utf-8"))
    assert told, "docs/prose.md has no digest: run bench/prose.py"
    assert told[1] == prose.digest(), "rules, templates or words have changed since: run bench/prose.py again"


def test_the_table_of_stories_a_week_was_made_with_these_rules_and_templates() -> None:
    calibrate = _bench("calibrate")
    text = calibrate.PAGE.read_text("utf-8")
    told = re.search(r"<!-- rules and templates ([0-9a-f]{64}) -->", text)
    assert told, "docs/angles.md has no table: run bench/calibrate.py"
    assert told[1] == calibrate.digest(), "rules or templates have changed since: run bench/calibrate.py again"
    rows = re.findall(r"^\| (\w+) \| .* \| (?:price|derivatives|flows|structure|macro) \|", text, re.MULTILINE)
    assert sorted(rows) == sorted(r.name for r in load_rules((templates_root(),), catalogue(), {}) if not r.file.leads)


def test_every_link_inside_the_pages_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if not target.startswith(("http://", "https://", "mailto:")):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


# Checks


def test_the_page_of_checks_is_what_the_code_says() -> None:
    text = (README.parent / "docs" / "checks.md").read_text("utf-8")
    assert text == checks_page(), "python -m tests.check.checks_page > docs/checks.md"
    assert [int(n) for n in re.findall(r"^\| (\d+) \| `\w+` \| (?:block|warn) \|", text, re.MULTILINE)] == [*range(1, 23)]
