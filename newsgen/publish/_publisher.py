"""The kit of a publisher: what a target is and what one must do; in: settings of a target, out: a Target and its Receipt.

A publisher has a pure `format` (what will be sent) and `send`. It raises PublishUnavailable (with `may_be_stored`) or PublishRefused;
retries, states and receipts are the outbox's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from newsgen.publish._pages import SiteInfo
from newsgen.publish._printed import Printed
from newsgen.story import Receipt

__all__ = ["Outgoing", "Parcel", "Publisher", "Target"]


class Target(BaseModel):
    """Where articles go. Secrets are not here: `secret_env` names the environment variable that holds one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Literal["folder", "webhook"]
    path: str = ""  # folder
    url: str = ""  # webhook
    secret_env: str = ""  # webhook: whsec_...
    allow_private: bool = False  # webhook: addresses that are not public, and plain http
    expiry_h: float = 6.0  # news that is later than this goes to the editor
    site: SiteInfo = SiteInfo()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What will be sent, as bytes, once: signed and sent are the same bytes."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One article on its way to one target."""

    article: Printed
    article_json: str
    message_id: str
    attempt: int
    was_unknown: bool


@dataclass(frozen=True, slots=True)
class Publisher:
    """A kind of target."""

    name: str
    format: Callable[[Parcel, Target], Outgoing]
    send: Callable[[Parcel, Outgoing, Target, str, datetime], Awaitable[Receipt]]  # target, secret, now
