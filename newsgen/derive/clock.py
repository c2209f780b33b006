"""The moment of an edition as figures, so that it is printed through the ledger like any other; in: a View, out: a moment and its dates."""

from __future__ import annotations

from datetime import timedelta

from newsgen.derive._figure import ASSET, COMPANY, INDEX, MARKET, history
from newsgen.market import Ask, Figure, FigureSpec, Unit

__all__ = ["FIGURES"]


def _as_of(ask: Ask, subject: str) -> Figure:
    moment = ask.view.as_of
    return Figure("clock.as_of", subject, moment, Unit.MOMENT, moment, moment, "")


def _day(ask: Ask, subject: str) -> Figure:
    """The UTC day that a wrap of this moment is about: at midnight the one that has just ended."""
    now = _as_of(ask, subject)
    return history("clock.day", subject, Unit.DATE, (ask.view.as_of - timedelta(seconds=1)).date(), "day(i1)", [now], source="")


def _week(ask: Ask, subject: str) -> Figure:
    """The Monday of the week of that day; it names the week and is not printed."""
    day = (ask.view.as_of - timedelta(seconds=1)).date()
    return Figure("clock.week", subject, day - timedelta(days=day.weekday()), Unit.DATE, ask.view.as_of, ask.view.as_of, "")


_ALL = ASSET | MARKET | INDEX | COMPANY
FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("clock.as_of", Unit.MOMENT, "The moment up to which an article knows.", _ALL, "Never.", _as_of,
               example="2025-07-14T12:02:00Z"),
    FigureSpec("clock.day", Unit.DATE, "Its UTC day; at midnight the day that has just ended.", _ALL, "Never.", _day, example="2025-07-14"),
    FigureSpec("clock.week", Unit.DATE, "The Monday of that day's week.", _ALL, "Never.", _week, example="2025-07-14"),
)  # fmt: skip
