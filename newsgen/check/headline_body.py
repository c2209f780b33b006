"""2 Headline against body: what the head says is what the body says; in: the desk, out: findings.

A figure of the head that the body prints too must agree, each asset of the headline must be named below, and one name and subject
cannot carry two values, unless one is of an earlier version of the story. A head's figure that the body leaves out is no fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from newsgen.check._check import Check, Desk
from newsgen.check._claims import Claim
from newsgen.check._facts import Fact
from newsgen.story import Finding

__all__ = ["CHECK"]

_TOP = ("dek", "paragraphs[0]", "paragraphs[1]")  # where a headline is borne out
_ALIKE = Decimal("0.25")  # two amounts this near are meant for the same thing


def headline_body(desk: Desk) -> Iterator[Finding]:
    """Compare headline, dek and key points with the paragraphs."""
    body = [c for i, s in enumerate(desk.sentences) if s.where.startswith("paragraphs") for c in desk.claims[i]]
    for i, sentence in enumerate(desk.sentences):
        if not sentence.where.startswith("paragraphs"):
            for claim in desk.claims[i]:
                yield from _contradicted(desk, claim, body)
    yield from _unnamed(desk)
    yield from _two_values(desk)


def _contradicted(desk: Desk, claim: Claim, body: list[Claim]) -> Iterator[Finding]:
    if claim.fits:
        return
    for other in body:
        size = abs(claim.numeral.value - other.numeral.value)
        if other.fits and claim.numeral.units == other.numeral.units and size <= _ALIKE * other.numeral.value:
            said = f'"{claim.numeral.text}" stands in the {claim.sentence.where}, "{other.numeral.text}" in the body'
            yield desk.finding("headline_body", claim.sentence, said, other.fits)
            return


def _unnamed(desk: Desk) -> Iterator[Finding]:
    """Assets of the headline that no paragraph names."""
    named = {m.key for s in desk.sentences if s.where.startswith("paragraphs") for m in s.of("subject")}
    top = {m.key for s in desk.sentences if s.where in _TOP for m in s.of("subject") if desk.words.kind_of_subject[m.key] == "assets"}
    for sentence in desk.sentences:
        if sentence.where != "headline" or not named:
            continue
        one_story = bool(top) and not sentence.parts[-1]
        for mark in sentence.of("subject"):
            if mark.key not in named and desk.words.kind_of_subject[mark.key] != "markets":
                yield desk.finding("headline_body", sentence, f'the headline names "{mark.text}", and the body does not')
            elif one_story and mark.key not in top and desk.words.kind_of_subject[mark.key] == "assets":
                yield desk.finding("headline_body", sentence, f'the headline names "{mark.text}", and dek and first paragraphs do not')


def _two_values(desk: Desk) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], Fact] = {}
    for fact in desk.facts:
        figure = fact.figure
        first = seen.setdefault((figure.name, figure.subject, figure.scope, figure.side, figure.window, figure.told_at), fact)
        if first.figure.value != figure.value:
            message = f"two values of one figure: {first.describe()} and {fact.describe()}"
            yield desk.finding("headline_body", "figures", message, [first, fact])


CHECK = Check("headline_body", 2, "Headline, dek, key points and body say the same.", headline_body)
