"""Newsworthiness: magnitude, rarity, importance, breadth, corroboration, novelty; in: a fired rule, out: a score with its parts.

An absent part is left out and the weights of the others are scaled up; with magnitude and rarity both absent the score is capped.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from newsgen.detect.evaluate import held
from newsgen.detect.expression import days_before
from newsgen.detect.rule import Measure, Rule
from newsgen.market import Absent, Book, Figure, Trail, plain
from newsgen.story import Published

__all__ = ["MIN_PAST", "YEAR_S", "cooling", "score", "smaller"]

WEIGHTS = {"magnitude": 0.30, "rarity": 0.20, "importance": 0.15, "breadth": 0.10, "corroboration": 0.10, "novelty": 0.15}
CAP_WITHOUT_HISTORY = 65.0
MIN_PAST = 30
_PLAIN = 1e-6  # nearer to zero the figure itself has to tell the sign
YEAR_S = 365 * 86_400
RARE_DAYS = 3650
BONUS = {"first_ever": 5.0, "fresh_level": 5.0, "reversed": -15.0}


@cache
def _importance() -> Mapping[str, float]:
    return tomllib.loads(Path(__file__).with_name("importance.toml").read_text("utf-8"))


def score(rule: Rule, book: Book, subject: str, published: Sequence[Published]) -> tuple[Decimal, Mapping[str, Decimal]]:
    """The score of a fired rule, one decimal, and its parts."""
    magnitude, rarity = _size(rule, book, subject)
    dated = _rarity_of_dates(rule.file.measure, book, subject) if rule.file.measure.since else None
    rarity = rarity if dated is None else dated
    parts = {
        "magnitude": magnitude,
        "rarity": rarity,
        "importance": _importance_of(rule, subject),
        "breadth": _breadth(rule, book, subject),
        "corroboration": _corroboration(rule, book, subject),
        "novelty": _novelty(rule, book, subject, published),
    }
    known = {n: v for n, v in parts.items() if v is not None}
    total = 100 * sum(WEIGHTS[n] * v for n, v in known.items()) / sum(WEIGHTS[n] for n in known)
    if magnitude is None and rarity is None:
        total = min(total, CAP_WITHOUT_HISTORY)
    shown = {n: Decimal(str(round(v, 2))) for n, v in known.items()}
    for name, expression in rule.bonuses.items():
        if held(expression, rule, book, subject):
            total += BONUS[name]
            shown[name] = Decimal(str(BONUS[name]))
    return Decimal(str(round(max(total, 0.0), 1))), shown


def _size(rule: Rule, book: Book, subject: str) -> tuple[float | None, float | None]:
    """Magnitude: share of the past year that was smaller. Rarity: how long ago a value at least as extreme was."""
    measure = rule.file.measure
    asset = subject if subject != "market" or _made_for(book, measure.figure, "market") else book.view.assets[0]
    # Most angles of an asset measure the same figure.
    return book.memo(("size", asset, measure.figure, measure.tail), lambda: _size_of(measure, book, asset))


def _size_of(measure: Measure, book: Book, asset: str) -> tuple[float | None, float | None]:
    figure, trail = book.get(measure.figure, asset), book.trail(measure.figure, asset)
    if isinstance(figure, Absent) or isinstance(trail, Absent) or not isinstance(figure.value, Decimal):
        return None, None
    present, now = float(figure.value), book.view.as_of_s
    year = trail.after(now - YEAR_S)
    magnitude = smaller(year, present, measure.tail) / len(year) if len(year) >= MIN_PAST else None
    if len(trail) < MIN_PAST:
        return magnitude, None
    days = max((now - _last_as_extreme(trail, present, measure.tail)) / 86_400, 1.0)
    return magnitude, min(math.log10(days) / math.log10(RARE_DAYS), 1.0)


def _rarity_of_dates(measure: Measure, book: Book, subject: str) -> float | None:
    """How long ago the first of some dates is that is known."""
    found = (days_before(book.get(name, subject), book) for name in measure.since)
    days = next((d for d in found if d is not None), None)
    return None if days is None else min(math.log10(max(days, 1)) / math.log10(RARE_DAYS), 1.0)


def smaller(values: Sequence[float], present: float, tail: str) -> int:
    """How many values are less extreme."""
    if tail == "both":
        size = abs(present)
        return sum([-size < v < size for v in values])
    return sum([v < present for v in values] if tail == "high" else [v > present for v in values])


def _last_as_extreme(trail: Trail, present: float, tail: str) -> int:
    """When a value was at least as extreme; the start of the trail when none was."""
    if tail == "both":
        found = trail.last_beyond(abs(present)), trail.last_beyond(-abs(present), low=True)
    else:
        found = trail.last_beyond(present, low=tail == "low"), None
    return max((at for at in found if at is not None), default=trail.start)


def _made_for(book: Book, name: str, kind: str) -> bool:
    return kind in book.catalogue[name].of


def _importance_of(rule: Rule, subject: str) -> float:
    own = rule.file.importance
    return own if own is not None else _importance().get(subject, _importance()["other"])


def _breadth(rule: Rule, book: Book, subject: str) -> float | None:
    if rule.file.breadth is None:
        return None
    name, sign = rule.file.breadth.figure, rule.file.breadth.sign
    if sign == "same":
        own = _sign_of(book, name, subject if subject in book.view.assets else book.view.assets[0])
        if not own:
            return None
        sign = "up" if own > 0 else "down"
    return book.memo(("breadth", name, sign), lambda: _share(book, name, sign == "up"))


def _share(book: Book, name: str, up: bool) -> float | None:
    found = [v for asset in book.view.assets if (v := _sign_of(book, name, asset)) is not None]
    return sum(v > 0 if up else v < 0 for v in found) / len(found) if found else None


def _sign_of(book: Book, name: str, asset: str) -> float | Decimal | None:
    """A figure for its sign: at a glance where that is plain."""
    glance = book.quick(name, asset)
    if isinstance(glance, float) and abs(glance) > _PLAIN:
        return glance
    figure = book.get(name, asset)
    return figure.value if isinstance(figure, Figure) and isinstance(figure.value, Decimal) else None


def _corroboration(rule: Rule, book: Book, subject: str) -> float | None:
    if not rule.corroboration:
        return None
    return min(sum(held(e, rule, book, subject) is True for e, _ in rule.corroboration) / 4, 1.0)


def _mark(rule: Rule, book: Book, subject: str) -> str:
    name = rule.file.novelty.mark
    figure = book.get(name, subject) if name else Absent("")
    return "" if isinstance(figure, Absent) else plain(figure.value) or ""


def _repeats(rule: Rule, book: Book, subject: str, published: Sequence[Published], span: timedelta) -> list[Published]:
    """What was published of this angle and subject in the past `span` with the same mark."""
    if not published:
        return []
    since = book.view.as_of - span
    mark = _mark(rule, book, subject)
    told = [p for p in published if p.angle == rule.name and p.subject == subject and not p.held]
    return [p for p in told if since < p.published_at <= book.view.as_of and (not mark or p.mark == mark)]


def _novelty(rule: Rule, book: Book, subject: str, published: Sequence[Published]) -> float:
    return 0.5 ** len(_repeats(rule, book, subject, published, timedelta(hours=24)))


def cooling(rule: Rule, book: Book, subject: str, published: Sequence[Published]) -> str:
    """Why the angle must still wait, or ""."""
    for story in _repeats(rule, book, subject, published, rule.file.novelty.cooldown):
        return f"published at {story.published_at:%H:%M} UTC, cooling down"
    return ""
