"""What a rehearsal market can be told to do wrong; in: faults and a seed, out: which request suffers which.

A chance is drawn from the seed, the question and how often it was asked: a run can be repeated, whatever comes first on the wire.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

__all__ = ["KINDS", "OF_STREAMS", "STREAM", "Fault", "Faults", "before", "renamed"]

STREAM = "stream"  # the endpoint of a frame
Kind = Literal[
    "too_many", "server_error", "region", "key_rejected", "hang", "trickle", "cut", "html", "half", "stale", "renamed", "bad_tick",
    "disconnect", "duplicate",
]  # fmt: skip
KINDS: tuple[Kind, ...] = ("too_many", "server_error", "region", "key_rejected", "hang", "trickle", "cut", "html", "half", "stale",
                           "renamed", "bad_tick")  # fmt: skip
OF_STREAMS: tuple[Kind, ...] = ("disconnect", "duplicate")


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail.

    Attributes:
        kind: too_many (429 with Retry-After), server_error (503), region (451), key_rejected (401), hang (no answer), trickle (a byte now
            and then), cut (the connection ends inside the body), html, half (half the JSON), stale (as of `hours` ago), renamed (one field
            of the JSON has another name), bad_tick (the newest price of one asset ten times too high); of streams disconnect and duplicate
            (a frame comes twice).
        source, endpoint: Whom it strikes; "*" all.
        chance: How often, 0 to 1.
        times: At most so many times; None without end.
        since, until: Only between these moments of the market's clock.
    """

    kind: Kind
    source: str = "*"
    endpoint: str = "*"
    chance: float = 1.0
    times: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    hours: float = 24.0
    retry_after_s: float = 0.05


@dataclass(slots=True)
class Faults:
    """Draws the faults of a run."""

    faults: Sequence[Fault]
    seed: int = 0
    struck: dict[int, int] = field(default_factory=dict)  # by place in `faults`
    asked: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def draw(self, source: str, endpoint: str, at: datetime, question: str = "") -> Fault | None:
        """The fault that strikes a request, if any; of a stream (endpoint "stream") each frame is one."""
        asked = (source, endpoint, question)
        self.asked[asked] += 1
        for place, fault in enumerate(self.faults):
            if (fault.kind in OF_STREAMS) is not (endpoint == STREAM) or not _meets(fault, source, endpoint, at):
                continue
            if fault.times is not None and self.struck.get(place, 0) >= fault.times:
                continue
            if fault.chance >= 1 or self.chance(place, *asked).random() < fault.chance:
                self.struck[place] = self.struck.get(place, 0) + 1
                return fault
        return None

    def chance(self, place: object, *asked: str) -> random.Random:
        """What decides of this asking of a question, the same in every run."""
        return random.Random("|".join(map(str, (self.seed, place, *asked, self.asked[asked]))))


def _meets(fault: Fault, source: str, endpoint: str, at: datetime) -> bool:
    if fault.source not in ("*", source) or fault.endpoint not in ("*", endpoint):
        return False
    return (fault.since is None or at >= fault.since) and (fault.until is None or at < fault.until)


def renamed(body: bytes, chance: random.Random) -> bytes:
    """The same JSON with one field under another name; what is no JSON is cut short instead."""
    try:
        data = json.loads(body)
    except ValueError:
        return body[: len(body) // 2]
    objects = list(_objects(data))
    if not objects:
        return body[: len(body) // 2]
    chosen = chance.choice(objects)
    name = chance.choice(sorted(chosen))
    chosen[f"{name}_v2"] = chosen.pop(name)
    return json.dumps(data).encode()


def _objects(value: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if isinstance(value, dict):
        found += [value] if value else []
        for part in value.values():
            found += _objects(part)
    elif isinstance(value, list):
        for part in value[:50]:
            found += _objects(part)
    return found


def before(at: datetime, fault: Fault | None) -> datetime:
    """The moment that an answer speaks of."""
    return at - timedelta(hours=fault.hours) if fault is not None and fault.kind == "stale" else at
