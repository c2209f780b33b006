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

__all__ = ["pair_findings"]

_SIGNS = {"up": 1, "down": -1}
_NEAR = 3  # tokens between an end of the move and the word of its direction
_BETWEEN = 9  # tokens between the two ends: "from $80,900 at 6 a.m. ET to $84,300" has a time in brackets, which counts by its tokens


def pair_findings(desk: Desk, check: str, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Moves whose ends contradict their direction, and ranges whose ends are none."""
    for one, other in pairwise(claims):
        if not (one.fits and other.fits and one.numeral.units == other.numeral.units == {Unit.USD}):
            continue
        before = _word(sentence, one.numeral.first - 1)
        if before in desk.words.pairs.start and _word(sentence, other.numeral.first - 1) in desk.words.pairs.end:
            problem = _range_problem(desk, sentence, one, other) or _move_problem(sentence, one, other)
        elif before in desk.words.pairs.range_start or _is_range(desk, sentence, one):
            problem = _range_problem(desk, sentence, one, other)
        else:
            continue
        if problem:
            yield desk.finding(check, sentence, problem, [*one.fits, *other.fits])


def _word(sentence: Sentence, i: int) -> str:
    return sentence.tokens[i].lower if i >= 0 else ""


def _is_range(desk: Desk, sentence: Sentence, claim: Claim) -> bool:
    """Whether a word of range stands right before an amount, "of" or "from" between: "a range of $15,754 to $18,199"."""
    words = [_word(sentence, claim.numeral.first - k) for k in (1, 2)]
    return words[0] in desk.words.pairs.joiners and words[1] in desk.words.pairs.ranges


def _range_problem(desk: Desk, sentence: Sentence, one: Claim, other: Claim) -> str:
    """What is wrong with the ends of a range: one of them is the price of now, or they are two lows."""
    between = _word(sentence, one.numeral.first - 1) in desk.words.pairs.range_start
    if not (between or _is_range(desk, sentence, one)):
        return ""
    for claim in (one, other):
        if all(f.name == "price.last" for f in claim.fits):
            return f'"{claim.numeral.text}" is {claim.fits[0].describe()}, and no end of a range'
    return ""


def _move_problem(sentence: Sentence, one: Claim, other: Claim) -> str:
    """ "from $3,895 up to $3,825": the sign of the words about the move against its ends as printed."""
    if other.numeral.value == one.numeral.value or other.numeral.first - one.numeral.last > _BETWEEN * 2:
        return ""
    sign = 1 if other.numeral.value > one.numeral.value else -1
    wrong = next((m for m in _words_of_move(sentence, one, other) if _SIGNS[m.key] == -sign), None)
    return f'"{wrong.text}": from {one.numeral.text} to {other.numeral.text} it goes the other way' if wrong is not None else ""


def _words_of_move(sentence: Sentence, one: Claim, other: Claim) -> Iterator[Mark]:
    """The words of direction right before the first end, between the two, and right after the second: "fell from ... to ..., a loss"."""
    for mark in sentence.of("direction"):
        leads = 0 <= one.numeral.first - 1 - mark.last < _NEAR and sentence.clause[mark.first] == sentence.clause[one.numeral.first]
        inside = one.numeral.last <= mark.first < other.numeral.first
        follows = 0 <= mark.first - other.numeral.last <= _NEAR and sentence.clause[mark.first] == sentence.clause[other.numeral.first]
        if leads or inside or (follows and _word(sentence, other.numeral.last) == ","):
            yield mark
