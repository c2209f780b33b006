"""The nouns of the market: Reading, Column, View, Figure; in: parsed values, out: what was known at a moment.

A Reading is one measured value. A Column holds all readings of one series in the archive, column by column. A View is
what was known at `as_of` and nothing later. A Figure is a derived value that leads back to its readings. This module
does no network, disk or clock, and knows no figure by name (`derive/` does).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import islice
from operator import le, lt
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

__all__ = [
    "PATIENCE_S",
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
    if moment.tzinfo is UTC:  # nearly all: what the archive gives has been through here before
        return moment
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


@lru_cache(maxsize=4096)  # the same bar ends and closes come up for every series of a view
def from_epoch(seconds: int) -> datetime:
    """The aware UTC moment of whole seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


@lru_cache(maxsize=1024)  # most are as_of, in the reason of an absence
def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with Z, seconds precision."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


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

# How old the newest reading of a source may be before another one is asked: prices and what derives from them ten minutes, what comes
# once a day a little over a day, what rests over a long weekend five days (editorial.md section 1).
PATIENCE_S: Mapping[str, int] = {
    "spot": 600, "perp": 600, "aggregate": 1800, "market": 7200, "open_interest": 7200, "funding": 9 * 3600, "accounts": 7200,
    "dominance": 26 * 3600, "sentiment": 26 * 3600, "stablecoins": 26 * 3600, "etf": 5 * 86_400, "index": 5 * 86_400,
}  # fmt: skip
_JUDGED_BY: Mapping[str, tuple[str, ...]] = {"spot": ("spot.last", "spot.close"), "perp": ("perp.last", "perp.mark", "perp.close")}


class View:
    """All that was known at `as_of`, and nothing later.

    A series that several sources give is taken from one of them, the first in their order of precedence; where that one has fallen silent
    and another speaks, from the other.

    Args:
        as_of: The edition's cut-off, aware.
        load: Gives the columns of (series, subject), all windows, sources and venues; an archive's method.
        assets: The assets that the edition follows, most important first.
        precedence: Per series ("etf.net_flow") or family ("liq", "spot") the sources in order of preference.
        patience_s: Per family, how old a source's newest reading may be before it counts as silent.
    """

    def __init__(
        self,
        as_of: datetime,
        load: Load,
        assets: Sequence[str],
        precedence: Mapping[str, Sequence[str]] | None = None,
        patience_s: Mapping[str, int] = PATIENCE_S,
    ) -> None:
        self.as_of = check_aware(as_of, "as_of")
        self.as_of_s = to_epoch(self.as_of)
        self.assets = tuple(assets)
        self._load = load
        self.precedence = dict(precedence or {})
        self.patience_s = patience_s
        self._silent: dict[tuple[str, str], frozenset[str]] = {}
        self._runs: dict[tuple[str | None, ...], tuple[Run, ...]] = {}  # by all that was asked
        self._preferred: dict[tuple[str, ...], Run | Absent] = {}  # one article asks a hundred times for forty runs

    def at(self, moment: datetime) -> View:
        """The same archive as it was known at another moment."""
        return View(moment, self._load, self.assets, self.precedence, self.patience_s)

    def runs(self, series: str, subject: str, *, window: str | None = None, source: str | None = None,
             venue: str | None = None) -> tuple[Run, ...]:  # fmt: skip
        """The known, non-empty columns that match, in order of the sources' precedence."""
        asked = (series, subject, window, source, venue)
        found = self._runs.get(asked)
        if found is None:
            found = self._runs[asked] = self._narrowed(self._all_runs(series, subject), window, source, venue)
        return found

    def _all_runs(self, series: str, subject: str) -> tuple[Run, ...]:
        key = (series, subject, None, None, None)
        if key not in self._runs:
            known = [run for column in self._load(series, subject) if len(run := column.until(self.as_of_s))]
            self._runs[key] = tuple(known if len(known) < 2 else self._ranked(series, subject, known))
        return self._runs[key]

    @staticmethod
    def _narrowed(found: tuple[Run, ...], window: str | None, source: str | None, venue: str | None) -> tuple[Run, ...]:
        if window is not None:
            found = tuple([r for r in found if r.key.window == window])
        if source is not None:
            found = tuple([r for r in found if r.key.source == source])
        return found if venue is None else tuple([r for r in found if r.key.venue == venue])

    def _ranked(self, series: str, subject: str, runs: Sequence[Run]) -> list[Run]:
        sources = {r.key.source for r in runs}
        silent = self._silent_ones(series, subject, runs) if len(sources) > 1 else frozenset()
        order = self.precedence.get(series, self.precedence.get(series.partition(".")[0], ()))
        return sorted(runs, key=lambda r: (r.key.source in silent, _rank(order, r.key.source), r.key))

    def _silent_ones(self, series: str, subject: str, runs: Sequence[Run]) -> frozenset[str]:
        """The sources whose newest reading is too old while another's is not. A family that is judged as one (`spot`: bars and ticker
        of one exchange belong together) asks its own series."""
        family = series.partition(".")[0]
        judged = _JUDGED_BY.get(family)
        key = (family if judged else series, subject)
        if key not in self._silent:
            shown = runs if judged is None else [r for name in judged for c in self._load(name, subject) if len(r := c.until(self.as_of_s))]
            self._silent[key] = _silent(shown, self.as_of_s, self.patience_s.get(family, 0))
        return self._silent[key]

    def source_of(self, series: str, subject: str) -> str | Absent:
        """The source whose columns of a series come first; for a family that is judged as one, of all its series."""
        run = self.run(series, subject)
        return run if isinstance(run, Absent) else run.key.source

    def run(self, series: str, subject: str, **narrow: str) -> Run | Absent:
        """The preferred column that matches, or Absent with what is missing."""
        key = (series, subject, *narrow, *narrow.values())
        found = self._preferred.get(key)
        if found is None:
            found = self._preferred[key] = self._prefer(series, subject, narrow)
        return found

    def _prefer(self, series: str, subject: str, narrow: Mapping[str, str]) -> Run | Absent:
        found = self.runs(series, subject, **narrow)
        if found:
            return found[0]
        detail = ", ".join(f"{k} {v}" for k, v in narrow.items())
        return Absent(f"no {series} of {subject}" + (f" ({detail})" if detail else "") + f" known at {iso(self.as_of)}")


def _silent(runs: Sequence[Run], as_of_s: int, patience_s: int) -> frozenset[str]:
    newest: dict[str, int] = {}
    for run in runs:
        newest[run.key.source] = max(newest.get(run.key.source, 0), run.at(-1))
    late = {source for source, at in newest.items() if as_of_s - at > patience_s}
    return frozenset(late) if patience_s and len(late) < len(newest) else frozenset()


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
    told_at: datetime | None = None  # of a figure as an earlier version of the story told it: the moment of that version

    @property
    def number(self) -> Decimal:
        """The value as Decimal; raises TypeError when it is none."""
        if not isinstance(self.value, Decimal):
            raise TypeError(f"{self.name} of {self.subject} is not a number: {self.value!r}")
        return self.value

    def columns(self) -> set[SeriesKey]:
        """The columns of its readings, and of the figures that it is made of."""
        found, open_ones, done = set[SeriesKey](), [self], set[int]()
        while open_ones:
            figure = open_ones.pop()
            if id(figure) not in done:
                done.add(id(figure))
                open_ones += [item for item in figure.inputs if isinstance(item, Figure)]
                found |= {item.key for item in figure.inputs if not isinstance(item, Figure)}
        return found


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
    # The value as a float or a flag where that costs next to nothing, to rule rules out: the same as the figure's where there is one,
    # Absent where there certainly is none, None where only the figure can tell.
    quick: Callable[[Ask, str], float | bool | Absent | None] | None = None


class Trail(Protocol):
    """Past values of one figure, oldest first; floats, since they feed statistics only.

    Made of what the columns keep (`derive/_tracks.py`), so that a question costs no walk over all of history.
    """

    @property
    def at(self) -> Sequence[int]:
        """Epoch seconds of each value."""

    @property
    def values(self) -> Sequence[float]: ...

    @property
    def start(self) -> int:
        """Epoch seconds of the oldest value."""

    def __len__(self) -> int: ...

    def after(self, moment: int) -> Sequence[float]:
        """The values whose windows ended after a moment."""

    def last_beyond(self, limit: float, *, low: bool = False) -> int | None:
        """When the newest value at or above the limit (low: at or below it) was, None when there is none."""


_IN_HAND = Absent("is being computed")


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
        self._memo: dict[object, Any] = {}
        self._ask = Ask(self)

    def get(self, name: str, subject: str) -> Figure | Absent:
        """The figure, or Absent with the reason.

        Raises:
            KeyError: The catalogue has no such name.
        """
        key = (name, subject)
        found = self._made.get(key)
        if found is None:
            self._made[key] = _IN_HAND
            found = self._made[key] = self.catalogue[name].compute(self._ask, subject)
        return found if found is not _IN_HAND else Absent(f"{name} of {subject} asks for itself")

    def quick(self, name: str, subject: str) -> float | bool | Absent | None:
        """A figure as a float or a flag, where it has been made or is cheap; None where only the figure itself can tell."""
        made = self._made.get((name, subject))
        if made is None or made is _IN_HAND:
            spec = self.catalogue[name].quick
            if spec is None:
                return None
            key = ("quick", name, subject)
            if key not in self._memo:
                self._memo[key] = spec(self._ask, subject)
            found: float | bool | Absent | None = self._memo[key]
            return found
        if isinstance(made, Absent):
            return made
        return float(made.value) if isinstance(made.value, Decimal) else made.value if isinstance(made.value, bool) else None

    def trail(self, name: str, subject: str) -> Trail | Absent:
        """The past values of a figure; Absent when the figure keeps none or history is too short."""
        spec = self.catalogue[name]
        if spec.trail is None:
            return Absent(f"{name} keeps no trail")
        make = spec.trail
        return self.memo(("trail", name, subject), lambda: make(self._ask, subject))

    def memo(self, key: object, make: Callable[[], M]) -> M:
        """Something made once per View and shared; keyed by the caller."""
        made: M | None = self._memo.get(key)
        if made is None:  # or it was made, and is None
            made = self._memo[key] = make()
        return made
