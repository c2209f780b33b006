"""The planner: who is said, in which order, what goes when there is no room, and why something is left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgen.plan import Form, Saying, plan
from newsgen.plan.document import FIRST_MENTIONS, PARAGRAPH_FIGURES
from newsgen.story import DocumentPlan, Message, Quiet, Relation
from tests.plan.made_plan import BRIEF, LEAD, LEDE, Desk, context, form, left_out, paragraphs, pitch, planned, quiet

SUPPORTS = {"role": "support", "from": "supports", "blocks": ("support",), "drop": 4}


def test_nothing_fired_is_quiet() -> None:
    assert quiet(form(LEDE), None, pitch("ath", "silent"), pitch("squeeze", "silent")) == "no angle fired"


def test_what_fired_and_does_not_lead_is_named_with_its_reason() -> None:
    weak, weaker = pitch("ath", score="40", reason="a brief needs 45"), pitch("squeeze", score="30", reason="weaker")
    assert quiet(form(LEDE), None, weaker, weak) == "the strongest angle, ath of BTC, scores 40: a brief needs 45"


def test_a_lead_below_the_floor_of_the_form_is_quiet() -> None:
    lead = pitch("ath", "lead", score="59.9")
    assert quiet(form(LEDE, floor="60"), None, lead) == "ath of BTC scores 59.9, a made needs 60"
    assert paragraphs(planned(form(LEDE, floor="59.9"), None, lead)) == [["lede"]]


def test_a_required_part_that_cannot_be_said_is_quiet() -> None:
    assert quiet(form(LEDE), {"lede": "price.ath is absent"}) == "squeeze of market has no lede: price.ath is absent"


def test_a_lead_without_headline_is_quiet() -> None:
    assert quiet(form(LEDE), {"headline": "price.ath is absent"}) == "squeeze of market has no headline: price.ath is absent"


def test_the_first_block_carries_its_paragraph() -> None:
    lede = {**LEDE, "blocks": ("lede", "lede_more")}
    made = planned(form(lede), {"lede_more": "no source"})
    assert paragraphs(made) == [["lede"]]
    assert left_out(made) == {"lede_more": "no source"}
    assert quiet(form(lede), {"lede": "no price"}) == "squeeze of market has no lede: no price"


def test_quiet_keeps_the_pitches() -> None:
    made = plan((LEAD,), form(LEDE), Desk({"lede": "no"}), BRIEF)
    assert isinstance(made, Quiet)
    assert made.pitches == (LEAD,)


def test_the_plan_carries_the_brief() -> None:
    made = planned(form(LEDE))
    assert (made.form, made.site, made.locale, made.edition, made.as_of, made.seed, made.assets) == (
        "made", "main", "en", "test", BRIEF.as_of, 1, ("BTC", "ETH"),
    )  # fmt: skip
    assert made.lead == LEAD


def test_messages_keep_the_order_of_the_form_and_the_first_opens() -> None:
    made = planned(form(LEDE, context("b"), {"role": "detail", "from": "lead", "blocks": ("detail",)}, context("a", "c")))
    assert paragraphs(made) == [["lede"], ["b"], ["detail"], ["a", "c"]]
    assert [m.relation for m in made.messages] == [Relation.OPENING, *[Relation.ELABORATION] * 4]


def test_a_message_of_the_lead_is_about_its_subject_and_context_about_its_asset() -> None:
    made = planned(form(LEDE, context("price_now", "etf_flows@ETH")))
    assert [(m.template, m.block, m.subject) for m in made.messages] == [
        ("angles/squeeze", "lede", "market"), ("messages/price_now", "say", "BTC"), ("messages/etf_flows", "say", "ETH"),
    ]  # fmt: skip


# Supports.


def test_supports_are_the_pitches_of_that_role_in_order_and_no_more_than_the_form_takes() -> None:
    pitches = (LEAD, pitch("flow", "support"), pitch("told"), pitch("week", "support"), pitch("third", "support"))
    made = planned(form(LEDE, SUPPORTS, supports=2), None, *pitches)
    assert paragraphs(made) == [["lede"], ["support of flow"], ["support of week"]]
    assert [p.angle for p in made.supports] == ["flow", "week"]
    assert made.pitches == pitches


def test_a_form_without_supports_has_none() -> None:
    made = planned(form(LEDE, SUPPORTS, supports=0), None, LEAD, pitch("flow", "support"))
    assert paragraphs(made) == [["lede"]]
    assert made.supports == ()


def test_each_support_has_a_paragraph_and_the_unsayable_one_a_reason() -> None:
    made = planned(form(LEDE, SUPPORTS), {"support of flow": "no flow"}, LEAD, pitch("flow", "support"), pitch("week", "support"))
    assert paragraphs(made) == [["lede"], ["support of week"]]
    assert left_out(made) == {"support": "no flow"}


def test_details_of_the_lead_leave_to_a_support_what_it_will_say() -> None:
    detail = {"role": "detail", "from": "lead", "blocks": ("detail",)}
    told = {"detail": (10, [1, 2, 3]), "support of flow": (10, [1, 9])}
    made = planned(form(LEDE, detail, SUPPORTS), told, LEAD, pitch("flow", "support"))
    assert paragraphs(made) == [["lede"], ["support of flow"]]
    assert left_out(made) == {"detail": "already said"}


# Said once.


@pytest.mark.parametrize(
    ("figures", "said"), [([1], False), ([1, 7], False), ([1, 7, 8], False), ([1, 7, 8, 9], True), ([7], True), ([], True)]
)
def test_a_message_is_left_out_when_a_third_of_its_figures_was_said(figures: list[int], said: bool) -> None:
    made = planned(form(LEDE, context("peers")), {"lede": (10, [1]), "peers": (10, figures)})
    assert paragraphs(made) == ([["lede"], ["peers"]] if said else [["lede"]])
    assert left_out(made) == ({} if said else {"peers": "already said"})


@pytest.mark.parametrize(("figures", "told"), [([1, 7], True), ([1, 2, 7], False), ([1, 2], False), ([7], True)])
def test_a_support_is_told_unless_most_of_it_was_said_and_only_told_ones_are_supports(figures: list[int], told: bool) -> None:
    made = planned(form(LEDE, SUPPORTS), {"lede": (10, [1, 2]), "support of flow": (10, figures)}, LEAD, pitch("flow", "support"))
    assert paragraphs(made) == ([["lede"], ["support of flow"]] if told else [["lede"]])
    assert [p.angle for p in made.supports] == (["flow"] if told else [])


def test_the_nut_graf_may_return_to_the_ledes_figures() -> None:
    nut = {"role": "nut_graf", "from": "lead", "blocks": ("nut_graf",)}
    assert paragraphs(planned(form(LEDE, nut), {"lede": (10, [1]), "nut_graf": (10, [1])})) == [["lede"], ["nut_graf"]]


@pytest.mark.parametrize("figures", [[], [5]])
def test_the_same_message_in_two_parts_is_said_in_the_first(figures: list[int]) -> None:
    made = planned(form(LEDE, context("week", "month"), context("month")), {"month": (10, figures)})
    assert paragraphs(made) == [["lede"], ["week", "month"]]
    assert left_out(made) == {"month": "already said"}


def test_a_message_that_could_not_be_said_says_nothing() -> None:
    made = planned(form(LEDE, context("peers", "others")), {"peers": "absent", "others": (10, [5])})
    assert paragraphs(made) == [["lede"], ["others"]]


# Figures of a paragraph.


def test_a_paragraph_of_context_holds_its_figures_and_no_more() -> None:
    many = list(range(10, 10 + PARAGRAPH_FIGURES))
    made = planned(form(LEDE, context("a", "b", "c")), {"a": (5, many[:-1]), "b": (5, [90, 91]), "c": (5, [92])})
    assert paragraphs(made) == [["lede"], ["a", "c"]]
    assert left_out(made) == {"b": "the paragraph has its figures"}


def test_a_joining_part_shares_the_room_of_the_paragraph() -> None:
    shape = form(LEDE, context("a"), context("b", join="paragraph"), context("c", join="paragraph"))
    made = planned(shape, {"a": (5, [1, 2, 3, 4]), "b": (5, [5, 6, 7]), "c": (5, [8, 9])})
    assert paragraphs(made) == [["lede"], ["a", "b"]]
    assert left_out(made) == {"c": "the paragraph has its figures"}


def test_a_part_of_its_own_has_room_of_its_own() -> None:
    made = planned(form(LEDE, context("a"), context("b")), {"a": (5, range(8)), "b": (5, range(20, 28))})
    assert paragraphs(made) == [["lede"], ["a"], ["b"]]


# Joining.


def test_a_part_that_joins_a_part_stands_alone_where_that_was_not_said() -> None:
    shape = form(LEDE, context("now"), context("week"), context("month", join="part"))
    assert paragraphs(planned(shape)) == [["lede"], ["now"], ["week", "month"]]
    assert paragraphs(planned(shape, {"week": "absent"})) == [["lede"], ["now"], ["month"]]


def test_a_part_that_joins_the_paragraph_does_so_whatever_that_tells() -> None:
    shape = form(LEDE, context("now"), context("week"), context("month", join="paragraph"))
    assert paragraphs(planned(shape)) == [["lede"], ["now"], ["week", "month"]]
    assert paragraphs(planned(shape, {"week": "absent"})) == [["lede"], ["now", "month"]]


def test_a_chain_of_joining_parts_holds_over_one_that_was_not_said() -> None:
    shape = form(LEDE, context("now"), context("month", join="part"), context("year", join="part"))
    assert paragraphs(planned(shape, {"month": "absent"})) == [["lede"], ["now", "year"]]
    assert paragraphs(planned(shape, {"now": "absent", "month": "absent"})) == [["lede"], ["year"]]


# Too long.

ROOM = 100 + FIRST_MENTIONS


def test_the_highest_drop_number_goes_first() -> None:
    shape = form(LEDE, context("a", drop=1), context("b", drop=3), context("c", drop=2), words=ROOM)
    told = {name: (30, [i]) for i, name in enumerate(("lede", "a", "b", "c"))}
    made = planned(shape, told)
    assert paragraphs(made) == [["lede"], ["a"], ["c"]]
    assert left_out(made) == {"b": "no room"}


def test_of_equals_the_last_goes_first() -> None:
    shape = form(LEDE, context("a", drop=2), context("b", drop=2), context("c", drop=1), words=ROOM)
    assert paragraphs(planned(shape, {name: (30, [i]) for i, name in enumerate(("lede", "a", "b", "c"))})) == [["lede"], ["a"], ["c"]]


def test_what_just_fits_stays() -> None:
    shape = form(LEDE, context("a", drop=1), words=ROOM)
    assert paragraphs(planned(shape, {"lede": (50, [1]), "a": (50, [2])})) == [["lede"], ["a"]]
    assert paragraphs(planned(shape, {"lede": (50, [1]), "a": (51, [2])})) == [["lede"]]


def test_a_plan_says_how_many_words_its_form_would_still_hold() -> None:
    assert planned(form(LEDE, context("a", drop=1), words=ROOM), {"lede": (50, [1]), "a": (32, [2])}).spare == 100 - 50 - 32
    assert planned(form(LEDE, context("a"), words=ROOM), {"lede": (50, [1]), "a": (51, [2])}).spare == 0  # longer than its form


def test_what_has_no_drop_number_stays_however_long() -> None:
    shape = form(LEDE, context("a"), context("b", drop=1), words=ROOM)
    assert paragraphs(planned(shape, {"lede": (90, [1]), "a": (90, [2]), "b": (1, [3])})) == [["lede"], ["a"]]


def test_the_rest_of_a_dropped_part_stands_alone() -> None:
    shape = form(LEDE, context("week", drop=9), context("month", join="part", drop=1), context("year", join="part"), words=ROOM)
    made = planned(shape, {"lede": (40, [1]), "week": (40, [2]), "month": (20, [3]), "year": (20, [4])})
    assert paragraphs(made) == [["lede"], ["month", "year"]]


def test_the_rest_of_a_dropped_paragraph_joins_the_one_before_while_its_figures_fit() -> None:
    shape = form(LEDE, context("now"), context("flows", drop=9), context("peak", join="paragraph", drop=1), words=ROOM)
    told: dict[str, Any] = {"lede": (40, [1]), "now": (20, [2, 3]), "flows": (40, [4]), "peak": (20, [5])}
    assert paragraphs(planned(shape, told)) == [["lede"], ["now", "peak"]]
    told["now"] = (20, range(10, 10 + PARAGRAPH_FIGURES))
    assert paragraphs(planned(shape, told)) == [["lede"], ["now"], ["peak"]]


def test_paragraphs_that_shared_one_part_again_when_the_first_is_dropped() -> None:
    nut = {"role": "nut_graf", "from": "lead", "blocks": ("nut_graf",)}
    shape = form(LEDE, nut, context("a", drop=9), context("b", drop=1), words=ROOM, paragraphs=3)
    made = planned(shape, {"lede": (40, [1]), "nut_graf": (30, [2]), "a": (30, [3]), "b": (20, [4])})
    assert paragraphs(made) == [["lede"], ["nut_graf"], ["b"]]


def test_the_first_paragraph_may_be_dropped() -> None:
    made = planned(form(context("a", drop=1), context("b", join="paragraph"), words=ROOM), {"a": (100, [1]), "b": (20, [2])})
    assert paragraphs(made) == [["b"]]


# Too many paragraphs.


def test_short_neighbours_of_context_share_a_paragraph_before_anything_is_dropped() -> None:
    shape = form(LEDE, context("a", drop=1), context("b", drop=2), context("c", drop=3), paragraphs=3)
    made = planned(shape, {"a": (5, [1, 2, 3]), "b": (5, [4, 5, 6]), "c": (5, [7])})
    assert paragraphs(made) == [["lede"], ["a"], ["b", "c"]]
    assert left_out(made) == {}


def test_paragraphs_whose_figures_do_not_fit_together_are_not_merged() -> None:
    shape = form(LEDE, context("a", drop=1), context("b", drop=2), paragraphs=2)
    made = planned(shape, {"a": (5, range(1, 6)), "b": (5, range(10, 14))})
    assert paragraphs(made) == [["lede"], ["a"]]
    assert left_out(made) == {"b": "no room"}


def test_three_messages_share_a_paragraph_and_a_fourth_does_not() -> None:
    shape = form(LEDE, context("a", "b", drop=1), context("c", drop=2), context("d", drop=3), paragraphs=2)
    assert paragraphs(planned(shape)) == [["lede"], ["a", "b", "c"]]


def test_a_paragraph_of_the_lead_is_never_merged() -> None:
    detail = {"role": "detail", "from": "lead", "blocks": ("detail",), "drop": 1}
    made = planned(form(LEDE, detail, context("a", drop=2), paragraphs=2))
    assert paragraphs(made) == [["lede"], ["detail"]]


# Whatever the messages are.

NAMES = [f"m{i}" for i in range(10)]
SAYINGS = st.one_of(st.just("absent"), st.tuples(st.integers(1, 60), st.frozensets(st.integers(0, 40), max_size=5)))
PARTS = st.lists(
    st.builds(
        lambda names, drop, join: context(*names, drop=drop, join=join),
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
        st.integers(0, 4),
        st.sampled_from([None, None, "part", "paragraph"]),
    ),
    max_size=8,
)


def _forms() -> st.SearchStrategy[Form]:
    return st.builds(
        lambda parts, words, count: form(LEDE, *parts, words=words, paragraphs=count), PARTS, st.integers(60, 300), st.integers(1, 6)
    )


def _drops(shape: Form, made: DocumentPlan) -> list[int]:
    """For each paragraph the drop number of the part that begins it."""
    firsts = {m.paragraph: m for m in reversed(made.messages)}
    return [_part(shape, m)[1].drop for m in firsts.values()]


def _part(shape: Form, message: Message) -> tuple[int, Any]:
    name = message.template.partition("/")[2]
    return next((i, p) for i, p in enumerate(shape.part) if (p.source == "lead" and message.block in p.blocks) or name in p.messages)


@given(_forms(), st.dictionaries(st.sampled_from(NAMES), SAYINGS))
def test_any_plan_is_within_its_form_and_says_nothing_twice(shape: Form, told: dict[str, Any]) -> None:
    desk = Desk({"headline": (9, [99]), "lede": (20, [98]), **told})
    made = plan((LEAD,), shape, desk, BRIEF)
    assert isinstance(made, DocumentPlan)
    said = [(m.template, m.subject) for m in made.messages]
    assert len(said) == len(set(said))
    assert said[0][0] == "angles/squeeze"

    sizes: dict[int, int] = {}
    words = 0
    for message in made.messages:
        measured = desk(message)
        assert isinstance(measured, Saying)
        sizes[message.paragraph] = sizes.get(message.paragraph, 0) + len(measured.figures)
        words += measured.words
    assert all(size <= PARAGRAPH_FIGURES for size in sizes.values())
    assert list(sizes) == list(range(len(sizes)))

    parts: dict[str, list[int]] = {}
    for i, part in enumerate(shape.part):
        for name in (*part.messages, *part.blocks):
            parts.setdefault(name, []).append(i)
    at = 0
    for message in made.messages:  # an order of the form exists in which they stand
        name = message.block if message.block == "lede" else message.template.partition("/")[2]
        at = next(i for i in parts[name] if i >= at)

    droppable = {m.template for m in made.messages for i in parts.get(m.template.partition("/")[2], []) if shape.part[i].drop}
    always = {m.template for m in made.messages if all(shape.part[i].drop for i in parts.get(m.template.partition("/")[2], [0]))}
    if words > shape.words[1] - FIRST_MENTIONS:
        assert not always & droppable
    assert all(reason for _, reason in made.left_out)
    mentioned = {t.partition("/")[2] for t, _ in said} | {n.split(" ")[0].partition("/")[2] for n, _ in made.left_out}
    assert mentioned >= {name for part in shape.part for name in part.messages}


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8), st.integers(1, 5), st.lists(st.integers(0, 8), min_size=8, max_size=8))
def test_too_many_paragraphs_stay_only_where_none_may_go(drops: list[int], most: int, figures: list[int]) -> None:
    shape = form(LEDE, *(context(f"m{i}", drop=d) for i, d in enumerate(drops)), paragraphs=most)
    told = {f"m{i}": (5, range(100 * i, 100 * i + figures[i])) for i in range(len(drops))}
    made = planned(shape, told)
    count = len(paragraphs(made))
    assert count <= most or not any(_drops(shape, made))
    assert count <= max(most, 1 + sum(d == 0 for d in drops))
