"""The market as a whole: dominance, market value, how many assets rise; in: vendor readings and price changes, out: figures.

Vendors count different coins, so a value, its changes and its past are always one vendor's. Of the assets of an edition those count
that have a 24-hour change. A step of market value is half a trillion dollars.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from newsgen.derive._bars import bars_of
from newsgen.derive._figure import DAY, FRESH_S, MARKET, Compute, computed, fresh_run, from_reading, history, listed, numbered, ref
from newsgen.derive._formula import evaluate
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import known_of, middles, moved, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Run, Trail, Unit, from_epoch

__all__ = ["FIGURES"]

_DASHBOARD_S = 26 * 3600  # of daily data (editorial.md section 1)
_NEAR_S = 2 * 3600  # how far a reading may lie from just seven days before the last
_STEP = 500_000_000_000  # dollars


def _run(ask: Ask, name: str, subject: str) -> Run | Absent:
    return fresh_run(ask, name, subject, _DASHBOARD_S if name.startswith("dominance.") else FRESH_S)


def _latest(name: str, window: str = "") -> Compute:
    """The newest reading of the series of the same name."""

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        run = _run(ask, name, subject)
        return run if isinstance(run, Absent) else from_reading(name, subject, run.reading(-1), window=window)

    return compute


def _past_of(name: str, overlap_s: int = 1) -> Callable[[Ask, str], Trail | Absent]:
    """The values of a series whose windows ended before the present one began."""

    def trail(ask: Ask, subject: str) -> Trail | Absent:
        run = _run(ask, name, subject)
        return run if isinstance(run, Absent) else trail_of([known_of(run)], run.at(-1) - overlap_s)

    return trail


def _dominance_before(run: Run, days: int) -> int:
    """Index of the reading so many days before the last one, or a little earlier; -1 when there is none."""
    wanted = run.at(-1) - days * DAY
    before = run.index_at(wanted)
    return before if before >= 0 and wanted - run.at(before) <= _NEAR_S else -1


def _dominance_change(days: int) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        run = _run(ask, "dominance.btc", subject)
        if isinstance(run, Absent):
            return run
        before = _dominance_before(run, days)
        if before < 0:
            return Absent(f"no dominance of bitcoin {days} days before the last")
        return computed(f"dominance.change_{days}d", subject, Unit.POINTS, "i1 - i2", [run.reading(-1), run.reading(before)],
                        window=f"{days}d", label="BTC")  # fmt: skip

    return compute


def _dominance_trail(ask: Ask, subject: str) -> Trail | Absent:
    """Changes over seven days that ended before the present one began."""
    run = _run(ask, "dominance.btc", subject)
    return run if isinstance(run, Absent) else trail_of([moved(run, 7)], run.at(-1) - 7 * DAY)


def _dominance_since(name: str, *, low: bool) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        run, present = _run(ask, "dominance.btc", subject), ask.figure("dominance.btc", subject)
        if isinstance(run, Absent) or isinstance(present, Absent):
            return run if isinstance(run, Absent) else present if isinstance(present, Absent) else Absent("")
        until = run.at(-1) - 1
        known = known_of(run).until(until)
        if not len(known):
            return Absent("no earlier dominance of bitcoin")
        past = Past((Piece(known, DAY, lambda i: [run.reading(i)]),), (ref(run, until),), "i1")
        return since(ask, name, subject, present, past, low=low)

    return compute


def _cap_change(ask: Ask, subject: str) -> Figure | Absent:
    """As the vendor gives it, or from its own value 24 hours before."""
    given = _latest("market.cap_change_24h", "24h")(ask, subject)
    run = _run(ask, "market.cap", subject)
    if isinstance(given, Figure) or isinstance(run, Absent):
        return given
    before = run.index_of(run.at(-1) - DAY)
    if before < 0:
        return Absent("no market value 24 hours before the last")
    return computed("market.cap_change_24h", subject, Unit.PCT, "pct_change(i1, i2)", [run.reading(-1), run.reading(before)],
                    window="24h", window_start=from_epoch(run.at(before)), window_end=from_epoch(run.at(-1)))  # fmt: skip


def _cap_and_change(ask: Ask, subject: str) -> tuple[Figure, Figure] | Absent:
    cap, change = ask.figure("market.cap", subject), ask.figure("market.cap_change_24h", subject)
    if isinstance(cap, Absent) or isinstance(change, Absent):
        return cap if isinstance(cap, Absent) else change if isinstance(change, Absent) else Absent("")
    if cap.source != change.source:
        return Absent("the market value and its change are of two vendors")
    if change.number <= -100:
        return Absent(f"a market value cannot change by {change.number} percent")
    return cap, change


_BEFORE = "i1 / (1 + i2 / 100)"


def _cap_before(ask: Ask, subject: str) -> Figure | Absent:
    """The value that the change starts from."""
    found = _cap_and_change(ask, subject)
    return found if isinstance(found, Absent) else computed("market.cap_before_24h", subject, Unit.USD, _BEFORE, found, window="24h")


def _cap_change_usd(ask: Ask, subject: str) -> Figure | Absent:
    found = _cap_and_change(ask, subject)
    return found if isinstance(found, Absent) else computed("market.cap_change_usd_24h", subject, Unit.USD, f"i1 - {_BEFORE}", found,
                                                            window="24h")  # fmt: skip


def _cap_step(name: str, formula: str, *, up: bool) -> Compute:
    """The outermost step between the value of 24 hours before and that of now; a value on a step has reached it."""

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        cap, before = ask.figure("market.cap", subject), ask.figure("market.cap_before_24h", subject)
        if isinstance(cap, Absent) or isinstance(before, Absent):
            return cap if isinstance(cap, Absent) else before
        step = evaluate(formula, [cap.number])
        if not (before.number < step <= cap.number if up else cap.number < step <= before.number):
            return Absent(f"the market value passed no step of {_STEP:,} dollars {'up' if up else 'down'}wards")
        return history(name, subject, Unit.USD, step, formula, [cap, before], window="24h")

    return compute


def _changes(ask: Ask) -> list[Figure]:
    """The 24-hour changes of the edition's assets."""
    return [f for a in ask.view.assets if isinstance(f := ask.figure("price.change_24h", a), Figure)]


_NOTHING = Absent("no asset of the edition has a 24-hour change")


def _moved(name: str, operation: str) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        found = _changes(ask)
        if not found:
            return _NOTHING
        formula = f"{operation}(0, {listed(len(found))})" if operation != "count" else numbered("count", len(found))
        return computed(name, subject, Unit.COUNT, formula, found, window="24h", label=",".join(f.subject for f in found))

    return compute


def _against(ask: Ask, subject: str) -> Figure | Absent:
    counts = [ask.figure(f"assets.{name}", subject) for name in ("followed", "up_24h", "down_24h")]
    found = [f for f in counts if isinstance(f, Figure)]
    if len(found) < len(counts):
        return _NOTHING
    return computed("assets.against_24h", subject, Unit.COUNT, "i1 - max(i2, i3)", found, window="24h", label=found[0].label)


def _share(name: str, part: str) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        some, whole = ask.figure(part, subject), ask.figure("assets.followed", subject)
        if isinstance(some, Absent) or isinstance(whole, Absent):
            return some if isinstance(some, Absent) else whole
        return computed(name, subject, Unit.PCT, "share(i1, i2)", [some, whole], window="24h", label=whole.label)

    return compute


def _median(ask: Ask, subject: str) -> Figure | Absent:
    found = _changes(ask)
    if not found:
        return _NOTHING
    return computed("assets.median_change_24h", subject, Unit.PCT, numbered("middle", len(found)), found, window="24h",
                    label=",".join(f.subject for f in found))  # fmt: skip


def _median_trail(ask: Ask, subject: str) -> Trail | Absent:
    """The median of the same assets' changes at the same clock time, on days that have them all."""
    found = [bars for f in _changes(ask) if not isinstance(bars := bars_of(ask, f.subject), Absent)]
    if not found:
        return _NOTHING
    end = found[0].end
    return trail_of([middles([b.close for b in found], end % DAY)], end - DAY)


def _outermost(name: str, operation: str, pick: Callable[..., Figure]) -> Compute:
    """The change of the asset that did best, or worst; the label names it."""

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        found = _changes(ask)
        if len(found) < 2:
            return Absent("fewer than two assets of the edition have a 24-hour change")
        one = pick(found, key=_number)
        return computed(name, subject, Unit.PCT, numbered(operation, len(found)), found, window="24h", label=one.subject)

    return compute


def _number(figure: Figure) -> Decimal:
    return figure.number


_OLD_DOMINANCE = "No reading of the past 26 hours."
_OLD_CAP = "No reading of the past ten minutes."
_TWO_CAPS = "The value or its change is absent, or they are of two vendors."
_NO_CHANGE = "No asset of the edition has a 24-hour change."
_SINCE = "As for the dominance, or a value as extreme within 30 days (the reason names it)."


def _spec(name: str, unit: Unit, meaning: str, absent: str, compute: Compute, *more: Any) -> FigureSpec:
    return FigureSpec(name, unit, meaning, MARKET, absent, compute, *more)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("dominance.btc", Unit.PCT, "Bitcoin's share of the value of all coins, as one vendor counts it.", _OLD_DOMINANCE,
          _latest("dominance.btc"), "", "63.8", _past_of("dominance.btc")),
    _spec("dominance.change_7d", Unit.POINTS, "Its change in seven days, in percentage points.", "As above, or none seven days before.",
          _dominance_change(7), "7d", "-1.4", _dominance_trail),
    _spec("dominance.change_30d", Unit.POINTS, "Its change in 30 days, in percentage points.", "As above, or none 30 days before.",
          _dominance_change(30), "30d", "2.1"),
    _spec("dominance.high_since", Unit.DATE, "The last day on which the share was at or above the present one.", _SINCE,
          _dominance_since("dominance.high_since", low=False), "", "2025-02-03"),
    _spec("dominance.low_since", Unit.DATE, "The last day on which the share was at or below the present one.", _SINCE,
          _dominance_since("dominance.low_since", low=True), "", "2025-03-02"),
    _spec("market.cap", Unit.USD, "The value of all coins, as one vendor counts it.", _OLD_CAP, _latest("market.cap"), "",
          "3810000000000"),
    _spec("market.cap_change_24h", Unit.PCT, "Its change in 24 hours.", _OLD_CAP, _cap_change, "24h", "2.1",
          _past_of("market.cap_change_24h", DAY)),
    _spec("market.cap_before_24h", Unit.USD, "The value of 24 hours before, from the value of now and its change.", _TWO_CAPS, _cap_before,
          "24h", "3730000000000"),
    _spec("market.cap_change_usd_24h", Unit.USD, "Its change in 24 hours, in dollars.", _TWO_CAPS, _cap_change_usd, "24h", "78000000000"),
    _spec("market.cap_step_up", Unit.USD, "The step of half a trillion dollars that the value has reached in 24 hours.",
          "It reached none, or as above.", _cap_step("market.cap_step_up", f"floor_to(i1, {_STEP})", up=True), "24h", "4000000000000"),
    _spec("market.cap_step_down", Unit.USD, "The step of half a trillion dollars that the value has fallen below in 24 hours.",
          "It fell below none, or as above.", _cap_step("market.cap_step_down", f"ceil_to(i1, {_STEP})", up=False), "24h",
          "3500000000000"),
    _spec("assets.up_24h", Unit.COUNT, "Assets of the edition that rose in 24 hours.", _NO_CHANGE,
          _moved("assets.up_24h", "count_above"), "24h", "2"),
    _spec("assets.down_24h", Unit.COUNT, "Assets of the edition that fell in 24 hours.", _NO_CHANGE,
          _moved("assets.down_24h", "count_below"), "24h", "0"),
    _spec("assets.followed", Unit.COUNT, "Assets of the edition with a 24-hour change; the label lists them.", _NO_CHANGE,
          _moved("assets.followed", "count"), "24h", "2"),
    _spec("assets.against_24h", Unit.COUNT, "Those that did not go the way of most; 0 when all went one way.", _NO_CHANGE, _against, "24h",
          "1"),
    _spec("assets.up_share_24h", Unit.PCT, "Those that rose, in percent of those followed.", _NO_CHANGE,
          _share("assets.up_share_24h", "assets.up_24h"), "24h", "95.8"),
    _spec("assets.down_share_24h", Unit.PCT, "Those that fell, in percent of those followed.", _NO_CHANGE,
          _share("assets.down_share_24h", "assets.down_24h"), "24h", "4.2"),
    _spec("assets.median_change_24h", Unit.PCT, "The median of their changes: half of them did better, half worse.", _NO_CHANGE, _median,
          "24h", "-6.3", _median_trail),
    _spec("assets.best_change_24h", Unit.PCT, "The highest of their changes; the label names the asset.", "Fewer than two have a change.",
          _outermost("assets.best_change_24h", "max", max), "24h", "12.4"),
    _spec("assets.worst_change_24h", Unit.PCT, "The lowest of their changes; the label names the asset.", "Fewer than two have a change.",
          _outermost("assets.worst_change_24h", "min", min), "24h", "-9.1"),
)  # fmt: skip
