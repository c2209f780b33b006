"""The archive in memory, column by column: for edition folders, previews and tests; in: readings or columns, out: Columns.

Imports nothing slow. Holds no file and no connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from operator import lt

from newsgen.errors import NewsgenError, UnitMismatch
from newsgen.market import Column, Origin, Reading, SeriesKey, check_aware, from_epoch, iso, to_epoch

__all__ = ["Clash", "MemoryArchive", "columns_of", "extend_column", "keep_rows", "same_value", "set_origins"]


class Clash(NewsgenError):
    """Two values for one series, observed and known at the same moments: one of them is wrong, and nobody can say which."""

    def __init__(self, key: SeriesKey, observed: int, first: str, second: str) -> None:
        self.key, self.observed, self.first, self.second = key, observed, first, second
        named = ", ".join(f"{name} {value}" for name, value in zip(key._fields[2:], key[2:], strict=True) if value)
        super().__init__(f"{key.series} of {key.subject} ({named}) has two values at {iso(from_epoch(observed))}: {first} and {second}")


class MemoryArchive:
    """Columns by series and subject; `load` is what a View asks."""

    def __init__(self, readings: Iterable[Reading] = ()) -> None:
        self._columns: dict[SeriesKey, Column] = {}
        self._by_name: dict[tuple[str, str], list[Column]] = {}
        self._unsorted: set[SeriesKey] = set()
        self.add(readings)

    def __len__(self) -> int:
        return sum(len(column.observed) for column in self._columns.values())

    def add(self, readings: Iterable[Reading]) -> None:
        """Take single readings."""
        self.add_columns(columns_of(readings))

    def add_columns(self, columns: Iterable[Column]) -> None:
        """Take columns; one that is there already is extended. The caller's own are left as they are."""
        for column in columns:
            self._unsorted.add(column.key)
            known = self._columns.get(column.key)
            if known is None:
                self._put(replace(column))
            else:
                extend_column(known, column)

    def _put(self, column: Column) -> None:
        self._columns[column.key] = column
        self._by_name.setdefault((column.key.series, column.key.subject), []).append(column)

    def load(self, series: str, subject: str) -> Sequence[Column]:
        """The columns of a series of a subject: all windows, sources and venues, each sorted by (observed, known).

        Raises:
            Clash: Two values were added for the same moments.
        """
        found = self._by_name.get((series, subject), [])
        for column in found:
            if column.key in self._unsorted:
                _sort(column)
                self._unsorted.discard(column.key)
        return found

    def columns(self) -> list[Column]:
        """All columns, sorted, by key."""
        for series, subject in list(self._by_name):
            self.load(series, subject)
        return [self._columns[key] for key in sorted(self._columns)]

    def cut(self, as_of: datetime) -> MemoryArchive:
        """A new archive without anything that was known after `as_of`."""
        until = to_epoch(check_aware(as_of, "as_of"))
        smaller = MemoryArchive()
        for column in self._columns.values():
            rows = [i for i, known in enumerate(column.known) if known <= until]
            if rows:
                part = replace(column)
                keep_rows(part, rows)
                smaller.add_columns([part])
        return smaller


def columns_of(readings: Iterable[Reading]) -> list[Column]:
    """Single readings as columns, in the order they came."""
    columns: dict[SeriesKey, Column] = {}
    origins: dict[SeriesKey, list[Origin]] = {}
    for reading in readings:
        column = columns.setdefault(reading.key, Column(reading.key, reading.unit))
        if column.unit is not reading.unit:
            raise UnitMismatch(f"{reading.key.series} of {reading.key.subject} came in {column.unit} and in {reading.unit}")
        column.observed.append(to_epoch(reading.observed_at))
        column.known.append(to_epoch(reading.known_at))
        column.values.append(f"{reading.value:f}")
        origins.setdefault(reading.key, []).append(reading.origin)
    for column in columns.values():
        set_origins(column, origins[column.key])
    return list(columns.values())


def same_value(one: str, other: str) -> bool:
    """Whether two decimals as text are equal: 100 is 100.0."""
    return one == other or Decimal(one) == Decimal(other)


def set_origins(column: Column, origins: Sequence[Origin]) -> None:
    """Give each row its origin; equal ones are kept once, in the order of their first row."""
    column.origins = list(dict.fromkeys(origins))
    place = {origin: i for i, origin in enumerate(column.origins)}
    column.origin_of = [place[origin] for origin in origins] if len(place) > 1 else []


def _origins(column: Column) -> list[Origin]:
    return [column.origins[i] for i in column.origin_of] if column.origin_of else column.origins[:1] * len(column.observed)


def extend_column(column: Column, other: Column) -> None:
    """Put the rows of one column behind those of another of the same key; lists are made anew, never grown in place."""
    if column.unit is not other.unit:
        raise UnitMismatch(f"{column.key.series} of {column.key.subject} came in {column.unit} and in {other.unit}")
    if column.origins != other.origins or column.origin_of:
        set_origins(column, _origins(column) + _origins(other))
    column.observed = column.observed + other.observed
    column.known = column.known + other.known
    column.values = column.values + other.values


def keep_rows(column: Column, rows: Sequence[int]) -> None:
    """Leave these rows, in this order."""
    column.observed = [column.observed[i] for i in rows]
    column.known = [column.known[i] for i in rows]
    column.values = [column.values[i] for i in rows]
    if column.origin_of:
        set_origins(column, [column.origins[column.origin_of[i]] for i in rows])


def _sort(column: Column) -> None:
    """Sort by (observed, known); the same value twice is one reading."""
    if all(map(lt, column.observed, column.observed[1:])):
        return
    moments = list(zip(column.observed, column.known, strict=True))
    rows: list[int] = []
    for row in sorted(range(len(moments)), key=moments.__getitem__):
        if rows and moments[rows[-1]] == moments[row]:
            first, second = column.values[rows[-1]], column.values[row]
            if not same_value(first, second):
                raise Clash(column.key, column.observed[row], first, second)
        else:
            rows.append(row)
    keep_rows(column, rows)
