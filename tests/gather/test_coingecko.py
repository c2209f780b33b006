"""CoinGecko: coins by id, nulls, ISO times, scientific notation, and refusals that look like empty answers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload, sources
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

MARKETS = "coins_markets_1h_24h_7d.json"


def _row(**fields: Any) -> bytes:
    return changed("coingecko", MARKETS, lambda d: d[0].update(fields))


def test_six_coins_with_their_units_and_times() -> None:
    readings = parse_payload("coingecko", "coins_markets", {}, body("coingecko", MARKETS), NOW)
    assert {r.key.subject for r in readings} == {"BTC", "ETH", "USDT", "BNB", "SOL", "XRP"}
    assert len(readings) == 6 * 9  # six values and three windows each
    ether = one(readings, "aggregate.cap", "ETH")
    assert (ether.value, ether.unit, iso(ether.observed_at)) == (302183666130, Unit.USD, "2024-02-09T18:42:44Z")
    assert one(readings, "aggregate.high_24h", "XRP", "24h").value == Decimal("0.526392")
    fall = one(readings, "aggregate.change_24h", "USDT", "24h")
    assert (fall.value, fall.unit) == (Decimal("-0.0013602245958486275"), Unit.PCT)


def test_the_documentations_example_has_no_windows() -> None:
    readings = parse_payload("coingecko", "coins_markets", {}, body("coingecko", "coins_markets_docs.json"), NOW)
    assert {r.key.series: r.value for r in readings} == {
        "aggregate.price": 70187, "aggregate.high_24h": 70215, "aggregate.low_24h": 68060, "aggregate.ath": 73738,
        "aggregate.cap": 1381651251183, "aggregate.volume_24h": 20154184933,
    }  # fmt: skip


def test_global_in_seconds_and_scientific_notation() -> None:
    readings = parse_payload("coingecko", "global", {}, body("coingecko", "global.json"), NOW)
    assert {r.key.series: r.value for r in readings} == {
        "market.cap": Decimal("2515268352188.766"), "dominance.btc": Decimal("60.70858347681936"),
        "market.cap_change_24h": Decimal("-9.999293796813587"), "market.volume_24h": Decimal("198293501804.3288"),
    }  # fmt: skip
    assert {iso(r.observed_at) for r in readings} == {"2025-04-07T11:28:53Z"}
    exact = body("coingecko", "global.json").replace(b'"usd":2515268352188.766', b'"usd":2.515268352188766e+12', 1)
    assert one(parse_payload("coingecko", "global", {}, exact, NOW), "market.cap", "market").value == Decimal("2515268352188.766")


@pytest.mark.parametrize(
    ("name", "nothing", "series"),
    [("ath", None, "aggregate.ath"), ("high_24h", "", "aggregate.high_24h"), ("total_volume", "-", "aggregate.volume_24h"),
     ("market_cap", 0, "aggregate.cap"), ("price_change_percentage_7d_in_currency", None, "aggregate.change_7d")],
)  # fmt: skip
def test_nothing_is_missing_and_never_zero(name: str, nothing: object, series: str) -> None:
    readings = parse_payload("coingecko", "coins_markets", {}, _row(**{name: nothing}), NOW)
    assert len(readings) == 53
    assert not [r for r in readings if r.key.subject == "BTC" and r.key.series == series]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"current_price": 0}, "[0].current_price"),
        ({"current_price": -1}, "[0].current_price"),
        ({"current_price": 1e308}, "[0].current_price"),
        ({"current_price": "NaN"}, "[0].current_price"),
        ({"total_volume": -1}, "[0].total_volume"),
        ({"high_24h": 45168}, "[0].high_24h"),
        ({"last_updated": "2024-02-09T18:42:43"}, "[0].last_updated"),
        ({"last_updated": "2099-02-09T18:42:43Z"}, "[0].last_updated"),
        ({"last_updated": 1707504163}, "[0].last_updated"),
        ({"price_change_percentage_7d_in_currency": "eleven"}, "[0].price_change_percentage_7d_in_currency"),
        ({"id": None}, "[0].id"),
    ],
)
def test_a_bad_field_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("coingecko", "coins_markets", {}, _row(**fields), field)


@pytest.mark.parametrize("name", ["current_price", "market_cap", "ath", "last_updated", "symbol"])
def test_a_field_that_was_renamed_is_named(name: str) -> None:
    faulty("coingecko", "coins_markets", {}, changed("coingecko", MARKETS, lambda d: d[0].pop(name)), f"[0].{name}")


def test_a_time_with_another_zone_is_the_same_instant() -> None:
    readings = parse_payload("coingecko", "coins_markets", {}, _row(last_updated="2024-02-09T20:42:43+02:00"), NOW)
    assert iso(one(readings, "aggregate.price", "BTC").observed_at) == "2024-02-09T18:42:43Z"


def test_another_coin_under_a_known_symbol_is_left_out() -> None:
    def bridged(data: Any) -> None:
        data.append({**data[0], "id": "bridged-bitcoin", "current_price": 1})

    readings = parse_payload("coingecko", "coins_markets", {}, changed("coingecko", MARKETS, bridged), NOW)
    assert one(readings, "aggregate.price", "BTC").value == 47837


def test_one_coin_twice_counts_once_and_two_prices_are_refused() -> None:
    twice = changed("coingecko", MARKETS, lambda d: d.append(d[0]))
    assert len(parse_payload("coingecko", "coins_markets", {}, twice, NOW)) == 54
    faulty("coingecko", "coins_markets", {}, changed("coingecko", MARKETS, lambda d: d.append({**d[0], "ath": 1})), "aggregate.ath")


@pytest.mark.parametrize("endpoint", ["coins_markets", "global", "companies_public_treasury"])
@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ("error_429.json", SourceUnavailable, "Rate Limit"),
        ("error_10002_shape.json", KeyRefused, "API Key Missing"),
        ({"status": {"error_code": 10010, "error_message": "Invalid API Key"}}, KeyRefused, "code 10010"),
        ({"status": {"error_code": 10005, "error_message": "limited to PRO"}}, SourceRefused, "limited to PRO"),
        ({"error": {"status": {"error_code": 10011, "error_message": "Invalid API Key"}}}, KeyRefused, "code 10011"),
        ({"error": "coin not found"}, SourceRefused, "coin not found"),
        ({"status": {"error_code": "429", "error_message": None}}, SourceUnavailable, "429"),
    ],
)
def test_a_refusal_is_not_an_unknown_coin(endpoint: str, answer: Any, error: type[GatherError], says: str) -> None:
    sent = body("coingecko", answer) if isinstance(answer, str) else wire(answer)
    faulty("coingecko", endpoint, {"coin": "bitcoin"}, sent, says, error=error)


def test_no_coins_are_no_readings_and_an_object_is_no_list() -> None:
    assert parse_payload("coingecko", "coins_markets", {}, b"[]", NOW) == []
    faulty("coingecko", "coins_markets", {}, b"{}", "body")
    faulty("coingecko", "global", {}, b"[]", "")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d["data"]["total_market_cap"].update(usd=0), "data.total_market_cap.usd"),
        (lambda d: d["data"]["market_cap_percentage"].update(btc=100), "data.market_cap_percentage.btc"),
        (lambda d: d["data"]["market_cap_percentage"].pop("btc"), "data.market_cap_percentage.btc"),
        (lambda d: d["data"]["total_volume"].update(usd=-5), "data.total_volume.usd"),
        (lambda d: d["data"].update(updated_at=1744025333000), "data.updated_at"),
        (lambda d: d["data"].update(updated_at=4000000000), "data.updated_at"),
        (lambda d: d.pop("data"), "data"),
    ],
    ids=["no cap", "a share of all", "no share", "negative", "milliseconds", "future", "no data"],
)
def test_a_bad_field_of_global_is_named(change: Any, field: str) -> None:
    faulty("coingecko", "global", {}, changed("coingecko", "global.json", change), field)


def test_clocks_may_differ_by_minutes() -> None:
    at = datetime(2025, 4, 7, 11, 25, tzinfo=UTC)
    assert len(parse_payload("coingecko", "global", {}, body("coingecko", "global.json"), at)) == 4


# Treasuries

TREASURY = "companies_public_treasury.json"
BITCOIN = {"coin": "bitcoin"}
CASES = [("companies_public_treasury", BITCOIN, TREASURY)]


def test_what_companies_hold_in_coins() -> None:
    """28 companies; the list says 264136 coins in all. MSTR is Strategy, whatever name it is listed under."""
    readings = parse_payload("coingecko", "companies_public_treasury", BITCOIN, body("coingecko", TREASURY), NOW)
    assert len(readings) == 28
    assert sum(r.value for r in readings) == 264136
    assert {(r.key.series, r.key.window, r.key.venue, r.unit, r.observed_at) for r in readings} == {
        ("treasury.holdings", "", "BTC", Unit.COINS, NOW),
    }  # fmt: skip
    held = {r.key.subject: r.value for r in readings}
    assert (held["Strategy"], held["Tesla, Inc."], held["Core Scientific"]) == (174530, 10500, 21)
    assert "MicroStrategy Inc." not in held
    turned = changed("coingecko", TREASURY, lambda d: d["companies"][0].update(symbol="MSTR: NASDAQ", name="Strategy Inc"))
    assert (
        one(parse_payload("coingecko", "companies_public_treasury", BITCOIN, turned, NOW), "treasury.holdings", "Strategy").value == 174530
    )


def test_ether_is_told_apart_by_the_request() -> None:
    readings = parse_payload("coingecko", "companies_public_treasury", {"coin": "ethereum"}, body("coingecko", TREASURY), NOW)
    assert {r.key.venue for r in readings} == {"ETH"}
    faulty("coingecko", "companies_public_treasury", {"coin": "dogecoin"}, body("coingecko", TREASURY), "request")


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"total_holdings": -1}, "total_holdings"), ({"total_holdings": None}, "total_holdings"), ({"name": ""}, "name"),
     ({"symbol": None}, "symbol")],
)  # fmt: skip
def test_a_bad_field_of_a_company_is_named(fields: dict[str, Any], field: str) -> None:
    sent = changed("coingecko", TREASURY, lambda d: d["companies"][3].update(fields))
    faulty("coingecko", "companies_public_treasury", BITCOIN, sent, f"companies[3].{field}")


def test_the_list_of_companies_must_be_there() -> None:
    faulty("coingecko", "companies_public_treasury", BITCOIN, changed("coingecko", TREASURY, lambda d: d.pop("companies")), "companies")
    faulty("coingecko", "companies_public_treasury", BITCOIN, wire([]), "")


def test_every_series_that_it_gives_is_listed_and_a_key_is_not_needed() -> None:
    source = sources()["coingecko"]
    given = parse_payload("coingecko", "coins_markets", {}, body("coingecko", MARKETS), NOW)
    assert {r.key.series for r in given} <= set(source.endpoints["coins_markets"].gives)
    assert (source.key_env, source.key_header, source.key_optional) == ("COINGECKO_API_KEY", "x-cg-demo-api-key", True)


def test_a_round_asks_four_questions_of_five_that_are_allowed() -> None:
    source = sources()["coingecko"]
    told = [source.endpoints[r.endpoint].path.format(**r.params) for r in source.requests(("BTC", "ETH", "SOL"))]
    treasury = "/api/v3/companies/public_treasury"
    assert told == ["/api/v3/coins/markets", "/api/v3/global", f"{treasury}/bitcoin", f"{treasury}/ethereum"]
    assert len(told) < source.calls
