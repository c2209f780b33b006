"""What the reader pairs: places and levels, a path's turns, a word of side and its amount, a comparison and its sign, a day and its amount.

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


def blocked(text: str, figures: list[Figure], *names: str) -> list[str]:
    checks = [all_checks()[n] for n in names] or READ_BACK
    verdict = check(F.one_sentence(text, *figures), words=F.reader_words(), checks=checks)
    return [f.message for f in verdict.findings if f.severity == "block"]


def level(name: str, value: str, **more: Any) -> Figure:
    return F.figure(f"level.{name}", "BTC", value, Unit.USD, **more)


def venue(name: str, value: str, unit: Unit = Unit.USD, **more: Any) -> Figure:
    settings: dict[str, Any] = {"window": "24h", "scope": "binance", "source": "CoinGlass", **more}
    return F.figure(f"liquidations_venue.{name}", "market", value, unit, **settings)


ETH_PRICE = F.change("ETH", "24h", "1")
LEVELS = [level("nearest_above", "57000"), level("nearest_below", "56000")]
REJECTED = [level("rejected", "55000", label="low")]
PATH = [
    F.figure("path.start", "BTC", "88000", Unit.USD, window="24h"),
    F.figure("path.turn_1", "BTC", "86128", Unit.USD, window="24h", label="low"),
    F.figure("path.turn_2", "BTC", "93266", Unit.USD, window="24h", label="high"),
    F.figure("price.last", "BTC", "88900", Unit.USD),
    F.change("BTC", "24h", "1"),
]
SIDES = [venue("total_24h", "89000000"), venue("long_24h", "79500000", side="long"), venue("short_24h", "9480000", side="short")]
SHARES = [*SIDES, venue("long_share_24h", "89.3", Unit.PCT, side="long")]
HIGH = [
    F.figure("price.ath", "BTC", "69000", Unit.USD),
    F.figure("price.ath_at", "BTC", date(2021, 11, 10), Unit.DATE),
    F.figure("price.below_ath_pct", "BTC", "74", Unit.PCT, observed_at=datetime(2025, 7, 10, 12, 0, tzinfo=UTC)),
]
REBOUND = [F.figure("price.rebound_change", "BTC", "12", Unit.PCT)]
OUT = [F.flow("net_flow_day", "-326000000", Unit.USD), F.flow("session", date(2025, 7, 11), Unit.DATE)]
FUND = [F.flow("top_fund", "612000000", Unit.USD, label="IBIT"), F.flow("session", date(2025, 7, 11), Unit.DATE), ETH_PRICE]
LOW = [
    F.figure("price.low_24h", "BTC", "25166", Unit.USD, window="24h"),
    F.figure("price.low_since", "BTC", date(2025, 6, 15), Unit.DATE),
]
COINS = [
    F.figure("assets.up_24h", "market", "19", Unit.COUNT, window="24h"),
    F.figure("assets.counted", "market", "21", Unit.COUNT),
    F.change("BTC", "24h", "4"),
]
HELD = [F.figure("treasury.holdings_added", "Strategy", "4225", Unit.COINS, source="CoinGecko", label="BTC")]
BAND = [F.figure("price.period_low", "BTC", "17622", Unit.USD), F.figure("price.period_high", "BTC", "47444", Unit.USD)]
PEAK = [
    F.figure("open_interest.highest_before", "BTC", "69600000000", Unit.USD),
    F.figure("open_interest.usd", "BTC", "58800000000", Unit.USD),
]
RUN = [F.figure("price.run_length", "BTC", "4", Unit.COUNT, window="month", label="month"),
       F.figure("price.run_change", "BTC", "40", Unit.PCT, label="month"), F.change("BTC", "24h", "-1.5")]  # fmt: skip
WEEKS = [F.change("BTC", "7d", "1.3"), F.change("BTC", "30d", "5.2")]
RATIO = [F.figure("volume.ratio_30d", "BTC", "3.6", Unit.RATIO, window="24h")]
SUPPLY = [
    F.figure("stablecoins.change_7d", "market", "-26100000000", Unit.USD, window="7d", source="DefiLlama"),
    F.figure("stablecoins.change_30d", "market", "-25900000000", Unit.USD, window="30d", source="DefiLlama"),
]


@pytest.mark.parametrize(
    ("right", "wrong", "figures"),
    [
        pytest.param("Above bitcoin, the nearest round level is $57,000; the nearest below it is $56,000.",
                     "Below bitcoin, the nearest round level is $57,000; the nearest below it is $56,000.", LEVELS,
                     id="two levels, two places"),
        pytest.param("Bitcoin has $56,000 as the nearest one below its price, and $57,000 as the nearest above it.",
                     "Bitcoin has $56,000 as the nearest one below its price, and $57,000 as the nearest below it.", LEVELS,
                     id="one place said twice"),
        pytest.param("The nearest round level above bitcoin is $57,000, the next below $56,000.",
                     "The nearest round level above bitcoin is $57,000, the next below less than $56,000.", LEVELS,
                     id="a level is no bound"),
        pytest.param("Bitcoin touched $55,000, and no close ended below that level.",
                     "Bitcoin touched $55,000, and no close ended above that level.", REJECTED, id="a place under a no"),
        pytest.param("Bitcoin tests $55,000 from above.", "Bitcoin tests $55,000 from below.", REJECTED, id="from which side"),
        pytest.param("In the past 24 hours bitcoin rose to $93,266 and then went down to $88,900.",
                     "In the past 24 hours bitcoin rose to $93,266 and then went up to $88,900.", PATH, id="a step of a path"),
        pytest.param("Bitcoin was at $88,000 when the past 24 hours began and slid to $86,128.",
                     "Bitcoin was at $86,128 when the past 24 hours began and slid to $88,000.", PATH, id="a path turned round"),
        pytest.param("At $89 million, liquidations on Binance were made up of $79.5 million in longs and $9.48 million in shorts.",
                     "At $89 million, short liquidations on Binance were made up of $79.5 million in longs and $9.48 million in shorts.",
                     SIDES, id="a total under one side's name, with both parts"),
        pytest.param("Longs took 89% of the liquidations on Binance, $89 million in all.",
                     "Longs took 89% of the long liquidations on Binance, $89 million in all.", SHARES, id="a whole of one side"),
        pytest.param("From its record of $69,000, set on Nov. 10, 2021, bitcoin is 74% away.",
                     "From its record of $69,000, set on July 10, bitcoin is 74% away.", HIGH, id="the day of the amount before it"),
        pytest.param("Bitcoin is up 12% from its low.", "Bitcoin is up 12% from its high.", REBOUND, id="up from a high"),
        pytest.param("Redemptions at spot bitcoin ETFs were larger than new money by $326 million.",
                     "Redemptions at spot bitcoin ETFs were smaller than new money by $326 million.", OUT, id="two flows compared"),
        pytest.param("Among the bitcoin funds, IBIT moved most with an inflow of $612 million.",
                     "Among the ether funds, IBIT moved most with an inflow of $612 million.", FUND, id="whose funds"),
        pytest.param("A rise took in most of the market, with 19 of the 21 coins gaining.",
                     "A rise took in least of the market, with 19 of the 21 coins gaining.", COINS, id="most are no few"),
        pytest.param("19 of 21 coins followed rise in 24 hours.", "19 of 21 coins followed fall in 24 hours.", COINS,
                     id="the coins counted"),
        pytest.param("Strategy added 4,225 bitcoin.", "Strategy shed 4,225 bitcoin.", HELD, id="what was added"),
        pytest.param("Bitcoin is up 1.3% over seven days; over 30 days it is up 5.2%.",
                     "Bitcoin is up 1.3% over seven days; over seven days it is up 1.3%.", WEEKS, id="one change told twice"),
        pytest.param("Volume in 24 hours was 3.6 times the average of the past 30 days.",
                     "Volume in 30 days was 3.6 times the average of the past 30 days.", RATIO, id="the base is not the window"),
        pytest.param("Supply dropped by $26.1 billion in seven days, and no seven days had brought as large a fall in supply.",
                     "Supply dropped by $26.1 billion in seven days, and no seven days had brought as large a rise in supply.", SUPPLY,
                     id="as large a fall"),
        pytest.param("At its highest, open interest was $69.6 billion, against $58.8 billion at present.",
                     "At its highest, open interest was $58.8 billion, against $69.6 billion at present.", PEAK,
                     id="the highest is no less than what stands beside it"),
        pytest.param("The band in bitcoin reached from $17,622 to $47,444.", "The band in bitcoin reached from $47,444 to $17,622.", BAND,
                     id="a range begins at its low"),
        pytest.param("The range had held from its high to its low.", "The range had held from its low to its low.", [],
                     id="a range has two ends"),
        pytest.param("Bitcoin rose 40% in four straight months of gains.", "Bitcoin rose 40% in four straight months of declines.", RUN,
                     id="a run, whatever the last day brought"),
    ],
)  # fmt: skip
def test_one_slip_is_read(right: str, wrong: str, figures: list[Figure]) -> None:
    assert blocked(right, figures) == []
    assert blocked(wrong, figures) != []


def test_a_sentence_that_begins_with_a_pronoun_speaks_of_what_the_one_before_it_did() -> None:
    assert blocked("Supply is down $26.1 billion in seven days. In 30 days it is down $25.9 billion.", SUPPLY) == []
    assert blocked("Supply is down $26.1 billion in seven days. In 30 days bitcoin is down $25.9 billion.", SUPPLY) != []


def test_a_joined_sentence_has_the_windows_of_its_own_words() -> None:
    joined = "Bitcoin has lost 7.5% over seven days, and bitcoin stands 74% below its high of $69,000."
    assert blocked(joined, [*HIGH, F.change("BTC", "7d", "-7.5")]) == []


START = F.figure("path.start", "BTC", "88000", Unit.USD, window="24h")
TURN = F.figure("path.turn_1", "BTC", "86128", Unit.USD, window="4h", label="low")


@pytest.mark.parametrize(
    ("right", "wrong", "figures"),
    [
        pytest.param("The price is up 2% in seven days, and a gap of 74% parts it from its peak of $69,000.",
                     "The price is up 2% in seven days, and a gap of 74% parts it in 30 days from its peak of $69,000.",
                     [*HIGH, F.change("BTC", "7d", "2")], id="a verb after the comma"),
        pytest.param("Bitcoin was at $88,000 when the past 24 hours began and then fell to $86,128.",
                     "Bitcoin was at $86,128 when the past 24 hours began and then fell to $88,000.", [START, TURN], id="a verb after and"),
        pytest.param("Ether went its own way and is up 1% over 24 hours, unlike bitcoin.",
                     "Bitcoin went its own way and is up 1% over 24 hours, unlike ether.",
                     [ETH_PRICE, F.change("BTC", "24h", "5")], id="whose subject goes on"),
    ],
)  # fmt: skip
def test_a_clause_begins_with_and_where_a_verb_follows(right: str, wrong: str, figures: list[Figure]) -> None:
    assert blocked(right, figures) == []
    assert blocked(wrong, figures) != []
