"""A house style as data: how numbers, money, dates and names are spelled; in: a TOML file, out: a HouseStyle.

Holds no rule of its own: `numbers.py` and `refer.py` read it. Another style or language is another file in `templates/style/`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsgen.errors import ConfigError

__all__ = ["HouseStyle", "in_zone", "load_style"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NumberStyle(_Part):
    """Spelling of plain numbers."""

    decimal: str = "."
    thousands: str = ","
    words: tuple[str, ...]  # zero, one ... up to the last number that is a word in text
    ordinals: tuple[str, ...]  # zeroth, first ...; from its end on figures with a suffix
    ordinal_suffixes: Mapping[str, str]  # "1" -> "st"; "default" -> "th"; "11", "12", "13" too


class MoneyStyle(_Part):
    """Spelling of amounts of money."""

    symbol: str
    scales: tuple[str, ...]  # words for 10^3, 10^6, 10^9, 10^12 with their space: "", " million" ...
    digits: int = 3  # significant figures in running text


class PercentStyle(_Part):
    """Spelling of percent and percentage points."""

    sign: str  # "%" or " per cent"
    whole_from: int = 10  # from here on without decimals


class DateStyle(_Part):
    """Spelling of dates and clock times."""

    zone: str  # the readers' zone
    months: tuple[str, ...]
    months_with_day: tuple[str, ...]
    weekdays: tuple[str, ...]  # Monday first
    day: str  # "{month} {day}"
    day_year: str  # "{month} {day}, {year}"
    month_year: str
    weekday_within_days: int = 6  # dates this near are named by their weekday; 0 switches it off
    clock: str  # "{hour12}:{minute} {half}"
    clock_whole: str  # the same on the hour
    noon: str
    midnight: str
    halves: tuple[str, str]
    zone_labels: Mapping[str, str]  # tzname to printed label
    both: str  # "{local} {label} ({utc} UTC)"
    same: str  # where the readers' zone is UTC

    def labels(self) -> tuple[str, ...]:
        """How the zone is printed, in winter and in summer."""
        names = [datetime(2025, month, 1, tzinfo=ZoneInfo(self.zone)).tzname() or "" for month in (1, 7)]
        return tuple(dict.fromkeys(self.zone_labels.get(name, name) for name in names))


class HouseStyle(_Part):
    """One desk's spelling."""

    name: str
    locale: str
    number: NumberStyle
    money: MoneyStyle
    percent: PercentStyle
    dates: DateStyle
    approximators: Mapping[str, str]  # more_than, nearly, about, at_least
    spelling: Mapping[str, str] = Field(default_factory=dict)  # whole words to replace in the text
    names: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)  # per asset: overrides of the lexicon's forms
    banned: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()  # phrases that hold a numeral and are no figure: "S&P 500"


def in_zone(style: HouseStyle, zone: str) -> HouseStyle:
    """The same spelling for readers in another zone.

    Raises:
        ConfigError: The zone has no name of letters ("-03"), and the style gives it none.
    """
    moved = style.model_copy(update={"dates": style.dates.model_copy(update={"zone": zone})})
    for label in moved.dates.labels():
        if not label.isalpha():
            raise ConfigError(f"the zone {zone} is called {label}: give it a name in zone_labels of the house style {style.name}")
    return moved


def load_style(path: Path) -> HouseStyle:
    """Read a house style.

    Raises:
        ConfigError: The file is missing, no TOML, or a key is unknown or missing; names file and key.
    """
    try:
        return HouseStyle.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        styles = ", ".join(sorted(p.stem for p in path.parent.glob("*.toml")))
        raise ConfigError(f"no house style {path.stem!r}; there are: {styles}") from None
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{path.name}: {error}") from error
