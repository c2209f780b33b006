"""The angles of flows and the wider market on real days and made ones, in every form and many wordings: what the templates say, the
checks understand. A made day is a real one with readings beside it for which there is no history.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from desk import WORDINGS, edition, newsroom

from newsgen.market import Column, Unit, View
from newsgen.pipeline import Order, Outcome, write_article
from newsgen.store.history import read_history
from tests.derive.market_of import DAY, Market, at

HISTORY = Path(__file__).parent / "history"
ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB", "USDT", "USDC")
SEEDS = {"standard": range(1, 1 + WORDINGS), "brief": range(13, 13 + WORDINGS), "flash": range(25, 25 + WORDINGS)}
DAYS = {
    "treasury_purchase": ("2024-03-12T00", "2024-09-14T00", "2024-11-12T00", "2024-12-10T00"),
    "etf_divergence": ("2024-07-31T00", "2024-11-21T00", "2024-12-24T12", "2025-02-04T12", "2025-07-24T12"),
    "cross_asset": ("2023-06-22T00", "2024-05-22T00", "2024-07-20T00", "2024-11-07T00", "2024-11-16T00"),
    "stablecoin_supply": ("2022-05-13T00", "2024-11-24T00", "2025-01-25T00", "2025-07-22T00"),
    "etf_week": ("2024-03-16T12", "2024-05-12T00", "2024-10-20T00", "2025-03-02T00", "2025-07-12T12"),
}


def _listed_holdings() -> Market:
    """A vendor's list on which a company's holdings grow, and a report of that week; no announcement."""
    rows = [(at("2025-07-06 20:00"), 597_325), (at("2025-07-09 23:30"), 601_550)]
    market = Market().rows("treasury.holdings", "Strategy", "", "coingecko", rows, venue="BTC", unit=Unit.COINS, name="CoinGecko")
    return market.rows("treasury.filing", "Strategy", "", "sec_edgar", [(at("2025-07-09 12:00"), 1)], venue="8-K", unit=Unit.COUNT,
                       name="SEC EDGAR")  # fmt: skip


def _release(name: str, actual: str, forecast: str, previous: str, prices: tuple[float, float], day: str = "2025-07-15") -> Market:
    """A release at 12:30 with its numbers as the calendar writes them, and bitcoin's ticker before it and 35 minutes after."""
    market, due = Market(), at(f"{day} 12:30")
    for series, text in (("actual", actual), ("forecast", forecast), ("previous", previous)):
        number = float(text.strip("%K")) * (1000 if text.endswith("K") else 1)
        market.rows(f"calendar.{series}", name, "", "nasdaq", [(due, f"{number:g}")], unit=Unit.INDEX, lag=60 * (series == "actual"),
                    name="Nasdaq", label=text)  # fmt: skip
    market.rows("calendar.importance", name, "", "forexfactory", [(due, 3)], unit=Unit.INDEX, name="Forex Factory", label="High")
    ticks = [(at(f"{day} 12:28"), prices[0]), (at(f"{day} 13:05"), prices[1])]
    return market.rows("spot.last", "BTC", "", "binance", ticks, venue="binance", name="Binance spot")


def _cpi() -> Market:
    return _release("USD CPI m/m", "0.4%", "0.3%", "-0.1%", (117_000, 115_200))


def _claims() -> Market:
    return _release("USD Unemployment Claims", "225K", "235K", "224K", (117_000, 119_750))


def _sales() -> Market:
    return _release("USD Retail Sales m/m", "-0.3%", "-0.3%", "0.6%", (117_000, 118_300))


def _prices() -> Market:
    """Beside a large day of fund flows."""
    return _release("USD PPI m/m", "0.1%", "0.2%", "0.1%", (117_800, 119_300), day="2025-07-11")


def _off_peg(coin: str, *prices: tuple[str, float], day: str = "2025-07-15") -> Market:
    """Tickers of a stablecoin every five minutes of 40 to 13:08, off its peg from 12:33 on, and a year of daily closes near a dollar."""
    market, last = Market(), at(f"{day} 13:08")
    for venue, price in prices:
        rows = [(last - 300 * k, 1.0001 if k > 7 else round(price + 0.0001 * k, 4)) for k in range(12, -1, -1)]
        market.rows("spot.last", coin, "", venue, rows, venue=venue, name=venue.title())
    closes = [(at(day) - DAY * k, round(1 + 0.0002 * (k % 7 - 3), 4)) for k in range(400, -1, -1)]
    market.rows("spot.close", coin, "1d", "kraken", closes, venue="kraken", name="Kraken")
    supply = [(at(day) - DAY * k, 62_000_000_000 - 200_000_000 * k) for k in range(10, -1, -1)]
    return market.rows("stablecoins.supply", coin, "", "defillama", supply, name="DefiLlama")


def _tether_low() -> Market:
    return _off_peg("USDT", ("kraken", 0.9872), ("coinbase", 0.9885), ("bitstamp", 0.9821), ("gemini", 0.9961))


def _tether_beside_flows() -> Market:
    return _off_peg("USDT", ("kraken", 0.9942), ("coinbase", 0.9931), ("bitstamp", 0.9936), day="2025-07-11")


def _usdc_high() -> Market:
    return _off_peg("USDC", ("kraken", 1.0064), ("coinbase", 1.0071), ("bitstamp", 1.0112), ("bitfinex", 1.0083))


MADE = {
    "depeg": (("2025-07-15T13:10", _tether_low), ("2025-07-15T13:10", _usdc_high)),
    "macro_reaction": (("2025-07-15T13:10", _cpi), ("2025-07-15T13:10", _claims), ("2025-07-15T13:10", _sales)),
    "treasury_purchase": (("2025-07-10T00", _listed_holdings),),
}
SUPPORTED = {
    # an angle of another family that leads, and the day
    "treasury_purchase": ("level_reclaimed", "2024-09-21T00"),
    "etf_week": ("level_lost", "2025-08-02T12"),
    "etf_divergence": ("big_move", "2024-08-08T00"),
    "stablecoin_supply": ("etf_flow_day", "2025-07-18T00"),
    "cross_asset": ("ath", "2024-11-12T00"),
    "macro_reaction": ("etf_flow_day", "2025-07-11T13:10"),
    "depeg": ("etf_flow_day", "2025-07-11T13:10"),
}


@cache
def _extracts() -> Sequence[Column]:
    """Small parts of the history of what the samples do not have."""
    return read_history([HISTORY / f"{name}_extract.csv" for name in ("stablecoin_tvl_daily", "macro_daily_gold")]).columns


BESIDE = {"macro_reaction": _prices, "depeg": _tether_beside_flows}


def _view(day: str, more: Market | None = None) -> View:
    moment = datetime.fromisoformat(day if day.count(":") else f"{day}:00").replace(tzinfo=UTC)
    opened = edition("2025-07-14-squeeze")

    def load(series: str, subject: str) -> Sequence[Column]:
        beside = [*_extracts(), *(more.columns.values() if more else ())]
        return [*opened.archive.load(series, subject), *(c for c in beside if (c.key.series, c.key.subject) == (series, subject))]

    return View(moment, load, ASSETS, opened.view.precedence)


def _written(view: View, form: str, seed: int, *angles: str) -> Outcome:
    return write_article(newsroom(), view, Order("angles", form=form, seed=seed, angles=angles))


def _blocked(outcome: Outcome, *where: object) -> list[tuple[object, ...]]:
    findings = outcome.article.verdict.findings if outcome.article else ()
    return [(*where, f.check, f.message, f.sentence) for f in findings if f.severity == "block"]


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
        view = _view(day, make())
        for seed in SEEDS[form]:
            outcome = _written(view, form, seed, angle)
            silent += [] if outcome.article else [(day, seed, outcome.quiet)]
            held += _blocked(outcome, day, seed)
    assert (held, silent) == ([], [])


@pytest.mark.parametrize("angle", SUPPORTED)
def test_an_angle_is_told_under_another_lead(angle: str) -> None:
    lead, day = SUPPORTED[angle]
    view = _view(day, BESIDE[angle]() if angle in BESIDE else None)
    for seed in SEEDS["standard"]:
        outcome = _written(view, "standard", seed, angle, lead)
        assert outcome.article
        assert _blocked(outcome, day, seed) == []
        assert outcome.article.pitches[0].angle == lead
        assert angle in [p.angle for p in outcome.article.paragraphs], "the support is not told"
