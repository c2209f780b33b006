"""Weeks, months, quarters and years once they have ended, worked by hand. March 10, 2025 is a Monday."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.derive.market_of import DAY, Market, agrees, at, figure, reason, value
from tests.derive.test_price_history import reference

D = Decimal
CHANGE, CLOSE, BASE, BASE_AT = "price.period_change", "price.period_close", "price.period_base", "price.period_base_at"
LENGTH, HIGH, LOW, MEDIAN = "price.period_days", "price.period_high", "price.period_low", "price.period_median_change"
COUNT, LARGER, SINCE = "price.period_count", "price.period_larger", "price.period_largest_since"


def weeks(closes: list[float], end: str = "2025-03-10") -> Market:
    """Weeks whose days all close alike; of the last week the third day goes five beyond on both sides."""
    days = [c for c in closes for _ in range(7)]
    highs, lows = [d + 1 for d in days], [d - 1 for d in days]
    highs[-5], lows[-5] = days[-5] + 5, days[-5] - 5
    return Market().bars("BTC", "1d", at(end), days, high=highs, low=lows)


CLOSES = [100.0, 110.0, 99.0, 100.98, 102.9996, 100.939608, 100.0, 106.0]
# changes in percent: 10, -10, 2, 2, -2, about -0.93, 6


def test_week_that_has_ended() -> None:
    book = weeks(CLOSES).book("2025-03-10 00:02")
    change = figure(book, CHANGE, "BTC")
    assert (change.value, change.label, change.window) == (D(6), "week", "week")
    assert agrees(book, change)
    assert (value(book, CLOSE, "BTC"), value(book, BASE, "BTC")) == (D(106), D(100))
    assert value(book, BASE_AT, "BTC") == date(2025, 3, 2)
    assert value(book, LENGTH, "BTC") == D(7)
    assert agrees(book, figure(book, LENGTH, "BTC"))
    assert (value(book, HIGH, "BTC"), value(book, LOW, "BTC")) == (D(111), D(101))
    assert agrees(book, figure(book, HIGH, "BTC"))


def test_rank_among_the_weeks_before() -> None:
    book = weeks(CLOSES).book("2025-03-10 00:02")
    median = figure(book, MEDIAN, "BTC")
    assert agrees(book, median)
    assert round(median.number, 2) == D("0.53")  # the middle of -10, -2, -0.93, 2, 2, 10 lies between -0.93 and 2
    assert value(book, COUNT, "BTC") == D(6)
    assert agrees(book, figure(book, COUNT, "BTC"))
    assert value(book, LARGER, "BTC") == D(1)  # the 10
    assert agrees(book, figure(book, LARGER, "BTC"))
    since = figure(book, SINCE, "BTC")
    assert since.value == date(2025, 1, 26)  # the second of eight weeks
    assert since.record is not None
    assert since.record.rival_value == D(10)
    assert agrees(book, since)
    trail = book.trail(CHANGE, "BTC")
    assert [round(v, 2) for v in trail.values] == [10.0, -10.0, 2.0, 2.0, -2.0, -0.93]  # type: ignore[union-attr]


def test_falls_are_set_against_falls() -> None:
    book = weeks([*CLOSES[:-1], 97.0]).book("2025-03-10 00:02")
    assert value(book, LARGER, "BTC") == D(1)  # -3 percent; before it were -10, -2, -0.93
    assert value(book, SINCE, "BTC") == date(2025, 2, 2)


def test_larger_than_all_before_is_a_record_of_the_archive() -> None:
    book = weeks([*CLOSES[:-1], 111.0]).book("2025-03-10 00:02")
    assert "moved as far" in reason(book, LARGER, "BTC")
    since = figure(book, SINCE, "BTC")
    assert since.value is None
    assert since.record is not None
    assert (since.record.is_record, since.record.covers_life) == (True, False)


def test_nothing_before_the_close_and_a_day_after_it() -> None:
    for end, moment in (("2025-03-09", "2025-03-09 00:02"), ("2025-03-11", "2025-03-11 00:02")):
        book = weeks(CLOSES, end).book(moment)
        for name in (CHANGE, CLOSE, BASE, BASE_AT, LENGTH, HIGH, LOW, MEDIAN, COUNT, LARGER, SINCE):
            assert "no week, month, quarter or year of BTC ended" in reason(book, name, "BTC")


def test_longest_period_is_told() -> None:
    """Days from Jan. 1, 2023 on: at the end of March 2024 a quarter ends, and a week too; at that of the year a year."""
    days = (at("2024-04-01") - at("2022-12-31")) // DAY
    book = Market().bars("BTC", "1d", at("2024-04-01"), [100.0] * (days - 91) + [120.0] * 91, spread=1).book("2024-04-01 00:02")
    change = figure(book, CHANGE, "BTC")
    assert (change.value, change.label) == (D(20), "quarter")
    assert value(book, LENGTH, "BTC") == D(91)
    assert value(book, BASE_AT, "BTC") == date(2023, 12, 31)
    assert "only 4 earlier quarters" in reason(book, COUNT, "BTC")
    year = Market().bars("BTC", "1d", at("2024-01-01"), [100.0] * 366 + [90.0], spread=1).book("2024-01-01 00:02")
    assert (value(year, CHANGE, "BTC"), figure(year, CHANGE, "BTC").label) == (D(-10), "year")


def test_months_of_the_reference_count() -> None:
    book = reference(Market().bars("BTC", "1d", at("2025-03-01"), [100.0] * 40 + [110.0] * 28), high=5.0, days=5305).book(
        "2025-03-01 00:02"
    )
    assert (value(book, CHANGE, "BTC"), figure(book, CHANGE, "BTC").label) == (D(10), "month")
    assert value(book, COUNT, "BTC") > D(100)
    assert agrees(book, figure(book, COUNT, "BTC"))
    assert agrees(book, figure(book, MEDIAN, "BTC"))


def test_range_needs_every_day() -> None:
    days = [100.0] * 50
    made = Market().bars("BTC", "1d", at("2025-03-06"), days, spread=1).bars("BTC", "1d", at("2025-03-10"), days[:3], spread=1)
    assert value(made.book("2025-03-10 00:02"), CHANGE, "BTC") == D(0)
    assert reason(made.book("2025-03-10 00:02"), HIGH, "BTC") == "1 days of BTC are missing in the week that ended"


def test_a_day_that_is_missing_within_a_week_moves_no_close() -> None:
    days = [day for close in CLOSES for day in (*[500.0] * 6, close)]
    made = Market().bars("BTC", "1d", at("2025-02-06"), days[:-32], spread=1)  # without the bar that ends on February 7, a Friday
    book = made.bars("BTC", "1d", at("2025-03-10"), days[-31:], spread=1).book("2025-03-10 00:02")
    assert (value(book, CHANGE, "BTC"), value(book, COUNT, "BTC")) == (D(6), D(6))
    trail = book.trail(CHANGE, "BTC")
    assert [round(v, 2) for v in trail.values] == [10.0, -10.0, 2.0, 2.0, -2.0, -0.93]  # type: ignore[union-attr]


def test_absent_without_fresh_bars() -> None:
    assert "daily bars only" in reason(weeks(CLOSES).book("2025-03-10 12:02"), CHANGE, "BTC")
