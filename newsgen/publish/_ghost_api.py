"""Ghost's Admin API under the key of an integration; in: requests below ghost/api/admin/, out: posts in a form that we know.

A token is made for each request, since Ghost takes one for five minutes only; one too late is made once more, then the clocks are
named. Knows nothing of articles.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from newsgen.errors import PublishError
from newsgen.publish._answers import read_as
from newsgen.publish._findings import ahead_s, apart
from newsgen.publish._place import Copy
from newsgen.publish._publisher import Target
from newsgen.publish._wire import UPLOAD_S, Answer, Wire, error_of, judge
from newsgen.secret import Secret
from newsgen.target_settings import GhostSettings

__all__ = ["Api", "Post", "body_of", "opened", "reason_of", "token"]

_KEY = re.compile(r"([0-9a-f]{24}):([0-9a-f]{64})")
_TOKEN_S = 300  # Ghost counts five minutes from `iat`, whatever `exp` says


class _Named(BaseModel):
    """A tag, or an author."""

    name: str = ""
    email: str = ""


class Post(BaseModel):
    """What of a post is read."""

    id: str
    url: str
    title: str
    status: str
    updated_at: str
    html: str | None = None
    custom_excerpt: str | None = None
    feature_image: str | None = None
    canonical_url: str | None = None
    tags: tuple[_Named, ...] = ()
    authors: tuple[_Named, ...] = ()

    @property
    def copy_there(self) -> Copy:
        body = body_of(self.custom_excerpt or "", self.html or "")
        return Copy(self.id, self.url, self.title, body, self.status == "published", self.updated_at, self.canonical_url or "")


class _Posts(BaseModel):
    """An answer with posts."""

    posts: list[Post]


class _Staff(BaseModel):
    """An answer with people."""

    users: list[_Named]


class _File(BaseModel):
    """Something that was uploaded."""

    url: str


class _Files(BaseModel):
    """An answer to an upload."""

    images: Annotated[list[_File], Field(min_length=1)]


def token(key: str, at_s: int) -> str:
    """A JWT for one request.

    Args:
        key: Of the integration, id:secret; the secret is hex of the bytes that sign.
        at_s: Now, in epoch seconds.

    Raises:
        ValueError: It is no such key.
    """
    found = _KEY.fullmatch(key.strip())
    if found is None:
        raise ValueError("an Admin API key of Ghost is id:secret, 24 and 64 hex digits (a Content API key has no colon)")
    head = {"alg": "HS256", "typ": "JWT", "kid": found[1]}
    claims = {"iat": at_s, "exp": at_s + _TOKEN_S, "aud": "/admin/"}
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
    return f"{signed}.{_encoded(hmac.new(bytes.fromhex(found[2]), signed.encode(), hashlib.sha256).digest())}"


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Api:
    """The Admin API of a site."""

    base: str
    key: str
    wire: Wire

    async def ask(self, method: str, path: str, data: Any = None, **query: str) -> Answer:
        """One request, under a token of its own; a token that came too late is made once more.

        Raises:
            PublishRefused: The key is none, or one of the clocks is wrong.
        """
        url = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        return await self._fresh(method, url, {"data": data})

    async def upload(self, path: str, form: tuple[str, bytes]) -> Answer:
        """A file, as multipart/form-data: content type and body."""
        sent = {"body": form[1], "headers": {"content-type": form[0]}, "total_s": UPLOAD_S}
        return await self._fresh("POST", f"{self.base}{path}", sent)

    async def _fresh(self, method: str, url: str, sent: Mapping[str, Any]) -> Answer:
        answer = await self._asked(method, url, **sent)
        if _too_old(answer):
            answer = await self._asked(method, url, **sent)
        if _too_old(answer):
            raise self.wire.refused(f"the site calls our tokens too old: {apart(ahead_s(answer, self.wire))}", status=answer.status)
        return answer

    async def _asked(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **sent: Any) -> Answer:
        try:
            made = token(self.key, int(self.wire.clock().timestamp()))
        except ValueError as error:
            raise self.wire.refused(str(error)) from None
        wire = replace(self.wire, secrets={**self.wire.secrets, "token": Secret(made)})
        own = {"authorization": f"Ghost {made}", "accept-version": "v6.0", "accept": "application/json", **(headers or {})}
        return await wire.ask(method, url, headers=own, **sent)

    async def posts(self, method: str, path: str, fields: Mapping[str, Any] | None = None, **query: str) -> list[Post]:
        """The posts that an answer holds.

        Raises:
            PublishUnavailable: It holds none in Ghost's form; a write may have been done all the same.
        """
        data = None if fields is None else {"posts": [fields]}
        return self.parsed(self.judged(await self.ask(method, path, data, **query)))

    def parsed(self, answer: Answer) -> list[Post]:
        """The posts of an answer that is good."""
        found: _Posts = read_as(_Posts, answer, self.wire, "Ghost")
        return found.posts

    def uploaded(self, answer: Answer) -> str:
        """Where the file is now."""
        found: _Files = read_as(_Files, answer, self.wire, "Ghost")
        return found.images[0].url

    async def people(self) -> list[str]:
        """The mail addresses of the staff."""
        answer = self.judged(await self.ask("GET", "users/", limit="100"))
        staff: _Staff = read_as(_Staff, answer, self.wire, "Ghost")
        return [one.email for one in staff.users]

    def judged(self, answer: Answer) -> Answer:
        """The answer if Ghost did it."""
        return judge(answer, self.wire, _meant)


def _meant(answer: Answer, wire: Wire) -> PublishError:
    """What an error of Ghost means."""
    error = reason_of(answer)
    said = ": ".join(str(error[key]) for key in ("message", "context") if error.get(key))
    if answer.status == 409:
        return wire.unavailable(f"{answer.asked}: somebody saved it meanwhile: it is read and compared again", status=409, retry_after_s=2)
    if answer.status in (401, 403) and error:
        hint = "is the Admin API key the one of a custom integration, and does the server pass the Authorization header on?"
        return wire.refused(f"{answer.asked}: {said} ({error.get('code') or error.get('type')}): {hint}", status=answer.status)
    return error_of(answer, wire, said)


def reason_of(answer: Answer) -> Mapping[str, Any]:
    """The first error of an answer; empty where it is none of Ghost's."""
    errors = answer.told.get("errors")
    return errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], Mapping) else {}


def _too_old(answer: Answer) -> bool:
    told = f"{reason_of(answer).get('message')} {reason_of(answer).get('context')}"
    return answer.status == 401 and ("jwt expired" in told or "maxAge" in told)


def body_of(excerpt: str, html: str) -> str:
    """Excerpt and body as one, since both are compared."""
    return f"<p>{escape(excerpt)}</p>\n{html}" if excerpt.strip() else html


def opened(target: Target, wire: Wire) -> Api:
    """The API of a target."""
    settings = target.of(GhostSettings)
    return Api(f"{settings.url.rstrip('/')}/ghost/api/admin/", wire.secret(settings.secret_env), wire)
