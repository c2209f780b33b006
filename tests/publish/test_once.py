"""Once, and only once: the eleven rules of sending to a target, each shown through the real outbox and database on a small CMS."""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from newsgen.publish import Outbox, _outbox, publishers
from newsgen.publish._publisher import Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import Wire
from newsgen.store.claims import LEASE_S, claim_due
from newsgen.store.database import open_database
from newsgen.store.deliveries import ATTEMPT, PLACEMENT, note_intent, settle
from newsgen.story import Article, Receipt, Text
from newsgen.target_settings import CmsSettings

sys.path.insert(0, str(Path(__file__).parent))
import small_cms
from matrix import Rehearsal, versions
from small_cms import SmallCms, running, target_of

FIRST, UPDATE, CORRECTION, WITHDRAWAL = versions()


class Desk(Rehearsal):
    """A desk whose target is the small CMS."""

    receiver: SmallCms

    @property
    def row(self) -> Mapping[str, Any]:
        return self.rows()[-1]

    def states(self) -> list[str]:
        return [r["state"] for r in self.rows()]

    def wait(self, seconds: float) -> None:
        self.clock.now += timedelta(seconds=seconds)

    def said(self) -> list[str]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(ATTEMPT.c.said).order_by(ATTEMPT.c.id)).scalars())

    def placed(self) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(PLACEMENT)).all())


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**publishers(), "cms": small_cms.PUBLISHER}
    monkeypatch.setattr(_outbox, "publishers", lambda: known)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with running() as cms:
        found = Desk(target_of(cms), cms, {}, tmp_path)
        yield found
        found.engine.dispose()


def _other(number: int, article: Article = FIRST) -> Article:
    """Another story."""
    return replace(article, id=f"00000000-0000-5000-8000-{number:012d}", story=f"story-{number}", slug=f"story-{number:08d}")


# 1 The intention is written first


def test_what_will_be_sent_is_written_down_before_the_first_byte_leaves(desk: Desk) -> None:
    seen: list[tuple[str, str, int]] = []
    desk.receiver.act = lambda request: seen.append((desk.row["state"], desk.row["body_sha256"], desk.row["attempts"]))
    desk.publish(FIRST)
    assert {state for state, _, _ in seen} == {"sending"}
    assert {attempts for _, _, attempts in seen} == {1}
    assert all(len(digest) == 64 for _, digest, _ in seen)


def test_a_power_cut_after_the_first_byte_does_not_undo_the_claim(desk: Desk) -> None:
    """SQLite waits for the disk at a commit only when it is told to."""
    waits: list[int] = []

    @sa.event.listens_for(desk.engine, "commit")
    def look(connection: sa.Connection) -> None:
        waits.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())

    desk.receiver.act = lambda request: waits.append(-1)
    desk.publish(FIRST)
    full, normal = 2, 1
    assert waits[: waits.index(-1)] == [normal, full, normal]  # the article, the claim, the digest


def test_what_the_target_confirmed_is_written_down_after_it(desk: Desk) -> None:
    desk.publish(FIRST)
    (placed,) = desk.placed()
    assert (placed.remote_id, placed.version, placed.mark) == (desk.receiver.posts[0]["id"], 1, "m")
    assert placed.url == f"https://cms.example/{placed.remote_id}"
    assert len(placed.stored_sha256) == 64


# 2 Identity is ours


def test_a_post_is_found_again_by_the_id_of_the_story_whatever_its_words(desk: Desk) -> None:
    desk.publish(FIRST)
    with desk.engine.begin() as connection:
        connection.execute(sa.delete(PLACEMENT))  # as if the receipt had been lost
        connection.execute(sa.text("UPDATE delivery SET unknown_at = 1"))
    desk.publish(replace(UPDATE, headline=Text("Quite another headline")))
    assert [p.title for p in desk.receiver.shown()] == ["Quite another headline"]
    assert desk.receiver.writes.count("POST") == 1


# 3 States


@pytest.mark.parametrize("fault", ["swallow", "503", "page", "page-after", "cut"])
def test_an_end_that_is_not_known_is_unknown(desk: Desk, fault: str) -> None:
    desk.receiver.faults = {"POST": fault}
    desk.save(FIRST)
    desk.send()
    assert desk.states() == ["unknown"]
    assert desk.row["unknown_at"]


def test_a_target_that_says_no_is_known(desk: Desk) -> None:
    desk.receiver.faults = {"POST": "403"}
    assert "no right" in desk.refused(FIRST)
    assert desk.row["unknown_at"] == 0


def test_a_refusal_after_something_was_written_leaves_it_unknown(desk: Desk) -> None:
    desk.receiver.faults = {"PUT": "403"}  # made, but may not be shown
    desk.refused(FIRST)
    assert desk.row["unknown_at"]
    desk.publish(WITHDRAWAL)
    assert [p.title for p in desk.receiver.shown()] == [WITHDRAWAL.headline.text]


# 4 Look up before a repeat


def test_what_has_arrived_is_found_and_not_sent_again(desk: Desk) -> None:
    desk.receiver.faults = {"POST": "cut"}
    desk.publish(FIRST)
    assert desk.receiver.writes.count("POST") == 1
    assert len(desk.receiver.shown()) == 1


def test_a_post_is_repeated_only_a_minute_after_the_one_whose_end_is_not_known(desk: Desk) -> None:
    desk.receiver.faults = {"POST": "swallow"}
    desk.save(FIRST)
    desk.send()
    for _ in range(5):
        desk.wait(11)
        desk.send()
    assert desk.receiver.writes == ["POST"]
    assert desk.receiver.asked.count(desk.receiver.asked[0]) >= 2  # it was looked up meanwhile
    desk.wait(11)
    desk.send()
    assert desk.receiver.writes[:2] == ["POST", "POST"]
    assert desk.states() == ["confirmed"]


def test_the_twin_of_a_repeated_post_is_removed_and_what_stays_is_the_right_version(desk: Desk) -> None:
    desk.receiver.faults = {"POST": "swallow"}
    desk.save(FIRST)
    desk.send()
    desk.save(UPDATE)
    desk.wait(61)
    desk.receiver.act = lambda request: desk.receiver.late() if len(desk.receiver.posts) == 1 else None  # it comes in after the second
    assert desk.drive() == "confirmed"
    assert len(desk.receiver.posts) == 1
    assert [p.title for p in desk.receiver.shown()] == [UPDATE.headline.text]
    assert "119,900" in desk.receiver.shown()[0].body
    assert desk.receiver.writes.count("DELETE") == 1


# 5 One writer per story and target


def _claims(arguments: tuple[str, float]) -> list[tuple[int, int]]:
    url, now = arguments
    engine = open_database(url, upgrade=False)
    got = [(d.id, d.version) for _ in range(3) for d in claim_due(engine, datetime.fromtimestamp(now, UTC), limit=2)]
    engine.dispose()
    return got


@pytest.mark.parametrize("of", ["threads", "processes"])
def test_of_forty_who_claim_at_once_one_gets_each_delivery_and_one_a_story(desk: Desk, of: str) -> None:
    for number in range(6):
        desk.save(_other(number))
        desk.save(replace(_other(number, UPDATE), id=f"00000000-0000-5000-9000-{number:012d}"))
    asked = [(str(desk.engine.url), desk.clock().timestamp())] * 40
    if of == "threads":
        with ThreadPoolExecutor(40) as pool:
            found = [claim for claims in pool.map(_claims, asked) for claim in claims]
    else:
        with multiprocessing.get_context("fork").Pool(4) as pool:  # forty, four at a time
            found = [claim for claims in pool.map(_claims, asked, chunksize=1) for claim in claims]
    assert Counter(version for _, version in found) == {2: 6}  # the older versions are overtaken
    assert len({row for row, _ in found}) == 6


def test_a_newer_version_waits_while_an_older_one_is_being_sent(desk: Desk) -> None:
    desk.save(FIRST)
    (older,) = claim_due(desk.engine, desk.clock())
    desk.save(WITHDRAWAL)
    assert claim_due(desk.engine, desk.clock()) == []
    settle(desk.engine, older, "confirmed", desk.clock(), remote_id="p1", is_there=True)
    (newer,) = claim_due(desk.engine, desk.clock())
    assert newer.version == 4
    assert newer.placed is not None


def test_a_sender_whose_lease_ran_out_settles_nothing_and_sends_nothing(desk: Desk) -> None:
    desk.save(FIRST)
    (slow,) = claim_due(desk.engine, desk.clock())
    desk.wait(LEASE_S)
    (new,) = claim_due(desk.engine, desk.clock())
    assert new.unknown_at is not None
    assert note_intent(desk.engine, slow, "0" * 64) is None
    assert not settle(desk.engine, slow, "rejected", desk.clock(), problem="too late")
    assert desk.states() == ["sending"]
    assert settle(desk.engine, new, "confirmed", desk.clock(), remote_id="p2", is_there=True)
    assert not settle(desk.engine, slow, "confirmed", desk.clock(), remote_id="p1", is_there=True)
    assert [p.remote_id for p in desk.placed()] == ["p2"]


def test_a_slow_send_writes_no_more_once_its_lease_is_over(desk: Desk) -> None:
    desk.receiver.act = lambda request: (
        desk.wait(LEASE_S + 1) if "POST" in request else None
    )  # as of a machine that slept between two requests
    desk.save(FIRST)
    desk.send()
    assert desk.receiver.writes == ["POST"]
    desk.receiver.act = lambda request: None
    assert desk.drive() == "confirmed"
    assert desk.receiver.writes == ["POST", "PUT"]


def test_a_sender_that_wakes_up_after_another_took_over_changes_nothing(desk: Desk) -> None:
    """The first hangs in the middle of its send; the second finds what the first has made, and ends it."""
    stuck, go_on = threading.Event(), threading.Event()

    def hang(request: str) -> None:
        if request.startswith("PUT") and not stuck.is_set():
            stuck.set()
            go_on.wait(10)

    desk.receiver.act = hang
    desk.save(FIRST)
    first = threading.Thread(target=desk.send)
    first.start()
    assert stuck.wait(10)
    desk.wait(LEASE_S)
    second = Outbox(open_database(str(desk.engine.url)), {"cms": desk.target}, desk.clock, env={})
    asyncio.run(_elsewhere(second))
    assert desk.states() == ["confirmed"]
    go_on.set()
    first.join()
    assert desk.states() == ["confirmed"]
    assert len(desk.receiver.shown()) == 1
    with desk.engine.connect() as connection:
        assert list(connection.execute(sa.select(ATTEMPT.c.state).order_by(ATTEMPT.c.id)).scalars()) == ["confirmed", "late"]
    second.engine.dispose()


async def _elsewhere(outbox: Outbox) -> None:
    await outbox.deliver()


_SECOND = """
import sys
from datetime import UTC, datetime
from newsgen.store.database import open_database
from newsgen.store.claims import claim_due, recover_sending
engine = open_database(sys.argv[1])
print(recover_sending(engine, datetime.now(UTC)), len(claim_due(engine, datetime.now(UTC))), flush=True)
if len(sys.argv) > 2:
    sys.stdin.read()
"""


def test_a_second_newsgen_leaves_alone_what_the_first_is_sending_and_takes_it_over_when_that_is_dead(desk: Desk) -> None:
    desk.save(FIRST)
    command = [sys.executable, "-c", _SECOND, str(desk.engine.url)]
    first = subprocess.Popen([*command, "stay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stdin is not None
    assert first.stdout.readline().split() == ["0", "1"]
    second = subprocess.run(command, capture_output=True, text=True, check=True)
    assert second.stdout.split() == ["0", "0"]
    first.kill()
    first.wait()
    first.stdin.close()
    first.stdout.close()
    third = subprocess.run(command, capture_output=True, text=True, check=True)
    assert third.stdout.split() == ["1", "1"]


# 6 No redirect of a write


def test_a_redirect_of_a_post_is_not_followed_and_names_what_to_do(desk: Desk) -> None:
    desk.receiver.faults = {"POST": "redirect"}
    assert "configure that address" in desk.refused(FIRST)
    assert desk.receiver.asked[-1] == "POST /posts"
    assert desk.receiver.posts == []


# 7 Success is the right JSON


def test_a_page_of_html_with_status_200_is_no_success(desk: Desk) -> None:
    desk.receiver.faults = {"POST": "page"}
    desk.save(FIRST)
    desk.send()
    assert "without JSON" in desk.row["problem"]
    assert desk.drive() == "confirmed"
    assert len(desk.receiver.shown()) == 1


def test_half_an_answer_is_no_success(desk: Desk) -> None:
    desk.receiver.faults = {"POST": "cut"}
    desk.save(FIRST)
    desk.send()
    assert desk.states() == ["unknown"]
    assert desk.receiver.shown() == []  # made, and shown to nobody before it was read back
    assert desk.drive() == "confirmed"
    assert len(desk.receiver.shown()) == 1


# 8 Read back


@pytest.mark.parametrize(("fault", "says"), [("lose-words", "'Monday"), ("lose-links", "the link to")])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_the_target_threw_away_is_noticed_before_readers_see_it(desk: Desk, fault: str, says: str, method: str) -> None:
    article = FIRST
    if method == "PUT":
        desk.publish(FIRST)
        article = replace(CORRECTION, paragraphs=(*CORRECTION.paragraphs[:1], *FIRST.paragraphs), sources=FIRST.sources)
    desk.receiver.faults = {method: fault}
    problem = desk.refused(article)
    assert "did not keep" in problem
    assert says in problem or "link" in says
    assert method == "PUT" or desk.receiver.shown() == []


# 9 Times are UTC


def test_times_leave_as_utc_with_their_zone(desk: Desk) -> None:
    desk.publish(replace(FIRST, written_at=datetime(2025, 7, 14, 14, 2, tzinfo=UTC)))
    assert desk.receiver.posts[0]["date"] == "2025-07-14T14:02:00+0000"


# 10 Clocks and ages


def test_news_that_is_too_late_goes_to_the_editor(desk: Desk) -> None:
    desk.save(FIRST)
    desk.wait(6 * 3600)
    desk.send()
    assert desk.states() == ["dead"]
    assert "expired" in desk.row["problem"]
    assert desk.receiver.asked == []


def test_a_target_that_asks_for_quiet_is_left_alone_with_all_that_waits_for_it(desk: Desk) -> None:
    desk.receiver.faults = {"POST": "429"}
    for number in range(3):
        desk.save(_other(number))
    desk.send()
    desk.send()
    assert desk.receiver.writes == ["POST"]
    desk.wait(89)
    desk.send()
    assert desk.receiver.writes == ["POST"]
    desk.wait(2)
    desk.send()
    assert desk.states() == ["confirmed"] * 3


def test_a_correction_does_not_expire(desk: Desk) -> None:
    desk.publish(FIRST)
    desk.receiver.faults = {"GET": " ".join(["503"] * 20)}
    desk.save(CORRECTION)
    for _ in range(16):
        desk.wait(3600)
        desk.send()
    assert desk.states() == ["confirmed", "pending"]
    desk.receiver.faults = {}
    assert desk.drive() == "confirmed"
    assert "76%" in desk.receiver.shown()[0].body


# 11 What people changed


def _edit(cms: SmallCms) -> None:
    cms.posts[0]["body"] = cms.posts[0]["body"].replace("rose", "soared")


def test_what_a_person_changed_is_not_overwritten_unless_an_editor_says_so(desk: Desk) -> None:
    desk.publish(FIRST)
    _edit(desk.receiver)
    assert "somebody has changed it" in desk.refused(UPDATE)
    assert "soared" in desk.receiver.shown()[0].body
    assert desk.resend(overwrite=True) == "confirmed"
    assert "soared" not in desk.receiver.shown()[0].body


def test_a_link_that_a_person_added_is_not_overwritten_either(desk: Desk) -> None:
    desk.publish(FIRST)
    desk.receiver.posts[0]["body"] = desk.receiver.posts[0]["body"].replace("Bitcoin", '<a href="https://a.example/">Bitcoin</a>', 1)
    assert "somebody has changed it" in desk.refused(UPDATE)


def test_what_a_person_wrote_below_our_text_is_noticed_when_the_same_words_are_sent_again(desk: Desk) -> None:
    desk.publish(FIRST)
    desk.receiver.posts[0]["body"] += "<p>A line of my own.</p>"
    assert desk.resend() == "rejected"
    assert "somebody has changed it" in desk.row["problem"]
    assert desk.receiver.posts[0]["body"].endswith("<p>A line of my own.</p>")


def test_a_link_that_a_person_added_stays_theirs_after_the_same_words_were_sent_again(desk: Desk) -> None:
    desk.publish(FIRST)
    body = desk.receiver.posts[0]["body"].replace("Bitcoin", '<a href="https://a.example/">Bitcoin</a>', 1)
    desk.receiver.posts[0]["body"] = body
    assert desk.resend() == "confirmed"  # every word is there: nothing is written
    assert "somebody has changed it" in desk.refused(UPDATE)
    assert desk.receiver.posts[0]["body"] == body


def test_what_a_person_changed_after_an_attempt_of_unknown_end_is_not_overwritten_by_a_newer_version(desk: Desk) -> None:
    desk.receiver.faults = {"POST": "page-after"}
    desk.save(FIRST)
    desk.send()
    _edit(desk.receiver)
    assert "somebody has changed it" in desk.refused(UPDATE)
    assert "soared" in desk.receiver.kept()[0].body


def test_an_update_whose_end_is_not_known_is_no_work_of_a_person(desk: Desk) -> None:
    desk.publish(FIRST)
    desk.receiver.faults = {"PUT": "page-after"}
    desk.save(UPDATE)
    desk.send()
    assert desk.states() == ["confirmed", "unknown"]
    desk.publish(CORRECTION)
    assert "76%" in desk.receiver.shown()[0].body


def test_what_a_person_removed_is_not_published_again_unless_an_editor_says_so(desk: Desk) -> None:
    desk.publish(FIRST)
    desk.receiver.posts.clear()
    assert "somebody has removed it" in desk.refused(UPDATE)
    assert desk.receiver.posts == []
    assert desk.resend(overwrite=True) == "confirmed"
    assert len(desk.receiver.shown()) == 1


# Versions and withdrawals


def test_a_version_that_is_overtaken_is_not_sent_at_all(desk: Desk) -> None:
    desk.save(FIRST)
    desk.save(UPDATE)
    desk.send()
    assert desk.states() == ["superseded", "confirmed"]
    assert desk.receiver.writes == ["POST", "PUT"]
    assert "119,900" in desk.receiver.shown()[0].body


def test_a_withdrawal_goes_before_everything_else_and_never_expires(desk: Desk) -> None:
    desk.publish(FIRST)
    for number in range(3):
        desk.save(_other(number))
    desk.save(WITHDRAWAL)
    desk.receiver.asked.clear()
    desk.wait(5 * 3600)
    desk.send()
    assert desk.receiver.shown()[0].title == WITHDRAWAL.headline.text
    assert desk.receiver.asked[0] == f"GET /posts/{desk.receiver.posts[0]['id']}"
    desk.wait(400 * 86_400)
    desk.save(replace(_other(9, WITHDRAWAL), story=_other(1).story, slug=_other(1).slug))
    desk.wait(400 * 86_400)
    assert desk.drive() == "confirmed"


def test_a_withdrawal_is_confirmed_where_the_target_never_had_the_story(desk: Desk) -> None:
    desk.save(FIRST)
    desk.save(WITHDRAWAL)
    desk.send()
    assert desk.states() == ["superseded", "confirmed"]
    assert desk.receiver.asked == []


def test_a_story_that_is_withdrawn_while_its_first_version_is_unknown_does_not_stay(desk: Desk) -> None:
    desk.receiver.faults = {"POST": "page-after"}
    desk.save(FIRST)
    desk.send()
    desk.save(WITHDRAWAL)
    assert desk.drive() == "confirmed"
    assert [p.title for p in desk.receiver.kept()] == [WITHDRAWAL.headline.text]


def test_a_withdrawal_of_what_may_still_come_in_waits_until_it_cannot(desk: Desk) -> None:
    desk.receiver.faults = {"POST": "swallow"}
    desk.save(FIRST)
    desk.send()
    desk.save(WITHDRAWAL)
    desk.send()
    assert desk.row["state"] == "pending"
    desk.receiver.late()
    assert desk.drive() == "confirmed"
    assert [p.title for p in desk.receiver.kept()] == [WITHDRAWAL.headline.text]


def test_a_story_that_is_withdrawn_while_its_sender_is_dead_does_not_stay(desk: Desk) -> None:
    """The older version's lease has run out, and nobody has looked at it since: the target may have it."""
    desk.save(FIRST)
    (dead,) = claim_due(desk.engine, desk.clock())
    desk.receiver.posts.append({"id": "p1", "title": "t", "body": "<p>b</p>", "story": "s", "live": True})
    desk.wait(LEASE_S)
    desk.save(WITHDRAWAL)
    (withdrawal,) = claim_due(desk.engine, desk.clock(), limit=1)
    assert (dead.version, withdrawal.version) == (1, 4)
    assert withdrawal.unknown_at is not None


# Messages, and faults of our own


def _plain(parcel: Parcel, target: Target) -> Outgoing:
    return Outgoing(parcel.article.headline.text.encode(), "text/plain")


async def _tell(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    await wire.ask("POST", target.of(CmsSettings).url + "/posts", body=b'{"story":"s"}')
    return Receipt(target.name, parcel.article.id, "confirmed")


async def _break(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    raise KeyError(f"canary of {target.name}")


def _install(monkeypatch: pytest.MonkeyPatch, publisher: Publisher) -> None:
    monkeypatch.setattr(_outbox, "publishers", lambda: {"cms": publisher})


def test_a_message_that_may_have_arrived_is_not_sent_twice_but_a_correction_of_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, Publisher("cms", CmsSettings, _plain, _tell, notifies=True))
    desk.receiver.faults = {"POST": "swallow"}
    desk.save(FIRST)
    assert desk.drive() == "dead"
    assert desk.receiver.writes == ["POST"]
    desk.publish(CORRECTION)
    desk.publish(WITHDRAWAL)
    assert desk.receiver.writes == ["POST", "POST", "POST"]


def test_a_withdrawal_follows_a_message_whose_target_gives_no_id(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, Publisher("cms", CmsSettings, _plain, _tell, notifies=True))
    desk.publish(FIRST)
    desk.publish(WITHDRAWAL)
    assert desk.receiver.writes == ["POST", "POST"]


def test_a_fault_of_a_publisher_ends_its_attempt_and_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.save(FIRST)
    desk.save(_other(1))
    broken = Publisher("cms", CmsSettings, small_cms.PUBLISHER.format, _break)
    _install(monkeypatch, broken)
    desk.send()
    assert desk.states() == ["unknown", "pending"]
    assert "KeyError" in desk.rows()[0]["problem"]
    assert "canary" not in "".join(desk.said())
    _install(monkeypatch, small_cms.PUBLISHER)
    desk.wait(600)
    assert desk.drive() == "confirmed"
    assert len(desk.receiver.shown()) == 2


def test_an_article_that_cannot_be_written_for_a_target_goes_to_the_editor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(parcel: Parcel, target: Target) -> Outgoing:
        raise ValueError("no")

    _install(monkeypatch, Publisher("cms", CmsSettings, fail, small_cms.PUBLISHER.send))
    assert "cannot be written for this target (ValueError)" in desk.refused(FIRST)
    assert desk.receiver.asked == []


def test_a_send_that_takes_too_long_is_ended_before_its_lease_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
        await asyncio.sleep(30)
        raise AssertionError

    assert _outbox.SEND_S < LEASE_S
    monkeypatch.setattr(_outbox, "SEND_S", 0.05)
    _install(monkeypatch, Publisher("cms", CmsSettings, small_cms.PUBLISHER.format, sleep))
    desk.save(FIRST)
    desk.send()
    assert desk.states() == ["unknown"]
    assert "too long" in desk.row["problem"]
