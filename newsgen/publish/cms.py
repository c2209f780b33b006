"""Any CMS with a JSON API, by a mapping in newsgen.toml; in: an article and the mapping, out: one article there, and later versions of it.

The settings say which requests the CMS takes, where an answer holds what, and what each field is filled with; docs/cms.md has worked
examples for Wagtail, Directus and Strapi. The story's id stands in a field of its own, and every article that a look-up finds must hold it:
a filter that the CMS does not know would find everybody's articles, and none of those is touched. An article that a unique field refuses is
looked up and adopted. Uploads no pictures.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any
from urllib.parse import quote

from newsgen.errors import PublishError
from newsgen.expressions import fill, names_in
from newsgen.publish._body import words_of
from newsgen.publish._fields import values_of
from newsgen.publish._findings import https_finding, tried
from newsgen.publish._place import Cms, Copy, place
from newsgen.publish._publisher import Finding, Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import Answer, Wire, error_of, json_of, judge
from newsgen.story import Receipt
from newsgen.target_settings import CmsSettings

__all__ = ["PUBLISHER"]

_MOST = 10  # articles that a look-up for one story may find; more, and the CMS does not filter
_UNIQUE = ("record_not_unique", "must be unique", "already exists", "already in use", "already taken", "duplicate")
_TOLD = ("message", "detail", "title", "msg", "code", "error_description", "path", "loc")


class _NotThere(Exception):
    """An answer lacks a field that the settings name."""


def _at(data: Any, path: str) -> Any:
    """What stands at a dotted path."""
    for key in path.split(".") if path else ():
        if not isinstance(data, dict) or key not in data:
            raise _NotThere(path)
        data = data[key]
    return data


def _nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by dotted path as objects in objects."""
    made: dict[str, Any] = {}
    for path, value in fields.items():
        *above, last = path.split(".")
        inner = made
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return made


def _filled(fields: Mapping[str, Any], parcel: Parcel, target: Target) -> dict[str, Any]:
    """The fields as this article fills them; ValueError names the one that it cannot fill (`tags[0]` of an article without tags)."""
    from jinja2 import TemplateError

    values, made = values_of(parcel, target.site, target.of(CmsSettings).html), {}
    for key, value in fields.items():
        try:
            made[key] = fill(value, values) if isinstance(value, str) else value
        except (TemplateError, ValueError, TypeError, LookupError, ArithmeticError) as error:
            raise ValueError(f"fields: {key} cannot be filled: {error}") from None
    return made


def _carrier(settings: CmsSettings) -> str:
    """The field that holds the story's id."""
    texts = ((key, value) for key, value in settings.fields.items() if isinstance(value, str))
    return next(key for key, value in texts if "story_id" in names_in(value))


def _title_and_body(settings: CmsSettings, fields: Mapping[str, Any]) -> tuple[str, str]:
    """What is compared: the headline as plain text, and the other texts as HTML."""
    body = _text_of(fields[settings.body_field])
    html = "".join(f"<p>{escape(line)}</p>\n" for line in body.split("\n") if line) if settings.html == "text" else body
    before = "".join(f"<p>{escape(_text_of(fields[key]))}</p>\n" for key in settings.compared)
    return _text_of(fields[settings.title_field]) if settings.title_field else "", before + html


def _text_of(value: Any) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True)
class _Api:
    """The requests of the settings."""

    settings: CmsSettings
    wire: Wire

    async def ask(self, request: str, data: Mapping[str, Any] | None = None, **places: str) -> Answer:
        method, _, path = request.partition(" ")
        for name, value in places.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        sent = None if data is None else ({self.settings.wrap: _nested(data)} if self.settings.wrap else _nested(data))
        return await self.wire.ask(method, f"{self.settings.url.rstrip('/')}{path}", headers=self._login(), data=sent)

    def _login(self) -> dict[str, str]:
        login = {"accept": "application/json"}
        if self.settings.secret_env:
            login["authorization"] = self.settings.auth.replace("{secret}", self.wire.secret(self.settings.secret_env).strip())
        return login

    def judged(self, answer: Answer) -> Answer:
        """The answer, if it is good; else the CMS' own words."""
        return judge(answer, self.wire, lambda answer, _: self.error(answer))

    def done(self, answer: Answer) -> None:
        """Demands that a write was done: by an empty 204, or by JSON; a page of HTML with 200 is a maintenance page."""
        if self.judged(answer).status != 204:
            json_of(answer, self.wire)

    def error(self, answer: Answer, before: str = "") -> PublishError:
        return error_of(answer, self.wire, "; ".join(text for text in (before, *_reasons(answer)) if text))

    def one(self, answer: Answer) -> dict[str, Any]:
        """The article in an answer."""
        data = json_of(self.judged(answer), self.wire)
        try:
            found = _at(data, self.settings.answer)
            _at(found, self.settings.id_field)
        except _NotThere as error:
            raise self._unknown_shape(answer, str(error)) from None
        return dict(found)

    def many(self, answer: Answer) -> list[dict[str, Any]]:
        """The articles in an answer to a look-up."""
        data = json_of(self.judged(answer), self.wire)
        try:
            found = _at(data, self.settings.found)
            for item in found if isinstance(found, list) else ():
                _at(item, self.settings.id_field)
        except _NotThere as error:
            raise self._unknown_shape(answer, str(error)) from None
        if not isinstance(found, list):
            raise self._unknown_shape(answer, f"a list{f' in {self.settings.found}' if self.settings.found else ''}")
        return found

    def _unknown_shape(self, answer: Answer, missing: str) -> PublishError:
        """After a write it may be stored all the same: then it is looked up."""
        problem = f"{answer.asked}: the answer holds no {missing}"
        return self.wire.unavailable(problem, status=answer.status, may_be_stored=True) if answer.writes else self.wire.refused(
            f"{problem}: set answer, found and id_field as the CMS answers", status=answer.status)  # fmt: skip


def _reasons(answer: Answer) -> list[str]:
    """The words of an error in JSON, wherever they stand in it."""
    try:
        data = answer.json() if answer.is_json else None
    except ValueError:
        return []
    found: list[str] = []
    waiting = [data]
    while waiting and len(found) < 6:
        item = waiting.pop(0)
        if isinstance(item, dict):
            found += [f"{item[key]}" for key in _TOLD if isinstance(item.get(key), str) and item[key] not in found]
            found += [".".join(map(str, item[key])) for key in _TOLD if isinstance(item.get(key), list)]
            waiting += [value for value in item.values() if isinstance(value, dict)]
            waiting += [inner for value in item.values() if isinstance(value, list) for inner in value]
    return found


@dataclass(frozen=True)
class _Story:
    """One story at one CMS: the functions of its Cms."""

    api: _Api
    parcel: Parcel
    target: Target

    @property
    def settings(self) -> CmsSettings:
        return self.api.settings

    @cached_property
    def fields(self) -> dict[str, Any]:
        return self._filled(self.settings.fields)

    @cached_property
    def hidden(self) -> dict[str, Any]:
        return self._filled(self.settings.hidden)

    @cached_property
    def withdrawn(self) -> dict[str, Any]:
        return self._filled(self.settings.withdrawn)

    def _filled(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return _filled(fields, self.parcel, self.target)
        except ValueError as error:
            raise self.api.wire.refused(str(error)) from None

    @property
    def cms(self) -> Cms:
        return Cms(*_title_and_body(self.settings, self.fields), self._live, find=self.find, read=self.read, create=self.create,
                   update=self.update, release=self.release, remove=self.remove)  # fmt: skip

    @property
    def _live(self) -> bool:
        """Whether readers should see it: not a withdrawn one, where the fields of that hide it."""
        shown = {**self.fields, **(self.withdrawn if self.parcel.article.withdrawn else {})}
        return not self.hidden or any(shown[key] != value for key, value in self.hidden.items())

    async def find(self) -> list[Copy]:
        """Each article that holds the story's id, read whole: a list may give only a part of it."""
        found = self.api.many(await self.api.ask(self.settings.find, story_id=self.parcel.article.story_id))
        if len(found) > _MOST:
            raise self.api.wire.refused(
                f"the look-up finds {len(found)} articles for one story: the CMS does not know the filter in `find`"
            )
        copies: list[Copy] = []
        for item in found:
            whole = await self._whole(str(_at(item, self.settings.id_field)))
            if whole is not None and self._is_ours(whole):
                copies.append(self._copy(whole))
        return copies

    def _is_ours(self, data: Mapping[str, Any]) -> bool:
        carrier = _carrier(self.settings)
        try:
            return self.parcel.article.story_id in str(_at(data, carrier))
        except _NotThere:
            raise self.api.wire.refused(f"the CMS does not give back {carrier}, so its articles cannot be told apart") from None

    async def read(self, remote_id: str) -> Copy | None:
        whole = await self._whole(remote_id)
        return None if whole is None else self._copy(whole)

    async def _whole(self, remote_id: str) -> dict[str, Any] | None:
        answer = await self.api.ask(self.settings.read, id=remote_id)
        return None if answer.status in self.settings.missing else self.api.one(answer)

    def _copy(self, data: Mapping[str, Any]) -> Copy:
        settings = self.settings
        try:
            texts = {key: _at(data, key) for key in (settings.title_field, settings.body_field, *settings.compared) if key}
            live = not self.hidden or any(_at(data, key) != value for key, value in self.hidden.items())
        except _NotThere as error:
            raise self.api.wire.refused(f"the CMS does not give back {error}, so what it stored cannot be compared") from None
        try:
            url = _text_of(_at(data, settings.url_field)) if settings.url_field else ""
        except _NotThere:
            url = ""
        return Copy(str(_at(data, settings.id_field)), url, *_title_and_body(settings, texts), live)

    async def create(self) -> Copy:
        answer = await self.api.ask(self.settings.create, {**self.fields, **self.hidden})
        if answer.status in (400, 409, 422) and _is_taken(answer):
            return await self._adopted(answer)
        data = self.api.one(answer)
        return Copy(str(_at(data, self.settings.id_field)), "", "", "", not self.hidden)

    async def _adopted(self, answer: Answer) -> Copy:
        """The article that is there under our id after all, from an earlier request that ended late."""
        found = await self.find()
        if not found:
            raise self.api.error(answer, "another article there has the same address or id, and is none of ours")
        return found[0]

    async def update(self, copy: Copy) -> Copy:
        """The texts of this version; the state stays, but of a withdrawn one."""
        kept = {*self.settings.once, *self.settings.hidden}
        fields = {key: value for key, value in self.fields.items() if key not in kept}
        if self.parcel.article.withdrawn:
            fields |= self.withdrawn
        self.api.done(await self.api.ask(self.settings.update, fields, id=copy.remote_id))
        return copy

    async def release(self, copy: Copy) -> Copy:
        if not self._live:  # the update has hidden it
            return copy
        shown = {key: self.fields[key] for key in self.settings.hidden}
        self.api.done(await self.api.ask(self.settings.update, shown, id=copy.remote_id))
        return await self.read(copy.remote_id) or copy

    async def remove(self, copy: Copy) -> None:
        if not self.settings.remove:
            raise self.api.wire.refused(f"it is there twice ({copy.remote_id} is the second), and `remove` is empty: remove one by hand")
        answer = await self.api.ask(self.settings.remove, id=copy.remote_id)
        if answer.status not in self.settings.missing:
            self.api.done(answer)


def _is_taken(answer: Answer) -> bool:
    """Whether a unique field refuses a second article."""
    said = " ".join(_reasons(answer)).lower()
    return any(words in said for words in _UNIQUE) or (answer.status == 422 and "slug" in said)


def _format(parcel: Parcel, target: Target) -> Outgoing:
    settings = target.of(CmsSettings)
    try:
        fields = _filled(settings.fields, parcel, target)
    except ValueError:  # `send` refuses it, with the reason
        return Outgoing(b"", "text/plain")
    return Outgoing(words_of(*_title_and_body(settings, fields)), "text/plain")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    story = _Story(_Api(target.of(CmsSettings), wire), parcel, target)
    return await place(story.cms, parcel, wire)


# Is everything there


async def _check(target: Target, wire: Wire) -> list[Finding]:
    """Address and token by a look-up for a story that nobody has; the rights to write show with the first article."""
    settings = target.of(CmsSettings)
    api = _Api(settings, wire)

    async def look_up() -> list[Finding]:
        found = api.many(await api.ask(settings.find, story_id=str(uuid.uuid4())))
        said = f"finds {len(found)} articles for a story that is not there: the CMS does not know the filter in `find`"
        return [Finding("look-up", not found, said if found else "answers, and filters by our id")]

    said = "the CMS is not asked whether it lets us write: that shows with the first article"
    return [await https_finding(settings.url, wire), *await tried("look-up", look_up), Finding("rights", True, said)]


PUBLISHER = Publisher("cms", CmsSettings, _format, _send, _check)
