"""Words of rank against the figures told beside them; in: the desk, out: findings.

"The smallest inflow since Nov. 7" is stopped where the figure is of the largest. Who leads a list is `superlatives.py`'s matter.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    for mark in sentence.of("rank"):
        ranked = _ranked(sentence, mark, claims, dated, own_clause=True) or _ranked(sentence, mark, claims, dated, own_clause=False)
        if ranked and {f.rank for f in ranked} == {-_SIGNS[mark.key]}:
            yield desk.finding(check, sentence, f'"{mark.text}": {ranked[0].describe()} says the opposite', ranked)


def _ranked(sentence: Sentence, mark: Mark, claims: tuple[Claim, ...], dated: dict[int, list[Fact]], *, own_clause: bool) -> list[Fact]:
    def near(token: int) -> bool:
        return not own_clause or sentence.clause[token] == sentence.clause[mark.first]

    told = [f for c in claims if near(c.numeral.first) for f in c.fits if f.rank and _speaks_of(mark, c, f)]
    return told + [f for first, facts in dated.items() if near(first) for f in facts if f.rank]


def _speaks_of(mark: Mark, claim: Claim, fact: Fact) -> bool:
    """A percentile goes with the comparison right before it, a record with the one after it: "$104,088, more than at any time"."""
    comparison = mark.last - mark.first > 1
    if fact.tail.startswith("percentile"):
        return comparison and 0 <= claim.numeral.first - mark.last <= _NEAR
    return not fact.extreme or (comparison and claim.numeral.last <= mark.first)
