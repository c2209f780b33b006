"""Directus, Strapi and Wagtail as they were measured: what they refuse, what they swallow, and how each words it."""

from __future__ import annotations

import re
from typing import Any

from fake_site import Answered, Asked, FakeSite, Shown

__all__ = ["TOKEN", "FakeDirectus", "FakeStrapi", "FakeWagtail"]

TOKEN = "canary-7f3a9c51d2e8-XyZ"


class FakeCms(FakeSite):
    """Articles by id, with a field for ours.

    Attributes:
        knows_filters: Whether a look-up filters; a field that the CMS does not know filters nothing.
        before_create: Articles that come in between a look-up and the next create.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state = {"articles": {}, "next": 7}
        self.knows_filters = True
        self.before_create: list[dict[str, Any]] = []

    @property
    def articles(self) -> dict[str, dict[str, Any]]:
        return self.state["articles"]

    def the_article(self) -> dict[str, Any]:
        (article,) = self.articles.values()
        return article

    def add(self, fields: dict[str, Any]) -> dict[str, Any]:
        self.state["next"] += 1
        article = {"id": self.state["next"], **fields}
        self.articles[str(self.state["next"])] = article
        return article

    def kept(self) -> list[Shown]:
        return [Shown(a["title"], a["body"], "") for a in self.articles.values()]

    def shown(self) -> list[Shown]:
        return [Shown(a["title"], a["body"], "") for a in self.articles.values() if a.get("status") != "draft"]

    def found(self, name: str, value: str | None) -> list[dict[str, Any]]:
        return [a for a in self.articles.values() if not self.knows_filters or a.get(name) == value]

    def arrive(self) -> None:
        for fields in self.before_create:
            self.add(fields)
        self.before_create = []


class FakeDirectus(FakeCms):
    """A collection `articles`; unknown fields are swallowed, a missing article is forbidden."""

    known = ("external_id", "title", "teaser", "body", "status", "tags", "slug")

    def answer(self, asked: Asked) -> Answered:
        given = asked.headers.get("authorization", "")
        if given != f"Bearer {TOKEN}":
            return _directus(401 if given else 403, "INVALID_CREDENTIALS" if given else "FORBIDDEN", "You don't have permission.")
        found = re.fullmatch(r"/items/articles(?:/(\w+))?", asked.path)
        if found is None:
            return _directus(404, "ROUTE_NOT_FOUND", f"Route {asked.path} doesn't exist.")
        if len(asked.body) > 1_000_000:
            return _directus(400, "INVALID_PAYLOAD", "Invalid payload. request entity too large.")
        return self._one(asked, found[1]) if found[1] else self._all(asked)

    def _all(self, asked: Asked) -> Answered:
        if asked.method == "GET":
            return Answered(200, {"data": self.found("external_id", asked.query.get("filter[external_id][_eq]"))})
        self.arrive()
        fields = {k: v for k, v in asked.json.items() if k in self.known}
        if any(a["external_id"] == fields.get("external_id") for a in self.articles.values()):
            return _directus(400, "RECORD_NOT_UNIQUE", 'Value for field "external_id" in collection "articles" has to be unique.')
        return Answered(200, {"data": self.add({"status": "draft", **fields})})

    def _one(self, asked: Asked, number: str) -> Answered:
        article = self.articles.get(number)
        if asked.method == "DELETE":
            self.articles.pop(number, None)
            return Answered(204)
        if article is None:
            return _directus(403, "FORBIDDEN", "You don't have permission to access this.")
        if asked.method == "PATCH":
            article |= {k: v for k, v in asked.json.items() if k in self.known}
        return Answered(200, {"data": article})


def _directus(status: int, code: str, message: str) -> Answered:
    return Answered(status, {"errors": [{"message": message, "extensions": {"code": code}}]})


class FakeStrapi(FakeCms):
    """A type `articles`; fields under `data`, unknown ones refused."""

    known = ("externalId", "title", "body", "slug")

    def answer(self, asked: Asked) -> Answered:
        given = asked.headers.get("authorization", "")
        if given != f"Bearer {TOKEN}":
            return _strapi(401 if given else 403, "UnauthorizedError" if given else "ForbiddenError", "Missing or invalid credentials")
        found = re.fullmatch(r"/api/articles(?:/(\w+))?", asked.path)
        if found is None:
            return _strapi(404, "NotFoundError", "Not Found")
        if len(asked.body) > 1_000_000:
            return _strapi(413, "PayloadTooLargeError", "request entity too large")
        return self._one(asked, found[1]) if found[1] else self._all(asked)

    def _seen(self, article: dict[str, Any]) -> dict[str, Any]:
        return {**article, "documentId": f"doc{article['id']}"}

    def _fields(self, asked: Asked) -> dict[str, Any] | Answered:
        if "data" not in asked.json:
            return _strapi(400, "ValidationError", 'Missing "data" payload in the request body')
        unknown = [k for k in asked.json["data"] if k not in self.known]
        return _strapi(400, "ValidationError", f"Invalid key {unknown[0]}") if unknown else dict(asked.json["data"])

    def _all(self, asked: Asked) -> Answered:
        if asked.method == "GET":
            return Answered(200, {"data": [self._seen(a) for a in self.found("externalId", asked.query.get("filters[externalId][$eq]"))]})
        fields = self._fields(asked)
        if isinstance(fields, Answered):
            return fields
        self.arrive()
        if any(a["externalId"] == fields["externalId"] for a in self.articles.values()):
            details = {"errors": [{"path": ["externalId"], "message": "This attribute must be unique", "name": "ValidationError"}]}
            return _strapi(400, "ValidationError", "This attribute must be unique", details)
        return Answered(201, {"data": self._seen(self.add(fields)), "meta": {}})

    def _one(self, asked: Asked, number: str) -> Answered:
        key = number.removeprefix("doc")
        if asked.method == "DELETE":
            self.articles.pop(key, None)
            return Answered(204)
        if key not in self.articles:
            return _strapi(404, "NotFoundError", "Not Found")
        if asked.method == "PUT":
            fields = self._fields(asked)
            if isinstance(fields, Answered):
                return fields
            self.articles[key] |= fields
        return Answered(200, {"data": self._seen(self.articles[key]), "meta": {}})


def _strapi(status: int, name: str, message: str, details: Any = None) -> Answered:
    return Answered(status, {"data": None, "error": {"status": status, "name": name, "message": message, "details": details or {}}})


class FakeWagtail(FakeCms):
    """Pages of one type below a parent; slugs are unique, lists hold little, a table collapses to one run of text."""

    known = ("external_id", "title", "slug", "body")

    def answer(self, asked: Asked) -> Answered:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return _wagtail(401, "Authentication credentials were not provided or are wrong.")
        found = re.fullmatch(r"/api/v3/pages/(?:(\d+)/)?", asked.path)
        if found is None:
            return _wagtail(404, "Not found.")
        return self._one(asked, found[1]) if found[1] else self._all(asked)

    def _seen(self, article: dict[str, Any]) -> dict[str, Any]:
        meta = {"type": "news.ArticlePage", "slug": article["slug"], "html_url": f"https://news.example/{article['slug']}/"}
        return {**{k: v for k, v in article.items() if k != "slug"}, "meta": meta}

    def _all(self, asked: Asked) -> Answered:
        if asked.method == "GET":
            found = self.found("external_id", asked.query.get("external_id")) if asked.query.get("type") == "news.ArticlePage" else []
            listed = [{"id": a["id"], "title": a["title"], "meta": self._seen(a)["meta"]} for a in found]
            return Answered(200, {"meta": {"total_count": len(listed)}, "items": listed})
        meta = asked.json.get("meta", {})
        if meta.get("type") != "news.ArticlePage" or meta.get("parent_id") != 3 or meta.get("action") != "publish":
            return _wagtail(422, "Invalid", [{"loc": ["meta"], "msg": "type, parent_id and action are needed"}])
        self.arrive()
        fields = self._cleaned(asked.json)
        if any(a["slug"] == fields["slug"] for a in self.articles.values()):
            return _wagtail(422, "Validation error", [{"loc": ["slug"], "msg": "The slug is already in use within the parent page"}])
        return Answered(201, self._seen(self.add(fields)))

    def _cleaned(self, fields: dict[str, Any]) -> dict[str, Any]:
        kept = {k: v for k, v in fields.items() if k in self.known}
        if "body" in kept:
            body = re.sub(r"</?(table|thead|tbody|tr|t[hd]|aside|div|span)\b[^>]*>", "", kept["body"])
            kept["body"] = re.sub(r"\s(class|id|style)=\"[^\"]*\"", "", body)
        return kept

    def _one(self, asked: Asked, number: str) -> Answered:
        if number not in self.articles:
            return _wagtail(404, "Not found.")
        if asked.method == "DELETE":
            del self.articles[number]
            return Answered(204)
        if asked.method == "PATCH":
            if {"type", "parent_id"} & set(asked.json.get("meta", {})):
                return _wagtail(422, "Invalid", [{"loc": ["meta", "parent_id"], "msg": "cannot be changed"}])
            self.articles[number] |= self._cleaned(asked.json)
        return Answered(200, self._seen(self.articles[number]))


def _wagtail(status: int, detail: str, errors: Any = None) -> Answered:
    return Answered(status, {"title": "Error", "detail": detail, "errors": errors or []}, {"content-type": "application/problem+json"})
