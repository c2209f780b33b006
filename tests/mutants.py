"""Mutants of an article by kind: what a slip of the hand, or of a template, could do to it; in: an article, out: edits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mutants_figures import FIGURE_KINDS, WEEKDAYS
from mutants_words import WORD_KINDS
from printed import Edit

from newsgen.story import Article

__all__ = ["exchanged", "mutants"]


def mutants(article: Article) -> Iterator[Edit]:
    """Every mutant of every kind whose text differs from the article's, each text once."""
    seen = {(where, text.text) for where, text in article.texts()}
    for kind in (*FIGURE_KINDS, *WORD_KINDS):
        for edit in kind(article):
            if (edit.where, edit.text) not in seen:
                seen.add((edit.where, edit.text))
                yield edit


_FORMS = {
    "money": re.compile(r"\$[\d.,]+ (million|billion)"), "price": re.compile(r"\$[\d,.]+"), "percent": re.compile(r"[\d.]+%"),
    "day": re.compile("|".join(WEEKDAYS) + r"|[A-Z][a-z]+\.? \d+(, \d+)?"),
}  # fmt: skip


def exchanged(article: Article) -> Iterator[Edit]:
    """For each figure, another one of the article and of the same form in its place: what a wrong slot in a template would print."""
    for form, pattern in _FORMS.items():
        printed = [
            (where, text.text, span.start, span.end)
            for where, text in article.texts()
            for span in text.spans
            if pattern.fullmatch(text.text[span.start : span.end])
        ]
        others = [*dict.fromkeys(text[first:last] for _, text, first, last in printed)]
        for where, text, first, last in printed:
            own = text[first:last]
            other = others[(others.index(own) + 1) % len(others)]
            if not _same_amount(own, other):
                yield Edit(form, where, own, other, text[:first] + other + text[last:])


def _same_amount(one: str, other: str) -> bool:
    """ "$623 million" and "$623.3 million" are one figure, rounded twice."""
    return one.partition(".")[0].split(" ")[0] == other.partition(".")[0].split(" ")[0]
