"""A commercial desk prints nothing of a source whose terms it has not accepted."""

from __future__ import annotations

from dataclasses import replace

import check_factories as F

from newsgen.check import all_checks, check
from newsgen.pipeline import Order, load_newsroom, write_article
from tests.desk import edition

CHECKS = [all_checks()["terms_of_use"]]


def test_a_source_that_nobody_accepted_holds_the_article_and_is_named() -> None:
    article = F.one_sentence("Bitcoin rose.")
    verdict = check(article, words=F.reader_words(), unaccepted={"farside": "https://farside.co.uk/terms"}, checks=CHECKS)
    assert verdict.decision == "hold"
    assert "farside" in verdict.findings[0].message
    assert "https://farside.co.uk/terms" in verdict.findings[0].message


def test_nothing_is_said_where_all_is_accepted() -> None:
    assert check(F.one_sentence("Bitcoin rose."), words=F.reader_words(), unaccepted={}, checks=CHECKS).findings == ()


def test_a_desk_that_earns_nothing_is_not_asked_and_one_that_does_is_asked_for_each_source_it_used() -> None:
    opened = edition("2025-07-11-etf-inflows")
    order = Order(opened.name, "standard", seed=1, angles=opened.file.angles)
    newsroom = load_newsroom()
    free = write_article(newsroom, opened.view, order).article
    assert free is not None
    assert free.verdict.decision == "publish"
    held = write_article(newsroom, opened.view, replace(order, commercial=True, accepted=frozenset({"binance"}))).article
    assert held is not None
    assert held.verdict.decision == "hold"
    named = {f.message.split()[2].rstrip(",") for f in held.verdict.findings if f.check == "terms_of_use"}
    used = {r.key.source for r in held.readings.values()}
    assert "farside" in named
    assert named == used & {"farside", "coinglass", "fred", "alternative_me", "yahoo"} - {"binance"}
    accepted = write_article(newsroom, opened.view, replace(order, commercial=True, accepted=frozenset(used))).article
    assert accepted is not None
    assert accepted.verdict.decision == "publish"
