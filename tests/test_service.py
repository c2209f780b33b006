"""The service from a source on a socket to an article at a webhook: once, also when the power is cut; and the rest of an edition."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from desk import SAMPLES, edition

from newsgen.config import EditionSettings, SiteSettings, load_settings
from newsgen.edition import payload_files
from newsgen.errors import ConfigError
from newsgen.gather import sources
from newsgen.pipeline import Newsroom, Order, Outcome, load_newsroom, write_article
from newsgen.rounds import gather_round
from newsgen.said import digest_of_memory
from newsgen.service import Service, open_service, targets_of
from newsgen.store.database import open_database
from newsgen.store.deliveries import deliveries_of
from newsgen.store.newsroom import ARTICLE, FIRE, claim_fire, finish_fire
from newsgen.target_settings import FolderSettings, WebhookSettings
from tests.loopback import serving

sys.path.insert(0, str(Path(__file__).parent / "publish"))
from receiver import SECRET, Receiver, receiving

DAY = SAMPLES / "2025-07-14-squeeze"
NOON = datetime(2025, 7, 14, 12, 2, tzinfo=UTC)
OTHERS = [name for name in sources() if name != "coinglass"]


@dataclass
class Desk:
    """A folder with settings and an archive, a source on loopback, a receiver."""

    folder: Path
    receiver: Receiver
    source_url: str

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder}/newsgen.db"

    def rows(self, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
        engine = open_database(self.database)
        with engine.connect() as connection:
            found = list(connection.execute(sa.select(table)))
        engine.dispose()
        return found


@contextmanager
def desk(folder: Path, archive: Path, settings: str) -> Iterator[Desk]:
    (folder / "newsgen.db").write_bytes(archive.read_bytes())
    answers = {}
    for source, endpoint, note, path in payload_files(DAY, edition(DAY.name).file):
        known = sources()[source].endpoints[endpoint]
        answers[(known.path, tuple(sorted({**known.fixed, **note.params}.items())))] = path.read_bytes()
    with serving(answers) as source_url, receiving() as receiver:
        off = "\n".join(f"[sources.{name}]\nenabled = false" for name in OTHERS)
        target = f'name = "cms"\nkind = "webhook"\nurl = "{receiver.url}"\nsecret_env = "HOOK"\nallow_private = true'
        (folder / "newsgen.toml").write_text(
            f"""database_url = "sqlite:///newsgen.db"
{settings}
[[targets]]
{target}
[sources.coinglass]
base_url = "{source_url}"
{off}
[streams]
enabled = false
""",
            "utf-8",
        )
        yield Desk(folder, receiver, source_url)


DAILY = """[[editions]]
name = "noon"
zone = "UTC"
cron = "0 12 * * *"
form = "brief"
"""


def _last_ran_yesterday(desk: Desk) -> None:
    engine = open_database(desk.database)
    yesterday = NOON.replace(minute=0) - timedelta(days=1)
    claim_fire(engine, "main", "noon", yesterday, yesterday)
    finish_fire(engine, "main", "noon", yesterday, yesterday, "publish")
    engine.dispose()


def _start(desk: Desk, death: str = "") -> subprocess.Popen[bytes]:
    command = [sys.executable, str(Path(__file__).parent / "desk_process.py"), str(desk.folder), death]
    return subprocess.Popen(command, env={**os.environ, "HOOK": SECRET}, stderr=subprocess.PIPE)


def run(service: Service, edition: EditionSettings, fire_time: datetime) -> str:
    return asyncio.run(service.run_edition(edition, fire_time))


def _until(happened: object, seconds: float = 40.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False


_OFTEN, _SELDOM = ("before_write", "after_save", "after_send"), ("before_save", "after_claim")


@pytest.mark.parametrize("death", [*_OFTEN, *(pytest.param(moment, marks=pytest.mark.slow) for moment in _SELDOM)])
def test_power_cut_in_an_edition_and_a_restart_give_one_article(tmp_path: Path, archive: Path, death: str) -> None:
    with desk(tmp_path, archive, DAILY) as here:
        _last_ran_yesterday(here)
        first = _start(here, death)
        assert first.wait(60) == -signal.SIGKILL, first.stderr.read() if first.stderr else ""
        if first.stderr:
            first.stderr.close()
        second = _start(here)
        done = _until(lambda: here.receiver.kept and here.rows(FIRE)[-1].finished_at is not None)
        second.send_signal(signal.SIGTERM)
        _, said = second.communicate(timeout=30)
        assert done, said.decode()
        assert second.returncode == 0
    assert len(here.receiver.kept) == 1
    [article] = here.rows(ARTICLE)
    assert article.fire_time == int(NOON.replace(minute=0).timestamp())
    engine = open_database(here.database)
    assert [row["state"] for row in deliveries_of(engine)] == ["confirmed"]
    engine.dispose()


@contextmanager
def _service(folder: Path, archive: Path, settings: str, at: datetime = NOON) -> Iterator[tuple[Service, Desk]]:
    with desk(folder, archive, settings) as here:
        env = {"HOOK": SECRET}
        service = open_service(load_settings(folder / "newsgen.toml", env=env), lambda: at, env)
        yield service, here
        service.engine.dispose()


def test_one_fire_has_one_article(tmp_path: Path, archive: Path) -> None:
    with _service(tmp_path, archive, DAILY) as (service, here):
        [first_edition] = service.settings.editions
        first = run(service, first_edition, NOON)
        again = run(service, first_edition, NOON)
    assert first.startswith("publish: ")
    assert again == "written already: " + first.removeprefix("publish: ")
    assert len(here.receiver.kept) == 1


def test_the_article_at_the_webhook_is_the_one_in_the_database(tmp_path: Path, archive: Path) -> None:
    with _service(tmp_path, archive, DAILY) as (service, here):
        run(service, service.settings.editions[0], NOON)
    [event] = here.receiver.kept.values()
    [row] = here.rows(ARTICLE)
    assert event["data"]["version_id"] == row.id
    assert json.loads(row.body)["paragraphs"][0]["text"] in event["data"]["body_text"]
    assert [chart["kind"] for chart in json.loads(row.body)["charts"]] == ["price"]


def test_a_target_knows_whether_the_site_has_pages_with_cards() -> None:
    hook = WebhookSettings(name="cms", url="https://cms.example/", secret_env="S")
    folder = FolderSettings(name="site", path="site")
    assert targets_of(SiteSettings(targets=(hook, folder)))["cms"].site.cards
    assert not targets_of(SiteSettings(targets=(hook,)))["cms"].site.cards


WATCH = """[[editions]]
name = "events"
watch = "1m"
bar = {bar}
form = "brief"
"""


def test_a_look_below_the_bar_writes_nothing_and_says_so(tmp_path: Path, archive: Path) -> None:
    with _service(tmp_path, archive, WATCH.format(bar=110) + 'angles = ["short_squeeze"]\n') as (service, here):
        told = run(service, service.settings.editions[0], NOON)
    assert told == "quiet: no angle reaches the bar of 110"
    assert here.rows(ARTICLE) == []


def test_the_next_look_does_not_tell_the_same_story_again(tmp_path: Path, archive: Path) -> None:
    with _service(tmp_path, archive, WATCH.format(bar=75)) as (service, here):
        [look] = service.settings.editions
        assert (run(service, look, NOON)).startswith("publish")
        leads = {row.angle for row in here.rows(ARTICLE)}
        run(service, look, NOON + timedelta(minutes=1))
        angles = [row.angle for row in here.rows(ARTICLE)]
    assert len(angles) == len(set(angles))
    assert leads <= set(angles)


def test_an_article_is_written_with_the_memory_of_what_its_site_has_said(tmp_path: Path, archive: Path) -> None:
    with _service(tmp_path, archive, DAILY) as (service, here):
        [daily] = service.settings.editions
        first = service.write(daily, service.settings.site("main"), NOON).article
        service.write(daily, service.settings.site("main"), NOON + timedelta(hours=4))
        memories = [json.loads(row.body)["made_from"]["memory"] for row in here.rows(ARTICLE)]
    assert first is not None and first.said is not None
    assert memories == ["", digest_of_memory([first.said])]


def test_a_dead_source_costs_only_what_it_gives(tmp_path: Path, archive: Path) -> None:
    with _service(tmp_path, archive, DAILY) as (service, here):
        broken = load_settings(tmp_path / "newsgen.toml", env={"HOOK": SECRET}).sources["coinglass"].model_copy(
            update={"base_url": f"{here.source_url}/gone"}
        )  # fmt: skip
        service.settings = service.settings.model_copy(update={"sources": {**service.settings.sources, "coinglass": broken}})
        told = run(service, service.settings.editions[0], NOON)
    assert told.startswith("publish")
    [row] = here.rows(ARTICLE)
    assert "$134 million" in row.body  # Binance's shorts, from the archive
    assert "$623" not in row.body  # the market's came from the dead source


def test_two_sites_with_a_target_of_the_same_name_get_their_own_articles(tmp_path: Path, archive: Path) -> None:
    sites = """[[sites]]
name = "one"
title = "First desk"
[[sites]]
name = "two"
title = "Second desk"
[[editions]]
name = "noon"
site = "two"
cron = "0 12 * * *"
form = "flash"
"""
    with _service(tmp_path, archive, sites) as (service, here):
        run(service, service.settings.editions[0], NOON)
    [event] = here.receiver.kept.values()
    assert event["data"]["authors"][0]["name"].startswith("Second desk")


OWN = """templates = "own"
[[editions]]
name = "noon"
zone = "UTC"
cron = "0 12 * * *"
form = "brief"
"""


def _own(folder: Path, angle: str, old: str, new: str) -> Path:
    """The desk's own copy of an angle's words, with one change."""
    path = folder / "own" / "angles" / angle / "en.j2"
    path.parent.mkdir(parents=True, exist_ok=True)
    shipped = SAMPLES.parent / "templates" / "angles" / angle
    text = (path if path.exists() else shipped / "en.j2").read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    (path.parent / "rule.toml").write_bytes((shipped / "rule.toml").read_bytes())
    return path


def _write(service: Service) -> Outcome:
    """What the edition writes after a round of gathering."""
    [edition_settings] = service.settings.editions
    asyncio.run(gather_round(service.settings, service.engine, (), ("BTC", "ETH"), service.clock, service.env))
    return service.write(edition_settings, service.settings.site("main"), NOON)


def test_a_fault_in_one_angles_words_leaves_the_edition_to_the_next(tmp_path: Path, archive: Path) -> None:
    path = _own(tmp_path, "ath", "{% block lede %}", "{% block lede %}{{ nobody.knows }}")
    with _service(tmp_path, archive, OWN) as (service, here):
        outcome = _write(service)
    assert outcome.article is not None
    assert (outcome.article.angle, outcome.article.verdict.decision) == ("short_squeeze", "publish")
    line = path.read_text("utf-8").splitlines().index("{% block lede %}{{ nobody.knows }}") + 1
    assert [str(f) for f in outcome.faults] == [f"{path}:{line}: UndefinedError: 'nobody' is undefined"]
    assert [row.angle for row in here.rows(ARTICLE)] == ["short_squeeze"]


def test_a_naked_number_in_a_leads_words_leaves_the_edition_to_the_next(tmp_path: Path, archive: Path) -> None:
    _own(tmp_path, "ath", "{% block background %}", "{% block background %}Twice in 17 days.")
    _own(tmp_path, "ath", "{% block nut_graf %}", "{% block nut_graf %}There were 17 of them.")
    with _service(tmp_path, archive, OWN) as (service, _here):
        outcome = _write(service)
    assert outcome.article is not None
    assert outcome.article.angle == "short_squeeze"
    assert "angles/ath/en.j2 nut_graf: naked number 17" in str(outcome.faults[0])


def test_changed_words_are_taken_up_and_broken_ones_refused_while_the_old_serve_on(tmp_path: Path, archive: Path) -> None:
    (tmp_path / "own").mkdir()
    with _service(tmp_path, archive, OWN) as (service, _here):
        site = service.settings.site("main")
        first = service.newsroom(site)
        assert service.newsroom(site) is first
        _own(tmp_path, "quiet_day", "{% block headline %}", "{% block headline %}All calm: ")
        second = service.newsroom(site)
        assert second is not first
        path = _own(tmp_path, "quiet_day", "{% block headline %}", "{% block headline %}{% if %}")
        assert service.newsroom(site) is second
        assert service.newsroom(site) is second
        template = second.words.environment.get_template("angles/quiet_day/en.j2")
        assert "headline" in template.blocks  # as it was loaded, whatever the file says now
        _own(tmp_path, "quiet_day", "{% block headline %}{% if %}", "{% block headline %}")
        assert service.newsroom(site) is not second
    assert path.exists()


@pytest.mark.parametrize(("zone", "told"), [("Europe/Berlin", "2:02 p.m. CEST (12:02 UTC)"), ("Asia/Tokyo", "9:02 p.m. JST (12:02 UTC)"),
                                            ("UTC", "12:02 UTC")])  # fmt: skip
def test_a_sites_readers_have_their_own_clock(tmp_path: Path, archive: Path, zone: str, told: str) -> None:
    sites = f'[[sites]]\nname = "main"\nzone = "{zone}"\n[[editions]]\nname = "noon"\ncron = "0 12 * * *"\nform = "brief"\n'
    with _service(tmp_path, archive, sites) as (service, _here):
        article = _write(service).article
    assert article is not None
    assert article.verdict.decision == "publish", article.verdict.findings
    assert told in " ".join(p.body.text for p in article.paragraphs)
    assert told.removeprefix("at ") in article.stamps["as_of"]


def test_a_zone_without_a_name_is_refused_until_the_style_names_it() -> None:
    with pytest.raises(ConfigError, match="the zone America/Sao_Paulo is called -03: give it a name in zone_labels of the house style ap"):
        load_newsroom(zone="America/Sao_Paulo")


def test_an_article_is_made_from_the_words_that_were_loaded(tmp_path: Path, archive: Path) -> None:
    path = _own(tmp_path, "ath", "{% block dek %}", "{% block dek %} ")
    opened = edition(DAY.name)

    def digest(newsroom: Newsroom) -> str:
        article = write_article(newsroom, opened.view, Order("noon", form="flash", seed=1)).article
        assert article is not None
        return article.made_from["templates_sha256"]

    with _service(tmp_path, archive, OWN) as (service, _here):
        site = service.settings.site("main")
        loaded = digest(service.newsroom(site))
        _own(tmp_path, "ath", "{% block dek %} ", "{% block dek %}{% if %}")
        assert digest(service.newsroom(site)) == loaded
        _own(tmp_path, "ath", "{% block dek %}{% if %}", "{% block dek %}  ")
        assert digest(service.newsroom(site)) != loaded
    assert path.exists()


def test_a_service_does_not_start_with_broken_words(tmp_path: Path, archive: Path) -> None:
    path = _own(tmp_path, "quiet_day", "{% block headline %}", "{% block headline %}{% if %}")
    with _service(tmp_path, archive, OWN) as (service, _here), pytest.raises(ConfigError, match=re.escape(f"{path}:2: ")):
        service.newsroom(service.settings.site("main"))
