"""Supply of stablecoins; in: daily totals, out: dollars and the change over seven days."""

from __future__ import annotations

from newsgen.derive._figure import DAY, computed, from_reading, spec_kinds
from newsgen.market import Absent, Ask, Figure, FigureSpec, Run, Unit

__all__ = ["FIGURES"]

MARKET = spec_kinds["market"]


def _run(ask: Ask) -> Run | Absent:
    run = ask.view.run("stablecoins.supply", "market")
    if isinstance(run, Absent):
        return run
    return run if ask.view.as_of_s - run.observed[-1] <= 26 * 3600 else Absent("the last stablecoin supply is older than 26 hours")


def _supply(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask)
    return run if isinstance(run, Absent) else from_reading("stablecoins.supply", subject, run.reading(-1))


def _change(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask)
    if isinstance(run, Absent):
        return run
    before = run.index_of(run.observed[-1] - 7 * DAY)
    if before < 0:
        return Absent("no stablecoin supply seven days before the last")
    return computed("stablecoins.change_7d", subject, Unit.USD, "i1 - i2", [run.reading(-1), run.reading(before)], window="7d")


FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("stablecoins.supply", Unit.USD, "Stablecoins outstanding.", MARKET, "No value of the past 26 hours.", _supply),
    FigureSpec("stablecoins.change_7d", Unit.USD, "Their change in seven days, in dollars.", MARKET, "A day is missing.", _change, "7d"),
)
