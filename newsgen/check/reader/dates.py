"""Dates and clock times: in: tokens, out: what day or moment is meant.

Reads July 11; Nov. 6, 2024; 14 July 2025; February 2024; Friday; 8:02 a.m. ET; noon ET; 13:02 BST; 12:02 UTC; since 2022. A date
without a year is of the reader's year. Does not judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from newsgen.check.reader.clauses import Token
from newsgen.check.reader.words import ReaderWords

__all__ = ["Day", "read_clock", "read_day"]


class Day(NamedTuple):
    """A day, a month, a year, a weekday or a clock time as printed; what is not said is None."""

    text: str
    first: int
    last: int
    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    minute: int | None = None  # of the day
    zone: str = ""


def read_day(text: str, tokens: Sequence[Token], at: int, words: ReaderWords) -> Day | None:
    """The date that begins at a token, if one does."""
    token = tokens[at]
    if token.text in words.weekdays:
        return _day(text, tokens, at, at + 1, weekday=words.weekdays[token.text])
    if token.text in words.months:
        return _month_first(text, tokens, at, words)
    if token.text.isdigit() and len(token.text) <= 2 and at + 1 < len(tokens) and tokens[at + 1].text in words.months:
        return _day_first(text, tokens, at, words)
    if token.text.isdigit() and len(token.text) == 4 and 1900 <= int(token.text) <= 2100 and _is_year(tokens, at):
        return _day(text, tokens, at, at + 1, year=int(token.text))
    return None


_BEFORE_YEAR = frozenset({"since", "in", "of", "to", "from", "until", "during", "late", "early", "mid"})


def _is_year(tokens: Sequence[Token], at: int) -> bool:
    return at > 0 and tokens[at - 1].lower in _BEFORE_YEAR


def _after_dot(tokens: Sequence[Token], i: int) -> int:
    return i + 1 if i < len(tokens) and tokens[i].text == "." and tokens[i].start == tokens[i - 1].end else i


def _number(tokens: Sequence[Token], i: int, digits: tuple[int, ...]) -> int | None:
    if i < len(tokens) and tokens[i].text.isdigit() and len(tokens[i].text) in digits:
        return int(tokens[i].text)
    return None


def _month_first(text: str, tokens: Sequence[Token], at: int, words: ReaderWords) -> Day | None:
    month = words.months[tokens[at].text]
    i = _after_dot(tokens, at + 1)
    day = _number(tokens, i, (1, 2))
    if day is not None:
        comma = i + 1 < len(tokens) and tokens[i + 1].text == ","
        year = _number(tokens, i + 2, (4,)) if comma else None
        return _day(text, tokens, at, i + 3 if year else i + 1, year=year, month=month, day=day)
    year = _number(tokens, i, (4,))
    if year is not None:
        return _day(text, tokens, at, i + 1, year=year, month=month)
    sure = tokens[at].text not in ("March", "May") or (at > 0 and tokens[at - 1].lower in words.dates.since | _BEFORE_YEAR)
    return _day(text, tokens, at, at + 1, month=month) if sure else None


def _day_first(text: str, tokens: Sequence[Token], at: int, words: ReaderWords) -> Day:
    i = _after_dot(tokens, at + 2)
    year = _number(tokens, i, (4,))
    month = words.months[tokens[at + 1].text]
    return _day(text, tokens, at, i + 1 if year else i, year=year, month=month, day=int(tokens[at].text))


def read_clock(text: str, tokens: Sequence[Token], at: int, words: ReaderWords) -> Day | None:
    """The clock time that begins at a token: "8:02 a.m. ET", "8 a.m. ET", "noon ET", "12:02 UTC"."""
    token = tokens[at]
    i = at + 1
    named = {words.clock["noon"]: 720, words.clock["midnight"]: 0}.get(token.lower)
    if named is None and not token.text[0].isdigit():
        return None
    minute = named if named is not None else _minutes(token.text)
    half, i = _half(tokens, i, words) if named is None else ("", i)
    zone = words.zones.get(tokens[i].text) if i < len(tokens) else None
    if minute is None or (zone is None and ":" not in token.text and not half) or (zone is None and named is not None):
        return None
    if half:
        minute = minute % 720 + (720 if half == "pm" else 0)
    return _day(text, tokens, at, i + 1 if zone else i, minute=minute, zone=zone or "")


def _minutes(clock: str) -> int | None:
    hours, _, minutes = clock.partition(":")
    if not hours.isdigit() or len(hours) > 2 or (minutes and not minutes.isdigit()):
        return None
    return int(hours) * 60 + int(minutes or 0)


def _half(tokens: Sequence[Token], i: int, words: ReaderWords) -> tuple[str, int]:
    said = "".join(t.lower for t in tokens[i : i + 4])
    for half in ("am", "pm"):
        if said.startswith(words.clock[half]):
            return half, i + 4
        if tokens[i : i + 1] and tokens[i].lower == half:
            return half, i + 1
    return "", i


def _day(text: str, tokens: Sequence[Token], at: int, end: int, **what: int | str | None) -> Day:
    start, stop = tokens[at].start, tokens[end - 1].end
    return Day(text[start:stop], at, end, start, stop, **what)  # type: ignore[arg-type]
