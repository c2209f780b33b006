"""Bursts of liquidations: which window is told, what it is set against, worked by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import pytest

from tests.derive.market_of import DAY, HOUR, Market, agrees, at, figure, moment, reason, value

D = Decimal
NOON = at("2025-07-14 12:00")
NOW = "2025-07-14 12:02"
STEPS = {"1h": HOUR, "4h": 4 * HOUR}


def buckets(
    market: Market, asset: str, each: Callable[[int], float] | Mapping[int, float], *, window: str = "4h", short: float = 0, days: int = 91,
    end: int = NOON, without: tuple[int, ...] = (),
) -> Market:  # fmt: skip
    """Buckets of longs; `each` gives the value of the bucket k places before the last, or those that differ from one dollar."""
    step = STEPS[window]
    places = [k for k in range(days * DAY // step, -1, -1) if k not in without]
    size = each if callable(each) else lambda k: each.get(k, 1)
    market.rows("liq.bucket_long", asset, window, "coinglass", [(end - step * k, size(k)) for k in places], venue="binance")
    return market.rows("liq.bucket_short", asset, window, "coinglass", [(end - step * k, short) for k in places], venue="binance")


def test_the_last_four_hours_of_all_complete_assets_are_summed() -> None:
    market = buckets(buckets(Market(), "BTC", {0: 70}, short=10), "ETH", {0: 15}, short=5)
    book = buckets(market, "SOL", {0: 99}, days=60).book(NOW)  # too short a history to count
    total = figure(book, "liquidations_burst.total", "market")
    assert (total.value, total.label, total.scope, total.window, total.formula) == (
        D(100),
        "BTC,ETH",
        "binance",
        "4h",
        "sum(i1, i2, i3, i4)",
    )
    assert (total.window_start, total.window_end) == (moment("2025-07-14 08:00"), moment("2025-07-14 12:00"))
    long = figure(book, "liquidations_burst.long", "market")
    assert (long.value, long.side, value(book, "liquidations_burst.short", "market")) == (D(85), "long", D(15))
    assert [value(book, f"liquidations_burst.{s}_share", "market") for s in ("long", "short")] == [D(85), D(15)]
    ended = figure(book, "liquidations_burst.ended_at", "market")
    assert (ended.value, ended.label) == (moment("2025-07-14 12:00"), "4h")
    assert all(
        agrees(book, figure(book, f"liquidations_burst.{n}", "market")) for n in ("total", "long", "short", "long_share", "ended_at")
    )


def test_the_percentile_counts_the_smaller_windows_of_ninety_days() -> None:
    """Of 540 windows the newest 54 had 100 dollars and the rest one, against 50: 486 of 540 are smaller, 90 %."""
    book = buckets(Market(), "BTC", {0: 50, **dict.fromkeys(range(1, 55), 100)}).book(NOW)
    percentile = figure(book, "liquidations_burst.percentile_90d", "market")
    assert (percentile.value, percentile.formula) == (D("90.0"), "percentile(last_days(total(i1, i2), 90), i3)")
    assert agrees(book, percentile)


def test_of_two_windows_the_one_that_stands_higher_among_its_own_is_told() -> None:
    hours = {0: 20.0, **dict.fromkeys(range(1, 100), 30.0)}
    market = buckets(buckets(Market(), "BTC", {0: 50.0, 1: 60.0}), "BTC", hours, window="1h")
    assert figure(market.book(NOW), "liquidations_burst.total", "market").window == "4h"
    market = buckets(buckets(Market(), "BTC", {0: 50.0}), "BTC", {0: 20.0}, window="1h")  # both stand highest
    total = figure(market.book(NOW), "liquidations_burst.total", "market")
    assert (total.window, total.value, total.window_start) == ("1h", D(20), moment("2025-07-14 11:00"))


def test_since_when_no_window_had_as_much() -> None:
    """The bucket 300 places before, 1,200 hours before noon of July 14, is of May 25."""
    book = buckets(Market(), "BTC", {0: 50, 300: 50}).book(NOW)
    since = figure(book, "liquidations_burst.largest_since", "market")
    assert since.value == date(2025, 5, 25)
    assert agrees(book, since)
    record = figure(buckets(Market(), "BTC", {0: 50}).book(NOW), "liquidations_burst.largest_since", "market")
    assert record.value is None
    assert record.record is not None
    assert (record.record.is_record, record.record.covers_life) == (True, False)
    near = buckets(Market(), "BTC", {0: 50, 60: 51}).book(NOW)
    assert "at least as large on 2025-07-04 (51)" in reason(near, "liquidations_burst.largest_since", "market")


def test_the_burst_in_percent_of_the_day() -> None:
    """Six windows of 50, 10, 10, 10, 10 and 10 dollars make a day of 100."""
    book = buckets(Market(), "BTC", {0: 50, **dict.fromkeys(range(1, 6), 10)}).book(NOW)
    share = figure(book, "liquidations_burst.of_day_pct", "market")
    assert (share.value, share.window) == (D(50), "4h")
    assert agrees(book, share)
    other = buckets(buckets(Market(), "BTC", {0: 50}), "XRP", {0: 1}, days=30).book(NOW)  # young, but a whole day
    assert "of other assets" in reason(other, "liquidations_burst.of_day_pct", "market")


def test_the_price_over_the_window_carries_its_asset() -> None:
    market = buckets(Market(), "BTC", {0: 50}).bars("BTC", "4h", NOON, [100, 96])
    book = market.book(NOW)
    change = figure(book, "liquidations_burst.price_change", "market")
    assert (change.value, change.label, change.window) == (D(-4), "BTC", "4h")
    assert (value(book, "liquidations_burst.price", "market"), agrees(book, change)) == (D(96), True)
    bare = buckets(Market(), "BTC", {0: 50}).book(NOW)
    assert "no spot close of BTC" in reason(bare, "liquidations_burst.price_change", "market")
    assert "no spot close of BTC" in reason(bare, "liquidations_burst.price", "market")


@pytest.mark.parametrize(
    "name", ["total", "long", "short_share", "percentile_90d", "largest_since", "of_day_pct", "price_change", "ended_at"]
)
def test_without_a_fresh_window_and_its_ninety_days_nothing_is_told(name: str) -> None:
    late = buckets(Market(), "BTC", {0: 50}).book("2025-07-14 12:11")
    assert "ended on binance in the ten minutes" in reason(late, f"liquidations_burst.{name}", "market")
    holes = buckets(Market(), "BTC", {0: 50}, without=tuple(range(100, 128))).book(NOW)  # 28 of 540 missing are more than five percent
    assert "no hour or four hours" in reason(holes, f"liquidations_burst.{name}", "market")


def test_a_few_missing_windows_do_not_silence_it() -> None:
    book = buckets(Market(), "BTC", {0: 50}, without=tuple(range(100, 127))).book(NOW)  # 27 of 540 are five percent
    assert value(book, "liquidations_burst.total", "market") == D(50)
    assert value(book, "liquidations_burst.percentile_90d", "market") == D(100)


def test_past_values_are_the_windows_before() -> None:
    book = buckets(Market(), "BTC", {0: 50, 1: 7}).book(NOW)
    trail = book.trail("liquidations_burst.total", "market")
    assert trail
    assert (list(trail.values)[-2:], trail.at[-1]) == ([1.0, 7.0], NOON - 4 * HOUR)
