"""Whether a WordPress site is ready to be published to; in: a target, out: Findings. Publishes nothing.

A list of posts answers even with a wrong password, so the account is asked for itself, with its capabilities.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from newsgen.publish._findings import https_finding, tried
from newsgen.publish._publisher import Finding, Target
from newsgen.publish._wire import Wire
from newsgen.publish._wordpress_api import Api, Post, Term, opened
from newsgen.target_settings import WordPressSettings

__all__ = ["check"]

_RIGHTS = {
    "edit_posts": "write posts", "publish_posts": "publish them", "edit_published_posts": "change them when they are published",
    "upload_files": "upload pictures",
}  # fmt: skip


class _Account(BaseModel):
    """Who we are there."""

    id: int
    roles: tuple[str, ...]
    capabilities: Mapping[str, Any]

    def may(self, right: str) -> bool:
        return bool(self.capabilities.get(right))


async def check(target: Target, wire: Wire) -> list[Finding]:
    """Address, credentials, rights, clock, categories and companion plugin of a site."""
    settings = target.of(WordPressSettings)
    found: list[Api] = []

    async def address() -> list[Finding]:
        found.append(await opened(target, wire))
        return [Finding("address", True, f"the REST API is at {wire.clean(found[0].base)}")]

    findings = [await https_finding(settings.url, wire), *await tried("address", address)]
    for api in found:
        findings += await tried("account", lambda api=api: _account(api, settings))  # type: ignore[misc]
    return findings


async def _account(api: Api, settings: WordPressSettings) -> list[Finding]:
    answer = api.judged(await api.ask("GET", "users/me", context="edit", _fields="id,roles,capabilities"))
    account: _Account = api.parsed(_Account, answer)
    findings = [Finding("account", True, f"signed in as {settings.user}, {' and '.join(account.roles) or 'without a role'}")]
    findings += _rights(account, settings)
    findings += await tried("categories", lambda: _categories(api, account, settings))
    return findings + (await tried("plugin", lambda: _plugin(api, settings)) if settings.id_meta or settings.canonical_meta else [])


def _rights(account: _Account, settings: WordPressSettings) -> list[Finding]:
    wanted = [right for right in _RIGHTS if settings.picture or right != "upload_files"]
    if settings.status != "publish":
        wanted = [right for right in wanted if right in ("edit_posts", "upload_files")]
    lacks = [f"{_RIGHTS[right]} ({right})" for right in wanted if not account.may(right)]
    if settings.author and settings.author != account.id and not account.may("edit_others_posts"):
        lacks.append("name another author (edit_others_posts)")
    message = f"the account may not {'; not '.join(lacks)}: give it the role of an author or editor" if lacks else "all that is needed"
    findings = [Finding("rights", not lacks, message)]
    if "administrator" in account.roles or account.may("manage_options"):
        findings.append(Finding("rights", False, "the account is an administrator: who has its password has the site; use an author's"))
    return findings


async def _categories(api: Api, account: _Account, settings: WordPressSettings) -> list[Finding]:
    if not settings.categories or account.may("manage_categories"):
        return []
    terms: list[Term] = await api.read(list[Term], "GET", "categories", per_page="100")
    known = {term.name.lower() for term in terms}
    missing = [name for name in settings.categories if name.lower() not in known]
    if missing:
        return [Finding("categories", False, f"not there, and the account may not make them: {', '.join(missing)}; make them there")]
    return [Finding("categories", True, "all are there")]


async def _plugin(api: Api, settings: WordPressSettings) -> list[Finding]:
    """Whether the post meta is registered, and lists can be filtered by it."""
    schema = api.judged(await api.ask("OPTIONS", "posts")).json()
    keys = _at(schema, "schema", "properties", "meta", "properties")
    missing = [meta for meta in (settings.id_meta, settings.canonical_meta) if meta and meta not in keys]
    if missing:
        told = f"no post meta {' and '.join(missing)} with show_in_rest: install the companion plugin (docs/targets.md)"
        return [Finding("plugin", False, told)]
    return await _found_by_id(api, settings) if settings.id_meta else [Finding("plugin", True, "posts can name an original elsewhere")]


async def _found_by_id(api: Api, settings: WordPressSettings) -> list[Finding]:
    nobody: list[Post] = await api.read(list[Post], "GET", "posts", context="edit", per_page="1", **{settings.id_meta: str(uuid.uuid4())})
    if nobody:
        return [Finding("plugin", False, f"lists cannot be filtered by {settings.id_meta}: install the companion plugin (docs/targets.md)")]
    return [Finding("plugin", True, f"posts are found by {settings.id_meta}")]


def _at(found: Any, *keys: str) -> Mapping[str, Any]:
    """What stands below keys; empty where there is nothing (PHP writes an empty object as a list)."""
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
