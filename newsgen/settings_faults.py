"""What of a desk's settings does not fit together; in: settings whose every key is right by itself, out: faults with their places.

Names that nothing has, names that are there twice, homes that are none, secrets that the environment lacks. Never shows a value that may
be a secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from newsgen.settings_file import Fault, Place, nearest
from newsgen.target_settings import TargetSettings

if TYPE_CHECKING:
    from newsgen.config import Settings, SiteSettings

__all__ = ["DEFAULT_PRECEDENCE", "faults_of", "missing_secrets"]

# Whose figures are printed, first to last, per series or family of series; the next serves while the one before it is silent.
DEFAULT_PRECEDENCE: Mapping[str, tuple[str, ...]] = {
    "spot": ("binance", "coinbase", "kraken", "okx", "bybit", "ccxt"),
    "aggregate": ("coingecko", "coinmarketcap"),
    "market": ("coingecko", "coinmarketcap"),
    "dominance": ("coingecko", "coinmarketcap", "coinglass", "tradingview"),
    "liq": ("coinglass", "manual", "reported", "cryptoquant", "binance_futures", "bybit", "okx", "coinalyze"),
    "etf": ("farside", "coinglass", "sosovalue"),
    "index": ("yahoo", "fred", "stooq", "alphavantage", "lbma"),
    "sentiment": ("alternative_me", "coinglass", "coinmarketcap"),
    "funding": ("coinglass", "binance_futures", "bybit", "okx", "hyperliquid", "kraken", "deribit"),
    "open_interest": ("coinglass", "binance_futures", "bybit", "okx", "hyperliquid", "deribit", "kraken", "coinalyze"),
    "accounts": ("binance_futures", "coinglass", "okx", "bybit", "coinalyze"),
    "stablecoins": ("defillama", "coinglass"),
    "calendar": ("coinglass", "nasdaq", "forexfactory"),
}
# Sources of imported history and of readings by hand: no module of gather is named like them.
_HISTORY_SOURCES = frozenset({"manual", "reported", "cryptoquant", "tradingview", "lbma", "coinmetrics", "strategy"})
# Kinds of targets that have a page of each story, with an address.
_HOMES = ("folder", "wordpress", "ghost", "cms")


def faults_of(settings: Settings) -> list[Fault]:
    """Everything that does not fit."""
    return [*_doubles(settings), *_strangers(settings), *_strange_homes(settings)]


def _doubles(settings: Settings) -> Iterator[Fault]:
    names: Mapping[str, list[str]] = {
        "sites": [s.name for s in settings.sites],
        "targets": [t.name for t in settings.targets],
        "editions": [f"{e.site}/{e.name}" for e in settings.editions],
    }
    for kind, given in names.items():
        for index, name in enumerate(given):
            if name in given[:index]:
                yield Fault((kind, index, "name"), f"{name.rsplit('/', 1)[-1]!r} is there twice")


def _strangers(settings: Settings) -> Iterator[Fault]:
    """Names of sites and sources that nothing has."""
    sites = [s.name for s in settings.sites]
    if not sites:
        yield Fault(("sites",), "a desk has at least one site")
    for index, edition in enumerate(settings.editions):
        if edition.site not in sites:
            yield Fault(("editions", index, "site"), f"no site {edition.site!r}; there are: {', '.join(sites)}")
    known = sorted(p.stem for p in (Path(__file__).parent / "gather").glob("[!_]*.py"))  # the folder is the registry; an import is slow
    named: list[tuple[Place, str]] = [(("sources", name), name) for name in settings.sources]
    named += [(("editions", i, "sources"), name) for i, e in enumerate(settings.editions) for name in e.sources]
    for place, name in named:
        if name not in known:
            yield Fault(place, f"no source {name!r}; {nearest(name, known) or 'there are: ' + ', '.join(known)}")
    for key, names in settings.precedence.items():
        if key.partition(".")[0] not in DEFAULT_PRECEDENCE:
            yield Fault(
                ("precedence", key),
                f"no such series; {nearest(key, list(DEFAULT_PRECEDENCE)) or 'there are: ' + ', '.join(DEFAULT_PRECEDENCE)}",
            )
        for name in names:
            if name not in known and name not in _HISTORY_SOURCES:
                yield Fault(("precedence", key), f"no source {name!r}; {nearest(name, known) or 'there are: ' + ', '.join(known)}")


def _strange_homes(settings: Settings) -> Iterator[Fault]:
    """Homes and originals that are none."""
    for index, site in enumerate(settings.sites):
        problem = _home_problem(site) if site.home else ""
        if problem:
            yield Fault(("sites", index, "home"), problem)
        problem = _original_problem(site, settings) if site.original else ""
        if problem:
            yield Fault(("sites", index, "original"), problem)


def _home_problem(site: SiteSettings) -> str:
    own = {t.name: t for t in site.targets}
    if site.home not in own:
        return f"no target {site.home!r} of this site; {nearest(site.home, list(own)) or 'there are: ' + ', '.join(own)}"
    kind = own[site.home].kind
    if kind not in _HOMES:
        return f"{site.home} is of kind {kind}, which has no page of a story; of these one can be a home: {', '.join(_HOMES)}"
    if kind == "folder" and not site.base_url:
        return f"the pages of {site.home} have no address: set base_url"
    return ""


def _original_problem(site: SiteSettings, settings: Settings) -> str:
    others = {s.name: s for s in settings.sites if s.name != site.name}
    if site.original not in others:
        return f"no other site {site.original!r}; {nearest(site.original, list(others)) or 'there are: ' + (', '.join(others) or 'none')}"
    other = others[site.original]
    if other.original:
        return f"{other.name} names {other.original} as its own original: name that one"
    return "" if other.home else f"{other.name} has no home: say there at which target its stories are found"


def missing_secrets(settings: Settings, env: Mapping[str, str]) -> Iterator[Fault]:
    """A desk that cannot sign or log in must not find out at night."""
    wanted: list[tuple[Place, str]] = []
    for i, target in enumerate(settings.targets):
        wanted += [(("targets", i, *key), name) for key, name in _secrets_of(target)]
    for i, site in enumerate(settings.sites):
        own = [(j, t) for j, t in enumerate(site.targets) if t not in settings.targets]
        wanted += [(("sites", i, "targets", j, *key), name) for j, t in own for key, name in _secrets_of(t)]
    wanted += [(("sources", name, "key_env"), s.key_env) for name, s in settings.sources.items() if s.enabled]
    for place, variable in wanted:
        if variable and not env.get(variable):
            yield Fault(place, f"{variable} is set neither in the environment nor in the secrets file")


def _secrets_of(target: TargetSettings) -> Iterator[tuple[Place, str]]:
    for key in type(target).model_fields:
        if key.endswith("secret_env"):
            yield (key,), getattr(target, key)
