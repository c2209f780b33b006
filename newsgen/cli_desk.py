"""The commands that decide on an article: approve, hold, spike, resend, correct, kill; in: argv, out: text.

Thin: what they do stands in newsdesk.py. A correction and a kill say what will happen and wait for a yes. Imports nothing slow at the top:
`newsgen --help` must answer at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsgen.cli_kit import agreed, as_option, deliveries, newsdesk_of, reason_due, reason_option, yes_option

if TYPE_CHECKING:
    from newsgen.newsdesk import Prepared

__all__ = ["COMMANDS"]

_text = click.option("--text", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
                     help="The text as a person has edited it: Markdown, or ARTICLE.json.")  # fmt: skip


@click.command(short_help="Let a held article go out.")
@click.argument("given", metavar="ID")
@_text
@reason_option(due=False)
@as_option
@click.pass_context
def approve(ctx: click.Context, given: str, text: Path | None, reason: str, who: str | None) -> None:
    """Let a held article go out, as it is or with your text; ID is an article's id, its first letters, or its slug.

    An edited text is read as a stranger would: a claim that the figures of the article do not bear is refused, with the list. What goes
    out is what was approved, to the byte, and to targets as they were set then; any change after it holds the article again. Exit code 3
    says that it stays held.

    \b
    Examples:
      newsgen approve 3f2a91c0
      newsgen approve bitcoin-sets-record-9e85ffbb --text edited.md --as ada
    """
    desk = newsdesk_of(ctx, who)
    for problem in desk.held_for(given):
        click.echo(f"It was held: {problem}", err=True)
    due = desk.approve(given, reason, text)
    click.echo(f"approved: {deliveries(due, 'is', 'are')} due (newsgen run sends them)")


@click.command(short_help="Keep what waits of an article from going out.")
@click.argument("given", metavar="ID")
@reason_option()
@as_option
@click.pass_context
def hold(ctx: click.Context, given: str, reason: str, who: str | None) -> None:
    """Keep what waits of an article from going out, until somebody approves it. What a target has is corrected or killed.

    \b
    Examples:
      newsgen hold 3f2a91c0 --reason "ask the venue first"
    """
    held, in_hand = newsdesk_of(ctx, who).hold(given, reason_due(reason, "held"))
    click.echo(f"held: {deliveries(held)}")
    if in_hand:
        click.echo(f"Being sent just now: {', '.join(in_hand)}. What fails there is not tried again.", err=True)


@click.command(short_help="Stop an article for good before anybody has it.")
@click.argument("given", metavar="ID")
@reason_option()
@as_option
@click.pass_context
def spike(ctx: click.Context, given: str, reason: str, who: str | None) -> None:
    """Stop an article for good before any reader has it. What a target has is killed.

    \b
    Examples:
      newsgen spike 3f2a91c0 --reason "told by hand already"
    """
    newsdesk_of(ctx, who).spike(given, reason_due(reason, "spiked"))
    click.echo("spiked: it will not go out")


@click.command(short_help="Send again what was refused or given up.")
@click.argument("given", metavar="ID")
@click.option("--target", "targets", multiple=True, help="Only to this target; may be repeated.")
@click.option("--overwrite", is_flag=True, help="Also over what a person has changed at the target; compare both first.")
@reason_option(due=False)
@as_option
@click.pass_context
def resend(ctx: click.Context, given: str, targets: tuple[str, ...], overwrite: bool, reason: str, who: str | None) -> None:
    """Send an article again to the targets that have refused it, or that were given up. Its message keeps its id.

    \b
    Examples:
      newsgen resend 3f2a91c0
      newsgen resend 3f2a91c0 --target cms --overwrite --reason "the edit there was a slip"
    """
    sent = newsdesk_of(ctx, who).resend(given, reason, targets, overwrite=overwrite)
    click.echo(f"due again: {', '.join(sent)} (newsgen run sends it)")


@click.command(short_help="Correct what readers have, with a visible note.")
@click.argument("given", metavar="ID")
@click.option("--note", default="", help="For readers: what was wrong, in one sentence.")
@click.option("--decline", default="", metavar="REASON", help="Change nothing: the correction that the engine proposes is not due.")
@_text
@yes_option
@as_option
@click.pass_context
def correct(ctx: click.Context, given: str, note: str, decline: str, text: Path | None, yes: bool, who: str | None) -> None:
    """Correct a published story: written again from what is known now about its moment, or as you have edited it with --text.

    Readers see the note first, with each value that was printed and the one that stands now. Same address, at every target. Says what
    changes and asks, or wants --yes. Exit code 3 says that the checks refuse the text.

    \b
    Examples:
      newsgen correct 3f2a91c0 --note "The venue has revised its high of Monday."
      newsgen correct 3f2a91c0 --note "An earlier version named the wrong fund." --text edited.md --yes
      newsgen correct 3f2a91c0 --decline "the venue has taken its revision back"
    """
    desk = newsdesk_of(ctx, who)
    if decline:
        desk.decline(given, decline)
        click.echo("declined: the article stays as it is")
        return
    note = reason_due(note, "corrected", "--note")
    prepared = desk.prepare_correction(given, note, text)
    _show(prepared, f"corrects version {prepared.base.version} of: {prepared.base.headline}")
    agreed("Correct it?", yes)
    prepared = desk.save(prepared, note)
    click.echo(f"version {prepared.version} is due at {', '.join(prepared.targets)} (newsgen run sends it)")


@click.command(short_help="Withdraw a published story everywhere.")
@click.argument("given", metavar="ID")
@click.option("--reason", default="", help="Why; readers see it, unless --note says it otherwise.")
@click.option("--note", default="", help="For readers, in place of the reason.")
@yes_option
@as_option
@click.pass_context
def kill(ctx: click.Context, given: str, reason: str, note: str, yes: bool, who: str | None) -> None:
    """Withdraw a published story: at every target a notice takes its place, under the same address. Goes before everything else, and is
    tried until each target has it. Says what will happen and asks, or wants --yes.

    \b
    Examples:
      newsgen kill 3f2a91c0 --reason "The total was wrong by a factor of ten."
    """
    desk = newsdesk_of(ctx, who)
    reason = reason_due(reason, "withdrawn")
    prepared = desk.prepare_kill(given, note or reason)
    _show(prepared, f"withdraws: {prepared.base.headline}")
    agreed("Withdraw it everywhere?", yes)
    prepared = desk.save(prepared, reason)
    click.echo(f"version {prepared.version}, its withdrawal, is due at {', '.join(prepared.targets)} (newsgen run sends it)")


def _show(prepared: Prepared, what: str) -> None:
    click.echo(f"This {what}", err=True)
    for paragraph in prepared.article["paragraphs"][:1]:
        click.echo(f"Readers see: {paragraph['text']}", err=True)
    if prepared.unreached:
        click.echo(f"Not reached, for newsgen.toml has them no more: {', '.join(prepared.unreached)}. Change it there by hand.", err=True)


COMMANDS = (approve, hold, spike, resend, correct, kill)
