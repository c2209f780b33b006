"""Discord: one message a story, a correction links it, nobody is mentioned, the webhook's address is nowhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from chats import LINK, STORY, Chat, hides_its_secret, hostile, is_never_told_twice, is_told_once, long
from fake_chats import DISCORD, FakeDiscord
from fake_site import Answered, serving

from newsgen.target_settings import DiscordSettings

PATH = DISCORD.removeprefix("https://discord.com")
CHAT = Chat(lambda url: DiscordSettings(name="desk", secret_env="HOOK", base_url=url, allow_private=True), FakeDiscord, {"HOOK": DISCORD},
            f"POST {PATH}")  # fmt: skip


@pytest.fixture
def site() -> Iterator[FakeDiscord]:
    fake = FakeDiscord()
    with serving(fake):
        yield fake


def test_a_story_is_told_once_and_what_follows_links_it(site: FakeDiscord, tmp_path: Path) -> None:
    is_told_once(CHAT, site, tmp_path)
    first, correction, withdrawal = (m["embeds"][0] for m in site.messages)
    assert first["url"] == LINK
    assert "[The earlier message](https://discord.com/channels/7/42/101)" in correction["description"]
    assert "[The earlier message](https://discord.com/channels/7/42/102)" in withdrawal["description"]
    assert all(m["allowed_mentions"] == {"parse": []} for m in site.messages)


def test_whatever_happens_nobody_is_told_twice(site: FakeDiscord, tmp_path: Path) -> None:
    assert is_never_told_twice(CHAT, site, tmp_path) > 14


def test_text_of_somebody_else_is_no_markup_and_mentions_nobody(site: FakeDiscord, tmp_path: Path) -> None:
    CHAT.desk(site, tmp_path).publish(hostile())
    (message,) = site.messages
    embed = message["embeds"][0]
    for part in (embed["title"], embed["description"]):
        assert r"\<\!channel\>".replace(r"\!", "!") in part
        assert r"\[here\]\(https" in part
        assert r"\<\@U1\>" in part
        assert r"\*x\* \`y\`" in part
    assert "content" not in message  # a footer knows no markup
    assert message["allowed_mentions"] == {"parse": []}


def test_a_long_story_is_cut_to_what_discord_stores(site: FakeDiscord, tmp_path: Path) -> None:
    CHAT.desk(site, tmp_path).publish(long())
    (message,) = site.messages
    assert message["embeds"][0]["url"] == LINK
    assert "Data as of 12:02 UTC." in message["embeds"][0]["footer"]["text"]


def test_it_waits_as_long_as_discord_says(site: FakeDiscord, tmp_path: Path) -> None:
    site.errors = [Answered(429, {"message": "You are being rate limited.", "retry_after": 12.75, "global": False})]
    desk = CHAT.desk(site, tmp_path)
    desk.save(STORY)
    desk.send()
    assert 12 <= desk.rows()[0]["next_at"] - int(desk.clock.now.timestamp()) <= 13
    assert desk.drive() == "confirmed"
    assert len(site.messages) == 1


def test_a_webhook_that_was_deleted_is_seen_before_anything_is_posted(site: FakeDiscord, tmp_path: Path) -> None:
    gone = Chat(CHAT.settings, CHAT.make, {"HOOK": DISCORD[:-4] + "0000"}, CHAT.write)
    assert "was deleted: make a new one" in gone.desk(site, tmp_path).refused(STORY)
    assert [asked.split()[0] for asked in site.asked] == ["GET"]


def test_a_message_that_was_not_stored_is_no_success(site: FakeDiscord, tmp_path: Path) -> None:
    site.errors = [Answered(204)]
    desk = CHAT.desk(site, tmp_path)
    desk.save(STORY)
    assert desk.drive() == "dead"  # it may have arrived: never a second one


def test_its_secret_is_in_no_row_and_no_error(site: FakeDiscord, tmp_path: Path) -> None:
    told = [Answered(s, {"message": f"{DISCORD} {PATH}"}) for s in (400, 401, 403, 404, 500, 200)]
    hides_its_secret(CHAT, site, tmp_path, DISCORD, told)


def test_a_check_names_the_webhook_and_posts_nothing(site: FakeDiscord, tmp_path: Path) -> None:
    found = {f.what: f for f in CHAT.desk(site, tmp_path).check()}
    assert found["webhook"].message == "'Desk' posts to channel 42"
    assert site.messages == []
    gone = Chat(CHAT.settings, CHAT.make, {"HOOK": DISCORD[:-4] + "0000"}, CHAT.write)
    assert "was deleted" in {f.what: f for f in gone.desk(site, tmp_path).check()}["webhook"].message
