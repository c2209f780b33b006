"""Which host each secret was entered for; in: a secret's variable and a host, out: the host that it may be sent to.

A secret belongs to the host that it was first sent to. Another value is another secret; so is another variable. Of the value itself 32 bits
of a slow digest are kept: enough to see that it was changed, too few to find it by.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy import Engine, Table
from sqlalchemy.exc import IntegrityError

from newsgen.market import to_epoch
from newsgen.secret import Secret
from newsgen.store.database import metadata, writing

__all__ = ["BOUND", "host_of_secret"]

BOUND = Table(
    "bound_secret", metadata,
    sa.Column("variable", sa.Text, primary_key=True),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)  # fmt: skip


def host_of_secret(engine: Engine, variable: str, secret: Secret, host: str, now: datetime) -> str:
    """The host that a secret may be sent to: this one, if it was never sent to any other."""
    mark = _mark(variable, secret)
    with engine.connect() as connection:
        found = connection.execute(sa.select(BOUND).where(BOUND.c.variable == variable)).first()
    if found is not None and found.mark == mark:
        return str(found.host)
    try:
        with writing(engine) as connection:
            connection.execute(sa.delete(BOUND).where(BOUND.c.variable == variable))
            connection.execute(sa.insert(BOUND).values(variable=variable, mark=mark, host=host, at=to_epoch(now)))
    except IntegrityError:  # another process was quicker
        return host_of_secret(engine, variable, secret, host, now)
    return host


@lru_cache(maxsize=64)
def _mark(variable: str, secret: Secret) -> str:
    return hashlib.scrypt(secret.reveal().encode(), salt=variable.encode(), n=2**14, r=8, p=1, dklen=4).hex()
