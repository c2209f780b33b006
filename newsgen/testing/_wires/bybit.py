"""Bybit: tickers of spot and linear contracts, candles newest first, accounts, and the stream of all liquidations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from newsgen.testing._tape import Order
from newsgen.testing._wire import Refusal, Scene, StreamWire, Wire, dumps, ms, plain

__all__ = ["WIRE"]

_VENUE = "bybit"
_SPANS = {"60": timedelta(hours=1), "240": timedelta(hours=4), "D": timedelta(days=1)}


def _ok(scene: Scene, result: Mapping[str, Any]) -> bytes:
    return dumps({"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": ms(scene.at)})


def _asset(scene: Scene, params: Mapping[str, str]) -> str:
    asset = params.get("symbol", "").removesuffix("USDT")
    if scene.price(asset, _VENUE) is None:
        raise Refusal(200, {"retCode": 10001, "retMsg": "Not supported symbols", "result": {}, "time": ms(scene.at)})
    return asset


def _tickers(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, category = _asset(scene, params), params.get("category", "spot")
    last, bar = scene.price(asset, _VENUE), scene.span(asset, timedelta(days=1), _VENUE)
    if last is None or bar is None:
        return _ok(scene, {"category": category, "list": []})
    change, high, low = f"{last / bar.open - 1:.4f}", max(bar.high, last), min(bar.low, last)
    row = {"symbol": f"{asset}USDT", "lastPrice": plain(last), "prevPrice24h": plain(bar.open), "price24hPcnt": change,
           "highPrice24h": plain(high), "lowPrice24h": plain(low), "volume24h": plain(bar.volume_base),
           "turnover24h": plain(bar.volume_quote)}  # fmt: skip
    if category == "linear":
        coins = (scene.made_up(f"bybit oi {asset}", "4000000000") / last).quantize(Decimal("0.001"))
        usd = (coins * last).quantize(Decimal("0.01"))
        row |= {"markPrice": plain(last), "openInterest": plain(coins), "openInterestValue": plain(usd),
                "fundingRate": plain(scene.made_up(f"bybit funding {asset}", "0.0001", "0.3")), "fundingIntervalHour": "8"}  # fmt: skip
    return _ok(scene, {"category": category, "list": [row]})


def _kline(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset = _asset(scene, params)
    bars = scene.bars(asset, _SPANS[params["interval"]], int(params.get("limit", "200")), _VENUE)
    rows = [
        [str(b.start * 1000), *(plain(v) for v in (b.open, b.high, b.low, b.close, b.volume_base, b.volume_quote))] for b in reversed(bars)
    ]
    return _ok(scene, {"symbol": f"{asset}USDT", "category": params.get("category", "spot"), "list": rows})


def _accounts(scene: Scene, params: Mapping[str, str]) -> bytes:
    hour = scene.at.replace(minute=0, second=0, microsecond=0)
    share = Scene(hour, scene.tape).made_up("bybit accounts", "0.52").quantize(Decimal("0.0001"))
    row = {"symbol": params["symbol"], "buyRatio": plain(share), "sellRatio": plain(1 - share), "timestamp": str(ms(hour))}
    return _ok(scene, {"list": [row]})


def _frames(orders: Sequence[Order]) -> list[str]:
    """One frame for the orders of half a second and a contract; `S` is the side of the position: Buy is a long."""
    found = []
    for (asset, _), some in groupby(sorted(orders, key=lambda o: (o.asset, o.at_ms)), key=lambda o: (o.asset, o.at_ms // 500)):
        rows = [
            {"T": o.at_ms, "s": f"{o.asset}USDT", "S": "Buy" if o.side == "long" else "Sell", "v": plain(o.size), "p": plain(o.price)}
            for o in some
        ]
        found.append(json.dumps({"topic": f"allLiquidation.{asset}USDT", "type": "snapshot", "ts": int(str(rows[-1]["T"])), "data": rows}))
    return found


def _replies(message: str, topics: set[str]) -> list[str]:
    said = json.loads(message) if message else {}
    if said.get("op") == "ping":
        return [json.dumps({"success": True, "ret_msg": "pong", "conn_id": "rehearsal", "op": "ping"})]
    topics |= set(said.get("args", ()))
    return [json.dumps({"success": True, "ret_msg": "", "conn_id": "rehearsal", "op": "subscribe"})]


WIRE = Wire(
    {"tickers": _tickers, "kline": _kline, "kline_back": _kline, "account_ratio": _accounts},
    StreamWire(_VENUE, _frames, lambda order: f"allLiquidation.{order.asset}USDT", _replies),
)
