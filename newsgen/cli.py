"""The verbs of the command line: reads arguments, calls the house, prints; in: argv, out: text and an exit code.

Exit codes: 0 done, 1 a fault of ours, 2 wrong use or configuration, 3 an article is held, 4 nothing newsworthy, 5 some sources
failed or lines were refused. Imports nothing slow at the top: `newsgen --help` must answer at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsgen import __version__
from newsgen.errors import ConfigError, NewsgenError

if TYPE_CHECKING:
    from newsgen.config import Settings
    from newsgen.pipeline import Outcome

__all__ = ["main"]

HELD, QUIET, PARTLY = 3, 4, 5
FORMS = ("flash", "brief", "standard", "wrap", "weekly")


class Time(click.ParamType):  # type: ignore[type-arg]
    """ISO 8601 with a zone; a naive time is refused."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from newsgen.market import parse_time

        if isinstance(value, datetime):
            return value
        try:
            return parse_time(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def speaking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn errors of our tree into one line on standard error and an exit code."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except ConfigError as error:
            click.echo(f"newsgen: {error}", err=True)
            sys.exit(2)
        except NewsgenError as error:
            click.echo(f"newsgen: {error}", err=True)
            sys.exit(1)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="newsgen")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="Settings file; default ./newsgen.toml if there.")
@click.option("--db", "database_url", metavar="URL", help="Database; default sqlite:///newsgen.db.")
@click.option("-v", "--verbose", is_flag=True, help="Say more on standard error.")
@click.option("--json-logs", is_flag=True, help="Logs as JSON lines.")
@click.pass_context
def main(ctx: click.Context, config: Path | None, database_url: str | None, verbose: bool, json_logs: bool) -> None:
    """newsgen writes, checks and publishes market news.

    \b
    Examples:
      newsgen demo                                       play real market days, write the articles to ./site/
      newsgen preview samples/2025-07-14-squeeze         what would be written of that day
      newsgen run                                        the service: schedule, gather, write, check, publish
    """
    ctx.obj = {"config": config, "database_url": database_url, "verbose": verbose, "json_logs": json_logs}


def _settings(ctx: click.Context) -> Settings:
    import os

    from newsgen.config import load_settings

    return load_settings(ctx.obj["config"], database_url=ctx.obj["database_url"], env=os.environ)


@main.command()
@click.argument("edition_dir", required=False, type=click.Path(path_type=Path))
@click.option("--at", "as_of", type=Time(), help="The moment to write from; default the edition's as_of, or now.")
@click.option("--edition", "edition", help="An edition of newsgen.toml.")
@click.option("--angle", "angles", multiple=True, help="Consider only this angle; may be repeated.")
@click.option("--form", type=click.Choice(FORMS), default="standard", show_default=True)
@click.option("--locale", default="en", show_default=True)
@click.option("--style", default="ap", show_default=True, help="House style: a file of templates/style/.")
@click.option("--seed", type=int, help="Chooses among the wordings; default by edition and moment.")
@click.option("--format", "output", type=click.Choice(["text", "html", "markdown", "json", "ninjs"]), default="text")
@click.option("--explain", is_flag=True, help="Show every angle with its conditions and values.")
@click.pass_context
@speaking
def preview(ctx: click.Context, edition_dir: Path | None, **wishes: Any) -> None:
    """Show what would be written, and publish it nowhere.

    Without EDITION_DIR the article is written from the archive.

    \b
    Examples:
      newsgen preview samples/2025-07-14-squeeze --form standard
      newsgen preview samples/2025-07-14-squeeze --explain
      newsgen preview --at 2025-07-14T12:00:00Z --form brief
    """
    from newsgen.pipeline import Order, load_newsroom, write_article

    view, name, own_angles, faults = _open(ctx, edition_dir, wishes["as_of"])
    newsroom = load_newsroom(style=wishes["style"], locale=wishes["locale"])
    seed = wishes["seed"] if wishes["seed"] is not None else _seed(name, view.as_of)
    angles = wishes["angles"] or own_angles
    _known_angles(newsroom, angles)
    for fault in faults:
        click.echo(f"newsgen: {fault}", err=True)
    outcome = write_article(newsroom, view, Order(name, form=wishes["form"], seed=seed, angles=tuple(angles)))
    click.echo(_shown(outcome, wishes["output"], wishes["explain"]), nl=False)
    sys.exit(_exit_code(outcome, bool(faults)))


def _open(ctx: click.Context, folder: Path | None, as_of: datetime | None) -> tuple[Any, str, tuple[str, ...], tuple[Any, ...]]:
    from newsgen.edition import open_edition

    if folder is not None:
        opened = open_edition(folder, as_of)
        return opened.view, opened.name, opened.file.angles, opened.faults
    from newsgen.service import archive_view

    return archive_view(_settings(ctx), as_of), "archive", (), ()


def _seed(name: str, as_of: datetime) -> int:
    from newsgen.edition import default_seed

    return default_seed(name, as_of)


def _known_angles(newsroom: Any, angles: tuple[str, ...]) -> None:
    known = {rule.name for rule in newsroom.rules}
    for name in angles:
        if name not in known:
            raise ConfigError(f"no angle {name!r}; there are: {', '.join(sorted(known))}")


def _shown(outcome: Outcome, output: str, explain: bool) -> str:
    from newsgen.preview import render_outcome

    if output == "text" or outcome.article is None:
        return render_outcome(outcome, colour=sys.stdout.isatty(), explain=explain)
    if output == "json":
        return outcome.article.dumps()
    from newsgen import publish

    if output == "markdown":
        return publish.to_markdown(outcome.article)
    if output == "html":
        return publish.html_page(outcome.article)
    raise ConfigError("ninjs is not yet written; use json")


def _exit_code(outcome: Outcome, faults: bool) -> int:
    if outcome.article is None:
        return QUIET
    if outcome.article.verdict.decision != "publish":
        return HELD
    return PARTLY if faults else 0


@main.command()
@click.option("--at", "as_of", type=Time(), required=True, help="The moment.")
@click.option("--edition", "folder", type=click.Path(path_type=Path), help="An edition folder instead of the archive.")
@click.option("--subject", help="Only this subject, e.g. BTC or market.")
@click.option("--name", "pattern", default="*", help="Only names like this, e.g. 'liquidations.*'.")
@click.option("--format", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_context
@speaking
def figures(ctx: click.Context, as_of: datetime, folder: Path | None, subject: str | None, pattern: str, output: str) -> None:
    """The derived figures at a moment, with unit, window, source and formula.

    \b
    Examples:
      newsgen figures --at 2025-07-14T12:02:00Z --edition samples/2025-07-14-squeeze --subject BTC --name 'price.*'
    """
    from newsgen.figures import all_figures, render_table

    view, *_ = _open(ctx, folder, as_of)
    rows = all_figures(view, subject, pattern)
    if output == "json":
        click.echo(json.dumps({"as_of": rows.as_of, "figures": rows.rows}, ensure_ascii=False, indent=1))
    else:
        click.echo(render_table(rows))


if __name__ == "__main__":
    main()
