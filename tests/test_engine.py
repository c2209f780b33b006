"""Run this soon, and again if nobody finished it."""

from __future__ import annotations

import asyncio
import time

from newsgen.engine import InHand, Job, keep_sweeping, run_soon, sweep

LONG_S = 3600.0


class Rows:
    """Pending work as a database would hold it; finishing takes a job out."""

    def __init__(self, *names: str, fail_first: int = 0) -> None:
        self.pending = [Job("write", (name,)) for name in names]
        self.begun: list[str] = []
        self.fail_first = fail_first
        self.at_once = self.most_at_once = 0

    def all_pending(self) -> list[Job]:
        return list(self.pending)

    async def work(self, job: Job) -> None:
        self.begun.append(job.ids[0])
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.01)
        self.at_once -= 1
        if self.fail_first > 0:
            self.fail_first -= 1
            raise RuntimeError("the target is away")
        self.pending.remove(job)


def test_a_job_in_hand_is_not_begun_again() -> None:
    rows = Rows("a")

    async def scene() -> None:
        in_hand = InHand()
        assert run_soon(in_hand, rows.pending[0], rows.work) is True
        assert run_soon(in_hand, Job("write", ("a",)), rows.work) is False
        await in_hand.finish()
        assert Job("write", ("a",)) not in in_hand

    asyncio.run(scene())
    assert rows.begun == ["a"]


def test_a_sweep_begins_all_that_is_pending_side_by_side() -> None:
    rows = Rows("a", "b", "c")

    async def scene() -> int:
        in_hand = InHand()
        begun = await sweep(in_hand, rows.all_pending, rows.work)
        assert await sweep(in_hand, rows.all_pending, rows.work) == 0
        await in_hand.finish()
        return begun

    assert asyncio.run(scene()) == 3
    assert rows.most_at_once == 3
    assert rows.pending == []


def test_a_job_that_ends_while_the_rows_are_read_is_not_begun_again() -> None:
    rows = Rows("a")

    def slowly() -> list[Job]:
        found = rows.all_pending()
        time.sleep(0.05)
        return found

    async def scene() -> None:
        in_hand = InHand()
        await sweep(in_hand, rows.all_pending, rows.work)
        await sweep(in_hand, slowly, rows.work)
        await in_hand.finish()

    asyncio.run(scene())
    assert rows.begun == ["a"]


def test_what_failed_is_run_again_and_harms_no_other() -> None:
    rows = Rows("a", "b", fail_first=1)

    async def scene() -> None:
        stop, wake = asyncio.Event(), asyncio.Event()
        sweeping = asyncio.create_task(keep_sweeping(rows.all_pending, rows.work, stop, every_s=LONG_S, wake=wake))
        while rows.begun != ["a", "b"] or rows.at_once:
            await asyncio.sleep(0.001)
        assert [job.ids[0] for job in rows.pending] == ["a"]
        wake.set()
        while rows.pending:
            await asyncio.sleep(0.001)
        stop.set()
        await sweeping

    asyncio.run(asyncio.wait_for(scene(), 5))
    assert rows.begun == ["a", "b", "a"]


def test_an_end_waits_for_what_is_in_hand() -> None:
    rows = Rows("a")

    async def scene() -> None:
        stop = asyncio.Event()
        sweeping = asyncio.create_task(keep_sweeping(rows.all_pending, rows.work, stop, every_s=LONG_S))
        while not rows.begun:
            await asyncio.sleep(0.001)
        stop.set()
        await sweeping

    asyncio.run(asyncio.wait_for(scene(), 5))
    assert rows.pending == []


def test_a_sweep_that_fails_is_followed_by_the_next() -> None:
    rows = Rows("a")
    asked: list[int] = []

    def away_at_first() -> list[Job]:
        asked.append(1)
        if len(asked) == 1:
            raise OSError("the database is away")
        return rows.all_pending()

    async def scene() -> None:
        stop = asyncio.Event()
        sweeping = asyncio.create_task(keep_sweeping(away_at_first, rows.work, stop, every_s=0.01))
        while rows.pending:
            await asyncio.sleep(0.001)
        stop.set()
        await sweeping

    asyncio.run(asyncio.wait_for(scene(), 5))
    assert rows.begun == ["a"]
