"""What an article has said, as a site remembers it for a month; in: texts without their figures and names, out: digests.

A memory of wordings holds no text: a digest of each sentence with figures and names masked, and of each string of seven plain words. The
writer avoids what it finds there, the check of novelty warns of it, the store keeps it. Chooses nothing.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

__all__ = ["FIGURE", "NAME", "PHRASE_WORDS", "REMEMBERED", "Said", "digest", "digest_of_memory", "phrases_of", "recent", "sentences_of"]

FIGURE, NAME = "#", "@"  # what stands for a figure and for a name in a masked text
REMEMBERED = timedelta(days=30)
PHRASE_WORDS = 7  # editorial.md section 4
_END = re.compile(rf"(?<=[.?!:])\s+(?=[A-Z{FIGURE}{NAME}'\"])|(?<=;)\s+")
# A plain word is caught; what ends a string of them (another word, a figure, a name, a sign) is matched and leaves "".
_PLAIN = re.compile(rf"([a-z][a-z'’-]*)(?![\w'’-])|[\w'’-]+|[{FIGURE}{NAME}]|[.,;:?!()]")


@dataclass(frozen=True, slots=True)
class Said:
    """The wording of one article.

    Attributes:
        angle: Of its lead: a string of words may come back with another angle.
        lede: Digest of the masked first sentence.
    """

    angle: str
    at: datetime
    sentences: frozenset[int]
    phrases: frozenset[int]
    lede: int = 0


def digest(text: str) -> int:
    """A number for a text, the same in any process; 20,000 texts of a month share one with a chance of one in 200,000 each."""
    return zlib.crc32(text.lower().encode())


def sentences_of(masked: str) -> list[str]:
    """The sentences of a masked text."""
    return [s for s in _END.split(masked.strip()) if s]


def phrases_of(masked: str) -> set[int]:
    """Digests of every string of seven words in which no figure, no name and no sign stands."""
    found: set[int] = set()
    run: list[str] = []
    for word in (*(word for chunk in masked.split() for word in _plain_words(chunk)), ""):
        if word:
            run.append(word)
            continue
        if len(run) >= PHRASE_WORDS:
            found.update(_strings(run))
        run = []
    return found


@lru_cache(maxsize=1 << 14)  # of a masked text only the words of templates are left, which are few
def _plain_words(chunk: str) -> tuple[str, ...]:
    return tuple(_PLAIN.findall(chunk))


def _strings(run: Sequence[str]) -> Iterable[int]:
    return (digest(" ".join(run[i : i + PHRASE_WORDS])) for i in range(len(run) - PHRASE_WORDS + 1))


def recent(said: Iterable[Said], moment: datetime) -> tuple[Said, ...]:
    """What of it is remembered at a moment."""
    return tuple(s for s in said if moment - REMEMBERED < s.at <= moment)


def digest_of_memory(said: Iterable[Said]) -> str:
    """What tells one state of the memory from another: part of what an article is made from."""
    total = 0
    for one in said:
        total = zlib.crc32(f"{one.angle}|{one.at.isoformat()}|{sum(one.sentences)}|{sum(one.phrases)}".encode(), total)
    return f"{total:08x}" if total else ""
