"""Where readers find a story, by the word of the target that has it; in: a story and a target, out: its address.

Reads placements and deliveries; writes nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from newsgen.store.deliveries import DELIVERY, PLACEMENT

__all__ = ["home_address"]

_WITHDRAWAL = 0  # the urgency of one
_D, _P = DELIVERY.c, PLACEMENT.c


def home_address(engine: Engine, site: str, locale: str, story: str, target: str) -> str | None:
    """The address that a target has confirmed for a story.

    Returns:
        "" when it has none, has withdrawn the story, or failed to take it so far; None while its first attempt is to come or to end.
    """
    of_story = (site, locale, story, target)
    with engine.connect() as connection:
        there = sa.tuple_(_P.site, _P.locale, _P.story, _P.target) == of_story
        found = connection.execute(sa.select(_P.url, _P.article_id).where(there)).first()
        if found is None:
            return None if _first_attempt_to_come(connection, of_story) else ""
        gone = sa.select(_D.id).where(_D.article_id == found.article_id, _D.target == target, _D.urgency == _WITHDRAWAL)
        is_page = found.url.startswith(("https://", "http://")) and connection.execute(gone).first() is None
        return str(found.url) if is_page else ""


def _first_attempt_to_come(connection: Connection, of_story: tuple[str, str, str, str]) -> bool:
    waits = sa.or_(sa.and_(_D.state == "pending", _D.attempts == 0), sa.and_(_D.state == "sending", _D.attempts == 1))
    query = sa.select(_D.id).where(sa.tuple_(_D.site, _D.locale, _D.story, _D.target) == of_story, waits)
    return connection.execute(query).first() is not None
