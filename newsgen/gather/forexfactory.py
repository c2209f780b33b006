"""Forex Factory: the economic calendar of the week, with importance, forecasts and previous values.

Host: nfs.faireconomy.media, no key. Endpoint: /ff_calendar_thisweek.json. Limit: two fetches in five minutes, then an HTML page "Request
Denied" with HTTP 200; once an hour is plenty. Terms: no document was found. Verified against recorded rows of April 2025 on 2026-11-25.

Diary:
- 2026-11-25 times are ISO with New York's offset; country is a currency's code, or "All".
- 2026-11-25 impact is High, Medium, Low, Holiday or Non-Economic; the last two are no releases and are left out.
- 2026-11-25 the feed has no results (no `actual`), only forecast and previous, as text with %, K, M, B; "" is nothing.
- 2026-11-25 bond auctions write yield and cover in one field, "2.92|2.1": the yield is the value.
- 2026-11-25 the names tell m/m from y/y; a name and a moment that come twice are left out.
- 2026-11-25 it covers the week that began on Sunday: at its end little lies ahead.
"""

from __future__ import annotations

from collections.abc import Sequence

from newsgen.errors import SourceUnavailable
from newsgen.gather._calendar import Event, plain, readings_of
from newsgen.gather._source import Answer, Endpoint, Fields, Request, Source, Terms, load_json, refuse_wall
from newsgen.market import Reading

__all__ = ["SOURCE"]

_IMPORTANCE = {"High": 3, "Medium": 2, "Low": 1}
_NO_RELEASES = ("Holiday", "Non-Economic")


def _events(answer: Answer) -> list[Event]:
    if b"request denied" in answer.body[:5000].lower():
        raise SourceUnavailable(answer.source, answer.request.endpoint, "rate limit, as a page: Request Denied",
                                fetched_at=answer.fetched_at)  # fmt: skip
    if answer.body.lstrip().startswith(b"<"):
        refuse_wall(answer)
    body = load_json(answer)
    if not isinstance(body, list):
        raise answer.bad("body", "a list of events belongs here")
    found = (_event(Fields(answer, item, f"[{i}]")) for i, item in enumerate(body))
    return [event for event in found if event is not None]


def _event(row: Fields) -> Event | None:
    impact = row.text("impact")
    subject, at = f"{plain(row.text('country'))} {plain(row.text('title'))}", row.iso_moment("date")
    if impact in _NO_RELEASES:
        return None
    if impact not in _IMPORTANCE:
        raise row.bad("impact", f"{plain(impact)!r} is not known")
    return Event(row, subject, at, _IMPORTANCE[impact], impact)


def _parse(answer: Answer) -> list[Reading]:
    return list(readings_of(answer, _events(answer), {"forecast": "forecast", "previous": "previous"}))


def _requests(assets: Sequence[str]) -> list[Request]:
    return [Request("this_week")]


SOURCE = Source(
    name="forexfactory",
    title="Forex Factory",
    base_url="https://nfs.faireconomy.media",
    endpoints={
        "this_week": Endpoint(
            "/ff_calendar_thisweek.json", ("calendar.importance", "calendar.forecast", "calendar.previous"), every_s=3600
        )
    },
    requests=_requests,
    parse=_parse,
    calls=2,
    per_s=300.0,
    terms=Terms("https://www.forexfactory.com/notices", "", "a feed for calendars of one's own; nothing was found on use by others"),
    page="https://www.forexfactory.com/calendar",
)  # fmt: skip
