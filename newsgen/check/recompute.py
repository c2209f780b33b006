"""3 Recompute: every figure again from its inputs; in: figures with formulas, out: findings where the value differs.

Scalar formulas are exact. Formulas over history are checked against the view where one is given: a rival that a "since" names must be
beyond the value, and nothing between it and the present window may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from newsgen.check._check import Check, Desk
from newsgen.check._formula import is_scalar, scalar
from newsgen.market import Figure, Reading, Run, SeriesRef, View, from_epoch, plain, to_epoch
from newsgen.story import Finding

__all__ = ["CHECK"]

N = TypeVar("N", Decimal, float)

_EXACT = Decimal("1e-18")
_SPANS = {"1h": 1 / 24, "24h": 1, "day": 1, "7d": 7, "30d": 30}


def recompute(desk: Desk) -> Iterator[Finding]:
    """Recompute each figure of the article."""
    for fact in desk.facts:
        problem = _problem(desk, fact.figure)
        if problem:
            yield desk.finding("recompute", "figures", f"{fact.describe()}: {problem}", [fact])


def _problem(desk: Desk, figure: Figure) -> str:
    if figure.formula is None:
        return _as_read(figure)
    if is_scalar(figure.formula):
        return _scalar_problem(figure)
    if _DAY_OF_ROWS.search(figure.formula):
        return _day_of_rows_problem(desk.view, figure)
    name = figure.formula.partition("(")[0]
    if name == "day":
        return _day_problem(figure)
    if name == "moment":
        ends = [i.observed_at for i in figure.inputs if isinstance(i, Reading | Figure)]
        return "" if figure.value in ends else "none of its inputs is of that moment"
    return _history_problem(desk.view, figure, name)


def _as_read(figure: Figure) -> str:
    """A figure without formula is a reading as it came."""
    if len(figure.inputs) == 1 and isinstance(figure.inputs[0], Reading) and isinstance(figure.value, Decimal):
        reading = figure.inputs[0]
        return "" if reading.value == figure.value else f"the reading says {plain(reading.value)}"
    return ""


def _scalar_problem(figure: Figure) -> str:
    values = [_number(i) for i in figure.inputs]
    known = [v for v in values if v is not None]
    if len(known) < len(values) or not isinstance(figure.value, Decimal):
        return "an input of its formula is no number"
    try:
        value = scalar(figure.formula or "", known)
    except (ValueError, ArithmeticError) as error:
        return f"{figure.formula} cannot be computed: {error}"
    wrong = abs(value - figure.value) > _EXACT * max(abs(value), Decimal(1))
    return f"{figure.formula} gives {plain(value)}" if wrong else ""


_DAY_OF_ROWS = re.compile(r"total_of\(last_days\(i(\d+), 1\)\)")


def _day_of_rows_problem(view: View | None, figure: Figure) -> str:
    """Sums of a day's rows, added up by hand: the rows of each column in the figure's own window."""
    if view is None:
        return ""
    start, end = figure.window_start, figure.window_end
    if start is None or end is None or any(i.until != to_epoch(end) for i in figure.inputs if isinstance(i, SeriesRef)):
        return "its columns do not end where its window does"
    sums = [_sum_of_rows(view, i, to_epoch(start), to_epoch(end)) if isinstance(i, SeriesRef) else _number(i) for i in figure.inputs]
    if None in sums or not isinstance(figure.value, Decimal):
        return "an input of its formula is no number"
    formula = _DAY_OF_ROWS.sub(lambda match: f"i{match[1]}", figure.formula or "")
    try:
        value = scalar(formula, [s for s in sums if s is not None])
    except (ValueError, ArithmeticError) as error:
        return f"{figure.formula} cannot be computed: {error}"
    return "" if value == figure.value else f"the rows of its window add up to {plain(value)}"


def _sum_of_rows(view: View, ref: SeriesRef, start: int, end: int) -> Decimal | None:
    run = _run(view, ref)
    if run is None:
        return None
    return sum((run.decimal(i) for i in range(run.index_at(start) + 1, run.index_at(end) + 1)), Decimal(0))


def _number(item: Reading | Figure | SeriesRef) -> Decimal | None:
    value = getattr(item, "value", None)
    return value if isinstance(value, Decimal) else None


def _day_problem(figure: Figure) -> str:
    """A date must be the UTC day, or the New York day, on which one of its inputs ended."""
    if not isinstance(figure.value, date) or isinstance(figure.value, datetime):
        return ""
    ends = [i.observed_at for i in figure.inputs if isinstance(i, Reading | Figure)]
    days = {(end - timedelta(seconds=s)).astimezone(UTC).date() for end in ends for s in (0, 1)}
    return "" if not days or figure.value in days else f"its input is of {min(days)}"


def _history_problem(view: View | None, figure: Figure, name: str) -> str:
    if name in ("last_at_or_above", "last_at_or_below"):
        return _since_problem(view, figure, low=name.endswith("below"))
    refs = [i for i in figure.inputs if isinstance(i, SeriesRef)]
    if view is None or len(refs) != 1 or not isinstance(figure.value, Decimal):
        return ""
    run = _run(view, refs[0])
    if run is None:
        return ""
    last = run.index_at(refs[0].until)
    if name == "streak" and refs[0].key.series.startswith("etf."):
        flows = [run.decimal(i) for i in range(last + 1)]
        found = _streak(_by_week(run, flows) if "session_weeks" in (figure.formula or "") else flows)
        return "" if found == figure.value else f"the run counts {found}"
    if name == "highest" and figure.name == "index.record_close":
        highest = max(run.floats[: last + 1])
        return "" if highest == float(figure.value) else f"the highest is {highest}"
    return ""


def _by_week(run: Run, flows: Sequence[Decimal]) -> list[Decimal]:
    """What the sessions of each calendar week add up to."""
    weeks: dict[tuple[int, int], Decimal] = {}
    for i, flow in enumerate(flows):
        year, week, _ = from_epoch(run.at(i)).isocalendar()  # a session ends on its own UTC day
        weeks[year, week] = weeks.get((year, week), Decimal(0)) + flow
    return list(weeks.values())


def _streak(flows: Sequence[Decimal]) -> Decimal:
    """Length of the run of one sign that ends the flows, with that sign; a zero ends it."""
    sign = length = 0
    for value in reversed(flows):
        own = (value > 0) - (value < 0)
        if own == 0 or (sign and own != sign):
            break
        sign, length = own, length + 1
    return Decimal(length * sign)


def _since_problem(view: View | None, figure: Figure, low: bool) -> str:
    """The rival must be at or beyond the value, and in the series nothing between may be."""
    present = next((i for i in figure.inputs if isinstance(i, Figure)), None)
    record = figure.record
    if record is None or not isinstance(figure.value, date):
        return ""
    bar = record.value
    if record.rival_value is not None and not _beyond(record.rival_value, bar, low):
        return f"its rival {plain(record.rival_value)} is not beyond {plain(bar)}"
    if record.last_at_or_beyond != figure.value:
        return f"its record names {record.last_at_or_beyond}"
    if view is None or present is None or present.window not in _SPANS:
        return ""
    end = present.observed_at - timedelta(days=_SPANS[present.window])
    between = _between(view, figure, present, figure.value, end)
    if not between or not _beyond(min(between.values()) if low else max(between.values()), float(bar), low):
        return ""
    at, value = next((at, v) for at, v in between.items() if _beyond(v, float(bar), low))
    return f"{value:,.0f} on {_day(from_epoch(at))} is nearer"


def _beyond(value: N, bar: N, low: bool) -> bool:
    return value <= bar if low else value >= bar


def _day(at: datetime) -> date:
    return (at - timedelta(seconds=1)).astimezone(UTC).date()


def _between(view: View, figure: Figure, present: Figure, after: date, until: datetime) -> Mapping[int, float]:
    """By epoch seconds, what a sum over assets was after the rival's day and before the present window; nothing of changes and prices."""
    refs = [i for i in figure.inputs if isinstance(i, SeriesRef)]
    if not refs or present.name.startswith("price.") or not all(r.key.series.startswith(("liq.", "etf.")) for r in refs):
        return {}
    first = datetime(after.year, after.month, after.day, tzinfo=UTC) + timedelta(days=1, seconds=1)
    parts = [_values(view, r, to_epoch(first), to_epoch(until)) for r in refs]
    if any(p.keys() != parts[0].keys() for p in parts):
        shared = set(parts[0]).intersection(*parts[1:])
        parts = [{at: v for at, v in p.items() if at in shared} for p in parts]
    return dict(zip(parts[0], map(sum, zip(*(p.values() for p in parts), strict=True)), strict=True))


def _run(view: View, ref: SeriesRef) -> Run | None:
    key = ref.key
    found = view.runs(key.series, key.subject, window=key.window, source=key.source, venue=key.venue)
    return found[0] if found else None


def _values(view: View, ref: SeriesRef, first: int, until: int) -> dict[int, float]:
    """The values of a series from one moment up to another, by epoch seconds."""
    run = _run(view, ref)
    if run is None:
        return {}
    start, stop = run.index_at(first - 1) + 1, run.index_at(min(until, ref.until)) + 1
    return dict(zip(run.observed[start:stop], run.floats[start:stop], strict=True))


CHECK = Check("recompute", 3, "Each figure is what its formula makes of its inputs.", recompute)
