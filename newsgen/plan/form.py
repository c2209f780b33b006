"""Story forms as data: which parts an article has, in which order, and how long it may be; in: TOML, out: a Form."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsgen.errors import ConfigError

__all__ = ["Form", "Part", "load_forms"]


class Part(BaseModel):
    """One paragraph of a form, or one paragraph per support."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    role: Literal["lede", "nut_graf", "detail", "support", "background", "kicker"]
    # "counter": of its messages, each with the figure that it turns on ("counter_peer@ETH=price.change_24h"), the one that speaks most
    # strongly against the lead's direction. "top": of a wrap the strongest angle,
    # and where no angle fired the wrap itself; its "supports" are then the others.
    source: Literal["lead", "top", "supports", "messages", "counter"] = Field(alias="from")
    blocks: tuple[str, ...] = ()  # of the angle's template, joined in one paragraph
    messages: tuple[str, ...] = ()  # "name" about the lead's asset, or "name@SUBJECT"
    # Its messages join the paragraph before, whatever that tells; or the part before, and stand alone where that was not said.
    join: Literal["paragraph", "part"] | None = None
    # A family: it goes into the detail of what an angle of that family tells, and stands behind the paragraph of that support.
    follows: str = ""
    required: bool = False  # an article without it is not written
    drop: int = 0  # when the article is too long, the highest goes first; 0 stays


class Form(BaseModel):
    """A story form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    words: tuple[int, int]  # from lede to kicker
    paragraphs: tuple[int, int]
    floor: Decimal  # the least score of a lead
    supports: int = 3
    order: Literal["surprise", "form"] = "surprise"  # of the body: the most unusual first, or as the parts stand here
    head: tuple[Literal["dek", "points"], ...] = ("dek", "points")  # what stands between headline and lede
    tables: tuple[str, ...] = ()  # of templates/tables, below the text
    part: tuple[Part, ...]


def load_forms(folder: Path) -> Mapping[str, Form]:
    """Read every form of a folder; ConfigError names file and key."""
    return {path.stem: _load(path) for path in sorted(folder.glob("*.toml"))}


def _load(path: Path) -> Form:
    try:
        form = Form.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"forms/{path.name}: {error}") from error
    if form.name != path.stem:
        raise ConfigError(f"forms/{path.name}: name is {form.name!r}, the file's name says {path.stem!r}")
    return form
