"""A week of economic releases, made up: the same names on the same days, numbers that are the same in every run."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zlib import crc32

from newsgen.testing._wires._sessions import NEW_YORK

__all__ = ["Release", "releases"]

# Weekday, New York time, country, currency, name, impact, usual number, its form
_WEEK = (
    (0, time(10), "United States", "USD", "ISM Manufacturing PMI", "High", 49.0, "{:.1f}"),
    (1, time(8, 30), "United States", "USD", "CPI m/m", "High", 0.3, "{:.1f}%"),
    (2, time(2), "United Kingdom", "GBP", "CPI y/y", "High", 3.4, "{:.1f}%"),
    (2, time(10, 30), "United States", "USD", "Crude Oil Inventories", "Low", 3.1, "{:.1f}M"),
    (2, time(14), "United States", "USD", "FOMC Member Speaks", "Low", 0.0, ""),
    (3, time(8, 30), "United States", "USD", "Unemployment Claims", "High", 228.0, "{:.0f}K"),
    (4, time(10), "United States", "USD", "Prelim UoM Consumer Sentiment", "Medium", 61.5, "{:.1f}"),
)
_WEEKS = timedelta(days=7)


class Release(NamedTuple):
    """One event; numbers as calendars write them, "" where there is none."""

    at: datetime
    country: str
    currency: str
    name: str
    impact: str
    actual: str
    forecast: str
    previous: str


def releases(monday: date) -> list[Release]:
    """The events of the week that begins on a day, in order."""
    found = []
    for weekday, at, country, currency, name, impact, usual, form in _WEEK:
        day = monday + timedelta(days=weekday)
        numbers = [_number(name, d, usual, form) for d in (day, day - _WEEKS)]
        forecast = form.format(usual) if form else ""
        found.append(Release(datetime.combine(day, at, NEW_YORK).astimezone(UTC), country, currency, name, impact, numbers[0], forecast,
                             numbers[1]))  # fmt: skip
    return found


def _number(name: str, day: date, usual: float, form: str) -> str:
    turn = math.sin(day.toordinal() + crc32(name.encode()) % 360)
    return form.format(usual * (1 + 0.1 * turn)) if form else ""
