"""Aggregation: neighbours that go on with one another are joined until the body has its rhythm, long sentences are parted."""

from __future__ import annotations

import pytest

from newsgen.write.aggregate import joined, parted
from newsgen.write.refer import mention
from tests.write.made_words import lexicon

BTC, ETH = mention("BTC", "name"), mention("ETH", "name")
LEDE = "Something has happened on the market."
ROSE = f"{BTC} rose 3% to $118,000 on Binance within 24 hours"
PRICES, FLOWS = "messages/price_path", "messages/etf_flows"


def body(*paragraphs: tuple[tuple[str, str], ...]) -> list[str]:
    """What stands after a lede."""
    words = lexicon()
    return joined([[("angles/made", LEDE)], *paragraphs], words, {**words.terms, **words.subjects, **words.assets})[1:]


def one(*messages: str, templates: tuple[str, ...] = (PRICES, FLOWS)) -> str:
    """One paragraph of messages, each of another template."""
    return body(tuple(zip(templates, messages, strict=False)))[0]


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (f"{ROSE}.", "It is up 8% in the past seven days.", f"{ROSE} and is up 8% in the past seven days."),
        (f"{ROSE}.", f"{BTC} is up 8% in the past seven days.", f"{ROSE} and is up 8% in the past seven days."),
        (f"{ROSE}, data show.", "It is up 8% in the past seven days.", f"{ROSE}, data show, and it is up 8% in the past seven days."),
        (f"In 24 hours on Binance, {BTC} rose 3% to $118,000.", f"{BTC} is up 8% in the past seven days.",
         f"In 24 hours on Binance, {BTC} rose 3% to $118,000, and it is up 8% in the past seven days."),
        (f"{ROSE}.", "The day was calm in all the rest of it.", f"{ROSE}, and the day was calm in all the rest of it."),
        (f"{ROSE}.", f"{ETH} is up 8% in the past seven days.", f"{ROSE}, while {ETH} is up 8% in the past seven days."),
        (f"{ROSE}.", f"In the past seven days, {ETH} is up 8%.", f"{ROSE}, and in the past seven days, {ETH} is up 8%."),
    ],
)  # fmt: skip
def test_two_sentences_are_joined_by_what_they_are_about(first: str, second: str, says: str) -> None:
    assert one(f"{first} {second}") == says


@pytest.mark.parametrize(
    ("second", "says"),
    [
        ("It is up 8% in the past seven days.", f"{ROSE}. It is up 8% in the past seven days."),  # of what, the next message leaves open
        (f"{ETH} is up 8% in the past seven days.", f"{ROSE}, while {ETH} is up 8% in the past seven days."),
        (f"{BTC} is up 8% in the past seven days.", f"{ROSE} and is up 8% in the past seven days."),
        (f"The funds that hold {BTC} took in $8 million.", f"{ROSE}, while the funds that hold {BTC} took in $8 million."),
        (f"On Friday, funds that hold {BTC} took in $8 million.", f"{ROSE}, and on Friday, funds that hold {BTC} took in $8 million."),
    ],
)
def test_two_messages_are_joined_where_both_are_of_an_asset(second: str, says: str) -> None:
    assert one(f"{ROSE}.", second) == says
    assert one(f"{ROSE}.", second, templates=(PRICES, "messages/equities")) == f"{ROSE}. {second}"  # of another market


def test_marks_of_figures_survive() -> None:
    rose = f"{BTC} rose \ue0000\ue0013%\ue000 to \ue0001\ue001$118,000\ue000 today at noon in New York"
    text = f"{rose}. Its high over the whole of the day was \ue0002\ue001$119,000\ue000."
    assert one(text) == text.replace(". Its", ", and its")


@pytest.mark.parametrize(
    "text",
    [
        f"{BTC} rose on that day. It is up 8% in the past seven days, and down in the year.",  # a short one stays short
        f"{ROSE}, and it held that price. It is up 8% in the past seven days.",  # a compound already
        f"{ROSE}. Still, the week was one of loss for it.",  # a word that looks back
        f"{BTC} rose 3% to $118,000 on Binance at 8 a.m. It is up 8% in the past seven days.",  # that point ends no sentence for sure
        f"{ROSE} of trading there. It is up 8% in the past seven days, 12% in 30 days, 20% in 90 days, and 30% this year to date.",
        " ".join(f"{BTC} rose {a} to {b} on one of the exchanges." for a, b in  # six figures
                 [("\ue0000\ue0013%\ue000 and \ue0001\ue0014%\ue000", "\ue0002\ue001$5\ue000")] * 2),
    ],
)  # fmt: skip
def test_what_would_not_read_well_stays_apart(text: str) -> None:
    assert one(text) == text


def test_a_lede_and_sentences_of_two_paragraphs_stay_apart() -> None:
    words = lexicon()
    lede = f"{ROSE}. It is up 8% in the past seven days."
    assert joined([[("angles/made", lede)]], words, words.assets) == [lede]
    assert body(((PRICES, f"{ROSE}."),), ((PRICES, f"{BTC} is up 8% in the past seven days."),)) == [
        f"{ROSE}.",
        f"{BTC} is up 8% in the past seven days.",
    ]


def test_sentences_are_joined_until_they_have_their_length_and_the_longest_come_first() -> None:
    short = "The first of them rose a little. The second of them fell somewhat."  # 7 and 6 words: too short to join
    middle = "The third of them rose again on that day. The fourth of them fell again on that day."  # 9 and 9
    long = " ".join(f"The {which} of them {'rose and ' * 6}fell." for which in ("fifth", "sixth"))  # 17 and 17
    words = "The last of them " + "rose and " * 41 + "fell."  # 87 words in one sentence
    apart, together = ((PRICES, short),), ((PRICES, middle),)
    assert body(apart, together, ((PRICES, long),)) == [
        short, middle.replace(". The", ", and the"), long.replace(". The", ", and the"),
    ]  # fmt: skip
    # 6, 13, 18, 34 and 87 words are 158, in eight sentences 19.8 each: one pair makes it 22.6, and that is the longest.
    assert body(apart, together, ((PRICES, long),), ((PRICES, words),)) == [short, middle, long.replace(". The", ", and the"), words]


def test_what_stands_behind_a_semicolon_is_a_sentence_of_its_own_where_both_tell_an_amount_and_it_goes_on() -> None:
    two, eight = "\ue0000\ue001$2 billion\ue000", "\ue0001\ue001$8 million\ue000"
    count = f"The run of inflows has come to {two}"
    assert one(f"{count}; it was last at {eight}.") == f"{count}. It was last at {eight}."
    for tail in ("it had an end on Friday", f"it, for {eight} in all", f"the price then was {eight}", f"{eight} is what it was last"):
        assert one(f"{count}; {tail}.") == f"{count}; {tail}."  # no amount, no verb, no word that goes on, an amount first
    assert one(f"Not all went that way; it was last at {eight}.") == f"Not all went that way; it was last at {eight}."


def test_a_sentence_over_the_limit_is_parted_at_its_semicolon() -> None:
    first, second = " ".join(["word"] * 20), " ".join(["other"] * 18)
    assert parted(f"It rose. {first}; {second}.") == f"It rose. {first}. Other {second.removeprefix('other ')}."
    assert parted(f"{first}; other other.") == f"{first}; other other."
