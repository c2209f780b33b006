"""Amounts as a reader takes them."""

from __future__ import annotations

from decimal import Decimal

import check_factories as F
import pytest

from newsgen.check.reader import read_text
from newsgen.market import Unit


@pytest.mark.parametrize(
    ("text", "value", "step", "unit"),
    [
        ("It took $748.3 million.", "748300000", "100000", Unit.USD),
        ("It took $748.3m.", "748300000", "100000", Unit.USD),
        ("It took $1.03bn of that.", "1030000000", "10000000", Unit.USD),
        ("It took $3.81 trillion.", "3810000000000", "10000000000", Unit.USD),
        ("It took $748M.", "748000000", "1000000", Unit.USD),
        ("It was at $121,467.", "121467", "1", Unit.USD),
        ("It was at $0.2345.", "0.2345", "0.0001", Unit.USD),
        ("It rose 12%.", "12", "1", Unit.PCT),
        ("It rose 2.9 per cent.", "2.9", "0.1", Unit.PCT),
        ("It rose 2.9 percent.", "2.9", "0.1", Unit.PCT),
        ("It rose 1.5 percentage points.", "1.5", "0.1", Unit.POINTS),
        ("It bought 4,225 BTC.", "4225", "1", Unit.COINS),
        ("It was the 10th session.", "10", "1", Unit.COUNT),
        ("It was the seventh straight session.", "7", "1", Unit.COUNT),
        ("It took seven sessions.", "7", "1", Unit.COUNT),
        ("It was 1.4 times the average.", "1.4", "0.1", Unit.RATIO),
        ("The index closed at 6,259.75.", "6259.75", "0.01", Unit.INDEX),
    ],
)
def test_an_amount_is_read_with_its_unit_and_precision(text: str, value: str, step: str, unit: Unit) -> None:
    (numeral,) = read_text("x", text, F.reader_words())[0].numerals
    assert (numeral.value, numeral.step) == (Decimal(value), Decimal(step))
    assert unit in numeral.units
    assert text[numeral.start : numeral.end] == numeral.text


@pytest.mark.parametrize(
    "text", ["The S&P 500 rose.", "It rose in 24 hours.", "A 30-day high.", "It was one of them.", "On a scale of zero to 100."]
)
def test_constants_and_spans_of_time_are_no_amounts(text: str) -> None:
    assert read_text("x", text, F.reader_words())[0].numerals == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("in 24 hours", "24h"),
        ("over seven days", "7d"),
        ("a 24-hour gain", "24h"),
        ("each four-hour period", "4h"),
        ("12 months ago", "12mo"),
        ("this year", "ytd"),
        ("from the close of Dec. 31, 2024", "ytd"),
        ("the UTC day", "day"),
    ],
)
def test_windows_are_read(text: str, key: str) -> None:
    assert [m.key for m in read_text("x", f"It rose {text}.", F.reader_words())[0].of("window")][:1] == [key]
