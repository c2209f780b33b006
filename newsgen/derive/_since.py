"""History statements: since when nothing was at or beyond a value; in: the past in pieces, out: a dated Figure with its Record.

The rules of contracts.md: one scope, at least 95 % of the points over the span, no window that overlaps the present one, thirty days
at least, else Absent with the value that was last as large. Nothing beyond in the whole archive is a record: value None, not Absent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from newsgen.derive._figure import DAY, day_of, exact, history, session_of
from newsgen.derive._tracks import Known
from newsgen.market import Absent, Ask, Figure, Reading, Record, SeriesRef, Unit, plain

__all__ = ["MIN_SINCE_DAYS", "Past", "Piece", "since"]

MIN_SINCE_DAYS = 30
MIN_SHARE = 0.95  # of the points that a span should have
_SESSIONS_PER_WEEKDAY = 251 / 261  # about ten exchange holidays a year


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of the past: what is known, and how to find the readings behind a value.

    Attributes:
        step_s: Seconds between two values; 0 for sessions, which fall on weekdays.
        readings: Gives the readings that a value is the sum of, from its index in the track.
        value: The exact past value, where it is not the sum of its readings.
    """

    known: Known
    step_s: int
    readings: Callable[[int], Sequence[Reading]]
    value: Callable[[Sequence[Reading]], Decimal] = exact

    def points(self, after: int, until: int) -> tuple[int, float]:
        """How many values the span holds, and how many it should."""
        part = self.known.after(after).until(until)
        if self.step_s:
            return len(part), max(until - max(after, self.known.start - self.step_s), 0) // self.step_s
        return len(part), _weekdays(max(after, self.known.start - DAY), until) * _SESSIONS_PER_WEEKDAY


def _weekdays(after: int, until: int) -> int:
    first, last = session_of(after) + timedelta(days=1), session_of(until)
    weeks, rest = divmod((last - first).days + 1, 7)
    return max(weeks * 5 + sum((first.weekday() + k) % 7 < 5 for k in range(max(rest, 0))), 0)


@dataclass(frozen=True, slots=True)
class Past:
    """The past of a metric: pieces that follow each other, oldest first.

    Attributes:
        series: The formula of the whole, over the references i1, i2 ...
        name: The day that a value is named by, from the end of its window.
    """

    pieces: tuple[Piece, ...]
    refs: tuple[SeriesRef, ...]
    series: str
    name: Callable[[int], date] = day_of

    @property
    def start(self) -> date:
        return self.name(self.pieces[0].known.start)

    def newest_beyond(self, value: Decimal, *, low: bool) -> tuple[Piece, int] | None:
        """The newest value at or beyond, as its piece and index."""
        limit = float(value)
        for piece in reversed(self.pieces):
            i = piece.known.newest_beyond(limit, low=low)
            if i >= 0:
                return piece, i
        return None

    def extreme(self, *, low: bool = False) -> tuple[Piece, int]:
        """The newest lowest or highest value of all."""
        found = [(p, i) for p in reversed(self.pieces) if (i := p.known.extreme(low=low)) >= 0]
        pick = min if low else max
        return pick(found, key=lambda f: f[0].known.track.values[f[1]])

    def share_after(self, moment: int) -> float:
        """Share of the points that are there between a moment and the end of the past."""
        counts = [p.points(moment, p.known.end) for p in self.pieces if len(p.known)]
        should = sum(c[1] for c in counts)
        return sum(c[0] for c in counts) / should if should else 1.0


def since(
    ask: Ask,
    name: str,
    subject: str,
    present: Figure,
    past: Past,
    *,
    low: bool = False,
    covers_life: bool = False,
    at: date | None = None,
) -> Figure | Absent:
    """Since when nothing was at or beyond the present value: a date, or a record.

    Args:
        present: The figure that is set against its past.
        past: What came before, without windows that overlap the present one.
        at: The day of the present value; default as_of's.
    """
    today = at or day_of(ask.view.as_of_s)
    word = "small" if low else "large"
    if (today - past.start).days < MIN_SINCE_DAYS:
        return Absent(f"{name} of {subject}: the archive starts only on {past.start}")
    found = past.newest_beyond(present.number, low=low)
    if past.share_after(found[0].known.track.at[found[1]] if found else 0) < MIN_SHARE:
        return Absent(f"{name} of {subject}: more than five percent of the points are missing")
    readings = tuple(found[0].readings(found[1])) if found else ()
    value = found[0].value(readings) if found else None
    when = past.name(found[0].known.track.at[found[1]]) if found else None
    if when and (today - when).days < MIN_SINCE_DAYS:
        return Absent(f"{name} of {subject}: at least as {word} on {when} ({plain(value)})")
    record = Record(present.name, "<=" if low else ">=", present.number, when, value, past.start, found is None, True, covers_life,
                    subject, present.side, present.scope, present.source)  # fmt: skip
    formula = f"last_at_or_{'below' if low else 'above'}({past.series}, i{len(past.refs) + 1})"
    return history(
        name, subject, Unit.DATE, when, formula, [*past.refs, present, *readings], record=record, archive_start=past.start,
        window=present.window, window_start=present.window_start, window_end=present.window_end, side=present.side, scope=present.scope,
        label=present.label, observed_at=present.observed_at, source=present.source, bound=present.bound,
    )  # fmt: skip
