"""The measures of prose, each a plain function; in: texts or articles as Piece, out: numbers. Reads no file and judges nothing.

How each is counted stands in its docstring, since a value is worth what its definition is: the table of docs/prose.md quotes them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from statistics import fmean, pstdev
from typing import Any

from prose_text import FIGURE, lists, mask, phrases, sentences, syllables, tokens, words

__all__ = [
    "Piece",
    "Readability",
    "alike_openings",
    "attributions",
    "back_within",
    "equal_sentences",
    "lede_figures",
    "long_sentences",
    "nearest_rank",
    "per_thousand",
    "piece_of",
    "readability",
    "repeated_share",
    "self_bleu",
    "sentence_bleu",
    "spread",
    "word_for_word",
]

FOOT = frozenset({"disclosure", "correction", "method"})  # not between lede and kicker
STATIC = frozenset({"background"})  # the library of texts that stand under many articles
LONG = 35  # words
_SMOOTH = 0.1  # NLTK's method1, which Texygen uses: what an n-gram order without a match counts


@dataclass(frozen=True)
class Piece:
    """An article as it is measured."""

    as_of: datetime
    angle: str
    form: str
    headline: str
    dek: str
    points: tuple[str, ...]
    paragraphs: tuple[tuple[str, str], ...]  # role and text, in order
    article: Mapping[str, Any]  # ARTICLE.json

    @cached_property
    def body(self) -> tuple[str, ...]:
        """The paragraphs from lede to kicker."""
        return tuple(text for role, text in self.paragraphs if role not in FOOT)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Of the body."""
        return tuple(s for text in self.body for s in sentences(text))

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The sentences of the body without the static library."""
        return tuple(s for role, text in self.paragraphs if role not in FOOT | STATIC for s in sentences(text))

    @property
    def lede(self) -> str:
        """The first sentence."""
        return self.sentences[0]

    @property
    def name(self) -> str:
        return f"{self.as_of:%Y-%m-%d} {self.angle}"


def piece_of(article: Mapping[str, Any]) -> Piece:
    """From ARTICLE.json."""
    return Piece(
        as_of=datetime.fromisoformat(article["as_of"].replace("Z", "+00:00")), angle=article["angle"], form=article["form"],
        headline=article["headline"]["text"], dek=article["dek"]["text"], points=tuple(p["text"] for p in article["key_points"]),
        paragraphs=tuple((p["role"], p["text"]) for p in article["paragraphs"]), article=article,
    )  # fmt: skip


def nearest_rank(values: Sequence[float], share: float) -> float:
    """A percentile by nearest rank: the least value that so great a share of the values does not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


# One article


@dataclass(frozen=True, slots=True)
class Readability:
    """Flesch's two numbers."""

    ease: float  # 206.835 - 1.015 words a sentence - 84.6 syllables a word
    grade: float  # 0.39 words a sentence + 11.8 syllables a word - 15.59


def readability(found: Sequence[str]) -> Readability:
    """Of some sentences. A numeral or an acronym is one word of one syllable (prose_text.syllables)."""
    said = [w for sentence in found for w in words(sentence)]
    length = len(said) / len(found)
    weight = sum(syllables(w) for w in said) / len(said)
    return Readability(206.835 - 1.015 * length - 84.6 * weight, 0.39 * length + 11.8 * weight - 15.59)


def spread(found: Sequence[str]) -> tuple[float, float]:
    """Words a sentence: the mean, and standard deviation over mean (of the population)."""
    lengths = [len(words(s)) for s in found]
    return fmean(lengths), pstdev(lengths) / fmean(lengths)


def long_sentences(found: Iterable[str]) -> list[str]:
    """Those of more than 35 words."""
    return [s for s in found if len(words(s)) > LONG]


def per_thousand(count: int, text: str) -> float:
    """A count as one in a thousand words."""
    return 1000 * count / len(words(text))


def attributions(text: str) -> int:
    """How often a text says from whom it has what it says; patterns that overlap count once."""
    count, end = 0, -1
    spans = sorted(m.span() for pattern in lists()["attributions"] for m in re.finditer(pattern, text))
    for start, stop in spans:
        count += start >= end
        end = max(end, stop)
    return count


def alike_openings(found: Sequence[str]) -> float:
    """The share of sentences after the first whose first word is that of the sentence before, across paragraphs too."""
    first = [re.sub(r"^\W+|['’]s$", "", words(s)[0]).lower() for s in found]
    return sum(a == b for a, b in pairwise(first)) / (len(first) - 1) if len(first) > 1 else 0.0


def lede_figures(sentence: str) -> int:
    """Figures of a lede: dates, times, constants and windows of time ("in the past 24 hours") do not count; the length of a run
    ("nine straight days") does.
    """
    own = lists()
    bare = phrases("constants").sub("", sentence)
    masked = mask(bare)
    units, before, runs = "|".join(own["span_units"]), "|".join(own["span_words"]), "|".join(own["runs"])
    window = rf"\b(?:{before})\s(?:the\s)?{FIGURE}[\s-](?:{units})\b(?!\s(?:{runs}))"
    return re.sub(window, "", masked).count(FIGURE)


# Articles beside one another


def _ngrams(found: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(found[i : i + n]) for i in range(len(found) - n + 1))


def sentence_bleu(hypothesis: Sequence[str], references: Sequence[Sequence[str]], most: int = 4) -> float:
    """BLEU of one text against several: the geometric mean of clipped n-gram precisions (1 to 4), times the brevity penalty against the
    reference that is closest in length. An order without a match counts 0.1 over its n-grams (NLTK's method1).
    """
    logs = 0.0
    for n in range(1, most + 1):
        counts = _ngrams(hypothesis, n)
        allowed: Counter[tuple[str, ...]] = Counter()
        for reference in references:
            allowed |= _ngrams(reference, n)
        matched = sum((counts & allowed).values())
        if n == 1 and not matched:
            return 0.0
        logs += math.log((matched or _SMOOTH) / max(sum(counts.values()), 1)) / most
    closest = min((abs(len(r) - len(hypothesis)), len(r)) for r in references)[1]
    penalty = 1.0 if len(hypothesis) > closest else math.exp(1 - closest / len(hypothesis))
    return penalty * math.exp(logs)


def self_bleu(texts: Sequence[Sequence[str]]) -> float:
    """Texygen's: the mean BLEU-4 of each text against all the others as its references."""
    return fmean(sentence_bleu(text, [*texts[:i], *texts[i + 1 :]]) for i, text in enumerate(texts))


def body_tokens(piece: Piece, *, masked: bool, static: bool = True) -> list[str]:
    """An article's body as BLEU compares it."""
    found = piece.sentences if static else piece.own
    return [t for s in found for t in tokens(mask(s) if masked else s)]


def equal_sentences(articles: Sequence[Sequence[str]]) -> float:
    """The share of all sentences that stand in another of the articles too."""
    where: Counter[str] = Counter(s for article in articles for s in set(article))
    every = [s for article in articles for s in article]
    return sum(where[s] > 1 for s in every) / len(every)


def repeated_share(articles: Sequence[Sequence[str]]) -> float:
    """The share of sentences that stood in an earlier one of the articles."""
    seen: set[str] = set()
    repeated = total = 0
    for article in articles:
        repeated += sum(s in seen for s in article)
        total += len(article)
        seen.update(article)
    return repeated / total


def repeated_within(articles: Sequence[tuple[datetime, Sequence[str]]], span: timedelta) -> float:
    """The share of sentences that stood in an article of so long before; articles in order of time."""
    last: dict[str, datetime] = {}
    repeated = total = 0
    for moment, found in articles:
        repeated += sum(s in last and moment - last[s] <= span for s in found)
        total += len(found)
        last.update(dict.fromkeys(found, moment))
    return repeated / total


def back_within(said: Sequence[tuple[datetime, str]], span: timedelta) -> Iterator[tuple[int, int]]:
    """Which come back within a span of time: the places of the two; in order of time."""
    last: dict[str, int] = {}
    for i, (moment, text) in enumerate(said):
        before = last.get(text)
        if before is not None and moment - said[before][0] <= span:
            yield before, i
        last[text] = i


def word_for_word(articles: Sequence[Sequence[str]]) -> Counter[str]:
    """Sentences that stand unchanged in more than one article, and in how many."""
    where: Counter[str] = Counter(s for article in articles for s in set(article))
    return Counter({s: n for s, n in where.items() if n > 1})
