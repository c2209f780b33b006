"""Once, and only once: faults of the target, deaths in process at every step, real kill -9 at three of them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import written
from sqlalchemy import Engine

from newsgen.publish import CRASH_POINTS, Outbox, Target
from newsgen.store.claims import recover_sending
from newsgen.store.database import open_database
from newsgen.store.deliveries import deliveries_of
from newsgen.store.newsroom import save_article
from newsgen.story import Article
from newsgen.target_settings import FolderSettings, WebhookSettings

sys.path.insert(0, str(Path(__file__).parent))
import contextlib

from matrix import new_database
from receiver import SECRET, Receiver, receiving

START = datetime(2025, 7, 14, 12, 2, 30, tzinfo=UTC)


class Clock:
    """A clock that tests move; near the real time, since receivers check stamps."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now


class Death(BaseException):
    """The process dies here."""


def _article() -> Article:
    article = written("2025-07-14-squeeze").article
    assert article is not None
    return article


def _target(receiver: Receiver) -> Target:
    return Target(WebhookSettings(name="cms", url=receiver.url, secret_env="HOOK", allow_private=True))


def _outbox(engine: Engine, receiver: Receiver, clock: Clock, **more: object) -> Outbox:
    return Outbox(engine, {"cms": _target(receiver)}, clock, env={"HOOK": SECRET}, **more)  # type: ignore[arg-type]


def _drive(outbox: Outbox, clock: Clock, rounds: int = 8) -> str:
    """Deliver until the delivery has ended, moving the clock over the waits."""
    for _ in range(rounds):
        asyncio.run(outbox.deliver())
        state = deliveries_of(outbox.engine)[0]["state"]
        if state in ("confirmed", "rejected", "dead"):
            return str(state)
        clock.now += timedelta(minutes=10)
    return str(deliveries_of(outbox.engine)[0]["state"])


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = new_database(tmp_path)
    yield made
    made.dispose()


@pytest.mark.parametrize(
    "answers",
    [["500"], ["hang"], ["cut"], ["store_then_cut"], ["store_then_500", "500"], ["store_then_hang"], ["429 retry-after=5", "503"]],
    ids=["500", "hangs", "cut", "stored then cut", "stored then 500 twice", "stored then hangs", "slow down"],
)  # fmt: skip
def test_one_article_arrives_once_whatever_the_receiver_does(
    engine: Engine, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr("newsgen.publish._wire.TOTAL_S", 0.5)
    clock = Clock()
    with receiving() as receiver:
        receiver.answers = list(answers)
        save_article(engine, _article(), {"cms": 6 * 3600}, clock())
        assert _drive(_outbox(engine, receiver, clock), clock) == "confirmed"
    assert len(receiver.kept) == 1
    ids = {headers["webhook-id"] for headers, _ in receiver.requests}
    assert len(ids) == 1
    assert len({body for _, body in receiver.requests}) == 1
    assert len(receiver.requests) == len(answers) + 1


@pytest.mark.parametrize("point", CRASH_POINTS)
@pytest.mark.parametrize("answers", [[], ["store_then_cut"]], ids=["healthy", "stored then cut"])
def test_death_at_every_step_and_a_restart_still_give_one(engine: Engine, point: str, answers: list[str]) -> None:
    clock = Clock()
    deaths = [point]

    def die(at: str) -> None:
        if deaths and at == deaths[0]:
            deaths.pop()
            raise Death

    with receiving() as receiver:
        receiver.answers = list(answers)
        save_article(engine, _article(), {"cms": 6 * 3600}, clock())
        with contextlib.suppress(Death):
            asyncio.run(_outbox(engine, receiver, clock, at=die).deliver())
        recover_sending(engine, clock())
        assert _drive(_outbox(engine, receiver, clock), clock) == "confirmed"
    assert next(iter(receiver.kept.values()))["data"]["version_id"] == _article().id
    assert len(receiver.kept) == 1


def test_saving_twice_makes_one_article_and_one_delivery(engine: Engine) -> None:
    assert save_article(engine, _article(), {"cms": 3600}, START).new
    assert not save_article(engine, _article(), {"cms": 3600}, START).new
    other = replace(_article(), id="00000000-0000-5000-8000-000000000000")
    assert not save_article(engine, other, {"cms": 3600}, START).new  # the same story, locale and version
    assert len(deliveries_of(engine)) == 1


def test_another_site_or_locale_is_another_article(engine: Engine) -> None:
    save_article(engine, _article(), {"cms": 3600}, START)
    assert save_article(engine, replace(_article(), site="second", id="1"), {"cms": 3600}, START).new
    assert save_article(engine, replace(_article(), locale="de", id="2"), {"cms": 3600}, START).new
    assert len(deliveries_of(engine)) == 3


def test_a_held_article_is_kept_and_not_sent(engine: Engine) -> None:
    held = written("2025-07-14-as-printed").article
    assert held is not None
    with receiving() as receiver:
        clock = Clock()
        save_article(engine, held, {"cms": 3600}, clock())
        asyncio.run(_outbox(engine, receiver, clock).deliver())
        assert receiver.requests == []
    assert deliveries_of(engine)[0]["state"] == "held"


def test_news_that_is_too_late_becomes_a_dead_letter(engine: Engine) -> None:
    clock = Clock()
    with receiving() as receiver:
        receiver.answers = ["500"] * 20
        save_article(engine, _article(), {"cms": 900}, clock())
        assert _drive(_outbox(engine, receiver, clock), clock) == "dead"
        assert "expire" in deliveries_of(engine)[0]["problem"]
        assert receiver.kept == {}


def test_a_dead_target_delays_no_other(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsgen.publish._wire.TOTAL_S", 0.4)
    clock = Clock()
    with receiving() as receiver:
        receiver.answers = ["hang"]
        folder = Target(FolderSettings(name="site", path=str(tmp_path / "site")))
        save_article(engine, _article(), {"cms": 3600, "site": 3600}, clock())
        outbox = Outbox(engine, {"cms": _target(receiver), "site": folder}, clock, env={"HOOK": SECRET})
        states = {r.target: r.state for r in asyncio.run(outbox.deliver())}
    assert states == {"cms": "unknown", "site": "confirmed"}


def test_a_missing_secret_is_a_refusal_that_names_the_variable(engine: Engine) -> None:
    clock = Clock()
    with receiving() as receiver:
        save_article(engine, _article(), {"cms": 3600}, clock())
        asyncio.run(Outbox(engine, {"cms": _target(receiver)}, clock, env={}).deliver())
    row = deliveries_of(engine)[0]
    assert row["state"] == "rejected"
    assert "HOOK" in row["problem"]


def test_the_secret_stands_in_no_row(engine: Engine, tmp_path: Path) -> None:
    clock = Clock()
    with receiving() as receiver:
        receiver.answers = ["401", "500"]
        save_article(engine, _article(), {"cms": 3600}, clock())
        _drive(_outbox(engine, receiver, clock), clock, 3)
    engine.dispose()
    raw = b"".join(p.read_bytes() for p in tmp_path.glob("news.db*"))
    assert SECRET.encode() not in raw
    assert SECRET.removeprefix("whsec_").encode() not in raw


_CHILD = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from newsgen.publish import Outbox, Target
from newsgen.store.database import open_database
from newsgen.store.claims import recover_sending
from newsgen.target_settings import WebhookSettings
point, url, db = sys.argv[1:]
engine = open_database(db)
recover_sending(engine, datetime.now(UTC))
def die(at):
    if at == point:
        os.kill(os.getpid(), signal.SIGKILL)
target = Target(WebhookSettings(name="cms", url=url, secret_env="HOOK", allow_private=True))
asyncio.run(Outbox(engine, {"cms": target}, lambda: datetime.now(UTC), at=die).deliver())
"""


@pytest.mark.parametrize("point", ["after_claim", "before_send", "after_send"])
def test_a_real_kill_9_and_a_restart_give_one(tmp_path: Path, point: str) -> None:
    database = f"sqlite:///{tmp_path}/news.db"
    engine = open_database(database)
    save_article(engine, _article(), {"cms": 6 * 3600}, datetime.now(UTC))
    with receiving() as receiver:
        command = [sys.executable, "-c", _CHILD]
        env = {**os.environ, "HOOK": SECRET}
        killed = subprocess.run([*command, point, receiver.url, database], env=env, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert deliveries_of(engine)[0]["state"] == "sending"
        recover_sending(engine, datetime.now(UTC))
        asyncio.run(_outbox(engine, receiver, Clock()).deliver())
    assert deliveries_of(engine)[0]["state"] == "confirmed"
    assert len(receiver.kept) == 1
    assert len(receiver.requests) == (2 if point == "after_send" else 1)
    engine.dispose()
