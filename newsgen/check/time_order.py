"""11 Time order and age: nothing from the future, nothing stale, no word that is wrong tomorrow; in: the desk, out: findings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from newsgen.check._check import Check, Desk
from newsgen.check._facts import Fact, local_dates
from newsgen.check.reader.dates import Day
from newsgen.story import Finding

__all__ = ["CHECK"]

_SATURDAY = 5
_SCHEDULED = ("expiry_at", "next_1_at", "next_2_at", "next_3_at")  # known before: when contracts fall due and releases come
# How old a figure of now may be (editorial section 1); one that carries its own date is told with it.
_FRESH = {"price.last": timedelta(minutes=10), "liquidations": timedelta(minutes=10), "sentiment": timedelta(hours=26)}


def time_order(desk: Desk) -> Iterator[Finding]:
    """Figures and dates after the article's moment, stale figures, sessions on a weekend, loose words of time."""
    for fact in desk.facts:
        problem = _figure_problem(desk, fact)
        if problem:
            yield desk.finding("time_order", "figures", f"{fact.describe()}: {problem}", [fact])
    for sentence in desk.sentences:
        for day in sentence.days:
            if _is_future(desk, day):
                yield desk.finding("time_order", sentence, f'"{day.text}" lies after the article\'s moment')
    for sentence, found in desk.search(desk.words.phrase_lists["loose_times"]):
        yield desk.finding("time_order", sentence, f'"{found}" is wrong once the day is over: name the day')


def _figure_problem(desk: Desk, fact: Fact) -> str:
    figure, as_of = fact.figure, fact.figure.told_at or desk.article.as_of  # what was told then has to have been fresh then
    if figure.observed_at > as_of or figure.known_at > as_of:
        return f"it was not known at {as_of:%Y-%m-%d %H:%M} UTC"
    if fact.days and fact.tail not in _SCHEDULED and min(fact.days) > max(local_dates(as_of, desk.words)):
        return "its date lies in the future"
    limit = _FRESH.get(figure.name) or (_FRESH.get(fact.family) if figure.window == "24h" and not fact.days else None)
    if limit and "last_larger" not in fact.tail and as_of - figure.observed_at > limit:
        return f"it was observed {as_of - figure.observed_at} before the article's moment"
    if fact.tail == "session" and any(d.weekday() >= _SATURDAY for d in fact.days):
        return "no session falls on a weekend"
    return ""


def _is_future(desk: Desk, day: Day) -> bool:
    """A full date after the article's day; without a year the article's year is meant."""
    if day.month is None or day.day is None or day.minute is not None:
        return False
    if day.year is None:
        return False  # "Nov. 7" in July is last year's, and read back as such
    try:
        named = date(day.year, day.month, day.day)
        return named > max(local_dates(desk.article.as_of, desk.words)) and not _is_scheduled(desk, named)
    except ValueError:
        return True  # no such day


def _is_scheduled(desk: Desk, named: date) -> bool:
    return any(named in fact.days for fact in desk.facts if fact.tail in _SCHEDULED)


CHECK = Check("time_order", 11, "No figure or date from the future, none stale, no loose word of time.", time_order)
