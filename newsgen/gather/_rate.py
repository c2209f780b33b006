"""A source's limit of calls, kept exactly; in: how many calls in how many seconds, out: a turn for each.

A leaky bucket lets a burst of the whole limit through and drips as much again in the same window, twice what the source allows. Here a
call counts from its turn until a whole window after its answer: however long it was on its way, the source never sees more than the limit
in any window by its own clock.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

__all__ = ["CallWindow"]


class CallWindow:
    """At most `calls` in any `per_s` seconds, for one event loop; who waits longest goes first."""

    def __init__(self, calls: int, per_s: float) -> None:
        self._calls, self._per_s = calls, per_s
        self._ended: deque[float] = deque()
        self._on_their_way = 0
        self._turn = asyncio.Lock()
        self._one_ended = asyncio.Event()

    @asynccontextmanager
    async def turn(self, cost: int = 1) -> AsyncIterator[None]:
        """Make a call that costs so many; more than the limit counts as the whole of it."""
        cost, clock = min(cost, self._calls), asyncio.get_running_loop()
        async with self._turn:
            while not self._has_room(cost, clock.time()):
                self._one_ended.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._one_ended.wait(), self._ended[0] + self._per_s - clock.time() if self._ended else None)
            self._on_their_way += cost
        try:
            yield
        finally:
            self._on_their_way -= cost
            self._ended.extend([clock.time()] * cost)
            self._one_ended.set()

    def _has_room(self, cost: int, now: float) -> bool:
        while self._ended and self._ended[0] <= now - self._per_s:
            self._ended.popleft()
        return self._on_their_way + len(self._ended) + cost <= self._calls
