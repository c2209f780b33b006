"""cases.toml: what an author says of the rule is tried, and what goes otherwise is told by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from detect.made_book import shipped

from newsgen import derive
from newsgen.detect.cases import faults_of_cases

FIRES = """\
[[case]]
title = "a rise of five percent"
subject = "BTC"
fires = true
[case.figures]
"BTC.price.change_24h" = 5
"BTC.price.zscore_24h" = 2.5
"""
MISSES = """\

[[case]]
title = "a rise of three"
subject = "BTC"
fires = false
like = "a rise of five percent"
[case.figures]
"BTC.price.change_24h" = 3
"""


def faults(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "big_move" / "cases.toml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return [str(f) for f in faults_of_cases(shipped()["big_move"], path, derive.catalogue())]


def test_sound_cases_have_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, FIRES + MISSES) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FIRES, "big_move/cases.toml: no near miss (add a [[case]] with fires = false, just outside of a limit)"),
        (MISSES.replace('like = "a rise of five percent"\n', ""), "big_move/cases.toml: no case fires (add a [[case]] with fires = true)"),
        (FIRES + MISSES.replace("= 3", "= 4"), "big_move/cases.toml:9: 'a rise of three': fires, and should not"),
        (FIRES.replace("= 5", "= 3") + MISSES, "'a rise of five percent': does not fire: not the case: the 24-hour move is large"),
        (FIRES.replace("price.change_24h", "price.chnge") + MISSES, "big_move/cases.toml:1: BTC.price.chnge: 'price.chnge' is no figure"),
        (FIRES + MISSES.replace("five", "six"), "big_move/cases.toml:9: like: no case before it has the title 'a rise of six percent'"),
        (FIRES.replace("fires = true", "fire = true") + MISSES, "big_move/cases.toml:1: fires: Field required"),
        ("[[case]\n", "big_move/cases.toml: "),
    ],
)  # fmt: skip
def test_what_goes_otherwise_is_told(tmp_path: Path, text: str, told: str) -> None:
    assert any(told in fault for fault in faults(tmp_path, text))


def test_an_angle_without_cases_is_told(tmp_path: Path) -> None:
    (fault,) = faults_of_cases(shipped()["big_move"], tmp_path / "big_move" / "cases.toml", derive.catalogue())
    assert str(fault).startswith("big_move/cases.toml: the angle has no cases")
