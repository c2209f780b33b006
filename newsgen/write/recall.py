"""Wordings that do not come back: in: what the site said in thirty days and what this article has said so far, out: the cost of a wording.

A sentence that was said before with other figures, one that opens as its neighbour does, words that this article has used already: each
has a price, and of several wordings with the same figures the cheapest is said. Does not render (render.py) and keeps no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from newsgen.market import Figure
from newsgen.said import FIGURE, NAME, Said, digest, phrases_of, sentences_of
from newsgen.write.lexicon import Lexicon
from newsgen.write.refer import MENTION

__all__ = ["ENOUGH", "REPEATED", "Recall", "mask"]

ENOUGH = 2.0  # a wording that costs no more is said, without a look at others
REPEATED, _OPENING, _PHRASE, _GRAM, _LONG = 100.0, 12.0, 3.0, 0.5, 8.0
_RHYTHM, _MIDDLE = 1.2, 1.8
_EVEN = range(13, 22)  # words; a sentence of so many is neither short nor long
_TOGETHER = range(22, 33)  # words that two make when they are joined (aggregate.py)
_APART = 8  # words by which neighbours should differ in length
_LONGEST = 32  # words; the house's limit is 35, and first mentions add some
_GRAM_WORDS = 4
_GRAM_MARKS = 2  # so many figures and names in one, and it is no string of words
_MARKED = re.compile("\ue000(\\d+)\ue001[^\ue000]*\ue000")
_WORD = re.compile(rf"[\w'’-]+|[{FIGURE}{NAME}]")


def mask(marked: str, figures: Sequence[Figure], lexicon: Lexicon) -> str:
    """A text in which each figure is `#` and each name `@`: what is left is its wording."""
    used = {figures[int(i)].source for i in _MARKED.findall(marked)}
    text = MENTION.sub(NAME, _MARKED.sub(FIGURE, marked))
    found = [name for name in (*used, *lexicon.venues.values()) if name and name in text]
    for name in sorted(found, key=len, reverse=True):
        text = text.replace(name, NAME)
    return text


class _Rhythm(NamedTuple):
    """Where the article stands in its rhythm of short and long sentences.

    Attributes:
        length: Words of the sentence before.
        free: Whether it may be joined with the next: it has not been joined itself, and is no lede.
        cost: What it costs that it is as long as that.
    """

    length: int = -_APART
    free: bool = False
    cost: float = 0.0

    def then(self, words: int, *, begins: bool) -> _Rhythm:
        """With one sentence more. What makes a long one with its neighbour is welcome, and gives back what the neighbour cost; by itself
        a sentence should be short or long, and of another length than the one before.
        """
        together = self.length + words
        if self.free and not begins and together in _TOGETHER:
            return _Rhythm(together, False, -self.cost)
        even = _MIDDLE * (words in _EVEN) + _RHYTHM * (abs(words - self.length) < _APART)
        return _Rhythm(words, self.length >= 0, even)


class Recall:
    """The memory that one article is written with.

    Args:
        said: What the site said, as remembered at the article's moment.
        angle: The lead's.
        spare: Words that the article may have more than its plan has measured.
    """

    def __init__(self, said: Iterable[Said], angle: str, spare: int = 0) -> None:
        said = tuple(said)
        self._sentences = frozenset().union(*(s.sentences for s in said)) if said else frozenset()
        self._phrases = frozenset().union(*(s.phrases for s in said if s.angle == angle)) if said else frozenset()
        self._own: set[int] = set()
        self._own_phrases: set[int] = set()
        self._grams: set[tuple[str, ...]] = set()
        self._lede = 0
        self._angle = angle
        self.opening = ""  # of the sentence before
        self._rhythm = _Rhythm()
        self.spare = spare
        self.paragraph = ""  # of the paragraph before
        self.worn: list[str] = []  # messages that had nothing new to say it with

    def begin(self) -> None:
        """The body begins: what the head opened with is no neighbour."""
        self.opening, self.paragraph, self._rhythm = "", "", _Rhythm()
        self._lede = 0

    def cost(self, masked: str, *, begins: bool) -> float:
        """What a wording costs here; `begins` says that it opens a paragraph."""
        total, before, rhythm = 0.0, self.opening, self._rhythm
        spoken: list[str] = []
        for i, sentence in enumerate(sentences_of(masked)):
            words, said = _words(sentence), digest(sentence)
            opening = words[0] if words else ""
            total += REPEATED * (said in self._sentences or said in self._own)
            total += _OPENING * (opening == before)
            rhythm = rhythm.then(len(words), begins=begins and i == 0)
            total += _LONG * (len(words) > _LONGEST) + rhythm.cost
            before = opening
            spoken += words
        if begins and masked[:1]:
            total += _OPENING * (_opening(masked) == self.paragraph)
        if self._phrases:
            total += _PHRASE * len(phrases_of(masked) & self._phrases)
        return total + _GRAM * len(self._grams.intersection(_strings(spoken)))

    def keep(self, masked: str, *, begins: bool, message: str = "") -> None:
        """What was said in the end; of a message whose wordings have run out, its name too."""
        self.worn += [message] if message else []
        for i, sentence in enumerate(sentences_of(masked)):
            said = digest(sentence)
            self._lede = self._lede or said
            self._own.add(said)
            self.opening = _opening(sentence)
            self._rhythm = self._rhythm.then(len(_words(sentence)), begins=begins and i == 0)
        if begins:
            self.paragraph = _opening(masked)
        self._own_phrases |= phrases_of(masked)
        self._grams.update(g for g in _strings(_words(masked)) if g.count(FIGURE) + g.count(NAME) < _GRAM_MARKS)

    def said(self, at: datetime) -> Said:
        """What is to be remembered of this article."""
        return Said(self._angle, at, frozenset(self._own), frozenset(self._own_phrases), self._lede)


def _opening(masked: str) -> str:
    return next(iter(_words(masked)), "")


def _words(masked: str) -> list[str]:
    return [word for chunk in masked.split() for word in _words_of(chunk)]


@lru_cache(maxsize=1 << 14)  # what stands between spaces in a masked text is of the templates, which have few words
def _words_of(chunk: str) -> tuple[str, ...]:
    return tuple(w.lower() for w in _WORD.findall(chunk))


def _strings(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every four words in a row."""
    return zip(*(words[i:] for i in range(_GRAM_WORDS)), strict=False)
