"""The preview: on a terminal and in a pipe, with its findings and its explanation; what an edition of newsgen.toml decides; the watch."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from desk import SAMPLES, written

from newsgen.config import Settings, load_settings
from newsgen.draft import Draft, Wish, draft, load_words, open_material, preview
from newsgen.errors import ConfigError, PluginError
from newsgen.pipeline import Outcome
from newsgen.story import Article, Condition, Finding, Paragraph, Pitch, Quiet, Span, Text, Verdict
from newsgen.terminal import Paper, render_explanation, render_outcome
from newsgen.watch import watch

SQUEEZE = SAMPLES / "2025-07-14-squeeze"
PLAIN = Paper(width=60)
COLOUR = Paper(width=60, colour=True)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def article_of(name: str = SQUEEZE.name) -> Article:
    article = written(name, "standard", 1).article
    assert article is not None
    return article


def only(body: Text, *findings: Finding) -> Outcome:
    """An outcome with one paragraph and these findings."""
    verdict = Verdict("hold" if any(f.severity == "block" for f in findings) else "publish", findings)
    article = replace(article_of(), paragraphs=(Paragraph("lede", "ath", body),), key_points=(), verdict=verdict)
    return Outcome(article, None, ())


# What it is written on


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "env", "colour"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_go_to_a_terminal_unless_the_environment_says_otherwise(stream: io.StringIO, env: dict[str, str], colour: bool) -> None:
    assert Paper.of(stream, env).colour is colour


@pytest.mark.parametrize(("columns", "width"), [(72, 72), (200, 100), (20, 40)])
def test_lines_are_as_wide_as_the_terminal_up_to_a_hundred(columns: int, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert Paper.of(Terminal(), {}).width == width
    assert Paper.of(io.StringIO(), {}).width == Paper().width


# The article


def test_without_colour_there_is_no_escape_code_and_with_colour_the_same_words() -> None:
    plain, coloured = (render_outcome(written(SQUEEZE.name, "standard", 1), paper) for paper in (PLAIN, COLOUR))
    assert "\x1b" not in plain
    assert "\x1b" in coloured
    assert ESCAPE.sub("", coloured).split() == plain.split()
    assert not set("\x01\x02\x03") & set(coloured)


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (27, ["shorts worth $623.3 million", "were liquidated and longs", "worth $125 million too"]),  # the first line fits to a character
        (20, ["shorts worth", "$623.3 million were", "liquidated and longs", "worth $125 million", "too"]),  # no figure is broken
    ],
)
def test_every_figure_is_marked_whole_and_colours_take_no_width(width: int, lines: list[str]) -> None:
    body = Text("shorts worth $623.3 million were liquidated and longs worth $125 million too", (Span(13, 27, "f1"), Span(60, 72, "f2")))
    shown = Paper(width, colour=True).figures(body)
    assert ESCAPE.sub("", shown).split("\n") == lines
    assert re.findall(r"\x1b\[36m(.*?)\x1b\[0m", shown) == ["$623.3 million", "$125 million"]


def test_no_line_of_text_is_wider_than_the_terminal() -> None:
    for width in (40, 60, 100):
        shown = render_outcome(written("2025-07-14-as-printed", "standard", 1), Paper(width, colour=True, wraps_rows=True))
        above = ESCAPE.sub("", shown).split("\nAngles\n")[0].split("\n")
        assert max(len(line) for line in above if "://" not in line) <= width  # an address cannot be broken
        assert max(map(len, ESCAPE.sub("", shown).split("\nChecks")[1].split("\n"))) <= width


# Findings


def test_findings_name_the_check_the_place_and_the_sentence() -> None:
    block = Finding("arithmetic", "block", "paragraphs[0]", "the parts make 79", ("f1",), "Ether came to 90.")
    warn = Finding("causality", "warn", "headline", "a cause without a source")
    shown = render_outcome(only(Text("Ether came to 90."), block, warn), PLAIN)
    assert "Checks  HELD\n" in shown
    assert "  block arithmetic in paragraphs[0]: the parts make 79\n        “Ether came to 90.”\n" in shown
    assert "  warn  causality in headline: a cause without a source\n" in shown
    assert "may be published" in render_outcome(only(Text("Nothing."), warn), PLAIN)


def test_in_a_pipe_a_finding_is_one_line_and_on_a_terminal_it_is_wrapped() -> None:
    outcome = only(Text("Text."), Finding("arithmetic", "block", "dek", "word " * 40))
    assert max(map(len, render_outcome(outcome, PLAIN).split("\n"))) > 150
    assert max(map(len, render_outcome(outcome, replace(PLAIN, wraps_rows=True)).split("\nChecks")[1].split("\n"))) <= 60


def test_a_quiet_day_says_why() -> None:
    shown = render_outcome(Outcome(None, Quiet("no angle clears the floor of 40"), ()), PLAIN)
    assert shown.startswith("Nothing to write\nno angle clears the floor of 40\n")


# The explanation


def test_the_explanation_lists_every_angle_with_conditions_values_and_why_it_lost() -> None:
    conditions = (
        Condition("price.change_24h >= limits.min", "the move is large", True, {"price.change_24h": "5.2"}),
        Condition("volume.ratio_30d >= 2", "volume is high", False, {"volume.ratio_30d": "1.1"}),
        Condition("open_interest.usd > 0", "positions are known", None, {"open_interest.usd": "absent: no source"}),
    )
    lost = Pitch("big_move", "BTC", "price", Decimal("61.5"), {"magnitude": Decimal(40)}, True, conditions, reason="absorbed by ath of BTC")
    silent = Pitch("quiet_day", "market", "price", Decimal(0), {}, False, (), reason="not the case: bitcoin moved")
    text = render_explanation((lost, silent), PLAIN)
    assert (
        text
        == """big_move (BTC)  fired, rejected, score 61.5
    absorbed by ath of BTC
    magnitude 40
    yes     price.change_24h >= limits.min
            the move is large
            price.change_24h = 5.2
    no      volume.ratio_30d >= 2
            volume is high
            volume.ratio_30d = 1.1
    unknown open_interest.usd > 0
            positions are known
            open_interest.usd = absent: no source

quiet_day (market)  did not fire, rejected, score 0
    not the case: bitcoin moved"""
    )
    assert ESCAPE.sub("", render_explanation((lost, silent), COLOUR)) == text
    outcome = Outcome(article_of(), None, (lost, silent))
    assert text in render_outcome(outcome, PLAIN, explain=True)
    assert "open_interest" not in render_outcome(outcome, PLAIN)


def test_the_explanation_of_a_real_day_has_every_pitch() -> None:
    outcome = written(SQUEEZE.name, "standard", 1)
    shown = render_outcome(outcome, PLAIN, explain=True)
    for pitch in outcome.pitches:
        assert f"\n{pitch.angle} ({pitch.subject})  " in shown
        for condition in pitch.conditions:
            assert condition.expression in shown
            assert all(f"{name} = {value}" in shown for name, value in condition.saw.items())


# What an edition of newsgen.toml decides

DESK = """templates = "own"
[[sites]]
name = "main"
[[sites]]
name = "british"
style = "en-gb"
zone = "Europe/London"
[[editions]]
name = "noon"
site = "main"
every = "6h"
form = "brief"
angles = ["ath"]
assets = ["BTC", "ETH"]
[[editions]]
name = "noon"
site = "british"
every = "6h"
form = "standard"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "newsgen.toml").write_text(DESK, "utf-8")
    (tmp_path / "own" / "angles").mkdir(parents=True)
    return load_settings(tmp_path / "newsgen.toml", env={})


def drafted(settings: Settings, wish: Wish) -> Draft:
    return draft(load_words(settings, wish), open_material(settings, wish), settings, wish)


def article(settings: Settings, **wishes: object) -> Article:
    found = drafted(settings, Wish(SQUEEZE, **wishes)).outcome.article  # type: ignore[arg-type]
    assert found is not None
    return found


def test_an_edition_decides_form_angles_assets_and_its_sites_style(settings: Settings) -> None:
    main = article(settings, edition="main/noon")
    assert (main.form, main.angle, main.edition, main.site, main.made_from["style"]) == ("brief", "ath", "noon", "main", "ap")
    assert {p.subject for p in main.pitches} <= {"BTC", "ETH", "market"}
    british = article(settings, edition="british/noon")
    assert (british.form, british.angle, british.site, british.made_from["style"]) == ("standard", "ath", "british", "en-gb")
    assert "SOL" in {p.subject for p in british.pitches}


def test_a_flag_comes_before_the_edition(settings: Settings) -> None:
    found = article(settings, edition="main/noon", form="standard", angles=("short_squeeze",), style="en-gb", seed=5)
    assert (found.form, found.angle, found.made_from["style"], found.made_from["seed"]) == ("standard", "short_squeeze", "en-gb", "5")


def test_an_unknown_edition_names_those_there_are(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="no edition 'evening'; there are: noon, noon"):
        drafted(settings, Wish(SQUEEZE, edition="evening"))
    with pytest.raises(ConfigError, match="several sites have an edition 'noon'; write one of: main/noon, british/noon"):
        drafted(settings, Wish(SQUEEZE, edition="noon"))
    with pytest.raises(ConfigError, match=r"no edition 'noon': the settings have no \[\[editions\]\]"):
        drafted(Settings(), Wish(SQUEEZE, edition="noon"))


def test_a_desks_own_template_comes_before_the_shipped_one(settings: Settings) -> None:
    own_template(Path(settings.templates), "lede", "The desk's own lede.")
    found = article(settings, angles=("short_squeeze",))
    assert found.paragraphs[0].body.text.startswith("The desk's own lede.")


@pytest.mark.parametrize(
    ("block", "problem"),
    [("{{ nobody.knows }}", "UndefinedError: 'nobody' is undefined"), ("{% if %}", "Expected an expression"), ("{{ 1 // 0 }}", "ZeroDiv")],
)
def test_a_fault_in_a_template_is_the_desks_and_names_file_and_line(settings: Settings, block: str, problem: str) -> None:
    path, line = own_template(Path(settings.templates), "lede", block)
    with pytest.raises(PluginError, match=re.escape(f"{path}:{line}: {problem}")):
        article(settings, angles=("short_squeeze",))


def test_the_public_function_writes_a_folder() -> None:
    outcome = preview(SQUEEZE, form="brief", seed=3)
    assert outcome.article is not None
    assert outcome.article.dumps() == written(SQUEEZE.name, "brief", 3).article.dumps()  # type: ignore[union-attr]


# The watch


def own_template(root: Path, block: str, text: str, angle: str = "short_squeeze") -> tuple[Path, int]:
    """A copy of an angle with one block changed; where it is, and the line of the change."""
    folder = root / "angles" / angle
    shipped = SAMPLES.parent / "templates" / "angles" / angle
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "rule.toml").exists():
        shutil.copy(shipped / "rule.toml", folder)
    whole = re.sub(
        rf"({{% block {block} %}}).*?({{% endblock %}})", lambda m: m[1] + text + m[2], (shipped / "en.j2").read_text(), flags=re.S
    )
    (folder / "en.j2").write_text(whole)
    return folder / "en.j2", whole[: whole.index(text)].count("\n") + 1


def test_a_change_draws_again_and_a_fault_keeps_the_watch(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "day"
    shutil.copytree(SQUEEZE, folder)
    toml = (folder / "edition.toml").read_text().replace('"../_history"', f'"{SAMPLES / "_history"}"')
    (folder / "edition.toml").write_text(toml)
    own = Path(settings.templates)
    shown: list[str] = []
    told: list[str] = []

    def show(drawn: Draft) -> None:
        assert drawn.outcome.article is not None
        shown.append(drawn.outcome.article.paragraphs[0].body.text)

    def changes() -> Iterator[list[tuple[str, Path]]]:
        yield []
        path, _ = own_template(own, "lede", "First wording.")
        yield [("added", path)]
        own_template(own, "lede", "Second wording.")
        os.utime(path, ns=(1, 1))  # a save within the clock's tick is still another one
        yield [("modified", path)]
        _, line = own_template(own, "lede", "{% if %}")
        yield [("modified", path)]
        assert "Ctrl-C ends" in told[0]
        assert f"{path}:{line}: Expected an expression" in told[-1]
        own_template(own, "lede", "Third wording.")
        rule = path.with_name("rule.toml")
        rule.write_text(rule.read_text() + "\n[nonsense]\n")
        yield [("modified", rule)]
        assert "short_squeeze/rule.toml" in told[-1]
        own_template(own, "lede", "Fourth wording.")
        shutil.copy(SAMPLES.parent / "templates" / "angles" / "short_squeeze" / "rule.toml", rule)
        yield [("modified", rule)]
        (folder / "edition.toml").write_text(toml.replace("as_of", "as_off"))
        yield [("modified", folder / "edition.toml")]
        assert "edition.toml" in told[-1]
        (folder / "edition.toml").write_text(toml)
        yield [("modified", folder / "edition.toml")]
        raise KeyboardInterrupt

    watch(settings, Wish(folder, angles=("short_squeeze",)), show, told.append, changes())
    assert [s.split(".")[0] for s in shown[1:]] == ["First wording", "Second wording", "Fourth wording", "Fourth wording"]
    assert len(told) == 4


def test_watch_in_a_process_of_its_own_until_ctrl_c(tmp_path: Path) -> None:
    own = tmp_path / "own"
    path, _ = own_template(own, "lede", "First wording.")
    (tmp_path / "newsgen.toml").write_text('templates = "own"\n')
    command = [sys.executable, "-m", "newsgen", "preview", str(SQUEEZE), "--angle", "short_squeeze", "--watch"]
    with started(command, tmp_path) as (process, out, err):
        until(lambda: "First wording." in out.read_text())
        own_template(own, "lede", "Second wording.")
        until(lambda: "Second wording." in out.read_text())
        _, line = own_template(own, "lede", "{% if %}")
        until(lambda: f"{path.relative_to(tmp_path)}:{line}: Expected an expression" in err.read_text())
        own_template(own, "lede", "Third wording.")
        until(lambda: "Third wording." in out.read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert "Traceback" not in err.read_text()
        assert "\x1b" not in out.read_text()


@contextmanager
def started(command: list[str], folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, Path]]:
    out, err = folder / "out.txt", folder / "err.txt"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(command, cwd=folder, stdout=stdout, stderr=stderr)
        try:
            yield process, out, err
        finally:
            process.kill()
            process.wait(20)


def until(happened: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
