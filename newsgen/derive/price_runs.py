"""Runs of closes in one direction, by the month, the week or the day; in: closes of UTC periods, out: length, change, the last as long.

A run is told while it goes on, with the close that made it longer, and once more with the close that ended it. Of several the one of the
longest period is told, of equal ones one that goes on. An unchanged close ends a run and begins none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, pairwise

from newsgen.derive._bars import bars_of, pieces_of
from newsgen.derive._figure import ASSET, Compute, Input, computed, day_of, history, utc_midnight
from newsgen.derive._periods import LENGTHS, Closes, begin_of, closes_of, ends
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import Known, Track, changes_at, glance, run_lengths, runs_at, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit, to_epoch

__all__ = ["FIGURES", "LEAST"]

LEAST = {"month": 3, "week": 4, "day": 5}  # closes that make a run (editorial.md, angle 11)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run: its signed length, the index of the close it counts from and of its last one, and whether a close has ended it since."""

    closes: Closes
    length: int
    base: int
    last: int
    over: bool

    @property
    def period(self) -> str:
        return self.closes.period


def _signs(values: Sequence[float], i: int) -> int:
    return (values[i] > values[i - 1]) - (values[i] < values[i - 1])


def _run_to(closes: Closes, last: int) -> tuple[int, int]:
    """The signed length of the run that ends with a close, and the index of the close before it."""
    at, values, i = closes.at, closes.values, last
    sign = _signs(values, i) if i > 0 else 0
    while i > 0 and sign and _signs(values, i) == sign and begin_of(closes.period, at[i]) == at[i - 1]:
        i -= 1
    return (last - i) * sign, i


def _run_of(ask: Ask, asset: str, period: str, *, over: bool) -> _Run | None:
    closes = closes_of(ask, asset, period)
    if isinstance(closes, Absent) or closes.last < 2:
        return None
    last = closes.last - over
    if over and _signs(closes.values, closes.last) * _signs(closes.values, last) >= 0:
        return None
    length, base = _run_to(closes, last)
    return _Run(closes, length, base, last, over) if abs(length) >= LEAST[period] else None


def _run(ask: Ask, asset: str) -> _Run | Absent:
    return ask.memo(("run", asset), lambda: _find_run(ask, asset))


def _find_run(ask: Ask, asset: str) -> _Run | Absent:
    bars = bars_of(ask, asset)
    if isinstance(bars, Absent):
        return bars
    ended = [period for period in LEAST if ends(period, utc_midnight(ask.view.as_of_s))]
    found = (_run_of(ask, asset, period, over=over) for over in (False, True) for period in ended)
    return next((run for run in found if run), Absent(f"the last close of {asset} made no run longer, nor ended one"))


def _length(name: str, period: str = "") -> Compute:
    """The length of the run, whatever its period, or of one period only."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        run = _run(ask, asset)
        if isinstance(run, Absent) or period not in ("", run.period):
            return run if isinstance(run, Absent) else Absent(f"the run of {asset} to be told is of {run.period}s")
        steps = f"steps({run.closes.series})"
        formula = f"streak({f'but_last({steps})' if run.over else steps})"
        inputs: list[Input] = [*run.closes.refs, run.closes.reading(run.last)]
        return history(name, asset, Unit.COUNT, Decimal(run.length), formula, inputs, window=run.period, label=run.period,
                       archive_start=run.closes.start)  # fmt: skip

    return compute


def _over(ask: Ask, asset: str) -> Figure | Absent:
    """Whether the last close lies on the other side of the one before."""
    run = _run(ask, asset)
    if isinstance(run, Absent):
        return run
    pair = [run.closes.reading(run.closes.last - 1), run.closes.reading(run.closes.last)]
    return history("price.run_over", asset, Unit.FLAG, run.over, "above(i1, i2)", pair if run.length > 0 else pair[::-1])


def _change(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, asset)
    if isinstance(run, Absent):
        return run
    return computed("price.run_change", asset, Unit.PCT, "pct_change(i1, i2)", [run.closes.reading(run.last), run.closes.reading(run.base)],
                    label=run.period)  # fmt: skip


def _break_change(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, asset)
    if isinstance(run, Absent) or not run.over:
        return run if isinstance(run, Absent) else Absent(f"the run of {asset} goes on")
    closes = run.closes
    return computed("price.run_break_change", asset, Unit.PCT, "pct_change(i1, i2)",
                    [closes.reading(closes.last), closes.reading(closes.last - 1)], window=run.period, label=run.period)  # fmt: skip


def _base_at(ask: Ask, asset: str) -> Figure | Absent:
    run = _run(ask, asset)
    if isinstance(run, Absent):
        return run
    close = run.closes.reading(run.base)
    return history("price.run_base_at", asset, Unit.DATE, day_of(run.closes.at[run.base]), "day(i1)", [close])


def _lengths(ask: Ask, asset: str, run: _Run) -> Known | Absent:
    """The runs that ended with each close before the present run, signed."""
    closes, until = run.closes, run.closes.at[run.base]
    if run.period == "day":
        found = pieces_of(ask, asset, "close")
        return found if isinstance(found, Absent) else runs_at(found[2], 0).until(until)
    return Known(Track(closes.at[1 : run.base + 1], run_lengths(closes.values[: run.base + 1])), 0, run.base)


def _past(ask: Ask, asset: str, run: _Run) -> Past | Absent:
    known = _lengths(ask, asset, run)
    if isinstance(known, Absent) or not len(known):
        return known if isinstance(known, Absent) else Absent(f"no earlier closes of {asset}")
    at, closes = known.track.at, run.closes

    def readings(i: int) -> list[Reading]:
        last = bisect_left(closes.at, at[i], 0, closes.last + 1)
        return [closes.reading(last), closes.reading(_run_to(closes, last)[1])]

    piece = Piece(known, LENGTHS[run.period], readings, lambda pair: _length_of(run.period, pair))
    return Past((piece,), tuple(closes.refs_until(closes.at[run.base])), f"runs(steps({closes.series}))")


def _length_of(period: str, pair: Sequence[Reading]) -> Decimal:
    """The signed number of periods between the base of a run and its last close."""
    last, base = pair
    end, length = to_epoch(last.observed_at), 0
    while end > to_epoch(base.observed_at):
        end, length = begin_of(period, end), length + 1
    return Decimal(length if last.value > base.value else -length)


def _longest_since(ask: Ask, asset: str) -> Figure | Absent:
    run, length = _run(ask, asset), ask.figure("price.run_length", asset)
    if isinstance(run, Absent) or isinstance(length, Absent):
        return run if isinstance(run, Absent) else length if isinstance(length, Absent) else Absent("")
    past = _past(ask, asset, run)
    return past if isinstance(past, Absent) else since(ask, "price.run_longest_since", asset, length, past, low=run.length < 0)


def _trail(ask: Ask, asset: str) -> Trail | Absent:
    """Changes over as many periods as the run has, of spans that ended before it began."""
    run = _run(ask, asset)
    found = run if isinstance(run, Absent) else pieces_of(ask, asset, "close")
    if isinstance(run, Absent) or isinstance(found, Absent):
        return run if isinstance(run, Absent) else found if isinstance(found, Absent) else Absent("")
    closes, count, until = run.closes, abs(run.length), run.closes.at[run.base]
    if run.period == "day":
        return trail_of([changes_at(found[2], 0, count)], until)
    values = closes.values
    changes = [(values[i] / values[i - count] - 1) * 100 for i in range(count, run.base + 1)]
    return trail_of([Known(Track(closes.at[count : run.base + 1], changes), 0, len(changes))], until)


_NONE = "The last close made no run of three months, four weeks or five days longer, nor ended one; or no fresh bars."
_OTHER = "As before, or the run is of other periods."


def _quick_length(ask: Ask, asset: str) -> Absent | None:
    """Absent where neither the last daily closes nor, on a Monday, the weekly ones make a run or end one."""
    midnight = utc_midnight(ask.view.as_of_s)
    daily = ask.view.runs("spot.close", asset, window="1d")
    if ends("month", midnight) or len(daily) != 1 or daily[0].at(-1) != midnight:
        return None
    steps = {"day": 1, "week": 7} if ends("week", midnight) else {"day": 1}
    if any(_has_run(daily[0], step, LEAST[period]) for period, step in steps.items()):
        return None
    return Absent("no run of daily or weekly closes")


def _has_run(closes: Run, step: int, least: int) -> bool:
    """Whether the newest closes, each so many rows from the next, hold a run; the last one may have ended it."""
    newest = len(closes) - 1
    values = [glance(closes)[i] for i in range(newest, max(newest - step * (least + 2), -1), -step)]
    signs = [(now > before) - (now < before) for now, before in pairwise(values)]
    return max((len(list(group)) for sign, group in groupby(signs) if sign), default=0) >= least


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str = _NONE) -> FigureSpec:
    trail, quick = (_trail if name == "change" else None), (_quick_length if name == "length" else None)
    return FigureSpec(f"price.run_{name}", unit, meaning, ASSET, absent, compute, "", example, trail, quick)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("length", Unit.COUNT, "Signed run of monthly, weekly or daily closes (see label) that the last close made longer, or ended.",
          _length("price.run_length"), "-6"),
    _spec("months", Unit.COUNT, "That run, where it is of months.", _length("price.run_months", "month"), "3", _OTHER),
    _spec("weeks", Unit.COUNT, "That run, where it is of weeks.", _length("price.run_weeks", "week"), "-4", _OTHER),
    _spec("days", Unit.COUNT, "That run, where it is of days.", _length("price.run_days", "day"), "-6", _OTHER),
    _spec("over", Unit.FLAG, "Whether the last close ended that run.", _over, "false"),
    _spec("change", Unit.PCT, "The change over that run.", _change, "-11.2"),
    _spec("base_at", Unit.DATE, "The day whose close that change counts from.", _base_at, "2025-02-20"),
    _spec("break_change", Unit.PCT, "The change of the period that ended the run.", _break_change, "3.1", "As before, or the run goes on."),
    _spec("longest_since", Unit.DATE, "The last day that ended an earlier run at least as long, the same way.", _longest_since,
          "2023-10-20", "As before, or as long a run within 30 days."),
)  # fmt: skip
