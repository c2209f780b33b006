"""A message to a chat of Telegram by a bot; in: an article, out: one message, bold and links given as entities.

Text goes without a parse mode, so that nothing in it is markup. Lengths and places count UTF-16 units, as Telegram does. A correction
answers the message that it corrects. The bot's token is part of the address, and stands in no error.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from newsgen.errors import PublishError
from newsgen.publish._findings import https_finding, tried
from newsgen.publish._message import Message, already_told, fitted, message_of
from newsgen.publish._publisher import Finding, Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import LONGEST_WAIT_S, Answer, Wire, error_of, json_of
from newsgen.story import Receipt
from newsgen.target_settings import TelegramSettings

__all__ = ["PUBLISHER"]

_MOST = 4096  # UTF-16 units
_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{20,100}")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@dataclass(slots=True)
class _Writing:
    """A text and where in it what is bold, or a link."""

    text: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)

    def add(self, words: str, **entity: str) -> None:
        if entity:
            self.entities.append({**entity, "offset": _units(self.text), "length": _units(words)})
        self.text += words

    def paragraph(self, words: str, **entity: str) -> None:
        self.text += "\n\n" if self.text else ""
        self.add(words, **entity)


def _written(message: Message) -> _Writing:
    writing = _Writing()
    if message.label:
        writing.add(f"{message.label}: ", type="bold")
    writing.add(message.headline, type="bold")
    for text in message.paragraphs:
        writing.paragraph(text)
    for words, address in ((message.read, message.link), (message.earlier, message.earlier_link)):
        if address:
            writing.paragraph(words, type="text_link", url=address)
        elif words and words == message.earlier:
            writing.paragraph(words)
    for text in message.last_lines:
        writing.paragraph(text, type="italic")
    return writing


def _payload(parcel: Parcel, target: Target) -> dict[str, Any]:
    chat = target.of(TelegramSettings).chat
    message = fitted(message_of(parcel, target), lambda m: _units(_written(m).text) <= _MOST)
    writing = _written(message)
    preview = {"url": message.link} if message.link else {"is_disabled": True}  # never that of an address in somebody's name
    payload: dict[str, Any] = {
        "chat_id": chat, "text": writing.text, "entities": writing.entities, "link_preview_options": preview,
    }  # fmt: skip
    where, _, number = parcel.placed.remote_id.rpartition("/") if parcel.placed is not None else ("", "", "")
    if where == chat and number.isdecimal():
        payload["reply_parameters"] = {"message_id": int(number), "allow_sending_without_reply": True}
    return payload


def _format(parcel: Parcel, target: Target) -> Outgoing:
    return Outgoing(json.dumps(_payload(parcel, target), ensure_ascii=False).encode(), "application/json")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    told = already_told(parcel, target)
    if told is not None:
        return told
    chat, payload, note = target.of(TelegramSettings).chat, json.loads(outgoing.body), ""
    answer = await _asked("sendMessage", target, wire, payload)
    moved = _parameter(answer, "migrate_to_chat_id") if answer.status == 400 else None
    if isinstance(moved, int):  # the group became a supergroup: nothing was sent, and its number is another now
        chat, note = str(moved), f'the chat has a new number: write chat = "{moved}"'
        answer = await _asked("sendMessage", target, wire, {**payload, "chat_id": chat})
    number = _result(answer, wire).get("message_id")
    if not isinstance(number, int):
        raise wire.unavailable("sendMessage: answered without the message's number", may_be_stored=True)
    return Receipt(target.name, parcel.article.id, "confirmed", f"{chat}/{number}", _address(chat, number), note)


def _address(chat: str, number: int) -> str:
    """Where a message can be read: those of channels and supergroups have addresses, those of small groups have none."""
    if chat.startswith("@"):
        return f"https://t.me/{chat[1:]}/{number}"
    return f"https://t.me/c/{chat[4:]}/{number}" if chat.startswith("-100") else ""


async def _asked(method: str, target: Target, wire: Wire, data: dict[str, Any]) -> Answer:
    """The Bot API's answer; POST for every method, as it allows."""
    settings = target.of(TelegramSettings)
    token = wire.secret(settings.secret_env).strip()
    if not _TOKEN.fullmatch(token):
        raise wire.refused(f"{settings.secret_env} holds no token of a bot: BotFather gives one (123456789:AA...)")
    return await wire.ask("POST", f"{settings.base_url.rstrip('/')}/bot{token}/{method}", data=data)


def _result(answer: Answer, wire: Wire) -> dict[str, Any]:
    if answer.status >= 300:
        raise _error(answer, wire)
    data = json_of(answer, wire)
    result = data.get("result") if isinstance(data, dict) and data.get("ok") is True else None
    if not isinstance(result, dict):
        raise wire.unavailable(f"{answer.asked}: answered {answer.status} without a result", status=answer.status, may_be_stored=True)
    return result


def _error(answer: Answer, wire: Wire) -> PublishError:
    """What Telegram says is wrong, and how long it wants to be left alone."""
    said = str(answer.told.get("description", ""))
    mend = {
        401: "the bot's token is wrong or was revoked", 403: "the bot was removed, or may not write there: add it again",
        404: "the bot's token is wrong",
    }.get(answer.status, "")  # fmt: skip
    wait = _parameter(answer, "retry_after")
    if answer.status == 429 and isinstance(wait, int | float):
        return wire.unavailable(f"{answer.asked}: {said}", status=429, retry_after_s=min(float(wait), LONGEST_WAIT_S))
    return error_of(answer, wire, "; ".join(part for part in (said, mend) if part))


def _parameter(answer: Answer, name: str) -> Any:
    parameters = answer.told.get("parameters")
    return parameters.get(name) if isinstance(parameters, dict) else None


# Is everything there


async def _check(target: Target, wire: Wire) -> list[Finding]:
    """Whose the token is, whether the bot sees the chat, and whether it may write there."""
    settings, known = target.of(TelegramSettings), {"id": 0}

    async def token() -> list[Finding]:
        me = _result(await _asked("getMe", target, wire, {}), wire)
        known["id"] = int(me.get("id", 0))
        return [Finding("token", True, f"of the bot @{me.get('username', '')}")]

    async def chat() -> list[Finding]:
        there = _result(await _asked("getChat", target, wire, {"chat_id": settings.chat}), wire)
        member = _result(await _asked("getChatMember", target, wire, {"chat_id": settings.chat, "user_id": known["id"]}), wire)
        name = there.get("title") or there.get("username") or there.get("first_name") or settings.chat
        return [Finding("chat", True, f"{there.get('type', 'chat')} {name!r}"), _rights(str(there.get("type")), member)]

    findings = [await https_finding(settings.base_url, wire), *await tried("token", token)]
    return findings + (await tried("chat", chat) if findings[-1].fine else [])


def _rights(kind: str, member: dict[str, Any]) -> Finding:
    status = member.get("status")
    if kind == "channel":
        may = status == "creator" or (status == "administrator" and bool(member.get("can_post_messages")))
        return Finding("rights", may, "may post" if may else "make the bot an administrator of the channel who may post messages")
    may = status in ("creator", "administrator", "member") or (status == "restricted" and bool(member.get("can_send_messages")))
    return Finding("rights", may, "may write" if may else f"the bot is {status} there: add it to the group, and let it write")


PUBLISHER = Publisher("telegram", TelegramSettings, _format, _send, _check, notifies=True)
