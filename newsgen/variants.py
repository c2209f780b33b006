"""Wordings tried, not hoped for: a covering set of all combinations of an angle's choices, each written and checked; in: a newsroom and a
view, out: what was rendered and what was held.

Every pair of choices that a block of the angle can hold together stands in at least one of the articles (pairwise covering): a slip of
agreement or sense needs two of them as a rule. Of the context messages, which stand under every angle, each choice stands in one. Publishes
nothing and stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import combinations

from newsgen.author import LOOKS, on_the_bar
from newsgen.errors import NewsgenError
from newsgen.market import View
from newsgen.pipeline import Newsroom, Order, Pitched, pitch_angles, wording_for, write_article
from newsgen.story import Finding, Message
from newsgen.write import Choice, Choices, Rendered, Wording

__all__ = ["FORMS", "Tried", "covering", "moments_of", "try_angle", "try_angles"]

FORMS = ("standard", "brief", "flash")
EACH = 1  # moments at which an angle is tried
_SEEDS = 600  # wordings of a message that are looked at
_PATIENCE = 60  # without a new pair: there is none
_HEAD = ("headline", "dek", "flash", "point")

Pairs = frozenset[tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class Tried:
    """What trying one angle at one moment in one form came to.

    Attributes:
        wordings: Message to the number of its wordings that cover all pairs.
        held: Findings that held an article, each once.
    """

    angle: str
    as_of: datetime
    form: str
    articles: int
    wordings: Mapping[str, int]
    held: tuple[Finding, ...]


def covering(made: Callable[[int], Sequence[Choice] | None], together: int = 2) -> list[int]:
    """Seeds that together hold every pair of choices which any seed holds.

    Args:
        made: The choices of a message by seed; None when it cannot be said.
        together: 1 asks for every single choice only.
    """
    found: dict[int, Pairs] = {}
    seen: set[tuple[tuple[str, int], ...]] = set()
    quiet = 0
    for seed in range(_SEEDS):
        choices = made(seed)
        if choices is None:
            return [0]
        pairs = _pairs(choices, together)
        quiet = 0 if pairs - seen else quiet + 1
        if pairs - seen:
            found[seed] = pairs
            seen |= pairs
        if quiet > _PATIENCE:
            break
    return _fewest(found) or [0]


def _pairs(choices: Iterable[Choice], together: int) -> Pairs:
    taken = sorted({(c.place, c.taken) for c in choices})
    return frozenset([*((one,) for one in taken), *(combinations(taken, 2) if together > 1 else ())])


def _fewest(found: Mapping[int, Pairs]) -> list[int]:
    """A small set of seeds with all pairs: each time the one that brings most."""
    left = set().union(*found.values()) if found else set()
    kept: list[int] = []
    while left:
        best = max(found, key=lambda seed: (len(found[seed] & left), -seed))
        kept.append(best)
        left -= found[best]
    return kept


def try_angle(newsroom: Newsroom, view: View, order: Order) -> Tried | None:
    """Write the lead of an order in a covering set of its wordings and check each; None where it gives no article.

    Raises:
        WriteError: A template prints a naked number.
    """
    pitched = pitch_angles(newsroom, view, order)
    first = write_article(newsroom, view, order, pitched).article
    if first is None:
        return None
    seeds = _seeds_of(newsroom, order, pitched, first.messages)
    held: dict[tuple[str, str], Finding] = {}
    count = max(len(s) for s in seeds.values())
    for k in range(count):
        worded = _chosen(seeds, k)
        article = write_article(newsroom, view, replace(order, worded=worded), pitched).article
        for finding in article.verdict.findings if article is not None else ():
            if finding.severity == "block":
                held.setdefault((finding.check, finding.sentence or finding.message), finding)
    return Tried(order.angles[0], view.as_of, order.form, count, {m: len(s) for m, s in seeds.items()}, tuple(held.values()))


def _chosen(seeds: Mapping[str, Sequence[int]], k: int) -> Callable[[str, int], Choices]:
    """The k-th wording of each message; a message that the first article did not hold takes what comes."""
    return lambda message, attempt: Choices(seeds[message][k % len(seeds[message])] if message in seeds else k, message)


def _seeds_of(newsroom: Newsroom, order: Order, pitched: Pitched, messages: Iterable[str]) -> dict[str, list[int]]:
    """For each message of an article, its head included, the seeds that cover its wordings."""
    lead = next(p for p in pitched[1] if p.role == "lead")
    head = [Message(block, f"angles/{lead.angle}", block, lead.subject, lead.angle) for block in _HEAD]
    found: dict[str, list[int]] = {}
    for message in (*head, *_messages(messages, lead.angle)):
        wording = wording_for(newsroom, pitched, order)
        together = 2 if message.template.startswith("angles/") else 1
        found[message.name] = covering(partial(_made, wording, message), together)
    return found


def _messages(names: Iterable[str], angle: str) -> Iterator[Message]:
    for name in names:
        template, block, subject = name.split(" ")
        yield Message("detail", template, block, subject, angle)


def _made(wording: Wording, message: Message, seed: int) -> Sequence[Choice] | None:
    said = wording.say_by(message, Choices(seed, message.name))
    return wording.made[message.name] if isinstance(said, Rendered) else None


def moments_of(newsroom: Newsroom, view: View, since: datetime, angles: Iterable[str], each: int = EACH) -> dict[str, list[View]]:
    """For each angle the moments, at most so many and far apart, at which it fires."""
    step = max((view.as_of - since) / LOOKS, timedelta(hours=4))
    fired: dict[str, list[View]] = {angle: [] for angle in angles}
    for k in range(int((view.as_of - since) / step) + 1):
        then = view.at(on_the_bar(view.as_of - k * step) if k else view.as_of)
        for angle in {p.angle for p in pitch_angles(newsroom, then, Order("variants"))[1] if p.fired} & fired.keys():
            fired[angle].append(then)
    return {angle: found[:: max(1, len(found) // each)][:each] for angle, found in fired.items()}


def try_angles(
    newsroom: Newsroom, view: View, since: datetime, angles: Sequence[str], each: int = EACH
) -> Iterator[Tried | str | NewsgenError]:
    """Every angle at its moments and in every form; the name of one that fires at none, and a fault of a template.

    Args:
        each: Moments an angle.
    """
    for angle, views in moments_of(newsroom, view, since, angles, each).items():
        tried = 0
        for then in views:
            for form in FORMS:
                if form == "brief" and tried:
                    continue  # its blocks are those of the standard article
                try:
                    found = try_angle(newsroom, then, Order("variants", form, angles=(angle,)))
                except NewsgenError as fault:
                    yield fault
                    continue
                if found is not None:
                    tried += 1
                    yield found
        if not tried:
            yield angle
