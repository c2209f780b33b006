"""Stooq: closes of US stock indices, and running quotes of these, the ten-year yield and gold, as CSV; the fallback of Yahoo.

Host: stooq.com; quotes without a key, the history with one since 2026 (free, behind a captcha). Endpoints: /q/l/ (light quotes), /q/d/l/
(daily bars). Limit: so many hits a day, how many is not said: few calls. Terms: not stated where we looked. Verified against a recorded
quote of March 2026 and test data of May 2026, the history against other projects' test data only, on 2026-11-25.

Diary:
- 2026-11-25 with h= there is a header, ISO dates and times; without f= and h= none, compact dates and times, a trailing comma.
- 2026-11-25 dates and times are those of Warsaw: a US session ends at 22:00 there, for some weeks of the year at 21:00.
- 2026-11-25 a symbol without data is a row of N/D with HTTP 200; the history says "No data", and "Exceeded the daily hits limit".
- 2026-11-25 the light quote has no previous close; its last price is the session's close only once the session is over.
- 2026-11-25 since March 2026 the history tells programs without a key to "Get your apikey"; in July 2026 it was seen to answer with a page
  that has the browser work out a proof, HTTP 200: a refusal, not a table.
- 2026-11-25 dx.f is the future on the dollar index, not the index, and is not read; at what hour the daily bars of gold and yields end is
  not said, so they have no close here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather._source import FUTURE, Answer, Endpoint, Fields, Request, Source, Terms, refuse_wall
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_INDICES: Mapping[str, str] = {"^SPX": "SP500", "^NDX": "NDX", "^NDQ": "COMP", "^DJI": "DJI"}  # the composite is ^NDQ, the hundred ^NDX
SUBJECTS: Mapping[str, tuple[str, Unit]] = {
    **{symbol: (subject, Unit.INDEX) for symbol, subject in _INDICES.items()},
    "10USY.B": ("US10Y", Unit.PCT),
    "XAUUSD": ("GOLD", Unit.USD),
}
_QUOTE = ("Symbol", "Date", "Time", "Open", "High", "Low", "Close", "Volume")
_BAR = ("Date", "Open", "High", "Low", "Close")  # an index may lack its volume
_WARSAW, _NEW_YORK = ZoneInfo("Europe/Warsaw"), ZoneInfo("America/New_York")
_DELAY = timedelta(minutes=30)  # of a free quote, at most
_HIGHEST_YIELD = Decimal(20)
_SAYS: tuple[tuple[str, type[GatherError], str], ...] = (
    ("daily hits limit", SourceUnavailable, "the day's hits are used up"),
    ("apikey", KeyRefused, "wants a key for this (STOOQ_API_KEY)"),
    ("no data", SourceRefused, "has no data for this symbol"),
)


def _lines(answer: Answer) -> list[list[str]]:
    """The cells of the table, row by row; what is said instead of a table is an error."""
    try:
        text = answer.body.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise answer.bad("body", f"no text: {error.reason}") from error
    _refuse_words(answer, text)
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(text.splitlines()) if row]
    except csv.Error as error:
        raise answer.bad("body", f"no CSV: {error}") from error


def _refuse_words(answer: Answer, text: str) -> None:
    where = answer.source, answer.request.endpoint
    for mark, error, words in _SAYS:
        if mark in text[:2000].lower():
            raise error(*where, words, fetched_at=answer.fetched_at)
    refuse_wall(answer)
    if text.startswith("<"):
        raise SourceRefused(*where, "field body: a page for browsers where data belongs", fetched_at=answer.fetched_at)


def _quotes(answer: Answer) -> Iterable[Reading]:
    lines = _lines(answer)
    header = tuple(lines[0]) if lines and lines[0][0] == "Symbol" else None
    if header is not None and header[: len(_QUOTE)] != _QUOTE:
        raise answer.bad("header", f"{', '.join(_QUOTE)} belong here")
    rows = [_row(answer, _QUOTE, cells, i) for i, cells in enumerate(lines[1:] if header else lines, start=1)]
    if not rows:
        raise answer.bad("body", "holds no quote")
    if all(row.optional("Close") is None for row in rows):
        raise SourceRefused(answer.source, answer.request.endpoint, "has no data for any symbol asked for", fetched_at=answer.fetched_at)
    for row in rows:
        yield from _quote(answer, row)


def _row(answer: Answer, names: Sequence[str], cells: Sequence[str], i: int) -> Fields:
    if len(cells) < len(names):
        raise answer.bad(f"row {i}", f"{len(cells)} values where {', '.join(names)} belong")
    return Fields(answer, dict(zip(names, cells, strict=False)), f"row {i}")


def _quote(answer: Answer, row: Fields) -> Iterable[Reading]:
    """The last price of one symbol, and the close of its session when that is over."""
    symbol = row.text("Symbol").upper()
    value = _price(row)
    if value is None:
        return
    if symbol not in SUBJECTS:
        raise row.bad("Symbol", f"{symbol[:20]} is not followed")
    (subject, unit), at = SUBJECTS[symbol], _moment(row)
    if at > answer.fetched_at + FUTURE:
        raise row.bad("Time", f"{at.isoformat()} lies after the fetch at {answer.fetched_at.isoformat()}")
    if unit is Unit.PCT and value > _HIGHEST_YIELD:
        raise row.bad("Close", f"a yield cannot be {value}")
    close = _close_of(at.astimezone(_NEW_YORK).date())
    if symbol in _INDICES and at >= close:
        if close + _DELAY <= answer.fetched_at:
            yield answer.reading(("index.close", subject, "session", ""), value, unit, close)
        return
    yield answer.reading(("index.last", subject, "", ""), value, unit, at)


def _price(row: Fields) -> Decimal | None:
    """The last price within high and low; None where the row has no data."""
    value, high, low = (row.optional_price(name) for name in ("Close", "High", "Low"))
    if value is not None and high is not None and low is not None and not low <= value <= high:
        raise row.bad("Close", f"{value} lies outside {low} to {high}")
    return value


def _moment(row: Fields) -> datetime:
    day, clock = row.text("Date").replace("-", ""), row.text("Time").replace(":", "")
    try:
        naive = datetime.strptime(f"{day} {clock}", "%Y%m%d %H%M%S")  # noqa: DTZ007 - the zone comes next
    except ValueError:
        raise row.bad("Time", f"{day[:12]} {clock[:12]} is no date and time") from None
    return naive.replace(tzinfo=_WARSAW).astimezone(UTC)


def _close_of(session: date) -> datetime:
    return datetime.combine(session, time(16), _NEW_YORK).astimezone(UTC)


def _history(answer: Answer) -> Iterable[Reading]:
    subject = _INDICES.get(answer.request.params.get("s", "").upper())
    if subject is None:
        raise answer.bad("request", "s names no index whose close is followed")
    lines = _lines(answer)
    if not lines or tuple(lines[0][: len(_BAR)]) != _BAR:
        raise answer.bad("header", f"{', '.join(_BAR)} belong here")
    for i, cells in enumerate(lines[1:], start=1):
        row = _row(answer, _BAR, cells, i)
        at, value = _close_of(_day(row)), _bar(row)
        if at.date() > answer.fetched_at.date() + timedelta(days=1):
            raise row.bad("Date", "lies after the fetch")
        if value is not None and at + _DELAY <= answer.fetched_at:  # else the session in progress
            yield answer.reading(("index.close", subject, "session", ""), value, Unit.INDEX, at)


def _day(row: Fields) -> date:
    try:
        return date.fromisoformat(row.text("Date"))
    except ValueError:
        raise row.bad("Date", "is no date") from None


def _bar(row: Fields) -> Decimal | None:
    """The close of a bar that its high and low span; None where there is none."""
    first, value, high, low = (row.optional_price(name) for name in ("Open", "Close", "High", "Low"))
    inside = [v for v in (first, value) if v is not None]
    if inside and high is not None and low is not None and not low <= min(inside) <= max(inside) <= high:
        raise row.bad("High", f"high {high} and low {low} do not span open and close")
    return value


_PARSERS = {"quote": _quotes, "history": _history}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    quotes = Request("quote", {"s": " ".join(s.lower() for s in SUBJECTS)})  # the blank travels as the + that stands between symbols
    return [quotes, *(Request("history", {"s": s.lower()}) for s in _INDICES)]


SOURCE = Source(
    name="stooq",
    title="Stooq",
    base_url="https://stooq.com",
    endpoints={
        "quote": Endpoint(
            "/q/l/", ("index.last", "index.close"), media="csv", fixed={"f": "sd2t2ohlcv", "h": "", "e": "csv"}, every_s=1800
        ),
        "history": Endpoint(
            "/q/d/l/", ("index.close",), media="csv", fixed={"i": "d"}, every_s=43_200,
            moments={"d1": (30 * 86_400, "%Y%m%d"), "d2": (0, "%Y%m%d")},
        ),
    },
    requests=_requests,
    parse=_parse,
    calls=1,
    per_s=2.0,
    calls_a_day=80,
    terms=Terms("https://stooq.com", "", "a limit of hits a day; no terms of use were found: ask before publishing for money", "Stooq",
                "https://stooq.com"),
    key_env="STOOQ_API_KEY",
    key_param="apikey",
    key_optional=True,
    page="https://stooq.com",
)  # fmt: skip
