"""The feeds of a site: RSS, Atom and JSON Feed; in: its latest stories, out: bytes that are the same for the same stories.

A story keeps its id and its first date for ever; its second date moves only with its words. A withdrawn one stays, as its notice, and
Atom says besides that it is deleted. Feeds want whole addresses: a site without one gets them on https://localhost/.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newsgen.discover import templates_root
from newsgen.publish._body import plain_html
from newsgen.publish._pages import SiteInfo, page_environment
from newsgen.publish._printed import Printed, stamp

__all__ = ["FEEDS", "atom", "json_feed", "rss"]

_NO_CHANGE_YET = datetime(2025, 1, 1, tzinfo=UTC)
_FEED_IDS = uuid.UUID("5f0c5a0e-2f7b-5c55-8d1a-6e6577736765")  # fixed for ever
JSON_FEED = "https://jsonfeed.org/version/1.1"


@dataclass(frozen=True, slots=True)
class _Item:
    """A story as feeds carry it. `card` is the address of its picture, or ""."""

    id: str
    url: str
    card: str
    html: str
    article: Printed


def rss(articles: Sequence[Printed], site: SiteInfo, cards: bool = False) -> bytes:
    """RSS 2.0, in the given order.

    Args:
        cards: Whether each story that stands has a card.png.
    """
    return _filled("rss.xml", articles, site, cards)


def atom(articles: Sequence[Printed], site: SiteInfo, cards: bool = False) -> bytes:
    """Atom, as `rss`; a withdrawn story has its tombstone of RFC 6721 too."""
    return _filled("atom.xml", articles, site, cards)


def json_feed(articles: Sequence[Printed], site: SiteInfo, cards: bool = False) -> bytes:
    """JSON Feed 1.1, as `rss`."""
    home = site.whole_url("")
    author = {"name": f"{site.title}, {site.desk}", "url": home}
    data = {
        "version": JSON_FEED, "title": site.title, "home_page_url": home, "feed_url": site.whole_url("feed.json"),
        "description": f"{site.title}: {site.desk}", "language": site.language, "authors": [author],
        **({"hubs": [{"type": "WebSub", "url": hub} for hub in site.hubs]} if site.hubs else {}),
        "items": [_json_item(item) for item in _items(articles, site, cards)],
    }  # fmt: skip
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _json_item(item: _Item) -> dict[str, object]:
    article = item.article
    return {
        "id": item.id, "url": item.url, "title": article.headline.text, "summary": article.summary, "content_html": item.html,
        "date_published": stamp(article.first_at), "date_modified": stamp(article.changed_at), "language": article.locale,
        **({"image": item.card} if item.card else {}), **({"tags": list(dict.fromkeys(article.tags))} if article.tags else {}),
        "_newsgen": {"version": article.version, "as_of": stamp(article.as_of), "event": article.event, "tickers": list(article.tickers)},
    }  # fmt: skip


def _filled(name: str, articles: Sequence[Printed], site: SiteInfo, cards: bool) -> bytes:
    changed_at = max((a.changed_at for a in articles), default=_NO_CHANGE_YET)
    text = (
        page_environment(templates_root())
        .get_template(name)
        .render(
            items=_items(articles, site, cards), site=site, changed_at=changed_at, feed_id=f"urn:uuid:{uuid.uuid5(_FEED_IDS, site.name)}"
        )
    )
    return text.encode()


def _items(articles: Sequence[Printed], site: SiteInfo, cards: bool) -> list[_Item]:
    return [
        _Item(
            f"urn:uuid:{a.story_id}", site.whole_url(f"articles/{a.slug}/"),
            site.whole_url(f"articles/{a.slug}/card.png") if cards and not a.withdrawn else "", plain_html(a), a,
        )
        for a in articles
    ]  # fmt: skip


FEEDS = {"rss.xml": rss, "atom.xml": atom, "feed.json": json_feed}
