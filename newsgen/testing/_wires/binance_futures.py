"""Binance futures: marks, funding, open interest, accounts, and the stream of forced orders."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from newsgen.testing._tape import Order
from newsgen.testing._wire import Refusal, Scene, StreamWire, Wire, dumps, ms, plain

__all__ = ["WIRE"]

_UNKNOWN = {"code": -1121, "msg": "Invalid symbol."}


def _price(scene: Scene, params: Mapping[str, str]) -> tuple[str, Decimal]:
    asset = params.get("symbol", "").removesuffix("USDT")
    price = scene.price(asset)
    if price is None:
        raise Refusal(400, _UNKNOWN)
    return asset, price


def _premium(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, price = _price(scene, params)
    rate = scene.made_up(f"binance funding {asset}", "0.0001", "0.3")
    return dumps(
        {
            "symbol": f"{asset}USDT",
            "markPrice": plain(price),
            "indexPrice": plain(price),
            "lastFundingRate": plain(rate),
            "time": ms(scene.at),
        }
    )


def _interest(scene: Scene, params: Mapping[str, str]) -> bytes:
    five = scene.at.replace(minute=scene.at.minute // 5 * 5, second=0, microsecond=0)
    asset, _ = _price(scene, params)
    rows = []
    for at in (five - timedelta(minutes=5), five):
        price = scene.tape.price(asset, at)
        if price is not None:
            coins = (Scene(at, scene.tape).made_up(f"binance oi {asset}", "9000000000") / price).quantize(Decimal("0.001"))
            usd = (coins * price).quantize(Decimal("0.01"))
            rows.append(
                {"symbol": f"{asset}USDT", "sumOpenInterest": plain(coins), "sumOpenInterestValue": plain(usd), "timestamp": ms(at)}
            )
    return dumps(rows)


def _accounts(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, _ = _price(scene, params)
    hour = scene.at.replace(minute=0, second=0, microsecond=0)
    share = Scene(hour, scene.tape).made_up(f"binance accounts {asset}", "0.55").quantize(Decimal("0.0001"))
    row = {
        "symbol": f"{asset}USDT",
        "longAccount": plain(share),
        "shortAccount": plain(1 - share),
        "longShortRatio": f"{share / (1 - share):.4f}",
    }
    return dumps([{**row, "timestamp": ms(hour)}])


def _intervals(scene: Scene, params: Mapping[str, str]) -> bytes:
    return dumps([{"symbol": "LPTUSDT", "adjustedFundingRateCap": "0.02", "adjustedFundingRateFloor": "-0.02", "fundingIntervalHours": 4}])


def _frames(orders: Sequence[Order]) -> list[str]:
    """One frame an order; `S` is the side of the order: SELL closed a long."""
    return [
        json.dumps({"stream": "!forceOrder@arr", "data": {"e": "forceOrder", "E": o.at_ms + 900, "o": {
            "s": f"{o.asset}USDT", "S": "SELL" if o.side == "long" else "BUY", "o": "LIMIT", "f": "IOC", "q": plain(o.size),
            "p": plain(o.price), "ap": plain(o.price), "X": "FILLED", "l": plain(o.size), "z": plain(o.size), "T": o.at_ms,
            "ps": f"{o.asset}USDT", "st": 1}}})
        for o in orders
    ]  # fmt: skip


WIRE = Wire(
    {"premium_index": _premium, "open_interest_hist": _interest, "long_short_accounts": _accounts, "funding_info": _intervals},
    StreamWire("binance", _frames),
)
