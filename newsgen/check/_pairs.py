"""Amounts that a sentence pairs, "from A to B" and "between A and B"; in: the desk, out: findings.

A move names its two ends in order, and a word of direction or a change told with it has the sign of their difference. The ends of a
range are a low and a high, or the levels around a price.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from newsgen.check._check import Desk
from newsgen.check._claims import Claim
from newsgen.check.reader import Sentence
from newsgen.check.reader.bind import Mark
from newsgen.market import Unit
from newsgen.story import Finding

__all__ = ["pair_findings", "path_findings"]

_SIGNS = {"up": 1, "down": -1}
_NEAR = 3  # tokens between an end of the move and the word of its direction
_BETWEEN = 9  # tokens between the two ends: "from $80,900 at 6 a.m. ET to $84,300" has a time in brackets, which counts by its tokens


def pair_findings(desk: Desk, check: str, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Moves whose ends contradict their direction, and ranges whose ends are none."""
    for one, other in pairwise(claims):
        if one.fits and other.fits and one.numeral.units & other.numeral.units:
            problem = _problem(desk, sentence, one, other)
            if problem:
                yield desk.finding(check, sentence, problem, [*one.fits, *other.fits])


def path_findings(desk: Desk, check: str) -> Iterator[Finding]:
    """A way through the day: each price against the one told before it, in the same sentence or the one before."""
    told: list[tuple[int, Sentence, Claim]] = [(i, s, c) for i, s in enumerate(desk.sentences) for c in desk.claims[i] if _is_on_the_way(c)]
    for (i, before, one), (k, sentence, other) in pairwise(told):
        if before.where != sentence.where or k - i > 1 or not _is_turn(one) or one.fits[0].figure.subject != other.fits[0].figure.subject:
            continue
        word = _leading_word(sentence, other)
        rise = other.numeral.value - one.numeral.value
        if word is not None and rise and (rise > 0) != (_SIGNS[word.key] > 0):
            message = f'"{word.text}": from {one.numeral.text} to {other.numeral.text} it goes the other way'
            yield desk.finding(check, sentence, message, [*one.fits, *other.fits])


def _is_turn(claim: Claim) -> bool:
    return any(f.family == "path" for f in claim.fits)


def _is_on_the_way(claim: Claim) -> bool:
    return claim.numeral.units == {Unit.USD} and (_is_turn(claim) or any(f.name == "price.last" for f in claim.fits))


def _leading_word(sentence: Sentence, claim: Claim) -> Mark | None:
    """The word of direction that leads to an amount: "slid to $54,321", "fell as low as $86,128"."""
    words = [m for m in sentence.of("direction") if m.last <= claim.numeral.first <= m.last + _NEAR_STEP]
    between = [t.lower for t in sentence.tokens[words[-1].last : claim.numeral.first]] if words else []
    return words[-1] if between and between[0] in ("to", "as") else None


_NEAR_STEP = 3  # "to", "as low as"


def _problem(desk: Desk, sentence: Sentence, one: Claim, other: Claim) -> str:
    if _between(sentence, one, other) in _OF and one.numeral.value > other.numeral.value:
        return f'"{one.numeral.text}" is more than the "{other.numeral.text}" that it is said to be of'
    if not one.numeral.units == other.numeral.units == {Unit.USD}:
        return ""
    pairs = desk.words.pairs
    before, leads = _word(sentence, one.numeral.first - 1), _word(sentence, other.numeral.first - 1)
    if (before in pairs.start and leads in pairs.end) or _is_begun(desk, sentence, one, other):
        return (
            _range_problem(desk, sentence, one, other)
            or _turned_range(desk, sentence, one, other)
            or _move_problem(desk, sentence, one, other)
        )
    return _range_problem(desk, sentence, one, other)


_OF = (["of"], ["of", "the"], ["out", "of"], ["out", "of", "the"])


def _between(sentence: Sentence, one: Claim, other: Claim) -> list[str]:
    return [t.lower for t in sentence.tokens[one.numeral.last : other.numeral.first]]


def _is_begun(desk: Desk, sentence: Sentence, one: Claim, other: Claim) -> bool:
    """ "Bitcoin began the past 24 hours at $62,948 and rose as high as $64,133": a start, and an extreme that is reached from it."""
    begun = any(t.lower in desk.words.pairs.begun for t in sentence.tokens[: one.numeral.first])
    return begun and any(m.last == other.numeral.first for m in sentence.of("extreme"))


def _word(sentence: Sentence, i: int) -> str:
    return sentence.tokens[i].lower if i >= 0 else ""


def _is_range(desk: Desk, sentence: Sentence, claim: Claim) -> bool:
    """Whether a word of range stands right before an amount, "of" or "from" between: "a range of $15,754 to $18,199"."""
    words = [_word(sentence, claim.numeral.first - k) for k in (1, 2)]
    return words[0] in desk.words.pairs.joiners and words[1] in desk.words.pairs.ranges


def _turned_range(desk: Desk, sentence: Sentence, one: Claim, other: Claim) -> str:
    """ "The band reached from $17,622 to $47,444": a range that says neither high nor low, nor which way, begins at its low."""
    told = any(t.lower in desk.words.pairs.ranges for t in sentence.tokens[: one.numeral.first])
    if not told or sentence.of("extreme") or sentence.of("direction") or one.numeral.value <= other.numeral.value:
        return ""
    return f'a range is told from its low to its high, and "{one.numeral.text}" is more than "{other.numeral.text}"'


def _range_problem(desk: Desk, sentence: Sentence, one: Claim, other: Claim) -> str:
    """What is wrong with the ends of a range: one of them is the price of now, or they are two lows."""
    between = _word(sentence, one.numeral.first - 1) in desk.words.pairs.range_start
    if not (between or _is_range(desk, sentence, one)):
        return ""
    for claim in (one, other):
        if all(f.name == "price.last" for f in claim.fits):
            return f'"{claim.numeral.text}" is {claim.fits[0].describe()}, and no end of a range'
    return ""


def _move_problem(desk: Desk, sentence: Sentence, one: Claim, other: Claim) -> str:
    """ "from $3,895 up to $3,825": the sign of the words about the move against its ends as printed."""
    if other.numeral.value == one.numeral.value or other.numeral.first - one.numeral.last > _BETWEEN * 2:
        return ""
    if all(f.tail.endswith(_LAST) for f in one.fits) or all(f.tail.endswith(_FIRST) for f in other.fits):
        return f'"{one.numeral.text}" is {one.fits[0].describe()}: the ends of the move are exchanged'
    sign = 1 if other.numeral.value > one.numeral.value else -1
    said = {m.text: _SIGNS[m.key] for m in _words_of_move(sentence, one, other)}
    before = _word(sentence, other.numeral.first - 2)  # "up to" alone is no word of direction
    said |= dict.fromkeys([before], next((s for key, s in _SIGNS.items() if before in desk.words.directions[key]), sign))
    wrong = next((word for word, s in said.items() if s == -sign), "")
    return f'"{wrong}": from {one.numeral.text} to {other.numeral.text} it goes the other way' if wrong else ""


def _is_of_the_move(sentence: Sentence, mark: Mark, one: Claim) -> bool:
    """ "Lost 11%, from $68,124 down to $60,775": the word before the change that the two ends explain."""
    change = sentence.previous(one.numeral.first)
    if change is None or Unit.PCT not in change.units or mark.last != change.first:
        return False
    return [t.lower for t in sentence.tokens[change.last : one.numeral.first]] == [",", "from"]


_FIRST, _LAST = ("_from", "_start", "_base"), ("_to", "_end")


def _words_of_move(sentence: Sentence, one: Claim, other: Claim) -> Iterator[Mark]:
    """The words of direction right before the first end, between the two, and right after the second: "fell from ... to ..., a loss"."""
    for mark in sentence.of("direction"):
        leads = _is_of_the_move(sentence, mark, one) or (
            0 <= one.numeral.first - 1 - mark.last < _NEAR and sentence.clause[mark.first] == sentence.clause[one.numeral.first]
        )
        inside = one.numeral.last <= mark.first < other.numeral.first
        follows = 0 <= mark.first - other.numeral.last <= _NEAR and sentence.clause[mark.first] == sentence.clause[other.numeral.first]
        if leads or inside or (follows and _word(sentence, other.numeral.last) == ","):
            yield mark
