"""`newsgen replay`: what would have been written; in: arguments, out: lines, a table or a page on standard output.

Imports nothing slow at the top: `newsgen --help` must answer at once.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsgen.cli_kit import ProgressLine, Time, settings_of
from newsgen.errors import ConfigError

if TYPE_CHECKING:
    from newsgen.config import Settings
    from newsgen.draft import Wish
    from newsgen.replay import Difference, Take

__all__ = ["replay"]

_SPAN = re.compile(r"(\d+)([mhdw])")
_SPAN_S = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_LIMIT = re.compile(r"([a-z0-9_]+)\.([a-z0-9_]+)=(.+)")


class Span(click.ParamType):  # type: ignore[type-arg]
    """A span of time: 30m, 4h, 1d, 1w."""

    name = "SPAN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        match = _SPAN.fullmatch(str(value))
        if match is None or not int(match[1]):
            self.fail(f"{value!r} is no span of time: write 30m, 4h, 1d or 1w", param, ctx)
        return timedelta(seconds=int(match[1]) * _SPAN_S[match[2]])


@click.command(short_help="What would have been written in the past.")
@click.option("--from", "first", type=Time(), required=True, help="The first moment.")
@click.option("--to", "last", type=Time(), required=True, help="The last moment.")
@click.option("--every", type=Span(), default="1d", show_default=True, help="From one moment to the next: 30m, 4h, 1d, 1w.")
@click.option("--edition", help="An edition of newsgen.toml, or an edition folder; default all angles.")
@click.option("--angle", "angles", multiple=True, help="Consider only this angle; may be repeated.")
@click.option("--form", help="Default the edition's; else a standard article or a brief, as the lead's score says.")
@click.option("--set", "limits", multiple=True, metavar="ANGLE.LIMIT=VALUE", help="Another threshold; may be repeated. Shows what changes.")
@click.option("--format", "output", type=click.Choice(["jsonl", "table", "html"]), default="table", show_default=True,
              help="For a program, a terminal, or an editor's browser.")  # fmt: skip
@click.option("--processes", type=click.IntRange(1, 16), default=None, help="At most so many; default one for each processor.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file, whole or not at all.")
@click.pass_context
def replay(
    ctx: click.Context, /, first: datetime, last: datetime, every: timedelta, edition: str | None, angles: tuple[str, ...],
    form: str | None, limits: tuple[str, ...], output: str, processes: int | None, out: Path | None,
) -> None:  # fmt: skip
    """Write what would have been written at each moment, knowing only what was known then; nothing is stored or sent.

    What an earlier moment told is told for the later ones, as it would have been. With --set the same moments are written with other
    thresholds too, and the result says what would be gained and lost.

    \b
    Examples:
      newsgen replay --from 2024-01-01T00:00:00Z --to 2024-12-31T00:00:00Z
      newsgen replay --from 2025-07-01T00:00:00Z --to 2025-07-31T00:00:00Z --every 4h --format html --out july.html
      newsgen replay --from 2024-01-01T00:00:00Z --to 2025-08-31T00:00:00Z --set short_squeeze.floor_venue_usd=100e6
    """
    from newsgen.draft import Wish, load_words
    from newsgen.replay import differences, lined, slim

    folder = Path(edition) if edition and Path(edition).is_dir() else None
    wish = Wish(folder, last, None if folder else edition, angles, form)
    settings = settings_of(ctx)
    other = settings.model_copy(update={"angles": _with_limits(settings.angles, limits)})
    load_words(other, wish)  # a threshold that is wrong is told before the first moment
    line = ProgressLine(sys.stderr)
    keep = lined if output == "jsonl" else slim
    run = partial(_taken, wish=wish, span=(first, last, every), line=line, processes=processes or os.cpu_count() or 1)
    takes = run(settings, keep=slim if limits else keep, what="")
    changes: Sequence[Difference] = ()
    if limits:
        after = run(other, keep=keep, what=" with " + ", ".join(limits))
        changes, takes = differences(takes, after), after
    line.clear()
    for fault in dict.fromkeys(str(f) for take in takes for f in take.faults):
        click.echo(f"newsgen: {fault}", err=True)
    if folder is None:
        _tell_retired(settings, first, last)
    _give(_shown(takes, output, changes, ", ".join(limits), settings, wish), out)


def _tell_retired(settings: Settings, first: datetime, last: datetime) -> None:
    """What was told by readings that are retired since cannot come out again."""
    from newsgen.store.database import open_database
    from newsgen.store.retired import retired_between

    engine = open_database(settings.database_url)
    gone = retired_between(engine, first, last)
    engine.dispose()
    if gone:
        number = f"{len(gone)} reading{'' if len(gone) == 1 else 's'}"
        click.echo(f"newsgen: {number} of that span are retired and not seen, the last: {gone[-1].reason}", err=True)


def _taken(
    settings: Settings, *, wish: Wish, span: tuple[datetime, datetime, timedelta], line: ProgressLine, processes: int,
    keep: Callable[[Take], Take], what: str,
) -> list[Take]:  # fmt: skip
    from newsgen.draft import replay_of

    first, last, every = span
    total = max(int((last - first) / every) + 1, 1)

    def show(done: int) -> None:
        line.show(min(done / total, 1), f"{min(done, total)} of {total} moments{what}")

    return list(replay_of(settings, wish, first, last, every, processes=processes, progress=show, keep=keep))


def _with_limits(known: Mapping[str, Mapping[str, str]], asked: Sequence[str]) -> dict[str, dict[str, str]]:
    """The desk's thresholds with those of the command line; what is no ANGLE.LIMIT=VALUE is refused."""
    found = {angle: dict(own) for angle, own in known.items()}
    for text in asked:
        match = _LIMIT.fullmatch(text.strip())
        if match is None:
            raise ConfigError(f"--set {text}: write ANGLE.LIMIT=VALUE, as short_squeeze.floor_venue_usd=100e6")
        found.setdefault(match[1], {})[match[2]] = match[3]
    return found


def _shown(
    takes: Sequence[Take], output: str, changes: Sequence[Difference], asked: str, settings: Settings, wish: Wish
) -> Iterator[str]:  # fmt: skip
    if output == "jsonl":
        yield from _lines(takes, changes)
    elif output == "table":
        yield from _table(takes, changes, asked)
    elif takes:
        from newsgen.draft import material_name
        from newsgen.replay_page import replay_page

        name, asset = material_name(settings, wish)
        span = " to ".join(f"{t.as_of:%B} {t.as_of.day}, {t.as_of.year}" for t in (takes[0], takes[-1]))
        yield replay_page(takes, f"Replay of {name}, {span}", asset, changes, asked)


def _lines(takes: Sequence[Take], changes: Sequence[Difference]) -> Iterator[str]:
    """One object a moment; where other thresholds were asked for and give something else, what there would have been without them."""
    import json

    from newsgen.market import iso

    instead = {id(c.after): c for c in changes}
    for take in takes:
        article = take.line or "null"
        more = f',"quiet":{json.dumps(None if take.article else take.quiet, ensure_ascii=False)}'
        if id(take) in instead:
            change = instead[id(take)]
            before = change.before.article
            told = {"kind": change.kind, "before": {"angle": before.angle, "headline": before.headline.text} if before else None}
            more += f',"change":{json.dumps(told, ensure_ascii=False)}'
        yield f'{{"as_of":"{iso(take.as_of)}","article":{article}{more}}}\n'


def _table(takes: Sequence[Take], changes: Sequence[Difference], asked: str) -> Iterator[str]:
    """One line an article, then the counts."""
    from newsgen.replay import tally

    for take in takes:
        if take.article is not None and take.lead is not None:
            a = take.article
            version = f" v{a.version}" if a.version > 1 else ""
            state = "" if a.verdict.decision == "publish" else f" {a.verdict.decision.upper()}"
            what = f"{a.form:8} {take.lead.score:>5} {a.angle} ({take.lead.subject}){version}{state}"
            yield f"{take.as_of:%Y-%m-%d %H:%M}Z {what}: {a.headline.text}\n"
    counts = tally(takes)
    quiet = counts.moments - counts.full - counts.briefs
    yield f"\n{counts.moments} moments: {counts.full} articles, {counts.briefs} briefs, {quiet} quiet; "
    yield f"{counts.versions} later versions, {counts.held} held\n"
    for angle, count in counts.by_angle.items():
        low, middle, high = counts.scores[angle]
        yield f"  {angle:24} {count:5}   score {low:.0f} to {high:.0f}, middle {middle:.0f}\n"
    if asked:
        yield from _compared(changes, asked)


def _compared(changes: Sequence[Difference], asked: str) -> Iterator[str]:
    kinds = [c.kind for c in changes]
    yield f"\nwith {asked}: {kinds.count('gained')} gained, {kinds.count('lost')} lost, {kinds.count('changed')} changed\n"
    for change in changes:
        told = [f"{t.article.angle}: {t.article.headline.text}" if t.article else "nothing" for t in (change.before, change.after)]
        yield f"  {change.as_of:%Y-%m-%d %H:%M}Z {change.kind:8} {told[0]}  ->  {told[1]}\n"


def _give(parts: Iterator[str], out: Path | None) -> None:
    """To standard output, or to a file that is there whole or not at all."""
    if out is None:
        for part in parts:
            click.echo(part, nl=False)
        return
    made = out.with_name(f".{out.name}.part")
    try:
        with made.open("w", encoding="utf-8") as file:
            file.writelines(parts)
        made.replace(out)
    finally:
        made.unlink(missing_ok=True)
    click.echo(f"newsgen: {out} is written", err=True)
