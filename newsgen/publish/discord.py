"""A message to a channel of Discord by a webhook; in: an article, out: one message with an embed.

The webhook's address is the credential. Nobody is ever mentioned (`allowed_mentions` is empty), and every sign of markup in a text is
escaped: a name from a data source makes no link. Asks for the stored message (`wait=true`), since otherwise one that was not stored looks
like one that was; and looks at the webhook first, which also tells where the message will stand.
"""

from __future__ import annotations

import json
import re
from typing import Any

from newsgen.errors import PublishError
from newsgen.publish._cut import cut
from newsgen.publish._findings import https_finding, tried
from newsgen.publish._message import Message, address_behind, already_told, fitted, message_of
from newsgen.publish._publisher import Finding, Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import LONGEST_WAIT_S, Answer, Wire, error_of, json_of
from newsgen.story import Receipt
from newsgen.target_settings import DiscordSettings

__all__ = ["PUBLISHER"]

_TITLE, _DESCRIPTION, _FOOTER, _IN_ALL = 256, 4096, 2048, 6000  # characters of an embed
_MARKUP = re.compile(r"([\\*_~`|>\[\]()<#@-])")


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def _size(text: str) -> int:
    return len(_escaped(text))


def _described(message: Message) -> str:
    parts = [_escaped(text) for text in message.paragraphs]
    if message.earlier_link:
        parts.append(f"[{_escaped(message.earlier)}]({message.earlier_link})")
    elif message.earlier:
        parts.append(_escaped(message.earlier))
    return "\n\n".join(parts)


def _titled(message: Message) -> str:
    return _escaped(cut(message.title, _TITLE - 20, _size))


def _fits(message: Message) -> bool:
    described, foot = _described(message), "\n".join(message.last_lines)  # a footer knows no markup
    return len(described) <= _DESCRIPTION and len(foot) <= _FOOTER and len(_titled(message)) + len(described) + len(foot) <= _IN_ALL


def _format(parcel: Parcel, target: Target) -> Outgoing:
    message = fitted(message_of(parcel, target), _fits)
    embed: dict[str, Any] = {
        "title": _titled(message), "description": _described(message), "footer": {"text": "\n".join(message.last_lines)},
    }  # fmt: skip
    if message.link:
        embed["url"] = message.link
    payload = {"embeds": [embed], "allowed_mentions": {"parse": []}}
    return Outgoing(json.dumps(payload, ensure_ascii=False).encode(), "application/json")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    told = already_told(parcel, target)
    if told is not None:
        return told
    settings = target.of(DiscordSettings)
    address = address_behind(settings.secret_env, settings.base_url, wire)
    guild = (await _webhook(address, wire)).get("guild_id")
    waiting = f"{address}{'&' if '?' in address else '?'}wait=true"
    stored = _json(await wire.ask("POST", waiting, headers={"content-type": outgoing.content_type}, body=outgoing.body), wire)
    number, channel = stored.get("id"), stored.get("channel_id")
    if not number:
        raise wire.unavailable("answered without the message's number", may_be_stored=True)
    url = f"https://discord.com/channels/{guild}/{channel}/{number}" if guild and channel else ""
    return Receipt(target.name, parcel.article.id, "confirmed", str(number), url)


async def _webhook(address: str, wire: Wire) -> dict[str, Any]:
    return _json(await wire.ask("GET", address), wire)


def _json(answer: Answer, wire: Wire) -> dict[str, Any]:
    if answer.status >= 300:
        raise _error(answer, wire)
    data = json_of(answer, wire)
    if not isinstance(data, dict):
        raise wire.unavailable(f"{answer.asked}: answered {answer.status} with something else", may_be_stored=answer.writes)
    return data


def _error(answer: Answer, wire: Wire) -> PublishError:
    """What Discord says is wrong; how long it wants to be left alone, it says in parts of a second."""
    wait, said = answer.told.get("retry_after"), str(answer.told.get("message", ""))
    if answer.status == 429 and isinstance(wait, int | float):
        return wire.unavailable(f"{answer.asked}: {said}", status=429, retry_after_s=min(float(wait), LONGEST_WAIT_S))
    mend = {401: "the webhook's address is wrong", 404: "the webhook was deleted: make a new one"}.get(answer.status, "")
    return error_of(answer, wire, "; ".join(part for part in (said, mend) if part))


async def _check(target: Target, wire: Wire) -> list[Finding]:
    """A webhook tells its name and channel to whoever has its address; it may post there as long as it exists."""
    settings = target.of(DiscordSettings)
    address = address_behind(settings.secret_env, settings.base_url, wire)

    async def webhook() -> list[Finding]:
        found = await _webhook(address, wire)
        if not found.get("channel_id"):
            return [Finding("webhook", False, "there is no webhook of Discord: copy its whole address")]
        return [Finding("webhook", True, f"{found.get('name', '')!r} posts to channel {found['channel_id']}")]

    return [await https_finding(address, wire), *await tried("webhook", webhook)]


PUBLISHER = Publisher("discord", DiscordSettings, _format, _send, _check, notifies=True)
