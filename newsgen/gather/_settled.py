"""Funding rates that were paid; in: the payments of one contract, out: percent per eight hours.

No venue says over how many hours a payment went: that is the time since the one before. The oldest payment of a page has none before it
and is no reading; neither is one that comes after a gap.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from newsgen.gather._source import Answer, Fields
from newsgen.market import Reading, Unit

__all__ = ["Payment", "settled"]

_HOUR = timedelta(hours=1)
_JITTER = timedelta(minutes=1)  # payments are stamped some milliseconds late
_LONGEST = 8  # hours


class Payment(NamedTuple):
    """One payment. Units: `rate` is a fraction of the position."""

    at: datetime
    rate: Decimal
    row: Fields
    time_name: str  # the field with its moment


def settled(answer: Answer, asset: str, venue: str, payments: Iterable[Payment]) -> Iterable[Reading]:
    """The payments with their interval, in any order."""
    for before, paid in pairwise(sorted(payments, key=lambda p: p.at)):
        hours = _hours(before, paid)
        if 1 <= hours <= _LONGEST:
            key = ("funding.settled_8h", asset, "8h", venue)
            yield answer.reading(key, paid.rate * 100 * 8 / hours, Unit.PCT, paid.at, field_name=paid.time_name)


def _hours(before: Payment, paid: Payment) -> int:
    apart = paid.at - before.at
    hours = round(apart / _HOUR)
    if abs(apart - hours * _HOUR) > _JITTER:
        raise paid.row.bad(paid.time_name, f"two payments of one contract cannot be {apart} apart")
    if hours == 0 and paid.rate != before.rate:
        raise paid.row.bad(paid.time_name, f"two rates were paid then, {before.rate} and {paid.rate}")
    return hours
