"""Every figure again from its inputs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.check._formula import scalar
from newsgen.market import Column, Figure, Origin, Reading, SeriesKey, SeriesRef, Unit, View, to_epoch
from newsgen.story import Verdict


def judge(figure: Figure, view: View | None = None) -> Verdict:
    return check(F.one_sentence("Text.", figure), words=F.reader_words(), view=view, checks=[all_checks()["recompute"]])


def price(value: str, at: datetime = F.NOON) -> Reading:
    key = SeriesKey("spot.close", "BTC", "4h", "binance", "binance")
    return Reading(key, Decimal(value), Unit.USD, at, at, Origin("klines", "Binance"))


def change(value: str) -> Figure:
    inputs = (price("110"), price("100", F.NOON - timedelta(days=1)))
    return replace(F.change("BTC", "24h", value), inputs=inputs, formula="pct_change(i1, i2)")


def test_a_percent_that_its_operands_do_not_give_is_stopped() -> None:
    assert "gives 10" in judge(change("12")).findings[0].message


def test_a_percent_that_they_give_passes() -> None:
    assert judge(change("10")).findings == ()


def test_a_figure_without_formula_is_its_reading() -> None:
    figure = replace(F.figure("price.last", "BTC", "111", Unit.USD), inputs=(price("110"),))
    assert "the reading says 110" in judge(figure).findings[0].message
    assert judge(replace(figure, value=Decimal(110))).findings == ()


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("i1 + i2 * 2", "7"), ("(i1 + i2) * 2", "10"), ("sum(i1, i2, 4)", "9"), ("max(i1, i2)", "3"), ("min(i1)", "3"),
        ("abs(i2 - i1)", "1"), ("share(i2, 8)", "25"), ("pct_change(i1, i2)", "50"), ("-i1 / 2", "-1.5"),
        ("(i1 - i2) / i2 * 100", "50"),
    ],
)  # fmt: skip
def test_the_grammar_of_formulas(formula: str, value: str) -> None:
    assert scalar(formula, [Decimal(3), Decimal(2)]) == Decimal(value)


@pytest.mark.parametrize("formula", ["i3", "i1 +", "i1 ** 2", "open(i1)", "i1; i2", "(i1", "i1 i2"])
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        scalar(formula, [Decimal(3), Decimal(2)])


FLOW = SeriesKey("etf.net_flow", "BTC", "session", "farside", "us")


def flow_view(values: list[str]) -> tuple[View, SeriesRef]:
    """One session a day, the last on July 11."""
    column = Column(FLOW, Unit.USD, origins=[Origin("page", "Farside Investors")])
    for back, value in enumerate(reversed(values)):
        at = to_epoch(F.FRIDAY_CLOSE - timedelta(days=back))
        column.observed.insert(0, at)
        column.known.insert(0, at)
        column.values.insert(0, value)
    view = View(F.AS_OF, lambda series, subject: [column] if (series, subject) == ("etf.net_flow", "BTC") else [], ("BTC",))
    return view, SeriesRef(FLOW, column.observed[-1])


def test_a_run_is_counted_again_from_history() -> None:
    view, ref = flow_view(["5", "-1", "2", "3", "4"])  # three up at the end
    run = replace(F.flow("streak_days", "4", Unit.COUNT), inputs=(ref,), formula="streak(i1)")
    assert "the run counts 3" in judge(run, view).findings[0].message
    assert judge(replace(run, value=Decimal(3)), view).findings == ()


def test_a_rival_that_is_not_the_nearest_is_stopped() -> None:
    view, ref = flow_view(["9", "1", "8", "1", "7"])  # July 7 to 11
    present = F.flow("net_flow_day", "7", Unit.USD)
    present = replace(present, window="day")
    record = F.record("7", date(2025, 7, 7), rival_value="9")
    since = F.flow("largest_inflow_since", date(2025, 7, 7), Unit.DATE, record=record)
    since = replace(since, inputs=(ref, present), formula="last_at_or_above(i1, i2)")
    assert "8 on 2025-07-09 is nearer" in judge(since, view).findings[0].message
    near = replace(since, value=date(2025, 7, 9), record=F.record("7", date(2025, 7, 9), rival_value="8"))
    assert judge(near, view).findings == ()


def test_a_rival_that_is_smaller_is_stopped() -> None:
    record = F.record("7", date(2025, 7, 7), rival_value="6")
    since = F.flow("largest_inflow_since", date(2025, 7, 7), Unit.DATE, record=record, formula="last_at_or_above(i1, i2)")
    assert "its rival 6 is not beyond 7" in judge(since).findings[0].message


def test_a_date_is_the_day_of_its_input() -> None:
    at = datetime(2025, 7, 14, 0, 0, tzinfo=UTC)  # the bar that ends at midnight is July 13's
    figure = F.figure("price.ath_at", "BTC", date(2025, 7, 12), Unit.DATE, inputs=(price("1", at),), formula="day(i1)")
    assert judge(figure).decision == "hold"
    assert judge(replace(figure, value=date(2025, 7, 13))).findings == ()
