"""CoinGlass: totals apart from parts, codes as text, bars that have ended, refusals with HTTP 200."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload, sources
from newsgen.market import Completeness, Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

LIST, COINS, HISTORY, ORDER = (
    "liquidation_exchange_list", "liquidation_coin_list", "liquidation_aggregated_history", "liquidation_order",
)  # fmt: skip
DAILY = {"symbol": "BTC", "interval": "1d"}


def test_the_row_of_all_venues_is_the_total_and_is_not_added_to_them() -> None:
    readings = parse_payload("coinglass", LIST, {"range": "24h"}, body("coinglass", f"{LIST}.json"), NOW)
    totals = {r.key.venue: r.value for r in readings if r.key.series == "liq.total"}
    assert totals == {"all": Decimal("14673519.81739075"), "bybit": Decimal("4585290.13404")}
    assert {(r.unit, r.observed_at) for r in readings} == {(Unit.USD, NOW)}


def test_the_range_and_the_symbol_come_from_the_request() -> None:
    sent = body("coinglass", f"{LIST}.json")
    readings = parse_payload("coinglass", LIST, {"symbol": "ETH", "range": "4h"}, sent, NOW)
    assert {(r.key.subject, r.key.window) for r in readings} == {("ETH", "4h")}


@pytest.mark.parametrize("code", ["0", 0])
def test_success_is_code_0_with_or_without_a_message(code: object) -> None:
    row = {"exchange": "All", "liquidation_usd": "3", "long_liquidation_usd": "1", "short_liquidation_usd": "2.0e0"}
    readings = parse_payload("coinglass", LIST, {}, wire({"code": code, "data": [row]}), NOW)
    assert [r.value for r in readings] == [3, 1, 2]


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ({"code": "401", "msg": "Invalid API key"}, SourceRefused, "code 401: Invalid API key"),
        ({"code": "30001", "msg": "API key missing.", "success": False}, SourceRefused, "API key missing."),
        ({"code": "40001"}, SourceRefused, "code 40001"),
        ({"code": 403, "msg": "Upgrade plan", "data": None}, SourceRefused, "Upgrade plan"),
        ({"code": "429", "msg": "Too Many Requests"}, SourceUnavailable, "429"),
        ({"code": "50001", "msg": None}, SourceUnavailable, "50001"),
        ({"code": "500", "msg": "Server Error"}, SourceUnavailable, "500"),
    ],
)
def test_an_error_inside_http_200_is_no_empty_result(answer: dict[str, Any], error: type[GatherError], says: str) -> None:
    faulty("coinglass", LIST, {}, wire(answer), says, error=error)


def test_what_the_source_says_of_its_error_stays_on_one_short_line() -> None:
    with pytest.raises(SourceRefused) as caught:
        parse_payload("coinglass", LIST, {}, wire({"code": "400", "msg": "a\r\n2026 level=info\x1b[31m" + "x" * 5000}), NOW)
    assert caught.value.problem.isprintable()
    assert len(caught.value.problem) < 200


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"msg": "success", "data": []}, "code"),
        ({"code": "0", "msg": "success"}, "data"),
        ({"code": "0", "data": None}, "data"),
        ({"code": "0", "data": {"list": []}}, "data"),
        ({"code": "0", "data": [[1, 2]]}, "data[0]"),
        ([], ""),
        (None, ""),
    ],
)
def test_another_envelope_is_named(answer: object, field: str) -> None:
    faulty("coinglass", LIST, {}, wire(answer), field)


def test_no_rows_are_no_readings() -> None:
    for endpoint, params in ((LIST, {}), (COINS, {}), (HISTORY, DAILY), (ORDER, {}), ("etf_bitcoin_flow_history", {})):
        assert parse_payload("coinglass", endpoint, params, wire({"code": "0", "data": []}), NOW) == []


def test_the_same_venue_twice_counts_once_and_two_values_are_refused() -> None:
    twice = changed("coinglass", f"{LIST}.json", lambda d: d["data"].append(d["data"][1]))
    assert len(parse_payload("coinglass", LIST, {}, twice, NOW)) == 6
    other = changed("coinglass", f"{LIST}.json", lambda d: d["data"].append({**d["data"][1], "short_liquidation_usd": 1}))
    faulty("coinglass", LIST, {}, other, "liq.short")


def test_a_coin_list_without_a_venue_is_the_whole_market() -> None:
    sent = body("coinglass", f"{COINS}.json")
    readings = parse_payload("coinglass", COINS, {}, sent, NOW)
    assert one(readings, "liq.total", "BTC", "12h", "all").value == Decimal("68331844.36224127")
    # rolling windows: none of them is a bucket that could be added to another
    assert {r.key.series for r in readings} == {"liq.total", "liq.long", "liq.short"}


def test_four_hour_bars_are_buckets_and_whole_days_are_days() -> None:
    sent = body("coinglass", f"{HISTORY}.json")
    day = parse_payload("coinglass", HISTORY, DAILY, sent, NOW)
    assert one(day, "liq.short", "BTC", "1d", "all", "2022-07-30T00:00:00Z").value == Decimal("6454875.54909")
    bars = parse_payload("coinglass", HISTORY, {"symbol": "BTC", "interval": "4h", "exchange_list": "Binance"}, sent, NOW)
    assert one(bars, "liq.bucket_short", "BTC", "4h", "binance", "2022-07-28T04:00:00Z").value == Decimal("12969583.87632")
    assert all(r.known_at == r.observed_at for r in bars)


def test_numbers_in_text_are_numbers() -> None:
    """The pair history writes its numbers as text; the other endpoints may do so any day."""

    def rename(data: Any) -> None:
        for row in data["data"]:
            for side in ("long", "short"):
                row[f"aggregated_{side}_liquidation_usd"] = row.pop(f"{side}_liquidation_usd")

    readings = parse_payload("coinglass", HISTORY, DAILY, changed("coinglass", "liquidation_history_pair.json", rename), NOW)
    assert one(readings, "liq.long", "BTC", "1d", at="2022-07-28T00:00:00Z").value == Decimal("2369935.19562")


def test_the_history_of_a_pair_is_not_taken_for_that_of_a_coin() -> None:
    faulty("coinglass", HISTORY, DAILY, body("coinglass", "liquidation_history_pair.json"), "data[0].aggregated_long_liquidation_usd")


def test_seconds_where_milliseconds_belong_are_refused() -> None:
    seconds = changed("coinglass", f"{HISTORY}.json", lambda d: d["data"][0].update(time=1658966400))
    faulty("coinglass", HISTORY, DAILY, seconds, "data[0].time")


@pytest.mark.parametrize(
    ("endpoint", "params", "field"),
    [(HISTORY, DAILY, "time"), (ORDER, {}, "time"), ("etf_bitcoin_flow_history", {}, "timestamp")],
)
def test_a_row_from_the_future_is_refused(endpoint: str, params: dict[str, str], field: str) -> None:
    ahead = int((NOW + timedelta(days=2)).timestamp() * 1000)
    sent = changed("coinglass", f"{endpoint}.json", lambda d: d["data"][0].update({field: ahead}))
    faulty("coinglass", endpoint, params, sent, f"data[0].{field}")


@pytest.mark.parametrize(
    ("value", "field"), [(1e308, "long"), ("1e308", "long"), (-1, "long"), ("-", "long"), (True, "long"), ([], "long")]
)
def test_an_amount_that_cannot_be_is_refused(value: object, field: str) -> None:
    sent = changed("coinglass", f"{LIST}.json", lambda d: d["data"][1].update(long_liquidation_usd=value))
    faulty("coinglass", LIST, {}, sent, f"data[1].{field}_liquidation_usd")


@pytest.mark.parametrize("token", [b"NaN", b"Infinity", b"-Infinity"])
def test_tokens_that_are_no_json_are_refused(token: bytes) -> None:
    faulty("coinglass", LIST, {}, body("coinglass", f"{LIST}.json").replace(b"4585290.13404", token), "body")


def test_the_documentations_comments_and_trailing_commas_are_no_answer() -> None:
    faulty("coinglass", LIST, {}, b'{"code": "0", // fine\n "data": [1,]}', "body")


def test_only_orders_of_the_past_day_count_and_the_largest_wins() -> None:
    early = datetime(2025, 4, 22, 6, 15, tzinfo=UTC)  # 06:07 of the day before is out, 06:18 is in
    readings = parse_payload("coinglass", ORDER, {}, body("coinglass", f"{ORDER}.json"), early)
    assert {(r.key.subject, str(r.value)) for r in readings} == {("BTC", "205534.2932"), ("market", "205534.2932")}
    swapped = changed("coinglass", f"{ORDER}.json", lambda d: d["data"].reverse())
    assert one(parse_payload("coinglass", ORDER, {}, swapped, early), "liq.largest_order", "BTC", "24h").value == Decimal("205534.2932")


def test_orders_of_one_coin_or_one_venue_say_nothing_of_the_market() -> None:
    sent, at = body("coinglass", f"{ORDER}.json"), datetime(2025, 4, 21, 7, tzinfo=UTC)
    for params in ({"symbol": "BTC"}, {"exchange": "Binance"}):
        assert [r.key.subject for r in parse_payload("coinglass", ORDER, params, sent, at)] == ["BTC"]


def test_orders_are_asked_for_with_what_the_documentation_calls_mandatory() -> None:
    asked = [r for r in sources()["coinglass"].requests(("BTC", "ETH")) if r.endpoint == ORDER]
    assert all({"exchange", "symbol", "min_liquidation_amount"} <= set(r.params) for r in asked)
    assert len(asked) == 2


def test_a_side_is_never_read_from_an_order() -> None:
    sent = changed("coinglass", f"{ORDER}.json", lambda d: d["data"][0].update(side=7))
    readings = parse_payload("coinglass", ORDER, {}, sent, datetime(2025, 4, 21, 7, tzinfo=UTC))
    assert {r.key.series for r in readings} == {"liq.largest_order"}


def test_a_fund_without_a_flow_is_missing_and_not_zero() -> None:
    def change(data: Any) -> None:
        funds = data["data"][0]["etf_flows"]
        del funds[1]["flow_usd"]
        funds[2]["flow_usd"] = None

    readings = parse_payload(
        "coinglass", "etf_bitcoin_flow_history", {}, changed("coinglass", "etf_bitcoin_flow_history.json", change), NOW
    )
    assert [r.key.venue for r in readings] == ["us", "GBTC"]


def test_a_session_in_progress_is_no_reading_and_a_fresh_one_is_preliminary() -> None:
    """11 January 2024 closes at 21:00 UTC; the first print is kept apart for 14 hours."""
    sent = body("coinglass", "etf_bitcoin_flow_history.json")
    assert parse_payload("coinglass", "etf_bitcoin_flow_history", {}, sent, datetime(2024, 1, 11, 20, 59, tzinfo=UTC)) == []
    for hour, day, state in ((22, 11, Completeness.PRELIMINARY), (11, 12, Completeness.PRELIMINARY), (12, 12, Completeness.FINAL)):
        readings = parse_payload("coinglass", "etf_bitcoin_flow_history", {}, sent, datetime(2024, 1, day, hour, tzinfo=UTC))
        assert {r.origin.completeness for r in readings} == {state}, hour
        assert {iso(r.observed_at) for r in readings} == {"2024-01-11T21:00:00Z"}


def test_ether_funds_by_ticker() -> None:
    readings = parse_payload("coinglass", "etf_ethereum_flow_history", {}, body("coinglass", "etf_ethereum_flow_history.json"), NOW)
    assert {r.key.venue: r.value for r in readings} == {"us": 106600000, "ETHA": 266500000, "FETH": 71300000}
    assert {r.key.subject for r in readings} == {"ETH"}
