"""`newsgen check`: any draft against the archive at a moment, or against the figures of one article; in: a text, out: a FactReport.

Joins what the stages must not know of each other: the draft's blocks, the catalogue of figures, the judging (`check/factcheck/`) and the
print of the house. Words here speak to editors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from newsgen import derive
from newsgen.article_file import StoredArticle
from newsgen.check import ReaderWords, with_zone
from newsgen.check.factcheck import Block, Claimed, DraftWords, FigureSource, Teller, Truth, check_draft, load_draft_words
from newsgen.discover import templates_root
from newsgen.draft_text import blocks_of
from newsgen.errors import ConfigError
from newsgen.market import Absent, Book, Figure, FigureSpec, Unit, View, iso
from newsgen.story import Decision
from newsgen.write import HouseStyle, load_style
from newsgen.write import numbers as printed

__all__ = ["CheckedLine", "FactReport", "Words", "archive_source", "article_source", "fact_check", "load_check_words"]

_LATER = frozenset({"etf", "index"})  # of a session, known only hours after its day has ended
_KINDS = {"assets": "asset", "indices": "index", "companies": "company", "markets": "market", "funds": "fund"}


@dataclass(frozen=True, slots=True)
class Words:
    """The words and the print of one language and house style."""

    draft: DraftWords
    style: HouseStyle


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One claim as it is reported; `expected` is the right value as the house prints it, "" where there is none."""

    claim: Claimed
    figure: str
    expected: str
    source: str = ""
    window: str = ""
    formula: str = ""
    meaning: str = ""
    observed_at: str = ""

    @property
    def truth(self) -> Truth:
        return self.claim.truth

    def as_json(self) -> dict[str, Any]:
        """As the contract names the keys, and more."""
        claim = self.claim
        return {
            "text": claim.text, "where": claim.where, "verdict": claim.truth, "figure": self.figure or None,
            "expected": self.expected or None, "message": claim.message, "kind": claim.kind, "start": claim.start, "end": claim.end,
            "sentence": claim.sentence, "source": self.source or None, "window": self.window or None, "formula": self.formula or None,
            "observed_at": self.observed_at or None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class FactReport:
    """A draft with what was found of each claim."""

    name: str
    as_of: datetime
    against: str  # "archive", an edition's name, or an article file's
    blocks: tuple[Block, ...]
    lines: tuple[CheckedLine, ...]

    @property
    def decision(self) -> Decision:
        return "hold" if any(line.truth in ("contradicted", "unknown") for line in self.lines) else "publish"

    def count(self, truth: Truth) -> int:
        return sum(line.truth == truth for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        return {
            "draft": self.name, "as_of": iso(self.as_of), "against": self.against,
            "numerals": [line.as_json() for line in self.lines], "decision": self.decision,
            "counts": {truth: self.count(truth) for truth in ("supported", "contradicted", "unknown", "constant")},
        }  # fmt: skip


def load_check_words(roots: Sequence[Path], locale: str = "en", style: str = "ap", zone: str | None = None) -> Words:
    """The words of a language, a desk's own files first.

    Raises:
        ConfigError: The language has no words for drafts; names those that do.
    """
    draft = _first(roots, f"lexicon/reader_draft_{locale}.toml")
    if not draft.is_file():
        known = sorted(p.stem.removeprefix("reader_draft_") for p in (templates_root() / "lexicon").glob("reader_draft_*.toml"))
        raise ConfigError(f"no words to check a draft in {locale!r}; there are: {', '.join(known)}")
    words = load_draft_words(_first(roots, f"lexicon/reader_{locale}.toml"), draft)
    house = load_style(_first(roots, f"style/{style}.toml"))
    if zone is not None:
        words = words.model_copy(update={"reader": with_zone(words.reader, zone, house.dates.labels())})
    return Words(words, house)


def _first(roots: Sequence[Path], name: str) -> Path:
    return next((root / name for root in roots if (root / name).is_file()), roots[-1] / name)


def fact_check(text: str, name: str, source: FigureSource, words: Words, against: str = "archive") -> FactReport:
    """Check a draft.

    Args:
        name: Of the draft's file; its suffix says how the text is marked up.

    Raises:
        ConfigError: The draft holds no text.
    """
    blocks = blocks_of(text, Path(name).suffix)
    if not blocks:
        raise ConfigError(f"{name} holds no text to check")
    catalogue = derive.catalogue()
    teller = _HouseTeller(words.style, source.as_of, catalogue)
    claims = check_draft(blocks, source, words.draft, teller)
    return FactReport(name, source.as_of, against, blocks, tuple(_line(c, teller) for c in claims))


def _line(claim: Claimed, teller: _HouseTeller) -> CheckedLine:
    fact = claim.fact
    if fact is None:
        return CheckedLine(claim, "", "")
    figure = fact.figure
    return CheckedLine(
        claim, fact.id, f"{claim.way} {teller.value(fact)}".strip(), figure.source, figure.window, figure.formula or "",
        teller.meaning(figure.name), iso(figure.observed_at),
    )  # fmt: skip


class _HouseTeller(Teller):
    """Prints figures as the house style does."""

    def __init__(self, style: HouseStyle, as_of: datetime, catalogue: Mapping[str, FigureSpec]) -> None:
        self._style, self._as_of, self._catalogue = style, as_of, catalogue

    def value(self, fact: Any) -> str:
        figure: Figure = fact.figure
        if isinstance(figure.value, datetime):
            return printed.clock(figure.value, self._style)
        if isinstance(figure.value, date):
            return printed.day_month(figure.value, self._as_of, self._style)
        return self._number(figure, figure.value) if isinstance(figure.value, Decimal) else str(figure.value)

    def _number(self, figure: Figure, value: Decimal) -> str:
        style = self._style
        if figure.unit is Unit.USD:
            return printed.money(value, style, 4 if abs(value) < 10**9 else 3) if abs(value) >= 10**6 else printed.price(value, style)
        if figure.unit is Unit.PCT:
            return printed.percent(value, style)
        if figure.unit is Unit.COINS:
            return printed.coins(value, style)
        if figure.unit in (Unit.COUNT, Unit.DAYS):
            return printed.count(value, style)
        return printed.times(value, style) if figure.unit is Unit.RATIO else printed.index_points(value, style)

    def meaning(self, name: str) -> str:
        spec = self._catalogue.get(name)
        return spec.meaning if spec is not None else name


class _ArchiveSource:
    """The catalogue over what was known at a moment."""

    def __init__(self, view: View, reader: ReaderWords, later: View | None = None) -> None:
        self._view = view
        self._catalogue = derive.catalogue()
        self._book = Book(view, self._catalogue)
        self._later = None if later is None else Book(later, self._catalogue)
        self._kinds = reader.kind_of_subject
        self._reader = reader

    @property
    def as_of(self) -> datetime:
        return self._view.as_of

    def unit(self, name: str) -> Unit | None:
        spec = self._catalogue.get(name)
        return None if spec is None else spec.unit

    def get(self, name: str, subject: str) -> Figure | Absent:
        kind = _KINDS.get(self._kinds.get(subject, ""), "")
        if kind not in self._catalogue[name].of:
            return Absent(f"{name} is not made for {subject}")
        book = self._later if self._later is not None and name.partition(".")[0] in _LATER else self._book
        return book.get(name, subject)

    def id_of(self, name: str, subject: str) -> str:
        return f"{subject}.{name}"

    def on(self, day: date) -> FigureSource | None:
        """As the UTC day ended; what belongs to a session as the next noon knew it. Never later than the draft's moment."""
        ended = datetime.combine(day + timedelta(days=1), time(), UTC)
        if ended > self._view.as_of:
            return None
        noon = min(ended + timedelta(hours=12), self._view.as_of)
        return _ArchiveSource(self._view.at(ended), self._reader, self._view.at(noon))


class _ArticleSource:
    """The figures of one article."""

    def __init__(self, article: StoredArticle) -> None:
        self._as_of = article.as_of
        self._ids = {(f.name, f.subject): key for key, f in reversed([*article.figures.items()]) if f.told_at is None}
        self._figures = article.figures
        self._units = {f.name: f.unit for f in article.figures.values()}

    @property
    def as_of(self) -> datetime:
        return self._as_of

    def unit(self, name: str) -> Unit | None:
        return self._units.get(name)

    def get(self, name: str, subject: str) -> Figure | Absent:
        key = self._ids.get((name, subject))
        return Absent(f"the article has no {name} of {subject}") if key is None else self._figures[key]

    def id_of(self, name: str, subject: str) -> str:
        return self._ids.get((name, subject), f"{subject}.{name}")

    def on(self, day: date) -> FigureSource | None:
        return None


def archive_source(view: View, words: Words) -> FigureSource:
    """What was known at a view's moment."""
    return _ArchiveSource(view, words.draft.reader)


def article_source(article: StoredArticle) -> FigureSource:
    """The figures that an article rests on."""
    return _ArticleSource(article)
