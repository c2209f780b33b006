"""Every payload of the sources: values, units, times and sides worked out by hand, refusals named, nothing surprising."""

from __future__ import annotations

import copy
import importlib
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsgen import gather
from newsgen.errors import BadPayload, ConfigError, GatherError, NewsgenError, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload, sources
from newsgen.gather._source import number_of
from newsgen.market import Completeness, Reading, iso

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
CASES = [
    ("coinglass", "liquidation_exchange_list", {"range": "24h"}, "liquidation_exchange_list.json"),
    ("coinglass", "liquidation_coin_list", {"exchange": "Binance"}, "liquidation_coin_list.json"),
    ("coinglass", "liquidation_aggregated_history", {"symbol": "BTC", "interval": "1d"}, "liquidation_aggregated_history.json"),
    ("coinglass", "liquidation_order", {}, "liquidation_order.json"),
    ("coinglass", "etf_bitcoin_flow_history", {}, "etf_bitcoin_flow_history.json"),
    ("coinglass", "etf_ethereum_flow_history", {}, "etf_ethereum_flow_history.json"),
    ("coingecko", "coins_markets", {}, "coins_markets_1h_24h_7d.json"),
    ("coingecko", "coins_markets", {}, "coins_markets_docs.json"),
    ("coingecko", "global", {}, "global.json"),
    ("binance", "klines", {"symbol": "BTCUSDT", "interval": "1h"}, "spot_klines_1h_BTCUSDT.json"),
    ("binance", "ticker_24hr", {}, "spot_ticker_24hr_DOGEUSDT.json"),
    ("binance", "ticker_24hr", {}, "spot_ticker_24hr_list.json"),
    ("binance", "trading_day", {}, "docs_spot_ticker_tradingday.json"),
    ("binance", "ticker", {"windowSize": "7d"}, "docs_spot_ticker_rolling_window.json"),
    ("farside", "btc", {}, "bitcoin_etf_flow.html"),
    ("alternative_me", "fng", {}, "fng_latest.json"),
    ("alternative_me", "fng", {}, "fng_limit2.json"),
    ("yahoo", "chart", {}, "chart_QQQ.json"),
    ("yahoo", "chart", {}, "chart_EURUSD_2026_null_close.json"),
    ("yahoo", "chart", {}, "chart_AAPL_daily_with_events.json"),
    ("yahoo", "chart", {}, "chart_BTC-USD.json"),
    ("yahoo", "chart", {}, "chart_gold_GC=F.json"),
    ("farside", "eth", {}, "ethereum_etf_flow.html"),
    ("binance", "klines", {"symbol": "BTCUSDT", "interval": "1d"}, "spot_klines_1d_BTCUSDT_2019.json"),
]


def _cases_of_siblings() -> list[tuple[str, str, dict[str, str], str]]:
    """What the sources' own tests list in CASES: endpoint, params, file."""
    found = []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        listed = re.search(r"^CASES\b", path.read_text("utf-8"), re.MULTILINE) if path.name != Path(__file__).name else None
        if listed:
            module = importlib.import_module(f"tests.gather.{path.stem}")
            source = path.stem.removeprefix("test_")
            found += [(source, endpoint, params, file) for endpoint, params, file in module.CASES]
    return found


ALL_CASES = CASES + _cases_of_siblings()


def _body(source: str, file: str) -> bytes:
    return (PAYLOADS / source / file).read_bytes()


def _parse(source: str, endpoint: str, params: dict[str, str], file: str, at: datetime = NOW) -> list[Reading]:
    return parse_payload(source, endpoint, params, _body(source, file), at)


def _one(readings: list[Reading], series: str, subject: str, window: str = "", venue: str | None = None, at: str = "") -> Reading:
    found = [r for r in readings if (r.key.series, r.key.subject, r.key.window) == (series, subject, window)
             and (venue is None or r.key.venue == venue) and (not at or iso(r.observed_at) == at)]  # fmt: skip
    assert len(found) == 1, found
    return found[0]


def test_exchange_list_keeps_the_total_apart_from_the_venues() -> None:
    readings = _parse(*CASES[0])
    assert len(readings) == 6
    assert _one(readings, "liq.total", "market", "24h", "all").value == Decimal("14673519.81739075")
    assert _one(readings, "liq.short", "market", "24h", "bybit").value == Decimal("4480729.99519")
    assert _one(readings, "liq.long", "market", "24h", "all").value == Decimal("451394.17404598")


def test_coin_list_has_four_windows_of_one_venue() -> None:
    readings = _parse(*CASES[1])
    assert {r.key.window for r in readings} == {"24h", "12h", "4h", "1h"}
    assert _one(readings, "liq.long", "BTC", "4h", "binance").value == Decimal("10921633.272973")
    assert _one(readings, "liq.short", "BTC", "1h", "binance").value == Decimal("100720.7902")


def test_aggregated_history_ends_its_bars_and_leaves_the_running_one() -> None:
    readings = _parse(*CASES[2])
    assert _one(readings, "liq.long", "BTC", "1d", "all", "2022-07-29T00:00:00Z").value == Decimal("5916885.14234")
    early = _parse(*CASES[2], at=datetime(2022, 7, 29, 12, tzinfo=UTC))
    assert {iso(r.observed_at) for r in early} == {"2022-07-29T00:00:00Z"}


def test_the_largest_order_of_24_hours_without_a_side() -> None:
    readings = _parse(*CASES[3], at=datetime(2025, 4, 21, 7, tzinfo=UTC))
    assert _one(readings, "liq.largest_order", "market", "24h", "binance").value == Decimal("205534.2932")
    assert _parse(*CASES[3]) == []  # all orders are older than a day


def test_fund_flows_are_dollars_of_a_new_york_session() -> None:
    btc = _parse(*CASES[4])
    assert _one(btc, "etf.net_flow", "BTC", "session", "us", "2024-01-11T21:00:00Z").value == 655300000
    assert _one(btc, "etf.fund_flow", "BTC", "session", "GBTC").value == -95100000
    eth = _parse(*CASES[5])  # this answer has no msg
    assert _one(eth, "etf.net_flow", "ETH", "session", "us", "2024-07-23T20:00:00Z").value == 106600000


def test_coingecko_gives_only_the_windows_it_was_asked_for() -> None:
    readings = _parse(*CASES[6])
    assert _one(readings, "aggregate.price", "BTC").value == 47837
    assert _one(readings, "aggregate.change_7d", "BTC", "7d").value == Decimal("11.300810261072348")
    assert not [r for r in _parse(*CASES[7]) if r.key.series.startswith("aggregate.change")]


def test_coingecko_global() -> None:
    readings = _parse(*CASES[8])
    assert _one(readings, "market.cap", "market").value == Decimal("2515268352188.766")
    assert iso(_one(readings, "dominance.btc", "market").observed_at) == "2025-04-07T11:28:53Z"


def test_binance_candles_end_when_they_end() -> None:
    readings = _parse(*CASES[9])
    assert _one(readings, "spot.close", "BTC", "1h", "binance", "2022-12-31T21:00:00Z").value == Decimal("16568.60000000")
    high = _one(readings, "spot.high", "BTC", "1h", "binance", "2022-12-31T21:00:00Z")
    assert (high.value, high.known_at) == (Decimal("16574.97"), high.observed_at)
    first = json.dumps(json.loads(_body("binance", CASES[9][3]))[:2]).encode()
    early = parse_payload("binance", "klines", CASES[9][2], first, datetime(2022, 12, 31, 21, 30, tzinfo=UTC))
    assert {iso(r.observed_at) for r in early} == {"2022-12-31T21:00:00Z"}  # the second is still open


def test_binance_tickers() -> None:
    doge = _parse(*CASES[10])
    assert _one(doge, "spot.last", "DOGE").value == Decimal("0.27050000")
    assert _one(doge, "spot.volume_quote", "DOGE", "24h").value == Decimal("365772101.01826800")
    assert _parse(*CASES[11]) == []  # pairs against bitcoin only
    day = _parse(*CASES[12])
    assert _one(day, "spot.high", "BTC", "day").value == Decimal("26397.46")


def test_farside_reads_negatives_dashes_and_millions() -> None:
    readings = _parse(*CASES[14])
    assert _one(readings, "etf.net_flow", "BTC", "session", "us", "2025-07-10T20:00:00Z").value == Decimal("1175600000")
    assert _one(readings, "etf.net_flow", "BTC", "session", "us", "2025-07-11T20:00:00Z").value == Decimal("1029600000")
    assert _one(readings, "etf.net_flow", "BTC", "session", "us", "2025-07-01T20:00:00Z").value == Decimal("-342200000")
    assert _one(readings, "etf.fund_flow", "BTC", "session", "ARKB", "2025-06-30T20:00:00Z").value == Decimal("-10200000")
    days = {iso(r.observed_at)[:10] for r in readings}
    assert "2025-07-04" not in days  # a holiday
    assert "2025-07-21" not in days  # the day in progress
    assert len(days) == 14


def test_farside_an_evening_row_with_a_fund_missing_is_partial() -> None:
    page = _body("farside", "bitcoin_etf_flow.html").decode()
    cells = page.split("18 Jul 2025")[1]
    broken = page.replace(cells, cells.replace('<span class="tabletext">0.0</span>', '<span class="tabletext">-</span>', 1), 1)
    evening = parse_payload("farside", "btc", {}, broken.encode(), datetime(2025, 7, 18, 23, tzinfo=UTC))
    morning = parse_payload("farside", "btc", {}, broken.encode(), datetime(2025, 7, 19, 8, tzinfo=UTC))
    last = [r for r in evening if iso(r.observed_at).startswith("2025-07-18") and r.key.series == "etf.net_flow"]
    assert [r.origin.completeness for r in last] == [Completeness.PARTIAL]
    assert all(r.origin.completeness is Completeness.FINAL for r in morning)


def test_farside_a_row_that_does_not_add_up_is_refused_by_name() -> None:
    page = _body("farside", "bitcoin_etf_flow.html").replace(b">112.3<", b">912.3<", 1)
    with pytest.raises(BadPayload, match="30 Jun 2025"):
        parse_payload("farside", "btc", {}, page, NOW)


def test_the_class_of_the_index_is_as_sent() -> None:
    readings = _parse(*CASES[15])
    assert (readings[0].value, readings[0].origin.label) == (39, "Fear")
    assert [(r.value, r.origin.label) for r in _parse(*CASES[16])] == [(47, "Neutral"), (33, "Fear")]


def test_yahoo_skips_nulls_and_the_running_bar() -> None:
    qqq = _parse(*CASES[17])
    assert [(str(r.value), iso(r.observed_at)) for r in qqq] == [("216.16000366210938", "2020-01-02T21:00:00Z")]
    euro = _parse(*CASES[18])
    assert len(euro) == 4  # five days; the fifth has a null close and the live quote
    assert len(_parse(*CASES[19])) == 49


@pytest.mark.parametrize(
    ("source", "endpoint", "params", "file", "error", "says"),
    [
        ("coingecko", "global", {}, "error_429.json", SourceUnavailable, "429"),
        ("coingecko", "coins_markets", {}, "error_10002_shape.json", SourceRefused, "10002"),
        ("binance", "klines", {"symbol": "BTCUSDT", "interval": "1h"}, "error_451_restricted.json", SourceRefused, "restricted location"),
        ("binance", "ticker", {}, "error_invalid_symbol.json", SourceRefused, "-1121"),
        ("binance", "ticker", {}, "spot_ticker_price.json", BadPayload, "closeTime"),
        ("farside", "btc", {}, "error_cloudflare.html", SourceRefused, "bot wall"),
        ("yahoo", "chart", {}, "error_404_quote_summary.json", SourceRefused, "Not Found"),
    ],
)
def test_refusals_are_refusals_and_not_empty_results(
    source: str, endpoint: str, params: dict[str, str], file: str, error: type[GatherError], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        _parse(source, endpoint, params, file)
    assert caught.value.source == source
    assert caught.value.endpoint == endpoint


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda b: b[: len(b) // 2], "body"),
        (lambda b: b"<html><body>maintenance</body></html>", "body"),
        (lambda b: b.replace(b"14673519.81739075", b"NaN"), "body"),
        (lambda b: b.replace(b"14673519.81739075", b"1000"), r"liquidation_usd"),
        (lambda b: b.replace(b"14673519.81739075", b"-5"), r"liquidation_usd"),
        (lambda b: b.replace(b'"long_liquidation_usd": 451394.17404598', b'"long_liquidation_usd": null'), "long_liquidation_usd"),
        (lambda b: b.replace(b'"exchange"', b'"exchanges"'), "exchange"),
    ],
    ids=["cut in half", "HTML", "NaN", "total below a part", "negative", "null", "renamed"],
)
def test_bad_bytes_name_source_endpoint_and_field(change: Any, field: str) -> None:
    body = change(_body("coinglass", "liquidation_exchange_list.json"))
    with pytest.raises(BadPayload, match=field) as caught:
        parse_payload("coinglass", "liquidation_exchange_list", {}, body, NOW)
    assert "coinglass liquidation_exchange_list" in str(caught.value)


def test_a_price_of_zero_and_a_clock_in_the_future_are_refused() -> None:
    zero = _body("binance", "spot_klines_1h_BTCUSDT.json").replace(b"16568.60000000", b"0.00000000", 1)
    with pytest.raises(BadPayload, match="close"):
        parse_payload("binance", "klines", {"symbol": "BTCUSDT", "interval": "1h"}, zero, NOW)
    with pytest.raises(BadPayload, match="last_updated"):
        _parse(*CASES[6], at=datetime(2024, 2, 9, 12, tzinfo=UTC))


def test_unknown_extra_fields_are_ignored() -> None:
    data = json.loads(_body("coinglass", "liquidation_exchange_list.json"))
    data["data"][0]["brand_new"] = {"x": 1}
    assert len(parse_payload("coinglass", "liquidation_exchange_list", {}, json.dumps(data).encode(), NOW)) == 6


def test_parts_that_do_not_make_the_total_are_kept_for_the_checks() -> None:
    row = {"exchange": "All", "liquidation_usd": 90600000, "long_liquidation_usd": 26300000, "short_liquidation_usd": 52700000}
    body = json.dumps({"code": "0", "data": [row]}).encode()
    assert len(parse_payload("coinglass", "liquidation_exchange_list", {"symbol": "ETH"}, body, NOW)) == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("84936.99", "84936.99"),
        ("-0.7372%", "-0.7372"),
        ("(95.1)", "-95.1"),
        ("1,234", "1234"),
        ("2.7e+15", "2.7e+15"),
        ("9,199.3*", "9199.3"),
    ],
)
def test_numbers_as_sources_write_them(text: str, value: str) -> None:
    assert number_of(text) == Decimal(value)


@pytest.mark.parametrize("nothing", [None, "", ".", "-", "N/D", "&nbsp;", "\xa0", "null"])
def test_nothing_is_missing_and_never_zero(nothing: str | None) -> None:
    assert number_of(nothing) is None


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e400", "twelve", True, "1e30"])
def test_what_is_no_usable_number_is_refused(text: Any) -> None:
    with pytest.raises(ValueError):
        number_of(text)


def test_every_payload_has_an_origin_and_none_is_empty() -> None:
    pages = [PAYLOADS / "ORIGIN.md", *sorted(PAYLOADS.glob("*/ORIGIN.md"))]
    listed = {name for page in pages for name in re.findall(r"^\| (\w+/\S+) \|", page.read_text(), re.MULTILINE)}
    files = {path.relative_to(PAYLOADS).as_posix(): path.stat().st_size for path in PAYLOADS.glob("*/*") if path.name != "ORIGIN.md"}
    assert listed == set(files)
    assert min(files.values()) > 20


def test_unknown_sources_and_endpoints_are_named() -> None:
    with pytest.raises(ConfigError, match=r"there are: .*alternative_me"):
        parse_payload("nowhere", "x", {}, b"", NOW)
    with pytest.raises(ConfigError, match="btc, eth"):
        parse_payload("farside", "sol", {}, b"", NOW)
    folder = Path(gather.__file__).parent
    assert set(sources()) == {path.stem for path in folder.glob("[a-z]*.py")} > {"alternative_me", "binance", "farside", "yahoo"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=st.sampled_from(ALL_CASES), share=st.floats(0, 1))
def test_any_truncation_gives_readings_or_an_error_of_ours(case: tuple[Any, ...], share: float) -> None:
    source, endpoint, params, file = case
    body = _body(source, file)
    try:
        readings = parse_payload(source, endpoint, params, body[: int(len(body) * share)], NOW)
    except NewsgenError:
        return
    assert all(r.value.is_finite() for r in readings)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        found += [p for k, v in value.items() for p in _paths(v, (*path, k))]
    elif isinstance(value, list):
        found += [p for i, v in enumerate(value[:3]) for p in _paths(v, (*path, i))]
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=st.sampled_from([c for c in ALL_CASES if c[3].endswith("json")]), data=st.data())
def test_any_changed_field_gives_readings_or_an_error_of_ours(case: tuple[Any, ...], data: st.DataObject) -> None:
    source, endpoint, params, file = case
    whole = json.loads(_body(source, file))
    path = data.draw(st.sampled_from(_paths(whole)))
    other = data.draw(st.sampled_from([None, "", "x", -1, 0, 1e308, [], {}, True, "NaN", 10**30, [[1]], {"a": 1}]))
    changed = copy.deepcopy(whole)
    if not path:
        changed = other
    else:
        spot = changed
        for step in path[:-1]:
            spot = spot[step]
        spot[path[-1]] = other
    try:
        readings = parse_payload(source, endpoint, params, json.dumps(changed).encode(), NOW)
    except NewsgenError:
        return
    assert all(r.value.is_finite() for r in readings)
