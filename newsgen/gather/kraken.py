"""Kraken: spot tickers and bars, the state of its trading engine, perpetuals of its futures platform.

Host: api.kraken.com, and futures.kraken.com for perpetuals; no key. Endpoints: /0/public/{Ticker, OHLC, SystemStatus},
/derivatives/api/v3/tickers. Limit: about one public call a second per address. Terms: those of the API were not at hand. Verified against
recorded answers of June 2025 (ticker), November 2025 (bars, status, futures) and September 2026 (a refusal) on 2026-11-25.

Diary:
- 2026-11-25 refusals come with HTTP 200 in `error`; a text that begins with W is a warning beside a full result.
- 2026-11-25 the key of a result is not the pair that was asked: XBTUSD comes as XXBTZUSD. One unknown pair spoils the whole call.
- 2026-11-25 v, p, t, l, h of a ticker are [today since 00:00 UTC, past 24 hours]; `o` is today's open alone, no open of 24 hours is sent.
- 2026-11-25 a ticker has no time of its own: it is observed when it was fetched. Without a trade today its day says nothing.
- 2026-11-25 bars in seconds, oldest first, at most 720, no limit to ask for: `since` keeps the answer short. The last one is open.
- 2026-11-25 a bar without a trade repeats the last price and has vwap 0.0: vwap is not read. Volume is in coins, none in dollars is sent.
- 2026-11-25 `cancel_only` and `post_only` match no orders, so last prices stand still, as in maintenance.
- 2026-11-25 fundingRate of futures is absolute and per hour. Of a linear contract (PF_, one coin) it is dollars: divided by the index it is
  a fraction. Of an inverse one (PI_, one dollar) it is coins, to be multiplied: never divided, and not read here.
- 2026-11-25 what is charged is capped at 0.25 % an hour; the number sent is not. One beyond the cap is nobody's rate and is left out.
- 2026-11-25 openInterest is in coins for PF_ and in dollars for PI_; both are one venue's, added at the mark price.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather._assets import ASSETS
from newsgen.gather._bars import Kind, bar_readings
from newsgen.gather._source import FUTURE, SECONDS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, refuse_wall, said
from newsgen.market import Completeness, Reading, Unit

__all__ = ["SOURCE"]

_VENUE = "kraken"
_COLUMNS = ("time", "open", "high", "low", "close", "vwap", "volume", "count")
_PARTS = ("today", "past")  # of v, p, t, l, h in a ticker
_INTERVALS: Mapping[str, tuple[str, timedelta]] = {
    "1": ("1m", timedelta(minutes=1)),
    "60": ("1h", timedelta(hours=1)),
    "240": ("4h", timedelta(hours=4)),
    "1440": ("1d", timedelta(days=1)),
}
_NAMES = {"XXBT": "BTC", "XBT": "BTC", "XETH": "ETH", "XXRP": "XRP", "XXDG": "DOGE", "XDG": "DOGE"}
_ASKED = frozenset(asset for asset, codes in ASSETS.items() if codes.kraken)
_PASSING = ("too many requests", "rate limit", "unavailable", "busy", "timeout", "internal error", "temporary lockout", "throttled")
_FUTURES_PASSING = ("apilimitexceeded", "unavailable", "server error", "internal")
_HALTED = ("maintenance", "cancel_only", "post_only")
_RUNNING = ("online", "limit_only")
_LINEAR, _INVERSE = "PF_", "PI_"  # one coin a contract, one dollar a contract
_HIGHEST_HOURLY = Decimal("0.0025")  # of what is charged, either way


def _result(answer: Answer) -> Fields:
    _refuse_page(answer)
    body = Fields(answer, load_json(answer), "")
    problems = [said(e) for e in body.list("error") if not said(e).startswith("W")]
    if problems:
        raise _kind(problems[0])(answer.source, answer.request.endpoint, "; ".join(problems)[:200], fetched_at=answer.fetched_at)
    return body.object("result")


def _refuse_page(answer: Answer) -> None:
    if answer.body.lstrip().startswith(b"<"):
        refuse_wall(answer)


def _kind(problem: str) -> type[GatherError]:
    low = problem.lower()
    if low.startswith("eservice:") or any(words in low for words in _PASSING):
        return SourceUnavailable
    return KeyRefused if "invalid key" in low or "invalid signature" in low else SourceRefused


def _asset(answer: Answer, pair: str) -> str:
    """The asset of a pair against dollars, as Kraken names it in an answer; any other pair raises."""
    for quote in ("ZUSD", "USDT", "USD"):
        base = pair.removesuffix(quote)
        asset = _NAMES.get(base, base)
        if base != pair and asset in _ASKED:
            return asset
    raise answer.bad(f"result.{said(pair)[:20]}", "is no pair against dollars that is followed")


def _ticker(answer: Answer) -> Iterable[Reading]:
    result = _result(answer)
    for pair in result.names():
        yield from _pair(answer, result.object(pair), _asset(answer, pair))


def _pair(answer: Answer, row: Fields, asset: str) -> Iterable[Reading]:
    at = answer.fetched_at
    last = row.array("c", ("price", "lot"))
    yield answer.reading(("spot.last", asset, "", _VENUE), last.price("price"), Unit.USD, at)
    high, low, volume, trades = (row.array(name, _PARTS) for name in ("h", "l", "v", "t"))
    for part, window in zip(_PARTS, ("day", "24h"), strict=True):
        if not trades.amount(part):
            continue  # prices of a time without a trade are nobody's
        if high.price(part) < low.price(part):
            raise high.bad(part, f"high {high.price(part)} is below low {low.price(part)}")
        if part == "today":
            yield answer.reading(("spot.open", asset, window, _VENUE), row.price("o"), Unit.USD, at)
        yield answer.reading(("spot.high", asset, window, _VENUE), high.price(part), Unit.USD, at)
        yield answer.reading(("spot.low", asset, window, _VENUE), low.price(part), Unit.USD, at)
        yield answer.reading(("spot.volume_base", asset, window, _VENUE), volume.amount(part), Unit.COINS, at)


def _ohlc(answer: Answer) -> Iterable[Reading]:
    interval = answer.request.params.get("interval", "")
    if interval not in _INTERVALS:
        raise answer.bad("request", f"interval {interval!r} is not followed; there are: {', '.join(_INTERVALS)}")
    result = _result(answer)
    for pair in result.names():
        if pair != "last":
            asset = _asset(answer, pair)
            for row in result.arrays(pair, _COLUMNS):
                yield from _bar(answer, row, asset, *_INTERVALS[interval])


def _bar(answer: Answer, row: Fields, asset: str, window: str, span: timedelta) -> Iterable[Reading]:
    start = row.moment("time", SECONDS)
    if start.timestamp() % span.total_seconds():
        raise row.bad("time", f"{start.isoformat()} begins no bar of {window}")
    volumes = {"volume": "volume_base", "count": "trades"}
    yield from bar_readings(answer, Kind("spot", asset, window, _VENUE), row, start, "time", volumes)


def _status(answer: Answer) -> Iterable[Reading]:
    """No reading: whether prices can be trusted to move."""
    result = _result(answer)
    status = result.text("status")
    if status in _HALTED:
        raise SourceUnavailable(answer.source, answer.request.endpoint, f"trading is halted: {status}", fetched_at=answer.fetched_at)
    if status not in _RUNNING:
        raise result.bad("status", f"{said(status)[:30]} is not known")
    return ()


def _futures(answer: Answer) -> Iterable[Reading]:
    body = _futures_body(answer)
    at = body.iso_moment("serverTime")
    if at > answer.fetched_at + FUTURE:
        raise body.bad("serverTime", f"{at.isoformat()} lies after the fetch at {answer.fetched_at.isoformat()}")
    contracts: dict[str, dict[str, Fields]] = {}
    for row in body.rows("tickers"):
        kind, asset = _contract(row)
        if asset and row.raw("suspended") is False:
            contracts.setdefault(asset, {})[kind] = row
    for asset, rows in contracts.items():
        if _LINEAR in rows:
            yield from _perpetual(answer, rows[_LINEAR], asset, at)
        yield from _interest(answer, rows, asset, at)


def _futures_body(answer: Answer) -> Fields:
    _refuse_page(answer)
    body = Fields(answer, load_json(answer), "")
    if body.text("result") == "success":
        return body
    problem = said(body.raw("error")) if body.has("error") else said(body.text("result"))
    passing = any(words in problem.lower() for words in _FUTURES_PASSING)
    error: type[GatherError] = SourceUnavailable if passing else SourceRefused
    raise error(answer.source, answer.request.endpoint, problem, fetched_at=answer.fetched_at)


def _contract(row: Fields) -> tuple[str, str]:
    """Kind and asset of a perpetual against dollars that is followed; "" of futures with an end, indices and the rest."""
    symbol = row.text("symbol")
    kind, base = symbol[:3], symbol[3:].removesuffix("USD")
    asset = _NAMES.get(base, base)
    followed = kind in (_LINEAR, _INVERSE) and symbol.endswith("USD") and asset in _ASKED
    return (kind, asset) if followed and row.text("tag") == "perpetual" else (kind, "")


def _perpetual(answer: Answer, row: Fields, asset: str, at: datetime) -> Iterable[Reading]:
    yield answer.reading(("perp.mark", asset, "", _VENUE), row.price("markPrice"), Unit.USD, at)
    if row.has("last"):
        traded = row.iso_moment("lastTime")
        yield answer.reading(("perp.last", asset, "", _VENUE), row.price("last"), Unit.USD, traded, field_name="lastTime")
    hourly = row.number("fundingRate") / row.price("indexPrice")
    if abs(hourly) <= _HIGHEST_HOURLY:
        yield answer.reading(("funding.rate_8h", asset, "8h", _VENUE), hourly * 8 * 100, Unit.PCT, at)


def _interest(answer: Answer, rows: Mapping[str, Fields], asset: str, at: datetime) -> Iterable[Reading]:
    """Dollars and coins of both contracts; without the linear one, which is much the larger, it is a part."""
    coins = usd = Decimal(0)
    for kind, row in rows.items():
        size, mark = row.amount("openInterest"), row.price("markPrice")
        coins += size if kind == _LINEAR else size / mark
        usd += size * mark if kind == _LINEAR else size
    state = Completeness.FINAL if _LINEAR in rows else Completeness.PARTIAL
    yield answer.reading(("open_interest.usd", asset, "", _VENUE), usd, Unit.USD, at, completeness=state)
    yield answer.reading(("open_interest.coins", asset, "", _VENUE), coins, Unit.COINS, at, completeness=state)


_PARSERS = {"ticker": _ticker, "ohlc": _ohlc, "ohlc_year": _ohlc, "system_status": _status, "futures_tickers": _futures}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    pairs = [ASSETS[a].kraken for a in assets if a in ASSETS and ASSETS[a].kraken]
    if not pairs:
        return []
    bars = [Request(e, {"pair": p, "interval": i}) for p in pairs for e, i in (("ohlc", "240"), ("ohlc_year", "1440"))]
    return [Request("system_status"), Request("ticker", {"pair": ",".join(pairs)}), *bars, Request("futures_tickers")]


_BARS = ("spot.open", "spot.high", "spot.low", "spot.close", "spot.volume_base", "spot.trades")
_DAY_S = 86_400

SOURCE = Source(
    name="kraken",
    title="Kraken",
    base_url="https://api.kraken.com",
    endpoints={
        "ticker": Endpoint("/0/public/Ticker", ("spot.last", "spot.open", "spot.high", "spot.low", "spot.volume_base")),
        "ohlc": Endpoint("/0/public/OHLC", _BARS, every_s=900, moments={"since": (11 * _DAY_S, "s")}),
        "ohlc_year": Endpoint("/0/public/OHLC", _BARS, every_s=3600, moments={"since": (401 * _DAY_S, "s")}),
        "system_status": Endpoint("/0/public/SystemStatus", (), every_s=300),
        "futures_tickers": Endpoint(
            "/derivatives/api/v3/tickers", ("perp.last", "perp.mark", "funding.rate_8h", "open_interest.usd", "open_interest.coins"),
            host="https://futures.kraken.com",
        ),
    },
    requests=_requests,
    parse=_parse,
    calls=1,
    per_s=1.0,
    terms=Terms(
        "https://www.kraken.com/legal", "", "public market data without a key; the terms on showing it to readers were not at hand",
        credit="Data: Kraken", credit_url="https://www.kraken.com",
    ),
    page="https://www.kraken.com",
)  # fmt: skip
