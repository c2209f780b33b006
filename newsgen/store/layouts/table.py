"""One history file as checked rows; in: its bytes and its Layout, out: the rows that hold, and the lines that do not.

Columns are checked whole, which is fast; only where one fails are its cells looked at one by one. Makes no readings (history.py does).
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import repeat
from math import isfinite, isnan, nan
from operator import gt

from newsgen.errors import HistoryError
from newsgen.store.layouts.layout import Cell, Kind, Layout, Sum
from newsgen.store.layouts.moments import Rule

__all__ = ["Table", "read_table"]

_DIGITS = b"-+.eE0123456789"  # float() also reads "1_000", " 1 ", "nan" and other scripts' digits
_NAME = re.compile(r"[A-Z0-9]{1,20}", re.ASCII)
_HOURS = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_UNREADABLE = "\ufffd"

Problems = dict[int, str]  # row to what is wrong with it


class BadNumber(ValueError):
    """A cell that is no number its column may hold."""


class Table:
    """The rows of a file that hold, column by column: a file has few columns and many rows, and what is made per row is slow."""

    def __init__(self, layout: Layout, columns: Mapping[str, list[str]], lines: Sequence[int]) -> None:
        self.layout, self.lines = layout, lines  # per row its line's number in the file; the header is 1
        self.columns = columns
        self.cells = (*(cell for cell in layout.cells if cell.column in columns), *_further(layout, columns))
        self._floats: dict[str, list[float]] = {}

    def __len__(self) -> int:
        return len(self.lines)

    def texts(self, column: str) -> list[str]:
        """A column as it stands; shared, to be left as it is."""
        return self.columns[column]

    def floats(self, column: str) -> list[float]:
        """A column as numbers; nan, which is above and below nothing, where it is empty."""
        if column not in self._floats:
            texts = self.texts(column)
            self._floats[column] = [float(text) if text else nan for text in texts] if "" in texts else [*map(float, texts)]
        return self._floats[column]

    def only(self, rows: Sequence[int]) -> Table:
        """The table with these rows, given in ascending order."""
        if rows and rows[-1] - rows[0] + 1 == len(rows):
            block = slice(rows[0], rows[-1] + 1)
            return Table(self.layout, {name: texts[block] for name, texts in self.columns.items()}, self.lines[block])
        columns = {name: [*map(texts.__getitem__, rows)] for name, texts in self.columns.items()}
        return Table(self.layout, columns, [*map(self.lines.__getitem__, rows)])

    def without(self, rows: Container[int]) -> Table:
        """The table without these rows."""
        return self.only([i for i in range(len(self)) if i not in rows])

    def moments(self, rule: Rule) -> tuple[list[int], list[int]]:
        """When each row was true, and when known; `read_table` has seen to it that the dates are good."""
        pairs = [*map(rule, self.texts(self.layout.when))]
        return [observed for observed, _ in pairs], [known for _, known in pairs]


def read_table(file: str, body: bytes, layout: Layout) -> tuple[Table, list[HistoryError]]:
    """Read a file and set aside the lines that are damaged.

    Raises:
        HistoryError: The header does not fit, so that no line can be read.
    """
    first, _, text = body.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").partition("\n")
    header = _split(first) or []
    _check_header(file, layout, header)
    table, refused = _whole(layout, header, text.removesuffix("\n")), list[HistoryError]()
    if table is None:
        table, refused = _line_by_line(file, layout, header, text)
    for find in (_bad_names, _bad_moments, _bad_numbers, _bad_order, _bad_sums):
        problems = find(table)
        if problems:
            refused += [HistoryError(file, table.lines[i], problem) for i, problem in problems.items()]
            table = table.without(problems)
    return table, sorted(refused, key=lambda error: error.line)


def _whole(layout: Layout, header: Sequence[str], text: str) -> Table | None:
    """All lines with one split; None when a line is damaged, blank or quoted, so that the lines have to be looked at one by one."""
    if '"' in text or _UNREADABLE in text:
        return None
    lines, step = text.count("\n") + 1, len(header) + 1
    cells = text.replace("\n", ",\n,").split(",")  # a line's end as a cell of its own: it stands at every `step` or a width is wrong
    if len(cells) != lines * step - 1 or cells[step - 1 :: step].count("\n") != lines - 1:
        return None
    return Table(layout, {name: cells[i::step] for i, name in enumerate(header)}, range(2, lines + 2))


def _line_by_line(file: str, layout: Layout, header: Sequence[str], text: str) -> tuple[Table, list[HistoryError]]:
    refused: list[HistoryError] = []
    numbers: list[int] = []
    rows: list[Sequence[str]] = []
    for number, line in enumerate(text.split("\n"), 2):
        if not line:
            continue
        cells = _split(line)
        if cells is None or len(cells) != len(header) or _UNREADABLE in line:
            refused.append(HistoryError(file, number, _damage(line, cells, len(header))))
        else:
            numbers.append(number)
            rows.append(cells)
    return Table(layout, {name: [row[i] for row in rows] for i, name in enumerate(header)}, numbers), refused


def _split(text: str) -> list[str] | None:
    # Line by line, so that a quote that nobody closed spoils its own line and not the rest of the file.
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:
        return None


def _damage(text: str, cells: Sequence[str] | None, width: int) -> str:
    if _UNREADABLE in text:
        return "not UTF-8"
    return "a quote that is not closed" if cells is None else f"{len(cells)} cells, the header has {width}"


def _check_header(file: str, layout: Layout, header: Sequence[str]) -> None:
    """Refuse a header that cannot be trusted.

    A file may leave out columns, and may bring some that nobody knows; both at once is a misspelt name, and its values would be lost.
    """
    needed = _named(layout.when, layout.subject_column, layout.venue_column, layout.window_column, layout.suspect_column,
                    layout.name_column, layout.url_column)  # fmt: skip
    if layout.events:
        needed += layout.beside
    series = [cell.column for cell in layout.cells]
    missing = [column for column in needed if column not in header]
    lacking = [column for column in series if column not in header]
    known = {*needed, *series, *layout.beside, *(column for column, _ in layout.stated)}
    strange = [column for column in header if column not in known and not column.endswith(tuple(layout.more))]
    if lacking and (strange or len(lacking) == len(series)):
        missing += lacking
    if missing:
        hint = f"; it has {', '.join(strange)}, which nobody knows" if strange else ""
        raise HistoryError(file, 1, f"the header lacks {', '.join(missing)}{hint}")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise HistoryError(file, 1, f"the header has {', '.join(twice)} twice")


def _named(*columns: str) -> tuple[str, ...]:
    return tuple(column for column in columns if column)


def _further(layout: Layout, header: Iterable[str]) -> Iterable[Cell]:
    """Cells of columns that the layout allows for without naming them."""
    named = {cell.column for cell in layout.cells}
    for column in header:
        for suffix, cell in layout.more.items():
            if column.endswith(suffix) and column not in named:
                yield Cell(column, cell.series, cell.unit, cell.source, cell.name, cell.kind, venue=column.removesuffix(suffix).upper())


def _each(table: Table, column: str, problem: Callable[[str], str]) -> Problems:
    """What is wrong in a column; the texts repeat, so each is looked at once."""
    texts = table.texts(column)
    bad = {text: found for text in set(texts) if (found := problem(text))}
    return {i: bad[text] for i, text in enumerate(texts) if text in bad} if bad else {}


def _bad_names(table: Table) -> Problems:
    layout, problems = table.layout, Problems()
    if layout.subject_column:
        column = layout.subject_column
        problems |= _each(table, column, lambda t: "" if _NAME.fullmatch(t) else f"{column} is no asset's name: {t!r}")
    if layout.venue_column:
        venue = layout.venue_column
        problems |= _each(table, venue, lambda t: "" if _NAME.fullmatch(t.upper()) else f"{venue} is no exchange's name: {t!r}")
    if layout.window_column:
        hours = layout.window_column
        problems |= _each(table, hours, lambda t: "" if _HOURS.fullmatch(t) else f"{hours} is no number of hours: {t!r}")
    for stated, value in layout.stated:
        if stated in table.columns:
            problems |= _each(table, stated, _other_than(stated, value))
    if layout.suspect_column:
        mark = layout.suspect_column
        problems |= _each(table, mark, lambda t: "" if t in ("0", "1") else f"{mark} is neither 0 nor 1: {t!r}")
    return problems


def _other_than(column: str, value: str) -> Callable[[str], str]:
    return lambda text: "" if text == value else f"{column} is {text!r}, the file's name says {value}"


def _bad_moments(table: Table) -> Problems:
    rule = table.layout.moments
    when = table.layout.when
    with suppress(ValueError, OverflowError):
        deque(map(rule, set(table.texts(when))), 0)
        return {}

    def problem(text: str) -> str:
        try:
            rule(text)
        except (ValueError, OverflowError) as error:
            return f"{when}: {error}"
        return ""

    return _each(table, when, problem)


def _bad_numbers(table: Table) -> Problems:
    problems: Problems = {}
    for cell in table.cells:
        texts = table.texts(cell.column)
        try:
            _check_digits(texts)
            _check_kind(table.floats(cell.column), cell.kind)
        except ValueError:
            problems = _each(table, cell.column, partial(_no_number, cell)) | problems
    return problems


def _no_number(cell: Cell, text: str) -> str:
    """What is wrong with one text of a column; an empty one is "not available" and fine."""
    if not text:
        return ""
    try:
        _check_digits([text])
        _check_kind([float(text)], cell.kind)
    except BadNumber as error:
        return f"{cell.column} {error}: {text!r}"
    except ValueError:
        return f"{cell.column} is no number: {text!r}"
    return ""


def _check_digits(texts: Iterable[str]) -> None:
    if "".join(texts).encode().translate(None, _DIGITS):
        raise BadNumber("is no number")


def _check_kind(numbers: Sequence[float], kind: Kind) -> None:
    """Raise BadNumber when one of the numbers is none of the kind; nan stands for an empty cell."""
    values = numbers
    if not isfinite(sum(numbers)):
        values = [number for number in numbers if not isnan(number)]
        if not all(map(isfinite, values)):
            raise BadNumber("is not finite")
    if not values:
        return
    low = min(values)
    if kind == "price" and low <= 0:
        raise BadNumber("is no price above 0")
    if kind in ("amount", "count", "share") and low < 0:
        raise BadNumber("is below 0")
    if kind == "share" and max(values) > 100:
        raise BadNumber("is above 100")
    if kind == "count" and not all(map(float.is_integer, values)):
        raise BadNumber("is no whole number")


def _bad_order(table: Table) -> Problems:
    problems: Problems = {}
    pairs = [pair for pair in table.layout.rising if all(name in table.columns for name in pair)]
    columns = {name: table.floats(name) for pair in pairs for name in pair}
    for low, high in pairs:
        if any(map(gt, columns[low], columns[high])):
            for i, (below, above) in enumerate(zip(columns[low], columns[high], strict=True)):
                if below > above:
                    written, other = table.texts(low)[i], table.texts(high)[i]
                    problems.setdefault(i, f"{low} {written} is above {high} {other}")
    return problems


def _bad_sums(table: Table) -> Problems:
    problems: Problems = {}
    for rule in table.layout.sums:
        if not all(name in table.columns for name in (rule.total, *rule.parts)):
            continue
        totals = table.floats(rule.total)
        for i, (total, added) in enumerate(zip(totals, _added(table, rule), strict=True)):
            if abs(total - added) > rule.within:
                written = table.texts(rule.total)[i]
                problems.setdefault(i, f"{rule.total} {written} is not the sum of its parts, {added:.0f}")
    return problems


def _added(table: Table, rule: Sum) -> list[float]:
    named = {rule.total, *rule.parts, *rule.maybe}
    further = [cell.column for cell in table.cells if table.layout.more and cell.column not in named]
    added: list[float] = list(repeat(0.0, len(table)))
    for column in rule.parts:
        added = [a + b for a, b in zip(added, table.floats(column), strict=True)]
    for column in (*(name for name in rule.maybe if name in table.columns), *further):
        added = [a + (b if b == b else 0.0) for a, b in zip(added, table.floats(column), strict=True)]  # noqa: PLR0124
    return added
