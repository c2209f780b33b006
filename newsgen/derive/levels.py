"""Round levels: which was crossed in the past 24 hours, when, and since when the price was last there.

The side of a level is judged on the closes of the finest spot bars; extremes on bar highs and lows. A level counts as crossed when
the last close is beyond it and the close 24 hours earlier was not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from newsgen.derive._coverage import covers_life
from newsgen.derive._figure import DAY, bars_of, close_at, day_of, history, ref, spec_kinds
from newsgen.derive.price_history import past_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Record, Unit, from_epoch

__all__ = ["FIGURES", "round_levels"]

ASSET = spec_kinds["asset"]
_STEPS: dict[str, tuple[int, ...]] = {"BTC": (10_000, 5_000), "ETH": (1_000, 500)}  # roundest first
_FINE: dict[str, int] = {"BTC": 1_000, "ETH": 100}


def round_levels(asset: str, price: Decimal) -> tuple[Decimal, ...]:
    """The steps of the level grid of an asset, roundest first: listed ones, or half and tenth of the price's magnitude."""
    if asset in _STEPS:
        return tuple(Decimal(s) for s in _STEPS[asset])
    magnitude = Decimal(1).scaleb(price.adjusted())
    return (magnitude, magnitude / 2)


def _crossed_level(asset: str, low: Decimal, high: Decimal) -> Decimal | None:
    """The roundest level in (low, high], the highest of equals."""
    for step in round_levels(asset, high):
        level = (high // step) * step
        if level > low:
            return level
    return None


def _ends(ask: Ask, asset: str) -> tuple[Decimal, Decimal] | Absent:
    bars = bars_of(ask, asset)
    if isinstance(bars, Absent):
        return bars
    before = close_at(ask, asset, bars.end - DAY)
    return before if isinstance(before, Absent) else (before.value, bars.close.decimal(-1))


def _crossed(up: bool) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        ends, bars = _ends(ask, asset), bars_of(ask, asset)
        if isinstance(ends, Absent) or isinstance(bars, Absent):
            return ends if isinstance(ends, Absent) else bars if isinstance(bars, Absent) else Absent("")
        before, now = ends
        level = _crossed_level(asset, before, now) if up else _crossed_level(asset, now, before)
        if level is None:
            return Absent(f"{asset} crossed no round level {'upwards' if up else 'downwards'} in the past 24 hours")
        return _level_figure(ask, asset, level, up)

    return compute


def _level_figure(ask: Ask, asset: str, level: Decimal, up: bool) -> Figure | Absent:
    """The level with its record: when the price (high or low) was last beyond it before these 24 hours."""
    past, bars = past_of(ask, asset, "high" if up else "low"), bars_of(ask, asset)
    if isinstance(past, Absent) or isinstance(bars, Absent):
        return past if isinstance(past, Absent) else bars if isinstance(bars, Absent) else Absent("")
    limit = float(level)
    i = _last_index(past.values, lambda v: v >= limit if up else v <= limit)
    record = Record(
        "level", ">=" if up else "<=", level, day_of(past.at[i]) if i >= 0 else None,
        past.reading(i).value if i >= 0 else None, past.start, i < 0, True, covers_life("price", asset, past.start), asset,
    )  # fmt: skip
    last = bars.close.reading(-1)
    name = f"level.crossed_{'up' if up else 'down'}"
    before = bars.close.reading(bars.close.index_of(bars.end - DAY))
    return history(name, asset, Unit.USD, level, "level_between(i1, i2)", [last, before], record=record, window="24h",
                   archive_start=past.start, label="up" if up else "down")  # fmt: skip


def _last_index(values: Sequence[float], beyond: Callable[[float], bool]) -> int:
    return next((i for i in range(len(values) - 1, -1, -1) if beyond(values[i])), -1)


def _crossed_at(up: bool) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        level, bars = ask.figure(f"level.crossed_{'up' if up else 'down'}", asset), bars_of(ask, asset)
        if isinstance(level, Absent) or isinstance(bars, Absent):
            return level if isinstance(level, Absent) else bars if isinstance(bars, Absent) else Absent("")
        limit = float(level.number)
        closes = bars.close.floats
        i = len(closes) - 1
        while i > 0 and (closes[i - 1] > limit if up else closes[i - 1] < limit):
            i -= 1
        return history(f"level.crossed_{'up' if up else 'down'}_at", asset, Unit.MOMENT, from_epoch(bars.close.observed[i]),
                       "first_end_beyond(i1, i2)", [ref(bars.close), level, bars.close.reading(i)], label=bars.window)  # fmt: skip

    return compute


def _crossed_since(up: bool) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        name = f"level.crossed_{'up' if up else 'down'}"
        level = ask.figure(name, asset)
        closes = _day_closes(ask, asset)
        if isinstance(level, Absent) or isinstance(closes, Absent):
            return level if isinstance(level, Absent) else closes if isinstance(closes, Absent) else Absent("")
        limit = float(level.number)
        i = _last_index(closes.values, lambda v: v > limit if up else v < limit)
        record = Record("close", ">=" if up else "<=", level.number, day_of(closes.at[i]) if i >= 0 else None,
                        closes.reading(i).value if i >= 0 else None, closes.start, i < 0, True,
                        covers_life("price", asset, closes.start), asset)  # fmt: skip
        value = day_of(closes.at[i]) if i >= 0 else None
        inputs = [*closes.refs, level] + ([closes.reading(i)] if i >= 0 else [])
        return history(f"{name}_since", asset, Unit.DATE, value, "last_at_or_above(i1, i2)" if up else "last_at_or_below(i1, i2)",
                       inputs, record=record, archive_start=closes.start)  # fmt: skip

    return compute


def _day_closes(ask: Ask, asset: str):  # type: ignore[no-untyped-def]
    """Closes of whole UTC days before the past 24 hours."""
    return past_of(ask, asset, "close")


def _between(up: bool) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        since = ask.figure(f"level.crossed_{'up' if up else 'down'}_since", asset)
        past = past_of(ask, asset, "low" if up else "high")
        if isinstance(since, Absent) or isinstance(past, Absent):
            return since if isinstance(since, Absent) else past if isinstance(past, Absent) else Absent("")
        if since.record is None or since.record.last_at_or_beyond is None:
            return Absent(f"{asset} was never on that side before")
        after = [i for i, at in enumerate(past.at) if day_of(at) > since.record.last_at_or_beyond]
        if not after:
            return Absent(f"no days between for {asset}")
        i = (min if up else max)(after, key=lambda k: past.values[k])
        reading = past.reading(i)
        name = "level.crossed_up_low" if up else "level.crossed_down_high"
        return history(name, asset, Unit.USD, reading.value, "lowest(i1)" if up else "highest(i1)", [*past.refs, reading],
                       observed_at=reading.observed_at)  # fmt: skip

    return compute


def _nearest(above: bool) -> Callable[[Ask, str], Figure | Absent]:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        last = ask.figure("price.last", asset)
        if isinstance(last, Absent):
            return last
        step = Decimal(_FINE[asset]) if asset in _FINE else round_levels(asset, last.number)[-1]
        below = (last.number // step) * step
        value = below + step if above else below
        return history(f"level.nearest_{'above' if above else 'below'}", asset, Unit.USD, value, "grid(i1)", [last])

    return compute


_NONE = "No round level was crossed that way in the past 24 hours."


def _spec(name: str, unit: Unit, meaning: str, compute: Callable[[Ask, str], Figure | Absent], window: str = "") -> FigureSpec:
    return FigureSpec(f"level.{name}", unit, meaning, ASSET, _NONE, compute, window)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("crossed_up", Unit.USD, "The roundest level crossed upwards in the past 24 hours.", _crossed(True), "24h"),
    _spec("crossed_down", Unit.USD, "The roundest level crossed downwards in the past 24 hours.", _crossed(False), "24h"),
    _spec("crossed_up_at", Unit.MOMENT, "End of the first bar since which every close stands above the level.", _crossed_at(True)),
    _spec("crossed_down_at", Unit.MOMENT, "End of the first bar since which every close stands below it.", _crossed_at(False)),
    _spec("crossed_up_since", Unit.DATE, "The last UTC day before that closed above the level.", _crossed_since(True)),
    _spec("crossed_down_since", Unit.DATE, "The last UTC day before that closed below the level.", _crossed_since(False)),
    _spec("crossed_up_low", Unit.USD, "The lowest price in between.", _between(True)),
    _spec("crossed_down_high", Unit.USD, "The highest price in between.", _between(False)),
    _spec("nearest_above", Unit.USD, "The next level above the last price.", _nearest(True)),
    _spec("nearest_below", Unit.USD, "The next level below the last price.", _nearest(False)),
)  # fmt: skip
