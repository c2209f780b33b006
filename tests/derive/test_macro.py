"""Releases of economic data and bitcoin's price since; worked by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from newsgen.derive._releases import RELEASES
from newsgen.market import Absent, Unit
from tests.derive.market_of import Market, agrees, at, figure, moment, reason, value

D = Decimal
DUE = "2025-07-15 12:30"
NOW = "2025-07-15 13:10"
CPI = "USD CPI m/m"


def said(
    market: Market, series: str, name: str, number: float, text: str, *, source: str = "nasdaq", due: str = DUE, lag: int = 60
) -> Market:
    return market.rows(
        f"calendar.{series}", name, "", source, [(at(due), number)], unit=Unit.INDEX, lag=lag, label=text, name=source.title()
    )


def ticks(market: Market, *told: tuple[str, float]) -> Market:
    rows = [(at(f"2025-07-15 {clock}"), price) for clock, price in told]
    return market.rows("spot.last", "BTC", "", "binance", rows, venue="binance", name="Binance spot")


def released(number: float = 0.4, text: str = "0.4%", name: str = CPI) -> Market:
    return ticks(said(Market(), "actual", name, number, text), ("12:20", 116_000), ("12:28", 117_000), ("13:05", 115_830))


def test_result_forecast_and_previous_of_one_release() -> None:
    market = said(said(released(), "forecast", CPI, 0.3, "0.3%"), "previous", CPI, 0.1, "0.1%")
    book = market.book(NOW)
    assert [value(book, f"macro.{n}", "market") for n in ("actual", "forecast", "previous", "surprise")] == [
        D("0.4"),
        D("0.3"),
        D("0.1"),
        D("0.1"),
    ]
    assert (figure(book, "macro.actual", "market").unit, figure(book, "macro.actual", "market").label) == (Unit.PCT, "CPI_MM")
    assert value(book, "macro.release_at", "market") == moment(DUE)
    bare = released().book(NOW)
    assert "has the forecast of CPI_MM" in reason(bare, "macro.forecast", "market")
    assert "has the previous of CPI_MM" in reason(bare, "macro.previous", "market")
    assert "has the forecast" in reason(bare, "macro.surprise", "market")


@pytest.mark.parametrize(("text", "unit"), [("0.4%", Unit.PCT), ("225K", Unit.COUNT), ("7.69M", Unit.COUNT), ("49.5", Unit.INDEX)])
def test_unit_is_the_one_that_the_source_writes(text: str, unit: Unit) -> None:
    assert figure(released(1, text).book(NOW), "macro.actual", "market").unit is unit


def test_result_and_forecast_in_two_units_are_not_set_against_each_other() -> None:
    market = said(released(225_000, "225K", "USD Unemployment Claims"), "forecast", "USD Unemployment Claims", 225, "225")
    assert "not in one unit" in reason(market.book(NOW), "macro.surprise", "market")


def test_a_release_is_told_for_two_hours_from_its_result_on() -> None:
    market = released()
    assert "no result" in reason(market.book("2025-07-15 12:30"), "macro.actual", "market")  # known a minute later
    assert value(market.book("2025-07-15 14:30"), "macro.actual", "market") == D("0.4")
    assert "no result" in reason(market.book("2025-07-15 14:31"), "macro.actual", "market")


def test_what_a_calendar_calls_less_important_does_not_count() -> None:
    for importance, there in ((3, True), (2, False)):
        market = said(released(), "importance", "United States CPI (MoM)", importance, "", source="coinglass", lag=0)
        assert isinstance(market.book(NOW).get("macro.actual", "market"), Absent) is not there


def test_the_newest_release_is_told_of_several_the_first_of_the_list() -> None:
    market = said(released(), "actual", "USD Non-Farm Employment Change", 118_000, "118K")
    assert figure(market.book(NOW), "macro.actual", "market").label == "PAYROLLS"
    later = said(market, "actual", "USD ISM Services PMI", 52, "52", due="2025-07-15 13:00")
    assert figure(later.book(NOW), "macro.actual", "market").label == "ISM_SERVICES"
    assert next(iter(RELEASES)) == "FED_RATE"


def test_forecast_is_of_the_calendar_of_the_result_before_another() -> None:
    market = said(said(released(), "forecast", CPI, 0.2, "0.2%", source="forexfactory"), "forecast", CPI, 0.3, "0.3%")
    assert value(market.book(NOW), "macro.forecast", "market") == D("0.3")
    other = said(released(), "forecast", "United States CPI (MoM)", 0.2, "0.2%", source="coinglass")
    assert value(other.book(NOW), "macro.forecast", "market") == D("0.2")


def test_change_is_from_the_last_price_before_the_release() -> None:
    book = released().book(NOW)
    assert value(book, "macro.price_then", "market") == 117_000
    assert value(book, "macro.bitcoin_change", "market") == -1  # 1,170 of 117,000
    assert value(book, "macro.minutes", "market") == 35
    assert figure(book, "macro.bitcoin_change", "market").subject == "BTC"
    for name in ("macro.release_at", "macro.minutes", "macro.bitcoin_change"):
        assert agrees(book, figure(book, name, "market"))


def test_a_bar_that_ends_at_the_release_is_a_price_too() -> None:
    market = ticks(
        said(Market(), "actual", "USD Federal Funds Rate", 4.5, "4.50%", due="2025-07-15 18:00"), ("17:55", 1), ("18:20", 118_800)
    )
    market.bars("BTC", "1h", at("2025-07-15 18:00"), [117_000, 120_000])
    book = market.book("2025-07-15 18:25")
    assert value(book, "macro.price_then", "market") == 120_000
    assert value(book, "macro.bitcoin_change", "market") == -1


def test_no_price_close_to_the_release_and_none_after_it() -> None:
    early = ticks(said(Market(), "actual", CPI, 0.4, "0.4%"), ("12:19", 117_000), ("13:05", 115_830))
    assert "ten minutes before the release" in reason(early.book(NOW), "macro.bitcoin_change", "market")
    none = ticks(said(Market(), "actual", CPI, 0.4, "0.4%"), ("12:28", 117_000)).book("2025-07-15 12:32")
    assert "after the release" in reason(none, "macro.bitcoin_change", "market")
    soon = ticks(said(Market(), "actual", CPI, 0.4, "0.4%", lag=0), ("12:28", 117_000))
    soon.rows("spot.last", "BTC", "", "binance", [(at(DUE) + 59, 117_100)], venue="binance", name="Binance spot")
    assert "less than a minute" in reason(soon.book("2025-07-15 12:31"), "macro.minutes", "market")
    assert "no result" in reason(Market().book(NOW), "macro.minutes", "market")
