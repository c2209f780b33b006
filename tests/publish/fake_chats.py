"""Slack, Telegram and Discord as their documentation describes them: what they refuse, and what they show."""

from __future__ import annotations

import re
from typing import Any

from fake_site import Answered, Asked, FakeSite, Shown

__all__ = ["DISCORD", "SLACK", "TELEGRAM", "FakeDiscord", "FakeSlack", "FakeTelegram"]

SLACK = "https://hooks.slack.com/services/T0CANARY1/B0CANARY2/canaryXyZ7f3a9c51d2e8bW"
TELEGRAM = "123456789:AAcanary_7f3a9c51d2e8-XyZ0123456789"
DISCORD = "https://discord.com/api/webhooks/998877665544332211/canary_7f3a9c51d2e8-XyZ0123456789abcdef"
_PLAIN = {"content-type": "text/plain"}


class FakeChat(FakeSite):
    """Messages in order, each as its JSON.

    Attributes:
        errors: Its own answers to the next messages.
        echoes: It repeats the request in its errors.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state = []
        self.errors: list[Answered] = []

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.state

    def text(self, message: dict[str, Any]) -> str:
        raise NotImplementedError

    def shown(self) -> list[Shown]:
        return [Shown(self.text(m), self.text(m), "") for m in self.messages]

    kept = shown


class FakeSlack(FakeChat):
    def text(self, message: dict[str, Any]) -> str:
        texts = [b["text"]["text"] if "text" in b else b["elements"][0]["text"] for b in message["blocks"]]
        return "\n".join(texts)

    def answer(self, asked: Asked) -> Answered:
        if self.errors:
            return self.errors.pop(0)
        if asked.path != SLACK.removeprefix("https://hooks.slack.com"):
            return Answered(404, b"no_service", _PLAIN)
        message = asked.json
        if not message.get("text"):
            return Answered(400, b"no_text", _PLAIN)
        limits = {"header": 150, "section": 3000, "context": 2000}
        for block in message["blocks"]:
            said = block["text"] if "text" in block else block["elements"][0]
            if not 1 <= len(said["text"]) <= limits[block["type"]] or (block["type"] == "header" and said["type"] != "plain_text"):
                return Answered(400, b"invalid_payload", _PLAIN)
        self.messages.append(message)
        return Answered(200, b"ok", _PLAIN)


class FakeTelegram(FakeChat):
    """A bot, and one chat that it writes to.

    Attributes:
        chat: Its number or name; messages to others are refused.
        member: What the bot is there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.chat = "-1001234567890"
        self.member = {"status": "administrator", "can_post_messages": True}

    def text(self, message: dict[str, Any]) -> str:
        return message["text"]

    def answer(self, asked: Asked) -> Answered:
        found = re.fullmatch(rf"/bot{re.escape(TELEGRAM)}/(\w+)", asked.path)
        if found is None:
            return _telegram(401, "Unauthorized")
        if self.errors:
            return self.errors.pop(0)
        if found[1] == "getMe":
            return Answered(200, {"ok": True, "result": {"id": 123456789, "is_bot": True, "username": "desk_bot"}})
        if asked.json["chat_id"] != self.chat:
            return _telegram(400, "Bad Request: chat not found")
        if found[1] == "getChat":
            return Answered(200, {"ok": True, "result": {"id": -1001234567890, "type": "channel", "title": "Markets"}})
        if found[1] == "getChatMember":
            return Answered(200, {"ok": True, "result": self.member})
        return self._sent(asked.json)

    def _sent(self, message: dict[str, Any]) -> Answered:
        units = message["text"].encode("utf-16-le")
        if not 1 <= len(units) // 2 <= 4096:
            return _telegram(400, "Bad Request: message is too long")
        for entity in message["entities"]:
            if (entity["offset"] + entity["length"]) * 2 > len(units):
                return _telegram(400, "Bad Request: entity is out of the message")
        self.messages.append(message)
        return Answered(200, {"ok": True, "result": {"message_id": 40 + len(self.messages), "chat": {"id": -1001234567890}}})


def _telegram(status: int, said: str, **parameters: Any) -> Answered:
    more = {"parameters": parameters} if parameters else {}
    return Answered(status, {"ok": False, "error_code": status, "description": said, **more})


def parts_of(message: dict[str, Any], kind: str) -> list[str]:
    """The parts of a message of Telegram that are of a kind."""
    units = message["text"].encode("utf-16-le")
    found = [e for e in message["entities"] if e["type"] == kind]
    return [units[e["offset"] * 2 : (e["offset"] + e["length"]) * 2].decode("utf-16-le") for e in found]


class FakeDiscord(FakeChat):
    def text(self, message: dict[str, Any]) -> str:
        (embed,) = message["embeds"]
        whole = f"{embed['title']}\n{embed['description']}\n{embed['footer']['text']}"
        return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", whole)

    def answer(self, asked: Asked) -> Answered:
        if asked.path != DISCORD.removeprefix("https://discord.com"):
            return Answered(404, {"message": "Unknown Webhook", "code": 10015})
        if asked.method == "GET":
            return Answered(200, {"id": "998877665544332211", "name": "Desk", "channel_id": "42", "guild_id": "7"})
        if self.errors:
            return self.errors.pop(0)
        (embed,) = asked.json["embeds"]
        texts = (embed["title"], embed["description"], embed["footer"]["text"])
        if any(len(t) > most for t, most in zip(texts, (256, 4096, 2048), strict=True)) or len("".join(texts)) > 6000:
            return Answered(400, {"message": "Invalid Form Body", "code": 50035}) if asked.query.get("wait") else Answered(204)
        self.messages.append(asked.json)
        if asked.query.get("wait") != "true":
            return Answered(204)
        return Answered(200, {"id": str(100 + len(self.messages)), "channel_id": "42"})
