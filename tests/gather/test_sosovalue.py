"""SoSoValue: the old form and the new one, inflow and outflow, evenings in which funds are missing, refusals with status 200."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload
from newsgen.gather.sosovalue import SOURCE
from newsgen.market import Completeness, Reading, Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

BTC, CHARTED, IBIT = {"symbol": "BTC", "country_code": "US"}, {"type": "us-btc-spot"}, {"ticker": "IBIT"}
SUMMARY, CHART, FUND = "v1_etfs_summary_history.json", "etf_historical_inflow_chart.json", "v1_etfs_ticker_history_IBIT.json"
CASES = [("summary_history", BTC, SUMMARY), ("historical_inflow_chart", CHARTED, CHART), ("ticker_history", IBIT, FUND)]
ALL = [("summary_history", BTC), ("historical_inflow_chart", CHARTED), ("ticker_history", IBIT)]


def _totals(readings: list[Reading]) -> set[tuple[str, str, str, str, Decimal, Unit, str]]:
    return {(*r.key[:3], r.key.venue, r.value, r.unit, iso(r.observed_at)) for r in readings}


@pytest.mark.parametrize(("endpoint", "params", "file"), CASES[:2])
def test_both_forms_give_flow_and_assets_of_all_funds_in_dollars(endpoint: str, params: dict[str, str], file: str) -> None:
    """12 April 2024 was an outflow of 55 million; 16:00 in New York, summer time, is 20:00 UTC. The cumulated inflow is no session's."""
    readings = parse_payload("sosovalue", endpoint, params, body("sosovalue", file), NOW)
    flow, held = ("etf.net_flow", "BTC", "session", "us"), ("etf.net_assets", "BTC", "session", "us")
    assert _totals(readings) == {
        (*flow, Decimal(-55066297), Unit.USD, "2024-04-12T20:00:00Z"), (*held, Decimal(56216535367), Unit.USD, "2024-04-12T20:00:00Z"),
        (*flow, Decimal(91269283), Unit.USD, "2024-04-11T20:00:00Z"), (*held, Decimal(59225065270), Unit.USD, "2024-04-11T20:00:00Z"),
    }  # fmt: skip
    assert {(r.known_at, r.origin.completeness) for r in readings} == {(NOW, Completeness.FINAL)}


@pytest.mark.parametrize("wrap", [lambda rows: {"code": 0, "data": rows}, lambda rows: {"code": 0, "msg": None, "data": {"list": rows}}])
def test_a_list_may_be_bare_or_in_an_envelope(wrap: Any) -> None:
    bare = json.loads(body("sosovalue", SUMMARY))
    readings = parse_payload("sosovalue", "summary_history", BTC, wire(wrap(bare)), NOW)
    assert one(readings, "etf.net_flow", "BTC", "session", at="2024-04-12T20:00:00Z").value == -55066297


def test_the_request_tells_which_funds_they_are() -> None:
    ether = parse_payload("sosovalue", "summary_history", {"symbol": "ETH", "country_code": "US"}, body("sosovalue", SUMMARY), NOW)
    assert {r.key.subject for r in ether} == {"ETH"}
    charted = parse_payload("sosovalue", "historical_inflow_chart", {"type": "us-eth-spot"}, body("sosovalue", CHART), NOW)
    assert {r.key.subject for r in charted} == {"ETH"}
    faulty("sosovalue", "summary_history", {"symbol": "BTC", "country_code": "HK"}, body("sosovalue", SUMMARY), "request")
    faulty("sosovalue", "summary_history", {"symbol": "DOGE", "country_code": "US"}, body("sosovalue", SUMMARY), "request")
    faulty("sosovalue", "historical_inflow_chart", {"type": "hk-btc-spot"}, body("sosovalue", CHART), "request")


def test_one_fund_has_its_flow_under_its_ticker() -> None:
    (reading,) = parse_payload("sosovalue", "ticker_history", IBIT, body("sosovalue", FUND), NOW)
    assert (reading.key.series, reading.key.subject, reading.key.window, reading.key.venue) == ("etf.fund_flow", "BTC", "session", "IBIT")
    assert (reading.value, reading.unit, iso(reading.observed_at)) == (3000000, Unit.USD, "2024-04-12T20:00:00Z")
    ether = changed("sosovalue", FUND, lambda d: d[0].update(ticker="ETHA", net_inflow=-1))
    (other,) = parse_payload("sosovalue", "ticker_history", {"ticker": "ETHA"}, ether, NOW)
    assert (other.key.subject, other.key.venue, other.value) == ("ETH", "ETHA", -1)
    faulty("sosovalue", "ticker_history", {"ticker": "FBTC"}, body("sosovalue", FUND), "[0].ticker")
    faulty("sosovalue", "ticker_history", {"ticker": "SPY"}, body("sosovalue", FUND), "request")


def test_a_day_may_be_a_timestamp() -> None:
    """1712880000000 is midnight UTC of 12 April 2024."""
    sent = changed("sosovalue", FUND, lambda d: d[0].update(date=1712880000000))
    (reading,) = parse_payload("sosovalue", "ticker_history", IBIT, sent, NOW)
    assert iso(reading.observed_at) == "2024-04-12T20:00:00Z"
    faulty("sosovalue", "ticker_history", IBIT, changed("sosovalue", FUND, lambda d: d[0].update(date=1712880000)), "[0].date")


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (datetime(2024, 4, 12, 23, tzinfo=UTC), Completeness.PARTIAL),
        (datetime(2024, 4, 13, 5, 59, tzinfo=UTC), Completeness.PARTIAL),  # one minute to seven in London, summer time
        (datetime(2024, 4, 13, 6, tzinfo=UTC), Completeness.FINAL),
    ],
)
def test_the_total_of_an_evening_is_partial(at: datetime, state: Completeness) -> None:
    readings = parse_payload("sosovalue", "summary_history", BTC, body("sosovalue", SUMMARY), at)
    assert one(readings, "etf.net_flow", "BTC", "session", at="2024-04-12T20:00:00Z").origin.completeness is state
    assert one(readings, "etf.net_assets", "BTC", "session", at="2024-04-11T20:00:00Z").origin.completeness is Completeness.FINAL
    (fund,) = parse_payload("sosovalue", "ticker_history", IBIT, body("sosovalue", FUND), at)
    assert fund.origin.completeness is (Completeness.FINAL if state is Completeness.FINAL else Completeness.PRELIMINARY)


def test_the_session_in_progress_is_no_reading_and_one_of_tomorrow_is_refused() -> None:
    noon = datetime(2024, 4, 12, 16, tzinfo=UTC)
    readings = parse_payload("sosovalue", "summary_history", BTC, body("sosovalue", SUMMARY), noon)
    assert {iso(r.observed_at) for r in readings} == {"2024-04-11T20:00:00Z"}
    assert parse_payload("sosovalue", "ticker_history", IBIT, body("sosovalue", FUND), noon) == []
    early = datetime(2024, 4, 11, 12, tzinfo=UTC)
    faulty("sosovalue", "summary_history", BTC, body("sosovalue", SUMMARY), "date", at=early)


def test_what_is_nothing_is_missing_and_assets_of_nothing_are_unknown() -> None:
    def change(data: Any) -> None:
        data[0].update(total_net_inflow=None)
        data[1].update(total_net_inflow=0, total_net_assets=0)

    readings = parse_payload("sosovalue", "summary_history", BTC, changed("sosovalue", SUMMARY, change), NOW)
    assert [(r.key.series, r.value, iso(r.observed_at)[:10]) for r in readings] == [
        ("etf.net_assets", 56216535367, "2024-04-12"), ("etf.net_flow", 0, "2024-04-11"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("endpoint", "params", "file", "change", "field"),
    [
        ("summary_history", BTC, SUMMARY, lambda d: d[1].update(total_net_inflow="many"), "[1].total_net_inflow"),
        ("summary_history", BTC, SUMMARY, lambda d: d[1].update(total_net_assets=-1), "[1].total_net_assets"),
        ("summary_history", BTC, SUMMARY, lambda d: d[1].pop("total_net_inflow"), "[1].total_net_inflow"),
        ("summary_history", BTC, SUMMARY, lambda d: d[1].update(date="11.04.2024"), "[1].date"),
        ("historical_inflow_chart", CHARTED, CHART, lambda d: d["data"]["list"][0].pop("totalNetAssets"), "data.list[0].totalNetAssets"),
        ("historical_inflow_chart", CHARTED, CHART, lambda d: d["data"].pop("list"), "data.list"),
        ("historical_inflow_chart", CHARTED, CHART, lambda d: d.pop("data"), "data"),
        ("historical_inflow_chart", CHARTED, CHART, lambda d: d.pop("code"), "code"),
        ("ticker_history", IBIT, FUND, lambda d: d[0].pop("net_inflow"), "[0].net_inflow"),
        ("ticker_history", IBIT, FUND, lambda d: d[0].pop("ticker"), "[0].ticker"),
    ],
)
def test_a_bad_field_is_named(endpoint: str, params: dict[str, str], file: str, change: Any, field: str) -> None:
    faulty("sosovalue", endpoint, params, changed("sosovalue", file, change), field)


def test_what_is_new_is_ignored() -> None:
    more = changed("sosovalue", SUMMARY, lambda d: d[0].update(new={"x": 1}))
    assert len(parse_payload("sosovalue", "summary_history", BTC, more, NOW)) == 4


@pytest.mark.parametrize(("endpoint", "params"), ALL)
@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ("error_invalid_key.json", KeyRefused, "invalid api key"),
        ("error_rate_limit.json", SourceUnavailable, "Rate limit exceeded"),
        ({"code": 400101, "message": "Key does not exist"}, KeyRefused, "400101"),
        ({"code": 400102, "message": "expired"}, KeyRefused, "400102"),
        ({"code": "AUTH_REQUIRED", "msg": "no"}, KeyRefused, "AUTH_REQUIRED"),
        ({"code": 40001, "message": "Invalid parameter"}, SourceRefused, "Invalid parameter"),
        ({"code": 400301, "message": "Insufficient permissions"}, SourceRefused, "permissions"),
        ({"code": 402901, "message": "Too many requests"}, SourceUnavailable, "402901"),
        ({"code": 500301, "message": "maintenance"}, SourceUnavailable, "maintenance"),
        ({"code": 1, "msg": None, "data": None}, SourceRefused, "code 1"),
    ],
)
def test_a_refusal_is_told_by_its_code(
    endpoint: str, params: dict[str, str], answer: Any, error: type[GatherError], says: str
) -> None:  # fmt: skip
    sent = body("sosovalue", answer) if isinstance(answer, str) else wire(answer)
    faulty("sosovalue", endpoint, params, sent, says, error=error)


def test_what_a_round_asks() -> None:
    asked = [(SOURCE.endpoints[r.endpoint].path, dict(r.params)) for r in SOURCE.requests(("BTC", "ETH", "SOL"))]
    assert asked[:2] == [
        ("/openapi/v1/etfs/summary-history", {"symbol": "BTC", "country_code": "US", "limit": "10"}),
        ("/openapi/v1/etfs/summary-history", {"symbol": "ETH", "country_code": "US", "limit": "10"}),
    ]
    assert {path for path, _ in asked[2:]} == {"/openapi/v1/etfs/{ticker}/history"}
    assert [params["ticker"] for _, params in asked[2:]] == ["IBIT", "FBTC", "GBTC", "ARKB", "ETHA", "FETH", "ETHE"]
    assert len(asked) < SOURCE.calls <= 20
    assert SOURCE.key_header == "x-soso-api-key"
    chart = SOURCE.endpoints["historical_inflow_chart"]
    assert (chart.method, chart.host, chart.path) == ("POST", "https://api.sosovalue.xyz", "/openapi/v2/etf/historicalInflowChart")


def test_the_answer_says_how_many_calls_are_left() -> None:
    assert SOURCE.calls_left is not None
    assert SOURCE.calls_left({"x-ratelimit-remaining": "19"}) == 19
    assert SOURCE.calls_left({"x-ratelimit-remaining": "-1"}) is None
    assert SOURCE.calls_left({}) is None
