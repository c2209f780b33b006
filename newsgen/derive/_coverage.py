"""Which metrics are covered over their whole life; in: coverage.toml, out: whether a record may be called one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Cover", "CoverageFile", "covers_life", "load_coverage"]


class Cover(BaseModel):
    """One metric of one subject that is covered from its beginning."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    subject: str
    since: date = Field(alias="from")  # an archive must reach back to this day
    evidence: str = Field(min_length=20)


class CoverageFile(BaseModel):
    """coverage.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    covers: tuple[Cover, ...]


@cache
def load_coverage() -> CoverageFile:
    """coverage.toml beside this module."""
    return CoverageFile.model_validate(tomllib.loads(Path(__file__).with_name("coverage.toml").read_text("utf-8")))


@cache
def _since() -> Mapping[tuple[str, str], date]:
    return {(c.metric, c.subject): c.since for c in load_coverage().covers}


def covers_life(metric: str, subject: str, archive_start: date) -> bool:
    """Whether an archive that starts on this day covers the metric's whole life."""
    since = _since().get((metric, subject))
    return since is not None and archive_start <= since
