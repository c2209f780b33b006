"""Slack: one message a story, a new one for a correction, nothing of somebody else's that pings or links."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from chats import LINK, STORY, Chat, hides_its_secret, hostile, is_never_told_twice, is_told_once, long
from fake_chats import SLACK, FakeSlack
from fake_site import Answered, serving

from newsgen.target_settings import SlackSettings

PATH = SLACK.removeprefix("https://hooks.slack.com")
CHAT = Chat(lambda url: SlackSettings(name="desk", secret_env="SLACK", base_url=url, allow_private=True), FakeSlack, {"SLACK": SLACK},
            f"POST {PATH}")  # fmt: skip


@pytest.fixture
def site() -> Iterator[FakeSlack]:
    fake = FakeSlack()
    with serving(fake):
        yield fake


def test_a_story_is_told_once_and_a_correction_and_a_withdrawal_are_messages_of_their_own(site: FakeSlack, tmp_path: Path) -> None:
    texts = is_told_once(CHAT, site, tmp_path)
    assert f"<{LINK}|Read the article>" in texts[0]
    assert all("takes the place of an earlier message" in text for text in texts[1:])


def test_whatever_happens_nobody_is_told_twice(site: FakeSlack, tmp_path: Path) -> None:
    assert is_never_told_twice(CHAT, site, tmp_path) > 14


def test_a_message_that_may_have_arrived_is_sent_again_only_by_an_editor_who_says_so(site: FakeSlack, tmp_path: Path) -> None:
    desk = CHAT.desk(site, tmp_path)
    site.faults = {CHAT.write: "lost after"}
    desk.save(STORY)
    assert desk.drive() == "dead"
    assert desk.resend() == "dead"
    assert len(site.messages) == 1
    assert desk.resend(overwrite=True) == "confirmed"
    assert len(site.messages) == 2


def test_text_of_somebody_else_pings_nobody_and_links_nothing(site: FakeSlack, tmp_path: Path) -> None:
    CHAT.desk(site, tmp_path).publish(hostile())
    (message,) = site.messages
    everything = site.text(message) + message["text"]
    assert "&lt;!channel&gt;" in everything
    assert "<!channel>" not in everything
    assert "<@U1>" not in everything
    assert everything.count("<") == 1  # the link that is ours
    assert {b["text"]["type"] for b in message["blocks"] if "text" in b and LINK not in b["text"]["text"]} == {"plain_text"}


def test_a_long_story_is_cut_to_what_slack_takes(site: FakeSlack, tmp_path: Path) -> None:
    CHAT.desk(site, tmp_path).publish(long())
    (message,) = site.messages
    assert "…" in site.text(message)
    assert LINK in site.text(message)
    assert "Data as of 12:02 UTC." in site.text(message)


@pytest.mark.parametrize(
    ("status", "word", "says"),
    [(400, "invalid_payload", "does not understand"), (403, "action_prohibited", "administrators"), (404, "no_service", "make a new one"),
     (410, "channel_is_archived", "archived"), (404, "something_new", "something_new")],
)  # fmt: skip
def test_what_slack_refuses_is_said_with_how_to_mend_it(site: FakeSlack, tmp_path: Path, status: int, word: str, says: str) -> None:
    site.errors = [Answered(status, word.encode(), {"content-type": "text/plain"})]
    assert says in CHAT.desk(site, tmp_path).refused(STORY)


def test_an_answer_of_another_api_is_no_success(site: FakeSlack, tmp_path: Path) -> None:
    site.errors = [Answered(200, {"ok": False, "error": "not_authed"})]
    assert "no incoming webhook" in CHAT.desk(site, tmp_path).refused(STORY)


def test_its_secret_is_in_no_row_and_no_error(site: FakeSlack, tmp_path: Path) -> None:
    echo = f"{SLACK} {PATH}".encode()
    hides_its_secret(CHAT, site, tmp_path, SLACK, [Answered(s, echo, {"content-type": "text/plain"}) for s in (400, 403, 404, 500, 200)])


@pytest.mark.parametrize("secret", ["xoxb-canary-token", "http://hooks.slack.com/services/x", "https://", "https://[canary"])
def test_a_secret_that_is_no_address_is_refused_without_being_shown(site: FakeSlack, tmp_path: Path, secret: str) -> None:
    chat = Chat(CHAT.settings, CHAT.make, {"SLACK": secret}, CHAT.write)
    said = chat.desk(site, tmp_path).refused(STORY)
    assert "SLACK holds no address" in said
    assert "canary" not in said


def test_a_check_posts_nothing_and_says_that_it_cannot_ask(site: FakeSlack, tmp_path: Path) -> None:
    found = {f.what: f for f in CHAT.desk(site, tmp_path).check()}
    assert "without posting" in found["rights"].message
    assert found["address"].fine
    assert site.asked == []


def test_a_check_sees_an_address_that_is_not_slacks(tmp_path: Path, site: FakeSlack) -> None:
    elsewhere = {"SLACK": "https://hooks.example/services/T0/B0/x"}
    chat = Chat(lambda url: SlackSettings(name="desk", secret_env="SLACK"), FakeSlack, elsewhere, "")
    found = {f.what: f for f in chat.desk(site, tmp_path).check()}
    assert not found["address"].fine
    assert "hooks.example" in found["address"].message
