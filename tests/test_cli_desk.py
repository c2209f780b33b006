"""The desk's commands: what they say, what they ask, and their exit codes, on a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from news_desk import News, news

from newsgen import cli_desk, cli_stops, cli_targets
from newsgen.cli import main
from newsgen.publish import Printed
from newsgen.publish import markdown as as_markdown
from newsgen.store.claims import claim_due


@dataclass
class Line:
    """A command line in a desk's folder."""

    here: News

    def __call__(self, *args: str) -> Result:
        config = str(self.here.folder / "newsgen.toml")
        return CliRunner().invoke(main, ["--config", config, *args], env={"USER": "ada", "HOOK": self.here.service.env["HOOK"]})

    @property
    def article(self) -> str:
        return str(self.here.rows()[0].id)


@pytest.fixture
def waiting(tmp_path: Path, written: Path) -> Iterator[Line]:
    with news(tmp_path, written) as here:
        yield Line(here)


@pytest.fixture
def out(tmp_path: Path, published: Path) -> Iterator[Line]:
    with news(tmp_path, published) as here:
        here.now = datetime.now(UTC) + timedelta(minutes=5)  # the commands go by the clock of this machine
        yield Line(here)


@pytest.mark.parametrize("command", (*cli_desk.COMMANDS, *cli_stops.COMMANDS, *cli_targets.COMMANDS), ids=lambda c: c.name)
def test_every_command_tells_with_examples_what_it_does(command: object) -> None:
    done = CliRunner().invoke(main, [command.name, "--help"])  # type: ignore[attr-defined]
    assert done.exit_code == 0
    assert f"newsgen {command.name}" in done.stdout.partition("Examples:")[2]  # type: ignore[attr-defined]


def test_a_hold_and_an_approval_by_the_first_letters_of_an_id(waiting: Line) -> None:
    short = waiting.article[:8]
    assert waiting("hold", short, "--reason", "ask first").stdout == "held: 2 deliveries\n"
    told = waiting("status").stdout
    assert "held by ada: ask first" in told
    assert short in told
    done = waiting("approve", short, "--as", "bob")
    assert (done.exit_code, done.stdout) == (0, "approved: 2 deliveries are due (newsgen run sends them)\n")
    assert done.stderr == "It was held: held by ada: ask first\n"
    assert waiting("approve", short).exit_code == 2


@pytest.mark.parametrize("args", [("hold",), ("spike",), ("kill", "--yes")])
def test_a_decision_that_needs_a_reason_is_refused_without_one(out: Line, args: tuple[str, ...]) -> None:
    done = out(args[0], out.article, *args[1:])
    assert done.exit_code == 2
    assert "--reason '...'" in done.stderr


def test_a_kill_says_what_readers_will_see_and_does_nothing_without_a_yes(out: Line) -> None:
    done = out("kill", out.article, "--reason", "Wrong by a factor of ten.")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "This withdraws: Record high for bitcoin" in done.stderr
    assert "Readers see: Withdrawn, " in done.stderr
    assert "nothing is changed: say --yes to do it" in done.stderr
    assert len(out.here.rows()) == 1
    done = out("kill", out.article, "--reason", "Wrong by a factor of ten.", "--yes")
    assert (done.exit_code, done.stdout) == (0, "version 2, its withdrawal, is due at site, cms (newsgen run sends it)\n")
    out.here.send(0)
    assert [e["type"] for e in out.here.events("cms")] == ["article.retracted"]


def test_a_correction_that_changes_nothing_is_refused(out: Line) -> None:
    done = out("correct", out.article, "--note", "wrong", "--yes")
    assert done.exit_code == 2
    assert "nothing in it would change" in done.stderr


def test_stops_are_made_listed_and_lifted(waiting: Line) -> None:
    assert waiting("stop", "--angle", "ath", "--site", "main", "--reason", "bad highs").stdout == "stop 1: angle ath at main: bad highs\n"
    assert waiting("stop", "--reason", "everything").stdout == "stop 2: all: everything\n"
    listed = waiting("stop", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["1", "2"]
    assert "STOPPED  angle ath at main by ada since " in waiting("status").stdout
    assert waiting("resume", "1").stdout == "lifted: angle ath at main; 2 deliveries go on\n"
    assert waiting("resume", "--all").stdout == "lifted: all; 0 deliveries go on\n"
    assert waiting("stop", "list").stdout == "nothing is stopped\n"
    for wrong, told in (
        (("stop", "--angle", "ath", "--asset", "BTC", "--reason", "x"), "a stop is of one thing"),
        (("stop", "--angle", "ath"), "say why it is stopped"), (("resume",), "resume wants the number of a stop"),
        (("resume", "9"), "no stop 9 stands"), (("stop", "--source", "coinglas", "--reason", "x"), "did you mean coinglass?"),
    ):  # fmt: skip
        done = waiting(*wrong)
        assert done.exit_code == 2
        assert told in done.stderr


def test_a_recall_lists_holds_new_ones_asks_and_then_undoes(out: Line) -> None:
    readings = json.loads(out.here.rows()[0].body)["readings"]
    number = next(n for n, r in readings.items() if r["series"] == "spot.high")
    cause = ("recall", "--reading", f"{out.article[:8]}/{number}")
    listed = out(*cause, "--list")
    assert listed.exit_code == 0
    assert listed.stdout.startswith(f"1 published article rests on 1 reading, spot.high of BTC from binance\n  {out.article}  Record high")
    assert out("stop", "list").stdout == "nothing is stopped\n"
    asked = out(*cause, "--reason", "a bad tick")
    assert asked.exit_code == 2
    assert "New ones are held: stop 1: source binance: a bad tick" in asked.stderr
    assert len(out.here.rows()) == 1
    done = out(*cause, "--reason", "a bad tick", "--yes")
    assert (done.exit_code, done.stdout.splitlines()[-1][:11]) == (0, "  withdrawn")
    assert out("stop", "list").stdout == "nothing is stopped\n"
    assert out("stop", "--source", "binance", "--reason", "all of it", "--as", "bob").exit_code == 0
    assert out(*cause, "--reason", "a bad tick", "--yes").exit_code == 0
    assert "all of it" in out("stop", "list").stdout  # is bob's to lift
    assert "0 readings, spot.high of BTC" in out(*cause, "--list").stdout
    wrong = out("recall", "--angle", "ath", "--source", "binance", "--reason", "x")
    assert (wrong.exit_code, "recall wants one cause" in wrong.stderr) == (2, True)


def test_a_recall_that_cannot_undo_all_ends_with_5_and_its_stop_stays(out: Line) -> None:
    path = out.here.folder / "newsgen.toml"
    path.write_text(path.read_text("utf-8").replace("[[editions]]", '[[sites]]\nname = "another"\n[[editions]]', 1), "utf-8")
    done = out("recall", "--source", "binance", "--from", "2025-07-14T00:00:00Z", "--to", "2025-07-15T00:00:00Z", "--reason", "x", "--yes")
    assert (done.exit_code, "  failed     Record high for bitcoin" in done.stdout) == (5, True)
    assert "1 could not be undone; stop 1 stays" in done.stderr


def test_a_name_that_nothing_has_is_refused_when_it_is_only_listed_too(out: Line) -> None:
    done = out("recall", "--angle", "athh", "--list")
    assert (done.exit_code, "did you mean ath?" in done.stderr) == (2, True)


@pytest.mark.parametrize("verb", ["approve", "correct"])
def test_a_text_that_the_checks_refuse_ends_with_3(waiting: Line, verb: str) -> None:
    told = as_markdown(Printed.model_validate_json(waiting.here.rows()[0].body))
    path = waiting.here.folder / "edited.md"
    path.write_text(told.replace("$123,218", "$133,218"), "utf-8")
    if verb == "approve":
        assert waiting("hold", waiting.article, "--reason", "look").exit_code == 0
    else:
        waiting.here.send(0)
    done = waiting(verb, waiting.article, "--text", str(path), *(("--note", "slip", "--yes") if verb == "correct" else ()))
    assert (done.exit_code, done.stdout) == (3, "")
    assert '"$133,218" is contradicted' in done.stderr


def test_what_is_stopped_stays_held_and_says_so_with_3(waiting: Line) -> None:
    assert waiting("hold", waiting.article, "--reason", "look").exit_code == 0
    assert waiting("stop", "--asset", "BTC", "--reason", "bad pair").exit_code == 0
    done = waiting("approve", waiting.article)
    assert (done.exit_code, "newsgen resume 1 lifts it" in done.stderr) == (3, True)


def test_a_hold_says_what_is_being_sent_just_now(waiting: Line) -> None:
    claim_due(waiting.here.engine, waiting.here.now, targets=["cms"])
    done = waiting("hold", waiting.article, "--reason", "look")
    assert (done.exit_code, done.stdout) == (0, "held: 1 delivery\n")
    assert "Being sent just now: cms." in done.stderr


def test_status_as_json_tells_each_story_at_each_target(out: Line) -> None:
    out.here.receivers["cms"].answers = ["400"]
    assert out("kill", out.article, "--reason", "Wrong.", "--yes").exit_code == 0
    out.here.send(0)
    state = json.loads(out("status", "--format", "json").stdout)
    [story] = state["stories"]
    assert (story["version"], story["change"], state["dead_letters"]) == (2, "withdrawal", 1)
    assert {t["target"]: (t["state"], t["version_there"]) for t in story["targets"]} == {"site": ("confirmed", 2), "cms": ("rejected", 1)}
    table = out("status").stdout
    assert "(withdrawal), v2" in table
    assert "status 400" in table
    assert out("resend", out.article[:8]).exit_code == 2  # version 1 is over
    assert out("resend", story["id"]).stdout == "due again: cms (newsgen run sends it)\n"


def test_status_of_a_new_desk_is_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--db", f"sqlite:///{tmp_path}/new.db", "status"])
    assert (done.exit_code, done.stdout) == (0, "no deliveries yet\n")


# publish check


def test_a_target_that_is_right_is_told_so_with_the_clock(out: Line) -> None:
    done = out("publish", "check", "cms")
    wrong = [line for line in done.stdout.splitlines() if not line.startswith("ok ")]
    assert wrong == []
    assert "ok     https          fine, http to a private address as the settings permit" in done.stdout
    assert done.exit_code == 0
    assert "clock          within " in done.stdout
    assert [json.loads(body)["type"] for _, body in out.here.receivers["cms"].requests] == ["endpoint.test"]  # nothing is published


def test_a_target_that_cannot_be_reached_or_lacks_its_secret_says_how_to_mend_it(out: Line) -> None:
    path = out.here.folder / "newsgen.toml"
    path.write_text(path.read_text("utf-8").replace(out.here.receivers["cms"].url, "http://127.0.0.1:9/hook"), "utf-8")
    done = out("publish", "check", "cms")
    assert done.exit_code == 2
    assert "WRONG  endpoint       no connection" in done.stdout
    bare = CliRunner().invoke(main, ["--config", str(path), "publish", "check", "cms"], env={"USER": "ada", "HOOK": ""})
    assert bare.exit_code == 2
    assert "WRONG  credentials    the environment has no HOOK: set it there or in the secrets file" in bare.stdout
    wrong = out("publish", "check", "cms", "--site", "uk")
    assert (wrong.exit_code, "no site 'uk'; there are: main" in wrong.stderr) == (2, True)
    wrong = out("publish", "check", "paper")
    assert (wrong.exit_code, "no target 'paper'; there are: site, cms" in wrong.stderr) == (2, True)
