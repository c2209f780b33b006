"""When editions run; in: settings and a function that runs one, out: each fire once; nothing else.

APScheduler keeps the clock, with a memory store in every process; a unique row per site, schedule and fire time decides who runs, so two
processes run an edition once. After downtime one late run happens. Daily schedules are keyed by local date: 01:30 on the night when
clocks go back runs once. SIGTERM finishes what is in hand; a second signal stops at once.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog
from apscheduler.events import EVENT_JOB_MISSED
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from newsgen.config import EditionSettings
from newsgen.errors import ConfigError, NewsgenError

__all__ = ["Fire", "FireLedger", "fires_between", "late_fire", "next_fires", "run_schedule", "trigger_of"]

_log = structlog.get_logger("schedule")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LOOK_BACK = timedelta(days=8)  # a weekly edition that was missed is still found

RunEdition = Callable[[EditionSettings, datetime], Awaitable[str]]  # edition, fire time -> outcome for the log


class FireLedger(Protocol):
    """Who ran which fire; rows that are unique over all processes."""

    def claim(self, site: str, schedule: str, fire_time: datetime, now: datetime) -> bool: ...

    def finish(self, site: str, schedule: str, fire_time: datetime, now: datetime, outcome: str) -> None: ...

    def last(self, site: str, schedule: str) -> datetime | None: ...


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
    if edition.cron:
        try:
            return CronTrigger.from_crontab(edition.cron, timezone=ZoneInfo(edition.zone))
        except ValueError as error:
            raise ConfigError(f"the edition {edition.name}: cron {edition.cron!r}: {error}") from error
    interval = edition.every or edition.watch or timedelta(hours=1)
    return IntervalTrigger(seconds=int(interval.total_seconds()), start_date=_EPOCH, timezone=UTC)


def _is_daily(edition: EditionSettings) -> bool:
    """Whether a cron line names one clock time: then a local date has one fire."""
    minute, hour, *_ = [*edition.cron.split(), "*", "*"]
    return bool(edition.cron) and minute.isdigit() and hour.isdigit()


def key_time(edition: EditionSettings, fire_time: datetime) -> datetime:
    """The moment under which a fire is recorded: for daily editions the local date and clock time, so that 01:30 counts once."""
    if not _is_daily(edition):
        return fire_time
    local = fire_time.astimezone(ZoneInfo(edition.zone))
    minute, hour = (int(p) for p in edition.cron.split()[:2])
    wanted = datetime.combine(local.date(), time(hour, minute))
    return wanted.replace(tzinfo=ZoneInfo(edition.zone), fold=0).astimezone(UTC)


def fires_between(edition: EditionSettings, start: datetime, end: datetime, limit: int = 100_000) -> list[datetime]:
    """The fire times of an edition after `start` up to `end`, in UTC, each key once."""
    trigger = trigger_of(edition)
    found: dict[datetime, datetime] = {}
    previous: datetime | None = None
    at = start + timedelta(microseconds=1)
    while len(found) < limit:
        fire = trigger.get_next_fire_time(previous, at)
        if fire is None or fire > end:
            break
        found.setdefault(key_time(edition, fire.astimezone(UTC)), fire.astimezone(UTC))
        previous, at = fire, fire + timedelta(microseconds=1)
    return list(found.values())


def late_fire(edition: EditionSettings, last: datetime | None, now: datetime) -> datetime | None:
    """The newest fire that was missed since the last one that ran; None when nothing was missed or nothing ever ran."""
    if last is None or edition.watch:
        return None
    missed = fires_between(edition, max(last, now - _LOOK_BACK), now)
    missed = [m for m in missed if key_time(edition, m) > last]
    return missed[-1] if missed else None


def next_fires(editions: Sequence[EditionSettings], now: datetime, count: int = 10) -> list[Fire]:
    """The next runs over all editions, soonest first."""
    found: list[Fire] = []
    for edition in editions:
        fires = fires_between(edition, now, now + timedelta(days=32), limit=count)
        found += [Fire(f, edition.name, edition.site) for f in fires]
    return sorted(found, key=lambda f: (f.at, f.edition))[:count]


async def run_schedule(
    editions: Sequence[EditionSettings],
    run_edition: RunEdition,
    ledger: FireLedger,
    stop: asyncio.Event,
    clock: Callable[[], datetime],
) -> None:
    """Run editions at their times until `stop` is set, then finish what is in hand."""
    busy: set[asyncio.Task[None]] = set()
    scheduler = AsyncIOScheduler(timezone=UTC, executors={"default": _TellingExecutor()},
                                 job_defaults={"coalesce": True, "misfire_grace_time": 3600, "max_instances": 1})  # fmt: skip

    async def fire(edition: EditionSettings, fire_time: datetime) -> None:
        task = asyncio.ensure_future(_run_once(edition, fire_time, run_edition, ledger, clock))
        busy.add(task)
        task.add_done_callback(busy.discard)
        await asyncio.shield(task)

    scheduler.add_listener(lambda event: _log.warning("schedule.missed", job=event.job_id), EVENT_JOB_MISSED)
    for edition in editions:
        scheduler.add_job(fire, trigger_of(edition), id=edition.name, kwargs={"edition": edition})
    scheduler.start()
    try:
        for edition in editions:
            missed = late_fire(edition, ledger.last(edition.site, edition.name), clock())
            if missed is not None:
                _log.info("schedule.late", edition=edition.name, fire_time=missed.isoformat())
                await fire(edition, missed)
        await stop.wait()
    finally:
        scheduler.shutdown(wait=False)
        if busy:
            await asyncio.wait(busy)


async def _run_once(
    edition: EditionSettings, fire_time: datetime, run_edition: RunEdition, ledger: FireLedger, clock: Callable[[], datetime]
) -> None:
    """Run one fire if its row is ours; a fault is logged and harms no other edition."""
    key = key_time(edition, fire_time)
    claimed = edition.watch is not None or await asyncio.to_thread(ledger.claim, edition.site, edition.name, key, clock())
    if not claimed:
        _log.info("schedule.taken", edition=edition.name, fire_time=fire_time.isoformat())
        return
    try:
        outcome = await run_edition(edition, fire_time)
    except NewsgenError as error:
        outcome = f"failed: {error}"
        _log.error("schedule.failed", edition=edition.name, error=str(error))
    except Exception as error:
        outcome = f"failed: {type(error).__name__}"
        _log.exception("schedule.failed", edition=edition.name)
    if edition.watch is None:
        await asyncio.to_thread(ledger.finish, edition.site, edition.name, key, clock(), outcome)


def stop_on_signals(stop: asyncio.Event, signals: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT)) -> None:
    """The first signal asks for an end, the second ends at once."""
    loop = asyncio.get_running_loop()

    def ask() -> None:
        if stop.is_set():
            raise SystemExit(130)
        _log.info("schedule.stopping")
        stop.set()

    for number in signals:
        loop.add_signal_handler(number, ask)
