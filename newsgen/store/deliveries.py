"""Deliveries: which version of a story goes where, and how each attempt ended; in: what happened, out: what is due, and what is there.

One row per (article, target), written with the article. One writer per story and target: a delivery is not claimed while another version
of its story is being sent there, and one that a newer version overtakes is not sent at all. Withdrawals are due before corrections, these
before everything else. A claim lasts for a lease and is known by its number (`attempts`): who has lost it settles nothing. Times are epoch
seconds. Functions take `now`; nothing here reads a clock.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row, Table

from newsgen.market import from_epoch, to_epoch
from newsgen.store.alone import is_alone
from newsgen.store.basis import rests_of
from newsgen.store.database import metadata, of_site, writing
from newsgen.store.stops import RESTING, STOP, Stop, active_stops, blocking, touching
from newsgen.story import Article

__all__ = [
    "ATTEMPT", "DELIVERY", "LEASE_S", "PLACEMENT", "STATES", "STOP", "Delivery", "Placement", "add_deliveries", "add_version_deliveries",
    "claim_due", "deliveries_of", "digest_of", "due_targets", "hold_touched", "note_attempt", "note_intent", "put_off", "recover_sending",
    "settle",
]  # fmt: skip

STATES = ("pending", "sending", "confirmed", "rejected", "unknown", "dead", "held", "superseded")
LEASE_S = 300  # longer than any send may take: the outbox ends it before
_CLAIMS_LOCK = 0x6E657774  # PostgreSQL advisory lock: claims come one after the other, as SQLite's write lock makes them
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
    sa.Column("said", sa.Text, nullable=False),  # what it came to, in our words: at most a kilobyte
    sa.Column("took_ms", sa.Integer, nullable=True),  # all its requests; NULL where none was made
    sa.Column("next_at", sa.BigInteger, nullable=True),  # when the next attempt is due; NULL where there is none
    sa.Column("answer", sa.Text, nullable=False, server_default=""),  # the first kilobyte of the target's last answer, without our secrets
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

_ACTION = sa.table("editor_action", *(sa.column(n) for n in ("id", "article_id", "verb", "who", "after_sha256")))

# What every send asks and writes, made once: to build a statement takes longer than to execute it.
_KEY = ("site", "locale", "story", "target")
_STORY = sa.and_(*(DELIVERY.c[name] == sa.bindparam(f"of_{name}") for name in _KEY))
_CLAIM = sa.and_(*(DELIVERY.c[name] == sa.bindparam(f"as_{name}") for name in ("id", "state", "attempts")))
_PLACE = sa.and_(*(PLACEMENT.c[name] == sa.bindparam(f"of_{name}") for name in _KEY))
_VERSIONS = sa.select(*(DELIVERY.c[n] for n in ("id", "version", "state", "lease_until", "unknown_at"))).where(_STORY)
_DIGESTS = sa.select(DELIVERY.c.body_sha256).where(_STORY)
_UPDATE = sa.update(DELIVERY).where(_CLAIM)
_REPLACE = sa.update(PLACEMENT).where(_PLACE)
_INSERT = sa.insert(PLACEMENT)
_PLACED = sa.select(PLACEMENT).where(_PLACE)
_NOTE = sa.insert(ATTEMPT)
_BODY = sa.select(_ARTICLE.c.body, _ARTICLE.c.approved_sha256).where(_ARTICLE.c.id == sa.bindparam("of_id"))
_APPROVED_BY = (
    sa.select(_ACTION.c.who).where(_ACTION.c.article_id == sa.bindparam("of_id"), _ACTION.c.verb == "approve",
                                   _ACTION.c.after_sha256 == sa.bindparam("of_text"))
    .order_by(_ACTION.c.id.desc()).limit(1)
)  # fmt: skip
_FIRST_AT = sa.select(_ARTICLE.c.written_at).where(
    *(_ARTICLE.c[name] == sa.bindparam(f"of_{name}") for name in _KEY[:3]), _ARTICLE.c.version == 1
)


def _of(row: Any) -> dict[str, Any]:
    """The story and target of a row, as the statements above name them."""
    return {f"of_{name}": getattr(row, name) for name in _KEY}


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
        attempts: The number of this claim, this one included; a later claim has a higher one.
        unknown_at: When an attempt with any version of the story last ended without our knowing whether the target stored it, if the
            target has confirmed nothing since.
        unsure: Whether that happened to an attempt with this very version.
        until: When the lease ends.
        placed: What the target has of the story; None when it never confirmed one.
        first_at: When the story's first version was written.
        reviewer: Who has approved just this text; "" where nobody has.
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
    unsure: bool = False
    until: datetime | None = None
    reviewer: str = ""


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
    # A power cut must not undo a claim: what was sent under it would be sent again as new. The digest that follows is made again.
    with writing(engine, durable=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CLAIMS_LOCK})
        stops = active_stops(connection)
        claimed: list[Delivery] = []
        for row in connection.execute(_due(at, targets, site).limit(limit + _LOOKED_AT)).all():
            if len(claimed) == limit:
                break
            versions = connection.execute(_VERSIONS, _of(row)).all()
            if blocking(stops, row) or _overtaken(connection, row, at, versions) or _busy(row, at, versions):
                continue
            if _held(connection, row, stops, at):
                continue
            delivery = _claimed(connection, row, _unknown_at(row, at, versions), at + lease_s)
            claimed += [delivery] if delivery is not None else []
        return claimed


def _claimed(connection: Connection, row: Any, unknown_at: int, until: int) -> Delivery | None:
    """A delivery that is ours until then; None when it was settled in this moment (PostgreSQL alone lets that happen)."""
    found = _delivery(connection, row, unknown_at, until)
    values = {"state": "sending", "attempts": row.attempts + 1, "lease_until": until, "unknown_at": _own_unknown_at(row)}
    same = {"as_id": row.id, "as_state": row.state, "as_attempts": row.attempts}
    return found if connection.execute(_UPDATE, {**values, **same}).rowcount else None


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


def _overtaken(connection: Connection, row: Any, at: int, versions: Sequence[Any]) -> bool:
    """Whether a newer version of the story goes to the target, or has gone; then this one ends here."""
    if not any(v.version > row.version and v.state != "held" for v in versions):
        return False
    problem = "a newer version of the story took its place"
    values = {"state": "superseded", "lease_until": 0, "unknown_at": _own_unknown_at(row), "problem": problem}
    connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == row.id).values(values))
    note_attempt(connection, row.id, at, "superseded", None, problem)
    return True


def _busy(row: Any, at: int, versions: Sequence[Any]) -> bool:
    """Whether another version of the story is being sent there just now."""
    return any(v.id != row.id and v.state == "sending" and v.lease_until > at for v in versions)


def _own_unknown_at(row: Any) -> int:
    """When an attempt with this version last ended without our knowing how; a lease that ran out is one."""
    return max(int(row.unknown_at), int(row.lease_until) if row.state == "sending" else 0)


def _unknown_at(row: Any, at: int, versions: Sequence[Any]) -> int:
    """The same of all versions of the story: what became of an older one is as unknown as our own."""
    return max(_own_unknown_at(v) for v in (row, *versions) if v.state != "sending" or v.lease_until <= at)


def _delivery(connection: Connection, row: Any, unknown_at: int, until: int) -> Delivery:
    placed, placed_at = _placement(connection, row)
    if unknown_at < placed_at:
        unknown_at = 0
    body, approved = connection.execute(_BODY, {"of_id": row.article_id}).one()
    return Delivery(
        row.id, row.article_id, row.site, row.locale, row.story, row.version, row.target, row.message_id, row.attempts + 1, row.urgency,
        from_epoch(row.expires_at), body, from_epoch(unknown_at) if unknown_at else None, placed, bool(row.overwrite),
        _first_at(connection, row), bool(_own_unknown_at(row)), from_epoch(until), _reviewer(connection, row.article_id, approved),
    )  # fmt: skip


def _reviewer(connection: Connection, article_id: str, approved_sha256: str) -> str:
    """Who let this text out by its own name. A correction or a kill approves its text as well, but shows a person its notice alone."""
    if not approved_sha256:
        return ""
    return str(connection.execute(_APPROVED_BY, {"of_id": article_id, "of_text": approved_sha256}).scalar() or "")


def _first_at(connection: Connection, row: Any) -> datetime | None:
    found = connection.execute(_FIRST_AT, _of(row)).scalar()
    return None if found is None else from_epoch(found)


def _placement(connection: Connection, row: Any) -> tuple[Placement | None, int]:
    """What the target has of a story, and since when we know it; None and 0 when it never confirmed one."""
    found: Row[Any] | None = connection.execute(_PLACED, _of(row)).first()
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
    if not is_alone(engine):
        died = sa.and_(died, DELIVERY.c.lease_until <= at)
    with writing(engine) as connection:
        result = connection.execute(sa.update(DELIVERY).where(died).values(state="unknown", lease_until=0, next_at=at, unknown_at=at))
        return int(result.rowcount)


def _ours(delivery: Delivery) -> dict[str, Any]:
    """The claim as long as it holds: nobody has claimed it since, or ended it."""
    return {"as_id": delivery.id, "as_state": "sending", "as_attempts": delivery.attempts}


def note_intent(engine: Engine, delivery: Delivery, body_sha256: str) -> frozenset[str] | None:
    """Write down what is about to be sent.

    Returns:
        The digests of all that was sent there of the story, this included; None when the claim is lost: then nothing may be sent.
    """
    with writing(engine) as connection:
        if not connection.execute(_UPDATE, {"body_sha256": body_sha256, **_ours(delivery)}).rowcount:
            return None
        return frozenset(digest for digest in connection.execute(_DIGESTS, _of(delivery)).scalars() if digest)


def settle(
    engine: Engine, delivery: Delivery, state: str, now: datetime, *, next_in_s: float = 0, problem: str = "", remote_id: str = "",
    url: str = "", status: int | None = None, body_sha256: str = "", mark: str = "", stored_sha256: str = "", unknown: bool = False,
    is_there: bool = False, took_ms: int | None = None, answer: str = "",
) -> bool:  # fmt: skip
    """Record how an attempt ended, with its log line and what the target has now, in one transaction.

    Args:
        unknown: The target may have stored it, whatever the state says.
        is_there: The target has said that it has it.
        took_ms, answer: For the log; the answer freed of our secrets.

    Returns:
        False when the claim was lost meanwhile, and another's word counts: then there is a line in the log and nothing else.
    """
    if state not in STATES:
        raise ValueError(f"no state {state!r}")
    at = to_epoch(now)
    with writing(engine) as connection:
        values: dict[str, Any] = {"state": state, "lease_until": 0, "next_at": at + math.ceil(next_in_s), "problem": problem[:1024]}
        values |= {k: v for k, v in (("remote_id", remote_id), ("url", url), ("body_sha256", body_sha256)) if v}
        if unknown:
            values["unknown_at"] = at
        ours = bool(connection.execute(_UPDATE, {**values, **_ours(delivery)}).rowcount)
        goes_on = ours and state in ("pending", "unknown")
        note_attempt(connection, delivery.id, at, state if ours else "late", status, problem, took_ms=took_ms, answer=answer,
                     next_at=values["next_at"] if goes_on else None)  # fmt: skip
        if ours and is_there:
            _place(connection, delivery, at, remote_id, url, mark, stored_sha256)
        return ours


def put_off(engine: Engine, site: str, target: str, until: datetime) -> None:
    """What waits for a target waits longer: it has asked for quiet."""
    c = DELIVERY.c
    with writing(engine) as connection:
        waiting = (c.site == site, c.target == target, c.state.in_(("pending", "unknown")), c.next_at < to_epoch(until))
        connection.execute(sa.update(DELIVERY).where(*waiting).values(next_at=to_epoch(until)))


def _place(connection: Connection, delivery: Delivery, at: int, remote_id: str, url: str, mark: str, stored_sha256: str) -> None:
    values = {"article_id": delivery.article_id, "version": delivery.version, "remote_id": remote_id, "url": url, "mark": mark,
              "stored_sha256": stored_sha256, "at": at}  # fmt: skip
    if connection.execute(_REPLACE, {**values, **_of(delivery)}).rowcount == 0:
        connection.execute(_INSERT, {**values, **{name: getattr(delivery, name) for name in _KEY}})


def note_attempt(
    connection: Connection, delivery_id: int, at: int, state: str, status: int | None, said: str, *, took_ms: int | None = None,
    next_at: int | None = None, answer: str = "",
) -> None:  # fmt: skip
    """One line of the delivery log."""
    line = {"delivery_id": delivery_id, "at": at, "state": state, "status": status, "said": said[:1024], "took_ms": took_ms,
            "next_at": next_at, "answer": answer[:1024]}  # fmt: skip
    connection.execute(_NOTE, line)


def deliveries_of(engine: Engine, article_id: str | None = None) -> list[Mapping[str, Any]]:
    """The deliveries of an article, or all, for people."""
    query = sa.select(DELIVERY)
    if article_id is not None:
        query = query.where(DELIVERY.c.article_id == article_id)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query.order_by(DELIVERY.c.id)).mappings()]
