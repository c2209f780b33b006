"""A round level that the price reached and did not hold; in: spot bars finer than a day, out: the level, when, and how far back.

A level is rejected when a high of the past 24 hours reached it, and neither a close of these bars nor the close before them did; downwards
the same with lows. The turn is the close farthest from the level in the two hours after the bar that reached farthest, of longer bars that
bar's own close or the next. Whether it is far enough a rule says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import ceil, floor

from newsgen.derive._bars import Bars, bars_over, close_at, extremes_before, pieces_of, quick_bars
from newsgen.derive._figure import ASSET, DAY, Compute, computed, day_of, history, numbered, utc_midnight
from newsgen.derive._grid import level_steps
from newsgen.derive._tracks import glance
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Record, SeriesRef, Unit, from_epoch, plain, to_epoch

__all__ = ["FIGURES"]

_TURN_S = 2 * 3600  # editorial.md, angle 06
_TOUCH_DAYS = 30
_NEARLY = 1 - 1e-6  # so near only the exact figures can tell


@dataclass(frozen=True, slots=True)
class _Touch:
    """A level, its step, the extreme that reached it, the close before the 24 hours, and the row of the extreme's bar."""

    up: bool
    level: Decimal
    step: Decimal
    extreme: Reading
    before: Reading
    bars: Bars
    row: int
    last: int

    @property
    def part(self) -> str:
        return "high" if self.up else "low"


def _touch(ask: Ask, asset: str) -> _Touch | Absent:
    return ask.memo(("rejected", asset), lambda: _find_touch(ask, asset))


def _find_touch(ask: Ask, asset: str) -> _Touch | Absent:
    """Of two rejected levels, one above and one below, the one that was reached later."""
    found = bars_over(ask, asset)
    if isinstance(found, Absent):
        return found
    bars, rows = found
    before = close_at(ask, asset, bars.end - DAY)
    if isinstance(before, Absent) or bars.seconds == DAY:
        return before if isinstance(before, Absent) else Absent(f"bars of {asset} as long as a day do not tell a touch from a hold")
    touches = [t for up in (True, False) if (t := _touch_of(asset, bars, rows, before, up=up))]
    return max(touches, key=lambda t: t.row) if touches else Absent(f"no round level of {asset} was reached and not held in 24 hours")


def _touch_of(asset: str, bars: Bars, rows: range, before: Reading, *, up: bool) -> _Touch | None:
    run, pick = (bars.high, max) if up else (bars.low, min)
    row = pick(rows, key=run.decimal)
    extreme, held = run.reading(row), pick(before.value, *(bars.close.decimal(i) for i in rows))
    for step in level_steps(asset, max(extreme.value, before.value)):
        level = (extreme.value / step).to_integral_value(ROUND_FLOOR if up else ROUND_CEILING) * step
        if level > held if up else level < held:
            return _Touch(up, level, step, extreme, before, bars, row, rows[-1])
    return None


def _quick_turn(ask: Ask, asset: str) -> Absent | None:
    """Absent where no high reached a level that the closes did not, and no low."""
    found = quick_bars(ask, asset)
    if found is None:
        return None
    closes, before = found
    if closes.key.window == "1d":
        return Absent("bars as long as a day tell no touch from a hold")
    highs, lows = (ask.view.runs(f"spot.{part}", asset, window=closes.key.window) for part in ("high", "low"))
    if len(highs) != 1 or len(lows) != 1 or not len(highs[0]) == len(lows[0]) == len(closes):
        return None
    held = glance(closes)[before : len(closes)]
    up, down = max(glance(highs[0])[before + 1 : len(closes)]), min(glance(lows[0])[before + 1 : len(closes)])
    for step in map(float, level_steps(asset, Decimal(str(max(up, held[0]))))):
        reached = floor(up / step) * step > max(held) * _NEARLY or ceil(down / step) * step * _NEARLY < min(held)
        if reached:
            return None
    return Absent("no round level was reached and not held")


def _level(ask: Ask, asset: str) -> Figure | Absent:
    """Its record tells when a high (low) had last reached it before the past 24 hours."""
    touch = _touch(ask, asset)
    past = touch if isinstance(touch, Absent) else extremes_before(ask, asset, "high" if touch.up else "low")
    if isinstance(touch, Absent) or isinstance(past, Absent):
        return touch if isinstance(touch, Absent) else past if isinstance(past, Absent) else Absent("")
    return computed("level.rejected", asset, Unit.USD, f"{'floor_to' if touch.up else 'ceil_to'}(i1, {plain(touch.step)})",
                    [touch.extreme, touch.before], label=touch.part, window_start=from_epoch(touch.bars.end - DAY),
                    window_end=from_epoch(touch.bars.end))  # fmt: skip


def _extreme(part: str) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        touch = _touch(ask, asset)
        if isinstance(touch, Absent) or touch.part != part:
            return touch if isinstance(touch, Absent) else Absent(f"the level of {asset} was reached by a {touch.part}")
        run = touch.bars.high if touch.up else touch.bars.low
        rows = [run.reading(i) for i in range(touch.last + 1 - DAY // touch.bars.seconds, touch.last + 1)]
        return computed(f"level.rejected_{part}", asset, Unit.USD, numbered("max" if touch.up else "min", len(rows)), rows, window="24h")

    return compute


def _at(ask: Ask, asset: str) -> Figure | Absent:
    touch = _touch(ask, asset)
    if isinstance(touch, Absent):
        return touch
    return history("level.rejected_at", asset, Unit.MOMENT, touch.extreme.observed_at, "moment(i1)", [touch.extreme],
                   label=touch.bars.window)  # fmt: skip


def _gap(ask: Ask, asset: str) -> Figure | Absent:
    last, level = ask.figure("price.last", asset), ask.figure("level.rejected", asset)
    if isinstance(last, Absent) or isinstance(level, Absent):
        return last if isinstance(last, Absent) else level if isinstance(level, Absent) else Absent("")
    return computed("level.rejected_gap_pct", asset, Unit.PCT, "pct_change(i1, i2)", [last, level])


def _turn(ask: Ask, asset: str) -> Figure | Absent:
    touch, level = _touch(ask, asset), ask.figure("level.rejected", asset)
    if isinstance(touch, Absent) or isinstance(level, Absent):
        return touch if isinstance(touch, Absent) else level if isinstance(level, Absent) else Absent("")
    bars = touch.bars
    following = max(_TURN_S // bars.seconds, 1)
    closes = [bars.close.reading(i) for i in range(touch.row, min(touch.row + following, touch.last) + 1)]
    farthest = (min if touch.up else max)(closes, key=lambda r: r.value)
    return computed("level.rejected_turn_gap_pct", asset, Unit.PCT, "pct_change(i1, i2)", [farthest, level], label=bars.window)


def _touches(ask: Ask, asset: str) -> Figure | Absent:
    """Of the last 30 UTC days that ended before the past 24 hours."""
    touch, level = _touch(ask, asset), ask.figure("level.rejected", asset)
    found = touch if isinstance(touch, Absent) else pieces_of(ask, asset, "high" if touch.up else "low")
    if isinstance(touch, Absent) or isinstance(level, Absent) or isinstance(found, Absent):
        return (
            touch
            if isinstance(touch, Absent)
            else level
            if isinstance(level, Absent)
            else found
            if isinstance(found, Absent)
            else Absent("")
        )
    until = utc_midnight(touch.bars.end - DAY)
    known = found[0][-1].known.until(until).after(until - _TOUCH_DAYS * DAY)
    if len(known) < _TOUCH_DAYS:
        return Absent(f"only {len(known)} of the {_TOUCH_DAYS} days of {asset} before are known")
    limit = float(touch.level)
    number = sum(v >= limit if touch.up else v <= limit for v in known.values)
    if not number:
        return Absent(f"{asset} had not reached the level in the {_TOUCH_DAYS} days before")
    formula = f"rows_at_or_{'above' if touch.up else 'below'}(last_days(i1, {_TOUCH_DAYS}), i2)"
    return history("level.rejected_touches", asset, Unit.COUNT, Decimal(number), formula, [SeriesRef(found[2].key, until), level],
                   window="30d", window_start=from_epoch(until) - timedelta(days=_TOUCH_DAYS), window_end=from_epoch(until))  # fmt: skip


def _reached_since(ask: Ask, asset: str) -> Figure | Absent:
    """The last UTC day before whose high (low) had reached the level; no thirty days are asked, since it is no "most since"."""
    touch, level = _touch(ask, asset), ask.figure("level.rejected", asset)
    past = touch if isinstance(touch, Absent) else extremes_before(ask, asset, "high" if touch.up else "low")
    if isinstance(touch, Absent) or isinstance(level, Absent) or isinstance(past, Absent):
        return (
            touch if isinstance(touch, Absent) else level if isinstance(level, Absent) else past if isinstance(past, Absent) else Absent("")
        )
    found = past.newest_beyond(touch.level, low=not touch.up)
    if found is None:
        return Absent(f"{asset} had never reached the level in data going back to {past.start}")
    rival = found[0].readings(found[1])[0]
    day = day_of(to_epoch(rival.observed_at))
    record = Record("level", ">=" if touch.up else "<=", touch.level, day, rival.value, past.start, False, True, False, asset,
                    source=level.source)  # fmt: skip
    formula = f"last_at_or_{'above' if touch.up else 'below'}({past.series}, i{len(past.refs) + 1})"
    return history("level.rejected_reached_since", asset, Unit.DATE, day, formula, [*past.refs, level, rival], record=record,
                   archive_start=past.start, observed_at=level.observed_at)  # fmt: skip


_NONE = "No round level was reached and not held in the past 24 hours, or no bars finer than a day."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str = _NONE, window: str = "") -> FigureSpec:
    quick = _quick_turn if name == "_turn_gap_pct" else None
    return FigureSpec(f"level.rejected{name}", unit, meaning, ASSET, absent, compute, window, example, quick=quick)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("", Unit.USD, "The roundest level that a trade of the past 24 hours reached and no close did; label high: from below.", _level,
          "120000"),
    _spec("_high", Unit.USD, "The highest trade, where it reached the level.", _extreme("high"), "120998", window="24h"),
    _spec("_low", Unit.USD, "The lowest trade, where it reached the level.", _extreme("low"), "", window="24h"),
    _spec("_at", Unit.MOMENT, "End of the bar with that trade.", _at, "2025-07-14T04:00:00Z"),
    _spec("_gap_pct", Unit.PCT, "How far the last price stands from the level, negative below it.", _gap, "-1.8"),
    _spec("_turn_gap_pct", Unit.PCT, "How far the farthest close of the two hours after (or of two longer bars) stood from it.", _turn,
          "-1.3"),
    _spec("_touches", Unit.COUNT, "On how many of the 30 UTC days before a trade had reached it.", _touches, "4",
          "On none of them, or as before.", "30d"),
    _spec("_reached_since", Unit.DATE, "The last UTC day before whose trades had reached it.", _reached_since, "2025-07-10",
          "No day in the archive, or as before."),
)  # fmt: skip
