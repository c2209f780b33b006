"""The side that was liquidated most opposes the price, and the side that pays funding has its sign."""

from __future__ import annotations

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Figure, Unit
from newsgen.story import Verdict


def judge(*figures: Figure) -> Verdict:
    return check(
        F.one_sentence("Shorts made up most of the liquidations as bitcoin moved.", *figures),
        words=F.reader_words(),
        checks=[all_checks()["direction"]],
    )


def shorts(share: str) -> Figure:
    return F.liquidation("short_share_24h", "market", share, Unit.PCT)


def test_shorts_liquidated_in_a_fall_wait_for_a_person() -> None:
    assert "shorts are 83%" in judge(shorts("83.3"), F.change("BTC", "24h", "-2.9")).findings[0].message


def test_shorts_liquidated_in_a_rise_pass() -> None:
    assert judge(shorts("83.3"), F.change("BTC", "24h", "2.9")).findings == ()


def test_longs_liquidated_in_a_rise_wait_for_a_person() -> None:
    assert judge(shorts("20"), F.liquidation("long_share_24h", "market", "80", Unit.PCT), F.change("BTC", "24h", "2.9")).decision == "hold"


def test_sides_that_are_about_even_pass() -> None:
    assert judge(shorts("55"), F.change("BTC", "24h", "-2.9")).findings == ()


# Who pays funding


RATE = F.figure("funding.last_annualised", "BTC", "-5.4", Unit.PCT, window="year")
AVERAGE = F.figure("funding.average_1y", "BTC", "12.1", Unit.PCT, window="365d")


def paid(text: str, rate: Figure = RATE) -> list[str]:
    found = check(F.one_sentence(text, rate, AVERAGE), words=F.reader_words(), checks=[all_checks()["direction"]]).findings
    return [f.message for f in found]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Shorts in bitcoin futures pay 5.4% a year to longs.", "Longs in bitcoin futures pay 5.4% a year to shorts."),
        ("Shorts in bitcoin futures pay 5.4% a year to longs.", "Shorts in bitcoin futures pay 5.4% a year to shorts."),
        ("Funding of bitcoin futures turned negative.", "Funding of bitcoin futures turned positive."),
        ("The rate was 5.4% a year, paid by shorts.", "The rate was 5.4% a year, paid by longs."),
        ("Holding shorts in bitcoin futures costs 5.4% a year.", "Holding longs in bitcoin futures costs 5.4% a year."),
        ("Traders who are short bitcoin pay those who are long.", "Traders who are long bitcoin pay those who are short."),
        ("Funding stays negative, at 5.4% a year for shorts.", "Funding stays negative, at 5.4% a year for longs."),
        ("Funding was 12% on the average of the past 12 months, which longs paid.",
         "Funding was 12% on the average of the past 12 months, which shorts paid."),
    ],
)  # fmt: skip
def test_the_side_that_pays_funding_has_the_sign_of_the_rate(right: str, wrong: str) -> None:
    assert paid(right) == []
    assert len(paid(wrong)) == 1
    assert "says otherwise" in paid(wrong)[0]


def test_longs_pay_where_the_rate_is_positive() -> None:
    high = F.figure("funding.last_annualised", "BTC", "36", Unit.PCT, window="year")
    assert paid("Longs in bitcoin futures pay 36% a year to shorts.", high) == []
    assert "paid by longs" in paid("Shorts in bitcoin futures pay 36% a year to longs.", high)[0]


def test_a_sentence_of_both_cases_is_general() -> None:
    assert paid("Where funding is positive longs pay shorts, and where it is negative shorts pay longs.") == []


def test_who_is_paid_for_something_else_is_no_matter_of_funding() -> None:
    assert (
        check(F.one_sentence("Longs paid dearly for the fall."), words=F.reader_words(), checks=[all_checks()["direction"]]).findings == ()
    )
