"""Aggregation: short sentences on one subject are joined, long ones parted."""

from __future__ import annotations

import pytest

from newsgen.write.aggregate import joined, parted
from newsgen.write.refer import mention
from tests.write.made_words import lexicon

JOINING = lexicon().joining


BTC, ETH = mention("BTC", "name"), mention("ETH", "name")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{BTC} rose 3% to $118,000 on Binance within 24 hours. It is up 8% in seven days. The rest was calm.",
         f"{BTC} rose 3% to $118,000 on Binance within 24 hours, and it is up 8% in seven days. The rest was calm."),
        (f"{BTC} rose 3% to $118,000 on Binance within 24 hours. {BTC} is up 8% in seven days.",
         f"{BTC} rose 3% to $118,000 on Binance within 24 hours, and {BTC} is up 8% in seven days."),
        (f"{BTC} rose 3% to $118,000 on Binance within 24 hours. {ETH} is up 8% in seven days.",
         f"{BTC} rose 3% to $118,000 on Binance within 24 hours, while {ETH} is up 8% in seven days."),
    ],
)  # fmt: skip
def test_two_short_sentences_are_joined_by_what_they_are_about(text: str, says: str) -> None:
    assert joined(text, JOINING, 0) == says


def test_marks_of_figures_survive() -> None:
    rose = f"{BTC} rose \ue0000\ue0013%\ue000 to \ue0001\ue001$118,000\ue000 today at noon in New York"
    text = f"{rose}. Its high over the day was \ue0002\ue001$119,000\ue000."
    assert joined(text, JOINING, 1) == text.replace(". Its", ", and its")


@pytest.mark.parametrize(
    "text",
    [
        f"{BTC} rose. It is up 8% in seven days, down this month, and further down in the year.",  # too short a first one
        f"{BTC} rose 3% to $118,000, and ether fell. It is up 8% in seven days.",  # a compound already
        "The low of the day was $98,000 on Binance. It is up 8% in the past seven days.",  # whose pronoun, nobody can say
        f"{BTC} rose 3% to $118,000 on Binance within 24 hours. The day was calm in the rest of it.",  # it opens with neither
        f"{BTC} rose 3% to $118,000 on Binance at 8 a.m. It is up 8% in seven days.",  # that point ends no sentence for sure
        f"{BTC} rose 3% to $118,000 on Binance in the past 24 hours of trading there. It is up 8% in seven days, 12% in 30 days, 20% in 90"
        " days or more, and 30% this year.",
    ],
)
def test_what_would_not_read_well_stays_apart(text: str) -> None:
    assert joined(text, JOINING, 0) == text


def test_every_third_paragraph_keeps_its_sentences() -> None:
    text = f"{BTC} rose 3% to $118,000 on Binance within 24 hours. It is up 8% in seven days."
    assert [joined(text, JOINING, turn) == text for turn in range(6)] == [False, False, True, False, False, True]


def test_a_sentence_over_the_limit_is_parted_at_its_semicolon() -> None:
    first, second = " ".join(["word"] * 20), " ".join(["other"] * 18)
    assert parted(f"It rose. {first}; {second}.") == f"It rose. {first}. Other {second.removeprefix('other ')}."
    assert parted(f"{first}; other other.") == f"{first}; other other."
