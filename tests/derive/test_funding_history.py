"""Funding against its past: runs of one sign, three in a row, the year's average, worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from newsgen.market import Unit
from tests.derive.market_of import DAY, HOUR, Market, agrees, at, figure, moment, reason, value

D = Decimal
MIDNIGHT = at("2025-07-14")
NOW = "2025-07-14 00:05"


def daily(rates: Sequence[float], end: int = MIDNIGHT, without: tuple[int, ...] = ()) -> Market:
    """Rates at midnights, percent per eight hours, the last at `end`; `without` are places from the end."""
    rows = [(end - DAY * k, rates[-1 - k]) for k in range(len(rates) - 1, -1, -1) if k not in without]
    return Market().rows("funding.rate_8h", "BTC", "8h", "coinglass", rows, venue="all", unit=Unit.PCT)


def settled(rates: Sequence[float], end: int, jitter: int = 0, without: tuple[int, ...] = ()) -> Market:
    """Rates that Binance settled every eight hours; every second one a little late."""
    places = [k for k in range(len(rates) - 1, -1, -1) if k not in without]
    rows = [(end - 8 * HOUR * k + jitter * (k % 2), rates[-1 - k]) for k in places]
    return Market().rows("funding.settled_8h", "BTC", "8h", "binance_futures", rows, venue="binance", unit=Unit.PCT, name="Binance")


def test_the_rate_at_midnight_is_told_per_year() -> None:
    """0.02 % three times a day is 0.06 % a day and 21.9 % a year."""
    book = daily([0.01] * 40 + [0.02]).book(NOW)
    rate = figure(book, "funding.last_annualised", "BTC")
    assert (rate.value, rate.window, rate.scope, rate.label, rate.formula) == (D("21.9"), "year", "all", "day", "i1 * 3 * 365")
    assert value(book, "funding.last_8h", "BTC") == D("0.02")
    assert value(book, "funding.last_at", "BTC") == moment("2025-07-14 00:00")
    assert agrees(book, figure(book, "funding.last_at", "BTC"))


def test_three_in_a_row_and_the_one_before() -> None:
    """0.03, 0.05 and 0.04 % after 0.01 %: 32.85, 54.75 and 43.8 % a year after 10.95 %."""
    book = daily([0.0] * 40 + [0.01, 0.03, 0.05, 0.04]).book(NOW)
    assert [value(book, f"funding.{n}", "BTC") for n in ("least_3", "most_3", "before_3")] == [D("32.85"), D("54.75"), D("10.95")]
    assert figure(book, "funding.least_3", "BTC").window == "3d"
    assert all(agrees(book, figure(book, f"funding.{n}", "BTC")) for n in ("least_3", "most_3", "before_3"))
    holes = daily([0.0] * 40 + [0.01, 0.03, 0.05, 0.04], without=(1,)).book(NOW)
    assert "one of the last 3 rates is missing" in reason(holes, "funding.least_3", "BTC")
    assert "one of the last 4 rates is missing" in reason(holes, "funding.before_3", "BTC")


def test_a_sign_that_changes_names_the_days_it_held_and_the_day_before_them() -> None:
    """Twenty positive days up to July 13 follow a negative one, whose midnight ends June 22, a day of 24 hours called by that date."""
    book = daily([-0.01] * 30 + [0.01] * 20 + [-0.002]).book(NOW)
    days, since = figure(book, "funding.flip_days", "BTC"), figure(book, "funding.flip_since", "BTC")
    assert (days.value, days.unit, days.formula) == (D(20), Unit.DAYS, "abs(streak(clock(i1)))")
    assert (since.value, since.formula) == (date(2025, 6, 22), "last_at_or_below(clock(i1), 0)")
    assert agrees(book, days)
    assert agrees(book, since)
    up = daily([0.01] * 30 + [-0.01] * 20 + [0.002]).book(NOW)
    assert figure(up, "funding.flip_since", "BTC").formula == "last_at_or_above(clock(i1), 0)"
    assert agrees(up, figure(up, "funding.flip_since", "BTC"))


def test_no_change_of_sign_a_hole_in_the_run_or_no_day_before_it_is_absent() -> None:
    same = daily([-0.01] * 40 + [0.01, 0.01]).book(NOW)
    assert "did not change its sign" in reason(same, "funding.flip_days", "BTC")
    zero = daily([0.01] * 40 + [0.0]).book(NOW)
    assert "did not change its sign" in reason(zero, "funding.flip_days", "BTC")
    holes = daily([-0.01] * 30 + [0.01] * 20 + [-0.002], without=(7,)).book(NOW)
    assert "a rate is missing in the run of 19" in reason(holes, "funding.flip_days", "BTC")
    never = daily([0.01] * 40 + [-0.01]).book(NOW)
    assert value(never, "funding.flip_days", "BTC") == D(40)
    assert "no other sign before in data going back to 2025-06-03" in reason(never, "funding.flip_since", "BTC")


def test_the_average_of_a_year_and_the_distance_from_it() -> None:
    """Of 365 rates 73 are 0.06 and 292 are 0.01: 0.02 on average, 21.9 % a year; 0.05 is 54.75 %, or 32.85 points more."""
    book = daily([0.9] * 10 + [0.06] * 73 + [0.01] * 292 + [0.05]).book(NOW)
    average = figure(book, "funding.average_1y", "BTC")
    assert (average.value, average.window) == (D("21.9"), "365d")
    assert value(book, "funding.from_average_1y", "BTC") == D("32.85")
    assert value(book, "funding.percentile_1y", "BTC") == D("80.0")  # 292 of 365
    assert all(agrees(book, figure(book, f"funding.{n}", "BTC")) for n in ("average_1y", "percentile_1y", "from_average_1y"))
    trail = book.trail("funding.from_average_1y", "BTC")
    assert trail
    assert [round(v, 2) for v in list(trail.values)[-1:]] == [-10.95]  # 10.95 less 21.9


@pytest.mark.parametrize("name", ["average_1y", "percentile_1y", "from_average_1y", "as_extreme_at"])
def test_less_than_a_year_has_no_average(name: str) -> None:
    book = daily([0.01] * 346 + [0.05]).book(NOW)  # 95 % of 365 are 346.75
    assert reason(book, f"funding.{name}", "BTC") == "only 346 rates of the 365 days before"
    assert value(daily([0.01] * 347 + [0.05]).book(NOW), "funding.average_1y", "BTC") == D("10.95")


def test_since_when_no_rate_was_as_high_or_as_low() -> None:
    book = daily([0.01] * 310 + [0.07, -0.03] + [0.01] * 60 + [0.06]).book(NOW)
    high = figure(book, "funding.highest_since", "BTC")
    assert high.value == date(2025, 5, 12)  # 62 days before July 13
    assert agrees(book, high)
    assert "at least as small on 2025-07-12" in reason(book, "funding.lowest_since", "BTC")
    low = figure(daily([0.01] * 310 + [0.07, -0.03] + [0.01] * 60 + [-0.02]).book(NOW), "funding.lowest_since", "BTC")
    assert low.value == date(2025, 5, 13)


def test_the_last_rate_as_extreme_lies_on_the_same_side_of_the_average() -> None:
    high = daily([0.01] * 400 + [0.07, 0.01, 0.06]).book(NOW)
    assert value(high, "funding.as_extreme_at", "BTC") == date(2025, 7, 11)
    low = daily([0.01] * 400 + [-0.07, 0.01, -0.06]).book(NOW)
    assert value(low, "funding.as_extreme_at", "BTC") == date(2025, 7, 11)
    assert all(agrees(b, figure(b, "funding.as_extreme_at", "BTC")) for b in (high, low))
    never = daily([0.01] * 400 + [0.06]).book(NOW)
    assert "was as high in data going back to" in reason(never, "funding.as_extreme_at", "BTC")


def test_settlements_serve_where_no_midnight_is_known_and_count_in_thirds_of_days() -> None:
    """45 positive settlements up to 00:00 are fifteen days; then the one of 08:00 is negative."""
    book = settled([-0.01] * 60 + [0.01] * 45 + [-0.02], at("2025-07-14 08:00"), jitter=40).book("2025-07-14 11:00")
    days = figure(book, "funding.flip_days", "BTC")
    assert (days.value, days.label, days.scope, days.formula) == (D(15), "settlement", "binance", "abs(streak(i1)) / 3")
    assert agrees(book, days)
    assert value(book, "funding.flip_since", "BTC") == date(2025, 6, 28)  # at 16:00
    three = figure(book, "funding.least_3", "BTC")
    assert (three.value, three.window) == (D("-21.9"), "24h")


@pytest.mark.parametrize(
    "name", ["last_8h", "last_annualised", "least_3", "before_3", "flip_days", "flip_since", "highest_since", "last_at"]
)
def test_old_or_few_rates_are_absent(name: str) -> None:
    late = daily([0.01] * 40).book("2025-07-14 00:11")
    assert "no funding of BTC at the last midnight" in reason(late, f"funding.{name}", "BTC")
    few = daily([0.01] * 30).book(NOW)
    assert "no funding of BTC at the last midnight" in reason(few, f"funding.{name}", "BTC")
    paid = settled([0.01] * 60, at("2025-07-14 08:00")).book("2025-07-14 16:11")
    assert "no funding of BTC at the last midnight" in reason(paid, f"funding.{name}", "BTC")
    holes = settled([0.01] * 60, at("2025-07-14 08:00"), without=(2,)).book("2025-07-14 11:00")
    assert "no funding of BTC at the last midnight" in reason(holes, f"funding.{name}", "BTC")
