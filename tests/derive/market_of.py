"""Small archives made by hand for the tests of derive: bars, rows and readings become columns that a View can load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from newsgen import derive
from newsgen.derive._formula import recompute
from newsgen.market import Absent, Book, Column, Figure, Origin, SeriesKey, SeriesRef, Unit, View

HOUR, DAY = 3600, 86_400
NAMES = {"binance": "Binance", "coinglass": "CoinGlass", "farside": "Farside Investors", "fred": "FRED"}


def at(text: str) -> int:
    """Epoch seconds of "2025-07-14 12:00" (UTC); a date alone is its midnight."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Market:
    """Collects columns and opens views on them."""

    def __init__(self, assets: Sequence[str] = ("BTC", "ETH")) -> None:
        self.assets = assets
        self.columns: dict[SeriesKey, Column] = {}

    def rows(
        self,
        series: str,
        subject: str,
        window: str,
        source: str,
        rows: Iterable[tuple[int, float | str]],
        *,
        venue: str = "",
        unit: Unit = Unit.USD,
        lag: int = 0,
        **origin: Any,
    ) -> Market:
        """Rows of (observed, value), known `lag` seconds later; rows of one column may be added in several calls."""
        key = SeriesKey(series, subject, window, source, venue)
        column = self.columns.setdefault(key, Column(key, unit))
        made = Origin("test", origin.pop("name", NAMES.get(source, source)), **origin)
        if made not in column.origins:
            column.origins.append(made)
        for observed, value in rows:
            column.observed.append(observed)
            column.known.append(observed + lag)
            column.values.append(str(value))
            column.origin_of.append(column.origins.index(made))
        return self

    def bars(self, asset: str, window: str, end: int, closes: Sequence[float], *, spread: float = 0, **parts: Sequence[float]) -> Market:
        """Bars whose last one ends at `end`; high and low lie `spread` around the close unless given."""
        step = {"1h": HOUR, "4h": 4 * HOUR, "1d": DAY}[window]
        ends = [end - step * k for k in range(len(closes) - 1, -1, -1)]
        highs, lows = parts.get("high", [c + spread for c in closes]), parts.get("low", [c - spread for c in closes])
        for name, values in (("close", closes), ("high", highs), ("low", lows)):
            self.rows(f"spot.{name}", asset, window, "binance", zip(ends, values, strict=True), venue="binance")
        return self

    def view(self, as_of: str, precedence: Mapping[str, Sequence[str]] | None = None) -> View:
        def load(series: str, subject: str) -> list[Column]:
            return [c for k, c in self.columns.items() if (k.series, k.subject) == (series, subject)]

        order = precedence or {"etf": ("farside", "coinglass"), "liq": ("coinglass", "manual", "reported")}
        return View(moment(as_of), load, self.assets, order)

    def book(self, as_of: str, precedence: Mapping[str, Sequence[str]] | None = None) -> Book:
        return Book(self.view(as_of, precedence), derive.catalogue())

    def cut(self, as_of: str) -> Market:
        """The same archive without anything that became known after a moment."""
        small, limit = Market(self.assets), at(as_of)
        for key, c in self.columns.items():
            keep = [i for i, k in enumerate(c.known) if k <= limit]
            small.columns[key] = Column(key, c.unit, [c.observed[i] for i in keep], [c.known[i] for i in keep],
                                        [c.values[i] for i in keep], list(c.origins), [c.origin_of[i] for i in keep])  # fmt: skip
        return small


def figure(book: Book, name: str, subject: str) -> Figure:
    found = book.get(name, subject)
    assert isinstance(found, Figure), found
    return found


def value(book: Book, name: str, subject: str) -> Any:
    return figure(book, name, subject).value


def reason(book: Book, name: str, subject: str) -> str:
    found = book.get(name, subject)
    assert isinstance(found, Absent), found
    return found.reason


def again(book: Book, made: Figure) -> Any:
    """The figure's formula evaluated again, over the rows of the view."""
    assert made.formula is not None

    def rows(ref: SeriesRef) -> list[tuple[int, Decimal]]:
        key = ref.key
        run = next(r for r in book.view.runs(key.series, key.subject, window=key.window, source=key.source) if r.key == key)
        return [(seen, run.decimal(i)) for i, seen in enumerate(run.observed) if seen <= ref.until]

    return recompute(made.formula, made.inputs, rows)


def agrees(book: Book, made: Figure) -> bool:
    """Statistics agree within a millionth, all else exactly."""
    found = again(book, made)
    if isinstance(found, Decimal) and isinstance(made.value, Decimal):
        return abs(found - made.value) <= Decimal("0.000002")
    return bool(found == made.value)


SUBJECTS = {"market": ("market",), "index": ("SP500", "NDX"), "company": ("Strategy",)}


def everything(book: Book) -> dict[tuple[str, str], Figure | Absent]:
    """Every figure of the catalogue for every subject it is made for."""
    kinds = {**SUBJECTS, "asset": book.view.assets}
    return {(n, s): book.get(n, s) for n, spec in book.catalogue.items() for kind in sorted(spec.of) for s in kinds.get(kind, ())}
