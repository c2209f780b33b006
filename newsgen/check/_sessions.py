"""When U.S. stocks trade; in: a moment or a year, out: whether a price of theirs can be of then, and the exchanges' holidays.

By the rules of the New York Stock Exchange: weekdays from 9:30 to 16:00 in New York, closed on ten holidays. A Saturday's holiday is
kept on Friday, except New Year's Day; a Sunday's on Monday. Days of mourning are not known here: they only lack a close.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["holidays", "in_session"]

_NEW_YORK = ZoneInfo("America/New_York")
_OPENS, _CLOSED = time(9, 30), time(16, 15)  # the closing auction is printed some minutes after four
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
_JUNETEENTH_SINCE = 2022


def in_session(moment: datetime) -> bool:
    """Whether U.S. stocks traded, or had just closed, at an aware moment."""
    local = moment.astimezone(_NEW_YORK)
    day = local.date()
    return day.weekday() < _SATURDAY and _OPENS <= local.time() <= _CLOSED and day not in holidays(day.year)


@lru_cache(maxsize=32)
def holidays(year: int) -> frozenset[date]:
    """The days of a year on which U.S. stock exchanges are closed by rule."""
    fixed = [date(year, 7, 4), date(year, 12, 25), *([date(year, 6, 19)] if year >= _JUNETEENTH_SINCE else [])]
    floating = [_nth(year, 1, _MONDAY, 3), _nth(year, 2, _MONDAY, 3), _last_monday_of_may(year), _nth(year, 9, _MONDAY, 1),
                _nth(year, 11, _THURSDAY, 4), _easter(year) - timedelta(days=2)]  # fmt: skip
    first = date(year, 1, 1)
    new_year = [] if first.weekday() == _SATURDAY else [_kept(first)]
    return frozenset([*map(_kept, fixed), *floating, *new_year])


def _kept(day: date) -> date:
    """The day on which a holiday of this date is kept."""
    return day + timedelta(days={_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, after Meeus, Jones and Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    w = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * w) // 451
    month, day = divmod(h + w - 7 * m + 114, 31)
    return date(year, month, day + 1)
