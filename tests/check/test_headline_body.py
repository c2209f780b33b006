"""Headline against body."""

from __future__ import annotations

import check_factories as F

from newsgen.check import all_checks, check
from newsgen.story import Article, Verdict

SHORTS = F.liquidation("short_24h", "market", "623300000")
BODY = "Shorts worth $623.3 million were liquidated as bitcoin rose."


def judge(article: Article) -> Verdict:
    return check(article, words=F.reader_words(), checks=[all_checks()["headline_body"]])


def test_a_headline_with_another_amount_than_the_body_is_stopped() -> None:
    verdict = judge(F.article(headline="Shorts worth $632 million are liquidated", paragraphs=[BODY], figures=[SHORTS]))
    (finding,) = verdict.findings
    assert finding.where == "headline"
    assert '"$632 million"' in finding.message and '"$623.3 million"' in finding.message


def test_a_headline_that_rounds_the_bodys_amount_passes() -> None:
    assert judge(F.article(headline="Shorts worth $623 million are liquidated", paragraphs=[BODY], figures=[SHORTS])).findings == ()


def test_a_headline_figure_that_the_body_leaves_out_passes() -> None:
    assert judge(F.article(headline="Shorts worth $623 million are liquidated", paragraphs=["It rose."], figures=[SHORTS])).findings == ()


def test_an_asset_of_the_headline_that_the_body_never_names_is_stopped() -> None:
    verdict = judge(F.article(headline="Ether rises", paragraphs=[BODY], figures=[SHORTS]))
    assert "Ether" in verdict.findings[0].message or "ether" in verdict.findings[0].message


def test_two_values_of_one_figure_are_stopped() -> None:
    other = F.liquidation("short_24h", "market", "600000000")
    assert "two values" in judge(F.article(paragraphs=[BODY], figures=[SHORTS, other])).findings[0].message


def test_an_asset_of_the_headline_that_the_body_names_passes() -> None:
    assert judge(F.article(headline="Bitcoin climbs", paragraphs=[BODY], figures=[SHORTS])).findings == ()
