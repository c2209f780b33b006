"""FRED: observations, newest first, values as text; "." on a day without a session; what the history has not is made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from newsgen.testing._wire import Refusal, Scene, Wire, dumps
from newsgen.testing._wires._sessions import NEW_YORK, closes

__all__ = ["WIRE"]

_CLOSES = {
    "SP500": "SP500", "NASDAQ100": "NDX", "NASDAQCOM": "COMP", "DJIA": "DJI", "VIXCLS": "VIX", "DTWEXBGS": "USDBROAD", "DGS10": "US10Y",
    "T10Y2Y": "US10Y2Y", "DFF": "FEDFUNDS", "DCOILWTICO": "WTI",
}  # fmt: skip
_ECONOMY = {"CPIAUCSL": "321", "CPILFESL": "327", "PCEPI": "126", "PCEPILFE": "125", "UNRATE": "4.2"}
_PUBLISHED = timedelta(days=43)  # after the first of the month that a value is for
_WEEKLY = frozenset({"DTWEXBGS"})
_BAD = "Bad Request.  "


def _answer(rows: list[tuple[date, str]], limit: int) -> bytes:
    shown = [{"realtime_start": f"{d}", "realtime_end": f"{d}", "date": f"{d}", "value": v} for d, v in rows[::-1][:limit]]
    return dumps({"units": "lin", "output_type": 1, "file_type": "json", "order_by": "observation_date", "sort_order": "desc",
                  "count": len(shown), "offset": 0, "limit": limit, "observations": shown})  # fmt: skip


def _observations(scene: Scene, params: Mapping[str, str]) -> bytes:
    """A session is there on the day after it; both names of the address lead here."""
    series, limit = params.get("series_id", ""), int(params.get("limit", "100000"))
    if series in _ECONOMY:
        return _answer(_months(scene, series, min(limit, 36)), limit)
    if series not in _CLOSES:
        raise Refusal(400, {"error_code": 400, "error_message": f"{_BAD}The series does not exist."})
    today = scene.at.astimezone(NEW_YORK).date() - timedelta(days=6 if series in _WEEKLY else 0)
    values = {day: f"{value:f}" for day, value in closes(scene, _CLOSES[series], min(limit, 400) + 8) if day < today}
    days = [min(values) + timedelta(days=k) for k in range((max(values) - min(values)).days + 1)] if values else []
    return _answer([(day, values.get(day, ".")) for day in days if day.weekday() < 5], limit)


def _months(scene: Scene, series: str, count: int) -> list[tuple[date, str]]:
    found: list[tuple[date, str]] = []
    first = scene.at.date().replace(day=1)
    while len(found) < count:
        at = datetime(first.year, first.month, first.day, tzinfo=UTC)
        if at + _PUBLISHED <= scene.at:
            found.append((first, f"{scene.made_up(series, _ECONOMY[series], at=at):.3f}"))
        first = (first - timedelta(days=1)).replace(day=1)
    return found[::-1]


WIRE = Wire(
    {"observations": _observations, "economy": _observations},
    refusals={"key_rejected": (400, {"error_code": 400, "error_message": f"{_BAD}The value for variable api_key is not registered."})},
)
