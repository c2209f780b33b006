"""Nasdaq: the economic calendar of a day, with results, consensus and previous values.

Host: api.nasdaq.com, no key; a browser-like User-Agent is needed. Endpoint: /api/calendar/economicevents?date=YYYY-MM-DD. Limit: none is
documented; twice an hour is plenty. Terms: of the website. Verified against a recorded answer of September 2026 (for 29 October 2026) on
2026-11-25.

Diary:
- 2026-11-25 the column `gmt` holds the time in New York (the Fed's decision at 14:00), not in Greenwich. `asOf` is the day of the fetch.
- 2026-11-25 nothing is "&nbsp;" or a blank; names carry entities too.
- 2026-11-25 names come twice, once for m/m and once for y/y, and nothing tells which: both are left out, even where their numbers agree.
- 2026-11-25 there is no importance. Events without a time ("All Day", "24H", "Tentative") are left out.
- 2026-11-25 others counted 248 days: no CPI, no PPI and few payrolls are in them. What is not listed here may be due all the same.
- 2026-11-25 the address has no default for the day, and the answer does not name it: it is asked by the date five hours behind UTC, which
  in summer is yesterday's for the first hour of the day.
- 2026-11-25 a wrong date is HTTP 200 with status.rCode 400 and no data; on days without events `rows` is null.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newsgen.errors import SourceRefused, SourceUnavailable
from newsgen.gather._calendar import Event, plain, readings_of
from newsgen.gather._source import NOTHING, Answer, Endpoint, Fields, Request, Source, Terms, load_json, refuse_wall, said
from newsgen.market import Reading

__all__ = ["SOURCE"]

_NEW_YORK = ZoneInfo("America/New_York")
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_TIMELESS = frozenset({"all day", "24h", "tentative"})
_AGO_S = {"today": 5 * 3600.0, "tomorrow": -19 * 3600.0}  # from now to a moment whose UTC date is that day in New York
_STRADDLE = time(0, 2)
_COLUMNS = {"actual": "actual", "forecast": "consensus", "previous": "previous"}


def _rows(answer: Answer) -> list[Fields]:
    if answer.body.lstrip().startswith(b"<"):
        refuse_wall(answer)
    top = Fields(answer, load_json(answer), "")
    status = top.object("status")
    code = status.number("rCode")
    if code != 200:
        error = SourceUnavailable if code == 429 or code >= 500 else SourceRefused
        raise error(answer.source, answer.request.endpoint, f"rCode {code}: {said(status.raw('bCodeMessage'))}",
                    fetched_at=answer.fetched_at)  # fmt: skip
    data = top.object("data")
    return [] if data.raw("rows") is None else data.rows("rows")


def _day(answer: Answer) -> date:
    """The day that was asked for: the answer does not name it."""
    asked = answer.request.params.get("date")
    if asked is None:
        day = answer.fetched_at - timedelta(seconds=_AGO_S[answer.request.endpoint])
        if day.time() < _STRADDLE:  # asked before the day changed, answered after it?
            raise SourceUnavailable(answer.source, answer.request.endpoint, "asked while the day changed", fetched_at=answer.fetched_at)
        return day.date()
    try:
        return date.fromisoformat(asked)
    except ValueError:
        raise answer.bad("request", f"{said(asked)!r} is no date") from None


def _events(answer: Answer) -> list[Event]:
    day = _day(answer)
    found = ((row, _at(row, day)) for row in _rows(answer))
    return [Event(row, f"{plain(row.text('country'))} {plain(row.text('eventName'))}", at) for row, at in found if at is not None]


def _at(row: Fields, day: date) -> datetime | None:
    """When an event is due; None where only its day is known."""
    text = row.raw("gmt")
    words = plain(text).lower() if isinstance(text, str) else None
    if text is None or (words is not None and (words in NOTHING or words in _TIMELESS)):
        return None
    found = _TIME.fullmatch(words or "")
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise row.bad("gmt", f"{said(text)!r} is no time of a day")
    return datetime.combine(day, time(int(found[1]), int(found[2])), _NEW_YORK).astimezone(UTC)


def _parse(answer: Answer) -> list[Reading]:
    return list(readings_of(answer, _events(answer), _COLUMNS))


def _requests(assets: Sequence[str]) -> list[Request]:
    return [Request(name) for name in _AGO_S]


SOURCE = Source(
    name="nasdaq",
    title="Nasdaq",
    base_url="https://api.nasdaq.com",
    endpoints={
        name: Endpoint(
            "/api/calendar/economicevents", ("calendar.actual", "calendar.forecast", "calendar.previous"),
            every_s=1800, moments={"date": (ago_s, "%Y-%m-%d")},
        )
        for name, ago_s in _AGO_S.items()
    },
    requests=_requests,
    parse=_parse,
    calls=10,
    per_s=60.0,
    terms=Terms(
        "https://www.nasdaq.com/legal", "", "an address of the website, no product; others report: personal use, not commercial, not kept",
        commercial="no",
    ),
    page="https://www.nasdaq.com/market-activity/economic-calendar",
)  # fmt: skip
