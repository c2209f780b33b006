"""Releases of economic data that are due; in: calendars, out: the next three moments with what each release is of, and the first forecast.

Only releases of the list within seven days, and where a calendar says how important they are only the highest. A calendar that
gives one name two moments has moved it, or not yet: neither is told. Of several at one moment the first of the list stands for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from newsgen.derive._figure import MARKET, Compute, from_reading, history
from newsgen.derive._releases import RELEASES, counts, reading_of, unit_of
from newsgen.market import Absent, Ask, Figure, FigureSpec, Reading, Unit, to_epoch

__all__ = ["FIGURES"]

_WEEK_S = 7 * 86_400
_SERIES = ("importance", "forecast", "previous")
_WORDS = ("next", "second next", "third next")
Due = tuple[str, Reading]  # a key of RELEASES and the calendar's row


def _ahead(ask: Ask) -> Sequence[Due]:
    return ask.memo("ahead", lambda: _find_ahead(ask))


def _find_ahead(ask: Ask) -> Sequence[Due]:
    found: dict[int, Due] = {}
    for key, names in RELEASES.items():
        rows = _rows(ask, names)
        if len(rows) != 1:
            continue  # none, or moved
        ((at, reading),) = rows.items()
        if at not in found and counts(ask, key, at):
            found[at] = (key, reading)
    return [due for _, due in sorted(found.items())]


def _rows(ask: Ask, names: Sequence[str]) -> Mapping[int, Reading]:
    """What the calendars have under some names in the seven days after the view's moment, by its moment."""
    rows: dict[int, Reading] = {}
    for series in _SERIES:
        for name in names:
            for run in ask.view.runs(f"calendar.{series}", name):
                for i in range(run.index_at(ask.view.as_of_s) + 1, run.index_at(ask.view.as_of_s + _WEEK_S - 1) + 1):
                    rows.setdefault(run.at(i), run.reading(i))
    return rows


def _due(place: int) -> Compute:
    name = f"macro.next_{place}_at"

    def compute(ask: Ask, subject: str) -> Figure | Absent:
        ahead = _ahead(ask)
        if len(ahead) < place:
            return Absent(f"calendars have {len(ahead)} important releases in the next seven days")
        key, reading = ahead[place - 1]
        return history(name, subject, Unit.MOMENT, reading.observed_at, "moment(i1)", [reading], label=key, observed_at=reading.known_at)

    return compute


def _forecast(ask: Ask, subject: str) -> Figure | Absent:
    due = ask.figure("macro.next_1_at", subject)
    if isinstance(due, Absent):
        return due
    at = next(to_epoch(i.observed_at) for i in due.inputs if isinstance(i, Reading))
    found = (reading_of(ask, "forecast", name, at) for name in RELEASES[due.label])
    reading = next((r for r in found if r is not None), None)
    if reading is None:
        return Absent(f"no calendar has the forecast of {due.label}")
    return replace(from_reading("macro.next_1_forecast", subject, reading, unit_of(reading), label=due.label), observed_at=reading.known_at)


_NONE = "Calendars have fewer important releases in the next seven days, or give one two moments."
FIGURES: tuple[FigureSpec, ...] = (
    *(FigureSpec(f"macro.next_{n}_at", Unit.MOMENT, f"When the {word} release is due; the label says which.", MARKET, _NONE, _due(n), "",
                 "2025-07-15T12:30:00Z") for n, word in enumerate(_WORDS, 1)),
    FigureSpec("macro.next_1_forecast", Unit.INDEX, "What is forecast for the next one.", MARKET, "As for it, or no forecast.", _forecast,
               "", "0.3"),
)  # fmt: skip
