"""Bitcoin funds against ether funds; in: net flows per session of both, out: whether the last session parted them, and since when.

They part where money goes into the ones and out of the others. How far is told by the smaller of the two flows: both moved as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from newsgen.derive._coverage import covers_life
from newsgen.derive._etf import run_of
from newsgen.derive._figure import MARKET, computed, ref, session_of
from newsgen.derive._formula import evaluate
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import parted, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit

__all__ = ["FIGURES"]

_SMALLER = "min(abs(i1), abs(i2))"
_PAIR = ("BTC", "ETH")


def _runs(ask: Ask) -> tuple[Run, Run] | Absent:
    """The sessions of both, where the last one is the same."""
    one, other = (run_of(ask, asset) for asset in _PAIR)
    if isinstance(one, Absent) or isinstance(other, Absent):
        return one if isinstance(one, Absent) else other if isinstance(other, Absent) else Absent("")
    if one.key.source != other.key.source:
        return Absent("the flows of the bitcoin funds and of the ether funds are of two sources")
    if one.at(-1) != other.at(-1):
        return Absent("the last session of the bitcoin funds is not that of the ether funds")
    return one, other


def _day(ask: Ask, subject: str) -> Figure | Absent:
    runs = _runs(ask)
    if isinstance(runs, Absent):
        return runs
    one, other = runs
    if one.decimal(-1) * other.decimal(-1) >= 0:
        return Absent("the bitcoin funds and the ether funds moved the same way, or one of them not at all")
    return computed("etf.parted_day", subject, Unit.USD, _SMALLER, [one.reading(-1), other.reading(-1)], window="session")


def _since(ask: Ask, subject: str) -> Figure | Absent:
    runs, present = _runs(ask), ask.figure("etf.parted_day", subject)
    if isinstance(runs, Absent) or isinstance(present, Absent):
        return runs if isinstance(runs, Absent) else present if isinstance(present, Absent) else Absent("")
    one, other = runs
    until = one.at(-1) - 1
    known = parted(one, other).until(until)
    if not len(known):
        return Absent("the bitcoin funds and the ether funds have no earlier session in common")

    def readings(i: int) -> list[Reading]:
        return [run.reading(run.index_of(known.track.at[i])) for run in runs]

    def value(pair: Sequence[Reading]) -> Decimal:
        return evaluate(_SMALLER, [r.value for r in pair])

    past = Past((Piece(known, 0, readings, value),), (ref(one, until), ref(other, until)), "parted(i1, i2)", session_of)
    return since(ask, "etf.parted_since", subject, present, past, covers_life=covers_life("etf", "ETH", past.start),
                 at=session_of(one.at(-1)))  # fmt: skip


def _trail(ask: Ask, subject: str) -> Trail | Absent:
    """The sessions before the last; 0 where both went the same way."""
    runs = _runs(ask)
    return runs if isinstance(runs, Absent) else trail_of([parted(*runs)], runs[0].at(-1) - 1)


FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("etf.parted_day", Unit.USD, "The smaller of the last flows of bitcoin and ether funds, which went opposite ways.",
               MARKET, "Both went the same way, or their last sessions are not the same.", _day, "session", "130400000", _trail),
    FigureSpec("etf.parted_since", Unit.DATE, "The last session on which both moved at least as much in opposite ways.", MARKET,
               "As for the day, or such a session is less than 30 days old.", _since, "session", "2024-07-29"),
)  # fmt: skip
