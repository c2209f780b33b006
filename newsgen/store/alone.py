"""Whether another newsgen works on the same database; in: an engine, out: yes or no. Changes nothing in the database.

Seen by a lock on a file beside a SQLite database: the system lets go of it with its process, however that ends. Several nodes may share a
PostgreSQL database, so that there nobody is taken to be alone.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

__all__ = ["alone", "is_alone"]

_LOCKS: dict[str, int] = {}  # open files of this process, by the database's path; held until it ends


@contextmanager
def alone(engine: Engine) -> Iterator[bool]:
    """Whether no other process works on the database. From now on this one does; another that begins waits until the block has ended."""
    lock = _lock_of(engine)
    try:
        yield engine.dialect.name == "sqlite" if lock is None else _taken(lock)
    finally:
        if lock is not None:
            fcntl.flock(lock, fcntl.LOCK_SH)


def is_alone(engine: Engine) -> bool:
    """The same for this moment only."""
    with alone(engine) as nobody_else:
        return nobody_else


def _lock_of(engine: Engine) -> int | None:
    """The open lock file of a database; None where it has none: another kind of database, or one in memory, which is ours alone."""
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        return None
    path = os.path.realpath(path)
    if path not in _LOCKS:
        _LOCKS[path] = os.open(f"{path}-sending", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return _LOCKS[path]


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
