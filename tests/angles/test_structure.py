"""The angles of structure and options on real days and made ones, in every form and many wordings: what the templates say, the checks
understand. A made day is a real one with readings beside it for which there is no history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from desk import WORDINGS, edition, newsroom

from newsgen.check import check
from newsgen.market import Column, Unit, View
from newsgen.pipeline import Order, Outcome, write_article
from newsgen.store.history import read_history
from newsgen.story import Article, Text
from tests.derive.market_of import DAY, Market, at

HISTORY = Path(__file__).parent / "history" / "btc_dominance_daily_extract.csv"
ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")
MORE = ("ADA", "AVAX", "LINK", "LTC", "DOT", "TRX", "SUI", "HYPE", "XLM", "BCH", "UNI", "AAVE", "APT", "ETC", "ATOM")
SEEDS = {"standard": range(1, 1 + WORDINGS), "brief": range(13, 13 + WORDINGS), "flash": range(25, 25 + WORDINGS)}
DAYS = {
    "sentiment_extreme": ("2025-01-23T00", "2025-02-28T00", "2025-03-05T00", "2025-04-10T00"),
    "outlier_mover": ("2025-02-03T12", "2024-03-14T00", "2024-08-08T00", "2024-11-15T00", "2024-11-17T00", "2024-12-04T00"),
    "dominance_shift": ("2025-02-09T00", "2025-05-15T12", "2025-07-20T00", "2025-07-23T00", "2025-08-14T12"),
}


def _moods(*last: tuple[float, str]) -> Callable[[], Market]:
    """A year and more of an index around the middle of its scale, then these values with the classes that the vendor sent."""

    def make() -> Market:
        end = at("2025-07-10")
        rows = [(end - DAY * k, 50 + k * 7 % 13, "Neutral") for k in range(500, len(last) - 1, -1)]
        rows += [(end - DAY * (len(last) - 1 - i), value, label) for i, (value, label) in enumerate(last)]
        market = Market(ASSETS)
        for seen, value, label in rows:
            market.rows("sentiment.fear_greed", "market", "1d", "alternative.me", [(seen, value)], unit=Unit.INDEX, lag=600, label=label)
        return market

    return make


def _coins(day: str, *changes: float) -> Callable[[], Market]:
    """Fifteen more coins with two years of daily bars that rise and fall by two percent in turn; the last changes are these, in turn."""

    def make() -> Market:
        market = Market((*ASSETS, *MORE))
        for number, coin in enumerate(MORE):
            closes = [10.0 + number, (10.0 + number) * 1.02] * 365
            closes.append(closes[-1] * (1 + changes[number % len(changes)] / 100))
            market.bars(coin, "1d", at(day), closes)
        return market

    return make


def _value(day: str, trillions: float, change: float) -> Callable[[], Market]:
    """A vendor's value of all coins and its change, with two months of earlier changes."""

    def make() -> Market:
        end, market = at(day.replace("T", " ") + ":00"), Market(ASSETS)
        market.rows("market.cap", "market", "", "coingecko", [(end - 120, f"{trillions * 1e12:.0f}")], name="CoinGecko")
        changes = [(end - 120 - DAY * k, 0.7 + k * 13 % 29 / 10) for k in range(60, 0, -1)]
        return market.rows("market.cap_change_24h", "market", "24h", "coingecko", [*changes, (end - 120, change)], unit=Unit.PCT,
                           name="CoinGecko")  # fmt: skip

    return make


def _options(day: str, due: str, bitcoin: Sequence[float], ether: Sequence[float] = ()) -> Callable[[], Market]:
    """Open calls and puts of one expiry, in coins, with its strike of maximum pain, every quarter of an hour up to the expiry; a year of
    implied volatility beside them."""

    def make() -> Market:
        end, market, venue = at(day.replace("T", " ") + ":00"), Market(ASSETS), f"deribit:{due}"
        last = min(end - 300, at(f"{due} 07:55"))
        for asset, parts in (("BTC", bitcoin), ("ETH", ether)):
            for series, value in zip(("expiry_calls_oi", "expiry_puts_oi", "max_pain"), parts, strict=False):
                unit = Unit.USD if series == "max_pain" else Unit.COINS
                rows = [(last - 900 * k, value) for k in range(8, -1, -1)]
                market.rows(f"options.{series}", asset, "", "deribit", rows, venue=venue, unit=unit, name="Deribit")
            for series, whole in zip(("calls_oi", "puts_oi"), parts, strict=False):
                rows = [(last - 900 * k, whole * 4) for k in range(8, -1, -1)]
                market.rows(f"options.{series}", asset, "", "deribit", rows, venue="deribit", unit=Unit.COINS, name="Deribit")
        bars = [(at(day[:10]) - DAY * k, 40 + k * 7 % 11) for k in range(400, -1, -1)]
        return market.rows("options.dvol_close", "BTC", "1d", "deribit", bars, venue="deribit", unit=Unit.PCT, name="Deribit")

    return make


def _swings(day: str, asset: str, *last: float) -> Callable[[], Market]:
    """More than a year of daily closes of implied volatility between 40 and 50, then these."""

    def make() -> Market:
        end = at(day[:10])
        closes = [*(40 + k * 7 % 11 for k in range(400)), *last]
        rows = [(end - DAY * (len(closes) - 1 - k), v) for k, v in enumerate(closes)]
        market = Market(ASSETS).rows("options.dvol_close", asset, "1d", "deribit", rows, venue="deribit", unit=Unit.PCT, name="Deribit")
        for side, coins in (("calls", 210_000), ("puts", 131_000)):
            seen = [(at(day.replace("T", " ") + ":00") - 600, coins)]
            market.rows(f"options.{side}_oi", asset, "", "deribit", seen, venue="deribit", unit=Unit.COINS, name="Deribit")
        return market

    return make


MADE: Mapping[str, Sequence[tuple[str, Callable[[], Market]]]] = {
    "sentiment_extreme": (
        ("2025-07-10T12", _moods((18, "Extreme Fear"))),
        ("2025-07-10T12", _moods((70, "Greed"))),
        ("2025-07-10T12", _moods((81, "Extreme Greed"), (84, "Extreme Greed"))),
    ),
    "breadth_extreme": (
        ("2025-04-07T00", _coins("2025-04-07", -12.5, -9.1, -7.3, -0.8)),
        ("2025-05-09T00", _coins("2025-05-09", 14.2, 9.7, -1.2, 11.1, 7.2, 8.3, 9.9, 10.4)),
        ("2025-05-10T00", _coins("2025-05-10", 3.2, 2.4, 1.9)),
    ),
    "mcap_event": (
        ("2025-07-18T00", _value("2025-07-18T00", 4.0123, 3.1)),
        ("2025-04-07T00", _value("2025-04-07T00", 2.4871, -8.2)),
        ("2025-05-09T00", _value("2025-05-09T00", 3.2912, 6.13)),
        ("2025-03-04T00", _value("2025-03-04T00", 2.8112, -9.87)),
    ),
    "iv_event": (
        ("2025-07-08T12", _swings("2025-07-08", "BTC", 41.2, 39, 38, 37.4)),
        ("2025-04-07T12", _swings("2025-04-07", "ETH", 44, 46, 51, 63.8)),
        ("2025-03-04T12", _swings("2025-03-04", "BTC", 61, *[45.0] * 20, 44, 52.3)),
        ("2025-02-03T12", _swings("2025-02-03", "BTC", 38, *[45.0] * 20, 48, 39.7)),
    ),
    "options_expiry": (
        ("2025-07-10T12", _options("2025-07-10T12", "2025-07-11", (16_200.4, 14_100.7, 108_000), (130_512, 98_400.5, 2_600))),
        ("2025-07-24T12", _options("2025-07-24T12", "2025-07-25", (62_400.5, 58_110.2, 112_000), (310_020, 290_000, 3_000))),
        ("2025-07-11T12", _options("2025-07-11T12", "2025-07-11", (16_200.4, 18_300.1, 108_000), (130_512, 98_400.5, 2_600))),
        ("2025-07-25T12", _options("2025-07-25T12", "2025-07-25", (80_000, 61_000, 112_000))),
    ),
}


@cache
def _own_history() -> Sequence[Column]:
    return read_history([HISTORY]).columns


def _view(day: str, more: Market | None = None) -> View:
    moment = datetime.fromisoformat(f"{day}:00").replace(tzinfo=UTC)
    opened = edition("2025-07-14-squeeze")
    made, extract = tuple(more.columns.values()) if more else (), _own_history()

    def load(series: str, subject: str) -> Sequence[Column]:
        """What is made, or an extract, stands for what the archive holds of that series."""
        found = [[c for c in columns if (c.key.series, c.key.subject) == (series, subject)] for columns in (made, extract)]
        return found[0] or found[1] or opened.archive.load(series, subject)

    return View(moment, load, more.assets if more else ASSETS, opened.view.precedence)


def _written(view: View, form: str, seed: int, *angles: str) -> Outcome:
    return write_article(newsroom(), view, Order("angles", form=form, seed=seed, angles=angles))


def _blocked(outcome: Outcome, *where: object) -> list[tuple[object, ...]]:
    findings = outcome.article.verdict.findings if outcome.article else ()
    return [(*where, f.check, f.message, f.sentence) for f in findings if f.severity == "block"]


SUPPORTED: Mapping[str, tuple[str, str, Callable[[], Market] | None]] = {
    # an angle of another family that leads, the day, and what is made for it
    "sentiment_extreme": ("level_lost", "2025-02-25T12", None),
    "outlier_mover": ("etf_flow_day", "2025-01-19T00", None),
    "dominance_shift": ("etf_week", "2025-07-20T12", None),
    "breadth_extreme": ("crash_day", "2025-03-04T00", _coins("2025-03-04", -12.5, -9.1, -7.3)),
    "iv_event": ("ath", "2025-07-11T12", _swings("2025-07-11", "BTC", 41.2, 39, 38, 37.4)),
    "options_expiry": ("ath", "2025-07-11T12", _options("2025-07-11T12", "2025-07-11", (16_200.4, 18_300.1, 108_000))),
    "mcap_event": ("big_move", "2025-05-09T00", _value("2025-05-09T00", 3.2912, 6.13)),
}


@pytest.mark.parametrize("form", SEEDS)
@pytest.mark.parametrize("angle", DAYS)
def test_no_wording_of_an_angle_is_held(angle: str, form: str) -> None:
    held, silent = [], []
    for day in DAYS[angle]:
        for seed in SEEDS[form]:
            outcome = _written(_view(day), form, seed, angle)
            silent += [] if outcome.article else [(day, seed, outcome.quiet)]
            held += _blocked(outcome, day, seed)
    assert (held, silent) == ([], [])


@pytest.mark.parametrize("form", SEEDS)
@pytest.mark.parametrize("angle", MADE)
def test_no_wording_of_a_made_day_is_held(angle: str, form: str) -> None:
    held, silent = [], []
    for day, make in MADE[angle]:
        for seed in SEEDS[form]:
            outcome = _written(_view(day, make()), form, seed, angle)
            silent += [] if outcome.article else [(day, seed, outcome.quiet)]
            held += _blocked(outcome, day, seed)
    assert (held, silent) == ([], [])


@pytest.mark.parametrize("angle", SUPPORTED)
def test_an_angle_is_told_under_another_lead(angle: str) -> None:
    lead, day, make = SUPPORTED[angle]
    for seed in SEEDS["standard"]:
        outcome = _written(_view(day, make() if make else None), "standard", seed, angle, lead)
        assert outcome.article
        assert _blocked(outcome, day, seed) == []
        assert outcome.article.pitches[0].angle == lead
        assert angle in [p.angle for p in outcome.article.paragraphs], "the support is not told"


CHANGED = [
    ("sentiment_extreme", "2025-01-23T00", None, "climbs to 84", "drops to 84"),
    ("sentiment_extreme", "2025-02-28T00", None, "fell to 10 on", "rose to 10 on"),
    ("outlier_mover", "2024-11-17T00", None, "up 26%", "down 26%"),
    ("dominance_shift", "2025-07-20T00", None, "lost 2.7 percentage points", "gained 2.7 percentage points"),
    ("dominance_shift", "2025-08-14T12", None, "slips to 59%", "rises to 59%"),
    ("breadth_extreme", *MADE["breadth_extreme"][1], "Crypto rises broadly", "Crypto falls broadly"),
    ("breadth_extreme", *MADE["breadth_extreme"][0], "A fall ran through", "A rise ran through"),
    ("mcap_event", *MADE["mcap_event"][0], "rose above $4 trillion", "fell above $4 trillion"),
    ("mcap_event", *MADE["mcap_event"][1], "below $2.5 trillion", "above $2.5 trillion"),
    ("options_expiry", *MADE["options_expiry"][0], "expire on July 11", "expire on July 12"),
    ("options_expiry", *MADE["options_expiry"][0], "0.87 puts", "0.88 puts"),
    ("iv_event", *MADE["iv_event"][0], "volatility falls to 37%", "volatility rises to 37%"),
]


def _changed(article: Article, one: str, other: str) -> Article:
    def text(found: Text) -> Text:
        return Text(found.text.replace(one, other))

    paragraphs = tuple(replace(p, body=text(p.body)) for p in article.paragraphs)
    points = tuple(map(text, article.key_points))
    return replace(article, headline=text(article.headline), dek=text(article.dek), key_points=points, paragraphs=paragraphs)


@pytest.mark.parametrize(("angle", "day", "make", "one", "other"), CHANGED, ids=[f"{c[0]} {c[4]}" for c in CHANGED])
def test_a_changed_word_or_number_is_stopped(angle: str, day: str, make: Callable[[], Market] | None, one: str, other: str) -> None:
    """In the first wording that says it."""
    view = _view(day, make() if make else None)
    for seed in range(1, 40):
        article = _written(view, "standard", seed, angle).article
        assert article
        if any(one in text.text for _, text in article.texts()):
            found = check(_changed(article, one, other), words=newsroom().reader, view=view).findings
            assert [f for f in found if f.severity == "block"]
            return
    pytest.fail(f"no wording says {one!r}")
