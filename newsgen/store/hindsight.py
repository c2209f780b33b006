"""The archive with what became known since: of each moment that was known then, its newest revision; in: an archive's load, out: a load.

A correction is written with it: the story of that morning, with the figures that stand now. A moment of which a retired reading told was
known too: what its source says of it since takes the place. What nobody knew then stays unknown, so that the story does not become another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from newsgen.market import Column, Load, Run, SeriesKey, to_epoch
from newsgen.store.retired import Retired

__all__ = ["hindsight"]


@dataclass(slots=True)
class _Revised(Column):
    """A column that shows, of each moment known by then, the newest revision up to `seen`.

    Attributes:
        retired: The moments of retired readings, with when they were known.
    """

    seen: int = 0  # epoch seconds
    retired: Collection[tuple[int, int]] = ()

    def until(self, as_of: int) -> Run:
        gone = {observed for observed, known in self.retired if known <= as_of}
        rows: list[int] = []
        for i, (observed, known) in enumerate(zip(self.observed, self.known, strict=True)):
            revises = bool(rows) and self.observed[rows[-1]] == observed
            if revises and known <= self.seen:
                rows[-1] = i
            elif not revises and (known <= as_of or (observed in gone and known <= self.seen)):
                rows.append(i)
        return Run(self, rows)


def hindsight(load: Load, seen_at: datetime, retired: Sequence[Retired] = ()) -> Load:
    """The same archive, as it knows of each moment by `seen_at`."""
    seen, made = to_epoch(seen_at), dict[tuple[str, str], Sequence[Column]]()
    gone: dict[SeriesKey, list[tuple[int, int]]] = {}
    for one in retired:
        gone.setdefault(one.key, []).append((to_epoch(one.observed_at), to_epoch(one.known_at)))

    def revised(series: str, subject: str) -> Sequence[Column]:
        if (series, subject) not in made:
            made[series, subject] = [_with_revisions(column, seen, gone.get(column.key, ())) for column in load(series, subject)]
        return made[series, subject]

    return revised


def _with_revisions(column: Column, seen: int, retired: Collection[tuple[int, int]]) -> Column:
    if not retired and len(set(column.observed)) == len(column.observed):  # most have none, and are quicker as they are
        return column
    return _Revised(
        column.key, column.unit, column.observed, column.known, column.values, column.origins, column.origin_of, seen=seen, retired=retired
    )
