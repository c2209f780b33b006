"""Dates and clock times against the figures; in: the desk, out: the facts that each may stand for, and findings.

A day must be a date of a figure that belongs to its sentence, and the day beside an amount must be a day of that amount. A time must
be a moment that the article prints, or its as-of time, in one of the readers' zones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from newsgen.check._check import Desk
from newsgen.check._claims import Claim, unsaid
from newsgen.check._facts import Fact, minute_in, own_days
from newsgen.check.reader import Sentence
from newsgen.check.reader.bind import Mark
from newsgen.check.reader.dates import Day
from newsgen.check.reader.words import Dates
from newsgen.story import Finding

__all__ = ["dated_facts", "day_findings", "facts_meant"]

_WEEK = timedelta(days=7)
_RELEASES = frozenset({"macro.next_1_at", "macro.next_2_at", "macro.next_3_at"})


def dated_facts(desk: Desk, sentence: Sentence) -> dict[int, list[Fact]]:
    """For each date and time of a sentence, by its first token, the facts that it may stand for."""
    return {day.first: [f for f in facts_meant(desk, day) if not unsaid(sentence, f, desk.words)] for day in sentence.days}


def facts_meant(desk: Desk, day: Day) -> list[Fact]:
    """All facts that a date may stand for, whatever its sentence; the same date and time come up many times in a text."""
    said = day[_WHAT:]
    found = desk.meant.get(said)
    if found is None:
        found = desk.meant[said] = [f for f in desk.dated if _stands_for(desk, day, f)]
    return found


_WHAT = Day._fields.index("year")  # where the fields begin that say what is meant, and not where it stands


def _stands_for(desk: Desk, day: Day, fact: Fact) -> bool:
    if day.minute is not None:
        return isinstance(fact.figure.value, datetime) and _is_clock(fact.figure.value, day, desk)
    start = fact.figure.archive_start
    return any(_is_day(d, day, desk) for d in fact.days) or (start is not None and _is_day(start, day, desk))


def _is_clock(moment: datetime, day: Day, desk: Desk) -> bool:
    zones = [day.zone] if day.zone else [*desk.words.zone_names]
    return any(minute_in(moment, zone) == day.minute for zone in zones)


def _is_day(found: date, day: Day, desk: Desk) -> bool:
    if (day.month is not None and found.month != day.month) or (day.day is not None and found.day != day.day):
        return False
    if day.weekday is not None:
        return found.weekday() == day.weekday and found <= desk.today and min(desk.today_of_readers) - found < _WEEK
    if day.year is not None:
        return found.year == day.year
    years = {d.year for d in desk.today_of_readers}  # on New Year's Eve in New York it is the new year in UTC
    return found.year in years or timedelta(0) <= desk.today - found < timedelta(days=180)


def day_findings(desk: Desk, check: str, sentence: Sentence, claims: tuple[Claim, ...], dated: dict[int, list[Fact]]) -> Iterator[Finding]:
    """Dates and times that no figure of the article has, or that belong to other figures than their sentence's."""
    for day in sentence.days:
        told = [f for c in claims if sentence.parts[c.numeral.first] == sentence.parts[day.first] for f in c.fits]
        problem = _problem(desk, sentence, day, claims, dated[day.first], told)
        if problem:
            yield desk.finding(check, sentence, f'"{day.text}" {problem}', dated[day.first])


def _problem(desk: Desk, sentence: Sentence, day: Day, claims: tuple[Claim, ...], candidates: list[Fact], told: list[Fact]) -> str:
    if day.minute is not None:
        as_of = _is_clock(desk.article.as_of, day, desk)
        if not candidates and not as_of:
            return "is no moment of this article"
        if _other_moment_in_brackets(desk, sentence, day):
            return "and the time in brackets after it are two moments"
        return "" if as_of else _until_problem(desk, sentence, day, candidates)
    beside = [c for c in _beside(sentence, day, claims, desk.words.dates) if c.fits]
    facts_beside = [f for c in beside for f in c.fits]
    days_beside = {d for f in _without_twins(facts_beside) for d in own_days(f, desk.words)}
    fits_beside = any(_is_day(d, day, desk) for d in days_beside)
    if _is_since(desk, sentence, day):
        return (
            _archive_problem(sentence, day, desk)
            or _since_problem(desk, sentence, day, candidates, told)
            or _until_problem(desk, sentence, day, candidates, told)
        )
    as_of_day = any(_is_day(d, day, desk) for d in desk.today_of_readers)
    if not candidates and not fits_beside and not (as_of_day and not beside):
        return "is no date of this article's figures"
    due = _due_problem(sentence, day, candidates)
    if due:
        return due
    extreme = _extreme_problem(desk, sentence, day, told)
    if extreme:
        return extreme
    if beside and not fits_beside and not _named_day(sentence, day, candidates, beside, desk.words.dates):
        names = ", ".join(dict.fromkeys(f.describe() for c in beside for f in c.fits[:1]))
        return f"is not a day of {names}"
    return ""


def _without_twins(facts: list[Fact]) -> list[Fact]:
    """Of two figures of one subject and value, as the high and the one before it, only the one that has a day of its own is meant."""
    dated = {(f.group, f.figure.subject, f.value) for f in facts if f.partner_days}
    return [f for f in facts if f.partner_days or (f.group, f.figure.subject, f.value) not in dated]


def _other_moment_in_brackets(desk: Desk, sentence: Sentence, day: Day) -> bool:
    """ "7 a.m. ET (00:00 UTC)": one moment told in two zones, which the day of the article has it or has not."""
    opens = sentence.tokens[day.last].text if day.last < len(sentence.tokens) else ""
    other = next((d for d in sentence.days if d.first == day.last + 1 and d.minute is not None), None)
    if opens != "(" or other is None or not (day.zone and other.zone):
        return False
    moments = [desk.article.as_of, *(f.figure.value for f in desk.dated if isinstance(f.figure.value, datetime))]
    return not any(_is_clock(m, day, desk) and _is_clock(m, other, desk) for m in moments)


def _due_problem(sentence: Sentence, day: Day, candidates: list[Fact]) -> str:
    """The day of a release that is due stands beside the name of another release, or of none."""
    if not candidates or not all(f.figure.name in _RELEASES for f in candidates):
        return ""
    marks = [m for m in sentence.of("subject") if m.key != "market"]
    beside = next((m for m in reversed(marks) if m.last <= day.first), marks[0] if marks else None)
    if beside is None or not any(beside.key in f.subjects for f in candidates):
        return f"is the day of {candidates[0].describe()}, and the name beside it is {repr(beside.text) if beside else 'missing'}"
    return ""


def _is_since(desk: Desk, sentence: Sentence, day: Day) -> bool:
    return day.first > 0 and sentence.tokens[day.first - 1].lower in desk.words.dates.since | {"to"}


_BACK = ("back", "to")
_NEAR_BACK = 6  # words: "in data that go back to"; a high goes back to a day too, and begins no archive


def _archive_problem(sentence: Sentence, day: Day, desk: Desk) -> str:
    """ "In data going back to 2024": the day or the year with which the archive of a figure begins."""
    before = tuple(t.lower for t in sentence.tokens[max(0, day.first - 2) : day.first])
    starts = [f.figure.archive_start for f in desk.dated if f.figure.archive_start is not None]
    spoken = {t.lower for t in sentence.tokens[max(0, day.first - _NEAR_BACK) : day.first]}
    if before != _BACK or spoken.isdisjoint(desk.words.dates.archives) or not starts or any(_is_day(s, day, desk) for s in starts):
        return ""
    return "is not where the data of a figure begin"


_HISTORY = ("_since", "_at", "_start", "_previous")


def _since_problem(desk: Desk, sentence: Sentence, day: Day, candidates: list[Fact], told: list[Fact]) -> str:
    """A rival's date must come from a figure of history of the same family as the amounts beside it."""
    history = [f for f in candidates if f.tail.endswith(_HISTORY) or f.figure.archive_start is not None]
    if not history:
        return "is no date that a figure of history names"
    groups = {f.group for f in told}
    if groups and not any(f.group in groups for f in history):
        return f"is a date of {history[0].describe()}, which this sentence does not speak of"
    return _of_another(desk, sentence, day, history)


def _of_another(desk: Desk, sentence: Sentence, day: Day, history: list[Fact]) -> str:
    """ "Ether at lowest since Jan. 28" of a day in bitcoin's history: of each kind named for the day, one must be the figure's."""
    kinds = desk.words.kind_of_subject
    before = [m for m in sentence.of("subject") if sentence.parts[m.first] == sentence.parts[day.first] and m.last <= day.first]
    for named in before[-1:]:
        rivals = [s for f in history for s in f.subjects if kinds.get(s) == kinds[named.key] != "markets"]
        if rivals and named.key not in rivals and len(rivals) >= len(history):
            return f'is a date of {history[0].describe()}, and the text names "{named.text}"'
    return ""


_ENDS = ("_until", "_end", "_ended", "_due")  # what may be told as the day on which something ended


def _until_problem(desk: Desk, sentence: Sentence, day: Day, candidates: list[Fact], told: Sequence[Fact] = ()) -> str:
    """ "the largest inflow until Nov. 7": a time with which something began, named as the one with which it ended."""
    if sentence.tokens[day.first - 1].lower not in desk.words.dates.until or day.first == 0:
        return ""
    groups = {f.group for f in told} or {f.group for f in candidates}
    meant = [f for f in candidates if f.group in groups]
    begins = bool(meant) and not any(f.tail.endswith(_ENDS) or _is_ahead(desk, f) for f in meant)
    return f"is where {meant[0].describe()} began" if begins else ""


def _is_ahead(desk: Desk, fact: Fact) -> bool:
    return any(d > desk.today for d in fact.days)


def _beside(sentence: Sentence, day: Day, claims: tuple[Claim, ...], words: Dates) -> list[Claim]:
    """The amounts that a day may belong to: the one it follows in its segment, else those next to it in its clause."""
    clause = [c for c in claims if sentence.clause[c.numeral.first] == sentence.clause[day.first]] or [*claims]
    before = next((c for c in reversed(clause) if c.numeral.last <= day.first), None)
    after = next((c for c in clause if c.numeral.first >= day.last), None)
    if before is not None and (
        sentence.segment[before.numeral.first] == sentence.segment[day.first] or _is_apposed(sentence, day, before, words)
    ):
        return [before]
    return [c for c in (before, after) if c is not None]


def _is_apposed(sentence: Sentence, day: Day, claim: Claim, words: Dates) -> bool:
    """ "$66,129, on July 17", "$69,000, set on Nov. 10, 2021", "6,263.26, the close of Wednesday": the day of the amount before it."""
    between = [t.lower for t in sentence.tokens[claim.numeral.last : day.first]]
    if between[:1] != [","] or len(between) > _NEAR_APPOSED:
        return False
    return between[1:] == ["on"] or not words.of_amount.isdisjoint(between)


_NEAR_APPOSED = 5  # ", the close of", ", set on"


def _named_day(sentence: Sentence, day: Day, candidates: list[Fact], beside: list[Claim], words: Dates) -> bool:
    """Whether the day is the date of a figure of the same family and subject as the amounts in the sentence, and stands apart
    from the one before it ("$3,052, where it last ended a UTC day on Feb. 1")."""
    before = beside[0].numeral
    if before.last <= day.first and sentence.segment[before.first] == sentence.segment[day.first]:
        return False
    if _is_apposed(sentence, day, beside[0], words) or all(f.family == "etf" and f.partner_days for f in beside[0].fits):
        return False
    groups = {(f.group, s) for c in beside for f in c.fits for s in f.subjects}
    return any((f.group, s) in groups for f in candidates for s in f.subjects if not _is_session(f))


def _extreme_problem(desk: Desk, sentence: Sentence, day: Day, told: list[Fact]) -> str:
    """ "its record close of July 10", "the high of Nov. 22": a day right after such a word is the day of that extreme."""
    mark = _extreme_beside(sentence, day)
    if mark is None:
        return ""
    groups = {f.group for f in told}
    days = [f for f in desk.facts if f.extreme and f.days and f.tail.endswith("_at") and (not groups or f.group in groups)]
    if not days or any(_is_day(d, day, desk) for f in days for d in f.days):
        return ""
    return f"is not the day of that {mark.text}: {days[0].describe()}"


_NEAR_EXTREME = 5


def _extreme_beside(sentence: Sentence, day: Day) -> Mark | None:
    """The word of record or extreme that a day goes with: right after it, or before it with no amount between."""
    marks = [m for m in sentence.marks if m.kind in ("extreme", "reference", "record")]
    after = next((m for m in marks if m.first == day.last), None)
    before = [m for m in marks if m.last <= day.first]
    if after is not None or not before or day.first - before[-1].last > _NEAR_EXTREME:
        return after
    return None if any(before[-1].last <= n.first < day.first for n in sentence.numerals) else before[-1]


def _is_session(fact: Fact) -> bool:
    """The dates of sessions belong to their own amounts only."""
    return fact.tail in ("session", "recent_peak_at")
