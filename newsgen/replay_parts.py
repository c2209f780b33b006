"""A long replay on several processors, with the result of one; in: moments and how to replay some of them, out: the same takes in order.

A later part begins some weeks early, with nothing told, and notes what it remembers before each moment. When the part before it is done,
the memories are compared: from where they are equal on the later part is what would have followed, and up to there it is done again.
So the result does not depend on how many processors took part.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from newsgen.replay import REMEMBERED, Step, Take, remembered
from newsgen.story import Published

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

__all__ = ["Job", "parts_of", "replay_in_parts"]

LEAST = 200  # moments of a part: fewer are not worth a process
WARM_UP = 3 * REMEMBERED

# Replays some moments after what was told: opens what it needs by itself, so that it can run in another process.
Job = Callable[[Sequence[datetime], tuple[Published, ...]], Iterator[Step]]


def parts_of(moments: Sequence[datetime], most: int) -> list[Sequence[datetime]]:
    """Parts of about equal length, in order."""
    count = max(1, min(most, len(moments) // LEAST))
    size = -(-len(moments) // count)
    return [moments[i : i + size] for i in range(0, len(moments), size)]


def whole(take: Take) -> Take:
    """A take as it is."""
    return take


def replay_in_parts(
    job: Job, moments: Sequence[datetime], processes: int, progress: Callable[[int], None] = lambda done: None,
    keep: Callable[[Take], Take] = whole,
) -> Iterator[Take]:  # fmt: skip
    """The takes of all moments, in order.

    Args:
        job: What a process runs; it and what it gives are pickled.
        processes: How many at most, this one included.
        progress: Told how many moments are done.
        keep: Makes a take small before it travels.
    """
    parts = parts_of(moments, processes)
    workers = [_start(job, _warmed(moments, part), keep) for part in parts[1:]]
    done = 0
    told: tuple[Published, ...] = ()  # what the next part begins with
    try:
        for part, worker in zip(parts, [None, *workers], strict=True):
            ahead = {} if worker is None else {step.take.as_of: step for step in _result(worker, workers, progress, done)}
            for take, after in _joined(job, part, told, ahead, keep):
                done, told = done + 1, after
                progress(done + sum(w.count.value for w in workers if w is not worker and w.process.is_alive()))
                yield take
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.join()


def _warmed(moments: Sequence[datetime], part: Sequence[datetime]) -> list[datetime]:
    """A part with the moments before it that its memory comes from."""
    return [m for m in moments if part[0] - WARM_UP <= m <= part[-1]]


def _joined(
    job: Job, part: Sequence[datetime], told: tuple[Published, ...], ahead: dict[datetime, Step], keep: Callable[[Take], Take]
) -> Iterator[tuple[Take, tuple[Published, ...]]]:  # fmt: skip
    """The takes of a part after what was told: from where the memory is that of the steps made ahead, these."""
    todo = list(part)
    while todo:
        step = ahead.get(todo[0])
        if step is not None and step.told == remembered(told, todo[0]):
            moment = todo.pop(0)
            told = (*remembered(told, moment), *step.kept)
            yield step.take, told
            continue
        for fresh in job(tuple(todo if not ahead else todo[:1]), told):
            todo.pop(0)
            told = (*fresh.told, *fresh.kept)
            yield keep(fresh.take), told


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process that replays a part ahead."""

    process: SpawnProcess
    inbox: Connection
    count: Any  # a shared number: how many moments it has done


def _start(job: Job, moments: Sequence[datetime], keep: Callable[[Take], Take]) -> _Worker:
    context = multiprocessing.get_context("spawn")  # a fork would share database connections
    inbox, outbox = context.Pipe(duplex=False)
    count = context.Value("l", 0, lock=False)
    process = context.Process(target=_work, args=(job, moments, keep, outbox, count), daemon=True)
    process.start()
    outbox.close()
    return _Worker(process, inbox, count)


def _work(job: Job, moments: Sequence[datetime], keep: Callable[[Take], Take], outbox: Connection, count: Any) -> None:
    """In the other process. What goes wrong there goes wrong here too, when the part is done again, and is told then."""
    found: list[Step] = []
    try:
        for step in job(moments, ()):
            found.append(replace(step, take=keep(step.take)))
            count.value += 1
    finally:
        outbox.send(found)


def _result(worker: _Worker, workers: Sequence[_Worker], progress: Callable[[int], None], done: int) -> list[Step]:
    """What a worker has found; nothing when it died."""
    while not worker.inbox.poll(0.2):
        progress(done + sum(w.count.value for w in workers))
        if not worker.process.is_alive() and not worker.inbox.poll(0):
            return []
    try:
        found: list[Step] = worker.inbox.recv()
    except (EOFError, OSError):
        return []
    return found
