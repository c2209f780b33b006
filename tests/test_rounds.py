"""A round: what is due, what the day's calls reach for, what is logged, what is kept and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from pytest_httpserver import HTTPServer

from newsgen.config import Settings, SourceSettings
from newsgen.gather import Gathered, Request, Source, Terms, sources
from newsgen.gather._http import Caps
from newsgen.rounds import gather_round, prune, questions_of
from newsgen.store.archive import SqlArchive
from newsgen.store.database import open_database
from newsgen.store.sources import calls_on, health_of

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FNG = b'{"name":"x","data":[{"value":"47","value_classification":"Neutral","timestamp":"1777248000"}],"metadata":{"error":null}}'
QUICK = Caps(connect_s=0.5, total_s=1, attempts=1)


@pytest.fixture
def engine(tmp_path: Any) -> sa.Engine:
    return open_database(f"sqlite:///{tmp_path}/newsgen.db")


Round = Callable[..., Gathered]


@pytest.fixture
def ask(httpserver: HTTPServer, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Round:
    """A round at a moment, of one source on loopback that may be changed."""
    settings = Settings(sources={"alternative_me": SourceSettings(base_url=httpserver.url_for("").rstrip("/"))})

    def asked(at: datetime, *, anyway: bool = False, every_s: float = 0, **changes: Any) -> Gathered:
        known = sources()["alternative_me"]
        changed = replace(known, endpoints={"fng": replace(known.endpoints["fng"], every_s=every_s)}, **changes)
        monkeypatch.setattr("newsgen.rounds.sources", lambda: {"alternative_me": changed})
        return asyncio.run(gather_round(settings, engine, (), ("BTC",), lambda: at, {}, anyway=anyway, caps=QUICK))

    return asked


def test_a_question_is_asked_again_when_it_is_due(httpserver: HTTPServer, ask: Round) -> None:
    httpserver.expect_request("/fng/").respond_with_data(FNG)
    for minutes, asked in ((0, 1), (30, 1), (56, 1), (57, 2), (60, 2), (120, 3)):
        ask(NOON + timedelta(minutes=minutes), every_s=3600)
        assert len(httpserver.log) == asked, minutes


def test_a_question_that_failed_is_due_at_once(httpserver: HTTPServer, ask: Round) -> None:
    httpserver.expect_ordered_request("/fng/").respond_with_data("", status=503)
    httpserver.expect_ordered_request("/fng/").respond_with_data(FNG)
    assert ask(NOON, every_s=3600).failures
    assert ask(NOON + timedelta(minutes=1), every_s=3600).readings


def two(assets: object) -> list[Request]:
    return [Request("fng", {"limit": n}) for n in ("1", "2")]


def test_the_calls_of_a_day_are_not_exceeded_and_come_back_at_midnight(httpserver: HTTPServer, ask: Round, engine: sa.Engine) -> None:
    httpserver.expect_request("/fng/").respond_with_data(FNG)
    with structlog.testing.capture_logs() as logs:
        for minutes in (0, 1, 2):
            ask(NOON + timedelta(minutes=minutes), calls_a_day=3, requests=two)
    assert len(httpserver.log) == 3
    assert calls_on(engine, NOON) == {"alternative_me": 3}
    told = [line for line in logs if line["event"] == "gather.source_failed"]
    assert {line["problem"] for line in told} == {"the day's 3 calls are used up"}
    assert len(ask(NOON + timedelta(hours=12), calls_a_day=3, requests=two).asked) == 2


def test_a_failure_is_logged_when_it_begins_and_when_it_is_over(httpserver: HTTPServer, ask: Round, engine: sa.Engine) -> None:
    for status in (200, 503, 503, 503, 500, 200, 200):
        httpserver.expect_ordered_request("/fng/").respond_with_data(FNG if status == 200 else "", status=status)
    with structlog.testing.capture_logs() as logs:
        for minutes in range(7):
            ask(NOON + timedelta(minutes=minutes))
            if minutes == 3:
                assert health_of(engine)["alternative_me"].problem == "status 503"
    assert [(line["event"], line.get("problem")) for line in logs if line["log_level"] in ("warning", "info")] == [
        ("gather.source_failed", "status 503"), ("gather.source_failed", "status 500"), ("gather.source_back", None),
    ]  # fmt: skip
    assert health_of(engine)["alternative_me"].failing == 0


def test_payloads_are_kept_as_long_as_the_desk_says_and_no_longer_than_the_terms_do(
    httpserver: HTTPServer, ask: Round, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    httpserver.expect_request("/fng/").respond_with_data(FNG)
    found = ask(NOON)
    sha256 = found.payloads[0].sha256
    desk = Settings(keep_payloads=timedelta(days=10))
    archive = SqlArchive(engine)
    assert prune(desk, engine, NOON + timedelta(days=10)) == 0
    assert archive.payload(sha256) is not None

    def terms(keep_days: int) -> dict[str, Source]:
        return {"alternative_me": replace(sources()["alternative_me"], terms=Terms("https://x", "", "", keep_days=keep_days))}

    monkeypatch.setattr("newsgen.rounds.sources", lambda: terms(40))  # the desk keeps less
    assert prune(desk, engine, NOON + timedelta(days=9)) == 0
    monkeypatch.setattr("newsgen.rounds.sources", lambda: terms(1))
    assert prune(desk, engine, NOON + timedelta(hours=23)) == 0
    assert prune(desk, engine, NOON + timedelta(hours=25)) == 1
    assert archive.payload(sha256) is None
    assert archive.load("sentiment.fear_greed", "market")  # what was read of them stays


def test_a_source_of_many_exchanges_is_asked_for_those_of_the_settings() -> None:
    ccxt = sources()["ccxt"]
    assert questions_of(Settings(), ccxt, ("BTC",)) == []
    asked = questions_of(Settings(sources={"ccxt": SourceSettings(exchanges=("bitstamp",))}), ccxt, ("BTC",))
    assert {r.params["exchange"] for r in asked} == {"bitstamp"}
