"""Readings entered by hand; in: readings.toml of an edition folder, out: readings whose printed source is the one named there.

For what no API gives: a figure that a site printed, a vendor's app. Each entry says where it can be seen. Fetches nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from newsgen.errors import ConfigError
from newsgen.market import Bound, Origin, Reading, SeriesKey, Unit, check_aware, parse_time
from newsgen.store.layouts import LAYOUTS

__all__ = ["BY_HAND", "ManualReading", "read_manual", "reading_by_hand"]


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

    def reading(self, endpoint: str = "readings.toml") -> Reading:
        """The same as the archive holds it."""
        key = SeriesKey(self.series, self.subject, self.window, "manual", self.venue)
        origin = Origin(endpoint, self.source_name or self.source, self.url, bound=self.bound)
        return Reading(key, self.value, self.unit or min(_UNITS[self.series]), self.observed_at, self.known_at, origin)


class Column(NamedTuple):
    """Where a figure that people enter by hand is kept."""

    series: str
    window: str = ""
    venue: str = ""


# The figures that nobody's API gives, or that a desk without a key reads off a page: figure -> its reading.
BY_HAND: Mapping[str, Column] = {
    "liquidations.total_24h": Column("liq.total", "24h", "all"),
    "liquidations.long_24h": Column("liq.long", "24h", "all"),
    "liquidations.short_24h": Column("liq.short", "24h", "all"),
    "liquidations.largest_order_24h": Column("liq.largest_order", "24h"),
    "liquidations.traders_24h": Column("liq.traders", "24h", "all"),
    "etf.net_flow_day": Column("etf.net_flow", "session", "us"),
    "open_interest.usd": Column("open_interest.usd", "", "all"),
    "funding.rate_8h": Column("funding.rate_8h", "8h", "all"),
    "sentiment.fear_greed": Column("sentiment.fear_greed", "1d"),
    "dominance.btc": Column("dominance.btc"),
    "stablecoins.supply": Column("stablecoins.supply"),
    "treasury.holdings": Column("treasury.holdings", "", "BTC"),
    "treasury.last_purchase": Column("treasury.purchase", "", "BTC"),
    "index.close": Column("index.close", "session"),
}


def reading_by_hand(
    said: str, *, subject: str, source: str, url: str, observed_at: datetime, known_at: datetime, unit: str = "", window: str | None = None,
    at_least: bool = False,
) -> Reading:  # fmt: skip
    """A reading from `liquidations.traders_24h=130000`: a figure's name, or a series of docs/series.md, and its value.

    Raises:
        ConfigError: The name, the value or one of the other parts cannot be; says which, and the nearest right name.
    """
    name, equals, value = said.partition("=")
    if not equals:
        raise ConfigError(f"--set {said}: write NAME=VALUE, as in liquidations.traders_24h=130000")
    column = BY_HAND.get(name) or (Column(name) if name in _UNITS or unit else None)
    if column is None:
        near = get_close_matches(name, [*BY_HAND, *_UNITS], 1)
        raise ConfigError(f"--set {name}: no figure or series is entered under that name" + (f"; did you mean {near[0]}?" if near else ""))
    try:
        return ManualReading.model_validate({
            "series": column.series, "subject": subject, "value": value.strip().replace(",", ""), "source": source, "url": url,
            "observed_at": observed_at, "known_at": known_at, "unit": unit or None, "venue": column.venue,
            "window": column.window if window is None else window, "bound": "at_least" if at_least else "exact",
        }).reading("by hand")  # fmt: skip
    except ValidationError as error:
        raise ConfigError(f"--set {name}: " + "; ".join(_fault(one["loc"], one["msg"]) for one in error.errors())) from None


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
