"""The fear and greed index: changes, averages, since when not as low or high, classes that were left; worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from newsgen.market import Absent, Unit
from tests.derive.market_of import DAY, Market, agrees, at, figure, reason, value

D = Decimal
NOW = "2025-07-14 12:02"
TODAY = at("2025-07-14")


def moods(values: Sequence[float], *, labels: Sequence[str] = (), last: int = TODAY) -> Market:
    """One value a day up to the last, stamped at the midnight that begins its day and known ten minutes later."""
    market = Market()
    for i, v in enumerate(values):
        seen = last - DAY * (len(values) - 1 - i)
        label = labels[i] if labels else ""
        market.rows("sentiment.fear_greed", "market", "1d", "alternative.me", [(seen, v)], unit=Unit.INDEX, lag=600, label=label)
    return market


def test_value_of_a_day_is_dated_by_the_midnight_that_begins_it() -> None:
    book = moods([70, 74]).book(NOW)
    assert value(book, "sentiment.fear_greed_at", "market") == date(2025, 7, 14)
    assert agrees(book, figure(book, "sentiment.fear_greed_at", "market"))
    early = moods([70, 74]).book("2025-07-14 00:05")  # before it was known
    assert (value(early, "sentiment.fear_greed", "market"), value(early, "sentiment.fear_greed_at", "market")) == (D(70), date(2025, 7, 13))


def test_index_of_a_week_and_of_thirty_days_before() -> None:
    book = moods([11, *[50] * 22, 60, *[50] * 6, 74]).book(NOW)
    assert (value(book, "sentiment.before_7d", "market"), value(book, "sentiment.before_30d", "market")) == (D(60), D(11))
    short = moods([50] * 7).book(NOW)
    assert reason(short, "sentiment.before_7d", "market") == "no fear and greed index of 7 days before"


def test_average_of_the_thirty_days_before_leaves_the_last_value_out() -> None:
    """Fifteen days at 40 and fifteen at 50 make 45, whatever today is."""
    book = moods([99, *[40] * 15, *[50] * 15, 74]).book(NOW)
    average = figure(book, "sentiment.average_30d", "market")
    assert average.value == D(45)
    assert agrees(book, average)
    assert reason(moods([50] * 28).book(NOW), "sentiment.average_30d", "market") == "only 27 values of the fear and greed index in 30 days"


def test_distance_from_the_middle_counts_on_both_sides() -> None:
    assert value(moods([20]).book(NOW), "sentiment.off_middle", "market") == D(30)
    book = moods([30, 80, 74]).book(NOW)
    assert value(book, "sentiment.off_middle", "market") == D(24)
    trail = book.trail("sentiment.off_middle", "market")
    assert not isinstance(trail, Absent)
    assert list(trail.values) == [20, 30]


def test_since_when_the_index_was_not_as_low() -> None:
    """It was 17, once 16: 40 days before July 14 is June 4. Of a high the day before was higher."""
    values = [*[50] * 360, 16, *[50] * 39, 17]
    book = moods(values).book(NOW)
    since = figure(book, "sentiment.low_since", "market")
    assert since.value == date(2025, 6, 4)
    assert since.record
    assert (since.record.rival_value, since.record.is_record) == (D(16), False)
    assert agrees(book, since)
    assert "at least as large on 2025-07-13 (50)" in reason(book, "sentiment.high_since", "market")


def test_an_equal_value_within_thirty_days_is_no_extreme() -> None:
    near = moods([*[50] * 380, 17, *[50] * 20, 17]).book(NOW)
    assert "at least as small on 2025-06-23 (17)" in reason(near, "sentiment.low_since", "market")


def test_never_as_high_before_is_a_record_of_an_archive_of_a_year() -> None:
    book = moods([*[50] * 400, 90]).book(NOW)
    since = figure(book, "sentiment.high_since", "market")
    assert since.value is None
    assert since.record
    assert (since.record.is_record, since.record.covers_life, since.record.archive_start) == (True, False, date(2024, 6, 9))
    assert agrees(book, since)
    assert "shorter than a year" in reason(moods([*[50] * 365, 90]).book(NOW), "sentiment.high_since", "market")


def test_the_largest_change_since() -> None:
    """Up 20 today, as 41 days ago; the falls that follow the leap are as large."""
    book = moods([*[50] * 360, 71, *[50] * 40, 70]).book(NOW)
    since = figure(book, "sentiment.rise_largest_since", "market")
    assert since.value == date(2025, 6, 3)
    assert since.record
    assert since.record.rival_value == D(21)
    assert agrees(book, since)
    assert reason(book, "sentiment.fall_largest_since", "market") == "the fear and greed index did not fall"
    down = moods([*[50] * 360, 71, *[50] * 40, 30]).book(NOW)
    assert value(down, "sentiment.fall_largest_since", "market") == date(2025, 6, 4)
    assert "shorter than a year" in reason(moods([50, 50, 90]).book(NOW), "sentiment.rise_largest_since", "market")


def test_what_bitcoin_closed_at_on_the_last_day_as_low() -> None:
    """The index of June 4 begins with its midnight; bitcoin closed that day a midnight later."""
    market = moods([*[50] * 360, 16, *[50] * 39, 17]).bars("BTC", "1d", at("2025-06-06"), [101.0, 104.0, 105.0])
    then = figure(market.book(NOW), "sentiment.price_then", "market")
    assert (then.value, then.label) == (D("104.0"), "BTC")
    without = moods([*[50] * 360, 16, *[50] * 39, 17]).book(NOW)
    assert "no spot close of BTC at 2025-06-05" in reason(without, "sentiment.price_then", "market")
    assert "or never before" in reason(moods([*[50] * 400, 90]).book(NOW), "sentiment.price_then", "market")


def test_a_class_that_was_left_and_how_long_it_had_held() -> None:
    labels = ["Fear", *["Neutral"] * 3, "Greed"]
    book = moods([40, 50, 51, 52, 60], labels=labels).book(NOW)
    assert (value(book, "sentiment.zone_before", "market"), value(book, "sentiment.zone_days", "market")) == ("Neutral", D(3))
    assert agrees(book, figure(book, "sentiment.zone_before", "market"))
    assert agrees(book, figure(book, "sentiment.zone_days", "market"))
    same = moods([60, 61], labels=["Greed", "Greed"]).book(NOW)
    assert "is that of the day before" in reason(same, "sentiment.zone_days", "market")
    assert "one of the two is not known" in reason(moods([60, 61], labels=["", "Greed"]).book(NOW), "sentiment.zone_before", "market")


def test_a_gap_ends_the_count_of_days_and_sixty_are_the_most() -> None:
    market = moods([50, 51], labels=["Neutral", "Neutral"], last=TODAY - 3 * DAY)
    for day, label in ((1, "Neutral"), (0, "Greed")):
        market.rows("sentiment.fear_greed", "market", "1d", "alternative.me", [(TODAY - day * DAY, 55)], unit=Unit.INDEX, label=label)
    assert value(market.book(NOW), "sentiment.zone_days", "market") == D(1)
    long = figure(moods([50] * 70 + [60], labels=["Neutral"] * 70 + ["Greed"]).book(NOW), "sentiment.zone_days", "market")
    assert (long.value, long.bound) == (D(60), "at_least")


def test_an_imported_history_of_the_same_vendor_comes_before_what_is_sent_now() -> None:
    """A year and more of a file, then five days as the vendor sends them; another vendor's index is another index."""
    market = moods([*[50] * 360, 16, *[50] * 34], last=TODAY - 5 * DAY)
    for day, now in ((4, 50), (3, 51), (2, 50), (1, 40), (0, 17)):
        rows = [(TODAY - day * DAY, now)]
        market.rows("sentiment.fear_greed", "market", "1d", "alternative_me", rows, unit=Unit.INDEX, lag=600, name="alternative.me")
    book = market.book(NOW, {"sentiment": ("alternative_me",)})
    since = figure(book, "sentiment.low_since", "market")
    assert since.value == date(2025, 6, 5)
    assert agrees(book, since)
    fall = figure(book, "sentiment.fall_largest_since", "market")
    assert fall.value == date(2025, 6, 5)  # 34 days before July 9, from 50 to 16
    assert agrees(book, fall)
    trail = book.trail("sentiment.off_middle", "market")
    assert not isinstance(trail, Absent)
    assert (len(trail), trail.last_beyond(34)) == (399, at("2025-06-05"))
    other = Market().rows("sentiment.fear_greed", "market", "1d", "coinmarketcap", [(TODAY, 17)], unit=Unit.INDEX, name="CoinMarketCap")
    other.columns |= moods([*[50] * 400], last=TODAY - DAY).columns
    alone = other.book(NOW, {"sentiment": ("coinmarketcap",)})
    assert "shorter than a year" in reason(alone, "sentiment.low_since", "market")
