"""Many targets and many deliveries: the dead and the slow delay no other, none is lost, none arrives twice. By order, not by the clock."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from newsgen.config import load_settings
from newsgen.publish import Outbox, Target, _wire
from newsgen.service import Service
from newsgen.store.deliveries import deliveries_of
from newsgen.store.newsroom import save_article
from newsgen.story import Article
from newsgen.target_settings import WebhookSettings

sys.path.insert(0, str(Path(__file__).parent))
from fake_site import black_hole
from matrix import new_database, versions
from receiver import SECRET

NOW = datetime(2025, 7, 14, 12, 3, tzinfo=UTC)
ENV = {"HOOK": SECRET}


@dataclass
class Crowd:
    """Receivers at the paths of one server; those whose path begins with /slow answer only when they may.

    Attributes:
        enough: Called after each arrival: whether the slow ones may answer now.
        waited: Whether a slow one had to give up waiting for that.
    """

    enough: Callable[[Crowd], bool]
    port: int = 0
    arrived: list[tuple[str, str]] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    may_answer: threading.Event = field(default_factory=threading.Event)
    waited: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, path: str, message_id: str, story: str) -> None:
        with self.lock:
            self.arrived.append((path, story))
            self.ids[message_id] += 1
            if self.enough(self):
                self.may_answer.set()
        if path.startswith("/slow"):
            self.waited |= not self.may_answer.wait(20)

    def good(self) -> list[tuple[str, str]]:
        return [(path, story) for path, story in self.arrived if path.startswith("/good")]


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


@contextmanager
def _crowd(enough: Callable[[Crowd], bool]) -> Iterator[Crowd]:
    crowd = Crowd(enough)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["content-length"])))
            crowd.take(self.path, self.headers["webhook-id"], event["data"]["slug"])
            self.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    crowd.port = server.server_address[1]
    try:
        yield crowd
    finally:
        crowd.may_answer.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _hook(name: str, port: int) -> Target:
    url = f"http://127.0.0.1:{port}/{name}"
    return Target(WebhookSettings(name=name, url=url, secret_env="HOOK", allow_private=True))


def _story(number: int) -> Article:
    first = versions()[0]
    return replace(first, id=f"00000000-0000-5000-8000-{number:012d}", story=f"story-{number}", slug=f"story-{number:08d}")


def _refusing() -> int:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return int(closed.getsockname()[1])


def test_of_twenty_targets_the_dead_and_the_slow_delay_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow ones answer only when all the good ones have the article: if one of those waited for a slow one, neither would end."""
    monkeypatch.setattr(_wire, "CONNECT_S", 2.0)  # of the one that never answers; twenty at once are slow on a busy machine
    engine = new_database(tmp_path)
    with _crowd(lambda crowd: len(crowd.good()) == 16) as crowd, black_hole() as hole:
        targets = [_hook("dead-0", hole), _hook("dead-1", _refusing()), _hook("slow-0", crowd.port), _hook("slow-1", crowd.port)]
        targets += [_hook(f"good-{n}", crowd.port) for n in range(16)]
        save_article(engine, _story(0), {t.name: 900 for t in targets}, NOW)
        receipts = asyncio.run(Outbox(engine, {t.name: t for t in targets}, lambda: NOW, env=ENV).deliver())
    assert not crowd.waited
    assert Counter((r.target.split("-")[0], r.state) for r in receipts) == {
        ("good", "confirmed"): 16, ("slow", "confirmed"): 2, ("dead", "unknown"): 2,
    }  # fmt: skip
    assert {r["state"] for r in deliveries_of(engine) if r["target"].startswith("dead")} == {"pending"}
    engine.dispose()


def test_of_150_deliveries_in_a_run_none_is_lost_and_none_arrives_twice(tmp_path: Path) -> None:
    engine = new_database(tmp_path)
    with _crowd(lambda crowd: True) as crowd:
        targets = {name: _hook(name, crowd.port) for name in (f"good-{n}" for n in range(10))}
        for number in range(15):
            save_article(engine, _story(number), dict.fromkeys(targets, 900), NOW)
        receipts = asyncio.run(Outbox(engine, targets, lambda: NOW, env=ENV).deliver())
    assert len(receipts) == len(crowd.arrived) == len(crowd.ids) == 150
    assert {r.state for r in receipts} == {"confirmed"}
    assert len(set(crowd.arrived)) == 150
    for name in targets:  # the oldest first
        assert [story for path, story in crowd.arrived if path == f"/{name}"] == [_story(n).slug for n in range(15)]
    engine.dispose()


def test_a_slow_target_does_not_hold_back_what_is_written_while_it_is_slow(tmp_path: Path) -> None:
    """The second article reaches the good target while the slow one still has the first."""
    with _crowd(lambda crowd: ("/good", _story(1).slug) in crowd.arrived) as crowd:
        for name in ("good", "slow"):
            with (tmp_path / "newsgen.toml").open("a", encoding="utf-8") as file:
                file.write(f'[[targets]]\nname = "{name}"\nkind = "webhook"\nsecret_env = "HOOK"\nallow_private = true\n'
                           f'url = "http://127.0.0.1:{crowd.port}/{name}"\n')  # fmt: skip
        settings = load_settings(tmp_path / "newsgen.toml", env=ENV)
        service = Service(settings, new_database(tmp_path), lambda: NOW, ENV)
        asyncio.run(_two_rounds(service, crowd))
    assert not crowd.waited
    assert [r["state"] for r in deliveries_of(service.engine)] == ["confirmed"] * 4
    service.engine.dispose()


def test_a_run_that_is_stopped_ends_what_is_in_hand_and_begins_nothing(tmp_path: Path) -> None:
    engine, stop = new_database(tmp_path), asyncio.Event()
    with _crowd(lambda crowd: bool(stop.set()) or True) as crowd:
        for number in range(3):
            save_article(engine, _story(number), {"good": 900}, NOW)
        outbox = Outbox(engine, {"good": _hook("good", crowd.port)}, lambda: NOW, env=ENV, stop=stop)
        assert [r.state for r in asyncio.run(outbox.deliver())] == ["confirmed"]
    assert [r["state"] for r in deliveries_of(engine)] == ["confirmed", "pending", "pending"]
    engine.dispose()


async def _two_rounds(service: Service, crowd: Crowd) -> None:
    stop = asyncio.Event()
    save_article(service.engine, _story(0), {"good": 900, "slow": 900}, NOW)
    task = asyncio.create_task(service.deliver_forever(stop, 0.02))
    await _until(lambda: len(crowd.arrived) == 2)
    save_article(service.engine, _story(1), {"good": 900, "slow": 900}, NOW)
    await _until(lambda: len(crowd.arrived) == 4 and {r["state"] for r in deliveries_of(service.engine)} == {"confirmed"})
    stop.set()
    await task


async def _until(done: Callable[[], bool]) -> None:
    for _ in range(1000):
        if done():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to pass")
