"""The archive in memory, column by column: for edition folders, previews and tests; in: readings, out: Columns.

Imports nothing slow. Holds no file and no connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from newsgen.errors import NewsgenError
from newsgen.market import Column, Reading, SeriesKey, from_epoch, iso, plain, to_epoch

__all__ = ["MemoryArchive"]


class MemoryArchive:
    """Columns by series and subject; `load` is what a View asks."""

    def __init__(self) -> None:
        self._columns: dict[SeriesKey, Column] = {}
        self._by_name: dict[tuple[str, str], list[Column]] = {}
        self._unsorted: set[SeriesKey] = set()

    def add_columns(self, columns: Iterable[Column]) -> None:
        """Take whole columns; one that is there already is extended."""
        for column in columns:
            known = self._columns.get(column.key)
            if known is None:
                self._put(column)
            else:
                _extend(known, column)
            self._unsorted.add(column.key)

    def add(self, readings: Iterable[Reading]) -> None:
        """Take single readings."""
        for reading in readings:
            column = self._columns.get(reading.key)
            if column is None:
                column = Column(reading.key, reading.unit)
                self._put(column)
            _append(column, reading)
            self._unsorted.add(reading.key)

    def _put(self, column: Column) -> None:
        self._columns[column.key] = column
        self._by_name.setdefault((column.key.series, column.key.subject), []).append(column)

    def load(self, series: str, subject: str) -> Sequence[Column]:
        """The columns of a series of a subject: all windows, sources and venues."""
        found = self._by_name.get((series, subject), [])
        for column in found:
            if column.key in self._unsorted:
                _sort(column)
                self._unsorted.discard(column.key)
        return found

    def cut(self, as_of: int) -> MemoryArchive:
        """A new archive without anything known after `as_of` (epoch seconds)."""
        smaller = MemoryArchive()
        for column in self._columns.values():
            rows = [i for i, known in enumerate(column.known) if known <= as_of]
            if rows:
                smaller.add_columns([_take(column, rows)])
        return smaller

    def __len__(self) -> int:
        return sum(len(c.observed) for c in self._columns.values())


def _origin_index(column: Column, row: int) -> int:
    return column.origin_of[row] if column.origin_of else 0


def _append(column: Column, reading: Reading) -> None:
    if reading.origin not in column.origins:
        column.origins.append(reading.origin)
    index = column.origins.index(reading.origin)
    if index and not column.origin_of:
        column.origin_of = [0] * len(column.observed)
    column.observed.append(to_epoch(reading.observed_at))
    column.known.append(to_epoch(reading.known_at))
    column.values.append(plain(reading.value) or "0")
    if column.origin_of or index:
        column.origin_of.append(index)


def _extend(column: Column, other: Column) -> None:
    offset = len(column.origins)
    first = column.origin_of or [0] * len(column.observed)
    second = other.origin_of or [0] * len(other.observed)
    column.origins += other.origins
    column.origin_of = [*first, *(offset + i for i in second)]
    column.observed += other.observed
    column.known += other.known
    column.values += other.values


def _take(column: Column, rows: Sequence[int]) -> Column:
    return Column(
        column.key, column.unit, [column.observed[i] for i in rows], [column.known[i] for i in rows],
        [column.values[i] for i in rows], list(column.origins), [_origin_index(column, i) for i in rows],
    )  # fmt: skip


def _sort(column: Column) -> None:
    """Sort by (observed, known); the same value twice is one reading, two values for one moment are refused."""
    observed, known = column.observed, column.known
    keys = list(zip(observed, known, strict=True))
    if all(keys[i] < keys[i + 1] for i in range(len(keys) - 1)):
        return
    rows: list[int] = []
    for row in sorted(range(len(keys)), key=keys.__getitem__):
        if rows and keys[rows[-1]] == keys[row]:
            if column.values[rows[-1]] != column.values[row]:
                raise NewsgenError(
                    f"{'/'.join(column.key)} has two values at {iso(from_epoch(observed[row]))}: "
                    f"{column.values[rows[-1]]} and {column.values[row]}"
                )
            continue
        rows.append(row)
    sorted_column = _take(column, rows)
    column.observed, column.known = sorted_column.observed, sorted_column.known
    column.values, column.origin_of = sorted_column.values, sorted_column.origin_of
