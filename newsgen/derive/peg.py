"""Stablecoins against the dollar that they stand for; in: tickers of exchanges that quote dollars, out: how far off, where and since when.

A coin is off its peg where its price lies more than half a percent from one dollar. Told is what holds on three exchanges at least: of
the distances there the third largest, and the moment from which three of them have been off without a break. Exchanges that quote against
another stablecoin do not count: there the two are moved by each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from newsgen.derive._figure import ASSET, FRESH_S, Compute, computed, from_reading, history, listed, numbered, ref
from newsgen.derive._tracks import off_one, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Run, Trail, Unit, from_epoch, to_epoch

__all__ = ["FIGURES", "OFF"]

_COINS = ("USDT", "USDC")
_VENUES = ("coinbase", "kraken", "bitstamp", "gemini", "bitfinex")
_ENOUGH = 3
OFF = {"low": Decimal("0.995"), "high": Decimal("1.005")}
Side = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class _Market:
    """The fresh tickers of a coin, the farthest from the dollar first; of those on one side, the side with more of them off."""

    side: Side
    tickers: tuple[Run, ...]
    off: int  # how many of them are off the peg

    @property
    def third(self) -> Run:
        return self.tickers[_ENOUGH - 1]


def _market(ask: Ask, coin: str) -> _Market | Absent:
    return ask.memo(("peg", coin), lambda: _find_market(ask, coin))


def _find_market(ask: Ask, coin: str) -> _Market | Absent:
    if coin not in _COINS:
        return Absent(f"{coin} has no peg")
    fresh = [r for r in ask.view.runs("spot.last", coin) if r.key.venue in _VENUES and ask.view.as_of_s - r.at(-1) <= FRESH_S]
    by_venue = {run.key.venue: run for run in reversed(fresh)}  # of two sources for one exchange the preferred one
    if len(by_venue) < _ENOUGH:
        return Absent(f"only {len(by_venue)} of the exchanges that quote {coin} in dollars are known, {_ENOUGH} are needed")
    below = sum(_is_off(run, "low") for run in by_venue.values())
    above = sum(_is_off(run, "high") for run in by_venue.values())
    side: Side = "high" if above > below else "low"
    return _Market(side, tuple(sorted(by_venue.values(), key=lambda r: (_distance(r, side), r.key.venue))), max(above, below))


def _is_off(run: Run, side: Side, i: int = -1) -> bool:
    return run.decimal(i) < OFF[side] if side == "low" else run.decimal(i) > OFF[side]


def _distance(run: Run, side: Side) -> Decimal:
    """Smallest where the price is farthest on that side."""
    return run.decimal(-1) if side == "low" else -run.decimal(-1)


def _of_market(make: Callable[[str, _Market], Figure | Absent], *, off: bool = True) -> Compute:
    """A figure of a coin; with `off` only where it is off its peg on three exchanges."""

    def compute(ask: Ask, coin: str) -> Figure | Absent:
        market = _market(ask, coin)
        if isinstance(market, Absent):
            return market
        if off and market.off < _ENOUGH:
            return Absent(f"{coin} is off its peg on {market.off} of {len(market.tickers)} exchanges")
        return make(coin, market)

    return compute


def _price(coin: str, market: _Market) -> Figure:
    return from_reading("peg.price", coin, market.third.reading(-1), label=market.side)


def _gap(coin: str, market: _Market) -> Figure | Absent:
    return computed("peg.gap_pct", coin, Unit.PCT, "pct_change(i1, 1)", [market.third.reading(-1)], label=market.side)


def _extreme(coin: str, market: _Market) -> Figure:
    return from_reading("peg.farthest", coin, market.tickers[0].reading(-1), label=market.side)


def _venues(coin: str, market: _Market) -> Figure | Absent:
    count = len(market.tickers)
    operation = f"count_{'below' if market.side == 'low' else 'above'}({OFF[market.side]}, {listed(count)})"
    return computed("peg.venues", coin, Unit.COUNT, operation, [run.reading(-1) for run in market.tickers])


def _followed(coin: str, market: _Market) -> Figure | Absent:
    tickers = [run.reading(-1) for run in market.tickers]
    return computed("peg.followed", coin, Unit.COUNT, numbered("count", len(tickers)), tickers)


def _first_off(run: Run, side: Side) -> int | None:
    """The first row of the unbroken run of rows off the peg that ends a ticker; None where rows lie too far apart."""
    i = len(run) - 1
    while i > 0 and _is_off(run, side, i - 1):
        if run.at(i) - run.at(i - 1) > FRESH_S:
            return None
        i -= 1
    return i


def _since(coin: str, market: _Market) -> Figure | Absent:
    """The moment from which three exchanges have been off."""
    found = [(run.at(i), run) for run in market.tickers[: market.off] if (i := _first_off(run, market.side)) is not None]
    if len(found) < _ENOUGH:
        return Absent(f"{coin} was not followed without a gap on {_ENOUGH} exchanges")
    at, run = sorted(found, key=lambda f: f[0])[_ENOUGH - 1]
    operation = "held_below" if market.side == "low" else "held_above"
    return history("peg.off_since", coin, Unit.MOMENT, from_epoch(at), f"{operation}(i1, {OFF[market.side]})", [ref(run), run.reading(-1)],
                   observed_at=from_epoch(at))  # fmt: skip


def _minutes(ask: Ask, coin: str) -> Figure | Absent:
    """From that moment to the price told."""
    since, price = ask.figure("peg.off_since", coin), ask.figure("peg.price", coin)
    if isinstance(since, Absent) or isinstance(price, Absent):
        return since if isinstance(since, Absent) else price if isinstance(price, Absent) else Absent("")
    minutes = max((to_epoch(price.observed_at) - to_epoch(since.observed_at)) // 60, 0)
    return history("peg.minutes", coin, Unit.COUNT, Decimal(minutes), "minutes_between(i1, i2)", [since, price])


def _trail(ask: Ask, coin: str) -> Trail | Absent:
    """The distances of the daily closes of one exchange that has them, in percent."""
    if coin not in _COINS:
        return Absent(f"{coin} has no peg")
    runs: Sequence[Run] = [r for r in ask.view.runs("spot.close", coin, window="1d") if r.key.venue in _VENUES]
    return trail_of([off_one(runs[0])], ask.view.as_of_s - 86_400) if runs else Absent(f"no daily closes of {coin} in dollars")


_FEW = "Fewer than three exchanges that quote the coin in dollars have a price of the past ten minutes."
_ON = "As for the exchanges, or fewer than three of them are off."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str = _ON, **more: Any) -> FigureSpec:
    return FigureSpec(f"peg.{name}", unit, meaning, ASSET, absent, compute, "", example, **more)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("price", Unit.USD, "The price of a stablecoin on the exchange with the third largest distance from a dollar.",
          _of_market(_price), "0.9871"),
    _spec("gap_pct", Unit.PCT, "That price against one dollar.", _of_market(_gap), "-1.29", trail=_trail),
    _spec("farthest", Unit.USD, "The price that is farthest from a dollar, on the same side.", _of_market(_extreme), "0.9822"),
    _spec("venues", Unit.COUNT, "Exchanges on which the price is more than half a percent off.", _of_market(_venues), "4"),
    _spec("followed", Unit.COUNT, "Exchanges with a fresh price in dollars.", _of_market(_followed, off=False), "4", _FEW),
    _spec("off_since", Unit.MOMENT, "The moment from which three exchanges have been off without a break.", _of_market(_since),
          "2023-03-11T02:15:00Z", "As for the price, or prices lie more than ten minutes apart."),
    _spec("minutes", Unit.COUNT, "Whole minutes from that moment to the price.", _minutes, "42", "As for the moment."),
)  # fmt: skip
