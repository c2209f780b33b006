"""Articles that wait to be sent; in: what they are replaced by, or why they are held, out: what waits.

`pending` means that no target can have the bytes: an attempt whose answer was lost leaves its delivery `unknown` for good. Only an article
of which every delivery is pending may get other bytes; each change is one transaction that looks at the states again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from newsgen.market import from_epoch, to_epoch
from newsgen.store.basis import forget_basis, keep_basis
from newsgen.store.database import writing
from newsgen.store.deliveries import DELIVERY
from newsgen.store.holds import end_row
from newsgen.store.newsroom import ARTICLE, EDITOR_ACTION, STORY, article_row, held_back
from newsgen.store.texts import digest_of, with_finding
from newsgen.store.wording import WORDING, keep_wording
from newsgen.story import Article, Finding

__all__ = ["Waiting", "hold_waiting", "postpone", "replace_waiting", "waiting_articles"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An article with a delivery that is due and that no target can have.

    Attributes:
        untouched: Whether that holds for all its deliveries, and no person has had a hand in it.
    """

    article_id: str
    story: str
    version: int
    edition: str
    fire_time: datetime | None
    body: str
    untouched: bool


def waiting_articles(engine: Engine, site: str, before: datetime, now: datetime) -> list[Waiting]:
    """The articles of a site that were written before a moment and are due now, oldest first.

    Not what a person has decided on, an approved text, a correction, a withdrawal: those are late, never stale.
    """
    due = sa.select(DELIVERY.c.article_id).where(
        DELIVERY.c.site == site, DELIVERY.c.state == "pending", DELIVERY.c.next_at <= to_epoch(now), DELIVERY.c.expires_at > to_epoch(now)
    )
    news = (ARTICLE.c.id.in_(due), ARTICLE.c.as_of <= to_epoch(before), ARTICLE.c.change == "", ARTICLE.c.approved_sha256 == "")
    query = sa.select(ARTICLE).where(*news).order_by(ARTICLE.c.as_of, ARTICLE.c.id)
    with engine.connect() as connection:
        return [
            Waiting(r.id, r.story, r.version, r.edition, None if r.fire_time is None else from_epoch(r.fire_time), r.body,
                    _untouched(connection, r.id))
            for r in connection.execute(query).all()
        ]  # fmt: skip


def _untouched(connection: Connection, article_id: str) -> bool:
    states = set(connection.execute(sa.select(DELIVERY.c.state).where(DELIVERY.c.article_id == article_id)).scalars())
    hands = sa.select(EDITOR_ACTION.c.id).where(EDITOR_ACTION.c.article_id == article_id, EDITOR_ACTION.c.verb != "rewrite")
    return states == {"pending"} and connection.execute(hands).first() is None


def replace_waiting(engine: Engine, old: Waiting, article: Article, now: datetime, reason: str, *, mark: str = "") -> bool:
    """Put a new rendering in the place of one that nobody has; deliveries keep their message ids, and are held where it is.

    Returns:
        False when something of the old one has been claimed or sent meanwhile: then nothing has changed.
    """
    with writing(engine) as connection:
        if not _untouched(connection, old.article_id):
            return False
        article, stopped = held_back(connection, article)
        # The old row steps aside first: story and version, and the fire, have one article.
        aside = {"version": -old.version, "fire_time": None}
        connection.execute(sa.update(ARTICLE).where(ARTICLE.c.id == old.article_id).values(aside))
        connection.execute(sa.insert(ARTICLE).values(article_row(article, mark, old.fire_time)))
        for table in (DELIVERY, EDITOR_ACTION):
            connection.execute(sa.update(table).where(table.c.article_id == old.article_id).values(article_id=article.id))
        connection.execute(sa.delete(WORDING).where(WORDING.c.article_id == old.article_id))
        keep_wording(connection, article)  # no reader has seen the other words
        forget_basis(connection, old.article_id)
        keep_basis(connection, article.id, article.as_json())
        connection.execute(sa.delete(ARTICLE).where(ARTICLE.c.id == old.article_id))
        if article.version == 1:  # the address may name a price: no reader has seen it yet
            same = (STORY.c.site == article.site, STORY.c.locale == article.locale, STORY.c.story == article.story)
            connection.execute(sa.update(STORY).where(*same).values(slug=article.slug))
        if article.verdict.decision != "publish":
            _hold(connection, article.id, now, stopped or reason)
        connection.execute(sa.insert(EDITOR_ACTION).values(
            site=article.site, locale=article.locale, article_id=article.id, verb="rewrite", who="newsgen", reason=reason,
            at=to_epoch(now), before_sha256=digest_of(old.body), after_sha256=digest_of(article.dumps()),
        ))  # fmt: skip
    return True


def hold_waiting(engine: Engine, old: Waiting, finding: Finding, now: datetime) -> None:
    """Keep what waits from being sent, with the reason; an article that a target has stays as it is there."""
    with writing(engine) as connection:
        if _untouched(connection, old.article_id):
            values = {"decision": "hold", "body": with_finding(old.body, finding)}
            connection.execute(sa.update(ARTICLE).where(ARTICLE.c.id == old.article_id).values(values))
        _hold(connection, old.article_id, now, finding.message)


def _hold(connection: Connection, article_id: str, now: datetime, reason: str) -> None:
    pending = sa.select(DELIVERY).where(DELIVERY.c.article_id == article_id, DELIVERY.c.state == "pending")
    for row in connection.execute(pending).all():
        end_row(connection, row, "held", reason, to_epoch(now))


def postpone(engine: Engine, article_id: str, until: datetime, problem: str) -> None:
    """Let the deliveries that nobody has wait a little longer."""
    with writing(engine) as connection:
        connection.execute(
            sa.update(DELIVERY)
            .where(DELIVERY.c.article_id == article_id, DELIVERY.c.state == "pending")
            .values(next_at=to_epoch(until), problem=problem[:1024])
        )
