"""CoinGlass v4: liquidations over venues, and flows of the US spot funds.

Host: open-api-v4.coinglass.com, header CG-API-KEY (paid). Endpoints: /api/futures/liquidation/{exchange-list, coin-list,
aggregated-history, order}, /api/etf/{bitcoin, ethereum}/flow-history. Limits depend on the plan (answer headers API-KEY-MAX-LIMIT,
API-KEY-USE-LIMIT, per minute). Terms: the owner's; figures with credit. Verified against the documentation's examples, not yet against a
live answer, on 2026-11-24.

Diary:
- 2026-11-24 `code` is text and "0" on success; `msg` may be missing. Errors may come with HTTP 200.
- 2026-11-24 plans: order needs Standard, coin-list Startup, aggregated-history below 4h Startup; a lower plan is a refusal.
- 2026-11-24 exchange-list: the row "All" is the total of the others, not one more.
- 2026-11-24 coin-list: rolling windows; the difference of two snapshots is not the flow between them.
- 2026-11-24 order: `side` is documented in two contradictory ways, so no side is read from it.
- 2026-11-24 order: exchange, symbol and min_liquidation_amount are mandatory, so one answer never covers the market.
- 2026-11-24 a fund without a flow may lack flow_usd; the documentation's funds do not add up to its total, so no sum is checked.
- 2026-11-24 flow rows are stamped 00:00 UTC of the session's day, in milliseconds.
- 2026-11-24 the pair history (/liquidation/history) writes its numbers as text; a pair is not a venue, so it is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from newsgen.errors import SourceRefused, SourceUnavailable
from newsgen.gather._source import FUTURE, MS, Answer, Endpoint, Fields, Request, Source, Terms, load_json, said
from newsgen.market import Completeness, Reading, Unit

__all__ = ["SOURCE"]

_NEW_YORK = ZoneInfo("America/New_York")
_WINDOWS = ("24h", "12h", "4h", "1h")
_ROUNDING = Decimal("0.001")


def _rows(answer: Answer) -> list[Fields]:
    top = Fields(answer, load_json(answer), "")
    code = str(top.raw("code"))
    if code != "0":
        _raise(answer, code, said(top.raw("msg")) if top.has("msg") else "")
    return top.rows("data")


def _raise(answer: Answer, code: str, message: str) -> None:
    error = SourceUnavailable if code in ("429", "50001", "500", "408") else SourceRefused
    raise error(answer.source, answer.request.endpoint, f"code {said(code)}: {message}", fetched_at=answer.fetched_at)


def _sides(answer: Answer, row: Fields, names: tuple[str, str, str], subject: str, window: str, venue: str) -> Iterable[Reading]:
    """Total, longs and shorts of one row; a total below one of its sides is refused, one that differs from their sum is kept."""
    values = [row.amount(name) for name in names]
    total, long, short = values
    for part, name in ((long, names[1]), (short, names[2])):
        if part > total * (1 + _ROUNDING):
            raise row.bad(names[0], f"the total {total} is smaller than {name} {part}")
    for side, value in zip(("total", "long", "short"), values, strict=True):
        yield answer.reading((f"liq.{side}", subject, window, venue), value, Unit.USD, answer.fetched_at)


def _exchange_list(answer: Answer) -> Iterable[Reading]:
    subject = answer.request.params.get("symbol", "market")
    window = answer.request.params.get("range", "24h")
    names = ("liquidation_usd", "long_liquidation_usd", "short_liquidation_usd")
    for row in _rows(answer):
        yield from _sides(answer, row, names, subject, window, row.text("exchange").lower())


def _coin_list(answer: Answer) -> Iterable[Reading]:
    venue = answer.request.params.get("exchange", "all").lower()
    for row in _rows(answer):
        for window in _WINDOWS:
            names = (f"liquidation_usd_{window}", f"long_liquidation_usd_{window}", f"short_liquidation_usd_{window}")
            if row.has(names[0]):
                yield from _sides(answer, row, names, row.text("symbol").upper(), window, venue)


def _history(answer: Answer) -> Iterable[Reading]:
    interval = answer.request.params.get("interval", "1d")
    subject = answer.request.params.get("symbol", "")
    if not subject:
        raise answer.bad("symbol", "the request names no symbol, and the answer does not either")
    span = {"1h": 1, "4h": 4, "12h": 12, "1d": 24}.get(interval)
    if span is None:
        raise answer.bad("interval", f"{interval} is not known")
    venue = answer.request.params.get("exchange_list", "all").lower()
    for row in _rows(answer):
        start = _past(answer, row, "time")
        end = start + timedelta(hours=span)
        if end > answer.fetched_at:
            continue  # the running bar
        for side in ("long", "short"):
            name = f"liq.{side}" if interval == "1d" else f"liq.bucket_{side}"
            value = row.amount(f"aggregated_{side}_liquidation_usd")
            yield answer.reading((name, subject, interval, venue), value, Unit.USD, end, known_at=end)


def _past(answer: Answer, row: Fields, name: str) -> datetime:
    """A moment in milliseconds that does not lie ahead."""
    at = row.moment(name, MS)
    if at > answer.fetched_at + FUTURE:
        raise row.bad(name, f"{at.isoformat()} lies after the fetch at {answer.fetched_at.isoformat()}")
    return at


def _orders(answer: Answer) -> Iterable[Reading]:
    """The largest order of the past 24 hours, per asset; of the market only where the request leaves nothing out."""
    largest: dict[str, tuple[Decimal, str, datetime]] = {}
    narrowed = {"symbol", "exchange"} & set(answer.request.params)
    for row in _rows(answer):
        at, value = _past(answer, row, "time"), row.amount("usd_value")
        if at <= answer.fetched_at - timedelta(hours=24):
            continue
        for subject in (row.text("base_asset").upper(), *(() if narrowed else ("market",))):
            if subject not in largest or value > largest[subject][0]:
                largest[subject] = (value, row.text("exchange_name").lower(), at)
    for subject, (value, venue, _at) in largest.items():
        yield answer.reading(("liq.largest_order", subject, "24h", venue), value, Unit.USD, answer.fetched_at)


def _flows(answer: Answer) -> Iterable[Reading]:
    asset = "BTC" if answer.request.endpoint == "etf_bitcoin_flow_history" else "ETH"
    for row in _rows(answer):
        day = _past(answer, row, "timestamp").date()
        close = datetime.combine(day, time(16), _NEW_YORK).astimezone(UTC)
        if close > answer.fetched_at:
            continue  # the session in progress
        yield answer.reading(("etf.net_flow", asset, "session", "us"), row.number("flow_usd"), Unit.USD, close,
                             completeness=_completeness(close, answer))  # fmt: skip
        for fund in row.rows("etf_flows") if row.has("etf_flows") else []:
            flow = fund.optional("flow_usd") if fund.has("flow_usd") else None
            if flow is not None:
                yield answer.reading(("etf.fund_flow", asset, "session", fund.text("etf_ticker").upper()), flow, Unit.USD, close,
                                     completeness=_completeness(close, answer))  # fmt: skip


def _completeness(close: datetime, answer: Answer) -> Completeness:
    """First prints are revised: preliminary until the morning after."""
    return Completeness.FINAL if answer.fetched_at - close > timedelta(hours=14) else Completeness.PRELIMINARY


_PARSERS = {
    "liquidation_exchange_list": _exchange_list,
    "liquidation_coin_list": _coin_list,
    "liquidation_aggregated_history": _history,
    "liquidation_order": _orders,
    "etf_bitcoin_flow_history": _flows,
    "etf_ethereum_flow_history": _flows,
}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    asked = [Request("liquidation_exchange_list", {"range": "24h"})]
    asked += [Request("liquidation_exchange_list", {"symbol": a, "range": "24h"}) for a in assets]
    asked += [
        Request("liquidation_aggregated_history", {"exchange_list": "Binance", "symbol": a, "interval": "4h", "limit": "12"})
        for a in ("BTC", "ETH", "SOL", "XRP")
    ]
    asked += [Request("liquidation_order", {"exchange": "Binance", "symbol": a, "min_liquidation_amount": "1000000"}) for a in assets[:2]]
    return [*asked, Request("etf_bitcoin_flow_history"), Request("etf_ethereum_flow_history")]


_LIQ = ("liq.total", "liq.long", "liq.short")
_ETF = ("etf.net_flow", "etf.fund_flow")

SOURCE = Source(
    name="coinglass",
    title="CoinGlass",
    base_url="https://open-api-v4.coinglass.com",
    endpoints={
        "liquidation_exchange_list": Endpoint("/api/futures/liquidation/exchange-list", _LIQ),
        "liquidation_coin_list": Endpoint("/api/futures/liquidation/coin-list", _LIQ),
        "liquidation_aggregated_history": Endpoint(
            "/api/futures/liquidation/aggregated-history", ("liq.bucket_long", "liq.bucket_short", "liq.long", "liq.short")
        ),
        "liquidation_order": Endpoint("/api/futures/liquidation/order", ("liq.largest_order",)),
        "etf_bitcoin_flow_history": Endpoint("/api/etf/bitcoin/flow-history", _ETF),
        "etf_ethereum_flow_history": Endpoint("/api/etf/ethereum/flow-history", _ETF),
    },
    requests=_requests,
    parse=_parse,
    calls=30,
    per_s=60.0,
    terms=Terms("https://www.coinglass.com/terms", "", "paid plans; credit the source", "CoinGlass"),
    key_env="COINGLASS_API_KEY",
    key_header="CG-API-KEY",
    page="https://www.coinglass.com/LiquidationData",
)
