"""Hyperliquid: the universe and its contexts, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from newsgen.testing._wire import Scene, Wire, dumps, plain
from newsgen.testing._wires._futures import funding, held

__all__ = ["WIRE"]

_VENUE = "hyperliquid"


def _contexts(scene: Scene, params: Mapping[str, str]) -> bytes:
    """Funding is that of an hour; a perpetual that is traded no more has no middle price."""
    universe, contexts = list[Mapping[str, Any]](), list[Mapping[str, Any]]()
    for asset in scene.tape.assets:
        price, day = scene.price(asset, _VENUE), scene.span(asset, timedelta(days=1), _VENUE)
        if price is None or day is None:
            continue
        universe.append({"name": asset, "szDecimals": 5, "maxLeverage": 50})
        contexts.append({
            "markPx": plain(price), "midPx": plain(price), "oraclePx": plain(price), "premium": "0.0001", "prevDayPx": plain(day.open),
            "funding": plain((funding(scene, _VENUE, asset) / 8).quantize(Decimal("0.0000000001"))),
            "openInterest": plain(held(scene, _VENUE, asset)), "dayNtlVlm": plain(day.volume_quote / 4), "impactPxs": [plain(price)] * 2,
        })  # fmt: skip
    universe.append({"name": "HPOS", "szDecimals": 0, "maxLeverage": 3, "onlyIsolated": True, "isDelisted": True})
    contexts.append({"markPx": "8.4542", "midPx": None, "oraclePx": "8.4585", "premium": None, "prevDayPx": "8.8097", "funding": "0.0",
                     "openInterest": "0.0", "dayNtlVlm": "0.0", "impactPxs": None})  # fmt: skip
    return dumps([{"universe": universe}, contexts])


WIRE = Wire({"contexts": _contexts})
