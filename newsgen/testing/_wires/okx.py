"""OKX: tickers, candles newest first, open interest, funding, accounts, contract values, liquidations by page and by stream."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from newsgen.gather._contracts import OKX_SWAPS
from newsgen.testing._forced import Order
from newsgen.testing._tape import Bar
from newsgen.testing._wire import Refusal, Scene, StreamWire, Wire, dumps, ms, plain
from newsgen.testing._wires._futures import every, funding, held, held_usd, last_payments, longs

__all__ = ["WIRE"]

_VENUE, _PERP, _CHANNEL = "okx", "okx perpetuals", "liquidation-orders"
_SPANS = {"1H": timedelta(hours=1), "4H": timedelta(hours=4), "1Dutc": timedelta(days=1)}
_EIGHT = timedelta(hours=8)


def _ok(data: Sequence[Any]) -> bytes:
    return dumps({"code": "0", "msg": "", "data": list(data)})


def _refused(code: str, message: str) -> Refusal:
    return Refusal(200, {"code": code, "msg": message, "data": []})


def _asset(scene: Scene, params: Mapping[str, str]) -> tuple[str, str, Decimal]:
    """The asset, whose prices, and the last of them."""
    name = params.get("instId") or params.get("uly", "")
    asset, venue = name.partition("-")[0], _PERP if name.endswith("-SWAP") else _VENUE
    price = scene.price(asset, venue)
    if price is None:
        raise _refused("51001", "Instrument ID does not exist")
    return asset, venue, price


def _ticker(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, venue, last = _asset(scene, params)
    bar = scene.span(asset, timedelta(days=1), venue)
    if bar is None:
        return _ok([])
    coins, money = plain(bar.volume_base), plain(bar.volume_quote)
    swap = OKX_SWAPS.get(params["instId"])
    volumes = (plain(bar.volume_base / swap.value), coins) if swap else (coins, money)
    return _ok([{
        "instType": "SWAP" if swap else "SPOT", "instId": params["instId"], "last": plain(last), "open24h": plain(bar.open),
        "high24h": plain(bar.high), "low24h": plain(bar.low), "vol24h": volumes[0], "volCcy24h": volumes[1], "ts": str(ms(scene.at)),
    }])  # fmt: skip


def _candles(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, venue, _ = _asset(scene, params)
    if params.get("bar") not in _SPANS:
        raise _refused("51000", "Parameter bar error")
    bars = scene.bars(asset, _SPANS[params["bar"]], int(params.get("limit", "100")), venue)
    return _ok([_row(b, closed=b.end <= scene.at.timestamp()) for b in reversed(bars)])


def _row(bar: Bar, *, closed: bool) -> list[str]:
    prices = [plain(p) for p in (bar.open, bar.high, bar.low, bar.close)]
    return [str(bar.start * 1000), *prices, plain(bar.volume_base), plain(bar.volume_quote), plain(bar.volume_quote), str(int(closed))]


def _interest(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, _, _ = _asset(scene, params)
    coins = held(scene, _VENUE, asset)
    return _ok([{"instType": "SWAP", "instId": params["instId"], "oi": plain(coins / OKX_SWAPS[params["instId"]].value),
                 "oiCcy": plain(coins), "oiUsd": plain(held_usd(scene, _VENUE, asset)), "ts": str(ms(scene.at))}])  # fmt: skip


def _funding(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, _, _ = _asset(scene, params)
    paid = every(scene, _EIGHT, 1)[0]
    times = {"prevFundingTime": paid, "fundingTime": paid + _EIGHT, "nextFundingTime": paid + 2 * _EIGHT, "ts": scene.at}
    row = {"fundingRate": plain(funding(scene, _VENUE, asset)), "instId": params["instId"], "instType": "SWAP"}
    return _ok([{**row, **{name: str(ms(at)) for name, at in times.items()}}])


def _payments(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, _, _ = _asset(scene, params)
    return _ok([
        {"formulaType": "withRate", "fundingRate": plain(rate), "fundingTime": str(ms(at)), "instId": params["instId"], "instType": "SWAP",
         "method": "current_period", "realizedRate": plain(rate)}
        for at, rate in reversed(list(last_payments(scene, _VENUE, asset, 10)))
    ])  # fmt: skip


def _accounts(scene: Scene, params: Mapping[str, str]) -> bytes:
    """Ratio of longs to shorts by the hour's start, newest first; the first row's hour still runs."""
    rows = []
    for at in every(scene, timedelta(hours=1), 48):
        share = longs(scene, _VENUE, params.get("ccy", ""), at)
        rows.append([str(ms(at)), plain((share / (1 - share)).quantize(Decimal("0.000001")))])
    return _ok(rows[::-1])


def _liquidations(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, _, _ = _asset(scene, params)
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
        json.dumps({"arg": {"channel": _CHANNEL, "instType": "SWAP"}, "data": [
            {"details": [_detail(o)], "instFamily": f"{o.asset}-USDT", "instId": f"{o.asset}-USDT-SWAP", "instType": "SWAP",
             "uly": f"{o.asset}-USDT"}]}, separators=(",", ":"))
        for o in orders if f"{o.asset}-USDT-SWAP" in OKX_SWAPS
    ]  # fmt: skip


def _replies(message: str, topics: set[str]) -> list[str]:
    if message == "ping":
        return ["pong"]
    try:
        said = json.loads(message)
        asked = said["args"] if said["op"] == "subscribe" else []
        topics |= {str(arg["channel"]) for arg in asked}
    except (ValueError, KeyError, TypeError):
        return [json.dumps({"event": "error", "code": "60012", "msg": f"Invalid request: {message}", "connId": "rehearsal"})]
    return [json.dumps({"event": "subscribe", "arg": arg, "connId": "rehearsal"}) for arg in asked]


WIRE = Wire(
    {"ticker": _ticker, "candles": _candles, "candles_back": _candles, "open_interest": _interest, "funding_rate": _funding,
     "funding_rate_history": _payments, "long_short_accounts": _accounts, "liquidation_orders": _liquidations,
     "instruments": _instruments},
    StreamWire(_VENUE, _frames, lambda order: _CHANNEL, _replies),
    {"region": (200, {"code": "51155", "msg": "Local compliance restrictions", "data": []}),
     "too_many": (429, {"code": "50011", "msg": "Too Many Requests", "data": []})},
)  # fmt: skip
