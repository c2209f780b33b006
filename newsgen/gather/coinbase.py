"""Coinbase: spot candles, tickers and the past 24 hours of products against dollars.

Host: api.exchange.coinbase.com, and api.coinbase.com for the public part of Advanced Trade; no key, a User-Agent is needed. Endpoints:
/products/{id}/{candles, ticker, stats}; /api/v3/brokerage/market/products/{id}, with /ticker and /candles. Limit: ten requests a second
per address. Terms: others quote that indexes, benchmarks and valuations need Coinbase's leave; the text was not at hand. Verified against
recorded answers of April 2024 and April 2026 (Advanced Trade) and September 2026 (candles) and the documentation's examples on 2026-11-25.

Diary:
- 2026-11-25 candles are [seconds, LOW, HIGH, open, close, volume]: low stands before high, both before open. Newest first, at most 300.
- 2026-11-25 the answer of candles does not name its product or its granularity: the request does. There are no candles of four hours here.
- 2026-11-25 a time without a trade has no candle: a gap is no fault. The newest candle is usually still open.
- 2026-11-25 stats are of the rolling 24 hours and have no time; their `last` has none either and is not read. Volume is in coins.
- 2026-11-25 a refusal is {"message": "NotFound"}; Advanced Trade says {"error", "code", "message"}.
- 2026-11-25 Advanced Trade writes everything as text, nothing as "": bid and ask of trades, market_cap. The product has no time of its own.
- 2026-11-25 price_percentage_change_24h is in percent, and is not read: changes are computed. The volume in dollars is called
  approximate and is not read either.
- 2026-11-25 BNB is not asked for here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather._assets import ASSETS
from newsgen.gather._bars import Kind, bar_readings
from newsgen.gather._source import SECONDS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, places, refuse_wall, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_VENUE = "coinbase"
_COLUMNS = ("start", "low", "high", "open", "close", "volume")
_GRANULARITIES: Mapping[str, tuple[str, timedelta]] = {
    "3600": ("1h", timedelta(hours=1)),
    "86400": ("1d", timedelta(days=1)),
    "ONE_HOUR": ("1h", timedelta(hours=1)),
    "ONE_DAY": ("1d", timedelta(days=1)),
}
_PASSING = ("rate limit", "too many", "slow down", "internal", "unavailable", "maintenance", "timeout", "exhausted")
_KEY = ("unauthenticated", "unauthorized", "api key")


def _body(answer: Answer) -> Any:
    if answer.body.lstrip().startswith(b"<"):
        refuse_wall(answer)
    body = load_json(answer)
    if isinstance(body, dict) and ("message" in body or "error" in body):
        problem = ": ".join(said(body[name]) for name in ("error", "message") if body.get(name))
        raise _kind(problem.lower())(
            answer.source, answer.request.endpoint, problem or "refused without a word", fetched_at=answer.fetched_at
        )
    return body


def _kind(problem: str) -> type[GatherError]:
    if any(words in problem for words in _PASSING):
        return SourceUnavailable
    return KeyRefused if any(words in problem for words in _KEY) else SourceRefused


def _asset(answer: Answer) -> str:
    """The asset of the product that was asked for."""
    return _asset_of(answer, answer.request.params.get("product", ""), "request")


def _asset_of(answer: Answer, product: str, where: str) -> str:
    asset = product.removesuffix("-USD")
    if asset == product or asset not in ASSETS:
        raise answer.bad(where, f"{said(product)[:30]!r} is no product against dollars that is followed")
    return asset


def _candles(answer: Answer) -> Iterable[Reading]:
    body = _body(answer)
    if not isinstance(body, list):
        raise answer.bad("body", "a list of candles belongs here")
    yield from _bars(answer, [places(answer, row, f"[{i}]", _COLUMNS) for i, row in enumerate(body)])


def _advanced_candles(answer: Answer) -> Iterable[Reading]:
    yield from _bars(answer, Fields(answer, _body(answer), "").rows("candles"))


def _bars(answer: Answer, rows: Sequence[Fields]) -> Iterable[Reading]:
    asset, granularity = _asset(answer), answer.request.params.get("granularity", "")
    if granularity not in _GRANULARITIES:
        raise answer.bad("request", f"granularity {granularity!r} is not followed; there are: {', '.join(_GRANULARITIES)}")
    window, span = _GRANULARITIES[granularity]
    for row in rows:
        yield from _bar(answer, row, asset, window, span)


def _bar(answer: Answer, row: Fields, asset: str, window: str, span: timedelta) -> Iterable[Reading]:
    start = row.moment("start", SECONDS)
    if start.timestamp() % span.total_seconds():
        raise row.bad("start", f"{start.isoformat()} begins no bar of {window}")
    yield from bar_readings(answer, Kind("spot", asset, window, _VENUE), row, start, "start", {"volume": "volume_base"})


def _ticker(answer: Answer) -> Iterable[Reading]:
    row = Fields(answer, _body(answer), "")
    key = ("spot.last", _asset(answer), "", _VENUE)
    yield answer.reading(key, row.price("price"), Unit.USD, row.iso_moment("time"))


def _stats(answer: Answer) -> Iterable[Reading]:
    row, asset, at = Fields(answer, _body(answer), ""), _asset(answer), answer.fetched_at
    prices = {name: row.price(name) for name in ("open", "high", "low")}
    if prices["low"] > min(prices.values()) or prices["high"] < max(prices.values()):
        raise row.bad("high", f"high {prices['high']} and low {prices['low']} do not span the open")
    for name, value in prices.items():
        yield answer.reading((f"spot.{name}", asset, "24h", _VENUE), value, Unit.USD, at)
    yield answer.reading(("spot.volume_base", asset, "24h", _VENUE), row.amount("volume"), Unit.COINS, at)


def _advanced_product(answer: Answer) -> Iterable[Reading]:
    row, at = Fields(answer, _body(answer), ""), answer.fetched_at
    asset = _asset_of(answer, row.text("product_id"), "product_id")
    if row.text("product_type") != "SPOT":
        raise row.bad("product_type", f"{said(row.text('product_type'))[:30]} is no spot market")
    yield answer.reading(("spot.last", asset, "", _VENUE), row.price("price"), Unit.USD, at)
    yield answer.reading(("spot.volume_base", asset, "24h", _VENUE), row.amount("volume_24h"), Unit.COINS, at)


def _advanced_ticker(answer: Answer) -> Iterable[Reading]:
    """The newest of the trades, which stand in no promised order."""
    trades = Fields(answer, _body(answer), "").rows("trades")
    newest = max(trades, key=lambda row: row.iso_moment("time"), default=None)
    if newest is not None:
        asset = _asset_of(answer, newest.text("product_id"), "trades.product_id")
        yield answer.reading(("spot.last", asset, "", _VENUE), newest.price("price"), Unit.USD, newest.iso_moment("time"))


_PARSERS = {
    "candles": _candles,
    "ticker": _ticker,
    "stats": _stats,
    "advanced_product": _advanced_product,
    "advanced_ticker": _advanced_ticker,
    "advanced_candles": _advanced_candles,
}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    products = [ASSETS[a].coinbase for a in assets if a in ASSETS and ASSETS[a].coinbase]
    bars = [Request("candles", {"product": p, "granularity": g}) for p in products for g in ("3600", "86400")]
    return bars + [Request(endpoint, {"product": p}) for endpoint in ("ticker", "stats") for p in products]


_BARS = ("spot.open", "spot.high", "spot.low", "spot.close", "spot.volume_base")
_ADVANCED = "https://api.coinbase.com"
_MARKET = "/api/v3/brokerage/market/products/{product}"
_PRODUCT = ("product",)

SOURCE = Source(
    name="coinbase",
    title="Coinbase",
    base_url="https://api.exchange.coinbase.com",
    endpoints={
        "candles": Endpoint("/products/{product}/candles", _BARS, path_params=_PRODUCT, every_s=900),
        "ticker": Endpoint("/products/{product}/ticker", ("spot.last",), path_params=_PRODUCT),
        "stats": Endpoint(
            "/products/{product}/stats", ("spot.open", "spot.high", "spot.low", "spot.volume_base"), path_params=_PRODUCT
        ),
        "advanced_product": Endpoint(_MARKET, ("spot.last", "spot.volume_base"), path_params=_PRODUCT, host=_ADVANCED),
        "advanced_ticker": Endpoint(_MARKET + "/ticker", ("spot.last",), path_params=_PRODUCT, host=_ADVANCED, fixed={"limit": "1"}),
        "advanced_candles": Endpoint(
            _MARKET + "/candles", _BARS, path_params=_PRODUCT, host=_ADVANCED, moments={"start": (12 * 86_400, "s"), "end": (0, "s")},
        ),
    },
    requests=_requests,
    parse=_parse,
    calls=5,
    per_s=1.0,
    terms=Terms(
        "https://www.coinbase.com/legal/market_data", "",
        "who uses the market data API is bound by the Market Data Terms of Use, says the documentation; others quote from them that prices "
        "may not be made into indexes, benchmarks or valuations without written leave; the text itself was not at hand",
        credit="Data: Coinbase", credit_url="https://www.coinbase.com",
    ),
    page="https://exchange.coinbase.com",
)  # fmt: skip
