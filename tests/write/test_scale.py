"""Ticks at round numbers, days at midnights of the zone, points where they belong: worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from newsgen.write.scale import Axis, apart, day_ticks, heights, round_ticks, segments, tenth


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (53_100, 67_900, "55000 60000 65000"),
        (0, 1_200_000_000, "0 250000000 500000000 750000000 1000000000"),
        (-620, 1180, "-500 0 500 1000"),
        (0.98, 1.02, "0.98 0.99 1 1.01 1.02"),
        (-27.5, 0, "-20 -10 0"),
        (0.000012, 0.000014, "0.000012 0.0000125 0.000013 0.0000135 0.000014"),
        (7, 7, "7"),
    ],
)
def test_ticks_are_round_numbers_within_the_bounds(low: float, high: float, ticks: str) -> None:
    assert round_ticks(low, high) == [Decimal(t) for t in ticks.split()]


def test_an_axis_runs_from_its_first_position_to_its_last() -> None:
    y = Axis(0, 100, 300, 100)
    assert (y.at(0), y.at(25), y.at(100)) == (300, 250, 100)


def test_days_are_midnights_of_the_zone_counted_back_from_the_last() -> None:
    ticks = day_ticks(at(2025, 7, 7, 12), at(2025, 7, 14, 12), "America/New_York", 4)
    assert [t.day for t in ticks] == [date(2025, 7, 8), date(2025, 7, 10), date(2025, 7, 12), date(2025, 7, 14)]
    assert ticks[-1].at == at(2025, 7, 14, 4)  # four hours behind in summer


def test_over_a_year_the_ticks_are_firsts_of_months() -> None:
    ticks = day_ticks(at(2024, 7, 14), at(2025, 7, 14), "UTC", 6)
    assert [t.day for t in ticks] == [date(2024, 9, 1), *(date(2025, m, 1) for m in (1, 3, 5, 7))] or [t.day.month for t in ticks] == [
        9, 11, 1, 3, 5, 7,
    ]  # fmt: skip
    assert all(t.monthly for t in ticks)


def test_a_hole_breaks_a_line() -> None:
    x, y = Axis(0, 100, 0, 1000), Axis(0, 10, 100, 0)
    assert segments([(0, 0), (10, 5), (90, 10), (100, 0)], 25, x, y) == [[(0, 100), (100, 50)], [(900, 0), (1000, 100)]]


def test_heights_run_from_nought_to_a_hundred_and_keep_the_last_value() -> None:
    assert heights([10, 20, 15]) == (0, 100, 50)
    many = heights([float(i) for i in range(1000)])
    assert (len(many), many[0], many[-1]) == (60, 0, 100)
    assert heights([5.0]) == ()
    assert heights([5.0, 5.0]) == ()


@pytest.mark.parametrize(
    ("wanted", "placed"), [([50, 100], [50, 100]), ([50, 52], [50, 70]), ([98, 99], [80, 100]), ([99, 98], [100, 80]), ([0, 3], [0, 20])]
)
def test_labels_are_moved_apart_within_their_bounds(wanted: list[float], placed: list[float]) -> None:
    assert apart(wanted, 20, 0, 100) == placed


def test_a_position_has_one_decimal_and_no_negative_nought() -> None:
    assert [tenth(v) for v in (12.04, 12.06, 300.0, -0.01)] == ["12", "12.1", "300", "0"]
