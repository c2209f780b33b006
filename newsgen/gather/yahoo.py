"""Yahoo chart: closes of indices, futures and shares per session.

Host: query1.finance.yahoo.com/v8/finance/chart, no key, unofficial; a User-Agent is needed. No documented limit: a few calls an hour.
Verified against recorded answers on 2026-11-24. Terms: personal use; check before publishing commercially.

Diary:
- 2026-11-24 chartPreviousClose is the close before the range that was asked, not yesterday's: it is not read.
- 2026-11-24 closes can be null; the last bar may be the running one and double the day.
- 2026-11-24 ^TNX is sometimes ten times the yield: brought into 0 to 20.
- 2026-11-24 no `timestamp` on days without trades. 429 comes as plain text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsgen.errors import SourceRefused
from newsgen.gather._source import SECONDS, Answer, Endpoint, Fields, Request, Source, Terms, instant, load_json, number_of
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

SUBJECTS: Mapping[str, tuple[str, Unit]] = {
    "^GSPC": ("SP500", Unit.INDEX),
    "^NDX": ("NDX", Unit.INDEX),
    "^IXIC": ("COMP", Unit.INDEX),
    "^DJI": ("DJI", Unit.INDEX),
    "DX-Y.NYB": ("DXY", Unit.INDEX),
    "GC=F": ("GOLD", Unit.USD),
    "^TNX": ("US10Y", Unit.PCT),
    "^VIX": ("VIX", Unit.INDEX),
}


def _result(answer: Answer) -> Fields:
    top = Fields(answer, load_json(answer), "")
    kind = "chart" if top.has("chart") else "quoteSummary" if top.has("quoteSummary") else "chart"
    chart = top.object(kind)
    if chart.has("error"):
        error = chart.object("error")
        raise SourceRefused(answer.source, answer.request.endpoint, f"{error.text('code')}: {error.text('description')[:120]}",
                            fetched_at=answer.fetched_at)  # fmt: skip
    rows = chart.rows("result")
    if not rows:
        raise answer.bad(f"{kind}.result", "is empty")
    return rows[0]


def _chart(answer: Answer) -> Iterable[Reading]:
    result = _result(answer)
    meta = result.object("meta")
    symbol = meta.text("symbol")
    subject, unit = SUBJECTS.get(symbol, (symbol, Unit.USD))
    if not result.has("timestamp"):
        return
    stamps = result.list("timestamp")
    quotes = result.object("indicators").rows("quote")
    closes = quotes[0].list("close") if quotes else []
    if len(closes) != len(stamps):
        raise answer.bad("indicators.quote[0].close", f"{len(closes)} closes for {len(stamps)} timestamps")
    sessions = _sessions(answer, meta)
    for day, (at, value) in _closed(answer, stamps, closes, sessions).items():
        if value <= 0:
            raise answer.bad("indicators.quote[0].close", f"a close cannot be {value} ({day})")
        shown = value / 10 if subject == "US10Y" and value > 20 else value
        yield answer.reading(("index.close", subject, "session", ""), shown, unit, at)


def _sessions(answer: Answer, meta: Fields) -> tuple[timedelta, ZoneInfo]:
    """How long after a bar's start the session closes, and the exchange's zone."""
    try:
        zone = ZoneInfo(meta.text("exchangeTimezoneName"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise meta.bad("exchangeTimezoneName", "names no time zone") from None
    regular = meta.object("currentTradingPeriod").object("regular")
    length = regular.moment("end", SECONDS) - regular.moment("start", SECONDS)
    if not timedelta(0) <= length <= timedelta(hours=24):
        raise regular.bad("end", "a session cannot be so long")
    return length or timedelta(hours=24), zone


def _closed(answer: Answer, stamps: Sequence[object], closes: Sequence[object],
            sessions: tuple[timedelta, ZoneInfo]) -> dict[str, tuple[datetime, Decimal]]:  # fmt: skip
    """Close per exchange day of the sessions that have ended; the first bar of a day counts, a later one is the running quote."""
    length, zone = sessions
    found: dict[str, tuple[datetime, Decimal]] = {}
    seen: set[str] = set()
    for i, (stamp, close) in enumerate(zip(stamps, closes, strict=True)):
        try:
            number, value = number_of(stamp), number_of(close)
        except ValueError as error:
            raise answer.bad(f"timestamp[{i}]", str(error)) from None
        if number is None:
            raise answer.bad(f"timestamp[{i}]", "holds nothing")
        start = instant(answer, f"timestamp[{i}]", number, SECONDS)
        day = start.astimezone(zone).date().isoformat()
        end = start + length
        if value is None or day in seen or end > answer.fetched_at:
            seen.add(day)
            if start > answer.fetched_at + timedelta(minutes=5):
                raise answer.bad(f"timestamp[{i}]", "lies after the fetch")
            continue
        seen.add(day)
        found[day] = (end, value)
    return found


def _parse(answer: Answer) -> list[Reading]:
    return list(_chart(answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    return [Request("chart", {"symbol": s}) for s in ("^GSPC", "^NDX", "^VIX", "DX-Y.NYB", "GC=F", "^TNX")]


SOURCE = Source(
    name="yahoo",
    title="Yahoo Finance",
    base_url="https://query1.finance.yahoo.com",
    endpoints={
        "chart": Endpoint("/v8/finance/chart/{symbol}", ("index.close",), fixed={"range": "1mo", "interval": "1d"}, path_params=("symbol",))
    },
    requests=_requests,
    parse=_parse,
    calls=30,
    per_s=60.0,
    terms=Terms("https://legal.yahoo.com/us/en/yahoo/terms/otos/index.html", "2026-11-24", "unofficial address; personal use"),
    page="https://finance.yahoo.com",
)
