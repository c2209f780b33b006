"""The memory of wordings in the database: written with the article, read for thirty days, of one site."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from desk import written

from newsgen.said import Said
from newsgen.store.database import open_database
from newsgen.store.newsroom import save_article
from newsgen.store.wording import said_before
from newsgen.story import Article


def squeeze() -> Article:
    article = written("2025-07-14-squeeze").article
    assert article is not None
    return article


def test_an_article_is_remembered_with_it_and_once(tmp_path: Path) -> None:
    engine, article = open_database(f"sqlite:///{tmp_path / 'n.db'}"), squeeze()
    for _ in range(2):
        save_article(engine, article, {}, article.as_of)
    assert said_before(engine, article.site, article.locale, article.as_of) == (article.said,)
    assert article.said is not None and article.said.lede in article.said.sentences


def test_thirty_days_of_one_site_are_remembered(tmp_path: Path) -> None:
    engine, article = open_database(f"sqlite:///{tmp_path / 'n.db'}"), squeeze()
    save_article(engine, article, {}, article.as_of)
    assert said_before(engine, article.site, article.locale, article.as_of + timedelta(days=29)) == (article.said,)
    assert said_before(engine, article.site, article.locale, article.as_of + timedelta(days=30)) == ()
    assert said_before(engine, article.site, article.locale, article.as_of - timedelta(seconds=1)) == ()
    assert said_before(engine, "second", article.locale, article.as_of) == ()


def test_an_article_without_a_memory_is_saved_all_the_same(tmp_path: Path) -> None:
    engine, article = open_database(f"sqlite:///{tmp_path / 'n.db'}"), replace(squeeze(), said=None)
    assert save_article(engine, article, {}, article.as_of).new
    assert said_before(engine, article.site, article.locale, article.as_of) == ()


def test_large_digests_come_back_as_they_were(tmp_path: Path) -> None:
    engine, article = open_database(f"sqlite:///{tmp_path / 'n.db'}"), squeeze()
    said = Said("a", article.as_of, frozenset({0, 1, 0xFFFFFFFF}), frozenset(), 0xFFFFFFFF)
    save_article(engine, replace(article, said=said), {}, article.as_of)
    assert said_before(engine, article.site, article.locale, article.as_of) == (said,)
