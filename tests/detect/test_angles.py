"""The shipped angles: each fires on a made market, not just below its limits, and not when a figure it needs is absent.

A value here is a number or a function of the rule's own limits, so that the tests follow templates/angles/*/rule.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from derive.market_of import Market, at
from detect.made_book import FIRST_EVER, RECORD_OF_THE_ARCHIVE, BrokenFigureError, Known, book_of, shipped

from newsgen.detect import detect
from newsgen.market import Absent
from newsgen.story import Pitch

Limits = Callable[[str], Decimal]
Values = Mapping[str, Any]  # figure to value, or to a function of the limits

BIT = Decimal("0.01")  # "just below"
DOLLAR = Decimal(1)
DAY = Known(date(2025, 5, 1))  # an extreme that was last seen then
WHY_ABSENT = "the source was silent"


def less(name: str, by: Decimal = BIT) -> Callable[[Limits], Decimal]:
    return lambda limit: limit(name) - by


def more(name: str, by: Decimal = BIT) -> Callable[[Limits], Decimal]:
    return lambda limit: limit(name) + by


def exactly(name: str) -> Callable[[Limits], Decimal]:
    return lambda limit: limit(name)


def minus(name: str) -> Callable[[Limits], Decimal]:
    return lambda limit: -limit(name)


@dataclass(frozen=True)
class Case:
    """A market on which an angle fires at the edge of each limit, what to change so that it does not, and what it cannot do without."""

    angle: str
    subject: str
    fires: Values
    misses: tuple[Values, ...]  # changes
    also: tuple[Values, ...] = ()  # changes with which it still fires
    needs: tuple[str, ...] = ()


def beyond_record(limit: Limits, by: Decimal) -> Decimal:
    return 100_000 * (1 + (limit("beyond_pct") + by) / 100)


def big_move(subject: str) -> Case:
    change, z = f"{subject}.price.change_24h", f"{subject}.price.zscore_24h"
    return Case(
        "big_move",
        subject,
        {change: exactly("floor_pct"), z: exactly("deviations")},
        misses=({change: less("floor_pct")}, {z: less("deviations")}),
        also=({change: minus("floor_pct"), z: minus("deviations")}, {change: more("floor_pct")}),
        needs=(change, z),
    )


def liquidated(angle: str, side: str, change: str, below: Callable[[Limits], Decimal], **more_parts: Any) -> Case:
    share, move = f"market.liquidations.{side}_share_24h", "BTC.price.change_24h"
    total, venue = "market.liquidations.total_24h", "market.liquidations_venue.total_24h"
    percentile = "market.liquidations_venue.percentile_90d"
    just_less = {total: less("floor_market_usd", DOLLAR), venue: less("floor_venue_usd", DOLLAR)}
    return Case(
        angle,
        "market",
        {
            total: exactly("floor_market_usd"),
            venue: 0,
            percentile: exactly("top_percentile"),
            share: exactly("side_share_pct"),
            move: exactly(change),
            "BTC.price.is_ath": False,
        },
        misses=(just_less, {percentile: less("top_percentile")}, {share: less("side_share_pct")}, {move: below}),
        also=(
            {total: 0, venue: exactly("floor_venue_usd")},
            {total: Absent(WHY_ABSENT), venue: exactly("floor_venue_usd")},
            *more_parts.get("also", ()),
        ),
        needs=(percentile, share, move, total),
    )


CASES = [
    Case(
        "ath",
        "BTC",
        {
            "BTC.price.is_ath": True,
            "BTC.price.high_since": FIRST_EVER,
            "BTC.price.ath_previous": 100_000,
            "BTC.price.ath": lambda limit: beyond_record(limit, Decimal(0)),
        },
        misses=(
            {"BTC.price.ath": lambda limit: beyond_record(limit, -BIT)},
            {"BTC.price.is_ath": False},
            {"BTC.price.high_since": RECORD_OF_THE_ARCHIVE},
            {"BTC.price.high_since": DAY},
        ),
        needs=("BTC.price.is_ath", "BTC.price.high_since", "BTC.price.ath", "BTC.price.ath_previous"),
    ),
    big_move("BTC"),
    big_move("ETH"),
    big_move("SOL"),
    Case(
        "crash_day",
        "market",
        {"BTC.price.change_24h": exactly("fall_pct"), "market.market.cap_change_24h": 0, "market.liquidations_venue.percentile_90d": 0},
        misses=(
            {
                "BTC.price.change_24h": more("fall_pct"),
                "market.market.cap_change_24h": more("cap_fall_pct"),
                "market.liquidations_venue.percentile_90d": less("top_percentile"),
            },
            {"BTC.price.change_24h": more("fall_with_liquidations_pct"), "market.liquidations_venue.percentile_90d": 100},
        ),
        also=(
            {"BTC.price.change_24h": 0, "market.market.cap_change_24h": exactly("cap_fall_pct")},
            {
                "BTC.price.change_24h": exactly("fall_with_liquidations_pct"),
                "market.liquidations_venue.percentile_90d": exactly("top_percentile"),
            },
            {"market.market.cap_change_24h": Absent(WHY_ABSENT), "market.liquidations_venue.percentile_90d": Absent(WHY_ABSENT)},
        ),
        needs=("BTC.price.change_24h",),
    ),
    *(
        Case(
            "etf_flow_day",
            asset,
            {f"{asset}.etf.net_flow_day": exactly("floor_usd"), f"{asset}.etf.percentile_1y": exactly("top_percentile")},
            misses=({f"{asset}.etf.net_flow_day": less("floor_usd", DOLLAR)}, {f"{asset}.etf.percentile_1y": less("top_percentile")}),
            also=(
                {f"{asset}.etf.net_flow_day": minus("floor_usd")},
                {f"{asset}.etf.net_flow_day": 1, f"{asset}.etf.percentile_1y": 0, f"{asset}.etf.largest_inflow_since": DAY},
                {f"{asset}.etf.net_flow_day": -1, f"{asset}.etf.percentile_1y": 0, f"{asset}.etf.largest_outflow_since": DAY},
            ),
            needs=(f"{asset}.etf.net_flow_day", f"{asset}.etf.percentile_1y"),
        )
        for asset in ("BTC", "ETH")
    ),
    Case(
        "etf_streak",
        "ETH",
        {"ETH.etf.streak_days": exactly("sessions")},
        misses=({"ETH.etf.streak_days": less("sessions", Decimal(1))}, {"ETH.etf.streak_days": lambda limit: 1 - limit("sessions")}),
        also=({"ETH.etf.streak_days": minus("sessions")},),
        needs=("ETH.etf.streak_days",),
    ),
    Case(
        "extreme_since",
        "SOL",
        {"SOL.price.high_since": DAY, "SOL.price.change_24h": exactly("min_change_pct")},
        misses=(
            {"SOL.price.change_24h": less("min_change_pct")},
            {"SOL.price.high_since": RECORD_OF_THE_ARCHIVE},
            {"SOL.price.high_since": FIRST_EVER},
            {"SOL.price.high_since": Absent(WHY_ABSENT)},
        ),
        also=({"SOL.price.high_since": Absent(WHY_ABSENT), "SOL.price.low_since": DAY, "SOL.price.change_24h": minus("min_change_pct")},),
        needs=("SOL.price.change_24h",),
    ),
    Case(
        "level_break_first",
        "BTC",
        {"BTC.level.crossed_up": Known(120_000, is_record=True, covers_life=True)},
        misses=({"BTC.level.crossed_up": Known(120_000, is_record=True)}, {"BTC.level.crossed_up": Known(120_000, covers_life=True)}),
        needs=("BTC.level.crossed_up",),
    ),
    Case(
        "level_lost",
        "BTC",
        {"BTC.level.crossed_down": Known(110_000), "BTC.price.change_24h": exactly("min_change_pct")},
        misses=({"BTC.price.change_24h": more("min_change_pct")}, {"BTC.level.crossed_down": Absent(WHY_ABSENT)}),
        needs=("BTC.price.change_24h",),
    ),
    Case(
        "level_reclaimed",
        "BTC",
        {
            "BTC.level.crossed_up": Known(110_000),
            "BTC.level.crossed_up_since": date(2025, 6, 10),
            "BTC.level.crossed_up_low": 110_001,
            "BTC.price.ath_previous_at": date(2025, 6, 10),
            "BTC.price.change_24h": exactly("min_change_pct"),
        },
        misses=(
            {"BTC.price.change_24h": less("min_change_pct")},
            {"BTC.price.ath_previous_at": date(2025, 6, 9)},
            {"BTC.level.crossed_up": Known(110_000, is_record=True)},
            {"BTC.level.crossed_up": Absent(WHY_ABSENT)},
        ),
        also=({"BTC.price.ath_previous_at": date(2025, 6, 9), "BTC.level.crossed_up_low": 110_000},),
        needs=("BTC.price.change_24h", "BTC.price.ath_previous_at", "BTC.level.crossed_up_since"),
    ),
    liquidated("long_flush", "long", "fall_pct", more("fall_pct")),
    liquidated("short_squeeze", "short", "rise_pct", less("rise_pct"), also=({"BTC.price.change_24h": 0, "BTC.price.is_ath": True},)),
    Case(
        "quiet_day",
        "market",
        {"BTC.price.range_24h": exactly("range_pct"), "BTC.volume.percentile_90d": exactly("volume_percentile")},
        misses=({"BTC.price.range_24h": more("range_pct")}, {"BTC.volume.percentile_90d": more("volume_percentile")}),
        needs=("BTC.price.range_24h", "BTC.volume.percentile_90d"),
    ),
]


def pitch_of(case: Case, changes: Values | None = None) -> Pitch:
    """What the angle says of its subject in the case's market with some changes."""
    rule = shipped()[case.angle]
    limits = rule.limits_of(case.subject)
    values = {n: v(lambda name: limits[name].value) if callable(v) else v for n, v in {**case.fires, **(changes or {})}.items()}
    pitches = detect(book_of(values), [rule], form="brief")
    return next(p for p in pitches if p.subject == case.subject)


def each(part: str) -> list[Any]:
    return [
        pytest.param(c, item, id=f"{c.angle}-{c.subject}-{i if part != 'needs' else item}")
        for c in CASES
        for i, item in enumerate(getattr(c, part))
    ]


def test_every_shipped_angle_has_a_case() -> None:
    assert {c.angle for c in CASES} == set(shipped())
    assert all(c.misses and c.needs for c in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.angle}-{c.subject}")
def test_fires_at_the_edge_of_its_limits(case: Case) -> None:
    pitch = pitch_of(case)
    assert pitch.fired, pitch.reason
    assert all(c.held for c in pitch.conditions)
    assert pitch.score > 0 and pitch.family == shipped()[case.angle].file.family


@pytest.mark.parametrize(("case", "changes"), each("also"))
def test_fires_in_its_other_ways(case: Case, changes: Values) -> None:
    pitch = pitch_of(case, changes)
    assert pitch.fired, pitch.reason


@pytest.mark.parametrize(("case", "changes"), each("misses"))
def test_does_not_fire_on_a_near_miss(case: Case, changes: Values) -> None:
    pitch = pitch_of(case, changes)
    assert not pitch.fired and pitch.score == 0 and pitch.role == "rejected"
    failed = [c for c in pitch.conditions if c.held is False]
    assert failed and pitch.reason == f"not the case: {failed[0].why}"


@pytest.mark.parametrize(("case", "name"), each("needs"))
def test_does_not_fire_without_a_figure_and_says_which(case: Case, name: str) -> None:
    pitch = pitch_of(case, {name: Absent(WHY_ABSENT)})
    assert not pitch.fired
    unknown = [c for c in pitch.conditions if c.held is None]
    short = name.removeprefix(f"{case.subject}.")
    assert any(WHY_ABSENT in c.saw.get(n, "") for c in unknown for n in (name, short))
    assert pitch.reason.startswith(f"unknown whether {unknown[0].why}: ")
    assert f"{short} is absent: {WHY_ABSENT}" in pitch.reason


def test_conditions_keep_what_they_saw() -> None:
    pitch = pitch_of(big_move("BTC"), {"BTC.price.change_24h": Decimal("-12.5")})
    assert [dict(c.saw) for c in pitch.conditions] == [{"price.change_24h": "-12.5"}, {"price.zscore_24h": "2"}]


def test_fund_angles_speak_of_bitcoin_and_ether_only() -> None:
    for name in ("etf_flow_day", "etf_streak"):
        assert {p.subject for p in detect(book_of({}), [shipped()[name]])} == {"BTC", "ETH"}


def test_an_angle_of_the_market_is_judged_once_and_one_of_assets_for_each() -> None:
    subjects = {n: [p.subject for p in detect(book_of({}), [shipped()[n]])] for n in ("crash_day", "big_move")}
    assert subjects == {"crash_day": ["market"], "big_move": ["BTC", "ETH", "SOL"]}


def test_a_condition_that_is_unknown_without_an_absence_shows_what_it_saw() -> None:
    case = next(c for c in CASES if c.angle == "ath")
    pitch = pitch_of(case, {"BTC.price.ath_previous": 0})
    assert pitch.reason.endswith("price.ath is 100100; price.ath_previous is 0")


def test_a_broken_figure_silences_its_own_angles_only() -> None:
    broken = BrokenFigureError("wrong by one")
    book = book_of({"BTC.price.zscore_24h": broken, "BTC.price.change_24h": 5, "BTC.etf.streak_days": 9})
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
    (pitch,) = detect(market.book("2025-07-14 12:02"), [rule])
    assert pitch.fired is fires, pitch.reason
    assert {c.why: c.held for c in pitch.conditions}["the 24-hour move is large for the asset"] is fires
