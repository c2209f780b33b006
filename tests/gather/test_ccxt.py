"""ccxt: one form for any exchange's prices and candles, its errors as ours, and nothing asked unless exchanges are named."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from newsgen.errors import BadPayload, GatherError, KeyRefused, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather import Gathered, Request, gather, parse_payload, sources
from newsgen.gather import _ccxt as adapter
from newsgen.gather._http import Caps
from newsgen.gather.ccxt import requests_for
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one

TICKER, CANDLES = "ticker_kraken.json", "candles_kraken.json"
PRICE = {"exchange": "kraken", "symbol": "BTC"}
BARS = {**PRICE, "interval": "4h", "limit": "60"}
CASES = [("ticker", PRICE, TICKER), ("candles", BARS, CANDLES)]
QUICK = Caps(total_s=20.0, attempts=2, first_wait_s=0.01, pace=1000)


@pytest.fixture(autouse=True)
def _no_markets_kept() -> Iterator[None]:
    adapter._markets.clear()
    yield
    adapter._markets.clear()


def test_a_ticker_gives_the_last_price_and_the_days_volume_only() -> None:
    """Kraken sends no time with a ticker: it is observed when it was fetched."""
    readings = parse_payload("ccxt", "ticker", PRICE, body("ccxt", TICKER), NOW)
    assert {(r.key.series, r.key.window): (r.value, r.unit) for r in readings} == {
        ("spot.last", ""): (Decimal("105899.4"), Unit.USD), ("spot.volume_base", "24h"): (Decimal("163.28908096"), Unit.COINS),
    }  # fmt: skip
    assert {(r.key.subject, r.key.source, r.key.venue, r.observed_at) for r in readings} == {("BTC", "ccxt", "kraken", NOW)}


def test_a_reader_is_told_of_the_exchange_and_not_of_the_library() -> None:
    readings = parse_payload("ccxt", "ticker", PRICE, body("ccxt", TICKER), NOW)
    assert {(r.origin.source_name, r.origin.url) for r in readings} == {("Kraken", "https://www.kraken.com")}


def test_a_ticker_with_a_time_is_observed_then() -> None:
    sent = changed("ccxt", TICKER, lambda d: d["ticker"].update(timestamp=1793491200123))
    assert {iso(r.observed_at) for r in parse_payload("ccxt", "ticker", PRICE, sent, NOW)} == {"2026-11-01T00:00:00Z"}
    faulty("ccxt", "ticker", PRICE, changed("ccxt", TICKER, lambda d: d["ticker"].update(timestamp=1793577600000)), "ticker.timestamp")
    faulty("ccxt", "ticker", PRICE, changed("ccxt", TICKER, lambda d: d["ticker"].update(timestamp=1793491200)), "ticker.timestamp")


def test_candles_end_four_hours_after_their_stamp() -> None:
    readings = parse_payload("ccxt", "candles", BARS, body("ccxt", CANDLES), NOW)
    assert len(readings) == 6 * 5
    first = [r for r in readings if iso(r.observed_at) == "2025-11-11T04:00:00Z"]  # 1762819200 is 2025-11-11 00:00
    assert {r.key.series: (r.value, r.unit) for r in first} == {
        "spot.open": (Decimal("105610.7"), Unit.USD), "spot.high": (Decimal("105610.7"), Unit.USD),
        "spot.low": (Decimal("105608.1"), Unit.USD), "spot.close": (Decimal("105608.1"), Unit.USD),
        "spot.volume_base": (Decimal("0.0625"), Unit.COINS),
    }  # fmt: skip
    assert all(r.known_at == r.observed_at for r in readings)
    assert one(readings, "spot.volume_base", "BTC", "4h", "kraken", "2025-11-11T20:00:00Z").value == Decimal("0.00000925")


def test_the_open_candle_is_no_reading() -> None:
    at = datetime(2025, 11, 11, 23, 59, 59, tzinfo=UTC)  # the sixth ends at midnight
    assert len(parse_payload("ccxt", "candles", BARS, body("ccxt", CANDLES), at)) == 5 * 5
    assert len(parse_payload("ccxt", "candles", BARS, body("ccxt", CANDLES), datetime(2025, 11, 12, tzinfo=UTC))) == 6 * 5


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [(0, 1762819200, "time"), (0, 1793577600000, "time"), (1, 0, "open"), (2, 105600, "high"), (3, 105609, "high"), (4, None, "close"),
     (5, -1, "volume")],
)  # fmt: skip
def test_a_bad_value_of_a_candle_is_named(column: int, value: object, field: str) -> None:
    sent = changed("ccxt", CANDLES, lambda d: d["candles"][0].__setitem__(column, value))
    faulty("ccxt", "candles", BARS, sent, f"candles[0].{field}")


def test_nothing_is_missing_and_never_zero() -> None:
    sent = changed("ccxt", TICKER, lambda d: d["ticker"].update(last=None, baseVolume=None))
    assert parse_payload("ccxt", "ticker", PRICE, sent, NOW) == []
    sent = changed("ccxt", CANDLES, lambda d: d["candles"][0].__setitem__(5, None))
    assert len(parse_payload("ccxt", "candles", BARS, sent, NOW)) == 29


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"type": "swap"}, "type"), ({"quote": "EUR"}, "quote"), ({"base": "ETH"}, "base"), ({"exchange": "okx"}, "exchange"),
     ({"name": None}, "name"), ({"ticker": []}, "ticker")],
)  # fmt: skip
def test_another_market_than_was_asked_for_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("ccxt", "ticker", PRICE, changed("ccxt", TICKER, lambda d: d.update(fields)), field)


def test_a_last_price_of_zero_and_a_row_of_another_length_are_named() -> None:
    faulty("ccxt", "ticker", PRICE, changed("ccxt", TICKER, lambda d: d["ticker"].update(last=0)), "ticker.last")
    faulty("ccxt", "ticker", PRICE, changed("ccxt", TICKER, lambda d: d["ticker"].pop("last")), "ticker.last")
    faulty("ccxt", "candles", BARS, changed("ccxt", CANDLES, lambda d: d["candles"][0].append(1)), "candles[0]")
    faulty("ccxt", "candles", {**PRICE, "interval": "3d"}, body("ccxt", CANDLES), "request")


def test_extra_members_are_ignored() -> None:
    sent = changed("ccxt", TICKER, lambda d: (d.update(new=1), d["ticker"].update(new=1)))
    assert len(parse_payload("ccxt", "ticker", PRICE, sent, NOW)) == 2


def test_only_the_exchanges_of_the_settings_are_asked() -> None:
    assert list(sources()["ccxt"].requests(("BTC", "ETH"))) == []
    asked = requests_for(("bitstamp", "gate:USDT"), ("BTC", "USDT", "NOSUCH"))
    assert [(r.endpoint, dict(r.params)) for r in asked if r.params["exchange"] == "gate"] == [
        ("ticker", {"exchange": "gate", "symbol": "BTC/USDT"}),
        ("candles", {"exchange": "gate", "symbol": "BTC/USDT", "interval": "4h", "limit": "60"}),
        ("candles", {"exchange": "gate", "symbol": "BTC/USDT", "interval": "1d", "limit": "400"}),
    ]
    assert [r.params["symbol"] for r in asked if r.params["exchange"] == "bitstamp"] == ["BTC"] * 3 + ["USDT"] * 3


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ccxt.async_support", None)  # an import that fails
    found = asyncio.run(gather(("ccxt",), (), lambda: NOW, only={"ccxt": [Request("ticker", PRICE)]}))
    assert [(type(f), f.problem) for f in found.failures] == [(SourceRefused, "the library is not installed: pip install newsgen[ccxt]")]


# On a real socket, through the library


def _library() -> Any:
    return pytest.importorskip("ccxt.async_support", reason="the extra newsgen[ccxt] is not installed")


def _kraken(server: HTTPServer, *quotes: str) -> None:
    pair = {"wsname": "XBT/USD", "aclass_base": "currency", "base": "XXBT", "aclass_quote": "currency", "lot": "unit", "pair_decimals": 1,
            "lot_decimals": 8, "lot_multiplier": 1, "leverage_buy": [], "leverage_sell": [], "fees": [[0, 0.4]], "fees_maker": [[0, 0.25]],
            "fee_volume_currency": "ZUSD", "ordermin": "0.00005", "tick_size": "0.1", "status": "online"}  # fmt: skip
    pairs = {f"XXBT{q}": {**pair, "altname": f"XBT{q}", "wsname": f"XBT/{q}", "quote": q} for q in quotes}
    coins = {name: {"aclass": "currency", "altname": short, "decimals": 8, "display_decimals": 5, "status": "enabled"}
             for name, short in (("XXBT", "XBT"), ("ZUSD", "USD"), ("USDT", "USDT"))}  # fmt: skip
    server.expect_request("/0/public/Assets").respond_with_json({"error": [], "result": coins})
    server.expect_request("/0/public/AssetPairs").respond_with_json({"error": [], "result": pairs})


def _ask(server: HTTPServer, *requests: Request) -> Gathered:
    base = {"ccxt": server.url_for("").rstrip("/")}
    return asyncio.run(gather(("ccxt",), (), lambda: NOW, base_urls=base, only={"ccxt": requests}, caps=QUICK))


def _tick(quote: str) -> dict[str, Any]:
    both = ["105000.0", "104000.0"]
    tick = {"a": ["105001.0", "1", "1"], "b": ["104999.0", "1", "1"], "c": ["105000.5", "0.1"], "v": ["7.5", "163.25"], "p": both,
            "t": [1, 2], "l": both, "h": both, "o": "104500.0"}  # fmt: skip
    return {"error": [], "result": {f"XXBT{quote}": tick}}


def test_an_exchange_is_asked_through_the_library_and_its_bytes_are_kept(httpserver: HTTPServer) -> None:
    """The pair against USD comes before that against USDT; Kraken's v is [today, 24 hours]; an OHLC row is [s, o, h, l, c, vwap, v, n]."""
    _library()
    _kraken(httpserver, "ZUSD", "USDT")
    httpserver.expect_request("/0/public/Ticker", query_string={"pair": "XXBTZUSD"}).respond_with_json(_tick("ZUSD"))
    row = [1793433600, "109000.1", "110000.2", "108000.3", "109500.4", "109200.0", "12.5", 900]  # 2026-10-31 08:00
    late = [1793476800, "109500.4", "109600.0", "109400.0", "109500.0", "109500.0", "1.5", 10]  # 20:00, ends at midnight
    bars = {"error": [], "result": {"XXBTZUSD": [row, late], "last": 1793433600}}
    httpserver.expect_request("/0/public/OHLC", query_string={"pair": "XXBTZUSD", "interval": "240"}).respond_with_json(bars)
    found = _ask(httpserver, Request("ticker", PRICE), Request("candles", BARS))
    assert found.failures == ()
    assert {(r.key.series, r.key.window, iso(r.observed_at)[:13]): r.value for r in found.readings if "high" not in r.key.series} == {
        ("spot.last", "", "2026-11-01T00"): Decimal("105000.5"), ("spot.volume_base", "24h", "2026-11-01T00"): Decimal("163.25"),
        ("spot.open", "4h", "2026-10-31T12"): Decimal("109000.1"), ("spot.low", "4h", "2026-10-31T12"): Decimal("108000.3"),
        ("spot.close", "4h", "2026-10-31T12"): Decimal("109500.4"), ("spot.volume_base", "4h", "2026-10-31T12"): Decimal("12.5"),
        ("spot.open", "4h", "2026-11-01T00"): Decimal("109500.4"), ("spot.low", "4h", "2026-11-01T00"): Decimal("109400"),
        ("spot.close", "4h", "2026-11-01T00"): Decimal("109500"), ("spot.volume_base", "4h", "2026-11-01T00"): Decimal("1.5"),
    }  # fmt: skip
    kept = {p.request.endpoint: p.body for p in found.payloads}
    assert b'"symbol":"BTC/USD"' in kept["ticker"]
    assert len([1 for r, _ in httpserver.log if r.path == "/0/public/AssetPairs"]) == 1  # the markets were loaded once for both
    assert found.calls == {"ccxt": 2}


def test_the_quote_that_is_named_is_the_one_that_is_asked(httpserver: HTTPServer) -> None:
    _library()
    _kraken(httpserver, "ZUSD", "USDT")
    httpserver.expect_request("/0/public/Ticker", query_string={"pair": "XXBTUSDT"}).respond_with_json(_tick("USDT"))
    found = _ask(httpserver, Request("ticker", {"exchange": "kraken", "symbol": "BTC/USDT"}))
    assert [r.value for r in found.readings] == [Decimal("105000.5"), Decimal("163.25")]


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (Request("ticker", {"exchange": "mtgox", "symbol": "BTC"}), "ccxt knows no exchange 'mtgox'"),
        (Request("ticker", {"exchange": "kraken", "symbol": "SOL"}), "kraken lists no spot market SOL/USD or SOL/USDT"),
        (Request("candles", {**BARS, "interval": "3d"}), "kraken has no candles of '3d'"),
    ],
)
def test_what_an_exchange_does_not_have_is_said(httpserver: HTTPServer, request_: Request, says: str) -> None:
    _library()
    _kraken(httpserver, "ZUSD")
    found = _ask(httpserver, request_)
    assert [(type(f), f.problem) for f in found.failures] == [(SourceRefused, says)]


@pytest.mark.parametrize(
    ("answer", "status", "error", "calls"),
    [
        ({"error": ["EGeneral:Too many requests"]}, 200, SourceUnavailable, 2),
        ({"error": ["EService:Unavailable"]}, 200, SourceUnavailable, 2),
        ("down", 503, SourceUnavailable, 2),
        ("slow down", 429, SourceUnavailable, 2),
        ({"error": ["EQuery:Unknown asset pair"]}, 200, SourceRefused, 1),
        ({"error": ["EAPI:Invalid key"]}, 200, KeyRefused, 1),
        ({"error": [], "result": {}}, 200, BadPayload, 1),
    ],
)
def test_the_librarys_errors_become_ours(httpserver: HTTPServer, answer: object, status: int, error: type[GatherError], calls: int) -> None:
    _library()
    _kraken(httpserver, "ZUSD")
    handler = httpserver.expect_request("/0/public/Ticker")
    if isinstance(answer, str):
        handler.respond_with_data(answer, status=status)
    else:
        handler.respond_with_json(answer, status=status)
    (failure,) = _ask(httpserver, Request("ticker", PRICE)).failures
    assert type(failure) is error, failure
    assert (failure.source, failure.endpoint, failure.fetched_at) == ("ccxt", "ticker", NOW)
    assert len([1 for r, _ in httpserver.log if r.path == "/0/public/Ticker"]) == calls
    assert failure.problem.isprintable()


@pytest.mark.parametrize(
    ("name", "words", "error"),
    [
        ("RestrictedLocation", "no", RegionRefused),
        ("ExchangeNotAvailable", "binance GET https://x 451 {\"code\":0}", RegionRefused),
        ("ExchangeNotAvailable", "Service unavailable from a restricted location", RegionRefused),
        ("OnMaintenance", "back at ten", SourceUnavailable),
        ("DDoSProtection", "x", SourceUnavailable),
        ("RateLimitExceeded", "x", SourceUnavailable),
        ("RequestTimeout", "x", SourceUnavailable),
        ("PermissionDenied", "x", SourceRefused),
        ("AuthenticationError", "x", KeyRefused),
        ("NotSupported", "x", SourceRefused),
        ("BadSymbol", "x", SourceRefused),
        ("NullResponse", "x", BadPayload),
    ],
)  # fmt: skip
def test_every_kind_of_error_of_the_library_has_its_class(name: str, words: str, error: type[GatherError]) -> None:
    library = _library()
    found = adapter._translated(library, Request("ticker", PRICE), getattr(library, name)(words))
    assert type(found) is error
    assert name in str(found)


def test_nobody_listening_is_unavailable() -> None:
    _library()
    base = {"ccxt": "http://127.0.0.1:9"}
    found = asyncio.run(gather(("ccxt",), (), lambda: NOW, base_urls=base, only={"ccxt": [Request("ticker", PRICE)]}, caps=QUICK))
    assert [type(f) for f in found.failures] == [SourceUnavailable]


def test_the_library_is_loaded_only_when_it_is_asked() -> None:
    look = "import sys, newsgen.gather.ccxt; print('ccxt' in sys.modules or 'newsgen.gather._ccxt' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout == "False\n"
