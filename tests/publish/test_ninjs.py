"""ninjs of real articles against the IPTC's own schema, and what it says of held ones and of newer versions."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from desk import EDITIONS, written

from newsgen.publish import SiteInfo, to_ninjs
from newsgen.story import Article, Text, Verdict

SITE = SiteInfo(name="main", title="Markets Daily", base_url="https://markets.example/news", desk="Crypto desk", legal_foot="No advice.")


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((Path(__file__).parent / "schemas" / "ninjs-schema_3.1.json").read_text("utf-8"))
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def article_of(name: str = "2025-07-14-squeeze") -> Article:
    article = written(name, "standard", 1).article or written(name, "brief", 1).article
    assert article is not None
    return article


def item(article: Article, site: SiteInfo | None = SITE) -> dict[str, Any]:
    text = to_ninjs(article, site)
    data: dict[str, Any] = json.loads(text)
    validator().validate(data)
    assert not [e.message for e in validator().iter_errors(data)]
    return data


@pytest.mark.parametrize("site", [SITE, None], ids=["with an address", "without"])
@pytest.mark.parametrize("name", EDITIONS)
def test_every_sample_is_valid(name: str, site: SiteInfo | None) -> None:
    data = item(article_of(name), site)
    assert data["standard"] == {"name": "ninjs", "version": "3.1", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"}
    assert data["standard"]["schema"] == validator().schema["$id"]


def test_the_schema_refuses_what_it_does_not_know() -> None:
    """Else the tests above would prove nothing."""
    data = {**item(article_of()), "embargoed": "2025-07-14T12:02:00Z"}
    assert list(validator().iter_errors(data))
    assert list(validator().iter_errors({**item(article_of()), "pubStatus": "cancelled"}))


def test_headline_body_and_how_it_was_made_are_the_articles() -> None:
    article = article_of()
    data = item(article)
    assert data["headlines"][0]["value"] == data["title"] == article.headline.text
    plain, html = data["bodies"]
    assert (plain["contentType"], html["contentType"]) == ("text/plain", "text/html")
    assert plain["value"].split("\n\n")[0] == article.paragraphs[0].body.text
    assert html["value"].startswith("<p>")
    assert plain["charCount"] == len(plain["value"])
    assert data["digitalSourceType"] == {
        "name": "dataDrivenMedia", "uri": "http://cv.iptc.org/newscodes/digitalsourcetype/dataDrivenMedia",
    }  # fmt: skip
    assert {s["name"] for s in data["infoSources"]} == {s.name for s in article.sources}
    assert data["firstCreated"] == data["versionCreated"] == "2025-07-14T12:02:00Z"
    assert data["by"] == "Crypto desk"
    assert data["usageTerms"].startswith("No advice. ")


def test_the_uri_stays_when_version_and_headline_change() -> None:
    article = article_of()
    newer = replace(article, version=2, id="00000000-0000-0000-0000-000000000002", slug="another-slug", headline=Text("Another headline"))
    first, second = item(article), item(newer)
    assert first["uri"] == second["uri"]
    assert first["uri"].startswith("tag:markets.example,2025:")
    assert (first["version"], second["version"]) == ("1", "2")
    assert first["altIds"] != second["altIds"]
    assert "firstCreated" not in second


@pytest.mark.parametrize(("decision", "status"), [("publish", "usable"), ("hold", "withheld"), ("spike", "withheld")])
def test_what_may_not_be_published_says_so(decision: str, status: str) -> None:
    assert item(replace(article_of(), verdict=Verdict(decision)))["pubStatus"] == status  # type: ignore[arg-type]


def test_no_control_characters_reach_the_text() -> None:
    article = replace(article_of(), headline=Text("Rise\u202eesir\x00"))
    assert item(article)["title"] == "Riseesir"
