"""Liquidations on the one venue with the longest complete series; in: its buckets and UTC days, out: figures fit for history.

A rolling 24 hours is six four-hour buckets that tile it, or the UTC day itself at midnight. The market is the sum of the assets whose
series are complete; they stand in the label, the venue in the scope. Set against its own past only: percentiles over one value a day at
the same clock time (UTC days, while the buckets do not go back far enough), since-dates against UTC days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from newsgen.derive._figure import BOTH, DAY, FRESH_S, Compute, add, computed, day_of, history, numbered, ref
from newsgen.derive._formula import rounded
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import Known, rolled, summed, trail_of
from newsgen.derive._venue import ASSETS, VENUE
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit, from_epoch, iso

__all__ = ["FIGURES"]

_BUCKET = 4 * 3600
_PER_DAY = DAY // _BUCKET
Side = Literal["total", "long", "short"]
_SIDES: dict[Side, tuple[str, ...]] = {"total": ("long", "short"), "long": ("long",), "short": ("short",)}


@dataclass(frozen=True, slots=True)
class _Window:
    """The past 24 hours on the venue: where they end, and whether they are buckets or a UTC day."""

    end: int
    buckets: bool
    assets: tuple[str, ...]

    def runs(self, ask: Ask, side: Side) -> tuple[Run, ...]:
        return ask.memo(("venue runs", self, side), lambda: self._find_runs(ask, side))

    def _find_runs(self, ask: Ask, side: Side) -> tuple[Run, ...]:
        series, window = ("liq.bucket_", "4h") if self.buckets else ("liq.", "1d")
        found = (ask.view.run(f"{series}{s}", a, window=window, venue=VENUE) for a in self.assets for s in _SIDES[side])
        return tuple(r for r in found if isinstance(r, Run))


def _complete(ask: Ask, asset: str, end: int, *, buckets: bool) -> bool:
    """Both sides of an asset cover the 24 hours to `end`, and 95 % of the 90 days before, or of what is there of them."""
    runs, step = _Window(end, buckets, (asset,)).runs(ask, "total"), _BUCKET if buckets else DAY
    for run in runs:
        first, last = run.index_of(end - DAY + step), run.index_of(end)
        if first < 0 or last < 0 or last - first + 1 != DAY // step:
            return False
        start = max(end - 90 * DAY, run.at(0) - step)
        if last - run.index_at(start) < 0.95 * (end - start) // step:
            return False
    return len(runs) == 2


def _window(ask: Ask, subject: str) -> _Window | Absent:
    return ask.memo(("venue window", subject), lambda: _find_window(ask, subject))


def _find_window(ask: Ask, subject: str) -> _Window | Absent:
    candidates = ASSETS if subject == "market" else (subject,)
    for buckets, series, window in ((True, "liq.bucket_long", "4h"), (False, "liq.long", "1d")):
        runs = (ask.view.run(series, a, window=window, venue=VENUE) for a in candidates)
        end = max((r.at(-1) for r in runs if isinstance(r, Run)), default=0)
        if ask.view.as_of_s - end > FRESH_S:
            continue
        assets = tuple(a for a in candidates if _complete(ask, a, end, buckets=buckets))
        if assets:
            return _Window(end, buckets, assets)
    return Absent(
        f"no complete 24 hours of liquidations of {subject} on {VENUE} that ended in the ten minutes before {iso(ask.view.as_of)}"
    )


def _readings(ask: Ask, window: _Window, side: Side) -> list[Reading]:
    """The rows up to the end of the window; `_complete` has seen that they tile it."""
    count = _PER_DAY if window.buckets else 1
    ends = [(run, run.index_of(window.end) + 1) for run in window.runs(ask, side)]
    return [run.reading(i) for run, end in ends for i in range(end - count, end)]


def _about(window: _Window, side: Side) -> dict[str, Any]:
    return {
        "window": "24h", "window_start": from_epoch(window.end - DAY), "window_end": from_epoch(window.end), "scope": VENUE,
        "side": "" if side == "total" else side, "label": ",".join(window.assets),
    }  # fmt: skip


def _sum(side: Side) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        window = _window(ask, subject)
        if isinstance(window, Absent):
            return window
        return add(f"liquidations_venue.{side}_24h", subject, Unit.USD, _readings(ask, window, side), **_about(window, side))

    return compute


def _total(ask: Ask, subject: str) -> Figure | Absent:
    window = _window(ask, subject)
    long, short = ask.figure("liquidations_venue.long_24h", subject), ask.figure("liquidations_venue.short_24h", subject)
    if isinstance(window, Absent) or isinstance(long, Absent) or isinstance(short, Absent):
        return window if isinstance(window, Absent) else long if isinstance(long, Absent) else short
    return computed("liquidations_venue.total_24h", subject, Unit.USD, "i1 + i2", [long, short], **_about(window, "total"))


def _share(side: Side) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        part, whole = ask.figure(f"liquidations_venue.{side}_24h", subject), ask.figure("liquidations_venue.total_24h", subject)
        if isinstance(part, Absent) or isinstance(whole, Absent):
            return part if isinstance(part, Absent) else whole
        return computed(f"liquidations_venue.{side}_share_24h", subject, Unit.PCT, "share(i1, i2)", [part, whole], window="24h",
                        window_start=part.window_start, window_end=part.window_end, side=side, scope=VENUE, label=part.label)  # fmt: skip

    return compute


@dataclass(frozen=True, slots=True)
class _Before:
    """Past 24-hour values on the venue that ended before the present ones began."""

    known: Known
    runs: tuple[Run, ...]
    series: str

    @property
    def refs(self) -> list[Any]:
        return [ref(r, self.known.end) for r in self.runs]


def _days(ask: Ask, window: _Window, side: Side) -> _Before | Absent:
    """UTC days, summed over the assets and sides, only those that all of them have."""
    return ask.memo(("venue days", window, side), lambda: _find_days(ask, window, side))


def _find_days(ask: Ask, window: _Window, side: Side) -> _Before | Absent:
    runs = _Window(window.end, False, window.assets).runs(ask, side)
    if len(runs) != len(window.assets) * len(_SIDES[side]):
        return Absent(f"no daily liquidations of {', '.join(window.assets)} on {VENUE}")
    known = summed(runs).until(window.end - DAY)
    return _Before(known, runs, numbered("total", len(runs))) if len(known) else Absent(f"no earlier days on {VENUE}")


def _same_clock(ask: Ask, window: _Window, side: Side) -> _Before | Absent:
    """One value a day at the clock time of the present window."""
    return ask.memo(("venue past", window, side), lambda: _find_same_clock(ask, window, side))


def _find_same_clock(ask: Ask, window: _Window, side: Side) -> _Before | Absent:
    if not window.buckets:
        return _days(ask, window, side)
    runs = window.runs(ask, side)
    sums = rolled(runs, _PER_DAY, _BUCKET, window.end % DAY).until(window.end - DAY)
    if not len(sums):
        return Absent(f"no earlier 24 hours at that clock time on {VENUE}")
    return _Before(sums, runs, f"clock(rolling({numbered('total', len(runs))}, {_PER_DAY}))")


def _ninety(ask: Ask, window: _Window, side: Side) -> tuple[_Before, Known] | Absent:
    """The past 90 days at the same clock time, or as UTC days while the buckets are too young."""
    known: Known | None = None
    for before in (_same_clock(ask, window, side), _days(ask, window, side)):
        if isinstance(before, Absent):
            continue
        known = before.known.after(before.known.end - 90 * DAY)
        if len(known) >= 0.95 * 90 and window.end - before.known.end < 2 * DAY:
            return before, known
    return Absent(f"only {len(known) if known else 0} of 90 past days of liquidations of {', '.join(window.assets)} on {VENUE}")


def _percentile(ask: Ask, subject: str) -> Figure | Absent:
    total, window = ask.figure("liquidations_venue.total_24h", subject), _window(ask, subject)
    past = window if isinstance(window, Absent) else _ninety(ask, window, "total")
    if isinstance(total, Absent) or isinstance(window, Absent) or isinstance(past, Absent):
        return total if isinstance(total, Absent) else past if isinstance(past, Absent) else Absent("")
    before, known = past
    size = float(total.number)
    value = rounded(100 * sum(v < size for v in known.values) / len(known))
    formula = f"percentile(last_days({before.series}, 90), i{len(before.runs) + 1})"
    return history("liquidations_venue.percentile_90d", subject, Unit.PCT, value, formula, [*before.refs, total],
                   archive_start=day_of(before.known.start), **_about(window, "total"))  # fmt: skip


def _largest(side: Side) -> Compute:
    name = f"liquidations_venue.{'' if side == 'total' else side + '_'}largest_since"

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        present, window = ask.figure(f"liquidations_venue.{side}_24h", subject), _window(ask, subject)
        days = window if isinstance(window, Absent) else _days(ask, window, side)
        if isinstance(present, Absent) or isinstance(days, Absent):
            return present if isinstance(present, Absent) else days if isinstance(days, Absent) else Absent("")
        at = days.known.track.at
        piece = Piece(days.known, DAY, lambda i: _rows_at(days.runs, at[i]))
        return since(ask, name, subject, present, Past((piece,), tuple(days.refs), days.series))

    return compute


def _rows_at(runs: Sequence[Run], moment: int) -> list[Reading]:
    return [run.reading(run.index_of(moment)) for run in runs]


def _trail(side: Side) -> Callable[[Ask, str], Trail | Absent]:
    """Values at the same clock time; before the buckets begin, UTC days."""

    def make(ask: Ask, subject: str) -> Trail | Absent:
        window = _window(ask, subject)
        if isinstance(window, Absent):
            return window
        fine, days = _same_clock(ask, window, side), _days(ask, window, side)
        if isinstance(fine, Absent) or isinstance(days, Absent) or not window.buckets:
            found = fine if isinstance(days, Absent) else days
            return found if isinstance(found, Absent) else trail_of([found.known], window.end - DAY)
        return trail_of([days.known.until(fine.known.start - DAY), fine.known], window.end - DAY)

    return make


_NONE = "The venue's buckets do not tile the past 24 hours, or end more than ten minutes before as_of (at midnight: its UTC day)."
_SHORT = "As for the total, or fewer than 86 of the past 90 days."
_SINCE = "As for the side, or a UTC day as large is less than 30 days old (the reason names it)."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, absent: str = _NONE, trail: Any = None, example: str = "") -> FigureSpec:
    return FigureSpec(f"liquidations_venue.{name}", unit, meaning, BOTH, absent, compute, "24h", example, trail)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("total_24h", Unit.USD, "Positions closed by force on the venue in the past 24 hours; the label lists the assets.", _total,
          trail=_trail("total")),
    _spec("long_24h", Unit.USD, "Long positions closed by force on the venue.", _sum("long"), trail=_trail("long")),
    _spec("short_24h", Unit.USD, "Short positions closed by force on the venue.", _sum("short"), trail=_trail("short")),
    _spec("long_share_24h", Unit.PCT, "Longs in percent of the venue's total.", _share("long")),
    _spec("short_share_24h", Unit.PCT, "Shorts in percent of the venue's total.", _share("short")),
    _spec("percentile_90d", Unit.PCT, "Percent of the past 90 days, at the same clock time, with a smaller total.", _percentile, _SHORT),
    _spec("largest_since", Unit.DATE, "The last UTC day with a total at least as large.", _largest("total"), _SINCE),
    _spec("long_largest_since", Unit.DATE, "The last UTC day with longs at least as large.", _largest("long"), _SINCE),
    _spec("short_largest_since", Unit.DATE, "The last UTC day with shorts at least as large.", _largest("short"), _SINCE),
)  # fmt: skip
