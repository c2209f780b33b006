"""Targets that want nothing more from us: they are switched off until a person lifts the stop; in: how attempts ended, out: a stop.

410 says that an endpoint is gone for good; a credential that was refused twice in a row trips lock-outs and firewalls when it is tried
again. Withdrawals still go there: a stop of a target never holds them.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from newsgen.store.database import writing
from newsgen.store.deliveries import ATTEMPT, DELIVERY, Delivery
from newsgen.store.stops import active_stops, add_stop

__all__ = ["switch_off"]

_GONE, _NO_LOGIN = 410, (401, 535)  # the last is SMTP's
_IN_A_ROW = 2


def switch_off(engine: Engine, delivery: Delivery, status: int | None, now: datetime) -> bool:
    """Stop a target that is gone, or that does not take our login; returns whether it is stopped now by this.

    Args:
        status: Of the answer that ended the attempt; the attempt itself is in the log already.
    """
    if status not in (_GONE, *_NO_LOGIN):
        return False
    with writing(engine) as connection:
        if status in _NO_LOGIN and not _refused_again(connection, delivery):
            return False
        reason = "gone: it answered 410" if status == _GONE else f"it refused the login {_IN_A_ROW} times in a row ({status})"
        return _stop(connection, delivery, reason, now)


def _refused_again(connection: Connection, delivery: Delivery) -> bool:
    """Whether the last answers of the target, to whatever story, all were 401; what the desk did meanwhile is none."""
    d, answered = DELIVERY.c, sa.or_(ATTEMPT.c.status.is_not(None), ATTEMPT.c.state == "confirmed")
    last = (
        sa.select(ATTEMPT.c.status).join(DELIVERY, d.id == ATTEMPT.c.delivery_id)
        .where(d.site == delivery.site, d.target == delivery.target, answered)
        .order_by(ATTEMPT.c.id.desc()).limit(_IN_A_ROW)
    )  # fmt: skip
    statuses = list(connection.execute(last).scalars())
    return len(statuses) == _IN_A_ROW and all(status in _NO_LOGIN for status in statuses)


def _stop(connection: Connection, delivery: Delivery, reason: str, now: datetime) -> bool:
    of_target = (s for s in active_stops(connection) if (s.scope, s.name) == ("target", delivery.target))
    if any(stop.is_at(delivery.site) for stop in of_target):
        return False
    add_stop(connection, "target", delivery.target, reason, "newsgen", now, delivery.site)
    return True
