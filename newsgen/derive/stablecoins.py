"""Supply of stablecoins; in: daily totals, out: dollars, changes over a week and a month, round steps passed, and since when not.

One vendor's total for all of it; the two largest coins may be told by another, and are never set against the total. A step is ten
billion dollars, passed by a total that no earlier one of the archive had reached.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from newsgen.derive._figure import DAY, MARKET, Compute, computed, fresh_run, from_reading, history, ref
from newsgen.derive._formula import evaluate
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import Known, day_of, known_of, moved, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Record, Run, Trail, Unit, from_epoch

__all__ = ["FIGURES"]

_MAX_AGE_S = 26 * 3600  # dashboards of daily data (editorial.md section 1)
_MIN_PAST = 365 * DAY  # an archive shorter than that says little of a first time
_STEP_OF = "floor_to(i1, 10000000000)"


def _run(ask: Ask, subject: str) -> Run | Absent:
    """The first column that is fresh: an imported history and what its source sends now may be two."""
    for run in ask.view.runs("stablecoins.supply", subject):
        if ask.view.as_of_s - run.at(-1) <= _MAX_AGE_S:
            return run
    return fresh_run(ask, "stablecoins.supply", subject, _MAX_AGE_S)


def _of_run(make: Callable[[str, Run], Figure | Absent], coin: str = "") -> Compute:
    """A figure that is made from the run of totals, or from that of one coin."""

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        run = _run(ask, coin or subject)
        return run if isinstance(run, Absent) else make(subject, run)

    return compute


def _supply(name: str, coin: str = "") -> Compute:
    return _of_run(lambda subject, run: from_reading(name, subject, run.reading(-1), label=coin), coin)


def _change(name: str, days: int, coin: str = "", formula: str = "i1 - i2") -> Compute:
    """The last total against the one exactly so many days before."""

    def make(subject: str, run: Run) -> Figure | Absent:
        before = run.index_of(run.at(-1) - days * DAY)
        if before < 0:
            return Absent(f"no supply of {coin or 'stablecoins'} {days} days before the last")
        unit = Unit.PCT if formula.startswith("pct") else Unit.USD
        return computed(name, subject, unit, formula, [run.reading(-1), run.reading(before)], window=f"{days}d", label=coin,
                        window_start=from_epoch(run.at(before)), window_end=from_epoch(run.at(-1)))  # fmt: skip

    return _of_run(make, coin)


def _step(subject: str, run: Run) -> Figure | Absent:
    """The round step that the last total is the first to reach."""
    known = known_of(run).until(run.at(-1) - 1)
    step = evaluate(_STEP_OF, [run.decimal(-1)])
    if not len(known) or run.at(-1) - known.start < _MIN_PAST:
        return Absent("the archive of stablecoins is too short for a step to be the first")
    if known.track.values[known.extreme(low=False)] >= float(step):
        return Absent(f"stablecoins had been worth {step:f} dollars before")
    start = day_of(known.start)
    record = Record("stablecoins.supply", ">=", step, None, None, start, is_record=True, closed_period=True, covers_life=False)
    return history("stablecoins.step_passed", subject, Unit.USD, step, _STEP_OF, [run.reading(-1)], record=record, archive_start=start)


def _larger(name: str, *, low: bool) -> Compute:
    """The last change in seven days that was as large, the same way."""

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        run, present = _run(ask, subject), ask.figure("stablecoins.change_7d", subject)
        if isinstance(run, Absent) or isinstance(present, Absent):
            return run if isinstance(run, Absent) else present if isinstance(present, Absent) else Absent("")
        if present.number == 0 or (present.number < 0) != low:
            return Absent(f"stablecoins did not {'fall' if low else 'rise'} in seven days")
        until = run.at(-1) - 7 * DAY
        known = moved(run, 7).until(until)
        if not len(known):
            return Absent(f"{name}: no earlier week of stablecoins")
        piece = Piece(known, DAY, _pair(run, known), lambda pair: pair[0].value - pair[1].value)
        past = Past((piece,), (ref(run, until),), "moved(i1, 7)")
        return since(ask, name, subject, present, past, low=low, at=day_of(run.at(-1)))

    return compute


def _pair(run: Run, known: Known) -> Callable[[int], list[Reading]]:
    def readings(i: int) -> list[Reading]:
        end = known.track.at[i]
        return [run.reading(run.index_of(at)) for at in (end, end - 7 * DAY)]

    return readings


def _trail(values: Callable[[Run], Known], days: int) -> Callable[[Ask, str], Trail | Absent]:
    """The values before the present one, without windows that overlap it."""

    def make(ask: Ask, subject: str) -> Trail | Absent:
        run = _run(ask, subject)
        return run if isinstance(run, Absent) else trail_of([values(run)], run.at(-1) - days * DAY)

    return make


def _spec(name: str, unit: Unit, meaning: str, absent: str, compute: Compute, window: str, example: str, **more: Any) -> FigureSpec:
    return FigureSpec(f"stablecoins.{name}", unit, meaning, MARKET, absent, compute, window, example, **more)


_NONE = "No value of the past 26 hours."
_NO_BASE = "As above, or none exactly so many days before."
_NO_LARGER = "The supply went the other way, or a change as large is less than 30 days old."

FIGURES: tuple[FigureSpec, ...] = (
    _spec("supply", Unit.USD, "Stablecoins outstanding.", _NONE, _supply("stablecoins.supply"), "", "254000000000",
          trail=_trail(known_of, 1)),
    _spec("change_7d", Unit.USD, "Their change in seven days, in dollars.", _NO_BASE, _change("stablecoins.change_7d", 7), "7d",
          "1900000000", trail=_trail(lambda run: moved(run, 7), 7)),
    _spec("change_7d_pct", Unit.PCT, "The same in percent.", _NO_BASE, _change("stablecoins.change_7d_pct", 7, "", "pct_change(i1, i2)"),
          "7d", "0.75"),
    _spec("change_30d", Unit.USD, "Their change in 30 days, in dollars.", _NO_BASE, _change("stablecoins.change_30d", 30), "30d",
          "7400000000"),
    _spec("step_passed", Unit.USD, "The step of ten billion dollars that the last total is the first to reach.",
          "An earlier total had reached it, or the archive is shorter than a year.", _of_run(_step), "", "250000000000"),
    _spec("rise_largest_since", Unit.DATE, "The end of the last seven days in which the supply rose as much.", _NO_LARGER,
          _larger("stablecoins.rise_largest_since", low=False), "7d", "2025-02-10"),
    _spec("fall_largest_since", Unit.DATE, "The end of the last seven days in which the supply fell as much.", _NO_LARGER,
          _larger("stablecoins.fall_largest_since", low=True), "7d", "2022-05-18"),
    _spec("usdt_supply", Unit.USD, "USDT outstanding.", _NONE, _supply("stablecoins.usdt_supply", "USDT"), "", "159000000000"),
    _spec("usdc_supply", Unit.USD, "USDC outstanding.", _NONE, _supply("stablecoins.usdc_supply", "USDC"), "", "62000000000"),
    _spec("usdt_change_7d", Unit.USD, "The change of USDT in seven days, in dollars.", _NO_BASE,
          _change("stablecoins.usdt_change_7d", 7, "USDT"), "7d", "900000000"),
    _spec("usdc_change_7d", Unit.USD, "The change of USDC in seven days, in dollars.", _NO_BASE,
          _change("stablecoins.usdc_change_7d", 7, "USDC"), "7d", "400000000"),
)  # fmt: skip
