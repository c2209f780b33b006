"""Rules as data: every fault of a rule.toml names the file, the line and the way out."""

from __future__ import annotations

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from detect.made_book import shipped

from newsgen import derive
from newsgen.detect import check_rules, load_rule, load_rules
from newsgen.discover import angle_folders, templates_root
from newsgen.errors import PluginError
from newsgen.market import Unit

CATALOGUE = derive.catalogue()
SOUND = """\
name = "made"
title = "Made for a test"
family = "price"
each = "asset"

[limits]
rise_pct = { value = 2, unit = "pct", why = "smaller is noise" }
floor_usd = { value = "500", unit = "usd", why = "cheaper is dust" }

[limits_for.BTC]
rise_pct = 1

[limits_for.ETH]
rise_pct = 1.5

[[when]]
if = "price.change_24h >= limits.rise_pct"
why = "it rose"

[[when]]
if = "price.last >= limits.floor_usd"
why = "it is worth something"

[measure]
figure = "price.change_24h"
tail = "high"

[breadth]
sign = "up"

[[corroborate]]
if = "price.change_7d > 0"
why = "the week is up"

[novelty]
mark = "price.ath"
cooldown = "12h"

[bonus]
first_ever = "price.high_since is first_ever"

[conflict]
absorbs = ["other"]
"""


def write(root: Path, text: str, name: str = "made") -> Path:
    path = root / "angles" / name / "rule.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def with_other(root: Path) -> Path:
    write(root, SOUND.replace('"made"', '"other"').replace('absorbs = ["other"]', "absorbs = []"), "other")
    return root


def line_of(text: str, start: str, nth: int = 1) -> int:
    """The number of the nth line that starts so."""
    return [i for i, line in enumerate(text.splitlines(), 1) if line.startswith(start)][nth - 1]


def changed(before: str, after: str) -> str:
    assert SOUND.count(before) == 1, f"{SOUND.count(before)} times: {before}"
    return SOUND.replace(before, after)


def fault_of(root: Path, text: str, **overrides: str) -> PluginError:
    with pytest.raises(PluginError) as caught:
        load_rule(write(root, text), CATALOGUE, overrides)
    assert caught.value.where == "made/rule.toml"
    assert str(caught.value).startswith("made/rule.toml")
    return caught.value


def test_a_sound_rule_loads_with_all_its_parts(tmp_path: Path) -> None:
    rule = load_rule(write(tmp_path, SOUND), CATALOGUE)
    assert [why for _, why in rule.conditions] == ["it rose", "it is worth something"]
    assert [why for _, why in rule.corroboration] == ["the week is up"]
    assert set(rule.bonuses) == {"first_ever"}
    assert rule.file.novelty.cooldown == timedelta(hours=12)
    assert rule.limits["floor_usd"].value == Decimal(500) and rule.limits["floor_usd"].unit is Unit.USD


def test_a_subject_has_its_own_limits_before_the_common_ones(tmp_path: Path) -> None:
    rule = load_rule(write(tmp_path, SOUND), CATALOGUE)
    assert [rule.limits_of(s)["rise_pct"].value for s in ("BTC", "ETH", "SOL")] == [Decimal(1), Decimal("1.5"), Decimal(2)]
    assert {rule.limits_of(s)["floor_usd"].value for s in ("BTC", "ETH", "SOL")} == {Decimal(500)}


def test_settings_override_a_limit_and_keep_its_unit(tmp_path: Path) -> None:
    rule = load_rule(write(tmp_path, SOUND), CATALOGUE, {"rise_pct": "7.5"})
    assert (rule.limits["rise_pct"].value, rule.limits["rise_pct"].unit) == (Decimal("7.5"), Unit.PCT)


@pytest.mark.parametrize(("text", "span"), [("90s", 90), ("30m", 1800), ("24h", 86_400), ("7d", 604_800)])
def test_durations(tmp_path: Path, text: str, span: int) -> None:
    rule = load_rule(write(tmp_path, changed('"12h"', f'"{text}"')), CATALOGUE)
    assert rule.file.novelty.cooldown == timedelta(seconds=span)


# (label, before, after, problem, the line the fault names as its start, which of these lines, hint)
KEYS = [
    ("unknown key", 'title = "Made', 'titel = "x"\ntitle = "Made', "titel: Extra inputs", "titel", 1, "did you mean title?"),
    ("unknown key of a condition", 'why = "it is worth something"', 'why = "x"\nwhi = "x"', "when.1.whi", "whi", 1, "did you mean why?"),
    (
        "unknown key of a limit",
        'why = "cheaper is dust" }',
        'why = "x", uni = 1 }',
        "limits.floor_usd.uni:",
        "floor_usd",
        1,
        "did you mean unit?",
    ),
    ("unknown table", "[bonus]", '[bonuss]\nfirst_ever = ""\n[bonus]', "bonuss", "[bonuss]", 1, "did you mean bonus?"),
    ("unknown bonus", "[bonus]", '[bonus]\nfrist_ever = ""', "bonus.frist_ever", "frist_ever", 1, "did you mean first_ever?"),
    ("missing title", 'title = "Made for a test"\n', "", "title: Field required", "", 0, ""),
    ("missing why of the second condition", 'why = "it is worth something"\n', "", "when.1.why: Field required", "[[when]]", 2, ""),
    ("missing why of a corroboration", 'why = "the week is up"\n', "", "corroborate.0.why: Field required", "[[corroborate]]", 1, ""),
    ("missing condition", 'if = "price.last >= limits.floor_usd"\n', "", "when.1.if: Field required", "[[when]]", 2, ""),
    ("missing figure", 'figure = "price.change_24h"\n', "", "measure.figure: Field required", "[measure]", 1, ""),
    ("missing sign", 'sign = "up"\n', "", "breadth.sign: Field required", "[breadth]", 1, ""),
    ("limit without unit", 'value = "500", unit = "usd"', 'value = "500"', "limits.floor_usd.unit: Field required", "floor_usd", 1, ""),
    ("limit without why", ', why = "cheaper is dust"', "", "limits.floor_usd.why: Field required", "floor_usd", 1, ""),
    ("limit without value", 'value = "500", ', "", "limits.floor_usd.value: Field required", "floor_usd", 1, ""),
    (
        "limit that is a bare number",
        '{ value = "500", unit = "usd", why = "cheaper is dust" }',
        "500",
        "limits.floor_usd",
        "floor_usd",
        1,
        "",
    ),
    ("limit of an unknown unit", 'unit = "usd"', 'unit = "dollars"', "'usd', 'pct'", "floor_usd", 1, ""),
    ("limit that is no number", 'value = "500"', 'value = "many"', "limits.floor_usd.value", "floor_usd", 1, ""),
    ("limit that is not finite", 'value = "500"', "value = inf", "limits.floor_usd.value", "floor_usd", 1, ""),
    ("limit of a subject that is no number", "rise_pct = 1.5", 'rise_pct = "few"', "limits_for.ETH.rise_pct", "rise_pct = ", 3, ""),
    (
        "limit of a subject that is not defined",
        "rise_pct = 1.5",
        "ris_pct = 1.5",
        "limits.ris_pct is not defined",
        "ris_pct",
        1,
        "rise_pct",
    ),
    ("bad duration", '"12h"', '"half a day"', "'half a day' is no duration: write 30m, 24h or 7d", "cooldown", 1, ""),
    ("duration without unit", '"12h"', "12", "12 is no duration", "cooldown", 1, ""),
    ("unknown family", 'family = "price"', 'family = "weather"', "'derivatives', 'flows'", "family", 1, ""),
    ("unknown kind of subject", 'each = "asset"', 'each = "coin"', "'market' or 'asset'", "each", 1, ""),
    ("unknown tail", 'tail = "high"', 'tail = "top"', "'high', 'low' or 'both'", "tail", 1, ""),
    ("unknown sign", 'sign = "up"', 'sign = "north"', "'up', 'down' or 'same'", "sign", 1, ""),
    ("another name than the folder's", 'name = "made"', 'name = "maid"', "name is 'maid', the folder is 'made'", "name", 1, ""),
    ("text where a list is wanted", 'absorbs = ["other"]', 'absorbs = "other"', "conflict.absorbs", "absorbs", 1, ""),
]

FIGURES = [
    ("unknown figure", "price.change_24h >=", "price.chang_24h >=", "'price.chang_24h' is no figure", "if", 1, "price.change_24h"),
    ("unknown figure in the second condition", "price.last >=", "price.lost >=", "'price.lost' is no figure", "if", 2, "price.last"),
    (
        "unknown figure in a corroboration",
        "price.change_7d >",
        "price.change_8d >",
        "'price.change_8d' is no figure",
        "if",
        3,
        "price.change_7d",
    ),
    (
        "unknown figure in a bonus",
        "price.high_since is",
        "price.hi_since is",
        "'price.hi_since' is no figure",
        "first_ever",
        1,
        "price.high_since",
    ),
    (
        "unknown figure to measure",
        'figure = "price.change_24h"',
        'figure = "price.chang_24h"',
        "measure.figure",
        "figure",
        1,
        "price.change_24h",
    ),
    ("unknown figure as the mark", 'mark = "price.ath"', 'mark = "price.aht"', "novelty.mark: 'price.aht'", "mark", 1, "price.ath"),
    (
        "unknown figure of breadth",
        'sign = "up"',
        'figure = "price.chnge_24h"\nsign = "up"',
        "breadth.figure: 'price.chnge_24h'",
        'figure = "price.chn',
        1,
        "price.change_24h",
    ),
    ("unknown limit", ">= limits.rise_pct", ">= limits.rise", "limits.rise is not defined", "if", 1, "rise_pct"),
    ("units that do not fit", ">= limits.floor_usd", ">= limits.rise_pct", "usd cannot be compared with pct", "if", 2, ""),
    ("dollars beside a bare number", ">= limits.floor_usd", ">= 500", "bare number cannot be compared with dollars", "if", 2, "[limits]"),
    ("syntax", ">= limits.floor_usd", ">= >=", "cannot be read", "if", 2, ""),
    ("a call", "price.change_7d > 0", "open(1) == 1", "may call only", "if", 3, ""),
    ("a condition that is a number", "price.change_7d > 0", "price.change_7d", "neither true nor false", "if", 3, "compare it"),
]


@pytest.mark.parametrize(
    ("label", "before", "after", "problem", "start", "nth", "hint"), KEYS + FIGURES, ids=[k[0] for k in KEYS + FIGURES]
)
def test_a_fault_names_its_key_its_line_and_the_way_out(
    tmp_path: Path, label: str, before: str, after: str, problem: str, start: str, nth: int, hint: str
) -> None:
    text = changed(before, after)
    found = fault_of(tmp_path, text)
    assert problem in found.problem
    assert found.line == (line_of(text, start, nth) if start else None)
    assert hint in found.hint and bool(hint) == bool(found.hint)
    assert f"made/rule.toml:{found.line}: " in str(found) or not start


def test_a_table_that_is_missing_is_named(tmp_path: Path) -> None:
    text = changed('[measure]\nfigure = "price.change_24h"\ntail = "high"\n', "")
    found = fault_of(tmp_path, text)
    assert (found.problem, found.line) == ("measure: Field required", None)


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    text = changed('each = "asset"', 'each = "asset')
    assert fault_of(tmp_path, text).line == line_of(text, "each")


def test_a_key_said_twice_names_its_line(tmp_path: Path) -> None:
    text = changed('why = "it rose"', 'why = "it rose"\nwhy = "again"')
    assert fault_of(tmp_path, text).line == line_of(text, "why", 2)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, SOUND)
    path.write_bytes(SOUND.replace("noise", "no\xefse").encode("latin-1"))
    with pytest.raises(PluginError, match=r"made/rule\.toml: is not UTF-8"):
        load_rule(path, CATALOGUE)


def test_a_folder_without_a_rule_is_named(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"made/rule\.toml: the angle has no rule\.toml"):
        load_rule(tmp_path / "made" / "rule.toml", CATALOGUE)


def test_an_override_of_an_unknown_limit_lists_the_known_ones(tmp_path: Path) -> None:
    found = fault_of(tmp_path, SOUND, rise="3")
    assert (found.problem, found.hint) == ("limits.rise is not defined", "there are: rise_pct, floor_usd")


@pytest.mark.parametrize("value", ["many", "", "NaN", "inf"])
def test_an_override_has_to_be_a_number(tmp_path: Path, value: str) -> None:
    assert fault_of(tmp_path, SOUND, rise_pct=value).problem == f"limits.rise_pct is set to {value!r}, which is no number"


# Many rules


def test_an_override_of_an_unknown_angle_lists_the_known_ones(tmp_path: Path) -> None:
    write(with_other(tmp_path), SOUND)
    with pytest.raises(PluginError, match=r"angles: maid: no such angle \(there are: made, other\)"):
        load_rules([tmp_path], CATALOGUE, {"maid": {}})


def test_overrides_reach_their_angle_only(tmp_path: Path) -> None:
    write(with_other(tmp_path), SOUND)
    made, other = load_rules([tmp_path], CATALOGUE, {"made": {"rise_pct": "9"}})
    assert (made.limits["rise_pct"].value, other.limits["rise_pct"].value) == (Decimal(9), Decimal(2))


def test_a_conflict_with_an_unknown_angle_is_a_fault(tmp_path: Path) -> None:
    text = changed('absorbs = ["other"]', 'absorbs = ["othr"]')
    write(with_other(tmp_path), text)
    with pytest.raises(PluginError) as caught:
        load_rules([tmp_path], CATALOGUE, {})
    found = caught.value
    assert (found.where, found.line, found.hint) == ("made/rule.toml", line_of(text, "absorbs"), "did you mean other?")
    assert found.problem == "conflict.absorbs: 'othr' is no other angle"


def test_a_rule_may_not_absorb_itself(tmp_path: Path) -> None:
    write(tmp_path, changed('absorbs = ["other"]', 'absorbs = ["made"]'))
    with pytest.raises(PluginError, match=r"conflict\.absorbs: 'made' is no other angle"):
        load_rules([tmp_path], CATALOGUE, {})


def test_the_first_root_comes_before_the_others(tmp_path: Path) -> None:
    own, shared = with_other(tmp_path / "own"), with_other(tmp_path / "shared")
    write(own, changed("Made for a test", "The desk's own"))
    write(shared, SOUND)
    assert [(r.name, r.file.title) for r in load_rules([own, shared], CATALOGUE, {})] == [
        ("made", "The desk's own"),
        ("other", "Made for a test"),
    ]


def test_check_rules_reports_every_broken_rule_and_no_sound_one(tmp_path: Path) -> None:
    sound = changed('absorbs = ["other"]', 'absorbs = ["crash_day"]')  # a desk's rule may absorb a shipped angle
    write(tmp_path, sound)
    write(tmp_path, SOUND.replace('"made"', '"bad_key"').replace("title", "titel"), "bad_key")
    write(tmp_path, SOUND.replace('"made"', '"bad_conflict"').replace('["other"]', '["nobody"]'), "bad_conflict")
    assert [f.where for f in check_rules(tmp_path, CATALOGUE)] == ["bad_conflict/rule.toml", "bad_key/rule.toml"]


def test_the_shipped_rules_have_no_fault() -> None:
    assert check_rules(templates_root(), CATALOGUE) == []
    assert len(shipped()) == len(angle_folders(templates_root()))


def test_one_broken_rule_is_the_only_fault_among_the_shipped(tmp_path: Path) -> None:
    shutil.copytree(templates_root() / "angles", tmp_path / "angles")
    path = tmp_path / "angles" / "ath" / "rule.toml"
    path.write_text(path.read_text("utf-8").replace("price.is_ath", "price.is_aht"), "utf-8")
    (fault,) = check_rules(tmp_path, CATALOGUE)
    assert fault.where == "ath/rule.toml" and "did you mean price.is_ath?" in str(fault)
