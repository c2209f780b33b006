"""The feeds and sitemaps of a site: by a feed parser, by schemas, and what stays and moves over the life of a story."""

from __future__ import annotations

import io
import json
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from jsonschema import Draft202012Validator
from lxml import etree

from newsgen.publish import Printed, SiteInfo
from newsgen.publish._feeds import atom, json_feed, rss
from newsgen.publish._site import write_site
from newsgen.story import Text

sys.path.insert(0, str(Path(__file__).parent))
from made_site import MORNING, NOTE, SITE, corrected, later, put, showcase, story, withdrawn

SCHEMAS = Path(__file__).parent / "schemas"
ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
XML = {"rss.xml": rss, "atom.xml": atom}


def _parsed(data: bytes) -> Any:
    found = feedparser.parse(io.BytesIO(data))
    assert not found.bozo, found.get("bozo_exception")
    return found


def _feeds(root: Path) -> Mapping[str, Any]:
    return {name: _parsed((root / name).read_bytes()) for name in XML}


@pytest.mark.parametrize("name", XML)
def test_a_feed_parser_reads_every_story_of_the_feed(name: str) -> None:
    data = (showcase() / name).read_bytes()
    feed = _parsed(data)
    assert feed.version == {"rss.xml": "rss20", "atom.xml": "atom10"}[name]
    assert feed.feed.title == "Desk & Co"
    assert {(link.rel, link.href) for link in feed.feed.links} >= {
        ("self", f"https://news.example/{name}"), ("hub", "https://hub.example/"), ("alternate", "https://news.example/"),
    }  # fmt: skip
    assert len(feed.entries) == 8
    assert len({e.id for e in feed.entries}) == 8
    changed = [e.updated_parsed for e in feed.entries]
    assert changed == sorted(changed, reverse=True)
    for entry in feed.entries:
        assert entry.id.startswith("urn:uuid:")
        assert entry.link.startswith("https://news.example/articles/")
        assert entry.content[0].value.startswith("<p>")
        assert entry.title and entry.summary and entry.published_parsed


def test_rss_has_a_guid_that_is_no_address_whole_text_author_and_picture() -> None:
    channel = ET.parse(showcase() / "rss.xml").getroot().find("channel")
    assert channel is not None
    assert channel.findtext("ttl")
    items = channel.findall("item")
    for item in items:
        guid = item.find("guid")
        assert guid is not None
        assert guid.attrib == {"isPermaLink": "false"}
        assert item.findtext("{http://purl.org/dc/elements/1.1/}creator") == "Desk & Co, Markets desk"
        assert item.findtext(f"{ATOM}updated")
        assert "Information only" in (item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") or "")
    pictures = [item.find("{http://search.yahoo.com/mrss/}content") for item in items]
    assert sum(p is not None for p in pictures) == len(items) - 1  # a withdrawn story has none
    assert all(p is None or p.attrib["url"].endswith("/card.png") for p in pictures)


def test_the_json_feed_keeps_its_schema_and_names_its_hub() -> None:
    feed = json.loads((showcase() / "feed.json").read_bytes())
    schema = json.loads((SCHEMAS / "jsonfeed-1.1.own.schema.json").read_bytes())
    checker = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [f"{e.json_path}: {e.message}" for e in checker.iter_errors(feed)] == []
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]
    assert all(isinstance(item["id"], str) and item["date_published"].endswith("Z") for item in feed["items"])


def test_the_ninjs_of_every_story_keeps_its_schema() -> None:
    schema = json.loads((SCHEMAS / "ninjs-schema_3.1.json").read_bytes())
    checker = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    found = sorted(showcase().glob("articles/*/ninjs.json"))
    assert len(found) == 8
    for path in found:
        assert [f"{path.parent.name}: {e.json_path}: {e.message}" for e in checker.iter_errors(json.loads(path.read_bytes()))] == []


@pytest.mark.parametrize("name", ["sitemap.xml", "sitemap-news.xml"])
def test_a_sitemap_keeps_its_schema(name: str) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "newssitemap.own.xsd"))
    document = etree.parse(showcase() / name)
    assert schema.validate(document), schema.error_log
    assert all(loc.text.startswith("https://news.example/") for loc in document.iter("{*}loc"))


def test_a_story_keeps_its_id_and_first_date_whatever_its_versions_say(tmp_path: Path) -> None:
    put(tmp_path, story(1))
    ids = {name: f.entries[0].id for name, f in _feeds(tmp_path).items()}
    new = later(story(1), hours=3, text="Other words, and another headline.")
    put(tmp_path, replace(new, slug="another-slug", headline=Text("Another headline")))
    for name, feed in _feeds(tmp_path).items():
        [entry] = feed.entries
        assert entry.id == ids[name]
        assert entry.title == "Another headline"
        assert entry.link == "https://news.example/articles/story-1/"
        assert entry.published_parsed[:4] == (2025, 7, 14, 8)
        assert entry.updated_parsed[:4] == (2025, 7, 14, 11)


def test_a_correction_is_told_in_the_text(tmp_path: Path) -> None:
    put(tmp_path, story(1))
    put(tmp_path, corrected(story(1)))
    for feed in _feeds(tmp_path).values():
        assert feed.entries[0].content[0].value.startswith(f"<p><em>{NOTE}</em></p>")
    assert not list(ET.parse(tmp_path / "atom.xml").getroot().iter(TOMBSTONE))


def test_a_withdrawn_story_stays_as_its_notice_and_atom_calls_it_deleted(tmp_path: Path) -> None:
    put(tmp_path, story(1))
    put(tmp_path, withdrawn(story(1)))
    before = f"urn:uuid:{Printed.of(story(1)).story_id}"
    for feed in _feeds(tmp_path).values():
        [entry] = feed.entries
        assert entry.id == before
        assert entry.summary == "Its figures were wrong."
        assert entry.content[0].value.startswith("<p><em>Its figures were wrong.</em></p>")
    [gone] = ET.parse(tmp_path / "atom.xml").getroot().iter(TOMBSTONE)
    assert gone.attrib == {"ref": before, "when": "2025-07-14T09:00:00Z"}
    [item] = json.loads((tmp_path / "feed.json").read_bytes())["items"]
    assert item["_newsgen"]["event"] == "retracted"


def test_the_news_sitemap_has_the_last_two_days_by_their_first_date(tmp_path: Path) -> None:
    for number, hours in enumerate((0, 30, 47, 80), start=1):
        put(tmp_path, story(number, hours=hours, subject=f"A{number}"))
    put(tmp_path, later(story(3, hours=47), hours=1, text="Other words."))
    names = {"news": "http://www.google.com/schemas/sitemap-news/0.9", "": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    urls = ET.parse(tmp_path / "sitemap-news.xml").getroot().findall("url", names)
    told = {(u.findtext("loc", "", names).split("/")[-2], u.findtext("news:news/news:publication_date", "", names)) for u in urls}
    assert told == {("story-3", "2025-07-16T07:00:00Z"), ("story-4", "2025-07-17T16:00:00Z")}  # 80 - 30 hours are more than two days
    assert urls[0].findtext("news:news/news:publication/news:name", "", names) == "Desk & Co"
    assert urls[0].findtext("news:news/news:publication/news:language", "", names) == "en"
    assert urls[0].findtext("news:news/news:title", "", names) == "The headline of story 4"


@pytest.mark.parametrize("language", ["en", "en-GB", "de"])
def test_the_news_sitemap_names_a_language_of_two_letters(language: str, tmp_path: Path) -> None:
    put(tmp_path, story(1), SITE.model_copy(update={"language": language}))
    assert f"<news:language>{language[:2]}</news:language>" in (tmp_path / "sitemap-news.xml").read_text("utf-8")


@pytest.mark.parametrize("feed", [rss, atom, json_feed])
def test_a_feed_without_stories_or_address_is_a_feed(feed: Any) -> None:
    site = SiteInfo(title="New & empty")
    data = feed([], site)
    if feed is json_feed:
        assert json.loads(data)["items"] == []
    else:
        assert _parsed(data).feed.title == "New & empty"
        assert _parsed(data).entries == []
    assert b"https://localhost/" in data
    assert feed([], site) == data


def test_a_feed_changes_only_when_a_story_does(tmp_path: Path) -> None:
    put(tmp_path, story(1))
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in (*XML, "feed.json")}
    put(tmp_path, story(1))
    assert before == {name: (tmp_path / name).stat().st_mtime_ns for name in (*XML, "feed.json")}


HOSTILE = ["<b>]]>&amp;\u0007", "\ufffe \u0000 \u202e alone", "\"'><script>alert(1)</script>"]


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_hostile_text_leaves_every_feed_whole_and_runs_nowhere(hostile: str, tmp_path: Path) -> None:
    bad = replace(story(1), headline=Text(hostile), dek=Text(hostile), tags=(hostile,), key_points=())
    put(tmp_path, bad, SITE.model_copy(update={"title": "<i>&"}))
    meant = Printed.of(bad).headline.text
    for feed in _feeds(tmp_path).values():
        assert "script" not in str(feed.entries[0].get("content")).lower()
    assert ET.parse(tmp_path / "rss.xml").getroot().findtext("channel/item/title", "").strip() == meant
    assert ET.parse(tmp_path / "atom.xml").getroot().findtext(f"{ATOM}entry/{ATOM}title", "").strip() == meant
    assert json.loads((tmp_path / "feed.json").read_bytes())["items"][0]["title"] == meant
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "newssitemap.own.xsd"))
    assert schema.validate(etree.parse(tmp_path / "sitemap-news.xml"))


def test_a_moment_of_another_zone_is_told_in_utc(tmp_path: Path) -> None:
    """01:30 in Berlin on August 1st is still July in UTC."""
    told = json.dumps(story(1).as_json() | {"written_at": "2025-08-01T01:30:00+02:00", "as_of": "2025-08-01T01:30:00+02:00"})
    write_site(tmp_path, Printed.read(told), told, SITE)
    [item] = json.loads((tmp_path / "feed.json").read_bytes())["items"]
    assert (item["date_published"], item["_newsgen"]["as_of"]) == ("2025-07-31T23:30:00Z", "2025-07-31T23:30:00Z")
    assert (tmp_path / "archive" / "2025-07" / "index.html").is_file()
    assert not (tmp_path / "archive" / "2025-08").exists()


def test_first_and_last_date_are_told_with_their_zone() -> None:
    article = Printed.of(story(1)).model_copy(update={"published_at": MORNING, "modified_at": datetime(2025, 7, 15, 9, 30, tzinfo=UTC)})
    assert b"<pubDate>Mon, 14 Jul 2025 08:00:00 +0000</pubDate>" in rss([article], SITE)
    assert b"<updated>2025-07-15T09:30:00Z</updated>" in atom([article], SITE)
