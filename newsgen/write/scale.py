"""Where things stand on a chart: round ticks, days on a time axis, points of a line; in: numbers, out: positions. Pure geometry.

Positions are rounded to a tenth of a unit, so that the same data gives the same bytes. Knows no words and prints no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from zoneinfo import ZoneInfo

__all__ = ["Axis", "Tick", "apart", "day_ticks", "heights", "round_ticks", "segments", "tenth"]

_ROUND = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_DAY_STEPS = (1, 2, 3, 7, 14)
_MONTH_STEPS = (1, 2, 3, 6, 12)


def tenth(value: float) -> str:
    """A position as it is written: one decimal at most, never "-0"."""
    return f"{round(value, 1) + 0.0:g}"


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps values to positions; `first` may stand below `last` on the page, as on a vertical axis."""

    low: float
    high: float
    first: float
    last: float

    def at(self, value: float) -> float:
        return self.first + (value - self.low) / (self.high - self.low) * (self.last - self.first)


def round_ticks(low: float, high: float, most: int = 5) -> list[Decimal]:
    """Round numbers (1, 2, 2.5, 5 times a power of ten) within the bounds, as many as there is room for, at least two where they differ."""
    span = Decimal(repr(high)) - Decimal(repr(low))
    if span <= 0:
        return [Decimal(repr(low)).normalize()]
    power = Decimal(1).scaleb((span / most).adjusted())
    for step in (part * power * scale for scale in (1, 10) for part in _ROUND):
        first = (Decimal(repr(low)) / step).to_integral_value(ROUND_CEILING)
        last = (Decimal(repr(high)) / step).to_integral_value(ROUND_FLOOR)
        if last - first + 1 <= most:
            return [i * step for i in range(int(first), int(last) + 1)]
    return []


@dataclass(frozen=True, slots=True)
class Tick:
    """A midnight on a time axis; of a step of months only the month is told."""

    at: int  # epoch seconds
    day: date
    monthly: bool = False


def day_ticks(start: int, end: int, zone: str, most: int) -> list[Tick]:
    """Midnights of the zone between two moments (epoch seconds): every so many days, else firsts of months."""
    where = ZoneInfo(zone)
    first, last = (datetime.fromtimestamp(moment, where).date() for moment in (start, end))
    midnights = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    within = [t for d in midnights if start <= (t := Tick(int(datetime(d.year, d.month, d.day, tzinfo=where).timestamp()), d)).at <= end]
    for step in _DAY_STEPS:
        chosen = within[::-1][::step][::-1]
        if len(chosen) <= most:
            return chosen
    firsts = [Tick(t.at, t.day, True) for t in within if t.day.day == 1]
    for step in _MONTH_STEPS:
        chosen = [t for t in firsts if (t.day.month - 1) % step == 0]
        if len(chosen) <= most:
            return chosen
    return chosen[:: -(-len(chosen) // most)]


def segments(points: Sequence[tuple[int, float]], gap_s: float, x: Axis, y: Axis) -> list[list[tuple[float, float]]]:
    """The points of a line on the page, broken where two lie more than `gap_s` apart."""
    found: list[list[tuple[float, float]]] = []
    before = None
    for moment, value in points:
        if before is None or moment - before > gap_s:
            found.append([])
        found[-1].append((x.at(moment), y.at(value)))
        before = moment
    return found


def heights(values: Sequence[float], most: int = 60) -> tuple[int, ...]:
    """A line without axes: at most so many heights from 0 (lowest) to 100, the last value always among them."""
    if len(values) < 2 or min(values) == max(values):
        return ()
    count = min(most, len(values))
    chosen = [values[round(i * (len(values) - 1) / (count - 1))] for i in range(count)]
    low, high = min(chosen), max(chosen)
    return tuple(round((v - low) / (high - low) * 100) for v in chosen)


def apart(wanted: Sequence[float], room: float, first: float, last: float) -> list[float]:
    """Positions moved as little as needed so that neighbours are `room` apart and all lie within the bounds."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    floor = first
    for i in order:
        placed[i] = floor = max(wanted[i], floor)
        floor += room
    ceiling = last
    for i in reversed(order):
        placed[i] = ceiling = min(placed[i], ceiling)
        ceiling -= room
    return placed
