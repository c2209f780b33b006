"""8 Units and scale: numbers have units, coins times price make the value, and no metric is eight times what it ever was.

In: the desk. Out: findings. A source that writes thousands for millions gives figures that agree with each other: only the metric's own
history shows it. That needs the View; the other two rules do without.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from newsgen.check._check import DAY_S, Check, Desk
from newsgen.check._claims import Claim
from newsgen.check._facts import Fact
from newsgen.check.reader import Sentence
from newsgen.market import Reading, Run, Unit, to_epoch
from newsgen.story import Finding

__all__ = ["CHECK"]

_TOLERANCE = Decimal("0.03")
_FACTOR = 8.0
_ENOUGH = 60  # values, before which a history has no range to speak of
_PLAIN = frozenset({Unit.COUNT, Unit.INDEX, Unit.RATIO, Unit.DAYS, Unit.COINS})  # what a number without a unit may be
_WEEK_S = 7 * DAY_S  # a filing tells of purchases since the last one
# Metrics that are a level: these cannot be an eighth of their least value either. Flows and sums may be next to nothing.
_LEVELS = ("spot.", "aggregate.", "reference.", "market.cap", "open_interest.", "stablecoins.", "index.close", "treasury.holdings", "defi.")


def units(desk: Desk) -> Iterator[Finding]:
    """Numbers without a unit, values that are not amount times price, and values out of all range."""
    for i, sentence in enumerate(desk.sentences):
        for claim in desk.claims[i]:
            if _is_bare(desk, sentence, claim):
                yield desk.finding("units", sentence, f'"{claim.numeral.text}" has no unit and counts nothing that is named')
    yield from _products(desk)
    yield from _scales(desk)


def _is_bare(desk: Desk, sentence: Sentence, claim: Claim) -> bool:
    """A plain number that no noun follows, that is no level of an index, no ratio, no amount of coins and no result of a release."""
    numeral = claim.numeral
    if numeral.units != _PLAIN or any(f.figure.unit in (Unit.INDEX, Unit.RATIO, Unit.COINS) or f.family == "macro" for f in claim.fits):
        return False
    following = sentence.tokens[numeral.last].lower if numeral.last < len(sentence.tokens) else "."
    if following[:1].isalnum() and following not in desk.words.segment_breaks | desk.words.clause_breaks:
        return False
    return desk.words.count_nouns.isdisjoint(sentence.vocabulary)


# Amount times price


def _products(desk: Desk) -> Iterator[Finding]:
    """Each amount of coins that has a value: what one coin costs by it must be a price that the coin had."""
    for coins in desk.facts:
        if coins.figure.unit is not Unit.COINS or not coins.value:
            continue
        usd = next((f for name in _value_names(coins.name) if (f := _beside(desk, coins, name)) is not None), None)
        prices = _prices(desk, coins)
        if usd is None or usd.value is None or not prices:
            continue
        implied = usd.value / coins.value
        if not min(prices) * (1 - _TOLERANCE) <= implied <= max(prices) * (1 + _TOLERANCE):
            asked = f"{min(prices):,.0f}" if min(prices) == max(prices) else f"{min(prices):,.0f} to {max(prices):,.0f}"
            message = f"{coins.describe()} for {usd.describe()} makes {implied:,.0f} a coin, and the price was {asked}"
            yield desk.finding("units", "figures", message, [coins, usd])


def _value_names(name: str) -> tuple[str, ...]:
    """How the value of an amount is called: treasury.last_purchase_usd, options.expiry_usd, open_interest.usd, treasury.holdings_worth."""
    return f"{name}_usd", f"{name}_worth", f"{_stem(name)}_usd".replace("._", ".")


def _stem(name: str) -> str:
    """options.expired of options.expired_coins, "open_interest." of open_interest.coins."""
    return name.removesuffix("coins").removesuffix("_")


def _beside(desk: Desk, fact: Fact, name: str) -> Fact | None:
    return next(
        (f for f in desk.facts_named(name) if (f.figure.subject, f.figure.told_at) == (fact.figure.subject, fact.figure.told_at)), None
    )


def _prices(desk: Desk, coins: Fact) -> list[Decimal]:
    """The price told beside the amount; else of a purchase the coin's in the week before it, of what is held now its last one."""
    told = next((f for n in (f"{coins.name}_price", f"{_stem(coins.name)}_price") if (f := _beside(desk, coins, n)) is not None), None)
    if told is not None:
        return [told.value] if told.value else []
    if coins.tail.startswith("expired"):
        return []  # at the price of then, which is not known here
    if coins.tail.startswith("last_purchase"):
        return [*_of_the_week(desk, desk.words.holdings.get(coins.figure.subject, ""), coins)]
    last = desk.fact("price.last", desk.words.holdings.get(coins.figure.subject, coins.figure.subject))
    return [last.value] if last is not None and last.value else []


def _of_the_week(desk: Desk, asset: str, coins: Fact) -> Iterator[Decimal]:
    end = to_epoch(coins.figure.observed_at)
    for series in ("spot.low", "spot.high") if desk.view is not None else ():
        run = desk.view.run(series, asset) if desk.view is not None else None
        if isinstance(run, Run):
            bars = range(run.index_at(end - _WEEK_S - 1) + 1, run.index_at(end + DAY_S) + 1)
            if len({run.at(i) // DAY_S for i in bars}) >= _WEEK_S // DAY_S:  # a day that is not known may have been the cheapest
                yield from (run.decimal(i) for i in bars)


# The usual range


def _scales(desk: Desk) -> Iterator[Finding]:
    """The largest and the smallest reading of each series against all that it had before."""
    if desk.view is None:
        return
    by_key: dict[object, list[Reading]] = {}
    for reading in desk.article.readings.values():
        by_key.setdefault(reading.key, []).append(reading)
    for readings in by_key.values():
        for reading in {id(r): r for r in (max(readings, key=_size), min(readings, key=_size))}.values():
            problem = _scale_problem(desk, reading)
            if problem:
                used = tuple(name for name, f in desk.article.figures.items() if any(i is reading for i in f.inputs))
                yield Finding("units", "block", "figures", problem, used)


def _size(reading: Reading) -> Decimal:
    return abs(reading.value)


def _scale_problem(desk: Desk, reading: Reading) -> str:
    history = _history(desk, reading)
    if history is None:
        return ""
    least, most = history
    size, what = float(abs(reading.value)), f"{reading.key.series} of {reading.key.subject} is {reading.value:,f} {reading.unit}"
    if most and size > _FACTOR * most:
        return f"{what}, {size / most:,.0f} times the most it has ever been: a thousand for a million?"
    if least and size * _FACTOR < least and reading.key.series.startswith(_LEVELS):
        return f"{what}, and it has never been below {least:,f}: a million for a thousand?"
    return ""


def _history(desk: Desk, reading: Reading) -> tuple[float, float] | None:
    """The least and the most that the series was before, whoever told it; None where little is known."""
    key, at = reading.key, to_epoch(reading.observed_at)
    runs = desk.view.runs(key.series, key.subject, window=key.window, venue=key.venue) if desk.view is not None else ()
    found = [(run, until) for run in runs if (until := run.index_at(at - 1) + 1)]
    if sum(until for _, until in found) < _ENOUGH:
        return None
    ranges = [run.keep(("range until", until), lambda r=run, n=until: _range(r, n)) for run, until in found]  # type: ignore[misc]
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _range(run: Run, until: int) -> tuple[float, float]:
    values = run.floats[:until]
    low, high = min(values), max(values)
    return (min(abs(low), abs(high)) if low * high > 0 else 0.0), max(abs(low), abs(high))


CHECK = Check("units", 8, "Every number has a unit, amount times price is the value, and the scale is the metric's own.", units)
