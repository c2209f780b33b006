"""The order of the body: lede and nut graf, then the most surprising first, background last; in: planned parts, out: the same in order.

What one part leans on stays with it: parts that share a paragraph move as one. Equal surprise keeps the order of the form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsgen.plan.form import Part
from newsgen.story import Message

__all__ = ["Planned", "by_surprise"]

_FIRST = ("lede", "nut_graf")
_LAST = ("background", "kicker")


@dataclass(frozen=True, slots=True)
class Planned:
    """A part that will be said."""

    part: Part
    messages: tuple[Message, ...]
    words: int
    figures: int
    joins: bool  # the paragraph before
    surprise: float = 0.5  # of its most unusual message


def by_surprise(chosen: Sequence[Planned]) -> list[Planned]:
    """The parts of the body, most surprising first."""
    paragraphs: list[list[Planned]] = []
    for planned in chosen:
        if planned.joins and paragraphs:
            paragraphs[-1].append(planned)
        else:
            paragraphs.append([planned])
    first = [p for p in paragraphs if p[0].part.role in _FIRST]
    last = [p for p in paragraphs if p[0].part.role in _LAST]
    body = [p for p in paragraphs if p[0].part.role not in (*_FIRST, *_LAST)]
    body.sort(key=lambda paragraph: -max(round(p.surprise, 2) for p in paragraph))
    return [planned for paragraph in (*first, *body, *last) for planned in paragraph]
