"""The one venue with a long and complete history of liquidations, and the assets that its archive follows."""

from __future__ import annotations

__all__ = ["ASSETS", "VENUE"]

VENUE = "binance"
ASSETS = ("BTC", "ETH", "SOL", "XRP")
