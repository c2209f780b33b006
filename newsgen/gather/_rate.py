"""A source's limit of calls, kept exactly; in: how many calls in how many seconds, out: a wait before each.

A leaky bucket lets a burst of the whole limit through and drips as much again in the same window, twice what the source allows. Here the
moments of the last window are remembered: the whole limit may come at once, and the next call waits until the first has left the window.
"""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["CallWindow"]

_SLACK = 1.02  # calls that left evenly spaced may arrive closer together


class CallWindow:
    """At most `calls` in any `per_s` seconds, for one event loop; who waits longest goes first."""

    def __init__(self, calls: int, per_s: float) -> None:
        self._calls, self._per_s = calls, per_s * _SLACK
        self._made: deque[float] = deque()
        self._turn = asyncio.Lock()

    async def acquire(self, cost: int = 1) -> None:
        """Wait until `cost` calls more keep to the limit; more than the limit counts as the whole of it."""
        cost = min(cost, self._calls)
        async with self._turn:
            clock = asyncio.get_running_loop()
            while (wait := self._wait_s(cost, clock.time())) > 0:
                await asyncio.sleep(wait)
            self._made.extend([clock.time()] * cost)

    def _wait_s(self, cost: int, now: float) -> float:
        while self._made and self._made[0] <= now - self._per_s:
            self._made.popleft()
        over = len(self._made) + cost - self._calls
        return self._made[over - 1] + self._per_s - now if over > 0 else 0.0
