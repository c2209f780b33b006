"""Wordings that do not come back: what a sentence costs, and which of several is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from newsgen.said import Said, digest, phrases_of
from newsgen.write.recall import ENOUGH, Recall, mask
from tests.write.made_words import lexicon, wording
from tests.write.test_article import TEMPLATE, article

OTHER = "Its high was # at noon, and then the price came back."
LEDE = "{{ asset|name }} rose {{ price.change_24h|pct }} to {{ price.last|price }}."
AT = datetime(2025, 7, 14, tzinfo=UTC)


def said(*sentences: str, angle: str = "made") -> Said:
    return Said(angle, AT, frozenset(digest(s) for s in sentences), frozenset().union(*(phrases_of(s) for s in sentences)))


def test_a_mask_leaves_the_wording_only() -> None:
    made = wording({"messages/made": "{% block say %}{{ BTC|name }} is at {{ price.last|price }} on Binance.{% endblock %}"},
                   {"BTC.price.last": 5})  # fmt: skip
    from newsgen.story import Message
    from newsgen.write import Rendered

    found = made.say(Message("detail", "messages/made", "say", "BTC", "made"))
    assert isinstance(found, Rendered) and mask(found.text, made.ledger.figures, lexicon()) == "@ is at # on @."


def test_a_sentence_that_was_said_with_other_figures_is_dear_whatever_its_angle() -> None:
    recall = Recall([said("@ rose # to #.", angle="other")], "made")
    assert recall.cost("@ rose # to #.", begins=True) > 50 > ENOUGH >= recall.cost("At #, @ is up #.", begins=True)


def test_seven_words_in_a_row_cost_with_the_same_angle_only() -> None:
    told = "It was the first time since then that it had closed there, #."
    other = "In #, it was the first time since then that @ fell."
    assert Recall([said(told)], "made").cost(other, begins=True) > ENOUGH
    assert Recall([said(told, angle="other")], "made").cost(other, begins=True) == 0


def test_a_sentence_that_opens_as_the_one_before_costs() -> None:
    recall = Recall((), "made")
    recall.keep("The low was #.", begins=True)
    assert recall.cost("The high was # and came later.", begins=False) > ENOUGH >= recall.cost(OTHER, begins=False)


def test_a_paragraph_that_opens_as_the_one_before_costs() -> None:
    recall = Recall((), "made")
    recall.keep("The low was #. It came early.", begins=True)
    assert recall.cost("The high was # and came later.", begins=True) > ENOUGH


def sentence(words: int, first: str) -> str:
    """So many words, none of them twice in the file."""
    return " ".join([first, *(f"{first.lower()}{i}" for i in range(words - 1))]) + "."


def test_a_sentence_costs_that_is_neither_short_nor_long_or_as_long_as_the_one_before() -> None:
    recall = Recall((), "made")
    recall.keep(sentence(10, "Lede"), begins=True)
    short, middle, long = (recall.cost(sentence(n, "Next"), begins=True) for n in (11, 19, 25))
    assert (short, middle, long) == (1.2, 1.8, 0.0)


def test_a_sentence_is_welcome_that_makes_a_long_one_with_its_neighbour() -> None:
    recall = Recall((), "made")
    recall.keep(sentence(24, "Lede"), begins=True)
    recall.keep(sentence(14, "First"), begins=True)  # costs 1.8 for its length
    assert recall.cost(sentence(14, "Second"), begins=True) == 1.8 + 1.2  # in another paragraph the two stay apart
    assert recall.cost(sentence(14, "Second"), begins=False) == -1.8  # together they are of 28 words
    recall.keep(sentence(14, "Second"), begins=False)
    assert recall.cost(sentence(14, "Third"), begins=False) == 1.8  # no third joins them, and 28 are far from 14


def test_every_four_words_that_the_article_holds_already_cost() -> None:
    recall = Recall((), "made")
    recall.keep("It was the first time since June, when # and @ met.", begins=True)
    recall.begin()
    same = recall.cost("Then, for all to see, it was the first time.", begins=False)  # "it was the first", "was the first time"
    assert same - recall.cost("Then, for all to see, it was no first time.", begins=False) == 2 * 0.5
    assert recall.cost("Here # and @ met.", begins=False) == recall.cost("Here # or @ met.", begins=False)  # two marks in four are no words


def test_an_article_tries_other_words_when_the_first_were_said_before() -> None:
    other = "At {{ price.last|price }}, {{ asset|name }} is {{ price.change_24h|pct }} higher."
    template = TEMPLATE.replace(LEDE, f"{{% vary %}}{LEDE}{{% or %}}{other}{{% endvary %}}")
    first = article("lede", template=template)
    assert first.said is not None
    again = article("lede", template=template, said=[first.said])
    third = article("lede", template=template, said=[first.said, again.said])
    assert ["angles/made lede BTC" in a.worn for a in (first, again, third)] == [False, False, True]
    assert {first.paragraphs[0].body.text, again.paragraphs[0].body.text} == {
        "Bitcoin (BTC) rose 20% to $120,000.", "At $120,000, bitcoin (BTC) is 20% higher.",
    }  # fmt: skip
    assert third.paragraphs[0].body.text in {
        first.paragraphs[0].body.text,
        again.paragraphs[0].body.text,
    }  # said again when nothing is left


def test_another_wording_with_other_figures_is_not_taken() -> None:
    lede = "{% vary %}{{ asset|name }} rose {{ price.change_24h|pct }}.{% or %}{{ asset|name }} is at {{ price.last|price }}.{% endvary %}"
    template = TEMPLATE.replace(LEDE, lede)
    first = article("lede", template=template)
    assert first.said is not None
    assert article("lede", template=template, said=[first.said]).paragraphs == first.paragraphs


def test_the_memory_of_an_article_names_its_lede() -> None:
    made = article("lede", "more")
    assert made.said is not None
    assert made.said.lede == digest("@ rose # to #.") and made.said.lede in made.said.sentences
    assert replace(made, said=None).as_json() == made.as_json()  # it is no part of what others read
