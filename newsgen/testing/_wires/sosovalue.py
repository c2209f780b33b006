"""SoSoValue: flows and assets of the US spot funds, a bare list in the one interface, an envelope in the other; assets are made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from newsgen.market import from_epoch
from newsgen.testing._wire import Refusal, Scene, Wire, dumps
from newsgen.testing._wires._caps import assets_of
from newsgen.testing._wires._sessions import NEW_YORK, close_of

__all__ = ["WIRE"]

_ASSETS = ("BTC", "ETH")
_TYPES = {"us-btc-spot": "BTC", "us-eth-spot": "ETH"}


def _sessions(scene: Scene, series: str, asset: str, limit: int, **narrow: str) -> list[tuple[date, Decimal]]:
    """Newest first."""
    run = scene.run(series, asset, **narrow)
    days = range(max(0, len(run) - limit), len(run)) if run else range(0)
    return [(from_epoch(run.at(i)).astimezone(NEW_YORK).date(), run.decimal(i)) for i in reversed(days)] if run else []


def _summary(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset = params.get("symbol", "")
    if asset not in _ASSETS or params.get("country_code") != "US":
        raise Refusal(400, {"code": 40000, "message": "Invalid parameter"})
    return dumps([
        {"date": f"{day}", "total_net_inflow": flow, "total_value_traded": 0, "total_net_assets": assets_of(scene, asset, close_of(day)),
         "cum_net_inflow": 0}
        for day, flow in _sessions(scene, "etf.net_flow", asset, int(params.get("limit", "50")))
    ])  # fmt: skip


def _fund(scene: Scene, params: Mapping[str, str]) -> bytes:
    ticker, limit = params.get("ticker", "").upper(), int(params.get("limit", "50"))
    days = [d for asset in _ASSETS for d in _sessions(scene, "etf.fund_flow", asset, limit, venue=ticker)]
    rows: list[dict[str, Any]] = [
        {"date": f"{day}", "ticker": ticker, "net_inflow": flow, "cum_inflow": 0, "net_assets": 0} for day, flow in days
    ]
    return dumps(rows)


def _chart(scene: Scene, params: Mapping[str, str]) -> bytes:
    asset = _TYPES.get(params.get("type", ""))
    if asset is None:
        raise Refusal(200, {"code": 40000, "msg": "invalid type"})
    rows = [
        {"date": f"{day}", "totalNetInflow": flow, "totalValueTraded": 0, "totalNetAssets": assets_of(scene, asset, close_of(day)),
         "cumNetInflow": 0}
        for day, flow in _sessions(scene, "etf.net_flow", asset, 300)
    ]  # fmt: skip
    return dumps({"code": 0, "msg": None, "data": {"list": rows}})


WIRE = Wire(
    {"summary_history": _summary, "ticker_history": _fund, "historical_inflow_chart": _chart},
    refusals={"too_many": (429, {"code": 42901, "message": "Rate limit exceeded", "details": {"limit": 20, "window": "60s"}}),
              "key_rejected": (401, {"code": 40001, "msg": "invalid api key"})},
)  # fmt: skip
