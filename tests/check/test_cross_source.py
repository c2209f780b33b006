"""What a second source says of the same: both values named, a lonely price held."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Figure, Reading, Unit
from newsgen.story import Article, Verdict
from tests.derive.market_of import DAY, Market, at

CHECKS = [all_checks()["cross_source"]]
SESSION, MINUTE = "2025-07-11 20:00", "2025-07-14 12:02"


def judged(market: Market, series: str, window: str, source: str, as_of: str) -> Verdict:
    """An article that rests on the newest reading of a source."""
    view = market.view(as_of)
    run = view.run(series, "BTC", window=window, source=source)
    reading = run.reading(-1)  # type: ignore[union-attr]
    return check(resting_on(reading), words=F.reader_words(), view=view, checks=CHECKS)


def resting_on(reading: Reading) -> Article:
    figure = Figure("x.y", "BTC", reading.value, reading.unit, reading.observed_at, reading.known_at, "A", (reading,))
    return replace(F.one_sentence("Bitcoin rose."), figures={"f1": figure}, readings={"r1": reading})


def flows(second: float, day: int = 0) -> Market:
    market = Market().rows("etf.net_flow", "BTC", "session", "farside", [(at(SESSION), 1000)], venue="us")
    return market.rows("etf.net_flow", "BTC", "session", "coinglass", [(at(SESSION) + DAY * day, second)], venue="us")


@pytest.mark.parametrize(("second", "warned"), [(1000, False), (1050, False), (950, False), (1051, True), (949, True), (-1000, True)])
def test_flows_more_than_five_percent_apart_are_told_with_both_values(second: float, warned: bool) -> None:
    verdict = judged(flows(second), "etf.net_flow", "session", "farside", "2025-07-12 12:00")
    assert verdict.decision == "publish"
    assert bool(verdict.findings) is warned
    if warned:
        [finding] = verdict.findings
        assert finding.severity == "warn"
        assert "Farside Investors says 1,000 usd" in finding.message
        assert f"CoinGlass {second:,}" in finding.message
        assert finding.figures == ("f1",)


TELLS = "Funds took in $1,000"


@pytest.mark.parametrize(
    ("text", "second", "decision"),
    [
        (f"{TELLS}, Farside Investors data show.", 500, "publish"),
        (f"{TELLS} that day. Farside Investors counts eleven of them.", 500, "publish"),
        (f"{TELLS} that day.", 500, "hold"),
        (f"{TELLS} that day.", 1000, "publish"),
        (f"{TELLS}, CoinGlass data show.", 500, "hold"),
    ],
)
def test_where_sources_differ_the_number_stands_beside_its_own(text: str, second: float, decision: str) -> None:
    view = flows(second).view("2025-07-12 12:00")
    reading = view.run("etf.net_flow", "BTC", source="farside").reading(-1)  # type: ignore[union-attr]
    figure = F.flow("net_flow_day", "1000", Unit.USD, inputs=(reading,))
    article = replace(F.one_sentence(text, figure), readings={"r1": reading})
    verdict = check(article, words=F.reader_words(), view=view, checks=CHECKS)
    assert verdict.decision == decision
    assert all(("name the source" in f.message) == (decision == "hold") for f in verdict.findings)


def test_another_day_and_another_fund_are_another_thing() -> None:
    assert judged(flows(500, day=-1), "etf.net_flow", "session", "farside", "2025-07-12 12:00").findings == ()
    market = Market().rows("liq.short", "BTC", "24h", "coinglass", [(at(MINUTE), 100)], venue="all")
    market = market.rows("liq.short", "BTC", "24h", "okx", [(at(MINUTE), 10)], venue="okx")
    assert judged(market, "liq.short", "24h", "coinglass", MINUTE).findings == ()


def prices(*others: float) -> Market:
    market = Market().rows("spot.last", "BTC", "", "binance", [(at(MINUTE), 100)], venue="binance")
    for i, other in enumerate(others):
        market = market.rows("spot.last", "BTC", "", f"x{i}", [(at(MINUTE) - 30, other)], venue=f"x{i}")
    return market


@pytest.mark.parametrize(
    ("others", "decision", "findings"),
    [
        ((100.9,), "publish", 0),
        ((101.5,), "publish", 1),
        ((104,), "hold", 1),
        ((104, 100.2), "publish", 1),
        ((104, 105), "hold", 1),
        ((), "publish", 0),
    ],
)
def test_a_price_far_from_every_other_exchange_is_held(others: tuple[float, ...], decision: str, findings: int) -> None:
    verdict = judged(prices(*others), "spot.last", "", "binance", MINUTE)
    assert (verdict.decision, len(verdict.findings)) == (decision, findings)


def test_prices_of_different_minutes_are_not_compared() -> None:
    market = Market().rows("spot.last", "BTC", "", "binance", [(at(MINUTE), 100)], venue="binance")
    market = market.rows("spot.last", "BTC", "", "kraken", [(at(MINUTE) - 120, 110)], venue="kraken")
    assert judged(market, "spot.last", "", "binance", MINUTE).findings == ()


def test_without_the_archive_nothing_is_said() -> None:
    reading = flows(500).view("2025-07-12 12:00").run("etf.net_flow", "BTC").reading(-1)  # type: ignore[union-attr]
    assert check(resting_on(reading), words=F.reader_words(), view=None, checks=CHECKS).findings == ()
    assert (reading.value, reading.unit) == (Decimal(1000), Unit.USD)
