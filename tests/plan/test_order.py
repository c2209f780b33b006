"""The body by surprise, the fact that speaks against the lead, what other stories of the day have told, and the head of a wrap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from newsgen.plan import Brief, Form, Saying, plan
from newsgen.plan.document import COUNTER_SURPRISE, SHARED_MESSAGES
from newsgen.story import DocumentPlan, Message, Relation
from tests.plan.made_plan import BRIEF, LEAD, LEDE, context, form, label, paragraphs, pitch

NUT: dict[str, Any] = {"role": "nut_graf", "from": "lead", "blocks": ("nut_graf",)}
BACKGROUND: dict[str, Any] = {"role": "background", "from": "lead", "blocks": ("background",)}


def made(shape: Form, surprise: dict[str, float], brief: Brief = BRIEF, signs: dict[str, tuple[int, float]] | None = None) -> DocumentPlan:
    """The plan where each message says one figure of its own, as surprising as given."""
    known: dict[str, int] = {}

    def say(message: Message) -> Saying | str:
        name = label(message)
        return Saying(10, frozenset({known.setdefault(name, len(known))}), surprise.get(name, 0.5))

    found = plan((LEAD,), shape, say, brief, lambda figure, subject: (signs or {}).get(figure, (0, 0.0)))
    assert isinstance(found, DocumentPlan)
    return found


# Order.


def test_the_body_goes_from_the_most_surprising_to_the_least() -> None:
    shape = form(LEDE, NUT, context("a"), context("b"), context("c"), BACKGROUND)
    assert paragraphs(made(shape, {"a": 0.2, "b": 0.9, "c": 0.6})) == [["lede"], ["nut_graf"], ["b"], ["c"], ["a"], ["background"]]
    held = made(shape, {"lede": 0.1, "background": 1.0, "a": 0.9})
    assert paragraphs(held) == [["lede"], ["nut_graf"], ["a"], ["b"], ["c"], ["background"]]


def test_what_shares_a_paragraph_moves_as_one_by_its_most_surprising_message() -> None:
    shape = form(LEDE, context("a"), context("b"), context("c", join="paragraph"))
    assert paragraphs(made(shape, {"a": 0.7, "b": 0.1, "c": 0.8})) == [["lede"], ["b", "c"], ["a"]]


def test_a_form_may_keep_its_own_order() -> None:
    shape = form(LEDE, context("a"), context("b")).model_copy(update={"order": "form"})
    assert paragraphs(made(shape, {"a": 0.1, "b": 0.9})) == [["lede"], ["a"], ["b"]]


# The counter-fact.

COUNTER = {"role": "detail", "from": "counter", "messages": ("flows=etf", "peer@ETH=peer", "month=month")}
UP = replace(BRIEF, rising=1)


@pytest.mark.parametrize(
    ("signs", "told"),
    [
        ({"etf": (-1, 0.7), "peer": (-1, 0.9), "month": (1, 1.0)}, "peer"),  # the strongest of those that point down
        ({"etf": (-1, COUNTER_SURPRISE), "peer": (-1, 0.3)}, "flows"),
        ({"etf": (-1, COUNTER_SURPRISE - 0.01), "peer": (1, 1.0), "month": (0, 1.0)}, ""),
        ({}, ""),
    ],
)
def test_one_fact_speaks_against_the_lead_where_one_is_large(signs: dict[str, tuple[int, float]], told: str) -> None:
    found = made(form(LEDE, COUNTER), {}, UP, signs)
    counters = [m for m in found.messages if m.relation is Relation.CONTRAST]
    assert [label(m) for m in counters] == ([told] if told else [])
    assert not told or counters[0].subject == ("ETH" if told == "peer" else "BTC")


def test_of_a_lead_that_falls_the_counter_fact_rises_and_of_one_without_direction_there_is_none() -> None:
    signs = {"etf": (1, 0.9), "peer": (-1, 1.0)}
    shape = form(LEDE, COUNTER)
    assert paragraphs(made(shape, {}, replace(BRIEF, rising=-1), signs)) == [["lede"], ["flows"]]
    assert paragraphs(made(shape, {}, replace(BRIEF, rising=0), signs)) == [["lede"]]


# What the day has told.


def test_two_stories_of_one_day_share_two_messages_at_most() -> None:
    shape = form(LEDE, context("a"), context("b"), context("c"), context("d"))
    told = frozenset(f"messages/{n} say BTC" for n in "abc")
    found = made(shape, {}, replace(BRIEF, told=told))
    assert SHARED_MESSAGES == 2 and paragraphs(found) == [["lede"], ["a"], ["b"], ["d"]]
    assert ("messages/c say of BTC", "another story of the day has told it") in found.left_out


# Wraps.

TOP: dict[str, Any] = {"role": "lede", "from": "top", "blocks": ("lede",), "required": True}
SUPPORTS: dict[str, Any] = {"role": "support", "from": "supports", "blocks": ("support",)}


def test_a_wrap_opens_with_its_strongest_angle_and_tells_the_others_below() -> None:
    lead, first, second = pitch("wrap", "lead"), pitch("squeeze", "support", family="derivatives"), pitch("flow", "support", family="flows")
    found = plan((lead, first, second), form(TOP, SUPPORTS), lambda m: Saying(10, frozenset({hash(m.name)})), BRIEF)
    assert isinstance(found, DocumentPlan)
    assert [m.name for m in found.messages] == ["angles/squeeze lede BTC", "angles/flow support BTC"]
    alone = plan((lead,), form(TOP, SUPPORTS), lambda m: Saying(10, frozenset({hash(m.name)})), BRIEF)
    assert isinstance(alone, DocumentPlan) and [m.name for m in alone.messages] == ["angles/wrap lede BTC"]
