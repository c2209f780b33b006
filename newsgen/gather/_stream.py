"""The kit of a stream: one text frame as an answer that the strict reader knows; in: a frame and when it came, out: fields or an error."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from newsgen.gather._source import FUTURE, MS, Answer, Fields, Request, load_json

__all__ = ["ENDPOINT", "Side", "ordered_at", "read_frame"]

Side = Literal["long", "short"]  # the position that was closed

ENDPOINT = "stream"  # as it stands in origins and errors
_FRAME = Request(ENDPOINT)


def read_frame(source: str, title: str, frame: str, at: datetime) -> Fields:
    """The object that a frame holds.

    Raises:
        BadPayload: It holds no JSON, or no object.
    """
    answer = Answer(source, title, _FRAME, frame.encode("utf-8", "replace"), at)
    return Fields(answer, load_json(answer), "")


def ordered_at(row: Fields, name: str, at: datetime) -> datetime:
    """When an order was filled, from milliseconds; one that lies ahead of the frame is refused."""
    moment = row.moment(name, MS)
    if moment > at + FUTURE:
        raise row.bad(name, f"{moment.isoformat()} lies after the frame, which came at {at.isoformat()}")
    return moment
