"""An article that waited is held against the newest prices before it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Figure, Origin, Reading, SeriesKey, Unit, View
from newsgen.store.memory import MemoryArchive
from newsgen.story import Article, Finding, Text

LATER = F.AS_OF + timedelta(minutes=5)
LAST = F.figure("price.last", "BTC", "121467.24", Unit.USD)


def view(*, at: timedelta = timedelta(minutes=5), **prices: str) -> View:
    """The noon prices of the factories, and these tickers a minute before the later moment."""
    archive = MemoryArchive()
    for asset, before in (("BTC", "121467.24"), ("ETH", "3051.72"), ("SOL", "160")):
        bar = SeriesKey("spot.close", asset, "4h", "binance", "binance")
        archive.add([Reading(bar, Decimal(before), Unit.USD, F.NOON, F.NOON, Origin("klines", "Binance spot"))])
        for price in [prices[asset]] if asset in prices else []:
            ticker, when = SeriesKey("spot.last", asset, "", "binance", "binance"), LATER - timedelta(minutes=1)
            archive.add([Reading(ticker, Decimal(price), Unit.USD, when, when, Origin("ticker", "Binance spot"))])
    return View(F.AS_OF + at, archive.load, ("BTC", "ETH", "SOL"))


def found(article: Article, seen: View | None, **moves: Decimal) -> list[Finding]:
    verdict = check(article, words=F.reader_words(), view=seen, moves_pct=moves, checks=[all_checks()["staleness"]])
    assert verdict.decision == ("hold" if verdict.findings else "publish")
    return list(verdict.findings)


def priced(*figures: Figure, headline: str = "Bitcoin rises") -> Article:
    return replace(F.one_sentence("Bitcoin traded at $121,467.", *figures), headline=Text(headline), tickers=("BTC",))


@pytest.mark.parametrize(
    ("price", "stale"),
    [("121467.24", False), ("122680", False), ("122682", True), ("120253", False), ("120252", True)],  # 1 % of 121,467.24 is 1,214.67
)
def test_bitcoin_may_move_by_less_than_one_percent(price: str, stale: bool) -> None:
    assert bool(found(priced(LAST), view(BTC=price))) is stale


def test_the_message_names_both_prices_and_the_limit() -> None:
    [finding] = found(priced(LAST), view(BTC="119000"))
    assert finding.message == "BTC was at 121,467.24 and is at 119,000, 2.0% away: the limit is 1%"


@pytest.mark.parametrize(("asset", "told", "near", "far"), [("ETH", "3000", "3044", "3046"), ("SOL", "160", "163.9", "164.1")])
def test_other_assets_have_wider_limits(asset: str, told: str, near: str, far: str) -> None:
    last = F.figure("price.last", asset, told, Unit.USD)
    assert found(priced(LAST, last), view(BTC="121467.24", **{asset: near})) == []
    assert len(found(priced(LAST, last), view(BTC="121467.24", **{asset: far}))) == 1


def test_a_desk_sets_its_own_limits() -> None:
    assert found(priced(LAST), view(BTC="124000"), BTC=Decimal(3)) == []
    assert len(found(priced(LAST), view(BTC="121600"), BTC=Decimal("0.1"))) == 1


LEVEL = F.figure("level.crossed_up", "BTC", "121000", Unit.USD, window="24h", record=F.record("121000", None))


def test_a_headline_level_that_was_crossed_back_is_stopped_however_small_the_move() -> None:
    article = priced(LAST, LEVEL, headline="Bitcoin climbs above $121,000")
    assert found(article, view(BTC="121001")) == []
    [finding] = found(article, view(BTC="120999"))
    assert (finding.where, "headline's 121,000" in finding.message) == ("headline", True)


def test_a_level_that_only_the_body_names_and_a_price_in_the_headline_are_crossed_by_every_tick() -> None:
    assert found(priced(LAST, LEVEL), view(BTC="120999")) == []
    assert found(priced(LAST, headline="Bitcoin rises to $121,467"), view(BTC="121400")) == []


def test_a_record_in_the_headline_that_is_passed_again_is_stopped() -> None:
    record = F.figure("price.ath", "BTC", "121800", Unit.USD)
    article = priced(LAST, record, headline="Bitcoin sets record at $121,800")
    assert found(article, view(BTC="121790")) == []
    assert len(found(article, view(BTC="121900"))) == 1


def test_a_story_that_prints_no_price_is_held_against_the_archives_price_of_its_moment() -> None:
    flows = replace(F.one_sentence("Funds took in $1 billion.", F.flow("net_flow_day", "1000000000", Unit.USD)), tickers=("BTC",))
    assert found(flows, view(BTC="121500")) == []
    assert len(found(flows, view(BTC="119000"))) == 1


def test_at_its_own_moment_and_away_from_an_archive_nothing_is_stale() -> None:
    assert found(priced(F.figure("price.last", "BTC", "90000", Unit.USD)), view(at=timedelta(0), BTC="121467")) == []
    assert found(priced(LAST), None) == []


def test_what_an_earlier_version_told_is_no_price_of_this_one() -> None:
    before = replace(F.figure("price.last", "BTC", "90000", Unit.USD), told_at=F.AS_OF - timedelta(hours=3))
    assert found(priced(LAST, before), view(BTC="121500")) == []
