"""Round levels, worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from newsgen.derive.levels import level_steps
from tests.derive.market_of import Market, agrees, at, figure, moment, reason, value
from tests.derive.test_price_history import reference

D = Decimal
NOON = "2025-03-10 12:00"


def market(four: list[float], days: list[float], asset: str = "BTC", **parts: list[float]) -> Market:
    made = Market().bars(asset, "4h", at(NOON), four, spread=10)
    return made.bars(asset, "1d", at("2025-03-10"), days, **(parts or {}), spread=0)


RISE = [96_000.0] * 6 + [99_000.0, 99_500.0, 100_400.0, 99_900.0, 100_500.0, 101_000.0]


def test_roundest_level_of_the_24_hours_up() -> None:
    book = market(RISE, [96_000.0] * 60).book("2025-03-10 12:02")
    level = figure(book, "level.crossed_up", "BTC")
    assert level.value == D(100_000)
    assert level.label == "up"
    assert agrees(book, level)
    assert reason(book, "level.crossed_down", "BTC") == "BTC crossed no round level downwards in the past 24 hours"
    assert (value(book, "level.nearest_above", "BTC"), value(book, "level.nearest_below", "BTC")) == (D(102_000), D(100_000))


def test_crossing_is_the_first_bar_since_which_every_close_is_above() -> None:
    book = market(RISE, [96_000.0] * 60).book("2025-03-10 12:02")
    at_ = figure(book, "level.crossed_up_at", "BTC")
    assert at_.value == moment("2025-03-10 08:00")  # 100,400 was followed by 99,900
    assert at_.label == "4h"
    assert agrees(book, at_)


def test_first_time_needs_no_earlier_touch_and_the_whole_life() -> None:
    """A high that touched the level before, without a close there, makes it no first."""
    days = [96_000.0] * 2600
    covered = reference(market(RISE, days), high=50.0, days=2750)
    first = figure(covered.book("2025-03-10 12:02"), "level.crossed_up", "BTC")
    assert first.record is not None
    assert (first.record.is_record, first.record.covers_life) == (True, True)
    touched = reference(market(RISE, days, high=[96_000.0] * 2500 + [100_000.0] + [96_000.0] * 99, low=days), high=50.0, days=2750)
    again = figure(touched.book("2025-03-10 12:02"), "level.crossed_up", "BTC")
    assert again.record is not None
    assert (again.record.is_record, again.record.last_at_or_beyond) == (False, date(2024, 11, 30))
    short = figure(market(RISE, [96_000.0] * 60).book("2025-03-10 12:02"), "level.crossed_up", "BTC")
    assert short.record is not None
    assert (short.record.is_record, short.record.last_at_or_beyond) == (False, None)


def test_back_above_names_the_last_day_that_ended_there_and_the_low_in_between() -> None:
    days = [96_000.0] * 40 + [102_000.0] + [95_000.0] * 17 + [94_000.0, 96_000.0]
    lows = [90_000.0] * 41 + [93_500.0] * 17 + [92_000.0, 95_000.0]
    book = market(RISE, days, high=[103_000.0] * 60, low=lows).book("2025-03-10 12:02")
    since = figure(book, "level.crossed_up_since", "BTC")
    assert since.value == date(2025, 2, 18)  # 19 daily bars followed, the last one is March 9
    assert since.record is not None
    assert since.record.rival_value == D(102_000)
    assert agrees(book, since)
    assert value(book, "level.crossed_up_low", "BTC") == D(92_000)


def test_low_of_the_unfinished_day_counts_up_to_the_crossing() -> None:
    days = [96_000.0] * 40 + [102_000.0] + [95_000.0] * 19
    made = Market().bars("BTC", "1d", at("2025-03-10"), days, spread=100)
    made.bars("BTC", "4h", at(NOON), RISE, low=[*[95_000.0] * 9, 91_000.0, 99_000.0, 80_000.0], high=RISE)
    # 91,000 is the bar that ends at 04:00, before the crossing at 08:00; 80,000 comes after it
    assert value(made.book("2025-03-10 12:02"), "level.crossed_up_low", "BTC") == D(91_000)


def test_day_that_closed_above_after_the_crossing_is_not_the_last_time_before() -> None:
    four = [96_000.0] * 6 + [97_000.0, 100_500.0, 100_600.0, 100_700.0, 100_800.0, 101_000.0]
    days = [96_000.0] * 30 + [104_000.0] + [95_000.0] * 28 + [100_600.0]
    book = market(four, days).book("2025-03-10 12:02")
    assert value(book, "level.crossed_up_at", "BTC") == moment("2025-03-09 20:00")
    assert value(book, "level.crossed_up_since", "BTC") == date(2025, 2, 8)


def test_down_through_several_levels_takes_the_roundest_and_farthest() -> None:
    four = [61_000.0] * 6 + [58_000.0, 56_000.0, 52_000.0, 50_500.0, 49_500.0, 49_000.0]
    book = market(four, [61_000.0] * 60).book("2025-03-10 12:02")
    level = figure(book, "level.crossed_down", "BTC")
    assert level.value == D(50_000)
    assert agrees(book, level)
    assert value(book, "level.crossed_down_at", "BTC") == moment("2025-03-10 08:00")
    assert reason(book, "level.crossed_up", "BTC") == "BTC crossed no round level upwards in the past 24 hours"


def test_price_on_the_level_has_not_crossed_it() -> None:
    four = [96_000.0] * 6 + [97_000.0] * 5 + [100_000.0]
    assert "crossed no round level" in reason(market(four, [96_000.0] * 60).book("2025-03-10 12:02"), "level.crossed_up", "BTC")


@pytest.mark.parametrize(
    ("asset", "price", "steps"),
    [
        ("BTC", "121467", "10000 5000"),
        ("ETH", "3051", "1000 500"),
        ("SOL", "161", "100 50"),
        ("XRP", "2.8", "1 0.5"),
        ("DOGE", "0.19", "0.1 0.05"),
    ],
)
def test_grid_of_levels(asset: str, price: str, steps: str) -> None:
    assert list(level_steps(asset, D(price))) == [D(s) for s in steps.split()]


@pytest.mark.parametrize(
    ("last", "below", "above"),
    [
        (100_999.7, 100_000, 102_000),  # told as $101,000
        (101_000.4, 100_000, 102_000),
        (100_999.2, 100_000, 101_000),
        (101_000.6, 101_000, 102_000),
    ],
)
def test_a_level_that_the_price_is_printed_as_is_not_its_neighbour(last: float, below: int, above: int) -> None:
    book = market([*RISE[:-1], last], [96_000.0] * 60).book("2025-03-10 12:02")
    assert (value(book, "level.nearest_below", "BTC"), value(book, "level.nearest_above", "BTC")) == (D(below), D(above))
    assert agrees(book, figure(book, "level.nearest_above", "BTC"))
    assert agrees(book, figure(book, "level.nearest_below", "BTC"))
