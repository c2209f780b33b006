"""Deliveries: which version of a story goes where, and how each attempt ended; in: what happened, out: what is due, and what is there.

One row per (article, target), written with the article. One writer per story and target: a delivery is not claimed while another version
of its story is being sent there, and one that a newer version overtakes is not sent at all. Withdrawals are due before corrections, these
before everything else. Times are epoch seconds. Functions take `now`; nothing here reads a clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row, Table

from newsgen.market import from_epoch, to_epoch
from newsgen.store.basis import rests_of
from newsgen.store.database import metadata, of_site, writing
from newsgen.store.stops import RESTING, STOP, Stop, active_stops, blocking, touching
from newsgen.story import Article

__all__ = [
    "ATTEMPT", "DELIVERY", "PLACEMENT", "STATES", "STOP", "Delivery", "Placement", "add_deliveries", "add_version_deliveries", "claim_due",
    "deliveries_of", "digest_of", "hold_touched", "note_attempt", "note_intent", "recover_sending", "settle",
]  # fmt: skip

STATES = ("pending", "sending", "confirmed", "rejected", "unknown", "dead", "held", "superseded")
LEASE_S = 120
_NEVER_S = 10 * 366 * 86_400  # a correction that is late is still due
_LOOKED_AT = 40  # rows of a target that one claim looks at, beyond what it wants: some are overtaken, some wait for another version
_URGENCY = {"withdrawal": 0, "correction": 1}
_NEWS = 2  # the urgency of the rest

DELIVERY = Table(
    "delivery", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), nullable=False),
    *of_site(),
    sa.Column("story", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),  # the idempotency key: the same on every attempt
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("urgency", sa.Integer, nullable=False),  # 0 withdrawal, 1 correction, 2 the rest
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False),
    sa.Column("lease_until", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("unknown_at", sa.BigInteger, nullable=False),  # when an attempt last ended without our knowing how; 0 never
    sa.Column("overwrite", sa.Integer, nullable=False),  # 1: an editor has seen what a person changed there, and sends ours all the same
    sa.Column("body_sha256", sa.Text, nullable=False),
    sa.Column("remote_id", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.UniqueConstraint("article_id", "target", name="delivery_once"),
    sa.UniqueConstraint("message_id", name="delivery_message"),
)  # fmt: skip

ATTEMPT = Table(
    "attempt", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("delivery_id", sa.Integer, sa.ForeignKey("delivery.id"), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=True),
    sa.Column("said", sa.Text, nullable=False),  # at most the first kilobyte
)  # fmt: skip

PLACEMENT = Table(
    "placement", metadata,
    *of_site(),
    sa.Column("story", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), nullable=False),  # the version that it confirmed last
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("remote_id", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("mark", sa.Text, nullable=False),  # the target's own mark of its last change
    sa.Column("stored_sha256", sa.Text, nullable=False),  # of what it said it stored
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("site", "locale", "story", "target", name="placement_key"),
)  # fmt: skip

# newsroom.py declares it, and writes deliveries by this module.
_ARTICLE = sa.table(
    "article", *(sa.column(n) for n in ("id", "site", "locale", "story", "version", "written_at", "decision", "approved_sha256", "body"))
)


@dataclass(frozen=True, slots=True)
class Placement:
    """What a target has of a story, by its own word."""

    remote_id: str
    url: str
    mark: str
    stored_sha256: str
    version: int
    article_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One article for one target, claimed by this process.

    Attributes:
        unknown_at: When an attempt with any version of the story last ended without our knowing whether the target stored it.
        placed: What the target has of the story; None when it never confirmed one.
        first_at: When the story's first version was written.
    """

    id: int
    article_id: str
    site: str
    locale: str
    story: str
    version: int
    target: str
    message_id: str
    attempts: int
    urgency: int
    expires_at: datetime
    article_json: str
    unknown_at: datetime | None = None
    placed: Placement | None = None
    overwrite: bool = False
    first_at: datetime | None = None


def message_id() -> str:
    """A fresh idempotency key; holds no point, as the webhook standard asks."""
    return "msg_" + secrets.token_hex(16)


def add_deliveries(connection: Connection, article: Article, targets: Mapping[str, int], now: datetime) -> None:
    """An article's deliveries, in the transaction that writes it.

    Args:
        targets: Target name to how many seconds its news lives. A held article gets deliveries in state `held`.
    """
    add_version_deliveries(connection, article.as_json(), targets, now)


def add_version_deliveries(connection: Connection, article: Mapping[str, Any], targets: Mapping[str, int], now: datetime) -> None:
    """The same of ARTICLE.json as a dict."""
    at = to_epoch(now)
    state = "pending" if article["verdict"]["decision"] == "publish" else "held"
    kind = article["change"]["kind"] if article["change"] else ""
    for target, lives_s in targets.items():
        connection.execute(sa.insert(DELIVERY).values(
            article_id=article["id"], site=article["site"], locale=article["locale"], story=article["story"], version=article["version"],
            target=target, message_id=message_id(), state=state, urgency=_URGENCY.get(kind, 2), attempts=0, next_at=at, lease_until=0,
            expires_at=at + (_NEVER_S if kind in _URGENCY else lives_s), unknown_at=0, overwrite=0, body_sha256="", remote_id="", url="",
            problem="",
        ))  # fmt: skip


def claim_due(
    engine: Engine, now: datetime, *, lease_s: int = LEASE_S, limit: int = 50, targets: Sequence[str] | None = None,
    site: str | None = None,
) -> list[Delivery]:  # fmt: skip
    """Claim the deliveries that are due, the most urgent first: one writer per story and target for the length of the lease.

    A row whose lease ran out while it was `sending` is claimed again as unknown: its sender may have died after the target took it.
    """
    at = to_epoch(now)
    with writing(engine) as connection:
        stops = active_stops(connection)
        claimed: list[Delivery] = []
        for row in connection.execute(_due(at, targets, site).limit(limit + _LOOKED_AT)).all():
            if len(claimed) == limit:
                break
            if blocking(stops, row) or _overtaken(connection, row, at) or _busy(connection, row, at) or _held(connection, row, stops, at):
                continue
            unknown_at = max(row.unknown_at, row.lease_until if row.state == "sending" else 0)
            connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == row.id).values(
                state="sending", attempts=row.attempts + 1, lease_until=at + lease_s, unknown_at=unknown_at))  # fmt: skip
            claimed.append(_delivery(connection, row, unknown_at))
        return claimed


def _due(at: int, targets: Sequence[str] | None, site: str | None) -> sa.Select[Any]:
    c = DELIVERY.c
    due = sa.or_(sa.and_(c.state.in_(("pending", "unknown")), c.next_at <= at), sa.and_(c.state == "sending", c.lease_until <= at))
    query = sa.select(DELIVERY).where(due)
    if targets is not None:
        query = query.where(c.target.in_(targets))
    if site is not None:
        query = query.where(c.site == site)
    return query.order_by(c.urgency, c.next_at, c.id)


def _held(connection: Connection, row: Any, stops: Sequence[Stop], at: int) -> bool:
    """Whether a delivery is held instead of sent: something that it rests on is stopped, or its text is not the one that was approved."""
    c = _ARTICLE.c
    approved = connection.execute(sa.select(c.approved_sha256).where(c.id == row.article_id)).scalar_one()
    looks = row.urgency >= _NEWS and any(stop.scope in RESTING for stop in stops)
    if not approved and not looks:
        return False
    body = connection.execute(sa.select(c.body).where(c.id == row.article_id)).scalar_one()
    stop = touching(stops, row.site, rests_of(body)) if looks else None
    reason = str(stop) if stop else ""
    if approved and approved != digest_of(body):
        reason = "the text is not the one that was approved: approve it again"
    if reason:
        _hold(connection, row, at, reason)
    return bool(reason)


def _hold(connection: Connection, row: Any, at: int, reason: str) -> None:
    """What a target may have is looked up again when it goes on."""
    unknown_at = max(row.unknown_at, row.lease_until if row.state == "sending" else 0)
    values = {"state": "held", "problem": reason[:1024], "lease_until": 0, "unknown_at": unknown_at}
    connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == row.id).values(values))
    note_attempt(connection, row.id, at, "held", None, reason)


def hold_touched(connection: Connection, now: datetime) -> int:
    """Hold what waits and rests on something that is stopped; returns how many deliveries."""
    at, stops = to_epoch(now), active_stops(connection)
    waits = sa.select(DELIVERY).where(DELIVERY.c.state.in_(("pending", "unknown")), DELIVERY.c.urgency == _NEWS)
    return sum(_held(connection, row, stops, at) for row in connection.execute(waits).all())


def digest_of(body: str) -> str:
    """Of a stored article: what an approval is for."""
    return sha256(body.encode()).hexdigest()


def _same_story(row: Any) -> sa.ColumnElement[bool]:
    c = DELIVERY.c
    return sa.and_(c.site == row.site, c.locale == row.locale, c.story == row.story, c.target == row.target)


def _overtaken(connection: Connection, row: Any, at: int) -> bool:
    """Whether a newer version of the story goes to the target, or has gone; then this one ends here."""
    newer = sa.select(DELIVERY.c.id).where(_same_story(row), DELIVERY.c.version > row.version, DELIVERY.c.state != "held")
    if connection.execute(newer).first() is None:
        return False
    unknown_at = max(row.unknown_at, row.lease_until if row.state == "sending" else 0)
    values = {"state": "superseded", "lease_until": 0, "unknown_at": unknown_at, "problem": "a newer version of the story took its place"}
    connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == row.id).values(values))
    note_attempt(connection, row.id, at, "superseded", None, values["problem"])
    return True


def _busy(connection: Connection, row: Any, at: int) -> bool:
    """Whether another version of the story is being sent there just now."""
    other = sa.select(DELIVERY.c.id).where(
        _same_story(row), DELIVERY.c.id != row.id, DELIVERY.c.state == "sending", DELIVERY.c.lease_until > at
    )
    return connection.execute(other).first() is not None


def _delivery(connection: Connection, row: Any, unknown_at: int) -> Delivery:
    body = sa.select(_ARTICLE.c.body).where(_ARTICLE.c.id == row.article_id)
    first = sa.select(_ARTICLE.c.written_at).where(
        _ARTICLE.c.site == row.site, _ARTICLE.c.locale == row.locale, _ARTICLE.c.story == row.story, _ARTICLE.c.version == 1
    )
    placed = _placement(connection, row)
    if placed is None:  # what became of an older version's attempt is as unknown as our own
        others = sa.select(sa.func.max(DELIVERY.c.unknown_at)).where(_same_story(row))
        unknown_at = max(unknown_at, connection.execute(others).scalar() or 0)
    first_at = connection.execute(first).scalar()
    return Delivery(
        row.id, row.article_id, row.site, row.locale, row.story, row.version, row.target, row.message_id, row.attempts + 1, row.urgency,
        from_epoch(row.expires_at), connection.execute(body).scalar_one(), from_epoch(unknown_at) if unknown_at else None, placed,
        bool(row.overwrite), None if first_at is None else from_epoch(first_at),
    )  # fmt: skip


def _placement(connection: Connection, row: Any) -> Placement | None:
    c = PLACEMENT.c
    query = sa.select(PLACEMENT).where(c.site == row.site, c.locale == row.locale, c.story == row.story, c.target == row.target)
    found: Row[Any] | None = connection.execute(query).first()
    return (
        None if found is None else Placement(found.remote_id, found.url, found.mark, found.stored_sha256, found.version, found.article_id)
    )


def recover_sending(engine: Engine, now: datetime) -> int:
    """At start-up of the only process: what was being sent when the last one died is unknown, and due at once."""
    at = to_epoch(now)
    with writing(engine) as connection:
        result = connection.execute(
            sa.update(DELIVERY).where(DELIVERY.c.state == "sending").values(state="unknown", lease_until=0, next_at=at, unknown_at=at)
        )
        return int(result.rowcount)


def note_intent(engine: Engine, delivery: Delivery, body_sha256: str) -> frozenset[str]:
    """Write down what is about to be sent; returns the digests of all that was sent there of the story, this included."""
    with writing(engine) as connection:
        connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == delivery.id).values(body_sha256=body_sha256))
        sent = connection.execute(sa.select(DELIVERY.c.body_sha256).where(_same_story(delivery))).scalars()
        return frozenset(digest for digest in sent if digest)


def settle(
    engine: Engine, delivery: Delivery, state: str, now: datetime, *, next_in_s: float = 0, problem: str = "", remote_id: str = "",
    url: str = "", status: int | None = None, body_sha256: str = "", mark: str = "", stored_sha256: str = "", unknown: bool = False,
) -> None:  # fmt: skip
    """Record how an attempt ended, with its log line and what the target has now, in one transaction.

    Args:
        unknown: The target may have stored it, whatever the state says.
    """
    if state not in STATES:
        raise ValueError(f"no state {state!r}")
    at = to_epoch(now)
    with writing(engine) as connection:
        values: dict[str, Any] = {"state": state, "lease_until": 0, "next_at": at + int(next_in_s), "problem": problem[:1024]}
        values |= {k: v for k, v in (("remote_id", remote_id), ("url", url), ("body_sha256", body_sha256)) if v}
        if unknown:
            values["unknown_at"] = at
        connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == delivery.id).values(values))
        note_attempt(connection, delivery.id, at, state, status, problem)
        if state == "confirmed" and remote_id:
            _place(connection, delivery, at, remote_id, url, mark, stored_sha256)


def _place(connection: Connection, delivery: Delivery, at: int, remote_id: str, url: str, mark: str, stored_sha256: str) -> None:
    c = PLACEMENT.c
    key = {"site": delivery.site, "locale": delivery.locale, "story": delivery.story, "target": delivery.target}
    values = {"article_id": delivery.article_id, "version": delivery.version, "remote_id": remote_id, "url": url, "mark": mark,
              "stored_sha256": stored_sha256, "at": at}  # fmt: skip
    same = sa.and_(*(c[name] == value for name, value in key.items()))
    if connection.execute(sa.update(PLACEMENT).where(same).values(values)).rowcount == 0:
        connection.execute(sa.insert(PLACEMENT).values(**key, **values))


def note_attempt(connection: Connection, delivery_id: int, at: int, state: str, status: int | None, said: str) -> None:
    """One line of the delivery log."""
    connection.execute(sa.insert(ATTEMPT).values(delivery_id=delivery_id, at=at, state=state, status=status, said=said[:1024]))


def deliveries_of(engine: Engine, article_id: str | None = None) -> list[Mapping[str, Any]]:
    """The deliveries of an article, or all, for people."""
    query = sa.select(DELIVERY)
    if article_id is not None:
        query = query.where(DELIVERY.c.article_id == article_id)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query.order_by(DELIVERY.c.id)).mappings()]
