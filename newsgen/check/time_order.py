"""11 Time order and age: nothing from the future, nothing stale, no word that is wrong tomorrow; in: the desk, out: findings.

The rows of a table are of one moment, a stock's price is of a session, and what is told as coming after an event came after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from newsgen.check._check import Check, Desk
from newsgen.check._facts import Fact, local_dates
from newsgen.check._sessions import holidays, in_session
from newsgen.check.reader.dates import Day
from newsgen.story import Finding

__all__ = ["CHECK"]

_SATURDAY = 5
_TABLE_SPREAD = timedelta(minutes=15)
# What U.S. stock exchanges trade or compute: a close of it is of one of their sessions.
_STOCKS = frozenset({"SP500", "NDX", "DJI", "RUT", "VIX", "SPY", "QQQ", "MSTR", "COIN"})
_NEAR_RELEASE = timedelta(minutes=10)  # the price at a release is the last one before it
_SCHEDULED = ("expiry_at", "next_1_at", "next_2_at", "next_3_at")  # known before: when contracts fall due and releases come
# How old a figure of now may be (editorial section 1); one that carries its own date is told with it.
_FRESH = {"price.last": timedelta(minutes=10), "liquidations": timedelta(minutes=10), "sentiment": timedelta(hours=26)}


def time_order(desk: Desk) -> Iterator[Finding]:
    """Figures and dates after the article's moment, stale figures, sessions on a weekend, loose words of time."""
    for fact in desk.facts:
        problem = _figure_problem(desk, fact)
        if problem:
            yield desk.finding("time_order", "figures", f"{fact.describe()}: {problem}", [fact])
    yield from _table_spreads(desk)
    yield from _effects_before(desk)
    for sentence in desk.sentences:
        for day in sentence.days:
            if _is_future(desk, day):
                yield desk.finding("time_order", sentence, f'"{day.text}" lies after the article\'s moment')
    for sentence, found in desk.search(desk.words.phrase_lists["loose_times"]):
        yield desk.finding("time_order", sentence, f'"{found}" is wrong once the day is over: name the day')


def _figure_problem(desk: Desk, fact: Fact) -> str:
    figure, as_of = fact.figure, fact.figure.told_at or desk.article.as_of  # what was told then has to have been fresh then
    if figure.observed_at > as_of or figure.known_at > (desk.known_by or as_of):
        return f"it was not known at {as_of:%Y-%m-%d %H:%M} UTC"
    if fact.days and fact.tail not in _SCHEDULED and min(fact.days) > max(local_dates(as_of, desk.words)):
        return "its date lies in the future"
    limit = _FRESH.get(figure.name) or (_FRESH.get(fact.family) if figure.window == "24h" and not fact.days else None)
    if limit and "last_larger" not in fact.tail and as_of - figure.observed_at > limit:
        return f"it was observed {as_of - figure.observed_at} before the article's moment"
    if fact.tail == "session" and any(d.weekday() >= _SATURDAY for d in fact.days):
        return "no session falls on a weekend"
    return _session_problem(fact)


def _session_problem(fact: Fact) -> str:
    """A stock's close of a time at which stocks do not trade."""
    figure = fact.figure
    if fact.family != "index" or figure.window != "session" or figure.subject not in _STOCKS:
        return ""
    if any(d in holidays(d.year) for d in fact.days):
        return "stock exchanges were closed that day"
    if fact.tail in ("close", "change_day") and not in_session(figure.observed_at):
        return f"stocks did not trade at {figure.observed_at:%Y-%m-%d %H:%M} UTC"
    return ""


def _table_spreads(desk: Desk) -> Iterator[Finding]:
    """Columns of a table whose rows are of moments too far apart to stand side by side."""
    for i, table in enumerate(desk.article.tables):
        for k, head in enumerate(table["columns"]):
            cells = [row[k] for row in table["rows"]]
            facts = [f for f in desk.facts for cell in cells if f.id in {span["figure"] for span in cell["spans"]}]
            moments = sorted(f.figure.observed_at for f in facts)
            if moments and moments[-1] - moments[0] > _TABLE_SPREAD:
                message = f'the column "{head}" has figures of {moments[0]:%m-%d %H:%M} and of {moments[-1]:%m-%d %H:%M} UTC'
                yield desk.finding("time_order", f"tables[{i}]", message, facts)


def _effects_before(desk: Desk) -> Iterator[Finding]:
    """A change of price that is told as after a release, and is of before it."""
    for release in desk.facts_named("macro.release_at"):
        for fact in (*desk.facts_named("macro.bitcoin_change"), *desk.facts_named("macro.price_then")):
            problem = _effect_problem(fact, release.figure.value)
            if problem:
                message = f"{fact.describe()} is of {fact.figure.observed_at:%H:%M} UTC, {problem} {release.describe()}"
                yield desk.finding("time_order", "figures", message, [fact, release])


def _effect_problem(fact: Fact, at: object) -> str:
    """How a change since a release, or the price at it, stands in time to it where it should not."""
    if not isinstance(at, datetime):
        return ""
    if fact.tail == "price_then":
        return "" if timedelta(0) <= at - fact.figure.observed_at <= _NEAR_RELEASE else "and is told as the price at"
    return "" if fact.figure.observed_at > at else "and is told as after"


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


CHECK = Check(
    "time_order",
    11,
    "No figure or date from the future or stale, no effect before its event, rows of one moment, stocks in session.",
    time_order,
)
