"""Which metrics are covered over their whole life; in: coverage.toml, out: whether a record may be called one."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["covers_life"]


class Cover(BaseModel):
    """One metric of one subject that is covered from its beginning."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    metric: str
    subject: str
    since: date = Field(alias="from")
    evidence: str


class CoverFile(BaseModel):
    """coverage.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    covers: tuple[Cover, ...]


@cache
def _covers() -> dict[tuple[str, str], date]:
    file = CoverFile.model_validate(tomllib.loads(Path(__file__).with_name("coverage.toml").read_text("utf-8")))
    return {(c.metric, c.subject): c.since for c in file.covers}


def covers_life(metric: str, subject: str, archive_start: date) -> bool:
    """Whether an archive that starts on this day covers the metric's whole life."""
    since = _covers().get((metric, subject))
    return since is not None and archive_start <= since
