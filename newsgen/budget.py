"""How many calls the configured editions will make of each source, before they are made; in: settings, out: a count a day and its limits.

A day of fires is played through with the rule by which a round decides what to ask, so that the count is that of the service. Retries are
not foreseen. Asks nobody and reads no database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from newsgen.config import EditionSettings, Settings
from newsgen.gather import Request, Source, sources
from newsgen.rounds import Desk, due_of, lacks, question_key, questions_of, sources_of
from newsgen.schedule import fires_between

__all__ = ["Budget", "budget_of", "over_limit", "render_budgets"]

_DAY = timedelta(days=1)
_ROUND_S = 45.0  # a call that waits longer for its turn is lost to its round


@dataclass(frozen=True, slots=True)
class Budget:
    """The calls of one source on one day.

    Attributes:
        calls_a_day: As the editions will make them.
        limit_a_day: What the source allows in a day.
        at_once: The most that fall into one window of the source's limit.
        limit_at_once: What it allows there, with what a round has the time to wait for.
        lacks: "key" or "contact" where it is not asked for want of it.
    """

    source: str
    calls_a_day: int
    limit_a_day: int
    at_once: int
    limit_at_once: int
    lacks: str = ""

    @property
    def fits(self) -> bool:
        return self.calls_a_day <= self.limit_a_day and self.at_once <= self.limit_at_once


def budget_of(settings: Settings, desk: Desk, start: datetime) -> list[Budget]:
    """The calls of the first day from a moment on, by source.

    Raises:
        ConfigError: The cron line of an edition cannot be read.
    """
    fires = sorted(((at, e) for e in settings.editions for at in fires_between(e, start, start + _DAY)), key=lambda fire: fire[0])
    named = {name for e in settings.editions for name in e.sources}
    wanted = [
        s for s in sources().values() if s.name in named or (settings.sources.get(s.name) is None or settings.sources[s.name].enabled)
    ]
    asked = {e.name + "/" + e.site: {s.name for s in sources_of(settings, e.sources, desk)} for e in settings.editions}
    return [
        _budget(settings, source, desk, [(at, e) for at, e in fires if source.name in asked[e.name + "/" + e.site]]) for source in wanted
    ]


def over_limit(budgets: Iterable[Budget]) -> list[str]:
    """What must exceed a limit, in words."""
    said = []
    for one in budgets:
        if one.calls_a_day > one.limit_a_day:
            said.append(f"{one.source}: {one.calls_a_day} calls a day, and it allows {one.limit_a_day}")
        elif one.at_once > one.limit_at_once:
            said.append(f"{one.source}: {one.at_once} calls at once, and {one.limit_at_once} of them could be made in time")
    return said


def render_budgets(budgets: Sequence[Budget], output: str = "table") -> str:
    """For a person or, as json, for a program."""
    if output == "json":
        return json.dumps([{**asdict(one), "fits": one.fits} for one in budgets], ensure_ascii=False, indent=1)
    lines = [f"{'source':16} {'a day':>8} {'limit':>10} {'at once':>8} {'limit':>8}"]
    for one in budgets:
        note = f"not asked: {one.lacks} missing" if one.lacks else "" if one.fits else "TOO MANY"
        lines.append(f"{one.source:16} {one.calls_a_day:>8} {one.limit_a_day:>10} {one.at_once:>8} {one.limit_at_once:>8}  {note}".rstrip())
    return "\n".join(lines)


def _budget(settings: Settings, source: Source, desk: Desk, fires: Sequence[tuple[datetime, EditionSettings]]) -> Budget:
    made = list(_calls(source, fires, {e.assets: questions_of(settings, source, e.assets) for _, e in fires}))
    limit = source.calls_a_day or int(source.calls * _DAY.total_seconds() / source.per_s)
    in_time = source.calls * (1 + int(_ROUND_S // source.per_s))
    return Budget(source.name, sum(cost for _, cost in made), limit, _most_in(made, source.per_s), in_time, lacks(source, desk))


def _calls(
    source: Source, fires: Sequence[tuple[datetime, EditionSettings]], asks: Mapping[tuple[str, ...], Sequence[Request]]
) -> Iterable[tuple[datetime, int]]:
    """The moment and cost of every call."""
    answered: dict[tuple[str, str, str], datetime] = {}
    for at, edition in fires:
        due = due_of(source, asks[edition.assets], answered, at)
        answered |= {question_key(source.name, r): at for r in due}
        if due:
            yield at, sum(r.cost for r in due)


def _most_in(made: Sequence[tuple[datetime, int]], per_s: float) -> int:
    """The most calls in any window; the fullest one ends with a call."""
    most = inside = first = 0
    for at, cost in made:
        inside += cost
        while (at - made[first][0]).total_seconds() >= per_s:
            inside -= made[first][1]
            first += 1
        most = max(most, inside)
    return most
