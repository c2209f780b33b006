"""What waited is held against the newest prices before it is sent: written again, held, or sent as it is; also when the power is cut."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desk import SAMPLES, edition

from newsgen.config import load_settings
from newsgen.edition import payload_files
from newsgen.gather import sources
from newsgen.service import Service, open_service
from newsgen.store.database import open_database
from newsgen.store.deliveries import deliveries_of
from newsgen.store.newsroom import ARTICLE, EDITOR_ACTION, STORY, claim_fire, finish_fire
from tests.loopback import serving

sys.path.insert(0, str(Path(__file__).parent / "publish"))
from receiver import SECRET, Receiver, receiving

DAY = SAMPLES / "2025-07-14-squeeze"
NOON = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
SOURCES = ("coinglass", "binance")
Params = tuple[tuple[str, str], ...]


@dataclass
class Market(Mapping[tuple[str, Params], bytes]):
    """A source whose price of bitcoin moves: the day's payloads, and the tickers of two coins."""

    answers: dict[tuple[str, Params], bytes]
    btc: str = "121467.24"
    at: datetime = NOON - timedelta(seconds=20)
    silent: set[str] = field(default_factory=set)  # paths that give nothing

    def __getitem__(self, key: tuple[str, Params]) -> bytes:
        path, params = key
        if path in self.silent:
            raise KeyError(key)
        if path == "/api/v3/ticker/24hr":
            return self._ticker(dict(params)["symbol"])
        return self.answers[key]

    def __iter__(self) -> Iterator[tuple[str, Params]]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)

    def _ticker(self, pair: str) -> bytes:
        close = int(self.at.timestamp() * 1000)
        last, low, high = (self.btc, "117800", "123218") if pair == "BTCUSDT" else ("3051.72", "2950", "3080")
        return json.dumps({
            "symbol": pair, "openPrice": low, "highPrice": high, "lowPrice": low, "lastPrice": last,
            "volume": "20000", "quoteVolume": "2400000000", "openTime": close - 86_400_000, "closeTime": close, "count": 1,
        }).encode()  # fmt: skip


@dataclass
class Desk:
    """A folder with settings and an archive, a market on loopback, a receiver; and a clock that tests move."""

    folder: Path
    market: Market
    receiver: Receiver
    now: datetime = NOON

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder}/newsgen.db"

    def rows(self, table: sa.Table) -> list[Any]:
        engine = open_database(self.database)
        with engine.connect() as connection:
            found = list(connection.execute(sa.select(table)))
        engine.dispose()
        return found

    @property
    def states(self) -> dict[str, str]:
        engine = open_database(self.database)
        found = {row["target"]: row["state"] for row in deliveries_of(engine)}
        engine.dispose()
        return found

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What the receiver has got, attempt by attempt."""
        return [json.loads(body)["data"] for _, body in self.receiver.requests]

    def move(self, btc: str | None = None, minutes: int = 5) -> None:
        """Time goes by, and the price moves."""
        self.now += timedelta(minutes=minutes)
        self.market.at = self.now - timedelta(seconds=10)
        self.market.btc = btc or self.market.btc


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _target(name: str, url: str) -> str:
    return f'[[targets]]\nname = "{name}"\nkind = "webhook"\nurl = "{url}"\nsecret_env = "HOOK"\nallow_private = true\n'


@contextmanager
def _desk(folder: Path, archive: Path, targets: Mapping[str, str], angles: str = "ath") -> Iterator[Desk]:
    """Targets: name to an address, where "receiver" is the receiver's."""
    (folder / "newsgen.db").write_bytes(archive.read_bytes())
    answers = {}
    for source, endpoint, note, path in payload_files(DAY, edition(DAY.name).file):
        known = sources()[source].endpoints[endpoint]
        answers[(known.path, tuple(sorted({**known.fixed, **note.params}.items())))] = path.read_bytes()
    market = Market(answers)
    with serving(market) as source_url, receiving() as receiver:
        told = "".join(_target(name, url.replace("receiver", receiver.url)) for name, url in targets.items())
        on = "\n".join(f'[sources.{name}]\nbase_url = "{source_url}"' for name in SOURCES)
        off = "\n".join(f"[sources.{name}]\nenabled = false" for name in sources() if name not in SOURCES)
        (folder / "newsgen.toml").write_text(
            f'database_url = "sqlite:///newsgen.db"\n[[editions]]\nname = "noon"\nzone = "UTC"\ncron = "0 12 * * *"\nform = "brief"\n'
            f'assets = ["BTC", "ETH"]\nangles = ["{angles}"]\n{told}{on}\n{off}\n[streams]\nenabled = false\n',
            "utf-8",
        )
        yield Desk(folder, market, receiver)


@contextmanager
def _service(desk: Desk) -> Iterator[Service]:
    env = {"HOOK": SECRET}
    service = open_service(load_settings(desk.folder / "newsgen.toml", env=env), lambda: desk.now, env)
    yield service
    service.engine.dispose()


def _noon(service: Service) -> str:
    return asyncio.run(service.run_edition(service.settings.editions[0], NOON))


def _reach(desk: Desk, name: str) -> None:
    """The target that was down answers now."""
    path = desk.folder / "newsgen.toml"
    lines = path.read_text("utf-8").split("\n")
    at = lines.index(f'name = "{name}"')
    lines[at + 2] = f'url = "{desk.receiver.url}"'
    path.write_text("\n".join(lines), "utf-8")


def _down() -> dict[str, str]:
    return {"cms": f"http://127.0.0.1:{_free_port()}/hook"}


def test_what_a_target_that_was_down_never_got_is_written_again_when_the_price_has_moved(tmp_path: Path, archive: Path) -> None:
    with _desk(tmp_path, archive, _down()) as desk:
        with _service(desk) as service:
            assert _noon(service).startswith("publish: ")
        [before] = desk.rows(ARTICLE)
        assert "$121,467" in before.body
        assert desk.states == {"cms": "pending"}
        desk.move("119000")  # 2 % down, and below $120,000
        _reach(desk, "cms")
        with _service(desk) as service:
            asyncio.run(service.deliver())
        [article] = desk.rows(ARTICLE)
        [event] = desk.bodies
    assert event["version_id"] == article.id != before.id
    assert "$119,000" in event["body_text"]
    assert "$121,467" not in event["body_text"]
    assert (article.story, article.version, article.fire_time) == (before.story, before.version, before.fire_time)
    assert event["data_as_of"] == "2025-07-14T12:07:00Z"
    assert event["version"] == 1
    assert [row.slug for row in desk.rows(STORY)] == [article.slug] == [event["slug"]]
    [action] = desk.rows(EDITOR_ACTION)
    assert (action.verb, action.who, action.article_id) == ("rewrite", "newsgen", article.id)
    assert "BTC was at 121,467.24 and is at 119,000" in action.reason


@pytest.mark.parametrize(("btc", "minutes"), [("122500", 5), ("119000", 1)])  # 0.9 %; or too soon to ask
def test_what_has_hardly_moved_or_hardly_waited_is_sent_as_it_was_written(tmp_path: Path, archive: Path, btc: str, minutes: int) -> None:
    with _desk(tmp_path, archive, _down()) as desk:
        with _service(desk) as service:
            _noon(service)
        [before] = desk.rows(ARTICLE)
        desk.move(btc, minutes)
        _reach(desk, "cms")
        with _service(desk) as service:
            asyncio.run(service.deliver())
        [event] = desk.bodies
    assert event["version_id"] == before.id
    assert desk.rows(EDITOR_ACTION) == []


def test_what_a_target_may_have_keeps_its_bytes_whatever_the_price_does(tmp_path: Path, archive: Path) -> None:
    with _desk(tmp_path, archive, {"cms": "receiver"}) as desk:
        desk.receiver.answers = ["store_then_cut"]
        with _service(desk) as service:
            _noon(service)
            assert desk.states == {"cms": "unknown"}
            desk.move("119000")
            asyncio.run(service.deliver())
    assert len({body for _, body in desk.receiver.requests}) == 1
    assert len(desk.receiver.requests) == 2
    assert desk.states == {"cms": "confirmed"}


def test_once_unknown_stays_unknown_when_the_next_connection_is_refused(tmp_path: Path, archive: Path) -> None:
    with _desk(tmp_path, archive, {"cms": "receiver"}) as desk:
        desk.receiver.answers = ["store_then_cut", "429"]  # the second one is surely not stored; of the first nobody knows
        with _service(desk) as service:
            _noon(service)
            desk.move("119000")
            asyncio.run(service.deliver())
            assert desk.states == {"cms": "unknown"}
            desk.move(minutes=10)
            asyncio.run(service.deliver())
    assert len({body for _, body in desk.receiver.requests}) == 1
    assert desk.states == {"cms": "confirmed"}


def test_where_one_target_has_it_the_other_gets_no_stale_text_and_no_other_text(tmp_path: Path, archive: Path) -> None:
    with _desk(tmp_path, archive, {"one": "receiver", **_down()}) as desk:
        with _service(desk) as service:
            _noon(service)
        assert desk.states == {"one": "confirmed", "cms": "pending"}
        [before] = desk.rows(ARTICLE)
        desk.move("119000")
        _reach(desk, "cms")
        with _service(desk) as service:
            asyncio.run(service.deliver())
        [article] = desk.rows(ARTICLE)
    assert (article.body, article.decision) == (before.body, "publish")
    assert len(desk.receiver.requests) == 1
    assert desk.states == {"one": "confirmed", "cms": "held"}


def test_an_angle_that_no_longer_holds_is_held_with_the_reason(tmp_path: Path, archive: Path) -> None:
    with _desk(tmp_path, archive, _down(), "short_squeeze") as desk:
        with _service(desk) as service:
            _noon(service)
        desk.move("119000")
        _reach(desk, "cms")
        with _service(desk) as service:
            limits = {"short_squeeze": {"floor_market_usd": "99000000000", "floor_venue_usd": "99000000000"}}
            service.settings = service.settings.model_copy(update={"angles": limits})
            asyncio.run(service.deliver())
            asyncio.run(service.deliver())
        [article] = desk.rows(ARTICLE)
    assert desk.receiver.requests == []
    assert desk.states == {"cms": "held"}
    verdict = json.loads(article.body)["verdict"]
    assert (article.decision, verdict["decision"], verdict["findings"][0]["check"]) == ("hold", "hold", "staleness")
    assert "short_squeeze is no news any more" in verdict["findings"][0]["message"]


def test_without_a_price_of_now_it_waits(tmp_path: Path, archive: Path) -> None:
    with _desk(tmp_path, archive, _down()) as desk:
        with _service(desk) as service:
            _noon(service)
        [before] = desk.rows(ARTICLE)
        desk.move(minutes=15)
        desk.market.silent.add("/api/v3/ticker/24hr")
        _reach(desk, "cms")
        with _service(desk) as service:
            asyncio.run(service.deliver())
            assert (desk.receiver.requests, desk.states) == ([], {"cms": "pending"})
            desk.market.silent.clear()
            desk.move(minutes=1)
            asyncio.run(service.deliver())
        [event] = desk.bodies
    assert event["version_id"] == before.id


def test_an_edition_that_is_gone_is_held(tmp_path: Path, archive: Path) -> None:
    with _desk(tmp_path, archive, _down()) as desk:
        with _service(desk) as service:
            _noon(service)
        desk.move("119000")
        path = tmp_path / "newsgen.toml"
        path.write_text(path.read_text("utf-8").replace('name = "noon"', 'name = "evening"'), "utf-8")
        with _service(desk) as service:
            asyncio.run(service.deliver())
    assert desk.states == {"cms": "held"}


# Power cuts


def _last_ran_yesterday(desk: Desk) -> None:
    engine = open_database(desk.database)
    yesterday = NOON.replace(minute=0) - timedelta(days=1)
    claim_fire(engine, "main", "noon", yesterday, yesterday)
    finish_fire(engine, "main", "noon", yesterday, yesterday, "publish")
    engine.dispose()


def _start(desk: Desk, death: str, minutes: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(Path(__file__).parent / "desk_process.py"), str(desk.folder), death, str(minutes)]
    return subprocess.Popen(command, env={**os.environ, "HOOK": SECRET}, stderr=subprocess.PIPE)


def _dies(process: subprocess.Popen[bytes]) -> None:
    assert process.wait(60) == -signal.SIGKILL, process.stderr.read() if process.stderr else ""
    if process.stderr:
        process.stderr.close()


@pytest.mark.parametrize("second", ["", "before_rewrite", pytest.param("after_rewrite", marks=pytest.mark.slow)])
def test_a_power_cut_between_writing_and_sending_sends_one_article_of_the_new_price(tmp_path: Path, archive: Path, second: str) -> None:
    with _desk(tmp_path, archive, {"cms": "receiver"}) as desk:
        _last_ran_yesterday(desk)
        _dies(_start(desk, "after_save", 0))
        [before] = desk.rows(ARTICLE)
        assert desk.receiver.requests == []
        desk.move("119000", 6)
        if second:
            _dies(_start(desk, second, 6))
            assert desk.receiver.requests == []
        last = _start(desk, "", 7)  # each process counts its clock from there: none may begin before the one that died had asked
        end = time.monotonic() + 40
        while not desk.receiver.kept and time.monotonic() < end:
            time.sleep(0.1)
        last.send_signal(signal.SIGTERM)
        _, said = last.communicate(timeout=30)
    assert last.returncode == 0, said.decode()
    [article] = desk.rows(ARTICLE)
    assert len(desk.receiver.kept) == 1, said.decode()
    assert {event["version_id"] for event in desk.bodies} == {article.id}
    assert article.id != before.id
    assert (article.story, article.fire_time) == (before.story, before.fire_time)
    assert "$119,000" in desk.bodies[0]["body_text"]
