"""How a site has worded its articles: a row an article, written with it; in: articles as they are saved, out: what is remembered.

Holds digests only, no text. Written in the transaction that saves the article, so that no article is told and then forgotten.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table

from newsgen.market import from_epoch, to_epoch
from newsgen.said import REMEMBERED, Said
from newsgen.store.database import metadata
from newsgen.story import Article

__all__ = ["keep_wording", "said_before"]

WORDING = Table(
    "wording", metadata,
    sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("angle", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),  # as_of of the article
    sa.Column("lede", sa.BigInteger, nullable=False),
    sa.Column("sentences", sa.Text, nullable=False),  # digests in hexadecimal, with spaces between
    sa.Column("phrases", sa.Text, nullable=False),
    sa.Index("wording_of_site", "site", "locale", "at"),
)  # fmt: skip


def keep_wording(connection: Connection, article: Article) -> None:
    """Remember how an article was worded, if its writer said so."""
    said = article.said
    if said is not None:
        connection.execute(sa.insert(WORDING).values(
            article_id=article.id, site=article.site, locale=article.locale, angle=said.angle, at=to_epoch(said.at), lede=said.lede,
            sentences=_packed(said.sentences), phrases=_packed(said.phrases),
        ))  # fmt: skip


def said_before(engine: Engine, site: str, locale: str, moment: datetime) -> tuple[Said, ...]:
    """What a site remembers of its wordings at a moment, the oldest first; what was written for that very moment is in it."""
    of_site = (WORDING.c.site == site, WORDING.c.locale == locale)
    span = (WORDING.c.at > to_epoch(moment - REMEMBERED), WORDING.c.at <= to_epoch(moment))
    query = sa.select(WORDING).where(*of_site, *span).order_by(WORDING.c.at, WORDING.c.article_id)
    with engine.connect() as connection:
        return tuple(
            Said(row.angle, from_epoch(row.at), _unpacked(row.sentences), _unpacked(row.phrases), row.lede)
            for row in connection.execute(query)
        )


def _packed(digests: frozenset[int]) -> str:
    return " ".join(f"{d:x}" for d in sorted(digests))


def _unpacked(text: str) -> frozenset[int]:
    return frozenset(int(d, 16) for d in text.split())
