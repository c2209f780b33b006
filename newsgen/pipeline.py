"""The whole line as one readable sentence: derive, detect, plan, write, check; in: a View, out: an Article with its Verdict.

The only file that knows every stage. Gathering and publishing stand at the ends and are called by the shells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from newsgen import check as checking
from newsgen import derive, detect
from newsgen.check import ReaderWords
from newsgen.detect import OVERRIDE, Rule
from newsgen.discover import angle_folders, cache_folder, templates_root
from newsgen.errors import ConfigError, NewsgenError, WriteError
from newsgen.gather import terms_of
from newsgen.market import Absent, Book, Figure, FigureSpec, Unit, Value, View, plain
from newsgen.plan import Brief, Form, Saying, load_forms, plan
from newsgen.said import Said, digest_of_memory
from newsgen.story import Article, Disclosure, Message, Pitch, Post, Published, Quiet, SourceCredit
from newsgen.write import (
    Choices,
    Rendered,
    Stamp,
    Wording,
    Words,
    compile_all,
    in_zone,
    load_lexicon,
    load_style,
    load_tables,
    make_environment,
    write,
)

if TYPE_CHECKING:
    from newsgen.write.charts import Charts

__all__ = [
    "Newsroom",
    "Order",
    "Outcome",
    "Pitched",
    "credited",
    "disclosed",
    "form_of",
    "load_newsroom",
    "mark_of",
    "pitch_angles",
    "published_of",
    "unaccepted",
    "wording_for",
    "write_article",
    "write_soundly",
]

SUBJECTS = ("SP500", "NDX", "Strategy")


@dataclass(frozen=True, slots=True)
class Newsroom:
    """What is loaded once and serves every article: figures, rules, forms, words."""

    catalogue: Mapping[str, FigureSpec]
    rules: tuple[Rule, ...]
    forms: Mapping[str, Form]
    words: Words
    reader: ReaderWords
    roots: tuple[Path, ...]
    rules_sha256: str
    templates: Mapping[Path, bytes] = field(default_factory=dict)  # as they were loaded, where they serve whatever their files say now
    charts: Charts | None = None  # None: loaded when an article is illustrated; most commands draw nothing


@dataclass(frozen=True, slots=True)
class Order:
    """What an edition wants written.

    Attributes:
        angles: Only these may lead or support; empty means all.
        seed: Chooses among wordings.
        published: What the site has told lately.
        posts: What people have published on it of late.
        said: The wordings that the site remembers.
        worded: The choices of each message, by its name and the attempt, where they are not the seed's.
        whole: Every condition of every rule, for a person who asks why.
        accepted: Sources; asked about only where the desk is commercial.
        disclosures: Texts that stand under a story that mentions an entity, whatever its templates say.
        known_by: Of a correction: until when revisions of what was known at the view's moment may have come.
    """

    edition: str
    form: str = "standard"
    site: str = "main"
    seed: int = 0
    angles: tuple[str, ...] = ()
    published: tuple[Published, ...] = ()
    posts: tuple[Post, ...] = ()
    said: tuple[Said, ...] = ()
    worded: Callable[[str, int], Choices] | None = None
    written_at: datetime | None = None
    whole: bool = False
    commercial: bool = False  # whether the desk earns money with its articles
    accepted: frozenset[str] = frozenset()  # the sources whose terms the desk has accepted
    disclosures: tuple[Disclosure, ...] = ()
    known_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """An article, or why there is none; the pitches either way."""

    article: Article | None
    quiet: Quiet | None
    pitches: tuple[Pitch, ...]
    faults: tuple[NewsgenError, ...] = ()  # of templates, where they were not raised


def load_newsroom(
    *,
    style: str = "ap",
    locale: str = "en",
    own_templates: Path | None = None,
    limits: Mapping[str, Mapping[str, str]] | None = None,
    zone: str | None = None,
    whole: bool = False,
) -> Newsroom:
    """Load figures, rules, forms and words; a desk's own template folder comes before the shipped one.

    Args:
        zone: Of the readers, where it is another than the house style's.
        whole: Every template too, now and for good: for a service, which must not find a fault at night.

    Raises:
        ConfigError: A rule, form, style or lexicon is wrong, or the form's or style's name is unknown.
    """
    shipped = templates_root()
    roots = (own_templates, shipped) if own_templates else (shipped,)
    catalogue = derive.catalogue()
    environment = make_environment(*roots, language=locale, cache=cache_folder())
    loaded = compile_all(environment) if whole else {}
    house_style = load_style(_first(roots, f"style/{style}.toml"))
    reader = checking.load_reader_words(_first(roots, f"lexicon/reader_{locale}.toml"))
    if zone is not None:
        house_style = in_zone(house_style, zone)
        reader = checking.with_zone(reader, zone, house_style.dates.labels())
    words = Words(load_lexicon(_first(roots, f"lexicon/{locale}.toml")), house_style, environment, load_tables(roots, locale))
    return Newsroom(
        catalogue=catalogue,
        rules=tuple(detect.load_rules(roots, catalogue, limits or {})),
        forms=load_forms(shipped / "forms"),
        words=words,
        reader=reader,
        roots=roots,
        rules_sha256=_digest(
            p / name for root in roots if (root / "angles").is_dir() for p in angle_folders(root) for name in ("rule.toml", OVERRIDE)
        ),
        templates=loaded,
        charts=_charts(roots) if whole else None,
    )


def _charts(roots: Sequence[Path]) -> Charts:
    from newsgen.write.charts import load_charts

    return load_charts(roots)


def _first(roots: Sequence[Path], name: str) -> Path:
    return next((root / name for root in roots if (root / name).is_file()), roots[-1] / name)


def _digest(paths: Iterable[Path], loaded: Mapping[Path, bytes] | None = None) -> str:
    total = hashlib.sha256()
    for path in sorted(set(paths)):
        if loaded and path in loaded:
            total.update(loaded[path])
        elif path.is_file():
            at = path.stat()
            total.update(_bytes(path, at.st_mtime_ns, at.st_size))
    return total.hexdigest()


_path = lru_cache(maxsize=512)(Path)  # a path keeps what it works out when it is sorted


@lru_cache(maxsize=512)
def _bytes(path: Path, mtime_ns: int, size: int) -> bytes:
    """A file's bytes, read again when it has changed."""
    return path.read_bytes()


Pitched = tuple[Book, tuple[Pitch, ...]]


def form_of(newsroom: Newsroom, pitches: Sequence[Pitch]) -> str:
    """The form that the lead is worth: a standard article, a brief, or "" for none; an angle that is for briefs only gets one."""
    lead = next((p for p in pitches if p.role == "lead"), None)
    if lead is None:
        return ""
    own = next(r.file.forms for r in newsroom.rules if r.name == lead.angle)
    worth = [name for name in ("standard", "brief") if lead.score >= newsroom.forms[name].floor and (not own or name in own)]
    return worth[0] if worth else ""


def pitch_angles(newsroom: Newsroom, view: View, order: Order) -> Pitched:
    """Derive and detect: the figures of a view and every angle's pitch."""
    book = Book(view, newsroom.catalogue)
    pitches = detect.detect(
        book, newsroom.rules, published=order.published, angles=order.angles or None, form=order.form, whole=order.whole
    )
    return book, pitches


def write_article(newsroom: Newsroom, view: View, order: Order, pitched: Pitched | None = None) -> Outcome:
    """One article from what is known at the view's moment.

    Args:
        pitched: What `pitch_angles` found for just this, where somebody has asked it already.

    Raises:
        ConfigError: The form is unknown.
        WriteError: A template is missing or prints a naked number.
    """
    return _write(newsroom, view, order, None, pitched)


def write_soundly(newsroom: Newsroom, view: View, order: Order, pitched: Pitched | None = None) -> Outcome:
    """The same when nobody sits at the desk: what a faulty template would say is left out, and an angle that cannot be told gives way.

    The outcome names the faults. A fault of one angle never costs the edition another.
    """
    faults: dict[str, NewsgenError] = {}
    angles = order.angles or tuple(rule.name for rule in newsroom.rules)
    while True:
        found: list[NewsgenError] = []
        outcome = _write(newsroom, view, replace(order, angles=angles), found, pitched)
        pitched = None
        faults |= {str(fault): fault for fault in found}
        lead = next((p.angle for p in outcome.pitches if p.role == "lead"), None)
        angles = tuple(angle for angle in angles if angle != lead)
        if outcome.article is not None or not found or lead is None or not angles:
            return replace(outcome, faults=tuple(faults.values()))


def _write(
    newsroom: Newsroom, view: View, order: Order, faults: list[NewsgenError] | None, pitched: Pitched | None
) -> Outcome:  # fmt: skip
    form = newsroom.forms.get(order.form)
    if form is None:
        raise ConfigError(f"no form {order.form!r}; there are: {', '.join(newsroom.forms)}")
    book, pitches = pitched or pitch_angles(newsroom, view, order)
    wording = wording_for(newsroom, (book, pitches), order, faults)
    wording.supports = [p for p in pitches if p.role == "support"][: form.supports]
    planned = plan(pitches, form, _measure(wording, book), _brief(newsroom, book, order, pitches), _weigh(book))
    if isinstance(planned, Quiet):
        return Outcome(None, planned, pitches)
    wording.supports = planned.supports
    try:
        article = write(planned, wording, Stamp(order.written_at, _made_from(newsroom, wording, order)), order.said)
    except WriteError as error:
        if faults is None:
            raise
        faults.append(error)
        return Outcome(None, Quiet(str(error), planned.pitches), planned.pitches)
    article = disclosed(replace(article, sources=credited(article)), order.disclosures, newsroom.reader)
    verdict = checking.check(article, words=newsroom.reader, view=view, banned=newsroom.words.style.banned,
                             unaccepted=unaccepted(article, order), posts=order.posts, disclosures=order.disclosures,
                             published=order.published, said=order.said, mark=mark_of(newsroom, book, planned.lead),
                             known_by=order.known_by)  # fmt: skip
    return Outcome(replace(article, verdict=verdict), None, planned.pitches)


def disclosed(article: Article, disclosures: Sequence[Disclosure], reader: ReaderWords) -> Article:
    """The article with the texts that the desk owes its readers at the end of its foot, each once; no template has a say in it."""
    due = [d for d, _ in checking.due_disclosures(article, disclosures, reader) if not checking.is_carried(d, article)]
    return replace(article, disclosure=" ".join([article.disclosure, *dict.fromkeys(d.text for d in due)]).strip()) if due else article


def wording_for(newsroom: Newsroom, pitched: Pitched, order: Order, faults: list[NewsgenError] | None = None) -> Wording:
    """The words of an article in the making."""
    book, pitches = pitched
    step = next((p.step for p in pitches if p.role == "lead"), None)
    earlier = detect.before(book, step.since) if step and step.since else None
    assets = book.view.assets
    wording = Wording(newsroom.words, book, order.seed, (*assets, *SUBJECTS), assets[0], faults, earlier)
    if order.worded is not None:
        wording.choices_of = order.worded
    return wording


def credited(article: Article) -> tuple[SourceCredit, ...]:
    """The article's sources, each with what its terms want shown."""
    wanted: dict[str, tuple[str, str]] = {}
    terms_by = {source: terms_of(source) for source in {r.key.source for r in article.readings.values()}}
    for reading in article.readings.values():
        terms = terms_by[reading.key.source]
        if terms is not None:  # a reading by hand may carry the name of a source too
            wanted[reading.origin.source_name] = terms.credit, terms.credit_url
    return tuple(replace(s, credit=wanted[s.name][0], credit_url=wanted[s.name][1]) if s.name in wanted else s for s in article.sources)


def unaccepted(article: Article, order: Order) -> Mapping[str, str]:
    """The sources that a commercial article rests on although nobody accepted their terms, with the address of these."""
    used = dict.fromkeys(r.key.source for r in article.readings.values()) if order.commercial else {}
    found = {source: terms_of(source) for source in used if source not in order.accepted}
    return {source: terms.url for source, terms in found.items() if terms is not None}


def _brief(newsroom: Newsroom, book: Book, order: Order, pitches: Sequence[Pitch]) -> Brief:
    view, lead = book.view, next((p for p in pitches if p.role == "lead"), None)
    asset = lead.subject if lead and lead.subject in view.assets else view.assets[0]
    rising = _rising(book, lead, asset) if lead else 0
    return Brief(order.site, newsroom.words.style.locale, order.edition, view.as_of, order.seed, view.assets, asset, rising,
                 _told_today(newsroom, lead, order, view.as_of), _told_lately(newsroom, lead, order, view.as_of))  # fmt: skip


def _rising(book: Book, lead: Pitch, asset: str) -> int:
    """Which way the lead's event points: its measured figure where that has a direction, else the price of its asset."""
    measured = book.get(lead.measure, lead.subject if lead.subject != "market" else asset) if lead.measure else None
    price = book.get("price.change_24h", asset)
    found = [f for f in (measured, price) if isinstance(f, Figure)]
    return detect.direction_of(found)


def _told_today(newsroom: Newsroom, lead: Pitch | None, order: Order, as_of: datetime) -> frozenset[str]:
    """The messages of the other stories of this UTC day."""
    own = lead.step.story if lead and lead.step else ""
    if lead is None or _is_wrap(newsroom, lead):
        return frozenset()
    today = [p for p in order.published if p.story != own and p.published_at.date() == as_of.date() and p.published_at <= as_of]
    return frozenset(message for p in today for message in p.messages)


def _told_lately(newsroom: Newsroom, lead: Pitch | None, order: Order, as_of: datetime) -> tuple[frozenset[str], ...]:
    """The messages of the two articles before this one, the newest first; a wrap tells them all again."""
    if lead is None or _is_wrap(newsroom, lead):
        return ()
    own = lead.step.story if lead.step else ""
    before = sorted((p for p in order.published if p.story != own and p.published_at < as_of), key=lambda p: p.published_at, reverse=True)
    return tuple(frozenset(p.messages) for p in before[:2])


def _is_wrap(newsroom: Newsroom, lead: Pitch) -> bool:
    """Whether an angle leads by its schedule, and says again what the day has told."""
    return next(r.file.leads for r in newsroom.rules if r.name == lead.angle)


def _weigh(book: Book) -> Callable[[str, str], tuple[int, float]]:
    def weigh(name: str, subject: str) -> tuple[int, float]:
        figure = book.get(name, subject)
        if isinstance(figure, Absent):
            return 0, 0.0
        return detect.direction_of([figure]), detect.surprise_of(book, [figure])

    return weigh


def _measure(wording: Wording, book: Book) -> Callable[[Message], Saying | str]:
    """How a message would be said. Equal percentages of one subject are one figure: at midnight the past week is the closed one."""
    shares: dict[tuple[str, Value | None], int] = {}

    def told(figure: Figure) -> int:
        return shares.setdefault((figure.subject, figure.value), id(figure)) if figure.unit is Unit.PCT else id(figure)

    def say(message: Message) -> Saying | str:
        said = wording.say(message)
        if not isinstance(said, Rendered):
            return said.reason
        figures = wording.printed(said)
        ids = frozenset(told(f) for f in figures)
        return Saying(said.words, ids, detect.surprise_of(book, figures), detect.direction_of(figures))

    return say


def _made_from(newsroom: Newsroom, wording: Wording, order: Order) -> Mapping[str, str]:
    from newsgen import __version__

    used = [_path(t.filename) for t in wording.templates.values() if t.filename]
    return {
        "style": newsroom.words.style.name,
        "templates_sha256": _digest(used, newsroom.templates),
        "rules_sha256": newsroom.rules_sha256,
        "newsgen_version": __version__,
        "memory": digest_of_memory(order.said),
    }


def published_of(newsroom: Newsroom, book: Book, article: Article, told: Sequence[Published]) -> Published:
    """An article as stories remember it."""
    lead = next(p for p in article.pitches if p.role == "lead")
    own = [p for p in told if p.story == article.story]
    began = min((p.began_at or p.published_at for p in own), default=article.as_of)
    return Published(
        lead.angle, lead.subject, article.as_of, mark_of(newsroom, book, lead), article.story, article.version, began, lead.family,
        lead.step.anchor if lead.step else "", article.messages, article.slug, lead.score, held=article.verdict.decision != "publish",
        said=article.said,
    )  # fmt: skip


def mark_of(newsroom: Newsroom, book: Book, lead: Pitch) -> str:
    """The value that made a lead news, for novelty: a record, a level, a session; "" where its rule names none."""
    name = next(r.file.novelty.mark for r in newsroom.rules if r.name == lead.angle)
    figure = book.get(name, lead.subject) if name else Absent("")
    return "" if isinstance(figure, Absent) else plain(figure.value) or ""
