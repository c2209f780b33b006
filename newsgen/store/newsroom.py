"""The newsroom's memory: stories, articles, deliveries, editors' actions, fires, notes; in: what happened, out: what is due.

Every row carries site and locale, and the unique keys hold them: one desk may run several sites. What must happen once is decided by
unique rows: (site, schedule, fire_time) for an edition, (site, story, locale, version) for an article, (article, target) for a delivery.
Times are epoch seconds. Functions take `now`; nothing here reads a clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import IntegrityError

from newsgen.market import from_epoch, to_epoch
from newsgen.store.database import metadata, writing
from newsgen.store.wording import keep_wording
from newsgen.story import Article, Pitch, Published

__all__ = [
    "Delivery", "Saved", "article_of_fire", "article_row", "claim_due", "claim_fire", "deliveries_of", "finish_fire", "last_fire",
    "load_article", "note_attempt", "published_since", "record_action", "recover_sending", "save_article", "settle",
]  # fmt: skip

STATES = ("pending", "sending", "confirmed", "rejected", "unknown", "dead", "held")


def _site() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return sa.Column("site", sa.Text, nullable=False), sa.Column("locale", sa.Text, nullable=False)


STORY = Table(
    "story", metadata,
    *_site(),
    sa.Column("story", sa.Text, nullable=False),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("angle", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("began_at", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("site", "locale", "story", name="story_key"),
)  # fmt: skip

ARTICLE = Table(
    "article", metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *_site(),
    sa.Column("story", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("edition", sa.Text, nullable=False),
    sa.Column("fire_time", sa.BigInteger, nullable=True),  # of the schedule; none for looks, demos and orders by hand
    sa.Column("angle", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("family", sa.Text, nullable=False),  # of the angle
    sa.Column("anchor", sa.Text, nullable=False),  # the value that names the event
    sa.Column("messages", sa.Text, nullable=False),  # what it says, one name a line
    sa.Column("score", sa.Text, nullable=False),  # of the lead
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("as_of", sa.BigInteger, nullable=False),
    sa.Column("written_at", sa.BigInteger, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # ARTICLE.json
    sa.UniqueConstraint("site", "story", "locale", "version", name="article_version"),
    sa.UniqueConstraint("site", "edition", "locale", "fire_time", name="article_of_fire"),
)  # fmt: skip

DELIVERY = Table(
    "delivery", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), nullable=False),
    *_site(),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),  # the idempotency key: the same on every attempt
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False),
    sa.Column("lease_until", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
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

EDITOR_ACTION = Table(
    "editor_action", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    *_site(),
    sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("before_sha256", sa.Text, nullable=False),
    sa.Column("after_sha256", sa.Text, nullable=False),
)  # fmt: skip

FIRE = Table(
    "fire", metadata,
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("schedule", sa.Text, nullable=False),
    sa.Column("fire_time", sa.BigInteger, nullable=False),
    sa.Column("claimed_at", sa.BigInteger, nullable=False),
    sa.Column("finished_at", sa.BigInteger, nullable=True),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("site", "schedule", "fire_time", name="fire_once"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving an article did: `new` is false when it was there already."""

    article_id: str
    new: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """One article for one target, claimed by this process."""

    id: int
    article_id: str
    site: str
    locale: str
    target: str
    message_id: str
    attempts: int
    was_unknown: bool  # the target may have it already: look it up, or repeat under the same message id
    expires_at: datetime
    article_json: str


def message_id() -> str:
    """A fresh idempotency key; holds no point, as the webhook standard asks."""
    return "msg_" + secrets.token_hex(16)


def save_article(engine: Engine, article: Article, targets: Mapping[str, int], now: datetime, *, mark: str = "",
                 fire_time: datetime | None = None) -> Saved:  # fmt: skip
    """Write an article and its deliveries in one transaction; again changes nothing.

    Args:
        targets: Target name to how many seconds its news lives. A held article gets deliveries in state `held`.
        mark: The value that made it news (for novelty).
        fire_time: Of the schedule that ordered it; of one fire there is one article.
    """
    try:
        with writing(engine) as connection:
            if _exists(connection, article):
                return Saved(article.id, False)
            _insert_story(connection, article)
            connection.execute(sa.insert(ARTICLE).values(article_row(article, mark, fire_time)))
            keep_wording(connection, article)
            for target, lives_s in targets.items():
                connection.execute(sa.insert(DELIVERY).values(_delivery_row(article, target, to_epoch(now), lives_s)))
    except IntegrityError:  # another process was quicker with the same story and version
        return Saved(article.id, False)
    return Saved(article.id, True)


def _exists(connection: Connection, article: Article) -> bool:
    same = sa.select(ARTICLE.c.id).where(
        ARTICLE.c.site == article.site, ARTICLE.c.story == article.story, ARTICLE.c.locale == article.locale,
        ARTICLE.c.version == article.version,
    )  # fmt: skip
    return connection.execute(same).first() is not None


def _insert_story(connection: Connection, article: Article) -> None:
    found = connection.execute(
        sa.select(STORY.c.slug).where(STORY.c.site == article.site, STORY.c.locale == article.locale, STORY.c.story == article.story)
    ).first()
    if found is None:
        connection.execute(sa.insert(STORY).values(
            site=article.site, locale=article.locale, story=article.story, slug=article.slug, angle=article.angle,
            subject=_subject(article), began_at=to_epoch(article.as_of),
        ))  # fmt: skip


def _subject(article: Article) -> str:
    lead = _lead(article)
    return lead.subject if lead else ""


def _lead(article: Article) -> Pitch | None:
    return next((p for p in article.pitches if p.role == "lead"), None)


def article_row(article: Article, mark: str, fire_time: datetime | None) -> dict[str, Any]:
    """An article as its table keeps it."""
    lead = _lead(article)
    return {
        "id": article.id, "site": article.site, "locale": article.locale, "story": article.story, "version": article.version,
        "slug": article.slug, "edition": article.edition, "fire_time": None if fire_time is None else to_epoch(fire_time),
        "angle": article.angle, "subject": _subject(article), "mark": mark, "family": lead.family if lead else "",
        "anchor": lead.step.anchor if lead and lead.step else "", "messages": "\n".join(article.messages),
        "score": str(lead.score if lead else 0),
        "form": article.form, "seed": int(article.made_from.get("seed", "0")), "as_of": to_epoch(article.as_of),
        "written_at": to_epoch(article.written_at), "decision": article.verdict.decision, "body": article.dumps(),
    }  # fmt: skip


def _delivery_row(article: Article, target: str, now: int, lives_s: int) -> dict[str, Any]:
    state = "pending" if article.verdict.decision == "publish" else "held"
    return {
        "article_id": article.id, "site": article.site, "locale": article.locale, "target": target, "message_id": message_id(),
        "state": state, "attempts": 0, "next_at": now, "lease_until": 0, "expires_at": now + lives_s, "body_sha256": "",
        "remote_id": "", "url": "", "problem": "",
    }  # fmt: skip


def claim_due(
    engine: Engine, now: datetime, *, lease_s: int = 120, limit: int = 50, targets: Sequence[str] | None = None,
    site: str | None = None,
) -> list[Delivery]:  # fmt: skip
    """Claim the deliveries that are due: one writer per article and target for the length of the lease.

    A row whose lease ran out while it was `sending` is claimed again as unknown: its sender may have died after the target took it.
    """
    at = to_epoch(now)
    with writing(engine) as connection:
        query = sa.select(DELIVERY, ARTICLE.c.body).join(ARTICLE, ARTICLE.c.id == DELIVERY.c.article_id).where(
            sa.or_(
                sa.and_(DELIVERY.c.state.in_(("pending", "unknown")), DELIVERY.c.next_at <= at),
                sa.and_(DELIVERY.c.state == "sending", DELIVERY.c.lease_until <= at),
            )
        )  # fmt: skip
        if targets is not None:
            query = query.where(DELIVERY.c.target.in_(targets))
        if site is not None:
            query = query.where(DELIVERY.c.site == site)
        rows = connection.execute(query.order_by(DELIVERY.c.next_at, DELIVERY.c.id).limit(limit)).mappings().all()
        for row in rows:
            connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == row["id"]).values(
                state="sending", attempts=row["attempts"] + 1, lease_until=at + lease_s))  # fmt: skip
        return [
            Delivery(r["id"], r["article_id"], r["site"], r["locale"], r["target"], r["message_id"], r["attempts"] + 1,
                     r["state"] != "pending", from_epoch(r["expires_at"]), r["body"])
            for r in rows
        ]  # fmt: skip


def recover_sending(engine: Engine) -> int:
    """At start-up of the only process: what was being sent when the last one died is unknown, and due at once."""
    with writing(engine) as connection:
        result = connection.execute(
            sa.update(DELIVERY).where(DELIVERY.c.state == "sending").values(state="unknown", lease_until=0, next_at=0)
        )
        return int(result.rowcount)


def settle(
    engine: Engine, delivery_id: int, state: str, now: datetime, *, next_in_s: float = 0, problem: str = "", remote_id: str = "",
    url: str = "", status: int | None = None, body_sha256: str = "",
) -> None:  # fmt: skip
    """Record how an attempt ended, with its log line, in one transaction."""
    if state not in STATES:
        raise ValueError(f"no state {state!r}")
    at = to_epoch(now)
    with writing(engine) as connection:
        values: dict[str, Any] = {"state": state, "lease_until": 0, "next_at": at + int(next_in_s), "problem": problem[:1024]}
        values |= {k: v for k, v in (("remote_id", remote_id), ("url", url), ("body_sha256", body_sha256)) if v}
        connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == delivery_id).values(values))
        note_attempt(connection, delivery_id, at, state, status, problem)


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


def load_article(engine: Engine, article_id: str) -> str | None:
    """ARTICLE.json of a stored article."""
    with engine.connect() as connection:
        return connection.execute(sa.select(ARTICLE.c.body).where(ARTICLE.c.id == article_id)).scalar()


def article_of_fire(engine: Engine, site: str, edition: str, fire_time: datetime) -> str | None:
    """The id of the article that a fire of a schedule has written, if it got so far."""
    query = sa.select(ARTICLE.c.id).where(ARTICLE.c.site == site, ARTICLE.c.edition == edition, ARTICLE.c.fire_time == to_epoch(fire_time))
    with engine.connect() as connection:
        return connection.execute(query).scalar()


def published_since(engine: Engine, site: str, locale: str, since: datetime) -> list[Published]:
    """What the site has told since a moment, what an editor still holds included."""
    same = sa.and_(STORY.c.site == ARTICLE.c.site, STORY.c.locale == ARTICLE.c.locale, STORY.c.story == ARTICLE.c.story)
    of_site = (ARTICLE.c.site == site, ARTICLE.c.locale == locale, ARTICLE.c.as_of >= to_epoch(since))
    query = sa.select(ARTICLE, STORY.c.began_at, STORY.c.slug.label("first_slug")).join(STORY, same)
    query = query.where(*of_site, ARTICLE.c.decision.in_(("publish", "hold")))
    with engine.connect() as connection:
        return [_published(row) for row in connection.execute(query.order_by(ARTICLE.c.as_of, ARTICLE.c.version))]


def _published(row: Any) -> Published:
    return Published(
        row.angle, row.subject, from_epoch(row.as_of), row.mark, row.story, row.version, from_epoch(row.began_at), row.family, row.anchor,
        tuple(row.messages.split("\n")) if row.messages else (), row.first_slug, Decimal(row.score), held=row.decision == "hold",
    )  # fmt: skip


def claim_fire(engine: Engine, site: str, schedule: str, fire_time: datetime, now: datetime) -> bool:
    """Whether this process runs the edition of this fire time: true for exactly one."""
    try:
        with writing(engine) as connection:
            connection.execute(sa.insert(FIRE).values(
                site=site, schedule=schedule, fire_time=to_epoch(fire_time), claimed_at=to_epoch(now), outcome=""))  # fmt: skip
    except IntegrityError:
        return False
    return True


def finish_fire(engine: Engine, site: str, schedule: str, fire_time: datetime, now: datetime, outcome: str) -> None:
    """Record how an edition ended."""
    with writing(engine) as connection:
        connection.execute(
            sa.update(FIRE)
            .where(FIRE.c.site == site, FIRE.c.schedule == schedule, FIRE.c.fire_time == to_epoch(fire_time))
            .values(finished_at=to_epoch(now), outcome=outcome[:400])
        )


def last_fire(engine: Engine, site: str, schedule: str) -> datetime | None:
    """The newest fire time of a schedule that was claimed."""
    query = sa.select(sa.func.max(FIRE.c.fire_time)).where(FIRE.c.site == site, FIRE.c.schedule == schedule)
    with engine.connect() as connection:
        found = connection.execute(query).scalar()
    return from_epoch(int(found)) if found is not None else None


def record_action(
    engine: Engine, article: Article, verb: str, who: str, reason: str, now: datetime, *, before: str = "", after: str = ""
) -> None:  # fmt: skip
    """An editor's action: append only."""
    with writing(engine) as connection:
        connection.execute(sa.insert(EDITOR_ACTION).values(
            site=article.site, locale=article.locale, article_id=article.id, verb=verb, who=who, reason=reason, at=to_epoch(now),
            before_sha256=before, after_sha256=after,
        ))  # fmt: skip
