"""An edition folder: one real day from bytes to readings; in: a folder with edition.toml, out: a View and what to write.

The layout is in docs/editions.md. Payloads pass through the same parsers as live ones; history comes from small CSV extracts.
Never imports sqlalchemy, alembic or httpx: a preview of a folder must start at once.
"""

from __future__ import annotations

import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from newsgen.errors import ConfigError, GatherError, NewsgenError
from newsgen.gather import parse_payload
from newsgen.market import View, check_aware, parse_time
from newsgen.settings_faults import DEFAULT_PRECEDENCE
from newsgen.store.history import read_history
from newsgen.store.manual import read_manual
from newsgen.store.memory import MemoryArchive

__all__ = ["EditionFolder", "default_seed", "open_edition"]


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return check_aware(value, "time")
    return parse_time(str(value))


Moment = Annotated[datetime, BeforeValidator(_moment)]


class PayloadNote(BaseModel):
    """What edition.toml says of one payload file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    params: Mapping[str, str] = Field(default_factory=dict)  # of the request that the bytes answer
    fetched_at: Moment | None = None  # default: as_of
    source_name: str = ""  # what is printed as the source; default: the source's own name
    origin: str = ""  # where the bytes are from


class EditionFile(BaseModel):
    """edition.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: Moment
    title: str
    shows: str
    assets: Annotated[tuple[str, ...], Field(min_length=1)]
    origin: Mapping[str, str] = Field(default_factory=dict)  # per file or number: where it is from
    angles: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    payloads: Mapping[str, PayloadNote] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EditionFolder:
    """What an edition folder holds, ready to be written from."""

    name: str
    file: EditionFile
    archive: MemoryArchive
    view: View
    faults: tuple[NewsgenError, ...]  # payloads and history lines that could not be read; the rest is there


def open_edition(
    folder: Path, as_of: datetime | None = None, *, payloads: bool = True, precedence: Mapping[str, Sequence[str]] = DEFAULT_PRECEDENCE
) -> EditionFolder:
    """Read an edition folder; without payloads for a caller that fetches them itself.

    Raises:
        ConfigError: edition.toml or readings.toml is missing or wrong; names file and key.
    """
    file = _read_edition(folder)
    archive = MemoryArchive()
    paths = [p for name in file.history for p in _expand(folder, name)]
    paths += sorted((folder / "history").glob("*.csv"))
    loaded = read_history(paths)
    archive.add_columns(loaded.columns)
    faults: list[NewsgenError] = list(loaded.refused)
    if payloads:
        faults += _add_payloads(folder, file, archive)
    manual = folder / "readings.toml"
    if manual.exists():
        archive.add(read_manual(manual))
    view = View(as_of or file.as_of, archive.load, file.assets, precedence)
    return EditionFolder(folder.resolve().name, file, archive, view, tuple(faults))


def _read_edition(folder: Path) -> EditionFile:
    path = folder / "edition.toml"
    if not path.is_file():
        raise ConfigError(f"{folder} is no edition folder: it has no edition.toml")
    try:
        return EditionFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None
    except ValidationError as error:
        raise ConfigError(f"{path}: {_told(error)}") from None


def _told(error: ValidationError) -> str:
    """Every fault of a validation in one line, each with its key."""
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors(include_url=False))


def _expand(folder: Path, name: str) -> list[Path]:
    path = (folder / name).resolve()
    found = sorted(path.glob("*.csv")) if path.is_dir() else sorted(path.parent.glob(path.name))
    if not found:
        raise ConfigError(f"{folder / 'edition.toml'}: history names {name}, and there is no such file")
    return found


def payload_files(folder: Path, file: EditionFile) -> list[tuple[str, str, PayloadNote, Path]]:
    """The payloads of an edition: source, endpoint, what edition.toml says of it, and the file."""
    root = folder / "payloads"
    files = {p.relative_to(root).as_posix(): p for p in sorted(root.glob("*/*")) if p.is_file()}
    unknown = set(file.payloads) - set(files)
    if unknown:
        raise ConfigError(f"{folder / 'edition.toml'}: payloads.{sorted(unknown)[0]!r} names no file below payloads/")
    return [(path.parent.name, path.name.split(".", 1)[0], file.payloads.get(name, PayloadNote()), path) for name, path in files.items()]


def _add_payloads(folder: Path, file: EditionFile, archive: MemoryArchive) -> list[NewsgenError]:
    faults: list[NewsgenError] = []
    for source, endpoint, note, path in payload_files(folder, file):
        fetched_at = note.fetched_at or file.as_of
        try:
            archive.add(parse_payload(source, endpoint, note.params, path.read_bytes(), fetched_at, note.source_name or None))
        except GatherError as fault:
            faults.append(fault)
    return faults


def default_seed(edition: str, as_of: datetime) -> int:
    """The seed of an edition at a moment when none is given: the same in any process.

    It counts the days, so that an edition comes through all wordings before one returns; each hour of the day begins elsewhere.
    """
    day = as_of.astimezone(UTC)
    return day.toordinal() + zlib.crc32(f"{edition}|{day:%H:%M:%S}".encode()) % 1_000_000
