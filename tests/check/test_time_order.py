"""Nothing from the future, nothing stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Figure, Unit
from newsgen.story import Verdict


def judge(text: str, *figures: Figure) -> Verdict:
    return check(F.one_sentence(text, *figures), words=F.reader_words(), checks=[all_checks()["time_order"]])


LAST = F.figure("price.last", "BTC", "121467.24", Unit.USD)


def test_a_figure_from_the_future_is_stopped() -> None:
    later = F.AS_OF + timedelta(minutes=1)
    assert "was not known" in judge("Text.", replace(LAST, observed_at=later, known_at=later)).findings[0].message


def test_a_figure_known_later_is_stopped() -> None:
    assert judge("Text.", replace(LAST, known_at=F.AS_OF + timedelta(hours=1))).decision == "hold"


def test_a_price_older_than_ten_minutes_is_stopped() -> None:
    assert judge("Text.", replace(LAST, observed_at=F.AS_OF - timedelta(minutes=11))).decision == "hold"
    assert judge("Text.", replace(LAST, observed_at=F.AS_OF - timedelta(minutes=9))).findings == ()


def test_a_session_on_a_weekend_is_stopped() -> None:
    assert judge("Text.", F.flow("session", date(2025, 7, 12), Unit.DATE)).decision == "hold"  # a Saturday
    assert judge("Text.", F.flow("session", date(2025, 7, 11), Unit.DATE)).findings == ()


def test_a_date_after_the_articles_day_is_stopped() -> None:
    assert judge("It will be seen on July 15, 2025.").decision == "hold"
    assert judge("It was seen on July 13, 2025.").findings == ()


@pytest.mark.parametrize("word", ["today", "yesterday", "earlier this week"])
def test_a_word_that_is_wrong_tomorrow_is_stopped(word: str) -> None:
    assert judge(f"Bitcoin rose {word}.").decision == "hold"


def test_a_date_that_does_not_exist_is_stopped() -> None:
    assert judge("It was seen on Feb. 30, 2025.").decision == "hold"


def test_a_day_by_its_name_passes() -> None:
    assert judge("Spot bitcoin ETFs took in a net $1.03 billion on Friday.").findings == ()
