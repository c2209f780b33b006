"""What an article rests on beyond the figures that it prints; in: an article and the book that it was written from, out: columns.

Its conditions looked at figures that no sentence names, and a chart draws a year of which the text tells one value: a bad reading among
those is as wrong as a printed one. Of these whole columns are named, since any row of them may have decided.
"""

from __future__ import annotations

from newsgen.market import Absent, Book, SeriesKey, SeriesRef
from newsgen.story import Article

__all__ = ["columns_behind"]


def columns_behind(article: Article, book: Book) -> tuple[SeriesKey, ...]:
    """The columns of an article's conditions and drawings that its own figures do not name already."""
    told = {i.key for f in article.figures.values() for i in f.inputs if isinstance(i, SeriesRef)}
    drawn = {key for chart in article.charts for key in chart.columns}
    return tuple(sorted((drawn | _looked_at(article, book)) - told))


def _looked_at(article: Article, book: Book) -> set[SeriesKey]:
    """The columns of the figures that the conditions of lead and supports have seen."""
    found: set[SeriesKey] = set()
    for pitch in article.pitches:
        names = {name for condition in pitch.conditions for name in condition.saw} if pitch.role in ("lead", "support") else set()
        for name in names:
            subject, figure = (pitch.subject, name) if name in book.catalogue else name.split(".", 1)
            seen = book.get(figure, subject)
            found |= set() if isinstance(seen, Absent) else seen.columns()
    return found
