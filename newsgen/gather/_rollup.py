"""Streamed liquidations by the minute; in: orders and the moments at which a stream was heard, out: readings of closed minutes.

A minute is closed once it is over, its grace has run out, and the stream has been heard since or is known to be lost: silence is no proof
of a connection. What came twice counts once, what comes after its minute was closed is left out and counted. Everything is a lower bound:
a gap, an order that could not be read and a venue that pushes one order a second hide some. Memory holds a few open minutes, whatever
comes. Reads no clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from newsgen.gather._source import ForcedOrder
from newsgen.gather._stream import ENDPOINT
from newsgen.market import Completeness, Origin, Reading, SeriesKey, Unit, from_epoch

__all__ = ["MOST_ORDERS", "Rollup"]

_MINUTE_S, _MINUTE_MS = 60, 60_000
_AHEAD = timedelta(minutes=5)  # clocks differ
_GRACE_MS = 5000
_LONGEST_MS = 90_000  # without a word between two: whoever listened was asleep
_LONGEST_GAP = 1440  # minutes of a gap that are told one by one
MOST_ORDERS = 50_000  # of one minute; more cannot be told apart and is left out


@dataclass(slots=True)
class _Minute:
    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)  # by asset and side
    known: set[int] = field(default_factory=set)  # what tells the orders apart, as hashes: a venue's words may be long
    heard_ms: int = 0
    torn: bool = False  # something of it could not be read, or there was no room for it

    @property
    def followed_s(self) -> int:
        """Whole seconds; none of a minute of which something was sent and is not counted."""
        return 0 if self.torn else min(self.heard_ms // 1000, _MINUTE_S)  # a clock that is set back counts twice


@dataclass(slots=True)
class Rollup:
    """The open minutes of one stream."""

    source: str
    venue: str
    title: str  # as it is printed
    assets: Collection[str]  # the others are left out
    start: datetime
    counts: Counter[str] = field(default_factory=Counter)  # taken, repeated, late, ahead, crowded
    _minutes: dict[int, _Minute] = field(default_factory=dict)
    _next: int = 0  # the first minute that is not closed
    _heard: int | None = None  # milliseconds; None: not connected

    def __post_init__(self) -> None:
        self._next = _ms(self.start) // _MINUTE_MS

    def heard(self, at: datetime) -> None:
        """The stream spoke: it was followed from the last time until now."""
        now = _ms(at)
        if self._heard is not None and 0 <= now - self._heard <= _LONGEST_MS:
            for minute, ms in _parts(self._heard, now):
                if minute >= self._next:
                    self._open(minute).heard_ms += ms
        self._heard = now

    def lost(self) -> None:
        """The connection is gone; what was followed ends where it was last heard."""
        self._heard = None

    def unreadable(self, at: datetime) -> None:
        """Something came that could not be read: its minute is not wholly followed."""
        minute = _ms(at) // _MINUTE_MS
        if minute >= self._next:
            self._open(minute).torn = True

    def take(self, orders: Iterable[ForcedOrder], at: datetime) -> None:
        """Count orders that came at a moment."""
        for order in orders:
            if order.asset in self.assets:
                self.counts[self._take(order, at)] += 1

    def _take(self, order: ForcedOrder, at: datetime) -> str:
        minute = _ms(order.at) // _MINUTE_MS
        if minute < self._next:
            return "late"
        if order.at > at + _AHEAD:
            return "ahead"
        held, name = self._open(minute), hash(order.order)
        if name in held.known:
            return "repeated"
        if len(held.known) >= MOST_ORDERS:
            held.torn = True
            return "crowded"
        held.known.add(name)
        key = (order.asset, order.side)
        held.sums[key] = held.sums.get(key, Decimal(0)) + order.usd
        return "taken"

    def close(self, now: datetime) -> list[Reading]:
        """The readings of the minutes that have become complete."""
        end = min(_ms(now) - _GRACE_MS, _ms(now) if self._heard is None else self._heard) // _MINUTE_MS
        return self._close_until(end, now)

    def flush(self, now: datetime) -> list[Reading]:
        """The readings of everything up to now, the running minute as far as it was followed: nobody listens any more."""
        self.lost()
        return self._close_until(_ms(now) // _MINUTE_MS + 1, now)

    def _close_until(self, end: int, now: datetime) -> list[Reading]:
        first, self._next = max(self._next, end - _LONGEST_GAP), max(self._next, end)
        readings = [r for minute in range(first, end) for r in self._readings(minute, self._minutes.get(minute, _Minute()), now)]
        for minute in [m for m in self._minutes if m < self._next]:
            del self._minutes[minute]
        return readings

    def _readings(self, minute: int, held: _Minute, now: datetime) -> Sequence[Reading]:
        end = from_epoch((minute + 1) * _MINUTE_S)
        known = max(now, end)
        whole = Completeness.FINAL if held.followed_s == _MINUTE_S else Completeness.PARTIAL
        followed = Reading(self._key("followed_s", "market"), Decimal(held.followed_s), Unit.COUNT, end, known,
                           Origin(ENDPOINT, self.title, completeness=whole))  # fmt: skip
        origin = Origin(ENDPOINT, self.title, completeness=whole, bound="at_least")
        sums = sorted(held.sums.items())
        return [followed, *(Reading(self._key(f"bucket_{s}", a), usd, Unit.USD, end, known, origin) for (a, s), usd in sums)]

    def _key(self, series: str, subject: str) -> SeriesKey:
        return SeriesKey(f"liq.{series}", subject, "1m", self.source, self.venue)

    def _open(self, minute: int) -> _Minute:
        return self._minutes.setdefault(minute, _Minute())


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _parts(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The minutes of a span with how much of it falls into each."""
    while first < last:
        minute = first // _MINUTE_MS
        end = min(last, (minute + 1) * _MINUTE_MS)
        yield minute, end - first
        first = end
