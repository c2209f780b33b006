"""A site on a real socket that keeps posts and can misbehave at any request; what it is, a subclass says.

Faults before the request is done leave nothing; faults after it have stored what was sent, and answer as if not.
"""

from __future__ import annotations

import copy
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

__all__ = ["AFTER", "BEFORE", "Answered", "Asked", "FakeSite", "black_hole", "serving"]

BEFORE = ("503 page", "500 page", "429", "200 page", "lost")
AFTER = ("504 after", "cut after", "200 page after", "lost after")
_PAGE = b"<!DOCTYPE html><title>Maintenance</title><p>Briefly unavailable for scheduled maintenance. Check back in a minute."


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else {}


@dataclass(frozen=True)
class Answered:
    """An answer: JSON, or bytes as they are."""

    status: int
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return self.data if isinstance(self.data, bytes) else json.dumps(self.data).encode()


@dataclass(frozen=True)
class Shown:
    """A post as a reader, or the bin, has it."""

    title: str
    body: str
    url: str


class FakeSite:
    """What every site has: requests in order, and faults by the number of the request.

    Attributes:
        asked: "POST /wp-json/wp/v2/posts" of each request.
        faults: Which fault strikes at which request, by its number from 0 or as it stands in `asked`; each strikes once.
        held: Requests that hang in the site and will be done later, by `finish_held`.
    """

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.faults: dict[int | str, str] = {}
        self.held: list[Asked] = []
        self.lock = threading.Lock()
        self.state: Any = None  # everything that it keeps

    def answer(self, asked: Asked) -> Answered:
        raise NotImplementedError

    def shown(self) -> list[Shown]:
        """What readers see."""
        raise NotImplementedError

    def kept(self) -> list[Shown]:
        """Every post that is not in the bin."""
        raise NotImplementedError

    def freeze(self) -> Any:
        return copy.deepcopy(self.state)

    def thaw(self, state: Any) -> None:
        self.state = copy.deepcopy(state)
        self.asked, self.faults, self.held = [], {}, []

    def finish_held(self) -> None:
        for asked in self.held:
            self.answer(asked)
        self.held = []

    def take(self, asked: Asked) -> tuple[str, Answered]:
        """The fault that strikes, and the answer."""
        with self.lock:
            request = f"{asked.method} {asked.path}"
            fault = self.faults.pop(len(self.asked), "") or self.faults.pop(request, "")
            self.asked.append(request)
            if fault == "held":
                self.held.append(asked)
                return "lost", Answered(500)
            struck = _before(fault, self.url)
            return fault, struck if struck else _after(fault, self.answer(asked))


def _before(fault: str, url: str) -> Answered | None:
    html = {"content-type": "text/html; charset=UTF-8"}
    return {
        "503 page": Answered(503, _PAGE, {**html, "retry-after": "600"}),
        "500 page": Answered(500, _PAGE, html),
        "429": Answered(429, b"slow down", {"content-type": "text/plain", "retry-after": "7"}),
        "200 page": Answered(200, _PAGE, html),
        "403 page": Answered(403, b"<h1>Forbidden</h1> by mod_security", html),
        "redirect": Answered(301, b"", {"location": f"{url.replace('127.0.0.1', 'www.news.example')}/elsewhere"}),
        "lost": Answered(500),
    }.get(fault)


def _after(fault: str, done: Answered) -> Answered:
    html = {"content-type": "text/html"}
    if fault == "504 after":
        return Answered(504, b"<h1>Gateway Time-out</h1>", html)
    return Answered(200, _PAGE, html) if fault == "200 page after" else done


def _handler(site: FakeSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {k.lower(): v for k, v in self.headers.items()}
            asked = Asked(self.command, unquote(parts.path), dict(parse_qsl(parts.query)), headers, body)
            fault, answered = site.take(asked)
            if fault in ("lost", "lost after", "held"):
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._send(answered, cut=fault == "cut after")

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _do

        def _send(self, answered: Answered, *, cut: bool) -> None:
            body = b"" if self.command == "HEAD" or answered.status == 204 else answered.body
            self.send_response_only(answered.status)
            for name, value in {"content-type": "application/json", **answered.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
            if cut:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that takes no connection and refuses none: its queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as hole:
        plugs = [socket.socket() for _ in range(4)]
        for plug in plugs:
            plug.setblocking(False)
            plug.connect_ex(hole.getsockname())
        try:
            yield hole.getsockname()[1]
        finally:
            for plug in plugs:
                plug.close()


@contextmanager
def serving(site: FakeSite) -> Iterator[FakeSite]:
    """The site, on a port of loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
