"""The rehearsal market: real sockets, the providers' own formats, any moment of a history, faults on demand.

In: a tape (`Tape.of_samples()`, or `Tape.of_files(folder)` of CSV history), a clock, faults. Out: a server whose `base_urls` go to
`newsgen.gather.gather` or into newsgen.toml. See docs/rehearsal.md.

    with RehearsalMarket(Tape.of_samples(), Clock(start, speed=60), faults=[Fault("too_many", "okx", chance=0.1)]) as market:
        found = asyncio.run(gather(["binance"], ["BTC"], market.clock, base_urls=market.base_urls))
"""

from __future__ import annotations

from newsgen.testing._clock import Clock, SteppedClock
from newsgen.testing._faults import KINDS, Fault
from newsgen.testing._forced import Order
from newsgen.testing._rehearse import Rehearsed, rehearse
from newsgen.testing._server import Call, RehearsalMarket, wires
from newsgen.testing._tape import Bar, Tape
from newsgen.testing._wire import Refusal, Scene, StreamWire, Wire

__all__ = [
    "KINDS",
    "Bar",
    "Call",
    "Clock",
    "Fault",
    "Order",
    "Refusal",
    "RehearsalMarket",
    "Rehearsed",
    "Scene",
    "SteppedClock",
    "StreamWire",
    "Tape",
    "Wire",
    "rehearse",
    "wires",
]
