"""The angles of liquidations, funding and open interest on real days and made ones, in every form and many wordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from desk import WORDINGS, edition, newsroom

from newsgen.market import Column, Unit, View
from newsgen.pipeline import Order, Outcome, write_article
from newsgen.store.history import read_history
from newsgen.store.memory import MemoryArchive
from newsgen.story import Article
from tests.derive.market_of import DAY, HOUR, Market, at
from tests.derive.test_liquidations import liq
from tests.test_streams_article import archive as streams

ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")
SEEDS = {"standard": range(1, 1 + WORDINGS), "brief": range(13, 13 + WORDINGS), "flash": range(25, 25 + WORDINGS)}
DAYS = {
    "two_way_flush": ("2022-05-13T00", "2024-01-11T00", "2024-03-07T00", "2024-11-14T00"),
    "liq_burst": ("2025-02-25T08", "2025-06-13T00", "2025-06-13T04", "2025-07-14T08"),
    "funding_extreme": ("2024-03-05T00", "2024-04-14T00"),
    "alt_led_liquidations": ("2023-08-18T00", "2024-05-24T00", "2025-05-10T00", "2025-01-19T00"),
    "oi_surge": ("2024-11-28T00", "2025-04-12T00", "2025-04-23T00"),
    "oi_flush": ("2025-02-04T00", "2025-02-05T00", "2025-03-04T00"),
    "oi_record": ("2025-01-18T00", "2025-05-19T00"),
}


@cache
def _extract() -> MemoryArchive:
    archive = MemoryArchive()
    archive.add_columns(read_history([Path(__file__).parent / "history" / "derivatives_daily_extract.csv"]).columns)
    return archive


def _view(day: str, made: Market | None = None, hidden: str = "liq.") -> View:
    """A real day; with a made market, that one's readings in place of the real ones of some series."""
    real = edition("2025-07-14-squeeze")

    def load(series: str, subject: str) -> Sequence[Column]:
        known = [*real.archive.load(series, subject), *_extract().load(series, subject)]
        own = [c for k, c in made.columns.items() if (k.series, k.subject) == (series, subject)] if made else []
        return own if made and series.startswith(hidden) else [*known, *own]

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


def _rates(last: str, step: int, rates: Sequence[float], *, settled: bool = False) -> Market:
    """Funding of ether with its last rate at a moment: a vendor's at midnight, or what one venue settled."""
    rows = [(at(last) - step * k, rates[-1 - k]) for k in range(len(rates) - 1, -1, -1)]
    series, source, venue = ("funding.settled_8h", "binance_futures", "binance") if settled else ("funding.rate_8h", "coinglass", "all")
    return Market(ASSETS).rows(series, "ETH", "8h", source, rows, venue=venue, unit=Unit.PCT, name="Binance" if settled else "CoinGlass")


MADE_RATES = {
    "shorts pay for the third day": ([*[0.008] * 400, -0.01, -0.012, -0.011], "shorts"),
    "a record in which shorts pay": ([*[0.008] * 400, -0.01, -0.012, -0.02], "shorts"),
    "a record in which longs pay": ([*[0.008] * 400, 0.04, 0.05, 0.06], "longs"),
    "longs pay again": ([*[0.008] * 340, *[-0.002] * 62, 0.004], "longs"),
    "a year in which shorts paid": ([*[-0.004] * 380, *[0.005] * 20, -0.02], "shorts"),
}


@pytest.mark.parametrize("form", SEEDS)
@pytest.mark.parametrize("case", MADE_RATES)
def test_funding_is_told_by_who_pays(case: str, form: str) -> None:
    rates, payers = MADE_RATES[case]
    for article in _read([_view("2024-11-14T00", _rates("2024-11-14", DAY, rates), "funding.")], "funding_extreme", form):
        assert payers in _text(article).lower()
        assert ("positive" if payers == "shorts" else "negative") not in article.headline.text
        assert "-" not in article.headline.text


OF_EXCHANGES = (
    "averaged over exchanges",
    "averages exchanges",
    "average over exchanges",
    "Exchanges enter",
    "Exchanges count",
    "Larger exchanges",
)


@pytest.mark.parametrize("form", SEEDS)
def test_settled_funding_names_its_venue(form: str) -> None:
    made = _rates("2025-07-14 00:00", 8 * HOUR, [*[0.006] * 1200, 0.03, 0.032, 0.031], settled=True)
    for article in _read([_view("2025-07-14T04", made, "funding.")], "funding_extreme", form):
        assert not any(words in _text(article) for words in OF_EXCHANGES)
        assert form == "flash" or any(word in _text(article) for word in ("rate on Binance", "rate is that of Binance"))


def _interest(last: str, values: Sequence[float], venue: str = "all") -> Market:
    """Open interest of bitcoin at midnights, in billions, beside a funding rate of ten percent a year."""
    rows = [(at(last) - DAY * k, int(values[-1 - k] * 1_000_000_000)) for k in range(len(values) - 1, -1, -1)]
    market = Market(ASSETS).rows("open_interest.usd", "BTC", "", "coinglass", rows, venue=venue, name="CoinGlass")
    paid = [(at(last) - DAY * k, 0.01) for k in range(40, -1, -1)]
    return market.rows("funding.rate_8h", "BTC", "8h", "coinglass", paid, venue="all", unit=Unit.PCT, name="CoinGlass")


@pytest.mark.parametrize("form", SEEDS)
@pytest.mark.parametrize("venue", ["all", "binance"])
def test_a_high_of_a_year_names_its_day_and_a_venue_its_name(venue: str, form: str) -> None:
    values = [60.0, 75.0, *[60.0] * 400, 74.0, 74.5]
    made = _interest("2025-05-23", values, venue)
    for article in _read([_view("2025-05-23T00", made, "open_interest.")], "oi_record", form):
        text = _text(article)
        assert "in data going back" not in text
        assert form == "flash" or ("Binance alone" in text) == (venue == "binance")


@pytest.mark.parametrize("form", SEEDS)
def test_a_surge_below_an_earlier_high_names_that_one(form: str) -> None:
    made = _interest("2025-05-09", [60.0, 90.0, *[60.0] * 20, 61.0, 72.0])
    articles = _read([_view("2025-05-09T00", made, "open_interest.")], "oi_surge", form)
    assert form == "flash" or all("$90 billion" in _text(a) for a in articles)


@pytest.mark.parametrize("form", SEEDS)
def test_the_leader_of_a_vendors_table_is_of_no_single_venue(form: str) -> None:
    made = liq(Market(ASSETS), "market", when="2024-11-14 00:00", total=748.3, long=400.3, short=348)
    for asset, long, short in (("BTC", 100, 80), ("ETH", 60, 50), ("XRP", 120.2, 111.1)):
        liq(made, asset, when="2024-11-14 00:00", long=long, short=short, total=long + short)
    for article in _read([_view("2024-11-14T00", made)], "alt_led_liquidations", form):
        assert "XRP" in article.headline.text
        assert "Binance" not in article.headline.text


def _order(subject: str, millions: float, venue: str, **more: str) -> Market:
    rows = [(at("2024-11-14"), int(millions * 1_000_000))]
    return Market(ASSETS).rows("liq.largest_order", subject, "24h", "coinglass", rows, venue=venue, name="CoinGlass", **more)


ORDERS = {
    "of the market": _order("market", 98.1, ""),
    "of the market, beside its total": liq(_order("market", 98.1, ""), "market", when="2024-11-14 00:00", total=748.3, long=348),
    "of ether on Binance": _order("ETH", 61.5, "binance"),
    "of ether, a quarter of all": liq(_order("ETH", 20.2, "binance"), "ETH", when="2024-11-14 00:00", total=80),
    "of bitcoin, at least": _order("BTC", 52.4, "okx", bound="at_least"),
}


@pytest.mark.parametrize("form", SEEDS)
@pytest.mark.parametrize("case", ORDERS)
def test_a_single_order_is_told_with_the_asset_and_venue_that_are_known(case: str, form: str) -> None:
    for article in _read([_view("2024-11-14T00", ORDERS[case], "none")], "single_liquidation", form):
        text = _text(article)
        assert ("ether (ETH)" in article.paragraphs[0].body.text) == ("ether" in case)
        assert ("at least $52.4 million" in text) == (case == "of bitcoin, at least")
        assert ("on OKX" in text) == (case == "of bitcoin, at least")


SUPPORTS = {  # under a lead of another family
    "two_way_flush": ("2024-03-07T00", "2024-11-14T00", "2024-04-03T00"),
    "liq_burst": ("2025-06-13T00", "2025-02-25T08", "2025-07-14T08"),
    "funding_extreme": ("2024-03-05T00", "2024-04-14T00"),
    "alt_led_liquidations": ("2024-05-24T00", "2025-02-04T00", "2025-05-14T00", "2025-07-17T00"),
    "oi_surge": ("2025-04-12T00", "2025-04-23T00"),
    "oi_flush": ("2025-02-05T00", "2025-03-04T00"),
    "oi_record": ("2024-11-12T00",),
    "single_liquidation": ("2024-11-14T00",),
}
MADE = {"oi_record": _interest("2024-11-12", [61.0, *[60.0] * 40, 62.0]), "single_liquidation": ORDERS["of the market"]}
LEADS = (
    "crash_day",
    "ath",
    "big_move",
    "extreme_since",
    "level_break_first",
    "level_lost",
    "level_reclaimed",
    "drawdown_step",
    "streak_price",
    "etf_flow_day",
)


@pytest.mark.parametrize("angle", SUPPORTS)
def test_an_angle_is_told_under_the_lead_of_another_family(angle: str) -> None:
    held, told = [], 0
    for day in SUPPORTS[angle]:
        for lead in LEADS:
            for seed in range(1, 2 + WORDINGS // 4):
                outcome = _written(_view(day, MADE.get(angle), "open_interest."), "standard", seed, lead, angle)
                if outcome.article is None or outcome.article.angle != lead:
                    continue
                told += any(p.angle == angle for p in outcome.article.paragraphs)
                held += [(day, lead, *f) for f in _faults(outcome.article)]
    assert held == []
    assert told, "it is never a support"
