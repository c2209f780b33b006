"""What people publish is not told again: their posts are read from a feed or from WordPress, a story of theirs is held with the link."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import pytest
from desk import edition, newsroom
from loopback import serving

from newsgen.config import EditionSettings, Settings, SiteSettings
from newsgen.errors import BadPayload, GatherError
from newsgen.gather import posts_of
from newsgen.gather._posts import parse_posts
from newsgen.pipeline import Order, write_article
from newsgen.service import Service
from newsgen.store.archive import SqlArchive
from newsgen.store.database import open_database
from newsgen.store.posts import keep_posts, posts_since
from newsgen.story import Article, Post
from newsgen.target_settings import FolderSettings

DAY = edition("2025-07-14-squeeze")
NOW = DAY.view.as_of
SAME = ("Bitcoin tops $123,000 as short sellers lose $620 million", "About $750M of leveraged crypto positions were liquidated in a day.")


def filler(count: int) -> list[Post]:
    """Posts as a busy site publishes them: other coins, other numbers, other news about bitcoin; one every few minutes."""
    hand = Random(7)
    coins = ("Bitcoin", "Ether", "Solana", "XRP", "Cardano", "Chainlink", "Tether", "Toncoin")
    made = []
    for i in range(count):
        coin, price = hand.choice(coins), hand.choice((97_400, 88_150, 3_410, 151, 2.31, 61_200))
        title = hand.choice((
            f"{coin} wallet adds passkeys and a new look", f"{coin} slips to ${price:,} in thin trading",
            f"Why {coin} developers argue about fees", f"{coin} miner signs a power deal worth ${hand.randrange(20, 99)} million",
            f"Regulator opens talks on {coin} custody", f"{coin} funds lose ${hand.randrange(30, 90)} million in their week",
            f"{hand.randrange(3, 40)}% of {coin} supply has not moved in a year", f"Interview: a trader on her {coin} book",
            f"{coin} conference opens in Lisbon",
        ))  # fmt: skip
        at = NOW - timedelta(minutes=7 * i + 3)
        made.append(Post(title, f"https://markets.example/{i}", at, f"By our desk. {title}, and what it means."))
    return made


def rss(posts: Sequence[Post]) -> bytes:
    items = "".join(
        f"<item><title>{escape(p.title)}</title><link>{p.url}</link><pubDate>{format_datetime(p.published_at)}</pubDate>"
        f"<description>{escape(p.summary)}</description></item>"
        for p in posts
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title>{items}</channel></rss>'.encode()


def atom(posts: Sequence[Post]) -> bytes:
    entries = "".join(
        f'<entry><title>{escape(p.title)}</title><link href="{p.url}"/><id>{p.url}</id><published>{p.published_at.isoformat()}</published>'
        f"<updated>{p.published_at.isoformat()}</updated><summary>{escape(p.summary)}</summary></entry>"
        for p in posts
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Desk</title>{entries}</feed>'.encode()


def wordpress(posts: Sequence[Post]) -> bytes:
    rows = [{"id": i, "date_gmt": p.published_at.strftime("%Y-%m-%dT%H:%M:%S"), "link": p.url, "title": {"rendered": p.title},
             "excerpt": {"rendered": f"<p>{p.summary}</p>\n"}} for i, p in enumerate(posts)]  # fmt: skip
    return json.dumps(rows).encode()


# Reading.


@pytest.mark.parametrize("form", [rss, atom, wordpress])
def test_a_feed_and_an_api_give_the_same_posts(form: Any) -> None:
    posts = [Post("Ether & friends rise 5%", "https://markets.example/a", NOW - timedelta(minutes=20), "They did."), *filler(3)]
    assert parse_posts(form(posts)) == posts


def test_entities_tags_and_incomplete_entries() -> None:
    title = {"rendered": "Bitcoin&#8217;s <em>run</em> &amp; rest"}
    rows = [{"date_gmt": "2025-07-14T11:00:00", "link": "https://a.example/1", "title": title},
            {"date_gmt": "never", "link": "https://a.example/2", "title": {"rendered": "x"}}, {"title": "y"}, 7]  # fmt: skip
    (post,) = parse_posts(json.dumps(rows).encode())
    assert post == Post("Bitcoin’s run & rest", "https://a.example/1", datetime(2025, 7, 14, 11, tzinfo=UTC))


@pytest.mark.parametrize("body", [b"<html><body>Just a moment...</body></html>", b'{"code":"rest_no_route"}', b"[1", b"", b"\x00\x01"])
def test_what_is_no_feed_is_told(body: bytes) -> None:
    with pytest.raises(BadPayload):
        parse_posts(body)


def test_a_bomb_of_entities_does_not_go_off() -> None:
    layers = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    body = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{layers}]><rss version="2.0"><channel><title>&a11;</title></channel></rss>'
    assert parse_posts(body.encode()) == []


def test_posts_come_over_the_wire_and_a_dead_site_is_an_error_of_gathering() -> None:
    posts = filler(40)
    with serving({("/feed", (("cat", "news"),)): rss(posts)}) as url:
        assert asyncio.run(posts_of(f"{url}/feed?cat=news", lambda: NOW)) == posts
        with pytest.raises(GatherError):
            asyncio.run(posts_of(f"{url}/gone", lambda: NOW))


# Judging.


def written(posts: Sequence[Post], angles: tuple[str, ...] = ("short_squeeze",)) -> Article:
    article = write_article(newsroom(), DAY.view, Order(DAY.name, seed=2, angles=angles, posts=tuple(posts))).article
    assert article is not None
    return article


def held(posts: Sequence[Post], angles: tuple[str, ...] = ("short_squeeze",)) -> list[str]:
    return [f.message for f in written(posts, angles).verdict.findings if f.check == "novelty"]


def test_of_five_hundred_posts_the_one_about_the_same_event_holds_the_story_with_its_link() -> None:
    posts = filler(499)
    assert held(posts) == [] and written(posts).verdict.decision == "publish"
    same = Post(SAME[0], "https://markets.example/short-squeeze", NOW - timedelta(minutes=20), SAME[1])
    posts.insert(60, same)
    assert held(posts) == [f'the site has told this 20 minutes before: "{SAME[0]}" (https://markets.example/short-squeeze)']
    assert written(posts).verdict.decision == "hold"


@pytest.mark.parametrize(
    "title",
    [
        "Crypto shorts worth $623 million are liquidated",
        "Short squeeze: $623M in bearish bets closed as BTC hits record $123,218",
        "Bitcoin hits a record $123K, and $748 million of positions are liquidated",
        "About $620 million of crypto shorts wiped out",
    ],
)
def test_a_reporter_may_say_it_in_other_words(title: str) -> None:
    assert held([Post(title, "https://markets.example/x", NOW - timedelta(minutes=50))])


@pytest.mark.parametrize(
    "title", [SAME[0], "Bitcoin record at $123,218 liquidates shorts", "BTC all-time high: $123,218", "Bitcoin surges past $123,000"]
)
def test_a_record_is_told_by_other_words_too(title: str) -> None:
    assert held([Post(title, "https://markets.example/x", NOW - timedelta(minutes=50))], ("ath", "short_squeeze", "etf_flow_day"))


@pytest.mark.parametrize("title", ["Bitcoin funds take in $1.03 billion", "Bitcoin miner sells at $123,218", "Bitcoin slides to $116,000"])
def test_a_support_and_another_price_are_another_matter(title: str) -> None:
    assert held([Post(title, "https://markets.example/x", NOW - timedelta(minutes=50))], ("ath", "short_squeeze", "etf_flow_day")) == []


@pytest.mark.parametrize(
    ("title", "ago_h"),
    [
        ("Crypto shorts worth $623 million are liquidated", 13),  # half a day ago: another event
        ("Crypto shorts worth $623 million are liquidated", -1),  # not yet published
        ("Crypto shorts worth $111 million are liquidated", 1),  # the same words, another day's numbers
        ("Bitcoin miner raises $623 million in notes", 1),  # the same number, another matter
        ("Solana shorts worth $62 million are liquidated", 1),
        ("Five things to know about short squeezes", 1),
        ("Bitcoin climbs above $110,000", 2),
    ],
)
def test_another_matter_holds_nothing(title: str, ago_h: float) -> None:
    assert held([Post(title, "https://markets.example/x", NOW - timedelta(hours=ago_h))]) == []


def test_newsgens_own_article_in_the_feed_holds_nothing() -> None:
    article = written([])
    own = Post(article.headline.text, f"https://markets.example/articles/{article.slug}/", NOW - timedelta(minutes=5))
    assert held([own]) == []


# In the service.


def test_the_store_knows_a_post_by_its_address(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/n.db")
    posts = filler(5)
    keep_posts(engine, "main", posts)
    keep_posts(engine, "main", [Post("Mended title", posts[0].url, posts[0].published_at, "")])
    keep_posts(engine, "other", [Post("Elsewhere", posts[0].url, posts[0].published_at)])
    found = posts_since(engine, "main", NOW - timedelta(days=1))
    assert [p.title for p in found] == [*[p.title for p in reversed(posts[1:])], "Mended title"]
    assert posts_since(engine, "main", NOW) == []
    engine.dispose()


def service_of(tmp_path: Path, feed: str) -> tuple[Service, EditionSettings]:
    engine = open_database(f"sqlite:///{tmp_path}/n.db")
    archive = DAY.archive
    SqlArchive(engine).add_columns([c for c in archive.cut(NOW).columns() if c.observed])
    morning = EditionSettings(name="morning", cron="0 8 * * *", assets=("BTC", "ETH"), angles=("short_squeeze",), sources=("farside",))
    site = SiteSettings(own_posts=feed, targets=(FolderSettings(name="site", path=str(tmp_path / "site")),))
    settings = Settings(database_url=str(engine.url), sites=(site,), editions=(morning,))
    return Service(settings, engine, lambda: NOW), morning


def test_the_service_reads_the_posts_and_holds(tmp_path: Path) -> None:
    same = Post(SAME[0], "https://markets.example/short-squeeze", NOW - timedelta(minutes=20), SAME[1])
    with serving({("/wp-json/wp/v2/posts", ()): wordpress([*filler(20), same])}) as url:
        service, morning = service_of(tmp_path, f"{url}/wp-json/wp/v2/posts")
        site = service.settings.site("main")
        asyncio.run(service.read_posts(site))
        outcome = service.write(morning, site, NOW)
        assert outcome.article is not None and outcome.article.verdict.decision == "hold"
        assert any("short-squeeze" in f.message for f in outcome.article.verdict.findings)
        service.engine.dispose()


def test_a_site_that_does_not_answer_holds_nothing_up(tmp_path: Path) -> None:
    with serving({}) as url:
        service, morning = service_of(tmp_path, f"{url}/feed")
        site = service.settings.site("main")
        asyncio.run(service.read_posts(site))
        outcome = service.write(morning, site, NOW)
        assert outcome.article is not None and outcome.article.verdict.decision == "publish"
        service.engine.dispose()
