"""The archive with what became known since: of each moment that was known then, its newest revision; in: an archive's load, out: a load.

A correction is written with it: the story of that morning, with the figures that stand now. What nobody knew then stays unknown, so that
the story does not become another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from newsgen.market import Column, Load, Run, to_epoch

__all__ = ["hindsight"]


@dataclass(slots=True)
class _Revised(Column):
    """A column that shows, of each moment known by then, the newest revision up to `seen`."""

    seen: int = 0  # epoch seconds

    def until(self, as_of: int) -> Run:
        rows: list[int] = []
        for i, (observed, known) in enumerate(zip(self.observed, self.known, strict=True)):
            revises = bool(rows) and self.observed[rows[-1]] == observed
            if revises and known <= self.seen:
                rows[-1] = i
            elif not revises and known <= as_of:
                rows.append(i)
        return Run(self, rows)


def hindsight(load: Load, seen_at: datetime) -> Load:
    """The same archive, as it knows of each moment by `seen_at`."""
    seen, made = to_epoch(seen_at), dict[tuple[str, str], Sequence[Column]]()

    def revised(series: str, subject: str) -> Sequence[Column]:
        if (series, subject) not in made:
            made[series, subject] = [_with_revisions(column, seen) for column in load(series, subject)]
        return made[series, subject]

    return revised


def _with_revisions(column: Column, seen: int) -> Column:
    if len(set(column.observed)) == len(column.observed):  # most have none, and are quicker as they are
        return column
    return _Revised(column.key, column.unit, column.observed, column.known, column.values, column.origins, column.origin_of, seen=seen)
