"""Referring expressions: in full where first named, short later, with a capital where a sentence starts."""

from __future__ import annotations

import pytest

from newsgen.errors import UnknownFigure
from newsgen.write.refer import Mentions, capitalise, mention
from tests.write.made_words import lexicon

WORDS = {**lexicon().terms, **lexicon().subjects, **lexicon().assets}


def body(*texts: str) -> list[str]:
    mentions = Mentions(WORDS, first=True)
    return [mentions.resolve(text) for text in texts]


BTC, ETH, ETFS = mention("BTC", "name"), mention("ETH", "name"), mention("etfs", "name")
ITS = mention("BTC", "possessive")
OTHER = mention("BTC", "alternative")


def test_the_first_mention_is_in_full_and_later_ones_are_short() -> None:
    assert body(f"Shorts in {BTC} and {ETH}", f"later {BTC}, {ETH}") == ["Shorts in bitcoin (BTC) and ether (ETH)", "later bitcoin, ether"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{BTC} rose. {BTC} is up.", "Bitcoin (BTC) rose. It is up."),
        (f"{BTC} rose. {ITS} high was near.", "Bitcoin (BTC) rose. Its high was near."),
        (f"{BTC} rose. {BTC} futures fell.", "Bitcoin (BTC) rose. Bitcoin futures fell."),
        (f"{BTC} rose with {ETH}. {BTC} is up.", "Bitcoin (BTC) rose with ether (ETH). Bitcoin is up."),
        (f"{ETH} rose. {BTC} is up.", "Ether (ETH) rose. Bitcoin (BTC) is up."),
        (f"The day was calm for {BTC}. {BTC} is up.", "The day was calm for bitcoin (BTC). Bitcoin is up."),
        (f"{BTC} rose. {BTC} is up. {BTC} was down.", "Bitcoin (BTC) rose. It is up. Bitcoin was down."),
        (f"{BTC} rose. The day was calm. {BTC} is up.", "Bitcoin (BTC) rose. The day was calm. Bitcoin is up."),
    ],
)
def test_a_pronoun_stands_for_what_the_sentence_before_was_about(text: str, says: str) -> None:
    assert Mentions(WORDS, first=True, pronouns=lexicon().pronouns).resolve(text) == says


def test_each_article_begins_anew() -> None:
    assert body(f"of {BTC}") == body(f"of {BTC}") == ["of bitcoin (BTC)"]


def test_the_possessive_has_no_ticker() -> None:
    assert body(f"Of {BTC}: {ITS} price") == ["Of bitcoin (BTC): bitcoin's price"]
    assert body(f"on {ITS} price", f"of {BTC}") == ["on bitcoin's price", "of bitcoin (BTC)"]


def test_the_other_name_is_used_once() -> None:
    assert body(f"of {BTC}", f"of {OTHER}", f"of {OTHER}") == ["of bitcoin (BTC)", "of the largest cryptocurrency", "of bitcoin"]


def test_the_other_name_never_comes_first() -> None:
    assert body(f"of {OTHER}") == ["of bitcoin (BTC)"]


def test_an_asset_without_other_name_keeps_its_own() -> None:
    sol = mention("SOL", "alternative")
    assert body(f"of {sol}", f"of {sol}") == ["of solana (SOL)", "of solana"]


def test_a_term_is_spelled_out_where_it_first_stands() -> None:
    assert body(f"U.S. spot {ETFS}", f"the {ETFS}") == ["U.S. spot exchange-traded funds (ETFs)", "the ETFs"]


def test_a_headline_spells_nothing_out() -> None:
    mentions = Mentions(WORDS, first=False)
    assert mentions.resolve(f"{BTC} and {ETFS}") == "Bitcoin and ETFs"
    assert mentions.resolve(f"Record for {BTC}") == "Record for bitcoin"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("", "Bitcoin (BTC)"),
        ("It fell. ", "Bitcoin (BTC)"),
        ("Did it? ", "Bitcoin (BTC)"),
        ("At 8:02 a.m. ET (12:02 UTC). ", "Bitcoin (BTC)"),
        ("On Feb. 1. ", "Bitcoin (BTC)"),
        ("It fell; ", "bitcoin (BTC)"),
        ("It fell, ", "bitcoin (BTC)"),
        ("U.S. ", "bitcoin (BTC)"),
        ("at 8:02 a.m. ", "bitcoin (BTC)"),
        ("by 4 p.m. ", "bitcoin (BTC)"),
        ("In short: ", "bitcoin (BTC)"),
        ("of $1.", "bitcoin (BTC)"),
    ],
)
def test_a_mention_has_a_capital_where_a_sentence_starts(before: str, expected: str) -> None:
    assert body(before + BTC) == [before + expected]


def test_a_sentence_may_start_after_a_mention() -> None:
    assert body(f"It is {BTC}. {BTC} rose. {ETH} fell.") == ["It is bitcoin (BTC). Bitcoin rose. Ether (ETH) fell."]


def test_a_name_that_is_a_ticker_stays_as_it_is() -> None:
    assert body(f"{mention('XRP', 'name')} and {mention('XRP', 'possessive')}") == ["XRP and XRP's"]


def test_who_is_not_in_the_lexicon_is_refused() -> None:
    with pytest.raises(UnknownFigure, match=r"no words for .*add \[assets\."):
        body(mention("PEPE", "name"))


def test_capitalise_reaches_over_a_mark_and_no_further() -> None:
    assert capitalise("nine traders") == "Nine traders"
    assert capitalise("\ue0000\ue001nine\ue000 traders") == "\ue0000\ue001Nine\ue000 traders"
    assert capitalise("\ue00012\ue001$5\ue000 more") == "\ue00012\ue001$5\ue000 more"
    assert capitalise("") == ""
