"""Taking up a fire that somebody claimed and did not finish; in: the row and how long a claim holds, out: whether it is ours now.

One statement, so that of two processes that try one gets it. Claiming and finishing are in newsroom.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Engine

from newsgen.market import to_epoch
from newsgen.store.database import writing
from newsgen.store.newsroom import FIRE

__all__ = ["reclaim_fire"]


def reclaim_fire(engine: Engine, site: str, schedule: str, fire_time: datetime, now: datetime, lease: timedelta) -> bool:
    """Claim a fire again whose claim is at least `lease` old and that nobody finished: true for exactly one process."""
    with writing(engine) as connection:
        result = connection.execute(
            sa.update(FIRE)
            .where(
                FIRE.c.site == site, FIRE.c.schedule == schedule, FIRE.c.fire_time == to_epoch(fire_time),
                FIRE.c.finished_at.is_(None), FIRE.c.claimed_at <= to_epoch(now - lease),
            )
            .values(claimed_at=to_epoch(now))
        )  # fmt: skip
    return bool(result.rowcount == 1)
