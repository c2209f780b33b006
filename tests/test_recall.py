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

from newsgen.config import load_settings
from newsgen.errors import ConfigError
from newsgen.market import Origin, Reading, SeriesKey, Unit, View
from newsgen.newsdesk import Newsdesk
from newsgen.recall import cause_of_reading, cause_of_source, find_resting, hold_new, recall
from newsgen.store.archive import SqlArchive
from newsgen.store.basis import ARTICLE_READING, Cause
from newsgen.store.database import open_database
from newsgen.store.deliveries import deliveries_of
from newsgen.store.newsroom import save_article
from newsgen.store.retired import retire, retired_between
from newsgen.store.status import desk_state

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
    kept = {tuple(r) for r in out.rows(ARTICLE_READING)}
    assert {r.whole for r in out.rows(ARTICLE_READING)} == {0, 1}
    with out.engine.begin() as connection:
        for statement in ("DROP TABLE article_reading", "DROP TABLE retired", "ALTER TABLE article DROP COLUMN approved_sha256",
                          "ALTER TABLE stop DROP COLUMN lifted_by",
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


def test_an_article_that_nobody_has_is_spiked(tmp_path: Path, written: Path) -> None:
    with news(tmp_path, written) as here:
        assert set(run(here.desk, cause_of_reading(here.desk, the_reading(here))).values()) == {"spiked"}
        here.send(0)
        assert here.events("cms") == []


def test_a_new_article_that_rests_on_a_retired_reading_is_held_whoever_has_read_it_before(tmp_path: Path, noon: Path) -> None:
    """A service that has the archive in memory may write from it for a minute more."""
    with news(tmp_path, noon) as here:
        here.service.archive().load("spot.high", "BTC")
        retire(here.engine, Cause(HIGH, first=PEAK_AT, last=PEAK_AT), "ada", "bad tick", NOON)
        here.write()
        [row] = here.rows()
        assert row.decision == "hold"
        assert "a reading is retired: spot.high of BTC from binance" in json.loads(row.body)["verdict"]["findings"][0]["message"]
        with pytest.raises(ConfigError, match="rests on a retired reading"):
            here.desk.approve(row.id)


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
