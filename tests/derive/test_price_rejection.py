"""Round levels reached and not held, worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.derive.market_of import Market, agrees, at, figure, moment, reason, value

D = Decimal
NOON = "2025-03-10 12:02"
LEVEL, HIGH, LOW, AT, GAP, TURN, TOUCHES, REACHED = (
    f"level.rejected{name}" for name in ("", "_high", "_low", "_at", "_gap_pct", "_turn_gap_pct", "_touches", "_reached_since")
)


def market(closes: list[float], highs: list[float], *, days: list[float] | None = None, window: str = "4h") -> Market:
    """Bars up to noon whose lows lie ten below their closes, and days with these highs up to March 9."""
    made = Market().bars("BTC", window, at("2025-03-10 12:00"), closes, high=highs, low=[c - 10 for c in closes])
    day_highs = days or [96_000.0] * 60
    return made.bars("BTC", "1d", at("2025-03-10"), [95_000.0] * len(day_highs), high=day_highs, low=[94_000.0] * len(day_highs))


BEFORE = [98_000.0] * 6
CLOSES = [*BEFORE, 98_500, 99_000, 99_200, 98_000, 98_100, 98_200]
HIGHS = [*BEFORE, 98_600, 99_100, 100_500, 99_300, 98_400, 98_300]


def test_level_reached_by_a_high_and_by_no_close() -> None:
    book = market(CLOSES, HIGHS).book(NOON)
    level = figure(book, LEVEL, "BTC")
    assert (level.value, level.label) == (D(100_000), "high")
    assert agrees(book, level)
    assert value(book, HIGH, "BTC") == D(100_500)
    assert "reached by a high" in reason(book, LOW, "BTC")
    at_ = figure(book, AT, "BTC")
    assert (at_.value, at_.label) == (moment("2025-03-10 00:00"), "4h")
    assert agrees(book, at_)
    assert value(book, GAP, "BTC") == D("-1.8")  # 98,200
    assert value(book, TURN, "BTC") == D(-2)  # 98,000 at the close of the next bar


def test_close_beyond_the_level_is_no_rejection() -> None:
    closes = [*CLOSES[:8], 100_001, *CLOSES[9:]]
    assert "no round level" in reason(market(closes, HIGHS).book(NOON), LEVEL, "BTC")
    on_it = [*CLOSES[:8], 100_000, *CLOSES[9:]]
    assert "no round level" in reason(market(on_it, HIGHS).book(NOON), LEVEL, "BTC")
    above = [100_100.0, *CLOSES[1:]]
    assert value(market(above, [100_200.0, *HIGHS[1:]]).book(NOON), LEVEL, "BTC") == D(100_000)  # before the 24 hours
    at_start = [*CLOSES[:5], 100_001.0, *CLOSES[6:]]  # the close that the 24 hours begin with
    assert "no round level" in reason(market(at_start, [*HIGHS[:5], 100_100.0, *HIGHS[6:]]).book(NOON), LEVEL, "BTC")


def test_high_short_of_the_level_reaches_nothing() -> None:
    assert "no round level" in reason(market(CLOSES, [*HIGHS[:8], 99_999, *HIGHS[9:]]).book(NOON), LEVEL, "BTC")


def test_level_reached_from_above() -> None:
    closes = [*[102_000.0] * 6, 101_500, 101_000, 100_900, 101_200, 101_300, 101_400]
    made = Market().bars("BTC", "4h", at("2025-03-10 12:00"), closes, high=[c + 10 for c in closes], low=[*closes[:8], 99_500, *closes[9:]])
    book = made.bars("BTC", "1d", at("2025-03-10"), [102_000.0] * 60, spread=1_000).book(NOON)
    assert (value(book, LEVEL, "BTC"), figure(book, LEVEL, "BTC").label) == (D(100_000), "low")
    assert value(book, LOW, "BTC") == D(99_500)
    assert value(book, TURN, "BTC") == D("1.2")  # 101,200
    assert value(book, GAP, "BTC") == D("1.4")
    assert "no day" in reason(book, REACHED, "BTC") or "never reached" in reason(book, REACHED, "BTC")


def test_turn_of_hourly_bars_is_that_of_two_hours() -> None:
    closes = [*[98_000.0] * 24, *[98_500.0] * 12, 99_500, 99_400, 99_300, *[97_000.0] * 9]
    highs = [*closes[:36], 100_100, *closes[37:]]
    book = market(closes, highs, window="1h").book(NOON)
    assert value(book, TURN, "BTC") == D("-0.7")  # 99,300 two hours after; 97,000 came later


def test_touches_are_days_and_the_last_one_is_named() -> None:
    days = [96_000.0] * 28 + [100_000.0] + [96_000.0] * 20 + [101_000.0, 99_999.0, 100_000.0] + [96_000.0] * 8
    book = market(CLOSES, HIGHS, days=days).book(NOON)
    touches = figure(book, TOUCHES, "BTC")
    assert touches.value == D(2)  # of the 30 days to March 8
    assert agrees(book, touches)
    since = figure(book, REACHED, "BTC")
    assert since.value == date(2025, 3, 1)  # eight bars follow it
    assert agrees(book, since)


def test_level_without_touches() -> None:
    book = market(CLOSES, HIGHS).book(NOON)
    assert "had not reached the level in the 30 days" in reason(book, TOUCHES, "BTC")
    assert "had never reached the level" in reason(book, REACHED, "BTC")
    assert "only 19 of the 30 days" in reason(market(CLOSES, HIGHS, days=[96_000.0] * 20).book(NOON), TOUCHES, "BTC")


def test_daily_bars_tell_nothing_of_a_touch() -> None:
    book = (
        Market().bars("BTC", "1d", at("2025-03-10"), [98_000.0] * 40, high=[100_500.0] * 40, low=[97_000.0] * 40).book("2025-03-10 00:02")
    )
    assert "as long as a day" in reason(book, LEVEL, "BTC")
