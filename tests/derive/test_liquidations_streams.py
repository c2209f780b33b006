"""Liquidations from the venues' own streams: which venues count, sums worked by hand, what comes before what."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest

from newsgen.market import Completeness, SeriesRef, Unit
from tests.derive.market_of import DAY, HOUR, Market, agrees, at, figure, reason, value

D = Decimal
NOW = "2025-07-14 12:02"
END = at("2025-07-14 12:01")
TITLES = {"binance": ("binance_futures", "Binance"), "bybit": ("bybit", "Bybit"), "okx": ("okx", "OKX")}


def stream(market: Market, venue: str, hours: float = 24, end: int = END, buckets: Iterable[tuple[str, str, int, float]] = (),
           source: str = "") -> Market:  # fmt: skip
    """A stream that was followed for so many whole hours to `end`; buckets are (asset, side, minutes before the end, dollars)."""
    known, title = TITLES[venue]
    source = source or known
    followed = [(end - 60 * k, 60) for k in range(round(hours * 60) - 1, -1, -1)]
    market.rows("liq.followed_s", "market", "1m", source, followed, venue=venue, unit=Unit.COUNT, lag=6, name=title)
    for asset, side, minutes, usd in sorted(buckets, key=lambda b: -b[2]):
        market.rows(f"liq.bucket_{side}", asset, "1m", source, [(end - 60 * minutes, usd)], venue=venue, lag=6, name=title,
                    bound="at_least")  # fmt: skip
    return market


def three() -> Market:
    """Binance: 5 + 10 million; Bybit: 20 + 3; OKX: 1 of shorts and 1 of longs; and one order of each that is a day old."""
    market = stream(Market(), "binance", 26, buckets=[("BTC", "short", 3, 5e6), ("ETH", "long", 9, 10e6), ("BTC", "short", 1440, 99e6)])
    stream(market, "bybit", 25, buckets=[("BTC", "short", 0, 20e6), ("BTC", "long", 1439, 3e6), ("BTC", "short", 1441, 99e6)])
    return stream(market, "okx", 30, buckets=[("ETH", "short", 700, 1e6), ("ETH", "long", 700, 1e6), ("ETH", "long", 1500, 99e6)])


def test_the_market_is_the_sum_of_three_venues_over_the_past_24_hours() -> None:
    book = three().book(NOW)
    total = figure(book, "liquidations.total_24h", "market")
    assert total.value == D(40_000_000)  # 15 + 23 + 2; what ended a day before the last minute or earlier is left out
    assert value(book, "liquidations.short_24h", "market") == D(26_000_000)  # 5 + 20 + 1
    assert value(book, "liquidations.long_24h", "market") == D(14_000_000)  # 10 + 3 + 1
    assert (total.scope, total.bound, total.label, total.source) == ("venues", "at_least", "binance,bybit,okx", "Binance, Bybit, OKX")
    assert (total.window, total.completeness) == ("24h", Completeness.FINAL)
    assert [int(m.timestamp()) for m in (total.window_start, total.window_end, total.observed_at) if m] == [END - DAY, END, END]
    assert int(total.known_at.timestamp()) == END + 6
    assert value(book, "liquidations.short_share_24h", "market") == D(65)
    assert figure(book, "liquidations.short_share_24h", "market").label == "binance,bybit,okx"


def test_an_asset_is_the_sum_of_the_venues_that_told_of_it() -> None:
    book = three().book(NOW)
    bitcoin, ether = figure(book, "liquidations.total_24h", "BTC"), figure(book, "liquidations.total_24h", "ETH")
    assert (bitcoin.value, bitcoin.label, bitcoin.source) == (D(28_000_000), "binance,bybit", "Binance, Bybit")
    assert (ether.value, ether.label) == (D(12_000_000), "binance,okx")
    assert reason(book, "liquidations.short_of_market_24h", "BTC").endswith("not from one source over all venues")
    assert "came from Binance in 24 hours" in reason(book, "liquidations.total_24h", "SOL")


def test_the_figures_rest_on_columns_and_not_on_thousands_of_readings() -> None:
    book = three().book(NOW)
    total = figure(book, "liquidations.total_24h", "market")
    refs = [i for i in total.inputs if isinstance(i, SeriesRef)]
    # binance BTC short, ETH long; bybit BTC long and short; okx ETH long and short
    assert [(r.key.venue, r.key.subject, r.key.series[11:]) for r in refs] == [
        ("binance", "BTC", "short"), ("binance", "ETH", "long"), ("bybit", "BTC", "long"), ("bybit", "BTC", "short"),
        ("okx", "ETH", "long"), ("okx", "ETH", "short"),
    ]  # fmt: skip
    assert len(total.inputs) == 9  # and the last minute of each venue
    for name in ("total", "long", "short"):
        assert agrees(book, figure(book, f"liquidations.{name}_24h", "market"))


def test_a_side_without_any_is_absent_and_the_total_stands() -> None:
    book = stream(Market(), "okx", buckets=[("BTC", "long", 5, 7)]).book(NOW)
    assert value(book, "liquidations.total_24h", "BTC") == D(7)
    assert reason(book, "liquidations.short_24h", "BTC") == "no short of BTC was liquidated in 24 hours on okx"


def test_a_venue_that_was_followed_too_briefly_is_not_summed() -> None:
    market = three()
    market.columns = {k: c for k, c in market.columns.items() if k.venue != "binance"}
    stream(market, "binance", 3.25, buckets=[("BTC", "short", 3, 500e6)])
    total = figure(market.book(NOW), "liquidations.total_24h", "market")
    assert (total.value, total.label, total.source) == (D(25_000_000), "bybit,okx", "Bybit, OKX")


@pytest.mark.parametrize(("hours", "counts"), [(22.8, True), (22.75, False)])
def test_ninety_five_percent_of_the_day_is_enough(hours: float, counts: bool) -> None:
    book = stream(Market(), "okx", hours, buckets=[("BTC", "long", 5, 7)]).book(NOW)
    if counts:
        total = figure(book, "liquidations.total_24h", "market")
        assert (total.value, total.completeness, total.source) == (D(7), Completeness.PARTIAL, "OKX")
    else:
        assert reason(book, "liquidations.total_24h", "market") == (
            "no liquidations of market by a named source for the past 24 hours; OKX followed for 22.7 of the past 24 hours")  # fmt: skip


def test_every_venue_that_falls_short_is_told() -> None:
    market = stream(stream(Market(), "binance", 3.2, buckets=[("BTC", "long", 1, 7)]), "okx", 24)
    told = reason(market.book(NOW), "liquidations.total_24h", "market")
    assert "Binance followed for 3.2 of the past 24 hours; no liquidation of market came from OKX in 24 hours" in told
    assert "no stream of liquidations is followed" in reason(Market().book(NOW), "liquidations.total_24h", "market")


def test_gaps_add_up() -> None:
    """Sixty minutes of which only 30 seconds were followed leave 23.5 hours: enough."""
    market = stream(Market(), "okx", 24, buckets=[("BTC", "long", 5, 7)])
    column = next(c for k, c in market.columns.items() if k.series == "liq.followed_s")
    column.values[100:160] = ["30"] * 60
    assert figure(market.book(NOW), "liquidations.total_24h", "market").completeness is Completeness.PARTIAL
    column.values[100:250] = ["0"] * 150
    assert "21.5 of the past 24 hours" in reason(market.book(NOW), "liquidations.total_24h", "market")


def test_a_stream_that_stopped_ten_minutes_ago_is_not_used() -> None:
    market = stream(Market(), "okx", 24, buckets=[("BTC", "long", 5, 7)])
    assert value(market.book("2025-07-14 12:11"), "liquidations.total_24h", "market") == D(7)
    assert "no stream of liquidations is followed" in reason(market.book("2025-07-14 12:12"), "liquidations.total_24h", "market")


def test_two_sources_of_one_venue_never_meet() -> None:
    market = stream(Market(), "okx", buckets=[("BTC", "long", 5, 7)])
    stream(market, "okx", buckets=[("BTC", "long", 5, 900)], source="relay")
    for order, seven in ((("okx", "relay"), 7), (("relay", "okx"), 900)):
        assert value(market.book(NOW, {"liq": order}), "liquidations.total_24h", "market") == D(seven)


def test_a_vendors_total_comes_first() -> None:
    market = three()
    for side, millions in (("long", 100), ("short", 200)):
        market.rows(f"liq.{side}", "market", "24h", "coinglass", [(at(NOW), millions * 1_000_000)], venue="all", name="CoinGlass")
    total = figure(market.book(NOW), "liquidations.total_24h", "market")
    assert (total.value, total.scope, total.bound, total.source) == (D(300_000_000), "all", "exact", "CoinGlass")


@pytest.mark.parametrize(("each", "streams_serve"), [(1, True), (10, False)])
def test_of_two_lower_bounds_the_larger_serves(each: int, streams_serve: bool) -> None:
    """Six four-hour buckets of a vendor at one venue, in millions of each side, against 40 million from the streams."""
    market = three()
    ends = [at("2025-07-14 12:00") - 4 * HOUR * k for k in range(5, -1, -1)]
    for side in ("long", "short"):
        rows = [(e, each * 1_000_000) for e in ends]
        market.rows(f"liq.bucket_{side}", "BTC", "4h", "coinglass", rows, venue="binance", name="CoinGlass")
    total = figure(market.book(NOW), "liquidations.total_24h", "market")
    assert total.value == (D(40_000_000) if streams_serve else D(120_000_000))
    assert total.label == ("binance,bybit,okx" if streams_serve else "binance")


def test_nothing_that_became_known_later_is_used() -> None:
    market = three()
    book = market.book("2025-07-14 12:01")  # the minute that ended now is known six seconds later
    total = figure(book, "liquidations.total_24h", "market")
    assert total.window_end is not None
    assert int(total.window_end.timestamp()) == END - 60
    assert total.value == value(market.cut("2025-07-14 12:01").book("2025-07-14 12:01"), "liquidations.total_24h", "market")
