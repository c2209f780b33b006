"""Economic calendars: events and the numbers beside them; in: rows of a calendar, out: Readings or an error that names the field.

A calendar writes "162K", "7.69M", "4.10%", "-$70.5B", a pair for an auction ("2.92|2.1": yield and cover) or votes ("0-2-7"). A form that
is not known here is refused, not guessed: a suffix missed costs a factor of a thousand. The text as sent travels as the label.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from newsgen.gather._source import FUTURE, NOTHING, Answer, Fields, number_of, said
from newsgen.market import Reading, Unit

__all__ = ["Event", "calendar_number", "plain", "readings_of"]

_SCALES = {"": 1, "%": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_PLAIN = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_NUMBER = re.compile(rf"([+-]?)[$€£¥]?([+-]?)({_PLAIN}) ?([%KMBT]?)", re.ASCII)
_AUCTION = re.compile(rf"([+-]?(?:{_PLAIN}))%?\|(?:{_PLAIN})", re.ASCII)  # yield and cover
_WITHOUT_VALUE = re.compile(rf"\d{{1,2}}-\d{{1,2}}-\d{{1,2}}|[<>] ?[+-]?(?:{_PLAIN}) ?[%KMBT]?", re.ASCII)  # votes, bounds


@dataclass(frozen=True, slots=True)
class Event:
    """One row of a calendar."""

    row: Fields
    subject: str  # country or currency, and the event's name
    at: datetime  # when it is due
    importance: int = 0  # 1 to 3; 0 where the calendar has none
    word: str = ""  # the importance as it is sent
    instead: Mapping[str, str] = field(default_factory=dict)  # other columns for this row (a revised value)


def plain(text: str) -> str:
    """Text of a calendar without its entities and double blanks."""
    return said(html.unescape(text).replace("\xa0", " "))


def calendar_number(text: str) -> Decimal | None:
    """A number as calendars write it; None for nothing, votes and bounds ("<0.10%").

    Raises:
        ValueError: It is none of the known forms.
    """
    bare = plain(text).replace("\u2212", "-")
    if bare.lower() in NOTHING or _WITHOUT_VALUE.fullmatch(bare):
        return None
    auction = _AUCTION.fullmatch(bare)
    if auction:
        return number_of(auction[1])
    found = _NUMBER.fullmatch(bare)
    if found is None or (found[1] and found[2]):
        raise ValueError(f"{said(text)!r} is no number of a calendar")
    number = number_of(found[3])
    scaled = (number or Decimal(0)) * _SCALES[found[4]]
    return number_of(-scaled if "-" in (found[1], found[2]) else scaled)


def _number(row: Fields, name: str) -> tuple[Decimal, str] | None:
    """A number and its text."""
    text = row.raw(name)
    if text is None:
        return None
    if not isinstance(text, str):
        raise row.bad(name, "text belongs here")
    try:
        value = calendar_number(text)
    except ValueError as error:
        raise row.bad(name, str(error)) from None
    return None if value is None else (value, plain(text))


def readings_of(answer: Answer, events: Sequence[Event], columns: Mapping[str, str]) -> Iterable[Reading]:
    """Importance and numbers of the events; two of one name and moment (m/m and y/y) cannot be told apart: both are left out."""
    often = Counter((event.subject, event.at) for event in events)
    for event in events:
        numbers = {
            series: _number(event.row, name) for series, name in {**columns, **event.instead}.items()
        }  # read in any case: a new form must show
        if often[event.subject, event.at] == 1:
            yield from _event(answer, event, numbers)


def _event(answer: Answer, event: Event, numbers: Mapping[str, tuple[Decimal, str] | None]) -> Iterable[Reading]:
    if event.importance:
        yield answer.reading(("calendar.importance", event.subject, "", ""), Decimal(event.importance), Unit.INDEX, event.at,
                             ahead=True, label=event.word)  # fmt: skip
    for series, found in numbers.items():
        if found is None or (series == "actual" and event.at > answer.fetched_at + FUTURE):  # a result before its time is none
            continue
        yield answer.reading((f"calendar.{series}", event.subject, "", ""), found[0], Unit.INDEX, event.at, ahead=True, label=found[1])
