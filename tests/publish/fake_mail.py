"""A real SMTP server on loopback that can refuse, hang up and forget to answer; what it took, in order."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

__all__ = ["PASSWORD", "FakeMail", "receiving_mail"]

PASSWORD = "canary_7f3a9c51d2e8/XyZ"


@dataclass(frozen=True)
class Mail:
    """A message as it was taken."""

    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]

    @property
    def title(self) -> str:
        return str(self.message["Subject"])

    @property
    def body(self) -> str:
        part = self.message.get_body(("html",))
        return part.get_content() if part is not None else ""


class FakeMail:
    """A handler of aiosmtpd's.

    Attributes:
        answers: What it says to a step, by its name ("MAIL", "RCPT a@b", "DATA"); "cut" closes the connection, "cut after" takes the
            message first.
    """

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.asked: list[str] = []
        self.faults: dict[int | str, str] = {}
        self.answers: dict[str, str] = {}
        self.port = 0

    def freeze(self) -> Any:
        return list(self.mails)

    def thaw(self, state: Any) -> None:
        self.mails, self.asked, self.answers, self.faults = list(state), [], {}, {}

    def shown(self) -> list[Mail]:
        return self.mails

    kept = shown

    def login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.asked.append("AUTH")
        if data.password.decode() == PASSWORD and not self.answers.get("AUTH"):
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False, message=self.answers.get("AUTH") or f"535 no, not {PASSWORD}")

    def _said(self, step: str, server: SMTP) -> str:
        self.asked.append(step)
        said = self.answers.get(step, "250 OK")
        if said.startswith("cut"):
            assert server.transport is not None
            server.transport.abort()
        return said

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self._said("MAIL", server)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        said = self._said(f"RCPT {address}", server)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self._said("RSET", server)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = self.answers.get("DATA", "250 OK")
        if said.startswith("250") or said == "cut after":
            assert isinstance(envelope.content, bytes)
            self.mails.append(Mail(tuple(envelope.rcpt_tos), envelope.content))
        return self._said("DATA", server)


@contextmanager
def receiving_mail(*, login: bool = False, certificate: ssl.SSLContext | None = None) -> Iterator[FakeMail]:
    """The server, on a port of loopback, in a thread of its own."""
    fake, loop, open_ones = FakeMail(), asyncio.new_event_loop(), list[SMTP]()

    def made() -> SMTP:
        open_ones.append(SMTP(fake, tls_context=certificate, require_starttls=certificate is not None, auth_required=login,
                    auth_require_tls=False, authenticator=fake.login if login else None, loop=loop))  # type: ignore[arg-type] # fmt: skip
        return open_ones[-1]

    server = loop.run_until_complete(loop.create_server(made, "127.0.0.1", 0))
    fake.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for transport in (t for one in open_ones for t in (one.transport, one._original_transport)):  # the second: below TLS
            if transport is not None:
                transport.abort()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()
