"""The venue's liquidations: windows, percentiles and since-dates, worked by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from newsgen.market import Absent
from tests.derive.market_of import DAY, HOUR, Market, agrees, at, figure, moment, reason, value

D = Decimal
NOON = at("2025-07-14 12:00")


def buckets(market: Market, asset: str, each: Callable[[int], float], days: int = 95, end: int = NOON, short: float = 0) -> Market:
    """Four-hour buckets of longs; `each` gives the value of one bucket of the day that ended k days before the last."""
    ends = [end - 4 * HOUR * k for k in range(6 * days - 1, -1, -1)]
    market.rows("liq.bucket_long", asset, "4h", "coinglass", [(e, each((end - e) // DAY)) for e in ends], venue="binance")
    return market.rows("liq.bucket_short", asset, "4h", "coinglass", [(e, short) for e in ends], venue="binance")


def utc_days(market: Market, asset: str, values: list[float], end: str = "2025-07-14", short: float = 0) -> Market:
    ends = [at(end) - DAY * k for k in range(len(values) - 1, -1, -1)]
    market.rows("liq.long", asset, "1d", "coinglass", zip(ends, values, strict=True), venue="binance")
    return market.rows("liq.short", asset, "1d", "coinglass", [(e, short) for e in ends], venue="binance")


def test_six_buckets_make_the_24_hours() -> None:
    book = buckets(Market(), "BTC", lambda k: 10, short=30).book("2025-07-14 12:02")
    assert [value(book, f"liquidations_venue.{s}_24h", "BTC") for s in ("long", "short", "total")] == [60, 180, 240]
    long = figure(book, "liquidations_venue.long_24h", "BTC")
    assert (long.scope, long.label, long.side, long.source) == ("binance", "BTC", "long", "CoinGlass")
    assert (long.window_start, long.window_end) == (moment("2025-07-13 12:00"), moment("2025-07-14 12:00"))
    assert (value(book, "liquidations_venue.short_share_24h", "BTC"), value(book, "liquidations_venue.long_share_24h", "BTC")) == (75, 25)


def test_market_sums_only_assets_with_complete_series_and_lists_them() -> None:
    market = buckets(buckets(Market(), "BTC", lambda k: 10), "XRP", lambda k: 1)
    ends = [NOON - 4 * HOUR * k for k in range(500) if k not in range(20, 80)]  # a hole of ten days
    for side in ("long", "short"):
        market.rows(f"liq.bucket_{side}", "ETH", "4h", "coinglass", [(e, 7) for e in reversed(ends)], venue="binance")
    total = figure(market.book("2025-07-14 12:02"), "liquidations_venue.total_24h", "market")
    assert (total.value, total.label) == (D(66), "BTC,XRP")


def test_stale_or_missing_buckets_make_it_absent() -> None:
    market = buckets(Market(), "BTC", lambda k: 10)
    assert "no complete 24 hours" in reason(market.book("2025-07-14 12:11"), "liquidations_venue.total_24h", "BTC")
    hole = Market()
    ends = [NOON - 4 * HOUR * k for k in range(500) if k != 3]
    for side in ("long", "short"):
        hole.rows(f"liq.bucket_{side}", "BTC", "4h", "coinglass", [(e, 7) for e in reversed(ends)], venue="binance")
    assert "no complete 24 hours" in reason(hole.book("2025-07-14 12:02"), "liquidations_venue.total_24h", "BTC")


def test_utc_day_serves_at_midnight_only() -> None:
    market = utc_days(Market(), "BTC", [5.0] * 100, short=1)
    assert value(market.book("2025-07-14 00:02"), "liquidations_venue.total_24h", "BTC") == D(6)
    assert "no complete 24 hours" in reason(market.book("2025-07-14 04:00"), "liquidations_venue.total_24h", "BTC")


def test_percentile_sets_one_value_a_day_at_the_same_clock_time() -> None:
    """Day k before the present had k times six; the present one had 45 times six: 1..44 of 1..90 are smaller."""
    book = buckets(Market(), "BTC", lambda k: k or 45).book("2025-07-14 12:02")
    percentile = figure(book, "liquidations_venue.percentile_90d", "BTC")
    assert percentile.value == D("48.888889")
    assert percentile.formula == "percentile(last_days(clock(rolling(total(i1, i2), 6)), 90), i3)"
    assert agrees(book, percentile)


def test_young_buckets_fall_back_to_utc_days_for_the_percentile() -> None:
    market = utc_days(buckets(Market(), "BTC", lambda k: 10, days=20), "BTC", [50.0] * 60 + [70.0] * 40)
    book = market.book("2025-07-14 12:02")
    percentile = figure(book, "liquidations_venue.percentile_90d", "BTC")
    # the 90 UTC days up to July 12 (the 13th overlaps): 39 of 70 and 51 of 50, against 60
    assert percentile.value == D("56.666667")
    assert agrees(book, percentile)


def test_too_short_a_history_gives_no_percentile() -> None:
    book = buckets(Market(), "BTC", lambda k: 10, days=20).book("2025-07-14 12:02")
    assert reason(book, "liquidations_venue.percentile_90d", "BTC") == "only 19 of 90 past days of liquidations of BTC on binance"


def test_largest_since_skips_the_utc_day_that_overlaps() -> None:
    values = [20.0] * 10 + [90.0] + [20.0] * 50 + [70.0]
    book = utc_days(buckets(Market(), "BTC", lambda k: 10), "BTC", values).book("2025-07-14 12:02")
    since = figure(book, "liquidations_venue.largest_since", "BTC")
    assert since.value == date(2025, 5, 23)  # 51 rows before that of July 13
    assert since.record is not None
    assert (since.record.rival_value, since.record.covers_life, since.record.archive_start) == (D(90), False, date(2025, 5, 13))
    assert agrees(book, since)


def test_nothing_as_large_is_a_record_of_the_archive() -> None:
    book = utc_days(buckets(Market(), "BTC", lambda k: 10), "BTC", [20.0] * 60).book("2025-07-14 12:02")
    since = figure(book, "liquidations_venue.long_largest_since", "BTC")
    assert since.record is not None
    assert (since.value, since.record.is_record, since.record.covers_life) == (None, True, False)


def test_market_is_set_against_the_sum_of_the_same_assets() -> None:
    market = Market()
    for asset, top in (("BTC", 50.0), ("ETH", 45.0)):
        utc_days(buckets(market, asset, lambda k: 8), asset, [20.0] * 10 + [top] + [20.0] * 50)
    since = figure(market.book("2025-07-14 12:02"), "liquidations_venue.largest_since", "market")
    # 96 of both against 95 on the best day: no day as large, though each asset had one above 48
    assert since.record is not None
    assert (since.value, since.record.is_record) == (None, True)


def test_trail_joins_days_before_the_buckets_begin() -> None:
    market = utc_days(buckets(Market(), "BTC", lambda k: 10, days=20), "BTC", [50.0] * 100)
    trail = market.book("2025-07-14 12:02").trail("liquidations_venue.total_24h", "BTC")
    assert not isinstance(trail, Absent)
    assert trail.at[-1] == NOON - DAY
    assert trail.values[-1] == 60.0
    assert trail.values[0] == 50.0
    assert sorted(set(trail.at)) == list(trail.at)
