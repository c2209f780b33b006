"""Telegram: one message a story, a correction answers it, nothing in it is markup, the token is nowhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from chats import HOSTILE, LINK, STORY, THIRD, Chat, hides_its_secret, hostile, is_never_told_twice, is_told_once, long
from fake_chats import TELEGRAM, FakeTelegram, _telegram, parts_of
from fake_site import Answered, serving

from newsgen.publish import Target
from newsgen.target_settings import TelegramSettings

PATH = f"/bot{TELEGRAM}/sendMessage"


def chat(number: str = "-1001234567890", token: str = TELEGRAM) -> Chat:
    def settings(url: str) -> TelegramSettings:
        return TelegramSettings(name="desk", secret_env="BOT", chat=number, base_url=url, allow_private=True)

    return Chat(settings, FakeTelegram, {"BOT": token}, f"POST {PATH}")


CHAT = chat()


@pytest.fixture
def site() -> Iterator[FakeTelegram]:
    fake = FakeTelegram()
    with serving(fake):
        yield fake


def test_a_story_is_told_once_and_what_follows_answers_it(site: FakeTelegram, tmp_path: Path) -> None:
    is_told_once(CHAT, site, tmp_path)
    first, correction, withdrawal = site.messages
    assert "reply_parameters" not in first
    assert correction["reply_parameters"] == {"message_id": 41, "allow_sending_without_reply": True}
    assert withdrawal["reply_parameters"]["message_id"] == 42
    links = {e.get("url") for e in correction["entities"]}
    assert {LINK, "https://t.me/c/1234567890/41"} <= links
    assert parts_of(first, "bold") == [STORY.headline.text]
    assert parts_of(first, "text_link") == ["Read the article"]


def test_whatever_happens_nobody_is_told_twice(site: FakeTelegram, tmp_path: Path) -> None:
    assert is_never_told_twice(CHAT, site, tmp_path) > 14


def test_nothing_in_a_text_is_markup(site: FakeTelegram, tmp_path: Path) -> None:
    CHAT.desk(site, tmp_path).publish(hostile())
    (message,) = site.messages
    assert "parse_mode" not in message
    assert message["text"].count(HOSTILE) == 4
    assert message["link_preview_options"] == {"url": LINK}
    assert parts_of(message, "text_link") == ["Read the article"]


def test_a_site_without_an_address_shows_no_preview_of_somebody_elses(site: FakeTelegram, tmp_path: Path) -> None:
    desk = CHAT.desk(site, tmp_path)
    desk.target = Target(desk.target.settings)
    desk.publish(hostile())
    assert site.messages[0]["link_preview_options"] == {"is_disabled": True}


def test_lengths_and_places_are_counted_as_telegram_counts_them(site: FakeTelegram, tmp_path: Path) -> None:
    CHAT.desk(site, tmp_path).publish(long())
    (message,) = site.messages
    assert parts_of(message, "bold")[0].startswith("A very 🚀 long headline")
    assert parts_of(message, "text_link") == ["Read the article"]
    assert "Data as of 12:02 UTC." in message["text"]


def test_a_channel_by_name_has_addresses_too(site: FakeTelegram, tmp_path: Path) -> None:
    site.chat = "@markets"
    desk = chat("@markets").desk(site, tmp_path)
    desk.publish(STORY)
    assert desk.rows()[0]["url"] == "https://t.me/markets/41"


def test_a_group_that_moved_gets_the_message_and_the_desk_its_new_number(site: FakeTelegram, tmp_path: Path) -> None:
    site.errors = [_telegram(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1001234567890)]
    desk = chat("-4711").desk(site, tmp_path)
    desk.publish(STORY)
    assert len(site.messages) == 1
    assert 'write chat = "-1001234567890"' in desk.rows()[0]["problem"]
    assert desk.rows()[0]["url"] == "https://t.me/c/1234567890/41"


def test_it_waits_as_long_as_telegram_says(site: FakeTelegram, tmp_path: Path) -> None:
    site.errors = [_telegram(429, "Too Many Requests: retry after 37", retry_after=37)]
    desk = CHAT.desk(site, tmp_path)
    desk.save(STORY)
    desk.send()
    assert desk.rows()[0]["next_at"] == int(desk.clock.now.timestamp()) + 37
    assert desk.drive() == "confirmed"
    assert len(site.messages) == 1


@pytest.mark.parametrize(
    ("status", "said", "says"),
    [(403, "Forbidden: bot was kicked from the channel chat", "add it again"), (400, "Bad Request: chat not found", "chat not found"),
     (401, "Unauthorized", "revoked")],
)  # fmt: skip
def test_what_telegram_refuses_is_said_with_how_to_mend_it(site: FakeTelegram, tmp_path: Path, status: int, said: str, says: str) -> None:
    site.errors = [_telegram(status, said)]
    assert says in CHAT.desk(site, tmp_path).refused(STORY)


def test_its_secret_is_in_no_row_and_no_error(site: FakeTelegram, tmp_path: Path) -> None:
    told = [_telegram(status, f"{TELEGRAM} at {PATH}") for status in (400, 403, 404, 500)]
    hides_its_secret(CHAT, site, tmp_path, TELEGRAM, [*told, Answered(200, {"ok": False, "description": TELEGRAM})])


def test_a_secret_that_is_no_token_is_refused_without_being_shown(site: FakeTelegram, tmp_path: Path) -> None:
    said = chat(token="canary/../x").desk(site, tmp_path).refused(THIRD)
    assert "no token of a bot" in said
    assert "canary" not in said
    assert site.asked == []


def test_a_check_names_bot_chat_and_rights_and_posts_nothing(site: FakeTelegram, tmp_path: Path) -> None:
    found = {f.what: f for f in CHAT.desk(site, tmp_path).check()}
    assert "@desk_bot" in found["token"].message
    assert "'Markets'" in found["chat"].message
    assert found["rights"].fine
    assert site.messages == []


def test_a_check_says_what_is_wrong(site: FakeTelegram, tmp_path: Path) -> None:
    site.member = {"status": "administrator", "can_post_messages": False}
    found = {f.what: f for f in CHAT.desk(site, tmp_path).check()}
    assert not found["rights"].fine
    other = {f.what: f for f in chat("@elsewhere").desk(site, tmp_path).check()}
    assert "chat not found" in other["chat"].message
    wrong = {f.what: f for f in chat(token=TELEGRAM[:-4] + "9999").desk(site, tmp_path).check()}
    assert not wrong["token"].fine
    assert "chat" not in wrong
