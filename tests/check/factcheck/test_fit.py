"""How far a value may be from the amount that a draft says of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from check_factories import change, liquidation, reader_words
from known_drafts import words

from newsgen.check._facts import facts_of
from newsgen.check.factcheck import Block
from newsgen.check.factcheck.fit import fit, hedge_of
from newsgen.check.factcheck.scene import read_draft
from newsgen.market import Figure, Unit


def _fit(said: str, figure: Figure) -> str:
    (scene,) = read_draft([Block("p", f"It was {said} then")], words().draft)
    (numeral,) = scene.sentence.numerals
    (fact,) = facts_of({"f1": figure}, reader_words())
    return fit(numeral, hedge_of(scene, numeral).key, fact, scene.loose.get(numeral.first))


MONEY = liquidation("total_24h", "market", "748300000")
BOUND = liquidation("traders_24h", "market", "130000", Unit.COUNT, bound="at_least")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("$748.3 million", "fits"),
        ("$748 million", "fits"),
        ("$750 million", "fits"),  # rounded to tens of millions
        ("$740 million", "off"),
        ("$700 million", "off"),  # 6.9 % off: no rounding
        ("about $730 million", "fits"),  # 2.5 % off
        ("about $690 million", "near"),  # 8.4 % off
        ("about $650 million", "off"),  # 15 % off
        ("nearly $750 million", "fits"),
        ("nearly $700 million", "off"),
        ("more than $700 million", "fits"),
        ("more than $750 million", "off"),
        ("less than $750 million", "fits"),
        ("less than $700 million", "off"),
    ],
)
def test_money_may_be_rounded_as_far_as_a_reader_expects(said: str, answer: str) -> None:
    assert _fit(said, MONEY) == answer


@pytest.mark.parametrize(
    ("said", "value", "answer"),
    [
        ("12%", "11.8", "fits"),
        ("12%", "12.51", "off"),
        ("11.8%", "11.84", "fits"),
        ("11.8%", "11.9", "off"),
        ("half of it", "51.2", "fits"),
        ("half of it", "54", "off"),
        ("two-thirds of it", "66.4", "fits"),
        ("more than half of it", "83", "fits"),
    ],
)
def test_a_percentage_is_true_to_its_last_place_and_a_word_for_a_part_within_some_points(said: str, value: str, answer: str) -> None:
    assert _fit(said, change("BTC", "24h", value)) == answer


def test_a_lower_bound_contradicts_no_larger_number_and_bears_out_no_smaller_one_said_exactly() -> None:
    assert _fit("at least 130,000 traders", BOUND) == "fits"
    assert _fit("150,000 traders", BOUND) == "near"
    assert _fit("at most 100,000 traders", BOUND) == "off"


def test_a_price_of_two_digits_is_neither_true_nor_false_nearby() -> None:
    last = Figure("price.last", "BTC", Decimal("121467"), Unit.USD, MONEY.observed_at, MONEY.known_at, "Binance spot")
    assert [_fit(said, last) for said in ("$121,500", "$121,000", "$120,000", "$110,000", "$121,400")] == [
        "fits",
        "fits",
        "near",
        "off",
        "off",
    ]
