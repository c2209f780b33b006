"""The state of the desk for people: stories and where they are, what waits, what is stopped, what was given up; in: a database, out: rows.

Reads only. A story is shown by its newest version; of each target, the version that it confirmed last and what is on its way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from newsgen.market import from_epoch
from newsgen.store.deliveries import DELIVERY, PLACEMENT
from newsgen.store.newsroom import ARTICLE, EDITOR_ACTION
from newsgen.store.stops import Stop, active_stops

__all__ = ["AtTarget", "DeskState", "Proposal", "StoryState", "desk_state"]

_ENDED = ("rejected", "dead")


@dataclass(frozen=True, slots=True)
class AtTarget:
    """A story at one target.

    Attributes:
        state: Of the newest version's delivery.
        version_there: That the target confirmed last; 0 for none.
    """

    target: str
    state: str
    version_there: int
    url: str
    attempts: int
    next_at: datetime
    problem: str

    @property
    def is_dead(self) -> bool:
        return self.state in _ENDED


@dataclass(frozen=True, slots=True)
class StoryState:
    """A story by its newest version."""

    id: str
    site: str
    locale: str
    story: str
    slug: str
    version: int
    headline: str
    decision: str
    change: str
    as_of: datetime
    reason: str  # why it is held
    targets: tuple[AtTarget, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction that the engine proposes, and nobody has made or declined."""

    article_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DeskState:
    """All of it; `counts` are of deliveries, by state."""

    stories: tuple[StoryState, ...]
    stops: tuple[Stop, ...]
    proposals: tuple[Proposal, ...]
    counts: Mapping[str, int]


def desk_state(engine: Engine, limit: int = 20) -> DeskState:
    """The newest stories, and every older one about which something is to do."""
    with engine.connect() as connection:
        rows = connection.execute(_newest()).all()
        open_ids = set(connection.execute(_unsettled()).scalars())
        shown = [r for i, r in enumerate(rows) if i < limit or r.id in open_ids or r.decision == "hold"]
        counted = sa.select(DELIVERY.c.state, sa.func.count()).group_by(DELIVERY.c.state)
        counts = {state: int(n) for state, n in connection.execute(counted.order_by(DELIVERY.c.state)).all()}
        return DeskState(
            tuple(_story(connection, r) for r in shown), tuple(active_stops(connection)), tuple(_proposals(connection)), counts
        )


def _newest() -> sa.Select[Any]:
    c, o = ARTICLE.c, ARTICLE.alias().c
    later = sa.select(o.id).where(o.site == c.site, o.locale == c.locale, o.story == c.story, o.version > c.version)
    return sa.select(ARTICLE).where(c.version > 0, ~later.exists()).order_by(c.written_at.desc(), c.id)


def _unsettled() -> sa.Select[Any]:
    """Articles with a delivery that has not ended well; what was spiked is over, though its deliveries are kept as held."""
    found = sa.select(DELIVERY.c.article_id).join(ARTICLE, ARTICLE.c.id == DELIVERY.c.article_id)
    return found.where(DELIVERY.c.state.notin_(("confirmed", "superseded")), ARTICLE.c.decision != "spike").distinct()


def _story(connection: Connection, row: Any) -> StoryState:
    article = json.loads(row.body)
    blocks = [f["message"] for f in article["verdict"]["findings"] if f["severity"] == "block"]
    there = _there(connection, row)
    query = sa.select(DELIVERY).where(DELIVERY.c.article_id == row.id).order_by(DELIVERY.c.id)
    targets = tuple(_at(d, there.get(d.target)) for d in connection.execute(query).all())
    return StoryState(
        row.id, row.site, row.locale, row.story, row.slug, row.version, article["headline"]["text"], row.decision, row.change,
        from_epoch(row.as_of), blocks[0] if blocks and row.decision == "hold" else "", targets,
    )  # fmt: skip


def _there(connection: Connection, row: Any) -> dict[str, Any]:
    c = PLACEMENT.c
    query = sa.select(PLACEMENT).where(c.site == row.site, c.locale == row.locale, c.story == row.story)
    return {p.target: p for p in connection.execute(query).all()}


def _at(delivery: Any, placed: Any) -> AtTarget:
    version, url = (placed.version, placed.url) if placed is not None else (0, "")
    return AtTarget(delivery.target, delivery.state, version, url, delivery.attempts, from_epoch(delivery.next_at), delivery.problem)


def _proposals(connection: Connection) -> Sequence[Proposal]:
    """Those of articles that are still the newest of their story, and that nobody has touched since."""
    c, o = EDITOR_ACTION.c, EDITOR_ACTION.alias().c
    later = sa.select(o.id).where(o.article_id == c.article_id, o.id > c.id)
    newest = sa.select(_newest().subquery().c.id)
    query = sa.select(EDITOR_ACTION).where(c.verb == "propose", ~later.exists(), c.article_id.in_(newest)).order_by(c.id)
    return [Proposal(r.article_id, r.reason, from_epoch(r.at)) for r in connection.execute(query).all()]
