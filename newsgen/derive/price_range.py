"""A tight range and the way out of it; in: daily and finer spot bars and the last price, out: days, band, distance beyond it.

The range is that of the time before the past 24 hours: as many UTC days, counted back, as highs and lows stay within a band of five
percent. The way out is the last price beyond that band. Says nothing of how far the price goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from newsgen.derive._bars import Bars, all_bars, bars_of
from newsgen.derive._figure import ASSET, DAY, Compute, computed, from_reading, history, utc_midnight
from newsgen.derive._tracks import glance, known_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, SeriesRef, Unit, from_epoch

__all__ = ["BAND_PCT", "FIGURES"]

_NEAR = 1e-6
BAND_PCT = 5  # highest high over lowest low (editorial.md, angle 12)


@dataclass(frozen=True, slots=True)
class _Range:
    """The readings of the highest and the lowest trade, and how many UTC days they are of.

    Attributes:
        newest: Highest and lowest of the time after the last of these days, or of that day: where the count began.
    """

    high: Reading
    low: Reading
    days: int
    daily: Bars
    seam: int
    newest: tuple[Reading, Reading]


def _range(ask: Ask, asset: str) -> _Range | Absent:
    return ask.memo(("tight range", asset), lambda: _find_range(ask, asset))


def _find_range(ask: Ask, asset: str) -> _Range | Absent:
    bars = bars_of(ask, asset)
    daily = next((b for b in all_bars(ask, asset) if b.window == "1d"), None)
    if isinstance(bars, Absent) or daily is None:
        return bars if isinstance(bars, Absent) else Absent(f"no daily bars of {asset}")
    end = bars.end - DAY
    seam = utc_midnight(end)
    row = daily.close.index_of(seam)
    newest = _newest(bars, daily, seam, end, row)
    if row < 0 or newest is None:
        return Absent(f"bars of {asset} are missing before {from_epoch(end):%Y-%m-%d %H:%M} UTC")
    days = _days(daily, row, *newest)
    if not days:
        return Absent(f"{asset} did not keep within {BAND_PCT} percent for a day")
    rows = range(row - days + 1, row + 1)
    high = max([newest[0], daily.high.reading(max(rows, key=glance(daily.high).__getitem__))], key=lambda r: r.value)
    low = min([newest[1], daily.low.reading(min(rows, key=glance(daily.low).__getitem__))], key=lambda r: r.value)
    return _Range(high, low, days, daily, seam, newest)


def _newest(bars: Bars, daily: Bars, seam: int, end: int, row: int) -> tuple[Reading, Reading] | None:
    """Highest and lowest of the bars after the last midnight; at midnight, of the day that it ended."""
    if row < 0 or end == seam:
        return (daily.high.reading(row), daily.low.reading(row)) if row >= 0 else None
    if isinstance(bars.tile(seam, end), Absent):
        return None
    high, low = (known_of(run).until(end).after(seam).extreme(low=run is bars.low) for run in (bars.high, bars.low))
    return bars.high.reading(high), bars.low.reading(low)


def _days(daily: Bars, row: int, high: Reading, low: Reading) -> int:
    """How many days up to a row, that follow each other, keep within the band together with what came after them."""
    top, bottom, last = high.value, low.value, daily.close.at(row)
    for days in count():
        i = row - days
        if i < 0 or daily.close.at(i) != last - days * DAY:
            return days
        top, bottom = max(top, daily.high.decimal(i)), min(bottom, daily.low.decimal(i))
        if (top / bottom - 1) * 100 > BAND_PCT:
            return days
    raise AssertionError


def _length(ask: Ask, asset: str) -> Figure | Absent:
    found = _range(ask, asset)
    if isinstance(found, Absent):
        return found
    refs = [SeriesRef(run.key, found.seam) for run in (found.daily.high, found.daily.low)]
    return history("price.range_days", asset, Unit.DAYS, Decimal(found.days), f"tight_rows(i1, i2, i3, i4, {BAND_PCT})",
                   [*refs, *found.newest], label=f"{found.days}d")  # fmt: skip


def _quick_days(ask: Ask, asset: str) -> float | None:
    """The days, where the last daily bar has just closed and all bars are daily."""
    highs, lows = (ask.view.runs(f"spot.{part}", asset) for part in ("high", "low"))
    if len(highs) != 1 or len(lows) != 1 or highs[0].key.window != "1d" or len(highs[0]) != len(lows[0]):
        return None
    row, ups, downs = highs[0].index_of(utc_midnight(ask.view.as_of_s) - DAY), glance(highs[0]), glance(lows[0])
    top, bottom, days = 0.0, float("inf"), 0
    while row - days >= 0 and highs[0].at(row - days) == highs[0].at(row) - days * DAY:
        top, bottom = max(top, ups[row - days]), min(bottom, downs[row - days])
        width = (top / bottom - 1) * 100 if bottom else BAND_PCT
        if abs(width - BAND_PCT) <= _NEAR:
            return None
        if width > BAND_PCT:
            break
        days += 1
    return float(days) if days else None


def _edge(part: str) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        found = _range(ask, asset)
        if isinstance(found, Absent):
            return found
        return from_reading(f"price.range_{part}", asset, found.high if part == "high" else found.low, label=f"{found.days}d")

    return compute


def _band(ask: Ask, asset: str) -> Figure | Absent:
    high, low = ask.figure("price.range_high", asset), ask.figure("price.range_low", asset)
    if isinstance(high, Absent) or isinstance(low, Absent):
        return high if isinstance(high, Absent) else low if isinstance(low, Absent) else Absent("")
    return computed("price.range_band_pct", asset, Unit.PCT, "pct_change(i1, i2)", [high, low], label=high.label)


def _exit(ask: Ask, asset: str) -> Figure | Absent:
    last, high, low = (ask.figure(f"price.{name}", asset) for name in ("last", "range_high", "range_low"))
    if isinstance(last, Absent) or isinstance(high, Absent) or isinstance(low, Absent):
        return last if isinstance(last, Absent) else high if isinstance(high, Absent) else low if isinstance(low, Absent) else Absent("")
    if low.number <= last.number <= high.number:
        return Absent(f"{asset} stands within the range of the {high.label[:-1]} days before")
    edge = high if last.number > high.number else low
    return computed("price.range_exit_gap_pct", asset, Unit.PCT, "pct_change(i1, i2)", [last, edge])


_NONE = "No bars that tile the time before the past 24 hours, or not one day within five percent."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str = _NONE) -> FigureSpec:
    return FigureSpec(f"price.range_{name}", unit, meaning, ASSET, absent, compute, "", example,
                      quick=_quick_days if name == "days" else None)  # fmt: skip


FIGURES: tuple[FigureSpec, ...] = (
    _spec("days", Unit.DAYS, "How many UTC days before the past 24 hours kept within five percent, highest over lowest.", _length, "12"),
    _spec("high", Unit.USD, "The highest trade of those days.", _edge("high"), "109700"),
    _spec("low", Unit.USD, "The lowest trade of those days.", _edge("low"), "105100"),
    _spec("band_pct", Unit.PCT, "The one over the other.", _band, "4.4"),
    _spec("exit_gap_pct", Unit.PCT, "How far the last price stands above that range, or below it (negative).", _exit, "1.2",
          "The price stands within the range, or as before."),
)  # fmt: skip
