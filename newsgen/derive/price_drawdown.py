"""How far a day closed below the highest price before, and which step of a fall that is the first to pass; in: daily bars, out: percent.

The closes are those of UTC days, the high is the highest trade of the archive. A step (10, 20, 30, 50 percent) is passed by the first
close beyond it since that high: later closes on either side of it pass nothing. Does not say how a fall goes on.
"""

from __future__ import annotations

from decimal import Decimal

from newsgen.derive._bars import closes_before, pieces_of
from newsgen.derive._figure import ASSET, DAY, computed, history, utc_midnight
from newsgen.derive._formula import evaluate
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import below_peaks, glance, known_of, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, SeriesRef, Trail, Unit, to_epoch

__all__ = ["FIGURES", "STEPS"]

_BELOW = "(i2 - i1) / i2 * 100"
STEPS = (10, 20, 30, 50)  # percent (editorial.md, angle 10)
_NEAR = 1e-6  # so near to a step only the figure itself can tell the side


def _below(ask: Ask, asset: str) -> Figure | Absent:
    """The close of the last UTC day below the highest price, in percent of that."""
    close, top = ask.figure("price.close_day", asset), ask.figure("price.ath", asset)
    if isinstance(close, Absent) or isinstance(top, Absent):
        return close if isinstance(close, Absent) else top
    return computed("price.below_ath_close_pct", asset, Unit.PCT, _BELOW, [close, top], window="day",
                    observed_at=close.observed_at, archive_start=top.archive_start, window_start=close.window_start,
                    window_end=close.window_end)  # fmt: skip


def _lowest_before(ask: Ask, asset: str) -> Reading | Absent:
    """The lowest close since the high and before the last UTC day."""
    top, past = ask.figure("price.ath_at", asset), closes_before(ask, asset, utc_midnight(ask.view.as_of_s))
    if isinstance(top, Absent) or isinstance(past, Absent):
        return top if isinstance(top, Absent) else past if isinstance(past, Absent) else Absent("")
    bar = top.inputs[0]
    if not isinstance(bar, Reading):
        return Absent(f"the highest price of {asset} is no reading")
    start = to_epoch(bar.observed_at)
    found = [(p, i) for p in past.pieces if (i := p.known.after(start - 1).extreme(low=True)) >= 0]
    if not found:
        return Absent(f"{asset} has closed only once since its high")
    piece, i = min(found, key=lambda f: f[0].known.track.values[f[1]])
    return piece.readings(i)[0]


def _step(ask: Ask, asset: str) -> Figure | Absent:
    """The deepest step that the last close is the first beyond."""
    below, top = ask.figure("price.below_ath_close_pct", asset), ask.figure("price.ath", asset)
    before = below if isinstance(below, Absent) or below.number < STEPS[0] else _lowest_before(ask, asset)
    if isinstance(below, Absent) or isinstance(top, Absent):
        return below if isinstance(below, Absent) else top if isinstance(top, Absent) else Absent("")
    if isinstance(before, Absent | Figure):
        return before if isinstance(before, Absent) else Absent(f"the last close of {asset} is not {STEPS[0]} percent below its high")
    passed = max(s for s in STEPS if s <= below.number)
    deepest = evaluate(_BELOW, [before.value, top.number])
    if passed <= deepest:
        return Absent(f"the last close of {asset} passed no step of {', '.join(map(str, STEPS))} percent below its high")
    formula = f"step_of(i1, {', '.join(map(str, STEPS))})"
    return history("price.below_ath_step_pct", asset, Unit.PCT, Decimal(passed), formula, [below, before], window="day",
                   archive_start=top.archive_start)  # fmt: skip


def _quick_step(ask: Ask, asset: str) -> Absent | None:
    """Absent where the close of the last UTC day lies on the same side of every step as the close before it."""
    view, midnight = ask.view, utc_midnight(ask.view.as_of_s)
    closes, highs = (view.runs(f"spot.{part}", asset, window="1d") for part in ("close", "high"))
    if (
        view.runs("reference.high", asset)
        or view.runs("spot.last", asset)
        or len(closes) != 1
        or len(highs) != 1
        or closes[0].at(-1) != midnight
    ):
        return None
    fine = [run for run in view.runs("spot.high", asset) if run.key.window != "1d"]
    peak = known_of(highs[0]).extreme(low=False)
    before = closes[0].index_of(midnight - DAY)
    if peak < 0 or before < 0 or closes[0].at(-1) != midnight:
        return None
    since = [v for run in fine for v in glance(run)[max(0, run.index_at(midnight)) : len(run)]]
    top = max([known_of(highs[0]).track.values[peak], *since])
    below = [(1 - glance(closes[0])[i] / top) * 100 for i in (before, len(closes[0]) - 1)]
    crossed = any(below[0] < step + _NEAR and below[1] > step - _NEAR for step in STEPS)
    return None if crossed else Absent("the close passed no step")


def _past_drawdowns(ask: Ask, asset: str) -> Past | Absent:
    """Of each UTC day before the last one how far its close lay below the highest price up to then."""
    return ask.memo(("drawdowns", asset), lambda: _find_drawdowns(ask, asset))


def _find_drawdowns(ask: Ask, asset: str) -> Past | Absent:
    closes, highs = pieces_of(ask, asset, "close"), pieces_of(ask, asset, "high")
    if isinstance(closes, Absent) or isinstance(highs, Absent):
        return closes if isinstance(closes, Absent) else highs if isinstance(highs, Absent) else Absent("")
    close, high, until = closes[2], highs[2], utc_midnight(ask.view.as_of_s) - 1
    older = next((p.readings(p.known.extreme(low=False))[0] for p in highs[0][:-1]), None)
    known = below_peaks(high, close, float(older.value) if older else 0.0).until(until)
    if not len(known):
        return Absent(f"no daily closes of {asset} before the last one")

    def readings(i: int) -> list[Reading]:
        end = known.track.at[i]
        top = high.reading(known_of(high).until(end).extreme(low=False))
        return [close.reading(close.index_of(end)), older if older and older.value > top.value else top]

    refs = (*highs[1][:-1], SeriesRef(high.key, until), SeriesRef(close.key, until))
    joined = "join(i1, i2)" if older else "i1"
    piece = Piece(known, DAY, readings, lambda pair: evaluate(_BELOW, [r.value for r in pair]))
    return Past((piece,), refs, f"below_peaks({joined}, i{len(refs)})")


def _deepest_since(ask: Ask, asset: str) -> Figure | Absent:
    below, past = ask.figure("price.below_ath_close_pct", asset), _past_drawdowns(ask, asset)
    if isinstance(below, Absent) or isinstance(past, Absent):
        return below if isinstance(below, Absent) else past if isinstance(past, Absent) else Absent("")
    return since(ask, "price.drawdown_as_deep_since", asset, below, past)


def _trail(ask: Ask, asset: str) -> Trail | Absent:
    past = _past_drawdowns(ask, asset)
    return past if isinstance(past, Absent) else trail_of([past.pieces[0].known], utc_midnight(ask.view.as_of_s) - 1)


_NO_CLOSE = "No daily close at the last midnight, or no fresh bars."

FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("price.below_ath_close_pct", Unit.PCT, "How far the last UTC day closed below the highest price, in percent of it.", ASSET,
               _NO_CLOSE, _below, "day", "20.4", _trail),
    FigureSpec("price.below_ath_step_pct", Unit.PCT, "The step below the high (10, 20, 30, 50 percent) that this close is first to pass.",
               ASSET, "The last close passed no step, or an earlier close since the high had.", _step, "day", "20", quick=_quick_step),
    FigureSpec("price.drawdown_as_deep_since", Unit.DATE, "The last UTC day that closed as far below the highest price up to then.", ASSET,
               "As for the close, or a close as far below within 30 days.", _deepest_since, "day", "2024-09-06"),
)  # fmt: skip
