"""What people publish on the desk's own site: RSS, Atom, or the WordPress API; in: an address, out: posts.

A story that a reporter has published is no news for newsgen (check/novelty.py). Titles and summaries are read, texts are not.
"""

from __future__ import annotations

import html
import json
import re
from calendar import timegm
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import feedparser

from newsgen.errors import BadPayload
from newsgen.gather._http import Caps, open_fetcher
from newsgen.gather._source import Endpoint, Request, Source, Terms
from newsgen.story import Post

__all__ = ["fetch_posts", "parse_posts"]

NAME = "own_site"
_TAGS = re.compile(r"<[^>]*>")
_LONGEST = 600  # characters of a summary that are looked at


async def fetch_posts(address: str, now: Callable[[], datetime], caps: Caps | None = None) -> list[Post]:
    """The newest posts of a site, as its feed or its API gives them.

    Raises:
        GatherError: The site does not answer, or not with posts.
    """
    parts = urlsplit(address)
    path = (parts.path or "/").replace("{", "%7B").replace("}", "%7D")
    endpoint = Endpoint(path, (), fixed=dict(parse_qsl(parts.query)))
    terms = Terms(address, "", "the desk's own site")
    source = Source(NAME, "own site", f"{parts.scheme}://{parts.netloc}", {"posts": endpoint}, lambda assets: [],
                    lambda answer: [], 30, 60, terms)  # fmt: skip
    async with open_fetcher({}, {}, caps, now, "") as fetcher:
        return parse_posts(await fetcher.fetch(source, Request("posts")), address)


def parse_posts(body: bytes, address: str = "") -> list[Post]:
    """Posts with a title, an address and a time; an entry that lacks one is passed over.

    Raises:
        BadPayload: The bytes are no feed and no list of posts.
    """
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    return _of_wordpress(text, address) if text[:1] in (b"[", b"{") else _of_feed(body, address)


def _of_wordpress(body: bytes, address: str) -> list[Post]:
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadPayload(NAME, "posts", "body", f"is no JSON: {error}", url=address) from error
    if not isinstance(rows, list):
        raise BadPayload(NAME, "posts", "body", "is no list of posts, as /wp-json/wp/v2/posts gives it", url=address)
    return [post for row in rows if isinstance(row, dict) and (post := _wordpress_post(row)) is not None]


def _wordpress_post(row: dict[str, Any]) -> Post | None:
    title, excerpt = (part.get("rendered") if isinstance(part := row.get(key), dict) else None for key in ("title", "excerpt"))
    link, date = row.get("link"), row.get("date_gmt")
    if not all(isinstance(v, str) and v for v in (title, link, date)):
        return None
    try:
        at = datetime.fromisoformat(str(date).removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Post(_plain(str(title)), str(link), at, _plain(str(excerpt or ""))[:_LONGEST])


def _of_feed(body: bytes, address: str) -> list[Post]:
    found = feedparser.parse(body) if body.strip() else feedparser.FeedParserDict(version="", entries=[])
    if not found.version and not found.entries:
        raise BadPayload(NAME, "posts", "body", "is neither RSS nor Atom, nor the list of posts of WordPress", url=address)
    return [post for entry in found.entries if (post := _feed_post(entry)) is not None]


def _feed_post(entry: Any) -> Post | None:
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    title, link = entry.get("title"), entry.get("link")
    if not (title and link and moment):
        return None
    return Post(_plain(title), link, datetime.fromtimestamp(timegm(moment), UTC), _plain(entry.get("summary", ""))[:_LONGEST])


def _plain(text: str) -> str:
    return " ".join(html.unescape(_TAGS.sub(" ", text)).split())
