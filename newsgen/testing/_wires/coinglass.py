"""CoinGlass: liquidations over venues, by coin, in buckets and single; fund flows. Four venues make the market; Binance's part is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from newsgen.market import from_epoch
from newsgen.testing._forced import Order
from newsgen.testing._wire import Scene, Wire, dumps, ms

__all__ = ["WIRE"]

_VENUES = ("Binance", "Bybit", "OKX", "HTX")
_SPANS = {"1h": 1, "4h": 4, "12h": 12, "24h": 24}
# The whole market liquidates four to five times what Binance does.
_REST = Decimal("2.35")


def _ok(data: Any) -> bytes:
    return dumps({"code": "0", "msg": "success", "data": data})


def _forced(scene: Scene, venue: str, hours: int) -> list[tuple[Order, Decimal]]:
    """The orders of a venue with their dollars; those of the fourth are Binance's, as much larger as the rest of the market is."""
    if venue == "HTX":
        return [(o, o.usd * _REST) for o in scene.orders("binance", timedelta(hours=hours))]
    return [(o, o.usd) for o in scene.orders(venue.lower(), timedelta(hours=hours))]


def _sides(orders: Sequence[tuple[Order, Decimal]], suffix: str = "") -> dict[str, Decimal]:
    long, short = (sum((usd for o, usd in orders if o.side == side), Decimal(0)) for side in ("long", "short"))
    return {f"liquidation_usd{suffix}": long + short, f"long_liquidation_usd{suffix}": long, f"short_liquidation_usd{suffix}": short}


def _exchange_list(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset, hours = params.get("symbol"), _SPANS.get(params.get("range", "24h"), 24)
    by_venue = {v: [(o, u) for o, u in _forced(scene, v, hours) if asset in (None, o.asset)] for v in _VENUES}
    rows = [{"exchange": "All", **_sides([x for orders in by_venue.values() for x in orders])}]
    return _ok(rows + [{"exchange": v, **_sides(orders)} for v, orders in by_venue.items()])


def _coin_list(scene: Scene, params: Mapping[str, str]) -> bytes:
    venue = params.get("exchange", "Binance")
    rows = []
    for asset in scene.tape.assets:
        row: dict[str, Any] = {"symbol": asset}
        for name, hours in _SPANS.items():
            row |= _sides([(o, u) for o, u in _forced(scene, venue, hours) if o.asset == asset], f"_{name}")
        rows.append(row)
    return _ok(rows)


def _aggregated(scene: Scene, params: Mapping[str, str]) -> bytes:
    """Binance's own buckets; the running one is the last."""
    window = params.get("interval", "4h")
    step = {"4h": 14_400, "1d": 86_400}.get(window, 14_400)
    name = "bucket_" if window == "4h" else ""
    runs = [scene.run(f"liq.{name}{side}", params.get("symbol", ""), window=window, venue="binance") for side in ("long", "short")]
    rows: list[dict[str, Any]] = []
    if runs[0] is not None and runs[1] is not None:
        for i in range(max(0, len(runs[0]) - int(params.get("limit", "12")) + 1), len(runs[0])):
            end = runs[0].at(i)
            j = runs[1].index_of(end)
            if j >= 0:
                rows.append({"time": (end - step) * 1000, "aggregated_long_liquidation_usd": runs[0].decimal(i),
                             "aggregated_short_liquidation_usd": runs[1].decimal(j)})  # fmt: skip
    now = int(scene.at.timestamp())
    return _ok([*rows, {"time": (now - now % step) * 1000, "aggregated_long_liquidation_usd": 0, "aggregated_short_liquidation_usd": 0}])


def _orders(scene: Scene, params: Mapping[str, str]) -> bytes:
    venue, asset, least = params.get("exchange", "Binance"), params.get("symbol", "BTC"), Decimal(params.get("min_liquidation_amount", "0"))
    found = [(o, u) for o, u in _forced(scene, venue, 24) if o.asset == asset and u >= least]
    return _ok([
        {"exchange_name": venue, "symbol": f"{asset}USDT", "base_asset": asset, "price": o.price, "usd_value": usd,
         "side": 2 if o.side == "long" else 1, "time": o.at_ms}
        for o, usd in reversed(found[-200:])
    ])  # fmt: skip


def _flows(asset: str) -> Any:
    def write(scene: Scene, params: Mapping[str, str]) -> bytes:
        run = scene.run("etf.net_flow", asset)
        rows = []
        for i in range(len(run) if run else 0):
            assert run is not None
            day = from_epoch(run.at(i)).date()
            rows.append({"timestamp": ms(datetime.combine(day, time(0), UTC)), "flow_usd": run.decimal(i), "price_usd": 0, "etf_flows": []})
        return _ok(rows)

    return write


WIRE = Wire({
    "liquidation_exchange_list": _exchange_list, "liquidation_coin_list": _coin_list, "liquidation_aggregated_history": _aggregated,
    "liquidation_order": _orders, "etf_bitcoin_flow_history": _flows("BTC"), "etf_ethereum_flow_history": _flows("ETH"),
})  # fmt: skip
