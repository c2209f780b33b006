"""The market as a whole: dominance, market value, how many assets rise; in: vendor readings and price changes, out: figures."""

from __future__ import annotations

from newsgen.derive._figure import DAY, FRESH_S, MARKET, Compute, computed, fresh_run, from_reading, listed, numbered
from newsgen.market import Absent, Ask, Figure, FigureSpec, Unit, from_epoch

__all__ = ["FIGURES"]

_DASHBOARD_S = 26 * 3600  # of daily data (editorial.md section 1)


def _latest(name: str, max_age_s: int, window: str = "") -> Compute:
    """The newest reading of the series of the same name."""

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        run = fresh_run(ask, name, subject, max_age_s)
        return run if isinstance(run, Absent) else from_reading(name, subject, run.reading(-1), window=window)

    return compute


def _cap_change(ask: Ask, subject: str) -> Figure | Absent:
    """As the vendor gives it, or from its own value 24 hours before."""
    given = _latest("market.cap_change_24h", FRESH_S, "24h")(ask, subject)
    run = fresh_run(ask, "market.cap", subject, FRESH_S)
    if isinstance(given, Figure) or isinstance(run, Absent):
        return given
    before = run.index_of(run.at(-1) - DAY)
    if before < 0:
        return Absent("no market value 24 hours before the last")
    return computed("market.cap_change_24h", subject, Unit.PCT, "pct_change(i1, i2)", [run.reading(-1), run.reading(before)],
                    window="24h", window_start=from_epoch(run.at(before)), window_end=from_epoch(run.at(-1)))  # fmt: skip


def _moved(name: str, operation: str) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        found = [f for a in ask.view.assets if isinstance(f := ask.figure("price.change_24h", a), Figure)]
        if not found:
            return Absent("no asset of the edition has a 24-hour change")
        formula = f"{operation}(0, {listed(len(found))})" if operation != "count" else numbered("count", len(found))
        return computed(name, subject, Unit.COUNT, formula, found, window="24h", label=",".join(f.subject for f in found))

    return compute


_NONE = "No reading, or it is too old (market value: ten minutes; dominance: 26 hours)."
_NO_CHANGE = "No asset of the edition has a 24-hour change."

FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("dominance.btc", Unit.PCT, "Bitcoin's share of the value of all coins, as one vendor counts it.", MARKET, _NONE,
               _latest("dominance.btc", _DASHBOARD_S), "", "63.8"),
    FigureSpec("market.cap", Unit.USD, "The value of all coins, as one vendor counts it.", MARKET, _NONE,
               _latest("market.cap", FRESH_S), "", "3810000000000"),
    FigureSpec("market.cap_change_24h", Unit.PCT, "Its change in 24 hours.", MARKET, _NONE, _cap_change, "24h", "2.1"),
    FigureSpec("assets.up_24h", Unit.COUNT, "Assets of the edition that rose in 24 hours.", MARKET, _NO_CHANGE,
               _moved("assets.up_24h", "count_above"), "24h", "2"),
    FigureSpec("assets.down_24h", Unit.COUNT, "Assets of the edition that fell in 24 hours.", MARKET, _NO_CHANGE,
               _moved("assets.down_24h", "count_below"), "24h", "0"),
    FigureSpec("assets.followed", Unit.COUNT, "Assets of the edition with a 24-hour change; the label lists them.", MARKET, _NO_CHANGE,
               _moved("assets.followed", "count"), "24h", "2"),
)  # fmt: skip
