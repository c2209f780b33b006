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
PAID = "funding_history.json"
HOURS = {"interval": "60"}
CASES = [
    ("tickers", {}, SPOT), ("tickers", {}, LINEAR), ("tickers", {}, INVERSE), ("kline", HOURS, KLINE),
    ("open_interest", {}, "open_interest_inverse.json"), ("account_ratio", {"period": "1h"}, "account_ratio.json"),
    ("funding_history", {}, PAID),
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


def test_a_linear_contract_has_its_prices_and_its_rate_and_no_open_interest_of_both_sides() -> None:
    """The recorded 58,117.022 coins and 3,596,005,265.51 dollars do not say of how many sides they are."""
    found = parse_payload("bybit", "tickers", {}, body("bybit", LINEAR), NOW)
    assert {r.key.series: (r.value, r.unit) for r in found} == {
        "perp.last": (Decimal("61874.00"), Unit.USD), "perp.mark": (Decimal("61875.25"), Unit.USD),
        "funding.rate_8h": (Decimal("0.008055"), Unit.PCT),
    }  # fmt: skip


def test_of_a_linear_contract_one_side_is_coins_and_its_value_dollars() -> None:
    """29,058.511 coins at the mark of 61,875.25 are 1.798 billion dollars: half of what both sides come to."""
    one_side = {"singleOpenInterest": "29058.511", "singleOpenInterestValue": "1798002632.75"}
    found = parse_payload("bybit", "tickers", {}, changed("bybit", LINEAR, lambda d: d["result"]["list"][0].update(one_side)), NOW)
    assert {(r.key.series, r.key.venue): (r.value, r.unit) for r in found if r.key.series.startswith("open_interest")} == {
        ("open_interest.coins", "bybit"): (Decimal("29058.511"), Unit.COINS),
        ("open_interest.usd", "bybit"): (Decimal("1798002632.75"), Unit.USD),
    }  # fmt: skip
    assert abs(Decimal("29058.511") * Decimal("61875.25") / Decimal("1798002632.75") - 1) < Decimal("0.0001")
    for value in ("-1", "many"):
        sent = changed("bybit", LINEAR, lambda d, value=value: d["result"]["list"][0].update(one_side, singleOpenInterest=value))  # type: ignore[misc]
        faulty("bybit", "tickers", {}, sent, "result.list[0].singleOpenInterest")
    empty = changed("bybit", LINEAR, lambda d: d["result"]["list"][0].update(one_side, singleOpenInterest=""))
    assert "open_interest.coins" not in {r.key.series for r in parse_payload("bybit", "tickers", {}, empty, NOW)}


def test_of_an_inverse_contract_it_is_the_other_way_round_under_a_venue_of_its_own() -> None:
    """186,752,053 contracts of a dollar at 16,596 are 11,252.84 coins."""
    assert parse_payload("bybit", "tickers", {}, body("bybit", INVERSE), NOW) == []
    one_side = {"singleOpenInterest": "186752053", "singleOpenInterestValue": "11252.84"}
    found = parse_payload("bybit", "tickers", {}, changed("bybit", INVERSE, lambda d: d["result"]["list"][0].update(one_side)), NOW)
    assert {(r.key.series, r.key.venue): (r.value, r.unit) for r in found} == {
        ("open_interest.usd", "bybit_inverse"): (Decimal(186752053), Unit.USD),
        ("open_interest.coins", "bybit_inverse"): (Decimal("11252.84"), Unit.COINS),
    }  # fmt: skip


@pytest.mark.parametrize(("hours", "rate"), [("8", "0.008055"), ("4", "0.01611"), ("1", "0.06444")])
def test_funding_is_brought_to_eight_hours(hours: str, rate: str) -> None:
    sent = changed("bybit", LINEAR, lambda d: d["result"]["list"][0].update(fundingIntervalHour=hours))
    assert one(parse_payload("bybit", "tickers", {}, sent, NOW), "funding.rate_8h", "BTC", "8h").value == Decimal(rate)


def test_a_rate_without_an_interval_is_not_read() -> None:
    sent = changed("bybit", LINEAR, lambda d: d["result"]["list"][0].pop("fundingIntervalHour"))
    assert "funding.rate_8h" not in {r.key.series for r in parse_payload("bybit", "tickers", {}, sent, NOW)}


def test_what_was_paid_goes_over_the_hours_since_the_payment_before() -> None:
    """0.0001 of the position is 0.01 %; four hours after the payment before it is twice that in eight. 1672041600 is 08:00 UTC."""
    assert parse_payload("bybit", "funding_history", {}, body("bybit", PAID), NOW) == []  # a contract against USDC

    def two(hours: int) -> bytes:
        row = {"symbol": "ETHUSDT", "fundingRate": "0.0001", "fundingRateTimestamp": "1672041600000"}
        before = {**row, "fundingRate": "-0.0002", "fundingRateTimestamp": str(1672041600000 - hours * 3_600_000)}
        return changed("bybit", PAID, lambda d: d["result"].update(list=[row, before]))

    [paid] = parse_payload("bybit", "funding_history", {}, two(8), NOW)
    assert (paid.key.series, paid.key.subject, paid.value, paid.unit, iso(paid.observed_at)) == (
        "funding.settled_8h", "ETH", Decimal("0.01"), Unit.PCT, "2022-12-26T08:00:00Z",
    )  # fmt: skip
    assert [r.value for r in parse_payload("bybit", "funding_history", {}, two(4), NOW)] == [Decimal("0.02")]
    assert parse_payload("bybit", "funding_history", {}, two(24), NOW) == []
    faulty("bybit", "funding_history", {}, changed("bybit", PAID, lambda d: d["result"].update(category="inverse")), "result.category")
    gone = changed("bybit", PAID, lambda d: d["result"]["list"][0].update(symbol="ETHUSDT", fundingRate=""))
    faulty("bybit", "funding_history", {}, gone, "result.list[0].fundingRate")


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
    linear = changed("bybit", KLINE, lambda d: (d.update(time=1670608800000), d["result"].update(category="linear", symbol="BTCUSDT")))
    perp = parse_payload("bybit", "kline", HOURS, linear, at)
    assert one(perp, "perp.high", "BTC", "1h", "bybit", "2022-12-09T17:00:00Z").value == 17088
    assert len(perp) == 2 * 5
    narrow = changed("bybit", KLINE, lambda d: d["result"]["list"][1].__setitem__(2, "17071"))
    faulty("bybit", "kline", HOURS, narrow, "result.list[1].high")


def test_of_open_interest_only_one_side_is_read() -> None:
    assert parse_payload("bybit", "open_interest", {}, body("bybit", "open_interest_inverse.json"), NOW) == []  # the sum of both sides
    sent = changed("bybit", "open_interest_inverse.json", lambda d: d["result"]["list"][0].update(singleOpenInterest="230567192"))
    [usd] = parse_payload("bybit", "open_interest", {}, sent, NOW)
    assert (usd.key.series, usd.value, usd.unit, usd.key.venue) == ("open_interest.usd", Decimal(230567192), Unit.USD, "bybit_inverse")
    assert iso(usd.observed_at) == "2022-11-27T17:50:00Z"
    eth = {"category": "linear", "symbol": "ETHUSDT", "list": [{"singleOpenInterest": "26332.321", "timestamp": "1669571400000"}]}
    sent = changed("bybit", "open_interest_inverse.json", lambda d: d["result"].update(eth))
    [coins] = parse_payload("bybit", "open_interest", {}, sent, NOW)
    assert (coins.key.series, coins.key.subject, coins.value, coins.key.venue) == (
        "open_interest.coins",
        "ETH",
        Decimal("26332.321"),
        "bybit",
    )
    spot = changed("bybit", "open_interest_inverse.json", lambda d: d["result"].update(category="spot"))
    faulty("bybit", "open_interest", {}, spot, "result.category")


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
    for name in ("lastPrice", "markPrice"):
        gone = changed("bybit", LINEAR, lambda d, name=name: d["result"]["list"][0].pop(name))  # type: ignore[misc]
        faulty("bybit", "tickers", {}, gone, f"result.list[0].{name}")
    faulty("bybit", "tickers", {}, changed("bybit", SPOT, lambda d: d.update(time=1999999999999)), "time")
    faulty("bybit", "tickers", {}, changed("bybit", SPOT, lambda d: d["result"].update(category="option")), "result.category")
    assert len(parse_payload("bybit", "tickers", {}, changed("bybit", SPOT, lambda d: d["result"]["list"][0].update(x=1)), NOW)) == 6


def test_a_round_asks_spot_and_linear() -> None:
    asked = sources()["bybit"].requests(("BTC", "USDT"))
    assert {(r.params["category"], r.params["symbol"]) for r in asked if r.endpoint == "tickers"} == {
        ("spot", "BTCUSDT"),
        ("linear", "BTCUSDT"),
    }
    assert {r.params["symbol"] for r in asked if r.endpoint == "funding_history"} == {"BTCUSDT"}
    assert {e.path for e in sources()["bybit"].endpoints.values()} == {
        f"/v5/market/{name}" for name in ("tickers", "kline", "open-interest", "funding/history", "account-ratio")
    }
    assert sources()["bybit"].statuses[403][0] is SourceUnavailable
