"""The grid of round levels: which prices count as round; in: an asset and a price, out: steps, roundest first."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["level_steps"]

_STEPS: dict[str, tuple[int, ...]] = {"BTC": (10_000, 5_000), "ETH": (1_000, 500)}  # the round ones, roundest first


def level_steps(asset: str, price: Decimal) -> tuple[Decimal, ...]:
    """The steps of the round levels of an asset, roundest first; of an asset that is not listed, by the magnitude of its price."""
    if asset in _STEPS:
        return tuple(Decimal(s) for s in _STEPS[asset])
    magnitude = Decimal(1).scaleb(price.adjusted())
    return magnitude, magnitude / 2
