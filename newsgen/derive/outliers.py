"""One asset against bitcoin over 24 hours; in: spot changes of both, out: the gap in points, since when not as wide, is bitcoin flat.

The gap is the asset's change less bitcoin's, so it is positive where the asset did better. Of bitcoin itself there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from newsgen.derive._bars import all_bars, bars_of, change_pieces
from newsgen.derive._figure import ASSET, DAY, MARKET, Compute, computed, history, ref
from newsgen.derive._formula import evaluate
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import Known, apart, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, SeriesRef, Trail, Unit

__all__ = ["FIGURES"]

_BASE = "BTC"
_GAP = "pct_change(i1, i2) - pct_change(i3, i4)"
_FLAT = Decimal("0.25")  # of its usual daily move: below that a price is little changed (editorial.md section 5)


def _gap(ask: Ask, asset: str) -> Figure | Absent:
    if asset == _BASE:
        return Absent("bitcoin is what other assets are set against")
    change, base = ask.figure("price.change_24h", asset), ask.figure("price.change_24h", _BASE)
    if isinstance(change, Absent) or isinstance(base, Absent):
        return change if isinstance(change, Absent) else base
    if change.window_end != base.window_end:
        return Absent(f"the 24 hours of {asset} and of bitcoin do not end together")
    return computed("outlier.gap_24h", asset, Unit.POINTS, "i1 - i2", [change, base], window="24h", window_start=change.window_start,
                    window_end=change.window_end, label=_BASE)  # fmt: skip


def _flat(ask: Ask, subject: str) -> Figure | Absent:
    zscore = ask.figure("price.zscore_24h", _BASE)
    if isinstance(zscore, Absent):
        return zscore
    return history("outlier.bitcoin_flat", subject, Unit.FLAG, abs(zscore.number) < _FLAT, f"above({_FLAT}, abs(i1))", [zscore],
                   window="24h", label=_BASE)  # fmt: skip


def _past(ask: Ask, asset: str) -> Past | Absent:
    """The gaps at the same clock time that ended before the past 24 hours; before them, those of UTC days."""
    return ask.memo(("gaps", asset), lambda: _find_past(ask, asset))


def _find_past(ask: Ask, asset: str) -> Past | Absent:
    bars = bars_of(ask, asset)
    if isinstance(bars, Absent):
        return bars
    mine, base = change_pieces(ask, asset, bars.end), change_pieces(ask, _BASE, bars.end)
    if isinstance(mine, Absent) or isinstance(base, Absent):
        return mine if isinstance(mine, Absent) else base if isinstance(base, Absent) else Absent("")
    until = bars.end - DAY
    pair = mine[0].close, base[0].close
    known = apart(*pair, bars.end % DAY).until(until)
    if not len(known):
        return Absent(f"no earlier daily changes of {asset} and bitcoin")
    recent, refs = _piece(pair, known), tuple(ref(run, until) for run in pair)
    days = [next((b.close for b in all_bars(ask, a) if b.window == "1d"), None) for a in (asset, _BASE)]
    older = (days[0], days[1]) if days[0] and days[1] and (days[0], days[1]) != pair else None
    before = apart(*older, 0).until(known.start - DAY) if older else None
    if older is None or before is None or not len(before):
        return Past((recent,), refs, _series(1))
    first = tuple(SeriesRef(run.key, known.start - DAY) for run in older)
    return Past((_piece(older, before), recent), (*first, *refs), f"join(less(changes(i1), changes(i2)), {_series(3)})")


def _series(first: int) -> str:
    return f"less(changes(clock(i{first})), changes(clock(i{first + 1})))"


def _piece(pair: tuple[Run, Run], known: Known) -> Piece:
    """Gaps with the four closes behind each."""

    def readings(i: int) -> list[Reading]:
        end = known.track.at[i]
        return [run.reading(run.index_of(at)) for run in pair for at in (end, end - DAY)]

    def value(closes: Sequence[Reading]) -> Decimal:
        return evaluate(_GAP, [r.value for r in closes])

    return Piece(known, DAY, readings, value)


def _since(name: str, *, low: bool) -> Compute:
    """The last gap that was as wide, the same way."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        gap = ask.figure("outlier.gap_24h", asset)
        if isinstance(gap, Absent):
            return gap
        if gap.number == 0 or (gap.number < 0) != low:
            return Absent(f"{asset} did not do {'worse' if low else 'better'} than bitcoin")
        past = _past(ask, asset)
        return past if isinstance(past, Absent) else since(ask, name, asset, gap, past, low=low)

    return compute


def _trail(ask: Ask, asset: str) -> Trail | Absent:
    bars, past = bars_of(ask, asset), _past(ask, asset)
    if isinstance(bars, Absent) or isinstance(past, Absent):
        return bars if isinstance(bars, Absent) else past if isinstance(past, Absent) else Absent("")
    return trail_of([piece.known for piece in past.pieces], bars.end - DAY)


_NO_GAP = "Of bitcoin; or one of the two has no 24-hour change, or not to the same moment."
_SINCE = "As for the gap, the gap is the other way, or one as wide is less than 30 days old."

FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("outlier.gap_24h", Unit.POINTS, "The asset's change in 24 hours less bitcoin's, which the label names.", ASSET, _NO_GAP,
               _gap, "24h", "14.8", _trail),
    FigureSpec("outlier.lead_widest_since", Unit.DATE, "The last day on which the asset did better than bitcoin by as much.", ASSET,
               _SINCE, _since("outlier.lead_widest_since", low=False), "24h", "2023-07-13"),
    FigureSpec("outlier.lag_widest_since", Unit.DATE, "The last day on which the asset did worse than bitcoin by as much.", ASSET, _SINCE,
               _since("outlier.lag_widest_since", low=True), "24h", "2022-11-09"),
    FigureSpec("outlier.bitcoin_flat", Unit.FLAG, "Whether bitcoin's 24-hour change is less than a quarter of its usual day.",
               ASSET | MARKET, "Bitcoin has no 24-hour change, or no usual day.", _flat, "24h", "true"),
)  # fmt: skip
