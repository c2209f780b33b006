"""Forex Factory: this week's calendar, times with New York's offset, no results."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from newsgen.testing._wire import Scene, Wire, dumps
from newsgen.testing._wires._calendar import releases
from newsgen.testing._wires._sessions import NEW_YORK

__all__ = ["WIRE"]


def _week(scene: Scene, params: Mapping[str, str]) -> bytes:
    """From Sunday on, in New York."""
    today = scene.at.astimezone(NEW_YORK).date()
    monday = today - timedelta(days=(today.weekday() + 1) % 7 - 1)
    rows = [
        {"title": r.name, "country": r.currency, "date": r.at.astimezone(NEW_YORK).isoformat(), "impact": r.impact, "forecast": r.forecast,
         "previous": r.previous}
        for r in releases(monday)
    ]  # fmt: skip
    holiday = {"title": "Bank Holiday", "country": "JPY", "date": rows[0]["date"], "impact": "Holiday", "forecast": "", "previous": ""}
    return dumps([holiday, *rows])


WIRE = Wire({"this_week": _week})
