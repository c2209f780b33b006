"""How the sources call the assets; in: our symbol, out: theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ASSETS", "AssetCodes", "asset_of"]


@dataclass(frozen=True, slots=True)
class AssetCodes:
    """One asset in the words of the sources."""

    coingecko: str
    binance: str = ""  # the pair against USDT; Bybit writes it the same way
    kraken: str = ""  # the pair against USD, as it is asked for: Kraken has names of its own for bitcoin and dogecoin
    coinbase: str = ""  # the product against USD; "" where none is followed


ASSETS: Mapping[str, AssetCodes] = {
    "BTC": AssetCodes("bitcoin", "BTCUSDT", "XBTUSD", "BTC-USD"),
    "ETH": AssetCodes("ethereum", "ETHUSDT", "ETHUSD", "ETH-USD"),
    "SOL": AssetCodes("solana", "SOLUSDT", "SOLUSD", "SOL-USD"),
    "XRP": AssetCodes("ripple", "XRPUSDT", "XRPUSD", "XRP-USD"),
    "DOGE": AssetCodes("dogecoin", "DOGEUSDT", "XDGUSD", "DOGE-USD"),
    "BNB": AssetCodes("binancecoin", "BNBUSDT", "BNBUSD"),
    "ADA": AssetCodes("cardano", "ADAUSDT", "ADAUSD", "ADA-USD"),
    "USDT": AssetCodes("tether", kraken="USDTUSD", coinbase="USDT-USD"),
    "USDC": AssetCodes("usd-coin", kraken="USDCUSD"),
}


def asset_of(pair: str, quote: str = "USDT") -> str | None:
    """The asset of a trading pair against the quote currency; None for other pairs (ETHBTC)."""
    return pair.removesuffix(quote) if pair.endswith(quote) and len(pair) > len(quote) else None
