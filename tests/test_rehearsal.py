"""Days at high speed against the rehearsal market, a tenth of all answers faulty: nothing crashes, nothing is wrong, all is told once.

Truth is what the same source answers at the same moment without a fault, read by the same parser.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog

from newsgen.budget import budget_of
from newsgen.config import EditionSettings, Settings, SourceSettings
from newsgen.errors import GatherError
from newsgen.gather import Gathered, Request, parse_payload, sources
from newsgen.gather._http import Caps
from newsgen.market import Reading
from newsgen.rounds import desk_of, gather_round
from newsgen.schedule import fires_between
from newsgen.store.archive import SqlArchive
from newsgen.store.database import open_database
from newsgen.store.sources import calls_on, health_of
from newsgen.testing.market import Fault, Refusal, RehearsalMarket, Scene, SteppedClock, Tape, wires

START = datetime(2025, 7, 4, 0, 7, tzinfo=UTC)
EVERY = timedelta(minutes=30)
KINDS = ("too_many", "server_error", "region", "key_rejected", "hang", "trickle", "cut", "html", "half", "stale", "renamed")
CAPS = Caps(connect_s=1.0, total_s=0.4, attempts=2, first_wait_s=0.005, pace=100_000.0)
ASSETS = ("BTC", "SOL")
ASKED = ("alternative_me", "binance", "binance_futures", "bybit", "coingecko", "farside", "hyperliquid", "okx", "yahoo")


@cache
def tape() -> Tape:
    return Tape.of_samples()


def truth(source: str, request: Request, at: datetime) -> Mapping[Any, Any]:
    """The values that the source would have given at a moment without a fault."""
    try:
        body = wires()[source].endpoints[request.endpoint](Scene(at, tape()), request.params)
    except Refusal:
        return {}
    read = parse_payload(source, request.endpoint, request.params, body, at)
    return {(r.key, r.observed_at): (r.value, r.unit) for r in read}


def wrong(found: Gathered, at: datetime) -> list[Reading]:
    """Readings that no answer without a fault would have held."""
    bad: list[Reading] = []
    for payload in found.payloads:
        try:
            read = parse_payload(payload.source, payload.request.endpoint, payload.request.params, payload.body, payload.fetched_at)
        except GatherError:
            continue
        known = truth(payload.source, payload.request, at)
        bad += [r for r in read if known.get((r.key, r.observed_at)) != (r.value, r.unit)]
    return bad


def play(days: float, folder: Path, seed: int = 0, every: timedelta = EVERY) -> tuple[RehearsalMarket, list[Any], int]:
    """Rounds over some days; every value that comes in is compared with the truth."""
    chance = random.Random(seed)
    faults = [Fault(kind, chance=0.1 / len(KINDS)) for kind in KINDS]  # type: ignore[arg-type]
    clock = SteppedClock(START)
    engine = open_database(f"sqlite:///{folder}/newsgen.db")
    archive, kept = SqlArchive(engine), 0
    struck, calls = Counter[str](), list[int]()
    with RehearsalMarket(tape(), clock, faults=faults, seed=seed) as market, structlog.testing.capture_logs() as logs:
        asked = {n: SourceSettings(enabled=n in ASKED, base_url=market.base_urls.get(n, "")) for n in sources()}
        settings = Settings(sources=asked)

        async def rounds() -> None:
            nonlocal kept
            for _ in range(int(timedelta(days=days) / every)):
                found = await gather_round(settings, engine, (), ASSETS, clock, {}, archive=archive, caps=CAPS)
                if chance.random() < 0.34:  # comparing costs more than asking
                    assert wrong(found, clock()) == []
                kept += len(found.readings)
                clock.advance(every)
            struck.update(call.fault for call in market.log if call.fault)
            calls.append(len(market.log))
            market.faults = ()  # and all is well again
            market._faults.faults = ()
            await gather_round(settings, engine, (), ASSETS, clock, {}, archive=archive, caps=replace(CAPS, total_s=10.0))

        asyncio.run(rounds())
        _every_fault_struck(struck, calls[0])
        _all_that_failed_is_told_once_and_asked_again(logs, market)
        assert health_of(engine).keys() >= set(ASKED)
        assert not any(health.failing for health in health_of(engine).values())
    engine.dispose()
    return market, list(logs), kept


def _every_fault_struck(struck: Counter[str], calls: int) -> None:
    assert set(struck) == set(KINDS)
    assert 0.07 < sum(struck.values()) / calls < 0.13


def _all_that_failed_is_told_once_and_asked_again(logs: list[Any], market: RehearsalMarket) -> None:
    begun = [(line["source"], line["problem"]) for line in logs if line["event"] == "gather.source_failed"]
    back = Counter(line["source"] for line in logs if line["event"] == "gather.source_back")
    assert begun
    for source in {name for name, _ in begun}:
        assert back[source] > 0, source
        assert max(call.at for call in market.log if call.source == source) > START  # asked again after it failed
    assert {line["log_level"] for line in logs} <= {"warning", "info", "debug"}


def test_four_hours_with_a_tenth_of_all_answers_faulty(tmp_path: Path) -> None:
    market, _, kept = play(1 / 6, tmp_path, seed=3)
    assert kept > 2_500
    assert {call.source for call in market.log} == set(ASKED)


@pytest.mark.slow
def test_ten_days_with_a_tenth_of_all_answers_faulty(tmp_path: Path) -> None:
    market, _, kept = play(10, tmp_path, seed=1, every=timedelta(hours=1))
    assert kept > 100_000
    assert len(market.log) > 5_000


def test_the_calls_counted_at_the_market_are_those_of_the_budget(tmp_path: Path) -> None:
    """A day of two editions, every source that can be rehearsed."""
    editions = (
        EditionSettings(name="hours", every=timedelta(hours=12), assets=ASSETS[:1]),
        EditionSettings(name="morning", cron="30 8 * * *", assets=ASSETS[:1]),
    )
    clock = SteppedClock(START.replace(minute=0))
    engine = open_database(f"sqlite:///{tmp_path}/newsgen.db")
    with RehearsalMarket(tape(), clock) as market:
        there = market.base_urls
        asked = {n: SourceSettings(base_url=there.get(n, ""), enabled=n in there) for n in sources()}
        settings = Settings(sources=asked, editions=editions)
        foreseen = {b.source: b.calls_a_day for b in budget_of(settings, desk_of(settings, {}), clock())}
        fires = sorted((at, e.name, e) for e in editions for at in fires_between(e, clock(), clock() + timedelta(days=1)))

        async def day() -> None:
            for at, _, edition in fires:
                clock.now = at
                await gather_round(settings, engine, (), edition.assets, clock, {}, caps=replace(CAPS, total_s=10.0))

        asyncio.run(day())
        counted = calls_on(engine, START)
        later = calls_on(engine, START + timedelta(days=1))  # the last fire is that of midnight
        counted = {name: counted.get(name, 0) + later.get(name, 0) for name in {*counted, *later}}
        arrived = market.calls
    engine.dispose()
    assert sum(foreseen.values()) > 150
    for source in market.base_urls:
        if sources()[source].key_env == "" and not sources()[source].contact_needed:
            assert abs(counted.get(source, 0) - foreseen[source]) <= 0.02 * foreseen[source], source
            costs = {r.cost for r in sources()[source].requests(ASSETS[:1])}
            if costs == {1}:  # else a request counts for more than itself
                assert arrived[source] == counted[source], source
