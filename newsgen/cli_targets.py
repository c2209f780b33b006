"""The commands that look at targets and change nothing: publish check, status; in: argv, out: text.

Imports nothing slow at the top: `newsgen --help` must answer at once.
"""

from __future__ import annotations

import os
import sys

import click

from newsgen.cli_kit import WRONG_USE, settings_of
from newsgen.errors import ConfigError

__all__ = ["COMMANDS"]


@click.group(short_help="The targets: try one without publishing.")
def publish() -> None:
    """The targets.

    \b
    Examples:
      newsgen publish check cms
    """


@publish.command("check", short_help="Try a target's address, credentials, rights and clock; publish nothing.")
@click.argument("target")
@click.option("--site", default="", help="Of this site, where several have a target of the name.")
@click.pass_context
def publish_check(ctx: click.Context, target: str, site: str) -> None:
    """Try a target's address, credentials, rights, clock and capabilities without publishing; each line says what is wrong and how to mend
    it. Exit code 0 when all is right, else 2.

    \b
    Examples:
      newsgen publish check cms
    """
    import asyncio

    from newsgen.config import secret_environment
    from newsgen.publish import Outbox, check_target
    from newsgen.service import now_utc, targets_of
    from newsgen.store.database import open_database

    settings = settings_of(ctx)
    sites = [s for s in settings.sites if site in ("", s.name)]
    if not sites:
        raise ConfigError(f"no site {site!r}; there are: {', '.join(s.name for s in settings.sites)}")
    having = {s.name: own[target] for s in sites if target in (own := targets_of(s))}
    if not having:
        raise ConfigError(f"no target {target!r}; there are: {', '.join(dict.fromkeys(t.name for s in sites for t in s.targets))}")
    if len({one.settings.mark for one in having.values()}) > 1:
        raise ConfigError(f"{target!r} is another target at each of {', '.join(having)}: say --site")
    wanted = next(iter(having.values()))
    engine = open_database(settings.database_url)  # which knows the host that each secret was entered for
    outbox = Outbox(engine, {target: wanted}, now_utc, env=secret_environment(settings, os.environ))
    found = asyncio.run(check_target(outbox, wanted))
    engine.dispose()
    for one in found:
        click.echo(f"{'ok' if one.fine else 'WRONG':6} {one.what:14} {one.message}")
    if not found:
        click.echo(f"ok     nothing to ask: {target} is of kind {wanted.kind}")
    sys.exit(0 if all(one.fine for one in found) else WRONG_USE)


@click.command(short_help="Each story at each target, what waits, what is stopped, what failed.")
@click.option(
    "--stories", "limit", default=20, show_default=True, help="So many of the newest; older ones that need a person are always shown."
)
@click.option(
    "--format", "output", type=click.Choice(["table", "json"]), default="table", show_default=True, help="For a person or a program."
)
@click.pass_context
def status(ctx: click.Context, limit: int, output: str) -> None:
    """The state of everything, for a person: each story at each target with the version that is there and what waits, stops, what was given
    up, and corrections that the engine proposes.

    \b
    Examples:
      newsgen status
      newsgen status --format json | jq '.stories[] | select(.decision == "hold")'
    """
    from newsgen.desk_print import render_state, state_json
    from newsgen.store.database import open_database
    from newsgen.store.status import desk_state

    engine = open_database(settings_of(ctx).database_url)
    state = desk_state(engine, limit)
    engine.dispose()
    click.echo(state_json(state) if output == "json" else render_state(state), nl=False)


COMMANDS = (publish, status)
