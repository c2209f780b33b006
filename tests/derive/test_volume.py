"""Volumes, worked by hand."""

from __future__ import annotations

from decimal import Decimal

from newsgen.market import Absent, Unit
from tests.derive.market_of import DAY, HOUR, Market, agrees, at, figure, reason, value

D = Decimal
END = "2025-03-10"


def days(values: list[float]) -> Market:
    rows = [(at(END) - DAY * (len(values) - 1 - i), v) for i, v in enumerate(values)]
    return Market().rows("spot.volume_quote", "BTC", "1d", "binance", rows, venue="binance")


def test_volume_of_the_day_its_ratio_and_percentile() -> None:
    book = days([float(k) for k in range(1, 91)] + [45.0]).book(END)
    assert value(book, "volume.quote_24h", "BTC") == D(45)
    # 30 days before: 61..90, mean 75.5; below 45 of 1..90: 44
    assert value(book, "volume.ratio_30d", "BTC") == D("0.596026")
    percentile = figure(book, "volume.percentile_90d", "BTC")
    assert percentile.value == D("48.888889")
    assert percentile.label == "usd"
    assert agrees(book, percentile)
    assert agrees(book, figure(book, "volume.ratio_30d", "BTC"))


def test_too_few_days_give_no_percentile() -> None:
    book = days([1.0] * 60).book(END)
    assert reason(book, "volume.percentile_90d", "BTC") == "only 59 of 90 past volumes of BTC"
    assert value(book, "volume.ratio_30d", "BTC") == D(1)


def test_four_hour_bars_without_dollars_compare_coins() -> None:
    ends = [at("2025-03-10 12:00") - 4 * HOUR * k for k in range(6 * 95 - 1, -1, -1)]
    coins = [2.0] * (6 * 94) + [1.0] * 6
    market = Market().rows("spot.volume_base", "BTC", "4h", "binance", zip(ends, coins, strict=True), venue="binance", unit=Unit.COINS)
    book = market.book("2025-03-10 12:02")
    assert "in dollars" in reason(book, "volume.quote_24h", "BTC")
    ratio, percentile = figure(book, "volume.ratio_30d", "BTC"), figure(book, "volume.percentile_90d", "BTC")
    assert (ratio.value, percentile.value, ratio.label) == (D("0.5"), D(0), "coins")  # 6 against 12
    assert agrees(book, ratio)
    assert agrees(book, percentile)


def test_ticker_gives_dollars_and_is_set_against_utc_days() -> None:
    market = days([10.0] * 95).rows("spot.volume_quote", "BTC", "24h", "binance", [(at("2025-03-10 12:01"), 25)], venue="binance")
    book = market.book("2025-03-10 12:02")
    assert value(book, "volume.quote_24h", "BTC") == D(25)
    assert value(book, "volume.ratio_30d", "BTC") == D("2.5")
    assert agrees(book, figure(book, "volume.ratio_30d", "BTC"))


def test_trail_ends_before_the_present_day() -> None:
    trail = days([1.0, 2.0, 3.0]).book(END).trail("volume.quote_24h", "BTC")
    assert not isinstance(trail, Absent)
    assert trail.values == [1.0, 2.0]
