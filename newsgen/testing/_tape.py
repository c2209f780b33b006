"""What was true at each moment of a history; in: columns of readings, out: prices, bars of any length, forced orders, published values.

Inside a bar the price takes one way, the same in every run: from the open to one extreme, to the other, to the close, in straight lines
over thirds of the bar, the low first where the bar closes higher. So any shorter or longer bar agrees with the history's own.
"""

from __future__ import annotations

import itertools
import math
import random
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from newsgen.discover import samples_root
from newsgen.market import Absent, Load, View, from_epoch, to_epoch
from newsgen.store.history import read_history
from newsgen.store.memory import MemoryArchive
from newsgen.testing._forced import BUCKET_S, Order, Side, cut_up

__all__ = ["Bar", "Order", "Tape"]

_WINDOWS = {"1h": 3600, "4h": 14_400, "1d": 86_400}
_TICKS = {"XRP": Decimal("0.0001"), "DOGE": Decimal("0.00001"), "ADA": Decimal("0.0001")}
_TICK = Decimal("0.01")
_LOT = Decimal("0.001")
_DAY_S = 86_400
# How far the venues' quotes lie apart, in millionths; measured differences have a median of 360.
_BASIS = {"binance": 0, "coinbase": 300, "kraken": -200, "okx": 100, "bybit": 150, "hyperliquid": -100, "deribit": 50}
# Forced closing beside Binance's, as a share of it.
_SHARES = {"binance": Decimal(1), "bybit": Decimal("0.8"), "okx": Decimal("0.5")}
_SHARE = Decimal("0.1")
_SIDES: tuple[Side, Side] = ("long", "short")
_MOST_KEPT = 50_000  # bars, and buckets of orders


class Bar(NamedTuple):
    """One bar. Units: US dollars, coins; times are epoch seconds."""

    start: int
    end: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume_base: Decimal
    volume_quote: Decimal
    trades: int

    def points(self) -> list[tuple[float, Decimal]]:
        """Where the price turns: moment and price."""
        first, second = (self.low, self.high) if self.close >= self.open else (self.high, self.low)
        third = (self.end - self.start) / 3
        return [(self.start, self.open), (self.start + third, first), (self.start + 2 * third, second), (self.end, self.close)]


@dataclass(frozen=True, slots=True)
class _Bars:
    starts: Sequence[int]
    bars: Sequence[Bar]


class Tape:
    """A history that can be asked for any moment.

    Args:
        load: The columns of (series, subject): an archive's method.
        assets: The assets that are traded.
    """

    def __init__(self, load: Load, assets: Sequence[str] = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")) -> None:
        self.load, self.assets = load, tuple(assets)
        self._bars: dict[str, _Bars] = {}
        self._columns: dict[tuple[str, str, str, str], dict[int, Decimal]] = {}
        self._spans: dict[tuple[str, int, int, str], Bar | None] = {}
        self._orders: dict[tuple[str, int, str, Side], tuple[Order, ...]] = {}

    @classmethod
    def of_files(cls, *paths: Path) -> Tape:
        """A tape of CSV history: files, or folders of them, as `newsgen history import` reads them."""
        archive = MemoryArchive()
        archive.add_columns(read_history([f for p in paths for f in (sorted(p.glob("*.csv")) if p.is_dir() else [p])]).columns)
        return cls(archive.load)

    @classmethod
    def of_samples(cls) -> Tape:
        """The tape of the extracts that newsgen brings."""
        return cls.of_files(samples_root() / "_history")

    def view(self, at: datetime) -> View:
        """What the history knew at a moment."""
        return View(at, self.load, self.assets, {"index": ("fred", "yahoo", "lbma")})

    def price(self, asset: str, at: datetime, venue: str = "binance") -> Decimal | None:
        """The last price at a moment; None where the history has none."""
        bar = self._bar_at(asset, to_epoch(at), before=True)
        return None if bar is None else _quoted(_along(bar, at.timestamp()), asset, venue)

    def bar(self, asset: str, start: datetime, end: datetime, venue: str = "binance") -> Bar | None:
        """The bar of a span; None where the history does not cover it whole."""
        return self._span(asset, to_epoch(start), to_epoch(end), venue)

    def bars(self, asset: str, span: timedelta, end: datetime, count: int, venue: str = "binance") -> list[Bar]:
        """The last bars of a length, oldest first; the last one has not closed and ends, for now, at `end`."""
        step, now = int(span.total_seconds()), to_epoch(end)
        running = now - now % step
        made = [self._closed(asset, s, step, venue) for s in range(running - step * (count - 1), running, step)]
        if now > running:
            made.append(self._span(asset, running, now, venue))
        return [b._replace(end=b.start + step) for b in made if b is not None]

    def _closed(self, asset: str, start: int, step: int, venue: str) -> Bar | None:
        """A bar of a provider, kept: the next round asks for nearly the same ones."""
        key = (asset, start, step, venue)
        if key not in self._spans:
            if len(self._spans) >= _MOST_KEPT:
                self._spans.clear()
            self._spans[key] = self._span(asset, start, start + step, venue)
        return self._spans[key]

    def orders(self, venue: str, start: datetime, end: datetime) -> list[Order]:
        """The forced orders of a venue after `start` and up to `end`, oldest first."""
        first, last = int(start.timestamp() * 1000), int(end.timestamp() * 1000)
        buckets = range(first // 1000 // BUCKET_S * BUCKET_S, last // 1000 + 1, BUCKET_S)
        found = [
            o for b in buckets for a in self.assets for side in _SIDES for o in self._forced(venue, b, a, side) if first < o.at_ms <= last
        ]
        return sorted(found)

    def closed_by_force(self, venue: str, asset: str, side: Side, start: datetime) -> Decimal:
        """Dollars of the four hours that begin at `start`: the history's own of Binance, a share of them elsewhere; else little."""
        moment = to_epoch(start)
        for series, window, parts in ((f"liq.bucket_{side}", "4h", 1), (f"liq.{side}", "1d", 6)):
            column = self.column(series, asset, window)
            end = moment + BUCKET_S if parts == 1 else moment - moment % _DAY_S + _DAY_S
            if end in column:
                return (column[end] / parts * _SHARES.get(venue, _SHARE)).quantize(_TICK)
        if self.price(asset, from_epoch(moment + 1)) is None:
            return Decimal(0)
        little = random.Random(f"{moment}|{asset}|{side}").randrange(5_000, 150_000)
        return (little * _SHARES.get(venue, _SHARE)).quantize(_TICK)

    def latest(self, series: str, subject: str, at: datetime, **narrow: str) -> Decimal | None:
        """The newest value that was known at a moment; None where there was none."""
        found = self.view(at).run(series, subject, **narrow)
        return None if isinstance(found, Absent) else found.decimal(-1)

    # Bars

    def _of(self, asset: str) -> _Bars:
        if asset not in self._bars:
            made = list(self._with_money_of_the_day(asset, sorted(self._history(asset))))
            self._bars[asset] = _Bars([b.start for b in made], made)
        return self._bars[asset]

    def _history(self, asset: str) -> Iterator[Bar]:
        """The finest bars there are for each time."""
        covered: list[tuple[int, int]] = []
        for window, seconds in _WINDOWS.items():
            columns = {part: self.column(f"spot.{part}", asset, window) for part in ("open", "high", "low", "close")}
            if not all(columns.values()):
                continue
            volumes = {part: self.column(f"spot.{part}", asset, window) for part in ("volume_base", "volume_quote", "trades")}
            ends = sorted(columns["close"])
            for end in ends:
                if any(a < end <= b for a, b in covered):
                    continue
                prices = [columns[part].get(end) for part in ("open", "high", "low", "close")]
                if None not in prices:
                    yield _made(end - seconds, end, prices, {k: v.get(end) for k, v in volumes.items()})  # type: ignore[arg-type]
            covered.append((ends[0] - seconds, ends[-1]))

    def _with_money_of_the_day(self, asset: str, bars: Sequence[Bar]) -> Iterator[Bar]:
        """Dollars of shorter bars that come to those of the history's day, where it has them."""
        days = self.column("spot.volume_quote", asset, "1d")
        for day, group in itertools.groupby(bars, key=lambda bar: bar.start // _DAY_S):
            inside, whole = list(group), days.get((day + 1) * _DAY_S)
            rough = sum((bar.volume_quote for bar in inside), Decimal(0))
            if whole is None or rough == 0 or sum(bar.end - bar.start for bar in inside) != _DAY_S:
                yield from inside
                continue
            parts = [(bar.volume_quote * whole / rough).quantize(_TICK, ROUND_DOWN) for bar in inside]
            parts[-1] += whole - sum(parts)
            yield from (bar._replace(volume_quote=part) for bar, part in zip(inside, parts, strict=True))

    def _bar_at(self, asset: str, moment: int, *, before: bool) -> Bar | None:
        """The bar that holds a moment; at a border the one that ends there (`before`) or begins there."""
        known = self._of(asset)
        i = bisect_right(known.starts, moment - 1 if before else moment) - 1
        if i < 0 or known.bars[i].end < moment or (not before and known.bars[i].end == moment):
            return None
        return known.bars[i]

    def _span(self, asset: str, start: int, end: int, venue: str) -> Bar | None:
        pieces = list(self._pieces(asset, start, end))
        if not pieces or sum(b - a for _, a, b in pieces) != end - start:
            return None
        (first, a, _), (last, _, b) = pieces[0], pieces[-1]
        inside = [p for bar, a, b in pieces for p in _prices_between(bar, a, b)]
        prices = [_along(first, a), max(inside), min(inside), _along(last, b)]
        opened, high, low, closed = (_quoted(p, asset, venue) for p in prices)
        base = sum((bar.volume_base * (b - a) / (bar.end - bar.start) for bar, a, b in pieces), Decimal(0))
        money = sum((bar.volume_quote * (b - a) / (bar.end - bar.start) for bar, a, b in pieces), Decimal(0))
        trades = sum(bar.trades * (b - a) // (bar.end - bar.start) for bar, a, b in pieces)
        return Bar(start, end, opened, high, low, closed, base.quantize(_LOT), money.quantize(_TICK), trades)

    def _pieces(self, asset: str, start: int, end: int) -> Iterator[tuple[Bar, int, int]]:
        """The history's bars that a span touches, each with the part of it that is inside."""
        known = self._of(asset)
        i = max(bisect_right(known.starts, start) - 1, 0)
        while i < len(known.bars) and known.bars[i].start < end:
            bar = known.bars[i]
            a, b = max(start, bar.start), min(end, bar.end)
            if a < b:
                yield bar, a, b
            i += 1

    def column(self, series: str, subject: str, window: str, venue: str = "binance") -> dict[int, Decimal]:
        """The newest value of each moment."""
        key = (series, subject, window, venue)
        if key not in self._columns:
            found: dict[int, Decimal] = {}
            for column in self.load(series, subject):
                if (column.key.window, column.key.venue) == (window, venue):
                    found |= {at: Decimal(value) for at, value in zip(column.observed, column.values, strict=True)}
            self._columns[key] = found
        return self._columns[key]

    # Forced orders

    def _forced(self, venue: str, start: int, asset: str, side: Side) -> tuple[Order, ...]:
        key = (venue, start, asset, side)
        if key not in self._orders:
            if len(self._orders) >= _MOST_KEPT:
                self._orders.clear()
            total = self.closed_by_force(venue, asset, side, from_epoch(start))
            seed = "|".join(map(str, key))
            self._orders[key] = cut_up(total, asset, side, start, seed, lambda at: self.price(asset, from_epoch(at), venue))
        return self._orders[key]


def _made(start: int, end: int, prices: Sequence[Decimal], volumes: Mapping[str, Decimal | None]) -> Bar:
    """A bar of the history; a volume that it has not comes from the other one at the middle price."""
    base, money, trades = volumes["volume_base"], volumes["volume_quote"], volumes["trades"]
    middle = sum(prices, Decimal(0)) / 4
    base = base if base is not None else (money / middle if money is not None else Decimal(0))
    money = money if money is not None else base * middle
    count = int(trades) if trades is not None else int(base) + 1
    opened, high, low, closed = prices
    return Bar(start, end, opened, high, low, closed, base.quantize(_LOT), money.quantize(_TICK), count)


def _along(bar: Bar, moment: float) -> Decimal:
    """The price on the bar's way at a moment of it."""
    points = bar.points()
    for (a, price_a), (b, price_b) in itertools.pairwise(points):
        if moment <= b:
            return price_a + (price_b - price_a) * Decimal((moment - a) / (b - a))
    return points[-1][1]


def _prices_between(bar: Bar, start: float, end: float) -> list[Decimal]:
    turns = [price for at, price in bar.points() if start < at < end]
    return [_along(bar, start), *turns, _along(bar, end)]


def _quoted(price: Decimal, asset: str, venue: str) -> Decimal:
    millionths = _BASIS.get(venue, crc32(venue.encode()) % 700 - 350)
    tick = _TICKS.get(asset, _TICK)
    if price < 1 and asset not in _TICKS:
        tick = Decimal(10) ** (math.floor(price.log10()) - 4)
    return (price * (1 + Decimal(millionths) / 1_000_000)).quantize(tick, ROUND_HALF_EVEN)
