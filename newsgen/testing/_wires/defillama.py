"""DefiLlama: supply of stablecoins and value locked, made up; the day that runs has a row of its own, of now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from newsgen.testing._wire import Scene, Wire, dumps

__all__ = ["WIRE", "locked", "supply"]

_SHARES = {"USDT": Decimal("0.62"), "USDC": Decimal("0.25")}
_COINS = (("1", "Tether", "USDT"), ("2", "USD Coin", "USDC"))
_CHAINS = (("Ethereum", "ETH", "0.6"), ("Solana", "SOL", "0.1"), ("BSC", "BNB", "0.1"), ("Bitcoin", "BTC", "0.2"))
_DAYS = 420


def supply(scene: Scene, at: datetime, symbol: str = "") -> Decimal:
    """Dollars of all stablecoins, or of one."""
    return (scene.made_up("stablecoins", "255000000000", "0.01", at) * _SHARES.get(symbol, Decimal(1))).quantize(Decimal("0.01"))


def locked(scene: Scene, at: datetime) -> Decimal:
    """Dollars locked on all chains."""
    return scene.made_up("value locked", "118000000000", "0.06", at).quantize(Decimal(1))


def _stablecoins(scene: Scene, params: Mapping[str, str]) -> bytes:
    day = timedelta(days=1)
    rows = [
        {"id": number, "name": name, "symbol": symbol, "pegType": "peggedUSD", "pegMechanism": "fiat-backed",
         "circulating": {"peggedUSD": supply(scene, scene.at, symbol)}, "price": 1.0,
         "circulatingPrevDay": {"peggedUSD": supply(scene, scene.at - day, symbol)}, "chains": ["Ethereum"]}
        for number, name, symbol in _COINS
    ]  # fmt: skip
    return dumps({"peggedAssets": rows})


def _history(row: Callable[[Scene, datetime], dict[str, Any]]) -> Callable[[Scene, Mapping[str, str]], bytes]:
    """One row a midnight, and one of now."""

    def write(scene: Scene, params: Mapping[str, str]) -> bytes:
        midnight = scene.at.replace(hour=0, minute=0, second=0)
        moments = [midnight - timedelta(days=k) for k in range(_DAYS, -1, -1)]
        return dumps([row(scene, at) for at in (*moments, *([scene.at] if scene.at > midnight else []))])

    return write


def _chart(scene: Scene, at: datetime) -> dict[str, Any]:
    total = supply(scene, at)
    euros = (total * Decimal("0.003")).quantize(Decimal("0.01"))
    return {"date": str(int(at.timestamp())), "totalCirculatingUSD": {"peggedUSD": total - euros, "peggedEUR": euros}}


def _chains(scene: Scene, params: Mapping[str, str]) -> bytes:
    total = locked(scene, scene.at)
    rows = [{"gecko_id": None, "tvl": total * Decimal(share), "tokenSymbol": token, "name": name} for name, token, share in _CHAINS]
    return dumps([*rows, {"gecko_id": "binancecoin", "tvl": 0, "tokenSymbol": "BNB", "name": "Binance"}])


def _value(scene: Scene, at: datetime) -> dict[str, Any]:
    return {"date": int(at.timestamp()), "tvl": locked(scene, at)}


WIRE = Wire(
    {"stablecoins": _stablecoins, "stablecoincharts": _history(_chart), "chains": _chains, "historical_chain_tvl": _history(_value)}
)
