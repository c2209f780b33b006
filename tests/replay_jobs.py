"""Jobs of a replay in parts, as another process runs them: made ones, whose memory is easy to follow."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from newsgen.replay import Step, Take, remembered
from newsgen.story import Published

FIRST = datetime(2025, 7, 9, tzinfo=UTC)


def fake(number: int, told: Sequence[Published], new: bool = False) -> Step:
    moment = FIRST + timedelta(days=number)
    kept = (Published("a", "BTC", moment, story=f"s{len(told)}"),) if new else ()
    return Step(Take(moment, None, f"after {len(told)}", ()), tuple(told), kept)


def counting(moments: Sequence[datetime], told: tuple[Published, ...]) -> Iterator[Step]:
    """A job whose every third moment publishes; what it tells depends on what was told."""
    for moment in moments:
        told = remembered(told, moment)
        step = fake((moment - FIRST).days, told, new=(moment - FIRST).days % 3 == 0)
        yield step
        told = (*told, *step.kept)


def never_alike(moments: Sequence[datetime], told: tuple[Published, ...]) -> Iterator[Step]:
    """A job that remembers where it began: no memory of a part ahead is ever the true one."""
    first = Published("a", "BTC", datetime(2100, 1, 1, tzinfo=UTC), story=f"{moments[0]:%j}") if not told else told[0]
    for moment in moments:
        yield Step(Take(moment, None, first.story, ()), (first,), ())


def dying(moments: Sequence[datetime], told: tuple[Published, ...]) -> Iterator[Step]:
    """A job that ends its process when that is not the first one."""
    if multiprocessing.parent_process() is not None:
        os._exit(9)
    yield from counting(moments, told)
