"""Alpha Vantage: closes of US funds and shares, under their own symbols.

Host: www.alphavantage.co, a free key in the query (apikey). Endpoint: /query?function=GLOBAL_QUOTE, one symbol a call. Limit: 25 calls a
day, a call a second. Terms: not stated where we looked. Verified against a recorded quote of April 2024, a recorded limit and the described
empty answer on 2026-11-25.

Diary:
- 2026-11-25 indices are not served: SPY is no S&P 500 and UUP no DXY, so each stands under its own symbol.
- 2026-11-25 all values are text under numbered names ("05. price"); the change carries a percent sign, and is not read.
- 2026-11-25 the limit, a wrong key and a paid function come with HTTP 200 as Information, Note or "Error Message"; one text begins with the
  caller's key, so none of their words is repeated.
- 2026-11-25 an unknown symbol is an empty quote.
- 2026-11-25 the quote names a day and no hour: while that day's session runs its price is no reading, since nobody knows from when it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather._source import Answer, Endpoint, Fields, Request, Source, Terms, load_json
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_ASKED = ("SPY", "QQQ", "GLD", "UUP")
_FOLLOWED = (*_ASKED, "MSTR", "COIN", "IBIT")
_NEW_YORK = ZoneInfo("America/New_York")
_DELAY = timedelta(minutes=30)
# What the notices mean, by words they hold; our own words stand in the error, never theirs.
_NOTICES: tuple[tuple[str, type[GatherError], str], ...] = (
    ("apikey is invalid", KeyRefused, "the key is missing or rejected"),
    ("demo", KeyRefused, "the key is for demonstrations only"),
    ("premium endpoint", SourceRefused, "the key's plan does not hold this"),
    ("invalid api call", SourceRefused, "the call is malformed, or the symbol unknown"),
)


def _quote_of(answer: Answer) -> Fields:
    top = Fields(answer, load_json(answer), "")
    for name in ("Information", "Note", "Error Message"):
        if top.has(name):
            _raise(answer, name, str(top.raw(name)).lower())
    quote = top.object("Global Quote")
    if not top.raw("Global Quote"):
        raise SourceRefused(answer.source, answer.request.endpoint, "knows no such symbol", fetched_at=answer.fetched_at)
    return quote


def _raise(answer: Answer, name: str, notice: str) -> None:
    rest = (SourceRefused, "refuses the call") if name == "Error Message" else (SourceUnavailable, "the calls of the day are used up")
    error, words = next(((e, w) for mark, e, w in _NOTICES if mark in notice), rest)
    raise error(answer.source, answer.request.endpoint, f"{name}: {words}", fetched_at=answer.fetched_at)


def _quote(answer: Answer) -> Iterable[Reading]:
    asked = answer.request.params.get("symbol", "")
    if asked not in _FOLLOWED:
        raise answer.bad("request", f"symbol {asked!r} is not followed")
    quote = _quote_of(answer)
    if quote.text("01. symbol") != asked:
        raise quote.bad("01. symbol", f"{asked} was asked for")
    value, high, low = (quote.price(name) for name in ("05. price", "03. high", "04. low"))
    if not low <= value <= high:
        raise quote.bad("05. price", f"{value} lies outside {low} to {high}")
    close = datetime.combine(_day(quote), time(16), _NEW_YORK).astimezone(UTC)
    if close.date() > answer.fetched_at.date() + timedelta(days=1):
        raise quote.bad("07. latest trading day", "lies after the fetch")
    if close + _DELAY <= answer.fetched_at:
        yield answer.reading(("index.close", asked, "session", ""), value, Unit.USD, close)


def _day(quote: Fields) -> date:
    try:
        return date.fromisoformat(quote.text("07. latest trading day"))
    except ValueError:
        raise quote.bad("07. latest trading day", "is no date") from None


def _parse(answer: Answer) -> list[Reading]:
    return list(_quote(answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    return [Request("global_quote", {"symbol": symbol}) for symbol in _ASKED]


SOURCE = Source(
    name="alphavantage",
    title="Alpha Vantage",
    base_url="https://www.alphavantage.co",
    endpoints={"global_quote": Endpoint("/query", ("index.close",), fixed={"function": "GLOBAL_QUOTE"}, every_s=4.5 * 3600)},
    requests=_requests,
    parse=_parse,
    calls=1,
    per_s=1.5,
    calls_a_day=25,
    terms=Terms(
        "https://www.alphavantage.co/terms_of_service/",
        "",
        "a free key has 25 calls a day; their terms were not at hand: ask before publishing for money",
        "Alpha Vantage",
        "https://www.alphavantage.co",
    ),
    key_env="ALPHAVANTAGE_API_KEY",
    key_param="apikey",
    page="https://www.alphavantage.co",
)
