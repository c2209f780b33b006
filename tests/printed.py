"""The printed figures of an article with what they say; in: an article, out: Printed. Tests know the spans; the checks never see them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from newsgen.market import Figure
from newsgen.story import Article

__all__ = ["NUMBER_WORDS", "Edit", "Printed", "edited", "printed_figures"]

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SCALES = {"million": 10**6, "billion": 10**9, "trillion": 10**12}
NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_END = re.compile(r"[.?!]['’\")]* (?=[A-Z$])")
_ABBREVIATED = re.compile(r"(?:\b[ap]\.m|U\.S|Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.$")


@dataclass(frozen=True)
class Edit:
    """One changed text of an article."""

    kind: str
    where: str
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.before!r} -> {self.after!r} in {self.where}: {self.text}"


@dataclass(frozen=True)
class Printed:
    """A printed figure, its place, and where its sentence begins and ends."""

    where: str
    text: str
    start: int
    end: int
    figure: Figure
    sentence: tuple[int, int]

    @property
    def said(self) -> str:
        return self.text[self.start : self.end]

    @property
    def before(self) -> str:
        """The sentence up to the figure."""
        return self.text[self.sentence[0] : self.start]

    @property
    def after(self) -> str:
        """The rest of the sentence."""
        return self.text[self.end : self.sentence[1]]

    @property
    def number(self) -> re.Match[str] | None:
        """The digits inside, where the figure is an amount and not a day."""
        return _NUMBER.search(self.said) if self.is_amount else None

    @property
    def is_amount(self) -> bool:
        return isinstance(self.figure.value, Decimal)

    @property
    def value(self) -> Decimal:
        """The figure's value without its sign."""
        assert isinstance(self.figure.value, Decimal)
        return abs(self.figure.value)

    @property
    def scale(self) -> int:
        return next((size for word, size in _SCALES.items() if word in self.said), 1)

    @property
    def amount(self) -> Decimal | None:
        """What the print says, in the figure's unit; None for number words."""
        return Decimal(self.number[0].replace(",", "")) * self.scale if self.number else None

    @property
    def step(self) -> Decimal:
        """One in the last printed place."""
        assert self.number
        return Decimal(1).scaleb(-len(self.number[0].partition(".")[2])) * self.scale

    def edit(self, kind: str, other: str, *, before: str | None = None, after: str | None = None) -> Edit:
        """The text with another print, and if given another text of the sentence before or after it."""
        first, last = self.sentence
        head = self.before if before is None else before
        tail = self.after if after is None else after
        return Edit(kind, self.where, self.said, other, self.text[:first] + head + other + tail + self.text[last:])


def edited(kind: str, where: str, text: str, match: re.Match[str], other: str) -> Edit:
    """The text with what an expression has found replaced."""
    return Edit(kind, where, match[0], other, text[: match.start()] + other + text[match.end() :])


def printed_figures(article: Article) -> Iterator[Printed]:
    """Every printed figure, in reading order."""
    for where, text in article.texts():
        borders = [*_borders(text.text)]
        for span in text.spans:
            sentence = next((a, b) for a, b in borders if a <= span.start < b)
            yield Printed(where, text.text, span.start, span.end, article.figures[span.figure], sentence)


def _borders(text: str) -> Iterator[tuple[int, int]]:
    first = 0
    for match in _END.finditer(text):
        if not _ABBREVIATED.search(text[: match.start() + 1]):
            yield first, match.end()
            first = match.end()
    yield first, len(text)
