"""The errors a caller can act on; in: typed facts about what went wrong, out: one sentence for a person.

    NewsgenError
      ConfigError             a setting, an edition folder or a command is wrong
        PluginError           a module or angle folder that does not fit (constant missing, name clash, failed import)
        VersionTaken          another version of the story has come meanwhile
      HeldBack                what it rests on, or the checks, keep an article or a text from going out
      GatherError             carries source, endpoint, url, fetched_at
        SourceUnavailable     time-out, 5xx, rate limit: worth another try
        SourceRefused         a plan, a bot wall, wrong parameters: a person must act
          KeyRefused          the key is missing or rejected
          RegionRefused       not from this country
        BadPayload            the shape changed: keep the bytes, name the field
      HistoryError            a damaged line of a history file: carries file and line
      DeriveError             StaleReading, UnitMismatch
      WriteError              TemplateMissing, UnknownFigure
      PublishError            carries publisher, slug, status
        PublishUnavailable    worth another try
        PublishRefused        permanent

Does not log, retry or exit; the shells do that.
"""

from __future__ import annotations

from datetime import datetime

__all__ = [
    "BadPayload",
    "ConfigError",
    "DeriveError",
    "GatherError",
    "HeldBack",
    "HistoryError",
    "KeyRefused",
    "NewsgenError",
    "PluginError",
    "PublishError",
    "PublishRefused",
    "PublishUnavailable",
    "RegionRefused",
    "SourceRefused",
    "SourceUnavailable",
    "StaleReading",
    "TemplateMissing",
    "UnitMismatch",
    "UnknownFigure",
    "VersionTaken",
    "WriteError",
]


class NewsgenError(Exception):
    """Any fault that newsgen names."""


class ConfigError(NewsgenError):
    """A setting, an edition folder or the use of a command is wrong."""


class PluginError(ConfigError):
    """A source, figure, angle, check or publisher does not fit; names where and the nearest right thing."""

    def __init__(self, where: str, problem: str, *, line: int | None = None, hint: str = "") -> None:
        self.where, self.problem, self.line, self.hint = where, problem, line, hint
        place = f"{where}:{line}" if line is not None else where
        super().__init__(f"{place}: {problem}" + (f" ({hint})" if hint else ""))


class VersionTaken(ConfigError):
    """Another version of a story has come while this one was prepared."""

    def __init__(self, newest: int) -> None:
        self.newest = newest
        super().__init__(f"version {newest} of the story has come meanwhile: look at it, and try again")


class HeldBack(NewsgenError):
    """An article stays held, or a text is refused: the checks, a stop or a retired reading stand against it; says which."""


class GatherError(NewsgenError):
    """A source did not give what was asked of it."""

    def __init__(
        self,
        source: str,
        endpoint: str,
        problem: str,
        *,
        url: str = "",
        fetched_at: datetime | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.source, self.endpoint, self.problem = source, endpoint, problem
        self.url, self.fetched_at, self.retry_after_s = url, fetched_at, retry_after_s
        super().__init__(f"{source} {endpoint}: {problem}")


class SourceUnavailable(GatherError):
    """Time-out, connection lost, 5xx or rate limit: worth another try."""


class SourceRefused(GatherError):
    """A plan, a bot wall or wrong parameters: a person must act."""


class KeyRefused(SourceRefused):
    """The key is missing, malformed or rejected."""


class RegionRefused(SourceRefused):
    """The source does not answer addresses of this country."""


class BadPayload(GatherError):
    """The answer has another shape than the parser knows; names the field."""

    def __init__(self, source: str, endpoint: str, field: str, problem: str, **context: object) -> None:
        self.field = field
        super().__init__(source, endpoint, f"field {field}: {problem}", **context)  # type: ignore[arg-type]


class HistoryError(NewsgenError):
    """A line of a history file that cannot be read."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        self.file, self.line, self.problem = file, line, problem
        super().__init__(f"{file}:{line}: {problem}")


class DeriveError(NewsgenError):
    """A figure cannot be computed although its inputs are there."""


class StaleReading(DeriveError):
    """A reading is older than the figure allows."""


class UnitMismatch(DeriveError):
    """Two values of different units were put into one formula."""


class WriteError(NewsgenError):
    """The text cannot be made."""


class TemplateMissing(WriteError):
    """A template or block that the plan names does not exist."""


class UnknownFigure(WriteError):
    """A template names a figure that the catalogue does not have."""


class PublishError(NewsgenError):
    """A target did not take an article."""

    def __init__(
        self,
        publisher: str,
        slug: str,
        problem: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        may_be_stored: bool = False,
    ) -> None:
        self.publisher, self.slug, self.problem, self.status = publisher, slug, problem, status
        self.retry_after_s = retry_after_s
        self.may_be_stored = may_be_stored
        super().__init__(f"{publisher} {slug}: {problem}" + (f" (status {status})" if status else ""))


class PublishUnavailable(PublishError):
    """Worth another try; `may_be_stored` says that the target may have the article already."""


class PublishRefused(PublishError):
    """Permanent: the target will not take this article as it is."""
