"""The telling of a stream: one listener, from its first message until it leaves or the line is cut; in: orders, out: text frames."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

from newsgen.testing._faults import STREAM, Faults
from newsgen.testing._forced import Order
from newsgen.testing._tape import Tape
from newsgen.testing._wire import StreamWire

__all__ = ["Teller", "throttled"]

_LOOKS_EVERY_S = 0.02
_BREATHES_EVERY = 50  # frames


class _Market(Protocol):
    """What a teller needs to know of the market."""

    tape: Tape
    forced: Mapping[str, Sequence[Order]]
    throttled: bool
    frames: Counter[str]
    _faults: Faults
    _told: Counter[str]

    @property
    def clock(self) -> Callable[[], datetime]: ...


class Teller:
    """Tells one listener."""

    def __init__(self, market: _Market, name: str, wire: StreamWire, receive: Any, send: Any) -> None:
        self._market, self._name, self._wire = market, name, wire
        self._receive, self._send = receive, send
        self._topics: set[str] = {""}

    async def tell(self) -> None:
        """Until the listener leaves, or a fault cuts the line."""
        await self._send({"type": "websocket.accept"})
        listening = asyncio.ensure_future(self._listen())
        try:
            with suppress(ConnectionError, RuntimeError):  # it has left while we spoke
                await (self._given(listening) if self._name in self._market.forced else self._passing(listening))
        finally:
            listening.cancel()

    async def _listen(self) -> None:
        while (message := await self._receive())["type"] != "websocket.disconnect":
            for reply in self._wire.replies(message.get("text") or "", self._topics):
                await self._send({"type": "websocket.send", "text": reply})

    async def _passing(self, listening: asyncio.Future[None]) -> None:
        """The tape's orders, as the clock passes them."""
        told = self._market.clock()
        while not listening.done():
            now = self._market.clock()
            if now > told and not await self._frames(self._heard(self._market.tape.orders(self._wire.venue, told, now))):
                return
            told = max(now, told)
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def _given(self, listening: asyncio.Future[None]) -> None:
        """The given orders, one a frame; those whose topic nobody wants are passed over."""
        orders, market = self._market.forced[self._name], self._market
        while not listening.done():
            if market._told[self._name] >= len(orders) or (self._topics == {""} and self._wire.topic(orders[0])):
                await asyncio.sleep(_LOOKS_EVERY_S)
                continue
            order = orders[market._told[self._name]]
            if not await self._frames([order] if self._wire.topic(order) in self._topics else []):
                return
            market._told[self._name] += 1
            if market._told[self._name] % _BREATHES_EVERY == 0:
                await asyncio.sleep(0)

    def _heard(self, orders: Iterable[Order]) -> list[Order]:
        wanted = [order for order in orders if self._wire.topic(order) in self._topics]
        return throttled(wanted) if self._market.throttled else wanted

    async def _frames(self, orders: Sequence[Order]) -> bool:
        """Send the frames of orders; false when a fault has cut the line."""
        for frame in self._wire.frames(orders):
            fault = self._market._faults.draw(self._name, STREAM, self._market.clock())
            if fault is not None and fault.kind == "disconnect":
                await self._send({"type": "websocket.close", "code": 1012})
                return False
            for _ in range(1 if fault is None else 2):
                await self._send({"type": "websocket.send", "text": frame})
                self._market.frames[self._name] += 1
        return True


def throttled(orders: Iterable[Order]) -> list[Order]:
    """The last order of each asset in each second."""
    last: dict[tuple[str, int], Order] = {}
    for order in orders:
        last[order.asset, order.at_ms // 1000] = order
    return sorted(last.values())
