"""The kit of derive: makes figures from readings and formulas, and joins bars; in: an Ask, out: Figure or Absent.

Provenance is carried along: known_at is the newest of the inputs, completeness the weakest, the bound a lower one if any input
is. Reads no clock: `as_of` is in the View. Price bars are Binance spot, finest first; perpetuals never feed them.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from newsgen.derive._formula import evaluate
from newsgen.market import (
    Absent,
    Ask,
    Completeness,
    Figure,
    Reading,
    Record,
    Run,
    SeriesRef,
    Trail,
    Unit,
    from_epoch,
    iso,
)

__all__ = [
    "DAY", "Bars", "bars_of", "computed", "day_of", "from_reading", "history", "percentile_below", "since", "spec_kinds",
    "trail_of_changes",
]  # fmt: skip

DAY = 86_400
FRESH_S = 600  # price and derivatives may be ten minutes old (editorial.md section 1)
MIN_SINCE_DAYS = 30
MIN_PAST = 30
_WINDOWS = {"1h": 3600, "4h": 4 * 3600, "1d": DAY}
_WEAKER = [Completeness.FINAL, Completeness.RESTATED, Completeness.PARTIAL, Completeness.PRELIMINARY]

ASSET = frozenset({"asset"})
MARKET = frozenset({"market"})
BOTH = frozenset({"asset", "market"})
INDEX = frozenset({"index"})
COMPANY = frozenset({"company"})
spec_kinds = {"asset": ASSET, "market": MARKET, "both": BOTH, "index": INDEX, "company": COMPANY}


def _sources(inputs: Iterable[Reading | Figure | SeriesRef]) -> str:
    names: dict[str, None] = {}
    for item in inputs:
        name = item.origin.source_name if isinstance(item, Reading) else item.source if isinstance(item, Figure) else ""
        if name:
            names[name] = None
    return ", ".join(names)


def _completeness(inputs: Iterable[Reading | Figure | SeriesRef]) -> Completeness:
    found = [i.origin.completeness if isinstance(i, Reading) else i.completeness for i in inputs if not isinstance(i, SeriesRef)]
    return max(found, key=_WEAKER.index, default=Completeness.FINAL)


def _bound(inputs: Iterable[Reading | Figure | SeriesRef]) -> Any:
    bounds = {i.origin.bound if isinstance(i, Reading) else i.bound for i in inputs if not isinstance(i, SeriesRef)}
    return "at_least" if "at_least" in bounds else "exact"


def from_reading(name: str, subject: str, reading: Reading, unit: Unit | None = None, **more: Any) -> Figure:
    """A figure that is a reading as it came."""
    base = Figure(
        name, subject, reading.value, unit or reading.unit, reading.observed_at, reading.known_at, reading.origin.source_name,
        (reading,), None, completeness=reading.origin.completeness, bound=reading.origin.bound, label=reading.origin.label,
    )  # fmt: skip
    return replace(base, **more)


def computed(
    name: str, subject: str, unit: Unit, formula: str, inputs: Sequence[Reading | Figure], **more: Any
) -> Figure | Absent:  # fmt: skip
    """A figure by a scalar formula over readings and figures; Absent when it divides by zero."""
    values = [i.value if isinstance(i, Reading) else i.number for i in inputs]
    try:
        value = evaluate(formula, values)
    except ZeroDivisionError:
        return Absent(f"{name} of {subject}: the base is zero")
    return history(name, subject, unit, value, formula, inputs, **more)


def history(
    name: str,
    subject: str,
    unit: Unit,
    value: Any,
    formula: str,
    inputs: Sequence[Reading | Figure | SeriesRef],
    **more: Any,
) -> Figure:
    """A figure whose value was computed by the caller, with the formula that says how."""
    dated = [i for i in inputs if not isinstance(i, SeriesRef)]
    settings: dict[str, Any] = {"completeness": _completeness(inputs), "bound": _bound(inputs), **more}
    observed = settings.pop("observed_at", None) or max(i.observed_at for i in dated)
    return Figure(
        name, subject, value, unit, observed, max(i.known_at for i in dated), settings.pop("source", "") or _sources(inputs),
        tuple(inputs), formula, **settings,
    )  # fmt: skip


def day_of(end: int) -> date:
    """The UTC day that ends at, or holds, this moment: the end of a bar belongs to the day before it."""
    return from_epoch(end - 1).date()


@dataclass(frozen=True, slots=True)
class Bars:
    """The spot bars of one asset and one window: ends and, per end, close, high and low."""

    window: str
    seconds: int
    close: Run
    high: Run
    low: Run

    @property
    def end(self) -> int:
        """End of the last closed bar, epoch seconds."""
        return self.close.observed[-1]

    def tile(self, end: int, span: int) -> range | Absent:
        """The bars that tile (end - span, end], or Absent when one is missing."""
        last = self.close.index_of(end)
        first = self.close.index_of(end - span + self.seconds)
        need = span // self.seconds
        if last < 0 or first < 0 or last - first + 1 != need:
            return Absent(f"the {self.window} bars do not tile the {span // 3600} hours to {iso(from_epoch(end))}")
        return range(first, last + 1)


def bars_of(ask: Ask, asset: str) -> Bars | Absent:
    """The finest spot bars whose last one closed within ten minutes before as_of."""
    return ask.memo(("bars", asset), lambda: _bars(ask, asset))


def all_bars(ask: Ask, asset: str) -> tuple[Bars, ...]:
    """All spot bars of an asset, finest first."""
    return ask.memo(("all_bars", asset), lambda: tuple(_every_bars(ask, asset)))


def _every_bars(ask: Ask, asset: str) -> Iterable[Bars]:
    for window, seconds in _WINDOWS.items():
        parts = [ask.view.run(f"spot.{part}", asset, window=window, source="binance") for part in ("close", "high", "low")]
        close, high, low = parts
        if isinstance(close, Run) and isinstance(high, Run) and isinstance(low, Run):
            yield Bars(window, seconds, close, high, low)


def _bars(ask: Ask, asset: str) -> Bars | Absent:
    found = all_bars(ask, asset)
    for bars in found:
        if 0 <= ask.view.as_of_s - bars.end <= FRESH_S:
            return bars
    if not found:
        return Absent(f"no spot bars of {asset} known at {iso(ask.view.as_of)}")
    newest = max(found, key=lambda b: b.end)
    return Absent(f"the last spot bar of {asset} ({newest.window}) closed at {iso(from_epoch(newest.end))}, "
                  f"more than ten minutes before {iso(ask.view.as_of)}")  # fmt: skip


def close_at(ask: Ask, asset: str, moment: int) -> Reading | Absent:
    """The close of the bar that ends at a moment, finest bars first."""
    for bars in all_bars(ask, asset):
        i = bars.close.index_of(moment)
        if i >= 0:
            return bars.close.reading(i)
    return Absent(f"no spot close of {asset} at {iso(from_epoch(moment))}")


def percentile_below(past: Sequence[float], value: float) -> float:
    """Percent of the past values that are below the value; equal ones count half."""
    below = sum(1 for p in past if p < value)
    equal = sum(1 for p in past if p == value)
    return 100 * (below + equal / 2) / len(past)


@dataclass(frozen=True, slots=True)
class Rival:
    """The newest past value at or beyond the present one."""

    at: int
    value: Decimal


def last_beyond(at: Sequence[int], floats: Sequence[float], value: Decimal, low: bool, before: int) -> int:
    """Index of the newest past value at or beyond `value`, observed at or before `before`; -1 when there is none."""
    limit = float(value)
    for i in range(len(at) - 1, -1, -1):
        if at[i] <= before and (floats[i] <= limit if low else floats[i] >= limit):
            return i
    return -1


def since(
    ask: Ask,
    name: str,
    subject: str,
    *,
    present: Figure,
    at: Sequence[int],
    floats: Sequence[float],
    before: int,
    low: bool = False,
    refs: Sequence[SeriesRef],
    covers_life: bool = False,
    archive_start: date | None = None,
    rival: Any = None,
    dates: Sequence[date] | None = None,
    min_days: int = MIN_SINCE_DAYS,
) -> Figure | Absent:
    """Since when nothing was at or beyond the present value: a date, or a record.

    Args:
        present: The figure that is set against its past.
        at, floats: The past, oldest first (epoch seconds at the end of each window).
        before: Only windows that end at or before this moment count, so that none overlaps the present one.
        rival: Called with an index, gives the Reading that bounds the claim.
        dates: The day that each value is named by; default the UTC day of its end.
    """
    if not at:
        return Absent(f"{name} of {subject}: no past values")
    start = archive_start or day_of(at[0])
    if (day_of(ask.view.as_of_s) - start).days < MIN_SINCE_DAYS:
        return Absent(f"{name} of {subject}: the archive starts only on {start}")
    i = last_beyond(at, floats, present.number, low, before)
    comparator: Any = "<=" if low else ">="
    formula = f"last_at_or_{'below' if low else 'above'}(i1, i2)"
    common: dict[str, Any] = {
        "archive_start": start, "window": present.window, "side": present.side, "scope": present.scope,
        "observed_at": present.observed_at, "source": present.source,
    }  # fmt: skip
    if i < 0:
        record = Record(present.name, comparator, present.number, None, None, start, True, True, covers_life,
                        subject, present.side, present.scope, present.source)  # fmt: skip
        return history(name, subject, Unit.DATE, None, formula, [*refs, present], record=record, **common)
    when = dates[i] if dates else day_of(at[i])
    if (day_of(ask.view.as_of_s) - when).days < min_days:
        return Absent(f"{name} of {subject}: the last value at least as {'low' if low else 'large'} was on {when}")
    reading = rival(i) if rival else None
    value = reading.value if reading else Decimal(str(floats[i]))
    record = Record(present.name, comparator, present.number, when, value, start, False, True, covers_life,
                    subject, present.side, present.scope, present.source)  # fmt: skip
    inputs: list[Reading | Figure | SeriesRef] = [*refs, present, *([reading] if reading else [])]
    return history(name, subject, Unit.DATE, when, formula, inputs, record=record, **common)


def daily_closes(ask: Ask, asset: str, end: int) -> tuple[list[int], list[float]]:
    """Closes at the clock time of `end`, one a day up to `end`, oldest first; from the finest bars that go back that far."""

    def make() -> tuple[list[int], list[float]]:
        found: dict[int, float] = {}
        for bars in reversed(all_bars(ask, asset)):
            phase = end % DAY
            for moment, value in zip(bars.close.observed, bars.close.floats, strict=True):
                if moment % DAY == phase and moment <= end:
                    found[moment] = value
        moments = sorted(found)
        return moments, [found[m] for m in moments]

    return ask.memo(("daily_closes", asset, end), make)


def daily_changes(ask: Ask, asset: str, end: int) -> tuple[list[int], list[float]]:
    """Percent changes over one day at the clock time of `end`, oldest first, the one that ends at `end` included."""

    def make() -> tuple[list[int], list[float]]:
        moments, closes = daily_closes(ask, asset, end)
        pairs = [(moments[i], (closes[i] / closes[i - 1] - 1) * 100)
                 for i in range(1, len(moments)) if moments[i] - moments[i - 1] == DAY]  # fmt: skip
        return [m for m, _ in pairs], [c for _, c in pairs]

    return ask.memo(("daily_changes", asset, end), make)


def trail_of_changes(ask: Ask, asset: str) -> Trail | Absent:
    """The past daily changes at as_of's clock time, a year of them, without the present window."""
    bars = bars_of(ask, asset)
    if isinstance(bars, Absent):
        return bars
    at, values = daily_changes(ask, asset, bars.end)
    return year_trail(at, values, bars.end - DAY)


def year_trail(at: Sequence[int], values: Sequence[float], until: int, *, days: int = 365) -> Trail | Absent:
    """The part of the past that ends at or before `until`; the archive's start is kept for rarity."""
    keep = [i for i, moment in enumerate(at) if moment <= until]
    if not keep:
        return Absent("no past values")
    return Trail([at[i] for i in keep], [values[i] for i in keep], day_of(at[0]))


def stdev(values: Sequence[float]) -> float:
    """Sample standard deviation."""
    return statistics.stdev(values)


def ref(run: Run) -> SeriesRef:
    """A whole run as an input."""
    return SeriesRef(run.key, run.observed[-1])


def utc_midnight(moment: int) -> int:
    """The last UTC midnight at or before a moment."""
    return moment - moment % DAY


def year_start(moment: datetime) -> int:
    """January 1, 00:00 UTC of the year of a moment."""
    return int(datetime(moment.year, 1, 1, tzinfo=UTC).timestamp())


def month_start(moment: datetime) -> int:
    """The first of the month, 00:00 UTC."""
    return int(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp())
