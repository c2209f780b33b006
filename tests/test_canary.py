"""A key appears in no log, error, database row, recorded payload or page, whatever a source does with it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from newsgen.cli import main
from newsgen.gather import _http as http
from newsgen.gather import sources
from newsgen.gather._rate import CallWindow

KEY = 'canary/7f3a+9c="x\\y'  # every letter that an encoding changes
FORMS = {
    KEY,
    quote(KEY, safe=""),
    json.dumps(KEY)[1:-1],
    KEY.replace("/", "\\/"),
    base64.b64encode(KEY.encode()).decode(),
    KEY.encode().hex(),
}
KEYED = [s for s in sources().values() if s.key_env]


def repeated(request: Request) -> bytes:
    """A source that sends back all it was sent, in every way it might."""
    told = {
        "error": f"key {KEY} at {request.url}", "Information": KEY, "msg": KEY, "code": KEY, "retMsg": KEY, "data": [{"key": KEY}],
        "status": {"error_code": 1001, "error_message": KEY}, "headers": dict(request.headers), "quoted": quote(KEY, safe=""),
    }  # fmt: skip
    return json.dumps(told).encode()


ANSWERS = {
    "200 with the key in it": lambda r: Response(repeated(r), 200),
    "200 and text": lambda r: Response(f"your key {KEY} has no calls left", 200),
    "200 and HTML": lambda r: Response(f"<html>{KEY} {r.url}</html>", 200),
    "400": lambda r: Response(repeated(r), 400),
    "401": lambda r: Response(repeated(r), 401),
    "403": lambda r: Response(repeated(r), 403),
    "429": lambda r: Response(repeated(r), 429, {"Retry-After": "0"}),
    "451": lambda r: Response(repeated(r), 451),
    "503": lambda r: Response(repeated(r), 503, {"Retry-After": "0"}),
    "to another host": lambda r: Response("", 302, {"Location": f"http://127.0.0.1:9/?api_key={quote(KEY)}"}),
    "in circles": lambda r: Response("", 302, {"Location": r.url}),
    "a name in a header": lambda r: Response("{}", 200, {"Content-Encoding": "br", "X-Key": quote(KEY)}),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(http, "CallWindow", lambda calls, per_s: CallWindow(10_000, 0.1))  # the limits themselves are not the subject
    for source in KEYED:
        monkeypatch.setenv(source.key_env, KEY)
    base = httpserver.url_for("").rstrip("/")
    told = [f'[sources.{n}]\nbase_url = "{base}"\n' if s.key_env else f"[sources.{n}]\nenabled = false\n" for n, s in sources().items()]
    Path("newsgen.toml").write_text('contact = "desk@markets.example"\n' + "".join(told))


def everything_written(tmp_path: Path) -> Iterator[bytes]:
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "newsgen.toml":
            yield path.read_bytes()


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_key_stands_nowhere(kind: str, httpserver: HTTPServer, tmp_path: Path, capfd: pytest.CaptureFixture[str],
                              caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    caplog.set_level(0)
    httpserver.expect_request(re.compile(".*")).respond_with_handler(ANSWERS[kind])
    seen: list[str] = []
    for command in (
        ["-v", "gather", "--asset", "BTC"],
        ["sources", "check"],
        ["--json-logs", "gather", "--asset", "BTC", "--record", "today"],
        ["sources"],
    ):
        done = CliRunner().invoke(main, command)
        assert done.exit_code in (0, 5), done.output
        seen += [done.stdout, done.stderr, repr(done.exception)]
    out, err = capfd.readouterr()
    logs = [r.getMessage() for r in caplog.records if not r.name.startswith("werkzeug")]  # the server's own log is the source's
    text = "\n".join([*seen, out, err, *logs])
    assert len(httpserver.log) >= len(KEYED)
    assert any(KEY in str(r.headers) + str(r.args.to_dict()) for r, _ in httpserver.log)  # it was sent, else this shows nothing
    for form in FORMS:
        assert form not in text
        for body in everything_written(tmp_path):
            assert form.encode() not in body
