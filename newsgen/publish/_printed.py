"""The article as publishers see it; in: ARTICLE.json, out: a frozen model without the parts that only editors need.

Control characters, bidi overrides and zero-width characters are taken out here, once, before any target sees the text.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from newsgen.publish._quotes import MINUS, quotes_of
from newsgen.story import Article

__all__ = ["Printed", "PrintedChange", "PrintedChart", "PrintedParagraph", "PrintedQuote", "PrintedSource", "clean", "stamp"]

# The last three: lone surrogates and the two that are no characters, which no XML may hold.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ue000-\ue003\ud800-\udfff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """The text without characters that could hide or forge something."""
    return _UNSAFE.sub("", text).replace("\r", " ").replace("\n", " ").strip()


_STORIES = uuid.UUID("0b7c55a8-64d5-5d0e-9c1b-6e6577736e72")  # of story ids; fixed for ever

Line = Annotated[str, AfterValidator(clean)]
Moment = Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]  # days and months of a site are those of UTC


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class PrintedText(_Part):
    """A text without its spans."""

    text: Line


class PrintedParagraph(PrintedText):
    """A paragraph with its role."""

    role: str


class PrintedTable(_Part):
    """A table of texts."""

    title: Line
    columns: tuple[Line, ...]
    rows: tuple[tuple[PrintedText, ...], ...]


class PrintedSource(_Part):
    """A credited source."""

    name: Line
    url: str = ""
    as_of: Moment
    credit: Line = ""
    credit_url: str = ""

    @property
    def link(self) -> str:
        """The address if it is one that a page may carry."""
        return _carried(self.url)

    @property
    def credit_link(self) -> str:
        """Where the credit leads, if a page may carry it."""
        return _carried(self.credit_url)


# Brackets would be a shortcode of some plugin, also inside an attribute.
_ENCODED = str.maketrans({c: f"%{ord(c):02X}" for c in " \"'<>[]\\^`{|}"})


def _carried(address: str) -> str:
    return clean(address).translate(_ENCODED) if address.startswith(("https://", "http://")) else ""


class PrintedDisclosure(_Part):
    """How the text was made."""

    text: Line
    digital_source_type: str


class PrintedStamps(_Part):
    """The moments of an article as its house style prints them."""

    as_of: Line
    written_at: Line
    first_at: Line = ""  # of the first version, and
    changed_at: Line = ""  # of the last one with other words: known to who keeps the versions


class PrintedQuote(_Part):
    """A price and its change of 24 hours, as the article prints them; "" where it does not."""

    symbol: Line
    price: Line = ""
    change: Line = ""  # with its sign: "+3.6%"

    @property
    def falls(self) -> bool:
        return self.change.startswith(MINUS)


class PrintedChart(_Part):
    """A drawing; its SVG is of our own making, with every text escaped."""

    kind: str
    title: Line
    source: Line
    alt: Line
    svg: str
    width: int
    height: int
    line: tuple[int, ...] = ()


class PrintedField(_Part):
    """A value that was printed, and the one that stands now."""

    was: Line
    now: Annotated[Line, Field(alias="is")]


class PrintedChange(_Part):
    """Why this version takes the place of another."""

    kind: Literal["correction", "refile", "withdrawal"]
    note: Line
    at: Moment
    by: Line
    fields: tuple[PrintedField, ...] = ()


class Printed(_Part):
    """What of an article is published.

    Attributes:
        published_at: When the first version was written; None when this is the first.
        modified_at: When the words last changed; None where only this version is known.
        subject, family, score: Of the lead: what it is about ("BTC", "market"), the kind of its angle, and how newsworthy it is.
        quotes: One for each of `tickers`.
    """

    id: str
    slug: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,180}$")]
    story: str
    version: int
    site: str
    locale: str
    angle: str
    form: str
    as_of: Moment
    written_at: Moment
    stamps: PrintedStamps
    headline: PrintedText
    dek: PrintedText
    key_points: tuple[PrintedText, ...] = ()
    paragraphs: tuple[PrintedParagraph, ...]
    tables: tuple[PrintedTable, ...] = ()
    tickers: tuple[Line, ...] = ()
    tags: tuple[Line, ...] = ()
    reading_minutes: int
    sources: tuple[PrintedSource, ...] = ()
    disclosure: PrintedDisclosure
    charts: tuple[PrintedChart, ...] = ()
    change: PrintedChange | None = None
    published_at: Moment | None = None
    modified_at: Moment | None = None
    subject: Line = ""
    family: Line = ""
    score: Decimal = Decimal(0)
    quotes: tuple[PrintedQuote, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _with_lead_and_quotes(cls, data: Any) -> Any:
        """What targets want of the parts that are only for editors."""
        if not isinstance(data, dict) or "figures" not in data:
            return data
        lead: Mapping[str, Any] = next((a for a in data.get("angles", ()) if a.get("role") == "lead"), {})
        told = {"subject": lead.get("subject", ""), "family": lead.get("family", ""), "score": lead.get("score", "0")}
        return {**told, "quotes": quotes_of(data), **data}

    @classmethod
    def of(cls, article: Article) -> Printed:
        """The printed part of an article."""
        return cls.model_validate(article.as_json())

    @classmethod
    def read(cls, text: str) -> Printed:
        """The printed part of a stored ARTICLE.json."""
        return cls.model_validate_json(text)

    @property
    def first_at(self) -> datetime:
        """When the story was first published."""
        return self.published_at or self.written_at

    @property
    def changed_at(self) -> datetime:
        """When the words last changed."""
        return self.modified_at or (max(self.written_at, self.change.at) if self.change else self.written_at)

    @property
    def story_id(self) -> str:
        """The story's id for ever, over versions, headlines and addresses: a UUID."""
        return str(uuid.uuid5(_STORIES, f"{self.site}/{self.locale}/{self.story}"))

    @property
    def withdrawn(self) -> bool:
        return self.change is not None and self.change.kind == "withdrawal"

    @property
    def event(self) -> str:
        """What happens to readers: published, updated, corrected or retracted."""
        if self.change is not None and self.change.kind != "refile":
            return "retracted" if self.withdrawn else "corrected"
        return "published" if self.version == 1 else "updated"

    @property
    def credits(self) -> tuple[PrintedSource, ...]:
        """The sources whose terms want a text of theirs shown, each text once."""
        return tuple({s.credit: s for s in self.sources if s.credit}.values())

    @property
    def summary(self) -> str:
        """The dek; of an alert, which has none, its sentence; of a withdrawn story, why."""
        if self.change is not None and self.withdrawn:
            return self.change.note
        return self.dek.text or self.paragraphs[0].text

    @property
    def word_count(self) -> int:
        return sum(len(p.text.split()) for p in self.paragraphs)

    @property
    def words(self) -> str:
        """Every word of the article itself: another version with the same words is no change to its readers."""
        cells = [c.text for t in self.tables for row in t.rows for c in row]
        return "\n".join([self.headline.text, self.dek.text, *(p.text for p in (*self.key_points, *self.paragraphs)), *cells])


def stamp(moment: datetime) -> str:
    """RFC 3339 with Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
