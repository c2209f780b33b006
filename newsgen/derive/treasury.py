"""Purchases that a company announced for its treasury; in: announcements, out: the last one of the past three days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from newsgen.derive._figure import DAY, from_reading, history, spec_kinds
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Unit

__all__ = ["FIGURES"]

COMPANY = spec_kinds["company"]
_NEWS_S = 3 * DAY
_NEW_YORK = ZoneInfo("America/New_York")


def _reading(ask: Ask, series: str, company: str) -> Reading | Absent:
    run = ask.view.run(series, company)
    if isinstance(run, Absent):
        return run
    if ask.view.as_of_s - run.observed[-1] > _NEWS_S:
        return Absent(f"the last announcement of {company} is older than three days")
    reading = run.reading(-1)
    return reading if reading.value > 0 else Absent(f"the last announcement of {company} was no purchase")


def _value(name: str, series: str) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, company: str) -> Figure | Absent:
        reading = _reading(ask, series, company)
        return reading if isinstance(reading, Absent) else from_reading(f"treasury.{name}", company, reading)

    return compute


def _at(ask: Ask, company: str) -> Figure | Absent:
    reading = _reading(ask, "treasury.purchase", company)
    if isinstance(reading, Absent):
        return reading
    day: date = reading.observed_at.astimezone(_NEW_YORK).date()
    return history("treasury.last_purchase_at", company, Unit.DATE, day, "day(i1)", [reading])


_NONE = "No announcement in the past three days."


def _spec(name: str, unit: Unit, meaning: str, compute: Callable[[Ask, str], Figure | Absent], example: str) -> FigureSpec:
    return FigureSpec(f"treasury.{name}", unit, meaning, COMPANY, _NONE, compute, "", example)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("last_purchase", Unit.COINS, "Coins bought, as announced.", _value("last_purchase", "treasury.purchase"), "4225"),
    _spec("last_purchase_usd", Unit.USD, "What they cost.", _value("last_purchase_usd", "treasury.purchase_usd"), "472000000"),
    _spec(
        "last_purchase_price",
        Unit.USD,
        "Their average price.",
        _value("last_purchase_price", "treasury.purchase_price"),
        "111716",
    ),
    _spec("last_purchase_at", Unit.DATE, "The day of the announcement.", _at, "2025-07-14"),
    _spec("holdings", Unit.COINS, "Coins held after it, as announced.", _value("holdings", "treasury.holdings"), "601550"),
)
