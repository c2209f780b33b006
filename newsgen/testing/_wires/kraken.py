"""Kraken: tickers of the day and of 24 hours side by side, candles, status; futures whose funding rate is absolute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from newsgen.gather._assets import ASSETS
from newsgen.market import iso
from newsgen.testing._wire import Refusal, Scene, Wire, dumps, plain
from newsgen.testing._wires._futures import funding, held

__all__ = ["WIRE"]

_VENUE, _PERP = "kraken", "kraken perpetuals"
_PAIRS = {codes.kraken: asset for asset, codes in ASSETS.items() if codes.kraken}
_NAMES = {"XBTUSD": "XXBTZUSD", "ETHUSD": "XETHZUSD", "XRPUSD": "XXRPZUSD"}  # in answers
_MOST = 720
_DAY = timedelta(days=1)


def _ok(result: Any) -> bytes:
    return dumps({"error": [], "result": result})


def _assets(scene: Scene, params: Mapping[str, str]) -> dict[str, str]:
    """Pair as it is asked for to asset."""
    pairs = {pair: _PAIRS.get(pair, "") for pair in params.get("pair", "").split(",")}
    if any(scene.price(asset, _VENUE) is None for asset in pairs.values()):
        raise Refusal(200, {"error": ["EQuery:Unknown asset pair"]})
    return pairs


def _ticker(scene: Scene, params: Mapping[str, str]) -> bytes:
    return _ok({_NAMES.get(pair, pair): _pair(scene, asset) for pair, asset in _assets(scene, params).items()})


def _pair(scene: Scene, asset: str) -> dict[str, Any]:
    """In each pair of values the UTC day comes first; the day has just begun at midnight."""
    midnight = scene.at.replace(hour=0, minute=0, second=0)
    day = scene.span(asset, _DAY, _VENUE)
    today = (scene.span(asset, scene.at - midnight, _VENUE) if scene.at > midnight else None) or day
    price = scene.price(asset, _VENUE)
    assert price is not None
    if day is None or today is None:
        raise Refusal(200, {"error": ["EQuery:Unknown asset pair"]})
    both, last = (today, day), plain(price)
    return {
        "a": [last, "1", "1.000"], "b": [last, "1", "1.000"], "c": [last, "0.00009443"], "v": [plain(b.volume_base) for b in both],
        "p": [last, last], "t": [b.trades for b in both], "l": [plain(b.low) for b in both], "h": [plain(b.high) for b in both],
        "o": plain(today.open),
    }  # fmt: skip


def _ohlc(scene: Scene, params: Mapping[str, str]) -> bytes:
    [(pair, asset), *_] = _assets(scene, params).items()
    span, since = timedelta(minutes=int(params.get("interval", "1"))), int(params.get("since", "0"))
    bars = [b for b in scene.bars(asset, span, _MOST, _VENUE) if b.start > since]
    rows = [[b.start, *(plain(v) for v in (b.open, b.high, b.low, b.close, b.close, b.volume_base)), b.trades] for b in bars]
    return _ok({_NAMES.get(pair, pair): rows, "last": bars[-2].start if len(bars) > 1 else since})


def _status(scene: Scene, params: Mapping[str, str]) -> bytes:
    return _ok({"status": "online", "timestamp": iso(scene.at)})


def _futures(scene: Scene, params: Mapping[str, str]) -> bytes:
    """Linear contracts hold nine tenths of the open interest, inverse ones of a dollar the rest."""
    rows: list[dict[str, Any]] = []
    for asset, codes in ASSETS.items():
        price = scene.price(asset, _PERP) if codes.kraken else None
        if price is None:
            continue
        coins, name = held(scene, _VENUE, asset), codes.kraken
        hourly = (funding(scene, _VENUE, asset) / 8 * price).quantize(Decimal("0.0000000001"))
        common = {"last": price, "lastTime": iso(scene.at), "tag": "perpetual", "pair": f"{asset}:USD", "markPrice": price, "bid": price,
                  "ask": price, "suspended": False, "indexPrice": price, "postOnly": False}  # fmt: skip
        rows.append({"symbol": f"PF_{name}", **common, "openInterest": coins * 9 / 10, "fundingRate": hourly})
        if asset in ("BTC", "ETH"):
            inverse = {"openInterest": int(coins / 10 * price), "fundingRate": float(hourly) / float(price) ** 2}
            rows.append({"symbol": f"PI_{name}", **common, **inverse})
    rows.append({"symbol": "in_xbtusd", "last": 1, "lastTime": iso(scene.at)})
    return dumps({"result": "success", "serverTime": iso(scene.at), "tickers": rows})


WIRE = Wire(
    {"ticker": _ticker, "ohlc": _ohlc, "ohlc_year": _ohlc, "system_status": _status, "futures_tickers": _futures},
    refusals={"too_many": (200, {"error": ["EGeneral:Too many requests"]})},
)
