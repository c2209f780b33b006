"""How each source fares right now: asks every endpoint of it once; in: settings and a clock, out: a row for each source.

Stores no reading. A row says what a person can act on: reachable, refused, key missing or rejected, shape changed and at which field, how
old the newest value is, how many calls are left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsgen.config import Settings
from newsgen.errors import BadPayload, GatherError, KeyRefused, RegionRefused, SourceRefused
from newsgen.gather import Asked, Gathered, Request, Source, gather, sources
from newsgen.market import iso
from newsgen.rounds import Desk, keys_of, lacks, questions_of

if TYPE_CHECKING:
    from newsgen.gather._http import Caps
    from newsgen.store.sources import Health

__all__ = ["Row", "State", "check_sources", "listing", "render_rows", "rows_json", "state_of"]

State = str  # "ok", "key missing", "contact missing", "key rejected", "refused here", "refused", "shape changed", "unreachable", "silent"
_WORST = ("key rejected", "refused here", "refused", "shape changed", "unreachable")


@dataclass(frozen=True, slots=True)
class Row:
    """One source.

    Attributes:
        answered: Of how many endpoints asked.
        newest: The moment of its newest value that is not ahead.
        left: Calls left of its limit, as it says or as we have counted; None where neither is known.
        problem: The worst one, with endpoint and field.
    """

    source: str
    state: State
    answered: int
    asked: int
    readings: int
    newest: datetime | None
    left: int | None
    problem: str

    def age(self, now: datetime) -> timedelta | None:
        return None if self.newest is None else max(now - self.newest, timedelta(0))


async def check_sources(
    settings: Settings,
    names: Sequence[str],
    assets: Sequence[str],
    desk: Desk,
    clock: Callable[[], datetime],
    *,
    calls_today: Mapping[str, int] | None = None,
    caps: Caps | None = None,
    heard: Callable[[Asked], None] | None = None,
) -> tuple[list[Row], Gathered]:
    """Ask each source once at every endpoint.

    Args:
        names: Only these sources; none means all that are enabled.
        calls_today: What the sources were asked today, for those that have a limit of the day.
    """
    wanted = [sources()[n] for n in names] or [
        s for n, s in sources().items() if settings.sources.get(n) is None or settings.sources[n].enabled
    ]
    only = {s.name: _one_each(questions_of(settings, s, assets)) for s in wanted if not lacks(s, desk)}
    found = await gather(list(only), assets, clock, base_urls=desk.base_urls, keys=desk.keys, caps=caps, only=only, contact=desk.contact,
                         heard=heard)  # fmt: skip
    return [_row(source, desk, found, calls_today or {}, clock()) for source in wanted], found


def _one_each(requests: Iterable[Request]) -> list[Request]:
    """The first request of each endpoint."""
    return list({r.endpoint: r for r in reversed(list(requests))}.values())


def _row(source: Source, desk: Desk, found: Gathered, calls_today: Mapping[str, int], now: datetime) -> Row:
    asked = [a for a in found.asked if a.source == source.name]
    failures = [a.failure for a in asked if a.failure is not None]
    readings = [r for r in found.readings if r.key.source == source.name]
    newest = max((r.observed_at for r in readings if r.observed_at <= now), default=None)
    left = found.left.get(source.name)
    if left is None and source.calls_a_day:
        left = max(source.calls_a_day - calls_today.get(source.name, 0) - found.calls.get(source.name, 0), 0)
    missing = lacks(source, desk)
    worst = min(failures, key=lambda f: _WORST.index(state_of(f)), default=None)
    state = f"{missing} missing" if missing else state_of(worst) if worst else "ok" if readings else "silent" if asked else "nothing asked"
    problem = _said(worst) if worst else f"set {source.key_env}" if missing == "key" else "set `contact`" if missing else ""
    return Row(source.name, state, len(asked) - len(failures), len(asked), len(readings), newest, left, problem)


def state_of(failure: GatherError) -> State:
    """A failure in the words of the table."""
    match failure:
        case KeyRefused():
            return "key rejected"
        case RegionRefused():
            return "refused here"
        case SourceRefused():
            return "refused"
        case BadPayload():
            return "shape changed"
    return "unreachable"


def _said(failure: GatherError) -> str:
    return f"{failure.endpoint}: {failure.problem}"


def render_rows(rows: Sequence[Row], now: datetime) -> str:
    """The table for a person."""
    lines = [f"{'source':16} {'state':16} {'answers':>8} {'values':>7} {'newest':>8} {'left':>7}  problem"]
    for row in rows:
        age, left = row.age(now), "" if row.left is None else str(row.left)
        answers = f"{row.answered}/{row.asked}" if row.asked else ""
        values = str(row.readings) if row.asked else ""
        lines.append(f"{row.source:16} {row.state:16} {answers:>8} {values:>7} {_short(age):>8} {left:>7}  {row.problem}".rstrip())
    return "\n".join(lines)


def _short(span: timedelta | None) -> str:
    """A span in its largest unit: 12 s, 5 min, 3 h, 2 d."""
    if span is None:
        return ""
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def rows_json(rows: Sequence[Row]) -> str:
    """The table for a program."""
    found = [{"source": r.source, "state": r.state, "answered": r.answered, "asked": r.asked, "readings": r.readings,
              "newest": None if r.newest is None else iso(r.newest), "calls_left": r.left, "problem": r.problem} for r in rows]  # fmt: skip
    return json.dumps(found, ensure_ascii=False, indent=1)


_ALLOWED = {"yes": "allowed", "no": "not allowed", "paid": "on a paid plan", "unstated": "not stated"}


def listing(settings: Settings, env: Mapping[str, str]) -> list[dict[str, Any]]:
    """What exists: what each source gives, its key, its terms, and how it fared when it was last asked."""
    keys = keys_of(settings, env)
    known = _known_health(settings)
    return [
        {
            "name": name, "title": source.title, "gives": sorted({s for e in source.endpoints.values() for s in e.gives}),
            "key": _key_said(source, name in keys), "terms": _terms_said(source, settings), "terms_url": source.terms.url,
            "terms_read_on": source.terms.read_on or None, "credit": source.terms.credit or None, "health": _health_said(known.get(name)),
            "stream": source.stream is not None,
        }
        for name, source in sources().items()
    ]  # fmt: skip


def _key_said(source: Source, there: bool) -> str:
    if not source.key_env:
        return "no key needed"
    return f"{source.key_env} {'is set' if there else 'may be set' if source.key_optional else 'is missing'}"


def _terms_said(source: Source, settings: Settings) -> str:
    terms, said = source.terms, settings.sources.get(source.name)
    parts = [f"commercial use {_ALLOWED[terms.commercial]}", f"showing figures {_ALLOWED[terms.redistribution]}"]
    parts += [f'credit "{terms.credit}"'] if terms.credit else []
    parts += [f"payloads kept {terms.keep_days} days"] if terms.keep_days is not None else []
    parts.append(f"terms read {terms.read_on}" if terms.read_on else "terms as others report them")
    parts.append(f"accepted {said.accepted_terms}" if said and said.accepted_terms else "not accepted")
    return f"{', '.join(parts)}: {terms.url}"


def _known_health(settings: Settings) -> Mapping[str, Health]:
    """As the database knows it, where there is one already: a listing makes none."""
    from newsgen.store.database import open_database
    from newsgen.store.sources import health_of

    path = settings.database_url.removeprefix("sqlite:///")
    if path != settings.database_url and not Path(path).exists():
        return {}
    engine = open_database(settings.database_url)
    found = health_of(engine)
    engine.dispose()
    return found


def _health_said(health: Health | None) -> str:
    if health is None:
        return "never asked"
    last = f"last answered {iso(health.answered_at)}" if health.answered_at else "never answered"
    return f"{last}; {health.failing} of {health.questions} questions fail: {health.problem}" if health.failing else last
