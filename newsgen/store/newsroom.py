"""The newsroom's memory: stories, articles, editors' actions, fires; in: what happened, out: what was told.

Every row carries site and locale, and the unique keys hold them: one desk may run several sites. What must happen once is decided by
unique rows: (site, schedule, fire_time) for an edition, (site, story, locale, version) for an article, (article, target) for a delivery.
Times are epoch seconds. Functions take `now`; nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import IntegrityError

from newsgen.market import from_epoch, to_epoch
from newsgen.store.basis import keep_basis, rests_of
from newsgen.store.database import metadata, of_site, writing
from newsgen.store.deliveries import PLACEMENT, add_deliveries
from newsgen.store.retired import rests_on_retired
from newsgen.store.stops import active_stops, touching
from newsgen.store.wording import keep_wording
from newsgen.story import Article, Finding, Pitch, Published, Verdict

__all__ = [
    "ARTICLE", "Saved", "article_of_fire", "article_row", "claim_fire", "finish_fire", "held_back", "last_fire",
    "published_bodies", "published_since", "save_article", "written_since",
]  # fmt: skip

STORY = Table(
    "story", metadata,
    *of_site(),
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
    *of_site(),
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
    sa.Column("change", sa.Text, nullable=False),  # correction, refile, withdrawal; "" for a first version and for newer figures
    sa.Column("body", sa.Text, nullable=False),  # ARTICLE.json
    sa.Column("approved_sha256", sa.Text, nullable=False),  # of the body that an editor has approved; "" where nobody had to
    sa.UniqueConstraint("site", "story", "locale", "version", name="article_version"),
    sa.UniqueConstraint("site", "edition", "locale", "fire_time", name="article_of_fire"),
)  # fmt: skip

EDITOR_ACTION = Table(
    "editor_action", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    *of_site(),
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
    """What saving an article did: `new` is false when it was there already; `held` says why it is held although its checks are passed."""

    article_id: str
    new: bool
    held: str = ""


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
            article, reason = held_back(connection, article)
            _insert_story(connection, article)
            connection.execute(sa.insert(ARTICLE).values(article_row(article, mark, fire_time)))
            keep_wording(connection, article)
            keep_basis(connection, article.id, article.as_json())
            add_deliveries(connection, article, targets, now)
    except IntegrityError:  # another process was quicker with the same story and version
        return Saved(article.id, False)
    return Saved(article.id, True, reason)


def held_back(connection: Connection, article: Article) -> tuple[Article, str]:
    """The article, held where something that it rests on is stopped or retired, or its story withdrawn; and why."""
    if article.verdict.decision != "publish":
        return article, ""
    stops = active_stops(connection)
    stop = touching(stops, article.site, rests_of(article.dumps())) if stops else None
    retired = "" if stop else rests_on_retired(connection, article.as_json())
    check, reason = ("stop", str(stop)) if stop else ("retired", f"a reading is retired: {retired}") if retired else ("withdrawn", "")
    if not reason and _is_withdrawn(connection, article):
        reason = "its story was withdrawn: what goes out under the same address is for a person to decide"
    if not reason:
        return article, ""
    finding = Finding(check, "block", "headline", reason)
    return replace(article, verdict=Verdict("hold", (finding, *article.verdict.findings))), reason


def _is_withdrawn(connection: Connection, article: Article) -> bool:
    """Whether a notice is what readers have of the story; versions that are held since then change nothing about that."""
    c = ARTICLE.c
    query = sa.select(c.change).where(c.site == article.site, c.locale == article.locale, c.story == article.story,
                                      c.decision == "publish")  # fmt: skip
    return connection.execute(query.order_by(c.version.desc()).limit(1)).scalar() == "withdrawal"


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
        "written_at": to_epoch(article.written_at), "decision": article.verdict.decision,
        "change": article.change.kind if article.change else "", "body": article.dumps(), "approved_sha256": "",
    }  # fmt: skip


def article_of_fire(engine: Engine, site: str, edition: str, fire_time: datetime) -> str | None:
    """The id of the article that a fire of a schedule has written, if it got so far."""
    query = sa.select(ARTICLE.c.id).where(ARTICLE.c.site == site, ARTICLE.c.edition == edition, ARTICLE.c.fire_time == to_epoch(fire_time))
    with engine.connect() as connection:
        return connection.execute(query).scalar()


def published_since(engine: Engine, site: str, locale: str, since: datetime) -> list[Published]:
    """What the site has told since a moment; what an editor still holds, or has spiked, is no news again either."""
    same = sa.and_(STORY.c.site == ARTICLE.c.site, STORY.c.locale == ARTICLE.c.locale, STORY.c.story == ARTICLE.c.story)
    of_site = (ARTICLE.c.site == site, ARTICLE.c.locale == locale, ARTICLE.c.as_of >= to_epoch(since))
    query = sa.select(ARTICLE, STORY.c.began_at, STORY.c.slug.label("first_slug")).join(STORY, same)
    query = query.where(*of_site, ARTICLE.c.decision.in_(("publish", "hold", "spike")))
    with engine.connect() as connection:
        return [_published(row) for row in connection.execute(query.order_by(ARTICLE.c.as_of, ARTICLE.c.version))]


def written_since(engine: Engine, site: str, since: datetime) -> int:
    """How many articles the engine has written for a site to be published; what people order does not count."""
    c = ARTICLE.c
    query = sa.select(sa.func.count()).where(c.site == site, c.written_at > to_epoch(since), c.decision == "publish", c.change == "")
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def _published(row: Any) -> Published:
    return Published(
        row.angle, row.subject, from_epoch(row.as_of), row.mark, row.story, row.version, from_epoch(row.began_at), row.family, row.anchor,
        tuple(row.messages.split("\n")) if row.messages else (), row.first_slug, Decimal(row.score), held=row.decision != "publish",
    )  # fmt: skip


def published_bodies(engine: Engine, site: str, since: datetime, until: datetime) -> list[str]:
    """ARTICLE.json of every story that was first told between two moments and that a target has, as readers may see it now.

    That is the newest version that a target has, or a correction or withdrawal on its way there. Newer figures that wait, for a stop
    perhaps, are not: nobody has them.
    """
    c, p = ARTICLE.c, PLACEMENT.c
    there = (
        sa.select(p.story, p.locale, sa.func.max(p.version).label("version")).where(p.site == site).group_by(p.story, p.locale).subquery()
    )
    of_story = sa.and_(c.story == there.c.story, c.locale == there.c.locale)
    shown = (c.site == site, c.decision == "publish", sa.or_(c.version <= there.c.version, c.change != ""))
    last = (
        sa.select(c.story, c.locale, sa.func.max(c.version).label("version"))
        .join(there, of_story)
        .where(*shown)
        .group_by(c.story, c.locale)
        .subquery()
    )
    first = sa.select(c.story).where(c.site == site, c.version == 1, c.as_of >= to_epoch(since), c.as_of < to_epoch(until))
    same = sa.and_(c.story == last.c.story, c.locale == last.c.locale, c.version == last.c.version)
    query = sa.select(c.body).join(last, same).where(c.site == site, c.story.in_(first)).order_by(c.as_of)
    with engine.connect() as connection:
        return [str(body) for body in connection.execute(query).scalars()]


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
