"""A CMS of four fields on a real socket, and its publisher by `_place`; in: faults in a row, out: what it keeps and was asked.

The smallest thing that the rules of publishing once can be shown on. It has no idempotency key: a repeated POST makes a second post.
"""

from __future__ import annotations

import copy
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from newsgen.publish._body import plain_html, words_of
from newsgen.publish._place import Cms, Copy, place
from newsgen.publish._publisher import Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import Answer, Wire, json_of, judge
from newsgen.story import Receipt
from newsgen.target_settings import CmsSettings


@dataclass(frozen=True)
class Shown:
    """A post."""

    title: str
    body: str


@dataclass
class SmallCms:
    """Its posts, and what was asked.

    Attributes:
        asked: "POST /posts" of each request.
        told: Its headers.
        faults: What happens at a request, by its number or its method; of a method several, one after the other: "swallow 403".
        held: What was swallowed.
        act: Called at each request, before it is answered.
    """

    posts: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    told: list[dict[str, str]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[int | str, str] = field(default_factory=dict)
    act: Callable[[str], None] = lambda request: None
    url: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def writes(self) -> list[str]:
        return [asked.split()[0] for asked in self.asked if not asked.startswith("GET")]

    def kept(self) -> list[Shown]:
        return [Shown(p["title"], p["body"]) for p in self.posts]

    def shown(self) -> list[Shown]:
        return [Shown(p["title"], p["body"]) for p in self.posts if p["live"]]

    def freeze(self) -> Any:
        return copy.deepcopy(self.posts)

    def thaw(self, state: Any) -> None:
        self.posts, self.asked, self.faults, self.held = copy.deepcopy(state), [], {}, []

    def struck(self, method: str) -> str:
        """The fault of this request."""
        number = len(self.asked) - 1
        if number in self.faults:
            return self.faults.pop(number)
        fault, _, rest = self.faults.get(method, "").partition(" ")
        self.faults[method] = rest
        return fault

    def late(self) -> None:
        """What was swallowed comes in after all."""
        for post in self.held:
            self.posts.insert(0, {**post, "id": f"late{len(self.posts)}", "live": False})
        self.held = []

    def do(self, method: str, path: str, sent: dict[str, Any]) -> tuple[int, Any]:
        name = path.rsplit("/", 1)[-1]
        if method == "GET" and path.startswith("/find/"):
            return 200, [p for p in self.posts if p["story"] == name]
        if method == "POST":
            self.posts.append({**sent, "id": f"p{len(self.asked)}", "live": False})
            return 201, self.posts[-1]
        post = next((p for p in self.posts if p["id"] == name), None)
        if post is None:
            return 404, {"error": "no such post"}
        if method == "PUT":
            post.update(sent)
        if method == "DELETE":
            self.posts.remove(post)
        return 200, post


_PAGE = (200, b"<html><h1>Back in a moment</h1></html>", {"content-type": "text/html"})
_FAULTS = {
    "redirect": (302, b"", {"location": "/posts"}),
    "page": _PAGE,
    "503": (503, b"<h1>busy</h1>", {"content-type": "text/html"}),
    "429": (429, b"{}", {"content-type": "application/json", "retry-after": "90"}),
    "403": (403, b'{"error":"no right to"}', {"content-type": "application/json"}),
}


def _handler(cms: SmallCms) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            sent = json.loads(body) if body else {}
            with cms.lock:
                cms.asked.append(f"{self.command} {urlsplit(self.path).path}")
                cms.told.append({name.lower(): value for name, value in self.headers.items()})
                fault = cms.struck(self.command)
            cms.act(cms.asked[-1])
            with cms.lock:
                if fault in _FAULTS:
                    return self._answer(*_FAULTS[fault])
                if fault == "swallow":  # its answer is lost, and it is done later or never
                    cms.held.append(sent)
                    return self.connection.shutdown(socket.SHUT_RDWR)
                if fault == "lose-words" and "body" in sent:
                    sent["body"] = sent["body"].replace("Monday", "")
                if fault == "lose-links" and "body" in sent:
                    sent["body"] = sent["body"].replace(' href="', ' data-href="')
                status, found = cms.do(self.command, urlsplit(self.path).path, sent)
            if fault == "page-after":
                return self._answer(*_PAGE)
            return self._answer(status, json.dumps(found).encode(), {"content-type": "application/json"}, cut=fault == "cut")

        do_GET = do_POST = do_PUT = do_DELETE = _do

        def _answer(self, status: int, body: bytes, headers: dict[str, str], *, cut: bool = False) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def running() -> Iterator[SmallCms]:
    cms = SmallCms()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(cms))
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    cms.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield cms
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_FIELDS = {"title": "{{ headline }}", "story": "{{ story_id }}", "body": "{{ body_html }}"}


def target_of(cms: SmallCms, name: str = "cms", **more: Any) -> Target:
    return Target(
        CmsSettings(name=name, url=cms.url, find="GET /find/{story_id}", body_field="body", fields=_FIELDS, allow_private=True, **more)
    )


def _copy_of(found: dict[str, Any]) -> Copy:
    return Copy(found["id"], f"https://cms.example/{found['id']}", found["title"], found["body"], found["live"], "m")


def _cms(parcel: Parcel, target: Target, wire: Wire) -> Cms:
    url, article = target.of(CmsSettings).url, parcel.article
    body, title = plain_html(article), article.headline.text

    async def ask(method: str, path: str, data: Any = None) -> Answer:
        return await wire.ask(method, url + path, data=data)

    async def find() -> list[Copy]:
        return [_copy_of(p) for p in json_of(await ask("GET", f"/find/{article.story_id}"), wire)]

    async def read(remote_id: str) -> Copy | None:
        answer = await ask("GET", f"/posts/{remote_id}")
        return None if answer.status == 404 else _copy_of(json_of(answer, wire))

    async def create() -> Copy:
        fields = {"title": title, "body": body, "story": article.story_id, "date": article.first_at.strftime("%Y-%m-%dT%H:%M:%S%z")}
        return _copy_of(json_of(await ask("POST", "/posts", fields), wire))

    async def update(copy: Copy) -> Copy:
        return _copy_of(json_of(await ask("PUT", f"/posts/{copy.remote_id}", {"title": title, "body": body}), wire))

    async def release(copy: Copy) -> Copy:
        return _copy_of(json_of(await ask("PUT", f"/posts/{copy.remote_id}", {"live": True}), wire))

    async def remove(copy: Copy) -> None:
        judge(await ask("DELETE", f"/posts/{copy.remote_id}"), wire)

    return Cms(title, body, True, find, read, create, update, release, remove)


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    return await place(_cms(parcel, target, wire), parcel, wire)


def _format(parcel: Parcel, target: Target) -> Outgoing:
    return Outgoing(words_of(parcel.article.headline.text, plain_html(parcel.article)), "text/plain")


PUBLISHER = Publisher("cms", CmsSettings, _format, _send)
