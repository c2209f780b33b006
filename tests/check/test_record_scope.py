"""A record is claimed only where the archive covers the metric's life."""

from __future__ import annotations

from datetime import date

import check_factories as F

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
