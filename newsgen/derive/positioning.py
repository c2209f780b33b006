"""Open interest, funding and options; in: vendor readings, out: figures in dollars and percent."""

from __future__ import annotations

from collections.abc import Callable

from newsgen.derive._figure import DAY, computed, from_reading, spec_kinds
from newsgen.market import Absent, Ask, Figure, FigureSpec, Run, Unit

__all__ = ["FIGURES"]

ASSET = spec_kinds["asset"]
_MAX_AGE_S = 26 * 3600


def _run(ask: Ask, series: str, asset: str) -> Run | Absent:
    run = ask.view.run(series, asset)
    if isinstance(run, Absent):
        return run
    return run if ask.view.as_of_s - run.observed[-1] <= _MAX_AGE_S else Absent(f"the last {series} of {asset} is older than 26 hours")


def _interest(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, "open_interest.usd", asset)
    return run if isinstance(run, Absent) else from_reading("open_interest.usd", asset, run.reading(-1))


def _interest_change(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, "open_interest.usd", asset)
    if isinstance(run, Absent):
        return run
    before = run.index_of(run.observed[-1] - DAY)
    if before < 0:
        return Absent(f"no open interest of {asset} 24 hours before the last")
    readings = [run.reading(-1), run.reading(before)]
    return computed("open_interest.change_24h", asset, Unit.PCT, "pct_change(i1, i2)", readings, window="24h")


def _funding(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, "funding.rate_8h", asset)
    return run if isinstance(run, Absent) else from_reading("funding.rate_8h", asset, run.reading(-1), window="8h")


def _annualised(ask: Ask, asset: str) -> Figure | Absent:
    """Percent per year: the rate of eight hours times the three settlements of each of 365 days."""
    rate = ask.figure("funding.rate_8h", asset)
    return rate if isinstance(rate, Absent) else computed("funding.annualised", asset, Unit.PCT, "i1 * 3 * 365", [rate])


def _no_source(name: str) -> Callable[[Ask, str], Figure | Absent]:
    return lambda ask, asset: Absent(f"no source gives {name}")


_NONE = "No reading of the past 26 hours."

FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("open_interest.usd", Unit.USD, "Value of the futures contracts outstanding.", ASSET, _NONE, _interest),
    FigureSpec("open_interest.change_24h", Unit.PCT, "Its change in 24 hours.", ASSET, _NONE, _interest_change, "24h"),
    FigureSpec("funding.rate_8h", Unit.PCT, "Funding rate per eight hours; positive when longs pay.", ASSET, _NONE, _funding, "8h"),
    FigureSpec("funding.annualised", Unit.PCT, "The same per year.", ASSET, _NONE, _annualised),
    *(
        FigureSpec(f"options.{n}", Unit.RATIO, m, ASSET, "No options source is connected.", _no_source(f"options.{n}"))
        for n, m in (("dvol", "Implied volatility of 30 days."), ("put_call", "Open puts over open calls."),
                     ("max_pain", "Strike at which most options expire worthless."))
    ),
)  # fmt: skip
