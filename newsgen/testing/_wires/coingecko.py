"""CoinGecko: markets with the windows asked for, the global figures, treasuries. What the history has not is made up, always the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from newsgen.gather._assets import ASSETS
from newsgen.market import iso
from newsgen.testing._wire import Refusal, Scene, Wire, dumps
from newsgen.testing._wires._caps import cap_of, change_of, total_cap

__all__ = ["WIRE"]

_VENDOR = "coingecko"
_COINS = {codes.coingecko: asset for asset, codes in ASSETS.items()}
_WINDOWS = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
_DAY = timedelta(days=1)


def _markets(scene: Scene, params: Mapping[str, str]) -> bytes:
    asked = [_COINS[c] for c in params.get("ids", "").split(",") if c in _COINS]
    windows = [w for w in params.get("price_change_percentage", "1h,24h,7d,30d").split(",") if w in _WINDOWS]
    return dumps([row for asset in asked if (row := _coin(scene, asset, windows)) is not None])


def _coin(scene: Scene, asset: str, windows: list[str]) -> dict[str, Any] | None:
    price, day = scene.price(asset, _VENDOR), scene.span(asset, _DAY, _VENDOR)
    if price is None or day is None:
        return None
    return {
        "id": ASSETS[asset].coingecko, "symbol": asset.lower(), "name": asset, "current_price": price, "market_cap": cap_of(asset, price),
        "total_volume": int(day.volume_quote * 3), "high_24h": day.high, "low_24h": day.low, "max_supply": None, "roi": None,
        # The highest that the day shows: a record of the vendor's own is not in the history.
        "ath": day.high, "ath_date": iso(scene.at - timedelta(hours=1)), "last_updated": iso(scene.at),
        **{f"price_change_percentage_{w}_in_currency": change_of(scene, _VENDOR, asset, _WINDOWS[w]) for w in windows},
    }  # fmt: skip


def _global(scene: Scene, params: Mapping[str, str]) -> bytes:
    total, before = total_cap(scene, _VENDOR), total_cap(scene, _VENDOR, _DAY)
    if not total or not before:
        raise Refusal(503, {"status": {"error_code": 503, "error_message": "Service Unavailable"}})
    caps = {a: cap_of(a, p) for a in scene.tape.assets if (p := scene.price(a, _VENDOR)) is not None}
    return dumps({"data": {
        "active_cryptocurrencies": 17_000, "markets": 1_300, "total_market_cap": {"usd": total, "btc": total / 100_000},
        "total_volume": {"usd": total / 20}, "market_cap_percentage": {a.lower(): cap / total * 100 for a, cap in caps.items()},
        "market_cap_change_percentage_24h_usd": (total / before - 1) * 100, "updated_at": int(scene.at.timestamp()),
    }})  # fmt: skip


def _treasury(scene: Scene, params: Mapping[str, str]) -> bytes:
    coin = params.get("coin", "bitcoin")
    held = scene.run("treasury.holdings", "Strategy") if coin == "bitcoin" else None
    rows = [{"name": "Strategy", "symbol": "MSTR.US", "country": "US", "total_holdings": int(held.decimal(-1)), "total_entry_value_usd": 0,
             "total_current_value_usd": 0, "percentage_of_total_supply": 2.8}] if held else []  # fmt: skip
    total = sum(Decimal(str(r["total_holdings"])) for r in rows)
    return dumps({"total_holdings": total, "total_value_usd": 0, "market_cap_dominance": 3, "companies": rows})


WIRE = Wire(
    {"coins_markets": _markets, "global": _global, "companies_public_treasury": _treasury},
    refusals={"too_many": (429, {"status": {"error_code": 429, "error_message": "You've exceeded the Rate Limit."}}),
              "key_rejected": (401, {"status": {"error_code": 10002, "error_message": "API Key Missing"}})},
)  # fmt: skip
