"""The checks against slips: any figure, side, asset, direction or window word changed is held; harmless edits are not.

The checks see the changed text and the figures, never the original text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from desk import edition, newsroom, written
from mutants import Edit, exchanged, harmless, mutants

from newsgen import check as checking
from newsgen.story import Article

DAYS = ("2025-07-14-squeeze", "2024-08-05-crash", "2024-12-05-100k", "2025-07-11-etf-inflows", "2025-02-22-quiet")

# What gets through, and why: (kind, from, to, a piece of the sentence).
KNOWN_ESCAPES = (
    ("figure", "$448 million", "$449 million", "IBIT"),  # it was 448.5, which rounds to either
)


FORMS = ("standard", "brief")
WORDINGS = range(1, 8)  # seeds whose articles get harmless edits: as many edits as there are mutants of the first


def _mutants(day: str) -> Iterator[tuple[Article, Edit]]:
    """Of the longest form that the day gives an article in."""
    article = next(a for form in FORMS if (a := written(day, form, 1).article) is not None)
    texts = dict(article.texts())
    yield from ((article, edit) for edit in mutants(article) if edit.text != texts[edit.where].text)


@cache
def _tried(day: str) -> list[tuple[Edit, bool]]:
    """Mutants with whether they were held."""
    return [(edit, _decision(day, article, edit) == "hold") for article, edit in _mutants(day)]


def _decision(day: str, article: Article, edit: Edit) -> str:
    return checking.check(article.with_text(edit.where, edit.text), words=newsroom().reader, view=edition(day).view).decision


def _harmless(day: str) -> Iterator[tuple[Article, Edit]]:
    """Harmless edits of several wordings, each text once."""
    seen: set[str] = set()
    for seed in WORDINGS:
        for form in FORMS:
            article = written(day, form, seed).article
            if article is None:
                continue
            texts = dict(article.texts())
            for edit in harmless(article):
                if edit.text not in seen and edit.text != texts[edit.where].text:
                    seen.add(edit.text)
                    yield article, edit


@pytest.mark.parametrize("day", DAYS)
def test_no_harmless_edit_is_held(day: str) -> None:
    edits = [*_harmless(day)]
    assert [edit for article, edit in edits if _decision(day, article, edit) != "publish"] == []
    assert len(edits) >= 80


@pytest.mark.parametrize("day", DAYS)
def test_what_escapes_is_known(day: str) -> None:
    escaped = [e for e, held in _tried(day) if not held]
    unknown = [
        (e.kind, e.before, e.after, e.text)
        for e in escaped
        if not any((k, b, a) == (e.kind, e.before, e.after) and piece in e.text for k, b, a, piece in KNOWN_ESCAPES)
    ]
    assert unknown == []


def test_at_least_95_percent_of_the_mutants_are_held() -> None:
    tried = [one for day in DAYS for one in _tried(day)]
    kinds = Counter(e.kind for e, _ in tried)
    assert len(tried) >= 600
    assert set(kinds) >= {"figure", "scale", "date", "side", "asset", "fund", "venue", "source", "direction", "position", "extreme"}
    assert set(kinds) >= {"superlative", "window", "history", "hedge", "record"}
    assert sum(held for _, held in tried) / len(tried) >= 0.95


def test_a_figure_in_the_place_of_another_is_nearly_always_held() -> None:
    """A right number of the article at the wrong place. What gets through stands where no word says which of two it is: a level for
    the price beside it, one flow of the funds for another, the close of one day for that of another."""
    tried = []
    for day in DAYS:
        view, reader = edition(day).view, newsroom().reader
        for form in ("standard", "brief"):
            article = written(day, form, 1).article
            for edit in exchanged(article) if article is not None else ():
                verdict = checking.check(article.with_text(edit.where, edit.text), words=reader, view=view)
                tried.append(verdict.decision == "hold")
    assert len(tried) >= 150
    assert sum(tried) / len(tried) >= 0.85


def test_as_many_harmless_edits_are_tried_as_mutants() -> None:
    assert sum(len([*_harmless(day)]) for day in DAYS) >= sum(len([*_mutants(day)]) for day in DAYS)
