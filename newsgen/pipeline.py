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

from newsgen import check as checking
from newsgen import derive, detect
from newsgen.check import ReaderWords
from newsgen.detect import Rule
from newsgen.discover import angle_folders, cache_folder, templates_root
from newsgen.errors import ConfigError, NewsgenError, WriteError
from newsgen.gather import terms_of
from newsgen.market import Book, FigureSpec, View
from newsgen.plan import Brief, Form, Saying, load_forms, plan
from newsgen.story import Article, Message, Pitch, Published, Quiet, SourceCredit
from newsgen.write import Rendered, Stamp, Wording, Words, compile_all, in_zone, load_lexicon, load_style, make_environment, write

__all__ = ["Newsroom", "Order", "Outcome", "load_newsroom", "pitch_angles", "write_article", "write_soundly"]

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


@dataclass(frozen=True, slots=True)
class Order:
    """What an edition wants written.

    Attributes:
        angles: Only these may lead or support; empty means all.
        seed: Chooses among wordings.
        accepted: Sources; asked about only where the desk is commercial.
    """

    edition: str
    form: str = "standard"
    site: str = "main"
    seed: int = 0
    angles: tuple[str, ...] = ()
    published: tuple[Published, ...] = ()
    version: int = 1
    written_at: datetime | None = None
    commercial: bool = False  # whether the desk earns money with its articles
    accepted: frozenset[str] = frozenset()  # the sources whose terms the desk has accepted


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
    words = Words(load_lexicon(_first(roots, f"lexicon/{locale}.toml")), house_style, environment)
    return Newsroom(
        catalogue=catalogue,
        rules=tuple(detect.load_rules(roots, catalogue, limits or {})),
        forms=load_forms(shipped / "forms"),
        words=words,
        reader=reader,
        roots=roots,
        rules_sha256=_digest(p / "rule.toml" for root in roots if (root / "angles").is_dir() for p in angle_folders(root)),
        templates=loaded,
    )


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


@lru_cache(maxsize=512)
def _bytes(path: Path, mtime_ns: int, size: int) -> bytes:
    """A file's bytes, read again when it has changed."""
    return path.read_bytes()


def pitch_angles(newsroom: Newsroom, view: View, order: Order) -> tuple[Book, tuple[Pitch, ...]]:
    """Derive and detect: the figures of a view and every angle's pitch."""
    book = Book(view, newsroom.catalogue)
    return book, detect.detect(book, newsroom.rules, published=order.published, angles=order.angles or None, form=order.form)


def write_article(newsroom: Newsroom, view: View, order: Order) -> Outcome:
    """One article from what is known at the view's moment.

    Raises:
        ConfigError: The form is unknown.
        WriteError: A template is missing or prints a naked number.
    """
    return _write(newsroom, view, order, None)


def write_soundly(newsroom: Newsroom, view: View, order: Order) -> Outcome:
    """The same when nobody sits at the desk: what a faulty template would say is left out, and an angle that cannot be told gives way.

    The outcome names the faults. A fault of one angle never costs the edition another.
    """
    faults: dict[str, NewsgenError] = {}
    angles = order.angles or tuple(rule.name for rule in newsroom.rules)
    while True:
        found: list[NewsgenError] = []
        outcome = _write(newsroom, view, replace(order, angles=angles), found)
        faults |= {str(fault): fault for fault in found}
        lead = next((p.angle for p in outcome.pitches if p.role == "lead"), None)
        angles = tuple(angle for angle in angles if angle != lead)
        if outcome.article is not None or not found or lead is None or not angles:
            return replace(outcome, faults=tuple(faults.values()))


def _write(newsroom: Newsroom, view: View, order: Order, faults: list[NewsgenError] | None) -> Outcome:
    form = newsroom.forms.get(order.form)
    if form is None:
        raise ConfigError(f"no form {order.form!r}; there are: {', '.join(newsroom.forms)}")
    book, pitches = pitch_angles(newsroom, view, order)
    wording = Wording(newsroom.words, book, order.seed, (*view.assets, *SUBJECTS), view.assets[0], faults)
    planned = plan(pitches, form, _measure(wording), _brief(newsroom, view, order, pitches))
    if isinstance(planned, Quiet):
        return Outcome(None, planned, pitches)
    try:
        article = write(planned, wording, Stamp(order.version, order.written_at, _made_from(newsroom, wording)))
    except WriteError as error:
        if faults is None:
            raise
        faults.append(error)
        return Outcome(None, Quiet(str(error), planned.pitches), planned.pitches)
    article = replace(article, sources=_credited(article))
    verdict = checking.check(article, words=newsroom.reader, view=view, banned=newsroom.words.style.banned,
                             unaccepted=_unaccepted(article, order))  # fmt: skip
    return Outcome(replace(article, verdict=verdict), None, planned.pitches)


def _credited(article: Article) -> tuple[SourceCredit, ...]:
    """The article's sources, each with what its terms want shown."""
    wanted: dict[str, tuple[str, str]] = {}
    for reading in article.readings.values():
        terms = terms_of(reading.key.source)
        if terms is not None:  # a reading by hand may carry the name of a source too
            wanted[reading.origin.source_name] = terms.credit, terms.credit_url
    return tuple(replace(s, credit=wanted[s.name][0], credit_url=wanted[s.name][1]) if s.name in wanted else s for s in article.sources)


def _unaccepted(article: Article, order: Order) -> Mapping[str, str]:
    """The sources that a commercial article rests on although nobody accepted their terms, with the address of these."""
    used = dict.fromkeys(r.key.source for r in article.readings.values()) if order.commercial else {}
    found = {source: terms_of(source) for source in used if source not in order.accepted}
    return {source: terms.url for source, terms in found.items() if terms is not None}


def _brief(newsroom: Newsroom, view: View, order: Order, pitches: Sequence[Pitch]) -> Brief:
    lead = next((p.subject for p in pitches if p.role == "lead"), "")
    asset = lead if lead in view.assets else view.assets[0]
    return Brief(order.site, newsroom.words.style.locale, order.edition, view.as_of, order.seed, view.assets, asset)


def _measure(wording: Wording) -> Callable[[Message], Saying | str]:
    def say(message: Message) -> Saying | str:
        said = wording.say(message)
        return Saying(said.words, said.figures) if isinstance(said, Rendered) else said.reason

    return say


def _made_from(newsroom: Newsroom, wording: Wording) -> Mapping[str, str]:
    from newsgen import __version__

    used = [Path(t.filename) for t in wording.templates.values() if t.filename]
    return {
        "style": newsroom.words.style.name,
        "templates_sha256": _digest(used, newsroom.templates),
        "rules_sha256": newsroom.rules_sha256,
        "newsgen_version": __version__,
    }
