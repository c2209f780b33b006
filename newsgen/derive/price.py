"""Price figures: last, range, changes over windows; in: Binance spot bars, out: figures in dollars and percent.

A 24-hour window ends at the last closed bar and is tiled by bars. A change is the last price against the close one window earlier.
"""

from __future__ import annotations

from collections.abc import Callable

from newsgen.derive._figure import (
    DAY,
    FRESH_S,
    all_bars,
    bars_of,
    close_at,
    computed,
    daily_changes,
    day_of,
    from_reading,
    history,
    month_start,
    ref,
    spec_kinds,
    stdev,
    trail_of_changes,
    utc_midnight,
    year_start,
    year_trail,
)
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit, from_epoch, iso

__all__ = ["FIGURES"]

ASSET = spec_kinds["asset"]


def _last_reading(ask: Ask, asset: str) -> Reading | Absent:
    ticker = ask.view.run("spot.last", asset, source="binance")
    bars = bars_of(ask, asset)
    if (
        isinstance(ticker, Run)
        and ask.view.as_of_s - ticker.observed[-1] <= FRESH_S
        and not (not isinstance(bars, Absent) and bars.end >= ticker.observed[-1])
    ):
        return ticker.reading(-1)
    return bars if isinstance(bars, Absent) else bars.close.reading(-1)


def _last(ask: Ask, asset: str) -> Figure | Absent:
    reading = ask.memo(("last", asset), lambda: _last_reading(ask, asset))
    return reading if isinstance(reading, Absent) else from_reading("price.last", asset, reading)


def _extreme_24h(name: str, part: str) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        bars = bars_of(ask, asset)
        if isinstance(bars, Absent):
            return bars
        rows = bars.tile(bars.end, DAY)
        if isinstance(rows, Absent):
            return rows
        run = bars.high if part == "max" else bars.low
        readings = [run.reading(i) for i in rows]
        formula = f"{part}({', '.join(f'i{k}' for k in range(1, len(readings) + 1))})"
        return computed(name, asset, Unit.USD, formula, readings, window="24h", completeness=readings[0].origin.completeness,
                        window_start=from_epoch(bars.end - DAY), window_end=from_epoch(bars.end))  # fmt: skip

    return compute


def _range(ask: Ask, asset: str) -> Figure | Absent:
    high, low = ask.figure("price.high_24h", asset), ask.figure("price.low_24h", asset)
    if isinstance(high, Absent) or isinstance(low, Absent):
        return high if isinstance(high, Absent) else low if isinstance(low, Absent) else Absent("")
    return computed("price.range_24h", asset, Unit.PCT, "pct_change(i1, i2)", [high, low], window="24h")


def _range_trail(ask: Ask, asset: str) -> Trail | Absent:
    bars = bars_of(ask, asset)
    if isinstance(bars, Absent):
        return bars
    at, values = [], []
    per_day = DAY // bars.seconds
    observed, high, low = bars.high.observed, bars.high.floats, bars.low.floats
    for end in range(len(observed) - 1 - per_day, per_day - 2, -per_day):
        rows = slice(end - per_day + 1, end + 1)
        if observed[end] - observed[rows.start] == DAY - bars.seconds:
            at.append(observed[end])
            values.append((max(high[rows]) / min(low[rows]) - 1) * 100)
    return year_trail(at[::-1], values[::-1], bars.end - DAY) if at else Absent("no past ranges")


def _day(name: str, part: str) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        midnight = utc_midnight(ask.view.as_of_s)
        for bars in reversed(all_bars(ask, asset)):
            run: Run = getattr(bars, part)
            i = run.index_of(midnight)
            if bars.window == "1d" and i >= 0:
                return from_reading(name, asset, run.reading(i), window="day")
            if part == "close" and i >= 0:
                return from_reading(name, asset, run.reading(i), window="day")
        return Absent(f"no bar of {asset} for the UTC day that ended at {iso(from_epoch(midnight))}")

    return compute


def _change(window: str, base: Callable[[Ask, int], int]) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        last = ask.figure("price.last", asset)
        bars = bars_of(ask, asset)
        if isinstance(last, Absent) or isinstance(bars, Absent):
            return last if isinstance(last, Absent) else bars if isinstance(bars, Absent) else Absent("")
        start = base(ask, bars.end)
        before = close_at(ask, asset, start)
        if isinstance(before, Absent):
            return before
        return computed(f"price.change_{window}", asset, Unit.PCT, "pct_change(i1, i2)", [last, before], window=window,
                        window_start=from_epoch(start), window_end=last.observed_at, observed_at=last.observed_at)  # fmt: skip

    return compute


def _back(seconds: int) -> Callable[[Ask, int], int]:
    return lambda ask, end: end - seconds


def _change_day(ask: Ask, asset: str) -> Figure | Absent:
    midnight = utc_midnight(ask.view.as_of_s)
    now, before = close_at(ask, asset, midnight), close_at(ask, asset, midnight - DAY)
    if isinstance(now, Absent) or isinstance(before, Absent):
        return now if isinstance(now, Absent) else before if isinstance(before, Absent) else Absent("")
    return computed("price.change_day", asset, Unit.PCT, "pct_change(i1, i2)", [now, before], window="day")


def _ytd_base_at(ask: Ask, asset: str) -> Figure | Absent:
    before = close_at(ask, asset, year_start(ask.view.as_of))
    if isinstance(before, Absent):
        return before
    return history("price.ytd_base_at", asset, Unit.DATE, day_of(int(before.observed_at.timestamp())), "day(i1)", [before])


def _deviation(ask: Ask, asset: str) -> tuple[float, Run] | Absent:
    bars = bars_of(ask, asset)
    if isinstance(bars, Absent):
        return bars
    at, values = daily_changes(ask, asset, bars.end)
    past = [v for m, v in zip(at, values, strict=True) if bars.end - 31 * DAY < m <= bars.end - DAY]
    if len(past) < 29:
        return Absent(f"only {len(past)} daily changes of {asset} in the past 30 days")
    return stdev(past), bars.close


def _sd(ask: Ask, asset: str) -> Figure | Absent:
    from decimal import Decimal

    found = _deviation(ask, asset)
    if isinstance(found, Absent):
        return found
    value, close = found
    return history("price.sd_30d", asset, Unit.PCT, Decimal(str(round(value, 6))), "deviation(i1)",
                   [ref(close), close.reading(-1)], window="30d")  # fmt: skip


def _zscore(ask: Ask, asset: str) -> Figure | Absent:
    change, sd = ask.figure("price.change_24h", asset), ask.figure("price.sd_30d", asset)
    if isinstance(change, Absent) or isinstance(sd, Absent):
        return change if isinstance(change, Absent) else sd if isinstance(sd, Absent) else Absent("")
    return computed("price.zscore_24h", asset, Unit.RATIO, "i1 / i2", [change, sd], window="24h")


_MISSING = "No bars that tile the window, or the last bar closed more than ten minutes before as_of."
_NO_BASE = "No spot close at the start of the window, or no last price."


def _change_spec(window: str, base: Callable[[Ask, int], int], meaning: str) -> FigureSpec:
    trail = trail_of_changes if window == "24h" else None
    return FigureSpec(f"price.change_{window}", Unit.PCT, meaning, ASSET, _NO_BASE, _change(window, base), window, "2.88", trail)


FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("price.last", Unit.USD, "The last spot price on Binance.", ASSET, _MISSING, _last, "", "121467.24"),
    FigureSpec("price.high_24h", Unit.USD, "The highest trade of the past 24 hours.", ASSET, _MISSING,
               _extreme_24h("price.high_24h", "max"), "24h", "123218"),
    FigureSpec("price.low_24h", Unit.USD, "The lowest trade of the past 24 hours.", ASSET, _MISSING,
               _extreme_24h("price.low_24h", "min"), "24h", "117989.53"),
    FigureSpec("price.range_24h", Unit.PCT, "The 24-hour high over the 24-hour low.", ASSET, _MISSING, _range, "24h", "4.43",
               _range_trail),
    FigureSpec("price.high_day", Unit.USD, "The highest trade of the last closed UTC day.", ASSET, "No daily bar.",
               _day("price.high_day", "high"), "day", "119488"),
    FigureSpec("price.low_day", Unit.USD, "The lowest trade of the last closed UTC day.", ASSET, "No daily bar.",
               _day("price.low_day", "low"), "day", "117224"),
    FigureSpec("price.close_day", Unit.USD, "The last trade of the last closed UTC day.", ASSET, "No bar ends there.",
               _day("price.close_day", "close"), "day", "119086.64"),
    _change_spec("1h", _back(3600), "The last price against that of an hour earlier."),
    _change_spec("24h", _back(DAY), "The last price against that of 24 hours earlier."),
    _change_spec("7d", _back(7 * DAY), "The last price against that of seven days earlier."),
    _change_spec("30d", _back(30 * DAY), "The last price against that of 30 days earlier."),
    _change_spec("90d", _back(90 * DAY), "The last price against that of 90 days earlier."),
    _change_spec("365d", _back(365 * DAY), "The last price against that of 365 days earlier."),
    _change_spec("mtd", lambda ask, end: month_start(ask.view.as_of), "The last price against the close of the month before, UTC."),
    _change_spec("ytd", lambda ask, end: year_start(ask.view.as_of), "The last price against the close of December 31, UTC."),
    FigureSpec("price.ytd_base_at", Unit.DATE, "The day whose close the change of the year counts from.", ASSET, _NO_BASE, _ytd_base_at),
    FigureSpec("price.change_day", Unit.PCT, "The change over the last closed UTC day.", ASSET, _NO_BASE, _change_day, "day", "1.42"),
    FigureSpec("price.sd_30d", Unit.PCT, "The standard deviation of the last 30 daily changes.", ASSET,
               "Fewer than 29 daily changes in 30 days.", _sd, "30d", "1.6"),
    FigureSpec("price.zscore_24h", Unit.RATIO, "The 24-hour change over that deviation.", ASSET, "One of the two is absent.",
               _zscore, "24h", "1.8"),
)  # fmt: skip
