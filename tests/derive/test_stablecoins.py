"""The supply of stablecoins: changes, round steps, and since when not; worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from newsgen.market import Absent
from tests.derive.market_of import DAY, Market, agrees, at, figure, reason, value

D = Decimal
NOW = "2025-07-14 12:02"
BILLION = 10**9
END = at("2025-07-14")


def supply(billions: Sequence[float], subject: str = "market", source: str = "defillama", window: str = "") -> Market:
    """Totals of days up to the last midnight."""
    rows = [(END - DAY * (len(billions) - 1 - k), int(v * BILLION)) for k, v in enumerate(billions)]
    return Market().rows("stablecoins.supply", subject, window, source, rows, name="DefiLlama")


def test_changes_are_against_the_row_exactly_so_many_days_before() -> None:
    book = supply([200, *[250] * 22, 251, *[252] * 6, 254]).book(NOW)  # 30, 7 and 0 days before
    assert value(book, "stablecoins.supply", "market") == 254 * BILLION
    assert value(book, "stablecoins.change_7d", "market") == 3 * BILLION
    assert value(book, "stablecoins.change_30d", "market") == 54 * BILLION
    assert abs(value(book, "stablecoins.change_7d_pct", "market") - D("1.195219")) < D("0.000001")  # 3 of 251
    assert "7 days before" in reason(supply([1, 2]).book(NOW), "stablecoins.change_7d", "market")
    assert "30 days before" in reason(supply([1] * 9).book(NOW), "stablecoins.change_30d", "market")
    assert reason(Market().book(NOW), "stablecoins.supply", "market").startswith("no stablecoins.supply of market known")
    assert "too old" in reason(supply([1]).book("2025-07-15 02:01"), "stablecoins.supply", "market")


def test_what_a_source_sends_now_is_taken_where_the_imported_history_has_ended() -> None:
    market = supply([254], window="1d").rows("stablecoins.supply", "market", "", "defillama", [(at("2025-06-01"), 1)])
    assert value(market.book(NOW), "stablecoins.supply", "market") == 254 * BILLION


def test_largest_coins_are_told_by_their_own_series() -> None:
    market = supply([150, *[151] * 6, 152], "USDT", "coinglass")
    for key, column in supply([60, *[61] * 6, 59], "USDC", "coinglass").columns.items():
        market.columns[key] = column
    book = market.book(NOW)
    assert (value(book, "stablecoins.usdt_supply", "market"), value(book, "stablecoins.usdt_change_7d", "market")) == (
        152 * BILLION,
        2 * BILLION,
    )
    assert (value(book, "stablecoins.usdc_supply", "market"), value(book, "stablecoins.usdc_change_7d", "market")) == (
        59 * BILLION,
        -BILLION,
    )
    assert figure(book, "stablecoins.usdt_supply", "market").label == "USDT"
    assert "no stablecoins.supply of market" in reason(book, "stablecoins.change_7d", "market")


def test_step_is_passed_by_the_first_total_that_reaches_it() -> None:
    flat = [255.0] * 370
    passed = supply([*flat, 259.9, 262.5]).book(NOW)
    step = figure(passed, "stablecoins.step_passed", "market")
    assert step.value == 260 * BILLION
    assert step.record
    assert (step.record.is_record, step.record.covers_life) == (True, False)
    assert agrees(passed, step)
    assert "had been worth 260000000000" in reason(supply([*flat, 260.0, 262.5]).book(NOW), "stablecoins.step_passed", "market")
    assert "had been worth" in reason(supply([*flat, 300, 262.5]).book(NOW), "stablecoins.step_passed", "market")


@pytest.mark.parametrize(("days", "there"), [(366, True), (365, False)])
def test_an_archive_of_less_than_a_year_passes_no_step(days: int, there: bool) -> None:
    """Between the first total and the last lie 365 days."""
    found = supply([*[255.0] * (days - 1), 262.5]).book(NOW).get("stablecoins.step_passed", "market")
    assert isinstance(found, Absent) is not there


def test_since_when_no_seven_days_had_changed_it_as_much() -> None:
    """255 billion stand from May 30 on: the seven days that end by June 5 hold a rise of 5, the last seven one of 4."""
    path = [250.0] * 10 + [255.0] * 45 + [259.0]
    book = supply(path).book(NOW)
    since = figure(book, "stablecoins.rise_largest_since", "market")
    assert since.record
    assert (since.value, since.record.rival_value) == (date(2025, 6, 4), D(5 * BILLION))  # the day that ends at midnight of June 5
    assert agrees(book, since)
    assert "did not fall" in reason(book, "stablecoins.fall_largest_since", "market")


def test_fall_without_an_equal_is_a_record_of_the_archive() -> None:
    book = supply([250.0] * 40 + [240.0]).book(NOW)
    fall = figure(book, "stablecoins.fall_largest_since", "market")
    assert fall.record
    assert (fall.value, fall.record.is_record, fall.record.covers_life) == (None, True, False)
    assert "did not rise" in reason(book, "stablecoins.rise_largest_since", "market")
    recent = supply([250.0] * 30 + [260.0] * 20 + [265.0]).book(NOW)
    assert "at least as large" in reason(recent, "stablecoins.rise_largest_since", "market")
    assert "no earlier week" in reason(supply([250.0] * 7 + [260.0]).book(NOW), "stablecoins.rise_largest_since", "market")


def test_trails_leave_out_windows_that_overlap_the_present_one() -> None:
    book = supply([*range(1, 16)]).book(NOW)
    changes, totals = (book.trail(name, "market") for name in ("stablecoins.change_7d", "stablecoins.supply"))
    assert not isinstance(changes, Absent)
    assert not isinstance(totals, Absent)
    assert list(changes.values) == [7 * BILLION]  # 8 less 1; the next one ends within the last seven days
    assert len(totals) == 14
