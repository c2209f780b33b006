"""What each article rests on, a row a reading: found at once when a reading turns out to be wrong; in: articles, a Cause, out: articles.

A row with `whole` stands for a column up to a moment, of which the article tells history ("highest since"), which its conditions looked at
or which a chart of it draws: it may be touched by any row of it. Written in the transaction that saves the article. Knows nothing of what
is done about it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table

from newsgen.market import SeriesKey, parse_time, to_epoch
from newsgen.store.database import metadata

__all__ = [
    "ARTICLE_READING",
    "Based",
    "Cause",
    "Rests",
    "articles_on",
    "forget_basis",
    "keep_basis",
    "matching_column",
    "matching_reading",
    "newest_published",
    "rests_of",
    "whole_columns",
]

ARTICLE_READING = Table(
    "article_reading", metadata,
    sa.Column("article_id", sa.Text, sa.ForeignKey("article.id"), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("series", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("span", sa.Text, nullable=False),  # the window
    sa.Column("venue", sa.Text, nullable=False),
    sa.Column("observed_at", sa.BigInteger, nullable=False),  # of a whole column: up to then
    sa.Column("known_at", sa.BigInteger, nullable=False),
    sa.Column("payload_sha256", sa.Text, nullable=False),
    sa.Column("whole", sa.Integer, nullable=False),  # 1: all of the column, for a statement about its history
)  # fmt: skip

# newsroom.py declares it.
_ARTICLE = sa.table("article", *(sa.column(n) for n in ("id", "site", "locale", "story", "version", "decision", "change", "angle", "body")))


@dataclass(frozen=True, slots=True)
class Cause:
    """What is wrong: some readings, an angle, or the words of a template. Exactly one of the three.

    Attributes:
        key: One column; or
        source: everything that a source sent.
        first, last: Of the readings, by when they were true; both ends included.
        known_at: Of one reading only, where it has revisions.
        template: The digest of the templates that an article is made from.
    """

    key: SeriesKey | None = None
    source: str = ""
    first: datetime | None = None
    last: datetime | None = None
    known_at: datetime | None = None
    angle: str = ""
    template: str = ""

    @property
    def is_of_readings(self) -> bool:
        return self.key is not None or bool(self.source)


@dataclass(frozen=True, slots=True)
class Based:
    """An article that readers have and that rests on a cause; not `direct`: only by the history that it tells."""

    article_id: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Rests:
    """What an article rests on, as far as something may be stopped."""

    angles: frozenset[str]
    assets: frozenset[str]
    sources: frozenset[str]
    template: str


def keep_basis(connection: Connection, article_id: str, article: Mapping[str, Any]) -> None:
    """Write down what an article rests on.

    Args:
        article: ARTICLE.json as a dict.
    """
    rows = list(_rows(article_id, article))
    if rows:
        connection.execute(sa.insert(ARTICLE_READING), rows)


def forget_basis(connection: Connection, article_id: str) -> None:
    """Of an article that another rendering takes the place of."""
    connection.execute(sa.delete(ARTICLE_READING).where(ARTICLE_READING.c.article_id == article_id))


def _rows(article_id: str, article: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for one in article["readings"].values():
        yield {
            "article_id": article_id, "source": one["source"], "series": one["series"], "subject": one["subject"],
            "span": one["window"], "venue": one["venue"], "observed_at": to_epoch(parse_time(one["observed_at"])),
            "known_at": to_epoch(parse_time(one["known_at"])), "payload_sha256": one["payload_sha256"], "whole": 0,
        }  # fmt: skip
    at = to_epoch(parse_time(article["as_of"]))
    for key in sorted(whole_columns(article)):
        yield {"article_id": article_id, "source": key.source, "series": key.series, "subject": key.subject, "span": key.window,
               "venue": key.venue, "observed_at": at, "known_at": at, "payload_sha256": "", "whole": 1}  # fmt: skip


def whole_columns(article: Mapping[str, Any]) -> set[SeriesKey]:
    """The columns that stand as a whole among the inputs of figures, and behind the article's conditions and charts."""
    names = {i for f in article["figures"].values() for i in f["inputs"] if i.startswith("series:")} | set(article.get("columns", ()))
    parts = [name.removeprefix("series:").split("/") for name in names]
    return {SeriesKey(p[0], "/".join(p[1:-3]), *p[-3:]) for p in parts}


def rests_of(body: str) -> Rests:
    """What a stored article rests on."""
    article = json.loads(body)
    led = [a for a in article["angles"] if a["role"] in ("lead", "support")]
    sources = {r["source"] for r in article["readings"].values()} | {key.source for key in whole_columns(article)}
    return Rests(
        frozenset({article["angle"], *(a["name"] for a in led)}), frozenset({*article["tickers"], *(a["subject"] for a in led)}),
        frozenset(sources), article["made_from"].get("templates_sha256", ""),
    )  # fmt: skip


def articles_on(engine: Engine, cause: Cause) -> list[Based]:
    """The articles that readers have, of each story the newest version, that rest on a cause, by id."""
    with engine.connect() as connection:
        if not cause.is_of_readings:  # texts of all stories: one at a time
            return [Based(r.id, True) for r in connection.execute(newest_published()) if _is_made_by(cause, rests_of(r.body))]
        direct = set(connection.execute(_resting(cause, whole=False)).scalars())
        by_history = set(connection.execute(_resting(cause, whole=True)).scalars())
        newest = connection.execute(newest_published().with_only_columns(_ARTICLE.c.id, maintain_column_froms=True)).scalars()
        return [Based(article_id, article_id in direct) for article_id in newest if article_id in direct | by_history]


def _is_made_by(cause: Cause, rests: Rests) -> bool:
    return cause.angle in rests.angles if cause.angle else rests.template.startswith(cause.template)


def newest_published() -> sa.Select[Any]:
    """The newest published version of each story, unless that is its withdrawal."""
    c, other = _ARTICLE.c, _ARTICLE.alias()
    o = other.c
    later = sa.select(o.id).where(o.site == c.site, o.locale == c.locale, o.story == c.story, o.version > c.version,
                                  o.decision == "publish")  # fmt: skip
    return sa.select(c.id, c.body).where(c.decision == "publish", c.change != "withdrawal", ~later.exists()).order_by(c.id)


def _resting(cause: Cause, *, whole: bool) -> sa.Select[Any]:
    c = ARTICLE_READING.c
    found = sa.select(c.article_id).where(*matching_column(cause, c), c.whole == int(whole)).distinct()
    if cause.first is not None:
        found = found.where(c.observed_at >= to_epoch(cause.first))
    if cause.last is not None and not whole:
        found = found.where(c.observed_at <= to_epoch(cause.last))
    if cause.known_at is not None and not whole:
        found = found.where(c.known_at == to_epoch(cause.known_at))
    return found


def matching_column(cause: Cause, c: Any) -> list[sa.ColumnElement[bool]]:
    """The conditions on the columns that hold a series' key, under whatever table they stand."""
    if cause.key is None:
        return [c.source == cause.source]
    key = cause.key
    return [c.series == key.series, c.subject == key.subject, c.span == key.window, c.source == key.source, c.venue == key.venue]


def matching_reading(cause: Cause, c: Any) -> list[sa.ColumnElement[bool]]:
    """The conditions on the moments of a reading."""
    found: list[sa.ColumnElement[bool]] = []
    if cause.first is not None:
        found.append(c.observed_at >= to_epoch(cause.first))
    if cause.last is not None:
        found.append(c.observed_at <= to_epoch(cause.last))
    if cause.known_at is not None:
        found.append(c.known_at == to_epoch(cause.known_at))
    return found
