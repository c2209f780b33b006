"""One mail by SMTP; in: a server's settings and a whole message, out: the recipients that were not taken, or a PublishError.

The server's address is checked like every other, and connected to as it was checked; STARTTLS and certificate are demanded unless the
settings say that the server is inside. Until the message itself is sent nothing is stored; when the connection is lost after that, it may
be. The only module of publish that imports aiosmtplib.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from newsgen.errors import PublishError
from newsgen.publish._address import AddressRefused, locate
from newsgen.publish._wire import CONNECT_S, SAID_CHARS, Wire
from newsgen.target_settings import MailSettings

if TYPE_CHECKING:
    import aiosmtplib

__all__ = ["mail"]

TOTAL_S = 60.0  # mail servers greet late on purpose
_PORTS = (25, 465, 587, 2525)


@dataclass(slots=True)
class _Step:
    """What is being asked of the server, for errors, and whether it has the message by then."""

    name: str = "connect"
    sent: bool = False


async def mail(settings: MailSettings, message: bytes | None, wire: Wire) -> tuple[str, ...]:
    """Send a message, or with None go only as far as one can without sending.

    Returns:
        The recipients that the server does not take, each with its reason; it takes one at least.

    Raises:
        PublishUnavailable: Worth another try; `may_be_stored` after the message itself was sent.
        PublishRefused: Server, login, sender, message, or every recipient.
    """
    import aiosmtplib

    step = _Step()
    try:
        async with asyncio.timeout(TOTAL_S):
            with closing(await _connected(settings, wire)) as opened, closing(_session(settings, opened)) as smtp:
                await _enter(smtp, settings, wire, step)
                return await _hand_over(smtp, settings, message, wire, step)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:  # TimeoutError and ssl.SSLError are OSErrors
        raise _as_publish_error(error, step, wire) from None


async def _connected(settings: MailSettings, wire: Wire) -> socket.socket:
    """A connection to the first of the server's checked addresses that answers."""
    if settings.port not in _PORTS and not settings.allow_private:
        raise wire.refused(f"port {settings.port} is not allowed ({', '.join(map(str, _PORTS))} are)")
    try:
        found = await locate(f"https://{settings.host}/", allow_private=wire.allow_private, resolver=wire.resolver)
    except AddressRefused as error:
        raise wire.refused(str(error)) from None
    except OSError as error:
        raise wire.unavailable(f"the name cannot be resolved ({type(error).__name__})") from None
    problem = ""
    for ip in found.ips:
        try:
            return await _opened(ip, settings.port)
        except OSError as error:
            problem = type(error).__name__
    raise wire.unavailable(f"no connection to {settings.host} ({problem})")


async def _opened(ip: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET)
    opened.setblocking(False)
    try:
        async with asyncio.timeout(CONNECT_S):
            await asyncio.get_running_loop().sock_connect(opened, (ip, port))
    except BaseException:  # the whole conversation may be ended from outside
        opened.close()
        raise
    return opened


def _session(settings: MailSettings, opened: socket.socket) -> aiosmtplib.SMTP:
    import aiosmtplib

    return aiosmtplib.SMTP(hostname=settings.host, sock=opened, use_tls=settings.encryption == "tls", start_tls=False, tls_context=_tls(),
                           local_hostname=settings.sender.rpartition("@")[2])  # fmt: skip


async def _enter(smtp: aiosmtplib.SMTP, settings: MailSettings, wire: Wire, step: _Step) -> None:
    """Encryption before the login, and the login before everything else."""
    await smtp.connect()
    if settings.encryption == "starttls":
        step.name = "STARTTLS"
        await smtp.starttls()
    step.name = "login"
    if settings.user:
        await smtp.login(settings.user, wire.secret(settings.secret_env))


async def _hand_over(smtp: aiosmtplib.SMTP, settings: MailSettings, message: bytes | None, wire: Wire, step: _Step) -> tuple[str, ...]:
    """Sender, recipients and the message itself, if there is one."""
    step.name = "sender"
    await smtp.mail(settings.sender)
    step.name = "recipients"
    refused = await _recipients(smtp, settings, wire)
    if message is None:
        await smtp.rset()
    else:
        step.name, step.sent = "message", True
        wire.at("before DATA")
        await smtp.data(message)
        wire.at("after DATA")
    with suppress(Exception):  # the server has the message, or was not given one: what goes wrong now changes nothing
        await smtp.quit()
    return refused


async def _recipients(smtp: aiosmtplib.SMTP, settings: MailSettings, wire: Wire) -> tuple[str, ...]:
    """Those that are not taken for good; raises when one may be taken later, or none is taken."""
    import aiosmtplib

    refused: list[str] = []
    for recipient in settings.to:
        try:
            await smtp.rcpt(recipient)
        except aiosmtplib.SMTPRecipientRefused as error:
            if error.code < 500:
                raise
            refused.append(wire.clean(f"{recipient} ({error.code} {error.message})")[:SAID_CHARS])
    if len(refused) == len(settings.to):
        raise wire.refused(f"no recipient is taken: {'; '.join(refused)}")
    return tuple(refused)


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _as_publish_error(error: Exception, step: _Step, wire: Wire) -> PublishError:
    """What an error of the conversation means; what a server says of a login is not repeated, it may hold the password."""
    import aiosmtplib

    if isinstance(error, aiosmtplib.SMTPResponseException):
        said = "" if step.name == "login" else f" {' '.join(error.message.split())}"
        problem = wire.clean(f"{step.name}: {error.code}{said}")[:SAID_CHARS]
        if error.code >= 500:
            return wire.refused(problem, status=error.code)
        return wire.unavailable(problem, status=error.code)  # the server says that it has not taken it
    if "certificate" in f"{error} {error.__cause__}".lower():
        return wire.refused(f"{step.name}: the server's certificate does not hold")
    lost = isinstance(error, aiosmtplib.SMTPServerDisconnected | aiosmtplib.SMTPConnectError | aiosmtplib.SMTPTimeoutError | OSError)
    if lost:
        return wire.unavailable(f"{step.name}: the connection was lost ({type(error).__name__})", may_be_stored=step.sent)
    return wire.refused(f"{step.name}: the server cannot do that ({type(error).__name__})")
