"""How unusual a figure is for its metric; in: a Book and figures, out: 0 to 1, and which way they point. Feeds the order of the body."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from newsgen.detect.score import MIN_PAST, YEAR_S, smaller
from newsgen.market import Absent, Book, Figure, Unit

__all__ = ["direction_of", "surprise_of"]

ORDINARY = 0.5  # of figures without history
_SINCE = 0.9  # nothing as large for a month or more: that is what a since-clause says
_SIGNED = ("change", "net_flow", "streak", "zscore")


def surprise_of(book: Book, figures: Iterable[Figure]) -> float:
    """The surprise of the most unusual figure: the share of its past year that was less extreme."""
    return max((book.memo(("surprise", f.name, f.subject), lambda f=f: _surprise(book, f)) for f in figures), default=ORDINARY)  # type: ignore[misc]


def _surprise(book: Book, figure: Figure) -> float:
    if figure.record is not None and figure.unit is Unit.DATE:
        return 1.0 if figure.record.is_record else _SINCE
    trail = book.trail(figure.name, figure.subject) if figure.name in book.catalogue else Absent("no figure of the catalogue")
    if isinstance(trail, Absent) or not isinstance(figure.value, Decimal):
        return ORDINARY
    year, value = trail.after(book.view.as_of_s - YEAR_S), float(figure.value)
    if len(year) < MIN_PAST:
        return ORDINARY
    if is_signed(figure):
        return smaller(year, value, "both") / len(year)
    return abs(smaller(year, value, "high") / len(year) - 0.5) * 2  # of a size both a large and a small one are unusual


def is_signed(figure: Figure) -> bool:
    """Whether a figure has a direction: a change, a flow, a run."""
    return any(word in figure.name for word in _SIGNED)


def direction_of(figures: Iterable[Figure]) -> int:
    """The sign of the first figure that has a direction; 0 when none has."""
    for figure in figures:
        if isinstance(figure.value, Decimal) and is_signed(figure):
            return (figure.value > 0) - (figure.value < 0)
    return 0
