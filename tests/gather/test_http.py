"""Fetching on real sockets: answers, waits, caps, and keys that appear nowhere."""

from __future__ import annotations

import asyncio
import gzip
import time
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as WerkzeugRequest
from werkzeug import Response

from newsgen.errors import GatherError, SourceRefused, SourceUnavailable
from newsgen.gather import Gathered, gather
from newsgen.gather._http import Caps, retry_after_s

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FNG = b'{"name":"x","data":[{"value":"47","value_classification":"Neutral","timestamp":"1777248000"}],"metadata":{"error":null}}'
KEY = "canary-7f3a9c"
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


@pytest.mark.parametrize(("status", "error", "calls"), [(500, SourceUnavailable, 3), (503, SourceUnavailable, 3), (451, SourceRefused, 1),
                                                          (401, SourceRefused, 1), (403, SourceRefused, 1), (404, SourceRefused, 1),
                                                          (302, SourceRefused, 1)])  # fmt: skip
def test_statuses_are_told_apart(httpserver: HTTPServer, status: int, error: type[GatherError], calls: int) -> None:
    headers = {"Location": httpserver.url_for("/elsewhere")} if status == 302 else {}
    httpserver.expect_request("/fng/").respond_with_data(f"no {KEY}", status=status, headers=headers)
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
    found = _gather(httpserver, "alternative_me", "farside", "coingecko")
    assert [r.key.source for r in found.readings] == ["alternative_me"]
    assert {(f.source, f.endpoint, type(f).__name__) for f in found.failures} == {
        ("farside", "btc", "BadPayload"),
        ("farside", "eth", "BadPayload"),
        ("coingecko", "global", "SourceRefused"),
        ("coingecko", "coins_markets", "SourceUnavailable"),
    }


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
    found = _gather(httpserver, "coinglass")
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
    ],
)
def test_retry_after_in_both_forms(text: str, seconds: float | None) -> None:
    assert retry_after_s(text, NOW) == seconds
