"""The verbs of the command line: reads arguments, calls the house, prints; in: argv, out: text and an exit code.

Exit codes: 0 done, 1 a fault of ours, 2 wrong use or configuration, 3 an article is held, 4 nothing newsworthy, 5 some sources
failed or lines were refused. Imports nothing slow at the top: `newsgen --help` must answer at once.
"""

from __future__ import annotations

import gc
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsgen import __version__, cli_desk, cli_stops, cli_targets
from newsgen.cli_angles import angle
from newsgen.cli_check import check
from newsgen.cli_kit import HELD, PARTLY, QUIET, House, ProgressLine, Time, log_to_stderr, quiet_logs, settings_of
from newsgen.cli_newsletter import newsletter
from newsgen.cli_replay import replay
from newsgen.cli_sources import gather, sources
from newsgen.errors import ConfigError

if TYPE_CHECKING:
    from newsgen.config import Settings
    from newsgen.demo import Played, Tick
    from newsgen.draft import Draft, Wish

__all__ = ["main"]

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else it reads the metadata of every package installed: 25 ms
OUTPUTS = ("text", "html", "markdown", "json", "ninjs")
FORMS = ("flash", "brief", "standard", "wrap", "weekly")


@click.group(cls=House, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
    gc.set_threshold(50_000, 20, 20)  # a preview makes a million objects and keeps most: collecting early costs a tenth of its time
    ctx.obj = {"config": config, "database_url": database_url, "verbose": verbose, "json_logs": json_logs}


main.add_command(gather)
main.add_command(sources)
main.add_command(replay)
main.add_command(angle)
main.add_command(check)
main.add_command(newsletter)
for command in (*cli_desk.COMMANDS, *cli_stops.COMMANDS, *cli_targets.COMMANDS):
    main.add_command(command)


@main.command(short_help="What would be written; published nowhere.")
@click.argument("edition_dir", required=False, type=click.Path(path_type=Path))
@click.option("--at", "as_of", type=Time(), help="The moment to write from; default the edition's as_of, or now.")
@click.option("--edition", help="An edition of newsgen.toml: its form, assets, angles and its site's style.")
@click.option("--angle", "angles", multiple=True, help="Consider only this angle; may be repeated.")
@click.option("--form", type=click.Choice(FORMS), help="Default the edition's, else standard.")
@click.option("--locale", help="Language; default the site's, else en.")
@click.option("--style", help="House style, a file of templates/style/; default the site's, else ap.")
@click.option("--seed", type=int, help="Chooses among the wordings; default by edition and moment.")
@click.option(
    "--format", "output", type=click.Choice(OUTPUTS), default="text", show_default=True, help="For a person, a page, or a program."
)
@click.option("--explain", is_flag=True, help="Show every angle with its conditions and values.")
@click.option("--watch", is_flag=True, help="Draw again when a template, a rule or the edition folder changes, until Ctrl-C.")
@click.pass_context
def preview(ctx: click.Context, /, output: str, explain: bool, watch: bool, edition_dir: Path | None, **wishes: Any) -> None:
    """Show what would be written, and publish it nowhere.

    Without EDITION_DIR the article is written from the archive. Exit code 3 says that it is held, 4 that nothing is newsworthy.

    \b
    Examples:
      newsgen preview samples/2025-07-14-squeeze --form brief
      newsgen preview samples/2025-07-14-squeeze --explain
      newsgen preview samples/2025-07-14-squeeze --watch
      newsgen preview --edition morning --at 2025-07-14T12:00:00Z
    """
    from newsgen.draft import Wish, draft, load_words, open_material

    wish = Wish(edition_dir, whole=explain, charts=output != "text", **wishes)
    settings = settings_of(ctx)
    if watch:
        return _watch(settings, wish, output, explain)
    drafted = draft(load_words(settings, wish), open_material(settings, wish), settings, wish)
    _print_draft(drafted, output, explain)
    sys.exit(_exit_code(drafted))


def _watch(settings: Settings, wish: Wish, output: str, explain: bool) -> None:
    from newsgen.watch import watch

    def show(drafted: Draft) -> None:
        click.clear()  # does nothing in a pipe
        _print_draft(drafted, output, explain)
        sys.stdout.flush()

    watch(settings, wish, show, lambda line: click.echo(f"newsgen: {line}", err=True))


def _print_draft(drafted: Draft, output: str, explain: bool) -> None:
    for fault in drafted.faults:
        click.echo(f"newsgen: {fault}", err=True)
    nothing_to_format = output != "text" and drafted.outcome.article is None  # a program reads our output: nothing is nothing
    click.echo(_shown(drafted, output, explain), nl=False, color=True, err=nothing_to_format)


def _shown(drafted: Draft, output: str, explain: bool) -> str:
    from newsgen.terminal import Paper, render_outcome

    article = drafted.outcome.article
    if output == "text" or article is None:
        return render_outcome(drafted.outcome, Paper.of(sys.stdout), explain=explain)
    if output == "json":
        return article.dumps()
    from newsgen import publish

    return {"markdown": publish.to_markdown, "html": publish.html_page, "ninjs": publish.to_ninjs}[output](article)


def _exit_code(drafted: Draft) -> int:
    if drafted.outcome.article is None:
        return QUIET
    if drafted.outcome.article.verdict.decision != "publish":
        return HELD
    return PARTLY if drafted.faults else 0


@main.command(short_help="The derived figures at a moment, with unit and source.")
@click.option("--at", "as_of", type=Time(), help="The moment.")
@click.option("--search", "words", help="Figures whose name or meaning has these words, with unit and an example; needs no archive.")
@click.option("--edition", "folder", type=click.Path(path_type=Path), help="An edition folder instead of the archive.")
@click.option("--subject", help="Only this subject, e.g. BTC or market.")
@click.option("--name", "pattern", default="*", help="Only names like this, e.g. 'liquidations.*'.")
@click.option(
    "--format", "output", type=click.Choice(["table", "json"]), default="table", show_default=True, help="For a person or a program."
)
@click.pass_context
def figures(
    ctx: click.Context, as_of: datetime | None, words: str | None, folder: Path | None, subject: str | None, pattern: str, output: str
) -> None:  # fmt: skip
    """The derived figures at a moment, with unit, window, source and formula; or what figures there are.

    \b
    Examples:
      newsgen figures --search "open interest"
      newsgen figures --at 2025-07-14T12:02:00Z --edition samples/2025-07-14-squeeze --subject BTC --name 'price.*'
      newsgen figures --at 2025-07-14T12:00:00Z --format json
    """
    from newsgen.draft import Wish, open_material
    from newsgen.figures import all_figures, render_found, render_table, search

    if words is not None:
        found = search(words)
        click.echo(render_found(found) if found else f"no figure speaks of {words!r}", err=not found)
        sys.exit(0 if found else QUIET)
    if as_of is None:
        raise ConfigError("figures wants --at TIME, or --search WORDS")
    view = open_material(settings_of(ctx), Wish(folder, as_of)).view
    rows = all_figures(view, subject, pattern)
    if output == "json":
        import json

        click.echo(json.dumps({"as_of": rows.as_of, "figures": rows.rows}, ensure_ascii=False, indent=1))
    else:
        click.echo(render_table(rows))


@main.command(short_help="Play three real market days; needs no key and no network.")
@click.option("--site", type=click.Path(path_type=Path, file_okay=False), default=Path("site"), show_default=True, help="Where to write.")
@click.option("--days", type=click.IntRange(1, 3), default=3, show_default=True, help="Only the last days.")
def demo(site: Path, days: int) -> None:
    """Play three real days of July 2025 through the whole line in about a minute; needs no key and no network.

    A rehearsal market on loopback answers as the sources would have. Two editions, one that looks for news every three hours and one
    that is written every morning, gather from it, pick angles, write, check, and publish to ./site/. At the end an article made from
    figures that a site once printed is held: its parts do not add up to the total.

    \b
    Examples:
      newsgen demo
      newsgen demo --days 1 --site /tmp/site
    """
    from newsgen.demo import play

    quiet_logs()
    line = ProgressLine(sys.stderr)

    def show(tick: Tick) -> None:
        line.show(tick.done / tick.of, f"{tick.at:%a %b %d %H:%M}Z, {tick.calls} answers")

    played = play(site, lambda one: line.say(_told(one)), show, days)
    line.clear()
    published = sum(one.decision == "publish" and one.version == 1 for one in played)
    click.echo(f"\n{published} articles are in {site}/: open {site}/index.html in a browser.")


def _told(one: Played) -> str:
    text = f"{one.as_of:%Y-%m-%d %H:%M}Z  {one.decision:8} {one.headline}"
    return text if one.decision == "publish" else f"{text}\n{'':27}{one.note}"


@main.command(short_help="Make a new desk: settings, a template folder, .env.example.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Make a new desk: settings with comments, a folder for templates of your own, an example of the environment.

    \b
    Examples:
      newsgen init mydesk
    """
    from newsgen.discover import templates_root

    shipped = templates_root() / "desk"
    if (folder / "newsgen.toml").exists():
        raise ConfigError(f"{folder / 'newsgen.toml'} is there already")
    (folder / "templates" / "angles").mkdir(parents=True, exist_ok=True)
    for source, name in (("newsgen.toml", "newsgen.toml"), ("env.example", ".env.example")):
        (folder / name).write_text((shipped / source).read_text("utf-8"), "utf-8")
    click.echo(f"A desk is in {folder}. Next: cd {folder} && newsgen history import PATH && newsgen run")


@main.command(short_help="The service: gather, write, check, publish on schedule.")
@click.pass_context
def run(ctx: click.Context) -> None:
    """Run the service: schedule, gather, write, check, publish, until it is stopped.

    SIGTERM or Ctrl-C finishes what is in hand; a second one stops at once.

    \b
    Examples:
      newsgen run
      newsgen --config /srv/desk/newsgen.toml --json-logs run
    """
    from newsgen.service import run as run_until_stopped

    settings = settings_of(ctx, secrets=True)
    if not settings.editions:
        raise ConfigError("newsgen.toml has no [[editions]]: there is nothing to run (newsgen init DIR makes an example)")
    log_to_stderr(ctx)
    run_until_stopped(settings)


@main.group(short_help="Market history in the archive.")
def history() -> None:
    """Market history in the archive.

    \b
    Examples:
      newsgen history import history/
    """


@history.command("import", short_help="Load CSV files, or folders of them.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.pass_context
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

    engine = open_database(settings_of(ctx).database_url)
    report = import_history(engine, paths, lambda name, _count: click.echo(f"  {name}", err=True))
    for fault in report.refused:
        click.echo(f"newsgen: refused {fault}", err=True)
    refused = f"{len(report.refused)} line{'' if len(report.refused) == 1 else 's'} refused"
    click.echo(f"{report.new} new readings, {report.unchanged} known already, {refused}")
    engine.dispose()
    sys.exit(PARTLY if report.refused else 0)


@main.command(short_help="The next runs of the editions.")
@click.option("--count", default=10, show_default=True, help="How many.")
@click.pass_context
def schedule(ctx: click.Context, count: int) -> None:
    """The next runs of the editions.

    \b
    Examples:
      newsgen schedule --count 3
    """
    from newsgen.market import iso
    from newsgen.schedule import next_fires
    from newsgen.service import now_utc

    editions = settings_of(ctx).editions
    if not editions:
        click.echo("newsgen: newsgen.toml has no [[editions]]", err=True)
    for fire in next_fires(editions, now_utc(), count):
        click.echo(f"{iso(fire.at)}  {fire.edition} ({fire.site})")


@main.group(short_help="The database: upgrade, prune.")
def db() -> None:
    """The database.

    \b
    Examples:
      newsgen db upgrade
      newsgen db prune
    """


@db.command("upgrade")
@click.pass_context
def db_upgrade(ctx: click.Context) -> None:
    """Bring the schema to the newest migration.

    \b
    Examples:
      newsgen db upgrade
      newsgen --db sqlite:////srv/desk/newsgen.db db upgrade
    """
    from newsgen.store.database import open_database, revision

    engine = open_database(settings_of(ctx).database_url)
    click.echo(f"the schema is at revision {revision(engine)}")
    engine.dispose()


@db.command("prune", short_help="Forget payloads that are older than they may be kept.")
@click.pass_context
def db_prune(ctx: click.Context) -> None:
    """Forget the bytes of sources that are older than keep_payloads, or than the source's terms let them be kept; the readings stay.

    `newsgen run` does it every hour.

    \b
    Examples:
      newsgen db prune
    """
    from newsgen.rounds import prune
    from newsgen.service import now_utc
    from newsgen.store.database import open_database

    settings = settings_of(ctx)
    engine = open_database(settings.database_url)
    click.echo(f"{prune(settings, engine, now_utc())} payloads forgotten")
    engine.dispose()


if __name__ == "__main__":
    main()
