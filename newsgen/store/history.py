"""History files to columns, and into a database; in: CSV files and folders, out: Columns, or what an import changed.

A damaged line is refused by file and line and left out; the rest is loaded. No object is made per cell, and nothing slow is imported
until `import_history` runs. What the files look like is in layouts/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from operator import lt
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsgen.errors import ConfigError, HistoryError
from newsgen.market import Column, Origin, SeriesKey, from_epoch, iso
from newsgen.store.layouts import LAYOUTS, Cell, Layout, layout_of
from newsgen.store.layouts.moments import Rule
from newsgen.store.layouts.table import Table, read_table
from newsgen.store.memory import extend_column, keep_rows, same_value, set_origins

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["Event", "FileCount", "ImportReport", "Loaded", "history_files", "import_history", "read_history"]

_BEFORE_A_DATE = re.compile(r"\(?([^()]*?)[\s,]*(?=\d{4}-)")


@dataclass(frozen=True, slots=True)
class Event:
    """A dated fact beside the readings: a halving, a launch, a high that the files do not reach."""

    day: date
    asset: str
    kind: str
    value: Decimal | None
    unit: str
    note: str


@dataclass(slots=True)
class FileCount:
    """What one file held."""

    lines: int = 0  # data lines, refused ones too
    readings: int = 0
    unused: int = 0  # lines that are marked suspect, or ambiguous


@dataclass(slots=True)
class Loaded:
    """What the files held."""

    columns: list[Column] = field(default_factory=list)
    refused: list[HistoryError] = field(default_factory=list)
    files: dict[str, FileCount] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import changed."""

    new: int
    unchanged: int
    refused: tuple[HistoryError, ...]
    files: Mapping[str, FileCount]
    events: tuple[Event, ...] = ()


@dataclass(slots=True)
class Chunk:
    """What one file says of one series, sorted, one value a moment."""

    column: Column
    lines: Sequence[int]  # per row


@dataclass(slots=True)
class _File:
    """What one file held, its columns still apart from those of other files."""

    name: str
    chunks: list[Chunk] = field(default_factory=list)
    refused: list[HistoryError] = field(default_factory=list)
    count: FileCount = field(default_factory=FileCount)
    events: list[Event] = field(default_factory=list)


def history_files(paths: Iterable[Path]) -> list[Path]:
    """The given files, and the CSV files of the given folders by name.

    Raises:
        ConfigError: There is no such file or folder.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise ConfigError(f"no such history file or folder: {path}")
        found += sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return found


def read_history(paths: Iterable[Path]) -> Loaded:
    """Read history files and folders into columns.

    Raises:
        ConfigError: There is no such file or folder.
    """
    loaded = Loaded()
    columns: dict[SeriesKey, Column] = {}
    for path in history_files(paths):
        file = _read_file(path)
        loaded.files[file.name] = file.count
        loaded.events += file.events
        loaded.refused += file.refused
        for chunk in file.chunks:
            loaded.refused += _merge(columns, chunk, file.name)
    loaded.columns = list(columns.values())
    return loaded


def import_history(engine: Engine, paths: Iterable[Path], progress: Callable[[str, FileCount], None] | None = None) -> ImportReport:
    """Load history files and folders into the archive; the same file again changes nothing.

    A value that differs from the stored one of the same moments is refused by file and line, and the stored one stays. One transaction
    a file: an import that is stopped has whole files, and can be run again.

    Args:
        engine: From `open_database`.
        paths: Files, or folders with CSV files.
        progress: Told after each file.
    """
    from newsgen.store.archive import SqlArchive

    archive = SqlArchive(engine)
    new = unchanged = 0
    refused: list[HistoryError] = []
    files: dict[str, FileCount] = {}
    events: list[Event] = []
    for path in history_files(paths):
        file = _read_file(path)
        added = archive.add_columns(chunk.column for chunk in file.chunks)
        lines = {chunk.column.key: chunk.lines for chunk in file.chunks}
        refused += file.refused
        refused += [
            _differs((file.name, lines[c.key][c.row]), c.key, c.observed, value=c.value, other=f"stored value {c.stored}")
            for c in added.clashes
        ]
        new, unchanged = new + added.new, unchanged + added.unchanged
        files[file.name] = file.count
        events += file.events
        if progress:
            progress(file.name, file.count)
    return ImportReport(new, unchanged, tuple(refused), files, tuple(events))


def _read_file(path: Path) -> _File:
    file = _File(path.name)
    layout = layout_of(path.name)
    if layout is None:
        known = ", ".join(layout.prefix for layout in LAYOUTS)
        file.refused.append(HistoryError(path.name, 1, f"no layout for a file of this name; the name begins with one of {known}"))
        return file
    try:
        table, file.refused = read_table(path.name, path.read_bytes(), layout)
    except HistoryError as error:
        file.refused.append(error)
        return file
    file.count.lines = len(table) + len(file.refused)
    table = _usable(file, table)
    if layout.events:
        file.events, damaged = _events(file.name, table)
        file.refused += damaged
    for names, part in _groups(table):
        _add_group(file, part, names)
    file.refused.sort(key=lambda error: error.line)
    file.count.readings = sum(len(chunk.lines) for chunk in file.chunks)
    return file


def _usable(file: _File, table: Table) -> Table:
    """The table without rows that are marked suspect or are ambiguous; they are counted."""
    layout = table.layout
    unused: set[int] = set()
    if layout.suspect_column:
        unused |= {i for i, mark in enumerate(table.texts(layout.suspect_column)) if mark == "1"}
    if layout.one_per_moment:
        unused |= _ambiguous(table)
    file.count.unused = len(unused)
    return table.without(unused) if unused else table


def _ambiguous(table: Table) -> set[int]:
    """Rows of one moment, subject, venue and window that say different things."""
    rows: dict[tuple[object, ...], list[int]] = {}
    for i, key in enumerate(zip(*table.moments(table.layout.moments), _names(table), strict=True)):
        rows.setdefault(key, []).append(i)
    said = list(zip(*(table.texts(cell.column) for cell in table.cells), strict=True))
    return {
        i
        for same in rows.values()
        if len({said[i] for i in same}) > 1
        for i in same
    }  # fmt: skip


_Names = tuple[str, str, str]  # subject, venue, window; "" where the layout or the cell says it


def _names(table: Table) -> Iterator[_Names]:
    layout, blank = table.layout, [""] * len(table)
    subjects = table.texts(layout.subject_column) if layout.subject_column else blank
    venues = [v.lower() for v in table.texts(layout.venue_column)] if layout.venue_column else blank
    windows = [f"{h}h" for h in table.texts(layout.window_column)] if layout.window_column else blank
    return zip(subjects, venues, windows, strict=True)


def _groups(table: Table) -> list[tuple[_Names, Table]]:
    """The table, cut by what its rows are about."""
    if not (table.layout.subject_column or table.layout.venue_column or table.layout.window_column):
        return [(("", "", ""), table)]
    groups: dict[_Names, list[int]] = {}
    for i, names in enumerate(_names(table)):
        groups.setdefault(names, []).append(i)
    return [(names, table.only(rows)) for names, rows in groups.items()]


def _add_group(file: _File, table: Table, names: _Names) -> None:
    moments: dict[Rule, tuple[list[int], list[int]]] = {}
    sorted_by: dict[Rule, bool] = {}  # asked once: what cells leave out does not change it
    for cell in table.cells:
        rule = cell.moments or table.layout.moments
        if rule not in moments:
            moments[rule] = table.moments(rule)
            sorted_by[rule] = _rises(moments[rule][0])
        chunk = _chunk(table, cell, names, moments[rule])
        if not sorted_by[rule]:
            file.refused += _one_value_a_moment(file.name, chunk)
        if chunk.lines:
            file.chunks.append(chunk)


def _chunk(table: Table, cell: Cell, names: _Names, moments: tuple[list[int], list[int]]) -> Chunk:
    """One column of the table as a series; it shares its lists with the table and the other columns, and nothing changes them."""
    layout = table.layout
    subject, venue, window = names
    key = SeriesKey(
        cell.series, cell.subject or subject or layout.subject, cell.window or window or layout.window, cell.source, cell.venue or venue
    )
    texts = table.texts(cell.column)
    chunk = Chunk(Column(key, cell.unit, *moments, texts), table.lines)
    _set_origins(chunk, table, cell)
    if "" in texts or cell.zero_is_blank:
        _keep(chunk, [i for i, text in enumerate(texts) if text and not (cell.zero_is_blank and float(text) == 0)])
    return chunk


def _set_origins(chunk: Chunk, table: Table, cell: Cell) -> None:
    layout = table.layout
    if not layout.name_column:
        chunk.column.origins = [Origin(layout.prefix, cell.name, completeness=layout.completeness)]
        return
    rows = zip(*map(table.texts, (layout.when, layout.name_column, layout.url_column)), strict=True)
    set_origins(chunk.column, [_origin(layout, cell, *row) for row in rows])


def _origin(layout: Layout, cell: Cell, when: str, name: str, address: str) -> Origin:
    at_least = (when, cell.column) in layout.at_least
    return Origin(
        layout.prefix,
        cell.name or (_publisher(address) if name in ("", "unstated") else name),
        address if address.startswith("https://") else "",
        completeness=layout.completeness,
        bound="at_least" if at_least else "exact",
    )


def _publisher(address: str) -> str:
    """Who printed it, where no vendor is named: the host of an address, or the words before the date in a reference."""
    if address.startswith("https://"):
        return (urlsplit(address).hostname or address).removeprefix("www.")
    words = [found for found in _BEFORE_A_DATE.findall(address) if found]
    return words[-1].strip() if words else address


def _keep(chunk: Chunk, rows: Sequence[int]) -> None:
    keep_rows(chunk.column, rows)
    chunk.lines = [chunk.lines[i] for i in rows]


def _rises(moments: Sequence[int]) -> bool:
    return all(map(lt, moments, islice(moments, 1, None)))


def _one_value_a_moment(file: str, chunk: Chunk) -> list[HistoryError]:
    """Sort a chunk and drop repeats; a second, other value for the same moments is refused."""
    column = chunk.column
    moments = list(zip(column.observed, column.known, strict=True))
    kept: list[int] = []
    refused: list[HistoryError] = []
    for row in sorted(range(len(moments)), key=moments.__getitem__):
        if not kept or moments[kept[-1]] != moments[row]:
            kept.append(row)
        elif not same_value(column.values[kept[-1]], column.values[row]):
            first = f"line {chunk.lines[kept[-1]]} has {column.values[kept[-1]]}"
            refused.append(_differs((file, chunk.lines[row]), column.key, column.observed[row], value=column.values[row], other=first))
    _keep(chunk, kept)
    return refused


def _differs(place: tuple[str, int], key: SeriesKey, observed: int, *, value: str, other: str) -> HistoryError:
    return HistoryError(*place, f"{key.series} of {key.subject} at {iso(from_epoch(observed))} is {value}, differs: {other}")


def _merge(columns: dict[SeriesKey, Column], chunk: Chunk, file: str) -> list[HistoryError]:
    """Add a chunk to the column of the same series from an earlier file; the earlier file's value stays."""
    column, more = columns.get(chunk.column.key), chunk.column
    if column is None:
        columns[more.key] = more
        return []
    refused = _drop_known(column, chunk, file) if max(column.observed) >= more.observed[0] else []
    extend_column(column, more)
    return refused


def _drop_known(column: Column, chunk: Chunk, file: str) -> list[HistoryError]:
    """Leave in the chunk what the column does not have; the archive sorts what is then out of order."""
    have = dict(zip(zip(column.observed, column.known, strict=True), column.values, strict=True))
    more, kept = chunk.column, list[int]()
    refused: list[HistoryError] = []
    for row, moments in enumerate(zip(more.observed, more.known, strict=True)):
        stored = have.get(moments)
        if stored is None:
            kept.append(row)
        elif not same_value(stored, more.values[row]):
            refused.append(
                _differs((file, chunk.lines[row]), more.key, moments[0], value=more.values[row], other=f"an earlier file has {stored}")
            )
    _keep(chunk, kept)
    return refused


def _events(file: str, table: Table) -> tuple[list[Event], list[HistoryError]]:
    events: list[Event] = []
    refused: list[HistoryError] = []
    for line, row in zip(table.lines, zip(*table.columns.values(), strict=True), strict=True):
        said = dict(zip(table.columns, row, strict=True))
        try:
            events.append(_event(said))
        except ArithmeticError:
            refused.append(HistoryError(file, line, f"value is no number: {said['value']!r}"))
    return events, refused


def _event(said: Mapping[str, str]) -> Event:
    value = Decimal(said["value"]) if said["value"] else None
    return Event(date.fromisoformat(said["date"]), said["asset"], said["event_type"], value, said["unit"], said["note"])
