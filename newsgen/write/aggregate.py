"""Aggregation: two sentences become one, and one that has grown too long becomes two; in: paragraphs with their marks, out: the same.

Two neighbours of a paragraph are joined where the second goes on with what the first was about: with "and" what one message says in two
sentences, or two messages of one subject; with "while" what is of another ("Ether rose 3%, while solana fell 2%"). What is joined is
chosen over the whole body: until its sentences have the length of wire copy, the pair first that makes the longest one, so that short
sentences stay short among them. A sentence over the house's limit is parted at its semicolon. Works before the mentions are resolved, so
that a name inside a sentence gets no capital. Does not choose what is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from newsgen.write.ledger import OPEN as FIGURE
from newsgen.write.ledger import cut_marks
from newsgen.write.lexicon import AssetWords, Joining, Lexicon
from newsgen.write.refer import MENTION, Mentions
from newsgen.write.refer import OPEN as MENTION_OPEN

__all__ = ["MOST_WORDS", "joined", "parted"]

MOST_WORDS = 35  # of a sentence (editorial.md section 4)
_JOINED_WORDS = range(16, MOST_WORDS)  # what two make together: less is as good apart, more is too much for one breath
_JOINED_FIGURES = 5  # numbers and dates of two together
_LEAST_WORDS = 9  # of each of two that are joined: a short sentence stays one
_CLAUSE_WORDS = 4  # of what stands behind a semicolon and can be a sentence
_MEAN = 22  # words a sentence towards which is joined: a school grade of eight and more, within 17 to 23
_BESIDE_LONG = 0.7  # what a pair is worth beside one that is joined: long beside long has no rhythm
_TELLS = re.compile(f"{FIGURE}\\d+[^{FIGURE}]*[$%][^{FIGURE}]*{FIGURE}")  # an amount, and not a day alone
# The point comes first, and what must stand before it is asked there: a search for it is quick then.
_BOUNDARY = re.compile("\\.(?<!U\\.S\\.)(?<!\\b[ap]\\.m\\.)(?<=[\\w%)\ue000\ue003]\\.) (?=[A-Z\ue000\ue002])")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with its period, and where it stands."""

    text: str
    paragraph: int
    message: int  # of the paragraph
    template: str
    words: int
    figures: int
    named: tuple[str, ...]  # assets and their like, in order


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two neighbours as one sentence."""

    first: int
    worth: int
    text: str


def joined(paragraphs: Sequence[Sequence[tuple[str, str]]], lexicon: Lexicon, names: Mapping[str, AssetWords]) -> list[str]:
    """The paragraphs of a body, some of their sentences joined.

    Args:
        paragraphs: Each as the templates and texts of its messages; the first sentence of all is the lede, and stays as it is.
        names: How subjects and terms are called, for the length of a sentence.
    """
    sentences = [*_sentences(paragraphs, lexicon, names)]
    pairs = [pair for i in range(1, len(sentences) - 1) if (pair := _pair(sentences, i, lexicon))]
    taken = _taken(pairs, len(sentences), sum(s.words for s in sentences))
    texts: list[list[str]] = [[] for _ in paragraphs]
    for i, sentence in enumerate(sentences):
        if i - 1 not in taken:
            texts[sentence.paragraph].append(taken.get(i, sentence.text))
    return [" ".join(said) for said in texts]


def _taken(pairs: Sequence[_Pair], sentences: int, words: int) -> dict[int, str]:
    """The pairs that are joined, by the place of the first; the one of the greatest worth comes first."""
    taken: dict[int, str] = {}
    while words < _MEAN * (sentences - len(taken)):
        free = [p for p in pairs if not taken.keys() & {p.first - 1, p.first, p.first + 1}]
        if not free:
            break
        best = max(free, key=lambda p: p.worth * (_BESIDE_LONG if taken.keys() & {p.first - 2, p.first + 2} else 1))
        taken[best.first] = best.text
    return taken


def _sentences(
    paragraphs: Sequence[Sequence[tuple[str, str]]], lexicon: Lexicon, names: Mapping[str, AssetWords]
) -> Iterator[_Sentence]:  # fmt: skip
    first = Mentions(names, first=True)
    for i, messages in enumerate(paragraphs):
        for j, (template, message) in enumerate(messages):
            for text in _cut(message, lexicon, whole=i == j == 0):
                named = tuple(s for s, _ in MENTION.findall(text) if s not in lexicon.terms)
                words = len(first.resolve(text).split())
                yield _Sentence(text, i, j, template, words, text.count(FIGURE) // 2, named)


def _cut(message: str, lexicon: Lexicon, *, whole: bool) -> Iterator[str]:
    """The sentences of a message; what says a thing of its own behind a semicolon is one too, unless the first stays whole."""
    ends = [0, *(m.end() for m in _BOUNDARY.finditer(message)), len(message)]
    for a, b in pairwise(ends):
        text = message[a:b].rstrip()
        first, _, second = text.partition("; ")
        if (whole and a == 0) or not (_stands_alone(first, lexicon) and _goes_on(second, lexicon)):
            yield text
        else:
            yield f"{first}."
            yield second[:1].upper() + second[1:]


def _goes_on(part: str, lexicon: Lexicon) -> bool:
    """Whether a part can be the next sentence: its first word says of what it speaks."""
    refers = MENTION.match(part) is not None or part.partition(" ")[0] in lexicon.joining.referring
    return refers and _stands_alone(part, lexicon)


def _stands_alone(part: str, lexicon: Lexicon) -> bool:
    """Whether a part is a sentence that belongs to its day: with a verb and an amount, and no number at its beginning."""
    words = part.split()
    verb = not lexicon.pronouns.before.isdisjoint(words)
    return verb and len(words) >= _CLAUSE_WORDS and part[0] != FIGURE and _TELLS.search(part) is not None


def _pair(sentences: Sequence[_Sentence], i: int, lexicon: Lexicon) -> _Pair | None:
    """A sentence and the next as one, where they make a good one."""
    first, second = sentences[i], sentences[i + 1]
    words = first.words + second.words
    if first.paragraph != second.paragraph or words not in _JOINED_WORDS or not _short_enough(first, second):
        return None
    text = _one(first, second, lexicon)
    return _Pair(i, first.words * second.words, text) if text else None


def _short_enough(first: _Sentence, second: _Sentence) -> bool:
    """Whether neither of two is a word or two, and the figures of both not too many for one breath."""
    return min(first.words, second.words) >= _LEAST_WORDS and first.figures + second.figures <= _JOINED_FIGURES


def _one(first: _Sentence, second: _Sentence, lexicon: Lexicon) -> str:
    """Two sentences as one; "" where the second does not go on with what the first is about."""
    joining, said = lexicon.joining, first.text.removesuffix(".")
    opener, _, rest = second.text.partition(" ")
    named = opener[:1] in (MENTION_OPEN, FIGURE)  # a figure that begins a sentence is a day: "Friday's session"
    other = bool(second.named and first.named) and second.named[0] not in first.named
    if not (named or opener in joining.openers) or (first.message != second.message and not _akin(first, second, joining)):
        return ""
    if any(sign in f"{s.text} " for s in (first, second) for sign in joining.compound):
        return ""
    more = "" if other else _predicate(second.text, lexicon)
    if more and _predicate(first.text, lexicon) and ", " not in said:
        return f"{said}{joining.bare} {more}"
    if more and _has_subject(first.text, lexicon):
        return f"{said}{joining.same} {lexicon.pronouns.it} {more}"
    contrast = other or first.message != second.message
    link = joining.other if contrast and (named or opener in joining.subjects) else joining.same
    return f"{said}{link} {opener if named else opener[:1].lower() + opener[1:]} {rest}"


def _akin(first: _Sentence, second: _Sentence, joining: Joining) -> bool:
    """Whether two messages are of one market: each of assets, the first of one alone."""
    return bool(second.named) and len({*first.named}) == 1 and joining.apart.isdisjoint((first.template, second.template))


def _predicate(sentence: str, lexicon: Lexicon) -> str:
    """What a sentence says of the asset with which it begins, from the verb on; "" where it begins otherwise."""
    opener, _, rest = sentence.partition(" ")
    mention = MENTION.fullmatch(opener)
    alone = mention[2] == "name" if mention else opener == lexicon.pronouns.it.capitalize()
    return rest if alone and rest.partition(" ")[0] in lexicon.pronouns.before else ""


def _has_subject(sentence: str, lexicon: Lexicon) -> bool:
    """Whether a sentence says something of the one asset that it names, so that "it" can only be that."""
    found = [*MENTION.finditer(sentence)]
    if len(found) != 1 or found[0][2] != "name":
        return False
    after = sentence[found[0].end() :].split(" ", 2)[1:2]  # what stands right after the name is a sign, or nothing
    return not lexicon.pronouns.before.isdisjoint(after)


def parted(text: str) -> str:
    """A paragraph whose sentences over the limit are parted at a semicolon, where they have one."""
    ends = [0, *(m.end() for m in _BOUNDARY.finditer(text)), len(text)]
    return "".join(_short(text[a:b]) for a, b in pairwise(ends))


def _short(sentence: str) -> str:
    if len(cut_marks(sentence).text.split()) <= MOST_WORDS or sentence.count("; ") != 1:
        return sentence
    first, second = sentence.split("; ")
    return f"{first}. {second[:1].upper()}{second[1:]}"
