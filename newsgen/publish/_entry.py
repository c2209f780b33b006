"""What a site remembers of a story: enough for lists, maps and prices; in: a Printed article, out: an Entry that is kept as JSON.

Small on purpose: a site of thousands of stories reads all of them before it writes. The texts stay in the ARTICLE.json files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict

from newsgen.publish._printed import Printed, PrintedStamps

__all__ = ["Entry", "Quote", "Told", "dated", "entry_of", "newest_first"]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Told(_Kept):
    """A correction as readers were told of it."""

    note: str
    at: AwareDatetime


class Quote(NamedTuple):
    """A price as its story printed it; its text has been cleaned then."""

    symbol: str
    price: str
    change: str
    falls: bool


class Entry(_Kept):
    """A story as it stands on a site.

    Attributes:
        first_at, changed_at: When it was first published, and when its words last changed; with the texts of both.
        words_sha256: Of the words of this version.
        indexed: Whether search engines may list its page.
        original: The address of the story's original, where it stands elsewhere; then no map lists the page.
        listed: The slugs of the stories that its page leads to: when one of them is withdrawn, the page is written again.
        picture: The file of its first chart, or "".
    """

    story_id: str
    id: str
    version: int
    slug: str
    angle: str
    family: str
    subject: str
    score: Decimal
    headline: str
    summary: str
    tag: str = ""
    tickers: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    as_of: AwareDatetime
    as_of_stamp: str
    first_at: AwareDatetime
    first_stamp: str
    changed_at: AwareDatetime
    changed_stamp: str
    words_sha256: str
    indexed: bool = True
    original: str = ""
    withdrawn: bool = False
    corrections: tuple[Told, ...] = ()
    listed: tuple[str, ...] = ()
    picture: str = ""
    picture_alt: str = ""
    picture_size: tuple[int, int] = (0, 0)

    @property
    def in_maps(self) -> bool:
        """Whether the site's maps list its page: only that of an original."""
        return self.indexed and not self.original

    @property
    def changed(self) -> bool:
        """Whether its words have changed since it was first published."""
        return self.changed_at > self.first_at

    @property
    def month(self) -> str:
        """Of the archive, in UTC: "2025-07"."""
        return f"{self.first_at:%Y-%m}"


def entry_of(article: Printed, before: Entry | None, original: str = "") -> Entry:
    """The entry of a version; its times move only with the words.

    Args:
        before: The story as the site has it; None when it is new there.
        original: Where its original stands; "" when that is here, or not known.
    """
    digest = hashlib.sha256(article.words.encode()).hexdigest()
    first_at = before.first_at if before else article.first_at
    first_stamp = before.first_stamp if before else article.stamps.written_at if article.version == 1 else f"{first_at:%Y-%m-%d %H:%M} UTC"
    changed_at, changed_stamp = max(article.changed_at, first_at), article.stamps.written_at
    if before is not None and before.words_sha256 == digest:
        changed_at, changed_stamp = before.changed_at, before.changed_stamp
    told = before.corrections if before else ()
    if article.change is not None and article.change.kind == "correction":
        told = (*told, Told(note=article.change.note, at=article.change.at))
    chart = next((c for c in article.charts if c.kind != "table"), None)
    return Entry(
        story_id=article.story_id, id=article.id, version=article.version, slug=before.slug if before else article.slug,
        angle=article.angle, family=article.family or article.angle, subject=article.subject, score=article.score,
        headline=article.headline.text, summary=article.summary, tag=article.tags[0] if article.tags else "", tickers=article.tickers,
        quotes=tuple(Quote(q.symbol, q.price, q.change, q.falls) for q in article.quotes), as_of=article.as_of,
        as_of_stamp=article.stamps.as_of, first_at=first_at, first_stamp=first_stamp, changed_at=changed_at,
        changed_stamp=changed_stamp, words_sha256=digest, indexed=(before.indexed if before else True) and not article.withdrawn,
        original=original or (before.original if before else ""), withdrawn=article.withdrawn, corrections=told,
        picture=f"chart-{article.charts.index(chart) + 1}.svg" if chart else "",
        picture_alt=chart.alt if chart else "", picture_size=(chart.width, chart.height) if chart else (0, 0),
    )  # fmt: skip


def dated(article: Printed, entry: Entry) -> Printed:
    """The article with what the site knows of its story: address and times."""
    stamps = PrintedStamps(as_of=article.stamps.as_of, written_at=article.stamps.written_at, first_at=entry.first_stamp,
                           changed_at=entry.changed_stamp if entry.changed else "")  # fmt: skip
    return article.model_copy(
        update={"slug": entry.slug, "published_at": entry.first_at, "modified_at": entry.changed_at, "stamps": stamps}
    )


def newest_first(entries: Sequence[Entry]) -> list[Entry]:
    """The stories in the order of their last change, those withdrawn left out."""
    return sorted((e for e in entries if not e.withdrawn), key=lambda e: (e.changed_at, e.id), reverse=True)
