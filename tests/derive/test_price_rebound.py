"""How much of a fall is made up, worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.derive.market_of import Market, agrees, at, figure, reason, value

D = Decimal
NOON = "2025-03-10 12:02"
HIGH, LOW, HIGH_AT, LOW_AT = "price.rebound_high", "price.rebound_low", "price.rebound_high_at", "price.rebound_low_at"
DROP, CRASH = "price.rebound_drop_change", "price.rebound_crash_change"
SHARE, RISE = "price.rebound_share", "price.rebound_rise_change"


def market(closes: list[float], **parts: list[float]) -> Market:
    """Four-hour bars up to noon of March 10; highs and lows are the closes unless given."""
    return Market().bars("BTC", "4h", at("2025-03-10 12:00"), closes, **parts)


# The last 24 bars are the four days: the first six lie before the 72 hours.
FALL = [100.0] * 10 + [96.0, 90.0, 80.0, 84.0] + [86.0] * 9 + [90.0]


def test_share_of_the_way_back() -> None:
    book = market(FALL).book(NOON)
    assert (value(book, HIGH, "BTC"), value(book, LOW, "BTC")) == (D(100), D(80))
    assert value(book, SHARE, "BTC") == D(50)
    assert agrees(book, figure(book, SHARE, "BTC"))
    assert value(book, RISE, "BTC") == D("12.5")
    assert value(book, DROP, "BTC") == D(-20)
    assert value(book, LOW_AT, "BTC") == date(2025, 3, 8)  # eleven bars follow it: it ends on March 8 at 16:00
    assert agrees(book, figure(book, LOW_AT, "BTC"))


def test_crash_is_the_deepest_change_between_closes() -> None:
    crash = figure(market(FALL).book(NOON), CRASH, "BTC")
    assert crash.value == D(-20)  # 80 against the 100 a day before
    assert crash.window == "24h"
    mild = [100.0] * 10 + [99.0] * 4 + [98.0] * 10
    wick = market(mild, low=[*mild[:12], 70.0, *mild[13:]], high=mild).book(NOON)
    assert value(wick, LOW, "BTC") == D(70)
    assert value(wick, CRASH, "BTC") == D(-2)


def test_high_of_the_bar_with_the_low_does_not_count() -> None:
    highs = [*FALL[:12], 130.0, *FALL[13:]]
    book = market(FALL, high=highs, low=FALL).book(NOON)
    assert value(book, HIGH, "BTC") == D(100)


def test_high_is_of_the_24_hours_before_the_low() -> None:
    highs = [*FALL[:5], 120.0, *FALL[6:]]  # seven bars before the low: a day and four hours
    assert value(market(FALL, high=highs, low=FALL).book(NOON), HIGH, "BTC") == D(100)
    highs = [*FALL[:6], 120.0, *FALL[7:]]
    book = market(FALL, high=highs, low=FALL).book(NOON)
    assert value(book, HIGH, "BTC") == D(120)
    assert value(book, HIGH_AT, "BTC") == date(2025, 3, 7)


def test_low_before_the_72_hours_is_forgotten() -> None:
    lows = [*FALL[:5], 50.0, *FALL[6:]]
    assert value(market(FALL, high=FALL, low=lows).book(NOON), LOW, "BTC") == D(80)
    lows = [*FALL[:6], 50.0, *FALL[7:]]
    assert value(market(FALL, high=FALL, low=lows).book(NOON), LOW, "BTC") == D(50)


def test_days_alone_will_do() -> None:
    book = Market().bars("BTC", "1d", at("2025-03-10"), [100.0] * 30 + [85.0, 95.0]).book("2025-03-10 00:02")
    assert (value(book, HIGH, "BTC"), value(book, LOW, "BTC"), value(book, CRASH, "BTC")) == (D(100), D(85), D(-15))
    assert value(book, SHARE, "BTC") == (D(10) / D(15)) * 100


def test_absent_without_a_fall_or_with_a_gap() -> None:
    rise = [float(100 + k) for k in range(24)]
    assert "did not fall to its low" in reason(market(rise, high=rise, low=[*rise[:6], 200.0, *rise[7:]]).book(NOON), LOW, "BTC")
    assert "do not tile" in reason(market(FALL[1:]).book(NOON), SHARE, "BTC")
    assert "more than ten minutes" in reason(market(FALL).book("2025-03-10 13:02"), CRASH, "BTC")
