"""Binance: bars that have ended, rolling days apart from UTC days, refusals, prices that cannot be."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import GatherError, KeyRefused, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload, sources
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

HOURLY, DAILY = {"symbol": "BTCUSDT", "interval": "1h"}, {"symbol": "BTCUSDT", "interval": "1d"}
HOURS, DAYS = "spot_klines_1h_BTCUSDT.json", "spot_klines_1d_BTCUSDT_2019.json"
DOGE, DAY, ROLLING = "spot_ticker_24hr_DOGEUSDT.json", "docs_spot_ticker_tradingday.json", "docs_spot_ticker_rolling_window.json"


def test_a_year_of_days_begins_with_the_open_of_the_first_of_january() -> None:
    readings = parse_payload("binance", "klines", DAILY, body("binance", DAYS), NOW)
    assert len(readings) == 6 * 7
    first = [r for r in readings if iso(r.observed_at) == "2019-01-02T00:00:00Z"]
    assert {r.key.series: (r.value, r.unit) for r in first} == {
        "spot.open": (Decimal("3701.23"), Unit.USD), "spot.high": (Decimal("3810.16"), Unit.USD), "spot.low": (Decimal("3642"), Unit.USD),
        "spot.close": (Decimal("3797.14"), Unit.USD), "spot.volume_base": (Decimal("23741.687033"), Unit.COINS),
        "spot.volume_quote": (Decimal("88149249.09230461"), Unit.USD), "spot.trades": (154227, Unit.COUNT),
    }  # fmt: skip
    assert one(readings, "spot.open", "BTC", "1d", at="2020-01-02T00:00:00Z").value == Decimal("7195.24")


@pytest.mark.parametrize(("seconds", "bars"), [(-1, 5), (0, 6), (1, 6)])
def test_the_last_candle_is_left_out_until_it_has_ended(seconds: int, bars: int) -> None:
    at = datetime(2020, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds)
    assert len(parse_payload("binance", "klines", DAILY, body("binance", DAYS), at)) == bars * 7


def test_the_order_of_the_candles_does_not_matter() -> None:
    newest_first = changed("binance", DAYS, lambda d: d.reverse())
    readings = parse_payload("binance", "klines", DAILY, newest_first, datetime(2020, 1, 1, 12, tzinfo=UTC))
    assert len(readings) == 5 * 7
    assert max(r.observed_at for r in readings) == datetime(2020, 1, 1, tzinfo=UTC)


def test_one_candle_twice_counts_once_and_two_values_are_refused() -> None:
    assert len(parse_payload("binance", "klines", DAILY, changed("binance", DAYS, lambda d: d.append(d[0])), NOW)) == 42
    other = changed("binance", DAYS, lambda d: d.append([*d[0][:4], "3700.0", *d[0][5:]]))
    faulty("binance", "klines", DAILY, other, "spot.close")


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        (0, 1546300800, "openTime"),  # seconds
        (0, 1546300800000000, "openTime"),  # microseconds, as in Binance's archive files
        (0, 4070908800000, "openTime"),  # 2098
        (1, "0.0", "open"),
        (2, "3641", "high"),
        (3, "3800", "high"),
        (4, "NaN", "close"),
        (4, 1e308, "close"),
        (4, None, "close"),
        (4, "-3797.14", "close"),
        (5, "-1", "volume"),
        (8, "many", "trades"),
    ],
)
def test_a_bad_value_of_a_candle_is_named(column: int, value: object, field: str) -> None:
    sent = changed("binance", DAYS, lambda d: d[1].__setitem__(column, value))
    faulty("binance", "klines", DAILY, sent, f"[1].{field}")


def test_another_shape_is_named() -> None:
    faulty("binance", "klines", DAILY, wire([[1, 2, 3]]), "[0]")
    faulty("binance", "klines", DAILY, wire({"candles": []}), "body")
    faulty("binance", "klines", {"symbol": "BTCUSDT", "interval": "3d"}, b"[]", "request")
    faulty("binance", "klines", {"symbol": "ETHBTC", "interval": "1d"}, b"[]", "request")
    assert parse_payload("binance", "klines", DAILY, b"[]", NOW) == []


def test_a_rolling_day_is_not_named_like_the_bar_of_a_day() -> None:
    """`ticker` defaults to windowSize=1d: the past 24 hours, not a UTC day."""
    sent = changed("binance", ROLLING, lambda d: d.update(symbol="BNBUSDT"))
    for params in ({}, {"windowSize": "1d"}):
        readings = parse_payload("binance", "ticker", params, sent, NOW)
        assert {r.key.window for r in readings} == {"24h", ""}
    week = parse_payload("binance", "ticker", {"windowSize": "7d"}, sent, NOW)
    assert one(week, "spot.open", "BNB", "7d").value == 9
    assert one(week, "spot.low", "BNB", "7d").value == 1
    last = one(week, "spot.last", "BNB")
    assert (last.value, iso(last.observed_at)) == (1, "2022-01-12T23:59:59Z")
    faulty("binance", "ticker", {"windowSize": "4h"}, sent, "request")


def test_pairs_against_other_coins_are_not_followed() -> None:
    assert parse_payload("binance", "ticker", {"windowSize": "7d"}, body("binance", ROLLING), NOW) == []  # BNBBTC
    assert parse_payload("binance", "ticker_24hr", {}, body("binance", "spot_ticker_24hr_list.json"), NOW) == []


def test_the_running_utc_day_is_observed_when_it_was_fetched() -> None:
    at = datetime(2023, 9, 26, 15, tzinfo=UTC)  # closeTime in the answer is 23:59:59.999 of the day
    readings = parse_payload("binance", "trading_day", {}, body("binance", DAY), at)
    assert {r.observed_at for r in readings} == {at}
    assert {r.key.series: r.value for r in readings} == {
        "spot.last": Decimal("26221.67"), "spot.open": Decimal("26304.80"), "spot.high": Decimal("26397.46"),
        "spot.low": Decimal("26088.34"), "spot.volume_base": Decimal("18495.35066"), "spot.volume_quote": Decimal("485217905.0421048"),
    }  # fmt: skip


def test_a_ticker_is_observed_at_its_close_time() -> None:
    readings = parse_payload("binance", "ticker_24hr", {}, body("binance", DOGE), NOW)
    assert {iso(r.observed_at) for r in readings} == {"2021-08-27T05:33:42Z"}
    assert one(readings, "spot.high", "DOGE", "24h").value == Decimal("0.28173")
    as_list = wire([json.loads(body("binance", DOGE))])
    assert [r.value for r in parse_payload("binance", "ticker_24hr", {}, as_list, NOW)] == [r.value for r in readings]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"lastPrice": "0.00000000"}, "lastPrice"),  # a pair that is not traded any more
        ({"highPrice": "0.26"}, "highPrice"),
        ({"volume": "-1"}, "volume"),
        ({"closeTime": 1930042422749}, "closeTime"),
        ({"openTime": 1930042422749}, "openTime"),
        ({"symbol": 7}, "symbol"),
        ({"quoteVolume": "1e308"}, "quoteVolume"),
    ],
)
def test_a_bad_field_of_a_ticker_is_named(fields: dict[str, Any], field: str) -> None:
    faulty("binance", "ticker_24hr", {}, changed("binance", DOGE, lambda d: d.update(fields)), field)


@pytest.mark.parametrize("endpoint", ["klines", "ticker", "ticker_24hr", "trading_day"])
@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ("error_451_restricted.json", RegionRefused, "restricted location"),
        ({"code": 0, "msg": "something else"}, SourceRefused, "something else"),
        ({"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}, KeyRefused, "-2015"),
        ("error_invalid_symbol.json", SourceRefused, "Invalid symbol."),
        ({"code": -1003, "msg": "Too much request weight used"}, SourceUnavailable, "-1003"),
        ({"code": -1008, "msg": "Server is currently overloaded"}, SourceUnavailable, "-1008"),
    ],
)
def test_a_refusal_is_not_an_empty_result(endpoint: str, answer: Any, error: type[GatherError], says: str) -> None:
    sent = body("binance", answer) if isinstance(answer, str) else wire(answer)
    faulty("binance", endpoint, HOURLY, sent, says, error=error)


def test_a_price_without_a_time_is_no_ticker() -> None:
    faulty("binance", "ticker", {}, body("binance", "spot_ticker_price.json"), "closeTime")


def test_the_hours_of_the_recorded_answer() -> None:
    readings = parse_payload("binance", "klines", HOURLY, body("binance", HOURS), NOW)
    assert len(readings) == 72 * 7
    assert one(readings, "spot.trades", "BTC", "1h", at="2023-01-03T20:00:00Z").value == 207378


def test_a_region_that_is_refused_is_asked_for_at_the_public_mirror() -> None:
    assert sources()["binance"].mirrors == ("https://data-api.binance.vision",)
