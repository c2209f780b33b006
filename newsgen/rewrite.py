"""A published story written again from what is known now about its moment; in: a stored article, out: the Article, or why there is none.

Revised readings take the place of those that it was told by, retired ones are left out, and what nobody knew then stays unknown. Wording,
angles and memory are those of its edition then, so that without a revision the same text comes out. Saves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from newsgen.config import EditionSettings, Settings, SiteSettings
from newsgen.errors import ConfigError
from newsgen.illustrate import illustrate
from newsgen.market import View
from newsgen.pipeline import Newsroom, Order, Outcome, pitch_angles, write_soundly
from newsgen.store.archive import SqlArchive
from newsgen.store.hindsight import hindsight
from newsgen.store.retired import retired_between
from newsgen.store.versions import Stored
from newsgen.story import Article

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["Again", "Rewriter", "changed_values", "visible"]

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTES = timedelta(hours=54)  # of a stream's minutes so many are read


@dataclass(frozen=True, slots=True)
class Again:
    """A story written again, or why there is none; `held`: it could be told, and the checks hold it."""

    article: Article | None
    problem: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Writes stories again.

    Attributes:
        order: What an edition wants written at a moment.
    """

    settings: Settings
    engine: Engine
    clock: Callable[[], datetime]
    newsroom: Callable[[SiteSettings], Newsroom]
    order: Callable[[EditionSettings, SiteSettings, datetime], Order]

    def again(self, base: Stored, without: str = "") -> Again:
        """The story of that moment, or why there is none that may be published.

        Args:
            without: An angle that may have no part in it.

        Raises:
            ConfigError: The site or the edition that wrote it is gone.
        """
        site, edition = self._edition(base)
        if base.angle == without:
            return Again(None, f"{without} is what it tells")
        newsroom = self.newsroom(site)
        archive = SqlArchive(self.engine, base.as_of - _MINUTES)
        retired = retired_between(self.engine, _EVER, base.as_of)
        view = View(base.as_of, hindsight(archive.load, self.clock(), retired), edition.assets, self.settings.order_of_sources)
        outcome = self._written(newsroom, view, self._order_then(edition, site, base, without), base)
        article = outcome.article
        if article is None or not _is_of(article, base):
            reason = next((p.reason for p in outcome.pitches if (p.angle, p.subject) == (base.angle, base.subject)), "")
            return Again(None, f"{base.angle} of {base.subject} is no news by what is known now" + (f": {reason}" if reason else ""))
        blocks = [f.message for f in article.verdict.findings if f.severity == "block"]
        return Again(article) if not blocks else Again(None, "the checks hold it: " + "; ".join(blocks), held=True)

    def _written(self, newsroom: Newsroom, view: View, order: Order, base: Stored) -> Outcome:
        """Under the edition's angles, as it was written first; where another would lead, under its own."""
        outcome = _illustrated(newsroom, view, order)
        if outcome.article is not None and _is_of(outcome.article, base):
            return outcome
        return _illustrated(newsroom, view, replace(order, angles=(base.angle,)))

    def _order_then(self, edition: EditionSettings, site: SiteSettings, base: Stored, without: str) -> Order:
        """The order of that moment: what was told before it, and the same seed."""
        made, order, now = json.loads(base.body), self.order(edition, site, base.as_of), self.clock()
        own = [p for p in order.published if p.story == base.story and p.published_at >= base.as_of]
        told = tuple(p for p in order.published if p.published_at <= base.as_of and p not in own)
        said = tuple(s for s in order.said if s.at < base.as_of)
        angles = tuple(a for a in edition.angles or self._angles(site) if a != without) if without else edition.angles
        return replace(order, form=made["form"], seed=int(made["made_from"]["seed"]), angles=angles, published=told, said=said,
                       posts=(), written_at=now, known_by=now)  # fmt: skip

    def _angles(self, site: SiteSettings) -> tuple[str, ...]:
        return tuple(rule.name for rule in self.newsroom(site).rules)

    def _edition(self, of: Stored) -> tuple[SiteSettings, EditionSettings]:
        site = next((s for s in self.settings.sites if s.name == of.site), None)
        edition = next((e for e in self.settings.editions if (e.site, e.name) == (of.site, of.edition)), None)
        if site is None or edition is None:
            gone = f"edition {of.edition!r}" if site else f"site {of.site!r}"
            raise ConfigError(f"the {gone} that wrote it is gone: correct it with --text FILE")
        return site, edition


def _illustrated(newsroom: Newsroom, view: View, order: Order) -> Outcome:
    pitched = pitch_angles(newsroom, view, order)
    return illustrate(newsroom, pitched, order, write_soundly(newsroom, view, order, pitched))


def _is_of(article: Article, base: Stored) -> bool:
    """Whether an article tells the same event: its lead is the same angle on the same subject."""
    lead = next((p.subject for p in article.pitches if p.role == "lead"), "")
    return (article.angle, lead) == (base.angle, base.subject)


def visible(article: Mapping[str, Any]) -> list[Any]:
    """What readers see of an article, its notices of earlier versions aside: a chart shows a bad tick that no sentence names."""
    texts = [article["headline"]["text"], article["dek"]["text"], *(t["text"] for t in article["key_points"])]
    texts += [p["text"] for p in article["paragraphs"] if p["role"] != "correction"]
    cells = [[[c["text"] for c in row] for row in t["rows"]] for t in article["tables"]]
    return [*texts, *cells, *([c["title"], c["alt"], c["svg"]] for c in article["charts"])]


def changed_values(told: Mapping[str, Any], fresh: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The printed values of which the figure is another now: (was, is), in reading order, each once."""
    before, after = _printed(told), _printed(fresh)
    pairs = [(was, after[key][0]) for key, (was, value) in before.items() if key in after and after[key][1] != value]
    return tuple(dict.fromkeys((was, now) for was, now in pairs if was != now))


def _printed(article: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str, str | None]]:
    """Each figure of the text by name and subject: how it is printed first, and its value; one that a version before told is none."""
    texts = [article["headline"], article["dek"], *article["key_points"], *article["paragraphs"]]
    found: dict[tuple[str, str], tuple[str, str | None]] = {}
    for text in texts:
        for span in text["spans"]:
            figure = article["figures"][span["figure"]]
            if figure["told_at"] is None:
                found.setdefault((figure["name"], figure["subject"]), (text["text"][span["start"] : span["end"]], figure["value"]))
    return found
