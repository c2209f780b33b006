"""A draft as read: its sentences in order, with what each may take over from the ones before; in: blocks of text, out: Scenes.

Adds what the reader of finished articles does not need: signs ("+12%"), dollars named by a word, parts of a whole ("half"), multiples
("doubled"). Compares with nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from newsgen.check.factcheck.frames import FAR, Cues, DraftWords, WordSet
from newsgen.check.reader.bind import Mark, Sentence, read_text
from newsgen.check.reader.dates import Day
from newsgen.check.reader.numerals import Numeral
from newsgen.market import Unit

__all__ = ["Block", "Scene", "read_draft"]

_SIGNS = {"+": 1, "-": -1, "−": -1, "–": -1, "▲": 1, "▼": -1, "↑": 1, "↓": -1}
_ISO = re.compile(r"((?:19|20)\d\d)-(\d\d)-(\d\d)")
_CELL = "|"
_HEAD = 3  # a window at so few words from its beginning is that of the whole sentence
_HALF = 50
_CARRIED = 3  # the level of a word that stands before the sentence


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a draft: a headline, a paragraph, an item of a list, a row of a table."""

    where: str  # "headline", "paragraphs[3]"
    text: str
    kind: str = "p"  # the tag that it would have in HTML; "tr" with its cells parted by " | "
    heads: tuple[str, ...] = ()  # of a row's columns


@dataclass(eq=False)
class Scene:
    """One sentence with what was said before it.

    Attributes:
        before: The sentence before in the same block, else the heading that it stands under.
        subject: The asset, index or company last named before it; "" when none was.
        alone: Whether nothing else was named with it.
        recent: All that has been named up to it, the last first.
    """

    block: Block
    sentence: Sentence
    words: DraftWords
    before: Scene | None = None
    subject: str = ""
    alone: bool = False
    recent: tuple[str, ...] = ()
    heads: tuple[Scene, ...] = ()
    signs: dict[int, int] = field(default_factory=dict)  # by the first token of an amount
    loose: dict[int, Decimal] = field(default_factory=dict)  # how far a word ("half") may be off, by its token

    _places: dict[int, list[int]] = field(default_factory=dict)  # by the id of a set of words, which are all loaded once

    @cached_property
    def lower(self) -> list[str]:
        return [t.lower for t in self.sentence.tokens]

    def places(self, wanted: WordSet) -> list[int]:
        """The tokens at which a word, phrase or mark of a set begins."""
        kept = self._places.get(id(wanted))
        if kept is None:
            kept = self._places[id(wanted)] = self._find(wanted) if self._may_hold(wanted) else []
        return kept

    def _find(self, wanted: WordSet) -> list[int]:
        found = [i for i in range(len(self.lower)) if wanted.starts_at(self.lower, i)]
        if wanted.marks:
            found += [m.first for m in self.sentence.marks if (m.kind,) in wanted.marks or (m.kind.rstrip("$"), m.key) in wanted.marks]
        return found

    def _may_hold(self, wanted: WordSet) -> bool:
        vocabulary = self.sentence.vocabulary
        if wanted.marks or not wanted.words.isdisjoint(vocabulary) or not wanted.phrases.keys().isdisjoint(vocabulary):
            return True
        return bool(wanted.beginnings) and any(w.startswith(wanted.beginnings) for w in vocabulary)

    def level(self, wanted: WordSet, token: int, *, carry: bool = True) -> int:
        """How near to a token a word of the set stands: 0 segment, 1 clause, 2 sentence, 3 before it."""
        places = self.places(wanted)
        if places:
            segment, clause = self.sentence.segment, self.sentence.clause
            if any(segment[p] == segment[token] for p in places):
                return 0
            return 1 if any(clause[p] == clause[token] for p in places) else 2
        head = self.head(token) if self.heads else None
        if head is not None and head.places(wanted):
            return 1
        return _CARRIED if carry and any(s.places(wanted) for s in self.said_before()) else FAR

    def said_before(self) -> Iterator[Scene]:
        """The sentences whose words one without its own may mean: the two before it in its block, else the heading."""
        scene = self.before
        for _ in range(2):
            if scene is None:
                return
            yield scene
            scene = scene.before if scene.block is self.block else None

    def head(self, token: int) -> Scene | None:
        """The head of the column that a token stands in, in a row of a table."""
        cell = sum(t.text == _CELL for t in self.sentence.tokens[:token])
        return self.heads[cell] if cell < len(self.heads) else None

    def days(self, token: int) -> list[Day]:
        """The dates of the token's clause; of its sentence where that has but one amount."""
        days = [d for d in self.sentence.days if d.minute is None]
        own = [d for d in days if self.sentence.clause[d.first] == self.sentence.clause[token]]
        return own or (days if len(self.sentence.numerals) < 2 else [])

    def _is_of_another(self, mark: Mark, numeral: Numeral) -> bool:
        """ "12% on the week, with $1.03 billion on Friday": a window that follows another amount in its segment is that one's."""
        segment = self.sentence.segment
        owner = next(
            (n for n in reversed(self.sentence.numerals) if n.last <= mark.first and segment[n.first] == segment[mark.first]), None
        )
        return owner is not None and owner.first != numeral.first

    def windows(self, numeral: Numeral) -> list[Mark]:
        """The windows named for an amount: of its segment, else one before it in the clause, else the only one of the sentence."""
        sentence = self.sentence
        head = self.head(numeral.first)
        of_column = head.sentence.of("window") if head is not None else []
        if of_column:
            return of_column
        marks = sentence.of("window")
        marks = [m for m in marks if not self._is_of_another(m, numeral)]
        own = [m for m in marks if sentence.segment[m.first] == sentence.segment[numeral.first]]
        if own:
            return own
        clause = [m for m in marks if sentence.clause[m.first] == sentence.clause[numeral.first]]
        before = [m for m in clause if m.last <= numeral.first][-1:]
        last = max((n.first for n in sentence.numerals), default=0) == numeral.first
        after = [m for m in clause if m.first >= numeral.last][:1] if last else []
        return before or after or (marks if len(sentence.numerals) == 1 else [m for m in marks if m.first <= _HEAD])


def read_draft(blocks: Sequence[Block], words: DraftWords) -> tuple[Scene, ...]:
    """Read the blocks of a draft sentence by sentence."""
    return tuple(_scenes(blocks, words))


def _scenes(blocks: Sequence[Block], words: DraftWords) -> Iterator[Scene]:
    heading: Scene | None = None
    subject, alone = "", False
    recent: tuple[str, ...] = ()
    for block in blocks:
        before: Scene | None = heading
        heads = tuple(_head(block, text, words) for text in block.heads)
        for sentence in read_text(block.where, block.text, words.reader):
            scene = Scene(block, sentence, words, before, subject, alone, recent, heads)
            _complete(scene)
            yield scene
            before = scene
            named = _named(scene)
            if named:
                subject, alone = named[0], len(set(named)) == 1
                recent = tuple(dict.fromkeys((*reversed(named), *recent)))
            if block.kind.startswith("h"):
                heading = scene


def _head(block: Block, text: str, words: DraftWords) -> Scene:
    """The head of a column; an empty one says nothing."""
    return Scene(block, next(iter(read_text(block.where, text or "-", words.reader))), words)


def _named(scene: Scene) -> list[str]:
    """What a sentence names, in order; the next one may speak of the first without a name."""
    return [m.key for m in scene.sentence.of("subject") if m.key != "market"]


def _complete(scene: Scene) -> None:
    sentence = scene.sentence
    dates = list(_iso_dates(scene))
    sentence.numerals = [n for n in sentence.numerals if not any(d.first <= n.first < d.last for d in dates)]
    years = [n for n in sentence.numerals if _is_year(n)]
    sentence.numerals = [n for n in sentence.numerals if n not in years]
    sentence.days = [d for d in sentence.days if not any(i.first <= d.first < i.last for i in dates)] + dates
    sentence.days += [Day(n.text, n.first, n.last, n.start, n.end, year=int(n.value)) for n in years]
    numerals = [_in_dollars(scene, n) for n in sentence.numerals]
    taken = {i for n in numerals for i in range(n.first, n.last)}
    numerals += _counted_days(scene)
    taken |= {n.first for n in numerals}
    numerals += [n for n in _words_of_parts(scene) if n.first not in taken]
    sentence.numerals = sorted(numerals, key=lambda n: n.first)
    for numeral in sentence.numerals:
        sign = _sign_before(scene, numeral)
        if sign:
            scene.signs[numeral.first] = sign


def _iso_dates(scene: Scene) -> Iterator[Day]:
    """ "2025-07-14"."""
    tokens = scene.sentence.tokens
    for i in range(len(tokens) - 4):
        match = _ISO.fullmatch(scene.block.text[tokens[i].start : tokens[i + 4].end])
        if match is not None:
            year, month, day = (int(part) for part in match.groups())
            yield Day(match[0], i, i + 5, tokens[i].start, tokens[i + 4].end, year=year, month=month, day=day)


def _is_year(numeral: Numeral) -> bool:
    """ "Its 2021 high"."""
    return numeral.text.isdigit() and len(numeral.text) == 4 and Unit.COUNT in numeral.units and 2008 <= numeral.value <= 2100


def _counted_days(scene: Scene) -> list[Numeral]:
    """ "The run now counts six days": what reads as a window is an amount where a run is spoken of."""
    sentence = scene.sentence
    runs = {sentence.segment[p] for p in scene.places(scene.words.sets["run"])}
    found = [m for m in sentence.of("window") if m.key[:-1].isdigit() and m.key[-1] in "dw" and sentence.segment[m.first] in runs]
    sentence.by_kind["window"] = [m for m in sentence.of("window") if m not in found]
    return [*(_as_count(scene, m) for m in found), *_hyphened(scene)]


def _hyphened(scene: Scene) -> Iterator[Numeral]:
    """ "A seven-session run"."""
    tokens, words = scene.sentence.tokens, scene.words.reader
    for i in range(len(tokens) - 2):
        value = words.numbers.get(tokens[i].lower)
        if (
            value is not None
            and tokens[i + 1].text == "-"
            and tokens[i + 2].lower in words.count_nouns
            and value
            and not _is_window(scene, i)
        ):
            units = frozenset({Unit.COUNT, Unit.DAYS})
            yield Numeral(tokens[i].text, i, i + 1, Decimal(value), Decimal(1), Decimal(1), units, tokens[i].start, tokens[i].end)


def _is_window(scene: Scene, token: int) -> bool:
    return any(m.first <= token < m.last for m in scene.sentence.marks)


def _as_count(scene: Scene, mark: Mark) -> Numeral:
    token = scene.sentence.tokens[mark.first]
    value, units = Decimal(mark.key[:-1]), frozenset({Unit.COUNT, Unit.DAYS})
    return Numeral(token.text, mark.first, mark.first + 1, value, Decimal(1), Decimal(1), units, token.start, token.end)


def _in_dollars(scene: Scene, numeral: Numeral) -> Numeral:
    """ "52.7 million dollars", "USD 52.7 million", "US$52.7 million": dollars said by a word."""
    tokens = scene.sentence.tokens
    after = tokens[numeral.last].lower if numeral.last < len(tokens) else ""
    before = tokens[numeral.first - 1].lower if numeral.first else ""
    plain = Unit.COUNT in numeral.units or Unit.COINS in numeral.units
    if plain and not scene.words.cues.dollars.isdisjoint((after, before)):
        return numeral._replace(units=frozenset({Unit.USD}))
    return numeral


def _sign_before(scene: Scene, numeral: Numeral) -> int:
    """A sign that touches an amount and nothing before it: "+12%", "(-3%)"; "7-12%" has none."""
    tokens = scene.sentence.tokens
    if not numeral.first:
        return 0
    sign = tokens[numeral.first - 1]
    if sign.text not in _SIGNS or (sign.end != tokens[numeral.first].start and sign.text not in "▲▼↑↓"):
        return 0
    glued = numeral.first > 1 and tokens[numeral.first - 2].end == sign.start and tokens[numeral.first - 2].text[-1].isalnum()
    return 0 if glued else _SIGNS[sign.text]


def _words_of_parts(scene: Scene) -> Iterator[Numeral]:
    """ "half", "two-thirds", "a quarter" of a whole, and "doubled"."""
    lower, words = scene.lower, scene.words
    for i, word in enumerate(lower):
        part = words.fractions.get(word)
        if part is not None and _is_part(lower, i, words.cues, part[0] == _HALF):
            yield _word_amount(scene, i, part)
        multiple = words.multiples.get(word)
        if multiple is not None and multiple[0]:
            yield _word_amount(scene, i, multiple)
            scene.signs[i] = 1 if multiple[0] > 0 else -1


def _is_part(lower: Sequence[str], i: int, cues: Cues, half: bool) -> bool:
    """Whether a word is a part of a whole: "a third of", "two-thirds", "half of", and not "the third day" or "the first half"."""
    after = lower[i + 1] if i + 1 < len(lower) else ""
    before = lower[i - 1] if i else ""
    if before in cues.numbers_of_parts and before not in cues.before_part:  # two-thirds
        return True
    if after in cues.part_of and before not in cues.no_part and half:
        return True
    return after == "of" and before in cues.before_part


def _word_amount(scene: Scene, i: int, part: tuple[Decimal, Decimal]) -> Numeral:
    tokens = scene.sentence.tokens
    first = i
    while first and tokens[first - 1].lower in scene.words.cues.numbers_of_parts:
        first -= 1
    scene.loose[first] = part[1]
    text = scene.block.text[tokens[first].start : tokens[i].end]
    value = abs(part[0])
    return Numeral(text, first, i + 1, value, part[1] * 2, part[1] * 2, frozenset({Unit.PCT}), tokens[first].start, tokens[i].end)
