"""A round of gathering: which questions are due, ask them, keep what came; in: settings, a database and a clock, out: what was gathered.

A question is asked no sooner than its endpoint allows, a source that needs a key and has none is not asked, and one whose calls of the
day are used up waits for the next. A failure is logged when it begins, and again when the source is back; not in every round.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from newsgen.config import Settings
from newsgen.gather import Asked, Gathered, Request, Source, gather, sources
from newsgen.store.archive import Payload, SqlArchive
from newsgen.store.sources import Question, Turn, answered_at, calls_on, note_round, prune_payloads

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsgen.gather._http import Caps

__all__ = [
    "Desk",
    "desk_of",
    "due_of",
    "gather_round",
    "key_of",
    "keys_of",
    "lacks",
    "prune",
    "question_key",
    "questions_of",
    "sources_of",
    "streams_of",
    "within_day",
]

_log = structlog.get_logger("gather")


@dataclass(frozen=True, slots=True)
class Desk:
    """What a round needs to know of the desk: where its sources are, its keys, how it is reached."""

    base_urls: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    contact: str = ""


def desk_of(settings: Settings, env: Mapping[str, str]) -> Desk:
    """The desk of the settings; the keys come from the environment."""
    return Desk({n: s.base_url for n, s in settings.sources.items() if s.base_url}, keys_of(settings, env), settings.contact)


def key_of(settings: Settings, name: str) -> str:
    """The environment variable with a source's key; "" when it needs none."""
    return (settings.sources[name].key_env if name in settings.sources else "") or sources()[name].key_env


def keys_of(settings: Settings, env: Mapping[str, str]) -> dict[str, str]:
    """The keys that are there, by source."""
    named = {name: key_of(settings, name) for name in sources()}
    return {name: env[variable] for name, variable in named.items() if variable and env.get(variable)}


def sources_of(settings: Settings, names: Sequence[str], desk: Desk) -> list[Source]:
    """The sources that a round asks: those named, else all that are enabled; not those that lack a key or a contact."""
    wanted = names or [n for n in sources() if settings.sources.get(n) is None or settings.sources[n].enabled]
    return [sources()[name] for name in wanted if not lacks(sources()[name], desk)]


def streams_of(settings: Settings) -> dict[str, str]:
    """The sources whose streams of liquidations the service follows, with the addresses.

    A source that no edition uses is not listened to, nor one that was given another address for its questions and none for its stream: in a
    rehearsal nobody speaks to the market.
    """
    found: dict[str, str] = {}
    for source in sources().values() if settings.streams.enabled else ():
        said = settings.sources.get(source.name)
        if source.stream is None or source.stream.venue not in settings.streams.venues or (said is not None and not said.enabled):
            continue
        used = any(not e.sources or source.name in e.sources for e in settings.editions)
        url = settings.streams.urls.get(source.stream.venue) or ("" if said is not None and said.base_url else source.stream.url)
        if used and url:
            found[source.name] = url
    return found


def lacks(source: Source, desk: Desk) -> str:
    """What a source wants and the desk has not: "key", "contact" or ""; a rehearsal server wants neither."""
    if source.name in desk.base_urls:
        return ""
    if source.key_env and not source.key_optional and source.name not in desk.keys:
        return "key"
    return "contact" if source.contact_needed and not desk.contact else ""


def questions_of(settings: Settings, source: Source, assets: Sequence[str]) -> Sequence[Request]:
    """What a round asks of a source; one that reaches many exchanges is asked for those of the settings."""
    if source.requests_at is not None:
        said = settings.sources.get(source.name)
        return source.requests_at(said.exchanges if said else (), assets)
    return source.requests(assets)


def due_of(source: Source, requests: Iterable[Request], answered: Mapping[tuple[str, str, str], datetime], now: datetime) -> list[Request]:
    """The requests that are due; `answered` says when each question was last answered."""
    return [r for r in requests if source.endpoints[r.endpoint].is_due(answered.get(question_key(source.name, r)), now)]


def within_day(source: Source, requests: Sequence[Request], calls: int) -> tuple[list[Request], list[Request]]:
    """The requests that the day's calls still reach for, and the others.

    Args:
        calls: Of the source, on this UTC day.
    """
    asked: list[Request] = []
    for request in requests:
        if source.calls_a_day and calls + request.cost > source.calls_a_day:
            return asked, list(requests[len(asked) :])
        calls += request.cost
        asked.append(request)
    return asked, []


def question_key(source: str, request: Request) -> tuple[str, str, str]:
    """What tells a question from every other one."""
    return source, request.endpoint, json.dumps(dict(request.params), sort_keys=True)


async def gather_round(
    settings: Settings,
    engine: Engine,
    names: Sequence[str],
    assets: Sequence[str],
    clock: Callable[[], datetime],
    env: Mapping[str, str],
    *,
    anyway: bool = False,
    archive: SqlArchive | None = None,
    caps: Caps | None = None,
    heard: Callable[[Asked], None] | None = None,
) -> Gathered:
    """Ask what is due and keep what the sources say; failures are logged and stand in the result.

    Args:
        names: Only these sources; none means all that are enabled.
        anyway: Ask too what was asked a moment ago: a person wants to see it.
        archive: Where the readings go, for one who goes on reading from it.
        heard: Told of each question as soon as it is answered, or has failed.
    """
    desk = desk_of(settings, env)
    answered, calls = await asyncio.to_thread(lambda: (answered_at(engine), calls_on(engine, clock())))
    only: dict[str, Sequence[Request]] = {}
    spent: list[Question] = []
    for source in sources_of(settings, names, desk):
        due = due_of(source, questions_of(settings, source, assets), {} if anyway else answered, clock())
        only[source.name], late = within_day(source, due, calls.get(source.name, 0))
        problem = f"the day's {source.calls_a_day} calls are used up"
        spent += [Question(source.name, r.endpoint, r.params, clock(), problem) for r in late]
    found = await gather(list(only), assets, clock, base_urls=desk.base_urls, keys=desk.keys, caps=caps, only=only, contact=desk.contact,
                         heard=heard)  # fmt: skip
    await asyncio.to_thread(_keep, engine, archive or SqlArchive(engine), found, spent, clock())
    return found


def _keep(engine: Engine, archive: SqlArchive, found: Gathered, spent: Sequence[Question], now: datetime) -> None:
    archive.add(found.readings)
    archive.add_payloads(
        Payload(p.sha256, p.source, p.request.endpoint, p.request.params, "", p.fetched_at, p.body) for p in found.payloads
    )  # fmt: skip
    asked = [Question(a.source, a.request.endpoint, a.request.params, a.at, a.failure.problem if a.failure else "") for a in found.asked]
    _log_turns(note_round(engine, [*asked, *spent], found.calls, now))


def _log_turns(turns: Sequence[Turn]) -> None:
    """A line for each source and problem that has begun: a source that is down fails at every endpoint; and one when it is back."""
    begun: dict[tuple[str, str], list[str]] = {}
    back: dict[str, list[str]] = {}
    for turn in turns:
        places = (
            begun.setdefault((turn.question.source, turn.question.problem), [])
            if turn.question.problem
            else back.setdefault(turn.question.source, [])
        )
        places.append(turn.question.endpoint)
    for (source, problem), places in begun.items():
        _log.warning("gather.source_failed", source=source, problem=problem, endpoints=_counted(places))
    for source, places in back.items():
        if source not in {name for name, _ in begun}:
            _log.info("gather.source_back", source=source, endpoints=_counted(places))


def _counted(places: Sequence[str]) -> str:
    return ", ".join(f"{name} ({places.count(name)} requests)" if places.count(name) > 1 else name for name in dict.fromkeys(places))


def prune(settings: Settings, engine: Engine, now: datetime) -> int:
    """Forget payloads that are older than the desk keeps them, or than a source's terms let it; returns how many."""
    short = {name: timedelta(days=s.terms.keep_days) for name, s in sources().items() if s.terms.keep_days is not None}
    return prune_payloads(engine, {n: min(span, settings.keep_payloads) for n, span in short.items()}, settings.keep_payloads, now)
