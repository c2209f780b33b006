"""Moves within minutes, worked by hand."""

from __future__ import annotations

from decimal import Decimal

from tests.derive.market_of import HOUR, Market, agrees, at, figure, moment, reason, value

D = Decimal
NOON = "2025-03-10 12:02"
CHANGE, FROM, TO = "price.flash_change", "price.flash_from", "price.flash_to"
FROM_AT, TO_AT, MINUTES, BACK = "price.flash_from_at", "price.flash_to_at", "price.flash_minutes", "price.flash_back_share"


def hourly(closes: list[float]) -> Market:
    """Hourly bars up to noon of March 10."""
    return Market().bars("BTC", "1h", at("2025-03-10 12:00"), closes)


def minutes(closes: list[float]) -> Market:
    """A day of quiet hours, and closes of minutes up to noon."""
    end = at("2025-03-10 12:00")
    made = hourly([100.0] * 30)
    rows = [(end - 60 * (len(closes) - 1 - k), c) for k, c in enumerate(closes)]
    return made.rows("spot.close", "BTC", "1m", "binance", rows, venue="binance")


def test_hourly_bars_from_one_close_to_the_next() -> None:
    book = hourly([100.0] * 26 + [96.0, 97.0, 98.0, 98.0]).book(NOON)
    change = figure(book, CHANGE, "BTC")
    assert (change.value, change.window) == (D(-4), "1h")
    assert agrees(book, change)
    assert (value(book, FROM, "BTC"), value(book, TO, "BTC")) == (D(100), D(96))
    assert (value(book, FROM_AT, "BTC"), value(book, TO_AT, "BTC")) == (moment("2025-03-10 08:00"), moment("2025-03-10 09:00"))
    assert "they tell no minutes" in reason(book, MINUTES, "BTC")
    assert value(book, BACK, "BTC") == D(50)  # 98, halfway back
    assert agrees(book, figure(book, BACK, "BTC"))


def test_move_of_more_than_four_hours_ago_is_over() -> None:
    book = hourly([100.0] * 25 + [90.0, 90.0, 90.0, 90.0, 91.8]).book(NOON)  # the fall ended at 08:00
    assert value(book, CHANGE, "BTC") == D(2)


def test_missing_hour_makes_no_move_of_two() -> None:
    made = Market().bars("BTC", "1h", at("2025-03-10 10:00"), [100.0] * 24).bars("BTC", "1h", at("2025-03-10 12:00"), [95.0])
    assert value(made.book(NOON), CHANGE, "BTC") == D(0)


def test_minutes_count_the_shortest_way_between_two_closes_within_fifteen() -> None:
    path = [100.0] * 30 + [99.0, 98.0, 97.0, 96.0, 96.0] + [97.0] * 20
    book = minutes(path).book(NOON)
    change = figure(book, CHANGE, "BTC")
    assert (change.value, change.window) == (D(-4), "4min")
    assert value(book, MINUTES, "BTC") == D(4)
    assert agrees(book, figure(book, MINUTES, "BTC"))
    assert agrees(book, change)


def test_sixteen_minutes_are_too_long() -> None:
    slow = [100.0] * 30 + [100.0 - k for k in range(1, 33)]
    found = figure(minutes(slow).book(NOON), CHANGE, "BTC")
    assert found.window == "15min"


def test_stray_tick_is_no_move() -> None:
    assert value(minutes([100.0] * 30 + [90.0] + [100.0] * 20).book(NOON), CHANGE, "BTC") == D(0)
    held = minutes([100.0] * 30 + [96.0, 97.0] + [97.0] * 20).book(NOON)
    assert value(held, CHANGE, "BTC") == D(-4)


def test_nothing_taken_back() -> None:
    assert "taken nothing" in reason(hourly([100.0] * 27 + [96.0, 95.0, 94.0]).book(NOON), BACK, "BTC")


def test_longer_bars_and_late_ones_tell_nothing() -> None:
    long = Market().bars("BTC", "4h", at("2025-03-10 12:00"), [100.0] * 30 + [80.0])
    assert "longer ones tell no move" in reason(long.book(NOON), CHANGE, "BTC")
    late = Market().bars("BTC", "1h", at("2025-03-10 12:00") - HOUR, [100.0] * 30 + [80.0])
    assert "longer ones tell no move" in reason(late.book(NOON), CHANGE, "BTC")
