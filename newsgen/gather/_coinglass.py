"""What all of CoinGlass's answers share: the envelope, its refusals, moments, sessions of the US funds; in: an Answer, out: rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newsgen.errors import GatherError, KeyRefused, SourceRefused, SourceUnavailable
from newsgen.gather._source import FUTURE, MS, Answer, Fields, load_json, said
from newsgen.market import Completeness

__all__ = ["HOURS", "completeness", "past", "rows", "session_close"]

HOURS = {"1h": 1, "4h": 4, "12h": 12, "1d": 24}  # of the intervals that are followed
_NEW_YORK = ZoneInfo("America/New_York")
_PASSING = ("429", "50001", "500", "408")
_KEY = ("401", "30001")


def rows(answer: Answer) -> list[Fields]:
    """The rows of an answer.

    Raises:
        GatherError: The answer is a refusal, which may come with HTTP 200.
    """
    top = Fields(answer, load_json(answer), "")
    code = str(top.raw("code"))
    if code != "0":
        message = said(top.raw("msg")) if top.has("msg") else ""
        raise _kind(code, message)(answer.source, answer.request.endpoint, f"code {said(code)}: {message}", fetched_at=answer.fetched_at)
    return top.rows("data")


def _kind(code: str, message: str) -> type[GatherError]:
    if code in _PASSING:
        return SourceUnavailable
    return KeyRefused if code in _KEY and "upgrade" not in message.lower() else SourceRefused  # 401 is said of a plan too


def past(answer: Answer, row: Fields, name: str) -> datetime:
    """A moment in milliseconds that does not lie ahead."""
    at = row.moment(name, MS)
    if at > answer.fetched_at + FUTURE:
        raise row.bad(name, f"{at.isoformat()} lies after the fetch at {answer.fetched_at.isoformat()}")
    return at


def session_close(day: date) -> datetime:
    """16:00 in New York."""
    return datetime.combine(day, time(16), _NEW_YORK).astimezone(UTC)


def completeness(close: datetime, answer: Answer) -> Completeness:
    """First prints are revised: preliminary until the morning after."""
    return Completeness.FINAL if answer.fetched_at - close > timedelta(hours=14) else Completeness.PRELIMINARY
