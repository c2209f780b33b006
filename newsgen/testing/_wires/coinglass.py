"""CoinGlass: liquidations over venues, by coin, in buckets and single; fund flows. Four venues make the market; Binance's part is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from newsgen.market import from_epoch
from newsgen.testing._forced import Order
from newsgen.testing._wire import Refusal, Scene, Wire, Write, ms
from newsgen.testing._wires._coinglass_market import MARKET, VENUES, coins_markets, ok
from newsgen.testing._wires._sessions import NEW_YORK

__all__ = ["WIRE"]

_SPANS = {"1h": 1, "4h": 4, "12h": 12, "24h": 24}
_STEPS = {"1h": 3600, "4h": 14_400, "12h": 43_200, "1d": 86_400}
# The whole market liquidates four to five times what Binance does.
_REST = Decimal("2.35")


def _forced(scene: Scene, venue: str, hours: int) -> list[tuple[Order, Decimal]]:
    """The orders of a venue with their dollars; those of the fourth are Binance's, as much larger as the rest of the market is."""
    if venue == "HTX":
        return [(o, o.usd * _REST) for o in scene.orders("binance", timedelta(hours=hours))]
    return [(o, o.usd) for o in scene.orders(venue.lower(), timedelta(hours=hours))]


def _sides(orders: Sequence[tuple[Order, Decimal]], suffix: str = "") -> dict[str, Decimal]:
    long, short = (sum((usd for o, usd in orders if o.side == side), Decimal(0)).quantize(Decimal("0.01")) for side in ("long", "short"))
    return {f"liquidation_usd{suffix}": long + short, f"long_liquidation_usd{suffix}": long, f"short_liquidation_usd{suffix}": short}


def _exchange_list(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, hours = params.get("symbol"), _SPANS.get(params.get("range", "24h"), 24)
    by_venue = {v: [(o, u) for o, u in _forced(scene, v, hours) if asset in (None, o.asset)] for v in VENUES}
    rows = [{"exchange": "All", **_sides([x for orders in by_venue.values() for x in orders])}]
    return ok(rows + [{"exchange": v, **_sides(orders)} for v, orders in by_venue.items()])


def _windows(scene: Scene, asset: str, venues: Sequence[str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, hours in _SPANS.items():
        row |= _sides([(o, u) for v in venues for o, u in _forced(scene, v, hours) if o.asset == asset], f"_{name}")
    return row


def _coin_list(scene: Scene, params: Mapping[str, str]) -> bytes:
    venue = params.get("exchange")
    return ok([{"symbol": asset, **_windows(scene, asset, [venue] if venue else VENUES)} for asset in scene.tape.assets])


def _aggregated(scene: Scene, params: Mapping[str, str]) -> bytes:
    """Buckets of the venues that are named, oldest first; the last one still runs."""
    step, asset = _STEPS.get(params.get("interval", "")), params.get("symbol", "")
    if step is None:
        raise Refusal(200, {"code": "400", "msg": "interval is not supported"})
    now, rows = int(scene.at.timestamp()), []
    for start in range(now - now % step - step * (int(params.get("limit", "12")) - 1), now, step):
        begins, ends = from_epoch(start), from_epoch(min(start + step, now))
        orders = [o for v in params.get("exchange_list", "Binance").split(",") for o in scene.tape.orders(v.lower(), begins, ends)]
        sums = _sides([(o, o.usd) for o in orders if o.asset == asset])
        rows.append({"time": start * 1000, "aggregated_long_liquidation_usd": sums["long_liquidation_usd"],
                     "aggregated_short_liquidation_usd": sums["short_liquidation_usd"]})  # fmt: skip
    return ok(rows)


def _orders(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, least = params.get("symbol"), Decimal(params.get("min_liquidation_amount", "0"))
    venues = [params["exchange"]] if "exchange" in params else VENUES
    found = [(o, u, v) for v in venues for o, u in _forced(scene, v, 24) if asset in (None, o.asset) and u >= least]
    return ok([
        {"exchange_name": venue.upper(), "symbol": f"{o.asset}USDT", "base_asset": o.asset, "price": o.price, "usd_value": usd,
         "side": 2 if o.side == "long" else 1, "time": o.at_ms}
        for o, usd, venue in sorted(found, reverse=True)[:200]
    ])  # fmt: skip


def _flows(asset: str) -> Write:
    def write(scene: Scene, params: Mapping[str, str]) -> bytes:
        run = scene.run("etf.net_flow", asset)
        funds = [r for r in scene.view.runs("etf.fund_flow", asset) if r.key.source == "farside"]
        rows = []
        for i in range(len(run) if run else 0):
            assert run is not None
            day = from_epoch(run.at(i)).astimezone(NEW_YORK).date()
            flows = [{"etf_ticker": f.key.venue, "flow_usd": f.decimal(j)} for f in funds if (j := f.index_of(run.at(i))) >= 0]
            rows.append({"timestamp": ms(datetime.combine(day, time(0), UTC)), "flow_usd": run.decimal(i), "price_usd": 0,
                         "etf_flows": flows})  # fmt: skip
        return ok(rows)

    return write


WIRE = Wire(
    {"liquidation_exchange_list": _exchange_list, "liquidation_coin_list": _coin_list, "liquidation_aggregated_history": _aggregated,
     "liquidation_order": _orders, "etf_bitcoin_flow_history": _flows("BTC"), "etf_ethereum_flow_history": _flows("ETH"),
     "coins_markets": coins_markets(lambda scene, asset: _windows(scene, asset, VENUES)), **MARKET},
    refusals={"too_many": (200, {"code": "429", "msg": "Too Many Requests"}),
              "key_rejected": (200, {"code": "401", "msg": "API key missing."})},
)  # fmt: skip
