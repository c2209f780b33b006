"""Cron lines: every value spelled out, weekdays as cron counts them."""

from __future__ import annotations

import re

import pytest

from newsgen.cron import read_cron


def test_weekdays_count_from_sunday_as_cron_counts_them() -> None:
    assert read_cron("0 8 * * 1-5").weekdays == ("mon", "tue", "wed", "thu", "fri")
    assert read_cron("0 8 * * 0").weekdays == ("sun",)
    assert read_cron("0 8 * * 7").weekdays == ("sun",)
    assert read_cron("0 8 * * sat-sun").weekdays == ("sun", "sat")
    assert read_cron("0 8 * * Mon,Fri").weekdays == ("mon", "fri")


def test_every_value_is_spelled_out() -> None:
    cron = read_cron("*/20 6-10/2 1,15 jan-mar *")
    assert cron.minutes == (0, 20, 40)
    assert cron.hours == (6, 8, 10)
    assert cron.days == (1, 15)
    assert cron.months == (1, 2, 3)
    assert len(cron.weekdays) == 7


def test_a_step_without_an_end_runs_to_the_end() -> None:
    assert read_cron("50/5 * * * *").minutes == (50, 55)


@pytest.mark.parametrize(("line", "hourly"), [("*/15 * * * *", True), ("0 */2 * * *", False), ("30 1 * * *", False)])
def test_only_a_line_that_names_every_hour_is_hourly(line: str, hourly: bool) -> None:
    assert read_cron(line).hourly is hourly


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("0 8 * *", "4 fields, not five"),
        ("61 8 * * *", "minute 61 is not within 0 to 59"),
        ("0 24 * * *", "hour 24 is not within 0 to 23"),
        ("0 8 0 * *", "day of month 0 is not within 1 to 31"),
        ("0 8 * * mnday", "weekday 'mnday' is no number and none of sun, mon"),
        ("0 8 * * fri-mon", "runs backwards"),
        ("10-5 8 * * *", "runs backwards"),
        ("*/0 8 * * *", "minute 0 is not within 1 to 59"),
        ("-5 8 * * *", "minute '' is no number"),
        ("٣ 8 * * *", "is no number"),
        ("0 8 1 * mon", "write two editions"),
        ("0 8 31 feb,apr *", "a day that its months do not have"),
    ],
)
def test_what_is_wrong_is_said(line: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        read_cron(line)


def test_a_leap_day_is_a_day() -> None:
    assert read_cron("0 8 29 feb *").days == (29,)
