"""Asking a rehearsal market as the newsroom does: through `gather`, over real sockets; and reading what a wire writes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from newsgen.gather import Gathered, Request, gather, parse_payload, sources
from newsgen.gather._http import Caps
from newsgen.market import Reading
from newsgen.testing.market import RehearsalMarket, Scene, SteppedClock, Tape, wires

NOON = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")
QUICK = Caps(connect_s=1, total_s=1, attempts=2, first_wait_s=0.01, pace=100_000)
# A session in progress, midnight to the second, a weekend, a crash, and days of which the samples have no bars of four hours.
MOMENTS = [
    datetime(2025, 7, 14, 15, 30, 7, tzinfo=UTC),
    datetime(2025, 3, 1, tzinfo=UTC),
    datetime(2025, 7, 12, 18, 59, 59, tzinfo=UTC),
    datetime(2024, 8, 5, 6, 1, tzinfo=UTC),
    datetime(2024, 3, 14, 8, 0, 1, tzinfo=UTC),
]


def asked(
    market: RehearsalMarket, names: Sequence[str], only: Mapping[str, Sequence[Request]] | None = None, caps: Caps = QUICK
) -> Gathered:
    """One round, of these questions or of the sources' own."""
    return asyncio.run(gather(names, ("BTC", "ETH"), market.clock, base_urls=market.base_urls, caps=caps, only=only))


def market_of(tape: Tape, at: datetime = NOON, **more: Any) -> RehearsalMarket:
    return RehearsalMarket(tape, SteppedClock(at), **more)


def written(tape: Tape, source: str, at: datetime, endpoint: str, **params: str) -> bytes:
    """The bytes of an answer."""
    moments = sources()[source].endpoints[endpoint].moments_at(at)
    return wires()[source].endpoints[endpoint](Scene(at, tape), {**moments, **params})


def told(tape: Tape, source: str, at: datetime, endpoint: str, **params: str) -> list[Reading]:
    """What the source's own parser makes of the bytes that its wire writes."""
    return parse_payload(source, endpoint, params, written(tape, source, at, endpoint, **params), at)


def values(readings: Sequence[Reading], series: str, **narrow: str) -> dict[datetime, Decimal]:
    """Of one series the values by moment; `narrow` by fields of the key."""
    return {
        r.observed_at: r.value
        for r in readings
        if r.key.series == series and all(getattr(r.key, name) == value for name, value in narrow.items())
    }


def only(readings: Sequence[Reading], series: str, **narrow: str) -> Decimal:
    """The one value of a series."""
    [value] = values(readings, series, **narrow).values()
    return value
