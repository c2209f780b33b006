"""Coinalyze: liquidations, open interest and accounts of many markets in one answer; seconds, the period that runs is the last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from newsgen.market import from_epoch
from newsgen.testing._wire import Refusal, Scene, Wire, dumps, ms
from newsgen.testing._wires._futures import held, held_usd, longs

__all__ = ["WIRE"]

_VENUES = {"A": ("binance", "USDT_PERP"), "6": ("bybit", "USDT"), "3": ("okx", "USDT_PERP")}
_SPANS = {"1hour": 3600, "4hour": 14_400, "daily": 86_400}
_MOST = 20


def _markets(scene: Scene, params: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Symbol, asset and venue of those that are known; others are left out, as there."""
    symbols = params.get("symbols", "").split(",")
    if len(symbols) > _MOST:
        raise Refusal(400, {"message": f"at most {_MOST} symbols"})
    found = []
    for symbol in symbols:
        pair, _, code = symbol.rpartition(".")
        venue, ending = _VENUES.get(code, ("", "\n"))
        asset = pair.removesuffix(ending)
        if asset != pair and scene.price(asset, venue) is not None:
            found.append((symbol, asset, venue))
    return found


def _histories(
    row: Callable[[Scene, Mapping[str, str], str, str, datetime, int], dict[str, Any]],
) -> Callable[[Scene, Mapping[str, str]], bytes]:
    """One row a period, between `from` and `to`, the running one too."""

    def write(scene: Scene, params: Mapping[str, str]) -> bytes:
        step, now = _SPANS.get(params.get("interval", "")), int(scene.at.timestamp())
        if step is None:
            raise Refusal(400, {"message": "Invalid interval"})
        first, last = int(params.get("from", now - 26 * step)), min(int(params.get("to", now)), now)
        starts = range(-(-first // step) * step, last + 1, step)
        return dumps([
            {"symbol": symbol, "history": [row(scene, params, asset, venue, from_epoch(s), step) for s in starts]}
            for symbol, asset, venue in _markets(scene, params)
        ])  # fmt: skip

    return write


def _closed(scene: Scene, params: Mapping[str, str], asset: str, venue: str, start: datetime, step: int) -> dict[str, Any]:
    end = min(start + timedelta(seconds=step), scene.at)
    orders = [o for o in scene.tape.orders(venue, start, end) if o.asset == asset]
    usd = params.get("convert_to_usd") == "true"
    sums = {side: sum((o.usd if usd else o.size for o in orders if o.side == side), Decimal(0)) for side in ("long", "short")}
    return {"t": int(start.timestamp()), "l": sums["long"], "s": sums["short"]}


def _ratio(scene: Scene, params: Mapping[str, str], asset: str, venue: str, start: datetime, step: int) -> dict[str, Any]:
    share = longs(scene, venue, asset, start)
    return {"t": int(start.timestamp()), "r": round(share / (1 - share), 4), "l": share * 100, "s": (1 - share) * 100}


def _interest(scene: Scene, params: Mapping[str, str]) -> bytes:
    of = held_usd if params.get("convert_to_usd") == "true" else held
    return dumps(
        [{"symbol": symbol, "value": of(scene, venue, asset), "update": ms(scene.at)} for symbol, asset, venue in _markets(scene, params)]
    )


WIRE = Wire(
    {"liquidation_history": _histories(_closed), "open_interest": _interest, "long_short_ratio_history": _histories(_ratio)},
    refusals={"too_many": (429, {"message": "Too Many Requests"}), "key_rejected": (401, {"message": "Invalid API key"})},
)
