"""Variation: one branch by seed, another where a figure is absent, the same in any process."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgen.write import Rendered, Unsayable
from newsgen.write.vary import Choices
from tests.write.made_words import printed, said

THREE = "{% vary %}one{% or %}two{% or %}three{% endvary %}"
NESTED = "{% vary %}a {% vary %}x{% or %}y{% endvary %}{% or %}b{% endvary %}"
PAIR = "{% vary %}first {{ price.last|price }}{% or %}second{% endvary %}"
SEEDS = range(60)


def test_the_same_seed_gives_the_same_words() -> None:
    assert [printed(THREE, seed=s) for s in SEEDS] == [printed(THREE, seed=s) for s in SEEDS]


def test_the_choice_is_the_same_in_any_process() -> None:
    # Written down once, since every stored article rests on it. crc32 of "m" ends in 62056, which leaves 1 when divided by 3.
    assert [Choices(seed, "m").order("place", 3)[0] for seed in range(6)] == [1, 2, 0, 1, 2, 0]
    assert [_words(seed, (3, 2, 2)) for seed in range(4)] == [(1, 1, 1), (2, 1, 0), (0, 1, 1), (1, 0, 1)]


def test_no_combination_returns_before_all_have_been_said() -> None:
    shape = (3, 4, 2, 5)
    assert len({_words(seed, shape) for seed in range(700, 820)}) == 120


def test_later_choices_turn_with_the_earlier_ones() -> None:
    third = [_words(seed, (3, 4, 2))[2] for seed in range(24)]
    assert sum(a != b for a, b in pairwise(third)) >= 8  # an odometer's third wheel would turn once


def test_another_attempt_chooses_otherwise() -> None:
    assert len({_words(5, (7, 5, 3), attempt) for attempt in range(8)}) == 8


def _words(seed: int, shape: tuple[int, ...], attempt: int = 0) -> tuple[int, ...]:
    choices = Choices(seed, "m", attempt)
    return tuple(choices.order(f"place {k}", n)[0] for k, n in enumerate(shape))


def test_neighbouring_seeds_say_the_branches_in_turn() -> None:
    words = [printed(THREE, seed=s) for s in SEEDS]
    assert all(len({*words[i : i + 3]}) == 3 for i in range(57))


def test_two_places_of_one_template_choose_apart() -> None:
    pairs = {printed(f"{THREE} {THREE}", seed=s) for s in SEEDS}
    assert len(pairs) == 9


def test_every_branch_is_reached_over_seeds() -> None:
    assert {printed(NESTED, seed=s) for s in SEEDS} == {"a x", "a y", "b"}


def test_a_branch_that_needs_an_absent_figure_is_passed_over() -> None:
    assert {printed(PAIR, {"BTC.price.last": 100}, seed=s) for s in SEEDS} == {"first $100.00", "second"}
    assert {printed(PAIR, seed=s) for s in SEEDS} == {"second"}


def test_what_a_passed_over_branch_printed_is_no_figure_of_the_message() -> None:
    text = "{% vary %}{{ price.last|price }} {{ price.ath|price }}{% or %}{{ price.low_24h|price }}{% endvary %}"
    for seed in SEEDS:
        found = said(text, {"BTC.price.last": 100, "BTC.price.low_24h": 90}, seed=seed)
        assert isinstance(found, Rendered)
        assert len(found.figures) == 1


def test_the_message_cannot_be_said_when_no_branch_can() -> None:
    found = said("{% vary %}{{ price.last|price }}{% or %}{{ price.last|price }} now{% endvary %}")
    assert isinstance(found, Unsayable)
    assert found.reason == "price.last is absent: nobody has set it"


def test_an_inner_variation_that_cannot_be_said_gives_way_to_an_outer_branch() -> None:
    text = "{% vary %}a {% vary %}{{ price.last|price }}{% or %}{{ price.ath|price }}{% endvary %}{% or %}b{% endvary %}"
    assert {printed(text, seed=s) for s in SEEDS} == {"b"}
    assert {printed(text, {"BTC.price.ath": 7}, seed=s) for s in SEEDS} == {"a $7.00", "b"}


def test_a_branch_sees_the_names_around_it() -> None:
    assert printed("{% for word in ['x', 'y'] %}{% vary %}{{ word }}{% or %}{{ word }}{% endvary %}{% endfor %}") == "xy"


def test_an_unclosed_variation_is_refused() -> None:
    from jinja2 import TemplateSyntaxError

    with pytest.raises(TemplateSyntaxError):
        said("{% vary %}one{% or %}two")


@given(st.integers(0, 2**63), st.text(max_size=20), st.integers(1, 9))
def test_the_order_holds_every_branch_once(seed: int, place: str, n: int) -> None:
    order = Choices(seed, place).order(place, n)
    assert sorted(order) == list(range(n))
    assert order == [(order[0] + k) % n for k in range(n)]
