"""Recall by cause: every published article that rests on a bad reading, source, angle or template, corrected or withdrawn; in: a Cause.

Out: what becomes of each article. New ones are held by a stop from the moment the cause is named; the readings are retired before the
first article is written again, so that none of them comes back. Sends nothing: withdrawals are the first that the outbox sends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from newsgen.errors import ConfigError, NewsgenError
from newsgen.market import SeriesKey, parse_time
from newsgen.newsdesk import Newsdesk, Prepared
from newsgen.rewrite import Again, visible
from newsgen.store.basis import Cause, articles_on, rests_of
from newsgen.store.retired import count_readings, retire
from newsgen.store.stops import Stop
from newsgen.store.versions import Stored, story_is_out

__all__ = ["Recalled", "Resting", "cause_of_reading", "cause_of_source", "find_resting", "hold_new", "recall", "stop_of", "told"]

Fate = Literal["corrected", "withdrawn", "spiked", "stands", "open", "failed"]


@dataclass(frozen=True, slots=True)
class Resting:
    """An article that rests on a cause; not `direct`: only by the history that it tells."""

    article: Stored
    direct: bool


@dataclass(frozen=True, slots=True)
class Recalled:
    """What became of an article.

    `open`: it rests on the cause only by its history, and cannot be told again: a person decides. `failed`: nothing was done, see why.
    """

    article: Stored
    fate: Fate
    why: str = ""


def cause_of_reading(desk: Newsdesk, given: str) -> Cause:
    """The cause of one reading: `ARTICLE/r3` as its ARTICLE.json names it, or `SERIES/SUBJECT/WINDOW/SOURCE/VENUE@TIME`.

    Raises:
        ConfigError: It is neither, or the article has no such reading.
    """
    name, parted, moment = given.rpartition("@")
    if parted:
        try:
            series, *subject, window, source, venue = name.removeprefix("series:").split("/")
            at = parse_time(moment)
        except ValueError as error:
            raise ConfigError(f"{given!r} is no reading: write SERIES/SUBJECT/WINDOW/SOURCE/VENUE@TIME ({error})") from None
        return Cause(SeriesKey(series, "/".join(subject), window, source, venue), first=at, last=at)
    article, parted, number = given.rpartition("/")
    if not parted:
        raise ConfigError(f"{given!r} is no reading: write ARTICLE/r3, or SERIES/SUBJECT/WINDOW/SOURCE/VENUE@TIME")
    readings = json.loads(desk.find(article).body)["readings"]
    if number not in readings:
        raise ConfigError(f"the article has no reading {number!r}; there are: r1 to r{len(readings)}")
    one = readings[number]
    at = parse_time(one["observed_at"])
    key = SeriesKey(one["series"], one["subject"], one["window"], one["source"], one["venue"])
    return Cause(key, first=at, last=at, known_at=parse_time(one["known_at"]))


def cause_of_source(source: str, first: datetime | None, last: datetime | None) -> Cause:
    """The cause of all that a source said of a span.

    Raises:
        ConfigError: The span has no end or no beginning.
    """
    if first is None or last is None:
        raise ConfigError("--source wants --from TIME and --to TIME: which of its readings are wrong")
    if last < first:
        raise ConfigError("--to is before --from")
    return Cause(source=source, first=first, last=last)


def find_resting(desk: Newsdesk, cause: Cause) -> list[Resting]:
    """Every article that readers have, or will have, and that rests on the cause."""
    return [Resting(desk.find(based.article_id), based.direct) for based in articles_on(desk.service.engine, cause)]


def told(desk: Newsdesk, cause: Cause) -> str:
    """The cause in words, for people."""
    if cause.angle:
        return f"the angle {cause.angle}"
    if cause.template:
        return f"the templates {cause.template[:12]}"
    number = count_readings(desk.service.engine, cause)
    whose = f"{cause.key.series} of {cause.key.subject} from {cause.key.source}" if cause.key else cause.source
    return f"{number} reading{'' if number == 1 else 's'}, {whose}"


def stop_of(cause: Cause) -> tuple[str, str]:
    """Scope and name of the stop that holds new articles which rest on a cause."""
    if cause.angle:
        return "angle", cause.angle
    return ("template", cause.template) if cause.template else ("source", cause.key.source if cause.key else cause.source)


def hold_new(desk: Newsdesk, cause: Cause, reason: str) -> Stop:
    """Hold new articles that rest on the cause, and those that wait."""
    return desk.stop_at_once(*stop_of(cause), reason)


def recall(desk: Newsdesk, cause: Cause, reason: str, note: str = "", *, correct: bool) -> Iterator[Recalled]:
    """Undo what rests on a cause, article by article.

    Args:
        reason: For the desk's own record.
        note: For readers, one sentence; else the house's own words.
        correct: Articles that can be told without it are corrected, the others withdrawn; else all are withdrawn.
    """
    resting = find_resting(desk, cause)
    if cause.is_of_readings:
        retire(desk.service.engine, cause, desk.who, reason, desk.now())
    for one in resting:
        yield _undone(desk, one, cause, reason, note, correct=correct)


def _undone(desk: Newsdesk, one: Resting, cause: Cause, reason: str, note: str, *, correct: bool) -> Recalled:
    """One article; what cannot be done there (its site is gone, another version has just come) keeps no other from being undone."""
    try:
        if not story_is_out(desk.service.engine, one.article):
            desk.spike(one.article.id, reason)
            return Recalled(one.article, "spiked", "no target has it")
        if not correct and one.direct:
            return _withdrawn(desk, one.article, reason, note, "")
        return _told_without(desk, one, cause, reason, note, correct=correct)
    except NewsgenError as error:
        return Recalled(one.article, "failed", str(error))


def _told_without(desk: Newsdesk, one: Resting, cause: Cause, reason: str, note: str, *, correct: bool) -> Recalled:
    """What becomes of an article by what it says without the cause."""
    again = _again(desk, one.article, cause)
    if again.article is not None and visible(again.article.as_json()) == visible(json.loads(one.article.body)):
        return Recalled(one.article, "stands", "it says the same without it")
    if again.article is None and not one.direct:
        desk.propose(one.article, f"{reason}: its history rests on what was recalled, and it cannot be told again: {again.problem}")
        return Recalled(one.article, "open", f"look at it: {again.problem}")
    if again.article is None or not correct:
        return _withdrawn(desk, one.article, reason, note, again.problem or "its history reads otherwise without it")
    return _saved(desk, desk.correction(one.article, again, note), reason, "corrected", "")


def _again(desk: Newsdesk, article: Stored, cause: Cause) -> Again:
    try:
        again = desk.write_again(article, cause.angle)
    except ConfigError as error:  # its edition is gone: nobody can say
        return Again(None, str(error))
    if cause.template and again.article is not None and rests_of(again.article.dumps()).template.startswith(cause.template):
        return Again(None, "it is made from these templates still")
    return again


def _withdrawn(desk: Newsdesk, article: Stored, reason: str, note: str, why: str) -> Recalled:
    return _saved(desk, desk.prepare_kill(article.id, note), reason, "withdrawn", why)


def _saved(desk: Newsdesk, prepared: Prepared, reason: str, fate: Fate, why: str) -> Recalled:
    desk.save(prepared, reason)
    unreached = f"{', '.join(prepared.unreached)} is no target any more: undo it there by hand" if prepared.unreached else ""
    return Recalled(prepared.base, fate, "; ".join(part for part in (why, unreached) if part))
