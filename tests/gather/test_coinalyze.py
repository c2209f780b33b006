"""Coinalyze: one letter with two meanings, venues by the ending of a symbol, periods that are over, calls that cost by the symbol."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.gather.coinalyze import SOURCE
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

HOURS = {"symbols": "BTCUSDT_PERP.A", "interval": "1hour", "convert_to_usd": "true"}
DAYS = {"symbols": "BTCUSDT_PERP.A", "interval": "daily"}
COINS = {"symbols": "BTCUSDT_PERP.A"}
LIQUIDATIONS, RATIO, INTEREST = "liquidation_history.json", "long_short_ratio_history.json", "open_interest.json"
CASES = [
    ("liquidation_history", HOURS, LIQUIDATIONS), ("long_short_ratio_history", DAYS, RATIO), ("open_interest", COINS, INTEREST),
]  # fmt: skip


def _history(*markets: tuple[str, list[dict[str, object]]]) -> bytes:
    return wire([{"symbol": symbol, "history": rows} for symbol, rows in markets])


def test_an_hour_of_liquidations_ends_an_hour_after_its_stamp_longs_apart_from_shorts() -> None:
    """1609286400 is midnight UTC of 30 December 2020: the hour is over at one."""
    readings = parse_payload("coinalyze", "liquidation_history", HOURS, body("coinalyze", LIQUIDATIONS), NOW)
    assert {r.key.series: (r.value, r.unit) for r in readings} == {
        "liq.bucket_long": (1, Unit.USD), "liq.bucket_short": (0, Unit.USD),
    }  # fmt: skip
    assert {(r.key.subject, r.key.window, r.key.venue) for r in readings} == {("BTC", "1h", "binance")}
    assert {(iso(r.observed_at), iso(r.known_at)) for r in readings} == {("2020-12-30T01:00:00Z", "2020-12-30T01:00:00Z")}


def test_four_hours_are_named_four_hours() -> None:
    readings = parse_payload("coinalyze", "liquidation_history", {**HOURS, "interval": "4hour"}, body("coinalyze", LIQUIDATIONS), NOW)
    assert {(r.key.window, iso(r.observed_at)) for r in readings} == {("4h", "2020-12-30T04:00:00Z")}


def test_each_market_is_the_column_of_its_venue_and_none_is_a_total() -> None:
    hour = 1767225600  # midnight UTC of 1 January 2026
    sent = _history(
        ("BTCUSDT_PERP.A", [{"t": hour, "l": 100.5, "s": 7}]), ("BTCUSDT.6", [{"t": hour, "l": 20, "s": 3}]),
        ("ETHUSDT_PERP.3", [{"t": hour, "l": 0, "s": 4}]),
    )  # fmt: skip
    readings = parse_payload("coinalyze", "liquidation_history", HOURS, sent, NOW)
    assert [(r.key.series, r.key.subject, r.key.venue, str(r.value)) for r in readings] == [
        ("liq.bucket_long", "BTC", "binance", "100.5"), ("liq.bucket_short", "BTC", "binance", "7"),
        ("liq.bucket_long", "BTC", "bybit", "20"), ("liq.bucket_short", "BTC", "bybit", "3"),
        ("liq.bucket_long", "ETH", "okx", "0"), ("liq.bucket_short", "ETH", "okx", "4"),
    ]  # fmt: skip


@pytest.mark.parametrize(("minutes", "periods"), [(59, 0), (60, 0), (64, 0), (65, 1), (120, 1)])
def test_an_hour_counts_once_it_has_settled(minutes: int, periods: int) -> None:
    at = datetime(2020, 12, 30, tzinfo=UTC) + timedelta(minutes=minutes)
    assert len(parse_payload("coinalyze", "liquidation_history", HOURS, body("coinalyze", LIQUIDATIONS), at)) == 2 * periods


def test_a_ratio_is_percent_of_the_accounts_and_never_dollars() -> None:
    """53.55 and 46.45 add up to 100; the day that begins at midnight of 1 March 2024 is over at midnight of the second."""
    readings = parse_payload("coinalyze", "long_short_ratio_history", DAYS, body("coinalyze", RATIO), NOW)
    assert [(r.key.series, r.key.subject, r.key.window, r.key.venue, r.unit) for r in readings] == [
        ("accounts.long_share", "BTC", "1d", "binance", Unit.PCT)
    ] * 2
    assert [(r.value, iso(r.observed_at)) for r in readings] == [
        (Decimal("53.55"), "2024-03-02T00:00:00Z"), (Decimal("51.71"), "2024-03-03T00:00:00Z"),
    ]  # fmt: skip
    dollars = _history(("BTCUSDT_PERP.A", [{"t": 1709251200, "r": 1.1529, "l": 535500, "s": 464500}]))
    faulty("coinalyze", "long_short_ratio_history", DAYS, dollars, "[0].history[0].l")
    fractions = _history(("BTCUSDT_PERP.A", [{"t": 1709251200, "r": 1.1529, "l": 0.5355, "s": 0.4645}]))
    faulty("coinalyze", "long_short_ratio_history", DAYS, fractions, "[0].history[0].l")


def test_open_interest_is_in_coins_unless_dollars_were_asked_for() -> None:
    """1761295265157 milliseconds are 08:41:05 UTC of 24 October 2025; Binance's bitcoin contracts were some 78,600 coins then."""
    (coins,) = parse_payload("coinalyze", "open_interest", COINS, body("coinalyze", INTEREST), NOW)
    assert (coins.key.series, coins.key.subject, coins.key.window, coins.key.venue) == ("open_interest.coins", "BTC", "", "binance")
    assert (coins.value, coins.unit, iso(coins.observed_at)) == (Decimal("78602.843"), Unit.COINS, "2025-10-24T08:41:05Z")
    assert coins.known_at == NOW
    (usd,) = parse_payload("coinalyze", "open_interest", {**COINS, "convert_to_usd": "true"}, body("coinalyze", INTEREST), NOW)
    assert (usd.key.series, usd.unit) == ("open_interest.usd", Unit.USD)


def test_liquidations_in_coins_are_refused() -> None:
    for convert in ({}, {"convert_to_usd": "false"}):
        params = {"symbols": "BTCUSDT_PERP.A", "interval": "1hour", **convert}
        faulty("coinalyze", "liquidation_history", params, body("coinalyze", LIQUIDATIONS), "request")


@pytest.mark.parametrize("endpoint", ["liquidation_history", "long_short_ratio_history"])
def test_an_interval_that_is_not_followed_is_refused(endpoint: str) -> None:
    for interval in ({}, {"interval": "5min"}):
        faulty("coinalyze", endpoint, {"convert_to_usd": "true", **interval}, body("coinalyze", LIQUIDATIONS), "request")


@pytest.mark.parametrize(
    "symbol",
    [
        "BTCUSDT.A",
        "BTCUSD_PERP.A",
        "BTCUSDT_PERP.6",
        "BTCUSD.6",
        "BTCUSDT.3",
        "BTCUSDT_PERP.4",
        "BTC.H",
        "USDT_PERP.A",
        "BTCUSDT_PERP",
        ".A",
    ],
)
def test_a_spot_pair_a_coin_margined_contract_and_another_venue_are_refused(symbol: str) -> None:
    faulty(
        "coinalyze", "liquidation_history", HOURS, changed("coinalyze", LIQUIDATIONS, lambda d: d[0].update(symbol=symbol)), "[0].symbol"
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"l": -1}, "l"),
        ({"s": -1}, "s"),
        ({"l": None}, "l"),
        ({"s": "many"}, "s"),
        ({"t": 1609286400000}, "t"),  # milliseconds
        ({"t": 1890000000}, "t"),  # ahead of the fetch
    ],
)
def test_a_bad_field_of_an_hour_is_named(fields: dict[str, Any], field: str) -> None:
    sent = changed("coinalyze", LIQUIDATIONS, lambda d: d[0]["history"][0].update(fields))
    faulty("coinalyze", "liquidation_history", HOURS, sent, f"[0].history[0].{field}")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": -1}, "[0].value"),
        ({"value": None}, "[0].value"),
        ({"update": 1761295265}, "[0].update"),
        ({"update": 1890000000000}, "update"),
    ],
)
def test_a_bad_field_of_open_interest_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("coinalyze", "open_interest", COINS, changed("coinalyze", INTEREST, lambda d: d[0].update(fields)), field)


def test_what_is_missing_is_named_and_what_is_new_is_ignored() -> None:
    for name in ("t", "l", "s"):
        gone = changed("coinalyze", LIQUIDATIONS, lambda d, n=name: d[0]["history"][0].pop(n))
        faulty("coinalyze", "liquidation_history", HOURS, gone, f"[0].history[0].{name}")
    faulty("coinalyze", "liquidation_history", HOURS, changed("coinalyze", LIQUIDATIONS, lambda d: d[0].pop("history")), "[0].history")
    more = changed("coinalyze", LIQUIDATIONS, lambda d: (d[0].update(new=1), d[0]["history"][0].update(n=3)))
    assert len(parse_payload("coinalyze", "liquidation_history", HOURS, more, NOW)) == 2


def test_a_market_without_periods_is_nothing_and_an_answer_without_markets_is_a_fault() -> None:
    quiet = _history(("BTCUSDT_PERP.A", []), ("ETHUSDT.6", [{"t": 1609286400, "l": 5, "s": 6}]))
    readings = parse_payload("coinalyze", "liquidation_history", HOURS, quiet, NOW)
    assert one(readings, "liq.bucket_long", "ETH", "1h", "bybit").value == 5
    assert len(readings) == 2
    for endpoint, params, _ in CASES:
        faulty("coinalyze", endpoint, params, b"[]", "body")
        faulty("coinalyze", endpoint, params, wire({"markets": []}), "body")


@pytest.mark.parametrize(("endpoint", "params"), [c[:2] for c in CASES])
@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Invalid API key", KeyRefused), ("Too Many Requests", SourceUnavailable), ("Internal server error", SourceUnavailable),
        ("Invalid value for interval", SourceRefused), (None, SourceRefused),
    ],
)  # fmt: skip
def test_a_refusal_is_told_by_its_words(endpoint: str, params: dict[str, str], message: str | None, error: type[GatherError]) -> None:
    faulty("coinalyze", endpoint, params, wire({"message": message}), str(message), error=error)


def test_what_a_round_asks_and_costs() -> None:
    """Each symbol is a call: two assets at three venues are six, asked for three times."""
    asked = SOURCE.requests(("BTC", "ETH"))
    symbols = "BTCUSDT_PERP.A,BTCUSDT.6,BTCUSDT_PERP.3,ETHUSDT_PERP.A,ETHUSDT.6,ETHUSDT_PERP.3"
    assert [(SOURCE.endpoints[r.endpoint].path, dict(r.params), r.cost) for r in asked] == [
        ("/v1/liquidation-history", {"symbols": symbols, "interval": "1hour", "convert_to_usd": "true"}, 6),
        ("/v1/open-interest", {"symbols": symbols, "convert_to_usd": "true"}, 6),
        ("/v1/long-short-ratio-history", {"symbols": symbols, "interval": "1hour"}, 6),
    ]
    assert (SOURCE.key_header, SOURCE.key_param) == ("api_key", "")
    assert SOURCE.endpoints["liquidation_history"].moments_at(NOW) == {
        "from": str(int(NOW.timestamp()) - 26 * 3600), "to": str(int(NOW.timestamp())),
    }  # fmt: skip


def test_a_round_never_costs_more_than_a_minute_allows_nor_asks_for_more_than_20_symbols() -> None:
    asked = SOURCE.requests(("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB", "ADA", "USDT"))
    assert sum(r.cost for r in asked) == 12 + 12 + 6 <= SOURCE.calls <= 40
    for request in asked:
        names = request.params["symbols"].split(",")
        assert request.cost == len(names) == len(set(names)) <= 20
    assert "USDTUSDT" not in json.dumps([dict(r.params) for r in asked])


def test_the_source_is_named_with_a_link_as_it_asks() -> None:
    assert (SOURCE.terms.credit, SOURCE.terms.credit_url) == ("Data: Coinalyze", "https://coinalyze.net")
