"""Runs of closes by day, week and month, worked by hand. March 10, 2025 is a Monday: at its midnight a week ends."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from newsgen.derive._periods import begin_of, ends
from tests.derive.market_of import DAY, Market, agrees, at, figure, reason, value
from tests.derive.test_price_history import reference

D = Decimal
LENGTH, OVER, CHANGE, BASE, SINCE = (f"price.run_{name}" for name in ("length", "over", "change", "base_at", "longest_since"))
BREAK = "price.run_break_change"


def daily(closes: list[float], end: str) -> Market:
    return Market().bars("BTC", "1d", at(end), closes)


def zigzag(count: int) -> list[float]:
    """Days that go up and down in turn, the last one down."""
    return [100.0 + (count - k) % 2 for k in range(1, count + 1)]


def weekly(closes: list[float], end: str) -> Market:
    """Every day of a week closes as its last one does, but for a lower Wednesday."""
    return daily([c - (k == 2) for c in closes for k in range(7)], end)


def test_periods_of_the_calendar() -> None:
    assert ends("week", at("2025-03-10"))
    assert not ends("week", at("2025-03-11"))
    assert [p for p in ("day", "week", "month", "quarter", "year") if ends(p, at("2024-04-01"))] == ["day", "week", "month", "quarter"]
    assert ends("year", at("2025-01-01"))
    assert begin_of("month", at("2025-03-01")) == at("2025-02-01")
    assert begin_of("quarter", at("2025-01-01")) == at("2024-10-01")
    assert begin_of("year", at("2025-01-01")) == at("2024-01-01")
    assert begin_of("week", at("2025-03-10")) == at("2025-03-03")


def test_run_of_days_that_goes_on() -> None:
    book = daily([*zigzag(60), 99, 98, 97, 96, 95], "2025-03-12").book("2025-03-12 00:02")
    length = figure(book, LENGTH, "BTC")
    assert (length.value, length.label, length.window) == (D(-6), "day", "day")  # the zigzag ends with a fall
    assert agrees(book, length)
    assert value(book, OVER, "BTC") is False
    assert agrees(book, figure(book, OVER, "BTC"))
    assert value(book, BASE, "BTC") == date(2025, 3, 5)  # six closes follow it, the last one is March 11
    assert value(book, CHANGE, "BTC") == (D(95) / D(101) - 1) * 100
    assert "goes on" in reason(book, BREAK, "BTC")


def test_four_days_are_no_run() -> None:
    assert "made no run longer" in reason(daily([*zigzag(60), 99, 98, 97], "2025-03-12").book("2025-03-12 00:02"), LENGTH, "BTC")


def test_end_of_a_run_of_days() -> None:
    book = daily([*zigzag(60), 99, 98, 97, 96, 99.84], "2025-03-12").book("2025-03-12 00:02")
    length = figure(book, LENGTH, "BTC")
    assert length.value == D(-5)
    assert agrees(book, length)
    assert value(book, OVER, "BTC") is True
    assert agrees(book, figure(book, OVER, "BTC"))
    assert value(book, BREAK, "BTC") == D(4)
    assert value(book, CHANGE, "BTC") == (D(96) / D(101) - 1) * 100
    later = daily([*zigzag(60), 99, 98, 97, 96, 99.84, 98], "2025-03-13").book("2025-03-13 00:02")
    assert "made no run longer" in reason(later, LENGTH, "BTC")


def test_unchanged_close_belongs_to_no_run() -> None:
    assert "made no run longer" in reason(daily([*zigzag(60), 99, 98, 97, 96, 96], "2025-03-12").book("2025-03-12 00:02"), LENGTH, "BTC")


def test_missing_day_ends_the_run() -> None:
    made = daily([*zigzag(60), 99, 98, 97], "2025-03-09")
    for part in ("close", "high", "low"):
        made.rows(f"spot.{part}", "BTC", "1d", "binance", [(at("2025-03-11") + DAY * k, 95 - k) for k in range(2)], venue="binance")
    assert "made no run longer" in reason(made.book("2025-03-12 00:02"), LENGTH, "BTC")


def test_weeks_are_told_when_a_week_ends_and_before_days() -> None:
    book = weekly([100, 101, 99, 100, 101, 102, 103], "2025-03-10").book("2025-03-10 00:02")
    length = figure(book, LENGTH, "BTC")
    assert (length.value, length.label) == (D(4), "week")
    assert agrees(book, length)
    assert value(book, BASE, "BTC") == date(2025, 2, 9)
    assert value(book, "price.run_weeks", "BTC") == D(4)
    assert "is of weeks" in reason(book, "price.run_days", "BTC")
    next_day = weekly([100, 101, 99, 100, 101, 102, 103], "2025-03-11").book("2025-03-11 00:02")
    assert "made no run longer" in reason(next_day, LENGTH, "BTC")


def test_months_count_in_closes_of_last_days_also_those_of_the_reference() -> None:
    """Reference closes of 0.1 up to the first bar of the exchange; its three months rise."""
    days = (at("2025-03-01") - at("2024-12-01")) // DAY  # the exchange begins on Dec. 1
    closes = [100.0] * 31 + [110.0] * 31 + [120.0] * 28
    assert len(closes) == days
    book = reference(daily(closes, "2025-03-01"), high=5.0, days=6000).book("2025-03-01 00:02")
    length = figure(book, LENGTH, "BTC")
    assert (length.value, length.label) == (D(3), "month")  # 0.1 to 100, 110 and 120
    assert agrees(book, length)
    assert value(book, BASE, "BTC") == date(2024, 11, 30)


def test_since_names_the_end_of_the_last_run_as_long() -> None:
    closes = [*zigzag(10), 99, 98, 97, 96, 95, *[x + 1 for x in zigzag(41)], 99, 98, 97, 96, 95]
    book = daily(closes, "2025-03-12").book("2025-03-12 00:02")
    assert value(book, LENGTH, "BTC") == D(-6)
    since = figure(book, SINCE, "BTC")
    assert since.value == date(2025, 1, 24)  # 46 closes follow it, the last one is March 11
    assert since.record is not None
    assert since.record.rival_value == D(-6)
    assert agrees(book, since)


def test_longest_of_all_is_a_record_of_the_archive() -> None:
    since = figure(daily([*zigzag(60), 99, 98, 97, 96], "2025-03-12").book("2025-03-12 00:02"), SINCE, "BTC")
    assert since.value is None
    assert since.record is not None
    assert (since.record.is_record, since.record.covers_life) == (True, False)


def test_as_long_a_run_within_a_month_is_absent() -> None:
    closes = [*zigzag(40), 99, 98, 97, 96, *[x + 1 for x in zigzag(10)], 99, 98, 97, 96]
    assert "at least as small on 2025-02-25" in reason(daily(closes, "2025-03-12").book("2025-03-12 00:02"), SINCE, "BTC")


def test_trail_is_of_changes_over_as_many_days() -> None:
    book = daily([100.0] * 40 + [101, 102, 103, 104, 105, 100, 99, 98, 97, 96, 95], "2025-03-12").book("2025-03-12 00:02")
    trail = book.trail(CHANGE, "BTC")
    assert len(trail.at) == 39  # type: ignore[union-attr]  # 45 closes up to the base, six days apart
    assert round(trail.values[-1], 6) == 5  # type: ignore[union-attr]


def test_absent_without_fresh_bars() -> None:
    assert "daily bars only" in reason(daily(zigzag(60), "2025-03-12").book("2025-03-12 12:02"), LENGTH, "BTC")
