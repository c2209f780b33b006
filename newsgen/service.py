"""The service: one edition from gathering to receipts, and what the commands need of a database; in: Settings, out: outcomes.

A shell: here the clock, the network and the disk meet the pipeline.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from newsgen.budget import budget_of, over_limit
from newsgen.config import EditionSettings, Settings, SiteSettings, secret_environment
from newsgen.discover import folder_stamp, templates_root
from newsgen.edition import default_seed
from newsgen.errors import ConfigError, GatherError
from newsgen.gather import listen, posts_of
from newsgen.illustrate import illustrate
from newsgen.market import Book, Reading, View
from newsgen.pipeline import Newsroom, Order, Outcome, load_newsroom, mark_of, pitch_angles, write_soundly
from newsgen.publish import Home, Outbox, SiteInfo, Target
from newsgen.resend import Recheck
from newsgen.revisions import Revisions
from newsgen.rewrite import Rewriter
from newsgen.rounds import desk_of, gather_round, prune, streams_of
from newsgen.said import Said
from newsgen.schedule import key_time
from newsgen.store.alone import is_alone
from newsgen.store.archive import SqlArchive
from newsgen.store.claims import recover_sending
from newsgen.store.database import open_database
from newsgen.store.newsroom import article_of_fire, published_since, save_article, written_since
from newsgen.store.posts import keep_posts, posts_since
from newsgen.store.retired import count_retired
from newsgen.store.revised import Revised
from newsgen.store.stops import stopped_angles
from newsgen.store.versions import Act, stop_and_hold
from newsgen.store.wording import said_before
from newsgen.story import Pitch, Published, Quiet, Receipt, Verdict

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsgen.gather._http import Caps

__all__ = ["Service", "archive_view", "below_the_bar", "home_of", "open_service", "run", "site_info", "targets_of", "told_before"]

_log = structlog.get_logger("service")
_REMEMBERED = timedelta(days=7)
_READ_AGAIN_S = 60.0
_READ_POSTS_S = 120.0  # of the desk's own site
_POSTS_SEEN = timedelta(hours=24)
_MINUTES = timedelta(hours=54)  # of a stream's minutes so many are read: a day, and a day before the last version of a story
_NONE = ("",)  # no angle: an empty list means all of them
DEFAULT_ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")


def now_utc() -> datetime:
    return datetime.now(UTC)


def archive_view(
    settings: Settings, as_of: datetime | None, assets: tuple[str, ...] = DEFAULT_ASSETS, since: datetime | None = None
) -> View:  # fmt: skip
    """A view of the stored archive, and of earlier moments back to `since`."""
    engine, moment = open_database(settings.database_url), as_of or now_utc()
    return View(moment, SqlArchive(engine, (since or moment) - _MINUTES).load, assets, settings.order_of_sources)


def told_before(settings: Settings, site: SiteSettings, locale: str, as_of: datetime) -> tuple[tuple[Published, ...], tuple[Said, ...]]:
    """What the site had published in the week before a moment, which is no news again, and how it was worded in a month."""
    engine = open_database(settings.database_url)
    found = published_since(engine, site.name, locale, as_of - _REMEMBERED)
    said = said_before(engine, site.name, locale, as_of)
    engine.dispose()
    return tuple(p for p in found if p.published_at < as_of), tuple(s for s in said if s.at < as_of)


def targets_of(site: SiteSettings) -> dict[str, Target]:
    """The targets of a site as publishers know them."""
    info = site_info(site)
    return {t.name: Target(t, info) for t in site.targets}


def site_info(site: SiteSettings) -> SiteInfo:
    """A site as its pages name it."""
    return SiteInfo(name=site.name, title=site.title, base_url=site.base_url, language=site.locale, desk=site.desk,
                    legal_foot=site.legal_foot, cards=any(t.kind == "folder" for t in site.targets))  # fmt: skip


def home_of(settings: Settings, site: SiteSettings) -> Home:
    """Where the originals of a site's stories stand."""
    own = next((t for t in site.targets if t.name == site.home), None)
    certain = own is not None and own.kind == "folder"
    return Home(site.home, certain, site.original, settings.site(site.original).home if site.original else "")


@dataclass(slots=True)
class Service:
    """Runs editions: gather, write, save, deliver."""

    settings: Settings
    engine: Engine
    clock: Callable[[], datetime] = now_utc
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    newsrooms: dict[str, tuple[int, Newsroom]] = field(default_factory=dict)  # by site, with the stamp of the files it is made from
    at: Callable[[str], None] = lambda point: None
    archives: dict[int, tuple[float, SqlArchive]] = field(default_factory=dict)  # one, by how many readings were retired when it was opened
    read_at: dict[str, float] = field(default_factory=dict)  # by site, when its people's posts were read
    gathering: asyncio.Lock = field(default_factory=asyncio.Lock)  # rounds of one process take turns
    caps: Caps | None = None  # of fetching; a rehearsal's clock runs faster
    wrote: Callable[[EditionSettings, Outcome], None] = lambda edition, outcome: None  # told of each article that was saved
    revised: set[Revised] = field(default_factory=set)  # revisions that have been looked at
    rechecking: asyncio.Lock = field(default_factory=asyncio.Lock)  # the targets of a site look at the same time

    async def run_edition(self, edition: EditionSettings, fire_time: datetime) -> str:
        """One edition; returns what became of it, for the log. Run again after a death, it writes no second article."""
        site = self.settings.site(edition.site)
        key = None if edition.watch is not None else key_time(edition, fire_time)
        saved = await asyncio.to_thread(article_of_fire, self.engine, site.name, edition.name, key) if key is not None else None
        if saved is not None:
            await self.deliver()
            return f"written already: {saved}"
        await self.gather(edition)
        await self.look_for_revisions()
        await self.read_posts(site)
        outcome = await asyncio.to_thread(self.write, edition, site, self.clock(), key)
        if outcome.article is None:
            _log.info("edition.quiet", edition=edition.name, reason=outcome.quiet.reason if outcome.quiet else "")
        await self.deliver()
        return _told(outcome)

    async def gather(self, edition: EditionSettings, names: Sequence[str] = ()) -> None:
        """A round of an edition's sources, or of those among them that are named."""
        own = [n for n in names if n in (edition.sources or names) and getattr(self.settings.sources.get(n), "enabled", True)]
        if names and not own:
            return
        async with self.gathering:  # what another edition of this minute has just asked is not due again
            await gather_round(self.settings, self.engine, own or edition.sources, edition.assets, self.clock, self.env,
                               archive=self.archive(), caps=self.caps)  # fmt: skip

    async def read_posts(self, site: SiteSettings) -> None:
        """What people have published on the site since the last look; a site that does not answer holds nothing up."""
        if not site.own_posts or monotonic() - self.read_at.get(site.name, -_READ_POSTS_S) < _READ_POSTS_S:
            return
        self.read_at[site.name] = monotonic()
        try:
            posts = await posts_of(site.own_posts, self.clock)
        except GatherError as failure:
            _log.warning("posts.failed", site=site.name, problem=str(failure))
            return
        await asyncio.to_thread(keep_posts, self.engine, site.name, posts)

    def write(self, edition: EditionSettings, site: SiteSettings, as_of: datetime, fire_time: datetime | None = None) -> Outcome:
        """Write and save the article of an edition at a moment; of one fire there is one article."""
        newsroom = self.newsroom(site)
        view = View(as_of, self.archive().load, edition.assets, self.settings.order_of_sources)
        order = self.order(edition, site, as_of)
        if order.angles == _NONE:
            return Outcome(None, Quiet("every angle of the edition is stopped (newsgen stop list)"), ())
        pitched = pitch_angles(newsroom, view, order)
        if edition.watch is not None:
            below = below_the_bar(pitched[1], edition.bar)
            if below is not None:
                return below
        self.at("before_write")
        outcome = illustrate(newsroom, pitched, order, write_soundly(newsroom, view, order, pitched))
        for fault in outcome.faults:
            _log.error("template.fault", edition=edition.name, problem=str(fault))
        if outcome.article is not None:
            self.at("before_save")
            self.brake(site)
            targets = {t.name: int(t.expiry.total_seconds()) for t in site.targets}
            saved = save_article(self.engine, outcome.article, targets, self.clock(), mark=_mark(newsroom, pitched[0], outcome),
                                 fire_time=fire_time)  # fmt: skip
            self.at("after_save")
            if saved.new:
                self.wrote(edition, outcome)
            _log.info("edition.written", edition=edition.name, article=saved.article_id, new=saved.new, held=saved.held,
                      decision=outcome.article.verdict.decision, headline=outcome.article.headline.text)  # fmt: skip
            if saved.held:
                outcome = replace(outcome, article=replace(outcome.article, verdict=Verdict("hold", outcome.article.verdict.findings)))
        return outcome

    def brake(self, site: SiteSettings) -> None:
        """A site that writes far more than on any normal day is stopped before the next article goes out: a runaway loop, or an attack."""
        limit, now = self.settings.brake.articles_per_hour, self.clock()
        written = written_since(self.engine, site.name, now - timedelta(hours=1))
        if written < limit:
            return
        reason = f"{written} articles in an hour, the limit is {limit} ([brake] articles_per_hour)"
        stop, _ = stop_and_hold(self.engine, "site", "", Act("newsgen", reason, now), site.name)
        _log.error("brake.stopped", site=site.name, stop=stop.id, reason=reason)

    def order(self, edition: EditionSettings, site: SiteSettings, as_of: datetime) -> Order:
        """What an edition wants written at a moment, with what the site has told and its people have published."""
        locale = self.newsroom(site).words.style.locale
        published = tuple(published_since(self.engine, site.name, locale, as_of - _REMEMBERED))
        said = said_before(self.engine, site.name, locale, as_of)
        posts = tuple(posts_since(self.engine, site.name, as_of - _POSTS_SEEN)) if site.own_posts else ()
        angles = self._angles(edition, site)
        return Order(edition.name, edition.form, site.name, default_seed(edition.name, as_of), angles, published, posts, said,
                     commercial=self.settings.commercial, accepted=self.settings.accepted_sources,
                     disclosures=self.settings.owed_texts)  # fmt: skip

    def _angles(self, edition: EditionSettings, site: SiteSettings) -> tuple[str, ...]:
        """The edition's angles without those that are stopped: another leads in their place."""
        stopped = stopped_angles(self.engine, site.name)
        if not stopped:
            return edition.angles
        known = edition.angles or tuple(rule.name for rule in self.newsroom(site).rules)
        return tuple(name for name in known if name not in stopped) or _NONE

    def rewriter(self) -> Rewriter:
        """Writes published stories again from what is known now."""
        return Rewriter(self.settings, self.engine, self.clock, self.newsroom, self.order)

    async def look_for_revisions(self) -> None:
        """Propose corrections of what sources have revised; a fault there costs no edition."""
        try:
            await asyncio.to_thread(Revisions(self.rewriter(), self.revised).look)
        except Exception as error:
            _log.exception("revisions.failed", error=type(error).__name__)

    def archive(self) -> SqlArchive:
        """The archive, which keeps what it has read: a minute long, since another process may add to it (a reading by hand), and until a
        reading is retired.
        """
        gone = count_retired(self.engine)
        opened, found = self.archives.get(gone, (0.0, None))
        if found is None or monotonic() - opened > _READ_AGAIN_S:
            found = SqlArchive(self.engine, self.clock() - _MINUTES)
            self.archives = {gone: (monotonic(), found)}
        return found

    def newsroom(self, site: SiteSettings) -> Newsroom:
        """Rules and words of a site, loaded again when a file has changed; while the new ones are wrong, the old ones serve on."""
        own = Path(self.settings.templates) if self.settings.templates else None
        stamp = folder_stamp(*([own] if own else []), templates_root())
        held = self.newsrooms.get(site.name)
        if held is not None and held[0] == stamp:
            return held[1]
        try:
            newsroom = load_newsroom(
                style=site.style, locale=site.locale, own_templates=own, limits=self.settings.angles, zone=site.readers_zone, whole=True
            )
        except ConfigError as error:
            if held is None:
                raise
            _log.error("templates.refused", site=site.name, problem=str(error))
            newsroom = held[1]
        self.newsrooms[site.name] = (stamp, newsroom)
        return newsroom

    async def deliver(self) -> None:
        """Send what is due, for every site; what has waited is held against the newest prices first."""
        for site in self.settings.sites:
            _log_receipts(await self._outbox(site).deliver())

    def _outbox(self, site: SiteSettings, stop: asyncio.Event | None = None) -> Outbox:
        recheck = Recheck(self.settings, self.engine, self.clock, self.archive, self.newsroom, self.order, self.gather, self.rechecking,
                          self.at)  # fmt: skip
        return Outbox(self.engine, targets_of(site), self.clock, site=site.name, at=self.at, env=self.env,
                      prepare=partial(recheck.look, site), home=home_of(self.settings, site), stop=stop)  # fmt: skip

    async def deliver_forever(self, stop: asyncio.Event, every_s: float = 2.0) -> None:
        """Look for due deliveries until the service stops; while one target is slow, or dead, the others are looked after."""
        running: dict[tuple[str, str], asyncio.Task[None]] = {}
        while not stop.is_set():
            try:
                for site in self.settings.sites:
                    outbox = self._outbox(site, stop)
                    for name in await outbox.due():
                        if (site.name, name) not in running or running[site.name, name].done():
                            running[site.name, name] = asyncio.create_task(_deliver_to(outbox, name))
            except Exception as error:  # the database is away; the next look tries again
                _log.exception("delivery.failed", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_s)
        await asyncio.gather(*running.values())

    async def listen_forever(self, stop: asyncio.Event) -> None:
        """Follow the streams of liquidations and keep each minute of them, until the service stops."""
        streams = streams_of(self.settings)
        assets = tuple(dict.fromkeys(a for e in self.settings.editions for a in e.assets))
        if not streams:
            return

        async def keep(readings: Sequence[Reading]) -> None:
            await asyncio.to_thread(SqlArchive(self.engine).add, readings)

        _log.info("streams.followed", sources=", ".join(streams), assets=", ".join(assets))
        try:
            await listen(tuple(streams), assets, self.clock, keep, stop, urls=streams)
        except Exception as error:  # editions are written without them
            _log.exception("streams.failed", error=type(error).__name__)

    async def keep_house(self, stop: asyncio.Event, every_s: float = 3600.0) -> None:
        """Forget payloads that are older than they may be kept, until the service stops."""
        while not stop.is_set():
            try:
                gone = await asyncio.to_thread(prune, self.settings, self.engine, self.clock())
                if gone:
                    _log.info("payloads.pruned", count=gone)
            except Exception as error:  # the database is away; the next look tries again
                _log.exception("payloads.prune_failed", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_s)


def below_the_bar(pitches: tuple[Pitch, ...], bar: int) -> Outcome | None:
    """The outcome of a look at which no angle is news enough; None when one is."""
    if any(p.role == "lead" and p.score >= bar for p in pitches):
        return None
    return Outcome(None, Quiet(f"no angle reaches the bar of {bar}", pitches), pitches)


def _told(outcome: Outcome) -> str:
    if outcome.article is not None:
        return f"{outcome.article.verdict.decision}: {outcome.article.id}"
    return f"quiet: {outcome.quiet.reason}" if outcome.quiet else "quiet: no angle clears the bar"


def _mark(newsroom: Newsroom, book: Book, outcome: Outcome) -> str:
    lead = next((p for p in outcome.pitches if p.role == "lead"), None)
    return mark_of(newsroom, book, lead) if lead else ""


async def _deliver_to(outbox: Outbox, name: str) -> None:
    try:
        _log_receipts(await outbox.deliver_to(name))
    except Exception as error:  # the database is away; the next look tries again
        _log.exception("delivery.failed", target=name, error=type(error).__name__)


def _log_receipts(receipts: Sequence[Receipt]) -> None:
    for receipt in receipts:
        _log.info("delivery." + receipt.state, target=receipt.target, article=receipt.article_id, problem=receipt.message)


def open_service(settings: Settings, clock: Callable[[], datetime] = now_utc, env: Mapping[str, str] | None = None) -> Service:
    """A service over the settings' database; what was being sent when the last process died is due again."""
    engine = open_database(settings.database_url)
    recover_sending(engine, clock())
    return Service(settings, engine, clock, secret_environment(settings, os.environ if env is None else env))


async def run_service(service: Service) -> None:
    """Schedule and outbox until a signal comes."""
    from newsgen.schedule import DatabaseLedger, run_schedule, stop_on_signals

    stop = asyncio.Event()
    stop_on_signals(stop)
    _log.info("service.started", editions=len(service.settings.editions), sites=len(service.settings.sites))
    tasks = [asyncio.ensure_future(forever(stop)) for forever in (service.deliver_forever, service.keep_house, service.listen_forever)]
    run: Callable[[EditionSettings, datetime], Awaitable[str]] = service.run_edition
    try:
        await run_schedule(service.settings.editions, run, DatabaseLedger(service.engine), stop, service.clock,
                           only_process=is_alone(service.engine))  # fmt: skip
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        service.engine.dispose()


def run(settings: Settings) -> None:
    """Run the service until SIGTERM or Ctrl-C; what is in hand is finished.

    Raises:
        ConfigError: A rule, template or style is wrong, or the editions must exceed a source's limit: found now and not at the first fire.
    """
    service = open_service(settings)
    for site in settings.sites:
        service.newsroom(site)
    over = over_limit(budget_of(settings, desk_of(settings, service.env), service.clock()))
    if over:
        raise ConfigError("the editions must exceed a limit (newsgen sources budget): " + "; ".join(over))
    asyncio.run(run_service(service))
