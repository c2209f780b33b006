"""One database for archive and newsroom; in: a database URL, out: an Engine whose schema is at the newest migration.

SQLite by default, PostgreSQL by URL. Tables are declared on `metadata` by their own modules (archive.py, newsroom.py); migrations/ makes
them. Holds no query. Slow to import (sqlalchemy; alembic only when there is something to migrate): import it inside functions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from newsgen.errors import ConfigError

__all__ = ["DEFAULT_URL", "head_revision", "metadata", "of_site", "open_database", "revision", "upgrade", "writing"]

DEFAULT_URL = "sqlite:///newsgen.db"
metadata = MetaData()

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_TIMEOUT_MS = 10_000  # an import holds the write lock for seconds, never longer
_WRITE_LOCK = 0x6E657773  # PostgreSQL advisory lock
_LOCK = text("SELECT pg_advisory_xact_lock(:lock)")


def of_site() -> tuple[sa.Column[str], sa.Column[str]]:
    """The columns that every row of the newsroom carries: one desk may run several sites."""
    return sa.Column("site", sa.Text, nullable=False), sa.Column("locale", sa.Text, nullable=False)


def open_database(url: str = DEFAULT_URL, *, upgrade: bool = True) -> Engine:
    """Open a database and bring its schema to the newest migration.

    Args:
        url: SQLAlchemy URL; `postgresql://` means psycopg.
        upgrade: False leaves the schema as it is (for `db check`).

    Raises:
        ConfigError: The URL names no database that can be opened.
    """
    engine = _engine(url)
    if upgrade:
        try:
            _upgrade(engine)
        except SQLAlchemyError as error:
            engine.dispose()
            shown = engine.url.render_as_string(hide_password=True)
            raise ConfigError(f"cannot open the database {shown}: {getattr(error, 'orig', None) or error}") from error
    return engine


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest migration; does nothing, and is quick, when it is there."""
    _upgrade(engine)


@contextmanager
def writing(engine: Engine, *, durable: bool = False) -> Iterator[Connection]:
    """A connection in a transaction that holds the write lock from its first moment; commits at the end, rolls back on error.

    SQLite: a transaction that reads before it writes cannot take the lock later if another wrote in between, and no busy
    timeout helps; hence BEGIN IMMEDIATE. PostgreSQL: an advisory lock stands for it. What looks at states and then writes by what it saw
    (a hold, a claim, an approval) is right on both for one reason: nobody else writes meanwhile.

    Args:
        durable: A power cut does not undo it, nor what was committed before: the disk is waited for.
    """
    options = {"newsgen_begin": "IMMEDIATE", "newsgen_durable": durable}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(_LOCK, {"lock": _WRITE_LOCK})
        yield connection


def revision(engine: Engine) -> str:
    """The schema's revision, "" when there is none yet."""
    with engine.connect() as connection:
        return _revision(connection)


def head_revision() -> str:
    """The newest migration that this version brings.

    Files are named `<revision>_<slug>.py` and the revisions are numbers in one line, so that alembic (0.3 s to import) is not asked.
    """
    return max(path.name.split("_", 1)[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def _engine(url: str) -> Engine:
    try:
        parsed = _with_driver(make_url(url))
        engine = create_engine(parsed)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise ConfigError(f"no database URL that can be used: {error}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _with_driver(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Without this the sqlite3 module begins transactions by its own rules, and BEGIN IMMEDIATE below would not be ours to send.
    connection.isolation_level = None
    for pragma in (f"busy_timeout = {_BUSY_TIMEOUT_MS}", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if "newsgen_durable" in options:
        connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options['newsgen_durable'] else 'NORMAL'}")
    connection.exec_driver_sql(f"BEGIN {options.get('newsgen_begin', 'DEFERRED')}")


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def _upgrade(engine: Engine) -> None:
    head, found = head_revision(), revision(engine)
    if found == head:
        return
    if found > head:
        raise ConfigError(f"the database is at revision {found}, made by a newer newsgen; this one knows {head}")
    from alembic import command

    with writing(engine) as connection:  # SQLite's DDL is transactional: a killed upgrade leaves the schema as it was
        command.upgrade(_alembic_config(connection), "head")


def _alembic_config(connection: Connection):  # type: ignore[no-untyped-def]
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
