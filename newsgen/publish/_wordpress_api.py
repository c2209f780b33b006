"""WordPress' REST API as one account uses it; in: requests below wp/v2, out: posts, terms and media in a form that we know.

Finds the API from the site's address, signs in with the application password, and says what WordPress' errors mean: their `code` tells more
than the status. Knows nothing of articles.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ValidationError, field_validator

from newsgen.errors import PublishError
from newsgen.publish._answers import read_as
from newsgen.publish._body import visible_text
from newsgen.publish._place import Copy
from newsgen.publish._publisher import Target
from newsgen.publish._wire import UPLOAD_S, Answer, Wire, error_of, judge
from newsgen.secret import Secret
from newsgen.target_settings import WordPressSettings

__all__ = ["Api", "Media", "Post", "Term", "body_of", "opened", "reason_of"]

_API_LINK = re.compile(r"<([^>]+)>;\s*rel=\"https://api\.w\.org/\"")
# Server errors that come again however often the same is sent: a type that is refused, a file that is too large.
_PERMANENT = frozenset({"rest_upload_sideload_error", "rest_upload_unknown_error"})


class _Raw(BaseModel):
    """A text as it is stored; only accounts that may edit the post see it."""

    raw: str


class Post(BaseModel):
    """What of a post is read."""

    id: int
    link: str
    slug: str
    status: str
    title: _Raw
    content: _Raw
    excerpt: _Raw
    author: int
    featured_media: int
    categories: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    meta: Mapping[str, Any] | list[Any] = {}  # an empty list where nothing is registered

    def copy_there(self, canonical_meta: str = "") -> Copy:
        """The post as it is compared.

        Args:
            canonical_meta: The post meta that names the story's original, where there is one.
        """
        body = body_of(self.excerpt.raw, self.content.raw)
        original = str(self.meta.get(canonical_meta, "")) if isinstance(self.meta, Mapping) and canonical_meta else ""
        return Copy(str(self.id), self.link, visible_text(self.title.raw), body, self.status == "publish", original=original)

    def holds(self, key: str, value: object) -> bool:
        """Whether a field is as it was sent: unknown ids and fields are swallowed."""
        there = getattr(self, key)
        if isinstance(value, Mapping):
            return isinstance(there, Mapping) and value.items() <= there.items()
        return set(value) <= set(there) if isinstance(value, list) else bool(value == there)


class Media(BaseModel):
    """A file of the library."""

    id: int
    slug: str


class Term(BaseModel):
    """A category or tag."""

    id: int
    slug: str
    name: str

    @field_validator("name")
    @classmethod
    def _read(cls, name: str) -> str:
        return unescape(name)  # names come back as HTML


class _Status(BaseModel):
    status: int


class _Detail(BaseModel):
    code: str
    data: _Status


class _Details(BaseModel):
    status: _Detail


class _Data(BaseModel):
    details: _Details


class _Refusal(BaseModel):
    """An answer that finds fault with the parameter `status`."""

    data: _Data


@dataclass(frozen=True, slots=True)
class Api:
    """The REST API of a site, as one account uses it.

    Attributes:
        base: Where it begins: https://news.example/wp-json/, or https://news.example/?rest_route=/ without pretty links.
    """

    base: str
    login: str
    wire: Wire

    async def ask(self, method: str, path: str, data: Any = None, **query: str) -> Answer:
        """One request to a path below wp/v2."""
        url = f"{self.base}wp/v2/{path}"
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query, safe=",")
        headers = {"authorization": self.login, "accept": "application/json"}
        return await self.wire.ask(method, url, headers=headers, data=data)

    async def upload(self, path: str, form: tuple[str, bytes]) -> Answer:
        """A file, as multipart/form-data: content type and body."""
        headers = {"authorization": self.login, "accept": "application/json", "content-type": form[0]}
        return await self.wire.ask("POST", f"{self.base}wp/v2/{path}", headers=headers, body=form[1], total_s=UPLOAD_S)

    async def read(self, kind: Any, method: str, path: str, data: Any = None, **query: str) -> Any:
        """What an answer says, in a form that we know."""
        return self.parsed(kind, self.judged(await self.ask(method, path, data, **query)))

    def parsed(self, kind: Any, answer: Answer) -> Any:
        """A good answer, in a form that we know."""
        return read_as(kind, answer, self.wire, "WordPress")

    def term_there(self, answer: Answer) -> int:
        """The id of the term that `term_exists` names."""
        data = answer.told.get("data")
        number = str(data.get("term_id")) if isinstance(data, Mapping) else ""
        if not number.isdecimal():
            raise _meant(answer, self.wire)
        return int(number)

    def judged(self, answer: Answer) -> Answer:
        """The answer if WordPress did it."""
        return judge(answer, self.wire, _meant)


def _meant(answer: Answer, wire: Wire) -> PublishError:
    """What an error of WordPress means: its `code` says more than the status."""
    code, message = reason_of(answer)
    said, status = f"{message} ({code})" if code else "", _who_is_refused(answer) or answer.status
    if status == 401 or (status == 403 and code == "incorrect_password"):
        hint = "user or application password are wrong, or the server keeps the Authorization header from WordPress"
        return wire.refused(f"{answer.asked}: {said or 'not signed in'}: {hint}", status=status)
    if status != answer.status:
        return wire.refused(f"{answer.asked}: the account may not see drafts: give it the role of an author or editor", status=status)
    if code in _PERMANENT:
        return wire.refused(f"{answer.asked}: {said}", status=answer.status)
    return error_of(answer, wire, said)


def _who_is_refused(answer: Answer) -> int:
    """401 or 403 where a list is refused to who asks; WordPress calls the states a wrong parameter then, with 400. 0 where it is not so."""
    try:
        detail = _Refusal.model_validate_json(answer.body).data.details.status
    except ValidationError:
        return 0
    return detail.data.status if detail.code == "rest_forbidden_status" else 0


def reason_of(answer: Answer) -> tuple[str, str]:
    """Code and message of an error; "" where the answer is none of WordPress'."""
    return str(answer.told.get("code", "")), visible_text(str(answer.told.get("message", "")))


def body_of(excerpt: str, content: str) -> str:
    """Excerpt and content as one, since both are compared."""
    return f"<p>{excerpt}</p>\n{content}" if excerpt.strip() else content


# Where the API is


async def opened(target: Target, wire: Wire) -> Api:
    """The API, found; the login is never sent to another host than the one it was entered for."""
    settings = target.of(WordPressSettings)
    password = wire.secret(settings.secret_env)
    pair = f"{settings.user}:{password}"
    bare = Secret(password.replace(" ", ""))
    wire = replace(wire, secrets={**wire.secrets, "login": Secret(pair), "bare": bare})
    login = "Basic " + base64.b64encode(pair.encode()).decode()
    return Api(await _found(settings.url.rstrip("/"), wire), login, wire)


async def _found(site: str, wire: Wire) -> str:
    """Where the REST API begins: as the front page says, or where it usually is.

    Raises:
        PublishRefused: There is none, or the site redirects.
    """
    front = await wire.ask("HEAD", f"{site}/")
    if front.status == 429 or front.status >= 500:
        raise error_of(front, wire)
    link = _API_LINK.search(front.headers.get("link", ""))
    if link:
        own, told = urlsplit(site), urlsplit(link[1])
        return own._replace(path=told.path, query=told.query).geturl()
    for base in (f"{site}/wp-json/", f"{site}/?rest_route=/"):
        if await _is_api(base, wire):
            return base
    raise wire.refused("no REST API of WordPress at this address: is it the site's, and has a plugin switched the API off?")


async def _is_api(base: str, wire: Wire) -> bool:
    answer = await wire.ask("GET", f"{base}{'&' if '?' in base else '?'}_fields=namespaces")
    if answer.status == 429 or answer.status >= 500:
        raise error_of(answer, wire)
    return "wp/v2" in (answer.told.get("namespaces") or ())
