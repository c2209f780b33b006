"""Readings, and the columns that the archive holds them in; in: parsed values, out: of each column what was known at a moment.

No network, disk or clock; knows no figure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from itertools import islice
from operator import le, lt
from typing import Any, NamedTuple, TypeVar

from newsgen.market._units import Bound, Completeness, Unit, check_aware, from_epoch

M = TypeVar("M")


class SeriesKey(NamedTuple):
    """What identifies one column of the archive."""

    series: str  # "spot.close", "liq.short"; the vocabulary is in docs/series.md
    subject: str  # "BTC", "SP500", "market", "Strategy"
    window: str  # "4h", "1d", "24h"; "" for an instant
    source: str  # who told us: "binance", "coinglass", "farside", "manual"
    venue: str = ""  # where it happened: "binance", "all"; a fund's ticker for fund flows; "" where it has no meaning


class SeriesRef(NamedTuple):
    """A whole column as an input of a formula, up to and including `until` (epoch seconds)."""

    key: SeriesKey
    until: int

    def __str__(self) -> str:
        return "series:" + "/".join(self.key)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where readings came from; shared by many."""

    endpoint: str
    source_name: str  # as it is printed
    url: str = ""
    payload_sha256: str = ""
    completeness: Completeness = Completeness.FINAL
    bound: Bound = "exact"
    label: str = ""  # a word that the source sends with the value ("Greed")


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value.

    Units: `value` is in `unit`; `window` is the span it covers and ends at `observed_at`.
    """

    key: SeriesKey
    value: Decimal
    unit: Unit
    observed_at: datetime  # when it was true; the end of the bar for bars; aware UTC
    known_at: datetime  # when anyone could know it; aware UTC
    origin: Origin

    def __post_init__(self) -> None:
        if not self.value.is_finite():
            raise ValueError(f"{self.key.series} {self.key.subject}: not a finite number: {self.value}")
        if self.observed_at.tzinfo is not UTC:
            object.__setattr__(self, "observed_at", check_aware(self.observed_at, f"{self.key.series} observed_at"))
        if self.known_at.tzinfo is not UTC:
            object.__setattr__(self, "known_at", check_aware(self.known_at, f"{self.key.series} known_at"))


@dataclass(slots=True)
class Column:
    """All readings of one series as the archive holds them, sorted by (observed, known). Epoch seconds; exact decimals."""

    key: SeriesKey
    unit: Unit
    observed: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    values: list[str] = field(default_factory=list)  # text, made Decimal or float when asked for
    origins: list[Origin] = field(default_factory=list)
    origin_of: list[int] = field(default_factory=list)  # per row; empty when all rows have origins[0]
    # See `keep`: what was made, and of which rows. Not of `init`, so that a copy of a column begins without.
    _kept: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _kept_rows: list[int] = field(default_factory=list, init=False, repr=False, compare=False)
    _kept_count: int = field(default=0, init=False, repr=False, compare=False)

    def keep(self, what: object, make: Callable[[], M]) -> M:
        """Something made from all rows (floats, extremes of blocks); made again only when the rows have changed.

        Rows may be added in place or the lists replaced (the store does that); a single value is never overwritten.
        """
        if self._kept_rows is not self.observed or self._kept_count != len(self.observed):
            self._kept, self._kept_rows, self._kept_count = {}, self.observed, len(self.observed)
        made: M | None = self._kept.get(what)
        if made is None:
            made = self._kept[what] = make()
        return made

    @property
    def floats(self) -> Sequence[float]:
        """All values as floats."""
        return self.keep("floats", lambda: list(map(float, self.values)))

    def _is_simple(self) -> bool:
        """No revisions, and known in the order of observation: what is known at a moment is then a prefix."""
        known, observed = self.known, self.observed
        return all(map(le, known, islice(known, 1, None))) and all(map(lt, observed, islice(observed, 1, None)))

    def until(self, as_of: int) -> Run:
        """What of this column was known at `as_of`: per observed moment the newest revision known by then."""
        known, observed = self.known, self.observed
        if self.keep("simple", self._is_simple):
            # The same rows are the same run, with all that it has kept: from one view to the next most columns have nothing new.
            count = bisect_right(known, as_of)
            run: Run | None = self._kept.get("run")
            if run is None or len(run) != count:
                run = self._kept["run"] = Run(self, range(count))
            return run
        rows: list[int] = []
        for i, seen in enumerate(known):
            if seen > as_of:
                continue
            if rows and observed[rows[-1]] == observed[i]:
                rows[-1] = i
            else:
                rows.append(i)
        return Run(self, rows)


class Run(Sequence[Reading]):
    """The known part of one column: oldest first, one reading per observed moment.

    Nearly always these are the column's first rows. Then nothing is copied, since a history is long and a question of it short.
    """

    def __init__(self, column: Column, rows: Sequence[int]) -> None:
        self.column = column
        self.key = column.key
        self.unit = column.unit
        # Whether these are the first rows of the column, so that what the column keeps can be used.
        self.is_prefix = isinstance(rows, range) and rows.start == 0
        self._rows = rows
        self._made: dict[int, Reading] = {}
        self._kept: dict[object, Any] = {}

    def keep(self, what: object, make: Callable[[], M]) -> M:
        """Something made from these readings, once."""
        made: M | None = self._kept.get(what)
        if made is None:
            made = self._kept[what] = make()
        return made

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, i):  # type: ignore[no-untyped-def]
        if isinstance(i, slice):
            return Run(self.column, self._rows[i])
        return self.reading(i)

    def __iter__(self) -> Iterator[Reading]:
        return (self.reading(i) for i in range(len(self)))

    def reading(self, i: int) -> Reading:
        """The i-th reading (negative from the end) as an object."""
        row = self._rows[i]
        made = self._made.get(row)
        if made is None:
            column = self.column
            origin = column.origins[column.origin_of[row] if column.origin_of else 0]
            observed, known = from_epoch(column.observed[row]), from_epoch(column.known[row])
            made = self._made[row] = Reading(column.key, Decimal(column.values[row]), column.unit, observed, known, origin)
        return made

    @cached_property
    def observed(self) -> Sequence[int]:
        """Epoch seconds of each reading, ascending. Copied when not all rows are known: `at` and `index_at` ask for less."""
        return self._of_rows(self.column.observed)

    @cached_property
    def floats(self) -> Sequence[float]:
        """The values as floats: for statistics over history only, never for print."""
        if self.is_prefix:
            return self._of_rows(self.column.floats)
        return [float(self.column.values[r]) for r in self._rows]

    def _of_rows(self, whole: Sequence[M]) -> Sequence[M]:
        if not self.is_prefix:
            return [whole[r] for r in self._rows]
        return whole if len(whole) == len(self) else whole[: len(self)]

    def at(self, i: int) -> int:
        """Epoch seconds of the i-th reading (negative from the end)."""
        return self.column.observed[self._rows[i]]

    def decimal(self, i: int) -> Decimal:
        """The exact value of the i-th reading."""
        return Decimal(self.column.values[self._rows[i]])

    def index_at(self, moment: int) -> int:
        """Index of the last reading observed at or before `moment` (epoch seconds), or -1."""
        if self.is_prefix:
            return bisect_right(self.column.observed, moment, 0, len(self._rows)) - 1
        return bisect_right(self.observed, moment) - 1

    def index_of(self, moment: int) -> int:
        """Index of the reading observed exactly at `moment`, or -1."""
        i = self.index_at(moment)
        return i if i >= 0 and self.at(i) == moment else -1


Load = Callable[[str, str], Sequence[Column]]
