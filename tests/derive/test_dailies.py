"""Families of daily data: indices, sentiment, structure, stablecoins, positioning, treasury, clock; worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from newsgen.market import Completeness, Unit
from tests.derive.market_of import DAY, HOUR, Market, agrees, at, figure, moment, reason, value

D = Decimal
NOW = "2025-07-14 12:02"


def index(subject: str, rows: list[tuple[str, float]], unit: Unit = Unit.INDEX) -> Market:
    return Market().rows("index.close", subject, "session", "fred", [(at(d) + 20 * HOUR, v) for d, v in rows], unit=unit)


CLOSES = [("2018-01-02", 2695.81), ("2025-07-09", 6263.26), ("2025-07-10", 6280.46), ("2025-07-11", 6259.75)]


def test_index_stands_below_its_record_close() -> None:
    book = index("SP500", CLOSES).book(NOW)
    assert (value(book, "index.close", "SP500"), value(book, "index.session", "SP500")) == (D("6259.75"), date(2025, 7, 11))
    assert (value(book, "index.record_close", "SP500"), value(book, "index.record_at", "SP500")) == (D("6280.46"), date(2025, 7, 10))
    assert abs(value(book, "index.below_record_pct", "SP500") - D("0.329753")) < D("0.000001")  # 20.71 of 6280.46
    assert abs(value(book, "index.change_day", "SP500") + D("0.329753")) < D("0.000001")
    assert agrees(book, figure(book, "index.record_at", "SP500"))


def test_record_is_not_stated_of_a_series_that_does_not_cover_the_life() -> None:
    assert "no record can be stated" in reason(index("NDX", CLOSES).book(NOW), "index.record_close", "NDX")
    late = index("SP500", CLOSES[1:]).book(NOW)
    assert reason(late, "index.record_close", "SP500") == "the closes of SP500 are known only from 2025-07-09: no record can be stated"


def test_close_at_the_record_is_not_below_it() -> None:
    assert reason(index("SP500", CLOSES[:3]).book(NOW), "index.below_record_pct", "SP500") == "the last close of SP500 is its record"


def test_yields_move_in_points_not_percent() -> None:
    book = index("US10Y", [("2025-07-10", 4.35), ("2025-07-11", 4.43)], Unit.PCT).book(NOW)
    assert figure(book, "index.close", "US10Y").unit is Unit.PCT
    assert "in points" in reason(book, "index.change_day", "US10Y")


def test_old_close_is_absent() -> None:
    assert (
        reason(index("SP500", CLOSES).book("2025-07-17 12:00"), "index.close", "SP500") == "the last known close of SP500 is of 2025-07-11"
    )


def test_fear_and_greed_with_its_class_and_change() -> None:
    market = Market().rows("sentiment.fear_greed", "market", "1d", "alternative.me", [(at("2025-07-13"), 70)], unit=Unit.INDEX)
    market.rows("sentiment.fear_greed", "market", "1d", "alternative.me", [(at("2025-07-14"), 74)], unit=Unit.INDEX, label="Greed")
    book = market.book(NOW)
    assert (value(book, "sentiment.fear_greed", "market"), value(book, "sentiment.change_1d", "market")) == (D(74), D(4))
    zone = figure(book, "sentiment.zone", "market")
    assert (zone.value, zone.label) == ("Greed", "Greed")
    assert agrees(book, zone)
    assert "too old" in reason(market.book("2025-07-15 03:00"), "sentiment.fear_greed", "market")
    assert reason(market.book("2025-07-13 12:00"), "sentiment.zone", "market") == "the source sent no class with the value"
    assert reason(market.book("2025-07-13 12:00"), "sentiment.change_1d", "market") == "no fear and greed index of the day before"


def test_open_interest_change_and_funding_per_year() -> None:
    market = Market().rows("open_interest.usd", "BTC", "", "coinglass", [(at(NOW) - DAY - 60, 80), (at(NOW) - 60, 84)], venue="all")
    market.rows("funding.rate_8h", "BTC", "8h", "coinglass", [(at(NOW) - 60, "0.01")], venue="all", unit=Unit.PCT)
    book = market.book(NOW)
    assert value(book, "open_interest.change_24h", "BTC") == D(5)
    assert value(book, "funding.annualised", "BTC") == D("10.95")
    assert figure(book, "open_interest.usd", "BTC").scope == "all"
    late = market.book("2025-07-14 12:12")
    assert "too old" in reason(late, "open_interest.usd", "BTC")
    assert "too old" in reason(late, "funding.annualised", "BTC")


def test_assets_that_rose_and_fell_are_counted() -> None:
    market = Market(("BTC", "ETH", "SOL", "XRP"))
    for asset, last in (("BTC", 110.0), ("ETH", 90.0), ("SOL", 100.0)):
        market.bars(asset, "1d", at("2025-07-14"), [100.0, last])
    book = market.book("2025-07-14 00:05")
    counts = [value(book, f"assets.{n}", "market") for n in ("up_24h", "down_24h", "followed")]
    assert counts == [D(1), D(1), D(3)]
    assert figure(book, "assets.followed", "market").label == "BTC,ETH,SOL"
    assert reason(market.book(NOW), "assets.up_24h", "market") == "no asset of the edition has a 24-hour change"


def test_market_value_changes_as_the_vendor_says_or_against_its_own_past() -> None:
    cap = Market().rows("market.cap", "market", "", "coingecko", [(at(NOW) - DAY, 400), (at(NOW), 402)], name="CoinGecko")
    assert value(cap.book(NOW), "market.cap_change_24h", "market") == D("0.5")
    said = cap.rows("market.cap_change_24h", "market", "24h", "coingecko", [(at(NOW), "0.7")], unit=Unit.PCT, name="CoinGecko")
    assert value(said.book(NOW), "market.cap_change_24h", "market") == D("0.7")
    dominance = Market().rows("dominance.btc", "market", "", "tradingview", [(at("2025-07-13"), "63.8")], unit=Unit.PCT)
    assert value(dominance.book("2025-07-14 02:00"), "dominance.btc", "market") == D("63.8")
    assert "too old" in reason(dominance.book("2025-07-14 02:01"), "dominance.btc", "market")


def test_weakest_completeness_and_bound_are_carried() -> None:
    market = Market().rows(
        "treasury.purchase", "Strategy", "", "strategy", [(at(NOW), 1)], venue="BTC", completeness=Completeness.PRELIMINARY
    )
    assert figure(market.book(NOW), "treasury.last_purchase_at", "Strategy").completeness is Completeness.PRELIMINARY


def test_clock_is_the_moment_of_the_view() -> None:
    assert value(Market().book(NOW), "clock.as_of", "market") == moment(NOW)
