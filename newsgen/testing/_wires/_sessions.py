"""Sessions of New York: closes of the history, made-up ones of what it has not, and where a running session stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from newsgen.market import from_epoch
from newsgen.testing._wire import Scene

__all__ = ["NEW_YORK", "close_of", "closes", "open_of", "running"]

NEW_YORK = ZoneInfo("America/New_York")
_CALENDAR = "SP500"  # whose days are the sessions, as far as the history goes
_BASES = {
    "SP500": "6200", "NDX": "22700", "COMP": "20500", "DJI": "44400", "VIX": "17", "DXY": "98", "GOLD": "3350", "US10Y": "4.4",
    "US10Y2Y": "0.5", "FEDFUNDS": "4.33", "WTI": "68", "USDBROAD": "120", "SPY": "620", "QQQ": "553", "GLD": "309", "UUP": "27",
    "MSTR": "420", "COIN": "380", "IBIT": "66",
}  # fmt: skip


def open_of(day: date) -> datetime:
    """9:30 in New York."""
    return datetime.combine(day, time(9, 30), NEW_YORK).astimezone(UTC)


def close_of(day: date) -> datetime:
    """16:00 in New York."""
    return datetime.combine(day, time(16), NEW_YORK).astimezone(UTC)


def closes(scene: Scene, subject: str, count: int) -> list[tuple[date, Decimal]]:
    """Day and close of the last sessions that have ended, oldest first."""
    days = [day for day in _days(scene, count * 2 + 10) if close_of(day) <= scene.at][-count:]
    return [(day, _close(scene, subject, day)) for day in days]


def running(scene: Scene, subject: str) -> Decimal | None:
    """The last price of the session in progress, on the straight way from the close before to its own; None outside of sessions."""
    today = scene.at.astimezone(NEW_YORK).date()
    before = closes(scene, subject, 1)
    if not before or today not in _days(scene, 1) or not open_of(today) <= scene.at < close_of(today):
        return None
    part = Decimal((scene.at - open_of(today)) / (close_of(today) - open_of(today)))
    return (before[0][1] + (_close(scene, subject, today) - before[0][1]) * part).quantize(Decimal("0.01"))


def _days(scene: Scene, count: int) -> list[date]:
    """The last days with a session, the present one too."""
    today, known = scene.at.astimezone(NEW_YORK).date(), scene.tape.column("index.close", _CALENDAR, "session", "")
    days = [d for k in range(count + 4, -1, -1) if (d := today - timedelta(days=k)).weekday() < 5]
    last = from_epoch(max(known)).astimezone(NEW_YORK).date() if known else date.min
    return [d for d in days if d > last or int(close_of(d).timestamp()) in known]


def _close(scene: Scene, subject: str, day: date) -> Decimal:
    known = scene.tape.column("index.close", subject, "session", "").get(int(close_of(day).timestamp()))
    made = scene.made_up(subject, _BASES.get(subject, "100"), at=close_of(day))
    return made.quantize(Decimal("0.01")) if known is None else known
