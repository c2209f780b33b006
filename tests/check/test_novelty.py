"""What a person has published is held (the posts themselves: tests/test_posts.py); of what was told hours ago the editor is warned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import check_factories as F
import pytest
from desk import edition, newsroom

from newsgen.check import all_checks, check
from newsgen.pipeline import Order, write_article
from newsgen.story import Article, Post, Published, Step, Verdict


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


# What the site itself has told


def again(
    hours: float, *, told_mark: str = "", mark: str = "", angle: str = "short_squeeze", subject: str = "market", kind: str = "new"
) -> Verdict:
    article = squeeze()
    step = Step(kind, "s", 1, "")  # type: ignore[arg-type]
    pitches = tuple(replace(p, step=step) if p.role == "lead" else p for p in article.pitches)
    told = Published(angle, subject, F.AS_OF - timedelta(hours=hours), told_mark, "short_squeeze-market-20250714")
    return check(replace(article, pitches=pitches), words=F.reader_words(), published=[told], mark=mark, checks=[all_checks()["novelty"]])


def test_an_angle_told_less_than_six_hours_ago_is_warned_of() -> None:
    verdict = again(3)
    assert verdict.decision == "publish"
    [finding] = verdict.findings
    assert finding.severity == "warn"
    assert finding.message == (
        "short_squeeze of market was told 3 hours before (short_squeeze-market-20250714), and no extreme is new since"
    )


@pytest.mark.parametrize(
    "case",
    [
        {"hours": 6},
        {"hours": -1},
        {"hours": 3, "told_mark": "118000", "mark": "123218"},
        {"hours": 3, "angle": "long_flush"},
        {"hours": 3, "subject": "BTC"},
        {"hours": 3, "kind": "update"},
    ],
    ids=["long ago", "later", "a new record", "another angle", "another subject", "a new version"],
)
def test_what_is_new_since_is_not(case: dict[str, object]) -> None:
    assert again(**case).findings == ()  # type: ignore[arg-type]
