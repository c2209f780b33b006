"""CoinMarketCap: quotes by id, global metrics, an index of fear and greed of its own; what the history has not is made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from newsgen.market import iso
from newsgen.testing._wire import Refusal, Scene, Wire, dumps
from newsgen.testing._wires._caps import cap_of, change_of, total_cap

__all__ = ["WIRE"]

_VENDOR = "coinmarketcap"
_IDS = {"1": "BTC", "1027": "ETH", "5426": "SOL", "52": "XRP", "74": "DOGE", "1839": "BNB", "2010": "ADA", "825": "USDT"}
_WINDOWS = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
_CLASSES = ((20, "Extreme fear"), (40, "Fear"), (60, "Neutral"), (80, "Greed"), (101, "Extreme greed"))


def _status(scene: Scene, code: int = 0, message: str | None = None) -> dict[str, Any]:
    return {"timestamp": iso(scene.at), "error_code": code, "error_message": message, "elapsed": 20, "credit_count": 1}


def _quotes(scene: Scene, params: Mapping[str, str]) -> bytes:
    asked = params.get("id", "").split(",")
    if not all(number.isdecimal() for number in asked):
        raise Refusal(400, {"status": _status(scene, 400, 'Invalid value for "id"')})
    return dumps({"status": _status(scene), "data": {n: coin for n in asked if n in _IDS and (coin := _coin(scene, n)) is not None}})


def _coin(scene: Scene, number: str) -> dict[str, Any] | None:
    asset = _IDS[number]
    price, day = scene.price(asset, _VENDOR), scene.span(asset, timedelta(days=1), _VENDOR)
    if price is None or day is None:
        return None
    changes = {f"percent_change_{name}": change_of(scene, _VENDOR, asset, back) for name, back in _WINDOWS.items()}
    usd = {"price": price, "volume_24h": day.volume_quote * 3, **changes, "market_cap": cap_of(asset, price), "last_updated": iso(scene.at)}
    return {"id": int(number), "name": asset, "symbol": asset, "slug": asset.lower(), "last_updated": iso(scene.at), "quote": {"USD": usd}}


def _global(scene: Scene, params: Mapping[str, str]) -> bytes:
    total, price = total_cap(scene, _VENDOR), scene.price("BTC", _VENDOR)
    if not total or price is None:
        raise Refusal(500, {"status": _status(scene, 500, "An internal server error occurred")})
    usd = {"total_market_cap": total, "total_volume_24h": total / 20, "last_updated": iso(scene.at)}
    dominance = (Decimal(cap_of("BTC", price)) / total * 100).quantize(Decimal("0.00001"))
    return dumps({"status": _status(scene), "data": {"active_cryptocurrencies": 9800, "btc_dominance": dominance,
                                                     "last_updated": iso(scene.at), "quote": {"USD": usd}}})  # fmt: skip


def _fear_and_greed(scene: Scene, params: Mapping[str, str]) -> bytes:
    midnight, rows = scene.at.replace(hour=0, minute=0, second=0), []
    for at in (midnight - timedelta(days=k) for k in range(int(params.get("limit", "50")))):
        value = int(scene.made_up("fear and greed", "55", "0.4", at))
        rows.append(
            {"timestamp": str(int(at.timestamp())), "value": value, "value_classification": next(c for top, c in _CLASSES if value < top)}
        )
    return dumps({"status": _status(scene), "data": rows})


WIRE = Wire(
    {"quotes": _quotes, "global_metrics": _global, "fear_and_greed": _fear_and_greed},
    refusals={"too_many": (429, {"status": {"error_code": 1008, "error_message": "You've exceeded your API Key's rate limit."}}),
              "key_rejected": (401, {"status": {"error_code": 1001, "error_message": "This API Key is invalid."}})},
)  # fmt: skip
