"""A target's secret appears in no log, error, row, receipt or finding, whatever the target does with it; and goes to its own host alone."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import json
import logging
import sys
import threading
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from pydantic import TypeAdapter

from newsgen.errors import PublishError
from newsgen.publish import Outbox, Target, _outbox, publishers
from newsgen.publish._cleaned import without
from newsgen.publish._publisher import Outgoing, Parcel, Publisher
from newsgen.publish._wire import Answer, Wire, error_of, json_of
from newsgen.secret import Secret
from newsgen.store.deliveries import deliveries_of
from newsgen.store.newsroom import save_article
from newsgen.story import Article, Receipt
from newsgen.target_settings import KINDS, AnyTarget, WordPressSettings

sys.path.insert(0, str(Path(__file__).parent))
from matrix import Clock, new_database, versions
from test_hostile import SETTINGS

CANARIES = {
    "webhook": "whsec_" + base64.b64encode(b"canary-of-the-webhook-secret-32b").decode(),
    "wordpress": "Cnry 7Qx2 Lm4P wZ9k Tt3R ab5Y",
    "ghost": "65a1b2c3d4e5f60718293a4b:" + "c0ffee" * 10 + "cafe",
    "cms": 'canary/7f3a+9c="x\\y of a token',
    "ninjs": "canary-ninjs-0123456789",
    "slack": "https://hooks.slack.com/services/T0CANARY/B0CANARY/canarytokenofslack24ch",
    "telegram": "1234567890:AAcanary_of-a-telegram-token-35chr",
    "discord": "https://discord.com/api/webhooks/123456789012345678/canary_token-of_discord",
    "mail": "canary password of mail",
}
SECRETIVE = [kind for kind in sorted(publishers()) if "secret_env" in KINDS[kind].model_fields]


def _forms(secret: str) -> set[str]:
    """How a secret may be written; in lower case."""
    parts = {secret, secret.replace(" ", "")}
    if "://" in secret:
        parts = {secret, secret.rsplit("/", 1)[-1]}
    elif ":" in secret:
        parts.add(secret.split(":")[1])
    parts |= {p.removeprefix("whsec_") for p in parts}
    found: set[str] = set()
    for part in parts:
        raw = part.encode()
        found |= {part, quote(part, safe=""), quote_plus(part), json.dumps(part)[1:-1], raw.hex()}
        found |= {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("=")}
        for user in (b"u:", b"me:", b"abc:"):
            found.add(base64.b64encode(user + raw).decode())
            found.add(base64.b64encode(user + raw).decode()[8:-4])
    return {form.lower() for form in found if len(form) > 5}


def _found(secret: str, text: str) -> list[str]:
    return [form for form in _forms(secret) if form in text.lower()]


class Parrot:
    """A target that says back all it was sent, in every way it might."""

    def __init__(self) -> None:
        self.how, self.url, self.heard, self.secret = "400", "", 0, ""

    def says(self, path: str, headers: dict[str, str], body: str) -> str:
        sent = " ".join([path, *headers.values(), body[-500:], self.secret])
        known = [self.secret, base64.b64encode(f"u:{self.secret}".encode()).decode(), self.secret.encode().hex(), quote(self.secret)]
        return json.dumps({"id": " ".join(known), "url": f"https://a.example/{quote(self.secret)}", "message": f"{self.secret} {sent}",
                           "ok": True, "errors": [{"message": self.secret, "code": self.secret}], "updated_at": self.secret})  # fmt: skip


def _handler(parrot: Parrot) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode("utf-8", "replace")
            parrot.heard += 1
            said = parrot.says(self.path, dict(self.headers.items()), body)
            status, _, kind = parrot.how.partition(" ")
            if kind == "cut":
                self.wfile.write(f"HTTP/1.1 200 OK\r\nx: {parrot.secret}\r\ncontent-length: 90000\r\n\r\n{said}".encode())
                return
            if kind == "nonsense":
                self.wfile.write(f"{parrot.secret}\r\n\r\n".encode())
                return
            self.send_response_only(int(status))
            html = kind == "page"
            self.send_header("content-type", "text/html" if html else "application/json")
            if status[0] == "3":
                self.send_header("location", f"https://u:{quote(parrot.secret)}@{quote(parrot.secret)}.example/{quote(parrot.secret)}")
            text = f"<h1>{said}</h1>" if html else ("x" * 290 + parrot.secret if kind == "at the cut" else said)
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _do

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def _parrot() -> Iterator[Parrot]:
    parrot = Parrot()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(parrot))
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    parrot.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield parrot
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


HOWS = ["200", "201", "200 page", "200 cut", "200 nonsense", "302", "400", "400 at the cut", "401", "403", "403 page", "404", "409", "410",
        "422", "429", "500", "503 page"]  # fmt: skip


def _target(kind: str, parrot: Parrot) -> Target:
    given = {**SETTINGS[kind], "kind": kind, "name": "a", "allow_private": True, "secret_env": "CANARY"}
    for key in ("url", "base_url"):
        if key in KINDS[kind].model_fields:
            given[key] = parrot.url
    if kind == "mail":
        given |= {"host": "127.0.0.1", "port": 9, "encryption": "none", "user": "u"}
    return Target(TypeAdapter(AnyTarget).validate_python(given))


def _story(number: int) -> Article:
    first = versions()[0]
    return dataclasses.replace(first, id=str(uuid.uuid5(uuid.NAMESPACE_URL, str(number))), story=f"story-{number}")


async def _everywhere(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    """A publisher that puts its secret into path, query and header, and all that it is told into its receipt."""
    secret, url = wire.secret("CANARY"), target.of(WordPressSettings).url
    pair = base64.b64encode(f"u:{secret}".encode()).decode()
    answer = await wire.ask("POST", f"{url}/bot{quote(secret, safe='')}/x?t={quote(secret)}", headers={"authorization": f"Basic {pair}"},
                            body=outgoing.body)  # fmt: skip
    told = json_of(answer, wire)
    return Receipt(target.name, parcel.article.id, "confirmed", told["id"], told["url"], told["message"], told["updated_at"])


EVERYWHERE = Publisher("wordpress", WordPressSettings, lambda parcel, target: Outgoing(b"{}", "application/json"), _everywhere)


@pytest.mark.parametrize("kind", ["everywhere", *SECRETIVE])
def test_a_secret_is_in_no_log_row_error_receipt_or_finding_whatever_the_target_says(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = CANARIES["wordpress" if kind == "everywhere" else kind]
    if kind == "everywhere":
        kind = "wordpress"
        monkeypatch.setattr(_outbox, "publishers", lambda: {"wordpress": EVERYWHERE})
    engine, clock, seen = new_database(tmp_path), Clock(), []
    with _parrot() as parrot:
        parrot.secret = secret
        target = _target(kind, parrot)
        outbox = Outbox(engine, {"a": target}, clock, env={"CANARY": secret})
        for number, how in enumerate(HOWS):
            parrot.how = how
            save_article(engine, _story(number), {"a": 900}, clock())
            seen += [repr(receipt) for receipt in asyncio.run(outbox.deliver())]
            seen += _checked(outbox, target, kind)
        assert parrot.heard or kind == "mail"
    seen += [repr(deliveries_of(engine)), caplog.text, *capsys.readouterr(), repr(target), repr(outbox.wire(target, ""))]
    engine.dispose()
    seen += [path.read_bytes().decode("latin-1") for path in tmp_path.glob("news.db*")]
    assert [form for text in seen for form in _found(secret, text)] == []


def _checked(outbox: Outbox, target: Target, kind: str) -> list[str]:
    """What `publish check` says, or the whole trace of how it failed."""
    try:
        return [repr(finding) for finding in asyncio.run(_outbox.publishers()[kind].check(target, outbox.wire(target, "")))]
    except PublishError:
        return [traceback.format_exc()]


@pytest.mark.parametrize("secret", CANARIES.values(), ids=CANARIES)
def test_every_form_of_a_secret_is_taken_out_of_a_text(secret: str) -> None:
    for form in [secret, secret.upper(), base64.b64encode(f"user:{secret}".encode()).decode(), secret.encode().hex().upper(),
                 quote(secret, safe="").lower(), json.dumps({"a": secret})]:  # fmt: skip
        left = without(f"before {form} after", [secret])
        assert left.startswith("before")
        assert left.endswith("after")
        assert "***" in left
        assert _found(secret, left) == []


@pytest.mark.parametrize("before", [200, 280, 290, 297, 1010, 3990])
def test_a_secret_that_is_cut_off_leaves_no_half_of_itself(before: int) -> None:
    wire = Wire("a", "slug", Clock(), secrets={"S": Secret(CANARIES["cms"])})
    answer = Answer(400, {"content-type": "application/json"}, ("x" * before + CANARIES["cms"]).encode(), "POST /", True)
    for said in ("", answer.text):
        assert "cana" not in str(error_of(answer, wire, said))
    wire.heard.append((answer, wire))
    assert "cana" not in wire.last_answer()


def test_a_secret_that_is_said_again_and_again_leaves_no_half_of_itself_either() -> None:
    """Each becomes shorter when it is taken out, so that what is cut off comes nearer to the beginning."""
    wire = Wire("a", "slug", Clock(), secrets={"S": Secret(CANARIES["discord"])})
    said = CANARIES["discord"] * 600
    answer = Answer(400, {"content-type": "text/plain"}, said.encode(), "POST /", True)
    wire.heard.append((answer, wire))
    assert set(wire.last_answer()) <= {"*"}
    for error in (error_of(answer, wire), error_of(answer, wire, said)):
        assert set(error.problem.removeprefix("POST /: ").replace("status 400", "")) <= {"*"}


def test_a_wire_shows_no_credential_of_what_it_has_asked() -> None:
    with _parrot() as parrot:
        parrot.how = "200"
        wire = Wire("a", "slug", Clock(), True, {"S": Secret(CANARIES["wordpress"])})
        login = base64.b64encode(f"u:{CANARIES['wordpress']}".encode()).decode()
        asyncio.run(wire.ask("GET", parrot.url, headers={"authorization": f"Basic {login}"}))
        assert login not in repr(wire)


def test_a_short_word_is_not_taken_out_of_other_words() -> None:
    assert without("an ordinary sentence", ["an", ""]) == "an ordinary sentence"


def test_a_missing_secret_is_named_and_nothing_is_sent(tmp_path: Path) -> None:
    with _parrot() as parrot, contextlib.closing(_Engine(tmp_path)) as engine:
        outbox = Outbox(engine.engine, {"a": _target("webhook", parrot)}, Clock(), env={})
        save_article(engine.engine, _story(1), {"a": 900}, outbox.clock())
        asyncio.run(outbox.deliver())
        assert "CANARY" in deliveries_of(engine.engine)[0]["problem"]
    assert parrot.heard == 0


class _Engine:
    def __init__(self, folder: Path) -> None:
        self.engine = new_database(folder)

    def close(self) -> None:
        self.engine.dispose()


def _to(outbox: Outbox, url: str, clock: Clock, number: int) -> str:
    """A story sent to an address of the same target."""
    settings = _target("webhook", Parrot_at(url)).settings
    other = dataclasses.replace(outbox, targets={"a": Target(settings)})
    save_article(outbox.engine, _story(number), {"a": 900}, clock())
    asyncio.run(other.deliver())
    return str(deliveries_of(outbox.engine)[-1]["problem"])


class Parrot_at(Parrot):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url


def test_a_secret_goes_to_the_host_that_it_was_entered_for_and_to_no_other(tmp_path: Path) -> None:
    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with _parrot() as parrot, contextlib.closing(_Engine(tmp_path)) as engine:
        parrot.how, clock = "200", Clock()
        port = parrot.url.rsplit(":", 1)[1]
        outbox = Outbox(engine.engine, {}, clock, env={"CANARY": CANARIES["webhook"]}, resolver=here)
        assert _to(outbox, f"http://cms.example:{port}", clock, 1) == ""
        heard = parrot.heard
        problem = _to(outbox, f"http://elsewhere.example:{port}", clock, 2)
        assert "was entered for cms.example and is not sent to elsewhere.example" in problem
        with pytest.raises(PublishError, match="entered for"):
            outbox.wire(_target("webhook", Parrot_at("http://elsewhere.example/")), "")
        assert parrot.heard == heard
        assert _to(outbox, f"http://CMS.example.:{port}/other/path", clock, 3) == ""
        new = dataclasses.replace(outbox, env={"CANARY": "whsec_" + base64.b64encode(b"n" * 32).decode()})
        assert _to(new, f"http://elsewhere.example:{port}", clock, 4) == ""
        assert "entered for elsewhere.example" in _to(outbox, f"http://cms.example:{port}", clock, 5) or parrot.heard == heard + 3
