"""Whether an amount of a draft is true of a value; in: an amount with the words before it, and a fact, out: fits, near or off.

Wider than the read-back of finished articles: a person may round as far as a reader expects. "Near" is neither true nor false.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from newsgen.check._facts import Fact
from newsgen.check.factcheck.scene import Scene
from newsgen.check.reader.numerals import Numeral
from newsgen.market import Unit

__all__ = ["Fit", "Hedge", "fit", "hedge_of", "is_precise"]

Fit = Literal["fits", "near", "off"]

_MILLION = 1_000_000
_MONEY, _PRICE = Decimal("0.02"), Decimal("0.005")  # how far a round amount may be from what it rounds
_LOOSE_MONEY, _LOOSE_PRICE = Decimal("0.05"), Decimal("0.02")  # beyond these a round amount is no rounding at all
_ABOUT, _ABOUT_AT_MOST = Decimal("0.05"), Decimal("0.1")
_NEARLY = Decimal("0.9")  # "nearly 100" of 90 and more
_ROUND_DIGITS = 2  # an amount of so many digits is a round one
_BOUNDED = ("more_than", "above", "passed", "at_least")


class Hedge(NamedTuple):
    """The approximator before an amount: its key ("more_than", "about" ...), and as printed; empty when there is none."""

    key: str = ""
    text: str = ""


def hedge_of(scene: Scene, numeral: Numeral) -> Hedge:
    """The approximator right before an amount, an article between allowed."""
    tokens, cues = scene.sentence.tokens, scene.words.cues
    for mark in reversed(scene.sentence.marks):
        if mark.last > numeral.first:
            continue
        gap = [t.lower for t in tokens[mark.last : numeral.first] if t.text not in "+-−–$~"]
        if gap and " ".join(gap) not in cues.between:
            break
        if mark.kind in ("hedge", "position", "position$"):
            return Hedge("below" if mark.text in cues.strictly_below else mark.key, mark.text)
        if mark.kind != "direction":  # "rose above" and "topped" say both
            break
    after = tokens[numeral.last].text if numeral.last < len(tokens) else ""
    return Hedge("at_least", "+") if after == "+" else Hedge("about", "~") if _tilde(scene, numeral) else Hedge()


def _tilde(scene: Scene, numeral: Numeral) -> bool:
    return numeral.first > 0 and scene.sentence.tokens[numeral.first - 1].text in ("~", "≈")


def fit(numeral: Numeral, hedge: str, fact: Fact, loose: Decimal | None = None) -> Fit:
    """Compare an amount with the value of a fact, without its sign.

    Args:
        loose: How far the value may be from a word ("half"), in its unit.
    """
    value, said = fact.value, numeral.value
    if value is None:
        return "off"
    if hedge in _BOUNDED:
        return _beyond(value, said, numeral, fact)
    if hedge in ("below", "at_most"):
        return "off" if fact.figure.bound == "at_least" and value < said else _within(value, said, numeral)
    if fact.figure.bound == "at_least" and said > value:
        return "near"  # it may be as many: only a lower bound is known
    off = abs(value - said)
    if off <= (loose if loose is not None else _tolerance(numeral)):
        return "fits"
    if hedge == "nearly":
        return "fits" if said * _NEARLY <= value < said else "off"
    if hedge == "about":
        return "fits" if off <= said * _ABOUT else "near" if off <= said * _ABOUT_AT_MOST else "off"
    return "near" if off <= _gray(numeral) else "off"


def _beyond(value: Decimal, said: Decimal, numeral: Numeral, fact: Fact) -> Fit:
    if value >= said:
        return "fits"
    return "near" if said - value <= _tolerance(numeral) and not _is_round(numeral) else "off"


def _within(value: Decimal, said: Decimal, numeral: Numeral) -> Fit:
    if value <= said:
        return "fits"
    return "near" if value - said <= _tolerance(numeral) and not _is_round(numeral) else "off"


def _digits(numeral: Numeral) -> int:
    return len(numeral.value.normalize().as_tuple().digits)


def _is_round(numeral: Numeral) -> bool:
    return _digits(numeral) <= _ROUND_DIGITS


def is_precise(numeral: Numeral) -> bool:
    """Three digits and more: such an amount meets a value that is not meant by chance only."""
    return _digits(numeral) > _ROUND_DIGITS


def _tolerance(numeral: Numeral) -> Decimal:
    half = numeral.step / 2
    if Unit.USD not in numeral.units:
        return half
    share = _MONEY if numeral.value >= _MILLION else _PRICE
    return max(min(half, numeral.value * share), min(numeral.coarse / 2, numeral.value * share))


def _gray(numeral: Numeral) -> Decimal:
    """How far a value may be from a round amount of dollars before it is called wrong."""
    if Unit.USD not in numeral.units or not _is_round(numeral):
        return Decimal(0)
    return min(numeral.coarse / 2, numeral.value * (_LOOSE_MONEY if numeral.value >= _MILLION else _LOOSE_PRICE))
