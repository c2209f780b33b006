"""The market as a whole: dominance and its past, market value and its steps, the breadth of the edition's assets; worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from newsgen.market import Absent, Unit
from tests.derive.market_of import DAY, Market, agrees, at, figure, reason, value

D = Decimal
NOW, MIDNIGHT = "2025-07-14 12:02", "2025-07-14 00:05"


def shares(values: Sequence[float], last: str = "2025-07-14") -> Market:
    """Bitcoin's share at the end of each day, the last at this midnight."""
    rows = [(at(last) - DAY * (len(values) - 1 - i), v) for i, v in enumerate(values)]
    return Market().rows("dominance.btc", "market", "", "tradingview", rows, unit=Unit.PCT, name="TradingView")


def test_share_changes_in_percentage_points() -> None:
    """61.2 today, 63.5 a week ago, 60 thirty days ago."""
    book = shares([60.0, *[62.0] * 22, 63.5, *[62.0] * 6, 61.2]).book(NOW)
    change = figure(book, "dominance.change_7d", "market")
    assert (change.value, change.unit) == (D("-2.3"), Unit.POINTS)
    assert agrees(book, change)
    assert value(book, "dominance.change_30d", "market") == D("1.2")
    assert reason(shares([61.0] * 7).book(NOW), "dominance.change_7d", "market") == "no dominance of bitcoin 7 days before the last"
    trail = book.trail("dominance.change_7d", "market")
    assert not isinstance(trail, Absent)
    assert (len(trail), trail.at[-1]) == (17, at("2025-07-07"))  # 24 days up to a week ago, of which seven have no week before


def test_reading_a_little_before_the_week_began_will_do() -> None:
    rows = [(at(NOW) - 7 * DAY - 3600, 60.0), (at(NOW), 61.0)]
    near = Market().rows("dominance.btc", "market", "", "coingecko", rows, unit=Unit.PCT)
    assert value(near.book(NOW), "dominance.change_7d", "market") == D(1)
    rows = [(at(NOW) - 7 * DAY - 3 * 3600, 60.0), (at(NOW), 61.0)]
    far = Market().rows("dominance.btc", "market", "", "coingecko", rows, unit=Unit.PCT)
    assert "7 days before" in reason(far.book(NOW), "dominance.change_7d", "market")


def test_since_when_the_share_was_not_as_high() -> None:
    """It ended June 3 at 62.1, and 40 days later at 62."""
    book = shares([61.0, 62.1, *[60.0] * 39, 62.0]).book(NOW)
    since = figure(book, "dominance.high_since", "market")
    assert since.value == date(2025, 6, 3)
    assert since.record
    assert since.record.rival_value == D("62.1")
    assert agrees(book, since)
    assert "at least as small on 2025-07-12" in reason(book, "dominance.low_since", "market")
    lowest = figure(shares([*[60.0] * 40, 59.0]).book(NOW), "dominance.low_since", "market").record
    assert lowest
    assert (lowest.is_record, lowest.covers_life) == (True, False)


def caps(cap: float, change: float | None, name: str = "CoinGecko") -> Market:
    market = Market().rows("market.cap", "market", "", "coingecko", [(at(NOW) - 60, f"{cap:.0f}")], name="CoinGecko")
    if change is not None:
        source = name.lower()
        market.rows("market.cap_change_24h", "market", "24h", source, [(at(NOW) - 60, change)], unit=Unit.PCT, name=name)
    return market


def test_value_before_and_change_in_dollars_follow_from_the_change_in_percent() -> None:
    """4.08 trillion after a rise of two percent: 4 trillion before, 80 billion more now."""
    book = caps(4.08e12, 2).book(NOW)
    assert value(book, "market.cap_before_24h", "market") == D(4_000_000_000_000)
    change = figure(book, "market.cap_change_usd_24h", "market")
    assert change.value == D(80_000_000_000)
    assert agrees(book, change)
    assert "24 hours" in reason(caps(4.08e12, None).book(NOW), "market.cap_before_24h", "market")
    two = caps(4.08e12, 2, "CoinMarketCap").book(NOW)
    assert reason(two, "market.cap_change_usd_24h", "market") == "the market value and its change are of two vendors"


@pytest.mark.parametrize(
    ("cap", "change", "up", "down"),
    [
        (4.08e12, 4, 4.0e12, None),  # from 3.92
        (4.08e12, 1, None, None),  # from 4.04
        (4.0e12, 4, 4.0e12, None),  # just reached
        (4.08e12, 2, None, None),  # from just 4: it had been reached before
        (3.92e12, -3, None, 4.0e12),  # from 4.04
        (4.0e12, -3, None, None),  # still on it
        (2.4e12, -50, None, 2.5e12),  # from 4.8: the last of the steps that it fell below
        (4.6e12, 60, 4.5e12, None),  # from 2.9: the last of those that it reached
    ],
)
def test_step_of_half_a_trillion_that_was_passed(cap: float, change: float, up: float | None, down: float | None) -> None:
    book = caps(cap, change).book(NOW)
    for name, step in (("market.cap_step_up", up), ("market.cap_step_down", down)):
        if step is None:
            assert "passed no step of 500,000,000,000 dollars" in reason(book, name, "market")
        else:
            assert value(book, name, "market") == D(int(step))
            assert agrees(book, figure(book, name, "market"))


def test_trail_of_the_change_leaves_out_what_overlaps() -> None:
    rows = [(at(NOW) - 60 - 6 * 3600 * k, k) for k in range(9, -1, -1)]
    market = Market().rows("market.cap_change_24h", "market", "24h", "coingecko", rows, unit=Unit.PCT)
    trail = market.book(NOW).trail("market.cap_change_24h", "market")
    assert not isinstance(trail, Absent)
    assert list(trail.values) == [9, 8, 7, 6, 5, 4]


def coins(*changes: float, days: int = 2) -> Market:
    """Coins that stood still at 100, then changed by these percents on the last UTC day."""
    names = [f"C{k}" for k in range(len(changes))]
    market = Market(names)
    for name, change in zip(names, changes, strict=True):
        market.bars(name, "1d", at("2025-07-14"), [100.0] * (days - 1) + [100.0 + change])
    return market


def test_breadth_in_shares_and_those_that_went_against_it() -> None:
    """Five coins: three up, one down, one unchanged."""
    book = coins(2, 5, 1, -4, 0).book(MIDNIGHT)
    found = [value(book, f"assets.{n}", "market") for n in ("up_share_24h", "down_share_24h", "against_24h")]
    assert found == [D(60), D(20), D(2)]
    assert agrees(book, figure(book, "assets.against_24h", "market"))
    assert value(coins(-2, -5).book(MIDNIGHT), "assets.against_24h", "market") == D(0)
    for name in ("up_share_24h", "against_24h", "median_change_24h"):
        assert reason(Market().book(MIDNIGHT), f"assets.{name}", "market") == "no asset of the edition has a 24-hour change"


def test_median_is_the_one_in_the_middle_or_half_way_between_two() -> None:
    odd, even = coins(2, -5, 1).book(MIDNIGHT), coins(2, -5, 1, 8).book(MIDNIGHT)
    assert (value(odd, "assets.median_change_24h", "market"), value(even, "assets.median_change_24h", "market")) == (D(1), D("1.5"))
    assert agrees(odd, figure(odd, "assets.median_change_24h", "market"))
    assert agrees(even, figure(even, "assets.median_change_24h", "market"))


def test_trail_of_the_median_is_of_days_that_have_all_coins() -> None:
    market = Market(("A", "B")).bars("A", "1d", at("2025-07-14"), [100, 110, 121, 121]).bars("B", "1d", at("2025-07-14"), [100, 120, 120])
    trail = market.book(MIDNIGHT).trail("assets.median_change_24h", "market")
    assert not isinstance(trail, Absent)
    assert [round(v, 6) for v in trail.values] == [15]  # the day on which A rose by ten and B by twenty percent


def test_best_and_worst_are_named() -> None:
    book = coins(2, -5, 1).book(MIDNIGHT)
    best, worst = figure(book, "assets.best_change_24h", "market"), figure(book, "assets.worst_change_24h", "market")
    assert (best.value, best.label, worst.value, worst.label) == (D(2), "C0", D(-5), "C1")
    assert agrees(book, worst)
    assert reason(coins(2).book(MIDNIGHT), "assets.best_change_24h", "market") == (
        "fewer than two assets of the edition have a 24-hour change"
    )
