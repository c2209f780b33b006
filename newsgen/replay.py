"""Replay: what would have been written in the past, knowing only what was known then; in: an archive and moments, out: takes.

What an earlier moment published is told for the later ones: stories get versions, cooldowns hold. Nothing is stored and nothing is sent.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from newsgen.edition import default_seed
from newsgen.errors import ConfigError, NewsgenError
from newsgen.market import Figure, View
from newsgen.pipeline import Newsroom, Order, Outcome, form_of, pitch_angles, published_of, write_soundly
from newsgen.said import REMEMBERED as WORDINGS
from newsgen.said import recent
from newsgen.story import Article, Pitch, Published, Quiet

__all__ = [
    "AUTO",
    "REMEMBERED",
    "SHORT",
    "STORIES",
    "Difference",
    "Step",
    "Take",
    "Tally",
    "differences",
    "lined",
    "moments_between",
    "remembered",
    "replay",
    "slim",
    "steps",
    "tally",
]

SHORT = ("flash", "brief")  # forms that are no article of full length
AUTO = "auto"  # a standard article where the lead is worth one, else a brief
STORIES = timedelta(days=7)  # as the service remembers stories
REMEMBERED = max(STORIES, WORDINGS)  # and their wordings
MOST_MOMENTS = 200_000


@dataclass(frozen=True, slots=True)
class Take:
    """What one moment gave."""

    as_of: datetime
    article: Article | None
    quiet: str  # why there is none
    pitches: tuple[Pitch, ...]
    faults: tuple[NewsgenError, ...] = ()
    price: float | None = None  # of the edition's first asset
    line: str = ""  # the article as JSON without its readings, where that is wanted

    @property
    def lead(self) -> Pitch | None:
        return next((p for p in self.pitches if p.role == "lead"), None)


def slim(take: Take) -> Take:
    """A take without what only the article's own page needs: a long replay keeps thousands."""
    pitches = tuple(replace(p, conditions=()) for p in take.pitches if p.fired)
    article = take.article
    if article is not None:
        article = replace(article, figures={}, readings={}, pitches=pitches)
    return replace(take, article=article, pitches=pitches)


def lined(take: Take) -> Take:
    """A small take with its article as one line of JSON."""
    if take.article is None:
        return slim(take)
    found = take.article.as_json()
    del found["readings"]
    return replace(slim(take), line=json.dumps(found, ensure_ascii=False, separators=(",", ":")))


def moments_between(first: datetime, last: datetime, every: timedelta) -> list[datetime]:
    """The moments from the first to the last, both included.

    Raises:
        ConfigError: There is none, or there are too many.
    """
    if last < first:
        raise ConfigError(f"--to {last:%Y-%m-%d %H:%M} is before --from {first:%Y-%m-%d %H:%M}")
    count = int((last - first) / every) + 1
    if count > MOST_MOMENTS:
        raise ConfigError(f"that are {count:,} moments; {MOST_MOMENTS:,} are the most")
    return [first + k * every for k in range(count)]


def replay(newsroom: Newsroom, start: View, moments: Iterable[datetime], order: Order) -> Iterator[Take]:
    """One take a moment, in order.

    Args:
        start: A view of the archive, which is looked at again at each moment.
        order: What is to be written; the form may be `auto`. What it names as published is told before the first moment.
    """
    for step in steps(newsroom, start, moments, order):
        yield step.take


@dataclass(frozen=True, slots=True)
class Step:
    """A take, with what was told before its moment: from the same memory the same follows."""

    take: Take
    told: tuple[Published, ...]
    kept: tuple[Published, ...]  # what the moment adds


def steps(newsroom: Newsroom, start: View, moments: Iterable[datetime], order: Order) -> Iterator[Step]:
    """The takes of a replay, each with the memory that it was made from."""
    told: tuple[Published, ...] = tuple(order.published)
    for moment in moments:
        told = remembered(told, moment)
        stories = tuple(p for p in told if p.published_at > moment - STORIES)
        said = recent((p.said for p in told if p.said is not None), moment)
        own = replace(order, seed=default_seed(order.edition, moment), published=stories, said=said)
        take, kept = _take(newsroom, start.at(moment), own)
        yield Step(take, told, kept)
        told += kept


def remembered(told: Iterable[Published], moment: datetime) -> tuple[Published, ...]:
    """What of the stories told is still known at a moment."""
    return tuple(p for p in told if p.published_at > moment - REMEMBERED)


def _take(newsroom: Newsroom, view: View, order: Order) -> tuple[Take, tuple[Published, ...]]:
    """One moment, and what it adds to what is told."""
    auto = order.form == AUTO
    pitched = pitch_angles(newsroom, view, replace(order, form="") if auto else order)
    form = form_of(newsroom, pitched[1]) if auto else order.form
    price = pitched[0].get("price.last", view.assets[0])
    now = float(price.number) if isinstance(price, Figure) else None
    if not form:
        return Take(view.as_of, None, _why_none(pitched[1]), pitched[1], (), now), ()
    outcome: Outcome = write_soundly(newsroom, view, replace(order, form=form), pitched)
    article = outcome.article
    if article is None:
        reason = outcome.quiet.reason if isinstance(outcome.quiet, Quiet) else ""
        return Take(view.as_of, None, reason, outcome.pitches, outcome.faults, now), ()
    kept = published_of(newsroom, pitched[0], article, order.published)
    return Take(view.as_of, article, "", outcome.pitches, outcome.faults, now), (kept,)


def _why_none(pitches: Sequence[Pitch]) -> str:
    fired = [p for p in pitches if p.fired]
    if not fired:
        return "no angle fired"
    best = max(fired, key=lambda p: p.score)
    return f"the strongest angle, {best.angle} of {best.subject}, scores {best.score}: {best.reason}"


@dataclass(frozen=True, slots=True)
class Tally:
    """What a replay came to."""

    moments: int
    full: int
    briefs: int  # and flashes
    held: int
    versions: int  # articles that go on with a story
    by_angle: dict[str, int]  # articles that the angle led
    scores: dict[str, tuple[float, float, float]]  # of its articles: the least, the middle one, the highest


def tally(takes: Sequence[Take]) -> Tally:
    """Count the articles of a replay."""
    articles = [t.article for t in takes if t.article is not None]
    scores: dict[str, list[float]] = {}
    for take in takes:
        if take.article is not None and take.lead is not None:
            scores.setdefault(take.lead.angle, []).append(float(take.lead.score))
    return Tally(
        moments=len(takes), full=sum(a.form not in SHORT for a in articles), briefs=sum(a.form in SHORT for a in articles),
        held=sum(a.verdict.decision != "publish" for a in articles), versions=sum(a.version > 1 for a in articles),
        by_angle=dict(Counter(a.angle for a in articles).most_common()),
        scores={angle: (min(s), sorted(s)[len(s) // 2], max(s)) for angle, s in scores.items()},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """A moment at which other thresholds give another article, or none."""

    as_of: datetime
    kind: str  # gained, lost, changed
    before: Take
    after: Take


def differences(before: Sequence[Take], after: Sequence[Take]) -> list[Difference]:
    """Where two replays of the same moments differ by what leads."""
    found = []
    for one, other in zip(before, after, strict=True):
        led, leads = _led(one), _led(other)
        if led != leads:
            found.append(Difference(one.as_of, "gained" if led is None else "lost" if leads is None else "changed", one, other))
    return found


def _led(take: Take) -> tuple[str, str] | None:
    return (take.article.angle, take.lead.subject if take.lead else "") if take.article is not None else None
