"""Claims of a record against what they rest on; in: the desk, out: findings.

A sentence that tells figures claims its record of them; one that tells none ("it is the largest fall ever") claims it of whatever record
the article has that its words fit. A sentence that speaks of where an older record stands claims none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from newsgen.check._check import Desk
from newsgen.check._facts import Fact
from newsgen.check._moments import dated_facts
from newsgen.check.reader import Sentence
from newsgen.story import Finding

__all__ = ["record_findings"]

_FRESH = timedelta(days=1)
_SIGNS = {"up": 1, "down": -1, "high": 1, "low": -1}


def record_findings(desk: Desk, check: str) -> Iterator[Finding]:
    """Find each claim of a record and what it rests on."""
    holders: list[Fact] | None = None
    for i, sentence in enumerate(desk.sentences):
        if not sentence.of("record"):
            continue
        if holders is None:
            holders = [f for f in desk.facts if _is_record(f, desk)]
        told = [f for c in desk.claims[i] for f in c.fits] or _dated(desk, sentence)
        rests = _rests(sentence, told, holders) if told else _may_rest(sentence, holders)
        if not rests:
            said = ", ".join(f'"{m.text}"' for m in sentence.of("record"))
            yield desk.finding(check, sentence, f"{said}: no figure here is a record over the metric's whole life", told)


def _dated(desk: Desk, sentence: Sentence) -> list[Fact]:
    """What a sentence without amounts tells by its dates: "the lowest price since Feb. 13"."""
    return [f for found in dated_facts(desk, sentence).values() for f in found if f.tail.endswith("_since")]


def _is_record(fact: Fact, desk: Desk) -> bool:
    """A record object over the whole life, a high set in the last 24 hours, or the standing record of a series."""
    record = fact.figure.record
    if record is not None:
        return record.is_record and record.covers_life
    if fact.tail == "is_ath":
        return fact.figure.value is True
    if fact.tail == "ath":
        return _set_lately(fact, desk)
    return fact.tail.startswith(("record_", "below_record"))


def _set_lately(fact: Fact, desk: Desk) -> bool:
    at = desk.fact("price.ath_at", fact.figure.subject)
    if at is not None:
        return any(d >= (desk.article.as_of - _FRESH).date() for d in at.days if isinstance(d, date))
    return fact.figure.archive_start is not None


def _rests(sentence: Sentence, told: list[Fact], holders: list[Fact]) -> bool:
    groups = {f.group for f in told}
    subjects = {m.key for m in sentence.of("subject")} - {"market"} or {s for f in told for s in f.subjects}
    return any(f.group in groups and (f.subjects & subjects or f.figure.subject == "market") for f in holders)


def _may_rest(sentence: Sentence, holders: list[Fact]) -> bool:
    """Whether any record of the article fits the words of direction and extreme, and the names, of a sentence without amounts."""
    subjects = {m.key for m in sentence.of("subject")} - {"market"}
    signs = {_SIGNS[m.key] for kind in ("direction", "extreme") for m in sentence.of(kind)}
    return any(
        (not subjects or f.subjects & subjects or f.figure.subject == "market")
        and (not signs or signs & {f.direction, f.extreme} or not (f.direction or f.extreme))
        for f in holders
    )
