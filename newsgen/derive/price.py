"""Price figures: last, range, changes over windows; in: Binance spot bars, out: figures in dollars and percent.

A 24-hour window ends at the last closed bar and is tiled by bars. A change is the last price against the close one window earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import fsum, sqrt
from typing import Any

from newsgen.derive._bars import all_bars, bars_of, bars_over, change_pieces, close_at, exchange_of, quick_bars, recent_changes
from newsgen.derive._figure import (
    ASSET,
    DAY,
    FRESH_S,
    Compute,
    computed,
    day_of,
    from_reading,
    history,
    numbered,
    ref,
    utc_midnight,
)
from newsgen.derive._formula import rounded
from newsgen.derive._tracks import changes_at, glance, known_of, ranges, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit, from_epoch, iso, to_epoch

__all__ = ["FIGURES"]

_DEVIATION_DAYS = 30
_TRAIL_DAYS = {"7d": 7, "30d": 30, "90d": 90}
_PERIODS = {"mtd": "month", "ytd": "year"}


def _ticker(ask: Ask, asset: str) -> Reading | None:
    """The ticker's last price, when it is fresh and newer than the last bar."""
    run = next(iter(ask.view.runs("spot.last", asset, source=exchange_of(ask, asset))), None)
    if run is None or ask.view.as_of_s - run.at(-1) > FRESH_S:
        return None
    bars = bars_of(ask, asset)
    return None if not isinstance(bars, Absent) and bars.end >= run.at(-1) else run.reading(-1)


def _last_reading(ask: Ask, asset: str) -> Reading | Absent:
    ticker, bars = _ticker(ask, asset), bars_of(ask, asset)
    return ticker or (bars if isinstance(bars, Absent) else bars.close.reading(-1))


def _last(ask: Ask, asset: str) -> Figure | Absent:
    reading = ask.memo(("last", asset), lambda: _last_reading(ask, asset))
    return reading if isinstance(reading, Absent) else from_reading("price.last", asset, reading)


def _last_trail(ask: Ask, asset: str) -> Trail | Absent:
    """The closes of the UTC days before the last price."""
    last, daily = ask.figure("price.last", asset), next((b.close for b in all_bars(ask, asset) if b.window == "1d"), None)
    if isinstance(last, Absent) or daily is None:
        return last if isinstance(last, Absent) else Absent(f"no daily bars of {asset}")
    return trail_of([known_of(daily)], to_epoch(last.observed_at) - 1)


def _extreme_24h(name: str, operation: str) -> Compute:
    """The ticker counts too: a price seen after the last bar lies between the extremes as well."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        found = bars_over(ask, asset)
        if isinstance(found, Absent):
            return found
        bars, rows = found
        run = bars.high if operation == "max" else bars.low
        ticker = _ticker(ask, asset)
        readings = [run.reading(i) for i in rows] + ([ticker] if ticker else [])
        return computed(name, asset, Unit.USD, numbered(operation, len(readings)), readings, window="24h",
                        window_start=from_epoch(bars.end - DAY), window_end=from_epoch(bars.end))  # fmt: skip

    return compute


def _range(ask: Ask, asset: str) -> Figure | Absent:
    high, low = ask.figure("price.high_24h", asset), ask.figure("price.low_24h", asset)
    if isinstance(high, Absent) or isinstance(low, Absent):
        return high if isinstance(high, Absent) else low if isinstance(low, Absent) else Absent("")
    return computed("price.range_24h", asset, Unit.PCT, "pct_change(i1, i2)", [high, low], window="24h",
                    window_start=high.window_start, window_end=high.window_end)  # fmt: skip


def _range_trail(ask: Ask, asset: str) -> Trail | Absent:
    """Ranges of 24 hours that end at the same clock time; before these bars begin, the ranges of UTC days."""
    bars = bars_of(ask, asset)
    if isinstance(bars, Absent):
        return bars
    known = ranges(bars.high, bars.low, DAY // bars.seconds, bars.end % DAY).until(bars.end - DAY)
    daily = next((b for b in all_bars(ask, asset) if b.window == "1d"), None)
    if daily is None or daily is bars or not len(known):
        return trail_of([known], bars.end - DAY)
    return trail_of([ranges(daily.high, daily.low, 1, 0).until(known.start - DAY), known], bars.end - DAY)


def _day(name: str, part: str) -> Compute:
    """A part of the last closed UTC day: from its daily bar, or from the finer bars that tile it."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        midnight = utc_midnight(ask.view.as_of_s)
        span: dict[str, Any] = {"window": "day", "window_start": from_epoch(midnight - DAY), "window_end": from_epoch(midnight)}
        for bars in reversed(all_bars(ask, asset)):
            rows = bars.tile(midnight - DAY, midnight)
            if isinstance(rows, Absent):
                continue
            if part == "close" or len(rows) == 1:
                return from_reading(name, asset, _part(bars, part).reading(rows[-1]), **span)
            operation = "max" if part == "high" else "min"
            readings = [_part(bars, part).reading(i) for i in rows]
            return computed(name, asset, Unit.USD, numbered(operation, len(rows)), readings, **span)
        return Absent(f"no bars of {asset} for the UTC day that ended at {iso(from_epoch(midnight))}")

    return compute


def _part(bars: object, part: str) -> Run:
    run: Run = getattr(bars, part)
    return run


def _change(window: str, base_of: Callable[[int], int]) -> Compute:
    """The window ends at the last closed bar, also when a ticker gives a newer last price."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        last, bars = ask.figure("price.last", asset), bars_of(ask, asset)
        if isinstance(last, Absent) or isinstance(bars, Absent):
            return last if isinstance(last, Absent) else bars if isinstance(bars, Absent) else Absent("")
        start = base_of(bars.end)
        if start == bars.end:
            return Absent(f"the {_PERIODS[window]} of {asset} has only just begun")
        before = close_at(ask, asset, start)
        if isinstance(before, Absent):
            return before
        return computed(f"price.change_{window}", asset, Unit.PCT, "pct_change(i1, i2)", [last, before], window=window,
                        window_start=from_epoch(start), window_end=from_epoch(bars.end), observed_at=last.observed_at)  # fmt: skip

    return compute


def _back(seconds: int) -> Callable[[int], int]:
    return lambda end: end - seconds


def _first_of(month: bool) -> Callable[[int], int]:
    """Start of the month or year of a moment."""

    def base(end: int) -> int:
        at = from_epoch(end)
        return to_epoch(datetime(at.year, at.month if month else 1, 1, tzinfo=UTC))

    return base


def _change_trail(ask: Ask, asset: str) -> Trail | Absent:
    """Daily changes at the same clock time; before these bars begin, the changes of UTC days."""
    bars = bars_of(ask, asset)
    found = bars if isinstance(bars, Absent) else change_pieces(ask, asset, bars.end)
    if isinstance(bars, Absent) or isinstance(found, Absent):
        return bars if isinstance(bars, Absent) else found if isinstance(found, Absent) else Absent("")
    _, known, older = found
    return trail_of([older, known] if older else [known], bars.end - DAY)


def _quick_change(ask: Ask, asset: str) -> float | Absent | None:
    """The 24-hour change from the last two closes that matter."""
    found = quick_bars(ask, asset)
    if found is None:
        return None
    run, before = found
    values = glance(run)
    return (values[len(run) - 1] / values[before] - 1) * 100 if values[before] else None


def _quick_range(ask: Ask, asset: str) -> float | None:
    """The range of the past 24 hours, of bars alone."""
    found = quick_bars(ask, asset)
    if found is None:
        return None
    closes, before = found
    highs, lows = (ask.view.runs(f"spot.{part}", asset, window=closes.key.window) for part in ("high", "low"))
    if len(highs) != 1 or len(lows) != 1 or not len(highs[0]) == len(lows[0]) == len(closes):
        return None
    rows = slice(before + 1, len(closes))
    low = min(glance(lows[0])[rows])
    return (max(glance(highs[0])[rows]) / low - 1) * 100 if low else None


def _quick_day(ask: Ask, asset: str) -> float | None:
    """The change over the last closed UTC day, of daily bars."""
    midnight = utc_midnight(ask.view.as_of_s)
    closes = ask.view.runs("spot.close", asset, window="1d")
    before = closes[0].index_of(midnight - DAY) if len(closes) == 1 and closes[0].at(-1) == midnight else -1
    if before < 0:
        return None
    values = glance(closes[0])
    return (values[len(closes[0]) - 1] / values[before] - 1) * 100 if values[before] else None


def _days_trail(days: int) -> Callable[[Ask, str], Trail | Absent]:
    """Changes over so many UTC days, of windows that ended before the present one began."""

    def trail(ask: Ask, asset: str) -> Trail | Absent:
        last, daily = ask.figure("price.last", asset), next((b.close for b in all_bars(ask, asset) if b.window == "1d"), None)
        if isinstance(last, Absent) or daily is None:
            return last if isinstance(last, Absent) else Absent(f"no daily bars of {asset}")
        return trail_of([changes_at(daily, 0, days)], to_epoch(last.observed_at) - days * DAY)

    return trail


def _change_day(ask: Ask, asset: str) -> Figure | Absent:
    midnight = utc_midnight(ask.view.as_of_s)
    now, before = close_at(ask, asset, midnight), close_at(ask, asset, midnight - DAY)
    if isinstance(now, Absent) or isinstance(before, Absent):
        return now if isinstance(now, Absent) else before if isinstance(before, Absent) else Absent("")
    return computed("price.change_day", asset, Unit.PCT, "pct_change(i1, i2)", [now, before], window="day",
                    window_start=from_epoch(midnight - DAY), window_end=from_epoch(midnight))  # fmt: skip


def _ytd_base_at(ask: Ask, asset: str) -> Figure | Absent:
    change = ask.figure("price.change_ytd", asset)
    if isinstance(change, Absent):
        return change
    before = change.inputs[1]
    if not isinstance(before, Reading):
        return Absent(f"the base of the year of {asset} is no reading")
    day = day_of(to_epoch(before.observed_at))
    return history("price.ytd_base_at", asset, Unit.DATE, day, "day(i1)", [before])


def _deviation(ask: Ask, asset: str) -> Figure | Absent:
    """Over the 30 daily changes that end at the same clock time, the last one a day before the present window ends."""
    bars = bars_of(ask, asset)
    if isinstance(bars, Absent):
        return bars
    until = bars.end - DAY
    past = recent_changes(bars.close, until, _DEVIATION_DAYS)
    base = bars.close.index_of(until)
    if base < 0 or len(past) < 0.95 * _DEVIATION_DAYS:
        return Absent(f"only {len(past)} daily changes of {asset} in the {_DEVIATION_DAYS} days before")
    formula = f"stdev(last_days(changes(clock(i1)), {_DEVIATION_DAYS}))"
    return history("price.sd_30d", asset, Unit.PCT, rounded(_stdev(past)), formula, [ref(bars.close, until), bars.close.reading(base)],
                   window="30d",
                   window_start=from_epoch(until - _DEVIATION_DAYS * DAY), window_end=from_epoch(until),
                   archive_start=day_of(bars.close.at(0)))  # fmt: skip


def _stdev(values: Sequence[float]) -> float:
    """Sample standard deviation; much faster than the library's, which works in fractions."""
    mean = fsum(values) / len(values)
    return sqrt(fsum((v - mean) ** 2 for v in values) / (len(values) - 1))


def _zscore(ask: Ask, asset: str) -> Figure | Absent:
    change, deviation = ask.figure("price.change_24h", asset), ask.figure("price.sd_30d", asset)
    if isinstance(change, Absent) or isinstance(deviation, Absent):
        return change if isinstance(change, Absent) else deviation if isinstance(deviation, Absent) else Absent("")
    return computed("price.zscore_24h", asset, Unit.RATIO, "i1 / i2", [change, deviation], window="24h")


_MISSING = "No bars that tile the window, or the last bar closed more than ten minutes before as_of."
_NO_BASE = "No spot close at the start of the window, or no last price."


def _change_spec(window: str, base: Callable[[int], int], meaning: str, example: str = "2.88") -> FigureSpec:
    quick = _quick_change if window == "24h" else None
    trail = _change_trail if window == "24h" else _days_trail(_TRAIL_DAYS[window]) if window in _TRAIL_DAYS else None
    return FigureSpec(f"price.change_{window}", Unit.PCT, meaning, ASSET, _NO_BASE, _change(window, base), window, example, trail, quick)


FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("price.last", Unit.USD, "The last spot price on Binance.", ASSET, _MISSING, _last, "", "121467.24", _last_trail),
    FigureSpec("price.high_24h", Unit.USD, "The highest trade of the past 24 hours.", ASSET, _MISSING,
               _extreme_24h("price.high_24h", "max"), "24h", "123218"),
    FigureSpec("price.low_24h", Unit.USD, "The lowest trade of the past 24 hours.", ASSET, _MISSING,
               _extreme_24h("price.low_24h", "min"), "24h", "117989.53"),
    FigureSpec("price.range_24h", Unit.PCT, "The 24-hour high over the 24-hour low.", ASSET, _MISSING, _range, "24h", "4.43",
               _range_trail, _quick_range),
    FigureSpec("price.high_day", Unit.USD, "The highest trade of the last closed UTC day.", ASSET, "No bars tile the day.",
               _day("price.high_day", "high"), "day", "119488"),
    FigureSpec("price.low_day", Unit.USD, "The lowest trade of the last closed UTC day.", ASSET, "No bars tile the day.",
               _day("price.low_day", "low"), "day", "117224.79"),
    FigureSpec("price.close_day", Unit.USD, "The last trade of the last closed UTC day.", ASSET, "No bars tile the day.",
               _day("price.close_day", "close"), "day", "119086.64"),
    _change_spec("1h", _back(3600), "The last price against that of an hour earlier."),
    _change_spec("24h", _back(DAY), "The last price against that of 24 hours earlier."),
    _change_spec("7d", _back(7 * DAY), "The last price against that of seven days earlier."),
    _change_spec("30d", _back(30 * DAY), "The last price against that of 30 days earlier."),
    _change_spec("90d", _back(90 * DAY), "The last price against that of 90 days earlier."),
    _change_spec("365d", _back(365 * DAY), "The last price against that of 365 days earlier."),
    _change_spec("mtd", _first_of(month=True), "The last price against the close of the month before, UTC."),
    _change_spec("ytd", _first_of(month=False), "The last price against the close of December 31, UTC."),
    FigureSpec("price.ytd_base_at", Unit.DATE, "The day whose close the change of the year counts from.", ASSET, _NO_BASE,
               _ytd_base_at, "", "2024-12-31"),
    FigureSpec("price.change_day", Unit.PCT, "The change over the last closed UTC day.", ASSET, _NO_BASE, _change_day, "day", "1.42",
               quick=_quick_day),
    FigureSpec("price.sd_30d", Unit.PCT, "The standard deviation of the 30 daily changes before the past 24 hours.", ASSET,
               "Fewer than 29 daily changes in those 30 days.", _deviation, "30d", "1.6"),
    FigureSpec("price.zscore_24h", Unit.RATIO, "The 24-hour change over that deviation.", ASSET, "One of the two is absent.",
               _zscore, "24h", "1.8"),
)  # fmt: skip
