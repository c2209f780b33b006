"""The name of a window against its timestamps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Figure, Unit
from newsgen.story import Verdict


def judge(figure: Figure) -> Verdict:
    return check(F.one_sentence("Bitcoin is up 2% this year.", figure), words=F.reader_words(), checks=[all_checks()["window_label"]])


def over(window: str, start: datetime, end: datetime = F.NOON) -> Figure:
    return replace(F.change("BTC", window, "2"), window_start=start, window_end=end)


def test_a_year_to_date_that_starts_elsewhere_is_stopped() -> None:
    assert "starts at 2024-07-14" in judge(over("ytd", datetime(2024, 7, 14, 12, tzinfo=UTC))).findings[0].message


def test_a_year_to_date_from_the_last_close_of_december_passes() -> None:
    assert judge(over("ytd", datetime(2025, 1, 1, tzinfo=UTC))).findings == ()


def test_a_month_to_date_starts_with_the_month() -> None:
    assert judge(over("mtd", datetime(2025, 7, 1, tzinfo=UTC))).findings == ()
    assert judge(over("mtd", datetime(2025, 6, 14, tzinfo=UTC))).decision == "hold"


def test_a_rolling_window_has_its_length() -> None:
    assert judge(over("24h", F.NOON - timedelta(hours=24))).findings == ()
    assert "called 24h" in judge(over("24h", F.NOON - timedelta(hours=28))).findings[0].message


def test_a_window_that_ends_in_the_future_is_stopped() -> None:
    assert judge(over("24h", F.NOON, F.NOON + timedelta(hours=24))).decision == "hold"


def test_the_two_prices_of_a_change_stand_as_far_apart_as_its_window_says() -> None:
    def price(at: datetime) -> Figure:
        return F.figure("price.last", "BTC", "120000", Unit.USD, observed_at=at)

    week = replace(F.change("BTC", "7d", "0"), inputs=(price(F.NOON), price(F.NOON - timedelta(days=7))), formula="pct_change(i1, i2)")
    assert judge(week).findings == ()
    day = replace(week, inputs=(price(F.NOON), price(F.NOON - timedelta(days=1))))
    assert "called 7d and runs over 1 day" in judge(day).findings[0].message


def ended(period: str, at: datetime) -> Figure:
    return replace(F.change("BTC", period, "2"), name="price.period_change", observed_at=at)


@pytest.mark.parametrize(
    ("period", "at", "open_"),
    [
        ("week", datetime(2025, 7, 14, tzinfo=UTC), False),  # Monday's first moment
        ("week", datetime(2025, 7, 13, tzinfo=UTC), True),
        ("month", datetime(2025, 7, 1, tzinfo=UTC), False),
        ("month", datetime(2025, 7, 1, 4, tzinfo=UTC), True),
        ("month", datetime(2025, 7, 14, tzinfo=UTC), True),
        ("quarter", datetime(2025, 7, 1, tzinfo=UTC), False),
        ("quarter", datetime(2025, 6, 1, tzinfo=UTC), True),
        ("year", datetime(2025, 1, 1, tzinfo=UTC), False),
        ("year", datetime(2025, 7, 1, tzinfo=UTC), True),
    ],
)
def test_a_whole_period_has_ended(period: str, at: datetime, open_: bool) -> None:
    findings = judge(ended(period, at)).findings
    assert bool(findings) is open_
    assert not open_ or f"its {period} has not ended" in findings[0].message


@pytest.mark.parametrize(
    ("last", "open_"),
    [
        (datetime(2025, 7, 11, 20, tzinfo=UTC), False),  # Friday
        (datetime(2025, 7, 10, 20, tzinfo=UTC), True),  # Thursday
        (datetime(2025, 7, 3, 20, tzinfo=UTC), False),  # Thursday before Independence Day
    ],
)
def test_a_week_of_fund_flows_has_had_its_last_session(last: datetime, open_: bool) -> None:
    findings = judge(week(last, "closed")).findings
    assert bool(findings) is open_
    assert not open_ or "its week has not ended" in findings[0].message


def week(last: datetime, label: str) -> Figure:
    return F.flow("net_flow_week", "2720000000", Unit.USD, window="week", window_start=last - timedelta(days=3), window_end=last,
                  observed_at=last, label=label)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "stopped"),
    [
        ("Over the trading week so far, the funds took in $2.72 billion.", False),
        ("Over the trading week, the funds took in $2.72 billion.", True),
        ("The week so far was calm. The funds took in $2.72 billion.", True),
        ("The funds were calm.", False),
    ],
)
def test_a_week_that_runs_is_told_as_such(text: str, stopped: bool) -> None:
    running = week(datetime(2025, 7, 10, 20, tzinfo=UTC), "so_far")
    verdict = check(F.one_sentence(text, running), words=F.reader_words(), checks=[all_checks()["window_label"]])
    assert (verdict.decision == "hold") is stopped
