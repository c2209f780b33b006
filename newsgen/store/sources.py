"""What was asked of the sources: when each question was last asked and answered, what its problem is, how many calls a day has seen.

In: what became of the questions of a round. Out: what is due, what is new among the failures, how a source fares. Keeps no answer: the
archive does. No key is ever in it: questions carry none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from newsgen.market import check_aware, from_epoch, to_epoch
from newsgen.store.archive import PAYLOAD
from newsgen.store.database import metadata, writing

__all__ = ["Health", "Question", "Turn", "answered_at", "calls_on", "health_of", "note_round", "prune_payloads"]

QUESTION = Table(
    "question", metadata,
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),  # JSON object, keys sorted
    sa.Column("asked_at", sa.BigInteger, nullable=False),
    sa.Column("answered_at", sa.BigInteger),  # NULL: never yet
    sa.Column("problem", sa.Text, nullable=False),  # of the last try; "" when it was answered
    sa.PrimaryKeyConstraint("source", "endpoint", "params", name="question_key"),
)  # fmt: skip

CALLS = Table(
    "calls", metadata,
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("day", sa.Text, nullable=False),  # UTC
    sa.Column("calls", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("source", "day", name="calls_key"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """One request to one source, and how its last try ended."""

    source: str
    endpoint: str
    params: Mapping[str, str]
    at: datetime
    problem: str = ""  # "" when it was answered

    @property
    def key(self) -> tuple[str, str, str]:
        return self.source, self.endpoint, json.dumps(dict(self.params), sort_keys=True)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question whose problem has changed: begun, become another, or gone ("")."""

    question: Question
    before: str


@dataclass(frozen=True, slots=True)
class Health:
    """How a source fares. Units: UTC moments."""

    questions: int
    failing: int
    answered_at: datetime | None
    problem: str  # of the newest failing question


def note_round(engine: Engine, questions: Iterable[Question], calls: Mapping[str, int], now: datetime) -> list[Turn]:
    """Keep how a round ended; returns what has changed since the last one."""
    asked = {q.key: q for q in questions}
    with writing(engine) as connection:
        before = _problems(connection, {q.source for q in asked.values()})
        for key, question in asked.items():
            _keep(connection, key, question)
        for source, count in calls.items():
            _count(connection, source, now, count)
    return [Turn(q, before.get(key, "")) for key, q in asked.items() if q.problem != before.get(key, "")]


def answered_at(engine: Engine) -> Mapping[tuple[str, str, str], datetime]:
    """When each question was last answered: (source, endpoint, parameters as sorted JSON) to moment."""
    table = QUESTION.c
    found = select(table.source, table.endpoint, table.params, table.answered_at).where(table.answered_at.is_not(None))
    with engine.connect() as connection:
        return {(source, endpoint, params): from_epoch(at) for source, endpoint, params, at in connection.execute(found)}


def calls_on(engine: Engine, moment: datetime) -> Mapping[str, int]:
    """The calls of each source on the UTC day of a moment."""
    with engine.connect() as connection:
        return {row.source: row.calls for row in connection.execute(select(CALLS).where(CALLS.c.day == _day(moment)))}


def health_of(engine: Engine) -> Mapping[str, Health]:
    """How each source that was ever asked fares."""
    found: dict[str, Health] = {}
    with engine.connect() as connection:
        for row in connection.execute(select(QUESTION).order_by(QUESTION.c.source, QUESTION.c.asked_at)):
            known = found.get(row.source, Health(0, 0, None, ""))
            at = None if row.answered_at is None else from_epoch(row.answered_at)
            newest = max((m for m in (known.answered_at, at) if m is not None), default=None)
            found[row.source] = Health(known.questions + 1, known.failing + bool(row.problem), newest, row.problem or known.problem)
    return found


def prune_payloads(engine: Engine, keep: Mapping[str, timedelta], otherwise: timedelta, now: datetime) -> int:
    """Forget the bytes that are older than a source's terms, or the desk, let them be kept; the readings stay. Returns how many."""
    table = PAYLOAD.c
    known = [sa.and_(table.source == source, table.fetched_at < to_epoch(now - span)) for source, span in keep.items()]
    rest = sa.and_(table.source.not_in(list(keep)), table.fetched_at < to_epoch(now - otherwise))
    with writing(engine) as connection:
        return connection.execute(sa.delete(PAYLOAD).where(sa.or_(*known, rest))).rowcount


def _problems(connection: Connection, sources: set[str]) -> dict[tuple[str, str, str], str]:
    table = QUESTION.c
    found = select(table.source, table.endpoint, table.params, table.problem).where(table.source.in_(sorted(sources)))
    return {(source, endpoint, params): problem for source, endpoint, params, problem in connection.execute(found)}


def _keep(connection: Connection, key: tuple[str, str, str], question: Question) -> None:
    at = to_epoch(check_aware(question.at, "asked_at"))
    row: dict[str, object] = {"source": key[0], "endpoint": key[1], "params": key[2], "asked_at": at, "problem": question.problem}
    if not question.problem:
        row["answered_at"] = at
    changed = {name: row[name] for name in row if name not in ("source", "endpoint", "params")}
    _upsert(connection, QUESTION, row, ["source", "endpoint", "params"], changed)


def _count(connection: Connection, source: str, moment: datetime, calls: int) -> None:
    row = {"source": source, "day": _day(moment), "calls": calls}
    _upsert(connection, CALLS, row, ["source", "day"], {"calls": CALLS.c.calls + calls})


def _upsert(connection: Connection, table: Table, row: Mapping[str, object], key: list[str], changed: Mapping[str, object]) -> None:
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=dict(changed)), dict(row))


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
