"""Coinbase: candles newest first with low and high before open and close, tickers, statistics; both of its interfaces."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from newsgen.market import iso
from newsgen.testing._tape import Bar
from newsgen.testing._wire import Refusal, Scene, Wire, dumps, plain

__all__ = ["WIRE"]

_VENUE = "coinbase"
_SPANS = {"3600": 3600, "86400": 86_400, "ONE_HOUR": 3600, "ONE_DAY": 86_400}
_MOST = 300


def _asset(scene: Scene, params: Mapping[str, str]) -> tuple[str, Decimal]:
    product = params.get("product", "")
    asset, price = product.removesuffix("-USD"), scene.price(product.removesuffix("-USD"), _VENUE)
    if asset == product or price is None:
        raise Refusal(404, {"message": "NotFound"})
    return asset, price


def _day(scene: Scene, asset: str) -> Bar:
    bar = scene.span(asset, timedelta(days=1), _VENUE)
    if bar is None:
        raise Refusal(404, {"message": "NotFound"})
    return bar


def _bars(scene: Scene, params: Mapping[str, str], most: int) -> list[Bar]:
    asset, _ = _asset(scene, params)
    if params.get("granularity") not in _SPANS:
        raise Refusal(400, {"message": "Unsupported granularity"})
    return scene.bars(asset, timedelta(seconds=_SPANS[params["granularity"]]), most, _VENUE)[::-1]


def _candles(scene: Scene, params: Mapping[str, str]) -> bytes:
    return dumps([[b.start, b.low, b.high, b.open, b.close, b.volume_base] for b in _bars(scene, params, _MOST)])


def _ticker(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, price = _asset(scene, params)
    return dumps({"ask": plain(price), "bid": plain(price), "volume": plain(_day(scene, asset).volume_base), "trade_id": 1,
                  "price": plain(price), "size": "0.01", "time": iso(scene.at)})  # fmt: skip


def _stats(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, price = _asset(scene, params)
    day = _day(scene, asset)
    return dumps({"open": plain(day.open), "high": plain(day.high), "low": plain(day.low), "last": plain(price),
                  "volume": plain(day.volume_base), "volume_30day": plain(day.volume_base * 30)})  # fmt: skip


def _advanced_product(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, price = _asset(scene, params)
    day = _day(scene, asset)
    return dumps({"product_id": f"{asset}-USD", "price": plain(price), "price_percentage_change_24h": plain((price / day.open - 1) * 100),
                  "volume_24h": plain(day.volume_base), "product_type": "SPOT", "status": "online", "mid_market_price": ""})  # fmt: skip


def _advanced_ticker(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, price = _asset(scene, params)
    trade = {"trade_id": "1", "product_id": f"{asset}-USD", "price": plain(price), "size": "0.01", "time": iso(scene.at), "side": "SELL",
             "bid": "", "ask": "", "exchange": "coinbase"}  # fmt: skip
    return dumps({"trades": [trade], "best_bid": plain(price), "best_ask": plain(price)})


def _advanced_candles(scene: Scene, params: Mapping[str, str]) -> bytes:
    first, last = int(params.get("start", "0")), int(params.get("end", "9999999999"))
    rows = [
        {"start": str(b.start), "low": plain(b.low), "high": plain(b.high), "open": plain(b.open), "close": plain(b.close),
         "volume": plain(b.volume_base)}
        for b in _bars(scene, params, _MOST) if first <= b.start <= last
    ]  # fmt: skip
    return dumps({"candles": rows})


WIRE = Wire(
    {"candles": _candles, "ticker": _ticker, "stats": _stats, "advanced_product": _advanced_product, "advanced_ticker": _advanced_ticker,
     "advanced_candles": _advanced_candles},
    refusals={"too_many": (429, {"message": "Public rate limit exceeded"})},
)  # fmt: skip
