"""The commands of the desk: approve, hold, spike, correct, kill, resend, stop, resume, recall, publish check; in: argv, out: text.

Thin: what they do stands in newsdesk.py and recall.py. A correction, a kill and a recall say what will happen and wait for a yes.
Imports nothing slow at the top: `newsgen --help` must answer at once.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsgen.cli_kit import WRONG_USE, Time, quiet_logs, settings_of
from newsgen.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsgen.newsdesk import Newsdesk, Prepared
    from newsgen.store.basis import Cause

__all__ = ["COMMANDS"]

_as = click.option("--as", "who", metavar="NAME", help="Who decides; default $USER.")
_yes = click.option("--yes", is_flag=True, help="Do it without asking.")
_text = click.option("--text", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
                     help="The text as a person has edited it: Markdown, or ARTICLE.json.")  # fmt: skip


def _reason(due: bool = True) -> Callable[[Any], Any]:
    return click.option("--reason", default="", help="Why; kept in the desk's record." + ("" if due else " May be left out."))


def _desk(ctx: click.Context, who: str | None) -> Newsdesk:
    from newsgen.newsdesk import Newsdesk
    from newsgen.service import Service
    from newsgen.store.database import open_database

    quiet_logs()
    settings = settings_of(ctx)
    name = who or os.environ.get("USER") or os.environ.get("LOGNAME") or ""
    if not name:
        raise ConfigError("who decides? say --as NAME (the environment has no USER)")
    service = Service(settings, open_database(settings.database_url))
    ctx.call_on_close(service.engine.dispose)
    return Newsdesk(service, name)


def _due(reason: str, what: str, option: str = "--reason") -> str:
    """The reason, asked for at a terminal where it was not given."""
    if not reason and sys.stdin.isatty():
        reason = click.prompt(f"Why is it {what}", err=True)
    if not reason.strip():
        raise ConfigError(f"say why it is {what}: {option} '...'")
    return reason


def _agreed(question: str, yes: bool) -> None:
    """A person's yes, given before or at a terminal.

    Raises:
        ConfigError: Nobody said yes; nothing has changed.
    """
    if yes or (sys.stdin.isatty() and click.confirm(question, err=True)):
        return
    raise ConfigError("nothing is changed: say --yes to do it")


@click.command(short_help="Let a held article go out.")
@click.argument("given", metavar="ID")
@_text
@_reason(due=False)
@_as
@click.pass_context
def approve(ctx: click.Context, given: str, text: Path | None, reason: str, who: str | None) -> None:
    """Let a held article go out, as it is or with your text; ID is an article's id, its first letters, or its slug.

    An edited text is read as a stranger would: a claim that the figures of the article do not bear is refused, with the list. What goes
    out is what was approved, to the byte; any change after it holds the article again.

    \b
    Examples:
      newsgen approve 3f2a91c0
      newsgen approve bitcoin-sets-record-9e85ffbb --text edited.md --as ada
    """
    desk = _desk(ctx, who)
    for problem in desk.held_for(given):
        click.echo(f"It was held: {problem}", err=True)
    due = desk.approve(given, reason, text)
    click.echo(f"approved: {due} deliver{'y is' if due == 1 else 'ies are'} due (newsgen run sends them)")


@click.command(short_help="Keep what waits of an article from going out.")
@click.argument("given", metavar="ID")
@_reason()
@_as
@click.pass_context
def hold(ctx: click.Context, given: str, reason: str, who: str | None) -> None:
    """Keep what waits of an article from going out, until somebody approves it. What a target has is corrected or killed.

    \b
    Examples:
      newsgen hold 3f2a91c0 --reason "ask the venue first"
    """
    held = _desk(ctx, who).hold(given, _due(reason, "held"))
    click.echo(f"held: {held} deliver{'y' if held == 1 else 'ies'}")


@click.command(short_help="Stop an article for good before anybody has it.")
@click.argument("given", metavar="ID")
@_reason()
@_as
@click.pass_context
def spike(ctx: click.Context, given: str, reason: str, who: str | None) -> None:
    """Stop an article for good before any reader has it. What a target has is killed.

    \b
    Examples:
      newsgen spike 3f2a91c0 --reason "told by hand already"
    """
    _desk(ctx, who).spike(given, _due(reason, "spiked"))
    click.echo("spiked: it will not go out")


@click.command(short_help="Send again what was refused or given up.")
@click.argument("given", metavar="ID")
@click.option("--target", "targets", multiple=True, help="Only to this target; may be repeated.")
@click.option("--overwrite", is_flag=True, help="Also over what a person has changed at the target; compare both first.")
@_reason(due=False)
@_as
@click.pass_context
def resend(ctx: click.Context, given: str, targets: tuple[str, ...], overwrite: bool, reason: str, who: str | None) -> None:
    """Send an article again to the targets that have refused it, or that were given up. Its message keeps its id.

    \b
    Examples:
      newsgen resend 3f2a91c0
      newsgen resend 3f2a91c0 --target cms --overwrite --reason "the edit there was a slip"
    """
    sent = _desk(ctx, who).resend(given, reason, targets, overwrite=overwrite)
    click.echo(f"due again: {', '.join(sent)} (newsgen run sends it)")


@click.command(short_help="Correct what readers have, with a visible note.")
@click.argument("given", metavar="ID")
@click.option("--note", default="", help="For readers: what was wrong, in one sentence.")
@_text
@_yes
@_as
@click.pass_context
def correct(ctx: click.Context, given: str, note: str, text: Path | None, yes: bool, who: str | None) -> None:
    """Correct a published story: written again from what is known now about its moment, or as you have edited it with --text.

    Readers see the note first, with each value that was printed and the one that stands now. Same address, at every target. Says what
    changes and asks, or wants --yes.

    \b
    Examples:
      newsgen correct 3f2a91c0 --note "The venue has revised its high of Monday."
      newsgen correct 3f2a91c0 --note "An earlier version named the wrong fund." --text edited.md --yes
    """
    desk = _desk(ctx, who)
    note = _due(note, "corrected", "--note")
    prepared = desk.prepare_correction(given, note, text)
    _show(prepared, f"corrects version {prepared.base.version} of: {prepared.base.headline}")
    _agreed("Correct it?", yes)
    desk.save(prepared, note)
    click.echo(f"version {prepared.version} is due at {', '.join(prepared.targets)} (newsgen run sends it)")


@click.command(short_help="Withdraw a published story everywhere.")
@click.argument("given", metavar="ID")
@click.option("--reason", default="", help="Why; readers see it, unless --note says it otherwise.")
@click.option("--note", default="", help="For readers, in place of the reason.")
@_yes
@_as
@click.pass_context
def kill(ctx: click.Context, given: str, reason: str, note: str, yes: bool, who: str | None) -> None:
    """Withdraw a published story: at every target a notice takes its place, under the same address. Goes before everything else, and is
    tried until each target has it. Says what will happen and asks, or wants --yes.

    \b
    Examples:
      newsgen kill 3f2a91c0 --reason "The total was wrong by a factor of ten."
    """
    desk = _desk(ctx, who)
    reason = _due(reason, "withdrawn")
    prepared = desk.prepare_kill(given, note or reason)
    _show(prepared, f"withdraws: {prepared.base.headline}")
    _agreed("Withdraw it everywhere?", yes)
    desk.save(prepared, reason)
    click.echo(f"version {prepared.version}, its withdrawal, is due at {', '.join(prepared.targets)} (newsgen run sends it)")


def _show(prepared: Prepared, what: str) -> None:
    click.echo(f"This {what}", err=True)
    for paragraph in prepared.article["paragraphs"][:1]:
        click.echo(f"Readers see: {paragraph['text']}", err=True)


@click.group(invoke_without_command=True, short_help="Stop sending: all of it, a site, a target, a source, an angle, an asset.")
@click.option("--site", default="", help="Only at this site.")
@click.option("--target", default="", help="Nothing to this target but withdrawals.")
@click.option("--source", default="", help="Hold what rests on this source.")
@click.option("--angle", default="", help="Write nothing by this angle, hold what waits.")
@click.option("--asset", default="", help="Hold what tells of this asset.")
@_reason()
@_as
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
    click.echo(str(_desk(ctx, who).stop(scope, name, _due(reason, "stopped"), site)))


@stop.command("list", short_help="What is stopped, since when, by whom.")
@click.pass_context
def stop_list(ctx: click.Context) -> None:
    """What is stopped, since when, by whom and why.

    \b
    Examples:
      newsgen stop list
    """
    from newsgen.market import iso

    found = _desk(ctx, "nobody").stops()
    for one in found:
        click.echo(f"{one.id:>4}  {iso(one.at)}  {one.who:12} {one.what}: {one.reason}")
    if not found:
        click.echo("nothing is stopped")


@click.command(short_help="Lift a stop.")
@click.argument("given", metavar="ID", default="")
@click.option("--all", "whole", is_flag=True, help="Lift every stop.")
@_as
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
    for lifted, going in _desk(ctx, who).resume("all" if whole else given):
        click.echo(f"lifted: {lifted.what}; {going} deliver{'y goes' if going == 1 else 'ies go'} on")


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
@_reason()
@_yes
@_as
@click.pass_context
def recall(ctx: click.Context, /, only_list: bool, correct: bool, note: str, reason: str, yes: bool, who: str | None, **named: Any) -> None:
    """List every published article that rests on a cause, hold new ones, and after a yes correct or withdraw them all at all targets.

    The readings are never used again: no View has them, also none of an earlier moment, and the source is not heard when it sends them once
    more. An article that says the same without them stands. The stop stays until `newsgen resume`; of a single reading it is lifted at the
    end.

    \b
    Examples:
      newsgen recall --reading 3f2a91c0/r3 --list
      newsgen recall --reading 3f2a91c0/r3 --correct --reason "a bad tick"
      newsgen recall --source coinglass --from 2025-07-14T10:00:00Z --to 2025-07-14T12:00:00Z --reason "totals times ten" --yes
    """
    from newsgen.recall import find_resting, hold_new, told
    from newsgen.recall import recall as undo

    desk = _desk(ctx, who)
    cause = _cause(desk, **named)
    resting = find_resting(desk, cause)
    click.echo(f"{len(resting)} published article{' rests' if len(resting) == 1 else 's rest'} on {told(desk, cause)}")
    for one in resting:
        by = "" if one.direct else "  (by the history that it tells)"
        click.echo(f"  {one.article.id}  {one.article.headline}{by}")
    if only_list:
        return
    reason = _due(reason, "recalled")
    held = hold_new(desk, cause, reason)
    click.echo(f"New ones are held: {held}", err=True)
    _agreed(f"{'Correct or withdraw' if correct else 'Withdraw'} them at all targets, and never use the readings again?", yes)
    for done in undo(desk, cause, reason, note, correct=correct):
        click.echo(f"  {done.fate:10} {done.article.headline}" + (f": {done.why}" if done.why else ""))
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

    settings = settings_of(ctx)
    known = {(s.name, name): t for s in settings.sites if site in ("", s.name) for name, t in targets_of(s).items()}
    wanted = next((t for (_, name), t in known.items() if name == target), None)
    if wanted is None:
        raise ConfigError(f"no target {target!r}; there are: {', '.join(dict.fromkeys(name for _, name in known))}")
    outbox = Outbox(None, {target: wanted}, now_utc, env=secret_environment(settings, os.environ))  # type: ignore[arg-type]
    found = asyncio.run(check_target(outbox, wanted))
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


COMMANDS = (approve, hold, spike, resend, correct, kill, stop, resume, recall, publish, status)
