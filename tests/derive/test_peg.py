"""Stablecoins off their peg: how far, on how many exchanges, and since when; worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from newsgen.market import Absent, Unit
from tests.derive.market_of import DAY, Market, agrees, at, figure, moment, reason, value

D = Decimal
NOW = "2025-07-15 13:10"
ASSETS = ("BTC", "USDT")


def tickers(coin: str = "USDT", minutes: int = 5, **prices: Sequence[float]) -> Market:
    """Prices per exchange, the last one at 13:08, the others so many minutes before each other."""
    market = Market(ASSETS)
    for venue, told in prices.items():
        last = at("2025-07-15 13:08")
        rows = [(last - 60 * minutes * (len(told) - 1 - k), price) for k, price in enumerate(told)]
        market.rows("spot.last", coin, "", venue, rows, venue=venue, name=venue.title())
    return market


def test_told_is_the_third_largest_gap() -> None:
    book = tickers(kraken=[0.97], coinbase=[0.99], bitstamp=[0.98], gemini=[0.996]).book(NOW)
    price = figure(book, "peg.price", "USDT")
    assert (price.value, price.source) == (D("0.99"), "Coinbase")
    assert value(book, "peg.gap_pct", "USDT") == -1
    farthest = figure(book, "peg.farthest", "USDT")
    assert (farthest.value, farthest.source) == (D("0.97"), "Kraken")
    assert (value(book, "peg.venues", "USDT"), value(book, "peg.followed", "USDT")) == (3, 4)
    assert all(agrees(book, figure(book, f"peg.{n}", "USDT")) for n in ("gap_pct", "venues", "followed"))


def test_a_price_above_the_dollar_is_off_too() -> None:
    book = tickers("USDC", kraken=[1.02], coinbase=[1.01], bitstamp=[1.03]).book(NOW)
    assert value(book, "peg.gap_pct", "USDC") == 1
    assert value(book, "peg.farthest", "USDC") == D("1.03")
    assert value(book, "peg.venues", "USDC") == 3


def test_half_a_percent_itself_is_not_off() -> None:
    book = tickers(kraken=[0.97], coinbase=[0.995], bitstamp=[0.98]).book(NOW)
    assert reason(book, "peg.price", "USDT") == "USDT is off its peg on 2 of 3 exchanges"
    assert value(book, "peg.followed", "USDT") == 3
    high = tickers(kraken=[1.02], coinbase=[1.005], bitstamp=[1.03]).book(NOW)
    assert "on 2 of 3" in reason(high, "peg.gap_pct", "USDT")


def test_exchanges_must_quote_dollars_and_speak_now() -> None:
    quoted = tickers(kraken=[0.97], coinbase=[0.98], binance=[0.98], okx=[0.98])
    assert "only 2 of the exchanges" in reason(quoted.book(NOW), "peg.price", "USDT")
    stale = tickers(kraken=[0.97], coinbase=[0.98], bitstamp=[0.98])
    assert "only 0 of the exchanges" in reason(stale.book("2025-07-15 13:19"), "peg.followed", "USDT")
    assert "only 0" in reason(Market(ASSETS).book(NOW), "peg.minutes", "USDT")


def test_other_assets_have_no_peg() -> None:
    book = tickers("BTC", kraken=[0.97], coinbase=[0.98], bitstamp=[0.98]).book(NOW)
    assert reason(book, "peg.price", "BTC") == "BTC has no peg"


def test_off_since_three_exchanges_have_been() -> None:
    """Kraken from 12:53 on, Bitstamp from 12:58, Coinbase from 13:03: three of them from 13:03, five minutes ago."""
    market = tickers(kraken=[1, 0.99, 0.99, 0.98, 0.97], bitstamp=[1, 1, 0.99, 0.99, 0.98], coinbase=[0.99, 0.99, 1, 0.99, 0.99])
    book = market.book(NOW)
    since = figure(book, "peg.off_since", "USDT")
    assert since.value == moment("2025-07-15 13:03")
    assert agrees(book, since)
    assert value(book, "peg.minutes", "USDT") == 5
    assert agrees(book, figure(book, "peg.minutes", "USDT"))


def test_a_gap_in_the_prices_breaks_what_is_known_of_it() -> None:
    wide = tickers(minutes=11, kraken=[0.98, 0.98], bitstamp=[0.98, 0.98], coinbase=[0.98, 0.98])
    assert "without a gap on 3" in reason(wide.book(NOW), "peg.off_since", "USDT")
    assert "without a gap" in reason(wide.book(NOW), "peg.minutes", "USDT")
    first = tickers(minutes=10, kraken=[0.98, 0.98], bitstamp=[0.98, 0.98], coinbase=[0.98, 0.98])
    assert value(first.book(NOW), "peg.off_since", "USDT") == moment("2025-07-15 12:58")


def test_trail_holds_the_distances_of_daily_closes() -> None:
    market = tickers(kraken=[0.97], coinbase=[0.98], bitstamp=[0.98])
    closes = [(at("2025-07-12"), 1.002), (at("2025-07-13"), 0.999), (at("2025-07-14"), 1), (at("2025-07-14") + DAY, 0.98)]
    market.rows("spot.close", "USDT", "1d", "kraken", closes, venue="kraken", unit=Unit.USD)
    trail = market.book(NOW).trail("peg.gap_pct", "USDT")
    assert not isinstance(trail, Absent)
    assert [round(v, 6) for v in trail.values] == [0.2, -0.1, 0]  # a close of the past day is of the same event
    assert isinstance(tickers().book(NOW).trail("peg.gap_pct", "USDT"), Absent)
    assert isinstance(tickers().book(NOW).trail("peg.gap_pct", "BTC"), Absent)
