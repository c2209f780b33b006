"""A rule as data: rule.toml of one angle; in: a folder, out: a Rule with compiled conditions, or a fault with file, line and hint."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from newsgen.detect.expression import Expression, ExpressionFault, Limit, compile_expression
from newsgen.discover import angle_folders, templates_root
from newsgen.errors import PluginError
from newsgen.market import FigureSpec, Unit

__all__ = ["Rule", "RuleFile", "check_rules", "load_rule", "load_rules", "rule_schema"]

OVERRIDE = "limits.toml"  # in an angle's folder of the desk's own root
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
    since: tuple[str, ...] = ()  # dates of which the first that is known makes the rarity, in place of the figure's own past


class Breadth(_Part):
    """How many of the followed assets move the same way."""

    figure: str = "price.change_24h"
    sign: Literal["up", "down", "same"]  # same: as the subject's own goes


class Novelty(_Part):
    """When an angle is news again."""

    mark: str = ""  # a figure: another value than when it was last published is new
    cooldown: Duration = timedelta(hours=24)


class Story(_Part):
    """How a story lives: what is one event, and which new data are worth a new version."""

    anchor: str = ""  # a figure whose value names the event: the same value is the same story, another value another one
    lives: Duration = timedelta(hours=24)  # where no anchor names the event: how long after it began new data belong to it
    rest: Duration = timedelta(hours=1)  # between two versions, unless the move has reversed
    material: tuple[str, ...] = ()  # figures of which another value is worth a version: a level, a record's date
    grows: tuple[str, ...] = ()  # the figure whose growth is, the first that is known; default the measured one
    step_pct: Decimal = Field(Decimal(20), gt=0)  # by how much, in percent of what was told
    # The figure whose sign is the story's direction: another sign is a reversal. None: the price's change, of a family that has one.
    direction: str | None = None


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
    importance: float | None = Field(None, ge=0, le=1)  # where it is another than its subject's: a dashboard is no price
    leads: bool = False  # its forms, whatever else scores: a wrap, which is due by schedule
    limits: Mapping[str, LimitFile] = Field(default_factory=dict)
    limits_for: Mapping[str, Mapping[str, Decimal]] = Field(default_factory=dict)  # per subject: other values
    when: tuple[When, ...]
    measure: Measure
    breadth: Breadth | None = None
    corroborate: tuple[When, ...] = ()
    novelty: Novelty = Novelty()
    story: Story = Story()
    bonus: Bonus = Bonus()
    conflict: Conflict = Conflict()


def rule_schema(catalogue: Mapping[str, FigureSpec]) -> dict[str, Any]:
    """The JSON schema of rule.toml; where a figure is wanted, its name is one of the catalogue's."""
    schema = RuleFile.model_json_schema(by_alias=True)
    schema["$schema"] = "http://json-schema.org/draft-07/schema#"
    schema["title"] = "rule.toml of an angle"
    figure = {"type": "string", "enum": ["", *sorted(catalogue)]}
    schema["$defs"]["Figure"] = figure
    for model, keys in _FIGURE_KEYS.items():
        for key in keys:
            known = schema["$defs"][model]["properties"][key]
            wanted: dict[str, Any] = {"$ref": "#/$defs/Figure"}
            if known.get("type") == "array":
                known["items"] = wanted
            else:
                schema["$defs"][model]["properties"][key] = {**{k: v for k, v in known.items() if k == "default"}, **wanted}
    return schema


_FIGURE_KEYS = {
    "Measure": ("figure", "since"), "Breadth": ("figure",), "Novelty": ("mark",), "Story": ("anchor", "grows", "material", "direction"),
}  # fmt: skip
_MODELS = (RuleFile, LimitFile, When, Measure, Breadth, Novelty, Story, Bonus, Conflict)
_KEYS = frozenset(field.alias or name for model in _MODELS for name, field in model.model_fields.items())


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
        own = self.file.limits_for.get(subject)
        if not own:
            return self.limits
        return {n: Limit(own.get(n, limit.value), limit.unit) for n, limit in self.limits.items()}


def load_rules(roots: Sequence[Path], catalogue: Mapping[str, FigureSpec], overrides: Mapping[str, Mapping[str, str]]) -> list[Rule]:
    """All rules of one or more template roots, the first root before the others.

    Raises:
        PluginError: A rule is wrong; names file, line and hint.
    """
    folders: dict[str, Path] = {}
    worded: dict[str, Path] = {}  # folders that hold words only
    own: dict[str, dict[str, str]] = {}
    for root in roots:
        if (root / "angles").is_dir():
            for folder in angle_folders(root):
                if (folder / OVERRIDE).is_file():
                    own[folder.name] = {**read_override(folder / OVERRIDE), **own.get(folder.name, {})}
                if (folder / "rule.toml").is_file():
                    folders.setdefault(folder.name, folder)
                elif not (folder / OVERRIDE).is_file():
                    worded.setdefault(folder.name, folder)
    for name, folder in worded.items():
        folders.setdefault(name, folder)  # words for an angle of a later root; for none, the rule is missing
    overrides = {**own, **{name: {**own.get(name, {}), **given} for name, given in overrides.items()}}
    unknown = set(overrides) - set(folders)
    if unknown:
        raise PluginError("angles", f"{', '.join(sorted(unknown))}: no such angle", hint=f"there are: {', '.join(sorted(folders))}")
    rules = [load_rule(folders[name] / "rule.toml", catalogue, overrides.get(name, {})) for name in sorted(folders)]
    for rule in rules:
        _check_conflict(rule, folders[rule.name] / "rule.toml", folders)
    return rules


def read_override(path: Path) -> dict[str, str]:
    """A desk's own thresholds of an angle: limits.toml with `name = value` lines, in the units of the rule.

    Raises:
        PluginError: It is no TOML, or a value is no number; names file and line.
    """
    where, text = f"{path.parent.name}/{path.name}", path.read_text("utf-8")
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise PluginError(where, str(error), line=int(line.group(1)) if line else None) from error
    for name, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float | str) or not _is_number(value):
            hint = "write name = 400e6, as under [limits] of rule.toml"
            raise PluginError(where, f"{name} is set to {value!r}, which is no number", line=_line_of(text, (name,)), hint=hint)
    return {name: str(value) for name, value in found.items()}


def _is_number(value: object) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def check_rules(root: Path, catalogue: Mapping[str, FigureSpec]) -> list[PluginError]:
    """Every fault of every rule, not only the first."""
    faults: list[PluginError] = []
    known = {f.name for r in (root, templates_root()) if (r / "angles").is_dir() for f in angle_folders(r)}
    for folder in angle_folders(root):
        try:
            _check_conflict(load_rule(folder / "rule.toml", catalogue), folder / "rule.toml", known)
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
    except UnicodeDecodeError as error:
        raise PluginError(where, f"is not UTF-8: {error.reason} at byte {error.start}") from None
    file = _parse(where, text, path.parent.name)
    limits = _limits(where, text, file, overrides or {})
    _check_figures(where, text, file, catalogue)
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
        hint = _nearest(str(first["loc"][-1]), _KEYS) if first["type"] == "extra_forbidden" else ""
        raise PluginError(where, f"{key}: {first['msg']}", line=_line_of(text, first["loc"]), hint=hint) from error
    if file.name != folder:
        raise PluginError(where, f"name is {file.name!r}, the folder is {folder!r}", line=_line_of(text, ("name",)))
    return file


def _check_figures(where: str, text: str, file: RuleFile, catalogue: Mapping[str, FigureSpec]) -> None:
    """The figures that are named outside of expressions."""
    named = [(("measure", "figure"), file.measure.figure), (("novelty", "mark"), file.novelty.mark)]
    named += [(("breadth", "figure"), file.breadth.figure)] if file.breadth else []
    named += [(("measure", "since"), name) for name in file.measure.since]
    named += [(("story", key), getattr(file.story, key)) for key in ("anchor", "direction")]
    named += [(("story", "material"), name) for name in file.story.material] + [(("story", "grows"), name) for name in file.story.grows]
    for key, name in named:
        if name and name not in catalogue:
            hint = _nearest(name, catalogue)
            raise PluginError(where, f"{'.'.join(key)}: {name!r} is no figure", line=_line_of(text, key), hint=hint)


def _check_conflict(rule: Rule, path: Path, angles: Iterable[str]) -> None:
    """An angle that is absorbed has to exist, and to be another one."""
    known = set(angles) - {rule.name}
    for name in rule.file.conflict.absorbs:
        if name not in known:
            line = _line_of(path.read_text("utf-8"), ("conflict", "absorbs"))
            problem = f"conflict.absorbs: {name!r} is no other angle"
            raise PluginError(f"{path.parent.name}/{path.name}", problem, line=line, hint=_nearest(name, known))


def _limits(where: str, text: str, file: RuleFile, overrides: Mapping[str, str]) -> dict[str, Limit]:
    for subject, own in (("", overrides), *file.limits_for.items()):
        for name in sorted(set(own) - set(file.limits)):
            line = _line_of(text, ("limits_for", subject, name)) if subject else None
            raise PluginError(where, f"limits.{name} is not defined", line=line, hint=f"there are: {', '.join(file.limits)}")
    return {n: Limit(_number(where, n, overrides.get(n, limit.value)), limit.unit) for n, limit in file.limits.items()}


def _number(where: str, name: str, value: object) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise PluginError(where, f"limits.{name} is set to {value!r}, which is no number")
    return number


def _nearest(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {found[0]}?" if found else ""


def _line_of(text: str, key: Sequence[str | int]) -> int | None:
    """The line of a key; where it is missing, the head of the table that lacks it; None when there is not even that."""
    lines = text.splitlines()
    head, name = _table(lines, key)
    for number in range(head + 1, len(lines)):
        if lines[number].startswith("["):
            break
        if re.match(rf"\s*{re.escape(name)}\s*[.=]", lines[number]):
            return number + 1
    return head + 1 or None


def _table(lines: Sequence[str], key: Sequence[str | int]) -> tuple[int, str]:
    """The index of the head of the innermost table on the way to a key, or -1, and the next name on that way."""
    for size in range(len(key), 0, -1):
        table = ".".join(p for p in key[:size] if isinstance(p, str))
        index = next((p for p in reversed(key[:size]) if isinstance(p, int)), 0)
        heads = [i for i, line in enumerate(lines) if line.strip() in (f"[{table}]", f"[[{table}]]")]
        if index < len(heads):
            return heads[index], next((p for p in key[size:] if isinstance(p, str)), "")
    return -1, str(key[0])


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
