"""One article from a rehearsal market, asked over real sockets, written and checked like any; in: a market, out: what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from newsgen.errors import GatherError
from newsgen.gather import Gathered, gather, sources
from newsgen.market import Column, Reading, View, to_epoch
from newsgen.pipeline import Order, load_newsroom, write_article
from newsgen.settings_faults import DEFAULT_PRECEDENCE
from newsgen.store.memory import MemoryArchive, keep_rows
from newsgen.story import Article, Pitch, Quiet
from newsgen.testing._server import RehearsalMarket

__all__ = ["Rehearsed", "rehearse"]

ASKED = ("alternative_me", "binance", "coingecko", "coinglass", "farside", "yahoo")
_DAY_S = 86_400
ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What became of a rehearsal.

    Attributes:
        article: None where there was nothing to tell; `quiet` says why.
        pitches: Every angle's, with each condition, its value and its threshold.
        failures: What the sources failed at; the article was written from the rest.
    """

    article: Article | None
    quiet: Quiet | None
    pitches: tuple[Pitch, ...]
    failures: tuple[GatherError, ...]
    readings: tuple[Reading, ...]

    def pitch(self, angle: str) -> Pitch:
        """The pitch of an angle, of the subject that it is strongest for.

        Raises:
            LookupError: No angle of that name was tried.
        """
        found = [p for p in self.pitches if p.angle == angle]
        if not found:
            raise LookupError(f"no angle {angle!r} was tried; there are: {', '.join(sorted({p.angle for p in self.pitches}))}")
        return max(found, key=lambda p: (p.fired, p.score))


def rehearse(
    market: RehearsalMarket,
    *,
    templates: Path | None = None,
    angles: Sequence[str] = (),
    form: str = "standard",
    ask: Sequence[str] = ASKED,
    assets: Sequence[str] = ASSETS,
    seed: int = 0,
    patience_s: float = 10.0,
) -> Rehearsed:
    """Ask the sources once at the market's present moment, and write the article of that moment.

    What the tape's history knew then is in the archive, as after an import, and nothing later; so what a source is asked once a day, to
    fill an empty archive, is not asked.

    Args:
        market: A market that runs.
        templates: Your own folder of templates, before the shipped one.
        angles: Only these may lead or support; none named: all.
        form: Of the story: brief, flash, standard.
        ask: Which sources.
        assets: Whom to ask for, most important first.
        seed: Chooses among wordings.
        patience_s: How long an answer may take, in our own time.

    Raises:
        ConfigError: A template folder, an angle or the form is wrong.
        WriteError: A template is missing or prints a naked number.
    """
    found = asyncio.run(_asked(market, ask, assets, patience_s))
    now = market.clock()
    archive = _Archive(market, found.readings)
    view = View(now, archive.load, assets, DEFAULT_PRECEDENCE)
    outcome = write_article(load_newsroom(own_templates=templates), view, Order("rehearsal", form, seed=seed, angles=tuple(angles)))
    return Rehearsed(outcome.article, outcome.quiet, outcome.pitches, found.failures, found.readings)


async def _asked(market: RehearsalMarket, names: Sequence[str], assets: Sequence[str], patience_s: float) -> Gathered:
    from newsgen.gather._http import Caps

    caps = Caps(connect_s=patience_s, total_s=patience_s, attempts=2, first_wait_s=0.02, pace=1_000_000)
    asked = {n: [r for r in s.requests(assets) if s.endpoints[r.endpoint].every_s < _DAY_S] for n, s in sources().items() if n in names}
    return await gather(names, assets, market.clock, base_urls=market.base_urls, caps=caps, only=asked, contact="rehearsal@localhost")


class _Archive:
    """The history, whose later part a view hides, and what was just asked; of two values of one moment the first stays, as anywhere."""

    def __init__(self, market: RehearsalMarket, readings: Iterable[Reading]) -> None:
        self._history = market.tape.load
        first = {(r.key, to_epoch(r.observed_at), to_epoch(r.known_at)): r for r in reversed(list(readings))}
        self._asked = MemoryArchive(reversed(first.values()))
        self._joined: dict[tuple[str, str], Sequence[Column]] = {}

    def load(self, series: str, subject: str) -> Sequence[Column]:
        key = (series, subject)
        if key not in self._joined:
            history, asked = self._history(series, subject), self._asked.load(series, subject)
            stored = {(c.key, *moments) for c in history for moments in zip(c.observed, c.known, strict=True)} if asked else set()
            both = MemoryArchive()
            both.add_columns(history)
            both.add_columns(_only(c, lambda observed, known, key=c.key: (key, observed, known) not in stored) for c in asked)  # type: ignore[misc]
            self._joined[key] = both.load(series, subject)
        return self._joined[key]


def _only(column: Column, wanted: Callable[[int, int], bool]) -> Column:
    """A copy with the rows whose moments are wanted."""
    copied = replace(column)
    keep_rows(copied, [i for i, moments in enumerate(zip(column.observed, column.known, strict=True)) if wanted(*moments)])
    return copied
