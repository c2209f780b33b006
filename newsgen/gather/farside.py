"""Farside Investors: net flows of the US spot funds, from two HTML pages.

Host: farside.co.uk, pages /btc/ and /eth/, no key; a browser-like User-Agent is needed, else 403. No documented limit: one request an
hour is plenty. Terms: credit; ask before republishing tables. Verified against a reconstruction of the Bitcoin page with real values of
July 2025, and against a description of the Ethereum page, not yet against a live answer, on 2026-11-24.

Diary:
- 2026-11-24 US$ millions; negatives in brackets; "-" is nothing (holiday, not yet reported, day in progress), never 0.
- 2026-11-24 the funds are read from the header row of tickers: columns change when funds launch. Fee and Seed rows are no days.
- 2026-11-24 a stray <tr> opens the body; markup is not always closed, but the table is: a page without its end was cut.
- 2026-11-24 /eth/ adds a Seed row with asterisks (9,199.3*) and has headed a fund TETH(CETH): the ticker is what stands first.
- 2026-11-24 the bot wall ("Just a moment...") may come with 403 or with 200.
- 2026-11-24 an evening row has some funds and a partial total: it is partial until every fund is there or the next morning in London.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from newsgen.gather._source import Answer, Endpoint, Request, Source, Terms, number_of, refuse_wall
from newsgen.market import Completeness, Reading, Unit

__all__ = ["SOURCE"]

_NEW_YORK, _LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
_MILLION = Decimal(1_000_000)
_ROUNDING = Decimal("0.11")  # millions, per fund: each cell is rounded to a tenth


def _table(answer: Answer) -> list[list[str]]:
    """The cells of the flow table, row by row, as text."""
    from selectolax.lexbor import LexborHTMLParser  # slow to load, and only this source needs it

    try:
        tree = LexborHTMLParser(answer.body)
    except (ValueError, RuntimeError) as error:
        raise answer.bad("body", f"no HTML: {error}") from error
    table = tree.css_first("table.etf")
    if table is None:
        refuse_wall(answer)
        raise answer.bad("table.etf", "the page has no flow table (it changed)")
    if b"</table" not in answer.body.lower():
        raise answer.bad("table.etf", "the page ends before the flow table does")
    rows = []
    for row in table.css("tr"):
        cells = [cell.text(strip=True).replace("\xa0", "").strip() for cell in row.iter() if cell.tag in ("td", "th")]
        if cells:
            rows.append(cells)
    return rows


def _tickers(answer: Answer, rows: Sequence[Sequence[str]]) -> list[str]:
    """The fund tickers, from the header row that has most of them; the last column is the total."""
    for cells in rows:
        inner = [cell.partition("(")[0].strip() for cell in cells[1:-1]]
        known = [c for c in inner if c.isupper() and c.isalpha() and 2 < len(c) < 6]
        if _day(cells[0]) is None and inner and len(known) >= len(inner) - 1 and len(known) >= 3:
            return inner
    raise answer.bad("table.etf thead", "no row of fund tickers")


def _day(text: str) -> date | None:
    for form in ("%d %b %Y", "%d %B %Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _flows(answer: Answer) -> Iterable[Reading]:
    asset = "BTC" if answer.request.endpoint == "btc" else "ETH"
    rows = _table(answer)
    tickers = _tickers(answer, rows)
    days = 0
    for cells in rows:
        day = _day(cells[0])
        if day is not None:
            days += 1
            yield from _row(answer, asset, tickers, day, cells[1:])
    if not days:
        raise answer.bad("table.etf tbody", "no row starts with a date")


def _row(answer: Answer, asset: str, tickers: Sequence[str], day: date, cells: Sequence[str]) -> Iterable[Reading]:
    where = f"row {day:%d %b %Y}"
    if len(cells) != len(tickers) + 1:
        raise answer.bad(where, f"{len(cells)} values for {len(tickers)} funds and a total")
    try:
        values = [number_of(cell) for cell in cells]
    except ValueError as error:
        raise answer.bad(where, str(error)) from None
    funds, total = values[:-1], values[-1]
    if total is None or all(v is None for v in funds):
        return  # a holiday, or the day in progress
    added = sum((v for v in funds if v is not None), Decimal(0))
    if abs(added - total) > _ROUNDING * len(funds):
        raise answer.bad(where, f"the funds add up to {added}, the total says {total}")
    close = datetime.combine(day, time(16), _NEW_YORK).astimezone(UTC)
    if day == answer.fetched_at.astimezone(_NEW_YORK).date() and close > answer.fetched_at:
        return  # the session in progress
    state = _state(answer, day, funds)
    yield answer.reading(("etf.net_flow", asset, "session", "us"), total * _MILLION, Unit.USD, close, field_name=where, completeness=state)
    for ticker, value in zip(tickers, funds, strict=True):
        if value is not None:
            yield answer.reading(("etf.fund_flow", asset, "session", ticker.upper()), value * _MILLION, Unit.USD, close, completeness=state)


def _state(answer: Answer, day: date, funds: Sequence[Decimal | None]) -> Completeness:
    morning = datetime.combine(day + timedelta(days=1), time(7), _LONDON)
    filled = all(v is not None for v in funds)
    return Completeness.FINAL if filled or answer.fetched_at >= morning else Completeness.PARTIAL


def _parse(answer: Answer) -> list[Reading]:
    return list(_flows(answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    return [Request("btc"), Request("eth")]


_ETF = ("etf.net_flow", "etf.fund_flow")

SOURCE = Source(
    name="farside",
    title="Farside Investors",
    base_url="https://farside.co.uk",
    endpoints={"btc": Endpoint("/btc/", _ETF, media="html", every_s=1800), "eth": Endpoint("/eth/", _ETF, media="html", every_s=1800)},
    requests=_requests,
    parse=_parse,
    calls=2,
    per_s=60.0,
    terms=Terms(
        "https://farside.co.uk/terms-and-conditions/",
        "",
        "credit; ask before republishing tables",
        "Fund flows: Farside Investors",
        credit_url="https://farside.co.uk/btc/",
    ),
    page="https://farside.co.uk/btc/",
)
