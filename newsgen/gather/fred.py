"""FRED of the St. Louis Fed: closes of US indices, yields, the dollar and oil, and the economy's series.

Host: api.stlouisfed.org, a free key in the query (api_key), nowhere else. Endpoint: /fred/series/observations, one series a call.
Limit: 120 a minute, two a second, enforced with 429. Terms: a notice must be shown; series of others (S&P, Nasdaq, Cboe) stay theirs.
Verified against a recorded answer of June 2024 and the documentation's examples of errors on 2026-11-25.

Diary:
- 2026-11-25 a value is text; "." is a day without one (a holiday), never 0. Newest first as we ask.
- 2026-11-25 the answer does not name its series: the request does. `units` must be lin, else a value is a change.
- 2026-11-25 a day comes a day late, DTWEXBGS up to a week: a value is known when it was fetched.
- 2026-11-25 DTWEXBGS is the Fed's broad dollar index, not the DXY. A barrel of DCOILWTICO was once below zero.
- 2026-11-25 a wrong key is a 400 like a wrong series. v1 writes error_code and error_message, v2 code and message.
- 2026-11-25 DFF has a value for weekends too. A month's value is dated the first of that month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather._source import Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_NEW_YORK = ZoneInfo("America/New_York")
_CLOSES: Mapping[str, tuple[str, Unit]] = {
    "SP500": ("SP500", Unit.INDEX),
    "NASDAQ100": ("NDX", Unit.INDEX),
    "NASDAQCOM": ("COMP", Unit.INDEX),
    "DJIA": ("DJI", Unit.INDEX),
    "VIXCLS": ("VIX", Unit.INDEX),
    "DTWEXBGS": ("USDBROAD", Unit.INDEX),
    "DGS10": ("US10Y", Unit.PCT),
    "T10Y2Y": ("US10Y2Y", Unit.POINTS),  # of two yields the difference
    "DFF": ("FEDFUNDS", Unit.PCT),
    "DCOILWTICO": ("WTI", Unit.USD),
}
_ECONOMY: Mapping[str, tuple[str, Unit]] = {
    "CPIAUCSL": ("CPI", Unit.INDEX),
    "CPILFESL": ("CORE_CPI", Unit.INDEX),
    "PCEPI": ("PCE", Unit.INDEX),
    "PCEPILFE": ("CORE_PCE", Unit.INDEX),
    "UNRATE": ("UNEMPLOYMENT", Unit.PCT),
}
_HIGHEST_RATE = Decimal(100)  # percent; the fed funds rate was above 20 once


def _observations(answer: Answer) -> list[Fields]:
    top = Fields(answer, load_json(answer), "")
    for code, words in (("error_code", "error_message"), ("code", "message")):
        if top.has(code):
            _raise(answer, str(top.raw(code)), said(top.raw(words)) if top.has(words) else "")
    if top.text("units") != "lin":
        raise top.bad("units", f"lin belongs here, not {said(top.raw('units'))}")
    return top.rows("observations")


def _raise(answer: Answer, code: str, message: str) -> None:
    error: type[GatherError] = SourceRefused
    if "api_key" in message.lower() or code in ("401", "403"):
        error = KeyRefused
    elif code == "429" or code.startswith("5"):
        error = SourceUnavailable
    raise error(answer.source, answer.request.endpoint, f"code {said(code)}: {message}", fetched_at=answer.fetched_at)


def _series(answer: Answer) -> Iterable[Reading]:
    economy = answer.request.endpoint == "economy"
    asked = answer.request.params.get("series_id", "")
    known = (_ECONOMY if economy else _CLOSES).get(asked)
    if known is None:
        raise answer.bad("request", f"series_id {asked!r} is not followed")
    subject, unit = known
    key = ("economy.value", subject, "", "") if economy else ("index.close", subject, "session", "")
    for row in _observations(answer):
        value = _value(row, unit)
        if value is not None:
            yield answer.reading(key, value, unit, _moment(row, economy), field_name="date")


def _value(row: Fields, unit: Unit) -> Decimal | None:
    """A day's value; None for nothing. An index is above zero; a spread, a yield and a barrel may be below."""
    value = row.optional_price("value") if unit is Unit.INDEX else row.optional("value")
    if value is not None and unit in (Unit.PCT, Unit.POINTS) and abs(value) >= _HIGHEST_RATE:
        raise row.bad("value", f"a rate cannot be {value}")
    return value


def _moment(row: Fields, economy: bool) -> datetime:
    """The close of a session in New York; of the economy the day that the value is for."""
    try:
        day = date.fromisoformat(row.text("date"))
    except ValueError:
        raise row.bad("date", "is no date") from None
    at = datetime.combine(day, time(0), UTC) if economy else datetime.combine(day, time(16), _NEW_YORK)
    return at.astimezone(UTC)


def _parse(answer: Answer) -> list[Reading]:
    return list(_series(answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    closes = [Request("observations", {"series_id": s, "limit": "10"}) for s in _CLOSES]
    return closes + [Request("economy", {"series_id": s, "limit": "14"}) for s in _ECONOMY]  # a year and its base


_FIXED = {"file_type": "json", "sort_order": "desc"}

SOURCE = Source(
    name="fred",
    title="FRED",
    base_url="https://api.stlouisfed.org",
    endpoints={
        "observations": Endpoint("/fred/series/observations", ("index.close",), fixed=_FIXED, every_s=3 * 3600),
        "economy": Endpoint("/fred/series/observations", ("economy.value",), fixed=_FIXED, every_s=6 * 3600),
    },
    requests=_requests,
    parse=_parse,
    calls=2,
    per_s=1.5,
    terms=Terms(
        "https://fred.stlouisfed.org/docs/api/terms_of_use.html",
        "",
        "others report: the notice must be shown; who owns a series decides on its use; keeping copies is not allowed without leave",
        "This product uses the FRED\u00ae API but is not endorsed or certified by the Federal Reserve Bank of St. Louis.",
        "https://fred.stlouisfed.org/docs/api/terms_of_use.html",
    ),
    key_env="FRED_API_KEY",
    key_param="api_key",
    page="https://fred.stlouisfed.org",
    statuses={400: (KeyRefused, "the key is not registered, or the series unknown")},
)
