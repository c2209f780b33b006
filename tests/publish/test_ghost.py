"""Ghost: exactly one post, the right version last, whatever the site does and wherever the process dies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_ghost import DESK, KEY, OWNER, FakeGhost
from fake_site import AFTER, BEFORE, Answered, Asked, serving
from matrix import Rehearsal, every_fault, every_step, versions

from newsgen.publish import Target
from newsgen.publish._body import visible_text
from newsgen.publish._printed import Printed
from newsgen.story import Text
from newsgen.target_settings import GhostSettings

ENV = {"GHOST": KEY}
POSTS = "/ghost/api/admin/posts/"
FIRST, SECOND, THIRD, WITHDRAWN = versions()


@pytest.fixture
def site() -> Iterator[FakeGhost]:
    fake = FakeGhost()
    with serving(fake):
        yield fake


def _target(site: FakeGhost, **more: Any) -> Target:
    return Target(GhostSettings(name="ghost", url=site.url, secret_env="GHOST", allow_private=True, **{"picture": False, **more}))


def _desk(site: FakeGhost, folder: Path, **more: Any) -> Rehearsal:
    return Rehearsal(_target(site, **more), site, ENV, folder)


# Once


def test_there_is_one_post_after_a_death_at_any_step(site: FakeGhost, tmp_path: Path) -> None:
    steps = every_step(_target(site), site, versions(), env=ENV, folder=tmp_path)
    assert {f"1 {w} POST {POSTS}" for w in ("before", "after")} <= set(steps)
    assert {f"{v} after PUT {POSTS}00000000000000000000000b/" for v in (1, 2, 3, 4)} <= set(steps)
    assert len(steps) == 34


def test_there_is_one_post_after_a_fault_at_any_write(site: FakeGhost, tmp_path: Path) -> None:
    faults = ("503 page", "504 after", "cut after", "200 page after")
    done = every_fault(_target(site), site, [FIRST, SECOND], faults, env=ENV, folder=tmp_path)
    assert len(done) == (2 + 1) * 4  # the post, its release; the update


@pytest.mark.slow
def test_there_is_one_post_after_a_fault_at_any_request_of_any_version(site: FakeGhost, tmp_path: Path) -> None:
    asked = ("GET", "POST", "PUT", "DELETE")
    done = every_fault(_target(site, picture=True), site, versions(), (*BEFORE, *AFTER), env=ENV, folder=tmp_path, only=asked)
    assert len(done) > 150


@pytest.mark.slow
def test_the_next_version_takes_over_from_a_death_at_any_step(site: FakeGhost, tmp_path: Path) -> None:
    assert len(every_step(_target(site, picture=True), site, versions(), env=ENV, folder=tmp_path, overtaken=True)) > 20


@pytest.mark.slow
def test_a_withdrawal_takes_over_from_a_death_at_any_step(site: FakeGhost, tmp_path: Path) -> None:
    gone = replace(WITHDRAWN, version=2)
    assert len(every_step(_target(site), site, [FIRST, gone], env=ENV, folder=tmp_path, overtaken=True)) > 8


def test_the_twin_that_a_late_request_makes_is_removed(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.save(FIRST)
    site.faults = {f"POST {POSTS}": "held"}
    desk.send()
    late, site.held = site.held, []
    desk.clock.now += timedelta(minutes=10)
    site.faults = {f"POST {POSTS}": "lost after"}
    desk.send()
    site.held = late
    site.finish_held()
    assert [p["slug"] for p in site.posts.values()] == [FIRST.slug, f"{FIRST.slug}-2"]
    assert desk.drive() == "confirmed"
    assert (site.the_post()["slug"], site.the_post()["status"]) == (FIRST.slug, "published")


def test_a_post_whose_slug_was_changed_is_found_by_its_tag(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.save(FIRST)
    site.faults = {f"POST {POSTS}": "504 after"}
    desk.send()
    site.the_post()["slug"] = "bitcoin-record"
    assert desk.drive() == "confirmed"
    assert site.the_post()["slug"] == "bitcoin-record"


def test_a_redirect_is_not_followed_and_names_where_it_leads(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    site.faults = {f"POST {POSTS}": "redirect"}
    said = desk.refused(FIRST)
    assert "redirects to http://www.news.example" in said
    assert "configure that address" in said
    assert site.posts == {}


# What people did there


@pytest.mark.parametrize("change", [{"html": "<p>My own words</p>"}, {"title": "A better headline"}, {"custom_excerpt": "My own words"}])
def test_what_a_person_changed_is_not_overwritten(site: FakeGhost, tmp_path: Path, change: dict[str, str]) -> None:
    desk = _desk(site, tmp_path)
    desk.publish(FIRST)
    site.the_post().update(change)
    site.touch(site.the_post())
    assert "somebody has changed it" in desk.refused(SECOND)
    assert change.items() <= site.the_post().items()
    assert desk.resend(overwrite=True) == "confirmed"
    assert "fell back" in site.the_post()["html"]


def test_what_a_person_saves_between_our_look_and_our_write_is_not_overwritten(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.publish(FIRST)
    done = site.answer

    def meanwhile(asked: Asked) -> Answered:
        if asked.method == "PUT":
            site.the_post()["html"] = "<p>My own words</p>"
            site.touch(site.the_post())
            site.answer = done  # type: ignore[method-assign]
        return done(asked)

    site.answer = meanwhile  # type: ignore[method-assign]
    assert "somebody has changed it" in desk.refused(SECOND)
    assert site.the_post()["html"] == "<p>My own words</p>"
    assert site.asked.count(f"PUT {POSTS}{site.the_post()['id']}/") == 2  # the release, and the one that collided


def test_a_save_that_changed_no_word_is_no_obstacle(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.publish(FIRST)
    site.the_post()["tags"] = [{"name": "Filed elsewhere"}]
    site.touch(site.the_post())
    desk.publish(SECOND)
    assert "fell back" in site.the_post()["html"]
    assert site.the_post()["tags"] == [{"name": "Filed elsewhere"}]


def test_what_a_person_deleted_or_hid_is_not_published_again(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.publish(FIRST)
    site.the_post()["status"] = "draft"
    site.touch(site.the_post())
    assert "hidden" in desk.refused(SECOND)
    site.posts.clear()
    assert "removed" in desk.refused(THIRD)
    desk.publish(WITHDRAWN)
    assert site.posts == {}


# What is sent


def test_a_post_keeps_address_first_date_and_tags_over_its_versions(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path, tags=("Markets",), authors=("desk@news.example",))
    for article in versions():
        desk.publish(article)
        post = site.the_post()
        assert (post["slug"], post["published_at"], post["status"]) == (FIRST.slug, "2025-07-14T12:02:00.000Z", "published")
        assert [t["name"] for t in post["tags"]] == ["Markets", "record high", f"#newsgen-{Printed.of(FIRST).story_id}"]
        assert post["authors"] == [DESK]
    assert desk.rows()[-1]["url"] == post["url"]


def test_no_request_could_mail_the_members(site: FakeGhost, tmp_path: Path) -> None:
    queries: list[str] = []
    done = site.answer
    site.answer = lambda asked: (queries.extend([*asked.query, asked.body.decode()]), done(asked))[1]  # type: ignore[method-assign,func-returns-value]
    desk = _desk(site, tmp_path)
    for article in versions():
        desk.publish(article)
    assert not any(word in sent for sent in queries for word in ("newsletter", "email"))


def test_hostile_and_long_texts_are_kept_or_cut(site: FakeGhost, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script> \"><img src=x onerror=alert(1)> <!--kg-card-end: html--> AT&T &amp; it's " + "long " * 60
    desk = _desk(site, tmp_path)
    desk.publish(replace(FIRST.with_text("paragraphs[0]", hostile), headline=Text(hostile), dek=Text(hostile)))
    post = site.the_post()
    assert 245 < len(post["title"]) <= 255
    assert 290 < len(post["custom_excerpt"]) <= 300
    assert post["title"].endswith(" long…")  # between words
    assert "<script>alert(1)</script>" in visible_text(post["html"])
    assert not any(raw in post["html"] for raw in ("<script", "<img"))


def test_a_table_that_runs_together_is_found_before_readers_see_it(site: FakeGhost, tmp_path: Path) -> None:
    site.plain = True
    said = _desk(site, tmp_path).refused(FIRST)
    assert "did not keep" in said
    assert site.shown() == []


def test_an_author_whom_the_site_does_not_know_is_named(site: FakeGhost, tmp_path: Path) -> None:
    said = _desk(site, tmp_path, authors=("nobody@news.example",)).refused(FIRST)
    assert "no author nobody@news.example" in said
    assert (site.the_post()["authors"], site.the_post()["status"]) == ([OWNER], "draft")


def test_a_draft_by_somebody_else_is_not_shown_by_a_second_attempt(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path, authors=("nobody@news.example",))
    site.faults = {f"POST {POSTS}": "504 after"}
    assert "no author nobody@news.example" in desk.refused(FIRST)
    assert desk.resend() == "rejected"
    assert (site.the_post()["authors"], site.the_post()["status"]) == ([OWNER], "draft")
    assert desk.resend(overwrite=True) == "confirmed"  # an editor wants it so


# The key and the clock


def test_a_token_is_fresh_in_every_request(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    site.now = desk.clock
    desk.publish(FIRST)
    desk.clock.now += timedelta(days=1)
    desk.publish(SECOND)
    assert "fell back" in site.the_post()["html"]


def test_a_clock_that_is_behind_is_named_after_a_second_try(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    site.now = lambda: desk.clock() + timedelta(minutes=10)
    said = desk.refused(FIRST)
    assert "our clock is 600 seconds behind" in said
    assert site.asked == [f"GET {POSTS}"] * 2


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("5" * 24 + ":" + "ab" * 32, "Unknown Admin API Key"),
        ("6" * 24 + ":" + "cd" * 32, "invalid signature"),
        ("22444f78447824", "id:secret"),
    ],
)
def test_a_wrong_key_is_told(site: FakeGhost, tmp_path: Path, key: str, told: str) -> None:
    desk = _desk(site, tmp_path)
    desk.env = {"GHOST": key}
    assert told in desk.refused(FIRST)
    assert key not in desk.rows()[-1]["problem"]


def test_a_login_that_does_not_arrive_is_told(site: FakeGhost, tmp_path: Path) -> None:
    site.strips_login = True
    assert "Authorization header" in _desk(site, tmp_path).refused(FIRST)


# The picture


def test_the_card_goes_along_and_is_renewed_until_it_is_withdrawn(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path, picture=True)
    desk.publish(FIRST)
    first = site.the_post()["feature_image"]
    assert site.the_post()["feature_image_alt"] == FIRST.headline.text
    desk.publish(SECOND)  # the same headline, the same card
    assert (site.the_post()["feature_image"], len(site.state["images"])) == (first, 1)
    desk.publish(replace(THIRD, headline=Text("Bitcoin falls back")))
    assert site.the_post()["feature_image"] != first
    desk.publish(WITHDRAWN)
    assert site.the_post()["feature_image"] is None


def test_a_picture_that_a_person_chose_stays(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path, picture=True)
    desk.publish(FIRST)
    site.the_post()["feature_image"] = "https://news.example/content/images/2026/11/trading-floor.png"
    desk.publish(SECOND)
    desk.publish(replace(WITHDRAWN, version=3))
    assert site.the_post()["feature_image"].endswith("trading-floor.png")


def test_a_picture_that_cannot_be_uploaded_stops_no_news_and_is_told(site: FakeGhost, tmp_path: Path) -> None:
    site.errors = {"images": [Answered(415, {"errors": [{"type": "UnsupportedMediaTypeError", "message": "Not supported."}]})]}
    desk = _desk(site, tmp_path, picture=True)
    desk.publish(FIRST)
    assert desk.rows()[-1]["problem"] == "without its picture: Not supported."


# Is everything there


def _wrong(desk: Rehearsal) -> dict[str, str]:
    return {f.what: f.message for f in desk.check() if not f.fine}


def test_a_site_that_is_ready_is_found_right_in_everything(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path, authors=("desk@news.example",))
    site.now = desk.clock
    assert _wrong(desk) == {}
    assert [f.what for f in desk.check()] == ["https", "address", "key", "authors", "clock"]
    assert all(request.startswith("GET") for request in site.asked)


def test_a_check_names_what_is_wrong(site: FakeGhost, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path, authors=("nobody@news.example",))
    assert "nobody@news.example" in _wrong(desk)["authors"]
    site.now = lambda: desk.clock() + timedelta(minutes=10)
    wrong = _wrong(desk)
    assert "600 seconds behind" in wrong["clock"]
    assert "600 seconds behind" in wrong["key"]
    site.answer = lambda asked: Answered(404, b"<h1>Not found</h1>", {"content-type": "text/html"})  # type: ignore[method-assign]
    assert "no Admin API of Ghost" in _wrong(desk)["address"]
