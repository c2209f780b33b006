"""Yahoo Finance: daily charts of a month with the running session, as long as there is one, under the moment of its last quote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from newsgen.testing._wire import Refusal, Scene, Wire, dumps
from newsgen.testing._wires._sessions import NEW_YORK, close_of, closes, open_of, running

__all__ = ["WIRE"]

_BARS = 22
_SUBJECTS = {"^GSPC": "SP500", "^NDX": "NDX", "^IXIC": "COMP", "^DJI": "DJI", "DX-Y.NYB": "DXY", "GC=F": "GOLD", "^TNX": "US10Y",
             "^VIX": "VIX"}  # fmt: skip
_TOO_MANY = {"finance": {"result": None, "error": {"code": "Too Many Requests", "description": ""}}}


def _chart(scene: Scene, params: Mapping[str, str]) -> bytes:
    symbol = params.get("symbol", "")
    if symbol not in _SUBJECTS:
        error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
        raise Refusal(404, {"chart": {"result": None, "error": error}})
    subject = _SUBJECTS[symbol]
    days, last = closes(scene, subject, _BARS), running(scene, subject)
    stamps, values = [_seconds(open_of(day)) for day, _ in days], [value for _, value in days]
    quoted = close_of(days[-1][0]) if days else scene.at
    if last is not None:
        stamps, values, quoted = [*stamps, _seconds(scene.at)], [*values, last], scene.at
    body = {"meta": _meta(scene, symbol, quoted, values), "timestamp": stamps, "indicators": {"quote": [_quote(values)]}}
    return dumps({"chart": {"result": [body], "error": None}})


def _meta(scene: Scene, symbol: str, quoted: datetime, values: list[Decimal]) -> dict[str, object]:
    today = scene.at.astimezone(NEW_YORK)
    regular = {"start": _seconds(open_of(today.date())), "end": _seconds(close_of(today.date()))}
    zone = {"timezone": today.tzname(), "gmtoffset": int((today.utcoffset() or timedelta()).total_seconds())}
    return {
        "currency": "USD", "symbol": symbol, "exchangeTimezoneName": "America/New_York", "gmtoffset": zone["gmtoffset"],
        "dataGranularity": "1d", "range": "1mo", "regularMarketTime": _seconds(quoted),
        "regularMarketPrice": values[-1] if values else None,
        "currentTradingPeriod": {"regular": {**regular, **zone}},
    }  # fmt: skip


def _quote(values: list[Decimal]) -> dict[str, list[Decimal] | list[int]]:
    return {"open": values, "high": values, "low": values, "close": values, "volume": [0] * len(values)}


def _seconds(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp())


WIRE = Wire({"chart": _chart}, refusals={"too_many": (429, _TOO_MANY)})
