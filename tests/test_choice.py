"""Which source is printed where several give a series: the first that speaks; never two in one figure."""

from __future__ import annotations

import pytest

from newsgen.config import load_settings
from newsgen.errors import ConfigError
from newsgen.market import Absent
from newsgen.settings_faults import DEFAULT_PRECEDENCE
from tests.derive.market_of import DAY, HOUR, Market, at, figure, reason, value

NOW = "2025-03-10 12:02"
NOON = at("2025-03-10 12:00")


def hours(market: Market, source: str, price: float, until: int = NOON, count: int = 30) -> Market:
    for part in ("close", "high", "low"):
        market = market.rows(
            f"spot.{part}", "BTC", "1h", source, [(until - HOUR * k, price) for k in range(count - 1, -1, -1)], venue=source
        )
    return market


def test_the_first_source_is_used_while_it_speaks() -> None:
    market = hours(hours(Market(), "coinbase", 201), "binance", 200)
    assert value(market.book(NOW, precedence=DEFAULT_PRECEDENCE), "price.last", "BTC") == 200
    assert value(market.book(NOW, precedence={"spot": ("coinbase", "binance")}), "price.last", "BTC") == 201


def test_the_next_is_used_while_the_first_is_silent_and_says_so() -> None:
    market = hours(hours(Market(), "coinbase", 201), "binance", 200, until=NOON - 3 * HOUR)
    last = figure(market.book(NOW, precedence=DEFAULT_PRECEDENCE), "price.last", "BTC")
    assert (last.value, last.source) == (201, "coinbase")


def test_a_ticker_keeps_an_exchange_in_place_although_its_bars_are_coarse() -> None:
    market = hours(hours(Market(), "coinbase", 201), "binance", 200, until=NOON - 3 * HOUR)
    market = market.rows("spot.last", "BTC", "", "binance", [(at("2025-03-10 12:01"), 202)], venue="binance")
    assert value(market.book(NOW, precedence=DEFAULT_PRECEDENCE), "price.last", "BTC") == 202


def test_where_all_are_silent_the_order_decides() -> None:
    market = hours(hours(Market(), "coinbase", 201, until=NOON - HOUR), "binance", 200, until=NOON - 3 * HOUR)
    book = market.book(NOW, precedence=DEFAULT_PRECEDENCE)
    assert book.view.source_of("spot.close", "BTC") == "binance"
    assert "more than ten minutes" in reason(book, "price.last", "BTC")


def test_one_day_is_never_pieced_together_from_two_exchanges() -> None:
    """Binance fell silent three hours ago and Coinbase was added twenty hours ago: neither has 24 hours."""
    market = hours(hours(Market(), "coinbase", 201, count=20), "binance", 200, until=NOON - 3 * HOUR)
    book = market.book(NOW, precedence=DEFAULT_PRECEDENCE)
    assert value(book, "price.last", "BTC") == 201
    assert "do not tile" in reason(book, "price.high_24h", "BTC")
    assert isinstance(book.get("price.change_24h", "BTC"), Absent)


def test_daily_values_wait_longer_than_prices() -> None:
    """Farside's Friday on a Monday evening stays; after five days the next source serves."""
    friday = at("2025-07-11 20:00")
    market = Market()
    for source, days, flow in (("farside", [0, 1], 1000), ("coinglass", [-3, 0, 1], 900)):
        rows = [(friday - DAY * k, flow) for k in sorted(days, reverse=True)]
        market = market.rows("etf.net_flow", "BTC", "session", source, rows, venue="us")
    assert market.book("2025-07-14 22:00", precedence=DEFAULT_PRECEDENCE).view.source_of("etf.net_flow", "BTC") == "farside"
    assert market.book("2025-07-16 22:00", precedence=DEFAULT_PRECEDENCE).view.source_of("etf.net_flow", "BTC") == "coinglass"


def test_a_series_may_have_an_order_of_its_own() -> None:
    rows = [(at("2025-07-11 20:00"), 5)]
    market = Market().rows("etf.net_flow", "BTC", "session", "farside", rows, venue="us")
    market = market.rows("etf.net_flow", "BTC", "session", "coinglass", rows, venue="us")
    own = {"etf": ("farside", "coinglass"), "etf.net_flow": ("coinglass", "farside")}
    assert market.book("2025-07-12 12:00", precedence=own).view.source_of("etf.net_flow", "BTC") == "coinglass"


def test_the_desk_sets_the_order_and_slips_are_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "newsgen.toml"
    file.write_text('[precedence]\nspot = ["coingecko", "binance"]\n')
    settings = load_settings(file, env={})
    assert settings.order_of_sources["spot"] == ("coingecko", "binance")
    assert settings.order_of_sources["etf"] == DEFAULT_PRECEDENCE["etf"]
    file.write_text('[precedence]\nspott = ["coinbase"]\netf = ["farsde"]\n')
    with pytest.raises(ConfigError) as caught:
        load_settings(file, env={})
    assert "spott" in str(caught.value)
    assert "farside" in str(caught.value)
