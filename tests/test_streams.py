"""The service and the streams: which are followed, and that their minutes come into the archive."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import structlog
from websockets.asyncio.server import ServerConnection, serve

from newsgen.config import EditionSettings, Settings, SourceSettings, StreamSettings
from newsgen.gather import sources
from newsgen.rounds import streams_of
from newsgen.service import Service
from newsgen.store.archive import SqlArchive
from newsgen.store.database import open_database
from tests.gather.frames import frame

EDITION = EditionSettings(name="events", watch=timedelta(minutes=5), assets=("BTC", "ETH"))
OWN = {n: sources()[n].stream.url for n in ("binance_futures", "bybit", "okx")}  # type: ignore[union-attr]


def test_a_desk_with_editions_follows_the_three_venues() -> None:
    assert streams_of(Settings(editions=(EDITION,))) == OWN


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        (Settings(), []),  # nothing is written, so nothing is listened to
        (Settings(editions=(EDITION,), streams=StreamSettings(enabled=False)), []),
        (Settings(editions=(EDITION,), streams=StreamSettings(venues=("okx",))), ["okx"]),
        (Settings(editions=(EDITION,), sources={"okx": SourceSettings(enabled=False)}), ["binance_futures", "bybit"]),
        (Settings(editions=(EDITION,), sources={"okx": SourceSettings(base_url="http://127.0.0.1:1")}), ["binance_futures", "bybit"]),
        (Settings(editions=(EDITION.model_copy(update={"sources": ("bybit", "coinglass")}),)), ["bybit"]),
    ],
)
def test_what_is_not_followed(settings: Settings, names: list[str]) -> None:
    assert list(streams_of(settings)) == names


def test_another_address_comes_before_the_venues_own() -> None:
    asked = {"okx": SourceSettings(base_url="http://127.0.0.1:1")}
    settings = Settings(editions=(EDITION,), sources=asked, streams=StreamSettings(venues=("okx",), urls={"okx": "ws://127.0.0.1:2"}))
    assert streams_of(settings) == {"okx": "ws://127.0.0.1:2"}


def test_the_service_keeps_each_minute(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/newsgen.db")
    now = datetime(2026, 10, 9, 17, 6, 35, tzinfo=UTC)
    asked: list[str] = []

    async def run() -> list[Any]:
        nonlocal now

        async def play(connection: ServerConnection) -> None:
            nonlocal now
            asked.append(str(await connection.recv()))
            await connection.send(frame("ws_all_liquidation_2026.json"))
            await (await connection.ping())
            await asyncio.sleep(0.1)
            now += timedelta(seconds=40)
            await connection.send('{"success":true,"ret_msg":"pong","op":"ping"}')
            await connection.wait_closed()

        async with serve(play, "127.0.0.1", 0) as server:
            url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            settings = Settings(editions=(EDITION,), streams=StreamSettings(venues=("bybit",), urls={"bybit": url}))
            stop = asyncio.Event()
            with structlog.testing.capture_logs() as log:
                task = asyncio.create_task(Service(settings, engine, lambda: now).listen_forever(stop))
                async with asyncio.timeout(10):
                    while not SqlArchive(engine).keys():
                        await asyncio.sleep(0.05)
                stop.set()
                await asyncio.wait_for(task, 10)
        return log

    log = asyncio.run(run())
    assert "allLiquidation.BTCUSDT" in asked[0]
    assert "allLiquidation.ETHUSDT" in asked[0]
    assert [e["event"] for e in log] == ["streams.followed"]
    archive = SqlArchive(engine)
    (column,) = archive.load("liq.bucket_long", "BTC")
    assert [Decimal(v) for v in column.values] == [Decimal("3625.3648")]  # 0.006 x 82396.90 + 0.038 x 82394.30
    assert column.origins[0].bound == "at_least"
    (followed,) = archive.load("liq.followed_s", "market")
    assert [int(v) for v in followed.values] == [25, 15]  # from 17:06:35, and to 17:07:15
    engine.dispose()


def test_a_desk_without_streams_listens_to_nothing(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/newsgen.db")
    asyncio.run(asyncio.wait_for(Service(Settings(), engine).listen_forever(asyncio.Event()), 1))
    assert SqlArchive(engine).keys() == []
    engine.dispose()
