"""15 Unnamed voice: analysts, experts, traders say; in: the desk, out: findings where no note names them."""

from __future__ import annotations

from collections.abc import Iterator

from newsgen.check._check import Check, Desk
from newsgen.story import Finding

__all__ = ["CHECK"]


def unnamed_voice(desk: Desk) -> Iterator[Finding]:
    """Find voices without a name."""
    if desk.notes:
        return
    for sentence, found in desk.search(desk.words.phrase_lists["voices"]):
        yield desk.finding("unnamed_voice", sentence, f'"{found}" names nobody, and no note does')


CHECK = Check("unnamed_voice", 15, "Nobody speaks without a name.", unnamed_voice)
