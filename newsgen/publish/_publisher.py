"""The kit of a publisher: what a target is and what one must do; in: settings of a target, out: a Target and its Receipt.

A publisher has a pure `format` (what will be sent), `send`, and `check` (is everything there to publish, without publishing). It raises
PublishUnavailable (with `may_be_stored`) or PublishRefused; retries, states and receipts are the outbox's, requests are the wire's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from newsgen.publish._pages import SiteInfo
from newsgen.publish._printed import Printed
from newsgen.publish._wire import Wire
from newsgen.story import Receipt
from newsgen.target_settings import TargetSettings

__all__ = ["Finding", "Outgoing", "Parcel", "Placed", "Publisher", "Target"]

S = TypeVar("S", bound=TargetSettings)


@dataclass(frozen=True, slots=True)
class Target:
    """Where articles of a site go."""

    settings: TargetSettings
    site: SiteInfo = field(default_factory=SiteInfo)

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def kind(self) -> str:
        return self.settings.kind

    def of(self, kind: type[S]) -> S:
        """The settings, which are of this kind."""
        if not isinstance(self.settings, kind):
            raise TypeError(f"target {self.name} is of kind {self.kind}, not {kind.__name__}")
        return self.settings


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What will be sent, as bytes, once: signed and sent are the same bytes. For a CMS: the words that will stand there (`words_of`)."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A story as a target has it, by what it last confirmed.

    Attributes:
        mark: The target's own mark of its last change (Ghost's `updated_at`); "" where it has none.
        stored_sha256: Of the body that it said it stored; another one there is a person's edit.
        version: Which version of the story that was.
    """

    remote_id: str
    url: str = ""
    mark: str = ""
    stored_sha256: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Parcel:
    """One article on its way to one target.

    Attributes:
        placed: What the target has of the story; None when it never confirmed one.
        unknown_at: When an attempt with any version of the story last ended without our knowing whether the target stored it; None when
            the target has confirmed one since, or each one's end is known.
        sent: Digests of what was sent there of every version of the story; a copy with other words is somebody's work.
        overwrite: An editor has seen what a person changed at the target, and said to send ours.
        original: The address of the story's original; None where the copy at the target is the original itself, "" where it is elsewhere
            and not known yet.
        reviewer: The editor who has approved this text; "" where nobody has.
    """

    article: Printed
    article_json: str
    message_id: str
    attempt: int
    placed: Placed | None = None
    unknown_at: datetime | None = None
    sent: frozenset[str] = frozenset()
    overwrite: bool = False
    original: str | None = None
    reviewer: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `publish check`: what was looked at, whether it is right, and how to mend it."""

    what: str
    fine: bool
    message: str


async def _nothing_to_check(target: Target, wire: Wire) -> list[Finding]:
    return []


@dataclass(frozen=True, slots=True)
class Publisher:
    """A kind of target.

    Attributes:
        settings: What newsgen.toml says of one.
        notifies: A message to people, which cannot be looked up or taken back: one that may have arrived is not sent again.
    """

    name: str
    settings: type[TargetSettings]
    format: Callable[[Parcel, Target], Outgoing]
    send: Callable[[Parcel, Outgoing, Target, Wire], Awaitable[Receipt]]
    check: Callable[[Target, Wire], Awaitable[list[Finding]]] = _nothing_to_check
    notifies: bool = False
