"""What waits to be sent, held against the newest prices before it goes; in: a site, out: the same article, a new rendering, or a hold.

A restart, a retry, a target that was down: between writing and sending the market moves on. Prices are asked again; where the check of
staleness objects, the story is written again from the newest view, in place of the old text, as long as no target can have that. Where the
angle no longer holds, or a target has it already, what waits is held with the reason. Sends nothing (`publish/_outbox.py` does).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from newsgen import check as checking
from newsgen.article_file import whole_article
from newsgen.config import EditionSettings, Settings, SiteSettings
from newsgen.gather import sources
from newsgen.illustrate import illustrate
from newsgen.market import Unit, View
from newsgen.pipeline import Newsroom, Order, Outcome, mark_of, pitch_angles, write_soundly
from newsgen.store.waiting import Waiting, hold_waiting, postpone, replace_waiting, waiting_articles
from newsgen.story import Article, Finding

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsgen.store.archive import SqlArchive

__all__ = ["Recheck"]

_log = structlog.get_logger("resend")
_PRICES = ("spot.last", "spot.close")
_NEWEST = timedelta(minutes=10)  # an older price is none to send by (editorial section 1)
_WAIT = timedelta(seconds=30)

Gather = Callable[[EditionSettings, Sequence[str]], Awaitable[None]]  # edition, names of sources (none: all of the edition)


@dataclass(frozen=True, slots=True)
class Recheck:
    """Looks again at what waits.

    Attributes:
        gather: Asks sources, and keeps what they say in the archive.
        order: What an edition wants written at a moment.
        at: Called with the name of each step; tests let the process die there.
    """

    settings: Settings
    engine: Engine
    clock: Callable[[], datetime]
    archive: Callable[[], SqlArchive]
    newsroom: Callable[[SiteSettings], Newsroom]
    order: Callable[[EditionSettings, SiteSettings, datetime], Order]
    gather: Gather
    turn: asyncio.Lock  # one look at a time
    at: Callable[[str], None] = lambda point: None

    async def look(self, site: SiteSettings) -> None:
        """Hold everything of a site that has waited against the newest prices."""
        async with self.turn:
            now = self.clock()
            before = now - self.settings.staleness.after
            for waiting in await asyncio.to_thread(waiting_articles, self.engine, site.name, before, now):
                await self._one(site, waiting)

    async def _one(self, site: SiteSettings, waiting: Waiting) -> None:
        told = _as_told(waiting.body)
        edition = next((e for e in self.settings.editions if (e.site, e.name) == (site.name, waiting.edition)), None)
        if edition is None:
            return await self._hold(
                waiting, [_finding(f"the edition {waiting.edition!r} that wrote it is gone: it cannot be looked at again")]
            )
        await self.gather(
            edition, [name for name, s in sources().items() if any(g in _PRICES for e in s.endpoints.values() for g in e.gives)]
        )
        view = self._view(edition)
        unpriced = _unpriced(told, view)
        if unpriced:
            problem = f"waits for a price of {', '.join(unpriced)}: the newest is older than {_NEWEST.seconds // 60} minutes"
            _log.warning("resend.waits", article=waiting.article_id, problem=problem)
            return await asyncio.to_thread(postpone, self.engine, waiting.article_id, self.clock() + _WAIT, problem)
        stale = await asyncio.to_thread(self._stale, site, told, view)
        if not stale:
            return None
        if not waiting.untouched:
            return await self._hold(waiting, stale)
        await self.gather(edition, ())
        return await self._again(site, edition, waiting, stale)

    def _view(self, edition: EditionSettings) -> View:
        return View(self.clock(), self.archive().load, edition.assets, self.settings.order_of_sources)

    def _stale(self, site: SiteSettings, told: Article, view: View) -> list[Finding]:
        verdict = checking.check(told, words=self.newsroom(site).reader, view=view, moves_pct=self.settings.staleness.moves_pct,
                                 checks=[checking.checks()["staleness"]])  # fmt: skip
        return list(verdict.findings)

    async def _again(self, site: SiteSettings, edition: EditionSettings, waiting: Waiting, stale: Sequence[Finding]) -> None:
        self.at("before_rewrite")
        newsroom = self.newsroom(site)
        outcome, mark = await asyncio.to_thread(self._write, newsroom, site, edition, waiting)
        article = outcome.article
        if article is None or not _is_version(article, waiting):
            await self._hold(waiting, [_finding(f"{stale[0].message}; looked at again, {_lost(outcome, waiting)}")])
            return
        done = await asyncio.to_thread(replace_waiting, self.engine, waiting, article, self.clock(), stale[0].message, mark=mark)
        self.at("after_rewrite")
        _log.info("resend.written_again", article=waiting.article_id, by=article.id, replaced=done, reason=stale[0].message)

    def _write(self, newsroom: Newsroom, site: SiteSettings, edition: EditionSettings, waiting: Waiting) -> tuple[Outcome, str]:
        """The story again, under its angle; what else the newest view would lead with is the next edition's."""
        view = self._view(edition)
        order = self.order(edition, site, view.as_of)
        told = tuple(p for p in order.published if (p.story, p.version) != (waiting.story, waiting.version))
        own = replace(order, published=told)
        outcome, mark = _written(newsroom, view, own)
        if outcome.article is None or not _is_version(outcome.article, waiting):
            outcome, mark = _written(newsroom, view, replace(own, angles=(json.loads(waiting.body)["angle"],)))
        return outcome, mark

    async def _hold(self, waiting: Waiting, stale: Sequence[Finding]) -> None:
        _log.warning("resend.held", article=waiting.article_id, reason=stale[0].message)
        await asyncio.to_thread(hold_waiting, self.engine, waiting, stale[0], self.clock())


def _written(newsroom: Newsroom, view: View, order: Order) -> tuple[Outcome, str]:
    pitched = pitch_angles(newsroom, view, order)
    outcome = illustrate(newsroom, pitched, order, write_soundly(newsroom, view, order, pitched))
    lead = next((p for p in outcome.pitches if p.role == "lead"), None)
    return outcome, mark_of(newsroom, pitched[0], lead) if lead else ""


def _is_version(article: Article, waiting: Waiting) -> bool:
    return (article.story, article.version) == (waiting.story, waiting.version)


def _lost(outcome: Outcome, waiting: Waiting) -> str:
    """Why the story is not told again."""
    if outcome.article is not None and outcome.article.story == waiting.story:
        return "a later version of its story is written"
    angle = json.loads(waiting.body)["angle"]
    reason = next((p.reason for p in outcome.pitches if p.angle == angle and p.reason), "")
    return f"{angle} is no news any more" + (f": {reason}" if reason else "")


def _finding(message: str) -> Finding:
    return Finding("staleness", "block", "headline", message)


def _unpriced(told: Article, view: View) -> list[str]:
    """The assets of an article that have no price by which it could be sent."""
    assets = {f.subject for f in told.figures.values() if f.name == "price.last"} or set(told.tickers[:1])
    newest = {asset: checking.newest_price(view, asset) for asset in sorted(assets)}
    return [asset for asset, price in newest.items() if price is None or view.as_of - price.observed_at > _NEWEST]


def _as_told(body: str) -> Article:
    """A stored article as far as staleness looks at it: its texts, its lead, and its figures of prices."""
    article = whole_article(body)
    figures = {name: f for name, f in article.figures.items() if f.unit is Unit.USD and f.value is not None}
    return replace(article, figures=figures, readings={}, pitches=tuple(p for p in article.pitches if p.role == "lead"))
