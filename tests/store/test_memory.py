"""The archive in memory: what it refuses, what a View and a cut see, and revisions."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgen.errors import UnitMismatch
from newsgen.market import Absent, Column, Origin, Reading, Run, SeriesKey, Unit, View, parse_time
from newsgen.store.memory import Clash, MemoryArchive

FLOW = SeriesKey("etf.net_flow", "BTC", "session", "farside", "us")
FIRST_PRINT, REVISION = Origin("flows", "Farside Investors"), Origin("flows", "Farside Investors", payload_sha256="b")
CLOSE = parse_time("2025-02-25T21:00:00Z")


def flow(value: str, known: str, origin: Origin = FIRST_PRINT, observed: datetime = CLOSE) -> Reading:
    return Reading(FLOW, Decimal(value), Unit.USD, observed, parse_time(known), origin)


def seen(archive: MemoryArchive, at: str) -> list[str]:
    run = View(parse_time(at), archive.load, ["BTC"]).run("etf.net_flow", "BTC")
    return [] if isinstance(run, Absent) else [str(reading.value) for reading in run]


def test_revision_is_a_second_reading_and_each_moment_sees_its_own() -> None:
    # February 25, 2025: first printed as -937.9 million, later -1,113.7 million.
    archive = MemoryArchive(
        [flow("-1113700000", "2025-02-26T18:00:00Z", REVISION), flow("-937900000", "2025-02-26T06:00:00Z"),
         flow("-500", "2025-02-27T06:00:00Z", observed=CLOSE + timedelta(days=1))]
    )  # fmt: skip
    assert seen(archive, "2025-02-26T05:59:59Z") == []
    assert seen(archive, "2025-02-26T06:00:00Z") == ["-937900000"]
    assert seen(archive, "2025-02-26T18:00:00Z") == ["-1113700000"]
    assert seen(archive, "2025-02-28T00:00:00Z") == ["-1113700000", "-500"]
    (column,) = archive.load("etf.net_flow", "BTC")
    assert [r.origin for r in column.until(2_000_000_000)] == [REVISION, FIRST_PRINT]


def test_cut_drops_what_was_known_later() -> None:
    archive = MemoryArchive([flow("-937900000", "2025-02-26T06:00:00Z"), flow("-1113700000", "2025-02-26T18:00:00Z")])
    smaller = archive.cut(parse_time("2025-02-26T12:00:00Z"))
    assert seen(smaller, "2030-01-01T00:00:00Z") == ["-937900000"]
    assert (len(smaller), len(archive)) == (1, 2)
    assert len(archive.cut(parse_time("2025-02-26T05:00:00Z"))) == 0
    with pytest.raises(ValueError, match="as_of has no time zone"):
        archive.cut(datetime(2025, 2, 26))


def test_same_value_twice_is_one_reading() -> None:
    archive = MemoryArchive([flow("100", "2025-02-26T06:00:00Z"), flow("100.0", "2025-02-26T06:00:00Z")])
    assert seen(archive, "2025-03-01T00:00:00Z") == ["100"]


def test_two_values_for_one_moment_are_refused_by_name() -> None:
    archive = MemoryArchive([flow("100", "2025-02-26T06:00:00Z"), flow("101", "2025-02-26T06:00:00Z")])
    with pytest.raises(Clash, match=r"etf\.net_flow of BTC .*farside.* two values at 2025-02-25T21:00:00Z: 100 and 101"):
        archive.load("etf.net_flow", "BTC")


def test_two_units_of_one_series_are_refused() -> None:
    coins = Reading(FLOW, Decimal(1), Unit.COINS, CLOSE, CLOSE, FIRST_PRINT)
    with pytest.raises(UnitMismatch, match="usd and in coins"):
        MemoryArchive([flow("100", "2025-02-26T06:00:00Z"), coins])
    archive = MemoryArchive([flow("100", "2025-02-26T06:00:00Z")])
    with pytest.raises(UnitMismatch, match="usd and in coins"):
        archive.add([coins])


def test_columns_of_the_caller_stay_as_they_are() -> None:
    column = Column(FLOW, Unit.USD, [20, 10], [20, 10], ["2", "1"], [FIRST_PRINT])
    archive = MemoryArchive()
    archive.add_columns([column])
    archive.add_columns([Column(FLOW, Unit.USD, [30], [30], ["3"], [REVISION])])
    (held,) = archive.load("etf.net_flow", "BTC")
    assert (held.observed, held.values, held.origin_of) == ([10, 20, 30], ["1", "2", "3"], [0, 0, 1])
    assert (column.observed, column.values, column.origins, column.origin_of) == ([20, 10], ["2", "1"], [FIRST_PRINT], [])


def test_decimals_come_back_as_they_were_written() -> None:
    archive = MemoryArchive([flow("0.10", "2025-02-26T06:00:00Z")])
    (column,) = archive.load("etf.net_flow", "BTC")
    assert str(column.until(2_000_000_000).decimal(0)) == "0.10"


def test_unknown_series_is_empty() -> None:
    assert MemoryArchive().load("spot.close", "BTC") == []


def test_folder_path_imports_nothing_slow() -> None:
    slow = "{m.split('.')[0] for m in sys.modules} & {'sqlalchemy', 'alembic', 'pydantic', 'httpx', 'asyncio', 'ssl', 'logging'}"
    code = f"import sys, newsgen.store.memory, newsgen.store.history; print(sorted({slow}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


MOMENTS = st.integers(0, 12)
ROWS = st.dictionaries(st.tuples(MOMENTS, MOMENTS), st.integers(-9, 9), max_size=25)


@given(ROWS, MOMENTS)
def test_until_gives_the_newest_revision_known_by_then(rows: dict[tuple[int, int], int], as_of: int) -> None:
    moments = list(rows)
    archive = MemoryArchive()
    archive.add_columns(
        [Column(FLOW, Unit.USD, [o for o, _ in moments], [k for _, k in moments], [str(rows[m]) for m in moments], [FIRST_PRINT])]
    )
    (column,) = archive.load("etf.net_flow", "BTC")
    run = column.until(as_of)
    expected = {
        observed: rows[observed, max(k for o, k in rows if o == observed and k <= as_of)]
        for observed, known in rows
        if known <= as_of
    }  # fmt: skip
    assert list(zip(run.observed, (int(r.value) for r in run), strict=True)) == sorted(expected.items())


@given(ROWS, MOMENTS)
def test_cut_and_view_agree(rows: dict[tuple[int, int], int], as_of: int) -> None:
    moments = list(rows)
    archive = MemoryArchive()
    archive.add_columns(
        [Column(FLOW, Unit.USD, [o for o, _ in moments], [k for _, k in moments], [str(rows[m]) for m in moments], [FIRST_PRINT])]
    )
    whole = list(archive.load("etf.net_flow", "BTC")[0].until(as_of))
    cut = archive.cut(datetime.fromtimestamp(as_of, CLOSE.tzinfo)).load("etf.net_flow", "BTC")
    assert (list(cut[0].until(10**9)) if cut else []) == whole
    assert all(reading.known_at.timestamp() <= as_of for reading in whole)


def test_run_is_a_sequence_of_readings() -> None:
    (column,) = MemoryArchive([flow("1", "2025-02-26T06:00:00Z")]).load("etf.net_flow", "BTC")
    assert list(Run(column, [0])) == [flow("1", "2025-02-26T06:00:00Z")]
