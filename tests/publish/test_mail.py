"""Mail, to a real SMTP server: one a story, a correction answers it, no header of somebody else's, the password nowhere."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from chats import HOSTILE, LINK, SECOND, SITE, STORY, THIRD, WITHDRAWN, hostile, long
from fake_mail import PASSWORD, FakeMail, receiving_mail
from fake_site import black_hole
from matrix import Rehearsal, _dies_at

from newsgen.errors import PublishUnavailable
from newsgen.publish import Outbox, Target, _smtp
from newsgen.publish._body import visible_text
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Parcel
from newsgen.publish._wire import Wire
from newsgen.publish.mail import PUBLISHER
from newsgen.story import Text
from newsgen.target_settings import MailSettings

# Both are the server's: it offers a login in clear, and leaves a connection open whose handshake failed.
pytestmark = [pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
              pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]  # fmt: skip


def desk_of(server: FakeMail, folder: Path, **more: object) -> Rehearsal:
    values = {"name": "desk", "host": "127.0.0.1", "port": server.port, "encryption": "none", "sender": "newsgen@markets.example",
              "to": ["desk@markets.example", "night@markets.example"], "allow_private": True, **more}  # fmt: skip
    target = Target(MailSettings.model_validate(values), SITE)
    return Rehearsal(target, server, {"MAIL": PASSWORD}, folder)  # type: ignore[arg-type]


@pytest.fixture
def server() -> Iterator[FakeMail]:
    with receiving_mail() as made:
        yield made


# Once


def test_a_story_is_mailed_once_and_what_follows_answers_it(server: FakeMail, tmp_path: Path) -> None:
    desk = desk_of(server, tmp_path)
    for article in (STORY, SECOND, THIRD, WITHDRAWN):
        desk.publish(article)
    first, correction, withdrawal = (m.message for m in server.mails)
    assert first["Subject"] == STORY.headline.text
    assert str(correction["Subject"]).startswith("Correction: ")
    assert str(withdrawal["Subject"]).startswith("Withdrawn: ")
    assert correction["In-Reply-To"] == correction["References"] == first["Message-ID"]
    assert withdrawal["In-Reply-To"] == correction["Message-ID"]
    assert "83% where 76% is right" in server.mails[1].body
    assert server.mails[0].recipients == ("desk@markets.example", "night@markets.example")


def test_text_and_html_say_the_same(server: FakeMail, tmp_path: Path) -> None:
    desk_of(server, tmp_path).publish(STORY)
    message = server.mails[0].message
    plain = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    seen = visible_text(server.mails[0].body)
    for text in (STORY.headline.text, STORY.dek.text, *(p.text for p in STORY.key_points), "Data as of 12:02 UTC.", STORY.disclosure):
        assert text in " ".join(plain.split())
        assert text in seen
    assert LINK in plain
    assert f'href="{LINK}"' in server.mails[0].body
    assert str(message["From"]) == '"Markets Daily, Crypto desk" <newsgen@markets.example>'
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None
    assert str(message["Date"]) == "Mon, 14 Jul 2025 12:02:00 +0000"


def test_every_attempt_has_the_same_bytes(server: FakeMail, tmp_path: Path) -> None:
    target = desk_of(server, tmp_path).target
    parcel = Parcel(Printed.of(STORY), "", "msg_1", 1)
    sent = [PUBLISHER.format(replace(parcel, attempt=n), target).body for n in (1, 2)]
    assert sent[0] == sent[1]
    assert b"Message-ID: <msg_1@markets.example>" in sent[0]


@pytest.mark.parametrize(
    ("step", "answer", "state", "mails"),
    [("MAIL", "451 later", "confirmed", 1), ("MAIL", "cut", "confirmed", 1), ("MAIL", "550 no", "rejected", 0),
     ("RCPT desk@markets.example", "451 greylisted", "confirmed", 1), ("DATA", "451 later", "confirmed", 1),
     ("DATA", "554 spam", "rejected", 0), ("DATA", "cut", "dead", 0), ("DATA", "cut after", "dead", 1)],
)  # fmt: skip
def test_what_may_have_arrived_is_not_sent_again_and_the_rest_is(
    server: FakeMail, tmp_path: Path, step: str, answer: str, state: str, mails: int
) -> None:
    desk = desk_of(server, tmp_path)
    server.answers = {step: answer}
    desk.save(STORY)
    desk.send()
    server.answers = {}
    desk.clock.now += timedelta(minutes=10)
    assert desk.drive() == state
    assert len(server.mails) == mails


def test_whatever_step_the_process_dies_at_there_is_never_a_second_mail(server: FakeMail, tmp_path: Path) -> None:
    desk, points = desk_of(server, tmp_path), []
    before = desk.state()
    desk.save(STORY)
    desk.send(points.append)
    assert {"before DATA", "after DATA"} <= set(points)
    for step in range(len(points)):
        desk.back_to(before)
        desk.save(STORY)
        desk.send(_dies_at(step))
        desk.restart()
        desk.drive()
        assert len(server.mails) <= 1, points[step]


def test_one_recipient_of_two_that_is_not_taken_is_named(server: FakeMail, tmp_path: Path) -> None:
    desk = desk_of(server, tmp_path)
    server.answers = {"RCPT night@markets.example": "550 no such user"}
    desk.publish(STORY)
    assert server.mails[0].recipients == ("desk@markets.example",)
    assert "night@markets.example (550 no such user)" in desk.rows()[0]["problem"]
    server.answers["RCPT desk@markets.example"] = "550 no such user"
    assert "no recipient is taken" in desk.refused(THIRD)


# Somebody else's text


@pytest.mark.parametrize("text", ["AAPL\r\nBcc: evil@evil.example", "AAPL\nX-Evil: 1", "AAPL\x00\u2028Bcc: evil@evil.example", HOSTILE])
def test_no_text_adds_a_header_or_a_tag(server: FakeMail, tmp_path: Path, text: str) -> None:
    marked = replace(hostile(), headline=Text(f"Rally in {text}"), dek=Text(text))
    desk_of(server, tmp_path).publish(marked)
    (mail,) = server.mails
    assert set(mail.message.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version",
                                        "Content-Type"}  # fmt: skip
    assert mail.recipients == ("desk@markets.example", "night@markets.example")
    assert "<script" not in mail.body
    assert "&lt;script&gt;" in mail.body


def test_a_long_headline_and_letters_of_all_kinds_arrive_as_they_are(server: FakeMail, tmp_path: Path) -> None:
    desk_of(server, tmp_path).publish(long())
    (mail,) = server.mails
    assert mail.title.startswith("A very 🚀 long headline & more")
    assert len(mail.title) <= 200
    assert "So & so 🚀 on." in visible_text(mail.body)
    assert max(len(line) for line in mail.raw.splitlines()) < 998


# Login and encryption


def test_a_login_that_is_refused_says_so_without_the_password(tmp_path: Path) -> None:
    with receiving_mail(login=True) as server:
        desk = desk_of(server, tmp_path, user="newsgen", secret_env="MAIL")
        desk.publish(STORY)
        server.answers = {"AUTH": f"535 {PASSWORD} {base64.b64encode(PASSWORD.encode()).decode()}"}
        assert desk.refused(THIRD) == "login: 535"
        assert len(server.mails) == 1
    desk.engine.dispose()
    kept = b"".join(p.read_bytes() for p in tmp_path.glob("news.db*"))
    assert PASSWORD.encode() not in kept
    assert base64.b64encode(PASSWORD.encode())[:20] not in kept


def _certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=mail",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def test_a_certificate_that_nobody_vouches_for_is_refused_and_one_that_holds_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = _certificate(tmp_path)
    with receiving_mail(login=True, certificate=context) as server:
        desk = desk_of(server, tmp_path, user="newsgen", secret_env="MAIL", encryption="starttls")
        assert "certificate does not hold" in desk.refused(STORY)
        assert "AUTH" not in server.asked
        trusted = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(_smtp, "_tls", lambda: trusted)
        assert desk.resend() == "confirmed"
        assert len(server.mails) == 1


def test_a_server_without_starttls_gets_neither_login_nor_mail(server: FakeMail, tmp_path: Path) -> None:
    desk = desk_of(server, tmp_path, encryption="starttls", user="newsgen", secret_env="MAIL")
    assert "STARTTLS: the server cannot do that" in desk.refused(STORY)
    assert server.asked == []


@pytest.mark.parametrize(("host", "port", "says"), [("127.0.0.1", 587, "not a public address"), ("mail.example", 22, "port 22")])
def test_a_server_inside_is_not_asked_unless_that_is_allowed(
    server: FakeMail, tmp_path: Path, host: str, port: int, says: str
) -> None:  # fmt: skip
    desk = desk_of(server, tmp_path, host=host, port=port, encryption="starttls", allow_private=False)
    assert says in desk.refused(STORY)


def test_a_server_with_several_addresses_is_asked_at_the_first_that_answers(server: FakeMail, tmp_path: Path) -> None:
    """127.0.0.2 refuses: nobody listens there."""

    async def resolver(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    desk = desk_of(server, tmp_path, host="mail.example")
    desk.save(STORY)
    outbox = Outbox(desk.engine, {"desk": desk.target}, desk.clock, env=desk.env, resolver=resolver)
    assert [r.state for r in asyncio.run(outbox.deliver())] == ["confirmed"]
    assert len(server.mails) == 1


def test_a_connection_that_is_given_up_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole conversation is over before the server, which answers nobody, has been connected to."""
    monkeypatch.setattr(_smtp, "TOTAL_S", 0.1)
    opened: list[socket.socket] = []
    make = socket.socket

    def noted(*args: Any) -> socket.socket:
        opened.append(make(*args))
        return opened[-1]

    with black_hole() as port:
        monkeypatch.setattr(_smtp.socket, "socket", noted)
        settings = MailSettings.model_validate({"name": "a", "host": "127.0.0.1", "port": port, "encryption": "none", "allow_private": True,
                                                "sender": "a@b.example", "to": ["c@d.example"]})  # fmt: skip
        wire = Wire("a", "", lambda: datetime.now(UTC), True)
        with pytest.raises(PublishUnavailable):
            asyncio.run(_smtp.mail(settings, None, wire))
    assert {one.fileno() for one in opened} == {-1}


# Is everything there


def test_a_check_goes_as_far_as_the_recipients_and_sends_nothing(tmp_path: Path) -> None:
    with receiving_mail(login=True) as server:
        desk = desk_of(server, tmp_path, user="newsgen", secret_env="MAIL")
        found = {f.what: f for f in desk.check()}
        assert found["login"].message == "as newsgen"
        assert found["recipients"].fine
        assert found["server"].fine  # in clear, and inside
        assert "not encrypted, to a private address as the settings permit" in found["server"].message
        assert server.asked == ["AUTH", "MAIL", "RCPT desk@markets.example", "RCPT night@markets.example", "RSET"]
        server.answers = {"RCPT night@markets.example": "550 no such user"}
        assert "night@markets.example" in {f.what: f for f in desk.check()}["recipients"].message
        server.answers = {"MAIL": "550 not your domain"}
        assert desk.check()[0].message == "sender: 550 not your domain"
        assert server.mails == []
