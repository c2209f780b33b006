"""The past 24 hours as the venues' own streams told them; in: minute buckets and the seconds followed, out: what may be summed.

A venue counts when its stream was followed for at least 95 % of the window and told of a liquidation of the subject: a stream that is
connected and silent proves nothing. One source for each venue. Every sum is a lower bound of the venues that counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from newsgen.derive._figure import DAY, FRESH_S
from newsgen.market import Absent, Ask, Reading, Run

__all__ = ["Counted", "counted"]

_ENOUGH = Decimal("0.95") * DAY
_HOUR_S = 3600
_WINDOW = "1m"


@dataclass(frozen=True, slots=True)
class _Stream:
    """One venue's stream in the window."""

    source: str
    venue: str
    title: str
    last: Reading  # the newest minute that is known
    followed_s: Decimal

    @property
    def shortfall(self) -> str:
        """In words, hours rounded down: what falls short of the limit must read so."""
        hours = int(self.followed_s * 10 / _HOUR_S) / 10
        return "" if self.followed_s >= _ENOUGH else f"{self.title} followed for {hours:g} of the past 24 hours"


@dataclass(frozen=True, slots=True)
class Counted:
    """The venues that count for a subject, and their buckets in the 24 hours to `end`."""

    end: int
    streams: tuple[_Stream, ...]
    runs: tuple[Run, ...]  # of both sides

    def of_side(self, side: str) -> tuple[Run, ...]:
        return tuple(r for r in self.runs if r.key.series == f"liq.bucket_{side}")

    @property
    def venues(self) -> str:
        """Their keys, comma between."""
        return ",".join(s.venue for s in self.streams)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The last minute of each: who told it, and when it was known."""
        return tuple(s.last for s in self.streams)

    @property
    def is_whole(self) -> bool:
        return all(s.followed_s == DAY for s in self.streams)

    def total(self, runs: Sequence[Run]) -> Decimal:
        return sum((_sum(run, self.end) for run in runs), Decimal(0))


def counted(ask: Ask, subject: str) -> Counted | Absent:
    """What the streams tell of an asset, or of the market: the sum over the assets followed."""
    return ask.memo(("streams", subject), lambda: _find(ask, subject))


def _find(ask: Ask, subject: str) -> Counted | Absent:
    end, streams = ask.memo("streams", lambda: _followed(ask))
    if not streams:
        return Absent("no stream of liquidations is followed")
    assets = ask.view.assets if subject == "market" else (subject,)
    whole = [s for s in streams if not s.shortfall]
    runs = {s.venue: _buckets(ask, s, assets, end) for s in whole}
    speaking = tuple(s for s in whole if runs[s.venue])
    if not speaking:
        silent = [f"no liquidation of {subject} came from {s.title} in 24 hours" for s in whole]
        return Absent("; ".join([*(s.shortfall for s in streams if s.shortfall), *silent]))
    return Counted(end, speaking, tuple(run for s in speaking for run in runs[s.venue]))


def _followed(ask: Ask) -> tuple[int, tuple[_Stream, ...]]:
    """The end of the newest minute, and the streams that are heard now, one for each venue: the first in the sources' order."""
    found: dict[str, Run] = {}
    for run in ask.view.runs("liq.followed_s", "market", window=_WINDOW):
        if ask.view.as_of_s - run.at(-1) <= FRESH_S:
            found.setdefault(run.key.venue, run)
    end = max((run.at(-1) for run in found.values()), default=0)
    return end, tuple(_stream(run, end) for run in found.values())


def _stream(run: Run, end: int) -> _Stream:
    last = run.reading(-1)
    return _Stream(run.key.source, run.key.venue, last.origin.source_name, last, _sum(run, end))


def _buckets(ask: Ask, stream: _Stream, assets: Sequence[str], end: int) -> list[Run]:
    """The columns of a venue that have a row in the window."""
    found = (
        run for asset in assets for side in ("long", "short")
        for run in ask.view.runs(f"liq.bucket_{side}", asset, window=_WINDOW, source=stream.source, venue=stream.venue)
    )  # fmt: skip
    return [run for run in found if run.index_at(end) > run.index_at(end - DAY)]


def _sum(run: Run, end: int) -> Decimal:
    first, last = run.index_at(end - DAY) + 1, run.index_at(end)
    return sum((run.decimal(i) for i in range(first, last + 1)), Decimal(0))
