"""The reader's vocabulary; in: a TOML file of one language, out: ReaderWords with its phrase book.

Shares nothing with the writer's lexicon, so that a slip there cannot hide itself here. Judges nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from newsgen.check.reader.clauses import Token, tokens_of
from newsgen.errors import ConfigError

__all__ = ["MONEY", "Falsehood", "Meaning", "Metric", "PhraseList", "PostWords", "ReaderWords", "load_reader_words", "with_zone"]

MONEY = frozenset("$€£¥₿")

Words = Mapping[str, tuple[str, ...]]


class Meaning(NamedTuple):
    """What a phrase stands for: a kind ("side") and a key ("short")."""

    kind: str
    key: str


class _Entry(NamedTuple):
    tokens: tuple[str, ...]
    exact: bool  # a phrase with capitals is read as written
    meaning: Meaning


class _Page:
    """The phrases with one first token, by their second: most words of a text begin many phrases and hold none."""

    def __init__(self) -> None:
        self.alone: list[_Entry] = []
        self.by_second: dict[str, list[_Entry]] = {}  # longest first

    def add(self, entry: _Entry) -> None:
        if len(entry.tokens) == 1:
            self.alone.append(entry)
            return
        longer = self.by_second.setdefault(entry.tokens[1].lower(), [])
        longer.append(entry)
        longer.sort(key=lambda e: -len(e.tokens))

    def match(self, tokens: Sequence[Token], at: int) -> tuple[Meaning, int] | None:
        if at + 1 < len(tokens):
            for entry in self.by_second.get(tokens[at + 1].lower, ()):
                end = at + len(entry.tokens)
                if tuple([t[0] if entry.exact else t[1] for t in tokens[at:end]]) == entry.tokens:
                    return entry.meaning, end
        for entry in self.alone:
            if not entry.exact or tokens[at].text == entry.tokens[0]:
                return entry.meaning, at + 1
        return None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wagers(_Part):
    """Bets on a side, as every verb with every object."""

    on: tuple[str, ...]
    objects: Words  # side to objects


class Dates(_Part):
    """Words before a date that say what it is."""

    since: frozenset[str]
    until: frozenset[str]
    archives: frozenset[str] = frozenset()  # what goes back to a day or a year
    close: frozenset[str]
    of_amount: frozenset[str] = frozenset()  # between an amount and its own day: ", set on"


class History(_Part):
    """Words that claim a record or a place in history."""

    record: tuple[str, ...]
    reference: tuple[str, ...]  # speak of a record that stands elsewhere, or of records in general
    first_since: tuple[str, ...]


class Baselines(_Part):
    """Words beside which a window is that of the base of comparison."""

    words: frozenset[str]
    tails: tuple[str, ...]  # how the names of such figures, after the family, begin


class Lists(_Part):
    """Words about the members of a set and about parts and wholes."""

    led: tuple[str, ...]
    majority: tuple[str, ...]
    minority: tuple[str, ...]
    parts_whole: tuple[str, ...]
    peaks: tuple[str, ...] = ()  # words of a highest value that another one is held against
    against: frozenset[str] = frozenset()  # and what stands between the two
    nearest: frozenset[str] = frozenset()  # the levels beside a price
    as_large: frozenset[str] = frozenset()  # after "at least": a comparison with a rival
    among: frozenset[str] = frozenset()  # after a word of rank: the set that it is of


class Pairs(_Part):
    """Words that pair two amounts: the ends of a move and of a range."""

    start: frozenset[str] = frozenset()  # "from $80,900"
    end: frozenset[str] = frozenset()  # "to $84,300"
    range_start: frozenset[str] = frozenset()  # "between $80,900"
    ranges: frozenset[str] = frozenset()  # "a range of", with a joiner
    joiners: frozenset[str] = frozenset()
    begun: frozenset[str] = frozenset()  # "began the day at $62,948 and rose as high as"


class Flows(_Part):
    """Phrases for money that goes into funds and out of them."""

    into: tuple[str, ...] = ()
    out_of: tuple[str, ...] = ()

    @cached_property
    def ways(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        """The phrases of money that comes in and of money that goes out, in lower case."""
        return PhraseList(self.into).regex, PhraseList(self.out_of).regex


class Levels(_Part):
    """Words right before an amount that say whether it is a level or a change."""

    level: frozenset[str] = frozenset()  # "stands at"
    change: frozenset[str] = frozenset()  # "rises by", "up"
    end: frozenset[str] = frozenset()  # after a word of direction: a level, "falls to"
    of: frozenset[str] = frozenset()  # after a word of direction or one of `nouns`: a change, "a rise of"
    nouns: frozenset[str] = frozenset()


class Payments(_Part):
    """Words of who pays funding to whom, and of the sign of its rate."""

    metric: frozenset[str] = frozenset()  # what is paid
    verbs: frozenset[str] = frozenset()
    by: frozenset[str] = frozenset()  # after such a verb: the side that pays follows
    to: frozenset[str] = frozenset()  # before a side: it receives
    burden: frozenset[str] = frozenset()  # before a side, in a sentence that names the metric: it pays
    holding: frozenset[str] = frozenset()  # before a side: it is the one that costs
    relative: frozenset[str] = frozenset()  # between a verb of paying and the side that receives: "those who are"
    positive: frozenset[str] = frozenset()
    negative: frozenset[str] = frozenset()


class Falsehood(_Part):
    """A statement on mechanics that is never true; a pattern in lower case."""

    pattern: str
    why: str
    needs: frozenset[str] = frozenset()  # words in lower case, one of which every text holds in which the pattern can be found

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def may_be_in(self, vocabulary: frozenset[str]) -> bool:
        """Whether a search is worth its time."""
        return not self.needs or not self.needs.isdisjoint(vocabulary)


class Lint(Falsehood):
    """A fault of form; case counts."""

    only: str = ""  # a kind of place ("headline", "paragraphs") or "sentences" of the paragraphs; "" for all places

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.MULTILINE)


class Metric(_Part):
    """Words beside an amount that say which metric it is."""

    words: tuple[str, ...]
    tails: tuple[str, ...]  # how the figure's name, after its family, must begin
    groups: frozenset[str]  # only figures of these are judged
    before: bool  # the words stand before the amount, else after it
    within: int  # words that may stand between
    unless_extreme: bool = False  # not beside a word of record or extreme
    money: bool = False  # words after an amount speak of dollars and percent too, and not only of what is counted

    @cached_property
    def phrases(self) -> tuple[tuple[str, ...], ...]:
        """The words as lower-case tokens."""
        return tuple(tuple(t.lower for t in tokens_of(w)) for w in self.words)

    @cached_property
    def begins(self) -> frozenset[str]:
        """The first words of the phrases: a sentence without any says nothing of this metric."""
        return frozenset(p[0] for p in self.phrases)


class Demand(_Part):
    """Words, one of which a sentence must hold for its amount to be a figure of some kinds."""

    names: tuple[str, ...]  # how the figure's name begins
    words: frozenset[str]
    kinds: tuple[str, ...] = ()  # or a phrase of one of these kinds ("direction")
    or_dated: bool = False  # or a date


class Attributions(_Part):
    """Forms in which a source is named; group 1 is its name."""

    cues: tuple[str, ...]
    patterns: tuple[str, ...]

    joined: str = ""  # an expression: what stands between several sources
    made: str = ""  # an expression: what stands before the sources of a calculation

    @cached_property
    def regexes(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(p) for p in self.patterns)

    def names(self, said: str) -> list[str]:
        """The names of the sources: "calculations from Binance spot and FRED" names two."""
        plain = re.sub(self.made, "", said) if self.made else said
        names = re.split(self.joined, plain) if self.joined else [plain]
        return [name.strip(" .,") for name in names if name.strip(" .,")]


class PostWords(_Part):
    """How titles of people's posts are compared with a story."""

    ignored: frozenset[str]  # words that stand in any market story
    alike: Mapping[str, frozenset[str]]  # words of one meaning, by its name: "rise" for climbs, tops, passed
    endings: tuple[str, ...]  # cut off before words are compared, the longest first
    scales: Mapping[str, Decimal]  # "million", "m", "bn" to what they stand for
    currencies: frozenset[str]
    market: tuple[str, ...]  # names of the market as a whole


class ReaderWords(_Part):
    """All words by which a text is read back; the sections are described in the file."""

    locale: str
    constants: tuple[str, ...]
    neutral: tuple[str, ...]
    clause_breaks: frozenset[str]
    segment_breaks: frozenset[str]
    clause_joiners: frozenset[str] = frozenset()
    clause_verbs: frozenset[str] = frozenset()
    clause_adverbs: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()
    negations: frozenset[str] = frozenset()
    count_nouns: frozenset[str]
    count_adjectives: frozenset[str] = frozenset()
    coin_nouns: frozenset[str] = frozenset()
    count_verbs: frozenset[str]
    bar_nouns: frozenset[str]
    here: frozenset[str]
    fund_nouns: frozenset[str] = frozenset()
    topics: Mapping[str, frozenset[str]] = {}  # family of figures to the words that name its metric
    metrics_of_sources: Mapping[str, frozenset[str]] = {}  # family of figures to the words that name its metric where no figure is told
    other_metrics: frozenset[str]
    abbreviations: frozenset[str]
    holdings: Mapping[str, str]
    assets: Words
    indices: Words
    companies: Words
    funds: Words
    markets: Words
    venues: Words
    sides: Words
    wagers: Wagers
    directions: Words
    positions: Words
    positions_before_money: Words
    extremes: Words
    ranks: Words
    baselines: Baselines
    hedges: Words
    windows: Words
    window_means: Words
    window_units: Mapping[str, str]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    scales: Mapping[str, int]
    units: Words
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    clock: Mapping[str, str]
    zones: Mapping[str, str]
    dates: Dates
    history: History
    lists: Lists
    payments: Payments = Payments()
    pairs: Pairs = Pairs()
    flows: Flows = Flows()
    levels: Levels = Levels()
    places: Words = {}  # a word to the figures that say where a price lies against what it names
    falsehoods: tuple[Falsehood, ...]
    metrics: tuple[Metric, ...]
    demands: tuple[Demand, ...]
    lint: tuple[Lint, ...]
    causes: tuple[str, ...]
    voices: tuple[str, ...]
    forecasts: tuple[str, ...]
    loose_times: tuple[str, ...]
    completeness: Words = {}  # "preliminary", "partial" to the words that say so
    attribution: Attributions
    posts: PostWords

    @cached_property
    def kind_of_subject(self) -> Mapping[str, str]:
        """Subject to "assets", "indices", "companies", "funds" or "markets"."""
        sections = ("assets", "indices", "companies", "funds", "markets")
        return {subject: section for section in sections for subject in getattr(self, section)}

    @cached_property
    def topic_words(self) -> frozenset[str]:
        """The words of all topics."""
        return frozenset().union(*self.topics.values())

    @cached_property
    def issuers(self) -> frozenset[tuple[str, ...]]:
        """What stands before a fund's ticker in its full name, as its last two tokens in lower case: ("blackrock", "'s")."""
        names = [tokens_of(phrase) for phrases in self.funds.values() for phrase in phrases]
        return frozenset(tuple(t.lower for t in name[-3:-1]) for name in names if len(name) > 2)

    @cached_property
    def _demands(self) -> dict[str, tuple[Demand, ...]]:
        return {}  # by figure's name, filled as they are asked for: a catalogue has some hundred

    def demands_of(self, name: str) -> tuple[Demand, ...]:
        """What a figure of this name demands its sentence to speak of."""
        found = self._demands.get(name)
        if found is None:
            found = self._demands[name] = tuple(d for d in self.demands if name.startswith(d.names))
        return found

    @cached_property
    def zone_names(self) -> frozenset[str]:
        """The zones that a text may give times and dates in."""
        return frozenset(self.zones.values())

    @cached_property
    def passed(self) -> frozenset[str]:
        """Verbs that say an amount has been passed."""
        return frozenset(self.hedges["passed"])

    @cached_property
    def _book(self) -> Mapping[str, _Page]:
        """Phrases by their first token; for a phrase of two lists the earlier list wins."""
        book: dict[str, _Page] = {}
        seen: set[tuple[str, ...]] = set()
        for phrase, meaning in self._phrases():
            words = tuple(t.text for t in tokens_of(phrase))
            exact = phrase != phrase.lower()
            key = words if exact else tuple(w.lower() for w in words)
            if key not in seen:
                seen.add(key)
                book.setdefault(words[0].lower(), _Page()).add(_Entry(key, exact, meaning))
        return book

    def _phrases(self) -> Iterator[tuple[str, Meaning]]:
        plain = (
            ("neutral", self.neutral), ("reference", self.history.reference), ("first_since", self.history.first_since),
            ("majority", self.lists.majority), ("minority", self.lists.minority), ("whole", self.lists.parts_whole),
        )  # fmt: skip
        for subject, section in self.kind_of_subject.items():
            yield from ((p, Meaning("subject", subject)) for p in getattr(self, section)[subject])
        for kind, phrases in plain:
            yield from ((p, Meaning(kind, "")) for p in phrases)
        yield from ((p, Meaning("constant", p)) for p in self.constants)
        for side, objects in self.wagers.objects.items():
            yield from ((f"{on} {what}", Meaning("side", side)) for on in self.wagers.on for what in objects)
        for kind, section in _SECTIONS.items():
            for key, phrases in getattr(self, section).items():
                yield from ((p, Meaning(kind, key)) for p in phrases)
        yield from ((p, Meaning("record", "record")) for p in self.history.record)
        yield from ((p, Meaning("led", "")) for p in self.lists.led)

    @cached_property
    def clock_words(self) -> frozenset[str]:
        """Words that can begin a clock time: "noon"."""
        return frozenset(self.clock.values())

    @cached_property
    def number_words(self) -> frozenset[str]:
        """Words and signs that can begin an amount or a span."""
        return frozenset(self.numbers) | frozenset(self.ordinals) | MONEY

    @cached_property
    def starts(self) -> frozenset[str]:
        """Every word, in lower case, with which a phrase, an amount, a date or a time can begin."""
        return self.clock_words | self.number_words | frozenset(self._book) | {w.lower() for w in (*self.months, *self.weekdays)}

    def match(self, tokens: Sequence[Token], at: int) -> tuple[Meaning, int] | None:
        """The longest phrase that begins at a token, and the index after it."""
        page = self._book.get(tokens[at].lower)
        return page.match(tokens, at) if page is not None else None

    @cached_property
    def phrase_lists(self) -> Mapping[str, PhraseList]:
        """The lists of phrases that are looked for as they stand."""
        lists = {"causes": self.causes, "voices": self.voices, "forecasts": self.forecasts, "loose_times": self.loose_times}
        return {name: PhraseList(phrases) for name, phrases in lists.items()}


class PhraseList:
    """Phrases as one expression, with the words of each: a text that lacks a word of every phrase need not be searched."""

    def __init__(self, phrases: Sequence[str]) -> None:
        longest_first = sorted(map(str.lower, phrases), key=len, reverse=True)
        self.regex = re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b")
        self._words = [frozenset(t.lower for t in tokens_of(p)) for p in phrases]

    def may_be_in(self, vocabulary: frozenset[str]) -> bool:
        """Whether a search is worth its time."""
        return any(words <= vocabulary for words in self._words)


_SECTIONS = {
    "side": "sides", "position$": "positions_before_money", "direction": "directions", "position": "positions",
    "extreme": "extremes", "rank": "ranks", "hedge": "hedges", "window": "windows", "venue": "venues",
}  # fmt: skip


def with_zone(words: ReaderWords, zone: str, labels: Sequence[str]) -> ReaderWords:
    """The same words for texts that give their times in one more zone."""
    return words.model_copy(update={"zones": {**words.zones, **dict.fromkeys(labels, zone)}})


def load_reader_words(path: Path) -> ReaderWords:
    """Read the reader's words of one language.

    Raises:
        ConfigError: The file is missing, no TOML, or a key is unknown or missing; names file and key.
    """
    try:
        return ReaderWords.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{path.name}: {error}") from error
