"""The nouns of the market: Reading, Column, View, Figure; in: parsed values, out: what was known at a moment.

A Reading is one measured value. A Column holds all readings of one series in the archive, column by column. A View is
what was known at `as_of` and nothing later. A Figure is a derived value that leads back to its readings. All are imported
from here; nothing of it does network, disk or clock.
"""

from __future__ import annotations

from newsgen.market._columns import Column, Load, Origin, Reading, Run, SeriesKey, SeriesRef
from newsgen.market._figures import Ask, Book, Figure, FigureSpec, Record, Trail
from newsgen.market._units import (
    Absent,
    Bound,
    Completeness,
    Unit,
    Value,
    check_aware,
    from_epoch,
    iso,
    parse_time,
    plain,
    to_epoch,
)
from newsgen.market._view import PATIENCE_S, View

__all__ = [
    "PATIENCE_S",
    "Absent",
    "Ask",
    "Book",
    "Bound",
    "Column",
    "Completeness",
    "Figure",
    "FigureSpec",
    "Load",
    "Origin",
    "Reading",
    "Record",
    "Run",
    "SeriesKey",
    "SeriesRef",
    "Trail",
    "Unit",
    "Value",
    "View",
    "check_aware",
    "from_epoch",
    "iso",
    "parse_time",
    "plain",
    "to_epoch",
]
