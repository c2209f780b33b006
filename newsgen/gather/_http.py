"""Fetching: the one module of gather that speaks HTTP; in: a Source and a Request, out: the bytes of the answer.

Time-outs (connect 5 s, all 30 s by a wall clock), a cap on the decompressed size, at most three redirects and none that leaves the
host or its scheme, no proxy or .netrc from the environment, one retry policy with Retry-After, a rate limit per source that holds from
round to round. Keys travel in headers and stand in no error and in no stored answer, not even if the source repeats them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote
from weakref import WeakKeyDictionary

import httpx
import stamina
import structlog

from newsgen.errors import GatherError, KeyRefused, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather._rate import CallWindow
from newsgen.gather._source import Request, Source

__all__ = ["Caps", "Fetcher", "open_fetcher", "retry_after_s"]

# Farside and Yahoo refuse what does not begin like a browser; the rest says honestly who asks.
USER_AGENT = "Mozilla/5.0 (compatible; newsgen/0.1; newsroom engine; contact the operator of this site)"
_LONGEST_WAIT_S = 60.0
_OLDEST_S = 300  # of an answer from a cache on the way
_MOST_HOPS = 3
_SHORTEST_KEY = 8  # a shorter text is no secret, and replacing it would damage an answer
_log = structlog.get_logger("gather")
_LIMITS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, str], CallWindow]] = WeakKeyDictionary()
for _name in ("httpx", "httpcore"):  # they log whole addresses, and some hold a key
    logging.getLogger(_name).setLevel(logging.WARNING)


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
    pace: float = 1.0  # how much faster than ours the clock runs by which the sources count calls: that of a rehearsal
    round_s: float = 45.0  # one request with its attempts and waits: nobody waits longer for a round, nor for the service to stop


@dataclass(slots=True)
class Fetcher:
    """Fetches answers over one client, within each source's rate."""

    client: httpx.AsyncClient
    caps: Caps
    base_urls: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    contact: str = ""  # of the desk, for sources that want to know whom to write to
    calls: Counter[str] = field(default_factory=Counter)  # by source, every attempt counted with its cost
    left: dict[str, int] = field(default_factory=dict)  # by source, as the last answer said
    _hosts: dict[str, str] = field(default_factory=dict)  # by source, the mirror that answered

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
                async with limiter.turn(request.cost):
                    return await self._once(source, request)
        raise SourceUnavailable(source.name, request.endpoint, "no attempt was made")

    def _limiter(self, source: Source) -> CallWindow:
        """The limit of a source, one for all rounds of a loop at one address."""
        limits = _LIMITS.setdefault(asyncio.get_running_loop(), {})
        name = (source.name, self.base_urls.get(source.name, ""))
        return limits.setdefault(name, CallWindow(source.calls, source.per_s / self.caps.pace))

    async def _once(self, source: Source, request: Request) -> bytes:
        """One attempt; where the source refuses this region, its mirrors are tried."""
        own_address = source.name in self.base_urls or source.endpoints[request.endpoint].host
        hosts = [self._hosts.get(source.name, ""), *(() if own_address else source.mirrors)]
        while True:
            host = hosts.pop(0)
            try:
                found = await self._at(host, source, request)
            except RegionRefused:
                if not hosts:
                    raise
                continue
            self._hosts[source.name] = host
            return found

    async def _at(self, host: str, source: Source, request: Request) -> bytes:
        self.calls[source.name] += request.cost
        try:
            return _without_key(await self._timed(host, source, request), self.keys.get(source.name, ""))
        except GatherError as failure:
            failure.url = failure.url or ("" if source.fetch else self._address(host, source, request)[0])
            raise

    async def _timed(self, host: str, source: Source, request: Request) -> bytes:
        try:
            async with asyncio.timeout(self.caps.total_s):
                return await self._exchange(host, source, request)
        except TimeoutError as error:
            raise SourceUnavailable(source.name, request.endpoint, f"no answer within {self.caps.total_s:g} s") from error
        except httpx.TimeoutException as error:
            raise SourceUnavailable(source.name, request.endpoint, f"timed out ({type(error).__name__})") from error
        except httpx.HTTPError as error:
            raise SourceUnavailable(source.name, request.endpoint, f"connection failed ({type(error).__name__})") from error
        except (httpx.InvalidURL, UnicodeError, OverflowError, ExceptionGroup) as error:  # a port of 99999 comes as a group
            raise SourceRefused(source.name, request.endpoint, "the address, or one it redirects to, is malformed") from error

    async def _exchange(self, host: str, source: Source, request: Request) -> bytes:
        if source.fetch is not None:
            return await source.fetch(request, self.base_urls.get(source.name, ""))
        address, params = self._address(host, source, request)
        headers, secret = self._credentials(source, request)
        asks = source.endpoints[request.endpoint].method == "POST"
        url = httpx.URL(address, params=secret if asks else {**params, **secret})
        for _ in range(_MOST_HOPS + 1):
            method, content = ("POST", json.dumps(params)) if asks else ("GET", None)
            async with self.client.stream(method, url, headers=headers, content=content) as answer:
                if not answer.has_redirect_location or asks:
                    self._note_left(source, answer)
                    _judge(source, request, answer)
                    _refuse_old(source, request, answer)
                    return await self._read(source, request, answer)
                url = _next_hop(source, request, answer)
        raise SourceRefused(source.name, request.endpoint, f"redirects more than {_MOST_HOPS} times")

    def _note_left(self, source: Source, answer: httpx.Response) -> None:
        left = source.calls_left(answer.headers) if source.calls_left else None
        if left is not None:
            self.left[source.name] = left

    async def _read(self, source: Source, request: Request, answer: httpx.Response) -> bytes:
        if answer.headers.get("content-encoding", "").strip().lower() not in ("", "identity", "gzip"):  # gzip in gzip is a bomb
            raise SourceRefused(source.name, request.endpoint, "the answer is packed in a way that was not asked for")
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > self.caps.size:
                raise SourceRefused(source.name, request.endpoint, f"the answer is larger than {self.caps.size} bytes")
        return bytes(body)

    def _address(self, host: str, source: Source, request: Request) -> tuple[str, dict[str, str]]:
        endpoint = source.endpoints[request.endpoint]
        inside = {name: quote(request.params[name], safe="") for name in endpoint.path_params}
        asked = {k: v for k, v in request.params.items() if k not in inside}
        params = {**endpoint.fixed, **endpoint.moments_at(self.clock()), **asked}
        base = self.base_urls.get(source.name) or host or endpoint.host or source.base_url
        return base.rstrip("/") + endpoint.path.format(**inside), params

    def _credentials(self, source: Source, request: Request) -> tuple[dict[str, str], dict[str, str]]:
        """What tells the source who asks: headers, and the parameters that are secret."""
        headers = {"Content-Type": "application/json"} if source.endpoints[request.endpoint].method == "POST" else {}
        if source.contact_needed:
            if not (self.contact and self.contact.isascii() and self.contact.isprintable()):
                raise SourceRefused(source.name, request.endpoint, "wants to know whom to write to: set `contact` in newsgen.toml")
            headers["User-Agent"] = f"newsgen/0.1 ({self.contact})"
        key = self.keys.get(source.name, "")
        if not key:
            return headers, {}
        if not (key.isascii() and key.isprintable() and key == key.strip()):  # the client's own error would print it
            raise KeyRefused(source.name, request.endpoint, "the key holds a blank, a line end or a letter that no header can carry")
        if source.key_header:
            headers[source.key_header] = key
        return headers, {source.key_param: key} if source.key_param else {}


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
    if status in source.statuses:
        error, meaning = source.statuses[status]
        raise error(*where, f"{meaning} (status {status})", retry_after_s=_wait(answer))
    if status == 401:
        raise KeyRefused(*where, f"the key is missing or rejected (status {status})")
    if status == 451:
        raise RegionRefused(*where, f"refused in this region (status {status})")
    if status in (403, 407):
        raise SourceRefused(*where, f"refused (status {status})")
    if status in (418, 429):
        raise SourceUnavailable(*where, f"rate limit (status {status})", retry_after_s=_wait(answer))
    if status >= 500 or status == 408:
        raise SourceUnavailable(*where, f"status {status}", retry_after_s=_wait(answer))
    if 300 <= status < 400:
        raise SourceRefused(*where, f"redirects to another address (status {status})")
    raise SourceRefused(*where, f"status {status}")


def _refuse_old(source: Source, request: Request, answer: httpx.Response) -> None:
    """A cache on the way says how old its answer is. Of an old one the running bar would be taken for a closed one."""
    age = answer.headers.get("age", "").strip()
    if age.isdecimal() and int(age) > _OLDEST_S:
        raise SourceUnavailable(source.name, request.endpoint, f"the answer is {int(age) // 60} minutes old, from a cache on the way")


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
    base_urls: Mapping[str, str], keys: Mapping[str, str], caps: Caps | None, clock: Callable[[], datetime], contact: str = ""
) -> AsyncIterator[Fetcher]:  # fmt: skip
    """A fetcher with a client of its own."""
    caps = caps or Caps()
    timeout = httpx.Timeout(caps.total_s, connect=caps.connect_s)
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}
    async with httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False, headers=headers) as client:
        yield Fetcher(client, caps, base_urls, keys, clock, contact)
