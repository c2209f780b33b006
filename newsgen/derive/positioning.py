"""Open interest and funding; in: vendor readings, out: figures in dollars and percent.

Live readings must be ten minutes old at most; a daily row counts at its own midnight only.
"""

from __future__ import annotations

from newsgen.derive._figure import ASSET, DAY, FRESH_S, computed, fresh_run, from_reading
from newsgen.derive._tracks import changes_at, known_of, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Run, Trail, Unit, from_epoch

__all__ = ["FIGURES"]


def _fresh(ask: Ask, series: str, asset: str) -> Run | Absent:
    """The first run that is young enough: a vendor's rows of a history end where its answers of single venues begin."""
    young = (run for run in ask.view.runs(series, asset) if ask.view.as_of_s - run.at(-1) <= FRESH_S)
    return next(young, None) or fresh_run(ask, series, asset, FRESH_S)


def _interest(ask: Ask, asset: str) -> Figure | Absent:
    run = _fresh(ask, "open_interest.usd", asset)
    if isinstance(run, Absent):
        return run
    return from_reading("open_interest.usd", asset, run.reading(-1), scope=run.key.venue)


def _interest_change(ask: Ask, asset: str) -> Figure | Absent:
    """Against the newest reading of the ten minutes up to 24 hours before, of the same vendor and venues."""
    run = _fresh(ask, "open_interest.usd", asset)
    if isinstance(run, Absent):
        return run
    day_before = run.at(-1) - DAY
    before = run.index_at(day_before)
    if before < 0 or day_before - run.at(before) > FRESH_S:
        return Absent(f"no open interest of {asset} 24 hours before the last")
    return computed("open_interest.change_24h", asset, Unit.PCT, "pct_change(i1, i2)", [run.reading(-1), run.reading(before)],
                    window="24h",
                    window_start=from_epoch(run.at(before)), window_end=from_epoch(run.at(-1)),
                    scope=run.key.venue)  # fmt: skip


def _level_trail(ask: Ask, asset: str) -> Trail | Absent:
    """The readings of at least a day ago."""
    run = _fresh(ask, "open_interest.usd", asset)
    return run if isinstance(run, Absent) else trail_of([known_of(run)], run.at(-1) - DAY)


def _interest_trail(ask: Ask, asset: str) -> Trail | Absent:
    """Changes over one day that end at the same clock time."""
    run = _fresh(ask, "open_interest.usd", asset)
    return run if isinstance(run, Absent) else trail_of([changes_at(run, run.at(-1) % DAY)], run.at(-1) - DAY)


def _funding(ask: Ask, asset: str) -> Figure | Absent:
    run = _fresh(ask, "funding.rate_8h", asset)
    if isinstance(run, Absent):
        return run
    return from_reading("funding.rate_8h", asset, run.reading(-1), window="8h", scope=run.key.venue)


def _annualised(ask: Ask, asset: str) -> Figure | Absent:
    """Percent per year: the rate of eight hours times the three settlements of each of 365 days."""
    rate = ask.figure("funding.rate_8h", asset)
    return rate if isinstance(rate, Absent) else computed("funding.annualised", asset, Unit.PCT, "i1 * 3 * 365", [rate], scope=rate.scope)


_NONE = "No reading of the past ten minutes."

FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("open_interest.usd", Unit.USD, "Value of the futures contracts outstanding.", ASSET, _NONE, _interest, "", "42800000000",
               _level_trail),
    FigureSpec("open_interest.change_24h", Unit.PCT, "Its change in 24 hours.", ASSET, "As above, or none 24 hours before.",
               _interest_change, "24h", "3.1", _interest_trail),
    FigureSpec("funding.rate_8h", Unit.PCT, "Funding rate per eight hours; positive when longs pay.", ASSET, _NONE, _funding, "8h",
               "0.0102"),
    FigureSpec("funding.annualised", Unit.PCT, "The same per year.", ASSET, _NONE, _annualised, "", "11.17"),
)  # fmt: skip
