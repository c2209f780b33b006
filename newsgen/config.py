"""Settings of a desk: flag over NEWSGEN_ environment over newsgen.toml over default; in: a TOML file and the environment, out: Settings.

Secrets never stand in the file: settings name the environment variable, or a file of mode 600, that holds one. Imports nothing slow.
"""

from __future__ import annotations

import difflib
import re
import stat
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from newsgen.errors import ConfigError

__all__ = ["EditionSettings", "Secret", "Settings", "SiteSettings", "SourceSettings", "TargetSettings", "load_settings", "read_secret"]

DEFAULT_DATABASE = "sqlite:///newsgen.db"
_DURATION = re.compile(r"(\d+)(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if match is None or int(match.group(1)) == 0:
        raise ValueError(f"{value!r} is no duration: write 90s, 15m, 24h or 1d")
    return timedelta(seconds=int(match.group(1)) * _SECONDS[match.group(2)])


def _zone(value: object) -> object:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value!r} is no time zone: write America/New_York, Europe/Berlin or UTC") from None
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Zone = Annotated[str, BeforeValidator(_zone)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]


class Secret(str):
    """Text that prints as ***."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __str__(self) -> str:
        return "***"

    def reveal(self) -> str:
        """The secret itself, for the one place that sends it."""
        return str.__str__(self)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TargetSettings(_Part):
    """Where a site's articles go."""

    name: Name
    kind: Literal["folder", "webhook"]
    path: str = ""  # folder: where the pages are written
    url: str = ""  # webhook: the endpoint, https
    secret_env: str = ""  # webhook: the environment variable with whsec_...
    allow_private: bool = False  # webhook: permit addresses that are not public, and http
    expiry: Duration = timedelta(hours=6)  # news later than this goes to the editor

    @model_validator(mode="after")
    def _complete(self) -> TargetSettings:
        needed = "path" if self.kind == "folder" else "url"
        if not getattr(self, needed):
            raise ValueError(f"a {self.kind} target needs {needed}")
        return self


class SiteSettings(_Part):
    """One site of the desk: its zone, style, targets and legal foot."""

    name: Name = "main"
    title: str = "newsgen"
    base_url: str = ""
    locale: str = "en"
    style: str = "ap"
    zone: Zone = "America/New_York"
    desk: str = "Markets desk"
    legal_foot: str = ""
    targets: tuple[TargetSettings, ...] = (TargetSettings(name="site", kind="folder", path="site"),)


class EditionSettings(_Part):
    """When something is written, and what."""

    name: Name
    site: str = "main"
    cron: str = ""  # five fields, in `zone`
    every: Duration | None = None  # or an interval
    watch: Duration | None = None  # or: look this often, write only when an angle clears `bar`
    zone: Zone = "UTC"
    form: Literal["flash", "brief", "standard", "wrap", "weekly"] = "standard"
    assets: tuple[str, ...] = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")
    angles: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # default: all enabled ones
    bar: int = Field(default=70, ge=0, le=105)  # watch: the least score

    @model_validator(mode="after")
    def _one_clock(self) -> EditionSettings:
        clocks = [n for n in ("cron", "every", "watch") if getattr(self, n)]
        if len(clocks) != 1:
            raise ValueError(f"needs exactly one of cron, every and watch, has {', '.join(clocks) or 'none'}")
        if self.cron and len(self.cron.split()) != 5:
            raise ValueError(f"cron {self.cron!r} has no five fields (minute hour day month weekday)")
        return self


class SourceSettings(_Part):
    """What a desk says of one source."""

    enabled: bool = True
    base_url: str = ""  # another address, for rehearsals
    key_env: str = ""  # default: the source's own


class Settings(_Part):
    """All settings of a desk."""

    database_url: str = DEFAULT_DATABASE  # SQLAlchemy URL; NEWSGEN_DATABASE_URL
    templates: str = ""  # a folder whose templates and rules come before the shipped ones
    sites: tuple[SiteSettings, ...] = (SiteSettings(),)
    editions: tuple[EditionSettings, ...] = ()
    sources: Mapping[str, SourceSettings] = Field(default_factory=dict)
    angles: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)  # angle -> limit -> value
    secrets_file: str = ""  # NAME=value lines, mode 600

    def site(self, name: str) -> SiteSettings:
        """One site by name."""
        return next(s for s in self.sites if s.name == name)


def load_settings(path: Path | None, *, database_url: str | None = None, env: Mapping[str, str]) -> Settings:
    """Read the settings.

    Args:
        path: newsgen.toml; None means ./newsgen.toml if it is there.
        database_url: From the command line; comes before everything.
        env: The environment.

    Raises:
        ConfigError: Names the file, the key and the nearest right one.
    """
    file = path or Path("newsgen.toml")
    if path is not None and not path.is_file():
        raise ConfigError(f"no settings file {path}")
    values = _read(file) if file.is_file() else {}
    if env.get("NEWSGEN_DATABASE_URL"):
        values["database_url"] = env["NEWSGEN_DATABASE_URL"]
    if database_url:
        values["database_url"] = database_url
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"{file.name}: {_first_fault(error)}") from None
    _check_names(file, settings)
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file.name}: {error}") from error


_MODELS: Mapping[str, type[BaseModel]] = {
    "sites": SiteSettings, "editions": EditionSettings, "sources": SourceSettings, "targets": TargetSettings,
}  # fmt: skip


def _first_fault(error: ValidationError) -> str:
    """The first fault in one line, with the nearest right key; never the value, which may be a secret."""
    fault = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(p) for p in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{where}: {fault['msg']}"
    parent = next((p for p in reversed(fault["loc"][:-1]) if p in _MODELS), "")
    known = list((_MODELS.get(str(parent), Settings)).model_fields)
    near = difflib.get_close_matches(str(fault["loc"][-1]), known, n=1)
    return f"{where}: no such key" + (f", did you mean {near[0]}?" if near else f"; there are: {', '.join(known)}")


def _check_names(file: Path, settings: Settings) -> None:
    sites = {s.name for s in settings.sites}
    for kind, names in (("site", [s.name for s in settings.sites]), ("edition", [e.name for e in settings.editions])):
        twice = {n for n in names if names.count(n) > 1}
        if twice:
            raise ConfigError(f"{file.name}: the {kind} {', '.join(sorted(twice))} is there twice")
    for edition in settings.editions:
        if edition.site not in sites:
            raise ConfigError(
                f"{file.name}: the edition {edition.name} names the site {edition.site!r}; there are: {', '.join(sorted(sites))}"
            )


def read_secret(name: str, env: Mapping[str, str], secrets_file: str = "") -> Secret | None:
    """A secret from the environment, or from a file of mode 600.

    Raises:
        ConfigError: Others may read the file.
    """
    if env.get(name):
        return Secret(env[name])
    if not secrets_file:
        return None
    path = Path(secrets_file)
    if not path.is_file():
        raise ConfigError(f"secrets_file {path.name}: there is no such file")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"secrets_file {path.name}: others may read it; run chmod 600 on it")
    for line in path.read_text("utf-8").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == name and value.strip():
            return Secret(value.strip())
    return None
