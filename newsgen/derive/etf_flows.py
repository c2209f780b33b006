"""Flows of the US spot funds; in: net flows per session and fund, out: the last session, its rank, runs and sums.

A session is a trading day in New York. A zero ends a run; days without trading do not count. One source for all: the preferred one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from newsgen.derive._coverage import covers_life
from newsgen.derive._etf import of_run, run_of
from newsgen.derive._figure import (
    ASSET,
    DAY,
    Compute,
    add,
    computed,
    exact,
    from_reading,
    history,
    listed,
    numbered,
    ref,
    session_of,
)
from newsgen.derive._formula import rounded
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import Known, known_of, streaks_of, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit, to_epoch

__all__ = ["FIGURES"]

_YEAR_SESSIONS = 251


def _net(ask: Ask, asset: str, run: Run) -> Figure:
    reading = run.reading(-1)
    return from_reading("etf.net_flow_day", asset, reading, window="session", window_end=reading.observed_at)


def _session(ask: Ask, asset: str, run: Run) -> Figure:
    return history("etf.session", asset, Unit.DATE, session_of(run.at(-1)), "session(i1)", [run.reading(-1)], window="session")


def _week(ask: Ask, asset: str, run: Run) -> Figure | Absent:
    """From Monday to the last session; the label says whether the trading week is over.

    After a week whose Friday is not known nobody can tell whether it is missing or was a holiday.
    """
    last = session_of(run.at(-1))
    monday = last - timedelta(days=last.weekday())
    readings = [run.reading(i) for i in range(max(len(run) - 5, 0), len(run)) if session_of(run.at(i)) >= monday]
    over = last.weekday() == 4
    if not over and session_of(ask.view.as_of_s) >= monday + timedelta(days=5):
        return Absent(f"the last session of the week of the {asset} funds is not known")
    return add("etf.net_flow_week", asset, Unit.USD, readings, window="week", label="closed" if over else "so_far",
               window_start=readings[0].observed_at, window_end=readings[-1].observed_at)  # fmt: skip


def _streak(run: Run) -> int:
    """Signed length of the run of one sign that ends the series."""
    known = streaks_of(run)
    return int(known.track.values[known.last - 1])


def _streak_readings(run: Run) -> list[Reading]:
    return [run.reading(i) for i in range(len(run) - abs(_streak(run)), len(run))]


def _streak_days(ask: Ask, asset: str, run: Run) -> Figure:
    return history("etf.streak_days", asset, Unit.COUNT, Decimal(_streak(run)), "streak(i1)", [ref(run), run.reading(-1)],
                   window="streak")  # fmt: skip


def _streak_total(ask: Ask, asset: str, run: Run) -> Figure | Absent:
    readings = _streak_readings(run)
    if not readings:
        return Absent(f"the last session of the {asset} funds had no net flow")
    return add("etf.streak_total", asset, Unit.USD, readings, window="streak", window_start=readings[0].observed_at,
               window_end=readings[-1].observed_at)  # fmt: skip


def _streak_start(ask: Ask, asset: str, run: Run) -> Figure | Absent:
    readings = _streak_readings(run)
    if not readings:
        return Absent(f"the last session of the {asset} funds had no net flow")
    day = session_of(to_epoch(readings[0].observed_at))
    return history("etf.streak_start", asset, Unit.DATE, day, "session(i1)", [readings[0]], window="streak")


def _cumulative(ask: Ask, asset: str, run: Run) -> Figure | Absent:
    start = session_of(run.at(0))
    if not covers_life("etf", asset, start):
        return Absent(f"the flows of the {asset} funds are known only from {start}")
    total = exact(list(run))
    return history("etf.cumulative", asset, Unit.USD, total, "total_of(i1)", [ref(run), run.reading(-1)], archive_start=start)


def _since(ask: Ask, name: str, asset: str, run: Run, present: Figure, until: int, *, low: bool) -> Figure | Absent:
    """Against the sessions before row `until`."""
    known = known_of(run).until(run.at(until) - 1)
    if not len(known):
        return Absent(f"{name} of {asset}: no earlier sessions")
    observed = known.track.at
    piece = Piece(known, 0, lambda i: [run.reading(run.index_of(observed[i]))])
    past = Past((piece,), (ref(run, run.at(until) - 1),), "i1", session_of)
    return since(ask, name, asset, present, past, low=low, covers_life=covers_life("etf", asset, past.start),
                 at=session_of(run.at(until)))  # fmt: skip


def _beyond(name: str, *, low: bool) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        run, present = run_of(ask, asset), ask.figure("etf.net_flow_day", asset)
        if isinstance(run, Absent) or isinstance(present, Absent):
            return run if isinstance(run, Absent) else present if isinstance(present, Absent) else Absent("")
        if present.number == 0 or (present.number < 0) != low:
            return Absent(f"the last session of the {asset} funds was no {'outflow' if low else 'inflow'}")
        return _since(ask, name, asset, run, present, len(run) - 1, low=low)

    return compute


def _funds(ask: Ask, asset: str, run: Run) -> list[Reading]:
    """The flows by fund of the last session, from the source of the total, zeros left out; the largest first."""
    found = []
    for fund in ask.view.runs("etf.fund_flow", asset, window="session", source=run.key.source):
        i = fund.index_of(run.at(-1))
        if i >= 0 and fund.decimal(i) != 0:
            found.append(fund.reading(i))
    return sorted(found, key=lambda r: (-abs(r.value), r.key.venue))


def _top(ask: Ask, asset: str, run: Run) -> Figure | Absent:
    funds = ask.memo(("funds", asset), lambda: _funds(ask, asset, run))
    if not funds:
        return Absent(f"no flows by fund for the last session of the {asset} funds")
    return from_reading("etf.top_fund", asset, funds[0], window="session", label=funds[0].key.venue.upper())


def _counts(name: str, formula: Callable[[str, int], str]) -> Compute:
    """How many funds moved the way of the total; `formula` gets the operation that picks them, and how many there are."""

    def make(ask: Ask, asset: str, run: Run) -> Figure | Absent:
        funds, net = ask.memo(("funds", asset), lambda: _funds(ask, asset, run)), run.decimal(-1)
        if not funds or net == 0:
            return Absent(f"no flows by fund for the last session of the {asset} funds, or a total of zero")
        unit = Unit.PCT if name == "etf.share_of_funds" else Unit.COUNT
        return computed(name, asset, unit, formula("count_above" if net > 0 else "count_below", len(funds)), funds, window="session",
                        bound="exact")  # fmt: skip

    return of_run(make)


def _agreeing(operation: str, count: int) -> str:
    return f"{operation}(0, {listed(count)})"


def _percentile(ask: Ask, asset: str, run: Run) -> Figure | Absent:
    """Of the sizes, either way, of the sessions of a year before the last."""
    until = run.at(-1) - 1
    year = known_of(run).until(until).after(until - 365 * DAY)
    if len(year) < 0.95 * _YEAR_SESSIONS:
        return Absent(f"only {len(year)} sessions of the {asset} funds in the year before")
    size = abs(float(run.decimal(-1)))
    value = rounded(100 * sum([-size < v < size for v in year.values]) / len(year))
    return history("etf.percentile_1y", asset, Unit.PCT, value, "percentile(magnitude(last_days(i1, 365)), abs(i2))",
                   [ref(run, until), run.reading(-1)], window="session", archive_start=session_of(run.at(0)))  # fmt: skip


def _peak_row(run: Run) -> int | None:
    """The largest same-sign session of the five before the last, if it is larger than the last."""
    first = max(0, len(run) - 6)
    *before, last = (float(run.decimal(i)) for i in range(first, len(run)))
    near = [i for i, value in enumerate(before) if value * last > 0 and abs(value) > abs(last)]
    return first + max(near, key=lambda i: abs(before[i])) if near else None


def _peak(name: str) -> Compute:
    def make(ask: Ask, asset: str, run: Run) -> Figure | Absent:
        row = _peak_row(run)
        if row is None:
            return Absent(f"no larger session of the {asset} funds in the five before the last")
        reading = run.reading(row)
        value = from_reading("etf.recent_peak", asset, reading, window="session", window_end=reading.observed_at)
        if name == "etf.recent_peak":
            return value
        if name == "etf.recent_peak_at":
            return history(name, asset, Unit.DATE, session_of(run.at(row)), "session(i1)", [reading], window="session")
        return _since(ask, name, asset, run, value, row, low=reading.value < 0)

    return of_run(make)


def _trail(values: Callable[[Run], Known]) -> Callable[[Ask, str], Trail | Absent]:
    """The sessions before the last."""

    def make(ask: Ask, asset: str) -> Trail | Absent:
        run = run_of(ask, asset)
        if isinstance(run, Absent) or len(run) < 2:
            return run if isinstance(run, Absent) else Absent("no earlier sessions")
        return trail_of([values(run)], run.at(-2))

    return make


_NONE = "No session of the last five days is known."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str = "", absent: str = _NONE, **more: Any) -> FigureSpec:
    return FigureSpec(f"etf.{name}", unit, meaning, ASSET, absent, compute, more.pop("window", "session"), example, **more)


_NO_FUNDS = "No flows by fund from the source of the total, or a total of zero."
_NO_RUN = "As for the session, or its net flow is zero."
_SINCE = "The flow went the other way, or one as large is less than 30 days old (the reason names it)."
_NO_PEAK = "None of the five sessions before the last was larger with the same sign."

FIGURES: tuple[FigureSpec, ...] = (
    _spec("net_flow_day", Unit.USD, "Net flow of the last known session.", of_run(_net), "1029600000",
          trail=_trail(known_of)),
    _spec("session", Unit.DATE, "The New York date of that session.", of_run(_session), "2025-07-11"),
    _spec("net_flow_week", Unit.USD, "Net flow from Monday to that session; the label says closed or so_far.", of_run(_week), "2717500000",
          window="week"),
    _spec("streak_days", Unit.COUNT, "Signed run of sessions one way, the last one included.", of_run(_streak_days), "7",
          window="streak", trail=_trail(streaks_of)),
    _spec("streak_total", Unit.USD, "Net flow of that run.", of_run(_streak_total), "3727100000", _NO_RUN, window="streak"),
    _spec("streak_start", Unit.DATE, "The first session of that run.", of_run(_streak_start), "2025-07-02", _NO_RUN, window="streak"),
    _spec("cumulative", Unit.USD, "Net flow since the first session.", of_run(_cumulative), "52339000000",
          "The archive does not begin with the funds' first session.", window=""),
    _spec("largest_inflow_since", Unit.DATE, "The last session with an inflow at least as large.",
          _beyond("etf.largest_inflow_since", low=False), "", _SINCE),
    _spec("largest_outflow_since", Unit.DATE, "The last session with an outflow at least as large.",
          _beyond("etf.largest_outflow_since", low=True), "", _SINCE),
    _spec("top_fund", Unit.USD, "The largest flow of a single fund; the label is its ticker.", of_run(_top), "953500000", _NO_FUNDS),
    _spec("percentile_1y", Unit.PCT, "Percent of the sessions of the year before with a smaller flow, either way.", of_run(_percentile),
          "97.6", "Fewer than 239 sessions in that year."),
    _spec("recent_peak", Unit.USD, "The largest session of the five before the last, same sign, if larger than the last.",
          _peak("etf.recent_peak"), "1175600000", _NO_PEAK),
    _spec("recent_peak_at", Unit.DATE, "The date of that session.", _peak("etf.recent_peak_at"), "2025-07-10", _NO_PEAK),
    _spec("recent_peak_since", Unit.DATE, "The last session before it that was at least as large.", _peak("etf.recent_peak_since"),
          "2024-11-07", _NO_PEAK),
    _spec("share_of_funds", Unit.PCT, "Percent of the funds with a flow that moved the way of the total.",
          _counts("etf.share_of_funds", lambda operation, n: f"share({_agreeing(operation, n)}, {numbered('count', n)})"), "100",
          _NO_FUNDS),
    _spec("funds_agreeing", Unit.COUNT, "Funds that moved the way of the total.", _counts("etf.funds_agreeing", _agreeing), "6", _NO_FUNDS),
    _spec("funds_reporting", Unit.COUNT, "Funds with a flow that is not zero.",
          _counts("etf.funds_reporting", lambda _, n: numbered("count", n)), "7", _NO_FUNDS),
)  # fmt: skip
