"""Coinalyze: liquidations per hour, open interest and long/short accounts of single perpetual markets.

Host: api.coinalyze.net, header api_key (a free key). Endpoints: /v1/liquidation-history, /v1/long-short-ratio-history, /v1/open-interest.
Limit: 40 calls a minute, of which each symbol of a request costs one, at most 20 symbols a request; 429 with Retry-After. Terms: free, cite
Coinalyze with a link. Verified against test data and a recorded ratio of March 2024, a recorded open interest of October 2025 and the
documentation on 2026-11-25.

Diary:
- 2026-11-25 the letters l and s are dollars of liquidated longs and shorts in liquidation-history, and percent of the accounts in
  long-short-ratio-history: what does not add up to 100 is not a share.
- 2026-11-25 liquidations and open interest are in coins unless convert_to_usd=true was asked: the request decides on the unit.
- 2026-11-25 `t` is the start of a period in seconds, `update` in milliseconds; from and to in milliseconds give an empty list.
- 2026-11-25 the ending is the venue, and each writes its perpetuals in its own way: BTCUSDT_PERP.A on Binance and .3 on OKX, but BTCUSDT.6
  on Bybit; BTCUSDT.A is Binance's spot pair.
- 2026-11-25 each market is one venue's column; they are not added up here, so no total hides which venues it lacks.
- 2026-11-25 a market that it does not know is left out of the answer without a word.
- 2026-11-25 its funding rates are in percent, but over which hours a market settles is not in the answer: they are not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather._assets import ASSETS
from newsgen.gather._source import FUTURE, MS, SECONDS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_VENUES: Mapping[str, tuple[str, str]] = {"A": ("binance", "USDT_PERP"), "6": ("bybit", "USDT"), "3": ("okx", "USDT_PERP")}
_SPANS: Mapping[str, tuple[str, timedelta]] = {
    "1hour": ("1h", timedelta(hours=1)),
    "4hour": ("4h", timedelta(hours=4)),
    "daily": ("1d", timedelta(days=1)),
}
_ROUNDING = Decimal("0.05")  # percent; shares are given to a hundredth
_MOST_SYMBOLS = 20
_SETTLES = timedelta(minutes=5)  # a value that grows after its period would stay as it was first read: both are known at its end


def _markets(answer: Answer) -> Iterable[tuple[Fields, str, str]]:
    """The rows of an answer, each with its asset and its venue."""
    body = load_json(answer)
    if isinstance(body, dict) and "message" in body:
        _raise(answer, said(body["message"]))
    if not isinstance(body, list):
        raise answer.bad("body", "a list of markets belongs here")
    if not body:
        raise answer.bad("body", "holds none of the markets asked for")
    for i, item in enumerate(body):
        row = Fields(answer, item, f"[{i}]")
        yield row, *_market(row)


def _raise(answer: Answer, message: str) -> None:
    error: type[GatherError] = SourceRefused
    if "key" in message.lower():
        error = KeyRefused
    elif any(word in message.lower() for word in ("too many", "limit", "server error", "unavailable")):
        error = SourceUnavailable
    raise error(answer.source, answer.request.endpoint, message or "refused without a word", fetched_at=answer.fetched_at)


def _market(row: Fields) -> tuple[str, str]:
    """Asset and venue of a perpetual against USDT; any other market raises."""
    symbol = row.text("symbol")
    pair, _, code = symbol.rpartition(".")
    venue, ending = _VENUES.get(code, ("", ""))
    asset = pair.removesuffix(ending)
    if not (venue and pair.endswith(ending) and asset.isalnum() and asset.isupper()):
        raise row.bad("symbol", f"{said(symbol)[:30]} is no perpetual against USDT of a venue that is followed")
    return asset, venue


def _span(answer: Answer, *known: str) -> tuple[str, timedelta]:
    interval = answer.request.params.get("interval", "")
    if interval not in known:
        raise answer.bad("request", f"interval {interval!r} is not followed; there are: {', '.join(known)}")
    return _SPANS[interval]


def _ended(answer: Answer, market: Fields, span: timedelta) -> Iterable[tuple[Fields, datetime]]:
    """The periods of a market that have been over for a while, each with its end."""
    for row in market.rows("history"):
        start = row.moment("t", SECONDS)
        if start > answer.fetched_at + FUTURE:
            raise row.bad("t", f"{start.isoformat()} lies after the fetch at {answer.fetched_at.isoformat()}")
        if start + span + _SETTLES <= answer.fetched_at:
            yield row, start + span


def _liquidations(answer: Answer) -> Iterable[Reading]:
    window, span = _span(answer, "1hour", "4hour")
    if answer.request.params.get("convert_to_usd") != "true":
        raise answer.bad("request", "without convert_to_usd=true the amounts are coins")
    for market, asset, venue in _markets(answer):
        for row, end in _ended(answer, market, span):
            for letter, side in (("l", "long"), ("s", "short")):
                key = (f"liq.bucket_{side}", asset, window, venue)
                yield answer.reading(key, row.amount(letter), Unit.USD, end, known_at=end)


def _ratios(answer: Answer) -> Iterable[Reading]:
    window, span = _span(answer, "1hour", "4hour", "daily")
    for market, asset, venue in _markets(answer):
        for row, end in _ended(answer, market, span):
            longs, shorts = row.amount("l"), row.amount("s")
            if abs(longs + shorts - 100) > _ROUNDING:
                raise row.bad("l", f"longs {longs} and shorts {shorts} are no shares of 100")
            yield answer.reading(("accounts.long_share", asset, window, venue), longs, Unit.PCT, end, known_at=end)


def _open_interest(answer: Answer) -> Iterable[Reading]:
    usd = answer.request.params.get("convert_to_usd", "false") == "true"
    series, unit = ("open_interest.usd", Unit.USD) if usd else ("open_interest.coins", Unit.COINS)
    for market, asset, venue in _markets(answer):
        at = market.moment("update", MS)
        yield answer.reading((series, asset, "", venue), market.amount("value"), unit, at, field_name="update")


_PARSERS = {"liquidation_history": _liquidations, "long_short_ratio_history": _ratios, "open_interest": _open_interest}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _ask(endpoint: str, assets: Sequence[str], **params: str) -> list[Request]:
    """Questions of at most 20 markets, each of which costs a call."""
    symbols = [f"{a}{ending}.{code}" for a in assets for code, (_, ending) in _VENUES.items()]
    pages = [symbols[i : i + _MOST_SYMBOLS] for i in range(0, len(symbols), _MOST_SYMBOLS)]
    return [Request(endpoint, {"symbols": ",".join(page), **params}, cost=len(page)) for page in pages]


def _requests(assets: Sequence[str]) -> list[Request]:
    """The first four assets at three venues, ratios of the first two: 30 calls, so a round needs no second minute."""
    traded = [a for a in assets if a in ASSETS and ASSETS[a].binance][:4]
    return [
        *_ask("liquidation_history", traded, interval="1hour", convert_to_usd="true"),
        *_ask("open_interest", traded, convert_to_usd="true"),
        *_ask("long_short_ratio_history", traded[:2], interval="1hour"),
    ]


SOURCE = Source(
    name="coinalyze",
    title="Coinalyze",
    base_url="https://api.coinalyze.net",
    endpoints={
        "liquidation_history": Endpoint(
            "/v1/liquidation-history", ("liq.bucket_long", "liq.bucket_short"), every_s=1800,
            moments={"from": (26 * 3600, "s"), "to": (0, "s")},
        ),
        "open_interest": Endpoint("/v1/open-interest", ("open_interest.usd", "open_interest.coins"), every_s=900),
        "long_short_ratio_history": Endpoint(
            "/v1/long-short-ratio-history", ("accounts.long_share",), every_s=1800, moments={"from": (6 * 3600, "s"), "to": (0, "s")}
        ),
    },
    requests=_requests,
    parse=_parse,
    calls=36,
    per_s=60.0,
    terms=Terms(
        "https://api.coinalyze.net/v1/doc/",
        "2026-11-25",
        "the API is free; who uses its data in public, in news articles too, is asked to name the source, with a link where that can be",
        "Data: Coinalyze",
        "https://coinalyze.net",
        redistribution="yes",
    ),
    key_env="COINALYZE_API_KEY",
    key_header="api_key",
    page="https://coinalyze.net",
)  # fmt: skip
