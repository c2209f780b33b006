"""The kit of a wire: how a provider writes what the tape says; in: a scene and the parameters of a question, out: bytes.

One module in `_wires/` for each source, with `WIRE`. A wire names endpoints, never paths: these are the source's own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import Any
from zlib import crc32

from newsgen.market import Absent, Run, View
from newsgen.testing._tape import Bar, Order, Tape

__all__ = ["Refusal", "Scene", "StreamWire", "Wire", "Write", "dumps", "ms", "plain"]


class Refusal(Exception):
    """The provider's own way to say no: a status and a body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"status {status}")
        self.status, self.body = status, body


@dataclass(frozen=True)
class Scene:
    """The market at one moment, in whole seconds, as a provider would know it.

    Attributes:
        factor: What the newest price of the first asset that is asked for is multiplied by: a bad tick has 10.
    """

    at: datetime
    tape: Tape
    factor: Decimal = Decimal(1)
    _struck: list[str] = field(default_factory=list, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", self.at.replace(microsecond=0))

    @cached_property
    def view(self) -> View:
        """The published values that were known."""
        return self.tape.view(self.at)

    def _tick(self, asset: str) -> Decimal:
        if self.factor != 1 and not self._struck:
            self._struck.append(asset)
        return self.factor if self._struck == [asset] else Decimal(1)

    def price(self, asset: str, venue: str = "binance", back: timedelta = timedelta(0)) -> Decimal | None:
        """The last price, or that of a while ago."""
        found = self.tape.price(asset, self.at - back, venue)
        return None if found is None else found * (self._tick(asset) if not back else 1)

    def span(self, asset: str, back: timedelta, venue: str = "binance") -> Bar | None:
        """The bar of the time up to now."""
        bar, tick = self.tape.bar(asset, self.at - back, self.at, venue), self._tick(asset)
        return bar if bar is None or tick == 1 else bar._replace(close=bar.close * tick, high=max(bar.high, bar.close * tick))

    def bars(self, asset: str, span: timedelta, count: int, venue: str = "binance") -> list[Bar]:
        """The last bars, oldest first; the last one is still open. A bad tick is the high of the last that has closed."""
        made, tick = self.tape.bars(asset, span, self.at, count, venue), self._tick(asset)
        if tick != 1 and len(made) > 1:
            made[-2] = made[-2]._replace(high=made[-2].high * tick)
        return made

    def orders(self, venue: str, back: timedelta) -> list[Order]:
        """The forced orders of the time up to now."""
        return self.tape.orders(venue, self.at - back, self.at)

    def made_up(self, name: str, base: str, swing: str = "0.02", at: datetime | None = None) -> Decimal:
        """A value that the history has not: always the same for a name and a moment, slowly going up and down around its base."""
        turn = math.sin((at or self.at).timestamp() / 86_400 + crc32(name.encode()) % 360)
        return (Decimal(base) * (1 + Decimal(swing) * Decimal(turn))).quantize(Decimal("0.00001"), ROUND_HALF_EVEN)

    def run(self, series: str, subject: str, **narrow: str) -> Run | None:
        """The published values of a series, oldest first; None where there are none."""
        found = self.view.run(series, subject, **narrow)
        return None if isinstance(found, Absent) else found


Write = Callable[[Scene, Mapping[str, str]], bytes]


@dataclass(frozen=True, slots=True)
class StreamWire:
    """How a venue streams its forced orders.

    Attributes:
        venue: Whose orders of the tape these are.
        frames: Writes orders as text frames.
        topic: What must be subscribed to hear of an order; "" where the address alone is enough.
        replies: What is answered to a message of the listener, whose topics it may change.
    """

    venue: str
    frames: Callable[[Sequence[Order]], list[str]]
    topic: Callable[[Order], str] = lambda order: ""
    replies: Callable[[str, set[str]], list[str]] = lambda message, topics: []


@dataclass(frozen=True, slots=True)
class Wire:
    """How one source answers, by endpoint. `refusals`: by kind of fault, where the provider has its own status and body for it."""

    endpoints: Mapping[str, Write]
    stream: StreamWire | None = None
    refusals: Mapping[str, tuple[int, Any]] = field(default_factory=dict)


def dumps(value: Any) -> bytes:
    """JSON as providers send it; a Decimal is a number."""
    return json.dumps(value, separators=(",", ":"), default=_number).encode()


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    raise TypeError(type(value).__name__)


def plain(value: Decimal) -> str:
    """A number as text."""
    return f"{value:f}"


def ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)
