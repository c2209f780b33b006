"""Referring expressions: the first mention in full, later ones short; in: text with mention marks, out: plain words.

A template writes `{{ asset|name }}`; the mark says which asset and in which form. Once the whole article stands, the first
mention in the body becomes "bitcoin (BTC)" and the later ones "bitcoin", or "it" right after a sentence on bitcoin alone. Does not choose
verbs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from newsgen.errors import UnknownFigure
from newsgen.write.lexicon import AssetWords, Pronouns

__all__ = ["MENTION", "Mentions", "capitalise", "count_words", "mention", "short_form"]

OPEN, SHUT = "\ue002", "\ue003"
MENTION = re.compile(f"{OPEN}(\\w+):(\\w+){SHUT}")
_ENDS, _NO_ENDS = (".", "?", "!"), ("U.S.", "a.m.", "p.m.")  # a sentence; of a sentence none
_BETWEEN = re.compile(f"(?<!U\\.S)(?<!\\b[ap]\\.m)[.?!]\\s+(?=[A-Z\"'\ue000{OPEN}])")  # where a sentence ends and the next begins


def mention(subject: str, form: str) -> str:
    """The mark that stands for a mention until the article is whole."""
    return f"{OPEN}{subject}:{form}{SHUT}"


def count_words(text: str, words: Mapping[str, AssetWords]) -> int:
    """Words of a text with its marks, each mention in its short form; a mark is as good as the word in it, since none holds a space."""
    named = (_words_of(subject, words).name for subject, _ in MENTION.findall(text))
    return len(text.split()) + sum(name.count(" ") for name in named)


def _words_of(subject: str, words: Mapping[str, AssetWords]) -> AssetWords:
    if subject not in words:
        raise UnknownFigure(f"the lexicon has no words for {subject}: add [assets.{subject}] with first, name and possessive")
    return words[subject]


def short_form(text: str, words: Mapping[str, AssetWords]) -> str:
    """A text with each mention in its short form."""
    return MENTION.sub(lambda mark: _words_of(mark.group(1), words).name, text)


class Mentions:
    """Who has been named so far in one article.

    Args:
        words: Forms per subject.
        first: Whether the first mention is given in full (body) or short (headline, dek).
        pronouns: Stand for a subject that opened the sentence before, and alone in it; None: never.
    """

    def __init__(self, words: Mapping[str, AssetWords], *, first: bool, pronouns: Pronouns | None = None) -> None:
        self._words, self._first, self._pronouns = words, first, pronouns
        self._seen: set[str] = set()
        self._alternated: set[str] = set()

    def resolve(self, text: str) -> str:
        """Put the words in, with a capital where a sentence starts; UnknownFigure for a subject that the lexicon does not know."""
        parts: list[str] = []
        at = 0
        before_it, opener, opened = "", "", 0  # what the sentence before was about, this one, and where that was named
        for match in MENTION.finditer(text):
            parts.append(text[at : match.start()])
            at = match.end()
            starts = _starts_sentence("".join(parts))
            subject, form = match.group(1), match.group(2)
            if starts:
                before_it = opener if len(_BETWEEN.findall(text, opened, match.start() + 1)) == 1 else ""
                opener, opened = subject, at
            pronoun = self._pronoun(form, text[at:]) if starts and subject == before_it and self._first else ""
            if (not starts and subject != opener) or pronoun:
                opener = ""  # two are spoken of, or it has been called by its pronoun: the next sentence names it again
            words = pronoun or self._form(subject, form)
            parts.append(_capital(words) if starts else words)
        return "".join(parts) + text[at:]

    def _pronoun(self, form: str, after: str) -> str:
        """It or its, where that reads well: not before another noun, as in "bitcoin futures"."""
        if self._pronouns is None:
            return ""
        if form == "possessive":
            return self._pronouns.its
        following = after.split(" ", 2)[1:2] if after.startswith(" ") else []
        return self._pronouns.it if form == "name" and following and following[0] in self._pronouns.before else ""

    def _form(self, subject: str, form: str) -> str:
        words = _words_of(subject, self._words)
        if form == "possessive":
            return words.possessive  # no place for the ticker: the next mention brings it
        fresh = self._first and subject not in self._seen
        self._seen.add(subject)
        if fresh:
            return words.first
        if form == "alternative" and words.alternatives and subject not in self._alternated:
            self._alternated.add(subject)
            return words.alternatives[0]
        return words.name


def _starts_sentence(before: str) -> bool:
    said = before.rstrip()
    return not before or (len(said) < len(before) and said.endswith(_ENDS) and not said.endswith(_NO_ENDS))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def capitalise(text: str) -> str:
    """A capital at the beginning, also after a mark; inside, templates write their own and mentions get theirs."""
    match = re.match("(?:\ue000\\d+\ue001)?", text)
    start = match.end() if match else 0
    return text[:start] + _capital(text[start:])
