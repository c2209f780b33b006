"""Prices in dollars by the words of place, high and low around them; in: an amount and the prices, out: what it is true of.

"Above $120,000" is held against the last price, or against the day's high where the words say that it went there; "as low as $49,000"
against lows; "a record $123,218" against the highest price. A bare price may be any that the day had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from newsgen.check._facts import Fact
from newsgen.check.factcheck.fit import Fit, Hedge, fit, is_precise
from newsgen.check.factcheck.scene import Scene
from newsgen.check.reader.dates import Day
from newsgen.check.reader.numerals import Numeral

__all__ = ["Placed", "place_of"]

_ABOVE = frozenset({"above", "passed", "more_than", "at_least"})
_BELOW = frozenset({"below", "at_most"})
_WILD = 2
_LEVELS = ("nearest_above", "nearest_below", "crossed_up", "crossed_down", "rejected")


class Placed(NamedTuple):
    truth: Literal["supported", "contradicted", "unknown"]
    fact: Fact | None = None
    doubt: str = ""


def place_of(scene: Scene, numeral: Numeral, hedge: Hedge, facts: Sequence[Fact], is_now: Callable[[Day], bool]) -> Placed:
    """Judge a price by its place.

    Args:
        is_now: Whether a clock time is that of the draft's moment.
    """
    prices = [f for f in facts if f.value is not None]
    if not prices:
        return Placed("unknown", None, "no price is known for whom and when this says")
    by_tail = {f.tail: f for f in reversed(prices)}
    told = _of_extreme(scene, numeral, prices)
    exact = next(
        (f for f in told if fit(numeral, "", f) == "fits" and (is_precise(numeral) or f.tail in _LEVELS or f.value == numeral.value)), None
    )
    if exact is not None and (is_precise(numeral) or hedge.key not in _ABOVE | _BELOW):
        return Placed("supported", exact)
    beyond = hedge.key in _ABOVE | _BELOW
    placed = _beyond(scene, numeral, hedge.key in _ABOVE, by_tail) if beyond else _at(scene, numeral, hedge, told, by_tail)
    if placed.truth == "contradicted" and _is_wild(numeral, by_tail):
        return Placed("unknown", None, "it is far from any price of this asset")
    if placed.truth == "contradicted" and _at_clock(scene, numeral, is_now):
        return Placed("unknown", None, "it is of another time of the day")
    return placed


def _is_wild(numeral: Numeral, prices: Mapping[str, Fact]) -> bool:
    """Twice or half of the last price: it is of something else, or of another time."""
    last = prices.get("last") or prices.get("close_day")
    return last is not None and last.value is not None and not last.value / _WILD < numeral.value < last.value * _WILD


def _of_extreme(scene: Scene, numeral: Numeral, prices: list[Fact]) -> list[Fact]:
    """Highs beside a word of high or record, lows beside one of low; all where there is none."""
    way = _extreme_beside(scene, numeral)
    if not way:
        return prices
    return [f for f in prices if f.extreme == way or (f.family == "level" and f.tail in _LEVELS[2:]) or f.tail.endswith(("_to", "_from"))]


def _extreme_beside(scene: Scene, numeral: Numeral) -> int:
    sentence = scene.sentence
    marks = [m for m in sentence.marks if m.kind in ("extreme", "record", "reference") and _near(scene, m.first, numeral)]
    if not marks:
        return 0
    nearest = min(marks, key=lambda m: abs(numeral.first - m.last) if m.last <= numeral.first else m.first - numeral.last + 1)
    return -1 if nearest.key == "low" or nearest.text in scene.words.cues.all_time_low else 1


def _near(scene: Scene, token: int, numeral: Numeral) -> bool:
    """In the amount's segment; a word after it counts only where it touches it: "$123,218 high"."""
    if scene.sentence.segment[token] != scene.sentence.segment[numeral.first]:
        return False
    return token < numeral.first or token - numeral.last <= 1


def _at_clock(scene: Scene, numeral: Numeral, is_now: Callable[[Day], bool]) -> bool:
    clocks = [d for d in scene.sentence.days if d.minute is not None and not is_now(d)]
    return any(scene.sentence.clause[c.first] == scene.sentence.clause[numeral.first] for c in clocks)


def _beyond(scene: Scene, numeral: Numeral, above: bool, prices: Mapping[str, Fact]) -> Placed:
    """ "Above" and "below": of the last price where the words tell where it stands, else of the day's high or low too."""
    last = prices.get("last") or prices.get("close_day")
    farthest = prices.get("high_24h" if above else "low_24h") or prices.get("high_day" if above else "low_day")
    compares: Callable[[Fact], bool] = lambda f: f.value is not None and (f.value > numeral.value if above else f.value < numeral.value)  # noqa: E731
    if last is not None and compares(last):
        return Placed("supported", last)
    if _is_static(scene, numeral):
        return Placed("unknown") if last is None else Placed("contradicted", last)
    if farthest is not None and compares(farthest):
        return Placed("supported", farthest)
    return Placed("unknown", last) if farthest is None else Placed("contradicted", farthest)


def _is_static(scene: Scene, numeral: Numeral) -> bool:
    """Whether the words tell where a price stands: "is trading above", and no movement in the segment."""
    sentence = scene.sentence
    own = [i for i, s in enumerate(sentence.segment) if s == sentence.segment[numeral.first] and i < numeral.first]
    moves = any(m.first in own for m in sentence.of("direction"))
    return not moves and any(scene.lower[i] in scene.words.cues.standing for i in own)


def _at(scene: Scene, numeral: Numeral, hedge: Hedge, told: Sequence[Fact], prices: Mapping[str, Fact]) -> Placed:
    fits: dict[Fit, list[Fact]] = {"fits": [], "near": [], "off": []}
    for fact in told:
        fits[fit(numeral, hedge.key, fact)].append(fact)
    if fits["fits"]:
        return Placed("supported", fits["fits"][0])
    right = _right_one(scene, numeral, told, prices)
    if fits["near"] or right is None or _is_start(scene, numeral):
        return Placed("unknown", right)
    return Placed("contradicted", right)


def _is_start(scene: Scene, numeral: Numeral) -> bool:
    """ "from $118,000": where a move began may be any price."""
    before = scene.lower[max(0, numeral.first - 3) : numeral.first]
    return not scene.words.cues.starts.isdisjoint(before)


def _right_one(scene: Scene, numeral: Numeral, told: Sequence[Fact], prices: Mapping[str, Fact]) -> Fact | None:
    way = _extreme_beside(scene, numeral)
    if not way:
        return prices.get("last")
    marks = [m for m in scene.sentence.marks if _near(scene, m.first, numeral)]
    record = any(m.kind in ("record", "reference") or m.text in scene.words.cues.peaks for m in marks)
    wanted = ("ath",) if record and way > 0 else ("high_24h", "week_high", "high_day") if way > 0 else ("low_24h", "week_low", "low_day")
    return next((prices[t] for t in wanted if t in prices and prices[t] in told), None)
