"""A site in a folder: what it has, and how a version of a story gets onto it; in: an article, out: files, each written whole.

The folder is its own memory: `.story.json` beside each article says how the story stands, `.entries.json` in the root says it of all, so
that a page costs no reading of the others. Before anything else is written, `.meant.json` says what is meant: what a killed process left
half done is finished by the next write, or forgotten where the text itself never arrived. Says nothing of targets or hubs.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from newsgen.publish._entry import Entry, dated, entry_of, newest_first
from newsgen.publish._feeds import FEEDS
from newsgen.publish._files import write
from newsgen.publish._indexing import settled
from newsgen.publish._lists import lists_of
from newsgen.publish._ninjs import ninjs
from newsgen.publish._pages import Around, SiteInfo, Ways, article_page, markdown
from newsgen.publish._pictures import card_png
from newsgen.publish._printed import Printed

__all__ = ["INDEX", "MEANT", "STORY", "write_site"]

INDEX, MEANT, STORY = ".entries.json", ".meant.json", ".story.json"
_FED, _RELATED, _LATEST, _LOOKED_AT = 50, 4, 5, 200


def write_site(root: Path, article: Printed, article_json: str, site: SiteInfo, daily_limit: int = 12, original: str = "") -> str:
    """Write a version of a story, and everything that lists it; returns the article's path below the root.

    Args:
        daily_limit: How many articles of a day search engines may list.
        original: The address of the story's original, if that stands elsewhere.
    """
    with _locked(root):
        return _Folder.open(root, site).put(article, article_json, daily_limit, original)


class _Story(BaseModel):
    """A story as it stands, with its text but for the drawings: what feeds carry, and what is little to read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    entry: Entry
    article: Printed


_ENTRIES = TypeAdapter(list[Entry])


@dataclass(slots=True)
class _Folder:
    """A site as it lies on the disk; who opens one holds its lock.

    Attributes:
        entries: By story.
        meant: What the process before this one did not finish: the story, then those whose pages change with it.
        unlisted: The index was lost: no list is known to be right.
    """

    root: Path
    site: SiteInfo
    entries: dict[str, Entry] = field(default_factory=dict)
    meant: Sequence[Entry] = ()
    unlisted: bool = False

    @classmethod
    def open(cls, root: Path, site: SiteInfo) -> _Folder:
        known, meant = _entries_in(root / INDEX), _entries_in(root / MEANT)
        if known is None:
            found = [_entry_of_folder(folder) for folder in sorted((root / "articles").glob("*/"))]
            known = sorted((e for e in found if e), key=lambda e: e.version)
            return cls(root, site, {e.story_id: e for e in known}, meant or (), unlisted=True)
        return cls(root, site, {e.story_id: e for e in known}, meant or ())

    def put(self, article: Printed, article_json: str, daily_limit: int, original: str) -> str:
        """Write a version, if it is newer than what is there, or its original is known by now."""
        self._finish()
        before = self.entries.get(article.story_id)
        entry = self._entry(article, before, original)
        if before is not None and not _is_newer(entry, before):
            return f"articles/{before.slug}/"
        others = [e for e in self.entries.values() if e.story_id != entry.story_id]
        if before is None:
            entry = _with_own_slug(entry, others)
            entry, *demoted = settled(entry, others, daily_limit) if entry.in_maps else [entry]
        else:
            demoted = []
        leading = [e for e in others if before and entry.slug in e.listed and (entry.withdrawn or entry.headline != before.headline)]
        changed = [entry, *demoted, *leading]
        write(self.root / MEANT, _ENTRIES.dump_json(changed), lasting=True)
        write(self._folder(entry) / "article.json", _with_address(article_json, article, entry), lasting=True)
        self._show(changed)
        return f"articles/{entry.slug}/"

    @staticmethod
    def _entry(article: Printed, before: Entry | None, original: str) -> Entry:
        if before is not None and before.id == article.id:  # nothing but its original may be new
            return before.model_copy(update={"original": original or before.original})
        return entry_of(article, before, original)

    def _finish(self) -> None:
        """Write what another process had begun to write, if the text that it was about is there; and all lists if the index was lost."""
        begun = self.meant if self.meant and _id_in(self._folder(self.meant[0])) == self.meant[0].id else ()
        if self.meant or self.unlisted:
            self._show(begun)

    def _show(self, changed: Sequence[Entry]) -> None:
        """Write the pages of stories whose texts are there, and what lists them."""
        before = [self.entries[e.story_id] for e in changed if e.story_id in self.entries]
        self.entries |= {e.story_id: e for e in changed}
        for entry in changed:
            self.entries[entry.story_id] = self._write_story(entry)
        everything = [*self.entries.values()]
        for path, text in lists_of(everything, everything if self.unlisted else [*before, *changed], self.site).items():
            write(self.root / path, text)
        self._write_feeds()
        write(self.root / INDEX, _ENTRIES.dump_json(everything), lasting=True)
        (self.root / MEANT).unlink(missing_ok=True)
        self.unlisted = False

    def _write_story(self, entry: Entry) -> Entry:
        """Everything in the folder of an article that is made from its text; returns the entry with the stories that its page lists."""
        folder = self._folder(entry)
        article = dated(Printed.read((folder / "article.json").read_text("utf-8")), entry)
        related, latest = self._beside(entry)
        entry = entry.model_copy(update={"listed": tuple(e.slug for e in (*related, *latest))})
        around = Around(Ways.of(self.site, 2), entry.indexed, not entry.withdrawn, related, latest, entry.corrections, entry.original)
        files = {"index.html": article_page(article, self.site, around), **_files_of(article, entry, self.site)}
        for name, content in files.items():
            write(folder / name, content, lasting=name == STORY)
        for old in (*folder.glob("chart-*.svg"), *folder.glob("card.png")):
            if old.name not in files:
                old.unlink()
        return entry

    def _beside(self, entry: Entry) -> tuple[list[Entry], list[Entry]]:
        """The stories related to one, the nearest first, and the latest others."""
        if entry.withdrawn:
            return [], []
        others = [e for e in newest_first([*self.entries.values()])[:_LOOKED_AT] if e.story_id != entry.story_id]
        near = [e for e in others if e.angle == entry.angle or set(e.tickers) & set(entry.tickers)]
        related = sorted(near, key=lambda e: _nearness(e, entry), reverse=True)[:_RELATED]
        return related, [e for e in others if e not in related][:_LATEST]

    def _write_feeds(self) -> None:
        latest = sorted(self.entries.values(), key=lambda e: (e.changed_at, e.id), reverse=True)[:_FED]
        articles = [dated(self._text(e), e) for e in latest]
        for name, feed in FEEDS.items():
            write(self.root / name, feed(articles, self.site, cards=True))

    def _text(self, entry: Entry) -> Printed:
        """The text of a story without its drawings."""
        folder = self._folder(entry)
        try:
            return _Story.model_validate_json((folder / STORY).read_bytes()).article
        except (FileNotFoundError, ValidationError):
            return Printed.read((folder / "article.json").read_text("utf-8"))

    def _folder(self, entry: Entry) -> Path:
        return self.root / "articles" / entry.slug


def _files_of(article: Printed, entry: Entry, site: SiteInfo) -> dict[str, str | bytes]:
    """What lies beside an article's page and its ARTICLE.json; of a withdrawn one no pictures."""
    story = _Story(entry=entry, article=article.model_copy(update={"charts": ()}))
    files: dict[str, str | bytes] = {
        "article.md": markdown(article), "ninjs.json": ninjs(article, site, "canceled" if article.withdrawn else "usable"),
        STORY: story.model_dump_json(by_alias=True),
    }  # fmt: skip
    if not article.withdrawn:
        files |= {f"chart-{n}.svg": chart.svg for n, chart in enumerate(article.charts, start=1)}
        files["card.png"] = card_png(article, site)
    return files


def _is_newer(entry: Entry, before: Entry) -> bool:
    same = entry.version == before.version
    return entry.version > before.version or (same and (entry.id, entry.original) != (before.id, before.original))


def _with_own_slug(entry: Entry, others: Sequence[Entry]) -> Entry:
    """A story whose slug is another's gets one of its own: neither page may take the other's place."""
    taken = any(e.slug == entry.slug for e in others)
    return entry.model_copy(update={"slug": f"{entry.slug[:160]}-{entry.story_id[:8]}"}) if taken else entry


def _nearness(one: Entry, other: Entry) -> tuple[bool, bool, int]:
    return one.subject == other.subject, one.angle == other.angle, len(set(one.tickers) & set(other.tickers))


def _with_address(article_json: str, article: Printed, entry: Entry) -> str:
    """ARTICLE.json with the address that the story has here, where it is not its own."""
    if entry.slug == article.slug:
        return article_json
    return json.dumps({**json.loads(article_json), "slug": entry.slug}, ensure_ascii=False, indent=1) + "\n"


def _entries_in(path: Path) -> list[Entry] | None:
    try:
        return _ENTRIES.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _entry_of_folder(folder: Path) -> Entry | None:
    """How a story stands, by its own folder; None where there is none."""
    with suppress(FileNotFoundError, ValidationError):
        return _Story.model_validate_json((folder / STORY).read_bytes()).entry
    with suppress(FileNotFoundError, ValidationError):
        return entry_of(Printed.read((folder / "article.json").read_text("utf-8")), None)
    return None


def _id_in(folder: Path) -> str:
    try:
        return Printed.read((folder / "article.json").read_text("utf-8")).id
    except (FileNotFoundError, ValidationError):
        return ""


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One writer at a time, across processes."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
