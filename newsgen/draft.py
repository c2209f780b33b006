"""What would be written: from settings and a person's wishes to an article that is published nowhere.

In: Settings and a Wish. Out: a Draft. An edition of newsgen.toml decides form, assets, angles and, by its site, style and language; a wish
comes before it. A fault in a template is told by file and line. An edition folder needs no database and imports none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from newsgen import author
from newsgen.config import EditionSettings, Settings, SiteSettings
from newsgen.discover import templates_root
from newsgen.edition import default_seed, open_edition
from newsgen.errors import ConfigError, NewsgenError, PluginError
from newsgen.market import View
from newsgen.pipeline import Newsroom, Order, Outcome, load_newsroom, pitch_angles, write_article
from newsgen.replay import AUTO, Step, Take, moments_between, slim, steps
from newsgen.replay_parts import replay_in_parts
from newsgen.said import Said
from newsgen.settings_file import nearest
from newsgen.story import Pitch, Published
from newsgen.variants import EACH, Tried, try_angles
from newsgen.write import template_fault

__all__ = [
    "Draft",
    "Material",
    "ReplayJob",
    "Wish",
    "check_angles",
    "draft",
    "explain_angle",
    "load_words",
    "material_name",
    "open_material",
    "preview",
    "replay_of",
    "template_roots",
    "try_variants",
]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for; None and empty: as the edition says, else the default.

    Attributes:
        folder: An edition folder; None means the archive.
        edition: The name of an edition of newsgen.toml, or site/name where two sites have one of that name.
        whole: Every condition of every angle, for one who asks why.
        charts: With the article's charts, which cost time and which a terminal does not show.
    """

    folder: Path | None = None
    as_of: datetime | None = None
    edition: str | None = None
    angles: tuple[str, ...] = ()
    form: str | None = None
    locale: str | None = None
    style: str | None = None
    seed: int | None = None
    whole: bool = False
    charts: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to write from."""

    name: str
    view: View
    angles: tuple[str, ...] = ()
    published: tuple[Published, ...] = ()
    faults: tuple[NewsgenError, ...] = ()  # payloads and lines that could not be read; the rest is there
    said: tuple[Said, ...] = ()  # the wordings that the site remembers


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be written, with what could not be read on the way."""

    outcome: Outcome
    faults: tuple[NewsgenError, ...] = ()


def preview(
    edition_dir: Path | str,
    *,
    as_of: datetime | None = None,
    form: str | None = None,
    style: str | None = None,
    locale: str | None = None,
    angles: tuple[str, ...] = (),
    seed: int | None = None,
) -> Outcome:
    """Write the article of an edition folder and publish it nowhere.

    Raises:
        ConfigError: The folder, a name or a template is wrong.
    """
    settings = Settings()
    wish = Wish(Path(edition_dir), as_of, angles=angles, form=form, locale=locale, style=style, seed=seed)
    return draft(load_words(settings, wish), open_material(settings, wish), settings, wish).outcome


def load_words(settings: Settings, wish: Wish) -> Newsroom:
    """Rules, forms and words as the wish, its edition's site and the desk's own folder say."""
    _, site = _edition(settings, wish)
    roots = template_roots(settings)
    locale = wish.locale or site.locale
    languages = {p.stem for p in _all(roots, "lexicon/*.toml") if not p.stem.startswith("reader_")}
    if locale not in languages:
        raise ConfigError(f"no language {locale!r}; there are: {', '.join(sorted(languages))}")
    style = wish.style or site.style
    styles = {p.stem for p in _all(roots, "style/*.toml")}
    if style not in styles:
        raise ConfigError(f"no house style {style!r}; there are: {', '.join(sorted(styles))}")
    own = Path(settings.templates) if settings.templates else None
    zone = site.readers_zone if wish.style is None else None  # another style is looked at with its own
    newsroom = load_newsroom(style=style, locale=locale, own_templates=own, limits=settings.angles, zone=zone)
    form = _form(settings, wish)
    if form not in newsroom.forms:
        raise ConfigError(f"the form {form} is not written yet; there are: {', '.join(newsroom.forms)}")
    return newsroom


def template_roots(settings: Settings) -> tuple[Path, ...]:
    """The folders whose rules, templates and words are used, the desk's own first."""
    own = (Path(settings.templates),) if settings.templates else ()
    return (*own, templates_root())


def _all(roots: Iterable[Path], pattern: str) -> Iterator[Path]:
    for root in roots:
        yield from root.glob(pattern)


def open_material(settings: Settings, wish: Wish, since: datetime | None = None) -> Material:
    """The readings of an edition folder or of the archive, as known at the moment, and at earlier ones back to `since`."""
    edition, site = _edition(settings, wish)
    if wish.folder is not None:
        opened = open_edition(wish.folder, wish.as_of, precedence=settings.order_of_sources)
        view = opened.view
        if edition is not None:
            view = View(view.as_of, opened.archive.load, edition.assets, settings.order_of_sources)
        return Material(edition.name if edition else opened.name, view, opened.file.angles, faults=opened.faults)
    from newsgen.service import archive_view, told_before

    if edition is None:
        return Material("archive", archive_view(settings, wish.as_of, since=since))
    view = archive_view(settings, wish.as_of, edition.assets, since)
    published, said = told_before(settings, site, wish.locale or site.locale, view.as_of)
    return Material(edition.name, view, published=published, said=said)


def draft(newsroom: Newsroom, material: Material, settings: Settings, wish: Wish) -> Draft:
    """Write what would be written.

    Raises:
        ConfigError: An angle or a form does not exist, or a template is wrong; names file and line.
        WriteError: A template prints a number that is no figure.
    """
    edition, site = _edition(settings, wish)
    angles = wish.angles or (edition.angles if edition else ()) or material.angles
    _known_angles(newsroom, angles)
    seed = default_seed(material.name, material.view.as_of) if wish.seed is None else wish.seed
    order = Order(material.name, _form(settings, wish), site.name, seed, angles, material.published, said=material.said, whole=wish.whole,
                  commercial=settings.commercial, accepted=settings.accepted_sources, disclosures=settings.owed_texts)  # fmt: skip
    with template_faults():
        pitched = pitch_angles(newsroom, material.view, order)
        if edition is not None and edition.watch is not None and wish.folder is None:
            from newsgen.service import below_the_bar

            below = below_the_bar(pitched[1], edition.bar)
            if below is not None:
                return Draft(below, material.faults)
        outcome = write_article(newsroom, material.view, order, pitched)
        if wish.charts:
            from newsgen.illustrate import illustrate

            outcome = illustrate(newsroom, pitched, order, outcome)
        return Draft(outcome, (*material.faults, *outcome.faults))


def explain_angle(settings: Settings, wish: Wish, angle: str) -> tuple[Pitch, ...]:
    """One angle on every subject: whether it fires, with each condition and what it saw."""
    newsroom = load_words(settings, wish)
    material = open_material(settings, wish)
    _known_angles(newsroom, (angle,))
    _, pitches = pitch_angles(newsroom, material.view, Order(material.name, angles=(angle,), whole=True))
    return pitches


def check_angles(
    settings: Settings, root: Path | None = None, since: datetime | None = None, folder: Path | None = None
) -> list[PluginError]:  # fmt: skip
    """Every fault of rules, cases and templates below a root, or below the shipped one and the desk's own.

    Args:
        since: Thresholds are tried on the archive, or on an edition folder, from then on.
    """
    roots = (root,) if root is not None else template_roots(settings)
    faults = author.check_angles(roots)
    return faults if since is None else [*faults, *author.check_reach(roots, open_material(settings, Wish(folder)).view, since)]


def try_variants(
    settings: Settings, angles: Sequence[str] = (), since: datetime | None = None, folder: Path | None = None, each: int = EACH
) -> Iterator[Tried | str | NewsgenError]:  # fmt: skip
    """Every angle, or these, in a covering set of its wordings, on the archive or an edition folder.

    Args:
        since: From when on moments are looked for at which an angle fires; default two years.
        each: So many moments an angle.
    """
    wish = Wish(folder)
    newsroom = load_words(settings, wish)
    material = open_material(settings, wish, since=since)
    _known_angles(newsroom, angles)
    first = since or material.view.as_of - timedelta(days=730)
    with template_faults():
        yield from try_angles(newsroom, material.view, first, tuple(angles) or tuple(rule.name for rule in newsroom.rules), each)


def _form(settings: Settings, wish: Wish) -> str:
    edition, _ = _edition(settings, wish)
    return wish.form or (edition.form if edition else "standard")


def _edition(settings: Settings, wish: Wish) -> tuple[EditionSettings | None, SiteSettings]:
    """The edition that the wish names, and its site."""
    if wish.edition is None:
        return None, SiteSettings()
    found = [e for e in settings.editions if wish.edition in (e.name, f"{e.site}/{e.name}")]
    if len(found) == 1:
        return found[0], settings.site(found[0].site)
    if found:
        raise ConfigError(f"several sites have an edition {wish.edition!r}; write one of: {', '.join(f'{e.site}/{e.name}' for e in found)}")
    names = [e.name for e in settings.editions]
    if not names:
        raise ConfigError(f"no edition {wish.edition!r}: the settings have no [[editions]]")
    raise ConfigError(f"no edition {wish.edition!r}; there are: {', '.join(names)}")


def _known_angles(newsroom: Newsroom, angles: Iterable[str]) -> None:
    known = [rule.name for rule in newsroom.rules]
    for name in angles:
        if name not in known:
            near = nearest(name, known)
            raise ConfigError(f"no angle {name!r}; there are: {', '.join(known)}" + (f" ({near})" if near else ""))


@contextmanager
def template_faults() -> Iterator[None]:
    """Tell a fault inside a template as the desk's to mend, by file and line, and not as one of the program."""
    try:
        yield
    except NewsgenError:
        raise
    except Exception as error:
        fault = template_fault(error)
        if fault is None:
            raise
        raise fault from error


@dataclass(frozen=True, slots=True)
class ReplayJob:
    """Replays what a wish would have given; can be sent to another process, where it opens what it needs."""

    settings: Settings
    wish: Wish

    def __call__(self, moments: Sequence[datetime], told: tuple[Published, ...]) -> Iterator[Step]:
        edition, site = _edition(self.settings, self.wish)
        newsroom, material = _opened(self.settings, self.wish, moments)
        angles = self.wish.angles or (edition.angles if edition else ()) or material.angles
        _known_angles(newsroom, angles)
        form = self.wish.form or (edition.form if edition else AUTO)
        order = Order(material.name, form, site.name, 0, angles, told, commercial=self.settings.commercial,
                      accepted=self.settings.accepted_sources, disclosures=self.settings.owed_texts)  # fmt: skip
        with template_faults():
            yield from steps(newsroom, material.view, moments, order)


_OPENED: dict[str, tuple[Settings, datetime, Newsroom, Material]] = {}  # of one replay: a part done again asks for each moment


def _opened(settings: Settings, wish: Wish, moments: Sequence[datetime]) -> tuple[Newsroom, Material]:
    """Words and archive for some moments, loaded once for all that follow them."""
    held = _OPENED.get("")
    if held is None or held[0] is not settings or held[1] > moments[0]:
        words = load_words(settings, wish)  # what may be wrong in the wish is told before the archive is read
        material = open_material(settings, replace(wish, as_of=None if wish.folder else moments[-1]), since=moments[0])
        held = _OPENED[""] = (settings, moments[0], words, material)
    return held[2], held[3]


def replay_of(
    settings: Settings, wish: Wish, first: datetime, last: datetime, every: timedelta, *, processes: int = 1,
    progress: Callable[[int], None] = lambda done: None, keep: Callable[[Take], Take] = slim,
) -> Iterator[Take]:  # fmt: skip
    """What the wish would have given at each moment from the first to the last.

    Raises:
        ConfigError: A name, a threshold or a template is wrong, or there is no such span.
    """
    yield from replay_in_parts(ReplayJob(settings, wish), moments_between(first, last, every), processes, progress, keep)


def material_name(settings: Settings, wish: Wish) -> tuple[str, str]:
    """What a wish writes from, and the asset that speaks for it."""
    edition, _ = _edition(settings, wish)
    material = open_material(settings, wish)
    return (edition.name if edition else material.name), material.view.assets[0]
