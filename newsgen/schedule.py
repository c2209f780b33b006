"""When editions run; in: settings and a function that runs one, out: each fire once; nothing else.

APScheduler keeps the clock, with a memory store in every process; a unique row per site, schedule and fire time decides who runs, so two
processes run an edition once. Cron lines are read by the wall clock: 01:30 runs once on the night when clocks go back, and once on the
night when it does not exist; only a line that runs in every hour runs in the repeated hour again. After downtime one late run happens;
a fire that was claimed by a process that died is run again. Looks of event editions have no rows: the next look comes soon, and what
must be written once is decided by the article's own row. SIGTERM finishes what is in hand; a second signal stops at once.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from newsgen.config import EditionSettings
from newsgen.cron import read_cron
from newsgen.engine import InHand, run_soon
from newsgen.errors import ConfigError, NewsgenError

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = [
    "DatabaseLedger", "Fire", "FireLedger", "RecoveringLedger", "fires_between", "key_time", "late_fire", "next_fires", "run_schedule",
    "stop_on_signals", "trigger_of",
]  # fmt: skip

_log = structlog.get_logger("schedule")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # intervals are counted from here, so that every process has the same fire times
_LOOK_BACK = (timedelta(hours=3), timedelta(days=2), timedelta(days=40), timedelta(days=400))
LEASE = timedelta(minutes=10)  # no edition takes longer; a claim that is older and unfinished belongs to a dead process
SWEEP_EVERY = timedelta(minutes=1)

RunEdition = Callable[[EditionSettings, datetime], Awaitable[str]]  # edition, fire time -> outcome for the log


class FireLedger(Protocol):
    """Who ran which fire; rows that are unique over all processes."""

    def claim(self, site: str, schedule: str, fire_time: datetime, now: datetime) -> bool: ...

    def finish(self, site: str, schedule: str, fire_time: datetime, now: datetime, outcome: str) -> None: ...

    def last(self, site: str, schedule: str) -> datetime | None: ...


@runtime_checkable
class RecoveringLedger(Protocol):
    """A ledger that also gives away a fire whose owner died."""

    def reclaim(self, site: str, schedule: str, fire_time: datetime, now: datetime, lease: timedelta) -> bool: ...


@dataclass(frozen=True, slots=True)
class DatabaseLedger:
    """Fires as rows of the database."""

    engine: Engine

    def claim(self, site: str, schedule: str, fire_time: datetime, now: datetime) -> bool:
        from newsgen.store.newsroom import claim_fire

        return claim_fire(self.engine, site, schedule, fire_time, now)

    def finish(self, site: str, schedule: str, fire_time: datetime, now: datetime, outcome: str) -> None:
        from newsgen.store.newsroom import finish_fire

        finish_fire(self.engine, site, schedule, fire_time, now, outcome)

    def last(self, site: str, schedule: str) -> datetime | None:
        from newsgen.store.newsroom import last_fire

        return last_fire(self.engine, site, schedule)

    def reclaim(self, site: str, schedule: str, fire_time: datetime, now: datetime, lease: timedelta) -> bool:
        from newsgen.store.fires import reclaim_fire

        return reclaim_fire(self.engine, site, schedule, fire_time, now, lease)


@dataclass(frozen=True, slots=True)
class Fire:
    """A coming run."""

    at: datetime
    edition: str
    site: str


class _TellingExecutor(AsyncIOExecutor):  # type: ignore[misc]
    """APScheduler does not tell a job its fire time; this puts the newest one into the job's arguments."""

    def _do_submit_job(self, job: Any, run_times: Sequence[datetime]) -> None:
        job.kwargs = {**job.kwargs, "fire_time": run_times[-1].astimezone(UTC)}
        super()._do_submit_job(job, run_times)


def trigger_of(edition: EditionSettings) -> Any:
    """The trigger of an edition; zones only here, the scheduler runs in UTC.

    Raises:
        ConfigError: The cron line cannot be read.
    """
    if not edition.cron:
        return IntervalTrigger(seconds=(edition.every or edition.watch or SWEEP_EVERY).total_seconds(), start_date=_EPOCH, timezone=UTC)
    try:
        cron = read_cron(edition.cron)
    except ValueError as error:
        raise ConfigError(f"the edition {edition.name}: cron {error}") from error
    return CronTrigger(
        minute=_listed(cron.minutes, 60), hour=_listed(cron.hours, 24), day=_listed(cron.days, 31), month=_listed(cron.months, 12),
        day_of_week=_listed(cron.weekdays, 7), timezone=ZoneInfo(edition.zone),
    )  # fmt: skip


def _listed(values: Sequence[int | str], all_of_them: int) -> str:
    return "*" if len(values) == all_of_them else ",".join(str(v) for v in values)


def key_time(edition: EditionSettings, fire_time: datetime) -> datetime:
    """The moment under which a fire is recorded: of a wall-clock time that comes twice, the first."""
    if not edition.cron or read_cron(edition.cron).hourly:
        return fire_time.astimezone(UTC)
    return fire_time.astimezone(ZoneInfo(edition.zone)).replace(fold=0).astimezone(UTC)


def _fires(edition: EditionSettings, after: datetime) -> Iterator[datetime]:
    """The fire times after a moment, in UTC, each key once."""
    trigger = trigger_of(edition)
    seen = after.astimezone(UTC)
    fire = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    while fire is not None:
        key = key_time(edition, fire)
        if key > seen:
            yield key
            seen = key
        fire = trigger.get_next_fire_time(fire, fire)


def fires_between(edition: EditionSettings, start: datetime, end: datetime, limit: int = 100_000) -> list[datetime]:
    """The fire times of an edition after `start` up to `end`, in UTC, each key once."""
    found: list[datetime] = []
    for fire in islice(_fires(edition, start), limit):
        if fire > end:
            break
        found.append(fire)
    return found


def late_fire(edition: EditionSettings, last: datetime | None, now: datetime) -> datetime | None:
    """The newest fire that was missed since the last one that ran; None when nothing was missed or nothing ever ran."""
    if last is None or edition.watch:
        return None
    if edition.every:
        newest = _EPOCH + (now - _EPOCH) // edition.every * edition.every
        return newest if newest > last else None
    for back in _LOOK_BACK:  # short first: a line of every minute has half a million fires a year
        missed = fires_between(edition, max(last, now - back), now)
        if missed:
            return missed[-1]
        if now - back <= last:
            break
    return None


def next_fires(editions: Sequence[EditionSettings], now: datetime, count: int = 10) -> list[Fire]:
    """The next runs over all editions, soonest first; of an event edition only the next look."""
    found = [
        Fire(at, edition.name, edition.site) for edition in editions for at in islice(_fires(edition, now), 1 if edition.watch else count)
    ]
    return sorted(found, key=lambda f: (f.at, f.site, f.edition))[:count]


async def run_schedule(
    editions: Sequence[EditionSettings],
    run_edition: RunEdition,
    ledger: FireLedger,
    stop: asyncio.Event,
    clock: Callable[[], datetime],
    *,
    only_process: bool = True,
) -> None:
    """Run editions at their times until `stop` is set, then finish what is in hand.

    Args:
        only_process: At start-up nobody else is at work, so what was begun and not finished is run again at once. False waits until its
            claim is old enough (`LEASE`).

    Raises:
        ConfigError: There is no edition, or a cron line cannot be read.
    """
    if not editions:
        raise ConfigError("there is nothing to run: newsgen.toml has no [[editions]]")
    desk = _Desk(run_edition, ledger, clock, stop)
    scheduler = _scheduler(editions, desk)
    scheduler.start()
    try:
        await desk.recover(editions, timedelta(0) if only_process else LEASE)
        await stop.wait()
    finally:
        scheduler.pause()
        await desk.in_hand.finish()
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # shutdown only asks the loop; let it happen before the loop closes


def _scheduler(editions: Sequence[EditionSettings], desk: _Desk) -> Any:
    # No grace time: a job that is late (a suspended machine, a slow loop) runs late, once. The default of one second would drop it.
    scheduler = AsyncIOScheduler(
        timezone=UTC,
        jobstores={"default": MemoryJobStore()},
        executors={"default": _TellingExecutor()},
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    told_later = {"fire_time": _EPOCH}  # APScheduler wants every argument when a job is added; the executor puts the real one in
    for edition in editions:
        scheduler.add_job(desk.fire, trigger_of(edition), id=f"{edition.site}/{edition.name}", kwargs={"edition": edition, **told_later})
    sweep = IntervalTrigger(seconds=SWEEP_EVERY.total_seconds(), timezone=UTC)
    scheduler.add_job(desk.sweep, sweep, id="sweep of late fires", kwargs={"editions": editions, **told_later})
    return scheduler


@dataclass(slots=True)
class _Desk:
    """What the jobs of one process share."""

    run_edition: RunEdition
    ledger: FireLedger
    clock: Callable[[], datetime]
    stop: asyncio.Event
    in_hand: InHand = field(default_factory=InHand)

    async def fire(self, edition: EditionSettings, fire_time: datetime) -> None:
        """Begin a fire, unless the edition is still at its last one: an edition never overlaps itself."""
        self._begin(edition, fire_time, self._claim)

    async def sweep(self, editions: Sequence[EditionSettings], fire_time: datetime) -> None:
        await self.recover(editions, LEASE)

    async def recover(self, editions: Sequence[EditionSettings], lease: timedelta) -> None:
        """Begin what was missed, and what was begun by a process that died."""
        for edition in editions:
            if edition.watch is None:
                try:
                    await self._recover_one(edition, lease)
                except Exception as error:  # the database is away; the next sweep tries again
                    _log.exception("schedule.sweep_failed", edition=edition.name, error=type(error).__name__)

    async def _recover_one(self, edition: EditionSettings, lease: timedelta) -> None:
        last = await asyncio.to_thread(self.ledger.last, edition.site, edition.name)
        missed = late_fire(edition, last, self.clock())
        if missed is not None:
            self._begin(edition, missed, self._claim)
        elif last is not None and isinstance(self.ledger, RecoveringLedger):
            ledger = self.ledger
            self._begin(edition, last, lambda e, key: ledger.reclaim(e.site, e.name, key, self.clock(), lease))

    def _claim(self, edition: EditionSettings, key: datetime) -> bool:
        return self.ledger.claim(edition.site, edition.name, key, self.clock())

    def _begin(self, edition: EditionSettings, fire_time: datetime, take: Callable[[EditionSettings, datetime], bool]) -> None:
        async def work(job: tuple[str, str]) -> None:
            await self._run(edition, fire_time, take)

        if not self.stop.is_set() and not run_soon(self.in_hand, (edition.site, edition.name), work):
            _log.info("schedule.still_at_work", edition=edition.name, fire_time=fire_time.isoformat())

    async def _run(self, edition: EditionSettings, fire_time: datetime, take: Callable[[EditionSettings, datetime], bool]) -> None:
        """Run one fire if its row is ours; a fault is logged and harms no other edition."""
        key = key_time(edition, fire_time)
        if edition.watch is None and not await asyncio.to_thread(take, edition, key):
            return
        outcome = await self._outcome(edition, fire_time)
        if edition.watch is None:
            await asyncio.to_thread(self.ledger.finish, edition.site, edition.name, key, self.clock(), outcome)

    async def _outcome(self, edition: EditionSettings, fire_time: datetime) -> str:
        late_s = (self.clock() - fire_time).total_seconds()
        _log.info("schedule.fire", site=edition.site, edition=edition.name, fire_time=fire_time.isoformat(), late_s=round(late_s, 1))
        try:
            return await self.run_edition(edition, fire_time)
        except NewsgenError as error:
            _log.error("schedule.failed", edition=edition.name, error=str(error))
            return f"failed: {error}"
        except Exception as error:
            _log.exception("schedule.failed", edition=edition.name)
            return f"failed: {type(error).__name__}"


def stop_on_signals(stop: asyncio.Event, signals: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT)) -> None:
    """The first signal asks for an end, the second ends at once.

    At once means without waiting for threads, which `sys.exit` would do. The database stands that: what was begun is begun again.
    """
    loop = asyncio.get_running_loop()

    def ask(number: signal.Signals) -> None:
        if stop.is_set():
            os._exit(128 + number)
        _log.info("schedule.stopping")
        stop.set()

    for number in signals:
        loop.add_signal_handler(number, ask, number)
