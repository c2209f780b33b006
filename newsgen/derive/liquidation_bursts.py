"""Liquidations of an hour or of four hours on the one venue with a long series; in: its buckets, out: the last bucket against its past.

Buckets tile time, so the window is one of them: of the hourly and the four-hourly buckets that are complete, those whose last one stands
higher among its own 90 days, the shorter ones where both stand as high. The market is the sum of the assets whose buckets are complete;
they stand in the label, the venue in the scope. Set against its own past only, of which no bucket overlaps another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from newsgen.derive._bars import close_at
from newsgen.derive._figure import DAY, FRESH_S, MARKET, Compute, add, computed, day_of, from_reading, history, numbered, ref
from newsgen.derive._formula import rounded
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import Known, summed, trail_of
from newsgen.derive._venue import ASSETS, VENUE
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, SeriesRef, Trail, Unit, from_epoch, iso

__all__ = ["FIGURES"]

_WINDOWS = {"1h": 3600, "4h": 4 * 3600}  # the finest first
_DAYS = 90
_MIN_SHARE = 0.95  # of the buckets of those days
_SIDES = ("long", "short")
Side = Literal["total", "long", "short"]


@dataclass(frozen=True, slots=True)
class _Burst:
    """The last bucket of some assets and what came before it."""

    window: str
    end: int
    assets: tuple[str, ...]
    runs: tuple[Run, ...]  # per asset the longs, then the shorts
    past: Known  # of the total

    @property
    def step(self) -> int:
        return _WINDOWS[self.window]

    def of(self, side: Side) -> tuple[Run, ...]:
        return tuple(r for r in self.runs if side == "total" or r.key.series == f"liq.bucket_{side}")

    def readings(self, side: Side) -> list[Reading]:
        return [run.reading(run.index_of(self.end)) for run in self.of(side)]

    def refs(self) -> list[SeriesRef]:
        return [ref(run, self.end - self.step) for run in self.runs]

    def size(self) -> float:
        return sum(run.floats[run.index_of(self.end)] for run in self.runs)

    def recent(self) -> Sequence[float]:
        """The 90 days before the bucket."""
        return self.past.after(self.end - self.step - _DAYS * DAY).values

    def place(self) -> float:
        """Percent of the buckets of 90 days that were smaller."""
        size, recent = self.size(), self.recent()
        return 100 * sum(v < size for v in recent) / len(recent)

    def about(self, side: Side) -> dict[str, Any]:
        return {
            "window": self.window, "window_start": from_epoch(self.end - self.step), "window_end": from_epoch(self.end), "scope": VENUE,
            "side": "" if side == "total" else side, "label": ",".join(self.assets),
        }  # fmt: skip


def _burst(ask: Ask) -> _Burst | Absent:
    return ask.memo("burst", lambda: max(_bursts(ask), key=_Burst.place, default=None) or _none(ask))  # of equals the first, the finest


def _none(ask: Ask) -> Absent:
    return Absent(f"no hour or four hours with {_DAYS} days before them ended on {VENUE} in the ten minutes before {iso(ask.view.as_of)}")


def _bursts(ask: Ask) -> Iterable[_Burst]:
    for window, step in _WINDOWS.items():
        found = {a: [ask.view.run(f"liq.bucket_{s}", a, window=window, venue=VENUE) for s in _SIDES] for a in ASSETS}
        both = {a: known for a, runs in found.items() if len(known := [r for r in runs if isinstance(r, Run)]) == len(_SIDES)}
        end = max((run.at(-1) for runs in both.values() for run in runs), default=0)
        if ask.view.as_of_s - end > FRESH_S:
            continue
        whole = {a: runs for a, runs in both.items() if all(_is_whole(run, end, step) for run in runs)}
        runs = tuple(run for pair in whole.values() for run in pair)
        if runs:
            yield _Burst(window, end, tuple(whole), runs, summed(runs).until(end - step))


def _is_whole(run: Run, end: int, step: int) -> bool:
    """Whether the column has the bucket, and 95 % of those of the 90 days before it."""
    before = end - step
    count = run.index_at(before) - run.index_at(before - _DAYS * DAY)
    return run.index_of(end) >= 0 and count >= _MIN_SHARE * _DAYS * DAY / step


def _sum(side: Side) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        burst = _burst(ask)
        if isinstance(burst, Absent):
            return burst
        return add(f"liquidations_burst.{side}", subject, Unit.USD, burst.readings(side), **burst.about(side))

    return compute


def _share(side: Side) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        burst = _burst(ask)
        part, whole = ask.figure(f"liquidations_burst.{side}", subject), ask.figure("liquidations_burst.total", subject)
        if isinstance(burst, Absent) or isinstance(part, Absent) or isinstance(whole, Absent):
            return burst if isinstance(burst, Absent) else part if isinstance(part, Absent) else whole
        return computed(f"liquidations_burst.{side}_share", subject, Unit.PCT, "share(i1, i2)", [part, whole], **burst.about(side))

    return compute


def _of_day(ask: Ask, subject: str) -> Figure | Absent:
    """Only where the day's total is of the same assets and ends with the burst."""
    part, whole = ask.figure("liquidations_burst.total", subject), ask.figure("liquidations_venue.total_24h", subject)
    if isinstance(part, Absent) or isinstance(whole, Absent):
        return part if isinstance(part, Absent) else whole
    if (part.label, part.window_end) != (whole.label, whole.window_end):
        return Absent("the liquidations of 24 hours are of other assets, or end at another time")
    return computed("liquidations_burst.of_day_pct", subject, Unit.PCT, "share(i1, i2)", [part, whole], window=part.window,
                    window_start=part.window_start, window_end=part.window_end, scope=VENUE, label=part.label)  # fmt: skip


def _percentile(ask: Ask, subject: str) -> Figure | Absent:
    burst, total = _burst(ask), ask.figure("liquidations_burst.total", subject)
    if isinstance(burst, Absent) or isinstance(total, Absent):
        return burst if isinstance(burst, Absent) else total if isinstance(total, Absent) else Absent("")
    count = len(burst.runs)
    formula = f"percentile(last_days({numbered('total', count)}, {_DAYS}), i{count + 1})"
    return history("liquidations_burst.percentile_90d", subject, Unit.PCT, rounded(burst.place()), formula, [*burst.refs(), total],
                   archive_start=day_of(burst.past.start), **burst.about("total"))  # fmt: skip


def _largest_since(ask: Ask, subject: str) -> Figure | Absent:
    burst, total = _burst(ask), ask.figure("liquidations_burst.total", subject)
    if isinstance(burst, Absent) or isinstance(total, Absent):
        return burst if isinstance(burst, Absent) else total if isinstance(total, Absent) else Absent("")
    at = burst.past.track.at
    piece = Piece(burst.past, burst.step, lambda i: [run.reading(run.index_of(at[i])) for run in burst.runs])
    past = Past((piece,), tuple(burst.refs()), numbered("total", len(burst.runs)))
    return since(ask, "liquidations_burst.largest_since", subject, total, past)


def _price_change(ask: Ask, subject: str) -> Figure | Absent:
    """Of the first asset of the edition, which stands in the label: the market has no price."""
    burst, asset = _burst(ask), next(iter(ask.view.assets), "")
    if isinstance(burst, Absent):
        return burst
    now, before = close_at(ask, asset, burst.end), close_at(ask, asset, burst.end - burst.step)
    if isinstance(now, Absent) or isinstance(before, Absent):
        return now if isinstance(now, Absent) else before if isinstance(before, Absent) else Absent("")
    return computed("liquidations_burst.price_change", subject, Unit.PCT, "pct_change(i1, i2)", [now, before], window=burst.window,
                    window_start=from_epoch(burst.end - burst.step), window_end=from_epoch(burst.end), label=asset)  # fmt: skip


def _price(ask: Ask, subject: str) -> Figure | Absent:
    change = ask.figure("liquidations_burst.price_change", subject)
    if isinstance(change, Absent):
        return change
    now = change.inputs[0]
    return from_reading("liquidations_burst.price", subject, now, label=change.label) if isinstance(now, Reading) else Absent("no close")


def _ended_at(ask: Ask, subject: str) -> Figure | Absent:
    burst = _burst(ask)
    if isinstance(burst, Absent):
        return burst
    last = burst.readings("total")[0]
    return history("liquidations_burst.ended_at", subject, Unit.MOMENT, last.observed_at, "moment(i1)", [last], label=burst.window)


def _trail(ask: Ask, subject: str) -> Trail | Absent:
    """Every bucket before the present one: they do not overlap."""
    burst = _burst(ask)
    return burst if isinstance(burst, Absent) else trail_of([burst.past], burst.end - burst.step)


_NONE = "No bucket of an hour or of four hours ended in the past ten minutes, or fewer than 95 % of those of the 90 days before are known."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str = _NONE, trail: Any = None) -> FigureSpec:
    return FigureSpec(f"liquidations_burst.{name}", unit, meaning, MARKET, absent, compute, "4h", example, trail)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("total", Unit.USD, "Positions closed by force on the venue in the last hour or four hours (see window); the label lists assets.",
          _sum("total"), "115400000", trail=_trail),
    _spec("long", Unit.USD, "Long positions closed by force in it.", _sum("long"), "109000000"),
    _spec("short", Unit.USD, "Short positions closed by force in it.", _sum("short"), "6400000"),
    _spec("long_share", Unit.PCT, "Longs in percent of that total.", _share("long"), "94.4"),
    _spec("short_share", Unit.PCT, "Shorts in percent of that total.", _share("short"), "5.6"),
    _spec("percentile_90d", Unit.PCT, "Percent of the windows as long of the past 90 days with a smaller total.", _percentile, "99.6"),
    _spec("largest_since", Unit.DATE, "The last UTC day with as much in a window as long.", _largest_since, "2025-02-03",
          "As for the total, or as much within 30 days (the reason names it)."),
    _spec("of_day_pct", Unit.PCT, "The total in percent of the venue's past 24 hours.", _of_day, "61.2",
          "As for the total, or the day's total is of other assets or another end."),
    _spec("price_change", Unit.PCT, "The price of the edition's first asset (see label) over the same window.", _price_change, "-3.2",
          "As for the total, or no spot close at both ends."),
    _spec("price", Unit.USD, "That asset's price at the end of the window.", _price, "105300", "As for the change."),
    _spec("ended_at", Unit.MOMENT, "The end of the window; the label is its length.", _ended_at, "2025-06-13T04:00:00Z"),
)  # fmt: skip
