"""Names against the figures told beside them; in: the desk, out: findings.

Assets, indices, companies, funds, venues and sources. A name must belong to a figure of its sentence; in a sentence that tells none,
to one of the article.
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

__all__ = ["one_subject_findings", "one_whole_findings", "source_findings", "subject_findings", "venue_findings"]

NAME = "read_back"


def subject_findings(desk: Desk, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Assets, indices, companies and funds that the article has no figure of, or that a purchase does not speak of."""
    marks = sentence.of("subject")
    if not marks:
        return
    yield from _ticker_findings(desk, sentence)
    yield from _twice_findings(desk, sentence, marks)
    yield from _topic_findings(desk, sentence, marks)
    bought_in: dict[int, list[Fact]] = {}
    for claim in claims:
        bought_in.setdefault(sentence.parts[claim.numeral.first], []).extend(f for f in claim.fits if f.family == "treasury")
    for mark in marks:
        if mark.key == "market":
            continue
        facts = bought_in.get(sentence.parts[mark.first], [])
        bought = frozenset(s for f in facts for s in f.subjects)
        if bought and mark.key not in bought and desk.words.kind_of_subject[mark.key] in ("assets", "companies"):
            yield desk.finding(NAME, sentence, f'"{mark.text}": the purchase is of {", ".join(sorted(bought))}', facts)
        elif mark.key not in desk.subjects:
            yield desk.finding(NAME, sentence, f'"{mark.text}": the article has no figure of {mark.key}')


def _ticker_findings(desk: Desk, sentence: Sentence) -> Iterator[Finding]:
    """ "ether (BTC)", "Fidelity's IBIT": a name with another's ticker."""
    marks = sentence.of("subject")
    for name, ticker in pairwise(marks):
        between = [t.text for t in sentence.tokens[name.last : ticker.first]]
        if between == ["("] and name.key != ticker.key:
            yield desk.finding(NAME, sentence, f'"{name.text} ({ticker.text})": name and ticker are of two assets')
    for mark in marks:
        owner = tuple(t.lower for t in sentence.tokens[max(0, mark.first - 2) : mark.first])
        if mark.key in desk.words.funds and owner in desk.words.issuers:
            yield desk.finding(NAME, sentence, f'"{"".join(owner)} {mark.text}": the fund has another issuer')


def _twice_findings(desk: Desk, sentence: Sentence, marks: list[Mark]) -> Iterator[Finding]:
    """ "Ether and ether options": a list that names one thing twice."""
    for one, other in pairwise(marks):
        between = [t.text for t in sentence.tokens[one.last : other.first]]
        if one.key == other.key and between in (["and"], [","], ["&"]):
            yield desk.finding(NAME, sentence, f'"{one.text} and {other.text}" are one')


def _topic_findings(desk: Desk, sentence: Sentence, marks: list[Mark]) -> Iterator[Finding]:
    """ "Ether funding turns negative" of bitcoin's: a name beside the word of a metric that the article has of another alone."""
    if desk.words.topic_words.isdisjoint(sentence.vocabulary):
        return
    kinds = desk.words.kind_of_subject
    for family, words in desk.words.topics.items():
        beside = [i for i, t in enumerate(sentence.tokens) if t.lower in words]
        facts = [f for f in desk.facts if f.family == family] if beside else []
        subjects = {s for f in facts for s in f.subjects}
        for mark in marks:
            near = any(0 <= i - mark.last <= _NEAR_TOPIC or 0 <= mark.first - i - 1 <= _NEAR_TOPIC for i in beside)
            alike = any(kinds.get(s) == kinds[mark.key] for s in subjects)
            if near and alike and mark.key not in subjects and kinds[mark.key] in ("assets", "indices"):
                yield desk.finding(
                    NAME, sentence, f'"{mark.text}": the article has {family} of {", ".join(sorted(subjects))} only', facts[:1]
                )


_NEAR_TOPIC = 1  # tokens between a name and the word of a metric: "correlation of ether", "ether options"


def one_subject_findings(desk: Desk, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Amounts of one family that no single asset has, in a sentence that names none: "the fifth session, $882 million in all"."""
    if len(claims) < 2 or any(m.key != "market" for m in sentence.of("subject")):
        return
    by_group: dict[str, list[Claim]] = {}
    for claim in claims:
        for group in {f.group for f in claim.fits}:
            by_group.setdefault(group, []).append(claim)
    for group, told in by_group.items():
        sure = [c for c in told if all(f.group == group for f in c.fits)]
        shared = [frozenset(s for f in c.fits for s in f.subjects) for c in sure]
        if len(sure) > 1 and not frozenset.intersection(*shared):
            facts = [c.fits[0] for c in sure]
            said = " and ".join(f.describe() for f in facts[:2])
            yield desk.finding(NAME, sentence, f"no one subject has all of these amounts: {said}", facts)


_PARTS = ("total_24h", "short_24h", "long_24h")


def one_whole_findings(desk: Desk, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Sides and totals that are of no one asset and scope: "ether positions of $79 million: $623 million of shorts ..."."""
    if len(claims) < 2 or len({m.key for m in sentence.of("subject")} - {"market"}) > 1:
        return
    yield from _share_findings(desk, sentence, claims)
    parts = [c for c in claims if c.fits and all(f.tail in _PARTS and f.family.startswith("liquidations") for f in c.fits)]
    if len(parts) < 2:
        return
    shared = [frozenset((f.family, f.figure.subject) for f in c.fits) for c in parts]
    if not frozenset.intersection(*shared):
        facts = [c.fits[0] for c in parts]
        said = " and ".join(f.describe() for f in facts[:2])
        yield desk.finding(NAME, sentence, f"parts and whole of different things: {said}", facts)


def _share_findings(desk: Desk, sentence: Sentence, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """ "83% of the $748 million": what a side's share is a share of is the total of that scope."""
    for share, whole in pairwise(claims):
        between = sentence.tokens[share.numeral.last : whole.numeral.first]
        shares = [f for f in share.fits if f.tail.endswith("_share_24h")]
        if not between or between[0].lower != "of" or len(between) > 2 or not whole.fits or len(shares) < len(share.fits) or not shares:
            continue
        wholes = {(f.family, f.figure.subject) for f in whole.fits if f.is_total}
        if not any((f.family, f.figure.subject) in wholes for f in shares):
            message = f'"{whole.numeral.text}" is not the whole of {shares[0].describe()}'
            yield desk.finding(NAME, sentence, message, [shares[0], *whole.fits])


def venue_findings(desk: Desk, sentence: Sentence, facts: list[Fact]) -> Iterator[Finding]:
    """Venues that no figure told beside them is of, and figures of several venues in a sentence that does not name them all."""
    marks = sentence.of("venue")
    named = frozenset(m.key for m in marks)
    for fact in facts:
        if fact.of_several and not fact.venues <= named and (named or desk.words.here.isdisjoint(sentence.vocabulary)):
            missing = ", ".join(sorted(fact.venues - named))
            yield desk.finding(NAME, sentence, f"{fact.describe()} is of several venues, and the text does not name {missing}", [fact])
    of_facts = frozenset(v for f in facts for v in f.venues) if marks else frozenset()
    if marks and not facts:  # a sentence on the method: of a venue that the article has a figure of
        of_facts = frozenset(v for f in desk.facts for v in f.venues)
    for mark in marks:
        if of_facts and mark.key not in of_facts:
            yield desk.finding(NAME, sentence, f'"{mark.text}": the figures here are of {", ".join(sorted(of_facts))}', facts)


def source_findings(desk: Desk, sentence: Sentence, facts: list[Fact]) -> Iterator[Finding]:
    """Sources of this article named beside figures of others."""
    sources = {f.figure.source for f in facts or _of_its_metric(desk, sentence)} - {""}
    if not sources:
        return
    for name in desk.source_names:
        if name in sentence.text and not any(name in s or s in name for s in sources):
            yield desk.finding(NAME, sentence, f'"{name}" is not the source of these figures: {", ".join(sorted(sources))}', facts)


def _of_its_metric(desk: Desk, sentence: Sentence) -> list[Fact]:
    """The figures of the metric that a sentence without any speaks of: "new shares less those redeemed make up the flow of the funds"."""
    families = {family for family, words in desk.words.metrics_of_sources.items() if not words.isdisjoint(sentence.vocabulary)}
    return [f for f in desk.facts if f.family in families]
