"""The kit of the checks: what a check is, and the desk at which it reads; in: an article, out: findings.

A check is a frozen record in a module of its own, `CHECK = Check(...)`. The desk reads every text once and shares the reading.
Checks see texts and figures, never spans, so that a text which an editor changed is read as the writer's own is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import accumulate

from newsgen.check._claims import Claim, FactIndex, claim_of
from newsgen.check._facts import Fact, facts_of, local_dates
from newsgen.check.reader import ReaderWords, Sentence, read_text
from newsgen.check.reader.words import Falsehood, PhraseList
from newsgen.market import Reading, Run, Unit, View
from newsgen.said import Said
from newsgen.story import Article, Disclosure, Finding, Post, Published, Severity

__all__ = ["DAY_S", "Check", "Desk", "Prose", "newest_price"]

DAY_S = 86_400


class Prose:
    """Several texts searched as one: a search costs by the call more than by the letter."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.text = "\n".join(texts)
        self._starts = [0, *accumulate(len(t) + 1 for t in texts)]

    def search(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
        """Index of the text and the words found there; the first of each text."""
        last = -1
        for match in pattern.finditer(self.text):
            index = bisect_right(self._starts, match.start()) - 1
            if index != last:
                last = index
                yield index, self.text[match.start() : match.end()]


@dataclass
class Desk:
    """What a check gets to see.

    Attributes:
        view: What was known; None when an article is checked away from its archive.
        notes: Ids of human-entered notes that allow a cause or a voice.
        banned: Words that the house style does not print.
        unaccepted: Sources whose terms nobody of a commercial desk has accepted, with their address.
    """

    article: Article
    words: ReaderWords
    view: View | None = None
    notes: frozenset[str] = field(default_factory=frozenset)
    banned: tuple[str, ...] = ()
    unaccepted: Mapping[str, str] = field(default_factory=dict)
    posts: tuple[Post, ...] = ()  # what people have published on the site
    said: tuple[Said, ...] = ()  # how the site has worded its articles of late
    disclosures: tuple[Disclosure, ...] = ()  # what the desk owes its readers, by entity
    published: tuple[Published, ...] = ()  # what the site has told of late
    mark: str = ""  # the value that makes this story news: a record, a level, a session
    moves_pct: Mapping[str, Decimal] = field(default_factory=dict)  # how far a price may move before sending; "" of every other asset
    known_by: datetime | None = None  # of a correction: until when revisions of what was known then may have come

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every text read back, sentence by sentence."""
        return tuple(s for where, text in self.article.texts() for s in read_text(where, text.text, self.words))

    @cached_property
    def today(self) -> date:
        """The UTC day of the article's moment."""
        return self.article.as_of.date()

    @cached_property
    def today_of_readers(self) -> frozenset[date]:
        """Its days in the readers' zones: at midnight UTC it is still the day before in New York."""
        return local_dates(self.article.as_of, self.words)

    @cached_property
    def prose(self) -> Prose:
        """All sentences as one text, for patterns that look at words only."""
        return Prose([s.text for s in self.sentences])

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of the article, in lower case."""
        return frozenset().union(*[s.vocabulary for s in self.sentences])

    def search(self, wanted: Falsehood | PhraseList) -> Iterator[tuple[Sentence, str]]:
        """Every sentence that an expression, written in lower case, is found in, with what it found."""
        if not wanted.may_be_in(self.vocabulary):
            return
        for sentence in self.sentences:
            if wanted.may_be_in(sentence.vocabulary) and (found := wanted.regex.search(sentence.text.lower())):
                yield sentence, found[0]

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        return facts_of(self.article.figures, self.words)

    @cached_property
    def dated(self) -> tuple[Fact, ...]:
        """The facts that a date or a time in the text may stand for."""
        return tuple(f for f in self.facts if f.days or f.figure.archive_start is not None)

    @cached_property
    def meant(self) -> dict[tuple[object, ...], list[Fact]]:
        """By a date or a time as said, the facts that it may stand for; filled as they come up."""
        return {}

    @cached_property
    def index(self) -> FactIndex:
        return FactIndex(self.facts)

    @cached_property
    def claims(self) -> Mapping[int, tuple[Claim, ...]]:
        """The claims of each sentence, by the sentence's place in `sentences`."""
        return {i: tuple(claim_of(s, n, self.index, self.words) for n in s.numerals) for i, s in enumerate(self.sentences)}

    @cached_property
    def sources(self) -> frozenset[str]:
        """Names of sources that the article credits, as credited and as printed."""
        return frozenset({s.name for s in self.article.sources} | {f.figure.source for f in self.facts if f.figure.source})

    @cached_property
    def source_names(self) -> frozenset[str]:
        """The names of the sources that are no names of subjects or venues too."""
        known = {p.lower() for words in (*self.words.companies.values(), *self.words.venues.values()) for p in words}
        return frozenset(s for s in self.sources if s.partition(" ")[0].lower() not in known)

    @cached_property
    def lengths(self) -> frozenset[str]:
        """The windows of all figures, and the days and hours between the ends of those that have no name."""
        ends = [(f.figure.window_start, f.figure.window_end) for f in self.facts]
        hours = {round((end - start).total_seconds() / 3600) for start, end in ends if start is not None and end is not None}
        between = {f"{h}h" for h in hours} | {f"{round(h / 24)}d" for h in hours}
        return frozenset(w for f in self.facts for w in f.windows) | between

    @cached_property
    def counts(self) -> frozenset[str]:
        """The values of all figures that count days, hours or anything else, as printed."""
        counted = (f.value for f in self.facts if f.figure.unit in (Unit.COUNT, Unit.DAYS) and f.value is not None)
        return frozenset(f"{value:.0f}" for value in counted)

    def is_background(self, sentence: Sentence) -> bool:
        """Whether a sentence is of the static background, which speaks of no day."""
        kind, _, rest = sentence.where.partition("[")
        return kind == "paragraphs" and self.article.paragraphs[int(rest[:-1])].role == "background"

    @cached_property
    def subjects(self) -> frozenset[str]:
        """All subjects that the article has figures of."""
        return frozenset(s for f in self.facts for s in f.subjects)

    def facts_named(self, name: str) -> list[Fact]:
        """The facts of one figure's name, whatever the subject."""
        return [f for f in self.facts if f.figure.name == name]

    def fact(self, name: str, subject: str) -> Fact | None:
        """The fact of a figure's name and subject; none that an earlier version told."""
        now = (f for f in self.facts if f.figure.name == name and f.figure.subject == subject and f.figure.told_at is None)
        return next(now, None)

    def move(self, subject: str, window: str = "24h") -> int | None:
        """The sign of a subject's price change: from its figure, else what the rules saw, else the view; None when unknown."""
        for name in (f"price.change_{window}", *(("price.change_day", "index.change_day") if window == "24h" else ())):
            fact = self.fact(name, subject)
            if fact:
                return fact.direction
        seen = self._seen_by_rules(f"price.change_{window}", subject)
        if seen is not None:
            return (seen > 0) - (seen < 0)
        return self._move_in_view(subject) if window == "24h" else None

    def _seen_by_rules(self, name: str, subject: str) -> Decimal | None:
        for pitch in self.article.pitches:
            for condition in pitch.conditions:
                for seen, value in condition.saw.items():
                    if seen == f"{subject}.{name}" or (seen == name and pitch.subject == subject):
                        return _decimal(value)
        return None

    def newest_closes(self, subject: str) -> Run | None:
        """The spot closes that reach furthest, of the source that is printed: hourly bars may end long after the last day's."""
        runs = self.view.runs("spot.close", subject) if self.view is not None else ()
        runs = tuple(run for run in runs if run.key.source == runs[0].key.source)
        return max(runs, key=lambda run: run.observed[-1], default=None)

    def _move_in_view(self, subject: str) -> int | None:
        """From the last close of the view's spot series against the close one day earlier."""
        run = self.newest_closes(subject)
        if run is None:
            return None
        before = run.index_of(run.observed[-1] - DAY_S)
        if before < 0:
            return None
        change = run.decimal(-1) - run.decimal(before)
        return (change > 0) - (change < 0)

    def finding(
        self, check: str, sentence: Sentence | str, message: str, facts: Iterable[Fact] = (), severity: Severity = "block"
    ) -> Finding:
        """A finding about a sentence, or about a place ("figures") when it is about none."""
        ids = tuple(dict.fromkeys(f.id for f in facts))
        if isinstance(sentence, str):
            return Finding(check, severity, sentence, message, ids)
        return Finding(check, severity, sentence.where, message, ids, sentence.text)


def newest_price(view: View, asset: str) -> Reading | None:
    """The newest ticker or close of the exchange whose prices are printed."""
    runs = [run for series in ("spot.last", "spot.close") for run in view.runs(series, asset)]
    first = view.source_of("spot.close", asset) or view.source_of("spot.last", asset)
    own = [run for run in runs if run.key.source == first]
    return max((run.reading(-1) for run in own), key=lambda r: r.observed_at, default=None)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of editorial section 7.

    Attributes:
        number: Its number there.
        meaning: What it holds an article for, one sentence.
    """

    name: str
    number: int
    meaning: str
    run: Callable[[Desk], Iterable[Finding]]
    severity: Severity = "block"
