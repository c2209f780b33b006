"""5 Record scope: "record", "all-time", "for the first time" rest on a record whose archive covers the metric's life.

In: the desk. Out: findings. A sentence that speaks of where an older record stands claims none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from newsgen.check._check import Check, Desk
from newsgen.check._facts import Fact
from newsgen.check._moments import dated_facts
from newsgen.check.reader import Sentence
from newsgen.story import Finding

__all__ = ["CHECK"]

_FRESH = timedelta(days=1)


def record_scope(desk: Desk) -> Iterator[Finding]:
    """Find each claim of a record and what it rests on."""
    holders = [f for f in desk.facts if _is_record(f, desk)]
    for i, sentence in enumerate(desk.sentences):
        told = [f for c in desk.claims[i] for f in c.fits] or _dated(desk, sentence)
        if sentence.of("record") and told and not _rests(desk, sentence, told, holders):
            said = ", ".join(f'"{m.text}"' for m in sentence.of("record"))
            yield desk.finding("record_scope", sentence, f"{said}: no figure here is a record over the metric's whole life", told)
    for fact in desk.facts:
        record = fact.figure.record
        if record is not None and record.is_record and record.last_at_or_beyond is not None:
            message = f"{fact.describe()} is called a record and names an earlier rival of {record.last_at_or_beyond}"
            yield desk.finding("record_scope", "figures", message, [fact])


def _dated(desk: Desk, sentence: Sentence) -> list[Fact]:
    """What a sentence without amounts tells by its dates: "the lowest price since Feb. 13"."""
    if not sentence.of("record"):
        return []
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


def _rests(desk: Desk, sentence: Sentence, told: list[Fact], holders: list[Fact]) -> bool:
    groups = {f.group for f in told}
    subjects = {m.key for m in sentence.of("subject")} - {"market"} or {s for f in told for s in f.subjects}
    return any(f.group in groups and (f.subjects & subjects or f.figure.subject == "market") for f in holders)


CHECK = Check("record_scope", 5, "A record is claimed only from a record object whose archive covers the metric's life.", record_scope)
