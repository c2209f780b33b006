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


@main.command()
@click.option("--site", type=click.Path(path_type=Path, file_okay=False), default=Path("site"), show_default=True, help="Where to write.")
@speaking
def demo(site: Path) -> None:
    """Play real market days through the whole line; needs no key and no network.

    Gathers from a server on loopback, picks angles, writes, checks, and publishes to ./site/. One of the days is held on purpose: its
    parts do not add up to the total.
    """
    from newsgen.demo import play

    played = play(site, lambda line: click.echo(line, err=True))
    for one in played:
        click.echo(f"{one.as_of:%Y-%m-%d %H:%M}Z  {one.decision:8} {one.headline or one.note}")
        if one.decision == "hold":
            click.echo(f"{'':27}{one.note}")
    click.echo(f"\nThe articles are in {site}/: open {site}/index.html in a browser.")


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@speaking
def init(folder: Path) -> None:
    """Make a new desk: settings with comments, a folder for templates of your own, an example of the environment."""
    from newsgen.discover import templates_root

    shipped = templates_root() / "desk"
    if (folder / "newsgen.toml").exists():
        raise ConfigError(f"{folder / 'newsgen.toml'} is there already")
    (folder / "templates" / "angles").mkdir(parents=True, exist_ok=True)
    for source, name in (("newsgen.toml", "newsgen.toml"), ("env.example", ".env.example")):
        (folder / name).write_text((shipped / source).read_text("utf-8"), "utf-8")
    click.echo(f"A desk is in {folder}. Next: cd {folder} && newsgen history import PATH && newsgen run")


@main.command()
@click.pass_context
@speaking
def run(ctx: click.Context) -> None:
    """Run the service: schedule, gather, write, check, publish, until it is stopped.

    SIGTERM or Ctrl-C finishes what is in hand; a second one stops at once.
    """
    import asyncio

    from newsgen.service import open_service, run_service

    settings = _settings(ctx)
    if not settings.editions:
        raise ConfigError("newsgen.toml has no [[editions]]: there is nothing to run (newsgen init DIR makes an example)")
    _log_to_stderr(ctx)
    asyncio.run(run_service(open_service(settings)))


def _log_to_stderr(ctx: click.Context) -> None:
    import logging

    import structlog

    renderer: Any = structlog.processors.JSONRenderer() if ctx.obj["json_logs"] else structlog.dev.ConsoleRenderer(colors=False)
    level = logging.DEBUG if ctx.obj["verbose"] else logging.INFO
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )  # fmt: skip


@main.command()
@click.option("--source", "names", multiple=True, help="Only this source; may be repeated.")
@click.option("--asset", "assets", multiple=True, help="Only these assets; default BTC, ETH, SOL, XRP, DOGE, BNB.")
@click.pass_context
@speaking
def gather(ctx: click.Context, names: tuple[str, ...], assets: tuple[str, ...]) -> None:
    """Ask the sources once, store the readings, and report each source's health."""
    import asyncio
    import os

    from newsgen.config import secret_environment
    from newsgen.service import DEFAULT_ASSETS, gather_once, now_utc
    from newsgen.store.database import open_database

    settings = _settings(ctx)
    engine = open_database(settings.database_url)
    found = asyncio.run(gather_once(settings, engine, names, assets or DEFAULT_ASSETS, now_utc, secret_environment(settings, os.environ)))
    counts: dict[str, int] = {}
    for reading in found.readings:
        counts[reading.key.source] = counts.get(reading.key.source, 0) + 1
    for name, count in sorted(counts.items()):
        click.echo(f"{name:16} {count} readings")
    for failure in found.failures:
        click.echo(f"{failure.source:16} {type(failure).__name__}: {failure.endpoint}: {failure.problem}")
    sys.exit(PARTLY if found.failures else 0)


@main.command("sources")
@speaking
def list_sources() -> None:
    """The sources that exist, what each gives, and whether it needs a key."""
    from newsgen.gather import sources as all_sources

    for name, source in all_sources().items():
        series = sorted({s for e in source.endpoints.values() for s in e.gives})
        click.echo(f"{name:16} {source.title:20} {source.key_env or 'no key needed'}")
        click.echo(f"{'':16} {', '.join(series)}")


@main.group()
def history() -> None:
    """Market history in the archive."""


@history.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.pass_context
@speaking
def history_import(ctx: click.Context, paths: tuple[Path, ...]) -> None:
    """Load CSV history: files, or a folder of them; the file name's prefix decides the columns.

    Twice the same file changes nothing. A damaged line is refused by file and line, the rest is loaded.

    \b
    Examples:
      newsgen history import history/
      newsgen history import btc_spot_4h_2026.csv
    """
    from newsgen.store.database import open_database
    from newsgen.store.history import import_history

    engine = open_database(_settings(ctx).database_url)
    report = import_history(engine, paths, lambda name, _count: click.echo(f"  {name}", err=True))
    for fault in report.refused:
        click.echo(f"newsgen: refused {fault}", err=True)
    click.echo(f"{report.new} new readings, {report.unchanged} known already, {len(report.refused)} lines refused")
    engine.dispose()
    sys.exit(PARTLY if report.refused else 0)


@main.command()
@click.option("--count", default=10, show_default=True, help="How many.")
@click.pass_context
@speaking
def schedule(ctx: click.Context, count: int) -> None:
    """The next runs of the editions."""
    from newsgen.market import iso
    from newsgen.schedule import next_fires
    from newsgen.service import now_utc

    for fire in next_fires(_settings(ctx).editions, now_utc(), count):
        click.echo(f"{iso(fire.at)}  {fire.edition} ({fire.site})")


@main.command()
@click.pass_context
@speaking
def status(ctx: click.Context) -> None:
    """The state of the articles' deliveries, for a person."""
    from newsgen.store.database import open_database
    from newsgen.store.newsroom import deliveries_of

    rows = deliveries_of(open_database(_settings(ctx).database_url))
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["state"]] = counts.get(row["state"], 0) + 1
    click.echo(", ".join(f"{n} {state}" for state, n in sorted(counts.items())) or "no deliveries yet")
    for row in rows:
        if row["state"] not in ("confirmed", "held"):
            click.echo(f"{row['article_id']}  {row['target']:12} {row['state']:9} attempt {row['attempts']}  {row['problem'][:80]}")


@main.group()
def angle() -> None:
    """The angles."""


@angle.command("list")
@speaking
def angle_list() -> None:
    """Every angle with its family and what it is evaluated on."""
    from newsgen.pipeline import load_newsroom

    for rule in load_newsroom().rules:
        click.echo(f"{rule.name:20} {rule.file.family:12} {rule.file.each:8} {rule.file.title}")


@angle.command("check")
@click.argument("root", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@speaking
def angle_check(root: Path | None) -> None:
    """Load all angles and report every fault with file and line."""
    from newsgen import derive, detect
    from newsgen.discover import templates_root

    faults = detect.check_rules(root or templates_root(), derive.catalogue())
    for fault in faults:
        click.echo(f"newsgen: {fault}", err=True)
    click.echo("no faults" if not faults else f"{len(faults)} faults")
    sys.exit(2 if faults else 0)


@angle.command("explain")
@click.argument("name")
@click.option("--edition", "folder", type=click.Path(path_type=Path), help="An edition folder instead of the archive.")
@click.option("--at", "as_of", type=Time(), help="The moment.")
@click.pass_context
@speaking
def angle_explain(ctx: click.Context, name: str, folder: Path | None, as_of: datetime | None) -> None:
    """Why an angle fired or not, condition by condition."""
    from newsgen.pipeline import Order, load_newsroom, pitch_angles
    from newsgen.preview import render_explanation

    view, title, *_ = _open(ctx, folder, as_of)
    newsroom = load_newsroom()
    _known_angles(newsroom, (name,))
    _, pitches = pitch_angles(newsroom, view, Order(title, angles=(name,)))
    click.echo(render_explanation(pitches, colour=sys.stdout.isatty()))


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@click.pass_context
@speaking
def db_upgrade(ctx: click.Context) -> None:
    """Bring the schema to the newest migration."""
    from newsgen.store.database import open_database, revision

    engine = open_database(_settings(ctx).database_url)
    click.echo(f"the schema is at revision {revision(engine)}")
    engine.dispose()


if __name__ == "__main__":
    main()
