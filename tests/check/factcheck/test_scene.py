"""What a sentence of a draft takes over from the ones before it, and what the reader of finished articles does not read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from known_drafts import words

from newsgen.check.factcheck import Block
from newsgen.check.factcheck.scene import Scene, read_draft
from newsgen.check.factcheck.subjects import names_a_stranger, whom
from newsgen.market import Unit


def _scenes(*texts: str) -> tuple[Scene, ...]:
    return read_draft([Block(f"paragraphs[{i}]", t) for i, t in enumerate(texts)], words().draft)


def _frame(name: str):  # type: ignore[no-untyped-def]
    return next(f for f in words().draft.frames if f.name == name)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("Shorts of 52.7 million dollars", "52700000", Unit.USD),
        ("Shorts of USD 52.7 million", "52700000", Unit.USD),
        ("Shorts of US$52.7m", "52700000", Unit.USD),
        ("It doubled", "100", Unit.PCT),
        ("It halved", "50", Unit.PCT),
        ("Three-quarters of them", "75", Unit.PCT),
        ("A third of it", "33.33", Unit.PCT),
        ("A seven-session run", "7", Unit.COUNT),
        ("The streak now counts six days", "6", Unit.COUNT),
    ],
)
def test_dollars_parts_multiples_and_counted_days_are_read(text: str, value: str, unit: Unit) -> None:
    ((scene),) = _scenes(text)
    assert [(n.value, unit in n.units) for n in scene.sentence.numerals] == [(Decimal(value), True)]


@pytest.mark.parametrize("text", ["The first half of the day", "The third day", "The halving is due", "A half-day", "In the fifth session"])
def test_what_is_no_part_of_a_whole_is_not_read_as_one(text: str) -> None:
    (scene,) = _scenes(text)
    assert not [n for n in scene.sentence.numerals if Unit.PCT in n.units]


def test_a_sign_that_touches_an_amount_is_its_direction_and_a_span_has_none() -> None:
    (scene,) = _scenes("Bitcoin +3%, ether (−2%), solana 7-12%")
    assert [scene.signs.get(n.first, 0) for n in scene.sentence.numerals] == [1, -1, 0, 0]


def test_a_date_of_digits_is_a_date_and_a_bare_year_is_one_too() -> None:
    (scene,) = _scenes("On 2025-07-14 it passed its 2021 high")
    assert [(d.text, d.year, d.month, d.day) for d in scene.sentence.days] == [("2025-07-14", 2025, 7, 14), ("2021", 2021, None, None)]
    assert not scene.sentence.numerals


def test_a_pronoun_means_what_was_named_alone_in_the_sentence_before() -> None:
    _, second = _scenes("Ether fell. It lost 3%.")
    assert whom(second, second.sentence.numerals[0].first, _frame("change of the price")) == (("ETH",), True, False)


def test_after_two_names_either_may_be_meant() -> None:
    scenes = _scenes("Bitcoin and ether fell. The price lost 3%.")
    found = whom(scenes[1], scenes[1].sentence.numerals[0].first, _frame("change of the price"))
    assert (set(found.subjects), found.sure, found.every) == ({"BTC", "ETH"}, False, True)


def test_a_name_that_the_reader_does_not_know_is_not_taken_for_the_one_before() -> None:
    scenes = _scenes("Bitcoin fell. PEPE lost 3%.", "Polygon rose 4%.", "Prices rose 5%.")
    tokens = [(s, s.sentence.numerals[0].first) for s in scenes[1:]]
    assert [names_a_stranger(s, t) for s, t in tokens] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("Ether shorts of $52.7 million", ("ETH",)),
        ("Shorts of $52.7 million in ether were closed", ("ETH",)),
        ("Bitcoin's rise liquidated $623.3 million of shorts", ("market", "BTC")),
        ("Across crypto $623.3 million of shorts were liquidated", ("market",)),
        ("Shorts of $623.3 million were liquidated", ("market",)),
    ],
)
def test_liquidations_are_of_an_asset_whose_name_is_attached_to_them(text: str, subjects: tuple[str, ...]) -> None:
    (scene,) = _scenes(text)
    assert whom(scene, scene.sentence.numerals[0].first, _frame("liquidations")).subjects == subjects
