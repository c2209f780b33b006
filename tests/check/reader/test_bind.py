"""What belongs to what in a sentence."""

from __future__ import annotations

import check_factories as F

from newsgen.check.reader import Sentence, read_text


def read(text: str) -> Sentence:
    return read_text("x", text, F.reader_words())[0]


def test_each_amount_takes_the_side_of_its_own_segment() -> None:
    sentence = read("Shorts of $52.7 million and longs of $26.3 million were closed.")
    assert [set(sentence.sides(n)[0]) for n in sentence.numerals] == [{"short"}, {"long"}]


def test_each_amount_takes_the_asset_of_its_own_segment() -> None:
    sentence = read("Bitcoin was at $121,467, and ether at $3,052.")
    assert [set(sentence.subjects(n)[0]) for n in sentence.numerals] == [{"BTC"}, {"ETH"}]


def test_what_nobody_names_is_unknown() -> None:
    sentence = read("It was at $121,467.")
    assert sentence.subjects(sentence.numerals[0])[0] == frozenset()


def test_windows_stand_before_or_after_an_amount() -> None:
    sentence = read("Up 2.9% in 24 hours and 12% in seven days.")
    assert [[m.key for m in sentence.windows(n)] for n in sentence.numerals] == [["24h"], ["24h", "7d"]]


def test_an_approximator_belongs_to_the_amount_after_it() -> None:
    sentence = read("More than $620 million of $748 million.")
    assert [sentence.hedge(n) for n in sentence.numerals] == ["more_than", ""]


def test_a_whole_is_told_from_its_part() -> None:
    sentence = read("Shorts took 83% of the $748 million, or $623 million.")
    assert [sentence.is_whole(n) for n in sentence.numerals] == [False, True, False]


def test_the_longest_phrase_wins() -> None:
    sentence = read("Bets on lower crypto prices were closed, 0.3% short of the record close.")
    assert [(m.kind, m.key) for m in sentence.marks if m.kind in ("side", "position", "direction")] == [
        ("side", "short"),
        ("position", "below"),
    ]
