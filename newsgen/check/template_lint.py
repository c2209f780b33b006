"""16 Template lint: what a template leaves behind when it goes wrong; in: texts, out: findings.

The patterns are data of the language (`[[lint]]` of the reader's words), the banned words data of the house style; here stand only the
remains of the machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from newsgen.check._check import Check, Desk, Prose
from newsgen.story import Finding

__all__ = ["CHECK"]

_MACHINE = re.compile(
    r"\{\{|\}\}|\{%|%\}|\bNone\b|\bNaN\b|\bnan\b|\bUndefined\b|\bundefined\b|<[a-zA-Z/][^>]*>|[\ue000-\uf8ff]|\ufffd|\binf\b"
)
# A sign or a word without which none of these is there: a set of signs is found ten times as fast as eleven alternatives.
_SIGNS = re.compile("[{}<\ue000-\uf8ff\ufffd]")
_WORDS = frozenset({"none", "nan", "undefined", "inf"})


@lru_cache(maxsize=8)
def _banned(words: tuple[str, ...]) -> re.Pattern[str]:
    """The words and their endings (rocket, rockets, rocketed), only where they are whole words: a "moonlit" is no moon."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?:s|es|d|ed|ing)?(?!\w)", re.IGNORECASE)


def template_lint(desk: Desk) -> Iterator[Finding]:
    """Look for remains of the machine and for faults of form in every text."""
    places = desk.article.texts()
    everything = Prose([text.text for _, text in places])
    if _SIGNS.search(everything.text) or not _WORDS.isdisjoint(desk.vocabulary):
        for index, found in everything.search(_MACHINE):
            yield desk.finding("template_lint", places[index][0], f"{found!r} was left in the text")
    if desk.banned:
        for index, found in everything.search(_banned(desk.banned)):
            yield desk.finding("template_lint", places[index][0], f"the house style does not print {found!r}")
    for lint in desk.words.lint:
        if not lint.may_be_in(desk.vocabulary):
            continue
        if lint.only == "sentences":
            for index, found in desk.prose.search(lint.regex):
                if desk.sentences[index].where.startswith("paragraphs"):
                    yield desk.finding("template_lint", desk.sentences[index], f"{lint.why}: {found!r}")
            continue
        for index, found in everything.search(lint.regex):
            if places[index][0].startswith(lint.only):
                yield desk.finding("template_lint", places[index][0], f"{lint.why}: {found!r}")


CHECK = Check("template_lint", 16, "No remains of a template, and sound form.", template_lint)
