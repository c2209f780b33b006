"""Each story as a mail to editors, by SMTP; in: an article and a server, out: one message, plain text and HTML.

The Message-ID is the delivery's, the same on every attempt, and a correction answers the mail before. No text reaches a header but through
the standard library, which refuses line breaks. A mail that may have arrived is not sent again.
"""

from __future__ import annotations

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from newsgen.discover import templates_root
from newsgen.publish._cut import cut
from newsgen.publish._findings import is_inside, tried
from newsgen.publish._message import Message, already_told, message_of
from newsgen.publish._pages import page_environment
from newsgen.publish._publisher import Finding, Outgoing, Parcel, Publisher, Target
from newsgen.publish._smtp import mail
from newsgen.publish._wire import Wire
from newsgen.story import Receipt
from newsgen.target_settings import MailSettings

__all__ = ["PUBLISHER"]

_SUBJECT = 200  # characters


def _message_id(parcel: Parcel, settings: MailSettings) -> str:
    return f"<{parcel.message_id}@{settings.sender.rpartition('@')[2]}>"


def _address(text: str, name: str = "") -> Address:
    user, _, domain = text.rpartition("@")
    return Address(" ".join(name.split()), user, domain)


def _format(parcel: Parcel, target: Target) -> Outgoing:
    settings, site, article = target.of(MailSettings), target.site, parcel.article
    said = message_of(parcel, target, links_back=False)
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(settings.sender, f"{site.title}, {site.desk}")
    message["To"] = [_address(to) for to in settings.to]
    message["Subject"] = cut(" ".join(said.title.split()), _SUBJECT)  # U+2028 ends a line too
    message["Date"] = format_datetime(article.written_at)
    message["Message-ID"] = _message_id(parcel, settings)
    before = parcel.placed.remote_id if parcel.placed is not None else ""
    if before.startswith("<"):
        message["In-Reply-To"] = message["References"] = before
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_plain(said), cte="quoted-printable")
    message.add_alternative(_html(said, article.locale), subtype="html", cte="quoted-printable")
    message["Content-Language"] = article.locale
    message.set_boundary(f"=_{hashlib.sha256(parcel.message_id.encode()).hexdigest()[:32]}")  # the same bytes on every attempt
    return Outgoing(message.as_bytes(), "message/rfc822")


def _plain(said: Message) -> str:
    links = [f"{said.read}: {said.link}"] if said.link else []
    return "\n\n".join(
        [said.title, *said.paragraphs, *links, *([said.earlier] if said.earlier else []), "-- \n" + "\n".join(said.last_lines)]
    )


def _html(said: Message, locale: str) -> str:
    return page_environment(templates_root()).get_template("mail.html").render(said=said, locale=locale)


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    told = already_told(parcel, target)
    if told is not None:
        return told
    settings = target.of(MailSettings)
    missing = await mail(settings, outgoing.body, wire)
    note = f"not taken: {'; '.join(missing)}" if missing else ""
    return Receipt(target.name, parcel.article.id, "confirmed", _message_id(parcel, settings), message=note)


async def _check(target: Target, wire: Wire) -> list[Finding]:
    """The whole conversation up to the message itself."""
    settings = target.of(MailSettings)

    async def server() -> list[Finding]:
        missing = await mail(settings, None, wire)
        login = f"as {settings.user}" if settings.user else "none: the server takes mail without one"
        return [
            await _server_finding(settings, wire),
            Finding("login", True, login),
            Finding("recipients", not missing, f"not taken: {'; '.join(missing)}" if missing else f"all {len(settings.to)} are taken"),
        ]

    return await tried("server", server)


async def _server_finding(settings: MailSettings, wire: Wire) -> Finding:
    """Whether mails are encrypted on their way to the server, or stay inside."""
    inside = settings.encryption == "none" and await is_inside(f"https://{settings.host}/", wire)
    how = {
        "starttls": "encrypted after STARTTLS", "tls": "encrypted",
        "none": "not encrypted, to a private address as the settings permit" if inside else "not encrypted: anybody on the way can read it",
    }  # fmt: skip
    return Finding("server", inside or settings.encryption != "none", f"{settings.host}:{settings.port}, {how[settings.encryption]}")


PUBLISHER = Publisher("mail", MailSettings, _format, _send, _check, notifies=True)
