"""CoinGlass: totals apart from parts, codes as text, bars that have ended, refusals with HTTP 200."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload, sources
from newsgen.market import Completeness, Reading, Unit, iso
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
        ({"code": "401", "msg": "Invalid API key"}, KeyRefused, "code 401: Invalid API key"),
        ({"code": "30001", "msg": "API key missing.", "success": False}, KeyRefused, "API key missing."),
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


# Beside liquidations and flows

SINCE = datetime(2025, 4, 21, 12, tzinfo=UTC)  # the day of most examples


def _read(endpoint: str, params: dict[str, str], at: datetime = SINCE) -> list[Reading]:
    return parse_payload("coinglass", endpoint, params, body("coinglass", f"{endpoint}.json"), at)


def _worked(readings: list[Reading]) -> dict[tuple[str, str, str, str], tuple[Decimal, Unit]]:
    return {(r.key.series, r.key.subject, r.key.window, r.key.venue): (r.value, r.unit) for r in readings}


def test_open_interest_of_all_and_of_each_venue() -> None:
    readings = _read("open_interest_exchange_list", {"symbol": "BTC"})
    assert _worked(readings) == {
        ("open_interest.usd", "BTC", "", "all"): (Decimal("57437891724.5572"), Unit.USD),
        ("open_interest.coins", "BTC", "", "all"): (Decimal("659557.3064"), Unit.COINS),
        ("open_interest.usd", "BTC", "", "cme"): (Decimal("12294999402.5"), Unit.USD),
        ("open_interest.coins", "BTC", "", "cme"): (Decimal("141275.5"), Unit.COINS),
    }
    assert {r.observed_at for r in readings} == {SINCE}
    faulty("coinglass", "open_interest_exchange_list", {"symbol": "ETH"}, body("coinglass", "open_interest_exchange_list.json"),
           "data[0].symbol")  # fmt: skip
    faulty("coinglass", "open_interest_exchange_list", {}, body("coinglass", "open_interest_exchange_list.json"), "symbol")


def test_funding_is_brought_to_eight_hours_and_only_against_stablecoins() -> None:
    def hourly(data: Any) -> None:
        venues = data["data"][0]["stablecoin_margin_list"]
        venues[1]["funding_rate_interval"] = 1
        venues.append({"exchange": "dYdX", "funding_rate_interval": None, "funding_rate": 0.1})

    assert _worked(_read("funding_rate_exchange_list", {})) == {
        ("funding.rate_8h", "BTC", "8h", "binance"): (Decimal("0.007343"), Unit.PCT),
        ("funding.rate_8h", "BTC", "8h", "okx"): (Decimal("0.00736901950628"), Unit.PCT),
    }
    sent = changed("coinglass", "funding_rate_exchange_list.json", hourly)
    readings = parse_payload("coinglass", "funding_rate_exchange_list", {}, sent, SINCE)
    assert [r.value for r in readings] == [Decimal("0.007343"), Decimal("0.05895215605024")]  # 0.00736901950628 an hour, times eight
    other = changed("coinglass", "funding_rate_exchange_list.json", lambda d: d["data"][0].update(symbol="1000PEPE"))
    assert parse_payload("coinglass", "funding_rate_exchange_list", {}, other, SINCE) == []


def test_the_share_of_accounts_that_are_long_at_the_end_of_each_bar() -> None:
    """1741604400 is 10 March 2025 11:00 UTC."""
    params = {"exchange": "Binance", "symbol": "BTCUSDT", "interval": "4h"}
    readings = _read("global_long_short_account_ratio_history", params)
    assert [(r.key, r.value, r.unit, iso(r.observed_at), r.known_at == r.observed_at) for r in readings] == [
        (("accounts.long_share", "BTC", "4h", "coinglass", "binance"), Decimal("73.88"), Unit.PCT, "2025-03-10T15:00:00Z", True),
        (("accounts.long_share", "BTC", "4h", "coinglass", "binance"), Decimal("73.24"), Unit.PCT, "2025-03-10T16:00:00Z", True),
    ]
    running = datetime(2025, 3, 10, 15, 30, tzinfo=UTC)
    assert len(_read("global_long_short_account_ratio_history", params, running)) == 1
    sent = changed("coinglass", "global_long_short_account_ratio_history.json",
                   lambda d: d["data"][0].update(global_account_short_percent=36.12))  # fmt: skip
    faulty("coinglass", "global_long_short_account_ratio_history", params, sent, "data[0].global_account_long_percent")
    faulty("coinglass", "global_long_short_account_ratio_history", {**params, "interval": "3m"}, sent, "request")


def test_open_interest_of_exchanges_over_all_contracts() -> None:
    assert _worked(_read("exchange_rank", {})) == {
        ("open_interest.usd", "market", "", "binance"): (Decimal(27564494330), Unit.USD),
        ("open_interest.usd", "market", "", "okx"): (Decimal(8586569027), Unit.USD),
    }


def test_coins_markets_gives_open_interest_and_the_liquidations_that_stand_there() -> None:
    """The second coin has no liquidations: they are missing, not zero."""
    found = _worked(_read("coins_markets", {}))
    assert len(found) == 2 + 12 + 2
    assert found["open_interest.usd", "BTC", "", "all"] == (Decimal("55002072334.9376"), Unit.USD)
    assert found["open_interest.coins", "ETH", "", "all"] == (Decimal("11160428.5065"), Unit.COINS)
    assert found["liq.long", "BTC", "24h", "all"] == (Decimal("17793322.595016"), Unit.USD)
    assert found["liq.short", "BTC", "1h", "all"] == (Decimal("11443.38382"), Unit.USD)
    assert {key[3] for key in _worked(_read("coins_markets", {"exchange_list": "OKX"}))} == {"okx"}


def test_options_of_each_venue() -> None:
    assert _worked(_read("option_info", {"symbol": "BTC"})) == {
        ("options.oi_usd", "BTC", "", "all"): (Decimal("31623069708.138245"), Unit.USD),
        ("options.volume_24h", "BTC", "", "all"): (Decimal("2764676957.0569425"), Unit.USD),
        ("options.oi_usd", "BTC", "", "deribit"): (Decimal("23005403973.349"), Unit.USD),
        ("options.volume_24h", "BTC", "", "deribit"): (Decimal("2080336672.709"), Unit.USD),
    }


def test_an_expiry_is_due_at_eight_and_its_contracts_are_coins_at_deribit_only() -> None:
    """Notional over contracts, 83519113.56 / 953.7 = 87573.8 dollars: a contract is one bitcoin."""
    deribit = {"symbol": "BTC", "exchange": "Deribit"}
    assert _worked(_read("option_max_pain", deribit)) == {
        ("options.max_pain", "BTC", "", "deribit:2025-04-22"): (Decimal(84000), Unit.USD),
        ("options.expiry_calls_oi", "BTC", "", "deribit:2025-04-22"): (Decimal("953.7"), Unit.COINS),
        ("options.expiry_puts_oi", "BTC", "", "deribit:2025-04-22"): (Decimal("512.5"), Unit.COINS),
        ("options.max_pain", "BTC", "", "deribit:2025-04-23"): (Decimal(85000), Unit.USD),
        ("options.expiry_calls_oi", "BTC", "", "deribit:2025-04-23"): (Decimal("1302.2"), Unit.COINS),
        ("options.expiry_puts_oi", "BTC", "", "deribit:2025-04-23"): (Decimal("1204.3"), Unit.COINS),
    }
    assert [r.key.series for r in _read("option_max_pain", {**deribit, "exchange": "OKX"})] == ["options.max_pain"] * 2
    for hour, expiries in ((7, 2), (8, 1)):
        readings = _read("option_max_pain", deribit, datetime(2025, 4, 22, hour, tzinfo=UTC))
        assert len({r.key.venue for r in readings}) == expiries
    for day in ("220425x", "251340", "2025-04-22"):
        sent = changed("coinglass", "option_max_pain.json", lambda d, day=day: d["data"][0].update(date=day))
        faulty("coinglass", "option_max_pain", deribit, sent, "data[0].date")
    faulty("coinglass", "option_max_pain", {"symbol": "BTC"}, body("coinglass", "option_max_pain.json"), "request")


def test_a_fund_holds_coins_as_of_a_session_and_assets_as_of_its_update() -> None:
    """17 April 2025 closes at 20:00 UTC; 1745224505 is 21 April 08:35:05."""
    readings = _read("etf_bitcoin_list", {})
    assert [(*r.key, str(r.value), r.unit, iso(r.observed_at)) for r in readings] == [
        ("etf.fund_assets", "BTC", "", "coinglass", "GBTC", "16137543152.34", Unit.USD, "2025-04-21T08:35:05Z"),
        ("etf.fund_holdings", "BTC", "session", "coinglass", "GBTC", "190124.5441", Unit.COINS, "2025-04-17T20:00:00Z"),
    ]
    for fields in ({"region": "hk"}, {"fund_type": "Futures"}):
        sent = changed("coinglass", "etf_bitcoin_list.json", lambda d, fields=fields: d["data"][0].update(fields))
        assert parse_payload("coinglass", "etf_bitcoin_list", {}, sent, SINCE) == []
    sent = changed("coinglass", "etf_bitcoin_list.json", lambda d: d["data"][0]["asset_details"].update(update_date="17 April"))
    faulty("coinglass", "etf_bitcoin_list", {}, sent, "data[0].asset_details.update_date")
    sent = changed("coinglass", "etf_bitcoin_list.json", lambda d: d["data"][0].pop("aum_usd"))
    faulty("coinglass", "etf_bitcoin_list", {}, sent, "data[0].aum_usd")


def test_net_assets_of_all_funds_at_the_close() -> None:
    """11 and 12 January 2024, 16:00 in New York's winter."""
    for endpoint, asset in (("etf_bitcoin_net_assets_history", "BTC"), ("etf_ethereum_net_assets_history", "ETH")):
        sent = body("coinglass", "etf_bitcoin_net_assets_history.json")
        readings = parse_payload("coinglass", endpoint, {}, sent, datetime(2024, 1, 12, 22, tzinfo=UTC))
        assert [(*r.key, str(r.value), iso(r.observed_at), r.origin.completeness) for r in readings] == [
            ("etf.net_assets", asset, "session", "coinglass", "us", "51671409241.39", "2024-01-11T21:00:00Z", Completeness.FINAL),
            ("etf.net_assets", asset, "session", "coinglass", "us", "51874409241.39", "2024-01-12T21:00:00Z", Completeness.PRELIMINARY),
        ]
        early = parse_payload("coinglass", endpoint, {}, sent, datetime(2024, 1, 12, 20, tzinfo=UTC))
        assert [iso(r.observed_at) for r in early] == ["2024-01-11T21:00:00Z"]


def test_coins_that_exchanges_hold() -> None:
    assert _worked(_read("exchange_balance_list", {"symbol": "BTC"})) == {
        ("reserves.coins", "BTC", "", "coinbase"): (Decimal("716590.351233"), Unit.COINS),
        ("reserves.change_1d", "BTC", "", "coinbase"): (Decimal("0.09"), Unit.PCT),
        ("reserves.change_7d", "BTC", "", "coinbase"): (Decimal("0.11"), Unit.PCT),
        ("reserves.change_30d", "BTC", "", "coinbase"): (Decimal("-3.91"), Unit.PCT),
        ("reserves.coins", "BTC", "", "binance"): (Decimal("582344.497738"), Unit.COINS),
        ("reserves.change_1d", "BTC", "", "binance"): (Decimal("0.09"), Unit.PCT),
        ("reserves.change_7d", "BTC", "", "binance"): (Decimal("-0.65"), Unit.PCT),
        ("reserves.change_30d", "BTC", "", "binance"): (Decimal("0.65"), Unit.PCT),
    }
    faulty("coinglass", "exchange_balance_list", {}, body("coinglass", "exchange_balance_list.json"), "symbol")


def test_dominance_is_a_share_in_percent() -> None:
    """1367366400 is 1 May 2013."""
    readings = _read("bitcoin_dominance", {})
    assert [(iso(r.observed_at)[:10], str(r.value), r.unit) for r in readings] == [
        ("2013-05-01", "94.3595", Unit.PCT), ("2013-05-04", "93.8787", Unit.PCT), ("2013-05-07", "94.3851", Unit.PCT),
    ]  # fmt: skip
    sent = changed("coinglass", "bitcoin_dominance.json", lambda d: d["data"][1].update(bitcoin_dominance=100))
    faulty("coinglass", "bitcoin_dominance", {}, sent, "data[1].bitcoin_dominance")


def test_fear_and_greed_from_lists_side_by_side_in_seconds() -> None:
    readings = _read("fear_greed_history", {})
    assert [(*r.key, r.value, r.unit, r.origin.label, iso(r.observed_at)) for r in readings] == [
        ("sentiment.fear_greed", "market", "1d", "coinglass", "", value, Unit.INDEX, "", f"2018-02-0{day}T00:00:00Z")
        for day, value in ((1, 30), (2, 15), (3, 40))
    ]


@pytest.mark.parametrize(
    ("name", "values", "field"),
    [
        ("data_list", [30, 15], "data[0].data_list"),
        ("data_list", [30, 4611285.1141, 40], "data[0].data_list[1]"),
        ("data_list", [30, "fear", 40], "data[0].data_list[1]"),
        ("time_list", [1517443200, None, 1517616000], "data[0].time_list[1]"),
        ("time_list", [1517443200000, 1517529600000, 1517616000000], "data[0].time_list[0]"),
        ("time_list", [1517443200, 1517529600, 4070908800], "data[0].time_list[2]"),
    ],
)
def test_a_bad_value_of_the_index_is_named(name: str, values: list[object], field: str) -> None:
    sent = changed("coinglass", "fear_greed_history.json", lambda d: d["data"][0].update({name: values}))
    faulty("coinglass", "fear_greed_history", {}, sent, field)


def test_a_calendar_of_results_with_what_was_expected() -> None:
    """1751238000 is 29 June 2025 23:00 UTC; Korea stands under a code that is Slovakia's elsewhere."""
    readings = _read("calendar_economic_data", {}, datetime(2025, 6, 30, tzinfo=UTC))
    month = {r.key.series: (r.value, r.origin.label) for r in readings if "MoM" in r.key.subject}
    assert month == {
        "calendar.importance": (1, "1"), "calendar.actual": (Decimal("-2.9"), "-2.9%"), "calendar.forecast": (Decimal("-0.1"), "-0.1%"),
        "calendar.previous": (Decimal("-0.9"), "-0.9%"),
    }  # fmt: skip
    assert {(r.key.subject, iso(r.observed_at)) for r in readings} == {
        ("Korea Seasonally adjusted industrial output (MoM)(May)", "2025-06-29T23:00:00Z"),
        ("Korea Industrial Output(YoY)(May)", "2025-06-29T23:00:00Z"),
    }
    ahead = _read("calendar_economic_data", {}, datetime(2025, 6, 28, tzinfo=UTC))
    assert {r.key.series for r in ahead} == {"calendar.importance", "calendar.forecast", "calendar.previous"}


def test_a_revised_value_takes_the_place_of_the_previous_and_events_without_a_time_are_left_out() -> None:
    def change(data: Any) -> None:
        data["data"][0]["revised_previous_value"] = "-0.6%"
        data["data"][1]["has_exact_publish_time"] = 0

    sent = changed("coinglass", "calendar_economic_data.json", change)
    readings = parse_payload("coinglass", "calendar_economic_data", {}, sent, SINCE)
    assert [r.value for r in readings if r.key.series == "calendar.previous"] == [Decimal("-0.6")]
    sent = changed("coinglass", "calendar_economic_data.json", lambda d: d["data"][0].update(importance_level=4))
    faulty("coinglass", "calendar_economic_data", {}, sent, "data[0].importance_level")
    sent = changed("coinglass", "calendar_economic_data.json", lambda d: d["data"][0].update(forecast_value="a third"))
    faulty("coinglass", "calendar_economic_data", {}, sent, "data[0].forecast_value")


NEEDED = {
    "open_interest_exchange_list": ("exchange", "open_interest_usd", "open_interest_quantity"),
    "funding_rate_exchange_list": ("symbol",),
    "global_long_short_account_ratio_history": ("time", "global_account_long_percent", "global_account_short_percent"),
    "exchange_rank": ("exchange", "open_interest_usd"),
    "coins_markets": ("symbol", "open_interest_usd", "long_liquidation_usd_4h"),
    "option_info": ("exchange_name", "open_interest_usd", "volume_usd_24h"),
    "option_max_pain": ("date", "max_pain_price", "call_open_interest", "put_open_interest"),
    "etf_bitcoin_list": ("ticker", "region", "fund_type", "update_timestamp"),
    "etf_bitcoin_net_assets_history": ("timestamp", "net_assets_usd"),
    "exchange_balance_list": ("exchange_name", "total_balance", "balance_change_percent_7d"),
    "bitcoin_dominance": ("timestamp", "bitcoin_dominance"),
    "fear_greed_history": ("data_list", "time_list"),
    "calendar_economic_data": ("country_name", "calendar_name", "publish_timestamp", "published_value", "forecast_value", "previous_value",
                               "importance_level", "has_exact_publish_time"),
}  # fmt: skip
ASKED = {"symbol": "BTC", "exchange": "Deribit"}
RATIO = {"exchange": "Binance", "symbol": "BTCUSDT", "interval": "4h"}
CASES = [(name, RATIO if name.startswith("global") else ASKED if name != "coins_markets" else {}, f"{name}.json") for name in NEEDED]


@pytest.mark.parametrize(("endpoint", "params", "file"), CASES)
def test_a_field_that_was_renamed_is_named(endpoint: str, params: dict[str, str], file: str) -> None:
    for name in NEEDED[endpoint]:
        faulty("coinglass", endpoint, params, changed("coinglass", file, lambda d, name=name: d["data"][0].pop(name)), f"data[0].{name}")


@pytest.mark.parametrize(("endpoint", "params", "file"), CASES)
def test_extra_members_are_ignored_and_refusals_are_not_empty(endpoint: str, params: dict[str, str], file: str) -> None:
    at = datetime(2025, 4, 21, 12, tzinfo=UTC)
    plain = parse_payload("coinglass", endpoint, params, body("coinglass", file), at)
    extra = parse_payload("coinglass", endpoint, params, changed("coinglass", file, lambda d: d["data"][0].update(new={"x": 1})), at)
    assert [(r.key, r.value) for r in extra] == [(r.key, r.value) for r in plain]
    assert plain
    faulty("coinglass", endpoint, params, wire({"code": "401", "msg": "Upgrade plan"}), "Upgrade plan", error=SourceRefused)
    faulty("coinglass", endpoint, params, wire({"code": "401", "msg": "Invalid API key"}), "Invalid API key", error=KeyRefused)
    assert parse_payload("coinglass", endpoint, params, wire({"code": "0", "data": []}), at) == []


def test_it_says_how_many_calls_are_left_of_the_minute() -> None:
    left = sources()["coinglass"].calls_left
    assert left is not None
    assert left({"api-key-max-limit": "30", "api-key-use-limit": "12"}) == 18
    assert left({"api-key-max-limit": "30", "api-key-use-limit": "31"}) == 0
    assert left({"api-key-max-limit": "many"}) is None
    assert left({}) is None


def test_a_round_keeps_to_the_smallest_plan() -> None:
    source = sources()["coinglass"]
    asked = source.requests(("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB"))
    assert len(asked) == 29 <= source.calls
    told = {(source.endpoints[r.endpoint].path, r.params.get("symbol", "")) for r in source.requests(("BTC", "ETH"))}
    assert {
        ("/api/futures/open-interest/exchange-list", "ETH"), ("/api/futures/funding-rate/exchange-list", ""),
        ("/api/futures/global-long-short-account-ratio/history", "BTCUSDT"), ("/api/option/info", "ETH"), ("/api/option/max-pain", "BTC"),
        ("/api/exchange/balance/list", "BTC"), ("/api/etf/bitcoin/net-assets/history", ""), ("/api/index/fear-greed-history", ""),
        ("/api/calendar/economic-data", ""),
    } <= told  # fmt: skip
    assert all(r.params["exchange"] == "Deribit" for r in asked if r.endpoint == "option_max_pain")
