"""The kit of a source: what a source is, and strict reading of what it sends; in: bytes, out: Readings or an error of our tree.

A source has `requests` (what to ask) and a pure `parse` (what the answer means). Numbers arrive as numbers, as text, with signs and
suffixes, or as nothing; nothing is missing, never 0. Reads no clock and touches no network (`_http.py` does).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from newsgen.errors import BadPayload
from newsgen.market import Completeness, Origin, Reading, SeriesKey, Unit, check_aware

__all__ = ["Answer", "Endpoint", "Fields", "Request", "Source", "Terms", "load_json", "number_of"]

NOTHING = frozenset({"", ".", "-", "--", "n/d", "n/a", "na", "null", "none", "&nbsp;", "\xa0"})
FUTURE = timedelta(minutes=5)  # clocks differ; more than this ahead is a fault


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a source. `params` are public: keys travel in headers and never stand here."""

    endpoint: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of a source."""

    path: str  # may hold {params}
    gives: tuple[str, ...]  # series
    media: str = "json"
    fixed: Mapping[str, str] = field(default_factory=dict)  # query parameters that never change
    path_params: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What the owner of a source allows and asks, and the day it was read."""

    url: str
    read_on: str
    note: str
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A source: data and two functions."""

    name: str  # the module's name
    title: str  # as it is printed
    base_url: str
    endpoints: Mapping[str, Endpoint]
    requests: Callable[[Sequence[str]], Sequence[Request]]
    parse: Callable[[Answer], list[Reading]]
    calls: int  # allowed per `per_s` seconds
    per_s: float
    terms: Terms
    key_env: str = ""  # the environment variable that holds the key; "" when none is needed
    key_header: str = ""
    page: str = ""  # where a reader can look


@dataclass(frozen=True, slots=True)
class Answer:
    """The bytes that answered a request, and what is needed to make readings of them."""

    source: str
    title: str
    request: Request
    body: bytes
    fetched_at: datetime
    page: str = ""

    def origin(self, *, completeness: Completeness = Completeness.FINAL, label: str = "") -> Origin:
        return Origin(self.request.endpoint, self.title, self.page, hashlib.sha256(self.body).hexdigest(), completeness, label=label)

    def bad(self, name: str, problem: str) -> BadPayload:
        return BadPayload(self.source, self.request.endpoint, name, problem, fetched_at=self.fetched_at)

    def reading(self, key: tuple[str, str, str, str], value: Decimal, unit: Unit, observed_at: datetime, *,
                known_at: datetime | None = None, field_name: str = "time", **origin: Any) -> Reading:  # fmt: skip
        """A reading of this source; key is (series, subject, window, venue). A moment in the future is refused."""
        if observed_at > self.fetched_at + FUTURE:
            raise self.bad(field_name, f"{observed_at.isoformat()} lies after the fetch at {self.fetched_at.isoformat()}")
        series, subject, window, venue = key
        return Reading(SeriesKey(series, subject, window, self.source, venue), value, unit, observed_at,
                       known_at or self.fetched_at, self.origin(**origin))  # fmt: skip


def load_json(answer: Answer) -> Any:
    """The JSON of an answer, numbers exact; HTML, half a body or NaN is a BadPayload."""
    head = answer.body[:200].lstrip().lower()
    if head.startswith((b"<!doctype", b"<html", b"<")):
        raise answer.bad("body", "HTML where JSON belongs")
    try:
        return json.loads(answer.body, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise answer.bad("body", f"no JSON: {error}") from error


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def number_of(value: Any) -> Decimal | None:
    """A number as sources write it; None for nothing.

    "84936.99", "-0.7372%", "(95.1)", "1,234", "2.7e+15", 12; suffixes are for the caller.

    Raises:
        ValueError: It is neither a number nor nothing.
    """
    if value is None or isinstance(value, bool):
        if value is None:
            return None
        raise ValueError(f"{value} is no number")
    if isinstance(value, (Decimal, int)):
        number = Decimal(value)
    else:
        text = str(value).strip()
        if text.lower() in NOTHING:
            return None
        negative = text.startswith("(") and text.endswith(")")
        plain = text.strip("()").replace(",", "").rstrip("%*").strip()
        try:
            number = -Decimal(plain) if negative else Decimal(plain)
        except InvalidOperation:
            raise ValueError(f"{text!r} is no number") from None
    if not number.is_finite() or abs(number) > Decimal("1e24"):
        raise ValueError(f"{value} is no usable number")
    return number


class Fields:
    """Strict access to an object of a payload: a field that is needed must be there and of its type; errors name it."""

    def __init__(self, answer: Answer, value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise answer.bad(where, f"an object belongs here, not {type(value).__name__}")
        self._answer, self._value, self._where = answer, value, where

    def _name(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def bad(self, name: str, problem: str) -> BadPayload:
        """An error that names a field of this object."""
        return self._answer.bad(self._name(name), problem)

    def has(self, name: str) -> bool:
        return self._value.get(name) is not None

    def raw(self, name: str) -> Any:
        if name not in self._value:
            raise self.bad(name, "is missing")
        return self._value[name]

    def object(self, name: str) -> Fields:
        return Fields(self._answer, self.raw(name), self._name(name))

    def rows(self, name: str) -> list[Fields]:
        return [Fields(self._answer, row, f"{self._name(name)}[{i}]") for i, row in enumerate(self.list(name))]

    def list(self, name: str) -> list[Any]:
        value = self.raw(name)
        if not isinstance(value, list):
            raise self.bad(name, f"a list belongs here, not {type(value).__name__}")
        return value

    def text(self, name: str) -> str:
        value = self.raw(name)
        if not isinstance(value, str) or not value.strip():
            raise self.bad(name, "text belongs here")
        return value.strip()

    def optional(self, name: str) -> Decimal | None:
        """A number, or None for nothing."""
        try:
            return number_of(self.raw(name))
        except ValueError as error:
            raise self.bad(name, str(error)) from None

    def number(self, name: str) -> Decimal:
        value = self.optional(name)
        if value is None:
            raise self.bad(name, "holds nothing")
        return value

    def price(self, name: str) -> Decimal:
        """A number above zero."""
        value = self.number(name)
        if value <= 0:
            raise self.bad(name, f"a price cannot be {value}")
        return value

    def amount(self, name: str) -> Decimal:
        """A number of at least zero."""
        value = self.number(name)
        if value < 0:
            raise self.bad(name, f"an amount cannot be {value}")
        return value

    def moment(self, name: str, unit_s: Decimal) -> datetime:
        """An instant given as a number of seconds (unit 1) or milliseconds (unit 0.001)."""
        return instant(self._answer, self._name(name), self.number(name), unit_s)

    def iso_moment(self, name: str) -> datetime:
        try:
            return check_aware(datetime.fromisoformat(self.text(name)), name)
        except ValueError as error:
            raise self.bad(name, str(error)) from None


MS, SECONDS = Decimal("0.001"), Decimal(1)


def instant(answer: Answer, name: str, value: Decimal, unit_s: Decimal) -> datetime:
    """An instant from a number; one outside 2009 to 2100 has the wrong unit."""
    seconds = value * unit_s
    if not Decimal(1230768000) <= seconds < Decimal(4102444800):
        raise answer.bad(name, f"{value} is no instant in {'milliseconds' if unit_s == MS else 'seconds'}")
    return datetime.fromtimestamp(float(seconds), UTC)
