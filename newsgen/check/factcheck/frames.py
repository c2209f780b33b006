"""The words by which a draft is read for facts; in: two TOML files of one language, out: DraftWords.

A frame says of which figures a sentence speaks when it uses some words. The vocabulary is the reader's, with more words: people and
models write wider than the house does. Judges nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from newsgen.check.reader.clauses import tokens_of
from newsgen.check.reader.words import ReaderWords
from newsgen.errors import ConfigError

__all__ = ["FAR", "DraftWords", "Frame", "WordSet", "load_draft_words"]

FAR = 9  # a level at which nothing stands


class WordSet:
    """Words, beginnings of words ("liquidat*"), phrases, and kinds of marks ("@side", "@extreme:high")."""

    def __init__(self, words: Sequence[str]) -> None:
        self.marks = frozenset(tuple(w[1:].split(":")) for w in words if w.startswith("@"))
        plain = [w.lower() for w in words if not w.startswith("@")]
        self.beginnings = tuple(w[:-1] for w in plain if w.endswith("*"))
        cut = [tuple(t.text for t in tokens_of(w)) for w in plain if not w.endswith("*")]
        self.words = frozenset(c[0] for c in cut if len(c) == 1)
        self.phrases: dict[str, list[tuple[str, ...]]] = {}
        for phrase in cut:
            if len(phrase) > 1:
                self.phrases.setdefault(phrase[0], []).append(phrase)

    def holds(self, word: str) -> bool:
        """Whether a single word is of the set."""
        return word in self.words or word.startswith(self.beginnings or "\0")

    def starts_at(self, words: Sequence[str], at: int) -> bool:
        """Whether a word or phrase of the set begins at a place of a text in lower case."""
        word = words[at]
        if self.holds(word):
            return True
        return any(tuple(words[at : at + len(phrase)]) == phrase for phrase in self.phrases.get(word, ()))


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Frame(_Part):
    """Figures that a sentence speaks of when it holds a word of each list."""

    name: str
    figures: tuple[str, ...]
    of: tuple[str, ...] = ("asset",)  # kinds of subjects
    needs: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...] = ()
    anyone: bool = False  # of any subject of its kinds that the sentence names
    strict: bool = False  # its words must stand in the segment of the amount
    of_funds: bool = False  # speaks of single funds
    anywhere: bool = False  # its words count wherever they stand in the sentence
    place: bool = False  # judged by place, high and low
    rivals: tuple[str, ...] = ()  # before an amount that has no subject of its own, it is of these
    dated: bool = False  # its figures are days: "the largest since Nov. 7"
    below: Decimal = Decimal("Infinity")  # an amount of dollars at or above is of something else
    from_: Decimal = Decimal(0)  # an amount of dollars below is of something else

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda name: name.rstrip("_"), populate_by_name=True)

    @cached_property
    def wanted(self) -> tuple[WordSet, ...]:
        return tuple(WordSet(words) for words in self.needs)

    @cached_property
    def rivalling(self) -> WordSet:
        return WordSet(self.rivals)

    @cached_property
    def unwanted(self) -> WordSet:
        return WordSet(self.unless)


class Guards(_Part):
    """Words that say that an amount is not of the draft's own moment, or of nothing that a figure is of."""

    other_time: tuple[str, ...]
    forecast: tuple[str, ...]
    foreign: tuple[str, ...]
    plain: frozenset[str]  # capitalised words that name nobody


class Cues(_Part):
    """Words that turn what stands beside them; the file says how."""

    dollars: frozenset[str]
    not_new: tuple[str, ...]
    of_others: tuple[str, ...]
    in_all_history: frozenset[str]
    first: frozenset[str]
    all_time_low: frozenset[str]
    day_verbs: tuple[str, ...]
    not_the_day: tuple[str, ...]
    flows: tuple[str, ...]
    standing: frozenset[str]
    starts: frozenset[str]
    strictly_below: frozenset[str]
    between: frozenset[str]
    verbs_of_names: frozenset[str]
    part_of: frozenset[str]
    no_part: frozenset[str]
    before_part: frozenset[str]
    numbers_of_parts: frozenset[str]
    bases: frozenset[str]
    bases_of_flows: frozenset[str]
    perfect: frozenset[str]
    price: frozenset[str]
    peaks: frozenset[str]
    levels: frozenset[str]
    pronouns: frozenset[str]
    forced: tuple[str, ...]
    run: tuple[str, ...]
    possessive: frozenset[str]


class DraftWords(_Part):
    """All words by which a draft is read."""

    reader: ReaderWords
    fractions: Mapping[str, tuple[Decimal, Decimal]]  # word to percent, and how far off it may be
    multiples: Mapping[str, tuple[Decimal, Decimal]]
    cues: Cues
    guards: Guards
    frames: tuple[Frame, ...]

    @cached_property
    def sets(self) -> Mapping[str, WordSet]:
        """The lists of guards and cues that hold phrases or beginnings of words, by their key."""
        lists = {**vars(self.guards), **vars(self.cues)}
        return {key: WordSet(words) for key, words in lists.items() if isinstance(words, tuple)}


def load_draft_words(reader: Path, draft: Path) -> DraftWords:
    """Read the words of one language: the reader's file, and the file of what drafts say beside it.

    Raises:
        ConfigError: A file is missing, no TOML, or a key is unknown or missing; names the file.
    """
    try:
        words = tomllib.loads(reader.read_text("utf-8"))
        own = tomllib.loads(draft.read_text("utf-8"))
        more, less = own.pop("more", {}), own.pop("less", {})
        own.pop("locale", None)
        return DraftWords.model_validate({**own, "reader": _merged(_without(words, less), more)})
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{draft.name}: {error}") from error


def _without(words: Mapping[str, Any], less: Mapping[str, Any]) -> dict[str, Any]:
    """Lists without what a draft does not mean by it."""
    return {**words, **{key: [w for w in words[key] if w not in gone] for key, gone in less.items()}}


def _merged(words: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Lists made longer, tables with more keys; an unknown list is refused where the whole is validated."""
    merged = dict(words)
    for key, value in more.items():
        held = merged.get(key)
        if isinstance(value, dict):
            merged[key] = _merged(held or {}, value)
        elif isinstance(value, list):
            merged[key] = [*value, *(held or ())]
        else:
            merged[key] = value
    return merged
