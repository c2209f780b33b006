"""Wordings that do not come back: in: what the site said in thirty days and what this article has said so far, out: the cost of a wording.

A sentence that was said before with other figures, one that opens as its neighbour does, words that this article has used already: each
has a price, and of several wordings with the same figures the cheapest is said. Does not render (render.py) and keeps no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from newsgen.market import Figure
from newsgen.said import FIGURE, NAME, Said, digest, phrases_of, sentences_of
from newsgen.write.lexicon import Lexicon
from newsgen.write.refer import MENTION

__all__ = ["ENOUGH", "REPEATED", "Recall", "mask"]

ENOUGH = 2.0  # a wording that costs no more is said, without a look at others
REPEATED, _OPENING, _PHRASE, _GRAM, _LONG = 100.0, 12.0, 3.0, 0.5, 8.0
_RHYTHM = 4.0
_APART = 6  # words by which neighbours should differ in length
_LONGEST = 32  # words; the house's limit is 35, and first mentions add some
_GRAM_WORDS = 4
_MARKED = re.compile("\ue000(\\d+)\ue001[^\ue000]*\ue000")
_WORD = re.compile(rf"[\w'’-]+|[{FIGURE}{NAME}]")


def mask(marked: str, figures: Sequence[Figure], lexicon: Lexicon) -> str:
    """A text in which each figure is `#` and each name `@`: what is left is its wording."""
    used = {figures[int(i)].source for i in _MARKED.findall(marked)}
    text = MENTION.sub(NAME, _MARKED.sub(FIGURE, marked))
    for name in sorted((n for n in (*used, *lexicon.venues.values()) if n), key=len, reverse=True):
        if name in text:
            text = text.replace(name, NAME)
    return text


class Recall:
    """The memory that one article is written with.

    Args:
        said: What the site said, as remembered at the article's moment.
        angle: The lead's.
    """

    def __init__(self, said: Iterable[Said], angle: str) -> None:
        said = tuple(said)
        self._sentences = frozenset().union(*(s.sentences for s in said)) if said else frozenset()
        self._phrases = frozenset().union(*(s.phrases for s in said if s.angle == angle)) if said else frozenset()
        self._own: set[int] = set()
        self._own_phrases: set[int] = set()
        self._grams: set[tuple[str, ...]] = set()
        self._lede = 0
        self._angle = angle
        self.opening, self.length = "", -_APART  # of the sentence before
        self.grown = 0  # words that the article has gained over what was planned
        self.paragraph = ""  # of the paragraph before
        self.worn: list[str] = []  # messages that had nothing new to say it with

    def begin(self) -> None:
        """The body begins: what the head opened with is no neighbour."""
        self.opening, self.paragraph, self.length = "", "", -_APART
        self._lede = 0

    def cost(self, masked: str, *, begins: bool) -> float:
        """What a wording costs here; `begins` says that it opens a paragraph."""
        total, before, length = 0.0, self.opening, self.length
        for sentence in sentences_of(masked):
            words = _WORD.findall(sentence)
            opening = words[0].lower() if words else ""
            said = digest(sentence)
            total += REPEATED * (said in self._sentences or said in self._own)
            total += _OPENING * (opening == before)
            total += _LONG * (len(words) > _LONGEST) + _RHYTHM * (abs(len(words) - length) < _APART)
            before, length = opening, len(words)
        if begins and masked[:1]:
            total += _OPENING * (_opening(masked) == self.paragraph)
        total += _PHRASE * len(phrases_of(masked) & self._phrases)
        return total + _GRAM * len(_grams(masked) & self._grams)

    def keep(self, masked: str, *, begins: bool, message: str = "") -> None:
        """What was said in the end; of a message whose wordings have run out, its name too."""
        self.worn += [message] if message else []
        for sentence in sentences_of(masked):
            self._lede = self._lede or digest(sentence)
            self._own.add(digest(sentence))
            self.opening, self.length = _opening(sentence), len(_WORD.findall(sentence))
        if begins:
            self.paragraph = _opening(masked)
        self._own_phrases |= phrases_of(masked)
        self._grams |= _grams(masked)

    def said(self, at: datetime) -> Said:
        """What is to be remembered of this article."""
        return Said(self._angle, at, frozenset(self._own), frozenset(self._own_phrases), self._lede)


def _opening(masked: str) -> str:
    found = _WORD.search(masked)
    return found[0].lower() if found else ""


def _grams(masked: str) -> set[tuple[str, ...]]:
    words = [w.lower() for w in _WORD.findall(masked)]
    grams = (tuple(words[i : i + _GRAM_WORDS]) for i in range(len(words) - _GRAM_WORDS + 1))
    return {g for g in grams if sum(w not in (FIGURE, NAME) for w in g) >= _GRAM_WORDS - 1}
