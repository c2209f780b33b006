"""IPTC ninjs 3.1 of an article; in: a Printed article and its site, out: JSON text that the IPTC's schema accepts.

The schema refuses every name it does not know, so nothing of ours is added. `uri` is the story's and stays over its versions; the id of
the version stands in `altIds`. A correction is the next version with an `edNote`; a withdrawn story is `canceled`, with the reason. Says
nothing of an embargo.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

from newsgen.publish._body import credit_lines, plain_html, plain_text
from newsgen.publish._pages import SiteInfo
from newsgen.publish._printed import Printed, stamp
from newsgen.story import Article

__all__ = ["ninjs", "to_ninjs"]

_SCHEMA = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"  # the schema's $id; its title still says 3.0.1


def to_ninjs(article: Article, site: SiteInfo | None = None) -> str:
    """The article as ninjs; a held one says that it is withheld."""
    return ninjs(Printed.of(article), site or SiteInfo(), "" if article.verdict.decision == "publish" else "withheld")


def ninjs(article: Printed, site: SiteInfo, status: str = "") -> str:
    """A printed article as ninjs.

    Args:
        status: usable, withheld or canceled; by default what the article is itself.
    """
    status = status or ("canceled" if article.withdrawn else "usable")
    written = stamp(article.written_at)
    source_type = article.disclosure.digital_source_type
    data: dict[str, Any] = {
        "uri": _uri(article, site), "type": "text", "representationType": "full", "profile": "text-only", "version": str(article.version),
        "versionCreated": written, "contentCreated": written, "pubStatus": status, "language": article.locale,
        "title": article.headline.text, "headlines": [{"role": "main", "contentType": "text/plain", "value": article.headline.text}],
        "descriptions": _descriptions(article), "bodies": _bodies(article), "by": site.desk, "slugline": article.slug,
        "infoSources": [{"name": s.name, **({"uri": s.link} if s.link else {})} for s in article.sources],
        "subjects": [{"name": t} for t in dict.fromkeys(article.tags)],
        "altIds": [{"role": "newsgen", "value": article.id}],
        "usageTerms": " ".join(t for t in (site.legal_foot, *credit_lines(article)) if t), "copyrightHolder": site.title,
        "digitalSourceType": {"name": source_type.rsplit("/", 1)[-1], "uri": source_type},
        "standard": {"name": "ninjs", "version": "3.1", "schema": _SCHEMA},
    }  # fmt: skip
    if article.version == 1 or article.published_at is not None:
        data["firstCreated"] = stamp(article.first_at)
    if article.change is not None:
        data["edNote"] = article.change.note
    return json.dumps({k: v for k, v in data.items() if v not in ("", [])}, ensure_ascii=False, indent=1) + "\n"


def _uri(article: Printed, site: SiteInfo) -> str:
    """The story's name for ever. Not the page's address: that holds words of the headline, which another version may change."""
    host = urlsplit(site.base_url).hostname or "newsgen.invalid"
    return f"tag:{host},2025:{quote(f'{article.site}/{article.locale}/{article.story}')}"


def _descriptions(article: Printed) -> list[dict[str, str]]:
    texts = [("summary", article.summary), *(("keyPoint", p.text) for p in article.key_points)]
    return [{"role": role, "contentType": "text/plain", "value": text} for role, text in texts if text]


def _bodies(article: Printed) -> list[dict[str, str | int]]:
    plain, html = plain_text(article), plain_html(article)
    return [
        {"role": "main", "contentType": "text/plain", "value": plain, "wordCount": article.word_count, "charCount": len(plain)},
        {"role": "main", "contentType": "text/html", "value": html, "wordCount": article.word_count, "charCount": len(plain)},
    ]
