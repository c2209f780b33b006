"""The nouns of the market: Reading, Column, View, Figure; in: parsed values, out: what was known at a moment.

A Reading is one measured value. A Column holds all readings of one series in the archive, column by column. A View is
what was known at `as_of` and nothing later. A Figure is a derived value that leads back to its readings. This module
does no network, disk or clock, and knows no figure by name (`derive/` does).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import islice
from operator import le, lt
from typing import Literal, NamedTuple, TypeVar, cast

__all__ = [
    "Absent",
    "Ask",
    "Book",
    "Bound",
    "Column",
    "Completeness",
    "Figure",
    "FigureSpec",
    "Origin",
    "Reading",
    "Record",
    "Run",
    "SeriesKey",
    "SeriesRef",
    "Trail",
    "Unit",
    "Value",
    "View",
    "check_aware",
    "from_epoch",
    "iso",
    "parse_time",
    "plain",
    "to_epoch",
]


class Unit(StrEnum):
    """What a value is measured in. Two values compare only if their units are equal."""

    USD = "usd"
    PCT = "pct"  # percent, 2.5 means 2.5 %
    POINTS = "points"  # percentage points
    COUNT = "count"
    COINS = "coins"
    INDEX = "index"  # points of an index
    RATIO = "ratio"
    DAYS = "days"
    DATE = "date"
    MOMENT = "moment"  # an instant, aware UTC
    TEXT = "text"
    FLAG = "flag"


class Completeness(StrEnum):
    """How final a value is. `restated`: history that holds the final value, not the one first printed."""

    FINAL = "final"
    PARTIAL = "partial"
    PRELIMINARY = "preliminary"
    RESTATED = "restated"


Bound = Literal["exact", "at_least"]
Side = Literal["long", "short"]
M = TypeVar("M")
Value = Decimal | datetime | date | str | bool


def check_aware(moment: datetime, what: str) -> datetime:
    """Return the moment in UTC; a naive one is refused.

    Raises:
        ValueError: The moment has no zone; the message names `what`.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{what} has no time zone: {moment.isoformat()} (write it as {moment.isoformat()}Z for UTC)")
    return moment.astimezone(UTC)


def parse_time(text: str, what: str = "time") -> datetime:
    """Read an ISO 8601 time with a zone; a naive or malformed one raises ValueError that names `what`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{what} is not an ISO 8601 time with a zone: {text!r} (2025-07-14T12:02:00Z)") from None
    return check_aware(moment, what)


def to_epoch(moment: datetime) -> int:
    """Whole seconds since 1970 of an aware moment."""
    return int(moment.timestamp())


def from_epoch(seconds: int) -> datetime:
    """The aware UTC moment of whole seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with Z, seconds precision."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(value: Value | None) -> str | None:
    """A value as ARTICLE.json carries it: exact decimal without exponent, ISO time, ISO date, true/false."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


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
        object.__setattr__(self, "observed_at", check_aware(self.observed_at, f"{self.key.series} observed_at"))
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
    kept: dict[object, object] = field(default_factory=dict, repr=False, compare=False)  # see `keep`

    def keep(self, what: object, make: Callable[[], M]) -> M:
        """Something made from all rows (floats, extremes of blocks); made again only when the rows have changed."""
        rows, count = cast("tuple[object, int]", self.kept.get("rows", (None, 0)))
        if rows is not self.observed or count != len(self.observed):
            self.kept.clear()
            self.kept["rows"] = (self.observed, len(self.observed))
        if what not in self.kept:
            self.kept[what] = make()
        return cast(M, self.kept[what])

    def _is_simple(self) -> bool:
        """No revisions, and known in the order of observation: what is known at a moment is then a prefix."""
        known, observed = self.known, self.observed
        return all(map(le, known, islice(known, 1, None))) and all(map(lt, observed, islice(observed, 1, None)))

    def until(self, as_of: int) -> Run:
        """What of this column was known at `as_of`: per observed moment the newest revision known by then."""
        known, observed = self.known, self.observed
        if self.keep("simple", self._is_simple):
            return Run(self, range(bisect_right(known, as_of)))
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
    """The known part of one column: oldest first, one reading per observed moment."""

    def __init__(self, column: Column, rows: Sequence[int]) -> None:
        self.column = column
        self._rows = rows

    @property
    def key(self) -> SeriesKey:
        return self.column.key

    @property
    def unit(self) -> Unit:
        return self.column.unit

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
        column, row = self.column, self._rows[i]
        origin = column.origins[column.origin_of[row] if column.origin_of else 0]
        return Reading(
            column.key,
            Decimal(column.values[row]),
            column.unit,
            from_epoch(column.observed[row]),
            from_epoch(column.known[row]),
            origin,
        )

    @cached_property
    def observed(self) -> Sequence[int]:
        """Epoch seconds of each reading, ascending."""
        if isinstance(self._rows, range):
            return self.column.observed[self._rows.start : self._rows.stop]
        return [self.column.observed[r] for r in self._rows]

    @property
    def is_prefix(self) -> bool:
        """Whether these are the first rows of the column, so that what the column keeps can be used."""
        return isinstance(self._rows, range) and self._rows.start == 0

    @cached_property
    def floats(self) -> Sequence[float]:
        """The values as floats: for statistics over history only, never for print."""
        column, rows = self.column, self._rows
        if isinstance(rows, range):
            return column.keep("floats", lambda: list(map(float, column.values)))[rows.start : rows.stop]
        return [float(column.values[r]) for r in rows]

    def decimal(self, i: int) -> Decimal:
        """The exact value of the i-th reading."""
        return Decimal(self.column.values[self._rows[i]])

    def index_at(self, moment: int) -> int:
        """Index of the last reading observed at or before `moment` (epoch seconds), or -1."""
        return bisect_right(self.observed, moment) - 1

    def index_of(self, moment: int) -> int:
        """Index of the reading observed exactly at `moment`, or -1."""
        i = bisect_left(self.observed, moment)
        return i if i < len(self.observed) and self.observed[i] == moment else -1


Load = Callable[[str, str], Sequence[Column]]


class View:
    """All that was known at `as_of`, and nothing later.

    Args:
        as_of: The edition's cut-off, aware.
        load: Gives the columns of (series, subject), all windows, sources and venues; an archive's method.
        assets: The assets that the edition follows, most important first.
        precedence: Per series prefix ("liq", "spot") the sources in order of preference.
    """

    def __init__(
        self,
        as_of: datetime,
        load: Load,
        assets: Sequence[str],
        precedence: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.as_of = check_aware(as_of, "as_of")
        self.as_of_s = to_epoch(self.as_of)
        self.assets = tuple(assets)
        self._load = load
        self.precedence = dict(precedence or {})
        self._runs: dict[tuple[str, str], tuple[Run, ...]] = {}

    def runs(self, series: str, subject: str, *, window: str | None = None, source: str | None = None,
             venue: str | None = None) -> tuple[Run, ...]:  # fmt: skip
        """The known, non-empty columns that match, in order of the sources' precedence."""
        key = (series, subject)
        if key not in self._runs:
            runs = (column.until(self.as_of_s) for column in self._load(series, subject))
            order = self.precedence.get(series, self.precedence.get(series.split(".", 1)[0], ()))
            ranked = sorted((r for r in runs if len(r)), key=lambda r: (_rank(order, r.key.source), r.key))
            self._runs[key] = tuple(ranked)
        return tuple(
            r
            for r in self._runs[key]
            if (window is None or r.key.window == window)
            and (source is None or r.key.source == source)
            and (venue is None or r.key.venue == venue)
        )

    def run(self, series: str, subject: str, **narrow: str) -> Run | Absent:
        """The preferred column that matches, or Absent with what is missing."""
        found = self.runs(series, subject, **narrow)
        if found:
            return found[0]
        detail = ", ".join(f"{k} {v}" for k, v in narrow.items())
        return Absent(f"no {series} of {subject}" + (f" ({detail})" if detail else "") + f" known at {iso(self.as_of)}")


def _rank(order: Sequence[str], source: str) -> int:
    return order.index(source) if source in order else len(order)


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no such value, and why. Never 0, never None."""

    reason: str

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Record:
    """What a history statement rests on (editorial section 6).

    `last_at_or_beyond` is None and `is_record` true when nothing in the archive was at or beyond.
    """

    metric: str
    comparator: Literal[">=", "<="]
    value: Decimal
    last_at_or_beyond: date | None
    rival_value: Decimal | None
    archive_start: date
    is_record: bool
    closed_period: bool
    covers_life: bool  # the archive covers the metric's whole life (coverage.toml)
    asset: str = ""
    side: str = ""
    venue_scope: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A derived value with unit, scope and window, and the readings, figures and formula it came from.

    `formula` is an expression over i1, i2 ... (the `inputs` in order) from the closed list in `derive/_formula.py`; None
    when the figure is a reading as it came. `value` None goes with `record.is_record`: nothing before was beyond.
    """

    name: str
    subject: str
    value: Value | None
    unit: Unit
    observed_at: datetime
    known_at: datetime
    source: str  # as printed: "Binance spot"
    inputs: tuple[Reading | Figure | SeriesRef, ...] = ()
    formula: str | None = None
    window: str = ""  # "24h", "7d", "day", "ytd", "session"; "" for an instant
    window_start: datetime | None = None
    window_end: datetime | None = None
    scope: str = ""  # "all", "reported", "venues", or the venue's key; "" where it has no meaning
    side: Literal["", "long", "short"] = ""
    archive_start: date | None = None
    completeness: Completeness = Completeness.FINAL
    bound: Bound = "exact"
    record: Record | None = None
    label: str = ""  # a word key that goes with the value: a source's class name, a fund's ticker, "up"/"down"

    @property
    def number(self) -> Decimal:
        """The value as Decimal; raises TypeError when it is none."""
        if not isinstance(self.value, Decimal):
            raise TypeError(f"{self.name} of {self.subject} is not a number: {self.value!r}")
        return self.value


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """One entry of the catalogue: what a figure is and how it is made. `derive/<family>.py` lists them in FIGURES."""

    name: str  # "price.change_24h"
    unit: Unit
    meaning: str  # one full sentence
    of: frozenset[str]  # kinds of subject: "asset", "market", "index", "fund", "company"
    absent_when: str  # one sentence
    compute: Callable[[Ask, str], Figure | Absent]
    window: str = ""
    example: str = ""
    # The past values of this figure, for percentile and rarity: one a day at as_of's clock time, oldest first, windows that
    # overlap the present one left out. None: the figure is never ranked.
    trail: Callable[[Ask, str], Trail | Absent] | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    """Past values of one figure, oldest first; floats, since they feed statistics only."""

    at: Sequence[int]  # epoch seconds
    values: Sequence[float]
    archive_start: date


class Ask:
    """What a figure's compute function gets: the View, and other figures by name."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.view = book.view

    def figure(self, name: str, subject: str) -> Figure | Absent:
        """Another figure of the same View; computed once."""
        return self._book.get(name, subject)

    def memo(self, key: object, make: Callable[[], M]) -> M:
        """Something made once per View (a joined series, say) that several figures share."""
        return self._book.memo(key, make)


class Book:
    """The figures of one View, computed when somebody asks, once.

    Args:
        view: What was known.
        catalogue: Figure name to its entry, from `derive.catalogue()`.
    """

    def __init__(self, view: View, catalogue: Mapping[str, FigureSpec]) -> None:
        self.view = view
        self.catalogue = catalogue
        self._made: dict[tuple[str, str], Figure | Absent] = {}
        self._memo: dict[object, object] = {}
        self._ask = Ask(self)

    def get(self, name: str, subject: str) -> Figure | Absent:
        """The figure, or Absent with the reason.

        Raises:
            KeyError: The catalogue has no such name.
        """
        key = (name, subject)
        if key not in self._made:
            self._made[key] = Absent(f"{name} of {subject} asks for itself")
            self._made[key] = self.catalogue[name].compute(self._ask, subject)
        return self._made[key]

    def trail(self, name: str, subject: str) -> Trail | Absent:
        """The past values of a figure; Absent when the figure keeps none or history is too short."""
        spec = self.catalogue[name]
        if spec.trail is None:
            return Absent(f"{name} keeps no trail")
        make = spec.trail
        return self.memo(("trail", name, subject), lambda: make(self._ask, subject))

    def memo(self, key: object, make: Callable[[], M]) -> M:
        """Something made once per View and shared; keyed by the caller."""
        if key not in self._memo:
            self._memo[key] = make()
        return cast(M, self._memo[key])
