"""Opening a database: the schema, the pragmas, and writers that wait for each other."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from newsgen.errors import ConfigError
from newsgen.store import archive, database
from newsgen.store.database import head_revision, metadata, open_database, revision, upgrade, writing


def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'a.db'}"


def test_schema_is_at_the_head_and_second_opening_runs_no_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(url(tmp_path)).dispose()
    monkeypatch.setitem(sys.modules, "alembic", None)  # an import of it would now fail
    engine = open_database(url(tmp_path))
    assert revision(engine) == head_revision()
    engine.dispose()


def test_head_is_what_alembic_says() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [head_revision()]


def test_migrations_make_the_tables_that_the_archive_declares(tmp_path: Path) -> None:
    engine = open_database(url(tmp_path))
    ours = {archive.SERIES.name, archive.ORIGIN.name, archive.READING.name, archive.PAYLOAD.name}
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in ours, "compare_type": True}
        )
        declared = sa.MetaData()
        for name in sorted(ours):
            metadata.tables[name].to_metadata(declared)
        assert compare_metadata(context, declared) == []
        made = connection.execute(sa.text("SELECT sql FROM sqlite_master WHERE name = 'reading'")).scalar_one()
    assert "WITHOUT ROWID" in made
    engine.dispose()


def test_upgrade_waits_when_it_is_not_wanted(tmp_path: Path) -> None:
    engine = open_database(url(tmp_path), upgrade=False)
    assert revision(engine) == ""
    upgrade(engine)
    assert revision(engine) == head_revision()
    engine.dispose()


def test_database_of_a_newer_newsgen_is_refused(tmp_path: Path) -> None:
    engine = open_database(url(tmp_path))
    with writing(engine) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="9999, made by a newer newsgen"):
        open_database(url(tmp_path))
    engine.dispose()


def test_sqlite_is_set_up_for_one_writer_and_many_readers(tmp_path: Path) -> None:
    engine = open_database(url(tmp_path))
    with engine.connect() as connection:
        found = {
            name: connection.execute(sa.text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 10_000}
    engine.dispose()


def test_writer_holds_the_lock_from_its_first_moment_and_readers_go_on(tmp_path: Path) -> None:
    engine = open_database(url(tmp_path))
    with writing(engine), engine.connect() as other:
        assert other.execute(sa.text("SELECT count(*) FROM series")).scalar() == 0
        other.rollback()
        other.exec_driver_sql("PRAGMA busy_timeout = 1")
        with pytest.raises(sa.exc.OperationalError, match="database is locked"):
            other.exec_driver_sql("INSERT INTO origin VALUES (1, '', '', '', '', '', '', '')")
    engine.dispose()


def test_a_second_writer_waits_for_the_first_whatever_the_database(tmp_path: Path) -> None:
    """What looks at states and then writes by what it saw rests on this."""
    engine, order = open_database(url(tmp_path)), list[str]()

    def second() -> None:
        with writing(engine):
            order.append("second")

    with writing(engine) as connection:
        connection.execute(sa.text("SELECT count(*) FROM delivery"))  # it has looked, and has not written yet
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join(20)
    assert order == ["first", "second"]
    engine.dispose()


def test_writing_commits_at_the_end_and_rolls_back_on_error(tmp_path: Path) -> None:
    engine = open_database(url(tmp_path))
    insert = sa.text("INSERT INTO origin VALUES (:id, '', :id, '', '', '', '', '')")
    with writing(engine) as connection:
        connection.execute(insert, {"id": 1})
    with pytest.raises(RuntimeError), writing(engine) as connection:
        connection.execute(insert, {"id": 2})
        raise RuntimeError
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT id FROM origin")).scalars().all() == [1]
    engine.dispose()


def test_processes_that_start_together_all_open(tmp_path: Path) -> None:
    code = "import sys; from newsgen.store.database import *; print(revision(open_database(sys.argv[1])))"
    started = [
        subprocess.Popen([sys.executable, "-c", code, url(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate() for process in started]
    assert said == [(f"{head_revision()}\n", "")] * 4


@pytest.mark.parametrize(
    ("address", "said"),
    [("nonsense", "no database URL"), ("sqlite:////nowhere/at/all/a.db", "cannot open the database sqlite:////nowhere/at/all/a.db")],
)
def test_what_cannot_be_opened_is_wrong_configuration(address: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        open_database(address)
