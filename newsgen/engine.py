"""Run this soon, and again if nobody finished it; in: jobs and a function that does one, out: each job done by one task at a time.

For one process: a task group, and a sweep at start-up and every while. What is pending stands in rows of the database, which also decide
what must happen once; so a job carries ids only, and may be run again at any time. Holds no queue and keeps nothing over a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

__all__ = ["InHand", "Job", "keep_sweeping", "run_soon", "sweep"]

_log = structlog.get_logger("engine")
J = TypeVar("J", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Job:
    """What to do, by ids: ("deliver", ("41",))."""

    kind: str
    ids: tuple[str, ...]


@dataclass(slots=True)
class InHand:
    """What this process is doing right now."""

    tasks: dict[Hashable, asyncio.Task[None]] = field(default_factory=dict)

    def __contains__(self, job: Hashable) -> bool:
        return job in self.tasks

    async def finish(self) -> None:
        """Wait until nothing is in hand, what was begun meanwhile included."""
        while self.tasks:
            await asyncio.wait(list(self.tasks.values()))


def run_soon(in_hand: InHand, job: J, work: Callable[[J], Awaitable[None]]) -> bool:
    """Begin a job beside the others; false when it is in hand already.

    A job that fails is logged and leaves the others alone; its row still says that it is pending, so the next sweep finds it.
    """
    if job in in_hand:
        return False
    task = asyncio.get_running_loop().create_task(_guarded(job, work))
    in_hand.tasks[job] = task
    task.add_done_callback(lambda done: in_hand.tasks.pop(job, None))
    return True


async def _guarded(job: J, work: Callable[[J], Awaitable[None]]) -> None:
    try:
        await work(job)
    except Exception as error:
        _log.exception("engine.job_failed", job=str(job), error=type(error).__name__)


async def sweep(in_hand: InHand, pending: Callable[[], Iterable[J]], work: Callable[[J], Awaitable[None]]) -> int:
    """Begin everything that is pending and not in hand; returns how many. `pending` asks a database, so it runs in a thread.

    What was in hand when we asked is left to the next sweep: it may have been read as pending and finished before the answer came.
    """
    were_in_hand = set(in_hand.tasks)
    found = await asyncio.to_thread(lambda: list(pending()))
    return sum(run_soon(in_hand, job, work) for job in found if job not in were_in_hand)


async def keep_sweeping(
    pending: Callable[[], Iterable[J]],
    work: Callable[[J], Awaitable[None]],
    stop: asyncio.Event,
    *,
    every_s: float = 60.0,
    wake: asyncio.Event | None = None,
) -> None:
    """Sweep now, every while and whenever `wake` is set, until `stop`; then finish what is in hand.

    A sweep that fails (the database is away) is logged, and the next one tries again.
    """
    in_hand, wake = InHand(), wake or asyncio.Event()
    while not stop.is_set():
        wake.clear()
        try:
            await sweep(in_hand, pending, work)
        except Exception as error:
            _log.exception("engine.sweep_failed", error=type(error).__name__)
        await _first_of(stop, wake, every_s)
    await in_hand.finish()


async def _first_of(stop: asyncio.Event, wake: asyncio.Event, seconds: float) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in (stop, wake)]
    await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for waiter in waiting:
        waiter.cancel()
