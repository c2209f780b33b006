"""Ghost as it was measured: whole seconds in `updated_at`, 409 on a stale one, `slug-2`, texts of unknown tags run together."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from fake_site import Answered, Asked, FakeSite, Shown

KEY = "6" * 24 + ":" + "ab" * 32
OWNER = {"name": "Owner", "email": "owner@news.example"}
DESK = {"name": "Desk", "email": "desk@news.example"}
_LIMITS = {"title": 255, "slug": 191, "custom_excerpt": 300}


_KEPT = ("title", "custom_excerpt", "status", "published_at", "feature_image", "feature_image_alt", "canonical_url")


class FakeGhost(FakeSite):
    """One site with one integration.

    Attributes:
        now: Its clock; None believes every token's time.
        strips_login: The server keeps the Authorization header from Ghost.
        plain: Cards of HTML are converted like everything else.
        errors: Its own answers to the next writes, by the first part of the path.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state = {"posts": {}, "images": [], "next": 10, "clock": datetime(2026, 11, 1, 12, tzinfo=UTC)}
        self.now: Callable[[], datetime] | None = None
        self.strips_login = False
        self.plain = False
        self.errors: dict[str, list[Answered]] = {}

    @property
    def posts(self) -> dict[str, dict[str, Any]]:
        return self.state["posts"]

    def the_post(self) -> dict[str, Any]:
        (post,) = self.posts.values()
        return post

    def shown(self) -> list[Shown]:
        return [Shown(p["title"], p["html"], p["url"]) for p in self.posts.values() if p["status"] == "published"]

    def kept(self) -> list[Shown]:
        return [Shown(p["title"], p["html"], p["url"]) for p in self.posts.values()]

    def touch(self, post: dict[str, Any]) -> None:
        """A second passes, and the post was saved then."""
        self.state["clock"] += timedelta(seconds=1)
        post["updated_at"] = f"{self.state['clock']:%Y-%m-%dT%H:%M:%S.000Z}"

    # Answers

    def answer(self, asked: Asked) -> Answered:
        done = self._answer(asked)
        date = {"date": f"{self.now():%a, %d %b %Y %H:%M:%S GMT}"} if self.now else {}
        return Answered(done.status, done.data, {**date, **done.headers})

    def _answer(self, asked: Asked) -> Answered:
        path = asked.path.removeprefix("/ghost/api/admin/")
        if path == "site/":
            return Answered(200, {"site": {"title": "News", "url": self.url + "/", "version": "6.65"}})
        if not path.endswith("/"):
            return Answered(301, b"", {"location": asked.path + "/"})
        refused = self._refused(asked)
        if refused is not None:
            return refused
        kind = path.split("/")[0]
        if asked.method != "GET" and self.errors.get(kind):
            return self.errors[kind].pop(0)
        if path == "users/":
            return Answered(200, {"users": [OWNER, DESK]})
        if path == "images/upload/":
            return self._image(asked)
        found = re.fullmatch(r"posts/(?:(\w+)/)?", path)
        if found is None:
            return _error(404, "NotFoundError", "Resource not found")
        return self._one(asked, found[1]) if found[1] else self._all(asked)

    def _refused(self, asked: Asked) -> Answered | None:
        given = asked.headers.get("authorization", "")
        if not given or self.strips_login:
            return _error(403, "NoPermissionError", "Authorization failed")
        if not given.startswith("Ghost "):
            return _error(
                401, "UnauthorizedError", 'Authorization header format is "Authorization: Ghost [token]"', code="INVALID_AUTH_HEADER"
            )
        if given.count(".") != 2:
            return _error(400, "BadRequestError", "Invalid token", code="INVALID_JWT")
        head, claims, signature = given.removeprefix("Ghost ").split(".")
        number, secret = KEY.split(":")
        if _decoded(head)["kid"] != number:
            return _error(401, "UnauthorizedError", "Unknown Admin API Key", code="UNKNOWN_ADMIN_API_KEY")
        made = hmac.new(bytes.fromhex(secret), f"{head}.{claims}".encode(), hashlib.sha256).digest()
        if base64.urlsafe_b64decode(signature + "==") != made or _decoded(claims)["aud"] != "/admin/":
            return _error(401, "UnauthorizedError", "Invalid token: invalid signature", code="INVALID_JWT")
        if self.now and _decoded(claims)["iat"] + 300 < self.now().timestamp():
            return _error(401, "UnauthorizedError", "Invalid token: jwt expired", code="INVALID_JWT")
        return None

    def _image(self, asked: Asked) -> Answered:
        found = re.search(rb'filename="([\w-]+)\.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG', asked.body)
        if found is None:
            return _error(415, "UnsupportedMediaTypeError", "The image type is not supported.")
        names: list[str] = self.state["images"]
        stem = found[1].decode()
        names.append(next(n for n in (stem, *(f"{stem}-{i}" for i in range(1, 9))) if n not in names))
        return Answered(201, {"images": [{"url": f"{self.url}/content/images/2026/11/{names[-1]}.png", "ref": None}]})

    def _all(self, asked: Asked) -> Answered:
        if asked.method == "GET":
            told = asked.query.get("filter", "")
            tags, slugs = re.findall(r"tag:hash-([\w-]+)", told), re.findall(r"slug:'([^']+)'", told)
            found = [p for p in self.posts.values() if {f"#{t}" for t in tags} & {t["name"] for t in p["tags"]} or p["slug"] in slugs]
            return Answered(200, {"posts": [_seen(p, asked) for p in found]})
        (fields,) = asked.json["posts"]
        invalid = _invalid(fields)
        if invalid:
            return invalid
        self.state["next"] += 1
        number = f"{self.state['next']:024x}"
        post: dict[str, Any] = {"id": number, "status": "draft", "title": "(Untitled)", "html": "", "custom_excerpt": None, "slug": "",
                                "tags": [], "authors": [OWNER], "published_at": None, "feature_image": None,
                                "canonical_url": None}  # fmt: skip
        self._set(post, fields, asked)
        self.posts[number] = post
        return Answered(201, {"posts": [_seen(post, asked)]}, {"location": f"{self.url}/ghost/api/admin/posts/{number}/"})

    def _one(self, asked: Asked, number: str) -> Answered:
        post = self.posts.get(number)
        if post is None:
            verb = {"GET": "read", "PUT": "edit", "DELETE": "delete"}[asked.method]
            return _error(404, "NotFoundError", f"Resource not found error, cannot {verb} post.", context="Post not found.")
        if asked.method == "DELETE":
            del self.posts[number]
            return Answered(204)
        if asked.method == "PUT":
            (fields,) = asked.json["posts"]
            if "updated_at" not in fields:
                return _error(422, "ValidationError", "Validation error, cannot edit post.", context="Validation failed for 0.")
            if fields["updated_at"] != post["updated_at"]:
                told = "Saving failed! Someone else is editing this post."
                return _error(409, "UpdateCollisionError", told, context=told, code="UPDATE_COLLISION")
            invalid = _invalid(fields)
            if invalid:
                return invalid
            self._set(post, fields, asked)
        return Answered(200, {"posts": [_seen(post, asked)]})

    def _set(self, post: dict[str, Any], fields: dict[str, Any], asked: Asked) -> None:
        post |= {k: fields[k] for k in _KEPT if k in fields}
        post["title"] = post["title"] or "(Untitled)"
        if post["published_at"]:
            post["published_at"] = re.sub(r"(?<=:\d\d)Z$", ".000Z", post["published_at"])
        if fields.get("html") and asked.query.get("source") == "html":  # else it is dropped; an empty one is none, and the old one stays
            post["html"] = _converted(fields["html"].replace("kg-card", "") if self.plain else fields["html"], tables=not self.plain)
        if "tags" in fields:
            post["tags"] = [{"name": name} for name in fields["tags"]]
        if "authors" in fields:
            post["authors"] = [a for a in (OWNER, DESK) if a["email"] in fields["authors"]] or [OWNER]
        if "slug" in fields:
            taken = {p["slug"] for p in self.posts.values() if p["id"] != post["id"]}
            post["slug"] = next(s for s in (fields["slug"], *(f"{fields['slug']}-{n}" for n in range(2, 9))) if s not in taken)
        self.touch(post)
        post["url"] = f"{self.url}/{post['slug']}/" if post["status"] == "published" else f"{self.url}/p/{post['id']}/"


def _converted(html: str, tables: bool) -> str:
    """Cards stay as they are; elsewhere unknown tags go, and their texts run together.

    Args:
        tables: A table becomes a card.
    """
    kept = r"<!--kg-card-begin: html-->.*?<!--kg-card-end: html-->" + (r"|<table\b.*?</table>" if tables else "")
    parts = re.split(f"(?s)({kept})", html)
    for at in range(0, len(parts), 2):
        bare = re.sub(
            r"(?is)<script\b.*?</script>|</?(aside|details|summary|div|section|span|time|table|thead|tbody|tr|t[dh])\b[^>]*>", "", parts[at]
        )
        parts[at] = re.sub(r"\s(class|id|style|data-[\w-]+|target)=\"[^\"]*\"", "", bare)
    return "".join(f"\n<!--kg-card-begin: html-->\n{p}\n<!--kg-card-end: html-->\n" if p.startswith("<table") else p for p in parts)


def _invalid(fields: dict[str, Any]) -> Answered | None:
    for key, most in _LIMITS.items():
        if len(fields.get(key) or "") > most:
            return _error(
                422, "ValidationError", "Validation error, cannot save post.", context=f"posts.{key} exceeds maximum length of {most}"
            )
    published = fields.get("published_at")
    if published and not re.search(r"(Z|[+-]\d\d:\d\d)$", published):
        return _error(422, "ValidationError", "Validation (FormatOfDateTime) failed for published_at")
    return None


def _seen(post: dict[str, Any], asked: Asked) -> dict[str, Any]:
    seen = deepcopy(post)
    if asked.query.get("formats") != "html":
        del seen["html"]
    return seen


def _decoded(part: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "==")))


def _error(status: int, kind: str, message: str, *, context: str | None = None, code: str | None = None) -> Answered:
    return Answered(status, {"errors": [{"type": kind, "message": message, "context": context, "code": code}]})
