"""Articles that were told by readings of which a newer value has come; in: a moment to look back to, out: articles and what is revised.

Of articles that readers have, and only by readings that they rest on directly; a revision that nobody has proposed a correction for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from newsgen.market import from_epoch, iso, to_epoch
from newsgen.store.archive import READING, SERIES
from newsgen.store.basis import ARTICLE_READING, newest_published
from newsgen.store.memory import same_value
from newsgen.store.newsroom import ARTICLE, EDITOR_ACTION

__all__ = ["Revised", "revised_articles"]


@dataclass(frozen=True, slots=True)
class Revised:
    """An article and the newest revision of what it rests on."""

    article_id: str
    known_at: int  # of the revision, epoch seconds
    what: str


def revised_articles(engine: Engine, since: datetime) -> list[Revised]:
    """The articles of a moment since then that a revision touches, each with its newest one."""
    with engine.connect() as connection:
        rows = connection.execute(_revisions(since)).all()
    last = {(r.article_id, r.series_id, r.observed_at): r for r in rows}  # a value that was taken back is no revision
    found = [r for r in last.values() if not same_value(r.was, r.value)]
    return list({r.article_id: _revised(r) for r in sorted(found, key=lambda r: r.known_at)}.values())


def _revised(row: Any) -> Revised:
    what = f"{row.source} has revised {row.series} of {row.subject} at {iso(from_epoch(row.observed_at))}"
    return Revised(row.article_id, row.known_at, what)


def _revisions(since: datetime) -> sa.Select[Any]:
    """Oldest first: what is revised twice is told by the last."""
    b, s, a, e = ARTICLE_READING.c, SERIES.c, ARTICLE.c, EDITOR_ACTION.c
    told, new = READING.alias("told"), READING.alias("new")
    newest = sa.select(newest_published().subquery().c.id)
    proposed = sa.select(e.id).where(e.article_id == a.id, e.verb == "propose", e.at >= new.c.known_at)
    return (
        sa.select(
            b.article_id,
            b.source,
            b.series,
            b.subject,
            b.observed_at,
            s.id.label("series_id"),
            new.c.known_at,
            new.c.value,
            told.c.value.label("was"),
        )
        .join(ARTICLE, a.id == b.article_id)
        .join(SERIES, sa.and_(s.series == b.series, s.subject == b.subject, s.span == b.span, s.source == b.source, s.venue == b.venue))
        .join(told, sa.and_(told.c.series_id == s.id, told.c.observed_at == b.observed_at, told.c.known_at == b.known_at))
        .join(new, sa.and_(new.c.series_id == s.id, new.c.observed_at == b.observed_at, new.c.known_at > b.known_at))
        .where(b.whole == 0, a.as_of >= to_epoch(since), a.id.in_(newest), ~proposed.exists())
        .order_by(new.c.known_at)
    )
