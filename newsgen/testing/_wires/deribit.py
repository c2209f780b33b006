"""Deribit: bars of the volatility index, the book of options, perpetuals whose open interest is in dollars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from newsgen.market import from_epoch
from newsgen.testing._wire import Refusal, Scene, Wire, dumps, ms
from newsgen.testing._wires._futures import funding, held_usd
from newsgen.testing._wires._options import book

__all__ = ["WIRE", "volatility"]

_VENUE = "deribit"
_ASSETS = {"BTC": "42", "ETH": "68"}  # and the usual volatility
_SPANS = {"60": 60, "3600": 3600, "1D": 86_400}
_MOST = 1000


def _ok(scene: Scene, result: Any) -> bytes:
    us = ms(scene.at) * 1000
    return dumps({"jsonrpc": "2.0", "result": result, "usIn": us, "usOut": us + 500, "usDiff": 500, "testnet": False})


def _refused(message: str) -> Refusal:
    return Refusal(400, {"jsonrpc": "2.0", "error": {"code": -32602, "message": message}, "testnet": False})


def _asset(name: str) -> str:
    if name not in _ASSETS:
        raise _refused("Invalid params")
    return name


def volatility(scene: Scene, asset: str, at: datetime) -> Decimal:
    """Percent a year."""
    return scene.made_up(f"dvol {asset}", _ASSETS[asset], "0.15", at).quantize(Decimal("0.01"))


def _dvol(scene: Scene, params: Mapping[str, str]) -> bytes:
    """Bars by their start, oldest first; the last one still runs. Of too long a time the newest thousand come."""
    asset, step = _asset(params.get("currency", "")), _SPANS.get(params.get("resolution", ""))
    if step is None:
        raise _refused("Invalid params")
    now = int(scene.at.timestamp())
    first = max(int(params.get("start_timestamp", "0")) // 1000, now - _MOST * step)
    rows = []
    for start in range(first - first % step + (step if first % step else 0), now, step):
        opened, closed = (volatility(scene, asset, from_epoch(t)) for t in (start, min(start + step, now)))
        rows.append([start * 1000, opened, max(opened, closed), min(opened, closed), closed])
    return _ok(scene, {"data": rows[-_MOST:], "continuation": None})


def _options(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset = _asset(params.get("currency", ""))
    price = scene.price(asset, _VENUE)
    return _ok(scene, [
        {"volume": 0.5, "underlying_price": price, "underlying_index": "index_price", "quote_currency": asset, "base_currency": asset,
         "open_interest": o.coins, "mid_price": None, "mark_price": 0.05, "low": None, "high": None, "last": None, "bid_price": None,
         "ask_price": None, "creation_timestamp": ms(scene.at), "instrument_name": f"{asset}-{_named(o.due)}-{o.strike}-{o.side}"}
        for o in book(scene, asset)
    ])  # fmt: skip


def _named(due: datetime) -> str:
    return f"{due.day}{due:%b%y}".upper()


def _ticker(scene: Scene, params: Mapping[str, str]) -> bytes:
    name = params.get("instrument_name", "")
    asset = _asset(name.removesuffix("-PERPETUAL"))
    price, day = scene.price(asset, _VENUE), scene.span(asset, timedelta(days=1), _VENUE)
    if price is None or day is None:
        raise _refused("Invalid params")
    rate = funding(scene, _VENUE, asset)
    return _ok(scene, {
        "timestamp": ms(scene.at), "state": "open", "stats": {"high": day.high, "low": day.low, "volume": day.volume_base},
        "index_price": price, "instrument_name": name, "last_price": price, "mark_price": price,
        "open_interest": held_usd(scene, _VENUE, asset), "best_ask_price": price, "best_bid_price": price,
        "current_funding": rate, "funding_8h": rate,
    })  # fmt: skip


WIRE = Wire(
    {"dvol": _dvol, "dvol_hours": _dvol, "dvol_days": _dvol, "book_summary": _options, "ticker": _ticker},
    refusals={"too_many": (429, {"jsonrpc": "2.0", "id": 1, "error": {"code": 10028, "message": "too_many_requests", "data": None}})},
)
