"""WordPress as it was measured: swallows what it does not know, makes `slug-2`, cleans what authors send, renames in the bin."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any

from fake_site import Answered, Asked, FakeSite, Shown

PASSWORD = "abcd efgh ijkl mnop qrst uvwx"
USER = "wire"
META = "newsgen_story_id"
CANONICAL = "newsgen_canonical"
AUTHOR = ("publish_posts", "edit_posts", "edit_published_posts", "upload_files", "delete_posts")
EDITOR = (*AUTHOR, "manage_categories", "edit_others_posts", "unfiltered_html")


class FakeWordPress(FakeSite):
    """One site with one account.

    Attributes:
        capabilities: Of the account; without unfiltered_html what it sends is cleaned.
        plugin: Whether the companion plugin is there: our meta is registered, and lists can be filtered by it.
        strips_login: The server keeps the Authorization header from WordPress.
        names_api: Whether the front page says where the API is.
        pretty: Whether addresses below /wp-json/ work.
        now: Its clock.
        swallows: Fields that it drops although they are right.
        drops: A part of every body that it takes out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state = {"posts": {}, "categories": {}, "tags": {}, "media": {}, "next": 10}
        self.capabilities: tuple[str, ...] = AUTHOR
        self.roles = ["author"]
        self.plugin = False
        self.strips_login = False
        self.names_api = True
        self.pretty = True
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.swallows: set[str] = set()
        self.drops = ""
        self.errors: dict[str, list[Answered]] = {}  # its own answers to the next writes, by kind

    # For tests

    @property
    def posts(self) -> dict[int, dict[str, Any]]:
        return self.state["posts"]

    def the_post(self) -> dict[str, Any]:
        """The only one that is not in the bin."""
        (post,) = [p for p in self.posts.values() if p["status"] != "trash"]
        return post

    def shown(self) -> list[Shown]:
        return [_as_shown(p) for p in self.posts.values() if p["status"] == "publish"]

    def kept(self) -> list[Shown]:
        return [_as_shown(p) for p in self.posts.values() if p["status"] != "trash"]

    def trash(self, post: dict[str, Any]) -> None:
        post["slug"] += "__trashed"
        post["status"] = "trash"

    # Answers

    def answer(self, asked: Asked) -> Answered:
        path = asked.query.get("rest_route", "") if asked.path in ("/", "/index.php") else asked.path.removeprefix("/wp-json")
        if not path or (asked.path.startswith("/wp-json") and not self.pretty):
            return self._front(asked)
        found = re.fullmatch(r"/wp/v2/(posts|categories|tags|media|users)(?:/([\w/-]+))?", path)
        done = self._index() if path == "/" else self._routed(asked, *found.groups()) if found else _error(404, "rest_no_route")
        return Answered(done.status, done.data, {"date": f"{self.now():%a, %d %b %Y %H:%M:%S GMT}", **done.headers})

    def _front(self, asked: Asked) -> Answered:
        root = f"{self.url}/wp-json/" if self.pretty else f"{self.url}/index.php?rest_route=/"
        link = {"link": f'<{root}>; rel="https://api.w.org/"'} if self.names_api else {}
        status = 404 if asked.path.startswith("/wp-json") else 200
        return Answered(status, b"<!DOCTYPE html><title>Desk</title>", {"content-type": "text/html", **link})

    def _index(self) -> Answered:
        return Answered(200, {"namespaces": ["oembed/1.0", "wp/v2"], "authentication": {"application-passwords": {}}})

    def _signed_in(self, asked: Asked) -> bool:
        given = asked.headers.get("authorization", "").removeprefix("Basic ")
        login = base64.b64decode(given).decode().replace(" ", "")
        return not self.strips_login and login == f"{USER}:{PASSWORD}".replace(" ", "")

    def _routed(self, asked: Asked, kind: str, item: str | None) -> Answered:
        login = 401 if not self._signed_in(asked) else 403 if "edit_posts" not in self.capabilities else 0
        if login and (kind, asked.method, item) == ("posts", "GET", None) and asked.query.get("status", "publish") != "publish":
            forbidden = {"code": "rest_forbidden_status", "message": "Status is forbidden.", "data": {"status": login}}
            return _error(400, "rest_invalid_param", params={"status": "Status is forbidden."}, details={"status": forbidden})
        if not self._signed_in(asked) and (asked.method != "GET" or "context" in asked.query):
            return _error(401, "rest_not_logged_in" if kind == "users" else _forbidden(asked.method, item))
        if asked.method in ("POST", "DELETE") and self.errors.get(kind):
            return self.errors[kind].pop(0)
        if kind == "users":
            return Answered(200, {"id": 2, "roles": self.roles, "capabilities": dict.fromkeys(self.capabilities, True)})
        if asked.method == "OPTIONS":
            meta = {META: {"type": "string"}, CANONICAL: {"type": "string"}} if self.plugin else {}
            return Answered(200, {"schema": {"properties": {"meta": {"properties": meta}}}})
        if kind == "posts":
            return self._posts(asked, item)
        if kind == "media":
            return self._media(asked, item)
        return self._terms(asked, kind)

    # Categories and tags

    def _terms(self, asked: Asked, kind: str) -> Answered:
        terms: dict[int, dict[str, Any]] = self.state[kind]
        if asked.method == "GET":
            wanted = asked.query.get("slug", "").split(",")
            return Answered(200, [t for t in terms.values() if wanted == [""] or t["slug"] in wanted])
        if kind == "categories" and "manage_categories" not in self.capabilities:
            return _error(403, "rest_cannot_create")
        name = unescape(asked.json["name"])
        for term in terms.values():
            if unescape(term["name"]).lower() == name.lower():
                return _error(400, "term_exists", term_id=term["id"])
        return Answered(201, self.add_term(kind, name))

    def add_term(self, kind: str, name: str, slug: str = "") -> dict[str, Any]:
        number = self._number()
        slug = slug or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        self.state[kind][number] = {"id": number, "name": escape(name, quote=False), "slug": slug}
        return dict(self.state[kind][number])

    def _number(self) -> int:
        self.state["next"] += 1
        return int(self.state["next"])

    # The library

    def _media(self, asked: Asked, item: str | None) -> Answered:
        media: dict[int, dict[str, Any]] = self.state["media"]
        if item is None and asked.method == "GET":
            return Answered(200, [m for m in media.values() if m["slug"] == asked.query["slug"]])
        if item is not None:
            number = int(item.split("/")[0])
            return Answered(200, media[number]) if number in media else _error(404, "rest_post_invalid_id")
        if "upload_files" not in self.capabilities:
            return _error(403, "rest_cannot_create")
        return Answered(201, self.add_media(_form(asked)))

    def add_media(self, form: dict[str, str]) -> dict[str, Any]:
        number, names = self._number(), [m["file"] for m in self.state["media"].values()]
        stem = form["filename"].removesuffix(".png")
        file = next(n for n in (f"{stem}.png", *(f"{stem}-{i}.png" for i in range(1, 9))) if n not in names)
        self.state["media"][number] = {"id": number, "slug": file.removesuffix(".png"), "file": file, "alt_text": form.get("alt_text", "")}
        return dict(self.state["media"][number])

    # Posts

    def _posts(self, asked: Asked, item: str | None) -> Answered:
        if item is None:
            return self._list(asked) if asked.method == "GET" else self._create(asked)
        post = self.posts.get(int(item))
        if post is None:
            return _error(404, "rest_post_invalid_id")
        if asked.method == "GET":
            return Answered(200, _seen(post, asked))
        if asked.method == "DELETE":
            return self._delete(post, asked)
        refused = self._invalid(post, asked.json)
        if refused:
            return refused
        self._set(post, asked.json)
        return Answered(200, _seen(post, asked))

    def _invalid(self, post: dict[str, Any], data: dict[str, Any]) -> Answered | None:
        if "author" in data and "edit_others_posts" not in self.capabilities:
            return _error(403, "rest_cannot_edit_others")
        if not all(isinstance(i, int) for key in ("categories", "tags") for i in data.get(key, ())):
            return _error(400, "rest_invalid_param")
        whole = {**post, **data}
        return None if whole["title"] or whole["content"] or whole["excerpt"] else _error(400, "empty_content")

    def _list(self, asked: Asked) -> Answered:
        found = [p for p in self.posts.values() if p["status"] in asked.query.get("status", "publish").split(",")]
        if "slug" in asked.query:
            found = [p for p in found if p["slug"] in asked.query["slug"].split(",")]
        if META in asked.query and self.plugin:  # without it the list is not filtered
            found = [p for p in found if p["meta"].get(META) == asked.query[META]]
        return Answered(200, [_seen(p, asked) for p in reversed(found)])

    def _create(self, asked: Asked) -> Answered:
        data, number = asked.json, self._number()
        post: dict[str, Any] = {
            "id": number, "slug": "", "status": "draft", "date_gmt": f"{self.now():%Y-%m-%dT%H:%M:%S}", "title": "", "content": "",
            "excerpt": "", "author": 2, "featured_media": 0, "categories": [1], "tags": [],
            "meta": {META: "", CANONICAL: ""} if self.plugin else {},
        }  # fmt: skip
        refused = self._invalid(post, data)
        if refused:
            return refused
        self._set(post, data)
        self.posts[number] = post
        return Answered(201, _seen(post, asked), {"location": f"{self.url}/wp-json/wp/v2/posts/{number}"})

    def _set(self, post: dict[str, Any], data: dict[str, Any]) -> None:
        data = {k: v for k, v in data.items() if k not in self.swallows}
        for key in ("title", "content", "excerpt"):
            if key in data:
                kept = data[key].replace(self.drops, "") if self.drops else data[key]
                post[key] = kept if "unfiltered_html" in self.capabilities else _kses(kept)
        for key in ("categories", "tags"):
            if key in data:
                post[key] = [i for i in data[key] if i in self.state[key]]  # unknown ids are swallowed
        if data.get("featured_media") in (0, *self.state["media"]):
            post["featured_media"] = data["featured_media"]
        post["date_gmt"] = data.get("date_gmt", post["date_gmt"]).removesuffix("Z")
        post["author"] = data.get("author", post["author"])
        post["meta"] |= {k: v for k, v in data.get("meta", {}).items() if k in post["meta"]}
        if "slug" in data:
            post["slug"] = self._free_slug(data["slug"], post["id"])
        self._set_status(post, data.get("status", post["status"]))

    def _set_status(self, post: dict[str, Any], status: str) -> None:
        ahead = post["date_gmt"] > f"{self.now():%Y-%m-%dT%H:%M:%S}"
        post["status"] = "future" if status in ("publish", "future") and ahead else "publish" if status == "future" else status

    def _free_slug(self, slug: str, number: int) -> str:
        taken = {p["slug"] for p in self.posts.values() if p["id"] != number}
        tries = [slug, *(f"{slug}-{n}" for n in range(2, 20))]
        return next(t for t in tries if t not in taken)

    def _delete(self, post: dict[str, Any], asked: Asked) -> Answered:
        if asked.query.get("force") == "true":
            return Answered(200, {"deleted": True, "previous": _seen(self.posts.pop(post["id"]), asked)})
        if post["status"] == "trash":
            return _error(410, "rest_already_trashed")
        self.trash(post)
        return Answered(200, _seen(post, asked))


def _seen(post: dict[str, Any], asked: Asked) -> dict[str, Any]:
    seen = deepcopy(post) | {"link": f"https://news.example/{post['slug']}/"}
    for key in ("title", "content", "excerpt"):
        raw = asked.query.get("context") == "edit" or asked.method == "DELETE"
        seen[key] = {"rendered": post[key]} | ({"raw": post[key]} if raw else {})
    return seen | {"meta": post["meta"] or []}


def _kses(html: str) -> str:
    """Tags go, and what stands between them stays; entities are written in WordPress' own way."""
    bare = re.sub(r"(?is)</?(script|iframe|svg|time|style)\b[^>]*>|\son\w+=\"[^\"]*\"", "", html)
    named = re.sub(r"&(?!#\d+;|#x[0-9a-fA-F]+;|[a-zA-Z]\w*;)", "&amp;", bare)
    return re.sub(r"&#0*(\d{1,2});", lambda found: f"&#{int(found[1]):03};", named)


def _forbidden(method: str, item: str | None) -> str:
    """What somebody is told whom WordPress does not know."""
    if method == "GET":
        return "rest_forbidden_context"
    return "rest_cannot_delete" if method == "DELETE" else "rest_cannot_edit" if item else "rest_cannot_create"


def _form(asked: Asked) -> dict[str, str]:
    """The fields of a form, and the name of its file."""
    border = asked.headers["content-type"].split("boundary=")[1].encode()
    fields = {}
    for part in asked.body.split(b"--" + border)[1:-1]:
        head, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'name="(\w+)"(?:; filename="([^"]+)")?', head)
        assert name is not None
        fields |= {"filename": name[2].decode()} if name[2] else {name[1].decode(): value.decode()}
        assert not name[2] or value.startswith(b"\x89PNG")
    return fields


def _as_shown(post: dict[str, Any]) -> Shown:
    return Shown(unescape(post["title"]), post["content"], post["slug"])


def _error(status: int, code: str, **data: Any) -> Answered:
    return Answered(status, {"code": code, "message": f"Sorry: {code}.", "data": {"status": status, **data}})
