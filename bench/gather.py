"""Gather: one round over every rehearsed source, each with an answer time of its own, and one that never answers.

    python bench/gather.py [--slowest-s 2.0]

The sources' answer times are spread from 5 ms to the slowest; the ratio is the round's time over the slowest source's own, and what the
dead source has cost is told apart. Beside it stands a round in which all answer at once: what newsgen itself needs to ask, read and check
the shapes of so many answers.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from datetime import UTC, datetime

from newsgen.gather import Asked, Request, gather, sources
from newsgen.gather._http import Caps
from newsgen.testing.market import Fault, RehearsalMarket, SteppedClock, Tape

AT = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
DEAD = "mempool_space"
CAPS = Caps(total_s=3.0, attempts=1, pace=100_000.0)


def one_each(names: list[str]) -> dict[str, list[Request]]:
    """The first question of each source."""
    return {name: list(sources()[name].requests(("BTC",)))[:1] for name in names}


def round_s(market: RehearsalMarket, only: dict[str, list[Request]]) -> tuple[float, dict[str, float], int]:
    """Seconds of a round, seconds of each source, readings."""
    ended: dict[str, float] = {}
    start = time.perf_counter()

    def heard(asked: Asked) -> None:
        ended[asked.source] = time.perf_counter() - start

    found = asyncio.run(gather(list(only), ("BTC",), market.clock, base_urls=market.base_urls, only=only, caps=CAPS, heard=heard))
    return time.perf_counter() - start, ended, len(found.readings)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--slowest-s", type=float, default=2.0)
    slowest = arguments.parse_args().slowest_s
    tape = Tape.of_samples()
    with RehearsalMarket(tape, SteppedClock(AT)) as market:
        names = [n for n in market.base_urls if list(sources()[n].requests(("BTC",)))]
        only = one_each(names)
        round_s(market, only)  # the tape's bars are made
        plain, _, readings = round_s(market, only)
    delays = {n: 0.005 + (slowest - 0.005) * i / (len(names) - 1) for i, n in enumerate(names)}
    with RehearsalMarket(tape, SteppedClock(AT), faults=[Fault("hang", DEAD)], delays=delays) as market:
        took, ended, _ = round_s(market, only)
    live = max(t for n, t in ended.items() if n != DEAD)
    print(f"{len(names)} sources, {readings} readings; all at once: {plain:.2f} s")
    print(f"answer times of 5 ms to {slowest:g} s, {sum(delays.values()):.1f} s one after the other: the last live one after {live:.2f} s, "
          f"ratio {live / slowest:.2f}")  # fmt: skip
    print(f"{DEAD} never answers: given up after {ended[DEAD]:.2f} s (its own time-out is {CAPS.total_s:g} s), the round took {took:.2f} s")


if __name__ == "__main__":
    main()
