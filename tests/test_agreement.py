"""Ledger and read-back agree: each figure that the writer marked is read from the bare text as an amount or a date of that figure.

The two share nothing: the writer keeps where it printed which figure, the reader gets the words and finds out for itself.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase

import pytest
from corpus import Story, corpus
from desk import newsroom
from printed import Printed, printed_figures

from newsgen import check
from newsgen.check._check import Desk
from newsgen.check._facts import Fact
from newsgen.check._moments import dated_facts
from newsgen.check.reader import Sentence

SOME = 8  # in the common run one angle of so many is read


def _agreements(story: Story) -> Iterator[tuple[Printed, str]]:
    """Each printed figure with "bound" (to its figure), "other" (to others only) or "unread"."""
    desk = Desk(story.article, newsroom().reader, story.view)
    for one in printed_figures(story.article):
        found = [*_read(desk, one)]
        names = {(f.figure.name, f.figure.subject) for f in found}
        twins = {f.figure.value for f in found}
        same = (one.figure.name, one.figure.subject) in names or one.figure.value in twins
        yield one, "bound" if same else "other" if found else "unread"


def _read(desk: Desk, one: Printed) -> Iterator[Fact]:
    """The facts that the reader takes a printed figure for."""
    for i, sentence in enumerate(desk.sentences):
        if sentence.where != one.where:
            continue
        at = one.text.find(sentence.text, max(0, one.sentence[0] - 1))
        if at < 0 or not at <= one.start < at + len(sentence.text):
            continue
        for claim in desk.claims[i]:
            if claim.numeral.start < one.end and one.start < claim.numeral.end:
                yield from claim.fits
        dated = dated_facts(desk, sentence)
        for day in sentence.days:
            if day.start < one.end and one.start < day.end:
                yield from dated[day.first]
        yield from _of_span(desk, sentence, one)


def _of_span(desk: Desk, sentence: Sentence, one: Printed) -> Iterator[Fact]:
    """A count of days or minutes is read as a span of time: "after seven days", "for 35 minutes"."""
    for mark in sentence.of("window"):
        first, last = sentence.tokens[mark.first].start, sentence.tokens[mark.last - 1].end
        if first < one.end and one.start < last:
            number = mark.key.rstrip(ascii_lowercase)
            yield from (f for f in desk.facts if f.value is not None and f"{f.value:.0f}" == number)


def _disagreements(stories: tuple[Story, ...]) -> tuple[int, Counter[str], list[str]]:
    kinds, unlike = Counter[str](), []
    for story in stories:
        for one, kind in _agreements(story):
            kinds[kind] += 1
            if kind != "bound":
                unlike.append(f"{story.article.angle} {kind}: {one.said!r} of {one.figure.name} in: {one.before}[{one.said}]{one.after}")
    return kinds.total(), kinds, unlike


def test_what_the_ledger_marked_is_read_back_in_some_articles() -> None:
    total, kinds, unlike = _disagreements(corpus(SOME))
    assert total >= 200
    assert kinds["bound"] / total >= 0.99, "\n".join(unlike)


def test_no_check_looks_at_what_the_ledger_marked() -> None:
    for path in sorted(Path(check.__file__).parent.rglob("*.py")):
        names = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert "spans" not in names, f"{path.name} looks at spans"


@pytest.mark.slow
def test_what_the_ledger_marked_is_read_back() -> None:
    total, kinds, unlike = _disagreements(corpus())
    print(total, kinds, *unlike, sep="\n")
    assert total >= 2500
    assert kinds["bound"] / total >= 0.99, "\n".join(unlike)
