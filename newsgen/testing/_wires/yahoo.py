"""Yahoo Finance: daily charts of a month; a symbol that the history has not is made up, always the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from newsgen.market import from_epoch
from newsgen.testing._wire import Refusal, Scene, Wire, dumps

__all__ = ["WIRE"]

_NEW_YORK = ZoneInfo("America/New_York")
_SUBJECTS = {"^GSPC": "SP500", "^NDX": "NDX", "^VIX": "VIX", "DX-Y.NYB": "DXY", "GC=F": "GOLD", "^TNX": "US10Y"}
_BASES = {"^VIX": "17", "DX-Y.NYB": "98", "GC=F": "3350", "^TNX": "4.4", "^GSPC": "6200", "^NDX": "22700"}
_BARS = 22


def _sessions(scene: Scene, symbol: str) -> list[tuple[date, Decimal]]:
    """Day and close of the sessions that have ended."""
    run = scene.run("index.close", _SUBJECTS[symbol])
    if run is not None:
        return [(from_epoch(run.at(i)).astimezone(_NEW_YORK).date(), run.decimal(i)) for i in range(max(0, len(run) - _BARS), len(run))]
    days = [scene.at.date() - timedelta(days=k) for k in range(32, 0, -1)]
    return [(d, Scene(datetime.combine(d, time(20), UTC), scene.tape).made_up(symbol, _BASES[symbol])) for d in days if d.weekday() < 5]


def _chart(scene: Scene, params: Mapping[str, str]) -> bytes:
    symbol = params.get("symbol", "")
    if symbol not in _SUBJECTS:
        error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
        raise Refusal(404, {"chart": {"result": None, "error": error}})
    rows = _sessions(scene, symbol)
    opens = [int(datetime.combine(day, time(9, 30), _NEW_YORK).timestamp()) for day, _ in rows]
    today = scene.at.astimezone(_NEW_YORK).date()
    regular = {name: int(datetime.combine(today, at, _NEW_YORK).timestamp()) for name, at in (("start", time(9, 30)), ("end", time(16)))}
    last = datetime.combine(rows[-1][0], time(16), _NEW_YORK) if rows else scene.at
    meta = {
        "currency": "USD", "symbol": symbol, "exchangeTimezoneName": "America/New_York", "gmtoffset": -14400, "dataGranularity": "1d",
        "regularMarketTime": int(last.timestamp()), "regularMarketPrice": rows[-1][1] if rows else None, "range": "1mo",
        "currentTradingPeriod": {"regular": {**regular, "timezone": "EDT", "gmtoffset": -14400}},
    }  # fmt: skip
    closes = [close for _, close in rows]
    quote = {"open": closes, "high": closes, "low": closes, "close": closes, "volume": [0] * len(closes)}
    return dumps({"chart": {"result": [{"meta": meta, "timestamp": opens, "indicators": {"quote": [quote]}}], "error": None}})


WIRE = Wire({"chart": _chart})
