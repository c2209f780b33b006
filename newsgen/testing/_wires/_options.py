"""A book of options, made around the price: the next Fridays, strikes in round steps, coins by strike; the same in every run."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zlib import crc32

from newsgen.testing._wire import Scene

__all__ = ["Option", "book", "expiries", "pain"]

_STEPS = {"BTC": 5000, "ETH": 100}
_EACH_SIDE = 6


class Option(NamedTuple):
    """One contract. `side` is C or P; open interest in coins."""

    due: datetime
    strike: int
    side: str
    coins: Decimal


def expiries(scene: Scene) -> list[datetime]:
    """The next four Fridays, 08:00 UTC."""
    first = scene.at.replace(hour=8, minute=0, second=0) + timedelta(days=(4 - scene.at.weekday()) % 7)
    first += timedelta(days=7 if first <= scene.at else 0)
    return [first + timedelta(days=7 * k) for k in range(4)]


def book(scene: Scene, asset: str) -> list[Option]:
    """Every contract; none where there is no price."""
    price, step = scene.tape.price(asset, scene.at, "deribit"), _STEPS.get(asset, 10)
    if price is None:
        return []
    middle = int(price / step) * step
    strikes = [middle + k * step for k in range(-_EACH_SIDE, _EACH_SIDE + 1)]
    return [Option(due, strike, side, _coins(asset, due, strike, side)) for due in expiries(scene) for strike in strikes for side in "CP"]


def _coins(asset: str, due: datetime, strike: int, side: str) -> Decimal:
    return Decimal(crc32(f"{asset}{due:%y%m%d}{strike}{side}".encode()) % 20_000) / 10


def pain(options: list[Option]) -> int:
    """The strike at which all holders of an expiry together are paid least, the lowest of several."""

    def paid(at: int) -> Decimal:
        return sum((o.coins * max(0, at - o.strike if o.side == "C" else o.strike - at) for o in options), Decimal(0))

    return min(sorted({o.strike for o in options}), key=paid)
