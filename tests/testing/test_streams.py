"""The streams of a rehearsal: recorded forms, what must be subscribed to, the tape's orders as the clock passes them, cuts and repeats."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from newsgen.gather import sources
from newsgen.gather._listen import Patience, follow
from newsgen.gather._source import ForcedOrder
from newsgen.market import Reading
from newsgen.testing._streams import throttled
from newsgen.testing.market import Clock, Fault, Order, RehearsalMarket, SteppedClock, Tape, wires
from tests.testing.ask import NOON, market_of

START = NOON.replace(hour=6, minute=30)  # the squeeze of 14 July
ASSETS = ("BTC", "ETH", "SOL", "XRP")
VENUES = {"binance_futures": "binance", "bybit": "bybit", "okx": "okx"}
RECORDED = Path(__file__).parents[1] / "gather" / "payloads" / "streams"


async def _subscribe(name: str, socket: ClientConnection, assets: Sequence[str] = ASSETS) -> None:
    stream = sources()[name].stream
    assert stream is not None
    for message in stream.subscribe(assets):
        await socket.send(message)


def _parsed(name: str, frame: str | bytes) -> list[ForcedOrder]:
    stream = sources()[name].stream
    assert stream is not None
    assert isinstance(frame, str)
    return stream.parse(frame, NOON + timedelta(days=30))


async def _hear(market: RehearsalMarket, name: str, count: int, assets: Sequence[str] = ASSETS) -> list[ForcedOrder]:
    """The first so many orders; a line that is cut is opened again."""
    found: list[ForcedOrder] = []
    while len(found) < count:
        try:
            async with asyncio.timeout(90), connect(market.stream_urls[name], proxy=None, close_timeout=0.2) as socket:
                await _subscribe(name, socket, assets)
                while len(found) < count:
                    found += _parsed(name, await socket.recv())
        except ConnectionClosed:
            continue
    return found


def _sums(orders: Iterable[Any]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for order in orders:
        found[order.asset, order.side] += order.usd
    return found


def _followed(tape: Tape, name: str, start: Any, end: Any) -> list[Order]:
    return [o for o in tape.orders(VENUES[name], start, end) if o.asset in ASSETS]


# Forms


@pytest.mark.parametrize(
    ("name", "file"),
    [("binance_futures", "ws_force_order_2026"), ("bybit", "ws_all_liquidation_2026"), ("okx", "ws_liquidation_orders_2026")],
)
def test_a_frame_has_the_recorded_form(name: str, file: str) -> None:
    """The same fields with values of the same kinds."""

    def form(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: form(v) for k, v in value.items()}
        return [form(value[0])] if isinstance(value, list) else type(value).__name__

    stream = wires()[name].stream
    assert stream is not None
    [frame] = stream.frames([Order(1_752_480_000_123, "BTC", "long", Decimal("120000.5"), Decimal("0.19"))])
    assert form(json.loads(frame)) == form(json.loads((RECORDED / f"{file}.json").read_text("utf-8")))


@pytest.mark.parametrize("name", VENUES)
def test_what_a_venue_tells_is_the_order_with_its_side(name: str) -> None:
    stream = wires()[name].stream
    assert stream is not None
    for side in ("long", "short"):
        order = Order(1_752_480_000_123, "ETH", side, Decimal("3000.5"), Decimal("12.25"))
        [[told]] = [_parsed(name, frame) for frame in stream.frames([order])]
        assert (told.asset, told.side, told.price, told.usd) == ("ETH", side, Decimal("3000.5"), Decimal("36756.125"))
        assert told.at.timestamp() * 1000 == 1_752_480_000_123


def test_bybit_puts_the_orders_of_half_a_second_into_one_frame() -> None:
    stream = wires()["bybit"].stream
    assert stream is not None
    orders = [Order(1_752_480_000_000 + at, "BTC", "long", Decimal(100), Decimal(1)) for at in (10, 400, 600)]
    assert [len(_parsed("bybit", f)) for f in stream.frames(orders)] == [2, 1]


# Following the clock


@pytest.mark.parametrize("name", VENUES)
def test_orders_come_as_the_clock_passes_them(tape: Tape, name: str) -> None:
    clock = SteppedClock(START)
    first, second = (_followed(tape, name, START + k * timedelta(minutes=5), START + (k + 1) * timedelta(minutes=5)) for k in (0, 1))
    assert first
    assert second

    async def run() -> list[list[ForcedOrder]]:
        with RehearsalMarket(tape, clock) as market:
            async with connect(market.stream_urls[name], proxy=None, close_timeout=0.2) as socket:
                await _subscribe(name, socket)
                await asyncio.sleep(0.1)
                heard = []
                for orders in (first, second):
                    clock.advance(timedelta(minutes=5))
                    found: list[ForcedOrder] = []
                    async with asyncio.timeout(10):
                        while len(found) < len(orders):
                            found += [o for o in _parsed(name, await socket.recv()) if o.asset in ASSETS]
                    heard.append(found)
                return heard

    for heard, orders in zip(asyncio.run(run()), (first, second), strict=True):
        assert sorted((o.at.timestamp(), o.asset, o.side) for o in heard) == sorted((o.at_ms / 1000, o.asset, o.side) for o in orders)
        assert {k: v.quantize(Decimal("0.01")) for k, v in _sums(heard).items()} == {
            k: v.quantize(Decimal("0.01")) for k, v in _sums(orders).items()
        }


def test_minutes_of_a_listening_newsroom_come_to_the_tapes_orders(tape: Tape) -> None:
    """Eight minutes in some two seconds, through the listener that the service uses."""
    clock, kept = Clock(START, speed=240), list[Reading]()
    stop = asyncio.Event()

    async def keep(readings: Sequence[Reading]) -> None:
        kept.extend(readings)

    async def run(market: RehearsalMarket) -> None:
        task = asyncio.create_task(
            follow([sources()[n] for n in VENUES], ASSETS, clock, keep, stop, urls=market.stream_urls, patience=Patience(pace=240))
        )
        while clock() < START + timedelta(minutes=8):
            await asyncio.sleep(0.05)
        stop.set()
        await task

    with RehearsalMarket(tape, clock) as market:
        asyncio.run(run(market))
    whole = [r for r in kept if r.key.series == "liq.followed_s" and r.value == 60]
    assert len(whole) >= 9
    for followed in whole:
        end, venue = followed.observed_at, followed.key.venue
        truth = _sums([o for o in tape.orders(venue, end - timedelta(minutes=1), end) if o.asset in ASSETS])
        heard = {(r.key.subject, r.key.series[-len("short") :].lstrip("_")): r.value for r in kept
                 if r.key.venue == venue and r.observed_at == end and r.key.series.startswith("liq.bucket")}  # fmt: skip
        assert {k: v.quantize(Decimal("0.01")) for k, v in heard.items()} == {k: v.quantize(Decimal("0.01")) for k, v in truth.items()}


# Subscribing


def test_bybit_tells_only_of_the_topics_that_are_wanted(tape: Tape) -> None:
    orders = [Order(1_752_480_000_000 + k, a, "long", Decimal(100), Decimal(1)) for k, a in enumerate(("ETH", "BTC", "SOL", "BTC"))]
    with market_of(tape, forced={"bybit": orders}) as market:
        heard = asyncio.run(_hear(market, "bybit", 2, ("BTC",)))
    assert [o.asset for o in heard] == ["BTC", "BTC"]
    assert market.frames["bybit"] == 2


@pytest.mark.parametrize(
    ("name", "message", "answer"),
    [
        ("okx", "ping", "pong"),
        ("okx", "nonsense", '"code": "60012"'),
        ("okx", '{"op":"subscribe","args":[{"channel":"liquidation-orders","instType":"SWAP"}]}', '"event": "subscribe"'),
        ("bybit", '{"op":"ping"}', '"ret_msg": "pong"'),
        ("bybit", '{"op":"subscribe","args":["nothing.BTCUSDT"]}', '"success": false'),
        ("bybit", '{"op":"subscribe","args":["allLiquidation.BTCUSDT"]}', '"success": true'),
    ],
)
def test_a_venue_answers_what_the_listener_says(tape: Tape, name: str, message: str, answer: str) -> None:
    async def run(market: RehearsalMarket) -> str | bytes:
        async with connect(market.stream_urls[name], proxy=None, close_timeout=0.2) as socket:
            await socket.send(message)
            return await asyncio.wait_for(socket.recv(), 5)

    with market_of(tape) as market:
        assert answer in str(asyncio.run(run(market)))


def test_a_source_without_a_stream_has_none(tape: Tape) -> None:
    async def run(url: str) -> None:
        with pytest.raises(InvalidStatus):
            async with connect(url, proxy=None, close_timeout=0.2):
                """Never opened."""

    with market_of(tape) as market:
        assert set(market.stream_urls) == set(VENUES)
        asyncio.run(run(f"ws://127.0.0.1:{market.port}/farside/stream"))


# Full speed, cuts, repeats


def _many(count: int) -> list[Order]:
    return [
        Order(1_752_480_000_000 + k * 7, ASSETS[k % 4], "long" if k % 3 else "short", Decimal(100), Decimal(k + 1) / 1000)
        for k in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("name", VENUES)
def test_given_orders_come_at_full_speed_each_once_over_three_cuts(tape: Tape, name: str) -> None:
    orders = _many(2000)
    faults = [Fault("disconnect", name, chance=0.01, times=3)]
    with market_of(tape, faults=faults, seed=5, forced={name: orders}) as market:
        heard = asyncio.run(_hear(market, name, len(orders)))
    assert market.connections[name] == 4
    assert [(int(o.at.timestamp() * 1000 + 0.5), o.asset, o.side, o.usd) for o in heard] == [
        (o.at_ms, o.asset, o.side, o.usd) for o in orders
    ]
    assert market.frames[name] == 2000


def test_a_repeated_frame_is_told_apart_by_its_words(tape: Tape) -> None:
    orders = _many(300)
    with market_of(tape, faults=[Fault("duplicate", "okx", times=50)], forced={"okx": orders}) as market:
        heard = asyncio.run(_hear(market, "okx", 350))
    assert market.frames["okx"] == 350
    assert Counter(o.order for o in heard).most_common(51)[49:] == [(heard[98].order, 2), (heard[100].order, 1)]
    assert _sums({o.order: o for o in heard}.values()) == _sums(orders)


@pytest.mark.slow
def test_a_hundred_thousand_frames_with_three_cuts(tape: Tape) -> None:
    orders = _many(100_000)
    with market_of(tape, faults=[Fault("disconnect", chance=0.0005, times=3)], seed=2, forced={"binance_futures": orders}) as market:
        heard = asyncio.run(_hear(market, "binance_futures", len(orders)))
    assert market.connections["binance_futures"] == 4
    assert _sums(heard) == _sums(orders)


def test_what_venues_leave_out_is_all_but_the_last_order_of_a_second() -> None:
    orders = [Order(1000 * s + at, a, "long", Decimal(100), Decimal(1)) for s, at, a in
              ((1, 5, "BTC"), (1, 900, "BTC"), (1, 950, "ETH"), (2, 1, "BTC"))]  # fmt: skip
    assert throttled(orders) == orders[1:]


def test_a_throttled_market_tells_less(tape: Tape) -> None:
    """Four hours of 5 August 2024, with two hundred orders of each asset and side."""
    crash = NOON.replace(year=2024, month=8, day=5, hour=4, minute=0)
    clock = SteppedClock(crash)
    whole = _followed(tape, "okx", crash, crash + timedelta(hours=4))
    kept = [o for o in throttled(whole) if o.asset in ASSETS]
    assert len(kept) < len(whole)

    async def run(market: RehearsalMarket) -> list[ForcedOrder]:
        async with connect(market.stream_urls["okx"], proxy=None, close_timeout=0.2) as socket:
            await _subscribe("okx", socket)
            await asyncio.sleep(0.1)
            clock.advance(timedelta(hours=4))
            found: list[ForcedOrder] = []
            async with asyncio.timeout(10):
                while len(found) < len(kept):
                    found += [o for o in _parsed("okx", await socket.recv()) if o.asset in ASSETS]
            await asyncio.sleep(0.1)
            return found

    with RehearsalMarket(tape, clock, throttled=True) as market:
        heard = asyncio.run(run(market))
    assert {o.at.timestamp() for o in heard} == {o.at_ms / 1000 for o in kept}
