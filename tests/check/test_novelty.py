"""What a person has published is held (the posts themselves: tests/test_posts.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import check_factories as F
import pytest
from desk import edition, newsroom

from newsgen.check import all_checks, check
from newsgen.pipeline import Order, write_article
from newsgen.story import Article, Post, Verdict


def squeeze() -> Article:
    article = write_article(newsroom(), edition("2025-07-14-squeeze").view, Order("day", seed=2, angles=("short_squeeze",))).article
    assert article is not None
    return article


def judge(title: str, minutes: int = 20, url: str = "https://desk.example/x", **changes: object) -> Verdict:
    article = replace(squeeze(), **changes) if changes else squeeze()
    posts = [Post(title, url, F.AS_OF - timedelta(minutes=minutes))]
    return check(article, words=F.reader_words(), posts=posts, checks=[all_checks()["novelty"]])


def test_the_same_event_is_held_with_title_link_and_age() -> None:
    verdict = judge("Bitcoin tops $120,000 as $623 million of shorts are liquidated")
    assert verdict.decision == "hold"
    told = 'the site has told this 20 minutes before: "Bitcoin tops $120,000 as $623 million of shorts are liquidated" (https://desk.example/x)'
    assert verdict.findings[0].message == told


@pytest.mark.parametrize(
    ("title", "minutes"),
    [("Bitcoin tops $120,000 as $623 million of shorts are liquidated", 13 * 60), ("Bitcoin wallet adds passkeys", 20), ("", 20)],
)
def test_what_is_old_or_of_another_matter_is_not(title: str, minutes: int) -> None:
    assert judge(title, minutes).decision == "publish"


def test_the_articles_own_page_is_not() -> None:
    title = "Bitcoin tops $120,000 as $623 million of shorts are liquidated"
    assert judge(title, url=f"https://desk.example/{squeeze().slug}/").decision == "publish"


def test_without_posts_nothing_is_held() -> None:
    assert check(squeeze(), words=F.reader_words(), checks=[all_checks()["novelty"]]).findings == ()
