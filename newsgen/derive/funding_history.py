"""Funding rates against their past: how long one side has paid the other, and how unusual the rate is; in: rates, out: figures per year.

Of the rates that are known one kind is told: a vendor's rate at UTC midnight, one a day, while that midnight is at most ten minutes old;
else the rates that one venue settled every eight hours. The label says which, "day" or "settlement". Nothing is told across a gap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from newsgen.derive._figure import (
    ASSET,
    DAY,
    FRESH_S,
    MIN_PAST,
    Compute,
    Input,
    computed,
    day_of,
    from_reading,
    history,
    numbered,
    utc_midnight,
)
from newsgen.derive._formula import rounded
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import Known, Track, clock_of, known_of, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, SeriesRef, Trail, Unit, from_epoch, iso

__all__ = ["FIGURES"]

_INTERVAL = 8 * 3600
_JITTER = 300  # seconds that two settlements may lie off their eight hours
_PER_YEAR = 3 * 365  # payments of eight hours
_IN_ROW = 3  # rates that make an extreme last (editorial.md section 3, angle 23)
_YEAR_DAYS = 365
_MIN_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class _Rates:
    """The rates of one column, a step apart: those up to the present one, which is the last."""

    run: Run
    known: Known
    step: int
    word: Literal["day", "settlement"]

    @property
    def last(self) -> int:
        """Index of the present rate in the track."""
        return self.known.last - 1

    @property
    def series(self) -> str:
        return "clock(i1)" if self.word == "day" else "i1"

    def at(self, i: int) -> int:
        return self.known.track.at[i]

    def value(self, i: int) -> float:
        return self.known.track.values[i]

    def reading(self, i: int) -> Reading:
        return self.run.reading(self.run.index_of(self.at(i)))

    def follows(self, i: int) -> bool:
        """Whether a rate comes a step after the one before it."""
        return i > self.known.first and abs(self.at(i) - self.at(i - 1) - self.step) <= _JITTER

    def unbroken(self, first: int) -> bool:
        return all(self.follows(i) for i in range(first + 1, self.last + 1))

    def ref_to(self, i: int) -> SeriesRef:
        return SeriesRef(self.run.key, self.at(i))

    @property
    def past(self) -> Known:
        """Without the present one."""
        return self.known.until(self.at(self.last) - 1)

    @property
    def about(self) -> dict[str, Any]:
        return {"scope": self.run.key.venue, "label": self.word}


def _rates(ask: Ask, asset: str) -> _Rates | Absent:
    return ask.memo(("rates", asset), lambda: next(iter(_kinds(ask, asset)), None) or _none(ask, asset))


def _none(ask: Ask, asset: str) -> Absent:
    return Absent(f"no funding of {asset} at the last midnight or settled in the eight hours before {iso(ask.view.as_of)}, or a short past")


def _kinds(ask: Ask, asset: str) -> Iterable[_Rates]:
    midnight = utc_midnight(ask.view.as_of_s)
    for run in ask.view.runs("funding.rate_8h", asset) if ask.view.as_of_s - midnight <= FRESH_S else ():
        known = clock_of(run, 0).until(midnight)
        if len(known) > MIN_PAST and known.end == midnight:
            yield _Rates(run, known, DAY, "day")
    for run in ask.view.runs("funding.settled_8h", asset):
        rates = _Rates(run, known_of(run), _INTERVAL, "settlement")
        if len(rates.known) > MIN_PAST and ask.view.as_of_s - run.at(-1) < _INTERVAL + FRESH_S and rates.unbroken(rates.last - _IN_ROW):
            yield rates


def _last(ask: Ask, asset: str) -> Figure | Absent:
    rates = _rates(ask, asset)
    if isinstance(rates, Absent):
        return rates
    return from_reading("funding.last_8h", asset, rates.reading(rates.last), window="8h", scope=rates.run.key.venue, label=rates.word)


def _annualised(ask: Ask, asset: str) -> Figure | Absent:
    """Without compounding, as venues do: the rate times three payments a day."""
    rate = ask.figure("funding.last_8h", asset)
    if isinstance(rate, Absent):
        return rate
    return computed("funding.last_annualised", asset, Unit.PCT, "i1 * 3 * 365", [rate], window="year", scope=rate.scope,
                    label=rate.label)  # fmt: skip


def _of_three(name: str, operation: Literal["min", "max"]) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        rates = _rates(ask, asset)
        if isinstance(rates, Absent):
            return rates
        first = rates.last - _IN_ROW + 1
        if not rates.unbroken(first):
            return Absent(f"{name} of {asset}: one of the last {_IN_ROW} rates is missing")
        readings = [rates.reading(i) for i in range(first, rates.last + 1)]
        formula = f"{numbered(operation, _IN_ROW)} * 3 * 365"
        return computed(name, asset, Unit.PCT, formula, readings, window="3d" if rates.word == "day" else "24h", **rates.about)

    return compute


def _before_three(ask: Ask, asset: str) -> Figure | Absent:
    rates = _rates(ask, asset)
    if isinstance(rates, Absent):
        return rates
    if not rates.unbroken(rates.last - _IN_ROW):
        return Absent(f"funding.before_3 of {asset}: one of the last {_IN_ROW + 1} rates is missing")
    return computed("funding.before_3", asset, Unit.PCT, "i1 * 3 * 365", [rates.reading(rates.last - _IN_ROW)], **rates.about)


def _run_before(rates: _Rates) -> int:
    """How many rates before the present one have the other sign, one after the other; 0 when the sign did not change."""
    sign = _sign(rates.value(rates.last))
    first = rates.last
    while first > rates.known.first and sign and _sign(rates.value(first - 1)) == -sign:
        first -= 1
    return rates.last - first


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _flip(ask: Ask, asset: str) -> tuple[_Rates, int] | Absent:
    """The rates and the length of the run that the present one ended."""
    rates = _rates(ask, asset)
    if isinstance(rates, Absent):
        return rates
    count = _run_before(rates)
    if not count:
        return Absent(f"the funding of {asset} did not change its sign")
    if not rates.unbroken(rates.last - count):
        return Absent(f"a rate is missing in the run of {count} that ended for the funding of {asset}")
    return rates, count


def _flip_days(ask: Ask, asset: str) -> Figure | Absent:
    found = _flip(ask, asset)
    if isinstance(found, Absent):
        return found
    rates, count = found
    daily = rates.word == "day"
    formula = f"abs(streak({rates.series}))" + ("" if daily else " / 3")
    value = Decimal(count) if daily else Decimal(count) / 3
    return history("funding.flip_days", asset, Unit.DAYS, value, formula, [rates.ref_to(rates.last - 1), rates.reading(rates.last - 1)],
                   **rates.about)  # fmt: skip


def _flip_since(ask: Ask, asset: str) -> Figure | Absent:
    """The last day before that run on which the rate had the sign that it has now, or was zero."""
    found = _flip(ask, asset)
    if isinstance(found, Absent):
        return found
    rates, count = found
    before = rates.last - count - 1
    if before < rates.known.first:
        return Absent(f"the funding of {asset} had no other sign before in data going back to {day_of(rates.known.start)}")
    low = rates.value(rates.last) < 0
    formula = f"last_at_or_{'below' if low else 'above'}({rates.series}, 0)"
    inputs: list[Input] = [rates.ref_to(rates.last - 1), rates.reading(before)]
    return history("funding.flip_since", asset, Unit.DATE, day_of(rates.at(before)), formula, inputs,
                   archive_start=day_of(rates.known.start), **rates.about)  # fmt: skip


def _extreme(name: str, *, low: bool) -> Compute:
    def compute(ask: Ask, asset: str) -> Figure | Absent:
        rates, present = _rates(ask, asset), ask.figure("funding.last_8h", asset)
        if isinstance(rates, Absent) or isinstance(present, Absent):
            return rates if isinstance(rates, Absent) else present if isinstance(present, Absent) else Absent("")
        at = rates.known.track.at
        piece = Piece(rates.past, rates.step, lambda i: [rates.run.reading(rates.run.index_of(at[i]))])
        past = Past((piece,), (rates.ref_to(rates.last - 1),), rates.series)
        return since(ask, name, asset, present, past, low=low)

    return compute


def _as_extreme_at(ask: Ask, asset: str) -> Figure | Absent:
    """On the side of the year's average on which the present rate lies; also where that was days ago."""
    rates, present = _rates(ask, asset), ask.figure("funding.last_8h", asset)
    distance = ask.figure("funding.from_average_1y", asset)
    if isinstance(rates, Absent) or isinstance(present, Absent) or isinstance(distance, Absent):
        return distance if isinstance(distance, Absent) else present if isinstance(present, Absent) else Absent("")
    low = distance.number < 0
    found = rates.past.newest_beyond(float(present.number), low=low)
    if found < 0:
        return Absent(f"no funding of {asset} was as {'low' if low else 'high'} in data going back to {day_of(rates.known.start)}")
    formula = f"last_at_or_{'below' if low else 'above'}({rates.series}, i2)"
    inputs: list[Input] = [rates.ref_to(rates.last - 1), present, rates.reading(found)]
    return history("funding.as_extreme_at", asset, Unit.DATE, day_of(rates.at(found)), formula, inputs,
                   archive_start=day_of(rates.known.start), **rates.about)  # fmt: skip


def _year(rates: _Rates) -> Known | Absent:
    """The rates of the 365 days up to the one before the present."""
    year = rates.past.after(rates.at(rates.last - 1) - _YEAR_DAYS * DAY)
    if len(year) < _MIN_SHARE * _YEAR_DAYS * DAY / rates.step:
        return Absent(f"only {len(year)} rates of the 365 days before")
    return year


def _average(ask: Ask, asset: str) -> Figure | Absent:
    rates = _rates(ask, asset)
    year = rates if isinstance(rates, Absent) else _year(rates)
    if isinstance(rates, Absent) or isinstance(year, Absent):
        return year if isinstance(year, Absent) else Absent("")
    mean = rounded(sum(year.values) / len(year)) * _PER_YEAR
    formula = f"mean(last_days({rates.series}, {_YEAR_DAYS})) * 3 * 365"
    return history("funding.average_1y", asset, Unit.PCT, mean, formula, [rates.ref_to(rates.last - 1), rates.reading(rates.last - 1)],
                   window="365d", archive_start=day_of(rates.known.start), **rates.about)  # fmt: skip


def _percentile(ask: Ask, asset: str) -> Figure | Absent:
    rates, present = _rates(ask, asset), ask.figure("funding.last_8h", asset)
    year = rates if isinstance(rates, Absent) else _year(rates)
    if isinstance(rates, Absent) or isinstance(year, Absent) or isinstance(present, Absent):
        return year if isinstance(year, Absent) else present if isinstance(present, Absent) else Absent("")
    size = float(present.number)
    value = rounded(100 * sum(v < size for v in year.values) / len(year))
    return history("funding.percentile_1y", asset, Unit.PCT, value, f"percentile(last_days({rates.series}, {_YEAR_DAYS}), i2)",
                   [rates.ref_to(rates.last - 1), present], archive_start=day_of(rates.known.start), **rates.about)  # fmt: skip


def _from_average(ask: Ask, asset: str) -> Figure | Absent:
    rate, average = ask.figure("funding.last_annualised", asset), ask.figure("funding.average_1y", asset)
    if isinstance(rate, Absent) or isinstance(average, Absent):
        return rate if isinstance(rate, Absent) else average
    return computed("funding.from_average_1y", asset, Unit.POINTS, "i1 - i2", [rate, average], scope=rate.scope, label=rate.label)


def _distances(ask: Ask, asset: str) -> Trail | Absent:
    """How far past rates lie from the average of the year, as the present one's distance counts."""
    rates, average = _rates(ask, asset), ask.figure("funding.average_1y", asset)
    if isinstance(rates, Absent) or isinstance(average, Absent):
        return rates if isinstance(rates, Absent) else average if isinstance(average, Absent) else Absent("")
    past, mean = rates.past, float(average.number)
    track = Track(past.at, [v * _PER_YEAR - mean for v in past.values])
    return trail_of([Known(track, 0, len(track.at))], rates.at(rates.last) - 1)


def _since_at(ask: Ask, asset: str) -> Figure | Absent:
    """The midnight or the settlement that the rate is of."""
    rates = _rates(ask, asset)
    if isinstance(rates, Absent):
        return rates
    last = rates.reading(rates.last)
    return history("funding.last_at", asset, Unit.MOMENT, from_epoch(rates.at(rates.last)), "moment(i1)", [last], **rates.about)


_NONE = (
    "No rate at a midnight of the past ten minutes and none settled in eight hours, or no more than 30 before it; of settlements, one of "
    "the last four is missing."
)
_NO_FLIP = "As for the rate, its sign did not change, or a rate is missing in the run before."
_NO_YEAR = "As for the rate, or fewer than 95 % of those of the 365 days before."
_NO_SINCE = "As for the rate, or one as extreme within 30 days (the reason names it)."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str = _NONE, window: str = "",
          trail: Any = None) -> FigureSpec:  # fmt: skip
    return FigureSpec(f"funding.{name}", unit, meaning, ASSET, absent, compute, window, example, trail)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("last_8h", Unit.PCT, "The rate per eight hours at midnight, or as last settled; the label says day or settlement.", _last,
          "-0.0021", window="8h"),
    _spec("last_annualised", Unit.PCT, "The same per year, without compounding.", _annualised, "-2.3", window="year"),
    _spec("last_at", Unit.MOMENT, "That midnight, or settlement.", _since_at, "2025-06-07T00:00:00Z"),
    _spec("least_3", Unit.PCT, "The lowest of the last three rates, per year.", _of_three("funding.least_3", "min"), "31.2",
          "As for the rate, or one of the three is missing."),
    _spec("most_3", Unit.PCT, "The highest of the last three rates, per year.", _of_three("funding.most_3", "max"), "-6.1",
          "As for the rate, or one of the three is missing."),
    _spec("before_3", Unit.PCT, "The rate before these three, per year.", _before_three, "22.4",
          "As for the rate, or one of the four is missing."),
    _spec("flip_days", Unit.DAYS, "How many days the rates had the other sign, up to the present one.", _flip_days, "32", _NO_FLIP),
    _spec("flip_since", Unit.DATE, "The last UTC day before these on which the rate had its present sign, or was zero.", _flip_since,
          "2025-05-05", _NO_FLIP),
    _spec("highest_since", Unit.DATE, "The last UTC day with a rate at least as high.", _extreme("funding.highest_since", low=False),
          "2024-03-05", _NO_SINCE, "8h"),
    _spec("lowest_since", Unit.DATE, "The last UTC day with a rate at least as low.", _extreme("funding.lowest_since", low=True),
          "2023-08-17", _NO_SINCE, "8h"),
    _spec("as_extreme_at", Unit.DATE, "The last UTC day with a rate as high, or, below the year's mean, as low.", _as_extreme_at,
          "2025-06-05", "As for the mean, or no rate before was as extreme."),
    _spec("average_1y", Unit.PCT, "The mean of the rates of the 365 days before, per year.", _average, "8.4", _NO_YEAR, "365d"),
    _spec("percentile_1y", Unit.PCT, "Percent of the rates of the 365 days before that were lower.", _percentile, "3.6", _NO_YEAR),
    _spec("from_average_1y", Unit.POINTS, "How far the rate lies from that mean, in points a year.", _from_average, "-10.7", _NO_YEAR,
          trail=_distances),
)  # fmt: skip
