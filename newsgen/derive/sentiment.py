"""The crypto fear and greed index of one vendor; in: one value a day, out: value, change, class, and since when not as low or high.

Every vendor has an index of its own, so all figures are of the one that is preferred. The class is a word that the source sends with the
value; it is never worked out from it. A value is stamped at the midnight that begins its day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from statistics import fmean
from typing import Any

from newsgen.derive._bars import close_at
from newsgen.derive._figure import DAY, MARKET, Compute, computed, fresh_run, from_reading, history, numbered, ref
from newsgen.derive._formula import rounded
from newsgen.derive._since import Past, Piece, since
from newsgen.derive._tracks import Known, distances, known_of, moved, trail_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Run, Trail, Unit, from_epoch, to_epoch

__all__ = ["FIGURES"]

_MAX_AGE_S = 26 * 3600  # dashboards of daily data (editorial.md section 1)
_MIN_PAST_S = 365 * DAY  # the lowest of a few months is no extreme
_MIDDLE = 50
_MOST_DAYS = 60  # in one class that are counted: with more it is at least so many
_ASSET = "BTC"  # whose price is told beside the index


def _run(ask: Ask) -> Run | Absent:
    return fresh_run(ask, "sentiment.fear_greed", "market", _MAX_AGE_S)


def _of_run(make: Callable[[str, Run], Figure | Absent]) -> Compute:
    """A figure that is made from the run of values."""

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        run = _run(ask)
        return run if isinstance(run, Absent) else make(subject, run)

    return compute


def _value(subject: str, run: Run) -> Figure:
    return from_reading("sentiment.fear_greed", subject, run.reading(-1), window="1d")


def _value_at(subject: str, run: Run) -> Figure:
    return history("sentiment.fear_greed_at", subject, Unit.DATE, _date_of(run.at(-1)), "date(i1)", [run.reading(-1)], label="")


def _date_of(moment: int) -> date:
    """The day that a value stamped at this midnight is of."""
    return from_epoch(moment).date()


def _change(subject: str, run: Run) -> Figure | Absent:
    before = run.index_of(run.at(-1) - DAY)
    if before < 0:
        return Absent("no fear and greed index of the day before")
    return computed("sentiment.change_1d", subject, Unit.INDEX, "i1 - i2", [run.reading(-1), run.reading(before)], window="1d", label="")


def _before(days: int) -> Compute:
    def make(subject: str, run: Run) -> Figure | Absent:
        before = run.index_of(run.at(-1) - days * DAY)
        if before < 0:
            return Absent(f"no fear and greed index of {days} days before")
        return from_reading(f"sentiment.before_{days}d", subject, run.reading(before), window=f"{days}d")

    return _of_run(make)


def _average(subject: str, run: Run) -> Figure | Absent:
    """The mean of the 30 days before the last value."""
    until = run.at(-1) - 1
    known = known_of(run).until(until).after(until - 30 * DAY)
    if len(known) < 0.95 * 30:
        return Absent(f"only {len(known)} values of the fear and greed index in 30 days")
    return history("sentiment.average_30d", subject, Unit.INDEX, rounded(fmean(known.values)), "mean(last_days(i1, 30))",
                   [ref(run, until), run.reading(run.index_at(until))],
                   window="30d", label="", archive_start=_date_of(run.at(0)))  # fmt: skip


def _off_middle(subject: str, run: Run) -> Figure | Absent:
    return computed("sentiment.off_middle", subject, Unit.INDEX, f"abs(i1 - {_MIDDLE})", [run.reading(-1)], window="1d", label="")


def _earlier(ask: Ask, run: Run) -> Run | None:
    """An imported history of the same vendor's index, from before its values came as they do now."""
    name = run.reading(-1).origin.source_name
    others = (r for r in ask.view.runs("sentiment.fear_greed", "market") if r.key.source != run.key.source)
    return next((r for r in others if r.at(0) < run.at(0) and r.reading(0).origin.source_name == name), None)


def _past_of(values: Callable[[Run], Known]) -> Callable[[Ask, str], Trail | Absent]:
    """The values before the present one."""

    def trail(ask: Ask, subject: str) -> Trail | Absent:
        run = _run(ask)
        if isinstance(run, Absent):
            return run
        older = _earlier(ask, run)
        return trail_of([*([values(older).until(run.at(0) - 1)] if older else []), values(run)], run.at(-1) - 1)

    return trail


def _past(ask: Ask, run: Run, days: int, series: str, piece: Callable[[Run, Known], Piece]) -> Past | Absent:
    """What was known so many days before the last value, the imported history first; `series` says how it is made of a column."""
    values = known_of if days == 0 else lambda column: moved(column, days)
    until, older = run.at(-1) - max(days * DAY, 1), _earlier(ask, run)
    pieces, refs = [(run, values(run).until(until))], [ref(run, until)]
    if older is not None:
        pieces.insert(0, (older, values(older).until(run.at(0) - 1)))
        refs.insert(0, ref(older, run.at(0) - 1))
    found = tuple(piece(column, known) for column, known in pieces if len(known))
    if not found or until - found[0].known.start < _MIN_PAST_S:
        return Absent("the archive of the fear and greed index is shorter than a year")
    parts = [series.format(f"i{k + 1}") for k in range(len(refs))]
    return Past(found, tuple(refs), f"join({', '.join(parts)})" if len(parts) > 1 else parts[0], _date_of)


def _since(name: str, *, low: bool) -> Compute:
    """The day of the last value before at or beyond the present one."""

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        run, present = _run(ask), ask.figure("sentiment.fear_greed", subject)
        if isinstance(run, Absent) or isinstance(present, Absent):
            return run if isinstance(run, Absent) else present if isinstance(present, Absent) else Absent("")
        past = _past(ask, run, 0, "dated({})", lambda column, known: Piece(known, DAY, lambda i: [column.reading(i)]))
        return past if isinstance(past, Absent) else since(ask, name, subject, present, past, low=low, at=_date_of(run.at(-1)))

    return compute


def _move_since(name: str, *, low: bool) -> Compute:
    """The day of the last change from the day before that was as large, the same way."""

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        run, present = _run(ask), ask.figure("sentiment.change_1d", subject)
        if isinstance(run, Absent) or isinstance(present, Absent):
            return run if isinstance(run, Absent) else present if isinstance(present, Absent) else Absent("")
        if present.number == 0 or (present.number < 0) != low:
            return Absent(f"the fear and greed index did not {'fall' if low else 'rise'}")
        past = _past(ask, run, 1, "dated(moved({}, 1))", _changes)
        return past if isinstance(past, Absent) else since(ask, name, subject, present, past, low=low, at=_date_of(run.at(-1)))

    return compute


def _changes(run: Run, known: Known) -> Piece:
    return Piece(known, DAY, _pair(run, known), lambda pair: pair[0].value - pair[1].value)


def _pair(run: Run, known: Known) -> Callable[[int], list[Reading]]:
    def readings(i: int) -> list[Reading]:
        end = known.track.at[i]
        return [run.reading(run.index_of(at)) for at in (end, end - DAY)]

    return readings


def _price_then(ask: Ask, subject: str) -> Figure | Absent:
    """What bitcoin closed at on the UTC day of the last value as low, else as high."""
    found = [ask.figure(f"sentiment.{name}", subject) for name in ("low_since", "high_since")]
    then = next((f for f in found if isinstance(f, Figure) and f.value is not None), None)
    if then is None:
        return Absent("the index was as low or as high within 30 days, or never before")
    rival = then.inputs[-1]
    if not isinstance(rival, Reading):
        return Absent("the last value as low or as high is no reading")
    close = close_at(ask, _ASSET, to_epoch(rival.observed_at) + DAY)
    if isinstance(close, Absent):
        return close
    return from_reading("sentiment.price_then", subject, close, window="day", label=_ASSET)


def _zone(subject: str, run: Run) -> Figure | Absent:
    reading = run.reading(-1)
    if not reading.origin.label:
        return Absent("the source sent no class with the value")
    return history("sentiment.zone", subject, Unit.TEXT, reading.origin.label, "label(i1)", [reading], label=reading.origin.label)


def _zone_left(run: Run) -> list[Reading] | Absent:
    """The readings of the class that the last value has left, newest first; one a day without a gap."""
    label, found = run.reading(-1).origin.label, list[Reading]()
    for i in range(len(run) - 2, max(len(run) - 2 - _MOST_DAYS, -1), -1):
        reading = run.reading(i)
        own = reading.origin.label
        if run.at(i) != run.at(i + 1) - DAY or not own or own == label or (found and own != found[0].origin.label):
            break
        found.append(reading)
    if not label or not found:
        return Absent("the class is that of the day before, or one of the two is not known")
    return found


def _zone_before(subject: str, run: Run) -> Figure | Absent:
    left = _zone_left(run)
    if isinstance(left, Absent):
        return left
    label = left[0].origin.label
    return history("sentiment.zone_before", subject, Unit.TEXT, label, "label(i1)", [left[0]], label=label)


def _zone_days(subject: str, run: Run) -> Figure | Absent:
    left = _zone_left(run)
    if isinstance(left, Absent):
        return left
    return history("sentiment.zone_days", subject, Unit.COUNT, Decimal(len(left)), numbered("count", len(left)), left, label="",
                   bound="at_least" if len(left) == _MOST_DAYS else "exact")  # fmt: skip


_NO_VALUE = "No value of the past 26 hours."
_SINCE = "As for the value, a value as extreme within 30 days (the reason names it), or an archive shorter than a year."
_MOVE = "The index went the other way, or as for the other dates."
_SAME = "The class is that of the day before, or the source sent none."


def _spec(name: str, unit: Unit, meaning: str, absent: str, compute: Compute, *more: Any) -> FigureSpec:
    return FigureSpec(f"sentiment.{name}", unit, meaning, MARKET, absent, compute, *more)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("fear_greed", Unit.INDEX, "The index of the day, 0 to 100; the label is the class the source gives.", _NO_VALUE,
          _of_run(_value), "1d", "74", _past_of(known_of)),
    _spec("fear_greed_at", Unit.DATE, "The day that this value is of.", _NO_VALUE, _of_run(_value_at), "", "2025-07-14"),
    _spec("change_1d", Unit.INDEX, "Its change from the day before, in points.", "One of the two days is missing.", _of_run(_change), "1d",
          "0"),
    _spec("before_7d", Unit.INDEX, "The index of seven days before.", "No value of just that day.", _before(7), "7d", "73"),
    _spec("before_30d", Unit.INDEX, "The index of 30 days before.", "No value of just that day.", _before(30), "30d", "61"),
    _spec("average_30d", Unit.INDEX, "The mean of the index over the 30 days before the last value.", "Fewer than 29 values in those days.",
          _of_run(_average), "30d", "66.2"),
    _spec("off_middle", Unit.INDEX, "How far the index lies from 50, the middle of its scale.", _NO_VALUE, _of_run(_off_middle), "1d",
          "24", _past_of(lambda run: distances(run, _MIDDLE))),
    _spec("low_since", Unit.DATE, "The last day whose index was at or below the present one.", _SINCE,
          _since("sentiment.low_since", low=True), "1d", "2024-08-06"),
    _spec("high_since", Unit.DATE, "The last day whose index was at or above the present one.", _SINCE,
          _since("sentiment.high_since", low=False), "1d", "2025-05-23"),
    _spec("rise_largest_since", Unit.DATE, "The last day that the index rose as much from the day before.", _MOVE,
          _move_since("sentiment.rise_largest_since", low=False), "1d", "2025-03-15"),
    _spec("fall_largest_since", Unit.DATE, "The last day that the index fell as much from the day before.", _MOVE,
          _move_since("sentiment.fall_largest_since", low=True), "1d", "2024-08-03"),
    _spec("price_then", Unit.USD, "What bitcoin closed at on the last day with an index as low, else as high; the label names the asset.",
          "Neither date is there, or no close of that day.", _price_then, "day", "103700"),
    _spec("zone", Unit.TEXT, "The class that the source gives the value.", "The source sent none.", _of_run(_zone), "", "Greed"),
    _spec("zone_before", Unit.TEXT, "The class of the day before, where it was another.", _SAME, _of_run(_zone_before), "", "Neutral"),
    _spec("zone_days", Unit.COUNT, "How many days in a row, at most 60, the index had been in the class it left.", _SAME,
          _of_run(_zone_days), "", "12"),
)  # fmt: skip
