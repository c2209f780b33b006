"""1 Parts and whole: sides, assets, venues, funds and orders against their totals; in: figures and readings of the article, out: findings.

Example: ether longs of 26.3 million and shorts of 52.7 million make 79.0 million, so a total of 90.6 million is stopped. Only amounts
of one family and window are set against each other; a lower bound is no total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from newsgen.check._check import DAY_S, Check, Desk
from newsgen.market import Reading, to_epoch
from newsgen.story import Finding

__all__ = ["CHECK"]

_TOLERANCE = Decimal("0.005")  # four significant digits on each part
_SIDES = ("long", "short")
_ONE_MOMENT, _VENUE_TOLERANCE = timedelta(minutes=15), Decimal("0.05")  # two vendors do not read their clocks at once
_FUND_ROUNDING = Decimal(50_000)  # flows are told in tenths of a million
_LATELY_S = 40 * DAY_S  # a fund that the source told of since then is still one of its funds
_AGREED = 3  # sessions before in which the same funds made the total: else some of them are not known here


@dataclass(frozen=True, slots=True)
class _Amount:
    """One amount of liquidations, from a figure or a reading."""

    id: str
    value: Decimal
    bound: str
    scope: str
    source: str
    observed_at: datetime


_Key = tuple[str, str]  # family, and when it was told if by an earlier version; subject
_Book = Mapping[_Key, Mapping[str, _Amount]]


def _amounts(desk: Desk) -> _Book:
    """Family and subject to part ("total", "long", "short", "largest_order") to amount."""
    book: dict[_Key, dict[str, _Amount]] = {}
    for fact in desk.facts:
        figure = fact.figure
        if fact.family.startswith("liquidations") and fact.tail in _PARTS and isinstance(figure.value, Decimal):
            amount = _Amount(fact.id, figure.value, figure.bound, figure.scope, figure.source, figure.observed_at)
            book.setdefault((f"{fact.family} {figure.told_at or ''}", figure.subject), {})[_PARTS[fact.tail]] = amount
    return book


_PARTS = {"total_24h": "total", "long_24h": "long", "short_24h": "short", "largest_order_24h": "largest_order"}


def _readings(desk: Desk) -> _Book:
    """The same from readings, where one source gives a subject's total and sides for one window."""
    book: dict[_Key, dict[str, _Amount]] = {}
    for name, reading in desk.article.readings.items():
        kind, _, part = reading.key.series.partition(".")
        if kind == "liq" and part in ("total", *_SIDES):
            amount = _Amount(name, reading.value, reading.origin.bound, reading.key.venue, reading.key.source, reading.observed_at)
            family = "/".join(("readings", reading.key.source, reading.key.venue, reading.key.window, str(reading.observed_at)))
            book.setdefault((family, reading.key.subject), {})[part] = amount
    return book


def arithmetic(desk: Desk) -> Iterator[Finding]:
    """Sides against totals, parts against totals, assets against the market."""
    figures = _amounts(desk)
    found = [*_sides(desk, figures), *_parts(desk, figures), *_market(desk, figures)]
    yield from found or _sides(desk, _readings(desk))
    yield from _shares(desk)
    yield from _venues(desk)
    yield from _funds(desk)


def _sides(desk: Desk, book: _Book) -> Iterator[Finding]:
    for (_, subject), parts in book.items():
        if {"total", *_SIDES} <= parts.keys():
            total, longs, shorts = parts["total"], parts["long"], parts["short"]
            summed = longs.value + shorts.value
            if abs(summed - total.value) > total.value * _TOLERANCE:
                message = (
                    f"{subject} longs {_money(longs)} and shorts {_money(shorts)} make {_plain(summed)}, but the total is {_money(total)}"
                )
                yield _finding(desk, message, longs, shorts, total)


def _parts(desk: Desk, book: _Book) -> Iterator[Finding]:
    for (_, subject), parts in book.items():
        total = parts.get("total")
        for name in (*_SIDES, "largest_order"):
            part = parts.get(name)
            if total and part and total.bound == "exact" and part.value > total.value * (1 + _TOLERANCE):
                label = name.replace("_", " ")
                yield _finding(desk, f"{subject} {label} {_money(part)} exceeds the total {_money(total)}", part, total)


def _market(desk: Desk, book: _Book) -> Iterator[Finding]:
    """Assets against the market, part by part: each, and all of them together."""
    for (family, subject), wholes in book.items():
        if subject != "market":
            continue
        for name, whole in wholes.items():
            assets = {s: p[name] for (f, s), p in book.items() if f == family and s != "market" and name in p}
            summed = sum((a.value for a in assets.values()), Decimal(0))
            if whole.bound == "exact" and name != "largest_order" and summed > whole.value * (1 + _TOLERANCE):
                listed = ", ".join(f"{s} {_money(a)}" for s, a in assets.items())
                message = f"{name} of {listed} make {_plain(summed)}, more than the market's {_money(whole)}"
                yield _finding(desk, message, *assets.values(), whole)


def _shares(desk: Desk) -> Iterator[Finding]:
    """The two sides' shares make a hundred."""
    for family in ("liquidations", "liquidations_venue"):
        shares = {(f.figure.subject, f.figure.told_at): f for f in desk.facts_named(f"{family}.long_share_24h")}
        for short in desk.facts_named(f"{family}.short_share_24h"):
            long = shares.get((short.figure.subject, short.figure.told_at))
            if long and long.value is not None and short.value is not None and abs(long.value + short.value - 100) > 1:
                message = f"shares of {short.figure.subject}: longs {long.value}% and shorts {short.value}% do not make 100%"
                yield desk.finding("arithmetic", "figures", message, [long, short])


def _venues(desk: Desk) -> Iterator[Finding]:
    """One venue against all of them, where both are told of nearly one moment."""
    for part in desk.facts:
        figure = part.figure
        if part.family != "liquidations_venue" or part.tail not in _PARTS or part.value is None:
            continue
        whole = desk.fact(f"liquidations.{part.tail}", figure.subject)
        if whole is None or whole.value is None or whole.figure.bound != "exact" or whole.figure.scope not in ("all", "reported"):
            continue
        near = abs(whole.figure.observed_at - figure.observed_at) <= _ONE_MOMENT
        if near and figure.told_at == whole.figure.told_at and part.value > whole.value * (1 + _VENUE_TOLERANCE):
            message = f"{part.describe()} is of one venue and exceeds {whole.describe()}, which is of all"
            yield desk.finding("arithmetic", "figures", message, [part, whole])


def _funds(desk: Desk) -> Iterator[Finding]:
    """The funds of a session against the net flow that is told of it, where the same source gives both and they agreed before."""
    for fact in desk.facts_named("etf.net_flow_day") if desk.view is not None else ():
        readings = [i for i in fact.figure.inputs if isinstance(i, Reading)] if fact.figure.formula is None else []
        for reading in readings[:1]:
            before = [_gap(desk, r) for r in _sessions_before(desk, reading)]
            count, gap = _gap(desk, reading)
            agreed = len(before) == _AGREED and all(n == count and abs(g) <= _FUND_ROUNDING * (n + 1) for n, g in before)
            if agreed and not _lacks_a_fund(desk, reading) and abs(gap) > _FUND_ROUNDING * (count + 1):
                message = f"the {count} funds of {fact.figure.subject} make {_plain(reading.value + gap)}, and {fact.describe()}"
                yield desk.finding("arithmetic", "figures", message, [fact])


def _sessions_before(desk: Desk, net: Reading) -> list[Reading]:
    """The net flows of the last sessions before one, as the same source told them."""
    if desk.view is None:
        return []
    key = net.key
    run = next(iter(desk.view.runs(key.series, key.subject, window=key.window, source=key.source, venue=key.venue)), None)
    end = run.index_at(to_epoch(net.observed_at) - 1) + 1 if run is not None else 0
    return [run.reading(i) for i in range(max(0, end - _AGREED), end)] if run is not None else []


def _lacks_a_fund(desk: Desk, net: Reading) -> bool:
    """Whether the source told of a fund lately, and does not in the session of a net flow."""
    end = to_epoch(net.observed_at)
    runs = desk.view.runs("etf.fund_flow", net.key.subject, source=net.key.source) if desk.view is not None else ()
    return any(run.index_of(end) < 0 and run.index_at(end) > run.index_at(end - _LATELY_S) for run in runs)


def _gap(desk: Desk, net: Reading) -> tuple[int, Decimal]:
    """How many funds the source tells of in the session of a net flow, and by how much their sum exceeds it."""
    runs = desk.view.runs("etf.fund_flow", net.key.subject, source=net.key.source) if desk.view is not None else ()
    flows = [run.decimal(i) for run in runs if (i := run.index_of(to_epoch(net.observed_at))) >= 0]
    return len(flows), sum(flows, Decimal(0)) - net.value


def _finding(desk: Desk, message: str, *amounts: _Amount) -> Finding:
    return Finding("arithmetic", "block", _where(desk, amounts), message, tuple(a.id for a in amounts))


def _where(desk: Desk, amounts: tuple[_Amount, ...]) -> str:
    """The first place that prints one of the amounts, else "figures"."""
    ids = {a.id for a in amounts}
    for i, sentence in enumerate(desk.sentences):
        if any(f.id in ids for c in desk.claims[i] for f in c.candidates):
            return sentence.where
    return "figures"


def _plain(value: Decimal) -> str:
    return f"${value / 1_000_000:,.1f} million"


def _money(amount: _Amount) -> str:
    return f"{_plain(amount.value)} ({amount.id})"


CHECK = Check("arithmetic", 1, "Sides, assets, venues, funds and orders do not contradict their totals.", arithmetic)
