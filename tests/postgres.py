"""The tests' databases on PostgreSQL, where NEWSGEN_TEST_DATABASE_URL names a server; in: that URL, out: a database for each file.

A test goes on naming a file: the file then holds the name of a database of its own, and a copy of the file becomes a copy of the database.
Only for this process: tests that start others, and those that speak SQLite themselves (PRAGMA, the sqlite3 module), fail there.
Databases are dropped at the end. Wants PostgreSQL 15, a role that may make databases, and psycopg.
"""

from __future__ import annotations

import atexit
import uuid
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from newsgen.store import database

__all__ = ["redirect"]

_MARK = "newsgen_test_"


def redirect(server: str) -> None:
    """From now on a SQLite file is a database of this server."""
    with_driver = database._with_driver
    engine = sa.create_engine(with_driver(sa.make_url(server)), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    made: dict[str, str] = {}  # file to database

    def execute(statement: str) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def of_file(url: URL) -> URL:
        if url.drivername != "sqlite" or not url.database or url.database == ":memory:" or not Path(url.database).parent.is_dir():
            return with_driver(url)
        path = Path(url.database).resolve()
        found = path.read_text("utf-8") if path.is_file() else ""
        if str(path) not in made or made[str(path)] != found:
            made[str(path)] = _MARK + uuid.uuid4().hex
            execute(f"CREATE DATABASE {made[str(path)]}" + (f" TEMPLATE {found} STRATEGY FILE_COPY" if found.startswith(_MARK) else ""))
            path.write_text(made[str(path)], "utf-8")
        return with_driver(sa.make_url(server)).set(database=made[str(path)])

    def drop_all() -> None:
        for name in made.values():
            execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    database._with_driver = of_file
    atexit.register(drop_all)
