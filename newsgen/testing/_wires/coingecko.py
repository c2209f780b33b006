"""CoinGecko: markets with the windows asked for, and the global figures. What the history has not is made up, always the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from newsgen.gather._assets import ASSETS
from newsgen.market import iso
from newsgen.testing._wire import Scene, Wire, dumps

__all__ = ["WIRE"]

_COINS = {codes.coingecko: asset for asset, codes in ASSETS.items()}
_SUPPLY = {"BTC": 19_890_000, "ETH": 120_700_000, "SOL": 534_000_000, "XRP": 59_000_000_000, "DOGE": 150_000_000_000, "BNB": 139_000_000}
_WINDOWS = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}


def _markets(scene: Scene, params: Mapping[str, str]) -> bytes:
    asked = [_COINS[c] for c in params.get("ids", "").split(",") if c in _COINS]
    windows = [w for w in params.get("price_change_percentage", "1h,24h,7d,30d").split(",") if w in _WINDOWS]
    return dumps([row for asset in asked if (row := _coin(scene, asset, windows)) is not None])


def _coin(scene: Scene, asset: str, windows: list[str]) -> dict[str, Any] | None:
    price, day = scene.price(asset, "coingecko"), scene.span(asset, timedelta(days=1), "coingecko")
    if price is None or day is None:
        return None
    top = max(day.high, price)  # the highest that the day shows: a record of the vendor's own is not in the history
    row: dict[str, Any] = {
        "id": ASSETS[asset].coingecko, "symbol": asset.lower(), "name": asset, "current_price": price, "market_cap": _cap(asset, price),
        "total_volume": int(day.volume_quote * 3), "high_24h": max(day.high, price), "low_24h": min(day.low, price),
        "max_supply": None, "roi": None,
        "ath": top, "ath_date": iso(scene.at - timedelta(hours=1)), "last_updated": iso(scene.at),
    }  # fmt: skip
    for window in windows:
        before = scene.price(asset, "coingecko", _WINDOWS[window])
        row[f"price_change_percentage_{window}_in_currency"] = None if before is None else round(float((price / before - 1) * 100), 5)
    return row


def _cap(asset: str, price: Decimal) -> int:
    return int(price * _SUPPLY.get(asset, 1_000_000_000))


def _global(scene: Scene, params: Mapping[str, str]) -> bytes:
    caps = {a: _cap(a, p) for a in scene.tape.assets if (p := scene.price(a, "coingecko")) is not None}
    total = Decimal(sum(caps.values())) * Decimal("1.25")
    before = sum(_cap(a, p) for a in caps if (p := scene.price(a, "coingecko", timedelta(days=1))) is not None)
    return dumps({"data": {
        "active_cryptocurrencies": 17_000, "markets": 1_300, "total_market_cap": {"usd": total, "btc": total / 100_000},
        "total_volume": {"usd": total / 20}, "market_cap_percentage": {a.lower(): caps[a] / total * 100 for a in caps},
        "market_cap_change_percentage_24h_usd": round((sum(caps.values()) / before - 1) * 100, 5) if before else 0.0,
        "updated_at": int(scene.at.timestamp()),
    }})  # fmt: skip


def _treasury(scene: Scene, params: Mapping[str, str]) -> bytes:
    coin = params.get("coin", "bitcoin")
    held = scene.run("treasury.holdings", "Strategy") if coin == "bitcoin" else None
    rows = [{"name": "Strategy", "symbol": "MSTR.US", "country": "US", "total_holdings": int(held.decimal(-1)), "total_entry_value_usd": 0,
             "total_current_value_usd": 0, "percentage_of_total_supply": 2.8}] if held else []  # fmt: skip
    total = sum(Decimal(str(r["total_holdings"])) for r in rows)
    return dumps({"total_holdings": total, "total_value_usd": 0, "market_cap_dominance": 3, "companies": rows})


WIRE = Wire({"coins_markets": _markets, "global": _global, "companies_public_treasury": _treasury})
