"""Stock and other indices at their last close; in: closes per session, out: change, record close and distance to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from newsgen.derive._coverage import covers_life
from newsgen.derive._figure import computed, from_reading, history, ref, spec_kinds
from newsgen.market import Absent, Ask, Figure, FigureSpec, Run, Unit, from_epoch

__all__ = ["FIGURES"]

INDEX = spec_kinds["index"]
_NEW_YORK = ZoneInfo("America/New_York")


def _session_of(moment: int) -> date:
    return from_epoch(moment).astimezone(_NEW_YORK).date()


def _run(ask: Ask, subject: str) -> Run | Absent:
    run = ask.view.run("index.close", subject, window="session")
    if isinstance(run, Absent):
        return run
    last = _session_of(run.observed[-1])
    return run if ask.view.as_of.date() - last <= timedelta(days=5) else Absent(f"the last known close of {subject} is of {last}")


def _close(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask, subject)
    return run if isinstance(run, Absent) else from_reading("index.close", subject, run.reading(-1), window="session")


def _session(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask, subject)
    if isinstance(run, Absent):
        return run
    return history("index.session", subject, Unit.DATE, _session_of(run.observed[-1]), "day(i1)", [run.reading(-1)])


def _change(ask: Ask, subject: str) -> Figure | Absent:
    run = _run(ask, subject)
    if isinstance(run, Absent) or len(run) < 2:
        return run if isinstance(run, Absent) else Absent(f"only one close of {subject}")
    return computed("index.change_day", subject, Unit.PCT, "pct_change(i1, i2)", [run.reading(-1), run.reading(-2)], window="session")


def _record(ask: Ask, subject: str) -> tuple[Run, int] | Absent:
    run = _run(ask, subject)
    if isinstance(run, Absent):
        return run
    start = _session_of(run.observed[0])
    if not covers_life("index", subject, start):
        return Absent(f"the closes of {subject} are known only from {start}: no record can be stated")
    return run, max(range(len(run)), key=lambda i: (run.floats[i], i))


def _record_close(ask: Ask, subject: str) -> Figure | Absent:
    found = _record(ask, subject)
    if isinstance(found, Absent):
        return found
    run, i = found
    return history("index.record_close", subject, run.unit, run.decimal(i), "highest(i1)", [ref(run), run.reading(i)],
                   archive_start=_session_of(run.observed[0]), window="session")  # fmt: skip


def _record_at(ask: Ask, subject: str) -> Figure | Absent:
    found = _record(ask, subject)
    if isinstance(found, Absent):
        return found
    run, i = found
    return history("index.record_at", subject, Unit.DATE, _session_of(run.observed[i]), "day(i1)", [run.reading(i)],
                   archive_start=_session_of(run.observed[0]))  # fmt: skip


def _below(ask: Ask, subject: str) -> Figure | Absent:
    close, record = ask.figure("index.close", subject), ask.figure("index.record_close", subject)
    if isinstance(close, Absent) or isinstance(record, Absent):
        return close if isinstance(close, Absent) else record if isinstance(record, Absent) else Absent("")
    if close.number == record.number:
        return Absent(f"the last close of {subject} is its record")
    return computed("index.below_record_pct", subject, Unit.PCT, "(i2 - i1) / i2 * 100", [close, record],
                    archive_start=record.archive_start)  # fmt: skip


def _spec(name: str, unit: Unit, meaning: str, compute: Callable[[Ask, str], Figure | Absent], **more: Any) -> FigureSpec:
    return FigureSpec(f"index.{name}", unit, meaning, INDEX, "No close of the last five days, or the record is not covered.",
                      compute, "session", **more)  # fmt: skip


FIGURES: tuple[FigureSpec, ...] = (
    _spec("close", Unit.INDEX, "The last known close.", _close, example="6259.75"),
    _spec("session", Unit.DATE, "The date of that close.", _session, example="2025-07-11"),
    _spec("change_day", Unit.PCT, "That close against the one before.", _change, example="-0.33"),
    _spec("record_close", Unit.INDEX, "The highest close.", _record_close, example="6280.46"),
    _spec("record_at", Unit.DATE, "The date of the highest close.", _record_at, example="2025-07-10"),
    _spec("below_record_pct", Unit.PCT, "How far the last close is below the highest, in percent of it.", _below, example="0.33"),
)
