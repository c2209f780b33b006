"""Whole trading weeks of the US spot funds; in: net flows per session, out: the last week that is over, its rank, runs of weeks.

A week runs from Monday to Friday in New York. It is over with its Friday, or, where that was a holiday, once a session of the next week
is known: what the last session of an unfinished week has brought belongs to `etf.net_flow_week`, not here. A week of zero ends a run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from newsgen.derive._coverage import covers_life
from newsgen.derive._etf import of_run, run_of
from newsgen.derive._figure import ASSET, DAY, Compute, add, exact, from_reading, history, ref, session_of
from newsgen.derive._formula import rounded
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import Known, session_weeks, sign_lengths, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit, to_epoch

__all__ = ["FIGURES"]

_WEEK = 7 * DAY
_YEAR_WEEKS = 52


def _sessions(run: Run, end: int) -> list[Reading]:
    """The sessions of the week that ends with one, first to last."""
    last = session_of(end)
    monday = last - timedelta(days=last.weekday())
    i = run.index_of(end)
    return [run.reading(k) for k in range(max(i - 4, 0), i + 1) if session_of(run.at(k)) >= monday]


def _of_weeks(make: Callable[[Ask, str, Run, Known], Figure | Absent]) -> Compute:
    """A figure of the weeks that are over; absent when there is none."""

    def compute(ask: Ask, asset: str, run: Run) -> Figure | Absent:
        weeks = session_weeks(run)
        return make(ask, asset, run, weeks) if len(weeks) else Absent(f"no trading week of the {asset} funds is over")

    return of_run(compute)


def _sum(name: str, back: int = 1) -> Compute:
    """The net flow of a week, the last or one before."""

    def make(ask: Ask, asset: str, run: Run, weeks: Known) -> Figure | Absent:
        if len(weeks) < back:
            return Absent(f"no trading week of the {asset} funds before the last")
        readings = _sessions(run, weeks.track.at[weeks.last - back])
        return add(name, asset, Unit.USD, readings, window="week", window_start=readings[0].observed_at,
                   window_end=readings[-1].observed_at)  # fmt: skip

    return _of_weeks(make)


def _edge(name: str, which: int) -> Compute:
    """The first or last session of the week."""

    def make(ask: Ask, asset: str, run: Run, weeks: Known) -> Figure:
        reading = _sessions(run, weeks.end)[which]
        return history(name, asset, Unit.DATE, session_of(to_epoch(reading.observed_at)), "session(i1)", [reading], window="week")

    return _of_weeks(make)


def _lengths(weeks: Known) -> list[float]:
    return sign_lengths(weeks.values)


def _streak(ask: Ask, asset: str, run: Run, weeks: Known) -> Figure:
    length = Decimal(int(_lengths(weeks)[-1]))
    last = run.reading(run.index_of(weeks.end))
    return history("etf.streak_weeks", asset, Unit.COUNT, length, "streak(session_weeks(i1))", [ref(run, weeks.end), last],
                   window="streak")  # fmt: skip


def _ended(ask: Ask, asset: str, run: Run, weeks: Known) -> Figure | Absent:
    """The run of weeks the other way that the last week ended."""
    lengths = _lengths(weeks)
    if len(lengths) < 2 or lengths[-1] * lengths[-2] >= 0:
        return Absent(f"the last week of the {asset} funds ended no run the other way")
    before = weeks.track.at[weeks.last - 2]
    return history("etf.streak_weeks_ended", asset, Unit.COUNT, Decimal(int(lengths[-2])), "streak(session_weeks(i1))",
                   [ref(run, before), run.reading(run.index_of(before))], window="streak")  # fmt: skip


def _total(ask: Ask, asset: str, run: Run, weeks: Known) -> Figure | Absent:
    """The net flow of the run of weeks that ends with the last one."""
    length = abs(int(_lengths(weeks)[-1]))
    if not length:
        return Absent(f"the last week of the {asset} funds had no net flow")
    first = _sessions(run, weeks.track.at[weeks.last - length])[0]
    readings = [run.reading(k) for k in range(run.index_of(to_epoch(first.observed_at)), run.index_of(weeks.end) + 1)]
    return add("etf.streak_weeks_total", asset, Unit.USD, readings, window="streak", window_start=readings[0].observed_at,
               window_end=readings[-1].observed_at)  # fmt: skip


def _peak(name: str) -> Compute:
    """The session of the week that moved most the way of the week."""

    def make(ask: Ask, asset: str, run: Run, weeks: Known) -> Figure | Absent:
        readings = _sessions(run, weeks.end)
        net = exact(readings)
        top = max(readings, key=lambda r: r.value if net > 0 else -r.value)
        if top.value * net <= 0:
            return Absent(f"no session of the {asset} funds moved the way of the week")
        if name.endswith("_at"):
            return history(name, asset, Unit.DATE, session_of(to_epoch(top.observed_at)), "session(i1)", [top], window="session")
        return from_reading(name, asset, top, window="session", window_end=top.observed_at)

    return _of_weeks(make)


def _days(ask: Ask, asset: str, run: Run, weeks: Known) -> Figure | Absent:
    """How many sessions of the week moved its way."""
    readings = _sessions(run, weeks.end)
    net = exact(readings)
    if net == 0:
        return Absent(f"the last week of the {asset} funds had no net flow")
    operation = "count_above" if net > 0 else "count_below"
    names = ", ".join(f"i{k}" for k in range(1, len(readings) + 1))
    agreeing = sum((r.value > 0) == (net > 0) and r.value != 0 for r in readings)
    return history("etf.week_days_agreeing", asset, Unit.COUNT, Decimal(agreeing), f"{operation}(0, {names})", readings, window="week",
                   bound="exact")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Weeks(Past):
    """Past weeks; what is known of them begins with the first session, not with the end of the first week."""

    began: date = date.min

    @property
    def start(self) -> date:
        return self.began


def _beyond(name: str, *, low: bool) -> Compute:
    def make(ask: Ask, asset: str, run: Run, weeks: Known) -> Figure | Absent:
        present = ask.figure("etf.net_flow_week_closed", asset)
        if isinstance(present, Absent):
            return present
        if present.number == 0 or (present.number < 0) != low:
            return Absent(f"the last week of the {asset} funds was none of {'outflows' if low else 'inflows'}")
        begin = to_epoch(_sessions(run, weeks.end)[0].observed_at)
        known = weeks.until(begin - 1)
        if not len(known):
            return Absent(f"{name} of {asset}: no earlier weeks")
        piece = Piece(known, _WEEK, lambda i: _sessions(run, known.track.at[i]))
        past = _Weeks((piece,), (ref(run, begin - 1),), "session_weeks(i1)", session_of, began=session_of(run.at(0)))
        return since(ask, name, asset, present, past, low=low, covers_life=covers_life("etf", asset, session_of(run.at(0))),
                     at=session_of(weeks.end))  # fmt: skip

    return _of_weeks(make)


def _percentile(ask: Ask, asset: str, run: Run, weeks: Known) -> Figure | Absent:
    """Of the sizes, either way, of the weeks of a year before the last."""
    readings = _sessions(run, weeks.end)
    until = to_epoch(readings[0].observed_at) - 1
    year = weeks.until(until).after(until - 365 * DAY)
    if len(year) < 0.95 * _YEAR_WEEKS:
        return Absent(f"only {len(year)} weeks of the {asset} funds in the year before")
    present = ask.figure("etf.net_flow_week_closed", asset)
    if isinstance(present, Absent):
        return present
    size = abs(float(present.number))
    value = rounded(100 * sum([-size < v < size for v in year.values]) / len(year))
    return history("etf.percentile_week_1y", asset, Unit.PCT, value, "percentile(magnitude(last_days(session_weeks(i1), 365)), abs(i2))",
                   [ref(run, until), present], window="week", archive_start=session_of(run.at(0)))  # fmt: skip


def _trail(ask: Ask, asset: str) -> Trail | Absent:
    """The weeks before the last."""
    run = run_of(ask, asset)
    if isinstance(run, Absent):
        return run
    weeks = session_weeks(run)
    return trail_of([weeks], weeks.end - 1) if len(weeks) else Absent("no trading week is over")


_NONE = "No session of the last five days is known, or no trading week is over."
_NO_FLOW = "As for the week, or its net flow is zero."
_SINCE = "The week's flow went the other way, or one as large is less than 30 days old."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str = _NONE, **more: Any) -> FigureSpec:
    return FigureSpec(f"etf.{name}", unit, meaning, ASSET, absent, compute, more.pop("window", "week"), example, **more)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("net_flow_week_closed", Unit.USD, "Net flow of the last trading week that is over.", _sum("etf.net_flow_week_closed"),
          "2717500000", trail=_trail),
    _spec("net_flow_week_before", Unit.USD, "Net flow of the trading week before that.", _sum("etf.net_flow_week_before", 2), "769600000",
          "As for the week, or it is the first."),
    _spec("week_start", Unit.DATE, "The New York date of the first session of that week.", _edge("etf.week_start", 0), "2025-07-07"),
    _spec("week_ended_at", Unit.DATE, "The New York date of the last session of that week.", _edge("etf.week_ended_at", -1), "2025-07-11"),
    _spec("streak_weeks", Unit.COUNT, "Signed run of weeks one way, the last one included.", _of_weeks(_streak), "5", window="streak"),
    _spec("streak_weeks_ended", Unit.COUNT, "Signed run of weeks the other way that the last week ended.", _of_weeks(_ended), "-3",
          "The last week went the way of the one before, or one of them had no net flow.", window="streak"),
    _spec("streak_weeks_total", Unit.USD, "Net flow of the run of weeks that the last one is of.", _of_weeks(_total), "9980000000",
          _NO_FLOW, window="streak"),
    _spec("net_flow_week_peak", Unit.USD, "The session of that week that moved most its way.", _peak("etf.net_flow_week_peak"),
          "1175600000", _NO_FLOW, window="session"),
    _spec("net_flow_week_peak_at", Unit.DATE, "The date of that session.", _peak("etf.net_flow_week_peak_at"), "2025-07-10", _NO_FLOW,
          window="session"),
    _spec("week_days_agreeing", Unit.COUNT, "Sessions of that week that moved its way.", _of_weeks(_days), "5", _NO_FLOW),
    _spec("week_largest_inflow_since", Unit.DATE, "The last session of the last week with an inflow at least as large.",
          _beyond("etf.week_largest_inflow_since", low=False), "2025-05-23", _SINCE),
    _spec("week_largest_outflow_since", Unit.DATE, "The last session of the last week with an outflow at least as large.",
          _beyond("etf.week_largest_outflow_since", low=True), "2025-02-28", _SINCE),
    _spec("percentile_week_1y", Unit.PCT, "Percent of the weeks of the year before with a smaller flow, either way.",
          _of_weeks(_percentile), "98.1", "Fewer than 50 weeks in that year."),
)  # fmt: skip
