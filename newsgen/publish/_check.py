"""A target tried without publishing: its publisher's own questions, and our clock against its; in: a target, out: findings.

A target that cannot be asked at all is a finding too. Changes nothing at the target.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from newsgen.errors import PublishError
from newsgen.publish._findings import ahead_s, apart
from newsgen.publish._outbox import Outbox, publishers
from newsgen.publish._publisher import Finding, Target
from newsgen.publish._wire import Answer, Wire

__all__ = ["check_target"]

_NO_SUCH_METHOD = 501  # an endpoint that takes nothing but POST
_SKEW_S = 60  # of signatures five minutes are allowed, and a token of Ghost lives five: a minute is time to set the clock


@dataclass(frozen=True, slots=True)
class _TimedWire(Wire):
    """A wire that remembers what was asked, and of each answer by how many seconds the target's clock was ahead of ours, if it told."""

    asked: list[str] = field(default_factory=list)
    ahead: list[float | None] = field(default_factory=list)

    async def ask(self, method: str, url: str, **more: Any) -> Answer:
        self.asked.append(method)
        answer = await Wire.ask(self, method, url, **more)
        self.ahead.append(ahead_s(answer, self))
        return answer


async def check_target(outbox: Outbox, target: Target) -> list[Finding]:
    """Everything that publishing there needs, tried without publishing."""
    try:
        plain = outbox.wire(target, "")
    except PublishError as error:
        return [Finding("credentials", False, error.problem)]
    wire = _TimedWire(**{f.name: getattr(plain, f.name) for f in fields(plain)})
    found: list[Finding] = []
    try:
        found += await publishers()[target.kind].check(target, wire)
        found += [] if wire.asked else await _reached(target, wire)
    except PublishError as error:
        found.append(Finding("address", False, error.problem))
    return found + _clock(wire)


async def _reached(target: Target, wire: _TimedWire) -> list[Finding]:
    """Whether the address answers, where the publisher has asked nothing of its own."""
    url = getattr(target.settings, "url", "")
    if not url:
        return []
    answer = await wire.ask("HEAD", url)
    fine = answer.status < 500 or answer.status == _NO_SUCH_METHOD
    return [Finding("address", fine, f"it answers, with status {answer.status} to a HEAD request, which changes nothing")]


def _clock(wire: _TimedWire) -> list[Finding]:
    """Our clock against the target's: a wrong one breaks signatures and tokens, and nobody says why."""
    told = [ahead for ahead in wire.ahead if ahead is not None]
    if not told:
        return [Finding("clock", True, "no Date in its answers: not compared")] if wire.ahead else []
    ahead = told[-1]
    if abs(ahead) <= _SKEW_S:
        return [Finding("clock", True, f"within {max(round(abs(ahead)), 1)} s of the target's")]
    return [Finding("clock", False, apart(ahead))]
