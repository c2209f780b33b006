"""Units, values, moments and absence: what everything of the market is made of; in: Python's own values, out: the same, checked or as text.

No network, disk or clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Literal


class Unit(StrEnum):
    """What a value is measured in. Two values compare only if their units are equal."""

    USD = "usd"
    PCT = "pct"  # percent, 2.5 means 2.5 %
    POINTS = "points"  # percentage points
    COUNT = "count"
    COINS = "coins"
    INDEX = "index"  # points of an index
    RATIO = "ratio"
    DAYS = "days"
    DATE = "date"
    MOMENT = "moment"  # an instant, aware UTC
    TEXT = "text"
    FLAG = "flag"


class Completeness(StrEnum):
    """How final a value is. `restated`: history that holds the final value, not the one first printed."""

    FINAL = "final"
    PARTIAL = "partial"
    PRELIMINARY = "preliminary"
    RESTATED = "restated"


Bound = Literal["exact", "at_least"]
Value = Decimal | datetime | date | str | bool


def check_aware(moment: datetime, what: str) -> datetime:
    """Return the moment in UTC; a naive one is refused.

    Raises:
        ValueError: The moment has no zone; the message names `what`.
    """
    if moment.tzinfo is UTC:  # nearly all: what the archive gives has been through here before
        return moment
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{what} has no time zone: {moment.isoformat()} (write it as {moment.isoformat()}Z for UTC)")
    return moment.astimezone(UTC)


def parse_time(text: str, what: str = "time") -> datetime:
    """Read an ISO 8601 time with a zone; a naive or malformed one raises ValueError that names `what`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{what} is not an ISO 8601 time with a zone: {text!r} (2025-07-14T12:02:00Z)") from None
    return check_aware(moment, what)


def to_epoch(moment: datetime) -> int:
    """Whole seconds since 1970 of an aware moment."""
    return int(moment.timestamp())


@lru_cache(maxsize=4096)  # the same bar ends and closes come up for every series of a view
def from_epoch(seconds: int) -> datetime:
    """The aware UTC moment of whole seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


@lru_cache(maxsize=1024)  # most are as_of, in the reason of an absence
def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with Z, seconds precision."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def plain(value: Value | None) -> str | None:
    """A value as ARTICLE.json carries it: exact decimal without exponent, ISO time, ISO date, true/false."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no such value, and why. Never 0, never None."""

    reason: str

    def __bool__(self) -> bool:
        return False
