"""The state of the desk as a table for people, and as JSON for programs; in: a DeskState, out: text."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from newsgen.market import iso
from newsgen.store.status import AtTarget, DeskState, StoryState

__all__ = ["render_state", "state_json"]

_PIPE_COLUMNS = 160


def render_state(state: DeskState) -> str:
    """The table; of a desk without articles one line."""
    terminal = sys.stdout.isatty()
    out = io.StringIO()
    console = Console(
        file=out, width=shutil.get_terminal_size().columns if terminal else _PIPE_COLUMNS, force_terminal=terminal, highlight=False
    )
    for stop in state.stops:
        console.print(f"STOPPED  {stop.what} by {stop.who} since {iso(stop.at)}: {stop.reason} (newsgen resume {stop.id})", markup=False)
    counts = ", ".join(f"{n} {name}" for name, n in state.counts.items())
    console.print(counts or "no deliveries yet", markup=False)
    if state.stories:
        console.print(_table(state))
    for proposal in state.proposals:
        console.print(f"PROPOSED  correct {proposal.article_id}: {proposal.reason}", markup=False)
    return out.getvalue()


def _table(state: DeskState) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("article", "story", "target", "state", "there", "waits for"):
        table.add_column(head, overflow="fold", no_wrap=head in ("article", "target", "state", "there"))
    for story in state.stories:
        for number, line in enumerate(_lines(story)):
            table.add_row(*((story.id[:8], _named(story)) if number == 0 else ("", "")), *line)
    return table


def _named(story: StoryState) -> str:
    mark = {"correction": " (correction)", "withdrawal": " (withdrawal)"}.get(story.change, "")
    # Square brackets would be markup of the table.
    return f"{story.headline}{mark}, v{story.version}".replace("[", r"\[")


def _lines(story: StoryState) -> Iterator[tuple[str, str, str, str]]:
    if story.decision == "hold" or not story.targets:
        yield "", story.decision, "", story.reason.replace("[", r"\[")
    for at in story.targets:
        shown = "spiked" if story.decision == "spike" else "gave up" if at.state == "dead" else at.state
        yield at.target, shown, f"v{at.version_there}" if at.version_there else "-", _waits(at).replace("[", r"\[")


def _waits(at: AtTarget) -> str:
    if at.state == "confirmed":
        return ""
    again = f"attempt {at.attempts + 1} at {iso(at.next_at)}" if at.state in ("pending", "unknown") else ""
    return "; ".join(part for part in (at.problem, again) if part)


def state_json(state: DeskState) -> str:
    """The same for programs."""
    data = {
        "counts": dict(state.counts), "dead_letters": sum(t.is_dead for s in state.stories for t in s.targets),
        "stories": [_story_json(s) for s in state.stories],
        "stops": [{"id": s.id, "site": s.site, "scope": s.scope, "name": s.name, "reason": s.reason, "who": s.who, "at": iso(s.at)}
                  for s in state.stops],
        "proposals": [{"article": p.article_id, "reason": p.reason, "at": iso(p.at)} for p in state.proposals],
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _story_json(story: StoryState) -> dict[str, Any]:
    return {
        "id": story.id, "site": story.site, "locale": story.locale, "story": story.story, "slug": story.slug, "version": story.version,
        "headline": story.headline, "decision": story.decision, "change": story.change or None, "as_of": iso(story.as_of),
        "reason": story.reason or None,
        "targets": [{"target": t.target, "state": t.state, "version_there": t.version_there or None, "url": t.url or None,
                     "attempts": t.attempts, "next_at": iso(t.next_at), "problem": t.problem or None} for t in story.targets],
    }  # fmt: skip
