"""Hostile targets and hostile texts: addresses, trickles, bombs and certificates; one evil string through every field to every kind."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import html
import json
import re
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from newsgen.errors import PublishError, PublishRefused, PublishUnavailable
from newsgen.publish import _address, _wire, publishers
from newsgen.publish._address import AddressRefused, is_permitted, locate
from newsgen.publish._body import ghost_html, links_of, plain_html, simple_html, visible_text, wordpress_html
from newsgen.publish._ninjs import ninjs
from newsgen.publish._pages import SiteInfo, markdown
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Parcel, Target
from newsgen.publish._wire import Answer, Wire
from newsgen.secret import Secret
from newsgen.story import Article, Change, Paragraph, SourceCredit, Text
from newsgen.target_settings import KINDS, AnyTarget, FolderSettings

sys.path.insert(0, str(Path(__file__).parent))
from matrix import versions
from test_webhook import REFUSED

NOW = dt.datetime(2025, 7, 14, 12, 2, tzinfo=dt.UTC)


def _wire_to(**more: Any) -> Wire:
    return Wire("cms", "a-slug", lambda: NOW, **{"allow_private": True, **more})


def _ask(url: str, method: str = "POST", **more: Any) -> Answer:
    return asyncio.run(_wire_to(**more).ask(method, url, body=b"{}"))


def _resolving(*answers: str) -> Callable[[str, int], Any]:
    async def resolver(host: str, port: int) -> list[str]:
        return list(answers)

    return resolver


def _request(connection: socket.socket) -> bytes:
    """A whole request: to close with a part of it unread would cut off the answer too."""
    heard = b""
    while b"\r\n\r\n" not in heard or not _is_whole(heard):
        more = connection.recv(65_536)
        if not more:
            break
        heard += more
    return heard


def _is_whole(heard: bytes) -> bool:
    head, _, body = heard.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return length is None or len(body) >= int(length[1])


@contextmanager
def _raw(talk: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads the head of a request and then does as it likes; what it was sent first."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        speaking = tls.wrap_socket(connection, server_side=True) if tls else connection
                        heard.append(_request(speaking))
                        talk(speaking)
                        if tls:
                            speaking.close()
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
    thread.join(3)


def _answer(body: bytes = b"{}", *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", "content-type: application/json", f"content-length: {len(body)}", "connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


# Addresses


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused_when_it_is_sent_to(address: str) -> None:
    with pytest.raises(PublishRefused, match="not a public address"):
        _ask("https://cms.example/", allow_private=False, resolver=_resolving("93.184.216.34", address))


@pytest.mark.parametrize("address", ["169.254.169.254", "169.254.170.2", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::",
                                     "fe80::1", "ff02::1", "64:ff9b::a9fe:a9fe", "::ffff:169.254.169.254", "2002:a9fe:a9fe::",
                                     "fd00:ec2::254", "100.100.100.200", "192.0.0.192"])  # fmt: skip
def test_what_belongs_to_no_host_is_refused_also_where_private_addresses_are_allowed(address: str) -> None:
    assert not is_permitted(address, True)
    assert not is_permitted(address, ("0.0.0.0/0", "::/0"))
    with pytest.raises(PublishRefused, match="may not be used"):
        _ask("https://cms.example/", resolver=_resolving(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "100.64.0.1", "::1", "fd00::1", "8.8.8.8"])
def test_where_private_addresses_are_allowed_these_may_be_used(address: str) -> None:
    assert is_permitted(address, True)


def test_private_addresses_may_be_allowed_by_network_and_then_no_others_are() -> None:
    assert is_permitted("10.1.2.3", ("10.1.0.0/16",))
    assert is_permitted("::ffff:10.1.2.3", ("10.1.0.0/16",))
    assert not is_permitted("10.2.0.1", ("10.1.0.0/16",))
    assert not is_permitted("127.0.0.1", ("10.1.0.0/16", "fd00::/8"))
    settings = {"kind": "webhook", "name": "a", "url": "http://cms.internal/", "secret_env": "S", "allow_private": ["10.1.0.0/16"]}
    assert TypeAdapter(AnyTarget).validate_python(settings).allow_private == ("10.1.0.0/16",)
    with pytest.raises(ValidationError, match="is no network"):
        TypeAdapter(AnyTarget).validate_python({**settings, "allow_private": ["10.1.0.1/16"]})
    with pytest.raises(ValidationError):
        TypeAdapter(AnyTarget).validate_python({**settings, "allow_private": "yes"})


BAD_URLS = [
    "http://example.com/", "https://user:pass@example.com/", "https://user@example.com/", "https://@example.com/", "https://example.com/#x",
    "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "//example.com/", "https:///nothing", "gopher://example.com/",
    "https://exa mple.com/", "https://[::1/", "https://example.com:99999/", "https://example.com:port/",
]  # fmt: skip
ODD = ["https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://localhost./", "https://LOCALHOST/",
       "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://127.0.0.1./",
       "https://[fe80::1%25lo]/"]  # fmt: skip


@pytest.mark.parametrize("url", [*BAD_URLS, "https://example.com:8443/"])
def test_urls_that_are_refused_when_they_are_sent_to(url: str) -> None:
    with pytest.raises(PublishRefused):
        _ask(url, allow_private=False, resolver=_resolving("93.184.216.34"))


@pytest.mark.parametrize("url", BAD_URLS)
@pytest.mark.parametrize("kind", [k for k, s in KINDS.items() if "url" in s.model_fields])
def test_urls_that_are_refused_when_they_are_saved(url: str, kind: str) -> None:
    given = {**SETTINGS[kind], "kind": kind, "name": "a", "url": url}
    with pytest.raises(ValidationError):
        TypeAdapter(AnyTarget).validate_python(given)


@pytest.mark.parametrize("url", ODD)
def test_odd_spellings_of_loopback_end_in_the_same_check(url: str) -> None:
    with pytest.raises((AddressRefused, OSError)) as caught:
        asyncio.run(locate(url, allow_private=False))
    assert isinstance(caught.value, AddressRefused) or "resolve" in str(caught.value) or caught.value.errno


def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    """A resolver that says something else the second time is not asked a second time."""
    answers = [["127.0.0.1"], ["127.0.0.9"]]

    async def resolver(host: str, port: int) -> list[str]:
        return answers.pop(0)

    with _raw(lambda s: s.sendall(_answer())) as (port, heard):
        _ask(f"http://cms.example:{port}/hook", resolver=resolver)
    assert answers == [["127.0.0.9"]]
    assert f"host: cms.example:{port}".encode() in heard[0].lower()


def test_a_name_of_other_letters_is_asked_for_in_its_encoded_form() -> None:
    asked: list[str] = []

    async def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with _raw(lambda s: s.sendall(_answer())) as (port, heard):
        _ask(f"http://münchen.example:{port}/", resolver=resolver)
    assert asked == ["xn--mnchen-3ya.example"]
    assert b"xn--mnchen-3ya.example" in heard[0]


def test_when_the_first_address_does_not_answer_the_next_is_tried() -> None:
    with _raw(lambda s: s.sendall(_answer())) as (port, heard):
        assert _ask(f"http://cms.example:{port}/", resolver=_resolving("127.0.0.2", "127.0.0.1")).status == 200
    assert len(heard) == 1


def test_a_request_that_may_have_arrived_is_not_sent_to_the_next_address() -> None:
    with _raw(lambda s: None) as (port, heard), pytest.raises(PublishUnavailable) as caught:
        _ask(f"http://cms.example:{port}/", resolver=_resolving("127.0.0.1", "127.0.0.1"))
    assert caught.value.may_be_stored
    assert len(heard) == 1


def test_a_redirect_to_loopback_is_not_followed_whatever_the_method() -> None:
    with _raw(lambda s: s.sendall(_answer())) as (inside, reached):
        answer = f"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inside}/admin\r\ncontent-length: 0\r\n\r\n".encode()
        with _raw(lambda s: s.sendall(answer)) as (port, _):
            for method in ("POST", "GET", "PUT"):
                with pytest.raises(PublishRefused, match="redirects"):
                    _ask(f"http://127.0.0.1:{port}/", method)
        assert reached == []


def test_proxies_of_the_environment_get_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with _raw(lambda s: s.sendall(_answer())) as (proxy, reached), _raw(lambda s: s.sendall(_answer())) as (port, heard):
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        _ask(f"http://127.0.0.1:{port}/")
        with pytest.raises(PublishUnavailable):
            _ask("https://127.0.0.1:9/")
    assert (len(heard), reached) == (1, [])


# Clocks and sizes


def _trickle(what: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        for at in range(len(what)):
            connection.sendall(what[at : at + 1])
            time.sleep(0.05)

    return talk


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_trickle_ends_by_the_clock(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wire, "TOTAL_S", 0.4)
    before = b"" if part == "head" else b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"

    def talk(connection: socket.socket) -> None:
        connection.sendall(before)
        _trickle(b"HTTP/1.1 200 OK\r\n" + b"x" * 40)(connection)

    with _raw(talk) as (port, _), pytest.raises(PublishUnavailable, match="no answer in time") as caught:
        _ask(f"http://127.0.0.1:{port}/")
    assert caught.value.may_be_stored


def test_a_name_that_nobody_answers_for_ends_by_the_clock_and_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wire, "TOTAL_S", 0.1)

    async def resolver(host: str, port: int) -> list[str]:
        await asyncio.sleep(30)
        return []

    with pytest.raises(PublishUnavailable) as caught:
        _ask("https://cms.example/", resolver=resolver)
    assert not caught.value.may_be_stored


def test_an_answer_is_read_to_a_megabyte() -> None:
    with _raw(lambda s: s.sendall(_answer(b"[" * 3_000_000))) as (port, _):
        answer = _ask(f"http://127.0.0.1:{port}/")
    assert len(answer.body) == 1_000_000
    with pytest.raises(PublishUnavailable, match="without JSON"):
        _wire.json_of(answer, _wire_to())


@pytest.mark.parametrize("kind", ["wordpress", "ghost", "cms", "discord", "telegram"])
def test_a_refusal_of_a_megabyte_of_brackets_is_a_refusal(kind: str) -> None:
    """Nothing that a target answers is a fault of ours."""
    brackets = b"HTTP/1.1 400 Bad\r\ncontent-type: application/json\r\ncontent-length: 900000\r\nconnection: close\r\n\r\n" + b"[" * 900_000
    secret = {"ghost": "a" * 24 + ":" + "b" * 64, "telegram": "1:" + "a" * 30, "discord": "https://discord.com/api/webhooks/1/a"}.get(
        kind, "s"
    )
    with _raw(lambda s: s.sendall(brackets)) as (port, _):
        settings = {**SETTINGS[kind], "kind": kind, "name": "a", "allow_private": True}
        settings["base_url" if kind in ("discord", "telegram") else "url"] = f"http://127.0.0.1:{port}"
        target = Target(TypeAdapter(AnyTarget).validate_python(settings))
        parcel = Parcel(Printed.of(versions()[0]), "", "msg_1", 1)
        wire = _wire_to(secrets={"S": Secret(secret)})
        with pytest.raises(PublishError):
            asyncio.run(publishers()[kind].send(parcel, publishers()[kind].format(parcel, target), target, wire))


def test_json_that_calls_itself_a_page_is_none() -> None:
    answer = Answer(200, {"content-type": "text/html"}, b'{"id": 1}', "POST /", True)
    with pytest.raises(PublishUnavailable, match="without JSON") as caught:
        _wire.json_of(answer, _wire_to())
    assert caught.value.may_be_stored


def test_a_gzip_bomb_stays_packed() -> None:
    bomb = gzip.compress(b"0" * 50_000_000, 9)
    with _raw(lambda s: s.sendall(_answer(bomb, "content-encoding: gzip"))) as (port, _):
        answer = _ask(f"http://127.0.0.1:{port}/")
    assert answer.body == bomb
    with pytest.raises(PublishUnavailable):
        _wire.json_of(answer, _wire_to())


def test_headers_without_end_are_not_read() -> None:
    answer = _answer(b"{}", *(f"x-{n}: {'y' * 1000}" for n in range(400)))
    with _raw(lambda s: s.sendall(answer)) as (port, _), pytest.raises(PublishUnavailable, match="lost") as caught:
        _ask(f"http://127.0.0.1:{port}/")
    assert caught.value.may_be_stored


@pytest.mark.parametrize("headers", [{"x-name": "AAPL\r\nX-Evil: 1"}, {"x-name": "a\x00b"}, {"x-näme": "1"}, {"x-name": "canary-ä\u202e"}])
def test_a_header_that_is_none_is_refused_and_not_shown(headers: dict[str, str]) -> None:
    with _raw(lambda s: s.sendall(_answer())) as (port, heard), pytest.raises(PublishRefused, match="cannot be asked") as caught:
        asyncio.run(_wire_to().ask("POST", f"http://127.0.0.1:{port}/", headers=headers, body=b""))
    assert "canary" not in repr(caught.value)
    assert b"X-Evil" not in b"".join(heard)


@pytest.mark.parametrize("what", [b"\x00" * 500, b"HTTP/9.9 hello\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n",
                                  b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"])  # fmt: skip
def test_what_is_no_http_is_a_lost_connection(what: bytes) -> None:
    with _raw(lambda s: s.sendall(what)) as (port, _), pytest.raises(PublishUnavailable) as caught:
        _ask(f"http://127.0.0.1:{port}/")
    assert caught.value.may_be_stored


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed one for cms.example and 127.0.0.1, key included."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cms.example")])
    names = x509.SubjectAlternativeName([x509.DNSName("cms.example"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1)).add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def _server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_self_signed_certificate_is_refused_and_gets_no_request(certificate: Path) -> None:
    serving = _raw(lambda s: s.sendall(_answer()), _server_side(certificate))
    with serving as (port, heard), pytest.raises(PublishRefused, match="certificate does not hold"):
        _ask(f"https://cms.example:{port}/", resolver=_resolving("127.0.0.1"))
    assert heard == []


def test_a_certificate_is_checked_against_the_name_and_not_the_address(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusting = _wire._tls.__wrapped__()
    trusting.load_verify_locations(certificate)
    monkeypatch.setattr(_wire, "_tls", lambda: trusting)
    with _raw(lambda s: s.sendall(_answer()), _server_side(certificate)) as (port, _):
        assert _ask(f"https://cms.example:{port}/", resolver=_resolving("127.0.0.1")).status == 200
        with pytest.raises(PublishRefused, match="certificate does not hold"):
            _ask(f"https://bank.example:{port}/", resolver=_resolving("127.0.0.1"))


def test_tls_is_verified_and_of_1_2_at_least() -> None:
    context = _wire._tls()
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


# Texts


EVIL = (
    "\"><script>alert(1)</script><img src=x onerror=alert(2)> [gallery] {{ 7*7 }} ${7*7} ']]>--> &lt;b&gt; <!channel> @everyone =1+1 `a` ж"
)
HIDDEN = "\u202e\u200b\x00\x1b\ufeff"
SETTINGS: dict[str, dict[str, Any]] = {
    "folder": {"path": "/nowhere"}, "webhook": {"secret_env": "S"}, "wordpress": {"user": "u", "secret_env": "S"},
    "ghost": {"secret_env": "S"},
    "cms": {"find": "GET /a?f={story_id}", "body_field": "body",
            "fields": {"title": "{{ headline }}", "id": "{{ story_id }}", "body": "{{ body_html }}"}},
    "ninjs": {}, "slack": {"secret_env": "S"}, "telegram": {"chat": "@channel", "secret_env": "S"}, "discord": {"secret_env": "S"},
    "mail": {"host": "mail.example", "sender": "a@b.example", "to": ["c@d.example"]},
}  # fmt: skip


def _evil(text: str, *, change: Change | None = None) -> Article:
    """An article of which every text is the hostile one, each with a word of its own."""
    first = versions()[0]

    def of(word: str) -> Text:
        return Text(f"{word} {text}")

    table: dict[str, Any] = {"title": f"tabletitle {text}",
                             "columns": [f"columnone {text}", f"columntwo {text}"],
                             "rows": [[{"text": f"cellone {text}"}, {"text": f"celltwo {text}"}]]}  # fmt: skip
    credit = SourceCredit(f"sourcename {text}", f"javascript:alert('{text}')", NOW, f"creditline {text}", f'https://c.example/?q="{text}')
    note = [Paragraph("correction", "ath", of("changenote"))] if change else []
    return replace(
        first, headline=of("headlineword"), dek=of("dekword"), key_points=(of("keypoint"),),
        paragraphs=(*note, Paragraph("detail", "ath", of("paragraphone")), Paragraph("detail", "ath", of("paragraphtwo"))), tables=(table,),
        tickers=(f"tickername {text}",), tags=(f"tagname {text}",), sources=(credit,), disclosure=f"disclosureline {text}",
        change=change, version=2 if change else 1,
    )  # fmt: skip


BODY_WORDS = ("paragraphone", "paragraphtwo", "tabletitle", "cellone", "celltwo", "columntwo", "disclosureline", "creditline")
_RUNS = re.compile(r"<\s*(script|img|iframe|svg|object|embed|base|meta|link|form)\b", re.IGNORECASE)


def _harmless(page: str, *, own: tuple[str, ...] = ()) -> None:
    """No element but those of ours, no handler, no address that runs."""
    from selectolax.lexbor import LexborHTMLParser

    for node in LexborHTMLParser(page).css("*"):
        attributes = {name: value or "" for name, value in node.attributes.items()}
        if node.tag == "script":
            assert "script" in own and attributes.get("type") == "application/ld+json", node.html
            assert "alert(1)</script" not in (node.html or "")
        assert node.tag not in ("img", "iframe", "svg", "object", "embed", "base") or node.tag in own, node.html
        assert not [name for name in attributes if name.startswith("on")], node.html
        assert not [
            v for n, v in attributes.items() if n in ("href", "src", "action") and v.strip().lower().startswith(("javascript:", "data:t"))
        ]


@pytest.mark.parametrize("kind_of_html", [plain_html, wordpress_html, ghost_html, simple_html])
def test_a_hostile_text_in_every_field_is_text_in_each_kind_of_body_and_nothing_is_lost(kind_of_html: Callable[[Printed], str]) -> None:
    change = Change("correction", f"changenote {EVIL}", NOW, f"by {EVIL}", ((EVIL, EVIL),))
    body = kind_of_html(Printed.of(_evil(EVIL, change=change)))
    _harmless(body)
    words = visible_text(body)
    for word in (*BODY_WORDS, "changenote"):
        assert f"{word} {EVIL}" in words, word
    assert all(link.startswith("https://c.example/") for link in links_of(body))
    if kind_of_html is wordpress_html:
        assert "[" not in body


def test_a_hostile_text_in_every_field_is_text_on_every_page_and_feed_of_our_own_site(tmp_path: Path) -> None:
    from lxml import etree

    site = SiteInfo(title=f"sitename {EVIL}", desk=f"deskname {EVIL}", legal_foot=f"legal {EVIL}", base_url="https://news.example")
    target, article = Target(FolderSettings(name="a", path=str(tmp_path)), site), _evil(EVIL)
    parcel, folder = Parcel(Printed.of(article), article.dumps(), "msg_1", 1), publishers()["folder"]
    asyncio.run(folder.send(parcel, folder.format(parcel, target), target, _wire_to()))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    for path in files:
        if path.suffix == ".html":
            _harmless(path.read_text("utf-8"), own=("script", "svg", "img"))
        elif path.suffix == ".xml":
            root = etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
            assert "rss" not in path.name or any(f"headlineword {EVIL}" in (node.text or "") for node in root.iter())
        elif path.suffix == ".json":
            json.loads(path.read_bytes())
    (page,) = (path.read_text("utf-8") for path in files if path.match("articles/*/index.html"))
    for word in ("headlineword", "dekword", "keypoint", *BODY_WORDS):
        assert f"{word} {EVIL}" in visible_text(page), word
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    assert f"headlineword {EVIL}" in list(_texts(json.loads(found[1])))


def test_a_hostile_text_in_every_field_is_text_in_markdown_and_ninjs() -> None:
    from markdown_it import MarkdownIt

    article = Printed.of(_evil(EVIL))
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown(article))
    _harmless(rendered)
    assert f"paragraphone {EVIL}" in visible_text(rendered)
    assert f"headlineword {EVIL}" in list(_texts(json.loads(ninjs(article, SiteInfo(base_url="https://news.example")))))


@pytest.mark.parametrize("change", [None, Change("correction", f"changenote {EVIL}", NOW, f"by {EVIL}", ((EVIL, EVIL),))],
                         ids=["published", "corrected"])  # fmt: skip
@pytest.mark.parametrize("kind", sorted(publishers()))
def test_a_hostile_text_in_every_field_reaches_each_kind_of_target_as_text(kind: str, change: Change | None) -> None:
    article = _evil(EVIL + HIDDEN, change=change)
    sent = publishers()[kind].format(Parcel(Printed.of(article), article.dumps(), "msg_1", 1), _target(kind))
    words = sent.body.decode()
    assert not set(HIDDEN) & set(words) or kind == "folder"  # which keeps ARTICLE.json, escaped
    readable = _readable(words, sent.content_type)
    assert "headlineword" in readable
    if "html" in sent.content_type:
        _harmless(words)
    if "json" in sent.content_type:
        for text in _texts(json.loads(words)):
            if _RUNS.search(text) and re.match(r"\s*<(p|h2|em|table)\b", text):
                _harmless(text)


def _target(kind: str) -> Target:
    given = {**SETTINGS[kind], "kind": kind, "name": "a"}
    if "url" in KINDS[kind].model_fields:
        given["url"] = "https://cms.example/"
    return Target(TypeAdapter(AnyTarget).validate_python(given), SiteInfo(base_url="https://news.example"))


def _readable(words: str, content_type: str) -> str:
    return json.dumps(json.loads(words), ensure_ascii=False) if "json" in content_type else html.unescape(words)


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    for inner in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from _texts(inner)


def test_every_kind_of_target_has_settings_here() -> None:
    assert set(SETTINGS) == set(KINDS)


def test_an_error_is_one_line_of_characters_that_can_be_seen() -> None:
    answer = Answer(400, {"content-type": "application/json"}, b'{"e":"a\\r\\nX-Evil: 1 \xe2\x80\xae \x1b[31m"}', "POST /", True)
    with pytest.raises(PublishError) as caught:
        _wire.judge(answer, _wire_to())
    assert str(caught.value).isprintable()


def test_the_resolvers_are_threads_of_their_own() -> None:
    """A name that nobody answers for keeps a thread for half a minute; the database and the files must not wait for it."""

    async def threads() -> list[str]:
        await _address.resolve("localhost", 80)
        return [t.name for t in threading.enumerate()]

    assert any(name.startswith("resolve") for name in asyncio.run(threads()))
