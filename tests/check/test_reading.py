"""What the reader binds beyond one amount: ends of a move, parts and wholes, levels and changes, spans, names beside metrics, two clocks.

Each case is one true sentence that passes read-back alone, and one that differs from it by one slip and does not.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Figure, Unit

READ_BACK = [all_checks()["read_back"]]


def blocked(text: str, figures: list[Figure]) -> list[str]:
    verdict = check(F.one_sentence(text, *figures), words=F.reader_words(), checks=READ_BACK)
    return [f.message for f in verdict.findings if f.severity == "block"]


def venue(name: str, value: str, unit: Unit = Unit.USD, **more: Any) -> Figure:
    settings: dict[str, Any] = {"window": "24h", "scope": "all", "source": "CoinGlass", **more}
    return F.figure(f"liquidations.{name}", "market", value, unit, **settings)


def supply(name: str, value: str, **more: Any) -> Figure:
    return F.figure(f"stablecoins.{name}", "market", value, Unit.USD, source="DefiLlama", **more)


TURNS = [
    F.figure("path.start", "BTC", "112000", Unit.USD, window="24h"),
    F.figure("path.turn_1", "BTC", "108923", Unit.USD, window="24h", label="low"),
    F.change("BTC", "24h", "-2.7"),
]
SIDES = [
    venue("total_24h", "67700000"),
    venue("short_24h", "44500000", side="short"),
    venue("short_share_24h", "65.7", Unit.PCT),
]
SUPPLY = [supply("supply", "257000000000"), supply("change_7d", "3110000000", window="7d")]
LOW = [
    F.figure("price.low_24h", "BTC", "49000", Unit.USD, window="24h"),
    F.figure("price.low_since", "BTC", date(2025, 1, 28), Unit.DATE, record=F.record("49000", date(2025, 1, 28))),
    F.change("BTC", "24h", "-7.1"),
    F.change("ETH", "24h", "-10"),
]
RANGE = [
    F.figure("price.last", "BTC", "26623", Unit.USD),
    F.figure("price.range_exit_gap_pct", "BTC", "-7.3", Unit.PCT),
    F.figure("price.range_days", "BTC", "7", Unit.DAYS),
]
RATIO = [
    F.figure("volume.quote_24h", "BTC", "4930000000", Unit.USD, window="24h"),
    F.figure("volume.ratio_30d", "BTC", "1.2", Unit.RATIO),
]
FUNDING = [F.figure("funding.last_annualised", "BTC", "5.4", Unit.PCT, source="CoinGlass", label="day"), F.change("ETH", "24h", "1")]
BOUGHT = [F.figure("treasury.last_purchase", "Strategy", "4225", Unit.COINS, source="Strategy")]
CLOCK = [
    F.figure("clock.as_of", "BTC", F.AS_OF, Unit.MOMENT, observed_at=F.AS_OF, source=""),
    F.figure("price.last", "BTC", "121467", Unit.USD),
]
MOODS = [
    F.figure("sentiment.fear_greed", "market", "18", Unit.INDEX, window="1d", source="alternative.me"),
    F.figure("sentiment.low_since", "market", date(2025, 7, 9), Unit.DATE, source="alternative.me", archive_start=date(2024, 1, 1)),
]
WORST = [F.change("LTC", "24h", "-0.8"), F.change("XLM", "24h", "-12.5")]
NET = [F.flow("net_flow_day", "292700000", Unit.USD), F.flow("session", date(2025, 7, 11), Unit.DATE)]


@pytest.mark.parametrize(
    ("right", "wrong", "figures"),
    [
        pytest.param("In 24 hours bitcoin went from $112,000 down to $108,923 and then turned.",
                     "In 24 hours bitcoin went from $112,000 up to $108,923 and then turned.",
                     TURNS, id="the direction between the ends of a move"),
        pytest.param("In 24 hours bitcoin fell from $112,000 to $108,923 and then turned.",
                     "In 24 hours bitcoin fell from $108,923 to $112,000 and then turned.", TURNS,
                     id="the ends of a move exchanged"),
        pytest.param("Bitcoin went as low as $108,923, then fell.", "Bitcoin rose as low as $108,923, then fell.", TURNS,
                     id="a rise to a low"),
        pytest.param("Shorts liquidated: $44.5 million of $67.7 million.", "Shorts liquidated: $67.7 million of $44.5 million.", SIDES,
                     id="a part larger than its whole"),
        pytest.param("Shorts take 66% of $67.7 million in liquidations.", "Shorts take 66% of $67.7 million in short liquidations.", SIDES,
                     id="a whole that is called one side"),
        pytest.param("Shorts take 66% of nearly $67.8 million in liquidations.", "Shorts take 66% of $67.7 million of shorts.", SIDES,
                     id="a whole of shorts"),
        pytest.param("Liquidations came to $67.7 million in all.", "Short liquidations came to $67.7 million in all.", SIDES,
                     id="a total of both sides under one side's name"),
        pytest.param("Stablecoin supply stands at $257 billion, up $3.11 billion in seven days.",
                     "Stablecoin supply stands at $3.11 billion, up $257 billion in seven days.", SUPPLY, id="a level for a change"),
        pytest.param("Stablecoin supply rises to $257 billion, a seven-day change of $3.11 billion.",
                     "Stablecoin supply rises to $3.11 billion, a seven-day change of $257 billion.", SUPPLY, id="a change for a level"),
        pytest.param("Bitcoin at lowest since Jan. 28.", "Ether at lowest since Jan. 28.", LOW, id="a day in another's history"),
        pytest.param("Bitcoin at lowest since Jan. 28.", "Bitcoin at lowest ever.", LOW, id="a record that no amount stands beside"),
        pytest.param("Bitcoin left its seven-day range and trades below it.", "Bitcoin left its seven-day range and trades above it.",
                     RANGE, id="the side of a range named before"),
        pytest.param("Bitcoin left its seven-day range.", "Bitcoin left its eight-day range.", RANGE, id="a span that no figure is over"),
        pytest.param("Volume in bitcoin was $4.93 billion, 1.2 times the average.", "Volume in bitcoin was $4.93 billion, 1.2 the average.",
                     RATIO, id="a multiple without its word"),
        pytest.param("Strategy bought 4,225 more coins.", "Strategy bought 4,225.", BOUGHT, id="coins without their noun"),
        pytest.param("Bitcoin funding turns positive.", "Ether funding turns positive.", FUNDING, id="a name beside the word of a metric"),
        pytest.param("Bitcoin stood at $121,467 at 8:02 a.m. ET (12:02 UTC).",
                     "Bitcoin stood at $121,467 at 8:02 a.m. ET (08:02 UTC).", CLOCK,
                     id="two moments in one clock"),
        pytest.param("The index stood at 18, the lowest in data going back to 2024.",
                     "The index stood at 18, the lowest in data going back to 2025.",
                     MOODS, id="the start of the data"),
        pytest.param("The index stood at 18, the lowest in data going back to 2024.",
                     "The index stood at 18, the highest in data going back to 2024.",
                     MOODS, id="the highest where it is the lowest"),
        pytest.param("At the ends are litecoin (LTC), down 0.8%, and XLM, down 13% in 24 hours.",
                     "At the ends are litecoin (LTC), down 13%, and XLM, down 0.8% in 24 hours.", WORST,
                     id="an apposition to the wrong name"),
        pytest.param("Bitcoin and ether funds had flows.", "Bitcoin and bitcoin funds had flows.", [*NET, F.change("ETH", "24h", "1")],
                     id="one thing named twice"),
        pytest.param("Bitcoin funds took in 292.7 million dollars on Friday.", "Bitcoin funds took in 292.7 million coins on Friday.", NET,
                     id="dollars written out"),
        pytest.param("Bitcoin funds took in $0.29 billion on Friday.", "Bitcoin funds took in $0.39 billion on Friday.", NET,
                     id="a part of a billion"),
    ],
)  # fmt: skip
def test_one_slip_is_read(right: str, wrong: str, figures: list[Figure]) -> None:
    assert blocked(right, figures) == []
    assert blocked(wrong, figures) != []


def test_a_finding_of_two_checks_is_told_once() -> None:
    verdict = check(F.one_sentence("Bitcoin at lowest ever.", *LOW), words=F.reader_words())
    told = [f.check for f in verdict.findings if "record over the metric" in f.message]
    assert told == ["record_scope"]


def test_a_moment_is_read_in_each_zone_of_the_text() -> None:
    moment = datetime(2025, 7, 14, 4, 0, tzinfo=UTC)
    held_since = F.figure("level.crossed_up_at", "BTC", moment, Unit.MOMENT, label="4h")
    assert blocked("It has been there since midnight ET (04:00 UTC).", [*CLOCK, held_since]) == []
    assert blocked("It has been there since noon ET (04:00 UTC).", [*CLOCK, held_since]) != []
