"""Frames of three venues at full speed through real sockets, with forced disconnects and repetitions: the sums are the truth."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from newsgen.gather import sources
from newsgen.gather._listen import Patience, follow
from newsgen.market import Completeness, Reading
from tests.gather.stream_tape import ASSETS, Tape, TapeClock, VenueServer, followed_of, make_tape, sums_of

FRAMES = 4000
SOURCES = {"binance": "binance_futures", "bybit": "bybit", "okx": "okx"}
QUICK = Patience(first_wait_s=0.02, longest_wait_s=0.05, roll_every_s=0.05)


async def listened(tape: Tape) -> tuple[list[Reading], VenueServer]:
    kept: list[Reading] = []
    stop = asyncio.Event()
    clock = TapeClock(sources()[SOURCES[tape.venue]], stop)
    venue = VenueServer(tape)
    server, url = await venue.open()

    async def keep(readings: object) -> None:
        kept.extend(readings)  # type: ignore[arg-type]

    async with server:
        await asyncio.wait_for(follow([clock.source], ASSETS, clock, keep, stop, urls={clock.source.name: url}, patience=QUICK), 60)
    return kept, venue


@pytest.mark.parametrize("venue", ["binance", "bybit", "okx"])
def test_the_sums_are_the_truth_less_what_the_gaps_hid(venue: str) -> None:
    tape = make_tape(venue, FRAMES, drops=(700, 1900, 3100))
    readings, played = asyncio.run(listened(tape))
    assert played.connections == 4
    assert played.repeated > 100
    assert sums_of(readings) == tape.truth()
    hidden = sum(tape.truth(all_of_it=True).values()) - sum(sums_of(readings).values(), Decimal(0))
    assert hidden == sum(usd for i in tape.hidden() for *_, usd in tape.frames[i].orders)
    assert hidden > 0


@pytest.mark.parametrize("hide", [60, 300])  # frames, each 0.4 s: a gap of half a minute, and one of two minutes
def test_a_gap_is_marked_and_nothing_else_is(hide: int) -> None:
    tape = make_tape("okx", FRAMES, drops=(700, 1900, 3100), hide=hide)
    readings, _ = asyncio.run(listened(tape))
    followed = followed_of(readings)
    torn = {minute for first, last in tape.gaps() for minute in range(first // 60_000, last // 60_000 + 1)}
    ends = {min(followed), max(followed)}
    assert {m for m, s in followed.items() if s < 60} == torn | ends
    for minute in torn:
        gone = sum(max(0, min(last, (minute + 1) * 60_000) - max(first, minute * 60_000)) for first, last in tape.gaps())
        assert followed[minute] == (60_000 - gone) // 1000
    partial = {int(r.observed_at.timestamp()) // 60 - 1 for r in readings if r.origin.completeness is Completeness.PARTIAL}
    assert partial == torn | ends
    assert all(r.origin.bound == "at_least" for r in readings if r.key.series != "liq.followed_s")
