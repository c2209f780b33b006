"""The rehearsal market's server: one loopback port, every source under its name; in: tape, clock and faults, out: answers on real sockets.

`http://127.0.0.1:PORT/<source>/<the source's own path>` for questions, `ws://127.0.0.1:PORT/<source>/stream` for liquidations. What is
asked is counted and kept, with the fault that struck it.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote

from newsgen.discover import load_constants
from newsgen.gather import Source, sources
from newsgen.testing import _wires
from newsgen.testing._faults import Fault, Faults, before, renamed
from newsgen.testing._forced import Order
from newsgen.testing._streams import Teller
from newsgen.testing._tape import Tape
from newsgen.testing._wire import Refusal, Scene, Wire, dumps

__all__ = ["Call", "RehearsalMarket", "wires"]

_HANGS_S = 3600.0
_TRICKLES_S = 0.2


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as the market saw it."""

    arrived: float  # seconds of the machine's clock
    at: datetime  # by the market's
    source: str
    endpoint: str  # "" where the source has none there
    params: Mapping[str, str]
    fault: str = ""


@cache
def wires() -> Mapping[str, Wire]:
    """What each source's provider writes, by source."""
    return load_constants(_wires, "WIRE", Wire)


@dataclass
class RehearsalMarket:
    """A local server that speaks the providers' formats for any moment of a history.

    Use it as a context manager, plain or async; `base_urls` goes to `gather` or into newsgen.toml.

    Args:
        tape: What was true.
        clock: What time it is in the market.
        faults: What goes wrong.
        seed: Chooses among chances.
        delays: Seconds that a source takes to answer.
        forced: Orders that a source's stream sends at once, as fast as it can, instead of those of the tape as the clock passes them. A
            listener who comes back is told on from where the line was cut.
        throttled: Streams leave out what Binance and OKX leave out: all but the last order of an asset in a second.
        port: Where to listen; 0: anywhere.
    """

    tape: Tape
    clock: Callable[[], datetime]
    faults: Sequence[Fault] = ()
    seed: int = 0
    delays: Mapping[str, float] = field(default_factory=dict)
    forced: Mapping[str, Sequence[Order]] = field(default_factory=dict)
    throttled: bool = False
    port: int = 0
    log: list[Call] = field(default_factory=list)
    connections: Counter[str] = field(default_factory=Counter)  # of streams, by source
    frames: Counter[str] = field(default_factory=Counter)  # sent on them

    def __post_init__(self) -> None:
        self._faults = Faults(self.faults, self.seed)
        self._routes = {name: _routes(source) for name, source in sources().items() if name in wires()}
        self._told: Counter[str] = Counter()  # of the given orders

    @property
    def base_urls(self) -> dict[str, str]:
        """Where each source is found here."""
        return {name: f"http://127.0.0.1:{self.port}/{name}" for name in self._routes}

    @property
    def stream_urls(self) -> dict[str, str]:
        """Where each source's stream is found here."""
        return {name: f"ws://127.0.0.1:{self.port}/{name}/stream" for name, wire in wires().items() if wire.stream is not None}

    @property
    def calls(self) -> Counter[str]:
        """Requests by source."""
        return Counter(call.source for call in self.log)

    def most_in(self, source: str, per_s: float) -> int:
        """The most requests of a source that arrived in any window, by the machine's clock."""
        moments = sorted(call.arrived for call in self.log if call.source == source)
        most = first = 0
        for last, moment in enumerate(moments):
            while moment - moments[first] >= per_s:
                first += 1
            most = max(most, last - first + 1)
        return most

    # Running and answering

    def __enter__(self) -> RehearsalMarket:
        import uvicorn

        self._socket = socket.create_server(("127.0.0.1", self.port), backlog=2048)
        self.port = self._socket.getsockname()[1]
        config = uvicorn.Config(
            self,
            log_config=None,
            log_level="critical",
            lifespan="off",
            timeout_graceful_shutdown=0,
            ws_ping_interval=None,
            access_log=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the rehearsal market could not be opened")
            time.sleep(0.005)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)
        self._socket.close()

    async def __aenter__(self) -> RehearsalMarket:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.to_thread(self.__exit__, kind, error, trace)

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """An ASGI application."""
        name, _, path = unquote(scope["path"]).lstrip("/").partition("/")
        if scope["type"] == "websocket":
            await self._stream(name, receive, send)
        elif scope["type"] == "http":
            await self._answer(name, f"/{path}", scope, receive, send)

    async def _stream(self, name: str, receive: Any, send: Any) -> None:
        wire = wires()[name].stream if name in wires() else None
        await receive()
        if wire is None:
            await send({"type": "websocket.close", "code": 1008})
            return
        self.connections[name] += 1
        await Teller(self, name, wire, receive, send).tell()

    async def _answer(self, name: str, path: str, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        params = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        if scope["method"] == "POST":
            params |= {k: v if isinstance(v, str) else json.dumps(v) for k, v in json.loads(await _body(receive) or b"{}").items()}
        endpoint, asked = self._endpoint(name, path, params)
        question = json.dumps({k: v for k, v in asked.items() if k not in self._moments(name, endpoint)}, sort_keys=True)
        fault = self._faults.draw(name, endpoint, self.clock(), question) if endpoint else None
        self.log.append(Call(time.monotonic(), self.clock(), name, endpoint, asked, fault.kind if fault else ""))
        if self.delays.get(name):
            await asyncio.sleep(self.delays[name])
        if not endpoint:
            await _send(send, 404, b'{"error":"no such path"}')
            return
        status, body, headers = self._written(name, endpoint, asked, fault)
        if fault is not None and fault.kind == "renamed" and status == 200:
            body = renamed(body, self._faults.chance("renamed", name, endpoint, question))
        if fault is not None and fault.kind in ("hang", "trickle", "cut"):
            await _badly(send, fault.kind, body)
            return
        await _send(send, status, body, headers)

    def _moments(self, name: str, endpoint: str) -> Collection[str]:
        """The parameters that are another at each asking of the same question."""
        return sources()[name].endpoints[endpoint].moments if endpoint else ()

    def _endpoint(self, name: str, path: str, params: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """The endpoint that is asked, and the question's own parameters."""
        for endpoint, pattern, fixed in self._routes.get(name, ()):
            found = pattern.fullmatch(path)
            if found and all(params.get(k) == v for k, v in fixed.items()):
                return endpoint, {**{k: v for k, v in params.items() if k not in fixed}, **found.groupdict()}
        return "", dict(params)

    def _written(self, name: str, endpoint: str, params: Mapping[str, str], fault: Fault | None) -> tuple[int, bytes, dict[str, str]]:
        kind, wire = fault.kind if fault else "", wires()[name]
        if fault is not None and kind in _STATUSES:
            extra = {"retry-after": str(fault.retry_after_s)} if kind == "too_many" else {}
            status, told = wire.refusals.get(kind, (_STATUSES[kind], {"error": f"rehearsed: {kind}"}))
            return status, dumps(told), extra
        if kind == "html":
            return 200, b"<!DOCTYPE html><html><body>Down for maintenance</body></html>", {}
        scene = Scene(before(self.clock(), fault), self.tape, Decimal(10) if kind == "bad_tick" else Decimal(1))
        write = wire.endpoints.get(endpoint)
        if write is None:
            return 404, b'{"error":"not rehearsed"}', {}
        try:
            body = write(scene, params)
        except Refusal as refusal:
            return refusal.status, refusal.body if isinstance(refusal.body, bytes) else dumps(refusal.body), {}
        old = {"age": str(int(fault.hours * 3600))} if fault is not None and kind == "stale" else {}  # as a cache on the way says it
        return 200, body[: len(body) // 2] if kind == "half" else body, old


_STATUSES = {"too_many": 429, "server_error": 503, "region": 451, "key_rejected": 401}


def _routes(source: Source) -> list[tuple[str, re.Pattern[str], Mapping[str, str]]]:
    """Endpoint, pattern of its path and fixed parameters, the most particular first."""
    made = []
    for name, endpoint in source.endpoints.items():
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(endpoint.path))
        made.append((name, re.compile(pattern), endpoint.fixed))
    return sorted(made, key=lambda route: -len(route[2]))


async def _body(receive: Any) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


async def _send(send: Any, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    told = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    told += [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})


async def _badly(send: Any, kind: str, body: bytes) -> None:
    """Never, byte by byte, or half of it and then no more."""
    if kind == "hang":
        await asyncio.sleep(_HANGS_S)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body) + 1).encode())]})
    if kind == "trickle":
        for i in range(len(body)):
            await send({"type": "http.response.body", "body": body[i : i + 1], "more_body": True})
            await asyncio.sleep(_TRICKLES_S)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    raise ConnectionError("cut, as it was told to be")
