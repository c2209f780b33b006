"""Spot volume on the exchange whose prices are used; in: bars, UTC days and rolling tickers, out: dollars, ratio and percentile.

Dollars where the finest fresh bars carry them, or a ticker does. Ratio and percentile may rest on coins instead (four-hour bars carry
no dollars): both sides of a comparison are always of one kind, and the label says which.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from newsgen.derive._bars import WINDOWS, exchange_of
from newsgen.derive._figure import ASSET, DAY, FRESH_S, add, day_of, from_reading, history, numbered, ref
from newsgen.derive._formula import rounded
from newsgen.derive._tracks import Known, clock_of, rolled, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit, from_epoch, iso

__all__ = ["FIGURES"]


@dataclass(frozen=True, slots=True)
class _Volume:
    """The readings that add up to the past 24 hours, and the run and window length in seconds that they are from."""

    readings: tuple[Reading, ...]
    run: Run
    seconds: int  # 0: a rolling ticker
    label: str

    @property
    def end(self) -> int:
        return self.run.at(-1)


def _tiled(ask: Ask, series: str, asset: str, label: str) -> Iterable[_Volume]:
    for window, seconds in WINDOWS.items():
        run = ask.view.run(series, asset, window=window, source=exchange_of(ask, asset))
        if isinstance(run, Absent) or ask.view.as_of_s - run.at(-1) > FRESH_S:
            continue
        first = run.index_of(run.at(-1) - DAY + seconds)
        if first >= 0 and (len(run) - first) * seconds == DAY:
            yield _Volume(tuple(run.reading(i) for i in range(first, len(run))), run, seconds, label)


def _dollars(ask: Ask, asset: str) -> _Volume | Absent:
    for found in _tiled(ask, "spot.volume_quote", asset, "usd"):
        return found
    ticker = ask.view.run("spot.volume_quote", asset, window="24h", source=exchange_of(ask, asset))
    if isinstance(ticker, Run) and ask.view.as_of_s - ticker.at(-1) <= FRESH_S:
        return _Volume((ticker.reading(-1),), ticker, 0, "usd")
    return Absent(f"no volume of {asset} in dollars for 24 hours that ended in the ten minutes before {iso(ask.view.as_of)}")


def _either(ask: Ask, asset: str) -> _Volume | Absent:
    """Dollars, or coins where dollars are not known."""
    found = _dollars(ask, asset)
    return found if isinstance(found, _Volume) else next(iter(_tiled(ask, "spot.volume_base", asset, "coins")), found)


def _volume(ask: Ask, asset: str) -> _Volume | Absent:
    return ask.memo(("volume", asset), lambda: _either(ask, asset))


def _quote(ask: Ask, asset: str) -> Figure | Absent:
    found = _dollars(ask, asset)
    if isinstance(found, Absent):
        return found
    span: dict[str, Any] = {"window": "24h", "window_start": from_epoch(found.end - DAY), "window_end": from_epoch(found.end)}
    if len(found.readings) == 1:
        return from_reading("volume.quote_24h", asset, found.readings[0], **span)
    return add("volume.quote_24h", asset, Unit.USD, found.readings, **span)


@dataclass(frozen=True, slots=True)
class _Before:
    """The volumes of past windows, one a day, and the formula that gives them from i1."""

    known: Known
    run: Run
    until: int
    series: str


def _before(ask: Ask, asset: str, volume: _Volume) -> _Before | Absent:
    """At the same clock time; a ticker's 24 hours are set against UTC days."""
    return ask.memo(("volumes before", volume.run.key), lambda: _find_before(ask, asset, volume))


def _find_before(ask: Ask, asset: str, volume: _Volume) -> _Before | Absent:
    until = volume.end - DAY
    if volume.seconds in (0, DAY):
        run = ask.view.run("spot.volume_quote", asset, window="1d", source=exchange_of(ask, asset))
        return run if isinstance(run, Absent) else _Before(clock_of(run, 0).until(until), run, until, "i1")
    count = DAY // volume.seconds
    sums = rolled([volume.run], count, volume.seconds, volume.end % DAY).until(until)
    return _Before(sums, volume.run, until, f"clock(rolling(i1, {count}))")


def _past(ask: Ask, asset: str, days: int) -> tuple[_Volume, _Before, Known] | Absent:
    volume = _volume(ask, asset)
    before = volume if isinstance(volume, Absent) else _before(ask, asset, volume)
    if isinstance(volume, Absent) or isinstance(before, Absent):
        return volume if isinstance(volume, Absent) else before if isinstance(before, Absent) else Absent("")
    known = before.known.after(before.until - days * DAY)
    if len(known) < 0.95 * days:
        return Absent(f"only {len(known)} of {days} past volumes of {asset}")
    return volume, before, known


def _made(name: str, asset: str, unit: Unit, value: float, formula: str, found: tuple[_Volume, _Before, Known]) -> Figure:
    volume, before, _ = found
    return history(name, asset, unit, rounded(value), formula, [ref(before.run, before.until), *volume.readings], window="24h",
                   window_start=from_epoch(volume.end - DAY), window_end=from_epoch(volume.end), label=volume.label,
                   archive_start=day_of(before.known.track.at[0]))  # fmt: skip


def _present(volume: _Volume) -> tuple[float, str]:
    return sum(float(r.value) for r in volume.readings), numbered("sum", len(volume.readings), first=2)


def _ratio(ask: Ask, asset: str) -> Figure | Absent:
    found = _past(ask, asset, 30)
    if isinstance(found, Absent):
        return found
    value, formula = _present(found[0])
    mean = statistics.fmean(found[2].values)
    if mean == 0:
        return Absent(f"no volume of {asset} in the 30 days before")
    return _made("volume.ratio_30d", asset, Unit.RATIO, value / mean, f"{formula} / mean(last_days({found[1].series}, 30))", found)


def _percentile(ask: Ask, asset: str) -> Figure | Absent:
    found = _past(ask, asset, 90)
    if isinstance(found, Absent):
        return found
    value, formula = _present(found[0])
    below = 100 * sum(v < value for v in found[2].values) / len(found[2])
    return _made("volume.percentile_90d", asset, Unit.PCT, below, f"percentile(last_days({found[1].series}, 90), {formula})", found)


def _trail(ask: Ask, asset: str) -> Trail | Absent:
    volume = _dollars(ask, asset)
    before = volume if isinstance(volume, Absent) else _before(ask, asset, volume)
    if isinstance(volume, Absent) or isinstance(before, Absent):
        return volume if isinstance(volume, Absent) else before if isinstance(before, Absent) else Absent("")
    return trail_of([before.known], before.until)


_NONE = "No volume for 24 hours that ended in the past ten minutes."
_SHORT = "As for the volume, in dollars or coins; or fewer than 95 % of the past days."

FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("volume.quote_24h", Unit.USD, "Spot volume of 24 hours on Binance.", ASSET, _NONE, _quote, "24h", "1530000000", _trail),
    FigureSpec("volume.ratio_30d", Unit.RATIO, "Volume of 24 hours over the mean of the 30 days before; the label says coins or usd.",
               ASSET, _SHORT, _ratio, "24h", "1.4"),
    FigureSpec("volume.percentile_90d", Unit.PCT, "Percent of the 90 days before with less volume; the label says coins or usd.", ASSET,
               _SHORT, _percentile, "24h", "12.2"),
)  # fmt: skip
