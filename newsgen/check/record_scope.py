"""5 Record scope: "record", "all-time", "for the first time" rest on a record whose archive covers the metric's life.

In: the desk. Out: findings. What the text claims is `_records.py`'s matter; here stands also what the figures say of themselves: every
place in history ("since") rests on a record object that is whole, and no two of them contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from newsgen.check._check import Check, Desk
from newsgen.check._facts import Fact
from newsgen.check._records import record_findings
from newsgen.market import Figure, Record, Unit
from newsgen.story import Finding

__all__ = ["CHECK"]

_PLACES = ("high", "low", "larg", "wide", "deep", "long", "peak")
_HIGHS = "price.high"  # of the past 24 hours, of a day, of all time: one metric


def record_scope(desk: Desk) -> Iterator[Finding]:
    """Find each claim of a record and what it rests on."""
    yield from record_findings(desk, "record_scope")
    for fact in desk.facts:
        problem = _object_problem(fact)
        if problem:
            yield desk.finding("record_scope", "figures", f"{fact.describe()} {problem}", [fact])
    yield from _conflicts(desk)


# The record object


def _object_problem(fact: Fact) -> str:
    """What a claim of history lacks, or where its record contradicts itself or its figure."""
    figure, record = fact.figure, fact.figure.record
    if record is None:
        return "gives a place in history and has no record behind it" if _is_place(fact) else ""
    if record.is_record and record.last_at_or_beyond is not None:
        return f"is called a record and names an earlier rival of {record.last_at_or_beyond}"
    return _stranger(figure, record) or _rival_problem(record, figure.observed_at.date())


def _is_place(fact: Fact) -> bool:
    """Whether a figure is the day since when nothing was larger, higher, lower; not the day on which something last changed sides."""
    extreme = fact.rank != 0 or fact.extreme != 0 or any(word in fact.tail for word in _PLACES)
    return fact.figure.unit is Unit.DATE and fact.tail.endswith("_since") and extreme


def _stranger(figure: Figure, record: Record) -> str:
    """Whether the record is of another thing than the figure."""
    for what, own, of in (
        ("asset", figure.subject, record.asset),
        ("side", figure.side, record.side),
        ("scope", figure.scope, record.venue_scope),
    ):
        if of and own and of != own:
            return f"has a record of another {what}: {of}"
    return "" if record.metric else "has a record of no metric"


def _rival_problem(record: Record, day: date) -> str:
    rival, value = record.last_at_or_beyond, record.rival_value
    if record.archive_start > day:
        return f"has a record whose archive begins later, on {record.archive_start}"
    if rival is None:
        return ""
    if value is None:
        return f"names a rival of {rival} without its value"
    if not record.archive_start <= rival <= day:
        return f"names a rival of {rival}, outside of its archive"
    beyond = value >= record.value if record.comparator == ">=" else value <= record.value
    return "" if beyond else f"names a rival of {value:,f}, which is not beyond {record.value:,f}"


def _conflicts(desk: Desk) -> Iterator[Finding]:
    """Records of one thing: what is farther out cannot have been reached more lately, nor be surpassed by what is nearer."""
    book: dict[tuple[object, ...], list[Fact]] = {}
    for fact in desk.facts:
        record = fact.figure.record
        if record is not None:
            metric = _HIGHS if record.metric.startswith(_HIGHS) else record.metric
            key = (
                fact.family,
                metric,
                record.asset or fact.figure.subject,
                record.side,
                record.venue_scope,
                record.comparator,
                fact.figure.told_at,
            )
            book.setdefault(key, []).append(fact)
    for facts in book.values():
        for one, other in combinations(facts, 2):
            if _conflict(one.figure, other.figure):
                message = f"{_said(one)} and {_said(other)} cannot both be"
                yield desk.finding("record_scope", "figures", message, [one, other])


def _conflict(one: Figure, other: Figure) -> bool:
    a, b = one.record, other.record
    if a is None or b is None:
        return False
    near, far = (a, b) if (a.value < b.value) == (a.comparator == ">=") else (b, a)
    if a.value == b.value:
        return a.is_record != b.is_record and a.covers_life and b.covers_life
    if near.is_record and near.covers_life and not far.is_record and far.covers_life:
        return True  # the lesser value is a record, and the greater one is none
    both = near.last_at_or_beyond, far.last_at_or_beyond
    return both[0] is not None and both[1] is not None and both[0] < both[1]


def _said(fact: Fact) -> str:
    record = fact.figure.record
    if record is None:
        return fact.describe()
    told = "is a record" if record.is_record else f"was last reached on {record.last_at_or_beyond}"
    return f"{record.value:,f} ({fact.figure.name}, {fact.id}) {told}"


CHECK = Check("record_scope", 5, "A record is claimed only from a record object whose archive covers the metric's life.", record_scope)
