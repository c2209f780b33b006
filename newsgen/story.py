"""The nouns of the newsroom: Pitch, Message, DocumentPlan, Article, Finding, Verdict, Receipt; data only.

In: what detect, plan, write, check and publish hand on. Out: ARTICLE.json (`Article.as_json`). No words for readers, no
network, disk or clock.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from newsgen.market import Figure, Reading, SeriesKey, iso, plain
from newsgen.said import Said

__all__ = [
    "Article",
    "Condition",
    "Decision",
    "Disclosure",
    "DocumentPlan",
    "Finding",
    "Message",
    "Paragraph",
    "Pitch",
    "Post",
    "Published",
    "Quiet",
    "Receipt",
    "Relation",
    "Severity",
    "SourceCredit",
    "Span",
    "Step",
    "Text",
    "Verdict",
    "article_id",
]

_ARTICLES = uuid.UUID("6f1c2a52-5d0e-5b2a-9a55-6e65777367ff")  # of article ids; fixed for ever

Severity = Literal["block", "warn"]
Decision = Literal["publish", "hold", "spike"]


class Relation(StrEnum):
    """How a message relates to the one before it."""

    OPENING = "opening"
    ELABORATION = "elaboration"
    CONTRAST = "contrast"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class Condition:
    """One [[when]] of a rule with what it saw: figure name to value, or to "absent: reason"."""

    expression: str
    why: str
    held: bool | None  # None: unknown, because something it needs is absent
    saw: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """What a pitch does to the stories that the site has told: begins one, goes on with one, or adds nothing to it."""

    kind: Literal["new", "update", "reversal", "silent"]
    story: str  # id of the story
    version: int  # that it would be
    reason: str  # by which rule
    anchor: str = ""  # the value that names the event
    since: datetime | None = None  # as_of of the version before; what has changed has changed since then
    slug: str = ""  # of the story, where it has one


@dataclass(frozen=True, slots=True)
class Pitch:
    """One angle on one subject: whether it fired, how newsworthy, why, and what became of it."""

    angle: str
    subject: str
    family: str
    score: Decimal  # 0 to 110, one decimal
    parts: Mapping[str, Decimal]  # magnitude, rarity, importance, breadth, corroboration, novelty, and the bonuses
    fired: bool
    conditions: tuple[Condition, ...]
    role: Literal["lead", "support", "rejected"] = "rejected"
    reason: str = ""  # why it lost, or why it did not fire
    measure: str = ""  # the figure that was ranked
    step: Step | None = None  # of a pitch that holds

    def with_role(self, role: Literal["lead", "support", "rejected"], reason: str) -> Pitch:
        return replace(self, role=role, reason=reason)


@dataclass(frozen=True, slots=True)
class Message:
    """One claim to be said: a block of a template about a subject."""

    role: str  # lede, nut_graf, detail, support, background, kicker, disclosure
    template: str  # "angles/short_squeeze" or "messages/etf_flows"
    block: str
    subject: str
    angle: str
    relation: Relation = Relation.ELABORATION
    paragraph: int = 0  # messages with the same number share a paragraph

    @property
    def name(self) -> str:
        """As stories remember what they have said: "angles/ath detail BTC"."""
        return f"{self.template} {self.block} {self.subject}"


@dataclass(frozen=True, slots=True)
class Published:
    """A version of a story that the site has told; what novelty, cooldown and the life of stories look at."""

    angle: str
    subject: str
    published_at: datetime  # its as_of
    mark: str = ""  # the value of the rule's `novelty.mark` figure then (a record, a level): a new one is news again
    story: str = ""  # id; "" of one whose story is not known
    version: int = 1
    began_at: datetime | None = None  # as_of of the story's first version; None: this is the first
    family: str = ""  # of the angle
    anchor: str = ""  # the value that names the event
    messages: tuple[str, ...] = ()  # what it said: "angles/ath detail BTC"
    slug: str = ""
    score: Decimal = Decimal(0)
    held: bool = False  # waits for an editor: no reader has seen it
    said: Said | None = None  # how it was worded; remembered for longer than the story


@dataclass(frozen=True, slots=True)
class Post:
    """What people have published on the desk's own site."""

    title: str
    url: str
    published_at: datetime
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The text that a desk wants under every story that mentions an entity: a coin, a fund, an exchange, a company."""

    names: tuple[str, ...]  # of the entity, as a text may call it; one of them may be the reader's key ("BTC")
    text: str
    kind: str = ""  # "holding", "sponsor", "affiliate"


@dataclass(frozen=True, slots=True)
class DocumentPlan:
    """What the article will say and in which order."""

    form: str
    site: str
    locale: str
    edition: str
    as_of: datetime
    seed: int
    lead: Pitch
    supports: tuple[Pitch, ...]
    pitches: tuple[Pitch, ...]  # all, with roles and reasons
    messages: tuple[Message, ...]
    assets: tuple[str, ...]
    head: tuple[str, ...] = ("dek", "points")  # what stands between headline and lede
    tables: tuple[str, ...] = ()  # by name
    left_out: tuple[tuple[str, str], ...] = ()  # (message, reason)
    spare: int = 0  # words that its form would still hold


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing to write, and why. A result, not a fault."""

    reason: str
    pitches: tuple[Pitch, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Where a figure is printed: text[start:end]."""

    start: int
    end: int
    figure: str  # "f12"


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text with the spans of its figures. Offsets count characters."""

    text: str
    spans: tuple[Span, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "spans": [{"start": s.start, "end": s.end, "figure": s.figure} for s in self.spans],
        }


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph with its role and the angle it belongs to."""

    role: str
    angle: str
    body: Text


@dataclass(frozen=True, slots=True)
class SourceCredit:
    """A source as it is credited."""

    name: str
    url: str
    as_of: datetime
    credit: str = ""  # the text that the source's terms want shown with its figures
    credit_url: str = ""  # where it must lead


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw. `where` names the part: headline, dek, key_points[0], paragraphs[3]."""

    check: str
    severity: Severity
    where: str
    message: str
    figures: tuple[str, ...] = ()
    sentence: str = ""

    def as_json(self) -> dict[str, Any]:
        """As ARTICLE.json has it."""
        return {"check": self.check, "severity": self.severity, "where": self.where, "message": self.message,
                "figures": list(self.figures), "sentence": self.sentence}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks say of an article."""

    decision: Decision
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Why a version takes the place of the one before it, where it is more than an update by newer figures.

    Attributes:
        kind: correction (we were wrong), refile (a slip that changes no fact), withdrawal (nothing of it stands).
        note: For readers, one sentence; stands in the text too, as a paragraph of the role `correction`.
        by: Who of the desk decided it.
        fields: Printed values, (was, is).
    """

    kind: Literal["correction", "refile", "withdrawal"]
    note: str
    at: datetime
    by: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of an article's figures.

    Attributes:
        kind: "price", "liquidations", "etf_flows", "drawdown", "table".
        title: What is shown, of whom, over which window.
        source: The line below: who gave the data, and as of when.
        alt: The same for those who do not see it, written from the figures.
        svg: A whole SVG document, `width` by `height` units; the same bytes for the same data.
        line: Of a chart with one line of price its heights from left to right, 0 (lowest) to 100; for a small line without axes.
        columns: Whose rows are drawn; the article names them in ARTICLE.json.
    """

    kind: str
    title: str
    source: str
    alt: str
    svg: str
    width: int
    height: int
    line: tuple[int, ...] = ()
    columns: tuple[SeriesKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """An article with everything it rests on. `as_json` is ARTICLE.json of the contracts."""

    id: str
    slug: str
    story: str
    version: int
    site: str
    locale: str
    edition: str
    angle: str
    form: str
    as_of: datetime
    written_at: datetime
    headline: Text
    dek: Text
    key_points: tuple[Text, ...]
    paragraphs: tuple[Paragraph, ...]
    tickers: tuple[str, ...]
    tags: tuple[str, ...]
    reading_minutes: int
    sources: tuple[SourceCredit, ...]
    disclosure: str
    digital_source_type: str
    figures: Mapping[str, Figure]  # f1, f2 ... by first use
    readings: Mapping[str, Reading]  # r1, r2 ... by first use
    pitches: tuple[Pitch, ...]
    made_from: Mapping[str, str]
    messages: tuple[str, ...] = ()  # what it says, in order: "angles/ath detail BTC"
    tables: tuple[Mapping[str, Any], ...] = ()
    charts: tuple[Chart, ...] = ()
    columns: tuple[SeriesKey, ...] = ()  # that its conditions looked at and its charts draw, beside those of its figures
    change: Change | None = None  # None for a first version, and for one with newer figures
    stamps: Mapping[str, str] = field(default_factory=dict)  # "as_of" and "written_at" as the house style prints them
    verdict: Verdict = field(default_factory=lambda: Verdict("hold"))
    said: Said | None = None  # its wording, for the site's memory; not part of ARTICLE.json
    worn: tuple[str, ...] = ()  # messages that were said in words of the last thirty days, since there were no others; nor is this

    def texts(self) -> list[tuple[str, Text]]:
        """Every text a reader sees above the foot, with the name of its place, in reading order."""
        places = [("headline", self.headline), ("dek", self.dek)]
        places += [(f"key_points[{i}]", t) for i, t in enumerate(self.key_points)]
        places += [(f"paragraphs[{i}]", p.body) for i, p in enumerate(self.paragraphs)]
        return [(where, text) for where, text in places if text.text]

    def word_count(self) -> int:
        """Words from lede to kicker; headline, tables and disclosure do not count."""
        return sum(len(p.body.text.split()) for p in self.paragraphs if p.role not in ("disclosure", "correction"))

    def with_text(self, where: str, text: str) -> Article:
        """The same article with one text changed by hand: its spans are gone, its figures stay."""
        fresh = Text(text)
        if where == "headline":
            return replace(self, headline=fresh)
        if where == "dek":
            return replace(self, dek=fresh)
        kind, _, rest = where.partition("[")
        index = int(rest.rstrip("]"))
        if kind == "key_points":
            points = list(self.key_points)
            points[index] = fresh
            return replace(self, key_points=tuple(points))
        paragraphs = list(self.paragraphs)
        paragraphs[index] = replace(paragraphs[index], body=fresh)
        return replace(self, paragraphs=tuple(paragraphs))

    def as_json(self) -> dict[str, Any]:
        """ARTICLE.json as a plain dict: numbers are strings, times UTC with Z."""
        reading_ids = {id(r): name for name, r in self.readings.items()}
        figure_ids = {id(f): name for name, f in self.figures.items()}
        return {
            "id": self.id, "slug": self.slug, "story": self.story, "version": self.version, "site": self.site,
            "edition": self.edition, "angle": self.angle, "form": self.form, "locale": self.locale,
            "as_of": iso(self.as_of), "written_at": iso(self.written_at), "stamps": dict(self.stamps),
            "headline": self.headline.as_json(), "dek": self.dek.as_json(),
            "key_points": [t.as_json() for t in self.key_points],
            "paragraphs": [{"role": p.role, "angle": p.angle, **p.body.as_json()} for p in self.paragraphs],
            "tables": [dict(t) for t in self.tables], "charts": [_chart_json(c) for c in self.charts],
            "change": None if self.change is None else _change_json(self.change),
            "tickers": list(self.tickers), "tags": list(self.tags), "reading_minutes": self.reading_minutes,
            "sources": [{"name": s.name, "url": s.url, "as_of": iso(s.as_of), "credit": s.credit, "credit_url": s.credit_url}
                        for s in self.sources],
            "disclosure": {"text": self.disclosure, "digital_source_type": self.digital_source_type},
            "figures": {n: _figure_json(f, figure_ids, reading_ids) for n, f in self.figures.items()},
            "readings": {n: _reading_json(r) for n, r in self.readings.items()}, "columns": [f"series:{'/'.join(k)}" for k in self.columns],
            "angles": [_pitch_json(p) for p in self.pitches],
            "verdict": {
                "decision": self.verdict.decision,
                "findings": [f.as_json() for f in self.verdict.findings],
            },
            "made_from": dict(self.made_from), "messages": list(self.messages),
        }  # fmt: skip

    def dumps(self) -> str:
        """ARTICLE.json as text, the same bytes for the same article."""
        return json.dumps(self.as_json(), ensure_ascii=False, indent=1) + "\n"


def _chart_json(chart: Chart) -> dict[str, Any]:
    return {"kind": chart.kind, "title": chart.title, "source": chart.source, "alt": chart.alt, "width": chart.width,
            "height": chart.height, "svg": chart.svg, "line": list(chart.line)}  # fmt: skip


def _change_json(change: Change) -> dict[str, Any]:
    return {"kind": change.kind, "note": change.note, "at": iso(change.at), "by": change.by,
            "fields": [{"was": was, "is": now} for was, now in change.fields]}  # fmt: skip


def _figure_json(figure: Figure, figures: Mapping[int, str], readings: Mapping[int, str]) -> dict[str, Any]:
    def name_of(item: Any) -> str:
        return figures.get(id(item)) or readings.get(id(item)) or str(item)

    record = figure.record
    return {
        "name": figure.name, "subject": figure.subject, "value": plain(figure.value), "unit": str(figure.unit),
        "window": figure.window, "scope": figure.scope, "side": figure.side, "label": figure.label,
        "archive_start": figure.archive_start.isoformat() if figure.archive_start else None,
        "observed_at": iso(figure.observed_at), "known_at": iso(figure.known_at), "source": figure.source,
        "formula": figure.formula, "inputs": [name_of(i) for i in figure.inputs],
        "completeness": str(figure.completeness), "bound": figure.bound,
        "told_at": iso(figure.told_at) if figure.told_at else None,
        "record": None if record is None else {
            "is_record": record.is_record, "comparator": record.comparator,
            "last_at_or_beyond": record.last_at_or_beyond.isoformat() if record.last_at_or_beyond else None,
            "rival_value": plain(record.rival_value), "archive_start": record.archive_start.isoformat(),
            "closed_period": record.closed_period, "covers_life": record.covers_life,
        },
    }  # fmt: skip


def _reading_json(reading: Reading) -> dict[str, Any]:
    return {
        "series": reading.key.series, "subject": reading.key.subject, "window": reading.key.window,
        "venue": reading.key.venue, "value": plain(reading.value), "unit": str(reading.unit),
        "observed_at": iso(reading.observed_at), "known_at": iso(reading.known_at), "source": reading.key.source,
        "source_name": reading.origin.source_name, "endpoint": reading.origin.endpoint,
        "payload_sha256": reading.origin.payload_sha256,
    }  # fmt: skip


def _pitch_json(pitch: Pitch) -> dict[str, Any]:
    return {
        "name": pitch.angle, "subject": pitch.subject, "family": pitch.family, "score": plain(pitch.score),
        "parts": {k: plain(v) for k, v in pitch.parts.items()}, "fired": pitch.fired, "role": pitch.role,
        "reason": pitch.reason, "step": None if pitch.step is None else _step_json(pitch.step),
        "conditions": [
            {"if": c.expression, "why": c.why, "held": c.held, "saw": dict(c.saw)} for c in pitch.conditions
        ],
    }  # fmt: skip


def _step_json(step: Step) -> dict[str, Any]:
    return {"kind": step.kind, "story": step.story, "version": step.version, "reason": step.reason, "anchor": step.anchor,
            "since": iso(step.since) if step.since else None}  # fmt: skip


def article_id(site: str, locale: str, story: str, version: int, as_of: datetime, seed: int, form: str) -> str:
    """The id of a version of a story: a UUIDv5, the same for the same input."""
    return str(uuid.uuid5(_ARTICLES, f"{site}|{locale}|{story}|{version}|{iso(as_of)}|{seed}|{form}"))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a target answered to one delivery."""

    target: str
    article_id: str
    state: Literal["confirmed", "rejected", "unknown"]
    remote_id: str = ""
    url: str = ""
    message: str = ""
    mark: str = ""  # the target's own mark of its last change, for those that ask for it
    stored_sha256: str = ""  # of what the target says it stored


def replace_texts(article: Article, changes: Sequence[tuple[str, str]]) -> Article:
    """The article after several edits by hand."""
    for where, text in changes:
        article = article.with_text(where, text)
    return article
