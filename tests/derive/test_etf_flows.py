"""Fund flows: sessions, runs, sums and ranks, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from newsgen.market import Absent
from tests.derive.market_of import HOUR, Market, agrees, at, figure, reason, value

D = Decimal


def sessions(last: str, values: list[float], asset: str = "BTC", venue: str = "us", series: str = "etf.net_flow") -> Market:
    return flows(Market(), last, values, asset, venue, series)


def flows(market: Market, last: str, values: list[float], asset: str = "BTC", venue: str = "us", series: str = "etf.net_flow") -> Market:
    """Flows in millions of weekdays up to `last`, observed at 20:00 UTC, known the next day at 06:00."""
    days: list[date] = []
    day = date.fromisoformat(last)
    while len(days) < len(values):
        if day.weekday() < 5:
            days.insert(0, day)
        day -= timedelta(days=1)
    rows = [(at(d.isoformat()) + 20 * HOUR, int(v * 1_000_000)) for d, v in zip(days, values, strict=True)]
    return market.rows(series, asset, "session", "farside", rows, venue=venue, lag=10 * HOUR)


MONDAY = "2025-07-14 12:02"


def test_last_session_is_the_last_one_known() -> None:
    market = sessions("2025-07-11", [5, 7, 9])
    book = market.book(MONDAY)
    net = figure(book, "etf.net_flow_day", "BTC")
    assert (net.value, net.window, net.source) == (D(9_000_000), "session", "Farside Investors")
    assert value(book, "etf.session", "BTC") == date(2025, 7, 11)
    early = market.book("2025-07-12 05:59")  # Friday's flow is known on Saturday at 06:00
    assert value(early, "etf.session", "BTC") == date(2025, 7, 10)


def test_session_of_last_week_is_no_news() -> None:
    found = reason(sessions("2025-07-08", [5]).book(MONDAY), "etf.net_flow_day", "BTC")
    assert found == "the last known session of the BTC funds is 2025-07-08"


def test_week_runs_from_monday_to_the_last_session() -> None:
    week = figure(sessions("2025-07-09", [100, 1, 2, 3]).book("2025-07-10 12:00"), "etf.net_flow_week", "BTC")
    assert (week.value, week.label) == (D(6_000_000), "so_far")
    closed = figure(sessions("2025-07-11", [100, 1, 2, 3, 4, 5]).book(MONDAY), "etf.net_flow_week", "BTC")
    assert (closed.value, closed.label) == (D(15_000_000), "closed")


def test_a_week_whose_friday_is_not_known_on_monday_is_told_neither_as_over_nor_as_running() -> None:
    said = reason(sessions("2025-07-10", [1, 2, 3, 4]).book(MONDAY), "etf.net_flow_week", "BTC")
    assert said == "the last session of the week of the BTC funds is not known"


def test_run_of_one_sign_ends_at_a_zero() -> None:
    book = sessions("2025-07-11", [9, -1, 0, -2, -3]).book(MONDAY)
    days = figure(book, "etf.streak_days", "BTC")
    assert days.value == D(-2)
    assert agrees(book, days)
    assert value(book, "etf.streak_total", "BTC") == D(-5_000_000)
    assert value(book, "etf.streak_start", "BTC") == date(2025, 7, 10)
    zero = sessions("2025-07-11", [9, 0]).book(MONDAY)
    assert value(zero, "etf.streak_days", "BTC") == D(0)
    assert reason(zero, "etf.streak_total", "BTC") == "the last session of the BTC funds had no net flow"


def test_cumulative_needs_the_first_session() -> None:
    assert "known only from" in reason(sessions("2025-07-11", [1, 2]).book(MONDAY), "etf.cumulative", "BTC")
    book = flows(Market(), "2024-01-16", [600, 200, -50]).book("2024-01-17 12:00")  # January 12, 15 and 16: one session late
    assert "known only from 2024-01-12" in reason(book, "etf.cumulative", "BTC")
    whole = flows(Market(), "2024-01-15", [600, 200, -50]).book("2024-01-16 12:00")
    assert value(whole, "etf.cumulative", "BTC") == D(750_000_000)


def test_largest_inflow_since_names_the_session() -> None:
    book = sessions("2025-07-11", [80, *[10] * 40, 50]).book(MONDAY)
    since = figure(book, "etf.largest_inflow_since", "BTC")
    assert since.value == date(2025, 5, 15)  # 41 weekdays before July 11
    assert since.record is not None
    assert since.record.rival_value == D(80_000_000)
    assert agrees(book, since)
    assert reason(book, "etf.largest_outflow_since", "BTC") == "the last session of the BTC funds was no outflow"


def test_larger_inflow_of_last_week_is_named_in_the_reason() -> None:
    found = reason(sessions("2025-07-11", [*[10] * 40, 80, 50]).book(MONDAY), "etf.largest_inflow_since", "BTC")
    assert found == "etf.largest_inflow_since of BTC: at least as large on 2025-07-10 (80000000)"


def test_largest_outflow_of_all_is_a_record_when_the_series_starts_with_the_funds() -> None:
    short = figure(sessions("2025-07-11", [*[10] * 40, -50]).book(MONDAY), "etf.largest_outflow_since", "BTC")
    assert short.record is not None
    assert (short.value, short.record.is_record, short.record.covers_life) == (None, True, False)
    # ether funds: 2024-07-23 is the first session; 248 weekdays up to 2025-07-03
    whole = figure(sessions("2025-07-03", [*[10] * 247, -50], "ETH").book("2025-07-04 12:00"), "etf.largest_outflow_since", "ETH")
    assert whole.record is not None
    assert (whole.record.archive_start, whole.record.covers_life) == (date(2024, 7, 23), True)


def test_percentile_is_of_sizes_within_a_year() -> None:
    values = [float(k) if k % 2 else float(-k) for k in range(1, 261)]
    book = sessions("2025-07-11", [*values, -200.5]).book(MONDAY)
    percentile = figure(book, "etf.percentile_1y", "BTC")
    # the 260 sessions before, sizes 1..260: 200 are below 200.5
    assert percentile.value == D("76.923077")
    assert agrees(book, percentile)
    assert reason(sessions("2025-07-11", [1.0] * 200).book(MONDAY), "etf.percentile_1y", "BTC").startswith("only 199 sessions")


def test_recent_peak_is_larger_than_the_last_and_of_its_sign() -> None:
    book = sessions("2025-07-11", [200, *[10] * 40, -500, 90, 100, 60]).book(MONDAY)
    assert value(book, "etf.recent_peak", "BTC") == D(100_000_000)
    assert value(book, "etf.recent_peak_at", "BTC") == date(2025, 7, 10)
    since = figure(book, "etf.recent_peak_since", "BTC")
    assert since.value == date(2025, 5, 12)
    assert agrees(book, since)
    assert "in the five before the last" in reason(sessions("2025-07-11", [90, 100]).book(MONDAY), "etf.recent_peak", "BTC")


def test_funds_agree_with_the_sign_of_the_total() -> None:
    market = sessions("2025-07-11", [50])
    for ticker, flow in (("IBIT", 80), ("FBTC", 20), ("GBTC", -50), ("HODL", 0)):
        flows(market, "2025-07-11", [flow], venue=ticker, series="etf.fund_flow")
    book = market.book(MONDAY)
    top = figure(book, "etf.top_fund", "BTC")
    assert (top.value, top.label) == (D(80_000_000), "IBIT")
    assert (value(book, "etf.funds_agreeing", "BTC"), value(book, "etf.funds_reporting", "BTC")) == (D(2), D(3))
    share = figure(book, "etf.share_of_funds", "BTC")
    assert abs(share.number - D("66.6667")) < D("0.0001")
    assert agrees(book, share)


def test_trails_leave_the_last_session_out() -> None:
    book = sessions("2025-07-11", [1, 2, -3, 4, 5]).book(MONDAY)
    net, streak = book.trail("etf.net_flow_day", "BTC"), book.trail("etf.streak_days", "BTC")
    assert not isinstance(net, Absent)
    assert not isinstance(streak, Absent)
    assert list(net.values) == [1e6, 2e6, -3e6, 4e6]
    assert list(streak.values) == [1.0, 2.0, -1.0, 1.0]
