"""The commands that stop and undo by cause: stop, resume, recall; in: argv, out: text.

Thin: what they do stands in newsdesk.py and recall.py. A recall says what will happen and waits for a yes. Imports nothing slow at the top:
`newsgen --help` must answer at once.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from newsgen.cli_kit import PARTLY, Time, agreed, as_option, deliveries, newsdesk_of, reason_due, reason_option, yes_option
from newsgen.errors import ConfigError

if TYPE_CHECKING:
    from newsgen.newsdesk import Newsdesk
    from newsgen.store.basis import Cause

__all__ = ["COMMANDS"]


@click.group(invoke_without_command=True, short_help="Stop sending: all of it, a site, a target, a source, an angle, an asset.")
@click.option("--site", default="", help="Only at this site.")
@click.option("--target", default="", help="Nothing to this target but withdrawals.")
@click.option("--source", default="", help="Hold what rests on this source.")
@click.option("--angle", default="", help="Write nothing by this angle, hold what waits.")
@click.option("--asset", default="", help="Hold what tells of this asset.")
@reason_option()
@as_option
@click.pass_context
def stop(ctx: click.Context, /, site: str, reason: str, who: str | None, **named: str) -> None:
    """Stop sending at once. Alone it stops every request; with --site or --target everything but withdrawals; with --source, --angle or
    --asset new articles are held and what waits is held too, while corrections and withdrawals pass. `newsgen resume` lifts it.

    \b
    Examples:
      newsgen stop --reason "what is going on?"
      newsgen stop --source coinglass --reason "its totals are ten times too high"
      newsgen stop --site main --angle ath --reason "bad highs"
      newsgen stop list
    """
    if ctx.invoked_subcommand is not None:
        return
    given = [(scope, name) for scope, name in named.items() if name]
    if len(given) > 1:
        raise ConfigError("a stop is of one thing: give one of --target, --source, --angle and --asset")
    scope, name = given[0] if given else ("site" if site else "all", "")
    click.echo(str(newsdesk_of(ctx, who).stop(scope, name, reason_due(reason, "stopped"), site)))


@stop.command("list", short_help="What is stopped, since when, by whom.")
@click.pass_context
def stop_list(ctx: click.Context) -> None:
    """What is stopped, since when, by whom and why.

    \b
    Examples:
      newsgen stop list
    """
    from newsgen.market import iso

    found = newsdesk_of(ctx, "nobody").stops()
    for one in found:
        click.echo(f"{one.id:>4}  {iso(one.at)}  {one.who:12} {one.what}: {one.reason}")
    if not found:
        click.echo("nothing is stopped")


@click.command(short_help="Lift a stop.")
@click.argument("given", metavar="ID", default="")
@click.option("--all", "whole", is_flag=True, help="Lift every stop.")
@as_option
@click.pass_context
def resume(ctx: click.Context, given: str, whole: bool, who: str | None) -> None:
    """Lift a stop by its number. What waited goes on, held against the newest prices first; what was written meanwhile waits for approval.

    \b
    Examples:
      newsgen resume 3
      newsgen resume --all
    """
    if bool(given) == whole:
        raise ConfigError("resume wants the number of a stop (newsgen stop list), or --all")
    for lifted, going in newsdesk_of(ctx, who).resume("all" if whole else given):
        click.echo(f"lifted: {lifted.what}; {deliveries(going, 'goes', 'go')} on")


@click.command(short_help="Undo every published article that rests on a bad reading, source, angle or template.")
@click.option(
    "--reading", default="", metavar="ID", help="ARTICLE/r3 as its ARTICLE.json names it, or SERIES/SUBJECT/WINDOW/SOURCE/VENUE@TIME."
)
@click.option("--source", default="", help="Everything that a source said between --from and --to.")
@click.option("--from", "first", type=Time(), help="With --source: the first wrong reading.")
@click.option("--to", "last", type=Time(), help="With --source: the last wrong reading.")
@click.option("--angle", default="", help="Everything that an angle has told.")
@click.option("--template", default="", metavar="DIGEST", help="Everything made from these templates: templates_sha256 of ARTICLE.json.")
@click.option("--correct/--withdraw", default=False, help="Correct what can be told without it, or withdraw all; default withdraw.")
@click.option("--list", "only_list", is_flag=True, help="Only list what rests on it; change nothing.")
@click.option("--note", default="", help="For readers, one sentence; default the house's own.")
@reason_option()
@yes_option
@as_option
@click.pass_context
def recall(ctx: click.Context, /, only_list: bool, correct: bool, note: str, reason: str, yes: bool, who: str | None, **named: Any) -> None:
    """List every published article that rests on a cause, hold new ones, and after a yes correct or withdraw them all at all targets.

    The readings are never used again: no View has them, also none of an earlier moment, and the source is not heard when it sends them once
    more. An article that says the same without them stands. The stop stays until `newsgen resume`; of a single reading it is lifted at the
    end. Exit code 5 says that something could not be undone: the lines say what.

    \b
    Examples:
      newsgen recall --reading 3f2a91c0/r3 --list
      newsgen recall --reading 3f2a91c0/r3 --correct --reason "a bad tick"
      newsgen recall --source coinglass --from 2025-07-14T10:00:00Z --to 2025-07-14T12:00:00Z --reason "totals times ten" --yes
    """
    from newsgen.recall import find_resting, hold_new, stop_of, told
    from newsgen.recall import recall as undo

    desk = newsdesk_of(ctx, who)
    cause = _cause(desk, **named)
    resting = find_resting(desk, cause)
    if not resting:
        desk.refuse_unknown(*stop_of(cause))
    click.echo(f"{len(resting)} published article{' rests' if len(resting) == 1 else 's rest'} on {told(desk, cause)}")
    for one in resting:
        by = "" if one.direct else "  (by the history that it tells)"
        click.echo(f"  {one.article.id}  {one.article.headline}{by}")
    if only_list:
        return
    reason = reason_due(reason, "recalled")
    held = hold_new(desk, cause, reason)
    click.echo(f"New ones are held: {held}", err=True)
    never = ", and never use the readings again" if cause.is_of_readings else ""
    question = f"{'Correct or withdraw' if correct else 'Withdraw'} them at all targets{never}?"
    agreed(question, yes, f"new ones are held by stop {held.id}, and nothing else is changed")
    failed = 0
    for done in undo(desk, cause, reason, note, correct=correct):
        failed += done.fate == "failed"
        click.echo(f"  {done.fate:10} {done.article.headline}" + (f": {done.why}" if done.why else ""))
    if failed:
        click.echo(f"newsgen: {failed} could not be undone; stop {held.id} stays", err=True)
        sys.exit(PARTLY)
    own = (held.who, held.reason) == (desk.who, desk.act(reason).reason)
    if named["reading"] and own:  # a stop that was made for something else stays
        desk.resume(str(held.id))


def _cause(desk: Newsdesk, reading: str, source: str, first: datetime | None, last: datetime | None, angle: str, template: str) -> Cause:
    from newsgen.recall import cause_of_reading, cause_of_source
    from newsgen.store.basis import Cause

    if sum(map(bool, (reading, source, angle, template))) != 1:
        raise ConfigError("recall wants one cause: --reading ID, --source NAME --from --to, --angle NAME, or --template DIGEST")
    if (first or last) and not source:
        raise ConfigError("--from and --to belong to --source")
    if reading:
        return cause_of_reading(desk, reading)
    if source:
        return cause_of_source(source, first, last)
    return Cause(angle=angle) if angle else Cause(template=template)


COMMANDS = (stop, resume, recall)
