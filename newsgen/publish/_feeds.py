"""RSS of a site; in: its latest articles, out: bytes that are the same for the same articles."""

from __future__ import annotations

from collections.abc import Sequence

from newsgen.publish._pages import SiteInfo, body_html
from newsgen.publish._printed import Printed

__all__ = ["rss"]


def rss(articles: Sequence[Printed], site: SiteInfo) -> bytes:
    """RSS 2.0, newest first; the guid is the story's and never changes, the date is that of the first print."""
    from feedgen.feed import FeedGenerator  # loads lxml

    feed = FeedGenerator()
    feed.title(site.title)
    feed.link(href=site.url("") or "https://localhost/", rel="alternate")
    feed.link(href=site.url("rss.xml"), rel="self")
    feed.description(f"{site.title}: {site.desk}")
    feed.language(site.language)
    feed.generator("newsgen")
    feed.docs("https://www.rssboard.org/rss-specification")
    if articles:
        feed.lastBuildDate(max(a.written_at for a in articles))
    else:
        feed.lastBuildDate("2025-01-01T00:00:00Z")
    for article in articles:
        entry = feed.add_entry(order="append")
        entry.guid(f"newsgen:{article.site}:{article.locale}:{article.story}", permalink=False)
        entry.title(article.headline.text)
        entry.link(href=site.url(f"articles/{article.slug}/"))
        entry.description(article.summary)
        entry.content(body_html(article), type="CDATA")
        entry.pubDate(article.written_at)
        for tag in dict.fromkeys(article.tags):
            entry.category(term=tag)
    text: bytes = feed.rss_str(pretty=True)
    return text
