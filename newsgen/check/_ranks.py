"""Words of rank against the figures told beside them; in: the desk, out: findings.

"The smallest inflow since Nov. 7" is stopped where the figure is of the largest. Who leads a list is `superlatives.py`'s matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from newsgen.check._check import Desk
from newsgen.check._claims import Claim
from newsgen.check._facts import Fact
from newsgen.check.reader import Sentence
from newsgen.check.reader.bind import Mark
from newsgen.story import Finding

__all__ = ["rank_findings"]

_SIGNS = {"most": 1, "least": -1}
_NEAR = 3  # tokens between a comparison and the percentile after it: "more than on only 1.1% of the days"


def rank_findings(desk: Desk, check: str, sentence: Sentence, claims: tuple[Claim, ...], dated: dict[int, list[Fact]]) -> Iterator[Finding]:
    """Compare each word of rank with the ranked figures of its clause, or of its sentence where the clause tells none."""
    yield from _at_most_findings(desk, check, sentence, claims, dated)
    yield from _few_findings(desk, check, sentence, claims)
    few = [m for m in sentence.of("minority") if not sentence.of("side")]  # "the least of the week"
    for mark in (*sentence.of("rank"), *(m._replace(key="least") for m in few)):
        ranked = _ranked(sentence, mark, claims, dated, own_clause=True) or _ranked(sentence, mark, claims, dated, own_clause=False)
        if ranked and {f.rank for f in ranked} == {-_SIGNS[mark.key]}:
            yield desk.finding(check, sentence, f'"{mark.text}": {ranked[0].describe()} says the opposite', ranked)
        elif opposed := _changed(sentence, mark, claims) or ([] if ranked else _compared(sentence, mark, claims, dated)):
            yield desk.finding(check, sentence, f'"{mark.text}": {opposed[0].describe()} says the opposite', opposed)
        elif sentence.tokens[mark.last : mark.last + 1] and sentence.tokens[mark.last].lower in desk.words.lists.among:
            yield from _among_findings(desk, check, sentence, mark, claims)


def _changed(sentence: Sentence, mark: Mark, claims: tuple[Claim, ...]) -> list[Fact]:
    """ "Holdings 4,225 smaller": a change right before a word of comparison, that goes the other way."""
    before = next((c for c in claims if c.numeral.last == mark.first), None)
    facts = [*before.fits] if before is not None else []
    return facts if facts and all(f.direction == -_SIGNS[mark.key] for f in facts) else []


def _compared(sentence: Sentence, mark: Mark, claims: tuple[Claim, ...], dated: dict[int, list[Fact]]) -> list[Fact]:
    """ "At $25,166, the low was more than on any day since June 15": the history of a low says that it was less."""
    if mark.last - mark.first < 2 or sentence.of("direction"):
        return []
    groups = {f.group for c in claims for f in c.fits}
    later = [f for first, facts in dated.items() if first >= mark.last for f in facts if f.group in groups]
    told = later + [f for c in claims for f in c.fits]
    history = [f for f in told if f.figure.record is not None]
    return history if history and all(_end_of(f) == -_SIGNS[mark.key] for f in history) else []


def _end_of(fact: Fact) -> int:
    """At which end of its history a figure stands: +1 where nothing was as large, -1 where nothing was as small."""
    record = fact.figure.record
    return 0 if record is None else 1 if record.comparator == ">=" else -1


def _few_findings(desk: Desk, check: str, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """ "A rise took in least of the market, with 19 of the 21 coins gaining": a word of the few beside more than half."""
    if not sentence.of("minority") or sentence.of("side"):
        return
    for one, other in pairwise(claims):
        between = [t.lower for t in sentence.tokens[one.numeral.last : other.numeral.first]]
        if between in (["of"], ["of", "the"]) and one.fits and other.fits and one.numeral.value * 2 > other.numeral.value:
            said = f'"{sentence.of("minority")[0].text}": {one.numeral.text} of {other.numeral.text} are most'
            yield desk.finding(check, sentence, said, [*one.fits, *other.fits])


def _at_most_findings(
    desk: Desk, check: str, sentence: Sentence, claims: tuple[Claim, ...], dated: dict[int, list[Fact]]
) -> Iterator[Finding]:
    """ "A week of inflows at most as large last ended on April 5": a rival in history is at least as large, or as small."""
    for mark in sentence.of("hedge"):
        if mark.key == "at_most" and sentence.tokens[mark.last].lower in desk.words.lists.as_large:
            rivals = [f for found in dated.values() for f in found] + [f for c in claims for f in c.fits if f.tail.endswith("_larger")]
            if rivals:
                yield desk.finding(check, sentence, f'"{mark.text}": a rival is at least as large: {rivals[0].describe()}', rivals)


def _among_findings(desk: Desk, check: str, sentence: Sentence, mark: Mark, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """ "The least among the coins": the amount before it must lie at that end of the figures of its name."""
    before = next((c for c in reversed(claims) if c.numeral.last <= mark.first), None)
    for fact in before.fits if before is not None else ():
        rivals = [f for f in desk.facts_named(fact.name) if f.figure.subject != "market" and f.figure.scope == fact.figure.scope]
        beyond = [f for f in rivals if f.value is not None and fact.value is not None and (f.value - fact.value) * _SIGNS[mark.key] > 0]
        if fact.figure.subject != "market" and beyond:
            yield desk.finding(check, sentence, f'"{mark.text}": {beyond[0].describe()} lies beyond {fact.describe()}', [fact, beyond[0]])
            return


def _ranked(sentence: Sentence, mark: Mark, claims: tuple[Claim, ...], dated: dict[int, list[Fact]], *, own_clause: bool) -> list[Fact]:
    def near(token: int) -> bool:
        return not own_clause or sentence.clause[token] == sentence.clause[mark.first]

    told = [f for c in claims if near(c.numeral.first) for f in c.fits if f.rank and _speaks_of(sentence, mark, c, f)]
    return told + [f for first, facts in dated.items() if near(first) for f in facts if f.rank]


def _speaks_of(sentence: Sentence, mark: Mark, claim: Claim, fact: Fact) -> bool:
    """A percentile goes with the comparison right before it, a record with the one after it: "$104,088, more than at any time"."""
    comparison = mark.last - mark.first > 1 or "than" in [t.lower for t in sentence.tokens[mark.last : mark.last + 2]]
    if fact.tail.startswith("percentile"):
        return comparison and 0 <= claim.numeral.first - mark.last <= _NEAR
    return not fact.extreme or (comparison and claim.numeral.last <= mark.first)
