"""Past values as statistics see them: floats at moments, kept with their column; in: runs of the archive, out: tracks and their ends.

A Track is made once from all rows of its columns and kept with them; what a view knows of it is its first `n` values, so that
nothing after as_of is looked at. Knows no figure and prints nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from statistics import correlation, median
from typing import TypeVar
from zoneinfo import ZoneInfo

from newsgen.market import Absent, Run, from_epoch

__all__ = [
    "DAY", "Known", "Track", "Trails", "apart", "below_peaks", "changes_at", "clock_of", "correlations", "day_of", "differences",
    "distances", "glance", "known_of", "middles", "moved", "moves_of", "off_one", "parted", "ranges", "rolled", "run_lengths", "runs_at",
    "session_of", "session_weeks", "sign_lengths", "streaks_of", "summed", "trail_of", "week_moves",
]  # fmt: skip

N = TypeVar("N", int, float)
DAY = 86_400
_BLOCK = 64
_FRIDAY = 4
_NEW_YORK = ZoneInfo("America/New_York")


@lru_cache(maxsize=4096)
def day_of(end: int) -> date:
    """The UTC day that ends at, or holds, this moment: the end of a bar belongs to the day before it."""
    return from_epoch(end - 1).date()


@lru_cache(maxsize=4096)
def session_of(moment: int) -> date:
    """The New York date of a moment: the name of a US session."""
    return from_epoch(moment).astimezone(_NEW_YORK).date()


@dataclass(slots=True)
class Track:
    """Values at moments, oldest first, with the extremes of each block of 64 so that a search skips most of them."""

    at: Sequence[int]
    values: Sequence[float]
    tops: list[float] = field(init=False)
    bottoms: list[float] = field(init=False)

    def __post_init__(self) -> None:
        blocks = [self.values[i : i + _BLOCK] for i in range(0, len(self.values), _BLOCK)]
        self.tops, self.bottoms = [max(b) for b in blocks], [min(b) for b in blocks]


@dataclass(slots=True)  # not frozen: that makes it three times as slow to make, and a view makes hundreds
class Known:
    """The part of a track that may be looked at: values[first:last]."""

    track: Track
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first if self.last > self.first else 0

    @property
    def at(self) -> Sequence[int]:
        return self.track.at[self.first : self.last]

    @property
    def values(self) -> Sequence[float]:
        return self.track.values[self.first : self.last]

    @property
    def start(self) -> int:
        return self.track.at[self.first]

    @property
    def end(self) -> int:
        return self.track.at[self.last - 1]

    def until(self, moment: int) -> Known:
        """Without what ended after the moment."""
        return Known(self.track, self.first, bisect_right(self.track.at, moment, 0, self.last))

    def after(self, moment: int) -> Known:
        """Only what ended after the moment."""
        return Known(self.track, bisect_right(self.track.at, moment, self.first), self.last)

    def newest_beyond(self, limit: float, *, low: bool) -> int:
        """Index in the track of the newest value at or beyond the limit, or -1. Looks into few blocks only."""
        values, peaks = self.track.values, self.track.bottoms if low else self.track.tops
        for block in range((self.last - 1) // _BLOCK, self.first // _BLOCK - 1, -1):
            if (peaks[block] > limit) if low else (peaks[block] < limit):
                continue
            for i in range(min(self.last, (block + 1) * _BLOCK) - 1, max(self.first, block * _BLOCK) - 1, -1):
                if (values[i] <= limit) if low else (values[i] >= limit):
                    return i
        return -1

    def extreme(self, *, low: bool) -> int:
        """Index in the track of the newest lowest (highest) value; -1 when there is none. Looks into two blocks only."""
        if not len(self):
            return -1
        values, peaks = self.track.values, self.track.bottoms if low else self.track.tops
        begin, end = -(-self.first // _BLOCK), self.last // _BLOCK  # the blocks that lie in the known part
        if begin >= end:
            part = values[self.first : self.last]
        else:
            part = [*values[self.first : begin * _BLOCK], *peaks[begin:end], *values[end * _BLOCK : self.last]]
        return self.newest_beyond(min(part) if low else max(part), low=low)


@dataclass(frozen=True, slots=True)
class Trails:
    """The past of a figure in parts that follow each other: a `Trail` (market) that copies nothing until it is asked for all."""

    parts: tuple[Known, ...]  # none of them empty

    @property
    def start(self) -> int:
        return self.parts[0].start

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    @property
    def at(self) -> Sequence[int]:
        return self._joined([part.at for part in self.parts])

    @property
    def values(self) -> Sequence[float]:
        return self._joined([part.values for part in self.parts])

    @staticmethod
    def _joined(parts: Sequence[Sequence[N]]) -> Sequence[N]:
        return parts[0] if len(parts) == 1 else list(chain.from_iterable(parts))

    def after(self, moment: int) -> Sequence[float]:
        return self._joined([part.after(moment).values for part in self.parts])

    def last_beyond(self, limit: float, *, low: bool = False) -> int | None:
        for part in reversed(self.parts):
            i = part.newest_beyond(limit, low=low)
            if i >= 0:
                return part.track.at[i]
        return None


def trail_of(parts: Sequence[Known], until: int) -> Trails | Absent:
    """The past values whose windows end at or before `until`: all of the archive's, since rarity looks back further than a year."""
    found = tuple(known for part in parts if len(known := part.until(until)))
    return Trails(found) if found else Absent("no past values")


def known_of(run: Run) -> Known:
    """All that is known of one run."""
    return run.keep("known", lambda: _known_of(run))


def glance(run: Run) -> Sequence[float]:
    """The values of a run for a quick look: by index from 0 to len(run) - 1. What lies beyond is not known yet."""
    return known_of(run).track.values


def _known_of(run: Run) -> Known:
    column = run.column
    if run.is_prefix:
        return Known(column.keep("track", lambda: Track(column.observed, column.floats)), 0, len(run))
    return Known(Track(run.observed, run.floats), 0, len(run))


def _derived(runs: Sequence[Run], what: object, make: Callable[[Sequence[Known]], Track]) -> Known:
    """A track made from several runs, kept with the first one, and with its column while none of their columns changes."""
    return runs[0].keep((what, *runs[1:]), lambda: _find_derived(runs, what, make))


def _find_derived(runs: Sequence[Run], what: object, make: Callable[[Sequence[Known]], Track]) -> Known:
    if all(r.is_prefix for r in runs):
        whole = [Known(t := known_of(r).track, 0, len(t.at)) for r in runs]
        stamp = tuple((r.key, len(r.column.observed)) for r in runs)
        track = runs[0].column.keep((what, stamp), lambda: make(whole))
        return Known(track, 0, len(track.at)).until(min(r.at(-1) for r in runs))
    track = make([known_of(r) for r in runs])
    return Known(track, 0, len(track.at))


def clock_of(run: Run, phase: int) -> Known:
    """The rows at one time of day (seconds after midnight UTC)."""
    return _derived([run], ("clock", phase), lambda parts: Track(*_at_clock(parts[0], phase)))


def changes_at(run: Run, phase: int, days: int = 1) -> Known:
    """Percent changes over some days between the rows at one time of day; only where the row so many days before is there."""

    return _derived([run], ("changes", phase, days), lambda parts: Track(*_changes_of(parts[0], phase, days)))


def _changes_of(part: Known, phase: int, days: int = 1) -> tuple[list[int], list[float]]:
    at, closes = _at_clock(part, phase)
    found = [i for i in range(days, len(at)) if at[i] - at[i - days] == days * DAY]
    return [at[i] for i in found], [(closes[i] / closes[i - days] - 1) * 100 for i in found]


def apart(one: Run, other: Run, phase: int) -> Known:
    """By how many points the daily changes of one exceed those of the other, at one time of day; where both have one."""

    def make(parts: Sequence[Known]) -> Track:
        at, mine = _changes_of(parts[0], phase)
        others = dict(zip(*_changes_of(parts[1], phase), strict=True))
        rows = [(seen, change - others[seen]) for seen, change in zip(at, mine, strict=True) if seen in others]
        return Track([seen for seen, _ in rows], [gap for _, gap in rows])

    return _derived([one, other], ("apart", phase), make)


def middles(runs: Sequence[Run], phase: int) -> Known:
    """The median of the daily changes of several runs at one time of day, where all of them have one."""

    def make(parts: Sequence[Known]) -> Track:
        tables = [dict(zip(*_changes_of(part, phase), strict=True)) for part in parts]
        shared = sorted(set(tables[0]).intersection(*tables[1:]))
        return Track(shared, [median([t[at] for t in tables]) for at in shared])

    return _derived(runs, ("middles", phase), make)


def _at_clock(part: Known, phase: int) -> tuple[list[int], list[float]]:
    rows = [(at, v) for at, v in zip(part.at, part.values, strict=True) if at % DAY == phase]
    return [at for at, _ in rows], [v for _, v in rows]


def summed(runs: Sequence[Run]) -> Known:
    """The sum of several runs, at the moments that all of them have."""
    return _derived(runs, "summed", lambda parts: Track(*_sum_of(parts)))


def rolled(runs: Sequence[Run], count: int, step: int, phase: int) -> Known:
    """Per row of the summed runs at one time of day the sum of it and the rows before, `count` in all, where they follow each other."""

    def make(parts: Sequence[Known]) -> Track:
        at, values = _sum_of(parts)
        ends = [i for i in range(count - 1, len(at)) if at[i] % DAY == phase and at[i] - at[i - count + 1] == (count - 1) * step]
        return Track([at[i] for i in ends], [sum(values[i - count + 1 : i + 1]) for i in ends])

    return _derived(runs, ("rolled", count, phase), make)


def streaks_of(run: Run) -> Known:
    """Per row the signed length of the run of one sign that ends with it."""

    return _derived([run], "streaks", lambda parts: Track(parts[0].at, sign_lengths(parts[0].values)))


def sign_lengths(values: Sequence[float]) -> list[float]:
    """Per value the signed length of the run of one sign that ends with it; 0 for a zero."""
    lengths: list[float] = []
    for value in values:
        sign, before = (value > 0) - (value < 0), lengths[-1] if lengths else 0.0
        lengths.append(before + sign if before * sign > 0 else float(sign))
    return lengths


def run_lengths(values: Sequence[float]) -> list[float]:
    """Per value but the first the signed length of the run of rises or falls that ends with it; 0 where nothing changed."""
    lengths: list[float] = []
    for before, now in pairwise(values):
        sign, run = (now > before) - (now < before), lengths[-1] if lengths else 0.0
        lengths.append(run + sign if run * sign > 0 else float(sign))
    return lengths


def runs_at(run: Run, phase: int) -> Known:
    """The signed length of the run that ends with each row at one time of day, as if no day were missing."""

    def make(parts: Sequence[Known]) -> Track:
        at, values = _at_clock(parts[0], phase)
        return Track(at[1:], run_lengths(values))

    return _derived([run], ("runs", phase), make)


def ranges(high: Run, low: Run, count: int, phase: int) -> Known:
    """The highest high over the lowest low, in percent, of `count` bars that end at one time of day."""

    def make(parts: Sequence[Known]) -> Track:
        at, highs, lows = parts[0].at, parts[0].values, parts[1].values
        if at != parts[1].at:
            return Track([], [])
        step = DAY // count
        ends = [i for i in range(count - 1, len(at)) if at[i] % DAY == phase and at[i] - at[i - count + 1] == DAY - step]
        spans = [slice(i - count + 1, i + 1) for i in ends]
        return Track([at[i] for i in ends], [(max(highs[s]) / min(lows[s]) - 1) * 100 for s in spans])

    return _derived([high, low], ("ranges", count, phase), make)


def week_moves(run: Run, other: Run) -> Known:
    """At the moments of another column the percent change of this one from the UTC day a week before, to nine decimals.

    Both columns must have both days.
    """

    def make(parts: Sequence[Known]) -> Track:
        values = {day_of(at): value for at, value in zip(parts[0].at, parts[0].values, strict=True)}
        days = {day_of(at): at for at in parts[1].at}
        rows = [(at, values.get(day), values.get(before)) for day, at in days.items() if (before := day - timedelta(days=7)) in days]
        moves = [(at, round((now / base - 1) * 100, 9)) for at, now, base in rows if now is not None and base is not None]
        return Track([at for at, _ in moves], [move for _, move in moves])

    return _derived([run, other], "week_moves", make)


def differences(one: Known, other: Known) -> Known:
    """Of two tracks with the same moments the one less the other."""
    values = dict(zip(other.at, other.values, strict=True))
    rows = [(at, value - values[at]) for at, value in zip(one.at, one.values, strict=True) if at in values]
    return Known(Track([at for at, _ in rows], [value for _, value in rows]), 0, len(rows))


def correlations(run: Run, other: Run, count: int) -> Known:
    """At the moments of another column the correlation of the last `count` percent changes of both, from row to row of the other."""

    def make(parts: Sequence[Known]) -> Track:
        values = {day_of(at): value for at, value in zip(parts[0].at, parts[0].values, strict=True)}
        rows = [(at, values[day_of(at)], value) for at, value in zip(parts[1].at, parts[1].values, strict=True) if day_of(at) in values]
        moves = [(b[0], b[1] / a[1] - 1, b[2] / a[2] - 1) for a, b in pairwise(rows)]
        ends = range(count - 1, len(moves))
        spans = [moves[i - count + 1 : i + 1] for i in ends]
        found = [round(correlation([m[1] for m in s], [m[2] for m in s]), 6) for s in spans]
        return Track([moves[i][0] for i in ends], found)

    return _derived([run, other], ("correlations", count), make)


def off_one(run: Run) -> Known:
    """How far each row lies from one, in percent."""
    return _derived([run], "off_one", lambda parts: Track(parts[0].at, [(v - 1) * 100 for v in parts[0].values]))


def moves_of(run: Run) -> Known:
    """Percent changes to the row a day before, for each row that has one."""

    def make(parts: Sequence[Known]) -> Track:
        table = dict(zip(parts[0].at, parts[0].values, strict=True))
        rows = [(at, (value / table[at - DAY] - 1) * 100) for at, value in table.items() if at - DAY in table]
        return Track([at for at, _ in rows], [value for _, value in rows])

    return _derived([run], "moves", make)


def moved(run: Run, days: int) -> Known:
    """Differences to the row exactly so many days before, for each row that has one."""

    def make(parts: Sequence[Known]) -> Track:
        table, back = dict(zip(parts[0].at, parts[0].values, strict=True)), days * DAY
        rows = [(at, value - table[at - back]) for at, value in table.items() if at - back in table]
        return Track([at for at, _ in rows], [value for _, value in rows])

    return _derived([run], ("moved", days), make)


def distances(run: Run, middle: float) -> Known:
    """How far each row lies from a value, on either side of it."""
    return _derived([run], ("distances", middle), lambda parts: Track(parts[0].at, [abs(v - middle) for v in parts[0].values]))


def parted(one: Run, other: Run) -> Known:
    """Per moment that both have the smaller of the two sizes where one is positive and one negative, else 0."""

    def make(parts: Sequence[Known]) -> Track:
        values = dict(zip(parts[1].at, parts[1].values, strict=True))
        rows = [(at, a, values[at]) for at, a in zip(parts[0].at, parts[0].values, strict=True) if at in values]
        return Track([at for at, _, _ in rows], [min(abs(a), abs(b)) if a * b < 0 else 0.0 for _, a, b in rows])

    return _derived([one, other], "parted", make)


def session_weeks(run: Run) -> Known:
    """Per week from Monday (New York) the sum of its sessions, at the last of them; only weeks that are over as far as is known.

    A week is over with its Friday. One without a Friday is over when a session of the next one is known.
    """

    def make(parts: Sequence[Known]) -> Track:
        weeks: dict[date, tuple[int, float]] = {}
        for at, value in zip(parts[0].at, parts[0].values, strict=True):
            day = session_of(at)
            monday = day - timedelta(days=day.weekday())
            weeks[monday] = (at, weeks[monday][1] + value if monday in weeks else value)
        return Track([at for at, _ in weeks.values()], [value for _, value in weeks.values()])

    known = _derived([run], "session_weeks", make)
    if len(known) and known.end == run.at(-1) and session_of(known.end).weekday() != _FRIDAY:
        return Known(known.track, known.first, known.last - 1)
    return known


def below_peaks(high: Run, close: Run, before: float) -> Known:
    """Per close how far it lies below the highest high up to it, in percent of that; `before` is the highest of what came earlier."""

    def make(parts: Sequence[Known]) -> Track:
        at, highs, closes = parts[0].at, parts[0].values, parts[1].values
        if at != parts[1].at:
            return Track([], [])
        peaks = accumulate(highs, max, initial=before)
        next(peaks)
        return Track(at, [(peak - value) / peak * 100 for peak, value in zip(peaks, closes, strict=True)])

    return _derived([high, close], ("below_peaks", before), make)


def _sum_of(parts: Sequence[Known]) -> tuple[Sequence[int], Sequence[float]]:
    if all(p.at == parts[0].at for p in parts[1:]):
        return parts[0].at, [sum(row) for row in zip(*(p.values for p in parts), strict=True)]
    tables = [dict(zip(p.at, p.values, strict=True)) for p in parts]
    shared = sorted(set(tables[0]).intersection(*tables[1:]))
    return shared, [sum(t[at] for t in tables) for at in shared]
