"""Every command through the real command line: help, exit codes, what goes to which stream, and what a wrong word is answered."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result
from desk import SAMPLES, illustrated

from newsgen import cli
from newsgen.cli import FORMS, main
from newsgen.config import load_settings
from newsgen.gather import sources
from newsgen.pipeline import load_newsroom
from newsgen.publish import html_page, to_markdown, to_ninjs
from newsgen.service import open_service
from newsgen.store.archive import SqlArchive
from newsgen.store.database import head_revision, open_database
from newsgen.store.history import import_history
from newsgen.store.manual import read_manual
from tests.loopback import serving

SQUEEZE = SAMPLES / "2025-07-14-squeeze"
QUIET = SAMPLES / "2025-02-22-quiet"
PRINTED = SAMPLES / "2025-07-14-as-printed"
NOON = "2025-07-14T12:00:00Z"
TESTS = Path(__file__).parent


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No newsgen.toml and no database but the test's own; no variables of the person who runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith(("NEWSGEN_", "FORCE_COLOR", "NO_COLOR"))]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive as it stood on the morning of the squeeze."""
    path = tmp_path_factory.mktemp("archive") / "newsgen.db"
    engine = open_database(f"sqlite:///{path}")
    import_history(engine, [SAMPLES / "_history"], lambda *_: None)
    SqlArchive(engine).add(read_manual(SQUEEZE / "readings.toml"))
    engine.dispose()
    return path


@pytest.fixture
def stored(archive: Path, tmp_path: Path) -> None:
    shutil.copy(archive, tmp_path / "newsgen.db")


def newsgen(*args: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args])


def process(*args: object, **how: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "newsgen", *map(str, args)]
    return subprocess.run(command, capture_output=True, check=False, text=True, timeout=60, **how)  # type: ignore[call-overload,no-any-return]


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


COMMANDS = dict(_commands(main))


# Help


@pytest.mark.parametrize("path", [(), *COMMANDS], ids=" ".join)
def test_help_of_every_command_has_an_example_of_itself(path: tuple[str, ...]) -> None:
    done = newsgen(*path, "--help")
    assert done.exit_code == 0
    examples = done.stdout.split("Examples:\n")[1].split("\n\n")[0].split("\n")
    assert all(re.search(rf"\bnewsgen .*{' '.join(path)}", line) for line in examples), examples


def test_every_option_and_command_says_what_it_does_and_nothing_is_cut() -> None:
    for path, command in {(): main, **COMMANDS}.items():
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, (path, parameter.name)
        for width in (80, 100):
            told = CliRunner().invoke(main, [*path, "--help"], terminal_width=width).stdout
            assert "..." not in told.partition("\nCommands:\n")[2]


def test_help_imports_nothing_slow_and_version_is_told() -> None:
    program = (
        "import sys, newsgen.cli; print(*sorted({'pydantic', 'jinja2', 'sqlalchemy', 'httpx', 'rich', 'structlog'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""
    assert re.fullmatch(r"newsgen, version \d+\.\d+\.\d+\n", newsgen("--version").stdout)


# Wrong use


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("nonsense",), "No such command 'nonsense'"),
        (("preview", SQUEEZE, "--at", "2025-07-14T12:02:00"), "time has no time zone"),
        (("preview", SQUEEZE, "--at", "noon"), "Invalid value for '--at'"),
        (("figures", "--at", "2025-07-14"), "Invalid value for '--at'"),
        (("figures",), "figures wants --at TIME, or --search WORDS"),
        (("preview", SQUEEZE, "--angle", "short_squeze"), "(did you mean short_squeeze?)"),
        (("preview", SQUEEZE, "--angle", "zzz"), "no angle 'zzz'; there are: alt_led_liquidations, ath,"),
        (("preview", SQUEEZE, "--form", "essay"), "'essay' is not one of 'flash', 'brief', 'standard', 'wrap', 'weekly'"),
        (("preview", SQUEEZE, "--style", "reuters"), "no house style 'reuters'; there are: ap, en-gb"),
        (("preview", SQUEEZE, "--locale", "xx"), "no language 'xx'; there are: en"),
        (("preview", SQUEEZE, "--edition", "noon"), "no edition 'noon': the settings have no [[editions]]"),
        (("preview", "nowhere"), "nowhere is no edition folder: it has no edition.toml"),
        (("--config", "none.toml", "preview", SQUEEZE), "none.toml: cannot be read: No such file"),
        (("angle", "explain", "zzz", "--edition", SQUEEZE), "no angle 'zzz'; there are: alt_led_liquidations, ath,"),
        (("gather", "--source", "bloomberg"), "no source 'bloomberg'; there are: "),
        (("run",), "newsgen.toml has no [[editions]]"),
        (("history", "import", "none.csv"), "Path 'none.csv' does not exist"),
        (("--db", "nonsense", "status"), "no database URL that can be used"),
        (("--db", "sqlite:////no/such/folder/newsgen.db", "db", "upgrade"), "cannot open the database"),
    ],
    ids=lambda value: " ".join(map(str, value[-3:])) if isinstance(value, tuple) else "",
)
def test_wrong_use_is_2_and_says_what_is_right(args: tuple[object, ...], told: str) -> None:
    done = newsgen(*args)
    assert told in " ".join(done.stderr.split())
    assert (done.exit_code, done.stdout) == (2, "")


def test_a_form_that_is_not_there_yet_says_so_and_which_are() -> None:
    there = load_newsroom().forms
    for form in FORMS:
        done = newsgen("preview", SQUEEZE, "--form", form)
        if form in there:
            assert done.exit_code == 0
        else:
            assert (done.exit_code, done.stdout) == (2, "")
            assert done.stderr == f"newsgen: the form {form} is not written yet; there are: {', '.join(there)}\n"


# Faults, interruptions, and a reader who has seen enough


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(cli, "settings_of", fail)


def test_a_fault_of_ours_is_one_line_and_1_and_its_trace_needs_v(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ValueError("seven"))
    done = newsgen("schedule")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "newsgen: a fault of ours: ValueError: seven (-v shows where)\n"
    loud = newsgen("-v", "schedule")
    assert loud.exit_code == 1
    assert "Traceback" in loud.stderr
    assert loud.stderr.endswith(done.stderr)


def test_a_file_that_cannot_be_written_is_no_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, PermissionError(13, "Permission denied", "/srv/site"))
    done = newsgen("schedule")
    assert (done.exit_code, done.stderr) == (2, "newsgen: /srv/site: Permission denied\n")


def test_ctrl_c_is_130_and_no_trace(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import sys, time\nfrom newsgen import cli\n\n"
        "def wait(ctx):\n    print('waiting', flush=True)\n    time.sleep(60)\n\n"
        "cli.settings_of = wait\nsys.argv = ['newsgen', 'schedule']\ncli.main()\n"
    )
    running = subprocess.Popen([sys.executable, "slow.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "waiting\n"
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert (running.returncode, said) == (130, "newsgen: stopped\n")


def test_a_pipe_that_is_closed_early_gives_no_trace(tmp_path: Path) -> None:
    """The output is larger than a pipe holds, and nobody reads it."""
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "newsgen", "preview", str(SQUEEZE), "--format", "json"]
    running = subprocess.Popen(command, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    os.close(reader)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (141, "")


# Preview


def test_preview_of_a_story_is_0_of_a_held_one_3_of_a_quiet_day_4() -> None:
    assert newsgen("preview", SQUEEZE).exit_code == 0
    held = newsgen("preview", PRINTED)
    assert held.exit_code == 3
    assert "Checks  HELD" in held.stdout
    quiet = newsgen("preview", QUIET)
    assert quiet.exit_code == 4
    assert quiet.stdout.startswith("Nothing to write\n")
    machine = newsgen("preview", QUIET, "--format", "json")
    assert (machine.exit_code, machine.stdout) == (4, "")
    assert machine.stderr.startswith("Nothing to write\n")


def test_preview_with_a_payload_that_cannot_be_read_is_5_and_names_it(tmp_path: Path) -> None:
    folder = tmp_path / "day"
    shutil.copytree(SQUEEZE, folder)
    toml = (folder / "edition.toml").read_text().replace('"../_history"', f'"{SAMPLES / "_history"}"')
    (folder / "edition.toml").write_text(toml)
    (folder / "payloads/coinglass/liquidation_exchange_list.ETH.json").write_text("{")
    done = newsgen("preview", folder)
    assert done.exit_code == 5
    assert done.stderr.startswith("newsgen: coinglass liquidation_exchange_list: ")
    assert "Checks  may be published" in done.stdout


@pytest.mark.parametrize("output", ["json", "html", "markdown", "ninjs"])
def test_preview_in_every_format(output: str) -> None:
    article = illustrated(SQUEEZE.name, "standard", 7).article
    assert article is not None
    expected = {"json": article.dumps(), "html": html_page(article), "markdown": to_markdown(article), "ninjs": to_ninjs(article)}
    done = newsgen("preview", SQUEEZE, "--seed", 7, "--format", output)
    assert (done.exit_code, done.stdout, done.stderr) == (0, expected[output], "")


def test_preview_explains_on_demand() -> None:
    assert "liquidations.total_24h = 748300000" in newsgen("preview", SQUEEZE, "--explain").stdout
    assert "liquidations.total_24h = " not in newsgen("preview", SQUEEZE).stdout


@pytest.mark.usefixtures("stored")
def test_preview_from_the_archive_at_a_moment_and_as_an_edition(tmp_path: Path) -> None:
    plain = newsgen("preview", "--at", NOON, "--format", "json")
    assert plain.exit_code == 0
    article = json.loads(plain.stdout)
    assert (article["as_of"], article["form"], article["edition"]) == (NOON, "standard", "archive")
    (tmp_path / "newsgen.toml").write_text(
        '[[sites]]\nname = "uk"\nstyle = "en-gb"\n'
        '[[editions]]\nname = "noon"\nsite = "uk"\nevery = "6h"\nform = "brief"\nassets = ["ETH", "BTC"]\n'
        '[[editions]]\nname = "events"\nsite = "uk"\nwatch = "5m"\nbar = 110\nangles = ["short_squeeze"]\n'
    )
    edited = newsgen("preview", "--at", NOON, "--edition", "noon", "--format", "json")
    assert edited.exit_code == 0, edited.stderr
    article = json.loads(edited.stdout)
    assert (article["form"], article["edition"], article["site"], article["made_from"]["style"]) == ("brief", "noon", "uk", "en-gb")
    assert {a["subject"] for a in article["angles"]} <= {"BTC", "ETH", "market"}
    below = newsgen("preview", "--at", NOON, "--edition", "events")
    assert below.exit_code == 4
    assert "no angle reaches the bar of 110" in below.stdout


@pytest.mark.usefixtures("stored")
def test_preview_of_an_edition_knows_what_its_site_published_before(tmp_path: Path) -> None:
    (tmp_path / "newsgen.toml").write_text('[[editions]]\nname = "noon"\nevery = "6h"\nform = "brief"\n')
    service = open_service(load_settings(None, env={}), env={})
    [edition] = service.settings.editions
    published = service.write(edition, service.settings.site("main"), datetime.fromisoformat(NOON)).article
    service.engine.dispose()
    assert published is not None
    assert published.verdict.decision == "publish"
    same = json.loads(newsgen("preview", "--at", NOON, "--edition", "noon", "--format", "json").stdout)
    assert (same["id"], same["headline"]["text"]) == (published.id, published.headline.text)
    later = newsgen("preview", "--at", "2025-07-14T12:10:00Z", "--edition", "noon")
    assert f"{published.angle} " not in later.stdout.partition("  lead ")[2][:60]
    assert "cooldown" in later.stdout or "published" in later.stdout


def test_preview_of_an_empty_archive_is_quiet() -> None:
    assert newsgen("preview", "--at", NOON).exit_code == 4


# Figures and angles

ROW = {
    "type": "object",
    "required": ["name", "subject", "value", "unit", "window", "observed_at", "source", "formula", "absent"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "subject": {"type": "string"},
        "value": {"type": ["string", "null", "boolean"]},
        **{key: {"type": ["string", "null"]} for key in ("unit", "window", "source", "formula", "absent")},
        "observed_at": {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    },
}
FIGURES = {
    "type": "object",
    "required": ["as_of", "figures"],
    "additionalProperties": False,
    "properties": {"as_of": {"const": "2025-07-14T12:02:00Z"}, "figures": {"type": "array", "minItems": 1, "items": ROW}},
}


def test_figures_as_json_are_of_the_contracts_shape() -> None:
    done = newsgen("figures", "--at", "2025-07-14T12:02:00Z", "--edition", SQUEEZE, "--format", "json")
    assert (done.exit_code, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    jsonschema.validate(data, FIGURES)
    rows = {(r["name"], r["subject"]): r for r in data["figures"]}
    total = rows["liquidations.total_24h", "market"]
    assert (total["value"], total["unit"], total["window"], total["absent"]) == ("748300000", "usd", "24h", None)
    absent = [r for r in data["figures"] if r["absent"]]
    assert absent
    assert all(r["value"] is None for r in absent)


def test_figures_are_narrowed_by_subject_and_name() -> None:
    done = newsgen("figures", "--at", "2025-07-14T12:02:00Z", "--edition", SQUEEZE, "--subject", "BTC", "--name", "price.change_*")
    lines = done.stdout.splitlines()
    assert lines[0] == "as of 2025-07-14T12:02:00Z"
    assert len(lines) > 3
    assert all(line.startswith("BTC") and " price.change_" in line for line in lines[1:])


@pytest.mark.usefixtures("stored")
def test_figures_from_the_archive_know_only_what_was_known() -> None:
    done = newsgen("figures", "--at", NOON, "--subject", "BTC", "--name", "price.close_day", "--format", "json")
    [row] = json.loads(done.stdout)["figures"]
    assert row["observed_at"] <= NOON


def test_angle_list_and_explain() -> None:
    names = [rule.name for rule in load_newsroom().rules]
    assert [line.split()[0] for line in newsgen("angle", "list").stdout.splitlines()] == names
    done = newsgen("angle", "explain", "short_squeeze", "--edition", SQUEEZE)
    assert done.exit_code == 0
    assert done.stdout.startswith("short_squeeze (market)  fired")
    assert "liquidations.total_24h = 748300000" in done.stdout


def test_angle_check_reports_every_fault_with_file_and_line(tmp_path: Path) -> None:
    own = tmp_path / "own" / "angles"
    for name, file, old, new in (
        ("ath", "rule.toml", 'family = "price"', 'family = "prize"'),
        ("crash_day", "rule.toml", "price.", "prize."),
        ("big_move", "en.j2", "{% endvary %}", "{% if %}"),
    ):
        shutil.copytree(SAMPLES.parent / "templates" / "angles" / name, own / name)
        text = (own / name / file).read_text()
        assert old in text
        (own / name / file).write_text(text.replace(old, new, 1))
    shutil.copytree(own / "ath", own / "quiet_day")
    (own / "quiet_day" / "en.j2").unlink()
    (tmp_path / "newsgen.toml").write_text('templates = "own"\n')
    done = newsgen("angle", "check")
    assert (done.exit_code, done.stdout) == (2, "5 faults\n")
    for told in (
        r"ath/rule\.toml:\d+: ",
        r"crash_day/rule\.toml:\d+: ",
        r"big_move/en\.j2:\d+: ",
        r"quiet_day/en\.j2: the angle has no words",
    ):
        assert re.search(f"^newsgen: {told}", done.stderr, re.MULTILINE), told


def test_angle_list_has_the_desks_own(tmp_path: Path) -> None:
    folder = tmp_path / "own" / "angles" / "my_angle"
    shutil.copytree(SAMPLES.parent / "templates" / "angles" / "ath", folder)
    (folder / "rule.toml").write_text((folder / "rule.toml").read_text().replace('name = "ath"', 'name = "my_angle"', 1))
    (tmp_path / "newsgen.toml").write_text('templates = "own"\n')
    assert re.search(r"^my_angle +price +asset ", newsgen("angle", "list").stdout, re.MULTILINE)


# A desk


def test_init_makes_a_desk_that_loads_and_never_overwrites_one(tmp_path: Path) -> None:
    done = newsgen("init", "desk")
    assert done.exit_code == 0
    assert "newsgen run" in done.stdout
    assert sorted(p.name for p in (tmp_path / "desk").iterdir()) == [".env.example", "newsgen.toml", "templates"]
    assert newsgen("--config", "desk/newsgen.toml", "schedule").exit_code == 0
    (tmp_path / "desk" / "newsgen.toml").write_text("# mine\n")
    again = newsgen("init", "desk")
    assert (again.exit_code, again.stdout) == (2, "")
    assert again.stderr == "newsgen: desk/newsgen.toml is there already\n"
    assert (tmp_path / "desk" / "newsgen.toml").read_text() == "# mine\n"


def test_schedule_tells_the_next_runs() -> None:
    assert newsgen("schedule").stdout == ""
    Path("newsgen.toml").write_text('[[editions]]\nname = "six"\nevery = "6h"\n')
    lines = newsgen("schedule", "--count", 3).stdout.splitlines()
    assert len(lines) == 3
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT(00|06|12|18):00:00Z  six \(main\)", line) for line in lines)


def test_status_and_db_upgrade_of_a_fresh_database(tmp_path: Path) -> None:
    assert newsgen("status").stdout == "no deliveries yet\n"
    assert (tmp_path / "newsgen.db").is_file()
    done = newsgen("--db", "sqlite:///other.db", "db", "upgrade")
    assert (done.exit_code, done.stdout) == (0, f"the schema is at revision {head_revision()}\n")
    assert (tmp_path / "other.db").is_file()


def test_history_import_of_a_good_file_and_again() -> None:
    shutil.copy(SAMPLES / "_history" / "eth_daily_reference.csv", "eth_daily_reference.csv")
    first = newsgen("history", "import", "eth_daily_reference.csv")
    assert first.exit_code == 0
    found = re.fullmatch(r"(\d+) new readings, 0 known already, 0 lines refused\n", first.stdout)
    assert found
    assert "eth_daily_reference.csv" in first.stderr
    again = newsgen("history", "import", "eth_daily_reference.csv")
    assert (again.exit_code, again.stdout) == (0, f"0 new readings, {found[1]} known already, 0 lines refused\n")


def test_history_import_of_a_damaged_file_is_5_names_the_line_and_loads_the_rest() -> None:
    lines = (SAMPLES / "_history" / "eth_daily_reference.csv").read_text().splitlines()
    lines[2] = "2016-05-19,fourteen"
    Path("eth_daily_reference.csv").write_text("\n".join(lines) + "\n")
    done = newsgen("history", "import", "eth_daily_reference.csv")
    assert done.exit_code == 5
    assert re.search(r"^newsgen: refused .*eth_daily_reference\.csv:3: ", done.stderr, re.MULTILINE)
    assert re.fullmatch(rf"{len(lines) - 2} new readings, 0 known already, 1 line refused\n", done.stdout)


# Sources


def test_sources_tells_what_each_gives_and_whether_it_needs_a_key() -> None:
    out = newsgen("sources").stdout
    for name, source in sources().items():
        key = f"{source.key_env} {'may be set' if source.key_optional else 'is missing'}" if source.key_env else "no key needed"
        assert re.search(rf"^{name} .*{key}$", out, re.MULTILINE)
        assert source.terms.url in out
    told = json.loads(newsgen("sources", "--format", "json").stdout)
    assert [row["name"] for row in told] == list(sources())
    assert not Path("newsgen.db").exists()  # a listing makes no database


def test_gather_stores_what_lives_names_what_is_dead_and_is_5() -> None:
    endpoint = next(iter(sources()["alternative_me"].endpoints.values()))
    body = (TESTS / "gather" / "payloads" / "alternative_me" / "fng_latest.json").read_bytes()
    with serving(_Anything(endpoint.path, body)) as address:
        Path("newsgen.toml").write_text(
            "".join(
                f'[sources.{name}]\nbase_url = "{address}"\n'
                if name in ("alternative_me", "farside")
                else f"[sources.{name}]\nenabled = false\n"
                for name in sources()
            )
        )
        done = newsgen("gather")
        alone = newsgen("gather", "--source", "alternative_me")
    assert done.exit_code == 5
    alive, dead, *_ = done.stdout.splitlines()
    assert re.fullmatch(r"alternative_me +\d+ readings", alive)
    assert re.match(r"farside +SourceRefused: \w+: .*404", dead)
    assert "gather.source_failed" in done.stderr
    assert "gather." not in done.stdout
    assert alone.exit_code == 0
    rows = json.loads(newsgen("figures", "--at", "2100-01-01T00:00:00Z", "--name", "sentiment.*", "--format", "json").stdout)["figures"]
    assert rows
    engine = open_database("sqlite:///newsgen.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM reading").scalar()
    engine.dispose()


class _Anything(dict[tuple[str, tuple[tuple[str, str], ...]], bytes]):
    """Answers one path whatever is asked of it, and no other."""

    def __init__(self, path: str, body: bytes) -> None:
        super().__init__()
        self._path, self._body = path, body

    def get(self, key: tuple[str, tuple[tuple[str, str], ...]], default: bytes | None = None) -> bytes | None:  # type: ignore[override]
        return self._body if key[0] == self._path else default


# The real program


def test_a_pipe_gets_the_article_and_no_escape_codes_unless_forced() -> None:
    plain = process("preview", SQUEEZE, "--seed", 1)
    assert (plain.returncode, plain.stderr) == (0, "")
    assert "\x1b" not in plain.stdout
    forced = process("preview", SQUEEZE, "--seed", 1, env={**os.environ, "FORCE_COLOR": "1"})
    assert re.sub(r"\x1b\[[0-9;]*m", "", forced.stdout).split() == plain.stdout.split()
    assert "\x1b[36m" in forced.stdout


def test_run_stops_on_sigterm_with_what_is_in_hand_done(tmp_path: Path) -> None:
    (tmp_path / "newsgen.toml").write_text('[streams]\nenabled = false\n[[editions]]\nname = "yearly"\ncron = "0 0 1 1 *"\n')
    running = subprocess.Popen(
        [sys.executable, "-m", "newsgen", "--json-logs", "run"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    assert json.loads(running.stderr.readline())["event"] == "service.started"
    running.send_signal(signal.SIGTERM)
    out, said = running.communicate(timeout=30)
    assert (running.returncode, out) == (0, "")
    assert [json.loads(line)["event"] for line in said.splitlines()] == ["schedule.stopping"]


def test_a_preview_needs_no_secret_and_the_service_does(tmp_path: Path) -> None:
    settings = tmp_path / "newsgen.toml"
    settings.write_text(
        '[[targets]]\nname = "cms"\nkind = "webhook"\nurl = "https://cms.example/hook"\nsecret_env = "NEWSGEN_NOT_THERE"\n'
        '[[editions]]\nname = "noon"\ncron = "0 12 * * *"\n',
        "utf-8",
    )
    assert newsgen("--config", str(settings), "preview", str(SQUEEZE), "--form", "flash").exit_code == 0
    refused = newsgen("--config", str(settings), "run")
    assert refused.exit_code == 2
    assert "NEWSGEN_NOT_THERE is set neither in the environment nor in the secrets file" in refused.stderr
