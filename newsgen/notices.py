"""What readers are told when an article changes after publication; in: a language's words and a house style, out: sentences.

The words stand in templates/notices/, a desk's own file first. The note of a correction and the reason of a withdrawal are the editor's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jinja2 import TemplateNotFound

from newsgen.errors import ConfigError
from newsgen.write import Words
from newsgen.write import numbers as printed

__all__ = ["correction", "default_note", "default_reason", "edited", "sentence_of", "withdrawal", "withdrawal_headline"]


def correction(words: Words, moment: datetime, note: str, fields: Sequence[tuple[str, str]]) -> str:
    """The first paragraph of a corrected article."""
    return _said(words, "correction", moment=printed.stamp(moment, words.style), note=note, fields=fields)


def withdrawal(words: Words, moment: datetime, reason: str) -> str:
    """The only paragraph of a withdrawn one."""
    return _said(words, "withdrawal", moment=printed.stamp(moment, words.style), reason=sentence_of(reason))


def withdrawal_headline(words: Words, headline: str) -> str:
    """The headline of a withdrawn article; withdrawn twice it is marked once."""
    marked, begins = _said(words, "withdrawal_headline", headline=headline), _said(words, "withdrawal_headline", headline="")
    return headline if headline.startswith(begins) else marked


def default_note(words: Words) -> str:
    """The note where the desk gives none: of a recall."""
    return _said(words, "note")


def default_reason(words: Words) -> str:
    """The reason of a withdrawal where the desk gives none: of a recall."""
    return _said(words, "withdrawal_reason")


def edited(words: Words) -> str:
    """What the foot of an article says that a person has edited."""
    return _said(words, "edited")


def sentence_of(text: str) -> str:
    """A person's words as a sentence."""
    text = " ".join(text.split())
    return text if not text or text[-1] in ".!?" else f"{text}."


def _said(words: Words, block: str, **values: Any) -> str:
    name = f"notices/{words.lexicon.locale}.j2"
    try:
        template = words.environment.get_template(name)
    except TemplateNotFound:
        raise ConfigError(f"the language {words.lexicon.locale!r} has no words for corrections: write templates/{name}") from None
    return " ".join("".join(template.blocks[block](template.new_context(values))).split())
