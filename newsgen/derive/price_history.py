"""Prices against their own past: records, since-dates, streaks; in: daily and finer bars and a reference, out: figures.

Before the exchange's own bars begin, a reference series stands in where there is one. Daily highs and lows are used up to the last
midnight before the past 24 hours, finer bars from there, so that no past window overlaps the present one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from newsgen.derive._coverage import covers_life
from newsgen.derive._figure import (
    DAY,
    all_bars,
    bars_of,
    close_at,
    computed,
    daily_changes,
    daily_closes,
    day_of,
    history,
    ref,
    since,
    spec_kinds,
    utc_midnight,
)
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, SeriesRef, Unit

__all__ = ["FIGURES", "Past", "past_of"]

ASSET = spec_kinds["asset"]


@dataclass(frozen=True, slots=True)
class Past:
    """The extremes of an asset before the past 24 hours: ends, values, and where each came from."""

    at: list[int]
    values: list[float]
    where: list[tuple[Run, int]]

    def reading(self, i: int) -> Reading:
        run, row = self.where[i]
        return run.reading(row)

    @property
    def refs(self) -> list[SeriesRef]:
        runs = {run.key: run for run, _ in self.where}
        return [ref(run) for run in runs.values()]

    @property
    def start(self) -> date:
        return day_of(self.at[0])


def past_of(ask: Ask, asset: str, part: str) -> Past | Absent:
    """The past highs, lows or closes ("high", "low", "close") before the past 24 hours."""
    return ask.memo(("past", asset, part), lambda: _past(ask, asset, part))


def _past(ask: Ask, asset: str, part: str) -> Past | Absent:
    bars = bars_of(ask, asset)
    if isinstance(bars, Absent):
        return bars
    until = bars.end - DAY
    seam = utc_midnight(until)
    daily = next((b for b in all_bars(ask, asset) if b.window == "1d"), None)
    past = Past([], [], [])
    first = daily.close.observed[0] if daily else bars.close.observed[0]
    _extend(past, _reference(ask, asset, part), 0, first - DAY)
    if daily:
        _extend(past, getattr(daily, part), 0, seam)
    _extend(past, getattr(bars, part), seam if daily else 0, until)
    return past if past.at else Absent(f"no {part} of {asset} before the past 24 hours")


def _extend(past: Past, run: Run | Absent, after: int, until: int) -> None:
    if isinstance(run, Absent):
        return
    for i, (moment, value) in enumerate(zip(run.observed, run.floats, strict=True)):
        if after < moment <= until:
            past.at.append(moment)
            past.values.append(value)
            past.where.append((run, i))


def _reference(ask: Ask, asset: str, part: str) -> Run | Absent:
    found = ask.view.run(f"reference.{part}", asset, window="1d", source="coinmarketcap")
    if isinstance(found, Absent):
        found = ask.view.run("reference.close", asset, window="1d", source="coinbase")
    return found


def _previous(ask: Ask, asset: str) -> tuple[Past, int] | Absent:
    past = past_of(ask, asset, "high")
    if isinstance(past, Absent):
        return past
    top = max(past.values)
    return past, past.values.index(top)


def _ath(ask: Ask, asset: str) -> Figure | Absent:
    previous, high = _previous(ask, asset), ask.figure("price.high_24h", asset)
    if isinstance(previous, Absent) or isinstance(high, Absent):
        return previous if isinstance(previous, Absent) else high if isinstance(high, Absent) else Absent("")
    past, i = previous
    return computed("price.ath", asset, Unit.USD, "max(i1, i2)", [high, past.reading(i)], archive_start=past.start,
                    observed_at=high.observed_at, scope="binance")  # fmt: skip


def _ath_at(ask: Ask, asset: str) -> Figure | Absent:
    ath, is_ath = ask.figure("price.ath", asset), ask.figure("price.is_ath", asset)
    previous, bars = _previous(ask, asset), bars_of(ask, asset)
    if isinstance(ath, Absent) or isinstance(is_ath, Absent) or isinstance(previous, Absent) or isinstance(bars, Absent):
        return ath if isinstance(ath, Absent) else Absent(f"no record of {asset}")
    past, i = previous
    reading = past.reading(i)
    if is_ath.value:
        rows = bars.tile(bars.end, DAY)
        if isinstance(rows, Absent):
            return rows
        reading = max((bars.high.reading(k) for k in rows), key=lambda r: r.value)
    when = day_of(int(reading.observed_at.timestamp()))
    return history("price.ath_at", asset, Unit.DATE, when, "day(i2)", [ath, reading], archive_start=past.start)


def _ath_previous(ask: Ask, asset: str) -> Figure | Absent:
    previous = _previous(ask, asset)
    if isinstance(previous, Absent):
        return previous
    past, i = previous
    return history("price.ath_previous", asset, Unit.USD, past.reading(i).value, "highest(i1)", [*past.refs, past.reading(i)],
                   archive_start=past.start)  # fmt: skip


def _ath_previous_at(ask: Ask, asset: str) -> Figure | Absent:
    previous = _previous(ask, asset)
    if isinstance(previous, Absent):
        return previous
    past, i = previous
    return history("price.ath_previous_at", asset, Unit.DATE, day_of(past.at[i]), "day(i1)", [past.reading(i)],
                   archive_start=past.start)  # fmt: skip


def _is_ath(ask: Ask, asset: str) -> Figure | Absent:
    high, previous = ask.figure("price.high_24h", asset), ask.figure("price.ath_previous", asset)
    if isinstance(high, Absent) or isinstance(previous, Absent):
        return high if isinstance(high, Absent) else previous if isinstance(previous, Absent) else Absent("")
    return history("price.is_ath", asset, Unit.FLAG, high.number > previous.number, "above(i1, i2)", [high, previous],
                   archive_start=previous.archive_start, window="24h")  # fmt: skip


def _below_ath(ask: Ask, asset: str) -> Figure | Absent:
    last, ath = ask.figure("price.last", asset), ask.figure("price.ath", asset)
    if isinstance(last, Absent) or isinstance(ath, Absent):
        return last if isinstance(last, Absent) else ath if isinstance(ath, Absent) else Absent("")
    return computed("price.below_ath_pct", asset, Unit.PCT, "(i2 - i1) / i2 * 100", [last, ath], archive_start=ath.archive_start)


def _since(name: str, present: str, part: str, low: bool) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        figure, past = ask.figure(present, asset), past_of(ask, asset, part)
        if isinstance(figure, Absent) or isinstance(past, Absent):
            return figure if isinstance(figure, Absent) else past if isinstance(past, Absent) else Absent("")
        return since(ask, name, asset, present=figure, at=past.at, floats=past.values, before=past.at[-1], low=low, refs=past.refs,
                     covers_life=covers_life("price", asset, past.start), rival=past.reading)  # fmt: skip

    return compute


def _streak(ask: Ask, asset: str) -> tuple[int, list[int], list[float]] | Absent:
    midnight = utc_midnight(ask.view.as_of_s)
    at, closes = daily_closes(ask, asset, midnight)
    if len(closes) < 2 or at[-1] != midnight:
        return Absent(f"no daily closes of {asset} up to the last midnight")
    sign = 1 if closes[-1] > closes[-2] else -1
    length = 0
    for i in range(len(closes) - 1, 0, -1):
        if at[i] - at[i - 1] != DAY or (closes[i] - closes[i - 1]) * sign <= 0:
            break
        length += 1
    return length * sign, at, closes


def _streak_days(ask: Ask, asset: str) -> Figure | Absent:
    found = _streak(ask, asset)
    if isinstance(found, Absent):
        return found
    length, at, _ = found
    close = close_at(ask, asset, at[-1])
    if isinstance(close, Absent):
        return close
    return history("price.streak_days", asset, Unit.COUNT, Decimal(length), "streak(i1)", [close], window="day")


def _streak_change(ask: Ask, asset: str) -> Figure | Absent:
    found = _streak(ask, asset)
    if isinstance(found, Absent) or found[0] == 0:
        return found if isinstance(found, Absent) else Absent(f"{asset} closed unchanged")
    length, at, _ = found
    now, before = close_at(ask, asset, at[-1]), close_at(ask, asset, at[-1] - abs(length) * DAY)
    if isinstance(now, Absent) or isinstance(before, Absent):
        return now if isinstance(now, Absent) else before if isinstance(before, Absent) else Absent("")
    return computed("price.streak_change", asset, Unit.PCT, "pct_change(i1, i2)", [now, before], window="day")


def _move_since(name: str, low: bool) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        change, bars = ask.figure("price.change_24h", asset), bars_of(ask, asset)
        if isinstance(change, Absent) or isinstance(bars, Absent):
            return change if isinstance(change, Absent) else bars if isinstance(bars, Absent) else Absent("")
        if (change.number < 0) != low:
            return Absent(f"{asset} did not {'fall' if low else 'rise'} in the past 24 hours")
        at, values = daily_changes(ask, asset, bars.end)
        return since(ask, name, asset, present=change, at=at, floats=values, before=bars.end - DAY, low=low,
                     refs=[ref(bars.close)])  # fmt: skip

    return compute


def _spec(name: str, unit: Unit, meaning: str, compute: Callable[[Ask, str], Figure | Absent], example: str = "") -> FigureSpec:
    return FigureSpec(f"price.{name}", unit, meaning, ASSET, "No bars for the past 24 hours or before them.", compute, "", example)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("ath", Unit.USD, "The highest price in the archive.", _ath, "123218"),
    _spec("ath_at", Unit.DATE, "The UTC day of that price.", _ath_at, "2025-07-14"),
    _spec("ath_previous", Unit.USD, "The record that stood before the past 24 hours.", _ath_previous, "119488"),
    _spec("ath_previous_at", Unit.DATE, "The UTC day of the earlier record.", _ath_previous_at, "2025-07-13"),
    _spec("is_ath", Unit.FLAG, "Whether the record was set in the past 24 hours.", _is_ath, "true"),
    _spec("below_ath_pct", Unit.PCT, "How far the last price stands below the record, in percent of the record.", _below_ath, "1.42"),
    _spec("highest_close_since", Unit.DATE, "The last day that closed at or above the last price.",
          _since("price.highest_close_since", "price.last", "close", False)),
    _spec("lowest_close_since", Unit.DATE, "The last day that closed at or below the last price.",
          _since("price.lowest_close_since", "price.last", "close", True)),
    _spec("high_since", Unit.DATE, "The last day whose high was at or above the 24-hour high.",
          _since("price.high_since", "price.high_24h", "high", False)),
    _spec("low_since", Unit.DATE, "The last day whose low was at or below the 24-hour low.",
          _since("price.low_since", "price.low_24h", "low", True)),
    _spec("rise_largest_since", Unit.DATE, "The last day with a 24-hour rise at least as large, at the same clock time.",
          _move_since("price.rise_largest_since", False)),
    _spec("fall_largest_since", Unit.DATE, "The last day with a 24-hour fall at least as large, at the same clock time.",
          _move_since("price.fall_largest_since", True)),
    _spec("streak_days", Unit.COUNT, "Signed run of daily closes, the last closed day included.", _streak_days, "5"),
    _spec("streak_change", Unit.PCT, "The change over that run.", _streak_change, "9.1"),
)  # fmt: skip
