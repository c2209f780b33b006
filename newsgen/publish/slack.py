"""A message to a channel of Slack by an incoming webhook; in: an article, out: one message of blocks.

The webhook's address is the credential. All text goes as plain text with `& < >` as entities, so that neither `<!channel>` nor a link of
somebody else's is one. The answer is the word `ok`, without a number: a later message cannot link this one, and says so.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from newsgen.publish._cut import cut
from newsgen.publish._findings import https_finding
from newsgen.publish._message import Message, address_behind, already_told, fitted, message_of
from newsgen.publish._publisher import Finding, Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import Answer, Wire, error_of, judge
from newsgen.story import Receipt
from newsgen.target_settings import SlackSettings

__all__ = ["PUBLISHER"]

_HEADER, _SECTION, _CONTEXT = 150, 3000, 2000  # characters; more is invalid_payload
_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
_MENDS = {
    "invalid_payload": "Slack does not understand the message",
    "no_text": "Slack does not understand the message",
    "user_not_found": "the webhook posts to a person who is not there",
    "action_prohibited": "the workspace's administrators do not permit it",
    "channel_not_found": "the channel is gone: make a webhook for another",
    "no_service": "the webhook is switched off or gone: make a new one",
    "no_active_hooks": "the webhook is switched off: make a new one",
    "invalid_token": "the webhook's address is wrong",
    "channel_is_archived": "the channel is archived: make a webhook for another",
    "posting_to_general_channel_denied": "this app may not post to #general",
}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _size(text: str) -> int:
    return len(_escaped(text))


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": _escaped(text), "emoji": False}


def _link(address: str, words: str) -> str:
    safe = address.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E")
    return f"<{safe}|{_escaped(words)}>"


def _payload(message: Message) -> dict[str, Any]:
    links = [_link(message.link, message.read)] if message.link else []
    links += [_escaped(message.earlier)] if message.earlier else []
    body = "\n".join(message.paragraphs)
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(cut(message.title, _HEADER, _size))}]
    blocks += [{"type": "section", "text": _plain(body)}] if body else []
    blocks += [{"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(links), "verbatim": True}}] if links else []
    blocks.append({"type": "context", "elements": [_plain("\n".join(message.last_lines))]})
    text = " ".join(part for part in (message.title, message.link) if part)  # of notifications, and where blocks are not shown
    return {"text": _escaped(text), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _fits(message: Message) -> bool:
    return _size("\n".join(message.paragraphs)) <= _SECTION and _size("\n".join(message.last_lines)) <= _CONTEXT


def _format(parcel: Parcel, target: Target) -> Outgoing:
    message = fitted(message_of(parcel, target, links_back=False), _fits)
    return Outgoing(json.dumps(_payload(message), ensure_ascii=False).encode(), "application/json")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    told = already_told(parcel, target)
    if told is not None:
        return told
    settings = target.of(SlackSettings)
    address = address_behind(settings.secret_env, settings.base_url, wire)
    answer = await wire.ask("POST", address, headers={"content-type": outgoing.content_type}, body=outgoing.body)
    _judge(answer, wire)
    return Receipt(target.name, parcel.article.id, "confirmed", parcel.message_id)


def _judge(answer: Answer, wire: Wire) -> None:
    """Slack says what is wrong in one word; a 2xx with anything but `ok` comes from somebody else."""
    said = answer.text.strip()
    if 200 <= answer.status < 300 and said != "ok":
        if answer.is_json:
            raise wire.refused(f"{answer.asked}: this is no incoming webhook of Slack", status=answer.status)
        raise wire.unavailable(f"{answer.asked}: answered {answer.status} without Slack's ok", status=answer.status, may_be_stored=True)
    if answer.status >= 400 and said in _MENDS:
        raise error_of(answer, wire, f"{said}: {_MENDS[said]}")
    judge(answer, wire)


async def _check(target: Target, wire: Wire) -> list[Finding]:
    """An incoming webhook cannot be asked anything: what can be seen is its address."""
    settings = target.of(SlackSettings)
    address = address_behind(settings.secret_env, settings.base_url, wire)
    host = urlsplit(address).hostname or ""
    known = host in _HOSTS or bool(settings.base_url)
    said = "is an incoming webhook's" if known else f"is on {host}, not on {_HOSTS[0]}: copy the webhook's whole address"
    unasked = "Slack cannot be asked without posting: whether it takes messages shows with the first one"
    return [
        await https_finding(address, wire),
        Finding("address", known, f"{settings.secret_env} {said}"),
        Finding("rights", True, unasked),
    ]


PUBLISHER = Publisher("slack", SlackSettings, _format, _send, _check, notifies=True)
