"""The archive of readings in a database; in: readings, columns and payloads, out: Columns for a View.

A reading is identified by series, observed_at and known_at; a stored value is never overwritten: a revision is a reading with a later
known_at, and another value for the same three is a Clash that the caller reports. Values are text, so that a decimal comes back as it
was written. A retired reading (`retired.py`) has left the table: no View has it, and it does not come back when its source sends it again.
Derives nothing.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row, Select, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from newsgen.errors import UnitMismatch
from newsgen.market import Bound, Column, Completeness, Origin, Reading, SeriesKey, Unit, check_aware, from_epoch, to_epoch
from newsgen.store.database import metadata, writing
from newsgen.store.memory import columns_of, same_value

__all__ = ["ORIGIN", "READING", "RETIRED", "SERIES", "Added", "Payload", "SqlArchive", "StoredClash", "digest"]

SERIES = Table(
    "series", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("series", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("span", sa.Text, nullable=False),  # the window; that word is reserved in PostgreSQL
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("venue", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.UniqueConstraint("series", "subject", "span", "source", "venue", name="series_key"),
)  # fmt: skip

ORIGIN = Table(
    "origin", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("source_name", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("payload_sha256", sa.Text, nullable=False),
    sa.Column("completeness", sa.Text, nullable=False),
    sa.Column("bound", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.UniqueConstraint(
        "endpoint", "source_name", "url", "payload_sha256", "completeness", "bound", "label", name="origin_whole"
    ),
)  # fmt: skip

READING = Table(
    "reading", metadata,
    sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
    sa.Column("observed_at", sa.BigInteger, nullable=False),
    sa.Column("known_at", sa.BigInteger, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("origin_id", sa.Integer, sa.ForeignKey("origin.id"), nullable=False),
    sa.PrimaryKeyConstraint("series_id", "observed_at", "known_at", name="reading_key"),
    sqlite_with_rowid=False,  # the primary key is the table: a column is read as one run of pages
)  # fmt: skip

RETIRED = Table(
    "retired", metadata,
    sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
    sa.Column("observed_at", sa.BigInteger, nullable=False),
    sa.Column("known_at", sa.BigInteger, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("origin_id", sa.Integer, sa.ForeignKey("origin.id"), nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("series_id", "observed_at", "known_at", "value", name="retired_key"),
)  # fmt: skip

PAYLOAD = Table(
    "payload", metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),  # JSON object, keys sorted
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("fetched_at", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),  # uncompressed
    sa.Column("body", sa.LargeBinary, nullable=False),  # zlib
    sa.Index("payload_by_age", "fetched_at"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredClash:
    """A value that differs from the one stored for the same moments; the stored one stayed."""

    key: SeriesKey
    row: int  # in the column that was to be added
    observed: int
    known: int
    value: str
    stored: str


@dataclass(frozen=True, slots=True)
class Added:
    """What an addition changed."""

    new: int = 0
    unchanged: int = 0
    clashes: tuple[StoredClash, ...] = ()


@dataclass(frozen=True, slots=True)
class Payload:
    """The bytes that a source sent, and how they were asked for."""

    sha256: str
    source: str
    endpoint: str
    params: Mapping[str, str]
    url: str
    fetched_at: datetime
    body: bytes


def digest(body: bytes) -> str:
    """The name of a payload: SHA-256 of its bytes, in hex."""
    return hashlib.sha256(body).hexdigest()


class SqlArchive:
    """The archive in a database.

    What `load` has read it keeps, so that a View costs no query twice; `forget` lets it see what others have written since.

    Args:
        minutes_after: Rows of minutes that ended before are not read: a stream adds a thousand of them a day to each of its columns, and
            no figure looks back further than a day.
    """

    def __init__(self, engine: Engine, minutes_after: datetime | None = None) -> None:
        self._engine = engine
        self._minutes_after = to_epoch(minutes_after) if minutes_after is not None else None
        self._series: dict[tuple[str, str], list[tuple[int, SeriesKey, Unit]]] | None = None
        self._loaded: dict[tuple[str, str], tuple[Column, ...]] = {}

    def load(self, series: str, subject: str) -> Sequence[Column]:
        """The columns of a series of a subject: all windows, sources and venues, each sorted by (observed, known)."""
        name = (series, subject)
        if name not in self._loaded:
            entries = self._catalogue().get(name, [])
            self._loaded[name] = self._read(entries) if entries else ()
        return self._loaded[name]

    def forget(self) -> None:
        """Read again from the database at the next `load`."""
        self._series = None
        self._loaded.clear()

    def keys(self) -> list[SeriesKey]:
        """All series of the archive."""
        return sorted(key for entries in self._catalogue().values() for _, key, _ in entries)

    def add(self, readings: Iterable[Reading]) -> Added:
        """Store readings; those that are there already change nothing."""
        return self.add_columns(columns_of(readings))

    def add_columns(self, columns: Iterable[Column]) -> Added:
        """Store columns, all in one transaction."""
        given = [column for column in columns if column.observed]
        with writing(self._engine) as connection:
            numbers, places, gone = _numbers(connection), _Places(connection), _retired(connection)
            added = [_store(connection, column, numbers, places, gone) for column in given]
        self._series = None
        for column, one in zip(given, added, strict=True):
            if one.new:  # the others are as they were: what was made of them serves on
                self._loaded.pop((column.key.series, column.key.subject), None)
        return Added(sum(one.new for one in added), sum(one.unchanged for one in added), tuple(c for one in added for c in one.clashes))

    def add_payload(
        self, body: bytes, *, source: str, endpoint: str, fetched_at: datetime, params: Mapping[str, str] | None = None, url: str = ""
    ) -> str:
        """Keep the bytes that a source sent, once, as of the last time they came; return their digest."""
        name = digest(body)
        self.add_payloads([Payload(name, source, endpoint, params or {}, url, fetched_at, body)])
        return name

    def add_payloads(self, payloads: Iterable[Payload]) -> None:
        """The same for all that a round brought, in one transaction."""
        rows = [
            {"sha256": p.sha256, "source": p.source, "endpoint": p.endpoint, "params": json.dumps(dict(p.params), sort_keys=True),
             "url": p.url, "fetched_at": to_epoch(check_aware(p.fetched_at, "fetched_at")), "bytes": len(p.body),
             "body": zlib.compress(p.body)}
            for p in payloads
        ]  # fmt: skip
        if not rows:
            return
        with writing(self._engine) as connection:
            insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(PAYLOAD)
            connection.execute(
                insert.on_conflict_do_update(index_elements=["sha256"], set_={"fetched_at": insert.excluded.fetched_at}), rows
            )

    def payload(self, sha256: str) -> Payload | None:
        """The bytes of a digest or of its first letters; None when they were never kept or are pruned, or when several begin so."""
        wanted = PAYLOAD.c.sha256.startswith(sha256.lower(), autoescape=True)
        with self._engine.connect() as connection:
            rows = connection.execute(select(PAYLOAD).where(wanted).limit(2)).all()
        if len(rows) != 1:
            return None
        row = rows[0]
        return Payload(
            row.sha256, row.source, row.endpoint, json.loads(row.params), row.url, from_epoch(row.fetched_at), zlib.decompress(row.body)
        )

    def _catalogue(self) -> dict[tuple[str, str], list[tuple[int, SeriesKey, Unit]]]:
        # All names at once: most assets lack most series, and a query each would cost more than all the readings.
        if self._series is None:
            found: dict[tuple[str, str], list[tuple[int, SeriesKey, Unit]]] = {}
            with self._engine.connect() as connection:
                for number, *key, unit in connection.execute(select(SERIES).order_by(SERIES.c.id)):
                    found.setdefault((key[0], key[1]), []).append((number, SeriesKey(*key), Unit(unit)))
            self._series = found
        return self._series

    def _read(self, entries: Sequence[tuple[int, SeriesKey, Unit]]) -> tuple[Column, ...]:
        with self._engine.connect() as connection:
            return tuple(_column(connection, number, key, unit, self._after(key)) for number, key, unit in entries)

    def _after(self, key: SeriesKey) -> int | None:
        return self._minutes_after if key.window == "1m" else None


def _column(connection: Connection, number: int, key: SeriesKey, unit: Unit, after: int | None) -> Column:
    rows = connection.execute(_readings(number, after)).all()
    if not rows:
        return Column(key, unit)
    observed, known, values, places = map(list, zip(*rows, strict=True))
    numbers = list(dict.fromkeys(places))
    origins = _origins(connection, numbers)
    index = {number: i for i, number in enumerate(numbers)}
    origin_of = [index[place] for place in places] if len(numbers) > 1 else []
    return Column(key, unit, observed, known, values, [origins[number] for number in numbers], origin_of)


def _readings(number: int, after: int | None) -> Select[Any]:
    table = READING.c
    found = select(table.observed_at, table.known_at, table.value, table.origin_id).where(table.series_id == number)
    if after is not None:
        found = found.where(table.observed_at > after)
    return found.order_by(table.observed_at, table.known_at)


def _origins(connection: Connection, numbers: Sequence[int]) -> dict[int, Origin]:
    found: dict[int, Origin] = {}
    for start in range(0, len(numbers), 500):  # SQLite takes a limited number of parameters
        some = numbers[start : start + 500]
        for row in connection.execute(select(ORIGIN).where(ORIGIN.c.id.in_(some))):
            found[row.id] = _origin(row)
    return found


def _origin(row: Row[Any]) -> Origin:
    bound: Bound = "at_least" if row.bound == "at_least" else "exact"
    return Origin(row.endpoint, row.source_name, row.url, row.payload_sha256, Completeness(row.completeness), bound, row.label)


@cache
def _insert(dialect: str, table: Table) -> Insert:
    """An insert that leaves a row alone which is there already."""
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def _number_of(connection: Connection, table: Table, row: Mapping[str, str], *, by: Sequence[str]) -> int:
    """The id of a row, made when it is new."""
    connection.execute(_insert(connection.dialect.name, table), dict(row))
    found = select(table.c.id).where(*(table.c[name] == row[name] for name in by))
    return int(connection.execute(found).scalar_one())


def _numbers(connection: Connection) -> dict[SeriesKey, tuple[int, str]]:
    """The id and unit of every series: one question instead of three for each column."""
    return {SeriesKey(*key): (number, unit) for number, *key, unit in connection.execute(select(SERIES))}


def _series_number(connection: Connection, column: Column, numbers: dict[SeriesKey, tuple[int, str]]) -> int:
    if column.key not in numbers:
        names = dict(zip(("series", "subject", "span", "source", "venue"), column.key, strict=True))
        number = _number_of(connection, SERIES, {**names, "unit": column.unit.value}, by=list(names))
        numbers[column.key] = (number, connection.execute(select(SERIES.c.unit).where(SERIES.c.id == number)).scalar_one())
    number, stored = numbers[column.key]
    if stored != column.unit.value:
        raise UnitMismatch(f"{'/'.join(column.key)} is stored in {stored} and came in {column.unit}")
    return number


class _Places:
    """The ids of origins within one transaction: a hundred series of an answer have one origin."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._found: dict[Origin, int] = {}

    def of(self, origin: Origin) -> int:
        """The id of an origin, made when it is new."""
        if origin not in self._found:
            row = {
                "endpoint": origin.endpoint, "source_name": origin.source_name, "url": origin.url, "payload_sha256": origin.payload_sha256,
                "completeness": origin.completeness.value, "bound": origin.bound, "label": origin.label,
            }  # fmt: skip
            self._found[origin] = _number_of(self._connection, ORIGIN, row, by=list(row))
        return self._found[origin]


Gone = Mapping[tuple[int, int], Sequence[str]]


def _retired(connection: Connection) -> Gone:
    """The values that are never used again, by series and moment: a bad tick that its source sends once more is left out."""
    found: dict[tuple[int, int], list[str]] = {}
    for number, observed, value in connection.execute(select(RETIRED.c.series_id, RETIRED.c.observed_at, RETIRED.c.value)):
        found.setdefault((number, observed), []).append(value)
    return found


def _store(
    connection: Connection, column: Column, numbers: dict[SeriesKey, tuple[int, str]], known_places: _Places, gone: Gone
) -> Added:  # fmt: skip
    number = _series_number(connection, column, numbers)
    have = _stored(connection, number, min(column.observed), max(column.observed))
    new: list[tuple[int, int, str, int]] = []
    clashes: list[StoredClash] = []
    places = column.origin_of or [0] * len(column.observed)
    for row, (observed, known, value, place) in enumerate(zip(column.observed, column.known, column.values, places, strict=True)):
        stored = have.get((observed, known))
        if any(same_value(value, retired) for retired in gone.get((number, observed), ())):
            continue
        if stored is None:
            have[observed, known] = value
            new.append((observed, known, value, place))
        elif not same_value(stored, value):
            clashes.append(StoredClash(column.key, row, observed, known, value, stored))
    if new:
        origins = {place: known_places.of(column.origins[place]) for place in dict.fromkeys(place for *_, place in new)}
        connection.execute(_insert(connection.dialect.name, READING), [
            {"series_id": number, "observed_at": observed, "known_at": known, "value": value, "origin_id": origins[place]}
            for observed, known, value, place in new
        ])  # fmt: skip
    return Added(len(new), len(column.observed) - len(new) - len(clashes), tuple(clashes))


# Made once: to build a statement costs more than to run it.
_STORED = select(READING.c.observed_at, READING.c.known_at, READING.c.value).where(
    READING.c.series_id == bindparam("number"), READING.c.observed_at.between(bindparam("first"), bindparam("last"))
)


def _stored(connection: Connection, number: int, first: int, last: int) -> dict[tuple[int, int], str]:
    found = connection.execute(_STORED, {"number": number, "first": first, "last": last})
    return {(observed, known): value for observed, known, value in found}
