"""Words of side against the liquidations told beside them; in: the desk, out: findings.

Each side word of a sentence with figures must be carried by one of them. A total of both sides may stand beside words of side only where
the amounts of those sides take them.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsgen.check._check import Desk
from newsgen.check._claims import Claim
from newsgen.check._facts import Fact
from newsgen.check.reader import Sentence
from newsgen.check.reader.bind import Mark
from newsgen.story import Finding

__all__ = ["dominant_side", "side_findings", "total_findings"]


def side_findings(desk: Desk, sentence: Sentence, facts: list[Fact]) -> Iterator[Finding]:
    """Side words that no figure of their sentence carries, or a majority given to the smaller side, a minority to the larger."""
    marks = sentence.of("side")
    if not marks:
        return
    liquidations = [f for f in facts if f.family.startswith("liquidations")]
    larger = dominant_side(desk)
    named = {m.key for m in marks}
    if larger and ((sentence.of("majority") and named == {_OTHER[larger]}) or (sentence.of("minority") and named == {larger})):
        yield desk.finding("read_back", sentence, f"the larger side of the liquidations is {larger}s", _sided(desk))
        return
    carried = {f.side for f in liquidations}
    for mark in marks:
        if liquidations and mark.key not in carried and (mark.key != larger or _is_told_of_totals(sentence, liquidations)):
            yield desk.finding("read_back", sentence, f'"{mark.text}": no figure of this sentence is of {mark.key}s', liquidations)


def _is_told_of_totals(sentence: Sentence, liquidations: list[Fact]) -> bool:
    """Whether every amount of a sentence that speaks of one side, and of no share, is of both."""
    return all(f.is_total for f in liquidations) and not sentence.of("majority") and len({m.key for m in sentence.of("side")}) == 1


_OTHER = {"short": "long", "long": "short"}


def _sided(desk: Desk) -> list[Fact]:
    return [f for f in desk.facts if f.family.startswith("liquidations") and f.side and f.figure.unit == "usd"]


def dominant_side(desk: Desk) -> str:
    """The side with the larger liquidations, of the widest family that has a share or both sides; "" when unknown."""
    for family in ("liquidations", "liquidations_venue"):
        for side, other in _OTHER.items():
            share = desk.fact(f"{family}.{side}_share_24h", "market")
            if share and share.value is not None:
                return side if share.value > 50 else other
        short, long = (desk.fact(f"{family}.{side}_24h", "market") for side in ("short", "long"))
        if short and long and short.value is not None and long.value is not None:
            return "short" if short.value > long.value else "long"
    return ""


def total_findings(desk: Desk, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """ "At $89 million, short liquidations were made up of $79 million in longs and ...": a total with a word of side left to itself."""
    totals = [c for c in claims if c.fits and all(f.is_total for f in c.fits)]
    if not totals or sentence.of("majority") or sentence.of("minority"):
        return
    free = _free_words(sentence, claims)
    for total in totals:
        near = [m for m in free if _is_next_to(sentence, m, total)]
        if len({m.key for m in near}) == 1:
            message = f'"{near[0].text}": {total.fits[0].describe()} is of both sides'
            yield desk.finding("read_back", sentence, message, total.fits)


def _free_words(sentence: Sentence, claims: tuple[Claim, ...]) -> list[Mark]:
    """The words of side that no amount of their side takes; words with no amount between ("shorts, or bets on a fall") go together."""
    marks = sentence.of("side")
    taken: set[int] = set()
    for claim in claims:
        sides = {f.side for f in claim.fits}
        own = [m for m in marks if m.key in sides and (len(sides) == 1 or not _is_parted(sentence, m, claim))]
        if own:
            nearest = min(own, key=lambda m: _gap(m, claim))
            taken |= {m.first for m in own if _amounts_between(sentence, m, nearest) == 0}
    return [m for m in marks if m.first not in taken]


def _is_parted(sentence: Sentence, mark: Mark, claim: Claim) -> bool:
    first, last = sorted((mark.first, claim.numeral.first))
    return any(first < n.first < last for n in sentence.numerals)


def _gap(mark: Mark, claim: Claim) -> int:
    return claim.numeral.first - mark.last if mark.last <= claim.numeral.first else mark.first - claim.numeral.last


def _amounts_between(sentence: Sentence, one: Mark, other: Mark) -> int:
    first, last = sorted((one.first, other.first))
    return sum(first <= n.first < last for n in sentence.numerals)


def _is_next_to(sentence: Sentence, mark: Mark, total: Claim) -> bool:
    """Whether a word stands in the clause of an amount, and no other amount between them."""
    return not _is_parted(sentence, mark, total) and sentence.clause[mark.first] == sentence.clause[total.numeral.first]
