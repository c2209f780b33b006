"""Listening: connections that end, refuse, fall silent or send rubbish never end it, and each problem is told once."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import pytest
import structlog
from websockets.asyncio.server import Request, Response, ServerConnection, serve

from newsgen.errors import ConfigError
from newsgen.gather import listen, sources
from newsgen.gather._listen import Patience
from newsgen.market import Completeness, Reading
from tests.gather.frames import frame

BINANCE, BYBIT, OKX = frame("ws_force_order_2026.json"), frame("ws_all_liquidation_2026.json"), frame("ws_liquidation_orders_2026.json")
BEGAN = datetime(2026, 10, 9, 17, 6, 35, tzinfo=UTC)  # the recorded frames are of 17:06:40 to 17:06:43
QUICK = Patience(silence_s=0.4, first_wait_s=0.02, longest_wait_s=0.05, refused_wait_s=0.3, roll_every_s=0.01)
Play = Callable[[ServerConnection, int], Awaitable[None]]


@dataclass
class Desk:
    """Somebody who listens for a while: his clock, what he was given to keep, what was logged."""

    now: datetime = BEGAN
    kept: list[Reading] = field(default_factory=list)
    log: list[Any] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    heard: list[str] = field(default_factory=list)
    broken: int = 0  # how often keeping fails

    def clock(self) -> datetime:
        return self.now

    async def keep(self, readings: Sequence[Reading]) -> None:
        if self.broken:
            self.broken -= 1
            raise OSError("the database is away")
        self.kept += readings

    def events(self, name: str = "") -> list[str]:
        return [e["event"].removeprefix("gather.stream_") for e in self.log if name in (e.get("source", ""), "")]

    def value(self, series: str, subject: str, venue: str) -> Reading:
        (found,) = (r for r in self.kept if (r.key.series, r.key.subject, r.key.venue) == (series, subject, venue))
        return found


async def _host(stack: AsyncExitStack, desk: Desk, play: Play, refuse: Callable[[int], int] = lambda n: 0) -> str:
    """A server that plays to each connection, or refuses it with a status."""
    count = 0

    def judge(connection: ServerConnection, request: Request) -> Response | None:
        nonlocal count
        count += 1
        status = refuse(count)
        return connection.respond(HTTPStatus(status), "no") if status else None

    async def handle(connection: ServerConnection) -> None:
        desk.connections += 1
        await play(connection, desk.connections)

    server = await stack.enter_async_context(serve(handle, "127.0.0.1", 0, process_request=judge))
    return f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


async def _until(what: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.005)


def listening(scene: Callable[[Desk, AsyncExitStack], Awaitable[tuple[dict[str, str], Callable[[Desk], Awaitable[None]]]]],
              patience: Patience = QUICK) -> Desk:  # fmt: skip
    """Listen to the addresses that a scene gives, until what it waits for has come."""

    async def run() -> Desk:
        desk = Desk()
        async with AsyncExitStack() as stack:
            urls, wait = await scene(desk, stack)
            names = list(urls)
            with structlog.testing.capture_logs() as desk.log:
                task = asyncio.create_task(listen(names, ("BTC",), desk.clock, desk.keep, desk.stop, urls=urls, patience=patience))
                try:
                    await wait(desk)
                finally:
                    desk.stop.set()
                    await asyncio.wait_for(task, 10)
        return desk

    return asyncio.run(run())


async def _hold(connection: ServerConnection) -> None:
    await connection.wait_closed()


def test_three_venues_are_asked_and_their_orders_are_kept_by_the_minute() -> None:
    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        async def play(sent: str, connection: ServerConnection, asked: bool) -> None:
            if asked:
                desk.heard.append(str(await connection.recv()))
            await connection.send(sent)
            await _hold(connection)

        urls = {
            "binance_futures": await _host(stack, desk, lambda c, n: play(BINANCE, c, False)),
            "bybit": await _host(stack, desk, lambda c, n: play(BYBIT, c, True)),
            "okx": await _host(stack, desk, lambda c, n: play(OKX, c, True)),
        }

        async def wait(desk: Desk) -> None:
            await _until(lambda: len(desk.heard) == 2)
            await asyncio.sleep(0.1)

        return urls, wait

    desk = listening(scene)
    assert sorted(h[:16] for h in desk.heard) == ['{"op": "subscrib', '{"op": "subscrib']
    # 0.190 x 82651.90; 0.006 x 82396.90 + 0.038 x 82394.30; 8.55 x 0.01 x 82655.7
    longs = {venue: desk.value("liq.bucket_long", "BTC", venue).value for venue in ("binance", "bybit", "okx")}
    assert longs == {"binance": Decimal("15703.861"), "bybit": Decimal("3625.3648"), "okx": Decimal("7067.06235")}
    long = desk.value("liq.bucket_long", "BTC", "binance")
    assert (long.key.source, long.origin.source_name, long.origin.bound) == ("binance_futures", "Binance", "at_least")
    assert (long.observed_at, long.origin.completeness) == (BEGAN + timedelta(seconds=25), Completeness.PARTIAL)
    assert desk.events() == []


@pytest.mark.parametrize("how", ["close", "vanish"])
def test_a_lost_connection_is_opened_again_and_what_comes_twice_counts_once(how: str) -> None:
    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        async def play(connection: ServerConnection, number: int) -> None:
            await connection.send(BINANCE)
            if number > 3:
                await _hold(connection)
            await (await connection.ping())
            await connection.close() if how == "close" else connection.transport.abort()

        async def wait(desk: Desk) -> None:
            await _until(lambda: desk.connections == 4)
            await asyncio.sleep(0.05)

        return {"binance_futures": await _host(stack, desk, play)}, wait

    desk = listening(scene)
    assert desk.value("liq.bucket_long", "BTC", "binance").value == Decimal("15703.861")
    assert desk.events() == ["lost", "back"] * 3


def test_a_frame_that_cannot_be_read_is_told_once_and_its_minute_was_not_followed() -> None:
    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        async def play(connection: ServerConnection, number: int) -> None:
            for sent in ("{", "[1]", BINANCE.replace("SELL", "HOLD"), BINANCE.replace("SELL", "SOLD"), b"\x00\x01", "x" * 100_000):
                await connection.send(sent)
            await (await connection.ping())
            await asyncio.sleep(0.05)
            desk.now += timedelta(seconds=20)  # that would be 20 seconds followed
            await connection.send(BINANCE)
            await _hold(connection)

        async def wait(desk: Desk) -> None:
            await _until(lambda: desk.now > BEGAN)
            await asyncio.sleep(0.1)

        return {"binance_futures": await _host(stack, desk, play)}, wait

    desk = listening(scene)
    assert desk.connections == 1
    assert desk.value("liq.bucket_long", "BTC", "binance").value == Decimal("15703.861")
    assert desk.value("liq.followed_s", "market", "binance").value == 0
    problems = [e["problem"] for e in desk.log if e["event"] == "gather.stream_bad_frame"]
    assert len(problems) == 3  # no JSON or bytes; no object; an unknown side
    assert any("data.o.S" in p and "HOLD" in p for p in problems)


def test_a_parser_that_fails_otherwise_is_a_bad_frame_too() -> None:
    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        async def play(connection: ServerConnection, number: int) -> None:
            await connection.send('{"data":' * 3000)  # deeper than JSON is read
            await connection.send(BINANCE)
            await _hold(connection)

        async def wait(desk: Desk) -> None:
            await _until(lambda: desk.connections)
            await asyncio.sleep(0.1)

        return {"binance_futures": await _host(stack, desk, play)}, wait

    desk = listening(scene)
    assert desk.connections == 1
    assert desk.value("liq.bucket_long", "BTC", "binance").value == Decimal("15703.861")


def test_a_region_that_is_refused_is_told_once_tried_slowly_and_harms_no_other_venue() -> None:
    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        tries: list[float] = []

        def refuse(number: int) -> int:
            tries.append(asyncio.get_running_loop().time())
            return 451 if number < 4 else 0

        async def play(connection: ServerConnection, number: int) -> None:
            await connection.send(BINANCE if number > 1 else OKX)
            await _hold(connection)

        urls = {"okx": await _host(stack, desk, play)}
        await asyncio.sleep(0)
        urls["binance_futures"] = await _host(stack, desk, play, refuse)

        async def wait(desk: Desk) -> None:
            await _until(lambda: len(tries) == 4)
            await asyncio.sleep(0.1)
            assert min(b - a for a, b in itertools.pairwise(tries)) >= 0.3

        return urls, wait

    desk = listening(scene)
    assert [e["problem"] for e in desk.log if e["event"] == "gather.stream_refused"] == ["refused in this region (status 451)"]
    assert desk.events("binance_futures") == ["refused", "back"]
    assert desk.value("liq.bucket_long", "BTC", "okx").value > 0
    assert desk.value("liq.bucket_long", "BTC", "binance").value > 0


@pytest.mark.parametrize(("status", "event"), [(403, "refused"), (404, "refused"), (429, "lost"), (503, "lost")])
def test_what_a_handshake_may_answer(status: int, event: str) -> None:
    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        async def play(connection: ServerConnection, number: int) -> None:
            await _hold(connection)

        async def wait(desk: Desk) -> None:
            await _until(desk.events)

        return {"bybit": await _host(stack, desk, play, lambda n: status)}, wait

    desk = listening(scene)
    assert desk.events() == [event]
    assert str(status) in desk.log[0]["problem"]


def test_a_refused_subscription_is_tried_slowly() -> None:
    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        async def play(connection: ServerConnection, number: int) -> None:
            await connection.send('{"event":"error","code":"60012","msg":"Invalid request"}' if number < 3 else OKX)
            await _hold(connection)

        async def wait(desk: Desk) -> None:
            await _until(lambda: desk.connections == 3)
            await asyncio.sleep(0.1)

        return {"okx": await _host(stack, desk, play)}, wait

    desk = listening(scene)
    assert desk.events() == ["refused", "back"]
    assert desk.log[0]["problem"] == "code 60012: Invalid request"
    assert desk.value("liq.bucket_long", "BTC", "okx").value > 0


async def _mute(stack: AsyncExitStack, desk: Desk) -> str:
    """A server that shakes hands and never says a word again, nor answers a ping."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(line.split(": ")[1] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
        writer.write(f"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        desk.connections += 1
        told.append(asyncio.current_task())
        await reader.read()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    told: list[Any] = []
    stack.push_async_callback(lambda: asyncio.wait_for(asyncio.gather(*told), 10))
    server = await stack.enter_async_context(await asyncio.start_server(handle, "127.0.0.1", 0))
    return f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def test_a_connection_on_which_nobody_answers_is_dropped() -> None:
    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        async def wait(desk: Desk) -> None:
            await _until(lambda: desk.connections == 3)

        return {"binance_futures": await _mute(stack, desk)}, wait

    desk = listening(scene)
    assert desk.events() == ["lost"]  # the same problem twice is told once
    assert {r.value for r in desk.kept if r.key.series == "liq.followed_s"} == {Decimal(0)}


def test_pings_keep_a_quiet_stream_alive_in_the_venues_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = replace(sources()["okx"], stream=replace(sources()["okx"].stream, ping_every_s=0.05))  # type: ignore[type-var]
    monkeypatch.setattr("newsgen.gather._source", lambda name: quick)

    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        async def play(connection: ServerConnection, number: int) -> None:
            async for said in connection:
                desk.heard.append(str(said))
                if said == "ping":
                    await connection.send("pong")

        async def wait(desk: Desk) -> None:
            for _ in range(30):
                await asyncio.sleep(0.05)
                desk.now += timedelta(seconds=5)

        return {"okx": await _host(stack, desk, play)}, wait

    desk = listening(scene)
    assert desk.heard.count("ping") >= 10
    assert (desk.connections, desk.events()) == (1, [])
    followed = [int(r.value) for r in desk.kept if r.key.series == "liq.followed_s"]
    assert followed[1] == 60  # a whole quiet minute


def test_what_cannot_be_kept_comes_again() -> None:
    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        desk.broken = 5

        async def play(connection: ServerConnection, number: int) -> None:
            await connection.send(BINANCE)
            await (await connection.ping())
            desk.now += timedelta(seconds=100)
            await _hold(connection)

        async def wait(desk: Desk) -> None:
            await _until(lambda: desk.kept or not desk.broken)
            await asyncio.sleep(0.1)

        return {"binance_futures": await _host(stack, desk, play)}, wait

    desk = listening(scene, replace(QUICK, silence_s=0.1))
    assert desk.value("liq.bucket_long", "BTC", "binance").value == Decimal("15703.861")
    assert desk.events().count("unkept") == 1


def test_a_frame_of_any_size_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ws_proxy", "wss_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # the environment's proxy is not asked either

    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        async def play(connection: ServerConnection, number: int) -> None:
            await connection.send("x" * 5000 if number == 1 else BINANCE)
            await _hold(connection)

        async def wait(desk: Desk) -> None:
            await _until(lambda: desk.connections == 2)
            await asyncio.sleep(0.1)

        return {"binance_futures": await _host(stack, desk, play)}, wait

    desk = listening(scene, replace(QUICK, size=4000))
    assert desk.value("liq.bucket_long", "BTC", "binance").value == Decimal("15703.861")
    assert desk.events() == ["lost", "back"]


def test_an_address_that_leads_nowhere_is_told_and_tried_again() -> None:
    async def scene(desk: Desk, stack: AsyncExitStack) -> Any:
        async def wait(desk: Desk) -> None:
            await _until(lambda: len(desk.log) == 2)
            await asyncio.sleep(0.2)

        return {"bybit": "ws://127.0.0.1:1", "okx": "nonsense"}, wait

    desk = listening(scene)
    assert sorted(desk.events()) == ["lost", "refused"]


def test_an_unknown_source_is_named() -> None:
    with pytest.raises(ConfigError, match="no source 'nowhere'"):
        asyncio.run(listen(["nowhere"], ("BTC",), Desk().clock, Desk().keep, asyncio.Event()))
