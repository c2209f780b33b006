"""Stooq: light quotes in Warsaw time and daily histories, as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from newsgen.market import from_epoch
from newsgen.testing._wire import Scene, Wire

__all__ = ["WIRE"]

_NEW_YORK, _WARSAW = ZoneInfo("America/New_York"), ZoneInfo("Europe/Warsaw")
_SUBJECTS = {"^SPX": "SP500", "^NDX": "NDX"}


def _sessions(scene: Scene, subject: str) -> list[tuple[date, Decimal]]:
    run = scene.run("index.close", subject)
    return (
        [(from_epoch(run.at(i)).astimezone(_NEW_YORK).date(), run.decimal(i)) for i in range(max(0, len(run) - 30), len(run))]
        if run
        else []
    )


def _quotes(scene: Scene, params: Mapping[str, str]) -> bytes:
    lines = ["Symbol,Date,Time,Open,High,Low,Close,Volume"]
    for symbol in params.get("s", "").upper().replace(" ", "+").split("+"):
        rows = _sessions(scene, _SUBJECTS[symbol]) if symbol in _SUBJECTS else []
        if not rows:
            lines.append(f"{symbol},N/D,N/D,N/D,N/D,N/D,N/D,N/D")
            continue
        day, close = rows[-1]
        at = datetime.combine(day, time(16), _NEW_YORK).astimezone(_WARSAW)
        lines.append(f"{symbol},{at:%Y-%m-%d},{at:%H:%M:%S},{close},{close},{close},{close},0")
    return ("\r\n".join(lines) + "\r\n").encode()


def _history(scene: Scene, params: Mapping[str, str]) -> bytes:
    rows = _sessions(scene, _SUBJECTS.get(params.get("s", "").upper(), ""))
    if not rows:
        return b"No data"
    return ("\r\n".join(["Date,Open,High,Low,Close,Volume", *(f"{d},{c},{c},{c},{c},0" for d, c in rows)]) + "\r\n").encode()


WIRE = Wire({"quote": _quotes, "history": _history})
