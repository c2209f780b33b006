"""Amounts and the words around them, both ways; in: the desk, out: findings.

One way: each amount must be the value of a figure that its sentence does not contradict. The other way: each side, window and
subject word of a sentence with figures must be carried by one of them, so that a changed word cannot hide behind a right number.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from newsgen.check._check import Desk
from newsgen.check._claims import Claim, window_fits
from newsgen.check._facts import Fact
from newsgen.check.reader import Sentence
from newsgen.check.reader.bind import Mark
from newsgen.story import Finding

__all__ = ["amount_findings", "side_findings", "subject_findings", "window_findings"]

NAME = "read_back"


def amount_findings(desk: Desk, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Amounts that are no figure of the article, or one that their sentence contradicts."""
    for claim in claims:
        if not claim.fits:
            yield desk.finding(NAME, sentence, _message(desk, claim), claim.candidates or desk.index.near(claim.numeral))


def _message(desk: Desk, claim: Claim) -> str:
    said = f'"{claim.numeral.text}"'
    if claim.candidates:
        return f"{said} contradicts its sentence: {claim.problem}"
    near = "; ".join(f"{f.describe()}" for f in desk.index.near(claim.numeral))
    return f"{said} is no figure of this article" + (f"; nearest are {near}" if near else "")


def side_findings(desk: Desk, sentence: Sentence, facts: list[Fact]) -> Iterator[Finding]:
    """Side words that no figure of their sentence carries, or a majority given to the smaller side."""
    marks = sentence.of("side")
    if not marks:
        return
    liquidations = [f for f in facts if f.family.startswith("liquidations")]
    larger = dominant_side(desk)
    if sentence.of("majority") and larger and {m.key for m in marks} == {_OTHER[larger]}:
        yield desk.finding(NAME, sentence, f"the larger side of the liquidations is {larger}s", _sided(desk))
        return
    carried = {f.side for f in liquidations}
    for mark in marks:
        if liquidations and mark.key not in carried and mark.key != larger:
            yield desk.finding(NAME, sentence, f'"{mark.text}": no figure of this sentence is of {mark.key}s', liquidations)


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
    bars = {f.figure.label for f in facts if f.tail.endswith("_at") and f.figure.label}
    for mark in sentence.of("window"):
        if bars and _is_bar(desk, sentence, mark):
            if mark.key not in bars:
                yield desk.finding(NAME, sentence, f'"{mark.text}": the periods here are of {", ".join(sorted(bars))}', facts)
            continue
        beside = _facts_beside(sentence, claims, mark)
        candidates = [f for f in beside if f.windows] or [f for f in facts if f.windows]
        if candidates and not any(window_fits(mark, f, desk.words) for f in candidates):
            said = ", ".join(dict.fromkeys(f"{f.describe()} over {'/'.join(sorted(f.windows))}" for f in candidates[:2]))
            yield desk.finding(NAME, sentence, f'"{mark.text}" is the window of no figure beside it: {said}', candidates)


def _is_bar(desk: Desk, sentence: Sentence, mark: Mark) -> bool:
    """Whether a window word says how finely the side of a level is judged: "each four-hour period"."""
    return any(t.lower in desk.words.bar_nouns for t in sentence.tokens[mark.last : mark.last + 1])


def _facts_beside(sentence: Sentence, claims: tuple[Claim, ...], mark: Mark) -> list[Fact]:
    before = next((c for c in reversed(claims) if c.numeral.last <= mark.first), None)
    after = next((c for c in claims if c.numeral.first >= mark.last), None)
    return [f for c in (before, after) if c is not None for f in c.fits]


def subject_findings(desk: Desk, sentence: Sentence, facts: list[Fact]) -> Iterator[Finding]:
    """Assets, indices, companies and funds that the article has no figure of, or that a purchase does not speak of."""
    yield from _ticker_findings(desk, sentence)
    known = {s for f in desk.facts for s in f.subjects}
    bought = frozenset(s for f in facts if f.family == "treasury" for s in f.subjects)
    for mark in sentence.of("subject"):
        if mark.key == "market":
            continue
        if bought and mark.key not in bought and desk.words.kind_of_subject[mark.key] in ("assets", "companies"):
            yield desk.finding(NAME, sentence, f'"{mark.text}": the purchase is of {", ".join(sorted(bought))}', facts)
        elif mark.key not in known:
            yield desk.finding(NAME, sentence, f'"{mark.text}": the article has no figure of {mark.key}')


def _ticker_findings(desk: Desk, sentence: Sentence) -> Iterator[Finding]:
    """ "ether (BTC)": a name with another's ticker."""
    marks = sentence.of("subject")
    for name, ticker in pairwise(marks):
        between = [t.text for t in sentence.tokens[name.last : ticker.first]]
        if between == ["("] and name.key != ticker.key:
            yield desk.finding(NAME, sentence, f'"{name.text} ({ticker.text})": name and ticker are of two assets')
