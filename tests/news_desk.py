"""A desk with the archive of July 14, 2025, a folder and receivers as its targets, and a clock that tests move."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from desk import SAMPLES, edition
from sqlalchemy import Engine

from newsgen.config import load_settings
from newsgen.edition import payload_files
from newsgen.gather import parse_payload, sources
from newsgen.newsdesk import Newsdesk
from newsgen.pipeline import Newsroom
from newsgen.service import Service, open_service
from newsgen.store.archive import SqlArchive
from newsgen.store.database import open_database
from newsgen.store.deliveries import deliveries_of
from newsgen.store.newsroom import ARTICLE

sys.path.insert(0, str(Path(__file__).parent / "publish"))
from receiver import SECRET, Receiver, receiving

DAY = SAMPLES / "2025-07-14-squeeze"
NOON = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
NEWSROOMS: dict[str, tuple[int, Newsroom]] = {}  # loaded once: half of what a test would take
ENV = {"HOOK": SECRET}
EDITION = '[[editions]]\nname = "noon"\nzone = "UTC"\ncron = "0 12 * * *"\nform = "brief"\nassets = ["BTC", "ETH"]\n'


@dataclass
class News:
    """A desk in a folder."""

    folder: Path
    receivers: dict[str, Receiver]
    service: Service
    clock: list[datetime]
    desk: Newsdesk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Newsdesk(self.service, "ada")

    @property
    def now(self) -> datetime:
        return self.clock[0]

    @now.setter
    def now(self, moment: datetime) -> None:
        self.clock[0] = moment

    @property
    def engine(self) -> Engine:
        return self.service.engine

    def rows(self, table: sa.Table = ARTICLE) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(table)))

    def states(self, version: int | None = None) -> dict[str, str]:
        return {r["target"]: r["state"] for r in deliveries_of(self.engine) if version is None or r["version"] == version}

    def send(self, minutes: int = 10) -> None:
        """Time goes by, and the outbox sends."""
        self.now += timedelta(minutes=minutes)
        self.service.rechecking, self.service.gathering = asyncio.Lock(), asyncio.Lock()  # each of another loop
        asyncio.run(self.service.deliver())

    def write(self, at: datetime | None = None) -> Any:
        """What the edition writes at a moment."""
        return self.service.write(self.service.settings.editions[0], self.service.settings.site("main"), at or self.now)

    def events(self, name: str) -> list[dict[str, Any]]:
        """What a receiver was sent, attempt by attempt."""
        return [json.loads(body) for _, body in self.receivers[name].requests]


def settings_text(urls: dict[str, str], more: str = "") -> str:
    told = "".join(f'[[targets]]\nname = "{name}"\nkind = "webhook"\nurl = "{url}"\nsecret_env = "HOOK"\nallow_private = true\n'
                   for name, url in urls.items())  # fmt: skip
    off = "".join(f"[sources.{name}]\nenabled = false\n" for name in sources())
    return f'database_url = "sqlite:///newsgen.db"\n{EDITION}[[targets]]\nname = "site"\nkind = "folder"\npath = "site"\n{told}{off}' \
           f"[streams]\nenabled = false\n{more}"  # fmt: skip


@contextmanager
def news(folder: Path, archive: Path, hooks: Sequence[str] = ("cms",), more: str = "") -> Iterator[News]:
    """A desk over a copy of an archive."""
    folder.mkdir(exist_ok=True)
    (folder / "newsgen.db").write_bytes(archive.read_bytes())
    with ExitStack() as stack:
        receivers = {name: stack.enter_context(receiving()) for name in hooks}
        (folder / "newsgen.toml").write_text(settings_text({n: r.url for n, r in receivers.items()}, more), "utf-8")
        clock = [NOON]
        service = open_service(load_settings(folder / "newsgen.toml", env=ENV), lambda: clock[0], ENV)
        service.newsrooms = NEWSROOMS
        yield News(folder, receivers, service, clock)
        service.engine.dispose()


def gathered(folder: Path, archive: Path) -> Path:
    """The archive of that noon with the day's payloads, through the real parsers; returns the database."""
    folder.mkdir(exist_ok=True)
    (folder / "newsgen.db").write_bytes(archive.read_bytes())
    engine = open_database(f"sqlite:///{folder}/newsgen.db")
    for source, endpoint, note, path in payload_files(DAY, edition(DAY.name).file):
        SqlArchive(engine).add(parse_payload(source, endpoint, note.params, path.read_bytes(), NOON, note.source_name or None))
    engine.dispose()
    return folder / "newsgen.db"
