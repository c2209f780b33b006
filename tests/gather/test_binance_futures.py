"""Binance futures: fractions into percent, both kinds of timestamps, an interval that must be eight hours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload, sources
from newsgen.market import Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

NAME = "binance_futures"
PREMIUM, INFO, HISTORY = "futures_premium_index_BTCUSDT.json", "futures_funding_info.json", "futures_open_interest_hist_BTCUSDT_2026.json"
RATIO, DAYS, RATES = (
    "futures_global_long_short_account_ratio_BTCUSDT_5m.json",
    "futures_klines_1d_BTCUSDT.json",
    "futures_funding_rate_BTCUSDT.json",
)
DAILY = {"symbol": "BTCUSDT", "interval": "1d"}
CASES = [
    ("premium_index", {}, PREMIUM), ("funding_info", {}, INFO), ("funding_rate", {}, RATES), ("open_interest_hist", {}, HISTORY),
    ("open_interest", {}, "futures_open_interest_2026.json"), ("open_interest", {}, "futures_open_interest_BTCUSDT.json"),
    ("open_interest_hist", {}, "docs_open_interest_hist.json"), ("long_short_accounts", {"period": "5m"}, RATIO),
    ("ticker_24hr", {}, "futures_ticker_24hr_BTCUSDT.json"), ("klines", DAILY, DAYS),
]  # fmt: skip


def test_the_mark_and_the_rate_of_eight_hours() -> None:
    """0.00001226 of the position is 0.001226 %."""
    found = parse_payload(NAME, "premium_index", {}, body(NAME, PREMIUM), NOW)
    mark, rate = one(found, "perp.mark", "BTC"), one(found, "funding.rate_8h", "BTC", "8h")
    assert (mark.value, mark.unit, mark.key.venue, iso(mark.observed_at)) == (
        Decimal("26780.82240476"),
        Unit.USD,
        "binance",
        "2023-06-20T06:55:12Z",
    )
    assert (rate.value, rate.unit) == (Decimal("0.001226"), Unit.PCT)
    assert mark.origin.source_name == "Binance"


def test_a_contract_without_a_rate_has_only_its_mark() -> None:
    found = parse_payload(NAME, "premium_index", {}, changed(NAME, PREMIUM, lambda d: d.update(lastFundingRate="")), NOW)
    assert [r.key.series for r in found] == ["perp.mark"]


def test_another_interval_of_a_followed_contract_is_found_loudly() -> None:
    assert parse_payload(NAME, "funding_info", {}, body(NAME, INFO), NOW) == []  # twenty contracts that nobody follows
    faulty(NAME, "funding_info", {}, changed(NAME, INFO, lambda d: d[1].update(symbol="SOLUSDT")), "[1].fundingIntervalHours")
    assert parse_payload(NAME, "funding_info", {}, changed(NAME, INFO, lambda d: d[0].update(symbol="SOLUSDT")), NOW) == []  # eight hours


def test_a_payment_at_another_hour_than_each_eighth_is_found_loudly() -> None:
    """1687248000 is 08:00 UTC; four hours later the contract is not paid every eight hours any more."""
    later = changed(NAME, PREMIUM, lambda d: d.update(nextFundingTime=1687248000000 + 4 * 3_600_000))
    faulty(NAME, "premium_index", {}, later, "nextFundingTime")
    rateless = changed(NAME, PREMIUM, lambda d: d.update(nextFundingTime=1687262400000, lastFundingRate=""))
    assert [r.key.series for r in parse_payload(NAME, "premium_index", {}, rateless, NOW)] == ["perp.mark"]


def test_rates_that_were_paid_may_be_negative_and_the_oldest_has_no_interval() -> None:
    """100 payments, some milliseconds late; the second is of 15 September 2020, 08:00 UTC: -0.00002796."""
    found = parse_payload(NAME, "funding_rate", {}, body(NAME, RATES), NOW)
    assert len(found) == 99
    first = min(found, key=lambda r: r.observed_at)
    assert (first.key.series, first.value, first.unit, iso(first.observed_at)) == (
        "funding.settled_8h", Decimal("-0.002796"), Unit.PCT, "2020-09-15T08:00:00Z",
    )  # fmt: skip
    assert one(found, "funding.settled_8h", "BTC", "8h", at="2020-10-18T00:00:00Z").value == Decimal("0.01")
    for nothing in (b"[]", b"null"):
        assert parse_payload(NAME, "funding_rate", {}, nothing, NOW) == []
    faulty(NAME, "premium_index", {}, b"null", "")


def test_what_was_paid_after_four_hours_counts_twice() -> None:
    sent = changed(NAME, RATES, lambda d: (d.__delitem__(slice(2, None)), d[1].update(fundingTime=1600128000000 + 4 * 3_600_000)))
    assert [r.value for r in parse_payload(NAME, "funding_rate", {}, sent, NOW)] == [Decimal("-0.005592")]


def test_open_interest_is_coins_and_in_the_history_dollars_too() -> None:
    [coins] = parse_payload(NAME, "open_interest", {}, body(NAME, "futures_open_interest_2026.json"), NOW)
    assert (coins.key.series, coins.value, coins.unit, iso(coins.observed_at)) == (
        "open_interest.coins", Decimal("109049.480"), Unit.COINS, "2026-09-20T14:05:09Z",
    )  # fmt: skip
    [older] = parse_payload(NAME, "open_interest", {}, body(NAME, "futures_open_interest_BTCUSDT.json"), NOW)
    assert older.value == Decimal("83782.317")
    found = parse_payload(NAME, "open_interest_hist", {}, body(NAME, HISTORY), NOW)
    assert one(found, "open_interest.usd", "BTC", at="2026-09-20T13:50:00Z").value == Decimal("8785524572.892076")
    assert one(found, "open_interest.coins", "BTC", at="2026-09-20T13:55:00Z").value == Decimal("109098.637")


def test_a_timestamp_may_be_text() -> None:
    found = parse_payload(NAME, "open_interest_hist", {}, body(NAME, "docs_open_interest_hist.json"), NOW)
    assert one(found, "open_interest.usd", "BTC", at="2020-03-02T05:45:00Z").value == Decimal("150570784.07809979")


def test_contracts_that_are_not_followed_are_left_out() -> None:
    assert parse_payload(NAME, "open_interest_hist", {}, body(NAME, "futures_open_interest_hist_1d_LTCUSDT.json"), NOW) == []


def test_accounts_are_the_share_of_longs() -> None:
    found = parse_payload(NAME, "long_short_accounts", {"period": "5m"}, body(NAME, RATIO), NOW)
    assert len(found) == 10
    last = one(found, "accounts.long_share", "BTC", "5m", at="2020-10-16T04:40:00Z")
    assert (last.value, last.unit) == (Decimal("59.36"), Unit.PCT)
    faulty(NAME, "long_short_accounts", {"period": "5m"}, changed(NAME, RATIO, lambda d: d[2].update(longAccount="0.9")), "[2].longAccount")
    faulty(NAME, "long_short_accounts", {"period": "7m"}, body(NAME, RATIO), "request")


def test_a_ticker_gives_the_last_price_of_a_perpetual() -> None:
    [last] = parse_payload(NAME, "ticker_24hr", {}, body(NAME, "futures_ticker_24hr_BTCUSDT.json"), NOW)
    assert (last.key.series, last.value) == ("perp.last", Decimal("47028.59"))


def test_candles_are_of_a_perpetual_and_end_when_they_end() -> None:
    found = parse_payload(NAME, "klines", DAILY, body(NAME, DAYS), NOW)
    assert {r.key.series.split(".")[0] for r in found} == {"perp"}
    assert len(found) == 5 * 5
    close = one(found, "perp.close", "BTC", "1d", at="2020-10-15T00:00:00Z")
    assert (close.value, close.known_at) == (Decimal("11417.13"), close.observed_at)
    assert one(found, "perp.volume_base", "BTC", "1d", at="2020-10-15T00:00:00Z").value == Decimal("192936.970")
    faulty(NAME, "klines", DAILY, changed(NAME, DAYS, lambda d: d[1].__setitem__(2, "11000")), "[1].high")
    faulty(NAME, "klines", {"symbol": "BTCUSDT", "interval": "3d"}, b"[]", "request")


@pytest.mark.parametrize("endpoint", [e for e, _, _ in CASES])
@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (None, RegionRefused, "restricted location"),
        ({"code": -1003, "msg": "Too many requests"}, SourceUnavailable, "-1003"),
        ({"code": -1121, "msg": "Invalid symbol."}, SourceRefused, "Invalid symbol."),
    ],
)
def test_a_refusal_is_no_empty_result(endpoint: str, answer: Any, error: type[Exception], says: str) -> None:
    sent = body(NAME, "error_451_restricted.json") if answer is None else wire(answer)
    faulty(NAME, endpoint, DAILY, sent, says, error=error)  # type: ignore[arg-type]


def test_missing_fields_are_named_and_new_ones_ignored() -> None:
    faulty(NAME, "premium_index", {}, changed(NAME, PREMIUM, lambda d: d.pop("markPrice")), "markPrice")
    faulty(NAME, "open_interest_hist", {}, changed(NAME, HISTORY, lambda d: d[1].pop("sumOpenInterestValue")), "[1].sumOpenInterestValue")
    faulty(NAME, "open_interest", {}, wire({"symbol": "BTCUSDT", "openInterest": "-1", "time": 1789913109480}), "openInterest")
    assert len(parse_payload(NAME, "premium_index", {}, changed(NAME, PREMIUM, lambda d: d.update(st=1)), NOW)) == 2


def test_a_round_asks_for_each_pair() -> None:
    asked = sources()[NAME].requests(("BTC", "ETH", "USDT"))
    assert {r.params["symbol"] for r in asked if r.endpoint == "premium_index"} == {"BTCUSDT", "ETHUSDT"}
    assert [tuple(r.params.values()) for r in asked if r.endpoint == "klines"] == [
        ("BTCUSDT", "1h", "30"), ("BTCUSDT", "1d", "3"), ("ETHUSDT", "1h", "30"), ("ETHUSDT", "1d", "3"),
    ]  # fmt: skip
    assert {e.path.rsplit("/", 1)[0] for e in sources()[NAME].endpoints.values()} == {"/fapi/v1", "/fapi/v1/ticker", "/futures/data"}
    assert sources()[NAME].endpoints["open_interest_hist"].path == "/futures/data/openInterestHist"
