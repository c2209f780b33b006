"""Periods of the UTC calendar and the closes that end them; in: daily bars, out: closes a period apart, up to the last midnight.

A week runs from Monday to Sunday. A period is there only once it has ended: at any other midnight its closes are absent. Between two closes
lies exactly one period; where one is missing the older ones are left out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from newsgen.derive._bars import pieces_of
from newsgen.derive._figure import DAY, numbered, utc_midnight
from newsgen.derive._since import Piece
from newsgen.derive._tracks import clock_of
from newsgen.market import Absent, Ask, Reading, SeriesRef, from_epoch, iso, to_epoch

__all__ = ["LENGTHS", "Closes", "begin_of", "closes_of", "ends"]

LENGTHS = {"day": DAY, "week": 7 * DAY, "month": 2_629_746, "quarter": 7_889_238, "year": 31_556_952}  # seconds, of months the mean
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def ends(period: str, midnight: int) -> bool:
    """Whether a period ends at a UTC midnight."""
    day = from_epoch(midnight)
    if period in ("day", "week"):
        return period == "day" or day.weekday() == 0
    return day.day == 1 and (day.month - 1) % _MONTHS[period] == 0


def begin_of(period: str, end: int) -> int:
    """Where the period that ends at a moment begins."""
    if period in ("day", "week"):
        return end - LENGTHS[period]
    day = from_epoch(end)
    months = day.year * 12 + day.month - 1 - _MONTHS[period]
    return to_epoch(datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Closes:
    """Closes one period apart, oldest first: those at `at[0]` to `at[last]`.

    Attributes:
        series: The formula of the closes, over the references i1, i2 ...
    """

    period: str
    at: Sequence[int]
    values: Sequence[float]
    last: int
    reading: Callable[[int], Reading]
    refs: tuple[SeriesRef, ...]
    series: str
    start: date  # of the archive

    def moves(self) -> list[float]:
        """The changes from each close to the next, in percent."""
        values = self.values[: self.last + 1]
        return [(now / before - 1) * 100 for before, now in pairwise(values)]

    def refs_until(self, moment: int) -> list[SeriesRef]:
        """The references, cut at a moment."""
        return [SeriesRef(ref.key, min(ref.until, moment)) for ref in self.refs]


def closes_of(ask: Ask, asset: str, period: str) -> Closes | Absent:
    """The closes of an asset that end periods of one kind, the last of them at the last midnight."""
    return ask.memo(("closes", asset, period), lambda: _closes(ask, asset, period))


def _closes(ask: Ask, asset: str, period: str) -> Closes | Absent:
    midnight = utc_midnight(ask.view.as_of_s)
    found = pieces_of(ask, asset, "close") if ends(period, midnight) else Absent(f"no {period} ended at {iso(from_epoch(midnight))}")
    if isinstance(found, Absent):
        return found
    pieces, refs, daily = found
    if daily.index_of(midnight) < 0:
        return Absent(f"no daily close of {asset} at {iso(from_epoch(midnight))}")
    if period == "day":
        known = clock_of(daily, 0).until(midnight)
        at = known.track.at
        return Closes(period, at, known.track.values, known.last - 1, lambda i: daily.reading(daily.index_of(at[i])),
                      (SeriesRef(daily.key, midnight),), "i1", from_epoch(at[0] - DAY).date())  # fmt: skip
    rows = _rows(pieces, period, midnight)
    ats, values = [p.known.track.at[i] for p, i in rows], [p.known.track.values[i] for p, i in rows]
    cut = [SeriesRef(r.key, min(r.until, midnight)) for r in refs]
    joined = numbered("join", len(cut)) if len(cut) > 1 else "i1"
    return Closes(period, ats, values, len(rows) - 1, lambda i: rows[i][0].readings(rows[i][1])[0], tuple(cut),
                  f"{period}s({joined})", from_epoch(pieces[0].known.start - DAY).date())  # fmt: skip


def _rows(pieces: Sequence[Piece], period: str, midnight: int) -> list[tuple[Piece, int]]:
    """The piece and index of each close, back to the first that is missing."""
    found: list[tuple[Piece, int]] = []
    end, row = midnight, _row(pieces, midnight)
    while row is not None:
        near = _weeks(*row) if period == "week" else [row]
        found += near
        end -= (len(near) - 1) * LENGTHS["week"]
        before = begin_of(period, end)
        row = _row_near(*near[-1], (end - before) // DAY, before) or _row(pieces, before)
        end = before
    return found[::-1]


def _weeks(piece: Piece, i: int) -> list[tuple[Piece, int]]:
    """A row and those whole weeks before it, as far back as its piece goes; the row alone where a day is missing."""
    known = piece.known
    whole = known.track.at[i] - known.track.at[known.first] == (i - known.first) * DAY
    return [(piece, k) for k in range(i, known.first - 1, -7)] if whole else [(piece, i)]


def _row_near(piece: Piece, i: int, days: int, end: int) -> tuple[Piece, int] | None:
    """The row so many days before another one, where no day between them is missing."""
    guess, known = i - days, piece.known
    return (piece, guess) if guess >= known.first and known.track.at[guess] == end else None


def _row(pieces: Sequence[Piece], end: int) -> tuple[Piece, int] | None:
    for piece in reversed(pieces):
        known = piece.known
        i = bisect_left(known.track.at, end, known.first, known.last)
        if i < known.last and known.track.at[i] == end:
            return piece, i
    return None
