"""Stops by site, target, source, angle and asset, and the brake, with the real service and real receivers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from desk import written as sample
from news_desk import NOON, News, news

from newsgen.errors import ConfigError, HeldBack
from newsgen.store.claims import claim_due
from newsgen.store.database import writing
from newsgen.store.deliveries import deliveries_of
from newsgen.store.newsroom import save_article
from newsgen.store.stops import active_stops, add_stop


@pytest.fixture
def fresh(tmp_path: Path, noon: Path) -> Iterator[News]:
    with news(tmp_path, noon) as made:
        yield made


@pytest.fixture
def waiting(tmp_path: Path, written: Path) -> Iterator[News]:
    with news(tmp_path, written) as made:
        yield made


def decision(here: News) -> tuple[str, str]:
    """Of the only article, and its first finding."""
    [row] = here.rows()
    findings = json.loads(row.body)["verdict"]["findings"]
    return row.decision, findings[0]["message"] if findings else ""


@pytest.mark.parametrize(("scope", "name"), [("source", "farside"), ("asset", "BTC")])
def test_a_new_article_that_rests_on_what_is_stopped_is_held_with_the_reason(fresh: News, scope: str, name: str) -> None:
    fresh.desk.stop(scope, name, "Ten times too high")
    assert fresh.write().article.verdict.decision == "hold"
    fresh.send(0)
    assert fresh.states() == {"site": "held", "cms": "held"}
    assert decision(fresh) == ("hold", f"stop 1: {scope} {name}: Ten times too high")
    assert fresh.events("cms") == []
    with pytest.raises(HeldBack, match="newsgen resume 1 lifts it"):
        fresh.desk.approve(fresh.rows()[0].id)
    fresh.desk.resume("1")
    assert decision(fresh)[0] == "hold"  # what was written meanwhile is for a person to look at
    assert fresh.desk.approve(fresh.rows()[0].id) == 2


def test_an_article_that_does_not_rest_on_what_is_stopped_goes_out(fresh: News) -> None:
    fresh.desk.stop("source", "deribit", "down")
    fresh.desk.stop("asset", "SOL", "bad pair")
    fresh.desk.stop("angle", "quiet_day", "dull")
    fresh.write()
    fresh.send(0)
    assert fresh.states() == {"site": "confirmed", "cms": "confirmed"}


def test_while_an_angle_is_stopped_another_leads(fresh: News) -> None:
    fresh.desk.stop("angle", "ath", "bad highs")
    article = fresh.write().article
    assert article.angle != "ath"
    assert "ath" not in {p.angle for p in article.pitches if p.role in ("lead", "support")}
    assert article.verdict.decision == "publish"


def test_an_edition_whose_angles_are_all_stopped_is_quiet(fresh: News) -> None:
    fresh.desk.stop("angle", "ath", "bad highs")
    [edition] = fresh.service.settings.editions
    only = edition.model_copy(update={"angles": ("ath",)})
    outcome = fresh.service.write(only, fresh.service.settings.site("main"), NOON)
    assert outcome.article is None
    assert "every angle of the edition is stopped" in outcome.quiet.reason


@pytest.mark.parametrize(("scope", "name"), [("source", "binance"), ("angle", "ath"), ("asset", "BTC")])
def test_what_waits_is_held_at_once_and_goes_on_when_the_stop_is_lifted(waiting: News, scope: str, name: str) -> None:
    waiting.desk.stop(scope, name, "look first")
    assert waiting.states() == {"site": "held", "cms": "held"}
    waiting.send(0)
    [(stop, going)] = waiting.desk.resume("all")
    assert (stop.scope, going, waiting.desk.stops()) == (scope, 2, [])
    waiting.send(0)
    assert waiting.states() == {"site": "confirmed", "cms": "confirmed"}


def test_a_stop_that_another_process_has_made_is_seen_at_the_claim(waiting: News) -> None:
    with writing(waiting.engine) as connection:
        add_stop(connection, "asset", "BTC", "look first", "ada", NOON)
    assert claim_due(waiting.engine, NOON, site="main") == []
    assert {r["problem"] for r in deliveries_of(waiting.engine)} == {"stop 1: asset BTC: look first"}


@pytest.mark.parametrize(("scope", "name", "left"), [("site", "", set()), ("target", "cms", {"site"}), ("all", "", set())])
def test_withdrawals_pass_all_but_the_stop_of_everything(waiting: News, scope: str, name: str, left: set[str]) -> None:
    waiting.send(0)
    [first] = waiting.rows()
    waiting.desk.stop(scope, name, "what is going on")
    other = replace(sample("2025-07-14-squeeze").article, id="0a0a0a0a-0000-5000-8000-000000000000", story="another", as_of=NOON)  # type: ignore[type-var]
    save_article(waiting.engine, other, {"site": 3600, "cms": 3600}, NOON)
    waiting.desk.save(waiting.desk.prepare_kill(first.id, "wrong"), "wrong")
    waiting.send(0)
    confirmed = {r["target"] for r in deliveries_of(waiting.engine, other.id) if r["state"] == "confirmed"}
    assert confirmed == left
    retracted = [e["type"] for e in waiting.events("cms")] == ["article.published", "article.retracted"]
    assert retracted is (scope != "all")
    waiting.desk.resume("all")
    waiting.send(0)
    assert waiting.states(2) == {"site": "confirmed", "cms": "confirmed"}


def test_what_has_no_name_cannot_be_stopped_and_says_what_is_near(fresh: News) -> None:
    for scope, wrong, near in (
        ("source", "coinglas", "coinglass"),
        ("angle", "athh", "ath"),
        ("target", "cmss", "cms"),
        ("asset", "BTCC", "BTC"),
    ):
        with pytest.raises(ConfigError, match=f"did you mean {near}"):
            fresh.desk.stop(scope, wrong, "slip")
    with pytest.raises(ConfigError, match="no site 'mian'"):
        fresh.desk.stop("angle", "ath", "slip", "mian")
    with pytest.raises(ConfigError, match="no stop 7 stands"):
        fresh.desk.resume("7")
    assert fresh.desk.stops() == []


def test_the_same_stop_twice_is_one(fresh: News) -> None:
    assert fresh.desk.stop("source", "binance", "one").id == fresh.desk.stop("source", "binance", "two").id
    assert fresh.desk.stop("source", "binance", "three", "main").id == 2


# The brake


def test_a_site_that_writes_too_much_is_stopped_before_the_next_article_goes_out(fresh: News) -> None:
    fresh.service.settings = fresh.service.settings.model_copy(update={"brake": type(fresh.service.settings.brake)(articles_per_hour=3)})
    told = sample("2025-07-14-squeeze").article
    assert told is not None
    for number in range(3):
        one = replace(told, id=f"{number}0000000-0000-5000-8000-000000000000", story=f"story-{number}", written_at=NOON)
        save_article(fresh.engine, one, {"site": 3600, "cms": 3600}, NOON)
    fresh.send(0)
    assert len(fresh.events("cms")) == 3
    fresh.write()
    fresh.send(0)
    assert len(fresh.events("cms")) == 3
    with fresh.engine.connect() as connection:
        [stop] = active_stops(connection)
    assert (stop.scope, stop.site, stop.who) == ("site", "main", "newsgen")
    assert stop.reason == "3 articles in an hour, the limit is 3 ([brake] articles_per_hour)"
    fresh.desk.resume("all")
    fresh.send(0)
    assert len(fresh.events("cms")) == 4


def test_an_hour_later_the_brake_has_forgotten(fresh: News) -> None:
    fresh.service.settings = fresh.service.settings.model_copy(update={"brake": type(fresh.service.settings.brake)(articles_per_hour=1)})
    told = sample("2025-07-14-squeeze").article
    assert told is not None
    before = NOON - timedelta(minutes=60)
    save_article(fresh.engine, replace(told, id="1", story="one", written_at=before), {"cms": 7200}, before)
    fresh.service.brake(fresh.service.settings.site("main"))
    assert fresh.desk.stops() == []
    fresh.now -= timedelta(minutes=1)
    fresh.service.brake(fresh.service.settings.site("main"))
    assert len(fresh.desk.stops()) == 1
