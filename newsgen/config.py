"""Settings of a desk: flag over NEWSGEN_ environment over newsgen.toml over default; in: a TOML file and the environment, out: Settings.

Paths in newsgen.toml are relative to the file. Secrets never stand in it: settings name an environment variable, whose value comes
from the environment or from a file of mode 600 (`.env` beside newsgen.toml, or `secrets_file`). Every fault of the file is reported,
with line, key and the nearest right key, never with a value that may be a secret. Imports nothing slow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError, model_validator

from newsgen.errors import ConfigError
from newsgen.secret import Secret, read_secret, read_secrets_file
from newsgen.setting_types import (
    Asset,
    CronLine,
    Duration,
    LimitText,
    Line,
    Name,
    StreamAddress,
    VariableName,
    WebAddress,
    Zone,
    read_duration,
)
from newsgen.settings_faults import DEFAULT_PRECEDENCE, faults_of, missing_secrets
from newsgen.settings_file import Fault, Place, SettingsFile, nearest
from newsgen.target_settings import KINDS, AnyTarget, FolderSettings, TargetSettings

if TYPE_CHECKING:
    from newsgen.story import Disclosure

__all__ = [
    "BrakeSettings", "DisclosureSettings", "EditionSettings", "Secret", "Settings", "SiteSettings", "SourceSettings", "StalenessSettings",
    "StreamSettings", "load_settings", "read_duration", "read_secret", "secret_environment",
]  # fmt: skip

DEFAULT_DATABASE = "sqlite:///newsgen.db"
# Names that people try in newsgen.toml for a secret.
_SECRET_KEYS = frozenset({"secret", "key", "api_key", "apikey", "token", "password", "signing_secret", "webhook_secret"})

Venue = Literal["binance", "bybit", "okx"]
Percent = Annotated[Decimal, Field(gt=0, le=100)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SiteSettings(_Part):
    """One site of the desk."""

    name: Name = "main"
    title: str = "newsgen"  # printed on pages and in feeds
    base_url: WebAddress = ""  # where readers find the site; "" leaves absolute links out
    locale: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")  # language of the articles
    style: Name = "ap"  # house style: a file of templates/style/
    zone: Zone = "America/New_York"  # of the readers, default in texts the house style's; cron lines of the site's editions run in it
    desk: str = "Markets desk"  # byline
    legal_foot: str = ""  # the line below every article
    home: str = ""  # the target where readers find its stories; the other targets' copies name it as the original (canonical)
    original: str = ""  # another site, with a home: where it has the same story, that one is the original
    own_posts: WebAddress = ""  # RSS, Atom or WordPress address of what people publish there: a story of theirs is held as a duplicate
    targets: tuple[AnyTarget, ...] = (FolderSettings(name="site", path="site"),)  # in the file: names of [[targets]]

    @property
    def readers_zone(self) -> str | None:
        """The zone that the file names; None leaves it to the house style."""
        return self.zone if "zone" in self.model_fields_set else None


class EditionSettings(_Part):
    """When something is written, and what."""

    name: Name
    site: Name = "main"  # default: the only site
    cron: CronLine = ""  # minute hour day month weekday, in `zone`
    every: Duration | None = None  # or an interval, counted from midnight UTC
    watch: Duration | None = None  # or: look this often, write only when an angle clears `bar`
    zone: Zone = "UTC"  # in the file: default the site's
    form: Literal["flash", "brief", "standard", "wrap", "weekly"] = "standard"
    assets: tuple[Asset, ...] = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB")  # the first is the main one
    angles: tuple[str, ...] = ()  # only these; default all
    sources: tuple[str, ...] = ()  # only these; default all that are enabled
    bar: int = Field(default=70, ge=0, le=110)  # watch: the least score, of 110

    @model_validator(mode="after")
    def _one_clock(self) -> EditionSettings:
        clocks = [n for n in ("cron", "every", "watch") if getattr(self, n)]
        if len(clocks) != 1:
            raise ValueError(f"needs exactly one of cron, every and watch, has {' and '.join(clocks) or 'none'}")
        if not self.assets:
            raise ValueError("needs at least one asset")
        return self


class SourceSettings(_Part):
    """What a desk says of one source."""

    enabled: StrictBool = True
    base_url: WebAddress = ""  # another address than the source's own, for rehearsals and proxies
    key_env: VariableName | Literal[""] = ""  # the environment variable with the key; default the source's own
    accepted_terms: date | None = None  # the day on which somebody of the desk read and accepted the source's terms
    exchanges: tuple[str, ...] = ()  # ccxt: the exchanges to ask, as ccxt calls them


class StreamSettings(_Part):
    """Which venues' liquidations the service listens to while it runs; of the assets of the editions."""

    enabled: StrictBool = True
    venues: tuple[Venue, ...] = ("binance", "bybit", "okx")
    urls: Mapping[Venue, StreamAddress] = Field(default_factory=dict)  # other addresses, for rehearsals


class StalenessSettings(_Part):
    """When an article that waited to be sent is written again: prices are asked once more, and this far they may have moved."""

    after: Duration = timedelta(minutes=2)  # an article older than this is held against the newest prices before it goes to a target
    btc_pct: Percent = Decimal(1)  # percent that bitcoin's price may have moved since
    eth_pct: Percent = Decimal("1.5")  # percent, ether
    other_pct: Percent = Decimal("2.5")  # percent, every other asset

    @property
    def moves_pct(self) -> Mapping[str, Decimal]:
        """The limits by asset; "" stands for every other one."""
        return {"BTC": self.btc_pct, "ETH": self.eth_pct, "": self.other_pct}


class BrakeSettings(_Part):
    """When a site is stopped by itself: a runaway loop that publishes hundreds of stories is an attack too."""

    articles_per_hour: int = Field(default=12, ge=1, le=10_000)  # a site; versions with newer figures count, withdrawals do not


class DisclosureSettings(_Part):
    """A text that stands under every story that mentions an entity; no template can leave it out."""

    entity: str = ""  # a coin, a fund, an exchange, a company: "BTC", "IBIT", "Binance"; its other names are known
    names: tuple[str, ...] = ()  # or every name of it, where it has others than those that are known
    text: Line  # "The publisher holds bitcoin."
    kind: Literal["holding", "sponsor", "affiliate", ""] = ""  # what ties the desk to it, for people who read the settings

    @model_validator(mode="after")
    def _named(self) -> DisclosureSettings:
        if not self.all_names:
            raise ValueError("needs an entity, or names")
        return self

    @property
    def all_names(self) -> tuple[str, ...]:
        """The entity and its names, none of them blank."""
        return tuple(dict.fromkeys(name.strip() for name in (self.entity, *self.names) if name.strip()))


class Settings(_Part):
    """All settings of a desk."""

    database_url: str = Field(default=DEFAULT_DATABASE, repr=False)  # SQLAlchemy URL; NEWSGEN_DATABASE_URL
    templates: str = ""  # a folder whose templates and rules come before the shipped ones; NEWSGEN_TEMPLATES
    commercial: bool = False  # whether the desk earns money with its articles, which some sources forbid; NEWSGEN_COMMERCIAL
    secrets_file: str = ""  # NAME=value lines, mode 600; default .env beside newsgen.toml; NEWSGEN_SECRETS_FILE
    sites: tuple[SiteSettings, ...] = (SiteSettings(),)
    targets: tuple[AnyTarget, ...] = ()  # sites name them; a site that names none has all
    editions: tuple[EditionSettings, ...] = ()
    contact: str = Field(
        default="", pattern=r"^[ -~]*$", max_length=200
    )  # an address of the desk, told to sources that ask for one; NEWSGEN_CONTACT
    keep_payloads: Duration = timedelta(days=30)  # how long the bytes that sources sent are kept, unless their terms say less
    sources: Mapping[str, SourceSettings] = Field(default_factory=dict)  # by source
    streams: StreamSettings = StreamSettings()
    staleness: StalenessSettings = StalenessSettings()
    brake: BrakeSettings = BrakeSettings()
    disclosures: tuple[DisclosureSettings, ...] = ()  # what must stand under a story that mentions a coin, a fund, an exchange
    precedence: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)  # series or family -> sources, first to last
    angles: Mapping[str, Mapping[str, LimitText]] = Field(default_factory=dict)  # angle -> limit -> value

    def site(self, name: str) -> SiteSettings:
        """One site by name."""
        return next(s for s in self.sites if s.name == name)

    @property
    def accepted_sources(self) -> frozenset[str]:
        """The sources whose terms somebody of the desk has accepted."""
        return frozenset(name for name, said in self.sources.items() if said.accepted_terms is not None)

    @property
    def owed_texts(self) -> tuple[Disclosure, ...]:
        """What must stand under a story that mentions an entity."""
        from newsgen.story import Disclosure  # loads the nouns of the market, which `newsgen --help` has no use for

        return tuple(Disclosure(d.all_names, d.text, d.kind) for d in self.disclosures)

    @property
    def order_of_sources(self) -> Mapping[str, tuple[str, ...]]:
        """The desk's precedence over the default one."""
        return {**DEFAULT_PRECEDENCE, **self.precedence}


_MODELS: Mapping[str, type[BaseModel]] = {
    "sites": SiteSettings, "editions": EditionSettings, "sources": SourceSettings, "targets": TargetSettings,
    "streams": StreamSettings, "disclosures": DisclosureSettings, "staleness": StalenessSettings,
    "brake": BrakeSettings,
}  # fmt: skip
_FROM_ENVIRONMENT: Mapping[str, str] = {
    "NEWSGEN_DATABASE_URL": "database_url", "NEWSGEN_TEMPLATES": "templates", "NEWSGEN_COMMERCIAL": "commercial",
    "NEWSGEN_SECRETS_FILE": "secrets_file", "NEWSGEN_CONTACT": "contact",
}  # fmt: skip


def load_settings(path: Path | None, *, database_url: str | None = None, env: Mapping[str, str], secrets: bool = True) -> Settings:
    """Read the settings.

    Args:
        path: newsgen.toml; None means ./newsgen.toml if it is there.
        database_url: From the command line; comes before everything.
        env: The environment.
        secrets: Whether every secret must be there; false for who asks no source and sends nothing.

    Raises:
        ConfigError: Names file, line and key of every fault, and the nearest right key.
    """
    file = SettingsFile.read(path)
    values = _in_place(file)
    env = _with_file(str(env.get("NEWSGEN_SECRETS_FILE") or values.get("secrets_file", "")), env)
    _check_variables(env)
    values |= {key: env[name] for name, key in _FROM_ENVIRONMENT.items() if env.get(name)}
    if database_url:
        if _holds_password(database_url):
            raise ConfigError("--db: every user of this machine can see a password given there: put the address into NEWSGEN_DATABASE_URL")
        values["database_url"] = database_url
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise file.error(_told_once([_fault(e) for e in error.errors(include_input=False, include_url=False)])) from None
    faults = [*faults_of(settings), *(missing_secrets(settings, env) if secrets else ())]
    if faults:
        raise file.error(faults)
    return settings


def secret_environment(settings: Settings, env: Mapping[str, str]) -> Mapping[str, str]:
    """The environment over the desk's secrets file: what gather and publish look secrets up in."""
    return _with_file(settings.secrets_file, env)


def _with_file(secrets_file: str, env: Mapping[str, str]) -> Mapping[str, str]:
    if not secrets_file:
        return env
    return {**env, **{name: value for name, value in read_secrets_file(Path(secrets_file)).items() if not env.get(name)}}


def _in_place(file: SettingsFile) -> dict[str, Any]:
    """The file's values with paths relative to its folder, sites with their targets, editions with their site and zone."""
    values = dict(file.values)
    for key in ("templates", "secrets_file"):
        if isinstance(values.get(key), str) and values[key]:
            values[key] = file.beside(values[key])
    if "secrets_file" not in values and (file.folder / ".env").is_file():
        values["secrets_file"] = str(file.folder / ".env")
    if isinstance(values.get("database_url"), str):
        if _holds_password(values["database_url"]):
            raise file.error([Fault(("database_url",), "holds a password: put the address into NEWSGEN_DATABASE_URL")])
        values["database_url"] = _sqlite_beside(file, values["database_url"])
    targets = [_placed(file, t) for t in _tables(values, "targets")]
    if targets:
        values["targets"] = targets
    sites = [_site_with_targets(file, s, targets) for s in (_tables(values, "sites") if "sites" in values else [{}])]
    if isinstance(values.get("sites", sites), list):
        values["sites"] = sites
    if _tables(values, "editions"):
        values["editions"] = [_edition_of_site(e, sites) for e in values["editions"]]
    return values


def _tables(values: Mapping[str, Any], key: str) -> list[Any]:
    found = values.get(key)
    return found if isinstance(found, list) else []


def _placed(file: SettingsFile, target: Any) -> Any:
    if isinstance(target, dict) and isinstance(target.get("path"), str) and target["path"]:
        return {**target, "path": file.beside(target["path"])}
    return target


def _site_with_targets(file: SettingsFile, site: Any, targets: Sequence[Any]) -> Any:
    """In the file a site names its targets; a name that is no target stays text, and is a fault later."""
    if not isinstance(site, dict):
        return site
    if "targets" not in site:
        return {**site, "targets": targets} if targets else site
    by_name = {t.get("name"): t for t in targets if isinstance(t, dict)}
    own = site["targets"] if isinstance(site["targets"], list) else []
    return {**site, "targets": [by_name.get(t, t) if isinstance(t, str) else _placed(file, t) for t in own]}


def _edition_of_site(edition: Any, sites: Sequence[Any]) -> Any:
    if not isinstance(edition, dict):
        return edition
    by_name = {s.get("name", "main"): s for s in sites if isinstance(s, dict)}
    site = edition.get("site", next(iter(by_name)) if len(by_name) == 1 else "main")
    zone = by_name.get(site, {}).get("zone", SiteSettings.model_fields["zone"].default) if isinstance(site, str) else "UTC"
    return {"site": site, "zone": zone, **edition}


def _sqlite_beside(file: SettingsFile, url: str) -> str:
    relative = url.removeprefix("sqlite:///")
    return f"sqlite:///{file.beside(relative)}" if relative != url and relative not in ("", ":memory:") else url


def _holds_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.password is not None or "password" in parse_qs(parts.query)
    except ValueError:
        return False  # the database says what is wrong with it


def _check_variables(env: Mapping[str, str]) -> None:
    """A NEWSGEN_ variable that is nearly one of ours is a slip; others may be the desk's own."""
    for name in env:
        near = nearest(name, list(_FROM_ENVIRONMENT), cutoff=0.9) if name.startswith("NEWSGEN_") else ""
        if near and name not in _FROM_ENVIRONMENT:
            raise ConfigError(f"environment: {name} is no setting; {near}")


def _fault(error: Mapping[str, Any]) -> Fault:
    """One fault in our words; never the value, which may be a secret."""
    place, kind = _without_kind(tuple(error["loc"]))
    if error["type"] == "extra_forbidden":
        return Fault(place, _unknown_key(place, kind))
    problem = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "union_tag_invalid":
        return Fault((*place, "kind"), f"is none of {', '.join(map(repr, KINDS))}")
    if error["type"] == "union_tag_not_found":
        return Fault((*place, "kind"), f"is missing; there are: {', '.join(KINDS)}")
    if error["type"] == "literal_error":
        problem = f"is none of {error['ctx']['expected'].replace(' or ', ', ')}"
    elif error["type"] == "missing":
        problem = "is missing"
    elif error["type"] in ("model_type", "model_attributes_type") and "targets" in place:
        problem = "names no [[targets]]"
    return Fault(place, problem)


def _without_kind(place: Place) -> tuple[Place, str]:
    """A place as the file has it: pydantic names the kind of a target behind its number."""
    for at, part in enumerate(place[2:], start=2):
        if part in KINDS and isinstance(place[at - 1], int) and place[at - 2] == "targets":
            return place[:at] + place[at + 1 :], str(part)
    return place, ""


def _told_once(faults: Sequence[Fault]) -> list[Fault]:
    """A fault of a target shows again in each site that names it."""
    if not any(f.place[0] == "targets" for f in faults):
        return list(faults)
    return [f for f in faults if f.place[0] != "sites" or "targets" not in f.place]


def _unknown_key(place: Sequence[str | int], kind: str = "") -> str:
    key = str(place[-1])
    if key.lower() in _SECRET_KEYS:
        return "a secret never stands here: name the environment variable that holds it (secret_env, key_env)"
    owner = next((p for p in reversed(place[:-1]) if p in _MODELS), "")
    known = list((KINDS[kind] if kind else _MODELS.get(str(owner), Settings)).model_fields)
    if key in ("schedule", "interval", "at"):
        return "no such key; when an edition runs is one of cron, every, watch"
    return f"no such key; {nearest(key, known) or 'there are: ' + ', '.join(known)}"
