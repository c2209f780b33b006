"""The kit of derive: makes figures from readings and formulas; in: readings, figures and formulas, out: Figure or Absent.

Provenance is carried along: known_at is the newest of the inputs, completeness the weakest, the bound a lower one if any input is, the
source the printed names. Reads no clock: `as_of` is in the View.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from newsgen.derive._formula import evaluate
from newsgen.derive._tracks import DAY, day_of
from newsgen.market import Absent, Ask, Bound, Completeness, Figure, Reading, Run, SeriesRef, Trail, Unit, from_epoch, iso

__all__ = [
    "ASSET", "BOTH", "COMPANY", "DAY", "FRESH_S", "INDEX", "MARKET", "add", "computed", "day_of", "fresh_run", "from_reading", "history",
    "listed", "named", "numbered", "ref", "session_of", "trail_until", "utc_midnight",
]  # fmt: skip

FRESH_S = 600  # price and derivatives may be ten minutes old (editorial.md section 1)
MIN_PAST = 30  # fewer past values give no percentile (editorial.md section 2)
_NEW_YORK = ZoneInfo("America/New_York")
_WEAKER = (Completeness.FINAL, Completeness.RESTATED, Completeness.PARTIAL, Completeness.PRELIMINARY)

ASSET = frozenset({"asset"})
MARKET = frozenset({"market"})
BOTH = ASSET | MARKET
INDEX = frozenset({"index"})
COMPANY = frozenset({"company"})

Input = Reading | Figure | SeriesRef
Compute = Callable[[Ask, str], Figure | Absent]


def named(inputs: Iterable[Input]) -> str:
    """The printed names of the sources of some inputs, each once."""
    names = (i.origin.source_name if isinstance(i, Reading) else i.source for i in inputs if not isinstance(i, SeriesRef))
    return ", ".join(dict.fromkeys(n for n in names if n))


def _completeness(inputs: Iterable[Input]) -> Completeness:
    found = [i.origin.completeness if isinstance(i, Reading) else i.completeness for i in inputs if not isinstance(i, SeriesRef)]
    return max(found, key=_WEAKER.index, default=Completeness.FINAL)


def _bound(inputs: Iterable[Input]) -> Bound:
    bounds = (i.origin.bound if isinstance(i, Reading) else i.bound for i in inputs if not isinstance(i, SeriesRef))
    return "at_least" if "at_least" in bounds else "exact"


def from_reading(name: str, subject: str, reading: Reading, unit: Unit | None = None, **more: Any) -> Figure:
    """A figure that is a reading as it came."""
    origin = reading.origin
    settings: dict[str, Any] = {"completeness": origin.completeness, "bound": origin.bound, "label": origin.label, **more}
    return Figure(name, subject, reading.value, unit or reading.unit, reading.observed_at, reading.known_at, origin.source_name,
                  (reading,), None, **settings)  # fmt: skip


def computed(name: str, subject: str, unit: Unit, formula: str, inputs: Sequence[Reading | Figure], **more: Any) -> Figure | Absent:
    """A figure by a formula of numbers; Absent when it divides by zero."""
    values = [i.value if isinstance(i, Reading) else i.number for i in inputs]
    try:
        value = evaluate(formula, values)
    except ZeroDivisionError:
        return Absent(f"{name} of {subject}: the base is zero")
    return history(name, subject, unit, value, formula, inputs, **more)


def history(name: str, subject: str, unit: Unit, value: Any, formula: str, inputs: Sequence[Input], **more: Any) -> Figure:
    """A figure whose value the caller has worked out, with the formula that says how."""
    dated = [i for i in inputs if not isinstance(i, SeriesRef)]
    settings: dict[str, Any] = {"completeness": _completeness(dated), "bound": _bound(dated), **more}
    observed = settings.pop("observed_at", None) or max(i.observed_at for i in dated)
    source = settings.pop("source", None) or named(dated)
    known = max(i.known_at for i in dated)
    return Figure(name, subject, value, unit, observed, known, source, tuple(inputs), formula, **settings)


def listed(count: int, first: int = 1) -> str:
    """Consecutive inputs: i1, i2, i3."""
    return ", ".join(f"i{k}" for k in range(first, first + count))


def numbered(operation: str, count: int, first: int = 1) -> str:
    """An operation over consecutive inputs: sum(i1, i2, i3)."""
    return f"{operation}({listed(count, first)})"


def add(name: str, subject: str, unit: Unit, readings: Sequence[Reading | Figure], **more: Any) -> Figure | Absent:
    """The sum of some readings."""
    return computed(name, subject, unit, numbered("sum", len(readings)), readings, **more)


def ref(run: Run, until: int | None = None) -> SeriesRef:
    """A column as an input: its rows up to a moment, or all that are known."""
    return SeriesRef(run.key, run.observed[-1] if until is None else until)


def session_of(moment: int) -> date:
    """The New York date of a moment: the name of a US session."""
    return from_epoch(moment).astimezone(_NEW_YORK).date()


def utc_midnight(moment: int) -> int:
    """The last UTC midnight at or before a moment."""
    return moment - moment % DAY


def fresh_run(ask: Ask, series: str, subject: str, max_age_s: int, **narrow: str) -> Run | Absent:
    """The preferred run whose last reading is young enough."""
    run = ask.view.run(series, subject, **narrow)
    if isinstance(run, Absent) or ask.view.as_of_s - run.observed[-1] <= max_age_s:
        return run
    return Absent(f"the last {series} of {subject} is of {iso(from_epoch(run.observed[-1]))}: too old at {iso(ask.view.as_of)}")


def trail_until(at: Sequence[int], values: Sequence[float], until: int) -> Trail | Absent:
    """The past values whose windows end at or before `until`: all of the archive's, since rarity looks back further than a year."""
    last = next((i for i in range(len(at), 0, -1) if at[i - 1] <= until), 0)
    return Trail(list(at[:last]), list(values[:last]), day_of(at[0])) if last else Absent("no past values")


Word = Literal["", "long", "short"]


def exact(readings: Sequence[Reading]) -> Decimal:
    """The exact sum of some readings."""
    return sum((r.value for r in readings), Decimal(0))
