"""Forms, pitches and sayings made by hand for the tests of plan: a desk that says of each message how long it is and what it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from newsgen.plan import Brief, Form, Saying, plan
from newsgen.story import DocumentPlan, Message, Pitch, Quiet

AS_OF = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
BRIEF = Brief("main", "en", "test", AS_OF, 1, ("BTC", "ETH"), "BTC")
LEDE: Mapping[str, Any] = {"role": "lede", "from": "lead", "blocks": ("lede",), "required": True}


def pitch(angle: str, role: str = "rejected", *, score: str = "80", family: str = "price", subject: str = "BTC", reason: str = "") -> Pitch:
    fired = role != "silent"
    made: Any = role if fired else "rejected"
    return Pitch(angle, subject, family, Decimal(score), {}, fired, (), made, reason)


LEAD = pitch("squeeze", "lead", subject="market")


def context(*messages: str, drop: int = 0, join: str | None = None) -> dict[str, Any]:
    """A part of context messages."""
    return {"role": "detail", "from": "messages", "messages": messages, "drop": drop, "join": join}


def form(*parts: Mapping[str, Any], words: int = 400, paragraphs: int = 9, supports: int = 3, floor: str = "60") -> Form:
    given = {"name": "made", "words": (1, words), "paragraphs": (1, paragraphs), "floor": floor, "supports": supports, "part": parts}
    return Form.model_validate(given)


def label(message: Message) -> str:
    """What a message is called here: "lede", "support of flow", "price_now"."""
    kind, _, name = message.template.partition("/")
    if kind == "messages":
        return name
    return f"support of {name}" if message.block == "support" else message.block


class Desk:
    """Says the messages that it was told, each in so many words and with these figures; others in ten words and a figure of their own.

    A string instead of a pair is the reason why a message cannot be said.
    """

    def __init__(self, told: Mapping[str, tuple[int, Sequence[int]] | str] | None = None) -> None:
        self.told = dict(told or {})

    def __call__(self, message: Message) -> Saying | str:
        name = label(message)
        told = self.told.setdefault(name, (10, [1000 + len(self.told)]))
        return told if isinstance(told, str) else Saying(told[0], frozenset(told[1]))


def planned(shape: Form, told: Mapping[str, tuple[int, Sequence[int]] | str] | None = None, *pitches: Pitch) -> DocumentPlan:
    made = plan(pitches or (LEAD,), shape, Desk(told), BRIEF)
    assert isinstance(made, DocumentPlan), made
    return made


def quiet(shape: Form, told: Mapping[str, tuple[int, Sequence[int]] | str] | None = None, *pitches: Pitch) -> str:
    made = plan(pitches or (LEAD,), shape, Desk(told), BRIEF)
    assert isinstance(made, Quiet), made
    return made.reason


def paragraphs(made: DocumentPlan) -> list[list[str]]:
    """The labels of the messages, paragraph by paragraph."""
    found: dict[int, list[str]] = {}
    for message in made.messages:
        found.setdefault(message.paragraph, []).append(label(message))
    assert list(found) == list(range(len(found)))
    return list(found.values())


def left_out(made: DocumentPlan) -> dict[str, str]:
    """Label to reason; the subject and the kind of template are left away."""
    found = {}
    for name, reason in made.left_out:
        template, block = name.split(" ")[:2]
        kind, _, short = template.partition("/")
        found[short if kind == "messages" else block] = reason
    return found
