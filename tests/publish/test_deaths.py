"""Death at every step of every version, in process, for the webhook, the folder and a small CMS; real kill -9 at each for the webhook.

The real ones are the long command (`pytest -m slow`), but for the withdrawal's; so is what the tests of each CMS show of their own.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from newsgen.publish import Outbox, Target, _outbox, publishers
from newsgen.publish._printed import Printed
from newsgen.store.claims import recover_sending
from newsgen.store.deliveries import deliveries_of
from newsgen.store.newsroom import save_article
from newsgen.story import Article
from newsgen.target_settings import FolderSettings, WebhookSettings

sys.path.insert(0, str(Path(__file__).parent))
import small_cms
from matrix import every_fault, every_step, new_database, versions
from receiver import SECRET, receiving
from receiver import Receiver as Hook
from small_cms import Shown

STEPS = ("before_claim", "after_claim", "before_send", "before POST /hook", "after POST /hook", "after_send", "after_receipt")


@dataclass
class Subscriber:
    """What a receiver of webhooks makes of them: of a story the highest version that it was sent."""

    hook: Hook
    asked: list[str] = field(default_factory=list)
    faults: dict[int | str, str] = field(default_factory=dict)

    def kept(self) -> list[Shown]:
        latest: dict[str, dict[str, Any]] = {}
        for event in self.hook.kept.values():
            data = event["data"]
            if data["version"] >= latest.get(data["id"], data)["version"]:
                latest[data["id"]] = data
        return [Shown(data["headline"], data["body_html"]) for data in latest.values()]

    shown = kept

    def freeze(self) -> Any:
        return dict(self.hook.kept)

    def thaw(self, state: Any) -> None:
        self.hook.kept = dict(state)


@dataclass
class Folder:
    """A folder as a site; put back by putting its files back."""

    path: Path
    asked: list[str] = field(default_factory=list)
    faults: dict[int | str, str] = field(default_factory=dict)

    def kept(self) -> list[Shown]:
        pages = sorted(self.path.glob("articles/*/index.html"))
        titles = [Printed.read((p.parent / "article.json").read_text("utf-8")).headline.text for p in pages]
        return [Shown(title, page.read_text("utf-8")) for title, page in zip(titles, pages, strict=True)]

    shown = kept

    def freeze(self) -> Any:
        return {p.relative_to(self.path): p.read_bytes() for p in sorted(self.path.rglob("*")) if p.is_file()}

    def thaw(self, state: Any) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        for name, content in state.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_bytes(content)


def _hook_target(url: str) -> Target:
    return Target(WebhookSettings(name="cms", url=url, secret_env="HOOK", allow_private=True))


@contextmanager
def _small(monkeypatch: pytest.MonkeyPatch) -> Iterator[small_cms.SmallCms]:
    known = {**publishers(), "cms": small_cms.PUBLISHER}
    monkeypatch.setattr(_outbox, "publishers", lambda: known)
    with small_cms.running() as cms:
        yield cms


def test_the_webhook_survives_a_death_at_every_step_of_every_version(tmp_path: Path) -> None:
    with receiving() as hook:
        site = Subscriber(hook)
        done = every_step(_hook_target(hook.url), site, versions(), env={"HOOK": SECRET}, folder=tmp_path)
    assert {step for step in done if step[0] == "4"} >= {f"4 {step}" for step in STEPS}
    assert len(done) >= 4 * len(STEPS)


def test_the_folder_survives_a_death_at_every_step_of_every_version(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    target = Target(FolderSettings(name="cms", path=str(tmp_path / "site")))
    done = every_step(target, Folder(tmp_path / "site"), versions(), env={}, folder=tmp_path / "desk")
    assert len(done) >= 4 * 5


@pytest.mark.parametrize("overtaken", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["restart", "restart with a newer version"])
def test_a_cms_survives_a_death_at_every_step_of_every_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overtaken: bool) -> None:
    with _small(monkeypatch) as cms:
        done = every_step(small_cms.target_of(cms), cms, versions(), env={}, folder=tmp_path, overtaken=overtaken)
    assert "1 after POST /posts" in done
    assert len([step for step in done if " PUT " in step]) >= 8


@pytest.mark.slow
def test_a_cms_survives_every_fault_at_every_write_of_every_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = ("swallow", "503", "429", "page", "page-after", "cut")
    with _small(monkeypatch) as cms:
        done = every_fault(small_cms.target_of(cms), cms, versions(), faults, env={}, folder=tmp_path)
    assert len(done) == len(faults) * 5  # a POST and a release, and three updates


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


def _kill(engine: Engine, hook: Hook, article: Article, point: str) -> None:
    """Send a version, be killed at a point, start again: it is there once."""
    command = [sys.executable, "-c", _CHILD]
    env = {**os.environ, "HOOK": SECRET}
    assert save_article(engine, article, {"cms": 6 * 3600}, datetime.now(UTC)).new
    killed = subprocess.run([*command, point, hook.url, str(engine.url)], env=env, check=False)
    assert killed.returncode == -signal.SIGKILL, point
    recover_sending(engine, datetime.now(UTC))
    outbox = Outbox(engine, {"cms": _hook_target(hook.url)}, lambda: datetime.now(UTC), env={"HOOK": SECRET})
    asyncio.run(outbox.deliver())
    assert deliveries_of(engine)[-1]["state"] == "confirmed"
    assert [(s.title) for s in Subscriber(hook).kept()] == [article.headline.text]
    assert len([e for e in hook.kept.values() if e["data"]["version"] == article.version]) == 1


def test_a_withdrawal_survives_a_real_kill_9_after_it_was_sent(tmp_path: Path) -> None:
    engine = new_database(tmp_path)
    with receiving() as hook:
        hook.kept["msg_0"] = {"data": {"id": Printed.of(versions()[0]).story_id, "version": 1, "headline": "x", "body_html": ""}}
        save_article(engine, versions()[0], {"cms": 6 * 3600}, datetime.now(UTC))
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE delivery SET state = 'dead', unknown_at = 1")
        _kill(engine, hook, versions()[3], "after_send")
    engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("point", STEPS)
def test_every_version_survives_a_real_kill_9(tmp_path: Path, point: str) -> None:
    engine = new_database(tmp_path)
    with receiving() as hook:
        for article in versions():
            _kill(engine, hook, article, point)
    engine.dispose()
