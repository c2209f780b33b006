"""Asking a rehearsal market as the newsroom does: through `gather`, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from newsgen.gather import Gathered, Request, gather, sources
from newsgen.gather._http import Caps
from newsgen.market import Reading
from newsgen.testing._wire import Refusal, Scene
from newsgen.testing.market import RehearsalMarket, SteppedClock, Tape, wires

NOON = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")
QUICK = Caps(connect_s=1, total_s=1, attempts=2, first_wait_s=0.01, pace=100_000)


def asked(
    market: RehearsalMarket, names: Sequence[str], only: Mapping[str, Sequence[Request]] | None = None, caps: Caps = QUICK
) -> Gathered:
    """One round, of these questions or of the sources' own."""
    return asyncio.run(gather(names, ("BTC", "ETH"), market.clock, base_urls=market.base_urls, caps=caps, only=only))


def market_of(tape: Tape, at: datetime = NOON, **more: Any) -> RehearsalMarket:
    return RehearsalMarket(tape, SteppedClock(at), **more)


def told(tape: Tape, source: str, request: Request, at: datetime = NOON) -> list[Reading]:
    """What the source's own parser makes of the bytes that its wire writes."""
    from newsgen.gather import parse_payload

    return parse_payload(source, request.endpoint, request.params, written(tape, source, request, at), at)


def written(tape: Tape, source: str, request: Request, at: datetime = NOON) -> bytes:
    """The bytes of an answer."""
    known = sources()[source].endpoints[request.endpoint]
    try:
        return wires()[source].endpoints[request.endpoint](Scene(at, tape), {**known.moments_at(at), **request.params})
    except Refusal as refusal:
        assert isinstance(refusal.body, bytes) or refusal.body
        raise


def values(readings: Sequence[Reading], series: str, **narrow: str) -> dict[Any, Any]:
    """Of one series the values by moment; `narrow` by fields of the key."""
    return {
        r.observed_at: r.value
        for r in readings
        if r.key.series == series and all(getattr(r.key, name) == value for name, value in narrow.items())
    }
