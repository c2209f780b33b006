"""OKX: spot and swap tickers, spot candles, open interest, funding, accounts, and liquidations one by one, all without a key.

Host: www.okx.com, /api/v5. Endpoints: market/ticker, market/candles, market/history-candles, public/open-interest, public/funding-rate,
public/funding-rate-history, public/liquidation-orders, public/instruments, rubik/stat/contracts/long-short-account-ratio. Limit: 20
requests in 2 s of the market endpoints, 40 of the liquidations, 5 of rubik, by address; we ask 5 in 2 s. Terms: said to allow personal
use only. Verified against recorded answers of 2022, 2025 and September 2026 and the documentation's examples, on 2026-11-25.

Diary:
- 2026-11-25 `code` is text and "0" on success, also with HTTP 200; a refused region is 51155, too many requests 50011 (or HTTP 429).
- 2026-11-25 sizes of swaps are in contracts: USD = sz x ctVal x price of a linear one, sz x ctVal of an inverse one (`_contracts.py`).
- 2026-11-25 `posSide` names the position that was closed; where it is "net", the order's side says it: a sell closed a long.
- 2026-11-25 of a spot ticker vol24h is in coins and volCcy24h in the quote; of a swap vol24h is in contracts and volCcy24h in coins.
- 2026-11-25 candles come newest first; the ninth value is 1 once a candle has closed, and candles of a day begin at 00:00 in Hong Kong
  unless 1Dutc is asked for.
- 2026-11-25 a page of liquidations holds a hundred orders at most, in a lively hour that is less than two hours: it has no sums, which
  would be missing just when much is liquidated; they come from the stream. The largest order is a lower bound, since the page is of one
  swap and the coin has others.
- 2026-11-25 a rate goes over fundingTime less prevFundingTime; where the latter is missing, the next interval stands for it: eight hours
  mostly, four or less in a storm.
- 2026-11-25 of the history realizedRate was paid, fundingRate was only announced.
- 2026-11-25 rubik's open-interest-volume is not read: it has dated futures and all margins in it, and whether its stamp is the start or
  the end of the hour is not said. Of the ratios it is taken for the start, as a candle's.
- 2026-11-25 candles of swaps are refused: their volume is in contracts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from newsgen.errors import GatherError, KeyRefused, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather._assets import ASSETS, asset_of
from newsgen.gather._bars import SPANS, Kind, bar_readings, row_of
from newsgen.gather._contracts import OKX_SWAPS, Contract
from newsgen.gather._settled import Payment, settled
from newsgen.gather._source import FUTURE, MS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, number_of, said
from newsgen.gather._stream_okx import STREAM
from newsgen.market import Completeness, Reading, Unit

__all__ = ["SOURCE"]

_VENUE = "okx"
_COLUMNS = ("time", "open", "high", "low", "close", "volume", "volCcy", "volCcyQuote", "confirm")
_BARS = {"1H": "1h", "4H": "4h", "1Dutc": "1d"}
_CODES: Mapping[str, type[GatherError]] = {
    "51155": RegionRefused, "50001": SourceUnavailable, "50004": SourceUnavailable, "50011": SourceUnavailable, "50013": SourceUnavailable,
    "50026": SourceUnavailable, "50061": SourceUnavailable, "50100": KeyRefused, "50111": KeyRefused,
}  # fmt: skip
_HOUR_S = Decimal(3600)
_DAY = timedelta(hours=24)


def _data(answer: Answer) -> list[object]:
    top = Fields(answer, load_json(answer), "")
    code = top.text("code")
    if code != "0":
        problem = f"code {said(code)}: {said(top.raw('msg')) if top.has('msg') else ''}"
        raise _CODES.get(code, SourceRefused)(answer.source, answer.request.endpoint, problem, fetched_at=answer.fetched_at)
    return top.list("data")


def _rows(answer: Answer) -> list[Fields]:
    return [Fields(answer, row, f"data[{i}]") for i, row in enumerate(_data(answer))]


def _linear(row: Fields) -> Contract | None:
    """The swap against USDT that a row is of, if it is followed."""
    swap = OKX_SWAPS.get(row.text("instId"))
    return None if swap is None or swap.inverse else swap


def _ticker(answer: Answer) -> Iterable[Reading]:
    for row in _rows(answer):
        kind, at = row.text("instType"), row.moment("ts", MS)
        if kind == "SPOT":
            yield from _spot(answer, row)
        elif kind == "SWAP":
            swap = _linear(row)
            if swap is not None:
                yield answer.reading(("perp.last", swap.asset, "", _VENUE), row.price("last"), Unit.USD, at, field_name="ts")
        else:
            raise row.bad("instType", f"{said(kind)} is neither SPOT nor SWAP")


def _spot(answer: Answer, row: Fields) -> Iterable[Reading]:
    asset, at = asset_of(row.text("instId").replace("-", "")), row.moment("ts", MS)
    if asset is None:
        return
    if row.price("high24h") < row.price("low24h"):
        raise row.bad("high24h", f"high {row.price('high24h')} is below low {row.price('low24h')}")
    yield answer.reading(("spot.last", asset, "", _VENUE), row.price("last"), Unit.USD, at, field_name="ts")
    for name, part, unit in (("open24h", "open", Unit.USD), ("high24h", "high", Unit.USD), ("low24h", "low", Unit.USD)):
        yield answer.reading((f"spot.{part}", asset, "24h", _VENUE), row.price(name), unit, at, field_name="ts")
    yield answer.reading(("spot.volume_base", asset, "24h", _VENUE), row.amount("vol24h"), Unit.COINS, at, field_name="ts")
    yield answer.reading(("spot.volume_quote", asset, "24h", _VENUE), row.amount("volCcy24h"), Unit.USD, at, field_name="ts")


def _candles(answer: Answer) -> Iterable[Reading]:
    pair, bar = answer.request.params.get("instId", ""), answer.request.params.get("bar", "")
    asset = asset_of(pair.replace("-", ""))
    if asset is None or bar not in _BARS:
        raise answer.bad("request", f"instId {said(pair)!r} and bar {said(bar)!r} name no bars that are followed")
    for i, item in enumerate(_data(answer)):
        row = row_of(answer, _COLUMNS, item, f"data[{i}]")
        if row.text("confirm") not in ("0", "1"):
            raise row.bad("confirm", "0 or 1 belongs here")
        if row.text("confirm") == "1":
            kind = Kind("spot", asset, _BARS[bar], _VENUE)
            yield from bar_readings(
                answer, kind, row, row.moment("time", MS), "time", {"volume": "volume_base", "volCcyQuote": "volume_quote"}
            )


def _open_interest(answer: Answer) -> Iterable[Reading]:
    """Coins always; dollars where the answer has them."""
    for row in _rows(answer):
        swap, at = _linear(row), row.moment("ts", MS)
        if swap is None:
            continue
        yield answer.reading(("open_interest.coins", swap.asset, "", _VENUE), row.amount("oiCcy"), Unit.COINS, at, field_name="ts")
        if row.has("oiUsd"):
            yield answer.reading(("open_interest.usd", swap.asset, "", _VENUE), row.amount("oiUsd"), Unit.USD, at, field_name="ts")


def _funding(answer: Answer) -> Iterable[Reading]:
    for row in _rows(answer):
        swap = _linear(row)
        if swap is not None:
            rate = row.number("fundingRate") * 100 * 8 / _interval_hours(row)
            yield answer.reading(("funding.rate_8h", swap.asset, "8h", _VENUE), rate, Unit.PCT, row.moment("ts", MS), field_name="ts")


def _interval_hours(row: Fields) -> Decimal:
    """Over how many hours the rate goes that is paid next."""
    due, name = row.moment("fundingTime", MS), "nextFundingTime"
    if row.has("prevFundingTime") and row.optional("prevFundingTime"):
        name, apart = "prevFundingTime", due - row.moment("prevFundingTime", MS)
    else:
        apart = row.moment(name, MS) - due
    hours = Decimal(apart.total_seconds()) / _HOUR_S
    if not 1 <= hours <= 24:
        raise row.bad(name, f"an interval cannot be {hours} hours")
    return hours


def _settled(answer: Answer) -> Iterable[Reading]:
    paid: defaultdict[str, list[Payment]] = defaultdict(list)
    for row in _rows(answer):
        swap = _linear(row)
        if swap is not None:
            paid[swap.asset].append(Payment(row.moment("fundingTime", MS), row.number("realizedRate"), row, "fundingTime"))
    for asset, payments in paid.items():
        yield from settled(answer, asset, _VENUE, payments)


def _accounts(answer: Answer) -> Iterable[Reading]:
    """The ratio r of longs to shorts as the share of longs, r / (r + 1). Rows name the start of their hour; the newest one still runs."""
    asset, period = answer.request.params.get("ccy", ""), answer.request.params.get("period", "1H")
    if asset not in ASSETS or period not in _BARS:
        raise answer.bad("request", f"ccy {said(asset)!r} and period {said(period)!r} name nothing that is followed")
    for i, item in enumerate(_data(answer)):
        row = row_of(answer, ("time", "ratio"), item, f"data[{i}]")
        start = row.moment("time", MS)
        if start > answer.fetched_at + FUTURE:
            raise row.bad("time", "lies after the fetch")
        end = start + SPANS[_BARS[period]]
        if end <= answer.fetched_at:
            ratio = row.amount("ratio")
            share = (ratio / (ratio + 1) * 100).quantize(Decimal("0.0001"))
            yield answer.reading(("accounts.long_share", asset, _BARS[period], _VENUE), share, Unit.PCT, end, known_at=end)


def _liquidations(answer: Answer) -> Iterable[Reading]:
    """The largest order of the past 24 hours: a lower bound, and partial where the page does not reach back so far."""
    orders: list[tuple[str, Decimal]] = []
    day_ago = answer.fetched_at - _DAY
    whole = Completeness.PARTIAL
    for row in _rows(answer):
        swap = OKX_SWAPS.get(row.text("instId"))
        for order in row.rows("details") if swap is not None else ():
            assert swap is not None
            at, usd = order.moment("ts", MS), _closed(order, swap)
            if at > answer.fetched_at + FUTURE:
                raise order.bad("ts", "lies after the fetch")
            if at > day_ago:
                orders.append((swap.asset, usd))
            else:
                whole = Completeness.FINAL
    for asset in sorted({asset for asset, _ in orders}):
        value = max(usd for of, usd in orders if of == asset)
        reading = answer.reading(("liq.largest_order", asset, "24h", _VENUE), value, Unit.USD, answer.fetched_at, completeness=whole)
        yield replace(reading, origin=replace(reading.origin, bound="at_least"))


def _closed(order: Fields, swap: Contract) -> Decimal:
    """Dollars of an order, and a side that can be told."""
    side_of(order)
    return swap.usd(order.amount("sz"), order.price("bkPx"))


def side_of(order: Fields) -> str:
    """The position that was closed."""
    position, side = order.text("posSide"), order.text("side")
    if side not in ("buy", "sell"):
        raise order.bad("side", f"{said(side)} is neither buy nor sell")
    if position == "net":
        return "long" if side == "sell" else "short"
    if position not in ("long", "short"):
        raise order.bad("posSide", f"{said(position)} is no side")
    if (position == "long") is not (side == "sell"):
        raise order.bad("posSide", f"a {position} is not closed by a {side}")
    return position


def _instruments(answer: Answer) -> Iterable[Reading]:
    """No reading: the contract values that are listed must be those we count with."""
    for row in _rows(answer):
        swap = OKX_SWAPS.get(row.text("instId"))
        if swap is None:
            continue
        multiplier = number_of(row.raw("ctMult")) if row.has("ctMult") else None
        listed = row.price("ctVal") * (multiplier or 1)
        currency = "USD" if swap.inverse else swap.asset
        if listed != swap.value or row.text("ctValCcy") != currency:
            raise row.bad("ctVal", f"a contract is {listed} {said(row.raw('ctValCcy'))}, and {swap.value} {currency} is counted with")
    yield from ()


_PARSERS: Mapping[str, Callable[[Answer], Iterable[Reading]]] = {
    "ticker": _ticker, "candles": _candles, "candles_back": _candles, "open_interest": _open_interest, "funding_rate": _funding,
    "funding_rate_history": _settled, "long_short_accounts": _accounts, "liquidation_orders": _liquidations, "instruments": _instruments,
}  # fmt: skip


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    followed = [a for a in assets if a in ASSETS and ASSETS[a].binance]
    swaps = [(a, f"{a}-USDT-SWAP") for a in followed if f"{a}-USDT-SWAP" in OKX_SWAPS]
    asked = [Request("ticker", {"instId": f"{a}-USDT"}) for a in followed]
    asked += [Request("ticker", {"instId": swap}) for _, swap in swaps]
    asked += [
        Request("candles", {"instId": f"{a}-USDT", "bar": bar, "limit": n}) for a in followed for bar, n in (("1H", "30"), ("1Dutc", "3"))
    ]
    asked += [Request("candles_back", {"instId": f"{a}-USDT", "bar": "1Dutc", "limit": "300"}) for a in followed]
    asked += [Request("open_interest", {"instType": "SWAP", "instId": swap}) for _, swap in swaps]
    asked += [Request(name, {"instId": swap}) for name in ("funding_rate", "funding_rate_history") for _, swap in swaps]
    asked += [Request("liquidation_orders", {"uly": f"{a}-USDT"}) for a, _ in swaps[:2]]
    asked += [Request("long_short_accounts", {"ccy": a, "period": "1H"}) for a, _ in swaps]
    return [*asked, *([Request("instruments")] if swaps else [])]


_SPOT = ("spot.last", "spot.open", "spot.high", "spot.low", "spot.volume_base", "spot.volume_quote")
_CANDLES = ("spot.open", "spot.high", "spot.low", "spot.close", "spot.volume_base", "spot.volume_quote")

SOURCE = Source(
    name="okx",
    title="OKX",
    base_url="https://www.okx.com",
    endpoints={
        "ticker": Endpoint("/api/v5/market/ticker", (*_SPOT, "perp.last")),
        "candles": Endpoint("/api/v5/market/candles", _CANDLES, every_s=300),
        "candles_back": Endpoint("/api/v5/market/candles", _CANDLES, every_s=86_400),
        "open_interest": Endpoint("/api/v5/public/open-interest", ("open_interest.coins", "open_interest.usd")),
        "funding_rate": Endpoint("/api/v5/public/funding-rate", ("funding.rate_8h",), every_s=900),
        "funding_rate_history": Endpoint(
            "/api/v5/public/funding-rate-history", ("funding.settled_8h",), fixed={"limit": "10"}, every_s=14_400
        ),
        "liquidation_orders": Endpoint(
            "/api/v5/public/liquidation-orders", ("liq.largest_order",), fixed={"instType": "SWAP", "state": "filled", "limit": "100"}
        ),
        "long_short_accounts": Endpoint("/api/v5/rubik/stat/contracts/long-short-account-ratio", ("accounts.long_share",), every_s=1800),
        "instruments": Endpoint("/api/v5/public/instruments", (), fixed={"instType": "SWAP"}, every_s=86_400),
    },
    requests=_requests,
    parse=_parse,
    calls=5,
    per_s=2.0,
    terms=Terms(
        "https://www.okx.com/help/okx-api-agreement", "",
        "only its definitions were at hand: market data is all of it, asked for with or without a key; others report of section 9.4 that it"
        " may be used for one's own trading alone, and shown, published or passed on only with OKX's written leave",
        commercial="no", redistribution="no",
    ),
    page="https://www.okx.com/markets",
    stream=STREAM,
)  # fmt: skip
