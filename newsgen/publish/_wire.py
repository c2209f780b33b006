"""Requests to a target, and what its answers mean; in: method, address, bytes, out: an Answer, or a PublishError that says what to do.

Every request goes to an address that was checked (`_address.py`), follows no redirect, takes no proxy from the environment, and ends by the
clock. Answers are read to a megabyte. What a target says is freed of the secrets that went to it and cut before it reaches an error: an
answer, or an address, may repeat a token. The only module of publish that imports httpx.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from newsgen.errors import PublishError, PublishRefused, PublishUnavailable
from newsgen.publish._address import Address, AddressRefused, Resolve, locate, resolve
from newsgen.publish._cleaned import without
from newsgen.secret import Secret
from newsgen.target_settings import Private

__all__ = ["Answer", "Wire", "error_of", "json_of", "judge", "retry_after_s"]

CONNECT_S, TOTAL_S, UPLOAD_S = 5.0, 30.0, 120.0
ANSWER_BYTES, SAID_CHARS = 1_000_000, 300
LONGEST_WAIT_S = 3600.0
_KEPT_CHARS = 1024  # of an answer, for the delivery log
_LOOKED_AT = 4000  # characters of an answer that are freed of secrets; the last of them may be the half of one
_LONGEST_SECRET = 1000
_SAFE = ("GET", "HEAD", "OPTIONS")
_CREDENTIALS = ("authorization", "cookie", "webhook-signature")
AGENT = "newsgen/0.1 (+news publishing)"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target answered.

    Attributes:
        headers: Names in lower case.
        asked: The request, for errors: "POST /wp-json/wp/v2/posts", without query and host.
        writes: Whether the request may have changed something.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    asked: str
    writes: bool

    @property
    def is_json(self) -> bool:
        return "json" in self.headers.get("content-type", "")

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: It is none, is cut off, or is nothing but brackets.
        """
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    @property
    def told(self) -> Mapping[str, Any]:
        """The object in JSON that it is; empty where it is none."""
        try:
            found = self.json()
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def _nowhere(point: str) -> None:
    """Tests put a death here."""


@dataclass(frozen=True, slots=True)
class Wire:
    """The requests of one delivery to one target.

    Attributes:
        target: Its name, for errors.
        slug: Of the article, likewise.
        secrets: What the environment holds for it, by the variable's name.
        at: Called before and after each request that writes; tests let the process die there.
        resolver: How names become addresses.
        until: When another may take the delivery over: from then on nothing is written.
        written: The requests so far that have changed something at the target, or may have.
        shown: What else must be in no error: the credentials that were made of the secrets.
        heard: The last answer, and the wire that knows what must not be shown of it.
    """

    target: str
    slug: str
    clock: Callable[[], datetime]
    allow_private: Private = False
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    at: Callable[[str], None] = _nowhere
    resolver: Resolve = resolve
    until: datetime | None = None
    written: list[str] = field(default_factory=list)
    shown: set[str] = field(default_factory=set, repr=False)
    heard: list[tuple[Answer, Wire]] = field(default_factory=list, repr=False)

    def secret(self, name: str) -> str:
        """The secret that a variable holds."""
        return self.secrets[name].reveal()

    async def ask(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None,
                  data: Any = None, total_s: float | None = None) -> Answer:  # fmt: skip
        """One request.

        Args:
            body: Bytes to send; or
            data: what becomes JSON.
            total_s: How long the whole exchange may take, in seconds.

        Raises:
            PublishRefused: The address may not be used, its certificate does not hold, or it redirects.
            PublishUnavailable: No answer; `may_be_stored` when the request may have arrived and changed something.
        """
        given = {"user-agent": AGENT, "accept-encoding": "identity", **(headers or {})}
        if data is not None:
            body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
            given = {"content-type": "application/json", "accept": "application/json", **given}
        self.shown.update(
            word for name, value in given.items() if name.lower() in _CREDENTIALS for word in value.split() if len(word) >= 12
        )
        asked = f"{method} {self.clean(_path_of(url))}"
        if method in _SAFE:
            answer = await self._timed(method, url, given, body, asked, total_s)
        else:
            answer = await self._write(method, url, given, body, asked, total_s)
        self.heard[:] = [(answer, self)]
        if 300 <= answer.status < 400:
            shown = self.clean(_place_of(answer.headers.get("location", "")))
            raise self.refused(f"{asked} redirects to {shown}: configure that address", status=answer.status)
        return answer

    async def _write(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, asked: str,
                     total_s: float | None) -> Answer:  # fmt: skip
        """A request that may change something: not after our lease, and remembered when it may have."""
        if self.until is not None and self.clock() >= self.until:
            raise self.unavailable(f"{asked}: not sent, it took too long to get here", may_be_stored=bool(self.written))
        self.at(f"before {asked}")
        try:
            answer = await self._timed(method, url, headers, body, asked, total_s)
        except PublishUnavailable as error:
            if error.may_be_stored:
                self.written.append(asked)
            raise
        if answer.status < 300 or answer.status >= 500:
            self.written.append(asked)
        self.at(f"after {asked}")
        return answer

    async def _timed(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, asked: str,
                     total_s: float | None) -> Answer:  # fmt: skip
        """The exchange, the name's resolution included, by one clock."""
        total, sent = total_s or TOTAL_S, [False]
        try:
            async with asyncio.timeout(total):
                address = await self._locate(url)
                return await self._tried(method, address, headers, body, asked, total, sent)
        except TimeoutError:
            raise self.unavailable(f"{asked}: no answer in time", may_be_stored=sent[0] and method not in _SAFE) from None

    async def _locate(self, url: str) -> Address:
        try:
            return await locate(url, allow_private=self.allow_private, resolver=self.resolver)
        except (ValueError, AddressRefused) as error:
            raise self.refused(str(error)) from None
        except OSError as error:
            raise self.unavailable(f"the name cannot be resolved ({type(error).__name__})") from None

    async def _tried(self, method: str, address: Address, headers: Mapping[str, str], body: bytes | None, asked: str, total_s: float,
                     sent: list[bool]) -> Answer:  # fmt: skip
        """The answer of the first address that can be connected to: until then nothing was sent."""
        for url in address.urls[:-1]:
            try:
                return await self._exchange(method, url, address, headers, body, asked, total_s, sent)
            except PublishUnavailable as error:
                if sent[0] or error.may_be_stored:
                    raise
        return await self._exchange(method, address.urls[-1], address, headers, body, asked, total_s, sent)

    async def _exchange(self, method: str, url: str, address: Address, headers: Mapping[str, str], body: bytes | None, asked: str,
                        total_s: float, sent: list[bool]) -> Answer:  # fmt: skip
        import httpx

        async def note(event: str, _info: object) -> None:
            sent[0] = sent[0] or event.endswith("send_request_headers.started")

        writes = method not in _SAFE
        own = {**headers, "host": address.netloc}
        extensions = {"sni_hostname": address.host, "trace": note}
        try:
            async with (
                httpx.AsyncClient(timeout=httpx.Timeout(total_s, connect=CONNECT_S), follow_redirects=False, trust_env=False,
                                  verify=_tls()) as client,
                client.stream(method, url, content=body, headers=own, extensions=extensions) as found,
            ):  # fmt: skip
                told = {k.lower(): v for k, v in found.headers.items()}
                return Answer(found.status_code, told, await _read(found), asked, writes)
        except httpx.ConnectError as error:
            if "certificate" in str(error).lower():
                raise self.refused(f"{asked}: the certificate does not hold: {self.clean(str(error))[:200]}") from None
            raise self.unavailable(f"no connection ({type(error).__name__})") from None
        except httpx.ConnectTimeout:
            raise self.unavailable("no connection in time") from None
        except httpx.TimeoutException:
            raise self.unavailable(f"{asked}: no answer in time", may_be_stored=writes) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
            raise self.refused(f"{asked} cannot be asked ({type(error).__name__})") from None
        except httpx.HTTPError as error:
            raise self.unavailable(f"{asked}: the connection was lost ({type(error).__name__})", may_be_stored=writes) from None

    def clean(self, text: str) -> str:
        """A text without the secrets of the target, in whatever form they stand in it."""
        for word in self.shown:
            text = text.replace(word, "***")
        text = without(text, (secret.reveal() for secret in self.secrets.values()))
        return "".join(c if c.isprintable() else " " for c in text)

    def beginning(self, text: str, most: int) -> str:
        """The first characters of what a target said; secrets are taken out before it is cut: half of one would be none that is known."""
        cleaned = self.clean(text[:_LOOKED_AT])
        return (cleaned if len(text) <= _LOOKED_AT else cleaned[:-_LONGEST_SECRET])[:most]

    def last_answer(self) -> str:
        """How the last answer began, for the delivery log; "" where none came."""
        return next((wire.beginning(answer.text, _KEPT_CHARS) for answer, wire in self.heard), "")

    def refused(self, problem: str, *, status: int | None = None) -> PublishRefused:
        """An error that no further attempt mends."""
        return PublishRefused(self.target, self.slug, self.clean(problem), status=status)

    def unavailable(self, problem: str, *, status: int | None = None, retry_after_s: float | None = None,
                    may_be_stored: bool = False) -> PublishUnavailable:  # fmt: skip
        """An error that is worth another try."""
        return PublishUnavailable(
            self.target, self.slug, self.clean(problem), status=status, retry_after_s=retry_after_s, may_be_stored=may_be_stored
        )


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return "/"


def _place_of(location: str) -> str:
    """Where a redirect leads, without what may be a token."""
    try:
        where = urlsplit(location)
    except ValueError:
        return "elsewhere"
    return f"{where.scheme}://{where.netloc}" if where.netloc else where.path[:SAID_CHARS] or "elsewhere"


@cache
def _tls() -> ssl.SSLContext:
    """TLS 1.2 or newer, verified; made once, since it reads every authority's certificate: 15 ms."""
    import httpx

    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for name in ("httpx", "httpcore"):  # they would log addresses and headers, and with them tokens
        logging.getLogger(name).setLevel(logging.WARNING)
    return context


async def _read(found: Any) -> bytes:
    """At most a megabyte of an answer, as it came: one that is packed although we asked for none may unpack to gigabytes."""
    body = bytearray()
    async for chunk in found.aiter_raw(65_536):
        body += chunk
        if len(body) > ANSWER_BYTES:
            break
    return bytes(body[:ANSWER_BYTES])


def error_of(answer: Answer, wire: Wire, said: str = "") -> PublishError:
    """What a failed answer means where nothing else is known of the target.

    Args:
        said: The target's own words, where its answer has a form that we know.
    """
    status = answer.status
    problem = f"{answer.asked}: {wire.beginning(said, SAID_CHARS) or _said(answer, wire)}"
    wait = retry_after_s(answer.headers.get("retry-after", ""), wire.clock())
    if status in (408, 423, 425, 429):
        return wire.unavailable(problem, status=status, retry_after_s=wait)
    if status >= 500:
        return wire.unavailable(problem, status=status, retry_after_s=wait, may_be_stored=answer.writes)  # a gateway gives up, not the CMS
    if status == 403 and not answer.is_json:
        problem += " (no answer of the CMS itself: a firewall?)"
    return wire.refused(problem, status=status)


def judge(answer: Answer, wire: Wire, meant: Callable[[Answer, Wire], PublishError] = error_of) -> Answer:
    """The answer if the target has done what was asked; else the error that says what to do next.

    Args:
        meant: What a failed answer of this kind of target means.

    Raises:
        PublishRefused: Our request, our rights or the address are wrong.
        PublishUnavailable: Worth another try; after a 5xx to a write the target may have done it.
    """
    if 200 <= answer.status < 300:
        return answer
    raise meant(answer, wire)


def json_of(answer: Answer, wire: Wire) -> Any:
    """The JSON of a good answer: a 2xx with a page of HTML, or half an answer, is no success.

    Raises:
        PublishUnavailable: No JSON; after a write the target may have done it all the same.
    """
    judge(answer, wire)
    try:
        if answer.is_json:
            return answer.json()
    except ValueError:
        pass
    kind = answer.headers.get("content-type", "no content type").split(";")[0]
    raise wire.unavailable(
        f"{answer.asked}: answered {answer.status} without JSON ({kind}): a maintenance page, a cache?", status=answer.status,
        may_be_stored=answer.writes,
    )  # fmt: skip


def _said(answer: Answer, wire: Wire) -> str:
    """The beginning of an answer in one line; of a page only that it is one."""
    words = " ".join(wire.beginning(answer.text, _LOOKED_AT).split())
    if answer.is_json or not words.startswith("<"):
        return words[:SAID_CHARS] or f"status {answer.status}"
    return f"a page of HTML with status {answer.status}"


def retry_after_s(text: str, now: datetime) -> float | None:
    """Retry-After in seconds, of either form, within an hour."""
    if text.strip().isdecimal():
        return min(float(text), LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), LONGEST_WAIT_S)
