"""Forced orders of a rehearsal: the sum of a bucket cut into orders; in: the sum and the price at each moment, out: orders.

Few large ones and many small ones, the same in every run. The largest takes what rounding leaves, so the orders of a bucket come to its
sum to the cent.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from typing import Literal, NamedTuple

__all__ = ["BUCKET_S", "Order", "Side", "cut_up"]

Side = Literal["long", "short"]
BUCKET_S = 14_400
_USD_AN_ORDER = 40_000
_MOST = 200
_LOTS = {"BTC": Decimal("0.001"), "ETH": Decimal("0.01"), "BNB": Decimal("0.01"), "SOL": Decimal("0.1")}
_LOT, _FINEST = Decimal(1), Decimal("0.00000001")


class Order(NamedTuple):
    """One forced order. `side` is the position that was closed; units: milliseconds, US dollars, coins."""

    at_ms: int
    asset: str
    side: Side
    price: Decimal
    size: Decimal

    @property
    def usd(self) -> Decimal:
        return self.price * self.size


def cut_up(total: Decimal, asset: str, side: Side, start: int, seed: str, price: Callable[[int], Decimal | None]) -> tuple[Order, ...]:
    """The orders of one bucket, oldest first.

    Args:
        total: Their sum in dollars.
        start: The bucket's, in epoch seconds.
        price: At a moment in epoch seconds; None where there is none, then there is no order.
    """
    chance = random.Random(seed)
    count = min(_MOST, max(1, int(total / _USD_AN_ORDER))) if total > 0 else 0
    moments = sorted(chance.randrange(start * 1000 + 1, (start + BUCKET_S) * 1000) for _ in range(count))
    prices = [price(-(-at // 1000)) for at in moments]
    if not count or any(p is None for p in prices):
        return ()
    weights = [chance.paretovariate(1.2) for _ in moments]
    largest = max(range(count), key=weights.__getitem__)
    lot, all_weights = _LOTS.get(asset, _LOT), sum(weights)
    sizes = [(total * Decimal(w / all_weights) / p).quantize(lot, ROUND_DOWN) for w, p in zip(weights, prices, strict=True) if p]
    rest = total - sum((p * s for i, (p, s) in enumerate(zip(prices, sizes, strict=True)) if i != largest and p), Decimal(0))
    sizes[largest] = (rest / (prices[largest] or 1)).quantize(_FINEST)
    made = [Order(at, asset, side, p, s.normalize()) for at, p, s in zip(moments, prices, sizes, strict=True) if p and s > 0]
    return tuple(made)
