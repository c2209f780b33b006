"""The name of a window against its timestamps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import check_factories as F

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
