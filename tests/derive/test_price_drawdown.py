"""Closes below the high and the steps they pass, worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.derive.market_of import Market, agrees, at, figure, reason, value
from tests.derive.test_price_history import reference

D = Decimal
NIGHT = "2025-03-10 00:02"
HIGH, BELOW, STEP, SINCE = "price.ath", "price.below_ath_close_pct", "price.below_ath_step_pct", "price.drawdown_as_deep_since"


def market(closes: list[float], highs: list[float] | None = None, asset: str = "SOL") -> Market:
    """Daily bars whose last one is that of March 9."""
    lows = [c - 1 for c in closes]
    return Market((asset,)).bars(asset, "1d", at("2025-03-10"), closes, high=highs or closes, low=lows)


def test_close_is_set_against_the_highest_trade() -> None:
    book = market([90.0] * 40 + [100.0, 95.0, 84.0], [90.0] * 40 + [105.0, 96.0, 95.0]).book(NIGHT)
    below = figure(book, BELOW, "SOL")
    assert below.value == D(20)  # (105 - 84) / 105
    assert agrees(book, below)
    assert value(book, STEP, "SOL") == D(20)
    assert agrees(book, figure(book, STEP, "SOL"))


def test_a_step_is_passed_once() -> None:
    closes = [90.0] * 40 + [100.0, 79.0, 85.0, 78.0]
    assert reason(market(closes).book(NIGHT), STEP, "SOL").startswith("the last close of SOL passed no step")
    assert value(market(closes[:-2]).book(NIGHT), STEP, "SOL") == D(20)


def test_a_deep_fall_passes_the_deepest_step_only() -> None:
    assert value(market([90.0] * 40 + [100.0, 88.0, 60.0]).book(NIGHT), STEP, "SOL") == D(30)
    assert value(market([90.0] * 40 + [100.0, 88.0, 50.0]).book(NIGHT), STEP, "SOL") == D(50)


def test_small_distance_passes_nothing() -> None:
    found = reason(market([90.0] * 40 + [100.0, 90.1]).book(NIGHT), STEP, "SOL")
    assert found == "the last close of SOL is not 10 percent below its high"
    assert value(market([90.0] * 40 + [100.0, 90.0]).book(NIGHT), STEP, "SOL") == D(10)


def test_a_new_high_begins_again() -> None:
    """79 had passed the step below 100; below the new high of 101 it is passed anew."""
    assert value(market([90.0] * 40 + [100.0, 79.0, 101.0, 80.0]).book(NIGHT), STEP, "SOL") == D(20)


def test_the_day_of_the_high_may_itself_close_beyond_a_step() -> None:
    fall = market([90.0] * 40 + [95.0, 85.0, 84.0], [90.0] * 40 + [95.0, 100.0, 86.0])
    assert reason(fall.book(NIGHT), STEP, "SOL").startswith("the last close of SOL passed no step")  # 85 was 15 percent below 100


def test_since_names_the_last_day_as_far_below_the_high_of_its_time() -> None:
    closes = [100.0, 70.0, 75.0] + [110.0] * 40 + [88.0]  # 30, 25, then 20 percent below the high
    book = market(closes).book(NIGHT)
    since = figure(book, SINCE, "SOL")
    assert since.value == date(2025, 1, 27)  # 41 bars follow it, the last one is March 9
    assert agrees(book, since)
    assert since.record is not None
    assert since.record.rival_value == D(25)


def test_an_older_reference_high_counts() -> None:
    book = reference(market([100.0] * 100 + [80.0], asset="BTC"), high=160.0, days=200).book(NIGHT)
    assert value(book, HIGH, "BTC") == D(160)
    assert value(book, BELOW, "BTC") == D(50)
    assert agrees(book, figure(book, BELOW, "BTC"))
    trail = book.trail(BELOW, "BTC")
    assert trail.values[-1] == 37.5  # type: ignore[union-attr]
    assert agrees(book, figure(book, SINCE, "BTC"))


def test_absent_without_a_close_at_midnight() -> None:
    late = market([100.0] * 60).book("2025-03-11 00:02")
    for name in (BELOW, STEP, SINCE):
        assert "SOL" in reason(late, name, "SOL")


def test_absent_with_one_close_since_the_high() -> None:
    assert "only once" in reason(market([90.0] * 40 + [100.0, 120.0, 60.0][:2], [90.0] * 40 + [100.0, 150.0]).book(NIGHT), STEP, "SOL")


def test_as_deep_within_a_month_is_absent() -> None:
    assert "at least as large on 2025-03-08" in reason(market([100.0] * 60 + [75.0, 80.0]).book(NIGHT), SINCE, "SOL")
