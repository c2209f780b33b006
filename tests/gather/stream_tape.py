"""A venue on loopback that plays a tape of liquidation frames at full speed, with forced disconnects; what must come of it is known.

The truth is counted from the coins, prices and sides that the frames are made of, never from a parser. Every number of thirteen digits in a
frame is a time, and the newest one seen is the listener's clock: so hours of a market pass in seconds.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve

from newsgen.gather._source import ForcedOrder, Source

ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE")
PRICES = {"BTC": 120_000, "ETH": 3000, "SOL": 160, "XRP": 3, "DOGE": "0.2"}
CONTRACTS = {"BTC": "0.01", "ETH": "0.1", "SOL": "1", "XRP": "100", "DOGE": "1000"}  # OKX: coins of one
START_MS = 1_752_494_430_000  # 2025-07-14T12:00:30Z: no order of the tape is of a minute before
TAIL = 40  # frames before a disconnect that are sent again after it
END = "the tape ends"

Sums = dict[tuple[int, str, str], Decimal]  # minute's start, asset, side


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame and what it tells."""

    at_ms: int
    text: str
    orders: tuple[tuple[int, str, str, Decimal], ...]  # minute, asset, side, dollars


@dataclass(slots=True)
class Tape:
    """What one venue sends, and where it drops the line: frame number -> frames that nobody hears."""

    venue: str
    frames: Sequence[Frame]
    drops: dict[int, int] = field(default_factory=dict)

    def hidden(self) -> set[int]:
        return {i for at, count in self.drops.items() for i in range(at, at + count)}

    def truth(self, *, all_of_it: bool = False) -> Sums:
        """Per minute, asset and side: what was sent; or all that happened."""
        sums: Sums = defaultdict(Decimal)
        hidden = set() if all_of_it else self.hidden()
        for i, frame in enumerate(self.frames):
            for minute, asset, side, usd in frame.orders if i not in hidden else ():
                sums[minute, asset, side] += usd
        return dict(sums)

    def gaps(self) -> list[tuple[int, int]]:
        """Milliseconds between the last frame before a disconnect and the first one after it."""
        return [(max(f.at_ms for f in self.frames[:at]), self.frames[at + count].at_ms) for at, count in sorted(self.drops.items())]


def make_tape(venue: str, frames: int, *, seed: int = 1, step_ms: int = 400, drops: Sequence[int] = (), hide: int = 300) -> Tape:
    """A tape of so many frames, one each `step_ms` of the market's time; a frame in seven is of something that nobody follows."""
    rng = random.Random(f"{venue}{seed}")
    made = [_frame(venue, rng, START_MS + i * step_ms, i) for i in range(frames)]
    return Tape(venue, made, dict.fromkeys(drops, hide))


def _frame(venue: str, rng: random.Random, at: int, number: int) -> Frame:
    asset, side = rng.choice(ASSETS), rng.choice(("long", "short"))
    ordered = at - rng.randrange(2000)
    price = Decimal(PRICES[asset]) * (10_000 + rng.randrange(-300, 300)) / 10_000
    size = Decimal(rng.randrange(1, 9000)) / 1000
    stranger = number % 7 == 3
    coins = size if venue != "okx" else size * Decimal(CONTRACTS[asset])
    text = _TEXTS[venue]("PEPE" if stranger else asset, side, str(size), f"{price:f}", ordered, at)
    return Frame(at, text, () if stranger else ((ordered // 60_000, asset, side, coins * price),))


def _binance(asset: str, side: str, size: str, price: str, ordered: int, at: int) -> str:
    order = {"s": f"{asset}USDT", "S": "SELL" if side == "long" else "BUY", "o": "LIMIT", "f": "IOC", "q": size, "p": price, "ap": price,
             "X": "FILLED", "l": size, "z": size, "T": ordered}  # fmt: skip
    return json.dumps({"stream": "!forceOrder@arr", "data": {"e": "forceOrder", "E": at, "o": order}})


def _bybit(asset: str, side: str, size: str, price: str, ordered: int, at: int) -> str:
    row = {"T": ordered, "s": f"{asset}USDT", "S": "Buy" if side == "long" else "Sell", "v": size, "p": price}
    return json.dumps({"topic": f"allLiquidation.{asset}USDT", "type": "snapshot", "ts": at, "data": [row]})


def _okx(asset: str, side: str, size: str, price: str, ordered: int, at: int) -> str:
    row = {"bkLoss": "0", "bkPx": price, "ccy": "", "posSide": side, "side": "sell" if side == "long" else "buy", "sz": size,
           "ts": str(ordered)}  # fmt: skip
    body = {"details": [row], "instId": f"{asset}-USDT-SWAP", "instType": "SWAP", "uly": f"{asset}-USDT"}
    return json.dumps({"arg": {"channel": "liquidation-orders", "instType": "SWAP", "at": str(at)}, "data": [body]})


_TEXTS = {"binance": _binance, "bybit": _bybit, "okx": _okx}
_RECEIPTS = {
    "binance": lambda at, said: json.dumps({"result": said, "id": at}),
    "bybit": lambda at, said: json.dumps({"success": True, "ret_msg": said, "conn_id": str(at), "op": "subscribe"}),
    "okx": lambda at, said: json.dumps({"event": "subscribe", "msg": said, "connId": str(at)}),
}


class VenueServer:
    """Plays a tape to whoever connects; a frame in fifty is sent twice at once, and what was last sent once more after a disconnect."""

    def __init__(self, tape: Tape) -> None:
        self.tape, self.at, self.connections, self.sent, self.repeated = tape, 0, 0, 0, 0
        self._drops = sorted(tape.drops)

    async def open(self) -> tuple[Server, str]:
        server = await serve(self._play, "127.0.0.1", 0, compression=None, ping_interval=None)
        return server, f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"

    async def _play(self, connection: ServerConnection) -> None:
        tape, kind = self.tape, self.connections
        self.connections += 1
        await connection.send(_RECEIPTS[tape.venue](tape.frames[self.at].at_ms, ""))
        for text in self._again():
            await connection.send(text)
        stop = next((at for at in self._drops if at >= self.at and at != self.at), len(tape.frames))
        for frame in tape.frames[self.at : stop]:
            await connection.send(frame.text)
            self.sent += 1
            if self.sent % 50 == 0:
                await connection.send(frame.text)
                self.repeated += 1
        await (await connection.ping())  # all of it has arrived: what a disconnect hides is exactly what is not sent
        self.at = stop + tape.drops.get(stop, 0)
        if stop == len(tape.frames):
            await connection.send(_RECEIPTS[tape.venue](tape.frames[-1].at_ms, END))
            await connection.wait_closed()
            return
        await _drop(connection, kind % 3)

    def _again(self) -> list[str]:
        before = self.at - self.tape.drops.get(self._before(), 0) if self.at else 0
        found = [f.text for f in self.tape.frames[max(0, before - TAIL) : before]]
        self.repeated += len(found)
        return found

    def _before(self) -> int:
        return max((at for at in self._drops if at < self.at), default=0)


async def _drop(connection: ServerConnection, kind: int) -> None:
    """With a close frame, without one, or by a reset."""
    if kind == 0:
        await connection.close(1012, "maintenance")
    elif kind == 1:
        connection.transport.close()
    else:
        raw = connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.transport.abort()


_TIME = re.compile(r"\d{13}")


class TapeClock:
    """The newest time that a source has heard; and the source whose parser tells it."""

    def __init__(self, source: Source, stop: asyncio.Event) -> None:
        assert source.stream is not None
        self._ms, self._parse, self._stop = START_MS, source.stream.parse, stop
        self.frames = 0
        self.source = replace(source, stream=replace(source.stream, parse=self._hear, ping_every_s=3600.0))

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self._ms / 1000, UTC)

    def _hear(self, frame: str, at: datetime) -> list[ForcedOrder]:
        self.frames += 1
        self._ms = max(self._ms, *map(int, _TIME.findall(frame)))
        if END in frame:
            self._stop.set()
        return self._parse(frame, self())


def sums_of(readings: Iterator[Any] | Sequence[Any]) -> Sums:
    """What the readings say, in the form of the truth."""
    sums: Sums = {}
    for r in readings:
        if r.key.series.startswith("liq.bucket_"):
            key = (int(r.observed_at.timestamp()) // 60 - 1, r.key.subject, r.key.series.removeprefix("liq.bucket_"))
            assert key not in sums, f"{key} twice"
            sums[key] = r.value
    return sums


def followed_of(readings: Sequence[Any]) -> dict[int, int]:
    """Seconds followed, by minute."""
    return {int(r.observed_at.timestamp()) // 60 - 1: int(r.value) for r in readings if r.key.series == "liq.followed_s"}
