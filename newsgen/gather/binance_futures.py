"""Binance USD-margined futures: marks, funding, open interest, accounts, all without a key.

Host: fapi.binance.com. Endpoints: /fapi/v1/premiumIndex, /fapi/v1/fundingInfo, /fapi/v1/fundingRate, /fapi/v1/openInterest,
/fapi/v1/ticker/24hr, /fapi/v1/klines, /futures/data/openInterestHist, /futures/data/globalLongShortAccountRatio. Limit: 2,400 weight a
minute by address, 1,000 calls in 5 minutes of /futures/data; 429, then 418 (ban), with Retry-After. Terms: said to allow non-commercial and
internal use. Verified against recorded answers of 2020 to 2026, on 2026-11-25.

Diary:
- 2026-11-25 lastFundingRate is a fraction for an interval that the answer does not name, eight hours of all contracts that we follow.
  fundingInfo lists the exceptions: one of ours is found loudly. So is a next payment at another hour than 0, 8 and 16, as the first one
  after a change to four hours would be.
- 2026-11-25 openInterest is coins; openInterestHist has dollars too, for the last thirty days.
- 2026-11-25 `timestamp` is text in the documentation and a number on the wire: both are read.
- 2026-11-25 the documentation's ratio example contradicts itself: the ratio is not read, long and short accounts are.
- 2026-11-25 candles have the shape of spot candles: these are perpetuals, and feed no price.
- 2026-11-25 payments are stamped some milliseconds late; a recorded empty history is null, not a list.
- 2026-11-25 errors are {"code": -1121, "msg": ...}; a refused region is HTTP 451 with code 0.
- 2026-11-25 COIN-M (dapi.binance.com) counts in contracts of 100 or 10 dollars, in an answer of its own, and is not asked: it would be a
  second figure beside this one, and no sum of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from newsgen.errors import RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather._assets import ASSETS, asset_of
from newsgen.gather._bars import SPANS, Kind, bar_readings, row_of
from newsgen.gather._settled import Payment, settled
from newsgen.gather._source import MS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.gather._stream_binance import STREAM
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_VENUE = "binance"
_COLUMNS = ("openTime", "open", "high", "low", "close", "volume", "closeTime", "quoteVolume", "trades")
_PASSING = ("-1000", "-1001", "-1003", "-1007", "-1008", "-1015")  # as at spot: too many requests, time-out, overloaded
_HOURS = Decimal(8)
_PERIODS = frozenset({"5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d"})


def _body(answer: Answer) -> Any:
    body = load_json(answer)
    if isinstance(body, dict) and "code" in body and "msg" in body:
        code, message = said(body["code"]), said(body["msg"])
        error = SourceUnavailable if code in _PASSING else RegionRefused if "restricted location" in message else SourceRefused
        raise error(answer.source, answer.request.endpoint, f"code {code}: {message}", fetched_at=answer.fetched_at)
    return body


def _rows(answer: Answer) -> list[Fields]:
    """One object, or a list of them."""
    body = _body(answer)
    if isinstance(body, list):
        return [Fields(answer, row, f"[{i}]") for i, row in enumerate(body)]
    return [Fields(answer, body, "")]


def _followed(answer: Answer) -> Iterable[tuple[Fields, str]]:
    for row in _rows(answer):
        asset = asset_of(row.text("symbol"))
        if asset in ASSETS and asset is not None:
            yield row, asset


def _premium(answer: Answer) -> Iterable[Reading]:
    for row, asset in _followed(answer):
        at = row.moment("time", MS)
        yield answer.reading(("perp.mark", asset, "", _VENUE), row.price("markPrice"), Unit.USD, at)
        if row.optional("lastFundingRate") is not None:
            _check_due(row)
            yield answer.reading(("funding.rate_8h", asset, "8h", _VENUE), row.number("lastFundingRate") * 100, Unit.PCT, at)


def _check_due(row: Fields) -> None:
    """The next payment comes at an hour of every eight, or the rate is of another interval than it is taken for."""
    if row.has("nextFundingTime"):
        due = row.moment("nextFundingTime", MS)
        if due.hour % int(_HOURS) or due.minute:
            raise row.bad("nextFundingTime", f"{due:%H:%M} is no hour of a payment every {_HOURS} hours")


def _intervals(answer: Answer) -> Iterable[Reading]:
    """No reading: the contracts that we follow are funded every eight hours, or the rates above are wrong."""
    for row, asset in _followed(answer):
        if row.price("fundingIntervalHours") != _HOURS:
            raise row.bad(
                "fundingIntervalHours", f"{asset} is funded every {row.price('fundingIntervalHours')} hours, and {_HOURS} is counted with"
            )
    yield from ()


def _settled(answer: Answer) -> Iterable[Reading]:
    if load_json(answer) is None:
        return
    paid: defaultdict[str, list[Payment]] = defaultdict(list)
    for row, asset in _followed(answer):
        paid[asset].append(Payment(row.moment("fundingTime", MS), row.number("fundingRate"), row, "fundingTime"))
    for asset, payments in paid.items():
        yield from settled(answer, asset, _VENUE, payments)


def _coins(answer: Answer) -> Iterable[Reading]:
    for row, asset in _followed(answer):
        yield answer.reading(("open_interest.coins", asset, "", _VENUE), row.amount("openInterest"), Unit.COINS, row.moment("time", MS))


def _history(answer: Answer) -> Iterable[Reading]:
    for row, asset in _followed(answer):
        at = row.moment("timestamp", MS)
        for name, part, unit in (("sumOpenInterest", "coins", Unit.COINS), ("sumOpenInterestValue", "usd", Unit.USD)):
            yield answer.reading((f"open_interest.{part}", asset, "", _VENUE), row.amount(name), unit, at, field_name="timestamp")


def _accounts(answer: Answer) -> Iterable[Reading]:
    rows, period = list(_followed(answer)), answer.request.params.get("period", "")
    if period not in _PERIODS:
        raise answer.bad("request", f"period {said(period)!r} is none of this endpoint's")
    for row, asset in rows:
        longs, shorts = row.amount("longAccount"), row.amount("shortAccount")
        if abs(longs + shorts - 1) > Decimal("0.01"):
            raise row.bad("longAccount", f"{longs} and {shorts} are no shares of one whole")
        key = ("accounts.long_share", asset, period, _VENUE)
        yield answer.reading(key, longs * 100, Unit.PCT, row.moment("timestamp", MS), field_name="timestamp")


def _ticker(answer: Answer) -> Iterable[Reading]:
    for row, asset in _followed(answer):
        at = row.moment("closeTime", MS)
        yield answer.reading(("perp.last", asset, "", _VENUE), row.price("lastPrice"), Unit.USD, at, field_name="closeTime")


def _klines(answer: Answer) -> Iterable[Reading]:
    pair, window = answer.request.params.get("symbol", ""), answer.request.params.get("interval", "")
    asset, body = asset_of(pair), _body(answer)
    if asset is None or window not in SPANS:
        raise answer.bad("request", f"symbol {said(pair)!r} and interval {said(window)!r} name no bars that are followed")
    if not isinstance(body, list):
        raise answer.bad("body", "a list of candles belongs here")
    for i, item in enumerate(body):
        row = row_of(answer, _COLUMNS, item, f"[{i}]")
        kind = Kind("perp", asset, window, _VENUE)
        yield from bar_readings(answer, kind, row, row.moment("openTime", MS), "openTime", {"volume": "volume_base"})


_PARSERS: Mapping[str, Callable[[Answer], Iterable[Reading]]] = {
    "premium_index": _premium, "funding_info": _intervals, "funding_rate": _settled, "open_interest": _coins,
    "open_interest_hist": _history, "long_short_accounts": _accounts, "ticker_24hr": _ticker, "klines": _klines,
}  # fmt: skip


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    """Candles of the first two assets only: they feed no price."""
    pairs = [ASSETS[a].binance for a in assets if a in ASSETS and ASSETS[a].binance]
    asked = [Request("premium_index", {"symbol": p}) for p in pairs]
    asked += [Request("open_interest_hist", {"symbol": p, "period": "5m", "limit": "2"}) for p in pairs]
    asked += [Request("long_short_accounts", {"symbol": p, "period": "1h", "limit": "2"}) for p in pairs]
    asked += [Request("funding_rate", {"symbol": p, "limit": "10"}) for p in pairs]
    asked += [Request("klines", {"symbol": p, "interval": i, "limit": n}) for p in pairs[:2] for i, n in (("1h", "30"), ("1d", "3"))]
    return [*asked, *([Request("funding_info")] if pairs else [])]


_OPEN = ("open_interest.coins", "open_interest.usd")
_PERP = ("perp.open", "perp.high", "perp.low", "perp.close", "perp.volume_base")

SOURCE = Source(
    name="binance_futures",
    title="Binance",
    base_url="https://fapi.binance.com",
    endpoints={
        "premium_index": Endpoint("/fapi/v1/premiumIndex", ("perp.mark", "funding.rate_8h")),
        "funding_info": Endpoint("/fapi/v1/fundingInfo", (), every_s=3600),
        "funding_rate": Endpoint("/fapi/v1/fundingRate", ("funding.settled_8h",), every_s=14_400),
        "open_interest": Endpoint("/fapi/v1/openInterest", ("open_interest.coins",)),
        "open_interest_hist": Endpoint("/futures/data/openInterestHist", _OPEN, every_s=300),
        "long_short_accounts": Endpoint("/futures/data/globalLongShortAccountRatio", ("accounts.long_share",), every_s=1800),
        "ticker_24hr": Endpoint("/fapi/v1/ticker/24hr", ("perp.last",)),
        "klines": Endpoint("/fapi/v1/klines", _PERP, every_s=1800),
    },
    requests=_requests,
    parse=_parse,
    calls=500,
    per_s=300.0,
    terms=Terms(
        "https://www.binance.com/en/terms", "",
        "not at hand; others report a licence for non-commercial personal or internal business use, and no clause on market data that they"
        " could find in the version of July 2026",
        commercial="no",
    ),
    page="https://www.binance.com/en/futures",
    stream=STREAM,
)  # fmt: skip
