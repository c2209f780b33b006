"""Aggregation: short sentences on one subject are joined, long ones parted."""

from __future__ import annotations

import pytest

from newsgen.write.aggregate import joined, parted
from tests.write.made_words import lexicon

JOINING = lexicon().joining


def test_a_sentence_on_the_same_subject_is_joined() -> None:
    text = "Bitcoin rose 3% to $118,000 on Binance. It is up 8% in seven days. The rest was calm."
    assert joined(text, JOINING, 0) == "Bitcoin rose 3% to $118,000 on Binance, and it is up 8% in seven days. The rest was calm."


def test_marks_of_figures_survive() -> None:
    text = "Bitcoin rose \ue0000\ue0013%\ue000 to \ue0001\ue001$118,000\ue000 today at noon. Its high was \ue0002\ue001$119,000\ue000."
    assert joined(text, JOINING, 1) == (
        "Bitcoin rose \ue0000\ue0013%\ue000 to \ue0001\ue001$118,000\ue000 today at noon, and its high was \ue0002\ue001$119,000\ue000."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Bitcoin rose. It is up 8% in seven days and down this year.",  # too short a first one
        "Bitcoin rose 3% to $118,000, and ether fell. It is up 8% in seven days.",  # a compound already
        "Bitcoin rose 3% to $118,000 on Binance. Ether is up 8% in seven days.",  # another subject
        "Bitcoin rose 3% to $118,000 on Binance at 8 a.m. It is up 8% in seven days.",  # that point ends no sentence for sure
        "Bitcoin rose 3% to $118,000 on Binance in the past 24 hours of trading. It is up 8% in seven days, 12% in 30 days, 20% this year.",
    ],
)
def test_what_would_not_read_well_stays_apart(text: str) -> None:
    assert joined(text, JOINING, 0) == text


def test_every_third_paragraph_keeps_its_sentences() -> None:
    text = "Bitcoin rose 3% to $118,000 on Binance. It is up 8% in seven days."
    assert [joined(text, JOINING, turn) == text for turn in range(6)] == [False, False, True, False, False, True]


def test_a_sentence_over_the_limit_is_parted_at_its_semicolon() -> None:
    first, second = " ".join(["word"] * 20), " ".join(["other"] * 18)
    assert parted(f"It rose. {first}; {second}.") == f"It rose. {first}. Other {second.removeprefix('other ')}."
    assert parted(f"{first}; other other.") == f"{first}; other other."
