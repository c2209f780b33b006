"""Clocks of a rehearsal: one that runs at any speed, one that goes by steps; in: a start, out: now."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from newsgen.market import check_aware

__all__ = ["Clock", "SteppedClock"]


@dataclass(slots=True)
class Clock:
    """Runs from `start`, `speed` times as fast as ours; calling it gives now, so it serves as the clock of gather and of a service."""

    start: datetime
    speed: float = 1.0
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.start = check_aware(self.start, "start")

    def __call__(self) -> datetime:
        return self.start + timedelta(seconds=(time.monotonic() - self._began) * self.speed)


@dataclass(slots=True)
class SteppedClock:
    """Stands still until it is told to go on."""

    now: datetime

    def __post_init__(self) -> None:
        self.now = check_aware(self.now, "now")

    def __call__(self) -> datetime:
        return self.now

    def advance(self, span: timedelta) -> datetime:
        """Go on by a span; returns now."""
        self.now += span
        return self.now
