"""The wraps of a day and of a week: sound in every wording, within their length, with the table and the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import pytest
from desk import WORDINGS, edition, newsroom

from newsgen import check as checking
from newsgen.market import Column, View
from newsgen.pipeline import Order, Outcome, write_article
from tests.derive.market_of import Market
from tests.derive.test_macro_ahead import CPI, PPI, SALES, due

DAYS = ("2024-07-18T00", "2024-08-06T00", "2024-09-21T00", "2024-12-06T00", "2025-02-23T00", "2025-05-13T00", "2025-07-14T00")
WORDS = {"wrap": (300, 700), "weekly": (300, 1000)}


@cache
def _calendar() -> Market:
    market = due(Market(), CPI, "2025-07-15 12:30", forecast="0.3%")
    return due(due(market, PPI, "2025-07-16 12:30"), SALES, "2025-07-17 12:30")


def _view(day: str) -> View:
    opened = edition("2025-07-14-squeeze")

    def load(series: str, subject: str) -> Sequence[Column]:
        beside = [c for c in _calendar().columns.values() if (c.key.series, c.key.subject) == (series, subject)]
        return [*opened.archive.load(series, subject), *beside]

    return View(datetime.fromisoformat(f"{day}:00").replace(tzinfo=UTC), load, opened.view.assets, opened.view.precedence)


@cache
def _written(day: str, form: str, seed: int) -> Outcome:
    return write_article(newsroom(), _view(day), Order("wraps", form=form, seed=seed))


@pytest.mark.parametrize("form", WORDS)
@pytest.mark.parametrize("day", DAYS)
def test_a_wrap_is_sound_in_every_wording(day: str, form: str) -> None:
    for seed in range(1, 1 + WORDINGS):
        article = _written(day, form, seed).article
        assert article
        assert article.verdict
        assert [f for f in article.verdict.findings if f.severity == "block"] == []
        least, most = WORDS[form]
        assert least <= sum(len(p.body.text.split()) for p in article.paragraphs) <= most


@pytest.mark.parametrize("form", WORDS)
def test_the_table_has_every_asset_and_its_figures_are_the_articles(form: str) -> None:
    article = _written("2025-07-14T00", form, 1).article
    assert article
    (table,) = article.tables
    named = {"Bitcoin": "BTC", "Ether": "ETH", "Solana": "SOL", "XRP": "XRP", "Dogecoin": "DOGE", "BNB": "BNB"}
    assert [row[0]["text"] for row in table["rows"]] == [*named]
    for row in table["rows"]:
        told = [article.figures[cell["spans"][0]["figure"]] for cell in row[1:]]
        assert [f.name for f in told] == ["price.last", "price.change_24h", "price.change_7d"]
        assert {f.subject for f in told} == {named[row[0]["text"]]}


def test_a_wrap_has_what_is_due_and_a_weekly_one_more_of_it() -> None:
    for seed in range(1, 1 + WORDINGS):
        day, week = (_text("2025-07-14T00", form, seed) for form in WORDS)
        assert "consumer prices" in day
        assert "8:30 a.m. ET (12:30 UTC) on July 15" in day or "On July 15 at 8:30 a.m. ET (12:30 UTC)" in day
        assert "producer prices" not in day
        assert all(
            word in week for word in ("consumer prices", "producer prices", "retail sales", "on July 15", "on July 16", "on July 17")
        )
    assert "calendar" not in _text("2025-02-23T00", "weekly", 1), "nothing is known of what was due"


def test_another_day_for_what_is_due_is_held() -> None:
    article = _written("2025-07-14T00", "weekly", 1).article
    assert article
    where = next(f"paragraphs[{i}]" for i, p in enumerate(article.paragraphs) if "July 16" in p.body.text)
    text = dict(article.texts())[where].text
    exchanged = text.replace("producer prices", "prices").replace("retail sales", "producer prices").replace("U.S. prices", "retail sales")
    for wrong in (
        text.replace("July 16", "July 18"),
        text.replace("July 16", "July 17"),
        text.replace("producer", "consumer"),
        text.replace("producer prices", "retail sales"),
        text.replace("8:30 a.m.", "9:30 a.m."),
        exchanged,
    ):
        assert wrong != text
        assert checking.check(article.with_text(where, wrong), words=newsroom().reader, view=_view("2025-07-14T00")).decision == "hold"


def _text(day: str, form: str, seed: int) -> str:
    article = _written(day, form, seed).article
    assert article
    return " ".join(p.body.text for p in article.paragraphs)
