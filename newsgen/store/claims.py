"""What is due, and who takes it; in: a moment, out: deliveries that are this process' for a while.

One writer per story and target: a delivery is not claimed while another version of its story is being sent there, and one that a newer
version overtakes is not sent at all. Withdrawals are due before corrections, these before everything else. How an attempt ended is written
by `deliveries.py`. Functions take `now`; nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from newsgen.market import from_epoch, to_epoch
from newsgen.store.alone import alone
from newsgen.store.database import writing
from newsgen.store.deliveries import CLAIM, DELIVERY, KEY, PLACE, PLACEMENT, Delivery, Placement, of_story
from newsgen.store.holds import end_row, hold_row, own_unknown_at
from newsgen.store.stops import active_stops, blocking

__all__ = ["LEASE_S", "claim_due", "due_targets", "recover_sending"]

LEASE_S = 300  # longer than any send may take: the outbox ends it before
_LOOKED_AT = 40  # rows of a target that one claim looks at, beyond what it wants: some are overtaken, some wait for another version

# newsroom.py declares it, and writes deliveries.
_ARTICLE = sa.table(
    "article", *(sa.column(n) for n in ("id", "site", "locale", "story", "version", "written_at", "approved_sha256", "body"))
)
_ACTION = sa.table("editor_action", *(sa.column(n) for n in ("id", "article_id", "verb", "who", "after_sha256")))

# What every send asks, made once: to build a statement takes longer than to execute it.
_VERSIONS = sa.select(*(DELIVERY.c[n] for n in ("id", "version", "state", "lease_until", "unknown_at"))).where(
    *(DELIVERY.c[name] == sa.bindparam(f"of_{name}") for name in KEY)
)
_TAKE = sa.update(DELIVERY).where(CLAIM)
_PLACED = sa.select(PLACEMENT).where(PLACE)
_BODY = sa.select(_ARTICLE.c.body, _ARTICLE.c.approved_sha256).where(_ARTICLE.c.id == sa.bindparam("of_id"))
_APPROVED_BY = (
    sa.select(_ACTION.c.who).where(_ACTION.c.article_id == sa.bindparam("of_id"), _ACTION.c.verb == "approve",
                                   _ACTION.c.after_sha256 == sa.bindparam("of_text"))
    .order_by(_ACTION.c.id.desc()).limit(1)
)  # fmt: skip
_FIRST_AT = sa.select(_ARTICLE.c.written_at).where(
    *(_ARTICLE.c[name] == sa.bindparam(f"of_{name}") for name in KEY[:3]), _ARTICLE.c.version == 1
)


def claim_due(
    engine: Engine, now: datetime, *, lease_s: int = LEASE_S, limit: int = 50, targets: Sequence[str] | None = None,
    site: str | None = None, marks: Mapping[str, str] | None = None,
) -> list[Delivery]:  # fmt: skip
    """Claim the deliveries that are due, the most urgent first: one writer per story and target for the length of the lease.

    A row whose lease ran out while it was `sending` is claimed again as unknown: its sender may have died after the target took it.

    Args:
        marks: Target to the digest of its settings as they are now: an approval holds for those that it was given for.
    """
    at = to_epoch(now)
    # A power cut must not undo a claim: what was sent under it would be sent again as new. The digest that follows is made again.
    with writing(engine, durable=True) as connection:
        stops = active_stops(connection)
        claimed: list[Delivery] = []
        for row in connection.execute(_due(at, targets, site).limit(limit + _LOOKED_AT)).all():
            if len(claimed) == limit:
                break
            versions = connection.execute(_VERSIONS, of_story(row)).all()
            if blocking(stops, row) or _overtaken(connection, row, at, versions) or _busy(row, at, versions):
                continue
            if not hold_row(connection, row, stops, at, marks or {}):
                claimed.append(_claimed(connection, row, _unknown_at(row, at, versions), at + lease_s))
        return claimed


def _claimed(connection: Connection, row: Any, unknown_at: int, until: int) -> Delivery:
    """A delivery that is ours until then."""
    found = _delivery(connection, row, unknown_at, until)
    values = {"state": "sending", "attempts": row.attempts + 1, "lease_until": until, "unknown_at": own_unknown_at(row)}
    same = {"as_id": row.id, "as_state": row.state, "as_attempts": row.attempts, "as_lease_until": row.lease_until}
    connection.execute(_TAKE, {**values, **same})
    return found


def _due(at: int, targets: Sequence[str] | None, site: str | None) -> sa.Select[Any]:
    c = DELIVERY.c
    due = sa.or_(sa.and_(c.state.in_(("pending", "unknown")), c.next_at <= at), sa.and_(c.state == "sending", c.lease_until <= at))
    query = sa.select(DELIVERY).where(due)
    if targets is not None:
        query = query.where(c.target.in_(targets))
    if site is not None:
        query = query.where(c.site == site)
    return query.order_by(c.urgency, c.next_at, c.id)


def _overtaken(connection: Connection, row: Any, at: int, versions: Sequence[Any]) -> bool:
    """Whether a newer version of the story goes to the target, or has gone; then this one ends here."""
    if not any(v.version > row.version and v.state != "held" for v in versions):
        return False
    end_row(connection, row, "superseded", "a newer version of the story took its place", at)
    return True


def _busy(row: Any, at: int, versions: Sequence[Any]) -> bool:
    """Whether another version of the story is being sent there just now."""
    return any(v.id != row.id and v.state == "sending" and v.lease_until > at for v in versions)


def _unknown_at(row: Any, at: int, versions: Sequence[Any]) -> int:
    """When an attempt with any version of the story last ended without our knowing how: it is as unknown as our own."""
    return max(own_unknown_at(v) for v in (row, *versions) if v.state != "sending" or v.lease_until <= at)


def _delivery(connection: Connection, row: Any, unknown_at: int, until: int) -> Delivery:
    placed, placed_at = _placement(connection, row)
    if unknown_at < placed_at:
        unknown_at = 0
    body, approved = connection.execute(_BODY, {"of_id": row.article_id}).one()
    return Delivery(
        row.id, row.article_id, row.site, row.locale, row.story, row.version, row.target, row.message_id, row.attempts + 1, row.urgency,
        from_epoch(row.expires_at), body, from_epoch(until),
        from_epoch(unknown_at) if unknown_at else None, placed, bool(row.overwrite), _first_at(connection, row), bool(own_unknown_at(row)),
        _reviewer(connection, row.article_id, approved),
    )  # fmt: skip


def _reviewer(connection: Connection, article_id: str, approved_sha256: str) -> str:
    """Who let this text out by its own name. A correction or a kill approves its text as well, but shows a person its notice alone."""
    if not approved_sha256:
        return ""
    return str(connection.execute(_APPROVED_BY, {"of_id": article_id, "of_text": approved_sha256}).scalar() or "")


def _first_at(connection: Connection, row: Any) -> datetime | None:
    found = connection.execute(_FIRST_AT, of_story(row)).scalar()
    return None if found is None else from_epoch(found)


def _placement(connection: Connection, row: Any) -> tuple[Placement | None, int]:
    """What the target has of a story, and since when we know it; None and 0 when it never confirmed one."""
    found: Row[Any] | None = connection.execute(_PLACED, of_story(row)).first()
    if found is None:
        return None, 0
    return Placement(found.remote_id, found.url, found.mark, found.stored_sha256, found.version, found.article_id), int(found.at)


def due_targets(engine: Engine, now: datetime, site: str | None = None) -> frozenset[str]:
    """The targets that something is due for: one look at all of them, without a lock."""
    with engine.connect() as connection:
        due = _due(to_epoch(now), None, site).with_only_columns(DELIVERY.c.target).order_by(None).distinct()
        return frozenset(connection.execute(due).scalars())


def recover_sending(engine: Engine, now: datetime) -> int:
    """At start-up: what was being sent by a process that is gone is unknown, and due at once.

    While another process works on the same database, what it is sending is left to it: there a lease must run out first.
    """
    at = to_epoch(now)
    died = DELIVERY.c.state == "sending"
    with alone(engine) as nobody_else:
        if not nobody_else:
            died = sa.and_(died, DELIVERY.c.lease_until <= at)
        with writing(engine) as connection:
            result = connection.execute(sa.update(DELIVERY).where(died).values(state="unknown", lease_until=0, next_at=at, unknown_at=at))
            return int(result.rowcount)
