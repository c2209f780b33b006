"""Flows of the US spot funds; in: net flows per session and fund, out: the last session, its rank, runs and sums.

A session is a trading day in New York. A zero ends a run; days without trading do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from newsgen.derive._coverage import covers_life
from newsgen.derive._figure import DAY, computed, from_reading, history, percentile_below, ref, since, spec_kinds
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit, from_epoch

__all__ = ["FIGURES"]

ASSET = spec_kinds["asset"]
_NEW_YORK = ZoneInfo("America/New_York")
_STALE_DAYS = 5  # a long weekend; an older session is no news


def _session_of(moment: int) -> date:
    return from_epoch(moment).astimezone(_NEW_YORK).date()


def _run(ask: Ask, asset: str) -> Run | Absent:
    run = ask.view.run("etf.net_flow", asset, window="session", venue="us")
    if isinstance(run, Absent):
        return run
    last = _session_of(run.observed[-1])
    if (ask.view.as_of.date() - last) > timedelta(days=_STALE_DAYS):
        return Absent(f"the last known session of the {asset} funds is {last}")
    return run


def _net(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, asset)
    return run if isinstance(run, Absent) else from_reading("etf.net_flow_day", asset, run.reading(-1), window="session")


def _session(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, asset)
    if isinstance(run, Absent):
        return run
    return history("etf.session", asset, Unit.DATE, _session_of(run.observed[-1]), "day(i1)", [run.reading(-1)], window="session")


def _sum(name: str, asset: str, readings: Sequence[Reading], **more: Any) -> Figure | Absent:
    formula = f"sum({', '.join(f'i{k}' for k in range(1, len(readings) + 1))})"
    return computed(f"etf.{name}", asset, Unit.USD, formula, readings, **more)


def _week(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, asset)
    if isinstance(run, Absent):
        return run
    last = _session_of(run.observed[-1])
    monday = last - timedelta(days=last.weekday())
    readings = [run.reading(i) for i in range(len(run)) if _session_of(run.observed[i]) >= monday]
    return _sum("net_flow_week", asset, readings, window="week")


def _streak_length(values: Sequence[float]) -> int:
    sign = (values[-1] > 0) - (values[-1] < 0)
    length = 0
    for value in reversed(values):
        if sign == 0 or value * sign <= 0:
            break
        length += 1
    return length * sign


def _streak_readings(run: Run) -> list[Reading]:
    return [run.reading(i) for i in range(len(run) - abs(_streak_length(run.floats)), len(run))]


def _streak_days(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, asset)
    if isinstance(run, Absent):
        return run
    return history("etf.streak_days", asset, Unit.COUNT, Decimal(_streak_length(run.floats)), "streak(i1)",
                   [ref(run), run.reading(-1)], window="session")  # fmt: skip


def _streak_total(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, asset)
    if isinstance(run, Absent):
        return run
    readings = _streak_readings(run)
    return _sum("streak_total", asset, readings, window="streak") if readings else Absent("the last session had no net flow")


def _streak_start(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, asset)
    if isinstance(run, Absent):
        return run
    readings = _streak_readings(run)
    if not readings:
        return Absent("the last session had no net flow")
    first = readings[0]
    return history("etf.streak_start", asset, Unit.DATE, _session_of(int(first.observed_at.timestamp())), "day(i1)", [first])


def _cumulative(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, asset)
    if isinstance(run, Absent):
        return run
    total = sum((run.decimal(i) for i in range(len(run))), Decimal(0))
    start = _session_of(run.observed[0])
    if not covers_life("etf", asset, start):
        return Absent(f"the flows of the {asset} funds are known only from {start}")
    return history("etf.cumulative", asset, Unit.USD, total, "series_sum(i1)", [ref(run), run.reading(-1)], archive_start=start)


def _beyond(name: str, low: bool) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        run, present = _run(ask, asset), ask.figure("etf.net_flow_day", asset)
        if isinstance(run, Absent) or isinstance(present, Absent):
            return run if isinstance(run, Absent) else present if isinstance(present, Absent) else Absent("")
        if (present.number < 0) != low:
            return Absent(f"the last session of the {asset} funds was no {'outflow' if low else 'inflow'}")
        return _since(ask, f"etf.{name}", asset, run, present, len(run) - 1, low)

    return compute


def _since(ask: Ask, name: str, asset: str, run: Run, present: Figure, until: int, low: bool) -> Figure | Absent:
    start = _session_of(run.observed[0])
    if until < 1:
        return Absent(f"{name} of {asset}: no earlier sessions")
    return since(
        ask, name, asset, present=present, at=run.observed[:until], floats=run.floats[:until], before=run.observed[until] - 1,
        low=low, refs=[ref(run)], archive_start=start, covers_life=covers_life("etf", asset, start), rival=run.reading,
        dates=[_session_of(m) for m in run.observed[:until]],
    )  # fmt: skip


def _funds(ask: Ask, asset: str) -> list[Reading]:
    session = ask.figure("etf.net_flow_day", asset)
    if isinstance(session, Absent):
        return []
    at = int(session.observed_at.timestamp())
    found = []
    source = session.inputs[0].key.source if isinstance(session.inputs[0], Reading) else ""
    for run in ask.view.runs("etf.fund_flow", asset, window="session", source=source):
        i = run.index_of(at)
        if i >= 0 and run.decimal(i) != 0:
            found.append(run.reading(i))
    return found


def _top(ask: Ask, asset: str) -> Figure | Absent:
    readings = _funds(ask, asset)
    if not readings:
        return Absent(f"no flows by fund for the last session of the {asset} funds")
    top = max(readings, key=lambda r: (abs(r.value), r.key.venue))
    return from_reading("etf.top_fund", asset, top, window="session", label=top.key.venue)


def _counts(name: str) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        readings, net = _funds(ask, asset), ask.figure("etf.net_flow_day", asset)
        if not readings or isinstance(net, Absent) or net.number == 0:
            return Absent(f"no flows by fund for the last session of the {asset} funds")
        agreeing = [r for r in readings if (r.value > 0) == (net.number > 0)]
        if name == "share_of_funds":
            value = Decimal(100 * len(agreeing)) / Decimal(len(readings))
            return history(f"etf.{name}", asset, Unit.PCT, value, "count_share(i1)", readings, window="session")
        value = Decimal(len(agreeing if name == "funds_agreeing" else readings))
        return history(f"etf.{name}", asset, Unit.COUNT, value, "count(i1)", readings, window="session")

    return compute


def _percentile(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, asset)
    if isinstance(run, Absent):
        return run
    year = [abs(v) for at, v in zip(run.observed[:-1], run.floats[:-1], strict=True) if at > run.observed[-1] - 365 * DAY]
    if len(year) < 30:
        return Absent(f"only {len(year)} earlier sessions of the {asset} funds")
    value = Decimal(str(round(percentile_below(year, abs(run.floats[-1])), 4)))
    return history("etf.percentile_1y", asset, Unit.PCT, value, "percentile(i1, 365)", [ref(run), run.reading(-1)], window="session")


def _peak_index(run: Run) -> int | None:
    """The largest same-sign session of the five before the last, if it is larger than the last."""
    last = run.floats[-1]
    near = [i for i in range(max(0, len(run) - 6), len(run) - 1) if run.floats[i] * last > 0 and abs(run.floats[i]) > abs(last)]
    return max(near, key=lambda i: abs(run.floats[i]), default=None)


def _peak(kind: str) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        run = _run(ask, asset)
        if isinstance(run, Absent):
            return run
        i = _peak_index(run)
        if i is None:
            return Absent(f"no larger session of the {asset} funds in the five before the last")
        reading = run.reading(i)
        value = from_reading("etf.recent_peak", asset, reading, window="session")
        if kind == "recent_peak":
            return value
        if kind == "recent_peak_at":
            return history("etf.recent_peak_at", asset, Unit.DATE, _session_of(run.observed[i]), "day(i1)", [reading], window="session")
        return _since(ask, "etf.recent_peak_since", asset, run, value, i, reading.value < 0)

    return compute


def _trail(values: Callable[[Run], Sequence[float]]) -> Callable[[Ask, str], Trail | Absent]:
    def make(ask: Ask, asset: str) -> Trail | Absent:
        run = _run(ask, asset)
        if isinstance(run, Absent) or len(run) < 2:
            return run if isinstance(run, Absent) else Absent("no earlier sessions")
        return Trail(run.observed[:-1], list(values(run))[:-1], _session_of(run.observed[0]))

    return make


def _streaks(run: Run) -> list[float]:
    streaks: list[float] = []
    length = 0
    for value in run.floats:
        sign = (value > 0) - (value < 0)
        length = length + sign if length * sign > 0 else sign
        streaks.append(float(length))
    return streaks


_NONE = "No session of the last five days is known."


def _spec(name: str, unit: Unit, meaning: str, compute: Callable[[Ask, str], Figure | Absent], example: str = "",
          trail: Any = None) -> FigureSpec:  # fmt: skip
    return FigureSpec(f"etf.{name}", unit, meaning, ASSET, _NONE, compute, "session", example, trail)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("net_flow_day", Unit.USD, "Net flow of the last known session.", _net, "1029600000", _trail(lambda run: run.floats)),
    _spec("session", Unit.DATE, "The date of that session.", _session, "2025-07-11"),
    _spec("net_flow_week", Unit.USD, "Net flow of the trading week up to that session.", _week, "2717500000"),
    _spec("streak_days", Unit.COUNT, "Signed run of sessions one way, the last one included.", _streak_days, "7", _trail(_streaks)),
    _spec("streak_total", Unit.USD, "Net flow of that run.", _streak_total, "3727100000"),
    _spec("streak_start", Unit.DATE, "The first session of that run.", _streak_start, "2025-07-02"),
    _spec("cumulative", Unit.USD, "Net flow since the first session.", _cumulative),
    _spec("largest_inflow_since", Unit.DATE, "The last session with an inflow at least as large.",
          _beyond("largest_inflow_since", False)),
    _spec("largest_outflow_since", Unit.DATE, "The last session with an outflow at least as large.",
          _beyond("largest_outflow_since", True)),
    _spec("top_fund", Unit.USD, "The largest flow of a single fund; the label is its ticker.", _top),
    _spec("percentile_1y", Unit.PCT, "Percent of the sessions of a year with a smaller flow, either way.", _percentile),
    _spec("recent_peak", Unit.USD, "The largest session of the five before the last, same sign, if larger than the last.",
          _peak("recent_peak")),
    _spec("recent_peak_at", Unit.DATE, "The date of that session.", _peak("recent_peak_at")),
    _spec("recent_peak_since", Unit.DATE, "The last session before it that was at least as large.", _peak("recent_peak_since")),
    _spec("share_of_funds", Unit.PCT, "Percent of the funds with a flow that moved the way of the total.", _counts("share_of_funds")),
    _spec("funds_agreeing", Unit.COUNT, "Funds that moved the way of the total.", _counts("funds_agreeing")),
    _spec("funds_reporting", Unit.COUNT, "Funds with a flow that is not zero.", _counts("funds_reporting")),
)  # fmt: skip
