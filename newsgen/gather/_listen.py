"""Long-lived listening to streams of liquidations; in: sources that have one, out: batches of closed minutes.

One task for each venue, which never ends by itself: a lost connection is opened again after a wait that grows and is not the same twice, a
refusal is tried again slowly, a frame that cannot be read is counted and the stream goes on. Each problem is logged when it begins, and
once when the stream is back.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from newsgen.errors import BadPayload, GatherError, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather._http import USER_AGENT
from newsgen.gather._rollup import Rollup
from newsgen.gather._source import ForcedOrder, Source, Stream, said
from newsgen.gather._stream import ENDPOINT
from newsgen.market import Reading

__all__ = ["Patience", "follow"]

_log = structlog.get_logger("gather")
_MOST_WAITING = 50_000  # readings that nobody could keep yet; the oldest go first
_MOST_PROBLEMS = 50  # of frames, told one by one
_PLACE = re.compile(r"\[\d+\]")
Keep = Callable[[Sequence[Reading]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds. A rehearsal's clock runs faster: `pace` times."""

    connect_s: float = 10.0
    silence_s: float = 60.0  # without a frame or a pong: the connection is dead
    first_wait_s: float = 1.0  # before a lost connection is opened again; doubles
    longest_wait_s: float = 60.0
    refused_wait_s: float = 300.0
    roll_every_s: float = 1.0
    size: int = 1_000_000  # of a frame
    pace: float = 1.0

    def of(self, seconds: float) -> float:
        """Seconds of the desk's clock as real ones."""
        return seconds / self.pace


@dataclass(slots=True)
class _Ear:
    """One venue's stream: opens it, again and again, and counts what it says."""

    source: Source
    stream: Stream
    url: str
    assets: Sequence[str]
    clock: Callable[[], datetime]
    patience: Patience
    rollup: Rollup
    problem: str = ""  # that was logged last; "" while the stream is heard
    problems: set[str] = field(default_factory=set)  # of frames
    counted: Counter[str] = field(default_factory=Counter)  # of the rollup, as logged last
    bad: int = 0
    heard_at: float = 0.0  # monotonic

    async def follow(self) -> None:
        """Listen until cancelled."""
        attempts = 0
        while True:
            began = time.monotonic()
            try:
                await self._connection()
                failure: GatherError = self._failure(SourceUnavailable, "the connection was closed")
            except GatherError as error:
                failure = error
            except Exception as error:  # a fault of ours: the other venues and the editions go on
                _log.exception("gather.stream_fault", source=self.source.name)
                failure = self._failure(SourceUnavailable, type(error).__name__)
            finally:
                self.rollup.lost()
            self._note(failure)
            lasted = time.monotonic() - began >= self.patience.of(self.patience.longest_wait_s)
            attempts = 0 if lasted else attempts + 1
            await asyncio.sleep(self._wait(failure, attempts))

    def _wait(self, failure: GatherError, attempts: int) -> float:
        """Not the same for all venues and desks, so that they do not come back in one breath."""
        p = self.patience
        if isinstance(failure, SourceRefused):
            return p.of(p.refused_wait_s) * random.uniform(1, 1.2)
        return p.of(min(p.longest_wait_s, p.first_wait_s * 2 ** min(attempts, 16) / 2)) * random.uniform(0.5, 1)

    async def _connection(self) -> None:
        """One connection, from handshake to end."""
        try:
            opened = connect(self.url, open_timeout=self.patience.connect_s, close_timeout=2, ping_interval=None, proxy=None,
                             max_size=self.patience.size, user_agent_header=USER_AGENT)  # fmt: skip
            async with opened as socket:
                await self._listen(socket)
        except InvalidStatus as error:
            raise self._refused_handshake(error.response.status_code) from error
        except InvalidURI as error:
            raise self._failure(SourceRefused, "the address is no websocket") from error
        except (InvalidHandshake, ConnectionClosed, OSError, TimeoutError, EOFError) as error:
            raise self._failure(SourceUnavailable, f"connection failed ({type(error).__name__})") from error

    async def _listen(self, socket: ClientConnection) -> None:
        self.heard_at = time.monotonic()
        keeper = asyncio.create_task(self._keep_alive(socket))
        try:
            for message in self.stream.subscribe(self.assets):
                await socket.send(message)
            async for frame in socket:
                self._take(frame)
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper

    def _refused_handshake(self, status: int) -> GatherError:
        if status == 451:
            return self._failure(RegionRefused, f"refused in this region (status {status})")
        if status in (408, 418, 429) or status >= 500:
            return self._failure(SourceUnavailable, f"status {status}")
        return self._failure(SourceRefused, f"refused (status {status})")

    def _failure(self, kind: type[GatherError], problem: str) -> GatherError:
        return kind(self.source.name, ENDPOINT, problem)

    def _take(self, frame: str | bytes) -> None:
        """Count one frame; a refusal that stands in it ends the connection."""
        try:
            self.rollup.take(self._orders(frame, self.clock()), self.clock())
        except BadPayload as error:
            self._note_bad(error)
            self.rollup.unreadable(self.clock())
        self._heard()

    def _orders(self, frame: str | bytes, now: datetime) -> list[ForcedOrder]:
        if isinstance(frame, bytes):
            raise BadPayload(self.source.name, ENDPOINT, "body", "bytes where text belongs")
        try:
            return self.stream.parse(frame, now)
        except (ArithmeticError, TypeError, ValueError, LookupError, OverflowError, RecursionError) as error:
            raise BadPayload(self.source.name, ENDPOINT, "body", f"cannot be read: {type(error).__name__}") from error

    def _heard(self) -> None:
        self.heard_at = time.monotonic()
        self.rollup.heard(self.clock())
        if self.problem:
            _log.info("gather.stream_back", source=self.source.name)
            self.problem = ""

    def _note_bad(self, error: BadPayload) -> None:
        self.bad += 1
        kind = _PLACE.sub("[]", error.field)
        if kind not in self.problems and len(self.problems) < _MOST_PROBLEMS:
            self.problems.add(kind)
            _log.warning("gather.stream_bad_frame", source=self.source.name, problem=said(error.problem))

    def _note(self, failure: GatherError) -> None:
        """A problem is told when it begins; a connection that comes and goes is told each time."""
        if failure.problem != self.problem:
            self.problem = failure.problem
            refused = isinstance(failure, SourceRefused)
            _log.warning("gather.stream_refused" if refused else "gather.stream_lost", source=self.source.name, problem=failure.problem)

    async def _keep_alive(self, socket: ClientConnection) -> None:
        """Speak to the venue now and then, and drop a connection on which nobody answers."""
        silence = self.patience.of(self.patience.silence_s)
        pong: Awaitable[float] | None = None
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(min(self.patience.of(self.stream.ping_every_s), silence / 2))
                if time.monotonic() - self.heard_at > silence:
                    break
                try:
                    async with asyncio.timeout(silence):
                        if self.stream.ping:
                            await socket.send(self.stream.ping)
                        if pong is None or pong.done():  # type: ignore[attr-defined]
                            pong = await socket.ping()
                            pong.add_done_callback(self._answered)  # type: ignore[attr-defined]
                except TimeoutError:
                    break
            socket.transport.abort()

    def _answered(self, pong: asyncio.Future[float]) -> None:
        if not pong.cancelled() and pong.exception() is None:
            self._heard()

    def closed(self, now: datetime, *, last: bool = False) -> list[Reading]:
        """The readings of what is complete; what was left out is told."""
        readings = self.rollup.flush(now) if last else self.rollup.close(now)
        new = self.rollup.counts - self.counted
        left_out = {what: n for what, n in sorted(new.items()) if what in ("late", "ahead", "crowded")}
        if readings and left_out:
            _log.warning("gather.stream_left_out", source=self.source.name, **left_out)
            self.counted = Counter(self.rollup.counts)
        return readings


async def follow(sources: Iterable[Source], assets: Sequence[str], clock: Callable[[], datetime], keep: Keep, stop: asyncio.Event, *,
                 urls: Mapping[str, str] | None = None, patience: Patience | None = None) -> None:  # fmt: skip
    """Listen to the streams of sources until `stop`, and keep each minute when it is closed; then the running one as far as it went."""
    patience = patience or Patience()
    ears = [
        _Ear(s, s.stream, (urls or {}).get(s.name, s.stream.url), assets, clock, patience,
             Rollup(s.name, s.stream.venue, s.title, frozenset(assets), clock()))
        for s in sources if s.stream is not None
    ]  # fmt: skip
    tasks = [asyncio.create_task(ear.follow()) for ear in ears]
    shelf = _Shelf(keep)
    try:
        while not stop.is_set():
            await shelf.put([r for ear in ears for r in ear.closed(clock())])
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), patience.of(patience.roll_every_s))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await shelf.put([r for ear in ears for r in ear.closed(clock(), last=True)])


@dataclass(slots=True)
class _Shelf:
    """Readings on their way to whoever keeps them; while he cannot, they wait."""

    keep: Keep
    waiting: list[Reading] = field(default_factory=list)
    failing: bool = False

    async def put(self, readings: Sequence[Reading]) -> None:
        self.waiting = [*self.waiting, *readings][-_MOST_WAITING:]
        if not self.waiting:
            return
        try:
            await self.keep(tuple(self.waiting))
        except Exception as error:  # the database is away; the next round tries again
            if not self.failing:
                _log.exception("gather.stream_unkept", error=type(error).__name__, waiting=len(self.waiting))
            self.failing = True
            return
        self.waiting, self.failing = [], False
