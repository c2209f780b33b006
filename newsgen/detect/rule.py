"""A rule as data: rule.toml of one angle; in: a folder, out: a Rule with compiled conditions, or a fault with file, line and hint."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from newsgen.detect.expression import Expression, ExpressionFault, Limit, compile_expression
from newsgen.discover import angle_folders
from newsgen.errors import PluginError
from newsgen.market import FigureSpec, Unit

__all__ = ["Rule", "RuleFile", "check_rules", "load_rule", "load_rules"]

_DURATION = re.compile(r"(\d+)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def parse_duration(value: object) -> timedelta:
    """24h, 30m, 7d to a timedelta; ValueError names the text."""
    match = _DURATION.fullmatch(str(value))
    if match is None:
        raise ValueError(f"{value!r} is no duration: write 30m, 24h or 7d")
    return timedelta(seconds=int(match.group(1)) * _SECONDS[match.group(2)])


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class LimitFile(_Part):
    """A threshold with its unit and its reason."""

    value: Decimal
    unit: Unit
    why: str


class When(_Part):
    """A condition and why it is there."""

    expression: str = Field(alias="if")
    why: str


class Measure(_Part):
    """The figure whose size and rarity make the score."""

    figure: str
    tail: Literal["high", "low", "both"] = "high"


class Breadth(_Part):
    """How many of the followed assets move the same way."""

    figure: str = "price.change_24h"
    sign: Literal["up", "down"]


class Novelty(_Part):
    """When an angle is news again."""

    mark: str = ""  # a figure: another value than when it was last published is new
    cooldown: Duration = timedelta(hours=24)


class Bonus(_Part):
    """Conditions for five points each, and for the reversal's minus fifteen."""

    first_ever: str = ""
    fresh_level: str = ""
    reversed: str = ""


class Conflict(_Part):
    """Which angles this one swallows, and which must be absent."""

    absorbs: tuple[str, ...] = ()
    needs_no_other_above: Decimal | None = None


class RuleFile(_Part):
    """rule.toml."""

    name: str
    title: str
    family: Literal["price", "derivatives", "flows", "structure", "macro"]
    each: Literal["market", "asset"]
    assets: tuple[str, ...] = ()  # only these; default all of the edition
    forms: tuple[str, ...] = ()  # only these; default all
    limits: Mapping[str, LimitFile] = Field(default_factory=dict)
    limits_for: Mapping[str, Mapping[str, Decimal]] = Field(default_factory=dict)  # per subject: other values
    when: tuple[When, ...]
    measure: Measure
    breadth: Breadth | None = None
    corroborate: tuple[When, ...] = ()
    novelty: Novelty = Novelty()
    bonus: Bonus = Bonus()
    conflict: Conflict = Conflict()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule ready to run."""

    file: RuleFile
    limits: Mapping[str, Limit]
    conditions: tuple[tuple[Expression, str], ...]
    corroboration: tuple[tuple[Expression, str], ...]
    bonuses: Mapping[str, Expression]

    @property
    def name(self) -> str:
        return self.file.name

    def limits_of(self, subject: str) -> Mapping[str, Limit]:
        """The limits for one subject, its own values before the common ones."""
        own = self.file.limits_for.get(subject, {})
        return {n: Limit(own.get(n, limit.value), limit.unit) for n, limit in self.limits.items()}


def load_rules(roots: Sequence[Path], catalogue: Mapping[str, FigureSpec], overrides: Mapping[str, Mapping[str, str]]) -> list[Rule]:
    """All rules of one or more template roots, the first root before the others.

    Raises:
        PluginError: A rule is wrong; names file, line and hint.
    """
    folders: dict[str, Path] = {}
    for root in roots:
        if (root / "angles").is_dir():
            for folder in angle_folders(root):
                folders.setdefault(folder.name, folder)
    unknown = set(overrides) - set(folders)
    if unknown:
        raise PluginError("angles", f"{', '.join(sorted(unknown))}: no such angle")
    return [load_rule(folders[name] / "rule.toml", catalogue, overrides.get(name, {})) for name in sorted(folders)]


def check_rules(root: Path, catalogue: Mapping[str, FigureSpec]) -> list[PluginError]:
    """Every fault of every rule, not only the first."""
    faults: list[PluginError] = []
    for folder in angle_folders(root):
        try:
            load_rule(folder / "rule.toml", catalogue)
        except PluginError as fault:
            faults.append(fault)
    return faults


def load_rule(path: Path, catalogue: Mapping[str, FigureSpec], overrides: Mapping[str, str] | None = None) -> Rule:
    """One rule from its file; raises PluginError with file, line and hint."""
    where = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text("utf-8")
    except OSError:
        raise PluginError(where, "the angle has no rule.toml") from None
    file = _parse(where, text, path.parent.name)
    limits = _limits(where, text, file, overrides or {})
    if file.measure.figure not in catalogue:
        raise PluginError(where, f"measure: {file.measure.figure!r} is no figure", line=_line(text, file.measure.figure))
    compiler = _Compiler(where, text, catalogue, limits)
    return Rule(
        file, limits,
        tuple((compiler.compile(w.expression), w.why) for w in file.when),
        tuple((compiler.compile(w.expression), w.why) for w in file.corroborate),
        {n: compiler.compile(e) for n, e in file.bonus.model_dump().items() if e},
    )  # fmt: skip


def _parse(where: str, text: str, folder: str) -> RuleFile:
    try:
        file = RuleFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise PluginError(where, str(error), line=int(found.group(1)) if found else None) from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(p) for p in first["loc"])
        raise PluginError(where, f"{key}: {first['msg']}", line=_line(text, str(first["loc"][-1]))) from error
    if file.name != folder:
        raise PluginError(where, f"name is {file.name!r}, the folder is {folder!r}", line=_line(text, "name"))
    return file


def _limits(where: str, text: str, file: RuleFile, overrides: Mapping[str, str]) -> dict[str, Limit]:
    for own in (overrides, *file.limits_for.values()):
        unknown: Iterable[str] = set(own) - set(file.limits)
        for name in unknown:
            raise PluginError(where, f"limits.{name} is not defined", line=_line(text, name), hint=f"there are: {', '.join(file.limits)}")
    return {n: Limit(Decimal(str(overrides.get(n, limit.value))), limit.unit) for n, limit in file.limits.items()}


def _line(text: str, needle: str) -> int | None:
    for number, line in enumerate(text.splitlines(), 1):
        if needle in line:
            return number
    return None


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Compiles the expressions of one file and says where a fault is."""

    where: str
    text: str
    catalogue: Mapping[str, FigureSpec]
    limits: Mapping[str, Limit]

    def compile(self, expression: str) -> Expression:
        try:
            return compile_expression(expression, self.catalogue, self.limits)
        except ExpressionFault as fault:
            raise PluginError(self.where, f"{expression}: {fault.problem}", line=_line(self.text, expression), hint=fault.hint) from fault
