"""Who leads is the arg-max."""

from __future__ import annotations

from decimal import Decimal

import check_factories as F

from newsgen.check import all_checks, check
from newsgen.market import Figure, Origin, Reading, SeriesKey, Unit
from newsgen.story import Article, Verdict


def judge(article: Article) -> Verdict:
    return check(article, words=F.reader_words(), checks=[all_checks()["superlatives"]])


def fund(ticker: str, value: str) -> Reading:
    key = SeriesKey("etf.fund_flow", "BTC", "session", "farside", ticker)
    return Reading(key, Decimal(value), Unit.USD, F.FRIDAY_CLOSE, F.FRIDAY_CLOSE, Origin("page", "Farside Investors"))


def top(ticker: str, value: str) -> Figure:
    return F.flow("top_fund", value, Unit.USD, label=ticker, inputs=(fund(ticker, value),))


def test_a_largest_fund_that_another_exceeds_is_stopped() -> None:
    article = F.article(paragraphs=["Text."], figures=[top("FBTC", "300")], readings=[fund("IBIT", "-450"), fund("FBTC", "300")])
    assert "IBIT had -450" in judge(article).findings[0].message


def test_the_largest_fund_passes() -> None:
    assert judge(F.article(paragraphs=["Text."], figures=[top("IBIT", "450")], readings=[fund("FBTC", "300")])).findings == ()


def test_who_is_said_to_lead_must_have_the_largest_value() -> None:
    bitcoin, ether = F.liquidation("total_24h", "BTC", "500000000"), F.liquidation("total_24h", "ETH", "79000000")
    wrong = F.one_sentence("Ether led with $79 million.", bitcoin, ether)
    assert judge(wrong).decision == "hold"
    assert judge(F.one_sentence("Bitcoin led with $500 million.", bitcoin, ether)).findings == ()
