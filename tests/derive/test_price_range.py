"""A tight range and the way out, worked by hand."""

from __future__ import annotations

from decimal import Decimal

from tests.derive.market_of import Market, agrees, at, figure, reason, value

D = Decimal
NIGHT, NOON = "2025-03-10 00:02", "2025-03-10 12:02"
DAYS, HIGH, LOW, BAND = "price.range_days", "price.range_high", "price.range_low", "price.range_band_pct"
EXIT = "price.range_exit_gap_pct"


def daily(highs: list[float], lows: list[float], last: float) -> Market:
    """Days with these extremes, and the day of March 9, which closes at `last`."""
    closes = [*lows, last]
    return Market().bars("BTC", "1d", at("2025-03-10"), closes, high=[*highs, last + 1], low=[*lows, last - 1])


def test_days_within_five_percent_are_counted_back() -> None:
    book = daily([120.0] + [103.0] * 6 + [105.0] + [104.0] * 2, [118.0] + [101.0] * 8 + [100.0], 106.05).book(NIGHT)
    days = figure(book, DAYS, "BTC")
    assert (days.value, days.label) == (D(9), "9d")  # 105 over 100 is five percent; 120 is not
    assert agrees(book, days)
    assert (value(book, HIGH, "BTC"), value(book, LOW, "BTC")) == (D(105), D(100))
    assert value(book, BAND, "BTC") == D(5)
    assert value(book, EXIT, "BTC") == D(1)  # 106.05 over 105
    assert agrees(book, figure(book, EXIT, "BTC"))


def test_way_out_downwards_is_negative_and_none_inside() -> None:
    assert value(daily([105.0] * 10, [100.0] * 10, 98).book(NIGHT), EXIT, "BTC") == D(-2)
    found = reason(daily([105.0] * 10, [100.0] * 10, 105).book(NIGHT), EXIT, "BTC")
    assert found == "BTC stands within the range of the 10 days before"


def test_band_just_too_wide_is_no_range() -> None:
    book = daily([104.0] * 9 + [106.0], [100.0] * 9 + [101.0], 110).book(NIGHT)
    assert value(book, DAYS, "BTC") == D(1)  # 106 over 100 is six percent
    wide = daily([104.0] * 9 + [106.0], [100.0] * 10, 110).book(NIGHT)
    assert "did not keep within 5 percent" in reason(wide, DAYS, "BTC")


def noon(bars: list[float], highs: list[float]) -> Market:
    """Ten days up to March 9 and four-hour bars of two days up to noon; each bar's low lies one below its close."""
    made = Market().bars("BTC", "1d", at("2025-03-10"), [101.0] * 10, high=[103.0] * 10, low=[100.0] * 10)
    return made.bars("BTC", "4h", at("2025-03-10 12:00"), bars, high=highs, low=[b - 1 for b in bars])


def test_hours_between_the_last_midnight_and_the_24_hours_belong_to_the_range() -> None:
    """At noon the 24 hours begin on March 9 at noon: the range ends there, its last whole day is March 8."""
    book = noon([102.0] * 6 + [110.0] * 6, [103.0] * 5 + [104.0] + [111.0] * 6).book(NOON)
    assert value(book, DAYS, "BTC") == D(9)
    assert value(book, HIGH, "BTC") == D(104)  # the bar that ends on March 9 at noon
    assert agrees(book, figure(book, DAYS, "BTC"))
    wild = noon([102.0] * 6 + [110.0] * 6, [103.0] * 5 + [105.5] + [111.0] * 6).book(NOON)
    assert "did not keep within 5 percent" in reason(wild, DAYS, "BTC")


def test_absent_where_bars_are_missing() -> None:
    made = noon([102.0] * 4 + [110.0] * 6, [103.0] * 4 + [111.0] * 6)
    assert value(made.book(NOON), DAYS, "BTC") == D(9)  # the bars go back to midnight of March 9
    short = noon([102.0] * 2 + [110.0] * 6, [111.0] * 8)
    assert "missing before 2025-03-09 12:00" in reason(short.book(NOON), DAYS, "BTC")
    alone = Market().bars("BTC", "4h", at("2025-03-10 12:00"), [100.0] * 60)
    assert reason(alone.book(NOON), DAYS, "BTC") == "no daily bars of BTC"
    assert "daily bars only" in reason(daily([105.0] * 10, [100.0] * 10, 98).book(NOON), EXIT, "BTC")


def test_missing_day_ends_the_count() -> None:
    made = Market()
    for end, days in (("2025-03-01", 5), ("2025-03-10", 8)):  # nothing of March 1
        made.bars("BTC", "1d", at(end), [101.0] * days, spread=1)
    assert value(made.book(NIGHT), DAYS, "BTC") == D(7)
