"""Ghost, by its Admin API and the key of a custom integration; in: an article and a site, out: one post, and later versions of it.

The story's id goes along as an internal tag, which survives a changed slug. A post begins as a draft, is read back and compared, then
published; every change names the `updated_at` that was read, and a collision is looked at anew. An excerpt is compared like a first
paragraph. Tags and authors are given once and then left to the people there. Never sends a newsletter: that could not be taken back. Adds
no JSON-LD: Ghost writes an Article of its own, and two would contradict each other after an edit.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError

from newsgen.errors import PublishError
from newsgen.publish._body import ghost_html, words_of
from newsgen.publish._place import Cms, Copy, place
from newsgen.publish._printed import Printed, stamp
from newsgen.publish._publisher import Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import Answer, Wire, error_of, json_of
from newsgen.secret import Secret
from newsgen.story import Receipt
from newsgen.target_settings import GhostSettings

__all__ = ["PUBLISHER", "token"]

_KEY = re.compile(r"([0-9a-f]{24}):([0-9a-f]{64})")
_TOKEN_S = 300  # Ghost counts five minutes from `iat`, whatever `exp` says
_TITLE, _EXCERPT, _TAG = 255, 300, 191  # characters; more is refused


class _Named(BaseModel):
    """A tag, or an author."""

    name: str = ""
    email: str = ""


class _Post(BaseModel):
    """What of a post is read."""

    id: str
    url: str
    title: str
    status: str
    updated_at: str
    html: str | None = None
    custom_excerpt: str | None = None
    tags: tuple[_Named, ...] = ()
    authors: tuple[_Named, ...] = ()

    @property
    def copy_there(self) -> Copy:
        body = _body(self.custom_excerpt or "", self.html or "")
        return Copy(self.id, self.url, self.title, body, self.status == "published", self.updated_at)


class _Posts(BaseModel):
    """An answer with posts."""

    posts: list[_Post]


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
class _Api:
    """The Admin API of a site."""

    base: str
    key: str
    wire: Wire

    async def ask(self, method: str, path: str, data: Any = None, **query: str) -> Answer:
        """One request, under a token of its own; a token that came too late is made once more.

        Raises:
            PublishRefused: The key is none, or one of the clocks is wrong.
        """
        answer = await self._asked(method, path, data, query)
        if _too_old(answer):
            answer = await self._asked(method, path, data, query)
        if _too_old(answer):
            raise self.wire.refused(f"the site calls our tokens too old: {_clocks(answer, self.wire)}", status=answer.status)
        return answer

    async def _asked(self, method: str, path: str, data: Any, query: Mapping[str, str]) -> Answer:
        try:
            made = token(self.key, int(self.wire.clock().timestamp()))
        except ValueError as error:
            raise self.wire.refused(str(error)) from None
        wire = replace(self.wire, secrets={**self.wire.secrets, "token": Secret(made)})
        url = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"authorization": f"Ghost {made}", "accept-version": "v6.0", "accept": "application/json"}
        return await wire.ask(method, url, headers=headers, data=data)

    async def posts(self, method: str, path: str, fields: Mapping[str, Any] | None = None, **query: str) -> list[_Post]:
        """The posts that an answer holds.

        Raises:
            PublishUnavailable: It holds none in Ghost's form; a write may have been done all the same.
        """
        data = None if fields is None else {"posts": [fields]}
        return self.parsed(self.judged(await self.ask(method, path, data, **query)))

    def parsed(self, answer: Answer) -> list[_Post]:
        try:
            return _Posts.model_validate(json_of(answer, self.wire)).posts
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            problem = f"{answer.asked}: answered {answer.status} in a form that is not Ghost's own ({where})"
            raise self.wire.unavailable(problem, status=answer.status, may_be_stored=answer.writes) from None

    def judged(self, answer: Answer) -> Answer:
        """The answer if Ghost did it."""
        if 200 <= answer.status < 300:
            return answer
        raise _meant(answer, self.wire)


def _meant(answer: Answer, wire: Wire) -> PublishError:
    """What an error of Ghost means."""
    error = _said(answer)
    said = ": ".join(str(error[key]) for key in ("message", "context") if error.get(key))
    if answer.status == 409:
        return wire.unavailable(f"{answer.asked}: somebody saved it meanwhile: it is read and compared again", status=409, retry_after_s=2)
    if answer.status in (401, 403) and error:
        hint = "is the Admin API key the one of a custom integration, and does the server pass the Authorization header on?"
        return wire.refused(f"{answer.asked}: {said} ({error.get('code') or error.get('type')}): {hint}", status=answer.status)
    return error_of(answer, wire, said)


def _said(answer: Answer) -> Mapping[str, Any]:
    """The first error of an answer; empty where it is none of Ghost's."""
    try:
        found: Mapping[str, Any] = answer.json()["errors"][0]
    except (ValueError, LookupError, TypeError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _too_old(answer: Answer) -> bool:
    told = f"{_said(answer).get('message')} {_said(answer).get('context')}"
    return answer.status == 401 and ("jwt expired" in told or "maxAge" in told)


def _clocks(answer: Answer, wire: Wire) -> str:
    """How far the site's clock is from ours."""
    behind = _ahead_s(answer, wire)
    if behind is None:
        return "is our clock right?"
    return f"our clock is {abs(behind):.0f} seconds {'behind' if behind > 0 else 'ahead of'} the site's: set it right"


def _ahead_s(answer: Answer, wire: Wire) -> float | None:
    """By how many seconds the site's clock is ahead of ours; None where it does not tell."""
    try:
        at = parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return (at.replace(tzinfo=at.tzinfo or UTC) - wire.clock()).total_seconds()


# A story there


def _body(excerpt: str, html: str) -> str:
    """Excerpt and body as one, since both are compared."""
    return f"<p>{escape(excerpt)}</p>\n{html}" if excerpt.strip() else html


def _cut(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else text[: at_most - 1].rstrip() + "…"


def _title(article: Printed) -> str:
    return _cut(article.headline.text, _TITLE)


def _excerpt(article: Printed) -> str:
    return _cut(article.dek.text, _EXCERPT)


def _texts(article: Printed) -> dict[str, Any]:
    """What every version sets anew; title and excerpt are plain text."""
    return {"title": _title(article), "html": ghost_html(article), "custom_excerpt": _excerpt(article) or None}


@dataclass(frozen=True, slots=True)
class _Story:
    """One story at one site: the functions of its Cms."""

    api: _Api
    parcel: Parcel
    settings: GhostSettings

    @property
    def cms(self) -> Cms:
        article = self.parcel.article
        return Cms(
            title=_title(article), body=_body(_excerpt(article), ghost_html(article)), live=self.settings.status == "published",
            find=self.find, read=self.read, create=self.create, update=self.update, release=self.release, remove=self.remove,
        )  # fmt: skip

    @property
    def mark(self) -> str:
        """The internal tag, which readers do not see."""
        return f"#newsgen-{self.parcel.article.story_id}"

    async def find(self) -> list[Copy]:
        told = f"tag:hash-{self.mark[1:]},slug:'{self.parcel.article.slug}'"
        found = await self.api.posts("GET", "posts/", filter=told, order="created_at asc", formats="html", limit="100", status="all")
        return [post.copy_there for post in found]

    async def read(self, remote_id: str) -> Copy | None:
        answer = await self.api.ask("GET", f"posts/{remote_id}/", formats="html")
        if answer.status == 404 and _said(answer):
            return None
        return self._one(self.api.parsed(self.api.judged(answer))).copy_there

    async def create(self) -> Copy:
        article, settings = self.parcel.article, self.settings
        tags = [_cut(name, _TAG) for name in dict.fromkeys((*settings.tags, *article.tags))]
        fields = _texts(article) | {
            "slug": article.slug, "status": "draft", "published_at": stamp(article.first_at), "tags": [*tags, self.mark],
        }  # fmt: skip
        if settings.authors:
            fields["authors"] = list(settings.authors)
        post = self._one(await self.api.posts("POST", "posts/", fields, source="html", formats="html"))
        self._refuse_lost(post)
        return post.copy_there

    def _refuse_lost(self, post: _Post) -> None:
        """An unknown author becomes the owner without a word, and a site may refuse tags."""
        if self.mark not in {tag.name for tag in post.tags}:
            raise self.api.wire.refused(f"the site did not keep the tag {self.mark} (it is there as a draft)")
        there = {author.email.lower() for author in post.authors}
        missing = [a for a in self.settings.authors if a.lower() not in there]
        if missing:
            raise self.api.wire.refused(f"the site has no author {missing[0]} (it is there as a draft, by somebody else)")

    async def update(self, copy: Copy) -> Copy:
        return await self._changed(copy, _texts(self.parcel.article))

    async def release(self, copy: Copy) -> Copy:
        """Publish it; a withdrawn story stays where it was, as a notice."""
        return await self._changed(copy, {"status": "published"}) if self.settings.status == "published" else copy

    async def _changed(self, copy: Copy, fields: Mapping[str, Any]) -> Copy:
        sent = {**fields, "updated_at": copy.mark}
        return self._one(await self.api.posts("PUT", f"posts/{copy.remote_id}/", sent, source="html", formats="html")).copy_there

    def _one(self, posts: list[_Post]) -> _Post:
        if len(posts) != 1:
            raise self.api.wire.unavailable(f"answered with {len(posts)} posts where one was asked for", may_be_stored=True)
        return posts[0]

    async def remove(self, copy: Copy) -> None:
        answer = await self.api.ask("DELETE", f"posts/{copy.remote_id}/")
        if answer.status != 404:
            self.api.judged(answer)


def _opened(target: Target, wire: Wire) -> _Api:
    settings = target.of(GhostSettings)
    return _Api(f"{settings.url.rstrip('/')}/ghost/api/admin/", wire.secret(settings.secret_env), wire)


def _format(parcel: Parcel, target: Target) -> Outgoing:
    article = parcel.article
    return Outgoing(words_of(_title(article), _body(_excerpt(article), ghost_html(article))), "text/plain")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    story = _Story(_opened(target, wire), parcel, target.of(GhostSettings))
    return await place(story.cms, parcel, wire)


PUBLISHER = Publisher("ghost", GhostSettings, _format, _send)
