"""One story at several places: the copies name its original, once that is certain, and wait for no home that is down."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

sys.path.insert(0, str(Path(__file__).parent))

from fake_ghost import KEY, FakeGhost
from fake_site import serving
from fake_wordpress import CANONICAL, META, PASSWORD, USER, FakeWordPress
from matrix import Clock, every_step, versions
from receiver import SECRET, Receiver, receiving

from newsgen.config import load_settings
from newsgen.publish import Home, Outbox, SiteInfo, Target
from newsgen.service import home_of
from newsgen.store.database import open_database
from newsgen.store.homes import home_address
from newsgen.store.newsroom import save_article
from newsgen.story import Article, Receipt
from newsgen.target_settings import FolderSettings, GhostSettings, WebhookSettings, WordPressSettings

ENV = {"GHOST": KEY, "WP": PASSWORD, "HOOK": SECRET}
SITE = SiteInfo(name="main", title="Wire", base_url="https://wire.example")
FIRST, SECOND, THIRD, WITHDRAWN = versions()
PAGE = f"https://wire.example/articles/{FIRST.slug}/"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(f"sqlite:///{tmp_path}/news.db")
    yield made
    made.dispose()


@pytest.fixture
def ghost() -> Iterator[FakeGhost]:
    fake = FakeGhost()
    with serving(fake):
        yield fake


@pytest.fixture
def wordpress() -> Iterator[FakeWordPress]:
    fake = FakeWordPress()
    fake.plugin = True
    with serving(fake):
        yield fake


def _folder(tmp_path: Path) -> Target:
    return Target(FolderSettings(name="pages", path=str(tmp_path / "site")), SITE)


def _ghost(fake: FakeGhost) -> Target:
    return Target(GhostSettings(name="blog", url=fake.url, secret_env="GHOST", allow_private=True, picture=False), SITE)


def _wordpress(fake: FakeWordPress) -> Target:
    settings = WordPressSettings(name="magazine", url=fake.url, user=USER, secret_env="WP", allow_private=True, picture=False, id_meta=META,
                                 canonical_meta=CANONICAL)  # fmt: skip
    return Target(settings, SITE)


def _send(engine: Engine, targets: list[Target], article: Article, home: Home, site: str = "main") -> list[Receipt]:
    clock = Clock()
    article = replace(article, site=site, id=article.id if site == "main" else f"{site}-{article.id}")
    save_article(engine, article, {t.name: 6 * 3600 for t in targets}, clock())
    return asyncio.run(Outbox(engine, {t.name: t for t in targets}, clock, site=site, env=ENV, home=home).deliver())


def _canonical(page: Path) -> str:
    found = re.search(r'<link rel="canonical" href="([^"]*)">', page.read_text())
    return found[1] if found else ""


# What the settings say


def test_a_site_knows_its_home_and_the_other_sites(tmp_path: Path) -> None:
    (tmp_path / "newsgen.toml").write_text("""
[[targets]]
name = "pages"
kind = "folder"
path = "site"
[[targets]]
name = "blog"
kind = "ghost"
url = "https://blog.example"
secret_env = "GHOST"
[[sites]]
name = "main"
base_url = "https://wire.example"
home = "pages"
[[sites]]
name = "blogs"
home = "blog"
original = "main"
""")
    settings = load_settings(tmp_path / "newsgen.toml", env=ENV)
    assert [home_of(settings, site) for site in settings.sites] == [
        Home("pages", certain=True), Home("blog", other_site="main", other_target="pages"),
    ]  # fmt: skip


# The address is certain


def test_a_folders_page_is_named_before_it_is_there(engine: Engine, ghost: FakeGhost, wordpress: FakeWordPress, tmp_path: Path) -> None:
    targets = [_ghost(ghost), _wordpress(wordpress), _folder(tmp_path)]
    _send(engine, targets, FIRST, Home("pages", certain=True))
    assert ghost.the_post()["canonical_url"] == PAGE
    assert wordpress.the_post()["meta"][CANONICAL] == PAGE
    assert _canonical(tmp_path / "site/articles" / FIRST.slug / "index.html") == PAGE


def test_without_a_home_each_copy_is_its_own_original(engine: Engine, ghost: FakeGhost, wordpress: FakeWordPress, tmp_path: Path) -> None:
    _send(engine, [_ghost(ghost), _wordpress(wordpress), _folder(tmp_path)], FIRST, Home())
    assert ghost.the_post()["canonical_url"] is None
    assert wordpress.the_post()["meta"][CANONICAL] == ""
    assert _canonical(tmp_path / "site/articles" / FIRST.slug / "index.html") == PAGE


# The address is the home's to give


def test_the_copies_wait_for_the_home_to_confirm(engine: Engine, ghost: FakeGhost, wordpress: FakeWordPress, tmp_path: Path) -> None:
    receipts = _send(engine, [_wordpress(wordpress), _folder(tmp_path), _ghost(ghost)], FIRST, Home("blog"))
    assert {r.state for r in receipts} == {"confirmed"}
    there = ghost.the_post()["url"]
    assert there.startswith("http://127.0.0.1")
    assert wordpress.the_post()["meta"][CANONICAL] == there
    page = tmp_path / "site/articles" / FIRST.slug / "index.html"
    assert _canonical(page) == there
    assert json.loads(re.search(r'ld\+json">(.*?)</script>', page.read_text())[1])["mainEntityOfPage"] == there  # type: ignore[index]
    assert ghost.the_post()["canonical_url"] is None


def test_a_home_that_is_down_holds_nothing_up_and_is_named_later(engine: Engine, ghost: FakeGhost, tmp_path: Path) -> None:
    ghost.faults = dict.fromkeys(range(99), "503 page")
    with receiving() as hook:
        target = Target(WebhookSettings(name="hook", url=hook.url, secret_env="HOOK", allow_private=True), SITE)
        told = {r.target: r.state for r in _send(engine, [_ghost(ghost), target, _folder(tmp_path)], FIRST, Home("blog"))}
        assert told == {"blog": "unknown", "hook": "confirmed", "pages": "confirmed"}
        assert _event(hook)["canonical_url"] is None
        assert home_address(engine, "main", "en", FIRST.story, "blog") == ""  # it has tried: nobody waits
        page = tmp_path / "site/articles" / FIRST.slug / "index.html"
        assert _canonical(page) == PAGE
        ghost.faults = {}
        _send(engine, [_ghost(ghost), target, _folder(tmp_path)], SECOND, Home("blog"))
        assert _canonical(page) == ghost.the_post()["url"] == _event(hook)["canonical_url"]


def _event(hook: Receiver) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(hook.requests[-1][1])["data"]
    return data


def test_a_copy_that_went_without_names_it_after_a_resend(
    engine: Engine, ghost: FakeGhost, wordpress: FakeWordPress, tmp_path: Path
) -> None:  # fmt: skip
    targets = [_ghost(ghost), _wordpress(wordpress), _folder(tmp_path)]
    _send(engine, targets, FIRST, Home())
    post, page = dict(wordpress.the_post()), tmp_path / "site/articles" / FIRST.slug / "index.html"
    assert _canonical(page) == PAGE
    _again(engine, targets, Home("blog"))
    there = ghost.the_post()["url"]
    assert (_canonical(page), wordpress.the_post()["meta"][CANONICAL]) == (there, there)
    assert {k: v for k, v in wordpress.the_post().items() if k != "meta"} == {k: v for k, v in post.items() if k != "meta"}
    assert "<loc>" in (tmp_path / "site/sitemap.xml").read_text()
    assert FIRST.slug not in (tmp_path / "site/sitemap.xml").read_text() + (tmp_path / "site/sitemap-news.xml").read_text()


def test_an_original_that_a_person_chose_stays(engine: Engine, ghost: FakeGhost, tmp_path: Path) -> None:
    _send(engine, [_ghost(ghost)], FIRST, Home())
    ghost.the_post()["canonical_url"] = "https://partner.example/story"
    _send(engine, [_ghost(ghost)], SECOND, Home("pages", certain=True))
    assert ghost.the_post()["canonical_url"] == "https://partner.example/story"


def test_a_site_that_does_not_keep_the_address_is_named(engine: Engine, wordpress: FakeWordPress) -> None:
    wordpress.plugin = False
    target = _wordpress(wordpress)
    bare = target.settings.model_copy(update={"id_meta": ""})
    (receipt,) = _send(engine, [replace(target, settings=bare)], FIRST, Home("pages", certain=True))
    assert (receipt.state, receipt.message) == ("rejected", f"the target did not keep the address of the story's original, {PAGE}")
    assert wordpress.the_post()["status"] == "draft"


def test_a_death_at_any_step_leaves_one_post_that_names_its_original(wordpress: FakeWordPress, tmp_path: Path) -> None:
    home = Home("pages", certain=True)
    steps = every_step(_wordpress(wordpress), wordpress, [FIRST, SECOND], env=ENV, folder=tmp_path, home=home)
    assert len([s for s in steps if s.startswith("1 after POST") and "/posts" in s]) == 3  # made, linked, released
    assert wordpress.the_post()["meta"][CANONICAL] == PAGE


# Another site had it first


def test_a_second_site_names_the_first_one_as_the_original(engine: Engine, ghost: FakeGhost, tmp_path: Path) -> None:
    _send(engine, [_folder(tmp_path)], FIRST, Home("pages", certain=True))
    second = Home("blog", other_site="main", other_target="pages")
    _send(engine, [_ghost(ghost)], FIRST, second, site="blogs")
    assert ghost.the_post()["canonical_url"] == PAGE


def test_a_second_site_waits_for_the_first_one_to_confirm(engine: Engine, ghost: FakeGhost, wordpress: FakeWordPress) -> None:
    """Two sites write the same story in the same minute, and one outbox is quicker than the other."""
    save_article(engine, FIRST, {"magazine": 6 * 3600}, Clock()())
    first = Outbox(engine, {"magazine": _wordpress(wordpress)}, Clock(), site="main", env=ENV, home=Home("magazine"))
    save_article(engine, replace(FIRST, site="blogs", id="blogs-1"), {"blog": 6 * 3600}, Clock()())
    second = Outbox(engine, {"blog": _ghost(ghost)}, Clock(), site="blogs", env=ENV, home=Home("blog", "", "main", "magazine"))

    async def both() -> None:
        await asyncio.gather(second.deliver(), first.deliver())

    asyncio.run(both())
    assert ghost.the_post()["canonical_url"] == f"https://news.example/{FIRST.slug}/"


def test_a_second_site_alone_with_a_story_is_its_original(engine: Engine, ghost: FakeGhost, tmp_path: Path) -> None:
    other = replace(FIRST, story="ath-eth-20250714", id="other")
    _send(engine, [_folder(tmp_path)], other, Home("pages", certain=True))
    _send(engine, [_ghost(ghost)], FIRST, Home("blog", other_site="main", other_target="pages"), site="blogs")
    assert ghost.the_post()["canonical_url"] is None


def test_a_withdrawn_original_is_not_named(engine: Engine, ghost: FakeGhost, tmp_path: Path) -> None:
    _send(engine, [_folder(tmp_path)], FIRST, Home("pages", certain=True))
    _send(engine, [_folder(tmp_path)], replace(WITHDRAWN, version=2), Home("pages", certain=True))
    _send(engine, [_ghost(ghost)], FIRST, Home("blog", other_site="main", other_target="pages"), site="blogs")
    assert ghost.the_post()["canonical_url"] is None


def _again(engine: Engine, targets: list[Target], home: Home) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE delivery SET state = 'pending', next_at = 0")
    asyncio.run(Outbox(engine, {t.name: t for t in targets}, Clock(), site="main", env=ENV, home=home).deliver())
