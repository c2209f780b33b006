"""The folder as a target: files, repetition, hostile text, hubs that are told, and what a check says of it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from desk import written

from newsgen.errors import PublishUnavailable
from newsgen.publish import Printed, SiteInfo, Target, article_page, markdown
from newsgen.publish._feeds import rss
from newsgen.publish._files import write
from newsgen.publish._publisher import Parcel
from newsgen.publish._site import write_site
from newsgen.publish._wire import Wire
from newsgen.publish.folder import PUBLISHER
from newsgen.story import Article, Receipt, SourceCredit, Text
from newsgen.target_settings import FolderSettings

sys.path.insert(0, str(Path(__file__).parent))
from made_site import later, story

SITE = SiteInfo(title="Desk & Co", base_url="https://news.example", legal_foot="A legal foot.")
HOSTILE = ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>', "[gallery] ]]> &amp; 'x'", "\u202eevil\u200b\x07"]


def _article(name: str = "2025-07-14-squeeze") -> Article:
    article = written(name).article
    assert article is not None
    return article


def _write(root: Path, article: Article) -> str:
    return write_site(root, Printed.of(article), article.dumps(), SITE)


def _files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_an_article_becomes_page_markdown_json_front_page_and_feed(tmp_path: Path) -> None:
    where = _write(tmp_path, _article())
    page = (tmp_path / where / "index.html").read_text("utf-8")
    for part in (
        _article().headline.text,
        "Data as of".lower()[:4],
        "figures published by AInvest",
        "not investment advice",
        "A legal foot.",
    ):
        assert part in page
    assert _article().headline.text in (tmp_path / "index.html").read_text("utf-8")
    assert json.loads((tmp_path / where / "article.json").read_text("utf-8"))["id"] == _article().id
    assert len(page.encode()) < 100_000
    assert page.count("<script") == 1  # JSON-LD only


def test_the_same_article_again_changes_no_byte(tmp_path: Path) -> None:
    _write(tmp_path, _article())
    before = _files(tmp_path)
    _write(tmp_path, _article())
    assert _files(tmp_path) == before


def test_a_new_version_keeps_slug_and_guid(tmp_path: Path) -> None:
    first = _write(tmp_path, _article())
    second = replace(_article(), version=2, id="7" * 36, slug="another-slug", headline=Text("Another headline of the story"))
    assert _write(tmp_path, second) == first
    page = (tmp_path / first / "index.html").read_text("utf-8")
    assert "Another headline of the story" in page
    feed = ET.fromstring((tmp_path / "rss.xml").read_bytes())
    assert len(feed.findall("channel/item")) == 1


def test_what_nobody_can_make_again_is_on_the_disk_by_its_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut after the receipt loses neither the bytes nor the entry of the folder that names them."""
    waited: list[bool] = []
    sync = os.fsync

    def noted(handle: int) -> None:
        waited.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    assert write(tmp_path / "a" / "article.json", "{}", lasting=True)
    assert waited == [False, True]
    assert write(tmp_path / "index.html", "<p>")
    assert waited == [False, True]


def test_an_older_version_does_not_replace_a_newer_one(tmp_path: Path) -> None:
    _write(tmp_path, replace(_article(), version=2, id="7" * 36))
    before = _files(tmp_path)
    _write(tmp_path, _article())
    assert _files(tmp_path) == before


def test_paths_hold_nothing_but_letters_digits_and_dashes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="slug"):
        _write(tmp_path, replace(_article(), slug="../../etc/passwd"))
    assert not list(tmp_path.rglob("passwd"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_executes_nowhere_and_is_not_lost(hostile: str) -> None:
    article = _article()
    paragraphs = (replace(article.paragraphs[0], body=Text(hostile)), *article.paragraphs[1:])
    bad = replace(article, headline=Text(hostile), dek=Text(hostile), key_points=(Text(hostile),), paragraphs=paragraphs, tags=(hostile,),
                  disclosure=hostile, sources=(SourceCredit(hostile, "javascript:alert(1)", article.as_of),))  # fmt: skip
    printed = Printed.of(bad)
    page = article_page(printed, SITE)
    assert "<img" not in page
    assert "javascript:" not in page
    assert re.findall(r"<script[^>]*>", page) == ['<script type="application/ld+json">']
    ld = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert ld
    assert json.loads(ld.group(1))["headline"] == printed.headline.text
    feed = ET.fromstring(rss([printed], SITE))
    assert feed.findtext("channel/item/title") == printed.headline.text
    for text in (page, markdown(printed), rss([printed], SITE).decode()):
        assert "\u202e" not in text
        assert "\u200b" not in text
        assert "\x07" not in text
    assert "<script>" not in markdown(printed)


def test_an_alert_without_dek_is_described_by_its_sentence() -> None:
    alert = written("2025-07-14-squeeze", "flash", 1).article
    assert alert is not None
    assert alert.dek.text == ""
    printed = Printed.of(alert)
    assert printed.summary == alert.paragraphs[0].body.text
    assert f'<meta name="description" content="{printed.summary}">' in article_page(printed, SiteInfo())


# As a target


class Hub:
    """A WebSub hub on a real socket: what it was told, and how it answers."""

    def __init__(self) -> None:
        self.told: list[dict[str, list[str]]] = []
        self.status = 202
        self.url = ""

    def topics(self) -> list[str]:
        topics = [form["hub.url"][0].rsplit("/", 1)[1] for form in self.told]
        self.told.clear()
        return sorted(topics)


def _handler(hub: Hub) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["content-type"] == "application/x-www-form-urlencoded"
            hub.told.append(parse_qs(self.rfile.read(int(self.headers["content-length"])).decode()))
            self.send_response(hub.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def _hub() -> Iterator[Hub]:
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _target(root: Path, *hubs: str, site: SiteInfo = SITE) -> Target:
    return Target(FolderSettings(name="site", path=str(root), hubs=hubs, allow_private=True), site)


def _send(target: Target, article: Article) -> Receipt:
    wire = Wire("site", article.slug, lambda: datetime.now(UTC), allow_private=True)
    parcel = Parcel(Printed.of(article), article.dumps(), "m", 1)
    return asyncio.run(PUBLISHER.send(parcel, PUBLISHER.format(parcel, target), target, wire))


def test_a_receipt_names_address_and_slug(tmp_path: Path) -> None:
    receipt = _send(_target(tmp_path), story(1))
    assert (receipt.state, receipt.remote_id, receipt.url) == ("confirmed", "story-1", "https://news.example/articles/story-1/")
    assert receipt.message == ""


def test_hubs_are_told_once_of_each_feed_that_has_changed(tmp_path: Path) -> None:
    with _hub() as hub:
        target = _target(tmp_path, hub.url)
        _send(target, story(1))
        assert all(form["hub.mode"] == ["publish"] for form in hub.told)
        assert {form["hub.url"][0] for form in hub.told} >= {"https://news.example/rss.xml"}
        assert hub.topics() == ["atom.xml", "feed.json", "rss.xml"]
        _send(target, story(1))
        assert hub.topics() == []
        _send(target, later(story(1)))  # no other words: only JSON Feed says which version it is
        assert hub.topics() == ["feed.json"]


def test_a_hub_that_fails_is_told_of_in_the_receipt_and_fails_no_article(tmp_path: Path) -> None:
    with _hub() as hub, _hub() as other:
        hub.status = 503
        receipt = _send(_target(tmp_path, hub.url, "http://127.0.0.1:1/", other.url), story(1))
        assert receipt.state == "confirmed"
        assert receipt.message.count(f"hub {hub.url}: ") == 3
        assert receipt.message.count("hub http://127.0.0.1:1/: no connection") == 3
        assert other.topics() == ["atom.xml", "feed.json", "rss.xml"]


def test_a_process_that_died_before_it_told_the_hubs_is_made_good(tmp_path: Path) -> None:
    write_site(tmp_path, Printed.of(story(1)), story(1).dumps(), SITE)
    with _hub() as hub:
        _send(_target(tmp_path, hub.url), story(1))
        assert hub.topics() == ["atom.xml", "feed.json", "rss.xml"]


def test_a_process_that_died_while_it_told_the_hubs_is_made_good(tmp_path: Path) -> None:
    class Death(BaseException):
        """The process dies here."""

    def die(point: str) -> None:
        raise Death

    with _hub() as hub:
        target, article = _target(tmp_path, hub.url), story(1)
        parcel = Parcel(Printed.of(article), article.dumps(), "m", 1)
        dying = Wire("site", article.slug, lambda: datetime.now(UTC), allow_private=True, at=die)
        with pytest.raises(Death):
            asyncio.run(PUBLISHER.send(parcel, PUBLISHER.format(parcel, target), target, dying))
        assert hub.topics() == []
        _send(target, article)
        assert hub.topics() == ["atom.xml", "feed.json", "rss.xml"]


def test_the_settings_of_the_folder_reach_its_pages(tmp_path: Path) -> None:
    own = {"logo": "https://news.example/l.png", "corrections_policy": "https://news.example/c", "subscribe": "https://news.example/s"}
    settings = FolderSettings.model_validate({"name": "site", "path": str(tmp_path), **own})
    _send(Target(settings, SITE), story(1))
    page = (tmp_path / "articles" / "story-1" / "index.html").read_text("utf-8")
    assert all(address in page for address in own.values())


def test_a_folder_that_cannot_be_written_is_worth_another_try(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PublishUnavailable, match="cannot write"):
        _send(_target(tmp_path / "file"), story(1))


def test_a_check_says_what_the_site_lacks_and_writes_nothing(tmp_path: Path) -> None:
    wire = Wire("site", "", lambda: datetime.now(UTC))
    found = asyncio.run(PUBLISHER.check(_target(tmp_path / "new"), wire))
    assert [(f.what, f.fine) for f in found] == [("folder", True), ("address", True)]
    (tmp_path / "file").write_text("in the way")
    bare = _target(tmp_path / "file" / "site", "https://hub.example/", site=SiteInfo())
    found = asyncio.run(PUBLISHER.check(bare, wire))
    assert [(f.what, f.fine) for f in found] == [("folder", False), ("address", False), ("hubs", False)]
    assert "base_url" in found[1].message
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
