"""Wordings made by hand for the tests of write: templates as text, figures set by name, the shipped lexicon and styles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from jinja2 import DictLoader

from newsgen.discover import templates_root
from newsgen.market import Absent, Book, Figure, FigureSpec
from newsgen.story import Message
from newsgen.write import HouseStyle, Lexicon, Rendered, Unsayable, Wording, Words, load_lexicon, load_style, make_environment
from newsgen.write.ledger import cut_marks
from tests.detect.made_book import book_of


@cache
def style(name: str = "ap") -> HouseStyle:
    return load_style(templates_root() / "style" / f"{name}.toml")


@cache
def lexicon() -> Lexicon:
    return load_lexicon(templates_root() / "lexicon" / "en.toml")


def words(templates: Mapping[str, str], in_style: str = "ap") -> Words:
    """The words of a desk whose templates are given as {"angles/made": text}."""
    return _words(tuple(templates.items()), in_style)


@lru_cache(8)
def _words(templates: tuple[tuple[str, str], ...], in_style: str) -> Words:
    environment = make_environment(templates_root())
    environment.loader = DictLoader({f"{name}/en.j2": text for name, text in templates})
    return Words(lexicon(), style(in_style), environment)


def book(figures: Mapping[str, Any], changes: Mapping[str, Mapping[str, Any]] | None = None) -> Book:
    """A book of {"BTC.price.last": 100}; `changes` sets further fields of a figure: {"BTC.price.last": {"bound": "at_least"}}."""
    made = book_of(figures)
    for full, fields in (changes or {}).items():
        subject, _, name = full.partition(".")
        found = made.get(name, subject)
        assert isinstance(found, Figure), found
        made = Book(made.view, {**made.catalogue, name: _changed(made.catalogue[name], subject, fields)})
    return made


def _changed(spec: FigureSpec, subject: str, fields: Mapping[str, Any]) -> FigureSpec:
    def compute(ask: Any, one: str) -> Figure | Absent:
        found = spec.compute(ask, one)
        return replace(found, **fields) if isinstance(found, Figure) and one == subject else found

    return replace(spec, compute=compute)


def wording(
    templates: Mapping[str, str], figures: Mapping[str, Any] | None = None, changes: Mapping[str, Mapping[str, Any]] | None = None,
    *, seed: int = 1, in_style: str = "ap", subjects: tuple[str, ...] = ("BTC", "ETH", "SP500"),
) -> Wording:  # fmt: skip
    return Wording(words(templates, in_style), book(figures or {}, changes), seed, subjects, "BTC")


def said(
    text: str, figures: Mapping[str, Any] | None = None, changes: Mapping[str, Mapping[str, Any]] | None = None,
    *, block: str = "say", subject: str = "BTC", **more: Any,
) -> Rendered | Unsayable:  # fmt: skip
    """What one block of this text says."""
    made = wording({"messages/made": f"{{% block {block} %}}{text}{{% endblock %}}"}, figures, changes, **more)
    return made.say(Message("detail", "messages/made", block, subject, "made"))


def printed(
    text: str, figures: Mapping[str, Any] | None = None, changes: Mapping[str, Mapping[str, Any]] | None = None, **more: Any
) -> str:
    """The same without its marks; it must be sayable."""
    found = said(text, figures, changes, **more)
    assert isinstance(found, Rendered), found
    return cut_marks(found.text).text
