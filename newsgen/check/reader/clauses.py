"""Tokens and sentences; in: a text, out: tokens with offsets, cut into sentences.

Clauses and segments inside a sentence are numbered in `bind.py`, once dates and amounts are known (a date holds a comma).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

__all__ = ["Token", "sentences_of", "tokens_of"]

_TOKEN = re.compile(r"[^\W\d_]+|\d{1,2}:\d{2}|\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|['’]s\b|\S")
_ENDS = frozenset(".!?")
_CLOSERS = frozenset("\"'’”)")


class Token(NamedTuple):
    """A word, a number or a sign, with its place in the text."""

    text: str
    lower: str
    start: int
    end: int


_make = partial(tuple.__new__, Token)  # without Token()'s own __new__ in Python: a third of the time, for every word of every text


def tokens_of(text: str) -> list[Token]:
    """Cut a text into words, numbers and single signs; a typographic apostrophe is read as a plain one."""
    return [_make(((word := m[0]), word.lower(), m.start(), m.end())) for m in _TOKEN.finditer(text.replace("’", "'"))]


def sentences_of(text: str, abbreviations: frozenset[str]) -> Iterator[list[Token]]:
    """Cut a text into sentences; a period ends one only before a space and a capital, a digit or a sign of money."""
    tokens = tokens_of(text)
    first = 0
    for i, token in enumerate(tokens):
        if token.text in _ENDS:
            after = _after_closers(tokens, i)
            if _ends(text, tokens, i, after, abbreviations):
                yield tokens[first:after]
                first = after
    if first < len(tokens):
        yield tokens[first:]


def _after_closers(tokens: list[Token], i: int) -> int:
    """The index after a period and the quotes and brackets that close with it."""
    after = i + 1
    while after < len(tokens) and tokens[after].text in _CLOSERS and tokens[after].start == tokens[after - 1].end:
        after += 1
    return after


def _ends(text: str, tokens: list[Token], i: int, after: int, abbreviations: frozenset[str]) -> bool:
    if after == len(tokens):
        return True
    if tokens[after].start == tokens[after - 1].end:
        return False
    before = tokens[i - 1].text if i else ""
    glued = i > 1 and tokens[i - 2].end == tokens[i - 1].start and tokens[i - 2].text[-1].isdigit()  # "$98.1m."
    short = before in abbreviations or (len(before) == 1 and before.isalpha() and not glued)
    if tokens[i].text == "." and short and tokens[i - 1].end == tokens[i].start:
        return False
    return not text[tokens[after].start].islower()
