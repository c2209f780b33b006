"""Words as data: names of assets, funds and sources, verbs by size of move; in: a TOML file, out: a Lexicon.

Lexicalisation only: which verb for how large a move. The house style may override names. Does not format numbers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsgen.errors import ConfigError

__all__ = ["Lexicon", "load_lexicon"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AssetWords(_Part):
    """How an asset is called."""

    first: str  # bitcoin (BTC)
    name: str  # bitcoin
    possessive: str = ""  # bitcoin's; a term has none
    alternatives: tuple[str, ...] = ()  # the largest cryptocurrency
    kind: str = "cryptocurrency"


class VerbStep(_Part):
    """Verbs for moves below so many standard deviations."""

    below_sd: Decimal
    up_present: tuple[str, ...]
    up_past: tuple[str, ...]
    down_present: tuple[str, ...]
    down_past: tuple[str, ...]


class Pronouns(_Part):
    """What stands for a subject that the sentence before was about."""

    it: str
    its: str
    before: frozenset[str]  # verbs, one of which must follow: "bitcoin futures" cannot become "it futures"


class Joining(_Part):
    """How two sentences on one subject become one."""

    same: str  # with its comma: ", and"; where the second is about what the first is about
    bare: str  # " and"; where the second says more of the first one's subject, which is not named again
    other: str  # ", while"
    openers: frozenset[str]  # words with which the second sentence may begin, besides a name: none of them a name itself
    subjects: frozenset[str]  # those of them that begin the subject, and so can stand after "while"
    referring: frozenset[str]  # words that say of what a sentence speaks which has no name
    apart: frozenset[str]  # templates that tell of another market, and are joined with none
    compound: tuple[str, ...]  # words and signs of a sentence that holds two already


class Attribution(_Part):
    """Forms of attribution with {source}."""

    according: tuple[str, ...]
    show: tuple[str, ...]
    per: tuple[str, ...]  # at the beginning of a sentence
    plain_per: tuple[str, ...]
    own_per: tuple[str, ...]
    plain_according: tuple[str, ...]  # for sources whose name is a phrase of its own
    plain_show: tuple[str, ...]
    plain_prefixes: tuple[str, ...]
    own_according: tuple[str, ...]  # for what several venues say of themselves, in a sentence that names them
    own_show: tuple[str, ...]


class Lexicon(_Part):
    """The words of one language."""

    locale: str
    assets: Mapping[str, AssetWords]
    subjects: Mapping[str, AssetWords]  # indices, companies, funds
    terms: Mapping[str, AssetWords]  # words of the trade that are spelled out where they first stand
    funds: Mapping[str, str] = Field(default_factory=dict)  # those whose ticker is that of the asset they hold
    windows: Mapping[str, str]
    over: Mapping[str, tuple[str, ...]]  # the same with its preposition, in several wordings
    verbs: tuple[VerbStep, ...]
    directions: Mapping[str, tuple[str, str]]  # key -> (word when up, word when down)
    attribution: Attribution
    pronouns: Pronouns
    joining: Joining
    venues: Mapping[str, str]
    bars: Mapping[str, str]  # "4h" -> "four-hour"
    disclosure: Mapping[str, str]  # parts of the foot
    join_and: str
    openers: frozenset[str] = frozenset()  # words that are written small inside a sentence
    pronoun: str = ""  # for an asset that the clause before has named; "" names it again
    predicates: frozenset[str] = frozenset()  # words after a name that need no pronoun: "up 3% in 24 hours"
    verbs_after_name: frozenset[str] = frozenset()  # words after a name that say it is the subject: "bitcoin ETFs" has none
    tags: Mapping[str, str] = Field(default_factory=dict)


def load_lexicon(path: Path) -> Lexicon:
    """Read a lexicon; ConfigError names file and key."""
    try:
        return Lexicon.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{path.name}: {error}") from error


def verb(lexicon: Lexicon, change: Decimal, z: Decimal | None, tense: str) -> tuple[str, ...]:
    """The verbs that fit a change of so many standard deviations; without a deviation the plain step."""
    size = abs(z) if z is not None else Decimal("1.0")
    step = next((s for s in lexicon.verbs if size < s.below_sd), lexicon.verbs[-1])
    direction = "up" if change >= 0 else "down"
    words: tuple[str, ...] = getattr(step, f"{direction}_{tense}")
    return words
