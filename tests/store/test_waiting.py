"""What waits to be sent: replaced in one transaction while nobody has it, and left alone when somebody has taken it meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from desk import written
from sqlalchemy import Engine

from newsgen.store.claims import claim_due
from newsgen.store.database import open_database, writing
from newsgen.store.deliveries import deliveries_of, settle
from newsgen.store.newsroom import ARTICLE, EDITOR_ACTION, STORY, save_article
from newsgen.store.versions import Act, find_article, note_action
from newsgen.store.waiting import Waiting, hold_waiting, postpone, replace_waiting, waiting_articles
from newsgen.store.wording import WORDING
from newsgen.story import Article, Finding, Verdict

NOON = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
STALE = Finding("staleness", "block", "headline", "the price has moved")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path}/news.db")


def article() -> Article:
    made = written("2025-07-14-squeeze").article
    assert made is not None
    return made


def again() -> Article:
    """The same story from a later view."""
    return replace(article(), id="another", slug="another-slug", as_of=LATER, written_at=LATER)


def waiting(engine: Engine, at: datetime = LATER) -> list[Waiting]:
    return waiting_articles(engine, "main", at - timedelta(minutes=2), at)


def rows(engine: Engine, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    with engine.connect() as connection:
        return list(connection.execute(sa.select(table)))


def saved(engine: Engine, *targets: str, fire_time: datetime | None = NOON) -> Waiting:
    save_article(engine, article(), dict.fromkeys(targets or ("cms",), 6 * 3600), NOON, fire_time=fire_time)
    [found] = waiting(engine)
    return found


def test_only_what_has_waited_and_is_due_and_lives_is_looked_at(engine: Engine) -> None:
    saved(engine)
    assert waiting(engine, NOON + timedelta(minutes=1)) == []
    assert waiting(engine, NOON + timedelta(hours=7)) == []
    assert waiting_articles(engine, "another", LATER, LATER) == []
    postpone(engine, article().id, LATER + timedelta(seconds=30), "waits for a price")
    assert waiting(engine) == []
    assert [w.article_id for w in waiting(engine, LATER + timedelta(seconds=30))] == [article().id]


def test_a_new_rendering_takes_the_place_of_the_old_one(engine: Engine) -> None:
    old = saved(engine, "cms", "site")
    before = {row["target"]: row["message_id"] for row in deliveries_of(engine)}
    assert replace_waiting(engine, old, again(), LATER, "moved", mark="123218")
    [row] = rows(engine, ARTICLE)
    assert (row.id, row.version, row.fire_time, row.mark, row.decision) == ("another", 1, int(NOON.timestamp()), "123218", "publish")
    assert {r["target"]: r["message_id"] for r in deliveries_of(engine, "another")} == before
    assert [r.slug for r in rows(engine, STORY)] == ["another-slug"]
    assert [r.article_id for r in rows(engine, WORDING)] == ["another"]  # no reader has seen the other words
    [action] = rows(engine, EDITOR_ACTION)
    assert (action.verb, action.reason, action.before_sha256 != action.after_sha256) == ("rewrite", "moved", True)
    assert waiting(engine, LATER + timedelta(minutes=5))[0].untouched  # it may be written again once more


def test_a_new_rendering_that_is_held_is_not_due(engine: Engine) -> None:
    held = replace(again(), verdict=Verdict("hold", (STALE,)))
    assert replace_waiting(engine, saved(engine), held, LATER, "moved")
    assert [(r["state"], r["problem"]) for r in deliveries_of(engine)] == [("held", "moved")]


@pytest.mark.parametrize("state", ["sending", "unknown", "confirmed", "rejected", "dead"])
def test_what_somebody_has_taken_meanwhile_is_not_replaced(engine: Engine, state: str) -> None:
    old = saved(engine, "cms", "site")
    [taken] = claim_due(engine, LATER, targets=["site"])
    if state != "sending":
        settle(engine, taken, state, LATER)
    assert not replace_waiting(engine, old, again(), LATER, "moved")
    [row] = rows(engine, ARTICLE)
    assert (row.id, row.body) == (article().id, article().dumps())
    assert [w.untouched for w in waiting(engine)] == [False]


def test_what_a_person_has_had_a_hand_in_is_not_replaced(engine: Engine) -> None:
    old = saved(engine)
    with writing(engine) as connection:
        note_action(connection, find_article(engine, old.article_id), "approve", Act("ada", "", NOON), after="")
    assert not replace_waiting(engine, old, again(), LATER, "moved")


def test_a_hold_stops_what_is_due_and_says_why(engine: Engine) -> None:
    hold_waiting(engine, saved(engine), STALE, LATER)
    [row] = rows(engine, ARTICLE)
    verdict = json.loads(row.body)["verdict"]
    assert (row.decision, verdict["decision"], verdict["findings"][0]["message"]) == ("hold", "hold", "the price has moved")
    assert claim_due(engine, LATER + timedelta(hours=1)) == []


def test_a_hold_leaves_the_article_that_a_target_has_as_it_is(engine: Engine) -> None:
    old = saved(engine, "cms", "site")
    [taken] = claim_due(engine, LATER, targets=["site"])
    settle(engine, taken, "confirmed", LATER)
    hold_waiting(engine, old, STALE, LATER)
    [row] = rows(engine, ARTICLE)
    assert (row.decision, row.body) == ("publish", article().dumps())
    assert {r["target"]: r["state"] for r in deliveries_of(engine)} == {"cms": "held", "site": "confirmed"}
