"""The shipped angles: each fires on its made markets, not on its near misses, and not when a figure it needs is absent.

The markets are the cases.toml beside each rule.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from derive.market_of import Market, at
from detect.made_book import BrokenFigureError, book_of, shipped

from newsgen import derive
from newsgen.detect import detect
from newsgen.detect.cases import Case, load_cases, made_book
from newsgen.discover import templates_root
from newsgen.story import Pitch

WHY_ABSENT = "the source was silent"


@cache
def cases_of(angle: str) -> tuple[Case, ...]:
    return load_cases(templates_root() / "angles" / angle / "cases.toml", derive.catalogue())[0]


CASES = [(angle, case) for angle in shipped() for case in cases_of(angle)]


def pitch_of(angle: str, case: Case, changes: dict[str, Any] | None = None) -> Pitch:
    """What the angle says of its subject in the case's market with some changes."""
    book = made_book({**case.figures, **(changes or {})}, derive.catalogue(), (case.subject,))
    form = next(iter(shipped()[angle].file.forms), "standard")
    return next(p for p in detect(book, [shipped()[angle]], form=form) if p.subject == case.subject)


def named(fires: bool) -> list[Any]:
    return [pytest.param(angle, case, id=f"{angle}-{case.title}") for angle, case in CASES if case.fires is fires]


@pytest.mark.parametrize("angle", sorted(shipped()))
def test_every_shipped_angle_has_a_case_and_a_near_miss(angle: str) -> None:
    assert {case.fires for case in cases_of(angle)} == {True, False}


@pytest.mark.parametrize(("angle", "case"), named(fires=True))
def test_fires_on_its_markets(angle: str, case: Case) -> None:
    pitch = pitch_of(angle, case)
    assert pitch.fired, pitch.reason
    assert all(c.held for c in pitch.conditions)
    assert pitch.score > 0 and pitch.family == shipped()[angle].file.family


@pytest.mark.parametrize(("angle", "case"), named(fires=False))
def test_does_not_fire_on_a_near_miss(angle: str, case: Case) -> None:
    pitch = pitch_of(angle, case)
    assert not pitch.fired and pitch.score == 0 and pitch.role == "rejected"
    failed = next(c for c in pitch.conditions if not c.held)
    assert failed.why in pitch.reason
    assert sum(c.held is not True for c in pitch.conditions) < len(pitch.conditions) or len(pitch.conditions) <= 2


@pytest.mark.parametrize(("angle", "case"), named(fires=True))
def test_a_figure_that_is_absent_is_told_or_not_needed(angle: str, case: Case) -> None:
    needed = 0
    for name in case.figures:
        pitch = pitch_of(angle, case, {name: {"absent": WHY_ABSENT}})
        if pitch.fired:
            continue
        unknown = [c for c in pitch.conditions if not c.held]
        assert unknown and unknown[0].why in pitch.reason
        needed += any(WHY_ABSENT in seen for c in unknown for seen in c.saw.values())
    assert needed, "the rule fires whatever is absent"


def test_conditions_keep_what_they_saw() -> None:
    case = next(c for c in cases_of("big_move") if c.subject == "BTC" and c.fires)
    pitch = pitch_of("big_move", case, {"BTC.price.change_24h": "-12.5"})
    assert [dict(c.saw) for c in pitch.conditions] == [{"price.change_24h": "-12.5"}, {"price.zscore_24h": "2"}]


def test_fund_angles_speak_of_bitcoin_and_ether_only() -> None:
    for name in ("etf_flow_day", "etf_streak"):
        assert {p.subject for p in detect(book_of({}), [shipped()[name]])} == {"BTC", "ETH"}


def test_an_angle_of_the_market_is_judged_once_and_one_of_assets_for_each() -> None:
    subjects = {n: [p.subject for p in detect(book_of({}), [shipped()[n]])] for n in ("crash_day", "big_move")}
    assert subjects == {"crash_day": ["market"], "big_move": ["BTC", "ETH", "SOL"]}


def test_a_condition_that_is_unknown_without_an_absence_shows_what_it_saw() -> None:
    pitch = pitch_of("ath", cases_of("ath")[0], {"BTC.price.ath_previous": 0})
    assert pitch.reason.endswith("price.ath is 100100; price.ath_previous is 0")


def test_a_broken_figure_silences_its_own_angles_only() -> None:
    broken = BrokenFigureError("wrong by one")
    book = book_of({"BTC.price.zscore_24h": broken, "BTC.price.change_24h": 5, "BTC.etf.streak_days": 10})
    found = {(p.angle, p.subject): p for p in detect(book, list(shipped().values()))}
    assert found["big_move", "BTC"].reason == "cannot be judged: BrokenFigureError: wrong by one"
    assert not found["big_move", "BTC"].fired
    assert found["etf_streak", "BTC"].fired and found["etf_streak", "BTC"].role == "lead"
    assert found["big_move", "ETH"].reason.startswith("unknown whether")


# From bars, through derive


def closes(last: float) -> list[float]:
    """Fifty days of four-hour closes that sway by a third of a percent, and the last of them a day later."""
    return [100_000.0 + (300 if (i // 6) % 2 else 0) for i in range(300)] + [last] * 6


@pytest.mark.parametrize(("past", "fires"), [(1, True), (-1, False)])
def test_a_big_move_is_found_in_bars(past: int, fires: bool) -> None:
    rule = shipped()["big_move"]
    floor = float(rule.limits_of("BTC")["floor_pct"].value)
    values = closes(0)
    base = values[299]
    market = Market(("BTC",)).bars("BTC", "4h", at("2025-07-14 12:00"), closes(base * (1 + (floor + past * 0.1) / 100)))
    daily = [100_000.0 + (300 if i % 2 else 0) for i in range(60)]
    market.bars("BTC", "1d", at("2025-07-14 00:00"), daily)
    (pitch,) = detect(market.book("2025-07-14 12:02"), [rule], whole=True)
    assert pitch.fired is fires, pitch.reason
    assert {c.why: c.held for c in pitch.conditions}["the 24-hour move is large for the asset"] is fires
