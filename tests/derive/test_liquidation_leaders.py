"""The largest order and the asset that leads the liquidations, worked by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from newsgen.market import Unit
from tests.derive.market_of import DAY, Market, agrees, at, figure, reason, value
from tests.derive.test_liquidations import liq
from tests.derive.test_liquidations_venue import utc_days

D = Decimal
NOW = "2025-07-14 12:02"
ASSETS = ("BTC", "ETH", "SOL", "XRP")


def order(market: Market, subject: str, millions: float, *, venue: str = "", source: str = "coinglass", **more: Any) -> Market:
    rows = [(at(NOW), int(millions * 1_000_000))]
    return market.rows("liq.largest_order", subject, "24h", source, rows, venue=venue, name="CoinGlass", **more)


def test_the_largest_order_names_its_asset_and_its_venue() -> None:
    market = order(order(Market(), "BTC", 12, venue="binance"), "ETH", 31, venue="okx", source="okx", bound="at_least")
    book = market.book(NOW)
    found = figure(book, "liquidations_order.largest", "market")
    assert (found.value, found.label, found.scope, found.bound) == (D(31_000_000), "ETH", "okx", "at_least")
    assert value(book, "liquidations_order.asset", "market") == "ETH"
    assert agrees(book, found)
    assert agrees(book, figure(book, "liquidations_order.asset", "market"))


def test_an_order_of_the_market_has_no_asset() -> None:
    book = order(order(Market(), "market", 98.1), "BTC", 98.1).book(NOW)
    assert (value(book, "liquidations_order.largest", "market"), figure(book, "liquidations_order.largest", "market").label) == (
        D(98_100_000),
        "",
    )
    assert "does not say of which asset" in reason(book, "liquidations_order.asset", "market")


def test_an_order_in_percent_of_the_total_of_the_same_source() -> None:
    """98.1 of 748.3 million are 13.1 %."""
    market = liq(order(Market(), "market", 98.1), "market", total=748.3)
    share = figure(market.book(NOW), "liquidations_order.of_total_pct", "market")
    assert abs(share.number - D("13.1097")) < D("0.0001")
    assert agrees(market.book(NOW), share)
    own = liq(liq(order(Market(), "ETH", 20, venue="binance"), "ETH", total=80), "market", total=748.3).book(NOW)
    assert value(own, "liquidations_order.of_total_pct", "market") == D(25)


def test_an_order_of_another_source_a_bound_or_no_total_gives_no_share() -> None:
    for market in (
        liq(order(Market(), "market", 98.1), "market", total=748.3, name="News"),
        liq(order(Market(), "market", 98.1, bound="at_least"), "market", total=748.3),
        liq(order(Market(), "market", 98.1), "market", total=90),
    ):
        assert "not from one source, or one of them is a lower bound" in reason(
            market.book(NOW), "liquidations_order.of_total_pct", "market"
        )
    assert "no liquidations of market" in reason(order(Market(), "market", 98.1).book(NOW), "liquidations_order.of_total_pct", "market")


@pytest.mark.parametrize("name", ["largest", "asset", "of_total_pct"])
def test_no_order_is_absent(name: str) -> None:
    assert "no largest order of the past 24 hours" in reason(Market().book(NOW), f"liquidations_order.{name}", "market")


def table(**millions: tuple[float, float]) -> Market:
    """Longs and shorts of assets by one vendor over all venues."""
    market = Market(ASSETS)
    for asset, (long, short) in millions.items():
        liq(market, asset, long=long, short=short, total=long + short)
    return market


def test_the_leader_is_set_against_bitcoin_and_the_sum() -> None:
    """60 of ether against 40 of bitcoin are half as much again, and 50 % of the 120 in all."""
    market = table(BTC=(30, 10), ETH=(15, 45), SOL=(10, 10)).bars("ETH", "4h", at("2025-07-14 12:00"), [100] * 6 + [105])
    book = market.book(NOW)
    leader = figure(book, "liquidations_table.leader", "market")
    assert (leader.value, leader.label, leader.scope) == (D(60_000_000), "ETH", "all")
    expected = {
        "leader_name": "ETH", "leader_long": D(15_000_000), "leader_short": D(45_000_000), "bitcoin": D(40_000_000),
        "over_bitcoin_pct": D(50), "leader_share": D(50), "leader_price_change": D(5),
    }  # fmt: skip
    assert {n: value(book, f"liquidations_table.{n}", "market") for n in expected} == expected
    assert all(agrees(book, figure(book, f"liquidations_table.{n}", "market")) for n in ("leader", *expected))
    assert figure(book, "liquidations_table.leader_share", "market").label == "ETH"


def test_the_venue_stands_in_for_a_vendor_that_gives_too_few_assets() -> None:
    market = table(BTC=(30, 10), ETH=(15, 45))
    for asset, usd in (("BTC", 5.0), ("ETH", 4.0), ("SOL", 9.0)):
        utc_days(market, asset, [usd] * 100, short=1)
    found = figure(market.book("2025-07-14 00:02"), "liquidations_table.leader", "market")
    assert (found.value, found.label, found.scope) == (D(10), "SOL", "binance")


def test_totals_of_two_moments_or_vendors_make_no_table() -> None:
    market = table(BTC=(30, 10), ETH=(15, 45))
    liq(market, "SOL", "manual", total=90, name="News")
    assert "of BTC on binance" in reason(market.book(NOW), "liquidations_table.leader", "market")


@pytest.mark.parametrize(
    "name", ["leader", "leader_name", "leader_long", "leader_share", "leader_price_change", "bitcoin", "over_bitcoin_pct"]
)
def test_without_a_table_nothing_is_told(name: str) -> None:
    assert "of BTC on binance" in reason(Market(ASSETS).book(NOW), f"liquidations_table.{name}", "market")
    two = Market(ASSETS)
    for asset in ("BTC", "ETH"):
        utc_days(two, asset, [5.0] * 100)
    assert "not known from one source" in reason(two.book("2025-07-14 00:02"), f"liquidations_table.{name}", "market")


def test_past_leads_over_bitcoin_are_those_of_utc_days() -> None:
    """Ten of bitcoin, sides together; the larger of the others had 5, so half as much."""
    market = Market(ASSETS)
    for asset, usd in (("BTC", 9.0), ("ETH", 4.0), ("SOL", 2.0)):
        utc_days(market, asset, [usd] * 99 + [usd * 2], short=1)
    trail = market.book("2025-07-14 00:02").trail("liquidations_table.over_bitcoin_pct", "market")
    assert trail
    assert (set(trail.values), trail.at[-1]) == ({-50.0}, at("2025-07-14") - DAY)
    bare = table(BTC=(30, 10), ETH=(15, 45), SOL=(1, 1)).book(NOW)
    assert not bare.trail("liquidations_table.over_bitcoin_pct", "market")
    assert figure(bare, "liquidations_table.over_bitcoin_pct", "market").unit is Unit.PCT
