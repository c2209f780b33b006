"""Prices: worked by hand on bars of 100 and 110."""

from __future__ import annotations

from decimal import Decimal

import pytest

from newsgen.market import Absent
from tests.derive.market_of import DAY, Market, at, figure, moment, reason, value

D = Decimal
NOON = "2025-03-10 12:00"


def four_hours() -> Market:
    """40 days of four-hour bars to noon: 100 up to a day before, then 101 102 103 104 105 110; plus daily bars of 100."""
    closes = [100.0] * 234 + [101.0, 102.0, 103.0, 104.0, 105.0, 110.0]
    market = Market().bars("BTC", "4h", at(NOON), closes, spread=1)
    return market.bars("BTC", "1d", at("2025-03-10"), [100.0] * 400, spread=2)


def test_last_high_low_and_range_come_from_the_six_bars() -> None:
    book = four_hours().book("2025-03-10 12:02")
    assert value(book, "price.last", "BTC") == D(110)
    high, low = figure(book, "price.high_24h", "BTC"), figure(book, "price.low_24h", "BTC")
    assert (high.value, low.value) == (D(111), D(100))  # 110 + 1, 101 - 1
    assert high.formula == "max(i1, i2, i3, i4, i5, i6)"
    assert (high.window_start, high.window_end) == (moment("2025-03-09 12:00"), moment(NOON))
    assert high.source == "Binance"
    assert value(book, "price.range_24h", "BTC") == D(11)  # 111 / 100


def test_changes_count_from_the_close_one_window_earlier() -> None:
    book = four_hours().book("2025-03-10 12:02")
    assert value(book, "price.change_24h", "BTC") == D(10)
    assert value(book, "price.change_7d", "BTC") == D(10)
    assert value(book, "price.change_mtd", "BTC") == D(10)
    assert figure(book, "price.change_ytd", "BTC").window_start == moment("2025-01-01")
    assert str(value(book, "price.ytd_base_at", "BTC")) == "2024-12-31"
    assert reason(book, "price.change_1h", "BTC") == "no spot close of BTC at 2025-03-10T11:00:00Z"


def test_change_of_the_closed_day_is_midnight_to_midnight() -> None:
    book = four_hours().book("2025-03-10 12:02")
    # midnight of March 10 is the third of the six bars: 103 against 100
    assert value(book, "price.change_day", "BTC") == D(3)


def test_a_bar_older_than_ten_minutes_gives_no_price() -> None:
    market = four_hours()
    assert value(market.book("2025-03-10 12:10"), "price.last", "BTC") == D(110)
    late = market.book("2025-03-10 12:11")
    assert "more than ten minutes before" in reason(late, "price.last", "BTC")
    assert "more than ten minutes before" in reason(late, "price.change_24h", "BTC")


def test_daily_bars_only_say_so_in_the_middle_of_a_day() -> None:
    market = Market().bars("SOL", "1d", at("2025-03-10"), [100.0] * 40)
    assert reason(market.book("2025-03-10 12:02"), "price.last", "SOL").startswith("daily bars only at 12:02Z")
    assert value(market.book("2025-03-10 00:02"), "price.last", "SOL") == D(100)


def test_a_missing_bar_leaves_the_window_untiled() -> None:
    market = Market().bars("BTC", "4h", at("2025-03-09 20:00"), [100.0] * 30).bars("BTC", "4h", at(NOON), [100.0] * 3)
    assert "do not tile" in reason(market.book("2025-03-10 12:02"), "price.high_24h", "BTC")


def test_a_fresh_ticker_serves_the_last_price_and_widens_the_extremes() -> None:
    market = four_hours().rows("spot.last", "BTC", "", "binance", [(at("2025-03-10 12:05"), 120)], venue="binance")
    book = market.book("2025-03-10 12:06")
    assert value(book, "price.last", "BTC") == D(120)
    assert value(book, "price.high_24h", "BTC") == D(120)
    change = figure(book, "price.change_24h", "BTC")
    assert change.value == D(20)
    assert (change.window_start, change.window_end) == (moment("2025-03-09 12:00"), moment(NOON))
    stale = market.book("2025-03-10 12:16")
    assert "ten minutes" in reason(stale, "price.last", "BTC")


def test_perpetuals_never_feed_a_price() -> None:
    market = Market().rows("perp.close", "BTC", "1h", "binance", [(at(NOON), 5)], venue="binance")
    assert reason(market.book("2025-03-10 12:02"), "price.last", "BTC") == "no spot bars of BTC known at 2025-03-10T12:02:00Z"


def test_the_closed_day_comes_from_its_daily_bar_or_from_finer_ones() -> None:
    book = four_hours().book("2025-03-10 12:02")
    assert (value(book, "price.high_day", "BTC"), value(book, "price.low_day", "BTC")) == (D(102), D(98))
    fine = Market().bars("BTC", "4h", at(NOON), [1.0, 2.0, 3.0, 9.0, 4.0, 5.0, 7.0, 8.0, 8.0], spread=0.5).book("2025-03-10 12:02")
    # the six bars of March 9 are 1 2 3 9 4 5
    assert value(fine, "price.high_day", "BTC") == D("9.5")
    assert value(fine, "price.low_day", "BTC") == D("0.5")
    assert value(fine, "price.close_day", "BTC") == D(5)


def test_deviation_is_of_the_thirty_changes_before_the_past_24_hours() -> None:
    """Closes swing between 100 and 110: fifteen changes of +10 and fifteen of -100/11 percent."""
    closes = [100.0, 110.0] * 20 + [100.0]  # 41 daily closes; the last one ends the present window
    book = Market().bars("BTC", "1d", at("2025-03-10"), closes).book("2025-03-10 00:00")
    # mean 5/11; each change lies 105/11 from it; sample deviation = 105/11 * sqrt(30/29)
    assert value(book, "price.sd_30d", "BTC") == D("9.708637")
    z = figure(book, "price.zscore_24h", "BTC")
    assert float(z.number) == pytest.approx(-9.090909 / 9.708637, abs=1e-6)


def test_deviation_needs_29_changes() -> None:
    book = Market().bars("BTC", "1d", at("2025-03-10"), [100.0, 101.0] * 14).book("2025-03-10 00:00")
    assert reason(book, "price.sd_30d", "BTC") == "only 26 daily changes of BTC in the 30 days before"


def test_year_to_date_has_no_base_at_the_turn_of_the_year() -> None:
    book = Market().bars("BTC", "1d", at("2025-01-01"), [100.0] * 40).book("2025-01-01 00:00")
    assert reason(book, "price.change_ytd", "BTC") == "the year of BTC has only just begun"


def test_trails_leave_the_present_window_out() -> None:
    book = four_hours().book("2025-03-10 12:02")
    for name in ("price.change_24h", "price.range_24h"):
        trail = book.trail(name, "BTC")
        assert not isinstance(trail, Absent)
        assert max(trail.at) == at(NOON) - DAY
        assert len(set(trail.at)) == len(trail.at)
    changes = book.trail("price.change_24h", "BTC")
    assert not isinstance(changes, Absent)
    assert set(changes.values) == {0.0}
    assert len(changes.at) > 300  # before the four-hour bars begin, the changes of UTC days
