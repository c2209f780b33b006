"""The life of stories: is this a new story, a new version of one, or nothing new; in: a rule that holds and what was told, out: a Step.

A story is an event of one family of angles on one subject. Where the rule names an anchor (the session of a fund flow) its value is the
event; else new data belong to the story for a day after it began, and then to a new one if they are news. A version needs a material
change since the last one: the move has reversed, an angle leads that has not yet led it and is no weaker, a level or record is another, or
the measured figure has moved by the rule's step. What was told is what the figures were at the moment of that version: they are worked out
again from the archive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from newsgen.detect.rule import Rule
from newsgen.market import Absent, Ask, Book, Figure, FigureSpec, Value, plain
from newsgen.story import Published, Step

__all__ = ["UNTOLD", "before", "step_of"]

UNTOLD = "no story of this event is told"
_CLOCK = "%b %d %H:%M UTC"


def step_of(rule: Rule, book: Book, subject: str, told: Sequence[Published], score: Decimal = Decimal(100)) -> Step:
    """What a rule that holds on a subject, with this score, does to the stories told."""
    anchor = plain(_value(book, rule.file.story.anchor, subject)) or ""
    living, ended = _living(rule, book, subject, told, anchor), False
    if not living and not rule.file.story.anchor:
        living, ended = _ended(rule, book, subject, told), True
    if not living:
        return _begin(rule, book, subject, told, anchor)
    step = _go_on(rule, book, subject, living, anchor, score)
    if not ended or step.kind == "silent":
        return step  # a story that has ended is told no further; the same news is none for another
    return replace(_begin(rule, book, subject, told, anchor), reason=f"a day after the last story began, {step.reason}")


def _go_on(rule: Rule, book: Book, subject: str, living: Sequence[Published], anchor: str, score: Decimal) -> Step:
    """What the event adds to a story that is told."""
    last = living[-1]
    step = Step("silent", last.story, last.version + 1, "", anchor, last.published_at, last.slug)
    told_at, version = before(book, last.published_at), f"version {last.version} of {last.published_at:{_CLOCK}}"
    if _reversed(rule, told_at, book, subject):
        return replace(step, kind="reversal", reason=f"the move told in {version} has reversed")
    if book.view.as_of - last.published_at < rule.file.story.rest:
        return replace(step, reason=f"{version} is told: the next one waits for {_hours(rule)}")
    change = _material(rule, told_at, book, subject, living, score)
    if change:
        return replace(step, kind="update", reason=f"since {version} {change}")
    return replace(step, reason=f"nothing material since {version}{_grown(rule, told_at, book, subject)}")


def before(book: Book, moment: datetime) -> Book:
    """The figures as they were at the moment of an earlier version, from the same archive."""
    return book.memo(("before", moment), lambda: Book(book.view.at(moment), {n: _as_told(s, moment) for n, s in book.catalogue.items()}))


def _as_told(spec: FigureSpec, moment: datetime) -> FigureSpec:
    """The same figure, which says of itself that it is an earlier version's."""

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        found = spec.compute(ask, subject)
        return replace(found, told_at=moment) if isinstance(found, Figure) else found

    return replace(spec, compute=compute, quick=None)


def _ended(rule: Rule, book: Book, subject: str, told: Sequence[Published]) -> list[Published]:
    """The versions of a story that began more than its life ago, and of which something was told within it."""
    now, lives = book.view.as_of, rule.file.story.lives
    kin = [p for p in told if p.story and p.family == rule.file.family and p.subject == subject and not p.anchor]
    recent = [p for p in kin if timedelta(0) <= now - p.published_at < lives]
    if not recent:
        return []
    newest = max(recent, key=lambda p: (p.published_at, p.version)).story
    return sorted((p for p in kin if p.story == newest), key=lambda p: (p.version, p.published_at))


def _living(rule: Rule, book: Book, subject: str, told: Sequence[Published], anchor: str) -> list[Published]:
    """The versions of the story that this event belongs to, oldest first; none when it is a new one."""
    now = book.view.as_of
    kin = [p for p in told if p.story and p.family == rule.file.family and p.subject == subject and p.published_at <= now]
    if rule.file.story.anchor:
        same = [p for p in kin if anchor and p.anchor == anchor and p.angle == rule.name]
    else:
        same = [p for p in kin if not p.anchor and now - (p.began_at or p.published_at) < rule.file.story.lives]
    if not same:
        return []
    newest = max(same, key=lambda p: (p.published_at, p.version)).story
    return sorted((p for p in same if p.story == newest), key=lambda p: (p.version, p.published_at))


def _begin(rule: Rule, book: Book, subject: str, told: Sequence[Published], anchor: str) -> Step:
    """A new story, under an id that no other has."""
    event = anchor.replace(":", "").lower() if anchor else f"{book.view.as_of:%Y%m%d}"
    base = f"{rule.name}-{subject.lower()}-{event.replace('-', '')}"
    taken = {p.story for p in told}
    story, number = base, 2
    while story in taken:
        story, number = f"{base}-{number}", number + 1
    return Step("new", story, 1, UNTOLD, anchor)


def _value(book: Book, name: str, subject: str) -> Value | None:
    found = _figure(book, name, subject) if name else None
    return found.value if isinstance(found, Figure) else None


def _figure(book: Book, name: str, subject: str) -> Figure | Absent:
    """A figure of the subject, or of the asset that speaks for the market."""
    kinds = book.catalogue[name].of
    of_asset = subject == "market" and "market" not in kinds and "asset" in kinds
    return book.get(name, book.view.assets[0] if of_asset else subject)


def _reversed(rule: Rule, told: Book, now: Book, subject: str) -> bool:
    name = rule.file.story.direction
    if name is None:
        name = "price.change_24h" if rule.file.family in ("price", "derivatives") else ""
    then, present = _value(told, name, subject), _value(now, name, subject)
    return isinstance(then, Decimal) and isinstance(present, Decimal) and then * present < 0


def _material(rule: Rule, told: Book, now: Book, subject: str, living: Sequence[Published], score: Decimal) -> str:
    """What is worth a version, in words; "" when nothing is."""
    story = rule.file.story
    if rule.name not in {p.angle for p in living}:
        if score < max(p.score for p in living):
            return ""  # the weaker angle of the same event
        return f"the angle is another: {rule.name} after {living[-1].angle}"
    for name in story.material:
        then, present = _value(told, name, subject), _value(now, name, subject)
        if present is not None and present != then:
            return f"{name} is {plain(present)}, after {plain(then) or 'none'}"
    grown = _growth(rule, told, now, subject)
    if grown is None or not _is_step(rule, grown.pct):
        return ""
    return f"{grown.figure} has moved by {grown.pct:.0f}%, a version takes {story.step_pct}%"


def _is_step(rule: Rule, pct: Decimal) -> bool:
    """Whether a figure has moved far enough, to the side that makes the angle: of a squeeze that ebbs nothing is told."""
    step, tail = rule.file.story.step_pct, rule.file.measure.tail
    return pct >= step if tail == "high" else pct <= -step if tail == "low" else abs(pct) >= step


@dataclass(frozen=True, slots=True)
class _Growth:
    """How far a figure has moved since it was told, in percent of what was told."""

    figure: str
    pct: Decimal


def _growth(rule: Rule, told: Book, now: Book, subject: str) -> _Growth | None:
    """Of the first figure that was known then and is known now."""
    for name in rule.file.story.grows or (rule.file.measure.figure,):
        then, present = _value(told, name, subject), _value(now, name, subject)
        if isinstance(then, Decimal) and isinstance(present, Decimal) and then != 0:
            return _Growth(name, (present - then) / abs(then) * 100)
    return None


def _grown(rule: Rule, told: Book, now: Book, subject: str) -> str:
    grown = _growth(rule, told, now, subject)
    return "" if grown is None else f": {grown.figure} has moved by {grown.pct:.1f}%, a version takes {rule.file.story.step_pct}%"


def _hours(rule: Rule) -> str:
    minutes = rule.file.story.rest.total_seconds() / 60
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min"
