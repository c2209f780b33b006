"""What a layout is: which column of a CSV is which series, and what must hold in its rows; data only, no reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from newsgen.market import Completeness, Unit
from newsgen.store.layouts.moments import Rule

__all__ = ["Cell", "Kind", "Layout", "Sum"]

# price: above 0. amount: at least 0. count: a whole amount. share: 0 to 100. signed: any finite number.
Kind = Literal["price", "amount", "count", "share", "signed"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a file as a series; an empty field stands for what the layout says."""

    column: str
    series: str
    unit: Unit
    source: str
    name: str  # of the source, as printed; "": the layout's `name_column`
    kind: Kind = "price"
    subject: str = ""
    venue: str = ""
    window: str = ""
    moments: Rule | None = None
    zero_is_blank: bool = False  # the file writes 0 where it means "not available"


@dataclass(frozen=True, slots=True)
class Sum:
    """A total that the file states beside its parts."""

    total: str
    parts: tuple[str, ...]
    within: float  # what rounding may make of the difference, in the unit of the column
    maybe: tuple[str, ...] = ()  # parts that count when they are filled; a row is checked without them


@dataclass(frozen=True, slots=True)
class Layout:
    """How one kind of history file reads. The file name's prefix chooses it."""

    prefix: str
    when: str  # the column with the date or time
    moments: Rule
    cells: tuple[Cell, ...]
    subject: str = ""  # one subject for all rows, or
    subject_column: str = ""  # the column that names it
    venue_column: str = ""
    stated: tuple[tuple[str, str], ...] = ()  # (column, value): what the prefix says, and the column repeats where it is there
    window: str = ""
    window_column: str = ""  # in hours
    completeness: Completeness = Completeness.FINAL
    suspect_column: str = ""  # rows with 1 here are never used
    rising: tuple[tuple[str, str], ...] = ()  # pairs of columns: the first is never above the second
    sums: tuple[Sum, ...] = ()
    more: Mapping[str, Cell] = field(default_factory=dict)  # by suffix: columns that may appear (a new fund); venue from the rest
    one_per_moment: bool = False  # rows of one key and moment that differ are ambiguous, and none of them is used
    name_column: str = ""  # the printed source, where each row has its own
    url_column: str = ""
    at_least: frozenset[tuple[str, str]] = frozenset()  # (time, column) of values that were printed as "more than"
    beside: tuple[str, ...] = ()  # columns of the file that make no series
    events: bool = False  # dates and outside extremes: no readings
