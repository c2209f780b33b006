"""Bitcoin funds and ether funds that go opposite ways; worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from newsgen.market import Absent
from tests.derive.market_of import Market, agrees, figure, reason, value
from tests.derive.test_etf_flows import flows

D = Decimal
MILLION = 1_000_000
SATURDAY = "2025-07-12 12:00"


def pair(bitcoin: list[float], ether: list[float], last: str = "2025-07-11") -> Market:
    return flows(flows(Market(), "2025-07-11", bitcoin, "BTC"), last, ether, "ETH")


def test_the_smaller_of_two_flows_that_go_opposite_ways() -> None:
    book = pair([1, -226], [2, 130]).book(SATURDAY)
    assert value(book, "etf.parted_day", "market") == 130 * MILLION
    assert value(pair([50], [-60]).book(SATURDAY), "etf.parted_day", "market") == 50 * MILLION
    for bitcoin, ether in (([5], [6]), ([-5], [-6]), ([5], [0]), ([0], [-6])):
        assert "the same way, or one of them not at all" in reason(pair(bitcoin, ether).book(SATURDAY), "etf.parted_day", "market")


def test_both_flows_are_of_one_session_and_one_source() -> None:
    late = pair([1, -226], [2, 130], last="2025-07-10")
    assert "is not that of the ether funds" in reason(late.book(SATURDAY), "etf.parted_day", "market")
    other = flows(Market(), "2025-07-11", [-226], "BTC")
    ether = other.columns[next(iter(other.columns))]
    rows = [(ether.observed[0], 130 * MILLION)]
    other.rows("etf.net_flow", "ETH", "session", "coinglass", rows, venue="us", lag=10 * 3600)
    assert "of two sources" in reason(other.book(SATURDAY), "etf.parted_day", "market")
    assert "no etf.net_flow of ETH" in reason(flows(Market(), "2025-07-11", [1], "BTC").book(SATURDAY), "etf.parted_day", "market")


def test_since_when_they_had_not_parted_as_far() -> None:
    """Thirty sessions before: -200 against 140. Later ones part by less, or not."""
    quiet = [10.0] * 28
    book = pair([-200, *quiet, 60, -226], [140, *quiet, -59, 130]).book(SATURDAY)
    since = figure(book, "etf.parted_since", "market")
    assert since.value == date(2025, 5, 30)  # thirty weekdays before July 11
    assert since.record
    assert since.record.rival_value == D(140 * MILLION)
    assert agrees(book, since)


def test_never_before_is_a_record_of_the_sessions_of_both() -> None:
    quiet = [10.0] * 30
    record = figure(pair([*quiet, -226], [*quiet, 130]).book(SATURDAY), "etf.parted_since", "market").record
    assert record
    assert (record.is_record, record.archive_start) == (True, date(2025, 5, 30))
    near = pair([*quiet, -200, -226], [*quiet, 140, 130]).book(SATURDAY)
    assert "at least as large on 2025-07-10" in reason(near, "etf.parted_since", "market")
    assert "no earlier session" in reason(pair([-5], [6]).book(SATURDAY), "etf.parted_since", "market")


def test_trail_holds_zero_where_both_went_the_same_way() -> None:
    trail = pair([5, -6, -226], [5, 7, 130]).book(SATURDAY).trail("etf.parted_day", "market")
    assert not isinstance(trail, Absent)
    assert list(trail.values) == [0, 6 * MILLION]
