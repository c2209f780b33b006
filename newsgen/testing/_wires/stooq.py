"""Stooq: light quotes in Warsaw time and daily histories, as CSV; N/D for what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from newsgen.testing._wire import Scene, Wire
from newsgen.testing._wires._sessions import close_of, closes, running

__all__ = ["WIRE"]

_WARSAW = ZoneInfo("Europe/Warsaw")
_BARS = 30
_INDICES = {"^SPX": "SP500", "^NDX": "NDX", "^NDQ": "COMP", "^DJI": "DJI"}
_AT_ANY_HOUR = {"10USY.B": "US10Y", "XAUUSD": "GOLD"}


def _quotes(scene: Scene, params: Mapping[str, str]) -> bytes:
    asked = params.get("s", "").upper().replace("+", " ").split()
    return _csv(["Symbol,Date,Time,Open,High,Low,Close,Volume", *(_line(scene, symbol) for symbol in asked)])


def _line(scene: Scene, symbol: str) -> str:
    """The running session, or the last close; what is traded at any hour has a price of now."""
    subject = _INDICES.get(symbol) or _AT_ANY_HOUR.get(symbol, "")
    ended = closes(scene, subject, 1) if subject else []
    if not ended:
        return f"{symbol},N/D,N/D,N/D,N/D,N/D,N/D,N/D"
    (day, value), at = ended[0], scene.at
    if symbol in _INDICES:
        last = running(scene, subject)
        at, value = (close_of(day), value) if last is None else (at, last)
    shown = at.astimezone(_WARSAW)
    return f"{symbol},{shown:%Y-%m-%d},{shown:%H:%M:%S},{value},{value},{value},{value},0"


def _history(scene: Scene, params: Mapping[str, str]) -> bytes:
    symbol = params.get("s", "").upper()
    if symbol not in _INDICES:
        return b"No data"
    first, last = (_day(params.get(name, "")) for name in ("d1", "d2"))
    days: list[tuple[date, Decimal]] = [
        (d, v) for d, v in closes(scene, _INDICES[symbol], _BARS) if (first is None or d >= first) and (last is None or d <= last)
    ]
    return _csv(["Date,Open,High,Low,Close,Volume", *(f"{day},{value},{value},{value},{value},0" for day, value in days)])


def _day(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:])) if text else None


def _csv(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode()


WIRE = Wire({"quote": _quotes, "history": _history})
