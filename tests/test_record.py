"""Gathering by hand and into a folder: what the commands store and write, and what they refuse."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from newsgen.cli import main
from newsgen.edition import open_edition
from newsgen.gather import sources
from newsgen.store.archive import SqlArchive, digest
from newsgen.store.database import open_database

TESTS = Path(__file__).parent
FNG = (TESTS / "gather" / "payloads" / "alternative_me" / "fng_latest.json").read_bytes()
BY_HAND = ("--source", "CoinGlass page", "--url", "https://www.coinglass.com/x", "--at", "2025-07-14T12:00:00Z")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def newsgen(*arguments: str) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


@contextmanager
def only_sentiment(httpserver, answer: bytes = FNG, status: int = 200) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """A desk that asks alternative.me on loopback and nobody else."""
    httpserver.expect_request("/fng/").respond_with_data(answer, status=status)
    off = "".join(f"[sources.{n}]\nenabled = false\n" for n in sources() if n != "alternative_me")
    Path("newsgen.toml").write_text(f'[sources.alternative_me]\nbase_url = "{httpserver.url_for("").rstrip("/")}"\n{off}')
    yield


# By hand


def test_a_figure_by_hand_becomes_a_reading_with_its_source_and_place() -> None:
    done = newsgen("gather", "--set", "liquidations.traders_24h=130000", *BY_HAND, "--at-least")
    assert (done.exit_code, done.stdout) == (0, "liq.traders of market is 130000 count, says CoinGlass page\n")
    told = newsgen("figures", "--at", "2025-07-14T12:02:00Z", "--name", "liquidations.traders_24h", "--format", "json")
    [figure] = [f for f in json.loads(told.stdout)["figures"] if f["subject"] == "market"]
    assert figure["absent"] is not None  # entered today: nobody knew it then


def test_a_figure_by_hand_is_known_from_now_on() -> None:
    from datetime import UTC, datetime

    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert newsgen("gather", "--set", "liquidations.traders_24h=130000", *BY_HAND[:-1], now, "--at-least").exit_code == 0
    later = (datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:59Z")
    told = newsgen("figures", "--at", later, "--name", "liquidations.traders_24h", "--subject", "market", "--format", "json")
    [figure] = json.loads(told.stdout)["figures"]
    assert (figure["value"], figure["source"]) == ("130000", "CoinGlass page")


def test_several_figures_go_in_at_once_and_thousands_may_be_set_apart() -> None:
    done = newsgen("gather", "--set", "liquidations.total_24h=748,300,000", "--set", "liquidations.short_24h=623300000", *BY_HAND)
    assert done.stdout.splitlines() == [
        "liq.total of market is 748300000 usd, says CoinGlass page", "liq.short of market is 623300000 usd, says CoinGlass page",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--set", "liquidations.trader_24h=1", *BY_HAND), "did you mean liquidations.traders_24h?"),
        (("--set", "liquidations.traders_24h", *BY_HAND), "write NAME=VALUE"),
        (("--set", "liquidations.traders_24h=many", *BY_HAND), "value"),
        (("--set", "liquidations.traders_24h=1", *BY_HAND[2:]), "--set needs --source"),
        (("--set", "liquidations.traders_24h=1", *BY_HAND[:2], *BY_HAND[4:]), "--set needs --url"),
        (("--set", "liquidations.traders_24h=1", *BY_HAND[:4]), "--set needs --at"),
        (("--set", "liquidations.traders_24h=1", *BY_HAND[:2], "--url", "javascript:alert(1)", *BY_HAND[4:]), "url"),
        (("--set", "liquidations.traders_24h=1", *BY_HAND[:-1], "2025-07-14T12:00:00"), "no time zone"),
        (("--set", "liquidations.traders_24h=1", *BY_HAND[:-1], "2999-07-14T12:00:00Z"), "lies in the future"),
        (("--set", "liquidations.traders_24h=1", *BY_HAND, "--unit", "usd"), "unit usd does not fit"),
        (("--url", "https://x.example/"), "--url goes with --set"),
        (("--at-least",), "--at-least goes with --set"),
    ],
)
def test_what_cannot_be_entered_is_named_and_nothing_is_stored(arguments: tuple[str, ...], says: str) -> None:
    done = newsgen("gather", *arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert not Path("newsgen.db").exists()


# A recorded edition


def test_a_round_becomes_an_edition_folder_that_gives_the_same_readings(httpserver) -> None:  # type: ignore[no-untyped-def]
    with only_sentiment(httpserver):
        done = newsgen("gather", "--record", "today")
    assert done.exit_code == 0
    assert "1 payloads are in today: newsgen preview today" in done.stdout
    assert Path("today/payloads/alternative_me/fng.json").read_bytes() == FNG
    said = tomllib.loads(Path("today/edition.toml").read_text())
    assert said["payloads"]["alternative_me/fng.json"]["params"] == {"limit": "2"}
    opened = open_edition(Path("today"))
    run = opened.view.runs("sentiment.fear_greed", "market")[0]
    engine = open_database("sqlite:///newsgen.db")
    [stored] = SqlArchive(engine).load("sentiment.fear_greed", "market")
    engine.dispose()
    assert [run.decimal(i) for i in range(len(run))] == [__import__("decimal").Decimal(v) for v in stored.values]
    assert newsgen("preview", "today").exit_code in (0, 4)


def test_several_answers_of_one_endpoint_keep_apart(httpserver) -> None:  # type: ignore[no-untyped-def]
    httpserver.expect_request("/api/v3/ticker/24hr").respond_with_data(
        (TESTS / "gather" / "payloads" / "binance" / "spot_ticker_24hr_DOGEUSDT.json").read_bytes()
    )
    Path("newsgen.toml").write_text(f'[sources.binance]\nbase_url = "{httpserver.url_for("").rstrip("/")}"\n')
    done = newsgen("gather", "--source", "binance", "--asset", "DOGE", "--asset", "ETH", "--record", "today")
    assert done.exit_code == 5  # the other endpoints are not there
    assert {p.name for p in Path("today/payloads/binance").iterdir()} == {"ticker_24hr.json", "ticker_24hr.2.json"}
    said = tomllib.loads(Path("today/edition.toml").read_text())
    assert {p["params"]["symbol"] for p in said["payloads"].values()} == {"DOGEUSDT", "ETHUSDT"}
    assert "Not answered: binance" in said["shows"]
    assert open_edition(Path("today")).faults == ()


def test_a_folder_that_holds_something_is_left_alone(httpserver) -> None:  # type: ignore[no-untyped-def]
    Path("today").mkdir()
    Path("today/mine.txt").write_text("x")
    with only_sentiment(httpserver):
        done = newsgen("gather", "--record", "today")
    assert done.exit_code == 2
    assert "today is there already" in done.stderr
    assert httpserver.log == []


# Back to the bytes


def test_a_figure_is_taken_back_to_the_bytes_that_the_source_sent(httpserver) -> None:  # type: ignore[no-untyped-def]
    with only_sentiment(httpserver):
        newsgen("gather")
    engine = open_database("sqlite:///newsgen.db")
    [column] = SqlArchive(engine).load("sentiment.fear_greed", "market")
    engine.dispose()
    [sha256] = {o.payload_sha256 for o in column.origins}
    assert sha256 == digest(FNG)
    done = newsgen("sources", "payload", sha256[:10])
    assert done.stdout_bytes == FNG
    assert re.match(r"alternative_me fng\?limit=2, last sent 20\d\d-", done.stderr)
    assert newsgen("sources", "payload", "0123").exit_code == 2


# Due, health


def test_what_was_asked_a_moment_ago_is_asked_again_only_by_name(httpserver, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    import newsgen.gather as gathering

    known = sources()["alternative_me"]
    slow = replace(known, endpoints={"fng": replace(known.endpoints["fng"], every_s=3600)})
    monkeypatch.setattr("newsgen.rounds.sources", lambda: {**sources(), "alternative_me": slow})
    with only_sentiment(httpserver):
        assert "alternative_me" in newsgen("gather").stdout
        second = newsgen("gather")
        assert "nothing was due" in second.stderr
        assert len(httpserver.log) == 1
        assert "alternative_me" in newsgen("gather", "--source", "alternative_me").stdout
        assert len(httpserver.log) == 2
    assert gathering.sources()["alternative_me"] is known


@pytest.mark.parametrize(
    ("answer", "status", "state", "code"),
    [
        (FNG, 200, "ok", 0),
        (b"", 401, "key rejected", 5),
        (b"", 451, "refused here", 5),
        (b"", 403, "refused", 5),
        (b'{"data": [{"value": "47"}], "metadata": {"error": null}}', 200, "shape changed", 5),
        (b"<html>", 200, "shape changed", 5),
    ],
)
def test_the_check_says_how_a_source_fares(httpserver, answer: bytes, status: int, state: str, code: int) -> None:  # type: ignore[no-untyped-def]
    with only_sentiment(httpserver, answer, status):
        done = newsgen("sources", "check")
        told = newsgen("sources", "check", "--source", "alternative_me", "--format", "json")
    assert done.exit_code == code
    [row] = json.loads(told.stdout)
    assert row["state"] == state
    line = next(line for line in done.stdout.splitlines() if line.startswith("alternative_me"))
    assert state in line
    if state == "shape changed":
        assert "fng: field " in line
    if state == "ok":
        assert row["newest"] is not None
        assert row["readings"] > 0


def test_the_check_names_the_key_that_is_missing_and_asks_nobody_for_it(httpserver) -> None:  # type: ignore[no-untyped-def]
    Path("newsgen.toml").write_text("".join(f"[sources.{n}]\nenabled = {str(n == 'coinglass').lower()}\n" for n in sources()))
    done = newsgen("sources", "check")
    assert done.exit_code == 0
    assert re.search(r"^coinglass +key missing .*set COINGLASS_API_KEY$", done.stdout, re.MULTILINE)


def test_the_listing_says_how_a_source_fared(httpserver) -> None:  # type: ignore[no-untyped-def]
    with only_sentiment(httpserver, b"", 503):
        newsgen("gather")
        rows = {r["name"]: r for r in json.loads(newsgen("sources", "--format", "json").stdout)}
    assert rows["alternative_me"]["health"] == "never answered; 1 of 1 questions fail: status 503"
    assert rows["farside"]["health"] == "never asked"
