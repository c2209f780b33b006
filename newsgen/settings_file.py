"""newsgen.toml as text; in: a path, out: its values, and errors that name file, line and key.

Knows TOML, not what the keys mean.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from newsgen.errors import ConfigError

__all__ = ["Fault", "Place", "SettingsFile", "nearest"]

DEFAULT_FILE = Path("newsgen.toml")
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\-\"' ]+?)\s*\]\]?\s*(#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-\"']+)\s*[.=]")

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place: ("editions", 1, "cron")."""

    place: Place
    problem: str


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file; without one, the same with no values."""

    path: Path
    values: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""

    @classmethod
    def read(cls, path: Path | None) -> SettingsFile:
        """Read a file; None means ./newsgen.toml if it is there.

        Raises:
            ConfigError: There is no such file, or it is no TOML.
        """
        place = path or DEFAULT_FILE
        if path is None and not place.is_file():
            return cls(place)
        try:
            text = place.read_text("utf-8")
            return cls(place, tomllib.loads(text, parse_float=Decimal), text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{place}: {error}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{place}: is not UTF-8") from None
        except OSError as error:
            raise ConfigError(f"{place}: cannot be read: {error.strerror}") from None

    @property
    def name(self) -> str:
        return str(self.path)

    @property
    def folder(self) -> Path:
        return self.path.parent

    def beside(self, path: str) -> str:
        """A path of the file, which is relative to the file's folder."""
        return str(self.folder / Path(path).expanduser())

    def error(self, faults: Sequence[Fault]) -> ConfigError:
        """One error with a line for each fault."""
        lines = _lines(self.text)
        return ConfigError("\n".join(dict.fromkeys(f"{self._where(f.place, lines)}: {f.problem}" for f in faults)))

    def _where(self, place: Place, lines: Mapping[Place, int]) -> str:
        shown = self._shown(place)
        for length in range(len(place), 0, -1):
            line = lines.get(place[:length]) or lines.get((*place[:length], 0))
            if line is not None:
                return f"{self.name}:{line}: {shown}"
        return f"{self.name}: {shown}"

    def _shown(self, place: Place) -> str:
        """editions.morning.cron, or editions[1].cron for one without a name."""
        shown, value = "", self.values
        for part in place:
            value = _inside(value, part)
            if isinstance(part, int):
                name = value.get("name") if isinstance(value, Mapping) else None
                shown += f".{name}" if isinstance(name, str) and re.fullmatch(r"[\w-]{1,40}", name) else f"[{part}]"
            else:
                shown += f".{part}" if shown else part
        return shown or "settings"


def _inside(value: Any, part: str | int) -> Any:
    try:
        return value[part]
    except (KeyError, IndexError, TypeError):
        return {}


def _lines(text: str) -> dict[Place, int]:
    """The line of each table and key, for the plain forms in which people write them."""
    found: dict[Place, int] = {}
    table: Place = ()
    counts: dict[Place, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.fullmatch(line)
        key = _KEY.match(line)
        if header:
            table = _table(header.group(2), header.group(1) == "[[", counts)
            found.setdefault(table, number)
        elif key:
            found.setdefault((*table, key.group(1).strip("\"'")), number)
    return found


def _table(name: str, is_list: bool, counts: dict[Place, int]) -> Place:
    place: Place = ()
    parts = [p.strip().strip("\"'") for p in name.split(".")]
    for index, part in enumerate(parts):
        place = (*place, part)
        if is_list and index == len(parts) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def nearest(word: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """ "did you mean X?" for the nearest known word, "" when none is near."""
    found = difflib.get_close_matches(word.lower(), [k.lower() for k in known], n=1, cutoff=cutoff)
    return next((f"did you mean {k}?" for k in known if found and k.lower() == found[0]), "")
