"""Variation: `{% vary %} ... {% or %} ... {% endvary %}`; in: a template, out: one branch, chosen by seed.

A branch that needs an absent figure is passed over for the next. The choice depends on the seed, the template and the place
in it, so the same input gives the same words in any process.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from jinja2 import nodes
from jinja2.ext import Extension

if TYPE_CHECKING:
    from jinja2.parser import Parser

__all__ = ["FigureAbsent", "VaryExtension", "seeded_order"]


class FigureAbsent(Exception):
    """A template printed a figure that is absent; the message cannot be said."""


def seeded_order(seed: int, place: str, n: int) -> list[int]:
    """The branches 0 to n-1, starting with the one that the seed picks at this place, then the others in turn."""
    mixed = zlib.crc32(f"{place}|{seed}".encode()) * 2654435761 & 0xFFFFFFFF  # neighbouring seeds must not pick alike
    first = (mixed >> 16) % n
    return [(first + k) % n for k in range(n)]


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
        names = [f"_vary_{number}_{k}" for k in range(len(branches))]
        macros: list[nodes.Node] = [nodes.Macro(name, [], [], body, lineno=lineno) for name, body in zip(names, branches, strict=True)]
        picks: list[nodes.Expr] = [nodes.Name(name, "load", lineno=lineno) for name in names]
        call = nodes.Call(
            nodes.Name("_choose", "load", lineno=lineno),
            [nodes.Const(f"{parser.name}#{number}"), nodes.List(picks, lineno=lineno)], [], None, None, lineno=lineno,
        )  # fmt: skip
        return [*macros, nodes.Output([call], lineno=lineno)]


def choose(seed: int, prefer: Callable[[str, int], int | None] | None = None) -> Callable[[str, list[Callable[[], str]]], str]:
    """The function that `{% vary %}` calls: tries the branches in seeded order until one can be said."""

    def pick(place: str, branches: list[Callable[[], str]]) -> str:
        reason = ""
        for k in seeded_order(seed, place, len(branches)):
            try:
                return branches[k]()
            except FigureAbsent as absent:
                reason = reason or str(absent)
        raise FigureAbsent(reason)

    return pick
