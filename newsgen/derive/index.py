"""Stock and other indices at their last close; in: closes per session, out: change, record close and distance to it.

A record is stated only of an index whose series, with the stated peak before it, covers its whole life (coverage.toml).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from newsgen.derive._coverage import covers_life
from newsgen.derive._figure import INDEX, Compute, computed, from_reading, history, ref, session_of
from newsgen.derive._tracks import known_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Run, Unit

__all__ = ["FIGURES"]

_STALE_DAYS = 5


def _run(ask: Ask, subject: str) -> Run | Absent:
    run = ask.view.run("index.close", subject, window="session")
    if isinstance(run, Absent):
        return run
    last = session_of(run.at(-1))
    if session_of(ask.view.as_of_s) - last > timedelta(days=_STALE_DAYS):
        return Absent(f"the last known close of {subject} is of {last}")
    return run


def _of_run(make: Callable[[str, Run], Figure | Absent]) -> Compute:
    def compute(ask: Ask, subject: str) -> Figure | Absent:
        run = _run(ask, subject)
        return run if isinstance(run, Absent) else make(subject, run)

    return compute


def _close(subject: str, run: Run) -> Figure:
    return from_reading("index.close", subject, run.reading(-1), window="session")


def _session(subject: str, run: Run) -> Figure:
    return history("index.session", subject, Unit.DATE, session_of(run.at(-1)), "session(i1)", [run.reading(-1)], window="session")


def _change(subject: str, run: Run) -> Figure | Absent:
    """In percent; what is itself a percentage moves in points, which this figure is not."""
    if run.unit in (Unit.PCT, Unit.POINTS):
        return Absent(f"{subject} is measured in percent: its change is in points")
    if len(run) < 2 or session_of(run.at(-1)) - session_of(run.at(-2)) > timedelta(days=_STALE_DAYS):
        return Absent(f"no close of {subject} in the session before")
    return computed("index.change_day", subject, Unit.PCT, "pct_change(i1, i2)", [run.reading(-1), run.reading(-2)], window="session")


def _record(subject: str, run: Run) -> int | Absent:
    """Row of the highest close, the newest of equals."""
    start = session_of(run.at(0))
    if not covers_life("index", subject, start):
        return Absent(f"the closes of {subject} are known only from {start}: no record can be stated")
    return known_of(run).extreme(low=False)


def _record_close(subject: str, run: Run) -> Figure | Absent:
    row = _record(subject, run)
    if isinstance(row, Absent):
        return row
    return history("index.record_close", subject, run.unit, run.decimal(row), "highest(i1)", [ref(run), run.reading(row)],
                   archive_start=session_of(run.at(0)), window="session")  # fmt: skip


def _record_at(subject: str, run: Run) -> Figure | Absent:
    row = _record(subject, run)
    if isinstance(row, Absent):
        return row
    return history("index.record_at", subject, Unit.DATE, session_of(run.at(row)), "highest_session(i1)",
                   [ref(run), run.reading(row)], archive_start=session_of(run.at(0)))  # fmt: skip


def _below(ask: Ask, subject: str) -> Figure | Absent:
    close, record = ask.figure("index.close", subject), ask.figure("index.record_close", subject)
    if isinstance(close, Absent) or isinstance(record, Absent):
        return close if isinstance(close, Absent) else record
    if close.number == record.number:
        return Absent(f"the last close of {subject} is its record")
    return computed("index.below_record_pct", subject, Unit.PCT, "(i2 - i1) / i2 * 100", [close, record],
                    archive_start=record.archive_start)  # fmt: skip


_NONE = "No close of the last five days is known."
_NO_RECORD = "As for the close, or the series does not cover the index's whole life."


def _spec(name: str, unit: Unit, meaning: str, compute: Compute, example: str, absent: str = _NONE) -> FigureSpec:
    more: dict[str, Any] = {"window": "session", "example": example}
    return FigureSpec(f"index.{name}", unit, meaning, INDEX, absent, compute, **more)


FIGURES: tuple[FigureSpec, ...] = (
    _spec("close", Unit.INDEX, "The last known close, in the unit of its series.", _of_run(_close), "6259.75"),
    _spec("session", Unit.DATE, "The New York date of that close.", _of_run(_session), "2025-07-11"),
    _spec("change_day", Unit.PCT, "That close against the one of the session before.", _of_run(_change), "-0.33",
          "As for the close, no session before, or a series in percent."),
    _spec("record_close", Unit.INDEX, "The highest close.", _of_run(_record_close), "6280.46", _NO_RECORD),
    _spec("record_at", Unit.DATE, "The New York date of the highest close.", _of_run(_record_at), "2025-07-10", _NO_RECORD),
    _spec("below_record_pct", Unit.PCT, "How far the last close is below the highest, in percent of it.", _below, "0.33",
          "As for the record, or the last close is the record."),
)  # fmt: skip
