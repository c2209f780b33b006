"""Where the original of a story stands, for the copies of it elsewhere; in: settings and a delivery, out: an address.

Search engines want one page of a story, and the others to name it. A site has a home, the target where its readers find its stories; a
site that tells what another one has told names that one's home. An address is named only once the home has confirmed it, or where a folder
makes it certain. Waits for no home that is down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from newsgen.publish._printed import Printed

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsgen.publish._pages import SiteInfo
    from newsgen.publish._publisher import Parcel
    from newsgen.store.deliveries import Delivery

__all__ = ["NO_HOME", "Home", "address_of", "original_of", "page_of"]

_LOOKS, _BETWEEN_S = 10, 0.5  # so often, and so far apart, a home is asked for that has not tried yet


@dataclass(frozen=True, slots=True)
class Home:
    """A site's home, and that of the site whose stories it tells again.

    Attributes:
        target: The target where readers find the site's stories; "" leaves each copy its own original.
        certain: Whether its addresses are known before it has confirmed them: those of a folder.
        other_site, other_target: The site that had the story first, and its home; "" where there is none.
    """

    target: str = ""
    certain: bool = False
    other_site: str = ""
    other_target: str = ""


NO_HOME = Home()

Stored = Callable[..., Awaitable[str | None]]


async def original_of(home: Home, engine: Engine, delivery: Delivery, stored: Stored) -> str | None:
    """The confirmed address of the original of a story that goes to another place.

    Args:
        stored: Runs a function of the store in the database's own thread.

    Returns:
        None where the copy is the original itself; "" where the home has not confirmed it.
    """
    from newsgen.store.homes import home_address

    story = (delivery.locale, delivery.story)
    if home.other_site:
        address = await _confirmed(partial(stored, home_address, engine, home.other_site, *story, home.other_target))
        if address:
            return address
    if not home.target or home.target == delivery.target:
        return None
    own = partial(stored, home_address, engine, delivery.site, *story, home.target)
    return await own() or "" if home.certain else await _confirmed(own)


async def _confirmed(ask: Callable[[], Awaitable[str | None]]) -> str:
    """An address once the first attempt at the home has ended; "" where that takes too long, or gave none."""
    for _ in range(_LOOKS):
        address = await ask()
        if address is not None:
            return address
        await asyncio.sleep(_BETWEEN_S)
    return ""


def address_of(parcel: Parcel, site: SiteInfo) -> str:
    """Where readers find the story: its original, else the page of the desk's own site; "" where neither has an address."""
    if parcel.original is not None:
        return parcel.original
    return page_of(parcel.article, site)


def page_of(article: Printed, site: SiteInfo) -> str:
    """The page of an article on the desk's own site; "" where the site has no address."""
    return site.url(f"articles/{article.slug}/") if site.base_url else ""
