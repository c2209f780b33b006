"""Liquidations of the whole market and per asset, the widest scope known; in: vendor, published or venue readings, out: figures.

Scope `all` is a vendor's total over venues, `reported` one entered by hand or published, `venues` the sum of the venues known: a lower
bound. All parts come from one source; two sources never meet in one sum. Never used for statements about history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from newsgen.derive._figure import DAY, FRESH_S, computed, day_of, from_reading, history, spec_kinds
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Unit

__all__ = ["FIGURES"]

BOTH = spec_kinds["both"]
_SIDES = ("total", "long", "short")


def _fresh(ask: Ask, series: str, subject: str) -> Reading | None:
    """The newest whole-market 24-hour reading of a series that is at most ten minutes old, by precedence of sources."""
    for run in ask.view.runs(series, subject, window="24h"):
        if run.key.venue in ("all", "") and ask.view.as_of_s - run.observed[-1] <= FRESH_S:
            return run.reading(-1)
    return None


def _readings(ask: Ask, subject: str) -> dict[str, Reading]:
    """The sides of one source: the preferred source that has any of them."""
    found = {side: r for side in _SIDES if (r := _fresh(ask, f"liq.{side}", subject)) is not None}
    if not found:
        return {}
    best = min((r.key.source for r in found.values()), key=_rank)
    return {side: r for side, r in found.items() if r.key.source == best}


def _rank(source: str) -> int:
    order = ("coinglass", "manual", "reported")
    kind = source.split(".", 1)[0]
    return order.index(kind) if kind in order else len(order)


def _sides(ask: Ask, subject: str) -> dict[str, Reading]:
    return ask.memo(("liq", subject), lambda: _readings(ask, subject))


def _side(side: str) -> Callable[[Ask, str], Figure | Absent]:
    name = f"liquidations.{side}_24h"
    more: dict[str, Any] = {"window": "24h", "side": "" if side == "total" else side}

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        sides = _sides(ask, subject)
        scope = "all" if any(r.key.source == "coinglass" for r in sides.values()) else "reported"
        if side in sides:
            return from_reading(name, subject, sides[side], scope=scope, **more)
        others = [sides[s] for s in _SIDES if s in sides]
        if len(others) == 2:
            formula = "i1 + i2" if side == "total" else "i1 - i2"
            return computed(name, subject, Unit.USD, formula, others, scope=scope, **more)
        if sides:
            return Absent(f"{name} of {subject}: the source gives only {', '.join(sides)}")
        return _from_venues(ask, subject, name, side, more)

    return compute


def _from_venues(ask: Ask, subject: str, name: str, side: str, more: dict[str, Any]) -> Figure | Absent:
    venue = ask.figure(f"liquidations_venue.{side}_24h", subject)
    if isinstance(venue, Absent):
        return Absent(f"no liquidations of {subject} known for the past 24 hours")
    return computed(name, subject, Unit.USD, "i1", [venue], **{**more, "scope": "venues", "bound": "at_least"})


def _share(side: str) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        part, whole = ask.figure(f"liquidations.{side}_24h", subject), ask.figure("liquidations.total_24h", subject)
        if isinstance(part, Absent) or isinstance(whole, Absent):
            return part if isinstance(part, Absent) else whole if isinstance(whole, Absent) else Absent("")
        return computed(f"liquidations.{side}_share_24h", subject, Unit.PCT, "share(i1, i2)", [part, whole], window="24h",
                        side=side, scope=part.scope, bound="exact")  # fmt: skip

    return compute


def _of_market(side: str) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        part, whole = ask.figure(f"liquidations.{side}_24h", asset), ask.figure(f"liquidations.{side}_24h", "market")
        if isinstance(part, Absent) or isinstance(whole, Absent):
            return part if isinstance(part, Absent) else whole if isinstance(whole, Absent) else Absent("")
        if part.source != whole.source:
            return Absent(f"the {side}s of {asset} and of the market are from two sources")
        return computed(f"liquidations.{side}_of_market_24h", asset, Unit.PCT, "share(i1, i2)", [part, whole], window="24h",
                        side=side, scope=part.scope)  # fmt: skip

    return compute


def _single(name: str, series: str, unit: Unit) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        for run in ask.view.runs(series, subject, window="24h"):
            if ask.view.as_of_s - run.observed[-1] <= FRESH_S:
                return from_reading(f"liquidations.{name}", subject, run.reading(-1), unit, window="24h", scope="reported")
        return Absent(f"no {series} of {subject} known for the past 24 hours")

    return compute


def _published(ask: Ask, side: str) -> Iterable[tuple[date, Reading]]:
    """Whole-market totals of one side that were published more than 24 hours ago."""
    for run in ask.view.runs(f"liq.{side}", "market", window="24h", venue="all"):
        for i, at in enumerate(run.observed):
            if at <= ask.view.as_of_s - DAY:
                yield day_of(at + 1), run.reading(i)


def _last_larger(ask: Ask, side: str) -> tuple[date, Reading] | Absent:
    present = ask.figure(f"liquidations.{side}_24h", "market")
    if isinstance(present, Absent) or present.scope == "venues":
        return present if isinstance(present, Absent) else Absent("published totals are set against published totals only")
    larger = [(day, r) for day, r in _published(ask, side) if r.value >= present.number]
    if not larger:
        return Absent(f"no published total of {side}s was at least as large")
    newest = max(day for day, _ in larger)
    named = [r for day, r in larger if day == newest and r.origin.source_name not in ("", "unstated")]
    return newest, min(named or [r for day, r in larger if day == newest], key=lambda r: r.value)


def _larger(side: str, *, dated: bool) -> Callable[[Ask, str], Figure | Absent]:
    name = f"liquidations.{side}_last_larger" + ("_at" if dated else "")

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        found = ask.memo(("larger", side), lambda: _last_larger(ask, side))
        if isinstance(found, Absent):
            return found
        day, reading = found
        if dated:
            return history(name, subject, Unit.DATE, day, "day(i1)", [reading], side=side, window="24h", scope="reported")
        return from_reading(name, subject, reading, window="24h", side=side, scope="reported")

    return compute


_NONE = "No reading of the past ten minutes for the past 24 hours."


def _spec(name: str, unit: Unit, meaning: str, compute: Callable[[Ask, str], Figure | Absent], *, of: Any = BOTH,
          example: str = "") -> FigureSpec:  # fmt: skip
    return FigureSpec(f"liquidations.{name}", unit, meaning, of, _NONE, compute, "24h", example)


_MARKET = spec_kinds["market"]
_ASSET = spec_kinds["asset"]

FIGURES: tuple[FigureSpec, ...] = (
    _spec("total_24h", Unit.USD, "Positions closed by force in the past 24 hours.", _side("total"), example="748300000"),
    _spec("long_24h", Unit.USD, "Long positions closed by force.", _side("long"), example="125000000"),
    _spec("short_24h", Unit.USD, "Short positions closed by force.", _side("short"), example="623300000"),
    _spec("long_share_24h", Unit.PCT, "Longs in percent of the total.", _share("long"), example="16.7"),
    _spec("short_share_24h", Unit.PCT, "Shorts in percent of the total.", _share("short"), example="83.3"),
    _spec("short_of_market_24h", Unit.PCT, "The asset's shorts in percent of the market's.", _of_market("short"), of=_ASSET),
    _spec("long_of_market_24h", Unit.PCT, "The asset's longs in percent of the market's.", _of_market("long"), of=_ASSET),
    _spec("largest_order_24h", Unit.USD, "The largest single order.", _single("largest_order_24h", "liq.largest_order", Unit.USD)),
    _spec("traders_24h", Unit.COUNT, "Traders with a position closed by force.", _single("traders_24h", "liq.traders", Unit.COUNT),
          of=_MARKET),
    _spec("short_last_larger", Unit.USD, "The last published market total of shorts at least as large.",
          _larger("short", dated=False), of=_MARKET),
    _spec("short_last_larger_at", Unit.DATE, "The day of that total.", _larger("short", dated=True), of=_MARKET),
    _spec("long_last_larger", Unit.USD, "The last published market total of longs at least as large.",
          _larger("long", dated=False), of=_MARKET),
    _spec("long_last_larger_at", Unit.DATE, "The day of that total.", _larger("long", dated=True), of=_MARKET),
)  # fmt: skip
