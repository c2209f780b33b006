"""Spot bars: which are fresh, whether they tile a window, and the past they give; in: a View, out: readings and pieces of the past.

Spot bars of one exchange, finest first (an hour, four hours, a day): Binance, or the next in the order of precedence while Binance is
silent. Perpetuals never feed a price, and two exchanges never meet in one figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from newsgen.derive._figure import DAY, FRESH_S, numbered, ref, utc_midnight
from newsgen.derive._since import Past, Piece
from newsgen.derive._tracks import Known, changes_at, known_of
from newsgen.market import Absent, Ask, Reading, Run, SeriesRef, from_epoch, iso

__all__ = [
    "Bars",
    "all_bars",
    "bars_of",
    "bars_over",
    "change_pieces",
    "close_at",
    "closes_before",
    "exchange_of",
    "extremes_before",
    "pieces_of",
    "quick_bars",
    "recent_changes",
]

WINDOWS = {"1h": 3600, "4h": 4 * 3600, "1d": DAY}
Part = Literal["close", "high", "low"]


@dataclass(frozen=True, slots=True)
class Bars:
    """The spot bars of one asset and one window: per end the close, the high and the low."""

    window: str
    seconds: int
    close: Run
    high: Run
    low: Run

    @property
    def end(self) -> int:
        """End of the last closed bar, epoch seconds."""
        return self.close.at(-1)

    def run(self, part: Part) -> Run:
        return {"close": self.close, "high": self.high, "low": self.low}[part]

    def tile(self, start: int, end: int) -> range | Absent:
        """The bars that tile (start, end], or Absent when one is missing."""
        last, first = self.close.index_of(end), self.close.index_of(start + self.seconds)
        if last < 0 or first < 0 or (last - first + 1) * self.seconds != end - start:
            return Absent(f"the {self.window} bars do not tile {iso(from_epoch(start))} to {iso(from_epoch(end))}")
        return range(first, last + 1)


def all_bars(ask: Ask, asset: str) -> tuple[Bars, ...]:
    """All spot bars of an asset, finest first."""
    return ask.memo(("all_bars", asset), lambda: tuple(_every_bars(ask, asset)))


def _every_bars(ask: Ask, asset: str) -> Iterable[Bars]:
    close, high, low = (_by_window(ask, f"spot.{part}", asset) for part in ("close", "high", "low"))
    for window, seconds in WINDOWS.items():
        if window in close and window in high and window in low and len(close[window]) == len(high[window]) == len(low[window]):
            yield Bars(window, seconds, close[window], high[window], low[window])


def _by_window(ask: Ask, series: str, asset: str) -> dict[str, Run]:
    return {run.key.window: run for run in ask.view.runs(series, asset, source=exchange_of(ask, asset)) if run.key.window in WINDOWS}


def exchange_of(ask: Ask, asset: str) -> str:
    """The source of an asset's spot prices; "" when there is none."""
    found = (ask.view.source_of(f"spot.{part}", asset) for part in ("close", "last", "volume_quote", "volume_base"))
    return next((source for source in found if not isinstance(source, Absent)), "")


def bars_of(ask: Ask, asset: str) -> Bars | Absent:
    """The finest spot bars whose last one closed within ten minutes before as_of."""
    return ask.memo(("bars", asset), lambda: _bars(ask, asset))


def _bars(ask: Ask, asset: str) -> Bars | Absent:
    found = all_bars(ask, asset)
    for bars in found:
        if ask.view.as_of_s - bars.end <= FRESH_S:
            return bars
    if not found:
        return Absent(f"no spot bars of {asset} known at {iso(ask.view.as_of)}")
    newest = max(found, key=lambda b: b.end)
    if [b.window for b in found] == ["1d"]:
        return Absent(f"daily bars only at {ask.view.as_of:%H:%MZ}: the last one of {asset} closed at {iso(from_epoch(newest.end))}")
    return Absent(
        f"the last {newest.window} bar of {asset} closed at {iso(from_epoch(newest.end))}, "
        f"more than ten minutes before {iso(ask.view.as_of)}"
    )


def bars_over(ask: Ask, asset: str) -> tuple[Bars, range] | Absent:
    """The fresh bars with the rows that tile the 24 hours to their last close."""
    bars = bars_of(ask, asset)
    if isinstance(bars, Absent):
        return bars
    rows = bars.tile(bars.end - DAY, bars.end)
    return rows if isinstance(rows, Absent) else (bars, rows)


def quick_bars(ask: Ask, asset: str) -> tuple[Run, int] | None:
    """The closes of the finest fresh bars and the row of 24 hours before, for a quick look; None where only the figures can tell."""
    return ask.memo(("quick_bars", asset), lambda: _quick_bars(ask, asset))


def _quick_bars(ask: Ask, asset: str) -> tuple[Run, int] | None:
    view = ask.view
    closes = view.runs("spot.close", asset)
    if not closes or view.runs("spot.last", asset) or len({run.key.source for run in closes}) > 1:
        return None  # a ticker may be newer, and of two sources one is preferred
    fresh = [run for run in closes if run.key.window in WINDOWS and view.as_of_s - run.at(-1) <= FRESH_S]
    run = min(fresh, key=lambda r: WINDOWS[r.key.window], default=None)
    before = run.index_of(run.at(-1) - DAY) if run is not None else -1
    return (run, before) if run is not None and before >= 0 else None


def close_at(ask: Ask, asset: str, moment: int) -> Reading | Absent:
    """The close of the bar that ends at a moment, finest bars first."""
    for bars in all_bars(ask, asset):
        i = bars.close.index_of(moment)
        if i >= 0:
            return bars.close.reading(i)
    return Absent(f"no spot close of {asset} at {iso(from_epoch(moment))}")


def _reference(ask: Ask, asset: str, part: Part) -> Run | Absent:
    """Prices before the exchange's own bars begin. A close says nothing of a day's high, so only closes stand in for closes."""
    run = ask.view.run(f"reference.{part}", asset, window="1d", source="coinmarketcap")
    if isinstance(run, Absent) and part == "close":
        return ask.view.run("reference.close", asset, window="1d", source="coinbase")
    return run


def _piece(run: Run, known: Known, seconds: int) -> Piece:
    observed = known.track.at
    return Piece(known, seconds, lambda i: [run.reading(run.index_of(observed[i]))])


def pieces_of(ask: Ask, asset: str, part: Part) -> tuple[list[Piece], list[SeriesRef], Run] | Absent:
    """The days of an asset, reference prices first, then the exchange's daily bars (or its midnight closes)."""
    daily = next((b.run(part) for b in all_bars(ask, asset) if b.window == "1d"), None)
    if daily is None:
        return Absent(f"no daily spot bars of {asset} known at {iso(ask.view.as_of)}")
    pieces, refs = [_piece(daily, known_of(daily), DAY)], [ref(daily)]
    older, first = _reference(ask, asset, part), daily.at(0) - DAY
    if isinstance(older, Run) and len(known := known_of(older).until(first)):
        pieces.insert(0, _piece(older, known, DAY))
        refs.insert(0, ref(older, first))
    return pieces, refs, daily


def _joined(refs: list[SeriesRef]) -> str:
    return numbered("join", len(refs)) if len(refs) > 1 else "i1"


def _past(pieces: list[Piece], refs: list[SeriesRef]) -> Past | None:
    return Past(tuple(pieces), tuple(refs), _joined(refs)) if any(len(p.known) for p in pieces) else None


def closes_before(ask: Ask, asset: str, moment: int) -> Past | Absent:
    """The closes of the UTC days that ended before a moment."""
    return ask.memo(("closes_before", asset, moment), lambda: _closes_before(ask, asset, moment))


def _closes_before(ask: Ask, asset: str, moment: int) -> Past | Absent:
    found = pieces_of(ask, asset, "close")
    if isinstance(found, Absent):
        return found
    pieces, refs, daily = found
    pieces[-1] = _piece(daily, pieces[-1].known.until(moment - 1), DAY)
    refs[-1] = ref(daily, moment - 1)
    if utc_midnight(moment - 1) not in (daily.at(-1), 0) and daily.index_of(utc_midnight(moment - 1)) < 0:
        return Absent(f"the daily bar of {asset} that ended at {iso(from_epoch(utc_midnight(moment - 1)))} is missing")
    return _past(pieces, refs) or Absent(f"no daily closes of {asset} before {iso(from_epoch(moment))}")


def extremes_before(ask: Ask, asset: str, part: Part) -> Past | Absent:
    """The highs or lows before the past 24 hours: daily bars, then finer ones from the last midnight before them."""
    return ask.memo(("extremes", asset, part), lambda: _extremes_before(ask, asset, part))


def _extremes_before(ask: Ask, asset: str, part: Part) -> Past | Absent:
    bars, found = bars_of(ask, asset), pieces_of(ask, asset, part)
    if isinstance(bars, Absent) or isinstance(found, Absent):
        return bars if isinstance(bars, Absent) else found if isinstance(found, Absent) else Absent("")
    pieces, refs, daily = found
    until = bars.end - DAY
    seam = utc_midnight(until)
    pieces[-1] = _piece(daily, pieces[-1].known.until(seam), DAY)
    refs[-1] = ref(daily, seam)
    if until > seam:
        rows = bars.tile(seam, until)
        if isinstance(rows, Absent):
            return rows
        pieces.append(_piece(bars.run(part), known_of(bars.run(part)).until(until).after(seam), bars.seconds))
        refs.append(ref(bars.run(part), until))
    return _past(pieces, refs) or Absent(f"no {part} of {asset} before the past 24 hours")


def change_pieces(ask: Ask, asset: str, end: int) -> tuple[Bars, Known, Known | None] | Absent:
    """Daily changes at the clock time of `end`, from the finest bars that have them, and before these the changes of UTC days."""
    bars = next((b for b in all_bars(ask, asset) if b.close.index_of(end) >= 0 and b.close.index_of(end - DAY) >= 0), None)
    if bars is None:
        return Absent(f"no spot closes of {asset} a day apart up to {iso(from_epoch(end))}")
    known = changes_at(bars.close, end % DAY).until(end)
    daily = next((b.close for b in all_bars(ask, asset) if b.window == "1d"), None)
    if daily is None or daily is bars.close or not len(known):
        return bars, known, None
    return bars, known, changes_at(daily, 0).until(known.start - DAY)


def recent_changes(run: Run, until: int, days: int) -> list[float]:
    """The changes over one day that end at `until` and at the same clock time of the days before it, the newest first."""
    return run.keep(("changes", until, days), lambda: _recent_changes(run, until, days))


def _recent_changes(run: Run, until: int, days: int) -> list[float]:
    rows = [run.index_of(until - k * DAY) for k in range(days + 1)]
    closes = [float(run.decimal(i)) if i >= 0 else None for i in rows]
    return [(now / before - 1) * 100 for now, before in pairwise(closes) if now is not None and before is not None]
