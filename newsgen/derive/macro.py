"""Releases of economic data and bitcoin's price since; in: calendars and spot prices, out: result, forecast, previous and the change.

A release is told for two hours. It is one of a closed list, known by the names that calendars give it; where a calendar says how important
it is, only the highest counts. The price at the release is the last one seen in the ten minutes before it. Nothing here says that the one
moved the other: a release and a change of price stand beside each other in time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from newsgen.derive._bars import exchange_of
from newsgen.derive._figure import FRESH_S, MARKET, Compute, computed, from_reading, history
from newsgen.derive._releases import RELEASES, counts, reading_of, unit_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Unit, from_epoch, to_epoch

__all__ = ["FIGURES"]

_COIN = "BTC"
_NEWS_S = 2 * 3600


@dataclass(frozen=True, slots=True)
class _Release:
    """A release and its result."""

    key: str
    at: int
    actual: Reading


def _number(ask: Ask, series: str, release: _Release) -> Reading | None:
    """A number beside the result: of the same calendar if it has one, else of another."""
    own = release.actual.key
    for run in ask.view.runs(f"calendar.{series}", own.subject, source=own.source):
        i = run.index_of(release.at)
        if i >= 0:
            return run.reading(i)
    found = (reading_of(ask, series, name, release.at) for name in RELEASES[release.key])
    return next((r for r in found if r is not None), None)


def _release(ask: Ask) -> _Release | Absent:
    return ask.memo("release", lambda: _find_release(ask))


def _find_release(ask: Ask) -> _Release | Absent:
    """The newest release of the past two hours whose result is known; of several at once the first of the list."""
    best: _Release | None = None
    for key, names in RELEASES.items():
        for name in names:
            for run in ask.view.runs("calendar.actual", name):
                i = run.index_at(ask.view.as_of_s)
                if i < 0 or ask.view.as_of_s - run.at(i) > _NEWS_S or not counts(ask, key, run.at(i)):
                    continue
                if best is None or run.at(i) > best.at:
                    best = _Release(key, run.at(i), run.reading(i))
    return best or Absent("no result of an important release of the past two hours is known")


def _told(name: str, series: str) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        release = _release(ask)
        if isinstance(release, Absent):
            return release
        reading = release.actual if series == "actual" else _number(ask, series, release)
        if reading is None:
            return Absent(f"no calendar has the {series} of {release.key}")
        return from_reading(name, subject, reading, unit_of(reading), label=release.key)

    return compute


def _surprise(ask: Ask, subject: str) -> Figure | Absent:
    actual, forecast = ask.figure("macro.actual", subject), ask.figure("macro.forecast", subject)
    if isinstance(actual, Absent) or isinstance(forecast, Absent):
        return actual if isinstance(actual, Absent) else forecast
    if actual.unit is not forecast.unit:
        return Absent("result and forecast are not in one unit")
    return computed("macro.surprise", subject, actual.unit, "i1 - i2", [actual, forecast], label=actual.label)


def _at(ask: Ask, subject: str) -> Figure | Absent:
    release = _release(ask)
    if isinstance(release, Absent):
        return release
    return history("macro.release_at", subject, Unit.MOMENT, from_epoch(release.at), "moment(i1)", [release.actual], label=release.key)


def _price_then(ask: Ask, subject: str) -> Figure | Absent:
    """The last price seen before the release."""
    release, source = _release(ask), exchange_of(ask, _COIN)
    if isinstance(release, Absent):
        return release
    runs = [*ask.view.runs("spot.last", _COIN, source=source), *ask.view.runs("spot.close", _COIN, source=source)]
    seen = [(run.at(i), n, run.reading(i)) for n, run in enumerate(runs) if (i := run.index_at(release.at)) >= 0]
    newest = max(seen, default=None, key=lambda s: (s[0], -s[1]))
    if newest is None or release.at - newest[0] > FRESH_S:
        return Absent("no price of bitcoin in the ten minutes before the release")
    return from_reading("macro.price_then", _COIN, newest[2])


def _change(ask: Ask, subject: str) -> Figure | Absent:
    release, then, now = _release(ask), ask.figure("macro.price_then", subject), ask.figure("price.last", _COIN)
    if isinstance(release, Absent) or isinstance(then, Absent) or isinstance(now, Absent):
        return next(f for f in (release, then, now) if isinstance(f, Absent))
    if to_epoch(now.observed_at) <= release.at:
        return Absent("no price of bitcoin after the release")
    return computed("macro.bitcoin_change", _COIN, Unit.PCT, "pct_change(i1, i2)", [now, then])


def _minutes(ask: Ask, subject: str) -> Figure | Absent:
    """From the release to the last price."""
    release, change = _release(ask), ask.figure("macro.bitcoin_change", subject)
    if isinstance(release, Absent) or isinstance(change, Absent):
        return release if isinstance(release, Absent) else change if isinstance(change, Absent) else Absent("")
    at, last = ask.figure("macro.release_at", subject), change.inputs[0]
    if isinstance(at, Absent) or not isinstance(last, Figure):
        return at if isinstance(at, Absent) else Absent("the last price is no figure")
    minutes = (to_epoch(last.observed_at) - release.at) // 60
    if minutes == 0:
        return Absent("less than a minute has passed since the release")
    return history("macro.minutes", subject, Unit.COUNT, Decimal(minutes), "minutes_between(i1, i2)", [at, last], label=_COIN)


_NONE = "No result of an important release of the past two hours is known."


def _spec(name: str, unit: Unit, meaning: str, compute: Callable[[Ask, str], Figure | Absent], example: str, absent: str = _NONE,
          **more: Any) -> FigureSpec:  # fmt: skip
    return FigureSpec(f"macro.{name}", unit, meaning, MARKET, absent, compute, "", example, **more)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("release_at", Unit.MOMENT, "When the newest release of the past two hours was due; the label says which.", _at,
          "2025-07-15T12:30:00Z"),
    _spec("actual", Unit.INDEX, "Its result, in the unit that its source gives.", _told("macro.actual", "actual"), "0.3"),
    _spec("forecast", Unit.INDEX, "What was forecast.", _told("macro.forecast", "forecast"), "0.3", "As for the result, or no forecast."),
    _spec("previous", Unit.INDEX, "The result of the release before.", _told("macro.previous", "previous"), "0.1",
          "As for the result, or none before."),
    _spec("surprise", Unit.INDEX, "The result less the forecast.", _surprise, "0", "As for the forecast, or it is in another unit."),
    _spec("price_then", Unit.USD, "Bitcoin's last price before the release.", _price_then, "116800",
          "As for the result, or no price in the ten minutes before."),
    _spec("bitcoin_change", Unit.PCT, "Bitcoin's last price against that one.", _change, "-1.4",
          "As for that price, or none after the release."),
    _spec("minutes", Unit.COUNT, "Whole minutes from the release to that last price.", _minutes, "45",
          "As for the change, or less than one."),
)  # fmt: skip
