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

__all__ = ["Refusal", "Scene", "Wire", "dumps", "ms", "plain"]


class Refusal(Exception):
    """The provider's own way to say no: a status and a body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"status {status}")
        self.status, self.body = status, body


@dataclass(frozen=True)
class Scene:
    """The market at one moment, as a provider would know it.

    Attributes:
        factor: What every price of a ticker is multiplied by: a bad tick has 10.
    """

    at: datetime
    tape: Tape
    factor: Decimal = Decimal(1)

    @cached_property
    def view(self) -> View:
        """The published values that were known."""
        return self.tape.view(self.at)

    def price(self, asset: str, venue: str = "binance", back: timedelta = timedelta(0)) -> Decimal | None:
        """The last price, or that of a while ago."""
        found = self.tape.price(asset, self.at - back, venue)
        return None if found is None else found * (self.factor if not back else 1)

    def span(self, asset: str, back: timedelta, venue: str = "binance") -> Bar | None:
        """The bar of the time up to now."""
        return self.tape.bar(asset, self.at - back, self.at, venue)

    def bars(self, asset: str, span: timedelta, count: int, venue: str = "binance") -> list[Bar]:
        """The last bars, oldest first; the last one is still open."""
        return self.tape.bars(asset, span, self.at, count, venue)

    def orders(self, venue: str, back: timedelta) -> list[Order]:
        """The forced orders of the time up to now."""
        return self.tape.orders(venue, self.at - back, self.at)

    def made_up(self, name: str, base: str, swing: str = "0.02") -> Decimal:
        """A value that the history has not: always the same for a name and a moment, slowly going up and down around its base."""
        turn = math.sin(self.at.timestamp() / 86_400 + crc32(name.encode()) % 360)
        return (Decimal(base) * (1 + Decimal(swing) * Decimal(turn))).quantize(Decimal("0.00001"), ROUND_HALF_EVEN)

    def run(self, series: str, subject: str, **narrow: str) -> Run | None:
        """The published values of a series, oldest first; None where there are none."""
        found = self.view.run(series, subject, **narrow)
        return None if isinstance(found, Absent) else found


Write = Callable[[Scene, Mapping[str, str]], bytes]


@dataclass(frozen=True, slots=True)
class Wire:
    """How one source answers: by endpoint. `frames` writes a forced order as its stream sends it."""

    endpoints: Mapping[str, Write]
    frames: Callable[[Sequence[Order]], list[str]] | None = None
    replies: Callable[[str], list[str]] = field(default=lambda message: [])  # what the stream answers to a message


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
