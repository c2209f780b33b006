"""Editors' verbs on a real database, with real receivers: what may go out, what is taken back, and who said so."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa
from news_desk import News, news

from newsgen.article_file import whole_article
from newsgen.config import load_settings
from newsgen.errors import ConfigError, HeldBack
from newsgen.market import Origin, Reading, SeriesKey, Unit
from newsgen.publish import Printed
from newsgen.publish import markdown as as_markdown
from newsgen.rewrite import visible
from newsgen.service import run_service
from newsgen.store.archive import SqlArchive
from newsgen.store.claims import claim_due
from newsgen.store.deliveries import settle
from newsgen.store.newsroom import ARTICLE, EDITOR_ACTION, claim_fire, save_article
from newsgen.store.revised import revised_articles
from newsgen.store.status import desk_state
from newsgen.store.versions import Act, approve_article, find_article

HIGH = SeriesKey("spot.high", "BTC", "4h", "binance", "binance")
PEAK_AT = datetime(2025, 7, 14, 8, tzinfo=UTC)


@pytest.fixture
def out(tmp_path: Path, published: Path) -> Iterator[News]:
    """An article is out."""
    with news(tmp_path, published) as made:
        made.now += timedelta(hours=3)
        yield made


@pytest.fixture
def waiting(tmp_path: Path, written: Path) -> Iterator[News]:
    """An article is written and has not gone out."""
    with news(tmp_path, written) as made:
        yield made


def body(here: News, version: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = next(json.loads(r.body) for r in here.rows() if r.version == version)
    return found


def the_id(here: News) -> str:
    return str(here.rows()[0].id)


def revise(here: News, value: str) -> None:
    """The venue says an hour later that the high was another."""
    known = PEAK_AT + timedelta(hours=5)
    SqlArchive(here.engine).add([Reading(HIGH, Decimal(value), Unit.USD, PEAK_AT, known, Origin("klines", "Binance spot"))])


def edited(here: News, old: str, new: str) -> Path:
    """The article's Markdown with one change."""
    text = as_markdown(Printed.model_validate(body(here)))
    assert old in text
    path = here.folder / "edited.md"
    path.write_text(text.replace(old, new), "utf-8")
    return path


def actions(here: News) -> list[tuple[str, str, str]]:
    return [(a.verb, a.who, a.reason) for a in here.rows(EDITOR_ACTION)]


def faults_of(article: dict[str, Any]) -> list[str]:
    """Where ARTICLE.json is not as its schema says."""
    schema = json.loads((Path(__file__).parent / "article.schema.json").read_text("utf-8"))
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(article)]


# Finding


def test_an_article_is_found_by_its_id_its_first_letters_and_its_slug(out: News) -> None:
    [row] = out.rows()
    assert {find_article(out.engine, given).id for given in (row.id, row.id[:6], row.slug)} == {row.id}
    for wrong in (row.id[:5], "no-such-slug", "", "%"):
        with pytest.raises(ConfigError, match="no article"):
            find_article(out.engine, wrong)


def test_a_slug_that_two_sites_have_names_both_articles(out: News) -> None:
    [row] = out.rows()
    other = replace(whole_article(row.body), id="00000000-0000-5000-8000-00000000000b", site="second")
    save_article(out.engine, other, {}, out.now)
    with pytest.raises(ConfigError, match=r"several articles are meant by .*\(main\).*\(second\): give the id of one"):
        find_article(out.engine, row.slug)


# What has not gone out


def test_a_held_article_goes_out_when_it_is_approved_and_not_before(waiting: News) -> None:
    waiting.desk.hold(the_id(waiting), "Ask the venue")
    waiting.send(0)
    assert (waiting.states(), waiting.events("cms")) == ({"site": "held", "cms": "held"}, [])
    assert body(waiting)["verdict"]["findings"][0]["message"] == "held by ada: Ask the venue"
    assert waiting.desk.approve(the_id(waiting)) == 2
    waiting.send(30)
    assert waiting.states() == {"site": "confirmed", "cms": "confirmed"}
    assert [a[:2] for a in actions(waiting)] == [("hold", "ada"), ("approve", "ada")]
    last = waiting.rows(EDITOR_ACTION)[-1]
    assert last.after_sha256 == waiting.rows()[0].approved_sha256 != last.before_sha256
    told = waiting.events("cms")[0]["data"]["disclosure"]
    assert (told["human_reviewed"], told["reviewer"]) == (True, "ada")


def test_what_nobody_has_approved_by_name_is_not_called_reviewed(out: News) -> None:
    """Nor is a correction, of which a person is shown the notice alone."""
    revise(out, "123091.61")
    out.desk.save(out.desk.prepare_correction(the_id(out)), "revised high")
    out.send(0)
    [corrected] = out.events("cms")
    assert corrected["type"] == "article.corrected"
    assert (corrected["data"]["disclosure"]["human_reviewed"], corrected["data"]["disclosure"]["reviewer"]) == (False, None)


def test_an_approved_text_that_is_changed_afterwards_does_not_go_out(waiting: News) -> None:
    waiting.desk.hold(the_id(waiting), "look")
    waiting.desk.approve(the_id(waiting))
    with waiting.engine.begin() as connection:
        [row] = waiting.rows()
        connection.execute(sa.update(ARTICLE).values(body=row.body.replace("bitcoin", "ether")))
    waiting.send(0)
    assert waiting.states() == {"site": "held", "cms": "held"}
    assert waiting.events("cms") == []


def test_an_edited_text_that_the_figures_bear_goes_out_as_edited_and_says_so(waiting: News) -> None:
    waiting.desk.hold(the_id(waiting), "style")
    headline = body(waiting)["headline"]["text"]
    waiting.desk.approve(the_id(waiting), text=edited(waiting, f"# {headline}", f"# Bitcoin sets a record at {headline[-8:]}"))
    waiting.send(0)
    [event] = waiting.events("cms")
    assert event["data"]["headline"] == f"Bitcoin sets a record at {headline[-8:]}"
    assert "A person of the desk has edited the text." in event["data"]["disclosure"]["text"]
    assert event["data"]["disclosure"]["digital_source_type"].endswith("/humanEdits")
    same = [p for p in body(waiting)["paragraphs"] if p["spans"]]
    assert len(same) == len(body(waiting)["paragraphs"])  # the others keep the spans of their figures


@pytest.mark.parametrize(("new", "told"), [("$133,218", "contradicted, the figure is"), ("$123,218 because funds bought", "because")])
def test_an_edited_text_that_the_figures_do_not_bear_is_refused_with_the_list(waiting: News, new: str, told: str) -> None:
    waiting.desk.hold(the_id(waiting), "style")
    with pytest.raises(HeldBack, match=told.partition(",")[0]) as refused:
        waiting.desk.approve(the_id(waiting), text=edited(waiting, "$123,218", new))
    assert told in str(refused.value)
    assert waiting.states() == {"site": "held", "cms": "held"}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.json", '{"headline": {"text": 5}, "dek": {"text": ""}, "key_points": [], "paragraphs": []}', "is no ARTICLE.json"),
        ("a.json", "[1]", "is no ARTICLE.json"), ("a.md", "No headline.", "has no headline"),
        ("a.md", "# Only a headline", "has no paragraph"),
        ("a.md", "\x00\udcff", "is not UTF-8 text"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_article_is_refused_by_name(waiting: News, name: str, text: str, told: str) -> None:
    path = waiting.folder / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=f"{name}: {told}"):
        waiting.desk.approve(the_id(waiting), text=path)


def test_a_sentence_that_says_something_else_in_its_new_place_is_refused(waiting: News) -> None:
    waiting.desk.hold(the_id(waiting), "style")
    text = edited(waiting, "Over the past 24 hours, it rose 2.9%", "Ether changed hands at $3,052. Over the past 24 hours, it rose 2.9%")
    with pytest.raises(HeldBack, match=r'"1\.6%" is unknown'):
        waiting.desk.approve(the_id(waiting), text=text)


def test_a_text_that_one_target_has_is_corrected_and_not_approved_with_another(waiting: News) -> None:
    waiting.receivers["cms"].answers = ["503"]
    waiting.send(0)
    waiting.desk.hold(the_id(waiting), "look")
    assert waiting.states() == {"site": "confirmed", "cms": "held"}
    before = body(waiting)
    with pytest.raises(ConfigError, match="a target has it with its own text"):
        waiting.desk.approve(the_id(waiting), text=reworded(waiting))
    assert body(waiting) == before
    assert waiting.desk.approve(the_id(waiting)) == 1
    waiting.send()
    assert waiting.states() == {"site": "confirmed", "cms": "confirmed"}


def test_an_old_story_that_is_held_at_one_target_is_shown_all_the_same(waiting: News) -> None:
    waiting.receivers["cms"].answers = ["503"]
    waiting.send(0)
    waiting.desk.hold(the_id(waiting), "look")
    [story] = desk_state(waiting.engine, limit=0).stories
    assert {t.target: t.state for t in story.targets} == {"site": "confirmed", "cms": "held"}


def test_a_spiked_story_is_no_more_to_be_looked_at(waiting: News) -> None:
    waiting.desk.spike(the_id(waiting), "Told by hand")
    assert desk_state(waiting.engine, limit=0).stories == ()


def test_of_two_approvals_at_once_the_later_changes_nothing(waiting: News) -> None:
    waiting.desk.hold(the_id(waiting), "look")
    seen = find_article(waiting.engine, the_id(waiting))
    waiting.desk.approve(the_id(waiting), text=reworded(waiting))
    sent = waiting.rows()[0].body
    late = Act("bob", "", waiting.now)
    with pytest.raises(ConfigError, match="nothing of it is held"):
        approve_article(waiting.engine, seen, seen.body, {}, late, {})
    waiting.desk.hold(the_id(waiting), "once more")
    with pytest.raises(ConfigError, match="somebody has changed it meanwhile"):
        approve_article(waiting.engine, seen, seen.body, {}, late, {})
    assert json.loads(waiting.rows()[0].body)["paragraphs"] == json.loads(sent)["paragraphs"]


def test_an_approval_is_for_targets_as_they_were_set(waiting: News) -> None:
    waiting.desk.hold(the_id(waiting), "look")
    waiting.desk.approve(the_id(waiting))
    path = waiting.folder / "newsgen.toml"
    path.write_text(path.read_text("utf-8").replace("/hook", "/another"), "utf-8")
    waiting.service.settings = load_settings(path, env=waiting.service.env)
    waiting.send(0)
    assert (waiting.states(), waiting.events("cms")) == ({"site": "confirmed", "cms": "held"}, [])
    assert waiting.desk.held_for(the_id(waiting)) == [
        "the settings of the target are not those that it was approved for: approve it again"]  # fmt: skip
    assert waiting.desk.approve(the_id(waiting)) == 1
    waiting.send(0)
    assert waiting.states() == {"site": "confirmed", "cms": "confirmed"}


def test_what_the_desk_said_of_an_article_that_it_held_is_no_reader_s(waiting: News) -> None:
    waiting.desk.hold(the_id(waiting), "The venue is a mess")
    waiting.desk.approve(the_id(waiting))
    waiting.send(0)
    kept = (waiting.folder / "site" / "articles" / body(waiting)["slug"] / "article.json").read_text("utf-8")
    assert json.loads(kept)["verdict"] == {"decision": "publish", "findings": []}
    assert "a mess" not in kept


def test_a_hold_of_what_waits_for_a_stop_outlives_the_stop(waiting: News) -> None:
    waiting.desk.stop("asset", "BTC", "look first")
    assert waiting.desk.hold(the_id(waiting), "Ask the venue") == (2, [])
    waiting.desk.resume("all")
    waiting.send(0)
    assert (waiting.states(), waiting.events("cms")) == ({"site": "held", "cms": "held"}, [])
    with pytest.raises(ConfigError, match="nothing of it waits"):
        waiting.desk.hold(the_id(waiting), "again")


@pytest.mark.parametrize("state", ["pending", "unknown"])
def test_an_attempt_in_hand_is_not_made_again_once_the_article_is_held(waiting: News, state: str) -> None:
    [claimed] = claim_due(waiting.engine, waiting.now, targets=["cms"])
    assert waiting.desk.hold(the_id(waiting), "Ask the venue") == (1, ["cms"])
    settle(waiting.engine, claimed, state, waiting.now, unknown=state == "unknown")
    waiting.send(0)
    assert (waiting.states(), waiting.events("cms")) == ({"site": "held", "cms": "held"}, [])
    assert waiting.desk.approve(the_id(waiting)) == 2
    waiting.send(0)
    assert waiting.states() == {"site": "confirmed", "cms": "confirmed"}


def test_who_has_lost_a_claim_settles_nothing_though_the_attempts_are_counted_anew(waiting: News) -> None:
    [lost] = claim_due(waiting.engine, waiting.now, targets=["cms"], lease_s=60)
    waiting.now += timedelta(seconds=60)
    [second] = claim_due(waiting.engine, waiting.now, targets=["cms"])
    settle(waiting.engine, second, "rejected", waiting.now)
    waiting.desk.resend(the_id(waiting))
    [third] = claim_due(waiting.engine, waiting.now, targets=["cms"])
    assert (lost.attempts, third.attempts) == (1, 1)
    assert not settle(waiting.engine, lost, "confirmed", waiting.now, is_there=True)
    assert settle(waiting.engine, third, "confirmed", waiting.now, is_there=True)


def test_what_is_not_held_needs_no_approval(waiting: News) -> None:
    with pytest.raises(ConfigError, match="nothing of it is held"):
        waiting.desk.approve(the_id(waiting))


def test_a_spiked_article_never_goes_out_and_is_no_news_again(waiting: News) -> None:
    waiting.desk.spike(the_id(waiting), "Told by hand")
    waiting.send(0)
    assert waiting.events("cms") == []
    with pytest.raises(ConfigError, match="it was spiked"):
        waiting.desk.approve(the_id(waiting))
    again = waiting.write()
    assert again.article is None or again.article.story != waiting.rows()[0].story


def test_what_a_target_has_is_killed_and_not_spiked(out: News) -> None:
    with pytest.raises(ConfigError, match="newsgen kill"):
        out.desk.spike(the_id(out), "wrong")
    with pytest.raises(ConfigError, match="nothing of it waits"):
        out.desk.hold(the_id(out), "wrong")


def test_what_no_target_has_is_spiked_and_not_killed(waiting: News) -> None:
    with pytest.raises(ConfigError, match="newsgen spike"):
        waiting.desk.prepare_kill(the_id(waiting), "wrong")


def test_a_refused_delivery_is_sent_again_when_a_person_says_so(waiting: News) -> None:
    waiting.receivers["cms"].answers = ["400"]
    waiting.send(0)
    assert waiting.states() == {"site": "confirmed", "cms": "rejected"}
    with pytest.raises(ConfigError, match="no target 'paper'"):
        waiting.desk.resend(the_id(waiting), targets=("paper",))
    with pytest.raises(ConfigError, match="nothing of it was refused or given up at site"):
        waiting.desk.resend(the_id(waiting), targets=("site",))
    assert waiting.desk.resend(the_id(waiting), "the receiver is mended") == ["cms"]
    waiting.send(0)
    assert waiting.states() == {"site": "confirmed", "cms": "confirmed"}
    assert len({h["webhook-id"] for h, _ in waiting.receivers["cms"].requests}) == 1


def test_two_refused_logins_are_two_in_a_row_whatever_the_desk_did_between_them(waiting: News) -> None:
    waiting.receivers["cms"].answers = ["401", "401"]
    waiting.send(0)
    waiting.desk.resend(the_id(waiting))
    waiting.send(0)
    [stop] = waiting.desk.stops()
    assert (stop.scope, stop.name, stop.who) == ("target", "cms", "newsgen")


# What readers have


def test_a_kill_takes_the_story_back_everywhere_under_the_same_address(out: News) -> None:
    before = body(out)
    prepared = out.desk.prepare_kill(the_id(out), "The source sent a wrong price")
    assert out.desk.find(the_id(out)).version == 1
    out.desk.save(prepared, "bad tick")
    out.send(0)
    assert out.states(2) == {"site": "confirmed", "cms": "confirmed"}
    [event] = out.events("cms")
    assert (event["type"], event["data"]["status"], event["data"]["slug"]) == ("article.retracted", "retracted", before["slug"])
    assert event["data"]["headline"] == f"Withdrawn: {before['headline']['text']}"
    assert "The source sent a wrong price." in event["data"]["body_text"]
    assert "$" not in event["data"]["body_text"]
    page = (out.folder / "site" / "articles" / before["slug"] / "index.html").read_text("utf-8")
    assert "The source sent a wrong price." in page
    assert before["paragraphs"][0]["text"] not in page
    assert actions(out) == [("kill", "ada", "bad tick")]
    assert faults_of(body(out, 2)) == []
    with pytest.raises(ConfigError, match="withdrawn already"):
        out.desk.prepare_kill(the_id(out), "again")


def test_a_story_that_was_withdrawn_does_not_come_back_by_itself(out: News) -> None:
    out.desk.save(out.desk.prepare_kill(the_id(out), "wrong"), "wrong")
    for version in (3, 4):  # the one after the first that is held too
        assert "withdrawn" in newer(out, version)
    out.send(0)
    assert [e["type"] for e in out.events("cms")] == ["article.retracted"]


def test_written_again_without_any_change_the_story_is_the_same(out: News) -> None:
    again = out.desk.write_again(out.desk.find(the_id(out)))
    assert again.article is not None
    assert visible(again.article.as_json()) == visible(body(out))
    with pytest.raises(ConfigError, match="nothing in it would change"):
        out.desk.prepare_correction(the_id(out), "wrong")


def test_a_correction_tells_what_was_and_what_is_from_what_is_known_now(out: News) -> None:
    revise(out, "123091.61")
    prepared = out.desk.prepare_correction(the_id(out), "The venue has corrected its high")
    assert ("$123,218", "$123,091") in prepared.fields or ("$123,218", "$123,092") in prepared.fields
    out.desk.save(prepared, "revised high")
    out.send(0)
    [event] = out.events("cms")
    data = event["data"]
    assert (event["type"], data["version"], data["slug"]) == ("article.corrected", 2, body(out)["slug"])
    assert data["body_text"].startswith("Correction, July 14, 2025, 11:02 a.m. ET (15:02 UTC): The venue has corrected its high. ")
    assert "An earlier version gave $123,218 where it is $123,092" in data["body_text"]
    assert "$123,092" in data["headline"]
    assert "$123,218" not in data["headline"]
    assert {"was": "$123,218", "is": "$123,092"} in data["correction"]["fields"]
    assert faults_of(body(out, 2)) == []
    revised = next(r for r in body(out, 2)["readings"].values() if r["value"] == "123091.61")
    assert revised["known_at"] == "2025-07-14T13:00:00Z"  # as it is, though the story is of 12:02
    assert out.states(2) == {"site": "confirmed", "cms": "confirmed"}


def test_a_chart_that_draws_a_revised_day_is_corrected_though_no_sentence_is_another(out: News) -> None:
    day, close = datetime(2025, 1, 20, tzinfo=UTC), SeriesKey("spot.close", "BTC", "1d", "binance", "binance")
    known = PEAK_AT + timedelta(hours=5)
    SqlArchive(out.engine).add([Reading(close, Decimal("70000"), Unit.USD, day, known, Origin("klines", "Binance spot"))])
    fresh, told = out.desk.prepare_correction(the_id(out), "The chart showed a wrong day").article, body(out)
    assert [p["text"] for p in fresh["paragraphs"][1:]] == [p["text"] for p in told["paragraphs"]]
    assert fresh["charts"][0]["svg"] != told["charts"][0]["svg"]


def test_what_nobody_knew_then_does_not_get_into_a_correction(out: News) -> None:
    revise(out, "123218")  # a column that has revisions
    SqlArchive(out.engine).add([Reading(HIGH, Decimal("150000"), Unit.USD, PEAK_AT + timedelta(hours=8), PEAK_AT + timedelta(hours=8),
                                        Origin("klines", "Binance spot"))])  # fmt: skip
    with pytest.raises(ConfigError, match="nothing in it would change"):
        out.desk.prepare_correction(the_id(out), "wrong")


def test_a_story_that_is_no_news_by_what_is_known_now_cannot_be_corrected(out: News) -> None:
    revise(out, "111000")
    revise_others(out)
    with pytest.raises(ConfigError, match="cannot be told any more: ath of BTC is no news by what is known now"):
        out.desk.prepare_correction(the_id(out), "wrong")


def revise_others(here: News) -> None:
    """No high of these days was above the old one."""
    archive = SqlArchive(here.engine)
    for window in ("4h", "1d"):
        [column] = [c for c in archive.load("spot.high", "BTC") if c.key.window == window and c.key.source == "binance"]
        highs = [Reading(column.key, Decimal("111000"), Unit.USD, datetime.fromtimestamp(o, UTC), PEAK_AT + timedelta(hours=6),
                         Origin("klines", "Binance spot"))
                 for o, v in zip(column.observed, column.values, strict=True) if Decimal(v) > 111000]  # fmt: skip
        archive.add(highs)


def test_a_correction_by_hand_is_checked_and_keeps_earlier_notes(out: News) -> None:
    lede = body(out)["paragraphs"][0]["text"]
    with pytest.raises(HeldBack, match="contradicted"):
        out.desk.prepare_correction(the_id(out), "typo", edited(out, "$123,218", "$124,218"))
    for number, word in enumerate(("Once more", "Again"), 1):
        text = edited(out, lede, f"{word}: {lede[0].lower()}{lede[1:]}")
        out.desk.save(out.desk.prepare_correction(the_id(out), f"Note {number}", text), "style")
    [first, second, own] = [p["text"] for p in body(out, 3)["paragraphs"][:3]]
    assert (": Note 2." in first, ": Note 1." in second, own[:6]) == (True, True, "Again:")
    with pytest.raises(ConfigError, match="own text"):
        out.desk.prepare_correction(the_id(out), "none", edited(out, lede, f"Again: {lede[0].lower()}{lede[1:]}"))


def test_a_live_article_whose_price_is_of_the_minute_can_be_corrected_by_hand(tmp_path: Path, noon: Path) -> None:
    """The window of a change ends at the last closed bar, the price two minutes later: the file keeps the price's moment alone."""
    with news(tmp_path, noon) as here:
        last, at = SeriesKey("spot.last", "BTC", "", "binance", "binance"), here.now
        SqlArchive(here.engine).add([Reading(last, Decimal("121467.24"), Unit.USD, at, at, Origin("ticker_24hr", "Binance"))])
        here.write()
        changes = [f for f in body(here)["figures"].values() if f["name"] == "price.change_24h" and f["subject"] == "BTC"]
        assert [f["observed_at"] for f in changes] == ["2025-07-14T12:02:00Z"]
        lede = body(here)["paragraphs"][0]["text"]
        here.send(0)
        text = edited(here, lede, f"Again: {lede[0].lower()}{lede[1:]}")
        prepared = here.desk.prepare_correction(the_id(here), "Note", text)
        assert [p["text"][:6] for p in prepared.article["paragraphs"][1:2]] == ["Again:"]


def reworded(here: News, word: str = "Again") -> Path:
    """The article's Markdown with another beginning."""
    lede = body(here)["paragraphs"][0]["text"]
    return edited(here, lede, f"{word}: {lede[0].lower()}{lede[1:]}")


def test_of_two_corrections_the_second_is_looked_at_again(out: News) -> None:
    first = out.desk.prepare_correction(the_id(out), "one", reworded(out))
    second = out.desk.prepare_correction(the_id(out), "two", reworded(out, "Anew"))
    out.desk.save(first, "one")
    with pytest.raises(ConfigError, match="version 2 of the story has come meanwhile"):
        out.desk.save(second, "two")


def newer(here: News, version: int, decision: str = "publish", at: datetime | None = None) -> str:
    """The engine writes another version of the story; returns why it is held."""
    [first] = [r for r in here.rows() if r.version == 1]
    made = whole_article(first.body)
    fresh = replace(made, id=f"00000000-0000-5000-8000-00000000000{version}", version=version, as_of=at or made.as_of,
                    verdict=replace(made.verdict, decision=decision))  # type: ignore[arg-type]  # fmt: skip
    return save_article(here.engine, fresh, {"site": 3600, "cms": 3600}, here.now).held


def test_a_kill_takes_the_place_of_whatever_has_come_while_it_was_confirmed(out: News) -> None:
    kill = out.desk.prepare_kill(the_id(out), "Wrong by a factor of ten.")
    newer(out, 2)
    done = out.desk.save(kill, "wrong")
    out.send(0)
    assert (done.version, out.states(2), out.states(3)) == (
        3, {"site": "superseded", "cms": "superseded"}, {"site": "confirmed", "cms": "confirmed"})  # fmt: skip
    assert [e["type"] for e in out.events("cms")] == ["article.retracted"]
    assert "Wrong by a factor of ten." in body(out, 3)["paragraphs"][0]["text"]


def test_a_correction_is_of_the_version_that_readers_have_and_not_of_one_that_is_held(out: News) -> None:
    newer(out, 2, "hold", out.now)
    out.desk.save(out.desk.prepare_correction(the_id(out), "style", reworded(out)), "style")
    rows = {r.version: r for r in out.rows()}
    assert rows[3].as_of == rows[1].as_of < rows[2].as_of
    assert json.loads(rows[3].body)["as_of"] == json.loads(rows[1].body)["as_of"]


def test_a_target_that_the_desk_has_no_more_is_named_since_nothing_reaches_it(out: News) -> None:
    text = (out.folder / "newsgen.toml").read_text("utf-8")
    (out.folder / "newsgen.toml").write_text(text.replace('name = "cms"', 'name = "paper"'), "utf-8")
    out.service.settings = load_settings(out.folder / "newsgen.toml", env=out.service.env)
    prepared = out.desk.prepare_kill(the_id(out), "wrong")
    assert (set(prepared.targets), prepared.unreached) == ({"site", "paper"}, ("cms",))


def test_a_target_that_was_down_gets_the_withdrawal_when_it_returns_and_nothing_before(waiting: News) -> None:
    waiting.receivers["cms"].answers = ["503"] * 2
    waiting.send(0)
    assert waiting.states() == {"site": "confirmed", "cms": "unknown"}
    waiting.desk.save(waiting.desk.prepare_kill(the_id(waiting), "wrong"), "wrong")
    waiting.send(0)
    waiting.send(10)
    assert waiting.states(2) == {"site": "confirmed", "cms": "confirmed"}
    assert [e["type"] for e in waiting.events("cms")][2:] == ["article.retracted"]


# What a source revises


def look(here: News) -> list[str]:
    """The corrections that are proposed after a round of gathering."""
    asyncio.run(here.service.look_for_revisions())
    return [p.reason for p in desk_state(here.engine).proposals]


def test_a_revision_of_a_printed_figure_is_proposed_to_a_person_once(out: News) -> None:
    assert look(out) == []
    revise(out, "123091.61")
    [reason] = look(out)
    assert reason.startswith("binance has revised spot.high of BTC at 2025-07-14T08:00:00Z: $123,218 is $123,092 now")
    assert look(out) == [reason]
    out.service.revised.clear()  # another process
    assert look(out) == [reason]
    assert out.states(2) == {}
    out.desk.save(out.desk.prepare_correction(the_id(out), "The venue has revised its high"), "revised")
    assert look(out) == []


def test_a_proposal_that_a_person_has_declined_does_not_come_back(out: News) -> None:
    with pytest.raises(ConfigError, match="no correction of it is proposed"):
        out.desk.decline(the_id(out), "none")
    revise(out, "123091.61")
    assert len(look(out)) == 1
    out.desk.decline(the_id(out), "The revision is wrong")
    out.service.revised.clear()
    assert (look(out), actions(out)[-1]) == ([], ("decline", "ada", "The revision is wrong"))


@pytest.mark.parametrize(("value", "hours"), [("123218.3", 0), ("123091.61", 48)])
def test_a_revision_within_the_rounding_or_of_an_old_article_is_not_proposed(out: News, value: str, hours: int) -> None:
    revise(out, value)
    out.now += timedelta(hours=hours)
    assert look(out) == []


def test_a_value_that_the_source_has_taken_back_is_no_revision(out: News) -> None:
    revise(out, "123091.61")
    known = PEAK_AT + timedelta(hours=6)
    SqlArchive(out.engine).add([Reading(HIGH, Decimal("123218"), Unit.USD, PEAK_AT, known, Origin("klines", "Binance spot"))])
    assert look(out) == []
    assert revised_articles(out.engine, out.now - timedelta(days=2)) == []


# Two processes


@pytest.mark.parametrize("others", [0, 1])
def test_a_service_that_begins_leaves_alone_what_another_process_has_in_hand(tmp_path: Path, noon: Path, others: int) -> None:
    """Alone, it takes up the edition that somebody began and did not end: that one has died."""
    with news(tmp_path, noon) as here:
        fire = here.now.replace(minute=0)
        assert claim_fire(here.engine, "main", "noon", fire, here.now)
        with working(here) if others else nullcontext():

            async def serve() -> None:
                serving = asyncio.create_task(run_service(here.service))
                for _ in range(20 if others else 300):
                    await asyncio.sleep(0.05)
                    if here.rows():
                        break
                os.kill(os.getpid(), signal.SIGTERM)
                await serving

            asyncio.run(serve())
        alone = not others and here.engine.dialect.name == "sqlite"  # of a PostgreSQL database nobody knows
        assert len(here.rows()) == int(alone)


@contextmanager
def working(here: News) -> Iterator[None]:
    """Another process works on the desk's database."""
    code = (
        "import sys, sqlalchemy as sa; from newsgen.store.alone import is_alone; is_alone(sa.create_engine(sys.argv[1])); print(flush=True)"
    )
    command = [sys.executable, "-c", f"{code}; sys.stdin.read()", str(here.engine.url)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.kill()
