"""CoinGlass beside liquidations and flows: open interest, funding, accounts, options, funds, reserves, indices, calendar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from newsgen.testing._wire import Scene, Write, dumps, ms
from newsgen.testing._wires._calendar import releases
from newsgen.testing._wires._caps import assets_of, cap_of, total_cap
from newsgen.testing._wires._futures import every, funding, held, held_usd, longs
from newsgen.testing._wires._options import book, expiries, pain
from newsgen.testing._wires._sessions import NEW_YORK, closes

__all__ = ["MARKET", "VENUES", "ok"]

VENUES = ("Binance", "Bybit", "OKX", "HTX")
_LEVELS = {"High": 3, "Medium": 2, "Low": 1}
_HOURS = {"1h": 1, "4h": 4, "12h": 12, "1d": 24}
_COUNTRIES = {"United States": "US", "United Kingdom": "GB"}


def ok(data: Any) -> bytes:
    """The envelope."""
    return dumps({"code": "0", "msg": "success", "data": data})


def _interest(scene: Scene, params: Mapping[str, str]) -> bytes:
    """The row of all is the total of the others."""
    asset = params.get("symbol", "")
    rows = [(v, held_usd(scene, v.lower(), asset), held(scene, v.lower(), asset)) for v in VENUES if scene.price(asset) is not None]
    whole = [("All", sum((usd for _, usd, _ in rows), Decimal(0)), sum((coins for _, _, coins in rows), Decimal(0)))] if rows else []
    return ok(
        [{"exchange": v, "symbol": asset, "open_interest_usd": usd, "open_interest_quantity": coins} for v, usd, coins in whole + rows]
    )


def _funding(scene: Scene, params: Mapping[str, str]) -> bytes:
    due = ms(every(scene, timedelta(hours=8), 1)[0] + timedelta(hours=8))
    return ok([
        {"symbol": asset, "token_margin_list": [],
         "stablecoin_margin_list": [{"exchange": v, "funding_rate_interval": 8, "funding_rate": funding(scene, v.lower(), asset) * 100,
                                     "next_funding_time": due} for v in VENUES]}
        for asset in scene.tape.assets
    ])  # fmt: skip


def _accounts(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, venue = params.get("symbol", "").removesuffix("USDT"), params.get("exchange", "").lower()
    rows = []
    for at in every(scene, timedelta(hours=_HOURS[params.get("interval", "4h")]), int(params.get("limit", "12"))):
        share = longs(scene, venue, asset, at)
        rows.append({"time": ms(at), "global_account_long_percent": share * 100, "global_account_short_percent": (1 - share) * 100,
                     "global_account_long_short_ratio": round(share / (1 - share), 2)})  # fmt: skip
    return ok(rows)


def _exchanges(scene: Scene, params: Mapping[str, str]) -> bytes:
    rows = [(v, sum((held_usd(scene, v.lower(), asset) for asset in scene.tape.assets), Decimal(0))) for v in VENUES]
    return ok([{"exchange": v, "open_interest_usd": usd, "volume_usd": usd * 2, "liquidation_usd_24h": 0} for v, usd in rows])


def _options(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset = params.get("symbol", "")
    price, coins = scene.tape.price(asset, scene.at), sum((o.coins for o in book(scene, asset)), Decimal(0))
    usd = coins * (price or 0)
    return ok([{"exchange_name": name, "open_interest": coins * part, "open_interest_usd": usd * part, "volume_usd_24h": usd * part / 10}
               for name, part in (("All", Decimal("1.4")), ("Deribit", Decimal(1)), ("OKX", Decimal("0.4")))])  # fmt: skip


def _pains(scene: Scene, params: Mapping[str, str]) -> bytes:
    options, rows = book(scene, params.get("symbol", "")), []
    for due in expiries(scene) if options else ():
        inside = [o for o in options if o.due == due]
        calls, puts = (sum((o.coins for o in inside if o.side == side), Decimal(0)) for side in "CP")
        rows.append({"date": f"{due:%y%m%d}", "max_pain_price": str(pain(inside)), "call_open_interest": calls, "put_open_interest": puts})
    return ok(rows)


def _funds(scene: Scene, params: Mapping[str, str]) -> bytes:
    """Two funds of the US and one of Hong Kong, as of the last session."""
    [*_, (day, _)] = closes(scene, "IBIT", 1)
    at = datetime.combine(day, time(21), UTC)
    stamp = ms(min(at, scene.at))
    rows = [("IBIT", "us", "0.55"), ("FBTC", "us", "0.16"), ("3042", "hk", "0.01")]
    return ok([
        {"ticker": ticker, "region": region, "fund_type": "Spot", "update_timestamp": stamp,
         "aum_usd": f"{assets_of(scene, 'BTC', at) * Decimal(part):.2f}",
         "asset_details": {"btc_holding": scene.made_up(f"coins {ticker}", "1300000", at=at) * Decimal(part), "update_date": f"{day}"}}
        for ticker, region, part in rows
    ])  # fmt: skip


def _net_assets(asset: str) -> Write:
    def write(scene: Scene, params: Mapping[str, str]) -> bytes:
        rows = []
        for day, _ in closes(scene, "IBIT", 30):
            at = datetime.combine(day, time(16), NEW_YORK).astimezone(UTC)
            rows.append({"net_assets_usd": assets_of(scene, asset, at), "change_usd": 0, "price_usd": 0,
                         "timestamp": ms(datetime.combine(day, time(0), UTC))})  # fmt: skip
        return ok(rows)

    return write


def _reserves(scene: Scene, params: Mapping[str, str]) -> bytes:
    rows = []
    for name, base in (("Coinbase", "700000"), ("Binance", "580000")):
        coins = scene.made_up(f"reserves {name}", base, "0.03")
        row = {"exchange_name": name, "total_balance": coins}
        for days in (1, 7, 30):
            before = scene.made_up(f"reserves {name}", base, "0.03", scene.at - timedelta(days=days))
            row |= {f"balance_change_{days}d": coins - before, f"balance_change_percent_{days}d": round((coins / before - 1) * 100, 2)}
        rows.append(row)
    return ok(rows)


def _dominance(scene: Scene, params: Mapping[str, str]) -> bytes:
    rows = []
    for k in range(9, -1, -1):
        at = Scene(scene.at.replace(hour=0, minute=0, second=0) - timedelta(days=k), scene.tape)
        price, total = at.price("BTC"), total_cap(at, "binance")
        if price is not None:
            share = (cap_of("BTC", price) / total * 100).quantize(Decimal("0.0001"))
            rows.append({"timestamp": ms(at.at), "price": price, "bitcoin_dominance": share, "market_cap": cap_of("BTC", price)})
    return ok(rows)


def _fear_greed(scene: Scene, params: Mapping[str, str]) -> bytes:
    run = scene.run("sentiment.fear_greed", "market")
    days = range(max(0, len(run) - 30), len(run)) if run else range(0)
    values = [int(run.decimal(i)) for i in days] if run else []
    stamps = [run.at(i) - run.at(i) % 86_400 for i in days] if run else []
    return ok([{"data_list": values, "price_list": [0] * len(values), "time_list": stamps}])


def _calendar(scene: Scene, params: Mapping[str, str]) -> bytes:
    monday = scene.at.astimezone(NEW_YORK).date()
    return ok([
        {"calendar_name": r.name, "country_code": _COUNTRIES[r.country], "country_name": r.country, "data_effect": "",
         "forecast_value": r.forecast, "revised_previous_value": "", "previous_value": r.previous, "publish_timestamp": ms(r.at),
         "published_value": r.actual if r.at <= scene.at else "", "importance_level": _LEVELS[r.impact], "has_exact_publish_time": 1}
        for r in releases(monday - timedelta(days=monday.weekday()))
    ])  # fmt: skip


def coins_markets(liquidations: Callable[[Scene, str], Mapping[str, Any]]) -> Write:
    """Open interest of each coin, with the liquidations that the caller adds."""

    def write(scene: Scene, params: Mapping[str, str]) -> bytes:
        rows = []
        for asset in scene.tape.assets:
            usd, coins = (sum((of(scene, v.lower(), asset) for v in VENUES), Decimal(0)) for of in (held_usd, held))
            rows.append({"symbol": asset, "current_price": scene.price(asset), "open_interest_usd": usd, "open_interest_quantity": coins,
                         **liquidations(scene, asset)})  # fmt: skip
        return ok(rows)

    return write


MARKET: Mapping[str, Write] = {
    "open_interest_exchange_list": _interest, "funding_rate_exchange_list": _funding,
    "global_long_short_account_ratio_history": _accounts, "exchange_rank": _exchanges, "option_info": _options, "option_max_pain": _pains,
    "etf_bitcoin_list": _funds, "etf_bitcoin_net_assets_history": _net_assets("BTC"), "etf_ethereum_net_assets_history": _net_assets("ETH"),
    "exchange_balance_list": _reserves, "bitcoin_dominance": _dominance, "fear_greed_history": _fear_greed,
    "calendar_economic_data": _calendar,
}  # fmt: skip
