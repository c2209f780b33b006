"""Round levels: which was crossed in the past 24 hours, when, and since when the price was last there.

In: spot bars, out: levels in dollars, moments and dates. The side of a level is judged on the closes of the finest spot bars, touches and
extremes on bar highs and lows. A level is crossed when the last close is beyond it and the close 24 hours earlier was not; of several
the roundest counts, of equally round ones the farthest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from newsgen.derive._bars import Bars, all_bars, bars_of, close_at, closes_before, extremes_before, quick_bars
from newsgen.derive._coverage import covers_life
from newsgen.derive._figure import ASSET, DAY, Compute, Input, computed, history, numbered, ref
from newsgen.derive._grid import level_steps
from newsgen.derive._tracks import known_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Record, Unit, from_epoch, plain, to_epoch

__all__ = ["FIGURES", "level_steps"]

_FINE: dict[str, int] = {"BTC": 1_000, "ETH": 100}


def _fine_step(asset: str, price: Decimal) -> Decimal:
    return Decimal(_FINE[asset]) if asset in _FINE else level_steps(asset, price)[-1] / 5


def _beyond(value: Decimal, level: Decimal, *, up: bool) -> bool:
    return value > level if up else value < level


def _crossed_step(asset: str, before: Decimal, now: Decimal, *, up: bool) -> Decimal | None:
    """The step of the roundest level that `now` is beyond and `before` was not."""
    for step in level_steps(asset, max(before, now)):
        level = (now / step).to_integral_value(ROUND_FLOOR if up else ROUND_CEILING) * step
        if _beyond(now, level, up=up) and not _beyond(before, level, up=up):
            return step
    return None


@dataclass(frozen=True, slots=True)
class _Side:
    """One direction and the words of its figures."""

    up: bool

    @property
    def word(self) -> str:
        return "up" if self.up else "down"

    @property
    def name(self) -> str:
        return f"level.crossed_{self.word}"


def _crossed(side: _Side) -> Compute:
    """The level; its record is about touches: the last day whose high (low) had reached it before the past 24 hours."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        bars = bars_of(ask, asset)
        before = bars if isinstance(bars, Absent) else close_at(ask, asset, bars.end - DAY)
        if isinstance(bars, Absent) or isinstance(before, Absent):
            return bars if isinstance(bars, Absent) else before if isinstance(before, Absent) else Absent("")
        last = bars.close.reading(-1)
        step = _crossed_step(asset, before.value, last.value, up=side.up)
        if step is None:
            return Absent(f"{asset} crossed no round level {side.word}wards in the past 24 hours")
        formula = f"{'floor_to' if side.up else 'ceil_to'}(i1, {plain(step)})"
        level = computed(side.name, asset, Unit.USD, formula, [last, before], window="24h", label=side.word,
                         window_start=before.observed_at, window_end=last.observed_at)  # fmt: skip
        return level if isinstance(level, Absent) else _with_record(ask, asset, level, side)

    return compute


def _quick_crossed(side: _Side) -> Callable[[Ask, str], float | Absent | None]:
    """The level, without its record."""

    def quick(ask: Ask, asset: str) -> float | Absent | None:
        found = quick_bars(ask, asset)
        if found is None:
            return None
        run, before = found
        now = run.decimal(-1)
        step = _crossed_step(asset, run.decimal(before), now, up=side.up)
        if step is None:
            return Absent("no round level was crossed that way")
        return float((now / step).to_integral_value(ROUND_FLOOR if side.up else ROUND_CEILING) * step)

    return quick


def _with_record(ask: Ask, asset: str, level: Figure, side: _Side) -> Figure | Absent:
    past = extremes_before(ask, asset, "high" if side.up else "low")
    if isinstance(past, Absent):
        return past
    found = past.newest_beyond(level.number, low=not side.up)
    covered = covers_life("price", asset, past.start)
    day = past.name(found[0].known.track.at[found[1]]) if found else None
    rival = found[0].readings(found[1])[0] if found else None
    record = Record("level", ">=" if side.up else "<=", level.number, day, rival.value if rival else None, past.start,
                    found is None and covered, True, covered, asset, source=level.source)  # fmt: skip
    return replace(level, record=record, archive_start=past.start, inputs=(*level.inputs, rival) if rival else level.inputs)


def _crossing(ask: Ask, asset: str, side: _Side) -> tuple[Bars, Figure, int] | Absent:
    """The fresh bars, the level, and the row of the first bar since which every close stands beyond the level."""
    return ask.memo(("crossing", asset, side.up), lambda: _find_crossing(ask, asset, side))


def _find_crossing(ask: Ask, asset: str, side: _Side) -> tuple[Bars, Figure, int] | Absent:
    bars, level = bars_of(ask, asset), ask.figure(side.name, asset)
    if isinstance(bars, Absent) or isinstance(level, Absent):
        return bars if isinstance(bars, Absent) else level if isinstance(level, Absent) else Absent("")
    closes, limit = known_of(bars.close).track.values, float(level.number)
    i = len(bars.close) - 1
    while i > 0 and (closes[i - 1] > limit if side.up else closes[i - 1] < limit):
        i -= 1
    return bars, level, i


def _crossed_at(side: _Side) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        found = _crossing(ask, asset, side)
        if isinstance(found, Absent):
            return found
        bars, level, i = found
        formula = f"held_{'above' if side.up else 'below'}(i1, i2)"
        return history(f"{side.name}_at", asset, Unit.MOMENT, from_epoch(bars.close.at(i)), formula,
                       [ref(bars.close), level, bars.close.reading(i)], label=bars.window)  # fmt: skip

    return compute


def _crossed_since(side: _Side) -> Compute:
    """The last UTC day before the crossing that ended beyond the level; no thirty days are asked, since it is no "most since"."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        found = _crossing(ask, asset, side)
        if isinstance(found, Absent):
            return found
        bars, level, row = found
        past = closes_before(ask, asset, bars.close.at(row))
        if isinstance(past, Absent):
            return past
        rival = past.newest_beyond(level.number, low=not side.up)
        reading = rival[0].readings(rival[1])[0] if rival else None
        day = past.name(to_epoch(reading.observed_at)) if reading else None
        record = Record("price.close_day", ">=" if side.up else "<=", level.number, day, reading.value if reading else None,
                        past.start, rival is None, True, covers_life("price", asset, past.start), asset, source=level.source)  # fmt: skip
        formula = f"last_at_or_{'above' if side.up else 'below'}({past.series}, i{len(past.refs) + 1})"
        inputs: list[Input] = [*past.refs, level, *([reading] if reading else [])]
        return history(f"{side.name}_since", asset, Unit.DATE, day, formula, inputs, record=record, archive_start=past.start,
                       label=side.word, observed_at=level.observed_at)  # fmt: skip

    return compute


def _between(side: _Side, name: str) -> Compute:
    """The extreme on the other side, from the end of that last day to the crossing."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        found, since = _crossing(ask, asset, side), ask.figure(f"{side.name}_since", asset)
        if isinstance(found, Absent) or isinstance(since, Absent):
            return found if isinstance(found, Absent) else since if isinstance(since, Absent) else Absent("")
        if since.value is None or not isinstance(since.inputs[-1], Reading):
            return Absent(f"no UTC day of {asset} had ended on that side before")
        bars, _, row = found
        start, end = to_epoch(since.inputs[-1].observed_at), bars.close.at(row)
        readings = _extremes_between(ask, asset, start, end, low=side.up)
        if isinstance(readings, Absent):
            return readings
        return computed(name, asset, Unit.USD, numbered("min" if side.up else "max", len(readings)), readings,
                        window_start=from_epoch(start), window_end=from_epoch(end))  # fmt: skip

    return compute


def _extremes_between(ask: Ask, asset: str, start: int, end: int, *, low: bool) -> list[Reading] | Absent:
    """The extreme of the daily bars and that of the finer bars of the last, unfinished day."""
    bars = bars_of(ask, asset)
    daily = next((b for b in all_bars(ask, asset) if b.window == "1d"), None)
    if isinstance(bars, Absent) or daily is None:
        return bars if isinstance(bars, Absent) else Absent(f"no daily bars of {asset}")
    seam = end - end % DAY
    found = []
    for part, after, until in ((daily, start, seam), (bars, max(start, seam), end)):
        run = part.low if low else part.high
        i = known_of(run).until(until).after(after).extreme(low=low)
        if i >= 0:
            found.append(run.reading(i))
    return found or Absent(f"no bars of {asset} in between")


def _nearest(name: str, *, above: bool) -> Compute:
    """The next level that is not the price itself, nor what the price is printed as."""

    def compute(ask: Ask, asset: str) -> Figure | Absent:
        last = ask.figure("price.last", asset)
        if isinstance(last, Absent):
            return last
        step = _fine_step(asset, last.number)
        beyond = last.number % step  # prices have no sign, of which Decimal's % would take that of the dividend
        gap = (step - beyond) % step if above else beyond
        formula = f"{'ceil_to' if above else 'floor_to'}(i1, {plain(step)})"
        if gap <= _printed_as_one(last.number):
            formula += f" {'+' if above else '-'} {plain(step)}"
        return computed(name, asset, Unit.USD, formula, [last])

    return compute


def _printed_as_one(price: Decimal) -> Decimal:
    """Half of the last place that a price of this size is printed with: $33,999.97 is told as $34,000."""
    return Decimal("0.5") if price >= 1000 else Decimal("0.005") if price >= 1 else Decimal(0)


_UP, _DOWN = _Side(up=True), _Side(up=False)
_NONE = "No round level was crossed that way in the past 24 hours, or no fresh bars."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, window: str = "", example: str = "", absent: str = _NONE) -> FigureSpec:
    quick = _quick_crossed(_UP) if name == "crossed_up" else _quick_crossed(_DOWN) if name == "crossed_down" else None
    return FigureSpec(f"level.{name}", unit, meaning, ASSET, absent, compute, window, example, quick=quick)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("crossed_up", Unit.USD, "The roundest level crossed upwards in the past 24 hours; its record tells when a high last reached it.",
          _crossed(_UP), "24h", "120000"),
    _spec("crossed_down", Unit.USD, "The roundest level crossed downwards in the past 24 hours; its record tells when a low last did.",
          _crossed(_DOWN), "24h"),
    _spec("crossed_up_at", Unit.MOMENT, "End of the first bar since which every close stands above the level.", _crossed_at(_UP), "",
          "2025-07-14T04:00:00Z"),
    _spec("crossed_down_at", Unit.MOMENT, "End of the first bar since which every close stands below it.", _crossed_at(_DOWN)),
    _spec("crossed_up_since", Unit.DATE, "The last UTC day before the crossing that closed above the level.", _crossed_since(_UP)),
    _spec("crossed_down_since", Unit.DATE, "The last UTC day before the crossing that closed below it.", _crossed_since(_DOWN)),
    _spec("crossed_up_low", Unit.USD, "The lowest price between that day and the crossing.", _between(_UP, "level.crossed_up_low")),
    _spec("crossed_down_high", Unit.USD, "The highest price between that day and the crossing.",
          _between(_DOWN, "level.crossed_down_high")),
    _spec("nearest_above", Unit.USD, "The next level of the fine grid above the last price.", _nearest("level.nearest_above", above=True),
          "", "122000", "No last price."),
    _spec("nearest_below", Unit.USD, "The next level of the fine grid below the last price.", _nearest("level.nearest_below", above=False),
          "", "121000", "No last price."),
)  # fmt: skip
