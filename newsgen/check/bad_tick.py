"""9 Bad tick: a printed high, low or record that no other market had is held; in: the desk with its view, out: findings.

An extreme is confirmed by the same bar of another exchange, by the reference price over exchanges, or by the perpetual's bars. Where
others have that bar and none comes within 3 %, the article is held unless the paragraph names the exchange that had it. Where only one
exchange's bars exist, a true crash and a bad tick look alike up to a point: of seven years of six coins' bars the farthest true wick that
came back at once stood 49 % beyond its bar and its neighbours at 13 times the usual range, or 8 % at 18 times. What is beyond 10 % and 25
times is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from newsgen.check._check import Check, Desk
from newsgen.check._facts import Fact
from newsgen.market import Figure, Reading, Run, Unit, View, to_epoch
from newsgen.story import Finding, Severity

__all__ = ["CHECK"]

_APART = Decimal("0.03")  # of another market's extreme
_WICK, _TIMES = 0.10, 25  # beyond the bar's own prices and its neighbours'; the usual range of such a bar
_USUAL_BARS = 30
_ALONE = "no other market"
_SPANS_S = {"1h": 3600, "4h": 14_400, "1d": 86_400}
_SERIES = {"spot.high": 1, "spot.low": -1}


def bad_tick(desk: Desk) -> Iterator[Finding]:
    """Look for the bar behind each extreme that is told."""
    if desk.view is None:
        return
    seen: set[int] = set()
    for fact in desk.facts:
        for reading in _extremes(fact.figure, fact.figure.value) if fact.group in ("price", "path") and _is_extreme(fact) else ():
            if id(reading) not in seen:
                seen.add(id(reading))
                problem = _problem(desk.view, reading)
                if problem:
                    severity: Severity = "warn" if problem.startswith(_ALONE) and _is_named(desk, fact, reading) else "block"
                    yield desk.finding("bad_tick", "figures", f"{fact.describe()}: {problem}", [fact], severity)


def _is_named(desk: Desk, fact: Fact, reading: Reading) -> bool:
    """Whether every paragraph that tells the extreme names the exchange that had it."""
    places = {desk.sentences[i].where for i, claims in desk.claims.items() if any(fact in c.fits for c in claims)}
    names = (reading.origin.source_name, *desk.words.venues.get(reading.key.venue, ()))
    told = [text.text for where, text in desk.article.texts() if where in places and where.startswith("paragraphs")]
    return bool(told) and all(any(name in text for name in names) for text in told)


def _is_extreme(fact: Fact) -> bool:
    return fact.figure.unit is Unit.USD and (fact.extreme != 0 or fact.tail.startswith(("ath", "high", "low", "rejected", "turn_")))


def _extremes(figure: Figure, value: object, depth: int = 3) -> Iterator[Reading]:
    """The highs and lows of bars, behind a figure, that have its value."""
    for item in figure.inputs:
        if isinstance(item, Reading):
            if item.key.series in _SERIES and item.value == value:
                yield item
        elif isinstance(item, Figure) and depth:
            yield from _extremes(item, value, depth - 1)


def _problem(view: View, reading: Reading) -> str:
    sign, at = _SERIES[reading.key.series], to_epoch(reading.observed_at)
    others = [*_other_bars(view, reading, at)]
    if any(_reaches(reading.value, other, sign) for other in (*others, *_perpetuals(view, reading, at))):
        return ""
    if others:
        nearest = max(others, key=lambda v: sign * v)
        return f"{_ALONE} came within 3% of it; the nearest had {nearest:,f}"
    bar = _bar(view, reading, at)
    wick = bar.wick(reading.value, sign) if bar is not None else 0.0
    if bar is None or wick <= _WICK or wick <= _TIMES * bar.usual:
        return ""
    return (f"it stands {wick:.0%} beyond its bar's own prices and its neighbours', {wick / bar.usual:.0f} times the usual range, "
            "and came back at once")  # fmt: skip


def _reaches(value: Decimal, other: Decimal, sign: int) -> bool:
    """Whether another market's extreme comes within reach of this one, or lies beyond it."""
    return sign * (value - other) <= _APART * other


def _other_bars(view: View, reading: Reading, at: int) -> Iterator[Decimal]:
    """The same bar at other exchanges, and the day's extreme of the reference price over exchanges."""
    key = reading.key
    for run in view.runs(key.series, key.subject, window=key.window):
        if run.key.source != key.source and (i := run.index_of(at)) >= 0:
            yield run.decimal(i)
    for run in view.runs(key.series.replace("spot.", "reference."), key.subject, window=key.window):
        if (i := run.index_of(at)) >= 0:
            yield run.decimal(i)


def _perpetuals(view: View, reading: Reading, at: int) -> Iterator[Decimal]:
    """The extreme of perpetuals in the bar's span: another market of the coin, which may confirm and does not speak against it."""
    span, sign = _SPANS_S.get(reading.key.window, 0), _SERIES[reading.key.series]
    for run in view.runs(reading.key.series.replace("spot.", "perp."), reading.key.subject):
        values = [run.decimal(i) for i in range(run.index_at(at - span) + 1, run.index_at(at) + 1)]
        if values:
            yield max(values, key=lambda v: sign * v)


class _Bar(NamedTuple):
    """What a bar's extreme is measured against."""

    high: Decimal  # of its open and close and of its neighbours' highs
    low: Decimal
    usual: float  # the median range of the bars before, as a share of their lows: a coin that has risen tenfold has wider bars

    def wick(self, value: Decimal, sign: int) -> float:
        """How far a value lies beyond them, as a share."""
        edge = self.high if sign > 0 else self.low
        return float(sign * (value - edge) / edge)


def _bar(view: View, reading: Reading, at: int) -> _Bar | None:
    """The bar of a reading between its neighbours; None where parts of it are missing or too little came before."""
    key = reading.key
    parts = {name: _run(view, f"spot.{name}", reading) for name in ("open", "close", "high", "low")}
    runs = {name: run for name, run in parts.items() if run is not None}
    rows = {name: run.index_of(at) for name, run in runs.items()}
    if len(runs) < len(parts) or min(rows.values()) < _USUAL_BARS or key.window not in _SPANS_S:
        return None
    own = [runs[name].decimal(rows[name]) for name in ("open", "close")]
    beside = {n: [runs[n].decimal(i) for i in (rows[n] - 1, rows[n] + 1) if i < len(runs[n])] for n in ("high", "low")}
    highs, lows = (runs[n].floats[rows[n] - _USUAL_BARS : rows[n]] for n in ("high", "low"))
    return _Bar(max([*own, *beside["high"]]), min([*own, *beside["low"]]), median(h / lo - 1 for h, lo in zip(highs, lows, strict=True)))


def _run(view: View, series: str, like: Reading) -> Run | None:
    found = view.runs(series, like.key.subject, window=like.key.window, source=like.key.source, venue=like.key.venue)
    return found[0] if found else None


CHECK = Check("bad_tick", 9, "A printed extreme is no tick that only one market had.", bad_tick)
