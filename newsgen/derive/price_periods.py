"""What a week, month, quarter or year brought once it has ended; in: closes of UTC periods, out: change, range, rank among its like.

The figures are there in the 24 hours after the close of December 31, of a quarter's or a month's last day, or of a Sunday, and are of the
longest period that ended then. Before the close there is none: a running period is `price.change_mtd` and the like.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from newsgen.derive._bars import Part, bars_of, pieces_of
from newsgen.derive._coverage import covers_life
from newsgen.derive._figure import ASSET, DAY, Compute, Input, computed, day_of, from_reading, history, utc_midnight
from newsgen.derive._formula import evaluate, rounded
from newsgen.derive._periods import LENGTHS, Closes, closes_of, ends
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import Known, Track, glance, known_of, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, SeriesRef, Trail, Unit, from_epoch

__all__ = ["FIGURES"]

PERIODS = ("year", "quarter", "month", "week")
LEAST_PAST = 5  # fewer like periods give no median and no rank


@dataclass(frozen=True, slots=True)
class _Period:
    """The closes of the longest period that ended at the last midnight, and the changes between the earlier ones."""

    closes: Closes
    before: tuple[float, ...]

    @property
    def name(self) -> str:
        return self.closes.period

    @property
    def start(self) -> int:
        return self.closes.at[self.closes.last - 1]

    @property
    def end(self) -> int:
        return self.closes.at[self.closes.last]


def _period(ask: Ask, asset: str) -> _Period | Absent:
    return ask.memo(("period", asset), lambda: _find_period(ask, asset))


def _find_period(ask: Ask, asset: str) -> _Period | Absent:
    bars = bars_of(ask, asset)
    if isinstance(bars, Absent):
        return bars
    midnight = utc_midnight(ask.view.as_of_s)
    for name in [p for p in PERIODS if ends(p, midnight)]:
        closes = closes_of(ask, asset, name)
        if isinstance(closes, Closes) and closes.last > 0:
            return _Period(closes, tuple(closes.moves()[:-1]))
    return Absent(f"no week, month, quarter or year of {asset} ended at the last midnight, or the closes of one are missing")


def _change(ask: Ask, asset: str) -> Figure | Absent:
    period = _period(ask, asset)
    if isinstance(period, Absent):
        return period
    closes = period.closes
    return computed("price.period_change", asset, Unit.PCT, "pct_change(i1, i2)",
                    [closes.reading(closes.last), closes.reading(closes.last - 1)], window=period.name, label=period.name,
                    window_start=from_epoch(period.start), window_end=from_epoch(period.end), archive_start=closes.start)  # fmt: skip


def _close(ask: Ask, asset: str) -> Figure | Absent:
    period = _period(ask, asset)
    if isinstance(period, Absent):
        return period
    return from_reading("price.period_close", asset, period.closes.reading(period.closes.last), window=period.name, label=period.name)


def _base(ask: Ask, asset: str) -> Figure | Absent:
    period = _period(ask, asset)
    if isinstance(period, Absent):
        return period
    return from_reading("price.period_base", asset, period.closes.reading(period.closes.last - 1), window=period.name, label=period.name)


def _base_at(ask: Ask, asset: str) -> Figure | Absent:
    period = _period(ask, asset)
    if isinstance(period, Absent):
        return period
    close = period.closes.reading(period.closes.last - 1)
    return history("price.period_base_at", asset, Unit.DATE, day_of(period.start), "day(i1)", [close])


def _length(ask: Ask, asset: str) -> Figure | Absent:
    change = ask.figure("price.period_change", asset)
    if isinstance(change, Absent) or change.window_start is None or change.window_end is None:
        return change if isinstance(change, Absent) else Absent("")
    return history("price.period_days", asset, Unit.DAYS, Decimal((change.window_end - change.window_start).days), "days_between(i1, i2)",
                   [*reversed(change.inputs)], label=change.label)  # fmt: skip


def _extreme(part: Part) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        period, found = _period(ask, asset), pieces_of(ask, asset, part)
        if isinstance(period, Absent) or isinstance(found, Absent):
            return period if isinstance(period, Absent) else found if isinstance(found, Absent) else Absent("")
        run, days = found[2], (period.end - period.start) // DAY
        known = known_of(run).until(period.end).after(period.start)
        if len(known) < days:
            return Absent(f"{days - len(known)} days of {asset} are missing in the {period.name} that ended")
        reading = run.reading(known.extreme(low=part == "low"))
        operation = "lowest" if part == "low" else "highest"
        return history(f"price.period_{part}", asset, Unit.USD, reading.value, f"{operation}(last_days(i1, {days}))",
                       [SeriesRef(run.key, period.end), reading], window=period.name, label=period.name)  # fmt: skip

    return compute


def _earlier(ask: Ask, asset: str) -> tuple[_Period, str, list[SeriesRef]] | Absent:
    """The period, the formula of the changes of its like before it, and the references of that."""
    period = _period(ask, asset)
    if isinstance(period, Absent) or len(period.before) < LEAST_PAST:
        return period if isinstance(period, Absent) else Absent(f"only {len(period.before)} earlier {period.name}s of {asset} are known")
    return period, f"moves({period.closes.series})", period.closes.refs_until(period.start)


def _median(ask: Ask, asset: str) -> Figure | Absent:
    found = _earlier(ask, asset)
    if isinstance(found, Absent):
        return found
    period, series, refs = found
    inputs: list[Input] = [*refs, period.closes.reading(period.closes.last - 1)]
    return history("price.period_median_change", asset, Unit.PCT, rounded(median(period.before)), f"median({series})", inputs,
                   window=period.name, label=period.name, archive_start=period.closes.start)  # fmt: skip


def _count(ask: Ask, asset: str) -> Figure | Absent:
    found = _earlier(ask, asset)
    if isinstance(found, Absent):
        return found
    period, series, refs = found
    inputs: list[Input] = [*refs, period.closes.reading(period.closes.last - 1)]
    return history("price.period_count", asset, Unit.COUNT, Decimal(len(period.before)), f"rows({series})", inputs,
                   archive_start=period.closes.start)  # fmt: skip


def _larger(ask: Ask, asset: str) -> Figure | Absent:
    """How many of its like before moved at least as far in its direction."""
    found, change = _earlier(ask, asset), ask.figure("price.period_change", asset)
    if isinstance(found, Absent) or isinstance(change, Absent):
        return found if isinstance(found, Absent) else change if isinstance(change, Absent) else Absent("")
    period, series, refs = found
    up, present = change.number > 0, float(change.number)
    number = sum(v >= present if up else v <= present for v in period.before)
    if not number or change.number == 0:
        return Absent(f"no earlier {period.name} of {asset} moved as far in that direction")
    formula = f"rows_at_or_{'above' if up else 'below'}({series}, i{len(refs) + 1})"
    return history("price.period_larger", asset, Unit.COUNT, Decimal(number), formula, [*refs, change], archive_start=period.closes.start)


def _changes(period: _Period) -> Known:
    """The changes of the earlier periods at their ends."""
    at = period.closes.at[1 : period.closes.last]
    return Known(Track(at, period.before), 0, len(at))


def _largest_since(ask: Ask, asset: str) -> Figure | Absent:
    period, change = _period(ask, asset), ask.figure("price.period_change", asset)
    if isinstance(period, Absent) or isinstance(change, Absent):
        return period if isinstance(period, Absent) else change if isinstance(change, Absent) else Absent("")
    if not period.before or change.number == 0:
        return Absent(f"no earlier {period.name} of {asset}, or the price is where it was")
    closes = period.closes

    def readings(i: int) -> list[Reading]:
        return [closes.reading(i + 1), closes.reading(i)]

    piece = Piece(_changes(period), LENGTHS[period.name], readings, lambda p: evaluate("pct_change(i1, i2)", [r.value for r in p]))
    past = Past((piece,), tuple(closes.refs_until(period.start)), f"moves({closes.series})")
    covered = covers_life("price", asset, closes.start)
    return since(ask, "price.period_largest_since", asset, change, past, low=change.number < 0, covers_life=covered)


def _trail(ask: Ask, asset: str) -> Trail | Absent:
    period = _period(ask, asset)
    return period if isinstance(period, Absent) else trail_of([_changes(period)], period.start)


_NONE = "No week, month, quarter or year ended at the last midnight, or no fresh bars."
_FEW = "As before, or fewer than five earlier ones are known."


def _only_week(ask: Ask) -> bool | None:
    """Whether a week and nothing longer ended at the last midnight; None when no period did."""
    midnight = utc_midnight(ask.view.as_of_s)
    ended = [period for period in PERIODS if ends(period, midnight)]
    return ended == ["week"] if ended else None


def _quick_change(ask: Ask, asset: str) -> float | Absent | None:
    """Absent where no period ended at the last midnight; of a week alone its change."""
    week, midnight = _only_week(ask), utc_midnight(ask.view.as_of_s)
    if week is None:
        return Absent("no period ended at the last midnight")
    daily = ask.view.runs("spot.close", asset, window="1d")
    rows = [daily[0].index_of(at) for at in (midnight, midnight - 7 * DAY)] if week and len(daily) == 1 else [-1]
    if min(rows) < 0:
        return None
    now, before = (glance(daily[0])[i] for i in rows)
    return (now / before - 1) * 100 if before else None


def _quick_days(ask: Ask, asset: str) -> float | Absent | None:
    """Absent where no period ended at the last midnight; a week has seven."""
    week = _only_week(ask)
    return Absent("no period ended at the last midnight") if week is None else 7.0 if week else None


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str = _NONE) -> FigureSpec:
    trail, quick = (_trail if name == "change" else None), {"change": _quick_change, "days": _quick_days}.get(name)
    return FigureSpec(f"price.period_{name}", unit, meaning, ASSET, absent, compute, "", example, trail, quick)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("change", Unit.PCT, "The change over the longest period that ended at the last midnight; the label says which.", _change, "8.1"),
    _spec("close", Unit.USD, "The close that ended it.", _close, "115764.08"),
    _spec("base", Unit.USD, "The close that this change counts from.", _base, "107146"),
    _spec("base_at", Unit.DATE, "The day of that close.", _base_at, "2025-06-30"),
    _spec("days", Unit.DAYS, "How many days the period has.", _length, "31"),
    _spec("high", Unit.USD, "The highest trade of the period.", _extreme("high"), "123218", "As before, or days are missing."),
    _spec("low", Unit.USD, "The lowest trade of the period.", _extreme("low"), "105100", "As before, or days are missing."),
    _spec("median_change", Unit.PCT, "The median change of the like periods before it.", _median, "9.4", _FEW),
    _spec("count", Unit.COUNT, "How many like periods before it are known.", _count, "179", _FEW),
    _spec("larger", Unit.COUNT, "How many of them moved at least as far the same way.", _larger, "68", "None of them, or as before."),
    _spec("largest_since", Unit.DATE, "The last day of the last like period that moved as far the same way.", _largest_since, "2025-04-30",
          "As before, or it ended within 30 days."),
)  # fmt: skip
