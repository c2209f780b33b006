"""Coinbase: low before high, newest first, products that only the request names, a day that rolls, text that is empty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.gather.coinbase import SOURCE
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

BTC = {"product": "BTC-USD"}
HOURS, ADVANCED_HOURS = {**BTC, "granularity": "3600"}, {**BTC, "granularity": "ONE_HOUR"}
BARS, ADVANCED_BARS = "exchange_candles_BTC-USD_1h.json", "advanced_candles.json"
TICKER, STATS, PRODUCT, TRADES = (
    "ticker_BTC-USD.json",
    "stats_BTC-USD.json",
    "advanced_product_BTC-USD.json",
    "advanced_ticker_BTC-USD.json",
)
CASES = [
    ("candles", HOURS, BARS), ("ticker", BTC, TICKER), ("stats", BTC, STATS), ("advanced_product", BTC, PRODUCT),
    ("advanced_ticker", BTC, TRADES), ("advanced_candles", ADVANCED_HOURS, ADVANCED_BARS),
]  # fmt: skip


def test_an_hour_has_its_low_before_its_high_and_ends_an_hour_after_its_stamp() -> None:
    """1790496000 is 08:00 UTC of 27 September 2026."""
    readings = parse_payload("coinbase", "candles", HOURS, body("coinbase", BARS), NOW)
    assert len(readings) == 3 * 5
    second = [r for r in readings if iso(r.observed_at) == "2026-09-27T09:00:00Z"]
    assert {r.key.series: (r.value, r.unit) for r in second} == {
        "spot.low": (Decimal("84682"), Unit.USD), "spot.high": (Decimal("84893.17"), Unit.USD),
        "spot.open": (Decimal("84773.26"), Unit.USD), "spot.close": (Decimal("84775.68"), Unit.USD),
        "spot.volume_base": (Decimal("206.84326679"), Unit.COINS),
    }  # fmt: skip
    assert {(r.key.subject, r.key.window, r.key.venue) for r in readings} == {("BTC", "1h", "coinbase")}
    assert all(r.known_at == r.observed_at for r in readings)
    newest = one(readings, "spot.close", "BTC", "1h", at="2026-09-27T10:00:00Z")
    assert newest.value == Decimal("84662.29")


@pytest.mark.parametrize(("seconds", "bars"), [(-1, 2), (0, 3), (1, 3)])
def test_the_newest_candle_is_left_out_until_it_has_ended(seconds: int, bars: int) -> None:
    at = datetime(2026, 9, 27, 10, tzinfo=UTC) + timedelta(seconds=seconds)
    assert len(parse_payload("coinbase", "candles", HOURS, body("coinbase", BARS), at)) == bars * 5


def test_a_day_begins_at_midnight() -> None:
    """1790467200 is midnight UTC of 27 September 2026."""
    days = {**BTC, "granularity": "86400"}
    readings = parse_payload("coinbase", "candles", days, wire([[1790467200, 9, 12, 10, 11, 3.5]]), NOW)
    assert {(r.key.window, iso(r.observed_at)) for r in readings} == {("1d", "2026-09-28T00:00:00Z")}
    assert [r.value for r in readings] == [10, 12, 9, 11, Decimal("3.5")]
    faulty("coinbase", "candles", days, body("coinbase", BARS), "[0].start")  # hours are no days


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        (0, 1790496000000, "start"),  # milliseconds
        (0, 1830297600, "start"),  # 2028
        (0, 1790496001, "start"),
        (1, 84893.2, "high"),  # low and high the other way round
        (2, 84681, "high"),
        (3, 0, "open"),
        (4, None, "close"),
        (5, -1, "volume"),
        (5, "many", "volume"),
    ],
)
def test_a_bad_value_of_a_candle_is_named(column: int, value: object, field: str) -> None:
    faulty("coinbase", "candles", HOURS, changed("coinbase", BARS, lambda d: d[1].__setitem__(column, value)), f"[1].{field}")


def test_sides_the_other_way_round_are_refused() -> None:
    """Whoever takes the second value for the high, as at other venues, finds a high below the low."""
    swapped = changed("coinbase", BARS, lambda d: d[0].__setitem__(slice(1, 3), d[0][2:0:-1]))
    faulty("coinbase", "candles", HOURS, swapped, "[0].high")


def test_another_shape_is_named() -> None:
    faulty("coinbase", "candles", HOURS, wire([[1, 2, 3]]), "[0]")
    faulty("coinbase", "candles", HOURS, wire({"candles": []}), "body")
    faulty("coinbase", "advanced_candles", ADVANCED_HOURS, b"{}", "candles")
    for params in (BTC, {**BTC, "granularity": "14400"}, {**HOURS, "product": "BTC-EUR"}, {"granularity": "3600"}):
        faulty("coinbase", "candles", params, body("coinbase", BARS), "request")
    assert parse_payload("coinbase", "candles", HOURS, b"[]", NOW) == []
    more = changed("coinbase", BARS, lambda d: [row.append(1) for row in d])
    assert len(parse_payload("coinbase", "candles", HOURS, more, NOW)) == 15


def test_candles_of_advanced_trade_are_objects_of_text() -> None:
    """1712192400 is 01:00 UTC of 4 April 2024."""
    readings = parse_payload("coinbase", "advanced_candles", ADVANCED_HOURS, body("coinbase", ADVANCED_BARS), NOW)
    first = {r.key.series: r.value for r in readings if iso(r.observed_at) == "2024-04-04T02:00:00Z"}
    assert first == {
        "spot.open": Decimal("66312.4"), "spot.high": Decimal("66331.99"), "spot.low": Decimal("66055.14"),
        "spot.close": Decimal("66181.6"), "spot.volume_base": Decimal("355.82896243"),
    }  # fmt: skip
    assert len(readings) == 10
    for name in ("start", "low", "high", "open", "close", "volume"):
        gone = changed("coinbase", ADVANCED_BARS, lambda d, n=name: d["candles"][1].pop(n))
        faulty("coinbase", "advanced_candles", ADVANCED_HOURS, gone, f"candles[1].{name}")


def test_a_ticker_is_observed_when_it_last_traded() -> None:
    (last,) = parse_payload("coinbase", "ticker", BTC, body("coinbase", TICKER), NOW)
    assert (last.key.series, last.key.subject, last.key.window, last.key.venue) == ("spot.last", "BTC", "", "coinbase")
    assert (last.value, last.unit, iso(last.observed_at), last.known_at) == (Decimal("333.99"), Unit.USD, "2015-11-14T20:46:03Z", NOW)
    for fields, field in (
        ({"price": "0"}, "price"), ({"price": ""}, "price"), ({"time": "now"}, "time"), ({"time": "2027-01-01T00:00:00Z"}, "time"),
    ):  # fmt: skip
        faulty("coinbase", "ticker", BTC, changed("coinbase", TICKER, lambda d, f=fields: d.update(f)), field)
    for name in ("price", "time"):
        faulty("coinbase", "ticker", BTC, changed("coinbase", TICKER, lambda d, n=name: d.pop(n)), name)


def test_stats_are_of_the_rolling_day_and_their_last_price_has_no_time() -> None:
    readings = parse_payload("coinbase", "stats", BTC, body("coinbase", STATS), NOW)
    assert {r.key.series: (r.value, r.unit) for r in readings} == {
        "spot.open": (Decimal("6745.61"), Unit.USD), "spot.high": (Decimal("7292.11"), Unit.USD), "spot.low": (Decimal("6650"), Unit.USD),
        "spot.volume_base": (Decimal("26185.51325269"), Unit.COINS),
    }  # fmt: skip
    assert {(r.key.subject, r.key.window, r.observed_at) for r in readings} == {("BTC", "24h", NOW)}
    for fields, field in (({"high": "6700"}, "high"), ({"low": "6800"}, "high"), ({"open": None}, "open"), ({"volume": "-1"}, "volume")):
        faulty("coinbase", "stats", BTC, changed("coinbase", STATS, lambda d, f=fields: d.update(f)), field)
    for name in ("open", "high", "low", "volume"):
        faulty("coinbase", "stats", BTC, changed("coinbase", STATS, lambda d, n=name: d.pop(n)), name)


def test_a_product_of_advanced_trade_has_no_time_and_nothing_as_empty_text() -> None:
    readings = parse_payload("coinbase", "advanced_product", {}, body("coinbase", PRODUCT), NOW)
    assert {(r.key.series, r.key.window): (r.value, r.unit) for r in readings} == {
        ("spot.last", ""): (Decimal("68923.67"), Unit.USD),
        ("spot.volume_base", "24h"): (Decimal("11005.02587005"), Unit.COINS),
    }
    assert {(r.key.subject, r.observed_at) for r in readings} == {("BTC", NOW)}
    for fields, field in (
        ({"product_id": "BTC-EUR"}, "product_id"), ({"product_type": "FUTURE"}, "product_type"), ({"price": ""}, "price"),
        ({"volume_24h": ""}, "volume_24h"),
    ):  # fmt: skip
        faulty("coinbase", "advanced_product", {}, changed("coinbase", PRODUCT, lambda d, f=fields: d.update(f)), field)


def test_the_newest_trade_is_the_last_price_wherever_it_stands() -> None:
    (last,) = parse_payload("coinbase", "advanced_ticker", BTC, body("coinbase", TRADES), NOW)
    assert (last.value, last.observed_at) == (Decimal("68923.67"), datetime(2026, 4, 7, 0, 28, 58, 544778, tzinfo=UTC))
    turned = changed("coinbase", TRADES, lambda d: (d["trades"].reverse(), d["trades"][2].update(price="70000")))
    assert [r.value for r in parse_payload("coinbase", "advanced_ticker", BTC, turned, NOW)] == [70000]
    assert parse_payload("coinbase", "advanced_ticker", BTC, wire({"trades": []}), NOW) == []
    faulty("coinbase", "advanced_ticker", BTC, changed("coinbase", TRADES, lambda d: d["trades"][1].pop("time")), "trades[1].time")
    faulty("coinbase", "advanced_ticker", BTC, changed("coinbase", TRADES, lambda d: d["trades"][0].update(price="0")), "trades[0].price")


@pytest.mark.parametrize(("endpoint", "params"), [c[:2] for c in CASES])
@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ({"message": "NotFound"}, SourceRefused, "NotFound"),
        ({"message": "Public rate limit exceeded"}, SourceUnavailable, "rate limit"),
        ({"message": "Internal server error"}, SourceUnavailable, "Internal"),
        ({"message": "invalid api key"}, KeyRefused, "api key"),
        ({"message": None}, SourceRefused, "without a word"),
        ({"error": "NOT_FOUND", "code": 5, "message": "valid product_id is required", "error_details": "x"}, SourceRefused, "NOT_FOUND"),
        ({"error": "RESOURCE_EXHAUSTED", "code": 8, "message": "slow"}, SourceUnavailable, "EXHAUSTED"),
    ],
)
def test_a_refusal_is_told_by_its_words(endpoint: str, params: dict[str, str], answer: Any, error: type[GatherError], says: str) -> None:
    faulty("coinbase", endpoint, params, wire(answer), says, error=error)


def test_a_page_instead_of_data_is_a_wall() -> None:
    faulty("coinbase", "ticker", BTC, b"<html><title>Attention Required!</title>", "bot wall", error=SourceRefused)
    faulty("coinbase", "ticker", BTC, b"<html>maintenance</html>", "body")


def test_what_a_round_asks() -> None:
    """BNB is not asked for; a dollar coin is, for its peg."""
    asked = SOURCE.requests(("BTC", "ETH", "BNB", "USDT", "NOPE"))
    assert {SOURCE.endpoints[r.endpoint].path_params for r in asked} == {("product",)}
    assert [(SOURCE.endpoints[r.endpoint].path, dict(r.params)) for r in asked] == [
        ("/products/{product}/candles", {"product": "BTC-USD", "granularity": "3600"}),
        ("/products/{product}/candles", {"product": "BTC-USD", "granularity": "86400"}),
        ("/products/{product}/candles", {"product": "ETH-USD", "granularity": "3600"}),
        ("/products/{product}/candles", {"product": "ETH-USD", "granularity": "86400"}),
        ("/products/{product}/candles", {"product": "USDT-USD", "granularity": "3600"}),
        ("/products/{product}/candles", {"product": "USDT-USD", "granularity": "86400"}),
        ("/products/{product}/ticker", BTC), ("/products/{product}/ticker", {"product": "ETH-USD"}),
        ("/products/{product}/ticker", {"product": "USDT-USD"}),
        ("/products/{product}/stats", BTC), ("/products/{product}/stats", {"product": "ETH-USD"}),
        ("/products/{product}/stats", {"product": "USDT-USD"}),
    ]  # fmt: skip
    assert SOURCE.endpoints["advanced_product"].host == "https://api.coinbase.com"
    assert SOURCE.calls / SOURCE.per_s <= 10
