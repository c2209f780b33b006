"""The command of the newsletter: a day's stories as a mail to readers; in: argv and the database, out: a page, its text, or the mail.

Sends nothing: whoever runs the list of subscribers does that, with what this prints. Imports nothing slow at the top.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click

from newsgen.cli_kit import QUIET, settings_of
from newsgen.errors import ConfigError

__all__ = ["newsletter"]


def _day(context: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("write a day as 2025-07-14") from None


@click.command(short_help="The day's stories as a mail to readers: HTML, plain text, or the whole mail.")
@click.option("--day", callback=_day, metavar="DAY", help="In the zone of the site's readers; default today.")
@click.option("--site", "name", default="", help="Of this site, where the desk has several.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["html", "text", "eml"]),
    default="text",
    show_default=True,
    help="A page, its plain text, or the mail that carries both.",
)
@click.pass_context
def newsletter(ctx: click.Context, day: date | None, name: str, output: str) -> None:
    """Every story of that day that a target of the site has, in its newest version there, the strongest first; those withdrawn are left
    out. Nothing is sent. Exit code 4 when there is no story.

    \b
    Examples:
      newsgen newsletter
      newsgen newsletter --day 2025-07-14 --format eml > today.eml
    """
    from newsgen.publish import Printed, day_of_news
    from newsgen.service import site_info
    from newsgen.store.database import open_database
    from newsgen.store.newsroom import published_bodies

    settings = settings_of(ctx)
    site = next((s for s in settings.sites if s.name == name), settings.sites[0] if not name and len(settings.sites) == 1 else None)
    if site is None:
        raise ConfigError(f"{f'no site {name!r}' if name else 'of which --site'}; there are: {', '.join(s.name for s in settings.sites)}")
    zone = ZoneInfo(site.zone)
    day = day or datetime.now(UTC).astimezone(zone).date()
    begins = datetime.combine(day, time(), zone)
    engine = open_database(settings.database_url)
    told = [Printed.read(body) for body in published_bodies(engine, site.name, begins, begins + timedelta(days=1))]
    engine.dispose()
    if all(article.withdrawn for article in told):
        click.echo(f"no story of {site.name} on {day}", err=True)
        sys.exit(QUIET)
    click.echo(day_of_news(told, site_info(site), day, output), nl=False)
