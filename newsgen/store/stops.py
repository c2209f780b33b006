"""Stops: what is not sent for now, and why; in: a person's word or the brake's, out: the stops that stand, and what they stop.

`all` stops every request. `site` and `target` stop everything but withdrawals. `source`, `angle`, `asset` and `template` hold new articles
that rest on them, and those that wait; corrections and withdrawals, which a person has decided on, pass. Holds no delivery itself:
`deliveries.py` and `newsroom.py` ask here, in their own transactions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table

from newsgen.errors import ConfigError
from newsgen.market import from_epoch, to_epoch
from newsgen.store.basis import Rests
from newsgen.store.database import metadata

__all__ = ["RESTING", "SCOPES", "STOP", "Stop", "active_stops", "add_stop", "blocking", "lift_stops", "stopped_angles", "touching"]

RESTING = ("source", "angle", "asset", "template")  # what an article may rest on
SCOPES = ("all", "site", "target", *RESTING)

STOP = Table(
    "stop", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("site", sa.Text, nullable=False),  # "" for every site
    sa.Column("scope", sa.Text, nullable=False),  # of SCOPES
    sa.Column("name", sa.Text, nullable=False),  # of the target, source, angle, asset, or a template's digest; "" for all and site
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("lifted_at", sa.BigInteger, nullable=True),
    sa.Column("lifted_by", sa.Text, nullable=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop that stands."""

    id: int
    site: str
    scope: str
    name: str
    reason: str
    who: str
    at: datetime

    def __str__(self) -> str:
        return f"stop {self.id}: {self.what}: {self.reason}"

    @property
    def what(self) -> str:
        """What is stopped, for people: "angle ath at main"."""
        named = f"{self.scope} {self.name}".strip()
        return f"{named} at {self.site}" if self.site and self.scope != "site" else f"{named} {self.site}".strip()

    def is_at(self, site: str) -> bool:
        return self.site in ("", site)


def add_stop(connection: Connection, scope: str, name: str, reason: str, who: str, now: datetime, site: str = "") -> Stop:
    """Stop something from now on; the same stop a second time is the first one."""
    if scope not in SCOPES:
        raise ConfigError(f"nothing is stopped by {scope!r}; there are: {', '.join(SCOPES)}")
    for stop in active_stops(connection):
        if (stop.site, stop.scope, stop.name) == (site, scope, name):
            return stop
    values = {"lifted_by": "", "site": site, "scope": scope, "name": name, "reason": reason, "who": who, "at": to_epoch(now)}
    number = connection.execute(sa.insert(STOP).values(**values).returning(STOP.c.id)).scalar_one()
    return Stop(number, site, scope, name, reason, who, now)


def active_stops(connection: Connection) -> list[Stop]:
    """The stops that stand, oldest first."""
    rows = connection.execute(sa.select(STOP).where(STOP.c.lifted_at.is_(None)).order_by(STOP.c.id))
    return [Stop(r.id, r.site, r.scope, r.name, r.reason, r.who, from_epoch(r.at)) for r in rows]


def lift_stops(connection: Connection, numbers: Sequence[int], who: str, now: datetime) -> None:
    """Let what was stopped go on."""
    connection.execute(
        sa.update(STOP).where(STOP.c.id.in_(numbers), STOP.c.lifted_at.is_(None)).values(lifted_at=to_epoch(now), lifted_by=who)
    )


def blocking(stops: Sequence[Stop], row: Any) -> Stop | None:
    """The stop for which a delivery waits where it is; withdrawals wait only for `all`."""
    for stop in stops:
        if stop.scope == "all" and stop.is_at(row.site):
            return stop
        own = stop.scope == "site" or (stop.scope == "target" and stop.name == row.target)
        if own and row.urgency and stop.is_at(row.site):
            return stop
    return None


def touching(stops: Sequence[Stop], site: str, rests: Rests) -> Stop | None:
    """The stop for which an article is held."""
    of = {"source": rests.sources, "angle": rests.angles, "asset": rests.assets}
    for stop in stops:
        named = stop.name in of.get(stop.scope, ()) or (stop.scope == "template" and rests.template.startswith(stop.name))
        if named and stop.is_at(site):
            return stop
    return None


def stopped_angles(engine: Engine, site: str) -> dict[str, Stop]:
    """The angles that nothing is written by at a site."""
    with engine.connect() as connection:
        return {stop.name: stop for stop in active_stops(connection) if stop.scope == "angle" and stop.is_at(site)}
