"""A cron line as people write it; in: five fields of text, out: Cron with every value spelled out, or what is wrong in one sentence.

Weekdays count as cron counts them (0 and 7 are Sunday). APScheduler counts from Monday, so "1-5" given to it as it stands would run
Tuesday to Saturday; it gets names instead. Knows no zone and no clock.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Cron", "read_cron"]

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}  # days of the shorter months


@dataclass(frozen=True, slots=True)
class Cron:
    """What a cron line means. Units: minutes 0-59, hours 0-23, days 1-31, months 1-12, weekdays by name."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[str, ...]

    @property
    def hourly(self) -> bool:
        """Whether it runs in every hour: then an hour that the clocks repeat is an hour like any other."""
        return len(self.hours) == 24


def read_cron(text: str) -> Cron:
    """Read minute, hour, day of month, month, weekday: *, 5, 1-5, 1,15, */10, mon-fri.

    Raises:
        ValueError: Says which field and why.
    """
    fields = text.lower().split()
    if len(fields) != 5:
        raise ValueError(f"{text!r} has {len(fields)} fields, not five (minute hour day month weekday)")
    minutes = _values("minute", fields[0], 0, 59)
    hours = _values("hour", fields[1], 0, 23)
    days = _values("day of month", fields[2], 1, 31)
    months = _values("month", fields[3], 1, 12, {name: i for i, name in enumerate(MONTHS, 1)})
    weekdays = {n % 7 for n in _values("weekday", fields[4], 0, 7, {name: i for i, name in enumerate(WEEKDAYS)})}
    if len(days) < 31 and len(weekdays) < 7:  # cron takes either, APScheduler takes both
        raise ValueError(f"{text!r} names days of the month and weekdays, which programs read differently: write two editions")
    if all(days[0] > _LONGEST.get(month, 31) for month in months):
        raise ValueError(f"{text!r} names a day that its months do not have")
    return Cron(minutes, hours, days, months, tuple(WEEKDAYS[n] for n in sorted(weekdays)))


def _values(field: str, text: str, low: int, high: int, names: dict[str, int] | None = None) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.split(","):
        found.update(_part(field, part, low, high, names or {}))
    return tuple(sorted(found))


def _part(field: str, part: str, low: int, high: int, names: dict[str, int]) -> range:
    span, slash, step_text = part.partition("/")
    step = _number(field, step_text, 1, high - low, {}) if slash else 1
    if span == "*":
        return range(low, high + 1, step)
    first_text, dash, last_text = span.partition("-")
    first = _number(field, first_text, low, high, names)
    last = _number(field, last_text, low, high, names) if dash else (high if slash else first)
    if dash and field == "weekday" and last == 0:
        last = 7  # sat-sun
    if last < first:
        raise ValueError(f"{field} {span!r} runs backwards")
    return range(first, last + 1, step)


def _number(field: str, text: str, low: int, high: int, names: dict[str, int]) -> int:
    if text in names:
        return names[text]
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{field} {text!r} is no number" + (f" and none of {', '.join(names)}" if names else ""))
    if not low <= int(text) <= high:
        raise ValueError(f"{field} {text} is not within {low} to {high}")
    return int(text)
