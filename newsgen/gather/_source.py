"""The kit of a source: what a source is, and strict reading of what it sends; in: bytes, out: Readings or an error of our tree.

A source has `requests` (what to ask) and a pure `parse` (what the answer means). Numbers arrive as numbers, as text, with signs and
suffixes, or as nothing; nothing is missing, never 0. Reads no clock and touches no network (`_http.py` does).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Literal

from newsgen.errors import BadPayload, GatherError, SourceRefused, SourceUnavailable
from newsgen.market import Completeness, Origin, Reading, SeriesKey, Unit, check_aware, iso

__all__ = [
    "Answer",
    "Endpoint",
    "Fields",
    "ForcedOrder",
    "Request",
    "Source",
    "Stream",
    "Terms",
    "each_once",
    "load_json",
    "number_of",
    "places",
    "refuse_wall",
    "said",
]

NOTHING = frozenset({"", ".", "-", "--", "\u2013", "\u2014", "n/d", "n/a", "na", "null", "none", "&nbsp;", "\xa0"})
FUTURE = timedelta(minutes=5)  # clocks differ; more than this ahead is a fault


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a source. `params` are public: the Fetcher adds the key, it never stands here."""

    endpoint: str
    params: Mapping[str, str] = field(default_factory=dict)
    cost: int = 1  # calls of the source's limit that it uses up


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of a source."""

    path: str  # may hold {params}
    gives: tuple[str, ...]  # series
    media: str = "json"
    fixed: Mapping[str, str] = field(default_factory=dict)  # query parameters that never change
    path_params: tuple[str, ...] = ()
    host: str = ""  # where it is not the source's base_url
    method: Literal["GET", "POST"] = "GET"  # a POST asks too: its parameters travel as a JSON object
    every_s: float = 20  # asked again no sooner: two editions of one minute share an answer, what changes hourly is asked for hourly
    moments: Mapping[str, tuple[float, str]] = field(default_factory=dict)  # query parameters that are a moment: see `moments_at`

    def is_due(self, answered_at: datetime | None, now: datetime) -> bool:
        """Whether to ask again; a twentieth too early is fine, else an hourly round would find it due every other hour."""
        return answered_at is None or (now - answered_at).total_seconds() >= self.every_s * 0.95

    def moments_at(self, now: datetime) -> dict[str, str]:
        """The parameters that say from when and until when, each so many seconds before the call: "s", "ms", or as strftime writes it.

        They are no params of a Request: a question must stay the same from round to round, else it would be due at once.
        """
        return {name: _stamp(now - timedelta(seconds=ago_s), form) for name, (ago_s, form) in self.moments.items()}


def _stamp(at: datetime, form: str) -> str:
    if form in ("s", "ms"):
        return str(int(at.timestamp()) * (1000 if form == "ms" else 1))
    return at.strftime(form)


Allows = Literal["yes", "no", "paid", "unstated"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the owner of a source allows and asks, and the day on which somebody here read it himself."""

    url: str
    read_on: str  # ISO date; "" as long as nobody has: then the rest is what others report
    note: str
    credit: str = ""  # the text that must stand where its figures are shown
    credit_url: str = ""  # and where it must lead
    commercial: Allows = "unstated"  # use by who earns money with it; paid: on a paid plan
    redistribution: Allows = "unstated"  # showing its figures to readers
    keep_days: int | None = None  # how long what it sent may be kept; None: nothing is said


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
    calls_a_day: int = 0  # 0: no such limit
    key_env: str = ""  # the environment variable that holds the key; "" when none is needed
    key_header: str = ""
    key_param: str = ""  # where the key travels in the query instead; the Fetcher keeps it out of every text
    key_optional: bool = False  # answers without a key too
    contact_needed: bool = False  # wants an address of a person in User-Agent, else it refuses
    mirrors: tuple[str, ...] = ()  # other hosts with the same data, asked when the first refuses this region
    page: str = ""  # where a reader can look
    statuses: Mapping[int, tuple[type[GatherError], str]] = field(default_factory=dict)  # HTTP statuses that mean something else here
    calls_left: Callable[[Mapping[str, str]], int | None] | None = None  # what the answer's headers (lower case) say is left
    stream: Stream | None = None
    requests_at: Callable[[Sequence[str], Sequence[str]], Sequence[Request]] | None = None  # exchanges, assets: of one that reaches many
    fetch: Callable[[Request, str], Awaitable[bytes]] | None = None  # instead of HTTP: a library that asks by itself; "" or another address


@dataclass(frozen=True, slots=True)
class ForcedOrder:
    """One liquidation as a venue streams it."""

    at: datetime
    asset: str
    side: Literal["long", "short"]  # the position that was closed
    usd: Decimal
    price: Decimal
    order: str  # the venue's own words that tell this order from any other: a frame may come twice


@dataclass(frozen=True, slots=True)
class Stream:
    """A websocket on which a venue tells its liquidations.

    `parse` gets one text frame and the moment it came; a frame that tells of no liquidation (a pong, a receipt) is an empty list, one that
    tells of a refusal raises SourceRefused.
    """

    url: str
    venue: str
    subscribe: Callable[[Sequence[str]], Sequence[str]]  # assets: the messages to send once connected
    parse: Callable[[str, datetime], list[ForcedOrder]]
    ping: str = ""  # a text that the venue wants to hear now and then, beside the protocol's own pings
    ping_every_s: float = 20.0
    throttled: bool = False  # the venue itself leaves orders out (one a second and contract): a lower bound even without a gap


@dataclass(frozen=True)
class Answer:
    """The bytes that answered a request, and what is needed to make readings of them."""

    source: str
    title: str
    request: Request
    body: bytes
    fetched_at: datetime
    page: str = ""

    @cached_property
    def sha256(self) -> str:
        """The digest of the bytes: once, not for each of ten thousand readings."""
        return hashlib.sha256(self.body).hexdigest()

    def origin(self, *, completeness: Completeness = Completeness.FINAL, label: str = "", url: str = "") -> Origin:
        return Origin(self.request.endpoint, self.title, url or self.page, self.sha256, completeness, label=label)

    @cached_property
    def _usual_origin(self) -> Origin:
        return self.origin()

    def bad(self, name: str, problem: str) -> BadPayload:
        return BadPayload(self.source, self.request.endpoint, name, problem, fetched_at=self.fetched_at)

    def reading(self, key: tuple[str, str, str, str], value: Decimal, unit: Unit, observed_at: datetime, *,
                known_at: datetime | None = None, field_name: str = "time", ahead: bool = False, **origin: Any) -> Reading:  # fmt: skip
        """A reading of this source; key is (series, subject, window, venue).

        A moment in the future is refused, unless it is `ahead`: an event of a calendar, an expiry.
        """
        if observed_at > self.fetched_at + FUTURE and not ahead:
            raise self.bad(field_name, f"{observed_at.isoformat()} lies after the fetch at {self.fetched_at.isoformat()}")
        series, subject, window, venue = key
        return Reading(SeriesKey(series, subject, window, self.source, venue), value, unit, observed_at,
                       known_at or self.fetched_at, self.origin(**origin) if origin else self._usual_origin)  # fmt: skip


def load_json(answer: Answer) -> Any:
    """The JSON of an answer, numbers exact; HTML, half a body or NaN is a BadPayload."""
    if answer.body[:200].lstrip().startswith(b"<"):
        raise answer.bad("body", "HTML where JSON belongs")
    try:
        return json.loads(answer.body, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError, InvalidOperation) as error:
        if b"too many requests" in answer.body[:200].lower():  # Yahoo says it as plain text
            raise SourceUnavailable(answer.source, answer.request.endpoint, "rate limit, as plain text",
                                    fetched_at=answer.fetched_at) from error  # fmt: skip
        raise answer.bad("body", f"no JSON: {error}") from error


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")


_WALLS = (b"just a moment", b"attention required", b"cf-chl", b"challenge-platform", b"captcha", b"enable javascript and cookies",
          b"access denied", b"consent.", b"guce.", b"collectconsent")  # fmt: skip


def refuse_wall(answer: Answer) -> None:
    """Tell a bot wall and a consent page apart from a page that changed: a person must act, no parser has to be mended.

    Raises:
        SourceRefused: The page is one.
    """
    page = answer.body[:50_000].lower()
    if any(mark in page for mark in _WALLS):
        raise SourceRefused(answer.source, answer.request.endpoint, "field body: a bot wall or a consent page where data belongs",
                            fetched_at=answer.fetched_at)  # fmt: skip


def said(value: Any) -> str:
    """What a source says of its own error, fit for one line of a log."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(value)[:400]).split())[:120]


def each_once(answer: Answer, readings: Iterable[Reading]) -> list[Reading]:
    """The readings without repetitions.

    Raises:
        BadPayload: One answer gives two values for the same moment.
    """
    found: dict[tuple[SeriesKey, datetime], Reading] = {}
    for reading in readings:
        first = found.setdefault((reading.key, reading.observed_at), reading)
        if first.value != reading.value:
            key, at = reading.key, iso(reading.observed_at)
            raise answer.bad(key.series, f"{key.subject} has two values for {at}: {first.value} and {reading.value}")
    return list(found.values())


_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,4})?", re.ASCII | re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_LARGEST, _SMALLEST = 24, -40  # powers of ten of a number that a market can have


def number_of(value: Any) -> Decimal | None:
    """A number as sources write it; None for nothing.

    "84936.99", "-0.7372%", "(95.1)", "1,234", "2.7e+15", 12. A suffix ("162K") and a decimal comma are refused: none of the sources
    writes them, and to guess costs a factor of a thousand.

    Raises:
        ValueError: It is neither a number nor nothing.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise ValueError(f"{_short(value)} is no number")
    if isinstance(value, str):
        text = value.strip()
        if text.lower() in NOTHING:
            return None
        number = _written(text)
    else:
        number = Decimal(value)
    if not number.is_finite() or (number and not _SMALLEST <= number.adjusted() < _LARGEST):
        raise ValueError(f"{_short(value)} is no usable number")
    return number


def _written(text: str) -> Decimal:
    """A number in text; brackets are a minus, and stand alone."""
    bracketed = text.startswith("(") and text.endswith(")")
    plain = (text[1:-1] if bracketed else text).rstrip("*").rstrip("%").strip().replace("\u2212", "-")
    if not (_PLAIN.fullmatch(plain) or _GROUPED.fullmatch(plain)) or (bracketed and plain[0] in "+-"):
        raise ValueError(f"{_short(text)} is no number")
    number = Decimal(plain.replace(",", ""))
    return -number if bracketed else number


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


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

    def names(self) -> Sequence[str]:
        """The members, where their names are data: pairs, instruments, currencies."""
        return tuple(self._value)

    def array(self, name: str, columns: Sequence[str]) -> Fields:
        """A list whose places have a meaning."""
        return places(self._answer, self.raw(name), self._name(name), columns)

    def arrays(self, name: str, columns: Sequence[str]) -> Sequence[Fields]:
        """A list of such lists."""
        return [places(self._answer, row, f"{self._name(name)}[{i}]", columns) for i, row in enumerate(self.list(name))]

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
        return self._positive(name, self.number(name))

    def optional_price(self, name: str) -> Decimal | None:
        """A number above zero, or None for nothing."""
        value = self.optional(name)
        return None if value is None else self._positive(name, value)

    def amount(self, name: str) -> Decimal:
        """A number of at least zero."""
        return self._not_negative(name, self.number(name))

    def optional_amount(self, name: str) -> Decimal | None:
        """A number of at least zero, or None for nothing."""
        value = self.optional(name)
        return None if value is None else self._not_negative(name, value)

    def _positive(self, name: str, value: Decimal) -> Decimal:
        if value <= 0:
            raise self.bad(name, f"a price cannot be {value}")
        return value

    def _not_negative(self, name: str, value: Decimal) -> Decimal:
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


def places(answer: Answer, row: Any, where: str, columns: Sequence[str]) -> Fields:
    """A list whose places have a meaning, as an object; more places than names are new ones and are ignored."""
    if not isinstance(row, list) or len(row) < len(columns):
        raise answer.bad(where, f"a list of {len(columns)} values or more belongs here")
    return Fields(answer, dict(zip(columns, row, strict=False)), where)


MS, SECONDS = Decimal("0.001"), Decimal(1)


def instant(answer: Answer, name: str, value: Decimal, unit_s: Decimal) -> datetime:
    """An instant from a number; one outside 2009 to 2100 has the wrong unit."""
    seconds = value * unit_s
    if not Decimal(1230768000) <= seconds < Decimal(4102444800):
        raise answer.bad(name, f"{value} is no instant in {'milliseconds' if unit_s == MS else 'seconds'}")
    return datetime.fromtimestamp(float(seconds), UTC)
