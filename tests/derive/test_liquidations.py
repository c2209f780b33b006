"""Liquidations: which source serves, what is computed from what, worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from newsgen.market import Unit
from tests.derive.market_of import HOUR, Market, agrees, at, figure, reason, value

D = Decimal
NOW = "2025-07-14 12:02"


def liq(market: Market, subject: str, source: str = "coinglass", when: str = NOW, venue: str = "all", **given: Any) -> Market:
    """Readings of 24 hours, in millions; `name` is the printed source, `bound` that of the reading."""
    more = {k: given.pop(k) for k in ("name", "bound") if k in given}
    for side, millions in given.items():
        rows = [(at(when), int(millions * 1_000_000))]
        market.rows(f"liq.{side}", subject, "24h", source, rows, venue=venue, **{"name": "CoinGlass", **more})
    return market


def test_three_readings_are_three_figures_even_if_they_do_not_add_up() -> None:
    book = liq(Market(), "ETH", long=26.3, short=52.7, total=90.6).book(NOW)
    assert [value(book, f"liquidations.{s}_24h", "ETH") for s in ("long", "short", "total")] == [26_300_000, 52_700_000, 90_600_000]
    total = figure(book, "liquidations.total_24h", "ETH")
    assert (total.formula, total.scope, total.bound, total.source) == (None, "all", "exact", "CoinGlass")


def test_missing_side_is_total_less_the_other() -> None:
    book = liq(Market(), "market", total=748.3, short=623.3).book(NOW)
    long = figure(book, "liquidations.long_24h", "market")
    assert (long.value, long.formula, long.side) == (D(125_000_000), "i1 - i2", "long")
    assert abs(value(book, "liquidations.short_share_24h", "market") - D("83.2955")) < D("0.0001")
    assert figure(book, "liquidations.short_share_24h", "market").side == "short"


def test_total_is_the_sum_of_two_sides() -> None:
    total = figure(liq(Market(), "market", long=1, short=2).book(NOW), "liquidations.total_24h", "market")
    assert (total.value, total.formula) == (D(3_000_000), "sum(i1, i2)")


def test_short_alone_leaves_the_rest_absent() -> None:
    market = liq(Market(), "market", total=748.3, short=623.3, name="AInvest")
    book = liq(market, "BTC", "manual", short=475, name="AInvest").book(NOW)
    short = figure(book, "liquidations.short_24h", "BTC")
    assert (short.value, short.bound, short.scope) == (D(475_000_000), "exact", "reported")
    assert reason(book, "liquidations.total_24h", "BTC") == "liquidations.total_24h of BTC: the source gives only short"
    assert "gives only short" in reason(book, "liquidations.long_24h", "BTC")
    assert abs(value(book, "liquidations.short_of_market_24h", "BTC") - D("76.2073")) < D("0.0001")
    assert "gives only short" in reason(book, "liquidations.long_of_market_24h", "BTC")


def test_two_sources_never_meet_in_one_share() -> None:
    book = liq(liq(Market(), "market", short=623.3), "BTC", "manual", short=475, name="AInvest").book(NOW)
    assert "not from one source" in reason(book, "liquidations.short_of_market_24h", "BTC")


def test_vendor_comes_before_hand_before_print() -> None:
    market = liq(liq(Market(), "market", "reported", total=3, name="News"), "market", "manual", total=2, name="Hand")
    assert value(market.book(NOW), "liquidations.total_24h", "market") == D(2_000_000)
    assert value(liq(market, "market", total=1).book(NOW), "liquidations.total_24h", "market") == D(1_000_000)


def test_readings_older_than_ten_minutes_are_not_used() -> None:
    market = liq(Market(), "market", when="2025-07-14 11:52", total=1, short=1)
    assert value(market.book(NOW), "liquidations.total_24h", "market") == D(1_000_000)
    assert "for the past 24 hours" in reason(market.book("2025-07-14 12:03"), "liquidations.total_24h", "market")


def test_parts_of_two_moments_are_not_mixed() -> None:
    market = liq(liq(Market(), "market", when="2025-07-14 11:55", total=9), "market", long=1, short=2)
    assert value(market.book(NOW), "liquidations.total_24h", "market") == D(3_000_000)


def test_total_of_nobody_in_particular_is_not_printed() -> None:
    book = liq(Market(), "market", "reported", total=748.3, name="unstated").book(NOW)
    assert "by a named source" in reason(book, "liquidations.total_24h", "market")


def test_sum_over_venues_is_a_lower_bound() -> None:
    market = Market()
    for venue, long, short in (("bybit", 3, 30), ("okx", 2, 20)):
        liq(market, "market", venue=venue, long=long, short=short)
    total = figure(market.book(NOW), "liquidations.total_24h", "market")
    assert (total.value, total.scope, total.bound, total.label) == (D(55_000_000), "venues", "at_least", "bybit,okx")
    assert total.formula == "sum(i1, i2, i3, i4)"


def test_one_venue_alone_serves_as_the_lower_bound_of_all() -> None:
    market = Market()
    ends = [at("2025-07-14 12:00") - 4 * HOUR * k for k in range(5, -1, -1)]
    for side, each in (("long", 1), ("short", 10)):
        market.rows(f"liq.bucket_{side}", "BTC", "4h", "coinglass", [(e, each) for e in ends], venue="binance")
    total = figure(market.book(NOW), "liquidations.total_24h", "market")
    assert (total.value, total.scope, total.bound, total.label) == (D(66), "venues", "at_least", "binance")


def test_largest_order_and_traders_keep_their_bounds() -> None:
    market = Market().rows("liq.traders", "market", "24h", "manual", [(at(NOW), 130_000)], venue="all", unit=Unit.COUNT, bound="at_least",
                           name="AInvest")  # fmt: skip
    market.rows("liq.largest_order", "market", "24h", "manual", [(at(NOW), 98_100_000)], name="AInvest")
    book = market.book(NOW)
    traders = figure(book, "liquidations.traders_24h", "market")
    assert (traders.value, traders.bound, traders.unit) == (D(130_000), "at_least", Unit.COUNT)
    assert value(book, "liquidations.largest_order_24h", "market") == D(98_100_000)


def published() -> Market:
    market = liq(Market(), "market", total=748.3, short=623.3)
    liq(market, "market", "reported", "2025-07-11 03:57", short=1010)
    liq(market, "market", "reported", "2025-07-11 08:17", short=1001, name="unstated")
    liq(market, "market", "reported", "2025-07-11 10:00", short=1110)
    liq(market, "market", "reported", "2025-07-09 10:00", short=5000)
    liq(market, "market", "reported", "2025-07-12 10:00", short=300)
    return liq(market, "market", "reported", "2025-07-13 13:00", short=2000)


def test_last_larger_total_is_the_smallest_of_the_newest_day_by_a_named_vendor() -> None:
    book = published().book(NOW)
    assert value(book, "liquidations.short_last_larger", "market") == D(1_010_000_000)
    day = figure(book, "liquidations.short_last_larger_at", "market")
    assert day.value == date(2025, 7, 11)
    assert agrees(book, day)
    assert reason(book, "liquidations.long_last_larger", "market") == "no published total of longs was at least as large"


def test_last_larger_is_not_asked_of_a_lower_bound() -> None:
    market = Market()
    for venue in ("bybit", "okx"):
        liq(market, "market", venue=venue, long=1, short=2)
    assert "published totals only" in reason(market.book(NOW), "liquidations.short_last_larger", "market")


def test_the_largest_order_of_one_venue_is_that_venues() -> None:
    order = [(at(NOW), 98_100_000)]
    binance = Market().rows("liq.largest_order", "market", "24h", "coinglass", order, name="CoinGlass", venue="binance")
    assert figure(binance.book(NOW), "liquidations.largest_order_24h", "market").scope == "binance"
    everywhere = Market().rows("liq.largest_order", "market", "24h", "coinglass", order, name="CoinGlass", venue="all")
    assert figure(everywhere.book(NOW), "liquidations.largest_order_24h", "market").scope == "all"
