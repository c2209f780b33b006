"""When a row of a history file was true and when anyone could know it; in: its date or time as text, out: two epoch seconds.

The rules are those of the history README's table "known_at on import". Dates and times are read strictly: a time without Z would be
taken for the local zone of the machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["Moments", "Rule", "announced", "bar", "day_bar", "early_morning", "fixing", "next_weekday", "session", "session_flows", "stamp",
           "week_later"]  # fmt: skip

Moments = tuple[int, int]  # observed_at, known_at
Rule = Callable[[str], Moments]  # raises ValueError: no such date or time

_DAY_S = 86_400
_QUARTER_S = 900
_1970 = date(1970, 1, 1).toordinal()
_NEW_YORK = ZoneInfo("America/New_York")
_LONDON = ZoneInfo("Europe/London")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_CACHED = 8192  # days and bars that many files share


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError(f"no date as 2025-07-14: {text!r}")
    return date.fromisoformat(text)


def _time(text: str) -> int:
    if not _TIME.fullmatch(text):
        raise ValueError(f"no UTC time as 2025-07-14T12:00:00Z: {text!r}")
    return int(datetime.fromisoformat(text).timestamp())


@lru_cache(_CACHED)
def _midnight(text: str) -> int:
    """The start of a UTC day. By day numbers, since an aware datetime takes three times as long and history has many days."""
    return (_date(text).toordinal() - _1970) * _DAY_S


@lru_cache(_CACHED)
def _afternoon(day: date) -> int:
    """16:00 of a day in New York. No clock there changes in an afternoon, so 16:15 is 900 seconds later."""
    return _local(day, time(16), _NEW_YORK)


def _local(day: date, at: time, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, at, zone).timestamp())


@lru_cache(_CACHED)
def day_bar(text: str) -> Moments:
    """A UTC day: true and known at its end, 24:00."""
    end = _midnight(text) + _DAY_S
    return end, end


def bar(hours: int) -> Rule:
    """A bar named by its start: true and known at its end; a start off the grid is refused."""
    clock = {f"T{hour:02}:00:00Z": (hour + hours) * 3600 for hour in range(0, 24, hours)}  # start to end, in seconds of the day

    @lru_cache(_CACHED)
    def moments(text: str) -> Moments:
        if text[10:] not in clock:
            _time(text)  # says what is wrong where it is no time at all
            raise ValueError(f"no start of a {hours}-hour bar: {text!r}")
        end = _midnight(text[:10]) + clock[text[10:]]
        return end, end

    return moments


@lru_cache(_CACHED)
def session_flows(text: str) -> Moments:
    """Fund flows of a New York session: true at 16:00 there, known the day after at 06:00 UTC."""
    return _afternoon(_date(text)), _midnight(text) + 30 * 3600


@lru_cache(_CACHED)
def session(text: str) -> Moments:
    """A close of a New York session: true at 16:00 there, known at 16:15."""
    close = _afternoon(_date(text))
    return close, close + _QUARTER_S


@lru_cache(_CACHED)
def next_weekday(text: str) -> Moments:
    """Yields and oil: true at 16:00 New York, known on the next weekday at 16:15."""
    day = _date(text)
    later = day + timedelta(days=1 if day.weekday() < 4 else 7 - day.weekday())
    return _afternoon(day), _afternoon(later) + _QUARTER_S


@lru_cache(_CACHED)
def week_later(text: str) -> Moments:
    """The broad dollar index: true at 16:00 New York, known seven days later at 16:15."""
    day = _date(text)
    return _afternoon(day), _afternoon(day + timedelta(days=7)) + _QUARTER_S


@lru_cache(_CACHED)
def fixing(text: str) -> Moments:
    """The LBMA's afternoon price of gold: set at 15:00 London, known at 16:00."""
    day = _date(text)
    return _local(day, time(15), _LONDON), _local(day, time(16), _LONDON)


@lru_cache(_CACHED)
def early_morning(text: str) -> Moments:
    """Fear and greed of a day is published as the day begins: true at 00:00 UTC, known at 00:10."""
    start = _midnight(text)
    return start, start + 600


@lru_cache(_CACHED)
def announced(text: str) -> Moments:
    """A company's announcement: 08:00 New York (an assumption of the history README)."""
    at = _local(_date(text), time(8), _NEW_YORK)
    return at, at


def stamp(text: str) -> Moments:
    """A moment as it stands. Of a bare date the hour is unknown: true by the last second of that day, known when it is over."""
    if "T" not in text:
        end, _ = day_bar(text)
        return end - 1, end
    at = _time(text)
    return at, at
