"""The crypto fear and greed index of alternative.me; in: one value a day, out: value, change and the class the source gives."""

from __future__ import annotations

from newsgen.derive._figure import DAY, computed, from_reading, history, spec_kinds
from newsgen.market import Absent, Ask, Figure, FigureSpec, Run, Unit

__all__ = ["FIGURES"]

MARKET = spec_kinds["market"]
_MAX_AGE_S = 26 * 3600  # dashboards of daily data (editorial.md section 1)


def _run(ask: Ask) -> Run | Absent:
    run = ask.view.run("sentiment.fear_greed", "market")
    if isinstance(run, Absent):
        return run
    return run if ask.view.as_of_s - run.observed[-1] <= _MAX_AGE_S else Absent("the last fear and greed index is of another day")


def _value(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask)
    return run if isinstance(run, Absent) else from_reading("sentiment.fear_greed", subject, run.reading(-1))


def _change(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask)
    if isinstance(run, Absent):
        return run
    before = run.index_of(run.observed[-1] - DAY)
    if before < 0:
        return Absent("no fear and greed index of the day before")
    return computed("sentiment.change_1d", subject, Unit.INDEX, "i1 - i2", [run.reading(-1), run.reading(before)], window="1d")


def _zone(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask)
    if isinstance(run, Absent):
        return run
    reading = run.reading(-1)
    if not reading.origin.label:
        return Absent("the source sent no class with the value")
    return history("sentiment.zone", subject, Unit.TEXT, reading.origin.label, "label(i1)", [reading], label=reading.origin.label)


FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec("sentiment.fear_greed", Unit.INDEX, "The index of the day, 0 to 100.", MARKET, "No value of the day.", _value, "", "74"),
    FigureSpec("sentiment.change_1d", Unit.INDEX, "Its change from the day before, in points.", MARKET, "A day is missing.", _change, "1d"),
    FigureSpec("sentiment.zone", Unit.TEXT, "The class that the source gives the value.", MARKET, "The source sent none.", _zone),
)  # fmt: skip
