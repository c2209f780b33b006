"""Realisation: one message to marked text; in: templates, a Book, words and style, out: text with marks, or why it cannot be said.

Templates choose words through the printer's filters (printer.py). The text is plain (no HTML): the article is a model, and the one
renderer in publish/ escapes it. Does not plan and does not check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import SimpleNamespace
from typing import Any

from jinja2 import Template, TemplateNotFound, TemplateSyntaxError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from newsgen.errors import NewsgenError, TemplateMissing
from newsgen.market import Book, Figure
from newsgen.story import Message, Pitch
from newsgen.write.credit import plain
from newsgen.write.faults import template_fault
from newsgen.write.ledger import Ledger
from newsgen.write.lexicon import AssetWords, Lexicon
from newsgen.write.printer import MARKED, Printer, inside
from newsgen.write.refer import count_words
from newsgen.write.scope import FamilyScope, template_names
from newsgen.write.style import HouseStyle
from newsgen.write.tables import TableForm
from newsgen.write.vary import Choice, Choices, FigureAbsent, Pick

__all__ = ["Rendered", "Unsayable", "Wording", "Words"]

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
        self.printer = Printer(words.lexicon, words.style, self.ledger, book)
        self._said: dict[tuple[str, str, str], Rendered | Unsayable] = {}
        self._names: dict[str, dict[str, Any]] = {}
        self._contexts: dict[tuple[str, str], Context] = {}
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
        return [self.ledger.figures[int(i)] for i in MARKED.findall(said.text)]

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
        return said.text if number == 0 else inside(said.text, self.words.lexicon.openers)

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
        printer.headline = message.block == "headline"
        printer.choices = choices
        try:
            written = "".join(template.blocks[message.block](self._context(message)))
        except FigureAbsent as absent:
            return Unsayable(str(absent))
        text = " ".join(written.split())
        if len(text) > _MAX_CHARACTERS:
            return Unsayable(f"{message.template} wrote more than {_MAX_CHARACTERS} characters")
        if not text:
            return Unsayable("nothing to say")
        self.made[message.name] = choices.made
        figures = self.ledger.figures
        return Rendered(text, frozenset([id(figures[int(i)]) for i in MARKED.findall(text)]), count_words(plain(text), self.names))

    def _template(self, name: str) -> Template:
        if name not in self.templates:
            path = f"{name}/{self.words.lexicon.locale}.j2"
            try:
                self.templates[name] = self.words.environment.get_template(path)
            except TemplateNotFound:
                raise TemplateMissing(f"no template {path}") from None
        return self.templates[name]

    def _context(self, message: Message) -> Context:
        """What a template's blocks see when they speak of a subject; they change nothing of it, so that all wordings share one."""
        key = (message.template, message.subject)
        if key not in self._contexts:
            template = self._template(message.template)
            self._contexts[key] = Context(self.words.environment, self._names_for(message.subject), template.name, template.blocks)
        return self._contexts[key]

    def _names_for(self, subject: str) -> dict[str, Any]:
        if subject not in self._names:
            asset = subject if subject in self.words.lexicon.assets else self.lead_asset
            names: dict[str, Any] = {**self.words.environment.globals}
            names |= template_names(self.book, subject, asset, self.subjects, self._unfollowed)
            names["_choose"] = Pick(lambda: self.printer.choices)
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
