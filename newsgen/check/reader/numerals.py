"""Amounts: in: tokens, out: value, unit and the precision that the print claims.

Reads $623.3 million, $623.3m, 12%, 12 per cent, 4,225 BTC, 10th, seventh, seven sessions, 1.4 times; and spans of time ("24 hours",
"30-day"), which are windows and no amounts. Does not know what an amount is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from newsgen.check.reader.clauses import Token
from newsgen.check.reader.words import MONEY, ReaderWords
from newsgen.market import Unit

__all__ = ["Numeral", "read_numeral", "read_span"]

_PLAIN = frozenset({Unit.COUNT, Unit.INDEX, Unit.RATIO, Unit.DAYS, Unit.COINS})
_WHOLE = frozenset({Unit.COUNT, Unit.DAYS})
_BEFORE_A_PART = frozenset({",", "and"})
_ORDINAL_ENDINGS = frozenset({"st", "nd", "rd", "th"})


class Numeral(NamedTuple):
    """One amount as printed; `first` and `last` are token indexes (last exclusive)."""

    text: str
    first: int
    last: int
    value: Decimal
    step: Decimal  # one in the last printed place: 0.1 million for $748.3 million
    coarse: Decimal  # one in the last place that is not zero: 10,000 for 120,000
    units: frozenset[Unit]
    start: int  # character offsets in the text
    end: int


def read_numeral(text: str, tokens: Sequence[Token], at: int, words: ReaderWords) -> Numeral | None:
    """The amount that begins at a token, if one does."""
    sign = tokens[at].text if tokens[at].text in MONEY else ""
    i = at + 1 if sign else at
    if i >= len(tokens):
        return None
    if tokens[i].text[0].isdigit() and ":" not in tokens[i].text:
        return _from_digits(text, tokens, at, i, sign, words)
    return None if sign else _from_word(text, tokens, at, words)


def _from_digits(text: str, tokens: Sequence[Token], at: int, i: int, sign: str, words: ReaderWords) -> Numeral:
    digits = tokens[i].text.replace(",", "")
    end = i + 1
    scale = _scale(tokens, end, words) if sign or not _is_percent(tokens, end, words) else None
    if scale:
        end += 1
    units, end = _units(tokens, end, sign, words)
    factor = Decimal(scale or 1)
    places = len(digits.partition(".")[2])
    return _numeral(text, tokens, at, end, Decimal(digits) * factor, Decimal(1).scaleb(-places) * factor, units)


def _scale(tokens: Sequence[Token], i: int, words: ReaderWords) -> int | None:
    if i >= len(tokens) or tokens[i].text not in words.scales:
        return None
    glued = tokens[i].start == tokens[i - 1].end
    return words.scales[tokens[i].text] if glued or len(tokens[i].text) > 2 else None


def _is_percent(tokens: Sequence[Token], i: int, words: ReaderWords) -> bool:
    return _unit_at(tokens, i, words)[0] == "pct"


def _unit_at(tokens: Sequence[Token], i: int, words: ReaderWords) -> tuple[str, int]:
    """The unit word at a token, longest first, and the index after it; "" when there is none."""
    two = " ".join(t.lower for t in tokens[i : i + 2]) if i + 1 < len(tokens) else ""
    one = tokens[i].lower if i < len(tokens) else ""
    for phrase, end in ((two, i + 2), (one, i + 1)):
        for unit, phrases in words.units.items():
            if phrase in phrases:
                return unit, end
    return "", i


def _units(tokens: Sequence[Token], i: int, sign: str, words: ReaderWords) -> tuple[frozenset[Unit], int]:
    if sign:
        return (frozenset({Unit.USD}) if sign == "$" else frozenset()), i
    if i < len(tokens) and tokens[i].lower in _ORDINAL_ENDINGS and tokens[i].start == tokens[i - 1].end:
        return _WHOLE, i + 1
    unit, end = _unit_at(tokens, i, words)
    if unit:
        return _NAMED.get(unit, frozenset()), end
    if i < len(tokens) and (found := words.match(tokens, i)) and found[0].kind == "subject":
        return frozenset({Unit.COINS, Unit.COUNT}), i
    return _PLAIN, i


_NAMED = {
    "usd": frozenset({Unit.USD}),
    "pct": frozenset({Unit.PCT}),
    "points": frozenset({Unit.POINTS, Unit.INDEX}),
    "ratio": frozenset({Unit.RATIO, Unit.COUNT}),
}


def _from_word(text: str, tokens: Sequence[Token], at: int, words: ReaderWords) -> Numeral | None:
    """A number word or an ordinal counts only where it counts something: "seven sessions", "the seventh straight session"."""
    lower = tokens[at].lower
    value = words.numbers.get(lower, words.ordinals.get(lower))
    if value is None or not _counts(tokens, at, words):
        return None
    return _numeral(text, tokens, at, at + 1, Decimal(value), Decimal(1), _WHOLE)


def _counts(tokens: Sequence[Token], at: int, words: ReaderWords) -> bool:
    """Whether what follows can be counted: a noun, "of", or the verb of a part, as in "of the seven funds, six moved that way"
    or "one rose and five fell"."""
    after = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    beyond = tokens[at + 2].lower if at + 2 < len(tokens) else ""
    if after in words.count_nouns or (after in words.count_adjectives and beyond in words.count_nouns):
        return True
    is_number = tokens[at].lower in words.numbers
    return is_number and (after == "of" or (after in words.count_verbs and at > 0 and tokens[at - 1].lower in _BEFORE_A_PART))


def _numeral(text: str, tokens: Sequence[Token], at: int, end: int, value: Decimal, step: Decimal, units: frozenset[Unit]) -> Numeral:
    start, stop = tokens[at].start, tokens[end - 1].end
    return Numeral(text[start:stop], at, end, value, step, max(step, _last_nonzero(value)), units, start, stop)


def _last_nonzero(value: Decimal) -> Decimal:
    exponent = value.normalize().as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(1)


def read_span(tokens: Sequence[Token], at: int, words: ReaderWords) -> tuple[str, int] | None:
    """A span of time that begins at a token ("24 hours", "30-day", "seven days"): its key ("24h") and the index after it."""
    token = tokens[at]
    number = token.text if token.text.isdigit() else words.numbers.get(token.lower)
    i = at + 1
    if number is None or i >= len(tokens):
        return None
    if tokens[i].text == "-":
        i += 1
    unit = words.window_units.get(tokens[i].lower) if i < len(tokens) else None
    after = [t.lower for t in tokens[i + 1 : i + 4]]
    if not unit or after == ["in", "a", "row"] or after[:1] in (["running"], ["straight"]):  # a run is counted, not a window
        return None
    return f"{number}{unit}", i + 1
