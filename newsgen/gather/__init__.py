"""Gathering: asks the sources and parses what they send; in: sources and assets, out: readings, payloads and failures.

One dead source never harms another: its failure stands beside the readings of the rest. asyncio and httpx are loaded only when
something is fetched.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from newsgen.discover import load_constants
from newsgen.errors import ConfigError, GatherError, NewsgenError
from newsgen.gather._source import Answer, Endpoint, Request, Source, Terms, each_once
from newsgen.market import Reading

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    from newsgen.gather._http import Caps
    from newsgen.gather._listen import Patience
    from newsgen.story import Post

__all__ = [
    "Asked",
    "Endpoint",
    "Gathered",
    "Payload",
    "Request",
    "Source",
    "Terms",
    "gather",
    "listen",
    "parse_payload",
    "posts_of",
    "sources",
    "terms_of",
]


@dataclass(frozen=True, slots=True)
class Payload:
    """The bytes of one answer, as they came."""

    source: str
    request: Request
    body: bytes
    fetched_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one question."""

    source: str
    request: Request
    at: datetime
    failure: GatherError | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one round brought."""

    readings: tuple[Reading, ...]
    failures: tuple[GatherError, ...]
    payloads: tuple[Payload, ...]
    asked: tuple[Asked, ...] = ()
    calls: Mapping[str, int] = field(default_factory=dict)  # by source: how many of its limit the round has used
    left: Mapping[str, int] = field(default_factory=dict)  # by source: how many it says are left


@cache
def sources() -> Mapping[str, Source]:
    """Every source of this folder, by name."""
    return load_constants(sys.modules[__name__], "SOURCE", Source)


def _source(name: str) -> Source:
    """One source; loads only its own module, so that a preview starts at once."""
    try:
        module = import_module(f"{__name__}.{name}")
    except ModuleNotFoundError:
        raise ConfigError(f"no source {name!r}; there are: {', '.join(sources())}") from None
    found = getattr(module, "SOURCE", None)
    if name.startswith("_") or not isinstance(found, Source):
        raise ConfigError(f"no source {name!r}; there are: {', '.join(sources())}")
    return found


def terms_of(source: str) -> Terms | None:
    """What the owner of a source allows and asks; None of what is no source here (a reading by hand, an imported history)."""
    try:
        return _source(source).terms
    except ConfigError:
        return None


def parse_payload(
    source: str, endpoint: str, params: Mapping[str, str], body: bytes, fetched_at: datetime, source_name: str | None = None
) -> list[Reading]:
    """The readings of bytes that a source sent.

    Args:
        source_name: What is printed as the source instead of the source's own name.

    Raises:
        ConfigError: Source or endpoint is unknown.
        GatherError: The source refuses in its answer, or the payload has another shape; names the field.
    """
    known = _source(source)
    if endpoint not in known.endpoints:
        raise ConfigError(f"{source} has no endpoint {endpoint!r}; there are: {', '.join(known.endpoints)}")
    page = known.page if source_name is None else ""
    answer = Answer(source, source_name or known.title, Request(endpoint, params), body, fetched_at, page)
    try:
        return each_once(answer, known.parse(answer))
    except NewsgenError:
        raise
    except (ArithmeticError, TypeError, ValueError, LookupError, OverflowError) as error:
        raise answer.bad("body", f"cannot be read: {error}") from error


async def gather(
    names: Sequence[str],
    assets: Sequence[str],
    now: Callable[[], datetime],
    *,
    base_urls: Mapping[str, str] | None = None,
    keys: Mapping[str, str] | None = None,
    caps: Caps | None = None,
    only: Mapping[str, Sequence[Request]] | None = None,
    contact: str = "",
    heard: Callable[[Asked], None] | None = None,
) -> Gathered:
    """Ask sources once, all at the same time.

    Args:
        names: Which sources.
        assets: Which assets to ask for.
        now: The clock, asked when an answer has arrived.
        base_urls: Other addresses per source (a rehearsal server).
        keys: Keys per source.
        only: Other requests per source than its own.
        contact: Whom a source can write to.
        heard: Told of each question as soon as it is answered, or has failed.
    """
    import asyncio

    from newsgen.gather._http import open_fetcher

    wanted = [(s, r) for name in names for s in (_source(name),) for r in (only or {}).get(name, s.requests(assets))]
    readings: list[Reading] = []
    asked: list[Asked] = []
    payloads: list[Payload] = []
    async with open_fetcher(base_urls or {}, keys or {}, caps, now, contact) as fetcher:

        async def one(source: Source, request: Request) -> None:
            failure: GatherError | None = None
            try:
                body = await fetcher.fetch(source, request)
                at = now()
                payloads.append(Payload(source.name, request, body, at, hashlib.sha256(body).hexdigest()))
                readings.extend(parse_payload(source.name, request.endpoint, request.params, body, at))
            except GatherError as error:
                failure = error
                failure.fetched_at = failure.fetched_at or now()
            asked.append(Asked(source.name, request, now(), failure))
            if heard is not None:
                heard(asked[-1])

        await asyncio.gather(*(one(s, r) for s, r in wanted))
    failures = tuple(a.failure for a in asked if a.failure is not None)
    return Gathered(tuple(readings), failures, tuple(payloads), tuple(asked), dict(fetcher.calls), dict(fetcher.left))


async def posts_of(address: str, now: Callable[[], datetime]) -> list[Post]:
    """What people have published on the desk's own site of late, by its feed or its WordPress API.

    Raises:
        GatherError: The site does not answer, or not with posts.
    """
    from newsgen.gather._posts import fetch_posts

    return await fetch_posts(address, now)


async def listen(
    names: Sequence[str],
    assets: Sequence[str],
    now: Callable[[], datetime],
    keep: Callable[[Sequence[Reading]], Awaitable[None]],
    stop: asyncio.Event,
    *,
    urls: Mapping[str, str] | None = None,
    patience: Patience | None = None,
) -> None:
    """Follow the liquidations that sources stream, until `stop`; whatever a venue does, it does not end by itself.

    Args:
        names: Which sources; those without a stream are passed over.
        assets: Whose liquidations are counted.
        now: The clock.
        keep: Gets the readings of each minute once it is closed; those that it cannot keep come again.
        urls: Other addresses per source (a rehearsal server).
    """
    from newsgen.gather._listen import follow

    await follow([_source(name) for name in names], assets, now, keep, stop, urls=urls, patience=patience)
