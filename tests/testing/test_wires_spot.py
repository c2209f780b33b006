"""Spot prices of five exchanges: what the parser reads is what the tape says, at any moment, with its open bar left out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from newsgen.gather._assets import ASSETS as CODES
from newsgen.testing.market import Refusal, Tape
from tests.testing.ask import ASSETS, MOMENTS, NOON, only, told, values, written

HOUR, H4, DAY = timedelta(hours=1), timedelta(hours=4), timedelta(days=1)
# Source, endpoint, parameters of asset and length, the lengths it has, and the parts of a bar it sends.
BARS = [
    ("binance", "klines", lambda a, s: {"symbol": f"{a}USDT", "interval": {HOUR: "1h", H4: "4h", DAY: "1d"}[s], "limit": "5"},
     "open high low close volume_base volume_quote trades"),
    ("okx", "candles", lambda a, s: {"instId": f"{a}-USDT", "bar": {HOUR: "1H", H4: "4H", DAY: "1Dutc"}[s], "limit": "5"},
     "open high low close volume_base volume_quote"),
    ("bybit", "kline",
     lambda a, s: {"category": "spot", "symbol": f"{a}USDT", "interval": {HOUR: "60", H4: "240", DAY: "D"}[s], "limit": "5"},
     "open high low close volume_base volume_quote"),
    ("kraken", "ohlc", lambda a, s: {"pair": CODES[a].kraken, "interval": str(int(s.total_seconds() // 60))},
     "open high low close volume_base trades"),
    ("coinbase", "candles", lambda a, s: {"product": f"{a}-USD", "granularity": str(int(s.total_seconds()))},
     "open high low close volume_base"),
]  # fmt: skip


@pytest.mark.parametrize("at", MOMENTS)
@pytest.mark.parametrize("span", [HOUR, H4, DAY])
@pytest.mark.parametrize(("source", "endpoint", "params", "parts"), BARS, ids=[b[0] for b in BARS])
def test_bars_are_those_of_the_tape(tape: Tape, source: str, endpoint: str, params, parts: str, span: timedelta, at: datetime) -> None:
    if (source, span) in {("kraken", HOUR), ("coinbase", H4)}:  # not followed there
        return
    for asset in ("BTC", "XRP"):
        found = told(tape, source, at, endpoint, **params(asset, span))
        assert {r.key.series.partition(".")[2] for r in found} == set(parts.split())
        ends = sorted(values(found, "spot.close"))
        assert ends[-1] <= at < ends[-1] + span  # the newest that has closed, and not the one that runs
        for end in ends[-4:]:
            bar = tape.bar(asset, end - span, end, source)
            assert bar is not None
            for part in parts.split():
                assert values(found, f"spot.{part}", venue=source)[end] == getattr(bar, part), (part, end)


def test_okx_says_of_each_candle_whether_it_has_closed(tape: Tape) -> None:
    rows = json.loads(written(tape, "okx", NOON, "candles", instId="BTC-USDT", bar="1H", limit="3"))["data"]
    assert [row[8] for row in rows] == ["0", "1", "1"]


# Tickers


@pytest.mark.parametrize("at", MOMENTS)
@pytest.mark.parametrize(
    ("source", "endpoint", "params"),
    [
        ("binance", "ticker_24hr", {"symbol": "{}USDT"}),
        ("okx", "ticker", {"instId": "{}-USDT"}),
        ("bybit", "tickers", {"category": "spot", "symbol": "{}USDT"}),
    ],
)
def test_a_rolling_ticker_is_the_past_day_of_the_tape(tape: Tape, source: str, endpoint: str, params: dict[str, str], at: datetime) -> None:
    for asset in ASSETS:
        found = told(tape, source, at, endpoint, **{k: v.format(asset) for k, v in params.items()})
        bar = tape.bar(asset, at - DAY, at, source)
        assert bar is not None
        assert values(found, "spot.last", subject=asset, venue=source) == {at: tape.price(asset, at, source)}
        for part in ("open", "high", "low", "volume_base", "volume_quote"):
            assert only(found, f"spot.{part}", window="24h") == getattr(bar, part)


def test_the_utc_day_of_binance_and_seven_days(tape: Tape) -> None:
    """From the history: 14 July opened at 119,086.65, and reached 123,218 between four and eight."""
    day = told(tape, "binance", NOON, "trading_day", symbol="BTCUSDT")
    assert (only(day, "spot.open", window="day"), only(day, "spot.high", window="day")) == (Decimal("119086.65"), Decimal(123_218))
    week = told(tape, "binance", NOON, "ticker", symbol="BTCUSDT", windowSize="7d")
    bar = tape.bar("BTC", NOON - timedelta(days=7), NOON)
    assert bar is not None
    assert only(week, "spot.open", window="7d") == bar.open
    assert json.loads(written(tape, "binance", NOON, "trading_day", symbol="BTCUSDT"))["closeTime"] == 1752537599999  # 23:59:59.999


def test_krakens_ticker_has_the_day_and_24_hours_side_by_side(tape: Tape) -> None:
    midnight = NOON.replace(hour=0, minute=0)
    found = told(tape, "kraken", NOON, "ticker", pair="XBTUSD,ETHUSD,SOLUSD,XRPUSD,XDGUSD")
    assert {r.key.subject for r in found} == {"BTC", "ETH", "SOL", "XRP", "DOGE"}
    for asset in ("BTC", "DOGE"):
        today, day = tape.bar(asset, midnight, NOON, "kraken"), tape.bar(asset, NOON - DAY, NOON, "kraken")
        assert today is not None
        assert day is not None
        assert only(found, "spot.last", subject=asset) == tape.price(asset, NOON, "kraken")
        assert only(found, "spot.open", subject=asset, window="day") == today.open
        assert only(found, "spot.high", subject=asset, window="day") == today.high
        assert only(found, "spot.low", subject=asset, window="24h") == day.low
        assert only(found, "spot.volume_base", subject=asset, window="24h") == day.volume_base
    assert told(tape, "kraken", NOON, "system_status") == []


def test_krakens_candles_come_since_a_moment(tape: Tape) -> None:
    from newsgen.gather import parse_payload

    since = str(int((NOON - timedelta(days=2)).timestamp()))
    body = written(tape, "kraken", NOON, "ohlc", pair="XBTUSD", interval="240", since=since)
    found = parse_payload("kraken", "ohlc", {"pair": "XBTUSD", "interval": "240"}, body, NOON)
    assert sorted(values(found, "spot.close"))[0] == datetime(2025, 7, 12, 20, tzinfo=UTC)  # the bar of 16:00, the first after 12:02


def test_both_interfaces_of_coinbase_agree(tape: Tape) -> None:
    price, bar = tape.price("BTC", NOON, "coinbase"), tape.bar("BTC", NOON - DAY, NOON, "coinbase")
    assert bar is not None
    product = {"product": "BTC-USD"}
    for endpoint in ("ticker", "advanced_product", "advanced_ticker"):
        assert only(told(tape, "coinbase", NOON, endpoint, **product), "spot.last") == price
    stats = told(tape, "coinbase", NOON, "stats", **product)
    assert [only(stats, f"spot.{p}", window="24h") for p in ("open", "high", "low")] == [bar.open, bar.high, bar.low]
    old = told(tape, "coinbase", NOON, "candles", **product, granularity="3600")
    new = told(tape, "coinbase", NOON, "advanced_candles", **product, granularity="ONE_HOUR")
    assert len(values(new, "spot.close")) > 250
    assert values(new, "spot.close").items() <= values(old, "spot.close").items()


# What they refuse


@pytest.mark.parametrize(
    ("source", "endpoint", "params", "status", "word"),
    [
        ("binance", "klines", {"symbol": "NOPEUSDT", "interval": "1h"}, 400, "-1121"),
        ("binance", "klines", {"symbol": "BTCUSDT", "interval": "7h"}, 400, "-1120"),
        ("okx", "ticker", {"instId": "NOPE-USDT"}, 200, "51001"),
        ("bybit", "tickers", {"category": "spot", "symbol": "NOPEUSDT"}, 200, "10001"),
        ("kraken", "ticker", {"pair": "NOPEUSD"}, 200, "EQuery:Unknown asset pair"),
        ("coinbase", "ticker", {"product": "NOPE-USD"}, 404, "NotFound"),
    ],
)
def test_an_unknown_pair_is_refused_in_the_providers_form(
    tape: Tape, source: str, endpoint: str, params: dict[str, str], status: int, word: str
) -> None:
    with pytest.raises(Refusal) as caught:
        written(tape, source, NOON, endpoint, **params)
    assert caught.value.status == status
    assert word in json.dumps(caught.value.body)
