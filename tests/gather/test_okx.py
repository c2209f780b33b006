"""OKX: contracts into dollars, sides, candles that have closed, intervals of funding, refusals with status 200."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from newsgen.errors import RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather import parse_payload, sources
from newsgen.market import Completeness, Unit, iso
from tests.gather.wire import NOW, body, changed, faulty, one, wire

ORDERS, TICKER, CANDLES = "liquidation_orders_BTC-USDT.json", "market_ticker_BTC-USDT.json", "market_candles_1H_BTC-USDT.json"
RATIO, INSTRUMENTS = "rubik_long_short_account_ratio_BTC_1H.json", "public_instruments_swap.json"
PAID, PAID_OTHERWISE = "funding_rate_history_BTC-USDT-SWAP.json", "funding_rate_history_fixture.json"
HOURLY = {"instId": "BTC-USDT", "bar": "1H"}
CASES = [
    ("liquidation_orders", {}, ORDERS), ("ticker", {}, TICKER), ("ticker", {}, "market_tickers_docs.json"), ("candles", HOURLY, CANDLES),
    ("open_interest", {}, "public_open_interest.json"), ("funding_rate", {}, "public_funding_rate.json"),
    ("long_short_accounts", {"ccy": "BTC", "period": "1H"}, RATIO), ("instruments", {}, INSTRUMENTS),
    ("funding_rate_history", {}, PAID), ("funding_rate_history", {}, PAID_OTHERWISE), ("instruments", {}, "public_instruments.json"),
]  # fmt: skip


def orders() -> list[dict[str, str]]:
    [row] = json.loads(body("okx", ORDERS))["data"]
    found: list[dict[str, str]] = row["details"]
    return found


def test_contracts_become_dollars_and_the_largest_order_is_found() -> None:
    """40 orders of 0.01 BTC a contract: the largest is 312,931.42 USD; longs come to 745,354.47, shorts to 192.15."""
    from newsgen.gather._contracts import OKX_SWAPS
    from newsgen.gather._source import Answer, Fields, Request
    from newsgen.gather.okx import side_of

    at = datetime.fromtimestamp(1790626715.33, UTC) + timedelta(seconds=1)
    found = parse_payload("okx", "liquidation_orders", {}, body("okx", ORDERS), at)
    [largest] = found
    assert (largest.key.series, largest.key.subject, largest.key.window, largest.key.venue) == ("liq.largest_order", "BTC", "24h", "okx")
    assert round(largest.value, 2) == Decimal("312931.42")
    assert largest.origin.completeness is Completeness.PARTIAL  # the page reaches back forty minutes
    assert largest.origin.bound == "at_least"  # bitcoin has other swaps too
    sums = {"long": Decimal(0), "short": Decimal(0)}
    answer = Answer("okx", "OKX", Request("liquidation_orders"), b"", at)
    for order in orders():
        sums[side_of(Fields(answer, order, ""))] += OKX_SWAPS["BTC-USDT-SWAP"].usd(Decimal(order["sz"]), Decimal(order["bkPx"]))
    assert len(orders()) == 40
    assert {side: round(value, 2) for side, value in sums.items()} == {"long": Decimal("745354.47"), "short": Decimal("192.15")}


def test_a_page_that_reaches_back_a_day_is_whole_and_older_orders_do_not_count() -> None:
    def older(data: Any) -> None:
        row = data["data"][0]
        row["details"][0] |= {"ts": str(int(row["details"][0]["ts"]) - 25 * 3_600_000), "sz": "999999"}

    at = datetime.fromtimestamp(1790626715.33, UTC)
    [largest] = parse_payload("okx", "liquidation_orders", {}, changed("okx", ORDERS, older), at)
    assert round(largest.value, 2) == Decimal("312931.42")
    assert (largest.origin.completeness, largest.origin.bound) == (Completeness.FINAL, "at_least")


@pytest.mark.parametrize(("seconds", "whole"), [(-1, Completeness.PARTIAL), (0, Completeness.FINAL)])
def test_a_page_is_whole_from_the_moment_a_day_after_its_oldest_order(seconds: int, whole: Completeness) -> None:
    at = datetime.fromtimestamp(min(int(o["ts"]) for o in orders()) / 1000, UTC) + timedelta(hours=24, seconds=seconds)
    assert {r.origin.completeness for r in parse_payload("okx", "liquidation_orders", {}, body("okx", ORDERS), at)} == {whole}
    assert parse_payload("okx", "liquidation_orders", {}, body("okx", ORDERS), at + timedelta(hours=2)) == []  # no order of a day


def test_an_inverse_contract_is_dollars_whatever_the_price() -> None:
    """31 contracts of 100 dollars; as linear ones they would be 31 x 0.01 x 83,448.5 = 25,869.04."""
    sent = changed(
        "okx", ORDERS, lambda d: d["data"][0].update(instId="BTC-USD-SWAP", details=[{**d["data"][0]["details"][0], "sz": "31"}])
    )
    at = datetime.fromtimestamp(1790626716, UTC)
    assert [r.value for r in parse_payload("okx", "liquidation_orders", {}, sent, at)] == [3100]
    linear = changed("okx", ORDERS, lambda d: d["data"][0].update(details=[{**d["data"][0]["details"][0], "sz": "31"}]))
    assert [round(r.value, 2) for r in parse_payload("okx", "liquidation_orders", {}, linear, at)] == [Decimal("25869.04")]
    other = changed("okx", ORDERS, lambda d: d["data"][0].update(instId="PEPE-USDT-SWAP"))
    assert parse_payload("okx", "liquidation_orders", {}, other, at) == []  # what a contract of it is worth is not known


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"posSide": "net", "side": "up"}, "side"), ({"posSide": "both"}, "posSide"), ({"posSide": "long", "side": "buy"}, "posSide"),
        ({"sz": "-1"}, "sz"), ({"bkPx": "0"}, "bkPx"), ({"ts": "1990000000000"}, "ts"), ({"ts": "1790626715"}, "ts"),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_told_is_named(fields: dict[str, str], field: str) -> None:
    sent = changed("okx", ORDERS, lambda d: d["data"][0]["details"][3].update(fields))
    faulty("okx", "liquidation_orders", {}, sent, f"data[0].details[3].{field}")


def test_a_spot_ticker_has_coins_and_dollars_and_a_swap_only_its_price() -> None:
    found = parse_payload("okx", "ticker", {}, body("okx", TICKER), NOW)
    last = one(found, "spot.last", "BTC")
    assert (last.value, last.unit, iso(last.observed_at)) == (Decimal("83384.4"), Unit.USD, "2026-09-28T15:58:31Z")
    assert one(found, "spot.high", "BTC", "24h").value == 85000
    assert (one(found, "spot.volume_base", "BTC", "24h").value, one(found, "spot.volume_base", "BTC", "24h").unit) == (
        Decimal("7054.30290037"),
        Unit.COINS,
    )
    assert one(found, "spot.volume_quote", "BTC", "24h").value == Decimal("588672272.153854279")
    assert parse_payload("okx", "ticker", {}, body("okx", "market_tickers_docs.json"), NOW) == []  # inverse swaps
    swap = changed("okx", TICKER, lambda d: d["data"][0].update(instType="SWAP", instId="BTC-USDT-SWAP"))
    [perp] = parse_payload("okx", "ticker", {}, swap, NOW)
    assert perp.key.series == "perp.last"  # its vol24h is in contracts


def test_only_closed_candles_are_read_and_newest_first_is_fine() -> None:
    found = parse_payload("okx", "candles", HOURLY, body("okx", CANDLES), NOW)
    assert {iso(r.observed_at) for r in found} == {"2026-09-27T09:00:00Z", "2026-09-27T08:00:00Z"}  # 07:00 and 08:00 have closed
    close = one(found, "spot.close", "BTC", "1h", "okx", "2026-09-27T09:00:00Z")
    assert (close.value, close.known_at) == (Decimal("84791.7"), close.observed_at)
    assert one(found, "spot.volume_quote", "BTC", "1h", at="2026-09-27T08:00:00Z").value == Decimal("9172539.676057835")
    faulty("okx", "candles", HOURLY, changed("okx", CANDLES, lambda d: d["data"][1].__setitem__(8, "2")), "data[1].confirm")
    faulty("okx", "candles", HOURLY, changed("okx", CANDLES, lambda d: d["data"][1].__setitem__(2, "84000")), "data[1].high")
    faulty("okx", "candles", {"instId": "BTC-USDT", "bar": "1D"}, body("okx", CANDLES), "request")  # a day that begins in Hong Kong
    faulty("okx", "candles", {"instId": "BTC-USDT-SWAP", "bar": "1H"}, body("okx", "market_candles.json"), "request")  # contracts


def test_the_volume_of_a_candle_is_in_coins_and_in_the_quote() -> None:
    """A recorded minute as if it were an hour: 10.4037 coins at some 102,810 are the 1,069,603.34883 of its eighth place."""
    hour = changed(
        "okx", "market_candles.json", lambda d: d.update(data=[["1747094400000", *d["data"][0][1:5], "10.4037", *d["data"][0][6:]]])
    )
    found = parse_payload("okx", "candles", HOURLY, hour, NOW)
    assert {r.key.series: r.value for r in found} == {
        "spot.open": Decimal("102806.1"), "spot.high": Decimal("102820.4"), "spot.low": Decimal("102806.1"),
        "spot.close": Decimal("102820.4"), "spot.volume_base": Decimal("10.4037"), "spot.volume_quote": Decimal("1069603.34883"),
    }  # fmt: skip
    assert {iso(r.observed_at) for r in found} == {"2025-05-13T01:00:00Z"}


def test_open_interest_is_coins_and_dollars_where_they_are_given() -> None:
    [coins] = parse_payload("okx", "open_interest", {}, body("okx", "public_open_interest.json"), NOW)
    assert (coins.key.series, coins.value, coins.unit) == ("open_interest.coins", Decimal("555.55"), Unit.COINS)
    both = parse_payload(
        "okx", "open_interest", {}, changed("okx", "public_open_interest.json", lambda d: d["data"][0].update(oiUsd="45000000.5")), NOW
    )
    assert one(both, "open_interest.usd", "BTC").value == Decimal("45000000.5")


def test_funding_is_brought_to_eight_hours_by_its_own_interval() -> None:
    """0.000079238688534 over (1703116800 - 1703088000) s = 8 h is 0.0079238688534 %; over four hours it is twice that."""
    [rate] = parse_payload("okx", "funding_rate", {}, body("okx", "public_funding_rate.json"), NOW)
    assert (rate.value, rate.unit, rate.key.window) == (Decimal("0.0079238688534"), Unit.PCT, "8h")
    quick = changed("okx", "public_funding_rate.json", lambda d: d["data"][0].update(nextFundingTime="1703102400000"))
    assert parse_payload("okx", "funding_rate", {}, quick, NOW)[0].value == Decimal("0.0158477377068")
    same = changed("okx", "public_funding_rate.json", lambda d: d["data"][0].update(nextFundingTime="1703088000000"))
    faulty("okx", "funding_rate", {}, same, "nextFundingTime")


def test_the_interval_of_a_rate_is_the_one_that_ends_with_its_payment() -> None:
    """Paid at 1703088000, four hours after 1703073600: twice 0.0079238688534 %, although the interval after it has eight hours."""
    known = changed("okx", "public_funding_rate.json", lambda d: d["data"][0].update(prevFundingTime="1703073600000"))
    assert parse_payload("okx", "funding_rate", {}, known, NOW)[0].value == Decimal("0.0158477377068")
    empty = changed("okx", "public_funding_rate.json", lambda d: d["data"][0].update(prevFundingTime=""))
    assert parse_payload("okx", "funding_rate", {}, empty, NOW)[0].value == Decimal("0.0079238688534")
    ahead = changed("okx", "public_funding_rate.json", lambda d: d["data"][0].update(prevFundingTime="1703116800000"))
    faulty("okx", "funding_rate", {}, ahead, "data[0].prevFundingTime")


def test_what_was_paid_goes_over_the_hours_since_the_payment_before() -> None:
    """Seven payments eight hours apart: the oldest has none before it. 1787846400 is 16:00 UTC of 27 August 2026."""
    found = parse_payload("okx", "funding_rate_history", {}, body("okx", PAID), NOW)
    assert {iso(r.observed_at): r.value for r in found} == {
        "2026-08-28T16:00:00Z": Decimal("0.01"), "2026-08-28T08:00:00Z": Decimal("0.00999821658119"),
        "2026-08-28T00:00:00Z": Decimal("0.00299828619064"), "2026-08-27T16:00:00Z": Decimal("-0.00040858109027"),
        "2026-08-27T08:00:00Z": Decimal("0.00418527563912"), "2026-08-27T00:00:00Z": Decimal("0.00442104724114"),
    }  # fmt: skip
    assert {(r.key.series, r.key.subject, r.key.window, r.key.venue, r.unit) for r in found} == {
        ("funding.settled_8h", "BTC", "8h", "okx", Unit.PCT)
    }
    [paid] = parse_payload("okx", "funding_rate_history", {}, body("okx", PAID_OTHERWISE), NOW)
    assert (paid.value, iso(paid.observed_at)) == (Decimal("0.015"), "2024-01-01T00:00:00Z")  # 0.0001515032 was only announced


def test_payments_four_hours_apart_count_twice_and_a_gap_has_no_interval() -> None:
    def shift(hours: float) -> list[Decimal]:
        late = 1704038400000 + int(hours * 3_600_000)
        sent = changed("okx", PAID_OTHERWISE, lambda d: d["data"][0].update(fundingTime=str(late)))
        return [r.value for r in parse_payload("okx", "funding_rate_history", {}, sent, NOW)]

    assert (shift(4), shift(8), shift(16)) == ([Decimal("0.03")], [Decimal("0.015")], [])
    half = changed("okx", PAID_OTHERWISE, lambda d: d["data"][0].update(fundingTime=str(1704038400000 + 5_400_000)))
    faulty("okx", "funding_rate_history", {}, half, "data[0].fundingTime")
    twice = changed("okx", PAID_OTHERWISE, lambda d: d["data"][0].update(fundingTime="1704038400000"))
    faulty("okx", "funding_rate_history", {}, twice, "fundingTime")
    faulty("okx", "funding_rate_history", {}, changed("okx", PAID, lambda d: d["data"][2].pop("realizedRate")), "data[2].realizedRate")
    ahead = changed(
        "okx",
        PAID_OTHERWISE,
        lambda d: d["data"][0].update(fundingTime="1999987200000"),
    )
    assert parse_payload("okx", "funding_rate_history", {}, ahead, NOW) == []  # years after the one before


def test_the_ratio_of_accounts_becomes_the_share_of_longs_of_closed_hours() -> None:
    """1.03 longs for each short: 1.03 / 2.03 = 50.7389 %. The row of 07:00 stands for the hour to 08:00."""
    found = parse_payload("okx", "long_short_accounts", {"ccy": "BTC", "period": "1H"}, body("okx", RATIO), NOW)
    assert len(found) == 19
    newest = one(found, "accounts.long_share", "BTC", "1h", at="2026-09-21T08:00:00Z")
    assert (newest.value, newest.unit) == (Decimal("50.7389"), Unit.PCT)
    running = datetime.fromtimestamp(1789974000 + 1800, UTC)
    assert len(parse_payload("okx", "long_short_accounts", {"ccy": "BTC", "period": "1H"}, body("okx", RATIO), running)) == 18


def test_a_contract_value_that_changed_is_found_loudly() -> None:
    assert parse_payload("okx", "instruments", {}, body("okx", INSTRUMENTS), NOW) == []
    rows = json.loads(body("okx", INSTRUMENTS))["data"]
    place = next(i for i, row in enumerate(rows) if row["instId"] == "ETH-USDT-SWAP")
    faulty("okx", "instruments", {}, changed("okx", INSTRUMENTS, lambda d: d["data"][place].update(ctVal="0.01")), f"data[{place}].ctVal")
    tenfold = changed("okx", INSTRUMENTS, lambda d: d["data"][place].update(ctMult="10"))
    faulty("okx", "instruments", {}, tenfold, f"data[{place}].ctVal")
    assert parse_payload("okx", "instruments", {}, body("okx", "public_instruments.json"), NOW) == []  # a spot pair has no contracts
    faulty("okx", "instruments", {}, changed("okx", INSTRUMENTS, lambda d: d["data"][place].update(ctValCcy="USD")), f"data[{place}].ctVal")


@pytest.mark.parametrize("endpoint", [e for e, _, _ in CASES])
@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (None, RegionRefused, "Local compliance restrictions"),
        ({"code": "50011", "msg": "Too Many Requests", "data": []}, SourceUnavailable, "50011"),
        ({"code": "50001", "msg": "Service temporarily unavailable", "data": []}, SourceUnavailable, "50001"),
        ({"code": "51001", "msg": "Instrument ID does not exist", "data": []}, SourceRefused, "51001"),
    ],
)
def test_a_refusal_with_status_200_is_no_empty_result(endpoint: str, answer: Any, error: type[Exception], says: str) -> None:
    sent = body("okx", "error_51155_region.json") if answer is None else wire(answer)
    faulty("okx", endpoint, {**HOURLY, "ccy": "BTC"}, sent, says, error=error)  # type: ignore[arg-type]


def test_unknown_fields_are_ignored_and_missing_ones_named() -> None:
    more = changed("okx", TICKER, lambda d: d["data"][0].update(brandNew={"a": [1]}))
    assert len(parse_payload("okx", "ticker", {}, more, NOW)) == 6
    faulty("okx", "ticker", {}, changed("okx", TICKER, lambda d: d["data"][0].pop("high24h")), "data[0].high24h")
    faulty("okx", "ticker", {}, wire({"data": []}), "code")


def test_a_round_asks_what_is_listed() -> None:
    source = sources()["okx"]
    asked = source.requests(("BTC", "BNB", "USDT"))
    assert {r.params["instId"] for r in asked if r.endpoint == "ticker"} == {"BTC-USDT", "BNB-USDT", "BTC-USDT-SWAP", "BNB-USDT-SWAP"}
    assert {r.params["instId"] for r in asked if r.endpoint == "funding_rate"} == {"BTC-USDT-SWAP", "BNB-USDT-SWAP"}
    assert [r.params for r in asked if r.endpoint == "liquidation_orders"] == [{"uly": "BTC-USDT"}, {"uly": "BNB-USDT"}]
    assert dict(source.endpoints["liquidation_orders"].fixed) == {"instType": "SWAP", "state": "filled", "limit": "100"}
    assert source.endpoints["funding_rate_history"].path == "/api/v5/public/funding-rate-history"
    assert sum(r.cost for r in asked) / source.calls * source.per_s < 45  # a round is over before it is given up
    assert source.requests(("USDT",)) == []
    assert source.endpoints["candles"].path == "/api/v5/market/candles"
