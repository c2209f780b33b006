"""WordPress: exactly one post, the right version last, whatever the site does and wherever the process dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_site import AFTER, BEFORE, Answered, Asked, serving
from fake_wordpress import AUTHOR, EDITOR, META, PASSWORD, USER, FakeWordPress
from matrix import Rehearsal, every_fault, every_step, versions

from newsgen.publish import Target
from newsgen.publish._body import visible_text
from newsgen.publish._printed import Printed
from newsgen.store.stops import active_stops
from newsgen.story import Article, Text
from newsgen.target_settings import WordPressSettings

ENV = {"WP": PASSWORD}
POSTS = "/wp-json/wp/v2/posts"
FIRST, SECOND, THIRD, WITHDRAWN = versions()


@pytest.fixture
def site() -> Iterator[FakeWordPress]:
    fake = FakeWordPress()
    with serving(fake):
        yield fake


def _target(site: FakeWordPress, **more: Any) -> Target:
    given = {"picture": False, **more}
    return Target(WordPressSettings(name="wp", url=site.url, user=USER, secret_env="WP", allow_private=True, **given))


def _desk(site: FakeWordPress, folder: Path, **more: Any) -> Rehearsal:
    return Rehearsal(_target(site, **more), site, ENV, folder)


# Once


def test_there_is_one_post_after_a_death_at_any_step(site: FakeWordPress, tmp_path: Path) -> None:
    steps = every_step(_target(site), site, versions(), env=ENV, folder=tmp_path)
    assert {f"{v} {w} POST {POSTS}" for v, w in ((1, "before"), (1, "after"))} <= set(steps)
    assert {f"{v} after POST {POSTS}/12" for v in (1, 2, 3, 4)} <= set(steps)
    assert len(steps) == 36


def test_there_is_one_post_after_a_fault_at_any_write(site: FakeWordPress, tmp_path: Path) -> None:
    faults = ("503 page", "504 after", "cut after", "200 page after")
    done = every_fault(_target(site), site, [FIRST, SECOND], faults, env=ENV, folder=tmp_path)
    assert len(done) == (3 + 1) * 4  # a tag, the post, its release; the update


@pytest.mark.slow
def test_there_is_one_post_after_a_fault_at_any_request_of_any_version(site: FakeWordPress, tmp_path: Path) -> None:
    asked = ("HEAD", "GET", "POST", "DELETE")
    done = every_fault(_target(site, picture=True), site, versions(), (*BEFORE, *AFTER), env=ENV, folder=tmp_path, only=asked)
    assert len(done) > 200


@pytest.mark.slow
def test_the_next_version_takes_over_from_a_death_at_any_step(site: FakeWordPress, tmp_path: Path) -> None:
    assert len(every_step(_target(site, picture=True), site, versions(), env=ENV, folder=tmp_path, overtaken=True)) > 30


@pytest.mark.slow
def test_a_withdrawal_takes_over_from_a_death_at_any_step(site: FakeWordPress, tmp_path: Path) -> None:
    gone = replace(WITHDRAWN, version=2)
    assert len(every_step(_target(site), site, [FIRST, gone], env=ENV, folder=tmp_path, overtaken=True)) > 10


def test_a_request_that_comes_in_late_is_found_by_the_next_look(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.save(FIRST)
    site.faults = {f"POST {POSTS}": "held"}
    desk.send()
    assert len(site.held) == 1
    desk.clock.now += timedelta(seconds=20)
    desk.send()
    assert site.asked.count(f"POST {POSTS}") == 1  # not sent again while it may still come in
    site.finish_held()
    assert desk.drive() == "confirmed"
    assert site.asked.count(f"POST {POSTS}") == 1
    assert [p["slug"] for p in site.posts.values()] == [FIRST.slug]


def test_the_twin_that_a_late_request_makes_goes_into_the_bin(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.save(FIRST)
    site.faults = {f"POST {POSTS}": "held"}
    desk.send()
    late = site.held
    desk.clock.now += timedelta(minutes=10)
    site.held = []
    site.faults = {f"POST {POSTS}": "lost after"}  # the repeated one
    desk.send()
    site.held = late
    site.finish_held()
    assert desk.drive() == "confirmed"
    assert sorted(p["slug"] for p in site.posts.values()) == [FIRST.slug, f"{FIRST.slug}-2__trashed"]
    assert site.the_post()["status"] == "publish"


def test_a_twin_with_somebody_s_words_is_not_touched(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    site.faults = {f"POST {POSTS}": "504 after"}
    desk.save(FIRST)
    desk.send()
    (post,) = site.posts.values()
    site.posts[99] = {**post, "id": 99, "slug": f"{FIRST.slug}-2", "content": "<p>A column of my own</p>"}
    assert desk.drive() == "rejected"
    assert "keep one" in desk.rows()[-1]["problem"]
    assert site.posts[99]["content"] == "<p>A column of my own</p>"


def test_a_redirect_is_not_followed_and_names_where_it_leads(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    site.faults = {f"POST {POSTS}": "redirect"}
    said = desk.refused(FIRST)
    assert "www.news.example" in said
    assert "configure that address" in said
    assert site.posts == {}


# What people did there


@pytest.mark.parametrize(
    "change", [{"content": "<p>Bitcoin rose, says our markets editor</p>"}, {"title": "A better headline"}, {"excerpt": "My own words"}]
)
def test_what_a_person_changed_is_not_overwritten(site: FakeWordPress, tmp_path: Path, change: dict[str, str]) -> None:
    desk = _desk(site, tmp_path)
    desk.publish(FIRST)
    site.the_post().update(change)
    assert "somebody has changed it" in desk.refused(SECOND)
    assert change.items() <= site.the_post().items()
    assert desk.resend(overwrite=True) == "confirmed"
    assert "fell back" in site.the_post()["content"]


def test_categories_and_tags_that_a_person_changed_stay(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.publish(FIRST)
    site.the_post()["tags"] = []
    site.the_post()["categories"] = [7]
    desk.publish(SECOND)
    assert (site.the_post()["tags"], site.the_post()["categories"]) == ([], [7])


def _meanwhile(site: FakeWordPress, method: str, path: str) -> None:
    """A person saves the post in the moment before the site does a request."""
    done = site.answer

    def answer(asked: Asked) -> Answered:
        if (asked.method, asked.path) == (method, path):
            site.the_post()["content"] = "<p>My own words</p>"
            site.answer = done  # type: ignore[method-assign]
        return done(asked)

    site.answer = answer  # type: ignore[method-assign]


def test_what_a_person_saves_while_we_upload_a_picture_is_not_overwritten(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path, picture=True)
    desk.publish(FIRST)
    _meanwhile(site, "POST", "/wp-json/wp/v2/media")
    assert "somebody has changed it" in desk.refused(replace(SECOND, headline=Text("Another headline, another picture")))
    assert site.the_post()["content"] == "<p>My own words</p>"


def test_what_a_person_saves_before_we_show_the_post_is_not_taken_for_ours(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    _meanwhile(site, "POST", f"{POSTS}/12")
    desk.publish(FIRST)
    assert (site.the_post()["id"], site.the_post()["status"]) == (12, "publish")
    assert "somebody has changed it" in desk.refused(SECOND)
    assert site.the_post()["content"] == "<p>My own words</p>"


def test_what_a_person_put_into_the_bin_is_not_published_again(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.publish(FIRST)
    site.trash(site.the_post())
    assert "bin" in desk.refused(SECOND)
    assert site.kept() == []
    assert desk.resend(overwrite=True) == "confirmed"
    assert site.the_post()["slug"] == FIRST.slug


def test_a_withdrawal_of_what_lies_in_the_bin_has_nothing_left_to_do(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.publish(FIRST)
    site.trash(site.the_post())
    desk.publish(replace(WITHDRAWN, version=2))
    assert (site.kept(), len(site.posts)) == ([], 1)


def test_what_a_person_deleted_for_good_is_not_published_again(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.publish(FIRST)
    site.posts.clear()
    assert "removed" in desk.refused(SECOND)
    desk.publish(replace(WITHDRAWN, version=3))  # a withdrawal has nothing left to do
    assert site.posts == {}


def test_a_draft_that_lies_in_the_bin_before_it_was_confirmed_is_not_published_again(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.save(FIRST)
    site.faults = {f"POST {POSTS}": "504 after"}
    desk.send()
    site.trash(site.the_post())
    assert desk.drive() == "rejected"
    assert site.kept() == []


def test_what_a_person_has_hidden_is_not_shown_again(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.publish(FIRST)
    site.the_post()["status"] = "private"
    assert "hidden" in desk.refused(SECOND)
    desk.publish(replace(WITHDRAWN, version=3))
    assert site.the_post()["status"] == "private"
    assert "withdrawn" in site.the_post()["content"]


def test_a_desk_that_wants_drafts_gets_drafts_and_its_release_is_left_alone(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path, status="pending")
    desk.publish(FIRST)
    assert site.the_post()["status"] == "pending"
    site.the_post()["status"] = "publish"
    desk.publish(SECOND)
    desk.publish(replace(WITHDRAWN, version=3))
    assert site.the_post()["status"] == "publish"
    assert "withdrawn" in site.the_post()["content"]


# What is sent


def test_a_post_keeps_address_and_first_date_over_its_versions(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    for article in versions():
        desk.publish(article)
        post = site.the_post()
        assert (post["slug"], post["date_gmt"], post["status"]) == (FIRST.slug, "2025-07-14T12:02:00", "publish")
    row = desk.rows()[-1]
    assert (row["remote_id"], row["url"]) == (str(post["id"]), f"https://news.example/{FIRST.slug}/")


@pytest.mark.parametrize("capabilities", [AUTHOR, EDITOR], ids=["author", "editor"])
def test_hostile_texts_stay_texts_whatever_the_account_may(site: FakeWordPress, tmp_path: Path, capabilities: tuple[str, ...]) -> None:
    site.capabilities = capabilities
    hostile = "<script>alert(1)</script> \"><img src=x onerror=alert(1)> [gallery] 2x4 <!-- c --> AT&T &amp; it's -- \u202eevil"
    desk = _desk(site, tmp_path, categories=() if capabilities == AUTHOR else ("Q&A",))
    desk.publish(replace(FIRST.with_text("paragraphs[0]", hostile), headline=Text(hostile), dek=Text(hostile)))
    post = site.the_post()
    for sent in (post["title"], post["content"], post["excerpt"]):
        assert "<script>alert(1)</script>" in visible_text(sent)
        assert not any(raw in sent for raw in ("<script", "<img", "<!--", "\u202e"))
    assert "2x4" not in post["content"]
    assert "[gallery]" not in post["content"] + post["excerpt"]
    assert "2x4" not in post["excerpt"]


def test_words_that_the_site_does_not_keep_are_found_before_readers_see_it(site: FakeWordPress, tmp_path: Path) -> None:
    site.drops = "<td>$3,052</td>"
    said = _desk(site, tmp_path).refused(FIRST)
    assert "did not keep" in said
    assert "$3,052" in said
    assert site.shown() == []


@pytest.mark.parametrize("field", ["tags", "categories", "meta"])
def test_fields_that_the_site_swallows_are_found_before_readers_see_it(site: FakeWordPress, tmp_path: Path, field: str) -> None:
    site.capabilities, site.plugin, site.swallows = EDITOR, True, {field}
    said = _desk(site, tmp_path, categories=("Markets",), id_meta=META).refused(FIRST)
    assert f"did not keep what it was sent: {field}" in said
    assert site.shown() == []


def test_terms_are_found_by_name_made_or_adopted(site: FakeWordPress, tmp_path: Path) -> None:
    site.capabilities = EDITOR
    there = site.add_term("categories", "Markets")["id"]
    elsewhere = site.add_term("tags", "ETF flows", slug="funds-flow")["id"]  # its slug does not tell: term_exists does
    _desk(site, tmp_path, categories=("Markets", "Crypto & more")).publish(replace(FIRST, tags=("record high", "ETF flows")))
    post = site.the_post()
    assert there in post["categories"]
    assert elsewhere in post["tags"]
    assert [unescape(c["name"]) for c in site.state["categories"].values()] == ["Markets", "Crypto & more"]
    assert len(post["categories"]) == len(post["tags"]) == 2


def test_a_term_that_exists_but_is_not_named_is_a_refusal_and_no_fault_of_ours(site: FakeWordPress, tmp_path: Path) -> None:
    site.errors = {"tags": [Answered(400, {"code": "term_exists", "message": "It is there.", "data": None})]}
    assert "It is there. (term_exists)" in _desk(site, tmp_path).refused(FIRST)


def test_a_category_that_the_account_may_not_make_is_named(site: FakeWordPress, tmp_path: Path) -> None:
    assert "no 'Markets' among its categories" in _desk(site, tmp_path, categories=("Markets",)).refused(FIRST)


def test_with_the_plugin_a_story_is_found_under_another_slug(site: FakeWordPress, tmp_path: Path) -> None:
    site.plugin = True
    desk = _desk(site, tmp_path, id_meta=META)
    desk.save(FIRST)
    site.faults = {f"POST {POSTS}": "504 after"}
    desk.send()
    site.the_post()["slug"] = "bitcoin-record"  # an editor liked it shorter
    assert desk.drive() == "confirmed"
    assert site.the_post()["slug"] == "bitcoin-record"
    assert site.the_post()["meta"][META] == Printed.of(FIRST).story_id


def test_without_the_plugin_no_other_post_is_taken_for_the_story(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.publish(replace(FIRST, story="another", slug="another-11111111", id="1461d7a3-df75-55ec-a37d-f61b54c2c6c9"))
    other = dict(site.the_post())
    said = Rehearsal(_target(site, id_meta=META), site, ENV, _folder(tmp_path)).refused(FIRST)
    assert "did not keep what it was sent: meta" in said
    assert site.posts[other["id"]] == other


def _folder(parent: Path) -> Path:
    (parent / "second").mkdir()
    return parent / "second"


def test_a_site_whose_clock_is_behind_shows_it_when_its_time_has_come(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    start, at = desk.clock(), FIRST.written_at - timedelta(seconds=90)
    site.now = lambda: at + (desk.clock() - start)
    desk.save(FIRST)
    desk.send()
    assert site.the_post()["status"] == "future"
    assert "clock is behind" in desk.rows()[-1]["problem"]
    assert desk.drive() == "confirmed"
    assert site.the_post()["status"] == "publish"


@pytest.mark.parametrize(("pretty", "names_api"), [(True, False), (False, True), (False, False)])
def test_the_api_is_found_wherever_it_is(site: FakeWordPress, tmp_path: Path, pretty: bool, names_api: bool) -> None:
    site.pretty, site.names_api = pretty, names_api
    _desk(site, tmp_path).publish(FIRST)
    assert site.the_post()["status"] == "publish"


def test_a_site_that_names_an_api_elsewhere_gets_the_login_and_that_place_does_not(site: FakeWordPress, tmp_path: Path) -> None:
    done = site.answer

    def elsewhere(asked: Asked) -> Answered:
        link = {"link": '<https://evil.example/wp-json/>; rel="https://api.w.org/"'}
        return Answered(200, b"", link) if asked.method == "HEAD" else done(asked)

    site.answer = elsewhere  # type: ignore[method-assign]
    _desk(site, tmp_path).publish(FIRST)
    assert site.the_post()["status"] == "publish"


def test_maintenance_is_waited_for_as_long_as_it_says(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.save(FIRST)
    site.faults = {0: "503 page"}
    desk.send()
    row = desk.rows()[-1]
    assert (row["state"], row["next_at"]) == ("pending", int(desk.clock().timestamp()) + 600)


def test_a_login_that_does_not_arrive_is_told_with_both_reasons(site: FakeWordPress, tmp_path: Path) -> None:
    site.strips_login = True
    said = _desk(site, tmp_path).refused(FIRST)
    assert "application password" in said
    assert "Authorization header" in said


def test_the_password_stands_in_no_row(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    page = f"You sent Basic {_base64(f'{USER}:{PASSWORD}')} and {PASSWORD.replace(' ', '')}".encode()
    site.errors = {"posts": [Answered(400, page, {"content-type": "text/plain"})]}
    assert "You sent Basic ***" in desk.refused(FIRST)
    desk.engine.dispose()
    raw = (tmp_path / "news.db").read_bytes()
    assert PASSWORD.replace(" ", "").encode() not in raw
    assert _base64(f"{USER}:{PASSWORD}").encode() not in raw


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode()


# The picture


def test_the_card_goes_along_once_and_is_renewed_until_it_is_withdrawn(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path, picture=True)
    desk.save(FIRST)
    site.faults = {"POST /wp-json/wp/v2/media": "504 after"}
    desk.send()
    assert desk.drive() == "confirmed"
    (media,) = site.state["media"].values()
    assert (site.the_post()["featured_media"], media["alt_text"]) == (media["id"], FIRST.headline.text)
    desk.publish(replace(SECOND, headline=Text("Bitcoin falls back")))
    first, second = site.state["media"].values()
    assert site.the_post()["featured_media"] == second["id"] != first["id"]
    desk.publish(replace(WITHDRAWN, version=3))
    assert site.the_post()["featured_media"] == 0


def test_a_picture_that_a_person_chose_stays(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path, picture=True)
    desk.publish(FIRST)
    chosen = site.add_media({"filename": "trading-floor.png"})["id"]
    site.the_post()["featured_media"] = chosen
    desk.publish(SECOND)
    assert site.the_post()["featured_media"] == chosen


def test_a_picture_that_cannot_be_uploaded_stops_no_news_and_is_told(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path, picture=True)
    site.errors = {"media": [Answered(500, {"code": "rest_upload_unknown_error", "message": "Too large."})]}
    desk.publish(FIRST)
    assert "without its picture" in desk.rows()[-1]["problem"]
    assert site.asked.count("POST /wp-json/wp/v2/media") == 1  # this 500 is for good
    assert site.the_post()["featured_media"] == 0


def test_an_upload_whose_sizes_were_not_made_is_finished_not_repeated(site: FakeWordPress, tmp_path: Path) -> None:
    media = site.add_media({"filename": "newsgen-00000000000000000000.png"})["id"]
    site.errors = {"media": [Answered(500, b"", {"x-wp-upload-attachment-id": str(media)})]}
    _desk(site, tmp_path, picture=True).publish(FIRST)
    assert f"POST /wp-json/wp/v2/media/{media}/post-process" in site.asked
    assert site.the_post()["featured_media"] == media


# Is everything there


def _wrong(desk: Rehearsal) -> dict[str, str]:
    return {f.what: f.message for f in desk.check() if not f.fine}


def test_a_site_that_is_ready_is_found_right_in_everything(site: FakeWordPress, tmp_path: Path) -> None:
    site.plugin, site.capabilities = True, EDITOR
    desk = _desk(site, tmp_path, categories=("Markets",), id_meta=META, picture=True)
    assert _wrong(desk) == {}
    assert {"address", "account", "rights", "clock", "plugin"} <= {f.what for f in desk.check()}
    assert not any(request.startswith("POST") for request in site.asked)


def test_a_check_names_what_is_wrong(site: FakeWordPress, tmp_path: Path) -> None:
    site.capabilities, site.roles = ("edit_posts", "manage_options"), ["administrator"]
    site.now = lambda: desk.clock() + timedelta(minutes=10)
    desk = _desk(site, tmp_path, categories=("Markets",), id_meta=META, author=7)
    wrong = desk.check()
    told = " | ".join(f"{f.what}: {f.message}" for f in wrong if not f.fine)
    for words in ("may not publish them (publish_posts)", "(edit_published_posts)", "edit_others_posts", "is an administrator",
                  "clock: our clock is 600 seconds behind", "may not make them: Markets", "plugin: no post meta"):  # fmt: skip
        assert words in told


def test_a_wrong_password_is_named_by_the_look_up_and_stops_the_target(site: FakeWordPress, tmp_path: Path) -> None:
    """WordPress answers it with 400: to nobody's eyes the states of the look-up are wrong parameters."""
    desk = _desk(site, tmp_path)
    desk.env = {"WP": "wrong wrong wrong"}
    assert "application password" in desk.refused(FIRST)
    assert _stops(desk) == []
    assert "application password" in desk.refused(replace(FIRST, id=SECOND.id, story="another", slug="another-1b2c3d4e"))
    assert _stops(desk) == ["it refused the login 2 times in a row (401)"]


def test_an_account_that_may_not_write_is_told_so_by_the_look_up(site: FakeWordPress, tmp_path: Path) -> None:
    site.capabilities = ()
    assert "role of an author" in _desk(site, tmp_path).refused(FIRST)


def _stops(desk: Rehearsal) -> list[str]:
    with desk.engine.connect() as connection:
        return [stop.reason for stop in active_stops(connection)]


def test_a_check_tells_a_wrong_password_from_a_wrong_address(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    desk.env = {"WP": "wrong wrong wrong"}
    assert "application password" in _wrong(desk)["account"]
    site.pretty = site.names_api = False
    site.answer = lambda asked: Answered(404, b"<h1>Not found</h1>", {"content-type": "text/html"})  # type: ignore[method-assign]
    assert "no REST API" in _wrong(desk)["address"]


# A real death


_CHILD = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from newsgen.publish import Outbox, Target
from newsgen.store.database import open_database
from newsgen.store.claims import recover_sending
from newsgen.target_settings import WordPressSettings
step, url, db, user, now = sys.argv[1:]
left, clock = [int(step)], lambda: datetime.fromisoformat(now)
engine = open_database(db)
recover_sending(engine, clock())
def die(at):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
target = Target(WordPressSettings(name="wp", url=url, user=user, secret_env="WP", allow_private=True, picture=False))
asyncio.run(Outbox(engine, {"wp": target}, clock, at=die).deliver())
"""


def _killed(desk: Rehearsal, site: FakeWordPress, article: Article, step: int) -> bool:
    """Send it in a process of its own that is killed at a step; whether it got so far."""
    desk.save(article)
    command = [sys.executable, "-c", _CHILD, str(step), site.url, f"sqlite:///{desk.folder}/news.db", USER, desk.clock().isoformat()]
    done = subprocess.run(command, env={**os.environ, **ENV}, check=False)
    assert done.returncode in (0, -signal.SIGKILL)
    return done.returncode != 0


def _one_stands(desk: Rehearsal, site: FakeWordPress, article: Article) -> None:
    desk.restart()
    assert desk.drive() == "confirmed"
    assert [p.title for p in site.shown()] == [p.title for p in site.kept()] == [article.headline.text]


def test_a_real_kill_9_between_the_post_and_its_answer_leaves_one(site: FakeWordPress, tmp_path: Path) -> None:
    desk = _desk(site, tmp_path)
    assert _killed(desk, site, FIRST, 6)  # "after POST posts": stored there, not noted here
    assert len(site.posts) == 1
    _one_stands(desk, site, FIRST)
    assert site.asked.count(f"POST {POSTS}") == 1


@pytest.mark.slow
def test_a_real_kill_9_at_every_step_of_every_version_leaves_one(site: FakeWordPress, tmp_path: Path) -> None:
    desk, killed = _desk(site, tmp_path), 0
    for article in versions():
        before, step = desk.state(), 0
        while True:
            desk.back_to(before)
            if not _killed(desk, site, article, step):
                break
            _one_stands(desk, site, article)
            step += 1
            killed += 1
        _one_stands(desk, site, article)
    assert killed == 36
