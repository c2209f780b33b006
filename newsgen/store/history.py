"""History files to columns: reads CSV as the layouts say, refuses damaged lines by file and line; in: paths, out: Columns.

A damaged line is reported and left out, the rest is loaded. Fast: no object per cell. The import into a database is at the end and
loads sqlalchemy only then.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from newsgen.errors import HistoryError
from newsgen.market import Column, Origin, SeriesKey
from newsgen.store.layouts import Cell, Layout, layout_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["ImportReport", "Loaded", "history_files", "import_history", "read_history"]


@dataclass(slots=True)
class Loaded:
    """What the files held."""

    columns: list[Column] = field(default_factory=list)
    refused: list[HistoryError] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)  # per file
    unused: dict[str, int] = field(default_factory=dict)  # rows that are marked suspect or ambiguous, per file
    where: dict[SeriesKey, list[tuple[str, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import changed."""

    new: int
    unchanged: int
    refused: tuple[HistoryError, ...]
    lines: Mapping[str, int]


def history_files(paths: Iterable[Path]) -> list[Path]:
    """The CSV files of the given files and folders, sorted within a folder."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return found


def read_history(paths: Sequence[Path], *, remember_lines: bool = False) -> Loaded:
    """Read history files and folders.

    Args:
        paths: Files, or folders whose CSV files are read.
        remember_lines: Keep for each value the file and line it is from (for an import that may refuse it).
    """
    loaded = Loaded()
    columns: dict[SeriesKey, Column] = {}
    for path in history_files(paths):
        _read_file(path, columns, loaded, remember_lines)
    loaded.columns = list(columns.values())
    return loaded


def _read_file(path: Path, columns: dict[SeriesKey, Column], loaded: Loaded, remember: bool) -> None:
    layout = layout_of(path.name)
    if layout is None:
        loaded.refused.append(HistoryError(path.name, 1, "no layout has this file's prefix"))
        return
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream)
            header = next(rows, [])
            reader = _FileReader(path.name, layout, header, columns, loaded, remember)
            for row in rows:
                reader.take(rows.line_num, row)
            loaded.lines[path.name] = rows.line_num - 1
    except HistoryError as error:
        loaded.refused.append(error)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        loaded.refused.append(HistoryError(path.name, 0, str(error)))


Store = Callable[[int, int, str], None]


class _FileReader:
    """Reads the rows of one file into columns."""

    def __init__(self, file: str, layout: Layout, header: Sequence[str], columns: dict[SeriesKey, Column], loaded: Loaded,
                 remember: bool) -> None:  # fmt: skip
        self.file, self.layout, self.columns, self.loaded, self.remember = file, layout, columns, loaded, remember
        self.at = {name: i for i, name in enumerate(header)}
        self.width = len(header)
        needed = [
            layout.when,
            layout.subject_column,
            layout.venue_column,
            layout.window_column,
            *(c.column for c in layout.cells[:1]),
        ]
        missing = [name for name in needed if name and name not in self.at]
        if missing:
            raise HistoryError(file, 1, f"the header lacks {', '.join(missing)}")
        self.cells = [(c, self.at[c.column]) for c in layout.cells if c.column in self.at]
        self.seen: dict[tuple[SeriesKey, int], str] = {}

    def take(self, line: int, row: Sequence[str]) -> None:
        if not row:
            return
        try:
            self._take(line, row)
        except HistoryError as error:
            self.loaded.refused.append(error)

    def _take(self, line: int, row: Sequence[str]) -> None:
        layout = self.layout
        if len(row) != self.width:
            raise HistoryError(self.file, line, f"{len(row)} cells, the header has {self.width}")
        if layout.skip_column and row[self.at[layout.skip_column]] == "1":
            self.loaded.unused[self.file] = self.loaded.unused.get(self.file, 0) + 1
            return
        values = self._numbers(line, row)
        self._agree(line, row, values)
        subject = row[self.at[layout.subject_column]] if layout.subject_column else layout.subject
        venue = row[self.at[layout.venue_column]].lower() if layout.venue_column else ""
        window = f"{row[self.at[layout.window_column]]}h" if layout.window_column else layout.window
        for cell, at in self.cells:
            if row[at]:
                moments = self._moments(line, cell, row[self.at[layout.when]])
                source = f"{cell.source}.{self._site(row)}" if layout.name_column else cell.source
                key = SeriesKey(cell.series, cell.subject or subject, cell.window or window, source, cell.venue or venue)
                self._store(key, cell, row, moments, row[at], line)
        if layout.events:
            self._moments(line, None, row[self.at[layout.when]])

    def _site(self, row: Sequence[str]) -> str:
        """Which site printed the figures of a row; two sites may print two figures for one moment."""
        url = row[self.at[self.layout.url_column]]
        return url.split("/")[2] if url.startswith("http") else "elsewhere"

    def _moments(self, line: int, cell: Cell | None, text: str) -> tuple[int, int]:
        rule = (cell.moments if cell else None) or self.layout.moments
        try:
            return rule(text)
        except (ValueError, OverflowError):
            raise HistoryError(self.file, line, f"{self.layout.when} is no date or time: {text!r}") from None

    def _numbers(self, line: int, row: Sequence[str]) -> dict[str, float]:
        found: dict[str, float] = {}
        for cell, at in self.cells:
            text = row[at]
            if not text:
                continue
            try:
                value = float(text)
            except ValueError:
                raise HistoryError(self.file, line, f"{cell.column} is no number: {text!r}") from None
            if value != value or value in (float("inf"), float("-inf")):
                raise HistoryError(self.file, line, f"{cell.column} is not finite: {text!r}")
            if (cell.kind == "price" and value <= 0) or (cell.kind in ("amount", "count") and value < 0):
                raise HistoryError(self.file, line, f"{cell.column} cannot be {text}")
            found[cell.column] = value
        return found

    def _agree(self, line: int, row: Sequence[str], values: Mapping[str, float]) -> None:
        for low, high in self.layout.ordered:
            if values.get(low, 0) > values.get(high, float("inf")):
                raise HistoryError(self.file, line, f"{low} {row[self.at[low]]} is above {high} {row[self.at[high]]}")
        for total, parts in self.layout.sums:
            if total in values and all(p in values for p in parts if p in self.at):
                added = sum(values[p] for p in parts if p in values)
                if abs(added - values[total]) > max(2.0 * len(parts), 0.001 * abs(values[total])) and not self._partial(values, parts):
                    raise HistoryError(self.file, line, f"{total} {row[self.at[total]]} is not the sum of its parts, {added:.0f}")

    def _partial(self, values: Mapping[str, float], parts: Sequence[str]) -> bool:
        return any(p not in values for p in parts)

    def _store(self, key: SeriesKey, cell: Cell, row: Sequence[str], moments: tuple[int, int], text: str, line: int) -> None:
        column = self.columns.get(key)
        if column is None:
            column = self.columns[key] = Column(key, cell.unit)
        if self.layout.unique and self._ambiguous(key, moments[0], text, column):
            return
        column.observed.append(moments[0])
        column.known.append(moments[1])
        column.values.append(text)
        self._origin(column, cell, row)
        if self.remember:
            self.loaded.where.setdefault(key, []).append((self.file, line))

    def _ambiguous(self, key: SeriesKey, observed: int, text: str, column: Column) -> bool:
        """Two readings that share a time but not a value: neither is used."""
        before = self.seen.get((key, observed))
        self.seen[(key, observed)] = text
        if before is None:
            return False
        if before != text and observed in column.observed:
            row = len(column.observed) - 1 - column.observed[::-1].index(observed)
            for part in (column.observed, column.known, column.values, column.origin_of):
                if part:
                    part.pop(row)
            if self.remember:
                self.loaded.where[key].pop(row)
            self.loaded.unused[self.file] = self.loaded.unused.get(self.file, 0) + 2
        return True

    def _origin(self, column: Column, cell: Cell, row: Sequence[str]) -> None:
        layout = self.layout
        if not column.origins or layout.name_column:
            name = cell.name or (row[self.at[layout.name_column]] if layout.name_column else "")
            url = row[self.at[layout.url_column]] if layout.url_column else ""
            origin = Origin(layout.prefix, name, url if url.startswith("http") else "", completeness=layout.completeness)
            if origin not in column.origins:
                column.origins.append(origin)
            if layout.name_column:
                column.origin_of.append(column.origins.index(origin))


def import_history(engine: Engine, paths: Sequence[Path], progress: Callable[[str, int], None] | None = None) -> ImportReport:
    """Load history files into the archive; the same file again changes nothing.

    A value that differs from the stored one for the same moment is refused by file and line, and the stored one stays.
    """
    from newsgen.store.archive import SqlArchive

    archive = SqlArchive(engine)
    new = unchanged = 0
    refused: list[HistoryError] = []
    lines: dict[str, int] = {}
    for path in history_files(paths):
        loaded = read_history([path], remember_lines=True)
        refused += loaded.refused
        lines |= loaded.lines
        for column in loaded.columns:
            added, same, clashes = archive.add_column(column)
            new, unchanged = new + added, unchanged + same
            where = loaded.where[column.key]
            refused += [
                HistoryError(
                    *where[row],
                    f"{column.key.series} of {column.key.subject}: stored value {stored} differs from {column.values[row]}",
                )
                for row, stored in clashes
            ]
        if progress:
            progress(path.name, loaded.lines.get(path.name, 0))
    return ImportReport(new, unchanged, tuple(refused), lines)
