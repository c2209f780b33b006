"""The order of the body: lede and nut graf, then the most surprising first, background last; in: planned parts, out: the same in order.

What one part leans on stays with it: parts that share a paragraph move as one, and a part that goes into the detail of a support stands
behind it. Equal surprise keeps the order of the form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def by_surprise(chosen: Sequence[Planned], families: Mapping[str, str]) -> list[Planned]:
    """The parts of the body, most surprising first.

    Args:
        chosen: The parts that will be said, as the form has them.
        families: The family of each support, by the name of its angle.
    """
    first: list[list[Planned]] = []
    body: list[list[Planned]] = []  # each with what follows it
    last: list[list[Planned]] = []
    for paragraph in _paragraphs(chosen):
        role = paragraph[0].part.role
        (first if role in _FIRST else last if role in _LAST else body).append(paragraph)
    anchors = {families.get(p[0].messages[0].angle, ""): p for p in body if p[0].part.source == "supports"}
    for paragraph in [p for p in body if p[0].part.follows in anchors]:
        anchors[paragraph[0].part.follows].extend(paragraph)
        body = [p for p in body if p is not paragraph]
    body.sort(key=lambda paragraph: -max(round(p.surprise, 2) for p in paragraph))
    return [planned for paragraph in (*first, *body, *last) for planned in paragraph]


def _paragraphs(chosen: Sequence[Planned]) -> list[list[Planned]]:
    paragraphs: list[list[Planned]] = []
    for planned in chosen:
        if planned.joins and paragraphs:
            paragraphs[-1].append(planned)
        else:
            paragraphs.append([planned])
    return paragraphs
