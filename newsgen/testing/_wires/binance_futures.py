"""Binance futures: marks, funding, open interest, accounts, candles of perpetuals, and the stream of forced orders."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from newsgen.testing._forced import Order
from newsgen.testing._wire import Refusal, Scene, StreamWire, Wire, dumps, ms, plain
from newsgen.testing._wires._futures import every, funding, held, held_usd, last_payments, longs

__all__ = ["WIRE"]

_VENUE, _PERP = "binance", "binance perpetuals"  # whose prices lie a little beside spot
_SPANS = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1)}


def _asset(scene: Scene, params: Mapping[str, str]) -> tuple[str, Decimal]:
    asset = params.get("symbol", "").removesuffix("USDT")
    price = scene.price(asset, _PERP)
    if price is None:
        raise Refusal(400, {"code": -1121, "msg": "Invalid symbol."})
    return asset, price


def _span(params: Mapping[str, str], name: str) -> timedelta:
    if params.get(name) not in _SPANS:
        raise Refusal(400, {"code": -1120, "msg": "Invalid interval."})
    return _SPANS[params[name]]


def _premium(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, price = _asset(scene, params)
    due = every(scene, timedelta(hours=8), 1)[0] + timedelta(hours=8)
    return dumps({
        "symbol": f"{asset}USDT", "markPrice": plain(price), "indexPrice": plain(price), "estimatedSettlePrice": plain(price),
        "lastFundingRate": plain(funding(scene, _VENUE, asset)), "interestRate": "0.00010000", "nextFundingTime": ms(due),
        "time": ms(scene.at),
    })  # fmt: skip


def _payments(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, _ = _asset(scene, params)
    paid = last_payments(scene, _VENUE, asset, int(params.get("limit", "100")))
    return dumps([{"symbol": f"{asset}USDT", "fundingTime": ms(at) + 3, "fundingRate": plain(rate)} for at, rate in paid])


def _coins(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, _ = _asset(scene, params)
    return dumps({"openInterest": plain(held(scene, _VENUE, asset)), "symbol": f"{asset}USDT", "time": ms(scene.at)})


def _interest(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, _ = _asset(scene, params)
    return dumps([
        {"symbol": f"{asset}USDT", "sumOpenInterest": plain(held(scene, _VENUE, asset, at)),
         "sumOpenInterestValue": plain(held_usd(scene, _VENUE, asset, at)), "timestamp": ms(at)}
        for at in every(scene, _span(params, "period"), int(params.get("limit", "30")))
    ])  # fmt: skip


def _accounts(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, _ = _asset(scene, params)
    rows = []
    for at in every(scene, _span(params, "period"), int(params.get("limit", "30"))):
        share = longs(scene, _VENUE, asset, at)
        rows.append({"symbol": f"{asset}USDT", "longAccount": plain(share), "shortAccount": plain(1 - share),
                     "longShortRatio": f"{share / (1 - share):.4f}", "timestamp": ms(at)})  # fmt: skip
    return dumps(rows)


def _intervals(scene: Scene, params: Mapping[str, str]) -> bytes:
    return dumps([{"symbol": "LPTUSDT", "adjustedFundingRateCap": "0.02", "adjustedFundingRateFloor": "-0.02", "fundingIntervalHours": 4}])


def _ticker(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, price = _asset(scene, params)
    bar = scene.span(asset, timedelta(days=1), _PERP)
    if bar is None:
        raise Refusal(400, {"code": -1121, "msg": "Invalid symbol."})
    return dumps({
        "symbol": f"{asset}USDT", "lastPrice": plain(price), "openPrice": plain(bar.open), "highPrice": plain(bar.high),
        "lowPrice": plain(bar.low), "priceChange": plain(price - bar.open), "volume": plain(bar.volume_base),
        "quoteVolume": plain(bar.volume_quote), "openTime": bar.start * 1000, "closeTime": ms(scene.at), "count": bar.trades,
    })  # fmt: skip


def _klines(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, _ = _asset(scene, params)
    rows: list[list[Any]] = []
    for bar in scene.bars(asset, _span(params, "interval"), int(params.get("limit", "500")), _PERP):
        prices = [plain(p) for p in (bar.open, bar.high, bar.low, bar.close)]
        rows.append([bar.start * 1000, *prices, plain(bar.volume_base), bar.end * 1000 - 1, plain(bar.volume_quote), bar.trades,
                     "0", "0", "0"])  # fmt: skip
    return dumps(rows)


def _frames(orders: Sequence[Order]) -> list[str]:
    """One frame an order; `S` is the side of the order: SELL closed a long."""
    return [
        json.dumps({"stream": "!forceOrder@arr", "data": {"e": "forceOrder", "E": o.at_ms + 900, "o": {
            "s": f"{o.asset}USDT", "S": "SELL" if o.side == "long" else "BUY", "o": "LIMIT", "f": "IOC", "q": plain(o.size),
            "p": plain(o.price), "ap": plain(o.price), "X": "FILLED", "l": plain(o.size), "z": plain(o.size), "T": o.at_ms,
            "ps": f"{o.asset}USDT", "st": 1}}}, separators=(",", ":"))
        for o in orders
    ]  # fmt: skip


WIRE = Wire(
    {"premium_index": _premium, "funding_rate": _payments, "funding_info": _intervals, "open_interest": _coins,
     "open_interest_hist": _interest, "long_short_accounts": _accounts, "ticker_24hr": _ticker, "klines": _klines},
    StreamWire(_VENUE, _frames),
    {"region": (451, {"code": 0, "msg": "Service unavailable from a restricted location according to 'b. Eligibility'"}),
     "too_many": (429, {"code": -1003, "msg": "Too many requests."})},
)  # fmt: skip
