"""How the sources call the assets; in: our symbol, out: theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ASSETS", "AssetCodes", "asset_of"]


@dataclass(frozen=True, slots=True)
class AssetCodes:
    """One asset in the words of the sources."""

    coingecko: str
    binance: str = ""


ASSETS: Mapping[str, AssetCodes] = {
    "BTC": AssetCodes("bitcoin", "BTCUSDT"),
    "ETH": AssetCodes("ethereum", "ETHUSDT"),
    "SOL": AssetCodes("solana", "SOLUSDT"),
    "XRP": AssetCodes("ripple", "XRPUSDT"),
    "DOGE": AssetCodes("dogecoin", "DOGEUSDT"),
    "BNB": AssetCodes("binancecoin", "BNBUSDT"),
    "ADA": AssetCodes("cardano", "ADAUSDT"),
    "USDT": AssetCodes("tether"),
}


def asset_of(pair: str, quote: str = "USDT") -> str | None:
    """The asset of a trading pair against the quote currency; None for other pairs (ETHBTC)."""
    return pair.removesuffix(quote) if pair.endswith(quote) and len(pair) > len(quote) else None
