"""`newsgen check`: drafts against an edition, a database and an article; reports, pages, exit codes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from desk import SAMPLES, edition
from known_drafts import draft, words

from newsgen.cli import main
from newsgen.factcheck import FactReport, archive_source, fact_check
from newsgen.factcheck_page import report_page
from newsgen.factcheck_print import render_report
from newsgen.store.archive import SqlArchive
from newsgen.store.database import open_database
from newsgen.terminal import Paper

SQUEEZE = SAMPLES / "2025-07-14-squeeze"
TRUE_SAMPLES = [p.parent.name for p in sorted(SAMPLES.glob("*/article.md")) if not p.parent.name.endswith("as-printed")]
CLAIM = """ETH shorts were $52.7 million, longs $26.3 million and ETH liquidations in total exceeded $90 million. Bitcoin was up 12 % in
seven days and more than 100 % year to date. In all, $748.3 million of *shorts* were liquidated."""
OUR_TAGS = {f"h{n}" for n in (1, 2, 3)} | set(  # of the page itself
    "a b blockquote br details div li p pre span summary sup table tbody td th thead tr".split()  # noqa: SIM905
)
RIGHT = [
    ("$52.7 million", "supported", "$52.7 million"),
    ("$26.3 million", "supported", "$26.3 million"),
    ("$90 million", "contradicted", "$79 million"),
    ("12 %", "supported", "12%"),
    ("100 %", "contradicted", "30%"),
    ("$748.3 million", "contradicted", "$623.3 million"),
]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith(("NEWSGEN_", "FORCE_COLOR", "NO_COLOR"))]:
        monkeypatch.delenv(name)


def _run(*args: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, list(args), input=text)


def _checked(text: str, name: str = "2025-07-14-squeeze") -> FactReport:
    return fact_check(text, "draft.md", archive_source(edition(name).view, words()), words())


def _told(report: FactReport) -> list[tuple[str, str, str]]:
    return [(n.claim.text, n.truth, n.expected) for n in report.lines if n.truth != "constant"]


def test_the_wrong_total_side_and_year_are_contradicted_with_the_right_values_and_the_rest_is_supported() -> None:
    report = _checked(CLAIM)
    assert _told(report) == RIGHT
    assert report.decision == "hold"
    assert "total of both sides" in next(n.claim.message for n in report.lines if n.claim.text == "$748.3 million")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """History, payloads and readings of the morning of the squeeze in a database."""
    url = f"sqlite:///{tmp_path_factory.mktemp('archive') / 'newsgen.db'}"
    engine = open_database(url)
    SqlArchive(engine).add_columns(edition("2025-07-14-squeeze").archive.columns())
    engine.dispose()
    return url


def test_a_database_says_the_same_as_the_folder(database: str, tmp_path: Path) -> None:
    (tmp_path / "claim.md").write_text(CLAIM)
    result = _run("--db", database, "check", "claim.md", "--at", "2025-07-14T12:02:00Z", "--format", "json")
    assert result.exit_code == 3
    told = [(n["text"], n["verdict"], n["expected"]) for n in json.loads(result.stdout)["numerals"]]
    assert told == RIGHT


@pytest.mark.parametrize("name", TRUE_SAMPLES)
def test_an_article_of_newsgen_is_true_against_its_own_edition(name: str) -> None:
    report = _checked((SAMPLES / name / "article.md").read_text("utf-8").split("\n---\n")[0], name)
    assert not [(n.claim.text, n.claim.message) for n in report.lines if n.truth == "contradicted"]
    assert report.count("unknown") <= 0.05 * report.count("supported")
    assert report.count("supported") >= 15


def test_the_figures_as_they_were_printed_wrongly_are_found_against_the_days_own() -> None:
    text = (SAMPLES / "2025-07-14-as-printed" / "article.md").read_text("utf-8").split("\n---\n")[0]
    wrong = [(n.claim.text, n.expected) for n in _checked(text).lines if n.truth == "contradicted"]
    assert wrong == [("$90.6 million", "$79 million")]


def _against_itself(text: str, tmp_path: Path) -> dict[str, list[tuple[str, str | None]]]:
    (tmp_path / "edited.md").write_text(text)
    result = _run("check", "edited.md", "--against", str(SQUEEZE / "article.json"), "--format", "json")
    found: dict[str, list[tuple[str, str | None]]] = {}
    for line in json.loads(result.stdout)["numerals"]:
        found.setdefault(line["verdict"], []).append((line["text"], line["expected"]))
    return found


def test_an_edited_article_is_held_against_the_figures_that_it_was_written_from(tmp_path: Path) -> None:
    text = (SQUEEZE / "article.md").read_text("utf-8").split("\n---\n")[0]
    assert "contradicted" not in _against_itself(text, tmp_path)
    first = re.search(r"\$623\.3 million", text)
    assert first
    edited = _against_itself(text.replace("$623.3 million", "$632.3 million"), tmp_path)
    assert ("$632.3 million", "$623.3 million") in edited["contradicted"]


def test_the_figure_of_an_article_is_named_as_the_article_names_it(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("Bitcoin is up 12% in seven days.")
    result = _run("check", "one.md", "--against", str(SQUEEZE / "article.json"), "--format", "json")
    line = next(n for n in json.loads(result.stdout)["numerals"] if n["text"] == "12%")
    stored = json.loads((SQUEEZE / "article.json").read_text("utf-8"))["figures"][line["figure"]]
    assert (stored["name"], stored["subject"]) == ("price.change_7d", "BTC")
    assert result.exit_code == 0


# The command line


def test_standard_input_is_a_draft_and_a_true_one_exits_0() -> None:
    result = _run("check", "-", "--edition", str(SQUEEZE), text="Bitcoin is up 12% in seven days.")
    assert result.exit_code == 0
    assert "every claim is supported" in result.stdout


def test_an_unknown_claim_exits_3() -> None:
    result = _run("check", "-", "--edition", str(SQUEEZE), text="Bitcoin miners earned $42 million.")
    assert result.exit_code == 3
    assert "unknown" in result.stdout


@pytest.mark.parametrize(
    ("args", "text", "said"),
    [
        (["check", "-"], "Up 3%.", "check wants --at"),
        (["check", "-", "--at", "2025-07-14T12:02:00Z", "--against", "a.json"], "Up 3%.", "not both"),
        (["check", "-", "--edition", str(SQUEEZE), "--against", "a.json"], "Up 3%.", "not both"),
        (["check", "-", "--at", "2025-07-14T12:02:00"], "Up 3%.", "no time zone"),
        (["check", "missing.md", "--edition", str(SQUEEZE)], None, "missing.md"),
        (["check", "-", "--against", "missing.json"], "Up 3%.", "missing.json"),
        (["check", "-", "--edition", str(SQUEEZE)], " \n", "holds no text"),
        (["check", "-", "--edition", str(SQUEEZE)], "<html><body><script>1</script></body></html>", "holds no text"),
        (["check", "-", "--edition", str(SQUEEZE), "--locale", "xx"], "Up 3%.", "no words to check a draft in 'xx'"),
    ],
)
def test_wrong_use_exits_2_and_says_what_is_wrong(args: list[str], text: str | None, said: str) -> None:
    result = _run(*args, text=text)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not result.stdout


def test_bytes_that_are_no_text_exit_2(tmp_path: Path) -> None:
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe\x00up")
    result = _run("check", "bytes.md", "--edition", str(SQUEEZE))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "not UTF-8" in result.stderr


def test_json_has_the_keys_of_the_contract() -> None:
    result = _run("check", "-", "--edition", str(SQUEEZE), "--format", "json", text=CLAIM)
    body = json.loads(result.stdout)
    assert body["decision"] == "hold"
    assert {"text", "where", "verdict", "figure", "expected", "message"} <= body["numerals"][0].keys()
    year = next(n for n in body["numerals"] if n["text"] == "100 %")
    assert (year["figure"], year["window"], year["source"]) == ("BTC.price.change_ytd", "ytd", "Binance spot")
    assert year["formula"]


# Reports


def test_a_report_in_a_pipe_has_no_colours_and_one_line_a_claim() -> None:
    lines = render_report(_checked(CLAIM)).splitlines()
    assert not any("\033" in line for line in lines)
    assert [line.split("  right: ")[1].split("  ")[0] for line in lines if line.startswith("contradicted")] == [
        "$79 million",
        "30%",
        "$623.3 million",
    ]


def test_a_report_on_a_terminal_is_coloured() -> None:
    assert "\033[31m" in render_report(_checked(CLAIM), Paper(80, True, True))


def test_the_page_marks_each_claim_and_gives_right_value_source_and_window() -> None:
    page = report_page(_checked(CLAIM))
    marked = re.findall(r'<a class="c (\w+)" href="#(c\d+)" title="([^"]*)">([^<]*)</a>', page)
    assert [(text, truth) for truth, _, _, text in marked] == [(text, truth) for text, truth, _ in RIGHT]
    year = next(title for _, _, title, text in marked if text == "100 %")
    assert "30%" in year
    assert "Binance spot" in year
    assert "window ytd" in year
    for _, anchor, _, _ in marked:
        assert f'<tr id="{anchor}">' in page
    assert "prefers-color-scheme: dark" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script> Bitcoin is up 12% in seven days.",
        "Bitcoin <img src=x onerror=alert(1)> is up 12% in seven days.",
        "Bitcoin is up 12% in seven days\"><svg onload=alert(1)>.",
        "`<script>alert(1)</script>` Bitcoin is up 12% in seven days {{ 7 * 7 }}.",
        "```\n<script>alert(1)</script> up 99%\n```",
        "[Bitcoin](javascript:alert(1)) is up 12% in seven days.",
    ],
)  # fmt: skip
def test_a_hostile_draft_puts_no_markup_on_the_page(hostile: str) -> None:
    page = report_page(_checked(hostile))
    draft_part = page.split('<div class="draft">')[1].split("</main>")[0]
    tags = {t.lower() for t in re.findall(r"<\s*([a-zA-Z0-9]+)", draft_part)}
    assert tags <= OUR_TAGS
    assert not re.search(r"(href|src)=.?javascript", draft_part)
    assert not re.search(r"<[^>]*\son\w+=", draft_part)
    if "{{" in hostile:
        assert "{{ 7 * 7 }}" in re.sub(r"<[^>]*>", "", draft_part)


def test_a_draft_in_html_is_checked_as_its_text() -> None:
    text, _, view = draft("16-html-page")
    report = fact_check(text, "page.html", archive_source(view, words()), words())
    assert report.blocks[0].where == "headline"
    assert not any("<" in block.text for block in report.blocks)
