"""3 Recompute: every figure again from its inputs; in: figures with formulas, out: findings where the value differs.

Scalar formulas are exact. Formulas over history are checked against the view where one is given: a rival that a "since" names must be
beyond the value, and nothing between it and the present window may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from newsgen.check._check import Check, Desk
from newsgen.check._formula import is_scalar, scalar
from newsgen.market import Figure, Reading, Run, SeriesRef, View, plain
from newsgen.story import Finding

__all__ = ["CHECK"]

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
    name = figure.formula.partition("(")[0]
    if name == "day":
        return _day_problem(figure)
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
    values = _values(view, refs[0])
    if name == "streak" and refs[0].key.series.startswith("etf.") and values:
        found = _streak([v for _, v in values])
        return "" if found == figure.value else f"the run counts {found}"
    if name == "highest" and values and figure.name == "index.record_close":
        found = max(v for _, v in values)
        return "" if found == figure.value else f"the highest is {found}"
    return ""


def _streak(values: Sequence[Decimal]) -> Decimal:
    """Length of the run of one sign at the end, with that sign; a zero ends it."""
    length, sign = 0, 0
    for value in reversed(values):
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
    between = [(at, v) for at, v in _comparable(view, figure, present) if figure.value < _day(at) and at <= end and _beyond(v, bar, low)]
    return f"{plain(between[-1][1])} on {_day(between[-1][0])} is nearer" if between else ""


def _beyond(value: Decimal, bar: Decimal, low: bool) -> bool:
    return value <= bar if low else value >= bar


def _day(at: datetime) -> date:
    return (at - timedelta(seconds=1)).astimezone(UTC).date()


def _comparable(view: View, figure: Figure, present: Figure) -> list[tuple[datetime, Decimal]]:
    """The past of a sum over assets, moment by moment; of what is measured otherwise (changes), nothing."""
    refs = [i for i in figure.inputs if isinstance(i, SeriesRef)]
    if not refs or present.name.startswith("price.change") or any(r.key.series.partition(".")[0] not in ("liq", "etf") for r in refs):
        return []
    parts = [dict(_values(view, r)) for r in refs]
    common = set(parts[0]).intersection(*parts[1:])
    return sorted((at, sum((p[at] for p in parts), Decimal(0))) for at in common)


def _values(view: View, ref: SeriesRef) -> list[tuple[datetime, Decimal]]:
    key = ref.key
    run: Run | None = next(iter(view.runs(key.series, key.subject, window=key.window, source=key.source, venue=key.venue)), None)
    if run is None:
        return []
    return [(datetime.fromtimestamp(at, UTC), run.decimal(i)) for i, at in enumerate(run.observed) if at <= ref.until]


CHECK = Check("recompute", 3, "Each figure is what its formula makes of its inputs.", recompute)
