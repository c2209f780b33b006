"""Data that is missing: whatever an archive lacks, the article that comes out passes its checks, or there is none and a reason why.

Columns and rows of the samples are taken away by a seeded hand; a case is named by its sample and number, so that it can be replayed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from random import Random

import pytest
from desk import EDITIONS, edition, newsroom

from newsgen.market import Column, View
from newsgen.pipeline import Order, Outcome, write_article
from newsgen.store.memory import MemoryArchive

CASES, MANY_CASES = 15, 2000  # per sample; a case takes a tenth of a second
FORMS = ("standard", "standard", "brief", "flash")
AS_PRINTED = "2025-07-14-as-printed"  # held for its contradiction, whether or not anything is missing


@cache
def _known(name: str) -> tuple[Column, ...]:
    """The columns of a sample, without what was known too late."""
    opened = edition(name)
    return tuple(c for c in opened.archive.cut(opened.view.as_of).columns() if c.observed)


def _without(column: Column, rows: Sequence[int]) -> Column:
    origin_of = [column.origin_of[i] for i in rows] if column.origin_of else []
    parts = ([values[i] for i in rows] for values in (column.observed, column.known, column.values))
    return Column(column.key, column.unit, *parts, list(column.origins), origin_of)


def _thinned(column: Column, hand: Random) -> list[Column]:
    """The column gone, or without its end, its beginning, or single rows."""
    count = len(column.observed)
    some = hand.choice((1, 2, 6, 30, 200, max(1, count // 2)))
    match hand.randrange(5):
        case 0 | 1:
            return []
        case 2:
            rows = list(range(max(0, count - some)))
        case 3:
            rows = list(range(max(0, count - some), count))
        case _:
            gone = {count - 1 - hand.randrange(min(count, 60)) for _ in range(min(some, 10))}
            rows = [i for i in range(count) if i not in gone]
    return [_without(column, rows)] if rows else []


def _damaged(columns: Sequence[Column], hand: Random) -> list[Column]:
    """An archive that lacks a subject, a family of series, or parts of some columns."""
    subject = hand.choice([*{c.key.subject: None for c in columns}]) if hand.random() < 0.25 else None
    family = hand.choice([*{c.key.series.split(".")[0]: None for c in columns}]) if hand.random() < 0.25 else None
    share = hand.choice((0.02, 0.1, 0.3, 0.7))
    left: list[Column] = []
    for column in columns:
        if column.key.subject == subject or column.key.series.split(".")[0] == family:
            continue
        left += _thinned(column, hand) if hand.random() < share else [column]
    return left


def _case(name: str, number: int) -> tuple[Outcome, str]:
    left, hand = _left(name, number)
    opened = edition(name)
    form, seed = hand.choice(FORMS), hand.randrange(100)
    archive = MemoryArchive()
    archive.add_columns(left)
    view = View(opened.view.as_of, archive.load, opened.view.assets, opened.view.precedence)
    return write_article(newsroom(), view, Order(name, form=form, seed=seed, angles=opened.file.angles)), form


def _left(name: str, number: int) -> tuple[list[Column], Random]:
    hand = Random(f"{name} {number}")
    return _damaged(_known(name), hand), hand


def _lacks_a_whole_fund(name: str, number: int) -> bool:
    """Whether the archive has not heard of a fund for 40 days. A net flow that the others do not make is then rightly held: nobody can
    know why.
    """
    last = {c.key: c.observed[-1] for c in _left(name, number)[0]}
    funds = [c for c in _known(name) if c.key.series == "etf.fund_flow"]
    return any(last.get(c.key, 0) < c.observed[-1] - 40 * 86_400 for c in funds)


def _faults(name: str, number: int) -> list[str]:
    """What is wrong with the outcome of a case."""
    try:
        outcome, form = _case(name, number)
    except Exception as error:
        return [f"{name} {number}: {type(error).__name__}: {error}"]
    if outcome.article is None:
        return [] if outcome.quiet and outcome.quiet.reason else [f"{name} {number}: no article and no reason"]
    verdict = outcome.article.verdict
    if verdict.decision == "publish" or name == AS_PRINTED:
        return []
    blocking = [f for f in verdict.findings if f.severity == "block"]
    if _lacks_a_whole_fund(name, number):
        blocking = [f for f in blocking if not re.match(r"the \d+ funds of", f.message)]
    return [f"{name} {number} ({form}): {f.check}: {f.message} [{f.where}] {f.sentence}" for f in blocking]


@pytest.mark.parametrize("name", EDITIONS)
def test_what_is_missing_is_left_out_and_never_breaks_an_article(name: str) -> None:
    faults = [fault for number in range(CASES) for fault in _faults(name, number)]
    assert faults == []


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("2024-08-05-crash", 257),  # a headline that names ether over a dek and first paragraphs that do not
        ("2024-12-05-100k", 106),  # a purchase held against the last price there was, of years before
    ],
)
def test_a_case_that_was_held_wrongly_once(name: str, number: int) -> None:
    assert _faults(name, number) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", EDITIONS)
def test_what_is_missing_is_left_out_in_many_cases(name: str) -> None:
    faults = [fault for number in range(CASES, MANY_CASES) for fault in _faults(name, number)]
    assert faults == []


def test_the_cases_differ_and_often_leave_enough_for_an_article() -> None:
    outcomes = [_case("2025-07-14-squeeze", number)[0] for number in range(20)]
    bodies = {tuple(p.body.text for p in o.article.paragraphs) for o in outcomes if o.article}
    assert len(bodies) >= 8
