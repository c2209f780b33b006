"""Binance spot: candles with the running one, rolling and daily tickers, its errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from newsgen.testing._tape import Bar
from newsgen.testing._wire import Refusal, Scene, Wire, dumps, ms, plain

__all__ = ["WIRE"]

_SPANS = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1)}
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


def _ticker(back: timedelta | None) -> Any:
    def write(scene: Scene, params: Mapping[str, str]) -> bytes:
        asset = _asset(scene, params)
        midnight = scene.at.replace(hour=0, minute=0, second=0, microsecond=0)
        span = back or (scene.at - midnight)
        if params.get("windowSize") == "7d":
            span = timedelta(days=7)
        bar = scene.span(asset, span) if span >= timedelta(seconds=1) else None
        if bar is None:
            raise Refusal(400, _UNKNOWN)
        last = scene.price(asset)
        assert last is not None
        end = ms(scene.at) if back else ms(midnight + timedelta(days=1)) - 1
        return dumps({
            "symbol": f"{asset}USDT", "priceChange": plain(last - bar.open), "priceChangePercent": f"{(last / bar.open - 1) * 100:.3f}",
            "lastPrice": plain(last), "openPrice": plain(bar.open), "highPrice": plain(max(bar.high, last)), "lowPrice": plain(bar.low),
            "volume": plain(bar.volume_base), "quoteVolume": plain(bar.volume_quote), "openTime": bar.start * 1000, "closeTime": end,
            "firstId": 1, "lastId": bar.trades, "count": bar.trades,
        })  # fmt: skip

    return write


WIRE = Wire({
    "klines": _klines, "klines_back": _klines, "ticker": _ticker(timedelta(days=1)), "ticker_24hr": _ticker(timedelta(days=1)),
    "trading_day": _ticker(None),
})  # fmt: skip
