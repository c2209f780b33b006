"""16 Template lint: what a template leaves behind when it goes wrong; in: texts, out: findings.

The patterns are data of the language (`[[lint]]` of the reader's words); here stand only those of the machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsgen.check._check import Check, Desk
from newsgen.check.reader import Sentence
from newsgen.story import Finding

__all__ = ["CHECK"]

_MACHINE = re.compile(
    r"\{\{|\}\}|\{%|%\}|\bNone\b|\bNaN\b|\bnan\b|\bUndefined\b|\bundefined\b|<[a-zA-Z/][^>]*>|[\ue000-\uf8ff]|\ufffd|\binf\b"
)


def template_lint(desk: Desk) -> Iterator[Finding]:
    """Look for remains of the machine and for faults of form in every text."""
    for where, text in desk.article.texts():
        match = _MACHINE.search(text.text)
        if match:
            yield desk.finding("template_lint", where, f"{match.group()!r} was left in the text")
        yield from _form(desk, where, where, text.text)
    for sentence in desk.sentences:
        if sentence.where.startswith("paragraphs"):
            yield from _form(desk, sentence, "sentences", sentence.text)


def _form(desk: Desk, about: Sentence | str, kind: str, text: str) -> Iterator[Finding]:
    """Faults of form in a text of one kind: a place of the article, or "sentences" of its paragraphs."""
    for lint in desk.words.lint:
        if kind.startswith(lint.only) if lint.only else kind != "sentences":
            match = lint.regex.search(text)
            if match:
                yield desk.finding("template_lint", about, f"{lint.why}: {match.group()!r}")


CHECK = Check("template_lint", 16, "No remains of a template, and sound form.", template_lint)
