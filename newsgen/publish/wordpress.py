"""WordPress, by its REST API and an application password; in: an article and a site, out: one post, and later versions of it.

Look-up by slug over all states and the bin, and by a post meta that holds the story's id where the companion plugin is there. A post begins
as a draft, is read back raw and compared, then shown. An excerpt is compared like a first paragraph: what a person writes there is kept as
well. Categories and tags are given once and then left to the people there; the picture is renewed as long as it is ours. No JSON-LD and no
comment goes into a body: for authors the one becomes text, and firewalls stop the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from newsgen.errors import PublishRefused
from newsgen.publish._body import wordpress_html, wordpress_text, words_of
from newsgen.publish._place import Cms, Copy, place
from newsgen.publish._printed import Printed, stamp
from newsgen.publish._publisher import Outgoing, Parcel, Publisher, Target
from newsgen.publish._upload import Picture, form_of, is_ours, picture_of
from newsgen.publish._wire import Wire
from newsgen.publish._wordpress_api import Api, Media, Post, Term, body_of, opened, reason_of
from newsgen.publish._wordpress_check import check
from newsgen.story import Receipt
from newsgen.target_settings import WordPressSettings

__all__ = ["PUBLISHER"]

_STATES = "publish,future,draft,pending,private"


def _excerpt(article: Printed) -> str:
    return wordpress_text(article.dek.text, quote=False)  # some themes run shortcodes in excerpts


def _texts(article: Printed) -> dict[str, Any]:
    """What every version sets anew; titles are HTML too."""
    return {"title": escape(article.headline.text, quote=False), "content": wordpress_html(article), "excerpt": _excerpt(article)}


def _whole(article: Printed) -> str:
    return body_of(_excerpt(article), wordpress_html(article))


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
    def settings(self) -> WordPressSettings:
        return self.target.of(WordPressSettings)

    @property
    def cms(self) -> Cms:
        article = self.parcel.article
        return Cms(article.headline.text, _whole(article), self.settings.status == "publish", find=self.find, read=self.read,
                   create=self.create, update=self.update, release=self.release, remove=self.remove, original=self.parcel.original or "",
                   link=self.link if self.settings.canonical_meta else None)  # fmt: skip

    def _copy(self, post: Post) -> Copy:
        return post.copy_there(self.settings.canonical_meta)

    # Looking

    async def find(self) -> list[Copy]:
        """Every post of the story, oldest first.

        Raises:
            PublishRefused: It is in the bin, where somebody put it; a withdrawal has nothing left to do then.
        """
        slug, wanted = self.parcel.article.slug, not (self.parcel.overwrite or self.parcel.article.withdrawn)
        posts = await self._listed(f"{slug},{slug}-2,{slug}-3", _STATES)
        if not posts and wanted and await self._listed(f"{slug}__trashed", "trash"):
            raise self.api.wire.refused("it lies in the bin there: it is not published afresh (restore it, or resend --overwrite)")
        return [self._copy(post) for post in posts]

    async def _listed(self, slugs: str, states: str) -> list[Post]:
        found = await self._asked(states, slug=slugs)
        meta, story_id = self.settings.id_meta, self.parcel.article.story_id
        if meta:
            told = await self._asked(states, **{meta: story_id})
            found |= {i: post for i, post in told.items() if post.holds("meta", {meta: story_id})}  # without the plugin: any posts
        return [found[i] for i in sorted(found)]

    async def _asked(self, states: str, **query: str) -> dict[int, Post]:
        posts: list[Post] = await self.api.read(list[Post], "GET", "posts", context="edit", per_page="10", status=states, **query)
        self.seen.update({str(post.id): post for post in posts})
        return {post.id: post for post in posts}

    async def read(self, remote_id: str) -> Copy | None:
        post = await self._post(remote_id)
        return None if post is None or post.status == "trash" else self._copy(post)

    async def _post(self, remote_id: str) -> Post | None:
        answer = await self.api.ask("GET", f"posts/{remote_id}", context="edit")
        if answer.status == 404 and reason_of(answer)[0] == "rest_post_invalid_id":
            return None
        post: Post = self.api.parsed(Post, self.api.judged(answer))
        self.seen[remote_id] = post
        return post

    # Writing

    async def create(self) -> Copy:
        given = await self._filed()
        data = _texts(self.parcel.article) | given | {
            "slug": self.parcel.article.slug, "date_gmt": stamp(self.parcel.article.first_at),
            "status": "draft" if self.settings.status == "publish" else self.settings.status,
        }  # fmt: skip
        post: Post = await self.api.read(Post, "POST", "posts", data, context="edit")
        for key, value in given.items():
            if not post.holds(key, value):
                raise self.api.wire.refused(f"the site did not keep what it was sent: {key} {value} (it is there as a draft)")
        return self._copy(post)

    async def _filed(self) -> dict[str, Any]:
        """Under what the post is filed; given once."""
        article, settings = self.parcel.article, self.settings
        found: dict[str, Any] = {
            "categories": await self._terms("categories", settings.categories), "tags": await self._terms("tags", article.tags),
            "author": settings.author, "meta": {settings.id_meta: article.story_id} if settings.id_meta else None,
            "featured_media": await self._picture(),
        }  # fmt: skip
        return {key: value for key, value in found.items() if value}

    async def update(self, copy: Copy) -> Copy:
        data = _texts(self.parcel.article)
        if await self._has_our_picture(copy):
            data["featured_media"] = await self._picture()
        await self._refuse_saved_meanwhile(copy)
        return await self._changed(copy, data)

    async def _refuse_saved_meanwhile(self, copy: Copy) -> None:
        """WordPress writes over whatever is there, and a picture may have taken minutes: the post is looked at again."""
        if await self.read(copy.remote_id) != copy:
            raise self.api.wire.unavailable("somebody saved it meanwhile: it is read and compared again", retry_after_s=2)

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

    async def link(self, copy: Copy) -> Copy:
        return await self._changed(copy, {"meta": {self.settings.canonical_meta: self.parcel.original}})

    async def _changed(self, copy: Copy, data: Mapping[str, Any]) -> Copy:
        post: Post = await self.api.read(Post, "POST", f"posts/{copy.remote_id}", data, context="edit")
        return self._copy(post)

    async def remove(self, copy: Copy) -> None:
        """Into the bin, where a person still finds it."""
        answer = await self.api.ask("DELETE", f"posts/{copy.remote_id}")
        if answer.status not in (404, 410):
            self.api.judged(answer)

    # Categories and tags

    async def _terms(self, kind: str, names: Sequence[str]) -> list[int]:
        """The ids of categories or tags; made where they are not there."""
        if not names:
            return []
        slugs = {name: _slug(name) for name in names}
        terms: list[Term] = await self.api.read(list[Term], "GET", kind, slug=",".join(slugs.values()), per_page="100")
        known = {term.slug: term.id for term in terms}
        return [known[slugs[name]] if slugs[name] in known else await self._made(kind, name) for name in names]

    async def _made(self, kind: str, name: str) -> int:
        answer = await self.api.ask("POST", kind, {"name": escape(name, quote=False)})
        if answer.status == 400 and reason_of(answer)[0] == "term_exists":
            return self.api.term_there(answer)
        if answer.status == 403 and answer.is_json:
            raise self.api.wire.refused(
                f"there is no {name!r} among its {kind}, and the account may not make one: make it there", status=403
            )
        term: Term = self.api.parsed(Term, self.api.judged(answer))
        return term.id

    # The picture

    async def _has_our_picture(self, copy: Copy) -> bool:
        """Whether the post has a picture that we gave it; another one is somebody's choice, and so is none."""
        post = self.seen[copy.remote_id]
        if not self.settings.picture or not post.featured_media:
            return False
        answer = await self.api.ask("GET", f"media/{post.featured_media}", context="edit")
        if answer.status in (403, 404):
            return False
        media: Media = self.api.parsed(Media, self.api.judged(answer))
        return is_ours(media.slug)

    async def _picture(self) -> int:
        """The id of the article's card in the library, uploaded if it is not there; 0 for none: a notice has no picture."""
        if not self.settings.picture or self.parcel.article.withdrawn:
            return 0
        picture = await picture_of(self.parcel.article, self.target.site)
        known: list[Media] = await self.api.read(list[Media], "GET", "media", slug=picture.stem, context="edit")
        try:
            return known[0].id if known else await self._uploaded(picture)
        except PublishRefused as error:
            self.notes.append(f"without its picture: {error.problem}")
            return 0

    async def _uploaded(self, picture: Picture) -> int:
        answer = await self.api.upload("media", form_of(picture, {"alt_text": picture.alt, "title": picture.stem}))
        half_done = answer.headers.get("x-wp-upload-attachment-id", "")
        if answer.status >= 500 and half_done.isdecimal():  # stored; what died is the making of smaller sizes
            answer = await self.api.ask("POST", f"media/{half_done}/post-process", {"action": "create-image-subsizes"})
        media: Media = self.api.parsed(Media, self.api.judged(answer))
        return media.id


def _slug(name: str) -> str:
    """How WordPress spells a plain name in addresses; of others it tells by `term_exists` that they are there."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _format(parcel: Parcel, target: Target) -> Outgoing:
    return Outgoing(words_of(parcel.article.headline.text, _whole(parcel.article)), "text/plain")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    story = _Story(await opened(target, wire), parcel, target)
    receipt = await place(story.cms, parcel, story.api.wire)
    return replace(receipt, message="; ".join([receipt.message, *story.notes]).strip("; "))


PUBLISHER = Publisher("wordpress", WordPressSettings, _format, _send, check)
