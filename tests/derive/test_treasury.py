"""Purchases for a treasury: what is news, what its parts are, what history says of it; worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from newsgen.market import Absent, Unit
from tests.derive.market_of import Market, agrees, at, figure, reason, value

D = Decimal
NOW = "2025-07-14 12:02"
COINS = Unit.COINS


def announced(*told: tuple[str, float, float, float, float], company: str = "Strategy", source: str = "strategy") -> Market:
    """Announcements of (day, coins, average price, cost, holdings after), at noon UTC."""
    market = Market()
    for day, coins, price, cost, held in told:
        moment = at(f"{day} 12:00")
        market.rows("treasury.purchase", company, "", source, [(moment, coins)], venue="BTC", unit=COINS)
        market.rows("treasury.purchase_price", company, "", source, [(moment, price)], venue="BTC")
        market.rows("treasury.purchase_usd", company, "", source, [(moment, cost)], venue="BTC")
        market.rows("treasury.holdings", company, "", source, [(moment, held)], venue="BTC", unit=COINS)
    return market


LAST = ("2025-07-14", 4000, 110_000, 440_000_000, 600_000)


def test_purchase_is_news_for_three_days() -> None:
    book = announced(LAST).book(NOW)
    assert (value(book, "treasury.last_purchase", "Strategy"), value(book, "treasury.last_purchase_usd", "Strategy")) == (4000, 440_000_000)
    assert value(book, "treasury.last_purchase_price", "Strategy") == 110_000
    assert value(book, "treasury.last_purchase_at", "Strategy") == date(2025, 7, 14)
    later = announced(LAST).book("2025-07-18 12:00")
    assert reason(later, "treasury.last_purchase", "Strategy") == "the last announcement of Strategy is of 2025-07-14"
    assert value(later, "treasury.holdings", "Strategy") == D(600_000)
    assert "is of 2025-07-14" in reason(announced(LAST).book("2025-07-23 12:00"), "treasury.holdings", "Strategy")


def test_parts_are_of_one_announcement_and_one_source() -> None:
    market = announced(LAST)
    market.rows("treasury.purchase", "Strategy", "", "strategy", [(at("2025-07-14 12:01"), 10)], venue="BTC", unit=COINS)
    book = market.book(NOW)
    assert value(book, "treasury.last_purchase", "Strategy") == 10
    assert "gives no treasury.purchase_usd: the last is of 2025-07-14" in reason(book, "treasury.last_purchase_usd", "Strategy")
    assert "gives no treasury.holdings" in reason(book, "treasury.holdings_after", "Strategy")
    assert "gives no" in reason(book, "treasury.supply_share", "Strategy")


def test_sale_is_no_purchase() -> None:
    book = announced(("2025-07-14", -704, 16_776, 11_800_000, 131_690)).book(NOW)
    assert reason(book, "treasury.last_purchase", "Strategy") == "the last announcement of Strategy was no purchase"
    assert reason(book, "treasury.last_purchase_usd", "Strategy") == "the last announcement of Strategy was no purchase"


def test_ether_of_a_company_is_no_bitcoin() -> None:
    market = Market().rows("treasury.purchase", "Strategy", "", "manual", [(at(NOW), 100)], venue="ETH", unit=COINS)
    assert "(venue BTC)" in reason(market.book(NOW), "treasury.last_purchase", "Strategy")


def test_cost_is_absent_when_coins_and_price_do_not_make_it() -> None:
    """4,000 coins at 110,000 are 440 million: 453 million is three percent off, 455 million is more."""
    near, far = (announced((*LAST[:3], cost, 600_000)).book(NOW) for cost in (453_000_000, 455_000_000))
    assert value(near, "treasury.last_purchase_usd", "Strategy") == 453_000_000
    assert "contradicts itself" in reason(far, "treasury.last_purchase_usd", "Strategy")
    assert "contradicts itself" in reason(far, "treasury.last_purchase_price", "Strategy")


@pytest.mark.parametrize(("close", "there"), [(100_000, True), (122_000, True), (99_999, False), (122_300, False)])
def test_price_that_bitcoin_did_not_have_is_a_slip(close: float, there: bool) -> None:
    """110,000 lies within a tenth of closes between 100,000 and 122,222."""
    market = announced(LAST).bars("BTC", "1d", at("2025-07-14"), [1.0] * 5 + [close] * 95)  # what is older than 95 days counts for nothing
    found = market.book(NOW).get("treasury.last_purchase_price", "Strategy")
    assert isinstance(found, Absent) is not there


OLDER = ("2025-03-31", 5000, 90_000, 450_000_000, 590_000)
SMALLER = ("2025-06-30", 3000, 100_000, 300_000_000, 593_000)
BEFORE = ("2025-02-24", 9000, 97_000, 873_000_000, 585_000)


def test_since_when_no_purchase_was_as_large() -> None:
    """Between 590,000 and 600,000 lie 10,000 coins: 3,000 and 4,000 are announced, and the 3,000 others are fewer than the 4,000."""
    book = announced(BEFORE, OLDER, SMALLER, LAST).book(NOW)
    since = figure(book, "treasury.purchase_largest_since", "Strategy")
    assert (since.value, since.record and since.record.rival_value) == (date(2025, 3, 31), 5000)
    assert agrees(book, since)


def test_nothing_is_said_of_history_when_an_announcement_as_large_may_be_missing() -> None:
    held = (*LAST[:4], 601_000)  # 4,000 coins more than announced
    book = announced(BEFORE, OLDER, SMALLER, held).book(NOW)
    assert "do not explain its holdings" in reason(book, "treasury.purchase_largest_since", "Strategy")


def test_largest_of_all_is_a_record_of_the_archive_only() -> None:
    book = announced(("2025-03-31", 500, 90_000, 45_000_000, 593_000), SMALLER, LAST).book(NOW)
    record = figure(book, "treasury.purchase_largest_since", "Strategy").record
    assert record
    assert (record.is_record, record.covers_life, record.archive_start) == (True, False, date(2025, 3, 31))


def test_no_since_within_thirty_days_or_without_past() -> None:
    larger = ("2025-06-30", 4000, 100_000, 400_000_000, 596_000)
    assert "at least as large on 2025-06-30" in reason(
        announced(OLDER, larger, LAST).book(NOW), "treasury.purchase_largest_since", "Strategy"
    )
    assert "no earlier announcement" in reason(announced(LAST).book(NOW), "treasury.purchase_largest_since", "Strategy")


def test_holdings_are_worth_what_bitcoin_costs_and_are_a_share_of_its_supply() -> None:
    market = announced(LAST).bars("BTC", "4h", at("2025-07-14 12:00"), [120_000, 121_000])
    market.rows("reference.supply", "BTC", "1d", "coinmarketcap", [(at("2025-07-14"), 20_000_000)], unit=COINS)
    book = market.book(NOW)
    assert value(book, "treasury.holdings_worth", "Strategy") == 600_000 * 121_000
    assert value(book, "treasury.price_gap_pct", "Strategy") == 10  # 121,000 over 110,000
    assert value(book, "treasury.supply_share", "Strategy") == 3  # 600,000 of 20 million
    assert agrees(book, figure(book, "treasury.supply_share", "Strategy"))
    bare = announced(LAST).book(NOW)
    assert "no spot bars of BTC" in reason(bare, "treasury.holdings_worth", "Strategy")
    assert "no reference.supply" in reason(bare, "treasury.supply_share", "Strategy")


def test_supply_of_long_ago_gives_no_share() -> None:
    market = announced(LAST).rows("reference.supply", "BTC", "1d", "coinmarketcap", [(at("2025-07-05"), 20_000_000)], unit=COINS)
    assert "past eight days" in reason(market.book(NOW), "treasury.supply_share", "Strategy")


def listed(*told: tuple[str, float], company: str = "Strategy") -> Market:
    rows = [(at(moment), coins) for moment, coins in told]
    return Market().rows("treasury.holdings", company, "", "coingecko", rows, venue="BTC", unit=COINS, name="CoinGecko")


def test_coins_added_to_a_list_in_three_days() -> None:
    told = [("2025-07-09 11:00", 590_000), ("2025-07-11 11:00", 597_000), ("2025-07-13 11:00", 597_000), ("2025-07-14 11:00", 601_000)]
    book = listed(*told).book(NOW)
    assert value(book, "treasury.holdings_added", "Strategy") == 4000
    assert figure(book, "treasury.holdings_added", "Strategy").source == "CoinGecko"
    same = listed(("2025-07-11 11:00", 597_000), ("2025-07-14 11:00", 597_000)).book(NOW)
    assert "have not grown" in reason(same, "treasury.holdings_added", "Strategy")


@pytest.mark.parametrize("told", [[("2025-07-11 11:30", 1), ("2025-07-14 11:00", 2)], [("2025-07-10 10:00", 1), ("2025-07-14 11:00", 2)],
                                  [("2025-07-10 10:00", 1), ("2025-07-13 10:00", 2)]])  # fmt: skip
def test_list_must_be_of_now_and_of_three_days_ago(told: list[tuple[str, float]]) -> None:
    assert "no list tells" in reason(listed(*told).book(NOW), "treasury.holdings_added", "Strategy")


def test_filing_of_the_past_three_days() -> None:
    market = Market().rows("treasury.filing", "Strategy", "", "sec_edgar", [(at("2025-07-12 01:00"), 1)], venue="8-K", unit=Unit.COUNT)
    assert value(market.book(NOW), "treasury.filing_at", "Strategy") == date(2025, 7, 11)  # nine in the evening in New York
    assert "is of 2025-07-11" in reason(market.book("2025-07-15 02:00"), "treasury.filing_at", "Strategy")


def test_market_tells_of_the_company_that_announced_last_of_two_the_larger() -> None:
    market = announced(LAST)
    for company, day, coins in (("Metaplanet", "2025-07-14", 4001), ("MARA", "2025-07-13", 9000)):
        market.rows("treasury.purchase", company, "", "manual", [(at(f"{day} 09:00"), coins)], venue="BTC", unit=COINS)
    book = market.book(NOW)
    assert book.get("treasury.last_purchase", "market") is book.get("treasury.last_purchase", "Metaplanet")
    assert "no treasury.purchase_usd of Metaplanet" in reason(book, "treasury.last_purchase_usd", "market")


def test_market_tells_of_the_list_that_grew_most_where_nobody_announced() -> None:
    market = listed(("2025-07-11 11:00", 1000), ("2025-07-14 11:00", 1500))
    market.rows("treasury.holdings", "MARA", "", "coingecko", [(at("2025-07-11 11:00"), 7), (at("2025-07-14 11:00"), 508)], venue="BTC",
                unit=COINS)  # fmt: skip
    assert figure(market.book(NOW), "treasury.holdings_added", "market").subject == "MARA"
    assert "no company has announced" in reason(Market().book(NOW), "treasury.last_purchase", "market")


def test_trail_holds_the_announcements_before_the_last() -> None:
    book = announced(BEFORE, OLDER, SMALLER, LAST).book(NOW)
    trail = book.trail("treasury.last_purchase_usd", "market")
    assert not isinstance(trail, Absent)
    assert list(trail.values) == [873_000_000, 450_000_000, 300_000_000]
