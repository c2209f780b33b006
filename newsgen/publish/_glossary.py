"""The static library of coins; in: templates/glossary/<asset>.toml, out: what each coin is called, and plain facts of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from newsgen.errors import ConfigError

__all__ = ["Coin", "glossary_of", "topic_of"]


class Coin(BaseModel):
    """A coin as the site explains it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str
    name: str
    summary: str  # one sentence, for search engines and lists
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()  # (what, value)


@cache
def glossary_of(root: Path) -> Mapping[str, Coin]:
    """The coins by symbol, in the order of their names.

    Raises:
        ConfigError: A file is wrong; names file and key.
    """
    coins = [_load(path) for path in sorted((root / "glossary").glob("*.toml"))]
    return {coin.symbol: coin for coin in sorted(coins, key=lambda c: c.name)}


def _load(path: Path) -> Coin:
    try:
        return Coin.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"glossary/{path.name}: {error}") from error


@cache
def topic_of(root: Path, angle: str) -> str:
    """What an angle's stories are about, for readers: the title of its rule; its name where the rule is the desk's own."""
    path = root / "angles" / angle / "rule.toml"
    plain = angle.replace("_", " ").capitalize()
    return str(tomllib.loads(path.read_text("utf-8")).get("title", plain)) if path.is_file() else plain
