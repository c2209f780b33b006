"""What stands in the order of its words: levels on two sides of a price, flows that are compared; in: the desk, out: findings.

"The nearest round level above it is $57,000, the nearest below it $56,000" names two places and two amounts, one for each. "Redemptions
were larger than new money by $326 million" says the sign of the net flow. A highest value is none below the one that stands beside it.
Words and amounts that do not pair contradict nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from newsgen.check._check import Desk
from newsgen.check._claims import Claim
from newsgen.check._facts import Fact
from newsgen.check.reader import Sentence
from newsgen.story import Finding

__all__ = ["flow_findings", "level_findings", "peak_findings"]

_SIGNS = {"above": 1, "below": -1, "most": 1, "least": -1}
_LEVELS = ("level.nearest_above", "level.nearest_below")


def level_findings(desk: Desk, check: str, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Each round level beside a price against the word of place that is its by order."""
    levels = [found for c in claims if (found := _levels(c))]
    words = sentence.of("position")
    if not levels or len(levels) != len(words) or (len(levels) == 1 and desk.words.lists.nearest.isdisjoint(sentence.vocabulary)):
        return
    for word, level in zip(words, levels, strict=True):
        if all(f.position == -_SIGNS[word.key] for f in level):
            yield desk.finding(check, sentence, f'"{word.text}": {level[0].describe()} says the opposite', level)


def _levels(claim: Claim) -> list[Fact]:
    """The nearest levels that an amount may be, unless it is also one that was crossed."""
    crossed = any(f.family == "level" and f.name not in _LEVELS for f in claim.fits)
    return [] if crossed else [f for f in claim.fits if f.name in _LEVELS]


def flow_findings(desk: Desk, check: str, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """The sign of a net flow against the comparison of its two parts."""
    for word in sentence.of("rank"):
        after = sentence.tokens[word.last : word.last + 1]
        sign = _first_flow(desk, sentence, word.first) if after and after[0].lower == "than" else 0
        flows = [f for c in claims if c.numeral.first >= word.last for f in c.fits[:1] if f.family == "etf" and f.direction][:1]
        if sign and flows and flows[0].direction != sign * _SIGNS[word.key]:
            yield desk.finding(check, sentence, f'"{word.text} than": {flows[0].describe()} says the opposite', flows)


def peak_findings(desk: Desk, check: str, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """ "At its highest, on Jan. 21, open interest was $69.6 billion, against $58.8 billion now": the first is the larger one."""
    text, lists = sentence.text.lower(), desk.words.lists
    if not any(words in text for words in lists.peaks):
        return
    for high, now in pairwise(claims):
        between = {t.lower for t in sentence.tokens[high.numeral.last : now.numeral.first]}
        alike = {f.group for f in high.fits} & {f.group for f in now.fits} and high.numeral.units == now.numeral.units
        if alike and not lists.against.isdisjoint(between) and high.numeral.value < now.numeral.value:
            message = f'"{high.numeral.text}" is told as the highest, and "{now.numeral.text}" beside it is larger'
            yield desk.finding(check, sentence, message, [*high.fits])


def _first_flow(desk: Desk, sentence: Sentence, token: int) -> int:
    """+1 where money that comes in is compared with money that goes out, -1 the other way round, 0 where no two are compared."""
    at = sentence.tokens[token].start - sentence.tokens[0].start
    text = sentence.text.lower()
    into, out_of = desk.words.flows.ways
    if into.search(text, 0, at) and out_of.search(text, at):
        return 1
    return -1 if out_of.search(text, 0, at) and into.search(text, at) else 0
