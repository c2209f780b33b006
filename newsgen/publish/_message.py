"""A message to people: what it says of an article, in which order, cut to what fits; in: a parcel, out: its parts as plain text.

Every kind of target writes the parts in its own way and escapes them itself. The words that are not the article's stand in
templates/notices/, by language. A message cannot be taken back, so a correction or a withdrawal is a message of its own that leads to the
one before; an update sends none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from newsgen.discover import templates_root
from newsgen.publish._cut import cut
from newsgen.publish._home import address_of
from newsgen.publish._publisher import Parcel, Target
from newsgen.publish._wire import Wire
from newsgen.story import Receipt

__all__ = ["Message", "address_behind", "already_told", "fitted", "message_of"]


@dataclass(frozen=True, slots=True)
class Message:
    """The parts, each plain text of one line, "" where there is none.

    Attributes:
        label: "Correction" or "Withdrawn".
        note: What was wrong.
        points: The key figures.
        link, read: The article's address, and the words that lead there.
        earlier, earlier_link: Words for the message that this one replaces, and its address where it has one.
        foot: As of when, how it was made and what is owed to the sources.
    """

    label: str
    headline: str
    note: str
    summary: str
    points: tuple[str, ...]
    link: str
    read: str
    earlier: str
    earlier_link: str
    as_of: str
    foot: str

    @property
    def title(self) -> str:
        return f"{self.label}: {self.headline}" if self.label else self.headline

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """What stands between headline and links."""
        return tuple(text for text in (self.note, self.summary, *(f"• {point}" for point in self.points)) if text)

    @property
    def last_lines(self) -> tuple[str, ...]:
        return tuple(text for text in (self.as_of, self.foot) if text)


def message_of(parcel: Parcel, target: Target, *, links_back: bool = True) -> Message:
    """What is to be said of an article.

    Args:
        links_back: Whether the target gave an address, or a number to reply to, for the message before.
    """
    article = parcel.article
    words = _words(templates_root(), article.locale)
    notes = [p.text for p in article.paragraphs if p.role == "correction"]
    body = next((p.text for p in article.paragraphs if p.role != "correction"), "")
    replaces = parcel.placed is not None or parcel.unknown_at is not None
    linked = links_back and parcel.placed is not None and bool(parcel.placed.url)
    return Message(
        label=_said(words, "label", event=article.event), headline=article.headline.text, note=" ".join(notes),
        summary=article.dek.text or body, points=tuple(p.text for p in article.key_points),
        link=address_of(parcel, target.site), read=_said(words, "read"),
        earlier="" if not replaces else _said(words, "earlier" if linked else "replaces"),
        earlier_link=parcel.placed.url if parcel.placed is not None and linked else "",
        as_of=_said(words, "as_of", stamp=article.stamps.as_of),
        foot=" ".join(text for text in (article.disclosure.text, *(s.credit for s in article.credits)) if text),
    )  # fmt: skip


@cache
def _words(root: Path, locale: str) -> Template:
    """The language's words, else the English ones."""
    loader = FileSystemLoader(root / "notices")
    environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True)  # noqa: S701 - each target escapes in its own way
    return environment.select_template([f"message_{locale}.j2", "message_en.j2"])


def _said(words: Template, block: str, **values: Any) -> str:
    return " ".join("".join(words.blocks[block](words.new_context(values))).split())


def already_told(parcel: Parcel, target: Target) -> Receipt | None:
    """How the delivery of an update ends, where people have the message already, or may have it."""
    placed = parcel.placed
    if parcel.article.event != "updated" or (placed is None and parcel.unknown_at is None):
        return None
    at = (placed.remote_id, placed.url) if placed is not None else ("", "")
    return Receipt(target.name, parcel.article.id, "confirmed", *at, message="no second message for an update")


_SHORTEST = 60  # characters of a part: shorter ones say nothing


def fitted(message: Message, fits: Callable[[Message], bool]) -> Message:
    """The message without its last points, then with shorter parts, until it fits; headline, link and time stay."""
    while message.points and not fits(message):
        message = replace(message, points=message.points[:-1])
    for part in ("summary", "note", "foot", "headline"):
        while len(getattr(message, part)) > _SHORTEST and not fits(message):
            text: str = getattr(message, part)
            shorter: dict[str, Any] = {part: cut(text, len(text) * 3 // 4)}
            message = replace(message, **shorter)
    return message


def address_behind(secret_env: str, base_url: str, wire: Wire) -> str:
    """The address that a secret is; on another host where the settings name one.

    Raises:
        PublishRefused: It is no address; the text itself is not shown.
    """
    try:
        parts = urlsplit(wire.secret(secret_env).strip())
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme != "https" or len(parts.path) < 2:
        raise wire.refused(f"{secret_env} holds no address: it is the whole https address of the incoming webhook")
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._") + (f"?{parts.query}" if parts.query else "")
    return f"{base_url.rstrip('/')}{path}" if base_url else f"https://{parts.netloc}{path}"
