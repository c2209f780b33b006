"""Ghost, by its Admin API and the key of a custom integration; in: an article and a site, out: one post, and later versions of it.

The story's id goes along as an internal tag, which survives a changed slug. A post begins as a draft, is read back and compared, then
published; every change names the `updated_at` that was read, and a collision is looked at anew. An excerpt is compared like a first
paragraph. Tags and authors are given once and then left to the people there; the picture is renewed as long as it is ours. Never sends a
newsletter: that could not be taken back. Adds no JSON-LD: Ghost writes an Article of its own, and two would contradict each other after an
edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from newsgen.errors import PublishRefused
from newsgen.publish._body import ghost_html, words_of
from newsgen.publish._cut import cut
from newsgen.publish._findings import https_finding, tried
from newsgen.publish._ghost_api import Api, Post, body_of, opened, reason_of
from newsgen.publish._place import Cms, Copy, place
from newsgen.publish._printed import Printed, stamp
from newsgen.publish._publisher import Finding, Outgoing, Parcel, Publisher, Target
from newsgen.publish._upload import form_of, is_ours, picture_of
from newsgen.publish._wire import Wire, json_of
from newsgen.story import Receipt
from newsgen.target_settings import GhostSettings

__all__ = ["PUBLISHER"]

_TITLE, _EXCERPT, _TAG, _ALT = 255, 300, 191, 191  # characters; more is refused


def _title(article: Printed) -> str:
    return cut(article.headline.text, _TITLE)


def _excerpt(article: Printed) -> str:
    return cut(article.dek.text, _EXCERPT)


def _whole(article: Printed) -> str:
    return body_of(_excerpt(article), ghost_html(article))


def _texts(article: Printed) -> dict[str, Any]:
    """What every version sets anew; title and excerpt are plain text."""
    return {"title": _title(article), "html": ghost_html(article), "custom_excerpt": _excerpt(article) or None}


@dataclass(frozen=True, slots=True)
class _Story:
    """One story at one site: the functions of its Cms.

    Attributes:
        notes: What an editor should know although the story is there.
        seen: Posts by their ids, as they were when they were last looked at.
    """

    api: Api
    parcel: Parcel
    target: Target
    notes: list[str] = field(default_factory=list)
    seen: dict[str, Post] = field(default_factory=dict)

    @property
    def settings(self) -> GhostSettings:
        return self.target.of(GhostSettings)

    @property
    def cms(self) -> Cms:
        article = self.parcel.article
        return Cms(_title(article), _whole(article), self.settings.status == "published", find=self.find, read=self.read,
                   create=self.create, update=self.update, release=self.release, remove=self.remove, link=self.link,
                   original=self.parcel.original or "")  # fmt: skip

    @property
    def mark(self) -> str:
        """The internal tag, which readers do not see."""
        return f"#newsgen-{self.parcel.article.story_id}"

    async def find(self) -> list[Copy]:
        told = f"tag:hash-{self.mark[1:]},slug:'{self.parcel.article.slug}'"
        found = await self.api.posts("GET", "posts/", filter=told, order="created_at asc", formats="html", limit="100", status="all")
        self.seen.update({post.id: post for post in found})
        return [post.copy_there for post in found]

    async def read(self, remote_id: str) -> Copy | None:
        post = await self._post(remote_id)
        return None if post is None else post.copy_there

    async def _post(self, remote_id: str) -> Post | None:
        answer = await self.api.ask("GET", f"posts/{remote_id}/", formats="html")
        if answer.status == 404 and reason_of(answer):
            return None
        return self._looked_at(self.api.parsed(self.api.judged(answer)))

    async def create(self) -> Copy:
        article, settings = self.parcel.article, self.settings
        tags = [cut(name, _TAG) for name in dict.fromkeys((*settings.tags, *article.tags))]
        fields = _texts(article) | await self._picture() | {
            "slug": article.slug, "status": "draft", "published_at": stamp(article.first_at), "tags": [*tags, self.mark],
        }  # fmt: skip
        if settings.authors:
            fields["authors"] = list(settings.authors)
        post = self._one(await self.api.posts("POST", "posts/", fields, source="html", formats="html"))
        self._refuse_lost(post)
        return post.copy_there

    def _refuse_lost(self, post: Post) -> None:
        """An unknown author becomes the owner without a word, and a site may refuse tags."""
        if self.mark not in {tag.name for tag in post.tags}:
            raise self.api.wire.refused(f"the site did not keep the tag {self.mark} (it is there as a draft)")
        there = {author.email.lower() for author in post.authors}
        missing = [a for a in self.settings.authors if a.lower() not in there]
        if missing:
            raise self.api.wire.refused(f"the site has no author {missing[0]} (it is there as a draft, by somebody else)")

    async def update(self, copy: Copy) -> Copy:
        post = await self._post(copy.remote_id) if self.settings.picture else None
        renewed = await self._picture(post.feature_image) if post is not None and is_ours(_file(post.feature_image)) else {}
        return await self._changed(copy, _texts(self.parcel.article) | renewed)

    async def release(self, copy: Copy) -> Copy:
        """Publish it; a withdrawn story stays where it was, as a notice.

        Raises:
            PublishRefused: It was made by an attempt whose answer we did not get, or did not like, and lacks its author or tag.
        """
        if self.settings.status != "published":
            return copy
        if self.parcel.placed is None and not self.parcel.overwrite:
            self._refuse_lost(self.seen[copy.remote_id])
        return await self._changed(copy, {"status": "published"})

    async def link(self, copy: Copy) -> Copy:
        return await self._changed(copy, {"canonical_url": self.parcel.original})

    async def _changed(self, copy: Copy, fields: Mapping[str, Any]) -> Copy:
        sent = {**fields, "updated_at": copy.mark}
        return self._looked_at(await self.api.posts("PUT", f"posts/{copy.remote_id}/", sent, source="html", formats="html")).copy_there

    def _looked_at(self, posts: list[Post]) -> Post:
        post = self._one(posts)
        self.seen[post.id] = post
        return post

    def _one(self, posts: list[Post]) -> Post:
        if len(posts) != 1:
            raise self.api.wire.unavailable(f"answered with {len(posts)} posts where one was asked for", may_be_stored=True)
        return posts[0]

    async def remove(self, copy: Copy) -> None:
        answer = await self.api.ask("DELETE", f"posts/{copy.remote_id}/")
        if answer.status != 404:
            self.api.judged(answer)

    async def _picture(self, there: str | None = None) -> dict[str, Any]:
        """The fields of the article's card, uploaded if it is not the one that is there; none of a notice.

        Ghost cannot be asked for a file: after a death between upload and post the picture lies there once more, unused.
        """
        if not self.settings.picture or self.parcel.article.withdrawn:
            return {"feature_image": None} if there else {}
        picture = await picture_of(self.parcel.article, self.target.site)
        if _file(there).startswith(picture.stem):
            return {}
        try:
            answer = await self.api.upload("images/upload/", form_of(picture, {"purpose": "image", "ref": picture.name}))
        except PublishRefused as error:
            return self._without(error.problem)
        if answer.status in (400, 403, 413, 415, 422) and reason_of(answer):
            return self._without(str(reason_of(answer).get("message")))
        return {"feature_image": self.api.uploaded(self.api.judged(answer)), "feature_image_alt": cut(picture.alt, _ALT)}

    def _without(self, problem: str) -> dict[str, Any]:
        self.notes.append(f"without its picture: {problem}")
        return {"feature_image": None}


def _file(address: str | None) -> str:
    """The file that an address names."""
    return urlsplit(address or "").path.rsplit("/", 1)[-1]


def _format(parcel: Parcel, target: Target) -> Outgoing:
    return Outgoing(words_of(_title(parcel.article), _whole(parcel.article)), "text/plain")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    story = _Story(opened(target, wire), parcel, target)
    receipt = await place(story.cms, parcel, wire)
    return replace(receipt, message="; ".join([receipt.message, *story.notes]).strip("; "))


# Is everything there


async def _check(target: Target, wire: Wire) -> list[Finding]:
    """Address, key, clock and authors of a site; what an integration may do, Ghost fixes."""
    api, settings = opened(target, wire), target.of(GhostSettings)

    async def address() -> list[Finding]:
        answer = await wire.ask("GET", f"{api.base}site/", headers={"accept": "application/json"})
        site = {} if answer.status == 404 else json_of(answer, wire).get("site", {})
        if "version" not in site:
            return [Finding("address", False, "no Admin API of Ghost there: configure the site's address, or the one of its admin")]
        return [Finding("address", True, f"{site.get('title', '')!r}, Ghost {site['version']}")]

    async def key() -> list[Finding]:
        await api.posts("GET", "posts/", limit="1", formats="html")
        return [Finding("key", True, "an integration's, which may write, publish and upload")]

    findings = [await https_finding(settings.url, wire), *await tried("address", address)]
    if all(finding.fine for finding in findings if finding.what == "address"):
        findings += await tried("key", key)
        findings += await tried("authors", lambda: _authors(api, settings))
    return findings


async def _authors(api: Api, settings: GhostSettings) -> list[Finding]:
    """An author that the site does not know becomes the owner, without a word."""
    known = {a.lower() for a in await api.people()} if settings.authors else set()
    missing = [a for a in settings.authors if a.lower() not in known]
    if missing:
        return [Finding("authors", False, f"not on the site's staff: {', '.join(missing)}")]
    return [Finding("authors", True, "all are there")] if settings.authors else []


PUBLISHER = Publisher("ghost", GhostSettings, _format, _send, _check)
