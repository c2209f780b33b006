"""A folder as a site: pages, Markdown, JSON, front page and feed; in: an article, out: files that a web server can serve.

Each file is written beside its place and renamed, so that a reader never sees half of one. The same article again changes nothing. Front
page and the feed are made from the ARTICLE.json files in the folder: the folder is its own memory.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsgen.errors import PublishUnavailable
from newsgen.publish._feeds import rss
from newsgen.publish._pages import SiteInfo, article_page, index_page, markdown
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import Wire
from newsgen.story import Receipt
from newsgen.target_settings import FolderSettings

__all__ = ["PUBLISHER", "write_site"]

_LATEST = 50


def _format(parcel: Parcel, target: Target) -> Outgoing:
    return Outgoing(parcel.article_json.encode(), "application/json")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    path = Path(target.of(FolderSettings).path)
    try:
        where = write_site(path, parcel.article, outgoing.body.decode(), target.site)
    except OSError as error:
        raise PublishUnavailable(target.name, parcel.article.slug, f"cannot write: {error.strerror}", may_be_stored=True) from error
    return Receipt(target.name, parcel.article.id, "confirmed", parcel.article.slug, target.site.url(where))


def write_site(root: Path, article: Printed, article_json: str, site: SiteInfo) -> str:
    """Write an article and renew front page and feed; returns the article's path below the root."""
    with _locked(root):
        slug = _slug_of(root, article)
        if slug != article.slug:
            article = article.model_copy(update={"slug": slug})
            article_json = json.dumps({**json.loads(article_json), "slug": slug}, ensure_ascii=False, indent=1) + "\n"
        folder = root / "articles" / slug
        if not _is_newer(folder, article):
            return f"articles/{slug}/"
        _write(folder / "article.md", markdown(article))
        _write(folder / "index.html", article_page(article, site))
        _write(folder / "article.json", article_json)  # last: it says that the others are there
        _renew(root, site)
    return f"articles/{slug}/"


def _stories(root: Path) -> Iterator[Printed]:
    for path in sorted((root / "articles").glob("*/article.json")):
        yield Printed.read(path.read_text("utf-8"))


def _slug_of(root: Path, article: Printed) -> str:
    """A story keeps the slug of its first version."""
    return next((a.slug for a in _stories(root) if (a.site, a.locale, a.story) == (article.site, article.locale, article.story)),
                article.slug)  # fmt: skip


def _is_newer(folder: Path, article: Printed) -> bool:
    path = folder / "article.json"
    if not path.exists():
        return True
    there = Printed.read(path.read_text("utf-8"))
    return article.version > there.version or (article.version == there.version and article.id != there.id)


def _renew(root: Path, site: SiteInfo) -> None:
    latest = sorted(_stories(root), key=lambda a: (a.written_at, a.id), reverse=True)[:_LATEST]
    _write(root / "index.html", index_page(latest, site))
    _write(root / "rss.xml", rss(latest, site))


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One writer at a time, across processes."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


PUBLISHER = Publisher("folder", FolderSettings, _format, _send)
