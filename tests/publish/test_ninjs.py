"""ninjs of real articles against the IPTC's own schema, and what it says of held ones and of newer versions."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from desk import EDITIONS, written

sys.path.insert(0, str(Path(__file__).parent))

from fake_site import BEFORE, Answered, Asked, FakeSite, Shown, serving
from matrix import Rehearsal, every_fault, every_step, versions

from newsgen.publish import SiteInfo, Target, to_ninjs
from newsgen.story import Article, Text, Verdict
from newsgen.target_settings import NinjsSettings

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


def test_a_table_is_prose_where_there_is_no_html() -> None:
    plain, html = item(versions()[0])["bodies"]
    assert "BTC: Price $121,467" in plain["value"]
    assert "<table>" in html["value"]


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


# As a target


FIRST, SECOND, THIRD, WITHDRAWN = versions()


class FakeTaker(FakeSite):
    """Takes items by POST, and keeps of each story the highest version."""

    def __init__(self) -> None:
        super().__init__()
        self.state = {}

    def answer(self, asked: Asked) -> Answered:
        if asked.headers.get("authorization") != "Bearer canary-7f3a9c51d2e8":
            return Answered(401, {"error": "no"})
        if asked.method == "HEAD":
            return Answered(405, {})
        data = asked.json
        validator().validate(data)
        kept = self.state.get(data["uri"])
        if kept is None or int(kept["version"]) <= int(data["version"]):
            self.state[data["uri"]] = data
        return Answered(202, b"", {"content-type": "text/plain"})

    def shown(self) -> list[Shown]:
        return [Shown(d["title"], d["bodies"][1]["value"], "") for d in self.state.values()]

    kept = shown


@pytest.fixture
def taker() -> Iterator[FakeTaker]:
    fake = FakeTaker()
    with serving(fake):
        yield fake


def by_post(taker: FakeTaker) -> Target:
    return Target(NinjsSettings(name="wire", url=f"{taker.url}/items", secret_env="WIRE", allow_private=True), SITE)


ENV = {"WIRE": "canary-7f3a9c51d2e8"}


def test_by_post_the_last_version_stands_once_after_any_death_and_any_fault(taker: FakeTaker, tmp_path: Path) -> None:
    (tmp_path / "deaths").mkdir()
    assert len(every_step(by_post(taker), taker, [FIRST, replace(WITHDRAWN, version=2)], env=ENV, folder=tmp_path / "deaths")) > 10
    taker.thaw({})
    faults = (*BEFORE[:3], "lost", "504 after", "lost after")
    assert len(every_fault(by_post(taker), taker, [FIRST, SECOND], faults, env=ENV, folder=tmp_path)) == 2 * len(faults)


def test_by_post_each_version_says_what_became_of_the_story(taker: FakeTaker, tmp_path: Path) -> None:
    desk, told = Rehearsal(by_post(taker), taker, ENV, tmp_path), []
    for article in versions():
        desk.publish(article)
        (data,) = taker.state.values()
        told.append((data["version"], data["pubStatus"], data.get("edNote", "")[:10], data["firstCreated"]))
    first = "2025-07-14T12:02:00Z"
    assert told == [("1", "usable", "", first), ("2", "usable", "", first), ("3", "usable", "Correction", first),
                    ("4", "canceled", "This artic", first)]  # fmt: skip


def in_folder(folder: Path) -> Target:
    return Target(NinjsSettings(name="wire", path=str(folder / "wire")), SITE)


def test_in_a_folder_a_story_has_one_file_and_the_last_version_stays(taker: FakeTaker, tmp_path: Path) -> None:
    desk = Rehearsal(in_folder(tmp_path), taker, {}, tmp_path)
    for article in (FIRST, SECOND, THIRD):
        desk.publish(article)
    (path,) = (tmp_path / "wire").iterdir()
    data = json.loads(path.read_text("utf-8"))
    validator().validate(data)
    assert (data["version"], data["pubStatus"]) == ("3", "usable")
    assert data["edNote"].startswith("Correction")
    assert "<table>" in data["bodies"][1]["value"]
    desk.publish(WITHDRAWN)
    assert json.loads(path.read_text("utf-8"))["pubStatus"] == "canceled"
    path.write_text(json.dumps({"version": "9"}), "utf-8")
    assert desk.resend() == "confirmed"
    assert json.loads(path.read_text("utf-8")) == {"version": "9"}  # an older one that comes late changes nothing


def test_a_check_says_whether_it_could_be_sent(taker: FakeTaker, tmp_path: Path) -> None:
    found = {f.what: f for f in Rehearsal(by_post(taker), taker, ENV, tmp_path).check()}
    assert found["address"].fine
    assert taker.state == {}
    wrong = {f.what: f for f in Rehearsal(by_post(taker), taker, {"WIRE": "wrong-token"}, tmp_path).check()}
    assert "token" in wrong["address"].message
    assert Rehearsal(in_folder(tmp_path), taker, {}, tmp_path).check()[0].fine
    (tmp_path / "wire").write_text("a file", "utf-8")
    assert not Rehearsal(in_folder(tmp_path), taker, {}, tmp_path).check()[0].fine
