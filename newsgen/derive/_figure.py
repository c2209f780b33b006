"""The kit of derive: makes figures from readings and formulas; in: readings, figures and formulas, out: Figure or Absent.

Provenance is carried along: known_at is the newest of the inputs, completeness the weakest, the bound a lower one if any input is, the
source the printed names. Reads no clock: `as_of` is in the View.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from newsgen.derive._formula import evaluate
from newsgen.derive._tracks import DAY, day_of, session_of
from newsgen.market import Absent, Ask, Completeness, Figure, Reading, Run, SeriesRef, Unit, from_epoch, iso

__all__ = [
    "ASSET", "BOTH", "COMPANY", "DAY", "FRESH_S", "INDEX", "MARKET", "add", "computed", "day_of", "fresh_run", "from_reading", "history",
    "listed", "named", "numbered", "ref", "session_of", "utc_midnight",
]  # fmt: skip

FRESH_S = 600  # price and derivatives may be ten minutes old (editorial.md section 1)
MIN_PAST = 30  # fewer past values give no percentile (editorial.md section 2)
_WEAKER = (Completeness.FINAL, Completeness.RESTATED, Completeness.PARTIAL, Completeness.PRELIMINARY)

ASSET = frozenset({"asset"})
MARKET = frozenset({"market"})
BOTH = ASSET | MARKET
INDEX = frozenset({"index"})
COMPANY = frozenset({"company"})

Input = Reading | Figure | SeriesRef
Compute = Callable[[Ask, str], Figure | Absent]


def named(inputs: Iterable[Reading | Figure]) -> str:
    """The printed names of the sources of some inputs, each once."""
    names = dict.fromkeys([i.origin.source_name if isinstance(i, Reading) else i.source for i in inputs])
    return ", ".join([n for n in names if n])


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
    origins = [i.origin if isinstance(i, Reading) else i for i in dated]
    kinds = {o.completeness for o in origins}
    settings: dict[str, Any] = {
        "completeness": kinds.pop() if len(kinds) == 1 else max(kinds, key=_WEAKER.index),
        "bound": "at_least" if "at_least" in [o.bound for o in origins] else "exact",
        **more,
    }
    observed = settings.pop("observed_at", None) or max([i.observed_at for i in dated])
    source = settings.pop("source", None) or named(dated)
    known = max([i.known_at for i in dated])
    return Figure(name, subject, value, unit, observed, known, source, tuple(inputs), formula, **settings)


@cache
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
    return SeriesRef(run.key, run.at(-1) if until is None else until)


def utc_midnight(moment: int) -> int:
    """The last UTC midnight at or before a moment."""
    return moment - moment % DAY


def fresh_run(ask: Ask, series: str, subject: str, max_age_s: int, **narrow: str) -> Run | Absent:
    """The preferred run whose last reading is young enough."""
    run = ask.view.run(series, subject, **narrow)
    if isinstance(run, Absent) or ask.view.as_of_s - run.at(-1) <= max_age_s:
        return run
    return Absent(f"the last {series} of {subject} is of {iso(from_epoch(run.at(-1)))}: too old at {iso(ask.view.as_of)}")


Word = Literal["", "long", "short"]


def exact(readings: Sequence[Reading]) -> Decimal:
    """The exact sum of some readings."""
    return sum((r.value for r in readings), Decimal(0))
