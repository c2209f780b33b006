"""5 Record scope: "record", "all-time", "for the first time" rest on a record whose archive covers the metric's life.

In: the desk. Out: findings. What the text claims is `_records.py`'s matter; here stands also what the figures say of themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsgen.check._check import Check, Desk
from newsgen.check._records import record_findings
from newsgen.story import Finding

__all__ = ["CHECK"]


def record_scope(desk: Desk) -> Iterator[Finding]:
    """Find each claim of a record and what it rests on."""
    yield from record_findings(desk, "record_scope")
    for fact in desk.facts:
        record = fact.figure.record
        if record is not None and record.is_record and record.last_at_or_beyond is not None:
            message = f"{fact.describe()} is called a record and names an earlier rival of {record.last_at_or_beyond}"
            yield desk.finding("record_scope", "figures", message, [fact])


CHECK = Check("record_scope", 5, "A record is claimed only from a record object whose archive covers the metric's life.", record_scope)
