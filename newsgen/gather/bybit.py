"""Bybit: spot tickers and candles, perpetuals, open interest, funding, accounts, all without a key.

Host: api.bybit.com, /v5/market. Endpoints: tickers, kline, open-interest, funding/history, account-ratio. Limit: 600 requests in 5 s by
address; above it HTTP 403 "access too frequent", for ten minutes. Terms: said to forbid commercial use and passing on. Verified against the
documentation's examples and recorded frames of 2024, on 2026-11-25; the two sides of open interest against what others recorded in 2026.

Diary:
- 2026-11-25 success is retCode 0; with HTTP 200 come 10006 (too many visits), 10009 and 10024 (a refused region), 10016 (overloaded).
- 2026-11-25 price24hPcnt is a fraction, and is not read: changes are computed.
- 2026-11-25 openInterest and openInterestValue are the sum of BOTH sides since mid-2026, in tickers too, twice what other venues tell;
  singleOpenInterest and singleOpenInterestValue are one side. Only these are read, and halves are not guessed: in answers of older days
  openInterest was one side.
- 2026-11-25 of a linear contract the first is coins and the value dollars; of an inverse one it is the other way round.
- 2026-11-25 a ticker has no moment of its own: the answer's `time` is.
- 2026-11-25 candles come newest first, the last one open; of an inverse contract the volume is dollars.
- 2026-11-25 funding: fundingIntervalHour stands in newer answers; without it the rate's interval is not known, and nothing is read.
- 2026-11-25 perpetuals against USDC are called BTCPERP: they are not followed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from newsgen.errors import GatherError, KeyRefused, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather._assets import ASSETS, asset_of
from newsgen.gather._bars import Kind, bar_readings, row_of
from newsgen.gather._settled import Payment, settled
from newsgen.gather._source import FUTURE, MS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.gather._stream_bybit import STREAM
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_VENUE, _INVERSE = "bybit", "bybit_inverse"
_BARS = {"60": "1h", "240": "4h", "D": "1d"}
_PERIODS = {"1h": "1h", "4h": "4h", "1d": "1d"}
_UNITS = {"coins": Unit.COINS, "usd": Unit.USD}
_COLUMNS = ("start", "open", "high", "low", "close", "volume", "turnover")
_CODES: Mapping[str, type[GatherError]] = {
    "10000": SourceUnavailable, "10006": SourceUnavailable, "10016": SourceUnavailable, "10018": SourceUnavailable,
    "10429": SourceUnavailable,
    "10009": RegionRefused, "10024": RegionRefused, "10003": KeyRefused, "10004": KeyRefused, "33004": KeyRefused,
}  # fmt: skip


def _result(answer: Answer) -> tuple[Fields, datetime]:
    """The result and the moment that it speaks of."""
    top = Fields(answer, load_json(answer), "")
    code = str(top.raw("retCode"))
    if code != "0":
        problem = f"code {said(code)}: {said(top.raw('retMsg')) if top.has('retMsg') else ''}"
        raise _CODES.get(code, SourceRefused)(answer.source, answer.request.endpoint, problem, fetched_at=answer.fetched_at)
    at = top.moment("time", MS)
    if at > answer.fetched_at + FUTURE:
        raise top.bad("time", "lies after the fetch")
    return top.object("result"), at


def _tickers(answer: Answer) -> Iterable[Reading]:
    result, at = _result(answer)
    write = {"spot": _spot, "linear": _linear, "inverse": _inverse}.get(result.text("category"))
    if write is None:
        raise result.bad("category", f"{said(result.raw('category'))} is not followed")
    for row in result.rows("list"):
        yield from write(answer, row, at)


def _spot(answer: Answer, row: Fields, at: datetime) -> Iterable[Reading]:
    asset = asset_of(row.text("symbol"))
    if asset is None:
        return
    if row.price("highPrice24h") < row.price("lowPrice24h"):
        raise row.bad("highPrice24h", f"high {row.price('highPrice24h')} is below low {row.price('lowPrice24h')}")
    yield answer.reading(("spot.last", asset, "", _VENUE), row.price("lastPrice"), Unit.USD, at)
    for name, part in (("prevPrice24h", "open"), ("highPrice24h", "high"), ("lowPrice24h", "low")):
        yield answer.reading((f"spot.{part}", asset, "24h", _VENUE), row.price(name), Unit.USD, at)
    yield answer.reading(("spot.volume_base", asset, "24h", _VENUE), row.amount("volume24h"), Unit.COINS, at)
    yield answer.reading(("spot.volume_quote", asset, "24h", _VENUE), row.amount("turnover24h"), Unit.USD, at)


def _linear(answer: Answer, row: Fields, at: datetime) -> Iterable[Reading]:
    asset = asset_of(row.text("symbol"))
    if asset is None:
        return
    yield answer.reading(("perp.last", asset, "", _VENUE), row.price("lastPrice"), Unit.USD, at)
    yield answer.reading(("perp.mark", asset, "", _VENUE), row.price("markPrice"), Unit.USD, at)
    yield from _one_side(answer, row, asset, at, inverse=False)
    if row.has("fundingIntervalHour") and row.optional("fundingRate") is not None:
        hours = row.price("fundingIntervalHour")
        if hours > 24:
            raise row.bad("fundingIntervalHour", f"an interval cannot be {hours} hours")
        yield answer.reading(("funding.rate_8h", asset, "8h", _VENUE), row.number("fundingRate") * 100 * 8 / hours, Unit.PCT, at)


def _inverse(answer: Answer, row: Fields, at: datetime) -> Iterable[Reading]:
    """Contracts of one dollar: a venue of its own, so that no sum takes its dollars for coins."""
    asset = asset_of(row.text("symbol"), "USD")
    if asset is not None:
        yield from _one_side(answer, row, asset, at, inverse=True)


def _one_side(answer: Answer, row: Fields, asset: str, at: datetime, *, inverse: bool) -> Iterable[Reading]:
    """Open interest of one side, where the answer tells it apart from that of both."""
    venue = _INVERSE if inverse else _VENUE
    size, value = ("usd", "coins") if inverse else ("coins", "usd")
    for name, part in (("singleOpenInterest", size), ("singleOpenInterestValue", value)):
        amount = row.optional_amount(name) if row.has(name) else None
        if amount is not None:
            yield answer.reading((f"open_interest.{part}", asset, "", venue), amount, _UNITS[part], at, field_name="timestamp")


def _kline(answer: Answer) -> Iterable[Reading]:
    result, _ = _result(answer)
    window = _BARS.get(answer.request.params.get("interval", ""))
    category, asset = result.text("category"), asset_of(result.text("symbol"), "USD" if result.text("category") == "inverse" else "USDT")
    if window is None or asset is None:
        raise answer.bad("request", "symbol and interval name no bars that are followed")
    kinds = {"spot": Kind("spot", asset, window, _VENUE), "linear": Kind("perp", asset, window, _VENUE),
             "inverse": Kind("perp", asset, window, _INVERSE)}  # fmt: skip
    if category not in kinds:
        raise result.bad("category", f"{said(category)} is not followed")
    volumes = {"spot": {"volume": "volume_base", "turnover": "volume_quote"}, "linear": {"volume": "volume_base"}}.get(category, {})
    for i, item in enumerate(result.list("list")):
        row = row_of(answer, _COLUMNS, item, f"result.list[{i}]")
        yield from bar_readings(answer, kinds[category], row, row.moment("start", MS), "start", volumes)


def _open_interest(answer: Answer) -> Iterable[Reading]:
    result, _ = _result(answer)
    category = result.text("category")
    if category not in ("linear", "inverse"):
        raise result.bad("category", f"{said(category)} has no open interest")
    inverse = category == "inverse"
    asset = asset_of(result.text("symbol"), "USD" if inverse else "USDT")
    for row in result.rows("list") if asset is not None else ():
        assert asset is not None
        yield from _one_side(answer, row, asset, row.moment("timestamp", MS), inverse=inverse)


def _settled(answer: Answer) -> Iterable[Reading]:
    result, _ = _result(answer)
    if result.text("category") != "linear":
        raise result.bad("category", f"{said(result.raw('category'))} is not followed")
    paid: defaultdict[str, list[Payment]] = defaultdict(list)
    for row in result.rows("list"):
        asset = asset_of(row.text("symbol"))
        if asset is not None:
            time_name = "fundingRateTimestamp"
            paid[asset].append(Payment(row.moment(time_name, MS), row.number("fundingRate"), row, time_name))
    for asset, payments in paid.items():
        yield from settled(answer, asset, _VENUE, payments)


def _accounts(answer: Answer) -> Iterable[Reading]:
    result, _ = _result(answer)
    window = _PERIODS.get(answer.request.params.get("period", "1h"))
    if window is None:
        raise answer.bad("request", "period names nothing that is followed")
    for row in result.rows("list"):
        asset = asset_of(row.text("symbol"))
        longs, shorts = row.amount("buyRatio"), row.amount("sellRatio")
        if abs(longs + shorts - 1) > Decimal("0.01"):
            raise row.bad("buyRatio", f"{longs} and {shorts} are no shares of one whole")
        if asset is not None:
            key = ("accounts.long_share", asset, window, _VENUE)
            yield answer.reading(key, longs * 100, Unit.PCT, row.moment("timestamp", MS), field_name="timestamp")


_PARSERS: Mapping[str, Callable[[Answer], Iterable[Reading]]] = {
    "tickers": _tickers, "kline": _kline, "kline_back": _kline, "open_interest": _open_interest, "funding_history": _settled,
    "account_ratio": _accounts,
}  # fmt: skip


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    pairs = [ASSETS[a].binance for a in assets if a in ASSETS and ASSETS[a].binance]
    asked = [Request("tickers", {"category": kind, "symbol": p}) for kind in ("spot", "linear") for p in pairs]
    asked += [
        Request("kline", {"category": "spot", "symbol": p, "interval": i, "limit": n}) for p in pairs for i, n in (("60", "30"), ("D", "3"))
    ]
    asked += [Request("kline_back", {"category": "spot", "symbol": p, "interval": "D", "limit": "400"}) for p in pairs]
    asked += [Request("funding_history", {"category": "linear", "symbol": p, "limit": "10"}) for p in pairs]
    return asked + [Request("account_ratio", {"category": "linear", "symbol": p, "period": "1h", "limit": "2"}) for p in pairs]


_SPOT = ("spot.last", "spot.open", "spot.high", "spot.low", "spot.volume_base", "spot.volume_quote")
_PERP = ("perp.open", "perp.high", "perp.low", "perp.close", "perp.volume_base")
_KLINE = ("spot.open", "spot.high", "spot.low", "spot.close", "spot.volume_base", "spot.volume_quote")

SOURCE = Source(
    name="bybit",
    title="Bybit",
    base_url="https://api.bybit.com",
    endpoints={
        "tickers": Endpoint(
            "/v5/market/tickers", (*_SPOT, "perp.last", "perp.mark", "open_interest.coins", "open_interest.usd", "funding.rate_8h")
        ),
        "kline": Endpoint("/v5/market/kline", (*_KLINE, *_PERP), every_s=300),
        "kline_back": Endpoint("/v5/market/kline", _KLINE, every_s=86_400),
        "open_interest": Endpoint("/v5/market/open-interest", ("open_interest.coins", "open_interest.usd"), every_s=900),
        "funding_history": Endpoint("/v5/market/funding/history", ("funding.settled_8h",), every_s=14_400),
        "account_ratio": Endpoint("/v5/market/account-ratio", ("accounts.long_share",), every_s=1800),
    },
    requests=_requests,
    parse=_parse,
    calls=100,
    per_s=5.0,
    terms=Terms(
        "https://www.bybit.com/en/legal/service-specific-terms/API-Terms", "",
        "others report that the API may not be exploited commercially and that what it sends may not be repackaged or resold",
        commercial="no", redistribution="no",
    ),
    page="https://www.bybit.com",
    stream=STREAM,
    statuses={403: (SourceUnavailable, "too many requests, or refused in this region")},
)  # fmt: skip
