"""Fetching: the one module of gather that speaks HTTP; in: a Source and a Request, out: the bytes of the answer.

Time-outs (connect 5 s, all 30 s by a wall clock), a cap on the decompressed size, at most three redirects and none that leaves the
host or its scheme, no proxy or .netrc from the environment, one retry policy with Retry-After, a rate limit per source that holds from
round to round. Keys travel in headers and stand in no error and in no stored answer, not even if the source repeats them.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote
from weakref import WeakKeyDictionary

import httpx
import stamina
import structlog
from aiolimiter import AsyncLimiter

from newsgen.errors import GatherError, SourceRefused, SourceUnavailable
from newsgen.gather._source import Request, Source

__all__ = ["Caps", "Fetcher", "open_fetcher", "retry_after_s"]

# Farside and Yahoo refuse what does not begin like a browser; the rest says honestly who asks.
USER_AGENT = "Mozilla/5.0 (compatible; newsgen/0.1; newsroom engine; contact the operator of this site)"
_LONGEST_WAIT_S = 60.0
_MOST_HOPS = 3
_SHORTEST_KEY = 8  # a shorter text is no secret, and replacing it would damage an answer
_log = structlog.get_logger("gather")
_LIMITS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, AsyncLimiter]] = WeakKeyDictionary()


def _note_retry(details: stamina.instrumentation.RetryDetails) -> None:
    _log.debug("gather.retry", problem=str(details.caused_by), wait_s=round(details.wait_for, 1))


stamina.instrumentation.set_on_retry_hooks([_note_retry])  # its own line is a warning each, hundreds when a network is down


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits of one exchange. Units: seconds, bytes."""

    connect_s: float = 5.0
    total_s: float = 30.0
    size: int = 20_000_000
    attempts: int = 3
    first_wait_s: float = 0.5
    round_s: float = 45.0  # one request with its attempts and waits: nobody waits longer for a round, nor for the service to stop


@dataclass(slots=True)
class Fetcher:
    """Fetches answers over one client, within each source's rate."""

    client: httpx.AsyncClient
    caps: Caps
    base_urls: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    _limits: dict[str, AsyncLimiter] = field(default_factory=dict)

    async def fetch(self, source: Source, request: Request) -> bytes:
        """The answer's bytes.

        Raises:
            SourceUnavailable: After the last attempt, or when the round is over. SourceRefused: at once.
        """
        try:
            async with asyncio.timeout(self.caps.round_s):
                return await self._attempts(source, request)
        except TimeoutError:
            problem = f"no answer within the {self.caps.round_s:g} s of a round"
            raise SourceUnavailable(source.name, request.endpoint, problem) from None

    async def _attempts(self, source: Source, request: Request) -> bytes:
        limiter = self._limiter(source)

        def worth_another(error: Exception) -> bool | float:
            if not isinstance(error, SourceUnavailable):
                return False
            return error.retry_after_s if error.retry_after_s is not None else True

        async for attempt in stamina.retry_context(
            on=worth_another,
            attempts=self.caps.attempts,
            wait_initial=self.caps.first_wait_s,
            wait_jitter=self.caps.first_wait_s,
            wait_max=10.0,
            timeout=None,
        ):
            with attempt:
                async with limiter:
                    return await self._once(source, request)
        raise SourceUnavailable(source.name, request.endpoint, "no attempt was made")

    def _limiter(self, source: Source) -> AsyncLimiter:
        """The limiter of a source: one for all rounds of a loop at its own address, one for this round at another address."""
        limits = self._limits if source.name in self.base_urls else _LIMITS.setdefault(asyncio.get_running_loop(), {})
        return limits.setdefault(source.name, AsyncLimiter(source.calls, source.per_s))

    async def _once(self, source: Source, request: Request) -> bytes:
        try:
            return _without_key(await self._timed(source, request), self.keys.get(source.name, ""))
        except GatherError as failure:
            failure.url = failure.url or self._address(source, request)[0]
            raise

    async def _timed(self, source: Source, request: Request) -> bytes:
        try:
            async with asyncio.timeout(self.caps.total_s):
                return await self._exchange(source, request)
        except TimeoutError as error:
            raise SourceUnavailable(source.name, request.endpoint, f"no answer within {self.caps.total_s:g} s") from error
        except httpx.TimeoutException as error:
            raise SourceUnavailable(source.name, request.endpoint, f"timed out ({type(error).__name__})") from error
        except httpx.HTTPError as error:
            raise SourceUnavailable(source.name, request.endpoint, f"connection failed ({type(error).__name__})") from error
        except (httpx.InvalidURL, UnicodeError, OverflowError, ExceptionGroup) as error:  # a port of 99999 comes as a group
            raise SourceRefused(source.name, request.endpoint, "the address, or one it redirects to, is malformed") from error

    async def _exchange(self, source: Source, request: Request) -> bytes:
        address, params = self._address(source, request)
        url = httpx.URL(address, params=params)
        headers = self._headers(source, request)
        for _ in range(_MOST_HOPS + 1):
            async with self.client.stream("GET", url, headers=headers) as answer:
                if not answer.has_redirect_location:
                    _judge(source, request, answer)
                    return await self._read(source, request, answer)
                url = _next_hop(source, request, answer)
        raise SourceRefused(source.name, request.endpoint, f"redirects more than {_MOST_HOPS} times")

    async def _read(self, source: Source, request: Request, answer: httpx.Response) -> bytes:
        if answer.headers.get("content-encoding", "").strip().lower() not in ("", "identity", "gzip"):  # gzip in gzip is a bomb
            raise SourceRefused(source.name, request.endpoint, "the answer is packed in a way that was not asked for")
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > self.caps.size:
                raise SourceRefused(source.name, request.endpoint, f"the answer is larger than {self.caps.size} bytes")
        return bytes(body)

    def _address(self, source: Source, request: Request) -> tuple[str, dict[str, str]]:
        endpoint = source.endpoints[request.endpoint]
        inside = {name: quote(request.params[name], safe="") for name in endpoint.path_params}
        params = {**endpoint.fixed, **{k: v for k, v in request.params.items() if k not in inside}}
        base = self.base_urls.get(source.name, source.base_url).rstrip("/")
        return base + endpoint.path.format(**inside), params

    def _headers(self, source: Source, request: Request) -> dict[str, str]:
        key = self.keys.get(source.name, "")
        if not (key and source.key_header):
            return {}
        if not (key.isascii() and key.isprintable() and key == key.strip()):  # the client's own error would print it
            raise SourceRefused(source.name, request.endpoint, "the key holds a blank, a line end or a letter that no header can carry")
        return {source.key_header: key}


def _without_key(body: bytes, key: str) -> bytes:
    """An answer in which the source may have repeated the key: it must not reach the archive, a log or an error."""
    if len(key) >= _SHORTEST_KEY:
        for form in sorted({key, json.dumps(key)[1:-1], key.replace("/", "\\/"), quote(key, safe="")}, key=len, reverse=True):
            body = body.replace(form.encode(), b"[key]")
    return body


def _next_hop(source: Source, request: Request, answer: httpx.Response) -> httpx.URL:
    """Where a redirect leads; one to another host, port or scheme is refused, so a key never travels there."""
    target = answer.url.join(answer.headers["location"])
    here = answer.url
    if (target.scheme, target.host, target.port, target.userinfo) != (here.scheme, here.host, here.port, here.userinfo):
        raise SourceRefused(source.name, request.endpoint, f"redirects to another address, {target.scheme}://{target.host[:80]}")
    return target


def _judge(source: Source, request: Request, answer: httpx.Response) -> None:
    """Turn a status into an error of our tree; the body of a failure is not read into it, since it may repeat a key."""
    status = answer.status_code
    if status == 200:
        return
    where = (source.name, request.endpoint)
    if status in (401, 403, 407, 451):
        reason = {401: "the key is missing or rejected", 451: "refused in this region"}.get(status, "refused")
        raise SourceRefused(*where, f"{reason} (status {status})")
    if status in (418, 429):
        raise SourceUnavailable(*where, f"rate limit (status {status})", retry_after_s=_wait(answer))
    if status >= 500 or status == 408:
        raise SourceUnavailable(*where, f"status {status}", retry_after_s=_wait(answer))
    if 300 <= status < 400:
        raise SourceRefused(*where, f"redirects to another address (status {status})")
    raise SourceRefused(*where, f"status {status}")


def _wait(answer: httpx.Response) -> float | None:
    return retry_after_s(answer.headers.get("retry-after", ""), datetime.now(UTC))


def retry_after_s(text: str, now: datetime) -> float | None:
    """Retry-After in seconds, from a number or an HTTP date; capped at a minute; None when there is none."""
    if not text.strip():
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - now).total_seconds()
        except (TypeError, ValueError, OverflowError):
            return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _LONGEST_WAIT_S)


@asynccontextmanager
async def open_fetcher(
    base_urls: Mapping[str, str], keys: Mapping[str, str], caps: Caps | None = None
) -> AsyncIterator[Fetcher]:  # fmt: skip
    """A fetcher with a client of its own."""
    caps = caps or Caps()
    timeout = httpx.Timeout(caps.total_s, connect=caps.connect_s)
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}
    async with httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False, headers=headers) as client:
        yield Fetcher(client, caps, base_urls, keys)
