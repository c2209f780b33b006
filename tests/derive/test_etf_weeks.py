"""Trading weeks of the funds: when one is over, its sum, rank and run; worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from newsgen.market import Absent
from tests.derive.market_of import HOUR, Market, agrees, at, figure, reason, value
from tests.derive.test_etf_flows import sessions

D = Decimal
MILLION = 1_000_000
SATURDAY = "2025-07-12 12:00"
TWO_WEEKS = [1, 2, 3, 4, 5, 10, 20, -5, 40, 50]  # to Friday, July 11


def test_week_is_over_with_its_friday() -> None:
    market = sessions("2025-07-11", TWO_WEEKS)
    book = market.book(SATURDAY)
    assert value(book, "etf.net_flow_week_closed", "BTC") == 115 * MILLION
    assert value(book, "etf.net_flow_week_before", "BTC") == 15 * MILLION
    assert (value(book, "etf.week_start", "BTC"), value(book, "etf.week_ended_at", "BTC")) == (date(2025, 7, 7), date(2025, 7, 11))
    early = market.book("2025-07-12 05:59")  # Friday's flow is known on Saturday at 06:00
    assert value(early, "etf.net_flow_week_closed", "BTC") == 15 * MILLION
    assert "before the last" in reason(early, "etf.net_flow_week_before", "BTC")
    assert "no trading week" in reason(sessions("2025-07-10", [1, 2]).book(SATURDAY), "etf.net_flow_week_closed", "BTC")


def test_week_without_a_friday_is_over_once_the_next_one_has_a_session() -> None:
    """Good Friday, 18 April 2025: the week ends with Thursday, which is known only when Monday is."""
    days = [("2025-04-14", 1), ("2025-04-15", 2), ("2025-04-16", 3), ("2025-04-17", 4), ("2025-04-21", 9)]
    rows = [(at(day) + 20 * HOUR, v * MILLION) for day, v in days]
    market = Market().rows("etf.net_flow", "BTC", "session", "farside", rows, venue="us", lag=10 * HOUR)
    assert "no trading week" in reason(market.book("2025-04-19 12:00"), "etf.net_flow_week_closed", "BTC")
    book = market.book("2025-04-22 12:00")
    assert value(book, "etf.net_flow_week_closed", "BTC") == 10 * MILLION
    assert value(book, "etf.week_ended_at", "BTC") == date(2025, 4, 17)


def test_largest_session_of_the_week_goes_its_way() -> None:
    book = sessions("2025-07-11", TWO_WEEKS).book(SATURDAY)
    assert value(book, "etf.net_flow_week_peak", "BTC") == 50 * MILLION
    assert value(book, "etf.net_flow_week_peak_at", "BTC") == date(2025, 7, 11)
    assert value(book, "etf.week_days_agreeing", "BTC") == 4  # 10, 20, 40, 50
    out = sessions("2025-07-11", [90, -60, -5, -20, -30]).book(SATURDAY)
    assert value(out, "etf.net_flow_week_peak", "BTC") == -60 * MILLION
    assert value(out, "etf.week_days_agreeing", "BTC") == 4
    even = sessions("2025-07-11", [5, -5, 0, 0, 0]).book(SATURDAY)
    for name in ("etf.net_flow_week_peak", "etf.net_flow_week_peak_at"):
        assert "moved the way of the week" in reason(even, name, "BTC")
    assert "no net flow" in reason(even, "etf.week_days_agreeing", "BTC")
    assert "no net flow" in reason(even, "etf.streak_weeks_total", "BTC")


def weekly(*sums: float) -> list[float]:
    """Sessions of weeks that come to these sums."""
    return [v for total in sums for v in (total, 0, 0, 0, 0)]


def test_run_of_weeks_and_what_it_adds_up_to() -> None:
    book = sessions("2025-07-11", weekly(-7, 3, 4, 5)).book(SATURDAY)
    assert value(book, "etf.streak_weeks", "BTC") == 3
    assert value(book, "etf.streak_weeks_total", "BTC") == 12 * MILLION
    assert "ended no run" in reason(book, "etf.streak_weeks_ended", "BTC")
    assert agrees(book, figure(book, "etf.streak_weeks", "BTC"))
    turned = sessions("2025-07-11", weekly(3, 4, 5, -1)).book(SATURDAY)
    assert (value(turned, "etf.streak_weeks", "BTC"), value(turned, "etf.streak_weeks_ended", "BTC")) == (-1, 3)
    assert agrees(turned, figure(turned, "etf.streak_weeks_ended", "BTC"))
    assert "ended no run" in reason(sessions("2025-07-11", weekly(3, 0, 5)).book(SATURDAY), "etf.streak_weeks_ended", "BTC")


def test_since_when_no_week_was_as_large() -> None:
    book = sessions("2025-07-11", weekly(9, 100, 1, 2, 3, 4, 5, 90)).book(SATURDAY)
    since = figure(book, "etf.week_largest_inflow_since", "BTC")
    assert since.value == date(2025, 5, 30)  # six weeks before July 11
    assert since.record
    assert (since.record.rival_value, since.record.archive_start) == (D(100 * MILLION), date(2025, 5, 19))
    assert agrees(book, since)
    assert "none of outflows" in reason(book, "etf.week_largest_outflow_since", "BTC")
    out = sessions("2025-07-11", weekly(-100, 1, 2, 3, 4, 5, -90)).book(SATURDAY)
    assert value(out, "etf.week_largest_outflow_since", "BTC") == date(2025, 5, 30)
    assert "none of inflows" in reason(out, "etf.week_largest_inflow_since", "BTC")


def test_largest_week_of_all_is_a_record_from_the_first_session() -> None:
    book = sessions("2025-07-11", weekly(1, 1, 1, 1, 1, 1, 90)).book(SATURDAY)
    record = figure(book, "etf.week_largest_inflow_since", "BTC").record
    assert record
    assert (record.is_record, record.covers_life, record.archive_start) == (True, False, date(2025, 5, 26))  # not the Friday of that week
    recent = sessions("2025-07-11", weekly(1, 100, 1, 1, 90)).book(SATURDAY)
    assert "at least as large" in reason(recent, "etf.week_largest_inflow_since", "BTC")
    assert "no earlier weeks" in reason(sessions("2025-07-11", weekly(90)).book(SATURDAY), "etf.week_largest_inflow_since", "BTC")


def test_a_week_of_one_session_is_not_its_own_past() -> None:
    market = sessions("2025-07-04", weekly(1, 1, 1, 1, 1, 1))
    market.rows("etf.net_flow", "BTC", "session", "farside", [(at("2025-07-11") + 20 * HOUR, 90 * MILLION)], venue="us", lag=10 * HOUR)
    record = figure(market.book(SATURDAY), "etf.week_largest_inflow_since", "BTC").record
    assert record
    assert record.is_record


def test_week_is_ranked_by_size_among_those_of_a_year() -> None:
    """Of 52 weeks before, the sizes 1 to 52, either way: 39 are smaller than 40."""
    book = sessions("2025-07-11", weekly(*[k * (-1) ** k for k in range(1, 53)], -40)).book(SATURDAY)
    rank = figure(book, "etf.percentile_week_1y", "BTC")
    assert rank.value == D("75")
    assert agrees(book, rank)
    assert "only 49 weeks" in reason(sessions("2025-07-11", weekly(*[1.0] * 50)).book(SATURDAY), "etf.percentile_week_1y", "BTC")


def test_trail_holds_the_weeks_before_the_last() -> None:
    book = sessions("2025-07-11", weekly(1, 2, 3)).book(SATURDAY)
    trail = book.trail("etf.net_flow_week_closed", "BTC")
    assert not isinstance(trail, Absent)
    assert list(trail.values) == [MILLION, 2 * MILLION]


@pytest.mark.parametrize("name", ["etf.net_flow_week_closed", "etf.week_start", "etf.streak_weeks"])
def test_old_sessions_are_no_news(name: str) -> None:
    assert "the last known session" in reason(sessions("2025-07-11", TWO_WEEKS).book("2025-07-17 12:00"), name, "BTC")
