"""The archive in a database: nothing is overwritten, nothing is read twice, and bytes come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from newsgen.errors import UnitMismatch
from newsgen.market import Column, Completeness, Origin, Reading, SeriesKey, Unit, View, parse_time, to_epoch
from newsgen.store.archive import SqlArchive, StoredClash, digest
from newsgen.store.database import open_database
from newsgen.store.memory import MemoryArchive

SPOT = SeriesKey("spot.last", "BTC", "", "binance", "binance")
NOON = parse_time("2025-07-14T12:00:00Z")
ORIGIN = Origin("ticker", "Binance spot", "https://example.org/ticker", "ab" * 32, Completeness.PRELIMINARY, "at_least", "Greed")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'archive.db'}")
    yield engine
    engine.dispose()


def last(value: str, at: datetime = NOON, key: SeriesKey = SPOT, known: datetime | None = None, origin: Origin = ORIGIN) -> Reading:
    return Reading(key, Decimal(value), Unit.USD, at, known or at, origin)


def counted(engine: sa.Engine) -> list[int]:
    """How many questions have been asked; grows."""
    count = [0]

    @sa.event.listens_for(engine, "before_cursor_execute")
    def _count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        count[0] += statement.startswith("SELECT")

    return count


def test_reading_comes_back_whole(engine: sa.Engine) -> None:
    reading = last("121467.240", known=NOON + timedelta(seconds=3))
    assert SqlArchive(engine).add([reading]).new == 1
    (column,) = SqlArchive(engine).load("spot.last", "BTC")
    (stored,) = column.until(to_epoch(NOON) + 3)
    assert stored == reading
    assert str(stored.value) == "121467.240"
    assert stored.origin == ORIGIN


def test_stored_value_is_never_overwritten(engine: sa.Engine) -> None:
    archive = SqlArchive(engine)
    archive.add([last("0")])
    again = archive.add([last("0.0"), last("1"), last("5", NOON + timedelta(minutes=1))])
    assert (again.new, again.unchanged) == (1, 1)
    assert again.clashes == (StoredClash(SPOT, 1, to_epoch(NOON), to_epoch(NOON), "1", "0"),)
    (column,) = archive.load("spot.last", "BTC")
    assert column.values == ["0", "5"]


def test_revision_is_stored_beside_the_first(engine: sa.Engine) -> None:
    archive = SqlArchive(engine)
    added = archive.add([last("1"), last("2", known=NOON + timedelta(hours=6))])
    assert (added.new, added.clashes) == (2, ())
    early = View(NOON + timedelta(hours=5, minutes=59), archive.load, ["BTC"]).runs("spot.last", "BTC")
    late = View(NOON + timedelta(hours=6), archive.load, ["BTC"]).runs("spot.last", "BTC")
    assert [str(run.decimal(0)) for run in (*early, *late)] == ["1", "2"]


def test_clash_within_one_call_keeps_the_first(engine: sa.Engine) -> None:
    added = SqlArchive(engine).add([last("1"), last("1"), last("2")])
    assert (added.new, added.unchanged, [c.value for c in added.clashes]) == (1, 1, ["2"])


def test_another_unit_for_a_stored_series_is_refused_and_nothing_of_the_call_stays(engine: sa.Engine) -> None:
    archive = SqlArchive(engine)
    archive.add([last("1")])
    eth = last("3051.72", key=SPOT._replace(subject="ETH"))
    coins = Reading(SPOT, Decimal(7), Unit.COINS, NOON + timedelta(days=1), NOON + timedelta(days=1), ORIGIN)
    with pytest.raises(UnitMismatch, match=r"spot\.last/BTC//binance/binance is stored in usd and came in coins"):
        archive.add([eth, coins])
    assert archive.load("spot.last", "ETH") == ()
    assert [c.values for c in archive.load("spot.last", "BTC")] == [["1"]]


def test_column_is_read_once_and_again_after_forget(engine: sa.Engine) -> None:
    writer, reader = SqlArchive(engine), SqlArchive(engine)
    writer.add([last("1")])
    assert [c.values for c in reader.load("spot.last", "BTC")] == [["1"]]
    statements = counted(engine)
    reader.load("spot.last", "BTC")
    reader.load("spot.last", "SOL")
    reader.load("spot.close", "BTC")
    assert statements == [0]
    writer.add([last("2", NOON + timedelta(minutes=1))])
    assert [c.values for c in reader.load("spot.last", "BTC")] == [["1"]]
    reader.forget()
    assert [c.values for c in reader.load("spot.last", "BTC")] == [["1", "2"]]


def test_ten_thousand_assets_cost_one_question_where_nothing_is_stored(engine: sa.Engine) -> None:
    archive = SqlArchive(engine)
    statements = counted(engine)
    assert all(archive.load("spot.last", f"A{n}") == () for n in range(10_000))
    assert statements[0] == 1


def test_readings_of_many_origins_keep_their_own(engine: sa.Engine) -> None:
    readings = [
        last(str(n + 1), NOON + timedelta(minutes=n), origin=Origin("ticker", "Binance spot", payload_sha256=f"{n:064x}"))
        for n in range(1200)
    ]
    SqlArchive(engine).add(readings)
    (column,) = SqlArchive(engine).load("spot.last", "BTC")
    assert list(column.until(2_000_000_000)) == readings


def test_memory_and_database_agree_on_windows_sources_and_venues(engine: sa.Engine) -> None:
    keys = [
        SeriesKey("liq.short", "BTC", window, source, venue)
        for window in ("4h", "1d")
        for source in ("coinglass", "manual")
        for venue in ("all", "binance")
    ]
    readings = [last(str(i + 1), NOON + timedelta(hours=h), key) for i, key in enumerate(keys) for h in (3, 1, 2)]
    memory, sql = MemoryArchive(readings), SqlArchive(engine)
    sql.add(readings)
    found = {c.key: c for c in sql.load("liq.short", "BTC")}
    assert found == {c.key: c for c in memory.load("liq.short", "BTC")}
    assert len(found) == 8
    assert sql.keys() == sorted(keys)


def test_minutes_of_a_stream_are_read_as_far_back_as_asked_and_all_else_whole(engine: sa.Engine) -> None:
    minute = SeriesKey("liq.bucket_long", "BTC", "1m", "okx", "okx")
    hour = minute._replace(window="1h")
    SqlArchive(engine).add([last("1", NOON - timedelta(hours=h), key) for key in (minute, hour) for h in (40, 30, 29, 0)])
    found = {c.key: len(c.observed) for c in SqlArchive(engine, NOON - timedelta(hours=30)).load("liq.bucket_long", "BTC")}
    assert found == {minute: 2, hour: 4}
    assert [len(c.observed) for c in SqlArchive(engine).load("liq.bucket_long", "BTC")] == [4, 4]


def test_empty_column_stores_nothing(engine: sa.Engine) -> None:
    archive = SqlArchive(engine)
    assert archive.add_columns([Column(SPOT, Unit.USD)]).new == 0
    assert archive.keys() == []


def test_payload_comes_back_and_is_kept_once(engine: sa.Engine) -> None:
    archive = SqlArchive(engine)
    body = b'{"price": "121467.24"}' * 50
    # printf '{"price": "121467.24"}%.0s' $(seq 50) | sha256sum
    name = "932bf44dc8525a5c6a5c26fbe1d8f4bcfccf3b7a6b415ffc3bab0cfac4a8351b"
    first = archive.add_payload(
        body, source="binance", endpoint="ticker", params={"symbol": "BTCUSDT"}, url="https://example.org", fetched_at=NOON
    )
    assert first == digest(body) == name
    archive.add_payload(body, source="binance", endpoint="ticker", fetched_at=NOON + timedelta(hours=1))
    stored = archive.payload(name)
    assert stored is not None
    assert (stored.body, stored.params, stored.url, stored.fetched_at) == (
        body, {"symbol": "BTCUSDT"}, "https://example.org", NOON + timedelta(hours=1),  # kept from the last time it came
    )  # fmt: skip
    assert archive.payload(name[:8]) == stored
    assert archive.payload("00") is None
    assert archive.payload("%") is None
    assert archive.payload("") is not None  # one alone begins with nothing
    with engine.connect() as connection:
        ((size, kept),) = connection.execute(sa.text("SELECT bytes, length(body) FROM payload")).all()
    assert size == 1100
    assert kept < 100


def test_naive_fetch_time_is_refused(engine: sa.Engine) -> None:
    with pytest.raises(ValueError, match="fetched_at has no time zone"):
        SqlArchive(engine).add_payload(b"", source="binance", endpoint="ticker", fetched_at=datetime(2025, 7, 14))
    assert SqlArchive(engine).add_payload(b"", source="binance", endpoint="ticker", fetched_at=datetime(2025, 7, 14, tzinfo=UTC))
