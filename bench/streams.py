"""Streams: liquidation frames of three venues replayed at full speed with forced disconnects; sums, gaps and memory.

    python bench/streams.py [--frames 100000] [--market-s 0.4]

A venue server in another process plays a tape on loopback, one frame in fifty twice, and drops the line three times at each venue: with a
close frame, without one, by a reset; what it hides is skipped, what it sent last comes again. Prints frames a second, what the sums differ
by from the truth (which must be nothing), the minutes that are marked as gaps, and the resident memory at a fifth and at the end. Exits 1
when a sum is wrong, a gap is not marked, or memory has grown by more than 8 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from newsgen.gather import sources
from newsgen.gather._listen import Patience, follow
from newsgen.market import Reading
from tests.gather.stream_tape import ASSETS, Sums, Tape, TapeClock, VenueServer, followed_of, make_tape, sums_of

VENUES = {"binance": "binance_futures", "bybit": "bybit", "okx": "okx"}
QUICK = Patience(first_wait_s=0.05, longest_wait_s=0.2, roll_every_s=0.2)
LIMIT_MB = 8


def tapes(frames: int, step_ms: int) -> list[Tape]:
    each = [frames // 3 + (i < frames % 3) for i in range(3)]
    return [make_tape(v, n, step_ms=step_ms, drops=(n * 3 // 10, n * 6 // 10, n * 9 // 10)) for v, n in zip(VENUES, each, strict=True)]


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def serve(frames: int, step_ms: int) -> None:
    """The venues' process: tells its addresses and plays until its input is closed."""
    opened = [await VenueServer(tape).open() for tape in tapes(frames, step_ms)]
    print(*(url for _, url in opened), flush=True)
    await asyncio.to_thread(sys.stdin.read)


class Sampler:
    """Memory as the frames come in."""

    def __init__(self, clocks: Sequence[TapeClock], frames: int) -> None:
        self.clocks, self.frames = clocks, frames
        self.at: dict[int, float] = {}

    async def run(self) -> None:
        while True:
            percent = 100 * sum(c.frames for c in self.clocks) // self.frames // 10 * 10
            self.at.setdefault(percent, resident_mb())
            await asyncio.sleep(0.01)


async def listen(frames: int, urls: Sequence[str]) -> tuple[dict[str, Sums], dict[str, dict[int, int]], Sampler, float]:
    """Sums and seconds followed, by venue. Readings are folded as they come: what the desk stores is no memory of the listener's."""
    sums: dict[str, Sums] = {v: {} for v in VENUES}
    followed: dict[str, dict[int, int]] = {v: {} for v in VENUES}
    clocks, tasks = [], []

    async def keep(readings: Sequence[Reading]) -> None:
        venue = readings[0].key.venue
        sums[venue] |= sums_of(readings)
        followed[venue] |= followed_of(readings)

    for name, url in zip(VENUES.values(), urls, strict=True):
        stop = asyncio.Event()
        clocks.append(TapeClock(sources()[name], stop))
        tasks.append(follow([clocks[-1].source], ASSETS, clocks[-1], keep, stop, urls={name: url}, patience=QUICK))
    sampler = Sampler(clocks, frames)
    sampling, began = asyncio.create_task(sampler.run()), time.monotonic()
    await asyncio.gather(*tasks)
    took = time.monotonic() - began
    sampling.cancel()
    sampler.at[100] = resident_mb()
    return sums, followed, sampler, took


def wrong(tape: Tape, sums: Sums, followed: dict[int, int]) -> list[str]:
    truth, found = tape.truth(), []
    off = {k for k in truth.keys() | sums.keys() if truth.get(k) != sums.get(k)}
    if off:
        found.append(f"{tape.venue}: {len(off)} sums are wrong, the first is {min(off)}")
    torn = {m for first, last in tape.gaps() for m in range(first // 60_000, last // 60_000 + 1)}
    marked = {m for m, s in followed.items() if s < 60} - {min(followed), max(followed)}
    if torn != marked:
        found.append(f"{tape.venue}: gaps lie in minutes {sorted(torn)}, marked are {sorted(marked)}")
    return found


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("--frames", type=int, default=100_000)
    reader.add_argument("--market-s", type=float, default=0.4, help="seconds of the market between two frames of a venue")
    reader.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    asked = reader.parse_args()
    step_ms = round(asked.market_s * 1000)
    if asked.serve:
        asyncio.run(serve(asked.frames, step_ms))
        return 0
    command = [sys.executable, __file__, "--serve", "--frames", str(asked.frames), "--market-s", str(asked.market_s)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as venues:
        assert venues.stdout is not None
        sums, followed, sampler, took = asyncio.run(listen(asked.frames, venues.stdout.readline().split()))
        venues.communicate("")
    played = tapes(asked.frames, step_ms)  # made here only now, so that it is no part of the memory measured
    problems = [p for t in played for p in wrong(t, sums[t.venue], followed[t.venue])]
    seen = sum(c.frames for c in sampler.clocks)
    print(f"frames: {asked.frames:,} on the tapes, {seen:,} heard with those that came twice, {seen / took:,.0f} a second")
    for tape in played:
        whole, told = sum(tape.truth(all_of_it=True).values()), sum(sums[tape.venue].values(), Decimal(0))
        hidden = sum((usd for i in tape.hidden() for *_, usd in tape.frames[i].orders), Decimal(0))
        torn = sorted(m for m, s in followed[tape.venue].items() if s < 60)
        print(f"{tape.venue}: ${whole:,.2f} happened, ${told:,.2f} counted, ${hidden:,.2f} hidden by gaps, difference "
              f"${whole - told - hidden}; {len(followed[tape.venue])} minutes, {len(torn) - 2} marked in gaps")  # fmt: skip
    early = sampler.at.get(20, min(sampler.at.values()))
    growth = sampler.at[100] - early
    print("memory, MB:", ", ".join(f"{p} % {mb:.1f}" for p, mb in sorted(sampler.at.items())), f"; from 20 % to the end {growth:+.1f}")
    if growth > LIMIT_MB:
        problems.append(f"memory has grown by {growth:.1f} MB")
    print(*problems or ["all sums are the truth, all gaps are marked, memory is flat"], sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
