"""What an article offers to the fields of a CMS; in: an article, its site and a kind of HTML, out: values by name.

The names are `newsgen.expressions.EXAMPLES`; what each holds is told in docs/cms.md. Times are RFC 3339 in UTC.
"""

from __future__ import annotations

from typing import Any, Literal

from newsgen.publish._body import plain_html, plain_text, simple_html
from newsgen.publish._home import address_of
from newsgen.publish._pages import SiteInfo
from newsgen.publish._printed import stamp
from newsgen.publish._publisher import Parcel

__all__ = ["values_of"]


def values_of(parcel: Parcel, site: SiteInfo, html: Literal["full", "simple", "text"]) -> dict[str, Any]:
    """Every name with its value; "" or an empty list where the article has none."""
    article = parcel.article
    return {
        "headline": article.headline.text, "dek": article.dek.text, "summary": article.summary,
        "points": [p.text for p in article.key_points], "slug": article.slug,
        "body_html": simple_html(article) if html == "simple" else plain_html(article), "body_text": plain_text(article),
        "story_id": article.story_id, "version_id": article.id, "version": article.version, "event": article.event,
        "correction": article.change.note if article.change is not None else "",
        "published_at": stamp(article.first_at), "modified_at": stamp(article.written_at), "as_of": stamp(article.as_of),
        "as_of_text": article.stamps.as_of, "language": article.locale, "angle": article.angle, "form": article.form,
        "tags": list(article.tags), "tickers": list(article.tickers), "authors": [site.desk], "publication": site.title, "desk": site.desk,
        "canonical_url": address_of(parcel, site), "disclosure": article.disclosure.text,
        "digital_source_type": article.disclosure.digital_source_type, "sources": [s.name for s in article.sources],
        "reading_minutes": article.reading_minutes, "word_count": article.word_count,
    }  # fmt: skip
