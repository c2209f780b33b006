"""A record is claimed only where the archive covers the metric's life."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Figure, Unit
from newsgen.story import Verdict


def judge(text: str, *figures: Figure) -> Verdict:
    return check(F.one_sentence(text, *figures), words=F.reader_words(), checks=[all_checks()["record_scope"]])


def level(*, life: bool, rival: date | None = None) -> Figure:
    return F.figure("level.crossed_up", "BTC", "120000", Unit.USD, record=F.record("120000", rival, life=life))


FIRST = "Bitcoin rose above $120,000 for the first time."


def test_a_first_time_in_an_archive_that_is_too_short_is_stopped() -> None:
    assert "whole life" in judge(FIRST, level(life=False)).findings[0].message


def test_a_first_time_that_has_a_rival_is_stopped() -> None:
    assert judge(FIRST, level(life=True, rival=date(2025, 5, 1))).decision == "hold"


def test_a_first_time_over_the_whole_life_passes() -> None:
    assert judge(FIRST, level(life=True)).findings == ()


def test_where_an_older_record_stands_is_no_claim() -> None:
    distance = F.figure("index.below_record_pct", "SP500", "0.33", Unit.PCT)
    assert judge("The S&P 500 closed 0.3% below its record close.", distance).findings == ()


def test_a_high_set_today_is_a_record() -> None:
    high, at = F.figure("price.ath", "BTC", "123218", Unit.USD), F.figure("price.ath_at", "BTC", date(2025, 7, 14), Unit.DATE)
    assert judge("Bitcoin climbed to a record $123,218.", high, at).findings == ()
    old = F.figure("price.ath_at", "BTC", date(2025, 5, 22), Unit.DATE)
    assert judge("Bitcoin climbed to a record $123,218.", high, old).decision == "hold"


def test_a_record_that_names_a_rival_contradicts_itself() -> None:
    figure = F.flow("largest_inflow_since", None, Unit.DATE, record=F.record("1", date(2024, 11, 7), is_record=True))
    assert "names an earlier rival" in judge("Text.", figure).findings[0].message


def test_the_lowest_ever_needs_a_record_and_the_lowest_since_none() -> None:
    since = F.figure("price.low_since", "BTC", date(2025, 2, 13), Unit.DATE, record=F.record("1", date(2025, 2, 13), life=False))
    assert judge("The low was the lowest price since Feb. 13.", since).findings == ()
    assert judge("The low was the lowest price ever, lower than on Feb. 13.", since).decision == "hold"


# The record object


def since(value: str = "100", rival: date | None = date(2024, 11, 7), **changes: object) -> Figure:
    made = replace(F.record(value, rival), **changes)
    return F.flow("largest_inflow_since", rival, Unit.DATE, record=made)


def problem(*figures: Figure) -> str:
    return " ".join(f.message for f in judge("Text.", *figures).findings)


def test_a_whole_record_object_passes() -> None:
    assert problem(since(asset="BTC")) == ""


def test_a_day_in_history_without_a_record_object_is_stopped() -> None:
    assert "no record behind it" in problem(F.flow("largest_inflow_since", date(2024, 11, 7), Unit.DATE))
    assert problem(F.flow("session", date(2025, 7, 11), Unit.DATE)) == ""
    assert problem(F.flow("parted_since", date(2025, 7, 1), Unit.DATE)) == ""  # the day of a change, no place in history


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"asset": "ETH"}, "another asset: ETH"),
        ({"metric": ""}, "no metric"),
        ({"rival_value": None}, "without its value"),
        ({"rival_value": Decimal(99)}, "99, which is not beyond 100"),
        ({"comparator": "<=", "rival_value": Decimal(101)}, "101, which is not beyond 100"),
        ({"archive_start": date(2025, 1, 1)}, "outside of its archive"),
        ({"archive_start": date(2026, 1, 1)}, "begins later"),
    ],
)
def test_a_record_object_that_lacks_or_contradicts_something_is_stopped(changes: dict[str, object], said: str) -> None:
    assert said in problem(since(**changes))


def test_a_record_of_another_side_or_scope_is_stopped() -> None:
    of_shorts = F.liquidation("short_largest_since", "market", "1", Unit.TEXT, scope="binance")
    made = replace(of_shorts, value=date(2024, 11, 6), unit=Unit.DATE, record=replace(F.record("1", date(2024, 11, 6)), side="long"))
    assert "another side: long" in problem(made)
    assert "another scope: okx" in problem(replace(made, record=replace(F.record("1", date(2024, 11, 6)), venue_scope="okx")))


# Two records of one thing


def test_a_greater_value_cannot_have_been_reached_more_lately() -> None:
    lesser, greater = since("100", date(2024, 11, 7)), since("200", date(2025, 3, 1))
    assert "cannot both be" in problem(lesser, replace(greater, name="etf.recent_peak_since"))
    right = since("200", date(2024, 3, 1))
    assert problem(lesser, replace(right, name="etf.recent_peak_since")) == ""


def test_a_lesser_value_cannot_be_a_record_where_a_greater_one_is_none() -> None:
    record = since("100", None)
    assert "cannot both be" in problem(record, replace(since("200", date(2024, 11, 7)), name="etf.recent_peak_since"))
    assert problem(record, replace(since("50", date(2024, 11, 7)), name="etf.recent_peak_since")) == ""


def test_the_all_time_high_and_the_high_of_a_day_are_one_metric() -> None:
    high = F.figure("price.ath", "BTC", "123218", Unit.USD, record=replace(F.record("123218", None), metric="price.high"))
    day = F.figure("price.high_since", "BTC", date(2025, 5, 1), Unit.DATE,
                   record=replace(F.record("123218", date(2025, 5, 1)), metric="price.high_24h"))  # fmt: skip
    assert "cannot both be" in problem(high, day)


def test_records_of_other_assets_are_another_thing() -> None:
    other = replace(since("200", date(2025, 3, 1)), subject="ETH", name="etf.recent_peak_since")
    assert problem(since("100", date(2024, 11, 7)), other) == ""
