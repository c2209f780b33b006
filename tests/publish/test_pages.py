"""The page of an article and the pages around it: what stands on them, what their heads say, and how much there is to load."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from newsgen.discover import templates_root
from newsgen.publish import Printed, SiteInfo, article_page
from newsgen.publish._glossary import glossary_of, topic_of
from newsgen.story import Text

sys.path.insert(0, str(Path(__file__).parent))
from made_site import CHART, NOTE, SITE, corrected, put, sample, showcase, story

VOCABULARY = json.loads((Path(__file__).parent / "schemas" / "schema_org.own.json").read_bytes())


def _pages() -> Iterator[tuple[str, str]]:
    for path in sorted(showcase().rglob("*.html")):
        yield str(path.relative_to(showcase())), path.read_text("utf-8")


def _wrap_page() -> str:
    """The article with two charts and a table of prices."""
    [found] = [text for _, text in _pages() if "<table>" in text and CHART.title in text]
    return found


def _meta(page: str, name: str) -> list[str]:
    return re.findall(rf'<meta (?:property|name)="{re.escape(name)}" content="([^"]*)">', page)


def _json_ld(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert isinstance(data, dict)
    return data


# What stands on the page


def test_an_article_has_all_its_furniture_in_its_order() -> None:
    page = _wrap_page()
    places = [
        'class="eyebrow"', "<h1>", 'class="dek"', "By <b>newsgen</b>, Markets desk", "Published <time", "Data as of <time", "min read",
        'class="chips"', 'class="points"', 'class="lede"', '<figure class="chart">', "<figcaption>", "<table>",
        "<h2>Sources</h2>", "<h2>How it was made</h2>", "not investment advice", "Explained: ", "The day in one mail", "Related</h2>",
        "A legal foot.",
    ]  # fmt: skip
    found = [page.find(part) for part in places]
    assert -1 not in found, places[found.index(-1)]
    assert found == sorted(found)
    assert "8:02 a.m. ET (12:02 UTC)" in page


def test_chips_show_price_and_change_as_the_article_prints_them() -> None:
    page = article_page(Printed.of(sample("2024-08-05-crash")), SITE)
    chips = re.findall(r"<span><b>(\w+)</b>\s*(\$[\d,.]+)?\s*(?:<span class=\"(up|down)\">([^<]*)</span>)?", page)
    assert chips[:3] == [("BTC", "$54,019", "down", "−7.1%"), ("ETH", "$2,420", "down", "−10%"), ("SOL", "", "down", "−6.2%")]


def test_a_chip_shows_the_newest_of_two_prices_whichever_is_printed_first() -> None:
    data = sample().as_json()
    now = next(k for k, f in data["figures"].items() if (f["name"], f["subject"]) == ("price.last", "BTC"))
    data["figures"]["f99"] = {**data["figures"][now], "value": "119182", "observed_at": "2025-07-14T03:02:00Z"}
    data["dek"] = {"text": "From $119,182 it rose", "spans": [{"start": 5, "end": 13, "figure": "f99"}]}
    assert Printed.read(json.dumps(data)).quotes[0].price == "$121,467"


def test_a_chart_stands_in_the_page_behind_the_second_paragraph() -> None:
    page = article_page(Printed.of(replace(sample(), charts=(CHART, replace(CHART, kind="table")))), SITE)
    second, third = (sample().paragraphs[i].body.text[:40] for i in (1, 2))
    assert page.index(second) < page.index("<svg") < page.index(third)
    assert page.count("<svg") == 1  # a table is on the page as a table
    assert '<figcaption><span class="unseen">Bitcoin, price over 24 hours.</span> Binance spot, as of July 14, 2025</figcaption>' in page


def test_a_page_that_stands_alone_leads_nowhere_and_is_whole() -> None:
    page = article_page(Printed.of(sample()), SiteInfo())
    ways = [w for w in re.findall(r'href="([^"]*)"', page) if not w.startswith("http")]
    assert ways == []
    for part in ("<h1>", "Data as of", "Sources", "not investment advice"):
        assert part in page


def test_a_correction_without_a_site_is_on_the_page_too() -> None:
    page = article_page(Printed.of(corrected(story(1))), SITE)
    assert f'<p class="correction">{NOTE}' in page
    assert _json_ld(page)["correction"] == [{"@type": "CorrectionComment", "text": NOTE, "datePublished": "2025-07-14T09:00:00Z"}]


def test_the_newsletter_box_is_there_where_the_desk_gives_an_address(tmp_path: Path) -> None:
    folder = put(tmp_path, story(1))
    assert '<a class="button" href="https://news.example/newsletter">' in (folder / "index.html").read_text("utf-8")
    folder = put(tmp_path / "without", story(1), SiteInfo())
    assert 'class="button"' not in (folder / "index.html").read_text("utf-8")


def test_an_asset_page_shows_the_newest_price_and_says_of_when() -> None:
    page = (showcase() / "assets/btc/index.html").read_text("utf-8")
    price = re.search(
        r'<p class="price">(\S+) <span class="up">([^<]+)</span></p>\n<p class="updated">As of <time datetime="([^"]+)"', page
    )
    assert price
    assert price.groups() == ("$121,467", "+2.9%", "2025-07-14T16:00:00Z")
    assert "The headline of story 3" in page
    assert "Bitcoin is the first cryptocurrency" in page


# Heads


def test_the_head_of_an_article_is_complete() -> None:
    page = _wrap_page()
    canonical = re.search(r'<link rel="canonical" href="([^"]+)">', page)
    assert canonical
    assert _meta(page, "og:url") == [canonical[1]]
    assert _meta(page, "robots") == ["max-image-preview:large"]
    assert _meta(page, "og:image") == [f"{canonical[1]}card.png"]
    assert (_meta(page, "og:image:width"), _meta(page, "og:image:height")) == (["1200"], ["630"])
    for name in ("description", "og:title", "og:description", "og:site_name", "og:image:alt", "article:section", "article:author"):
        assert len(_meta(page, name)) == 1, name
        assert _meta(page, name)[0], name
    assert _meta(page, "og:type") == ["article"]
    assert _meta(page, "og:locale") == ["en_US"]
    assert _meta(page, "article:published_time") == _meta(page, "article:modified_time") == ["2025-07-14T12:02:00Z"]
    assert _meta(page, "twitter:card") == ["summary_large_image"]
    assert _meta(page, "article:tag")


def test_every_page_has_a_title_a_description_and_an_address_of_its_own() -> None:
    titles, addresses = [], []
    for name, page in _pages():
        title = re.search(r"<title>([^<]+)</title>", page)
        assert title, name
        titles.append(title[1])
        if name != "404.html":
            assert _meta(page, "description"), name
            addresses += re.findall(r'<link rel="canonical" href="([^"]+)">', page)
    assert len(set(titles)) == len(titles)
    assert len(set(addresses)) == len(addresses) == len(titles) - 1
    assert "noindex" in _meta((showcase() / "404.html").read_text("utf-8"), "robots")[0]


def test_a_long_headline_stands_in_the_title_without_the_sites_name() -> None:
    long = "Bitcoin closes the week higher for an eighth time, the longest run since 2023"
    assert f"<title>{long}</title>" in article_page(Printed.of(replace(story(1), headline=Text(long))), SITE)
    assert "<title>The headline of story 1 | Desk &amp; Co</title>" in article_page(Printed.of(story(1)), SITE)


def test_a_site_without_an_address_gives_none_for_one() -> None:
    page = article_page(Printed.of(story(1)), SiteInfo())
    for part in ("canonical", "og:url", "og:image", "mainEntityOfPage"):
        assert part not in page


# JSON-LD


def _faults(node: dict[str, Any], where: str) -> Iterator[str]:
    kind = node.get("@type")
    known = VOCABULARY.get(kind)
    if known is None:
        yield f"{where}: no type {kind}"
        return
    for name, value in node.items():
        if name not in ("@type", "@context"):
            allowed = known.get(name)
            if allowed is None:
                yield f"{where}: {kind} has no {name}"
                continue
            for one in value if isinstance(value, list) else [value]:
                yield from _misfits(one, allowed, f"{where}.{name}")


def _misfits(value: Any, allowed: list[str], where: str) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("@type") not in allowed:
            yield f"{where}: holds a {value.get('@type')}"
        yield from _faults(value, where)
    elif not any(_is(value, kind) for kind in allowed):
        yield f"{where}: {value!r} is none of {allowed}"


def _is(value: Any, kind: str) -> bool:
    if kind in ("boolean", "integer"):
        return type(value) is {"boolean": bool, "integer": int}[kind]
    if not isinstance(value, str) or not value:
        return False
    if kind == "url":
        return urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).netloc)
    return kind == "text" or (kind == "time" and datetime.fromisoformat(value).utcoffset() is not None)


def test_the_data_of_every_page_are_of_the_vocabulary() -> None:
    kinds = set()
    for name, page in _pages():
        if "ld+json" in page:
            data = _json_ld(page)
            assert data["@context"] == "https://schema.org"
            assert list(_faults(data, name)) == []
            kinds.add(data["@type"])
    assert kinds == {"NewsArticle", "WebSite", "DefinedTerm"}


def test_an_articles_data_say_who_when_from_what_and_how() -> None:
    data = _json_ld(_wrap_page())
    assert data["headline"] in _wrap_page()
    assert data["author"] == [{"@type": "Organization", "name": "Desk & Co, Markets desk", "url": "https://news.example/"}]
    assert data["publisher"]["logo"] == {"@type": "ImageObject", "url": "https://news.example/logo.png"}
    assert data["publisher"]["correctionsPolicy"] == "https://news.example/policy"
    assert data["image"][0]["width"] == 1200
    assert data["digitalSourceType"] == "https://schema.org/DataDrivenMediaDigitalSource"
    assert datetime.fromisoformat(data["datePublished"]) == datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
    assert data["mainEntityOfPage"] == data["url"]
    assert data["about"][0] == {"@type": "Thing", "name": "Bitcoin", "alternateName": "BTC"}
    assert data["citation"][:2] == ["Binance spot", "figures published by AInvest"]
    assert "Fund flows: Farside Investors" in data["creditText"]


# What there is to load


def test_no_page_loads_more_than_a_hundred_kilobytes_or_from_elsewhere() -> None:
    for name, page in _pages():
        beside = re.findall(
            r'<(?:img|script|iframe|source)[^>]* src="([^"]+)"|<link rel="(?:stylesheet|preload)"[^>]* href="([^"]+)"', page
        )
        sizes = [((showcase() / name).parent / (src or href)).stat().st_size for src, href in beside]
        assert len(page.encode()) + sum(sizes) < 100_000, name
        assert not any((src or href).startswith("http") for src, href in beside), name


def test_no_page_has_a_script_but_its_data() -> None:
    for name, page in _pages():
        assert set(re.findall(r"<script[^>]*>", page)) <= {'<script type="application/ld+json">'}, name
        assert not re.search(r"\son[a-z]+=", page.split("</style>")[1]), name


# The glossary


def test_the_glossary_has_plain_words_for_each_coin_of_an_edition() -> None:
    coins = glossary_of(templates_root())
    assert set(coins) == {"BTC", "ETH", "SOL", "XRP", "DOGE", "BNB"}
    for coin in coins.values():
        assert 40 <= sum(len(p.split()) for p in coin.paragraphs) <= 120, coin.symbol
        assert len(coin.summary) <= 160
        page = (showcase() / "glossary" / coin.symbol.lower() / "index.html").read_text("utf-8")
        assert coin.paragraphs[0] in page.replace("&#39;", "'")


@pytest.mark.parametrize(("angle", "title"), [("ath", "New all-time high"), ("an_angle_of_the_desk", "An angle of the desk")])
def test_a_topic_is_called_as_its_rule_says(angle: str, title: str) -> None:
    assert topic_of(templates_root(), angle) == title
