"""Realisation: one message to marked text; in: templates, a Book, words and style, out: text with marks, or why it cannot be said.

Templates choose words through the filters below; each number passes through exactly one of them and so into the ledger. The
text is plain (no HTML): the article is a model, and the one renderer in publish/ escapes it. Does not plan and does not check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
    pass_context,
)
from jinja2.ext import Extension
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from newsgen.errors import NewsgenError, TemplateMissing, UnknownFigure
from newsgen.market import Absent, Book, Figure, Unit
from newsgen.story import Message, Pitch
from newsgen.write import numbers
from newsgen.write.compiled import CompiledTemplates
from newsgen.write.credit import credit, plain
from newsgen.write.faults import template_fault
from newsgen.write.ledger import Ledger, cut_marks
from newsgen.write.lexicon import AssetWords, Lexicon, verb
from newsgen.write.refer import MENTION, count_words, mention
from newsgen.write.scope import FamilyScope, Missing, SubjectScope, template_names
from newsgen.write.style import HouseStyle
from newsgen.write.tables import TableForm
from newsgen.write.vary import Choice, Choices, FigureAbsent, VaryExtension, choose

__all__ = ["Rendered", "Unsayable", "Wording", "Words", "compile_all", "make_environment"]

EXTENSIONS: list[type[Extension]] = [VaryExtension]  # of every template environment; a coverage report adds its marks
_SPACES = re.compile(r"\s+")
_MARKED = re.compile("\ue000(\\d+)\ue001")  # the beginning of a figure's mark, see ledger.py
_NO_CHANGE_PCT = Decimal("0.05")
_EVEN = Decimal("0.05")  # a ratio as near to one as this would print as "1 times"
_MAX_CHARACTERS = 20_000  # a template that an editor wrote may loop: the sandbox does not stop 'a' * 10**8


@dataclass(frozen=True)
class Words:
    """The words of one desk and language: lexicon, house style, and the templates that use them."""

    lexicon: Lexicon
    style: HouseStyle
    environment: ImmutableSandboxedEnvironment
    tables: Mapping[str, TableForm] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as it will be said, marks still in it, with the figures it prints."""

    text: str
    figures: frozenset[int]  # ids of the Figure objects
    words: int = 0  # with every subject in its short form


@dataclass(frozen=True, slots=True)
class Unsayable:
    """Why a message cannot be said."""

    reason: str


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, with a short way to our own scopes: they offer figures and nothing else, and a template asks for dozens."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) in _SCOPES and not attribute.startswith("_"):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)


_SCOPES = frozenset({FamilyScope, SubjectScope})


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
    environment.tests["up"] = lambda figure: _figure(figure).number > 0
    environment.tests["down"] = lambda figure: _figure(figure).number < 0
    environment.tests["like"] = lambda figure, other: (_figure(figure).scope, figure.source) == (_figure(other).scope, other.source)
    environment.tests["unmoved_from"] = _same_number
    environment.tests["zero"] = lambda figure: _figure(figure).number == 0
    environment.tests["slight"] = lambda figure: abs(_figure(figure).number) < _NO_CHANGE_PCT
    environment.tests["all_of"] = lambda figure, whole: _figure(figure).number == _figure(whole).number  # of a count: none is left out
    environment.tests["over_whole"] = lambda figure: _figure(figure).number > 100  # percent of a whole
    environment.tests["so_far"] = lambda figure: isinstance(figure, Figure) and figure.label == "so_far"
    environment.tests["top"] = lambda figure: isinstance(figure, Figure) and figure.label == "high"
    environment.tests["yes"] = lambda figure: isinstance(figure, Figure) and figure.value is True
    environment.tests["even"] = lambda figure: abs(_figure(figure).number - 1) < _EVEN
    environment.tests["many"] = lambda figure: abs(_figure(figure).number) != 1
    environment.tests["lower_bound"] = lambda figure: _figure(figure).bound == "at_least"
    environment.tests["of_one_venue"] = lambda figure: _figure(figure).scope not in ("", "all", "reported", "venues")
    environment.tests["of_venues"] = lambda figure: isinstance(figure, Figure) and figure.scope == "venues" and bool(figure.label)
    environment.tests["venues_only"] = lambda figure: _figure(figure).scope == "venues"
    environment.filters |= {"inflow_only": _inflow_only, "outflow_only": _outflow_only, "first_level": _first_level}
    for name in _FILTERS:
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

    @pass_context
    def reach(context: Context, value: object, *args: Any, **kwargs: Any) -> str:
        return str(getattr(context.resolve("_printer"), name)(value, *args, **kwargs))

    return reach


@pass_context
def _one_of(context: Context, *options: str) -> str:
    """One of several wordings of a few words: `{{ one_of("stood at", "was at") }}`; whole branches are `{% vary %}`'s."""
    return str(context.resolve("_printer").one_of(*options))


def _inflow_only(value: object) -> Figure:
    """The figure itself if it is positive; else the wording does not fit."""
    figure = _figure(value)
    if figure.number <= 0:
        raise FigureAbsent(f"{figure.name} is no inflow")
    return figure


def _outflow_only(value: object) -> Figure:
    """The figure itself if it is negative; else the wording does not fit."""
    figure = _figure(value)
    if figure.number >= 0:
        raise FigureAbsent(f"{figure.name} is no outflow")
    return figure


def _first_level(value: object) -> Figure:
    """The level itself if it was crossed for the first time ever; else the wording does not fit."""
    figure = _figure(value)
    if not _is_first_ever(figure):
        raise FigureAbsent(f"{figure.name} is no first time")
    return figure


def _is_first_ever(figure: object) -> bool:
    record = figure.record if isinstance(figure, Figure) else None
    return bool(record and record.is_record and record.covers_life)


def _same_number(figure: object, other: object) -> bool:
    """Whether two figures print the same: at midnight the price is the close, and is not told twice."""
    return isinstance(figure, Figure) and isinstance(other, Figure) and figure.number == other.number


def _figure(value: object) -> Figure:
    if isinstance(value, Missing):
        raise FigureAbsent(f"{value.name} is absent: {value.reason}")
    if not isinstance(value, Figure):
        raise TypeError(f"this filter prints a figure, not {type(value).__name__}")
    return value


_FILTERS = (
    "money", "price", "level", "pct", "points", "count", "ordinal", "coins", "coins_about", "ratio", "released", "index", "near", "past",
    "when", "day", "day_month", "month", "times", "name", "named", "names", "verb", "direction", "window", "over", "according", "show",
    "per", "source", "label", "bar", "venue", "venues", "exchange", "venue_assets", "term", "text", "archive", "began", "round_price",
    "signed", "stamp", "taken_up",
)  # fmt: skip


class Printer:
    """The filters of one article: each formats a figure, marks it in the ledger and returns the text."""

    def __init__(self, words: Words, ledger: Ledger, as_of: datetime, book: Book) -> None:
        self.words, self.ledger, self.as_of, self.book = words, ledger, as_of, book
        self.choices = Choices(0, "")  # of the message in hand
        self.style, self.lexicon = words.style, words.lexicon
        self.headline = False
        self.printed: list[Figure] = []

    def _print(self, figure: Figure, text: str) -> str:
        self.printed.append(figure)
        return self.ledger.mark(figure, text)

    def _hedged(self, figure: Figure, text: str) -> str:
        """At least, before a lower bound; the words stand outside the span."""
        printed = self._print(figure, text)
        return f"{self.style.approximators['at_least']} {printed}" if figure.bound == "at_least" else printed

    def money(self, value: object, digits: int | None = None) -> str:
        figure = _figure(value)
        return self._hedged(figure, numbers.money(figure.number, self.style, digits))

    def price(self, value: object) -> str:
        figure = _figure(value)
        return self._print(figure, numbers.price(figure.number, self.style))

    def level(self, value: object) -> str:
        figure = _figure(value)
        return self._print(figure, numbers.level(figure.number, self.style))

    def pct(self, value: object) -> str:
        """A percentage; a change that would print as 0% is nothing to tell."""
        figure = _figure(value)
        if ".change_" in figure.name and abs(figure.number) <= _NO_CHANGE_PCT:
            raise FigureAbsent(f"{figure.name} is as good as none")
        return self._print(figure, numbers.percent(figure.number, self.style, of_whole="change" not in figure.name))

    def signed(self, value: object) -> str:
        """A percentage with its sign, for tables."""
        figure = _figure(value)
        sign = "+" if figure.number > 0 else "-" if figure.number < 0 else ""
        return self._print(figure, sign + numbers.percent(figure.number, self.style))

    def points(self, value: object) -> str:
        figure = _figure(value)
        return self._print(figure, numbers.times(figure.number, self.style))

    def count(self, value: object) -> str:
        figure = _figure(value)
        return self._hedged(figure, numbers.count(figure.number, self.style, figures=self.headline))

    def ordinal(self, value: object) -> str:
        figure = _figure(value)
        return self._print(figure, numbers.ordinal(figure.number, self.style, figures=self.headline))

    def coins(self, value: object) -> str:
        figure = _figure(value)
        return self._print(figure, numbers.coins(figure.number, self.style))

    def ratio(self, value: object) -> str:
        """A ratio or a correlation, two decimals; without its sign, as all amounts."""
        figure = _figure(value)
        return self._print(figure, numbers.coins(figure.number, self.style))

    def coins_about(self, value: object) -> str:
        """A large number of coins, as amounts of money are told: about 719,000, about 15 million."""
        figure = _figure(value)
        text = numbers.money(figure.number, self.style).removeprefix(self.style.money.symbol)
        return f"{self.style.approximators['about']} {self._print(figure, text)}"

    def released(self, value: object) -> str:
        """A number of a release as its source gives it: exact, without its sign."""
        figure = _figure(value)
        return self._print(figure, numbers.released(figure.number, figure.unit, self.style))

    def index(self, value: object) -> str:
        figure = _figure(value)
        return self._print(figure, numbers.index_points(figure.number, self.style))

    def times(self, value: object) -> str:
        figure = _figure(value)
        return self._print(figure, numbers.times(figure.number, self.style))

    def near(self, value: object, digits: int = 3) -> str:
        """A round amount with the approximator that is true of it."""
        figure = _figure(value)
        key, rounded = numbers.hedge(figure.number, digits, figure.bound)
        text = self._round(figure, rounded)
        return f"{self.style.approximators[key]} {text}" if key else text

    def past(self, value: object, digits: int = 1) -> str:
        """The round amount that the value has passed, without approximator: "passed $1 billion"."""
        figure = _figure(value)
        return self._round(figure, numbers.round_significant(abs(figure.number), digits, ROUND_FLOOR))

    def _round(self, figure: Figure, rounded: Decimal) -> str:
        if figure.unit is Unit.USD:
            big = abs(rounded) >= 1_000_000
            return self._print(figure, (numbers.money if big else numbers.price)(rounded, self.style))
        if figure.unit is Unit.PCT:
            return self._print(figure, numbers.percent(rounded, self.style))
        return self._print(figure, numbers.count(rounded, self.style, figures=self.headline))

    def when(self, value: object) -> str:
        figure = _figure(value)
        if not isinstance(figure.value, datetime):
            raise TypeError(f"{figure.name} is no moment")
        return self._print(figure, numbers.clock(figure.value, self.style))

    def stamp(self, value: object) -> str:
        """A moment with its day and year, for pictures, which travel alone."""
        figure = _figure(value)
        if not isinstance(figure.value, datetime):
            raise TypeError(f"{figure.name} is no moment")
        return self._print(figure, numbers.stamp(figure.value, self.style))

    def _date(self, value: object) -> tuple[Figure, date]:
        figure = _figure(value)
        if isinstance(figure.value, datetime):
            return figure, figure.value.date()
        if not isinstance(figure.value, date):
            raise FigureAbsent(f"{figure.name} has no date")
        return figure, figure.value

    def day(self, value: object) -> str:
        figure, moment = self._date(value)
        return self._print(figure, numbers.day(moment, self.as_of, self.style))

    def day_month(self, value: object) -> str:
        figure, moment = self._date(value)
        return self._print(figure, numbers.day_month(moment, self.as_of, self.style))

    def month(self, value: object) -> str:
        figure, moment = self._date(value)
        return self._print(figure, numbers.month(moment, self.style))

    def name(self, value: object) -> str:
        if isinstance(value, str) and value not in self.lexicon.assets:
            raise UnknownFigure(f"a template names {value!r}, which is no asset of the lexicon")
        return mention(value if isinstance(value, str) else _key(value), "name")

    def named(self, value: object) -> str:
        """The other name: the largest cryptocurrency."""
        return mention(_key(value), "alternative")

    def term(self, value: object) -> str:
        """A word of the trade: `{{ "etfs"|term }}`, spelled out where it first stands."""
        if value not in self.lexicon.terms:
            raise UnknownFigure(f"a template names the term {value!r}, which the lexicon does not have")
        return mention(str(value), "name")

    def names(self, value: object) -> str:
        """The possessive."""
        return mention(_key(value), "possessive")

    def archive(self, value: object) -> str:
        """The year from which the archive of a figure runs."""
        figure = _figure(value)
        if figure.archive_start is None:
            raise FigureAbsent(f"{figure.name} states no start of its archive")
        return self._print(figure, str(figure.archive_start.year))

    def began(self, value: object) -> str:
        """The day from which the archive of a figure runs."""
        figure = _figure(value)
        if figure.archive_start is None:
            raise FigureAbsent(f"{figure.name} states no start of its archive")
        return self._print(figure, numbers.day_month(figure.archive_start, self.as_of, self.style))

    def round_price(self, value: object) -> str:
        """A price to three significant figures, for "near"."""
        figure = _figure(value)
        return self._print(figure, numbers.price(numbers.round_significant(figure.number, 3), self.style))

    def verb(self, value: object, tense: str = "past") -> str:
        """A verb for the size of a 24-hour change, against the usual day of that asset."""
        figure = _figure(value)
        z = self.book.get("price.zscore_24h", figure.subject) if figure.window in ("24h", "day") else None
        found = verb(self.lexicon, figure.number, z.number if isinstance(z, Figure) else None, tense)
        return self._pick(f"verb:{figure.name}:{figure.subject}:{tense}", found)

    def direction(self, value: object, pair: str) -> str:
        """One of two words by the sign: `{{ price.change_7d|direction("up_down") }}`."""
        return self.lexicon.directions[pair][_figure(value).number < 0]

    def window(self, value: object) -> str:
        """The window of a figure: "24 hours"."""
        return self.lexicon.windows[_figure(value).window]

    def over(self, value: object) -> str:
        """The window of a change, with its preposition: "in the past 24 hours", "over seven days"."""
        window = _figure(value).window
        return self._pick(f"over:{window}", self.lexicon.over[window])

    def according(self, value: object) -> str:
        return self._attribute(_figure(value), "according")

    def per(self, value: object) -> str:
        """The attribution at the beginning of a sentence: "According to Farside Investors data, ..."."""
        return self._attribute(_figure(value), "per")

    def show(self, value: object) -> str:
        return self._attribute(_figure(value), "show")

    def source(self, value: object) -> str:
        return _figure(value).source

    def _attribute(self, figure: Figure, kind: str) -> str:
        forms = self.lexicon.attribution
        own = len(figure.label.split(",")) > 1 and figure.source == ", ".join(
            self.lexicon.venues.get(v, "") for v in figure.label.split(",")
        )
        plain = figure.source.startswith(forms.plain_prefixes)
        found: tuple[str, ...] = getattr(forms, f"own_{kind}" if own else f"plain_{kind}" if plain else kind)
        return credit(figure.source, self._pick(f"{kind}:{figure.source}", found).format(source=figure.source))

    def label(self, value: object) -> str:
        """The word that belongs to a figure: an asset or a fund by its name, one that has none by its ticker, a class by its own."""
        figure = _figure(value)
        if figure.label in self.lexicon.assets:
            return mention(figure.label, "name")
        words = self.lexicon.subjects.get(figure.label)
        return words.name if words else figure.label

    def bar(self, value: object) -> str:
        return self.lexicon.bars[_figure(value).label]

    def venue(self, value: object) -> str:
        figure = _figure(value)
        if figure.scope not in self.lexicon.venues:
            raise FigureAbsent(f"{figure.name} is of {figure.scope or 'no venue'}, which the lexicon does not name")
        return self.lexicon.venues[figure.scope]

    def venues(self, value: object) -> str:
        """The venues that a lower bound is of: those that its label lists."""
        figure = _figure(value)
        keys = figure.label.split(",") if figure.scope == "venues" else []
        if not keys or not all(key in self.lexicon.venues for key in keys):
            raise FigureAbsent(f"{figure.name} is of {figure.label or figure.scope or 'no venue'}, which the lexicon does not name")
        return self._listed([self.lexicon.venues[key] for key in keys])

    def _listed(self, names: Sequence[str]) -> str:
        return f"{', '.join(names[:-1])} {self.lexicon.join_and} {names[-1]}" if len(names) > 1 else "".join(names)

    def exchange(self, value: object) -> str:
        """Where a price was made: the venue that the figure's source names first ("Binance spot")."""
        name = _figure(value).source.partition(",")[0].removesuffix(" spot")
        return self.lexicon.venues.get(name.lower(), name)

    def venue_assets(self, value: object) -> str:
        """The assets that a venue's sum covers, in words."""
        return self._listed([mention(a, "name") for a in _figure(value).label.split(",") if a])

    def text(self, value: object) -> str:
        """A word that is itself the figure (a zone of an index), as the source sends it, in lower case."""
        figure = _figure(value)
        return self._print(figure, str(figure.value or figure.label).lower())

    def taken_up(self, text: str, before: str) -> str:
        """A clause after another: a subject that both speak of alone is not named again, and a figure that both print is too much."""
        self._refuse_repetition(text, before)
        one, again, lexicon = MENTION.match(before), MENTION.match(text), self.lexicon
        named = {mark[1] for mark in MENTION.finditer(before + text)}
        if not one or not again or len(named) > 1 or again[2] != "name" or not lexicon.pronoun:
            return _inside(text, lexicon.openers)
        rest = text[again.end() :].lstrip()
        word = rest.partition(" ")[0]
        if word in lexicon.predicates:
            return rest
        return f"{lexicon.pronoun} {rest}" if word in lexicon.verbs_after_name else text

    def _refuse_repetition(self, text: str, before: str) -> None:
        """Two figures of one subject and number are to a reader the same, whatever their names."""
        told, again = ({self._told(i) for i in _MARKED.findall(one)} for one in (before, text))
        if told & again:
            raise FigureAbsent("the clause says what the one before it has said")

    def _told(self, mark: str) -> tuple[str, Unit, object]:
        figure = self.ledger.figures[int(mark)]
        return figure.subject, figure.unit, figure.value

    def one_of(self, *options: str) -> str:
        """One of several wordings."""
        return self._pick(f"one_of:{options[0]}", options)

    def _pick(self, place: str, options: tuple[str, ...]) -> str:
        taken = self.choices.order(place, len(options))[0]
        self.choices.took(place, taken, len(options))
        return options[taken]


def _key(value: object) -> str:
    if isinstance(value, SubjectScope):
        return value.key
    if isinstance(value, Figure):
        return value.subject
    if isinstance(value, Missing):
        raise FigureAbsent(f"{value.name} is absent: {value.reason}")
    raise TypeError("|name prints a subject or the subject of a figure")


class Wording:
    """The words of one article in the making: renders a message once, and remembers it.

    Args:
        words: Lexicon, style and templates.
        book: The figures.
        seed: Chooses among the wordings.
        subjects: The subjects that templates may name besides their own.
        lead_asset: The asset that speaks for the market.
        faults: Where faults of templates are collected; None lets the first one go on as an exception.
        earlier: The figures of the story's last version, which templates name as `before`.
    """

    def __init__(
        self, words: Words, book: Book, seed: int, subjects: tuple[str, ...], lead_asset: str,
        faults: list[NewsgenError] | None = None, earlier: Book | None = None,
    ) -> None:  # fmt: skip
        self.words, self.book, self.seed, self.earlier = words, book, seed, earlier
        self.subjects, self.lead_asset, self.faults = subjects, lead_asset, faults
        self._unfollowed = frozenset(words.lexicon.assets) - set(subjects)
        self.ledger = Ledger()
        self.printer = Printer(words, self.ledger, book.view.as_of, book)
        self._said: dict[tuple[str, str, str], Rendered | Unsayable] = {}
        self._names: dict[str, Mapping[str, object]] = {}
        self.templates: dict[str, Template] = {}
        self.supports: Sequence[Pitch] = ()  # of the lead, strongest first
        self.choices_of: Callable[[str, int], Choices] = partial(Choices, seed)  # of a message, by its name and the attempt
        self.made: dict[str, list[Choice]] = {}  # by message: how it was worded

    def say(self, message: Message) -> Rendered | Unsayable:
        """The message in words, or why it cannot be said. The same message gives the same words."""
        key = (message.template, message.block, message.subject)
        if key not in self._said:
            try:
                self._said[key] = self._render(message, self.choices_of(message.name, 0))
            except Exception as error:
                self._said[key] = self._at_fault(message, error)
        return self._said[key]

    def say_by(self, message: Message, choices: Choices) -> Rendered | Unsayable:
        """The message as these choices word it; not remembered."""
        return self._render(message, choices)

    def say_otherwise(self, message: Message, attempt: int) -> Rendered | None:
        """Another wording of a message with the same figures; None where this attempt has none."""
        first = self.say(message)
        if not isinstance(first, Rendered):
            return None
        said = self.say_by(message, self.choices_of(message.name, attempt))
        return said if isinstance(said, Rendered) and said.figures == first.figures else None

    def _at_fault(self, message: Message, error: Exception) -> Unsayable:
        """What a message is whose template is at fault, where faults are collected; elsewhere the error goes on."""
        fault = error if isinstance(error, TemplateMissing) else template_fault(error)
        if self.faults is None or fault is None:
            raise error
        self.faults.append(fault)
        return Unsayable(f"{message.template} is at fault: {fault}")

    def printed(self, said: Rendered) -> list[Figure]:
        """The figures that a rendered message prints, in its order."""
        return [self.ledger.figures[int(i)] for i in _MARKED.findall(said.text)]

    def _support(self, number: int, block: str) -> str:
        """A block of one of the supports' templates, for a wrap that is made of them."""
        if number >= len(self.supports):
            raise FigureAbsent(f"there are {len(self.supports)} supports")
        pitch = self.supports[number]
        outer = self.printer.choices, self.printer.headline
        said = self.say(Message(block, f"angles/{pitch.angle}", block, pitch.subject, pitch.angle))
        self.printer.choices, self.printer.headline = outer
        if not isinstance(said, Rendered):
            raise FigureAbsent(said.reason)
        return said.text if number == 0 else _inside(said.text, self.words.lexicon.openers)

    def has_block(self, template: str, block: str) -> bool:
        """Whether a template has a block of that name."""
        try:
            return block in self._template(template).blocks
        except (TemplateMissing, TemplateSyntaxError):
            if self.faults is None:
                raise
            return False

    def _render(self, message: Message, choices: Choices) -> Rendered | Unsayable:
        template = self._template(message.template)
        if message.block not in template.blocks:
            return Unsayable(f"{message.template} has no block {message.block}")
        printer = self.printer
        printer.headline = message.block in ("headline",)
        printer.printed = []
        printer.choices = choices
        try:
            context = template.new_context(dict(self._names_for(message.subject)))
            text = _SPACES.sub(" ", "".join(template.blocks[message.block](context))).strip()
        except FigureAbsent as absent:
            return Unsayable(str(absent))
        if len(text) > _MAX_CHARACTERS:
            return Unsayable(f"{message.template} wrote more than {_MAX_CHARACTERS} characters")
        if not text:
            return Unsayable("nothing to say")
        shown = {int(i) for i in _MARKED.findall(text)}
        words = count_words(cut_marks(plain(text)).text, self.names)
        self.made[message.name] = choices.made
        return Rendered(text, frozenset(id(self.ledger.figures[i]) for i in shown), words)

    def _template(self, name: str) -> Template:
        if name not in self.templates:
            path = f"{name}/{self.words.lexicon.locale}.j2"
            try:
                self.templates[name] = self.words.environment.get_template(path)
            except TemplateNotFound:
                raise TemplateMissing(f"no template {path}") from None
        return self.templates[name]

    def _names_for(self, subject: str) -> Mapping[str, object]:
        if subject not in self._names:
            asset = subject if subject in self.words.lexicon.assets else self.lead_asset
            names = dict(template_names(self.book, subject, asset, self.subjects, self._unfollowed))
            names["_choose"] = self._choose
            names["_printer"] = self.printer
            names["clock"] = FamilyScope(self.book, "clock", "market")  # one figure for the whole article
            if self.earlier is not None:
                names["before"] = SimpleNamespace(**template_names(self.earlier, subject, asset, self.subjects, self._unfollowed))
            names["support"] = self._support
            self._names[subject] = names
        return self._names[subject]

    @cached_property
    def names(self) -> Mapping[str, AssetWords]:
        """How subjects and terms are called, with the house style's own forms."""
        lexicon = self.words.lexicon
        found = {**lexicon.terms, **lexicon.subjects, **lexicon.assets}
        for subject, forms in self.words.style.names.items():
            found[subject] = found[subject].model_copy(update=dict(forms))
        return found

    @cached_property
    def _choose(self) -> Callable[[str, list[Callable[[], str]]], str]:
        return choose(lambda: self.printer.choices)


def _inside(text: str, openers: frozenset[str]) -> str:
    """A sentence's beginning as it stands inside another: small, where its first word is no name."""
    first = text.partition(" ")[0]
    return text[:1].lower() + text[1:] if first in openers else text


def absent_reason(figure: Figure | Absent) -> str:
    """The reason of an absent figure, "" when it is there."""
    return figure.reason if isinstance(figure, Absent) else ""
