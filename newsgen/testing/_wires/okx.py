"""OKX: tickers, candles newest first, open interest, funding, accounts, contract values, liquidations by page and by stream."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from newsgen.gather._contracts import OKX_SWAPS
from newsgen.testing._tape import Bar, Order
from newsgen.testing._wire import Refusal, Scene, StreamWire, Wire, dumps, ms, plain

__all__ = ["WIRE"]

_VENUE = "okx"
_SPANS = {"1H": timedelta(hours=1), "4H": timedelta(hours=4), "1Dutc": timedelta(days=1)}


def _ok(data: Sequence[Any]) -> bytes:
    return dumps({"code": "0", "msg": "", "data": list(data)})


def _asset(scene: Scene, params: Mapping[str, str]) -> str:
    asset = (params.get("instId") or params.get("uly", "")).partition("-")[0]
    if scene.price(asset, _VENUE) is None:
        raise Refusal(200, {"code": "51001", "msg": "Instrument ID does not exist", "data": []})
    return asset


def _price(scene: Scene, asset: str) -> Decimal:
    found = scene.price(asset, _VENUE)
    assert found is not None
    return found


def _ticker(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset = _asset(scene, params)
    bar, last = scene.span(asset, timedelta(days=1), _VENUE), _price(scene, asset)
    if bar is None:
        return _ok([])
    high, low = max(bar.high, last), min(bar.low, last)
    return _ok([{
        "instType": "SPOT", "instId": f"{asset}-USDT", "last": plain(last), "open24h": plain(bar.open), "high24h": plain(high),
        "low24h": plain(low), "vol24h": plain(bar.volume_base), "volCcy24h": plain(bar.volume_quote), "ts": str(ms(scene.at)),
    }])  # fmt: skip


def _candles(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, span = _asset(scene, params), _SPANS[params["bar"]]
    bars = scene.bars(asset, span, int(params.get("limit", "100")), _VENUE)
    return _ok([_row(b, closed=b.end <= scene.at.timestamp()) for b in reversed(bars)])


def _row(bar: Bar, *, closed: bool) -> list[str]:
    prices = [plain(p) for p in (bar.open, bar.high, bar.low, bar.close)]
    return [str(bar.start * 1000), *prices, plain(bar.volume_base), plain(bar.volume_quote), plain(bar.volume_quote), str(int(closed))]


def _open_interest(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset = _asset(scene, params)
    coins = (scene.made_up(f"okx oi {asset}", "3000000000") / _price(scene, asset)).quantize(Decimal("0.001"))
    usd = (coins * _price(scene, asset)).quantize(Decimal("0.01"))
    row = {"instType": "SWAP", "instId": params["instId"], "oi": "1", "oiCcy": plain(coins), "oiUsd": plain(usd), "ts": str(ms(scene.at))}
    return _ok([row])


def _funding(scene: Scene, params: Mapping[str, str]) -> bytes:
    _asset(scene, params)
    due = scene.at.replace(minute=0, second=0, microsecond=0, hour=scene.at.hour // 8 * 8) + timedelta(hours=8)
    rate = scene.made_up(f"okx funding {params['instId']}", "0.0001", "0.3")
    return _ok([{"fundingRate": plain(rate), "fundingTime": str(ms(due)), "nextFundingTime": str(ms(due + timedelta(hours=8))),
                 "instId": params["instId"], "instType": "SWAP", "ts": str(ms(scene.at))}])  # fmt: skip


def _accounts(scene: Scene, params: Mapping[str, str]) -> bytes:
    hour = scene.at.replace(minute=0, second=0, microsecond=0)
    return _ok([[str(ms(hour - timedelta(hours=k))), plain(Scene(hour - timedelta(hours=k), scene.tape).made_up("okx accounts", "1.1"))]
                for k in range(3)])  # fmt: skip


def _liquidations(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset = _asset(scene, params)
    orders = [o for o in scene.orders(_VENUE, timedelta(hours=24)) if o.asset == asset][-100:]
    row = {"details": [_detail(o) for o in reversed(orders)], "instId": f"{asset}-USDT-SWAP", "instType": "SWAP", "uly": f"{asset}-USDT"}
    return _ok([row])


def _detail(order: Order) -> dict[str, str]:
    contracts = order.size / OKX_SWAPS[f"{order.asset}-USDT-SWAP"].value
    return {"bkLoss": "0", "bkPx": plain(order.price), "ccy": "", "posSide": order.side, "side": "sell" if order.side == "long" else "buy",
            "sz": plain(contracts.normalize()), "ts": str(order.at_ms)}  # fmt: skip


def _instruments(scene: Scene, params: Mapping[str, str]) -> bytes:
    return _ok([{"instId": name, "instType": "SWAP", "ctVal": plain(c.value), "ctMult": "1", "ctValCcy": "USD" if c.inverse else c.asset,
                 "ctType": "inverse" if c.inverse else "linear"} for name, c in OKX_SWAPS.items()])  # fmt: skip


def _frames(orders: Sequence[Order]) -> list[str]:
    """One frame an order, of the swaps whose contract value is known."""
    return [
        json.dumps({"arg": {"channel": "liquidation-orders", "instType": "SWAP"}, "data": [
            {"details": [_detail(o)], "instFamily": f"{o.asset}-USDT", "instId": f"{o.asset}-USDT-SWAP", "instType": "SWAP",
             "uly": f"{o.asset}-USDT"}]})
        for o in orders if f"{o.asset}-USDT-SWAP" in OKX_SWAPS
    ]  # fmt: skip


def _replies(message: str, topics: set[str]) -> list[str]:
    if message == "ping":
        return ["pong"]
    asked = json.loads(message).get("args", ()) if message else ()
    topics |= {arg["channel"] for arg in asked}
    return [json.dumps({"event": "subscribe", "arg": arg, "connId": "rehearsal"}) for arg in asked]


WIRE = Wire(
    {"ticker": _ticker, "candles": _candles, "candles_back": _candles, "open_interest": _open_interest, "funding_rate": _funding,
     "long_short_accounts": _accounts, "liquidation_orders": _liquidations, "instruments": _instruments},
    StreamWire(_VENUE, _frames, lambda order: "liquidation-orders", _replies),
)  # fmt: skip
