"""Fetching on real sockets: answers, waits, caps, and keys that appear nowhere."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as WerkzeugRequest
from werkzeug import Response

from newsgen.errors import BadPayload, GatherError, KeyRefused, RegionRefused, SourceRefused, SourceUnavailable
from newsgen.gather import Gathered, Request, gather, sources
from newsgen.gather import _http as http
from newsgen.gather._http import Caps, open_fetcher, retry_after_s

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FNG = b'{"name":"x","data":[{"value":"47","value_classification":"Neutral","timestamp":"1777248000"}],"metadata":{"error":null}}'
KEY = "canary-7f3a9c"
HURRIED_PACE = 1000.0  # of a source that is asked many questions and fails them all
QUICK = Caps(connect_s=0.5, total_s=0.6, size=50_000, attempts=3, first_wait_s=0.01)


def _gather(server: HTTPServer, *names: str, caps: Caps = QUICK) -> Gathered:
    wanted = names or ("alternative_me",)
    base = dict.fromkeys(wanted, server.url_for("").rstrip("/"))
    return asyncio.run(gather(wanted, ("BTC",), lambda: NOW, base_urls=base, keys=dict.fromkeys(wanted, KEY), caps=caps))


def _only_failure(found: Gathered) -> GatherError:
    assert found.readings == ()
    assert len(found.failures) == 1
    return found.failures[0]


def test_an_answer_becomes_readings_and_a_payload(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/fng/", query_string={"limit": "2"}).respond_with_data(FNG, content_type="application/json")
    found = _gather(httpserver)
    assert [r.value for r in found.readings] == [47]
    assert found.payloads[0].body == FNG
    assert found.readings[0].origin.payload_sha256 == found.payloads[0].sha256


def test_a_rate_limit_is_waited_for_and_tried_again(httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/fng/").respond_with_data("slow down", status=429, headers={"Retry-After": "0.2"})
    httpserver.expect_ordered_request("/fng/").respond_with_data(FNG)
    start = time.monotonic()
    assert len(_gather(httpserver).readings) == 1
    assert time.monotonic() - start >= 0.2


@pytest.mark.parametrize(("status", "error", "calls"), [(500, SourceUnavailable, 3), (503, SourceUnavailable, 3), (451, RegionRefused, 1),
                                                          (401, KeyRefused, 1), (403, SourceRefused, 1), (404, SourceRefused, 1),
                                                          (418, SourceUnavailable, 3), (302, SourceRefused, 1)])  # fmt: skip
def test_statuses_are_told_apart(httpserver: HTTPServer, status: int, error: type[GatherError], calls: int) -> None:
    httpserver.expect_request("/fng/").respond_with_data(f"no {KEY}", status=status)
    failure = _only_failure(_gather(httpserver))
    assert type(failure) is error
    assert len(httpserver.log) == calls
    assert KEY not in str(failure) + repr(failure) + repr(failure.__cause__)


def test_one_dead_source_harms_no_other(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/fng/").respond_with_data(FNG)
    httpserver.expect_request("/btc/").respond_with_data("<html>wall</html>")
    httpserver.expect_request("/eth/").respond_with_data("<html>wall</html>")
    httpserver.expect_request("/api/v3/global").respond_with_data("down", status=451)
    httpserver.expect_request("/api/v3/coins/markets").respond_with_data("down", status=502)
    httpserver.expect_request("/api/v3/companies/public_treasury/bitcoin").respond_with_data("gone", status=404)
    found = _gather(httpserver, "alternative_me", "farside", "coingecko")
    assert [r.key.source for r in found.readings] == ["alternative_me"]
    assert {(f.source, f.endpoint, type(f).__name__) for f in found.failures} == {
        ("farside", "btc", "BadPayload"),
        ("farside", "eth", "BadPayload"),
        ("coingecko", "global", "RegionRefused"),
        ("coingecko", "coins_markets", "SourceUnavailable"),
        ("coingecko", "companies_public_treasury", "SourceRefused"),
    }


def test_a_round_ends_by_the_clock_whatever_a_source_asks_to_wait(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/fng/").respond_with_data(status=503, headers={"Retry-After": "30"})
    start = time.monotonic()
    failure = _only_failure(_gather(httpserver, caps=Caps(attempts=3, round_s=0.6)))
    assert isinstance(failure, SourceUnavailable)
    assert failure.problem == "no answer within the 0.6 s of a round"
    assert time.monotonic() - start < 5


def test_a_trickle_ends_by_the_clock(httpserver: HTTPServer) -> None:
    def trickle(request: WerkzeugRequest) -> Response:
        def slowly():  # type: ignore[no-untyped-def]
            for _ in range(40):
                time.sleep(0.1)
                yield b" "

        return Response(slowly())

    httpserver.expect_request("/fng/").respond_with_handler(trickle)
    start = time.monotonic()
    failure = _only_failure(_gather(httpserver, caps=Caps(0.5, 0.4, 50_000, 1, 0.01)))
    assert isinstance(failure, SourceUnavailable)
    assert time.monotonic() - start < 3


def test_a_gzip_bomb_is_cut_off(httpserver: HTTPServer) -> None:
    bomb = gzip.compress(b" " * 5_000_000)
    httpserver.expect_request("/fng/").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    failure = _only_failure(_gather(httpserver))
    assert "larger than" in str(failure)


def test_a_key_travels_in_its_header_only(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/futures/liquidation/exchange-list").respond_with_json({"code": "401", "msg": "bad key"})
    found = _gather(httpserver, "coinglass", caps=replace(QUICK, pace=HURRIED_PACE))
    seen = [request for request, _ in httpserver.log]
    assert all(r.headers["CG-API-KEY"] == KEY for r in seen)
    assert all(KEY not in r.url for r in seen)
    assert all(KEY not in str(f) for f in found.failures)
    assert any(isinstance(f, SourceRefused) and "401" in str(f) for f in found.failures)


def test_nobody_listening_is_unavailable() -> None:
    found = asyncio.run(gather(["alternative_me"], ("BTC",), lambda: NOW, base_urls={"alternative_me": "http://127.0.0.1:9"}, caps=QUICK))
    assert isinstance(_only_failure(found), SourceUnavailable)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("", None),
        ("soon", None),
        ("Sun, 01 Nov 2026 00:00:30 GMT", 30.0),
        ("Sun, 01 Nov 2020 00:00:30 GMT", 0.0),
        ("99999", 60.0),
        ("nan", None),
        ("inf", 60.0),
        ("-5", 0.0),
        ("Sun, 01 Nov 2026 00:00:30 -0000", None),
        ("Sun, 01 Nov 99999 00:00:30 GMT", None),
    ],
)
def test_retry_after_in_both_forms(text: str, seconds: float | None) -> None:
    assert retry_after_s(text, NOW) == seconds


@contextmanager
def _raw(*answers: bytes | Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server below HTTP: each connection gets the next answer (the last one for ever), then it is closed."""
    asked: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(2)
                try:
                    asked.append(connection.recv(65536))
                    answer = answers[min(len(asked), len(answers)) - 1]
                    answer(connection) if callable(answer) else connection.sendall(answer)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        over.set()
        thread.join()
        listener.close()


def _ask(address: str, *, name: str = "alternative_me", key: str = KEY, caps: Caps = QUICK) -> Gathered:
    return asyncio.run(gather([name], ("BTC",), lambda: NOW, base_urls={name: address}, keys={name: key}, caps=caps))


def _ok(body: bytes, head: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), head, body)


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + FNG[:40],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + FNG[:32] + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"",
        b"\x16\x03\x01 no HTTP at all",
    ],
    ids=["length", "chunks", "head", "nothing", "noise"],
)
def test_a_connection_that_breaks_is_tried_again(cut: bytes) -> None:
    with _raw(cut, cut, _ok(FNG)) as (address, asked):
        assert [r.value for r in _ask(address).readings] == [47]
        assert len(asked) == 3
    with _raw(cut) as (address, asked):
        found = _ask(address)
        assert isinstance(_only_failure(found), SourceUnavailable)
        assert found.payloads == ()
        assert len(asked) == QUICK.attempts


def test_half_a_body_without_a_length_is_a_bad_payload_and_its_bytes_are_kept() -> None:
    with _raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + FNG[:60]) as (address, asked):
        found = _ask(address)
    failure = _only_failure(found)
    assert isinstance(failure, BadPayload)
    assert (failure.source, failure.endpoint, failure.field) == ("alternative_me", "fng", "body")
    assert [p.body for p in found.payloads] == [FNG[:60]]
    assert len(asked) == 1  # the same bytes would come again


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX-A: "], ids=["nothing", "half a head"])
def test_a_silent_server_ends_by_the_clock(head: bytes) -> None:
    def silent(connection: socket.socket) -> None:
        connection.sendall(head)
        time.sleep(0.8)

    start = time.monotonic()
    with _raw(silent) as (address, _):
        failure = _only_failure(_ask(address, caps=Caps(0.5, 0.3, 50_000, 1, 0.01)))
    assert isinstance(failure, SourceUnavailable)
    assert time.monotonic() - start < 3


def test_an_endless_answer_is_cut_off_at_its_size() -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"2000\r\n" + b" " * 0x2000 + b"\r\n")

    with _raw(endless) as (address, asked):
        failure = _only_failure(_ask(address))
    assert "larger than 50000 bytes" in str(failure)
    assert len(asked) == 1


@pytest.mark.parametrize("encoding", [b"gzip, gzip", b"br", b"deflate", b"x"])
def test_an_answer_packed_as_was_not_asked_is_refused(encoding: bytes) -> None:
    """Packed twice, a thousand bytes unpack to a thousand million before any cap could count them."""
    bomb = gzip.compress(gzip.compress(b" " * 20_000_000))
    with _raw(_ok(bomb, b"Content-Encoding: " + encoding + b"\r\n")) as (address, asked):
        failure = _only_failure(_ask(address))
    assert "was not asked for" in str(failure)
    assert b"accept-encoding: gzip\r\n" in asked[0].lower()


def test_a_packed_answer_that_is_damaged_is_unavailable() -> None:
    with _raw(_ok(gzip.compress(FNG)[:10] + b"\xff" * 40, b"Content-Encoding: gzip\r\n")) as (address, _):
        assert isinstance(_only_failure(_ask(address)), SourceUnavailable)


def test_json_under_another_content_type_is_read(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/fng/").respond_with_data(FNG, content_type="text/html; charset=latin-1")
    assert [r.value for r in _gather(httpserver).readings] == [47]


def test_html_with_status_200_is_a_bad_payload_and_is_kept(httpserver: HTTPServer) -> None:
    page = b"<!DOCTYPE html><p>We are back soon</p>"
    httpserver.expect_request("/fng/").respond_with_data(page, content_type="application/json")
    found = _gather(httpserver)
    failure = _only_failure(found)
    assert isinstance(failure, BadPayload)
    assert "HTML where JSON belongs" in str(failure)
    assert [p.body for p in found.payloads] == [page]


@pytest.mark.parametrize("file", ["farside/error_cloudflare.html"])
def test_a_bot_wall_with_status_403_or_200_is_a_refusal(httpserver: HTTPServer, file: str) -> None:
    page = (Path(__file__).parent / "payloads" / file).read_bytes()
    httpserver.expect_request("/btc/").respond_with_data(page, status=403)
    httpserver.expect_request("/eth/").respond_with_data(page, status=200)
    found = _gather(httpserver, "farside")
    assert {(f.endpoint, type(f)) for f in found.failures} == {("btc", SourceRefused), ("eth", SourceRefused)}


def test_a_limit_in_plain_text_is_tried_again(httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/fng/").respond_with_data("Too Many Requests", status=429, content_type="text/plain")
    httpserver.expect_ordered_request("/fng/").respond_with_data(FNG)
    assert len(_gather(httpserver).readings) == 1


def test_a_refusal_that_repeats_the_limit_is_no_empty_market(httpserver: HTTPServer) -> None:
    body = (Path(__file__).parent / "payloads" / "coingecko" / "error_429.json").read_bytes()
    httpserver.expect_request("/api/v3/global").respond_with_data(body, status=429, headers={"Retry-After": "0"})
    httpserver.expect_request("/api/v3/coins/markets").respond_with_data(body)
    httpserver.expect_request("/api/v3/companies/public_treasury/bitcoin").respond_with_data(body)
    found = _gather(httpserver, "coingecko", caps=replace(QUICK, attempts=2))
    assert {(f.endpoint, type(f)) for f in found.failures} == {
        (name, SourceUnavailable) for name in ("global", "coins_markets", "companies_public_treasury")
    }


def test_retry_after_as_a_date_is_waited_for(httpserver: HTTPServer) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)  # whole seconds: between one and two from now
    httpserver.expect_ordered_request("/fng/").respond_with_data("", status=503, headers={"Retry-After": later})
    httpserver.expect_ordered_request("/fng/").respond_with_data(FNG)
    start = time.monotonic()
    assert len(_gather(httpserver).readings) == 1
    assert 0.8 <= time.monotonic() - start < 4


def test_a_wait_of_days_is_capped(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_LONGEST_WAIT_S", 0.3)
    httpserver.expect_ordered_request("/fng/").respond_with_data("", status=418, headers={"Retry-After": "259200"})
    httpserver.expect_ordered_request("/fng/").respond_with_data(FNG)
    start = time.monotonic()
    assert len(_gather(httpserver).readings) == 1
    assert 0.3 <= time.monotonic() - start < 3


def test_requests_to_one_source_are_spaced_also_from_round_to_round(httpserver: HTTPServer) -> None:
    """One call in 0.7 s: two calls in one round and one in the next arrive with a pause before each but the first."""
    arrived: list[float] = []

    def answer(request: WerkzeugRequest) -> Response:
        arrived.append(time.monotonic())
        return Response(FNG)

    httpserver.expect_request("/fng/").respond_with_handler(answer)
    slow = replace(sources()["alternative_me"], calls=1, per_s=0.7, base_url=httpserver.url_for("").rstrip("/"))

    async def rounds() -> None:
        for calls in (2, 1):
            async with open_fetcher({}, {}, QUICK, lambda: NOW) as fetcher:
                await asyncio.gather(*(fetcher.fetch(slow, Request("fng")) for _ in range(calls)))

    asyncio.run(rounds())
    assert len(arrived) == 3
    assert all(later - earlier >= 0.6 for earlier, later in pairwise(arrived))


def test_a_redirect_within_the_host_is_followed_with_its_key(httpserver: HTTPServer) -> None:
    """/fng/ is moved; the key of a source stays with the host it is for."""
    path = "/api/futures/liquidation/exchange-list"
    httpserver.expect_request(path).respond_with_data("", status=301, headers={"Location": "/moved?range=24h"})
    httpserver.expect_request("/moved", headers={"CG-API-KEY": KEY}).respond_with_json({"code": "0", "data": []})
    found = _gather(httpserver, "coinglass", caps=replace(QUICK, pace=HURRIED_PACE))
    assert "liquidation_exchange_list" not in {f.endpoint for f in found.failures}


def test_redirects_end_after_three(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/fng/").respond_with_data("", status=302, headers={"Location": "/fng/?again"})
    failure = _only_failure(_gather(httpserver))
    assert isinstance(failure, SourceRefused)
    assert "more than 3 times" in str(failure)
    assert len(httpserver.log) == 4


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_or_port_is_not_followed(httpserver: HTTPServer, status: int) -> None:
    with _raw(_ok(FNG)) as (address, asked):
        httpserver.expect_request("/fng/").respond_with_data("", status=status, headers={"Location": f"{address}/fng/"})
        failure = _only_failure(_gather(httpserver))
        assert isinstance(failure, SourceRefused)
        assert "redirects to another address, http://127.0.0.1" in str(failure)
        assert asked == []


@pytest.mark.parametrize(
    "location",
    ["http://api.example/x", "https://consent.example/x", "//169.254.169.254/latest", "https://api.example:8443/x",
     "https://me:pass@api.example/x", "file:///etc/passwd"],
)  # fmt: skip
def test_no_redirect_leaves_its_scheme_host_or_port(location: str) -> None:
    answer = httpx.Response(302, headers={"Location": location}, request=httpx.Request("GET", "https://api.example/fng/"))
    with pytest.raises(SourceRefused, match="redirects to another address") as caught:
        http._next_hop(sources()["alternative_me"], Request("fng"), answer)
    assert "pass" not in str(caught.value).replace("passwd", "")
    here = httpx.Response(302, headers={"Location": "https://API.example:443/y"}, request=httpx.Request("GET", "https://api.example/x"))
    assert http._next_hop(sources()["alternative_me"], Request("fng"), here).path == "/y"


def test_a_proxy_and_a_netrc_of_the_environment_are_not_used(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret-of-netrc\n")
    httpserver.expect_request("/fng/").respond_with_data(FNG)
    with _raw(_ok(b"{}")) as (proxy, through):
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("NETRC", str(netrc))
        assert len(_gather(httpserver).readings) == 1
        assert through == []
    assert "Authorization" not in httpserver.log[0][0].headers


@pytest.mark.parametrize("key", [KEY, "can/ary+key==7f3a9c", 'quo"ted-7f3a9c'])
def test_a_key_that_the_source_repeats_is_in_no_error_no_payload_and_no_log(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], key: str
) -> None:
    """Some sources print the caller's key into their own error."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    base, escaped = "/api/futures/liquidation/", key.replace("/", "\\/").replace('"', '\\"')
    httpserver.expect_request(base + "exchange-list").respond_with_json({"code": "401", "msg": f"the key {key} is not known"})
    httpserver.expect_request(base + "aggregated-history").respond_with_data(f"{{{key}", status=200)
    httpserver.expect_request(base + "order").respond_with_data('{"code":"400","msg":"' + escaped + '"}')
    httpserver.expect_request("/api/etf/bitcoin/flow-history").respond_with_data(key, status=500)
    httpserver.expect_request("/api/etf/ethereum/flow-history").respond_with_data(
        "", status=302, headers={"Location": "http://elsewhere.example/"}
    )
    found = _ask(httpserver.url_for("").rstrip("/"), name="coinglass", key=key, caps=replace(QUICK, attempts=2, pace=HURRIED_PACE))
    assert {f.endpoint for f in found.failures} == {r.endpoint for r in sources()["coinglass"].requests(("BTC",))}
    told = "".join(f"{f} {f!r} {f.url} {f.__cause__!r} {f.__cause__}" for f in found.failures)
    kept = b"".join(p.body for p in found.payloads).decode()
    printed = "".join(capfd.readouterr()) + caplog.text
    assert "[key]" in told
    for where in (told, kept, printed):
        assert key not in where
        assert escaped not in where


@pytest.mark.parametrize("key", [f"{KEY}\n", f" {KEY}", f"{KEY}\r\nX-Other: 1", f"{KEY}\x00", f"schl\u00fcssel-{KEY}"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_printed(httpserver: HTTPServer, key: str) -> None:
    httpserver.expect_request("/fng/").respond_with_data(FNG)
    address = httpserver.url_for("").rstrip("/")
    names = ["coinglass", "alternative_me"]
    caps = replace(QUICK, pace=HURRIED_PACE)
    found = asyncio.run(gather(names, ("BTC",), lambda: NOW, base_urls=dict.fromkeys(names, address), keys={"coinglass": key}, caps=caps))
    assert [r.key.source for r in found.readings] == ["alternative_me"]
    assert {type(f) for f in found.failures} == {KeyRefused}
    assert all(KEY not in f"{f!r} {f.__cause__!r} {f.__context__!r}" for f in found.failures)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    "address", ["http://[::bad", "http://localhost:99999", "ftp://localhost", "localhost", "http://", "http://\u2603..x"]
)
def test_an_address_that_is_none_harms_no_other_source(httpserver: HTTPServer, address: str) -> None:
    httpserver.expect_request("/fng/").respond_with_data(FNG)
    urls = {"alternative_me": httpserver.url_for("").rstrip("/"), "farside": address}
    found = asyncio.run(gather(["farside", "alternative_me"], ("BTC",), lambda: NOW, base_urls=urls, caps=replace(QUICK, attempts=1)))
    assert [r.key.source for r in found.readings] == ["alternative_me"]
    assert {f.source for f in found.failures} == {"farside"}


def test_a_failure_says_where_and_when(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/fng/").respond_with_data("", status=451)
    failure = _only_failure(_gather(httpserver))
    assert (failure.url, failure.fetched_at) == (httpserver.url_for("/fng/"), NOW)


def test_we_say_who_we_are_in_words_that_begin_like_a_browsers(httpserver: HTTPServer) -> None:
    """Farside and Yahoo refuse the names that clients have by default."""
    httpserver.expect_request("/fng/").respond_with_data(FNG)
    _gather(httpserver)
    agent = httpserver.log[0][0].headers["User-Agent"]
    assert agent.startswith("Mozilla/5.0 (")
    assert "newsgen" in agent
