"""Supply of stablecoins; in: daily totals, out: dollars and the change over seven days."""

from __future__ import annotations

from newsgen.derive._figure import DAY, MARKET, computed, fresh_run, from_reading
from newsgen.market import Absent, Ask, Figure, FigureSpec, Run, Unit, from_epoch

__all__ = ["FIGURES"]

_MAX_AGE_S = 26 * 3600  # dashboards of daily data (editorial.md section 1)


def _run(ask: Ask, subject: str) -> Run | Absent:
    return fresh_run(ask, "stablecoins.supply", subject, _MAX_AGE_S)


def _supply(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask, subject)
    return run if isinstance(run, Absent) else from_reading("stablecoins.supply", subject, run.reading(-1))


def _change(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask, subject)
    if isinstance(run, Absent):
        return run
    before = run.index_of(run.at(-1) - 7 * DAY)
    if before < 0:
        return Absent("no stablecoin supply seven days before the last")
    return computed("stablecoins.change_7d", subject, Unit.USD, "i1 - i2", [run.reading(-1), run.reading(before)], window="7d",
                    window_start=from_epoch(run.at(before)), window_end=from_epoch(run.at(-1)))  # fmt: skip


FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("stablecoins.supply", Unit.USD, "Stablecoins outstanding.", MARKET, "No value of the past 26 hours.", _supply, "",
               "254000000000"),
    FigureSpec("stablecoins.change_7d", Unit.USD, "Their change in seven days, in dollars.", MARKET, "As above, or none seven days before.",
               _change, "7d", "1900000000"),
)  # fmt: skip
