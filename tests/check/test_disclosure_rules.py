"""A story that mentions an entity carries the desk's text about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Unit
from newsgen.story import Article, Disclosure, Text

HOLDS = Disclosure(("BTC",), "The publisher holds bitcoin.", "holding")
SPONSOR = Disclosure(("Acme Exchange",), "Acme Exchange sponsors this site.", "sponsor")


def messages(article: Article, *disclosures: Disclosure) -> list[str]:
    found = check(article, words=F.reader_words(), disclosures=disclosures, checks=[all_checks()["disclosure_rules"]]).findings
    assert all(f.severity == "block" and f.where == "disclosure" for f in found)
    return [f.message for f in found]


def plain(text: str = "Ether rose.", **changes: Any) -> Article:
    return F.one_sentence(text, tickers=(), **changes)


def test_a_name_in_the_text_without_its_disclosure_is_stopped() -> None:
    assert messages(plain("Bitcoin rose."), HOLDS) == ['mentions "bitcoin", and the disclosure lacks: The publisher holds bitcoin.']


def test_with_its_disclosure_it_passes() -> None:
    article = plain("Bitcoin rose.", disclosure="Made by rules. The publisher holds bitcoin. Information only.")
    assert messages(article, HOLDS) == []


def test_a_story_that_mentions_nothing_of_it_passes() -> None:
    assert messages(plain(), HOLDS, SPONSOR) == []
    assert messages(plain("Bitcoin rose.")) == []  # a desk that owes nothing


@pytest.mark.parametrize("disclosure", ["", "The publisher holds ether.", "The publisher holds"])
def test_another_text_is_not_that_text(disclosure: str) -> None:
    assert len(messages(plain("Bitcoin rose.", disclosure=disclosure), HOLDS)) == 1


@pytest.mark.parametrize(
    ("where", "changes"),
    [
        ("headline", {"headline": Text("BTC climbs")}),
        ("dek", {"dek": Text("It is the largest cryptocurrency")}),
        ("key points", {"key_points": (Text("bitcoin's rise"),)}),
        ("table", {"tables": ({"title": "Prices", "columns": ["Asset"], "rows": [[{"text": "Bitcoin"}]]},)}),
        ("tickers", {"tickers": ("BTC",)}),
        ("figures", {"figures": {"f1": F.figure("price.last", "BTC", "121467.24", Unit.USD)}}),
        ("label", {"figures": {"f1": F.figure("liquidations_venue.short_24h", "market", "1", Unit.USD, label="BTC,ETH")}}),
    ],
)  # fmt: skip
def test_a_mention_anywhere_counts(where: str, changes: dict[str, Any]) -> None:
    assert len(messages(replace(plain(), **changes), HOLDS)) == 1, where


def test_a_venue_or_a_fund_is_known_by_the_readings_behind_a_figure() -> None:
    figure = F.figure("liquidations_venue.short_24h", "market", "1", Unit.USD, scope="binance", source="CoinGlass")
    assert len(messages(plain("Shorts lost."), Disclosure(("Binance",), "Binance sponsors us."))) == 0
    assert len(messages(replace(plain("Shorts lost."), figures={"f1": figure}), Disclosure(("Binance",), "Binance sponsors us."))) == 1


def test_a_name_that_the_reader_does_not_know_is_looked_for_as_it_is_written() -> None:
    assert len(messages(plain("Acme Exchange halted trading."), SPONSOR)) == 1
    assert messages(plain("The acme exchange of ideas."), SPONSOR) == []
    assert messages(plain("Acme Exchanges halted."), SPONSOR) == []


def test_an_edit_that_brings_in_a_name_is_stopped() -> None:
    article = plain(disclosure="Made by rules.")
    assert messages(article, SPONSOR) == []
    assert len(messages(article.with_text("paragraphs[0]", "Ether rose, Acme Exchange said."), SPONSOR)) == 1


def test_the_foot_itself_is_no_mention() -> None:
    assert messages(plain(disclosure="Data: bitcoin prices."), HOLDS) == []
