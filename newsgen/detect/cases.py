"""The cases of an angle: made markets on which its rule must fire, and near misses; in: cases.toml and a Rule, out: what goes otherwise.

An author writes them beside rule.toml, without Python. A value is a number, a date, true or false, a text, or a table: `{ value, record,
covers_life }` for what history says of it, `{ absent = "why" }`. Figures that are not named are absent.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsgen.detect.evaluate import evaluate, first_failure
from newsgen.detect.rule import Rule
from newsgen.errors import PluginError
from newsgen.market import Absent, Ask, Book, Figure, FigureSpec, Record, Unit, View

__all__ = ["Case", "faults_of_cases", "load_cases", "made_book"]

AS_OF = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
_START = date(2010, 7, 13)
_ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")


class _Known(BaseModel):
    """A value with what history says of it, or why there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Any = None
    record: bool = False
    covers_life: bool = False
    label: str = ""
    scope: str = ""
    absent: str = ""


class Case(BaseModel):
    """One made market and what the rule says of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    subject: str
    fires: bool
    like: str = ""  # the title of a case whose figures it shares, but for its own
    figures: Mapping[str, Any] = Field(default_factory=dict)  # "BTC.price.last" to its value


@dataclass(frozen=True, slots=True)
class _Place:
    """A file and where its cases begin."""

    where: str
    lines: Sequence[int]

    def fault(self, number: int, problem: str, hint: str = "") -> PluginError:
        return PluginError(self.where, problem, line=self.lines[number] if number < len(self.lines) else None, hint=hint)


def load_cases(path: Path, catalogue: Mapping[str, FigureSpec]) -> tuple[tuple[Case, ...], _Place]:
    """The cases of a file, those with `like` filled up.

    Raises:
        PluginError: The file is missing or wrong; names file, line and hint.
    """
    where = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text("utf-8")
    except OSError:
        raise PluginError(
            where, "the angle has no cases", hint="write one that fires and one near miss: newsgen angle new shows how"
        ) from None
    place = _Place(where, [i for i, line in enumerate(text.splitlines(), 1) if line.strip() == "[[case]]"])
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PluginError(where, str(error)) from error
    found: dict[str, Case] = {}
    for number, item in enumerate(read.get("case", ())):
        try:
            case = Case.model_validate(item)
        except ValidationError as error:
            first = error.errors()[0]
            raise place.fault(number, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        if case.like and case.like not in found:
            raise place.fault(number, f"like: no case before it has the title {case.like!r}")
        whole = {**found[case.like].figures, **case.figures} if case.like else case.figures
        _check_names(place, number, whole, catalogue)
        found[case.title] = case.model_copy(update={"figures": whole})
    return tuple(found.values()), place


def _check_names(place: _Place, number: int, figures: Mapping[str, Any], catalogue: Mapping[str, FigureSpec]) -> None:
    for name in figures:
        _, _, figure = name.partition(".")
        if figure not in catalogue:
            raise place.fault(number, f"{name}: {figure!r} is no figure", hint="write SUBJECT.family.figure, as BTC.price.last")


def faults_of_cases(rule: Rule, path: Path, catalogue: Mapping[str, FigureSpec]) -> Iterator[PluginError]:
    """What the rule says otherwise than its cases want, and which of the two kinds is missing."""
    try:
        cases, place = load_cases(path, catalogue)
    except PluginError as fault:
        yield fault
        return
    for number, case in enumerate(cases):
        problem = _otherwise(rule, case, catalogue)
        if problem:
            yield place.fault(number, f"{case.title!r}: {problem}")
    if not any(c.fires for c in cases):
        yield PluginError(place.where, "no case fires", hint="add a [[case]] with fires = true")
    if all(c.fires for c in cases):
        yield PluginError(place.where, "no near miss", hint="add a [[case]] with fires = false, just outside of a limit")


def _otherwise(rule: Rule, case: Case, catalogue: Mapping[str, FigureSpec]) -> str:
    conditions = evaluate(rule, made_book(case.figures, catalogue, (case.subject,)), case.subject)
    reason = first_failure(conditions)
    if case.fires:
        return f"does not fire: {reason}" if reason else ""
    if not reason:
        return "fires, and should not"
    unknown = [c for c in conditions if c.held is None]
    return f"is no near miss: {reason}" if len(unknown) == len(conditions) else ""


def made_book(figures: Mapping[str, Any], catalogue: Mapping[str, FigureSpec], assets: Sequence[str] = ()) -> Book:
    """A book in which just these figures are known."""
    followed = tuple(dict.fromkeys((*_ASSETS, *(a for a in assets if a != "market"))))
    view = View(AS_OF, lambda series, subject: [], followed)
    return Book(view, {name: _made_spec(spec, figures) for name, spec in catalogue.items()})


def _made_spec(spec: FigureSpec, figures: Mapping[str, Any]) -> FigureSpec:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        given = figures.get(f"{subject}.{spec.name}")
        return Absent("the case does not name it") if given is None else _made(spec, subject, given)

    return replace(spec, compute=compute, trail=None, quick=None)


def _made(spec: FigureSpec, subject: str, given: Any) -> Figure | Absent:
    known = _Known.model_validate(given) if isinstance(given, dict) else _Known(value=given)
    if known.absent:
        return Absent(known.absent)
    value = known.value
    if spec.unit not in (Unit.DATE, Unit.MOMENT, Unit.TEXT, Unit.FLAG) and value is not None:
        value = Decimal(str(value))
    since = value if isinstance(value, date) and not isinstance(value, datetime) else None
    record = Record(spec.name, ">=", Decimal(1), since, None, _START, known.record, closed_period=True, covers_life=known.covers_life)
    return Figure(spec.name, subject, value, spec.unit, AS_OF, AS_OF, "made", record=record, label=known.label, scope=known.scope)
