"""The side that was liquidated most opposes the price."""

from __future__ import annotations

import check_factories as F

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
