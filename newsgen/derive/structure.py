"""The market as a whole: dominance, market value, how many assets rise; in: vendor readings and price changes, out: figures."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from newsgen.derive._figure import from_reading, history, spec_kinds
from newsgen.market import Absent, Ask, Figure, FigureSpec, Unit

__all__ = ["FIGURES"]

MARKET = spec_kinds["market"]


def _latest(name: str, series: str, max_age_s: int, window: str = "") -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        run = ask.view.run(series, subject)
        if isinstance(run, Absent):
            return run
        if ask.view.as_of_s - run.observed[-1] > max_age_s:
            return Absent(f"the last {series} is older than {max_age_s // 3600} hours")
        return from_reading(name, subject, run.reading(-1), window=window)

    return compute


def _moved(name: str) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        found = [f for a in ask.view.assets if isinstance(f := ask.figure("price.change_24h", a), Figure)]
        if not found:
            return Absent("no asset has a 24-hour change")
        chosen = [f for f in found if name == "followed" or (f.number > 0) == (name == "up_24h")]
        full = f"assets.{name}"
        return history(full, subject, Unit.COUNT, Decimal(len(chosen)), "count(i1)", found, window="24h")

    return compute


_NONE = "No reading, or it is too old."

FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("dominance.btc", Unit.PCT, "Bitcoin's share of the value of all coins, as one vendor counts it.", MARKET, _NONE,
               _latest("dominance.btc", "dominance.btc", 26 * 3600), "", "61.4"),
    FigureSpec("market.cap", Unit.USD, "The value of all coins, as one vendor counts it.", MARKET, _NONE,
               _latest("market.cap", "market.cap", 600), "", "3810000000000"),
    FigureSpec("market.cap_change_24h", Unit.PCT, "Its change in 24 hours.", MARKET, _NONE,
               _latest("market.cap_change_24h", "market.cap_change_24h", 600, "24h"), "24h", "2.1"),
    FigureSpec("assets.up_24h", Unit.COUNT, "Assets of the edition that rose in 24 hours.", MARKET, _NONE, _moved("up_24h"), "24h"),
    FigureSpec("assets.down_24h", Unit.COUNT, "Assets of the edition that fell or stood still.", MARKET, _NONE, _moved("down_24h"), "24h"),
    FigureSpec("assets.followed", Unit.COUNT, "Assets of the edition with a 24-hour change.", MARKET, _NONE, _moved("followed"), "24h"),
)  # fmt: skip
