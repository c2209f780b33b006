"""Binance spot: candles and tickers.

Host: api.binance.com, no key; data-api.binance.vision serves the same public data and is asked where the first gives 451.
Endpoints: /api/v3/klines, /api/v3/ticker, /api/v3/ticker/24hr, /api/v3/ticker/tradingDay. Limit: 6,000 weight a minute per address; 429,
then 418 (ban), with Retry-After. Terms: public market data. Verified against recorded answers of 2019 to 2024 and the documentation's
examples on 2026-11-24.

Diary:
- 2026-11-24 prices are text; priceChangePercent is in percent, and is not read: changes are computed.
- 2026-11-24 candles come oldest first, 12 values a row, milliseconds; closeTime is the last millisecond, so a bar ends one later.
- 2026-11-24 the last candle is usually still open: it is no reading.
- 2026-11-24 the answer of klines does not name its pair: the request does.
- 2026-11-24 errors are {"code": -1121, "msg": ...}; a refused region is HTTP 451 with code 0.
- 2026-11-24 ticker without windowSize means the rolling day; it must not be named like the bar of a UTC day, so it is "24h" here.
- 2026-11-25 a refused region is RegionRefused also where the body comes with HTTP 200; the mirror answers by status only.
- 2026-11-24 the futures host writes candles in the same shape: a perpetual's bars must never be asked for through this source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from newsgen.errors import GatherError, KeyRefused, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather._assets import ASSETS, asset_of
from newsgen.gather._bars import Kind, bar_readings, row_of
from newsgen.gather._source import MS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_COLUMNS = ("openTime", "open", "high", "low", "close", "volume", "closeTime", "quoteVolume", "trades")
_INTERVALS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1)}
_VENUE = "binance"
_PASSING = ("-1000", "-1001", "-1003", "-1007", "-1008")  # unknown, disconnected, too many requests, time-out, overloaded
_KEY = ("-2008", "-2014", "-2015")  # an invalid key: none is sent, so somebody between us and Binance adds one
_ROLLING = {"": "24h", "1d": "24h", "24h": "24h", "7d": "7d"}  # windowSize as it is asked: as a window is named here


def _body(answer: Answer) -> Any:
    body = load_json(answer)
    if isinstance(body, dict) and "code" in body and "msg" in body:
        code, message = said(body["code"]), said(body["msg"])
        raise _kind(code, message)(answer.source, answer.request.endpoint, f"code {code}: {message}", fetched_at=answer.fetched_at)
    return body


def _kind(code: str, message: str) -> type[GatherError]:
    if code in _PASSING:
        return SourceUnavailable
    if code == "0" and "restricted location" in message.lower():
        return RegionRefused
    return KeyRefused if code in _KEY else SourceRefused


def _klines(answer: Answer) -> Iterable[Reading]:
    pair, interval = answer.request.params.get("symbol", ""), answer.request.params.get("interval", "")
    asset = asset_of(pair)
    if asset is None or interval not in _INTERVALS:
        raise answer.bad("request", f"symbol {pair!r} and interval {interval!r} name no bars that are followed")
    body = _body(answer)
    if not isinstance(body, list):
        raise answer.bad("body", "a list of candles belongs here")
    volumes = {"volume": "volume_base", "quoteVolume": "volume_quote", "trades": "trades"}
    for i, item in enumerate(body):
        row = row_of(answer, _COLUMNS, item, f"[{i}]")
        yield from bar_readings(answer, Kind("spot", asset, interval, _VENUE), row, row.moment("openTime", MS), "openTime", volumes)


def _tickers(answer: Answer) -> Iterable[Reading]:
    body = _body(answer)
    asked = answer.request.params.get("windowSize", "")
    window = "day" if answer.request.endpoint == "trading_day" else _ROLLING.get(asked)
    if window is None:
        raise answer.bad("request", f"windowSize {asked!r} is not followed; there are: 1d, 7d")
    for i, item in enumerate(body if isinstance(body, list) else [body]):
        row = Fields(answer, item, f"[{i}]" if isinstance(body, list) else "")
        asset = asset_of(row.text("symbol"))
        if asset is not None:
            yield from _ticker(answer, row, asset, window)


def _ticker(answer: Answer, row: Fields, asset: str, window: str) -> Iterable[Reading]:
    """The UTC day's ticker states its end as closeTime, which lies ahead: it is observed when it was fetched."""
    at = answer.fetched_at if window == "day" else min(row.moment("closeTime", MS), answer.fetched_at + timedelta(minutes=6))
    if row.moment("openTime", MS) > answer.fetched_at + timedelta(minutes=5):
        raise row.bad("openTime", "lies after the fetch")
    if row.price("highPrice") < row.price("lowPrice"):
        raise row.bad("highPrice", f"high {row.price('highPrice')} is below low {row.price('lowPrice')}")
    yield answer.reading(("spot.last", asset, "", _VENUE), row.price("lastPrice"), Unit.USD, at, field_name="closeTime")
    for name, series in (("openPrice", "open"), ("highPrice", "high"), ("lowPrice", "low")):
        yield answer.reading((f"spot.{series}", asset, window, _VENUE), row.price(name), Unit.USD, at)
    yield answer.reading(("spot.volume_base", asset, window, _VENUE), row.amount("volume"), Unit.COINS, at)
    yield answer.reading(("spot.volume_quote", asset, window, _VENUE), row.amount("quoteVolume"), Unit.USD, at)


_PARSERS = {"klines": _klines, "klines_back": _klines, "ticker": _tickers, "ticker_24hr": _tickers, "trading_day": _tickers}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    """The bars since yesterday in each round, what lies behind them once a day: a year of days, weeks of hours."""
    pairs = [ASSETS[a].binance for a in assets if a in ASSETS and ASSETS[a].binance]
    bars = [Request("klines", {"symbol": p, "interval": i, "limit": n}) for p in pairs for i, n in (("1h", "30"), ("4h", "8"), ("1d", "3"))]
    back = [Request("klines_back", {"symbol": p, "interval": i, "limit": n}) for p in pairs for i, n in (("1h", "1000"), ("1d", "400"))]
    return [*bars, *back, *(Request(t, {"symbol": p}) for p in pairs for t in ("ticker_24hr", "trading_day"))]


_BARS = ("spot.open", "spot.high", "spot.low", "spot.close", "spot.volume_base", "spot.volume_quote", "spot.trades")
_TICKER = ("spot.last", "spot.open", "spot.high", "spot.low", "spot.volume_base", "spot.volume_quote")

SOURCE = Source(
    name="binance",
    title="Binance",
    base_url="https://api.binance.com",
    mirrors=("https://data-api.binance.vision",),
    endpoints={
        "klines": Endpoint("/api/v3/klines", _BARS),
        "klines_back": Endpoint("/api/v3/klines", _BARS, every_s=86_400),
        "ticker": Endpoint("/api/v3/ticker", _TICKER),
        "ticker_24hr": Endpoint("/api/v3/ticker/24hr", _TICKER),
        "trading_day": Endpoint("/api/v3/ticker/tradingDay", _TICKER),
    },
    requests=_requests,
    parse=_parse,
    calls=1000,
    per_s=60.0,
    terms=Terms("https://www.binance.com/en/terms", "", "public market data; the terms on it were not at hand"),
    page="https://www.binance.com",
)
