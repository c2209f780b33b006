"""Readings entered by hand; in: readings.toml of an edition folder, out: readings whose printed source is the one named there.

For what no API gives: a figure that a site printed, a vendor's app. Each entry says where it can be seen. Fetches nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from newsgen.errors import ConfigError
from newsgen.market import Bound, Origin, Reading, SeriesKey, Unit, check_aware, parse_time
from newsgen.store.layouts import LAYOUTS

__all__ = ["ManualReading", "read_manual"]


def _units() -> Mapping[str, frozenset[Unit]]:
    found: dict[str, set[Unit]] = {}
    for layout in LAYOUTS:
        for cell in layout.cells:
            found.setdefault(cell.series, set()).add(cell.unit)
    return {series: frozenset(units) for series, units in found.items()}


_UNITS = _units()


def _moment(value: object) -> datetime:
    return check_aware(value, "time") if isinstance(value, datetime) else parse_time(str(value))


Moment = Annotated[datetime, BeforeValidator(_moment)]
Name = Annotated[str, Field(min_length=1)]


class ManualReading(BaseModel):
    """One reading that no API gives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    series: Name  # docs/series.md
    subject: Name
    value: Decimal
    source: Name  # who says so; printed unless source_name is given
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    observed_at: Moment
    known_at: Moment
    unit: Unit | None = None  # default: the one unit of the series
    window: Annotated[str, Field(pattern=r"^([1-9]\d*[hd]|day|session|)$")] = ""
    venue: str = ""
    source_name: str = ""  # as it is printed
    bound: Bound = "exact"

    @model_validator(mode="after")
    def _agrees(self) -> ManualReading:
        if self.known_at < self.observed_at:
            raise ValueError("known_at is before observed_at")
        usual = _UNITS.get(self.series, frozenset())
        if self.unit is None and len(usual) != 1:
            raise ValueError(f"unit is needed for the series {self.series}")
        if self.unit is not None and usual and self.unit not in usual:
            raise ValueError(f"unit {self.unit} does not fit the series {self.series} ({', '.join(sorted(usual))})")
        return self

    def reading(self) -> Reading:
        """The same as the archive holds it."""
        key = SeriesKey(self.series, self.subject, self.window, "manual", self.venue)
        origin = Origin("readings.toml", self.source_name or self.source, self.url, bound=self.bound)
        return Reading(key, self.value, self.unit or min(_UNITS[self.series]), self.observed_at, self.known_at, origin)


class ManualFile(BaseModel):
    """readings.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reading: tuple[ManualReading, ...] = ()


def read_manual(path: Path) -> list[Reading]:
    """Read readings.toml.

    Raises:
        ConfigError: Names the file, the entry and the field.
    """
    try:
        said = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
        entries = ManualFile.model_validate(said).reading
    except ValidationError as error:
        raise ConfigError("; ".join(f"{path}: {_fault(one['loc'], one['msg'])}" for one in error.errors())) from error
    except (OSError, ValueError) as error:  # tomllib's and UTF-8's errors are ValueErrors
        raise ConfigError(f"{path}: {error}") from error
    return [entry.reading() for entry in entries]


def _fault(place: tuple[int | str, ...], problem: str) -> str:
    said = problem.removeprefix("Value error, ")
    match place:
        case ("reading", int(number), field, *_):
            return f"reading {number + 1}, {field}: {said}"
        case ("reading", int(number)):
            return f"reading {number + 1}: {said}"
    return f"{'.'.join(map(str, place))}: {said}"
