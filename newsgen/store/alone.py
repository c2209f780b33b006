"""Whether another newsgen works on the same database; in: an engine, out: yes or no. Changes nothing in the database.

Seen by a lock on a file beside a SQLite database: the system lets go of it with its process, however that ends. Several nodes may share a
PostgreSQL database, so that there nobody is taken to be alone.
"""

from __future__ import annotations

import fcntl
import os

from sqlalchemy import Engine

__all__ = ["is_alone"]

_LOCKS: dict[str, int] = {}  # open files of this process, by the database's path; held until it ends


def is_alone(engine: Engine) -> bool:
    """Whether no other process works on the database; from now on this one does."""
    path = engine.url.database
    if engine.dialect.name != "sqlite":
        return False
    if not path or path == ":memory:":
        return True
    path = os.path.realpath(path)
    if path not in _LOCKS:
        _LOCKS[path] = os.open(f"{path}-sending", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(_LOCKS[path], fcntl.LOCK_EX | fcntl.LOCK_NB)
        alone = True
    except OSError:
        alone = False
    fcntl.flock(_LOCKS[path], fcntl.LOCK_SH)
    return alone
