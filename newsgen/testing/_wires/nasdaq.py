"""Nasdaq: the economic calendar of one day, times of New York under the name gmt, blanks as entities; no rows are null."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from newsgen.testing._wire import Scene, Wire, dumps
from newsgen.testing._wires._calendar import releases
from newsgen.testing._wires._sessions import NEW_YORK

__all__ = ["WIRE"]


def _events(scene: Scene, params: Mapping[str, str]) -> bytes:
    try:
        day = date.fromisoformat(params["date"]) if "date" in params else scene.at.astimezone(NEW_YORK).date()
    except ValueError:
        return _told(None, 400, [{"code": 1001, "errorMessage": "Invalid date"}])
    rows = [
        {"gmt": f"{r.at.astimezone(NEW_YORK):%H:%M}", "country": r.country, "eventName": r.name,
         "actual": (r.actual if r.at <= scene.at else "") or "&nbsp;", "consensus": r.forecast or " ", "previous": r.previous or "&nbsp;"}
        for r in releases(day - timedelta(days=day.weekday())) if r.at.astimezone(NEW_YORK).date() == day
    ]  # fmt: skip
    return _told({"asOf": f"{day:%a, %b} {day.day}, {day.year}", "headers": {"gmt": "Time", "country": "Country"}, "rows": rows or None})


def _told(data: Any, code: int = 200, message: Any = None) -> bytes:
    return dumps({"data": data, "message": None, "status": {"rCode": code, "bCodeMessage": message, "developerMessage": None}})


WIRE = Wire({"today": _events, "tomorrow": _events})
