"""The kinds of value that newsgen.toml holds: durations, zones, cron lines, addresses, names; in: what the file says, out: it, checked.

Each error says what is wrong in one sentence and never repeats a value that may be a secret. Imports nothing slow.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BeforeValidator, Field

from newsgen.cron import read_cron
from newsgen.settings_file import nearest

__all__ = [
    "Asset", "CronLine", "Duration", "LimitText", "Line", "Name", "StreamAddress", "VariableName", "WebAddress", "Zone", "read_duration",
]  # fmt: skip

_DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST_S = 366 * 86_400


def read_duration(value: object) -> timedelta:
    """90s, 15m, 24h or 1d as a timedelta; ValueError says what is wrong."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    seconds = int(match.group(1)) * _SECONDS[match.group(2)] if match else 0
    if not 1 <= seconds <= _LONGEST_S:
        raise ValueError(f"{value!r} is no duration: write 90s, 15m, 24h or 1d")
    return timedelta(seconds=seconds)


def _zone(value: object) -> str:
    """A zone with its rules. "EST" and "Etc/GMT+5" are refused: the first has no summer time, the second means five hours behind."""
    name = str(value)
    known = name == "UTC" or ("/" in name and not name.startswith("Etc/"))
    try:
        if known:
            ZoneInfo(name)
            return name
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    cities = {z.rsplit("/", 1)[1].lower(): z for z in sorted(available_timezones()) if "/" in z and not z.startswith("Etc/")}
    city = cities.get(name.rsplit("/", 1)[-1].strip().lower().replace(" ", "_"))
    guess = f"did you mean {city}?" if city else nearest(name, sorted(cities.values())) or "write America/New_York or Europe/Berlin"
    raise ValueError(f"{value!r} is no time zone; {guess} (or UTC)")


def _cron(value: object) -> str:
    if value:
        read_cron(str(value))
    return str(value)


def _variable(value: object) -> str:
    if not (isinstance(value, str) and re.fullmatch(r"[A-Z][A-Z0-9_]{0,80}", value)):
        raise ValueError("is the name of an environment variable (NEWSGEN_CMS_SECRET), never the secret itself")
    return value


def _limit(value: object) -> str:
    """A limit as exact text; TOML's numbers arrive as int and Decimal."""
    try:
        number = None if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise ValueError("a limit is a number")
    return format(number, "f")


def _web_address(value: object) -> str:
    """http or https, with a host, without user, password and fragment; the text is not repeated, it may hold a token."""
    text = str(value)
    if not text:
        return text
    if " " in text or not text.isprintable():
        raise ValueError("is no web address: it holds a blank or a control character")
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError("is no web address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise ValueError("is no web address: write https://host/path")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("holds a user, a password or a fragment: an address has none of them")
    return text


def _stream_address(value: object) -> str:
    text = str(value)
    if not text.startswith(("ws://", "wss://")):
        raise ValueError("is no address of a stream: write wss://host/path")
    _web_address(text.replace("ws", "http", 1))
    return text


def _one_line(value: object) -> str:
    """Text as every target prints it: one line, without characters that a publisher takes out."""
    text = " ".join(str(value).split())
    if not text or not text.isprintable():
        raise ValueError("is a text of one line without control characters")
    return text


Duration = Annotated[timedelta, BeforeValidator(read_duration)]
Zone = Annotated[str, BeforeValidator(_zone)]
CronLine = Annotated[str, BeforeValidator(_cron)]
VariableName = Annotated[str, BeforeValidator(_variable)]
LimitText = Annotated[str, BeforeValidator(_limit)]
WebAddress = Annotated[str, BeforeValidator(_web_address)]
StreamAddress = Annotated[str, BeforeValidator(_stream_address)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]
Asset = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,12}$")]
Line = Annotated[str, BeforeValidator(_one_line)]
