"""Variation: `{% vary %} ... {% or %} ... {% endvary %}`; in: a template, out: one branch, chosen by a number.

A branch that needs an absent figure is passed over for the next. The choice depends on the seed, the message and the place in it, so
the same input gives the same words in any process. Neighbouring seeds come through the wordings in turn. Does not remember (recall.py).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import nodes
from jinja2.ext import Extension

if TYPE_CHECKING:
    from jinja2.parser import Parser

__all__ = ["BRANCH", "Choice", "Choices", "FigureAbsent", "Pick", "VaryExtension"]

BRANCH = "_vary_"  # how the name of a branch's macro begins
_APART = 0xFFFF  # messages of one article begin at different places of their wordings
_STRIDE = 7919  # between attempts at one message; a prime, so that it does not fall in step with any number of branches
_SPENT = 1 << 40  # once so many combinations are told apart, further choices are as good as random


class FigureAbsent(Exception):
    """A template printed a figure that is absent; the message cannot be said."""


class Choice(NamedTuple):
    """A choice that was made: which of how many, and where."""

    place: str
    taken: int
    of: int


_choice: Callable[[tuple[str, int, int]], Choice] = partial(tuple.__new__, Choice)  # a hundred of them in an article: without the detour


class Choices:
    """How one message is worded: a number, read choice by choice as an odometer is.

    Two numbers that differ by less than the product of all choices never choose alike throughout; so an edition whose seed counts its
    days comes through every combination of a wording before one returns. The later choices turn with the earlier ones and not once in a
    hundred days, since each is shifted by what was chosen before it.

    Args:
        seed: Of the article.
        message: What is said; messages of one article choose apart.
        attempt: 0 for the wording itself, more for others of the same message.
    """

    def __init__(self, seed: int, message: str, attempt: int = 0) -> None:
        self._rest = seed + (zlib.crc32(message.encode()) & _APART) + attempt * _STRIDE
        self._low, self._scale = 0, 1  # what has been read so far, and in how many combinations
        self._times: dict[str, int] = {}
        self.made: list[Choice] = []

    def first(self, place: str, n: int) -> int:
        """Which of n branches or options is picked at this place."""
        if n < 2:
            return 0
        times = self._times[place] = self._times.get(place, 0) + 1  # a place that is passed again, by a block, is another place
        self._rest, digit = divmod(self._rest, n)
        low, scale = self._low, self._scale
        shift = zlib.crc32(f"{place}.{times}|{low}".encode()) * 2654435761 & 0xFFFFFFFF if low or scale > 1 else 0
        if scale < _SPENT:
            self._low = low + digit * scale
            self._scale = scale * n
        return (digit + (shift >> 16)) % n

    def order(self, place: str, n: int) -> list[int]:
        """The branches 0 to n-1, starting with the one that is picked at this place, then the others in turn."""
        first = self.first(place, n)
        return [*range(first, n), *range(first)]

    def took(self, place: str, taken: int, n: int) -> None:
        """Note what was said in the end: the first branch that could be."""
        if n > 1:
            self.made.append(_choice((place, taken, n)))


class VaryExtension(Extension):
    """Makes each branch a macro, and the tag a call that picks among them."""

    tags = {"vary"}  # noqa: RUF012 - the shape that Jinja asks for

    def parse(self, parser: Parser) -> list[nodes.Node]:
        lineno = next(parser.stream).lineno
        numbers = parser.__dict__.setdefault("_vary_numbers", count())
        number = next(numbers)
        branches: list[list[nodes.Node]] = []
        while True:
            branches.append(parser.parse_statements(("name:or", "name:endvary")))
            if next(parser.stream).value == "endvary":
                break
        names = [f"{BRANCH}{number}_{k}" for k in range(len(branches))]
        macros: list[nodes.Node] = [nodes.Macro(name, [], [], body, lineno=lineno) for name, body in zip(names, branches, strict=True)]
        picks: list[nodes.Expr] = [nodes.Name(name, "load", lineno=lineno) for name in names]
        call = nodes.Call(
            nodes.Name("_choose", "load", lineno=lineno),
            [nodes.Const(f"{parser.name}:{lineno}#{number}"), nodes.List(picks, lineno=lineno)], [], None, None, lineno=lineno,
        )  # fmt: skip
        return [*macros, nodes.Output([call], lineno=lineno)]


class Pick:
    """What `{% vary %}` calls: tries the branches in their order until one can be said.

    Args:
        choices: Those of the message in hand.
    """

    __slots__ = ("_choices",)

    def __init__(self, choices: Callable[[], Choices]) -> None:
        self._choices = choices

    def __call__(self, place: str, branches: list[Callable[[], str]]) -> str:
        reason, made = "", self._choices()
        for k in made.order(place, len(branches)):
            try:
                said = branches[k]()
            except FigureAbsent as absent:
                reason = reason or str(absent)
                continue
            made.took(place, k, len(branches))
            return said
        raise FigureAbsent(reason)
