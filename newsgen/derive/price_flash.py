"""A move within minutes, or within one hour where bars are no finer; in: spot bars of a minute or an hour, out: change, from, to, when.

The largest change from one close to another at most fifteen minutes later, of those that ended in the past four hours; of hourly bars from
one close to the next. A close of a minute that no neighbour supports is a stray tick and no move. Longer bars tell nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from newsgen.derive._bars import exchange_of
from newsgen.derive._figure import ASSET, FRESH_S, Compute, computed, from_reading, history
from newsgen.derive._tracks import known_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Unit, to_epoch

__all__ = ["FIGURES"]

_STEPS = {"1m": 60, "1h": 3600}  # seconds, finest first
_WITHIN_S = 15 * 60  # editorial.md, angle 08
_RECENT_S = 4 * 3600  # after that a crash day, or nothing, has taken its place
_HELD = 0.5  # of the move, that a neighbour of its last close must have made too


@dataclass(frozen=True, slots=True)
class _Move:
    """The closes between which the price moved, and the bars' window."""

    before: Reading
    after: Reading
    window: str

    @property
    def seconds(self) -> int:
        return to_epoch(self.after.observed_at) - to_epoch(self.before.observed_at)

    @property
    def span(self) -> str:
        return "1h" if self.window == "1h" else f"{self.seconds // 60}min"


def _move(ask: Ask, asset: str) -> _Move | Absent:
    return ask.memo(("flash", asset), lambda: _find_move(ask, asset))


def _find_move(ask: Ask, asset: str) -> _Move | Absent:
    for window, step in _STEPS.items():
        run = ask.view.run("spot.close", asset, window=window, source=exchange_of(ask, asset))
        if isinstance(run, Absent) or ask.view.as_of_s - run.at(-1) > FRESH_S:
            continue
        pairs = _pairs(run, step, ask.view.as_of_s - _RECENT_S)
        best = max(pairs, key=lambda p: (abs(_change(run, *p)), p[0] - p[1]), default=None)
        return _Move(run.reading(best[0]), run.reading(best[1]), window) if best else Absent(f"no two closes of {asset} follow each other")
    return Absent(f"no fresh bars of {asset} of an hour or less: longer ones tell no move of minutes")


def _change(run: Run, first: int, last: int) -> float:
    values = known_of(run).track.values
    return values[last] / values[first] - 1


def _pairs(run: Run, step: int, after: int) -> Iterator[tuple[int, int]]:
    """The rows of two closes, at most fifteen minutes apart or of following bars, of which the later one is recent and no stray tick."""
    reach = max(_WITHIN_S // step, 1)
    for last in range(len(run) - 1, 0, -1):
        if run.at(last) <= after:
            return
        for first in range(last - 1, max(last - reach, 0) - 1, -1):
            apart = run.at(last) - run.at(first)
            if apart <= max(_WITHIN_S, step) and (step > 60 or _is_held(run, first, last)):
                yield first, last


def _is_held(run: Run, first: int, last: int) -> bool:
    """Whether a neighbour of the first close, and one of the last, shows half of the move at least."""
    change = _change(run, first, last)
    starts = [i for i in (first - 1, first + 1) if 0 <= i != last]
    ends = [i for i in (last - 1, last + 1) if first != i < len(run)]
    if not change:
        return True
    return any(_change(run, i, last) / change >= _HELD for i in starts) and any(_change(run, first, i) / change >= _HELD for i in ends)


def _changed(ask: Ask, asset: str) -> Figure | Absent:
    move = _move(ask, asset)
    if isinstance(move, Absent):
        return move
    return computed("price.flash_change", asset, Unit.PCT, "pct_change(i1, i2)", [move.after, move.before], window=move.span,
                    window_start=move.before.observed_at, window_end=move.after.observed_at)  # fmt: skip


def _edge(part: str) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        move = _move(ask, asset)
        if isinstance(move, Absent):
            return move
        return from_reading(f"price.flash_{part}", asset, move.before if part == "from" else move.after, window=move.span)

    return compute


def _at(part: str) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        move = _move(ask, asset)
        if isinstance(move, Absent):
            return move
        reading = move.before if part == "from" else move.after
        return history(f"price.flash_{part}_at", asset, Unit.MOMENT, reading.observed_at, "moment(i1)", [reading], label=move.window)

    return compute


def _minutes(ask: Ask, asset: str) -> Figure | Absent:
    move = _move(ask, asset)
    if isinstance(move, Absent) or move.window == "1h":
        return move if isinstance(move, Absent) else Absent(f"bars of {asset} are of an hour: they tell no minutes")
    return history(
        "price.flash_minutes", asset, Unit.COUNT, Decimal(move.seconds // 60), "minutes_between(i1, i2)", [move.before, move.after]
    )


def _back(ask: Ask, asset: str) -> Figure | Absent:
    last, start, end = (ask.figure(f"price.{name}", asset) for name in ("last", "flash_from", "flash_to"))
    if isinstance(last, Absent) or isinstance(start, Absent) or isinstance(end, Absent):
        return last if isinstance(last, Absent) else start if isinstance(start, Absent) else end if isinstance(end, Absent) else Absent("")
    if (end.number - last.number) * (end.number - start.number) <= 0:
        return Absent(f"{asset} has taken nothing of the move back")
    return computed("price.flash_back_share", asset, Unit.PCT, "(i3 - i1) / (i3 - i2) * 100", [last, start, end])


_NONE = "No fresh bars of an hour or less."


def _quick_change(ask: Ask, asset: str) -> Absent | None:
    """Absent where all bars are longer than an hour."""
    fine = any(run.key.window in _STEPS for run in ask.view.runs("spot.close", asset))
    return None if fine else Absent("no bars of an hour or less")


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str = _NONE) -> FigureSpec:
    return FigureSpec(f"price.flash_{name}", unit, meaning, ASSET, absent, compute, "", example,
                      quick=_quick_change if name == "change" else None)  # fmt: skip


FIGURES: tuple[FigureSpec, ...] = (
    _spec("change", Unit.PCT, "The largest change within 15 minutes, or one hourly bar, that ended in the past four hours.", _changed,
          "-3.4"),
    _spec("from", Unit.USD, "The close that it counts from.", _edge("from"), "61240"),
    _spec("to", Unit.USD, "The close that it ends with.", _edge("to"), "59158"),
    _spec("from_at", Unit.MOMENT, "The moment of the first close.", _at("from"), "2025-03-10T09:12:00Z"),
    _spec("to_at", Unit.MOMENT, "The moment of the second close.", _at("to"), "2025-03-10T09:24:00Z"),
    _spec("minutes", Unit.COUNT, "How many minutes lie between the two.", _minutes, "12", "As before, or the bars are of an hour."),
    _spec("back_share", Unit.PCT, "How much of the move the last price has taken back.", _back, "40", "Nothing, or as before."),
)  # fmt: skip
