"""Open interest in coins and against its past, worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from newsgen.market import Unit
from tests.derive.market_of import DAY, Market, agrees, at, figure, reason, value

D = Decimal
MIDNIGHT = at("2025-07-14")
NOW = "2025-07-14 00:05"


def interest(values: Sequence[float], *, end: int = MIDNIGHT, market: Market | None = None, venue: str = "all") -> Market:
    """Dollars at midnights, the last at `end`."""
    rows = [(end - DAY * k, values[-1 - k]) for k in range(len(values) - 1, -1, -1)]
    return (market or Market()).rows("open_interest.usd", "BTC", "", "coinglass", rows, venue=venue)


def coins(market: Market, *values: float, source: str = "coinglass", venue: str = "all") -> Market:
    rows = [(MIDNIGHT - DAY * k, values[-1 - k]) for k in range(len(values) - 1, -1, -1)]
    return market.rows("open_interest.coins", "BTC", "", source, rows, venue=venue, unit=Unit.COINS)


def test_coins_are_the_dollars_at_the_price_of_that_moment() -> None:
    """$1,000 at $100 are ten coins; $1,210 at $110 are eleven: 21 % more dollars, 10 % more coins."""
    book = interest([1000, 1210]).bars("BTC", "1d", MIDNIGHT, [100, 110]).book(NOW)
    held, change = figure(book, "open_interest.coins", "BTC"), figure(book, "open_interest.coins_change_24h", "BTC")
    assert (held.value, held.unit, held.formula, held.scope, held.source) == (D(11), Unit.COINS, "i1 / i2", "all", "CoinGlass, Binance")
    assert (change.value, change.formula, change.window) == (D(10), "pct_change(i1 / i2, i3 / i4)", "24h")
    assert value(book, "open_interest.change_24h", "BTC") == D(21)
    assert agrees(book, held)
    assert agrees(book, change)


def test_coins_that_the_vendor_tells_come_first() -> None:
    market = coins(interest([1000, 1210]).bars("BTC", "1d", MIDNIGHT, [100, 110]), 8, 10)
    book = market.book(NOW)
    assert (value(book, "open_interest.coins", "BTC"), value(book, "open_interest.coins_change_24h", "BTC")) == (D(10), D(25))
    other = coins(interest([1000, 1210]), 8, 10, venue="okx").book(NOW)
    assert "no spot close of BTC" in reason(other, "open_interest.coins", "BTC")
    half = coins(interest([1000, 1210]).bars("BTC", "1d", MIDNIGHT, [100, 110]), 10).book(NOW)
    assert "at one of the two moments only" in reason(half, "open_interest.coins_change_24h", "BTC")
    lone = interest([1210]).bars("BTC", "1d", MIDNIGHT, [100, 110]).book(NOW)
    assert "24 hours before the last" in reason(lone, "open_interest.coins_change_24h", "BTC")


def test_the_highest_since_a_day_or_in_all_of_the_data() -> None:
    """The reading 50 days before the last is of the midnight that ended May 24."""
    book = interest([100.0] * 30 + [300.0] + [100.0] * 49 + [300.0]).book(NOW)
    since = figure(book, "open_interest.highest_since", "BTC")
    assert (since.value, since.formula) == (date(2025, 5, 24), "last_at_or_above(i1, i2)")
    assert agrees(book, since)
    record = figure(interest([100.0] * 80 + [301.0]).book(NOW), "open_interest.highest_since", "BTC")
    assert record.record is not None
    assert (record.value, record.record.is_record, record.record.covers_life, record.archive_start) == (
        None,
        True,
        False,
        date(2025, 4, 24),
    )
    near = interest([100.0] * 60 + [300.0] + [100.0] * 9 + [300.0]).book(NOW)
    assert "at least as large on 2025-07-03" in reason(near, "open_interest.highest_since", "BTC")


def test_the_highest_before_leaves_out_the_past_24_hours() -> None:
    """A reading of six hours ago is higher than all; of those at least a day old that of July 3 is the highest."""
    market = interest([100.0] * 40 + [250.0] + [100.0] * 9 + [300.0])
    market.rows("open_interest.usd", "BTC", "", "coinglass", [(MIDNIGHT + 6 * 3600, 240.0)], venue="all")
    book = market.book("2025-07-14 06:05")
    peak, when = figure(book, "open_interest.highest_before", "BTC"), figure(book, "open_interest.highest_before_at", "BTC")
    assert (peak.value, when.value) == (D("250.0"), date(2025, 7, 3))
    assert (peak.formula, when.formula, peak.archive_start) == ("highest(i1)", "highest_day(i1)", date(2025, 5, 24))
    assert agrees(book, peak)
    assert agrees(book, when)
    above = interest([100.0] * 10 + [250.0] + [100.0] * 9 + [300.0]).book(NOW)  # "at its highest it was 250, compared with 300 now"
    assert "and no record of it is told" in reason(above, "open_interest.highest_before", "BTC")
    assert "no open interest of BTC more than 24 hours ago" in reason(interest([100.0]).book(NOW), "open_interest.highest_before", "BTC")


def test_the_deviation_of_thirty_daily_changes() -> None:
    """Changes of +10 and -10 percent in turn, thirty of them: mean 0, squares of 100, so the root of 3,000 / 29."""
    values = [100.0]
    for k in range(31):
        values.append(values[-1] * (1.1 if k % 2 else 0.9))
    book = interest([*values[:31], values[31]]).book(NOW)
    found = figure(book, "open_interest.sd_30d", "BTC")
    assert abs(found.number - D("10.171")) < D("0.001")
    assert found.window == "30d"
    assert agrees(book, found)
    assert reason(interest(values[4:]).book(NOW), "open_interest.sd_30d", "BTC").startswith("only 26 daily changes")


def test_past_values_of_level_and_change() -> None:
    book = interest([100.0, 110.0, 121.0, 60.5]).book(NOW)
    level, change = book.trail("open_interest.usd", "BTC"), book.trail("open_interest.change_24h", "BTC")
    assert level
    assert change
    assert list(level.values) == [100.0, 110.0, 121.0]
    assert [round(v, 6) for v in change.values] == [10.0, 10.0]


def test_where_a_history_ends_the_venues_own_readings_go_on() -> None:
    market = interest([100.0] * 40, end=MIDNIGHT - 20 * DAY)
    interest([7.0, 8.0], market=market, venue="binance")
    found = figure(market.book(NOW), "open_interest.usd", "BTC")
    assert (found.value, found.scope) == (D("8.0"), "binance")


@pytest.mark.parametrize("name", ["coins", "coins_change_24h", "highest_since", "highest_before", "highest_before_at", "sd_30d"])
def test_nothing_is_told_of_an_old_reading(name: str) -> None:
    assert "too old" in reason(interest([100.0] * 40).book("2025-07-14 00:11"), f"open_interest.{name}", "BTC")
