"""What is held instead of sent, and why; in: a delivery and what stands against it, out: the delivery held, with a line in its log.

A stop of what the article rests on, an approval that no longer fits, an editor's hold. Asked at each claim, so that nothing slips through
between the word that holds it and the process that sends. Knows nothing of claims.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from newsgen.market import to_epoch
from newsgen.store.basis import rests_of
from newsgen.store.deliveries import DELIVERY, NEWS, note_attempt
from newsgen.store.stops import RESTING, Stop, active_stops, touching
from newsgen.store.texts import digest_of

__all__ = ["end_row", "hold_row", "hold_touched", "own_unknown_at"]

# newsroom.py declares them, and writes deliveries.
_ARTICLE = sa.table("article", *(sa.column(n) for n in ("id", "approved_sha256", "body")))
_ACTION = sa.table("editor_action", *(sa.column(n) for n in ("id", "article_id", "verb", "who", "reason")))
_APPROVED = sa.select(_ARTICLE.c.approved_sha256).where(_ARTICLE.c.id == sa.bindparam("of_id"))
_BODY = sa.select(_ARTICLE.c.body).where(_ARTICLE.c.id == sa.bindparam("of_id"))
_LAST_WORD = (
    sa.select(_ACTION.c.verb, _ACTION.c.who, _ACTION.c.reason)
    .where(_ACTION.c.article_id == sa.bindparam("of_id"), _ACTION.c.verb.in_(("hold", "approve", "resend")))
    .order_by(_ACTION.c.id.desc())
    .limit(1)
)


def hold_row(connection: Connection, row: Any, stops: Sequence[Stop], at: int, marks: Mapping[str, str]) -> bool:
    """Hold a delivery that something stands against; returns whether that is so.

    Args:
        marks: Target to the digest of its settings as they are now.
    """
    reason = _stopped(connection, row, stops) or _disapproved(connection, row, marks) or _by_an_editor(connection, row)
    if reason:
        end_row(connection, row, "held", reason, at)
    return bool(reason)


def hold_touched(connection: Connection, now: datetime) -> int:
    """Hold what waits and rests on something that is stopped; returns how many deliveries."""
    stops = active_stops(connection)
    waits = sa.select(DELIVERY).where(DELIVERY.c.state.in_(("pending", "unknown")), DELIVERY.c.urgency == NEWS)
    return sum(hold_row(connection, row, stops, to_epoch(now), {}) for row in connection.execute(waits).all())


def _stopped(connection: Connection, row: Any, stops: Sequence[Stop]) -> str:
    """The stop that touches the article; corrections and withdrawals pass."""
    if row.urgency < NEWS or not any(stop.scope in RESTING for stop in stops):
        return ""
    stop = touching(stops, row.site, rests_of(_body(connection, row)))
    return str(stop) if stop else ""


def _disapproved(connection: Connection, row: Any, marks: Mapping[str, str]) -> str:
    """What an approval was for and is not what would go out now: the text, or the target."""
    approved = connection.execute(_APPROVED, {"of_id": row.article_id}).scalar_one()
    if approved and approved != digest_of(_body(connection, row)):
        return "the text is not the one that was approved: approve it again"
    if approved and row.approved_for and row.approved_for != marks.get(row.target, row.approved_for):
        return "the settings of the target are not those that it was approved for: approve it again"
    return ""


def _by_an_editor(connection: Connection, row: Any) -> str:
    """The hold of an article of which an attempt was in hand just then: it is not tried again."""
    if not row.attempts:
        return ""
    last = connection.execute(_LAST_WORD, {"of_id": row.article_id}).first()
    return f"held by {last.who}: {last.reason}" if last is not None and last.verb == "hold" else ""


def _body(connection: Connection, row: Any) -> str:
    return str(connection.execute(_BODY, {"of_id": row.article_id}).scalar_one())


def own_unknown_at(row: Any) -> int:
    """When an attempt with this version last ended without our knowing how; a lease that ran out is one."""
    return max(int(row.unknown_at), int(row.lease_until) if row.state == "sending" else 0)


def end_row(connection: Connection, row: Any, state: str, problem: str, at: int) -> None:
    """Held, or overtaken: it is not due. What a target may have of it is looked up when it goes on."""
    values = {"state": state, "problem": problem[:1024], "lease_until": 0, "unknown_at": own_unknown_at(row)}
    connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == row.id).values(values))
    note_attempt(connection, row.id, at, state, None, problem)
