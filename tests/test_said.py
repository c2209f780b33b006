"""The memory of wordings: sentences, strings of seven words, thirty days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newsgen.said import Said, digest, digest_of_memory, phrases_of, recent, sentences_of

AT = datetime(2025, 7, 14, tzinfo=UTC)


def test_sentences_end_before_a_capital_a_figure_or_a_name_and_at_a_semicolon() -> None:
    assert sentences_of("It rose #. @ fell #; the rest held. U.S. funds took in #.") == [
        "It rose #.", "@ fell #;", "the rest held.", "U.S. funds took in #.",
    ]  # fmt: skip


def test_a_string_of_seven_words_holds_no_figure_no_name_and_no_sign() -> None:
    assert phrases_of("one two three four five six seven") == {digest("one two three four five six seven")}
    assert len(phrases_of("one two three four five six seven eight")) == 2
    for between in ("#", "@", ",", "June"):
        assert phrases_of(f"one two three {between} four five six seven") == set()


def test_thirty_days_are_remembered() -> None:
    told = [Said("a", AT - timedelta(days=k), frozenset(), frozenset()) for k in (0, 29, 30)]
    assert recent([*told, Said("a", AT + timedelta(days=1), frozenset(), frozenset())], AT) == tuple(told[:2])


def test_another_memory_has_another_digest() -> None:
    one, other = (Said("a", AT, frozenset({n}), frozenset()) for n in (1, 2))
    assert digest_of_memory([one]) != digest_of_memory([other]) != "" and digest_of_memory([]) == ""
