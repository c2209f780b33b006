"""Prices against their past: records, since-dates, runs, worked by hand on short archives."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from newsgen.market import Figure, Unit
from tests.derive.market_of import DAY, Market, agrees, at, figure, reason, value

D = Decimal
END = "2025-03-10"


def daily(closes: list[float], **parts: list[float]) -> Market:
    return Market().bars("BTC", "1d", at(END), closes, **parts)


def reference(market: Market, high: float, days: int = 30) -> Market:
    """Reference highs of BTC from July 2010; the first day has another high than the rest."""
    first = at("2010-07-14")
    for part in ("high", "close", "low"):
        values = [(first, high)] + [(first + DAY * k, 0.1) for k in range(1, days)]
        market.rows(f"reference.{part}", "BTC", "1d", "coinmarketcap", values, name="CoinMarketCap")
    return market


def test_record_before_the_past_24_hours_and_the_one_set_in_them() -> None:
    book = daily([100.0] * 50 + [90.0, 120.0], high=[105.0] * 49 + [110.0, 91.0, 125.0]).book(END)
    assert (value(book, "price.ath", "BTC"), value(book, "price.ath_previous", "BTC")) == (D(125), D(110))
    assert value(book, "price.ath_at", "BTC") == date(2025, 3, 9)  # the bar ends on March 10 at midnight
    assert value(book, "price.ath_previous_at", "BTC") == date(2025, 3, 7)
    assert value(book, "price.is_ath", "BTC") is True
    assert value(book, "price.below_ath_pct", "BTC") == D(4)  # 5 of 125
    assert figure(book, "price.ath", "BTC").archive_start == date(2025, 1, 17)


def test_equal_high_is_no_new_record() -> None:
    book = daily([100.0] * 40, high=[110.0] * 40).book(END)
    assert value(book, "price.is_ath", "BTC") is False
    assert value(book, "price.ath_at", "BTC") == date(2025, 3, 8)


def test_reference_prices_count_only_before_the_exchange_begins() -> None:
    market = reference(daily([100.0] * 40), high=300.0)
    book = market.book(END)
    assert value(book, "price.ath", "BTC") == D(300)
    assert figure(book, "price.ath", "BTC").archive_start == date(2010, 7, 13)
    wick = market.rows("reference.high", "BTC", "1d", "coinmarketcap", [(at("2025-03-01"), 999)], name="CoinMarketCap")
    assert value(wick.book(END), "price.ath", "BTC") == D(300)


def test_new_high_over_the_whole_life_is_a_record_without_a_date() -> None:
    book = reference(daily([100.0] * 2600 + [150.0]), high=50.0, days=2750).book(END)
    since = figure(book, "price.high_since", "BTC")
    assert since.value is None
    assert since.record is not None
    assert (since.record.is_record, since.record.covers_life) == (True, True)
    assert agrees(book, since)


def test_record_in_a_short_archive_does_not_cover_the_life() -> None:
    since = figure(daily([100.0] * 60 + [150.0]).book(END), "price.high_since", "BTC")
    assert since.record is not None
    assert (since.record.is_record, since.record.covers_life) == (True, False)


def test_highest_since_names_the_day_and_carries_the_rival() -> None:
    highs = [200.0] + [100.0] * 58 + [180.0]
    book = daily([90.0] * 60, high=highs).book(END)
    since = figure(book, "price.high_since", "BTC")
    assert since.value == date(2025, 1, 9)  # 60 daily bars to March 9; the first is that of January 9
    assert since.unit is Unit.DATE
    assert since.record is not None
    assert (since.record.rival_value, since.record.comparator) == (D(200), ">=")
    assert since.inputs[-1].value == D(200)  # type: ignore[union-attr]
    assert agrees(book, since)


def test_less_than_thirty_days_names_the_last_larger_value_instead() -> None:
    highs = [100.0] * 40 + [190.0] + [100.0] * 18 + [180.0]
    found = reason(daily([90.0] * 60, high=highs).book(END), "price.high_since", "BTC")
    assert found == "price.high_since of BTC: at least as large on 2025-02-18 (190)"


def test_an_archive_with_holes_makes_no_since() -> None:
    market = Market()
    for series, top in (("spot.close", 90.0), ("spot.high", 100.0), ("spot.low", 80.0)):
        ends = [at(END) - DAY * k for k in range(99, -1, -1)]
        rows = [(e, 500.0 if i == 0 else 130.0 if i == 99 else top) for i, e in enumerate(ends) if i in (0, 98, 99) or i % 10]
        market.rows(series, "BTC", "1d", "binance", rows, venue="binance")
    assert "five percent of the points are missing" in reason(market.book(END), "price.high_since", "BTC")


def test_finer_bars_fill_the_time_between_midnight_and_the_window() -> None:
    """At noon the window starts at noon of the 9th; a high in the morning of the 9th must count, one in the window must not."""
    market = daily([90.0] * 60, high=[100.0] * 60)
    highs = [100.0] * 5 + [190.0] + [100.0] * 4 + [180.0, 100.0]
    market.bars("BTC", "4h", at("2025-03-10 12:00"), [90.0] * 12, high=highs)
    # bars end 16h 20h (8th) 0h 4h 8h 12h (9th) 16h ... : 190 is the one that ends at noon of the 9th
    book = market.book("2025-03-10 12:01")
    assert value(book, "price.ath_previous", "BTC") == D(190)
    assert reason(book, "price.high_since", "BTC").endswith("at least as large on 2025-03-09 (190)")


def test_highest_close_looks_at_every_utc_close_before_the_price() -> None:
    market = daily([200.0] + [100.0] * 58 + [150.0])
    market.bars("BTC", "4h", at("2025-03-10 12:00"), [100.0] * 9 + [120.0, 130.0, 140.0])
    book = market.book("2025-03-10 12:01")
    # the close of March 9, twelve hours ago, was higher
    assert reason(book, "price.highest_close_since", "BTC").endswith("at least as large on 2025-03-09 (150)")
    later = daily([200.0] + [100.0] * 59).bars("BTC", "4h", at("2025-03-10 12:00"), [100.0] * 12 + [140.0]).book("2025-03-10 12:01")
    assert value(later, "price.highest_close_since", "BTC") == date(2025, 1, 9)


def test_largest_fall_since_is_set_against_changes_of_whole_days() -> None:
    closes = [100.0, 80.0] + [80.0] * 60 + [72.0]  # -20 %, then nothing, then -10 %
    book = daily(closes).book(END)
    since = figure(book, "price.fall_largest_since", "BTC")
    assert since.value == date(2025, 1, 7)  # 62 closes before the last
    assert since.record is not None
    assert since.record.rival_value == D(-20)
    assert agrees(book, since)
    assert reason(book, "price.rise_largest_since", "BTC") == "BTC did not rise in the past 24 hours"


def test_streak_counts_the_closed_day_and_adds_its_change() -> None:
    book = daily([90.0, 100.0, 99.0, 101.0, 105.0, 110.0]).book(END)
    assert value(book, "price.streak_days", "BTC") == D(3)
    change = figure(book, "price.streak_change", "BTC")
    assert abs(change.number - D("11.1111111")) < D("0.000001")
    falling = daily([100.0, 99.0, 98.0]).book(END)
    assert value(falling, "price.streak_days", "BTC") == D(-2)
    flat = daily([100.0, 99.0, 99.0]).book(END)
    assert value(flat, "price.streak_days", "BTC") == D(0)
    assert reason(flat, "price.streak_change", "BTC") == "BTC closed unchanged"


def test_missing_day_ends_a_streak() -> None:
    market = Market().bars("BTC", "1d", at("2025-03-07"), [1.0, 2.0, 3.0]).bars("BTC", "1d", at(END), [4.0, 5.0])
    assert value(market.book(END), "price.streak_days", "BTC") == D(1)


def test_coinbase_closes_of_ether_stand_in_for_closes_only() -> None:
    market = Market().bars("ETH", "1d", at(END), [100.0] * 60 + [150.0], spread=1)
    market.rows("reference.close", "ETH", "1d", "coinbase", [(at("2016-05-19") + DAY * k, 400) for k in range(40)], name="Coinbase")
    book = market.book(END)
    assert value(book, "price.ath", "ETH") == D(151)
    since = figure(book, "price.high_since", "ETH")
    assert isinstance(since, Figure)
    assert since.record is not None
    assert (since.value, since.record.covers_life) == (None, False)
