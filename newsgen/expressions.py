"""What a field of a CMS is filled with, as newsgen.toml says it; in: a text with {{ expressions }} and values, out: text, number or list.

Expressions name values and pass them through a few filters: no statements, no calls, no attributes, no multiplication, so that none can
reach into the program or grow without end. A text that is one expression gives its value as it is, a list as a list. Faults are found when
the settings are read, by filling each text with example values. Jinja is imported when it is first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from newsgen.settings_file import nearest

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

__all__ = ["EXAMPLES", "FILTERS", "fill", "names_in", "problem_of"]

MOST_CHARS = 1_000_000  # of a filled text; every CMS that was measured refuses more
_LONGEST = 2_000  # characters of a text with expressions
FILTERS = ("capitalize", "default", "escape", "first", "int", "join", "last", "length", "lower", "replace", "string", "striptags", "title",
           "trim", "truncate", "upper")  # fmt: skip

# Every name, with an example: settings are tried with these.
EXAMPLES: Mapping[str, Any] = {
    "headline": "Bitcoin rose to $123,218", "dek": "Up 30% since January", "summary": "Up 30% since January", "points": ["A point"],
    "slug": "bitcoin-record-9e85ffbb", "body_html": "<p>Text</p>", "body_text": "Text", "story_id": "3a8c1a52-7d5c-5f2e-9a53-0a6a3d7f5b11",
    "version_id": "1461d7a3-df75-55ec-a37d-f61b54c2c6c8", "version": 2, "event": "corrected", "correction": "83% was wrong.",
    "published_at": "2025-07-14T12:02:00Z", "modified_at": "2025-07-14T14:02:00Z", "as_of": "2025-07-14T12:02:00Z",
    "as_of_text": "July 14, 2025, 8:02 a.m. ET", "language": "en", "angle": "ath", "form": "standard", "tags": ["record high"],
    "tickers": ["BTC"], "authors": ["Markets desk"], "publication": "Markets Daily", "desk": "Markets desk",
    "canonical_url": "https://news.example/articles/bitcoin-record-9e85ffbb/", "disclosure": "Generated automatically.",
    "digital_source_type": "http://cv.iptc.org/newscodes/digitalsourcetype/dataDrivenMedia", "sources": ["Binance"],
    "reading_minutes": 2, "word_count": 250,
}  # fmt: skip


def problem_of(text: str) -> str:
    """What is wrong with a text, as half a sentence; "" when nothing is."""
    from jinja2 import TemplateError

    if len(text) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    try:
        problem = _problem_of_syntax(text)
        if not problem:
            fill(text, EXAMPLES)
    except (TemplateError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        return f"cannot be filled: {error}"
    return problem


def _problem_of_syntax(text: str) -> str:
    from jinja2 import nodes

    tree = _environment().parse(text)
    if any(not isinstance(node, nodes.Output) for node in tree.body):
        return "holds a statement: only {{ expressions }} are allowed"
    for kind, word in (
        (nodes.Call, "a call"),
        (nodes.Getattr, "an attribute"),
        (nodes.Mul, "a *"),
        (nodes.Pow, "a **"),
        (nodes.Mod, "a %"),
    ):
        if tree.find(kind) is not None:
            return f"holds {word}, which is not allowed"
    unknown = sorted({node.name for node in tree.find_all(nodes.Name)} - EXAMPLES.keys())
    if unknown:
        return f"names {unknown[0]!r}, which is nothing of an article ({nearest(unknown[0], sorted(EXAMPLES)) or 'see docs/cms.md'})"
    return ""


@lru_cache(maxsize=512)
def names_in(text: str) -> frozenset[str]:
    """The names that a text is filled with."""
    from jinja2 import nodes

    return frozenset(node.name for node in _environment().parse(text).find_all(nodes.Name))


def fill(text: str, values: Mapping[str, Any]) -> Any:
    """The text with its expressions' values in their places; of a text that is one expression, its value.

    Raises:
        jinja2.TemplateError: A name is not there, or something forbidden was tried.
        ValueError: The text became too long.
    """
    value = _compiled(text)(values)
    if isinstance(value, str) and len(value) > MOST_CHARS:
        raise ValueError(f"became longer than {MOST_CHARS} characters")
    return value


@lru_cache(maxsize=512)
def _compiled(text: str) -> Callable[[Mapping[str, Any]], Any]:
    from jinja2 import Undefined, UndefinedError

    inner = _only_expression(text)
    if not inner:
        return _environment().from_string(text).render
    expression = _environment().compile_expression(inner, undefined_to_none=False)

    def value_of(values: Mapping[str, Any]) -> Any:
        value = expression(**values)
        if isinstance(value, Undefined):
            raise UndefinedError(f"{inner.strip()} is nothing")
        return str(value) if isinstance(value, str) else value  # no Markup

    return value_of


def _only_expression(text: str) -> str:
    """What stands between the braces, where a text is one expression and nothing else; else ""."""
    from jinja2 import nodes

    body = _environment().parse(text.strip()).body
    output = body[0] if len(body) == 1 else None
    if not isinstance(output, nodes.Output) or len(output.nodes) != 1 or isinstance(output.nodes[0], nodes.TemplateData):
        return ""
    return text.strip().removeprefix("{{").removesuffix("}}")


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Sandbox(ImmutableSandboxedEnvironment):
        """The second line behind the look at the syntax."""

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            return False

        def is_safe_callable(self, obj: Any) -> bool:
            return False

    environment = Sandbox(undefined=StrictUndefined)  # fields of JSON, no pages; body_html is escaped already
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.filters["replace"] = _replace
    return environment


def _replace(text: str, old: str, new: str) -> str:
    """As Jinja's, but a text cannot be made to grow over the limit."""
    if text.count(old) * len(new) + len(text) > MOST_CHARS:
        raise ValueError(f"became longer than {MOST_CHARS} characters")
    return text.replace(old, new)
