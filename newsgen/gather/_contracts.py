"""How much one contract of a swap is; in: an instrument of OKX, out: asset, contract value, and whether it is in coins or in dollars.

OKX sizes everything in contracts. The values change rarely and without notice, so the source compares them with what OKX lists every day:
a changed value is found loudly, and not as sums that are ten times wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

__all__ = ["OKX_SWAPS", "Contract"]


class Contract(NamedTuple):
    """One swap. Units: `value` in coins of a linear contract, in dollars of an inverse one."""

    asset: str
    value: Decimal
    inverse: bool = False

    def usd(self, contracts: Decimal, price: Decimal) -> Decimal:
        """Contracts at a price, in dollars."""
        return contracts * self.value * (1 if self.inverse else price)

    def coins(self, contracts: Decimal, price: Decimal) -> Decimal:
        """Contracts at a price, in coins."""
        return contracts * self.value / (price if self.inverse else 1)


OKX_SWAPS: Mapping[str, Contract] = {
    "BTC-USDT-SWAP": Contract("BTC", Decimal("0.01")),
    "ETH-USDT-SWAP": Contract("ETH", Decimal("0.1")),
    "SOL-USDT-SWAP": Contract("SOL", Decimal(1)),
    "XRP-USDT-SWAP": Contract("XRP", Decimal(100)),
    "DOGE-USDT-SWAP": Contract("DOGE", Decimal(1000)),
    "BNB-USDT-SWAP": Contract("BNB", Decimal("0.01")),  # this and the next as several others count them: no listing was at hand
    "ADA-USDT-SWAP": Contract("ADA", Decimal(100)),
    "BTC-USD-SWAP": Contract("BTC", Decimal(100), inverse=True),
    "ETH-USD-SWAP": Contract("ETH", Decimal(10), inverse=True),
}
