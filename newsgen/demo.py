"""The demonstration: three real days of July 2025 through the whole line, on real sockets; in: samples, out: a site folder.

Needs no key and no network: a rehearsal market on loopback answers as the sources would have. The editions are those of a desk: a look at
the news every three hours, and a brief every morning. What they write passes through database, checks and outbox like any other.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from newsgen.config import EditionSettings, Settings, SiteSettings, SourceSettings
from newsgen.discover import samples_root
from newsgen.edition import open_edition
from newsgen.gather import sources
from newsgen.market import to_epoch
from newsgen.pipeline import Order, write_article
from newsgen.schedule import fires_between
from newsgen.service import Service
from newsgen.store.archive import SqlArchive
from newsgen.store.database import open_database
from newsgen.store.history import read_history
from newsgen.store.memory import keep_rows
from newsgen.target_settings import FolderSettings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsgen.pipeline import Outcome
    from newsgen.story import Article
    from newsgen.testing.market import RehearsalMarket, SteppedClock

__all__ = ["END", "Played", "Tick", "play", "sample_folders"]

END = datetime(2025, 7, 14, 12, 10, tzinfo=UTC)
AS_PRINTED = "2025-07-14-as-printed"
ASKED = ("alternative_me", "binance", "coingecko", "coinglass", "farside", "yahoo")
_AFTER = timedelta(minutes=2)  # a fire gathers and writes a little after its moment
_PACE = 100_000.0  # the sources' clock runs so much faster than ours


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one article."""

    name: str  # of the edition
    as_of: datetime
    headline: str
    decision: str  # publish, hold
    note: str = ""
    version: int = 1  # of its story


@dataclass(frozen=True, slots=True)
class Tick:
    """How far the demonstration is."""

    at: datetime
    done: int
    of: int
    calls: int


def sample_folders(root: Path | None = None) -> list[Path]:
    """The editions among the samples, oldest first."""
    return sorted(p.parent for p in (root or samples_root()).glob("*/edition.toml"))


def play(site: Path, tell: Callable[[Played], None], tick: Callable[[Tick], None], days: int = 3) -> list[Played]:
    """Play the three days, and the article that is held on purpose.

    Args:
        site: The folder that the articles are published to.
        tell: Told of each article when it is written.
        tick: Told after each edition how far we are.
        days: Only so many of the three days, the last ones.
    """
    return asyncio.run(_play(site, END - timedelta(days=days), tell, tick))


def settings_of(site: Path, base_urls: dict[str, str], database: str) -> Settings:
    """The desk: one site, one folder, looks every three hours and a brief every morning."""
    target = FolderSettings(name="site", path=str(site), expiry=timedelta(days=1))
    editions = (
        EditionSettings(name="events", watch=timedelta(hours=3), bar=70),
        EditionSettings(name="morning", cron="5 8 * * *", zone="America/New_York", form="brief"),
    )
    asked = {n: SourceSettings(enabled=n in ASKED, base_url=base_urls.get(n, "")) for n in sources()}
    sites = (SiteSettings(title="newsgen demo", targets=(target,)),)
    return Settings(database_url=database, sites=sites, targets=(target,), editions=editions, sources=asked)


async def _play(site: Path, start: datetime, tell: Callable[[Played], None], tick: Callable[[Tick], None]) -> list[Played]:
    from newsgen.gather._http import Caps
    from newsgen.testing.market import RehearsalMarket, SteppedClock, Tape

    clock, played = SteppedClock(start), list[Played]()

    def wrote(edition: EditionSettings, outcome: Outcome) -> None:
        if outcome.article is not None:
            played.append(_played(edition.name, outcome.article))
            tell(played[-1])

    with tempfile.TemporaryDirectory(prefix="newsgen-demo-") as scratch, RehearsalMarket(Tape.of_samples(), clock) as market:
        settings = settings_of(site, market.base_urls, f"sqlite:///{scratch}/demo.db")
        engine = open_database(settings.database_url)
        _know_the_past(engine, start)
        await _editions(Service(settings, engine, clock, {}, caps=Caps(pace=_PACE), wrote=wrote), clock, market, tick)
        engine.dispose()
    played.append(_as_printed())
    tell(played[-1])
    return played


def _know_the_past(engine: Engine, start: datetime) -> None:
    """The archive as it stood at the beginning, without anything that became known later."""
    limit = to_epoch(start)
    columns = read_history(sorted((samples_root() / "_history").glob("*.csv"))).columns
    for column in columns:
        keep_rows(column, [i for i, known in enumerate(column.known) if known <= limit])
    SqlArchive(engine).add_columns(columns)


async def _editions(service: Service, clock: SteppedClock, market: RehearsalMarket, tick: Callable[[Tick], None]) -> None:
    fires = sorted((at, e.name, e) for e in service.settings.editions for at in fires_between(e, clock(), END))
    for done, (at, _, edition) in enumerate(fires, start=1):
        clock.now = max(at + _AFTER, clock.now)
        await service.run_edition(edition, at)
        tick(Tick(at, done, len(fires), len(market.log)))


def _played(name: str, article: Article) -> Played:
    note = "; ".join(f.message for f in article.verdict.findings if f.severity == "block")
    return Played(name, article.as_of, article.headline.text, article.verdict.decision, note, article.version)


def _as_printed() -> Played:
    """An article made from what a site printed that morning: its parts contradict its total."""
    from newsgen.pipeline import load_newsroom

    opened = open_edition(samples_root() / AS_PRINTED)
    article = write_article(load_newsroom(), opened.view, Order(opened.name, angles=opened.file.angles)).article
    assert article is not None
    return _played(AS_PRINTED, article)
