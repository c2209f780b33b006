"""Any exchange that the library ccxt knows: spot prices and candles, for exchanges without a source of their own here.

Host: that of the exchange; ccxt asks it and turns its answer into one form (`_ccxt.py`). No key. Endpoints: ticker, candles (ccxt's
fetchTicker, fetchOHLCV). Limit: one question a second over all exchanges, below what any of them allows; the first question to an exchange
also loads its list of markets, kept for a day. Terms: each exchange's own. Verified against ccxt 4.5.64 and recorded answers of Kraken of
2025, on 2026-11-25.

Needs `pip install newsgen[ccxt]` and the exchanges in the settings, [sources.ccxt] exchanges = ["bitstamp", "gate:USDT"]: without them
nothing is asked. An exchange is asked for its pair against USD, else USDT; "name:QUOTE" asks for that one.

Diary:
- 2026-11-25 of a ticker only the last price and the day's volume mean the same everywhere: `open` is that of the UTC day at Kraken and that
  of 24 hours ago elsewhere, quoteVolume is often worked out by ccxt; bars give the rest.
- 2026-11-25 a ticker's timestamp may be null (Kraken): then it is observed when it was fetched.
- 2026-11-25 a candle is stamped with its start, in milliseconds; the last one is usually still open.
- 2026-11-25 some exchanges have a thin pair against USD beside a lively one against USDT (OKX): name the quote.
- 2026-11-25 perpetuals have symbols of the same kind (BTC/USD:BTC): only spot markets are asked, and the answer says so.
- 2026-11-25 the size cap and the redirect rules of the Fetcher do not reach into ccxt; its own time-out is ten seconds a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from newsgen.gather._assets import ASSETS
from newsgen.gather._bars import Kind, bar_readings, row_of
from newsgen.gather._source import MS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE", "requests_for"]

_INTERVALS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1)}
_QUOTES = ("USD", "USDT")
_COLUMNS = ("time", "open", "high", "low", "close", "volume")


def _market(answer: Answer, top: Fields) -> tuple[Answer, str, str]:
    """The answer under the exchange's own name, the asset and the exchange's key."""
    asked, base = answer.request.params.get("symbol", ""), top.text("base")
    if top.text("exchange") != answer.request.params.get("exchange", ""):
        raise top.bad("exchange", f"{said(top.text('exchange'))} was not asked")
    if base != asked.partition("/")[0]:
        raise top.bad("base", f"{said(base)} is not what was asked for, {said(asked)!r}")
    if top.text("type") != "spot":
        raise top.bad("type", f"a spot market belongs here, not {said(top.text('type'))}")
    if top.text("quote") not in _QUOTES:
        raise top.bad("quote", f"a price in {said(top.text('quote'))} is none in dollars")
    page = top.text("page") if top.has("page") else ""
    return replace(answer, title=said(top.text("name")), page=page), base, top.text("exchange")


def _ticker(answer: Answer) -> Iterable[Reading]:
    top = Fields(answer, load_json(answer), "")
    named, asset, venue = _market(answer, top)
    ticker = top.object("ticker")
    at = ticker.moment("timestamp", MS) if ticker.has("timestamp") else answer.fetched_at
    last, volume = ticker.optional_price("last"), ticker.optional_amount("baseVolume")
    if last is not None:
        yield named.reading(("spot.last", asset, "", venue), last, Unit.USD, at, field_name="ticker.timestamp")
    if volume is not None:
        yield named.reading(("spot.volume_base", asset, "24h", venue), volume, Unit.COINS, at, field_name="ticker.timestamp")


def _candles(answer: Answer) -> Iterable[Reading]:
    interval = answer.request.params.get("interval", "")
    if interval not in _INTERVALS:
        raise answer.bad("request", f"interval {interval!r} is not followed")
    top = Fields(answer, load_json(answer), "")
    named, asset, venue = _market(answer, top)
    for i, item in enumerate(top.list("candles")):
        if isinstance(item, list) and len(item) != len(_COLUMNS):
            raise answer.bad(f"candles[{i}]", f"a candle has {len(_COLUMNS)} values")
        row = row_of(answer, _COLUMNS, item, f"candles[{i}]")
        volumes = {"volume": "volume_base"} if row.optional_amount("volume") is not None else {}
        yield from bar_readings(named, Kind("spot", asset, interval, venue), row, row.moment("time", MS), "time", volumes)


_PARSERS = {"ticker": _ticker, "candles": _candles}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


async def _fetch(request: Request, base_url: str) -> bytes:
    from newsgen.gather._ccxt import ask  # and with it the library, only when it is wanted

    return await ask(request, base_url)


def requests_for(exchanges: Sequence[str], assets: Sequence[str]) -> list[Request]:
    """The questions to exchanges, each named as ccxt names it ("bitstamp"), or with the quote currency to ask for ("gate:USDT")."""
    asked = []
    for name, _, quote in (exchange.partition(":") for exchange in exchanges):
        for asset in (a for a in assets if a in ASSETS and a != quote):
            where = {"exchange": name, "symbol": f"{asset}/{quote}" if quote else asset}
            asked.append(Request("ticker", where))
            asked += [Request("candles", {**where, "interval": i, "limit": n}) for i, n in (("4h", "60"), ("1d", "400"))]
    return asked


def _requests(assets: Sequence[str]) -> list[Request]:
    """None: which exchanges to ask stands in the settings; see `requests_for`."""
    return []


SOURCE = Source(
    name="ccxt",
    title="ccxt",
    base_url="https://docs.ccxt.com",  # where the library is described; the exchanges have hosts of their own
    endpoints={
        "ticker": Endpoint("/", ("spot.last", "spot.volume_base")),
        "candles": Endpoint("/", ("spot.open", "spot.high", "spot.low", "spot.close", "spot.volume_base"), every_s=900),
    },
    requests=_requests,
    requests_at=requests_for,
    parse=_parse,
    calls=1,
    per_s=1.0,
    terms=Terms("https://docs.ccxt.com", "", "each exchange's own terms hold for what it sends; the library asks for nothing"),
    fetch=_fetch,
)
