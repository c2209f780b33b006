"""Dates and times as a reader takes them."""

from __future__ import annotations

import check_factories as F
import pytest

from newsgen.check.reader import read_text


@pytest.mark.parametrize(
    ("text", "year", "month", "day"),
    [
        ("on July 11", None, 7, 11),
        ("since Nov. 6, 2024", 2024, 11, 6),
        ("on 14 July", None, 7, 14),
        ("on 14 July 2025", 2025, 7, 14),
        ("since February 2024", 2024, 2, None),
        ("since 2022", 2022, None, None),
        ("on Feb. 1", None, 2, 1),
        ("since March 12", None, 3, 12),
    ],
)
def test_a_date_is_read(text: str, year: int | None, month: int | None, day: int | None) -> None:
    (found,) = read_text("x", f"It rose {text}, they said.", F.reader_words())[0].days
    assert (found.year, found.month, found.day) == (year, month, day)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("8:02 a.m. ET (12:02 UTC)", [482, 722]),
        ("8 a.m. ET (12:00 UTC)", [480, 720]),
        ("noon ET (16:00 UTC)", [720, 960]),
        ("11 p.m. ET", [1380]),
        ("13:02 BST", [782]),
        ("12:02 UTC", [722]),
    ],
)
def test_a_clock_time_is_read_with_its_zone(text: str, minutes: list[int]) -> None:
    days = read_text("x", f"It stood there at {text}.", F.reader_words())[0].days
    assert [d.minute for d in days] == minutes
    assert all(d.zone for d in days)


def test_a_weekday_is_read() -> None:
    (day,) = read_text("x", "It rose on Friday.", F.reader_words())[0].days
    assert day.weekday == 4


def test_the_verb_may_is_no_month() -> None:
    assert read_text("x", "May the price rise?", F.reader_words())[0].days == []
