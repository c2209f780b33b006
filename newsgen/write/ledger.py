"""The ledger: which figure is printed where; in: marked text, out: text with exact spans.

A filter prints a figure as OPEN index SHUT text OPEN, where OPEN and SHUT are two private-use characters that no text
contains. After rendering the marks are cut out and each printed figure has its span. A numeral with no span is a naked
number. Does not format (numbers.py) and does not judge (check/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from newsgen.market import Figure

__all__ = ["Ledger", "Marked", "cut_marks", "naked_numbers"]

OPEN, SHUT = "\ue000", "\ue001"
_MARK = re.compile(f"{OPEN}(\\d+){SHUT}([^{OPEN}]*){OPEN}")
_NUMERAL = re.compile(r"\d(?:[\d,.]*\d)?")


@dataclass(slots=True)
class Ledger:
    """The figures that one article has printed so far, in order of their first print."""

    figures: list[Figure] = field(default_factory=list)
    _index: dict[int, int] = field(default_factory=dict)

    def mark(self, figure: Figure, printed: str) -> str:
        """The printed figure with its marks."""
        index = self._index.get(id(figure))
        if index is None:
            index = self._index[id(figure)] = len(self.figures)
            self.figures.append(figure)
        return f"{OPEN}{index}{SHUT}{printed}{OPEN}"


@dataclass(frozen=True, slots=True)
class Marked:
    """Text without marks, and (start, end, index) of each printed figure."""

    text: str
    spans: tuple[tuple[int, int, int], ...]


def cut_marks(marked: str) -> Marked:
    """Take the marks out and keep where they stood."""
    parts: list[str] = []
    spans: list[tuple[int, int, int]] = []
    at = length = 0
    for match in _MARK.finditer(marked):
        before = marked[at : match.start()]
        printed = match.group(2)
        length += len(before)
        spans.append((length, length + len(printed), int(match.group(1))))
        parts += (before, printed)
        length += len(printed)
        at = match.end()
    parts.append(marked[at:])
    return Marked("".join(parts), tuple(spans))


def naked_numbers(text: str, spans: Iterable[tuple[int, int]], constants: Sequence[str]) -> list[str]:
    """The numerals of a text that stand in no span and in no registered constant."""
    naked = _outside(_NUMERAL.finditer(text), [*spans])
    if naked:
        naked = _outside(naked, [m.span() for pattern in _patterns(tuple(constants)) for m in pattern.finditer(text)])
    return [m.group() for m in naked]


def _outside(numerals: Iterable[re.Match[str]], covered: Sequence[tuple[int, int]]) -> list[re.Match[str]]:
    return [m for m in numerals if not any(start <= m.start() and m.end() <= end for start, end in covered)]


@lru_cache(maxsize=16)
def _patterns(constants: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(re.escape(constant), re.IGNORECASE) for constant in constants)
