"""Yahoo chart: closes of indices, futures and shares per session.

Host: query1.finance.yahoo.com, no key, unofficial; a browser-like User-Agent is needed. Endpoint: /v8/finance/chart/{symbol}. No documented
limit: a few calls an hour. Terms: personal use; check before publishing commercially. Verified against recorded answers of February 2025
(QQQ, AAPL, GC=F, BTC-USD) and September 2026 (EURUSD=X) on 2026-11-24.

Diary:
- 2026-11-24 chartPreviousClose is the close before the range that was asked, not yesterday's: it is not read.
- 2026-11-24 closes can be null; the last bar may be the running one and double the day.
- 2026-11-24 the last bar is stamped with regularMarketTime, not with the session's start: a session ends when its day says so, and a quote
  from before that end, which may be delayed, counts only half an hour after it.
- 2026-11-24 ^TNX is sometimes ten times the yield: brought into 0 to 20.
- 2026-11-24 no `timestamp` on days without trades. 429 comes as plain text; a consent page comes as HTML, with a redirect or with 200.
- 2026-11-25 the consent page is shown by region: RegionRefused, unlike a bot wall.
- 2026-11-24 faults stand in chart.error, quoteSummary.error or finance.error.
- 2026-11-24 shares and futures are read as dollars, so another currency (GBp is pence) is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsgen.errors import RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather._source import (
    FUTURE,
    SECONDS,
    Answer,
    Endpoint,
    Fields,
    Request,
    Source,
    Terms,
    instant,
    load_json,
    number_of,
    refuse_wall,
    said,
)
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
_CONSENT = (b"consent.yahoo", b"guce.", b"collectconsent")
_HIGHEST_YIELD = Decimal(20)
_DELAY = timedelta(minutes=30)  # of a free quote, at most


def _result(answer: Answer) -> Fields:
    if answer.body.lstrip().startswith(b"<"):
        if any(mark in answer.body[:50_000].lower() for mark in _CONSENT):
            raise RegionRefused(answer.source, answer.request.endpoint, "field body: a consent page, as shown to addresses in Europe",
                                fetched_at=answer.fetched_at)  # fmt: skip
        refuse_wall(answer)
    top = Fields(answer, load_json(answer), "")
    kind = next((k for k in ("chart", "quoteSummary", "finance") if top.has(k)), "chart")
    chart = top.object(kind)
    if chart.has("error"):
        error = chart.object("error")
        code, words = said(error.text("code")), said(error.raw("description")) if error.has("description") else ""
        kind_of = SourceUnavailable if code.lower() == "too many requests" else SourceRefused
        raise kind_of(answer.source, answer.request.endpoint, f"{code}: {words}", fetched_at=answer.fetched_at)
    rows = chart.rows("result")
    if not rows:
        raise answer.bad(f"{kind}.result", "is empty")
    return rows[0]


def _chart(answer: Answer) -> Iterable[Reading]:
    result = _result(answer)
    meta = result.object("meta")
    symbol = meta.text("symbol")
    subject, unit = SUBJECTS.get(symbol, (symbol, Unit.USD))
    if unit is Unit.USD and meta.text("currency") != "USD":
        raise meta.bad("currency", f"{symbol} is not in dollars")
    if not result.has("timestamp"):
        return
    stamps = result.list("timestamp")
    quotes = result.object("indicators").rows("quote")
    closes = quotes[0].list("close") if quotes else []
    if len(closes) != len(stamps):
        raise answer.bad("indicators.quote[0].close", f"{len(closes)} closes for {len(stamps)} timestamps")
    for day, (at, value) in _closed(answer, stamps, closes, _session(meta)).items():
        if value <= 0:
            raise answer.bad("indicators.quote[0].close", f"a close cannot be {value} ({day})")
        shown = value / 10 if subject == "US10Y" and value > _HIGHEST_YIELD else value
        if subject == "US10Y" and shown > _HIGHEST_YIELD:
            raise answer.bad("indicators.quote[0].close", f"a yield cannot be {value} ({day})")
        yield answer.reading(("index.close", subject, "session", ""), shown, unit, at)


@dataclass(frozen=True, slots=True)
class _Session:
    """When an exchange's regular session ends on its own day, and the moment of the newest quote."""

    zone: ZoneInfo
    ends: time
    next_day: bool
    quoted_at: datetime

    def end_of(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=self.next_day), self.ends, self.zone).astimezone(UTC)


def _session(meta: Fields) -> _Session:
    try:
        zone = ZoneInfo(meta.text("exchangeTimezoneName"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise meta.bad("exchangeTimezoneName", "names no time zone") from None
    regular = meta.object("currentTradingPeriod").object("regular")
    start, end = (regular.moment(name, SECONDS) for name in ("start", "end"))
    if not timedelta(0) <= end - start <= timedelta(hours=24):
        raise regular.bad("end", "a session cannot be so long")
    first, last = start.astimezone(zone), (end if end > start else start + timedelta(hours=24)).astimezone(zone)
    return _Session(zone, last.time(), last.date() > first.date(), meta.moment("regularMarketTime", SECONDS))


def _closed(answer: Answer, stamps: Sequence[object], closes: Sequence[object],
            session: _Session) -> dict[date, tuple[datetime, Decimal]]:  # fmt: skip
    """Close per exchange day of the sessions that have ended; the first bar of a day counts, a later one is the running quote."""
    found: dict[date, tuple[datetime, Decimal]] = {}
    seen: set[date] = set()
    for i, (stamp, close) in enumerate(zip(stamps, closes, strict=True)):
        at, value = _bar(answer, i, stamp, close)
        day = at.astimezone(session.zone).date()
        end = session.end_of(day)
        late = _DELAY if at == session.quoted_at < end else timedelta(0)
        if day not in seen and value is not None and end + late <= answer.fetched_at:
            found[day] = (end, value)
        seen.add(day)
    return found


def _bar(answer: Answer, i: int, stamp: object, close: object) -> tuple[datetime, Decimal | None]:
    """Moment and close of one bar; the moment must not lie ahead."""
    name = f"timestamp[{i}]"
    try:
        number = number_of(stamp)
    except ValueError as error:
        raise answer.bad(name, str(error)) from None
    if number is None:
        raise answer.bad(name, "holds nothing")
    at = instant(answer, name, number, SECONDS)
    if at > answer.fetched_at + FUTURE:
        raise answer.bad(name, f"{at.isoformat()} lies after the fetch at {answer.fetched_at.isoformat()}")
    try:
        return at, number_of(close)
    except ValueError as error:
        raise answer.bad(f"indicators.quote[0].close[{i}]", str(error)) from None


def _parse(answer: Answer) -> list[Reading]:
    return list(_chart(answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    return [Request("chart", {"symbol": s}) for s in ("^GSPC", "^NDX", "^VIX", "DX-Y.NYB", "GC=F", "^TNX")]


SOURCE = Source(
    name="yahoo",
    title="Yahoo Finance",
    base_url="https://query1.finance.yahoo.com",
    endpoints={
        "chart": Endpoint(
            "/v8/finance/chart/{symbol}", ("index.close",), fixed={"range": "1mo", "interval": "1d"}, path_params=("symbol",), every_s=300
        )
    },
    requests=_requests,
    parse=_parse,
    calls=30,
    per_s=60.0,
    terms=Terms(
        "https://legal.yahoo.com/us/en/yahoo/terms/otos/index.html", "",
        "unofficial address; personal use; others report that automated access, commercial use and passing on need written leave",
        commercial="no", redistribution="no",
    ),
    page="https://finance.yahoo.com",
)  # fmt: skip
