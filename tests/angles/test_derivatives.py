"""The angles of liquidations, funding and open interest on real days and made ones, in every form and many wordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from desk import edition, newsroom

from newsgen.market import Column, View
from newsgen.pipeline import Order, Outcome, write_article
from newsgen.story import Article
from tests.derive.market_of import Market
from tests.derive.test_liquidations import liq
from tests.test_streams_article import archive as streams

ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")
SEEDS = {"standard": range(1, 13), "brief": range(13, 25), "flash": range(25, 37)}
DAYS = {
    "two_way_flush": ("2022-05-13T00", "2024-01-11T00", "2024-03-07T00", "2024-11-14T00"),
    "liq_burst": ("2025-02-25T08", "2025-06-13T00", "2025-06-13T04", "2025-07-14T08"),
}


def _view(day: str, made: Market | None = None, hidden: str = "liq.") -> View:
    """A real day; with a made market, that one's readings in place of the real ones of some series."""
    real = edition("2025-07-14-squeeze")

    def load(series: str, subject: str) -> Sequence[Column]:
        if made is None:
            return real.archive.load(series, subject)
        own = [c for k, c in made.columns.items() if (k.series, k.subject) == (series, subject)]
        return own if series.startswith(hidden) else [*real.archive.load(series, subject), *own]

    return View(datetime.fromisoformat(f"{day}:00").replace(tzinfo=UTC), load, ASSETS, real.view.precedence)


def _written(view: View, form: str, seed: int, *angles: str) -> Outcome:
    return write_article(newsroom(), view, Order("angles", form=form, seed=seed, angles=angles))


def _faults(article: Article) -> Iterator[tuple[str, str, str]]:
    return ((f.check, f.message, f.sentence) for f in article.verdict.findings if f.severity == "block")


def _read(views: Sequence[View], angle: str, form: str) -> list[Article]:
    """The articles of some days in all seeds of a form, none of them held."""
    written = [a for v in views for seed in SEEDS[form] if (a := _written(v, form, seed, angle).article) is not None]
    assert [f for a in written for f in _faults(a)] == []
    assert {a.angle for a in written} == {angle}, "the angle does not fire on its days"
    return written


def _text(article: Article) -> str:
    return " ".join(t.text for _, t in article.texts())


@pytest.mark.parametrize("form", SEEDS)
@pytest.mark.parametrize("angle", DAYS)
def test_no_wording_of_an_angle_is_held(angle: str, form: str) -> None:
    assert len(_read([_view(day) for day in DAYS[angle]], angle, form)) >= len(SEEDS[form]) * 2


@pytest.mark.parametrize("form", SEEDS)
def test_a_swing_is_told_of_the_whole_market_where_its_total_is_known(form: str) -> None:
    made = liq(Market(ASSETS), "market", when="2024-11-14 00:00", total=748.3, long=400.3, short=348)
    for article in _read([_view("2024-11-14T00", made)], "two_way_flush", form):
        assert "Binance data" not in _text(article)
        assert "$400" in _text(article) or "$748" in _text(article)


@pytest.mark.parametrize("form", SEEDS)
def test_a_swing_known_from_streams_is_told_as_a_lower_bound_of_their_venues(form: str) -> None:
    view = _view("2024-11-14T00", streams("2024-11-14T00:00", (), 45))
    for article in _read([view], "two_way_flush", form):
        assert "at least $748 million" in _text(article)
        assert "Binance, Bybit and OKX" in _text(article)
