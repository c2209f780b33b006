"""Replay: what the past would have given, in every format; stories go on in it, thresholds can be tried, processors change nothing."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from desk import SAMPLES, edition, newsroom
from replay_jobs import FIRST, counting, dying, never_alike
from structlog.testing import capture_logs

from newsgen import replay_parts
from newsgen.cli import main
from newsgen.config import Settings, SiteSettings
from newsgen.draft import ReplayJob, Wish, replay_of
from newsgen.market import View
from newsgen.pipeline import Order
from newsgen.replay import AUTO, REMEMBERED, STORIES, Take, moments_between, remembered, replay, slim
from newsgen.replay_parts import parts_of, replay_in_parts
from newsgen.service import Service
from newsgen.store.database import open_database
from newsgen.story import Published

ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")
FOLDER = SAMPLES / "2025-07-14-squeeze"
LAST = datetime(2025, 7, 14, 12, tzinfo=UTC)
SPAN = ["--from", "2025-07-09T00:00:00Z", "--to", "2025-07-14T12:00:00Z", "--every", "4h"]


@cache
def july() -> list[Take]:
    """Five days of July 2025, a look every four hours."""
    start = View(LAST, edition(FOLDER.name).archive.load, ASSETS, edition(FOLDER.name).view.precedence)
    return list(replay(newsroom(), start, moments_between(FIRST, LAST, timedelta(hours=4)), Order("july", form=AUTO)))


def articles() -> list[Take]:
    return [take for take in july() if take.article is not None]


# Stories.


def test_every_article_may_be_published() -> None:
    held = [(t.as_of, f.check, f.message) for t in articles() for f in t.article.verdict.findings if f.severity == "block"]  # type: ignore[union-attr]
    assert held == [] and len(articles()) >= 12
    assert not [fault for take in july() for fault in take.faults]


def test_a_moment_without_news_says_why() -> None:
    quiet = [take.quiet for take in july() if take.article is None]
    assert len(quiet) >= 5 and all(quiet)
    assert any("nothing material since version" in reason for reason in quiet)


def test_a_story_goes_on_under_one_id_and_slug_and_says_what_has_changed() -> None:
    stories: dict[str, list[Take]] = {}
    for take in articles():
        stories.setdefault(take.article.story, []).append(take)  # type: ignore[union-attr]
    later = [takes for takes in stories.values() if len(takes) > 1]
    assert later
    for takes in later:
        made = [t.article for t in takes if t.article is not None]
        assert [a.version for a in made] == list(range(1, len(made) + 1))
        assert len({a.slug for a in made}) == 1
        assert all(a.dek.text.startswith("Update: ") for a in made[1:])
        for before, after in pairwise(takes):
            step = after.lead.step if after.lead else None
            assert step is not None and step.since == before.as_of and step.kind in ("update", "reversal") and step.reason


def test_what_was_told_is_marked_as_told() -> None:
    update = next(t.article for t in articles() if t.article is not None and t.article.version > 1)
    told = {f["name"]: f for f in update.as_json()["figures"].values() if f["told_at"]}
    assert "price.last" in told and told["price.last"]["told_at"] < update.as_json()["as_of"]
    assert told["price.last"]["observed_at"] <= told["price.last"]["told_at"]


def test_no_family_tells_two_stories_of_one_subject_within_a_day() -> None:
    last: dict[tuple[str, str], datetime] = {}
    for take in articles():
        assert take.article is not None and take.lead is not None and take.lead.step is not None
        key = (take.lead.family, take.lead.subject)
        if take.article.version == 1 and not take.lead.step.anchor:
            assert key not in last or take.as_of - last[key] >= timedelta(hours=24)
            last[key] = take.as_of


def test_two_stories_of_one_day_share_two_messages_at_most() -> None:
    days: dict[object, list[Take]] = {}
    for take in articles():
        days.setdefault(take.as_of.date(), []).append(take)
    for takes in days.values():
        for i, one in enumerate(takes):
            for other in takes[i + 1 :]:
                assert one.article is not None and other.article is not None
                if one.article.story != other.article.story:
                    own = {m for m in other.article.messages if " lede " not in m and " nut_graf " not in m}
                    assert len(own & set(one.article.messages)) <= 2, (one.article.headline.text, other.article.headline.text)


# Parts.


DAYS = [FIRST + timedelta(days=k) for k in range(120)]


@pytest.mark.parametrize("job", [counting, dying])
def test_parts_give_what_one_gives(job: replay_parts.Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_parts, "LEAST", 30)
    alone = [step.take for step in counting(DAYS, ())]
    done: list[int] = []
    assert list(replay_in_parts(job, DAYS, 3, done.append)) == alone
    assert done and done[-1] >= len(DAYS)
    assert len(parts_of(DAYS, 3)) == 3 and parts_of(DAYS, 1) == [DAYS] and len(parts_of(DAYS, 9)) == 4


def test_a_part_ahead_with_another_memory_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_parts, "LEAST", 30)
    told = {take.quiet for take in replay_in_parts(never_alike, DAYS, 2)}
    assert told == {f"{FIRST:%j}"}  # all of them follow from the first moment, as with one process


def test_real_parts_give_the_articles_of_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_parts, "LEAST", 20)
    monkeypatch.setattr(replay_parts, "WARM_UP", timedelta(days=8))
    settings, wish = Settings(), Wish(FOLDER)
    span = (datetime(2025, 5, 1, tzinfo=UTC), datetime(2025, 6, 10, tzinfo=UTC), timedelta(days=1))
    one, two = (list(replay_of(settings, wish, *span, processes=count)) for count in (1, 2))
    assert one == two and sum(t.article is not None for t in one) > 10


def test_stories_are_remembered_for_a_week_and_wordings_for_a_month() -> None:
    told = [Published("a", "BTC", FIRST - timedelta(days=k)) for k in (1, 6, 7, 29, 30)]
    assert remembered(told, FIRST) == tuple(told[:4]) and timedelta(days=7) == STORIES and timedelta(days=30) == REMEMBERED


# The command.


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["replay", *SPAN, "--edition", str(FOLDER), "--processes", "1", *arguments])


def test_the_table_has_a_line_an_article_and_the_counts() -> None:
    found = run("--angle", "short_squeeze", "--angle", "ath")
    assert found.exit_code == 0, found.output
    lines = found.stdout.splitlines()
    rows = [line for line in lines if re.match(r"2025-07-\d\d \d\d:00Z (standard|brief) ", line)]
    assert len(rows) >= 4 and any("short_squeeze (market)" in r for r in rows) and any(" v2: " in r for r in rows)
    assert re.search(r"34 moments: \d+ articles, \d+ briefs, \d+ quiet; [1-9]\d* later versions, 0 held", found.stdout)


def test_jsonl_has_an_object_a_moment_without_readings() -> None:
    found = run("--angle", "ath", "--format", "jsonl")
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    assert len(rows) == 34 and [r["as_of"] for r in rows][:2] == ["2025-07-09T00:00:00Z", "2025-07-09T04:00:00Z"]
    written = [r for r in rows if r["article"]]
    assert written and all(r["quiet"] is None and "readings" not in r["article"] and r["article"]["figures"] for r in written)
    assert all(r["quiet"] for r in rows if not r["article"])


def test_another_threshold_shows_what_is_gained_and_lost() -> None:
    found = run("--angle", "short_squeeze", "--set", "short_squeeze.floor_venue_usd=100e6", "--set", "short_squeeze.floor_market_usd=9e9")
    assert found.exit_code == 0, found.output
    told = re.search(r"with short_squeeze\.floor_venue_usd=100e6, .*: (\d+) gained, ([1-9]\d*) lost, (\d+) changed", found.stdout)
    assert told, found.stdout
    rows = re.findall(r"^  2025-07-\d\d \d\d:00Z (?:gained|lost|changed) .*  ->  ", found.stdout, re.MULTILINE)
    assert len(rows) == sum(map(int, told.groups()))


def test_the_page_is_written_whole_and_links_lead_to_its_articles(tmp_path: Path) -> None:
    page = tmp_path / "july.html"
    found = run("--format", "html", "--out", str(page), "--set", "ath.beyond_pct=3")
    assert found.exit_code == 0 and found.stdout == "" and f"{page} is written" in found.stderr
    text = page.read_text("utf-8")
    ids = set(re.findall(r'id="(a\d+)"', text))
    assert ids and set(re.findall(r'href="#(a\d+)"', text)) == ids
    assert "<script" not in text and "July 2025" in text and "<polyline" in text and "With ath.beyond_pct=3" in text
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "ath=3"], "--set ath=3: write ANGLE.LIMIT=VALUE"),
        (["--set", "ath.beyond=3"], "limits.beyond is not defined"),
        (["--set", "ath.beyond_pct=far"], "which is no number"),
        (["--set", "atx.beyond_pct=3"], "atx: no such angle"),
        (["--angle", "atx"], "no angle 'atx'"),
        (["--every", "0h"], "'0h' is no span of time"),
        (["--to", "2025-07-01T00:00:00Z"], "--to 2025-07-01 00:00 is before --from 2025-07-09 00:00"),
        (["--from", "2025-07-01"], "has no time zone"),
        (["--form", "novel"], "the form novel is not written yet"),
    ],
)
def test_wrong_use_is_told_and_gives_nothing(arguments: list[str], told: str) -> None:
    found = run(*arguments)
    assert (found.exit_code, found.stdout) == (2, "") and told in found.stderr


def test_a_small_take_keeps_what_a_page_shows() -> None:
    take = articles()[0]
    small = slim(take)
    assert take.article is not None and small.article is not None
    assert small.article.headline == take.article.headline and small.lead and small.lead.score == take.lead.score  # type: ignore[union-attr]
    assert not small.article.figures and not small.article.readings


# A desk's own thresholds, without a restart.


def fires(folder: Path) -> int:
    settings = Settings(templates=str(folder))
    wish = Wish(FOLDER, angles=("short_squeeze",))
    job = ReplayJob(settings, wish)
    return sum(step.take.article is not None for step in job([t.as_of for t in july()[-6:]], ()))


def test_a_threshold_in_the_override_file_changes_the_next_replay(tmp_path: Path) -> None:
    own = tmp_path / "angles" / "short_squeeze" / "limits.toml"
    own.parent.mkdir(parents=True)
    own.write_text("side_share_pct = 65\n")
    before = fires(tmp_path)
    own.write_text("side_share_pct = 99.9\n")
    assert before > 0 and fires(tmp_path) == 0


def test_a_broken_rule_is_refused_with_file_and_line_while_the_old_one_serves(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "angles" / "big_move" / "limits.toml"
    own.parent.mkdir(parents=True)
    own.write_text("deviations = 3\n")
    engine = open_database(f"sqlite:///{tmp_path}/n.db")
    service = Service(Settings(templates=str(tmp_path / "templates")), engine, lambda: LAST)

    def deviations() -> Decimal:
        rules = service.newsroom(SiteSettings()).rules
        return next(r for r in rules if r.name == "big_move").limits["deviations"].value

    assert deviations() == 3
    own.write_text("deviations = 4\n")
    assert deviations() == 4
    own.write_text('\ndeviations = "wide"\n')
    with capture_logs() as told:
        assert deviations() == 4
    (refused,) = told
    assert (refused["event"], refused["log_level"]) == ("templates.refused", "error")
    assert "big_move/limits.toml:2: deviations is set to 'wide', which is no number (write name = 400e6" in str(refused["problem"])
    engine.dispose()
