"""When editions run: each fire once, over clock changes, downtime, two processes and a death; and a clean end."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from newsgen.config import EditionSettings
from newsgen.errors import ConfigError, SourceUnavailable
from newsgen.schedule import (
    LEASE,
    DatabaseLedger,
    Fire,
    RecoveringLedger,
    fires_between,
    key_time,
    late_fire,
    next_fires,
    run_schedule,
    trigger_of,
)  # fmt: skip
from newsgen.store.database import open_database
from newsgen.store.newsroom import FIRE

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
Runner = Callable[[EditionSettings, datetime], Awaitable[str]]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(cron: str, zone: str = NEW_YORK, name: str = "morning") -> EditionSettings:
    return EditionSettings(name=name, cron=cron, zone=zone)


class MemoryLedger:
    """The rows of the fire table, in a dict."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, datetime], tuple[datetime, str | None]] = {}

    def claim(self, site: str, schedule: str, fire_time: datetime, now: datetime) -> bool:
        if (site, schedule, fire_time) in self.rows:
            return False
        self.rows[site, schedule, fire_time] = (now, None)
        return True

    def finish(self, site: str, schedule: str, fire_time: datetime, now: datetime, outcome: str) -> None:
        self.rows[site, schedule, fire_time] = (self.rows[site, schedule, fire_time][0], outcome)

    def last(self, site: str, schedule: str) -> datetime | None:
        return max((key[2] for key in self.rows if key[:2] == (site, schedule)), default=None)

    def reclaim(self, site: str, schedule: str, fire_time: datetime, now: datetime, lease: timedelta) -> bool:
        claimed_at, outcome = self.rows[site, schedule, fire_time]
        if outcome is not None or claimed_at > now - lease:
            return False
        self.rows[site, schedule, fire_time] = (now, None)
        return True

    def outcomes(self) -> list[tuple[datetime, str | None]]:
        return sorted(((key[2], outcome) for key, (_, outcome) in self.rows.items()), key=lambda row: row[0])


# --- clock changes -------------------------------------------------------------------------------------------------------------


def test_one_thirty_runs_once_when_new_york_goes_back() -> None:
    # 2025-11-02: 01:30 EDT is 05:30Z, and 01:30 EST an hour later is 06:30Z; the day after 01:30 EST is 06:30Z.
    fires = fires_between(daily("30 1 * * *"), at("2025-11-01T12:00"), at("2025-11-03T12:00"))
    assert fires == [at("2025-11-02T05:30"), at("2025-11-03T06:30")]


def test_half_past_two_runs_once_when_new_york_goes_forward() -> None:
    # 2025-03-09: 02:00 EST becomes 03:00 EDT; 02:30 EST is 07:30Z. The day after 02:30 EDT is 06:30Z.
    fires = fires_between(daily("30 2 * * *"), at("2025-03-08T12:00"), at("2025-03-10T12:00"))
    assert fires == [at("2025-03-09T07:30"), at("2025-03-10T06:30")]


def test_berlin_goes_back_and_forward() -> None:
    # 2025-10-26: 02:30 CEST is 00:30Z, then 02:30 CET is 01:30Z. 2025-03-30: 02:30 CET does not exist and is 01:30Z.
    half_past_two = daily("30 2 * * *", BERLIN)
    assert fires_between(half_past_two, at("2025-10-25T12:00"), at("2025-10-27T12:00")) == [at("2025-10-26T00:30"), at("2025-10-27T01:30")]
    assert fires_between(half_past_two, at("2025-03-29T12:00"), at("2025-03-31T12:00")) == [at("2025-03-30T01:30"), at("2025-03-31T00:30")]


def test_two_clock_times_that_meet_in_the_missing_hour_run_once() -> None:
    # 02:30 does not exist and is 07:30Z; 03:30 EDT is 07:30Z too.
    fires = fires_between(daily("30 2,3 * * *"), at("2025-03-09T00:00"), at("2025-03-09T20:00"))
    assert fires == [at("2025-03-09T07:30")]


def test_several_times_of_the_repeated_hour_run_once_each() -> None:
    fires = fires_between(daily("0,30 1 * * *"), at("2025-11-02T00:00"), at("2025-11-02T12:00"))
    assert fires == [at("2025-11-02T05:00"), at("2025-11-02T05:30")]


def test_an_hourly_line_runs_in_the_repeated_hour_too() -> None:
    fires = fires_between(daily("30 * * * *"), at("2025-11-02T04:00"), at("2025-11-02T08:00"))
    assert fires == [at("2025-11-02T04:30"), at("2025-11-02T05:30"), at("2025-11-02T06:30"), at("2025-11-02T07:30")]


def test_the_second_one_thirty_has_the_key_of_the_first() -> None:
    assert key_time(daily("30 1 * * *"), at("2025-11-02T06:30")) == at("2025-11-02T05:30")
    assert key_time(daily("30 * * * *"), at("2025-11-02T06:30")) == at("2025-11-02T06:30")
    assert late_fire(daily("30 1 * * *"), at("2025-11-02T05:30"), at("2025-11-02T07:00")) is None
    assert next_fires([daily("30 1 * * *")], at("2025-11-02T06:00"), 1) == [Fire(at("2025-11-03T06:30"), "morning", "main")]


def test_weekdays_are_those_of_cron() -> None:
    # 2025-07-11 is a Friday, 14 July a Monday; 08:05 EDT is 12:05Z. APScheduler itself would take 1-5 for Tuesday to Saturday.
    fires = fires_between(daily("5 8 * * 1-5"), at("2025-07-11T00:00"), at("2025-07-15T00:00"))
    assert fires == [at("2025-07-11T12:05"), at("2025-07-14T12:05")]


# --- what was missed, what comes -----------------------------------------------------------------------------------------------


def test_after_downtime_only_the_newest_fire_is_late() -> None:
    morning = daily("5 8 * * *")  # 12:05Z in July
    assert late_fire(morning, at("2025-07-10T12:05"), at("2025-07-14T11:00")) == at("2025-07-13T12:05")
    assert late_fire(morning, at("2025-07-13T12:05"), at("2025-07-14T11:00")) is None
    assert late_fire(morning, at("2025-07-13T12:05"), at("2025-07-14T12:05")) == at("2025-07-14T12:05")
    assert late_fire(morning, None, at("2025-07-14T11:00")) is None


def test_a_monthly_fire_that_was_missed_weeks_ago_is_found() -> None:
    monthly = daily("0 8 1 * *", "UTC")
    assert late_fire(monthly, at("2025-05-01T08:00"), at("2025-06-28T00:00")) == at("2025-06-01T08:00")


def test_intervals_count_from_midnight_utc_in_every_process() -> None:
    quarter = EditionSettings(name="q", every=timedelta(minutes=15))
    assert fires_between(quarter, at("2025-07-14T11:50"), at("2025-07-14T12:20")) == [at("2025-07-14T12:00"), at("2025-07-14T12:15")]
    assert late_fire(quarter, at("2025-07-14T09:00"), at("2025-07-14T12:20")) == at("2025-07-14T12:15")
    assert late_fire(quarter, at("2025-07-14T12:15"), at("2025-07-14T12:20")) is None


def test_a_missed_look_is_not_late_for_the_next_comes_soon() -> None:
    assert late_fire(EditionSettings(name="w", watch=timedelta(seconds=60)), at("2025-07-14T09:00"), at("2025-07-14T12:20")) is None


def test_next_fires_are_sorted_and_show_one_look_of_an_event_edition() -> None:
    editions = [
        daily("5 8 * * *"),
        EditionSettings(name="q", every=timedelta(hours=6)),
        EditionSettings(name="w", watch=timedelta(minutes=1)),
    ]
    assert next_fires(editions, at("2025-07-14T12:00"), 4) == [
        Fire(at("2025-07-14T12:01"), "w", "main"),
        Fire(at("2025-07-14T12:05"), "morning", "main"),
        Fire(at("2025-07-14T18:00"), "q", "main"),
        Fire(at("2025-07-15T00:00"), "q", "main"),
    ]


def test_a_cron_line_that_got_past_the_settings_is_still_refused() -> None:
    edition = daily("5 8 * * *").model_copy(update={"cron": "99 8 * * *"})
    with pytest.raises(ConfigError, match="edition morning: cron minute 99"):
        trigger_of(edition)


# --- running -------------------------------------------------------------------------------------------------------------------


async def run_until(done: Callable[[], bool], editions: list[EditionSettings], runner: Runner, ledger: MemoryLedger | DatabaseLedger,
                    clock: Callable[[], datetime] = lambda: datetime.now(UTC), *, processes: int = 1) -> None:  # fmt: skip
    """One or more schedulers on one ledger until something is so."""
    stop = asyncio.Event()
    running = [
        asyncio.create_task(run_schedule(editions, runner, ledger, stop, clock, only_process=processes == 1)) for _ in range(processes)
    ]
    try:
        async with asyncio.timeout(10):
            while not done() and not any(task.done() for task in running):
                await asyncio.sleep(0.005)
    finally:
        stop.set()
        await asyncio.gather(*running)


def test_after_downtime_one_late_run_and_the_rows_say_so() -> None:
    ledger, ran = MemoryLedger(), []
    ledger.claim("main", "morning", at("2025-07-10T12:05"), at("2025-07-10T12:05"))
    ledger.finish("main", "morning", at("2025-07-10T12:05"), at("2025-07-10T12:06"), "publish: a")

    async def runner(edition: EditionSettings, fire_time: datetime) -> str:
        ran.append((edition.name, fire_time))
        return "publish: b"

    now = at("2025-07-14T11:00")
    asyncio.run(run_until(lambda: len(ledger.outcomes()) == 2, [daily("5 8 * * *")], runner, ledger, lambda: now))
    assert ran == [("morning", at("2025-07-13T12:05"))]
    assert ledger.outcomes() == [(at("2025-07-10T12:05"), "publish: a"), (at("2025-07-13T12:05"), "publish: b")]


def test_an_edition_that_fails_harms_no_other() -> None:
    ledger = MemoryLedger()
    editions = [daily("5 8 * * *", name=name) for name in ("a", "b", "c")]
    for edition in editions:
        ledger.claim("main", edition.name, at("2025-07-12T12:05"), at("2025-07-12T12:05"))

    async def runner(edition: EditionSettings, fire_time: datetime) -> str:
        if edition.name == "a":
            raise ZeroDivisionError("a fault of ours")
        if edition.name == "b":
            raise SourceUnavailable("binance", "klines", "timed out")
        return "publish: c"

    done = lambda: sum(1 for _, outcome in ledger.outcomes() if outcome) == 3  # noqa: E731
    asyncio.run(run_until(done, editions, runner, ledger, lambda: at("2025-07-14T11:00")))
    found = {key[1]: outcome for key, (_, outcome) in ledger.rows.items() if key[2] == at("2025-07-13T12:05")}
    assert found == {"a": "failed: ZeroDivisionError", "b": "failed: binance klines: timed out", "c": "publish: c"}


def test_looks_never_overlap_and_go_on_after_one_that_fails() -> None:
    looks: list[datetime] = []
    at_once = most = 0

    async def runner(edition: EditionSettings, fire_time: datetime) -> str:
        nonlocal at_once, most
        looks.append(fire_time)
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.07)
        at_once -= 1
        if len(looks) == 1:
            raise RuntimeError("the first look fails")
        return "quiet"

    ledger = MemoryLedger()
    asyncio.run(run_until(lambda: len(looks) >= 3, [EditionSettings(name="w", watch=timedelta(milliseconds=30))], runner, ledger))
    assert most == 1
    assert looks == sorted(set(looks))
    assert ledger.rows == {}


def test_the_runner_is_told_the_fire_time_and_not_the_time_of_running() -> None:
    told: list[datetime] = []

    async def runner(edition: EditionSettings, fire_time: datetime) -> str:
        told.append(fire_time)
        return "quiet"

    asyncio.run(run_until(lambda: bool(told), [EditionSettings(name="q", every=timedelta(seconds=1))], runner, MemoryLedger()))
    assert told[0].microsecond == 0
    assert told[0].tzinfo is UTC


def test_without_editions_there_is_nothing_to_run() -> None:
    async def runner(edition: EditionSettings, fire_time: datetime) -> str:
        return ""

    with pytest.raises(ConfigError, match="no \\[\\[editions\\]\\]"):
        asyncio.run(run_until(lambda: False, [], runner, MemoryLedger()))


def test_an_end_waits_for_the_work_in_hand() -> None:
    ledger, ended = MemoryLedger(), []
    ledger.claim("main", "morning", at("2025-07-12T12:05"), at("2025-07-12T12:05"))
    begun = asyncio.Event()

    async def runner(edition: EditionSettings, fire_time: datetime) -> str:
        begun.set()
        await asyncio.sleep(0.1)
        ended.append(fire_time)
        return "publish: a"

    asyncio.run(run_until(begun.is_set, [daily("5 8 * * *")], runner, ledger, lambda: at("2025-07-14T11:00")))
    assert ended == [at("2025-07-13T12:05")]
    assert ledger.outcomes()[-1] == (at("2025-07-13T12:05"), "publish: a")


def test_after_the_end_was_asked_for_nothing_is_begun() -> None:
    ledger = MemoryLedger()
    ledger.claim("main", "morning", at("2025-07-12T12:05"), at("2025-07-12T12:05"))

    async def runner(edition: EditionSettings, fire_time: datetime) -> str:
        return "publish: a"

    async def scene() -> None:
        stop = asyncio.Event()
        stop.set()
        await run_schedule([daily("5 8 * * *")], runner, ledger, stop, lambda: at("2025-07-14T11:00"))

    asyncio.run(scene())
    assert ledger.outcomes() == [(at("2025-07-12T12:05"), None)]


# --- the database decides ------------------------------------------------------------------------------------------------------


@pytest.fixture
def ledger(tmp_path: Path) -> DatabaseLedger:
    return DatabaseLedger(open_database(f"sqlite:///{tmp_path / 'newsgen.db'}"))


def rows_of(ledger: DatabaseLedger) -> list[tuple[int, bool, str]]:
    with ledger.engine.connect() as connection:
        found = connection.execute(sa.select(FIRE).order_by(FIRE.c.fire_time)).mappings()
        return [(row["fire_time"], row["finished_at"] is not None, row["outcome"]) for row in found]


def test_two_schedulers_on_one_database_run_each_fire_once(ledger: DatabaseLedger) -> None:
    ran: list[tuple[str, datetime]] = []
    editions = [EditionSettings(name=name, every=timedelta(seconds=1)) for name in ("a", "b")]
    editions += [daily("5 8 * * *", name="late")]
    for schedule in ("late",):
        ledger.claim("main", schedule, at("2025-07-12T12:05"), at("2025-07-12T12:05"))

    async def runner(edition: EditionSettings, fire_time: datetime) -> str:
        ran.append((edition.name, fire_time))
        await asyncio.sleep(0.02)
        return "quiet"

    def done() -> bool:
        return {name for name, _ in ran} == {"a", "b", "late"}

    asyncio.run(run_until(done, editions, runner, ledger, processes=2))
    assert len(ran) == len(set(ran))
    assert {outcome for _, _, outcome in rows_of(ledger)} == {"", "quiet"}
    assert [finished for at_, finished, _ in rows_of(ledger) if at_ != 1752321900] == [True] * len(ran)  # 2025-07-12T12:05Z


def test_an_unfinished_fire_is_given_away_once_its_claim_is_old(ledger: DatabaseLedger) -> None:
    fire, begun = at("2025-07-14T12:05"), at("2025-07-14T12:05:01")
    assert isinstance(ledger, RecoveringLedger)
    assert ledger.claim("main", "m", fire, begun)
    assert not ledger.claim("main", "m", fire, begun)
    assert not ledger.reclaim("main", "m", fire, begun + LEASE - timedelta(seconds=1), LEASE)
    assert ledger.reclaim("main", "m", fire, begun + LEASE, LEASE)
    assert not ledger.reclaim("main", "m", fire, begun + LEASE, LEASE)
    assert not ledger.reclaim("uk", "m", fire, begun + 3 * LEASE, LEASE)
    ledger.finish("main", "m", fire, begun + LEASE, "publish: a")
    assert not ledger.reclaim("main", "m", fire, begun + 9 * LEASE, LEASE)
    assert ledger.last("main", "m") == fire
    assert ledger.last("uk", "m") is None


def test_a_fire_whose_process_died_is_run_again_and_only_once(ledger: DatabaseLedger) -> None:
    ledger.claim("main", "morning", at("2025-07-13T12:05"), at("2025-07-13T12:05"))
    ran: list[datetime] = []

    async def runner(edition: EditionSettings, fire_time: datetime) -> str:
        ran.append(fire_time)
        return "publish: a"

    def run_again() -> None:
        done = lambda: rows_of(ledger)[-1][1]  # noqa: E731
        asyncio.run(run_until(done, [daily("5 8 * * *")], runner, ledger, lambda: at("2025-07-14T11:00")))

    run_again()
    run_again()
    assert ran == [at("2025-07-13T12:05")]


# --- signals, in a real process ------------------------------------------------------------------------------------------------

SERVICE = """
import asyncio, sys, time
from datetime import UTC, datetime, timedelta
from newsgen.config import EditionSettings
from newsgen.schedule import DatabaseLedger, run_schedule, stop_on_signals
from newsgen.store.database import open_database

async def work(edition, fire_time):
    print("begun", flush=True)
    await asyncio.to_thread(time.sleep, float(sys.argv[2]))
    print("ended", flush=True)
    return "publish: a"

async def main():
    stop = asyncio.Event()
    stop_on_signals(stop)
    ledger = DatabaseLedger(open_database(sys.argv[1]))
    edition = EditionSettings(name="hourly", every=timedelta(hours=1))
    await run_schedule([edition], work, ledger, stop, lambda: datetime.now(UTC))

asyncio.run(main())
"""


Begin = Callable[[DatabaseLedger, float], subprocess.Popen[str]]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Begins services that end with the test at the latest."""
    processes: list[subprocess.Popen[str]] = []

    def start(ledger: DatabaseLedger, work_s: float) -> subprocess.Popen[str]:
        processes.append(begun_service(ledger, work_s))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def begun_service(ledger: DatabaseLedger, work_s: float) -> subprocess.Popen[str]:
    """A service in its own process that has just begun its late run."""
    if ledger.last("main", "hourly") is None:
        ledger.claim("main", "hourly", at("2025-07-13T12:00"), at("2025-07-13T12:00"))
        ledger.finish("main", "hourly", at("2025-07-13T12:00"), at("2025-07-13T12:00"), "publish: old")
    url = str(ledger.engine.url)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVICE, url, str(work_s)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    while (line := process.stdout.readline()) and "begun" not in line:
        pass
    assert line, "the service ended before it began"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_finishes_what_is_in_hand_and_exits_0(ledger: DatabaseLedger, begin: Begin, number: signal.Signals) -> None:
    process = begin(ledger, 0.3)
    process.send_signal(number)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "ended" in output
    assert rows_of(ledger)[-1][1:] == (True, "publish: a")


def test_a_second_signal_exits_at_once_and_the_fire_is_run_again_at_the_next_start(ledger: DatabaseLedger, begin: Begin) -> None:
    process = begin(ledger, 30)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=5)
    assert process.returncode == 128 + signal.SIGTERM
    assert "ended" not in output
    assert rows_of(ledger)[-1][1:] == (False, "")
    again = begin(ledger, 0)
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=10)
    assert again.returncode == 0
    assert rows_of(ledger)[-1][1:] == (True, "publish: a")


def test_a_process_that_is_killed_leaves_its_fire_to_the_next(ledger: DatabaseLedger, begin: Begin) -> None:
    process = begin(ledger, 30)
    process.kill()
    process.communicate(timeout=5)
    count = len(rows_of(ledger))
    again = begin(ledger, 0.05)
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=10)
    assert rows_of(ledger)[-1][1:] == (True, "publish: a")
    assert len(rows_of(ledger)) == count
