"""How many calls the editions will make: worked by hand for one source, refused where a limit must be exceeded."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_httpserver import HTTPServer

from newsgen import budget
from newsgen.budget import Budget, budget_of, over_limit
from newsgen.cli import main
from newsgen.config import EditionSettings, Settings, SourceSettings, load_settings
from newsgen.discover import templates_root
from newsgen.gather import Request, Source, sources
from newsgen.rounds import Desk
from newsgen.service import open_service

START = datetime(2026, 3, 2, tzinfo=UTC)
EVERY_HOUR = EditionSettings(name="hourly", every=timedelta(hours=1), assets=("BTC", "ETH"))
LOOKS = EditionSettings(name="looks", watch=timedelta(minutes=5), assets=("BTC",))


def of(name: str, *editions: EditionSettings, desk: Desk | None = None, **changes: object) -> Budget:
    settings = Settings(editions=editions, **changes)
    return next(b for b in budget_of(settings, desk or Desk(), START) if b.source == name)


def test_a_fire_costs_its_requests() -> None:
    """Binance: bars and tickers in each round, what lies behind them once a day."""
    hourly, daily = _binance(("BTC", "ETH"))
    found = of("binance", EVERY_HOUR)
    assert found.calls_a_day == 24 * hourly + 2 * daily  # a twentieth early is fine: again after 23 hours
    assert found.at_once == hourly + daily
    assert found.limit_a_day == sources()["binance"].calls * 86_400 / sources()["binance"].per_s
    assert found.fits


def _binance(assets: tuple[str, ...]) -> tuple[int, int]:
    """How many of its requests are made in each round, and how many once a day."""
    asked = sources()["binance"].requests(assets)
    daily = sum(r.endpoint == "klines_back" for r in asked)
    return len(asked) - daily, daily


@pytest.fixture
def hourly(monkeypatch: pytest.MonkeyPatch) -> Source:
    """A source with one endpoint that is asked once an hour, 30 calls a day."""
    known = sources()["alternative_me"]
    [name] = known.endpoints
    slow = replace(known.endpoints[name], every_s=3600.0)
    changed = replace(known, endpoints={name: slow}, requests=lambda assets: [Request(name, {"limit": "2"})], calls_a_day=30)
    monkeypatch.setattr(budget, "sources", lambda: {known.name: changed})
    monkeypatch.setattr("newsgen.rounds.sources", lambda: {known.name: changed})
    return changed


def test_what_is_asked_once_an_hour_costs_twenty_four_calls_however_often_an_edition_looks(hourly: Source) -> None:
    assert of(hourly.name, LOOKS).calls_a_day == 24
    assert of(hourly.name, LOOKS, EVERY_HOUR).calls_a_day == 24  # one question of two editions
    assert of(hourly.name, EVERY_HOUR).calls_a_day == 24


def test_more_calls_than_a_day_allows_are_told(hourly: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(hourly, calls_a_day=23)
    for place in ("newsgen.budget.sources", "newsgen.rounds.sources"):
        monkeypatch.setattr(place, lambda: {hourly.name: small})
    found = of(hourly.name, LOOKS)
    assert not found.fits
    assert over_limit([found]) == ["alternative_me: 24 calls a day, and it allows 23"]


def test_more_calls_at_once_than_could_be_made_in_time_are_told(hourly: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five calls of a limit of two a minute: the third would wait longer than a round lasts."""
    crowd = replace(hourly, calls=2, per_s=60.0, calls_a_day=0,
                    requests=lambda assets: [Request("fng", {"limit": str(n)}) for n in range(5)])  # fmt: skip
    for place in ("newsgen.budget.sources", "newsgen.rounds.sources"):
        monkeypatch.setattr(place, lambda: {hourly.name: crowd})
    assert over_limit([of(hourly.name, EVERY_HOUR)]) == ["alternative_me: 5 calls at once, and 2 of them could be made in time"]
    quick = replace(crowd, per_s=10.0)  # four more rounds of two within 45 s
    for place in ("newsgen.budget.sources", "newsgen.rounds.sources"):
        monkeypatch.setattr(place, lambda: {hourly.name: quick})
    assert over_limit([of(hourly.name, EVERY_HOUR)]) == []


def test_editions_in_one_minute_share_a_limit(hourly: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    each = replace(hourly, requests=lambda assets: [Request("fng", {"limit": str(len(assets))})], calls=1, per_s=60.0, calls_a_day=0)
    for place in ("newsgen.budget.sources", "newsgen.rounds.sources"):
        monkeypatch.setattr(place, lambda: {hourly.name: each})
    other = EVERY_HOUR.model_copy(update={"name": "other", "assets": ("BTC",)})
    assert of(hourly.name, EVERY_HOUR).at_once == 1
    assert of(hourly.name, EVERY_HOUR, other).at_once == 2


def test_a_source_without_its_key_is_not_asked_and_says_so() -> None:
    found = of("coinglass", EVERY_HOUR)
    assert (found.calls_a_day, found.lacks) == (0, "key")
    assert of("coinglass", EVERY_HOUR, desk=Desk(keys={"coinglass": "k"})).calls_a_day > 0


def test_an_edition_asks_only_the_sources_it_names() -> None:
    only = EVERY_HOUR.model_copy(update={"sources": ("farside",)})
    assert of("binance", only).calls_a_day == 0
    assert of("farside", only).calls_a_day > 0


def test_the_command_prints_a_table_and_refuses_what_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("newsgen.toml").write_text('[[editions]]\nname = "a"\nevery = "6h"\nassets = ["BTC"]\nsources = ["binance"]\n')
    done = CliRunner().invoke(main, ["sources", "budget"])
    assert done.exit_code == 0
    row = next(line for line in done.stdout.splitlines() if line.startswith("binance "))
    each, daily = _binance(("BTC",))
    assert row.split()[1] == str(4 * each + daily)
    few = replace(sources()["binance"], calls_a_day=3)
    for place in ("newsgen.budget.sources", "newsgen.rounds.sources"):
        monkeypatch.setattr(place, lambda: {"binance": few})
    for command in (["sources", "budget"], ["run"]):
        refused = CliRunner().invoke(main, command)
        assert refused.exit_code == 2
        assert f"binance: {4 * each + daily} calls a day, and it allows 3" in refused.stderr


def test_the_shipped_desk_keeps_to_every_limit_with_every_key(tmp_path: Path) -> None:
    shipped = load_settings(templates_root() / "desk" / "newsgen.toml", env={})
    desk = Desk(keys=dict.fromkeys(sources(), "k"), contact="desk@markets.example")
    budgets = budget_of(shipped, desk, START)
    assert over_limit(budgets) == []
    assert all(b.calls_a_day > 0 for b in budgets if b.source != "ccxt")


def test_two_editions_of_one_minute_ask_once_for_what_changes_slowly(httpserver: HTTPServer, tmp_path: Path) -> None:
    body = (Path(__file__).parent / "gather" / "payloads" / "alternative_me" / "fng_latest.json").read_bytes()
    httpserver.expect_request("/fng/").respond_with_data(body)
    asked = {n: SourceSettings(enabled=n == "alternative_me") for n in sources()}
    asked["alternative_me"] = SourceSettings(base_url=httpserver.url_for("").rstrip("/"))
    settings = Settings(database_url=f"sqlite:///{tmp_path}/newsgen.db", editions=(EVERY_HOUR, LOOKS), sources=asked)
    service = open_service(settings, lambda: START, {})

    async def both() -> None:
        await asyncio.gather(*(service.run_edition(edition, START) for edition in settings.editions))

    asyncio.run(both())
    service.engine.dispose()
    assert len(httpserver.log) == 1
