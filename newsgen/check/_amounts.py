"""Amounts and the words around them, both ways; in: the desk, out: findings.

One way: each amount must be the value of a figure that its sentence does not contradict. The other way: each window word of a sentence
with figures must be carried by one of them, so that a changed word cannot hide behind a right number. Sides: `_sides.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

from newsgen.check._check import Desk
from newsgen.check._claims import Claim, window_fits
from newsgen.check._facts import Fact
from newsgen.check.reader import Sentence
from newsgen.check.reader.bind import Mark
from newsgen.market import Unit
from newsgen.story import Finding

__all__ = ["amount_findings", "window_findings"]

NAME = "read_back"
_PLACES = frozenset({"above", "below", "passed"})  # "below $110,000, as low as $107,464" tells a place, and then the figure


def amount_findings(desk: Desk, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Amounts that are no figure of the article, or one that their sentence contradicts, or has told already."""
    for claim in claims:
        if not claim.fits:
            yield desk.finding(NAME, sentence, _message(desk, claim), claim.candidates or desk.index.near(claim.numeral))
    for i, claim in enumerate(claims):
        told = (c for c in claims[:i] if c.fits == claim.fits and sentence.hedge(c.numeral) not in _PLACES)
        if len({f.name for f in claim.fits}) == 1 and any(_of_one_part(sentence, c, claim) or _is_change(claim) for c in told):
            message = f'"{claim.numeral.text}" is {claim.fits[0].describe()}, which the sentence has told before'
            yield desk.finding(NAME, sentence, message, claim.fits)


def _is_change(claim: Claim) -> bool:
    """A change over a time, which no sentence tells twice: "over 30 days it is up 1.3%; over the past 30 days it is up 1.3%"."""
    return len(claim.fits) == 1 and claim.fits[0].family == "price" and claim.fits[0].tail.startswith("change_")


def _of_one_part(sentence: Sentence, one: Claim, other: Claim) -> bool:
    return sentence.parts[one.numeral.first] == sentence.parts[other.numeral.first]


def _message(desk: Desk, claim: Claim) -> str:
    said = f'"{claim.numeral.text}"'
    if claim.candidates:
        return f"{said} contradicts its sentence: {claim.problem}"
    near = "; ".join(f"{f.describe()}" for f in desk.index.near(claim.numeral))
    return f"{said} is no figure of this article" + (f"; nearest are {near}" if near else "")


def window_findings(desk: Desk, sentence: Sentence, claims: tuple[Claim, ...], facts: list[Fact]) -> Iterator[Finding]:
    """Window words that neither of the amounts beside them carries."""
    yield from _span_findings(desk, sentence)
    bars = {f.figure.label for f in facts if f.tail.endswith("_at") and f.figure.label} or _bars_of_all(desk, sentence, facts)
    for mark in sentence.of("window"):
        if bars and _is_bar(desk, sentence, mark):
            if bars.isdisjoint(desk.words.window_means.get(mark.key, (mark.key,))):
                yield desk.finding(NAME, sentence, f'"{mark.text}": the periods here are of {", ".join(sorted(bars))}', facts)
            continue
        part = sentence.parts[mark.first]
        near = tuple(c for c in claims if sentence.parts[c.numeral.first] == part)
        if claims and not near:
            continue  # "no run of weekly losses has been longer; the typical move was 3.6%"
        base = _base_of_comparison(desk, sentence, mark, near)
        if base and not any(_is_base(mark, f, desk) for f in base):
            yield desk.finding(NAME, sentence, f'"{mark.text}" is not the base of {base[0].describe()}', base)
            continue
        beside = _facts_beside(near, mark)
        told = facts if len(near) == len(claims) else [f for c in near for f in c.fits]
        candidates = [f for f in beside if f.windows] or [f for f in told if f.windows]
        if candidates and not any(window_fits(mark, f, desk.words) and (base or not _is_only_base(mark, f, desk)) for f in candidates):
            said = ", ".join(dict.fromkeys(f"{f.describe()} over {'/'.join(sorted(f.windows))}" for f in candidates[:2]))
            yield desk.finding(NAME, sentence, f'"{mark.text}" is the window of no figure beside it: {said}', candidates)


def _span_findings(desk: Desk, sentence: Sentence) -> Iterator[Finding]:
    """Spans of time that no figure of the article is over: "leaves its 11-day range" of one of ten days."""
    counted = [m for m in sentence.of("window") if m.key[0].isdigit() and not _is_bar(desk, sentence, m)]  # "past day" is no count
    marks = [m for m in counted if (word := sentence.tokens[m.first].lower)[0].isdigit() or word in desk.words.numbers]
    for mark in marks if marks and not desk.is_background(sentence) else ():
        means = desk.words.window_means.get(mark.key, (mark.key,))
        if desk.lengths.isdisjoint(means) and mark.key.rstrip(ascii_lowercase) not in desk.counts:
            yield desk.finding(NAME, sentence, f'"{mark.text}": no figure of this article is over such a span')


def _bars_of_all(desk: Desk, sentence: Sentence, facts: list[Fact]) -> set[str]:
    """In a sentence on the method, that tells no figure, the periods are those by which the article's moments are known."""
    if facts or desk.is_background(sentence):
        return set()
    return {f.figure.label for f in desk.facts if f.tail.endswith("_at") and f.figure.label}


def _is_bar(desk: Desk, sentence: Sentence, mark: Mark) -> bool:
    """Whether a window word says how finely the side of a level is judged: "each four-hour period"."""
    return any(t.lower in desk.words.bar_nouns for t in sentence.tokens[mark.last : mark.last + 1])


def _base_of_comparison(desk: Desk, sentence: Sentence, mark: Mark, claims: tuple[Claim, ...]) -> list[Fact]:
    """The figures whose base a window names: "4.9 times the average of the past 30 days", "over the past 30 days the typical move"."""
    if sentence.tokens[mark.last - 1].lower not in desk.words.window_units or _is_bar(desk, sentence, mark):
        return []  # "a typical daily move" speaks of the move, and of no span
    before, after = _claims_beside(claims, mark)
    facts = [f for c in (before, after) if c is not None for f in c.fits if f.tail.startswith(desk.words.baselines.tails)]
    around = [t.lower for t in (*sentence.tokens[max(0, mark.first - 6) : mark.first], *sentence.tokens[mark.last : mark.last + 3])]
    if not desk.words.baselines.words.isdisjoint(around):
        return facts
    told = (
        before is not None and before.numeral.units == {Unit.PCT} and sentence.segment[before.numeral.first] == sentence.segment[mark.first]
    )
    ranks = [f for f in facts if f.tail.startswith("percentile")]
    if not told or before is None or any(window_fits(mark, f, desk.words) for f in before.fits if f not in ranks):
        return []  # the number is also that of a figure of this window: of which one the text speaks, the number cannot tell
    return [f for f in ranks if f in before.fits]


def _is_base(mark: Mark, fact: Fact, desk: Desk) -> bool:
    means = desk.words.window_means.get(mark.key, (mark.key,))
    return fact.tail.endswith(tuple(f"_{m}" for m in means))


def _is_only_base(mark: Mark, fact: Fact, desk: Desk) -> bool:
    """ "Volume in 30 days was 3.6 times the average": 30 days are what the day is compared with, and not what it is of."""
    return fact.tail.startswith(_MULTIPLES) and fact.figure.window != mark.key and _is_base(mark, fact, desk)


_MULTIPLES = ("ratio_",)


def _claims_beside(claims: tuple[Claim, ...], mark: Mark) -> tuple[Claim | None, Claim | None]:
    """The amounts right before and right after a word."""
    before = next((c for c in reversed(claims) if c.numeral.last <= mark.first), None)
    return before, next((c for c in claims if c.numeral.first >= mark.last), None)


def _facts_beside(claims: tuple[Claim, ...], mark: Mark) -> list[Fact]:
    return [f for c in _claims_beside(claims, mark) if c is not None for f in c.fits]
