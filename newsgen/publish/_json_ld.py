"""schema.org data of a page as JSON-LD; in: a Printed article and its site, out: text that is safe inside a script element.

Only names of the vocabulary: inventing one fails validation, and there is none that says a machine wrote the text. That stands in
`digitalSourceType`, and in the page's own words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from newsgen.publish._entry import Told
from newsgen.publish._glossary import Coin
from newsgen.publish._printed import Printed, stamp

if TYPE_CHECKING:
    from newsgen.publish._pages import SiteInfo

__all__ = ["article_json_ld", "coin_json_ld", "in_script", "site_json_ld"]

_CONTEXT = "https://schema.org"
# How the text came to be, from the IPTC's list to schema.org's: publishing contracts, source types.
_SOURCE_TYPES = {
    "dataDrivenMedia": "DataDrivenMedia", "trainedAlgorithmicMedia": "TrainedAlgorithmicMedia", "algorithmicMedia": "AlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia": "CompositeWithTrainedAlgorithmicMedia", "humanEdits": "HumanEdits",
}  # fmt: skip


def article_json_ld(article: Printed, site: SiteInfo, address: str, card: str, corrections: Sequence[Told],
                    glossary: Mapping[str, Coin]) -> Markup:  # fmt: skip
    """NewsArticle.

    Args:
        address: Where readers find the story; "" where the site has no address.
    """
    data = {
        "@context": _CONTEXT, "@type": "NewsArticle", "headline": article.headline.text, "description": article.summary,
        "inLanguage": site.language, "datePublished": stamp(article.first_at), "dateModified": stamp(article.changed_at),
        "author": [_organization("Organization", f"{site.title}, {site.desk}", site)], "publisher": _publisher(site),
        "mainEntityOfPage": address, "url": address, "image": [_image(card)] if card else [], "thumbnailUrl": card,
        "articleSection": article.tags[0] if article.tags else "", "keywords": list(dict.fromkeys(article.tags)),
        "wordCount": article.word_count, "isAccessibleForFree": True, "version": str(article.version),
        "about": [{"@type": "Thing", "name": glossary[t].name if t in glossary else t, "alternateName": t} for t in article.tickers],
        "isBasedOn": [s.link for s in article.sources if s.link],
        "citation": [s.name for s in article.sources], "creditText": " ".join(s.credit for s in article.credits),
        "digitalSourceType": f"{_CONTEXT}/{_source_type(article)}DigitalSource",
        "correction": [{"@type": "CorrectionComment", "text": c.note, "datePublished": stamp(c.at)} for c in corrections],
        "creativeWorkStatus": "Retracted" if article.withdrawn else "Published",
    }  # fmt: skip
    return in_script(data)


def site_json_ld(site: SiteInfo) -> Markup:
    """WebSite, for the front page."""
    return in_script({
        "@context": _CONTEXT, "@type": "WebSite", "name": site.title, "url": site.url("") if site.base_url else "",
        "inLanguage": site.language, "publisher": _publisher(site),
    })  # fmt: skip


def coin_json_ld(coin: Coin, site: SiteInfo) -> Markup:
    """DefinedTerm, for a page of the glossary."""
    address = site.url(f"glossary/{coin.symbol.lower()}/") if site.base_url else ""
    return in_script({
        "@context": _CONTEXT, "@type": "DefinedTerm", "name": coin.name, "termCode": coin.symbol, "description": coin.summary,
        "url": address, "inDefinedTermSet": site.url("glossary/") if site.base_url else "",
    })  # fmt: skip


def _source_type(article: Printed) -> str:
    return _SOURCE_TYPES.get(article.disclosure.digital_source_type.rsplit("/", 1)[-1], "DataDrivenMedia")


def _organization(kind: str, name: str, site: SiteInfo) -> dict[str, Any]:
    return {"@type": kind, "name": name, "url": site.url("") if site.base_url else ""}


def _publisher(site: SiteInfo) -> dict[str, Any]:
    logo = {"@type": "ImageObject", "url": site.logo} if site.logo else ""
    return {**_organization("NewsMediaOrganization", site.title, site), "logo": logo, "correctionsPolicy": site.corrections_policy}


def _image(card: str) -> dict[str, Any]:
    return {"@type": "ImageObject", "url": card, "width": 1200, "height": 630}


def in_script(data: Mapping[str, Any]) -> Markup:
    """JSON for a script element, what is empty left out."""
    text = json.dumps(_filled(data), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - escaped for a script element above


def _filled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _filled(v) for k, v in value.items() if v not in ("", [], ())}
    return [_filled(v) for v in value] if isinstance(value, list) else value
