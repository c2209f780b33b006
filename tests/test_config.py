"""Settings: what comes before what, every fault with file, line, key and the nearest right key, and no secret anywhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from newsgen.config import EditionSettings, Settings, load_settings, read_duration, secret_environment
from newsgen.discover import templates_root
from newsgen.errors import ConfigError
from newsgen.target_settings import KINDS

CANARY = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5"
HOOK = '[[targets]]\nname = "cms"\nkind = "webhook"\nurl = "https://cms.example/hook"\nsecret_env = "NEWSGEN_CMS_SECRET"\n'


def desk(folder: Path, text: str, env: Mapping[str, str] | None = None, **flags: str) -> Settings:
    path = folder / "newsgen.toml"
    path.write_text(text, "utf-8")
    return load_settings(path, env=env or {}, **flags)


def fault(folder: Path, text: str, env: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        desk(folder, text, env)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def test_without_a_file_everything_has_a_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(None, env={})
    assert settings.database_url == "sqlite:///newsgen.db"
    assert [(s.name, s.style, s.locale) for s in settings.sites] == [("main", "ap", "en")]
    assert [(t.name, t.kind, t.path) for t in settings.sites[0].targets] == [("site", "folder", "site")]
    assert settings.editions == ()
    assert settings.commercial is False


def test_the_file_in_the_working_folder_is_read_when_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("newsgen.toml").write_text('database_url = "sqlite:///desk.db"\n')
    assert load_settings(None, env={}).database_url == "sqlite:///desk.db"


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file"):
        load_settings(tmp_path / "none.toml", env={})


def test_flag_over_environment_over_file_over_default(tmp_path: Path) -> None:
    text = 'database_url = "sqlite:////file.db"\n'
    env = {"NEWSGEN_DATABASE_URL": "sqlite:////env.db"}
    assert desk(tmp_path, "").database_url == "sqlite:///newsgen.db"
    assert desk(tmp_path, text).database_url == "sqlite:////file.db"
    assert desk(tmp_path, text, env).database_url == "sqlite:////env.db"
    assert desk(tmp_path, text, {"NEWSGEN_DATABASE_URL": ""}).database_url == "sqlite:////file.db"
    assert desk(tmp_path, text, env, database_url="sqlite:////flag.db").database_url == "sqlite:////flag.db"
    assert desk(tmp_path, "commercial = false", {"NEWSGEN_COMMERCIAL": "true"}).commercial is True


def test_paths_of_the_file_are_relative_to_it(tmp_path: Path) -> None:
    text = 'database_url = "sqlite:///desk.db"\ntemplates = "own"\n[[targets]]\nname = "pages"\nkind = "folder"\npath = "out"\n'
    settings = desk(tmp_path, text)
    assert settings.database_url == f"sqlite:///{tmp_path}/desk.db"
    assert settings.templates == f"{tmp_path}/own"
    assert settings.targets[0].path == f"{tmp_path}/out"
    assert desk(tmp_path, 'templates = "/srv/own"').templates == "/srv/own"
    assert desk(tmp_path, 'database_url = "sqlite:///:memory:"').database_url == "sqlite:///:memory:"


def test_a_site_names_its_targets_and_has_all_when_it_names_none(tmp_path: Path) -> None:
    two = '[[targets]]\nname = "a"\nkind = "folder"\npath = "/a"\n[[targets]]\nname = "b"\nkind = "folder"\npath = "/b"\n'
    chosen = desk(tmp_path, '[[sites]]\nname = "us"\ntargets = ["b"]\n[[sites]]\nname = "uk"\n' + two)
    assert [t.path for t in chosen.site("us").targets] == ["/b"]
    assert [t.path for t in chosen.site("uk").targets] == ["/a", "/b"]
    assert [t.path for t in desk(tmp_path, two).sites[0].targets] == ["/a", "/b"]


def test_a_sites_own_targets_may_stand_in_it(tmp_path: Path) -> None:
    text = '[[sites]]\nname = "us"\n[[sites.targets]]\nname = "pages"\nkind = "folder"\npath = "out"\n'
    assert [t.path for t in desk(tmp_path, text).site("us").targets] == [f"{tmp_path}/out"]


def test_an_edition_takes_site_and_zone_from_the_only_site(tmp_path: Path) -> None:
    text = '[[sites]]\nname = "berlin"\nzone = "Europe/Berlin"\n[[editions]]\nname = "morning"\ncron = "0 8 * * *"\n'
    edition = desk(tmp_path, text).editions[0]
    assert (edition.site, edition.zone) == ("berlin", "Europe/Berlin")
    assert desk(tmp_path, text + 'zone = "Asia/Tokyo"\n').editions[0].zone == "Asia/Tokyo"


def test_limits_are_exact(tmp_path: Path) -> None:
    text = '[angles.short_squeeze]\nfloor_market_usd = 300_000_000\nside_share_pct = 66.60\nrise_pct = "2.5"\n'
    limits = desk(tmp_path, text).angles["short_squeeze"]
    assert limits == {"floor_market_usd": "300000000", "side_share_pct": "66.60", "rise_pct": "2.5"}


def test_sources_say_when_their_terms_were_accepted(tmp_path: Path) -> None:
    source = desk(tmp_path, "[sources.coingecko]\naccepted_terms = 2026-01-15\nenabled = false\n").sources["coingecko"]
    assert (source.accepted_terms, source.enabled) == (date(2026, 1, 15), False)


@pytest.mark.parametrize(
    ("text", "duration"),
    [("90s", timedelta(seconds=90)), ("15m", timedelta(minutes=15)), ("24h", timedelta(hours=24)), ("1d", timedelta(hours=24))],
)
def test_durations(text: str, duration: timedelta) -> None:
    assert read_duration(text) == duration


@pytest.mark.parametrize("text", ["15", "0s", "-5m", "1.5h", "1h30m", "5 m", "1w", "", "999999d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="write 90s, 15m, 24h or 1d"):
        read_duration(text)


EDITION = '[[editions]]\nname = "e"\n'
FAULTS = {
    "no toml": ('[[sites]\nname = "x"', ["newsgen.toml: ", "line 1"]),
    "unknown key at the top": ('databse_url = "x"', ["newsgen.toml:1: databse_url", "did you mean database_url?"]),
    "unknown table": ('[[edition]]\nname = "x"', ["newsgen.toml:1: edition: no such key", "did you mean editions?"]),
    "unknown key of a site": ('[[sites]]\nname = "us"\nzoen = "UTC"', ["newsgen.toml:3: sites.us.zoen", "did you mean zone?"]),
    "unknown key of an edition": (EDITION + 'crom = "0 8 * * *"', ["newsgen.toml:3: editions.e.crom", "did you mean cron?"]),
    "unknown key of a target": (HOOK + 'expire = "6h"', ["newsgen.toml:6: targets.cms.expire", "did you mean expiry?"]),
    "unknown key of a source": ("[sources.binance]\nenable = true", ["newsgen.toml:2: sources.binance.enable", "did you mean enabled?"]),
    "schedule": (EDITION + 'schedule = "0 8 * * *"', ["newsgen.toml:3", "cron, every, watch"]),
    "unlike any key": ("zzz = 1", ["zzz", "there are: database_url, templates"]),
    "abbreviated zone": ('[[sites]]\nname = "us"\nzone = "EST"', ["newsgen.toml:3: sites.us.zone", "'EST' is no time zone"]),
    "zone by its city": ('[[sites]]\nzone = "New York"', ["did you mean America/New_York?"]),
    "zone with a slip": ('[[sites]]\nzone = "Europe/Berln"', ["did you mean Europe/Berlin?"]),
    "zone as an offset": ('[[sites]]\nzone = "+02:00"', ["is no time zone", "or UTC"]),
    "inverted zone": ('[[sites]]\nzone = "Etc/GMT+5"', ["is no time zone"]),
    "zone outside": ('[[sites]]\nzone = "../../etc/passwd"', ["is no time zone"]),
    "empty zone": ('[[sites]]\nzone = ""', ["is no time zone"]),
    "zone of an edition": (EDITION + 'cron = "0 8 * * *"\nzone = "CET"', ["newsgen.toml:4: editions.e.zone"]),
    "bad cron": (EDITION + 'cron = "0 25 * * *"', ["newsgen.toml:3: editions.e.cron", "hour 25 is not within 0 to 23"]),
    "cron of six fields": (EDITION + 'cron = "0 0 8 * * *"', ["6 fields, not five"]),
    "bad duration": (EDITION + 'every = "15 minutes"', ["newsgen.toml:3: editions.e.every", "write 90s, 15m, 24h or 1d"]),
    "duration as a number": (EDITION + "every = 15", ["editions.e.every: 15 is no duration"]),
    "no clock": (EDITION, ["newsgen.toml:1: editions.e", "exactly one of cron, every and watch, has none"]),
    "two clocks": (EDITION + 'cron = "0 8 * * *"\nwatch = "60s"', ["exactly one", "has cron and watch"]),
    "bar": (EDITION + 'watch = "60s"\nbar = 140', ["newsgen.toml:4: editions.e.bar", "110"]),
    "unknown form": (EDITION + 'watch = "60s"\nform = "long"', ["editions.e.form", "is none of 'flash', 'brief'"]),
    "unknown site": (EDITION + 'watch = "60s"\nsite = "uk"', ["newsgen.toml:4: editions.e.site: no site 'uk'; there are: main"]),
    "edition without a name": ('[[editions]]\nwatch = "60s"', ["editions[0].name: is missing"]),
    "name with a slash": ('[[sites]]\nname = "../x"', ["newsgen.toml:2: sites[0].name"]),
    "twice": (f'{EDITION}watch = "60s"\n{EDITION}watch = "90s"', ["newsgen.toml:5: editions.e.name: 'e' is there twice"]),
    "unknown kind": ('[[targets]]\nname = "t"\nkind = "ftp"', ["newsgen.toml:3: targets.t.kind: is none of 'folder', 'webhook'"]),
    "folder without path": ('[[targets]]\nname = "t"\nkind = "folder"', ["targets.t.path: is missing"]),
    "webhook without secret": (HOOK.replace("secret_env", "# "), ["targets.cms.secret_env: is missing"]),
    "webhook with path": (HOOK + 'path = "x"', ["newsgen.toml:6: targets.cms.path: no such key; there are: name, kind"]),
    "plain http": (HOOK.replace("https:", "http:"), ["url: write https"]),
    "other scheme": (HOOK.replace("https:", "ftp:"), ["newsgen.toml:4: targets.cms.url: is no web address"]),
    "address with a user": (HOOK.replace("https://", "https://me:pass-canary@"), ["a user, a password or a fragment"]),
    "home is no target": (f'{HOOK}[[sites]]\nhome = "csm"\n', ["sites[0].home: no target 'csm' of this site; did you mean cms?"]),
    "home has no pages": (f'{HOOK}[[sites]]\nhome = "cms"\n', ["cms is of kind webhook, which has no page of a story"]),
    "home has no address": ('[[sites]]\nhome = "site"\n', ["the pages of site have no address: set base_url"]),
    "original is no site": ('[[sites]]\noriginal = "main"\n', ["no other site 'main'; there are: none"]),
    "original has no home": ('[[sites]]\nname = "a"\n[[sites]]\nname = "b"\noriginal = "a"\n', ["a has no home"]),
    "original of an original": (
        '[[sites]]\nname = "a"\noriginal = "b"\n[[sites]]\nname = "b"\noriginal = "a"\n',
        ["b names a as its own original: name that one"],
    ),
    "site names no target": ('[[sites]]\nname = "us"\ntargets = ["cms"]', ["newsgen.toml:3: sites.us.targets[0]: names no [[targets]]"]),
    "missing secret": (HOOK, ["newsgen.toml:5: targets.cms.secret_env: NEWSGEN_CMS_SECRET is set neither in the environment"]),
    "missing key": ('[sources.coinglass]\nkey_env = "MY_KEY"', ["newsgen.toml:2: sources.coinglass.key_env: MY_KEY is set neither"]),
    "secret in the file": (HOOK + f'secret = "{CANARY}"', ["newsgen.toml:6: targets.cms.secret: a secret never stands here"]),
    "key in the file": (f'[sources.coinglass]\napi_key = "{CANARY}"', ["a secret never stands here"]),
    "secret for its name": (
        HOOK.replace("NEWSGEN_CMS_SECRET", CANARY),
        ["newsgen.toml:5: targets.cms.secret_env", "never the secret itself"],
    ),
    "password of the database": (f'database_url = "postgresql://me:{CANARY}@db/news"', ["newsgen.toml:1", "NEWSGEN_DATABASE_URL"]),
    "password in the query": (f'database_url = "postgresql://db/news?password={CANARY}"', ["NEWSGEN_DATABASE_URL"]),
    "no such secrets file": ('secrets_file = "none.env"', ["none.env: cannot be read"]),
    "unknown source": ("[sources.coinglas]\nenabled = true", ["newsgen.toml:1: sources.coinglas", "did you mean coinglass?"]),
    "edition's unknown source": (EDITION + 'watch = "60s"\nsources = ["binanse"]', ["newsgen.toml:4: editions.e.sources", "binance?"]),
    "limit that is no number": ('[angles.ath]\nrise_pct = "much"', ["newsgen.toml:2: angles.ath.rise_pct: a limit is a number"]),
    "limit that is not finite": ("[angles.ath]\nrise_pct = nan", ["a limit is a number"]),
    "limit that is a truth": ("[angles.ath]\nrise_pct = true", ["a limit is a number"]),
    "unknown key of the streams": ("[streams]\nenable = true", ["newsgen.toml:2: streams.enable", "did you mean enabled?"]),
    "unknown venue": ('[streams]\nvenues = ["binanse"]', ["newsgen.toml:2: streams.venues[0]", "is none of 'binance', 'bybit', 'okx'"]),
    "stream by http": ('[streams]\nurls = { okx = "https://x.example" }', ["streams.urls.okx: is no address of a stream", "wss://"]),
    "stream with a user": ('[streams]\nurls = { okx = "wss://me:pass-canary@x.example" }', ["a user, a password or a fragment"]),
    "no sites": ("sites = []", ["newsgen.toml:1: sites: a desk has at least one site"]),
    "no assets": (EDITION + 'watch = "60s"\nassets = []', ["editions.e: needs at least one asset"]),
    "sites that are no tables": ("sites = 5", ["newsgen.toml:1: sites"]),
    "assets in lower case": (EDITION + 'watch = "60s"\nassets = ["btc"]', ["editions.e.assets"]),
}


@pytest.mark.parametrize("case", FAULTS, ids=list(FAULTS))
def test_a_fault_names_file_line_key_and_the_right_thing(tmp_path: Path, case: str) -> None:
    text, says = FAULTS[case]
    told = fault(tmp_path, text)
    assert told.startswith((str(tmp_path), "secrets file"))
    for part in says:
        assert part in told, told
    assert "canary" not in told.lower()
    assert CANARY not in told


def test_every_fault_is_told_and_each_once(tmp_path: Path) -> None:
    target = '[[targets]]\nname = "t"\nkind = "ftp"\n'
    told = fault(tmp_path, f'tempaltes = "x"\n[[sites]]\nname = "us"\ntargets = ["t"]\nzone = "EST"\n{target}').splitlines()
    assert len(told) == 3
    assert ["templates?" in t for t in told].count(True) == 1
    assert [t.split(": ")[1] for t in told].count("targets.t.kind") == 1


def test_a_slip_in_a_variables_name_is_a_fault_and_other_variables_are_not(tmp_path: Path) -> None:
    assert "NEWSGEN_DATABSE_URL is no setting; did you mean NEWSGEN_DATABASE_URL?" in fault(tmp_path, "", {"NEWSGEN_DATABSE_URL": "x"})
    assert desk(tmp_path, "", {"NEWSGEN_CMS_SECRET": CANARY, "NEWSGEN_CRASH_AT": "x"}).database_url == "sqlite:///newsgen.db"


def test_a_password_on_the_command_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="NEWSGEN_DATABASE_URL") as caught:
        load_settings(None, database_url=f"postgresql://me:{CANARY}@db/news", env={})
    assert CANARY not in str(caught.value)


def test_the_secrets_file_beside_the_settings_serves_and_the_environment_comes_first(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"NEWSGEN_CMS_SECRET={CANARY}\nNEWSGEN_DATABASE_URL=sqlite:////from-file.db\n")
    (tmp_path / ".env").chmod(0o600)
    settings = desk(tmp_path, HOOK)
    assert settings.database_url == "sqlite:////from-file.db"
    assert secret_environment(settings, {"HOME": "/"}) == {
        "HOME": "/", "NEWSGEN_CMS_SECRET": CANARY, "NEWSGEN_DATABASE_URL": "sqlite:////from-file.db",
    }  # fmt: skip
    assert secret_environment(settings, {"NEWSGEN_CMS_SECRET": "mine"})["NEWSGEN_CMS_SECRET"] == "mine"


def test_a_secrets_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"NEWSGEN_CMS_SECRET={CANARY}\n")
    (tmp_path / ".env").chmod(0o644)
    told = fault(tmp_path, HOOK)
    assert "mode 644 lets other users" in told
    assert CANARY not in told


def test_settings_print_no_secret(tmp_path: Path) -> None:
    env = {"NEWSGEN_CMS_SECRET": CANARY, "NEWSGEN_DATABASE_URL": f"postgresql://me:{CANARY}@db/news"}
    settings = desk(tmp_path, HOOK.replace("cms.example/hook", f"cms.example/hook?token={CANARY}"), env)
    assert CANARY not in repr(settings)
    assert CANARY not in str(settings)
    assert CANARY not in repr(settings.sites[0].targets)
    assert CANARY in settings.database_url


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().commercial = True  # type: ignore[misc]
    assert hash(EditionSettings(name="e", watch=timedelta(seconds=60)))


def test_the_desk_that_init_makes_loads_and_shows_every_table() -> None:
    shipped = templates_root() / "desk" / "newsgen.toml"
    settings = load_settings(shipped, env={})
    assert [(e.name, e.site, e.zone) for e in settings.editions] == [
        ("morning", "main", "America/New_York"),
        ("events", "main", "America/New_York"),
    ]
    assert settings.editions[1].bar == 75
    assert [t.name for t in settings.site("main").targets] == ["site"]


def test_what_the_shipped_desk_has_in_comments_loads_too(tmp_path: Path) -> None:
    shipped = templates_root() / "desk"
    lines = (shipped / "newsgen.toml").read_text("utf-8").splitlines()
    code = [line.removeprefix("# ") if _is_setting(line.removeprefix("# ")) else line for line in lines]
    text = "\n".join(code).replace('secrets_file = ".env"', "").replace('\nurl = ""', "")  # ninjs has a path or an address
    env = dict.fromkeys(re.findall(r'_env = "(\w+)"', text), CANARY)
    settings = desk(tmp_path, text, env)
    assert [t.kind for t in settings.targets] == list(KINDS)
    assert "NEWSGEN_HOOK_SECRET" in env
    assert [e.name for e in settings.editions] == ["morning", "six-hourly", "events"]
    assert settings.angles == {"short_squeeze": {"floor_market_usd": "400000000"}}
    assert all(f"{name}=" in (shipped / "env.example").read_text("utf-8") for name in env)


def _is_setting(line: str) -> bool:
    try:
        return bool(tomllib.loads(line))
    except tomllib.TOMLDecodeError:
        return False


def test_settings_import_nothing_slow() -> None:
    slow = "sqlalchemy, alembic, httpx, pydantic_settings, babel, apscheduler, structlog"
    code = f"import sys, newsgen.config; print([m for m in '{slow}'.split(', ') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
