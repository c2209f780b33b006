"""Recall by cause: what rests on a bad reading is found, held, undone at every target, and the reading does not come back."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from desk import written as sample
from news_desk import NOON, News, news, settings_text
from sqlalchemy import Engine

from newsgen.article_file import whole_article
from newsgen.config import load_settings
from newsgen.errors import ConfigError, HeldBack
from newsgen.market import Origin, Reading, SeriesKey, Unit, View
from newsgen.newsdesk import Newsdesk
from newsgen.recall import cause_of_reading, cause_of_source, find_resting, hold_new, recall
from newsgen.store.archive import SqlArchive
from newsgen.store.basis import ARTICLE_READING, Cause
from newsgen.store.claims import claim_due
from newsgen.store.database import open_database
from newsgen.store.deliveries import deliveries_of, settle
from newsgen.store.newsroom import ARTICLE, save_article
from newsgen.store.retired import retire, retired_between
from newsgen.store.status import desk_state
from newsgen.story import Text

HIGH = SeriesKey("spot.high", "BTC", "4h", "binance", "binance")
PEAK_AT = datetime(2025, 7, 14, 8, tzinfo=UTC)
PEAK = "spot.high/BTC/4h/binance/binance@2025-07-14T08:00:00Z"
CALM = '[staleness]\nafter = "1d"\n'  # what waits is sent as it is: prices are not what these tests are about
TARGETS = ("one", "two", "three")


@pytest.fixture
def out(tmp_path: Path, published: Path) -> Iterator[News]:
    """An article on bitcoin's high is out."""
    with news(tmp_path, published) as made:
        made.now += timedelta(hours=1)
        yield made


def the_reading(here: News) -> str:
    """How ARTICLE.json of the first article names the high."""
    [row] = [r for r in here.rows() if r.version == 1]
    found = [
        n for n, r in json.loads(row.body)["readings"].items() if (r["series"], r["observed_at"]) == ("spot.high", "2025-07-14T08:00:00Z")
    ]
    return f"{row.id}/{found[0]}"


def run(desk: Newsdesk, cause: Cause, *, correct: bool = False) -> dict[str, str]:
    """Article to its fate."""
    return {r.article.headline: r.fate for r in recall(desk, cause, "a bad tick", correct=correct)}


# The readings


def high(value: str, known: datetime = PEAK_AT) -> Reading:
    return Reading(HIGH, Decimal(value), Unit.USD, PEAK_AT, known, Origin("klines", "Binance spot"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(f"sqlite:///{tmp_path}/news.db")
    yield made
    made.dispose()


def values(engine: Engine, at: datetime = NOON) -> list[str]:
    return [str(r.value) for run in View(at, SqlArchive(engine).load, ("BTC",)).runs("spot.high", "BTC") for r in run]


def test_a_retired_reading_is_in_no_view_and_does_not_come_back_when_it_is_sent_again(engine: Engine) -> None:
    archive = SqlArchive(engine)
    archive.add([high("123218")])
    cause = Cause(HIGH, first=PEAK_AT, last=PEAK_AT)
    assert retire(engine, cause, "ada", "bad tick", NOON) == 1
    assert values(engine) == []
    assert SqlArchive(engine).add([high("123218"), high("123218.0", PEAK_AT + timedelta(hours=1))]).new == 0
    assert values(engine) == []
    assert SqlArchive(engine).add([high("122000")]).new == 1  # what the venue says instead
    assert values(engine) == ["122000"]
    [gone] = retired_between(engine, PEAK_AT, PEAK_AT)
    assert (gone.key, gone.value, gone.reason) == (HIGH, "123218", "bad tick")


def test_of_a_revised_reading_the_one_that_is_retired_gives_way_to_the_other(engine: Engine) -> None:
    SqlArchive(engine).add([high("123218"), high("999999", PEAK_AT + timedelta(hours=1))])
    retire(engine, Cause(HIGH, first=PEAK_AT, last=PEAK_AT, known_at=PEAK_AT + timedelta(hours=1)), "ada", "bad", NOON)
    assert values(engine) == ["123218"]


def test_of_a_source_only_the_span_is_retired(engine: Engine) -> None:
    later = replace(high("120000"), observed_at=PEAK_AT + timedelta(hours=4), known_at=PEAK_AT + timedelta(hours=4))
    SqlArchive(engine).add([high("123218"), later])
    assert retire(engine, Cause(source="binance", first=PEAK_AT, last=PEAK_AT + timedelta(hours=1)), "ada", "bad", NOON) == 1
    assert values(engine, NOON + timedelta(hours=1)) == ["120000"]


# What rests on it


def test_an_article_is_found_by_its_reading_its_source_its_angle_and_its_templates(out: News) -> None:
    [row] = out.rows()
    template = json.loads(row.body)["made_from"]["templates_sha256"]
    causes = [
        cause_of_reading(out.desk, the_reading(out)), cause_of_reading(out.desk, PEAK), cause_of_reading(out.desk, f"series:{PEAK}"),
        cause_of_source("binance", PEAK_AT, PEAK_AT), Cause(angle=row.angle), Cause(template=template[:12]),
    ]  # fmt: skip
    assert [[r.article.id for r in find_resting(out.desk, cause)] for cause in causes] == [[row.id]] * len(causes)
    for nothing in (
        cause_of_source("binance", NOON + timedelta(minutes=1), NOON + timedelta(days=1)),
        Cause(angle="quiet_day"),
        Cause(template="ab12"),
    ):
        assert find_resting(out.desk, nothing) == []


@pytest.mark.parametrize("wrong", ["r3", "nobody/r3", "spot.high/BTC@2025-07-14T08:00:00Z", f"{PEAK[:-1]}"])
def test_what_names_no_reading_is_refused_with_the_form_that_does(out: News, wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"write SERIES/SUBJECT/WINDOW/SOURCE/VENUE@TIME|write ARTICLE/r3|no article"):
        cause_of_reading(out.desk, wrong)
    with pytest.raises(ConfigError, match="wants --from TIME and --to TIME"):
        cause_of_source("binance", PEAK_AT, None)


def test_an_older_database_knows_after_its_upgrade_what_its_articles_rest_on(out: News) -> None:
    later = json.loads(out.rows()[0].body)["columns"]  # older articles did not name them
    known = [r for r in out.rows(ARTICLE_READING) if "series:" + "/".join((r.series, r.subject, r.span, r.source, r.venue)) not in later]
    kept = {tuple(r) for r in out.rows(ARTICLE_READING) if r in known or not r.whole}
    assert {r.whole for r in out.rows(ARTICLE_READING)} == {0, 1}
    with out.engine.begin() as connection:
        for statement in ("DROP TABLE article_reading", "DROP TABLE retired", "ALTER TABLE article DROP COLUMN approved_sha256",
                          "ALTER TABLE stop DROP COLUMN lifted_by", "ALTER TABLE delivery DROP COLUMN approved_for",
                          *(f"ALTER TABLE attempt DROP COLUMN {name}" for name in ("took_ms", "next_at", "answer")),
                          "UPDATE alembic_version SET version_num = '0006'"):  # fmt: skip
            connection.execute(sa.text(statement))
    out.engine.dispose()
    open_database(f"sqlite:///{out.folder}/newsgen.db").dispose()
    assert {tuple(r) for r in out.rows(ARTICLE_READING)} == kept
    assert out.rows()[0].approved_sha256 == ""


# Undone


def test_what_can_be_told_without_the_reading_is_corrected(tmp_path: Path, noon: Path) -> None:
    """The venue revised its high to a wrong one; without that, the first one stands again."""
    with news(tmp_path, noon) as here:
        SqlArchive(here.engine).add([high("130000", PEAK_AT + timedelta(hours=3))])
        here.write()
        here.send(0)
        assert "$130,000" in here.events("cms")[0]["data"]["headline"]
        cause = cause_of_reading(here.desk, the_reading(here))
        stop = hold_new(here.desk, cause, "a bad tick")
        assert (stop.scope, stop.name) == ("source", "binance")
        assert set(run(here.desk, cause, correct=True).values()) == {"corrected"}
        here.send(0)
        [_, event] = here.events("cms")
        assert event["type"] == "article.corrected"
        assert "$123,218" in event["data"]["headline"]
        assert "gave $130,000 where it is $123,218" in event["data"]["body_text"]
        assert here.states(2) == {"site": "confirmed", "cms": "confirmed"}


def test_what_cannot_be_told_without_the_reading_is_withdrawn(out: News) -> None:
    """A bar of the price is missing then, and nothing is a record by the others."""
    assert set(run(out.desk, cause_of_reading(out.desk, the_reading(out)), correct=True).values()) == {"withdrawn"}
    out.send(0)
    assert [e["type"] for e in out.events("cms")] == ["article.retracted"]
    assert find_resting(out.desk, Cause(angle="ath")) == []  # what is withdrawn rests on nothing


def test_of_what_rests_on_it_only_by_history_the_same_text_stands_and_the_rest_is_for_a_person(out: News) -> None:
    flows = SeriesKey("etf.net_flow", "BTC", "session", "farside", "us")
    some_day, some_bar = datetime(2024, 11, 4, 21, tzinfo=UTC), datetime(2025, 4, 1, 8, tzinfo=UTC)
    for key, at, fate in ((flows, some_day, "stands"), (HIGH, some_bar, "open")):
        cause = Cause(key, first=at, last=at)
        assert [r.direct for r in find_resting(out.desk, cause)] == [False]
        assert set(run(out.desk, cause).values()) == {fate}
    assert out.states(2) == {}
    [proposal] = desk_state(out.engine).proposals
    assert proposal.reason.startswith(
        "a bad tick: its history rests on what was recalled, and it cannot be told again: ath of BTC is no news"
    )


def test_what_a_chart_draws_and_what_a_condition_looked_at_is_found_too(out: News) -> None:
    """No sentence names the close of a day in winter, nor the buckets by which a squeeze is news."""
    names = json.loads(out.rows()[0].body)["columns"]
    winter = SeriesKey("spot.close", "BTC", "1d", "binance", "binance")
    assert f"series:{'/'.join(winter)}" in names
    assert any(name.startswith("series:liq.bucket_short/") for name in names)
    day = datetime(2025, 1, 20, tzinfo=UTC)
    assert [r.direct for r in find_resting(out.desk, Cause(winter, first=day, last=day))] == [False]
    assert "stands" not in run(out.desk, Cause(winter, first=day, last=day)).values()  # the line has a gap now


def test_what_rests_on_a_supporting_angle_is_told_without_it(out: News) -> None:
    assert json.loads(out.rows()[0].body)["angle"] == "ath"
    cause = Cause(angle="short_squeeze")
    hold_new(out.desk, cause, "its limits are wrong")
    assert set(run(out.desk, cause, correct=True).values()) == {"corrected"}
    [fresh] = [json.loads(r.body) for r in out.rows() if r.version == 2]
    assert "short_squeeze" not in {a["name"] for a in fresh["angles"] if a["role"] != "rejected"}
    assert find_resting(out.desk, cause) == []


@pytest.mark.parametrize("cause", ["angle", "template"])
def test_what_is_what_was_recalled_or_is_made_from_it_still_is_withdrawn(out: News, cause: str) -> None:
    told = json.loads(out.rows()[0].body)
    named = Cause(angle=told["angle"]) if cause == "angle" else Cause(template=told["made_from"]["templates_sha256"])
    assert set(run(out.desk, named, correct=True).values()) == {"withdrawn"}


def test_an_angle_that_the_desk_has_taken_away_is_recalled_all_the_same(out: News) -> None:
    with out.engine.begin() as connection:
        [row] = out.rows()
        connection.execute(sa.update(ARTICLE).values(angle="old", body=row.body.replace('"ath"', '"old"')))
    cause = Cause(angle="old")
    assert hold_new(out.desk, cause, "it was wrong").name == "old"
    assert set(run(out.desk, cause).values()) == {"withdrawn"}


def test_an_article_that_cannot_be_undone_keeps_no_other_from_it(out: News) -> None:
    [row] = out.rows()
    cause = cause_of_reading(out.desk, the_reading(out))
    other = replace(
        whole_article(row.body), id="00000000-0000-5000-8000-000000000000", site="gone", headline=Text("Of a site that is gone")
    )
    save_article(out.engine, other, {"paper": 3600}, out.now)
    [claimed] = claim_due(out.engine, out.now, site="gone")
    settle(out.engine, claimed, "confirmed", out.now, is_there=True)
    done = list(recall(out.desk, cause, "a bad tick", correct=False))
    assert [(r.article.site, r.fate) for r in done] == [("gone", "failed"), ("main", "withdrawn")]
    assert "newsgen.toml does not have" in done[0].why


def test_what_the_source_says_instead_of_a_retired_reading_may_be_told(tmp_path: Path, noon: Path) -> None:
    with news(tmp_path, noon) as here:
        retire(here.engine, Cause(HIGH, first=PEAK_AT, last=PEAK_AT), "ada", "bad tick", NOON - timedelta(minutes=1))
        assert SqlArchive(here.engine).add([high("123300")]).new == 1  # of the same moments
        here.write()
        [row] = here.rows()
        assert (row.decision, "$123,300" in row.body) == ("publish", True)


def test_the_correction_of_a_retired_reading_that_came_later_is_told_in_its_place(out: News) -> None:
    """Of that moment something was known then: what the venue says of it now is no later news."""
    cause = cause_of_reading(out.desk, the_reading(out))
    SqlArchive(out.engine).add([high("123091.61", PEAK_AT + timedelta(hours=4, minutes=30))])
    assert set(run(out.desk, cause, correct=True).values()) == {"corrected"}
    [fresh] = [json.loads(r.body) for r in out.rows() if r.version == 2]
    assert "$123,092" in fresh["headline"]["text"]


def test_an_article_that_nobody_has_is_spiked(tmp_path: Path, written: Path) -> None:
    with news(tmp_path, written) as here:
        assert set(run(here.desk, cause_of_reading(here.desk, the_reading(here))).values()) == {"spiked"}
        here.send(0)
        assert here.events("cms") == []


@pytest.mark.parametrize("at", [PEAK_AT, datetime(2025, 4, 1, 8, tzinfo=UTC)], ids=["read", "history"])
def test_what_was_begun_before_a_reading_was_retired_is_held_whether_it_prints_it_or_tells_its_history(
    tmp_path: Path, written: Path, at: datetime
) -> None:
    with news(tmp_path, written) as here:
        [row] = here.rows()
        here.desk.hold(row.id, "look")
        retire(here.engine, Cause(HIGH, first=at, last=at), "ada", "bad tick", NOON)
        with pytest.raises(HeldBack, match=r"rests on a retired reading: spot\.high of BTC from binance"):
            here.desk.approve(row.id)
        late = replace(whole_article(row.body), id="00000000-0000-5000-8000-000000000002", version=2, columns=(HIGH,))
        assert "a reading is retired: spot.high of BTC from binance" in save_article(here.engine, late, {"cms": 3600}, here.now).held
        after = replace(late, id="00000000-0000-5000-8000-000000000003", version=3, written_at=NOON + timedelta(seconds=1))
        assert bool(save_article(here.engine, after, {"cms": 3600}, here.now).held) is (at == PEAK_AT)


def test_a_service_that_has_read_a_reading_before_it_was_retired_reads_again(tmp_path: Path, noon: Path) -> None:
    with news(tmp_path, noon) as here:
        read = here.service.archive()
        assert here.service.archive() is read
        assert read.load("spot.high", "BTC")
        retire(here.engine, Cause(HIGH, first=PEAK_AT, last=PEAK_AT), "ada", "bad tick", NOON)
        view = View(NOON, here.service.archive().load, ("BTC",))
        assert "123218" not in {str(r.value) for found in view.runs("spot.high", "BTC", window="4h") for r in found}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _serve(here: News, urls: dict[str, str]) -> None:
    """The desk with these addresses."""
    path = here.folder / "newsgen.toml"
    path.write_text(settings_text(urls, CALM), "utf-8")
    here.service.settings = load_settings(path, env=here.service.env)


def test_fourteen_articles_at_four_targets_are_all_withdrawn_and_the_one_that_was_down_gets_its_kills_first(
    tmp_path: Path, noon: Path
) -> None:
    told = sample("2025-07-14-squeeze").article
    assert told is not None
    names = {f"Story {n} of a bad tick": f"story-{n}" for n in range(14)}
    with news(tmp_path, noon, TARGETS, CALM) as here:
        for number, (headline, story) in enumerate(names.items()):
            one = replace(
                told,
                id=f"{number:08d}-0000-5000-8000-000000000000",
                story=story,
                slug=story,
                headline=replace(told.headline, text=headline),
            )
            save_article(here.engine, one, dict.fromkeys(("site", *TARGETS), 6 * 3600), NOON)
        here.send(0)
        assert {r["state"] for r in deliveries_of(here.engine)} == {"confirmed"}
        down = {n: here.receivers[n].url for n in TARGETS} | {"three": f"http://127.0.0.1:{_free_port()}/hook"}
        _serve(here, down)
        after = replace(
            told, id="99999999-0000-5000-8000-000000000000", story="after", slug="after", readings={}, figures={}, written_at=NOON
        )
        save_article(here.engine, after, {"three": 6 * 3600}, NOON)
        cause = cause_of_reading(here.desk, "00000003/" + _named(told.as_json()))
        begun = next(recall(here.desk, cause, "a bad tick", correct=False))  # and the power is cut
        fates = run(here.desk, cause) | {begun.article.headline: begun.fate}
        assert fates == dict.fromkeys(names, "withdrawn")
        assert len(here.rows()) == 29
        here.send(0)
        states = {r["target"]: r["state"] for r in deliveries_of(here.engine) if r["version"] == 2}
        assert states == {"site": "confirmed", "one": "confirmed", "two": "confirmed", "three": "pending"}
        _serve(here, {n: here.receivers[n].url for n in TARGETS})
        here.receivers["three"].requests.clear()
        here.send(6)
        assert {(r["target"], r["state"]) for r in deliveries_of(here.engine) if r["version"] == 2} == {
            (name, "confirmed") for name in ("site", *TARGETS)}  # fmt: skip
        kinds = [e["type"] for e in here.events("three")]
        assert kinds == ["article.retracted"] * 14 + ["article.published"]
        pages = [(tmp_path / "site" / "articles" / story / "index.html").read_text("utf-8") for story in names.values()]
        assert all("Withdrawn" in page and told.paragraphs[0].body.text not in page for page in pages)


def _named(article: dict[str, object]) -> str:
    readings = article["readings"]
    assert isinstance(readings, dict)
    return next(n for n, r in readings.items() if r["source"] == "coinglass")
