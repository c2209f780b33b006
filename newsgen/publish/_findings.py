"""What the checks of several targets look at: address, clock, and an error as a finding; in: answers, out: Findings.

The sentences are for whoever sets a target up: what is wrong, and how to mend it. Publishes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

from newsgen.errors import PublishError
from newsgen.publish._publisher import Finding
from newsgen.publish._wire import Answer, Wire

__all__ = ["ahead_s", "clock_finding", "clocks", "https_finding", "tried"]

_CLOCK_S = 60.0  # Ghost's tokens live five minutes, signatures of webhooks as long: a minute is time to mend it


def ahead_s(answer: Answer, wire: Wire) -> float | None:
    """By how many seconds the target's clock is ahead of ours; None where it does not tell."""
    try:
        at = parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return (at.replace(tzinfo=at.tzinfo or UTC) - wire.clock()).total_seconds()


def clocks(answer: Answer, wire: Wire) -> str:
    """How far apart the clocks are, and what to do."""
    ahead = ahead_s(answer, wire)
    if ahead is None:
        return "it does not tell its time; is our clock right?"
    return f"our clock is {abs(ahead):.0f} seconds {'behind' if ahead > 0 else 'ahead of'} the target's: set the wrong one right (NTP)"


def clock_finding(answer: Answer, wire: Wire) -> Finding:
    """Whether the target's clock and ours agree within a minute."""
    ahead = ahead_s(answer, wire)
    fine = ahead is None or abs(ahead) <= _CLOCK_S
    return Finding("clock", fine, "no Date in its answers: not compared" if ahead is None else "agrees" if fine else clocks(answer, wire))


def https_finding(url: str) -> Finding:
    """Whether what is sent there is encrypted on its way."""
    fine = url.startswith("https:")
    return Finding("https", fine, "encrypted" if fine else "not encrypted: the credentials can be read on the way; use https")


async def tried(what: str, look: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    """What a look finds; an error is a finding too."""
    try:
        return await look()
    except PublishError as error:
        return [Finding(what, False, error.problem)]
