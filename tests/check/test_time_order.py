"""Nothing from the future, nothing stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.check._sessions import holidays
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


# Sessions of stocks


def close(at: datetime, subject: str = "SP500") -> Figure:
    return F.figure("index.close", subject, "6259.75", Unit.INDEX, observed_at=at, window="session")


@pytest.mark.parametrize(
    ("at", "stopped"),
    [
        (datetime(2025, 7, 11, 20, 0, tzinfo=UTC), False),  # Friday, 16:00 in New York
        (datetime(2025, 7, 11, 17, 0, tzinfo=UTC), False),  # 13:00: half days end then
        (datetime(2025, 7, 11, 13, 0, tzinfo=UTC), True),  # 9:00
        (datetime(2025, 7, 11, 21, 0, tzinfo=UTC), True),  # 17:00
        (datetime(2025, 7, 12, 20, 0, tzinfo=UTC), True),  # Saturday
        (datetime(2025, 7, 4, 20, 0, tzinfo=UTC), True),  # Independence Day
        (datetime(2025, 1, 10, 21, 0, tzinfo=UTC), False),  # winter time
    ],
)
def test_a_close_of_stocks_is_of_a_time_at_which_they_trade(at: datetime, stopped: bool) -> None:
    assert (judge("Text.", close(at)).decision == "hold") is stopped
    assert judge("Text.", close(at, "GOLD")).findings == ()


def test_a_session_on_a_holiday_is_stopped() -> None:
    day = F.figure("index.session", "SP500", date(2025, 7, 4), Unit.DATE, window="session", observed_at=F.FRIDAY_CLOSE)
    assert "closed that day" in judge("Text.", day).findings[0].message
    assert judge("Text.", replace(day, value=date(2025, 7, 3))).findings == ()


def test_the_holidays_of_a_year() -> None:
    assert holidays(2025) == {date(2025, m, d) for m, d in
                              ((1, 1), (1, 20), (2, 17), (4, 18), (5, 26), (6, 19), (7, 4), (9, 1), (11, 27), (12, 25))}  # fmt: skip
    assert {date(2021, 7, 5), date(2021, 12, 24), date(2024, 3, 29)} <= holidays(2021) | holidays(2024)
    assert date(2021, 12, 31) not in holidays(2021)  # New Year's Day of 2022 fell on a Saturday, and was not kept
    assert not any(d.month == 1 and d.day < 4 for d in holidays(2022))
    assert date(2023, 1, 2) in holidays(2023)
    assert date(2021, 6, 18) not in holidays(2021)


# Tables


def table(*minutes: int) -> Verdict:
    figures = [
        replace(LAST, subject=s, observed_at=F.NOON - timedelta(minutes=m)) for s, m in zip(("BTC", "ETH", "SOL"), minutes, strict=False)
    ]
    rows = [
        [{"text": f.subject, "spans": []}, {"text": "1", "spans": [{"start": 0, "end": 1, "figure": f"f{i}"}]}]
        for i, f in enumerate(figures, 1)
    ]
    article = replace(F.one_sentence("Text.", *figures), tables=({"title": "Prices", "columns": ["Asset", "Price"], "rows": rows},))
    return check(article, words=F.reader_words(), checks=[all_checks()["time_order"]])


def test_the_rows_of_a_column_are_of_one_quarter_of_an_hour() -> None:
    messages = [f for f in table(0, 16).findings if f.where == "tables[0]"]
    assert [f.message for f in messages] == ['the column "Price" has figures of 07-14 11:44 and of 07-14 12:00 UTC']
    assert [f for f in table(0, 15, 5).findings if f.where == "tables[0]"] == []


# Releases

RELEASE = F.figure("macro.release_at", "market", F.NOON - timedelta(minutes=30), Unit.MOMENT, observed_at=F.NOON - timedelta(minutes=30))


@pytest.mark.parametrize(
    ("name", "minutes_after", "stopped"),
    [
        ("bitcoin_change", 30, False), ("bitcoin_change", 0, True), ("bitcoin_change", -5, True),
        ("price_then", 0, False), ("price_then", -9, False), ("price_then", -11, True), ("price_then", 1, True),
    ],
)  # fmt: skip
def test_what_is_told_as_after_a_release_is_of_after_it(name: str, minutes_after: int, stopped: bool) -> None:
    moved = F.figure(f"macro.{name}", "market", "1.2", Unit.PCT, observed_at=F.NOON - timedelta(minutes=30 - minutes_after))
    assert (judge("Bitcoin rose after the release.", RELEASE, moved).decision == "hold") is stopped
