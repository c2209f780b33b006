"""Mutants of an article by kind: what a slip of the hand, or of a template, could do to it; in: an article, out: edits."""

from __future__ import annotations

from collections.abc import Iterator

from mutants_figures import FIGURE_KINDS
from mutants_words import WORD_KINDS
from printed import Edit

from newsgen.story import Article

__all__ = ["mutants"]


def mutants(article: Article) -> Iterator[Edit]:
    """Every mutant of every kind whose text differs from the article's, each text once."""
    seen = {(where, text.text) for where, text in article.texts()}
    for kind in (*FIGURE_KINDS, *WORD_KINDS):
        for edit in kind(article):
            if (edit.where, edit.text) not in seen:
                seen.add((edit.where, edit.text))
                yield edit
