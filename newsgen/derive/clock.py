"""The moment of an edition as a figure, so that it is printed through the ledger like any other; in: a View, out: a moment."""

from __future__ import annotations

from newsgen.derive._figure import ASSET, COMPANY, INDEX, MARKET
from newsgen.market import Ask, Figure, FigureSpec, Unit

__all__ = ["FIGURES"]


def _as_of(ask: Ask, subject: str) -> Figure:
    moment = ask.view.as_of
    return Figure("clock.as_of", subject, moment, Unit.MOMENT, moment, moment, "")


FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("clock.as_of", Unit.MOMENT, "The moment up to which an article knows.", ASSET | MARKET | INDEX | COMPANY, "Never.", _as_of,
               example="2025-07-14T12:02:00Z"),
)  # fmt: skip
