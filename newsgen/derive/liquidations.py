"""Liquidations of the whole market and per asset, the widest scope known; in: vendor, published or venue readings, out: figures.

Scope `all` is a vendor's total over venues, `reported` one that was published or entered by hand, `venues` the sum of the venues that are
known: a lower bound, whose label lists them. It comes from one vendor, from the streams of the venues themselves, or from the one venue
with a complete series; of the last two the larger. All parts come from one source at one moment; two sources never meet in one sum, but for
the streams, each of which is its venue's own. A published total whose vendor nobody named cannot be printed. Set against history only as
"the last published total that was larger".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from newsgen.derive._figure import ASSET, BOTH, DAY, FRESH_S, MARKET, Compute, add, computed, from_reading, history, ref
from newsgen.derive._streams import Counted, counted
from newsgen.market import Absent, Ask, Completeness, Figure, FigureSpec, Reading, SeriesRef, Unit, from_epoch

__all__ = ["FIGURES"]

_SIDES = ("total", "long", "short")
_ORDER = ("coinglass", "manual", "reported")  # the vendor's own answer, then by hand, then as printed by news sites
_UNNAMED = ("", "unstated")


@dataclass(frozen=True, slots=True)
class _Parts:
    """The sides that one source gives for one moment; several readings of a side are venues and add up."""

    sides: Mapping[str, tuple[Reading, ...]]
    scope: str
    venues: str = ""


def _fresh(ask: Ask, series: str, subject: str) -> Iterable[Reading]:
    """Readings of the past 24 hours that are at most ten minutes old and whose source has a name."""
    for run in ask.view.runs(series, subject, window="24h"):
        reading = run.reading(-1)
        if ask.view.as_of_s - run.at(-1) <= FRESH_S and reading.origin.source_name not in _UNNAMED:
            yield reading


def _whole(found: dict[str, list[Reading]], source: str) -> _Parts | None:
    """The whole-market sides of one source at its newest moment."""
    mine = {s: r for s, all_of in found.items() for r in all_of if r.key.source == source and r.key.venue == "all"}
    if not mine:
        return None
    newest = max(r.observed_at for r in mine.values())
    sides = {s: (r,) for s, r in mine.items() if r.observed_at == newest}
    return _Parts(sides, "all" if source == "coinglass" else "reported")


def _venues(found: dict[str, list[Reading]]) -> _Parts | None:
    """Both sides summed over the venues of one vendor that answered at one moment."""
    at_venues = {s: [r for r in all_of if r.key.source == "coinglass" and r.key.venue not in ("all", "")] for s, all_of in found.items()}
    longs = {(r.key.venue, r.observed_at): r for r in at_venues["long"]}
    shorts = {(r.key.venue, r.observed_at): r for r in at_venues["short"]}
    newest = max((moment for _, moment in longs.keys() & shorts.keys()), default=None)
    shared = sorted(k for k in longs.keys() & shorts.keys() if k[1] == newest)
    if len(shared) < 2:
        return None
    sides = {"long": tuple(longs[k] for k in shared), "short": tuple(shorts[k] for k in shared)}
    return _Parts(sides, "venues", ",".join(venue for venue, _ in shared))


def _find_parts(ask: Ask, subject: str) -> _Parts | None:
    found = {side: list(_fresh(ask, f"liq.{side}", subject)) for side in _SIDES}
    return next((p for source in _ORDER if (p := _whole(found, source))), None) or _venues(found)


def _parts(ask: Ask, subject: str) -> _Parts | None:
    return ask.memo(("liquidations", subject), lambda: _find_parts(ask, subject))


def _side(side: str) -> Compute:
    name = f"liquidations.{side}_24h"

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        parts = _parts(ask, subject)
        if parts is None:
            return _lower_bound(ask, subject, side)
        more = _span(parts, side)
        if side in parts.sides:
            return _as_given(name, subject, parts.sides[side], more)
        return _from_others(name, subject, side, parts, more)

    return compute


def _span(parts: _Parts, side: str) -> dict[str, Any]:
    end = next(iter(parts.sides.values()))[0].observed_at
    more: dict[str, Any] = {"window": "24h", "window_start": from_epoch(int(end.timestamp()) - DAY), "window_end": end}
    if parts.scope == "venues":
        more |= {"bound": "at_least", "label": parts.venues}
    return {**more, "scope": parts.scope, "side": "" if side == "total" else side}


def _as_given(name: str, subject: str, readings: Sequence[Reading], more: dict[str, Any]) -> Figure | Absent:
    return from_reading(name, subject, readings[0], **more) if len(readings) == 1 else add(name, subject, Unit.USD, readings, **more)


def _from_others(name: str, subject: str, side: str, parts: _Parts, more: dict[str, Any]) -> Figure | Absent:
    """A side as the total less the other one, the total as the sum of both."""
    if side == "total" and {"long", "short"} <= parts.sides.keys():
        return add(name, subject, Unit.USD, [*parts.sides["long"], *parts.sides["short"]], **more)
    other = "short" if side == "long" else "long"
    if side != "total" and {"total", other} <= parts.sides.keys():
        return computed(name, subject, Unit.USD, "i1 - i2", [*parts.sides["total"], *parts.sides[other]], **more)
    return Absent(f"{name} of {subject}: the source gives only {', '.join(parts.sides)}")


def _lower_bound(ask: Ask, subject: str, side: str) -> Figure | Absent:
    """From the streams or from the one venue with a complete series: of two lower bounds the larger."""
    streams, venue = counted(ask, subject), ask.figure("liquidations_venue.total_24h", subject)
    if isinstance(venue, Figure) and (isinstance(streams, Absent) or streams.total(streams.runs) < venue.number):
        return _from_venue(ask, subject, side)
    if isinstance(streams, Absent):
        return Absent(f"no liquidations of {subject} by a named source for the past 24 hours; {streams.reason}")
    return _from_streams(streams, subject, side)


def _from_streams(streams: Counted, subject: str, side: str) -> Figure | Absent:
    """The minutes of 24 hours, added up; the last one followed of each venue says who told them."""
    runs = streams.runs if side == "total" else streams.of_side(side)
    if not runs:
        return Absent(f"no {side} of {subject} was liquidated in 24 hours on {streams.venues.replace(',', ', ')}")
    inputs: list[SeriesRef | Reading] = [*(ref(run, streams.end) for run in runs), *streams.readings]
    formula = f"sum({', '.join(f'total_of(last_days(i{k}, 1))' for k in range(1, len(runs) + 1))})"
    whole = Completeness.FINAL if streams.is_whole else Completeness.PARTIAL
    end = from_epoch(streams.end)
    return history(f"liquidations.{side}_24h", subject, Unit.USD, streams.total(runs), formula, inputs, observed_at=end, window="24h",
                   window_start=from_epoch(streams.end - DAY), window_end=end, scope="venues", bound="at_least",
                   side="" if side == "total" else side, label=streams.venues, completeness=whole)  # fmt: skip


def _from_venue(ask: Ask, subject: str, side: str) -> Figure | Absent:
    """The one venue with a complete series, as a lower bound of all."""
    venue = ask.figure(f"liquidations_venue.{side}_24h", subject)
    if isinstance(venue, Absent):
        return venue
    return computed(f"liquidations.{side}_24h", subject, Unit.USD, "i1", [venue], window="24h", window_start=venue.window_start,
                    window_end=venue.window_end, scope="venues", bound="at_least", side=venue.side, label=venue.scope)  # fmt: skip


def _share(side: str) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        part, whole = ask.figure(f"liquidations.{side}_24h", subject), ask.figure("liquidations.total_24h", subject)
        if isinstance(part, Absent) or isinstance(whole, Absent):
            return part if isinstance(part, Absent) else whole
        return computed(f"liquidations.{side}_share_24h", subject, Unit.PCT, "share(i1, i2)", [part, whole], window="24h",
                        window_start=part.window_start, window_end=part.window_end, side=side, scope=part.scope, bound="exact",
                        label=part.label if part.scope == "venues" else "")  # fmt: skip

    return compute


def _of_market(side: str) -> Compute:
    """Only where one printed source gives both, and neither is a lower bound."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        part, whole = ask.figure(f"liquidations.{side}_24h", asset), ask.figure(f"liquidations.{side}_24h", "market")
        if isinstance(part, Absent) or isinstance(whole, Absent):
            return part if isinstance(part, Absent) else whole
        if part.source != whole.source or "venues" in (part.scope, whole.scope):
            return Absent(f"the {side}s of {asset} and of the market are not from one source over all venues")
        return computed(f"liquidations.{side}_of_market_24h", asset, Unit.PCT, "share(i1, i2)", [part, whole], window="24h",
                        window_start=part.window_start, window_end=part.window_end, side=side, scope=part.scope)  # fmt: skip

    return compute


def _single(name: str, series: str) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        found = sorted(_fresh(ask, series, subject), key=lambda r: _ORDER.index(r.key.source) if r.key.source in _ORDER else len(_ORDER))
        if not found:
            return Absent(f"no {series} of {subject} by a named source for the past 24 hours")
        key = found[0].key
        scope = key.venue if key.venue not in ("", "all") else "all" if key.source == "coinglass" else "reported"
        return from_reading(f"liquidations.{name}", subject, found[0], window="24h", scope=scope, window_end=found[0].observed_at)

    return compute


def _published(ask: Ask, side: str) -> Iterable[tuple[date, Reading]]:
    """Whole-market totals of one side that were published before the past 24 hours began, with a vendor's name."""
    for run in ask.view.runs(f"liq.{side}", "market", window="24h", venue="all"):
        for i, at in enumerate(run.observed):
            if at <= ask.view.as_of_s - DAY and (reading := run.reading(i)).origin.source_name not in _UNNAMED:
                yield reading.observed_at.date(), reading


def _last_larger(ask: Ask, side: str) -> Reading | Absent:
    """The smallest of the totals published for the most recent day with one at least as large: safe for "passed"."""
    present = ask.figure(f"liquidations.{side}_24h", "market")
    if isinstance(present, Absent) or present.scope == "venues":
        return present if isinstance(present, Absent) else Absent("published totals are set against published totals only")
    larger = [(day, r) for day, r in _published(ask, side) if r.value >= present.number]
    if not larger:
        return Absent(f"no published total of {side}s was at least as large")
    newest = max(day for day, _ in larger)
    return min((r for day, r in larger if day == newest), key=lambda r: (r.value, r.known_at))


def _larger(side: str, *, dated: bool) -> Compute:
    name = f"liquidations.{side}_last_larger" + ("_at" if dated else "")

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        reading = ask.memo(("larger", side), lambda: _last_larger(ask, side))
        if isinstance(reading, Absent):
            return reading
        more: dict[str, Any] = {"side": side, "window": "24h", "scope": "reported"}
        if dated:
            return history(name, subject, Unit.DATE, reading.observed_at.date(), "date(i1)", [reading], **more)
        return from_reading(name, subject, reading, **more)

    return compute


_NONE = (
    "No reading of the past ten minutes for the past 24 hours by a named source, no stream followed for 95 % of them (the reason tells how "
    "long each was), and no venue figure."
)
_TOTAL = (
    "Positions closed by force in the past 24 hours; of scope `venues` a lower bound for those that the label lists, and of the market "
    "then the sum over the edition's assets."
)
_NO_PART = "One of the two is absent, or they are from two sources."
_NO_LARGER = "The market's own side is absent or a lower bound, or no published total before was as large."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, *, of: frozenset[str] = BOTH,
          absent: str = _NONE) -> FigureSpec:  # fmt: skip
    return FigureSpec(f"liquidations.{name}", unit, meaning, of, absent, compute, "24h", example)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("total_24h", Unit.USD, _TOTAL, _side("total"), "748300000"),
    _spec("long_24h", Unit.USD, "Long positions closed by force.", _side("long"), "125000000"),
    _spec("short_24h", Unit.USD, "Short positions closed by force.", _side("short"), "623300000"),
    _spec("long_share_24h", Unit.PCT, "Longs in percent of the total.", _share("long"), "16.7", absent=_NO_PART),
    _spec("short_share_24h", Unit.PCT, "Shorts in percent of the total.", _share("short"), "83.3", absent=_NO_PART),
    _spec("long_of_market_24h", Unit.PCT, "The asset's longs in percent of the market's.", _of_market("long"), "21.0", of=ASSET,
          absent=_NO_PART),
    _spec("short_of_market_24h", Unit.PCT, "The asset's shorts in percent of the market's.", _of_market("short"), "76.2", of=ASSET,
          absent=_NO_PART),
    _spec("largest_order_24h", Unit.USD, "The largest single order closed by force.", _single("largest_order_24h", "liq.largest_order"),
          "98100000", absent="No fresh reading by a named source."),
    _spec("traders_24h", Unit.COUNT, "Traders with a position closed by force.", _single("traders_24h", "liq.traders"), "130000",
          absent="No fresh reading by a named source."),
    _spec("short_last_larger", Unit.USD, "The last published market total of shorts at least as large; of one day's the smallest.",
          _larger("short", dated=False), "1010000000", of=MARKET, absent=_NO_LARGER),
    _spec("short_last_larger_at", Unit.DATE, "The day of that total.", _larger("short", dated=True), "2025-07-11", of=MARKET,
          absent=_NO_LARGER),
    _spec("long_last_larger", Unit.USD, "The last published market total of longs at least as large; of one day's the smallest.",
          _larger("long", dated=False), "", of=MARKET, absent=_NO_LARGER),
    _spec("long_last_larger_at", Unit.DATE, "The day of that total.", _larger("long", dated=True), "", of=MARKET, absent=_NO_LARGER),
)  # fmt: skip
