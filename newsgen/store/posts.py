"""What people have published on the desk's own sites; in: posts, out: the newest of them. A post is known by its address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Engine, Table
from sqlalchemy.dialects import postgresql, sqlite

from newsgen.market import from_epoch, to_epoch
from newsgen.store.database import metadata, writing
from newsgen.story import Post

__all__ = ["keep_posts", "posts_since"]

POST = Table(
    "post", metadata,
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("published_at", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("site", "url", name="post_key"),
)  # fmt: skip


def keep_posts(engine: Engine, site: str, posts: Iterable[Post]) -> int:
    """Store posts; one that is there already gets its newest title and summary. Returns how many were given."""
    rows = [{"site": site, "url": p.url, "title": p.title, "summary": p.summary, "published_at": to_epoch(p.published_at)} for p in posts]
    if not rows:
        return 0
    with writing(engine) as connection:
        insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(POST)
        fresh = {"title": insert.excluded.title, "summary": insert.excluded.summary}
        connection.execute(insert.on_conflict_do_update(index_elements=["site", "url"], set_=fresh), rows)
    return len(rows)


def posts_since(engine: Engine, site: str, since: datetime) -> list[Post]:
    """The posts of a site that were published after a moment, oldest first."""
    query = sa.select(POST).where(POST.c.site == site, POST.c.published_at > to_epoch(since)).order_by(POST.c.published_at, POST.c.url)
    with engine.connect() as connection:
        return [Post(r.title, r.url, from_epoch(r.published_at), r.summary) for r in connection.execute(query)]
