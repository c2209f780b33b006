"""What a figure is to a reader: its subjects, side, windows, days and the sign that words about it must have.

In: the figures of an article. Out: Facts. Reads names and fields only, never the text and never the spans.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from newsgen.check.reader.words import ReaderWords
from newsgen.market import Figure, Reading, Unit

__all__ = ["Fact", "facts_of", "local_dates", "minute_in", "own_days"]

_WINDOW = re.compile(r"_(1h|24h|7d|30d|90d|365d|1d|1y|mtd|ytd|day|week)(?=_|$)")
_DAY = frozenset({"day", "24h", "session"})
_GROUPS = {"level": "price", "volume": "price"}  # families told in one breath; their dates may stand with each other's amounts


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure with what a reader may say of it."""

    id: str
    figure: Figure
    tail: str  # the name after the family: "short_24h"
    family: str
    group: str
    subjects: frozenset[str]
    side: str
    windows: frozenset[str]
    value: Decimal | None  # without its sign
    direction: int  # +1 up, -1 down, 0 says nothing
    position: int  # +1 above, -1 below
    extreme: int  # +1 high, -1 low
    rank: int  # +1 the largest, -1 the smallest
    venues: frozenset[str]
    days: frozenset[date]  # the day that the figure is, for dates and moments
    partner_days: frozenset[date]  # the days of the figures that date it

    @property
    def name(self) -> str:
        return self.figure.name

    @property
    def of_several(self) -> bool:
        """A lower bound for some venues, which must be named with it: it is not the market's."""
        return self.figure.scope == "venues" and len(self.venues) > 1

    @property
    def is_total(self) -> bool:
        """A sum of both sides of liquidations."""
        return self.family.startswith("liquidations") and self.tail.startswith("total")

    def describe(self) -> str:
        """The fact for an editor: name, subject and value."""
        return f"{self.figure.name} of {self.figure.subject} ({self.id}) = {self.figure.value}"


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def _dates_in(moment: datetime, zones: frozenset[str]) -> frozenset[date]:
    return frozenset(moment.astimezone(_zone(z)).date() for z in zones)


@lru_cache(maxsize=4096)
def minute_in(moment: datetime, zone: str) -> int:
    """The minute of the day that a moment has in a zone."""
    local = moment.astimezone(_zone(zone))
    return local.hour * 60 + local.minute


def local_dates(moment: datetime, words: ReaderWords) -> frozenset[date]:
    """The dates that a moment has in the readers' zones."""
    return _dates_in(moment, words.zone_names)


def facts_of(figures: Mapping[str, Figure], words: ReaderWords) -> tuple[Fact, ...]:
    """All figures of an article as facts."""
    partners = _partners(figures, words)
    return tuple(_fact(name, figure, partners, words) for name, figure in figures.items())


def _fact(fact_id: str, figure: Figure, partners: Mapping[tuple[str, str], frozenset[date]], words: ReaderWords) -> Fact:
    family, _, tail = figure.name.partition(".")
    value = abs(figure.value) if isinstance(figure.value, Decimal) else None
    return Fact(
        id=fact_id, figure=figure, tail=tail, family=family, group=_GROUPS.get(family, family),
        subjects=_subjects(figure, family, words), side=figure.side or _side(tail),
        windows=_windows(figure.window, figure.label, family, tail),
        value=value, direction=_direction(figure, family, tail), position=_position(figure, tail),
        extreme=_turn(figure) or _extreme(tail, of_distance=True),
        rank=_rank(tail), venues=_venues(figure, words),
        days=_days(figure, words), partner_days=partners.get((figure.subject, figure.name), frozenset()),
    )  # fmt: skip


def _side(tail: str) -> str:
    return next((side for side in ("short", "long") if tail.startswith(f"{side}_")), "")


def _subjects(figure: Figure, family: str, words: ReaderWords) -> frozenset[str]:
    found = {figure.subject, *(part for part in figure.label.split(",") if part)}
    if family == "treasury":
        venues = {i.key.venue for i in figure.inputs if isinstance(i, Reading)} & words.assets.keys()
        found |= venues or {words.holdings.get(figure.subject, "")}
    if family == "dominance":
        found.add(figure.name.partition(".")[2].partition("_")[0].upper())  # "dominance.btc": a share of the market's value
    return frozenset(found - {""} - words.venues.keys())


@lru_cache(maxsize=1024)  # a catalogue has some hundred names
def _windows(window: str, label: str, family: str, tail: str) -> frozenset[str]:
    if tail in ("crossed_up", "crossed_down"):
        return frozenset()  # a level is told with the bars it was judged by, and with the day it was last crossed
    found = {window, *_WINDOW.findall(tail)} - {""}
    if family in ("etf", "index"):
        found |= {"session", "day"}
    if "week" in tail:
        found |= {"7d", "week", "session"}
    if "_1y" in tail:
        found |= {"365d"}
    if "percentile" in tail or "_since" in tail or tail.startswith(("sd_", "ratio_", "change_1d", "streak")):
        found |= _DAY
    if tail.startswith(("ath", "crossed", "is_ath", "zscore")):
        found |= {"24h", "day"}
    return frozenset(found | ({label} if re.fullmatch(r"\d+[hd]", label) else set()))


def _sign(figure: Figure) -> int:
    value = figure.value
    return (value > 0) - (value < 0) if isinstance(value, Decimal) else 0


_SIGNED_RUNS = ("run_length", "run_days", "run_weeks", "run_months")  # "falls for a sixth straight day"
_SIGNED_FLOWS = ("net_flow", "streak_", "recent_peak", "top_fund", "cumulative")


_DIRECTED = {
    "crossed_up": 1, "crossed_up_at": 1, "crossed_down": -1, "crossed_down_at": -1,
    "holdings_added": 1, "last_purchase": 1,  # coins
    "up_24h": 1, "up_share_24h": 1, "down_24h": -1, "down_share_24h": -1, "cap_step_up": 1, "cap_step_down": -1,
}  # fmt: skip


def _direction(figure: Figure, family: str, tail: str) -> int:
    if "change" in tail or tail.startswith(_SIGNED_RUNS):
        return _sign(figure)
    if family == "etf" and tail.startswith(_SIGNED_FLOWS) and not tail.endswith(("_at", "_since", "_start")):
        return _sign(figure)
    if tail.startswith("rise_") or "inflow" in tail:
        return 1
    if tail.startswith("fall_") or "outflow" in tail:
        return -1
    if _turn(figure) or _extreme(tail):
        return _turn(figure) or _extreme(tail)
    if tail in _CROSSED:
        return _SIGN_OF_LABEL.get(figure.label, 0)
    return _DIRECTED.get(tail, 0)


def _position(figure: Figure, tail: str) -> int:
    if tail.startswith("below_"):
        return -1 if _sign(figure) >= 0 else 1
    if tail in _CROSSED:
        return _SIGN_OF_LABEL.get(figure.label, 0)
    if tail.endswith("gap_pct"):
        return _sign(figure)  # one price against another: above it or below
    if tail in ("crossed_up", "nearest_above", "cap_step_up"):
        return 1
    if tail.startswith("percentile"):
        return 1  # "above those of 93% of the days"
    return -1 if tail in ("crossed_down", "nearest_below", "cap_step_down") else 0


@lru_cache(maxsize=1024)
def _rank(tail: str) -> int:
    """+1 for the largest of a set or of a time, -1 for the smallest; a percentile says how many values it is larger than."""
    if "larg" in tail or tail.endswith("_peak") or tail.startswith(("recent_peak", "top_", "percentile", "ath")):
        return 1
    return -1 if "small" in tail else 0


def _venues(figure: Figure, words: ReaderWords) -> frozenset[str]:
    """The venues that a figure is of: its scope or those in its label, the venue in its source's name ("Binance spot"), of an order."""
    named = {figure.scope, *figure.label.split(","), figure.source.partition(" ")[0].lower()}
    return frozenset(named & words.venues.keys())


def _turn(figure: Figure) -> int:
    """+1 for a turning point of a price that is a high, -1 for one that is a low: its label says which."""
    return _SIGN_OF_LABEL.get(figure.label, 0) if figure.name.startswith("path.turn_") else 0


_SIGN_OF_LABEL = {"high": 1, "low": -1}
_CROSSED = ("correlation_level",)  # whose label says from which side they were crossed


@lru_cache(maxsize=1024)
def _extreme(tail: str, *, of_distance: bool = False) -> int:
    """+1 for highs and records, -1 for lows; a distance below a record speaks of that high, and moves nowhere itself."""
    if tail.startswith("below_"):
        return int(of_distance)
    if tail in ("ath", "ath_at", "ath_previous", "ath_previous_at", "record_close", "record_at"):
        return 1
    if tail.startswith(("high_", "highest")) or tail.endswith(("_high", "_high_since")):
        return 1
    return -1 if tail.startswith(("low_", "lowest")) or tail.endswith(("_low", "_low_since")) else 0


def _days(figure: Figure, words: ReaderWords) -> frozenset[date]:
    if isinstance(figure.value, datetime):
        return local_dates(figure.value, words)
    return frozenset({figure.value}) if isinstance(figure.value, date) else frozenset()


def own_days(fact: Fact, words: ReaderWords) -> frozenset[date]:
    """The days that may stand beside the amount of a fact: its own and those that date it, else those of what it was made from.

    A sum over a run or a week is of no single day.
    """
    if fact.partner_days or fact.tail in _OF_MANY_DAYS:
        return fact.days | fact.partner_days
    return fact.days | _near_days(fact.figure, words, 2)


_OF_MANY_DAYS = frozenset({"streak_total", "cumulative", "net_flow_week"})


_MOMENT = timedelta(seconds=1)  # a day's bar ends at midnight, and belongs to the day that ended
_FEW = 4  # a sum over many readings belongs to its end, not to each of their days


def _near_days(figure: Figure, words: ReaderWords, depth: int) -> frozenset[date]:
    found = local_dates(figure.observed_at - _MOMENT, words)
    if not depth or len(figure.inputs) > _FEW:
        return found
    for item in figure.inputs:
        if isinstance(item, Figure):
            found |= _near_days(item, words, depth - 1) | _days(item, words)
        elif isinstance(item, Reading):
            found |= local_dates(item.observed_at - _MOMENT, words)
    return found


def _partners(figures: Mapping[str, Figure], words: ReaderWords) -> Mapping[tuple[str, str], frozenset[date]]:
    """For an amount, the days of the figures that date it: `price.ath_at` for `price.ath`, `index.record_at` for the record."""
    found: dict[tuple[str, str], frozenset[date]] = {}
    for figure in figures.values():
        if figure.unit in (Unit.DATE, Unit.MOMENT):
            stem = figure.name.removesuffix("_at").removesuffix("_since")
            stems = {stem, f"{stem}_close", f"{stem}_usd", f"{stem}_price"}
            for name in stems if stem != figure.name else ():
                key = (figure.subject, name)
                found[key] = found.get(key, frozenset()) | _days(figure, words)
    return found
