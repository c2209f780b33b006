"""How much of a fast fall has been made up again; in: spot bars of the past three days and the day before, out: from, low, share.

The low is the lowest trade of the past 72 hours, the height of the fall the highest trade of the bars that ended in the 24 hours before the
bar with that low. Which came first within one bar nobody knows, so that bar's own high does not count. A crash is judged by closes: the
deepest change over 24 hours that ended in those 72 hours.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsgen.derive._bars import Bars, bars_of
from newsgen.derive._figure import ASSET, DAY, Compute, computed, day_of, from_reading, history
from newsgen.derive._tracks import known_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Unit, from_epoch, to_epoch

__all__ = ["FIGURES"]

_HOURS_72 = 3 * DAY


@dataclass(frozen=True, slots=True)
class _Fall:
    """The two extremes of a fall, and the bars that they are from."""

    high: Reading
    low: Reading
    bars: Bars


def _fall(ask: Ask, asset: str) -> _Fall | Absent:
    return ask.memo(("fall", asset), lambda: _find_fall(ask, asset))


def _find_fall(ask: Ask, asset: str) -> _Fall | Absent:
    bars = bars_of(ask, asset)
    tiled = bars if isinstance(bars, Absent) else bars.tile(bars.end - _HOURS_72 - DAY, bars.end)
    if isinstance(bars, Absent) or isinstance(tiled, Absent):
        return bars if isinstance(bars, Absent) else tiled if isinstance(tiled, Absent) else Absent("")
    low = known_of(bars.low).after(bars.end - _HOURS_72).extreme(low=True)
    at = bars.low.at(low)
    high = known_of(bars.high).until(at - 1).after(at - DAY - 1).extreme(low=False)
    if bars.high.decimal(high) <= bars.low.decimal(low):
        return Absent(f"{asset} did not fall to its low of the past 72 hours")
    return _Fall(bars.high.reading(high), bars.low.reading(low), bars)


def _edge(part: str) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        fall = _fall(ask, asset)
        if isinstance(fall, Absent):
            return fall
        return from_reading(f"price.rebound_{part}", asset, fall.high if part == "high" else fall.low, label="3d")

    return compute


def _at(part: str) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        fall = _fall(ask, asset)
        if isinstance(fall, Absent):
            return fall
        reading = fall.high if part == "high" else fall.low
        return history(f"price.rebound_{part}_at", asset, Unit.DATE, day_of(to_epoch(reading.observed_at)), "day(i1)", [reading])

    return compute


def _drop(ask: Ask, asset: str) -> Figure | Absent:
    fall = _fall(ask, asset)
    if isinstance(fall, Absent):
        return fall
    return computed("price.rebound_drop_change", asset, Unit.PCT, "pct_change(i1, i2)", [fall.low, fall.high])


def _from_last(name: str, formula: str) -> Compute:
    """A figure of the last price, the low and the high."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        last, low, high = (ask.figure(f"price.{n}", asset) for n in ("last", "rebound_low", "rebound_high"))
        if isinstance(last, Absent) or isinstance(low, Absent) or isinstance(high, Absent):
            return (
                last if isinstance(last, Absent) else low if isinstance(low, Absent) else high if isinstance(high, Absent) else Absent("")
            )
        return computed(name, asset, Unit.PCT, formula, [last, low, high] if "i3" in formula else [last, low])

    return compute


def _deepest(run: Run, first: int, step: int, end: int) -> tuple[int, int]:
    """Rows of the two closes, a day apart, of the deepest change among those that end from `first` on."""
    floats = run.floats
    pairs = [(run.index_of(at), run.index_of(at - DAY)) for at in range(first, end + 1, step)]
    return min(pairs, key=lambda p: floats[p[0]] / floats[p[1]])


def _crash(ask: Ask, asset: str) -> Figure | Absent:
    fall = _fall(ask, asset)
    if isinstance(fall, Absent):
        return fall
    bars = fall.bars
    now, before = _deepest(bars.close, bars.end - _HOURS_72 + bars.seconds, bars.seconds, bars.end)
    end = bars.close.at(now)
    pair = [bars.close.reading(now), bars.close.reading(before)]
    return computed("price.rebound_crash_change", asset, Unit.PCT, "pct_change(i1, i2)", pair, window="24h",
                    window_start=from_epoch(end - DAY), window_end=from_epoch(end))  # fmt: skip


_NONE = "The bars of the past four days do not tile them, or no fresh bars."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str) -> FigureSpec:
    return FigureSpec(f"price.rebound_{name}", unit, meaning, ASSET, _NONE, compute, "", example)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("high", Unit.USD, "The highest trade of the 24 hours before the bar with the low of the past 72 hours.", _edge("high"),
          "61062.99"),
    _spec("low", Unit.USD, "The lowest trade of the past 72 hours.", _edge("low"), "49000"),
    _spec("high_at", Unit.DATE, "The UTC day of that high.", _at("high"), "2024-08-04"),
    _spec("low_at", Unit.DATE, "The UTC day of that low.", _at("low"), "2024-08-05"),
    _spec("drop_change", Unit.PCT, "The change from that high to that low.", _drop, "-19.8"),
    _spec("crash_change", Unit.PCT, "The deepest change over 24 hours, close to close, that ended in the past 72 hours.", _crash, "-15.3"),
    _spec("share", Unit.PCT, "How much of the way from the low back to the high the last price has made up.",
          _from_last("price.rebound_share", "(i1 - i2) / (i3 - i2) * 100"), "58.2"),
    _spec("rise_change", Unit.PCT, "The last price against that low.",
          _from_last("price.rebound_rise_change", "pct_change(i1, i2)"), "14.3"),
)  # fmt: skip
