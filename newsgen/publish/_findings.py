"""What the checks of several targets look at: encryption, clock, folder, and an error as a finding; in: what was asked, out: Findings.

The sentences are for whoever sets a target up: what is wrong, and how to mend it. Publishes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path

from newsgen.errors import PublishError
from newsgen.publish._address import AddressRefused, is_public, locate
from newsgen.publish._publisher import Finding
from newsgen.publish._wire import Answer, Wire

__all__ = ["ahead_s", "apart", "folder_finding", "https_finding", "is_inside", "tried"]


def ahead_s(answer: Answer, wire: Wire) -> float | None:
    """By how many seconds the target's clock is ahead of ours; None where it does not tell."""
    try:
        at = parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return (at.replace(tzinfo=at.tzinfo or UTC) - wire.clock()).total_seconds()


def apart(ahead: float | None) -> str:
    """How far apart the clocks are, and what to do."""
    if ahead is None:
        return "it does not tell its time; is our clock right?"
    way = "behind" if ahead > 0 else "ahead of"
    return f"our clock is {abs(ahead):.0f} seconds {way} the target's: set the clock of this machine (NTP)"


async def is_inside(url: str, wire: Wire) -> bool:
    """Whether a URL leads to nothing but private addresses, and the settings permit them."""
    try:
        found = await locate(url, allow_private=wire.allow_private, resolver=wire.resolver)
    except (AddressRefused, ValueError, OSError):  # asking it says so in its own finding
        return False
    return not any(is_public(ip) for ip in found.ips)


async def https_finding(url: str, wire: Wire) -> Finding:
    """Whether what is sent there is encrypted on its way, or stays inside."""
    if url.startswith("https:"):
        return Finding("https", True, "encrypted")
    if await is_inside(url, wire):
        return Finding("https", True, "fine, http to a private address as the settings permit")
    return Finding("https", False, "not encrypted: the credentials can be read on the way; use https")


def folder_finding(folder: Path) -> Finding:
    """Whether files can be written into a folder, which may have to be made."""
    there = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    fine = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    return Finding(
        "folder", fine, f"{folder} can be written to" if fine else f"{there} cannot be written to by this user: give it the right"
    )


async def tried(what: str, look: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    """What a look finds; an error is a finding too."""
    try:
        return await look()
    except PublishError as error:
        return [Finding(what, False, error.problem)]
