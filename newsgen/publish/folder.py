"""A folder as a static site: articles, lists, feeds and sitemaps; in: an article, out: files that a web server can serve.

Writes the site (`_site.py`), then tells the WebSub hubs. The same article again changes nothing.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from newsgen.errors import PublishUnavailable
from newsgen.publish._findings import folder_finding
from newsgen.publish._hubs import tell_hubs
from newsgen.publish._pages import SiteInfo
from newsgen.publish._publisher import Finding, Outgoing, Parcel, Publisher, Target
from newsgen.publish._site import write_site
from newsgen.publish._wire import Wire
from newsgen.story import Receipt
from newsgen.target_settings import FolderSettings

__all__ = ["PUBLISHER", "site_of"]


def _format(parcel: Parcel, target: Target) -> Outgoing:
    return Outgoing(parcel.article_json.encode(), "application/json")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    settings, site = target.of(FolderSettings), site_of(target)
    root, article = Path(settings.path), parcel.article
    try:
        where = await asyncio.to_thread(
            write_site, root, article, outgoing.body.decode(), site, settings.daily_limit, parcel.original or ""
        )
        problems = await tell_hubs(root, site, wire)
    except OSError as error:
        raise PublishUnavailable(target.name, article.slug, f"cannot write: {error.strerror}", may_be_stored=True) from error
    return Receipt(target.name, article.id, "confirmed", where.split("/")[1], site.url(where), "; ".join(problems))


def site_of(target: Target) -> SiteInfo:
    """The site with what the settings of its folder add to its pages."""
    own = target.of(FolderSettings)
    return target.site.model_copy(update={
        "hubs": own.hubs, "subscribe": own.subscribe, "logo": own.logo, "corrections_policy": own.corrections_policy,
    })  # fmt: skip


async def _check(target: Target, wire: Wire) -> list[Finding]:
    """Whether the folder can be written, and the site has what its feeds and maps need."""
    found = [folder_finding(Path(target.of(FolderSettings).path))]
    if target.site.base_url:
        found.append(Finding("address", True, f"readers find the site at {target.site.base_url}"))
    else:
        found.append(
            Finding("address", False, "the site has no base_url: feeds and sitemaps hold https://localhost/, previews have no picture")
        )
    if target.of(FolderSettings).hubs and not target.site.base_url:
        found.append(Finding("hubs", False, "hubs are told of addresses: without base_url they are not told at all"))
    return found


PUBLISHER = Publisher("folder", FolderSettings, _format, _send, check=_check)
