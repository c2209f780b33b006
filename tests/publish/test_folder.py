"""The folder as a site: files, feed, hostile text, repetition."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from desk import written

from newsgen.publish import Printed, SiteInfo, article_page, markdown
from newsgen.publish._feeds import rss
from newsgen.publish._site import write_site
from newsgen.story import Article, SourceCredit, Text

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
