"""Amounts and the words around them, both ways; in: the desk, out: findings.

One way: each amount must be the value of a figure that its sentence does not contradict. The other way: each side and window word of
a sentence with figures must be carried by one of them, so that a changed word cannot hide behind a right number.
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

__all__ = ["amount_findings", "side_findings", "window_findings"]

NAME = "read_back"
_PLACES = frozenset({"above", "below", "passed"})  # "below $110,000, as low as $107,464" tells a place, and then the figure


def amount_findings(desk: Desk, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Amounts that are no figure of the article, or one that their sentence contradicts, or has told already."""
    for claim in claims:
        if not claim.fits:
            yield desk.finding(NAME, sentence, _message(desk, claim), claim.candidates or desk.index.near(claim.numeral))
    for i, claim in enumerate(claims):
        told = (c for c in claims[:i] if c.fits == claim.fits and sentence.hedge(c.numeral) not in _PLACES)
        if len({f.name for f in claim.fits}) == 1 and any(_of_one_part(sentence, c, claim) for c in told):
            message = f'"{claim.numeral.text}" is {claim.fits[0].describe()}, which the sentence has told before'
            yield desk.finding(NAME, sentence, message, claim.fits)


def _of_one_part(sentence: Sentence, one: Claim, other: Claim) -> bool:
    return sentence.parts[one.numeral.first] == sentence.parts[other.numeral.first]


def _message(desk: Desk, claim: Claim) -> str:
    said = f'"{claim.numeral.text}"'
    if claim.candidates:
        return f"{said} contradicts its sentence: {claim.problem}"
    near = "; ".join(f"{f.describe()}" for f in desk.index.near(claim.numeral))
    return f"{said} is no figure of this article" + (f"; nearest are {near}" if near else "")


def side_findings(desk: Desk, sentence: Sentence, facts: list[Fact]) -> Iterator[Finding]:
    """Side words that no figure of their sentence carries, or a majority given to the smaller side, a minority to the larger."""
    marks = sentence.of("side")
    if not marks:
        return
    liquidations = [f for f in facts if f.family.startswith("liquidations")]
    larger = dominant_side(desk)
    named = {m.key for m in marks}
    if larger and ((sentence.of("majority") and named == {_OTHER[larger]}) or (sentence.of("minority") and named == {larger})):
        yield desk.finding(NAME, sentence, f"the larger side of the liquidations is {larger}s", _sided(desk))
        return
    carried = {f.side for f in liquidations}
    for mark in marks:
        if liquidations and mark.key not in carried and (mark.key != larger or _is_told_of_totals(sentence, liquidations)):
            yield desk.finding(NAME, sentence, f'"{mark.text}": no figure of this sentence is of {mark.key}s', liquidations)


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


def window_findings(desk: Desk, sentence: Sentence, claims: tuple[Claim, ...], facts: list[Fact]) -> Iterator[Finding]:
    """Window words that neither of the amounts beside them carries."""
    yield from _span_findings(desk, sentence)
    bars = {f.figure.label for f in facts if f.tail.endswith("_at") and f.figure.label}
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
        if candidates and not any(window_fits(mark, f, desk.words) for f in candidates):
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


def _claims_beside(claims: tuple[Claim, ...], mark: Mark) -> tuple[Claim | None, Claim | None]:
    """The amounts right before and right after a word."""
    before = next((c for c in reversed(claims) if c.numeral.last <= mark.first), None)
    return before, next((c for c in claims if c.numeral.first >= mark.last), None)


def _facts_beside(claims: tuple[Claim, ...], mark: Mark) -> list[Fact]:
    return [f for c in _claims_beside(claims, mark) if c is not None for f in c.fits]
