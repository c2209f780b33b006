"""Readings entered by hand: what is read, and what is refused by entry and field."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from newsgen.errors import ConfigError
from newsgen.market import Origin, Reading, SeriesKey, Unit, parse_time
from newsgen.store.manual import read_manual

ENTRY = """
[[reading]]
series = "liq.traders"
subject = "market"
window = "24h"
venue = "all"
value = "130000"
bound = "at_least"
source = "AInvest"
url = "https://www.ainvest.com/"
observed_at = "2025-07-14T12:02:00Z"
known_at = 2025-07-14T08:05:00-04:00
"""


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "readings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_reading_has_the_source_that_is_printed(tmp_path: Path) -> None:
    expected = Reading(
        SeriesKey("liq.traders", "market", "24h", "manual", "all"),
        Decimal(130_000),
        Unit.COUNT,
        parse_time("2025-07-14T12:02:00Z"),
        parse_time("2025-07-14T12:05:00Z"),
        Origin("readings.toml", "AInvest", "https://www.ainvest.com/", bound="at_least"),
    )
    assert read_manual(file(tmp_path, ENTRY)) == [expected]


def test_source_name_is_printed_instead(tmp_path: Path) -> None:
    (reading,) = read_manual(file(tmp_path, ENTRY + 'source_name = "figures published by AInvest"\n'))
    assert reading.origin.source_name == "figures published by AInvest"


def test_number_without_quotes_keeps_its_digits(tmp_path: Path) -> None:
    text = ENTRY.replace('"liq.traders"', '"liq.short"').replace('"130000"', "98100000.10000000000000001")
    assert [str(r.value) for r in read_manual(file(tmp_path, text))] == ["98100000.10000000000000001"]


def test_empty_file_has_no_readings(tmp_path: Path) -> None:
    assert read_manual(file(tmp_path, "# none today\n")) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"2025-07-14T12:02:00Z"', '"2025-07-14T12:02:00"', "reading 1, observed_at: time has no time zone"),
        ('"2025-07-14T12:02:00Z"', "2025-07-14T12:02:00", "reading 1, observed_at: time has no time zone"),
        ('"2025-07-14T12:02:00Z"', '"noon"', "reading 1, observed_at: time is not an ISO 8601 time"),
        ("2025-07-14T08:05:00-04:00", '"2025-07-14T11:00:00Z"', "reading 1: known_at is before observed_at"),
        ('"130000"', '"many"', "reading 1, value: "),
        ('"130000"', '"NaN"', "reading 1, value: "),
        ('"130000"', "inf", "reading 1, value: "),
        ('"at_least"', '"at_most"', "reading 1, bound: "),
        ('source = "AInvest"', "", "reading 1, source: Field required"),
        ('source = "AInvest"', 'source = ""', "reading 1, source: "),
        ('"https://www.ainvest.com/"', '"somewhere"', "reading 1, url: "),
        ('window = "24h"', 'window = "a day"', "reading 1, window: "),
        ('bound = "at_least"', 'bounds = "at_least"', "reading 1, bounds: Extra inputs are not permitted"),
        ('bound = "at_least"', 'unit = "usd"', "reading 1: unit usd does not fit the series liq.traders (count)"),
        ('"liq.traders"', '"index.close"', "reading 1: unit is needed for the series index.close"),
        ("[[reading]]", "[[readings]]", "readings: Extra inputs are not permitted"),
        ("[[reading]]", "[[reading]", "Expected ']]'"),
    ],
)
def test_fault_names_file_entry_and_field(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = file(tmp_path, ENTRY.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        read_manual(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)
