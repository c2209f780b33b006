"""The day's newsletter from the command line: the newest version of each story of that day, in the readers' zone."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from desk import written
from sqlalchemy import Engine

from newsgen.cli import main
from newsgen.store.claims import claim_due
from newsgen.store.database import open_database
from newsgen.store.deliveries import settle
from newsgen.store.newsroom import save_article
from newsgen.store.versions import Act, stop_and_hold
from newsgen.story import Article, Change, Paragraph, Text

NOON = datetime(2025, 7, 14, 12, 3, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A record on July 14, in two versions; a story of the crash of 2024 that is another day's."""
    url = f"sqlite:///{tmp_path}/news.db"
    engine = open_database(url)
    record, crash = written("2025-07-14-squeeze").article, written("2024-08-05-crash").article
    assert record is not None
    assert crash is not None
    for article in (record, crash, replace(record, id="second", version=2, headline=Text("The second telling of the record"))):
        publish(engine, article)
    engine.dispose()
    return url


def publish(engine: Engine, article: Article) -> None:
    """Write an article, and have a target take it."""
    save_article(engine, article, {"cms": 3600}, NOON)
    [claimed] = claim_due(engine, NOON)
    settle(engine, claimed, "confirmed", NOON, is_there=True)


def _told(database: str, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["--db", database, "newsletter", *more])
    return result.exit_code, result.output


def test_the_newest_version_of_the_days_stories_and_no_others(database: str) -> None:
    code, text = _told(database, "--day", "2025-07-14")
    assert code == 0
    assert text.count("The second telling of the record") >= 1
    crash = written("2024-08-05-crash").article
    assert crash is not None
    assert crash.headline.text not in text


def test_the_mail_holds_both_forms_of_the_same_stories(database: str) -> None:
    code, text = _told(database, "--day", "2025-07-14", "--format", "eml")
    mail = email.message_from_string(text, policy=email.policy.default)
    assert code == 0
    assert mail["subject"]
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert "The second telling of the record" in body.get_content()


def test_a_day_without_a_story_and_one_whose_story_was_withdrawn_have_none(database: str) -> None:
    code, text = _told(database, "--day", "2025-07-13")
    assert (code, "no story of main on 2025-07-13" in text) == (4, True)
    record = written("2025-07-14-squeeze").article
    assert record is not None
    notice = Paragraph("correction", record.angle, Text("It is withdrawn."))
    gone = replace(record, id="third", version=3, paragraphs=(notice,), change=Change("withdrawal", "It is withdrawn.", NOON, "desk"))
    engine = open_database(database)
    save_article(engine, gone, {"cms": 3600}, NOON)  # it is on its way
    engine.dispose()
    assert _told(database, "--day", "2025-07-14")[0] == 4


def test_what_is_stopped_and_what_nobody_has_is_not_in_it(tmp_path: Path) -> None:
    record = written("2025-07-14-squeeze").article
    assert record is not None
    database = f"sqlite:///{tmp_path}/news.db"
    engine = open_database(database)
    save_article(engine, record, {"cms": 3600}, NOON)
    assert _told(database, "--day", "2025-07-14")[0] == 4
    [claimed] = claim_due(engine, NOON)
    settle(engine, claimed, "confirmed", NOON, is_there=True)
    save_article(engine, replace(record, id="second", version=2, headline=Text("Told by a wrong total")), {"cms": 3600}, NOON)
    assert stop_and_hold(engine, "source", "coinglass", Act("ada", "totals times ten", NOON))[1] == 1
    engine.dispose()
    code, text = _told(database, "--day", "2025-07-14")
    assert (code, record.headline.text in text, "wrong total" in text) == (0, True, False)


def test_a_wrong_day_and_an_unknown_site_are_named(database: str) -> None:
    code, text = _told(database, "--day", "July 14")
    assert (code, "write a day as 2025-07-14" in text) == (2, True)
    code, text = _told(database, "--site", "uk")
    assert (code, "no site 'uk'; there are: main" in text) == (2, True)


def test_a_desk_of_several_sites_says_of_which(tmp_path: Path) -> None:
    (tmp_path / "newsgen.toml").write_text('[[sites]]\nname = "one"\n[[sites]]\nname = "two"\n', "utf-8")
    result = CliRunner().invoke(main, ["--config", str(tmp_path / "newsgen.toml"), "newsletter", "--day", "2025-07-14"])
    assert (result.exit_code, "of which --site; there are: one, two" in result.output) == (2, True)
