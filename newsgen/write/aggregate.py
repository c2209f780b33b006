"""Aggregation: two sentences become one, and one that has grown too long becomes two; in: a paragraph with its marks, out: the same.

The second of two is joined where it begins with a pronoun or a name: "and" where it is about what the first was about, "while" where it is
about another ("Ether rose 3%, while solana fell 2%"). A sentence over the house's limit is parted at its semicolon. Works before the
mentions are resolved, so that a name inside a sentence gets no capital. Does not choose what is said.
"""

from __future__ import annotations

import re
from itertools import pairwise

from newsgen.write.ledger import cut_marks
from newsgen.write.lexicon import Joining
from newsgen.write.refer import MENTION

__all__ = ["MOST_WORDS", "joined", "parted"]

MOST_WORDS = 35  # of a sentence (editorial.md section 4)
_JOINED_WORDS = range(16, 34)  # what two make together: less is as good apart, more is too much for one breath
_LEAST_WORDS = 4
# The point comes first, and what must stand before it is asked there: a search for it is quick then.
_BOUNDARY = re.compile("\\.(?<!U\\.S\\.)(?<!\\b[ap]\\.m\\.)(?<=[\\w%)\ue000\ue003]\\.) (?=[A-Z\ue000\ue002])")


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
        link = _link(first, second, joining)
        if link and _fit(first, second, joining):
            opener, _, rest = second.partition(" ")
            return f"{text[: start + len(first)]}{link} {joining.openers.get(opener, opener)} {rest}{text[end:]}"
    return text


def _link(first: str, second: str, joining: Joining) -> str:
    """What stands between two sentences that are joined; "" where the second opens with no name and no pronoun."""
    begun, mention = MENTION.match(first), MENTION.match(second)
    if begun is None:
        return ""  # "The price is $98,000, while bitcoin is up 3%" would tell of two where there is one
    if mention is None:  # the pronoun must be of a subject: "The low was $98,000, and it is up 3%" would be nonsense
        return joining.same if second.partition(" ")[0] in joining.openers else ""
    return joining.same if begun[1] == mention[1] else joining.other


def _fit(first: str, second: str, joining: Joining) -> bool:
    """Whether two sentences make a good one: short, and neither a compound already."""
    plain = [MENTION.sub("it", cut_marks(s).text) for s in (first, second)]
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
