"""Tracks: searches that skip blocks find what a plain walk finds; trails answer from their parts."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from newsgen.derive._tracks import Known, Track, Trails, streaks_of, trail_of
from newsgen.market import Absent, Column, Origin, SeriesKey, Unit

DAY = 86_400
small = st.integers(-9, 9).map(float)  # few values, so that equal ones are common
long = st.lists(small, min_size=1, max_size=400)


def track_of(values: list[float]) -> Track:
    return Track([DAY * (i + 1) for i in range(len(values))], values)


@given(long, st.data(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_extreme_is_the_newest_of_the_known_part(values: list[float], data: st.DataObject, low: bool) -> None:
    first = data.draw(st.integers(0, len(values)))
    last = data.draw(st.integers(0, len(values)))
    part = values[first:last]
    best = (min(part) if low else max(part)) if part else None
    expected = max((i for i in range(first, last) if values[i] == best), default=-1)
    assert Known(track_of(values), first, last).extreme(low=low) == expected


@given(long, st.data(), small, st.booleans())
@settings(max_examples=300, deadline=None)
def test_newest_beyond_is_that_of_the_known_part(values: list[float], data: st.DataObject, limit: float, low: bool) -> None:
    first = data.draw(st.integers(0, len(values)))
    last = data.draw(st.integers(first, len(values)))
    expected = max((i for i in range(first, last) if (values[i] <= limit if low else values[i] >= limit)), default=-1)
    assert Known(track_of(values), first, last).newest_beyond(limit, low=low) == expected


def test_a_trail_is_cut_and_answers_over_all_its_parts() -> None:
    older, newer = track_of([5.0, 1.0, 2.0, 9.0]), Track([DAY * 10, DAY * 11, DAY * 12], [3.0, 4.0, 8.0])
    trail = trail_of([Known(older, 0, 3), Known(newer, 0, 3)], DAY * 11)
    assert isinstance(trail, Trails)
    assert (len(trail), trail.start, trail.at[-1]) == (5, DAY, DAY * 11)
    assert trail.values == [5.0, 1.0, 2.0, 3.0, 4.0]
    assert trail.after(DAY * 2) == [2.0, 3.0, 4.0]
    assert (trail.last_beyond(4.0), trail.last_beyond(4.5), trail.last_beyond(6.0)) == (DAY * 11, DAY, None)
    assert (trail.last_beyond(1.0, low=True), trail.last_beyond(0.0, low=True)) == (DAY * 2, None)


def test_a_trail_without_values_is_absent() -> None:
    assert isinstance(trail_of([Known(track_of([1.0, 2.0]), 0, 2)], DAY - 1), Absent)


def test_streaks_of_a_column_end_where_its_run_ends() -> None:
    key = SeriesKey("etf.net_flow", "BTC", "session", "farside", "us")
    times = [DAY * i for i in range(1, 8)]
    column = Column(key, Unit.USD, times, times, ["1", "2", "-3", "0", "-1", "-2", "5"])
    run = column.until(DAY * 6)
    known = streaks_of(run)
    assert list(known.values) == [1.0, 2.0, -1.0, 0.0, -1.0, -2.0]


def test_a_column_gives_the_same_run_until_more_is_known() -> None:
    times = [DAY * i for i in range(1, 5)]
    column = Column(
        SeriesKey("spot.close", "BTC", "1d", "binance"), Unit.USD, times, times, ["1", "2", "3", "4"], [Origin("klines", "Binance")]
    )
    early, later = column.until(DAY * 2), column.until(DAY * 3)
    assert column.until(DAY * 3 + 5) is later
    assert [len(early), len(later)] == [2, 3]
    column.observed, column.known, column.values = [*times, DAY * 5], [*times, DAY * 5], ["1", "2", "3.5", "4", "5"]
    assert [r.value for r in column.until(DAY * 3)] == [1, 2, Decimal("3.5")]
