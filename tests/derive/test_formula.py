"""The language of formulas: exact numbers, and history operations over rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, localcontext

import pytest

from newsgen.derive._formula import evaluate, recompute
from newsgen.market import SeriesKey, SeriesRef
from tests.derive.market_of import DAY, at

D = Decimal
KEY = SeriesKey("spot.close", "BTC", "1d", "binance", "binance")


def run(formula: str, *columns: list[tuple[int, str]], until: int = at("2025-01-10")) -> object:
    refs = [SeriesRef(KEY._replace(venue=str(k)), until) for k in range(len(columns))]
    tables = {ref: [(m, D(v)) for m, v in rows] for ref, rows in zip(refs, columns, strict=True)}
    return recompute(formula, refs, lambda ref: [r for r in tables[ref] if r[0] <= ref.until])


def days(*values: str) -> list[tuple[int, str]]:
    """One value a day; the last day ends on 2025-01-10 00:00."""
    return [(at("2025-01-10") - DAY * (len(values) - 1 - i), v) for i, v in enumerate(values)]


@pytest.mark.parametrize(
    ("formula", "inputs", "expected"),
    [
        ("i1 + i2 * i3", "2 3 4", "14"),
        ("-(i1 - i2) / 2", "1 4", "1.5"),
        ("sum(i1, i2, i3)", "0.1 0.2 0.3", "0.6"),
        ("pct_change(i1, i2)", "110 100", "10.0"),
        ("share(i1, i2)", "1 8", "12.500"),
        ("max(i1, abs(i2))", "3 -7", "7"),
        ("floor_to(i1, 10000)", "121467.24", "120000"),
        ("ceil_to(i1, 5000)", "53991", "55000"),
        ("count_above(0, i1, i2, i3)", "5 0 -1", "1"),
        ("share(count_below(0, i1, i2), count(i1, i2))", "5 -1", "50.0"),
    ],
)
def test_scalar_formula_gives_the_exact_number(formula: str, inputs: str, expected: str) -> None:
    assert evaluate(formula, [D(i) for i in inputs.split()]) == D(expected)


def test_precision_does_not_depend_on_the_callers_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert evaluate("i1 / i2", [D(1), D(3)]) == D("0.3333333333333333333333333333")


def test_division_by_zero_is_told() -> None:
    with pytest.raises(ZeroDivisionError):
        evaluate("share(i1, i2)", [D(1), D(0)])


@pytest.mark.parametrize("formula", ["__import__('os')", "i1 ** i1", "i1 if i1 else i1", "open(i1)", "i1.real"])
def test_what_is_outside_the_list_is_refused(formula: str) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        evaluate(formula, [D(1)])


def test_newest_row_at_or_above_names_the_day_that_it_ends() -> None:
    rows = days("5", "9", "7", "6")
    assert run("last_at_or_above(i1, 7)", rows) == date(2025, 1, 8)
    assert run("last_at_or_above(i1, 10)", rows) is None
    assert run("last_at_or_below(i1, 5)", rows) == date(2025, 1, 6)


def test_rows_after_until_do_not_count() -> None:
    assert run("highest(i1)", days("5", "9", "7"), until=at("2025-01-08")) == D(5)


def test_join_takes_later_rows_only() -> None:
    refs = [SeriesRef(KEY, at("2025-01-02")), SeriesRef(KEY._replace(window="4h"), at("2025-01-04"))]
    old, new = [(at("2025-01-02"), D(9))], [(at("2025-01-02"), D(50)), (at("2025-01-03"), D(1)), (at("2025-01-04"), D(2))]
    tables = dict(zip(refs, (old, new), strict=True))
    assert recompute("highest(join(i1, i2))", refs, tables.__getitem__) == D(9)
    assert recompute("total_of(join(i1, i2))", refs, tables.__getitem__) == D(12)


def test_total_and_rolling_need_every_row() -> None:
    a, b = days("1", "2", "4"), days("10", "20", "40")[1:]
    assert run("total_of(total(i1, i2))", a, b) == D(66)
    gap = [(at("2025-01-07"), "1"), (at("2025-01-08"), "2"), (at("2025-01-10"), "4")]
    assert run("total_of(rolling(i1, 2))", gap) == D(3)


def test_changes_need_the_day_before() -> None:
    gap = [(at("2025-01-07"), "100"), (at("2025-01-08"), "110"), (at("2025-01-10"), "55")]
    assert run("total_of(changes(i1))", gap) == D(10)
    assert run("lowest(steps(i1))", gap) == D(-55)


def test_streak_is_signed_and_ends_at_a_zero() -> None:
    assert run("streak(i1)", days("4", "0", "-1", "-2")) == D(-2)
    assert run("streak(i1)", days("4", "5", "0")) == D(0)


def test_statistics_are_kept_to_six_decimals() -> None:
    assert run("percentile(i1, 3)", days("1", "2", "3")) == D("66.666667")
    assert run("stdev(i1)", days("1", "2", "4")) == D("1.527525")  # variance 7/3
    assert run("mean(last_rows(i1, 2))", days("1", "2", "4")) == D("3")
    assert run("percentile(magnitude(last_days(i1, 2)), 3)", days("9", "-2", "4")) == D("50")
