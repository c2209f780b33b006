"""Referring expressions: the first mention in full, later ones short; in: text with mention marks, out: plain words.

A template writes `{{ asset|name }}`; the mark says which asset and in which form. Once the whole article stands, the first
mention in the body becomes "bitcoin (BTC)" and the later ones "bitcoin". Does not choose verbs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from newsgen.write.lexicon import AssetWords

__all__ = ["Mentions", "mention"]

OPEN, SHUT = "\ue002", "\ue003"
_MENTION = re.compile(f"{OPEN}(\\w+):(\\w+){SHUT}")
_SENTENCE_START = re.compile(r"(^|[.?!][\"']?\s+|\n)([\ue000-\ue001\d]*)([a-z])")


def mention(subject: str, form: str) -> str:
    """The mark that stands for a mention until the article is whole."""
    return f"{OPEN}{subject}:{form}{SHUT}"


class Mentions:
    """Who has been named so far in one article.

    Args:
        words: Forms per subject.
        first: Whether the first mention is given in full (body) or short (headline, dek).
    """

    def __init__(self, words: Mapping[str, AssetWords], *, first: bool) -> None:
        self._words, self._first = words, first
        self._seen: set[str] = set()
        self._alternated: set[str] = set()

    def resolve(self, text: str) -> str:
        """Put the words in; raises KeyError for a subject the lexicon does not know."""
        return _MENTION.sub(lambda m: self._form(m.group(1), m.group(2)), text)

    def _form(self, subject: str, form: str) -> str:
        words = self._words[subject]
        fresh = self._first and subject not in self._seen
        self._seen.add(subject)
        if form == "possessive":
            return words.possessive
        if fresh:
            return words.first
        if form == "alternative" and words.alternatives and subject not in self._alternated:
            self._alternated.add(subject)
            return words.alternatives[0]
        return words.name


def capitalise(text: str) -> str:
    """Capital letters where sentences start, also after a mark."""
    return _SENTENCE_START.sub(lambda m: m.group(1) + m.group(2) + m.group(3).upper(), text)
