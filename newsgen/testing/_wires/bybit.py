"""Bybit: tickers and candles of spot and linear contracts, newest first, open interest, payments, accounts, the stream of liquidations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from newsgen.testing._forced import Order
from newsgen.testing._wire import Refusal, Scene, StreamWire, Wire, dumps, ms, plain
from newsgen.testing._wires._futures import every, funding, held, held_usd, last_payments, longs

__all__ = ["WIRE"]

_VENUE, _PERP = "bybit", "bybit perpetuals"
_TOPIC = "allLiquidation."
_SPANS = {"60": timedelta(hours=1), "240": timedelta(hours=4), "D": timedelta(days=1)}
_PERIODS = {"5min": timedelta(minutes=5), "1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1)}


def _ok(scene: Scene, result: Mapping[str, Any]) -> bytes:
    return dumps({"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": ms(scene.at)})


def _refused(scene: Scene, message: str) -> Refusal:
    return Refusal(200, {"retCode": 10001, "retMsg": message, "result": {}, "retExtInfo": {}, "time": ms(scene.at)})


def _asked(scene: Scene, params: Mapping[str, str]) -> tuple[str, str, str, Decimal]:
    """Category, asset, whose prices, and the last of them."""
    category, asset = params.get("category", ""), params.get("symbol", "").removesuffix("USDT")
    venue = {"spot": _VENUE, "linear": _PERP}.get(category)
    price = scene.price(asset, venue) if venue else None
    if venue is None or price is None:
        raise _refused(scene, "Not supported symbols" if venue else "Illegal category")
    return category, asset, venue, price


def _tickers(scene: Scene, params: Mapping[str, str]) -> bytes:
    category, asset, venue, last = _asked(scene, params)
    bar = scene.span(asset, timedelta(days=1), venue)
    if bar is None:
        return _ok(scene, {"category": category, "list": []})
    row = {"symbol": f"{asset}USDT", "lastPrice": plain(last), "prevPrice24h": plain(bar.open),
           "price24hPcnt": f"{last / bar.open - 1:.4f}", "highPrice24h": plain(bar.high), "lowPrice24h": plain(bar.low),
           "volume24h": plain(bar.volume_base), "turnover24h": plain(bar.volume_quote)}  # fmt: skip
    if category == "linear":
        due = every(scene, timedelta(hours=8), 1)[0] + timedelta(hours=8)
        coins, usd = plain(held(scene, _VENUE, asset)), plain(held_usd(scene, _VENUE, asset))
        row |= {"markPrice": plain(last), "indexPrice": plain(last), "openInterest": coins, "openInterestValue": usd,
                "singleOpenInterest": coins, "singleOpenInterestValue": usd, "fundingRate": plain(funding(scene, _VENUE, asset)),
                "nextFundingTime": str(ms(due)), "fundingIntervalHour": "8"}  # fmt: skip
    return _ok(scene, {"category": category, "list": [row]})


def _kline(scene: Scene, params: Mapping[str, str]) -> bytes:
    category, asset, venue, _ = _asked(scene, params)
    if params.get("interval") not in _SPANS:
        raise _refused(scene, "Invalid period!")
    bars = scene.bars(asset, _SPANS[params["interval"]], int(params.get("limit", "200")), venue)
    rows = [[str(b.start * 1000), *(plain(v) for v in (b.open, b.high, b.low, b.close, b.volume_base, b.volume_quote))] for b in bars]
    return _ok(scene, {"symbol": f"{asset}USDT", "category": category, "list": rows[::-1]})


def _interest(scene: Scene, params: Mapping[str, str]) -> bytes:
    category, asset, _, _ = _asked(scene, params)
    rows = [
        {"openInterest": plain(held(scene, _VENUE, asset, at)), "singleOpenInterest": plain(held(scene, _VENUE, asset, at)),
         "timestamp": str(ms(at))}
        for at in every(scene, _PERIODS.get(params.get("intervalTime", "5min"), timedelta(minutes=5)), int(params.get("limit", "50")))
    ]  # fmt: skip
    return _ok(scene, {"symbol": f"{asset}USDT", "category": category, "list": rows[::-1], "nextPageCursor": ""})


def _payments(scene: Scene, params: Mapping[str, str]) -> bytes:
    category, asset, _, _ = _asked(scene, params)
    paid = last_payments(scene, _VENUE, asset, int(params.get("limit", "200")))
    rows = [{"symbol": f"{asset}USDT", "fundingRate": plain(rate), "fundingRateTimestamp": str(ms(at))} for at, rate in paid]
    return _ok(scene, {"category": category, "list": rows[::-1]})


def _accounts(scene: Scene, params: Mapping[str, str]) -> bytes:
    _, asset, _, _ = _asked(scene, params)
    shares = [
        (at, longs(scene, _VENUE, asset, at)) for at in every(scene, _PERIODS[params.get("period", "1h")], int(params.get("limit", "50")))
    ]
    rows = [{"symbol": f"{asset}USDT", "buyRatio": plain(s), "sellRatio": plain(1 - s), "timestamp": str(ms(at))} for at, s in shares]
    return _ok(scene, {"list": rows[::-1]})


def _frames(orders: Sequence[Order]) -> list[str]:
    """One frame for the orders of half a second and a contract; `S` is the side of the position: Buy is a long."""
    found = []
    for (asset, _), some in groupby(sorted(orders, key=lambda o: (o.asset, o.at_ms)), key=lambda o: (o.asset, o.at_ms // 500)):
        inside = list(some)
        rows = [{"T": o.at_ms, "s": f"{asset}USDT", "S": "Buy" if o.side == "long" else "Sell", "v": plain(o.size), "p": plain(o.price)}
                for o in inside]  # fmt: skip
        frame = {"topic": f"{_TOPIC}{asset}USDT", "type": "snapshot", "ts": inside[-1].at_ms + 400, "data": rows}
        found.append(json.dumps(frame, separators=(",", ":")))
    return found


def _replies(message: str, topics: set[str]) -> list[str]:
    said = json.loads(message) if message.startswith("{") else {}
    if said.get("op") == "ping":
        return [_receipt("ping", "pong")]
    unknown = [str(t) for t in said.get("args", ()) if not str(t).startswith(_TOPIC)]
    if said.get("op") != "subscribe" or unknown:
        return [
            _receipt(str(said.get("op", "")), f"error:handler not found,topic:{unknown[0]}" if unknown else "unknown op", success=False)
        ]
    topics |= set(said["args"])
    return [_receipt("subscribe", "")]


def _receipt(op: str, message: str, *, success: bool = True) -> str:
    return json.dumps({"success": success, "ret_msg": message, "conn_id": "rehearsal", "op": op})


WIRE = Wire(
    {"tickers": _tickers, "kline": _kline, "kline_back": _kline, "open_interest": _interest, "funding_history": _payments,
     "account_ratio": _accounts},
    StreamWire(_VENUE, _frames, lambda order: f"{_TOPIC}{order.asset}USDT", _replies),
    {"too_many": (403, {"retCode": 10006, "retMsg": "Too many visits!", "result": {}, "retExtInfo": {}})},
)  # fmt: skip
