"""Figures, and the Book that computes them; in: a View and a catalogue of figures, out: each figure once, with what it was made from.

No network, disk or clock; knows no figure by name (`derive/` does).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol, TypeVar

from newsgen.market._columns import Reading, SeriesKey, SeriesRef
from newsgen.market._units import Absent, Bound, Completeness, Unit, Value
from newsgen.market._view import View

M = TypeVar("M")


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
