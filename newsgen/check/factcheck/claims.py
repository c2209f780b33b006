"""What comes of checking a claim of a draft; data, and how a report speaks of facts.

In: nothing. Out: Claimed. Words here speak to editors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from newsgen.check._facts import Fact
from newsgen.check.factcheck.scene import Scene

__all__ = ["Claimed", "Teller", "Truth", "claimed"]

Truth = Literal["supported", "contradicted", "unknown", "constant"]


class Teller(Protocol):
    """How figures are printed, and what they are."""

    def value(self, fact: Fact) -> str:
        """The value as the house prints it."""

    def meaning(self, name: str) -> str:
        """What a figure is, one sentence."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claim with its verdict.

    Attributes:
        start, end: Where it stands in the block's text.
        kind: "amount", "date", "record", "direction", "majority", "lead", "sum", "name" (of a constant).
        fact: What bears it out, or what contradicts it.
        message: For an editor; says the right value of what is contradicted.
        way: "up" or "down", where the direction is what is wrong.
    """

    text: str
    where: str
    start: int
    end: int
    kind: str
    truth: Truth
    sentence: str
    fact: Fact | None = None
    message: str = ""
    way: str = ""


def claimed(scene: Scene, first: int, last: int, kind: str, truth: Truth, message: str = "", fact: Fact | None = None) -> Claimed:
    """A claim that stands at some tokens of a scene."""
    tokens = scene.sentence.tokens
    start, end = tokens[first].start, tokens[last - 1].end
    return Claimed(scene.block.text[start:end], scene.block.where, start, end, kind, truth, scene.sentence.text, fact, message)
