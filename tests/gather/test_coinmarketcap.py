"""CoinMarketCap: coins by their id and not by their symbol, refusals by code, the market's value, an index of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.gather.coinmarketcap import SOURCE
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

QUOTES, GLOBAL, FEAR = "quotes_latest.json", "global_metrics_latest.json", "fear_and_greed_historical.json"
CASES = [("quotes", {"id": "1"}, QUOTES), ("global_metrics", {}, GLOBAL), ("fear_and_greed", {"limit": "3"}, FEAR)]
FINE = {"error_code": 0, "error_message": None}


def _coin() -> Any:
    return json.loads(body("coinmarketcap", "quotes_element_BTC.json"))


def test_a_coin_has_its_price_value_volume_and_four_changes() -> None:
    readings = parse_payload("coinmarketcap", "quotes", {"id": "1"}, body("coinmarketcap", QUOTES), NOW)
    assert {(r.key.series, r.key.window): (str(r.value), r.unit) for r in readings} == {
        ("aggregate.price", ""): ("48827.989730634145", Unit.USD),
        ("aggregate.cap", ""): ("917963765536.4354", Unit.USD),
        ("aggregate.volume_24h", "24h"): ("29502617632.520878", Unit.USD),
        ("aggregate.change_1h", "1h"): ("0.53605754", Unit.PCT),
        ("aggregate.change_24h", "24h"): ("1.25693894", Unit.PCT),
        ("aggregate.change_7d", "7d"): ("-0.98822569", Unit.PCT),
        ("aggregate.change_30d", "30d"): ("22.4523943", Unit.PCT),
    }
    assert {(r.key.subject, iso(r.observed_at), r.known_at) for r in readings} == {("BTC", "2021-08-28T16:13:19Z", NOW)}


def test_a_symbol_is_answered_with_a_list_in_which_only_the_known_id_counts() -> None:
    """v2 lists every coin that calls itself BTC; the second here is another one at a tenth of a cent."""
    other = {**_coin(), "id": 31469, "slug": "batcat"}
    other["quote"] = {"USD": {**other["quote"]["USD"], "price": 0.001}}
    for coins in ([_coin(), other], [other, _coin()]):
        readings = parse_payload("coinmarketcap", "quotes", {"symbol": "BTC"}, wire({"status": FINE, "data": {"BTC": coins}}), NOW)
        assert one(readings, "aggregate.price", "BTC").value == Decimal("48827.989730634145")
    assert parse_payload("coinmarketcap", "quotes", {}, wire({"status": FINE, "data": {"BTC": [other]}}), NOW) == []


def test_an_id_under_another_symbol_is_refused() -> None:
    faulty("coinmarketcap", "quotes", {}, wire({"status": FINE, "data": {"1": {**_coin(), "symbol": "ETH"}}}), "data.1.symbol")


def test_what_is_null_is_missing_and_a_value_of_zero_is_unknown() -> None:
    def change(data: Any) -> None:
        data["data"]["1"]["quote"]["USD"].update(market_cap=0, percent_change_30d=None, volume_24h=None)

    readings = parse_payload("coinmarketcap", "quotes", {}, changed("coinmarketcap", QUOTES, change), NOW)
    assert {r.key.series for r in readings} == {
        "aggregate.price", "aggregate.change_1h", "aggregate.change_24h", "aggregate.change_7d",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"price": 0}, "price"),
        ({"price": None}, "price"),
        ({"price": "many"}, "price"),
        ({"market_cap": -1}, "market_cap"),
        ({"volume_24h": -1}, "volume_24h"),
        ({"percent_change_7d": "x"}, "percent_change_7d"),
        ({"last_updated": "yesterday"}, "last_updated"),
    ],
)
def test_a_bad_field_of_a_coin_is_named(fields: dict[str, Any], field: str) -> None:
    sent = changed("coinmarketcap", QUOTES, lambda d: d["data"]["1"]["quote"]["USD"].update(fields))
    faulty("coinmarketcap", "quotes", {}, sent, f"data.1.quote.USD.{field}")


def test_a_price_from_after_the_fetch_is_refused() -> None:
    faulty("coinmarketcap", "quotes", {}, body("coinmarketcap", QUOTES), "last_updated", at=datetime(2021, 8, 28, 16, tzinfo=UTC))


def test_what_is_missing_is_named_and_what_is_new_is_ignored() -> None:
    gone = changed("coinmarketcap", QUOTES, lambda d: d["data"]["1"]["quote"]["USD"].pop("percent_change_24h"))
    faulty("coinmarketcap", "quotes", {}, gone, "data.1.quote.USD.percent_change_24h")
    faulty("coinmarketcap", "quotes", {}, wire({"status": FINE, "data": []}), "data")
    faulty("coinmarketcap", "quotes", {}, wire({"data": {}}), "status")
    more = changed("coinmarketcap", QUOTES, lambda d: d["data"]["1"].update(new={"x": 1}))
    assert len(parse_payload("coinmarketcap", "quotes", {}, more, NOW)) == 7


def test_the_market_is_the_whole_market() -> None:
    """Neither the altcoins' value nor ether's share, and no change that is not said to be over 24 hours."""
    readings = parse_payload("coinmarketcap", "global_metrics", {}, body("coinmarketcap", GLOBAL), NOW)
    assert {(r.key.series, r.key.window): (r.value, r.unit) for r in readings} == {
        ("market.cap", ""): (Decimal("2689999231765.0"), Unit.USD),
        ("market.volume_24h", "24h"): (Decimal("441695784840.0"), Unit.USD),
        ("dominance.btc", ""): (Decimal("57.19"), Unit.PCT),
    }
    assert {(r.key.subject, iso(r.observed_at)) for r in readings} == {("market", "2026-08-21T13:59:00Z")}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d["data"].update(btc_dominance=100), "data.btc_dominance"),
        (lambda d: d["data"].update(btc_dominance=0), "data.btc_dominance"),
        (lambda d: d["data"]["quote"]["USD"].update(total_market_cap=0), "data.quote.USD.total_market_cap"),
        (lambda d: d["data"]["quote"]["USD"].pop("total_volume_24h"), "data.quote.USD.total_volume_24h"),
        (lambda d: d["data"].update(last_updated="2027-08-21T13:59:00.000Z"), "data.last_updated"),
    ],
)
def test_a_bad_field_of_the_market_is_named(change: Any, field: str) -> None:
    faulty("coinmarketcap", "global_metrics", {}, changed("coinmarketcap", GLOBAL, change), field)


@pytest.mark.parametrize("as_text", [False, True])
def test_the_index_keeps_the_class_that_is_sent(as_text: bool) -> None:
    """1705276800 is midnight UTC of 15 January 2024; a timestamp may be text."""
    sent = changed("coinmarketcap", FEAR, lambda d: [r.update(timestamp=str(r["timestamp"])) for r in d["data"] if as_text])
    readings = parse_payload("coinmarketcap", "fear_and_greed", {}, sent, NOW)
    assert [(r.value, r.origin.label, iso(r.observed_at)) for r in readings] == [
        (72, "Greed", "2024-01-15T00:00:00Z"), (68, "Greed", "2024-01-14T00:00:00Z"), (65, "Greed", "2024-01-13T00:00:00Z"),
    ]  # fmt: skip
    assert {(r.key.series, r.key.window, r.key.source, r.unit) for r in readings} == {
        ("sentiment.fear_greed", "1d", "coinmarketcap", Unit.INDEX)
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": 101}, "data[1].value"),
        ({"value": -1}, "data[1].value"),
        ({"timestamp": 1705190400000}, "data[1].timestamp"),  # milliseconds
        ({"timestamp": 1890000000}, "timestamp"),
        ({"value_classification": ""}, "data[1].value_classification"),
    ],
)
def test_a_bad_field_of_the_index_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("coinmarketcap", "fear_and_greed", {}, changed("coinmarketcap", FEAR, lambda d: d["data"][1].update(fields)), field)


@pytest.mark.parametrize("endpoint", ["quotes", "global_metrics", "fear_and_greed"])
@pytest.mark.parametrize(
    ("code", "error"),
    [
        (1001, KeyRefused), (1002, KeyRefused), (1003, SourceRefused), (1005, KeyRefused), (1006, SourceRefused), (1007, KeyRefused),
        (1008, SourceUnavailable), (1009, SourceUnavailable), (1010, SourceUnavailable), (1011, SourceUnavailable),
        ("1001", KeyRefused), (400, SourceRefused), (500, SourceUnavailable),
    ],
)  # fmt: skip
def test_a_refusal_is_told_by_its_code(endpoint: str, code: object, error: type[GatherError]) -> None:
    sent = wire({"status": {"error_code": code, "error_message": "because"}, "data": {}})
    faulty("coinmarketcap", endpoint, {}, sent, f"code {code}: because", error=error)


def test_the_documented_refusal_of_a_key() -> None:
    faulty("coinmarketcap", "quotes", {}, body("coinmarketcap", "error_1001.json"), "This API Key is invalid.", error=KeyRefused)


def test_what_a_round_asks() -> None:
    asked = [(SOURCE.endpoints[r.endpoint].path, dict(r.params)) for r in SOURCE.requests(("BTC", "ETH", "XYZ"))]
    assert asked == [
        ("/v2/cryptocurrency/quotes/latest", {"id": "1,1027"}), ("/v1/global-metrics/quotes/latest", {}),
        ("/v3/fear-and-greed/historical", {"limit": "3"}),
    ]  # fmt: skip
    assert SOURCE.key_header == "X-CMC_PRO_API_KEY"
    a_day = sum(86_400 / SOURCE.endpoints[r.endpoint].every_s for r in SOURCE.requests(("BTC",)))
    assert a_day == 96 + 96 + 8 < SOURCE.calls_a_day < 10_000 / 31  # the free plan's credits of a month
    assert [r.endpoint for r in SOURCE.requests(("XYZ",))] == ["global_metrics", "fear_and_greed"]
