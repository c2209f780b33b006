"""From plan to article: says the messages in order, joins them to paragraphs, resolves mentions, numbers the figures.

In: a DocumentPlan and the Wording of its article. Out: an Article with exact spans, its figures and readings by first use, and
its sources. Does not choose what is said (plan/) and does not judge it (check/).
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from newsgen.errors import WriteError
from newsgen.market import Figure, Reading
from newsgen.said import Said
from newsgen.story import Article, DocumentPlan, Message, Paragraph, SourceCredit, Span, Text, article_id
from newsgen.write import numbers
from newsgen.write.aggregate import joined, parted
from newsgen.write.credit import Credits, plain
from newsgen.write.ledger import Ledger, cut_marks, naked_numbers
from newsgen.write.recall import ENOUGH, REPEATED, Recall, mask
from newsgen.write.refer import Mentions, capitalise, short_form
from newsgen.write.render import Rendered, Wording
from newsgen.write.tables import rows_of
from newsgen.write.vary import Choice

__all__ = ["Beside", "Stamp", "beside", "table_of", "write"]

_WORDS_A_MINUTE = 225
_ATTEMPTS = 16  # wordings of a message that are looked at
_LONGER = 9  # words that another wording may have more: the plan has measured the first
_HEADLINES = ("headline_two", "headline_one")  # of a wrap: two facts, or one, where they fit
MAX_HEADLINE = 85  # characters (editorial.md section 5)
_DATA_DRIVEN = "http://cv.iptc.org/newscodes/digitalsourcetype/dataDrivenMedia"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What identifies an article besides its text.

    Attributes:
        written_at: None means `as_of` (preview, edition folders, replay).
        made_from: Digests of rules and templates, seed and version.
    """

    written_at: datetime | None = None
    made_from: Mapping[str, str] = field(default_factory=dict)


class _Numbering:
    """Gives figures and readings their ids by first use."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._ids: dict[int, str] = {}
        self.figures: dict[str, Figure] = {}

    @classmethod
    def of(cls, article: Article, ledger: Ledger) -> _Numbering:
        """The numbers that an article has given, for words that are put beside it."""
        made = cls(ledger)
        made.figures = dict(article.figures)
        made._ids = {id(figure): name for name, figure in made.figures.items()}
        return made

    def text(self, marked: str) -> Text:
        cut = cut_marks(marked)
        return Text(cut.text, tuple(Span(a, b, self._id(self._ledger.figures[i])) for a, b, i in cut.spans))

    def _id(self, figure: Figure) -> str:
        if id(figure) not in self._ids:
            self._ids[id(figure)] = name = f"f{len(self._ids) + 1}"
            self.figures[name] = figure
        return self._ids[id(figure)]

    def with_inputs(self) -> None:
        """Number the figures that printed figures were computed from, too."""
        queue = [*self.figures.values()]
        while queue:
            for item in queue.pop(0).inputs:
                if isinstance(item, Figure) and id(item) not in self._ids:
                    self._id(item)
                    queue.append(item)


def write(plan: DocumentPlan, wording: Wording, stamp: Stamp | None = None, said: Sequence[Said] = ()) -> Article:
    """Say what the plan wants said.

    Args:
        said: The wordings that the site remembers; they do not come back while there are others.

    Raises:
        WriteError: A message of the plan cannot be said, or a numeral stands in no span (a naked number).
    """
    stamp = stamp or Stamp()
    numbering = _Numbering(wording.ledger)
    short = Mentions(wording.names, first=False)
    recall = Recall(said, plan.lead.angle, plan.spare)
    headline = _headline(plan, wording, short, numbering, recall)
    dek = _dek(plan, wording, short, numbering, recall) if "dek" in plan.head else Text("")
    points = _key_points(plan, wording, short, numbering)
    paragraphs = _paragraphs(plan, wording, numbering, recall)
    tables = [made for name in plan.tables if (made := _table(name, plan.assets, wording, numbering))]
    numbering.with_inputs()
    readings = _readings(numbering.figures.values())
    story, version, slug = _story(plan)
    return Article(
        id=article_id(plan.site, plan.locale, story, version, plan.as_of, plan.seed, plan.form),
        slug=slug or _slug(headline.text, story), story=story, version=version,
        site=plan.site, locale=plan.locale, edition=plan.edition, angle=plan.lead.angle, form=plan.form,
        as_of=plan.as_of, written_at=stamp.written_at or plan.as_of, headline=headline, dek=dek,
        key_points=points, paragraphs=paragraphs, tickers=_tickers(numbering.figures.values(), plan),
        tags=_tags(plan, wording), reading_minutes=_minutes(paragraphs),
        sources=_sources(numbering.figures.values()), disclosure=_disclosure(numbering.figures.values(), wording),
        digital_source_type=_DATA_DRIVEN,
        stamps=_stamps(plan.as_of, stamp.written_at or plan.as_of, wording),
        figures=numbering.figures, readings=readings, pitches=plan.pitches,
        made_from={"seed": str(plan.seed), **stamp.made_from}, messages=tuple(m.name for m in plan.messages), tables=tuple(tables),
        said=recall.said(plan.as_of), worn=tuple(recall.worn),
    )  # fmt: skip


def _head(plan: DocumentPlan, block: str) -> Message:
    return Message(block, f"angles/{plan.lead.angle}", block, plan.lead.subject, plan.lead.angle)


def _headline(plan: DocumentPlan, wording: Wording, mentions: Mentions, numbering: _Numbering, recall: Recall) -> Text:
    """The headline; of an angle with longer and shorter ones the first that can be said and is not too long."""
    for block in _HEADLINES:
        head = _head(plan, block)
        said = wording.say(head) if wording.has_block(head.template, block) else None
        if isinstance(said, Rendered) and len(cut_marks(short_form(said.text, wording.names)).text) <= MAX_HEADLINE:
            return _text([head], mentions.resolve(said.text), wording, numbering)
    head = _head(plan, "headline")
    return _text([head], mentions.resolve(_freshest(wording, head, recall)), wording, numbering)


def _table(name: str, assets: Sequence[str], wording: Wording, numbering: _Numbering) -> dict[str, Any] | None:
    """A table as ARTICLE.json carries it: title, heads, rows of texts; None when it has no rows."""
    form = wording.words.tables.get(name)
    if form is None:
        raise WriteError(f"a form names the table {name}, and there is no templates/tables/{name}")
    mentions = Mentions(wording.names, first=False)
    rows = rows_of(form, assets, wording.book, lambda prints, value: str(getattr(wording.printer, prints)(value)))
    if not rows:
        return None
    cells = [[numbering.text(capitalise(mentions.resolve(cell))).as_json() for cell in row] for row in rows]
    return {"title": form.title, "columns": [c.head for c in form.column], "rows": cells}


@dataclass(frozen=True, slots=True)
class Beside:
    """Words that stand beside an article's text, and the article with the figures, readings and sources of these words."""

    article: Article
    texts: tuple[Text, ...]


def beside(article: Article, wording: Wording, messages: Sequence[Message]) -> Beside | None:
    """Say messages beside an article that is written: captions. None where one cannot be said.

    Raises:
        WriteError: A numeral of theirs stands in no span.
    """
    said = [wording.say(message) for message in messages]
    numbering = _Numbering.of(article, wording.ledger)
    texts = []
    for message, one in zip(messages, said, strict=True):
        if not isinstance(one, Rendered):
            return None
        texts.append(_text([message], Mentions(wording.names, first=False).resolve(one.text), wording, numbering))
    return Beside(_with_figures(article, numbering), tuple(texts))


def table_of(article: Article, name: str, assets: Sequence[str], wording: Wording) -> tuple[Article, dict[str, Any]] | None:
    """A table beside an article, and the article with the figures of it; None when it has no rows."""
    numbering = _Numbering.of(article, wording.ledger)
    made = _table(name, assets, wording, numbering)
    return (_with_figures(article, numbering), made) if made is not None else None


def _with_figures(article: Article, numbering: _Numbering) -> Article:
    """What was there keeps its number, since what is new comes after it."""
    numbering.with_inputs()
    figures = numbering.figures
    return replace(article, figures=figures, readings=_readings(figures.values()), sources=_sources(figures.values()))


def _freshest(wording: Wording, message: Message, recall: Recall, *, begins: bool = False) -> str:
    """Of the wordings of a message the one that comes back least; another than the first must say the same figures in about its room.

    Raises:
        WriteError: It cannot be said.
    """
    first = wording.say(message)
    if not isinstance(first, Rendered):
        raise WriteError(f"{message.template} {message.block} of {message.subject} cannot be said: {first.reason}")
    tried = [_priced(first, wording, message, recall, begins)]
    for attempt in range(1, _ATTEMPTS if tried[0].made else 1):
        if tried[-1].cost <= ENOUGH:
            break
        other = wording.say_otherwise(message, attempt)
        if other is not None and other.words - first.words <= min(_LONGER, recall.spare):
            tried.append(_priced(other, wording, message, recall, begins))
    best = min(tried, key=lambda p: p.cost)
    recall.spare -= best.words - first.words
    wording.made[message.name] = best.made
    recall.keep(best.masked, begins=begins, message=message.name if best.cost >= REPEATED else "")
    return best.text


class _Priced(NamedTuple):
    """A wording with what it costs, and the choices that made it."""

    cost: float
    words: int
    text: str
    masked: str
    made: list[Choice]


def _priced(said: Rendered, wording: Wording, message: Message, recall: Recall, begins: bool) -> _Priced:
    masked = mask(plain(said.text), wording.ledger.figures, wording.words.lexicon)
    return _Priced(recall.cost(masked, begins=begins), said.words, said.text, masked, wording.made.get(message.name, []))


def _spelled(text: str, wording: Wording) -> str:
    """The house style's spelling; marks survive, since they are no word characters."""
    for word, other in wording.words.style.spelling.items():
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", other, text)
    return text


def _optional(wording: Wording, message: Message, mentions: Mentions, numbering: _Numbering) -> Text:
    said = wording.say(message)
    return _text([message], mentions.resolve(said.text), wording, numbering) if isinstance(said, Rendered) else Text("")


def _dek(plan: DocumentPlan, wording: Wording, mentions: Mentions, numbering: _Numbering, recall: Recall) -> Text:
    """The line under the headline; of a later version it says what has changed, in the angle's words or in common ones."""
    step = plan.lead.step
    if step is not None and step.kind in ("update", "reversal"):
        own = _head(plan, step.kind)
        block = plan.lead.family if step.kind == "update" else step.kind
        common = replace(own, template="messages/update", block=block)
        for message in (own, common):
            said = _optional(wording, message, mentions, numbering)
            if said.text:
                return said
    head = _head(plan, "dek")
    if not isinstance(wording.say(head), Rendered):
        return Text("")
    return _text([head], mentions.resolve(_freshest(wording, head, recall)), wording, numbering)


def _key_points(plan: DocumentPlan, wording: Wording, mentions: Mentions, numbering: _Numbering) -> tuple[Text, ...]:
    if "points" not in plan.head:
        return ()
    points = [_optional(wording, m, mentions, numbering) for m in _point_messages(plan, wording)]
    return tuple(p for p in points if p.text)[:3]


def _point_messages(plan: DocumentPlan, wording: Wording) -> Iterable[Message]:
    seen: set[tuple[str, str]] = set()
    for message in plan.messages:
        key = (message.template, message.subject)
        if key not in seen and wording.has_block(message.template, "point"):
            seen.add(key)
            yield Message("point", message.template, "point", message.subject, message.angle)


def _paragraphs(plan: DocumentPlan, wording: Wording, numbering: _Numbering, recall: Recall) -> tuple[Paragraph, ...]:
    mentions, credits = Mentions(wording.names, first=True, pronouns=wording.words.lexicon.pronouns), Credits()
    recall.begin()
    groups = [[*group] for _, group in groupby(plan.messages, key=lambda m: m.paragraph)]
    said = [
        [(m.template, credits.say(capitalise(_freshest(wording, m, recall, begins=i == 0)))) for i, m in enumerate(group)]
        for group in groups
    ]
    made: list[Paragraph] = []
    for messages, marked in zip(groups, joined(said, wording.words.lexicon, wording.names), strict=True):
        body = _text(messages, parted(mentions.resolve(marked)), wording, numbering)
        made.append(Paragraph(messages[0].role, messages[0].angle, body))
    return tuple(made)


def _stamps(as_of: datetime, written_at: datetime, wording: Wording) -> dict[str, str]:
    style = wording.words.style
    return {"as_of": numbers.stamp(as_of, style), "written_at": numbers.stamp(written_at, style)}


def _text(messages: Sequence[Message], said: str, wording: Wording, numbering: _Numbering) -> Text:
    """The text of messages in the house's spelling; a number that is no figure is refused, with the templates it may stand in."""
    text = numbering.text(_spelled(capitalise(plain(said)), wording))
    naked = naked_numbers(text.text, [(s.start, s.end) for s in text.spans], wording.words.style.constants)
    if naked:
        where = ", ".join(dict.fromkeys(f"{m.template}/{wording.words.lexicon.locale}.j2 {m.block}" for m in messages))
        raise WriteError(f"{where}: naked number {', '.join(naked)} in: {text.text}")
    return text


def _readings(figures: Iterable[Figure]) -> dict[str, Reading]:
    found: dict[int, Reading] = {}
    for figure in figures:
        for item in figure.inputs:
            if isinstance(item, Reading):
                found.setdefault(id(item), item)
    return {f"r{i}": reading for i, reading in enumerate(found.values(), 1)}


def _story(plan: DocumentPlan) -> tuple[str, int, str]:
    """The stable id of the story, the version that this is, and the slug that the story has already."""
    step = plan.lead.step
    if step is None:
        return f"{plan.lead.angle}-{plan.lead.subject.lower()}-{plan.as_of:%Y%m%d}", 1, ""
    return step.story, step.version, step.slug


def _slug(headline: str, story: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", headline.lower()).strip("-")
    short = hashlib.sha256(story.encode()).hexdigest()[:8]
    return f"{words[:90].rstrip('-')}-{short}"


def _tickers(figures: Iterable[Figure], plan: DocumentPlan) -> tuple[str, ...]:
    used = {f.subject for f in figures}
    return tuple(a for a in plan.assets if a in used)


def _tags(plan: DocumentPlan, wording: Wording) -> tuple[str, ...]:
    names = [p.angle for p in (plan.lead, *plan.supports)]
    return tuple(wording.words.lexicon.tags.get(n, n.replace("_", " ")) for n in names)


def _minutes(paragraphs: Sequence[Paragraph]) -> int:
    return max(1, math.ceil(sum(len(p.body.text.split()) for p in paragraphs) / _WORDS_A_MINUTE))


def _sources(figures: Iterable[Figure]) -> tuple[SourceCredit, ...]:
    """The sources of all readings used, by name, each with the newest moment it speaks of."""
    found: dict[str, SourceCredit] = {}
    for figure in figures:
        for item in figure.inputs:
            if isinstance(item, Reading) and item.origin.source_name:
                name, known = item.origin.source_name, found.get(item.origin.source_name)
                if known is None or item.observed_at > known.as_of:
                    found[name] = SourceCredit(name, item.origin.url or (known.url if known else ""), item.observed_at)
    return tuple(found.values())


def _disclosure(figures: Collection[Figure], wording: Wording) -> str:
    words = wording.words.lexicon.disclosure
    names = [s.name for s in _sources(figures)]
    marks = {str(f.completeness) for f in figures}
    notes = [words[f"completeness_{m}"] for m in sorted(marks) if f"completeness_{m}" in words]
    data = words["data"].format(sources=", ".join(names)) if names else ""
    parts = [words["made"], data, *notes, *_method(figures, words), words["advice"]]
    return " ".join(p for p in parts if p)


def _method(figures: Collection[Figure], words: Mapping[str, str]) -> Iterable[str]:
    """What holds for the figures of an article and need not stand beside each: how they were counted, and how far the archives reach."""
    if any(f.name.startswith("liquidations") for f in figures):
        yield words["method_liquidations"]
    since = [f.record for f in figures if f.record is not None and not f.record.covers_life]
    years = sorted({record.archive_start.year for record in since})
    if years:
        yield words["method_history" if len(years) == 1 else "method_histories"].format(first=years[0], last=years[-1])
