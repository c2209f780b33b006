"""CoinGlass v4: liquidations over venues, flows and assets of the US spot funds, open interest, funding, options, reserves, calendar.

Host: open-api-v4.coinglass.com, header CG-API-KEY (paid). Endpoints: /api/futures/{liquidation/..., open-interest/exchange-list,
funding-rate/exchange-list, global-long-short-account-ratio/history, exchange-rank, coins-markets}, /api/etf/..., /api/option/{info,
max-pain}, /api/exchange/balance/list, /api/index/{bitcoin-dominance, fear-greed-history}, /api/calendar/economic-data. Limits depend on the
plan, 30 a minute on the smallest (answer headers API-KEY-MAX-LIMIT, API-KEY-USE-LIMIT, per minute). Terms: no redistribution and no
commercial use without the owner's leave. Verified against the documentation's examples, not yet against a live answer, on 2026-11-25.

Diary:
- 2026-11-24 `code` is text and "0" on success; `msg` may be missing. Errors may come with HTTP 200.
- 2026-11-24 plans: order and coins-markets need Standard; coin-list, aggregated-history below 4h, dominance and calendar Startup; accounts
  below 4h Startup. A lower plan is a refusal ("Upgrade plan", also under code 401, which else means the key).
- 2026-11-24 exchange-list: the row "All" is the total of the others, not one more. The same in open-interest and option/info.
- 2026-11-24 coin-list: rolling windows; the difference of two snapshots is not the flow between them.
- 2026-11-24 order: `side` is documented in two contradictory ways, so no side is read from it.
- 2026-11-24 order: exchange, symbol and min_liquidation_amount are mandatory, so one answer never covers the market.
- 2026-11-24 a fund without a flow may lack flow_usd; the documentation's funds do not add up to its total, so no sum is checked.
- 2026-11-24 flow rows are stamped 00:00 UTC of the session's day, in milliseconds. Net assets too.
- 2026-11-24 the pair history (/liquidation/history) writes its numbers as text; a pair is not a venue, so it is not read.
- 2026-11-25 funding_rate is in percent (0.007343 at Binance), per funding_rate_interval hours: brought to eight. The coin-margined list
  would be a second rate of the same venue and is not read. coins-markets' averages over venues have no interval and are not read.
- 2026-11-25 accounts: `time` is taken for the start of the bar, as in the other histories; the documentation does not say.
- 2026-11-25 exchange-rank: volume_usd has no window and liquidation_usd_24h stands in exchange-list: only open interest is read.
- 2026-11-25 max-pain: expiry as YYMMDD, due 08:00 UTC; price as text; open interest in contracts, of one coin at Deribit only.
- 2026-11-25 the calendar's country codes are not ISO's (SK is Korea): the name is used. Events without an exact time are left out.
- 2026-11-25 fear-greed-history: three lists side by side, in seconds; the example's index of 4611285 would be refused; no class is sent.
- 2026-11-25 etf/bitcoin/list holds funds of other regions and of futures too: only US spot funds are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from newsgen.gather._coinglass import HOURS, completeness, past, rows, session_close
from newsgen.gather._coinglass_market import MARKET
from newsgen.gather._source import Answer, Endpoint, Fields, Request, Source, Terms
from newsgen.market import Reading, Unit

__all__ = ["SOURCE"]

_WINDOWS = ("24h", "12h", "4h", "1h")
_ROUNDING = Decimal("0.001")


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
    for row in rows(answer):
        yield from _sides(answer, row, names, subject, window, row.text("exchange").lower())


def _coin_list(answer: Answer) -> Iterable[Reading]:
    """Rolling windows of each coin, at one venue or (the request names none) at all."""
    venue = (answer.request.params.get("exchange") or answer.request.params.get("exchange_list", "all")).lower()
    for row in rows(answer):
        for window in _WINDOWS:
            names = (f"liquidation_usd_{window}", f"long_liquidation_usd_{window}", f"short_liquidation_usd_{window}")
            if row.has(names[0]):
                yield from _sides(answer, row, names, row.text("symbol").upper(), window, venue)


def _coins_markets(answer: Answer) -> Iterable[Reading]:
    """Open interest, and liquidations as in coin-list where they stand."""
    yield from MARKET["coins_markets"](answer)
    yield from _coin_list(answer)


def _history(answer: Answer) -> Iterable[Reading]:
    interval = answer.request.params.get("interval", "1d")
    subject = answer.request.params.get("symbol", "")
    if not subject:
        raise answer.bad("symbol", "the request names no symbol, and the answer does not either")
    span = HOURS.get(interval)
    if span is None:
        raise answer.bad("interval", f"{interval} is not known")
    venue = answer.request.params.get("exchange_list", "all").lower()
    for row in rows(answer):
        start = past(answer, row, "time")
        end = start + timedelta(hours=span)
        if end > answer.fetched_at:
            continue  # the running bar
        for side in ("long", "short"):
            name = f"liq.{side}" if interval == "1d" else f"liq.bucket_{side}"
            value = row.amount(f"aggregated_{side}_liquidation_usd")
            yield answer.reading((name, subject, interval, venue), value, Unit.USD, end, known_at=end)


def _orders(answer: Answer) -> Iterable[Reading]:
    """The largest order of the past 24 hours, per asset; of the market only where the request leaves nothing out."""
    largest: dict[str, tuple[Decimal, str, datetime]] = {}
    narrowed = {"symbol", "exchange"} & set(answer.request.params)
    for row in rows(answer):
        at, value = past(answer, row, "time"), row.amount("usd_value")
        if at <= answer.fetched_at - timedelta(hours=24):
            continue
        for subject in (row.text("base_asset").upper(), *(() if narrowed else ("market",))):
            if subject not in largest or value > largest[subject][0]:
                largest[subject] = (value, row.text("exchange_name").lower(), at)
    for subject, (value, venue, _at) in largest.items():
        yield answer.reading(("liq.largest_order", subject, "24h", venue), value, Unit.USD, answer.fetched_at)


def _flows(answer: Answer) -> Iterable[Reading]:
    asset = "BTC" if answer.request.endpoint == "etf_bitcoin_flow_history" else "ETH"
    for row in rows(answer):
        day = past(answer, row, "timestamp").date()
        close = session_close(day)
        if close > answer.fetched_at:
            continue  # the session in progress
        yield answer.reading(("etf.net_flow", asset, "session", "us"), row.number("flow_usd"), Unit.USD, close,
                             completeness=completeness(close, answer))  # fmt: skip
        for fund in row.rows("etf_flows") if row.has("etf_flows") else []:
            flow = fund.optional("flow_usd") if fund.has("flow_usd") else None
            if flow is not None:
                yield answer.reading(("etf.fund_flow", asset, "session", fund.text("etf_ticker").upper()), flow, Unit.USD, close,
                                     completeness=completeness(close, answer))  # fmt: skip


_PARSERS = {
    **MARKET,
    "liquidation_exchange_list": _exchange_list,
    "liquidation_coin_list": _coin_list,
    "liquidation_aggregated_history": _history,
    "liquidation_order": _orders,
    "etf_bitcoin_flow_history": _flows,
    "etf_ethereum_flow_history": _flows,
    "coins_markets": _coins_markets,
}


def _parse(answer: Answer) -> list[Reading]:
    return list(_PARSERS[answer.request.endpoint](answer))


def _requests(assets: Sequence[str]) -> list[Request]:
    """At most 29 for six assets even when all are due: the smallest plan allows 30 a minute."""
    majors = [a for a in assets if a in _MAJORS]
    asked = [Request("liquidation_exchange_list", {"range": "24h"})]
    asked += [Request("liquidation_exchange_list", {"symbol": a, "range": "24h"}) for a in assets]
    asked += [
        Request("liquidation_aggregated_history", {"exchange_list": "Binance", "symbol": a, "interval": "4h", "limit": "12"})
        for a in ("BTC", "ETH", "SOL", "XRP")
    ]
    asked += [Request("liquidation_order", {"exchange": "Binance", "symbol": a, "min_liquidation_amount": "1000000"}) for a in assets[:2]]
    asked += [Request(name) for name in ("etf_bitcoin_flow_history", "etf_ethereum_flow_history", "funding_rate_exchange_list", *_ALONE)]
    asked += [Request("open_interest_exchange_list", {"symbol": a}) for a in majors]
    asked += [Request("option_info", {"symbol": a}) for a in majors]
    asked += [Request("option_max_pain", {"symbol": a, "exchange": "Deribit"}) for a in majors]
    asked += [Request("exchange_balance_list", {"symbol": a}) for a in majors[:1]]
    ratio = {"exchange": "Binance", "interval": "4h", "limit": "12"}
    return asked + [Request("global_long_short_account_ratio_history", {**ratio, "symbol": f"{a}USDT"}) for a in majors[:1]]


def _calls_left(headers: Mapping[str, str]) -> int | None:
    """Of this minute."""
    limit, used = headers.get("api-key-max-limit", ""), headers.get("api-key-use-limit", "")
    return max(int(limit) - int(used), 0) if limit.isdecimal() and used.isdecimal() else None


_MAJORS = ("BTC", "ETH")  # that have options and reserves
_ALONE = ("etf_bitcoin_list", "etf_bitcoin_net_assets_history", "etf_ethereum_net_assets_history", "fear_greed_history",
          "calendar_economic_data")  # fmt: skip
_LIQ = ("liq.total", "liq.long", "liq.short")
_ETF = ("etf.net_flow", "etf.fund_flow")
_OPEN_INTEREST = ("open_interest.usd", "open_interest.coins")

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
        "etf_bitcoin_flow_history": Endpoint("/api/etf/bitcoin/flow-history", _ETF, every_s=900),
        "etf_ethereum_flow_history": Endpoint("/api/etf/ethereum/flow-history", _ETF, every_s=900),
        "etf_bitcoin_list": Endpoint("/api/etf/bitcoin/list", ("etf.fund_assets", "etf.fund_holdings"), every_s=3600),
        "etf_bitcoin_net_assets_history": Endpoint("/api/etf/bitcoin/net-assets/history", ("etf.net_assets",), every_s=3600),
        "etf_ethereum_net_assets_history": Endpoint("/api/etf/ethereum/net-assets/history", ("etf.net_assets",), every_s=3600),
        "open_interest_exchange_list": Endpoint("/api/futures/open-interest/exchange-list", _OPEN_INTEREST),
        "funding_rate_exchange_list": Endpoint("/api/futures/funding-rate/exchange-list", ("funding.rate_8h",)),
        "global_long_short_account_ratio_history": Endpoint(
            "/api/futures/global-long-short-account-ratio/history", ("accounts.long_share",), every_s=3600
        ),
        "exchange_rank": Endpoint("/api/futures/exchange-rank", ("open_interest.usd",), every_s=900),
        "coins_markets": Endpoint("/api/futures/coins-markets", (*_OPEN_INTEREST, *_LIQ)),
        "option_info": Endpoint("/api/option/info", ("options.oi_usd", "options.volume_24h"), every_s=900),
        "option_max_pain": Endpoint(
            "/api/option/max-pain", ("options.max_pain", "options.expiry_calls_oi", "options.expiry_puts_oi"), every_s=3600
        ),
        "exchange_balance_list": Endpoint(
            "/api/exchange/balance/list", ("reserves.coins", *(f"reserves.change_{days}" for days in ("1d", "7d", "30d"))), every_s=3600
        ),
        "bitcoin_dominance": Endpoint("/api/index/bitcoin-dominance", ("dominance.btc",), every_s=21600),
        "fear_greed_history": Endpoint("/api/index/fear-greed-history", ("sentiment.fear_greed",), every_s=21600),
        "calendar_economic_data": Endpoint(
            "/api/calendar/economic-data", ("calendar.importance", "calendar.actual", "calendar.forecast", "calendar.previous"),
            fixed={"language": "en"}, every_s=1800,
        ),
    },
    requests=_requests,
    parse=_parse,
    calls=30,
    per_s=60.0,
    calls_left=_calls_left,
    terms=Terms(
        "https://www.coinglass.com/terms", "2026-11-25",
        "what it sends belongs to it or its licensors: no copying, selling or passing on of the data, and no commercial use without its"
        " leave; the API within the plan (the sections on data were read, those after the use of the API were not at hand)",
        credit="Data: CoinGlass", credit_url="https://www.coinglass.com", commercial="no", redistribution="no",
    ),
    key_env="COINGLASS_API_KEY",
    key_header="CG-API-KEY",
    page="https://www.coinglass.com/LiquidationData",
)  # fmt: skip
