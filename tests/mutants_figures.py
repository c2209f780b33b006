"""Mutants of what is printed as a figure: its size, unit, scale, day, hedge and place; in: an article, out: edits that are untrue.

An edit counts only where it is false: another rounding of the same value, or two equal amounts exchanged, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from printed import NUMBER_WORDS, Edit, Printed, printed_figures

from newsgen.market import Unit
from newsgen.story import Article

__all__ = ["FIGURE_KINDS", "WEEKDAYS"]

_HEDGE = re.compile(
    r"\b(more than|at least|at most|no fewer than|nearly|almost|about|around|roughly|just (?:over|under)|less than|close to)( an?)? $"
)
_PLACE = re.compile(
    r"\b(above|below|over|under|past|passed|tops|topped|beyond|broke|breaks|near|of|between|to|and|from|touched|touches|tests|tested"
    r"|regains|regained|up the) $"
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_HALF = Decimal("0.5")


def figure(article: Article) -> Iterator[Edit]:
    """A digit changed, the first or the last, or another number word."""
    for one in printed_figures(article):
        if not one.is_amount:
            continue
        if one.number is None:
            yield from (one.edit("figure", other) for other in _other_word(one.said))
        else:
            yield from (e for e in map(lambda new, one=one: _resized(one, new), _digits_changed(one.number[0])) if e)  # type: ignore[misc]


def _other_word(word: str) -> Iterator[str]:
    for words in (NUMBER_WORDS, _ORDINALS):
        if word.lower() in words:
            place = words.index(word.lower())
            for step in (1, 3):
                other = words[(place + step) % len(words)]
                yield other.capitalize() if word[0].isupper() else other


def _digits_changed(number: str) -> Iterator[str]:
    digits = [i for i, c in enumerate(number) if c.isdigit()]
    for place in dict.fromkeys((digits[0], digits[-1])):
        changed = str(int(number[place]) % 9 + 1)
        yield number[:place] + changed + number[place + 1 :]


def _resized(one: Printed, number: str) -> Edit | None:
    """The figure with another number, if that is no other rounding of its value, nor near enough to be "about" it."""
    assert one.number
    assert one.amount is not None
    other = Decimal(number.replace(",", "")) * one.scale
    off = abs(other - one.value)
    hedged = _HEDGE.search(one.before)
    if off <= one.step * (_HALF if not hedged else 1) or (hedged and off < one.value * Decimal("0.06")):
        return None
    said = one.said[: one.number.start()] + number + one.said[one.number.end() :]
    return one.edit("figure", said)


def scale(article: Article) -> Iterator[Edit]:
    """Millions for billions, and amounts without a scale a power of ten too large or too small."""
    for one in printed_figures(article):
        for word, other in (("million", "billion"), ("billion", "million"), ("trillion", "billion"), ("billion", "trillion")):
            if re.search(rf"\b{word}\b", one.said):
                yield one.edit("scale", one.said.replace(word, other))
        if one.number and one.scale == 1 and one.figure.unit in (Unit.USD, Unit.PCT) and one.value:
            yield from (one.edit("scale", _times(one, power)) for power in (1, -1))


def _times(one: Printed, power: int) -> str:
    assert one.number
    value = Decimal(one.number[0].replace(",", "")).scaleb(power)
    text = f"{value:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return one.said[: one.number.start()] + text + one.said[one.number.end() :]


def unit(article: Article) -> Iterator[Edit]:
    """Euros for dollars, coins for dollars, dollars for coins and percent, basis points for percent, percent for multiples."""
    for one in printed_figures(article):
        if one.number is None:
            continue
        if one.said.startswith("$"):
            yield one.edit("unit", one.said.replace("$", "€"))
            yield one.edit("unit", one.said[1:] + " bitcoin")
        elif one.said.endswith("%"):
            yield one.edit("unit", "$" + one.said[:-1])
            yield one.edit("unit", one.said[:-1] + " basis points")
        elif one.figure.unit is Unit.COINS:
            yield one.edit("unit", "$" + one.said)
        elif re.match(r" times\b", one.after):
            yield one.edit("unit", one.said + "%", after=one.after.replace(" times", "", 1))


def unit_dropped(article: Article) -> Iterator[Edit]:
    """The sign, the scale or the word of a unit left out."""
    for one in printed_figures(article):
        if one.number is None:
            continue
        bare = re.sub(r" (million|billion|trillion)\b", "", one.said)
        if bare != one.said:
            yield one.edit("unit dropped", bare)
        for sign in "$%":
            if sign in one.said:
                yield one.edit("unit dropped", one.said.replace(sign, ""))
        word = re.match(r" (times|percentage points|BTC|bitcoin)\b", one.after)
        if word and not (one.figure.unit is Unit.COINS and _COINS.search(one.before + one.after)):
            yield one.edit("unit dropped", one.said, after=one.after[word.end() :])


_COINS = re.compile(r"\bcoins?\b")  # where the sentence says so, the number without the coin's name still counts coins


def percent_for_points(article: Article) -> Iterator[Edit]:
    """A change of a share in percent, and a change or a share in points."""
    for one in printed_figures(article):
        if one.number is None:
            continue
        word = re.match(r" percentage points?\b", one.after)
        if one.figure.unit is Unit.POINTS and word:
            yield one.edit("percent for points", one.said + "%", after=one.after[word.end() :])
            yield one.edit("percent for points", one.said, after=" percent" + one.after[word.end() :])
        elif one.said.endswith("%"):
            yield one.edit("percent for points", one.said[:-1] + " percentage points")


_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def date(article: Article) -> Iterator[Edit]:
    """Another weekday, day, month, year or hour."""
    for one in printed_figures(article):
        if one.is_amount:
            continue
        others = {*_other_names(one.said, WEEKDAYS), *_other_months(one.said), *_other_numbers(one.said)} - {one.said}
        yield from (one.edit("date", other) for other in sorted(others))


def _other_names(said: str, names: tuple[str, ...]) -> Iterator[str]:
    for i, name in enumerate(names):
        if name in said:
            yield from (said.replace(name, names[(i + step) % len(names)]) for step in (1, 3))


def _other_months(said: str) -> Iterator[str]:
    word = re.search(r"\b([A-Z][a-z]{2,})\.?(?= \d)", said)
    for i, name in enumerate(_MONTHS):
        if word and name.startswith(word[1]):
            other = _MONTHS[(i + 5) % 12]
            short = other if other in ("March", "April", "May", "June", "July") else f"{other[: 4 if other == 'September' else 3]}."
            yield said.replace(word[0], other if word[1] == name and len(name) > 5 else short)


def _other_numbers(said: str) -> Iterator[str]:
    """The day, the hour or the year one or more off, and the other half of the day."""
    for match in re.finditer(r"\d+", said):
        number = int(match[0])
        for step in (1, -2):
            other = number + step
            is_hour = said[match.end() :].startswith((":", " a.m", " p.m", " ET"))
            if is_hour:
                other = other % 12 or 12
            elif said[: match.start()].endswith(":"):
                other %= 60
            elif number <= 31:
                other = other % 28 or 28
            two_digits = match[0].startswith("0") or said[: match.start()].endswith(":")
            width = f"{other:02d}" if two_digits else str(other)
            yield said[: match.start()] + width + said[match.end() :]
    for half, other_half in (("a.m.", "p.m."), ("p.m.", "a.m."), ("noon", "midnight"), ("midnight", "noon")):
        if half in said:
            yield said.replace(half, other_half)


_OPPOSITE = {
    "more than": "less than", "less than": "more than", "nearly": "more than", "almost": "more than", "at least": "at most",
    "no fewer than": "no more than", "at most": "at least", "close to": "more than",
}  # fmt: skip


def hedge(article: Article) -> Iterator[Edit]:
    """The opposite approximator, or one that the value contradicts where there is none."""
    for one in printed_figures(article):
        found = _HEDGE.search(one.before)
        if found and found[1] in _OPPOSITE:
            yield one.edit("hedge", one.said, before=one.before[: found.start()] + _OPPOSITE[found[1]] + one.before[found.end(1) :])
        elif found is None and one.amount is not None and one.before and not _PLACE.search(one.before) and _is_rounded(one):
            wrong = ("less than ", "nearly ") if one.value > one.amount else ("more than ", "upwards of ")
            if one.value == one.amount:
                wrong = ("more than ", "less than ")
            yield from (one.edit("hedge", one.said, before=one.before + word) for word in wrong if _is_no_bound(one, word))


def _is_no_bound(one: Printed, word: str) -> bool:
    """More than so much may be true of a figure that is known as a lower bound."""
    return one.figure.bound != "at_least" or word in ("less than ", "nearly ")


def _is_rounded(one: Printed) -> bool:
    """Whether the print is plainly the value's rounding: a share of a hundred told as one in a hundred is not."""
    assert one.amount is not None
    return abs(one.amount - one.value) <= one.step * _HALF and one.figure.unit in (Unit.USD, Unit.PCT)


def part_and_total(article: Article) -> Iterator[Edit]:
    """Two amounts of one family and unit exchanged in their sentence: a part for the whole, a day for a run, one side for the other."""
    by_sentence: dict[tuple[str, int], list[Printed]] = {}
    for one in printed_figures(article):
        if one.number:
            by_sentence.setdefault((one.where, one.sentence[0]), []).append(one)
    for told in by_sentence.values():
        for one, other in combinations(told, 2):
            same = _family(one) == _family(other) and one.figure.unit == other.figure.unit
            if same and not _alike(one, other) and not _RANGE.search(one.before):
                yield _exchanged(one, other)


_RANGE = re.compile(
    r"\bbetween\b[^.;$]*$|\b(range[sd]? (from|of)|range[^.;$]*(,| went) from|ran from|runs from|range|[Rr]ound levels [^.;$]* are) $"
)  # whose ends may be told in either order, like two levels without a word of place


def _family(one: Printed) -> str:
    return one.figure.name.partition(".")[0]


def _alike(one: Printed, other: Printed) -> bool:
    """Whether each print would be true in the other's place."""
    assert one.amount is not None
    assert other.amount is not None
    return abs(one.amount - other.value) <= one.step or abs(other.amount - one.value) <= other.step


def _exchanged(one: Printed, other: Printed) -> Edit:
    text = one.text[: one.start] + other.said + one.text[one.end : other.start] + one.said + one.text[other.end :]
    return Edit("part and total", one.where, one.said, other.said, text)


FIGURE_KINDS = (figure, scale, unit, unit_dropped, percent_for_points, date, hedge, part_and_total)
