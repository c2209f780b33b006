"""Any CMS by a mapping: the examples of docs/cms.md against Directus, Strapi and Wagtail; once, and the right version last."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

sys.path.insert(0, str(Path(__file__).parent))

from fake_cms import TOKEN, FakeCms, FakeDirectus, FakeStrapi, FakeWagtail
from fake_site import AFTER, BEFORE, serving
from matrix import Rehearsal, every_fault, every_step, versions

from newsgen.expressions import EXAMPLES, FILTERS, fill, problem_of
from newsgen.publish import SiteInfo, Target
from newsgen.publish._fields import values_of
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Parcel
from newsgen.story import Text
from newsgen.target_settings import CmsSettings

DOCS = (Path(__file__).parents[2] / "docs" / "cms.md").read_text("utf-8")
ENV = {"NEWSGEN_CMS_TOKEN": TOKEN}
FIRST, SECOND, THIRD, WITHDRAWN = versions()
WRITES = ("POST", "PUT", "PATCH", "DELETE")
SITES = {"directus": FakeDirectus, "strapi": FakeStrapi, "wagtail": FakeWagtail}


def example(name: str) -> dict[str, Any]:
    """A target as the documentation shows it."""
    found = (tomllib.loads(text)["targets"][0] for text in re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL))
    return next(values for values in found if values["name"] == name)


def target(name: str, site: FakeCms, **more: Any) -> Target:
    settings = CmsSettings.model_validate({**example(name), "url": site.url, "allow_private": True, **more})
    return Target(settings, SiteInfo(title="Markets Daily"))


@pytest.fixture(params=SITES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def site(name: str) -> Iterator[FakeCms]:
    fake = SITES[name]()
    with serving(fake):
        yield fake


@pytest.fixture
def directus() -> Iterator[FakeDirectus]:
    fake = FakeDirectus()
    with serving(fake):
        yield fake


def desk_of(name: str, site: FakeCms, folder: Path, **more: Any) -> Rehearsal:
    return Rehearsal(target(name, site, **more), site, ENV, folder)


# Once


def test_every_version_stands_there_once_and_last(name: str, site: FakeCms, tmp_path: Path) -> None:
    desk = desk_of(name, site, tmp_path)
    for article in versions():
        desk.publish(article)
        assert [p.title for p in site.shown()] == [article.headline.text]
    assert "has been withdrawn" in site.the_article()["body"]
    assert "83%" not in site.the_article()["body"]
    assert len({row["remote_id"] for row in desk.rows()}) == 1


def test_there_is_one_article_after_a_death_at_any_step(directus: FakeDirectus, tmp_path: Path) -> None:
    assert len(every_step(target("directus", directus), directus, [FIRST, SECOND], env=ENV, folder=tmp_path)) > 15


@pytest.mark.slow
def test_there_is_one_article_after_a_death_at_any_step_of_any_version(name: str, site: FakeCms, tmp_path: Path) -> None:
    assert len(every_step(target(name, site), site, versions(), env=ENV, folder=tmp_path)) > 20


def test_there_is_one_article_after_a_fault_at_any_write(name: str, site: FakeCms, tmp_path: Path) -> None:
    faults = ("lost", "504 after", "200 page")
    assert len(every_fault(target(name, site), site, [FIRST], faults, env=ENV, folder=tmp_path, only=WRITES)) >= len(faults)


@pytest.mark.slow
def test_there_is_one_article_after_a_fault_at_any_request_of_any_version(name: str, site: FakeCms, tmp_path: Path) -> None:
    done = every_fault(target(name, site), site, versions(), (*BEFORE, *AFTER), env=ENV, folder=tmp_path, only=("GET", *WRITES))
    assert len(done) > 80


@pytest.mark.slow
def test_the_next_version_takes_over_from_a_death_at_any_step(name: str, site: FakeCms, tmp_path: Path) -> None:
    assert len(every_step(target(name, site), site, versions(), env=ENV, folder=tmp_path, overtaken=True)) > 15


def test_an_article_that_came_in_late_is_adopted(name: str, site: FakeCms, tmp_path: Path) -> None:
    desk = desk_of(name, site, tmp_path)
    desk.save(FIRST)
    create = f"POST {example(name)['create'].split()[1]}"
    site.faults = {create: "held"}
    desk.send()
    late, site.held = site.held, []
    desk.clock.now += timedelta(minutes=10)
    done = site.answer

    def meanwhile(asked: Any) -> Any:
        if asked.method == "POST":
            site.answer = done  # type: ignore[method-assign]
            site.answer(late[0])
        return done(asked)

    site.answer = meanwhile  # type: ignore[method-assign]
    assert desk.drive() == "confirmed"
    assert [p.title for p in site.shown()] == [FIRST.headline.text]


def test_somebody_elses_article_with_the_same_slug_is_left_alone(tmp_path: Path) -> None:
    with serving(FakeWagtail()) as site:
        assert isinstance(site, FakeWagtail)
        site.add({"external_id": "other", "title": "Theirs", "slug": FIRST.slug, "body": "<p>Theirs</p>"})
        assert "none of ours" in desk_of("wagtail", site, tmp_path).refused(FIRST)
        assert site.the_article()["title"] == "Theirs"


@pytest.mark.parametrize("others", [3, 40])
def test_a_look_up_that_filters_nothing_touches_nobodys_articles(directus: FakeDirectus, tmp_path: Path, others: int) -> None:
    directus.knows_filters = False
    for number in range(others):
        directus.add({"external_id": f"other-{number}", "title": "Theirs", "body": "<p>Theirs</p>", "teaser": "", "status": "published"})
    desk = desk_of("directus", directus, tmp_path)
    if others > 10:
        assert "does not know the filter" in desk.refused(FIRST)
    else:
        desk.publish(FIRST)
    assert len([a for a in directus.articles.values() if a["title"] == "Theirs"]) == others
    assert not [request for request in directus.asked if request.startswith("DELETE")]
    found = {f.what: f for f in desk.check()}
    assert "does not know the filter" in found["look-up"].message


# What is stored, and what people do there


def test_a_draft_is_shown_only_after_it_was_read_back(directus: FakeDirectus, tmp_path: Path) -> None:
    desk = desk_of("directus", directus, tmp_path)
    desk.publish(FIRST)
    assert [r.split()[0] for r in directus.asked] == ["GET", "POST", "GET", "PATCH", "GET"]
    assert directus.the_article()["status"] == "published"
    assert directus.the_article()["tags"] == ["record high"]  # a list, not the text of one
    for article in (SECOND, WITHDRAWN):
        desk.publish(article)
    assert directus.the_article()["status"] == "archived"


def test_a_withdrawal_that_hides_an_article_does_not_show_it_again(directus: FakeDirectus, tmp_path: Path) -> None:
    """Also where it is not known whether the first version has arrived."""
    desk = desk_of("directus", directus, tmp_path, withdrawn={"status": "draft"})
    directus.faults = {"POST /items/articles": "504 after"}
    desk.save(FIRST)
    desk.send()
    desk.publish(replace(WITHDRAWN, version=2))
    article = directus.the_article()
    assert (article["title"], article["status"]) == (WITHDRAWN.headline.text, "draft")
    directus.articles.clear()
    (tmp_path / "two").mkdir()
    other = desk_of("directus", directus, tmp_path / "two", withdrawn={"status": "draft"})
    other.publish(FIRST)
    other.publish(replace(WITHDRAWN, version=2))
    assert directus.the_article()["status"] == "draft"


def test_tables_are_prose_where_they_would_collapse(tmp_path: Path) -> None:
    with serving(FakeWagtail()) as site:
        assert isinstance(site, FakeWagtail)
        desk = desk_of("wagtail", site, tmp_path)
        desk.publish(FIRST)
        assert "BTC: Price $121,467" in site.the_article()["body"]
        assert desk.rows()[0]["url"] == f"https://news.example/{FIRST.slug}/"
    with serving(FakeWagtail()) as site:
        (tmp_path / "two").mkdir()
        assert isinstance(site, FakeWagtail)
        assert "did not keep" in desk_of("wagtail", site, tmp_path / "two", html="full").refused(FIRST)


def test_a_body_of_plain_text_is_compared_as_text(directus: FakeDirectus, tmp_path: Path) -> None:
    fields = {**example("directus")["fields"], "body": "{{ body_text }}"}
    desk = desk_of("directus", directus, tmp_path, html="text", fields=fields)
    desk.publish(FIRST)
    assert "<b>product</b> & [caption]" in directus.the_article()["body"]
    assert "<p>" not in directus.the_article()["body"]
    desk.send()
    assert len([r for r in directus.asked if r.startswith("PATCH")]) == 1  # the release: nothing was taken for a change


@pytest.mark.parametrize("field", ["title", "body", "teaser"])
def test_what_a_person_changed_is_not_overwritten(directus: FakeDirectus, tmp_path: Path, field: str) -> None:
    desk = desk_of("directus", directus, tmp_path)
    desk.publish(FIRST)
    directus.the_article()[field] = "My own words"
    assert "somebody has changed it" in desk.refused(SECOND)
    assert directus.the_article()[field] == "My own words"
    assert desk.resend(overwrite=True) == "confirmed"
    assert directus.the_article()[field] != "My own words"


def test_what_is_given_once_stays_as_people_have_it(directus: FakeDirectus, tmp_path: Path) -> None:
    desk = desk_of("directus", directus, tmp_path)
    desk.publish(FIRST)
    directus.the_article()["slug"] = "their-slug"
    desk.publish(SECOND)
    assert directus.the_article()["slug"] == "their-slug"


def test_an_article_that_fills_a_field_with_nothing_goes_to_a_person(directus: FakeDirectus, tmp_path: Path) -> None:
    desk = desk_of("directus", directus, tmp_path, fields={**example("directus")["fields"], "title": "{{ tags[0] }}"})
    assert "title cannot be filled" in desk.refused(replace(FIRST, tags=()))
    assert directus.asked == []


@pytest.mark.parametrize(
    ("more", "says"),
    [({"answer": "item"}, "holds no item"), ({"body_field": "teaser", "compared": ["body"], "answer": ""}, "holds no id"),
     ({"id_field": "number"}, "number")],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_the_answers_says_so(directus: FakeDirectus, tmp_path: Path, more: dict[str, Any], says: str) -> None:
    directus.add({"external_id": Printed.of(FIRST).story_id, "title": "x", "body": "", "teaser": "", "status": "draft"})
    assert says in desk_of("directus", directus, tmp_path, **more).refused(FIRST)


def test_the_cms_own_words_and_no_token_stand_in_an_error(name: str, site: FakeCms, tmp_path: Path) -> None:
    desk = Rehearsal(target(name, site), site, {"NEWSGEN_CMS_TOKEN": "wrong-canary-token"}, tmp_path)
    said = desk.refused(FIRST)
    assert re.search("permission|credentials", said)
    assert "canary" not in said


# Is everything there


def test_a_check_looks_up_and_stores_nothing(name: str, site: FakeCms, tmp_path: Path) -> None:
    found = {f.what: f for f in desk_of(name, site, tmp_path).check()}
    assert found["look-up"].fine
    assert [r.split()[0] for r in site.asked] == ["GET"]
    wrong = Rehearsal(target(name, site), site, {"NEWSGEN_CMS_TOKEN": "wrong"}, tmp_path).check()
    assert not {f.what: f for f in wrong}["look-up"].fine


# The mapping


_EMPTY = dict.fromkeys(example("directus")["fields"], "x")
_WRONG = [
    ({"body_field": "text"}, "holds no 'text'"),
    ({"find": "GET /items/articles"}, "find every article"),
    ({"read": "POST /items/{id}"}, "are GET requests"),
    ({"update": "PATCH /items"}, "hold {id}"),
    ({"create": "MAKE /x"}, "is no request"),
    ({"fields": {"title": "{{ headlin }}", "body": "x"}}, "did you mean headline"),
    ({"fields": _EMPTY}, "story_id"),
    ({"fields": {**example("directus")["fields"], "title.sub": "x"}}, "a value and an object at once"),
]


@pytest.mark.parametrize(("more", "says"), _WRONG)
def test_a_mapping_that_cannot_work_is_refused_when_it_is_read(more: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(says)):
        CmsSettings.model_validate({**example("directus"), **more})


def test_the_documented_names_are_those_there_are() -> None:
    tables = DOCS.split("## What a field may hold")[1].split("## Directus")[0]
    rows = [line.split("|")[1] for line in tables.split("\n") if line.startswith("| `")]
    assert {n for row in rows for n in re.findall(r"`(\w+)`", row)} == set(EXAMPLES)
    assert all(f"`{n}`" in tables for n in FILTERS)
    parcel = Parcel(Printed.of(FIRST), "", "msg_1", 1)
    for html in ("full", "simple", "text"):
        given = values_of(parcel, SiteInfo(), html)
        assert {n: type(v) for n, v in given.items()} == {n: type(v) for n, v in EXAMPLES.items()}


@pytest.mark.parametrize(
    "text",
    ["{{ ''.__class__.__mro__ }}", "{{ headline['__class__'] }}", "{% for a in tags %}{% endfor %}", "{{ 'a' * 999999999 }}",
     "{{ 9 ** 9 ** 9 }}", "{{ '%999999999d' % 1 }}", "{{ range(9) }}", "{{ headline.upper() }}", "{{ tags|map('upper') }}",
     "{{ tags.append('x') }}", "{{ body_html|attr('x') }}", "{{ cycler }}", "{{ self }}", "{% include 'x' %}", "{{ headline",
     "{{ 1 // 0 }}", "{{ x }}" * 999],
)  # fmt: skip
def test_an_expression_reaches_nothing_but_the_article(text: str) -> None:
    assert problem_of(text)


def test_a_text_cannot_be_made_to_grow_without_end() -> None:
    values = {**EXAMPLES, "body_html": "e" * 20_000}
    with pytest.raises(ValueError, match="longer"):
        fill("{{ body_html|replace('e', body_html) }}", values)
    with pytest.raises(ValueError, match="longer"):
        fill("{{ body_html }}" * 60, values)


def test_a_text_that_is_one_expression_gives_its_value() -> None:
    assert fill("{{ tags }}", EXAMPLES) == ["record high"]
    assert fill(" {{ version }} ", EXAMPLES) == 2
    assert fill("v{{ version }}", EXAMPLES) == "v2"
    assert fill("{{ headline }}", {**EXAMPLES, "headline": Text("<b>").text}) == "<b>"
    assert fill("plain", EXAMPLES) == "plain"
