"""WordPress, by its REST API and an application password; in: an article and a site, out: one post, and later versions of it.

Look-up by slug over all states and the bin, and by a post meta that holds the story's id where the companion plugin is there. A post begins
as a draft, is read back raw and compared, then shown. An excerpt is compared like a first paragraph: what a person writes there is kept as
well. Categories, tags and picture are given once and then left to the people there. No JSON-LD and no comment goes into a body: for authors
the one becomes text, and firewalls stop the other.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, TypeAdapter, ValidationError

from newsgen.errors import PublishError
from newsgen.publish._body import visible_text, wordpress_html, words_of
from newsgen.publish._place import Cms, Copy, place
from newsgen.publish._printed import Printed, stamp
from newsgen.publish._publisher import Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import Answer, Wire, error_of, json_of
from newsgen.secret import Secret
from newsgen.story import Receipt
from newsgen.target_settings import WordPressSettings

__all__ = ["PUBLISHER"]

T = TypeVar("T")
_STATES = "publish,future,draft,pending,private"
_API_LINK = re.compile(r"<([^>]+)>;\s*rel=\"https://api\.w\.org/\"")
# Server errors that come again however often the same is sent.
_PERMANENT = frozenset({"rest_upload_sideload_error", "rest_upload_unknown_error"})
_LARGE_BYTES = 1_000_000  # a body beyond it that the database refuses is too large for one packet
_NOT_SIGNED_IN = frozenset({"rest_not_logged_in", "rest_cannot_create", "rest_cannot_edit", "rest_forbidden_context", "rest_cannot_delete"})


class _Raw(BaseModel):
    """A text as it is stored; only accounts that may edit the post see it."""

    raw: str


class _Post(BaseModel):
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

    @property
    def copy_there(self) -> Copy:
        body = _body(self.excerpt.raw, self.content.raw)
        return Copy(str(self.id), self.link, visible_text(self.title.raw), body, self.status == "publish")

    def holds(self, key: str, value: object) -> bool:
        """Whether a field is as it was sent: unknown ids and fields are swallowed."""
        there = getattr(self, key)
        if isinstance(value, Mapping):
            return isinstance(there, Mapping) and value.items() <= there.items()
        return set(value) <= set(there) if isinstance(value, list) else bool(value == there)


class _Term(BaseModel):
    """A category or tag."""

    id: int
    slug: str


@dataclass(frozen=True, slots=True)
class _Api:
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

    async def read(self, kind: type[T] | Any, method: str, path: str, data: Any = None, **query: str) -> Any:
        """What an answer says, in a form that we know."""
        return self.parsed(kind, self.judged(await self.ask(method, path, data, **query)))

    def parsed(self, kind: type[T] | Any, answer: Answer) -> Any:
        """The answer's JSON.

        Raises:
            PublishUnavailable: It is no JSON, or not what was asked for; a write may have been done all the same.
        """
        try:
            return TypeAdapter(kind).validate_python(json_of(answer, self.wire))
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            problem = f"{answer.asked}: answered {answer.status} in a form that is not WordPress' own ({where})"
            raise self.wire.unavailable(problem, status=answer.status, may_be_stored=answer.writes) from None

    def judged(self, answer: Answer) -> Answer:
        """The answer if WordPress did it."""
        if 200 <= answer.status < 300:
            return answer
        raise _meant(answer, self.wire)


def _meant(answer: Answer, wire: Wire) -> PublishError:
    """What an error of WordPress means: its `code` says more than the status."""
    code, message = _said(answer)
    said = f"{message} ({code})" if code else ""
    if answer.status == 401 or (answer.status == 403 and code == "incorrect_password"):
        hint = "user or application password are wrong, or the server keeps the Authorization header from WordPress"
        return wire.refused(f"{answer.asked}: {said or 'not signed in'}: {hint}", status=answer.status)
    if code in _PERMANENT:
        return wire.refused(f"{answer.asked}: {said}", status=answer.status)
    return error_of(answer, wire, said)


def _said(answer: Answer) -> tuple[str, str]:
    """Code and message of an error; "" where the answer is none of WordPress'."""
    try:
        found = answer.json()
    except ValueError:
        return "", ""
    if not isinstance(found, Mapping):
        return "", ""
    return str(found.get("code", "")), " ".join(visible_text(str(found.get("message", ""))).split())


# Where the API is


async def _opened(target: Target, wire: Wire) -> _Api:
    """The API, found; the login is never sent to another host than the one it was entered for."""
    settings = target.of(WordPressSettings)
    password = wire.secret(settings.secret_env)
    pair = f"{settings.user}:{password}"
    bare = Secret(password.replace(" ", ""))
    wire = replace(wire, secrets={**wire.secrets, "login": Secret(pair), "bare": bare})
    login = "Basic " + base64.b64encode(pair.encode()).decode()
    return _Api(await _found(settings.url.rstrip("/"), wire), login, wire)


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
    try:
        found = answer.json()
    except ValueError:
        return False
    return isinstance(found, Mapping) and "wp/v2" in (found.get("namespaces") or ())


# A story there


def _body(excerpt: str, content: str) -> str:
    """Excerpt and body as one, since both are compared."""
    return f"<p>{excerpt}</p>\n{content}" if excerpt.strip() else content


def _excerpt(article: Printed) -> str:
    return escape(article.dek.text, quote=False)


def _texts(article: Printed) -> dict[str, Any]:
    """What every version sets anew; titles are HTML too."""
    return {"title": escape(article.headline.text, quote=False), "content": wordpress_html(article), "excerpt": _excerpt(article)}


@dataclass(frozen=True, slots=True)
class _Story:
    """One story at one site: the functions of its Cms."""

    api: _Api
    parcel: Parcel
    settings: WordPressSettings

    @property
    def cms(self) -> Cms:
        article = self.parcel.article
        return Cms(
            title=article.headline.text, body=_body(_excerpt(article), wordpress_html(article)), live=self.settings.status == "publish",
            find=self.find, read=self.read, create=self.create, update=self.update, release=self.release, remove=self.remove,
        )  # fmt: skip

    async def find(self) -> list[Copy]:
        """Every post of the story, oldest first.

        Raises:
            PublishRefused: It is in the bin: somebody put it there.
        """
        slug = self.parcel.article.slug
        posts = await self._listed(f"{slug},{slug}-2,{slug}-3", _STATES)
        if not posts and not self.parcel.overwrite and await self._listed(f"{slug}__trashed", "trash"):
            raise self.api.wire.refused("it lies in the bin there: it is not published afresh (restore it, or resend --overwrite)")
        return [post.copy_there for post in posts]

    async def _listed(self, slugs: str, states: str) -> list[_Post]:
        found = await self._asked(states, slug=slugs)
        meta, story_id = self.settings.id_meta, self.parcel.article.story_id
        if meta:
            told = await self._asked(states, **{meta: story_id})
            found |= {i: post for i, post in told.items() if post.holds("meta", {meta: story_id})}  # without the plugin: all posts
        return [found[i] for i in sorted(found)]

    async def _asked(self, states: str, **query: str) -> dict[int, _Post]:
        posts = await self.api.read(list[_Post], "GET", "posts", context="edit", per_page="10", status=states, **query)
        return {post.id: post for post in posts}

    async def read(self, remote_id: str) -> Copy | None:
        answer = await self.api.ask("GET", f"posts/{remote_id}", context="edit")
        if answer.status == 404 and _said(answer)[0] == "rest_post_invalid_id":
            return None
        post: _Post = self.api.parsed(_Post, self.api.judged(answer))
        return None if post.status == "trash" else post.copy_there

    async def create(self) -> Copy:
        given = await self._filed()
        data = _texts(self.parcel.article) | given | {
            "slug": self.parcel.article.slug, "date_gmt": stamp(self.parcel.article.first_at),
            "status": "draft" if self.settings.status == "publish" else self.settings.status,
        }  # fmt: skip
        post: _Post = await self.api.read(_Post, "POST", "posts", data, context="edit")
        for key, value in given.items():
            if not post.holds(key, value):
                raise self.api.wire.refused(f"the site did not keep what it was sent: {key} {value} (it is there as a draft)")
        return post.copy_there

    async def _filed(self) -> dict[str, Any]:
        """Under what the post is filed; given once."""
        article, settings = self.parcel.article, self.settings
        found: dict[str, Any] = {
            "categories": await self._terms("categories", settings.categories), "tags": await self._terms("tags", article.tags),
            "author": settings.author, "meta": {settings.id_meta: article.story_id} if settings.id_meta else None,
        }  # fmt: skip
        return {key: value for key, value in found.items() if value}

    async def _terms(self, kind: str, names: Sequence[str]) -> list[int]:
        """The ids of categories or tags; made where they are not there."""
        if not names:
            return []
        slugs = {name: _slug(name) for name in names}
        terms: list[_Term] = await self.api.read(list[_Term], "GET", kind, slug=",".join(slugs.values()), per_page="100")
        known = {term.slug: term.id for term in terms}
        return [known[slugs[name]] if slugs[name] in known else await self._made(kind, name) for name in names]

    async def _made(self, kind: str, name: str) -> int:
        answer = await self.api.ask("POST", kind, {"name": escape(name, quote=False)})
        if answer.status == 400 and _said(answer)[0] == "term_exists":
            return int(answer.json()["data"]["term_id"])
        if answer.status == 403:
            raise self.api.wire.refused(
                f"there is no {name!r} among its {kind}, and the account may not make one: make it there", status=403
            )
        term: _Term = self.api.parsed(_Term, self.api.judged(answer))
        return term.id

    async def update(self, copy: Copy) -> Copy:
        return await self._changed(copy, _texts(self.parcel.article))

    async def release(self, copy: Copy) -> Copy:
        """Show it; a withdrawn story stays where it was, as a notice.

        Raises:
            PublishUnavailable: The site has scheduled it.
        """
        if self.settings.status != "publish":
            return copy
        shown = await self._changed(copy, {"status": "publish"})
        if not shown.is_live:
            raise self.api.wire.unavailable("the site has scheduled it for later: its clock is behind ours", retry_after_s=60)
        return shown

    async def _changed(self, copy: Copy, data: Mapping[str, Any]) -> Copy:
        post: _Post = await self.api.read(_Post, "POST", f"posts/{copy.remote_id}", data, context="edit")
        return post.copy_there

    async def remove(self, copy: Copy) -> None:
        """Into the bin, where a person still finds it."""
        answer = await self.api.ask("DELETE", f"posts/{copy.remote_id}")
        if answer.status not in (404, 410):
            self.api.judged(answer)


def _slug(name: str) -> str:
    """How WordPress spells a plain name in addresses; of others it tells by `term_exists` that they are there."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _format(parcel: Parcel, target: Target) -> Outgoing:
    article = parcel.article
    return Outgoing(words_of(article.headline.text, _body(_excerpt(article), wordpress_html(article))), "text/plain")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    api = await _opened(target, wire)
    return await place(_Story(api, parcel, target.of(WordPressSettings)).cms, parcel, api.wire)


PUBLISHER = Publisher("wordpress", WordPressSettings, _format, _send)
