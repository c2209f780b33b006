"""A site in a folder: what it has, and how a version of a story gets onto it; in: an article, out: files, each written whole.

The folder is its own memory: `.entry.json` beside each article says how the story stands, and `.entries.json` in the root holds all of them,
so that a page costs no reading of the others. Before anything is written, `.entries.json` names what is meant; what a killed process left
half done is finished by the next write, or forgotten where the text itself never arrived. Says nothing of targets or hubs.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from newsgen.publish._entry import Entry, dated, entry_of, newest_first
from newsgen.publish._feeds import FEEDS
from newsgen.publish._files import write
from newsgen.publish._indexing import settled
from newsgen.publish._lists import lists_of
from newsgen.publish._ninjs import ninjs
from newsgen.publish._pages import Around, SiteInfo, Ways, article_page, markdown
from newsgen.publish._printed import Printed

__all__ = ["INDEX", "write_site"]

INDEX = ".entries.json"
_FED, _RELATED, _LATEST, _LOOKED_AT = 50, 4, 5, 200


def write_site(root: Path, article: Printed, article_json: str, site: SiteInfo, daily_limit: int = 12) -> str:
    """Write a version of a story, and everything that lists it; returns the article's path below the root.

    Args:
        daily_limit: How many articles of a day search engines may list.
    """
    with _locked(root):
        return _Folder.open(root, site).put(article, article_json, daily_limit)


class _Index(BaseModel):
    """Every story as it stands, and those that a process has begun to write."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    entries: tuple[Entry, ...] = ()
    meant: tuple[Entry, ...] = ()


@dataclass(slots=True)
class _Folder:
    """A site as it lies on the disk; who opens one holds its lock.

    Attributes:
        entries: By story.
        meant: What the process before this one did not finish.
        unlisted: The index was lost: no list is known to be right.
    """

    root: Path
    site: SiteInfo
    entries: dict[str, Entry] = field(default_factory=dict)
    meant: tuple[Entry, ...] = ()
    unlisted: bool = False

    @classmethod
    def open(cls, root: Path, site: SiteInfo) -> _Folder:
        try:
            index = _Index.model_validate_json((root / INDEX).read_bytes())
        except (FileNotFoundError, ValidationError):
            found = [_entry_in(folder) for folder in sorted((root / "articles").glob("*/"))]
            known = {e.story_id: e for e in sorted((e for e in found if e), key=lambda e: e.version)}
            return cls(root, site, known, unlisted=True)
        return cls(root, site, {e.story_id: e for e in index.entries}, index.meant)

    def put(self, article: Printed, article_json: str, daily_limit: int) -> str:
        """Write a version, if it is newer than what is there."""
        self._finish()
        before = self.entries.get(article.story_id)
        entry = entry_of(article, before)
        if before is not None and not _is_newer(entry, before):
            return f"articles/{before.slug}/"
        others = [e for e in self.entries.values() if e.story_id != entry.story_id]
        if before is None:
            entry = _with_own_slug(entry, others)
            entry, *demoted = settled(entry, others, daily_limit) if entry.indexed else [entry]
        else:
            demoted = []
        leading = [e for e in others if before and entry.slug in e.listed and (entry.withdrawn or entry.headline != before.headline)]
        changed = [entry, *demoted, *leading]
        self._save(meant=changed)
        write(self._folder(entry) / "article.json", _with_place(article_json, article, entry))
        self._show(changed)
        return f"articles/{entry.slug}/"

    def _finish(self) -> None:
        """Write what another process had begun to write and whose text is there; and all lists if the index was lost."""
        begun = [e for e in self.meant if _id_in(self._folder(e)) == e.id]
        if begun or self.meant or self.unlisted:
            self._show(begun)

    def _show(self, changed: Sequence[Entry]) -> None:
        """Write the pages of stories whose texts are there, and what lists them."""
        before = [self.entries[e.story_id] for e in changed if e.story_id in self.entries]
        self.entries |= {e.story_id: e for e in changed}
        for entry in changed:
            self.entries[entry.story_id] = self._write_story(entry)
        everything = list(self.entries.values())
        for path, text in lists_of(everything, everything if self.unlisted else [*before, *changed], self.site).items():
            write(self.root / path, text)
        self._write_feeds()
        self._save()
        self.unlisted = False

    def _write_story(self, entry: Entry) -> Entry:
        """Everything in the folder of an article that is made from its text; returns the entry with the stories that its page lists."""
        folder = self._folder(entry)
        article = dated(Printed.read((folder / "article.json").read_text("utf-8")), entry)
        related, latest = self._beside(entry)
        entry = entry.model_copy(update={"listed": tuple(e.slug for e in (*related, *latest))})
        around = Around(Ways.of(self.site, 2), entry.indexed, False, related, latest, entry.corrections)
        files: dict[str, str | bytes] = {
            ".entry.json": entry.model_dump_json(indent=1) + "\n", "article.md": markdown(article),
            "index.html": article_page(article, self.site, around),
            "ninjs.json": ninjs(article, self.site, "canceled" if article.withdrawn else "usable"),
        }  # fmt: skip
        if not article.withdrawn:
            files |= {f"chart-{n}.svg": chart.svg for n, chart in enumerate(article.charts, start=1)}
        for name, content in files.items():
            write(folder / name, content)
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
        articles = [dated(Printed.read((self._folder(e) / "article.json").read_text("utf-8")), e) for e in latest]
        for name, feed in FEEDS.items():
            write(self.root / name, feed(articles, self.site))

    def _save(self, meant: Sequence[Entry] = ()) -> None:
        index = _Index(entries=tuple(self.entries.values()), meant=tuple(meant))
        write(self.root / INDEX, index.model_dump_json())

    def _folder(self, entry: Entry) -> Path:
        return self.root / "articles" / entry.slug


def _is_newer(entry: Entry, before: Entry) -> bool:
    return entry.version > before.version or (entry.version == before.version and entry.id != before.id)


def _with_own_slug(entry: Entry, others: Sequence[Entry]) -> Entry:
    """A story whose slug is another's gets one of its own: neither page may take the other's place."""
    taken = any(e.slug == entry.slug for e in others)
    return entry.model_copy(update={"slug": f"{entry.slug[:160]}-{entry.story_id[:8]}"}) if taken else entry


def _nearness(one: Entry, other: Entry) -> tuple[bool, bool, int]:
    return one.subject == other.subject, one.angle == other.angle, len(set(one.tickers) & set(other.tickers))


def _with_place(article_json: str, article: Printed, entry: Entry) -> str:
    """ARTICLE.json with the address and the first date that the story has here, where they are not its own."""
    own: dict[str, str] = {}
    if entry.slug != article.slug:
        own["slug"] = entry.slug
    return json.dumps({**json.loads(article_json), **own}, ensure_ascii=False, indent=1) + "\n" if own else article_json


def _entry_in(folder: Path) -> Entry | None:
    """How a story stands, by its own folder; None where there is none."""
    try:
        return Entry.model_validate_json((folder / ".entry.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        pass
    try:
        return entry_of(Printed.read((folder / "article.json").read_text("utf-8")), None)
    except (FileNotFoundError, ValidationError):
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
