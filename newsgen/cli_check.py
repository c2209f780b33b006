"""`newsgen check`: the claims of any draft against the figures; in: arguments and a text, out: a report and an exit code.

Imports nothing slow at the top: `newsgen --help` must answer at once.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsgen.cli_kit import HELD, Time, settings_of
from newsgen.errors import ConfigError

if TYPE_CHECKING:
    from newsgen.config import Settings
    from newsgen.factcheck import FactReport

__all__ = ["check"]

_LARGEST = 5_000_000  # bytes; a book is a tenth of it


@click.command(short_help="Any draft against the figures: each claim supported, contradicted or unknown.")
@click.argument("draft", metavar="DRAFT")
@click.option("--at", "as_of", type=Time(), help="Against the archive, or the edition folder, as known at this moment.")
@click.option("--against", type=click.Path(path_type=Path, dir_okay=False), metavar="ARTICLE.json", help="Against one article's figures.")
@click.option("--edition", "folder", type=click.Path(path_type=Path, file_okay=False),
              help="An edition folder instead of the archive; its as_of is the default of --at.")  # fmt: skip
@click.option("--locale", default="en", show_default=True, help="Language of the draft.")
@click.option("--format", "output", type=click.Choice(["text", "json", "html"]), default="text", show_default=True,
              help="For a person, a program, or a page with the draft marked in colour.")  # fmt: skip
@click.pass_context
def check(
    ctx: click.Context, /, draft: str, as_of: datetime | None, against: Path | None, folder: Path | None, locale: str, output: str
) -> None:  # fmt: skip
    """Read a text as a stranger would and hold every claim of it against the figures.

    DRAFT is Markdown, HTML or plain text, a file or - for standard input, written by a person, a wire or a language model. Each amount,
    date, record and direction is supported, contradicted (with the right value, its window, source and formula) or unknown.

    Exit code 0: every claim is supported. 3: one is contradicted or unknown.

    \b
    Examples:
      newsgen check story.md --at 2025-07-14T12:02:00Z
      newsgen check story.md --edition samples/2025-07-14-squeeze
      newsgen check edited.html --against site/articles/bitcoin-record/article.json
      pbpaste | newsgen check - --at 2025-07-14T12:02:00Z --format html > checked.html
    """
    if against is not None and (as_of is not None or folder is not None):
        raise ConfigError("check wants --at TIME (or --edition DIR), or --against ARTICLE.json, and not both")
    if against is None and as_of is None and folder is None:
        raise ConfigError("check wants --at TIME, --edition DIR or --against ARTICLE.json: a claim is true of a moment")
    text, name = _text_of(draft)
    report = _checked(settings_of(ctx), text, name, as_of, against, folder, locale)
    click.echo(_shown(report, output), nl=False, color=True)
    sys.exit(HELD if report.decision != "publish" else 0)


def _text_of(draft: str) -> tuple[str, str]:
    """The draft and its name; a file that is no text is refused."""
    body = sys.stdin.buffer.read(_LARGEST + 1) if draft == "-" else _bytes_of(Path(draft))
    name = "standard input" if draft == "-" else Path(draft).name
    if len(body) > _LARGEST:
        raise ConfigError(f"{name} is larger than {_LARGEST:,} bytes")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{name} is not UTF-8 text") from None
    if not text.strip():
        raise ConfigError(f"{name} holds no text to check")
    return text, name


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST + 1)


def _checked(
    settings: Settings, text: str, name: str, as_of: datetime | None, against: Path | None, folder: Path | None, locale: str
) -> FactReport:  # fmt: skip
    from newsgen.draft import Wish, open_material, template_roots
    from newsgen.factcheck import archive_source, article_source, fact_check, load_check_words

    words = load_check_words(template_roots(settings), locale)
    if against is not None:
        from newsgen.article_file import read_article

        article = read_article(against.read_bytes(), str(against))
        return fact_check(text, name, article_source(article), words, against.name)
    material = open_material(settings, Wish(folder, as_of))
    for fault in material.faults:
        click.echo(f"newsgen: {fault}", err=True)
    return fact_check(text, name, archive_source(material.view, words), words, material.name)


def _shown(report: FactReport, output: str) -> str:
    if output == "json":
        import json

        return json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n"
    if output == "html":
        from newsgen.factcheck_page import report_page

        return report_page(report)
    from newsgen.factcheck_print import render_report
    from newsgen.terminal import Paper

    return render_report(report, Paper.of(sys.stdout))
