"""Deliveries: which version of a story goes where, and how each attempt ended; in: what happened, out: rows, and the log of attempts.

One row per (article, target), written with the article. A claim (`claims.py`) lasts for a lease and is known by its number (`attempts`) and
its end: who has lost it settles nothing. Times are epoch seconds. Functions take `now`; nothing here reads a clock.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table

from newsgen.market import to_epoch
from newsgen.store.database import metadata, of_site, writing
from newsgen.story import Article

__all__ = [
    "ATTEMPT", "CLAIM", "DELIVERY", "KEY", "NEWS", "PLACE", "PLACEMENT", "STATES", "Delivery", "Placement", "add_deliveries",
    "add_version_deliveries", "deliveries_of", "note_attempt", "note_intent", "of_story", "put_off", "settle",
]  # fmt: skip

STATES = ("pending", "sending", "confirmed", "rejected", "unknown", "dead", "held", "superseded")
_NEVER_S = 10 * 366 * 86_400  # a correction that is late is still due
_URGENCY = {"withdrawal": 0, "correction": 1}
NEWS = 2  # the urgency of the rest

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
    sa.Column("approved_for", sa.Text, nullable=False),  # the digest of the target's settings when an editor approved it; "" where none did
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

# What every send asks and writes, made once: to build a statement takes longer than to execute it.
KEY = ("site", "locale", "story", "target")
CLAIM = sa.and_(*(DELIVERY.c[name] == sa.bindparam(f"as_{name}") for name in ("id", "state", "attempts", "lease_until")))
PLACE = sa.and_(*(PLACEMENT.c[name] == sa.bindparam(f"of_{name}") for name in KEY))
_DIGESTS = sa.select(DELIVERY.c.body_sha256).where(*(DELIVERY.c[name] == sa.bindparam(f"of_{name}") for name in KEY))
_UPDATE = sa.update(DELIVERY).where(CLAIM)
_REPLACE = sa.update(PLACEMENT).where(PLACE)
_INSERT = sa.insert(PLACEMENT)
_NOTE = sa.insert(ATTEMPT)


def of_story(row: Any) -> dict[str, Any]:
    """The story and target of a row, as the statements above name them."""
    return {f"of_{name}": getattr(row, name) for name in KEY}


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
        attempts: The number of this claim since the delivery was last made due, this one included.
        unknown_at: When an attempt with any version of the story last ended without our knowing whether the target stored it, if the
            target has confirmed nothing since.
        unsure: Whether that happened to an attempt with this very version.
        until: When the lease ends; a later claim's ends later.
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
    until: datetime
    unknown_at: datetime | None = None
    placed: Placement | None = None
    overwrite: bool = False
    first_at: datetime | None = None
    unsure: bool = False
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
            target=target, message_id=message_id(), state=state, urgency=_URGENCY.get(kind, NEWS), attempts=0, next_at=at, lease_until=0,
            expires_at=at + (_NEVER_S if kind in _URGENCY else lives_s), unknown_at=0, overwrite=0, approved_for="", body_sha256="",
            remote_id="", url="", problem="",
        ))  # fmt: skip


def _ours(delivery: Delivery) -> dict[str, Any]:
    """The claim as long as it holds: nobody has claimed it since, or ended it."""
    return {"as_id": delivery.id, "as_state": "sending", "as_attempts": delivery.attempts, "as_lease_until": to_epoch(delivery.until)}


def note_intent(engine: Engine, delivery: Delivery, body_sha256: str) -> frozenset[str] | None:
    """Write down what is about to be sent.

    Returns:
        The digests of all that was sent there of the story, this included; None when the claim is lost: then nothing may be sent.
    """
    with writing(engine) as connection:
        if not connection.execute(_UPDATE, {"body_sha256": body_sha256, **_ours(delivery)}).rowcount:
            return None
        return frozenset(digest for digest in connection.execute(_DIGESTS, of_story(delivery)).scalars() if digest)


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
    if connection.execute(_REPLACE, {**values, **of_story(delivery)}).rowcount == 0:
        connection.execute(_INSERT, {**values, **{name: getattr(delivery, name) for name in KEY}})


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
