"""The shape of a day: three turning points at most, in time order, each an extreme between its neighbours; the extremes of a week."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgen.derive.path import MOST, Turn, turns_of
from tests.derive.market_of import DAY, HOUR, Market, agrees, at, figure, moment, reason, value

HOURS = Path(__file__).with_name("btc_hours_2025-04-07.csv")


def hours_of_april() -> Market:
    """The hours of April 6 and 7, 2025, as spot bars."""
    lines = [line for line in HOURS.read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    market = Market(("BTC",))
    for part in ("close", "high", "low"):
        ends = [int(datetime.fromisoformat(r["time_utc"]).timestamp()) + HOUR for r in rows]
        market.rows(f"spot.{part}", "BTC", "1h", "binance", [(e, r[part]) for e, r in zip(ends, rows, strict=True)], venue="binance")
    return market


def test_the_day_of_april_7_is_cut_where_it_turned() -> None:
    # By hand: from 79,572.6 (79,858.7 at 21:00 is no turn, 286 above it) down to 74,457 (the hour to 08:00), up to 81,200
    # (to 15:00), and back. The range is 6,743. Of a quarter of it there were five turns (77,642.8 at 13:00, 75,761.5 at
    # 14:00, 77,262.6 at 17:00): too many; of 35 %, 2,360, these two are left: the rise after 17:00 was 2,084.
    book = hours_of_april().book("2025-04-07 20:00")
    assert value(book, "path.start", "BTC") == Decimal("79572.6")
    turns = [figure(book, f"path.turn_{n}", "BTC") for n in (1, 2)]
    assert [(t.value, t.label) for t in turns] == [(Decimal(74457), "low"), (Decimal(81200), "high")]
    ends = [figure(book, f"path.turn_{n}_at", "BTC") for n in (1, 2)]
    assert [e.value for e in ends] == [moment("2025-04-07 08:00"), moment("2025-04-07 15:00")]
    assert {e.label for e in ends} == {"1h"} and all(agrees(book, e) for e in ends)
    assert "turned 2 times" in reason(book, "path.turn_3", "BTC")


def test_the_hours_after_it_had_three_turns() -> None:
    # From 81,200's hour on, 14:00 to 24:00 beside what came before: 76,915.9 at the start, 74,457, 81,200, 77,262.6, then 80,184.7.
    book = hours_of_april().book("2025-04-08 00:00")
    assert [value(book, f"path.turn_{n}", "BTC") for n in (1, 2, 3)] == [74457, 81200, Decimal("77262.6")]


def test_a_price_that_only_rises_has_no_turn() -> None:
    book = Market(("BTC",)).bars("BTC", "4h", at("2025-07-14 12:00"), [100.0 + i for i in range(20)]).book("2025-07-14 12:02")
    assert "turned 0 times" in reason(book, "path.turn_1", "BTC")
    assert "turned 0 times" in reason(book, "path.turn_1_at", "BTC")
    assert value(book, "path.start", "BTC") == 113


def test_without_bars_of_the_day_there_is_no_path() -> None:
    book = Market(("BTC",)).bars("BTC", "4h", at("2025-07-14 00:00"), [100.0] * 20).book("2025-07-14 12:02")
    for name in ("path.start", "path.turn_1", "path.turn_1_at"):
        assert "closed at 2025-07-14T00:00:00Z" in reason(book, name, "BTC")


def test_two_extremes_of_one_bar_are_no_two_turns() -> None:
    closes, highs, lows = [100.0, 100.0, 100.0], [101.0, 130.0, 101.0], [99.0, 70.0, 99.0]
    assert turns_of(highs, lows, closes, 100.0) == []  # which came first nobody knows


bars = st.lists(st.tuples(st.integers(900, 1100), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=24)


@given(bars, st.integers(900, 1100))
@settings(max_examples=400, deadline=None)
def test_turns_alternate_and_nothing_between_two_lies_beyond_them(made: list[tuple[int, int, int]], start: int) -> None:
    closes = [float(c) for c, _, _ in made]
    highs, lows = [c + up for c, up, _ in made], [c - down for c, _, down in made]
    turns = turns_of(highs, lows, closes, float(start))
    assert len(turns) <= MOST and [t.row for t in turns] == sorted({t.row for t in turns})
    assert all(a.kind != b.kind for a, b in pairwise(turns))
    edges = [Turn("low", -1, float(start)), *turns]
    for before, turn in zip(edges, turns, strict=False):
        between = slice(before.row + 1, turn.row + 1) if before.row >= 0 else slice(0, turn.row + 1)
        if turn.kind == "high":
            assert turn.value == highs[turn.row] == max(highs[between]) and turn.value >= before.value
        else:
            assert turn.value == lows[turn.row] == min(lows[between]) and turn.value <= before.value


def test_the_week_is_that_of_the_last_seven_closed_days() -> None:
    closes = [float(c) for c in (500, 100, 110, 120, 90, 130, 140, 125)]  # the first ended eight days ago
    book = Market(("BTC",)).bars("BTC", "1d", at("2025-07-14"), closes, spread=5).book("2025-07-14 12:02")
    high, low = figure(book, "path.week_high", "BTC"), figure(book, "path.week_low", "BTC")
    assert (high.value, low.value) == (145, 85)
    assert value(book, "path.week_high_at", "BTC") == date(2025, 7, 12) and value(book, "path.week_low_at", "BTC") == date(2025, 7, 10)
    assert agrees(book, high) and agrees(book, figure(book, "path.week_low_at", "BTC"))
    assert high.window_end == datetime(2025, 7, 14, tzinfo=UTC)


@pytest.mark.parametrize("days", [6, 0])
def test_a_week_with_a_day_missing_has_no_extremes(days: int) -> None:
    market = Market(("BTC",)).bars("BTC", "1d", at("2025-07-14") if days else at("2025-07-14") - DAY, [100.0] * (days or 9))
    assert "2025-07-14" in reason(market.book("2025-07-14 12:02"), "path.week_high", "BTC")
