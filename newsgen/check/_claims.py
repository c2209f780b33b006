"""What an amount in a text may mean: in: a read sentence and the facts, out: a Claim with the facts that fit it.

A fact fits an amount when unit and value agree after the printed rounding and nothing around the amount contradicts its subject,
side or window. Words that nobody said contradict nothing. Does not write findings (`read_back.py` does).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from newsgen.check._facts import Fact
from newsgen.check.reader.bind import Mark, Sentence
from newsgen.check.reader.numerals import Numeral
from newsgen.check.reader.words import ReaderWords
from newsgen.market import Unit

__all__ = ["Claim", "FactIndex", "claim_of", "unsaid", "value_fits", "window_fits"]

_WIDEST = 3  # no approximator reaches farther than two and a half in the last place that is not zero ("about 625")
_FIVE_PERCENT, _TWO_PERCENT = Decimal("0.05"), Decimal("0.02")
_THREE_DIGITS = Decimal("0.005")  # rounding to three digits moves a value by no more
_TWO_DIGITS = 10  # of its last place an amount holds as many when it is told in two digits
_ROUNDED = ("liquidations", "etf", "stablecoins", "volume", "market")  # families whose amounts are told in three digits


@dataclass(frozen=True, slots=True)
class Claim:
    """One amount of a text with the facts of its value, those that also fit its sentence, and why the others do not."""

    sentence: Sentence
    numeral: Numeral
    candidates: tuple[Fact, ...]
    fits: tuple[Fact, ...]
    problem: str = ""


class FactIndex:
    """The facts of an article by unit, each unit in the order of its values, for the search of a value."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = tuple(facts)
        by_unit: dict[Unit, list[tuple[float, int]]] = {}
        for place, fact in enumerate(facts):
            if fact.value is not None:
                by_unit.setdefault(fact.figure.unit, []).append((float(fact.value), place))
        self.of_all_venues = frozenset((f.tail, f.figure.subject) for f in facts if f.family == "liquidations")
        self.by_unit = {unit: sorted(found) for unit, found in by_unit.items()}

    def of_units(self, units: frozenset[Unit]) -> list[Fact]:
        """The facts of some units, in the article's order."""
        return [self.facts[i] for i in sorted(i for u, found in self.by_unit.items() if u in units for _, i in found)]

    def within_reach(self, numeral: Numeral, hedge: str) -> list[Fact]:
        """The facts whose value the amount may round or, with an approximator, come near: only these are worth an exact look."""
        said = float(numeral.value)
        reach = float(numeral.coarse) * _WIDEST if hedge else float(max(numeral.step, numeral.value * _THREE_DIGITS))
        found: list[int] = []
        for unit in numeral.units:
            ranked = self.by_unit.get(unit, ())
            first, last = bisect_left(ranked, (said - reach, -1)), bisect_left(ranked, (said + reach, len(self.facts)))
            found += [place for _, place in ranked[first:last]]
        return [self.facts[i] for i in sorted(found)]

    def near(self, numeral: Numeral, count: int = 2) -> list[Fact]:
        """The facts whose values come nearest, for a message."""
        ranked = sorted(self.of_units(numeral.units), key=lambda f: abs((f.value or Decimal(0)) - numeral.value))
        return ranked[:count]


def value_fits(numeral: Numeral, hedge: str, fact: Fact) -> bool:
    """Whether the printed amount, with its approximator, is true of the fact's value."""
    value, said = fact.value, numeral.value
    if value is None or (fact.figure.bound == "at_least" and hedge not in _OF_BOUNDS):
        return False
    rounded = abs(value - said) <= _tolerance(numeral, fact)
    return _HEDGES.get(hedge, _plain)(value, said, numeral.coarse, rounded, fact)


def _tolerance(numeral: Numeral, fact: Fact) -> Decimal:
    """How far a value may lie from the amount that rounds it."""
    tolerance = numeral.step / 2
    if Unit.USD in numeral.units and 1_000_000 <= numeral.value < numeral.step * _TWO_DIGITS:
        return min(tolerance, numeral.value * _TWO_PERCENT)  # "$1 billion" for 1.4 billion is no rounding that a reader expects
    if fact.family.startswith(_ROUNDED):  # "$788,000" of liquidations has three digits, and "$118,870" of a price all of them
        return max(tolerance, min(numeral.coarse / 2, numeral.value * _THREE_DIGITS))
    return tolerance


def _is_precise(said: Decimal, coarse: Decimal) -> bool:
    """Three digits or more: such an amount is the place itself; "below $1 billion" is not said of 1.01 billion."""
    return said >= coarse * 100


def _plain(value: Decimal, said: Decimal, coarse: Decimal, rounded: bool, fact: Fact) -> bool:
    return rounded


def _more_than(value: Decimal, said: Decimal, coarse: Decimal, rounded: bool, fact: Fact) -> bool:
    if value == said:
        return fact.figure.bound == "at_least"
    return said < value < min(said * (1 + _FIVE_PERCENT), said + coarse)


def _above(value: Decimal, said: Decimal, coarse: Decimal, rounded: bool, fact: Fact) -> bool:
    if fact.extreme < 0:  # "above $110,000" is no way to speak of a low
        return rounded
    return (rounded and _is_precise(said, coarse)) or said <= value < min(said * (1 + _FIVE_PERCENT), said + coarse)


def _passed(value: Decimal, said: Decimal, coarse: Decimal, rounded: bool, fact: Fact) -> bool:
    return ((rounded and _is_precise(said, coarse)) or said <= value < said + coarse) and fact.extreme >= 0


def _below(value: Decimal, said: Decimal, coarse: Decimal, rounded: bool, fact: Fact) -> bool:
    return (rounded and _is_precise(said, coarse)) or max(said * (1 - _FIVE_PERCENT), said - coarse) < value <= said


def _nearly(value: Decimal, said: Decimal, coarse: Decimal, rounded: bool, fact: Fact) -> bool:
    return max(said * (1 - _FIVE_PERCENT), said - coarse) <= value < said


def _about(value: Decimal, said: Decimal, coarse: Decimal, rounded: bool, fact: Fact) -> bool:
    grain = coarse * 5 if said / coarse % 10 == 5 else coarse  # "about 625" speaks in fives
    return rounded or abs(value - said) <= min(said * _TWO_PERCENT, grain / 2)


def _at_least(value: Decimal, said: Decimal, coarse: Decimal, rounded: bool, fact: Fact) -> bool:
    return rounded or said <= value < said + coarse


def _at_most(value: Decimal, said: Decimal, coarse: Decimal, rounded: bool, fact: Fact) -> bool:
    return fact.figure.bound != "at_least" and (rounded or said - coarse < value <= said)


_HEDGES = {
    "more_than": _more_than, "above": _above, "passed": _passed, "below": _below, "nearly": _nearly, "about": _about,
    "at_least": _at_least, "at_most": _at_most,
}  # fmt: skip
_OF_BOUNDS = frozenset({"at_least", "more_than", "above", "passed"})  # a lower bound is told with one of these


def claim_of(sentence: Sentence, numeral: Numeral, index: FactIndex, words: ReaderWords) -> Claim:
    """The facts that an amount may stand for, and those among them that nothing in its sentence contradicts."""
    hedge = _hedge(sentence, numeral, words)
    candidates = tuple(f for f in index.within_reach(numeral, hedge) if value_fits(numeral, hedge, f))
    problems = [(f, _conflict(sentence, numeral, f, words) or _of_unnamed_venue(sentence, f, index, words)) for f in candidates]
    fits = tuple(f for f, problem in problems if not problem)
    fits = _of_the_subject(sentence, numeral, _of_the_window(sentence, numeral, fits, words))
    if hedge in ("above", "below"):  # "below $100,000" is about that level before it is about a price just under it
        fits = tuple(f for f in fits if f.value is not None and abs(f.value - numeral.value) <= numeral.step / 2) or fits
    return Claim(sentence, numeral, candidates, fits, problems[0][1] if problems and not fits else "")


def _of_the_window(sentence: Sentence, numeral: Numeral, fits: tuple[Fact, ...], words: ReaderWords) -> tuple[Fact, ...]:
    """Of two figures of one value the one that has the window named beside it: "down 61% this year" is no distance to a high."""
    if len(fits) < 2:
        return fits
    marks = [m for m in sentence.windows(numeral) if sentence.segment[m.first] == sentence.segment[numeral.first]]
    return tuple(f for f in fits if any(window_fits(m, f, words) for m in marks)) or fits


def _of_the_subject(sentence: Sentence, numeral: Numeral, fits: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Of two figures of one value the one that is of the name beside it, and not the market's."""
    if len(fits) < 2 or all(f.figure.subject != "market" for f in fits):
        return fits
    named = sentence.subjects(numeral)[0] - {"market"}
    return tuple(f for f in fits if f.figure.subject in named) or fits


def _hedge(sentence: Sentence, numeral: Numeral, words: ReaderWords) -> str:
    before = next((m for m in reversed(sentence.marks) if m.last <= numeral.first), None)
    if before is not None and before.last == numeral.first and before.text in words.passed:
        return "passed"
    return sentence.hedge(numeral)


def _conflict(sentence: Sentence, numeral: Numeral, fact: Fact, words: ReaderWords) -> str:
    """What in the sentence contradicts the fact, in words for an editor; "" when nothing does."""
    return (
        _subject_conflict(sentence, numeral, fact, words)
        or _side_conflict(sentence, numeral, fact)
        or _window_conflict(sentence, numeral, fact, words)
        or _metric_conflict(sentence, numeral, fact, words)
        or _change_conflict(sentence, numeral, fact, words)
        or _coin_conflict(sentence, fact, words)
        or unsaid(sentence, fact, words)
    )


def _of_unnamed_venue(sentence: Sentence, fact: Fact, index: FactIndex, words: ReaderWords) -> str:
    """One venue's liquidations, in a sentence that names none, of an article that has the market's too."""
    if fact.family != "liquidations_venue" or sentence.of("venue") or (fact.tail, fact.figure.subject) not in index.of_all_venues:
        return ""
    return "" if words.here & sentence.vocabulary else f"it is {fact.describe()}, of one venue, and the text names none"


def _subject_conflict(sentence: Sentence, numeral: Numeral, fact: Fact, words: ReaderWords) -> str:
    beside = next((m for m in sentence.of("subject") if m.first == numeral.last), None)
    if beside is not None and Unit.COINS in numeral.units and not {beside.key} & fact.subjects:
        return f"{fact.describe()} counts {_list(fact.subjects)}, not {beside.key}"
    named, own = sentence.subjects(numeral)
    kinds = words.kind_of_subject
    if fact.family == "cross":
        named = named | frozenset(m.key for m in sentence.of("subject"))  # a correlation is of all that its sentence names
    if other := (_other_of_a_kind(named, fact, words) if own or fact.family == "cross" else "") or _other_funds(sentence, fact, words):
        return other
    if not named or named & fact.subjects:
        return ""
    mine = {kinds.get(s) for s in fact.subjects} - {None}
    one_asset = sum(kinds.get(s) == "assets" for s in fact.subjects) == 1
    if fact.figure.subject == "market" and not (one_asset and any(kinds[n] == "assets" for n in named)):
        clash = own and fact.family.startswith(_OF_THE_MARKET) and any(kinds[n] == "assets" for n in named)
    elif named == {"market"}:
        clash = own and fact.family.startswith("liquidations")
    else:
        clash = own or bool(mine & {kinds[n] for n in named})
    return f"it is {fact.describe()}, and the text names {_list(named)}" if clash else ""


_OF_THE_MARKET = ("liquidations", "market")  # their totals are of no one asset


def _other_of_a_kind(named: frozenset[str], fact: Fact, words: ReaderWords) -> str:
    """ "Ether and the Nasdaq 100" of a figure of bitcoin and the Nasdaq: of each kind named, one must be the figure's."""
    kinds = words.kind_of_subject
    for kind in {kinds[n] for n in named} - {"markets"}:
        mine = {s for s in fact.subjects if kinds.get(s) == kind}
        others = {n for n in named if kinds[n] == kind}
        if mine and others.isdisjoint(mine):
            return f"it is {fact.describe()}, and the text names {_list(frozenset(others))}"
    return ""


def _other_funds(sentence: Sentence, fact: Fact, words: ReaderWords) -> str:
    """ "Among the ether funds, BlackRock's IBIT moved most" of a flow of bitcoin's: the one asset that the sentence names is the funds'."""
    if fact.family != "etf":
        return ""
    assets = [m for m in sentence.of("subject") if words.kind_of_subject[m.key] == "assets"]
    if len({m.key for m in assets}) != 1 or assets[0].key in fact.subjects:
        return ""
    beside = (t.lower for m in assets for t in sentence.tokens[m.last : m.last + 1])
    by_fund = any(m.key == fact.figure.label for m in sentence.of("subject"))
    return f"it is {fact.describe()}, and the text names {assets[0].key}" if by_fund or words.fund_nouns & {*beside} else ""


_WITHOUT_SIDES = frozenset({"price", "etf", "treasury"})


def _side_conflict(sentence: Sentence, numeral: Numeral, fact: Fact) -> str:
    sides, own = sentence.sides(numeral)
    if beside := sentence.side_beside(numeral):
        sides, own = frozenset({beside}), True
    if not sides:
        return ""
    if fact.side and fact.side not in sides:
        return f"it is {fact.describe()}, of {fact.side}s, and the text names {_list(sides)}s"
    if own and fact.group in _WITHOUT_SIDES and fact.figure.unit is Unit.USD:
        return f"it is {fact.describe()}, which has no side, and the text speaks of {_list(sides)}s"
    if fact.is_total and own and not sentence.is_whole(numeral):
        return f"it is {fact.describe()}, of both sides, and the text names {_list(sides)}s only"
    return ""


def _window_conflict(sentence: Sentence, numeral: Numeral, fact: Fact, words: ReaderWords) -> str:
    marks = sentence.windows(numeral)
    if fact.family in ("etf", "index", "treasury"):  # told beside rolling windows of other figures
        marks = [m for m in marks if sentence.segment[m.first] == sentence.segment[numeral.first]]
    if not sentence.of("window") and fact.figure.unit is Unit.PCT and _is_longer_change(fact):
        return f"it is {fact.describe()}, over {_list(fact.windows)}, and the sentence names no window"
    if not fact.windows or not marks or any(window_fits(m, fact, words) for m in marks):
        return ""
    return f"it is {fact.describe()}, over {_list(fact.windows)}, and the text says {' / '.join(m.text for m in marks)}"


def _is_longer_change(fact: Fact) -> bool:
    """A change over more than a day: without its window a reader takes it for the day's."""
    return fact.family == "price" and fact.tail.startswith("change_") and fact.windows.isdisjoint({"24h", "day", "1h"})


def _metric_conflict(sentence: Sentence, numeral: Numeral, fact: Fact, words: ReaderWords) -> str:
    for metric in words.metrics:
        if metric.begins.isdisjoint(sentence.vocabulary):
            continue
        counted = (
            metric.before or metric.money or not numeral.units & {Unit.USD, Unit.PCT}
        )  # "$1.2 billion in one session" counts no sessions
        if not counted or fact.group not in metric.groups or fact.tail.startswith(metric.tails):
            continue
        said = next((p for p in metric.phrases if sentence.beside(numeral, p, metric.before, metric.within)), None)
        if said and not (metric.unless_extreme and sentence.has_extreme(numeral)):
            return f'it is {fact.describe()}, and the text says "{" ".join(said)}"'
    if fact.tail == "net_flow_day" and any(
        m.kind == "whole" and sentence.segment[m.first] == sentence.segment[numeral.first] for m in sentence.marks
    ):
        return f"it is {fact.describe()}, of one session, and the text names a total"
    return ""


def _change_conflict(sentence: Sentence, numeral: Numeral, fact: Fact, words: ReaderWords) -> str:
    """ "Stands at $257 billion, up $3.11 billion": what stands is a level, and what goes up, or by so much, is a change."""
    if fact.family not in _OF_LEVELS or fact.figure.unit is not Unit.USD:
        return ""
    head = sentence.head(numeral)
    before = sentence.tokens[head - 1].lower if head else ""
    said = sentence.tokens[head - 2].lower if head > 1 else ""
    moved = any(m.last == head - 1 for m in sentence.of("direction"))
    levels = words.levels
    is_level = before in levels.level or (before in levels.end and moved)
    is_change = before in levels.change or (before in levels.of and (moved or said in levels.nouns))
    if "change" in fact.tail and is_level:
        return f"it is {fact.describe()}, a change, and the text names a level"
    if "change" not in fact.tail and is_change:
        return f"it is {fact.describe()}, a level, and the text names a change"
    return ""


def _coin_conflict(sentence: Sentence, fact: Fact, words: ReaderWords) -> str:
    """ "Strategy bought 4,225": a number of coins in a sentence that names none."""
    if fact.figure.unit is not Unit.COINS or not words.coin_nouns.isdisjoint(sentence.vocabulary):
        return ""
    named = any(words.kind_of_subject[m.key] == "assets" for m in sentence.of("subject"))
    return "" if named else f"it is {fact.describe()}, and the text names no coins"


_OF_LEVELS = ("stablecoins", "market", "open_interest")


def unsaid(sentence: Sentence, fact: Fact, words: ReaderWords) -> str:
    """A figure of a kind that no word of the sentence speaks of."""
    for demand in words.demands_of(fact.name):
        if demand.words.isdisjoint(sentence.spoken):
            dated = demand.or_dated and any(d.minute is None for d in sentence.days)
            if not dated and not any(sentence.of(kind) for kind in demand.kinds):
                return f"it is {fact.describe()}, and the text does not speak of that"
    return ""


def window_fits(mark: Mark, fact: Fact, words: ReaderWords) -> bool:
    """Whether a window word may stand for a window of the fact."""
    means: Mapping[str, tuple[str, ...]] = words.window_means
    return not fact.windows.isdisjoint(means.get(mark.key, (mark.key,)))


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
