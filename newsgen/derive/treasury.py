"""Purchases that a company announced for its treasury; in: announcements, out: the last purchase of the past three days, and holdings."""

from __future__ import annotations

from newsgen.derive._figure import COMPANY, DAY, Compute, from_reading, history, session_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Unit, to_epoch

__all__ = ["FIGURES"]

_NEWS_S = 3 * DAY
_WEEKLY_S = 8 * DAY  # how old weekly data may be (editorial.md section 1)


def _reading(ask: Ask, series: str, company: str, max_age_s: int) -> Reading | Absent:
    run = ask.view.run(series, company)
    if isinstance(run, Absent):
        return run
    if ask.view.as_of_s - run.at(-1) > max_age_s:
        return Absent(f"the last announcement of {company} is of {session_of(run.at(-1))}")
    return run.reading(-1)


def _purchase(ask: Ask, company: str) -> Reading | Absent:
    reading = _reading(ask, "treasury.purchase", company, _NEWS_S)
    if isinstance(reading, Reading) and reading.value <= 0:
        return Absent(f"the last announcement of {company} was no purchase")
    return reading


def _value(name: str, series: str) -> Compute:
    """A part of the last purchase; it must be of the same announcement."""

    def compute(ask: Ask, company: str) -> Figure | Absent:
        bought, reading = _purchase(ask, company), _reading(ask, series, company, _NEWS_S)
        if isinstance(bought, Absent) or isinstance(reading, Absent):
            return bought if isinstance(bought, Absent) else reading if isinstance(reading, Absent) else Absent("")
        if reading.observed_at != bought.observed_at:
            return Absent(f"the announcement of {company} gives no {series}")
        return from_reading(f"treasury.{name}", company, reading)

    return compute


def _at(ask: Ask, company: str) -> Figure | Absent:
    reading = _purchase(ask, company)
    if isinstance(reading, Absent):
        return reading
    return history("treasury.last_purchase_at", company, Unit.DATE, session_of(to_epoch(reading.observed_at)), "session(i1)", [reading])


def _holdings(ask: Ask, company: str) -> Figure | Absent:
    reading = _reading(ask, "treasury.holdings", company, _WEEKLY_S)
    return reading if isinstance(reading, Absent) else from_reading("treasury.holdings", company, reading)


_NONE = "No purchase announced in the past three days, or not with it."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str = _NONE) -> FigureSpec:
    return FigureSpec(f"treasury.{name}", unit, meaning, COMPANY, absent, compute, "", example)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("last_purchase", Unit.COINS, "Coins bought, as announced.", _value("last_purchase", "treasury.purchase"), "4225"),
    _spec("last_purchase_usd", Unit.USD, "What they cost.", _value("last_purchase_usd", "treasury.purchase_usd"), "472000000"),
    _spec("last_purchase_price", Unit.USD, "Their average price.", _value("last_purchase_price", "treasury.purchase_price"), "111716"),
    _spec("last_purchase_at", Unit.DATE, "The New York date of the announcement.", _at, "2025-07-14"),
    _spec("holdings", Unit.COINS, "Coins held, as last announced.", _holdings, "601550", "No announcement in the past eight days."),
)
