"""`newsgen angle`: list, new, check, explain, schema; in: arguments, out: text and an exit code.

Imports nothing slow at the top: `newsgen --help` must answer at once.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsgen.cli_kit import Time, settings_of

if TYPE_CHECKING:
    from newsgen.config import Settings

__all__ = ["angle"]


@click.group(short_help="The angles: list, new, check, explain.")
def angle() -> None:
    """The angles: what is there, whether it loads, why it fires.

    \b
    Examples:
      newsgen angle list
      newsgen angle new funding_flip
      newsgen angle check mydesk/templates
      newsgen angle explain ath --edition samples/2025-07-14-squeeze
    """


@angle.command("list", short_help="Every angle with its family and subjects.")
@click.pass_context
def angle_list(ctx: click.Context) -> None:
    """Every angle with its family and what it is evaluated on.

    \b
    Examples:
      newsgen angle list
    """
    from newsgen.draft import Wish, load_words

    for rule in load_words(settings_of(ctx), Wish()).rules:
        click.echo(f"{rule.name:20} {rule.file.family:12} {rule.file.each:8} {rule.file.title}")


@angle.command("new", short_help="The folder of a new angle, with its test.")
@click.argument("name")
@click.option("--templates", "root", type=click.Path(path_type=Path, file_okay=False), help="Default the desk's folder, else ./templates.")
@click.pass_context
def angle_new(ctx: click.Context, name: str, root: Path | None) -> None:
    """Make the folder of a new angle: rule, words, cases, and a test that fails until they are filled in.

    \b
    Examples:
      newsgen angle new funding_flip
      newsgen angle new funding_flip --templates mydesk/templates
    """
    from newsgen.author import new_angle

    own = settings_of(ctx).templates
    for path in new_angle(root or Path(own or "templates"), name):
        click.echo(path)
    click.echo(f"Fill in each TODO, then: newsgen angle check, newsgen angle explain {name}, newsgen replay --angle {name}", err=True)


@angle.command("schema", short_help="The JSON schema of rule.toml, for an editor's completion.")
def angle_schema() -> None:
    """The JSON schema of rule.toml: keys, units, and every figure by name, for the completion of editors that know TOML.

    \b
    Examples:
      newsgen angle schema > templates/rule.schema.json
    """
    from newsgen.author import rule_schema_text

    click.echo(rule_schema_text(), nl=False)


@angle.command("check", short_help="Load all; report each fault by file and line.")
@click.argument("root", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--since", type=Time(), help="Try each threshold on the archive since then: is it ever reached, or always?")
@click.option("--variants", is_flag=True, help="Write each angle in wordings that cover every pair of choices; check each.")
@click.option("--moments", type=click.IntRange(1), default=1, show_default=True, help="At so many moments an angle, for --variants.")
@click.option("--angle", "angles", multiple=True, help="Only this angle's variants; may be given more than once.")
@click.option("--edition", "folder", type=click.Path(path_type=Path), help="An edition folder instead of the archive, for both.")
@click.pass_context
def angle_check(
    ctx: click.Context, root: Path | None, since: datetime | None, variants: bool, moments: int, angles: tuple[str, ...],
    folder: Path | None,
) -> None:  # fmt: skip
    """Load all rules, cases and templates and report every fault with file and line.

    ROOT is a template folder, the one that holds angles/; default the shipped one and the desk's own.

    \b
    Examples:
      newsgen angle check
      newsgen angle check mydesk/templates
      newsgen angle check --since 2024-07-01T00:00:00Z --edition samples/2025-07-14-squeeze
      newsgen angle check --variants --angle ath --edition samples/2025-07-14-squeeze
    """
    from newsgen.draft import check_angles

    if variants:
        sys.exit(_check_variants(settings_of(ctx), angles, since, folder, moments))

    faults = check_angles(settings_of(ctx), root, since, folder)
    for fault in faults:
        click.echo(f"newsgen: {fault}", err=True)
    click.echo("no faults" if not faults else f"{len(faults)} faults")
    sys.exit(2 if faults else 0)


def _check_variants(settings: Settings, angles: tuple[str, ...], since: datetime | None, folder: Path | None, moments: int) -> int:
    """Tell of each angle how many articles its wordings made and which were held; the exit code."""
    from newsgen.draft import try_variants
    from newsgen.variants import Tried

    faults = articles = 0
    for found in try_variants(settings, angles, since, folder, moments):
        if isinstance(found, Tried):
            articles += found.articles
            faults += len(found.held)
            click.echo(f"{found.angle:22} {found.as_of:%Y-%m-%d %H:%M} {found.form:9} {found.articles:4} articles", err=True)
            for finding in found.held:
                click.echo(f"newsgen: {found.angle}, {found.form}: {finding.check}: {finding.message}\n    {finding.sentence}", err=True)
        elif isinstance(found, str):
            click.echo(f"{found:22} fires at no moment that was looked at", err=True)
        else:
            faults += 1
            click.echo(f"newsgen: {found}", err=True)
    click.echo(f"{articles} articles, " + ("no faults" if not faults else f"{faults} faults"))
    return 2 if faults else 0


@angle.command("explain", short_help="Why an angle fired or not, by condition.")
@click.argument("name")
@click.option("--edition", "folder", type=click.Path(path_type=Path), help="An edition folder instead of the archive.")
@click.option("--at", "as_of", type=Time(), help="The moment.")
@click.pass_context
def angle_explain(ctx: click.Context, name: str, folder: Path | None, as_of: datetime | None) -> None:
    """Why an angle fired or not, condition by condition.

    \b
    Examples:
      newsgen angle explain short_squeeze --edition samples/2025-07-14-squeeze
      newsgen angle explain ath --at 2025-07-14T12:00:00Z
    """
    from newsgen.draft import Wish, explain_angle
    from newsgen.terminal import Paper, render_explanation

    pitches = explain_angle(settings_of(ctx), Wish(folder, as_of), name)
    click.echo(render_explanation(pitches, Paper.of(sys.stdout)), color=True)
