"""For those who write angles: what is wrong with one, by file, line and hint, and a new one; in: template roots, out: faults.

Brings together what rule, cases and words say of themselves, and asks an archive whether a threshold is ever, or always, reached.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from newsgen.derive import catalogue
from newsgen.detect import Rule, check_rules, evaluate, faults_of_cases, load_rule, rule_schema, subjects_of
from newsgen.discover import angle_folders, templates_root
from newsgen.errors import ConfigError, PluginError
from newsgen.market import Book, View
from newsgen.write import REQUIRED_BLOCKS, load_lexicon, load_style, make_environment, proofread

__all__ = ["LOOKS", "check_angles", "check_reach", "new_angle", "on_the_bar", "rule_schema_text", "unfinished"]

LOOKS = 150  # moments of the archive at which a threshold is tried
TODO = "TODO"


def check_angles(roots: Sequence[Path], style: str = "ap", locale: str = "en") -> list[PluginError]:
    """Every fault of the rules, cases and templates below some roots; what lies below the shipped root completes them."""
    faults: list[PluginError] = []
    for root in roots:
        if (root / "angles").is_dir():
            faults += [*check_rules(root, catalogue()), *_check_each(root), *_check_words(root, style, locale)]
    return faults


def _sound_rules(root: Path) -> Iterator[tuple[Rule, Path]]:
    """The rules that load; the others have told their fault already."""
    for folder in angle_folders(root):
        try:
            yield load_rule(folder / "rule.toml", catalogue()), folder
        except PluginError:
            continue


def _check_each(root: Path) -> Iterator[PluginError]:
    rules = {rule.name: rule for rule, _ in (*_sound_rules(templates_root()), *_sound_rules(root))}
    for rule, folder in _sound_rules(root):
        where, text = f"{folder.name}/rule.toml", (folder / "rule.toml").read_text("utf-8")
        yield from _check_conflict(rule, rules, where, text)
        if "cooldown" not in rule.file.novelty.model_fields_set and not rule.file.story.anchor:
            hint = 'add [novelty] with cooldown = "12h": else the default of a day holds, whether it fits or not'
            yield PluginError(where, "the cooldown is missing", line=_line(text, "[novelty]"), hint=hint)
        yield from faults_of_cases(rule, folder / "cases.toml", catalogue())


def _check_conflict(rule: Rule, rules: Mapping[str, Rule], where: str, text: str) -> Iterator[PluginError]:
    for other in rule.file.conflict.absorbs:
        if other in rules and rule.name in rules[other].file.conflict.absorbs:
            problem = f"{rule.name} absorbs {other}, and {other} absorbs {rule.name}: neither would ever lead"
            yield PluginError(where, problem, line=_line(text, "absorbs"), hint="take one of the two out")


def _check_words(root: Path, style: str, locale: str) -> Iterator[PluginError]:
    """Faults of all templates below a root."""
    environment = make_environment(root, templates_root())
    house, lexicon = load_style(_first(root, f"style/{style}.toml")), load_lexicon(_first(root, f"lexicon/{locale}.toml"))
    subjects = (*lexicon.assets, *lexicon.subjects)
    for folder in angle_folders(root):
        if not (folder / f"{locale}.j2").is_file():
            yield PluginError(f"{folder.name}/{locale}.j2", "the angle has no words", hint="newsgen angle new NAME shows the blocks")
    for path in sorted(root.glob(f"*/*/{locale}.j2")):
        wanted = REQUIRED_BLOCKS if path.parent.parent.name == "angles" else ()
        for fault in proofread(path.read_text("utf-8"), environment, catalogue(), subjects, constants=house.constants, banned=house.banned,
                               blocks=wanted):  # fmt: skip
            yield PluginError(f"{path.parent.name}/{path.name}", fault.problem, line=fault.line, hint=fault.hint)


def _first(root: Path, name: str) -> Path:
    return root / name if (root / name).is_file() else templates_root() / name


def check_reach(roots: Sequence[Path], view: View, first: datetime) -> list[PluginError]:
    """Thresholds that the archive never reaches, or always, at moments from the first to the view's own.

    A condition that was never known is not judged: the archive cannot tell.
    """
    step = max((view.as_of - first) / LOOKS, timedelta(hours=4))
    moments = [view.as_of - k * step for k in range(int((view.as_of - first) / step) + 1)]
    books = [Book(view.at(on_the_bar(m)), catalogue()) for m in moments]
    faults: list[PluginError] = []
    for root in roots:
        for rule, folder in _sound_rules(root) if (root / "angles").is_dir() else ():
            text = (folder / "rule.toml").read_text("utf-8")
            for number, (expression, _) in enumerate(() if rule.file.leads else rule.conditions):
                problem = _reached(rule, number, books)
                if problem:
                    hint = "newsgen replay --angle shows on which days the angle fires"
                    line = _line(text, expression.text)
                    faults.append(PluginError(f"{folder.name}/rule.toml", f"{expression.text}: {problem}", line=line, hint=hint))
    return faults


def on_the_bar(moment: datetime) -> datetime:
    """The end of the four-hour bar before a moment: figures of prices are there at such moments only, where bars are no finer."""
    return moment.replace(hour=moment.hour - moment.hour % 4, minute=0, second=0, microsecond=0)


def _reached(rule: Rule, number: int, books: Sequence[Book]) -> str:
    """What is odd about one condition over all books; "" when it is reached at times and not at others."""
    known = held = 0
    seen: dict[str, list[Decimal]] = {}
    for book in books:
        for subject in subjects_of(rule, book):
            condition = evaluate(rule, book, subject)[number]
            if condition.held is None:
                continue
            known, held = known + 1, held + condition.held
            for name, value in condition.saw.items():
                if value.replace("-", "", 1).replace(".", "", 1).isdigit():
                    seen.setdefault(name, []).append(Decimal(value))
    if known < len(books) / 4 or 0 < held < known:
        return ""
    ranges = "; ".join(f"{name} was {min(v):.4g} to {max(v):.4g}" for name, v in seen.items())
    return f"{'always' if held else 'never'} reached at {known} moments of the archive" + (f" ({ranges})" if ranges else "")


def _line(text: str, needle: str) -> int | None:
    return next((n for n, line in enumerate(text.splitlines(), 1) if needle in line), None)


def rule_schema_text() -> str:
    """The JSON schema of rule.toml, for the completion of editors; figures are listed by name."""
    return json.dumps(rule_schema(catalogue()), indent=1, ensure_ascii=False) + "\n"


def new_angle(root: Path, name: str) -> list[Path]:
    """Make the folder of a new angle with its test; the folder passes the check, the test fails until it is filled in.

    Raises:
        ConfigError: The name is no name, or there is such an angle already.
    """
    if not name.isidentifier() or name != name.lower():
        raise ConfigError(f"{name!r} is no name of an angle: write small letters, digits and underscores, as funding_flip")
    if any((r / "angles" / name).exists() for r in (root, templates_root())):
        raise ConfigError(f"there is an angle {name} already")
    made: list[Path] = []
    for source in sorted((templates_root() / "desk" / "angle").glob("*")):
        test = source.name.startswith("test_")
        target = root.parent / "tests" / f"test_{name}.py" if test else root / "angles" / name / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text("utf-8").replace("NAME", name), "utf-8")
        made.append(target)
    return made


def unfinished(root: Path, name: str) -> list[str]:
    """The places of an angle's files where something is still to do."""
    found: list[str] = []
    for path in sorted((root / "angles" / name).glob("*")):
        lines: list[Any] = path.read_text("utf-8").splitlines()
        found += [f"{name}/{path.name}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if TODO in line]
    return found
