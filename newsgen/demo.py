"""The demonstration: real market days from samples/ through the whole line, HTTP on loopback included; in: samples, out: a site folder.

Needs no key and no network: a server on loopback answers the sources' own addresses with the samples' payloads. What it writes passes
through database, checks and outbox like any edition.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from newsgen.discover import samples_root
from newsgen.edition import EditionFile, default_seed, open_edition, payload_files
from newsgen.gather import Request, gather, parse_payload, sources
from newsgen.market import View
from newsgen.pipeline import Newsroom, Order, load_newsroom, write_article
from newsgen.publish import Outbox, SiteInfo, Target
from newsgen.store.database import open_database
from newsgen.store.newsroom import save_article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsgen.story import Article

__all__ = ["Played", "play", "sample_folders"]

Answers = Mapping[tuple[str, tuple[tuple[str, str], ...]], bytes]
_FORMS = {"quiet": "brief"}


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one sample."""

    name: str
    as_of: datetime
    headline: str
    decision: str  # publish, hold, quiet
    note: str


def sample_folders(root: Path | None = None) -> list[Path]:
    """The editions among the samples, oldest first."""
    return sorted(p.parent for p in (root or samples_root()).glob("*/edition.toml"))


def play(site: Path, say: Callable[[str], None], root: Path | None = None) -> list[Played]:
    """Play every sample and publish what may be published to a folder."""
    return asyncio.run(_play(site, say, root))


async def _play(site: Path, say: Callable[[str], None], root: Path | None) -> list[Played]:
    newsroom = load_newsroom()
    played = []
    with tempfile.TemporaryDirectory(prefix="newsgen-demo-") as scratch:
        engine = open_database(f"sqlite:///{scratch}/demo.db")
        target = Target(name="site", kind="folder", path=str(site), site=SiteInfo(title="newsgen demo"), expiry_h=24)
        for folder in sample_folders(root):
            say(f"{folder.name}: gathering from loopback")
            article, one = await _one(folder, newsroom)
            if article is not None:
                save_article(engine, article, {"site": 24 * 3600}, article.as_of)
                await Outbox(engine, {"site": target}, _later(article.as_of)).deliver()
            played.append(one)
        engine.dispose()
    return played


def _later(moment: datetime) -> Callable[[], datetime]:
    """A clock that stands one second after a moment."""
    return lambda: moment + timedelta(seconds=1)


async def _one(folder: Path, newsroom: Newsroom) -> tuple[Article | None, Played]:
    edition = open_edition(folder, payloads=False)
    await _gather_over_http(folder, edition.file, edition.archive.add)
    view = View(edition.file.as_of, edition.archive.load, edition.file.assets, edition.view.precedence)
    form = next((f for word, f in _FORMS.items() if word in folder.name), "standard")
    order = Order(edition.name, form, site=folder.name, seed=default_seed(edition.name, view.as_of), angles=edition.file.angles)
    outcome = write_article(newsroom, view, order)
    article = outcome.article
    if article is None:
        return None, Played(folder.name, view.as_of, "", "quiet", outcome.quiet.reason if outcome.quiet else "")
    note = "; ".join(f.message for f in article.verdict.findings if f.severity == "block")
    return article, Played(folder.name, view.as_of, article.headline.text, article.verdict.decision, note)


async def _gather_over_http(folder: Path, file: EditionFile, add: Callable[..., None]) -> None:
    """Fetch the edition's payloads from a server on loopback, through the same client as live ones."""
    answers: dict[tuple[str, tuple[tuple[str, str], ...]], bytes] = {}
    asked: dict[str, list[Request]] = {}
    names: dict[tuple[str, tuple[tuple[str, str], ...]], str] = {}
    for source, endpoint, note, path in payload_files(folder, file):
        known = sources()[source].endpoints[endpoint]
        params = tuple(sorted({**known.fixed, **note.params}.items()))
        answers[(known.path, params)] = path.read_bytes()
        asked.setdefault(source, []).append(Request(endpoint, note.params))
        names[(endpoint, tuple(sorted(note.params.items())))] = note.source_name
    if not asked:
        return
    with _serving(answers) as address:
        found = await gather(list(asked), file.assets, lambda: file.as_of, base_urls=dict.fromkeys(asked, address), only=asked)
    for failure in found.failures:
        raise failure
    for payload in found.payloads:
        request = payload.request
        printed = names[(request.endpoint, tuple(sorted(request.params.items())))] or None
        add(parse_payload(payload.source, request.endpoint, request.params, payload.body, payload.fetched_at, printed))


@contextmanager
def _serving(answers: Answers) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = answers.get((parts.path, tuple(sorted(parse_qsl(parts.query)))))
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body if body is not None else json.dumps({"error": "no such payload"}).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the demo tells its own progress."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
