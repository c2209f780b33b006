"""7 Asset binding: each price lies within 15 % of that asset's last price, unless it is of another day that the figure names.

In: the desk. Out: findings. Catches the price of one asset under the name of another even where the figures agree with each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from newsgen.check._check import DAY_S, Check, Desk
from newsgen.check._facts import Fact
from newsgen.market import Unit
from newsgen.story import Finding

__all__ = ["CHECK"]

_REACH = Decimal("0.15")
_OF_NOW = ("last", "high_24h", "low_24h", "nearest_above", "nearest_below", "crossed_up", "crossed_down")
_WILD = Decimal("0.5")  # a day may carry a price farther than the reach; its own extremes then say so


def asset_binding(desk: Desk) -> Iterator[Finding]:
    """Compare prices of now with the asset's last price, and the market's value with bitcoin's."""
    for fact in desk.facts:
        if fact.group == "price" and fact.tail in _OF_NOW and fact.figure.unit is Unit.USD and fact.value is not None:
            last = _last(desk, fact.figure.subject)
            if last is not None and not _within(desk, fact, fact.value, last):
                message = f"{fact.describe()} is far from the last price of {fact.figure.subject}, {last:,}"
                yield desk.finding("asset_binding", "figures", message, [fact])
        elif fact.family == "price" and fact.partner_days and fact.figure.unit is Unit.USD and fact.value:
            yield from _dated(desk, fact, fact.value)
    yield from _caps(desk)


def _dated(desk: Desk, fact: Fact, value: Decimal) -> Iterator[Finding]:
    """A price of another day against the lows and highs of that day and of those beside it."""
    subject = fact.figure.subject
    prices = [p for series in ("spot.low", "spot.high") for day in fact.partner_days for p in _around(desk, series, subject, day)]
    if prices and not min(prices) * (1 - _REACH) <= value <= max(prices) * (1 + _REACH):
        days = ", ".join(sorted(f"{d:%Y-%m-%d}" for d in fact.partner_days))
        message = f"{fact.describe()} is told of {days}, when {subject} was at {min(prices):,} to {max(prices):,}"
        yield desk.finding("asset_binding", "figures", message, [fact])


def _around(desk: Desk, series: str, subject: str, day: date) -> list[Decimal]:
    """The daily bars from the one before a day to the one after it."""
    found: list[Decimal] = []
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    for run in desk.view.runs(series, subject, window="1d") if desk.view is not None else ():
        found += [run.decimal(i) for i in range(run.index_at(midnight - 1) + 1, run.index_at(midnight + 2 * DAY_S) + 1)]
    return found


def _reach(desk: Desk, fact: Fact) -> Decimal:
    """How far a price of now may lie from the last one: farther on a day whose own change is large."""
    change = desk.fact("price.change_24h", fact.figure.subject)
    moved = (change.value or Decimal(0)) / 100 if change is not None else Decimal(0)
    return min(max(_REACH, 2 * moved), _WILD)


def _within(desk: Desk, fact: Fact, value: Decimal, last: Decimal) -> bool:
    """Whether a price of now is within reach of the last one, or of the lows and highs of the day's own bars."""
    reach = _reach(desk, fact)
    low, high = last * (1 - reach), last * (1 + reach)
    if low <= value <= high or any(abs(value / close - 1) <= _REACH for close in _closes(desk, fact.figure.subject) if close):
        return True
    lows, highs = _of_the_day(desk, "spot.low", fact.figure.subject), _of_the_day(desk, "spot.high", fact.figure.subject)
    return max(min([low, *lows]), last * (1 - _WILD)) <= value <= min(max([high, *highs]), last * (1 + _WILD))


def _closes(desk: Desk, subject: str) -> list[Decimal]:
    """The closes of the past 24 hours and the last one before: what lies near one of them is no stray tick."""
    run = desk.newest_closes(subject)
    if run is None or desk.view is None:
        return []
    return [run.decimal(i) for i in range(max(run.index_at(desk.view.as_of_s - DAY_S), 0), len(run))]


def _of_the_day(desk: Desk, series: str, subject: str) -> list[Decimal]:
    """The values of bars that ended in the past 24 hours."""
    found: list[Decimal] = []
    if desk.view is not None:
        for run in desk.view.runs(series, subject):
            found += [run.decimal(i) for i in range(run.index_at(desk.view.as_of_s - DAY_S) + 1, len(run))]
    return found


def _last(desk: Desk, subject: str) -> Decimal | None:
    """The newest close of the view's bars, however long they are; away from an archive the article's own last price."""
    run = desk.newest_closes(subject)
    if run is not None:
        return run.decimal(-1)
    fact = desk.fact("price.last", subject)
    return fact.value if fact is not None else None


def _caps(desk: Desk) -> Iterator[Finding]:
    market, bitcoin = desk.fact("market.cap", "market"), desk.fact("aggregate.cap", "BTC")
    if market and bitcoin and market.value is not None and bitcoin.value is not None and market.value < bitcoin.value:
        message = f"{market.describe()} is smaller than {bitcoin.describe()}"
        yield desk.finding("asset_binding", "figures", message, [market, bitcoin])


CHECK = Check("asset_binding", 7, "A price belongs to the asset that it is printed for.", asset_binding)
