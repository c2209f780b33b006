"""22 Repetition: a string of seven words that the site's last thirty days of the angle hold already; in: the desk, out: a warning.

Strings in which a figure or a name stands do not count, nor do the background paragraphs, which are a library and come back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from newsgen.check._check import Check, Desk
from newsgen.check.reader import ReaderWords
from newsgen.said import NAME, PHRASE_WORDS, digest
from newsgen.story import Finding

__all__ = ["CHECK"]

_LIBRARY = frozenset({"background", "disclosure", "correction"})
_WORD = re.compile(rf"[\w'’-]+|[{NAME}]|[^\w\s]")
_PLAIN = re.compile(r"[a-z][a-z'’-]*$")


def repetition(desk: Desk) -> Iterator[Finding]:
    """The first such string of each paragraph."""
    told = frozenset().union(*(s.phrases for s in desk.said if s.angle == desk.article.angle))
    if not told:
        return
    names = _names(desk.words)
    for i, paragraph in enumerate(desk.article.paragraphs):
        if paragraph.role in _LIBRARY:
            continue
        found = next((p for p in _strings(names.sub(NAME, paragraph.body.text)) if digest(p) in told), "")
        if found:
            yield desk.finding("repetition", f"paragraphs[{i}]", f'said in an article of the last 30 days: "{found}"', severity="warn")


def _strings(text: str) -> Iterator[str]:
    """Every string of seven plain words, with nothing between them."""
    run: list[str] = []
    for word in _WORD.findall(text):
        run = [*run[-PHRASE_WORDS + 1 :], word] if _PLAIN.match(word) else []
        if len(run) == PHRASE_WORDS:
            yield " ".join(run)


@lru_cache(maxsize=8)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")\b")


def _names(words: ReaderWords) -> re.Pattern[str]:
    """The names that are written small: bitcoin, ether."""
    small = {n for names in (words.assets, words.markets) for forms in names.values() for n in forms if n == n.lower()}
    return _pattern(tuple(sorted(small, key=lambda n: (-len(n), n))))


CHECK = Check("repetition", 22, "No seven words in a row come back within thirty days of an angle.", repetition, "warn")
