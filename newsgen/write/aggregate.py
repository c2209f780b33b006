"""Aggregation: two short sentences on one subject become one, and one that has grown too long becomes two; in: a paragraph, out: the same.

The second of two is joined where it begins with the pronoun of the first ("Bitcoin rose 3%. It is up 8% in seven days."); a sentence over
the house's limit is parted at its semicolon. Marks of figures are words like others here. Does not choose what is said.
"""

from __future__ import annotations

import re
from itertools import pairwise

from newsgen.write.ledger import cut_marks
from newsgen.write.lexicon import Joining

__all__ = ["MOST_WORDS", "joined", "parted"]

MOST_WORDS = 35  # of a sentence (editorial.md section 4)
_JOINED_WORDS = range(12, 27)  # what two make together: less is as good apart, more is too much for one breath
_LEAST_WORDS = 4
_BOUNDARY = re.compile("(?<!U\\.S)(?<!\\b[ap]\\.m)(?<=[\\w%)\ue000])\\. (?=[A-Z\ue000])")


def joined(text: str, joining: Joining, turn: int) -> str:
    """A paragraph with at most one pair of its sentences joined.

    Args:
        turn: Of the paragraph: every third keeps its sentences apart, so that joining is no habit.
    """
    if turn % 3 == 2:
        return text
    ends = [0, *(m.end() for m in _BOUNDARY.finditer(text))]
    for start, middle, end in zip(ends, ends[1:], [*ends[2:], len(text)], strict=False):
        first, second = text[start:middle].removesuffix(". "), text[middle:end]
        opener, _, rest = second.partition(" ")
        if opener in joining.openers and _fit(first, second, joining):
            return f"{text[: start + len(first)]}{joining.word} {joining.openers[opener]} {rest}{text[end:]}"
    return text


def _fit(first: str, second: str, joining: Joining) -> bool:
    """Whether two sentences make a good one: short, and neither a compound already."""
    plain = [cut_marks(s).text for s in (first, second)]
    words = [len(s.split()) for s in plain]
    simple = not any(sign in f"{s} " for s in plain for sign in joining.compound)
    return simple and min(words) >= _LEAST_WORDS and sum(words) in _JOINED_WORDS


def parted(text: str) -> str:
    """A paragraph whose sentences over the limit are parted at a semicolon, where they have one."""
    ends = [0, *(m.end() for m in _BOUNDARY.finditer(text)), len(text)]
    return "".join(_short(text[a:b]) for a, b in pairwise(ends))


def _short(sentence: str) -> str:
    if len(cut_marks(sentence).text.split()) <= MOST_WORDS or sentence.count("; ") != 1:
        return sentence
    first, second = sentence.split("; ")
    return f"{first}. {second[:1].upper()}{second[1:]}"
