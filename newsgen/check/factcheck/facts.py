"""The facts that a draft is held against, made when a sentence speaks of them; in: a source of figures, out: Facts.

A source is the archive at a moment or the figures of one article. Knows no words and no sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from newsgen.check._facts import Fact, facts_of, local_dates
from newsgen.check.reader.dates import Day
from newsgen.check.reader.words import ReaderWords
from newsgen.market import Absent, Figure, Unit

__all__ = ["FactBook", "FigureSource"]

_SOON = timedelta(hours=1)


class FigureSource(Protocol):
    """Where figures come from."""

    @property
    def as_of(self) -> datetime:
        """The moment of the draft."""

    def unit(self, name: str) -> Unit | None:
        """The unit of a figure; None when there is none of that name."""

    def get(self, name: str, subject: str) -> Figure | Absent:
        """A figure of a subject."""

    def id_of(self, name: str, subject: str) -> str:
        """How a report names it."""

    def on(self, day: date) -> FigureSource | None:
        """The same as a day ended; None where nothing of it is known."""


class FactBook:
    """Facts by name and subject, each made once."""

    def __init__(self, source: FigureSource, words: ReaderWords) -> None:
        self.source, self.words = source, words
        self.today = source.as_of.date()
        self.today_of_readers = local_dates(source.as_of, words) | {self.today}
        self._made: dict[tuple[str, str], Fact | None] = {}
        self._names: dict[tuple[tuple[str, ...], frozenset[Unit]], list[str]] = {}
        self._days: dict[date, FactBook | None] = {}

    def names(self, names: tuple[str, ...], units: frozenset[Unit]) -> list[str]:
        """Those of some figures that are of one of the units."""
        key = (names, units)
        if key not in self._names:
            self._names[key] = [n for n in names if self.source.unit(n) in units]
        return self._names[key]

    def facts(self, names: Iterable[str], subjects: Iterable[str]) -> list[Fact]:
        """The facts that there are."""
        wanted = [(n, s) for s in subjects for n in names]
        return [fact for name, subject in wanted if (fact := self.fact(name, subject)) is not None]

    def fact(self, name: str, subject: str) -> Fact | None:
        """One fact, with the days of the figures that date it; None where the figure is absent."""
        key = (name, subject)
        if key not in self._made:
            figures = {self.source.id_of(n, subject): f for n in (name, *_partners(name)) if (f := self._figure(n, subject)) is not None}
            self._made[key] = next((f for f in facts_of(figures, self.words) if f.name == name), None)
        return self._made[key]

    def on(self, day: date) -> FactBook | None:
        """The facts as a day ended."""
        if day not in self._days:
            source = self.source.on(day)
            self._days[day] = None if source is None else FactBook(source, self.words)
        return self._days[day]

    def is_now(self, clock: Day) -> bool:
        """Whether a clock time is that of the draft's moment, in a zone of its readers."""
        zones = [clock.zone] if clock.zone else [*self.words.zone_names]
        local = [self.source.as_of.astimezone(ZoneInfo(z)) for z in zones]
        return any(m.hour * 60 + m.minute == clock.minute for m in local)

    def is_of_earlier_day(self, fact: Fact) -> bool:
        """Whether a change is that of a closed day that is over for some time: it bears out, and contradicts no change up to now."""
        return fact.figure.window == "day" and "change" in fact.tail and self.source.as_of - fact.figure.observed_at > _SOON

    def _figure(self, name: str, subject: str) -> Figure | None:
        if self.source.unit(name) is None:
            return None
        found = self.source.get(name, subject)
        return None if isinstance(found, Absent) else found


def _partners(name: str) -> tuple[str, ...]:
    """The figures that may date this one: `price.ath_at` for `price.ath`, `index.record_at` for `index.record_close`."""
    stem = name.removesuffix("_close").removesuffix("_usd").removesuffix("_price")
    return tuple(dict.fromkeys((f"{name}_at", f"{stem}_at")))
