"""Books with figures set by hand, for the tests of detect: no archive, no formulas; names and units are the catalogue's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from newsgen import derive
from newsgen.derive._tracks import Known as Values
from newsgen.derive._tracks import Track, Trails
from newsgen.detect import Rule, load_rules
from newsgen.detect.rule import RuleFile
from newsgen.discover import templates_root
from newsgen.market import Absent, Ask, Book, Figure, FigureSpec, Record, Trail, View
from newsgen.story import Pitch

AS_OF = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
START = date(2017, 8, 17)
NOT_SET = "nobody has set it"


@dataclass(frozen=True)
class Known:
    """A value with what history says of it."""

    value: Any
    is_record: bool = False
    covers_life: bool = False


FIRST_EVER = Known(None, is_record=True, covers_life=True)
RECORD_OF_THE_ARCHIVE = Known(None, is_record=True)


class BrokenFigureError(Exception):
    """What a figure raises whose code is wrong."""


def _figure(spec: FigureSpec, subject: str, given: Any) -> Figure | Absent:
    if isinstance(given, Exception):
        raise given
    if isinstance(given, Absent):
        return given
    known = given if isinstance(given, Known) else Known(given)
    value = Decimal(str(known.value)) if isinstance(known.value, int | float) and not isinstance(known.value, bool) else known.value
    since = value if isinstance(value, date) and not isinstance(value, datetime) else None
    record = Record(spec.name, ">=", Decimal(1), since, None, START, known.is_record, True, known.covers_life)
    return Figure(spec.name, subject, value, spec.unit, AS_OF, AS_OF, "made", record=record)


def _entry(spec: FigureSpec, figures: Mapping[str, Any], trails: Mapping[str, Sequence[float]]) -> FigureSpec:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        return _figure(spec, subject, figures.get(f"{subject}.{spec.name}", Absent(NOT_SET)))

    def trail(ask: Ask, subject: str) -> Trail | Absent:
        values = trails.get(f"{subject}.{spec.name}")
        return Absent(NOT_SET) if values is None else daily(values)

    return replace(spec, compute=compute, trail=trail, quick=None)


def daily(values: Sequence[float], *, ago_days: int = 1) -> Trail:
    """One value a day, the last of them a day before AS_OF."""
    last = int(AS_OF.timestamp()) - 86_400 * ago_days
    track = Track([last - 86_400 * k for k in range(len(values) - 1, -1, -1)], list(values))
    return Trails((Values(track, 0, len(values)),))


def book_of(
    figures: Mapping[str, Any], trails: Mapping[str, Sequence[float]] | None = None, assets: Sequence[str] = ("BTC", "ETH", "SOL")
) -> Book:
    """A book of {"BTC.price.last": 100}; everything that is not named is absent, an Exception is raised by its figure."""
    view = View(AS_OF, lambda series, subject: [], assets)
    return Book(view, {n: _entry(spec, figures, trails or {}) for n, spec in derive.catalogue().items()})


@cache
def shipped() -> Mapping[str, Rule]:
    """The rules of templates/angles."""
    return {rule.name: rule for rule in load_rules((templates_root(),), derive.catalogue(), {})}


def bare_rule(name: str, family: str = "price", **more: Any) -> Rule:
    """A rule without conditions, for what ranking asks of it."""
    given = {"name": name, "title": name, "family": family, "each": "asset", "when": (), "measure": {"figure": "price.change_24h"}}
    return Rule(RuleFile.model_validate({**given, **more}), {}, (), (), {})


def fired(angle: str, score: float | str, subject: str = "BTC", family: str = "price") -> Pitch:
    return Pitch(angle, subject, family, Decimal(str(score)), {}, True, ())


def ago(hours: float) -> datetime:
    return AS_OF - timedelta(hours=hours)
