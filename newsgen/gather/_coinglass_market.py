"""CoinGlass beside liquidations and flows: open interest, funding, accounts, options, funds, reserves, indices, calendar.

In: an Answer, out: Readings. Which of them are true of what stands in the diary of `coinglass.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from newsgen.gather._assets import ASSETS
from newsgen.gather._calendar import Event, plain, readings_of
from newsgen.gather._coinglass import HOURS, completeness, past, rows, session_close
from newsgen.gather._source import MS, SECONDS, Answer, Fields, instant, number_of
from newsgen.market import Reading, Unit

__all__ = ["MARKET"]

_ROUNDING = Decimal("0.1")  # percent
_EXPIRES = time(8, tzinfo=UTC)  # at Deribit, OKX and Binance alike


def _symbol(answer: Answer) -> str:
    asset = answer.request.params.get("symbol", "")
    if not asset:
        raise answer.bad("symbol", "the request names no symbol, and the answer does not either")
    return asset


def _open_interest(answer: Answer) -> Iterable[Reading]:
    """Per venue; the row "All" is the total of the others."""
    asset = _symbol(answer)
    for row in rows(answer):
        if row.text("symbol").upper() != asset:
            raise row.bad("symbol", f"{plain(row.text('symbol'))} was not asked for")
        yield from _interest(answer, row, asset, row.text("exchange").lower())


def _interest(answer: Answer, row: Fields, asset: str, venue: str) -> Iterable[Reading]:
    for name, series, unit in (("open_interest_usd", "usd", Unit.USD), ("open_interest_quantity", "coins", Unit.COINS)):
        value = row.optional_amount(name)
        if value is not None:
            yield answer.reading((f"open_interest.{series}", asset, "", venue), value, unit, answer.fetched_at)


def _funding(answer: Answer) -> Iterable[Reading]:
    """Percent per interval of the contracts against USD and USDT, brought to eight hours."""
    for row in rows(answer):
        asset = row.text("symbol").upper()
        for venue in row.rows("stablecoin_margin_list") if asset in ASSETS and row.has("stablecoin_margin_list") else []:
            rate, hours = venue.optional("funding_rate"), venue.optional_price("funding_rate_interval")
            if rate is not None and hours is not None:
                key = ("funding.rate_8h", asset, "8h", venue.text("exchange").lower())
                yield answer.reading(key, rate * 8 / hours, Unit.PCT, answer.fetched_at)


def _accounts(answer: Answer) -> Iterable[Reading]:
    interval, venue = answer.request.params.get("interval", ""), answer.request.params.get("exchange", "").lower()
    asset = _symbol(answer).removesuffix("USDT")
    if interval not in HOURS or not venue:
        raise answer.bad("request", f"interval {interval!r} and exchange {venue!r} name no accounts that are followed")
    for row in rows(answer):
        end = past(answer, row, "time") + timedelta(hours=HOURS[interval])
        long, short = row.amount("global_account_long_percent"), row.amount("global_account_short_percent")
        if abs(long + short - 100) > _ROUNDING:
            raise row.bad("global_account_long_percent", f"longs {long} and shorts {short} are not the whole")
        if end <= answer.fetched_at:
            yield answer.reading(("accounts.long_share", asset, interval, venue), long, Unit.PCT, end, known_at=end)


def _exchanges(answer: Answer) -> Iterable[Reading]:
    for row in rows(answer):
        key = ("open_interest.usd", "market", "", row.text("exchange").lower())
        yield answer.reading(key, row.amount("open_interest_usd"), Unit.USD, answer.fetched_at)


def _coins(answer: Answer) -> Iterable[Reading]:
    """Open interest of each coin; its liquidations are read by the caller."""
    venue = answer.request.params.get("exchange_list", "all").lower()
    for row in rows(answer):
        yield from _interest(answer, row, row.text("symbol").upper(), venue)


def _options(answer: Answer) -> Iterable[Reading]:
    asset = _symbol(answer)
    for row in rows(answer):
        venue = row.text("exchange_name").lower()
        for name, series in (("open_interest_usd", "oi_usd"), ("volume_usd_24h", "volume_24h")):
            value = row.optional_amount(name)
            if value is not None:
                yield answer.reading((f"options.{series}", asset, "", venue), value, Unit.USD, answer.fetched_at)


def _expiries(answer: Answer) -> Iterable[Reading]:
    """Per expiry; calls and puts only of Deribit, whose contracts are of one coin."""
    asset, exchange = _symbol(answer), answer.request.params.get("exchange", "").lower()
    if not exchange:
        raise answer.bad("request", "names no exchange, and the answer does not either")
    for row in rows(answer):
        day = _expiry(row)
        venue = f"{exchange}:{day.isoformat()}"
        pain, calls, puts = row.optional_price("max_pain_price"), row.amount("call_open_interest"), row.amount("put_open_interest")
        if datetime.combine(day, _EXPIRES) <= answer.fetched_at:
            continue
        if pain is not None:
            yield answer.reading(("options.max_pain", asset, "", venue), pain, Unit.USD, answer.fetched_at)
        if exchange == "deribit":
            yield answer.reading(("options.expiry_calls_oi", asset, "", venue), calls, Unit.COINS, answer.fetched_at)
            yield answer.reading(("options.expiry_puts_oi", asset, "", venue), puts, Unit.COINS, answer.fetched_at)


def _expiry(row: Fields) -> date:
    text = row.text("date")
    try:
        if not (len(text) == 6 and text.isdecimal()):
            raise ValueError
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        raise row.bad("date", f"{plain(text)!r} is no day written as YYMMDD") from None


def _funds(answer: Answer) -> Iterable[Reading]:
    """Holdings and assets of each US spot fund."""
    for row in rows(answer):
        if row.text("region").lower() != "us" or row.text("fund_type").lower() != "spot":
            continue
        ticker, assets = row.text("ticker").upper(), row.optional_amount("aum_usd")
        if assets is not None:
            at = past(answer, row, "update_timestamp")
            yield answer.reading(("etf.fund_assets", "BTC", "", ticker), assets, Unit.USD, at)
        details = row.object("asset_details") if row.has("asset_details") else None
        coins = details.optional_amount("btc_holding") if details is not None else None
        if details is not None and coins is not None:
            close = session_close(_date(details, "update_date"))
            if close <= answer.fetched_at:
                yield answer.reading(("etf.fund_holdings", "BTC", "session", ticker), coins, Unit.COINS, close)


def _date(row: Fields, name: str) -> date:
    try:
        return date.fromisoformat(row.text(name))
    except ValueError:
        raise row.bad(name, f"{plain(row.text(name))!r} is no date") from None


def _net_assets(answer: Answer) -> Iterable[Reading]:
    asset = "BTC" if answer.request.endpoint == "etf_bitcoin_net_assets_history" else "ETH"
    for row in rows(answer):
        close, value = session_close(past(answer, row, "timestamp").date()), row.amount("net_assets_usd")
        if close <= answer.fetched_at:
            yield answer.reading(("etf.net_assets", asset, "session", "us"), value, Unit.USD, close,
                                 completeness=completeness(close, answer))  # fmt: skip


def _reserves(answer: Answer) -> Iterable[Reading]:
    asset = _symbol(answer)
    for row in rows(answer):
        venue = row.text("exchange_name").lower()
        yield answer.reading(("reserves.coins", asset, "", venue), row.amount("total_balance"), Unit.COINS, answer.fetched_at)
        for window in ("1d", "7d", "30d"):
            change = row.optional(f"balance_change_percent_{window}")
            if change is not None:
                yield answer.reading((f"reserves.change_{window}", asset, "", venue), change, Unit.PCT, answer.fetched_at)


def _dominance(answer: Answer) -> Iterable[Reading]:
    for row in rows(answer):
        share = row.price("bitcoin_dominance")
        if share >= 100:
            raise row.bad("bitcoin_dominance", f"a share cannot be {share}")
        yield answer.reading(("dominance.btc", "market", "", ""), share, Unit.PCT, past(answer, row, "timestamp"))


def _fear_greed(answer: Answer) -> Iterable[Reading]:
    """Lists side by side, in seconds; no class is sent."""
    for row in rows(answer):
        values, stamps = row.list("data_list"), row.list("time_list")
        if len(values) != len(stamps):
            raise row.bad("data_list", f"{len(values)} values for {len(stamps)} moments")
        for i, (value, stamp) in enumerate(zip(values, stamps, strict=True)):
            yield from _day(answer, row, i, value, stamp)


def _day(answer: Answer, row: Fields, i: int, value: object, stamp: object) -> Iterable[Reading]:
    try:
        index, seconds = number_of(value), number_of(stamp)
    except ValueError as error:
        raise row.bad(f"data_list[{i}]", str(error)) from None
    if seconds is None:
        raise row.bad(f"time_list[{i}]", "holds nothing")
    if index is None:
        return
    if not 0 <= index <= 100:
        raise row.bad(f"data_list[{i}]", f"the index ends at 100, not {index}")
    at = instant(answer, f"data[0].time_list[{i}]", seconds, SECONDS)
    yield answer.reading(("sentiment.fear_greed", "market", "1d", ""), index, Unit.INDEX, at, field_name=f"data[0].time_list[{i}]")


def _calendar(answer: Answer) -> Iterable[Reading]:
    """Events with an exact time; a previous value that was revised since counts as revised."""
    events = [_event(row) for row in rows(answer)]
    columns = {"actual": "published_value", "forecast": "forecast_value", "previous": "previous_value"}
    return readings_of(answer, [event for event in events if event is not None], columns)


def _event(row: Fields) -> Event | None:
    level, at = row.number("importance_level"), row.moment("publish_timestamp", MS)
    subject = f"{plain(row.text('country_name'))} {plain(row.text('calendar_name'))}"
    if level not in (1, 2, 3):
        raise row.bad("importance_level", f"{level} is none of 1, 2, 3")
    revised = {"previous": "revised_previous_value"} if row.has("revised_previous_value") and row.raw("revised_previous_value") else {}
    return Event(row, subject, at, int(level), str(level), revised) if row.number("has_exact_publish_time") == 1 else None


MARKET = {
    "open_interest_exchange_list": _open_interest,
    "funding_rate_exchange_list": _funding,
    "global_long_short_account_ratio_history": _accounts,
    "exchange_rank": _exchanges,
    "coins_markets": _coins,
    "option_info": _options,
    "option_max_pain": _expiries,
    "etf_bitcoin_list": _funds,
    "etf_bitcoin_net_assets_history": _net_assets,
    "etf_ethereum_net_assets_history": _net_assets,
    "exchange_balance_list": _reserves,
    "bitcoin_dominance": _dominance,
    "fear_greed_history": _fear_greed,
    "calendar_economic_data": _calendar,
}
