"""What the kit offers a source beyond a GET: POST, other hosts, mirrors, keys in the query, a contact, costs, an exact limit of calls."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from newsgen import gather as gathering
from newsgen.errors import KeyRefused, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather import Endpoint, Gathered, Request, gather, sources
from newsgen.gather._http import Caps
from newsgen.gather._rate import CallWindow

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FNG = b'{"name":"x","data":[{"value":"47","value_classification":"Neutral","timestamp":"1777248000"}],"metadata":{"error":null}}'
KEY = "canary-7f3a9c"
QUICK = Caps(connect_s=0.5, total_s=2, attempts=2, first_wait_s=0.01)

Ask = Callable[..., Gathered]


@pytest.fixture
def ask(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Gather from alternative_me with some of its record changed; it stays at its own address, which is the server's."""

    def asked(*requests: Request, contact: str = "", **changes: Any) -> Gathered:
        base = httpserver.url_for("").rstrip("/")
        changed = replace(sources()["alternative_me"], **{"base_url": base, **changes})
        monkeypatch.setattr(gathering, "_source", lambda name: changed)
        only = {"alternative_me": requests or (Request("fng", {"limit": "2"}),)}
        keys = {"alternative_me": KEY}
        return asyncio.run(gather(["alternative_me"], ("BTC",), lambda: NOW, keys=keys, caps=QUICK, only=only, contact=contact))

    return asked


def endpoint(**changes: Any) -> dict[str, Endpoint]:
    return {"fng": replace(sources()["alternative_me"].endpoints["fng"], **changes)}


def test_a_post_sends_its_parameters_as_an_object(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request("/info", method="POST").respond_with_data(FNG)
    found = ask(endpoints=endpoint(path="/info", method="POST", fixed={"type": "all"}))
    assert len(found.readings) == 1
    [(sent, _)] = httpserver.log
    assert json.loads(sent.get_data()) == {"type": "all", "limit": "2"}
    assert sent.headers["content-type"] == "application/json"
    assert sent.query_string == b""


def test_an_endpoint_may_live_on_another_host(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request("/fng/").respond_with_data(FNG)
    host = httpserver.url_for("").rstrip("/")
    assert ask(base_url="http://127.0.0.1:9", endpoints=endpoint(host=host)).readings


def test_a_key_in_the_query_is_sent_and_stands_nowhere(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request("/fng/", query_string={"limit": "2", "api_key": KEY}).respond_with_json({"bad": KEY})
    found = ask(key_param="api_key")
    [failure] = found.failures
    assert KEY in httpserver.log[0][0].url
    assert KEY not in repr((found.failures, failure.url, str(failure), vars(failure)))
    assert KEY.encode() not in found.payloads[0].body


def test_a_post_with_a_key_in_the_query_keeps_it_out_of_its_body(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request("/fng/", method="POST", query_string={"api_key": KEY}).respond_with_data(FNG)
    assert ask(key_param="api_key", endpoints=endpoint(method="POST")).readings
    assert KEY.encode() not in httpserver.log[0][0].get_data()


def test_a_refused_region_is_tried_at_the_mirror_and_then_stays_there(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request("/here/fng/").respond_with_data("no", status=451)
    httpserver.expect_request("/mirror/fng/").respond_with_data(FNG)
    base = httpserver.url_for("").rstrip("/")
    found = ask(Request("fng", {"limit": "1"}), base_url=f"{base}/here", mirrors=(f"{base}/mirror",), endpoints=endpoint(path="/fng/"))
    assert len(found.readings) == 1
    assert [r.path for r, _ in httpserver.log] == ["/here/fng/", "/mirror/fng/"]
    assert found.calls == {"alternative_me": 2}


def test_where_the_mirror_refuses_too_the_region_is_refused(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request("/fng/").respond_with_data("no", status=451)
    base = httpserver.url_for("").rstrip("/")
    [failure] = ask(mirrors=(base, base)).failures
    assert isinstance(failure, RegionRefused)
    assert len(httpserver.log) == 3


def test_other_failures_are_not_taken_to_a_mirror(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request("/fng/").respond_with_data("no", status=403)
    [failure] = ask(mirrors=(httpserver.url_for("").rstrip("/"),)).failures
    assert type(failure) is SourceRefused
    assert len(httpserver.log) == 1


def test_a_source_that_wants_a_contact_gets_it_or_is_not_asked(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request("/fng/").respond_with_data(FNG)
    [failure] = ask(contact_needed=True).failures
    assert isinstance(failure, SourceRefused)
    assert "contact" in str(failure)
    assert httpserver.log == []
    assert ask(contact_needed=True, contact="desk@markets.example").readings
    assert "desk@markets.example" in httpserver.log[0][0].headers["user-agent"]
    [failure] = ask(contact_needed=True, contact="a\r\nX-Evil: 1").failures
    assert isinstance(failure, SourceRefused)


def test_a_status_may_mean_something_else_at_a_source(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request("/fng/").respond_with_data("access too frequent", status=403)
    [failure] = ask(statuses={403: (SourceUnavailable, "too many requests")}).failures
    assert type(failure) is SourceUnavailable
    assert len(httpserver.log) == QUICK.attempts
    [failure] = ask(statuses={403: (KeyRefused, "the key is rejected")}).failures
    assert type(failure) is KeyRefused


@pytest.mark.parametrize(("age", "fine"), [("0", True), ("300", True), ("301", False), ("86400", False), ("", True), ("soon", True)])
def test_an_old_answer_of_a_cache_is_refused(httpserver: HTTPServer, ask: Ask, age: str, fine: bool) -> None:
    """Its running bar would be taken for a closed one."""
    httpserver.expect_request("/fng/").respond_with_data(FNG, headers={"Age": age})
    found = ask()
    assert bool(found.readings) is fine
    assert [type(f) for f in found.failures] == ([] if fine else [SourceUnavailable])


def test_what_an_answer_says_is_left_is_told(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request("/fng/").respond_with_data(FNG, headers={"X-Left": "17"})
    assert ask(calls_left=lambda headers: int(headers["x-left"])).left == {"alternative_me": 17}
    assert ask(calls_left=lambda headers: None).left == {}


def test_a_request_costs_what_it_says(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request("/fng/").respond_with_data(FNG)
    start = time.monotonic()
    found = ask(Request("fng", {"limit": "1"}, cost=3), Request("fng", {"limit": "2"}, cost=3), calls=4, per_s=0.5)
    assert found.calls == {"alternative_me": 6}
    assert time.monotonic() - start >= 0.5


def most_in(moments: list[float], per_s: float) -> int:
    return max(sum(1 for other in moments if at <= other < at + per_s) for at in moments)


@pytest.mark.parametrize(("calls", "per_s"), [(1, 0.05), (5, 0.1), (20, 0.1)])
def test_no_window_ever_holds_more_calls_than_the_limit(calls: int, per_s: float) -> None:
    async def scene() -> list[float]:
        window = CallWindow(calls, per_s)
        made: list[float] = []

        async def one(i: int) -> None:
            await asyncio.sleep(i % 7 / 500)
            async with window.turn():
                await asyncio.sleep(i % 5 / 200)  # on its way
                made.append(time.monotonic())

        await asyncio.gather(*(one(i) for i in range(calls * 4)))
        return made

    made = asyncio.run(scene())
    assert len(made) == calls * 4
    assert most_in(made, per_s) <= calls


def test_the_whole_limit_comes_at_once() -> None:
    async def scene() -> float:
        window, start = CallWindow(50, 60), time.monotonic()
        for _ in range(50):
            async with window.turn():
                pass
        return time.monotonic() - start

    assert asyncio.run(asyncio.wait_for(scene(), 10)) < 10


def test_a_call_that_costs_more_than_the_limit_waits_for_the_whole_of_it() -> None:
    async def scene() -> float:
        window = CallWindow(2, 0.1)
        async with window.turn(5):
            start = time.monotonic()
        async with window.turn(1):
            return time.monotonic() - start

    assert asyncio.run(scene()) >= 0.1


@asynccontextmanager
async def serving(answer: Callable[[str], Awaitable[None]]) -> AsyncIterator[str]:
    """A server in the same loop: as many answers at once as there are questions."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            await answer(head.split(b" ")[1].decode())
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(FNG), FNG))
            await writer.drain()

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await one(reader, writer)
        writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def test_fifty_editions_at_once_keep_to_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted at the server, by its own clock."""
    arrived: list[float] = []
    monkeypatch.setattr(gathering, "_source", lambda name: replace(sources()["alternative_me"], calls=20, per_s=0.5))

    async def answer(_: str) -> None:
        arrived.append(time.monotonic())

    async def editions() -> list[Gathered]:
        async with serving(answer) as address:
            base = {"alternative_me": address}
            return await asyncio.gather(*(gather(["alternative_me"], ("BTC",), lambda: NOW, base_urls=base) for _ in range(50)))

    found = asyncio.run(editions())
    assert sum(len(one.readings) for one in found) == 50
    assert len(arrived) == 50
    assert most_in(sorted(arrived), 0.5) <= 20


def test_twenty_sources_are_asked_at_once_and_a_dead_one_costs_its_own_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer times of 5 ms to a second, ten seconds one after the other; and one that never answers."""
    delays = {f"s{i}": 0.005 + i * 0.0524 for i in range(20)}
    made = {n: replace(sources()["alternative_me"], name=n) for n in (*delays, "dead")}
    monkeypatch.setattr(gathering, "_source", lambda name: made[name])
    answered: dict[str, float] = {}

    async def answer(path: str) -> None:
        await asyncio.sleep(delays.get(path.split("/")[1], 60))

    async def scene() -> Gathered:
        async with serving(answer) as address:
            start = time.monotonic()
            base = {n: f"{address}/{n}" for n in made}
            return await gather(list(made), ("BTC",), lambda: NOW, base_urls=base, caps=Caps(total_s=2, attempts=1),
                                heard=lambda a: answered.__setitem__(a.source, time.monotonic() - start))  # fmt: skip

    found = asyncio.run(scene())
    assert len(found.readings) == 20
    assert [(f.source, type(f)) for f in found.failures] == [("dead", SourceUnavailable)]
    live = max(t for n, t in answered.items() if n != "dead")
    assert live < sum(delays.values()) / 4
    assert live < answered["dead"]  # nobody waits for the dead one
