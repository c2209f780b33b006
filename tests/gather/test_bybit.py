"""Bybit: linear and inverse contracts kept apart, one side of the open interest, fractions, refusals with status 200."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload, sources
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

SPOT, LINEAR, INVERSE, KLINE = "tickers_spot.json", "tickers_linear.json", "tickers_inverse.json", "kline.json"
HOURS = {"interval": "60"}
CASES = [
    ("tickers", {}, SPOT), ("tickers", {}, LINEAR), ("tickers", {}, INVERSE), ("kline", HOURS, KLINE),
    ("open_interest", {}, "open_interest_inverse.json"), ("account_ratio", {"period": "1h"}, "account_ratio.json"),
]  # fmt: skip


def test_a_spot_ticker() -> None:
    found = parse_payload("bybit", "tickers", {}, body("bybit", SPOT), NOW)
    last = one(found, "spot.last", "BTC")
    assert (last.value, last.unit, last.key.venue, iso(last.observed_at)) == (
        Decimal("20533.13"),
        Unit.USD,
        "bybit",
        "2023-01-16T08:51:27Z",
    )
    assert {r.key.series: r.value for r in found if r.key.window == "24h"} == {
        "spot.open": Decimal("20393.48"), "spot.high": Decimal("21128.12"), "spot.low": Decimal("20318.89"),
        "spot.volume_base": Decimal("11801.27771"), "spot.volume_quote": Decimal("243765620.65899866"),
    }  # fmt: skip


def test_of_a_linear_contract_open_interest_is_coins_and_its_value_dollars() -> None:
    """58117.022 coins at the mark of 61875.25 are 3.596 billion dollars, as the answer says."""
    found = parse_payload("bybit", "tickers", {}, body("bybit", LINEAR), NOW)
    assert {r.key.series: (r.value, r.unit) for r in found} == {
        "perp.last": (Decimal("61874.00"), Unit.USD), "perp.mark": (Decimal("61875.25"), Unit.USD),
        "open_interest.coins": (Decimal("58117.022"), Unit.COINS), "open_interest.usd": (Decimal("3596005265.51"), Unit.USD),
        "funding.rate_8h": (Decimal("0.008055"), Unit.PCT),
    }  # fmt: skip
    assert abs(Decimal("58117.022") * Decimal("61875.25") / Decimal("3596005265.51") - 1) < Decimal("0.0001")


def test_of_an_inverse_contract_it_is_the_other_way_round_under_a_venue_of_its_own() -> None:
    """373,504,107 contracts of a dollar at 16,596 are 22,505.67 coins."""
    found = parse_payload("bybit", "tickers", {}, body("bybit", INVERSE), NOW)
    assert {(r.key.series, r.key.venue): (r.value, r.unit) for r in found} == {
        ("open_interest.usd", "bybit_inverse"): (Decimal(373504107), Unit.USD),
        ("open_interest.coins", "bybit_inverse"): (Decimal("22505.67"), Unit.COINS),
    }  # fmt: skip


@pytest.mark.parametrize(("hours", "rate"), [("8", "0.008055"), ("4", "0.01611"), ("1", "0.06444")])
def test_funding_is_brought_to_eight_hours(hours: str, rate: str) -> None:
    sent = changed("bybit", LINEAR, lambda d: d["result"]["list"][0].update(fundingIntervalHour=hours))
    assert one(parse_payload("bybit", "tickers", {}, sent, NOW), "funding.rate_8h", "BTC", "8h").value == Decimal(rate)


def test_a_rate_without_an_interval_is_not_read() -> None:
    sent = changed("bybit", LINEAR, lambda d: d["result"]["list"][0].pop("fundingIntervalHour"))
    assert "funding.rate_8h" not in {r.key.series for r in parse_payload("bybit", "tickers", {}, sent, NOW)}


def test_candles_come_newest_first_and_the_open_one_is_left_out() -> None:
    at = datetime.fromtimestamp(1670608800 + 1800, UTC)  # half past, in the newest hour
    sent = changed("bybit", KLINE, lambda d: d.update(time=1670608800000))
    found = parse_payload("bybit", "kline", HOURS, sent, at)
    assert {iso(r.observed_at) for r in found} == {"2022-12-09T18:00:00Z", "2022-12-09T17:00:00Z"}
    assert {(r.key.series, r.key.venue) for r in found} == {
        (f"perp.{p}", "bybit_inverse") for p in ("open", "high", "low", "close")
    }  # its volume is dollars
    spot = changed("bybit", KLINE, lambda d: (d.update(time=1670608800000), d["result"].update(category="spot", symbol="BTCUSDT")))
    hour = parse_payload("bybit", "kline", HOURS, spot, at)
    assert one(hour, "spot.close", "BTC", "1h", "bybit", "2022-12-09T18:00:00Z").value == 17071
    assert one(hour, "spot.volume_base", "BTC", "1h", "bybit", "2022-12-09T18:00:00Z").value == 4177
    assert one(hour, "spot.volume_quote", "BTC", "1h", "bybit", "2022-12-09T18:00:00Z").value == Decimal("0.24469757")
    faulty("bybit", "kline", {"interval": "M"}, body("bybit", KLINE), "request")


def test_of_open_interest_only_one_side_is_read() -> None:
    assert parse_payload("bybit", "open_interest", {}, body("bybit", "open_interest_inverse.json"), NOW) == []  # the sum of both sides
    sent = changed("bybit", "open_interest_inverse.json", lambda d: d["result"]["list"][0].update(singleOpenInterest="230567192"))
    [usd] = parse_payload("bybit", "open_interest", {}, sent, NOW)
    assert (usd.key.series, usd.value, usd.unit, usd.key.venue) == ("open_interest.usd", Decimal(230567192), Unit.USD, "bybit_inverse")


def test_accounts_are_fractions_that_make_one_whole() -> None:
    [share] = parse_payload("bybit", "account_ratio", {"period": "1h"}, body("bybit", "account_ratio.json"), NOW)
    assert (share.value, share.unit, iso(share.observed_at)) == (Decimal("57.77"), Unit.PCT, "2023-09-27T00:00:00Z")
    sent = changed("bybit", "account_ratio.json", lambda d: d["result"]["list"][0].update(sellRatio="0.6"))
    faulty("bybit", "account_ratio", {"period": "1h"}, sent, "result.list[0].buyRatio")


@pytest.mark.parametrize("endpoint", sorted({e for e, _, _ in CASES}))
@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (None, SourceUnavailable, "Too many visits!"),
        ({"retCode": 10024, "retMsg": "not available in your region"}, RegionRefused, "10024"),
        ({"retCode": 10009, "retMsg": "IP banned"}, RegionRefused, "10009"),
        ({"retCode": 10016, "retMsg": "server error"}, SourceUnavailable, "10016"),
        ({"retCode": 10001, "retMsg": "params error"}, SourceRefused, "params error"),
    ],
)
def test_a_refusal_with_status_200_is_no_empty_result(endpoint: str, answer: Any, error: type[Exception], says: str) -> None:
    sent = body("bybit", "error_10006.json") if answer is None else wire(answer)
    faulty("bybit", endpoint, HOURS, sent, says, error=error)  # type: ignore[arg-type]


def test_missing_fields_are_named_new_ones_ignored_and_a_clock_ahead_refused() -> None:
    faulty(
        "bybit",
        "tickers",
        {},
        changed("bybit", LINEAR, lambda d: d["result"]["list"][0].pop("openInterestValue")),
        "result.list[0].openInterestValue",
    )
    faulty("bybit", "tickers", {}, changed("bybit", SPOT, lambda d: d.update(time=1999999999999)), "time")
    faulty("bybit", "tickers", {}, changed("bybit", SPOT, lambda d: d["result"].update(category="option")), "result.category")
    assert len(parse_payload("bybit", "tickers", {}, changed("bybit", SPOT, lambda d: d["result"]["list"][0].update(x=1)), NOW)) == 6


def test_a_round_asks_spot_and_linear() -> None:
    asked = sources()["bybit"].requests(("BTC", "USDT"))
    assert {(r.params["category"], r.params["symbol"]) for r in asked if r.endpoint == "tickers"} == {
        ("spot", "BTCUSDT"),
        ("linear", "BTCUSDT"),
    }
