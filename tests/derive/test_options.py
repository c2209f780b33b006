"""Expiries of options ahead and past, puts against calls, implied volatility and its past; worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from newsgen.market import Absent, Unit
from tests.derive.market_of import DAY, Market, agrees, at, figure, moment, reason, value

D = Decimal
THURSDAY, FRIDAY = "2025-07-10 12:02", "2025-07-11 12:02"
WEEKLY = "2025-07-11"
Coins = tuple[float, float]


def opened(
    due: str,
    calls: float,
    puts: float,
    *,
    asset: str = "BTC",
    seen: str = "2025-07-10 12:00",
    market: Market | None = None,
    pain: float = 0,
) -> Market:
    """Open coins of one expiry, told once; bitcoin at 100,000 and ether at 2,500 until then, 2 percent more afterwards."""
    market = market or _prices()
    venue = f"deribit:{due}"
    for name, coins in (("calls", calls), ("puts", puts)):
        rows = [(at(seen), coins)]
        market.rows(f"options.expiry_{name}_oi", asset, "", "deribit", rows, venue=venue, unit=Unit.COINS, name="Deribit")
    if pain:
        market.rows("options.max_pain", asset, "", "deribit", [(at(seen), pain)], venue=venue, name="Deribit")
    return market


def _prices() -> Market:
    market = Market(("BTC", "ETH"))
    for asset, price in (("BTC", 100_000.0), ("ETH", 2_500.0)):
        market.bars(asset, "4h", at("2025-07-11 12:00"), [price] * 12 + [price * 1.02] * 6)
    return market


def test_expiry_ahead_in_coins_and_dollars() -> None:
    """12,000 calls and 9,000 puts: 21,000 coins at 100,000 dollars, 0.75 puts for each call."""
    book = opened(WEEKLY, 12_000, 9_000).book(THURSDAY)
    assert value(book, "options.expiry_at", "BTC") == moment("2025-07-11 08:00")
    assert value(book, "options.expiry_coins", "BTC") == D(21_000)
    assert value(book, "options.expiry_usd", "BTC") == D(2_100_000_000)
    assert value(book, "options.expiry_put_call", "BTC") == D("0.75")
    for name in ("at", "coins", "usd", "put_call"):
        assert agrees(book, figure(book, f"options.expiry_{name}", "BTC")), name
    assert figure(book, "options.expiry_usd", "BTC").scope == "deribit"
    assert "expired in the past twelve hours" in reason(book, "options.expired_usd", "BTC")


def test_largest_expiry_within_three_days_counts() -> None:
    market = opened("2025-07-11", 100, 100)
    market = opened("2025-07-13", 300, 0, market=opened("2025-07-12", 150, 100, market=market))
    market = opened("2025-07-14", 9_000, 9_000, market=market)  # due in more than three days
    assert value(market.book(THURSDAY), "options.expiry_at", "BTC") == moment("2025-07-13 08:00")
    alone = opened("2025-07-14", 9_000, 9_000).book(THURSDAY)
    assert reason(alone, "options.expiry_usd", "BTC") == "no open options of BTC that expire within three days"


def test_old_open_interest_is_no_news() -> None:
    book = opened(WEEKLY, 12_000, 9_000, seen="2025-07-10 10:01").book(THURSDAY)
    assert "within three days" in reason(book, "options.expiry_usd", "BTC")
    fresh = opened(WEEKLY, 12_000, 9_000, seen="2025-07-10 10:02").book(THURSDAY)
    assert value(fresh, "options.expiry_coins", "BTC") == D(21_000)


def test_calls_and_puts_of_two_moments_are_not_added() -> None:
    market = opened(WEEKLY, 12_000, 9_000)
    rows = [(at("2025-07-10 12:01"), 12_100)]
    market.rows("options.expiry_calls_oi", "BTC", "", "deribit", rows, venue=f"deribit:{WEEKLY}", unit=Unit.COINS, name="Deribit")
    assert "within three days" in reason(market.book(THURSDAY), "options.expiry_coins", "BTC")


def test_an_expiry_that_is_past_is_worth_the_price_of_its_moment() -> None:
    """At 08:00 UTC bitcoin stood at 102,000; at 04:00 it had been 100,000 ... 21,000 coins are 2.142 billion."""
    book = opened(WEEKLY, 12_000, 9_000, seen="2025-07-11 07:50", pain=96_900).book(FRIDAY)
    assert value(book, "options.expired_price", "BTC") == D(102_000)
    assert value(book, "options.expired_usd", "BTC") == D(2_142_000_000)
    assert value(book, "options.expired_max_pain", "BTC") == D(96_900)
    assert value(book, "options.expired_pain_gap_pct", "BTC") == D(-5)
    assert agrees(book, figure(book, "options.expired_usd", "BTC"))
    assert "within three days" in reason(book, "options.expiry_usd", "BTC")
    later = opened(WEEKLY, 12_000, 9_000, seen="2025-07-11 07:50").book("2025-07-11 20:01")
    assert "past twelve hours" in reason(later, "options.expired_usd", "BTC")
    early = opened(WEEKLY, 12_000, 9_000, seen="2025-07-11 05:59").book(FRIDAY)
    assert "past twelve hours" in reason(early, "options.expired_usd", "BTC")


def test_a_larger_expiry_ahead_hides_the_one_that_is_past() -> None:
    market = opened("2025-07-11", 100, 100, seen="2025-07-11 07:50")
    market = opened("2025-07-13", 9_000, 9_000, seen="2025-07-11 12:00", market=market)
    book = market.book(FRIDAY)
    assert reason(book, "options.expired_usd", "BTC") == "the options of BTC that are due next are more than those that expired"
    assert value(book, "options.event_at", "market") == moment("2025-07-13 08:00")


def test_market_adds_bitcoin_and_ether_that_expire_together() -> None:
    """21,000 bitcoin at 100,000 and 200,000 ether at 2,500: 2.1 and 0.5 billion."""
    market = opened(WEEKLY, 120_000, 80_000, asset="ETH", market=opened(WEEKLY, 12_000, 9_000))
    book = market.book(THURSDAY)
    whole = figure(book, "options.expiry_usd", "market")
    assert (whole.value, whole.label, whole.scope) == (D(2_600_000_000), "BTC,ETH", "deribit")
    assert agrees(book, whole)
    assert value(book, "options.expiry_at", "market") == moment("2025-07-11 08:00")
    assert value(book, "options.event_at", "market") == moment("2025-07-11 08:00")
    assert figure(opened(WEEKLY, 1, 1).book(THURSDAY), "options.expiry_usd", "market").label == "BTC"
    assert reason(_prices().book(THURSDAY), "options.expiry_usd", "market") == "no options of bitcoin or ether in the news"


def test_ether_is_told_of_the_day_of_bitcoins_largest_expiry() -> None:
    market = opened("2025-07-12", 900_000, 900_000, asset="ETH", market=opened(WEEKLY, 12_000, 9_000))
    market = opened(WEEKLY, 120_000, 80_000, asset="ETH", market=market)
    assert value(market.book(THURSDAY), "options.expiry_at", "ETH") == moment("2025-07-11 08:00")


@pytest.mark.parametrize(("due", "now", "monthly"), [("2025-07-11", THURSDAY, False), ("2025-07-25", "2025-07-24 12:02", True)])
def test_last_friday_of_a_month_is_monthly(due: str, now: str, monthly: bool) -> None:
    market = opened(due, 12_000, 9_000, seen=now[:-1] + "0")
    market.bars("BTC", "1h", at(now[:-2] + "00"), [100_000.0] * 30)
    book = market.book(now)
    made = figure(book, "options.expiry_is_monthly", "market")
    assert made.value is monthly
    assert agrees(book, made)


def test_share_of_all_that_is_open_on_the_venue_at_the_same_moment() -> None:
    market = opened(WEEKLY, 12_000, 9_000, pain=97_000)
    for name, coins in (("calls", 50_000), ("puts", 34_000)):
        rows = [(at("2025-07-10 12:00"), coins)]
        market.rows(f"options.{name}_oi", "BTC", "", "deribit", rows, venue="deribit", unit=Unit.COINS, name="Deribit")
    book = market.book(THURSDAY)
    assert value(book, "options.expiry_share", "BTC") == D(25)
    assert agrees(book, figure(book, "options.expiry_share", "BTC"))
    assert value(book, "options.put_call", "BTC") == D("0.68")
    assert (value(book, "options.max_pain", "BTC"), value(book, "options.expiry_pain_gap_pct", "BTC")) == (D(97_000), D(-3))
    bare = opened(WEEKLY, 12_000, 9_000).book(THURSDAY)
    assert "at the same moment" in reason(bare, "options.expiry_share", "BTC")
    assert "no options.calls_oi of BTC" in reason(bare, "options.put_call", "BTC")
    assert "maximum pain of BTC" in reason(bare, "options.max_pain", "BTC")


def closes(values: Sequence[float], last: str = "2025-07-14") -> Market:
    """Daily closes of implied volatility, the last of them at this midnight."""
    rows = [(at(last) - DAY * (len(values) - 1 - i), v) for i, v in enumerate(values)]
    return Market().rows("options.dvol_close", "BTC", "1d", "deribit", rows, venue="deribit", unit=Unit.PCT, name="Deribit")


MORNING = "2025-07-14 08:00"


def test_close_of_a_day_and_its_change() -> None:
    """From 40 to 46: 15 percent; from 45 a week before one point."""
    book = closes([45, *[41] * 5, 40, 46]).book(MORNING)
    assert (value(book, "options.dvol_close", "BTC"), value(book, "options.dvol_close_at", "BTC")) == (D(46), date(2025, 7, 13))
    assert value(book, "options.dvol_change_day", "BTC") == D(15)
    assert (value(book, "options.dvol_change_points_day", "BTC"), value(book, "options.dvol_change_7d", "BTC")) == (D(6), D(1))
    assert agrees(book, figure(book, "options.dvol_change_day", "BTC"))
    assert "1 days before the last close" in reason(closes([46]).book(MORNING), "options.dvol_change_day", "BTC")
    assert "too old" in reason(closes([40, 46], last="2025-07-13").book(MORNING), "options.dvol_close", "BTC")
    trail = closes([50, 40, 46, 46]).book(MORNING).trail("options.dvol_change_day", "BTC")
    assert not isinstance(trail, Absent)
    assert [round(v, 6) for v in trail.values] == [-20, 15]


def test_place_among_the_closes_of_a_year() -> None:
    """Of 365 closes 73 were lower: 20 percent."""
    book = closes([*[30] * 73, *[50] * 292, 40]).book(MORNING)
    rank = figure(book, "options.dvol_percentile_1y", "BTC")
    assert rank.value == D(20)
    assert agrees(book, rank)
    far = figure(book, "options.dvol_off_median", "BTC")
    assert far.value == D(10)  # most closed at 50
    assert agrees(book, far)
    trail = book.trail("options.dvol_off_median", "BTC")
    assert not isinstance(trail, Absent)
    assert (trail.values[0], trail.values[-1], len(trail)) == (20, 0, 365)
    assert value(book, "options.dvol_average_30d", "BTC") == D(50)
    assert agrees(book, figure(book, "options.dvol_average_30d", "BTC"))
    assert "in 365 days" in reason(closes([50] * 300).book(MORNING), "options.dvol_percentile_1y", "BTC")
    assert "in 30 days" in reason(closes([50] * 20).book(MORNING), "options.dvol_average_30d", "BTC")


def test_since_when_it_was_not_as_high_or_low() -> None:
    """It closed June 3 at 60; today at 58."""
    book = closes([60, *[45] * 39, 58]).book(MORNING)
    since = figure(book, "options.dvol_high_since", "BTC")
    assert since.value == date(2025, 6, 3)
    assert agrees(book, since)
    assert "at least as small on 2025-07-12 (45)" in reason(book, "options.dvol_low_since", "BTC")
    record = figure(closes([*[45] * 40, 44]).book(MORNING), "options.dvol_low_since", "BTC").record
    assert record
    assert record.is_record


def test_index_of_now_is_ten_minutes_old_at_most() -> None:
    market = Market().rows("options.dvol", "BTC", "", "deribit", [(at(THURSDAY) - 600, 38.2)], venue="deribit", unit=Unit.PCT)
    assert value(market.book(THURSDAY), "options.dvol", "BTC") == D("38.2")
    assert "too old" in reason(market.book("2025-07-10 12:03"), "options.dvol", "BTC")


def test_realised_swings_are_brought_to_a_year() -> None:
    """Changes of ten percent up and about nine down in turn deviate by about ten a day, 19.1 times as much a year."""
    market = Market().bars("BTC", "1d", at("2025-07-14"), [100.0, 110.0] * 20)
    book = market.book("2025-07-14 00:05")
    deviation = value(book, "price.sd_30d", "BTC")
    assert value(book, "options.realised_30d", "BTC") == deviation * D("19.1049731745428")
    assert "daily changes of BTC" in reason(Market().bars("BTC", "1d", at("2025-07-14"), [1.0, 2.0]).book("2025-07-14 00:05"),
                                            "options.realised_30d", "BTC")  # fmt: skip
