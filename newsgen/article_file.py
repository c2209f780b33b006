"""ARTICLE.json read back: its moment, figures and readings; in: the bytes of a file, out: StoredArticle.

The other way round is `Article.as_json`. `read_article` reads only what an article rests on, not its texts, for whoever has a file of
unknown origin; `whole_article` reads all of what a database of ours has stored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from newsgen.errors import ConfigError
from newsgen.market import (
    Bound,
    Completeness,
    Figure,
    Origin,
    Reading,
    Record,
    SeriesKey,
    SeriesRef,
    Unit,
    Value,
    parse_time,
)  # fmt: skip
from newsgen.story import Article, Condition, Finding, Paragraph, Pitch, SourceCredit, Span, Text, Verdict

__all__ = ["StoredArticle", "read_article", "whole_article"]

Moment = Annotated[datetime, BeforeValidator(lambda text: parse_time(text) if isinstance(text, str) else text)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")  # keys may be added to the file, never renamed


class _Record(_Part):
    is_record: bool
    comparator: str
    last_at_or_beyond: date | None
    rival_value: str | None
    archive_start: date
    closed_period: bool
    covers_life: bool


class _Figure(_Part):
    name: str
    subject: str
    value: str | None
    unit: Unit
    window: str = ""
    scope: str = ""
    side: Literal["", "long", "short"] = ""
    label: str = ""
    archive_start: date | None = None
    observed_at: Moment
    known_at: Moment
    source: str = ""
    formula: str | None = None
    inputs: tuple[str, ...] = ()
    completeness: Completeness = Completeness.FINAL
    bound: Bound = "exact"
    told_at: Moment | None = None
    record: _Record | None = None


class _Reading(_Part):
    series: str
    subject: str
    value: Decimal
    unit: Unit
    window: str = ""
    venue: str = ""
    observed_at: Moment
    known_at: Moment
    source: str = ""
    source_name: str = ""
    endpoint: str = ""
    payload_sha256: str = ""


class _File(_Part):
    as_of: Moment
    locale: str = "en"
    figures: Mapping[str, _Figure]
    readings: Mapping[str, _Reading] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """What an article rests on.

    Attributes:
        figures: By their names in the article: f1, f2 ...
    """

    as_of: datetime
    locale: str
    figures: Mapping[str, Figure]
    readings: Mapping[str, Reading] = field(default_factory=dict)


def read_article(body: bytes, name: str) -> StoredArticle:
    """Read an ARTICLE.json.

    Args:
        name: Of the file, for the message of a fault.

    Raises:
        ConfigError: It is no ARTICLE.json; names the file and the key.
    """
    try:
        file = _File.model_validate_json(body)
        readings = {key: _reading(one) for key, one in file.readings.items()}
        return StoredArticle(file.as_of, file.locale, _figures(file.figures, readings), readings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ConfigError(f"{name} is no ARTICLE.json: {where}: {first['msg']}") from None
    except (InvalidOperation, ValueError, RecursionError) as error:
        raise ConfigError(f"{name} is no ARTICLE.json: {error}") from None


def _reading(one: _Reading) -> Reading:
    key = SeriesKey(one.series, one.subject, one.window, one.source, one.venue)
    return Reading(key, one.value, one.unit, one.observed_at, one.known_at, Origin(one.endpoint, one.source_name, "", one.payload_sha256))


def _figures(stored: Mapping[str, _Figure], readings: Mapping[str, Reading]) -> dict[str, Figure]:
    """The figures, each after those that it was made from."""
    made: dict[str, Figure] = {}

    def make(key: str, under: frozenset[str] = frozenset()) -> Figure:
        if key in under:
            raise ValueError(f"{key} is made from itself")
        if key not in made:
            inputs = [_input(name, stored, readings, lambda n: make(n, under | {key})) for name in stored[key].inputs]
            made[key] = _figure(stored[key], tuple(i for i in inputs if i is not None))
        return made[key]

    return {key: make(key) for key in stored}


def _input(name: str, stored: Mapping[str, _Figure], readings: Mapping[str, Reading], make: Any) -> Reading | Figure | SeriesRef | None:
    if name in stored:
        found: Figure = make(name)
        return found
    return readings.get(name)  # a whole column ("series:...") is not in the file


def whole_article(body: str) -> Article:
    """A stored ARTICLE.json as an Article; what the file has not (families, steps, windows' ends, whole columns) is not there."""
    data = json.loads(body)
    stored = read_article(body.encode(), data["id"])
    return Article(
        id=data["id"], slug=data["slug"], story=data["story"], version=data["version"], site=data["site"], locale=data["locale"],
        edition=data["edition"], angle=data["angle"], form=data["form"], as_of=parse_time(data["as_of"]),
        written_at=parse_time(data["written_at"]), headline=_text(data["headline"]), dek=_text(data["dek"]),
        key_points=tuple(map(_text, data["key_points"])),
        paragraphs=tuple(Paragraph(p["role"], p["angle"], _text(p)) for p in data["paragraphs"]),
        tickers=tuple(data["tickers"]), tags=tuple(data["tags"]), reading_minutes=data["reading_minutes"],
        sources=tuple(SourceCredit(s["name"], s["url"], parse_time(s["as_of"]), s["credit"], s["credit_url"]) for s in data["sources"]),
        disclosure=data["disclosure"]["text"], digital_source_type=data["disclosure"]["digital_source_type"], figures=stored.figures,
        readings=stored.readings, pitches=tuple(map(_pitch, data["angles"])), made_from=data["made_from"],
        messages=tuple(data["messages"]), tables=tuple(data["tables"]), stamps=data["stamps"],
        verdict=Verdict(data["verdict"]["decision"], tuple(map(_finding, data["verdict"]["findings"]))),
    )  # fmt: skip


def _text(data: Mapping[str, Any]) -> Text:
    return Text(data["text"], tuple(Span(s["start"], s["end"], s["figure"]) for s in data["spans"]))


def _finding(data: Mapping[str, Any]) -> Finding:
    return Finding(data["check"], data["severity"], data["where"], data["message"], tuple(data["figures"]), data["sentence"])


def _pitch(data: Mapping[str, Any]) -> Pitch:
    conditions = tuple(Condition(c["if"], c["why"], c["held"], c["saw"]) for c in data["conditions"])
    parts = {name: Decimal(value) for name, value in data["parts"].items()}
    return Pitch(data["name"], data["subject"], "", Decimal(data["score"]), parts, data["fired"], conditions, data["role"], data["reason"])


def _figure(one: _Figure, inputs: tuple[Reading | Figure | SeriesRef, ...]) -> Figure:
    return Figure(
        one.name, one.subject, _value(one.value, one.unit), one.unit, one.observed_at, one.known_at, one.source, inputs, one.formula,
        window=one.window, scope=one.scope, side=one.side, archive_start=one.archive_start,
        completeness=one.completeness, bound=one.bound, record=_record(one), label=one.label, told_at=one.told_at,
    )  # fmt: skip


def _value(text: str | None, unit: Unit) -> Value | None:
    if text is None:
        return None
    if unit is Unit.DATE:
        return date.fromisoformat(text)
    if unit is Unit.MOMENT:
        return parse_time(text)
    if unit is Unit.FLAG:
        return text == "true"
    return text if unit is Unit.TEXT else Decimal(text)


def _record(one: _Figure) -> Record | None:
    held = one.record
    if held is None:
        return None
    value = Decimal(one.value) if one.value is not None and one.unit not in (Unit.DATE, Unit.MOMENT, Unit.FLAG, Unit.TEXT) else Decimal(0)
    return Record(
        one.name, ">=" if held.comparator == ">=" else "<=", value, held.last_at_or_beyond,
        Decimal(held.rival_value) if held.rival_value else None, held.archive_start, held.is_record, held.closed_period, held.covers_life,
    )  # fmt: skip
