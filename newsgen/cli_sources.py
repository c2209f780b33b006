"""The commands of the sources: gather, sources, sources check, sources budget, sources payload; in: argv, out: tables and an exit code.

Thin: what they do stands in rounds.py, health.py, budget.py and record.py.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsgen.cli_kit import PARTLY, Time, log_to_stderr, settings_of
from newsgen.errors import ConfigError

if TYPE_CHECKING:
    from newsgen.config import Settings
    from newsgen.gather import Asked, Gathered

__all__ = ["gather", "sources"]


@click.command(short_help="Ask the sources once and store the readings.")
@click.option("--source", "names", multiple=True, help="Only this source; may be repeated. With --set: who says so, in words.")
@click.option("--asset", "assets", multiple=True, help="Only these assets; default BTC, ETH, SOL, XRP, DOGE, BNB.")
@click.option("--record", "folder", metavar="DIR", type=click.Path(path_type=Path), help="Also make an edition folder of what was fetched.")
@click.option("--set", "said", metavar="NAME=VALUE", multiple=True, help="Store a value by hand instead of asking; may be repeated.")
@click.option("--subject", default="market", show_default=True, help="With --set: what it is of, e.g. BTC.")
@click.option("--url", default="", help="With --set: where it can be seen.")
@click.option("--at", "observed_at", type=Time(), help="With --set: when it was true.")
@click.option("--unit", default="", help="With --set: usd, count, pct ...; needed only for a series that has no unit of its own.")
@click.option("--window", help="With --set: 24h, 1d ...; default that of the figure.")
@click.option("--at-least", is_flag=True, help="With --set: the source says at least so much.")
@click.pass_context
def gather(ctx: click.Context, /, names: tuple[str, ...], assets: tuple[str, ...], folder: Path | None, **by_hand: Any) -> None:
    """Ask the sources once, store the readings, and report each source's health.

    A source that fails is named and the others are stored; the exit code is then 5. What was asked a short while ago is asked again only
    when --source names it.

    \b
    Examples:
      newsgen gather
      newsgen gather --source binance --asset BTC
      newsgen gather --record today && newsgen preview today
      newsgen gather --set liquidations.traders_24h=130000 --source "CoinGlass page" --url URL --at TIME
    """
    if by_hand["said"]:
        _set(ctx, names, by_hand)
        return
    strange = [option for option in ("url", "observed_at", "unit", "window", "at_least") if by_hand[option]]
    if strange:
        raise click.UsageError(f"--{strange[0].replace('observed_', '').replace('_', '-')} goes with --set")
    _gather(ctx, names, assets, folder)


def _set(ctx: click.Context, names: Sequence[str], by_hand: Mapping[str, Any]) -> None:
    from newsgen.service import now_utc
    from newsgen.store.archive import SqlArchive
    from newsgen.store.database import open_database
    from newsgen.store.manual import reading_by_hand

    for option, value in (("--source", names), ("--url", by_hand["url"]), ("--at", by_hand["observed_at"])):
        if not value:
            raise click.UsageError(f"--set needs {option}: a figure by hand says who says so, where, and when it was true")
    if by_hand["observed_at"] > now_utc() + timedelta(minutes=5):
        raise click.UsageError("--at lies in the future")
    readings = [
        reading_by_hand(text, subject=by_hand["subject"], source=names[0], url=by_hand["url"], observed_at=by_hand["observed_at"],
                        known_at=max(now_utc(), by_hand["observed_at"]), unit=by_hand["unit"], window=by_hand["window"],
                        at_least=by_hand["at_least"])
        for text in by_hand["said"]
    ]  # fmt: skip
    engine = open_database(settings_of(ctx).database_url)
    SqlArchive(engine).add(readings)
    engine.dispose()
    for reading in readings:
        click.echo(f"{reading.key.series} of {reading.key.subject} is {reading.value:f} {reading.unit}, says {reading.origin.source_name}")


def _gather(ctx: click.Context, names: tuple[str, ...], assets: tuple[str, ...], folder: Path | None) -> None:
    import asyncio

    from newsgen.config import secret_environment
    from newsgen.record import record_edition
    from newsgen.rounds import gather_round
    from newsgen.service import DEFAULT_ASSETS, now_utc
    from newsgen.store.database import open_database

    settings = settings_of(ctx, secrets=True)
    log_to_stderr(ctx)
    _known_sources(names)
    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is there already and holds something")
    engine = open_database(settings.database_url)
    env = secret_environment(settings, os.environ)
    anyway = bool(names) or folder is not None
    found = asyncio.run(gather_round(settings, engine, names, assets or DEFAULT_ASSETS, now_utc, env, anyway=anyway, heard=_progress()))
    engine.dispose()
    _tell_gathered(found)
    if folder is not None:
        count = record_edition(folder, found, assets or DEFAULT_ASSETS, now_utc())
        click.echo(f"{count} payloads are in {folder}: newsgen preview {folder}")
    sys.exit(PARTLY if found.failures else 0)


def _tell_gathered(found: Gathered) -> None:
    counts: dict[str, int] = {}
    for reading in found.readings:
        counts[reading.key.source] = counts.get(reading.key.source, 0) + 1
    for name, count in sorted(counts.items()):
        click.echo(f"{name:16} {count} readings")
    for failure in found.failures:
        click.echo(f"{failure.source:16} {type(failure).__name__}: {failure.endpoint}: {failure.problem}")
    if not found.asked:
        click.echo("nothing was due; --source NAME asks anyway", err=True)


def _progress() -> Any:
    """Tells of each answer on a terminal; a pipe hears nothing."""
    if not sys.stderr.isatty():
        return None
    done: dict[str, int] = {}

    def heard(asked: Asked) -> None:
        done[asked.source] = done.get(asked.source, 0) + 1
        click.echo(f"\r\033[K{sum(done.values())} answers, the last from {asked.source}", nl=False, err=True)

    click.get_current_context().call_on_close(lambda: click.echo("\r\033[K", nl=False, err=True))
    return heard


def _known_sources(names: Sequence[str]) -> None:
    from newsgen.gather import sources as all_sources

    for name in names:
        if name not in all_sources():
            raise ConfigError(f"no source {name!r}; there are: {', '.join(all_sources())}")


@click.group(invoke_without_command=True, short_help="The sources: what each gives, its terms, its health, its calls.")
@click.option(
    "--format", "output", type=click.Choice(["table", "json"]), default="table", show_default=True, help="For a person or a program."
)
@click.pass_context
def sources(ctx: click.Context, output: str) -> None:
    """The sources that exist: what each gives, whether it needs a key, what its owner allows, and how it fared when it was last asked.

    \b
    Examples:
      newsgen sources
      newsgen sources check
      newsgen sources budget
      newsgen sources payload 3f2a...
    """
    if ctx.invoked_subcommand is not None:
        return
    from newsgen.health import listing

    rows = listing(settings_of(ctx), os.environ)
    if output == "json":
        import json

        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        click.echo(f"{row['name']:16} {row['title']:22} {row['key']}")
        click.echo(f"{'':16} gives {', '.join(row['gives'])}")
        click.echo(f"{'':16} {row['terms']}")
        click.echo(f"{'':16} {row['health']}")


@sources.command("check", short_help="Try each source and say how it fares.")
@click.option("--source", "names", multiple=True, help="Only this source; may be repeated.")
@click.option("--asset", "assets", multiple=True, default=("BTC",), show_default=True, help="Which asset to ask for.")
@click.option(
    "--format", "output", type=click.Choice(["table", "json"]), default="table", show_default=True, help="For a person or a program."
)
@click.pass_context
def check(ctx: click.Context, names: tuple[str, ...], assets: tuple[str, ...], output: str) -> None:
    """Try each enabled source once at every endpoint and say how it fares; nothing is stored.

    States: ok, silent (it answered and gave no value), key missing, contact missing, key rejected, refused here (this region), refused,
    shape changed (with the field), unreachable. The exit code is 5 when any source is not ok for another reason than a missing key.

    \b
    Examples:
      newsgen sources check
      newsgen sources check --source okx --source bybit
    """
    import asyncio

    from newsgen.config import secret_environment
    from newsgen.health import check_sources, render_rows, rows_json
    from newsgen.rounds import desk_of
    from newsgen.service import now_utc
    from newsgen.store.database import open_database
    from newsgen.store.sources import calls_on

    settings = settings_of(ctx)
    _known_sources(names)
    engine = open_database(settings.database_url)
    calls = calls_on(engine, now_utc())
    desk = desk_of(settings, secret_environment(settings, os.environ))
    rows, found = asyncio.run(check_sources(settings, names, assets, desk, now_utc, calls_today=calls, heard=_progress()))
    _count_calls(engine, found, now_utc())
    engine.dispose()
    click.echo(rows_json(rows) if output == "json" else render_rows(rows, now_utc()))
    sys.exit(PARTLY if any(r.state not in ("ok", "silent", "key missing", "contact missing", "nothing asked") for r in rows) else 0)


def _count_calls(engine: Any, found: Gathered, now: datetime) -> None:
    from newsgen.store.sources import note_round

    note_round(engine, [], found.calls, now)


@sources.command("budget", short_help="How many calls a day the editions will make.")
@click.option(
    "--format", "output", type=click.Choice(["table", "json"]), default="table", show_default=True, help="For a person or a program."
)
@click.pass_context
def budget(ctx: click.Context, output: str) -> None:
    """How many calls a day the configured editions will make of each source, against its limit; nobody is asked.

    `newsgen run` refuses a configuration that must exceed a limit; here the exit code is then 2.

    \b
    Examples:
      newsgen sources budget
    """
    from newsgen.budget import budget_of, over_limit, render_budgets
    from newsgen.config import secret_environment
    from newsgen.rounds import desk_of
    from newsgen.service import now_utc

    settings: Settings = settings_of(ctx)
    if not settings.editions:
        raise ConfigError("newsgen.toml has no [[editions]]: nothing would be asked (newsgen init DIR makes an example)")
    budgets = budget_of(settings, desk_of(settings, secret_environment(settings, os.environ)), now_utc())
    click.echo(render_budgets(budgets, output))
    over = over_limit(budgets)
    if over:
        raise ConfigError("the editions must exceed a limit: " + "; ".join(over))


@sources.command("payload", short_help="The bytes that a source sent, by their digest.")
@click.argument("sha256")
@click.pass_context
def payload(ctx: click.Context, sha256: str) -> None:
    """Print the bytes that a source sent, as they came; ARTICLE.json and the readings name them by digest. The first letters are enough.

    \b
    Examples:
      newsgen sources payload 3f2a91c0 > answer.json
    """
    from newsgen.market import iso
    from newsgen.store.archive import SqlArchive
    from newsgen.store.database import open_database

    engine = open_database(settings_of(ctx).database_url)
    found = SqlArchive(engine).payload(sha256)
    engine.dispose()
    if found is None:
        raise ConfigError(f"no payload {sha256}: never kept, or older than keep_payloads (or several begin so)")
    asked = "&".join(f"{k}={v}" for k, v in found.params.items())
    click.echo(f"{found.source} {found.endpoint}{'?' if asked else ''}{asked}, last sent {iso(found.fetched_at)}", err=True)
    sys.stdout.buffer.write(found.body)
