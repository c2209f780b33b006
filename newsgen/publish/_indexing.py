"""Which pages search engines may list; in: the stories of a site and a new one, out: those whose standing changes.

At most so many a day (UTC), the strongest; and never two within a day on one subject and family of angles. What is not listed stays on the
site, in its lists and in its feeds: its page says noindex, and it is in no sitemap. A page that names an original elsewhere does not count.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from newsgen.publish._entry import Entry

__all__ = ["settled"]

_APART = timedelta(hours=24)


def settled(new: Entry, others: Collection[Entry], daily_limit: int) -> list[Entry]:
    """The new story with its standing first, then those that lose theirs to it: a stronger story takes the place of the weaker.

    Args:
        others: The other stories of the site.
        daily_limit: How many of a day may be listed.
    """
    listed = [e for e in others if e.in_maps]
    rivals = [e for e in listed if _same_thing(e, new) and abs(e.first_at - new.first_at) < _APART]
    today = [e for e in listed if e.first_at.date() == new.first_at.date() and e not in rivals]
    if len(today) >= daily_limit:
        rivals.append(min(today, key=lambda e: (e.score, -e.first_at.timestamp())))
    if any(rival.score >= new.score for rival in rivals):
        return [new.model_copy(update={"indexed": False})]
    return [new, *(e.model_copy(update={"indexed": False}) for e in rivals)]


def _same_thing(one: Entry, other: Entry) -> bool:
    return (one.subject, one.family) == (other.subject, other.family)
