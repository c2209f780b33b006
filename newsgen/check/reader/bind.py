"""What belongs to what inside a sentence; in: a text, out: sentences whose amounts know the words around them.

An amount takes the asset, side and window of its segment first, then of its clause, then of its sentence. What nobody names is
unknown, and unknown contradicts nothing. Does not compare with figures (`_claims.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

from newsgen.check.reader.clauses import Token, sentences_of
from newsgen.check.reader.dates import Day, read_clock, read_day
from newsgen.check.reader.numerals import Numeral, read_numeral, read_span
from newsgen.check.reader.words import Meaning, ReaderWords

__all__ = ["Mark", "Sentence", "read_text"]


class Mark(NamedTuple):
    """A phrase of the reader's vocabulary in a sentence; `first` and `last` are token indexes (last exclusive)."""

    kind: str
    key: str
    text: str
    first: int
    last: int


_NONE: list[Mark] = []


@dataclass
class Sentence:
    """One sentence as read: its tokens, and what was recognised in it, in order."""

    where: str
    text: str
    tokens: list[Token]
    marks: list[Mark] = field(default_factory=list)
    by_kind: dict[str, list[Mark]] = field(default_factory=dict)
    numerals: list[Numeral] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    clause: list[int] = field(default_factory=list)  # per token
    segment: list[int] = field(default_factory=list)
    joints: set[int] = field(default_factory=set)  # the tokens ", and" with which a clause of its own subject begins
    continued: set[int] = field(default_factory=set)  # clauses that go on with the subject of the one before: "and is up 3%"
    carried: frozenset[str] = frozenset()  # the words of the sentences before it that its pronoun stands for

    def of(self, kind: str) -> list[Mark]:
        """The marks of a kind."""
        return self.by_kind.get(kind, _NONE)

    @cached_property
    def parts(self) -> list[int]:
        """For each token the number of semicolons and joints before it: what stands between two says a thing of its own."""
        return list(accumulate((t.text == ";" or i in self.joints for i, t in enumerate(self.tokens)), initial=0))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of the sentence, in lower case."""
        return frozenset([t.lower for t in self.tokens])

    @cached_property
    def spoken(self) -> frozenset[str]:
        """The words of what the sentence speaks of: its own, and those that a pronoun of it stands for."""
        return self.vocabulary | self.carried

    def hedge(self, numeral: Numeral) -> str:
        """The approximator right before an amount, an article between allowed: "more_than", "passed", "above" ...; "" if none."""
        for mark in reversed(self.marks):
            if mark.last <= numeral.first:
                gap = [t.lower for t in self.tokens[mark.last : numeral.first]]
                if gap and gap not in (["a"], ["the"], ["an"], ["its"]):
                    return ""
                return _hedge_key(mark)
        return ""

    def subjects(self, numeral: Numeral) -> tuple[frozenset[str], bool]:
        """The subjects named for an amount, and whether they stand in its own segment."""
        named = self.of("subject")
        own = frozenset(m.key for m in named if self.segment[m.first] == self.segment[numeral.first])
        if own or not named:
            return own, True
        if apposed := self._apposed(named, numeral):
            return frozenset({apposed.key}), True
        first = last = self.clause[numeral.first]
        while first in self.continued:
            first -= 1
        clause = [m for m in named if first <= self.clause[m.first] <= last]
        before = frozenset(m.key for m in clause if m.last <= numeral.first)
        others = frozenset(m.key for m in clause) or frozenset(m.key for m in named if m.last <= numeral.first)
        return before or (others if len(others) == 1 else frozenset()), False

    def _apposed(self, named: list[Mark], numeral: Numeral) -> Mark | None:
        """The subject right before the comma that an amount's segment begins with: "litecoin (LTC), down 0.8%, and XLM, down 13%"."""
        comma = self.segment.index(self.segment[numeral.first])
        if self.tokens[comma].text != ",":
            return None
        closes = comma - 1 if self.tokens[comma - 1].text == ")" else comma
        found = next((m for m in named if m.last == closes), None)
        if found is None or any(m.key != found.key and self.segment[m.first] == self.segment[found.first] for m in named):
            return None  # "ether parts from bitcoin, down 16%" may speak of either
        return found

    def sides(self, numeral: Numeral) -> tuple[frozenset[str], bool]:
        """The side named for an amount, and whether it stands in its own segment; both sides of a sentence mean unknown."""
        named = self.of("side")
        own = [m for m in named if self.segment[m.first] == self.segment[numeral.first]]
        if own:
            return frozenset({min(own, key=lambda m: _distance(m, numeral)).key}), True
        everywhere = frozenset(m.key for m in named)
        return (everywhere if len(everywhere) == 1 else frozenset()), False

    def windows(self, numeral: Numeral) -> list[Mark]:
        """The window before and the window after an amount, in its clause; the one after must come before the next amount."""
        near = [m for m in self.of("window") if self.clause[m.first] == self.clause[numeral.first]]
        before = [m for m in near if m.last <= numeral.first][-1:]
        following = next((n.first for n in self.numerals if n.first >= numeral.last), len(self.tokens))
        after = [m for m in near if numeral.last <= m.first < following][:1]
        return before + after

    def previous(self, token: int) -> Numeral | None:
        """The last amount that ends at or before a token."""
        return next((n for n in reversed(self.numerals) if n.last <= token), None)

    def next(self, token: int) -> Numeral | None:
        """The first amount that begins at or after a token."""
        return next((n for n in self.numerals if n.first >= token), None)

    def head(self, numeral: Numeral) -> int:
        """The token with which an amount begins, its approximator included: "more than $1,850"."""
        mark = next((m for m in reversed(self.marks) if m.last <= numeral.first), None)
        return mark.first if mark is not None and mark.last == numeral.first and mark.kind == "hedge" else numeral.first

    def beside(self, numeral: Numeral, phrase: tuple[str, ...], before: bool, within: int) -> bool:
        """Whether a phrase stands right before or after an amount, with at most so many tokens between."""
        size = len(phrase)
        first = self.head(numeral) if before else numeral.last
        starts = range(first - size - within, first - size + 1) if before else range(first, first + within + 1)
        return any(i >= 0 and tuple(t.lower for t in self.tokens[i : i + size]) == phrase for i in starts)

    def has_extreme(self, numeral: Numeral) -> bool:
        """Whether the amount's segment speaks of a high, a low or a record."""
        return any(
            m.kind in ("extreme", "record", "reference") and self.segment[m.first] == self.segment[numeral.first] for m in self.marks
        )

    def side_beside(self, numeral: Numeral) -> str:
        """The side that an amount itself is of: "$467 million of longs", "$68 million in all short liquidations"; "" when none is said."""
        for mark in self.of("side"):
            if mark.first >= numeral.last:
                between = [t.lower for t in self.tokens[numeral.last : mark.first]]
                return mark.key if between and all(t in _OF_A_SIDE for t in between) else ""
        return ""

    def is_whole(self, numeral: Numeral) -> bool:
        """Whether the amount is named as a whole, of which something else is a part: "83% of the $748.3 million"."""
        if self.side_beside(numeral):
            return False
        head = self.head(numeral)
        words = [t.lower for t in self.tokens[max(0, head - 5) : head]]
        while words and words[-1] in _FILLERS:
            words.pop()
        if not words or words[-1] != "of":
            sides = [m for m in self.of("side") if m.last <= numeral.first and self.clause[m.first] == self.clause[numeral.first]]
            one_side = len({m.key for m in sides}) == 1 and self.segment[sides[-1].first] == self.segment[numeral.first]
            return not one_side and any(self.segment[m.first] == self.segment[numeral.first] for m in self.of("whole"))
        of = head - 1 - (min(5, head) - len(words))
        before = self.previous(of + 1)
        return of == 0 or (before is not None and before.last >= of) or words[:-1][-1:] in (["which"], ["out"], [","])


_OF_A_SIDE = frozenset({"of", "in", "all", "the", "worth"})
_FILLERS = frozenset({"the", "a", "total", "all", "some", "about", "nearly", "least", "at", "than", "more", "overall"})


def _hedge_key(mark: Mark) -> str:
    if mark.kind in ("position", "position$"):
        return mark.key
    return mark.key if mark.kind == "hedge" else ""


def _distance(mark: Mark, numeral: Numeral) -> int:
    return numeral.first - mark.last if mark.last <= numeral.first else mark.first - numeral.last + 1


def read_text(where: str, text: str, words: ReaderWords) -> list[Sentence]:
    """Read one text of an article sentence by sentence."""
    found: list[Sentence] = []
    for tokens in sentences_of(text, words.abbreviations):
        sentence = _read(where, text, tokens, words)
        if found and _refers_back(sentence, words):
            sentence.carried = found[-1].spoken
        found.append(sentence)
    return found


def _refers_back(sentence: Sentence, words: ReaderWords) -> bool:
    """Whether a pronoun stands before the first amount and before any name: "In 30 days it is down $25.9 billion"."""
    starts = [n.first for n in sentence.numerals[:1]] + [m.first for m in sentence.of("subject")[:1]]
    first = min(starts, default=0)
    return any(t.lower in words.pronouns for t in sentence.tokens[:first])


def _read(where: str, text: str, tokens: list[Token], words: ReaderWords) -> Sentence:
    """Read phrases, dates and amounts, and number clauses and segments; a break inside one of them breaks nothing."""
    sentence = Sentence(where, text[tokens[0].start : tokens[-1].end], tokens)
    clauses, segments, starts = sentence.clause, sentence.segment, words.starts
    clause = segment = taken = 0  # tokens before `taken` belong to what was read last
    for i, (printed, lower, _, _) in enumerate(tokens):
        if i >= taken:
            if lower in starts or "0" <= printed[0] <= "9":
                taken = _step(sentence, text, i, words)
            if i >= taken and lower in words.segment_breaks and not _holds_a_ticker(sentence, i):
                segment += 1
                clause += _begins_a_clause(sentence, i, clause, words)
            elif i >= taken and lower in words.clause_breaks:
                clause, segment = clause + 1, segment + 1
        clauses.append(clause)
        segments.append(segment)
    for mark in sentence.marks:
        sentence.by_kind.setdefault(mark.kind, []).append(mark)
    return sentence


def _begins_a_clause(sentence: Sentence, i: int, clause: int, words: ReaderWords) -> bool:
    """Whether "and" begins a clause, by the verb that follows: "..., and bitcoin stands 23% below its high", "... and then fell"."""
    tokens = sentence.tokens
    if not i or tokens[i].lower not in words.clause_joiners:
        return False
    follows = next((t.lower for t in tokens[i + 1 :] if t.lower not in words.clause_adverbs), "")
    if follows in words.clause_verbs:
        sentence.continued.add(clause + 1)
        return True
    if tokens[i - 1].text == "," and _has_a_verb(tokens, i + 1, words):
        sentence.joints.add(i)
        return True
    return False


def _has_a_verb(tokens: Sequence[Token], first: int, words: ReaderWords) -> bool:
    """Whether a verb stands before the next clause begins."""
    for before, token in pairwise(tokens[first - 1 :]):
        if token.lower in words.clause_verbs:
            return True
        if token.lower in words.clause_breaks or (token.lower in words.clause_joiners and before.text == ","):
            return False
    return False


def _holds_a_ticker(sentence: Sentence, i: int) -> bool:
    """Whether a bracket holds one word right after a name, "ether (ETH) positions": that parts nothing."""
    tokens = sentence.tokens
    opens, closes = (i, i + 2) if tokens[i].text == "(" else (i - 2, i)
    if opens < 1 or closes >= len(tokens) or tokens[opens].text != "(" or tokens[closes].text != ")":
        return False
    return any(m.kind == "subject" and m.last == opens for m in sentence.marks)


def _step(sentence: Sentence, text: str, i: int, words: ReaderWords) -> int:
    """Read what begins at token i; returns the index after it, or i when nothing does."""
    tokens = sentence.tokens
    token = tokens[i]
    digit = token.text[0].isdigit()
    found = words.match(tokens, i)
    if found and found[0].kind == "constant":
        return found[1]
    if digit or token.lower in words.clock_words:
        clock = read_clock(text, tokens, i, words)
        if clock:
            sentence.days.append(clock)
            return clock.last
    day = read_day(text, tokens, i, words) if digit or token.text in words.months or token.text in words.weekdays else None
    if day and day.year is not None:
        return _date(sentence, day, words)
    end = _phrase(sentence, i, found)
    if end:
        return end
    if digit or token.lower in words.number_words:
        return _span(sentence, i, words) or _date_or_numeral(sentence, text, i, day, words)
    return _date(sentence, day, words) if day else i


def _phrase(sentence: Sentence, i: int, found: tuple[Meaning, int] | None) -> int:
    """Keep a phrase of the vocabulary; returns the index after it, or 0 when it is none."""
    tokens = sentence.tokens
    if not found:
        return 0
    (kind, key), end = found
    if kind == "position$" and not (end < len(tokens) and tokens[end].text == "$"):
        return 0
    if kind != "neutral":
        phrase = " ".join([t.lower for t in tokens[i:end]])
        sentence.marks.append(Mark(kind, key, phrase, i, end))
    return end


def _span(sentence: Sentence, i: int, words: ReaderWords) -> int:
    span = read_span(sentence.tokens, i, words)
    if not span:
        return 0
    key, end = span
    sentence.marks.append(Mark("window", key, " ".join(t.text for t in sentence.tokens[i:end]), i, end))
    return end


def _date(sentence: Sentence, day: Day, words: ReaderWords) -> int:
    """Keep a date; the close of a year's last day also names a window, the year to date."""
    sentence.days.append(day)
    around = [t.lower for t in sentence.tokens[max(0, day.first - 2) : day.last + 1]]
    if (day.month, day.day) == (12, 31) and words.dates.close & {*around}:
        sentence.marks.append(Mark("window", "ytd", day.text, day.first, day.last))
    return day.last


def _date_or_numeral(sentence: Sentence, text: str, i: int, day: Day | None, words: ReaderWords) -> int:
    if day:
        return _date(sentence, day, words)
    numeral = read_numeral(text, sentence.tokens, i, words)
    if not numeral:
        return i
    sentence.numerals.append(numeral)
    return numeral.last
