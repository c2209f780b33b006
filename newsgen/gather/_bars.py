"""Closed bars of an exchange as readings; in: a row with open, high, low and close, out: its prices and volumes.

A bar that is still open is no reading. High and low must span open and close; a bar that begins after the fetch is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from newsgen.gather._source import FUTURE, Answer, Fields
from newsgen.market import Reading, Unit

__all__ = ["SPANS", "Kind", "bar_readings", "row_of"]

SPANS = {"1m": timedelta(minutes=1), "1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1)}
_UNITS = {"volume_base": Unit.COINS, "volume_quote": Unit.USD, "trades": Unit.COUNT}
_PRICES = ("open", "high", "low", "close")


class Kind(NamedTuple):
    """What the bars are of."""

    series: str  # "spot" or "perp"
    asset: str
    window: str  # a key of SPANS
    venue: str


def row_of(answer: Answer, columns: Sequence[str], row: object, place: str) -> Fields:
    """A row of an array of arrays, its values under their names."""
    if not isinstance(row, list) or len(row) < len(columns):
        raise answer.bad(place, f"a candle has {len(columns)} values or more")
    return Fields(answer, dict(zip(columns, row, strict=False)), place)


def bar_readings(
    answer: Answer, kind: Kind, row: Fields, start: datetime, start_name: str, volumes: Mapping[str, str]
) -> Iterable[Reading]:
    """The readings of one bar, none while it is open.

    Args:
        start: When it begins, read from the field `start_name`.
        volumes: Field to the part of the series that it is: volume_base (coins), volume_quote (dollars), trades.
    """
    if start > answer.fetched_at + FUTURE:
        raise row.bad(start_name, "lies after the fetch")
    end = start + SPANS[kind.window]
    if end > answer.fetched_at:
        return
    prices = {name: row.price(name) for name in _PRICES}
    if prices["low"] > min(prices["open"], prices["close"]) or prices["high"] < max(prices["open"], prices["close"]):
        raise row.bad("high", f"high {prices['high']} and low {prices['low']} do not span open and close")
    for name, value in prices.items():
        yield answer.reading((f"{kind.series}.{name}", kind.asset, kind.window, kind.venue), value, Unit.USD, end, known_at=end)
    for name, part in volumes.items():
        key = (f"{kind.series}.{part}", kind.asset, kind.window, kind.venue)
        yield answer.reading(key, row.amount(name), _UNITS[part], end, known_at=end)
