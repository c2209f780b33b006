"""The shape of the past 24 hours: where the price started, where it turned, where it is; in: spot bars, out: at most three turning points.

A turning point is the high or low of a bar after which the price went the other way by a good part of the day's range. The bar's end is its
clock time: of four-hour bars the text says "in the four hours to". Does not say why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from newsgen.derive._bars import Bars, all_bars, bars_over, close_at
from newsgen.derive._figure import ASSET, DAY, Compute, computed, day_of, from_reading, history, numbered, utc_midnight
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Unit, from_epoch, to_epoch

__all__ = ["FIGURES"]

MOST = 3  # turning points; more are no shape
_SWINGS = (0.25, 0.35, 0.45, 0.55, 0.7, 0.85)  # shares of the day's range that count as a turn, the least first


@dataclass(frozen=True, slots=True)
class Turn:
    """A turning point: which extreme, of which bar; the row -1 is the start."""

    kind: Literal["high", "low"]
    row: int
    value: float


def turns_of(highs: Sequence[float], lows: Sequence[float], closes: Sequence[float], start: float) -> list[Turn]:
    """The turning points between a start and the last close, by the least swing that leaves at most three.

    Args:
        highs: Of the bars, oldest first; as are `lows` and `closes`.
        start: The price before the first bar.
    """
    points = _points(highs, lows, closes, start)
    span = max(p.value for p in points) - min(p.value for p in points)
    for share in _SWINGS if span > 0 else ():
        found = _zigzag(points, span * share)
        if len(found) <= MOST and len({turn.row for turn in found}) == len(found):  # which came first within one bar nobody knows
            return found
    return []


def _points(highs: Sequence[float], lows: Sequence[float], closes: Sequence[float], start: float) -> list[Turn]:
    """The way of the price as points: of a bar that rose the low came first, of one that fell the high."""
    points = [Turn("low", -1, start)]
    before = start
    for row, (high, low, close) in enumerate(zip(highs, lows, closes, strict=True)):
        both = [Turn("low", row, low), Turn("high", row, high)]
        points += both if close >= before else both[::-1]
        before = close
    return points


def _zigzag(points: Sequence[Turn], swing: float) -> list[Turn]:
    """The extremes from which the price went back by at least a swing; the start is none, nor is what lies within a swing of it."""
    found: list[Turn] = []
    top = bottom = points[0]
    for point in points:
        top = max(top, point, key=lambda p: p.value)
        bottom = min(bottom, point, key=lambda p: p.value)
        last = found[-1].kind if found else ""
        if last != "high" and top.value - point.value >= swing:
            found.append(Turn("high", top.row, top.value))
            top = bottom = point
        elif last != "low" and point.value - bottom.value >= swing:
            found.append(Turn("low", bottom.row, bottom.value))
            top = bottom = point
    if found and abs(found[0].value - points[0].value) < swing:
        del found[0]
    return found


def _turns(ask: Ask, asset: str) -> tuple[Bars, list[Reading], list[Turn]] | Absent:
    """The turning points of the past 24 hours with the readings they are."""
    return ask.memo(("turns", asset), lambda: _find_turns(ask, asset))


def _find_turns(ask: Ask, asset: str) -> tuple[Bars, list[Reading], list[Turn]] | Absent:
    found = bars_over(ask, asset)
    if isinstance(found, Absent):
        return found
    bars, rows = found
    start = close_at(ask, asset, bars.end - DAY)
    if isinstance(start, Absent):
        return start
    highs, lows, closes = ([float(run.decimal(i)) for i in rows] for run in (bars.high, bars.low, bars.close))
    turns = turns_of(highs, lows, closes, float(start.value))
    return bars, [bars.run(turn.kind).reading(rows[turn.row]) for turn in turns], turns


def _start(ask: Ask, asset: str) -> Figure | Absent:
    found = bars_over(ask, asset)
    before = found if isinstance(found, Absent) else close_at(ask, asset, found[0].end - DAY)
    if isinstance(before, Absent):
        return before
    return from_reading(
        "path.start", asset, before, window="24h", window_start=before.observed_at, window_end=before.observed_at + timedelta(days=1)
    )


def _turn(number: int) -> Compute:
    name = f"path.turn_{number}"

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        found = _turns(ask, asset)
        if isinstance(found, Absent):
            return found
        bars, readings, turns = found
        if len(turns) < number:
            return Absent(f"the price of {asset} turned {len(turns)} times in the past 24 hours")
        return from_reading(name, asset, readings[number - 1], label=turns[number - 1].kind, window=bars.window)

    return compute


def _turn_at(number: int) -> Compute:
    name = f"path.turn_{number}_at"

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        turn, found = ask.figure(f"path.turn_{number}", asset), bars_over(ask, asset)
        if isinstance(turn, Absent) or isinstance(found, Absent):
            return turn if isinstance(turn, Absent) else found if isinstance(found, Absent) else Absent("")
        return history(name, asset, Unit.MOMENT, turn.observed_at, "moment(i1)", [turn], label=found[0].window)

    return compute


def _week(name: str, part: Literal["high", "low"]) -> Compute:
    """The extreme of the last seven closed UTC days, of the daily bars."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        bars = next((b for b in all_bars(ask, asset) if b.window == "1d"), None)
        midnight = utc_midnight(ask.view.as_of_s)
        rows = bars.tile(midnight - 7 * DAY, midnight) if bars else Absent(f"no daily bars of {asset}")
        if bars is None or isinstance(rows, Absent):
            return rows if isinstance(rows, Absent) else Absent("")
        readings = [bars.run(part).reading(i) for i in rows]
        return computed(name, asset, Unit.USD, numbered("max" if part == "high" else "min", len(readings)), readings, window="7d",
                        window_start=from_epoch(midnight - 7 * DAY), window_end=from_epoch(midnight))  # fmt: skip

    return compute


def _week_at(name: str) -> Compute:
    """The UTC day of that extreme, the first of equals."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        extreme = ask.figure(name, asset)
        if isinstance(extreme, Absent):
            return extreme
        reading = next(r for r in extreme.inputs if isinstance(r, Reading) and r.value == extreme.value)
        return history(f"{name}_at", asset, Unit.DATE, day_of(to_epoch(reading.observed_at)), "day(i1)", [reading])

    return compute


def _fewer(number: int) -> str:
    return f"No bars tile the past 24 hours, or the price turned fewer than {number} times."


_PARTS: tuple[Literal["high", "low"], ...] = ("high", "low")
_NO_WEEK = "The daily bars do not tile the seven days to the last midnight."
_ORDINALS = ("first", "second", "third")
FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("path.start", Unit.USD, "The price 24 hours before the last bar.", ASSET, "No bars tile the past 24 hours.", _start, "24h",
               "118062.37"),
    *(FigureSpec(f"path.turn_{n}", Unit.USD, f"The {word} turning point of the past 24 hours; the label says high or low.", ASSET,
                 _fewer(n), _turn(n)) for n, word in enumerate(_ORDINALS, 1)),
    *(FigureSpec(f"path.turn_{n}_at", Unit.MOMENT, f"The end of the bar of the {word} turning point; the label is the bar's length.", ASSET,
                 _fewer(n), _turn_at(n)) for n, word in enumerate(_ORDINALS, 1)),
    *(FigureSpec(f"path.week_{part}", Unit.USD, f"The {part}est trade of the last seven closed UTC days.", ASSET, _NO_WEEK,
                 _week(f"path.week_{part}", part), "7d") for part in _PARTS),
    *(FigureSpec(f"path.week_{part}_at", Unit.DATE, "The UTC day of it.", ASSET, _NO_WEEK, _week_at(f"path.week_{part}"))
      for part in _PARTS),
)  # fmt: skip
