"""14 Causality: a connector that claims a cause needs an editor's note; in: the desk, out: findings."""

from __future__ import annotations

from collections.abc import Iterator

from newsgen.check._check import Check, Desk
from newsgen.story import Finding

__all__ = ["CHECK"]


def causality(desk: Desk) -> Iterator[Finding]:
    """Find causes and forecasts that nobody entered."""
    if desk.notes:
        return
    for kind, message in (("causes", "claims a cause, and no note gives one"), ("forecasts", "is a forecast")):
        for sentence, found in desk.search(desk.words.phrase_lists[kind]):
            yield desk.finding("causality", sentence, f'"{found}" {message}')


CHECK = Check("causality", 14, "No cause and no forecast without an editor's note.", causality)
