"""6 Direction: the side that was liquidated most opposes the sign of the price, the side that pays funding has its sign.

In: the desk. Out: findings. Shorts when the price rose, longs when it fell; otherwise a person looks first. Longs pay where the funding
rate is positive. Verbs of direction are read back in `read_back.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from newsgen.check._check import Check, Desk
from newsgen.check._payers import payer_findings
from newsgen.check._sides import dominant_side
from newsgen.story import Finding

__all__ = ["CHECK"]

_CLEAR = Decimal(60)  # percent: below this neither side dominates (editorial section 3, angle 18)
_HURT_BY = {"short": 1, "long": -1}


def direction(desk: Desk) -> Iterator[Finding]:
    """Compare the dominant side with the move of the asset that the story is about, and those who pay funding with its sign."""
    yield from payer_findings(desk, "direction")
    yield from _dominant(desk)


def _dominant(desk: Desk) -> Iterator[Finding]:
    side = dominant_side(desk)
    asset = next((t for t in desk.article.tickers), None)
    if not side or asset is None:
        return
    for family in ("liquidations", "liquidations_venue"):
        share = desk.fact(f"{family}.{side}_share_24h", "market")
        move = desk.move(asset)
        if share and share.value is not None and share.value >= _CLEAR and move == -_HURT_BY[side]:
            message = f"{side}s are {share.value:.0f}% of the liquidations, and the price of {asset} moved in their favour"
            yield desk.finding("direction", "figures", message, [share])
            return


CHECK = Check("direction", 6, "The side that was liquidated most is the one that the price moved against.", direction)
