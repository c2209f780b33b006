"""A target tried without publishing: its publisher's own questions, and our clock against its; in: a target, out: findings.

A target that cannot be asked at all is a finding too. Changes nothing at the target.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from newsgen.errors import PublishError
from newsgen.publish._outbox import Outbox, publishers
from newsgen.publish._publisher import Finding, Target
from newsgen.publish._wire import Answer, Wire

__all__ = ["check_target"]

_NO_SUCH_METHOD = 501  # an endpoint that takes nothing but POST
_SKEW_S = 60  # of signatures five minutes are allowed, and a token of Ghost lives five: a minute is time to set the clock


@dataclass(frozen=True, slots=True)
class _TimedWire(Wire):
    """A wire that remembers what time the target said it was, and what time it was here."""

    told: list[tuple[datetime, datetime]] = field(default_factory=list)

    async def ask(self, method: str, url: str, **more: Any) -> Answer:
        answer = await Wire.ask(self, method, url, **more)
        try:
            there = parsedate_to_datetime(answer.headers.get("date", ""))
        except (TypeError, ValueError):
            return answer
        self.told.append((there if there.tzinfo else there.replace(tzinfo=UTC), self.clock()))
        return answer


async def check_target(outbox: Outbox, target: Target) -> list[Finding]:
    """Everything that publishing there needs, tried without publishing."""
    try:
        plain = outbox.wire(target, "")
    except PublishError as error:
        return [Finding("credentials", False, f"{error.problem}: set it there or in the secrets file")]
    wire = _TimedWire(**{f.name: getattr(plain, f.name) for f in fields(plain)})
    found: list[Finding] = []
    try:
        found += await publishers()[target.kind].check(target, wire)
        found += [] if wire.told else await _reached(target, wire)
    except PublishError as error:
        found.append(Finding("address", False, error.problem))
    ours = _clock(wire)
    return [*(f for f in found if not ours or f.what != "clock"), *ours]  # a publisher may have looked at the clock too


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
    if not wire.told:
        return []
    there, here = wire.told[-1]
    off = round((here - there).total_seconds())
    if abs(off) <= _SKEW_S:
        return [Finding("clock", True, f"within {max(abs(off), 1)} s of the target's")]
    way = "ahead of" if off > 0 else "behind"
    return [Finding("clock", False, f"ours is {abs(off)} s {way} the target's: set the clock of this machine (NTP)")]
