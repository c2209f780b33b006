"""Hyperliquid: the universe and its contexts, made up around the tape's prices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from newsgen.testing._wire import Scene, Wire, dumps, plain

__all__ = ["WIRE"]


def _contexts(scene: Scene, params: Mapping[str, str]) -> bytes:
    prices = {a: p for a in scene.tape.assets if (p := scene.price(a, "hyperliquid")) is not None}
    contexts = [
        {"markPx": plain(price), "midPx": plain(price), "oraclePx": plain(price), "premium": "0.0001", "prevDayPx": plain(price),
         "funding": plain(scene.made_up(f"hyperliquid funding {asset}", "0.0000125", "0.3").quantize(Decimal("0.0000001"))),
         "openInterest": plain((scene.made_up(f"hyperliquid oi {asset}", "2000000000") / price).quantize(Decimal("0.01"))),
         "dayNtlVlm": "1000000", "impactPxs": [plain(price), plain(price)]}
        for asset, price in prices.items()
    ]  # fmt: skip
    return dumps([{"universe": [{"name": a, "szDecimals": 5, "maxLeverage": 50} for a in prices]}, contexts])


WIRE = Wire({"contexts": _contexts})
