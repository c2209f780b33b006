"""Prices against their own past: records, since-dates, runs of days; in: daily and finer bars and a reference, out: figures.

Before the exchange's own bars begin, reference prices stand in where there are any. Extremes of the past come from daily bars up to the
last midnight before the past 24 hours and from finer bars after it, so that no past window overlaps the present one. An instant (the
last price) is set against the closes of UTC days before it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from newsgen.derive._bars import Part, bars_of, change_pieces, close_at, closes_before, extremes_before, pieces_of, quick_bars
from newsgen.derive._coverage import covers_life
from newsgen.derive._figure import ASSET, DAY, Compute, computed, day_of, history, ref, utc_midnight
from newsgen.derive._formula import evaluate
from newsgen.derive._since import MIN_SINCE_DAYS, Past, Piece, since
from newsgen.derive._tracks import Known, clock_of, glance, known_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Record, Run, SeriesRef, Unit, to_epoch

__all__ = ["FIGURES"]


def _top(ask: Ask, asset: str) -> tuple[Past, Reading] | Absent:
    """The record that stood before the past 24 hours."""
    past = extremes_before(ask, asset, "high")
    if isinstance(past, Absent):
        return past
    piece, i = past.extreme()
    return past, piece.readings(i)[0]


def _ath_previous(ask: Ask, asset: str) -> Figure | Absent:
    found = ask.memo(("top", asset), lambda: _top(ask, asset))
    if isinstance(found, Absent):
        return found
    past, reading = found
    return history("price.ath_previous", asset, Unit.USD, reading.value, f"highest({past.series})", [*past.refs, reading],
                   archive_start=past.start)  # fmt: skip


def _ath_previous_at(ask: Ask, asset: str) -> Figure | Absent:
    found = ask.memo(("top", asset), lambda: _top(ask, asset))
    if isinstance(found, Absent):
        return found
    past, reading = found
    return history("price.ath_previous_at", asset, Unit.DATE, day_of(to_epoch(reading.observed_at)), f"highest_day({past.series})",
                   [*past.refs, reading], archive_start=past.start)  # fmt: skip


def _ath(ask: Ask, asset: str) -> Figure | Absent:
    high, previous = ask.figure("price.high_24h", asset), ask.figure("price.ath_previous", asset)
    if isinstance(high, Absent) or isinstance(previous, Absent) or previous.archive_start is None:
        return high if isinstance(high, Absent) else previous
    record = Record("price.high", ">=", max(high.number, previous.number), None, previous.number, previous.archive_start,
                    high.number > previous.number, True, covers_life("price", asset, previous.archive_start), asset)  # fmt: skip
    return computed("price.ath", asset, Unit.USD, "max(i1, i2)", [high, previous], archive_start=previous.archive_start,
                    observed_at=high.observed_at, record=record)  # fmt: skip


def _ath_at(ask: Ask, asset: str) -> Figure | Absent:
    """The day of the bar that set it; of two bars of the past 24 hours with the same high the first."""
    is_ath, high = ask.figure("price.is_ath", asset), ask.figure("price.high_24h", asset)
    previous = ask.figure("price.ath_previous_at", asset)
    if isinstance(is_ath, Absent) or isinstance(high, Absent) or isinstance(previous, Absent):
        return is_ath if isinstance(is_ath, Absent) else high if isinstance(high, Absent) else previous
    own = [i for i in high.inputs if isinstance(i, Reading)]
    reading = max(own, key=lambda r: (r.value, -to_epoch(r.observed_at))) if is_ath.value else previous.inputs[-1]
    if not isinstance(reading, Reading):
        return Absent(f"the highest price of {asset} is no reading")
    return history("price.ath_at", asset, Unit.DATE, day_of(to_epoch(reading.observed_at)), "day(i1)", [reading],
                   archive_start=previous.archive_start)  # fmt: skip


def _is_ath(ask: Ask, asset: str) -> Figure | Absent:
    high, previous = ask.figure("price.high_24h", asset), ask.figure("price.ath_previous", asset)
    if isinstance(high, Absent) or isinstance(previous, Absent):
        return high if isinstance(high, Absent) else previous
    return history("price.is_ath", asset, Unit.FLAG, high.number > previous.number, "above(i1, i2)", [high, previous],
                   archive_start=previous.archive_start, window="24h")  # fmt: skip


def _quick_is_ath(ask: Ask, asset: str) -> bool | None:
    """False where a day before has a higher high than the bars of the past 24 hours."""
    found = quick_bars(ask, asset)
    if found is None:
        return None
    closes, before = found
    highs = {run.key.window: run for run in ask.view.runs("spot.high", asset)}
    fine, daily = highs.get(closes.key.window), highs.get("1d")
    if fine is None or daily is None or len(fine) != len(closes) or fine.at(-1) != closes.at(-1):
        return None
    past = known_of(daily).until(utc_midnight(fine.at(-1) - DAY))
    top = past.extreme(low=False)
    highest = max(glance(fine)[before + 1 : len(fine)])
    return False if top >= 0 and past.track.values[top] > highest else None


def _quick_since(part: Part, *, low: bool) -> Callable[[Ask, str], Absent | None]:
    """Absent where a day of the four weeks before was as high, or as low."""

    def quick(ask: Ask, asset: str) -> Absent | None:
        found = quick_bars(ask, asset)
        if found is None:
            return None
        closes, before = found
        runs = {run.key.window: run for run in ask.view.runs(f"spot.{part}", asset)}
        fine, daily = runs.get(closes.key.window), runs.get("1d")
        if fine is None or daily is None or len(fine) != len(closes):
            return None
        last = daily.index_at(utc_midnight(fine.at(-1) - DAY))
        month = glance(daily)[max(0, last - MIN_SINCE_DAYS + 3) : last + 1]
        now = glance(fine)[before + 1 : len(fine)]
        beyond = month and (min(month) <= min(now) if low else max(month) >= max(now))
        return Absent("as extreme within a month") if beyond else None

    return quick


def _below_ath(ask: Ask, asset: str) -> Figure | Absent:
    last, ath = ask.figure("price.last", asset), ask.figure("price.ath", asset)
    if isinstance(last, Absent) or isinstance(ath, Absent):
        return last if isinstance(last, Absent) else ath
    return computed("price.below_ath_pct", asset, Unit.PCT, "(i2 - i1) / i2 * 100", [last, ath], archive_start=ath.archive_start)


def _close_since(name: str, *, low: bool) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        last = ask.figure("price.last", asset)
        past = last if isinstance(last, Absent) else closes_before(ask, asset, to_epoch(last.observed_at))
        if isinstance(last, Absent) or isinstance(past, Absent):
            return last if isinstance(last, Absent) else past if isinstance(past, Absent) else Absent("")
        return since(ask, name, asset, last, past, low=low, covers_life=covers_life("price", asset, past.start))

    return compute


def _extreme_since(name: str, present: str, part: Part, *, low: bool) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        figure = ask.figure(present, asset)
        past = figure if isinstance(figure, Absent) else extremes_before(ask, asset, part)
        if isinstance(figure, Absent) or isinstance(past, Absent):
            return figure if isinstance(figure, Absent) else past if isinstance(past, Absent) else Absent("")
        return since(ask, name, asset, figure, past, low=low, covers_life=covers_life("price", asset, past.start))

    return compute


def _change_piece(run: Run, known: Known) -> Piece:
    """The two closes behind a daily change, and the exact change between them."""
    at = known.track.at

    def readings(i: int) -> list[Reading]:
        return [run.reading(run.index_of(at[i])), run.reading(run.index_of(at[i] - DAY))]

    return Piece(known, DAY, readings, lambda pair: evaluate("pct_change(i1, i2)", [r.value for r in pair]))


def _past_changes(ask: Ask, asset: str) -> Past | Absent:
    """Daily changes at the same clock time that ended before the past 24 hours; before them, the changes of UTC days."""
    bars = bars_of(ask, asset)
    found = bars if isinstance(bars, Absent) else change_pieces(ask, asset, bars.end)
    if isinstance(bars, Absent) or isinstance(found, Absent):
        return bars if isinstance(bars, Absent) else found if isinstance(found, Absent) else Absent("")
    fine, known, older = found
    known = known.until(bars.end - DAY)
    if not len(known):
        return Absent(f"no earlier daily changes of {asset}")
    pieces, refs = [_change_piece(fine.close, known)], [ref(fine.close, bars.end - DAY)]
    daily = pieces_of(ask, asset, "close")
    if older is None or not len(older) or isinstance(daily, Absent):
        return Past(tuple(pieces), tuple(refs), "changes(clock(i1))")
    pieces.insert(0, _change_piece(daily[2], older))
    refs.insert(0, SeriesRef(daily[2].key, known.start - DAY))
    return Past(tuple(pieces), tuple(refs), "join(changes(i1), changes(clock(i2)))")


def _move_since(name: str, *, low: bool) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        change = ask.figure("price.change_24h", asset)
        if isinstance(change, Absent):
            return change
        if (change.number < 0) != low or change.number == 0:
            return Absent(f"{asset} did not {'fall' if low else 'rise'} in the past 24 hours")
        past = ask.memo(("changes", asset), lambda: _past_changes(ask, asset))
        return past if isinstance(past, Absent) else since(ask, name, asset, change, past, low=low)

    return compute


def _streak(ask: Ask, asset: str) -> tuple[int, Run] | Absent:
    """Signed run of daily closes up to the last midnight, and the run of bars they are from."""
    midnight = utc_midnight(ask.view.as_of_s)
    found = pieces_of(ask, asset, "close")
    if isinstance(found, Absent):
        return found
    run = found[2]
    closes = clock_of(run, 0).until(midnight)
    if len(closes) < 2 or closes.end != midnight:
        return Absent(f"no daily closes of {asset} up to the last midnight")
    at, values = closes.track.at, closes.track.values
    length, i = 0, closes.last - 1
    first = values[i] - values[i - 1]
    while i > 0 and at[i] - at[i - 1] == DAY and (values[i] - values[i - 1]) * first > 0:
        length, i = length + 1, i - 1
    return (length if first > 0 else -length), run


def _streak_days(ask: Ask, asset: str) -> Figure | Absent:
    found = ask.memo(("streak", asset), lambda: _streak(ask, asset))
    if isinstance(found, Absent):
        return found
    length, run = found
    midnight = utc_midnight(ask.view.as_of_s)
    close = run.reading(run.index_of(midnight))
    return history("price.streak_days", asset, Unit.COUNT, Decimal(length), "streak(steps(i1))", [ref(run, midnight), close],
                   window="day")  # fmt: skip


def _streak_change(ask: Ask, asset: str) -> Figure | Absent:
    found = ask.memo(("streak", asset), lambda: _streak(ask, asset))
    if isinstance(found, Absent) or not found[0]:
        return found if isinstance(found, Absent) else Absent(f"{asset} closed unchanged")
    midnight = utc_midnight(ask.view.as_of_s)
    now, before = close_at(ask, asset, midnight), close_at(ask, asset, midnight - abs(found[0]) * DAY)
    if isinstance(now, Absent) or isinstance(before, Absent):
        return now if isinstance(now, Absent) else before if isinstance(before, Absent) else Absent("")
    return computed("price.streak_change", asset, Unit.PCT, "pct_change(i1, i2)", [now, before], window="streak")


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str = "", **more: Any) -> FigureSpec:
    absent = more.pop("absent", "No bars that tile the past 24 hours, or none before them.")
    return FigureSpec(
        f"price.{name}", unit, meaning, ASSET, absent, compute, more.pop("window", ""), example, quick=more.pop("quick", None)
    )


_SINCE = "A value as extreme within 30 days (the reason names it), more than five percent of the points missing, or no fresh bars."
_MOVE = "The price moved the other way, or as for the other since-dates."

FIGURES: tuple[FigureSpec, ...] = (
    _spec("ath", Unit.USD, "The highest price in the archive.", _ath, "123218"),
    _spec("ath_at", Unit.DATE, "The UTC day of that price.", _ath_at, "2025-07-14"),
    _spec("ath_previous", Unit.USD, "The highest price before the past 24 hours.", _ath_previous, "119488"),
    _spec("ath_previous_at", Unit.DATE, "The UTC day of that price.", _ath_previous_at, "2025-07-13"),
    _spec("is_ath", Unit.FLAG, "Whether the highest price in the archive was set in the past 24 hours.", _is_ath, "true", window="24h",
          quick=_quick_is_ath),
    _spec("below_ath_pct", Unit.PCT, "How far the last price stands below the highest, in percent of it.", _below_ath, "1.42"),
    _spec("highest_close_since", Unit.DATE, "The last UTC day that closed at or above the last price.",
          _close_since("price.highest_close_since", low=False), absent=_SINCE),
    _spec("lowest_close_since", Unit.DATE, "The last UTC day that closed at or below the last price.",
          _close_since("price.lowest_close_since", low=True), absent=_SINCE),
    _spec("high_since", Unit.DATE, "The last UTC day whose high was at or above the 24-hour high.",
          _extreme_since("price.high_since", "price.high_24h", "high", low=False), absent=_SINCE, window="24h",
          quick=_quick_since("high", low=False)),
    _spec("low_since", Unit.DATE, "The last UTC day whose low was at or below the 24-hour low.",
          _extreme_since("price.low_since", "price.low_24h", "low", low=True), absent=_SINCE, window="24h",
          quick=_quick_since("low", low=True)),
    _spec("rise_largest_since", Unit.DATE, "The last day with a 24-hour rise at least as large, at the same clock time.",
          _move_since("price.rise_largest_since", low=False), absent=_MOVE, window="24h"),
    _spec("fall_largest_since", Unit.DATE, "The last day with a 24-hour fall at least as large, at the same clock time.",
          _move_since("price.fall_largest_since", low=True), absent=_MOVE, window="24h"),
    _spec("streak_days", Unit.COUNT, "Signed run of daily closes, the last closed UTC day included.", _streak_days, "1",
          absent="No daily close at the last midnight.", window="day"),
    _spec("streak_change", Unit.PCT, "The change over that run.", _streak_change, "1.42",
          absent="No daily close at the last midnight, or the last day closed unchanged."),
)  # fmt: skip
