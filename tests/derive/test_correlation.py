"""Bitcoin beside another market: weeks that part, correlations that cross a level; worked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest

from newsgen.market import Absent, Unit
from tests.derive.market_of import DAY, HOUR, Market, agrees, at, figure, reason, value

D = Decimal
SATURDAY = "2025-07-12 00:02"


def weekdays(last: str, count: int) -> list[str]:
    days: list[str] = []
    day = date.fromisoformat(last)
    while len(days) < count:
        if day.weekday() < 5:
            days.insert(0, day.isoformat())
        day -= timedelta(days=1)
    return days


def sessions(market: Market, subject: str, closes: Mapping[str, float]) -> Market:
    rows = [(at(day) + 20 * HOUR, close) for day, close in closes.items()]
    return market.rows("index.close", subject, "session", "fred", rows, unit=Unit.INDEX, lag=HOUR // 4)


def days(market: Market, closes: Mapping[str, float]) -> Market:
    rows = [(at(day) + DAY, close) for day, close in closes.items()]
    return market.rows("spot.close", "BTC", "1d", "binance", rows, venue="binance", name="Binance spot")


def week(index: tuple[float, float], coin: tuple[float, float], subject: str = "NDX") -> Market:
    """Closes of two Fridays."""
    two = ("2025-07-04", "2025-07-11")
    return days(sessions(Market(), subject, dict(zip(two, index, strict=True))), dict(zip(two, coin, strict=True)))


def test_both_changes_are_of_the_same_week() -> None:
    book = week((200, 190), (50_000, 60_000)).book(SATURDAY)
    assert value(book, "cross.index_change_7d", "NDX") == -5
    assert value(book, "cross.bitcoin_change_7d", "NDX") == 20
    assert figure(book, "cross.bitcoin_change_7d", "NDX").subject == "BTC"
    assert value(book, "cross.gap_7d", "NDX") == 25
    assert value(book, "cross.session", "NDX") == date(2025, 7, 11)


def test_a_session_counts_once_its_day_has_ended() -> None:
    """On Friday at 21:00 bitcoin's day is not over: the last session told is that of Thursday."""
    market = week((200, 190), (50_000, 60_000))
    assert "beside a day of bitcoin is 2025-07-04" in reason(market.book("2025-07-11 21:00"), "cross.session", "NDX")
    bare = days(sessions(Market(), "NDX", {"2025-07-10": 1, "2025-07-11": 2}), {"2025-07-01": 3})
    assert "no daily close of bitcoin" in reason(bare.book(SATURDAY), "cross.session", "NDX")
    thursday = sessions(Market(), "NDX", {"2025-07-10": 1, "2025-07-11": 2})
    days(thursday, {"2025-07-10": 3})
    assert value(thursday.book("2025-07-11 21:00"), "cross.session", "NDX") == date(2025, 7, 10)
    assert "beside a day of bitcoin is 2025-07-10" in reason(thursday.book("2025-07-16 12:00"), "cross.session", "NDX")


def test_a_week_before_needs_both_closes() -> None:
    no_session = days(sessions(Market(), "NDX", {"2025-07-03": 1, "2025-07-11": 2}), {"2025-07-04": 1, "2025-07-11": 2})
    no_day = days(sessions(Market(), "NDX", {"2025-07-04": 1, "2025-07-11": 2}), {"2025-07-11": 2})
    for market in (no_session, no_day):
        for name in ("cross.index_change_7d", "cross.bitcoin_change_7d", "cross.gap_7d", "cross.percentile_bitcoin_1y"):
            assert "no close a week before" in reason(market.book(SATURDAY), name, "NDX")
    assert "no index.close of NDX" in reason(Market().book(SATURDAY), "cross.index_change_7d", "NDX")


def year(index: Sequence[float], coin: Sequence[float], subject: str = "NDX") -> Market:
    """Closes of weekdays up to Friday, July 11; bitcoin's of the same days."""
    names = weekdays("2025-07-11", len(index))
    return days(sessions(Market(), subject, dict(zip(names, index, strict=True))), dict(zip(names, coin, strict=True)))


def stepped(last: float, count: int = 266) -> list[float]:
    """Weeks that change nothing but for every fifth, which brings 2 percent and takes it back; the last one is given."""
    return [*[100.0 if (k // 5) % 5 else 102.0 for k in range(count)], last]


def test_weeks_are_ranked_within_the_year_before() -> None:
    book = year(stepped(95), stepped(110)).book(SATURDAY)
    for name in ("cross.percentile_index_1y", "cross.percentile_bitcoin_1y"):
        assert value(book, name, "NDX") == 100  # no week of the year moved by more than two percent
        assert agrees(book, figure(book, name, "NDX"))
    assert value(book, "cross.parted_rank", "NDX") == 100
    small = year(stepped(95), stepped(101)).book(SATURDAY)
    # Before the last week lie 252 weeks of the year (from July 8, 2024, on): every fifth block of five moves up, the one after it down.
    rank = figure(small, "cross.percentile_bitcoin_1y", "NDX")
    assert agrees(small, rank)
    assert D(55) < rank.number < D(65)  # three in five stood still
    assert value(small, "cross.parted_rank", "NDX") == rank.value
    assert "moved the same way" in reason(year(stepped(95), stepped(90)).book(SATURDAY), "cross.parted_rank", "NDX")
    short = year(stepped(95, 200), stepped(110, 200)).book(SATURDAY)
    assert "weeks of NDX and bitcoin in the year before" in reason(short, "cross.parted_rank", "NDX")


def test_trail_holds_the_gaps_up_to_a_week_before() -> None:
    trail = year([100] * 12 + [90], [100] * 6 + [103] * 6 + [50]).book(SATURDAY).trail("cross.gap_7d", "NDX")
    assert not isinstance(trail, Absent)
    # Of 13 days the sixth has one five days before it; the rows up to July 4, the eighth, are of a past that does not overlap.
    assert [round(v, 6) for v in trail.values] == [0.0, 3.0, 3.0]


def zigzag(pattern: Sequence[float], start: float = 100.0) -> list[float]:
    """Closes whose changes from one to the next are given in percent."""
    closes = [start]
    for change in pattern:
        closes.append(closes[-1] * (1 + change / 100))
    return closes


def test_correlation_is_of_thirty_returns() -> None:
    swing = [1.0, -1.0] * 15
    same = year(zigzag(swing), zigzag([2 * s for s in swing])).book(SATURDAY)
    found = figure(same, "cross.correlation_30", "NDX")
    assert found.value == D("1")
    assert agrees(same, found)
    assert found.source == "calculations from Binance spot and FRED data"
    assert value(same, "cross.correlation_sessions", "NDX") == 30
    against = year(zigzag(swing), zigzag([-s for s in swing])).book(SATURDAY)
    assert value(against, "cross.correlation_30", "NDX") == D("-1")
    assert "fewer than 30 returns" in reason(year(zigzag(swing[:-1]), zigzag(swing[:-1])).book(SATURDAY), "cross.correlation_30", "NDX")
    assert "fewer than 30" in reason(year([1, 2], [1, 2]).book(SATURDAY), "cross.correlation_sessions", "NDX")


def crossing(before: int, after: int) -> Market:
    """Returns that mirror each other for a while, then go together until the correlation has crossed zero."""
    swing = [1.0, -1.0] * 100
    index = swing[: before + after]
    coin = [-s for s in index[:before]] + index[before:]
    return year(zigzag(index), zigzag(coin))


def test_correlation_crosses_zero_for_the_first_time_in_sixty_days() -> None:
    """After 15 returns together and 15 against, it is zero: of 30 returns half agree."""
    book = crossing(60, 15).book(SATURDAY)
    level = figure(book, "cross.correlation_level", "NDX")
    assert (level.value, level.label) == (0, "high")
    assert agrees(book, level)
    record = figure(book, "cross.correlation_level_since", "NDX").record
    assert record
    assert (record.is_record, record.covers_life) == (True, False)
    for after in (14, 16):
        assert "crossed neither" in reason(crossing(60, after).book(SATURDAY), "cross.correlation_level", "NDX")
    assert "no earlier correlation" in reason(crossing(15, 15).book(SATURDAY), "cross.correlation_level", "NDX")


def test_falling_through_zero_names_the_last_session_below() -> None:
    """Against each other, then together for 80 sessions, then against: the correlation was last at or below zero 95 sessions ago."""
    swing = [1.0, -1.0] * 150
    signs = [-1] * 60 + [1] * 95 + [-1] * 15
    index = swing[: len(signs)]
    book = year(zigzag(index), zigzag([s * v for s, v in zip(signs, index, strict=True)])).book(SATURDAY)
    level, since = figure(book, "cross.correlation_level", "NDX"), figure(book, "cross.correlation_level_since", "NDX")
    assert (level.value, level.label) == (0, "low")
    assert since.value == date.fromisoformat(weekdays("2025-07-11", 96)[0])  # 95 sessions before: 15 of the 95 were needed to cross up
    assert agrees(book, since)


def test_a_side_left_less_than_sixty_days_ago_is_no_crossing() -> None:
    signs = [-1] * 60 + [1] * 32 + [-1] * 15
    index = ([1.0, -1.0] * 100)[: len(signs)]
    book = year(zigzag(index), zigzag([s * v for s, v in zip(signs, index, strict=True)])).book(SATURDAY)
    assert "was on that side on" in reason(book, "cross.correlation_level", "NDX")


@pytest.mark.parametrize("subject", ["NDX", "GOLD"])
def test_market_tells_of_the_index_that_parted_from_bitcoin(subject: str) -> None:
    market = year(stepped(95), stepped(110), subject)
    other = "GOLD" if subject == "NDX" else "NDX"
    sessions(market, other, dict(zip(weekdays("2025-07-11", 267), stepped(111), strict=True)))
    book = market.book(SATURDAY)
    assert book.get("cross.parted_rank", "market") is book.get("cross.parted_rank", subject)
    assert figure(book, "cross.index_change_7d", "market").subject == subject
    assert "no other market has parted" in reason(Market().book(SATURDAY), "cross.session", "market")
