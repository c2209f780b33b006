"""Binance spot: candles with the running one, rolling and daily tickers, its errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from newsgen.testing._tape import Bar
from newsgen.testing._wire import Refusal, Scene, Wire, Write, dumps, ms, plain

__all__ = ["WIRE"]

_SPANS = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1)}
_DAY = timedelta(days=1)
_UNKNOWN = {"code": -1121, "msg": "Invalid symbol."}


def _asset(scene: Scene, params: Mapping[str, str]) -> str:
    asset = params.get("symbol", "").removesuffix("USDT")
    if scene.price(asset) is None:
        raise Refusal(400, _UNKNOWN)
    return asset


def _klines(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, span = _asset(scene, params), _SPANS.get(params.get("interval", ""))
    if span is None:
        raise Refusal(400, {"code": -1120, "msg": "Invalid interval."})
    return dumps([_row(b) for b in scene.bars(asset, span, int(params.get("limit", "500")))])


def _row(bar: Bar) -> list[Any]:
    prices = [plain(p) for p in (bar.open, bar.high, bar.low, bar.close)]
    half = plain(bar.volume_base / 2), plain(bar.volume_quote / 2)
    return [bar.start * 1000, *prices, plain(bar.volume_base), bar.end * 1000 - 1, plain(bar.volume_quote), bar.trades, *half, "0"]


def _ticker(*, rolling: bool) -> Write:
    """Of the time up to now, or of the UTC day, whose end lies ahead and which has hardly begun in its first second."""

    def write(scene: Scene, params: Mapping[str, str]) -> bytes:
        asset, midnight = _asset(scene, params), scene.at.replace(hour=0, minute=0, second=0)
        span = (
            timedelta(days=7) if params.get("windowSize") == "7d" else _DAY if rolling else max(scene.at - midnight, timedelta(seconds=1))
        )
        bar = scene.span(asset, span)
        if bar is None:
            raise Refusal(400, _UNKNOWN)
        end = ms(scene.at) if rolling else ms(midnight + _DAY) - 1
        return dumps({
            "symbol": f"{asset}USDT", "priceChange": plain(bar.close - bar.open), "openPrice": plain(bar.open),
            "priceChangePercent": f"{(bar.close / bar.open - 1) * 100:.3f}", "lastPrice": plain(bar.close), "highPrice": plain(bar.high),
            "lowPrice": plain(bar.low), "volume": plain(bar.volume_base), "quoteVolume": plain(bar.volume_quote),
            "openTime": bar.start * 1000, "closeTime": end, "firstId": 1, "lastId": bar.trades, "count": bar.trades,
        })  # fmt: skip

    return write


WIRE = Wire(
    {"klines": _klines, "klines_back": _klines, "ticker": _ticker(rolling=True), "ticker_24hr": _ticker(rolling=True),
     "trading_day": _ticker(rolling=False)},
    refusals={"region": (451, {"code": 0, "msg": "Service unavailable from a restricted location according to 'b. Eligibility'"}),
              "too_many": (429, {"code": -1003, "msg": "Too much request weight used; current limit is 6000 per 1 MINUTE."})},
)  # fmt: skip
