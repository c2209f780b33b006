"""An author of angles: twelve mistakes told by file, line and hint; a new angle is sound, and unfinished; a desk's own limits."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from desk import edition

from newsgen.author import check_angles, check_reach, new_angle, rule_schema_text
from newsgen.cli import main
from newsgen.detect import load_rules
from newsgen.discover import templates_root
from newsgen.errors import ConfigError, PluginError
from newsgen.figures import search
from newsgen.testing.angles import assert_angle

SINCE = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A template root with one sound angle, `made`."""
    found = tmp_path / "templates"
    new_angle(found, "made")
    return found


def change(root: Path, file: str, old: str, new: str, angle: str = "made") -> None:
    path = root / "angles" / angle / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def line_of(root: Path, file: str, needle: str) -> int:
    lines = (root / "angles" / "made" / file).read_text("utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if needle in line)


def the_fault(faults: list[PluginError], file: str) -> PluginError:
    (fault,) = [f for f in faults if f.where == f"made/{file}"]
    return fault


def test_a_new_angle_has_no_fault(root: Path) -> None:
    assert check_angles((root,)) == []


# The twelve mistakes: file, line, hint.


def test_an_unknown_figure_in_the_rule(root: Path) -> None:
    change(root, "rule.toml", '"price.change_24h >= limits', '"price.chnge_24h >= limits')
    fault = the_fault(check_angles((root,)), "rule.toml")
    assert (fault.line, fault.hint) == (line_of(root, "rule.toml", "price.chnge_24h"), "did you mean price.change_24h?")


def test_an_unknown_figure_in_the_words(root: Path) -> None:
    change(root, "en.j2", "price.sd_30d|pct", "price.sd_3d|pct")
    fault = the_fault(check_angles((root,)), "en.j2")
    assert (fault.line, fault.problem) == (line_of(root, "en.j2", "sd_3d"), "'price.sd_3d' is no figure")
    assert fault.hint == "did you mean price.sd_30d?"


def test_a_wrong_unit_in_the_rule(root: Path) -> None:
    change(root, "rule.toml", '"price.change_24h >= limits', '"price.last >= limits')
    fault = the_fault(check_angles((root,)), "rule.toml")
    assert fault.line == line_of(root, "rule.toml", "price.last >= limits")
    assert "usd cannot be compared with pct" in fault.problem


def test_a_filter_that_prints_another_unit(root: Path) -> None:
    change(root, "en.j2", "price.sd_30d|pct", "price.sd_30d|money")
    fault = the_fault(check_angles((root,)), "en.j2")
    assert fault.line == line_of(root, "en.j2", "sd_30d|money")
    assert (fault.problem, fault.hint) == ("|money does not print price.sd_30d, which is in pct", "|pct, signed")


def test_a_missing_block(root: Path) -> None:
    change(root, "en.j2", "{% block support %}", "{% block suport %}")
    fault = the_fault(check_angles((root,)), "en.j2")
    assert (fault.line, fault.problem, fault.hint) == (1, "the block support is missing", "{% block support %} ... {% endblock %}")


def test_an_unclosed_tag(root: Path) -> None:
    change(root, "en.j2", "{% endvary %}", "")
    fault = the_fault(check_angles((root,)), "en.j2")
    assert fault.line == line_of(root, "en.j2", "{% endblock %}")
    assert "unknown tag 'endblock'" in fault.problem and "has its end" in fault.hint


def test_a_bad_duration(root: Path) -> None:
    change(root, "rule.toml", '"12h"', '"12 hours"')
    fault = the_fault(check_angles((root,)), "rule.toml")
    assert fault.line == line_of(root, "rule.toml", "12 hours")
    assert fault.problem.endswith("'12 hours' is no duration: write 30m, 24h or 7d")


@pytest.mark.parametrize(("limit", "told"), [("500", "never reached at "), ("-500", "always reached at ")])
def test_a_threshold_that_the_archive_never_or_always_reaches(root: Path, limit: str, told: str) -> None:
    change(root, "rule.toml", "value = 5,", f"value = {limit},")
    fault = the_fault(check_reach((root,), edition("2025-07-14-squeeze").view, SINCE), "rule.toml")
    assert fault.line == line_of(root, "rule.toml", "limits.rise_pct")
    assert told in fault.problem and "price.change_24h was " in fault.problem
    assert fault.hint == "newsgen replay --angle shows on which days the angle fires"


def test_a_threshold_that_is_reached_at_times_is_no_fault(root: Path) -> None:
    assert check_reach((root,), edition("2025-07-14-squeeze").view, SINCE) == []


def test_a_missing_cooldown(root: Path) -> None:
    change(root, "rule.toml", 'cooldown = "12h" # TODO: how long the same is no news again', "")
    fault = the_fault(check_angles((root,)), "rule.toml")
    assert (fault.line, fault.problem) == (line_of(root, "rule.toml", "[novelty]"), "the cooldown is missing")
    assert fault.hint.startswith('add [novelty] with cooldown = "12h"')


def test_two_leads_that_absorb_each_other(root: Path) -> None:
    shutil.copytree(templates_root() / "angles" / "crash_day", root / "angles" / "crash_day")
    change(root, "rule.toml", '"big_move"', '"made"', "crash_day")
    change(root, "rule.toml", "# How a told story", '[conflict]\nabsorbs = ["crash_day"]\n\n# How a told story')
    fault = the_fault(check_angles((root,)), "rule.toml")
    assert (fault.line, fault.hint) == (line_of(root, "rule.toml", "absorbs"), "take one of the two out")
    assert fault.problem == "made absorbs crash_day, and crash_day absorbs made: neither would ever lead"


def test_a_naked_number(root: Path) -> None:
    change(root, "en.j2", "Prices differ a little", "Prices differ by 17 dollars")
    fault = the_fault(check_angles((root,)), "en.j2")
    assert (fault.line, fault.problem) == (line_of(root, "en.j2", "17 dollars"), "the number 17 stands in the text and is no figure")
    assert fault.hint.startswith("print a figure through a filter")


def test_a_banned_word(root: Path) -> None:
    change(root, "en.j2", "Prices differ a little", "Prices skyrocketed")
    fault = the_fault(check_angles((root,)), "en.j2")
    assert (fault.line, fault.problem) == (line_of(root, "en.j2", "skyrocketed"), "the house style bans 'skyrocket'")
    assert fault.hint == "say what happened, in figures"


def test_no_near_miss(root: Path) -> None:
    change(root, "cases.toml", "fires = false", "fires = true")
    change(root, "cases.toml", "= 4.99", "= 5.01")
    fault = the_fault(check_angles((root,)), "cases.toml")
    assert (fault.problem, fault.hint) == ("no near miss", "add a [[case]] with fires = false, just outside of a limit")


def test_the_command_reports_them_all_and_exits_2(root: Path) -> None:
    change(root, "en.j2", "Prices differ a little", "Prices differ by 17 dollars")
    change(root, "rule.toml", '"12h"', '"12 hours"')
    found = CliRunner().invoke(main, ["angle", "check", str(root)])
    assert found.exit_code == 2
    assert [line.split(" ")[1] for line in found.stderr.splitlines()] == [
        f"made/rule.toml:{line_of(root, 'rule.toml', '12 hours')}:", f"made/en.j2:{line_of(root, 'en.j2', '17 dollars')}:",
    ]  # fmt: skip


def test_the_shipped_angles_have_no_fault() -> None:
    assert [str(f) for f in check_angles((templates_root(),))] == []


# A new angle.


def test_its_test_fails_until_it_is_filled_in(root: Path) -> None:
    with pytest.raises(AssertionError, match="still to do"):
        assert_angle(root, "made")
    for path in (root / "angles" / "made").glob("*"):
        path.write_text(path.read_text("utf-8").replace("TODO", "done"), "utf-8")
    assert_angle(root, "made")
    change(root, "cases.toml", "= 4.99", "= 5")
    with pytest.raises(AssertionError, match="'just below it': fires, and should not"):
        assert_angle(root, "made")


def test_the_command_makes_folder_and_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(main, ["angle", "new", "funding_flip"])
    assert found.exit_code == 0
    assert [*map(Path, found.stdout.splitlines())] == [
        Path("templates/angles/funding_flip") / f for f in ("cases.toml", "en.j2", "rule.toml")
    ] + [Path("tests/test_funding_flip.py")]
    assert "def test_funding_flip" in Path("tests/test_funding_flip.py").read_text("utf-8")
    assert CliRunner().invoke(main, ["angle", "check", "templates"]).exit_code == 0


@pytest.mark.parametrize("name", ["Funding", "funding flip", "../flip", "", "big_move"])
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError):
        new_angle(tmp_path / "templates", name)
    assert not (tmp_path / "templates").exists()


# Completion and search.


def test_the_schema_that_is_shipped_is_the_rules_own() -> None:
    assert (templates_root() / "rule.schema.json").read_text("utf-8") == rule_schema_text()


def test_the_schema_knows_figures_and_keys() -> None:
    schema = json.loads(rule_schema_text())
    assert "price.change_24h" in schema["$defs"]["Figure"]["enum"]
    assert schema["$defs"]["Measure"]["properties"]["figure"]["$ref"] == "#/$defs/Figure"
    assert schema["additionalProperties"] is False and {"name", "when", "measure"} <= set(schema["required"])


def test_search_finds_by_meaning_and_puts_names_first() -> None:
    assert [s.name for s in search("turning point first")] == ["path.turn_1", "path.turn_1_at"]
    assert search("net flow")[0].name.startswith("etf.net_flow")
    assert search("rhubarb") == []


def test_the_search_command_shows_unit_example_and_meaning() -> None:
    found = CliRunner().invoke(main, ["figures", "--search", "fear greed"])
    assert found.exit_code == 0
    assert "sentiment.fear_greed  (index, as 74; of market" in found.stdout and "The index of the day, 0 to 100" in found.stdout
    nothing = CliRunner().invoke(main, ["figures", "--search", "rhubarb"])
    assert (nothing.exit_code, nothing.stdout) == (4, "") and "no figure speaks of 'rhubarb'" in nothing.stderr
    assert CliRunner().invoke(main, ["figures"]).exit_code == 2


# A desk's own thresholds.


def own_limits(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "angles" / "big_move" / "limits.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return tmp_path


def test_a_file_of_limits_overrides_thresholds_and_leaves_the_rule(tmp_path: Path) -> None:
    from newsgen.derive import catalogue

    roots = (own_limits(tmp_path, "deviations = 3\n"), templates_root())
    rules = {r.name: r for r in load_rules(roots, catalogue(), {})}
    assert rules["big_move"].limits["deviations"].value == 3 and len(rules) == len(load_rules(roots[1:], catalogue(), {}))
    desk = {r.name: r for r in load_rules(roots, catalogue(), {"big_move": {"deviations": "4"}})}
    assert desk["big_move"].limits["deviations"].value == 4  # newsgen.toml comes before the file


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('deviations = "many"\n', "big_move/limits.toml:1: deviations is set to 'many', which is no number"),
        ("# ours\ndeviations = \n", "big_move/limits.toml:2: "),
        ("deviation = 3\n", "limits.deviation is not defined"),
    ],
)
def test_a_broken_file_of_limits_is_refused(tmp_path: Path, text: str, told: str) -> None:
    from newsgen.derive import catalogue

    with pytest.raises(PluginError) as fault:
        load_rules((own_limits(tmp_path, text), templates_root()), catalogue(), {})
    assert told in str(fault.value)
