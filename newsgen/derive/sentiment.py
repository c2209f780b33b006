"""The crypto fear and greed index of alternative.me; in: one value a day, out: value, change and the class the source gives."""

from __future__ import annotations

from newsgen.derive._figure import DAY, MARKET, computed, fresh_run, from_reading, history
from newsgen.market import Absent, Ask, Figure, FigureSpec, Run, Unit

__all__ = ["FIGURES"]

_MAX_AGE_S = 26 * 3600  # dashboards of daily data (editorial.md section 1)


def _run(ask: Ask) -> Run | Absent:
    return fresh_run(ask, "sentiment.fear_greed", "market", _MAX_AGE_S)


def _value(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask)
    return run if isinstance(run, Absent) else from_reading("sentiment.fear_greed", subject, run.reading(-1), window="1d")


def _change(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask)
    if isinstance(run, Absent):
        return run
    before = run.index_of(run.at(-1) - DAY)
    if before < 0:
        return Absent("no fear and greed index of the day before")
    return computed("sentiment.change_1d", subject, Unit.INDEX, "i1 - i2", [run.reading(-1), run.reading(before)], window="1d", label="")


def _zone(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask)
    if isinstance(run, Absent):
        return run
    reading = run.reading(-1)
    if not reading.origin.label:
        return Absent("the source sent no class with the value")
    return history("sentiment.zone", subject, Unit.TEXT, reading.origin.label, "label(i1)", [reading], label=reading.origin.label)


FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("sentiment.fear_greed", Unit.INDEX, "The index of the day, 0 to 100; the label is the class the source gives.", MARKET,
               "No value of the past 26 hours.", _value, "1d", "74"),
    FigureSpec("sentiment.change_1d", Unit.INDEX, "Its change from the day before, in points.", MARKET, "One of the two days is missing.",
               _change, "1d", "0"),
    FigureSpec("sentiment.zone", Unit.TEXT, "The class that the source gives the value.", MARKET, "The source sent none.", _zone, "",
               "Greed"),
)  # fmt: skip
