"""What editors do to stored articles, as rows; in: an article, a decision and who took it, out: its deliveries' new states, a new version.

Each function is one transaction that reads the article and the states again, since another process may have changed them, and writes the
editor's action with digests of the text before and after. Texts are made by the caller. Functions take the moment; nothing reads a clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from newsgen.errors import ConfigError, HeldBack, VersionTaken
from newsgen.market import from_epoch, parse_time, to_epoch
from newsgen.store.basis import keep_basis, rests_of
from newsgen.store.database import writing
from newsgen.store.deliveries import DELIVERY, NEWS, PLACEMENT, add_version_deliveries, note_attempt
from newsgen.store.holds import end_row, hold_touched
from newsgen.store.newsroom import ARTICLE, EDITOR_ACTION
from newsgen.store.retired import rests_on_retired
from newsgen.store.stops import Stop, active_stops, add_stop, lift_stops, touching
from newsgen.store.texts import digest_of, text_of, with_finding
from newsgen.story import Finding

__all__ = [
    "Act", "Stored", "add_version", "approve_article", "decline_correction", "find_article", "hold_article", "newest_version",
    "propose_correction", "reasons_of_hold", "release_held", "resend_article", "spike_article", "stop_and_hold", "story_is_out",
    "targets_with",
]  # fmt: skip

_SHORTEST = 6  # characters of an id that may stand for the whole
_OVER = ("pending", "held", "rejected", "dead")  # what becomes of an older version's deliveries no longer matters


@dataclass(frozen=True, slots=True)
class Act:
    """A person's decision."""

    who: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """An article as the database has it."""

    id: str
    site: str
    locale: str
    story: str
    version: int
    slug: str
    edition: str
    angle: str
    subject: str
    decision: str
    change: str
    as_of: datetime
    body: str

    @property
    def headline(self) -> str:
        return str(json.loads(self.body)["headline"]["text"])


def _stored(row: Any) -> Stored:
    return Stored(row.id, row.site, row.locale, row.story, row.version, row.slug, row.edition, row.angle, row.subject, row.decision,
                  row.change, from_epoch(row.as_of), row.body)  # fmt: skip


def find_article(engine: Engine, given: str) -> Stored:
    """The article of an id, of the first letters of one, or the newest version of a slug.

    Raises:
        ConfigError: There is none, or several begin so.
    """
    c = ARTICLE.c
    with engine.connect() as connection:
        by_slug = connection.execute(sa.select(ARTICLE).where(c.slug == given, c.version > 0).order_by(c.version.desc())).all()
        newest = {(r.site, r.locale, r.story): r for r in reversed(by_slug)}  # the highest version is the last to be put there
        prefix = c.id.startswith(given.lower(), autoescape=True) if len(given) >= _SHORTEST else c.id == given
        rows = (
            sorted(newest.values(), key=lambda r: str(r.site))
            or connection.execute(sa.select(ARTICLE).where(prefix, c.version > 0).limit(4)).all()
        )
    if len(rows) == 1:
        return _stored(rows[0])
    if not rows:
        raise ConfigError(f"no article {given!r}: give its id, {_SHORTEST} or more letters of it, or its slug (newsgen status shows them)")
    shown = ", ".join(f"{r.id} ({r.site})" for r in rows[:3])
    raise ConfigError(f"several articles are meant by {given!r}: {shown}{' ...' if len(rows) > 3 else ''}: give the id of one")


def newest_version(engine: Engine, of: Stored, *, published: bool = False) -> Stored:
    """The newest version of an article's story, or the newest that was published."""
    c = ARTICLE.c
    query = sa.select(ARTICLE).where(c.site == of.site, c.locale == of.locale, c.story == of.story, c.version > 0)
    if published:
        query = query.where(c.decision == "publish")
    with engine.connect() as connection:
        row = connection.execute(query.order_by(c.version.desc()).limit(1)).first()
    return _stored(row) if row is not None else of


def story_is_out(engine: Engine, of: Stored) -> bool:
    """Whether a target has some version of the story, or may have it."""
    with engine.connect() as connection:
        return _is_out(connection, of)


def _is_out(connection: Connection, of: Stored, *, version: int | None = None) -> bool:
    p, d = PLACEMENT.c, DELIVERY.c
    placed = sa.select(p.version).where(p.site == of.site, p.locale == of.locale, p.story == of.story)
    sent = sa.select(d.id).where(d.site == of.site, d.locale == of.locale, d.story == of.story,
                                 sa.or_(d.state.in_(("sending", "unknown", "confirmed")), d.unknown_at > 0))  # fmt: skip
    if version is not None:
        placed, sent = placed.where(p.version == version), sent.where(d.version == version)
    return connection.execute(placed).first() is not None or connection.execute(sent).first() is not None


def targets_with(engine: Engine, of: Stored) -> list[str]:
    """The targets that have some version of the story, by their own word."""
    p = PLACEMENT.c
    with engine.connect() as connection:
        query = sa.select(p.target).where(p.site == of.site, p.locale == of.locale, p.story == of.story).order_by(p.target)
        return list(connection.execute(query).scalars())


@contextmanager
def _deciding(engine: Engine, of: Stored) -> Iterator[tuple[Connection, Stored]]:
    """A transaction, and the article as it is now; nobody changes it meanwhile.

    Raises:
        ConfigError: It has been written again.
    """
    with writing(engine) as connection:
        row = connection.execute(sa.select(ARTICLE).where(ARTICLE.c.id == of.id)).first()
        if row is None:
            raise ConfigError("newer prices have taken its place meanwhile: newsgen status shows the article that is there now")
        yield connection, _stored(row)


def reasons_of_hold(engine: Engine, of: Stored) -> list[str]:
    """What holds an article, by its verdict and by its deliveries."""
    verdict = json.loads(of.body)["verdict"]
    blocks = [f["message"] for f in verdict["findings"] if f["severity"] == "block" and verdict["decision"] == "hold"]
    with engine.connect() as connection:
        held = [row.problem for row in _deliveries(connection, of, ("held",)) if row.problem]
    return list(dict.fromkeys([*blocks, *held]))


def approve_article(engine: Engine, of: Stored, body: str, lives_s: Mapping[str, int], act: Act, marks: Mapping[str, str]) -> int:
    """Let a held article go out with just this text, to targets that are just so; returns how many deliveries are due.

    Args:
        marks: Target to the digest of its settings.

    Raises:
        ConfigError: Nothing of it is held, a newer version has gone out, or somebody has changed it meanwhile.
        HeldBack: It rests on something that is stopped or retired.
    """
    with _deciding(engine, of) as (connection, now):
        _refuse_late(connection, now)
        waiting = _deliveries(connection, now, ("held",))
        _refuse_what_is_not_held(connection, of, now, body, waiting=bool(waiting))
        _refuse_what_it_rests_on(connection, now, body)
        values = {"decision": "publish", "body": body, "approved_sha256": digest_of(body)}
        connection.execute(sa.update(ARTICLE).where(ARTICLE.c.id == of.id).values(values))
        for row in waiting:
            _due(connection, row, lives_s, act, approved_for=marks.get(row.target, ""))
        note_action(connection, now, "approve", act, after=body)
        return len(waiting)


def _refuse_what_is_not_held(connection: Connection, of: Stored, now: Stored, body: str, *, waiting: bool) -> None:
    if now.decision == "spike":
        raise ConfigError("it was spiked: the engine writes the story again when there is news")
    if now.decision == "publish" and not waiting:
        raise ConfigError("nothing of it is held: it needs no approval")
    if now.body != of.body:
        raise ConfigError("somebody has changed it meanwhile: look at it, and approve it again")
    if body != now.body and _is_out(connection, now, version=now.version):
        raise ConfigError("a target has it with its own text: newsgen correct --text FILE gives all of them another")


def _refuse_what_it_rests_on(connection: Connection, now: Stored, body: str) -> None:
    stops = active_stops(connection)
    stop = touching(stops, now.site, rests_of(body)) if stops else None
    if stop is not None:
        raise HeldBack(f"{stop} (newsgen resume {stop.id} lifts it)")
    retired = rests_on_retired(connection, json.loads(body))
    if retired:
        raise HeldBack(f"it rests on a retired reading: {retired} (newsgen spike stops it)")


def _refuse_late(connection: Connection, of: Stored) -> None:
    c = ARTICLE.c
    later = sa.select(c.version).where(c.site == of.site, c.locale == of.locale, c.story == of.story, c.version > of.version,
                                       c.decision == "publish")  # fmt: skip
    version = connection.execute(later.order_by(c.version.desc()).limit(1)).scalar()
    if version is not None:
        raise ConfigError(f"version {version} of its story has gone out since: this one is version {of.version}")


def _deliveries(connection: Connection, of: Stored, states: Sequence[str]) -> Sequence[Any]:
    return connection.execute(sa.select(DELIVERY).where(DELIVERY.c.article_id == of.id, DELIVERY.c.state.in_(states))).all()


def _due(connection: Connection, row: Any, lives_s: Mapping[str, int], act: Act, **more: Any) -> None:
    """Due now, and alive as long as fresh news; corrections and withdrawals live for good as they are."""
    at = to_epoch(act.at)
    expires = max(row.expires_at, at + lives_s.get(row.target, 0)) if row.urgency == NEWS else row.expires_at
    values = {"state": "pending", "attempts": 0, "next_at": at, "expires_at": expires, "problem": "", **more}
    connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == row.id).values(values))
    note_attempt(connection, row.id, at, "pending", None, f"{act.who}: {act.reason}".rstrip(": "))


def hold_article(engine: Engine, of: Stored, act: Act) -> tuple[int, list[str]]:
    """Keep what has not gone out of an article from going; returns how many deliveries, and the targets that are being asked just now.

    What waits for a stop to be lifted is held too. An attempt that is in hand is not taken back; if it fails, it is not made again.

    Raises:
        ConfigError: Nothing of it waits.
    """
    with _deciding(engine, of) as (connection, now):
        waiting = [r for r in _deliveries(connection, now, ("pending", "unknown", "held")) if r.state != "held" or _is_stopped(r)]
        in_hand = [r.target for r in _deliveries(connection, now, ("sending",))]
        if not waiting and not in_hand:
            raise ConfigError("nothing of it waits: what a target has is corrected or killed, not held")
        reason = f"held by {act.who}: {act.reason}"
        for row in waiting:
            end_row(connection, row, "held", reason, to_epoch(act.at))
        body = now.body
        if not _is_out(connection, now, version=now.version):
            body = with_finding(body, Finding("desk", "block", "headline", reason))
            values = {"decision": "hold", "body": body, "approved_sha256": ""}
            connection.execute(sa.update(ARTICLE).where(ARTICLE.c.id == of.id).values(values))
        note_action(connection, now, "hold", act, after=body)
        return len(waiting), in_hand


def _is_stopped(row: Any) -> bool:
    """Whether a delivery waits for a stop to be lifted."""
    return str(row.problem).startswith("stop ")


def spike_article(engine: Engine, of: Stored, act: Act) -> None:
    """Stop an article for good before any reader has it.

    Raises:
        ConfigError: A target has it, or may have it.
    """
    with _deciding(engine, of) as (connection, now):
        if _is_out(connection, now, version=now.version):
            raise ConfigError("a target has it, or may have it: newsgen kill withdraws it")
        for row in _deliveries(connection, now, _OVER):
            end_row(connection, row, "held", f"spiked by {act.who}: {act.reason}", to_epoch(act.at))
        values = {"decision": "spike", "approved_sha256": ""}
        connection.execute(sa.update(ARTICLE).where(ARTICLE.c.id == of.id).values(values))
        note_action(connection, now, "spike", act, after=now.body)


def resend_article(engine: Engine, of: Stored, lives_s: Mapping[str, int], act: Act, *, targets: Sequence[str],
                   overwrite: bool = False, anew: Sequence[str] = ()) -> list[str]:  # fmt: skip
    """Make deliveries that have ended without success due again; returns their targets.

    Args:
        targets: Only these.
        overwrite: The editor has seen what a person changed at the target, and sends ours all the same.
        anew: Targets that take messages: one that may have arrived is sent once more, since a person says so.

    Raises:
        ConfigError: It is held or spiked, or a newer version has gone out.
    """
    with _deciding(engine, of) as (connection, now):
        _refuse_late(connection, now)
        if now.decision != "publish":
            raise ConfigError("it is held: newsgen approve lets it go" if now.decision == "hold" else "it was spiked")
        ended = [r for r in _deliveries(connection, now, ("rejected", "dead")) if r.target in targets]
        for row in ended:
            more: dict[str, Any] = {"overwrite": int(overwrite)} | ({"unknown_at": 0} if row.target in anew else {})
            _due(connection, row, lives_s, act, **more)
        if ended:
            note_action(connection, now, "resend", act, after=now.body)
        return [row.target for row in ended]


def release_held(engine: Engine, stop: Stop, act: Act) -> int:
    """Let deliveries go on that waited for a stop; articles that were written under it stay held for an editor. Returns how many."""
    d, c = DELIVERY.c, ARTICLE.c
    query = (
        sa.select(DELIVERY)
        .join(ARTICLE, c.id == d.article_id)
        .where(d.state == "held", d.problem.startswith(f"stop {stop.id}: ", autoescape=True), c.decision == "publish")
    )
    with writing(engine) as connection:
        lift_stops(connection, [stop.id], act.who, act.at)
        rows = connection.execute(query).all()
        for row in rows:
            state = "unknown" if row.unknown_at else "pending"
            values = {"state": state, "next_at": to_epoch(act.at), "problem": ""}
            connection.execute(sa.update(DELIVERY).where(d.id == row.id).values(values))
            note_attempt(connection, row.id, to_epoch(act.at), state, None, f"{act.who} lifted {stop.what}")
        return len(rows)


def stop_and_hold(engine: Engine, scope: str, name: str, act: Act, site: str = "") -> tuple[Stop, int]:
    """Stop something, and hold what waits and rests on it; returns how many deliveries that is."""
    with writing(engine) as connection:
        stop = add_stop(connection, scope, name, act.reason, act.who, act.at, site)
        return stop, hold_touched(connection, act.at)


def add_version(engine: Engine, base: Stored, article: Mapping[str, Any], targets: Mapping[str, int], verb: str, act: Act) -> None:
    """A new version of a story, after the newest that there is, with its deliveries; older ones that wait are overtaken.

    Args:
        base: The version that it takes the place of; the newest may be another one, which is held.
        article: ARTICLE.json as a dict.

    Raises:
        VersionTaken: Another version has come meanwhile.
    """
    body = text_of(article)
    c = ARTICLE.c
    same = (c.site == base.site, c.locale == base.locale, c.story == base.story)
    with writing(engine) as connection:
        newest = int(connection.execute(sa.select(sa.func.max(c.version)).where(*same)).scalar_one())
        if newest != article["version"] - 1:
            raise VersionTaken(newest)
        row = dict(connection.execute(sa.select(ARTICLE).where(c.id == base.id)).mappings().one())
        row |= {"id": article["id"], "version": article["version"], "fire_time": None, "decision": article["verdict"]["decision"],
                "written_at": to_epoch(parse_time(article["written_at"])), "change": article["change"]["kind"], "body": body,
                "approved_sha256": digest_of(body)}  # fmt: skip
        connection.execute(sa.insert(ARTICLE).values(row))
        keep_basis(connection, article["id"], article)
        _overtake(connection, base, act)
        add_version_deliveries(connection, article, targets, act.at)
        note_action(connection, base, verb, act, after=body, article_id=article["id"])


def _overtake(connection: Connection, base: Stored, act: Act) -> None:
    c = DELIVERY.c
    older = sa.select(DELIVERY).where(c.site == base.site, c.locale == base.locale, c.story == base.story, c.state.in_(_OVER))
    for row in connection.execute(older).all():
        end_row(connection, row, "superseded", "a newer version of the story took its place", to_epoch(act.at))


def propose_correction(engine: Engine, of: Stored, act: Act) -> None:
    """Leave a correction to a person: `newsgen status` shows it until somebody has done something about the article."""
    with writing(engine) as connection:
        note_action(connection, of, "propose", act, after=of.body)


def decline_correction(engine: Engine, of: Stored, act: Act) -> None:
    """A person has looked at a proposal, and the article stays as it is.

    Raises:
        ConfigError: No correction of it is proposed.
    """
    last = sa.select(EDITOR_ACTION.c.verb).where(EDITOR_ACTION.c.article_id == of.id).order_by(EDITOR_ACTION.c.id.desc()).limit(1)
    with _deciding(engine, of) as (connection, now):
        if connection.execute(last).scalar() != "propose":
            raise ConfigError("no correction of it is proposed (newsgen status shows those that are)")
        note_action(connection, now, "decline", act, after=now.body)


def note_action(connection: Connection, of: Stored, verb: str, act: Act, *, after: str, article_id: str = "") -> None:
    """An editor's action, with what the text was and is: append only."""
    connection.execute(sa.insert(EDITOR_ACTION).values(
        site=of.site, locale=of.locale, article_id=article_id or of.id, verb=verb, who=act.who, reason=act.reason, at=to_epoch(act.at),
        before_sha256=digest_of(of.body), after_sha256=digest_of(after),
    ))  # fmt: skip
