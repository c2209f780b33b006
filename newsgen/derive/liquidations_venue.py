"""Liquidations on the one venue with the longest complete series; in: its buckets and UTC days, out: figures fit for history.

A rolling 24 hours is six four-hour buckets that tile it, or the UTC day itself at midnight. Set against its own past only: percentiles
over one value a day at the same clock time, since-dates against UTC days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from newsgen.derive._figure import (
    DAY,
    FRESH_S,
    computed,
    day_of,
    history,
    percentile_below,
    ref,
    since,
    spec_kinds,
    year_trail,
)
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, SeriesRef, Trail, Unit

__all__ = ["FIGURES"]

BOTH = spec_kinds["both"]
VENUE = "binance"
ASSETS = ("BTC", "ETH", "SOL", "XRP")  # those whose series on the venue is complete
_BUCKET = 4 * 3600


def _assets(subject: str) -> tuple[str, ...]:
    return ASSETS if subject == "market" else (subject,)


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of one subject: the readings of the present 24 hours and the past."""

    readings: tuple[Reading, ...]
    end: int


def _window(ask: Ask, side: str, subject: str) -> _Side | Absent:
    return ask.memo(("venue", side, subject), lambda: _find_window(ask, side, subject))


def _find_window(ask: Ask, side: str, subject: str) -> _Side | Absent:
    end = None
    readings: list[Reading] = []
    for asset in _assets(subject):
        found = _buckets(ask, side, asset) or _day(ask, side, asset)
        if found is None:
            return Absent(f"no complete 24 hours of liquidations of {asset} on {VENUE}")
        if end not in (None, found[1]):
            return Absent(f"the windows of {subject} on {VENUE} do not end together")
        end = found[1]
        readings += found[0]
    return _Side(tuple(readings), end or 0)


def _buckets(ask: Ask, side: str, asset: str) -> tuple[list[Reading], int] | None:
    run = ask.view.run(f"liq.bucket_{side}", asset, window="4h", venue=VENUE)
    if isinstance(run, Absent):
        return None
    end = run.observed[-1]
    first = run.index_of(end - DAY + _BUCKET)
    if ask.view.as_of_s - end > FRESH_S or first < 0 or len(run) - first != 6:
        return None
    return [run.reading(i) for i in range(first, len(run))], end


def _day(ask: Ask, side: str, asset: str) -> tuple[list[Reading], int] | None:
    run = ask.view.run(f"liq.{side}", asset, window="1d", venue=VENUE)
    if isinstance(run, Absent) or ask.view.as_of_s - run.observed[-1] > FRESH_S:
        return None
    return [run.reading(-1)], run.observed[-1]


def _side(side: str) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        window = _window(ask, side, subject)
        if isinstance(window, Absent):
            return window
        formula = f"sum({', '.join(f'i{k}' for k in range(1, len(window.readings) + 1))})"
        return computed(f"liquidations_venue.{side}_24h", subject, Unit.USD, formula, window.readings, window="24h", side=side,
                        scope=VENUE, label=",".join(_assets(subject)))  # fmt: skip

    return compute


def _total(ask: Ask, subject: str) -> Figure | Absent:
    long, short = ask.figure("liquidations_venue.long_24h", subject), ask.figure("liquidations_venue.short_24h", subject)
    if isinstance(long, Absent) or isinstance(short, Absent):
        return long if isinstance(long, Absent) else short if isinstance(short, Absent) else Absent("")
    return computed("liquidations_venue.total_24h", subject, Unit.USD, "i1 + i2", [long, short], window="24h", scope=VENUE,
                    label=long.label)  # fmt: skip


def _share(side: str) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        part, whole = ask.figure(f"liquidations_venue.{side}_24h", subject), ask.figure("liquidations_venue.total_24h", subject)
        if isinstance(part, Absent) or isinstance(whole, Absent):
            return part if isinstance(part, Absent) else whole if isinstance(whole, Absent) else Absent("")
        return computed(f"liquidations_venue.{side}_share_24h", subject, Unit.PCT, "share(i1, i2)", [part, whole], window="24h",
                        side=side, scope=VENUE, label=part.label)  # fmt: skip

    return compute


Past = tuple[list[int], list[float], list[SeriesRef]]


def _daily(ask: Ask, side: str, subject: str) -> Past | Absent:
    """UTC days of the venue, summed over the assets, only days that all of them have."""
    return ask.memo(("venue_days", side, subject), lambda: _sum_days(ask, side, subject))


def _sum_days(ask: Ask, side: str, subject: str) -> Past | Absent:
    runs = [ask.view.run(f"liq.{side}", a, window="1d", venue=VENUE) for a in _assets(subject)]
    known = [r for r in runs if isinstance(r, Run)]
    if len(known) != len(runs):
        return Absent(f"no daily liquidations of all of {subject} on {VENUE}")
    totals: dict[int, float] = {}
    counts: dict[int, int] = {}
    for run in known:
        for at, value in zip(run.observed, run.floats, strict=True):
            totals[at] = totals.get(at, 0.0) + value
            counts[at] = counts.get(at, 0) + 1
    days = sorted(at for at, n in counts.items() if n == len(known))
    span = (days[-1] - days[0]) // DAY + 1
    if len(days) < 0.95 * span:
        return Absent(f"the daily liquidations of {subject} on {VENUE} have gaps")
    return days, [totals[d] for d in days], [ref(r) for r in known]


def _same_clock(ask: Ask, side: str, subject: str) -> tuple[list[int], list[float]] | Absent:
    """Past 24-hour sums, one a day at the clock time of the present window; UTC days at midnight."""
    window = _window(ask, "long" if side == "total" else side, subject)
    if isinstance(window, Absent):
        return window
    if window.end % DAY == 0:
        past = _both(ask, subject) if side == "total" else _daily(ask, side, subject)
        return past if isinstance(past, Absent) else (past[0], past[1])
    return ask.memo(("venue_clock", side, subject), lambda: _bucket_sums(ask, side, subject, window.end))


def _both(ask: Ask, subject: str) -> Past | Absent:
    long, short = _daily(ask, "long", subject), _daily(ask, "short", subject)
    if isinstance(long, Absent) or isinstance(short, Absent):
        return long if isinstance(long, Absent) else short if isinstance(short, Absent) else Absent("")
    return long[0], [a + b for a, b in zip(long[1], short[1], strict=True)], [*long[2], *short[2]]


def _bucket_sums(ask: Ask, side: str, subject: str, end: int) -> tuple[list[int], list[float]] | Absent:
    sums: dict[int, list[float]] = {}
    sides = ("long", "short") if side == "total" else (side,)
    for asset in _assets(subject):
        for one in sides:
            run = ask.view.run(f"liq.bucket_{one}", asset, window="4h", venue=VENUE)
            if isinstance(run, Absent):
                return run
            for at, value in zip(run.observed, run.floats, strict=True):
                window_end = at + (end - at) % DAY
                sums.setdefault(window_end, []).append(value)
    need = 6 * len(_assets(subject)) * len(sides)
    days = sorted(at for at, values in sums.items() if len(values) == need)
    return days, [sum(sums[d]) for d in days]


def _percentile(ask: Ask, subject: str) -> Figure | Absent:
    total, past = ask.figure("liquidations_venue.total_24h", subject), _same_clock(ask, "total", subject)
    if isinstance(total, Absent) or isinstance(past, Absent):
        return total if isinstance(total, Absent) else past if isinstance(past, Absent) else Absent("")
    end = int(total.observed_at.timestamp())
    values = [v for at, v in zip(*past, strict=True) if end - 90 * DAY <= at <= end - DAY]
    if len(values) < 86:
        return Absent(f"only {len(values)} of 90 past days of liquidations of {subject} on {VENUE}")
    value = Decimal(str(round(percentile_below(values, float(total.number)), 4)))
    return history("liquidations_venue.percentile_90d", subject, Unit.PCT, value, "percentile(i1, 90)", [total], window="24h",
                   scope=VENUE, label=total.label)  # fmt: skip


def _largest(side: str) -> Callable[[Ask, str], Figure | Absent]:
    name = f"liquidations_venue.{'' if side == 'total' else side + '_'}largest_since"

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        present = ask.figure(f"liquidations_venue.{side}_24h", subject)
        past = _both(ask, subject) if side == "total" else _daily(ask, side, subject)
        if isinstance(present, Absent) or isinstance(past, Absent):
            return present if isinstance(present, Absent) else past if isinstance(past, Absent) else Absent("")
        at, values, refs = past
        end = int(present.observed_at.timestamp())
        return since(ask, name, subject, present=present, at=at, floats=values, before=end - DAY, refs=refs,
                     archive_start=day_of(at[0]))  # fmt: skip

    return compute


def _trail(side: str) -> Callable[[Ask, str], Trail | Absent]:
    def make(ask: Ask, subject: str) -> Trail | Absent:
        past = _same_clock(ask, side, subject)
        window = _window(ask, "long" if side == "total" else side, subject)
        if isinstance(past, Absent) or isinstance(window, Absent):
            return past if isinstance(past, Absent) else window if isinstance(window, Absent) else Absent("")
        return year_trail(past[0], past[1], window.end - DAY)

    return make


_NONE = "The venue's buckets do not tile the past 24 hours, or end more than ten minutes before as_of."


def _spec(name: str, unit: Unit, meaning: str, compute: Callable[[Ask, str], Figure | Absent], trail: Any = None) -> FigureSpec:
    return FigureSpec(f"liquidations_venue.{name}", unit, meaning, BOTH, _NONE, compute, "24h", "", trail)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("total_24h", Unit.USD, "Positions closed by force on the venue in the past 24 hours.", _total, _trail("total")),
    _spec("long_24h", Unit.USD, "Long positions closed by force on the venue.", _side("long"), _trail("long")),
    _spec("short_24h", Unit.USD, "Short positions closed by force on the venue.", _side("short"), _trail("short")),
    _spec("long_share_24h", Unit.PCT, "Longs in percent of the venue's total.", _share("long")),
    _spec("short_share_24h", Unit.PCT, "Shorts in percent of the venue's total.", _share("short")),
    _spec("percentile_90d", Unit.PCT, "Percent of the past 90 days, at the same clock time, with a smaller total.", _percentile),
    _spec("largest_since", Unit.DATE, "The last UTC day with a total at least as large.", _largest("total")),
    _spec("long_largest_since", Unit.DATE, "The last UTC day with longs at least as large.", _largest("long")),
    _spec("short_largest_since", Unit.DATE, "The last UTC day with shorts at least as large.", _largest("short")),
)
