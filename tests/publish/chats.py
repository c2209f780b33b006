"""What every kind of message must do, whichever chat it goes to: said once, for the tests of each kind."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from fake_chats import FakeChat
from fake_site import AFTER, BEFORE
from matrix import Rehearsal, _dies_at, versions

from newsgen.publish import SiteInfo, Target
from newsgen.story import Article, Text
from newsgen.target_settings import TargetSettings

FIRST, SECOND, THIRD, WITHDRAWN = versions()
POINTS = tuple(Text(f"Point {n}: shorts were {n}% of it") for n in range(1, 4))
STORY = replace(FIRST, key_points=POINTS)
SITE = SiteInfo(title="Markets Daily", base_url="https://markets.example", desk="Crypto desk")
LINK = f"https://markets.example/articles/{FIRST.slug}/"
HOSTILE = "<!channel> @everyone <@U1> & [here](https://evil.example) *x* `y` </b><script> ]("


@dataclass
class Chat:
    """A desk that tells one chat."""

    settings: Callable[[str], TargetSettings]
    make: Callable[[], FakeChat]
    env: Mapping[str, str]
    write: str  # the request that posts, as the receiver names it

    def desk(self, site: FakeChat, folder: Path) -> Rehearsal:
        return Rehearsal(Target(self.settings(site.url), SITE), site, self.env, folder)


def is_told_once(chat: Chat, site: FakeChat, folder: Path) -> list[str]:
    """A story, its update, its correction and its withdrawal: three messages, in this order; returns their texts."""
    desk = chat.desk(site, folder)
    for article in (STORY, replace(SECOND, key_points=POINTS), THIRD, WITHDRAWN):
        desk.publish(article)
    texts = [site.text(m) for m in site.messages]
    assert len(texts) == 3
    said = "\n".join([FIRST.headline.text, FIRST.dek.text, *(p.text for p in POINTS), "Data as of 12:02 UTC.", FIRST.disclosure])
    for line in said.split("\n"):
        assert line in texts[0].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"), line
    assert "Correction: Bitcoin's record" in texts[1].replace("&amp;", "&")
    assert "83% where 76% is right" in texts[1]
    assert "Withdrawn" in texts[2]
    assert "its liquidation figures were wrong" in texts[2]
    assert [row["state"] for row in desk.rows()] == ["confirmed"] * 4
    return texts


def is_never_told_twice(chat: Chat, site: FakeChat, folder: Path) -> int:
    """Every fault at the message, and a death at every step: never two messages; returns how many cases."""
    desk, done = chat.desk(site, folder), 0
    before = desk.state()
    for fault in (*BEFORE, *AFTER):
        desk.back_to(before)
        site.faults = {chat.write: fault}
        desk.save(STORY)
        state, sent = desk.drive(), len(site.messages)
        expected = ("confirmed", 1) if fault == "429" else ("dead", int(fault in AFTER))
        assert (state, sent) == expected, f"{fault}: {desk.rows()[-1]['problem']}"
        done += 1
    desk.back_to(before)
    points: list[str] = []
    desk.save(STORY)
    desk.send(points.append)
    for step, point in enumerate(points):
        desk.back_to(before)
        desk.save(STORY)
        desk.send(_dies_at(step))
        desk.restart()
        desk.drive()
        assert len(site.messages) <= 1, point
        done += 1
    desk.back_to(before)
    return done


def hides_its_secret(chat: Chat, site: FakeChat, folder: Path, secret: str, answers: list[object]) -> None:
    """The secret, in whatever form the chat repeats it, stands in no row and no error."""
    forms = [secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode(), secret.encode().hex()]
    desk = chat.desk(site, folder)
    for number, answer in enumerate(answers):
        site.errors = [answer]  # type: ignore[list-item]
        desk.save(_story(number))
        desk.drive()
    assert len([row for row in desk.rows() if row["problem"]]) == len(answers)
    desk.engine.dispose()
    kept = b"".join(p.read_bytes() for p in folder.glob("news.db*")).decode("utf-8", "replace")
    assert not [form for form in forms if form in kept]
    assert "canary_7f3a" not in kept
    assert "canaryXyZ" not in kept


def _story(number: int) -> Article:
    return replace(STORY, id=f"00000000-0000-5000-8000-{number:012}", story=f"{STORY.story}-{number}", slug=f"story-{number}")


def hostile() -> Article:
    """A headline, a note and points out of somebody else's data."""
    marked = replace(STORY, headline=Text(f"Rally in {HOSTILE}"), dek=Text(HOSTILE), key_points=(Text(HOSTILE),))
    return replace(marked, disclosure=f"{STORY.disclosure} {HOSTILE}")


def long() -> Article:
    """More than any chat takes, of letters that count twice."""
    points = tuple(Text("Long 🚀 < & > point. " * 40) for _ in range(20))
    return replace(STORY, headline=Text("A very 🚀 long headline & more " * 12), dek=Text("So & so 🚀 on. " * 400), key_points=points)
