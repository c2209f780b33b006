"""Where templates live and what they may call: loaders, tests, filters, the tag `{% vary %}`; in: folders, out: a Jinja environment.

A filter of a template reaches the printer of the article in hand (printer.py). Does not render (render.py).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateSyntaxError, pass_context
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.ext import Extension
from jinja2.nodes import Macro
from jinja2.runtime import BlockReference, Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from newsgen.market import Figure
from newsgen.write.compiled import CompiledTemplates
from newsgen.write.faults import template_fault
from newsgen.write.printer import FILTERS, NO_CHANGE_PCT, PRINTS, Printer, figure_of
from newsgen.write.scope import FamilyScope, Missing, SubjectScope
from newsgen.write.vary import BRANCH, FigureAbsent, Pick, VaryExtension

__all__ = ["EXTENSIONS", "compile_all", "make_environment"]

EXTENSIONS: list[type[Extension]] = [VaryExtension]  # of every template environment; a coverage report adds its marks
_EVEN = Decimal("0.05")  # a ratio as near to one as this would print as "1 times"


class _Compiler(CodeGenerator):
    """Makes a branch of `{% vary %}` a function and no more: the macro around it is dear, and takes no arguments here."""

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        if isinstance(macro_ref.node, Macro) and macro_ref.node.name.startswith(BRANCH):
            self.write("macro")  # as Jinja calls the function that it has just written
        else:
            super().macro_def(macro_ref, frame)


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, with a short way to what is harmless: scopes, which offer figures and nothing else, choices of words, and blocks.

    A template asks for dozens of them, and the long way looks each time at whether they are safe.
    """

    code_generator_class = _Compiler

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) in _SCOPES and not attribute.startswith("_"):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        if obj is _one_of:
            return _one_of(context, *args)
        if type(obj) in _OURS:
            return obj(*args)
        return super().call(context, obj, *args, **kwargs)


_SCOPES = frozenset({FamilyScope, SubjectScope})
_OURS = frozenset({Pick, BlockReference})


def make_environment(*roots: Path, language: str = "en", cache: Path | None = None) -> ImmutableSandboxedEnvironment:
    """The template environment over one or more roots, the desk's own first; compiled templates are kept in `cache`, if any."""
    loaders: list[BaseLoader] = [FileSystemLoader(root) for root in roots]
    environment = _Environment(
        loader=ChoiceLoader(loaders), undefined=StrictUndefined, extensions=EXTENSIONS, autoescape=False,
        trim_blocks=True, lstrip_blocks=True, cache_size=400, auto_reload=True,
        bytecode_cache=CompiledTemplates(cache) if cache else None,
    )  # fmt: skip
    environment.globals["language"] = language
    environment.tests["there"] = lambda value: not isinstance(value, Missing)
    environment.tests["record"] = lambda figure: isinstance(figure, Figure) and bool(figure.record and figure.record.is_record)
    environment.tests["first_ever"] = _is_first_ever
    environment.tests["up"] = lambda figure: figure_of(figure).number > 0
    environment.tests["down"] = lambda figure: figure_of(figure).number < 0
    environment.tests["like"] = lambda figure, other: (figure_of(figure).scope, figure.source) == (figure_of(other).scope, other.source)
    environment.tests["unmoved_from"] = _same_number
    environment.tests["zero"] = lambda figure: figure_of(figure).number == 0
    environment.tests["slight"] = lambda figure: abs(figure_of(figure).number) < NO_CHANGE_PCT
    environment.tests["all_of"] = lambda figure, whole: figure_of(figure).number == figure_of(whole).number  # of a count: none is left out
    environment.tests["over_whole"] = lambda figure: figure_of(figure).number > 100  # percent of a whole
    environment.tests["so_far"] = lambda figure: isinstance(figure, Figure) and figure.label == "so_far"
    environment.tests["top"] = lambda figure: isinstance(figure, Figure) and figure.label == "high"
    environment.tests["yes"] = lambda figure: isinstance(figure, Figure) and figure.value is True
    environment.tests["even"] = lambda figure: abs(figure_of(figure).number - 1) < _EVEN
    environment.tests["many"] = lambda figure: abs(figure_of(figure).number) != 1
    environment.tests["lower_bound"] = lambda figure: figure_of(figure).bound == "at_least"
    environment.tests["of_one_venue"] = lambda figure: figure_of(figure).scope not in ("", "all", "reported", "venues")
    environment.tests["of_venues"] = lambda figure: isinstance(figure, Figure) and figure.scope == "venues" and bool(figure.label)
    environment.tests["venues_only"] = lambda figure: figure_of(figure).scope == "venues"
    environment.filters |= {"inflow_only": _inflow_only, "outflow_only": _outflow_only, "first_level": _first_level}
    for name in FILTERS:
        environment.filters[name] = _filter(name)
    environment.filters["cap"] = lambda text: text[:1].upper() + text[1:]  # of words at the beginning of a sentence
    environment.globals["one_of"] = _one_of
    return environment


def compile_all(environment: ImmutableSandboxedEnvironment) -> dict[Path, bytes]:
    """Load every template now, and never again from its file: what serves is what was sound when it was loaded.

    Returns:
        The bytes of each file as it was.

    Raises:
        PluginError: A template is wrong; names file and line.
    """
    environment.auto_reload = False
    loaded: dict[Path, bytes] = {}
    for name in environment.list_templates(extensions=["j2"]):
        try:
            path = Path(environment.get_template(name).filename or name)
        except TemplateSyntaxError as error:
            raise template_fault(error) from error  # type: ignore[misc]
        loaded[path] = path.read_bytes()
    return loaded


def _filter(name: str) -> Callable[..., str]:
    """A template filter that hands its value to the printer of the article in hand."""
    if name in PRINTS:

        @pass_context
        def print_once(context: Context, value: object, *args: Any, **kwargs: Any) -> str:
            return _printer(context).once(name, value, *args, **kwargs)

        return print_once

    @pass_context
    def reach(context: Context, value: object, *args: Any, **kwargs: Any) -> str:
        return str(getattr(_printer(context), name)(value, *args, **kwargs))

    return reach


def _printer(context: Context) -> Printer:
    found: Printer = context.parent["_printer"]
    return found


@pass_context
def _one_of(context: Context, *options: str) -> str:
    """One of several wordings of a few words: `{{ one_of("stood at", "was at") }}`; whole branches are `{% vary %}`'s."""
    return _printer(context).one_of(*options)


def _inflow_only(value: object) -> Figure:
    """The figure itself if it is positive; else the wording does not fit."""
    figure = figure_of(value)
    if figure.number <= 0:
        raise FigureAbsent(f"{figure.name} is no inflow")
    return figure


def _outflow_only(value: object) -> Figure:
    """The figure itself if it is negative; else the wording does not fit."""
    figure = figure_of(value)
    if figure.number >= 0:
        raise FigureAbsent(f"{figure.name} is no outflow")
    return figure


def _first_level(value: object) -> Figure:
    """The level itself if it was crossed for the first time ever; else the wording does not fit."""
    figure = figure_of(value)
    if not _is_first_ever(figure):
        raise FigureAbsent(f"{figure.name} is no first time")
    return figure


def _is_first_ever(figure: object) -> bool:
    record = figure.record if isinstance(figure, Figure) else None
    return bool(record and record.is_record and record.covers_life)


def _same_number(figure: object, other: object) -> bool:
    """Whether two figures print the same: at midnight the price is the close, and is not told twice."""
    return isinstance(figure, Figure) and isinstance(other, Figure) and figure.number == other.number
