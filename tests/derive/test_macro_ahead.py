"""Releases of economic data that are due; worked by hand."""

from __future__ import annotations

from decimal import Decimal

from newsgen.market import Unit
from tests.derive.market_of import Market, agrees, at, figure, moment, reason, value

NOW = "2025-07-14 00:00"
CPI, CORE, PPI, SALES = "USD CPI m/m", "USD Core CPI m/m", "USD PPI m/m", "USD Retail Sales m/m"


def due(market: Market, name: str, moment: str, importance: int = 3, *, source: str = "forexfactory", forecast: str = "") -> Market:
    """A row of a calendar that was read on July 13."""
    lag = at("2025-07-13 12:00") - at(moment)
    market.rows("calendar.importance", name, "", source, [(at(moment), importance)], unit=Unit.COUNT, lag=lag, name="Forex Factory")
    if forecast:
        number = forecast.rstrip("%")
        market.rows("calendar.forecast", name, "", source, [(at(moment), number)], unit=Unit.INDEX, lag=lag, label=forecast,
                    name="Forex Factory")  # fmt: skip
    return market


def week() -> Market:
    market = due(Market(), CPI, "2025-07-15 12:30", forecast="0.3%")
    return due(due(market, PPI, "2025-07-16 12:30"), SALES, "2025-07-17 12:30")


def test_the_next_three_in_their_order_with_the_forecast_of_the_first() -> None:
    book = week().book(NOW)
    found = [figure(book, f"macro.next_{n}_at", "market") for n in (1, 2, 3)]
    assert [(f.value, f.label) for f in found] == [
        (moment("2025-07-15 12:30"), "CPI_MM"), (moment("2025-07-16 12:30"), "PPI_MM"), (moment("2025-07-17 12:30"), "RETAIL_MM"),
    ]  # fmt: skip
    assert {f.observed_at for f in found} == {moment("2025-07-13 12:00")}, "what is known of it was seen when the calendar was read"
    assert [f.source for f in found] == ["Forex Factory"] * 3
    forecast = figure(book, "macro.next_1_forecast", "market")
    assert (forecast.value, forecast.unit, forecast.label) == (Decimal("0.3"), Unit.PCT, "CPI_MM")
    assert all(agrees(book, f) for f in found)


def test_what_is_past_or_a_week_away_is_not_ahead() -> None:
    market = week()
    assert figure(market.book("2025-07-15 12:30"), "macro.next_1_at", "market").label == "PPI_MM"
    assert "have 2 important" in reason(market.book("2025-07-15 12:30"), "macro.next_3_at", "market")
    claims = due(Market(), "USD Unemployment Claims", "2025-07-21 00:00")
    assert "have 0 important" in reason(claims.book(NOW), "macro.next_1_at", "market")
    assert value(claims.book("2025-07-14 00:01"), "macro.next_1_at", "market") == moment("2025-07-21 00:00")


def test_nothing_is_ahead_before_the_calendar_was_read() -> None:
    assert "have 0 important" in reason(week().book("2025-07-13 11:59"), "macro.next_1_at", "market")


def test_of_several_at_one_moment_the_first_of_the_list_stands_for_them() -> None:
    book = due(week(), CORE, "2025-07-15 12:30").book(NOW)
    assert [figure(book, f"macro.next_{n}_at", "market").label for n in (1, 2)] == ["CORE_CPI_MM", "PPI_MM"]
    assert "has the forecast of CORE_CPI_MM" in reason(book, "macro.next_1_forecast", "market")


def test_what_was_moved_or_is_less_important_is_not_told() -> None:
    moved = due(week(), CPI, "2025-07-18 12:30")
    assert figure(moved.book(NOW), "macro.next_1_at", "market").label == "PPI_MM"
    assert figure(moved.book("2025-07-15 12:30"), "macro.next_3_at", "market").label == "CPI_MM"
    lesser = due(week(), "United States CPI (MoM)", "2025-07-15 12:30", 2, source="coinglass")
    assert figure(lesser.book(NOW), "macro.next_1_at", "market").label == "PPI_MM"


def test_two_calendars_that_agree_are_one() -> None:
    both = due(week(), "United States CPI (MoM)", "2025-07-15 12:30", source="coinglass")
    assert figure(both.book(NOW), "macro.next_1_at", "market").label == "CPI_MM"
