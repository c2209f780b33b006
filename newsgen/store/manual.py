"""Readings entered by hand; in: readings.toml of an edition folder, out: readings with the source that is printed."""

from __future__ import annotations

import tomllib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from newsgen.errors import ConfigError
from newsgen.market import Origin, Reading, SeriesKey, Unit, check_aware, parse_time

__all__ = ["ManualReading", "read_manual"]


def _moment(value: object) -> datetime:
    return check_aware(value, "time") if isinstance(value, datetime) else parse_time(str(value))


Moment = Annotated[datetime, BeforeValidator(_moment)]


class ManualReading(BaseModel):
    """One reading that no API gives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    series: str
    subject: str
    value: Decimal
    source: str  # as it is printed
    url: str
    observed_at: Moment
    known_at: Moment
    unit: Unit = Unit.USD
    window: str = ""
    venue: str = ""
    bound: Literal["exact", "at_least"] = "exact"

    def reading(self) -> Reading:
        """The same as the archive holds it."""
        key = SeriesKey(self.series, self.subject, self.window, "manual", self.venue)
        return Reading(key, self.value, self.unit, self.observed_at, self.known_at,
                       Origin("readings.toml", self.source, self.url, bound=self.bound))  # fmt: skip


class ManualFile(BaseModel):
    """readings.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reading: tuple[ManualReading, ...] = ()


def read_manual(path: Path) -> list[Reading]:
    """Read readings.toml.

    Raises:
        ConfigError: Names the file, the reading and the field.
    """
    try:
        file = ManualFile.model_validate(tomllib.loads(path.read_text("utf-8")))
        return [entry.reading() for entry in file.reading]
    except (tomllib.TOMLDecodeError, ValidationError, ValueError) as error:
        raise ConfigError(f"{path.name}: {error}") from error
